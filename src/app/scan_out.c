/* A scan as SARIF 2.1.0, CycloneDX 1.6, JUnit, GitLab dependency scanning and OpenVEX.  Stable order: components as
 * the SBOM lists them, outcomes as the scan ranks them. */
#include "app/scan_out.h"

bool scan_format_find(Str name, ScanFormat *out) {
  static const char *const names[SCAN_FORMATS] = { "sarif", "cyclonedx", "junit", "gitlab", "openvex" };
  for (unsigned i = 0; i < SCAN_FORMATS; i++)
    if (str_eq(name, str_of(names[i]))) {
      *out = (ScanFormat)i;
      return true;
    }
  return false;
}

/* ---- what the formats share ---------------------------------------------------------------------------- */

typedef struct Row {
  const ScanComponent *c;
  const VulnOutcome *v;
} Row;
typedef VEC(Row) RowList;

/* Everything that somebody has to look at: affected, perhaps affected, and what could not be assessed. */
static RowList rows_of(Cx *cx, const ScanResult *r) {
  RowList list = { 0 };
  for (size_t i = 0; i < r->ncomponents; i++)
    for (size_t k = 0; k < r->component[i].noutcomes; k++)
      if (r->component[i].outcome[k].outcome <= OUTCOME_NOT_ASSESSABLE)
        vec_add(cx->arena, &list, ((Row){ &r->component[i], &r->component[i].outcome[k] }));
  return list;
}

static Str rule_id(const Row *r) { return r->v->id.n ? r->v->id : S("not-assessable"); }

static Str part_id(Cx *cx, const Row *r) {
  const VulnTarget *t = &r->c->target;
  if (t->purl.n) return t->purl;
  return t->version.n ? str_fmt(cx->arena, "%.*s@%.*s", STR(t->name), STR(t->version)) : t->name;
}

static Str fingerprint(Cx *cx, const Row *r) {
  Str text = str_fmt(cx->arena, "%.*s|%.*s|%.*s", STR(rule_id(r)), STR(part_id(cx, r)), STR(r->v->rule));
  return str_slice(hash_hex(cx->arena, sha256(text)), 0, 32);
}

/* The line of the SBOM on which the component is named; 1 when it cannot be told. */
static int64_t line_of(Str bytes, const ScanComponent *c) {
  Str needle = c->target.ref.n ? c->target.ref : c->target.name;
  size_t at = needle.n ? str_find(bytes, needle) : SIZE_MAX;
  int64_t line = 1;
  for (size_t i = 0; at != SIZE_MAX && i < at; i++) line += bytes.p[i] == '\n';
  return line;
}

static Str word_of(Cx *cx, const VulnOutcome *v) {
  return v->severity.n ? str_lower(cx->arena, v->severity) : STR_NONE;
}

static Str message(Cx *cx, const Row *r) {
  Str what =
      str_fmt(cx->arena, "%.*s: %s. %.*s", STR(part_id(cx, r)), outcome_name(r->v->outcome), STR(r->v->reason));
  return r->v->nfixed ? str_fmt(cx->arena, "%.*s. Fixed in %.*s", STR(what), STR(r->v->fixed[0])) : what;
}

static void counts(JsonOut *o, const ScanResult *r) {
  json_pair_int(o, "components", (int64_t)r->ncomponents);
  for (unsigned i = 0; i < OUTCOME_COUNT; i++) json_pair_int(o, outcome_name((Outcome)i), r->count[i]);
}

/* ---- SARIF --------------------------------------------------------------------------------------------- */

static Str help_url(Cx *cx, Str id) {
  if (str_starts(id, S("CVE-"))) return str_fmt(cx->arena, "https://www.cve.org/CVERecord?id=%.*s", STR(id));
  return str_starts(id, S("GHSA-")) ? str_fmt(cx->arena, "https://github.com/advisories/%.*s", STR(id)) : STR_NONE;
}

static void sarif_rules(Cx *cx, JsonOut *o, const RowList *rows, Map *at) {
  json_key(o, "rules");
  json_array(o);
  for (size_t i = 0, n = 0; i < rows->n; i++) {
    Str id = rule_id(&rows->p[i]), url = help_url(cx, id);
    const VulnOutcome *v = rows->p[i].v;
    if (map_get(at, id) != MAP_NONE) continue;
    map_put(at, id, n++);
    json_object(o);
    json_pair(o, "id", id);
    json_key(o, "shortDescription");
    json_object(o);
    json_pair(o, "text",
              v->id.n ? str_fmt(cx->arena, "%.*s in %.*s", STR(id), STR(rows->p[i].c->target.name))
                      : S("A component that could not be assessed"));
    json_object_end(o);
    if (url.n) json_pair(o, "helpUri", url);
    json_key(o, "properties");
    json_object(o);
    if (v->cvss_x10 >= 0)
      json_pair(o, "security-severity", str_fmt(cx->arena, "%d.%d", v->cvss_x10 / 10, v->cvss_x10 % 10));
    json_key(o, "tags");
    json_array(o);
    json_put_str(o, S("security"));
    if (v->kev) json_put_str(o, S("known-exploited"));
    json_array_end(o);
    json_object_end(o);
    json_object_end(o);
  }
  json_array_end(o);
}

static void sarif_result(Cx *cx, JsonOut *o, const ScanOut *s, const Row *r, const Map *at) {
  static const char *const levels[] = { "error", "warning", "warning", "note" };
  json_object(o);
  json_pair(o, "ruleId", rule_id(r));
  json_pair_int(o, "ruleIndex", (int64_t)map_get(at, rule_id(r)));
  json_pair(o, "level", str_of(levels[r->v->outcome]));
  json_key(o, "message");
  json_object(o);
  json_pair(o, "text", message(cx, r));
  json_object_end(o);
  json_key(o, "locations");
  json_array(o);
  json_object(o);
  json_key(o, "physicalLocation");
  json_object(o);
  json_key(o, "artifactLocation");
  json_object(o);
  Buf uri = buf_new(cx->arena, 4096);
  Str leaf =
      str_slice(s->file, str_rfind_char(s->file, '/') == SIZE_MAX ? 0 : str_rfind_char(s->file, '/') + 1, s->file.n);
  url_text(&uri, leaf);
  json_pair(o, "uri", buf_str(&uri));
  json_object_end(o);
  json_key(o, "region");
  json_object(o);
  json_pair_int(o, "startLine", line_of(s->bytes, r->c));
  json_object_end(o);
  json_object_end(o);
  json_object_end(o);
  json_array_end(o);
  json_key(o, "partialFingerprints");
  json_object(o);
  json_pair(o, "prooflineOutcome/v1", fingerprint(cx, r));
  json_object_end(o);
  json_key(o, "properties");
  json_object(o);
  json_pair(o, "outcome", str_of(outcome_name(r->v->outcome)));
  json_pair(o, "rule", r->v->rule);
  json_pair(o, "tier", (Str){ &r->v->tier, 1 });
  json_object_end(o);
  json_object_end(o);
}

static void sarif(Cx *cx, JsonOut *o, const ScanOut *s, const RowList *rows) {
  Map at = map_new(cx->arena, 64);
  json_object(o);
  json_pair(o, "$schema", S("https://json.schemastore.org/sarif-2.1.0.json"));
  json_pair(o, "version", S("2.1.0"));
  json_key(o, "runs");
  json_array(o);
  json_object(o);
  json_key(o, "tool");
  json_object(o);
  json_key(o, "driver");
  json_object(o);
  json_pair(o, "name", S("Proofline"));
  json_pair(o, "version", S(APP_VERSION));
  sarif_rules(cx, o, rows, &at);
  json_object_end(o);
  json_object_end(o);
  json_key(o, "results");
  json_array(o);
  for (size_t i = 0; i < rows->n; i++) sarif_result(cx, o, s, &rows->p[i], &at);
  json_array_end(o);
  json_key(o, "properties");
  json_object(o);
  json_pair(o, "snapshot", s->snapshot);
  counts(o, s->result);
  json_object_end(o);
  json_object_end(o);
  json_array_end(o);
  json_object_end(o);
}

/* ---- CycloneDX ----------------------------------------------------------------------------------------- */

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
  json_object(o);
  json_pair(o, "name", S("proofline:outcome"));
  json_pair(o, "value", str_of(outcome_name(c->worst)));
  json_object_end(o);
  json_array_end(o);
  json_object_end(o);
}

static void cyclonedx_vulnerability(Cx *cx, JsonOut *o, const ScanOut *s, const Row *r) {
  const VulnOutcome *v = r->v;
  size_t at = (size_t)(r->c - s->result->component);
  json_object(o);
  json_pair(o, "bom-ref", fingerprint(cx, r));
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
    if (v->severity.n) json_pair(o, "severity", word_of(cx, v));
    if (v->cvss_vector.n) json_pair(o, "vector", v->cvss_vector);
    json_object_end(o);
    json_array_end(o);
  }
  json_pair(o, "detail", message(cx, r));
  json_key(o, "analysis");
  json_object(o);
  json_pair(o, "state", S("in_triage"));
  json_object_end(o);
  json_key(o, "affects");
  json_array(o);
  json_object(o);
  json_pair(o, "ref", ref_of(cx, r->c, at));
  json_object_end(o);
  json_array_end(o);
  json_object_end(o);
}

static void cyclonedx(Cx *cx, JsonOut *o, const ScanOut *s, const RowList *rows) {
  json_object(o);
  json_pair(o, "bomFormat", S("CycloneDX"));
  json_pair(o, "specVersion", S("1.6"));
  json_pair_int(o, "version", 1);
  json_key(o, "metadata");
  json_object(o);
  json_key(o, "properties");
  json_array(o);
  for (unsigned i = 0; i < OUTCOME_COUNT; i++) {
    json_object(o);
    json_pair(o, "name", str_fmt(cx->arena, "proofline:count:%s", outcome_name((Outcome)i)));
    json_pair(o, "value", str_fmt(cx->arena, "%lld", (long long)s->result->count[i]));
    json_object_end(o);
  }
  json_object(o);
  json_pair(o, "name", S("proofline:snapshot"));
  json_pair(o, "value", s->snapshot);
  json_object_end(o);
  json_array_end(o);
  json_object_end(o);
  json_key(o, "components");
  json_array(o);
  for (size_t i = 0; i < s->result->ncomponents; i++) cyclonedx_component(cx, o, &s->result->component[i], i);
  json_array_end(o);
  json_key(o, "vulnerabilities");
  json_array(o);
  for (size_t i = 0; i < rows->n; i++)
    if (rows->p[i].v->id.n) cyclonedx_vulnerability(cx, o, s, &rows->p[i]);
  json_array_end(o);
  json_object_end(o);
}

/* ---- JUnit --------------------------------------------------------------------------------------------- */

/* Characters that XML 1.0 does not have become '?'. */
static void xml_text(Cx *cx, Buf *b, Str s) {
  Buf clean = buf_new(cx->arena, 1 << 20);
  for (size_t i = 0; i < s.n; i++) {
    unsigned char c = (unsigned char)s.p[i];
    buf_byte(&clean, c < 0x20 && c != '\t' && c != '\n' ? '?' : s.p[i]);
  }
  html_text(b, buf_str(&clean));
}

static void junit_case(Cx *cx, Buf *b, const ScanComponent *c, const VulnOutcome *v) {
  Row r = { c, v };
  buf_z(b, "    <testcase classname=\"");
  xml_text(cx, b, part_id(cx, &r));
  buf_z(b, "\" name=\"");
  xml_text(cx, b, v ? rule_id(&r) : S("nothing known"));
  if (!v || v->outcome > OUTCOME_NOT_ASSESSABLE) {
    buf_z(b, "\"/>\n");
    return;
  }
  buf_z(b, "\">\n");
  bool skipped = v->outcome == OUTCOME_NOT_ASSESSABLE;
  buf_fmt(b, "      <%s ", skipped ? "error type=\"not-assessable\"" : "failure");
  if (!skipped) buf_fmt(b, "type=\"%s\" ", outcome_name(v->outcome));
  buf_z(b, "message=\"");
  xml_text(cx, b, message(cx, &r));
  buf_z(b, "\"/>\n    </testcase>\n");
}

static void junit(Cx *cx, const ScanOut *s, Buf *b) {
  size_t tests = 0, failures = 0, errors = 0;
  for (size_t i = 0; i < s->result->ncomponents; i++) {
    const ScanComponent *c = &s->result->component[i];
    tests += c->noutcomes ? c->noutcomes : 1;
    for (size_t k = 0; k < c->noutcomes; k++) {
      errors += c->outcome[k].outcome == OUTCOME_NOT_ASSESSABLE;
      failures += c->outcome[k].outcome < OUTCOME_NOT_ASSESSABLE;
    }
  }
  buf_z(b, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n");
  buf_fmt(b, "<testsuites tests=\"%zu\" failures=\"%zu\" errors=\"%zu\">\n", tests, failures, errors);
  buf_z(b, "  <testsuite name=\"");
  xml_text(cx, b, s->file);
  buf_fmt(b, "\" tests=\"%zu\" failures=\"%zu\" errors=\"%zu\" skipped=\"0\">\n    <properties>\n", tests, failures,
          errors);
  buf_fmt(b, "      <property name=\"snapshot\" value=\"%.*s\"/>\n", STR(s->snapshot));
  for (unsigned i = 0; i < OUTCOME_COUNT; i++)
    buf_fmt(b, "      <property name=\"%s\" value=\"%lld\"/>\n", outcome_name((Outcome)i),
            (long long)s->result->count[i]);
  buf_z(b, "    </properties>\n");
  for (size_t i = 0; i < s->result->ncomponents; i++) {
    const ScanComponent *c = &s->result->component[i];
    if (!c->noutcomes) junit_case(cx, b, c, NULL);
    for (size_t k = 0; k < c->noutcomes; k++) junit_case(cx, b, c, &c->outcome[k]);
  }
  buf_z(b, "  </testsuite>\n</testsuites>\n");
}

/* ---- GitLab -------------------------------------------------------------------------------------------- */

static Str gitlab_severity(const VulnOutcome *v) {
  static const char *const words[][2] = {
    { "LOW", "Low" }, { "MEDIUM", "Medium" }, { "HIGH", "High" }, { "CRITICAL", "Critical" }
  };
  for (size_t i = 0; i < COUNT(words); i++)
    if (str_eq_nocase(v->severity, str_of(words[i][0]))) return str_of(words[i][1]);
  return S("Unknown");
}

static void gitlab_row(Cx *cx, JsonOut *o, const ScanOut *s, const Row *r) {
  json_object(o);
  json_pair(o, "id", fingerprint(cx, r));
  json_pair(o, "name", str_fmt(cx->arena, "%.*s in %.*s", STR(rule_id(r)), STR(part_id(cx, r))));
  json_pair(o, "description", message(cx, r));
  json_pair(o, "severity", gitlab_severity(r->v));
  if (r->v->nfixed) json_pair(o, "solution", str_fmt(cx->arena, "Upgrade to %.*s", STR(r->v->fixed[0])));
  json_key(o, "location");
  json_object(o);
  json_pair(o, "file", s->file);
  json_key(o, "dependency");
  json_object(o);
  json_key(o, "package");
  json_object(o);
  json_pair(o, "name", r->c->target.name);
  json_object_end(o);
  json_pair(o, "version", r->c->target.version.n ? r->c->target.version : S("unknown"));
  json_object_end(o);
  json_object_end(o);
  json_key(o, "identifiers");
  json_array(o);
  json_object(o);
  bool cve = str_starts(rule_id(r), S("CVE-"));
  json_pair(o, "type", cve ? S("cve") : r->v->id.n ? S("advisory") : S("proofline"));
  json_pair(o, "name", rule_id(r));
  json_pair(o, "value", rule_id(r));
  json_object_end(o);
  json_array_end(o);
  json_object_end(o);
}

static void gitlab_tool(JsonOut *o, const char *key) {
  json_key(o, key);
  json_object(o);
  json_pair(o, "id", S("proofline"));
  json_pair(o, "name", S("Proofline"));
  json_pair(o, "version", S(APP_VERSION));
  json_key(o, "vendor");
  json_object(o);
  json_pair(o, "name", S("Proofline"));
  json_object_end(o);
  json_object_end(o);
}

static void gitlab(Cx *cx, JsonOut *o, const ScanOut *s, const RowList *rows) {
  Str when = s->when.n >= 19 ? str_slice(s->when, 0, 19) : S("1970-01-01T00:00:00");
  json_object(o);
  json_pair(o, "version", S("15.0.7"));
  json_key(o, "scan");
  json_object(o);
  gitlab_tool(o, "analyzer");
  gitlab_tool(o, "scanner");
  json_pair(o, "type", S("dependency_scanning"));
  json_pair(o, "start_time", when);
  json_pair(o, "end_time", when);
  json_pair(o, "status", S("success"));
  json_key(o, "messages");
  json_array(o);
  json_object(o);
  json_pair(o, "level", s->result->count[OUTCOME_NOT_ASSESSABLE] ? S("warn") : S("info"));
  json_pair(o, "value",
            str_fmt(cx->arena, "%zu components, %lld affected, %lld could not be assessed", s->result->ncomponents,
                    (long long)s->result->count[OUTCOME_AFFECTED],
                    (long long)s->result->count[OUTCOME_NOT_ASSESSABLE]));
  json_object_end(o);
  json_array_end(o);
  json_object_end(o);
  json_key(o, "vulnerabilities");
  json_array(o);
  for (size_t i = 0; i < rows->n; i++) gitlab_row(cx, o, s, &rows->p[i]);
  json_array_end(o);
  json_key(o, "dependency_files");
  json_array(o);
  json_array_end(o);
  json_object_end(o);
}

/* ---- OpenVEX ------------------------------------------------------------------------------------------- */

/* A scan decides nothing: all that it finds is under investigation. */
static void openvex(Cx *cx, JsonOut *o, const ScanOut *s, const RowList *rows) {
  Str when = s->when.n ? s->when : S("1970-01-01T00:00:00Z");
  Str name = hash_hex(cx->arena, sha256(str_fmt(cx->arena, "%.*s|%.*s", STR(s->file), STR(s->snapshot))));
  json_object(o);
  json_pair(o, "@context", S("https://openvex.dev/ns/v0.2.0"));
  json_pair(o, "@id", str_fmt(cx->arena, "https://openvex.dev/docs/public/scan-%.*s", STR(str_slice(name, 0, 32))));
  json_pair(o, "author", S("Proofline scan"));
  json_pair(o, "timestamp", when);
  json_pair_int(o, "version", 1);
  json_pair(o, "tooling",
            str_fmt(cx->arena, "Proofline; %lld components could not be assessed",
                    (long long)s->result->count[OUTCOME_NOT_ASSESSABLE]));
  json_key(o, "statements");
  json_array(o);
  for (size_t i = 0; i < rows->n; i++) {
    const Row *r = &rows->p[i];
    if (!r->v->id.n) continue;
    json_object(o);
    json_key(o, "vulnerability");
    json_object(o);
    json_pair(o, "name", r->v->id);
    json_object_end(o);
    json_key(o, "products");
    json_array(o);
    json_object(o);
    json_pair(o, "@id", part_id(cx, r));
    json_object_end(o);
    json_array_end(o);
    json_pair(o, "status", S("under_investigation"));
    json_pair(o, "status_notes", message(cx, r));
    json_object_end(o);
  }
  json_array_end(o);
  json_object_end(o);
}

void scan_write(Cx *cx, const ScanOut *s, ScanFormat format, Buf *out) {
  typedef void Way(Cx * cx, JsonOut * o, const ScanOut *s, const RowList *rows);
  static Way *const writers[SCAN_FORMATS] = { sarif, cyclonedx, NULL, gitlab, openvex };
  RowList rows = rows_of(cx, s->result);
  JsonOut o = json_out(out, true);
  if (!writers[format]) {
    junit(cx, s, out);
    return;
  }
  writers[format](cx, &o, s, &rows);
  buf_byte(out, '\n');
}
