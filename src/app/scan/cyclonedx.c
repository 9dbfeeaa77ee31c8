/* cyclonedx.c - a scan as CycloneDX 1.6. */
#include "app/scan/inside.h"

static void property(JsonOut *o, const char *name, Str value) {
  json_object(o);
  json_pair(o, "name", str_of(name));
  json_pair(o, "value", value);
  json_object_end(o);
}

static Str state_of(const ScanNote *n) {
  static const char *const states[][2] = { { "affected", "exploitable" },
                                           { "not_affected", "not_affected" },
                                           { "fixed", "resolved" } };
  for (size_t i = 0; n && i < COUNT(states); i++)
    if (str_eq(n->status, str_of(states[i][0]))) return str_of(states[i][1]);
  return S("in_triage");
}

static Str ref_of(Cx *cx, const ScanComponent *c, size_t i) {
  return c->target.ref.n ? c->target.ref : str_fmt(cx->arena, "component-%zu", i + 1);
}

static void cyclonedx_component(Cx *cx, JsonOut *o, const ScanComponent *c, size_t i) {
  json_object(o);
  json_pair(o, "type", S("library"));
  json_pair(o, "bom-ref", ref_of(cx, c, i));
  json_pair(o, "name", c->target.name.n ? c->target.name : S("unnamed"));
  if (c->target.version.n) json_pair(o, "version", c->target.version);
  if (c->target.purl.n) json_pair(o, "purl", c->target.purl);
  json_key(o, "properties");
  json_array(o);
  property(o, "proofline:outcome", str_of(outcome_name(c->worst)));
  json_array_end(o);
  json_object_end(o);
}

static void cyclonedx_vulnerability(Cx *cx, JsonOut *o, const ScanOut *s, const ScanRow *r) {
  const VulnOutcome *v = r->v;
  size_t at = (size_t)(r->c - s->result->component);
  json_object(o);
  json_pair(o, "bom-ref", r->fingerprint);
  json_pair(o, "id", v->id);
  if (v->source.n) {
    json_key(o, "source");
    json_object(o);
    json_pair(o, "name", v->source);
    json_object_end(o);
  }
  if (v->cvss_x10 >= 0) {
    json_key(o, "ratings");
    json_array(o);
    json_object(o);
    json_key(o, "score");
    json_put_x10(o, v->cvss_x10);
    if (v->severity.n) json_pair(o, "severity", scan_severity(cx, v));
    if (v->cvss_vector.n) json_pair(o, "vector", v->cvss_vector);
    json_object_end(o);
    json_array_end(o);
  }
  json_pair(o, "detail", scan_message(cx, r));
  json_key(o, "analysis");
  json_object(o);
  json_pair(o, "state", state_of(v->note));
  if (v->note && v->note->why.n) json_pair(o, "detail", v->note->why);
  json_object_end(o);
  json_key(o, "affects");
  json_array(o);
  json_object(o);
  json_pair(o, "ref", ref_of(cx, r->c, at));
  json_object_end(o);
  json_array_end(o);
  json_object_end(o);
}

void scan_cyclonedx(Cx *cx, const ScanOut *s, Buf *out) {
  JsonOut all = json_out(out, true), *o = &all;
  ScanRows rows = scan_rows(cx, s->result);
  json_object(o);
  json_pair(o, "bomFormat", S("CycloneDX"));
  json_pair(o, "specVersion", S("1.6"));
  json_pair_int(o, "version", 1);
  json_key(o, "metadata");
  json_object(o);
  json_key(o, "properties");
  json_array(o);
  for (unsigned i = 0; i < OUTCOME_COUNT; i++)
    property(o, str_fmt(cx->arena, "proofline:count:%s", outcome_name((Outcome)i)).p,
             str_fmt(cx->arena, "%lld", (long long)s->result->count[i]));
  property(o, "proofline:snapshot", snapshot_sha256(s->snap));
  property(o, "proofline:snapshot:newest", snapshot_newest(s->snap));
  property(o, "proofline:snapshot:sources", scan_sources(cx, s->snap));
  json_array_end(o);
  json_object_end(o);
  json_key(o, "components");
  json_array(o);
  for (size_t i = 0; i < s->result->ncomponents; i++) cyclonedx_component(cx, o, &s->result->component[i], i);
  json_array_end(o);
  json_key(o, "vulnerabilities");
  json_array(o);
  for (size_t i = 0; i < rows.n; i++)
    if (rows.p[i].v->id.n) cyclonedx_vulnerability(cx, o, s, &rows.p[i]);
  json_array_end(o);
  json_object_end(o);
  buf_byte(out, '\n');
}
