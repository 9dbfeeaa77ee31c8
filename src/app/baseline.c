/* What goes into a baseline beside the records: the SBOMs and the rule packs of the day. */
#include "app/diff.h"

Err app_freeze_args(Cx *cx, Store *s, const Packs *packs, const Record *r, Str *out) {
  SbomList sboms = { 0 };
  Buf b = buf_new(cx->arena, 1 << 20);
  JsonOut o = json_out(&b, false);
  if (r->products.n) TRY(supply_sboms(cx, s, r->products.p[0], STR_NONE, true, &sboms));
  json_object(&o);
  json_pair(&o, "id", r->id);
  json_pair(&o, "packs", packs->sha256);
  json_key(&o, "sboms");
  json_array(&o);
  for (size_t i = 0; i < sboms.n; i++)
    json_put_str(&o, str_fmt(cx->arena, "%.*s %.*s", STR(sboms.p[i].id), STR(sboms.p[i].sha256)));
  json_array_end(&o);
  json_object_end(&o);
  *out = buf_str(&b);
  return E_OK;
}

/* Baselines are not part of what they hold. */
void app_members_now(Cx *cx, const Graph *g, Str product, Members *out) {
  Members all = { 0 }, kept = { 0 };
  Node n = product.n ? graph_find(g, product) : NODE_NONE;
  if (n != NODE_NONE) trace_members(cx, g, n, &all);
  for (size_t i = 0; i < all.n; i++) {
    Node m = graph_find(g, all.p[i].id);
    if (m != NODE_NONE && !baseline_is(node_type(g, m))) vec_add(cx->arena, &kept, all.p[i]);
  }
  *out = kept;
}
