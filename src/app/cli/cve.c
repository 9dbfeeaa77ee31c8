/* cve: one vulnerability in all devices. */
#include "app/cli/cli.h"
#include "app/triage.h"
#include <stdio.h>

static Str or_dash(Str s) { return s.n ? s : S("-"); }

static Str title_or(const Graph *g, Node n, Str other) { return n == NODE_NONE ? other : node_title(g, n); }

static void where_json(Cli *cli, const Graph *g, const Where *w, int32_t day) {
  JsonOut *o = cli_json(cli);
  json_object(o);
  json_pair(o, "schema", S("proofline.cve/1"));
  json_pair(o, "id", w->about.id);
  json_pair_bool(o, "known", w->known);
  json_pair(o, "answer", w->sentence);
  json_pair(o, "vector", w->about.vector);
  json_pair_bool(o, "kev", w->about.kev_added.n > 0);
  cve_scores_json(cli->cx->arena, &w->scores, day, o);
  json_key(o, "sources");
  json_array(o);
  for (size_t i = 0; i < w->about.source.n; i++) {
    json_object(o);
    json_pair(o, "advisory", w->about.source.p[i].advisory);
    json_pair(o, "source", w->about.source.p[i].source);
    json_pair(o, "vector", w->about.source.p[i].vector);
    json_object_end(o);
  }
  json_array_end(o);
  json_key(o, "held");
  json_array(o);
  for (size_t i = 0; i < w->held.n; i++) {
    const Held *h = &w->held.p[i];
    json_object(o);
    json_pair(o, "sbom", h->sbom.id);
    json_pair(o, "product", h->sbom.product);
    json_pair(o, "release", h->sbom.release);
    json_pair(o, "package", h->verdict.purl.n ? h->verdict.purl : h->verdict.name);
    json_pair(o, "version", h->verdict.version);
    json_pair(o, "outcome", str_of(outcome_name(h->verdict.outcome)));
    json_pair(o, "tier", (Str){ &h->verdict.tier, 1 });
    json_pair(o, "rule", h->verdict.rule);
    json_pair(o, "reason", h->verdict.reason);
    json_pair(o, "fixed", h->verdict.fixed);
    json_pair(o, "finding", h->finding == NODE_NONE ? STR_NONE : node_id(g, h->finding));
    json_pair(o, "decision", h->decision ? h->decision->id : STR_NONE);
    json_pair(o, "status", h->decision ? h->decision->status : STR_NONE);
    json_pair_int(o, "units", h->units);
    json_object_end(o);
  }
  json_array_end(o);
  json_object_end(o);
  cli_json_end(o);
}

static void where_table(Cli *cli, const Graph *g, const Where *w, int32_t day) {
  static const char *const columns[] = { "DEVICE",   "RELEASE", "COMPONENT", "OUTCOME", "TIER",
                                         "DECISION", "FIX",     "UNITS",     "REASON" };
  Arena *a = cli->cx->arena;
  (void)printf("%.*s\n", STR(w->sentence));
  if (!w->known) cli_say(cli, "%.*s is not in the advisories in use.\n", STR(w->about.id));
  cve_scores_say(a, &w->scores, day);
  CliTable t = cli_table(cli, columns, COUNT(columns));
  for (size_t i = 0; i < w->held.n; i++) {
    const Held *h = &w->held.p[i];
    cli_cell(&t, title_or(g, h->product, h->sbom.product));
    cli_cell(&t, title_or(g, h->release, or_dash(h->sbom.release)));
    cli_cell(&t, str_fmt(a, "%.*s %.*s", STR(h->verdict.name), STR(h->verdict.version)));
    cli_cell(&t, str_of(outcome_name(h->verdict.outcome)));
    cli_cell(&t, (Str){ &h->verdict.tier, 1 });
    cli_cell(&t, h->decision ? str_fmt(a, "%.*s %.*s%s", STR(h->decision->id), STR(h->decision->status),
                                       h->decision->in_force ? "" : " (not signed)")
                 : h->near.n ? h->near
                 : h->verdict.outcome >= OUTCOME_NOT_AFFECTED ? S("none is needed")
                                                              : S("undecided"));
    cli_cell_or_dash(&t, h->verdict.fixed);
    cli_cell_int(&t, h->units);
    cli_cell(&t, h->verdict.reason);
  }
  cli_table_end(cli, &t);
  for (size_t i = 0; i < w->notices.n; i++)
    (void)printf("customers were told: %.*s %.*s\n", STR(node_id(g, w->notices.p[i])),
                 STR(node_title(g, w->notices.p[i])));
  for (size_t i = 0; i < w->clocks.n; i++)
    (void)printf("deadline: %.*s %.*s\n", STR(node_id(g, w->clocks.p[i])), STR(node_title(g, w->clocks.p[i])));
}

static Err cve_run(Cli *cli) {
  Graph *g = NULL;
  Store *s = NULL;
  Where w = { 0 };
  int32_t day;
  TRY(cve_day(cli, &day));
  TRY(cli_store(cli, &s));
  TRY(graph_open(cli->cx, s, &g));
  Err e = where_is(cli->cx, s, g, cli->arg[0], NULL, &w);
  if (e == E_OK && !w.known && !w.held.n)
    e = fail(cli->cx, E_NOTFOUND, "%.*s is not in the advisories in use, and nothing was ever said of it",
             STR(cli->arg[0]));
  else if (e == E_OK && cli->out == OUT_JSON) where_json(cli, g, &w, day);
  else if (e == E_OK) where_table(cli, g, &w, day);
  graph_close(g);
  return e;
}

static const CliOption cve_options[] = { { "asof", "DAY", "how likely exploitation was thought on that day" } };

const CliCommand cli_cve_commands[] = {
  { "cve", "ID [--asof DAY]", "one vulnerability in all devices: are we affected?", NULL, cve_options,
    COUNT(cve_options), 1, 1, cve_run },
  { 0 },
};
