/* Every record type of the product through its whole life: fields, wrong values, steps, roles, rebuild. */
#include "app/app.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>
#undef fail

/* Where the generated value would break a rule inside the record. */
static const LifeSample samples[] = {
  { "curriculum", "questions", "\"? Who approves\\n+ A second person\\n- Nobody\"" },
  { "element", "safety_class", NULL },
  { "flow", "flows_to", "[\"BASE-element-1\"]" },
  { "release", "build_hash", "\"0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef\"" },
  { "risk_matrix", "cells",
    "\"e1: low low low low medium\\ne2: low low low medium high\\ne3: low low medium high high\\n"
    "e4: low medium high high high\\ne5: medium high high high high\"" },
  { "role_assignment", "deputy_of", NULL },
  { "safety_risk", "probability", NULL },
  { "supplier", "audit_due", NULL },
  { "training", "attested_by", NULL },
  { "name_rule", "package", "\"pkg:generic/infusor\"" },
  { "name_rule", "is_package", "\"pkg:npm/infusor\"" },
  { "name_rule", "cpe", "\"cpe:2.3:a:acme:infusor:*:*:*:*:*:*:*:*\"" },
  { "vex_statement", "justification", NULL },
  { "vex_statement", "package_versions", "\"vers:generic/1.2|1.3\"" },
};

static Err walk(Cx *cx, const char *folder, Store **s, int64_t *checks) {
  LifeCast cast;
  TRY(crypto_start(cx));
  TRY(record_types_set(cx, app_types, app_ntypes));
  TRY(store_open(cx, folder, STORE_CREATE, s));
  TRY(store_begin(cx, *s));
  TRY(ledger_create(cx, *s, S("5f3c2d1e-0000-4000-8000-000000000001")));
  TRY(store_commit(cx, *s));
  TRY(store_migrate(cx, *s, people_schema, people_nschema));
  TRY(record_create_tables(cx, *s));
  TRY(store_begin(cx, *s));
  TRY(record_life_cast(cx, *s, &cast));
  TRY(store_commit(cx, *s));
  return record_life_test(cx, *s, &cast, samples, COUNT(samples), checks);
}

static void folder_clear(const char *folder) {
  static const char *const files[] = { "proofline.db", "proofline.db-wal", "proofline.db-shm", "proofline.lock" };
  char path[128];
  for (size_t i = 0; i < COUNT(files); i++) {
    (void)snprintf(path, sizeof path, "%s/%s", folder, files[i]);
    (void)unlink(path);
  }
  (void)rmdir(folder);
}

static void test_every_type(void **state) {
  char folder[] = "/tmp/proofline-life-XXXXXX";
  AUTO(Cx) cx = cx_new(1u << 30);
  Store *s = NULL;
  int64_t checks = 0;
  (void)state;
  assert_non_null(mkdtemp(folder));
  Err e = walk(&cx, folder, &s, &checks);
  if (e != E_OK) print_error("%s: %.*s\n", err_name(e), STR(cx.words));
  for (size_t i = 0; e != E_OK && i < cx.problems.n; i++)
    print_error("  %.*s: %.*s\n", STR(cx.problems.p[i].field), STR(cx.problems.p[i].words));
  store_close(s);
  folder_clear(folder);
  print_message("%zu types, %lld checks\n", app_ntypes, (long long)checks);
  assert_int_equal(e, E_OK);
  assert_true(checks > 1000);
}

int main(void) {
  const struct CMUnitTest tests[] = { cmocka_unit_test(test_every_type) };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
