/* Ranges of package managers as vers: the published vectors when PROOFLINE_DATA names their folder. */
#include "vuln/vers_native.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <cmocka.h>
#undef fail

static const char *data_folder(void) {
  const char *folder = getenv("PROOFLINE_DATA");
  if (!folder || !*folder) { printf("skipped: PROOFLINE_DATA does not name the data folder\n"); skip(); }
  return folder;
}

static JVal *json_of(Cx *cx, const char *path) {
  Str text;
  JVal *root = NULL;
  assert_int_equal(file_read(cx, path, 64u << 20, &text), E_OK);
  assert_int_equal(json_read(cx, text, &JSON_DOCUMENT, &root), E_OK);
  return root;
}

/* vers_reviewed.data: lines "set<TAB>range<TAB>version or expected range<TAB>reason". */
static Map reviewed(Cx *cx) {
  Map lines = map_new(cx->arena, 64);
  Str rest, line;
  assert_int_equal(file_read(cx, VULN_DIR "/vers_reviewed.data", 1u << 20, &rest), E_OK);
  while (str_line(&rest, &line)) {
    if (!line.n || *line.p == '#') continue;
    size_t tab = str_rfind_char(line, '\t');
    assert_true(tab != SIZE_MAX && line.n - tab > 20);
    map_put(&lines, str_slice(line, 0, tab), 1);
  }
  return lines;
}

typedef struct Tally { Cx *cx; Map known; const char *set; size_t passed, reviewed, wrong; } Tally;

static void count(Tally *t, bool good, Str range, Str other, Str got) {
  Str line = str_fmt(t->cx->arena, "%s\t%.*s\t%.*s", t->set, STR(range), STR(other));
  if (good) t->passed++;
  else if (map_get(&t->known, line) != MAP_NONE) t->reviewed++;
  else if (++t->wrong) printf("%.*s\tgot %.*s\n", STR(line), STR(got));
}

static void tell(const Tally *t) {
  printf("  %-30s %6zu passed, %zu reviewed, %zu wrong\n", t->set, t->passed, t->reviewed, t->wrong);
  assert_int_equal(t->wrong, 0);
  assert_true(t->passed > 0);
}

static Str native(Cx *cx, Scheme scheme, Str range) {
  Str got;
  if (vers_from_native(cx, scheme, range, &got) == E_OK) return got;
  got = str_fmt(cx->arena, "? %.*s", STR(cx->words));
  cx_forgive(cx);
  return got;
}

static void from_native(void **state) {
  (void)state;
  static const char *const sets[] = { "openssl", "nuget" };
  const char *folder = data_folder();
  AUTO(Cx) cx = cx_new(64u << 20);
  for (size_t i = 0; i < COUNT(sets); i++) {
    Tally t = { .cx = &cx, .known = reviewed(&cx), .set = sets[i] };
    const char *path =
        str_fmt(cx.arena, "%s/version/vers-spec/tests/%s_range_from_native_test.json", folder, sets[i]).p;
    JSON_EACH(test, json_get(json_of(&cx, path), "tests")) {
      JVal *in = json_get(test, "input");
      Scheme scheme;
      assert_true(scheme_find(json_text(in, "scheme"), &scheme));
      Str range = json_text(in, "native_range"), want = json_text(test, "expected_output"),
          got = native(&cx, scheme, range);
      count(&t, str_eq(got, want), range, want, got);
    }
    tell(&t);
  }
}

/* "yes", "no", or "?" with the reason. */
static Str holds(Cx *cx, Str range, Str version) {
  bool yes = false;
  if (!str_starts(range, S("?")) && vers_holds(cx, range, version, &yes) == E_OK) return yes ? S("yes") : S("no");
  cx_forgive(cx);
  return S("?");
}

static void npm_contains(void **state) {
  (void)state;
  const char *folder = data_folder();
  AUTO(Cx) cx = cx_new(64u << 20);
  for (int in = 0; in < 2; in++) {
    Tally t = { .cx = &cx, .known = reviewed(&cx), .set = in ? "range-include" : "range-exclude" };
    JSON_EACH(test, json_of(&cx, str_fmt(cx.arena, "%s/version/node-semver/%s.json", folder, t.set).p)) {
      Str range = json_str(yyjson_arr_get(test, 0)), version = json_str(yyjson_arr_get(test, 1));
      Str as_vers = native(&cx, SCHEME_NPM, range), answer = holds(&cx, as_vers, version);
      count(&t, in ? str_eq(answer, S("yes")) : !str_eq(answer, S("yes")), range, version, as_vers);
    }
    tell(&t);
  }
}

/* A range and what npm rewrites it to are one range; null is refused. */
static void npm_rewrites(void **state) {
  (void)state;
  const char *folder = data_folder();
  AUTO(Cx) cx = cx_new(64u << 20);
  Tally t = { .cx = &cx, .known = reviewed(&cx), .set = "range-parse" };
  JSON_EACH(test, json_of(&cx, str_fmt(cx.arena, "%s/version/node-semver/range-parse.json", folder).p)) {
    Str range = json_str(yyjson_arr_get(test, 0)), want = json_str(yyjson_arr_get(test, 1));
    Str got = native(&cx, SCHEME_NPM, range);
    bool refused = str_starts(got, S("?"));
    if (yyjson_is_null(yyjson_arr_get(test, 1))) count(&t, refused, range, S("null"), got);
    else count(&t, !refused && str_eq(got, native(&cx, SCHEME_NPM, want)), range, want, got);
  }
  tell(&t);
}

/* Two ranges have a version in common, or none. */
static void npm_meets(void **state) {
  (void)state;
  static const char *const sets[] = { "comparator-intersection", "range-intersection" };
  const char *folder = data_folder();
  AUTO(Cx) cx = cx_new(64u << 20);
  for (size_t i = 0; i < COUNT(sets); i++) {
    Tally t = { .cx = &cx, .known = reviewed(&cx), .set = sets[i] };
    JSON_EACH(test, json_of(&cx, str_fmt(cx.arena, "%s/version/node-semver/%s.json", folder, t.set).p)) {
      VersSet a = { 0 }, b = { 0 };
      Str left = json_str(yyjson_arr_get(test, 0)), right = json_str(yyjson_arr_get(test, 1));
      assert_int_equal(vers_native_set(&cx, SCHEME_NPM, left, &a), E_OK);
      assert_int_equal(vers_native_set(&cx, SCHEME_NPM, right, &b), E_OK);
      assert_int_equal(vers_set_meet(&cx, SCHEME_NPM, &a, &b, &a), E_OK);
      bool want = yyjson_get_bool(yyjson_arr_get(test, 2));
      count(&t, want == (a.n > 0), left, right, vers_set_write(&cx, SCHEME_NPM, &a));
    }
    tell(&t);
  }
}

/* The case lists of one published test of Python's specifiers. */
static JVal *pypi_cases(Cx *cx, const char *name) {
  JVal *root = json_of(cx, str_fmt(cx->arena, "%s/version/pep440/specifiers.json", data_folder()).p);
  return json_get(yyjson_arr_get(json_get(json_get(root, "parametrized"), name), 0), "cases");
}

static void pypi_specifiers(void **state) {
  (void)state;
  static const struct { const char *set; size_t range, version; } sets[] = {
    { "test_boundary_closure_short_release", 0, 1 },
    { "test_contains_post_release_boundary_intersection", 0, 1 },
    { "test_comparison_ignores_local", 1, 0 },
  };
  AUTO(Cx) cx = cx_new(64u << 20);
  Tally bad = { .cx = &cx, .known = reviewed(&cx), .set = "test_specifiers_invalid" };
  JSON_EACH(test, pypi_cases(&cx, bad.set)) {
    Str got = native(&cx, SCHEME_PYPI, json_str(test));
    count(&bad, str_starts(got, S("?")), json_str(test), STR_NONE, got);
  }
  for (size_t i = 0; i < COUNT(sets); i++) {
    Tally t = { .cx = &cx, .known = reviewed(&cx), .set = sets[i].set };
    JSON_EACH(test, pypi_cases(&cx, t.set)) {
      Str range = json_str(yyjson_arr_get(test, sets[i].range)),
          version = json_str(yyjson_arr_get(test, sets[i].version));
      Str as_vers = native(&cx, SCHEME_PYPI, range), answer = holds(&cx, as_vers, version);
      count(&t, str_eq(answer, yyjson_get_bool(yyjson_arr_get(test, 2)) ? S("yes") : S("no")), range, version, as_vers);
    }
    tell(&t);
  }
  tell(&bad);
}

/* Whatever stands there: an answer or a reason, and an answer is a canonical range. */
static void any_text(void **state) {
  (void)state;
  static const char letters[] = "0123.x*^~<>=!|, -[]()v+a:";
  AUTO(Cx) cx = cx_new(8u << 20);
  uint64_t seed = 7;
  size_t answers = 0;
  for (unsigned s = 0; s < SCHEME_COUNT; s++) {
    for (int round = 0; round < 4000 && s != SCHEME_NONE; round++) {
      char text[16];
      size_t n = (seed >> 33) % sizeof text;
      for (size_t i = 0; i < n; i++) {
        seed = seed * 6364136223846793005u + 1442695040888963407u;
        text[i] = letters[(seed >> 33) % (sizeof letters - 1)];
      }
      Str got, again;
      if (vers_from_native(&cx, (Scheme)s, (Str){ text, n }, &got) == E_OK) {
        answers++;
        if (vers_canonical(&cx, got, &again) != E_OK || !str_eq(got, again))
          print_message("%.*s: %.*s: %.*s\n", (int)n, text, STR(got), STR(cx.words));
        assert_true(str_eq(got, again));
      }
      cx_reset(&cx);
    }
  }
  assert_true(answers > 1000);
}

int main(void) {
  const struct CMUnitTest tests[] = { cmocka_unit_test(from_native),     cmocka_unit_test(npm_contains),
                                      cmocka_unit_test(npm_rewrites),    cmocka_unit_test(npm_meets),
                                      cmocka_unit_test(pypi_specifiers), cmocka_unit_test(any_text) };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
