/* check: the rule packs, asked of the records. */
#include "app/cli/cli.h"
#include <stdio.h>
#include <string.h>

static Err explain(Cli *cli) {
  Cx *cx = cli->cx;
  const Packs *packs;
  const Rule *r;
  TRY(app_packs(cx, &packs));
  TRY(comply_explain(cx, packs, cli_option(cli, "explain"), &r));
  (void)printf("%.*s  %.*s\nSeverity %s\nWhy      %.*s\n", STR(r->id), STR(r->title), severity_words[r->severity],
               STR(r->why));
  if (r->about.n) (void)printf("Asked of %.*s\n", STR(r->about));
  if (r->need.n) (void)printf("Passes   %.*s\n", STR(r->need));
  if (r->fact.n) (void)printf("Counts   %.*s\n", STR(r->fact));
  (void)printf("Fix      %.*s\nClauses ", STR(r->fix));
  for (size_t i = 0; i < r->clauses.n; i++) (void)printf(" %.*s", STR(r->clauses.p[i]));
  (void)printf("\nPacks   ");
  for (size_t i = 0; i < packs->npacks; i++)
    if (r->packs & (1u << i)) (void)printf(" %.*s %.*s", STR(packs->pack[i].id), STR(packs->pack[i].version));
  (void)printf("\n");
  return E_OK;
}

static Err list_rules(Cli *cli) {
  static const char *const columns[] = { "RULE", "SEVERITY", "WHAT IS ASKED" };
  const Packs *packs;
  TRY(app_packs(cli->cx, &packs));
  CliTable t = cli_table(cli, columns, COUNT(columns));
  for (size_t i = 0; i < packs->nrules; i++) {
    cli_cell(&t, packs->rule[i].id);
    cli_cell(&t, str_of(severity_words[packs->rule[i].severity]));
    cli_cell(&t, packs->rule[i].title);
  }
  cli_table_end(cli, &t);
  return E_OK;
}

static void print_table(Cli *cli, const CheckRun *run) {
  static const char *const columns[] = { "SEVERITY", "RULE", "RECORD", "WHAT IS MISSING", "WHAT TO DO" };
  Cx *cx = cli->cx;
  for (size_t i = 0; i < run->npacks; i++) {
    const PackResult *p = &run->pack[i];
    Str score =
        p->ready_x10 < 0 ? S("nothing applies") : str_fmt(cx->arena, "%lld %%", (long long)(p->ready_x10 / 10));
    (void)printf("%-40.*s %-16.*s %lld met, %lld partly, %lld not met, %lld not assessed%s\n",
                 (int)(p->title.n + p->version.n + 1),
                 str_fmt(cx->arena, "%.*s %.*s", STR(p->title), STR(p->version)).p, STR(score),
                 (long long)p->count[RULE_MET], (long long)p->count[RULE_PARTLY], (long long)p->count[RULE_NOT_MET],
                 (long long)p->count[RULE_NOT_ASSESSED], p->blocking ? "  BLOCKED" : "");
  }
  CliTable t = cli_table(cli, columns, COUNT(columns));
  for (size_t i = 0; i < run->gaps.n; i++) {
    const Gap *g = &run->gaps.p[i];
    cli_cell(&t, str_of(severity_words[g->severity]));
    cli_cell(&t, g->rule_id);
    cli_cell(&t, g->object);
    cli_cell(&t, g->message);
    cli_cell(&t, g->fix);
  }
  cli_table_end(cli, &t);
  (void)printf("%.*s\n", STR(check_words(cx, run)));
}

static Err gate(Cli *cli, const CheckRun *run) {
  Cx *cx = cli->cx;
  Str on = cli_option(cli, "fail-on");
  if (!on.p) on = S("blocking");
  if (str_eq(on, S("none"))) return E_OK;
  RuleSeverity least = RULE_BLOCKER;
  if (str_eq(on, S("any"))) least = RULE_INFO;
  else if (!str_eq(on, S("blocking")) && !severity_find(on, &least))
    return fail(cx, E_USAGE, "--fail-on %.*s: use blocking, major, minor, any or none", STR(on));
  if (!check_fails(run, least)) return E_OK;
  return fail(cx, E_GATE, "--fail-on %.*s: %lld blocking gaps, %zu in all", STR(on), (long long)run->blocking,
              run->gaps.n);
}

/* The past is asked, not stored: nobody checked then. */
static Err ask_past(Cli *cli, Graph **graph, CheckRun *run) {
  Cx *cx = cli->cx;
  Store *s = NULL;
  const Packs *packs;
  int64_t size;
  TRY(cli_store(cli, &s));
  TRY(app_packs(cx, &packs));
  TRY(app_asof(cx, s, cli_option(cli, "asof"), &size));
  TRY(graph_open_at(cx, s, size, graph));
  CheckScope scope = { cli_option(cli, "device"), cli_option(cli, "version") };
  return comply_evaluate_at(cx, *graph, s, packs, scope, cx->now_us, run);
}

static Err ask_now(Cli *cli, Graph **graph, CheckRun *run) {
  Cx *cx = cli->cx;
  TRY(cli_writer(cli));
  TRY(graph_open(cx, writer_store(cli->writer), graph));
  Ask who = { .actor = cli->who.id, .auth = S("local"), .source = S("cli") };
  return app_check(cx, cli->writer, writer_store(cli->writer), *graph, cli_option(cli, "device"),
                   cli_option(cli, "version"), &who, run);
}

static Err check_run(Cli *cli) {
  if (cli_has(cli, "explain")) return explain(cli);
  if (cli_has(cli, "list")) return list_rules(cli);
  Cx *cx = cli->cx;
  Graph *g = NULL; /* the run borrows from it */
  CheckRun run;
  memset(&run, 0, sizeof run);
  Err e = cli_option(cli, "asof").n ? ask_past(cli, &g, &run) : ask_now(cli, &g, &run);
  if (e == E_OK && cli->out == OUT_JSON) {
    JsonOut *o = cli_json(cli);
    e = check_json(cx, o, &run);
    cli_json_end(o);
  } else if (e == E_OK) {
    print_table(cli, &run);
  }
  if (e == E_OK) e = gate(cli, &run);
  graph_close(g);
  return e;
}

static const CliOption check_options[] = {
  { "device", "ID", "only this product (and the company)" },
  { "version", "ID", "of this release" },
  { "asof", "DATE", "as it was at the end of that day, or at a time; nothing is stored" },
  { "fail-on", "WHAT", "blocking, major, minor, any or none (default blocking): exit 1" },
  { "explain", "RULE", "what a rule asks, why, and what closes it" },
  { "list", NULL, "all rules" },
};

const CliCommand cli_check_commands[] = {
  { "check", "[--device ID] [--asof DATE] [--fail-on WHAT] | --explain RULE | --list",
    "ask the rule packs of all records; the run is kept",
    "  proofline check --device sorrel-p1 --fail-on none -o json", check_options, COUNT(check_options), 0, 0,
    check_run },
  { 0 },
};
