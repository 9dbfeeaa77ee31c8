/* Facts of threat model, data flow diagram and requirements. */
#include "comply/inside.h"

static const char live[] = "-state:retired,voided";

static Err live_nodes(Cx *cx, const FactScope *s, const char *types, Nodes *out) {
  return fact_nodes(cx, s, str_z(cx->arena, str_fmt(cx->arena, "type:%s %s", types, live)), out);
}

/* Closed loop from threat to residual risk: F26 V.A, ISO 14971 4.5. */
Err fact_chain_open(Cx *cx, const FactScope *s, FactRows *out) {
  Nodes threats;
  TRY(live_nodes(cx, s, "threat", &threats));
  out->asked = (int64_t)threats.n;
  for (size_t i = 0; i < threats.n; i++) {
    Chain c;
    TRY(trace_chain(cx, s->graph, threats.p[i], s->release, &c));
    if (c.state == CHAIN_COMPLETE) continue;
    vec_add(cx->arena, &out->row,
            (FactRow){ .node = threats.p[i], .what = c.gap, .partly = c.state == CHAIN_SUSPECT });
  }
  return E_OK;
}

/* ---- flows over trust boundaries -------------------------------------------------------------------- */

static bool crosses(Cx *cx, const Graph *g, Node flow) {
  if (fact_link(cx, g, flow, "crosses") != NODE_NONE) return true;
  Node from = fact_link(cx, g, flow, "flows_from"), to = fact_link(cx, g, flow, "flows_to");
  if (from == NODE_NONE || to == NODE_NONE) return false;
  Edges a, b;
  graph_edges(cx, g, from, "located_in", &a);
  graph_edges(cx, g, to, "located_in", &b);
  return a.n && b.n && a.p[0].to != b.p[0].to;
}

static Err crossing_flows(Cx *cx, const FactScope *s, Nodes *out) {
  Nodes flows, found = { 0 };
  TRY(live_nodes(cx, s, "flow", &flows));
  for (size_t i = 0; i < flows.n; i++)
    if (crosses(cx, s->graph, flows.p[i])) vec_add(cx->arena, &found, flows.p[i]);
  *out = found;
  return E_OK;
}

Err fact_crossing_incomplete(Cx *cx, const FactScope *s, FactRows *out) {
  Nodes flows;
  TRY(crossing_flows(cx, s, &flows));
  out->asked = (int64_t)flows.n;
  for (size_t i = 0; i < flows.n; i++) {
    Str value = str_trim(fact_word(s->graph, flows.p[i], "authentication"));
    if (!value.n || str_eq(value, S("-"))) fact_add(cx, out, flows.p[i], S("authentication"));
  }
  return E_OK;
}

static bool answered(Cx *cx, const Graph *g, Node flow, Str letter) {
  const Value *none = node_value(g, flow, "stride_none");
  for (size_t i = 0; none && i < none->list.n; i++) if (str_eq(none->list.p[i], letter)) return true;
  Edges threats;
  graph_edges(cx, g, flow, "targeted_by", &threats);
  for (size_t i = 0; i < threats.n; i++)
    if (str_eq(fact_word(g, threats.p[i].to, "stride"), letter)) return true;
  return false;
}

/* A flow can be tampered with, listened to and cut off (MDCG 2019-16 3.4). */
Err fact_stride_open(Cx *cx, const FactScope *s, FactRows *out) {
  static const char *const letters[] = { "tampering", "information_disclosure", "denial_of_service" };
  Nodes flows;
  TRY(crossing_flows(cx, s, &flows));
  out->asked = (int64_t)flows.n;
  for (size_t i = 0; i < flows.n; i++) {
    Buf b = buf_new(cx->arena, 200);
    for (size_t k = 0; k < COUNT(letters); k++)
      if (!answered(cx, s->graph, flows.p[i], str_of(letters[k])))
        buf_fmt(&b, "%s%.*s", b.n ? ", " : "", STR(choice_words(cx->arena, str_of(letters[k]))));
    if (b.n) fact_add(cx, out, flows.p[i], buf_str(&b));
  }
  return E_OK;
}

/* ---- what is missing as a whole --------------------------------------------------------------------- */

/* Each of `words` needs one record that `query` (with the word for %s) finds. */
static Err each_exists(Cx *cx, const FactScope *s, const char *const *words, size_t n, const char *before,
                       const char *after, FactRows *out) {
  Buf missing = buf_new(cx->arena, 2000);
  for (size_t i = 0; i < n; i++) {
    Nodes found;
    TRY(fact_nodes(cx, s, str_z(cx->arena, str_fmt(cx->arena, "%s%s%s", before, words[i], after)), &found));
    if (!found.n)
      buf_fmt(&missing, "%s%.*s", missing.n ? ", " : "", STR(choice_words(cx->arena, str_of(words[i]))));
  }
  fact_missing(cx, s, out, &missing);
  return E_OK;
}

Err fact_views_missing(Cx *cx, const FactScope *s, FactRows *out) {
  static const char *const kinds[] = { "global_system", "multi_patient_harm", "updatability",
                                       "security_use_case" };
  return each_exists(cx, s, kinds, COUNT(kinds),
                     "type:diagram -state:retired,voided kind:", " (is:accepted | omission_reason:*)", out);
}

Err fact_sources_missing(Cx *cx, const FactScope *s, FactRows *out) {
  static const char *const sources[] = { "supply_chain",   "manufacturing",      "deployment",
                                         "interoperation", "maintenance_update", "decommission" };
  return each_exists(cx, s, sources, COUNT(sources),
                     "type:threat,threat_model -state:retired,voided lifecycle:", "", out);
}

Err fact_categories_missing(Cx *cx, const FactScope *s, FactRows *out) {
  static const char *const categories[] = { "authentication",  "authorization", "cryptography", "integrity",
                                            "confidentiality", "logging",       "resiliency",   "updates" };
  return each_exists(cx, s, categories, COUNT(categories),
                     "type:requirement,control is:accepted categories:", "", out);
}

Err fact_test_kinds_missing(Cx *cx, const FactScope *s, FactRows *out) {
  static const char *const kinds[] = { "threat_mitigation",
                                       "abuse",
                                       "robustness",
                                       "fuzz",
                                       "attack_surface",
                                       "chaining",
                                       "known_vulnerability_scan",
                                       "binary_composition",
                                       "static_analysis",
                                       "dynamic_analysis",
                                       "credential",
                                       "penetration" };
  return each_exists(cx, s, kinds, COUNT(kinds),
                     "type:test_case kind:", " executed_by(is:accepted on:@release)", out);
}

/* A model is out of date when an approved part of the design changed after it (F26 V.A.6). */
Err fact_model_older(Cx *cx, const FactScope *s, FactRows *out) {
  Nodes models, parts;
  TRY(live_nodes(cx, s, "threat_model", &models));
  TRY(fact_nodes(cx, s, "type:element,flow,interface,zone is:accepted", &parts));
  out->asked = (int64_t)models.n;
  for (size_t i = 0; i < models.n; i++) {
    int64_t reviewed_us = node_changed_us(s->graph, models.p[i]);
    for (size_t k = 0; k < parts.n; k++) {
      if (node_changed_us(s->graph, parts.p[k]) <= reviewed_us + US_PER_DAY) continue;
      fact_add(cx, out, models.p[i], node_id(s->graph, parts.p[k]));
      break;
    }
  }
  return E_OK;
}

/* ---- wording ---------------------------------------------------------------------------------------- */

static bool has_word(Str text, Str word) {
  for (size_t from = 0, at; (at = str_find_nocase(str_slice(text, from, text.n), word)) != SIZE_MAX;
       from += at + word.n) {
    size_t begin = from + at, end = begin + word.n;
    bool before = begin > 0 && ((text.p[begin - 1] | 32) >= 'a' && (text.p[begin - 1] | 32) <= 'z');
    bool after = end < text.n && ((text.p[end] | 32) >= 'a' && (text.p[end] | 32) <= 'z');
    if (!before && !after) return true;
  }
  return false;
}

/* Words that no test can decide (IEC 62304 5.2.6). */
Err fact_weak_words(Cx *cx, const FactScope *s, FactRows *out) {
  static const char *const weak[] = { "tbd",
                                      "tbc",
                                      "adequate",
                                      "adequately",
                                      "appropriate",
                                      "sufficient",
                                      "as far as possible",
                                      "user-friendly",
                                      "robust",
                                      "state of the art",
                                      "and/or",
                                      "etc",
                                      "if possible",
                                      "should",
                                      "fast",
                                      "easy",
                                      "secure enough",
                                      "best effort",
                                      "normally",
                                      "reasonable" };
  Nodes reqs;
  TRY(fact_nodes(cx, s, "type:requirement kind:security -state:retired,voided", &reqs));
  out->asked = (int64_t)reqs.n;
  for (size_t i = 0; i < reqs.n; i++) {
    Str text = fact_word(s->graph, reqs.p[i], "statement");
    Str bad = has_word(text, S("shall")) ? STR_NONE : S("it does not say \"shall\"");
    for (size_t k = 0; k < COUNT(weak) && !bad.n; k++)
      if (has_word(text, str_of(weak[k]))) bad = str_fmt(cx->arena, "\"%s\" cannot be tested", weak[k]);
    if (bad.n) fact_add(cx, out, reqs.p[i], bad);
  }
  return E_OK;
}
