/* graph.c - from stated dependencies to edges between components: dangling ends, circles, order.
 *
 * Everything is linear or n log n in what the file states, and nothing recurses. */
#include "supply/inside.h"
#include <stdlib.h>

static int edge_order(const void *a, const void *b) {
  const SbomEdge *x = a, *y = b;
  if (x->from != y->from) return x->from < y->from ? -1 : 1;
  return x->to == y->to ? 0 : x->to < y->to ? -1 : 1;
}

/* One end of a dependency; SBOM_NONE when it is no component. */
static uint32_t end_of(Reading *r, Str ref, const Stated *d, const char *place) {
  size_t i = map_get(&r->refs, ref);
  if (i == MAP_NONE) {
    Str shown = str_head(ref, 200);
    bool external = str_starts(ref, S("urn:cdx:"));       /* a BOM-Link: another document */
    if (!external)
      reading_warn(r, str_fmt(r->cx->arena, "%s/%u", place, d->at),
                   "the dependency names \"%.*s\", which is nowhere in the SBOM", STR(shown));
    return SBOM_NONE;
  }
  return i == OTHER_REF ? SBOM_NONE : (uint32_t)i;
}

static void edges_make(Reading *r, const char *place) {
  Sbom *s = r->s;
  uint32_t last_from = SBOM_NONE;
  Str from_ref = STR_NONE;
  for (size_t k = 0; k < r->stated.n; k++) {
    const Stated *d = &r->stated.p[k];
    if (!k || !str_eq(d->from, from_ref)) { /* CycloneDX states many with one "ref": look and say once */
      from_ref = d->from;
      last_from = end_of(r, d->from, d, place);
    }
    uint32_t to = end_of(r, d->to, d, place);
    if (last_from == SBOM_NONE || to == SBOM_NONE) continue;
    if (last_from == to) {
      reading_warn(r, str_fmt(r->cx->arena, "%s/%u", place, d->at), "\"%.*s\" depends on itself", STR(d->to));
      continue;
    }
    vec_add(r->cx->arena, &s->edge, (SbomEdge){ last_from, to });
  }
  s->dependencies = (uint32_t)r->stated.n;
  if (!s->edge.n) return;
  qsort(s->edge.p, s->edge.n, sizeof *s->edge.p, edge_order);
  size_t n = 1;
  for (size_t k = 1; k < s->edge.n; k++)
    if (edge_order(&s->edge.p[k], &s->edge.p[n - 1])) s->edge.p[n++] = s->edge.p[k];
  s->edge.n = n;
}

/* start[i] .. start[i + 1] are the edges that leave i (edges are sorted by from). */
static uint32_t *edge_starts(Reading *r) {
  const Sbom *s = r->s;
  uint32_t *start = NEW_ARRAY(r->cx->arena, s->component.n + 1, uint32_t);
  for (size_t k = 0; k < s->edge.n; k++) start[s->edge.p[k].from + 1]++;
  for (size_t i = 0; i < s->component.n; i++) start[i + 1] += start[i];
  return start;
}

/* Takes away, again and again, what nothing (left) depends on.  What stays is in a circle or behind one. */
static size_t peel(Reading *r, const uint32_t *start, uint32_t *incoming) {
  const Sbom *s = r->s;
  uint32_t *queue = NEW_ARRAY(r->cx->arena, s->component.n, uint32_t);
  size_t head = 0, tail = 0;
  for (size_t k = 0; k < s->edge.n; k++) incoming[s->edge.p[k].to]++;
  for (uint32_t i = 0; i < s->component.n; i++) if (!incoming[i]) queue[tail++] = i;
  while (head < tail) {
    uint32_t i = queue[head++];
    for (uint32_t k = start[i]; k < start[i + 1]; k++)
      if (!--incoming[s->edge.p[k].to]) queue[tail++] = s->edge.p[k].to;
  }
  return s->component.n - tail;
}

/* Walks backwards from a component that stayed: each has a predecessor that stayed, so the walk must close a circle. */
static void circle_name(Reading *r, const uint32_t *incoming) {
  const Sbom *s = r->s;
  uint32_t *before = NEW_ARRAY(r->cx->arena, s->component.n, uint32_t);
  bool *met = NEW_ARRAY(r->cx->arena, s->component.n, bool);
  uint32_t at = SBOM_NONE;
  for (size_t k = 0; k < s->edge.n; k++) {
    SbomEdge e = s->edge.p[k];
    if (incoming[e.from] && incoming[e.to]) before[e.to] = e.from + 1;
  }
  for (uint32_t i = 0; i < s->component.n && at == SBOM_NONE; i++) if (before[i]) at = i;
  if (at == SBOM_NONE) return;
  for (; !met[at]; at = before[at] - 1) met[at] = true;
  Str words = s->component.p[at].name;
  uint32_t i = at, n = 0;
  do {
    i = before[i] - 1;
    if (n++ < 6) words = str_fmt(r->cx->arena, "%.*s <- %.*s", STR(words), STR(s->component.p[i].name));
  } while (i != at);
  reading_warn(r, S("/dependencies"), "%u components depend on each other in a circle: %.*s%s", n, STR(words),
               n > 6 ? " ..." : "");
}

static void relations_count(Reading *r) {
  Sbom *s = r->s;
  bool *related = NEW_ARRAY(r->cx->arena, s->component.n + 1, bool);
  for (size_t k = 0; k < s->edge.n; k++) related[s->edge.p[k].from] = related[s->edge.p[k].to] = true;
  if (s->root != SBOM_NONE)
    related[s->root] = true; /* NTIA 2021: the primary component is related to the SBOM itself */
  for (size_t i = 0; i < s->component.n; i++)
    if (s->component.p[i].parent != SBOM_NONE) related[i] = related[s->component.p[i].parent] = true;
  for (size_t i = 0; i < s->component.n; i++) {
    s->listed += s->component.p[i].role == SBOM_LISTED;
    s->no_relation += s->component.p[i].role == SBOM_LISTED && !related[i];
  }
}

void graph_resolve(Reading *r, const char *edge_place) {
  edges_make(r, edge_place);
  relations_count(r);
  if (!r->s->edge.n) return;
  uint32_t *start = edge_starts(r), *incoming = NEW_ARRAY(r->cx->arena, r->s->component.n, uint32_t);
  if (peel(r, start, incoming)) circle_name(r, incoming);
}
