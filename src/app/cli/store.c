/* init, log, verify, doctor: the store as a whole. */
#include "app/anchor.h"
#include "app/log_pick.h"
#include "app/stamp.h"
#include "app/cli/cli.h"
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/statvfs.h>
#include <unistd.h>

/* ---- init ---------------------------------------------------------------------------------------------- */

static Str local_login(Cx *cx) {
  struct passwd *p = getpwuid(getuid());
  return p ? str_dup(cx->arena, str_of(p->pw_name)) : S("owner");
}

static Err init_run(Cli *cli) {
  Cx *cx = cli->cx;
  const char *folder = cli->narg ? str_z(cx->arena, cli->arg[0]) : cli->folder;
  Str email = cli_option(cli, "admin"), login, rest;
  (void)str_cut(email, '@', &login, &rest);
  if (!login.n) login = local_login(cx);
  Str name = cli_has(cli, "name") ? cli_option(cli, "name") : login;
  AppInit in = {
    .company = cli_option(cli, "company"), .login = str_lower(cx->arena, login), .name = name, .email = email
  };
  TRY(app_init(cx, folder, &in));
  cli_say(cli,
          "%s is ready. Nobody can sign in yet: there is no default password.\n"
          "  Set yours        proofline -C %s user password %.*s\n"
          "  Add people       proofline -C %s user add LOGIN --name NAME --roles engineer,reviewer\n"
          "  Open the pages   proofline -C %s serve\n",
          folder, folder, STR(in.login), folder, folder);
  return E_OK;
}

static const CliOption init_options[] = {
  { "company", "NAME", "name of the company" },
  { "admin", "EMAIL", "e-mail of the first person; the part before @ becomes the login" },
  { "name", "NAME", "printed name of the first person" },
};

/* ---- log ----------------------------------------------------------------------------------------------- */

static void log_json(Cli *cli, const LogRows *rows) {
  JsonOut *o = cli_json(cli);
  json_array(o);
  for (size_t i = 0; i < rows->n; i++) {
    const LogRow *r = &rows->p[i];
    json_object(o);
    json_pair_int(o, "seq", r->seq);
    json_pair(o, "time", time_text(cli->cx->arena, r->t_us));
    json_pair(o, "act", r->act);
    json_pair(o, "actor", r->actor);
    json_pair(o, "auth", r->auth);
    json_pair(o, "source", r->source);
    json_pair(o, "obj", r->obj);
    json_pair(o, "to", r->to);
    json_pair(o, "reason", r->reason);
    json_pair(o, "new", r->new_hex);
    json_pair(o, "prev", r->prev_hex);
    json_pair(o, "hash", hash_hex(cli->cx->arena, r->hash));
    json_object_end(o);
  }
  json_array_end(o);
  cli_json_end(o);
}

static void log_table(Cli *cli, Store *s, const LogRows *rows) {
  static const char *const columns[] = { "SEQ", "TIME", "WHO", "DID", "WHAT", "TO", "REASON" };
  Cx *cx = cli->cx;
  CliTable t = cli_table(cli, columns, COUNT(columns));
  for (size_t i = 0; i < rows->n; i++) {
    const LogRow *r = &rows->p[i];
    cli_cell_int(&t, r->seq);
    cli_cell(&t, time_minute(cx->arena, r->t_us));
    cli_cell(&t, people_name(cx, s, r->actor));
    cli_cell(&t, r->act);
    cli_cell(&t, r->obj);
    cli_cell(&t, r->to);
    cli_cell(&t, r->reason);
  }
  cli_table_end(cli, &t);
}

static Err log_run(Cli *cli) {
  Cx *cx = cli->cx;
  Store *s = NULL;
  TRY(cli_store(cli, &s));
  TreeHead head;
  TRY(ledger_head(cx, s, &head));
  int64_t limit = 50, size;
  TRY(app_asof(cx, s, cli_option(cli, "asof"), &size));
  if (size < 0) size = head.size;
  Str n = cli_option(cli, "limit");
  if (n.p && (!str_int(n, &limit) || limit < 1)) return fail(cx, E_USAGE, "--limit wants a number from 1 up");
  LogPick pick = { .act = cli_option(cli, "did"), .object = cli->narg ? cli->arg[0] : STR_NONE };
  LogPicked picked;
  Str login = cli_option(cli, "person");
  Who who = { 0 };
  if (login.p) TRY(people_who_login(cx, s, login, &who));
  pick.person = who.id;
  TRY(log_pick(cx, s, &pick, size, (size_t)limit, INT64_MAX, &picked));
  if (cli->out == OUT_JSON) log_json(cli, &picked.rows);
  else log_table(cli, s, &picked.rows);
  return E_OK;
}

static const CliOption log_options[] = { { "person", "LOGIN", "what this person did" },
                                         { "did", "WORD", "what was done begins with it: record.sign" },
                                         { "limit", "N", "at most this many entries, newest first (default 50)" },
                                         { "asof", "DATE", "as it stood at the end of that day, or at a time" } };

/* ---- verify -------------------------------------------------------------------------------------------- */

static void verify_json(Cli *cli, const VerifyReport *r) {
  JsonOut *o = cli_json(cli);
  json_object(o);
  json_pair(o, "schema", S("proofline.verify/1"));
  json_pair_int(o, "entries", r->entries);
  json_pair_int(o, "tree_size", r->head.size);
  json_pair(o, "root", hash_hex(cli->cx->arena, r->head.root));
  json_key(o, "signatures");
  json_object(o);
  json_pair_int(o, "valid", r->signatures_valid);
  json_pair_int(o, "invalid", r->signatures_invalid);
  json_object_end(o);
  json_key(o, "records");
  json_object(o);
  json_pair_int(o, "checked", r->revisions);
  int64_t mismatched = 0;
  for (size_t i = 0; i < r->findings.n; i++)
    mismatched += str_eq(r->findings.p[i].kind, S("revision")) || str_eq(r->findings.p[i].kind, S("projection"));
  json_pair_int(o, "mismatched", mismatched);
  json_object_end(o);
  json_pair_int(o, "facts", r->facts);
  json_key(o, "findings");
  json_array(o);
  for (size_t i = 0; i < r->findings.n; i++) {
    json_object(o);
    json_pair(o, "kind", r->findings.p[i].kind);
    json_pair(o, "object", r->findings.p[i].object);
    json_pair(o, "what", r->findings.p[i].what);
    json_object_end(o);
  }
  json_array_end(o);
  json_object_end(o);
  cli_json_end(o);
}

/* What remembers the log outside the store: the archive, and a checkpoint that somebody kept. */
static Err verify_outside(Cli *cli, VerifyReport *report) {
  Cx *cx = cli->cx;
  Store *s = NULL;
  Str to = anchor_archive_folder(cx, cli->folder), kept = cli_option(cli, "anchor"), text;
  if (!to.n && !kept.n) return E_OK;
  TRY(cli_store(cli, &s));
  if (to.n) TRY(ledger_archive_verify(cx, s, str_z(cx->arena, to), report));
  if (!kept.n) return E_OK;
  Anchor a = { 0 };
  TRY(file_read(cx, str_z(cx->arena, kept), 64 * 1024, &text));
  TRY(ledger_anchor_check(cx, s, text, &a));
  if (a.is != ANCHOR_SAME) verify_find(cx, report, "anchor", kept, "%s", anchor_words(a.is));
  return E_OK;
}

static Err verify_run(Cli *cli) {
  Cx *cx = cli->cx;
  int64_t began = clock_mono_us();
  VerifyReport report = { 0 };
  TRY(ledger_verify_folder(cx, cli->folder, app_verify_parts, app_nverify_parts, &report));
  TRY(verify_outside(cli, &report));
  if (cli->out == OUT_JSON) verify_json(cli, &report);
  else {
    for (size_t i = 0; i < report.findings.n; i++)
      (void)printf("%.*s\t%.*s\t%.*s\n", STR(report.findings.p[i].kind), STR(report.findings.p[i].object),
                   STR(report.findings.p[i].what));
    (void)printf("%lld entries, %lld revisions, %lld facts checked; head %.*s; %lld signatures valid, %lld invalid; "
                 "%zu findings; %.1f s\n",
                 (long long)report.entries, (long long)report.revisions, (long long)report.facts, 16,
                 hash_hex(cx->arena, report.head.root).p, (long long)report.signatures_valid,
                 (long long)report.signatures_invalid, report.findings.n, (double)(clock_mono_us() - began) / 1e6);
  }
  if (report.findings.n)
    return fail(cx, E_INTEGRITY,
                "%zu findings: the stored data is not what was written. Keep this folder as it is, and restore a "
                "backup beside it",
                report.findings.n);
  return E_OK;
}

static const CliOption verify_options[] = { { "all", NULL, "everything (the default)" },
                                            { "anchor", "FILE",
                                              "and a checkpoint, receipt or typed paper that was kept" } };

/* ---- doctor -------------------------------------------------------------------------------------------- */

bool doctor_line(Cli *cli, bool good, const char *what, Str detail) {
  (void)cli;
  (void)printf("%-5s %-22s %.*s\n", good ? "ok" : "LOOK", what, STR(detail));
  return good;
}

static bool doctor_disk(Cli *cli) {
  struct statvfs v;
  if (statvfs(cli->folder, &v) != 0) return doctor_line(cli, false, "disk", S("cannot be read"));
  uint64_t free_mib = (uint64_t)v.f_bavail * v.f_frsize >> 20;
  return doctor_line(cli, free_mib >= 512, "disk",
                     str_fmt(cli->cx->arena, "%llu MiB free", (unsigned long long)free_mib));
}

static bool doctor_feed(Cli *cli, Store *s) {
  SnapshotRow row;
  AUTO(SnapshotRef) snap = NULL;
  Cx *cx = cli->cx;
  if (vuln_current(cx, s, &row) != E_OK || snapshot_open(cx, row.path.p, &snap) != E_OK) {
    Str why = cx->words;
    cx_forgive(cx);
    return doctor_line(cli, false, "advisories", why);
  }
  Freshness f = app_freshness(cx, &row);
  return doctor_line(cli, !f.old, "advisories",
                     str_fmt(cx->arena, "%.*s (snapshot %.12s)", STR(f.words), row.sha256.p));
}

static bool doctor_head(Cli *cli, Store *s) {
  Cx *cx = cli->cx;
  TreeHead head, signed_head;
  Str note;
  if (ledger_head(cx, s, &head) != E_OK || ledger_last_checkpoint(cx, s, &signed_head, &note) != E_OK) {
    Str why = cx->words;
    cx_forgive(cx);
    return doctor_line(cli, false, "log", why);
  }
  return doctor_line(cli, head.size == signed_head.size, "log",
                     str_fmt(cx->arena, "%lld entries, %lld of them under a signed head", (long long)head.size,
                             (long long)signed_head.size));
}

static Err doctor_run(Cli *cli) {
  Cx *cx = cli->cx;
  Store *s = NULL;
  bool good = true;
  good &= doctor_line(cli, true, "program", S("proofline " APP_VERSION));
  good &= doctor_line(cli, jail_is_complete(), "jail for files",
                      jail_is_complete() ? S("seccomp and Landlock") : S("this kernel lacks seccomp or Landlock"));
  TRY(cli_store(cli, &s));
  good &= doctor_line(cli, true, "data folder", str_of(cli->folder));
  good &= doctor_disk(cli);
  good &= doctor_head(cli, s);
  good &= doctor_feed(cli, s);
  Str stamps;
  bool stamped = stamp_words(cx, s, &cli->set, &stamps);
  good &= doctor_line(cli, stamped, "timestamp", stamps);
  good &= doctor_backup(cli, s);
  Str *findings;
  size_t n;
  TRY(store_self_check(cx, s, (TableNames){ 0 }, &findings, &n));
  good &= doctor_line(cli, n == 0, "database", n ? findings[0] : S("its own check finds nothing"));
  (void)doctor_line(cli, true, "whole log", S("checked by: proofline verify"));
  return good ? E_OK : fail(cx, E_GATE, "see the lines marked LOOK");
}

/* ---- config -------------------------------------------------------------------------------------------- */

static Err config_run(Cli *cli) {
  static const char *const columns[] = { "SETTING", "VALUE", "FROM", "WHAT IT IS" };
  CliTable t = cli_table(cli, columns, COUNT(columns));
  for (size_t i = 0; i < SETTING_COUNT; i++) {
    cli_cell(&t, str_of(setting_name((SettingId)i)));
    cli_cell(&t, cli->set.text[i]);
    cli_cell(&t, cli->set.origin[i]);
    cli_cell(&t, str_of(setting_help((SettingId)i)));
  }
  cli_table_end(cli, &t);
  return E_OK;
}

const CliCommand cli_store_commands[] = {
  { "init", "[DIR] [--company NAME] [--admin EMAIL]", "create a data folder", NULL, init_options, COUNT(init_options),
    0, 1, init_run },
  { "log", "[ID] [--person LOGIN] [--did WORD] [--limit N] [--asof DATE]", "the audit trail, newest first",
    "  proofline log T-001        all that was done to T-001", log_options, COUNT(log_options), 0, 1, log_run },
  { "verify", "[--all] [--anchor FILE]", "recompute every hash, proof and table; exit 8 when anything differs", NULL,
    verify_options, COUNT(verify_options), 0, 0, verify_run },
  { "doctor", "", "check folder, disk, jail, log and feeds", NULL, NULL, 0, 0, 0, doctor_run },
  { "config", "", "every setting, its value and where it comes from",
    "  Settings stand in proofline.toml of the data folder, in PROOFLINE_NAME, or after --set.", NULL, 0, 0, 0,
    config_run },
  { 0 },
};
