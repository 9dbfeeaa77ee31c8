/* The gate before a release goes out or a submission counts as checked: the last check shows no open blocker
 * (ISO 13485 8.2.6).  It is asked of the stored run, so what the person saw is what is held against the step. */
#include "app/app.h"

static Err gate_of(Cx *cx, Store *s, const Packs *packs, Str product, Str *why_not) {
  Cx own = { .arena = cx->arena, .now_us = cx->now_us };
  CheckRun run = { 0 };
  Err e = comply_last_run(&own, s, packs, (CheckScope){ .product = product }, &run);
  if (e == E_NOTFOUND) {
    *why_not = str_fmt(cx->arena, "%.*s was never checked. Run the checks first.", STR(product));
    return E_OK;
  }
  if (e != E_OK) return fail(cx, e, "%.*s", STR(own.words));
  if (cx->now_us - run.at_us > US_PER_DAY)
    *why_not = str_fmt(cx->arena, "The last check of %.*s is of %.*s. Run the checks again.", STR(product),
                       STR(time_minute(cx->arena, run.at_us)));
  else if (run.blocking)
    *why_not = str_fmt(cx->arena, "The last check of %.*s, %.*s, shows %lld open blocker%s.", STR(product), STR(run.id),
                       (long long)run.blocking, run.blocking == 1 ? "" : "s");
  return E_OK;
}

Err app_gate(Cx *cx, Store *s, const Record *r, Str *why_not) {
  const Packs *packs;
  *why_not = S("");
  if (app_replaying()) return E_OK;   /* the sample company's past was not checked by us */
  TRY(app_packs(cx, &packs));
  for (size_t i = 0; i < r->products.n && !why_not->n; i++)
    TRY(gate_of(cx, s, packs, r->products.p[i], why_not));
  return E_OK;
}
