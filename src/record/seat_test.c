/* Who signs from which seat: a statement about a vulnerability by its analyst, then by a second person.  A case is a
 * row of moves; what the log then holds must pass verify, and what it must never hold is found there. */
#include "fixture.h"

static const char *const status[] = { "affected", "not_affected", "fixed", NULL };
static const Field statement_fields[] = { { "status", "Status", CHOICE, 0, .choices = status },
                                          { "impact", "Impact", TEXT, 0 } };
static const Guard statement_guards[] = {
  { "state_affected", GUARD_FIELD, "status", "affected", .words = "The status says so." },
  { "state_not_affected", GUARD_FIELD, "status", "not_affected", .words = "The status says so." },
  { "state_fixed", GUARD_FIELD, "status", "fixed", .words = "The status says so." },
};
static const RecordType type_statement = { "statement",
                                           "Statement",
                                           "Statements",
                                           "STA",
                                           "vuln",
                                           &life_vex,
                                           WRITERS,
                                           ROWS(statement_fields),
                                           .help = "What is said of a vulnerability.",
                                           ROWS(statement_guards) };
static const RecordType *const model[] = { &type_product, &type_control, &type_threat, &type_statement };
static const Str id = { "STA-1", 5 };

static int set_up(void **state) {
  Bench *b = bench_open(model, COUNT(model));
  bench_ok(b, people_secret_make(&b->cx, b->folder));
  *state = b;
  return 0;
}

static int tear_down(void **state) {
  Bench *b = *state;
  (void)unlink(str_fmt(b->cx.arena, "%s/secret.key", b->folder).p);
  bench_close(b);
  return 0;
}

static Head head_of(Bench *b) {
  Head h;
  bench_ok(b, head_get(&b->cx, b->s, id, &h));
  return h;
}

static size_t findings(Bench *b, const char *words) {
  VerifyReport report = { 0 };
  size_t n = 0;
  cx_forgive(&b->cx);
  bench_ok(b, record_verify_part.derived(&b->cx, b->s, &report));
  for (size_t i = 0; i < report.findings.n; i++) {
    bool said = str_find(report.findings.p[i].what, str_of(words)) != SIZE_MAX;
    n += said;
  }
  return n;
}

/* ---- the moves ----------------------------------------------------------------------------------------- */

/* a, s, t: people with every role and duty; e, r: an engineer and a reviewer with that role alone. */
static Str person(const Bench *b, char who) {
  const LifeCast *c = &b->cast;
  return who == 'a'   ? c->author
         : who == 's' ? c->second
         : who == 't' ? c->third
         : who == 'e' ? c->only[ROLE_AT_ENGINEER]
                      : c->only[ROLE_AT_REVIEWER];
}

static Err sign_as(Bench *b, Str actor, const char *step) {
  Who who;
  Ceremony c = { 0 };
  SignWhat what = { .step = str_of(step), .session = S("cli:x"), .id = &id, .n = 1 };
  cx_forgive(&b->cx);
  TRY(people_who(&b->cx, b->s, actor, &who));
  b->cx.now_us = clock_now_us();
  TRY(sign_open(&b->cx, b->s, &who, &what, &c));
  TRY(store_begin(&b->cx, b->s));
  Err e = record_try_as(&b->cx, b->s, "record.sign", actor, S("password"), S("cli"), S(""),
                        sign_args(&b->cx, &c, STR_NONE), &b->result);
  if (e == E_OK) return store_commit(&b->cx, b->s);
  store_rollback(b->s);
  return e;
}

/* A letter for what is done: A N F sign affected, not affected, fixed; n f write that it is so; E edit, O give it to
 * the third person, C reopen, V void. */
static Err move(Bench *b, char who, char what) {
  Str actor = person(b, who);
  long long rev = (long long)head_of(b).rev;
  if (what == 'A') return sign_as(b, actor, "state_affected");
  if (what == 'N') return sign_as(b, actor, "state_not_affected");
  if (what == 'F') return sign_as(b, actor, "state_fixed");
  if (strchr("EOnf", what)) {
    Str value = what == 'E'   ? str_fmt(b->cx.arena, "\"impact\":\"%lld\"", rev)
                : what == 'O' ? str_fmt(b->cx.arena, "\"owner\":\"%.*s\"", STR(b->cast.third))
                              : str_fmt(b->cx.arena, "\"status\":\"%s\"", what == 'n' ? "not_affected" : "fixed");
    return DO(b, "record.save", actor, "Because the test says so",
              "{\"id\":\"STA-1\",\"base\":%lld,\"input\":{%.*s}}", rev, STR(value));
  }
  return DO(b, "record.step", actor, "Because the test says so", "{\"id\":\"STA-1\",\"base\":%lld,\"step\":\"%s\"}",
            rev, what == 'C' ? "reopen" : "void");
}

/* Three letters are a move: who, what, and how it ends: + done, d denied, c in conflict. */
static const struct {
  const char *name, *moves, *ends;
} cases[] = {
  { "both in order", "aA+ sA+", "affected" },
  { "both in order, not affected", "an+ aN+ sN+", "not_affected" },
  { "the analyst alone", "aA+", "under_investigation" },
  { "the reviewer first", "sAc aA+ sA+", "affected" },
  { "a reviewer who can only review", "rAc aA+ rA+", "affected" },
  { "the analyst twice", "aA+ aAc", "under_investigation" },
  { "the reviewer twice", "aA+ sA+ sAc", "affected" },
  { "an analyst who reviews another", "sE+ aA+ sAd tA+", "affected" },
  { "an engineer who only writes", "eE+ eA+ eAc sA+", "affected" },
  { "an engineer who wrote nothing", "eAd aA+ eAd", "under_investigation" },
  { "an edit in between ends it", "aA+ eE+ sAc aA+ sA+", "affected" },
  { "an edit by the reviewer", "aA+ sE+ sA+ tA+", "affected" },
  { "another status than what is written", "aNc aFc aA+ sNc aNc", "under_investigation" },
  { "the owner signs as author", "aO+ tA+ sA+", "affected" },
  { "the owner is not its reviewer too", "aO+ tA+ tAc aAd", "under_investigation" },
  { "who signed as author reviews no later revision", "aO+ tA+ aE+ aA+ tAd sA+", "affected" },
  { "the owner reviews what the author signed", "aO+ aA+ tA+", "affected" },
  { "again after it was reopened", "aA+ sA+ aC+ aA+ tA+", "affected" },
  { "a signature of before counts no more", "aA+ sA+ aC+ sAc aE+ sAc aA+ sA+", "affected" },
  { "fixed after affected", "aA+ sA+ aFc af+ sFc aF+ sF+", "fixed" },
  { "a new revision of what stands", "aA+ sA+ sE+ aA+ sAd tA+", "affected" },
  { "voided in between", "aA+ aV+ sAc", "voided" },
};

static void one_case(Bench *b, const char *name, const char *moves, const char *ends) {
  bench_ok(
      b,
      DO(b, "record.new", b->cast.author, "",
         "{\"type\":\"statement\",\"id\":\"STA-1\",\"input\":{\"title\":\"Rogue phone\",\"status\":\"affected\"}}"));
  for (const char *m = moves; *m; m += m[3] ? 4 : 3) {
    Err want = m[2] == '+' ? E_OK : m[2] == 'd' ? E_DENIED : E_CONFLICT, got = move(b, m[0], m[1]);
    if (got != want)
      print_error("%s, %.3s: %s instead of %s: %.*s\n", name, m, err_name(got), err_name(want), STR(b->cx.words));
    assert_int_equal(got, want);
    cx_forgive(&b->cx);
    b->cx.problems = (Problems){ 0 };
  }
  if (!str_eq(head_of(b).state, str_of(ends))) print_error("%s: it is %.*s\n", name, STR(head_of(b).state));
  assert_true(str_eq(head_of(b).state, str_of(ends)));
  if (findings(b, "")) print_error("%s: verify found something\n", name);
  assert_int_equal(findings(b, ""), 0);
}

static void t_sod_analyst_then_reviewer(void **state) {
  for (size_t i = 0; i < COUNT(cases); i++) {
    assert_int_equal(set_up(state), 0);
    one_case(*state, cases[i].name, cases[i].moves, cases[i].ends);
    tear_down(state);
  }
}

/* ---- a log that somebody wrote who asked nobody -------------------------------------------------------- */

/* A signature written past every check, as a forger with the store in hand would: "a" + seat, "" leads on. */
typedef struct Forged {
  char who;
  const char *kind;
  bool leads;
} Forged;
static const struct {
  const char *name;
  Forged by[3];
  const char *found;
} forgeries[] = {
  { "as it should be", { { 'a', "authored", false }, { 's', "reviewed", true } }, NULL },
  { "the analyst as reviewer", { { 'a', "authored", false }, { 'a', "reviewed", true } }, "had contributed" },
  { "the analyst as reviewer, first", { { 'a', "reviewed", false }, { 's', "reviewed", true } }, "had contributed" },
  { "a contributor as reviewer",
    { { 'a', "authored", false }, { 'e', "reviewed", false }, { 's', "reviewed", true } },
    "had contributed" },
  { "the analyst alone", { { 'a', "authored", true } }, "others had to sign" },
  { "the reviewer alone", { { 's', "reviewed", true } }, "others had to sign" },
  { "two reviewers", { { 's', "reviewed", false }, { 't', "reviewed", true } }, "others had to sign" },
  { "a stranger as author", { { 't', "authored", false }, { 's', "reviewed", true } }, "its author did not sign" },
  { "the reviewer as author too",
    { { 's', "authored", false }, { 's', "reviewed", true } },
    "its author did not sign" },
  { "the wrong way round", { { 's', "reviewed", false }, { 'a', "authored", true } }, "had contributed" },
  { "the owner last", { { 's', "reviewed", false }, { 'o', "authored", true } }, "others had to sign" },
};

static void forge(Bench *b, const Forged *f) {
  Call call = { .store = b->s,
                .actor = person(b, f->who == 'o' ? 't' : f->who),
                .auth = S("password"),
                .source = S("cli"),
                .request = S("0123456789abcdef"),
                .reason = S("") };
  Write w;
  Head h = head_of(b);
  SignItem item = { 0 };
  Ceremony c = { .step = S("state_affected"), .method = "password", .nonce = random_hex(b->cx.arena, 16) };
  const Step *step = life_step(h.type->life, c.step, h.state);
  bench_ok(b, store_begin(&b->cx, b->s));
  bench_ok(b, ledger_clock(&b->cx, b->s, &call.now_us));
  c.shown_us = call.now_us;
  bench_ok(b, write_open(&b->cx, &call, "record.sign", &w));
  bench_ok(b, record_get_head(&b->cx, b->s, &h, &item.record));
  item.step = step;
  Standing standing = { .roles = ROLE(ENGINEER) | ROLE(REVIEWER),
                        .as = seat_of_kind(h.type, step, str_of(f->kind)),
                        .completes = f->leads,
                        .open = str_of(f->leads ? "" : "another") };
  bench_ok(b, manifest_make(&b->cx, b->s, &w.who, &c, &standing, &item));
  bench_ok(b, signature_write(&b->cx, &w, &item));
  bench_ok(b, store_commit(&b->cx, b->s));
}

static void t_sod_a_forged_log_is_found(void **state) {
  for (size_t i = 0; i < COUNT(forgeries); i++) {
    assert_int_equal(set_up(state), 0);
    Bench *b = *state;
    bench_ok(b, DO(b, "record.new", b->cast.author, "",
                   "{\"type\":\"statement\",\"id\":\"STA-1\",\"input\":{\"title\":\"Rogue "
                   "phone\",\"status\":\"affected\"}}"));
    bench_ok(b, move(b, 'e', 'E'));
    if (strstr(forgeries[i].name, "owner")) bench_ok(b, move(b, 'a', 'O'));
    for (size_t k = 0; k < 3 && forgeries[i].by[k].who; k++) forge(b, &forgeries[i].by[k]);
    size_t n = findings(b, forgeries[i].found ? forgeries[i].found : "");
    if ((n > 0) != (forgeries[i].found != NULL)) print_error("%s: %zu findings\n", forgeries[i].name, n);
    assert_int_equal(n > 0, forgeries[i].found != NULL);
    tear_down(state);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = { cmocka_unit_test(t_sod_analyst_then_reviewer),
                                      cmocka_unit_test(t_sod_a_forged_log_is_found) };
  return cmocka_run_group_tests_name("seat", tests, NULL, NULL);
}
