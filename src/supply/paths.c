/* paths.c - how a component got into the product: chains upwards, shortest first. */
#include "supply/inside.h"
#include "supply.sql.h"

/* A widely used component may have millions of chains; these many partial ones are looked at. */
enum { TRIES = 20000 };

typedef struct Partial { int64_t component; uint32_t below; } Partial;   /* below: index + 1, 0: the start */
typedef VEC(Partial) Partials;

static bool holds(const Partials *q, uint32_t at, int64_t component) {
  for (uint32_t i = at + 1; i; i = q->p[i - 1].below) if (q->p[i - 1].component == component) return true;
  return false;
}

/* Puts what stands directly above q[at] behind the queue; *more: whether there was anything new above. */
static Err climb(Cx *cx, Store *s, int64_t sbom, Partials *q, uint32_t at, bool *more) {
  AUTO(Rows) r = { 0 };
  bool got;
  *more = false;
  TRY(store_rows(cx, s, SQL_ABOVE, ARGS(v_int(sbom), v_int(q->p[at].component)), &r));
  for (;;) {
    TRY(rows_next(cx, &r, &got));
    if (!got) return E_OK;
    int64_t above = row_int(&r, 0);
    if (holds(q, at, above)) continue;        /* a circle */
    *more = true;
    if (q->n < TRIES) vec_add(cx->arena, q, (Partial){ above, at + 1 });
  }
}

static Err step_name(Cx *cx, Store *s, int64_t sbom, int64_t component, ComponentStep *out) {
  AUTO(Rows) r = { 0 };
  bool got;
  TRY(store_rows(cx, s, SQL_COMPONENT_NAME, ARGS(v_int(sbom), v_int(component)), &r));
  TRY(rows_next(cx, &r, &got));
  *out = (ComponentStep){ component, got ? str_dup(cx->arena, row_text(&r, 0)) : S(""),
                          got ? str_dup(cx->arena, row_text(&r, 1)) : S("") };
  return E_OK;
}

static Err chain(Cx *cx, Store *s, int64_t sbom, const Partials *q, uint32_t top, ComponentPath *out) {
  ComponentPath path = { 0 };
  for (uint32_t i = top + 1; i; i = q->p[i - 1].below) {
    ComponentStep step;
    TRY(step_name(cx, s, sbom, q->p[i - 1].component, &step));
    vec_add(cx->arena, &path, step);
  }
  *out = path;
  return E_OK;
}

Err supply_paths(Cx *cx, Store *s, Str sbom, int64_t component, size_t most, ComponentPaths *out) {
  ComponentPaths list = { 0 };
  Partials q = { 0 };
  int64_t n;
  TRY(store_int(cx, s, SQL_SBOM_NUMBER, ARGS(v_text(sbom)), 0, &n));
  if (!n) return fail(cx, E_NOTFOUND, "There is no SBOM %.*s.", STR(sbom));
  vec_add(cx->arena, &q, (Partial){ component, 0 });
  for (uint32_t at = 0; at < q.n && list.n < most; at++) {
    bool more;
    TRY(climb(cx, s, n, &q, at, &more));
    if (more) continue;
    ComponentPath path;
    TRY(chain(cx, s, n, &q, at, &path));
    vec_add(cx->arena, &list, path);
  }
  *out = list;
  return E_OK;
}
