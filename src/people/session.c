/* Sessions and the counting of wrong passwords.  The writer only records;
 * passwords are checked by who asks (password.c). */
#include "people/inside.h"
#include "people.sql.h"

static Str text(const Call *c, const char *name) {
  Str s = json_text(c->args, name);
  return s.p ? s : S("");
}

Str delay_key(Cx *cx, const char *kind, Str what) {
  Hash h = sha256(str_lower(cx->arena, what));
  return str_fmt(cx->arena, "%s:%.32s", kind, hash_hex(cx->arena, h).p);
}

Err delay_get(Cx *cx, Store *s, Str key, Delay *out) {
  AUTO(Rows) r = { 0 };
  bool got;
  TRY(store_rows(cx, s, SQL_DELAY_GET, ARGS(v_text(key)), &r));
  TRY(rows_next(cx, &r, &got));
  *out = got ? (Delay){ row_int(&r, 0), row_int(&r, 1), row_int(&r, 2) } : (Delay){ 0 };
  return E_OK;
}

int delay_wait_s(const Delay *d, int64_t now_us) {
  int64_t left = d->until_us - now_us;
  return left <= 0 ? 0 : (int)((left + US_PER_S - 1) / US_PER_S);
}

/* 1 s after the fifth, doubling to 15 minutes; never for ever, or anybody could lock anybody out. */
static int64_t account_delay_us(int64_t failures) {
  int64_t over = failures - FREE_FAILURES;
  if (over < 0) return 0;
  int64_t s = over < 10 ? INT64_C(1) << over : DELAY_MOST_S;
  return (s < DELAY_MOST_S ? s : DELAY_MOST_S) * US_PER_S;
}

static Err put(Cx *cx, Call *c, Str key, const Delay *d) {
  return store_run(cx, c->store, SQL_DELAY_SET,
                   ARGS(v_text(key), v_int(d->failures), v_int(d->first_us), v_int(d->until_us),
                        v_int(cx->now_us)),
                   NULL);
}

static Err count_account(Cx *cx, Call *c, Str login, Delay *out) {
  Str key = delay_key(cx, "login", login);
  Delay d;
  TRY(delay_get(cx, c->store, key, &d));
  if (!d.failures) d.first_us = cx->now_us;
  d.failures++;
  d.until_us = cx->now_us + account_delay_us(d.failures);
  *out = d;
  return put(cx, c, key, &d);
}

/* Ten a minute from one address, whatever the accounts: against one password tried on many. */
static Err count_address(Cx *cx, Call *c, Str address) {
  Str key = delay_key(cx, "address", address);
  Delay d = { 0 };
  if (!address.n) return E_OK;
  TRY(delay_get(cx, c->store, key, &d));
  if (cx->now_us - d.first_us > 60 * US_PER_S) d = (Delay){ .first_us = cx->now_us };
  d.failures++;
  if (d.failures >= ADDRESS_FAILURES) d.until_us = d.first_us + 60 * US_PER_S;
  return put(cx, c, key, &d);
}

static bool is_alert(int64_t failures) {
  return failures == FREE_FAILURES || failures == 10 || failures == 20 || failures % 100 == 0;
}

static Err failed_run(Cx *cx, Call *c) {
  Str person = STR_NONE, address = text(c, "address");
  Delay d = { 0 };
  Cx probe = { .arena = cx->arena };
  Err e = store_text(&probe, c->store, SQL_PERSON_BY_LOGIN,
                     ARGS(v_text(str_lower(cx->arena, text(c, "login")))), &person);
  if (e != E_OK && e != E_NOTFOUND) return fail(cx, e, "%.*s", STR(probe.words));
  TRY(store_run(cx, c->store, SQL_DELAY_PRUNE, ARGS(v_int(cx->now_us - US_PER_DAY)), NULL));
  TRY(count_account(cx, c, text(c, "login"), &d));
  TRY(count_address(cx, c, address));
  /* What was typed for an unknown name is not kept: it may have been a password. */
  Str obj = person.n ? str_fmt(cx->arena, "session:%.*s", STR(person)) : S("session:unknown");
  Str words = str_fmt(cx->arena, "wrong password from %.*s, number %lld in a row", STR(address),
                      (long long)d.failures);
  TRY(plain_entry(cx, c, "session.failed", obj, S("nobody"), words));
  if (is_alert(d.failures)) TRY(alert_raise(cx, c, "failures", person, words));
  json_pair_int(c->result, "failures", d.failures);
  json_pair_int(c->result, "wait_s", delay_wait_s(&d, cx->now_us));
  return E_OK;
}

static Err open_run(Cx *cx, Call *c) {
  Str person = text(c, "person"), hash = text(c, "hash"), address = text(c, "address");
  int64_t elsewhere, lives_s = json_int(c->args, "lives_s", 0);
  Who who = { 0 };
  TRY(people_who(cx, c->store, person, &who));
  if (!who.active) return fail(cx, E_UNAUTHENTIC, "This account is disabled. Ask an administrator.");
  if (hash.n != 64 || lives_s < 60 || lives_s > 86400)
    return fail(cx, E_BUG, "A session without a proper hash or length");
  TRY(people_factor(cx, c, &who, text(c, "code")));
  TRY(store_run(cx, c->store, SQL_SESSION_PRUNE, ARGS(v_int(cx->now_us)), NULL));
  TRY(store_int(cx, c->store, SQL_SESSION_ELSEWHERE,
                ARGS(v_text(person), v_text(address), v_int(cx->now_us - 30 * 60 * US_PER_S)), 0, &elsewhere));
  TRY(store_run(cx, c->store, SQL_SESSION_ADD,
                ARGS(v_text(hash), v_text(person), v_int(cx->now_us), v_int(cx->now_us + lives_s * US_PER_S),
                     v_text(address)),
                NULL));
  TRY(store_run(cx, c->store, SQL_SESSION_KEEP, ARGS(v_text(person), v_int(SESSIONS_MOST)), NULL));
  Str obj = str_fmt(cx->arena, "session:%.*s", STR(person));
  TRY(plain_entry(cx, c, "session.open", obj, person, str_fmt(cx->arena, "from %.*s", STR(address))));
  /* Shared accounts are the most cited finding there is (21 CFR 11.300): show it. */
  if (elsewhere)
    TRY(plain_entry(cx, c, "session.elsewhere", obj, person, S("also signed in from another address")));
  json_pair_bool(c->result, "elsewhere", elsewhere > 0);
  return E_OK;
}

static Err close_run(Cx *cx, Call *c) {
  Str person = text(c, "person"), hash = text(c, "hash");
  Who who = { 0 };
  TRY(people_who(cx, c->store, c->actor, &who));
  if (!str_eq(person, c->actor)) TRY(authorise(cx, &who, "user.admin", PRODUCT_ANY));
  if (hash.n) TRY(store_run(cx, c->store, SQL_SESSION_CLOSE, ARGS(v_text(hash), v_text(person)), NULL));
  else TRY(store_run(cx, c->store, SQL_SESSION_CLOSE_ALL, ARGS(v_text(person)), NULL));
  return plain_entry(cx, c, "session.close", str_fmt(cx->arena, "session:%.*s", STR(person)), c->actor,
                     c->reason);
}

/* No entry: it says nothing that the next entry of this person would not say. */
static Err touch_run(Cx *cx, Call *c) {
  return store_run(cx, c->store, SQL_SESSION_TOUCH,
                   ARGS(v_text(text(c, "hash")), v_text(c->actor), v_int(cx->now_us)), NULL);
}

#define ADDRESS { "address", ARG_TEXT, false, "where it came from" }
static const ArgSpec open_args[] = { { "person", ARG_TEXT, true, "id" },
                                     { "hash", ARG_TEXT, true, "SHA-256 of the cookie's value" },
                                     { "lives_s", ARG_INT, true, "seconds until it ends at the latest" },
                                     ADDRESS,
                                     { "code", ARG_TEXT, false, "of the second factor" } };
static const ArgSpec failed_args[] = { { "login", ARG_TEXT, true, "name that was given" }, ADDRESS };
static const ArgSpec close_args[] = { { "person", ARG_TEXT, true, "id" },
                                      { "hash", ARG_TEXT, false, "one session; without it all" } };
static const ArgSpec touch_args[] = { { "hash", ARG_TEXT, true, "session" } };

const Command people_session_commands[4] = {
  { "session.open", open_args, COUNT(open_args), "session", open_run, "records a sign-in" },
  { "session.failed", failed_args, COUNT(failed_args), "none", failed_run, "counts a wrong password" },
  { "session.close", close_args, COUNT(close_args), "session", close_run, "ends sessions" },
  { "session.touch", touch_args, COUNT(touch_args), "session", touch_run, "keeps a session awake" },
};

Err people_session_live(Cx *cx, Store *s, Str session, Str person, int64_t now_us, bool *out) {
  AUTO(Rows) r = { 0 };
  bool got;
  TRY(store_rows(cx, s, SQL_SESSION_GET, ARGS(v_text(session)), &r));
  TRY(rows_next(cx, &r, &got));
  *out = got && str_eq(row_text(&r, 0), person) && row_int(&r, 2) > now_us;
  return E_OK;
}
