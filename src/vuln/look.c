/* look.c - reading verdicts: of an SBOM, of a vulnerability, or all. */
#include "vuln.sql.h"
#include "vuln/store_inside.h"
#include <stdlib.h>

enum { BATCH = 500 };

static int by_worst(const void *x, const void *y) {
  const VerdictRow *a = x, *b = y;
  if (a->active != b->active) return a->active ? -1 : 1;
  if (a->outcome != b->outcome) return a->outcome < b->outcome ? -1 : 1;
  int d = str_cmp(a->vuln, b->vuln);
  return d ? d : (a->pkgver > b->pkgver) - (a->pkgver < b->pkgver);
}

static void name_package(VerdictRow *v, const Package *p) {
  v->purl = p->purl;
  v->cpe = p->cpe;
  v->name = p->name;
  v->version = p->version;
}

static Err of_package(Cx *cx, Store *s, const Package *p, const VerdictQuery *q, int64_t outcome, VerdictRows *out) {
  AUTO(Rows) r = { 0 };
  TRY(store_rows(cx, s, SQL_VERDICT_OF_PACKAGE, ARGS(v_int(p->id)), &r));
  for (bool got = true;;) {
    TRY(rows_next(cx, &r, &got));
    if (!got) return E_OK;
    bool wanted = (outcome < 0 || row_int(&r, 2) == outcome) && (!q->vuln.n || str_eq(q->vuln, row_text(&r, 1))) &&
                  (q->inactive_too || row_int(&r, 13));
    if (!wanted) continue;
    VerdictRow v = verdict_row(cx->arena, &r);
    name_package(&v, p);
    vec_add(cx->arena, out, v);
  }
}

/* Against the snapshot in use; without one it stays open what else is there. */
static Err settle_rows(Cx *cx, Store *s, Str sbom, VerdictRows *rows) {
  AUTO(SnapshotRef) snap = NULL;
  SnapshotRow current;
  Settled all;
  bool open = false;
  for (size_t i = 0; i < rows->n; i++) open |= rows->p[i].outcome == OUTCOME_AFFECTED_IF && rows->p[i].active;
  if (!open) return E_OK;
  if (vuln_current(cx, s, &current) != E_OK || snapshot_open(cx, current.path.p, &snap) != E_OK) {
    cx_forgive(cx);
    return E_OK;
  }
  TRY(settle_sbom(cx, s, snap, sbom, &all));
  for (size_t i = 0; i < rows->n; i++) (void)settle_verdict(cx, &all, &rows->p[i]);
  return E_OK;
}

static void keep_outcome(VerdictRows *rows, int64_t outcome) {
  size_t kept = 0;
  for (size_t i = 0; i < rows->n; i++)
    if (outcome < 0 || (int64_t)rows->p[i].outcome == outcome) rows->p[kept++] = rows->p[i];
  rows->n = kept;
}

static Err of_sbom(Cx *cx, Store *s, const VerdictQuery *q, int64_t outcome, VerdictRows *out) {
  bool settles = outcome < 0 || outcome == OUTCOME_AFFECTED || outcome == OUTCOME_AFFECTED_IF;
  for (int64_t after = 0;;) {
    Packages batch = { 0 };
    TRY(supply_sbom_packages(cx, s, q->sbom, after, BATCH, &batch));
    for (size_t i = 0; i < batch.n; i++) TRY(of_package(cx, s, &batch.p[i], q, settles ? -1 : outcome, out));
    if (batch.n < BATCH) break;
    after = batch.p[batch.n - 1].id;
  }
  if (settles) TRY(settle_rows(cx, s, q->sbom, out));
  keep_outcome(out, outcome);
  if (out->n) qsort(out->p, out->n, sizeof *out->p, by_worst);
  if (out->n > q->limit) out->n = q->limit;
  return E_OK;
}

static Err of_all(Cx *cx, Store *s, const VerdictQuery *q, int64_t outcome, VerdictRows *out) {
  AUTO(Rows) r = { 0 };
  TRY(store_rows(
      cx, s, SQL_VERDICT_OF_VULN,
      ARGS(v_text(q->vuln.n ? q->vuln : S("")), v_int(outcome), v_int(q->inactive_too), v_int((int64_t)q->limit)),
      &r));
  for (bool got = true;;) {
    TRY(rows_next(cx, &r, &got));
    if (!got) break;
    vec_add(cx->arena, out, verdict_row(cx->arena, &r));
  }
  for (size_t i = 0; i < out->n; i++) {
    Package p;
    TRY(supply_package(cx, s, out->p[i].pkgver, &p));
    name_package(&out->p[i], &p);
  }
  return E_OK;
}

Err vuln_verdicts(Cx *cx, Store *s, const VerdictQuery *q, VerdictRows *out) {
  VerdictRows list = { 0 };
  Outcome o;
  int64_t outcome = -1;
  if (q->outcome.n) {
    if (!outcome_find(q->outcome, &o)) return fail(cx, E_INVALID, "There is no outcome \"%.*s\"", STR(q->outcome));
    outcome = (int64_t)o;
  }
  TRY(q->sbom.n ? of_sbom(cx, s, q, outcome, &list) : of_all(cx, s, q, outcome, &list));
  *out = list;
  return E_OK;
}
