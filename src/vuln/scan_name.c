/* scan_name.c - what components are called: package URLs, CPEs and versions, read once, and fetched in time. */
#include "vuln/scan_inside.h"
#include <stdlib.h>

/* 1:2.3-4+deb12u1 is upstream's 2.3. */
static Str upstream_version(const Named *n, Str v) {
  size_t colon = str_find_char(v, ':'), hyphen;
  if (!n->distro) return v;
  if (colon != SIZE_MAX) v = str_slice(v, colon + 1, v.n);
  hyphen = str_rfind_char(v, '-');
  return hyphen == SIZE_MAX ? v : str_slice(v, 0, hyphen);
}

static void read_purl(Cx *cx, const Snapshot *s, Named *n) {
  static const char *const built[] = { "deb", "rpm", "apk", "alpm" };
  const VulnTarget *t = n->target;
  Purl p;
  if (purl_read(cx, t->purl, &p) != E_OK) {
    n->purl_unreadable = cx->words;
    cx_forgive(cx);
    return;
  }
  if (!p.version.n) p.version = t->version;
  for (size_t i = 0; i < COUNT(built); i++) n->distro |= str_eq(p.type, str_of(built[i]));
  n->type = p.type;
  n->subject = subject_of(cx->arena, s, purl_identity(cx->arena, &p, t->os_distro, t->upstream));
  n->hash = snap_hash(n->subject.id.base, n->subject.id.name);
  n->fallback = upstream_version(n, n->subject.id.version);
}

CpeNamed cpe_named(Cx *cx, const Snapshot *s, Str text, Str version, Str purl_type) {
  Cpe cpe;
  if (cpe_read(cx, text, &cpe) == E_OK)
    return (CpeNamed){ .by = cpe_subject(cx->arena, s, &cpe, version, purl_type), .unreadable = STR_NONE };
  Str why = cx->words;
  cx_forgive(cx);
  return (CpeNamed){ .unreadable = why };
}

/* Its own CPE, and those among its other names. */
static void read_cpes(Cx *cx, const Snapshot *s, Named *n) {
  VEC(CpeNamed) list = { 0 };
  Str others = n->target->other_ids, line;
  if (n->target->cpe.n) vec_add(cx->arena, &list, cpe_named(cx, s, n->target->cpe, n->fallback, n->type));
  while (str_line(&others, &line))
    if (str_starts(line, S("cpe:"))) vec_add(cx->arena, &list, cpe_named(cx, s, line, n->fallback, n->type));
  n->cpe = list.p;
  n->ncpes = list.n;
}

bool snap_has_source(const Snapshot *s, Str name) {
  for (size_t i = 0; i < s->nsources; i++)
    if (str_eq(snap_str(s, s->sources[i].name), name)) return true;
  return false;
}

Inventory inventory_read(Cx *cx, const Snapshot *s, const VulnTarget *targets, size_t n) {
  Inventory all = { .snap = s, .nvd = snap_has_source(s, S("NVD")), .n = n };
  all.named = NEW_ARRAY(cx->arena, n + 1, Named);
  for (size_t i = 0; i < n; i++) {
    Named *one = &all.named[i];
    one->target = &targets[i];
    one->fallback = targets[i].version;
    if (targets[i].purl.n) read_purl(cx, s, one);
    read_cpes(cx, s, one);
  }
  return all;
}

/* ---- what depends on the other components -------------------------------------------------------------- */

static int by_product(const void *x, const void *y) {
  const CpeNeighbour *a = x, *b = y;
  if (a->cpe != b->cpe) return a->cpe < b->cpe ? -1 : 1;
  return (a->owner > b->owner) - (a->owner < b->owner);
}

typedef VEC(CpeNeighbour) Neighbours;

static void add_neighbour(Cx *cx, const CpeNamed *named, size_t owner, Neighbours *out) {
  if (named->unreadable.n) return;
  CpeSubject *by = NEW(cx->arena, CpeSubject);
  *by = named->by;
  cpe_find(by);
  for (size_t i = 0; i < by->n; i++) vec_add(cx->arena, out, (CpeNeighbour){ by->product[i], owner, by });
}

const CpeAround *inventory_around(Cx *cx, const Inventory *all) {
  Neighbours list = { 0 };
  CpeAround *a = NEW(cx->arena, CpeAround);
  for (size_t i = 0; i < all->n; i++) {
    const Named *n = &all->named[i];
    for (size_t k = 0; k < n->ncpes; k++) add_neighbour(cx, &n->cpe[k], i, &list);
    for (size_t k = 0; k < n->target->ngiven; k++) {
      const NameGiven *g = &n->target->given[k];
      if (g->differs || !g->cpe.n) continue;
      CpeNamed given = cpe_named(cx, all->snap, g->cpe, n->fallback, S(""));
      add_neighbour(cx, &given, i, &list);
    }
  }
  if (list.n) qsort(list.p, list.n, sizeof *list.p, by_product);
  *a = (CpeAround){ list.p, list.n };
  return a;
}

/* ---- in time ------------------------------------------------------------------------------------------- */

enum { FETCH_ROWS = 32, FETCH_LINE = 64 };

static void fetch(const void *p, size_t bytes) {
  for (size_t at = 0; at < bytes; at += FETCH_LINE) __builtin_prefetch((const char *)p + at);
}

/* One step along the way from a hash to what is judged: each reads what the step before it has fetched. */
typedef struct Way { uint32_t package, product; } Way;

static void fetch_slots(const Snapshot *s, const Named *n, Way *w) {
  *w = (Way){ SNAP_NONE, SNAP_NONE };
  fetch(&s->hash[n->hash & (s->nhash - 1)], sizeof *s->hash);
  if (n->ncpes) fetch(&s->product_hash[n->cpe->by.hash & (s->nproduct_hash - 1)], sizeof *s->product_hash);
}

static void fetch_names(const Snapshot *s, const Named *n, Way *w) {
  w->package = snap_likely(s->hash, s->nhash, n->hash);
  if (w->package != SNAP_NONE) fetch(&s->pkgs[w->package], sizeof *s->pkgs);
  if (n->ncpes) w->product = snap_likely(s->product_hash, s->nproduct_hash, n->cpe->by.hash);
  if (w->product != SNAP_NONE) fetch(&s->cpes[w->product], sizeof *s->cpes);
}

static uint32_t at_most(uint32_t n) { return n < FETCH_ROWS ? n : FETCH_ROWS; }

static void fetch_lists(const Snapshot *s, const Named *n, Way *w) {
  (void)n;
  if (w->package != SNAP_NONE) {
    const SnapPkg *p = &s->pkgs[w->package];
    fetch(s->strs + p->name, 1);
    fetch(&s->rows[p->first_row], at_most(p->rows) * sizeof *s->rows);
  }
  if (w->product != SNAP_NONE) {
    const SnapCpe *c = &s->cpes[w->product];
    fetch(s->strs + c->product, 1);
    fetch(&s->uses[c->first_use], at_most(c->uses) * sizeof *s->uses);
  }
}

static void fetch_advisories(const Snapshot *s, const Named *n, Way *w) {
  (void)n;
  if (w->package != SNAP_NONE) {
    const SnapPkg *p = &s->pkgs[w->package];
    for (uint32_t i = 0; i < at_most(p->rows); i++) {
      const SnapRow *r = &s->rows[p->first_row + i];
      fetch(&s->advs[r->adv], sizeof *s->advs);
      fetch(s->strs + r->hi_key, 1);
    }
  }
  if (w->product != SNAP_NONE) {
    const SnapCpe *c = &s->cpes[w->product];
    for (uint32_t i = 0; i < at_most(c->uses); i++) fetch(&s->progs[s->uses[c->first_use + i]], sizeof *s->progs);
  }
}

static void fetch_code(const Snapshot *s, const Named *n, Way *w) {
  (void)n;
  if (w->product == SNAP_NONE) return;
  const SnapCpe *c = &s->cpes[w->product];
  for (uint32_t i = 0; i < at_most(c->uses); i++) {
    const SnapProg *p = &s->progs[s->uses[c->first_use + i]];
    fetch(&s->ops[p->first_op], at_most(p->ops) * sizeof *s->ops);
    fetch(&s->advs[p->adv], sizeof *s->advs);
  }
}

static void fetch_leaves(const Snapshot *s, const Named *n, Way *w) {
  (void)n;
  if (w->product == SNAP_NONE) return;
  const SnapCpe *c = &s->cpes[w->product];
  for (uint32_t i = 0; i < at_most(c->uses); i++) {
    const SnapProg *p = &s->progs[s->uses[c->first_use + i]];
    const SnapOp *op = &s->ops[p->first_op]; /* its leaves stand side by side */
    fetch(&s->leaves[op->leaf], at_most(p->ops / 2 + 1) * sizeof *s->leaves);
  }
}

void inventory_fetch(const Inventory *all, size_t first, size_t n) {
  static void (*const step[])(const Snapshot *, const Named *, Way *) = { fetch_slots, fetch_names, fetch_lists,
                                                                           fetch_advisories, fetch_code, fetch_leaves };
  Way way[FETCH_MOST] __attribute__((uninitialized));
  for (size_t k = 0; k < COUNT(step); k++)
    for (size_t i = 0; i < n && i < FETCH_MOST; i++) step[k](all->snap, &all->named[first + i], &way[i]);
}
