/* vers.c - vers: ranges of versions: scheme and constraints between bars. */
#include "vuln/inside.h"
#include <stdlib.h>

enum { VERS_MOST = 1000 };
typedef VersPart Constraint;
typedef VersParts Constraints;

static const struct { Str name; Scheme scheme; } aliases[] = {
  { { "alpine", 6 }, SCHEME_APK }, { { "packagist", 9 }, SCHEME_COMPOSER }, { { "intdot", 6 }, SCHEME_HACKAGE },
  { { "debian", 6 }, SCHEME_DEB }, { { "go", 2 }, SCHEME_GOLANG }, { { "rubygems", 8 }, SCHEME_GEM },
  { { "archlinux", 9 }, SCHEME_ALPM }, { { "arch", 4 }, SCHEME_ALPM },
};

static bool scheme_of(Str name, Scheme *out) {
  for (size_t i = 0; i < COUNT(aliases); i++)
    if (str_eq(name, aliases[i].name)) {
      *out = aliases[i].scheme;
      return true;
    }
  return scheme_find(name, out);
}

char vers_compare(Scheme s, Str left, Str right) {
  int order = 0;
  if (s != SCHEME_COMPOSER) return version_compare(s, left, right);
  if (!composer_compare_normal(str_trim(left), str_trim(right), &order)) return '?';
  return order < 0 ? '<' : order > 0 ? '>' : '=';
}

static int by_version(const void *x, const void *y) {
  const Constraint *a = x, *b = y;
  char c = vers_compare(a->scheme, a->version, b->version);
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
  c.raw = text;
  *out = c;
  return E_OK;
}

static Err valid(Cx *cx, const Constraint *c) {
  if (version_is_valid(c->scheme, c->version)) return E_OK;
  return fail(cx, E_INVALID, "\"%.*s\" is no %s version", STR(c->version), scheme_name(c->scheme));
}

static Err read_parts(Cx *cx, Str text, bool *any, Scheme *scheme, VersParts *out) {
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
  return E_OK;
}

Err vers_read(Cx *cx, Str text, bool *any, Scheme *scheme, VersParts *out) {
  TRY(read_parts(cx, text, any, scheme, out));
  for (size_t i = 0; i < out->n; i++) TRY(valid(cx, &out->p[i]));
  if (!out->n) return E_OK;
  qsort(out->p, out->n, sizeof *out->p, by_version);
  for (size_t i = 1; i < out->n; i++)
    if (by_version(&out->p[i - 1], &out->p[i]) == 0)
      return fail(cx, E_INVALID, "version %.*s stands twice", STR(out->p[i].version));
  return E_OK;
}

Str vers_write(Arena *a, Str scheme, const VersParts *parts) {
  Buf b = buf_new(a, SIZE_MAX / 4);
  buf_z(&b, "vers:");
  buf_add(&b, scheme);
  buf_byte(&b, '/');
  if (!parts->n) buf_byte(&b, '*');
  for (size_t i = 0; i < parts->n; i++) {
    const Constraint *c = &parts->p[i];
    if (i) buf_byte(&b, '|');
    if (c->op[0] != '=') buf_byte(&b, c->op[0]);
    if (c->op[0] == '!' || (c->op[0] != '=' && c->op[1])) buf_byte(&b, '=');
    percent_encode(&b, c->version);
  }
  return buf_str(&b);
}

/* One text, one writing: %41 for A, %3a for %3A and %3A for a colon are refused. */
static Err canonical_percents(Cx *cx, Str raw) {
  for (size_t i = 0; i + 2 < raw.n; i++) {
    Str triplet = str_slice(raw, i, i + 3), byte;
    Buf b = buf_new(cx->arena, 4);
    if (raw.p[i] != '%') continue;
    bool ascii = raw.p[i + 1] < '8';
    if (is_lower(raw.p[i + 1]) || is_lower(raw.p[i + 2]))
      return fail(cx, E_INVALID, "%.*s: hex digits are upper case", STR(triplet));
    if (!ascii) continue;                        /* a byte of a longer character: always written so */
    TRY(percent_decode(cx, triplet, "version", &byte));
    percent_encode(&b, byte);
    if (!str_eq(buf_str(&b), triplet))
      return fail(cx, E_INVALID, "%.*s: this character stands as it is", STR(triplet));
  }
  return E_OK;
}

Err vers_canonical(Cx *cx, Str range, Str *out) {
  Constraints list = { 0 };
  Scheme scheme = SCHEME_GENERIC;
  bool any = false;
  Str name, rest;
  TRY(read_parts(cx, range, &any, &scheme, &list));
  for (size_t i = 0; i < list.n; i++) {
    TRY(canonical_percents(cx, list.p[i].raw));
    if (list.n > 1 || scheme == SCHEME_DATETIME) TRY(valid(cx, &list.p[i]));
    char order = i ? vers_compare(scheme, list.p[i - 1].version, list.p[i].version) : '<';
    if (order == '=') return fail(cx, E_INVALID, "version %.*s stands twice", STR(list.p[i].version));
    if (order == '>')
      return fail(cx, E_INVALID, "version %.*s stands before %.*s: put them in ascending order",
                  STR(list.p[i - 1].version), STR(list.p[i].version));
  }
  str_cut(range, ':', &name, &rest);
  str_cut(rest, '/', &name, &rest);
  *out = vers_write(cx->arena, name, &list);
  return E_OK;
}

/* PEP 440: a local build counts only beside what names one, and is else the version it was built of; ">" is not passed
 * by a post-release of the version that it names. */
static char compared(const Constraint *c, Str version) {
  if (c->scheme == SCHEME_PYPI) {
    size_t plus = str_find_char(c->version, '+') == SIZE_MAX ? str_find_char(version, '+') : SIZE_MAX;
    if (plus != SIZE_MAX) version = str_slice(version, 0, plus);
    if (c->op[0] == '>' && !c->op[1] && pypi_is_post_of(version, c->version)) return '=';
  }
  return vers_compare(c->scheme, version, c->version);
}

/* The specification's walk: equal ones first, then the intervals between neighbours. */
static bool holds_version(const Constraints *list, Str version) {
  const Constraint *before = NULL;
  bool bounded = false, excluded = false;
  for (size_t i = 0; i < list->n; i++) {
    const Constraint *c = &list->p[i];
    bool equal = compared(c, version) == '=';
    if (equal) return c->op[0] == '=' || c->op[1] == '=';
    bounded |= c->op[0] != '!';
    excluded |= c->op[0] == '!';
  }
  if (!bounded) return excluded;
  for (size_t i = 0; i < list->n; i++) {
    const Constraint *c = &list->p[i];
    if (c->op[0] == '=' || c->op[0] == '!') continue;
    bool below = compared(c, version) == '<';
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
  *holds = list.n ? holds_version(&list, version) : any;
  return E_OK;
}
