/* Package URLs: our own lines, and the specification's vectors when PROOFLINE_DATA names their folder. */
#include "vuln/inside.h"
#include <dirent.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <cmocka.h>
#undef fail

/* Each line of purl.data: input<TAB>canonical form, or input<TAB>! when it must be refused; an object is built. */
static void own_lines(void **state) {
  (void)state;
  AUTO(Cx) cx = cx_new(16u << 20);
  Str rest, line;
  size_t n = 0;
  assert_int_equal(file_read(&cx, VULN_DIR "/purl.data", 1u << 20, &rest), E_OK);
  while (str_line(&rest, &line)) {
    Str input, want;
    Purl p, again;
    if (!line.n || *line.p == '#') continue;
    str_cut(line, '\t', &input, &want);
    cx_forgive(&cx);
    JVal *parts = NULL;
    if (*input.p == '{') assert_int_equal(json_read(&cx, input, &JSON_BODY, &parts), E_OK);
    Err e = parts ? purl_build(&cx, parts, &p) : purl_read(&cx, input, &p);
    Str text = e == E_OK ? purl_text(cx.arena, &p) : S("!");
    if (!str_eq(text, want)) {
      print_message("%.*s\n got %.*s\nwant %.*s\n", STR(input), STR(text), STR(want));
      assert_true(false);
    }
    if (e == E_OK) {
      assert_int_equal(purl_read(&cx, text, &again), E_OK);
      assert_true(str_eq(purl_text(cx.arena, &again), text));
    }
    n++;
  }
  assert_true(n > 30);
}

static bool same(JVal *want, const char *key, Str got) {
  Str w = json_text(want, key);
  return str_eq(w, got);
}

static bool parts_match(JVal *want, const Purl *p) {
  bool ok = same(want, "type", p->type) && same(want, "namespace", p->ns) && same(want, "name", p->name) &&
            same(want, "version", p->version) && same(want, "subpath", p->subpath);
  JVal *q = json_get(want, "qualifiers");
  size_t n = 0;
  JSON_MEMBERS(key, value, q) {
    n++;
    ok &= str_eq(purl_qualifier(p, yyjson_get_str(key)), json_str(value));
  }
  return ok && n == p->nqualifiers;
}

typedef struct Tally { size_t passed, wrong, reviewed; } Tally;

static void one(Cx *cx, JVal *test, const Map *known, Tally *t) {
  Str kind = json_text(test, "test_type"), input = json_text(test, "input");
  bool fails = json_bool(test, "expected_failure", false), ok = false;
  Purl p;
  cx_forgive(cx);
  Err e = input.p ? purl_read(cx, input, &p) : purl_build(cx, json_get(test, "input"), &p);
  if (fails || e != E_OK) ok = fails && e != E_OK;
  else if (str_eq(kind, S("parse"))) ok = parts_match(json_get(test, "expected_output"), &p);
  else ok = str_eq(purl_text(cx->arena, &p), json_text(test, "expected_output"));
  if (ok) t->passed++;
  else if (map_get(known, str_fmt(cx->arena, "%.*s %.*s", STR(kind), STR(input))) != MAP_NONE) t->reviewed++;
  else {
    t->wrong++;
    printf("%.*s %.*s: %.*s\n", STR(kind), STR(input), STR(e == E_OK ? purl_text(cx->arena, &p) : cx->words));
  }
}

static void one_file(Cx *cx, const char *path, const Map *known, Tally *t) {
  Str text;
  JVal *root;
  assert_int_equal(file_read(cx, path, 1u << 20, &text), E_OK);
  assert_int_equal(json_read(cx, text, &JSON_DOCUMENT, &root), E_OK);
  JSON_EACH(test, json_get(root, "tests")) one(cx, test, known, t);
}

static void specification(void **state) {
  (void)state;
  const char *folder = getenv("PROOFLINE_DATA");
  if (!folder || !*folder) { printf("skipped: PROOFLINE_DATA does not name the data folder\n"); skip(); }
  AUTO(Cx) cx = cx_new(64u << 20);
  Map known = map_new(cx.arena, 16);
  Str rest, line;
  Tally t = { 0 };
  assert_int_equal(file_read(&cx, VULN_DIR "/purl_reviewed.data", 1u << 20, &rest), E_OK);
  while (str_line(&rest, &line))
    if (line.n && *line.p != '#') map_put(&known, str_slice(line, 0, str_find_char(line, '\t')), 1);
  one_file(&cx, str_fmt(cx.arena, "%s/version/purl-spec/tests/spec/specification-test.json", folder).p, &known, &t);
  const char *types = str_fmt(cx.arena, "%s/version/purl-spec/tests/types", folder).p;
  DIR *d = opendir(types);
  assert_non_null(d);
  for (struct dirent *f; (f = readdir(d));)
    if (str_ends(str_of(f->d_name), S(".json")))
      one_file(&cx, str_fmt(cx.arena, "%s/%s", types, f->d_name).p, &known, &t);
  closedir(d);
  printf("  purl-spec: %zu passed, %zu reviewed, %zu wrong\n", t.passed, t.reviewed, t.wrong);
  assert_int_equal(t.wrong, 0);
  assert_true(t.passed > 300);
}

/* ---- the definitions of the types ---------------------------------------------------------------------- */

static bool folds(JVal *definition, const char *part) {
  return !json_bool(json_get(definition, part), "case_sensitive", true);
}

static bool is(JVal *definition, const char *requirement) {
  return str_eq(json_text(json_get(definition, "namespace_definition"), "requirement"), str_of(requirement));
}

/* Whether a namespace may or must stand, and which parts have no case, is as the definition of the type says. */
static void defined(Cx *cx, Str name, Str text, size_t *n) {
  JVal *d;
  Purl p = { 0 };
  assert_int_equal(json_read(cx, text, &JSON_DOCUMENT, &d), E_OK);
  Str type = json_text(d, "type"), needed = S("");
  if (str_eq(type, S("chrome-extension"))) return;         /* neither Name nor V1 is one of its own; see purl.data */
  JSON_EACH(q, json_get(d, "qualifiers_definition"))
    if (str_eq(json_text(q, "requirement"), S("required")))
      needed = str_fmt(cx->arena, "%.*s%c%.*s=x", STR(needed), needed.n ? '&' : '?', STR(json_text(q, "key")));
  Str with = str_fmt(cx->arena, "pkg:%.*s/Ns/Name@V1%.*s", STR(type), STR(needed));
  Str without = str_fmt(cx->arena, "pkg:%.*s/Name@V1%.*s", STR(type), STR(needed));
  bool bare = purl_read(cx, without, &p) == E_OK,
       golang = str_eq(type, S("golang")); /* its standard library has none */
  cx_forgive(cx);
  bool full = purl_read(cx, with, &p) == E_OK;
  cx_forgive(cx);
  bool right = bare == (!is(d, "required") || golang) && full == !is(d, "prohibited");
  if (full && right && !str_eq(type, S("git")))
    right = str_eq(p.ns, folds(d, "namespace_definition") ? S("ns") : str_eq(type, S("cpan")) ? S("NS") : S("Ns")) &&
            str_eq(p.version, folds(d, "version_definition") ? S("v1") : S("V1"));
  if (bare && !full) (void)purl_read(cx, without, &p);
  if (right && !str_eq(type, S("git")))
    right = str_eq(p.name, folds(d, "name_definition") ? S("name") : S("Name"));
  if (!right) print_message("%.*s: %.*s %.*s %.*s\n", STR(name), STR(p.ns), STR(p.name), STR(p.version));
  assert_true(right);
  ++*n;
}

static void definitions(void **state) {
  (void)state;
  const char *folder = getenv("PROOFLINE_DATA");
  if (!folder || !*folder) { printf("skipped: PROOFLINE_DATA does not name the data folder\n"); skip(); }
  AUTO(Cx) cx = cx_new(64u << 20);
  const char *types = str_fmt(cx.arena, "%s/version/purl-spec/types", folder).p;
  size_t n = 0;
  DIR *d = opendir(types);
  assert_non_null(d);
  for (struct dirent *f; (f = readdir(d));) {
    Str text;
    if (!str_ends(str_of(f->d_name), S(".json"))) continue;
    assert_int_equal(file_read(&cx, str_fmt(cx.arena, "%s/%s", types, f->d_name).p, 1u << 20, &text), E_OK);
    defined(&cx, str_dup(cx.arena, str_of(f->d_name)), text, &n);
  }
  closedir(d);
  printf("  purl-spec: %zu types as they are defined\n", n);
  assert_true(n > 35);
}

int main(void) {
  const struct CMUnitTest tests[] = { cmocka_unit_test(own_lines), cmocka_unit_test(specification),
                                      cmocka_unit_test(definitions) };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
