/* The table of facts, and what the facts share. */
#include "comply/inside.h"

const RuleFact rule_facts[] = {
  { "categories_missing", fact_categories_missing,
    "control categories without an accepted requirement or control" },
  { "chain_open", fact_chain_open,
    "threats whose chain to a passing test and a residual risk is not closed" },
  { "components_element", fact_components_element,
    "components that no element of the data flow diagram holds" },
  { "components_identity", fact_components_identity, "components without supplier, version or unique id" },
  { "components_support", fact_components_support, "components without level or end of support" },
  { "crossing_incomplete", fact_crossing_incomplete,
    "flows across a trust boundary without authentication value" },
  { "cve_undecided", fact_cve_undecided, "known vulnerabilities without decision" },
  { "drop_without_control", fact_drop_without_control,
    "risks whose residual level is lower though nothing controls them" },
  { "duties_empty", fact_duties_empty, "duties that nobody holds" },
  { "duties_without_deputy", fact_duties_without_deputy, "incident duties without a deputy" },
  { "failing_run", fact_failing_run, "tests whose last run did not pass" },
  { "findings_without_disposition", fact_findings_without_disposition,
    "findings of tests without disposition" },
  { "kev_undecided", fact_kev_undecided, "vulnerabilities known to be exploited without decision" },
  { "level_not_of_matrix", fact_level_not_of_matrix,
    "risks whose level is not the one that the matrix gives" },
  { "model_older", fact_model_older, "threat models older than the design that they are about" },
  { "over_limit", fact_run_over_limit, "tests and drills beyond their limit" },
  { "release_without_sbom", fact_release_without_sbom, "releases without an SBOM" },
  { "report_other_build", fact_report_other_build, "penetration tests of an older build only" },
  { "severity_below_cause", fact_severity_below_cause,
    "risks less severe than one of their causes, without reason" },
  { "signer_untrained", fact_signer_untrained, "people who judged or accepted while a training was overdue" },
  { "sources_missing", fact_sources_missing, "lifecycle sources that no threat considers" },
  { "stale_run", fact_stale_run, "tests that ran on an older release only" },
  { "stride_open", fact_stride_open, "boundary flows with an unanswered STRIDE category" },
  { "support_before_device", fact_support_before_device, "suppliers whose support ends before the device's" },
  { "test_kinds_missing", fact_test_kinds_missing, "kinds of security test without a completed run" },
  { "views_missing", fact_views_missing, "architecture views that are neither there nor explained" },
  { "weak_words", fact_weak_words, "security requirements that cannot be tested as worded" },
};
const size_t nrule_facts = COUNT(rule_facts);

const RuleFact *fact_find(Str name) {
  for (size_t i = 0; i < nrule_facts; i++)
    if (str_eq(name, str_of(rule_facts[i].name))) return &rule_facts[i];
  return NULL;
}

Err fact_nodes(Cx *cx, const FactScope *s, const char *query, Nodes *out) {
  QueryScope scope = { .now_us = s->now_us, .product = s->scope.product, .release = s->scope.release };
  Query *q;
  Nodes all, in = { 0 };
  TRY(query_compile(cx, str_of(query), &scope, &q));
  TRY(query_run(cx, s->graph, q, &all));
  for (size_t i = 0; i < all.n; i++) if (fact_in_scope(s, all.p[i])) vec_add(cx->arena, &in, all.p[i]);
  *out = in;
  return E_OK;
}

void fact_add(Cx *cx, FactRows *out, Node n, Str what) {
  for (size_t i = 0; i < out->row.n; i++) if (out->row.p[i].node == n && n != NODE_NONE) return;
  vec_add(cx->arena, &out->row, (FactRow){ .node = n, .what = what });
}

void fact_missing(Cx *cx, const FactScope *s, FactRows *out, const Buf *missing) {
  out->asked = 1;
  if (!missing->n) return;
  vec_add(
      cx->arena, &out->row,
      (FactRow){
          .node = s->product, .object = S("company"), .title = S("the company"), .what = buf_str(missing) });
}

Str fact_word(const Graph *g, Node n, const char *field) {
  const Value *v = node_value(g, n, field);
  return v && v->s.p ? v->s : S("");
}

Node fact_link(Cx *cx, const Graph *g, Node n, const char *link) {
  Edges e;
  graph_edges(cx, g, n, link, &e);
  return e.n ? e.p[0].to : NODE_NONE;
}

/* ---- releases --------------------------------------------------------------------------------------- */

static bool share_product(const Graph *g, Node a, Node b, const Nodes *products) {
  for (size_t i = 0; i < products->n; i++)
    if (node_in_product(g, a, products->p[i]) && node_in_product(g, b, products->p[i])) return true;
  return false;
}

/* "2.0.3" before "2.1.0-rc2": numbers as numbers. */
static bool version_less(Str a, Str b) {
  while (a.n && b.n) {
    Str x, y;
    int64_t nx, ny;
    str_cut(a, '.', &x, &a);
    str_cut(b, '.', &y, &b);
    Str rest_x = STR_NONE, rest_y = STR_NONE;
    str_cut(x, '-', &x, &rest_x);
    str_cut(y, '-', &y, &rest_y);
    if (!str_int(x, &nx) || !str_int(y, &ny)) return false;
    if (nx != ny) return nx < ny;
  }
  return b.n > 0;
}

static Err list_releases(Cx *cx, const FactScope *s) {
  if (s->memo->listed) return E_OK;
  s->memo->listed = true;
  s->memo->old = NEW_ARRAY(cx->arena, graph_count(s->graph) + 1, uint8_t);
  TRY(fact_nodes(cx, s, "type:release -state:rejected,withdrawn,voided", &s->memo->releases));
  return fact_nodes(cx, s, "type:product", &s->memo->products);
}

static bool has_newer(Cx *cx, const FactScope *s, Node release) {
  const Nodes *all = &s->memo->releases;
  Str state = node_state(s->graph, release);
  if (fact_link(cx, s->graph, release, "superseded_by") != NODE_NONE) return true;
  if (str_eq(state, S("superseded")) || str_eq(state, S("end_of_support")) || str_eq(state, S("withdrawn")))
    return true;
  Str item = fact_word(s->graph, release, "item"), version = fact_word(s->graph, release, "version");
  for (size_t i = 0; i < all->n; i++)
    if (all->p[i] != release && str_eq(fact_word(s->graph, all->p[i], "item"), item) &&
        version_less(version, fact_word(s->graph, all->p[i], "version")) &&
        share_product(s->graph, release, all->p[i], &s->memo->products)) return true;
  return false;
}

bool fact_release_is_old(Cx *cx, const FactScope *s, Node release) {
  enum { UNKNOWN, CURRENT, OLD };
  if (list_releases(cx, s) != E_OK) return false;
  uint8_t *known = &s->memo->old[release];
  if (*known == UNKNOWN) *known = has_newer(cx, s, release) ? OLD : CURRENT;
  return *known == OLD;
}
