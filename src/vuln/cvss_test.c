/* CVSS: our own lines, and published vectors when PROOFLINE_DATA names their folder. */
#include "vuln/inside.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <cmocka.h>
#undef fail

/* "9.8" or "9" as tenths; "None" is CVSS_NONE. */
static int tenths(Str s) {
  Str whole, part;
  int64_t w = 0, p = 0;
  s = str_trim(s);
  if (str_eq(s, S("None"))) return CVSS_NONE;
  if (s.n && *s.p == '-') s = str_slice(s, 1, s.n);
  str_cut(s, '.', &whole, &part);
  assert_true(str_int(whole, &w) && (!part.n || str_int(part, &p)));
  return (int)(w * 10 + p);
}

/* Lines of cvss.data: vector<TAB>base temporal environmental score severity, or vector<TAB>! */
static void own_lines(void **state) {
  (void)state;
  AUTO(Cx) cx = cx_new(16u << 20);
  Str rest, line;
  size_t n = 0;
  assert_int_equal(file_read(&cx, VULN_DIR "/cvss.data", 1u << 20, &rest), E_OK);
  while (str_line(&rest, &line)) {
    Str vector, want, part[5];
    Cvss c;
    if (!line.n || *line.p == '#') continue;
    str_cut(line, '\t', &vector, &want);
    cx_forgive(&cx);
    Err e = cvss_read(&cx, vector, &c);
    n++;
    if (e != E_OK) {
      if (!str_eq(want, S("!"))) print_message("%.*s %.*s\n", STR(vector), STR(cx.words));
      assert_true(str_eq(want, S("!")));
      continue;
    }
    for (int i = 0; i < 5; i++) str_cut(want, ' ', &part[i], &want);
    if (c.base_x10 != tenths(part[0]) || c.score_x10 != tenths(part[3]))
      print_message("%.*s: %d %d %d %d\n", STR(vector), c.base_x10, c.temporal_x10, c.environmental_x10, c.score_x10);
    assert_int_equal(c.base_x10, tenths(part[0]));
    assert_int_equal(c.temporal_x10, tenths(part[1]));
    assert_int_equal(c.environmental_x10, tenths(part[2]));
    assert_int_equal(c.score_x10, tenths(part[3]));
    assert_true(str_eq(c.severity, part[4]));
    Cvss again;
    assert_int_equal(cvss_read(&cx, c.vector, &again), E_OK);
    assert_true(str_eq(again.vector, c.vector) && again.score_x10 == c.score_x10);
  }
  assert_true(n > 15);
}

static void published(void **state) {
  (void)state;
  static const char *const files[] = { "simple2",   "simple3",     "simple31",      "simple4",
                                       "security4", "threat4",     "supplemental4", "cvsslib2",
                                       "cvsslib3",  "calculator2", "calculator3" };
  const char *folder = getenv("PROOFLINE_DATA");
  if (!folder || !*folder) { printf("skipped: PROOFLINE_DATA does not name the data folder\n"); skip(); }
  size_t all_wrong = 0;
  for (size_t i = 0; i < COUNT(files); i++) {
    AUTO(Cx) cx = cx_new(64u << 20);
    Str rest, line;
    size_t passed = 0, wrong = 0;
    assert_int_equal(file_read(&cx, str_fmt(cx.arena, "%s/cvss/redhat/vectors_%s", folder, files[i]).p, 4u << 20,
                               &rest),
                     E_OK);
    while (str_line(&rest, &line)) {
      Str vector, want, part[3] = { { NULL, 0 } };
      Cvss c;
      size_t at = str_find(line, S(" - "));
      assert_true(at != SIZE_MAX);
      vector = str_slice(line, 0, at);
      want = str_slice(line, at + 3, line.n);
      if (*want.p == '(') want = str_slice(want, 1, want.n - 1);
      for (int k = 0; k < 3; k++) str_cut(want, ',', &part[k], &want);
      Err e = cvss_read(&cx, vector, &c);
      bool ok = e == E_OK && str_eq(c.version, S("4.0")) ? c.score_x10 == tenths(part[0])
                : e == E_OK && c.base_x10 == tenths(part[0]) && c.temporal_x10 == tenths(part[1]) &&
                  c.environmental_x10 == tenths(part[2]);
      if (ok) { passed++; continue; }
      if (wrong++ < 10)
        printf("%.*s: %d %d %d %d\n", STR(line), c.base_x10, c.temporal_x10, c.environmental_x10, c.score_x10);
    }
    printf("  %-16s %5zu passed %zu wrong\n", files[i], passed, wrong);
    all_wrong += wrong;
  }
  assert_int_equal(all_wrong, 0);
}

/* 0 high, 1 medium, 2 low; of two levels low is 1. */
static size_t level(Str word, bool two) {
  return str_eq(word, S("high")) ? 0 : str_eq(word, S("medium")) || two ? 1 : 2;
}

/* The word for every combination of the six equivalence sets of CVSS 4.0: that of its severest vector. */
static void macrovectors(void **state) {
  (void)state;
  static const char *const eq1[] = { "AV:N/PR:N/UI:N", "AV:A/PR:N/UI:N", "AV:P/PR:N/UI:N" };
  static const char *const eq2[] = { "AC:L/AT:N", "AC:H/AT:N" };
  static const char *const eq36[][2] = { { "VC:H/VI:H/VA:H/CR:H/IR:H/AR:H", "VC:H/VI:H/VA:L/CR:M/IR:M/AR:H" },
                                         { "VC:L/VI:H/VA:H/CR:H/IR:H/AR:H", "VC:L/VI:H/VA:L/CR:H/IR:M/AR:H" },
                                         { NULL, "VC:L/VI:L/VA:L/CR:H/IR:H/AR:H" } };
  static const char *const eq4[] = { "SC:H/SI:H/SA:H/MSI:S/MSA:S", "SC:H/SI:H/SA:H", "SC:L/SI:L/SA:L" };
  static const char *const eq5[] = { "E:A", "E:P", "E:U" };
  const char *folder = getenv("PROOFLINE_DATA");
  if (!folder || !*folder) { printf("skipped: PROOFLINE_DATA does not name the data folder\n"); skip(); }
  AUTO(Cx) cx = cx_new(64u << 20);
  const char *name = "cvss_v4_0_qualitative_severity_ratings_4_0_0";
  Str rest, line, cell[8];
  size_t passed = 0, impossible = 0, wrong = 0;
  assert_int_equal(file_read(&cx, str_fmt(cx.arena, "%s/cvss/ssvc/csv/cvss/%s.csv", folder, name).p, 1u << 20, &rest),
                   E_OK);
  assert_true(str_line(&rest, &line));
  while (str_line(&rest, &line)) {
    for (size_t i = 0; i < COUNT(cell); i++) str_cut(line, ',', &cell[i], &line);
    const char *impact = eq36[level(cell[3], false)][level(cell[6], true)];
    if (!impact) { impossible++; continue; }
    Cvss c;
    Str vector = str_fmt(cx.arena, "CVSS:4.0/%s/%s/%s/%s/%s", eq1[level(cell[1], false)], eq2[level(cell[2], true)],
                         impact, eq4[level(cell[4], false)], eq5[level(cell[5], false)]);
    assert_int_equal(cvss_read(&cx, vector, &c), E_OK);
    passed += str_eq_nocase(c.severity, str_trim(cell[7]));
    if (str_eq_nocase(c.severity, str_trim(cell[7]))) continue;
    if (wrong++ < 10) printf("%.*s: %d, not %.*s\n", STR(vector), c.score_x10, STR(cell[7]));
  }
  printf("  %zu macrovectors passed, %zu cannot be, %zu wrong\n", passed, impossible, wrong);
  assert_int_equal(wrong, 0);
  assert_int_equal(passed, 270);
}

int main(void) {
  const struct CMUnitTest tests[] = { cmocka_unit_test(own_lines), cmocka_unit_test(published),
                                      cmocka_unit_test(macrovectors) };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
