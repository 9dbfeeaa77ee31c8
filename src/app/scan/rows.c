/* rows.c - what the formats of a scan share, and the table of formats. */
#include "app/scan/inside.h"

static const struct {
  const char *name;
  ScanWriter *write;
} formats[SCAN_FORMATS] = {
  [SCAN_SARIF] = { "sarif", scan_sarif },    [SCAN_CYCLONEDX] = { "cyclonedx", scan_cyclonedx },
  [SCAN_JUNIT] = { "junit", scan_junit },    [SCAN_GITLAB] = { "gitlab", scan_gitlab },
  [SCAN_OPENVEX] = { "openvex", scan_openvex },
};

bool scan_format_find(Str name, ScanFormat *out) {
  for (unsigned i = 0; i < SCAN_FORMATS; i++)
    if (str_eq(name, str_of(formats[i].name))) {
      *out = (ScanFormat)i;
      return true;
    }
  return false;
}

void scan_write(Cx *cx, const ScanOut *s, ScanFormat format, Buf *out) { formats[format].write(cx, s, out); }

/* ---- rows ---------------------------------------------------------------------------------------------- */

Str scan_rule(const ScanRow *r) { return r->v->id.n ? r->v->id : S("not-assessable"); }

Str scan_part(Cx *cx, const ScanRow *r) {
  const VulnTarget *t = &r->c->target;
  if (t->purl.n) return t->purl;
  return t->version.n ? str_fmt(cx->arena, "%.*s@%.*s", STR(t->name), STR(t->version)) : t->name;
}

/* A component that an SBOM lists twice has two results: the second one is told apart by its number. */
static Str fingerprint(Cx *cx, const ScanRow *r, Map *seen) {
  Str text = str_fmt(cx->arena, "%.*s|%.*s|%.*s", STR(scan_rule(r)), STR(scan_part(cx, r)), STR(r->v->rule));
  size_t before = map_get(seen, text), times = before == MAP_NONE ? 1 : before + 1;
  map_put(seen, text, times);
  if (times > 1) text = str_fmt(cx->arena, "%.*s|%zu", STR(text), times);
  return str_slice(hash_hex(cx->arena, sha256(text)), 0, 32);
}

ScanRows scan_rows(Cx *cx, const ScanResult *r) {
  ScanRows list = { 0 };
  Map seen = map_new(cx->arena, 256);
  for (size_t i = 0; i < r->ncomponents; i++)
    for (size_t k = 0; k < r->component[i].noutcomes; k++) {
      ScanRow row = { &r->component[i], &r->component[i].outcome[k], STR_NONE };
      if (row.v->outcome > OUTCOME_NOT_ASSESSABLE) continue;
      row.fingerprint = fingerprint(cx, &row, &seen);
      vec_add(cx->arena, &list, row);
    }
  return list;
}

int64_t scan_line(ScanLines *l, const ScanComponent *c) {
  Str needle = c->target.ref.n ? c->target.ref : c->target.name;
  size_t at = needle.n ? str_find(str_slice(l->bytes, l->at, l->bytes.n), needle) : SIZE_MAX;
  if (at != SIZE_MAX) at += l->at;
  else if (needle.n) at = str_find(str_slice(l->bytes, 0, l->at), needle);
  if (at == SIZE_MAX) return 1;
  if (at < l->at) *l = (ScanLines){ .bytes = l->bytes };
  for (; l->at < at; l->at++) l->line += l->bytes.p[l->at] == '\n';
  return l->line + 1;
}

Str scan_severity(Cx *cx, const VulnOutcome *v) {
  return v->severity.n ? str_lower(cx->arena, v->severity) : STR_NONE;
}

bool scan_dismissed(const VulnOutcome *v) {
  return v->note && (str_eq(v->note->status, S("not_affected")) || str_eq(v->note->status, S("fixed")));
}

Str scan_message(Cx *cx, const ScanRow *r) {
  const ScanNote *n = r->v->note;
  Str what =
      str_fmt(cx->arena, "%.*s: %s. %.*s", STR(scan_part(cx, r)), outcome_name(r->v->outcome), STR(r->v->reason));
  if (r->v->nfixed) what = str_fmt(cx->arena, "%.*s. Fixed in %.*s", STR(what), STR(r->v->fixed[0]));
  if (n && n->status.n)
    what = str_fmt(cx->arena, "%.*s. Decided in %.*s: %.*s. %.*s", STR(what), STR(n->decision),
                   STR(choice_words(cx->arena, n->status)), STR(n->why));
  return what;
}

/* ---- the snapshot -------------------------------------------------------------------------------------- */

void scan_counts(JsonOut *o, const ScanResult *r) {
  json_pair_int(o, "components", (int64_t)r->ncomponents);
  for (unsigned i = 0; i < OUTCOME_COUNT; i++) json_pair_int(o, outcome_name((Outcome)i), r->count[i]);
}

Str scan_second(Cx *cx, const Snapshot *s) {
  int64_t at_us = 0;
  (void)time_parse(snapshot_newest(s), &at_us);
  return str_slice(time_text(cx->arena, at_us), 0, 19);
}

Str scan_sources(Cx *cx, const Snapshot *s) {
  Buf b = buf_new(cx->arena, 16384);
  for (size_t i = 0; i < snapshot_sources(s); i++) {
    FeedSource f = snapshot_source(s, i);
    buf_fmt(&b, "%s%.*s %lld records, newest %.*s", i ? "; " : "", STR(f.name), (long long)f.records,
            STR(f.newest.n ? f.newest : S("unknown")));
  }
  return b.n ? buf_str(&b) : S("no source");
}
