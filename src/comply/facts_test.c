/* Facts of tables: the sample company's SBOMs and advisories in a store, asked by the rules. */
#include "comply/inside.h"
#include "comply/sample.h"
#include "supply/supply.h"
#include "vuln/vuln.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <cmocka.h>
#undef fail
#define WRONG(...) do { print_error(__VA_ARGS__); print_error("\n"); _fail(__FILE__, __LINE__); } while (0)

static Cx cx;
static Store *store;
static char folder[] = "/tmp/proofline-facts-XXXXXX";
static int64_t now_us;

static void ok(Err e) { if (e != E_OK) WRONG("%s: %.*s", err_name(e), STR(cx.words)); }

static Err command(const Command *const *list, size_t n, Str name, Str args, Str payload) {
  const Command *c = NULL;
  for (size_t i = 0; i < n; i++) if (str_eq(str_of(list[i]->name), name)) c = list[i];
  Buf b = buf_new(cx.arena, 16 << 20);
  JsonOut o = json_out(&b, false);
  Call call = { .store = store,
                .command = c,
                .actor = S("system"),
                .auth = S("none"),
                .source = S("demo"),
                .payload = payload,
                .request = S("0123456789abcdef"),
                .reason = S("made for a test"),
                .now_us = now_us += US_PER_S,
                .result = &o };
  TRY(json_read(&cx, args, &JSON_BODY, &call.args));
  json_object(&o);
  TRY(store_begin(&cx, store));
  TRY(c->run(&cx, &call));
  return store_commit(&cx, store);
}

static void import(const char *file, const char *release, const char *name, const char *element) {
  Str bytes;
  Sbom sbom;
  Ask ask = { 0 };
  SbomImport what = { S("sorrel-p1"), str_of(release), str_of(name), str_of(element), str_of(file) };
  ok(file_read(&cx, str_z(cx.arena, str_fmt(cx.arena, DATA "/sorrel/%s", file)), 64 << 20, &bytes));
  SbomOptions opt = supply_options(NULL);
  ok(supply_parse(&cx, bytes, &opt, &sbom));
  ok(supply_import_ask(&cx, &sbom, bytes, &what, &ask));
  ok(command(supply_commands, supply_ncommands, ask.command, ask.args_json, ask.payload));
}

static void open_store(void) {
  ok(store_open(&cx, folder, STORE_CREATE, &store));
  ok(store_begin(&cx, store));
  ok(ledger_create(&cx, store, S("6f1c2c9e-3a56-4e0b-9b5e-0d8f3c1a7b42")));
  ok(store_commit(&cx, store));
  ok(store_migrate(&cx, store, people_schema, people_nschema));
  ok(store_migrate(&cx, store, supply_schema, supply_nschema));
  ok(store_migrate(&cx, store, vuln_schema, vuln_nschema));
  ok(store_migrate(&cx, store, comply_schema, comply_nschema));
  ok(record_create_tables(&cx, store));
}

static void use_advisories(void) {
  const char *const paths[] = { DATA "/sorrel/advisories", DATA "/sorrel/kev.json" };
  const char *out = str_z(cx.arena, str_fmt(cx.arena, "%s/feed.snap", folder));
  FeedBuild built;
  ok(feed_build(&cx, paths, COUNT(paths), out, &built));
  ok(command(vuln_commands, vuln_ncommands, S("feed.activate"), str_fmt(cx.arena, "{\"path\":\"%s\"}", out),
             STR_NONE));
  ok(command(vuln_commands, vuln_ncommands, S("vuln.match"), S("{}"), STR_NONE));
}

static const Gap *find_gap(const CheckRun *run, const char *rule, const char *object) {
  for (size_t i = 0; i < run->gaps.n; i++)
    if (str_eq(run->gaps.p[i].rule_id, str_of(rule)) && str_eq(run->gaps.p[i].object, str_of(object)))
      return &run->gaps.p[i];
  return NULL;
}

static const RuleResult *result(const CheckRun *run, const char *rule) {
  for (size_t i = 0; i < run->nrules; i++)
    if (str_eq(run->rule[i].rule->id, str_of(rule))) return &run->rule[i];
  return NULL;
}

static void show(const CheckRun *run) {
  for (size_t i = 0; getenv("SHOW_GAPS") && i < run->gaps.n; i++)
    print_message("%-8s %-7s %.*s: %.*s\n", str_z(cx.arena, run->gaps.p[i].rule_id),
                  severity_words[run->gaps.p[i].severity], STR(run->gaps.p[i].object),
                  STR(run->gaps.p[i].message));
}

static void tables(void **state) {
  (void)state;
  const Packs *packs;
  Records records = { 0 };
  CheckRun run;
  if (!file_exists(DATA "/sorrel/sbom-comm-2.1.0.cdx.json")) {
    print_message("skipped: no SBOMs in data/sorrel\n");
    skip();
  }
  cx = cx_new((size_t)1 << 30);
  now_us = cx.now_us;
  ok(crypto_start(&cx));
  ok(sample_types_set(&cx));
  assert_non_null(mkdtemp(folder));
  open_store();
  ok(comply_load_folder(&cx, DATA "/packs", &packs));
  ok(sample_read(&cx, DATA "/sorrel", &records));
  Graph *g = graph_new((size_t)1 << 30);
  for (size_t i = 0; i < records.n; i++) ok(graph_put(&cx, g, &records.p[i], STR_NONE));
  graph_settle(g);
  CheckScope scope = { S("sorrel-p1"), STR_NONE };
  ok(comply_evaluate(&cx, g, store, packs, scope, &run));
  assert_int_equal(result(&run, "SBM-01")->state, RULE_NOT_ASSESSED);
  assert_int_equal(result(&run, "GOV-01")->state, RULE_NOT_MET); /* nobody holds a duty in an empty store */
  assert_non_null(find_gap(&run, "SBOM-01", "REL-210"));

  import("sbom-control-2.1.0.cdx.json", "REL-210", "control", "P1");
  import("sbom-comm-2.1.0.cdx.json", "REL-210", "comm", "P3");
  import("sbom-comm-2.0.3.cdx.json", "REL-203", "comm", "P3");
  use_advisories();
  ok(comply_evaluate(&cx, g, store, packs, scope, &run));
  show(&run);
  assert_null(find_gap(&run, "SBOM-01", "REL-210"));
  const Gap *gap = find_gap(&run, "SBM-01", "libfoo-halden@0.3");
  assert_non_null(gap);
  assert_true(str_find(gap->message, S("supplier")) != SIZE_MAX);
  assert_non_null(find_gap(&run, "SBM-02", "libfoo-halden@0.3"));
  gap = find_gap(&run, "SBM-04", "CVE-2022-0847");
  if (!gap) WRONG("the kernel's exploited vulnerability is not found undecided");
  assert_int_equal(gap->severity, RULE_BLOCKER);
  Ask ask = { 0 };
  ok(comply_run_ask(&cx, &run, &ask));
  ok(command(comply_commands, comply_ncommands, ask.command, ask.args_json, ask.payload));
  ok(comply_evaluate(&cx, g, store, packs, scope, &run));
  assert_int_equal(run.opened + run.closed, 0);
  assert_true(str_eq(run.gaps.p[0].first_run, S("RUN-0001")));
  graph_close(g);
  store_close(store);
  sample_folder_remove(folder);
  cx_free(&cx);
}

int main(void) {
  const struct CMUnitTest tests[] = { cmocka_unit_test(tables) };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
