/* Commands over accounts, roles and duties. */
#include "people/inside.h"
#include "people.sql.h"

static const int64_t code_lives_us = 3 * US_PER_DAY;

static Str text(const Call *c, const char *name) {
  Str s = json_text(c->args, name);
  return s.p ? str_trim(s) : S("");
}

/* ---- checks ------------------------------------------------------------------------------------------- */

/* Plain ASCII, so that no two accounts look alike. */
static bool login_ok(Str s) {
  for (size_t i = 0; i < s.n; i++) {
    char c = s.p[i];
    if (!(c >= 'a' && c <= 'z') && !(c >= '0' && c <= '9') && c != '.' && c != '_' && c != '-' && c != '@')
      return false;
  }
  return s.n >= 1 && s.n <= 64 && !str_eq(s, S("system"));
}

static bool printable(Str s, size_t most) {
  for (size_t i = 0; i < s.n; i++) if ((unsigned char)s.p[i] < 32 || s.p[i] == 127) return false;
  return s.n <= most && str_is_utf8(s);
}

static Err parse_role(Cx *cx, Str word, Roles *out) {
  Str words[ROLE_COUNT];
  Roles r = role_find(word);
  for (size_t i = 0; i < ROLE_COUNT; i++) words[i] = str_of(people_roles[i].word);
  if (r) { *out = r; return E_OK; }
  Str near = str_nearest(word, words, ROLE_COUNT);
  problem(cx, S("role"), "unknown", "there is no role '%.*s'%s%.*s", STR(word),
          near.n ? "; the nearest is " : "", STR(near));
  return problems_fail(cx);
}

/* The PHC text comes from a process of ours, but what it allows is decided here: Argon2id, nothing weaker. */
static Err check_phc(Cx *cx, Str phc) {
  if (str_starts(phc, S("$argon2id$v=19$")) && phc.n <= 256) return E_OK;
  problem(cx, S("phc"), "kind", "must be an Argon2id hash in PHC form");
  return problems_fail(cx);
}

static Err is_administrator(Cx *cx, const Call *c, bool *out) {
  Who who = { 0 };
  TRY(people_who(cx, c->store, c->actor, &who));
  *out = (who_roles(&who, PRODUCT_ANY) & (ROLE(ADMINISTRATOR) | ROLE_SYSTEM)) != 0;
  return E_OK;
}

static Err self_or_administrator(Cx *cx, const Call *c, Str person) {
  bool may;
  if (str_eq(c->actor, person)) return E_OK;
  TRY(is_administrator(cx, c, &may));
  return may ? E_OK
             : fail(cx, E_DENIED,
                    "Changing somebody else's account needs the role Administrator. Nothing was changed.");
}

/* Without one nobody could let anybody in again. */
static Err keep_an_administrator(Cx *cx, Store *s, Str without) {
  Str other;
  Err e = store_text(cx, s, SQL_ADMINISTRATOR_NAME, ARGS(v_text(without)), &other);
  if (e != E_NOTFOUND) return e;
  cx_forgive(cx);
  return fail(cx, E_CONFLICT,
              "This is the last active administrator. Nothing was changed. Make somebody else administrator "
              "first.");
}

/* ---- accounts ----------------------------------------------------------------------------------------- */

static Err new_code(Cx *cx, Call *c, Str person) {
  Str code = random_hex(cx->arena, 16);
  Hash h = sha256(code);
  TRY(store_run(cx, c->store, SQL_CODE_SET,
                ARGS(v_text(person), v_text(hash_hex(cx->arena, h)), v_int(cx->now_us + code_lives_us)),
                NULL));
  json_pair(c->result, "code", code);
  json_pair(c->result, "code_expires", time_text(cx->arena, cx->now_us + code_lives_us));
  return E_OK;
}

static Err set_password(Cx *cx, Call *c, Str person, Str phc) {
  TRY(check_phc(cx, phc));
  TRY(store_run(cx, c->store, SQL_CREDENTIAL_SET, ARGS(v_text(person), v_text(phc), v_int(c->now_us)), NULL));
  TRY(store_run(cx, c->store, SQL_CODE_DROP, ARGS(v_text(person)), NULL));
  return store_run(cx, c->store, SQL_SESSION_CLOSE_ALL, ARGS(v_text(person)), NULL);
}

static Err check_person(Cx *cx, Call *c, Str login, Str name) {
  Str before;
  if (!login_ok(login)) problem(cx, S("login"), "form", "write 1 to 64 of a-z 0-9 . _ - @");
  if (!name.n || !printable(name, 200))
    problem(cx, S("name"), "form", "write the printed name, up to 200 bytes");
  if (!printable(text(c, "email"), 200)) problem(cx, S("email"), "form", "write up to 200 bytes");
  if (!printable(text(c, "title"), 200)) problem(cx, S("title"), "form", "write up to 200 bytes");
  TRY(problems_fail(cx));
  Cx probe = { .arena = cx->arena };
  Err e = store_text(&probe, c->store, SQL_PERSON_BY_LOGIN, ARGS(v_text(login)), &before);
  if (e == E_OK)
    problem(cx, S("login"), "taken", "is taken by %.*s; accounts are never given to another person",
            STR(before));
  else if (e != E_NOTFOUND) return fail(cx, e, "%.*s", STR(probe.words));
  return problems_fail(cx);
}

static Err grant_words(Cx *cx, Call *c, Str person, Str words, Str product) {
  for (bool more = words.n > 0; more;) {
    Str word;
    Roles role;
    more = str_cut(words, ' ', &word, &words);
    if (!word.n) continue;
    TRY(parse_role(cx, word, &role));
    TRY(store_run(cx, c->store, SQL_GRANT_ADD, ARGS(v_text(person), v_text(product), v_text(word)), NULL));
  }
  return E_OK;
}

/* Approver and QA manager judge what others did: one person alone gives nobody that right (SOD-4). */
static bool is_judging(Str words) {
  for (bool more = words.n > 0; more;) {
    Str word;
    more = str_cut(words, ' ', &word, &words);
    if (role_find(word) & (ROLE_APPROVER | ROLE_QA_MANAGER)) return true;
  }
  return false;
}

static Err may_admin(Cx *cx, const Call *c) {
  Who who = { 0 };
  TRY(people_who(cx, c->store, c->actor, &who));
  return authorise(cx, &who, "user.admin", PRODUCT_ANY);
}

/* Who can hand out a password can sign with it, so that for those who judge it takes two (21 CFR 11.200(a)(3)). */
static Err reset_alone(Cx *cx, Call *c, Str person, const char *what, bool *waits, Str *to) {
  Who who = { 0 };
  *waits = false;
  *to = STR_NONE;
  TRY(people_who(cx, c->store, person, &who));
  if (str_eq(person, c->actor) || !(who_roles(&who, PRODUCT_ANY) & (ROLE_APPROVER | ROLE_QA_MANAGER))) return E_OK;
  return second_person(cx, c, person, str_fmt(cx->arena, "%s of %.*s", what, STR(person)), waits, to);
}

/* One human has one account (21 CFR 11.100(a)): a second one would be a way round every rule for two. */
static Err check_email(Cx *cx, Call *c) {
  Str email = text(c, "email"), other;
  if (!email.n) return E_OK;
  Err e = store_text(cx, c->store, SQL_PERSON_BY_EMAIL, ARGS(v_text(email)), &other);
  if (e == E_NOTFOUND) {
    cx_forgive(cx);
    return E_OK;
  }
  TRY(e);
  problem(cx, S("email"), "taken", "is %.*s's; one person has one account", STR(other));
  return problems_fail(cx);
}

static Err add_run(Cx *cx, Call *c) {
  Str login = str_lower(cx->arena, text(c, "login")), name = text(c, "name"), phc = text(c, "phc");
  int64_t n;
  bool waits = false;
  Str to = STR_NONE;
  TRY(check_person(cx, c, login, name));
  TRY(check_email(cx, c));
  if (!is_judging(text(c, "roles"))) TRY(may_admin(cx, c));
  else
    TRY(second_person(cx, c, S(""), str_fmt(cx->arena, "Adding %.*s with a role that judges", STR(login)), &waits,
                      &to));
  if (waits) return E_OK;
  TRY(store_int(cx, c->store, SQL_PERSON_COUNT, NO_ARGS, 0,
                &n)); /* nobody is ever deleted, so the count names the next */
  Str id = str_fmt(cx->arena, "U%06lld", (long long)n + 1);
  TRY(store_run(cx, c->store, SQL_PERSON_ADD,
                ARGS(v_text(id), v_text(login), v_text(name), v_text(text(c, "email")),
                     v_text(text(c, "title")), v_int(c->now_us)),
                NULL));
  TRY(grant_words(cx, c, id, text(c, "roles"), text(c, "product")));
  json_pair(c->result, "id", id);
  if (phc.n) TRY(set_password(cx, c, id, phc));
  else TRY(new_code(cx, c, id));
  return people_fact_entry(cx, c, FACT_USER, "user.add", id, to);
}

Err person_first(Cx *cx, Call *c) {
  Str login = str_lower(cx->arena, text(c, "login")), id = S("U000001");
  TRY(check_person(cx, c, login, text(c, "name")));
  TRY(store_run(cx, c->store, SQL_PERSON_ADD,
                ARGS(v_text(id), v_text(login), v_text(text(c, "name")), v_text(text(c, "email")), v_text(S("")),
                     v_int(c->now_us)),
                NULL));
  TRY(grant_words(cx, c, id, str_of(people_first_roles), S("")));
  TRY(set_password(cx, c, id, text(c, "phc")));
  json_pair(c->result, "id", id);
  return person_entry(cx, c, "user.first", id);
}

static Err set_password_run(Cx *cx, Call *c) {
  Str person = text(c, "person"), to;
  bool waits;
  TRY(person_known(cx, c->store, person));
  TRY(self_or_administrator(cx, c, person));
  TRY(reset_alone(cx, c, person, "Setting the password", &waits, &to));
  if (waits) return E_OK;
  TRY(set_password(cx, c, person, text(c, "phc")));
  return people_fact_entry(cx, c, FACT_USER, "user.set_password", person, to);
}

static Err setup_code_run(Cx *cx, Call *c) {
  Str person = text(c, "person"), to;
  bool waits;
  TRY(person_known(cx, c->store, person));
  TRY(reset_alone(cx, c, person, "A new set-up code", &waits, &to));
  if (waits) return E_OK;
  TRY(store_run(cx, c->store, SQL_CREDENTIAL_DROP, ARGS(v_text(person)), NULL));
  TRY(store_run(cx, c->store, SQL_SESSION_CLOSE_ALL, ARGS(v_text(person)), NULL));
  TRY(new_code(cx, c, person));
  return people_fact_entry(cx, c, FACT_USER, "user.setup_code", person, to);
}

/* The code is the right: it works once, for three days, for one account. */
static Err use_code_run(Cx *cx, Call *c) {
  Str person;
  Hash h = sha256(text(c, "code"));
  Err e = store_text(cx, c->store, SQL_CODE_FIND, ARGS(v_text(hash_hex(cx->arena, h)), v_int(cx->now_us)),
                     &person);
  if (e == E_NOTFOUND) {
    cx_forgive(cx);
    return fail(cx, E_DENIED,
                "This set-up code is not valid: it was used, is older than three days, or was typed wrongly. "
                "Nothing was "
                "changed. Ask an administrator for a new one.");
  }
  TRY(e);
  TRY(set_password(cx, c, person, text(c, "phc")));
  c->actor = person;
  c->auth = S("code");
  json_pair(c->result, "person", person);
  return person_entry(cx, c, "user.use_code", person);
}

static Err disable_run(Cx *cx, Call *c) {
  Str person = text(c, "person");
  TRY(person_known(cx, c->store, person));
  TRY(keep_an_administrator(cx, c->store, person));
  TRY(store_run(cx, c->store, SQL_PERSON_SET_STATE, ARGS(v_text(person), v_text(S("disabled"))), NULL));
  TRY(store_run(cx, c->store, SQL_SESSION_CLOSE_ALL, ARGS(v_text(person)), NULL));
  TRY(store_run(cx, c->store, SQL_CODE_DROP, ARGS(v_text(person)), NULL));
  return person_entry(cx, c, "user.disable", person);
}

static Err enable_run(Cx *cx, Call *c) {
  Str person = text(c, "person");
  TRY(person_known(cx, c->store, person));
  TRY(store_run(cx, c->store, SQL_PERSON_SET_STATE, ARGS(v_text(person), v_text(S("active"))), NULL));
  return person_entry(cx, c, "user.enable", person);
}

/* ---- roles -------------------------------------------------------------------------------------------- */

static Err grant_run(Cx *cx, Call *c) {
  Str person = text(c, "person"), word = text(c, "role");
  Roles role;
  TRY(person_known(cx, c->store, person));
  TRY(parse_role(cx, word, &role));
  if (str_eq(person, c->actor))
    return fail(cx, E_DENIED,
                "Nobody grants a role to themselves (SOD-4). Nothing was changed. Ask another administrator.");
  bool waits = false;
  Str to = STR_NONE;
  if (!is_judging(word)) TRY(may_admin(cx, c));
  else TRY(second_person(cx, c, person, str_fmt(cx->arena, "Giving %.*s the role %.*s", STR(person), STR(word)), &waits,
                         &to));
  if (waits) return E_OK;
  TRY(store_run(cx, c->store, SQL_GRANT_ADD, ARGS(v_text(person), v_text(text(c, "product")), v_text(word)),
                NULL));
  return people_fact_entry(cx, c, FACT_USER, "user.grant", person, to);
}

static Err revoke_run(Cx *cx, Call *c) {
  Str person = text(c, "person"), word = text(c, "role");
  Roles role;
  int64_t changes;
  TRY(person_known(cx, c->store, person));
  TRY(parse_role(cx, word, &role));
  if (role == ROLE_ADMINISTRATOR) TRY(keep_an_administrator(cx, c->store, person));
  TRY(store_run(cx, c->store, SQL_GRANT_DROP, ARGS(v_text(person), v_text(text(c, "product")), v_text(word)),
                &changes));
  if (!changes)
    return fail(cx, E_NOTFOUND, "%.*s does not hold that role there. Nothing was changed.", STR(person));
  return person_entry(cx, c, "user.revoke", person);
}

/* ---- the table ---------------------------------------------------------------------------------------- */

#define PERSON { "person", ARG_TEXT, true, "id of the person, such as U000002" }
#define PRODUCT { "product", ARG_TEXT, false, "only for this product; without it for all" }
#define PHC(required) { "phc", ARG_TEXT, required, "Argon2id hash of the password" }
static const ArgSpec add_args[] = {
  { "login", ARG_TEXT, true, "name to sign in with" },
  { "name", ARG_TEXT, true, "printed name, stands beside signatures" },
  { "email", ARG_TEXT, false, "e-mail" },
  { "title", ARG_TEXT, false, "position, stands beside signatures" },
  { "roles", ARG_TEXT, false, "roles, separated by spaces" },
  PRODUCT,
  PHC(false),
};
static const ArgSpec first_args[] = {
  { "code", ARG_TEXT, true, "set-up code of the console" },
  { "login", ARG_TEXT, true, "name to sign in with" },
  { "name", ARG_TEXT, true, "printed name" },
  { "email", ARG_TEXT, false, "e-mail" },
  PHC(true),
};
static const ArgSpec person_args[] = { PERSON };
static const ArgSpec password_args[] = { PERSON, PHC(true) };
static const ArgSpec code_args[] = { { "code", ARG_TEXT, true, "set-up code" }, PHC(true) };
static const ArgSpec role_args[] = { PERSON, { "role", ARG_TEXT, true, "role" }, PRODUCT };
#define ROW(name, args, right, run, help) { name, args, COUNT(args), right, run, help }

const Command people_user_commands[9] = {
  ROW("user.add", add_args, "user.second", add_run, "adds a person; without a password answers a set-up code"),
  ROW("user.set_password", password_args, "session", set_password_run,
      "sets a password, one's own or as administrator"),
  ROW("user.setup_code", person_args, "user.admin", setup_code_run,
      "takes a password away and answers a set-up code"),
  ROW("user.use_code", code_args, "none", use_code_run, "sets the first password with a set-up code"),
  ROW("user.disable", person_args, "user.admin", disable_run, "closes an account and its sessions"),
  ROW("user.enable", person_args, "user.admin", enable_run, "opens a closed account again"),
  ROW("user.grant", role_args, "user.second", grant_run, "gives a role"),
  ROW("user.revoke", role_args, "user.admin", revoke_run, "takes a role away"),
  ROW("user.first", first_args, "none", first_run, "makes the first person, with the code of the console"),
};
