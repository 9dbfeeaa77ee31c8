/* The tests of CSAF 2.0: one document that passes, single faults of it, and the published suite when
 * PROOFLINE_DATA names its folder. */
#include "vuln/csaf_check.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <cmocka.h>
#undef fail

static bool has_fault(const CsafReport *r, Str test) {
  for (size_t i = 0; i < r->fault.n; i++)
    if (str_eq(r->fault.p[i].test, test)) return true;
  for (size_t i = 0; i < r->advice.n; i++)
    if (str_eq(r->advice.p[i].test, test)) return true;
  return false;
}

static void print(Str name, const CsafReport *r) {
  print_message("%.*s\n", STR(name));
  for (size_t i = 0; i < r->fault.n && i < 5; i++)
    print_message("  %.*s %.*s: %.*s\n", STR(r->fault.p[i].test), STR(r->fault.p[i].where), STR(r->fault.p[i].what));
  for (size_t i = 0; i < r->advice.n && i < 5; i++)
    print_message("  %.*s %.*s: %.*s\n", STR(r->advice.p[i].test), STR(r->advice.p[i].where), STR(r->advice.p[i].what));
}

#define HEAD(category, status, version)                                                                              \
  "{\"document\":{\"category\":\"" category "\",\"csaf_version\":\"2.0\",\"title\":\"t\",\"publisher\":{"           \
  "\"category\":\"vendor\",\"name\":\"n\",\"namespace\":\"https://n.example\"},\"tracking\":{\"id\":\"i\","        \
  "\"current_release_date\":\"2026-01-01T00:00:00Z\",\"initial_release_date\":\"2026-01-01T00:00:00Z\","            \
  "\"revision_history\":[{\"date\":\"2026-01-01T00:00:00Z\",\"number\":\"" version "\",\"summary\":\"s\"}],"       \
  "\"status\":\"" status "\",\"version\":\"" version "\"}}"

static void single_faults(void **state) {
  (void)state;
  static const struct {
    const char *text, *test; /* NULL: it has none */
  } cases[] = {
    { HEAD("csaf_base", "final", "1") "}", NULL },
    { HEAD("csaf_base", "final", "1.0.0") "}", NULL },
    { HEAD("csaf_base", "draft", "0.1.0") "}", NULL },
    { HEAD("csaf_base", "final", "0.1.0") "}", "6.1.17" },
    { HEAD("csaf_base", "final", "1.0.0-rc") "}", "6.1.20" },
    { HEAD("csaf_base", "final", "7") "}", "6.1.21" },
    { HEAD("csaf_base", "final", "one") "}", "schema" },
    { HEAD("VEX", "final", "1") "}", "6.1.26" },
    { HEAD("csaf_vex", "final", "1") "}", "6.1.27.11" },
    { HEAD("csaf_base", "final", "1") ",\"vulnerabilities\":[{\"product_status\":{\"fixed\":[\"P\"]}}]}", "6.1.1" },
    { HEAD("csaf_base", "final", "1") ",\"vulnerabilities\":[{\"cwe\":{\"id\":\"CWE-79\",\"name\":\"x\"}}]}",
      "6.1.11" },
  };
  for (size_t i = 0; i < COUNT(cases); i++) {
    AUTO(Cx) cx = cx_new(64u << 20);
    CsafReport r = { 0 }, jailed = { 0 };
    assert_int_equal(csaf_check_parse(&cx, str_of(cases[i].text), &r), E_OK);
    if (cases[i].test ? !has_fault(&r, str_of(cases[i].test)) : r.faults > 0) print(str_of(cases[i].text), &r);
    if (cases[i].test) assert_true(has_fault(&r, str_of(cases[i].test)));
    else assert_int_equal(r.faults, 0);
    assert_int_equal(csaf_check(&cx, str_of(cases[i].text), &jailed), E_OK);
    assert_int_equal(jailed.faults, r.faults);
    assert_int_equal(jailed.fault.n, r.fault.n);
    assert_int_equal(jailed.advices, r.advices);
    assert_int_equal(jailed.advice.n, r.advice.n);
  }
}

static void refused(void **state) {
  (void)state;
  static const struct {
    const char *text;
    Err e;
  } bad[] = { { "", E_UNREADABLE },  { "{", E_UNREADABLE },
              { "{}", E_FORMAT },    { "[]", E_FORMAT },
              { "{\"document\":{\"csaf_version\":2}}", E_FORMAT }, { "{\"document\":[]}", E_FORMAT } };
  for (size_t i = 0; i < COUNT(bad); i++) {
    AUTO(Cx) cx = cx_new(64u << 20);
    CsafReport r;
    assert_int_equal(csaf_check(&cx, str_of(bad[i].text), &r), bad[i].e);
  }
}

/* ---- the published suite ------------------------------------------------------------------------------- */

static Str read_in(Cx *cx, const char *data, Str name) {
  Str bytes = STR_NONE;
  Str path = str_fmt(cx->arena, "%s/adv/csaf-oasis/csaf_2.0/test/validator/data/%.*s", data, STR(name));
  return file_read(cx, path.p, 1 << 20, &bytes) == E_OK ? bytes : STR_NONE;
}

static size_t judge(Cx *cx, const char *data, JVal *list, Str test, bool valid, size_t *wrong) {
  size_t n = 0;
  JSON_EACH(t, list) {
    CsafReport r = { 0 };
    Str name = json_text(t, "name");
    assert_int_equal(csaf_check_parse(cx, read_in(cx, data, name), &r), E_OK);
    n++;
    if (has_fault(&r, test) != valid) continue;
    ++*wrong;
    print(name, &r);
  }
  return n;
}

static void published(void **state) {
  (void)state;
  const char *data = getenv("PROOFLINE_DATA");
  AUTO(Cx) cx = cx_new(1u << 30);
  JVal *root;
  size_t n = 0, wrong = 0;
  Str index = data ? read_in(&cx, data, S("testcases.json")) : STR_NONE;
  if (!index.n) {
    print_message("skipped: the validator suite is not in PROOFLINE_DATA\n");
    skip();
  }
  assert_int_equal(json_read(&cx, index, &JSON_DOCUMENT, &root), E_OK);
  JSON_EACH(t, json_get(root, "tests")) {
    Str test = json_text(t, "id");
    if (str_find(csaf_unchecked(S("2.0")), test) != SIZE_MAX) continue;
    n += judge(&cx, data, json_get(t, "failures"), test, false, &wrong);
    n += judge(&cx, data, json_get(t, "valid"), test, true, &wrong);
  }
  print_message("%zu documents of the validator suite\n", n);
  assert_true(n > 200);
  assert_int_equal(wrong, 0);
}

int main(void) {
  const struct CMUnitTest tests[] = { cmocka_unit_test(single_faults), cmocka_unit_test(refused),
                                      cmocka_unit_test(published) };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
