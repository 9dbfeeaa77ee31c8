#include "risk/risk.h"
#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>
#undef fail

#define SAMPLE "e5: medium medium high high high\ne4: low medium high high high\n" \
               "e3: low medium medium high high\ne2: low low medium medium high\ne1: low low low medium medium\n"

/* likelihood severity level ("" for words that are on no scale) */
static void test_level(void **state) {
  (void)state;
  static const char *const cases[][3] = {
    { "e4", "s5", "high" }, { "e1", "s5", "medium" }, { "e3", "s3", "medium" }, { "e2", "s2", "low" },
    { "e5", "s1", "medium" }, { "e1", "s1", "low" }, { "p3", "s3", "medium" }, { "e6", "s1", "" },
    { "e0", "s1", "" }, { "e1", "s6", "" }, { "", "s1", "" }, { "e11", "s1", "" }, { "s1", "e1", "" },
  };
  AUTO(Cx) cx = cx_new(1 << 20);
  RiskMatrix m;
  Str wrong;
  assert_true(risk_matrix_read(cx.arena, S(SAMPLE), &m, &wrong));
  for (size_t i = 0; i < COUNT(cases); i++) {
    Str got = risk_matrix_level(&m, str_of(cases[i][0]), str_of(cases[i][1]));
    assert_string_equal(str_z(cx.arena, got), cases[i][2]);
  }
}

/* text, what the words about it must contain */
static void test_wrong(void **state) {
  (void)state;
  static const char *const cases[][2] = {
    { "", "no line for e1" },
    { "e1 low low low low low", "no \":\"" },
    { "e6: low low low low low", "not e1 to e5" },
    { "e1: low low low low", "4 levels" },
    { "e1: low low low low low low", "more than 5" },
    { "e1: low low low low fatal", "\"fatal\" is no level" },
    { "# note\ne1: low low low low low\ne1: low low low low low", "Line 3: \"e1\" stands twice" },
    { "e1: low low low low low\ne2: low low low low low\ne4: low low low low low\n", "no line for e3" },
  };
  AUTO(Cx) cx = cx_new(1 << 20);
  for (size_t i = 0; i < COUNT(cases); i++) {
    RiskMatrix m;
    Str wrong = STR_NONE;
    assert_false(risk_matrix_read(cx.arena, str_of(cases[i][0]), &m, &wrong));
    if (str_find(wrong, str_of(cases[i][1])) == SIZE_MAX) print_error("case %zu: %.*s\n", i, STR(wrong));
    assert_true(str_find(wrong, str_of(cases[i][1])) != SIZE_MAX);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = { cmocka_unit_test(test_level), cmocka_unit_test(test_wrong) };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
