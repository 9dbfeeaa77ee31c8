/* feed_alpine.c - Alpine's secdb: which version of a package carries the fix, in one release and repository.
 *
 * Version "0" says that the package never was affected, which stands against what upstream's or NVD's data say of the
 * same package.  A fix that was not enough is listed again with a later version: the last one counts. */
#include "vuln/feed.h"

bool alpine_looks_right(JVal *root) {
  return json_text(root, "distroversion").n && json_text(root, "reponame").n &&
         yyjson_is_arr(json_get(root, "packages"));
}

Str alpine_record_name(Arena *a, JVal *root, JVal *package) {
  return str_fmt(a, "%.*s:%.*s:%.*s", STR(json_text(root, "distroversion")), STR(json_text(root, "reponame")),
                 STR(json_text(json_get(package, "pkg"), "name")));
}

typedef struct Fix { Str cve, version; bool never; } Fix;
typedef VEC(Fix) Fixes;

/* "CVE-2019-1234 (+ regression)": the id is the first word. */
static Str first_word(Str text) {
  Str word, rest;
  str_cut(str_trim(text), ' ', &word, &rest);
  return word;
}

static void add_fix(Feed *f, Fixes *all, Str cve, Str version) {
  bool never = str_eq(version, S("0"));
  for (size_t i = 0; i < all->n; i++) {
    Fix *known = &all->p[i];
    if (!str_eq(known->cve, cve)) continue;
    bool later = version_compare(SCHEME_APK, version, known->version) == '>';
    if (known->never || (!never && later)) *known = (Fix){ cve, version, never };
    return;
  }
  vec_add(f->arena, all, (Fix){ cve, version, never });
}

static void read_fixes(Feed *f, Str file, JVal *fixes, Fixes *all) {
  JSON_MEMBERS(version, ids, fixes)
  JSON_EACH(id, ids) {
    Str cve = first_word(json_str(id));
    if (cve_number(cve)) add_fix(f, all, cve, json_str(version));
    else feed_skip(f, file, "a fix of Alpine's secdb that has no CVE id", 1);
  }
}

static void put_fix(Feed *f, Str file, JVal *root, Str package, const Fix *fix) {
  Str release = json_text(root, "distroversion");
  Ecosystem e = ecosystem_of(f->arena, str_fmt(f->arena, "Alpine:%.*s", STR(release)));
  FeedRow like = { .base = e.base, .release = e.release, .scheme = e.scheme,
                   .name = ecosystem_name(f->arena, e.base, str_dup(f->arena, package)) };
  FeedAdv a = feed_adv(f, ORIGIN_OSV,
                       str_fmt(f->arena, "ALPINE-SECDB-%.*s/%.*s/%.*s", STR(fix->cve), STR(release), STR(package)),
                       STR_NONE);
  SpanList spans = { 0 };
  Span s = { .status = SPAN_AFFECTED };
  if (!fix->never) s.hi = fix->version;
  a.about = str_dup(f->arena, fix->cve);
  vec_add(f->arena, &spans, s);
  span_rows(f, &a, &spans, &like);
  for (size_t i = 0; i < a.rows.n && fix->never; i++) a.rows.p[i].flags |= ROW_SAFE;
  feed_adv_done(f, file, &a);
}

void feed_alpine(Feed *f, Str file, JVal *root) {
  JSON_EACH(one, json_get(root, "packages")) {
    JVal *package = json_get(one, "pkg");
    Fixes all = { 0 };
    read_fixes(f, file, json_get(package, "secfixes"), &all);
    for (size_t i = 0; i < all.n; i++) put_fix(f, file, root, json_text(package, "name"), &all.p[i]);
  }
}
