/* Which earlier decision covers a component. */
#include "app/triage.h"

/* ---- loading ------------------------------------------------------------------------------------------- */

static Str text_of(const Graph *g, Node n, const char *field) {
  const Value *v = node_value(g, n, field);
  return v ? v->s : STR_NONE;
}

static Decision decision_of(const Graph *g, Node n) {
  const Value *until = node_value(g, n, "valid_until");
  Str impact = text_of(g, n, "impact"), action = text_of(g, n, "action");
  return (Decision){ .node = n,
                     .id = node_id(g, n),
                     .vuln = text_of(g, n, "vulnerability"),
                     .package = text_of(g, n, "package"),
                     .package_versions = text_of(g, n, "package_versions"),
                     .status = text_of(g, n, "status"),
                     .justification = text_of(g, n, "justification"),
                     .why = impact.n ? impact : action,
                     .by = node_owner(g, n),
                     .source = text_of(g, n, "source"),
                     .decided_us = node_changed_us(g, n),
                     .valid_until = until ? (int32_t)until->i : 0,
                     .in_force = (node_state_flags(g, n) & ST_ACCEPTED) != 0 };
}

Err decisions_load(Cx *cx, const Graph *g, Decisions *out) {
  Query *q;
  Nodes nodes = { 0 };
  Decisions list = { 0 };
  TRY(query_compile(cx, S("type:vex_statement -state:voided"), &(QueryScope){ .now_us = cx->now_us }, &q));
  TRY(query_run(cx, g, q, &nodes));
  for (size_t i = 0; i < nodes.n; i++) vec_add(cx->arena, &list, decision_of(g, nodes.p[i]));
  *out = list;
  return E_OK;
}

/* ---- where it holds ------------------------------------------------------------------------------------ */

static bool id_among(const DecisionCase *c, Str vuln) {
  for (size_t i = 0; i < c->nid; i++)
    if (str_eq_nocase(c->id[i], vuln)) return true;
  return false;
}

/* Named and not among them: it does not hold.  None named: it holds for all. */
static bool link_allows(Cx *cx, const Graph *g, Node n, const char *link, Node here, bool *named) {
  Edges edges = { 0 };
  graph_edges(cx, g, n, link, &edges);
  *named = false;
  for (size_t i = 0; i < edges.n; i++) {
    if (edges.p[i].inverse) continue;
    *named = true;
    if (edges.p[i].to == here) return true;
  }
  return !*named;
}

static bool versions_allow(Cx *cx, Str range, Str version, Str *why) {
  Cx probe = { .arena = cx->arena };
  bool holds = false;
  if (!range.n) return true;
  if (vers_holds(&probe, range, version, &holds) != E_OK)
    *why = str_fmt(cx->arena, "whether %.*s is in %.*s cannot be told", STR(version), STR(range));
  else if (!holds) *why = str_fmt(cx->arena, "it was decided for %.*s, this is %.*s", STR(range), STR(version));
  return holds;
}

static bool release_allows(Cx *cx, const Graph *g, const Decision *d, const DecisionCase *c, Str *why) {
  bool named, on_named;
  const Value *wide = node_value(g, d->node, "scope");
  if (!node_is_company_wide(g, d->node) && !node_in_product(g, d->node, c->product)) {
    *why = S("it was decided for another product");
    return false;
  }
  if (!link_allows(cx, g, d->node, "on", c->element, &on_named)) {
    *why = S("it was decided for another element of the architecture");
    return false;
  }
  if (wide && !str_eq(wide->s, S("this_release"))) return true;
  if (link_allows(cx, g, d->node, "in", c->release, &named)) return true;
  *why = S("it was decided for another release");
  return false;
}

DecisionFit decision_fit(Cx *cx, const Graph *g, const Decision *d, const DecisionCase *c, Str *why) {
  *why = STR_NONE;
  if (!id_among(c, d->vuln) || !package_same_identity(cx, d->package, c->purl, c->name)) return FIT_NO;
  if (!package_matches(cx, d->package, c->purl, c->name, c->version)) {
    *why = str_fmt(cx->arena, "it was decided for %.*s, this is %.*s", STR(d->package), STR(c->version));
    return FIT_NEAR;
  }
  if (!versions_allow(cx, d->package_versions, c->version, why)) return FIT_NEAR;
  return release_allows(cx, g, d, c, why) ? FIT_YES : FIT_NEAR;
}
