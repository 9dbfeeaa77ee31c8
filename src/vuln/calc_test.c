/* Calculators over lines: calc.data, and the published vers ranges when PROOFLINE_DATA names their folder. */
#include "vuln/inside.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <cmocka.h>
#undef fail

/* "\t" becomes a tab; everything else stays. */
static Str with_tabs(Arena *a, Str s) {
  size_t at = str_find(s, S("\\t"));
  if (at == SIZE_MAX) return s;
  return str_fmt(a, "%.*s\t%.*s", STR(str_slice(s, 0, at)), STR(str_slice(s, at + 2, s.n)));
}

static void own_lines(void **state) {
  (void)state;
  AUTO(Cx) cx = cx_new(64u << 20);
  Str rest, line;
  size_t wrong = 0, n = 0;
  assert_int_equal(file_read(&cx, VULN_DIR "/calc.data", 1u << 20, &rest), E_OK);
  while (str_line(&rest, &line)) {
    Str what, input;
    if (!line.n || *line.p == '#') continue;
    str_cut(line, '\t', &what, &line);
    str_cut(line, '\t', &input, &line);
    Buf out = buf_new(cx.arena, 1u << 20);
    Str scheme;
    if (!str_cut(what, ' ', &what, &scheme) && str_eq(what, S("version"))) scheme = S("generic");
    assert_int_equal(calc_lines(&cx, what, scheme, with_tabs(cx.arena, input), &out), E_OK);
    Str got = str_trim(buf_str(&out));
    n++;
    if (str_eq(got, line)) continue;
    wrong++;
    print_message("%.*s %.*s\n  got  %.*s\n  want %.*s\n", STR(what), STR(input), STR(got), STR(line));
  }
  assert_int_equal(wrong, 0);
  assert_true(n > 25);
}

static void wrong_use(void **state) {
  (void)state;
  AUTO(Cx) cx = cx_new(1u << 20);
  Buf out = buf_new(cx.arena, 1024);
  assert_int_equal(calc_lines(&cx, S("version"), S("debb"), S("1\t2"), &out), E_USAGE);
  assert_true(str_find(cx.words, S("deb?")) != SIZE_MAX);
  cx_forgive(&cx);
  assert_int_equal(calc_lines(&cx, S("abacus"), STR_NONE, S("1"), &out), E_USAGE);
}

static void published_ranges(void **state) {
  (void)state;
  static const char *const files[] = { "npm_range_containment_test", "pypi_range_containment_test" };
  const char *folder = getenv("PROOFLINE_DATA");
  if (!folder || !*folder) { printf("skipped: PROOFLINE_DATA does not name the data folder\n"); skip(); }
  AUTO(Cx) cx = cx_new(64u << 20);
  size_t n = 0;
  for (size_t i = 0; i < COUNT(files); i++) {
    Str text;
    JVal *root;
    assert_int_equal(file_read(&cx, str_fmt(cx.arena, "%s/version/vers-spec/tests/%s.json", folder, files[i]).p,
                               1u << 20, &text),
                     E_OK);
    assert_int_equal(json_read(&cx, text, &JSON_DOCUMENT, &root), E_OK);
    JSON_EACH(test, json_get(root, "tests")) {
      JVal *in = json_get(test, "input");
      bool holds = false;
      assert_int_equal(vers_holds(&cx, json_text(in, "vers"), json_text(in, "version"), &holds), E_OK);
      assert_int_equal(holds, json_bool(test, "expected_output", !holds));
      n++;
    }
  }
  printf("  vers containment: %zu passed\n", n);
  assert_true(n > 8);
}

/* Each reads as the scheme and constraints that are published, or is refused. */
static void published_canonical(void **state) {
  (void)state;
  const char *folder = getenv("PROOFLINE_DATA");
  if (!folder || !*folder) { printf("skipped: PROOFLINE_DATA does not name the data folder\n"); skip(); }
  AUTO(Cx) cx = cx_new(64u << 20);
  size_t taken = 0, refused = 0;
  Str text, got = STR_NONE;
  JVal *root;
  const char *path = str_fmt(cx.arena, "%s/version/vers-spec/tests/vers_canonical_parse_test.json", folder).p;
  assert_int_equal(file_read(&cx, path, 1u << 20, &text), E_OK);
  assert_int_equal(json_read(&cx, text, &JSON_DOCUMENT, &root), E_OK);
  JSON_EACH(test, json_get(root, "tests")) {
    Str range = json_text(test, "input");
    bool fails = json_bool(test, "expected_failure", false);
    assert_int_equal(vers_canonical(&cx, range, &got), fails ? E_INVALID : E_OK);
    cx_forgive(&cx);
    refused += fails;
    taken += !fails;
    if (fails) continue;
    JVal *want = json_get(test, "expected_output");
    VersParts parts = { 0 };
    JSON_EACH(one, json_get(want, "version_constraints")) {
      VersPart part = { .version = json_str(yyjson_arr_get(one, 1)) };
      Str op = json_str(yyjson_arr_get(one, 0));
      part.op[0] = *op.p;
      part.op[1] = op.n > 1 ? op.p[1] : 0;
      vec_add(cx.arena, &parts, part);
    }
    Str written = vers_write(cx.arena, json_text(want, "scheme"), &parts);
    if (!str_eq(written, got)) print_message("got %.*s, want %.*s\n", STR(got), STR(written));
    assert_true(str_eq(written, got) && str_eq(written, range));
  }
  printf("  vers canonical: %zu taken, %zu refused\n", taken, refused);
  assert_true(taken > 1 && refused > 8);
}

int main(void) {
  const struct CMUnitTest tests[] = { cmocka_unit_test(own_lines), cmocka_unit_test(wrong_use),
                                      cmocka_unit_test(published_ranges),
                                      cmocka_unit_test(published_canonical) };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
