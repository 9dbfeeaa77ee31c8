/* gitlab.c - a scan as GitLab dependency scanning. */
#include "app/scan/inside.h"

static Str gitlab_severity(const VulnOutcome *v) {
  static const char *const words[][2] = {
    { "LOW", "Low" }, { "MEDIUM", "Medium" }, { "HIGH", "High" }, { "CRITICAL", "Critical" }
  };
  for (size_t i = 0; i < COUNT(words); i++)
    if (str_eq_nocase(v->severity, str_of(words[i][0]))) return str_of(words[i][1]);
  return S("Unknown");
}

static void gitlab_row(Cx *cx, JsonOut *o, const ScanOut *s, const ScanRow *r) {
  json_object(o);
  json_pair(o, "id", r->fingerprint);
  json_pair(o, "name", str_fmt(cx->arena, "%.*s in %.*s", STR(scan_rule(r)), STR(scan_part(cx, r))));
  json_pair(o, "description", scan_message(cx, r));
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
  bool cve = str_starts(scan_rule(r), S("CVE-"));
  json_pair(o, "type", cve ? S("cve") : r->v->id.n ? S("advisory") : S("proofline"));
  json_pair(o, "name", scan_rule(r));
  json_pair(o, "value", scan_rule(r));
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

void scan_gitlab(Cx *cx, const ScanOut *s, Buf *out) {
  JsonOut all = json_out(out, true), *o = &all;
  ScanRows rows = scan_rows(cx, s->result);
  Str when = scan_second(cx, s->snap);
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
            str_fmt(cx->arena, "%zu components, %lld affected, %lld could not be assessed; %.*s",
                    s->result->ncomponents, (long long)s->result->count[OUTCOME_AFFECTED],
                    (long long)s->result->count[OUTCOME_NOT_ASSESSABLE], STR(scan_sources(cx, s->snap))));
  json_object_end(o);
  json_array_end(o);
  json_object_end(o);
  json_key(o, "vulnerabilities");
  json_array(o);
  for (size_t i = 0; i < rows.n; i++) gitlab_row(cx, o, s, &rows.p[i]);
  json_array_end(o);
  json_key(o, "dependency_files");
  json_array(o);
  json_array_end(o);
  json_object_end(o);
  buf_byte(out, '\n');
}
