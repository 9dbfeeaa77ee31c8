/* backup, backup keygen, restore. */
#include "app/backup/backup.h"
#include "app/cli/cli.h"
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* ---- keygen -------------------------------------------------------------------------------------------- */

static Err keygen_run(Cli *cli) {
  Cx *cx = cli->cx;
  BoxKey key;
  const char *out = str_z(cx->arena, cli_option(cli, "out")),
             *here = str_fmt(cx->arena, "%s/" BACKUP_KEY_FILE, cli->folder).p;
  if (!cli_has(cli, "out"))
    return fail(cx, E_USAGE, "Say where the secret half goes: proofline backup keygen --out FILE");
  if (file_exists(out)) return fail(cx, E_CONFLICT, "%s exists already. It was left as it is", out);
  if (file_exists(here) && !cli_has(cli, "replace"))
    return fail(cx, E_CONFLICT,
                "%s exists already. It was left as it is. Backups made with it need its secret half; to use a "
                "new pair from now on add --replace",
                here);
  box_key_new(&key);
  TRY(file_write(cx, out, backup_key_text(cx->arena, "secret", key.secret), 0400));
  Str public = backup_key_text(cx->arena, "public", key.public);
  bool store = file_exists(str_fmt(cx->arena, "%s/proofline.db", cli->folder).p);
  if (store) TRY(file_write(cx, here, public, 0600));
  cli_print(public);
  cli_say(cli,
          "Key %.*s. Its secret half is in %s: take it away from this machine, and keep two copies.\n"
          "Without it no backup can be restored; whoever has it can read them all.\n%s",
          STR(backup_key_id(cx->arena, key.public)), out,
          store ? "" : "Put the line above into backup.pub of the data folder.\n");
  return E_OK;
}

/* ---- backup -------------------------------------------------------------------------------------------- */

static Err note(Cli *cli, const char *act, Str sha256_hex, int64_t size, Str words) {
  Buf b = buf_new(cli->cx->arena, 8192);
  JsonOut o = json_out(&b, false);
  Answer a = { 0 };
  json_object(&o);
  json_pair(&o, "act", str_of(act));
  json_pair(&o, "sha256", sha256_hex);
  json_pair(&o, "to", str_fmt(cli->cx->arena, "%lld entries", (long long)size));
  json_pair(&o, "words", words);
  json_object_end(&o);
  return cli_ask(cli, "backup.note", buf_str(&b), STR_NONE, STR_NONE, &a);
}

static void backup_json(Cli *cli, const BackupDone *d) {
  JsonOut *o = cli_json(cli);
  json_object(o);
  json_pair(o, "schema", S("proofline.backup-made/1"));
  json_pair(o, "file", d->info.path);
  json_pair(o, "sha256", d->sha256);
  json_pair_int(o, "bytes", d->file_bytes);
  json_pair_int(o, "entries", d->info.size);
  json_pair(o, "root", d->info.root);
  json_pair(o, "origin", d->info.origin);
  json_pair(o, "key", d->info.key_id);
  json_pair_bool(o, "verified", true);
  json_pair_int(o, "removed", d->dropped);
  json_object_end(o);
  cli_json_end(o);
}

static Err backup_run(Cli *cli) {
  Cx *cx = cli->cx;
  BackupDone d = { 0 };
  Str to = cli_has(cli, "to") ? cli_option(cli, "to") : cli->set.text[SET_BACKUP_TO];
  int64_t keep = cli->set.number[SET_BACKUP_KEEP];
  if (!to.n) return fail(cx, E_USAGE, "Say where to: --to FOLDER, or backup_to = \"FOLDER\" in proofline.toml");
  if (cli_has(cli, "keep") && (!str_int(cli_option(cli, "keep"), &keep) || keep < 0))
    return fail(cx, E_USAGE, "--keep wants a number from 0 up; 0 keeps all");
  TRY(cli_writer(cli));
  TRY(authorise(cx, &cli->who, "backup", PRODUCT_ANY));
  TRY(backup_make(cx, cli->folder, str_z(cx->arena, to), keep, &d));
  TRY(note(cli, "backup.made", d.sha256, d.info.size,
           str_fmt(cx->arena, "%lld entries, root %.*s, to %.*s; restored and verified", (long long)d.info.size, 16,
                   d.info.root.p, STR(d.info.path))));
  if (cli->out == OUT_JSON) backup_json(cli, &d);
  else (void)printf("%.*s\n", STR(d.info.path));
  cli_say(cli, "%lld entries, %lld bytes; read back, restored and verified. %lld old backups removed.\n",
          (long long)d.info.size, (long long)d.file_bytes, (long long)d.dropped);
  return E_OK;
}

/* ---- restore ------------------------------------------------------------------------------------------- */

static Err tested(Cli *cli, const RestoreDone *d) {
  Cx *cx = cli->cx;
  Str bytes = d->info.head;
  if (!file_exists(str_fmt(cx->arena, "%s/proofline.db", cli->folder).p)) return E_OK;
  return note(cli, "backup.tested", hash_hex(cx->arena, sha256(bytes)), d->info.size,
              str_fmt(cx->arena, "Restore test with the offline key: %.*s of %.*s, %lld entries, verified",
                      STR(d->info.path), STR(d->info.created), (long long)d->info.size));
}

static Err restore_run(Cli *cli) {
  Cx *cx = cli->cx;
  RestoreDone d = { 0 };
  RestoreAsk ask = { .file = str_z(cx->arena, cli->arg[0]),
                     .key = str_z(cx->arena, cli_option(cli, "key")),
                     .to = cli_has(cli, "to") ? str_z(cx->arena, cli_option(cli, "to")) : cli->folder,
                     .known = cli_has(cli, "known") ? str_z(cx->arena, cli_option(cli, "known")) : NULL,
                     .at = cli_option(cli, "at"),
                     .accept_loss = cli_has(cli, "accept-loss") };
  if (!cli_has(cli, "key")) return fail(cx, E_USAGE, "Say where the secret half of the key is: --key FILE");
  bool check = cli_has(cli, "check-only");
  if (check) ask.to = NULL;
  TRY(backup_restore(cx, &ask, &d));
  if (check) TRY(tested(cli, &d));
  (void)printf("%lld entries, root %.*s\n", (long long)d.size, STR(d.root));
  if (check) {
    cli_say(cli, "%s can be restored: unpacked and verified, then removed again. Made %.*s.\n", ask.file,
            STR(d.info.created));
    return E_OK;
  }
  if (d.size < d.info.size)
    cli_say(cli,
            "Restored to %s and verified as it was after %lld of its %lld entries. Two people say why it goes on from "
            "there:\nuntil then `verify` tells what is missing.\n",
            ask.to, (long long)d.size, (long long)d.info.size);
  else cli_say(cli, "Restored to %s and verified: the log as of %.*s.\n", ask.to, STR(d.info.upto));
  cli_say(
      cli,
      "The keys are not in a backup: put signer/key and secret.key back when you have them. Without the first, "
      "or when\n"
      "entries are missing, the log goes on in a new epoch: proofline -C %s recover --reason TEXT --second LOGIN\n",
      ask.to);
  return E_OK;
}

/* ---- doctor -------------------------------------------------------------------------------------------- */

enum { BACKUP_DAYS = 2, TEST_DAYS = 190 }; /* a backup each night; a test with the offline key twice a year */

static bool age_line(Cli *cli, const char *what, int64_t at_us, Str words, int days, const char *never) {
  Cx *cx = cli->cx;
  if (!at_us) return doctor_line(cli, false, what, str_of(never));
  int64_t age = cx->now_us - at_us;
  Str when = age < 60 * US_PER_S ? S("just now") : str_fmt(cx->arena, "%.*s ago", STR(age_text(cx->arena, age)));
  return doctor_line(cli, age <= days * US_PER_DAY, what, str_fmt(cx->arena, "%.*s: %.*s", STR(when), STR(words)));
}

bool doctor_backup(Cli *cli, Store *s) {
  Cx *cx = cli->cx;
  BackupNote n;
  if (backup_last(cx, s, &n) != E_OK) {
    Str why = cx->words;
    cx_forgive(cx);
    return doctor_line(cli, false, "backup", why);
  }
  bool made = age_line(cli, "backup", n.made_us, n.made, BACKUP_DAYS,
                       "none was made. Make one: proofline backup --to FOLDER");
  bool tested = age_line(cli, "restore test", n.tested_us, n.tested, TEST_DAYS,
                         "none with the offline key: proofline restore FILE --key FILE --check-only");
  return made && tested;
}

static const CliOption keygen_options[] = { { "out", "FILE",
                                              "where the secret half goes; take it away from this machine" },
                                            { "replace", NULL, "use the new pair from now on" } };
static const CliOption backup_options[] = {
  { "to", "FOLDER", "where to (default: the setting backup_to)" },
  { "keep", "N", "the newest N stay, and the last one of each month (default: the setting backup_keep)" },
};
static const CliOption restore_options[] = {
  { "key", "FILE", "the secret half of the backup key" },
  { "to", "DIR", "the data folder to make (default: the one of -C)" },
  { "at", "SEQ|TIME", "as the store was when its log had so many entries, or at a time" },
  { "check-only", NULL, "a restore test: unpack, verify, remove again" },
  { "known", "FILE", "a checkpoint that was kept: an older backup is refused" },
  { "accept-loss", NULL, "restore although entries were signed that this backup lacks" },
};

const CliCommand cli_backup_commands[] = {
  { "backup keygen", "--out FILE", "make the key pair for backups", NULL, keygen_options, COUNT(keygen_options), 0, 0,
    keygen_run },
  { "backup", "[--to FOLDER]", "copy the store while it runs, encrypted; restored and verified before it counts",
    "  proofline backup keygen --out backup.secret      once; keep the file offline\n"
    "  proofline backup --to /mnt/backup\n"
    "  proofline restore FILE --key backup.secret --check-only      a restore test, counted by doctor",
    backup_options, COUNT(backup_options), 0, 0, backup_run },
  { "restore", "FILE --key FILE [--to DIR]", "a data folder from a backup, verified before it is there",
    "  proofline -C /var/lib/proofline restore FILE --key backup.secret\n"
    "  proofline restore FILE --key backup.secret --to ./then --at 2026-05-04T12:00:00Z",
    restore_options, COUNT(restore_options), 1, 1, restore_run },
  { 0 },
};
