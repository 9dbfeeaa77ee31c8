/* scan_json.c - proofline.scan/1: what was judged, against which snapshot, with what result. */
#include "vuln/inside.h"

static void put_number_or_null(JsonOut *o, const char *key, int64_t v, int decimals) {
  json_key(o, key);
  if (v == VULN_UNSCORED) json_put_null(o);
  else json_put_scaled(o, v, decimals);
}

static void put_list(JsonOut *o, const char *key, const Str *list, size_t n) {
  json_key(o, key);
  json_array(o);
  for (size_t i = 0; i < n; i++) json_put_str(o, list[i]);
  json_array_end(o);
}

/* Empty text is absent: null. */
static void put_text(JsonOut *o, const char *key, Str s) {
  json_key(o, key);
  if (s.n) json_put_str(o, s);
  else json_put_null(o);
}

static void put_ssvc(JsonOut *o, const VulnOutcome *v) {
  static const char *const points[] = { "exploitation", "automatable", "technical_impact" };
  json_key(o, "ssvc");
  if (!v->ssvc[0] && !v->ssvc[1] && !v->ssvc[2]) { json_put_null(o); return; }
  json_object(o);
  for (size_t i = 0; i < COUNT(points); i++) put_text(o, points[i], str_of(v->ssvc[i]));
  json_object_end(o);
}

static void put_note(JsonOut *o, const ScanNote *n) {
  json_key(o, "decision");
  json_object(o);
  put_text(o, "finding", n->finding);
  put_text(o, "statement", n->decision);
  put_text(o, "status", n->status);
  put_text(o, "justification", n->justification);
  put_text(o, "why", n->why);
  put_text(o, "clinical_risk", n->clinical);
  json_pair_bool(o, "uncontrolled", n->uncontrolled);
  json_pair_bool(o, "new", n->fresh);
  json_object_end(o);
}

static void put_outcome(JsonOut *o, const VulnOutcome *v) {
  char tier[] = { v->tier, 0 };
  json_object(o);
  put_text(o, "id", v->id);
  put_list(o, "aliases", v->aliases, v->naliases);
  json_pair(o, "outcome", str_of(outcome_name(v->outcome)));
  json_pair(o, "tier", str_of(tier));
  json_pair(o, "rule", v->rule);
  json_pair(o, "reason", v->reason);
  put_text(o, "name_rule", v->name_rule);
  put_text(o, "advisory", v->advisory);
  put_text(o, "source", v->source);
  put_list(o, "fixed", v->fixed, v->nfixed);
  put_text(o, "severity", v->severity);
  put_number_or_null(o, "cvss", v->cvss_x10, 1);
  put_text(o, "cvss_vector", v->cvss_vector);
  json_pair_bool(o, "kev", v->kev);
  put_number_or_null(o, "epss", v->epss_x1e9, 9);
  put_ssvc(o, v);
  if (v->note) put_note(o, v->note);
  json_object_end(o);
}

static void put_component(JsonOut *o, const ScanComponent *c) {
  json_object(o);
  put_text(o, "ref", c->target.ref);
  put_text(o, "purl", c->target.purl);
  put_text(o, "cpe", c->target.cpe);
  put_text(o, "name", c->target.name);
  put_text(o, "version", c->target.version);
  json_key(o, "outcomes");
  json_array(o);
  for (size_t i = 0; i < c->noutcomes; i++) put_outcome(o, &c->outcome[i]);
  json_array_end(o);
  json_object_end(o);
}

static void put_snapshot(JsonOut *o, const Snapshot *s) {
  json_key(o, "snapshot");
  json_object(o);
  json_pair(o, "sha256", snapshot_sha256(s));
  json_key(o, "built_from");
  json_object(o);
  for (size_t i = 0; i < snapshot_sources(s); i++) {
    FeedSource f = snapshot_source(s, i);
    json_key_str(o, f.name);
    json_object(o);
    json_pair_int(o, "records", f.records);
    put_text(o, "newest", f.newest);
    json_object_end(o);
  }
  json_object_end(o);
  json_object_end(o);
}

/* Components are counted once, by their worst outcome, so that the counts add up. */
static void put_counts(JsonOut *o, const ScanResult *r) {
  static const char *const keys[OUTCOME_COUNT] = { "affected",       "affected_if",  "uncertain",
                                                   "not_assessable", "not_affected", "not_listed" };
  json_key(o, "counts");
  json_object(o);
  json_pair_int(o, "components", (int64_t)r->ncomponents);
  for (size_t i = 0; i < OUTCOME_COUNT; i++) json_pair_int(o, keys[i], r->count[i]);
  int64_t outcomes[OUTCOME_COUNT] = { 0 };
  for (size_t i = 0; i < r->ncomponents; i++)
    for (size_t k = 0; k < r->component[i].noutcomes; k++) outcomes[r->component[i].outcome[k].outcome]++;
  json_key(o, "outcomes");
  json_object(o);
  for (size_t i = 0; i < OUTCOME_NOT_LISTED; i++) json_pair_int(o, keys[i], outcomes[i]);
  json_object_end(o);
  json_object_end(o);
}

void scan_json(const Snapshot *s, const ScanResult *r, JsonOut *o) {
  json_object(o);
  json_pair(o, "schema", S("proofline.scan/1"));
  put_snapshot(o, s);
  json_key(o, "components");
  json_array(o);
  for (size_t i = 0; i < r->ncomponents; i++) put_component(o, &r->component[i]);
  json_array_end(o);
  put_counts(o, r);
  json_object_end(o);
}
