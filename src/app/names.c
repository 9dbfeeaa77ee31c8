/* Names of the inventory and of our products that advisories may mean. */
#include "app/app.h"

Err app_name_proposals(Cx *cx, Store *s, const Graph *g, size_t limit, NameProposals *out, size_t *total) {
  SnapshotRow row;
  AUTO(SnapshotRef) snap = NULL;
  Nodes products = { 0 };
  Query *q;
  VEC(Str) own = { 0 };
  TRY(vuln_current(cx, s, &row));
  TRY(snapshot_open(cx, str_z(cx->arena, row.path), &snap));
  TRY(query_compile(cx, S("type:product"), &(QueryScope){ .now_us = cx->now_us }, &q));
  TRY(query_run(cx, g, q, &products));
  for (size_t i = 0; i < products.n; i++) vec_add(cx->arena, &own, node_title(g, products.p[i]));
  TRY(name_proposals(cx, s, snap, &(NameAsk){ own.p, own.n, limit }, out, total));
  for (size_t i = 0; i < out->n; i++) { /* the snapshot is closed before anybody reads them */
    NameProposal *p = &out->p[i];
    p->vendor = str_dup(cx->arena, p->vendor);
    p->product = str_dup(cx->arena, p->product);
  }
  return E_OK;
}

Err app_names_follow(Cx *cx, Writer *w, Store *s) {
  bool changed = false;
  Judged judged;
  TRY(name_rules_changed(cx, s, &changed));
  const Ask who = { .actor = S("system"), .auth = S("none"), .source = S("system") };
  return changed ? app_match(cx, w, s, STR_NONE, &who, &judged) : E_OK;
}
