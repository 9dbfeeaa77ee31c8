/* What follows from the rows after the last put: who links to whom, and the order of ids.
 *
 * The first settling builds all of it in one piece.  A later one touches only the rows that were put since and the ends
 * of their links, so that a refresh costs what changed and not what exists. */
#include "trace/inside.h"
#include <stdlib.h>
#include <string.h>

/* ---- links ---------------------------------------------------------------------------------------------- */

static bool resolve(Graph *g, Arena *scratch, NodeRow *row) {
  bool open = false;
  for (uint32_t k = 0; k < row->nout; k++) {
    if (row->out[k].to != NODE_NONE) continue;
    ArenaMark mark = arena_mark(scratch);
    size_t at = map_get(&g->by_id, str_upper(scratch, row->out[k].to_id));
    arena_release(scratch, mark);
    if (at == MAP_NONE) open = true;
    else row->out[k].to = (Node)at;
  }
  return open;
}

/* Links to ids that were not there may find them now: those nodes are then linked anew. */
static void resolve_links(Graph *g) {
  Arena *scratch = arena_new(SIZE_MAX / 4);
  size_t kept = 0, before = g->dangling.n;
  for (size_t i = 0; i < g->touched.n; i++) vec_add(g->arena, &g->dangling, g->touched.p[i]);
  for (size_t i = 0; i < g->dangling.n; i++) {
    Node n = g->dangling.p[i];
    if (i < before) vec_add(g->arena, &g->touched, n);
    if (resolve(g, scratch, &g->row[n])) g->dangling.p[kept++] = n;
  }
  g->dangling.n = kept;
  arena_free(scratch);
}

static uint32_t first_from(const Halves *h, Node other) {
  uint32_t low = 0, high = h->n;
  while (low < high) {
    uint32_t mid = low + (high - low) / 2;
    if (h->p[mid].other < other) low = mid + 1;
    else high = mid;
  }
  return low;
}

static void insert(Graph *g, Halves *h, uint32_t at, Half half) {
  if (h->n == h->room) {
    uint32_t want = h->room ? h->room * 2 : 4;
    g->waste += h->room * sizeof *h->p;
    h->p = arena_grow(g->arena, h->p, h->room * sizeof *h->p, want * sizeof *h->p);
    h->room = want;
  }
  memmove(&h->p[at + 1], &h->p[at], (h->n - at) * sizeof *h->p);
  h->p[at] = half;
  h->n++;
}

static void drop_all_of(Halves *in, Node source) {
  uint32_t from = first_from(in, source), to = from;
  while (to < in->n && in->p[to].other == source) to++;
  memmove(&in->p[from], &in->p[to], (in->n - to) * sizeof *in->p);
  in->n -= to - from;
}

/* Those that come in stand in the order of their sources: a graph that grew is the same as one that was loaded. */
static void link_anew(Graph *g, Node n) {
  Halves *out = &g->out[n];
  for (uint32_t i = 0; i < out->n; i++) drop_all_of(&g->in[out->p[i].other], n);
  out->n = 0;
  for (uint32_t k = 0; k < g->row[n].nout; k++) {
    const OutLink *l = &g->row[n].out[k];
    if (l->to == NODE_NONE) continue;
    insert(g, out, out->n, (Half){ l->to, k, l->name });
    insert(g, &g->in[l->to], first_from(&g->in[l->to], n + 1), (Half){ n, k, l->name });
  }
}

static void give_room(Graph *g, Halves *all) {
  size_t total = 0;
  for (size_t n = 0; n < g->n; n++) total += all[n].room;
  Half *p = NEW_ARRAY(g->arena, total + 1, Half);
  for (size_t n = 0; n < g->n; n++) {
    all[n].p = p;
    p += all[n].room;
  }
}

static void link_all(Graph *g) {
  for (size_t n = 0; n < g->n; n++) g->out[n] = g->in[n] = (Halves){ 0 };
  for (size_t n = 0; n < g->n; n++)
    for (uint32_t k = 0; k < g->row[n].nout; k++)
      if (g->row[n].out[k].to != NODE_NONE) { g->out[n].room++; g->in[g->row[n].out[k].to].room++; }
  give_room(g, g->out);
  give_room(g, g->in);
  for (size_t n = 0; n < g->n; n++) link_anew(g, (Node)n);
}

/* ---- the order of ids ------------------------------------------------------------------------------------ */

enum { RANK_GAP_BITS = 32 };     /* room between two ranks for those that come later */

static void rank_all(Graph *g) {
  for (size_t i = 0; i < g->nranked; i++) g->rank[g->by_rank[i]] = (int64_t)(i + 1) << RANK_GAP_BITS;
}

static void rank_one(Graph *g, Node n) {
  size_t low = 0, high = g->nranked;
  while (low < high) {
    size_t mid = low + (high - low) / 2;
    if (id_compare(g->row[g->by_rank[mid]].id, g->row[n].id) < 0) low = mid + 1;
    else high = mid;
  }
  memmove(&g->by_rank[low + 1], &g->by_rank[low], (g->nranked - low) * sizeof *g->by_rank);
  g->by_rank[low] = n;
  g->nranked++;
  int64_t below = low ? g->rank[g->by_rank[low - 1]] : 0;
  int64_t above = low + 1 < g->nranked ? g->rank[g->by_rank[low + 1]] : below + ((int64_t)2 << RANK_GAP_BITS);
  if (above - below > 1) g->rank[n] = below + (above - below) / 2;
  else rank_all(g);
}

typedef struct Ranked { Str id; Node n; } Ranked;
static int by_id_order(const void *a, const void *b) {
  return id_compare(((const Ranked *)a)->id, ((const Ranked *)b)->id);
}

/* Merges from the back, in place. */
static void rank_many(Graph *g) {
  size_t fresh = g->n - g->nranked, old = g->nranked, to = g->n;
  Arena *scratch = arena_new(SIZE_MAX / 4);
  Ranked *r = NEW_ARRAY(scratch, fresh, Ranked);
  for (size_t i = 0; i < fresh; i++) r[i] = (Ranked){ g->row[old + i].id, (Node)(old + i) };
  qsort(r, fresh, sizeof *r, by_id_order);
  while (fresh) {
    if (old && id_compare(g->row[g->by_rank[old - 1]].id, r[fresh - 1].id) > 0)
      g->by_rank[--to] = g->by_rank[--old];
    else g->by_rank[--to] = r[--fresh].n;
  }
  g->nranked = g->n;
  rank_all(g);
  arena_free(scratch);
}

/* ---- all --------------------------------------------------------------------------------------------------- */

enum { MANY_PART = 8 };          /* more than an eighth: anew is cheaper than one by one */

void graph_settle(Graph *g) {
  resolve_links(g);
  if (g->touched.n > g->n / MANY_PART) link_all(g);
  else
    for (size_t i = 0; i < g->touched.n; i++) link_anew(g, g->touched.p[i]);
  g->touched.n = 0;
  if (g->n - g->nranked > g->n / MANY_PART) rank_many(g);
  while (g->nranked < g->n) rank_one(g, (Node)g->nranked);
  arena_reset(g->cache_arena);
  for (size_t t = 0; t < g->ntypes; t++)
    for (size_t f = 0; f < record_type_at(t)->nfacts; f++) g->cache[t][f] = (FactCache){ 0 };
  g->epoch++;
}
