/* feed_read.c - what is this file?  Advisories, exploited vulnerabilities and exploit scores, told apart by content.
 */
#include "vuln/feed.h"
#include <string.h>

void feed_skip(Feed *f, Str file, const char *why, int64_t count) {
  size_t at = map_get(&f->by_why, str_of(why));
  if (at == MAP_NONE) {
    at = f->skips.n;
    vec_add(f->keep, &f->skips,
            (FeedSkip){ .file = str_dup(f->keep, file), .why = str_dup(f->keep, str_of(why)) });
    map_put(&f->by_why, f->skips.p[at].why, at);
  }
  FeedSkip *s = &f->skips.p[at];
  s->count += count;
  if (str_cmp(file, s->file) < 0) s->file = str_dup(f->keep, file); /* the first by name stands for all */
}

/* ---- OSV ----------------------------------------------------------------------------------------------- */

static void take_severity(Cx *cx, Feed *f, FeedAdv *a, JVal *list) {
  JSON_EACH(one, list) feed_severity(cx, f, a, json_text(one, "score"));
}

static void take_texts(Arena *arena, JVal *list, void *texts) {
  VEC(Str) *to = texts;
  JSON_EACH(v, list) if (json_str(v).n) vec_add(arena, to, str_dup(arena, json_str(v)));
}

/* Whether a listed version lies inside of one of the entry's own intervals, so that it needs no row. */
static bool covered(const FeedRow *r, Str key) {
  if (r->flags & (ROW_POINT | ROW_GIT | ROW_NEVER | ROW_UNREADABLE)) return false;
  if (!(r->flags & ROW_LO_NONE) && key_cmp(key, r->lo_key) < 0) return false;
  if (r->flags & ROW_HI_NONE) return true;
  int d = key_cmp(key, r->hi_key);
  return d < 0 || (d == 0 && (r->flags & ROW_HI_INCL));
}

static void take_versions(Feed *f, FeedRows *rows, size_t first, const FeedRow *like, JVal *versions, Scheme scheme) {
  size_t ranges = rows->n;
  JSON_EACH(v, versions) {
    Str text = json_str(v), key = STR_NONE;
    if (!text.n || text.n > VERSION_MAX_BYTES) continue;
    FeedRow r = *like;
    r.flags = ROW_POINT;
    r.scheme = scheme;
    ArenaMark mark = arena_mark(f->arena);
    bool keyed = scheme != SCHEME_NONE && version_key(f->arena, scheme, text, &key), inside = false;
    for (size_t i = first; i < ranges && keyed && !inside; i++)
      inside = rows->p[i].scheme == scheme && covered(&rows->p[i], key);
    if (inside) {
      arena_release(f->arena, mark);
      continue;
    }
    r.lo = str_dup(f->arena, text);
    if (keyed) r.lo_key = key;
    vec_add(f->arena, rows, r);
  }
}

static void take_affected(Feed *f, FeedAdv *a, Str file, JVal *entry, Str stream) {
  JVal *package = json_get(entry, "package"), *ranges = json_get(entry, "ranges"),
       *versions = json_get(entry, "versions");
  Str ecosystem = json_text(package, "ecosystem"), name = json_text(package, "name");
  if (!ecosystem.n || !name.n) {
    feed_skip(f, file, "an affected entry names no package (only commits of a repository)", 1);
    return;
  }
  Ecosystem e = ecosystem_of(f->arena, str_dup(f->arena, ecosystem));
  FeedRow like = { .base = e.base, .release = e.release, .scheme = e.scheme };
  if (e.scheme == SCHEME_RPM) like.stream = stream;
  like.name = ecosystem_name(f->arena, e.base, str_dup(f->arena, name));
  size_t first = a->rows.n;
  bool git = false;
  JSON_EACH(range, ranges) {
    Str type = json_text(range, "type");
    if (str_eq(type, S("GIT"))) git = true;
    else if (str_eq(type, S("SEMVER")))
      feed_range(f, &a->rows, &like, range, e.scheme == SCHEME_GOLANG ? e.scheme : SCHEME_SEMVER);
    else if (str_eq(type, S("ECOSYSTEM"))) feed_range(f, &a->rows, &like, range, e.scheme);
    else feed_skip(f, file, "a range of an unknown type", 1);
  }
  take_versions(f, &a->rows, first, &like, versions, e.scheme);
  like.flags = git ? ROW_GIT : ROW_NEVER;
  if (a->rows.n == first) vec_add(f->arena, &a->rows, like);
}

void feed_osv(Cx *cx, Feed *f, Str file, JVal *record) {
  FeedAdv a = feed_adv(f, ORIGIN_OSV, json_text(record, "id"), json_text(record, "modified"));
  a.withdrawn = json_text(record, "withdrawn").n > 0;
  take_texts(f->arena, json_get(record, "aliases"), &a.aliases);
  take_texts(f->arena, json_get(record, "upstream"), &a.upstream);
  take_severity(cx, f, &a, json_get(record, "severity"));
  Str stream = str_dup(f->arena, module_stream_in(json_text(record, "summary")));
  JSON_EACH(entry, json_get(record, "affected")) {
    if (a.x10 == CVSS_NONE) take_severity(cx, f, &a, json_get(entry, "severity"));
    if (!a.withdrawn) take_affected(f, &a, file, entry, stream);
  }
  if (a.severity == SEV_UNSCORED)
    a.severity = snap_severity(json_text(json_get(record, "database_specific"), "severity"));
  feed_adv_done(f, file, &a);
}

/* ---- KEV ----------------------------------------------------------------------------------------------- */

void feed_kevs_known(Feed *f, Str date, const FeedKevs *list) {
  int newer = str_cmp(date, f->kev_date);
  if (f->kevs.n && newer < 0) return;
  if (newer > 0 || !f->kevs.n) {
    f->kevs = *list;
    f->kev_date = date;
    return;
  }
  for (size_t i = 0; i < list->n; i++) vec_add(f->keep, &f->kevs, list->p[i]);
}

void feed_kev(Feed *f, JVal *catalog) {
  Str date = json_text(catalog, "dateReleased");
  FeedKevs list = { 0 };
  if (f->kevs.n && str_cmp(date, f->kev_date) < 0) return;
  JSON_EACH(one, json_get(catalog, "vulnerabilities")) {
    FeedKev k = { cve_number(json_text(one, "cveID")), str_dup(f->keep, json_text(one, "dateAdded")),
                  str_eq(json_text(one, "knownRansomwareCampaignUse"), S("Known")) };
    if (k.cve) vec_add(f->keep, &list, k);
  }
  feed_kevs_known(f, str_dup(f->keep, date), &list);
}

/* The same columns as text; the day of the newest entry stands for the day of the catalog. */
void feed_kev_csv(Cx *cx, Feed *f, Str file, Str text) {
  CsvRow row;
  size_t line = 0, cve = SIZE_MAX, added = SIZE_MAX, ransomware = SIZE_MAX;
  bool got = true;
  FeedKevs list = { 0 };
  Str newest = STR_NONE;
  while (got) {
    if (csv_read(cx, &text, &line, &row, &got) != E_OK) {
      cx_forgive(cx);
      feed_skip(f, file, "a catalog of exploited vulnerabilities that is broken", 1);
      return;
    }
    for (size_t i = 0; got && cve == SIZE_MAX && i < row.n; i++) {
      if (str_eq(row.cell[i], S("dateAdded"))) added = i;
      if (str_eq(row.cell[i], S("knownRansomwareCampaignUse"))) ransomware = i;
    }
    if (cve == SIZE_MAX) {
      cve = 0;
      continue;
    }
    if (!got || !row.n) continue;
    FeedKev k = { cve_number(row.cell[0]), added < row.n ? str_dup(f->keep, row.cell[added]) : STR_NONE,
                  ransomware < row.n && str_eq(row.cell[ransomware], S("Known")) };
    if (str_cmp(k.added, newest) > 0) newest = k.added;
    if (k.cve) vec_add(f->keep, &list, k);
  }
  if (f->kevs.n && str_cmp(newest, f->kev_date) < 0) {
    feed_skip(f, file, "an older catalog of exploited vulnerabilities", 1);
    return;
  }
  feed_kevs_known(f, newest, &list);
}

/* ---- EPSS ---------------------------------------------------------------------------------------------- */

/* 0.00043 as 430000; false beyond 1 or when it is no decimal. */
static bool probability(Str s, uint32_t *x1e9) {
  Str whole, part;
  uint64_t w = 0, p = 0;
  str_cut(s, '.', &whole, &part);
  if (part.n > 9) part = str_slice(part, 0, 9);
  if (!str_uint(whole, &w) || (part.n && !str_uint(part, &p))) return false;
  for (size_t i = part.n; i < 9; i++) p *= 10;
  *x1e9 = (uint32_t)(w * 1000000000u + p);
  return w == 0 || (w == 1 && p == 0);
}

void feed_epss_known(Feed *f, Str date, const FeedEpss *list) {
  int newer = str_cmp(date, f->epss_date);
  if (f->epss.n && newer < 0) return;
  if (newer > 0 || !f->epss.n) {
    f->epss = *list;
    f->epss_date = date;
    return;
  }
  for (size_t i = 0; i < list->n; i++) vec_add(f->keep, &f->epss, list->p[i]);
}

void feed_epss(Feed *f, Str file, Str text) {
  Str line, date = STR_NONE;
  FeedEpss list = { 0 };
  int64_t bad = 0;
  if (text.n && *text.p == '#' && str_line(&text, &line)) {
    size_t at = str_find(line, S("score_date:"));
    if (at != SIZE_MAX) date = str_trim(str_slice(line, at + 11, line.n));
  }
  if (f->epss.n && str_cmp(date, f->epss_date) < 0) {
    feed_skip(f, file, "exploit scores of an older day", 1);
    return;
  }
  while (str_line(&text, &line)) {
    Str cve, score, percentile;
    SnapEpss e = { 0 };
    if (!line.n || str_starts(line, S("cve,"))) continue;
    str_cut(line, ',', &cve, &line);
    str_cut(line, ',', &score, &percentile);
    e.cve = cve_number(cve);
    if (!e.cve || !probability(score, &e.score_x1e9) || !probability(percentile, &e.percentile_x1e9)) {
      bad++;
      continue;
    }
    vec_add(f->keep, &list, e);
  }
  feed_epss_known(f, str_dup(f->keep, date), &list);
  if (bad) feed_skip(f, file, "a line of exploit scores that cannot be read", bad);
}

/* ---- telling apart ------------------------------------------------------------------------------------- */

/* What kind of record this is: told by the keys that only it has. */
static void one_record(Cx *cx, Feed *f, Str name, JVal *o) {
  JVal *cve = json_get(o, "cve"), *note = json_get(o, "_annotation");
  if (json_get(o, "catalogVersion") && json_get(o, "vulnerabilities")) feed_kev(f, o);
  else if (str_starts(json_text(o, "format"), S("NVD"))) feed_nvd_page(f, name, o);
  else if (cve_number(json_text(note, "cve_id")) && cve) /* a correction of an NVD record's configurations */
    feed_nvd(cx, f, name, cve, json_text(note, "cve_id"), json_text(note, "modified"), true);
  else if (cve_number(json_text(cve, "id")))
    feed_nvd(cx, f, name, cve, json_text(cve, "id"), json_text(cve, "lastModified"), false);
  else if (json_get(o, "cveMetadata") && json_get(o, "containers")) feed_cve(cx, f, name, o);
  else if (json_get(json_get(o, "document"), "csaf_version")) feed_csaf(cx, f, name, o);
  else if (json_text(o, "id").n && json_text(o, "modified").n && !cve) feed_osv(cx, f, name, o);
  else if (alpine_looks_right(o)) feed_alpine(f, name, o);
  else if (debian_looks_right(o)) feed_debian(f, name, o);
  else feed_skip(f, name, "JSON that is no advisory", 1);
  feed_next(f);
}

Err feed_file(Cx *cx, Feed *f, Str name, Str bytes) {
  Str text = str_trim(bytes);
  f->bytes_read += (int64_t)bytes.n;
  if (str_starts(text, S("#model_version")) || str_starts(text, S("cve,epss"))) {
    feed_epss(f, name, text);
    return E_OK;
  }
  if (str_starts(text, S("cveID,"))) {
    feed_kev_csv(cx, f, name, text);
    return E_OK;
  }
  if (!text.n || (*text.p != '{' && *text.p != '[')) {
    feed_skip(f, name, "neither JSON nor exploit scores", 1);
    return E_OK;
  }
  ArenaMark mark = arena_mark(cx->arena);
  JsonLimits limits = JSON_DOCUMENT;
  limits.max_bytes = 256u << 20;
  limits.max_values = 64u << 20;
  JVal *root;
  if (json_read(cx, text, &limits, &root) != E_OK) {
    cx_forgive(cx);
    feed_skip(f, name, "broken JSON", 1);
  } else if (yyjson_is_arr(root)) {
    JSON_EACH(o, root) one_record(cx, f, name, o);
  } else {
    one_record(cx, f, name, root);
  }
  arena_release(cx->arena, mark);
  return E_OK;
}
