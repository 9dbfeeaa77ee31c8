/* settle.c - what a package is affected by only together with another is settled per SBOM: is the other in it?
 *
 * Verdicts are of package versions, wherever they stand; so this is asked when an SBOM is read, and when a finding of
 * one is opened.  Only packages known by CPE can be platforms, or depend on one. */
#include "vuln/store_inside.h"

enum { BATCH = 500 };

static bool has_cpe(const VulnTarget *t) {
  bool given = false;
  for (size_t i = 0; i < t->ngiven; i++) given |= t->given[i].cpe.n > 0;
  return given || t->cpe.n || str_find(t->other_ids, S("cpe:")) != SIZE_MAX;
}

static Str key_of(Arena *a, int64_t package, Str vuln) {
  return str_fmt(a, "%lld %.*s", (long long)package, STR(vuln));
}

Err settle_sbom(Cx *cx, Store *s, const Snapshot *snap, Str sbom, Settled *out) {
  VEC(VulnTarget) target = { 0 };
  VEC(int64_t) id = { 0 };
  ScanResult r;
  NameRules rules;
  TRY(name_rules_load(cx, s, &rules));
  for (int64_t after = 0;;) {
    Packages batch = { 0 };
    TRY(supply_sbom_packages(cx, s, sbom, after, BATCH, &batch));
    for (size_t i = 0; i < batch.n; i++) {
      VulnTarget t = vuln_target(cx, &rules, &batch.p[i]);
      if (!has_cpe(&t)) continue;
      vec_add(cx->arena, &target, t);
      vec_add(cx->arena, &id, batch.p[i].id);
    }
    if (batch.n < BATCH) break;
    after = batch.p[batch.n - 1].id;
  }
  TRY(vuln_scan(cx, snap, target.p, target.n, &r));
  *out = (Settled){ .at = map_new(cx->arena, 64) };
  for (size_t i = 0; i < r.ncomponents; i++)
    for (size_t k = 0; k < r.component[i].noutcomes; k++) {
      const VulnOutcome *o = &r.component[i].outcome[k];
      if (o->outcome != OUTCOME_AFFECTED) continue;
      map_put(&out->at, key_of(cx->arena, id.p[i], o->id), out->outcome.n);
      vec_add(cx->arena, &out->outcome, o);
    }
  return E_OK;
}

bool settle_verdict(Cx *cx, const Settled *s, VerdictRow *v) {
  if (v->outcome != OUTCOME_AFFECTED_IF || !v->active) return false;
  size_t at = map_get(&s->at, key_of(cx->arena, v->pkgver, v->vuln));
  if (at == MAP_NONE) return false;
  const VulnOutcome *o = s->outcome.p[at];
  v->outcome = o->outcome;
  v->rule = str_dup(cx->arena, o->rule);
  v->reason = str_dup(cx->arena, o->reason);
  return true;
}
