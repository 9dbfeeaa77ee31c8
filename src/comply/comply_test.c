/* Rule packs are read strictly; the sample company's seeded defects are found; a run is stored with its
 * history. */
#include "comply/inside.h"
#include "comply/sample.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <cmocka.h>
#undef fail
#define WRONG(...) do { print_error(__VA_ARGS__); print_error("\n"); _fail(__FILE__, __LINE__); } while (0)

static Cx cx;
static const Packs *packs;

static void ok(Err e) { if (e != E_OK) WRONG("%s: %.*s", err_name(e), STR(cx.words)); }

static int open_all(void **state) {
  (void)state;
  cx = cx_new((size_t)1 << 30);
  ok(crypto_start(&cx));
  ok(sample_types_set(&cx));
  ok(comply_load_folder(&cx, DATA "/packs", &packs));
  return 0;
}

static int close_all(void **state) {
  (void)state;
  cx_free(&cx);
  return 0;
}

/* ---- reading ---------------------------------------------------------------------------------------- */

static void default_packs(void **state) {
  (void)state;
  assert_int_equal(packs->npacks, 6);
  assert_true(packs->nrules >= 100);
  for (size_t i = 0; i < packs->npacks; i++) assert_true(packs->pack[i].nrules >= 10);
  const Rule *r;
  ok(comply_explain(&cx, packs, S("thr-04"), &r));
  assert_true(str_eq(r->id, S("THR-04")));
  assert_int_equal(comply_explain(&cx, packs, S("THR-44"), &r), E_NOTFOUND);
  assert_true(str_find(cx.words, S("THR-0")) != SIZE_MAX);
  cx_forgive(&cx);
}

static void no_word_of_compliance(void **state) {
  (void)state;
  for (size_t i = 0; i < packs->nrules; i++) {
    const Rule *r = &packs->rule[i];
    const Str texts[] = { r->title, r->message, r->why, r->fix };
    for (size_t k = 0; k < COUNT(texts); k++)
      assert_true(str_find_nocase(texts[k], S("complian")) == SIZE_MAX);
  }
}

#define PACK "pack: p\nversion: 1\ndate: 2026-01-01\ntitle: P\nsubtitle: p\nclauses: F26:\n"
#define RULE "rule: A-01\nseverity: major\ntitle: t\nwhy: w\nfix: f\nclauses: F26:V.A\n"
static const struct { const char *rules, *words;
} bad[] = {
  { RULE "for: type:threat\nneed: stride:*\nmessage: {id}\ncolour: red\n", "unknown key \"colour\"" },
  { RULE "for: type:threat\nneed: strid:*\nmessage: m\n", "Did you mean stride?" },
  { RULE "for: type:threat\nneed: stride:*\nmessage: {strid}\n", "{strid} stands for nothing" },
  { RULE "for: type:threat\nneed: stride:*\nmessage: {id\n", "stands for nothing" },
  { RULE "for: type:threat\nmessage: m\n", "\"for\" and \"need\"" },
  { RULE "fact: no_such\nmessage: m\n", "there is no fact \"no_such\"" },
  { RULE "fact: chain_open\nexists: type:threat\nmessage: m\n", "\"for\" and \"need\"" },
  { RULE "fact: chain_open\n", "\"message\" is missing" },
  { RULE "fact: chain_open\nmessage: m\n\n" RULE "fact: chain_open\nmessage: m\n",
    "x.rules, line 10: rule A-01 stands twice" },
  { "rule: A-01\nseverity: huge\ntitle: t\nwhy: w\nfix: f\nclauses: F26:V\nfact: chain_open\nmessage: m\n",
    "severity is" },
  { "rule: A-01\nseverity: major\ntitle: t\nwhy: w\nfix: f\nclauses: I1:V\nfact: chain_open\nmessage: m\n",
    "belongs to a pack" },
  { "rule: A-01\nrule: A-02\n", "stands twice" },
  { "rule\n", "expected \"key: value\"" },
  { " x\n", "nothing stands before" },
};

static void bad_packs(void **state) {
  (void)state;
  for (size_t i = 0; i < COUNT(bad); i++) {
    const PackFile files[] = { { S("x.rules"), str_of(bad[i].rules) }, { S("packs.list"), S(PACK) } };
    const Packs *p;
    Err e = comply_load(&cx, files, COUNT(files), &p);
    if (e != E_CONFIG || str_find(cx.words, str_of(bad[i].words)) == SIZE_MAX)
      WRONG("case %zu: %s: %.*s", i, err_name(e), STR(cx.words));
    cx_forgive(&cx);
  }
}

/* ---- the sample company ----------------------------------------------------------------------------- */

/* The defects that are seeded in the records; those in SBOMs need a store. */
static const struct { const char *rule, *object, *words;
} seeded[] = { { "TST-02", "FND-0001", "TC-002" },
               { "THR-05", "TC-022", "1.7" },
               { "TST-06", "TC-036", "74" },
               { "TST-05", "TC-042", "" },
               { "SUP-02", "SUP-2", "2029-06" },
               { "SUP-03", "SUP-8", "" },
               { "DOC-01", "SOP-08", "" },
               { "RSK-06", "R-12", "T-014" },
               { "RSK-06", "R-13", "T-019" },
               { "TRN-02", NULL, "Ali Haddad" },
               { "GOV-08", "PLN-SEC-210", "" },
               { "SUP-04", NULL, "Oakfield" },
               { "DFD-02", "F20", "" } };

static const Gap *find_gap(const CheckRun *run, const char *rule, const char *object, const char *words) {
  for (size_t i = 0; i < run->gaps.n; i++) {
    const Gap *g = &run->gaps.p[i];
    if (str_eq(g->rule_id, str_of(rule)) && (!object || str_eq(g->object, str_of(object))) &&
        str_find(g->message, str_of(words)) != SIZE_MAX) return g;
  }
  return NULL;
}

static Graph *sample_graph(void) {
  Records records = { 0 };
  Graph *g = graph_new((size_t)1 << 30);
  ok(sample_read(&cx, DATA "/sorrel", &records));
  for (size_t i = 0; i < records.n; i++) ok(graph_put(&cx, g, &records.p[i], STR_NONE));
  graph_settle(g);
  return g;
}

static void seeded_defects(void **state) {
  (void)state;
  if (!file_exists(DATA "/sorrel/load.txt")) {
    print_message("skipped: no sample company in data/sorrel\n");
    skip();
  }
  Graph *g = sample_graph();
  CheckRun run;
  ok(comply_evaluate(&cx, g, NULL, packs, (CheckScope){ S("sorrel-p1"), STR_NONE }, &run));
  for (size_t i = 0; getenv("SHOW_GAPS") && i < run.gaps.n; i++)
    print_message("%-8s %-7s%s %.*s: %.*s\n", str_z(cx.arena, run.gaps.p[i].rule_id),
                  severity_words[run.gaps.p[i].severity], run.gaps.p[i].partly ? "~" : " ",
                  STR(run.gaps.p[i].object), STR(run.gaps.p[i].message));
  for (size_t i = 0; getenv("SHOW_GAPS") && i < run.nrules; i++)
    if (run.rule[i].state > RULE_NOT_MET)
      print_message("%.*s %s: %.*s\n", STR(run.rule[i].rule->id), rule_state_words[run.rule[i].state],
                    STR(run.rule[i].why));
  for (size_t i = 0; i < COUNT(seeded); i++)
    if (!find_gap(&run, seeded[i].rule, seeded[i].object, seeded[i].words))
      WRONG("no gap %s of %s with \"%s\"", seeded[i].rule, seeded[i].object ? seeded[i].object : "any",
            seeded[i].words);
  print_message("%.*s\n", STR(check_words(&cx, &run)));
  for (size_t i = 0; i < run.npacks; i++)
    print_message("  %.*s %lld.%lld %%\n", STR(run.pack[i].pack), (long long)run.pack[i].ready_x10 / 10,
                  (long long)run.pack[i].ready_x10 % 10);
  assert_true(run.blocking >= 5);
  Buf b = buf_new(cx.arena, 4 << 20);
  JsonOut o = json_out(&b, false);
  ok(check_json(&cx, &o, &run));
  JVal *root;
  ok(json_read(&cx, buf_str(&b), &JSON_DOCUMENT, &root));
  assert_true(str_eq(json_text(root, "schema"), S("proofline.check/1")));
  assert_int_equal(yyjson_arr_size(json_get(root, "gaps")), run.gaps.n);
  graph_close(g);
}

static void put_text(Record *r, const char *field, Str text, int64_t number) {
  size_t at;
  assert_non_null(record_field(r->type, str_of(field), &at));
  r->values[at] = (Value){ .set = true, .s = text, .i = number };
}

static Record waiver(const char *id, const char *state, int64_t expires) {
  const RecordType *type = record_type(S("waiver"));
  Record r = { .type = type,
               .id = str_of(id),
               .title = S("F20 is internal"),
               .state = str_of(state),
               .rev = 1,
               .values = NEW_ARRAY(cx.arena, type->nfields + 1, Value) };
  size_t at;
  vec_add(cx.arena, &r.products, S("sorrel-p1"));
  put_text(&r, "rule", S("DFD-02"), 0);
  put_text(&r, "expires", date_text(cx.arena, (int32_t)expires), expires);
  assert_non_null(record_field(type, S("exempts"), &at));
  vec_add(cx.arena, &r.values[at].links, (Link){ S("F20"), STR_NONE, STR_NONE });
  r.values[at].set = true;
  return r;
}

/* Only a waiver that is approved and not over closes a gap. */
static void waivers(void **state) {
  (void)state;
  if (!file_exists(DATA "/sorrel/load.txt")) {
    print_message("skipped: no sample company in data/sorrel\n");
    skip();
  }
  static const struct { const char *state; int days; bool holds; } cases[] = {
    { "draft", 10, false }, { "approved", -1, false }, { "approved", 10, true } };
  for (size_t i = 0; i < COUNT(cases); i++) {
    Graph *g = sample_graph();
    CheckRun run;
    Record w = waiver("WVR-1", cases[i].state, date_of(cx.now_us) + cases[i].days);
    ok(graph_put(&cx, g, &w, STR_NONE));
    graph_settle(g);
    ok(comply_evaluate(&cx, g, NULL, packs, (CheckScope){ S("sorrel-p1"), STR_NONE }, &run));
    assert_int_equal(find_gap(&run, "DFD-02", "F20", "") == NULL, cases[i].holds);
    graph_close(g);
  }
}

/* The same product for two releases: the replay test passes on the one and fails on the other. */
static void two_releases(void **state) {
  (void)state;
  if (!file_exists(DATA "/sorrel/load.txt")) {
    print_message("skipped: no sample company in data/sorrel\n");
    skip();
  }
  Graph *g = sample_graph();
  CheckRun old, next;
  ok(comply_evaluate(&cx, g, NULL, packs, (CheckScope){ S("sorrel-p1"), S("REL-203") }, &old));
  ok(comply_evaluate(&cx, g, NULL, packs, (CheckScope){ S("sorrel-p1"), S("rel-210") }, &next));
  for (size_t i = 0; getenv("SHOW_GAPS") && i < next.gaps.n; i++)
    print_message("%.*s %.*s: %.*s\n", STR(next.scope.release), STR(next.gaps.p[i].rule_id),
                  STR(next.gaps.p[i].message));
  assert_non_null(find_gap(&old, "TST-01", "TC-005", ""));
  assert_null(find_gap(&next, "TST-01", "TC-005", ""));
  assert_true(str_eq(next.scope.release, S("REL-210")));
  graph_close(g);
}

static void unknown_scope(void **state) {
  (void)state;
  Graph *g = graph_new((size_t)1 << 30);
  graph_settle(g);
  CheckRun run;
  assert_int_equal(comply_evaluate(&cx, g, NULL, packs, (CheckScope){ S("nothing"), STR_NONE }, &run),
                   E_NOTFOUND);
  cx_forgive(&cx);
  ok(comply_evaluate(&cx, g, NULL, packs, (CheckScope){ STR_NONE, STR_NONE }, &run));
  assert_true(check_fails(&run, RULE_BLOCKER));
  graph_close(g);
}

int main(void) {
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(default_packs),  cmocka_unit_test(no_word_of_compliance), cmocka_unit_test(bad_packs),
    cmocka_unit_test(seeded_defects), cmocka_unit_test(two_releases),          cmocka_unit_test(waivers),
    cmocka_unit_test(unknown_scope)
  };
  return cmocka_run_group_tests(tests, open_all, close_all);
}
