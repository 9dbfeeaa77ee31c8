/* csaf_check_fixed.c - what is fixed was affected, and what is affected is fixed by something (security advisories of
 * CSAF 2.1): products correspond when they differ in their versions alone. */
#include "vuln/csaf_check_inside.h"

enum { NESTED_MOST = 8 };

/* What a product is beside its version; STR_NONE: nobody says.  cut: a product path up to what it is installed with. */
static Str line_of(Csaf *c, const CsafDefined *p, bool cut, unsigned depth) {
  static const char *const versions[] = { "product_version", "product_version_range", "patch_level", "service_pack",
                                          NULL };
  Str line = STR_NONE;
  if (!p || depth == NESTED_MOST) return STR_NONE;
  for (const CsafStep *s = p->path; s; s = s->up) {
    Str category = json_text(s->branch, "category");
    if (!is_one_of(category, versions))
      line = csaf_at(c, "/%.*s=%.*s%.*s", STR(category), STR(json_text(s->branch, "name")), STR(line));
  }
  if (!p->way) return line;
  line = line_of(c, csaf_defined(c, json_text(p->way, "beginning_product_reference")), cut, depth + 1);
  JSON_EACH(step, json_get(p->way, "subpaths")) {
    Str category = json_text(step, "category");
    if (cut && str_eq(category, S("installed_with"))) break;
    Str next = line_of(c, csaf_defined(c, json_text(step, "next_product_reference")), false, depth + 1);
    if (!line.n || !next.n) return STR_NONE;
    line = csaf_at(c, "%.*s|%.*s>%.*s", STR(line), STR(category), STR(next));
  }
  return line;
}

/* What a group of products is: whole, and up to what it is installed with. */
typedef struct Lines { Map whole, cut; bool unknown; } Lines;

static Lines lines_of(Csaf *c, CsafIds ids) {
  Lines l = { map_new(c->cx->arena, ids.n + 1), map_new(c->cx->arena, ids.n + 1), false };
  for (size_t i = 0; i < ids.n; i++) {
    const CsafDefined *p = csaf_defined(c, ids.p[i]);
    Str whole = line_of(c, p, false, 0);
    l.unknown |= !whole.n;
    if (!whole.n) continue;
    map_put(&l.whole, whole, 1);
    map_put(&l.cut, line_of(c, p, true, 0), 1);
  }
  return l;
}

/* Whether something there corresponds to the product; who is not described may do so. */
static bool corresponds(Csaf *c, Str id, CsafIds list, const Lines *there, bool cut_own) {
  const CsafDefined *p = csaf_defined(c, id);
  Str own = line_of(c, p, false, 0);
  if (!list.n) return false;
  if (!own.n || there->unknown || map_get(&there->whole, own) != MAP_NONE) return true;
  return cut_own ? map_get(&there->whole, line_of(c, p, true, 0)) != MAP_NONE : map_get(&there->cut, own) != MAP_NONE;
}

enum { WITHOUT = 1, WITH = 2 };

/* Of each product: is it said that there is no fix (yet), or that there is one? */
static Map fixes_of(Csaf *c, JVal *v) {
  static const char *const none[] = { "fix_planned", "no_fix_planned", "none_available", NULL };
  Map m = map_new(c->cx->arena, 64);
  JSON_EACH(r, json_get(v, "remediations")) {
    Str category = json_text(r, "category");
    size_t bit = is_one_of(category, none) ? WITHOUT : str_eq(category, S("vendor_fix")) ? WITH : 0;
    CsafIds ids = csaf_named(c, r);
    for (size_t i = 0; i < ids.n; i++) {
      size_t before = map_get(&m, ids.p[i]);
      map_put(&m, ids.p[i], (before == MAP_NONE ? 0 : before) | bit);
    }
  }
  return m;
}

/* A range that ends before a version tells of one that is fixed. */
static bool ends_before(const CsafDefined *p) {
  for (const CsafStep *s = p ? p->path : NULL; s; s = s->up) {
    Str name = json_text(s->branch, "name");
    size_t bar = str_rfind_char(name, '|'), slash = str_find_char(name, '/');
    size_t from = bar != SIZE_MAX ? bar + 1 : slash != SIZE_MAX ? slash + 1 : 0;
    Str last = str_slice(name, from, name.n);
    if (str_eq(json_text(s->branch, "category"), S("product_version_range")) && str_starts(last, S("<")) &&
        !str_starts(last, S("<=")))
      return true;
  }
  return false;
}

static void one(Csaf *c, JVal *v, Str where) {
  CsafIds fixed = csaf_in_group(c, v, CSAF_FIXED), affected = csaf_in_group(c, v, CSAF_AFFECTED);
  Lines was = lines_of(c, affected), is = lines_of(c, fixed);
  Map fixes = fixes_of(c, v);
  for (size_t i = 0; i < fixed.n; i++)
    if (!corresponds(c, fixed.p[i], affected, &was, true))
      csaf_fault(c, "6.1.27.13", where, "%.*s is fixed, and no version of it was affected",
                 STR(str_head(fixed.p[i], 80)));
  for (size_t i = 0; i < affected.n; i++) {
    size_t said = map_get(&fixes, affected.p[i]);
    bool excused = said == WITHOUT && !ends_before(csaf_defined(c, affected.p[i]));
    if (!excused && !corresponds(c, affected.p[i], fixed, &is, false))
      csaf_fault(c, "6.2.39.1", where, "%.*s is affected, and no version of it is fixed",
                 STR(str_head(affected.p[i], 80)));
  }
}

void csaf_check_corresponding(Csaf *c) {
  size_t n = 0;
  if (!str_eq(c->category, S("csaf_security_advisory"))) return;
  JSON_EACH(v, c->vulnerabilities) one(c, v, csaf_at(c, "/vulnerabilities/%zu/product_status", n++));
}
