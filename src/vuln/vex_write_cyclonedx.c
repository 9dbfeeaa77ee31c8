/* vex_write_cyclonedx.c - statements as CycloneDX 1.6: VEX that links to an SBOM, and VDR with its components. */
#include "vuln/vex_write.h"

static Str cyclonedx_state(const VexLine *l) {
  if (vex_is(l->cyclonedx, "false_positive") && vex_is(l->status, "not_affected")) return S("false_positive");
  if (vex_is(l->status, "fixed"))
    return vex_is(l->cyclonedx, "resolved_with_pedigree") ? l->cyclonedx : S("resolved");
  if (vex_is(l->status, "affected")) return S("exploitable");
  return vex_is(l->status, "not_affected") ? S("not_affected") : S("in_triage");
}

static Str cyclonedx_justification(const VexLine *l) {
  static const char *const coarse[][2] = {
    { "component_not_present", "code_not_present" },
    { "vulnerable_code_not_present", "code_not_present" },
    { "vulnerable_code_not_in_execute_path", "code_not_reachable" },
    { "vulnerable_code_cannot_be_controlled_by_adversary", "requires_environment" },
    { "inline_mitigations_already_exist", "protected_by_mitigating_control" },
  };
  if (!vex_is(l->status, "not_affected") || vex_is(l->cyclonedx, "false_positive")) return STR_NONE;
  if (l->cyclonedx.n) return l->cyclonedx;
  for (size_t i = 0; i < COUNT(coarse); i++)
    if (vex_is(l->justification, coarse[i][0])) return str_of(coarse[i][1]);
  return STR_NONE;
}

static void cyclonedx_rating(JsonOut *o, const VexLine *l) {
  static const char *const methods[][2] = { { "CVSS:3.0", "CVSSv3" },
                                            { "CVSS:3.1", "CVSSv31" },
                                            { "CVSS:4.0", "CVSSv4" } };
  const char *method = "CVSSv2";
  if (!l->vector.n) return;
  for (size_t i = 0; i < COUNT(methods); i++)
    if (str_starts(l->vector, str_of(methods[i][0]))) method = methods[i][1];
  json_key(o, "ratings");
  json_array(o);
  json_object(o);
  if (l->cvss_x10 >= 0) {
    json_key(o, "score");
    json_put_x10(o, l->cvss_x10);
  }
  vex_pair(o, "severity", l->severity);
  json_pair(o, "method", str_of(method));
  json_pair(o, "vector", l->vector);
  json_object_end(o);
  json_array_end(o);
}

static void cyclonedx_analysis(JsonOut *o, const VexLine *l) {
  Str rest = l->response;
  json_key(o, "analysis");
  json_object(o);
  json_pair(o, "state", cyclonedx_state(l));
  vex_pair(o, "justification", cyclonedx_justification(l));
  if (rest.n) {
    json_key(o, "response");
    json_array(o);
    vex_words(o, rest, false);
    json_array_end(o);
  }
  vex_pair(o, "detail", l->impact.n ? l->impact : l->action);
  vex_pair(o, "firstIssued", l->first);
  vex_pair(o, "lastUpdated", l->last);
  json_object_end(o);
}

/* A BOM-Link when the inventory is another document, else a reference of this one. */
static Str cyclonedx_ref(Cx *cx, const VexOut *v, const VexLine *l, bool own) {
  Str ref = l->ref.n ? l->ref : vex_part(cx, l), serial = v->sbom_serial;
  if (own || !serial.n) return ref;
  if (str_starts(serial, S("urn:uuid:"))) serial = str_slice(serial, 9, serial.n);
  Buf b = buf_new(cx->arena, 8192);
  buf_fmt(&b, "urn:cdx:%.*s/1#", STR(serial));
  url_text(&b, ref);
  return buf_str(&b);
}

static void cyclonedx_components(Cx *cx, JsonOut *o, const VexOut *v) {
  Map seen = map_new(cx->arena, 64);
  json_key(o, "components");
  json_array(o);
  for (size_t i = 0; i < v->n; i++) {
    Str ref = cyclonedx_ref(cx, v, &v->line[i], true);
    if (map_get(&seen, ref) != MAP_NONE) continue;
    map_put(&seen, ref, 1);
    json_object(o);
    json_pair(o, "type", S("library"));
    json_pair(o, "bom-ref", ref);
    json_pair(o, "name", v->line[i].name.n ? v->line[i].name : ref);
    vex_pair(o, "version", v->line[i].version);
    vex_pair(o, "purl", v->line[i].purl);
    json_object_end(o);
  }
  json_array_end(o);
}

static void cyclonedx_vulnerability(Cx *cx, JsonOut *o, const VexOut *v, size_t from, size_t to, bool own) {
  const VexLine *l = &v->line[from];
  json_object(o);
  json_pair(o, "bom-ref", str_fmt(cx->arena, "%.*s#%zu", STR(l->vuln), from + 1));
  json_pair(o, "id", l->vuln);
  if (l->aliases.n) {
    json_key(o, "references");
    json_array(o);
    vex_words(o, l->aliases, true);
    json_array_end(o);
  }
  cyclonedx_rating(o, l);
  vex_pair(o, "description", l->description);
  vex_pair(o, "recommendation", l->action);
  cyclonedx_analysis(o, l);
  json_key(o, "affects");
  json_array(o);
  for (size_t i = from; i < to; i++) {
    json_object(o);
    json_pair(o, "ref", cyclonedx_ref(cx, v, &v->line[i], own));
    json_object_end(o);
  }
  json_array_end(o);
  json_object_end(o);
}

static void cyclonedx(Cx *cx, JsonOut *o, const VexOut *v, const VexTimes *t, bool own) {
  json_object(o);
  json_pair(o, "bomFormat", S("CycloneDX"));
  json_pair(o, "specVersion", S("1.6"));
  if (str_starts(v->id, S("urn:uuid:"))) json_pair(o, "serialNumber", v->id);
  json_pair_int(o, "version", (int64_t)t->n);
  json_key(o, "metadata");
  json_object(o);
  json_pair(o, "timestamp", t->p[t->n - 1]);
  json_key(o, "component");
  json_object(o);
  json_pair(o, "type", S("device"));
  json_pair(o, "bom-ref", v->product);
  json_pair(o, "name", v->product_name);
  vex_pair(o, "version", v->product_version);
  json_object_end(o);
  json_key(o, "supplier");
  json_object(o);
  json_pair(o, "name", v->author);
  json_object_end(o);
  json_object_end(o);
  if (own) cyclonedx_components(cx, o, v);
  json_key(o, "vulnerabilities");
  json_array(o);
  for (size_t i = 0; i < v->n;) {
    size_t to = vex_run(v, i);
    cyclonedx_vulnerability(cx, o, v, i, to, own);
    i = to;
  }
  json_array_end(o);
  json_object_end(o);
}

void vex_write_cyclonedx(Cx *cx, JsonOut *o, const VexOut *v, const VexTimes *t) {
  cyclonedx(cx, o, v, t, !v->sbom_serial.n);
}

void vex_write_vdr(Cx *cx, JsonOut *o, const VexOut *v, const VexTimes *t) { cyclonedx(cx, o, v, t, true); }
