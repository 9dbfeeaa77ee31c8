/* rematch.c - the difference of two snapshots as the packages of which changed advisories speak.
 *
 * An advisory's digest covers all that a verdict depends on: its rows, programs, severity, and its groups with their
 * members, scores and exploitation.  So an advisory whose digest stands in both snapshots cannot change a verdict.
 * Names lead from advisories to packages of the inventory: table vuln_key. */
#include "vuln/rematch.h"
#include "vuln.sql.h"
#include <stdlib.h>

enum { BATCH = 500 };

static Str package_key(Arena *a, Str base, Str name) { return str_fmt(a, "p%.*s\n%.*s", STR(base), STR(name)); }
static Str product_key(Arena *a, Str product) { return str_fmt(a, "c%.*s", STR(product)); }

/* ---- names of packages --------------------------------------------------------------------------------- */

typedef VEC(Str) Keys;

static void purl_keys(Cx *cx, const VulnTarget *t, Keys *out) {
  Purl p;
  if (purl_read(cx, t->purl, &p) != E_OK) {
    cx_forgive(cx);
    return;
  }
  Identity id = purl_identity(cx->arena, &p, t->os_distro, t->upstream);
  do vec_add(cx->arena, out, package_key(cx->arena, id.base, id.name));
  while (name_up(&id));
}

static void cpe_key(Cx *cx, Str text, Keys *out) {
  Cpe c;
  if (cpe_read(cx, text, &c) == E_OK) vec_add(cx->arena, out, product_key(cx->arena, c.value[CPE_PRODUCT]));
  else cx_forgive(cx);
}

static void keys_of(Cx *cx, const VulnTarget *t, Keys *out) {
  Str others = t->other_ids, line;
  vec_add(cx->arena, out, product_key(cx->arena, name_folded(cx->arena, t->name)));
  if (t->purl.n) purl_keys(cx, t, out);
  if (t->cpe.n) cpe_key(cx, t->cpe, out);
  while (str_line(&others, &line))
    if (str_starts(line, S("cpe:"))) cpe_key(cx, line, out);
  for (size_t i = 0; i < t->ngiven; i++) {
    const NameGiven *g = &t->given[i];
    VulnTarget as = { .purl = g->purl, .version = t->version, .os_distro = t->os_distro };
    if (g->product.n) vec_add(cx->arena, out, product_key(cx->arena, g->product));
    if (g->purl.n) purl_keys(cx, &as, out);
    if (g->cpe.n) cpe_key(cx, g->cpe, out);
  }
}

Err keys_put(Cx *cx, Store *s, const NameRules *rules, const Package *p) {
  Keys keys = { 0 };
  VulnTarget t = vuln_target(cx, rules, p);
  keys_of(cx, &t, &keys);
  for (size_t i = 0; i < keys.n; i++) TRY(store_run(cx, s, SQL_KEY_PUT, ARGS(v_text(keys.p[i]), v_int(p->id)), NULL));
  return E_OK;
}

Err keys_index(Cx *cx, Store *s, const NameRules *rules, Noted *out) {
  int64_t first, after;
  TRY(store_int(cx, s, SQL_KEY_LAST, ARGS(v_int(ENGINE), v_text(rules->digest)), 0, &first));
  after = first;
  if (!after) TRY(store_run(cx, s, SQL_KEY_CLEAR, NO_ARGS, NULL));
  AUTO(Cx) mine = cx_new(256u << 20);
  for (bool more = true; more;) {
    Packages batch = { 0 };
    Err e = supply_packages(&mine, s, after, BATCH, &batch);
    for (size_t i = 0; i < batch.n && e == E_OK; i++) e = keys_put(&mine, s, rules, &batch.p[i]);
    if (e != E_OK) return fail(cx, e, "%.*s", STR(mine.words));
    if (batch.n) after = batch.p[batch.n - 1].id;
    more = batch.n == BATCH;
    cx_reset(&mine);
  }
  *out = (Noted){ first, after };
  return E_OK;
}

/* ---- what changed -------------------------------------------------------------------------------------- */

typedef VEC(uint32_t) Advisories;

/* Both lists are sorted: those of `a` that are not in `b`. */
static Advisories only_in(Arena *arena, const Snapshot *a, const Snapshot *b) {
  Advisories list = { 0 };
  for (size_t i = 0, k = 0; i < a->ndigests; i++) {
    while (k < b->ndigests && b->digests[k].digest < a->digests[i].digest) k++;
    bool there = k < b->ndigests && b->digests[k].digest == a->digests[i].digest;
    if (!there) vec_add(arena, &list, a->digests[i].adv);
  }
  return list;
}

static size_t first_program(const Snapshot *s, uint32_t adv) {
  size_t lo = 0, hi = s->nprogs;
  while (lo < hi) {
    size_t mid = (lo + hi) / 2;
    if (s->progs[mid].adv < adv) lo = mid + 1;
    else hi = mid;
  }
  return lo;
}

/* Names of packages and products that an advisory speaks of, platforms too: they make a product known. */
static void names_of(Cx *cx, const Snapshot *s, uint32_t adv, Map *keys, Keys *out) {
  Keys list = { 0 };
  for (uint32_t i = s->adv_first[adv]; i < s->adv_first[adv + 1]; i++) {
    const SnapPkg *p = &s->pkgs[s->adv_pkgs[i]];
    vec_add(cx->arena, &list, package_key(cx->arena, snap_str(s, p->base), snap_str(s, p->name)));
  }
  for (size_t i = first_program(s, adv); i < s->nprogs && s->progs[i].adv == adv; i++)
    for (uint32_t k = 0; k < s->progs[i].ops; k++) {
      const SnapOp *op = &s->ops[s->progs[i].first_op + k];
      if (op->kind == OP_LEAF)
        vec_add(cx->arena, &list, product_key(cx->arena, snap_str(s, s->cpes[s->leaves[op->leaf].cpe].product)));
    }
  for (size_t i = 0; i < list.n; i++) {
    if (map_get(keys, list.p[i]) != MAP_NONE) continue;
    map_put(keys, list.p[i], 1);
    vec_add(cx->arena, out, list.p[i]);
  }
}

/* Coverage is what silence is judged by. */
static bool same_coverage(const Snapshot *a, const Snapshot *b) {
  bool same = a->necos == b->necos && snap_has_source(a, S("NVD")) == snap_has_source(b, S("NVD"));
  for (size_t i = 0; i < a->necos && same; i++)
    same = str_eq(snap_str(a, a->ecos[i].base), snap_str(b, b->ecos[i].base)) &&
           str_eq(snap_str(a, a->ecos[i].release), snap_str(b, b->ecos[i].release));
  return same;
}

static int by_id(const void *x, const void *y) {
  const int64_t *a = x, *b = y;
  return (*a > *b) - (*a < *b);
}

static Err find_packages(Cx *cx, Store *s, const Keys *keys, PackageIds *out) {
  size_t kept = 0;
  for (size_t i = 0; i < keys->n; i++) {
    AUTO(Rows) r = { 0 };
    TRY(store_rows(cx, s, SQL_KEY_PACKAGES, ARGS(v_text(keys->p[i])), &r));
    for (bool got = true;;) {
      TRY(rows_next(cx, &r, &got));
      if (!got) break;
      vec_add(cx->arena, out, row_int(&r, 0));
    }
  }
  if (out->n) qsort(out->p, out->n, sizeof *out->p, by_id);
  for (size_t i = 0; i < out->n; i++)
    if (!i || out->p[i] != out->p[i - 1]) out->p[kept++] = out->p[i];
  out->n = kept;
  return E_OK;
}

static Err compare(Cx *cx, Store *s, const Snapshot *old, const Snapshot *now, Touched *t) {
  const Snapshot *const side[2][2] = { { old, now }, { now, old } };
  Map known = map_new(cx->arena, 1024);
  Keys keys = { 0 };
  t->all = !same_coverage(old, now);
  if (t->all) return E_OK;
  for (size_t i = 0; i < COUNT(side); i++) {
    Advisories changed = only_in(cx->arena, side[i][0], side[i][1]);
    for (size_t k = 0; k < changed.n; k++) names_of(cx, side[i][0], changed.p[k], &known, &keys);
  }
  return find_packages(cx, s, &keys, &t->id);
}

Err touched_since(Cx *cx, Store *s, const Snapshot *now, Str rules, Touched *out) {
  Touched t = { .all = true };
  AUTO(Rows) r = { 0 };
  AUTO(SnapshotRef) old = NULL;
  bool got = false;
  TRY(store_rows(cx, s, SQL_RUN_BASE, ARGS(v_text(snapshot_sha256(now)), v_int(ENGINE), v_text(rules)), &r));
  TRY(rows_next(cx, &r, &got));
  if (!got) {
    *out = t;
    return E_OK;
  }
  Str sha = str_dup(cx->arena, row_text(&r, 0));
  t.last_package = row_int(&r, 1);
  t.packages = row_int(&r, 2);
  t.all = false;
  if (!str_eq(sha, snapshot_sha256(now))) { /* with the same snapshot only what is new */
    const char *path = str_fmt(cx->arena, "%s/feeds/%.*s.snap", store_folder(s), STR(sha)).p;
    t.all = snapshot_open(cx, path, &old) != E_OK || !str_eq(snapshot_sha256(old), sha);
    if (t.all) cx_forgive(cx); /* without the old one everything is judged */
    else TRY(compare(cx, s, old, now, &t));
  }
  *out = t;
  return E_OK;
}
