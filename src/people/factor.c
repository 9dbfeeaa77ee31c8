/* The second factor of a person: set up, confirmed with one code, used, taken away by somebody else. */
#include "people/inside.h"
#include "people.sql.h"
#include <string.h>

static Str arg(const Call *c, const char *name) {
  Str s = json_text(c->args, name);
  return s.p ? str_trim(s) : S("");
}

/* ---- the key beside the store ------------------------------------------------------------------------- */

static const char *secret_path(Arena *a, const char *folder) { return str_fmt(a, "%s/secret.key", folder).p; }

Err people_secret_make(Cx *cx, const char *folder) {
  const char *path = secret_path(cx->arena, folder);
  if (file_exists(path)) return E_OK;
  return file_write(cx, path, str_fmt(cx->arena, "%.*s\n", STR(random_hex(cx->arena, 32))), 0400);
}

/* Each use has a key of its own. */
static Err secret_key(Cx *cx, Store *s, Str use, Hash *out) {
  Str text, key;
  Hash secret;
  const char *path = secret_path(cx->arena, store_folder(s));
  if (!file_exists(path))
    return fail(cx, E_CONFIG, "%s is missing. Nothing was changed. Put it back from where it is kept apart.", path);
  TRY(file_read(cx, path, 4096, &text));
  if (!hash_from_hex(str_trim(text), &secret))
    return fail(cx, E_CONFIG, "%s is not a key of Proofline. Nothing was changed.", path);
  key = hash_bytes(&secret);
  *out = hmac_sha256(key, use);
  return E_OK;
}

Err people_ticket(Cx *cx, Store *s, Str what, Str *out) {
  Hash key;
  TRY(secret_key(cx, s, S("ticket"), &key));
  *out = hash_hex(cx->arena, hmac_sha256(hash_bytes(&key), what));
  return E_OK;
}

/* ---- the secret of a person --------------------------------------------------------------------------- */

typedef struct Factor { Str secret; bool set, confirmed; } Factor;

static Str about(Cx *cx, Str person) { return str_fmt(cx->arena, "totp|sealed|%.*s", STR(person)); }

static bool hex_bytes(Arena *a, Str hex, Str *out) {
  uint8_t *p = NEW_ARRAY(a, hex.n / 2 + 1, uint8_t);
  for (size_t i = 0; i < hex.n; i++) {
    char c = hex.p[i];
    int v = c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
    if (v < 0) return false;
    p[i / 2] = (uint8_t)(p[i / 2] << 4 | v);
  }
  *out = (Str){ (const char *)p, hex.n / 2 };
  return hex.n % 2 == 0;
}

static Err factor_get(Cx *cx, Store *s, Str person, Factor *out) {
  Str sealed, bytes;
  Hash key;
  {
    AUTO(Rows) r = { 0 };
    bool got;
    TRY(store_rows(cx, s, SQL_TOTP_GET, ARGS(v_text(person)), &r));
    TRY(rows_next(cx, &r, &got));
    *out = (Factor){ .set = got, .confirmed = got && row_int(&r, 1) > 0 };
    if (!got) return E_OK;
    sealed = str_dup(cx->arena, row_text(&r, 0));
  }
  TRY(secret_key(cx, s, S("totp"), &key));
  if (hex_bytes(cx->arena, sealed, &bytes) &&
      unseal(cx->arena, key.b, about(cx, person), bytes, &out->secret))
    return E_OK;
  return fail(cx, E_INTEGRITY,
              "The second factor of %.*s cannot be read with this secret.key. Nothing was changed. Put the right "
              "key file back, or have an administrator drop the factor.",
              STR(person));
}

Err people_enrolled(Cx *cx, Store *s, Str person, bool *out) {
  AUTO(Rows) r = { 0 };
  bool got;
  TRY(store_rows(cx, s, SQL_TOTP_GET, ARGS(v_text(person)), &r));
  TRY(rows_next(cx, &r, &got));
  *out = got && row_int(&r, 1) > 0;
  return E_OK;
}

Str people_totp_uri(Arena *a, Str company, Str login, Str secret) {
  Buf b = buf_new(a, 4096);
  buf_z(&b, "otpauth://totp/Proofline:");
  url_text(&b, login);
  buf_fmt(&b, "?secret=%.*s&issuer=", STR(secret));
  url_text(&b, company.n ? company : S("Proofline"));
  buf_fmt(&b, "&algorithm=SHA1&digits=%d&period=%d", TOTP_DIGITS, TOTP_STEP_S);
  return buf_str(&b);
}

/* ---- using it ----------------------------------------------------------------------------------------- */

/* Takes a code of the app; the step is kept, so that nobody who looked on can use it again. */
static Err use_app(Cx *cx, Call *c, Str person, const Factor *f, Str code) {
  int64_t last;
  TRY(store_int(cx, c->store, SQL_TOTP_STEP_GET, ARGS(v_text(person)), 0, &last));
  int64_t step = totp_match(f->secret, code, cx->now_us, last);
  if (step < 0 && totp_match(f->secret, code, cx->now_us, 0) >= 0)
    return fail(cx, E_UNAUTHENTIC, "This code was used before. Wait for the next one, up to 30 seconds.");
  if (step < 0) return fail(cx, E_UNAUTHENTIC, "Code not correct.");
  return store_run(cx, c->store, SQL_TOTP_STEP_SET, ARGS(v_text(person), v_int(step)), NULL);
}

/* However it was typed: "abcd-efgh ..." */
static Str recovery_hash(Cx *cx, Str person, Str code) {
  Buf b = buf_new(cx->arena, 512);
  buf_fmt(&b, "%.*s|", STR(person));
  for (size_t i = 0; i < code.n && i < 64; i++)
    if (code.p[i] != '-' && code.p[i] != ' ') buf_add(&b, str_upper(cx->arena, str_slice(code, i, i + 1)));
  return hash_hex(cx->arena, sha256(buf_str(&b)));
}

static Err use_recovery(Cx *cx, Call *c, Str person, Str code) {
  int64_t changes = 0;
  TRY(store_run(cx, c->store, SQL_RECOVERY_USE,
                ARGS(v_text(person), v_text(recovery_hash(cx, person, code)), v_int(c->now_us)), &changes));
  if (!changes) return fail(cx, E_UNAUTHENTIC, "Code not correct.");
  return person_entry(cx, c, "user.recovery_used", person);
}

Err people_factor(Cx *cx, Call *c, const Who *who, Str code) {
  Factor f;
  TRY(factor_get(cx, c->store, who->id, &f));
  if (f.confirmed) {
    if (!code.n)
      return fail(cx, E_UNAUTHENTIC,
                  "This account has a second factor: type the code that the authenticator app shows now.");
    if (code.n == TOTP_DIGITS) TRY(use_app(cx, c, who->id, &f, code));
    else TRY(use_recovery(cx, c, who->id, code));
    c->auth = S("password+code");
  }
  return store_run(cx, c->store, SQL_DELAY_DROP, ARGS(v_text(delay_key(cx, "login", who->login))), NULL);
}

/* ---- setting it up and taking it away ----------------------------------------------------------------- */

static Err enrol_run(Cx *cx, Call *c) {
  uint8_t secret[TOTP_BYTES];
  Factor f;
  Hash key;
  if (!str_starts(c->auth, S("password")))
    return fail(cx, E_DENIED, "Setting up a second factor needs the password. Nothing was changed.");
  TRY(factor_get(cx, c->store, c->actor, &f));
  if (f.confirmed)
    return fail(cx, E_CONFLICT, "A second factor is set up already. Nothing was changed. To replace it, have an "
                                "administrator take it away first.");
  random_bytes(secret, sizeof secret);
  TRY(secret_key(cx, c->store, S("totp"), &key));
  Str plain = { (const char *)secret, sizeof secret };
  Str sealed = hex_text(cx->arena, seal(cx->arena, key.b, about(cx, c->actor), plain));
  TRY(store_run(cx, c->store, SQL_TOTP_SET, ARGS(v_text(c->actor), v_text(sealed), v_int(c->now_us)), NULL));
  json_pair(c->result, "secret", base32(cx->arena, plain));
  memset(secret, 0, sizeof secret);
  return person_entry(cx, c, "user.totp_enrol", c->actor);
}

/* 80 bits each: shown once, kept as hashes. */
static Err recovery_new(Cx *cx, Call *c) {
  TRY(store_run(cx, c->store, SQL_RECOVERY_DROP, ARGS(v_text(c->actor)), NULL));
  json_key(c->result, "recovery");
  json_array(c->result);
  for (int64_t n = 1; n <= RECOVERY_CODES; n++) {
    uint8_t raw[RECOVERY_BYTES];
    random_bytes(raw, sizeof raw);
    Str code = base32(cx->arena, (Str){ (const char *)raw, sizeof raw });
    TRY(store_run(cx, c->store, SQL_RECOVERY_ADD,
                  ARGS(v_text(c->actor), v_int(n), v_text(recovery_hash(cx, c->actor, code))), NULL));
    json_put_str(c->result, str_lower(cx->arena, str_fmt(cx->arena, "%.4s-%.4s-%.4s-%.4s", code.p, code.p + 4,
                                                         code.p + 8, code.p + 12)));
  }
  json_array_end(c->result);
  return E_OK;
}

static Err confirm_run(Cx *cx, Call *c) {
  Factor f;
  TRY(factor_get(cx, c->store, c->actor, &f));
  if (!f.set) return fail(cx, E_CONFLICT, "No second factor waits for its first code. Set one up first.");
  if (f.confirmed) return fail(cx, E_CONFLICT, "The second factor is confirmed already. Nothing was changed.");
  TRY(use_app(cx, c, c->actor, &f, arg(c, "code")));
  TRY(store_run(cx, c->store, SQL_TOTP_CONFIRMED, ARGS(v_text(c->actor), v_int(c->now_us)), NULL));
  TRY(recovery_new(cx, c));
  return person_entry(cx, c, "user.totp_confirm", c->actor);
}

static Err recovery_run(Cx *cx, Call *c) {
  Factor f;
  TRY(factor_get(cx, c->store, c->actor, &f));
  if (!f.confirmed) return fail(cx, E_CONFLICT, "There is no second factor yet. Set one up first.");
  if (!str_starts(c->auth, S("password")))
    return fail(cx, E_DENIED, "New recovery codes need the password. Nothing was changed.");
  TRY(use_app(cx, c, c->actor, &f, arg(c, "code")));
  TRY(recovery_new(cx, c));
  return person_entry(cx, c, "user.recovery", c->actor);
}

Err people_recovery_left(Cx *cx, Store *s, Str person, int64_t *out) {
  return store_int(cx, s, SQL_RECOVERY_LEFT, ARGS(v_text(person)), 0, out);
}

/* Two people: nobody weakens the proof of who they are by themselves (21 CFR 11.200(a)(3)). */
static Err drop_run(Cx *cx, Call *c) {
  Str person = arg(c, "person");
  int64_t changes = 0;
  TRY(person_known(cx, c->store, person));
  if (str_eq(person, c->actor))
    return fail(cx, E_DENIED, "Nobody takes their own second factor away. Nothing was changed. Ask another "
                              "administrator.");
  bool enrolled, waits;
  Str to;
  TRY(people_enrolled(cx, c->store, person, &enrolled));
  if (enrolled)
    TRY(second_person(cx, c, person, str_fmt(cx->arena, "Taking the second factor of %.*s away", STR(person)), &waits,
                      &to));
  else waits = false, to = STR_NONE;
  if (waits) return E_OK;
  TRY(store_run(cx, c->store, SQL_TOTP_DROP, ARGS(v_text(person)), &changes));
  if (!changes) return fail(cx, E_NOTFOUND, "%.*s has no second factor. Nothing was changed.", STR(person));
  TRY(store_run(cx, c->store, SQL_RECOVERY_DROP, ARGS(v_text(person)), NULL));
  TRY(store_run(cx, c->store, SQL_TOTP_STEP_DROP, ARGS(v_text(person)), NULL));
  TRY(store_run(cx, c->store, SQL_SESSION_CLOSE_ALL, ARGS(v_text(person)), NULL));
  return people_fact_entry(cx, c, FACT_USER, "user.totp_drop", person, to);
}

static const ArgSpec code_args[] = { { "code", ARG_TEXT, true, "six digits of the authenticator app" } };
static const ArgSpec person_args[] = { { "person", ARG_TEXT, true, "id of the person, such as U000002" } };

const Command people_factor_commands[4] = {
  { "user.totp_enrol", NULL, 0, "session", enrol_run, "makes the secret of one's own second factor" },
  { "user.totp_confirm", code_args, COUNT(code_args), "session", confirm_run,
    "takes the first code; answers ten recovery codes" },
  { "user.totp_drop", person_args, COUNT(person_args), "user.second", drop_run,
    "takes somebody else's second factor away" },
  { "user.recovery", code_args, COUNT(code_args), "session", recovery_run,
    "makes ten new recovery codes; the old ones end" },
};
