/* What needs two people (SOD-4): the same command, given by a second one within a week. */
#include "people/inside.h"
#include "people.sql.h"

static const int64_t waits_us = 7 * US_PER_DAY;

bool is_sample(const Call *c) { return str_eq(c->auth, S("demo")) && str_eq(c->source, S("demo")); }

/* Of what is asked for: a password that comes with it is another each time. */
static Str request_hash(Cx *cx, const Call *c, Str words) {
  Str product = json_text(c->args, "product"), roles = json_text(c->args, "roles");
  return hash_hex(cx->arena, sha256(str_fmt(cx->arena, "%s\n%.*s\n%.*s\n%.*s", c->command->name, STR(words),
                                            STR(product), STR(roles))));
}

/* Somebody else of those who may ask for it, and whom it is not about. */
static Err others(Cx *cx, const Call *c, Str beneficiary, int64_t *n) {
  return store_int(cx, c->store, SQL_SECONDS, ARGS(v_text(c->actor), v_text(beneficiary)), 0, n);
}

static Err first_ask(Cx *cx, Call *c, Str hash, Str words) {
  TRY(store_run(cx, c->store, SQL_SECOND_SET, ARGS(v_text(hash), v_text(words), v_text(c->actor), v_int(cx->now_us)),
                NULL));
  json_pair_bool(c->result, "waits", true);
  json_pair(c->result, "words",
            str_fmt(cx->arena,
                    "%.*s needs a second person: nothing was changed yet. Another administrator or QA manager "
                    "does the same within seven days.",
                    STR(words)));
  return plain_entry(cx, c, "second.asked", str_fmt(cx->arena, "command:%s", c->command->name), c->actor, words);
}

Err second_person(Cx *cx, Call *c, Str beneficiary, Str words, bool *waits, Str *to) {
  Str hash = request_hash(cx, c, words), asked_by = STR_NONE;
  int64_t n;
  *waits = false;
  *to = STR_NONE;
  if (str_eq(c->actor, S("system")) || is_sample(c)) return E_OK;
  TRY(store_run(cx, c->store, SQL_SECOND_PRUNE, ARGS(v_int(cx->now_us - waits_us)), NULL));
  Err e = store_text(cx, c->store, SQL_SECOND_GET, ARGS(v_text(hash)), &asked_by);
  if (e != E_OK && e != E_NOTFOUND) return e;
  if (e == E_NOTFOUND) cx_forgive(cx);
  if (e == E_OK && !str_eq(asked_by, c->actor)) {
    *to = str_fmt(cx->arena, "second:%.*s", STR(asked_by));
    return store_run(cx, c->store, SQL_SECOND_DROP, ARGS(v_text(hash)), NULL);
  }
  TRY(others(cx, c, beneficiary, &n));
  *to = S("alone");
  if (!n) return E_OK;
  *waits = true;
  return first_ask(cx, c, hash, words);
}

Err people_seconds(Cx *cx, Store *s, Seconds *out) {
  AUTO(Rows) r = { 0 };
  Seconds all = { 0 };
  TRY(store_rows(cx, s, SQL_SECOND_LIST, ARGS(v_int(cx->now_us - waits_us)), &r));
  for (bool got;;) {
    TRY(rows_next(cx, &r, &got));
    if (!got) break;
    Second one = { str_dup(cx->arena, row_text(&r, 0)), str_dup(cx->arena, row_text(&r, 1)), row_int(&r, 2) };
    vec_add(cx->arena, &all, one);
  }
  *out = all;
  return E_OK;
}
