/* names.c - the approved name rules of a store, and which of them speak of a component. */
#include "vuln/snap.h"
#include "names.sql.h"
#include "record/record.h"

static Str text_of(const Record *r, const char *field) {
  const Value *v = record_value(r, field);
  return v && v->set ? v->s : S("");
}

/* Version and qualifiers say nothing about which package it is. */
static Str package_key(Cx *cx, Str purl) {
  Cx probe = { .arena = cx->arena };
  Purl p;
  if (!purl.n || purl_read(&probe, purl, &p) != E_OK) return S("");
  return str_fmt(cx->arena, "%.*s/%.*s/%.*s", STR(p.type), STR(p.ns), STR(p.name));
}

/* In front of those of the same key. */
static size_t chain(Arena *a, Map *map, Str key, size_t at) {
  if (!key.n) return MAP_NONE;
  size_t next = map_get(map, key);
  map_put(map, str_dup(a, key), at);
  return next;
}

static void rule_add(Cx *cx, NameRules *rules, const Record *r) {
  Arena *a = cx->arena;
  NameRule n = { .component = name_folded(a, text_of(r, "component")),
                 .package = package_key(cx, text_of(r, "package")),
                 .gives = { .rule = str_dup(a, r->id),
                            .differs = str_eq(text_of(r, "says"), S("different")),
                            .cpe = str_dup(a, text_of(r, "cpe")),
                            .purl = str_dup(a, text_of(r, "is_package")),
                            .vendor = str_dup(a, text_of(r, "vendor")),
                            .product = name_folded(a, text_of(r, "product")) } };
  if (n.package.n) n.component = S(""); /* the package URL is the narrower of the two */
  n.next_component = chain(a, &rules->by_component, n.component, rules->rule.n);
  n.next_package = chain(a, &rules->by_package, n.package, rules->rule.n);
  vec_add(a, &rules->rule, n);
}

typedef struct InForce { Str id; int64_t rev; } InForce;
typedef VEC(InForce) InForces;

static Err rules_in_force(Cx *cx, Store *s, const RecordType *type, InForces *out) {
  AUTO(Rows) r = { 0 };
  TRY(store_rows(cx, s, SQL_NAME_RULES, NO_ARGS, &r));
  for (bool got = true;;) {
    TRY(rows_next(cx, &r, &got));
    if (!got) return E_OK;
    const State *state = life_state(type->life, row_text(&r, 2));
    if (state && !(state->flags & ST_CLOSED))
      vec_add(cx->arena, out, (InForce){ str_dup(cx->arena, row_text(&r, 0)), row_int(&r, 1) });
  }
}

Err name_rules_load(Cx *cx, Store *s, NameRules *out) {
  const RecordType *type = record_type(S("name_rule"));
  NameRules rules = { .by_component = map_new(cx->arena, 64), .by_package = map_new(cx->arena, 64), .digest = S("") };
  InForces list = { 0 };
  if (type) TRY(rules_in_force(cx, s, type, &list));
  Buf said = buf_new(cx->arena, 64 + list.n * 96);
  for (size_t i = 0; i < list.n; i++) {
    Record r = { 0 };
    TRY(record_get(cx, s, list.p[i].id, list.p[i].rev, &r));
    rule_add(cx, &rules, &r);
    buf_fmt(&said, "%.*s %.*s\n", STR(r.id), STR(hash_hex(cx->arena, r.hash)));
  }
  if (list.n) rules.digest = hash_hex(cx->arena, sha256(buf_str(&said)));
  *out = rules;
  return E_OK;
}

void name_rules_give(Cx *cx, const NameRules *rules, VulnTarget *t) {
  if (!rules->rule.n) return;
  VEC(NameGiven) list = { 0 };
  size_t i = map_get(&rules->by_package, package_key(cx, t->purl));
  for (; i != MAP_NONE; i = rules->rule.p[i].next_package) vec_add(cx->arena, &list, rules->rule.p[i].gives);
  i = map_get(&rules->by_component, name_folded(cx->arena, t->name));
  for (; i != MAP_NONE; i = rules->rule.p[i].next_component) vec_add(cx->arena, &list, rules->rule.p[i].gives);
  t->given = list.p;
  t->ngiven = list.n;
}

Err name_rules_changed(Cx *cx, Store *s, bool *changed) {
  NameRules rules;
  Str followed;
  TRY(name_rules_load(cx, s, &rules));
  TRY(store_text(cx, s, SQL_RULES_FOLLOWED, NO_ARGS, &followed));
  *changed = !str_eq(followed, rules.digest);
  return E_OK;
}
