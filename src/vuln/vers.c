/* vers.c - vers: ranges of versions: scheme and constraints between bars. */
#include "vuln/inside.h"
#include <stdlib.h>

enum { VERS_MOST = 1000 };
typedef VersPart Constraint;
typedef VersParts Constraints;

static const struct { Str name; Scheme scheme; } aliases[] = {
  { { "alpine", 6 }, SCHEME_APK }, { { "packagist", 9 }, SCHEME_COMPOSER }, { { "intdot", 6 }, SCHEME_HACKAGE },
  { { "debian", 6 }, SCHEME_DEB }, { { "go", 2 }, SCHEME_GOLANG }, { { "rubygems", 8 }, SCHEME_GEM },
};

static bool scheme_of(Str name, Scheme *out) {
  for (size_t i = 0; i < COUNT(aliases); i++)
    if (str_eq(name, aliases[i].name)) {
      *out = aliases[i].scheme;
      return true;
    }
  return scheme_find(name, out);
}

static int by_version(const void *x, const void *y) {
  const Constraint *a = x, *b = y;
  char c = version_compare(a->scheme, a->version, b->version);
  return c == '<' ? -1 : c == '>';
}

static Err constraint(Cx *cx, Str text, Scheme scheme, Constraint *out) {
  static const Str ops[] = { { ">=", 2 }, { "<=", 2 }, { "!=", 2 }, { "<", 1 }, { ">", 1 }, { "=", 1 } };
  Constraint c = { .op = { '=', 0 }, .scheme = scheme };
  for (size_t i = 0; i < COUNT(ops); i++) {
    if (!str_starts(text, ops[i])) continue;
    c.op[0] = ops[i].p[0];
    c.op[1] = c.op[0] != '!' && ops[i].n > 1 ? '=' : 0;
    text = str_slice(text, ops[i].n, text.n);
    break;
  }
  TRY(percent_decode(cx, text, "version", &c.version));
  for (size_t i = 0; i < text.n; i++)
    if (text.p[i] <= ' ') return fail(cx, E_INVALID, "a space stands in the range");
  if (!version_is_valid(scheme, c.version))
    return fail(cx, E_INVALID, "\"%.*s\" is no %s version", STR(c.version), scheme_name(scheme));
  *out = c;
  return E_OK;
}

Err vers_read(Cx *cx, Str text, bool *any, Scheme *scheme, VersParts *out) {
  Str head, name;
  if (!str_cut(text, ':', &head, &text) || !str_eq_nocase(head, S("vers")))
    return fail(cx, E_INVALID, "a range starts with vers:");
  if (!str_cut(text, '/', &name, &text) || !name.n) return fail(cx, E_INVALID, "a range is vers:SCHEME/CONSTRAINTS");
  *any = str_eq(text, S("*"));
  if (*any && (str_eq(name, S("all")) || str_eq(name, S("none")))) { *any = str_eq(name, S("all")); return E_OK; }
  if (!scheme_of(name, scheme)) return fail(cx, E_INVALID, "scheme \"%.*s\" is not known", STR(name));
  if (*any) return E_OK;
  if (!text.n || *text.p == '|' || text.p[text.n - 1] == '|') return fail(cx, E_INVALID, "an empty constraint");
  while (text.n) {
    Str part;
    Constraint c;
    str_cut(text, '|', &part, &text);
    if (!part.n) return fail(cx, E_INVALID, "an empty constraint");
    if (out->n == VERS_MOST) return fail(cx, E_INVALID, "more than %d constraints", VERS_MOST);
    TRY(constraint(cx, part, *scheme, &c));
    vec_add(cx->arena, out, c);
  }
  qsort(out->p, out->n, sizeof *out->p, by_version);
  for (size_t i = 1; i < out->n; i++)
    if (by_version(&out->p[i - 1], &out->p[i]) == 0)
      return fail(cx, E_INVALID, "version %.*s stands twice", STR(out->p[i].version));
  return E_OK;
}

/* The specification's walk: equal ones first, then the intervals between neighbours. */
static bool holds_version(const Constraints *list, Scheme scheme, Str version) {
  const Constraint *before = NULL;
  bool bounded = false, excluded = false;
  for (size_t i = 0; i < list->n; i++) {
    const Constraint *c = &list->p[i];
    bool equal = version_compare(scheme, version, c->version) == '=';
    if (equal) return c->op[0] == '=' || c->op[1] == '=';
    bounded |= c->op[0] != '!';
    excluded |= c->op[0] == '!';
  }
  if (!bounded) return excluded;
  for (size_t i = 0; i < list->n; i++) {
    const Constraint *c = &list->p[i];
    if (c->op[0] == '=' || c->op[0] == '!') continue;
    bool below = version_compare(scheme, version, c->version) == '<';
    if (below) return c->op[0] == '<' && (!before || before->op[0] == '>');
    before = c;
  }
  return before && before->op[0] == '>';
}

Err vers_holds(Cx *cx, Str range, Str version, bool *holds) {
  Constraints list = { 0 };
  Scheme scheme = SCHEME_GENERIC;
  bool any = false;
  TRY(vers_read(cx, str_trim(range), &any, &scheme, &list));
  version = str_trim(version);
  if (list.n && !version_is_valid(scheme, version))
    return fail(cx, E_INVALID, "\"%.*s\" is no %s version", STR(version), scheme_name(scheme));
  *holds = list.n ? holds_version(&list, scheme, version) : any;
  return E_OK;
}
