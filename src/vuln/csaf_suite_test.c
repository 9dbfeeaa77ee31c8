/* CSAF 2.1: single faults of csaf_21.data and advice of csaf_advice.data; and published documents that may be
 * published: no fault is found in them. */
#include "vuln/csaf_check.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <cmocka.h>
#undef fail

static void say(Str name, const CsafReport *r) {
  for (size_t i = 0; i < r->fault.n && i < 5; i++)
    print_message("%.*s: %.*s %.*s: %.*s\n", STR(str_head(name, 100)), STR(r->fault.p[i].test),
                  STR(r->fault.p[i].where), STR(r->fault.p[i].what));
}

static Str or_else(Str s, const char *usual) { return str_eq(s, S("-")) ? str_of(usual) : s; }

/* FROM=>TO, once. */
static Str changed(Cx *cx, Str text, Str change) {
  size_t arrow = str_find(change, S("=>"));
  if (arrow == SIZE_MAX) return text;
  Str from = str_slice(change, 0, arrow), to = str_slice(change, arrow + 2, change.n);
  size_t at = str_find(text, from);
  assert_true(at != SIZE_MAX);
  return str_fmt(cx->arena, "%.*s%.*s%.*s", STR(str_slice(text, 0, at)), STR(to),
                 STR(str_slice(text, at + from.n, text.n)));
}

/* The document of one line; without a tree ("!") there are two revisions and no vulnerabilities. */
static Str document_of(Cx *cx, Str line) {
  Str cell[6], more, tree, vulnerabilities;
  bool two = false;
  for (size_t i = 0; i < COUNT(cell); i++) str_cut(line, '\t', &cell[i], &line);
  two = str_eq(cell[3], S("!"));
  more = str_eq(cell[2], S("-")) ? S("") : str_fmt(cx->arena, "%.*s,", STR(cell[2]));
  tree =
      or_else(cell[3],
              "{\"full_product_names\":[{\"name\":\"p\",\"product_id\":\"P\"},{\"name\":\"q\",\"product_id\":\"Q\"}],"
              "\"product_groups\":[{\"group_id\":\"G\",\"product_ids\":[\"P\",\"Q\"]}]}");
  tree = two ? S("") : str_fmt(cx->arena, ",\"product_tree\":%.*s", STR(tree));
  vulnerabilities = str_eq(cell[4], S("-")) ? S("") : str_fmt(cx->arena, ",\"vulnerabilities\":%.*s", STR(cell[4]));
  Str text = str_fmt(
      cx->arena,
      "{\"document\":{\"category\":\"%.*s\",\"csaf_version\":\"2.1\",\"distribution\":%.*s,%.*s"
      "\"publisher\":{\"category\":\"vendor\",\"name\":\"n\",\"namespace\":\"https://n.example\"},\"title\":\"t\","
      "\"tracking\":{\"current_release_date\":\"2026-01-01T00:00:00Z\",\"id\":\"i\",\"initial_release_date\":"
      "\"2026-01-01T00:00:00Z\",\"revision_history\":[{\"date\":\"2026-01-01T00:00:00Z\",\"number\":\"1\","
      "\"summary\":\"s\"}],\"status\":\"final\",\"version\":\"1\"}}%.*s%.*s}",
      STR(or_else(cell[0], "csaf_base")), STR(or_else(cell[1], "{\"tlp\":{\"label\":\"GREEN\"}}")), STR(more),
      STR(tree), STR(vulnerabilities));
  return changed(cx, text, cell[5]);
}

static void single_faults(void **state) {
  (void)state;
  AUTO(Cx) cx = cx_new(64u << 20);
  Str rest, line, test;
  size_t n = 0, wrong = 0;
  assert_int_equal(file_read(&cx, VULN_DIR "/test_csaf/csaf_21.data", 1u << 20, &rest), E_OK);
  while (str_line(&rest, &line)) {
    CsafReport r = { 0 };
    bool found = false, others = false;
    if (!line.n || *line.p == '#') continue;
    str_cut(line, '\t', &test, &line);
    bool ended = str_starts(test, S("6.1.27.1")) && test.n == 9 && test.p[8] >= '4'; /* these come together */
    assert_int_equal(csaf_check_parse(&cx, document_of(&cx, line), &r), E_OK);
    for (size_t i = 0; i < r.fault.n; i++) {
      found |= str_eq(r.fault.p[i].test, test);
      others |= !str_eq(r.fault.p[i].test, test);
    }
    n++;
    if (found == !str_eq(test, S("-")) && (ended || !others)) continue;
    wrong++;
    print_message("line %zu, %.*s\n", n, STR(test));
    say(line, &r);
  }
  assert_true(n > 60);
  assert_int_equal(wrong, 0);
}

/* Lines of recommended and informative tests: "6.2.12" is among the advice, "no 6.2.12" is not. */
static void advice(void **state) {
  (void)state;
  AUTO(Cx) cx = cx_new(64u << 20);
  Str rest, line, test;
  Map met = map_new(cx.arena, 200);
  size_t n = 0, wrong = 0, both = 0, all = 0;
  assert_int_equal(file_read(&cx, VULN_DIR "/test_csaf/csaf_advice.data", 1u << 20, &rest), E_OK);
  while (str_line(&rest, &line)) {
    CsafReport r = { 0 };
    if (!line.n || *line.p == '#') continue;
    str_cut(line, '\t', &test, &line);
    bool fails = !str_starts(test, S("no ")), found = false;
    if (!fails) test = str_slice(test, 3, test.n);
    assert_int_equal(csaf_check_parse(&cx, document_of(&cx, line), &r), E_OK);
    for (size_t i = 0; i < r.advice.n; i++) found |= str_eq(r.advice.p[i].test, test);
    size_t before = map_get(&met, test), bits = (before == MAP_NONE ? 0 : before) | (fails ? 1 : 2);
    all += before == MAP_NONE;
    both += bits == 3 && before != 3;
    map_put(&met, test, bits);
    n++;
    if (found == fails) continue;
    wrong++;
    print_message("line %zu, %s%.*s\n", n, fails ? "" : "no ", STR(test));
    for (size_t i = 0; i < r.advice.n; i++)
      print_message("  %.*s %.*s: %.*s\n", STR(r.advice.p[i].test), STR(r.advice.p[i].where), STR(r.advice.p[i].what));
  }
  print_message("  %zu tests, each with a line that passes and one that fails\n", both);
  assert_int_equal(wrong, 0);
  assert_int_equal(both, all);
}

/* Deeper than 30 branches, which no line could hold. */
static void deep(void **state) {
  (void)state;
  for (unsigned depth = 30; depth < 32; depth++) {
    AUTO(Cx) cx = cx_new(64u << 20);
    CsafReport r = { 0 };
    Str tree = S("{\"category\":\"product_name\",\"name\":\"x\",\"product\":{\"product_id\":\"P\",\"name\":\"p\"}}");
    for (unsigned i = 1; i < depth; i++)
      tree = str_fmt(cx.arena, "{\"category\":\"product_family\",\"name\":\"x\",\"branches\":[%.*s]}", STR(tree));
    Str line = str_fmt(cx.arena, "-\t-\t-\t{\"branches\":[%.*s]}\t-", STR(tree));
    assert_int_equal(csaf_check_parse(&cx, document_of(&cx, line), &r), E_OK);
    assert_int_equal(r.faults, depth - 30);
    if (r.faults) assert_true(str_eq(r.fault.p[0].test, S("6.1.34")));
  }
}

/* ---- published documents ------------------------------------------------------------------------------- */

typedef struct Count { size_t read, wrong, other; } Count;

static Err check_file(Cx *cx, void *env, const PackedFile *f) {
  Count *n = env;
  CsafReport r = { 0 };
  AUTO(Cx) own = cx_new(256u << 20);
  (void)cx;
  if (!f->bytes.p || !str_ends(f->name, S(".json"))) return E_OK;
  if (csaf_check_parse(&own, f->bytes, &r) != E_OK) { n->other++; return E_OK; }
  n->read++;
  n->wrong += r.faults > 0;
  say(f->name, &r);
  return E_OK;
}

/* Examples, and the documents of the tests that are not made: what they show is no fault of a mandatory test. */
static void published(void **state) {
  (void)state;
  static const struct { const char *folder; size_t files, wrong;
  } sets[] = {
    { "csaf_2.0/examples/csaf", 19, 0 },
    /* eight contradict themselves besides: a hash that stands twice, a modified metric that the vector does not have
     */
    { "csaf_2.0/test/validator/data/optional", 51, 8 },
    { "csaf_2.0/test/validator/data/informative", 41, 0 },
    /* three name a vendor's fix for what is fixed, as was usual before 2.1 (6.1.36) */
    { "csaf_2.1/examples/csaf", 23, 3 },
  };
  const char *data = getenv("PROOFLINE_DATA");
  if (!data || !*data) { printf("skipped: PROOFLINE_DATA does not name the data folder\n"); skip(); }
  AUTO(Cx) cx = cx_new(256u << 20);
  for (size_t i = 0; i < COUNT(sets); i++) {
    Count n = { 0 };
    Str path = str_fmt(cx.arena, "%s/adv/csaf-oasis/%s", data, sets[i].folder);
    assert_int_equal(packed_walk(&cx, path.p, check_file, &n), E_OK);
    print_message("  %-42s %3zu documents, %zu with a fault, %zu of another kind\n", sets[i].folder, n.read, n.wrong,
                  n.other);
    assert_int_equal(n.read, sets[i].files);
    assert_int_equal(n.wrong, sets[i].wrong);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = { cmocka_unit_test(single_faults), cmocka_unit_test(advice),
                                      cmocka_unit_test(deep),
                                      cmocka_unit_test(published) };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
