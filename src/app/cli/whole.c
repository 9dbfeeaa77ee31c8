/* export --all and import --all: a whole instance as readable files. */
#include "app/cli/cli.h"
#include "app/whole/whole.h"
#include <stdio.h>
#include <time.h>

enum { SIGNED_WAIT_TRIES = 250, SIGNED_WAIT_NS = 20000000 };

static void say_count(const Cli *cli, const char *done, const WholeCount *c) {
  cli_say(cli, "%s: %lld records in %lld revisions, %lld entries of the log, %lld rows, %lld files by hash.\n", done,
          (long long)c->records, (long long)c->revisions, (long long)c->entries, (long long)c->rows,
          (long long)c->blobs);
}

/* A running server signs its head a moment later; without one it is for us to have it signed. */
static Err wait_signed(Cli *cli, Store *s) {
  TRY(app_finish(cli->cx, s, &cli->app));
  for (int i = 0; i < SIGNED_WAIT_TRIES; i++) {
    TreeHead head, signed_head;
    Str note;
    TRY(ledger_head(cli->cx, s, &head));
    TRY(ledger_last_checkpoint(cli->cx, s, &signed_head, &note));
    if (head.size == signed_head.size) break;
    (void)nanosleep(&(struct timespec){ .tv_nsec = SIGNED_WAIT_NS }, NULL);
  }
  return E_OK;
}

Err cli_export_all(Cli *cli) {
  Cx *cx = cli->cx;
  WholeCount count = { 0 };
  Answer a = { 0 };
  const char *to = str_z(cx->arena, cli_option(cli, "all"));
  if (cli->narg) return fail(cx, E_USAGE, "export --all takes a folder and no query");
  TRY(cli_writer(cli));
  TRY(authorise(cx, &cli->who, "export.all", PRODUCT_ANY));
  Store *s = writer_store(cli->writer);
  TRY(wait_signed(cli, s));
  TRY(store_view(cx, s)); /* one moment of the log */
  Err e = whole_export(cx, s, cli->folder, to, &count);
  store_unview(s);
  TRY(e);
  Str args = str_fmt(cx->arena, "{\"sha256\":\"%.*s\"}", STR(count.source_sha256));
  TRY(cli_ask(cli, "export.all", args, STR_NONE, cli_option(cli, "reason"), &a));
  say_count(cli, "Exported", &count);
  return E_OK;
}

static Err import_all_run(Cli *cli) {
  Cx *cx = cli->cx;
  WholeCount count = { 0 };
  if (!cli_has(cli, "all"))
    return fail(cx, E_USAGE, "Say what: import sbom, import table, or import --all DIR. See: proofline help import");
  WholeImport in = { .from = str_z(cx->arena, cli_option(cli, "all")),
                     .folder = cli->folder,
                     .key = cli_has(cli, "key") ? str_z(cx->arena, cli_option(cli, "key")) : NULL,
                     .actor = cli->as.p ? cli->as : cli->set.text[SET_CLI_USER],
                     .reason = cli_option(cli, "reason") };
  TRY(whole_import(cx, &in, &count));
  say_count(cli, "Imported", &count);
  cli_say(cli,
          "Every file was compared, and the whole log verified. Nobody can sign in yet: passwords do not travel.\n"
          "  Set one  proofline -C %s user password LOGIN\n",
          cli->folder);
  return E_OK;
}

static const CliOption import_options[] = {
  { "all", "DIR", "the folder of export --all" },
  { "key", "FILE", "the verifier key of the log that you expect; another one is refused" },
  { "reason", "WHY", "why; kept in the log" },
};

const CliCommand cli_whole_commands[] = {
  { "import", "--all DIR", "a whole instance from the files of export --all, into a new data folder",
    "  proofline -C ./new import --all ./export --as LOGIN\n"
    "  The log goes on: the same entries with the same hashes, then one that says where it came from.\n"
    "  A file that was changed, is missing or does not belong is named, and nothing is stored.",
    import_options, COUNT(import_options), 0, 0, import_all_run },
  { 0 },
};
