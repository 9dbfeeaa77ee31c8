/* Accounts, roles, sign-in, sessions: over the commands, as pages and the command line use them. */
#include "people/inside.h"
#include <dirent.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sqlite3.h>
#include <unistd.h>
#include <cmocka.h>
#undef fail   /* cmocka has a macro of that name */

static Err run_read(Cx *cx, Call *c) { (void)cx; (void)c; return E_OK; }
static const ArgSpec product_arg[] = { { "product", ARG_TEXT, false, "product" } };
static const Command cmd_import = { "sbom.import", product_arg, 1, "sbom.import", run_read, "for the test" };
static const Command *commands[32];

static Err opened(Cx *cx, Store *s, void *env) {
  (void)env;
  TreeHead head;
  Cx probe = { .arena = cx->arena };
  if (ledger_head(&probe, s, &head) != E_OK) {
    TRY(store_begin(cx, s));
    TRY(ledger_create(cx, s, S("00000000-0000-4000-8000-000000000000")));
    TRY(store_commit(cx, s));
  }
  return store_migrate(cx, s, people_schema, people_nschema);
}

static Err refused(Cx *cx, Call *c, Err e, Str words) {
  int64_t seq;
  Entry entry = { .act = S("refused"),
                  .actor = c->actor,
                  .obj = str_fmt(cx->arena, "command:%s", c->command->name),
                  .to = str_of(err_slug(e)),
                  .reason = words,
                  .t_us = c->now_us };
  return ledger_append(cx, c->store, &entry, &seq);
}

static WriterHooks hooks = { .commands = commands,
                             .opened = opened,
                             .authorise = people_authorise_command,
                             .refused = refused,
                             .clock = ledger_clock };

typedef struct World {
  Cx cx;
  char folder[64];
  Settings set;
  Writer *w;
  Store *s;
  unsigned n;
  const char *address;
} World;

static const char *const good_password = "a heron stands by the mill";

static void ask_raw(World *t, const char *command, const char *actor, Str args, Answer *out) {
  Ask a = { .command = str_of(command), .actor = str_of(actor), .auth = S("local"), .source = S("cli"),
            .request = str_fmt(t->cx.arena, "%016x", ++t->n), .reason = S("test"), .args_json = args };
  assert_int_equal(writer_ask(&t->cx, t->w, &a, 1, out), E_OK);
}

/* args: JSON with ' for " */
static Answer ask(World *t, const char *command, const char *actor, const char *args) {
  Answer out = { 0 };
  ask_raw(t, command, actor, str_replace(t->cx.arena, str_of(args), '\'', '"'), &out);
  return out;
}

static Str phc_of(World *t, const char *password) {
  Str phc;
  assert_int_equal(people_password_new(&t->cx, &t->set, S("nobody-here"), str_of(password), &phc), E_OK);
  return phc;
}

static void add(World *t, const char *login, const char *roles, bool with_password) {
  Answer a;
  Str phc = with_password ? str_fmt(t->cx.arena, ",\"phc\":\"%.*s\"", STR(phc_of(t, good_password))) : S("");
  ask_raw(t, "user.add", "system",
          str_fmt(t->cx.arena, "{\"login\":\"%s\",\"name\":\"Name of %s\",\"roles\":\"%s\"%.*s}", login,
                  login, roles, STR(phc)),
          &a);
  assert_int_equal(a.err, E_OK);
}

/* U000001 administrator ada, U000002 engineer eve, U000003 auditor otto, U000004 second administrator ben. */
static int set_up(void **state) {
  World *t = calloc(1, sizeof *t);
  if (!t) return 1;
  t->cx = cx_new(512 << 20);
  (void)snprintf(t->folder, sizeof t->folder, "/tmp/proofline-people-XXXXXX");
  assert_non_null(mkdtemp(t->folder));
  settings_default(&t->set);
  t->set.number[SET_ARGON_KIB] = 19456;
  t->set.number[SET_ARGON_PASSES] = 2;
  for (size_t i = 0; i < people_ncommands; i++) commands[i] = people_commands[i];
  commands[people_ncommands] = &cmd_import;
  hooks.ncommands = people_ncommands + 1;
  Store *s;
  assert_int_equal(store_open(&t->cx, t->folder, STORE_CREATE, &s), E_OK);
  store_close(s);
  assert_int_equal(writer_connect(&t->cx, t->folder, &t->set, &hooks, &t->w), E_OK);
  t->s = writer_store(t->w);
  t->address = "127.0.0.1";
  add(t, "ada", "administrator", true);
  add(t, "eve", "engineer viewer", true);
  add(t, "otto", "auditor", false);
  add(t, "ben", "administrator", false);
  *state = t;
  return 0;
}

static int tear_down(void **state) {
  World *t = *state;
  writer_close(t->w);
  DIR *d = opendir(t->folder);
  for (struct dirent *e; d && (e = readdir(d));) (void)unlinkat(dirfd(d), e->d_name, 0);
  if (d) (void)closedir(d);
  (void)rmdir(t->folder);
  cx_free(&t->cx);
  free(t);
  return 0;
}

static Who who(World *t, const char *id) {
  Who w = { 0 };
  assert_int_equal(people_who(&t->cx, t->s, str_of(id), &w), E_OK);
  return w;
}

static Err sign_in(World *t, const char *login, const char *password, Who *w, Str *cookie, int *wait_s) {
  cx_forgive(&t->cx);
  SignIn in = { str_of(login), str_of(password), str_of(t->address), str_fmt(t->cx.arena, "s%015x", ++t->n),
                false };
  return people_sign_in(&t->cx, t->s, t->w, &t->set, &in, w, cookie, wait_s);
}

static Request request_with(World *t, Str set_cookie) {
  Str pair, rest;
  (void)str_cut(set_cookie, ';', &pair, &rest);
  (void)t;
  return (Request){ .header_cookie = pair };
}

static size_t entries_of(World *t, const char *act) {
  LogRows rows = { 0 };
  size_t n = 0;
  TreeHead head;
  assert_int_equal(ledger_head(&t->cx, t->s, &head), E_OK);
  assert_int_equal(ledger_entries(&t->cx, t->s, STR_NONE, 0, head.size, 100000, &rows), E_OK);
  for (size_t i = 0; i < rows.n; i++) n += str_eq(rows.p[i].act, str_of(act));
  return n;
}

/* ---- */

static void rights_follow_the_table(void **state) {
  World *t = *state;
  static const struct { const char *person, *right, *product; Err err;
  } table[] = {
    { "U000001", "user.admin", "*", E_OK },
    { "U000001", "read", "*", E_DENIED },
    { "U000001", "record.edit", "*", E_DENIED },
    { "U000001", "log.read", "*", E_DENIED },
    { "U000001", "export", "*", E_DENIED },
    { "U000001", "session", "*", E_OK },
    { "U000002", "read", "*", E_OK },
    { "U000002", "sbom.import", "p1", E_OK },
    { "U000002", "user.admin", "*", E_DENIED },
    { "U000002", "finding.decide", "*", E_DENIED },
    { "U000003", "read", "", E_OK },
    { "U000003", "log.read", "*", E_OK },
    { "U000003", "record.write", "*", E_DENIED },
    { "system", "check.run", "*", E_OK },
    { "system", "record.sign", "*", E_DENIED },
    { "U000002", "no.such", "*", E_BUG },
  };
  for (size_t i = 0; i < COUNT(table); i++) {
    Who w = who(t, table[i].person);
    cx_forgive(&t->cx);
    Err e = authorise(&t->cx, &w, table[i].right, str_of(table[i].product));
    if (e != table[i].err) print_error("%s %s\n", table[i].person, table[i].right);
    assert_int_equal(e, table[i].err);
  }
  Who eve = who(t, "U000002");
  cx_forgive(&t->cx);
  assert_int_equal(authorise_roles(&t->cx, &eve, ROLE_CLINICAL_SAFETY | ROLE_QA_MANAGER, S("p1"),
                                   "approving RISK-0042"),
                   E_DENIED);
  assert_true(str_eq(t->cx.words, S("Approving RISK-0042 needs the role Clinical safety or QA manager. Ask "
                                    "Name of ada (administrator).")));
  assert_int_equal(authorise(&t->cx, NULL, "none", S("")), E_OK);
  for (size_t i = 0; i < people_ncommands; i++)
    assert_non_null(right_find(str_of(people_commands[i]->right)));
}

static void roles_hold_for_their_product(void **state) {
  World *t = *state;
  assert_int_equal(
      ask(t, "user.grant", "U000001", "{'person':'U000003','role':'engineer','product':'p1'}").err, E_OK);
  Who w = who(t, "U000003");
  assert_int_equal(who_roles(&w, S("p1")), ROLE_ENGINEER | ROLE_AUDITOR);
  assert_int_equal(who_roles(&w, S("p2")), ROLE_AUDITOR);
  assert_int_equal(who_roles(&w, S("")), ROLE_AUDITOR);
  assert_int_equal(who_roles(&w, PRODUCT_ANY), ROLE_ENGINEER | ROLE_AUDITOR);
  assert_int_equal(ask(t, "sbom.import", "U000003", "{'product':'p1'}").err, E_OK);
  Answer a = ask(t, "sbom.import", "U000003", "{'product':'p2'}");
  assert_int_equal(a.err, E_DENIED);
  assert_true(str_find(a.words, S("on this product")) != SIZE_MAX);
  assert_int_equal(ask(t, "user.revoke", "U000001", "{'person':'U000003','role':'engineer'}").err,
                   E_NOTFOUND);
  assert_int_equal(
      ask(t, "user.revoke", "U000001", "{'person':'U000003','role':'engineer','product':'p1'}").err, E_OK);
  assert_int_equal(ask(t, "sbom.import", "U000003", "{'product':'p1'}").err, E_DENIED);
}

static void commands_refuse(void **state) {
  World *t = *state;
  static const struct { const char *command, *actor, *args; Err err;
  } table[] = {
    { "user.grant", "U000001", "{'person':'U000001','role':'approver'}",
      E_DENIED }, /* nobody to themselves */
    { "user.grant", "U000002", "{'person':'U000002','role':'approver'}", E_DENIED },
    { "user.grant", "U000002", "{'person':'U000003','role':'approver'}", E_DENIED },
    { "user.grant", "U000001", "{'person':'U000002','role':'aprover'}", E_INVALID },
    { "user.grant", "U000001", "{'person':'U000099','role':'approver'}", E_NOTFOUND },
    { "user.grant", "U000077", "{'person':'U000002','role':'approver'}", E_UNAUTHENTIC },
    { "user.add", "U000002", "{'login':'x','name':'X'}", E_DENIED },
    { "user.add", "U000001", "{'login':'eve','name':'Other Eve'}", E_INVALID },
    { "user.add", "U000001", "{'login':'EVE','name':'Other Eve'}", E_INVALID },
    { "user.add", "U000001", "{'login':'\\u0435ve','name':'Looks like Eve'}", E_INVALID },
    { "user.add", "U000001", "{'login':'system','name':'X'}", E_INVALID },
    { "user.add", "U000001", "{'login':'x','name':'a\\nb'}", E_INVALID },
    { "user.add", "U000001", "{'login':'x','name':'X','phc':'plain'}", E_INVALID },
    { "user.add", "U000001", "{'login':'x','name':'X','admin':true}", E_INVALID },
    { "user.set_password", "U000002", "{'person':'U000001','phc':'$argon2id$v=19$x'}", E_DENIED },
    { "user.use_code", "nobody", "{'code':'00000000000000000000000000000000','phc':'$argon2id$v=19$x'}",
      E_DENIED },
    { "session.close", "U000002", "{'person':'U000001'}", E_DENIED },
    { "duty.set", "U000002", "{'person':'U000002','duty':'psirt_lead'}", E_DENIED },
    { "duty.set", "U000001", "{'person':'U000002','duty':'psirt_leed'}", E_INVALID },
  };
  size_t before = entries_of(t, "refused");
  for (size_t i = 0; i < COUNT(table); i++) {
    Answer a = ask(t, table[i].command, table[i].actor, table[i].args);
    if (a.err != table[i].err)
      print_error("%s %s: %s %.*s\n", table[i].command, table[i].args, err_name(a.err), STR(a.words));
    assert_int_equal(a.err, table[i].err);
  }
  assert_true(entries_of(t, "refused") - before >= COUNT(table) - 1);   /* one was no proper command */
  Persons all = { 0 };
  assert_int_equal(people_list(&t->cx, t->s, &all), E_OK);
  assert_int_equal(all.n, 4);
}

static void the_last_administrator_stays(void **state) {
  World *t = *state;
  assert_int_equal(ask(t, "user.disable", "U000001", "{'person':'U000004'}").err, E_OK);
  assert_int_equal(ask(t, "user.disable", "U000001", "{'person':'U000001'}").err, E_CONFLICT);
  assert_int_equal(ask(t, "user.revoke", "U000001", "{'person':'U000001','role':'administrator'}").err,
                   E_CONFLICT);
  assert_int_equal(ask(t, "user.enable", "U000001", "{'person':'U000004'}").err, E_OK);
  assert_int_equal(ask(t, "user.disable", "U000004", "{'person':'U000001'}").err, E_OK);
  assert_int_equal(ask(t, "user.enable", "U000001", "{'person':'U000001'}").err, E_UNAUTHENTIC);
}

static void a_session_lives_and_ends(void **state) {
  World *t = *state;
  Who w = { 0 }, seen = { 0 };
  Str cookie;
  int wait_s;
  assert_int_equal(sign_in(t, " EVE ", good_password, &w, &cookie, &wait_s), E_OK);
  assert_true(str_starts(cookie, S("proofline=")));
  assert_true(str_find(cookie, S("; HttpOnly; SameSite=Lax")) != SIZE_MAX);
  Request r = request_with(t, cookie);
  assert_int_equal(people_session(&t->cx, t->s, &t->set, &r, &seen), E_OK);
  assert_true(str_eq(seen.id, S("U000002")));
  Str one = csrf_token(&t->cx, &seen), two = csrf_token(&t->cx, &seen);
  assert_false(str_eq(one, two));
  assert_true(csrf_ok(&t->cx, &seen, one) && csrf_ok(&t->cx, &w, two));
  Who other = { 0 };
  assert_int_equal(sign_in(t, "ada", good_password, &other, &cookie, &wait_s), E_OK);
  assert_false(csrf_ok(&t->cx, &other, one));
  assert_false(csrf_ok(&t->cx, &seen, str_slice(one, 0, 127)));
  assert_false(csrf_ok(&t->cx, &(Who){ 0 }, one));
  /* disabling ends it at once */
  assert_int_equal(ask(t, "user.disable", "U000001", "{'person':'U000002'}").err, E_OK);
  assert_int_equal(people_session(&t->cx, t->s, &t->set, &r, &seen), E_UNAUTHENTIC);
  assert_int_equal(sign_in(t, "eve", good_password, &w, &cookie, &wait_s), E_UNAUTHENTIC);
  /* and so does signing out */
  r = request_with(t, cookie);
  cx_forgive(&t->cx);
  assert_int_equal(sign_in(t, "ada", good_password, &w, &cookie, &wait_s), E_OK);
  r = request_with(t, cookie);
  assert_int_equal(people_sign_out(&t->cx, t->w, &w, S("r1"), true, &cookie), E_OK);
  assert_true(str_starts(cookie, S("__Host-proofline=; Path=/; HttpOnly; SameSite=Lax; Max-Age=0; Secure")));
  assert_int_equal(people_session(&t->cx, t->s, &t->set, &r, &seen), E_UNAUTHENTIC);
}

static void idle_and_old_sessions_end(void **state) {
  World *t = *state;
  Who w = { 0 };
  Str cookie;
  int wait_s;
  assert_int_equal(sign_in(t, "eve", good_password, &w, &cookie, &wait_s), E_OK);
  Request r = request_with(t, cookie);
  Settings set = t->set;
  set.number[SET_SESSION_IDLE_S] = 0;
  assert_int_equal(people_session(&t->cx, t->s, &set, &r, &w), E_UNAUTHENTIC);
  cx_forgive(&t->cx);
  assert_int_equal(people_session(&t->cx, t->s, &t->set, &r, &w), E_OK);
  int64_t seen = w.seen_us;
  assert_int_equal(people_touch(&t->cx, t->w, &w, S("r2")), E_OK);      /* too early: no command */
  w.seen_us -= 61 * US_PER_S;
  assert_int_equal(people_touch(&t->cx, t->w, &w, S("r3")), E_OK);
  assert_int_equal(people_session(&t->cx, t->s, &t->set, &r, &w), E_OK);
  assert_true(w.seen_us > seen);
  for (int i = 0; i < SESSIONS_MOST; i++)
    assert_int_equal(sign_in(t, "eve", good_password, &w, &cookie, &wait_s), E_OK);
  Sessions all = { 0 };
  assert_int_equal(people_sessions(&t->cx, t->s, S("U000002"), &all), E_OK);
  assert_int_equal(all.n, SESSIONS_MOST);
  assert_int_equal(people_session(&t->cx, t->s, &t->set, &r, &w), E_UNAUTHENTIC);   /* the oldest gave way */
}

static void five_wrong_passwords(void **state) {
  World *t = *state;
  static const char *const logins[] = { "eve", "no-such-person" };
  Str words[2][6];
  for (size_t k = 0; k < COUNT(logins); k++) {
    t->address = k ? "10.0.0.1" : "10.0.0.2";
    for (int i = 0; i < 6; i++) {
      Who w = { 0 };
      Str cookie;
      int wait_s = 0;
      Err e = sign_in(t, logins[k], "a wrong one of length", &w, &cookie, &wait_s);
      words[k][i] = t->cx.words;
      assert_int_equal(e, i < 5 ? E_UNAUTHENTIC : E_SLOW_DOWN);
      assert_int_equal(wait_s, i < 4 ? 0 : 1);
    }
    Who w = { 0 };
    Str cookie;
    int wait_s = 0;
    if (k == 0)
      assert_int_equal(sign_in(t, "eve", good_password, &w, &cookie, &wait_s),
                       E_SLOW_DOWN); /* right, but too soon */
  }
  for (int i = 0; i < 6; i++)
    assert_true(str_eq(words[0][i], words[1][i])); /* the words do not tell whether an account exists */
  assert_true(str_eq(words[0][0], S("Name or password not correct. 4 tries left, then you must wait.")));
  assert_int_equal(entries_of(t, "session.failed"), 10);
  assert_int_equal(entries_of(t, "session.alert"), 2);
}

static void the_wait_grows_and_ends(void **state) {
  static const struct {
    int64_t until_us;
    int wait_s;
  } table[] = { { 0, 0 }, { 1000000, 0 }, { 1000001, 1 }, { 3000000, 2 } };
  for (size_t i = 0; i < COUNT(table); i++)
    assert_int_equal(delay_wait_s(&(Delay){ .until_us = table[i].until_us }, 1000000), table[i].wait_s);
  World *t = *state;
  int waits[30] = { 0 };
  for (int i = 0; i < 30; i++) {
    Answer a = ask(t, "session.failed", "nobody", "{'login':'ada','address':''}");
    JVal *root;
    assert_int_equal(json_read(&t->cx, a.result_json, &JSON_BODY, &root), E_OK);
    waits[i] = (int)json_int(root, "wait_s", -1);
  }
  assert_int_equal(waits[3], 0);
  assert_int_equal(waits[4], 1);
  assert_int_equal(waits[8], 16);
  assert_int_equal(waits[29], 900);   /* never for ever */
}

static void one_address_is_slowed_too(void **state) {
  World *t = *state;
  Who w = { 0 };
  Str cookie;
  int wait_s = 0;
  for (int i = 0; i < 10; i++)
    assert_int_equal(sign_in(t, str_fmt(t->cx.arena, "guess-%d", i).p, "the same for every one", &w, &cookie,
                             &wait_s),
                     E_UNAUTHENTIC);
  assert_int_equal(sign_in(t, "eve", good_password, &w, &cookie, &wait_s), E_SLOW_DOWN);
  assert_true(wait_s > 30 && wait_s <= 60);
}

static int64_t took_us(World *t, const char *login, int i) {
  Who w = { 0 };
  Str cookie;
  int wait_s;
  char address[32];
  (void)snprintf(address, sizeof address, "10.0.0.%d", i);
  cx_forgive(&t->cx);
  SignIn in = { str_of(login), S("a wrong one of length"), str_of(address),
                str_fmt(t->cx.arena, "s%015x", ++t->n), false };
  int64_t from = clock_mono_us();
  (void)people_sign_in(&t->cx, t->s, t->w, &t->set, &in, &w, &cookie, &wait_s);
  return clock_mono_us() - from;
}

static int ascending(const void *a, const void *b) {
  int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
  return (x > y) - (x < y);
}

static void unknown_accounts_cost_the_same(void **state) {
  World *t = *state;
  enum { TRIES = 12 };
  int64_t known[TRIES], unknown[TRIES];
  for (int i = 0; i < TRIES; i++) {
    char login[32];
    (void)snprintf(login, sizeof login, "kim%d", i / 4);
    if (i % 4 == 0) add(t, login, "viewer", true);
    known[i] = took_us(t, login, i);
    (void)snprintf(login, sizeof login, "nil%d", i / 4);
    unknown[i] = took_us(t, login, i + 100);
  }
  qsort(known, TRIES, sizeof known[0], ascending);
  qsort(unknown, TRIES, sizeof unknown[0], ascending);
  int64_t a = known[TRIES / 2], b = unknown[TRIES / 2], gap = a > b ? a - b : b - a;
  print_message("median of a wrong password: known account %lld us, unknown %lld us\n", (long long)a,
                (long long)b);
  assert_true(a > 5000 && b > 5000);
  assert_true(gap <
              a / 2); /* a machine at work is noisy; without the dummy hash the gap is nearly all of it */
}

static void signing_asks_again(void **state) {
  World *t = *state;
  Who eve = who(t, "U000002");
  assert_int_equal(people_password_ok(&t->cx, t->s, t->w, &t->set, &eve, str_of(good_password), S("::1"),
                                      S("p1")),
                   E_OK);
  assert_int_equal(people_password_ok(&t->cx, t->s, t->w, &t->set, &eve, S("not this one, sorry"), S("::1"),
                                      S("p2")),
                   E_UNAUTHENTIC);
  assert_true(str_eq(t->cx.words, S("Password not correct. 4 tries left, then you must wait.")));
}

static void weak_passwords_are_refused(void **state) {
  World *t = *state;
  static const struct { const char *password, *code;
  } table[] = {
    { "short", "short" },
    { "fourteen chars", "short" },
    { "passwordpassword", "common" },
    { "aaaaaaaaaaaaaaaaaaaa", "common" },
    { "1234567890123456789", "common" },
    { "Proofline2026!Proofline", "common" },
    { "mariamariamaria1", "common" },
    { "Acme-Acme-Acme-Acme", "common" },
    { "abcdefghijklmnopqrstuvwxyz", "common" },
    { "a heron stands by the mill", NULL },
    { "größer als gedacht, oder?", NULL },
  };
  t->set.text[SET_COMPANY] = S("Acme");
  for (size_t i = 0; i < COUNT(table); i++) {
    Str phc;
    cx_forgive(&t->cx);
    Err e = people_password_new(&t->cx, &t->set, S("maria"), str_of(table[i].password), &phc);
    if (e != (table[i].code ? E_INVALID : E_OK)) print_error("%s\n", table[i].password);
    assert_int_equal(e, table[i].code ? E_INVALID : E_OK);
    if (table[i].code) assert_true(str_eq(t->cx.problems.p[0].code, str_of(table[i].code)));
  }
}

static void a_code_sets_the_first_password_once(void **state) {
  World *t = *state;
  JVal *root;
  Answer a = ask(t, "user.setup_code", "U000001", "{'person':'U000003'}");
  assert_int_equal(a.err, E_OK);
  assert_int_equal(json_read(&t->cx, a.result_json, &JSON_BODY, &root), E_OK);
  Str args = str_fmt(t->cx.arena, "{\"code\":\"%.*s\",\"phc\":\"%.*s\"}", STR(json_text(root, "code")),
                     STR(phc_of(t, good_password)));
  ask_raw(t, "user.use_code", "nobody", args, &a);
  assert_int_equal(a.err, E_OK);
  ask_raw(t, "user.use_code", "nobody", args, &a);
  assert_int_equal(a.err, E_DENIED);
  Who w = { 0 };
  Str cookie;
  int wait_s;
  assert_int_equal(sign_in(t, "otto", good_password, &w, &cookie, &wait_s), E_OK);
}

static void duties_and_deputies(void **state) {
  World *t = *state;
  assert_int_equal(ask(t, "duty.set", "U000001", "{'person':'U000002','duty':'psirt_lead'}").err, E_OK);
  assert_int_equal(ask(t, "duty.set", "U000001",
                       "{'person':'U000003','duty':'psirt_lead','product':'p1','deputy_of':'U000002'}")
                       .err,
                   E_OK);
  Duties d = { 0 };
  t->cx.now_us = clock_now_us() + US_PER_S;
  assert_int_equal(people_duties_of(&t->cx, t->s, S("p1"), S("psirt_lead"), &d), E_OK);
  assert_int_equal(d.n, 2);
  assert_true(str_eq(d.p[1].deputy_of, S("U000002")) && str_eq(d.p[1].kind, S("deputy")));
  assert_int_equal(people_duties_of(&t->cx, t->s, S("p2"), STR_NONE, &d), E_OK);
  assert_int_equal(d.n, 1);
  assert_int_equal(ask(t, "duty.drop", "U000001", "{'person':'U000002','duty':'psirt_lead'}").err, E_OK);
  assert_int_equal(ask(t, "duty.drop", "U000001", "{'person':'U000002','duty':'psirt_lead'}").err,
                   E_NOTFOUND);
  t->cx.now_us = clock_now_us() + US_PER_S;
  assert_int_equal(people_duties_of(&t->cx, t->s, S("p1"), S("psirt_lead"), &d), E_OK);
  assert_int_equal(d.n, 0);   /* a deputy of nobody */
  assert_int_equal(people_duties_ever(&t->cx, t->s, &d), E_OK);
  assert_int_equal(d.n, 2);   /* nothing is taken away */
}

/* Whether a person may, on a day, with a risk of that level. */
typedef struct DutyCase { const char *person, *product, *day, *level, *want; } DutyCase;

static void a_duty_holds_where_when_and_up_to(void **state) {
  World *t = *state;
  static const char *const levels[] = { "low", "medium", "high", NULL };
  static const struct { const char *actor, *command, *args; Err want;
  } setting[] = {
    { "U000001", "duty.set",
      "{'person':'U000002','duty':'security_risk_acceptor','product':'p1','from':'2026-01-01',"
      "'to':'2026-12-31','upto':'medium'}",
      E_OK },
    { "U000001", "duty.set",
      "{'person':'U000003','duty':'security_risk_acceptor','product':'p1','deputy_of':'U000002',"
      "'from':'2026-01-01'}",
      E_OK },
    { "U000001", "duty.set", "{'person':'U000001','duty':'psirt_lead'}", E_DENIED },
    { "U000001", "duty.set", "{'person':'U000002','duty':'psirt_lead','deputy_of':'U000002'}", E_INVALID },
    { "U000001", "duty.set", "{'person':'U000002','duty':'psirt_lead','from':'2026-02-30'}", E_INVALID },
    { "U000001", "duty.set", "{'person':'U000002','duty':'psirt_lead','from':'2026-03-01','to':'2026-02-01'}",
      E_INVALID },
    { "U000002", "duty.set", "{'person':'U000003','duty':'psirt_lead'}", E_DENIED },
    { "U000002", "duty.delegate",
      "{'person':'U000004','duty':'security_risk_acceptor','product':'p1',"
      "'from':'2026-06-01','to':'2026-06-30'}",
      E_OK },
    { "U000002", "duty.delegate", "{'person':'U000004','duty':'security_risk_acceptor','product':'p1'}", E_INVALID },
    { "U000002", "duty.delegate",
      "{'person':'U000004','duty':'security_risk_acceptor','product':'p1',"
      "'from':'2026-06-01','to':'2028-06-30'}",
      E_INVALID },
    { "U000002", "duty.delegate", "{'person':'U000004','duty':'security_risk_acceptor','to':'2026-12-30'}",
      E_DENIED },
    { "U000003", "duty.delegate",
      "{'person':'U000004','duty':'security_risk_acceptor','product':'p1','to':'2026-12-30'}", E_DENIED },
    { "U000004", "duty.delegate",
      "{'person':'U000001','duty':'security_risk_acceptor','product':'p1','to':'2026-12-30'}", E_DENIED },
    { "U000002", "duty.delegate",
      "{'person':'U000002','duty':'security_risk_acceptor','product':'p1','to':'2026-12-30'}", E_INVALID },
  };
  static const DutyCase cases[] = {
    { "U000002", "p1", "2026-11-30", "low", "" },          { "U000002", "p1", "2026-11-30", "medium", "" },
    { "U000002", "p1", "2026-11-30", "high", "up to medium" }, { "U000002", "p1", "2026-11-30", "", "not judged" },
    { "U000002", "p2", "2026-11-30", "low", "nobody" },    { "U000002", "p1", "2027-01-01", "low", "nobody" },
    { "U000003", "p1", "2026-11-30", "high", "" },         { "U000003", "p1", "2027-01-01", "low", "nobody" },
    { "U000004", "p1", "2026-11-30", "low", "Name of eve, Name of otto (deputy)" },
    { "U000001", "p1", "2026-11-30", "low", "Security risk acceptor for p1" },
  };
  for (size_t i = 0; i < COUNT(setting); i++) {
    Answer a = ask(t, setting[i].command, setting[i].actor, setting[i].args);
    if (a.err != setting[i].want) print_error("%s: %s: %.*s\n", setting[i].args, err_name(a.err), STR(a.words));
    assert_int_equal(a.err, setting[i].want);
  }
  for (size_t i = 0; i < COUNT(cases); i++) {
    const DutyCase *c = &cases[i];
    Who w = who(t, c->person);
    Duties by = { 0 };
    int32_t day = 0;
    assert_true(date_parse(str_of(c->day), &day));
    DutyAsk what = { S("security_risk_acceptor"), str_of(c->product), str_of(c->level), levels, "Accepting SRK-1",
                     (int64_t)day * US_PER_DAY + 1 };
    cx_forgive(&t->cx);
    Err e = authorise_duty(&t->cx, t->s, &w, &what, &by);
    if ((e == E_OK) != !c->want[0] || (e != E_OK && str_find(t->cx.words, str_of(c->want)) == SIZE_MAX))
      print_error("%s %s %s %s: %.*s\n", c->person, c->product, c->day, c->level, STR(t->cx.words));
    assert_int_equal(e, c->want[0] ? E_DENIED : E_OK);
    assert_true(!c->want[0] || str_find(t->cx.words, str_of(c->want)) != SIZE_MAX);
  }
  cx_forgive(&t->cx);
}

/* t_sod_4: what one person alone does to somebody else's right to judge waits for a second one. */
static void t_sod_4_two_people(void **state) {
  World *t = *state;
  static const struct { const char *actor, *command, *args; Err want; const char *result; } rows[] = {
    { "U000001", "user.grant", "{'person':'U000001','role':'engineer'}", E_DENIED, "" },
    { "U000001", "user.grant", "{'person':'U000001','role':'approver'}", E_DENIED, "" },
    { "U000001", "user.grant", "{'person':'U000002','role':'approver'}", E_OK, "\"waits\":true" },
    { "U000001", "user.grant", "{'person':'U000002','role':'approver'}", E_OK, "\"waits\":true" },
    { "U000002", "user.grant", "{'person':'U000002','role':'approver'}", E_DENIED, "" },
    { "U000004", "user.grant", "{'person':'U000002','role':'approver','product':'p1'}", E_OK, "\"waits\":true" },
    { "U000004", "user.grant", "{'person':'U000002','role':'qa_manager'}", E_OK, "\"waits\":true" },
    { "U000004", "user.grant", "{'person':'U000002','role':'approver'}", E_OK, "{}" },
    { "U000004", "user.grant", "{'person':'U000002','role':'reviewer'}", E_OK, "{}" },
    { "U000001", "user.add", "{'login':'mia','name':'Mia','roles':'viewer approver'}", E_OK, "\"waits\":true" },
    { "U000001", "user.add", "{'login':'mia','name':'Mia','roles':'viewer approver'}", E_OK, "\"waits\":true" },
    { "U000004", "user.add", "{'login':'mia','name':'Mia','roles':'viewer approver'}", E_OK, "\"id\":\"U000005\"" },
    { "U000001", "user.setup_code", "{'person':'U000002'}", E_OK, "\"waits\":true" },
    { "U000004", "user.setup_code", "{'person':'U000002'}", E_OK, "\"code\":" },
    { "U000001", "user.setup_code", "{'person':'U000003'}", E_OK, "\"code\":" },
  };
  for (size_t i = 0; i < COUNT(rows); i++) {
    Answer a = ask(t, rows[i].command, rows[i].actor, rows[i].args);
    if (a.err != rows[i].want || str_find(a.result_json, str_of(rows[i].result)) == SIZE_MAX)
      print_error("row %zu: %s %.*s %.*s\n", i, err_name(a.err), STR(a.words), STR(a.result_json));
    assert_int_equal(a.err, rows[i].want);
    if (a.err == E_OK) assert_true(str_find(a.result_json, str_of(rows[i].result)) != SIZE_MAX);
  }
  Who eve = who(t, "U000002");
  assert_true(who_roles(&eve, S("p9")) & ROLE_APPROVER);
  assert_false(who_roles(&eve, S("p9")) & ROLE_QA_MANAGER);
  Seconds waiting = { 0 };
  t->cx.now_us = clock_now_us();
  assert_int_equal(people_seconds(&t->cx, t->s, &waiting), E_OK);
  assert_int_equal(waiting.n, 2);
}

/* Somebody with root writes into the database: verify names the account. */
static void verify_names_an_edited_account(void **state) {
  World *t = *state;
  static const char *const edits[] = {
    "insert into person_grant values ('U000002', '', 'approver')",
    "update person set name = 'Other' where id = 'U000002'",
    "update credential set phc = '$argon2id$v=19$x' where person = 'U000002'",
    "insert into duty values ('DTY-000001', 'U000002', 'psirt_lead', '', 'holder', '', '', 0, 9, 1, 'U000001', 0, '')",
  };
  static const char *const undo[] = { "delete from person_grant where role = 'approver'",
                                      "update person set name = 'Name of eve' where id = 'U000002'", "",
                                      "delete from duty" };
  for (size_t i = 0; i < COUNT(edits); i++) {
    VerifyReport before = { 0 }, after = { 0 };
    sqlite3 *db;
    assert_int_equal(ledger_verify(&t->cx, t->s, &people_verify_part, 1, &before), E_OK);
    for (size_t k = 0; k < before.findings.n; k++)
      assert_false(str_find(before.findings.p[k].object, S("user:")) != SIZE_MAX ||
                   str_find(before.findings.p[k].object, S("duty:")) != SIZE_MAX ||
                   str_eq(before.findings.p[k].kind, S("table")));
    Str path = str_fmt(t->cx.arena, "%s/proofline.db", t->folder);
    assert_int_equal(sqlite3_open(path.p, &db), SQLITE_OK);
    assert_int_equal(sqlite3_exec(db, edits[i], NULL, NULL, NULL), SQLITE_OK);
    assert_int_equal(ledger_verify(&t->cx, t->s, &people_verify_part, 1, &after), E_OK);
    bool named = false;
    for (size_t k = 0; k < after.findings.n; k++)
      named = named || str_find(after.findings.p[k].object, S("U000002")) != SIZE_MAX ||
              str_find(after.findings.p[k].object, S("duty:DTY-000001")) != SIZE_MAX;
    assert_true(named);
    if (undo[i][0]) assert_int_equal(sqlite3_exec(db, undo[i], NULL, NULL, NULL), SQLITE_OK);
    else assert_int_equal(ask(t, "user.setup_code", "U000001", "{'person':'U000002'}").err, E_OK);
    assert_int_equal(sqlite3_close(db), SQLITE_OK);
  }
}

#define EACH(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)

int main(void) {
  const struct CMUnitTest tests[] = {
    EACH(rights_follow_the_table),
    EACH(roles_hold_for_their_product),
    EACH(commands_refuse),
    EACH(the_last_administrator_stays),
    EACH(a_session_lives_and_ends),
    EACH(idle_and_old_sessions_end),
    EACH(five_wrong_passwords),
    EACH(the_wait_grows_and_ends),
    EACH(one_address_is_slowed_too),
    EACH(unknown_accounts_cost_the_same),
    EACH(signing_asks_again),
    EACH(weak_passwords_are_refused),
    EACH(a_code_sets_the_first_password_once),
    EACH(duties_and_deputies),
    EACH(a_duty_holds_where_when_and_up_to),
    EACH(t_sod_4_two_people),
    EACH(verify_names_an_edited_account),
  };
  AUTO(Cx) cx = cx_new(1 << 16);
  if (crypto_start(&cx) != E_OK) return 1;
  return cmocka_run_group_tests_name("people", tests, NULL, NULL);
}
