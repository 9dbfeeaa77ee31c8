/* The ceremony against what could go wrong with it, and separation of duties against an oracle of its own. */
#include "fixture.h"

#define STEP(b, id, name, actor)                                                                             \
  DO(b, "record.step", actor, "Because the test says so", "{\"id\":\"%s\",\"base\":%lld,\"step\":\"%s\"}", id, \
     (long long)rev_of(b, id), name)

static int64_t rev_of(Bench *b, const char *id) {
  Head h = { 0 };
  bench_ok(b, head_get(&b->cx, b->s, str_of(id), &h));
  return h.rev;
}

static Str state_of(Bench *b, const char *id) {
  Head h = { 0 };
  bench_ok(b, head_get(&b->cx, b->s, str_of(id), &h));
  return h.state;
}

static void make(Bench *b, const char *id) {
  bench_ok(b, DO(b, "record.new", b->cast.author, "",
                 "{\"type\":\"threat\",\"id\":\"%s\",\"input\":{\"title\":\"Rogue phone\",\"stride\":\"tampering\","
                 "\"about\":[\"CTL-1\"]}}", id));
  bench_ok(b, STEP(b, id, "submit", b->cast.author));
}

static int setup(void **state) {
  Bench *b = bench_open(small_model, COUNT(small_model));
  bench_ok(b, people_secret_make(&b->cx, b->folder));
  bench_ok(b, DO(b, "record.new", b->cast.author, "",
                 "{\"type\":\"control\",\"id\":\"CTL-1\",\"input\":{\"title\":\"Lock\",\"description\":\"Locks\"}}"));
  *state = b;
  return 0;
}

static int teardown(void **state) {
  Bench *b = *state;
  char path[128];
  (void)snprintf(path, sizeof path, "%s/secret.key", b->folder);
  (void)unlink(path);
  bench_close(b);
  return 0;
}

/* ---- attacks ------------------------------------------------------------------------------------------- */

typedef struct Attack { Bench *b; Str args, actor, auth, source; } Attack;
static const Sql confirm_factor = { "test.confirm", "UPDATE totp SET confirmed_us = 1", NULL };
static const Sql count_signatures = { "test.signatures", "SELECT count(*) FROM signature", NULL };

static void replace(Attack *a, const char *old, const char *now) {
  size_t at = str_find(a->args, str_of(old));
  assert_true(at != SIZE_MAX);
  a->args = str_fmt(a->b->cx.arena, "%.*s%s%.*s", (int)at, a->args.p, now, (int)(a->args.n - at - strlen(old)),
                    a->args.p + at + strlen(old));
}

/* The value of a text member is replaced by another of the same length. */
static void spoil(Attack *a, const char *member) {
  Str key = str_fmt(a->b->cx.arena, "\"%s\":\"", member);
  size_t at = str_find(a->args, key);
  assert_true(at != SIZE_MAX);
  char *p = str_z(a->b->cx.arena, a->args);
  p[at + key.n] = p[at + key.n] == '1' ? '2' : '1';
  a->args = str_of(p);
}

static void edit_after_freeze(Attack *a) {
  bench_ok(a->b, DO(a->b, "record.save", a->b->cast.author, "",
                    "{\"id\":\"THR-1\",\"base\":1,\"input\":{\"actor\":\"a nurse\"}}"));
  bench_ok(a->b, STEP(a->b, "THR-1", "submit", a->b->cast.author));
}
static void linked_record_accepted(Attack *a) {
  bench_ok(a->b, STEP(a->b, "CTL-1", "analyse", a->b->cast.author));
  bench_ok(a->b, STEP(a->b, "CTL-1", "define_controls", a->b->cast.author));
  bench_ok(a->b, STEP(a->b, "CTL-1", "verify_controls", a->b->cast.author));
  bench_ok(a->b, STEP(a->b, "CTL-1", "accept", a->b->cast.second));
}
static void sent_back(Attack *a) { bench_ok(a->b, STEP(a->b, "THR-1", "send_back", a->b->cast.second)); }
static void signed_before(Attack *a) { bench_ok(a->b, STEP(a->b, "THR-1", "approve", a->b->cast.second)); }
static void other_nonce(Attack *a) { spoil(a, "nonce"); }
static void other_ticket(Attack *a) { spoil(a, "ticket"); }
static void other_session(Attack *a) { spoil(a, "session"); }
static void no_ticket(Attack *a) { replace(a, "\"ticket\":\"", "\"ticket\":\"\",\"x\":\""); }
static void other_step(Attack *a) { replace(a, "\"approve\"", "\"send_back\""); }
static void other_record(Attack *a) { make(a->b, "THR-2"); replace(a, "THR-1", "THR-2"); }
static void more_records(Attack *a) { make(a->b, "THR-2"); replace(a, "\"THR-1\"", "\"THR-1\",\"THR-2\""); }
static void no_records(Attack *a) { replace(a, "\"THR-1\"", ""); }
static void twice_the_record(Attack *a) { replace(a, "\"THR-1\"", "\"THR-1\",\"thr-1\""); }
static void other_person(Attack *a) { a->actor = a->b->cast.only[ROLE_AT_APPROVER]; }
static void the_author(Attack *a) { a->actor = a->b->cast.author; }
static void no_role(Attack *a) { a->actor = a->b->cast.only[ROLE_AT_ENGINEER]; }
static void no_password(Attack *a) { a->auth = S("session"); }
static void the_owner_of_the_folder(Attack *a) { a->auth = S("local"); }
static void as_if_a_sample(Attack *a) { a->auth = S("demo"); a->source = S("demo"); }
static void no_live_session(Attack *a) { a->source = S("web"); }
static void nothing(Attack *a) { (void)a; }
static void role_lost(Attack *a) {
  bench_ok(a->b, DO(a->b, "user.revoke", PERSON_SYSTEM, "", "{\"person\":\"%.*s\",\"role\":\"approver\"}",
                    STR(a->actor)));
}
static void disabled(Attack *a) {
  bench_ok(a->b, DO(a->b, "user.disable", PERSON_SYSTEM, "", "{\"person\":\"%.*s\"}", STR(a->actor)));
}
static void enrolled_meanwhile(Attack *a) {
  JVal *r;
  Bench *b = a->b;
  bench_ok(b, store_begin(&b->cx, b->s));
  bench_ok(b, record_try_as(&b->cx, b->s, "user.totp_enrol", a->actor, S("password"), S("cli"), S(""), S("{}"), &r));
  bench_ok(b, store_run(&b->cx, b->s, &confirm_factor, NO_ARGS, NULL));
  bench_ok(b, store_commit(&b->cx, b->s));
}
static void five_wrong_tries(Attack *a) {
  Str nonce = str_slice(a->args, str_find(a->args, S("\"nonce\":\"")) + 9, a->args.n);
  for (int i = 0; i < SIGN_TRIES; i++)
    bench_ok(a->b, DO(a->b, "record.sign_failed", a->actor, "", "{\"nonce\":\"%.32s\"}", nonce.p));
}

/* age_s: how old the page is; want: E_OK is the one ceremony that goes through. */
static const struct { const char *name; void (*spoil)(Attack *a); Err want; int64_t age_s; } attacks[] = {
  { "nothing", nothing, E_OK, 0 },
  { "a page of nine minutes", nothing, E_OK, 9 * 60 },
  { "a page of eleven minutes", nothing, E_STALE, 11 * 60 },
  { "a page of the future", nothing, E_STALE, -120 },
  { "edit after freeze", edit_after_freeze, E_STALE, 0 },
  { "linked record accepted", linked_record_accepted, E_STALE, 0 },
  { "sent back", sent_back, E_CONFLICT, 0 },
  { "signed before", signed_before, E_CONFLICT, 0 },
  { "other nonce", other_nonce, E_STALE, 0 },
  { "other ticket", other_ticket, E_STALE, 0 },
  { "other session", other_session, E_STALE, 0 },
  { "no ticket", no_ticket, E_STALE, 0 },
  { "other step", other_step, E_CONFLICT, 0 },
  { "other record", other_record, E_STALE, 0 },
  { "more records", more_records, E_STALE, 0 },
  { "no records", no_records, E_INVALID, 0 },
  { "twice the record", twice_the_record, E_INVALID, 0 },
  { "other person", other_person, E_STALE, 0 },
  { "the author", the_author, E_DENIED, 0 },
  { "no role", no_role, E_DENIED, 0 },
  { "no password", no_password, E_DENIED, 0 },
  { "the owner of the folder", the_owner_of_the_folder, E_DENIED, 0 },
  { "as if a sample", as_if_a_sample, E_DENIED, 0 },
  { "no live session", no_live_session, E_UNAUTHENTIC, 0 },
  { "role lost", role_lost, E_STALE, 0 },
  { "enrolled meanwhile", enrolled_meanwhile, E_STALE, 0 },
  { "disabled", disabled, E_UNAUTHENTIC, 0 },
  { "five wrong tries", five_wrong_tries, E_STALE, 0 },
};

static Err sign_now(const Attack *a) {
  Bench *b = a->b;
  cx_forgive(&b->cx);
  TRY(store_begin(&b->cx, b->s));
  Err e = record_try_as(&b->cx, b->s, "record.sign", a->actor, a->auth, a->source, S(""), a->args, &b->result);
  if (e == E_OK) return store_commit(&b->cx, b->s);
  store_rollback(b->s);
  return e;
}

static Ceremony open_for(Bench *b, Str actor, const Str *ids, size_t n, int64_t age_s) {
  Who who;
  Ceremony c = { 0 };
  bench_ok(b, people_who(&b->cx, b->s, actor, &who));
  b->cx.now_us = clock_now_us() - age_s * US_PER_S;
  SignWhat what = { .step = S("approve"), .session = S("cli:0123456789abcdef"), .id = ids, .n = n };
  bench_ok(b, sign_open(&b->cx, b->s, &who, &what, &c));
  return c;
}

static int64_t signatures(Bench *b) {
  int64_t n = 0;
  bench_ok(b, store_int(&b->cx, b->s, &count_signatures, NO_ARGS, 0, &n));
  return n;
}

static void verified(Bench *b, const char *what) {
  VerifyReport report = { 0 };
  cx_forgive(&b->cx);
  bench_ok(b, record_verify_part.derived(&b->cx, b->s, &report));
  for (size_t i = 0; i < report.findings.n; i++)
    print_error("%s: %.*s: %.*s\n", what, STR(report.findings.p[i].object), STR(report.findings.p[i].what));
  assert_int_equal(report.findings.n, 0);
}

static void no_attack_signs(void **state) {
  for (size_t i = 0; i < COUNT(attacks); i++) {
    assert_int_equal(setup(state), 0);
    Bench *b = *state;
    make(b, "THR-1");
    const Str id = S("THR-1");
    Ceremony c = open_for(b, b->cast.second, &id, 1, attacks[i].age_s);
    Attack a = { b, sign_args(&b->cx, &c, STR_NONE), b->cast.second, S("password"), S("cli") };
    attacks[i].spoil(&a);
    int64_t before = signatures(b);
    Err got = sign_now(&a);
    if (got != attacks[i].want)
      print_error("%s: %s instead of %s: %.*s\n", attacks[i].name, err_name(got), err_name(attacks[i].want),
                  STR(b->cx.words));
    assert_int_equal(got, attacks[i].want);
    cx_forgive(&b->cx);
    assert_int_equal(signatures(b), before + (got == E_OK));
    if (got == E_OK) assert_int_equal(sign_now(&a), E_STALE);   /* a nonce is good once */
    verified(b, attacks[i].name);
    teardown(state);
  }
}

/* One record of several that must not be signed: none is. */
static void a_set_is_signed_whole_or_not(void **state) {
  setup(state);
  Bench *b = *state;
  static const Str ids[] = { { "THR-1", 5 }, { "THR-2", 5 }, { "THR-3", 5 } };
  for (size_t i = 0; i < COUNT(ids); i++) make(b, ids[i].p);
  Ceremony c = open_for(b, b->cast.second, ids, COUNT(ids), 0);
  Attack a = { b, sign_args(&b->cx, &c, STR_NONE), b->cast.second, S("password"), S("cli") };
  bench_ok(b, STEP(b, "THR-2", "send_back", b->cast.second));
  assert_int_equal(sign_now(&a), E_CONFLICT);
  assert_true(str_eq(state_of(b, "THR-1"), S("in_review")));
  cx_forgive(&b->cx);
  bench_ok(b, STEP(b, "THR-2", "submit", b->cast.author));
  c = open_for(b, b->cast.second, ids, COUNT(ids), 0);
  a.args = sign_args(&b->cx, &c, STR_NONE);
  bench_ok(b, sign_now(&a));
  assert_int_equal(signatures(b), 3);
  verified(b, "a set");
  teardown(state);
}

/* ---- separation of duties ------------------------------------------------------------------------------ */

enum { HISTORIES = 500, OPERATIONS = 20, ACTORS = 6 };

/* A generator of its own: the histories are the same on every machine. */
static uint32_t seed = 20261122;
static uint32_t draw(uint32_t n) {
  seed = seed * 1664525u + 1013904223u;
  return (seed >> 8) % n;
}

/* What the rule says, kept apart from the program: who wrote or moved it on since it was last approved. */
typedef struct Oracle { bool contributed[ACTORS], writes[ACTORS], approves[ACTORS]; int64_t approved, refused; } Oracle;

static Err approve(Bench *b, Str actor, Str id) {
  Who who;
  Ceremony c = { 0 };
  SignWhat what = { .step = S("approve"), .session = S("cli:x"), .id = &id, .n = 1 };
  TRY(people_who(&b->cx, b->s, actor, &who));
  b->cx.now_us = clock_now_us();
  TRY(sign_open(&b->cx, b->s, &who, &what, &c));
  return record_try_as(&b->cx, b->s, "record.sign", actor, S("password"), S("cli"), S(""),
                       sign_args(&b->cx, &c, STR_NONE), &b->result);
}

static Err operate(Bench *b, uint32_t what, Str actor, Str id, int64_t rev) {
  static const struct { const char *command, *args; } rows[] = {
    { "record.save", "" },
    { "record.link", "\"link\":\"mitigated_by\",\"to\":\"CTL-1\"" },
    { "record.unlink", "\"link\":\"mitigated_by\",\"to\":\"CTL-1\"" }, { "record.step", "\"step\":\"submit\"" },
    { "record.step", "\"step\":\"send_back\"" },
  };
  if (what == COUNT(rows)) return approve(b, actor, id);
  Str more = what ? str_of(rows[what].args) : str_fmt(b->cx.arena, "\"input\":{\"actor\":\"n%u\"}", draw(1u << 20));
  Str args = str_fmt(b->cx.arena, "{\"id\":\"%.*s\",\"base\":%lld,%.*s}", STR(id), (long long)rev, STR(more));
  return record_try(&b->cx, b->s, rows[what].command, actor, S("Because the test says so"), args, &b->result);
}

static void one_operation(Bench *b, const Str *actors, Str id, Oracle *o) {
  uint32_t what = draw(8), who = draw(ACTORS);
  Head before, after;
  if (what > 5) what = 5;
  bench_ok(b, head_get(&b->cx, b->s, id, &before));
  Err e = operate(b, what, actors[who], id, before.rev);
  cx_forgive(&b->cx);
  b->cx.problems = (Problems){ 0 };
  bench_ok(b, head_get(&b->cx, b->s, id, &after));
  if (what == 5 && str_eq(before.state, S("in_review"))) {
    bool may = o->approves[who] && !o->contributed[who];
    assert_int_equal(e, may ? E_OK : E_DENIED);
    if (may) memset(o->contributed, 0, sizeof o->contributed);
    *(may ? &o->approved : &o->refused) += 1;
  } else if (what == 5) assert_int_not_equal(e, E_OK);
  else if (e == E_OK && what != 4 && (after.rev != before.rev || !str_eq(after.state, before.state))) {
    assert_true(o->writes[who]);
    o->contributed[who] = true;
  }
}

static void nobody_approves_their_own_work(void **state) {
  setup(state);
  Bench *b = *state;
  const LifeCast *c = &b->cast;
  const Str actors[ACTORS] = { c->author, c->second, c->only[ROLE_AT_ENGINEER], c->only[ROLE_AT_SECURITY_LEAD],
                               c->only[ROLE_AT_APPROVER], c->only[ROLE_AT_QA_MANAGER] };
  Oracle o = { .writes = { true, true, true, true, false, false },
               .approves = { true, true, false, false, true, true } };
  for (int i = 0; i < HISTORIES; i++) {
    ArenaMark mark = arena_mark(b->cx.arena);
    memset(o.contributed, 0, sizeof o.contributed);
    uint32_t first = draw(4);
    bench_ok(b, store_begin(&b->cx, b->s));
    bench_ok(b, record_try(&b->cx, b->s, "record.new", actors[first], S(""),
                           S("{\"type\":\"threat\",\"input\":{\"title\":\"x\",\"stride\":\"tampering\"}}"),
                           &b->result));
    o.contributed[first] = true;
    Str id = str_dup(b->cx.arena, json_text(b->result, "id"));
    for (int k = 0; k < OPERATIONS; k++) one_operation(b, actors, id, &o);
    bench_ok(b, store_commit(&b->cx, b->s));
    arena_release(b->cx.arena, mark);
  }
  print_message("%d histories: %lld approved, %lld refused\n", HISTORIES, (long long)o.approved, (long long)o.refused);
  assert_true(o.approved > HISTORIES / 4 && o.refused > HISTORIES / 4);   /* the histories reach both ends */
  verified(b, "histories");
  teardown(state);
}

int main(void) {
  const struct CMUnitTest tests[] = { cmocka_unit_test(no_attack_signs), cmocka_unit_test(a_set_is_signed_whole_or_not),
                                      cmocka_unit_test(nobody_approves_their_own_work) };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
