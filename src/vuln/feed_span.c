/* feed_span.c - ordered statements about versions ("first match wins, else the default") become intervals at ingest.
 *
 * Every version that is named is a boundary; the state can change only at one and just behind one.  So all these
 * places are asked in order, and neighbours that agree become one span. */
#include "vuln/feed.h"
#include <stdlib.h>

enum { SPAN_STATEMENTS_MOST = 1000 };

typedef struct Mark {
  Str text;
  Scheme scheme;
  size_t rank;
} Mark;

static int by_version(const void *x, const void *y) {
  const Mark *a = x, *b = y;
  char c = version_compare(a->scheme, a->text, b->text);
  return c == '<' ? -1 : c == '>';
}

/* Boundaries, sorted, each once; false when they have no common order. */
static bool boundaries(Feed *f, const SpanList *l, Scheme scheme, Mark **out, size_t *n) {
  Mark *m = NEW_ARRAY(f->arena, l->n * 2 + 1, Mark);
  size_t k = 0, kept = 0;
  for (size_t i = 0; i < l->n; i++) {
    if (l->p[i].lo.n) m[k++] = (Mark){ l->p[i].lo, scheme, 0 };
    if (l->p[i].hi.n) m[k++] = (Mark){ l->p[i].hi, scheme, 0 };
  }
  for (size_t i = 0; i < k; i++)
    if (version_compare(scheme, m[0].text, m[i].text) == '?') return false;
  if (k) qsort(m, k, sizeof *m, by_version);
  for (size_t i = 0; i < k; i++)
    if (!kept || by_version(&m[kept - 1], &m[i]) != 0) m[kept++] = m[i];
  *out = m;
  *n = kept;
  return true;
}

/* Place 0 is before all; 2r + 1 is at boundary r, 2r + 2 just behind it. */
static size_t place_of(const Mark *m, size_t n, Str text) {
  Mark want = { text, m->scheme, 0 };
  const Mark *at = bsearch(&want, m, n, sizeof *m, by_version);
  return 2 * (size_t)(at - m) + 1;
}

typedef struct Reach {
  size_t from, to;
  SpanStatus status;
} Reach; /* places, both ends in */

static Reach reach_of(const Span *s, const Mark *m, size_t n) {
  Reach r = { 0, 2 * n, s->status };
  if (s->lo.n) r.from = place_of(m, n, s->lo) + (s->lo_excluded ? 1 : 0);
  if (s->hi.n) r.to = place_of(m, n, s->hi) - (s->hi_included ? 0 : 1);
  return r;
}

static Span span_of(const Mark *m, size_t n, size_t from, size_t to, SpanStatus status) {
  Span s = { .status = status };
  if (from) {
    s.lo = m[(from - 1) / 2].text;
    s.lo_excluded = from % 2 == 0;
  }
  if (to < 2 * n) {
    s.hi_included = to % 2 == 1;
    s.hi = m[to / 2].text;
  }
  return s;
}

void span_resolve(Feed *f, const SpanList *in, SpanStatus otherwise, Scheme scheme, SpanList *out) {
  Mark *m = NULL;
  size_t n = 0;
  if (scheme == SCHEME_NONE || in->n > SPAN_STATEMENTS_MOST || !boundaries(f, in, scheme, &m, &n)) {
    vec_add(f->arena, out, (Span){ .status = SPAN_UNKNOWN });
    return;
  }
  Reach *reach = NEW_ARRAY(f->arena, in->n + 1, Reach);
  for (size_t i = 0; i < in->n; i++) reach[i] = reach_of(&in->p[i], m, n);
  SpanStatus before = SPAN_UNAFFECTED;
  size_t from = 0;
  for (size_t place = 0; place <= 2 * n; place++) {
    SpanStatus now = otherwise;
    for (size_t i = 0; i < in->n; i++)
      if (place >= reach[i].from && place <= reach[i].to) {
        now = reach[i].status;
        break;
      }
    if (place && now != before && before != SPAN_UNAFFECTED)
      vec_add(f->arena, out, span_of(m, n, from, place - 1, before));
    if (!place || now != before) from = place;
    before = now;
  }
  if (before != SPAN_UNAFFECTED) vec_add(f->arena, out, span_of(m, n, from, 2 * n, before));
}

void span_rows(Feed *f, FeedAdv *a, const SpanList *spans, const FeedRow *like) {
  for (size_t i = 0; i < spans->n; i++) {
    const Span *s = &spans->p[i];
    FeedRow r = *like;
    bool readable = true;
    r.flags = (s->lo.n ? s->lo_excluded ? ROW_LO_EXCL : 0u : ROW_LO_NONE) |
              (s->hi.n ? s->hi_included ? ROW_HI_INCL : 0u : ROW_HI_NONE) |
              (s->status == SPAN_UNKNOWN ? ROW_UNKNOWN : 0u);
    r.lo = str_dup(f->arena, s->lo);
    r.hi = str_dup(f->arena, s->hi);
    if (r.scheme != SCHEME_NONE && scheme_has_key(r.scheme)) {
      if (s->lo.n) readable = version_key(f->arena, r.scheme, s->lo, &r.lo_key);
      if (s->hi.n) readable &= version_key(f->arena, r.scheme, s->hi, &r.hi_key);
    }
    if (!readable) r.flags = ROW_UNREADABLE;
    vec_add(f->arena, &a->rows, r);
  }
  if (spans->n) return;
  FeedRow never = *like;
  never.flags = ROW_NEVER;
  vec_add(f->arena, &a->rows, never);
}

void span_programs(Feed *f, FeedAdv *a, const SpanList *spans, const FeedLeaf *like) {
  uint32_t first = (uint32_t)a->ops.n;
  bool exact = cpe_is_literal(like->version);
  for (size_t i = 0; i < spans->n; i++) {
    const Span *s = &spans->p[i];
    FeedLeaf l = *like;
    /* a name with a version of its own is meant as it stands: the statements count in other numbers */
    if (!exact && (s->lo.n || s->hi.n))
      leaf_range(f, &l, (LeafBound){ s->lo, !s->lo_excluded }, (LeafBound){ s->hi, s->hi_included });
    prog_leaf(f, a, &l);
    if (s->status == SPAN_UNKNOWN) {
      prog_op(f, a, OP_UNKNOWN);
      prog_op(f, a, OP_AND);
    }
    if (i) prog_op(f, a, OP_OR);
  }
  if (!spans->n) prog_leaf(f, a, like);
  prog_end(f, a, first, spans->n ? 0 : PROG_NEGATIVE);
}
