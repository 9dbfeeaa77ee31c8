/* API tokens: one person's right, cut down to scopes, a product and record types, for a time, and never to sign. */
#include "people/inside.h"
#include "people.sql.h"

enum { SECRET_BYTES = 32, DAYS_MOST = 365, DAYS_USUAL = 90, CHECK_DIGITS = 6, TYPES_BYTES = 500 };

/* A right stands under every scope that gives it. */
static const struct { const char *scope, *right; } grants[] = {
  { "records:read", "read" },          { "findings:read", "read" },        { "records:write", "read" },
  { "records:write", "record.write" }, { "records:write", "record.edit" }, { "sbom:write", "read" },
  { "sbom:write", "sbom.import" },     { "sbom:write", "vuln.match" },     { "checks:run", "read" },
  { "checks:run", "check.run" },       { "reports:read", "read" },         { "reports:read", "export" },
  { "log:read", "log.read" },          { "records:read", "read.all" },
};

const ScopeRow people_scopes[] = {
  { "records:read", "reads records" },
  { "records:write", "writes records and takes steps that judge nothing" },
  { "findings:read", "reads findings and nothing else" },
  { "sbom:write", "brings in SBOMs" },
  { "checks:run", "runs the checks" },
  { "reports:read", "reads exports and packages" },
  { "log:read", "reads the audit trail" },
};
const size_t people_nscopes = COUNT(people_scopes);

static bool has_word(Str words, Str word) {
  for (bool more = words.n > 0; more;) {
    Str one;
    more = str_cut(words, ' ', &one, &words);
    if (str_eq(one, word)) return true;
  }
  return false;
}

Err token_permits(Cx *cx, const Who *who, const Right *right) {
  const char *need = NULL;
  for (size_t i = 0; i < COUNT(grants); i++) {
    if (!str_eq(str_of(right->name), str_of(grants[i].right))) continue;
    if (has_word(who->scopes, str_of(grants[i].scope))) return E_OK;
    if (!need) need = grants[i].scope;
  }
  if (!need)
    return fail(cx, E_DENIED, "No token can do this (%s): a person signs in for it. Nothing was changed.",
                right->words);
  return fail(cx, E_DENIED, "The token %.*s may not do this (%s): it needs the scope %s. Nothing was changed.",
              STR(who->token), right->words, need);
}

bool who_type_ok(const Who *who, const char *type) {
  return !who->types.n || has_word(who->types, str_of(type));
}

/* ---- reading ------------------------------------------------------------------------------------------ */

static Token token_row(Arena *a, const Rows *r) {
  return (Token){ .id = str_dup(a, row_text(r, 0)),      .person = str_dup(a, row_text(r, 1)),
                  .name = str_dup(a, row_text(r, 2)),    .scopes = str_dup(a, row_text(r, 3)),
                  .product = str_dup(a, row_text(r, 4)), .types = str_dup(a, row_text(r, 5)),
                  .made_us = row_int(r, 6),              .expires_us = row_int(r, 7),
                  .ended_us = row_int(r, 8),             .used_us = row_int(r, 9) };
}

Err people_tokens(Cx *cx, Store *s, Str person, Tokens *out) {
  AUTO(Rows) r = { 0 };
  Tokens all = { 0 };
  TRY(store_rows(cx, s, SQL_TOKEN_LIST, ARGS(v_text(person)), &r));
  for (bool got;;) {
    TRY(rows_next(cx, &r, &got));
    if (!got) break;
    vec_add(cx->arena, &all, token_row(cx->arena, &r));
  }
  *out = all;
  return E_OK;
}

static Err token_get(Cx *cx, Store *s, const Sql *sql, Str key, Token *out, bool *found) {
  AUTO(Rows) r = { 0 };
  TRY(store_rows(cx, s, sql, ARGS(v_text(key)), &r));
  TRY(rows_next(cx, &r, found));
  if (*found) *out = token_row(cx->arena, &r);
  return E_OK;
}

/* What is left of the person's roles: those on the token's product. */
static Err cut_down(Cx *cx, Store *s, const Token *t, int64_t now_us, Who *out) {
  Who who = { 0 };
  if (t->ended_us || t->expires_us <= now_us)
    return fail(cx, E_UNAUTHENTIC, "The token %.*s has %s. Make a new one on your account page.", STR(t->id),
                t->ended_us ? "been revoked" : "run out");
  TRY(people_who(cx, s, t->person, &who));
  if (!who.active) return fail(cx, E_UNAUTHENTIC, "This account is disabled. Ask an administrator.");
  who.token = t->id;
  who.scopes = t->scopes;
  bool findings = str_eq(t->scopes, S("findings:read"));
  who.types = t->types.n ? t->types : findings ? S("finding") : S("");
  if (t->product.n) {
    Grant *one = NEW(cx->arena, Grant);
    *one = (Grant){ who_roles(&who, t->product), t->product };
    who.grant = one;
    who.ngrant = 1;
  }
  *out = who;
  return E_OK;
}

Err people_call_who(Cx *cx, const Call *c, Who *out) {
  Token t;
  bool found;
  if (c->known) {
    *out = *(const Who *)c->known;
    return E_OK;
  }
  if (!str_starts(c->auth, S("token:"))) return people_who(cx, c->store, c->actor, out);
  TRY(token_get(cx, c->store, SQL_TOKEN_GET, str_slice(c->auth, 6, c->auth.n), &t, &found));
  if (!found || !str_eq(t.person, c->actor))
    return fail(cx, E_UNAUTHENTIC, "This token is not known. Nothing was changed.");
  return cut_down(cx, c->store, &t, cx->now_us, out);
}

/* ---- the text ----------------------------------------------------------------------------------------- */

/* Ends in digits of its own hash, so that a cut or mistyped one is told from a wrong one, and scanners find it. */
static Str check_digits(Cx *cx, Str head) { return str_slice(hash_hex(cx->arena, sha256(head)), 0, CHECK_DIGITS); }

static Str token_new(Cx *cx) {
  uint8_t raw[SECRET_BYTES];
  random_bytes(raw, sizeof raw);
  Str secret = str_lower(cx->arena, base32(cx->arena, (Str){ (const char *)raw, sizeof raw }));
  Str head = str_fmt(cx->arena, "pl_%.*s", STR(secret));
  return str_fmt(cx->arena, "%.*s_%.*s", STR(head), STR(check_digits(cx, head)));
}

static bool token_whole(Cx *cx, Str text) {
  size_t at = str_rfind_char(text, '_');
  return text.n < 100 && str_starts(text, S("pl_")) && at != SIZE_MAX && at > 3 &&
         str_eq(str_slice(text, at + 1, text.n), check_digits(cx, str_slice(text, 0, at)));
}

Err people_token(Cx *cx, Store *s, const Request *req, Who *out) {
  Str text = req->header_api_key;
  Token t;
  bool found;
  if (req->header_authorization.n) {
    if (!str_eq_nocase(str_slice(req->header_authorization, 0, 7), S("Bearer ")))
      return fail(cx, E_UNAUTHENTIC, "Authorization: only Bearer tokens are taken.");
    text = str_trim(str_slice(req->header_authorization, 7, req->header_authorization.n));
  }
  if (req->header_cookie.n)
    return fail(cx, E_UNAUTHENTIC, "A token is not taken together with a cookie. Send one of them.");
  if (!token_whole(cx, text))
    return fail(cx, E_UNAUTHENTIC, "This is not a whole token of Proofline. It begins with pl_ and was shown once.");
  TRY(token_get(cx, s, SQL_TOKEN_BY_HASH, hash_hex(cx->arena, sha256(text)), &t, &found));
  if (!found) return fail(cx, E_UNAUTHENTIC, "This token is not known. Make a new one on your account page.");
  return cut_down(cx, s, &t, clock_now_us(), out);
}

/* ---- commands ----------------------------------------------------------------------------------------- */

static void check_scopes(Cx *cx, Str words) {
  Str known[COUNT(people_scopes)];
  for (size_t i = 0; i < COUNT(people_scopes); i++) known[i] = str_of(people_scopes[i].word);
  if (!words.n) problem(cx, S("scopes"), "missing", "choose at least one");
  for (bool more = words.n > 0; more;) {
    Str one, near;
    bool ok = false;
    more = str_cut(words, ' ', &one, &words);
    for (size_t i = 0; i < COUNT(known); i++) ok = ok || str_eq(one, known[i]);
    near = str_nearest(one, known, COUNT(known));
    if (!ok && one.n)
      problem(cx, S("scopes"), "unknown", "there is no scope '%.*s'%s%.*s", STR(str_head(one, 40)),
              near.n ? "; the nearest is " : "", STR(near));
  }
}

static Str text(const Call *c, const char *name) {
  Str s = json_text(c->args, name);
  return s.p ? str_trim(s) : S("");
}

static Err create_run(Cx *cx, Call *c) {
  int64_t n, days = json_int(c->args, "days", DAYS_USUAL);
  Str name = text(c, "name"), types = text(c, "types");
  if (!str_starts(c->auth, S("password")) && !str_eq(c->auth, S("local")))
    return fail(cx, E_DENIED, "Making a token needs the password. Nothing was changed.");
  if (!name.n || name.n > 100 || !str_is_utf8(name))
    problem(cx, S("name"), "form", "say what it is for, up to 100 bytes");
  if (days < 1 || days > DAYS_MOST) problem(cx, S("days"), "range", "must be 1 to %d", DAYS_MOST);
  if (types.n > TYPES_BYTES) problem(cx, S("types"), "long", "is too long");
  check_scopes(cx, text(c, "scopes"));
  TRY(problems_fail(cx));
  TRY(store_int(cx, c->store, SQL_TOKEN_COUNT, NO_ARGS, 0, &n));
  Str id = str_fmt(cx->arena, "TOK-%06lld", (long long)n + 1), secret = token_new(cx);
  TRY(store_run(cx, c->store, SQL_TOKEN_ADD,
                ARGS(v_text(id), v_text(c->actor), v_text(name), v_text(hash_hex(cx->arena, sha256(secret))),
                     v_text(text(c, "scopes")), v_text(text(c, "product")), v_text(types), v_int(cx->now_us),
                     v_int(cx->now_us + days * US_PER_DAY)),
                NULL));
  json_pair(c->result, "id", id);
  json_pair(c->result, "token", secret);
  json_pair(c->result, "expires", time_text(cx->arena, cx->now_us + days * US_PER_DAY));
  return people_fact_entry(cx, c, FACT_TOKEN, "token.create", id, STR_NONE);
}

static Err revoke_run(Cx *cx, Call *c) {
  Token t;
  bool found;
  Who who = { 0 };
  TRY(token_get(cx, c->store, SQL_TOKEN_GET, text(c, "id"), &t, &found));
  TRY(people_who(cx, c->store, c->actor, &who));
  bool own = found && str_eq(t.person, c->actor);
  if (!own && (!found || authorise(&(Cx){ .arena = cx->arena }, &who, "user.admin", PRODUCT_ANY) != E_OK))
    return fail(cx, E_NOTFOUND, "You have no token %.*s. Nothing was changed.", STR(str_head(text(c, "id"), 40)));
  if (t.ended_us) return fail(cx, E_CONFLICT, "%.*s is revoked already.", STR(t.id));
  TRY(store_run(cx, c->store, SQL_TOKEN_END, ARGS(v_text(t.id), v_int(c->now_us)), NULL));
  return people_fact_entry(cx, c, FACT_TOKEN, "token.revoke", t.id, STR_NONE);
}

/* No entry: what it did has one. */
static Err used_run(Cx *cx, Call *c) {
  return store_run(cx, c->store, SQL_TOKEN_USED,
                   ARGS(v_text(text(c, "id")), v_int(c->now_us), v_text(text(c, "address"))), NULL);
}

static const ArgSpec create_args[] = {
  { "name", ARG_TEXT, true, "what it is for" },
  { "scopes", ARG_TEXT, true, "what it may do, separated by spaces" },
  { "product", ARG_TEXT, false, "only on this product" },
  { "types", ARG_TEXT, false, "only these record types, separated by spaces" },
  { "days", ARG_INT, false, "days until it runs out, 365 at most" },
};
static const ArgSpec revoke_args[] = { { "id", ARG_TEXT, true, "the token, such as TOK-000001" } };
static const ArgSpec used_args[] = { { "id", ARG_TEXT, true, "the token" },
                                     { "address", ARG_TEXT, false, "where it came from" } };
const Command people_token_commands[3] = {
  { "token.create", create_args, COUNT(create_args), "session", create_run, "makes a token; it is shown once" },
  { "token.revoke", revoke_args, COUNT(revoke_args), "session", revoke_run, "ends a token" },
  { "token.used", used_args, COUNT(used_args), "none", used_run, "keeps when a token was last used" },
};
