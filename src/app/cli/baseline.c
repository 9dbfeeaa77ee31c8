/* baseline: freeze the set of a baseline, and list what it holds. */
#include "app/cli/cli.h"
#include "app/diff.h"

static Err freeze_run(Cli *cli) {
  Cx *cx = cli->cx;
  Record r;
  const Packs *packs;
  Str args;
  Answer a;
  JVal *result;
  TRY(cli_writer(cli));
  TRY(app_packs(cx, &packs));
  TRY(record_get(cx, writer_store(cli->writer), cli->arg[0], 0, &r));
  TRY(app_freeze_args(cx, writer_store(cli->writer), packs, &r, &args));
  TRY(cli_ask(cli, "baseline.freeze", args, STR_NONE, cli_option(cli, "reason"), &a));
  if (cli->out == OUT_JSON) {
    cli_json_text(a.result_json);
    return E_OK;
  }
  TRY(json_read(cx, a.result_json, &JSON_BODY, &result));
  cli_say(cli, "%.*s revision %lld holds %lld revisions in force; %lld records that were never accepted are left out\n",
          STR(r.id), (long long)json_int(result, "rev", 0), (long long)json_int(result, "count", 0),
          (long long)json_int(result, "left_out", 0));
  return E_OK;
}

static Err show_run(Cli *cli) {
  static const char *const columns[] = { "ID", "REVISION", "STATE", "HASH" };
  Cx *cx = cli->cx;
  Store *s = NULL;
  Record r;
  Members m = { 0 };
  TRY(cli_store(cli, &s));
  TRY(record_get(cx, s, cli->arg[0], 0, &r));
  TRY(baseline_members(cx, &r, &m));
  CliTable t = cli_table(cli, columns, COUNT(columns));
  for (size_t i = 0; i < m.n; i++) {
    cli_cell(&t, m.p[i].id);
    cli_cell_int(&t, m.p[i].rev);
    cli_cell(&t, m.p[i].state);
    cli_cell(&t, m.p[i].hash_hex);
  }
  cli_table_end(cli, &t);
  return E_OK;
}

static const CliOption freeze_options[] = { { "reason", "TEXT", "why, for the history" } };

const CliCommand cli_baseline_commands[] = {
  { "baseline freeze", "ID", "take the revisions in force of its device into a baseline",
    "  proofline new baseline title='2.1.0 as released' purpose=release products=sorrel-p1\n"
    "  proofline baseline freeze BSL-0001\n"
    "  proofline diff BSL-0001                 what has changed since\n"
    "A baseline that was approved keeps its set; freeze a new one.",
    freeze_options, COUNT(freeze_options), 1, 1, freeze_run },
  { "baseline show", "ID", "the revisions that a baseline holds, with their hashes", NULL, NULL, 0, 1, 1, show_run },
  { 0 },
};
