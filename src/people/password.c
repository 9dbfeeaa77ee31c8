/* Signing in: passwords are checked here, in the process that asks, so that the writer never waits for Argon2. */
#include "people/inside.h"
#include "people.sql.h"
#include <string.h>

enum { PASSWORD_LEAST = 15, PASSWORD_MOST = 256, OWN_LEAST = 8, COOKIE_BYTES = 32 };

/* ---- policy (NIST SP 800-63B: length, no composition rules, no common ones) --------------------------- */

static const char *const pieces[] = {
  "password", "passwort", "proofline", "qwertyuiop", "qwerty", "asdfghjkl", "zxcvbnm", "letmein",
  "welcome", "administrator", "admin", "iloveyou", "monkey", "dragon", "football", "baseball", "sunshine",
  "princess", "trustno", "abcdefghijklmnopqrstuvwxyz", "abc", "medical", "device", "security", "company",
  "summer", "winter", "spring", "autumn", "changeme", "default", "secret", "12345678901234567890",
  "1234567890", "123456789", "12345678", "123456", "123",
};

/* Takes every occurrence out: what is left is the part that nobody could guess from a list. */
static Str without(Cx *cx, Str s, Str piece) {
  Buf b = buf_new(cx->arena, s.n);
  if (piece.n < 3) return s;
  for (size_t at; (at = str_find_nocase(s, piece)) != SIZE_MAX; s = str_slice(s, at + piece.n, s.n))
    buf_add(&b, str_slice(s, 0, at));
  buf_add(&b, s);
  return buf_str(&b);
}

/* Bytes that do not just repeat the one before or count on from it. */
static size_t own_bytes(Str s) {
  size_t n = s.n > 0;
  for (size_t i = 1; i < s.n; i++) {
    int step = s.p[i] - s.p[i - 1];
    n += step != 0 && step != 1 && step != -1;
  }
  return n;
}

Err people_password_new(Cx *cx, const Settings *set, Str login, Str password, Str *phc) {
  Str left = without(cx, without(cx, password, login), set->text[SET_COMPANY]);
  for (size_t i = 0; i < COUNT(pieces); i++) left = without(cx, left, str_of(pieces[i]));
  if (password.n < PASSWORD_LEAST)
    problem(cx, S("password"), "short", "has fewer than %d characters; a sentence is easy to remember",
            PASSWORD_LEAST);
  else if (password.n > PASSWORD_MOST)
    problem(cx, S("password"), "long", "has more than %d bytes", PASSWORD_MOST);
  else if (own_bytes(left) < OWN_LEAST)
    problem(cx, S("password"), "common",
            "is made of common words, repetitions or the login; take words of your own");
  TRY(problems_fail(cx));
  return password_hash(cx, password, (uint32_t)set->number[SET_ARGON_KIB],
                       (uint32_t)set->number[SET_ARGON_PASSES], phc);
}

/* ---- checking ----------------------------------------------------------------------------------------- */

/* A hash of nothing known at today's settings: an unknown account costs what a known one does. */
static Err dummy_phc(Cx *cx, const Settings *set, Str *out) {
  static char kept[256];
  if (!kept[0]) {
    Str phc;
    TRY(password_hash(cx, random_hex(cx->arena, 16), (uint32_t)set->number[SET_ARGON_KIB],
                      (uint32_t)set->number[SET_ARGON_PASSES], &phc));
    if (phc.n < sizeof kept) memcpy(kept, phc.p, phc.n);
  }
  *out = str_of(kept);
  return E_OK;
}

typedef struct Try {
  Store *store;
  Writer *writer;
  const Settings *set;
  Str login, password, address, request;
  const char *wrong;
} Try;

static Err too_soon(Cx *cx, const Try *t, int *wait_s) {
  static const char *const kinds[] = { "login", "address" };
  int most = 0;
  for (size_t i = 0; i < COUNT(kinds); i++) {
    Delay d;
    TRY(delay_get(cx, t->store, delay_key(cx, kinds[i], i ? t->address : t->login), &d));
    int wait = delay_wait_s(&d, clock_now_us());
    if (wait > most) most = wait;
  }
  if (!most) return E_OK;
  *wait_s = most;
  return fail(cx, E_SLOW_DOWN,
              "Too many wrong passwords. Wait %d s before the next try; a right password is not taken sooner "
              "either.",
              most);
}

static Err ask_one(Cx *cx, Writer *w, const char *command, Str actor, Str request, Str args, JVal **result) {
  Ask ask = { .command = str_of(command),
              .actor = actor,
              .auth = S("password"),
              .source = S("web"),
              .request = request,
              .args_json = args };
  Answer a = { 0 };
  TRY(writer_ask(cx, w, &ask, 1, &a));
  TRY(answer_result(cx, &a));
  return json_read(cx, a.result_json.n ? a.result_json : S("{}"), &JSON_BODY, result);
}

static Err count_failure(Cx *cx, const Try *t, int *wait_s) {
  JVal *result;
  Buf b = buf_new(cx->arena, 8192);
  JsonOut o = json_out(&b, false);
  json_object(&o);
  json_pair(&o, "login", str_slice(t->login, 0, 256));
  json_pair(&o, "address", t->address.p ? t->address : S(""));
  json_object_end(&o);
  TRY(ask_one(cx, t->writer, "session.failed", S("nobody"), t->request, buf_str(&b), &result));
  int64_t failures = json_int(result, "failures", 0), wait = json_int(result, "wait_s", 0),
          left = FREE_FAILURES - failures;
  *wait_s = (int)wait;
  if (wait)
    return fail(cx, failures > FREE_FAILURES ? E_SLOW_DOWN : E_UNAUTHENTIC,
                "%s Wait %lld s before the next try. The administrators were told.", t->wrong, (long long)wait);
  return fail(cx, E_UNAUTHENTIC, "%s %lld %s left, then you must wait.", t->wrong, (long long)left,
              left == 1 ? "try" : "tries");
}

/* The same one query for every login, so that until the hash is done a known account costs what an unknown one does. */
static Err read_credential(Cx *cx, const Try *t, Str *person, Str *phc) {
  AUTO(Rows) r = { 0 };
  bool got;
  TRY(dummy_phc(cx, t->set, phc));
  TRY(store_rows(cx, t->store, SQL_CREDENTIAL_BY_LOGIN, ARGS(v_text(str_lower(cx->arena, t->login))), &r));
  TRY(rows_next(cx, &r, &got));
  *person = got ? str_dup(cx->arena, row_text(&r, 0)) : STR_NONE;
  if (got) *phc = str_dup(cx->arena, row_text(&r, 1));
  return E_OK;
}

/* The person when the password is right; every other way out takes one hash and one command. */
static Err try_password(Cx *cx, const Try *t, Who *out, int *wait_s) {
  Str person, phc;
  TRY(too_soon(cx, t, wait_s));
  TRY(read_credential(cx, t, &person, &phc));
  bool right = password_check(phc, str_slice(t->password, 0, PASSWORD_MOST));
  if (!right || !person.n || t->password.n > PASSWORD_MOST) return count_failure(cx, t, wait_s);
  return people_who(cx, t->store, person, out);
}

/* A wrong code counts as a wrong password does: six digits would soon be guessed otherwise. */
static Err wrong_code(Cx *cx, Try *t, int *wait_s) {
  t->wrong = str_z(cx->arena, cx->words);
  cx_forgive(cx);
  return count_failure(cx, t, wait_s);
}

Err people_code_wrong(Cx *cx, Store *s, Writer *w, const Settings *set, const Who *who, Str address,
                      Str request) {
  Try t = { s, w, set, who->login, STR_NONE, address, request, NULL };
  int wait_s = 0;
  return wrong_code(cx, &t, &wait_s);
}

/* ---- cookies ------------------------------------------------------------------------------------------ */

/* The __Host- prefix needs Secure, which browsers refuse over plain http; that is only spoken on loopback. */
static const char *cookie_name(bool secure) { return secure ? "__Host-proofline" : "proofline"; }

static Str cookie(Cx *cx, bool secure, Str value, int64_t lives_s) {
  return str_fmt(cx->arena, "%s=%.*s; Path=/; HttpOnly; SameSite=Lax; Max-Age=%lld%s", cookie_name(secure),
                 STR(value), (long long)lives_s, secure ? "; Secure" : "");
}

static Str session_hash(Cx *cx, Str value) { return hash_hex(cx->arena, sha256(value)); }

/* Keyed by the cookie's value, which the store does not hold. */
static void bind(Cx *cx, Who *who, Str value) {
  who->session = session_hash(cx, value);
  who->csrf = hmac_sha256(value, S("csrf"));
}

Err people_sign_in(Cx *cx, Store *s, Writer *w, const Settings *set, const SignIn *in, Who *who,
                   Str *set_cookie, int *wait_s) {
  Try t = {
    s, w, set, str_trim(in->login), in->password, in->address, in->request, "Name or password not correct."
  };
  Who found = { 0 };
  JVal *result;
  *wait_s = 0;
  TRY(try_password(cx, &t, &found, wait_s));
  Str value = random_hex(cx->arena, COOKIE_BYTES);
  bind(cx, &found, value);
  Buf b = buf_new(cx->arena, 8192);
  JsonOut o = json_out(&b, false);
  json_object(&o);
  json_pair(&o, "person", found.id);
  json_pair(&o, "hash", found.session);
  json_pair_int(&o, "lives_s", set->number[SET_SESSION_MAX_S]);
  json_pair(&o, "address", in->address.p ? in->address : S(""));
  if (in->code.n) json_pair(&o, "code", in->code);
  json_object_end(&o);
  Err e = ask_one(cx, w, "session.open", found.id, in->request, buf_str(&b), &result);
  if (e == E_UNAUTHENTIC && in->code.n) return wrong_code(cx, &t, wait_s);
  TRY(e);
  *set_cookie = cookie(cx, in->secure, value, set->number[SET_SESSION_MAX_S]);
  *who = found;
  return E_OK;
}

Err people_sign_out(Cx *cx, Writer *w, const Who *who, Str request, bool secure, Str *set_cookie) {
  JVal *result;
  Str args = str_fmt(cx->arena, "{\"person\":\"%.*s\",\"hash\":\"%.*s\"}", STR(who->id), STR(who->session));
  TRY(ask_one(cx, w, "session.close", who->id, request, args, &result));
  *set_cookie = cookie(cx, secure, S(""), 0);
  return E_OK;
}

Err people_password_ok(Cx *cx, Store *s, Writer *w, const Settings *set, const Who *who, Str password,
                       Str address, Str request) {
  Try t = { s, w, set, who->login, password, address, request, "Password not correct." };
  Who found = { 0 };
  int wait_s = 0;
  return try_password(cx, &t, &found, &wait_s);
}

/* ---- the person behind a request ---------------------------------------------------------------------- */

static Err read_session(Cx *cx, Store *s, const Settings *set, Str hash, Str *person, int64_t *seen_us) {
  AUTO(Rows) r = { 0 };
  bool got;
  int64_t now = clock_now_us(), idle_s = set->number[SET_SESSION_IDLE_S];
  TRY(store_rows(cx, s, SQL_SESSION_GET, ARGS(v_text(hash)), &r));
  TRY(rows_next(cx, &r, &got));
  if (!got || row_int(&r, 2) <= now)
    return fail(cx, E_UNAUTHENTIC, "You are signed out. Sign in to continue.");
  if (row_int(&r, 1) + idle_s * US_PER_S <= now)
    return fail(cx, E_UNAUTHENTIC, "You were signed out after %lld minutes. Sign in to continue.",
                (long long)(idle_s / 60));
  *person = str_dup(cx->arena, row_text(&r, 0));
  *seen_us = row_int(&r, 1);
  return E_OK;
}

Err people_session(Cx *cx, Store *s, const Settings *set, const Request *req, Who *out) {
  Str value = request_cookie(cx, req, cookie_name(req->secure)), person;
  int64_t seen_us = 0;
  Who who = { 0 };
  if (value.n != 2 * COOKIE_BYTES) return fail(cx, E_UNAUTHENTIC, "Sign in first.");
  TRY(read_session(cx, s, set, session_hash(cx, value), &person, &seen_us));
  TRY(people_who(cx, s, person, &who));
  if (!who.active) return fail(cx, E_UNAUTHENTIC, "This account is disabled. Ask an administrator.");
  bind(cx, &who, value);
  who.seen_us = seen_us;
  *out = who;
  return E_OK;
}

Err people_touch(Cx *cx, Writer *w, const Who *who, Str request) {
  JVal *result;
  if (!who->session.n || clock_now_us() - who->seen_us < 60 * US_PER_S) return E_OK;
  Str args = str_fmt(cx->arena, "{\"hash\":\"%.*s\"}", STR(who->session));
  return ask_one(cx, w, "session.touch", who->id, request, args, &result);
}

/* ---- CSRF tokens -------------------------------------------------------------------------------------- */

/* random || random xor secret: another text each time, so that compression of the page gives nothing away. */
Str csrf_token(Cx *cx, const Who *who) {
  uint8_t token[64];
  random_bytes(token, 32);
  for (size_t i = 0; i < 32; i++) token[32 + i] = token[i] ^ who->csrf.b[i];
  return hex_text(cx->arena, (Str){ (const char *)token, sizeof token });
}

bool csrf_ok(Cx *cx, const Who *who, Str token) {
  Hash mask, masked;
  (void)cx;
  if (!who->session.n || token.n != 128) return false;
  if (!hash_from_hex(str_slice(token, 0, 64), &mask) || !hash_from_hex(str_slice(token, 64, 128), &masked))
    return false;
  for (size_t i = 0; i < 32; i++) masked.b[i] ^= mask.b[i];
  return hash_eq(masked, who->csrf);
}
