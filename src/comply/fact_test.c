/* Facts of tests, runs, drills and what they found. */
#include "comply/inside.h"

static Err test_cases(Cx *cx, const FactScope *s, Nodes *out) {
  return fact_nodes(cx, s, "type:test_case -state:retired,voided", out);
}

static bool all_on_old(Cx *cx, const FactScope *s, Node thing, bool *any) {
  Edges on;
  graph_edges(cx, s->graph, thing, "on", &on);
  for (size_t i = 0; i < on.n; i++) {
    if (!str_eq(str_of(node_type(s->graph, on.p[i].to)->name), S("release"))) continue;
    *any = true;
    if (!fact_release_is_old(cx, s, on.p[i].to)) return false;
  }
  return true;
}

/* Evidence must come from the build under review: F26 V.C. */
Err fact_stale_run(Cx *cx, const FactScope *s, FactRows *out) {
  Nodes tests;
  TRY(test_cases(cx, s, &tests));
  for (size_t i = 0; i < tests.n; i++) {
    Str result;
    Node last = trace_last_run(cx, s->graph, tests.p[i], NODE_NONE, &result);
    if (last == NODE_NONE) continue;
    out->asked++;
    bool stale, any = false;
    if (s->release != NODE_NONE)
      stale = trace_last_run(cx, s->graph, tests.p[i], s->release, &result) == NODE_NONE;
    else stale = all_on_old(cx, s, last, &any) && any;
    Node on = fact_link(cx, s->graph, last, "on");
    if (stale) fact_add(cx, out, tests.p[i], on == NODE_NONE ? S("no release") : node_title(s->graph, on));
  }
  return E_OK;
}

Err fact_failing_run(Cx *cx, const FactScope *s, FactRows *out) {
  Nodes tests;
  TRY(test_cases(cx, s, &tests));
  for (size_t i = 0; i < tests.n; i++) {
    Str result;
    Node run = trace_last_run(cx, s->graph, tests.p[i], s->release, &result);
    if (run == NODE_NONE) continue;
    out->asked++;
    if (!str_eq(result, S("pass")) && !str_eq(result, S("not_applicable")))
      fact_add(cx, out, tests.p[i],
               str_fmt(cx->arena, "%.*s in %.*s", STR(choice_words(cx->arena, result)),
                       STR(node_id(s->graph, run))));
  }
  return E_OK;
}

/* ---- limits ----------------------------------------------------------------------------------------- */

/* The first number of a text: "<= 60 min" is 60. */
static bool first_number(Str text, int64_t *out) {
  size_t i = 0;
  while (i < text.n && !(text.p[i] >= '0' && text.p[i] <= '9')) i++;
  size_t from = i;
  while (i < text.n && text.p[i] >= '0' && text.p[i] <= '9') i++;
  return str_int(str_slice(text, from, i), out);
}

static void judge_limit(Cx *cx, FactRows *out, Node n, int64_t measured, int64_t limit) {
  out->asked++;
  if (measured > limit)
    fact_add(cx, out, n,
             str_fmt(cx->arena, "%lld measured, limit %lld", (long long)measured, (long long)limit));
}

static bool says(Str text, const char *words, const char *sign) {
  return str_find_nocase(text, str_of(words)) != SIZE_MAX || str_find(text, str_of(sign)) != SIZE_MAX;
}

/* Only limits that say which way they hold are judged: "at most 60 min", ">= 8 h". */
Err fact_run_over_limit(Cx *cx, const FactScope *s, FactRows *out) {
  Nodes tests, drills;
  int64_t measured, limit;
  TRY(fact_nodes(cx, s, "type:test_case -state:retired,voided limit_text:*", &tests));
  TRY(fact_nodes(cx, s, "type:drill limit_minutes:* measured_minutes:*", &drills));
  for (size_t i = 0; i < drills.n; i++) {
    Node test = fact_link(cx, s->graph, drills.p[i], "executes");
    judge_limit(cx, out, test == NODE_NONE ? drills.p[i] : test,
                node_value(s->graph, drills.p[i], "measured_minutes")->i,
                node_value(s->graph, drills.p[i], "limit_minutes")->i);
  }
  for (size_t i = 0; i < tests.n; i++) {
    Str result;
    Node run = trace_last_run(cx, s->graph, tests.p[i], s->release, &result);
    Str text = fact_word(s->graph, tests.p[i], "limit_text");
    if (run == NODE_NONE || !first_number(text, &limit) ||
        !first_number(fact_word(s->graph, run, "measured"), &measured))
      continue;
    if (says(text, "at least", ">")) judge_limit(cx, out, tests.p[i], limit, measured);
    else if (says(text, "at most", "<")) judge_limit(cx, out, tests.p[i], measured, limit);
  }
  if (out->asked < (int64_t)out->row.n) out->asked = (int64_t)out->row.n;
  return E_OK;
}

/* ---- findings of tests ------------------------------------------------------------------------------ */

static void name_source(const Graph *g, Buf *b, Node n) {
  if (str_find(buf_str(b), node_id(g, n)) != SIZE_MAX) return;
  buf_fmt(b, "%s%.*s", b->n ? ", " : "", STR(node_id(g, n)));
}

/* Names the tests that a run or a report stands for, and itself. */
static void name_tests(Cx *cx, const Graph *g, Buf *b, Node n) {
  Edges runs;
  Node test = fact_link(cx, g, n, "executes");
  if (test != NODE_NONE) name_source(g, b, test);
  graph_edges(cx, g, n, "includes", &runs);
  for (size_t i = 0; i < runs.n; i++) {
    test = fact_link(cx, g, runs.p[i].to, "executes");
    if (test != NODE_NONE) name_source(g, b, test);
  }
  name_source(g, b, n);
}

static Str sources(Cx *cx, const Graph *g, Node finding) {
  static const char *const links[] = { "on", "found_in", "raised_from", "raised_by" };
  static const char *const types[] = { "test_case", "test_run", "test_report" };
  Buf b = buf_new(cx->arena, 600);
  for (size_t l = 0; l < COUNT(links); l++) {
    Edges e;
    graph_edges(cx, g, finding, links[l], &e);
    for (size_t i = 0; i < e.n; i++)
      for (size_t t = 0; t < COUNT(types); t++)
        if (str_eq(str_of(node_type(g, e.p[i].to)->name), str_of(types[t]))) name_tests(cx, g, &b, e.p[i].to);
  }
  return b.n ? buf_str(&b) : S("no test");
}

Err fact_findings_without_disposition(Cx *cx, const FactScope *s, FactRows *out) {
  Nodes found;
  TRY(fact_nodes(cx, s, "-is:closed (type:anomaly | type:finding discovered_by:test,review)", &found));
  out->asked = (int64_t)found.n;
  for (size_t i = 0; i < found.n; i++)
    if (!node_value(s->graph, found.p[i], "disposition"))
      fact_add(cx, out, found.p[i], sources(cx, s->graph, found.p[i]));
  return E_OK;
}

Err fact_report_other_build(Cx *cx, const FactScope *s, FactRows *out) {
  Nodes reports;
  TRY(fact_nodes(cx, s, "type:test_report kind:penetration -state:cancelled,voided", &reports));
  out->asked = (int64_t)reports.n;
  for (size_t i = 0; i < reports.n; i++) {
    bool any = false;
    Node on = fact_link(cx, s->graph, reports.p[i], "on");
    bool old = all_on_old(cx, s, reports.p[i], &any);
    if (any && old) fact_add(cx, out, reports.p[i], node_title(s->graph, on));
    if (!any) fact_add(cx, out, reports.p[i], S("no named release"));
  }
  return E_OK;
}
