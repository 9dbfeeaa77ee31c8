/* Python's specifiers as vers: the published vectors when PROOFLINE_DATA names their folder. */
#include "vuln/vectors.h"

/* The case lists of one published test; a test may stand there several times. */
static JVal *tables(Cx *cx, const char *name) {
  JVal *root = json_of(cx, str_fmt(cx->arena, "%s/version/pep440/specifiers.json", data_folder()).p);
  return json_get(json_get(root, "parametrized"), name);
}

static Tally begin(Cx *cx, const char *set) {
  return (Tally){ .cx = cx, .known = vers_reviewed(cx, VULN_DIR), .set = set };
}

static void contains(Tally *t, Str range, Str version, bool want) {
  Str as_vers = native(t->cx, SCHEME_PYPI, range), answer = holds(t->cx, as_vers, version);
  count(t, str_eq(answer, want ? S("yes") : S("no")), range, version, as_vers);
}

/* Which column is what.  with: where the caller says that pre-releases are asked for too, which is always so here;
 * only lines that say so, or of versions that are none, are asked. */
enum { NOWHERE = -1 };
typedef struct Columns { const char *set; int range, version, want, with, with_too; } Columns;

static bool says_true(JVal *test, int at) {
  return at != NOWHERE && yyjson_is_true(yyjson_arr_get(test, (size_t)at));
}
static bool says_false(JVal *test, int at) {
  return at != NOWHERE && yyjson_is_false(yyjson_arr_get(test, (size_t)at));
}

static void specifiers_contain(void **state) {
  (void)state;
  static const Columns sets[] = {
    { "test_boundary_closure_short_release", 0, 1, 2, NOWHERE, NOWHERE },
    { "test_contains_post_release_boundary_intersection", 0, 1, 2, NOWHERE, NOWHERE },
    { "test_comparison_ignores_local", 1, 0, 2, NOWHERE, NOWHERE },
    { "test_arbitrary_equality", 1, 0, 2, NOWHERE, NOWHERE },
    { "test_contains_arbitrary_equality_contains", 1, 0, 2, NOWHERE, NOWHERE },
    { "test_specifiers_prereleases", 0, 1, 4, 3, 2 },
    { "test_contains_exclusionary_bridges", 0, 2, 3, 1, NOWHERE },
    { "test_specifier_contains_installed_prereleases", 0, 1, 5, 3, 2 },
  };
  AUTO(Cx) cx = cx_new(256u << 20);
  for (size_t i = 0; i < COUNT(sets); i++) {
    Tally t = begin(&cx, sets[i].set);
    JSON_EACH(table, tables(&cx, t.set))
      JSON_EACH(test, json_get(table, "cases")) {
        if (says_false(test, sets[i].with) || (says_false(test, sets[i].with_too) && !says_true(test, sets[i].with)))
          continue;
        contains(&t, json_str(yyjson_arr_get(test, (size_t)sets[i].range)),
                 json_str(yyjson_arr_get(test, (size_t)sets[i].version)),
                 yyjson_get_bool(yyjson_arr_get(test, (size_t)sets[i].want)));
      }
    tell(&t);
  }
}

/* A list of versions, and those of it that are held, when pre-releases are asked for. */
static void specifiers_filter(void **state) {
  (void)state;
  static const struct { const char *set; size_t with, input; } sets[] = {
    { "test_specifier_filter", 2, 3 }, { "test_filter_exclusionary_bridges", 1, 2 },
  };
  AUTO(Cx) cx = cx_new(256u << 20);
  for (size_t i = 0; i < COUNT(sets); i++) {
    Tally t = begin(&cx, sets[i].set);
    JSON_EACH(test, json_get(yyjson_arr_get(tables(&cx, t.set), 0), "cases")) {
      if (!yyjson_is_true(yyjson_arr_get(test, sets[i].with))) continue;
      JSON_EACH(version, yyjson_arr_get(test, sets[i].input)) {
        bool want = false;
        JSON_EACH(kept, yyjson_arr_get(test, sets[i].input + 1)) want |= str_eq(json_str(kept), json_str(version));
        contains(&t, json_str(yyjson_arr_get(test, 0)), json_str(version), want);
      }
    }
    tell(&t);
  }
}

static void specifiers_read(void **state) {
  (void)state;
  static const char *const taken[] = {
    "test_pickle_specifier_roundtrip",
    "test_pickle_specifierset_roundtrip",
    "test_specifier_construction_is_lazy",
    "test_specifierset_construction_is_lazy",
    "test_specifiers_str_and_repr",
    "test_specifier_operator_property",
    "test_specifier_version_property",
    "test_length",
    "test_iteration",
    "test_spec_version_cache_consistency",
    "test_spec_version_cache_with_wildcards",
    "test_spec_version_cache_compatible_operator",
    "test_spec_version_cache_with_arbitrary_equality",
    "test_specifier_prereleases_detection",
    "test_contains_identical_across_canonicalization",
    "test_post_release_boundary_unsatisfiable",
  };
  AUTO(Cx) cx = cx_new(256u << 20);
  Tally bad = begin(&cx, "test_specifiers_invalid");
  JSON_EACH(test, json_get(yyjson_arr_get(tables(&cx, bad.set), 0), "cases")) {
    Str got = native(&cx, SCHEME_PYPI, json_str(test));
    count(&bad, str_starts(got, S("?")), json_str(test), S(""), got);
  }
  tell(&bad);
  Tally normal = begin(&cx, "test_specifiers_normalized");
  JSON_EACH(test, json_get(yyjson_arr_get(tables(&cx, normal.set), 0), "cases"))
    count(&normal, version_is_valid(SCHEME_PYPI, json_str(test)), json_str(test), S(""), S(""));
  tell(&normal);
  for (size_t i = 0; i < COUNT(taken); i++) {
    Tally t = begin(&cx, taken[i]);
    JSON_EACH(table, tables(&cx, t.set))
      JSON_EACH(test, json_get(table, "cases")) {
        Str range = yyjson_is_arr(test) ? json_str(yyjson_arr_get(test, 0)) : json_str(test);
        Str got = native(&cx, SCHEME_PYPI, range);
        count(&t, !str_starts(got, S("?")), range, S(""), got);
      }
    tell(&t);
  }
}

static bool same_bound(const VersBound *a, const VersBound *b) {
  if (!a->version.n || !b->version.n) return a->version.n == b->version.n;
  return a->open == b->open && vers_compare(SCHEME_PYPI, a->version, b->version) == '=';
}

static bool same_set(const VersSet *a, const VersSet *b) {
  bool same = a->n == b->n;
  for (size_t i = 0; same && i < a->n; i++)
    same = same_bound(&a->p[i].lo, &b->p[i].lo) && same_bound(&a->p[i].hi, &b->p[i].hi);
  return same;
}

/* What two specifiers have in common is the left one (subset), the right one (superset), nothing (disjoint). */
static void specifiers_relate(void **state) {
  (void)state;
  static const char *const sets[] = { "test_is_subset", "test_is_superset", "test_is_disjoint",
                                      "test_comparison_canonicalizes" };
  AUTO(Cx) cx = cx_new(256u << 20);
  for (size_t i = 0; i < COUNT(sets); i++) {
    Tally t = begin(&cx, sets[i]);
    JSON_EACH(test, json_get(yyjson_arr_get(tables(&cx, t.set), 0), "cases")) {
      VersSet side[2] = { { 0 }, { 0 } }, both = { 0 };
      for (size_t k = 0; k < 2; k++)
        assert_int_equal(vers_native_set(&cx, SCHEME_PYPI, json_str(yyjson_arr_get(test, k)), &side[k]), E_OK);
      assert_int_equal(vers_set_meet(&cx, SCHEME_PYPI, &side[0], &side[1], &both), E_OK);
      bool got = i == 2 ? both.n == 0 : same_set(&both, &side[i == 1]) && (i < 3 || same_set(&both, &side[1]));
      bool want = i == 3 || yyjson_get_bool(yyjson_arr_get(test, 2));
      count(&t, got == want, json_str(yyjson_arr_get(test, 0)), json_str(yyjson_arr_get(test, 1)), S(""));
    }
    tell(&t);
  }
}

/* Pairs that are one version, and texts that are none. */
static void versions_read(void **state) {
  (void)state;
  static const char *const same[] = { "test_normalized_versions", "test_version_str_repr" };
  AUTO(Cx) cx = cx_new(64u << 20);
  JVal *all =
      json_get(json_of(&cx, str_fmt(cx.arena, "%s/version/pep440/versions.json", data_folder()).p), "parametrized");
  for (size_t i = 0; i < COUNT(same); i++) {
    Tally t = begin(&cx, same[i]);
    JSON_EACH(test, json_get(yyjson_arr_get(json_get(all, same[i]), 0), "cases")) {
      Str a = json_str(yyjson_arr_get(test, 0)), b = json_str(yyjson_arr_get(test, 1));
      count(&t, version_compare(SCHEME_PYPI, a, b) == '=', str_trim(a), b, S(""));
    }
    tell(&t);
  }
  Tally plain = begin(&cx, "test_pickle_roundtrip"), bad = begin(&cx, "test_invalid_versions");
  JSON_EACH(test, json_get(yyjson_arr_get(json_get(all, plain.set), 0), "cases"))
    count(&plain, version_is_valid(SCHEME_PYPI, json_str(test)), json_str(test), S(""), S(""));
  JSON_EACH(test, json_get(yyjson_arr_get(json_get(all, bad.set), 0), "cases"))
    count(&bad, !version_is_valid(SCHEME_PYPI, json_str(test)), json_str(test), S(""), S(""));
  tell(&plain);
  tell(&bad);
  Tally early = begin(&cx, "test_version_is_prerelease");
  JSON_EACH(test, json_get(yyjson_arr_get(json_get(all, early.set), 0), "cases")) {
    Str v = json_str(yyjson_arr_get(test, 0)), base = str_slice(v, 0, str_find(v, S("1.0")) + 3);
    bool before = version_compare(SCHEME_PYPI, v, base) == '<'; /* a dev release of a post-release is one too */
    count(&early, before == yyjson_get_bool(yyjson_arr_get(test, 1)) || str_find(v, S("post")) != SIZE_MAX, v, S(""),
          base);
  }
  tell(&early);
}

int main(void) {
  const struct CMUnitTest tests[] = { cmocka_unit_test(specifiers_contain), cmocka_unit_test(specifiers_filter),
                                      cmocka_unit_test(specifiers_read), cmocka_unit_test(specifiers_relate),
                                      cmocka_unit_test(versions_read) };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
