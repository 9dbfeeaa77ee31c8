/* sarif.c - a scan as SARIF 2.1.0. */
#include "app/scan/inside.h"

static Str help_url(Cx *cx, Str id) {
  if (str_starts(id, S("CVE-"))) return str_fmt(cx->arena, "https://www.cve.org/CVERecord?id=%.*s", STR(id));
  return str_starts(id, S("GHSA-")) ? str_fmt(cx->arena, "https://github.com/advisories/%.*s", STR(id)) : STR_NONE;
}

static void sarif_rules(Cx *cx, JsonOut *o, const ScanRows *rows, Map *at) {
  json_key(o, "rules");
  json_array(o);
  for (size_t i = 0, n = 0; i < rows->n; i++) {
    Str id = scan_rule(&rows->p[i]), url = help_url(cx, id);
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

static void sarif_note(JsonOut *o, const ScanNote *n) {
  if (n->finding.n) json_pair(o, "finding", n->finding);
  json_pair(o, "status", n->status.n ? n->status : S("undecided"));
  if (n->clinical.n) json_pair(o, "clinicalRisk", n->clinical);
  json_pair_bool(o, "uncontrolled", n->uncontrolled);
  json_pair_bool(o, "new", n->fresh);
}

/* SARIF 3.35: what was decided elsewhere is a suppression from outside, with its reason. */
static void sarif_suppression(JsonOut *o, const ScanNote *n) {
  json_key(o, "suppressions");
  json_array(o);
  json_object(o);
  json_pair(o, "kind", S("external"));
  json_pair(o, "status", S("accepted"));
  json_pair(o, "justification", n->why);
  json_object_end(o);
  json_array_end(o);
}

static void sarif_sources(JsonOut *o, const Snapshot *snap) {
  json_pair(o, "snapshot", snapshot_sha256(snap));
  json_pair(o, "snapshotNewest", snapshot_newest(snap));
  json_key(o, "sources");
  json_object(o);
  for (size_t i = 0; i < snapshot_sources(snap); i++) {
    FeedSource f = snapshot_source(snap, i);
    json_key_str(o, f.name);
    json_object(o);
    json_pair_int(o, "records", f.records);
    json_pair(o, "newest", f.newest);
    json_object_end(o);
  }
  json_object_end(o);
}

static Str leaf_uri(Cx *cx, Str file) {
  size_t slash = str_rfind_char(file, '/');
  Buf uri = buf_new(cx->arena, 4096);
  url_text(&uri, slash == SIZE_MAX ? file : str_slice(file, slash + 1, file.n));
  return buf_str(&uri);
}

static void sarif_result(Cx *cx, JsonOut *o, const ScanRow *r, Str uri, ScanLines *lines, const Map *at) {
  static const char *const levels[] = { "error", "warning", "warning", "note" };
  json_object(o);
  json_pair(o, "ruleId", scan_rule(r));
  json_pair_int(o, "ruleIndex", (int64_t)map_get(at, scan_rule(r)));
  json_pair(o, "level", str_of(levels[r->v->outcome]));
  json_key(o, "message");
  json_object(o);
  json_pair(o, "text", scan_message(cx, r));
  json_object_end(o);
  json_key(o, "locations");
  json_array(o);
  json_object(o);
  json_key(o, "physicalLocation");
  json_object(o);
  json_key(o, "artifactLocation");
  json_object(o);
  json_pair(o, "uri", uri);
  json_object_end(o);
  json_key(o, "region");
  json_object(o);
  json_pair_int(o, "startLine", scan_line(lines, r->c));
  json_object_end(o);
  json_object_end(o);
  json_object_end(o);
  json_array_end(o);
  json_key(o, "partialFingerprints");
  json_object(o);
  json_pair(o, "prooflineOutcome/v1", r->fingerprint);
  json_object_end(o);
  json_key(o, "properties");
  json_object(o);
  json_pair(o, "outcome", str_of(outcome_name(r->v->outcome)));
  json_pair(o, "rule", r->v->rule);
  json_pair(o, "tier", (Str){ &r->v->tier, 1 });
  if (r->v->note) sarif_note(o, r->v->note);
  json_object_end(o);
  if (scan_dismissed(r->v)) sarif_suppression(o, r->v->note);
  json_object_end(o);
}

void scan_sarif(Cx *cx, const ScanOut *s, Buf *out) {
  JsonOut all = json_out(out, true), *o = &all;
  ScanRows rows = scan_rows(cx, s->result);
  ScanLines lines = { .bytes = s->bytes };
  Str uri = leaf_uri(cx, s->file);
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
  sarif_rules(cx, o, &rows, &at);
  json_object_end(o);
  json_object_end(o);
  json_key(o, "results");
  json_array(o);
  for (size_t i = 0; i < rows.n; i++) sarif_result(cx, o, &rows.p[i], uri, &lines, &at);
  json_array_end(o);
  json_key(o, "properties");
  json_object(o);
  sarif_sources(o, s->snap);
  scan_counts(o, s->result);
  json_object_end(o);
  json_object_end(o);
  json_array_end(o);
  json_object_end(o);
  buf_byte(out, '\n');
}
