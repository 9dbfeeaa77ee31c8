/* A run is stored with what it changed; a gap opens, changes and closes; verify finds what was altered. */
#include "comply/inside.h"
#include "comply/sample.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <unistd.h>
#include <cmocka.h>
#undef fail
#define WRONG(...) do { print_error(__VA_ARGS__); print_error("\n"); _fail(__FILE__, __LINE__); } while (0)

static Cx cx;
static Store *store;
static char folder[] = "/tmp/proofline-comply-XXXXXX";
static Rule rules[2];
static Pack pack = { .id = { "p", 1 }, .version = { "1", 1 }, .title = { "P", 1 } };
static Packs packs = { &pack, 1, rules, 2, { "abc", 3 } };

static void ok(Err e) { if (e != E_OK) WRONG("%s: %.*s", err_name(e), STR(cx.words)); }

static int open_all(void **state) {
  (void)state;
  cx = cx_new((size_t)256 << 20);
  ok(crypto_start(&cx));
  assert_non_null(mkdtemp(folder));
  ok(store_open(&cx, folder, STORE_CREATE, &store));
  ok(store_begin(&cx, store));
  ok(ledger_create(&cx, store, S("6f1c2c9e-3a56-4e0b-9b5e-0d8f3c1a7b42")));
  ok(store_commit(&cx, store));
  ok(store_migrate(&cx, store, comply_schema, comply_nschema));
  for (size_t i = 0; i < COUNT(rules); i++)
    rules[i] =
        (Rule){ .id = i ? S("B-02") : S("A-01"), .severity = i ? RULE_MAJOR : RULE_BLOCKER, .packs = 1 };
  return 0;
}

static int close_all(void **state) {
  (void)state;
  store_close(store);
  sample_folder_remove(folder);
  cx_free(&cx);
  return 0;
}

typedef struct Found { int rule; const char *object, *message; } Found;

/* Stores a run that found these gaps. */
static Str run(const Found *found, size_t n, int64_t at_us, int64_t *opened, int64_t *closed) {
  CheckRun r = {
    .at_us = at_us, .log_size = 7, .scope = { S("pump"), S("") }, .packs_sha256 = S("abc"), .nrules = 2
  };
  r.rule = NEW_ARRAY(cx.arena, 2, RuleResult);
  for (size_t i = 0; i < 2; i++)
    r.rule[i] = (RuleResult){ .rule = &rules[i], .state = n ? RULE_PARTLY : RULE_MET, .asked = 5 };
  for (size_t i = 0; i < n; i++)
    vec_add(cx.arena, &r.gaps,
            (Gap){ .rule = &rules[found[i].rule],
                   .rule_id = rules[found[i].rule].id,
                   .object = str_of(found[i].object),
                   .rev = 1,
                   .severity = rules[found[i].rule].severity,
                   .message = str_of(found[i].message),
                   .fix = S("mend it") });
  pack_results(&cx, &packs, &r);
  Ask ask = { 0 };
  ok(comply_run_ask(&cx, &r, &ask));
  assert_true(str_eq(ask.command, S("check.run")));
  Buf b = buf_new(cx.arena, 4096);
  JsonOut o = json_out(&b, false);
  JVal *args, *result;
  ok(json_read(&cx, ask.args_json, &JSON_BODY, &args));
  Call call = { .store = store,
                .command = comply_commands[0],
                .actor = S("U000001"),
                .auth = S("local"),
                .source = S("cli"),
                .request = S("0123456789abcdef"),
                .args = args,
                .payload = ask.payload,
                .now_us = at_us,
                .result = &o };
  json_object(&o);
  ok(store_begin(&cx, store));
  ok(comply_commands[0]->run(&cx, &call));
  ok(store_commit(&cx, store));
  json_object_end(&o);
  ok(json_read(&cx, buf_str(&b), &JSON_BODY, &result));
  *opened = json_int(result, "opened", -1);
  *closed = json_int(result, "closed", -1);
  return json_text(result, "run");
}

static size_t findings(void) {
  VerifyReport report = { 0 };
  const VerifyPart *part = &comply_verify_part;
  ok(part->derived(&cx, store, &report));
  return report.findings.n;
}

static void history(void **state) {
  (void)state;
  const int64_t t1 = INT64_C(1795321860000000), t2 = t1 + US_PER_DAY, t3 = t2 + US_PER_DAY,
                t4 = t3 + US_PER_DAY;
  const Found first[] = { { 0, "T-001", "no control" }, { 1, "T-002", "old" } };
  const Found second[] = { { 0, "T-001", "no approved control" }, { 1, "T-003", "old" } };
  const Found third[] = { { 1, "T-002", "old again" } };
  int64_t opened, closed;
  CheckScope scope = { S("pump"), STR_NONE };
  CheckRun last;
  assert_int_equal(comply_last_run(&cx, store, &packs, scope, &last), E_NOTFOUND);
  cx_forgive(&cx);
  assert_true(str_eq(run(first, 2, t1, &opened, &closed), S("RUN-0001")));
  assert_int_equal(opened * 10 + closed, 20);
  run(second, 2, t2, &opened, &closed);
  assert_int_equal(opened * 10 + closed, 11);
  run(second, 2, t3, &opened, &closed);
  assert_int_equal(opened * 10 + closed, 0);
  run(third, 1, t4, &opened, &closed);
  assert_int_equal(opened * 10 + closed, 12);

  ok(comply_last_run(&cx, store, &packs, scope, &last));
  assert_true(str_eq(last.id, S("RUN-0004")));
  assert_int_equal(last.blocking, 0);
  assert_int_equal(last.by_severity[RULE_MAJOR], 1);
  assert_int_equal(last.nrules, 2);
  assert_ptr_equal(last.rule[0].rule, &rules[0]);
  Gaps gaps;
  size_t total;
  GapQuery q = { .scope = scope, .closed_too = true, .limit = 100 };
  ok(comply_gaps(&cx, store, &packs, &q, &gaps, &total));
  assert_int_equal(total, 4);                        /* T-002 opened twice: two gaps with a history each */
  assert_true(str_eq(gaps.p[0].object, S("T-002")));
  assert_int_equal(gaps.p[0].first_us, t4);
  q.object = S("T-001");
  ok(comply_gaps(&cx, store, &packs, &q, &gaps, &total));
  assert_int_equal(total, 1);
  assert_int_equal(gaps.p[0].first_us, t1);
  assert_int_equal(gaps.p[0].closed_us, t4);
  assert_true(str_eq(gaps.p[0].message, S("no approved control")));
  CheckRuns runs;
  ok(comply_runs(&cx, store, scope, t2, 10, &runs));
  assert_int_equal(runs.n, 3);
  assert_int_equal(runs.p[2].pack[0].blocking, 1);
}

static void altered(void **state) {
  (void)state;
  static const Sql alter = { "test.alter", "UPDATE gap SET message = 'fine' WHERE object = 'T-001'", NULL };
  static const Sql drop = { "test.drop", "DELETE FROM gap WHERE object = 'T-003'", NULL };
  assert_int_equal(findings(), 0);
  ok(store_begin(&cx, store));
  ok(store_run(&cx, store, &alter, NO_ARGS, NULL));
  assert_int_equal(findings(), 1);
  ok(store_run(&cx, store, &drop, NO_ARGS, NULL));
  ok(store_commit(&cx, store));
  assert_int_equal(findings(), 2);
}

int main(void) {
  const struct CMUnitTest tests[] = { cmocka_unit_test(history), cmocka_unit_test(altered) };
  return cmocka_run_group_tests(tests, open_all, close_all);
}
