/* rematch.c - the difference of two snapshots as the set of names that changed advisories speak of.
 *
 * An advisory's digest covers all that a verdict depends on: its rows, programs, severity, and its groups with their
 * members, scores and exploitation.  So an advisory whose digest stands in both snapshots cannot change a verdict. */
#include "vuln/rematch.h"
#include "vuln.sql.h"
#include <stdlib.h>

static int by_digest(const void *x, const void *y) {
  const uint64_t *a = x, *b = y;
  return (*a > *b) - (*a < *b);
}

static uint64_t *digests(Arena *a, const Snapshot *s) {
  uint64_t *list = NEW_ARRAY(a, s->nadvs + 1, uint64_t);
  for (size_t i = 0; i < s->nadvs; i++) list[i] = s->advs[i].digest;
  if (s->nadvs) qsort(list, s->nadvs, sizeof *list, by_digest);
  return list;
}

static bool *changed(Arena *a, const Snapshot *s, const uint64_t *others, size_t n) {
  bool *list = NEW_ARRAY(a, s->nadvs + 1, bool);
  for (size_t i = 0; i < s->nadvs; i++)
    list[i] = !n || !bsearch(&s->advs[i].digest, others, n, sizeof *others, by_digest);
  return list;
}

static Str package_key(Arena *a, Str base, Str name) { return str_fmt(a, "p%.*s\n%.*s", STR(base), STR(name)); }
static Str product_key(Arena *a, Str product) { return str_fmt(a, "c%.*s", STR(product)); }

/* Names of packages and products that the marked advisories speak of, platforms too: they make a product known. */
static void put_keys(Cx *cx, Map *keys, const Snapshot *s, const bool *marked) {
  for (size_t i = 0; i < s->npkgs; i++) {
    const SnapPkg *p = &s->pkgs[i];
    bool hit = false;
    for (uint32_t k = 0; k < p->rows && !hit; k++) hit = marked[s->rows[p->first_row + k].adv];
    if (hit) map_put(keys, package_key(cx->arena, snap_str(s, p->base), snap_str(s, p->name)), 1);
  }
  bool *product = NEW_ARRAY(cx->arena, s->ncpes + 1, bool);
  for (size_t i = 0; i < s->nprogs; i++)
    for (uint32_t k = 0; k < s->progs[i].ops && marked[s->progs[i].adv]; k++) {
      const SnapOp *op = &s->ops[s->progs[i].first_op + k];
      if (op->kind == OP_LEAF) product[s->leaves[op->leaf].cpe] = true;
    }
  for (size_t i = 0; i < s->ncpes; i++)
    if (product[i]) map_put(keys, product_key(cx->arena, snap_str(s, s->cpes[i].product)), 1);
}

/* Coverage is what silence is judged by. */
static bool same_coverage(const Snapshot *a, const Snapshot *b) {
  bool same = a->necos == b->necos && snap_has_source(a, S("NVD")) == snap_has_source(b, S("NVD"));
  for (size_t i = 0; i < a->necos && same; i++)
    same = str_eq(snap_str(a, a->ecos[i].base), snap_str(b, b->ecos[i].base)) &&
           str_eq(snap_str(a, a->ecos[i].release), snap_str(b, b->ecos[i].release));
  return same;
}

static void compare(Cx *cx, const Snapshot *old, const Snapshot *now, Touched *t) {
  t->key = map_new(cx->arena, 1024);
  t->all = !same_coverage(old, now);
  if (t->all) return;
  const uint64_t *before = digests(cx->arena, old), *after = digests(cx->arena, now);
  put_keys(cx, &t->key, old, changed(cx->arena, old, after, now->nadvs));
  put_keys(cx, &t->key, now, changed(cx->arena, now, before, old->nadvs));
}

Err touched_since(Cx *cx, Store *s, const Snapshot *now, Touched *out) {
  Touched t = { .all = true };
  AUTO(Rows) r = { 0 };
  AUTO(SnapshotRef) old = NULL;
  bool got = false;
  TRY(store_rows(cx, s, SQL_RUN_BASE, ARGS(v_text(snapshot_sha256(now)), v_int(ENGINE)), &r));
  TRY(rows_next(cx, &r, &got));
  if (!got) {
    *out = t;
    return E_OK;
  }
  Str sha = str_dup(cx->arena, row_text(&r, 0));
  t.last_package = row_int(&r, 1);
  if (str_eq(sha, snapshot_sha256(now))) { /* the same snapshot: only what is new */
    t.all = false;
    t.key = map_new(cx->arena, 16);
    *out = t;
    return E_OK;
  }
  const char *path = str_fmt(cx->arena, "%s/feeds/%.*s.snap", store_folder(s), STR(sha)).p;
  if (snapshot_open(cx, path, &old) == E_OK && str_eq(snapshot_sha256(old), sha)) compare(cx, old, now, &t);
  else cx_forgive(cx); /* without the old one everything is judged */
  *out = t;
  return E_OK;
}

static bool has(const Touched *t, Str key) { return map_get(&t->key, key) != MAP_NONE; }

static bool purl_touched(Cx *cx, const Touched *t, const VulnTarget *target) {
  Purl p;
  if (purl_read(cx, target->purl, &p) != E_OK) {
    cx_forgive(cx);
    return false;
  }
  Identity id = purl_identity(cx->arena, &p, target->os_distro, target->upstream);
  bool hit = has(t, package_key(cx->arena, id.base, id.name));
  while (!hit && name_up(&id)) hit = has(t, package_key(cx->arena, id.base, id.name));
  return hit;
}

static bool cpe_touched(Cx *cx, const Touched *t, Str text) {
  Cpe c;
  if (cpe_read(cx, text, &c) != E_OK) {
    cx_forgive(cx);
    return false;
  }
  return has(t, product_key(cx->arena, c.value[CPE_PRODUCT]));
}

bool is_touched(Cx *cx, const Touched *t, const VulnTarget *target, int64_t package) {
  Str others = target->other_ids, line;
  if (t->all || package > t->last_package) return true;
  if (!t->key.n) return false;
  bool hit = has(t, product_key(cx->arena, name_folded(cx->arena, target->name)));
  if (target->purl.n) hit |= purl_touched(cx, t, target);
  if (target->cpe.n) hit |= cpe_touched(cx, t, target->cpe);
  while (!hit && str_line(&others, &line)) hit = str_starts(line, S("cpe:")) && cpe_touched(cx, t, line);
  return hit;
}
