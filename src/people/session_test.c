/* Signing in, sessions, passwords: what is refused, and what it costs to try. */
#include "fixture.h"

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

int main(void) {
  const struct CMUnitTest tests[] = {
    EACH(a_session_lives_and_ends),
    EACH(idle_and_old_sessions_end),
    EACH(five_wrong_passwords),
    EACH(the_wait_grows_and_ends),
    EACH(one_address_is_slowed_too),
    EACH(unknown_accounts_cost_the_same),
    EACH(signing_asks_again),
    EACH(weak_passwords_are_refused),
    EACH(a_code_sets_the_first_password_once),
  };
  RUN("session", tests);
}
