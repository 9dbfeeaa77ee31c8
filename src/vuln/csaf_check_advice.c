/* csaf_check_advice.c - recommended and informative tests of a document's head: language, history, distribution. */
#include "vuln/csaf_check_inside.h"

/* ---- language: 6.2.12, 14, 15 ---- */

/* Subtags that nobody assigned: x- and what follows, of languages qaa to qtz, of scripts Qaaa to Qabx, of regions AA,
 * QM to QZ, XA to XZ and ZZ. */
static bool is_private(Arena *a, Str tag) {
  Str part, rest = str_lower(a, tag);
  for (size_t i = 0; rest.n; i++) {
    str_cut(rest, '-', &part, &rest);
    const char *p = part.p;
    if (part.n == 1 && *p == 'x') return true;
    if (!i && part.n == 3 && p[0] == 'q' && p[1] >= 'a' && p[1] <= 't') return true;
    if (i && part.n == 4 && p[0] == 'q' && p[1] == 'a' && (p[2] == 'a' || (p[2] == 'b' && p[3] <= 'x'))) return true;
    if (i && part.n == 2 && (str_eq(part, S("aa")) || str_eq(part, S("zz")) || p[0] == 'x' ||
                             (p[0] == 'q' && p[1] >= 'm')))
      return true;
  }
  return false;
}

static void languages(Csaf *c) {
  static const char *const keys[] = { "lang", "source_lang" };
  if (!json_text(c->document, "lang").n) csaf_fault(c, "6.2.12", S("/document/lang"), "it is missing");
  for (size_t i = 0; i < COUNT(keys); i++) {
    Str tag = json_text(c->document, keys[i]), at = csaf_at(c, "/document/%s", keys[i]);
    if (is_private(c->cx->arena, tag)) csaf_fault(c, "6.2.14", at, "'%.*s' is private", STR(str_head(tag, 40)));
    if (str_eq_nocase(tag, S("i-default"))) csaf_fault(c, "6.2.15", at, "i-default says nothing");
  }
}

/* ---- history: 6.2.4 to 6.2.6, 6.2.21 ---- */

static bool time_of(JVal *object, const char *key, int64_t *out) {
  Str s = json_text(object, key);
  return s.n && time_parse(s, out);
}

static void history(Csaf *c) {
  Str at = S("/document/tracking/revision_history");
  Map seen = map_new(c->cx->arena, 16);
  int64_t oldest = INT64_MAX, newest = INT64_MIN, us;
  size_t n = 0;
  JSON_EACH(r, json_get(c->tracking, "revision_history")) {
    Str here = csaf_at(c, "%.*s/%zu", STR(at), n++);
    if (str_find_char(json_text(r, "number"), '+') != SIZE_MAX)
      csaf_fault(c, "6.2.4", csaf_at(c, "%.*s/number", STR(here)), "it tells of its build");
    if (!time_of(r, "date", &us)) continue;
    if (us < oldest) oldest = us;
    if (us > newest) newest = us;
    Str key = csaf_at(c, "%lld", (long long)us);
    if (c->new_rules && map_get(&seen, key) != MAP_NONE)
      csaf_fault(c, "6.2.21", csaf_at(c, "%.*s/date", STR(here)), "another revision has the same time");
    map_put(&seen, key, 1);
  }
  if (!n || oldest == INT64_MAX) return;
  if (time_of(c->tracking, "initial_release_date", &us) && us < oldest)
    csaf_fault(c, "6.2.5", S("/document/tracking/initial_release_date"), "it is older than the oldest revision");
  if (time_of(c->tracking, "current_release_date", &us) && us < newest)
    csaf_fault(c, "6.2.6", S("/document/tracking/current_release_date"), "it is older than the newest revision");
}

/* ---- 6.2.10, 11, 22, 28 to 30, 38, 40 ---- */

Str csaf_file_name(Arena *a, Str id) {
  Buf b = buf_new(a, id.n + 8);
  bool gap = false;
  id = str_lower(a, id);
  for (size_t i = 0; i < id.n; i++) {
    bool kept = is_lower(id.p[i]) || is_digit(id.p[i]) || id.p[i] == '+' || id.p[i] == '-';
    if (kept || !gap) buf_byte(&b, kept ? id.p[i] : '_');
    gap = !kept;
  }
  buf_z(&b, ".json");
  return buf_str(&b);
}

static void canonical_url(Csaf *c) {
  Str end = csaf_at(c, "/%.*s", STR(csaf_file_name(c->cx->arena, c->report->id)));
  JSON_EACH(r, json_get(c->document, "references")) {
    Str url = json_text(r, "url");
    if (str_eq(json_text(r, "category"), S("self")) && str_starts(url, S("https://")) && str_ends(url, end)) return;
  }
  csaf_fault(c, "6.2.11", S("/document/references"), "no address of the document itself ends in %.*s", STR(end));
}

static void distribution(Csaf *c) {
  JVal *d = json_get(c->document, "distribution"), *group = json_get(d, "sharing_group");
  Str label = json_text(json_get(d, "tlp"), "label"), id = json_text(group, "id");
  Str at = S("/document/distribution/sharing_group");
  if (!c->new_rules && !label.n) csaf_fault(c, "6.2.10", S("/document/distribution/tlp/label"), "it is missing");
  if (!c->new_rules || !group) return;
  if (str_eq_nocase(id, S("ffffffff-ffff-ffff-ffff-ffffffffffff")))
    csaf_fault(c, "6.2.28", csaf_at(c, "%.*s/id", STR(at)), "it names everybody");
  if (str_eq(id, S("00000000-0000-0000-0000-000000000000")))
    csaf_fault(c, "6.2.29", csaf_at(c, "%.*s/id", STR(at)), "it names nobody");
  if (str_eq(label, S("CLEAR"))) csaf_fault(c, "6.2.30", at, "what is clear needs no group");
}

static void notes(Csaf *c) {
  Str title = c->english ? S("Product Description") : S("Produktbeschreibung");
  size_t n = 0;
  if (!c->english && !c->german) return;
  JSON_EACH(note, json_get(c->document, "notes")) {
    bool describes = str_eq(json_text(note, "title"), title) && str_eq(json_text(note, "category"), S("description"));
    if (describes && !json_get(note, "product_ids") && !json_get(note, "group_ids"))
      csaf_fault(c, "6.2.40", csaf_at(c, "/document/notes/%zu", n), "it describes a product and names none");
    n++;
  }
}

void csaf_check_advice(Csaf *c) {
  languages(c);
  history(c);
  canonical_url(c);
  distribution(c);
  if (!c->new_rules) return;
  notes(c);
  if (c->report->id.n && str_find(json_text(c->document, "title"), c->report->id) != SIZE_MAX)
    csaf_fault(c, "6.2.22", S("/document/title"), "it holds the id of the document");
  if (str_starts(c->category, S("csaf_deprecated_")))
    csaf_fault(c, "6.2.38", S("/document/category"), "the profile is deprecated");
}
