/* feed_group.c - which ids mean the same vulnerability: union over aliases, but never over two CVE ids. */
#include "vuln/feed.h"
#include <stdlib.h>
#include <string.h>

typedef struct Node {
  uint32_t id, parent; /* id: a word */
  uint64_t cve;
} Node;
typedef struct Nodes {
  Feed *f;
  Node *p;
  uint32_t n, *of; /* of: by word; SNAP_NONE */
} Nodes;

static uint32_t root_of(Nodes *n, uint32_t i) {
  while (n->p[i].parent != i) {
    n->p[i].parent = n->p[n->p[i].parent].parent;
    i = n->p[i].parent;
  }
  return i;
}

static uint32_t node_of(Nodes *n, uint32_t word) {
  if (n->of[word] != SNAP_NONE) return n->of[word];
  n->p[n->n] = (Node){ word, n->n, cve_number(feed_word(n->f, word)) };
  return n->of[word] = n->n++;
}

static void join(Nodes *n, uint32_t a, uint32_t b) {
  a = root_of(n, a);
  b = root_of(n, b);
  if (a == b) return;
  if (n->p[a].cve && n->p[b].cve && n->p[a].cve != n->p[b].cve) {
    feed_skip(n->f, feed_word(n->f, n->p[a].id), "an alias that would make two CVE ids one: refused", 1);
    return;
  }
  if (!n->p[a].cve) n->p[a].cve = n->p[b].cve;
  n->p[b].parent = a;
}

/* ---- order --------------------------------------------------------------------------------------------- */

/* CVE before GHSA before any other; then bytewise. */
static int id_rank(Str id) { return cve_number(id) ? 0 : str_starts(id, S("GHSA-")) ? 1 : 2; }

/* A text to sort by: its first bytes as numbers decide nearly always. */
typedef struct SortKey {
  uint64_t first, second;
  Str text;
  uint32_t rank, index;
} SortKey;

static SortKey sort_key(Str text, uint32_t index) {
  return (SortKey){ key_first8(text), key_first8(str_slice(text, 8, text.n)), text, 0, index };
}

static int by_text(const void *x, const void *y) {
  const SortKey *a = x, *b = y;
  if (a->rank != b->rank) return a->rank < b->rank ? -1 : 1;
  if (a->first != b->first) return a->first < b->first ? -1 : 1;
  if (a->second != b->second) return a->second < b->second ? -1 : 1;
  int d = str_cmp(a->text, b->text);
  return d ? d : (a->index > b->index) - (a->index < b->index);
}

static const Feed *sorting; /* qsort() has no room for it */

static int by_adv(const void *x, const void *y) {
  const SortKey *k = x, *l = y;
  SortKey one = *k, other = *l;
  one.index = other.index = 0;
  int d = by_text(&one, &other);
  if (d) return d;
  const PackAdv *a = pile_at(&sorting->adv, k->index), *b = pile_at(&sorting->adv, l->index);
  if (a->origin != b->origin) return a->origin < b->origin ? -1 : 1;
  return str_cmp(feed_word(sorting, a->about), feed_word(sorting, b->about));
}

static void sort_advisories(Feed *f) {
  SortKey *key = NEW_ARRAY(f->arena, f->adv.n + 1, SortKey);
  f->order = NEW_ARRAY(f->keep, f->adv.n + 1, uint32_t);
  for (uint32_t i = 0; i < f->adv.n; i++) key[i] = sort_key(feed_word(f, ((PackAdv *)pile_at(&f->adv, i))->id), i);
  sorting = f;
  if (f->adv.n) qsort(key, f->adv.n, sizeof *key, by_adv);
  for (size_t i = 0; i < f->adv.n; i++) f->order[i] = key[i].index;
  arena_reset(f->arena);
}

/* ---- scores -------------------------------------------------------------------------------------------- */

static uint32_t about(const PackAdv *a) { return a->about ? a->about : a->id; }

/* The higher version of CVSS, then the higher score. */
static bool is_better(const Feed *f, const FeedGroup *g, const PackAdv *a) {
  Str have = feed_word(f, g->vector), new = feed_word(f, a->vector);
  /* "CVSS:4.0/..." sorts after "CVSS:3.1/..." and both before the bare vectors of 2.0, which start with AV */
  bool old2 = !str_starts(have, S("CVSS:")), new2 = !str_starts(new, S("CVSS:"));
  int newer = old2 != new2 ? (old2 ? 1 : -1) : old2 ? 0 : str_cmp(str_slice(new, 0, 8), str_slice(have, 0, 8));
  return g->x10 == CVSS_NONE || newer > 0 || (newer == 0 && a->x10 > g->x10);
}

static void best_score(const Feed *f, FeedGroup *g, const PackAdv *a) {
  if (g->severity == SEV_UNSCORED ||
      (g->x10 == CVSS_NONE && a->severity != SEV_UNSCORED && a->severity > g->severity))
    g->severity = a->severity;
  if (a->x10 == CVSS_NONE || !is_better(f, g, a)) return;
  g->vector = a->vector;
  g->x10 = a->x10;
  g->severity = a->severity;
}

/* The catalog's own date of exploitation stands before one that a record repeats. */
static void enrich(FeedGroup *g, const PackAdv *a) {
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
    uint64_t cve = cve_number(feed_word(f, f->member[g->members.first + i]));
    if (!cve) continue;
    const FeedKev *k = f->kevs.n ? bsearch(&cve, f->kevs.p, f->kevs.n, sizeof *f->kevs.p, by_cve) : NULL;
    const SnapEpss *e = f->epss.n ? bsearch(&cve, f->epss.p, f->epss.n, sizeof *f->epss.p, by_cve) : NULL;
    if (k) {
      g->kev = true;
      g->kev_added = pool_put(&f->word, k->added);
    }
    if (e && (g->epss_x1e9 == SNAP_NONE || e->score_x1e9 > g->epss_x1e9)) g->epss_x1e9 = e->score_x1e9;
  }
}

/* ---- groups -------------------------------------------------------------------------------------------- */

static int by_rank(const void *x, const void *y) {
  const uint32_t *a = x, *b = y;
  Str left = feed_word(sorting, *a), right = feed_word(sorting, *b);
  int d = id_rank(left) - id_rank(right);
  return d ? d : str_cmp(left, right);
}

static uint32_t *alias_at(const Feed *f, const PackAdv *a, size_t i) { return pile_at(&f->name, a->aliases.first + i); }

static void keep_upstream(Feed *f, PackSpan *to, uint32_t word) {
  for (size_t i = 0; i < to->n; i++)
    if (feed_name(f, *to, i) == word) return;
  *(uint32_t *)pile_add(f->keep, &f->name) = word;
  to->n++;
}

/* An advisory that claims several CVE ids as its aliases is a bulletin about all of them, not another name of each. */
static void bulletin(Feed *f, PackAdv *a) {
  size_t cves = cve_number(feed_word(f, a->id)) != 0, kept = 0;
  for (size_t k = 0; k < a->aliases.n; k++) {
    uint32_t id = *alias_at(f, a, k);
    cves += cve_number(feed_word(f, id)) && (!k || id != *alias_at(f, a, k - 1)) && id != a->id;
  }
  if (cves < 2) return;
  PackSpan old = a->upstream;
  a->upstream = (PackSpan){ (uint32_t)f->name.n, 0 };
  for (size_t k = 0; k < old.n; k++) keep_upstream(f, &a->upstream, feed_name(f, old, k));
  for (size_t k = 0; k < a->aliases.n; k++) {
    uint32_t id = *alias_at(f, a, k);
    if (cve_number(feed_word(f, id))) keep_upstream(f, &a->upstream, id);
    else *alias_at(f, a, kept++) = id;
  }
  a->aliases.n = (uint32_t)kept;
}

static void sort_aliases(Feed *f, const PackAdv *a) {
  for (size_t i = 1; i < a->aliases.n; i++) /* a handful, often sorted */
    for (size_t k = i; k > 0 && by_rank(alias_at(f, a, k - 1), alias_at(f, a, k)) > 0; k--) {
      uint32_t word = *alias_at(f, a, k);
      *alias_at(f, a, k) = *alias_at(f, a, k - 1);
      *alias_at(f, a, k - 1) = word;
    }
}

static Nodes unite(Feed *f) {
  Nodes n = { .f = f, .of = NEW_ARRAY(f->keep, pool_size(&f->word), uint32_t) };
  n.p = NEW_ARRAY(f->keep, pool_size(&f->word), Node);
  memset(n.of, 0xff, pool_size(&f->word) * sizeof *n.of);
  sorting = f;
  for (size_t i = 0; i < f->adv.n; i++) {
    PackAdv *a = feed_sorted(f, i);
    uint32_t self = node_of(&n, about(a));
    sort_aliases(f, a);
    bulletin(f, a);
    for (size_t k = 0; k < a->upstream.n; k++) (void)node_of(&n, feed_name(f, a->upstream, k));
    for (size_t k = 0; k < a->aliases.n && !a->withdrawn; k++) join(&n, self, node_of(&n, *alias_at(f, a, k)));
  }
  return n;
}

/* A correction of an NVD record stands behind it: it keeps its scores and loses its configurations. */
static void apply_corrections(Feed *f) {
  for (size_t i = 1; i < f->adv.n; i++) {
    PackAdv *a = feed_sorted(f, i - 1), *next = feed_sorted(f, i);
    if (a->origin != ORIGIN_NVD || next->origin != ORIGIN_NVD || a->id != next->id) continue;
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
      if (kept != i) memcpy(p + kept * each, p + i * each, each);
      kept++;
    }
  return kept;
}

/* Members of all groups side by side, those of one in the order of their rank. */
static void gather(Feed *f, Nodes *n) {
  uint32_t *group = NEW_ARRAY(f->arena, n->n + 1u, uint32_t), total = 0;
  f->group = NEW_ARRAY(f->keep, n->n + 1u, FeedGroup);
  f->member = NEW_ARRAY(f->keep, n->n + 1u, uint32_t);
  for (uint32_t i = 0; i < n->n; i++) {
    uint32_t root = root_of(n, i);
    if (!group[root]) group[root] = (uint32_t)++f->ngroups;
    f->group[group[root] - 1].members.n++;
  }
  for (size_t i = 0; i < f->ngroups; i++) {
    FeedGroup *g = &f->group[i];
    g->x10 = CVSS_NONE;
    g->severity = SEV_UNSCORED;
    g->members.first = total;
    total += g->members.n;
    g->members.n = 0;
  }
  for (uint32_t i = 0; i < n->n; i++) {
    PackSpan *m = &f->group[group[root_of(n, i)] - 1].members;
    f->member[m->first + m->n++] = n->p[i].id;
  }
  for (size_t i = 0; i < f->ngroups; i++) {
    PackSpan m = f->group[i].members;
    if (m.n > 1) qsort(&f->member[m.first], m.n, sizeof *f->member, by_rank);
    f->group[i].rep = f->member[m.first];
  }
  arena_reset(f->arena);
}

static void sort_groups(Feed *f, uint32_t *group_of) {
  SortKey *key = NEW_ARRAY(f->arena, f->ngroups + 1, SortKey);
  FeedGroup *sorted = NEW_ARRAY(f->keep, f->ngroups + 1, FeedGroup);
  for (uint32_t i = 0; i < f->ngroups; i++) key[i] = sort_key(feed_word(f, f->group[i].rep), i);
  if (f->ngroups) qsort(key, f->ngroups, sizeof *key, by_text);
  for (size_t i = 0; i < f->ngroups; i++) sorted[i] = f->group[key[i].index];
  f->group = sorted;
  f->group_of = group_of;
  for (uint32_t i = 0; i < f->ngroups; i++)
    for (uint32_t k = 0; k < sorted[i].members.n; k++) group_of[f->member[sorted[i].members.first + k]] = i;
  arena_reset(f->arena);
}

void feed_groups(Feed *f) {
  sort_advisories(f);
  apply_corrections(f);
  f->kevs.n = drop_doubles(f->kevs.p, f->kevs.n, sizeof *f->kevs.p);
  f->epss.n = drop_doubles(f->epss.p, f->epss.n, sizeof *f->epss.p);
  Nodes nodes = unite(f);
  gather(f, &nodes);
  sort_groups(f, nodes.of); /* from here on by word: the group */
  for (size_t i = 0; i < f->ngroups; i++) facts_of(f, &f->group[i]);
  for (size_t i = 0; i < f->adv.n; i++) {
    PackAdv *a = feed_sorted(f, i);
    a->group = f->group_of[about(a)];
    if (a->withdrawn) continue;
    best_score(f, &f->group[a->group], a);
    enrich(&f->group[a->group], a);
  }
  for (size_t i = 0; i < f->ngroups; i++) f->group[i].digest = feed_group_digest(f, &f->group[i]);
}
