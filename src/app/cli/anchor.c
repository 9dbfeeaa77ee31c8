/* anchor ..., recover: what remembers the log outside the store, and how a store that was put back goes on. */
#include "app/anchor.h"
#include "app/recover.h"
#include "app/stamp.h"
#include "app/cli/cli.h"
#include <stdio.h>
#include <stdlib.h>

enum { ANCHOR_BYTES = 64 * 1024 };

/* ---- anchor -------------------------------------------------------------------------------------------- */

static Err show_archive(Cli *cli, Store *s) {
  Str to = anchor_archive_folder(cli->cx, cli->folder);
  VerifyReport r = { 0 };
  if (!to.n) {
    (void)printf("archive     none; keep one with: proofline anchor archive FOLDER\n");
    return E_OK;
  }
  TRY(ledger_archive_verify(cli->cx, s, str_z(cli->cx->arena, to), &r));
  (void)printf("archive     %.*s: %s\n", STR(to), r.findings.n ? "does not agree; see: proofline verify" : "agrees");
  return E_OK;
}

static Err show_timestamps(Cli *cli, Store *s) {
  Str words;
  (void)stamp_words(cli->cx, s, &cli->set, &words);
  (void)printf("timestamp   %.*s\n", STR(words));
  if (!cli->set.text[SET_STAMP_URL].n)
    (void)printf("            no authority is named (setting timestamp_url); by file:\n"
                 "            proofline anchor timestamp --request FILE\n");
  return E_OK;
}

/* As it goes on paper: what ledger_anchor_check() reads again. */
static Err anchor_run(Cli *cli) {
  Store *s = NULL;
  TreeHead head;
  Str note, origin;
  TRY(cli_store(cli, &s));
  TRY(ledger_last_checkpoint(cli->cx, s, &head, &note));
  TRY(ledger_origin(cli->cx, s, &origin));
  if (cli_has(cli, "note")) {
    cli_print(note);
    return E_OK;
  }
  Str groups = anchor_root_groups(cli->cx->arena, head.root);
  (void)printf("Origin: %.*s\nSize: %lld entries\nRoot: %.*s\n      %.*s\n", STR(origin), (long long)head.size,
               STR(str_slice(groups, 0, 33)), STR(str_slice(groups, 34, groups.n)));
  if (cli_has(cli, "paper")) return E_OK;
  (void)printf("\n");
  TRY(show_archive(cli, s));
  return show_timestamps(cli, s);
}

static Err check_run(Cli *cli) {
  Store *s = NULL;
  Str text;
  Anchor a = { 0 };
  TRY(file_read(cli->cx, str_z(cli->cx->arena, cli->arg[0]), ANCHOR_BYTES, &text));
  TRY(cli_store(cli, &s));
  TRY(ledger_anchor_check(cli->cx, s, text, &a));
  if (a.is != ANCHOR_SAME)
    return fail(cli->cx, E_INTEGRITY, "%.*s, %lld entries: %s. Keep this folder and what you compared as they are",
                STR(a.origin), (long long)a.head.size, anchor_words(a.is));
  (void)printf("%.*s, %lld entries: %s%s.\n", STR(a.origin), (long long)a.head.size, anchor_words(a.is),
               a.is_signed ? "; its signature is valid" : "");
  return E_OK;
}

static Err receipt_run(Cli *cli) {
  Store *s = NULL;
  Str text;
  int64_t seq;
  TRY(cli_store(cli, &s));
  if (!str_int(cli->arg[0], &seq)) {
    LogRows rows = { 0 };
    TRY(ledger_entries(cli->cx, s, cli->arg[0], INT64_MAX, 0, 1, &rows));
    if (!rows.n) return fail(cli->cx, E_NOTFOUND, "The log has no entry about %.*s", STR(cli->arg[0]));
    seq = rows.p[0].seq;
  }
  TRY(ledger_receipt(cli->cx, s, seq, &text));
  if (!cli_has(cli, "out")) cli_print(text);
  else TRY(file_write(cli->cx, str_z(cli->cx->arena, cli_option(cli, "out")), text, 0644));
  return E_OK;
}

/* ---- archive ------------------------------------------------------------------------------------------- */

static Err archive_run(Cli *cli) {
  Cx *cx = cli->cx;
  Store *s = NULL;
  int64_t size;
  Str to = cli->narg ? cli->arg[0] : anchor_archive_folder(cx, cli->folder);
  if (!to.n) return fail(cx, E_USAGE, "Say which folder: proofline anchor archive FOLDER");
  char *whole = cli->narg ? realpath(str_z(cx->arena, to), NULL) : NULL;   /* the writer runs elsewhere */
  if (cli->narg && !whole) {
    TRY(folder_make(cx, str_z(cx->arena, to), 0700));
    whole = realpath(str_z(cx->arena, to), NULL);
  }
  if (whole) {
    to = str_dup(cx->arena, str_of(whole));
    free(whole);
  }
  TRY(cli_store(cli, &s));
  TRY(anchor_archive_to(cx, s, str_z(cx->arena, to), true, &size));
  if (cli->narg)
    TRY(file_write(cx, str_fmt(cx->arena, "%s/" ARCHIVE_FILE, cli->folder).p, str_fmt(cx->arena, "%.*s\n", STR(to)),
                   0600));
  (void)printf("%lld entries in %.*s\n", (long long)size, STR(to));
  cli_say(cli, "From now on the writer keeps it up to date, and proofline verify compares it.\n");
  return E_OK;
}

/* ---- timestamps ---------------------------------------------------------------------------------------- */

static Err timestamp_send(Cli *cli) {
  AUTO(FetchRef) fetch = NULL;
  Timestamp t = { 0 };
  Cx *cx = cli->cx;
  TRY(stamp_fetch(cx, &cli->set, &fetch)); /* before a store is open here */
  TRY(cli_writer(cli));
  Ask who = { .actor = cli->who.id, .auth = S("local"), .source = S("cli"), .reason = cli_option(cli, "reason") };
  TRY(stamp_send(cx, cli->writer, fetch, cli->folder, &cli->set, &who, &t));
  (void)printf("%lld entries stamped %.*s by %.*s\n", (long long)t.size, STR(time_text(cx->arena, t.stamped_us)),
               STR(t.told));
  return E_OK;
}

static Err timestamp_run(Cli *cli) {
  Cx *cx = cli->cx;
  Answer a = { 0 };
  Str reply = STR_NONE, der;
  JVal *result;
  bool ask = cli_has(cli, "request"), take = cli_has(cli, "reply"), send = cli_has(cli, "send");
  if (ask + take + send != 1)
    return fail(cx, E_USAGE, "Say --send to ask the authority, --request FILE to carry the request there yourself, or "
                "--reply FILE when the answer is there");
  if (send) return timestamp_send(cli);
  if (take) TRY(file_read(cx, str_z(cx->arena, cli_option(cli, "reply")), ANCHOR_BYTES, &reply));
  TRY(cli_writer(cli));
  TRY(cli_ask(cli, "log.timestamp", S("{}"), reply, cli_option(cli, "reason"), &a));
  TRY(json_read(cx, a.result_json, &JSON_DOCUMENT, &result));
  long long size = (long long)json_int(result, "size", 0);
  if (take) {
    (void)printf("%lld entries stamped %.*s by %.*s\n", size, STR(json_text(result, "stamped")),
                 STR(json_text(result, "told")));
    return E_OK;
  }
  if (!base64_read(cx->arena, json_text(result, "request"), &der)) return fail(cx, E_BUG, "The request cannot be read");
  TRY(file_write(cx, str_z(cx->arena, cli_option(cli, "request")), der, 0644));
  cli_say(cli,
          "Request for a timestamp over %lld entries. It waits until its reply comes, also days later.\n"
          "Send it to your authority as Content-Type: application/timestamp-query, then:\n"
          "  proofline anchor timestamp --reply FILE\n", size);
  return E_OK;
}

/* ---- recover ------------------------------------------------------------------------------------------- */

static Err password_of(Cli *cli, const Who *who, const char *env) {
  Str password;
  const char *prompt = str_fmt(cli->cx->arena, "Password of %.*s: ", STR(who->name)).p;
  TRY(cli_secret(cli->cx, env, prompt, &password));
  return people_password_ok(cli->cx, writer_store(cli->writer), cli->writer, &cli->set, who, password, STR_NONE,
                            random_hex(cli->cx->arena, 8));
}

static Err sign_new_epoch(Cli *cli) {
  Signer signer;
  Store *s = writer_store(cli->writer);
  TRY(ledger_epoch_keys(cli->cx, s));
  TRY(signer_fork(cli->cx, cli->folder, &signer));
  Err e = ledger_checkpoint(cli->cx, s, &signer);
  signer_close(&signer);
  return e;
}

/* The archive of the epoch that ended shows what was lost: nothing is added to it any more. */
static void leave_archive(Cli *cli) {
  Str to = anchor_archive_folder(cli->cx, cli->folder);
  if (!to.n) return;
  (void)remove(str_fmt(cli->cx->arena, "%s/" ARCHIVE_FILE, cli->folder).p);
  cli_say(cli,
          "The archive in %.*s stays as it is: it shows what was lost.\n"
          "Keep a new one: proofline anchor archive FOLDER\n",
          STR(to));
}

/* From the archive: whose login the owner of the folder acts as is looked up in the store that comes out. */
static Err recover_archive(Cli *cli) {
  Cx *cx = cli->cx;
  Recovered r = { 0 };
  Str from = cli_has(cli, "archive") ? cli_option(cli, "archive") : anchor_archive_folder(cx, cli->folder);
  RecoverAsk ask = { .folder = cli->folder, .archive = str_z(cx->arena, from), .reason = cli_option(cli, "reason"),
                     .actor = cli->as.n ? cli->as : cli->set.text[SET_CLI_USER] };
  if (!ask.actor.n) return fail(cx, E_UNAUTHENTIC, "Say who answers for it: --as LOGIN. Nothing was changed");
  TRY(recover_forward(cx, &ask, &r));
  (void)printf("%lld entries: %lld of the store, %lld of the archive; %lld contents mended\n", (long long)r.size,
               (long long)r.kept, (long long)r.taken, (long long)r.contents);
  cli_say(cli, "The database that was replaced is kept in %s/replaced-*.\n", cli->folder);
  if (r.words)
    cli_say(cli, "The words of %lld reasons are in neither; what they commit to stays.\n", (long long)r.words);
  if (r.restated)
    cli_say(cli, "%lld objects whose rows were older than the log are stated as they are.\n", (long long)r.restated);
  if (!r.lost) {
    cli_say(cli, "Nothing is lost. Look at everything: proofline verify --all\n");
    return E_OK;
  }
  return fail(cx, E_INTEGRITY,
              "%lld signed entries are in neither the archive nor the store: they remain lost. What could be repaired "
              "is in place. Find a newer backup, or two people go on in a new epoch: proofline recover --reason TEXT "
              "--second LOGIN",
              (long long)r.lost);
}

static Err recover_run(Cli *cli) {
  Cx *cx = cli->cx;
  Who second = { 0 };
  Answer a = { 0 };
  Str origin;
  bool archived = cli_has(cli, "archive") || anchor_archive_folder(cx, cli->folder).n;
  if (!cli_option(cli, "reason").n || (!cli_option(cli, "second").n && !archived))
    return fail(cx, E_USAGE,
                "Say why: proofline recover --reason TEXT, with --archive FOLDER to repair from an archive, or with "
                "--second LOGIN, who else answers for a new epoch");
  if (!cli_has(cli, "second")) return recover_archive(cli);
  anchor_recovering(true);
  TRY(cli_writer(cli));
  if (!anchor_opened_here())
    return fail(cx, E_BUSY, "A server runs in this folder. Stop it first. Nothing was changed");
  TRY(people_who_login(cx, writer_store(cli->writer), cli_option(cli, "second"), &second));
  TRY(authorise(cx, &second, "log.epoch", STR_NONE));
  TRY(password_of(cli, &cli->who, "PROOFLINE_PASSWORD_FILE"));
  TRY(password_of(cli, &second, "PROOFLINE_SECOND_PASSWORD_FILE"));
  Str args = str_fmt(cx->arena, "{\"second\":\"%.*s\"}", STR(second.id));
  TRY(cli_ask(cli, "log.epoch", args, STR_NONE, cli_option(cli, "reason"), &a));
  TRY(sign_new_epoch(cli));
  TRY(ledger_origin(cx, writer_store(cli->writer), &origin));
  (void)printf("%.*s\n", STR(origin));
  leave_archive(cli);
  cli_say(cli,
          "The log goes on in a new epoch with a new key. What was kept and what had been signed is stated in it.\n"
          "Give signer/key.pub to everybody who verifies, and print a new checkpoint: proofline anchor --paper\n");
  return E_OK;
}

static const CliOption anchor_options[] = { { "paper", NULL, "only what goes on paper" },
                                            { "note", NULL, "the signed note itself" } };
static const CliOption receipt_options[] = { { "out", "FILE", "where to (default: standard output)" } };
static const CliOption timestamp_options[] = { { "send", NULL, "asks the authority of the setting timestamp_url" },
                                               { "request", "FILE", "writes the request here" },
                                               { "reply", "FILE", "takes the authority's reply" },
                                               { "reason", "WHY", "why; kept in the log" } };
static const CliOption recover_options[] = { { "reason", "TEXT", "what happened; kept in the log" },
                                             { "archive", "FOLDER", "from this archive (default: the one kept)" },
                                             { "second", "LOGIN", "the other person who answers for it" } };

const CliCommand cli_anchor_commands[] = {
  { "anchor", "[--paper | --note]", "the last checkpoint, and what remembers it outside the store",
    "  proofline anchor --paper      print it, sign it by hand, keep it in the binder; once a week is good\n"
    "  proofline anchor check FILE   compares what was typed from that paper",
    anchor_options, COUNT(anchor_options), 0, 0, anchor_run },
  { "anchor check", "FILE", "compare a checkpoint, a receipt or a typed paper with the log", NULL, NULL, 0, 1, 1,
    check_run },
  { "anchor receipt", "SEQ|ID", "proof that an entry is in the log, for its signer to keep", NULL, receipt_options,
    COUNT(receipt_options), 1, 1, receipt_run },
  { "anchor archive", "[FOLDER]", "a second memory of the log, best on another disk", NULL, NULL, 0, 0, 1,
    archive_run },
  { "anchor timestamp", "--send | --request FILE | --reply FILE", "a timestamp (RFC 3161) over the last checkpoint",
    "  proofline anchor timestamp --send\n"
    "  proofline anchor timestamp --request log.tsq\n"
    "  proofline anchor timestamp --reply log.tsr      the authority's roots stand in timestamp-ca.pem of the data "
    "folder",
    timestamp_options, COUNT(timestamp_options), 0, 0, timestamp_run },
  { "recover", "--reason TEXT [--archive FOLDER | --second LOGIN]",
    "mend a damaged or older store from its archive, or go on in a new epoch",
    "  proofline recover --reason TEXT                  from the archive: nothing that it has is lost\n"
    "  proofline recover --reason TEXT --second LOGIN   without one: a new epoch, which says what was lost\n"
    "  Two people with the role QA manager or administrator answer for it, each with the password.\n"
    "  PROOFLINE_PASSWORD_FILE and PROOFLINE_SECOND_PASSWORD_FILE name files to read them from.",
    recover_options, COUNT(recover_options), 0, 0, recover_run },
  { 0 },
};
