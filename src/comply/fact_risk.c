/* Facts of the risk file. */
#include "comply/inside.h"
#include "risk/risk.h"

static int scale(Str word) {
  return word.n == 2 && word.p[1] >= '1' && word.p[1] <= '5' ? word.p[1] - '0' : 0;
}

/* A row cannot be less severe than what causes it, unless somebody says why (ISO 14971 5.5). */
Err fact_severity_below_cause(Cx *cx, const FactScope *s, FactRows *out) {
  Nodes risks;
  TRY(fact_nodes(cx, s, "type:security_risk -state:voided severity:*", &risks));
  out->asked = (int64_t)risks.n;
  for (size_t i = 0; i < risks.n; i++) {
    Node risk = risks.p[i];
    int own = scale(fact_word(s->graph, risk, "severity"));
    Edges causes;
    Buf b = buf_new(cx->arena, 500);
    graph_edges(cx, s->graph, risk, "assesses", &causes);
    for (size_t k = 0; k < causes.n; k++) {
      Str severity = fact_word(s->graph, causes.p[k].to, "severity");
      if (scale(severity) > own)
        buf_fmt(&b, "%s%.*s (%.*s)", b.n ? ", " : "", STR(node_id(s->graph, causes.p[k].to)),
                STR(str_upper(cx->arena, severity)));
    }
    if (b.n && !node_value(s->graph, risk, "severity_reason")) fact_add(cx, out, risk, buf_str(&b));
  }
  return E_OK;
}

/* ---- the matrix ------------------------------------------------------------------------------------- */

/* The matrix of the plan that governs the risk; else the one in force. */
static Node matrix_of(Cx *cx, const FactScope *s, Node risk, const Nodes *matrices) {
  Edges plan, uses;
  graph_edges(cx, s->graph, risk, "governed_by", &plan);
  for (size_t i = 0; i < plan.n; i++) {
    graph_edges(cx, s->graph, plan.p[i].to, "uses", &uses);
    for (size_t k = 0; k < uses.n; k++) if (node_value(s->graph, uses.p[k].to, "cells")) return uses.p[k].to;
  }
  return matrices->n ? matrices->p[0] : NODE_NONE;
}

static Str level_fault(Cx *cx, const Graph *g, Node risk, const RiskMatrix *m, const char *likelihood,
                       const char *severity, const char *level) {
  Str l = fact_word(g, risk, likelihood), s = fact_word(g, risk, severity), have = fact_word(g, risk, level);
  if (!s.n) s = fact_word(g, risk, "severity");
  if (!l.n || !s.n || !have.n) return STR_NONE;
  Str want = risk_matrix_level(m, l, s);
  if (!want.n || str_eq(want, have)) return STR_NONE;
  return str_fmt(cx->arena, "%.*s with %.*s gives %.*s, the row says %.*s", STR(str_upper(cx->arena, l)),
                 STR(str_upper(cx->arena, s)), STR(want), STR(have));
}

Err fact_level_not_of_matrix(Cx *cx, const FactScope *s, FactRows *out) {
  Nodes risks, matrices;
  TRY(fact_nodes(cx, s, "type:security_risk,safety_risk -state:voided level:*", &risks));
  TRY(fact_nodes(cx, s, "type:risk_matrix -is:closed", &matrices));
  out->asked = (int64_t)risks.n;
  if (risks.n && !matrices.n) { out->not_assessed = S("no risk matrix is stored"); return E_OK; }
  for (size_t i = 0; i < risks.n; i++) {
    RiskMatrix m;
    Str wrong;
    Node matrix = matrix_of(cx, s, risks.p[i], &matrices);
    if (!risk_matrix_read(cx->arena, fact_word(s->graph, matrix, "cells"), &m, &wrong)) {
      fact_add(cx, out, risks.p[i],
               str_fmt(cx->arena, "%.*s cannot be read: %.*s", STR(node_id(s->graph, matrix)), STR(wrong)));
      continue;
    }
    Str fault = level_fault(cx, s->graph, risks.p[i], &m, "exploitability", "severity", "level");
    if (!fault.n)
      fault =
          level_fault(cx, s->graph, risks.p[i], &m, "exploitability_after", "severity_after", "level_after");
    if (!fault.n) fault = level_fault(cx, s->graph, risks.p[i], &m, "probability", "severity", "level");
    if (!fault.n)
      fault = level_fault(cx, s->graph, risks.p[i], &m, "probability_after", "severity", "level_after");
    if (fault.n) fact_add(cx, out, risks.p[i], fault);
  }
  return E_OK;
}

/* ---- controls --------------------------------------------------------------------------------------- */

static bool has_control(Cx *cx, const Graph *g, Node risk) {
  Edges causes;
  if (fact_link(cx, g, risk, "controlled_by") != NODE_NONE) return true;
  graph_edges(cx, g, risk, "assesses", &causes);
  for (size_t i = 0; i < causes.n; i++)
    if (fact_link(cx, g, causes.p[i].to, "mitigated_by") != NODE_NONE) return true;
  Node safety = fact_link(cx, g, risk, "transferred_from");
  return safety != NODE_NONE && fact_link(cx, g, safety, "controlled_by") != NODE_NONE;
}

Err fact_drop_without_control(Cx *cx, const FactScope *s, FactRows *out) {
  Nodes risks;
  TRY(fact_nodes(cx, s, "type:security_risk,safety_risk -state:voided level_after:*", &risks));
  out->asked = (int64_t)risks.n;
  for (size_t i = 0; i < risks.n; i++) {
    const Value *before = node_value(s->graph, risks.p[i], "level"),
                *after = node_value(s->graph, risks.p[i], "level_after");
    const Value *eb = node_value(s->graph, risks.p[i], "exploitability"),
                *ea = node_value(s->graph, risks.p[i], "exploitability_after");
    bool drops = (before && after && after->i < before->i) || (eb && ea && ea->i < eb->i);
    if (drops && !has_control(cx, s->graph, risks.p[i])) fact_add(cx, out, risks.p[i], STR_NONE);
  }
  return E_OK;
}
