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

int main(void) {
  const struct CMUnitTest tests[] = { cmocka_unit_test(own_lines), cmocka_unit_test(specification) };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
