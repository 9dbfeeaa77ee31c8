/* feed_group.c - which ids mean the same vulnerability: union over aliases, but never over two CVE ids. */
#include "vuln/feed.h"
#include <stdlib.h>

typedef struct Node {
  Str id;
  size_t parent;
  uint64_t cve;
} Node;
typedef VEC(Node) Nodes;

static size_t root_of(Nodes *n, size_t i) {
  while (n->p[i].parent != i) {
    n->p[i].parent = n->p[n->p[i].parent].parent;
    i = n->p[i].parent;
  }
  return i;
}

static size_t node_of(Feed *f, Nodes *n, Map *map, Str id) {
  size_t at = map_get(map, id);
  if (at != MAP_NONE) return at;
  at = n->n;
  vec_add(f->arena, n, (Node){ id, at, cve_number(id) });
  map_put(map, id, at);
  return at;
}

static void join(Feed *f, Nodes *n, size_t a, size_t b) {
  a = root_of(n, a);
  b = root_of(n, b);
  if (a == b) return;
  if (n->p[a].cve && n->p[b].cve && n->p[a].cve != n->p[b].cve) {
    feed_skip(f, n->p[a].id, "an alias that would make two CVE ids one: refused", 1);
    return;
  }
  if (!n->p[a].cve) n->p[a].cve = n->p[b].cve;
  n->p[b].parent = a;
}

/* CVE before GHSA before any other; then bytewise. */
static int id_rank(Str id) { return cve_number(id) ? 0 : str_starts(id, S("GHSA-")) ? 1 : 2; }

static int by_rank(const void *x, const void *y) {
  const Str *a = x, *b = y;
  int d = id_rank(*a) - id_rank(*b);
  return d ? d : str_cmp(*a, *b);
}

static int by_rep(const void *x, const void *y) {
  const FeedGroup *a = x, *b = y;
  return str_cmp(a->rep, b->rep);
}

static int by_adv_id(const void *x, const void *y) {
  const FeedAdv *a = x, *b = y;
  int d = str_cmp(a->id, b->id);
  if (!d) d = (a->origin > b->origin) - (a->origin < b->origin);
  return d ? d : str_cmp(a->about, b->about);
}

static Str about(const FeedAdv *a) { return a->about.n ? a->about : a->id; }

static void best_score(FeedGroup *g, const FeedAdv *a) {
  if (g->severity == SEV_UNSCORED ||
      (g->x10 == CVSS_NONE && a->severity != SEV_UNSCORED && a->severity > g->severity))
    g->severity = a->severity;
  if (a->x10 == CVSS_NONE) return;
  /* "CVSS:4.0/..." sorts after "CVSS:3.1/..." and both before the bare vectors of 2.0, which start with AV */
  bool old2 = !str_starts(g->vector, S("CVSS:")), new2 = !str_starts(a->vector, S("CVSS:"));
  int newer = old2 != new2 ? (old2 ? 1 : -1)
              : old2       ? 0
                           : str_cmp(str_slice(a->vector, 0, 8), str_slice(g->vector, 0, 8));
  if (g->x10 != CVSS_NONE && (newer < 0 || (newer == 0 && a->x10 <= g->x10))) return;
  g->vector = a->vector;
  g->x10 = a->x10;
  g->severity = a->severity;
}

/* The catalog's own date of exploitation stands before one that a record repeats. */
static void enrich(FeedGroup *g, const FeedAdv *a) {
  if (a->ssvc) g->ssvc = a->ssvc;
  if (a->kev && !g->kev) {
    g->kev = true;
    g->kev_added = a->kev_added;
  }
}

static int by_cve(const void *x, const void *y) {
  const uint64_t *a = x, *b = y; /* both row types begin with it */
  return (*a > *b) - (*a < *b);
}

/* Exploitation and score belong to CVE ids; the highest of the group's counts. */
static void facts_of(Feed *f, FeedGroup *g) {
  g->epss_x1e9 = SNAP_NONE;
  for (size_t i = 0; i < g->members.n; i++) {
    uint64_t cve = cve_number(g->members.p[i]);
    if (!cve) continue;
    const FeedKev *k = f->kevs.n ? bsearch(&cve, f->kevs.p, f->kevs.n, sizeof *f->kevs.p, by_cve) : NULL;
    const SnapEpss *e = f->epss.n ? bsearch(&cve, f->epss.p, f->epss.n, sizeof *f->epss.p, by_cve) : NULL;
    if (k) {
      g->kev = true;
      g->kev_added = k->added;
    }
    if (e && (g->epss_x1e9 == SNAP_NONE || e->score_x1e9 > g->epss_x1e9)) g->epss_x1e9 = e->score_x1e9;
  }
}

/* An advisory that claims several CVE ids as its aliases is a bulletin about all of them, not another name of each.
 */
static void bulletin(Feed *f, FeedAdv *a) {
  size_t cves = cve_number(a->id) != 0, kept = 0;
  for (size_t k = 0; k < a->aliases.n; k++)
    cves += cve_number(a->aliases.p[k]) && (!k || !str_eq(a->aliases.p[k], a->aliases.p[k - 1])) &&
            !str_eq(a->aliases.p[k], a->id);
  if (cves < 2) return;
  for (size_t k = 0; k < a->aliases.n; k++) {
    Str id = a->aliases.p[k];
    if (!cve_number(id)) {
      a->aliases.p[kept++] = id;
      continue;
    }
    bool known = false;
    for (size_t u = 0; u < a->upstream.n; u++) known |= str_eq(a->upstream.p[u], id);
    if (!known) vec_add(f->arena, &a->upstream, id);
  }
  a->aliases.n = kept;
}

static void unite(Feed *f, Nodes *n, Map *map) {
  for (size_t i = 0; i < f->advs.n; i++) {
    FeedAdv *a = &f->advs.p[i];
    size_t self = node_of(f, n, map, about(a));
    if (a->aliases.n > 1) qsort(a->aliases.p, a->aliases.n, sizeof *a->aliases.p, by_rank);
    bulletin(f, a);
    for (size_t k = 0; k < a->upstream.n; k++) (void)node_of(f, n, map, a->upstream.p[k]);
    for (size_t k = 0; k < a->aliases.n && !a->withdrawn; k++) join(f, n, self, node_of(f, n, map, a->aliases.p[k]));
  }
}

/* A correction of an NVD record stands behind it: it keeps its scores and loses its configurations. */
static void apply_corrections(Feed *f) {
  for (size_t i = 1; i < f->advs.n; i++) {
    FeedAdv *a = &f->advs.p[i - 1], *next = &f->advs.p[i];
    bool corrected = a->origin == ORIGIN_NVD && next->origin == ORIGIN_NVD && str_eq(a->id, next->id);
    if (!corrected) continue;
    a->progs.n = a->ops.n = a->leaves.n = 0;
    if (a->withdrawn) next->progs.n = next->ops.n = next->leaves.n = 0; /* a rejected record needs none */
  }
}

static size_t drop_doubles(void *rows, size_t n, size_t each) {
  if (n < 2) return n;
  uint8_t *p = rows;
  size_t kept = 1;
  qsort(rows, n, each, by_cve);
  for (size_t i = 1; i < n; i++)
    if (by_cve(p + i * each, p + (kept - 1) * each) != 0) {
      if (kept != i)
        for (size_t b = 0; b < each; b++) p[kept * each + b] = p[i * each + b];
      kept++;
    }
  return kept;
}

void feed_groups(Feed *f) {
  Nodes nodes = { 0 };
  Map map = map_new(f->arena, f->advs.n * 2);
  if (f->advs.n) qsort(f->advs.p, f->advs.n, sizeof *f->advs.p, by_adv_id);
  apply_corrections(f);
  f->kevs.n = drop_doubles(f->kevs.p, f->kevs.n, sizeof *f->kevs.p);
  f->epss.n = drop_doubles(f->epss.p, f->epss.n, sizeof *f->epss.p);
  unite(f, &nodes, &map);
  size_t *group = NEW_ARRAY(f->arena, nodes.n + 1, size_t);
  for (size_t i = 0; i < nodes.n; i++) {
    size_t root = root_of(&nodes, i);
    if (!group[root]) {
      vec_add(f->arena, &f->groups, (FeedGroup){ .x10 = CVSS_NONE, .severity = SEV_UNSCORED });
      group[root] = f->groups.n;
    }
    vec_add(f->arena, &f->groups.p[group[root] - 1].members, nodes.p[i].id);
  }
  for (size_t i = 0; i < f->groups.n; i++) {
    FeedGroup *g = &f->groups.p[i];
    qsort(g->members.p, g->members.n, sizeof *g->members.p, by_rank);
    g->rep = g->members.p[0];
    facts_of(f, g);
  }
  if (f->groups.n) qsort(f->groups.p, f->groups.n, sizeof *f->groups.p, by_rep);
  f->group_of = map_new(f->arena, nodes.n);
  for (size_t i = 0; i < f->groups.n; i++)
    for (size_t k = 0; k < f->groups.p[i].members.n; k++) map_put(&f->group_of, f->groups.p[i].members.p[k], i);
  for (size_t i = 0; i < f->advs.n; i++) {
    FeedAdv *a = &f->advs.p[i];
    a->group = (uint32_t)map_get(&f->group_of, about(a));
    if (!a->withdrawn) best_score(&f->groups.p[a->group], a);
    if (!a->withdrawn) enrich(&f->groups.p[a->group], a);
  }
}
