/* SSVC: our tables against every row of the standard's own, when PROOFLINE_DATA names their folder. */
#include "vuln/ssvc.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <cmocka.h>
#undef fail

static void tables(Cx *cx, Ssvc *out) {
  Str text;
  assert_int_equal(file_read(cx, SSVC_TABLES, 1u << 20, &text), E_OK);
  if (ssvc_read(cx, text, out) != E_OK) print_message("%.*s\n", STR(cx->words));
  assert_int_equal(cx->err, E_OK);
}

/* table, line, outcome or the words of the failure */
static void own_lines(void **state) {
  (void)state;
  static const char *const rows[][3] = {
    { "supplier", "none,laborious,partial,minimal", "\"outcome\":\"defer\"" },
    { "supplier", "active\tsuper effective\ttotal\tsignificant", "\"outcome\":\"immediate\"" },
    { "supplier",
      "Exploitation=Public_PoC,automatable=yes,value density=diffuse,technical impact=total,safety impact=marginal",
      "\"outcome\":\"immediate\"" },
    { "deployer",
      "exploitation=active,system exposure=open,automatable=yes,safety impact=catastrophic,mission impact=degraded",
      "\"human impact\":\"very high\"" },
    { "supplier", "none,laborious,partial", "public safety impact is not known" },
    { "supplier", "none,laborious,partial,huge", "has no value \\\"huge\\\"" },
    { "supplier", "none,laborious,partial,minimal,more", "has 4 points" },
    { "supplier", "exploitation=none,exploitation=active", "stands twice" },
    { "supplier", "", "exploitation is not known" },
  };
  AUTO(Cx) cx = cx_new(16u << 20);
  Ssvc s = { 0 };
  tables(&cx, &s);
  assert_true(s.n >= 9);
  for (size_t i = 0; i < COUNT(rows); i++) {
    Buf b = buf_new(cx.arena, 1u << 16);
    Str line = str_fmt(cx.arena, "%s\n", rows[i][1]);
    assert_int_equal(ssvc_calc_lines(&cx, &s, str_of(rows[i][0]), line, &b), E_OK);
    if (str_find(buf_str(&b), str_of(rows[i][2])) == SIZE_MAX)
      print_message("%s: %.*s\n", rows[i][1], STR(buf_str(&b)));
    assert_true(str_find(buf_str(&b), str_of(rows[i][2])) != SIZE_MAX);
  }
  Buf none = buf_new(cx.arena, 1u << 16);
  assert_int_equal(ssvc_calc_lines(&cx, &s, S("nothing"), S(""), &none), E_USAGE);
}

static void broken(void **state) {
  (void)state;
  static const char *const texts[] = { "row defer", "table t 1.0 x\npoint p 1: a | b\noutcome o 1: x\nrow x",
                                       "table t 1.0 x\npoint p: a", "table t 1.0 x\noutcome o 1: x\nrow y",
                                       "table t 1.0 x\nnonsense" };
  for (size_t i = 0; i < COUNT(texts); i++) {
    AUTO(Cx) cx = cx_new(1u << 20);
    Ssvc s = { 0 };
    assert_int_equal(ssvc_read(&cx, str_of(texts[i]), &s), E_CONFIG);
  }
}

static void published(void **state) {
  (void)state;
  static const char *const files[][2] = { { "supplier", "ssvc/supplier_patch_development_priority_1_0_0" },
                                          { "deployer", "ssvc/deployer_patch_application_priority_1_0_0" },
                                          { "utility", "ssvc/utility_1_0_0" },
                                          { "human_impact", "ssvc/human_impact_1_0_0" },
                                          { "public_safety_impact", "ssvc/public_safety_impact_1_0_0" },
                                          { "coordinator_triage", "ssvc/coordinator_triage_1_0_0" },
                                          { "coordinator_publish", "ssvc/coordinator_publish_decision_table_1_0_0" },
                                          { "cisa", "cisa/cisa_coordinator_2_0_3" },
                                          { "bod_26_04", "cisa/cisa_bod_26_04_1_0_0" } };
  const char *folder = getenv("PROOFLINE_DATA");
  if (!folder || !*folder) {
    printf("skipped: PROOFLINE_DATA does not name the data folder\n");
    skip();
  }
  AUTO(Cx) cx = cx_new(64u << 20);
  Ssvc s = { 0 };
  size_t passed = 0;
  tables(&cx, &s);
  for (size_t i = 0; i < COUNT(files); i++) {
    const SsvcTable *t = ssvc_table(&s, str_of(files[i][0]));
    Str rest;
    CsvRow row;
    size_t line = 0, n = 0;
    bool got = false;
    assert_non_null(t);
    assert_int_equal(file_read(&cx, str_fmt(cx.arena, "%s/cvss/ssvc/csv/%s.csv", folder, files[i][1]).p, 1u << 20,
                               &rest),
                     E_OK);
    assert_int_equal(csv_read(&cx, &rest, &line, &row, &got), E_OK);
    for (;; n++) {
      SsvcFacts facts = { 0 };
      SsvcAnswer a = { 0 };
      assert_int_equal(csv_read(&cx, &rest, &line, &row, &got), E_OK);
      if (!got) break;
      assert_int_equal(row.n, t->npoints + 2);
      for (size_t k = 0; k < t->npoints; k++)
        vec_add(cx.arena, &facts, (SsvcFact){ t->point[k].name, row.cell[k + 1], S("") });
      assert_int_equal(ssvc_decide(&cx, &s, t, &facts, &a), E_OK);
      assert_true(str_eq(a.outcome, row.cell[row.n - 1]));
    }
    assert_int_equal(n, t->cell.n);
    passed += n;
  }
  printf("  %zu rows of decision tables passed\n", passed);
}

int main(void) {
  const struct CMUnitTest tests[] = { cmocka_unit_test(own_lines), cmocka_unit_test(broken),
                                      cmocka_unit_test(published) };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
