/* Orders of versions: our own lines, and the published vectors when PROOFLINE_DATA names their folder. */
#include "vuln/inside.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>
#undef fail

static Str file_text(Cx *cx, const char *path) {
  Str text = STR_NONE;
  assert_int_equal(file_read(cx, path, 64u << 20, &text), E_OK);
  return text;
}

/* Published vectors that we answer otherwise: lines "set<TAB>scheme<TAB>A<TAB>expected<TAB>B<TAB>reason",
 * or "set<TAB>?<TAB>n<TAB>reason": exactly n vectors of the set hold a version that the scheme does not allow. */
typedef struct Reviewed { Map pair, refused; } Reviewed;

static Reviewed reviewed(Cx *cx) {
  Reviewed r = { map_new(cx->arena, 64), map_new(cx->arena, 64) };
  Str rest = file_text(cx, VULN_DIR "/version_reviewed.data"), line;
  while (str_line(&rest, &line)) {
    if (!line.n || *line.p == '#') continue;
    size_t tab = str_rfind_char(line, '\t');
    assert_true(tab != SIZE_MAX && line.n - tab > 20);
    Str head = str_slice(line, 0, tab), set, tail;
    str_cut(head, '\t', &set, &tail);
    int64_t n;
    if (!str_starts(tail, S("?\t"))) map_put(&r.pair, head, 1);
    else if (str_int(str_slice(tail, 2, tail.n), &n)) map_put(&r.refused, set, (size_t)n);
  }
  return r;
}

typedef struct Tally { const char *set; size_t passed, wrong, reviewed, refused; } Tally;

static void check(Cx *cx, const Reviewed *known, Tally *t, Scheme s, Str a, char want, Str b) {
  static const char opposite[] = { ['<'] = '>', ['>'] = '<', ['='] = '=', ['?'] = '?' };
  char got = version_compare(s, a, b), back = version_compare(s, b, a);
  assert_int_equal(back, opposite[(unsigned char)got]);                      /* antisymmetric, always */
  if (got == want) { t->passed++; return; }
  Str line = str_fmt(cx->arena, "%s\t%s\t%.*s\t%c\t%.*s", t->set, scheme_name(s), STR(a), want, STR(b));
  if (map_get(&known->pair, line) != MAP_NONE) { t->reviewed++; return; }
  if (got == '?' && map_get(&known->refused, str_of(t->set)) != MAP_NONE) { t->refused++; return; }
  t->wrong++;
  if (t->wrong <= 40) printf("%.*s\tgot %c\n", STR(line), got);
}

/* The number of vectors that neither pass nor stand in the reviewed list. */
static size_t tell(const Reviewed *known, const Tally *t) {
  size_t refused = map_get(&known->refused, str_of(t->set));
  printf("  %-30s %6zu passed, reviewed: %zu otherwise, %zu refused; %zu wrong\n", t->set, t->passed, t->reviewed,
         t->refused, t->wrong);
  assert_int_equal(t->refused, refused == MAP_NONE ? 0 : refused);
  return t->wrong;
}

static void own_lines(void **state) {
  (void)state;
  AUTO(Cx) cx = cx_new(64u << 20);
  Reviewed none = { map_new(cx.arena, 1), map_new(cx.arena, 1) };
  Tally t = { .set = "version.data" };
  Str rest = file_text(&cx, VULN_DIR "/version.data"), line;
  while (str_line(&rest, &line)) {
    if (!line.n || *line.p == '#') continue;
    Str scheme, a, op, b;
    str_cut(line, ' ', &scheme, &line);
    str_cut(line, ' ', &a, &line);
    str_cut(line, ' ', &op, &b);
    Scheme s;
    assert_true(scheme_find(scheme, &s));
    check(&cx, &none, &t, s, a, *op.p, b);
  }
  assert_int_equal(tell(&none, &t), 0);
  assert_true(t.passed > 100);
}

static const char *data_folder(void) {
  const char *folder = getenv("PROOFLINE_DATA");
  if (!folder || !*folder) { printf("skipped: PROOFLINE_DATA does not name the data folder\n"); skip(); }
  return folder;
}

static void osv_semantic(void **state) {
  (void)state;
  static const struct { const char *file; Scheme scheme;
  } sets[] = {
    { "alpine-versions", SCHEME_APK },
    { "alpine-versions-generated", SCHEME_APK },
    { "cran-versions", SCHEME_CRAN },
    { "cran-versions-generated", SCHEME_CRAN },
    { "debian-versions", SCHEME_DEB },
    { "debian-versions-generated", SCHEME_DEB },
    { "hackage-versions", SCHEME_HACKAGE },
    { "maven-versions", SCHEME_MAVEN },
    { "maven-versions-generated", SCHEME_MAVEN },
    { "nuget-versions", SCHEME_NUGET },
    { "packagist-versions", SCHEME_COMPOSER },
    { "packagist-versions-generated", SCHEME_COMPOSER },
    { "pub-versions", SCHEME_PUB },
    { "pypi-versions", SCHEME_PYPI },
    { "pypi-versions-generated", SCHEME_PYPI },
    { "redhat-versions", SCHEME_RPM },
    { "rubygems-versions", SCHEME_GEM },
    { "rubygems-versions-generated", SCHEME_GEM },
    { "semver-versions", SCHEME_SEMVER },
  };
  const char *folder = data_folder();
  size_t wrong = 0;
  for (size_t i = 0; i < COUNT(sets); i++) {
    AUTO(Cx) cx = cx_new(64u << 20);
    Reviewed known = reviewed(&cx);
    Tally t = { .set = sets[i].file };
    Str rest = file_text(&cx, str_fmt(cx.arena, "%s/version/osv-semantic/%s.txt", folder, sets[i].file).p), line;
    while (str_line(&rest, &line)) {
      Str a, op, b;
      line = str_trim(line);
      if (!line.n || *line.p == '#' || str_starts(line, S("//"))) continue;
      str_cut(line, ' ', &a, &op);
      str_cut(op, ' ', &op, &b);
      check(&cx, &known, &t, sets[i].scheme, a, *op.p, str_trim(b));
    }
    wrong += tell(&known, &t);
  }
  assert_int_equal(wrong, 0);
}

static JVal *json_of(Cx *cx, const char *path) {
  JVal *root = NULL;
  assert_int_equal(json_read(cx, file_text(cx, path), &JSON_DOCUMENT, &root), E_OK);
  return root;
}

/* Of a comparison the expected order, ascending, every pair of it; neighbours may be equal. */
static void ascending(Cx *cx, const Reviewed *known, Tally *t, Scheme scheme, JVal *want) {
  size_t n = yyjson_arr_size(want);
  for (size_t i = 0; i < n; i++)
    for (size_t j = i + 1; j < n; j++) {
      Str a = json_str(yyjson_arr_get(want, i)), b = json_str(yyjson_arr_get(want, j));
      check(cx, known, t, scheme, a, version_compare(scheme, a, b) == '=' ? '=' : '<', b);
    }
}

static void vers_spec(void **state) {
  (void)state;
  static const struct { const char *set, *file; Scheme scheme;
  } sets[] = {
    { "alpine", "alpine_version_cmp_test", SCHEME_APK },
    { "maven", "maven_version_cmp_test", SCHEME_MAVEN },
    { "nuget", "nuget_version_cmp_test", SCHEME_NUGET },
    { "openssl", "openssl_version_cmp_test", SCHEME_OPENSSL },
    { "gentoo", "gentoo_version_cmp_test", SCHEME_GENTOO },
    { "datetime", "datetime_version_cmp_test", SCHEME_DATETIME },
    { "lexicographic", "lexicographic-test", SCHEME_LEXICOGRAPHIC },
  };
  const char *folder = data_folder();
  size_t wrong = 0;
  for (size_t i = 0; i < COUNT(sets); i++) {
    AUTO(Cx) cx = cx_new(64u << 20);
    Reviewed known = reviewed(&cx);
    Tally t = { .set = sets[i].set };
    Scheme scheme = sets[i].scheme;
    JVal *root = json_of(&cx, str_fmt(cx.arena, "%s/version/vers-spec/tests/%s.json", folder, sets[i].file).p);
    JSON_EACH(test, json_get(root, "tests")) {
      JVal *versions = json_get(json_get(test, "input"), "versions"), *want = json_get(test, "expected_output");
      Str a = json_str(yyjson_arr_get(versions, 0)), b = json_str(yyjson_arr_get(versions, 1));
      char got = version_compare(scheme, a, b);
      if (!str_eq(json_text(test, "test_type"), S("equality"))) ascending(&cx, &known, &t, scheme, want);
      else if (yyjson_get_bool(want)) check(&cx, &known, &t, scheme, a, '=', b);
      else check(&cx, &known, &t, scheme, a, got == '=' ? '<' : got, b);
    }
    wrong += tell(&known, &t);
  }
  assert_int_equal(wrong, 0);
}

static void node_semver(void **state) {
  (void)state;
  const char *folder = data_folder();
  AUTO(Cx) cx = cx_new(64u << 20);
  Reviewed known = reviewed(&cx);
  Tally t = { .set = "node-semver" };
  JVal *root = json_of(&cx, str_fmt(cx.arena, "%s/version/node-semver/comparisons.json", folder).p);
  JSON_EACH(pair, root)
    check(&cx, &known, &t, SCHEME_NPM, json_str(yyjson_arr_get(pair, 0)), '>', json_str(yyjson_arr_get(pair, 1)));
  root = json_of(&cx, str_fmt(cx.arena, "%s/version/node-semver/equality.json", folder).p);
  JSON_EACH(same, root)
    check(&cx, &known, &t, SCHEME_NPM, json_str(yyjson_arr_get(same, 0)), '=', json_str(yyjson_arr_get(same, 1)));
  assert_int_equal(tell(&known, &t), 0);
}

/* The numbers, the pre-release and the build that a version is read as make the same version again. */
static void npm_parts(void **state) {
  (void)state;
  const char *folder = data_folder();
  AUTO(Cx) cx = cx_new(64u << 20);
  size_t n = 0, refused = 0;
  JSON_EACH(test, json_of(&cx, str_fmt(cx.arena, "%s/version/node-semver/valid-versions.json", folder).p)) {
    Buf b = buf_new(cx.arena, 1024);
    for (size_t i = 1; i < 4; i++)
      buf_add(&b, str_fmt(cx.arena, "%s%lld", i > 1 ? "." : "", (long long)yyjson_get_sint(yyjson_arr_get(test, i))));
    for (size_t i = 4; i < 6; i++) {
      const char *before = i == 4 ? "-" : "+";
      JSON_EACH(id, yyjson_arr_get(test, i)) {
        buf_z(&b, before);
        if (yyjson_is_str(id)) buf_add(&b, json_str(id));
        else buf_add(&b, str_fmt(cx.arena, "%lld", (long long)yyjson_get_sint(id)));
        before = ".";
      }
    }
    assert_int_equal(version_compare(SCHEME_NPM, json_str(yyjson_arr_get(test, 0)), buf_str(&b)), '=');
    n++;
  }
  /* Numbers that JavaScript cannot hold are numbers here; what is no text at all cannot be asked. */
  JSON_EACH(test, json_of(&cx, str_fmt(cx.arena, "%s/version/node-semver/invalid-versions.json", folder).p)) {
    Str text = json_str(yyjson_arr_get(test, 0)), why = json_str(yyjson_arr_get(test, 1));
    bool big = str_eq(why, S("too big")) || text.n > 200;
    refused += !text.n || !version_is_valid(SCHEME_NPM, text);
    n += big;
    if (!big) assert_true(!text.n || !version_is_valid(SCHEME_NPM, text));
  }
  printf("  npm: %zu versions read, %zu refused\n", n, refused);
  assert_true(n > 20 && refused > 4);
}

static void pep440(void **state) {
  (void)state;
  const char *folder = data_folder();
  AUTO(Cx) cx = cx_new(256u << 20);
  Reviewed known = reviewed(&cx);
  Tally t = { .set = "pep440" };
  JVal *root = json_of(&cx, str_fmt(cx.arena, "%s/version/pep440/versions.json", folder).p);
  JVal *list = json_get(json_get(root, "constants"), "VERSIONS");      /* in ascending order */
  size_t n = yyjson_arr_size(list);
  assert_true(n > 50);
  for (size_t i = 0; i < n; i++)
    for (size_t j = i; j < n; j++)
      check(&cx, &known, &t, SCHEME_PYPI, json_str(yyjson_arr_get(list, i)), i == j ? '=' : '<',
            json_str(yyjson_arr_get(list, j)));
  assert_int_equal(tell(&known, &t), 0);
}

/* Random strings: a key orders as the comparison does, and order is transitive wherever a key exists. */
static void keys_agree(void **state) {
  (void)state;
  static const char letters[] = "0011223.-~+_^:abcrpvZ";
  AUTO(Cx) cx = cx_new(64u << 20);
  uint64_t seed = 42;
  for (unsigned s = 0; s < SCHEME_COUNT; s++) {
    for (int round = 0; round < 20000; round++) {
      Str v[2], key[2];
      ArenaMark mark = arena_mark(cx.arena);
      for (int i = 0; i < 2; i++) {
        char *p = arena_alloc(cx.arena, 12);
        size_t n = 1 + (seed >> 33) % 8;
        for (size_t j = 0; j < n; j++) {
          seed = seed * 6364136223846793005u + 1442695040888963407u;
          p[j] = letters[(seed >> 33) % (sizeof letters - 1)];
        }
        v[i] = (Str){ p, n };
      }
      char got = version_compare((Scheme)s, v[0], v[1]);
      if (scheme_has_key((Scheme)s) && got != '?') {
        assert_true(version_key(cx.arena, (Scheme)s, v[0], &key[0]) &&
                    version_key(cx.arena, (Scheme)s, v[1], &key[1]));
        int d = key_cmp(key[0], key[1]);
        assert_int_equal(got, d < 0 ? '<' : d > 0 ? '>' : '=');
      }
      arena_release(cx.arena, mark);
    }
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(own_lines), cmocka_unit_test(osv_semantic), cmocka_unit_test(vers_spec),
    cmocka_unit_test(node_semver), cmocka_unit_test(npm_parts),  cmocka_unit_test(pep440), cmocka_unit_test(keys_agree),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
