/* What is said against the components of an SBOM, and all its components one after the other. */
#include "app/page/sbom_page.h"

enum { BATCH = 1000 };

static Str key_of(const int64_t *package) { return (Str){ (const char *)package, sizeof *package }; }

size_t known_first(const Known *k, int64_t package) { return map_get(&k->first, key_of(&package)); }

Outcome known_worst(const Known *k, int64_t package) {
  size_t at = known_first(k, package);
  return at == MAP_NONE ? OUTCOME_NOT_LISTED : k->row.p[at].outcome;
}

Err known_load(Cx *cx, Web *web, Str sbom, Known *out) {
  Known k = { .first = map_new(cx->arena, 1024) };
  TRY(vuln_verdicts(cx, web->store, &(VerdictQuery){ .sbom = sbom, .limit = SIZE_MAX }, &k.row));
  k.next = NEW_ARRAY(cx->arena, k.row.n + 1, size_t);
  for (size_t i = k.row.n; i-- > 0;) {         /* from the least to the worst, which is left on top */
    k.next[i] = known_first(&k, k.row.p[i].pkgver);
    map_put(&k.first, key_of(&k.row.p[i].pkgver), i);
  }
  *out = k;
  return E_OK;
}

void known_tally(const Known *k, int64_t count[OUTCOME_COUNT]) {
  for (size_t i = 0; i < k->row.n; i++)
    if (known_first(k, k->row.p[i].pkgver) == i) count[k->row.p[i].outcome]++;
}

Err count_packages(Cx *cx, Store *s, Str sbom, int64_t *out) {
  AUTO(Cx) mine = cx_new(64u << 20);
  int64_t n = 0;
  for (int64_t after = 0;;) {
    Packages batch = { 0 };
    Err e = supply_sbom_packages(&mine, s, sbom, after, BATCH, &batch);
    if (e != E_OK) return fail(cx, e, "%.*s", STR(mine.words));
    n += (int64_t)batch.n;
    if (batch.n < BATCH) break;
    after = batch.p[BATCH - 1].id;
    cx_reset(&mine);
  }
  *out = n;
  return E_OK;
}

Err each_component(Cx *cx, Store *s, Str sbom, const ComponentFilter *f, Str after, ComponentSeen *fn, void *env) {
  AUTO(Cx) mine = cx_new(64u << 20);
  for (;;) {
    ComponentRows rows = { 0 };
    Err e = supply_components(&mine, s, sbom, f, after, BATCH, &rows);
    if (e != E_OK) return fail(cx, e, "%.*s", STR(mine.words));
    for (size_t i = 0; i < rows.n; i++)
      if (!rows.p[i].subject && !fn(env, &rows.p[i])) return E_OK;
    if (rows.n < BATCH) return E_OK;
    after = str_dup(cx->arena, rows.p[BATCH - 1].next);
    cx_reset(&mine);
  }
}
