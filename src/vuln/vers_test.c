/* Ranges of package managers as vers: the published vectors when PROOFLINE_DATA names their folder. */
#include "vuln/vectors.h"

static void from_native(void **state) {
  (void)state;
  static const char *const sets[] = { "openssl_range_from_native_test", "nuget_range_from_native_test" };
  const char *folder = data_folder();
  AUTO(Cx) cx = cx_new(64u << 20);
  for (size_t i = 0; i < COUNT(sets); i++) {
    Tally t = { .cx = &cx, .known = vers_reviewed(&cx, VULN_DIR), .set = sets[i] };
    const char *path = str_fmt(cx.arena, "%s/version/vers-spec/tests/%s.json", folder, sets[i]).p;
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

static void npm_contains(void **state) {
  (void)state;
  const char *folder = data_folder();
  AUTO(Cx) cx = cx_new(64u << 20);
  for (int in = 0; in < 2; in++) {
    Tally t = { .cx = &cx, .known = vers_reviewed(&cx, VULN_DIR), .set = in ? "range-include" : "range-exclude" };
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
  Tally t = { .cx = &cx, .known = vers_reviewed(&cx, VULN_DIR), .set = "range-parse" };
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
    Tally t = { .cx = &cx, .known = vers_reviewed(&cx, VULN_DIR), .set = sets[i] };
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

/* A version above (below) every version of a range, or not. */
static void npm_beside(void **state) {
  (void)state;
  static const struct { const char *set; bool above, want; } sets[] = {
    { "version-gt-range", true, true }, { "version-not-gt-range", true, false },
    { "version-lt-range", false, true }, { "version-not-lt-range", false, false },
  };
  const char *folder = data_folder();
  AUTO(Cx) cx = cx_new(64u << 20);
  for (size_t i = 0; i < COUNT(sets); i++) {
    Tally t = { .cx = &cx, .known = vers_reviewed(&cx, VULN_DIR), .set = sets[i].set };
    JSON_EACH(test, json_of(&cx, str_fmt(cx.arena, "%s/version/node-semver/%s.json", folder, t.set).p)) {
      Str range = json_str(yyjson_arr_get(test, 0)), version = json_str(yyjson_arr_get(test, 1));
      VersSet set = { 0 };
      assert_int_equal(vers_native_set(&cx, SCHEME_NPM, range, &set), E_OK);
      VersBound end = !set.n ? (VersBound){ 0 } : sets[i].above ? set.p[set.n - 1].hi : set.p[0].lo;
      char c = end.version.n ? vers_compare(SCHEME_NPM, version, end.version) : '?';
      bool beside = c == (sets[i].above ? '>' : '<') || (c == '=' && end.open);
      count(&t, beside == sets[i].want, range, version, vers_set_write(&cx, SCHEME_NPM, &set));
    }
    tell(&t);
  }
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
                                      cmocka_unit_test(npm_beside),      cmocka_unit_test(any_text) };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
