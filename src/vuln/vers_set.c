/* vers_set.c - sets of versions as intervals: what stands between reading a range of some ecosystem and writing it as
 * vers.  Intervals of a set ascend and neither meet nor overlap, so that a set has one writing. */
#include "vuln/vers_native.h"
#include <stdlib.h>

/* Of two bounds on the same side; an open one excludes its version.  side: -1 lower, 1 upper. */
static int bound_cmp(Scheme s, const VersBound *a, const VersBound *b, int side) {
  if (!a->version.n || !b->version.n) return side * ((a->version.n == 0) - (b->version.n == 0));
  char c = vers_compare(s, a->version, b->version);
  if (c != '=') return c == '<' ? -1 : 1;
  if (a->open != b->open) return side * (b->open - a->open);
  return b->alone - a->alone;
}

static bool is_empty(Scheme s, const VersInterval *i) {
  if (!i->lo.version.n || !i->hi.version.n) return false;
  char c = vers_compare(s, i->lo.version, i->hi.version);
  return c == '>' || (c == '=' && (i->lo.open || i->hi.open));
}

Err vers_set_meet(Cx *cx, Scheme s, const VersSet *a, const VersSet *b, VersSet *out) {
  VersSet both = { 0 };
  for (size_t i = 0; i < a->n; i++)
    for (size_t j = 0; j < b->n; j++) {
      const VersInterval *x = &a->p[i], *y = &b->p[j];
      VersInterval m = { bound_cmp(s, &x->lo, &y->lo, -1) > 0 ? x->lo : y->lo,
                         bound_cmp(s, &x->hi, &y->hi, 1) < 0 ? x->hi : y->hi };
      if (!is_empty(s, &m)) vec_add(cx->arena, &both, m);
    }
  if (both.n > VERS_SET_MOST) return fail(cx, E_INVALID, "the range has more than %d parts", VERS_SET_MOST);
  *out = both;
  return E_OK;
}

typedef struct Sorted { VersInterval interval; Scheme scheme; } Sorted;

static int by_lower(const void *x, const void *y) {
  const Sorted *a = x, *b = y;
  return bound_cmp(a->scheme, &a->interval.lo, &b->interval.lo, -1);
}

/* Whether nothing stands between the end of a and the start of b. */
static bool touches(Scheme s, const VersInterval *a, const VersInterval *b) {
  if (!a->hi.version.n || !b->lo.version.n) return true;
  char c = vers_compare(s, a->hi.version, b->lo.version);
  return c == '>' || (c == '=' && !(a->hi.open && b->lo.open));
}

Err vers_set_tidy(Cx *cx, Scheme s, VersSet *set) {
  VEC(Sorted) all = { 0 };
  VersSet joined = { 0 };
  for (size_t i = 0; i < set->n; i++) vec_add(cx->arena, &all, (Sorted){ set->p[i], s });
  if (all.n) qsort(all.p, all.n, sizeof *all.p, by_lower);
  for (size_t i = 0; i < all.n; i++) {
    VersInterval *last = joined.n ? &joined.p[joined.n - 1] : NULL, *next = &all.p[i].interval;
    if (!last || !touches(s, last, next)) vec_add(cx->arena, &joined, *next);
    else if (bound_cmp(s, &last->hi, &next->hi, 1) < 0) last->hi = next->hi;
  }
  if (joined.n > VERS_SET_MOST) return fail(cx, E_INVALID, "the range has more than %d parts", VERS_SET_MOST);
  *set = joined;
  return E_OK;
}

static void part(Cx *cx, VersParts *parts, char op, bool closed, Str version) {
  vec_add(cx->arena, parts, (VersPart){ .op = { op, closed ? '=' : 0 }, .version = version });
}

/* A gap of one version is "!="; an interval of one version is the version. */
Str vers_set_write(Cx *cx, Scheme s, const VersSet *set) {
  VersParts parts = { 0 };
  if (!set->n) return S("vers:none/*");
  for (size_t i = 0; i < set->n; i++) {
    const VersInterval *v = &set->p[i], *next = i + 1 < set->n ? v + 1 : NULL;
    bool gap = next && vers_compare(s, v->hi.version, next->lo.version) == '=';
    bool after_gap = i && vers_compare(s, v[-1].hi.version, v->lo.version) == '=';
    bool one = v->lo.version.n && v->hi.version.n && vers_compare(s, v->lo.version, v->hi.version) == '=';
    if (one) { part(cx, &parts, '=', false, v->lo.version); continue; }
    if (v->lo.alone && !after_gap)
      part(cx, &parts, '>', true, str_fmt(cx->arena, "%.*s.post0.dev0", STR(v->lo.version)));
    else if (v->lo.version.n && !after_gap) part(cx, &parts, '>', !v->lo.open, v->lo.version);
    if (gap) part(cx, &parts, '!', true, v->hi.version);
    else if (v->hi.version.n) part(cx, &parts, '<', !v->hi.open, v->hi.version);
  }
  return vers_write(cx->arena, str_of(scheme_name(s)), &parts);
}
