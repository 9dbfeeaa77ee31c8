/* csaf_check_ranges.c - the categories along a branch, and ranges of versions: written as vers, closed, and apart. */
#include "vuln/csaf_check_inside.h"
#include "vuln/vers_native.h"

enum { DEPTH_MOST = 64, SIBLINGS_MOST = 300, PAIRS_MOST = 20000 };

/* ---- one range ---- */

typedef struct Range {
  bool vers, known, readable, any;
  Str type;                      /* of vers; known: its versions can be ordered */
  Scheme scheme;
  VersParts parts;               /* ascending */
  VersSet set;
} Range;

/* "!=" is left out: a range without one version overlaps what the range does. */
static void set_of(Csaf *c, Range *r) {
  const VersPart *before = NULL;
  bool bounded = false;
  for (size_t i = 0; i < r->parts.n; i++) {
    const VersPart *p = &r->parts.p[i];
    VersBound here = { p->version, p->op[1] == 0, false };
    if (p->op[0] == '!') continue;
    bounded = true;
    if (p->op[0] == '=') {
      here.open = false;
      vec_add(c->cx->arena, &r->set, ((VersInterval){ here, here }));
      continue;
    }
    VersInterval v = { .hi = here };
    if (before) v.lo = (VersBound){ before->version, before->op[1] == 0, false };
    if (p->op[0] == '<' && (!before || before->op[0] == '>')) vec_add(c->cx->arena, &r->set, v);
    before = p;
  }
  bool open = before && before->op[0] == '>';
  if (open || !bounded) {
    VersInterval v = { 0 };
    if (open) v.lo = (VersBound){ before->version, before->op[1] == 0, false };
    vec_add(c->cx->arena, &r->set, v);
  }
}

/* vers: or its constraints alone (vls), which are read in the order of generic versions. */
static Range range_of(Csaf *c, Str name) {
  Cx probe = { .arena = c->cx->arena };
  Range r = { .vers = str_starts(name, S("vers:")), .scheme = SCHEME_GENERIC };
  Str rest;
  bool any;
  if (r.vers) str_cut(str_slice(name, 5, name.n), '/', &r.type, &rest);
  else name = csaf_at(c, "vers:generic/%.*s", STR(name));
  r.known = !r.vers || vers_read(&probe, csaf_at(c, "vers:%.*s/*", STR(r.type)), &any, &r.scheme, &r.parts) == E_OK;
  r.readable = vers_read(&probe, name, &r.any, &r.scheme, &r.parts) == E_OK;
  if (r.readable) set_of(c, &r);
  return r;
}

static bool starts_open(Str constraint) { return constraint.n && *constraint.p == '>'; }

/* The last bound of the text where versions cannot be ordered. */
static bool is_open(const Range *r, Str name) {
  if (r->readable) return r->set.n && !r->set.p[r->set.n - 1].hi.version.n;
  size_t bar = str_rfind_char(name, '|'), slash = str_find_char(name, '/');
  size_t from = bar != SIZE_MAX ? bar : slash;
  return starts_open(from == SIZE_MAX ? name : str_slice(name, from + 1, name.n));
}

static bool is_single(const Range *r, Str name) {
  if (r->readable) return r->parts.n == 1 && r->parts.p[0].op[0] == '=';
  size_t slash = str_find_char(name, '/');
  Str one = r->vers && slash != SIZE_MAX ? str_slice(name, slash + 1, name.n) : name;
  for (size_t i = 0; i < one.n; i++)
    if (one.p[i] <= ' ' || one.p[i] == '|') return false;
  return one.n && str_find_char(S("<>!*"), *one.p) == SIZE_MAX;
}

/* The form that 6.2.18 asks for: a type in lower case, something behind it. */
static bool is_vers(Str name) {
  Str type, rest;
  if (!str_starts(name, S("vers:")) || !str_cut(str_slice(name, 5, name.n), '/', &type, &rest) || !type.n || !rest.n)
    return false;
  for (size_t i = 0; i < type.n; i++) {
    bool digit = is_digit(type.p[i]);
    if (!is_lower(type.p[i]) && !(digit && i) && str_find_char(S(".-+\\"), type.p[i]) == SIZE_MAX) return false;
  }
  return true;
}

static void one_range(Csaf *c, Str name, const Range *r, Str where) {
  static const char *const types[] = { "all",    "alpine", "alpm",   "apache",   "apk",    "cargo",     "composer",
                                       "conan",  "cpan",   "cran",   "datetime", "deb",    "ebuild",    "gem",
                                       "gentoo", "github", "golang", "hex",      "intdot", "lexicographic",
                                       "maven",  "mattermost", "mozilla", "nginx", "none", "npm", "nuget", "openssl",
                                       "pypi",   "rpm",    "semver", NULL };
  Str shown = str_head(name, 80);
  csaf_fault(c, "6.3.10", where, "a range of versions is named instead of versions");
  if (!is_vers(name)) csaf_fault(c, "6.2.18", where, "'%.*s' is not written as vers", STR(shown));
  if (!c->new_rules) return;
  if (is_single(r, name)) csaf_fault(c, "6.1.59", where, "'%.*s' is one version and no range", STR(shown));
  if (r->any || is_open(r, name)) csaf_fault(c, "6.2.49", where, "'%.*s' has no upper end", STR(shown));
  if (!r->known)
    csaf_fault(c, "6.2.51", where, "vers:%.*s is %s", STR(str_head(r->type, 40)),
               is_one_of(r->type, types) ? "registered, and not known to this program" : "no registered type");
}

/* ---- siblings ---- */

/* Two siblings that overlap; the first is a range. */
typedef struct Overlap {
  JVal *a, *b;
  int kind;                      /* 1: two ranges as vers, 2: not as vers, 3: a version */
  Str where;
} Overlap;
typedef VEC(Overlap) Overlaps;

static bool overlap(Csaf *c, const Range *a, const Range *b) {
  Cx probe = { .arena = c->cx->arena };
  VersSet both = { 0 };
  if (!a->readable || !b->readable || a->scheme != b->scheme) return false;
  return vers_set_meet(&probe, a->scheme, &a->set, &b->set, &both) == E_OK && both.n > 0;
}

static Range version_of(Csaf *c, Str name, Scheme scheme) {
  Range r = { .readable = version_is_valid(scheme, name), .scheme = scheme };
  VersBound at = { name, false, false };
  if (r.readable) vec_add(c->cx->arena, &r.set, ((VersInterval){ at, at }));
  return r;
}

typedef struct Sibling { JVal *branch; bool is_range; Range range; Str name, where; } Sibling;

static void pair(Csaf *c, const Sibling *a, const Sibling *b, Overlaps *out) {
  if (!a->is_range) { const Sibling *x = a; a = b; b = x; }
  if (!a->is_range || out->n == PAIRS_MOST) return;
  Range version;
  if (!b->is_range) version = version_of(c, b->name, a->range.scheme);
  if (!overlap(c, &a->range, b->is_range ? &b->range : &version)) return;
  vec_add(c->cx->arena, out,
          ((Overlap){ a->branch, b->branch, !b->is_range ? 3 : b->range.vers ? 1 : 2, b->where }));
}

static void siblings(Csaf *c, JVal *list, Str where, unsigned depth, Overlaps *out) {
  VEC(Sibling) all = { 0 };
  size_t n = 0;
  if (depth == DEPTH_MOST) return;
  JSON_EACH(b, list) {
    Str here = csaf_at(c, "%.*s/%zu", STR(where), n++), category = json_text(b, "category");
    Sibling s = { .branch = b, .name = json_text(b, "name"), .where = csaf_at(c, "%.*s/name", STR(here)) };
    s.is_range = str_eq(category, S("product_version_range"));
    if (s.is_range) {
      s.range = range_of(c, s.name);
      one_range(c, s.name, &s.range, s.where);
    }
    if (str_eq(category, S("product_version")) && s.name.n > 1 && (*s.name.p | 32) == 'v' && is_digit(s.name.p[1]))
      csaf_fault(c, "6.3.11", s.where, "a version is written without v");
    if (s.is_range || str_eq(category, S("product_version"))) vec_add(c->cx->arena, &all, s);
    siblings(c, json_get(b, "branches"), csaf_at(c, "%.*s/branches", STR(here)), depth + 1, out);
  }
  for (size_t i = 0; c->new_rules && all.n <= SIBLINGS_MOST && i < all.n; i++)
    for (size_t j = i + 1; j < all.n; j++) pair(c, &all.p[i], &all.p[j], out);
}

/* ---- what is said of siblings that overlap ---- */

/* Bits of the groups in which the products of a branch are. */
static unsigned groups_below(JVal *branch, const Map *group_of, unsigned depth) {
  size_t own = map_get(group_of, json_text(json_get(branch, "product"), "product_id"));
  unsigned bits = own == MAP_NONE ? 0 : (unsigned)own;
  if (depth < DEPTH_MOST)
    JSON_EACH(b, json_get(branch, "branches")) bits |= groups_below(b, group_of, depth + 1);
  return bits;
}

static void judge(Csaf *c, const Overlap *p, const Map *group_of, Str where) {
  static const char *const contradict[] = { "", "6.2.50.1", "6.2.50.2", "6.2.50.3" },
                    *const same[] = { "", "6.3.19.1", "6.3.19.2", "6.3.19.3" };
  unsigned a = groups_below(p->a, group_of, 0), b = groups_below(p->b, group_of, 0);
  unsigned weighed = ~(1u << CSAF_RECOMMENDED);
  Str one = str_head(json_text(p->a, "name"), 80), other = str_head(json_text(p->b, "name"), 80);
  if (!json_get(p->b, "product")) {
    if (a) csaf_fault(c, p->kind == 3 ? "6.3.19.5" : "6.3.19.4", p->where, "%.*s overlaps %.*s", STR(other), STR(one));
    return;
  }
  if (a & b) csaf_fault(c, same[p->kind], where, "%.*s and %.*s overlap in one group", STR(one), STR(other));
  a &= weighed;
  b &= weighed;
  if (a && b && ((a | b) & ((a | b) - 1)))
    csaf_fault(c, contradict[p->kind], where, "%.*s and %.*s overlap, and different things are said of them", STR(one),
               STR(other));
}

static void said_of(Csaf *c, const Overlaps *pairs) {
  size_t n = 0;
  JSON_EACH(v, c->vulnerabilities) {
    Map group_of = map_new(c->cx->arena, 64);
    JSON_MEMBERS(key, list, json_get(v, "product_status"))
      JSON_EACH(id, list) {
        size_t before = map_get(&group_of, json_str(id));
        map_put(&group_of, json_str(id), (before == MAP_NONE ? 0 : before) | 1u << csaf_group_of(json_str(key)));
      }
    Str where = csaf_at(c, "/vulnerabilities/%zu/product_status", n++);
    for (size_t i = 0; i < pairs->n; i++) judge(c, &pairs->p[i], &group_of, where);
  }
}

/* ---- categories along the way ---- */

static void categories(Csaf *c, const CsafDefined *p) {
  Map seen = map_new(c->cx->arena, 8);
  bool version = false, range = false;
  for (const CsafStep *s = p->path; s; s = s->up) {
    Str category = json_text(s->branch, "category");
    version |= str_eq(category, S("product_version"));
    range |= str_eq(category, S("product_version_range"));
    if (str_eq(category, S("product_family"))) continue;
    if (map_get(&seen, category) != MAP_NONE)
      csaf_fault(c, "6.1.57", p->where, "%.*s stands twice on the way to it", STR(str_head(category, 40)));
    map_put(&seen, category, 1);
  }
  if (version && range)
    csaf_fault(c, "6.1.58", p->where, "a version and a range of versions stand on the way to it");
}

void csaf_check_ranges(Csaf *c) {
  Overlaps pairs = { 0 };
  siblings(c, json_get(c->tree, "branches"), S("/product_tree/branches"), 0, &pairs);
  if (!c->new_rules) return;
  for (size_t i = 0; i < c->product.n; i++) categories(c, &c->product.p[i]);
  said_of(c, &pairs);
}
