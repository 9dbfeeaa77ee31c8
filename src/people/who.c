/* Reading people: for a decision, for pages and for rules. */
#include "people/inside.h"
#include "people.sql.h"

static Err load_grants(Cx *cx, Store *s, Who *who) {
  AUTO(Rows) r = { 0 };
  bool got = true;
  VEC(Grant) grants = { 0 };
  TRY(store_rows(cx, s, SQL_GRANT_OF, ARGS(v_text(who->id)), &r));
  for (;;) {
    TRY(rows_next(cx, &r, &got));
    if (!got) break;
    Str product = row_text(&r, 0);
    if (!grants.n || !str_eq(grants.p[grants.n - 1].product, product))
      vec_add(cx->arena, &grants, (Grant){ ROLES_NONE, str_dup(cx->arena, product) });
    grants.p[grants.n - 1].roles |= role_find(row_text(&r, 1));
  }
  who->grant = grants.p;
  who->ngrant = grants.n;
  return E_OK;
}

static Err load(Cx *cx, Store *s, const Sql *sql, Str key, Who *out) {
  Who who = { 0 };
  {
    AUTO(Rows) r = { 0 };
    bool got;
    TRY(store_rows(cx, s, sql, ARGS(v_text(key)), &r));
    TRY(rows_next(cx, &r, &got));
    if (!got) return fail(cx, E_NOTFOUND, "There is no account '%.*s'.", STR(key));
    Arena *a = cx->arena;
    who = (Who){ .id = str_dup(a, row_text(&r, 0)),
                 .login = str_dup(a, row_text(&r, 1)),
                 .name = str_dup(a, row_text(&r, 2)),
                 .email = str_dup(a, row_text(&r, 3)),
                 .title = str_dup(a, row_text(&r, 4)),
                 .active = str_eq(row_text(&r, 5), S("active")) };
  }
  TRY(load_grants(cx, s, &who));
  Err e = store_text(cx, s, SQL_ADMINISTRATOR_NAME, ARGS(v_text(who.id)), &who.ask);
  if (e == E_NOTFOUND) cx_forgive(cx);
  else TRY(e);
  *out = who;
  return E_OK;
}

Err people_who(Cx *cx, Store *s, Str person_id, Who *out) {
  static Grant everything = { ROLE_SYSTEM, { "", 0 } };
  if (!str_eq(person_id, S("system"))) return load(cx, s, SQL_PERSON_GET, person_id, out);
  *out = (Who){ .id = S("system"),
                .login = S("system"),
                .name = S("Proofline"),
                .email = S(""),
                .title = S("system job"),
                .active = true,
                .grant = &everything,
                .ngrant = 1 };
  return E_OK;
}

Err people_who_login(Cx *cx, Store *s, Str login, Who *out) {
  return load(cx, s, SQL_PERSON_BY_LOGIN, str_lower(cx->arena, login), out);
}

Err person_known(Cx *cx, Store *s, Str person) {
  Str state;
  Err e = store_text(cx, s, SQL_PERSON_STATE, ARGS(v_text(person)), &state);
  if (e != E_NOTFOUND) return e;
  cx_forgive(cx);
  return fail(cx, E_NOTFOUND, "There is no account '%.*s'. Nothing was changed.", STR(person));
}

Str people_name(Cx *cx, Store *s, Str person_id) {
  Cx own = { .arena = cx->arena };
  Str name;
  if (str_eq(person_id, S("system"))) return S("Proofline");
  return store_text(&own, s, SQL_PERSON_NAME, ARGS(v_text(person_id)), &name) == E_OK ? name : person_id;
}

Err people_list(Cx *cx, Store *s, Persons *out) {
  AUTO(Rows) r = { 0 };
  Persons all = { 0 };
  Arena *a = cx->arena;
  TRY(store_rows(cx, s, SQL_PERSON_LIST, NO_ARGS, &r));
  for (bool got;;) {
    TRY(rows_next(cx, &r, &got));
    if (!got) break;
    Person p = { .id = str_dup(a, row_text(&r, 0)),
                 .login = str_dup(a, row_text(&r, 1)),
                 .name = str_dup(a, row_text(&r, 2)),
                 .email = str_dup(a, row_text(&r, 3)),
                 .title = str_dup(a, row_text(&r, 4)),
                 .active = str_eq(row_text(&r, 5), S("active")),
                 .has_password = !row_null(&r, 7),
                 .created_us = row_int(&r, 6) };
    vec_add(a, &all, p);
  }
  *out = all;
  return E_OK;
}

Err people_sessions(Cx *cx, Store *s, Str person, Sessions *out) {
  AUTO(Rows) r = { 0 };
  Sessions all = { 0 };
  Arena *a = cx->arena;
  TRY(store_rows(cx, s, SQL_SESSION_LIST, ARGS(v_text(person)), &r));
  for (bool got;;) {
    TRY(rows_next(cx, &r, &got));
    if (!got) break;
    Session one = { .hash = str_dup(a, row_text(&r, 0)),
                    .person = str_dup(a, row_text(&r, 1)),
                    .address = str_dup(a, row_text(&r, 2)),
                    .created_us = row_int(&r, 3),
                    .seen_us = row_int(&r, 4),
                    .expires_us = row_int(&r, 5) };
    vec_add(a, &all, one);
  }
  *out = all;
  return E_OK;
}
