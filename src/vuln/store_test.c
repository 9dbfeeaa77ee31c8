/* A store's life with advisories: activate, match, match again, another snapshot, verify. */
#include "supply/supply.h"
#include "vuln/vuln.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>
#undef fail

typedef struct Bench {
  Cx cx;
  Store *s;
  char folder[64];
  Str result;
  int64_t now_us;
} Bench;
static Bench b;

static void ok(Err e) {
  if (e != E_OK) print_error("%s: %.*s\n", err_name(e), STR(b.cx.words));
  assert_int_equal(e, E_OK);
}

static int open_store(void **state) {
  (void)state;
  b = (Bench){ .cx = cx_new(1u << 30), .folder = "/tmp/vuln_store.XXXXXX", .now_us = INT64_C(1772445600000000) };
  if (!mkdtemp(b.folder)) return 1;
  Err e = crypto_start(&b.cx);
  if (e == E_OK) e = store_open(&b.cx, b.folder, STORE_CREATE, &b.s);
  if (e == E_OK) e = store_begin(&b.cx, b.s);
  if (e == E_OK) e = ledger_create(&b.cx, b.s, S("00000000-0000-4000-8000-000000000001"));
  if (e == E_OK) e = store_commit(&b.cx, b.s);
  if (e == E_OK) e = store_migrate(&b.cx, b.s, supply_schema, supply_nschema);
  if (e == E_OK) e = store_migrate(&b.cx, b.s, vuln_schema, vuln_nschema);
  if (e != E_OK) print_error("%.*s\n", STR(b.cx.words));
  return e != E_OK;
}

static void drop(const char *name) { (void)unlink(str_fmt(b.cx.arena, "%s/%s", b.folder, name).p); }

static int close_store(void **state) {
  (void)state;
  SnapshotRows all = { 0 };
  (void)vuln_snapshots(&b.cx, b.s, &all);
  for (size_t i = 0; i < all.n; i++) (void)unlink(all.p[i].path.p);
  (void)rmdir(str_fmt(b.cx.arena, "%s/feeds", b.folder).p);
  store_close(b.s);
  static const char *const files[] = { "proofline.db", "proofline.db-wal", "proofline.db-shm", "proofline.lock",
                                       "one.snap",     "two.snap",         "two.json" };
  for (size_t i = 0; i < COUNT(files); i++) drop(files[i]);
  (void)rmdir(b.folder);
  cx_free(&b.cx);
  return 0;
}

static Err command(const Command *const *list, size_t n, const char *name, Str args, Str payload,
                   const char *reason) {
  const Command *c = NULL;
  for (size_t i = 0; i < n; i++)
    if (str_eq(str_of(list[i]->name), str_of(name))) c = list[i];
  assert_non_null(c);
  JVal *root;
  Buf out = buf_new(b.cx.arena, 1u << 20);
  JsonOut o = json_out(&out, false);
  ok(json_read(&b.cx, args, &JSON_BODY, &root));
  b.now_us += US_PER_S;
  Call call = { .store = b.s,
                .command = c,
                .actor = S("U000001"),
                .auth = S("local"),
                .source = S("cli"),
                .request = S("0123456789abcdef"),
                .reason = str_of(reason),
                .args = root,
                .payload = payload,
                .now_us = b.now_us,
                .result = &o };
  json_object(&o);
  TRY(store_begin(&b.cx, b.s));
  Err e = c->run(&b.cx, &call);
  if (e == E_OK) e = store_commit(&b.cx, b.s);
  if (e != E_OK) store_rollback(b.s);
  json_object_end(&o);
  b.result = buf_str(&out);
  return e;
}

static Err activate_path(const char *path, const char *reason) {
  return command(vuln_commands, vuln_ncommands, "feed.activate", str_fmt(b.cx.arena, "{\"path\":\"%s\"}", path),
                 STR_NONE, reason);
}

static JVal *match_all(Str sbom) {
  JVal *root;
  Str args = sbom.n ? str_fmt(b.cx.arena, "{\"sbom\":\"%.*s\"}", STR(sbom)) : S("{}");
  ok(command(vuln_commands, vuln_ncommands, "vuln.match", args, STR_NONE, ""));
  ok(json_read(&b.cx, b.result, &JSON_BODY, &root));
  return root;
}

static const char sbom_json[] =
    "{\"bomFormat\":\"CycloneDX\",\"specVersion\":\"1.6\",\"version\":1,\"components\":["
    "{\"type\":\"library\",\"bom-ref\":\"a\",\"name\":\"left\",\"version\":\"1.1.5\",\"purl\":\"pkg:npm/"
    "left@1.1.5\"},"
    "{\"type\":\"library\",\"bom-ref\":\"b\",\"name\":\"right\",\"version\":\"1.0.0\",\"purl\":\"pkg:npm/"
    "right@1.0.0\"},"
    "{\"type\":\"library\",\"bom-ref\":\"c\",\"name\":\"own\",\"version\":\"7\"},"
    "{\"type\":\"library\",\"bom-ref\":\"d\",\"name\":\"other\",\"version\":\"2.0\",\"purl\":\"pkg:pypi/"
    "other@2.0\"}]}";

static void import_sbom(const char *release) {
  SbomOptions opt = supply_options(NULL);
  Sbom s;
  Ask ask = { 0 };
  Str bytes = str_fmt(b.cx.arena, "%s ", sbom_json);
  ok(supply_parse(&b.cx, bytes, &opt, &s));
  SbomImport what = { S("sorrel-p1"), str_of(release), S("firmware"), S(""), S("x.cdx.json") };
  ok(supply_import_ask(&b.cx, &s, bytes, &what, &ask));
  ok(command(supply_commands, supply_ncommands, "sbom.import", ask.args_json, ask.payload, "Build"));
}

static size_t defects(void) {
  VerifyReport report = { 0 };
  const VerifyPart parts[] = { supply_verify_part, vuln_verify_part };
  ok(ledger_verify(&b.cx, b.s, parts, 2, &report));
  size_t ours = 0;
  for (size_t i = 0; i < report.findings.n; i++) {
    const Finding *f = &report.findings.p[i];
    bool table_of_others = str_eq(f->kind, S("table")) || str_eq(f->kind, S("signer"));
    if (!table_of_others && !str_eq(f->kind, S("checkpoint"))) {
      ours++;
      print_message("%.*s %.*s %.*s\n", STR(f->kind), STR(f->object), STR(f->what));
    }
  }
  return ours;
}

static const VerdictRow *find(const VerdictRows *rows, const char *vuln) {
  for (size_t i = 0; i < rows->n; i++)
    if (str_eq(rows->p[i].vuln, str_of(vuln))) return &rows->p[i];
  return NULL;
}

static void a_life(void **state) {
  (void)state;
  SnapshotRow row;
  const char *const paths[] = { VULN_DIR "/test" };
  const char *one = str_fmt(b.cx.arena, "%s/one.snap", b.folder).p,
             *two = str_fmt(b.cx.arena, "%s/two.snap", b.folder).p;
  const char *json = str_fmt(b.cx.arena, "%s/two.json", b.folder).p;
  FeedBuild build;
  VerdictRows rows;
  assert_int_equal(vuln_current(&b.cx, b.s, &row), E_NOTFOUND);
  cx_forgive(&b.cx);
  import_sbom("1.0");
  ok(feed_build(&b.cx, paths, 1, one, &build));
  ok(activate_path(one, ""));
  ok(vuln_current(&b.cx, b.s, &row));
  assert_true(str_eq(row.sha256, build.sha256) && row.current && file_exists(row.path.p));
  JVal *r = match_all(STR_NONE);
  assert_int_equal(json_int(r, "packages", 0), 4);
  assert_int_equal(json_int(r, "inserted", 0), 3);
  assert_int_equal(yyjson_arr_size(json_get(r, "fresh")), 1);
  ok(vuln_verdicts(&b.cx, b.s, &(VerdictQuery){ .sbom = S("SBM-0001"), .limit = 100 }, &rows));
  assert_int_equal(rows.n, 3);
  assert_int_equal(rows.p[0].outcome, OUTCOME_AFFECTED);
  assert_true(rows.p[0].kev && rows.p[0].cvss_x10 == 98 && str_eq(rows.p[0].name, S("left")) &&
              str_eq(rows.p[0].fixed, S("1.2.0")));
  assert_int_equal(rows.p[1].outcome, OUTCOME_NOT_ASSESSABLE);
  assert_true(str_eq(rows.p[1].rule, S("no-identity")));

  r = match_all(STR_NONE); /* the same again: nothing is written */
  assert_int_equal(json_int(r, "inserted", -1) + json_int(r, "changed", -1) + json_int(r, "ended", -1), 0);
  assert_int_equal(yyjson_arr_size(json_get(r, "fresh")), 0);

  import_sbom("2.0"); /* known packages in a new SBOM: a new exposure */
  r = match_all(S("SBM-0002"));
  assert_int_equal(json_int(r, "inserted", -1), 0);
  assert_int_equal(yyjson_arr_size(json_get(r, "fresh")), 1);

  Str less = S("{\"id\":\"CVE-2024-0005\",\"modified\":\"2025-01-01T00:00:00Z\",\"affected\":[{\"package\":{"
               "\"ecosystem\":\"PyPI\",\"name\":\"other\"},"
               "\"ranges\":[{\"type\":\"ECOSYSTEM\",\"events\":[{\"introduced\":\"0\"},{\"fixed\":\"2.1\"}]}]}]}");
  ok(file_write(&b.cx, json, less, 0600));
  const char *const small[] = { json };
  ok(feed_build(&b.cx, small, 1, two, &build));
  assert_int_equal(activate_path(two, ""), E_FEED); /* it lost most of its records */
  cx_forgive(&b.cx);
  ok(activate_path(two, "A test of a smaller feed"));
  r = match_all(STR_NONE);
  assert_int_equal(json_int(r, "ended", -1), 1); /* left: npm is no longer covered; the finding stays, inactive */
  ok(vuln_verdicts(&b.cx, b.s, &(VerdictQuery){ .inactive_too = true, .limit = 100 }, &rows));
  const VerdictRow *left = find(&rows, "CVE-2024-0001"), *other = find(&rows, "CVE-2024-0005");
  assert_true(left && !left->active && str_starts(left->reason, S("No longer said")));
  assert_true(other && other->active && other->outcome == OUTCOME_AFFECTED && other->first_us < other->last_us);
  ok(vuln_verdicts(&b.cx, b.s, &(VerdictQuery){ .vuln = S("CVE-2024-0001"), .limit = 100 }, &rows));
  assert_int_equal(rows.n, 0);
  assert_int_equal(defects(), 0);

  static const Sql tamper = { "test.tamper", "UPDATE vuln_change SET outcome = 4 WHERE vuln = 'CVE-2024-0005'",
                              NULL };
  ok(store_begin(&b.cx, b.s));
  ok(store_run(&b.cx, b.s, &tamper, NO_ARGS, NULL));
  ok(store_commit(&b.cx, b.s));
  assert_true(defects() > 0);
}

/* ---- the shorter way says what the longer one says ----------------------------------------------------- */

static uint64_t seed = 5;
static unsigned draw(unsigned n) {
  seed = seed * 6364136223846793005u + 1442695040888963407u;
  return (unsigned)(seed >> 33) % n;
}

enum { NAMES = 24, ADVISORIES = 60 };

/* Advisory i in the state that `version` gives it: npm, Debian, NVD, or withdrawn. */
static void put_advisory(Buf *o, unsigned i, unsigned version) {
  unsigned name = (i * 7 + version / 3) % NAMES, hi = 1 + (i + version) % 4;
  if (i % 3 == 0)
    buf_fmt(o,
            "{\"id\":\"GHSA-%u\",\"modified\":\"2024-01-01T00:00:00Z\",\"aliases\":[\"CVE-2021-%u\"],%s\"affected\":["
            "{\"package\":"
            "{\"ecosystem\":\"npm\",\"name\":\"p%u\"},\"ranges\":[{\"type\":\"SEMVER\",\"events\":[{\"introduced\":"
            "\"0\"},{\"fixed\":\"%u.0.0\"}]}]}]}",
            i, 10000 + i, version % 5 == 4 ? "\"withdrawn\":\"2024-02-01T00:00:00Z\"," : "", name, hi);
  else if (i % 3 == 1)
    buf_fmt(o,
            "{\"id\":\"DSA-%u\",\"modified\":\"2024-01-01T00:00:00Z\",\"upstream\":[\"CVE-2021-%u\",\"CVE-2021-%u\"],"
            "\"affected\":[{\"package\":"
            "{\"ecosystem\":\"Debian:12\",\"name\":\"p%u\"},\"ranges\":[{\"type\":\"ECOSYSTEM\",\"events\":[{"
            "\"introduced\":\"0\"},{\"fixed\":\"%u.0-1\"}]}]}]}",
            i, 10000 + i, 10000 + i + 1, name, hi);
  else
    buf_fmt(o,
            "{\"cve\":{\"id\":\"CVE-2021-%u\",\"lastModified\":\"2024-01-01T00:00:00.000\",\"configurations\":[{"
            "\"nodes\":[{\"operator\":\"OR\","
            "\"cpeMatch\":[{\"vulnerable\":true,\"criteria\":\"cpe:2.3:a:acme:p%u:*:*:*:*:*:*:*:*\","
            "\"versionEndExcluding\":\"%u.0\"}]}]}]}}",
            10000 + i, name, hi);
}

static void activate_round(const unsigned *version, unsigned round) {
  const char *json = str_fmt(b.cx.arena, "%s/two.json", b.folder).p,
             *snap = str_fmt(b.cx.arena, "%s/two.snap", b.folder).p;
  Buf o = buf_new(b.cx.arena, 1u << 20);
  FeedBuild build;
  for (unsigned i = 0; i < ADVISORIES; i++) {
    buf_byte(&o, i ? ',' : '[');
    put_advisory(&o, i, version[i]);
  }
  if (round > 2)
    buf_fmt(&o,
            ",{\"catalogVersion\":\"x\",\"dateReleased\":\"2024-01-%02u\",\"vulnerabilities\":[{\"cveID\":\"CVE-2021-"
            "%u\",\"dateAdded\":\"2024-01-01\"}]}",
            round, 10000 + draw(ADVISORIES));
  buf_byte(&o, ']');
  ok(file_write(&b.cx, json, buf_str(&o), 0600));
  const char *const paths[] = { json };
  ok(feed_build(&b.cx, paths, 1, snap, &build));
  ok(activate_path(snap, "A test"));
}

static void import_random(unsigned round) {
  SbomOptions opt = supply_options(NULL);
  Sbom s;
  Ask ask = { 0 };
  Buf o = buf_new(b.cx.arena, 1u << 20);
  buf_z(&o, "{\"bomFormat\":\"CycloneDX\",\"specVersion\":\"1.6\",\"version\":1,\"components\":[");
  for (unsigned i = 0; i < 40; i++) {
    unsigned name = draw(NAMES), version = draw(5), kind = draw(4);
    buf_fmt(&o, "%s{\"type\":\"library\",\"bom-ref\":\"r%u\",\"name\":\"p%u\",\"version\":\"%u.0\"", i ? "," : "", i,
            name, version);
    if (kind == 0) buf_fmt(&o, ",\"purl\":\"pkg:npm/p%u@%u.0.0\"", name, version);
    if (kind == 1) buf_fmt(&o, ",\"purl\":\"pkg:deb/debian/p%u@%u.0-1?distro=debian-12\"", name, version);
    if (kind != 0) buf_fmt(&o, ",\"cpe\":\"cpe:2.3:a:acme:p%u:%u.0:*:*:*:*:*:*:*\"", name, version);
    buf_byte(&o, '}');
  }
  buf_z(&o, "]}");
  ok(supply_parse(&b.cx, buf_str(&o), &opt, &s));
  SbomImport what = { S("sorrel-p1"), str_fmt(b.cx.arena, "%u.0", round), S("firmware"), S(""), S("x.cdx.json") };
  ok(supply_import_ask(&b.cx, &s, buf_str(&o), &what, &ask));
  ok(command(supply_commands, supply_ncommands, "sbom.import", ask.args_json, ask.payload, "Build"));
}

static JVal *match_with(const char *args) {
  JVal *root;
  ok(command(vuln_commands, vuln_ncommands, "vuln.match", str_of(args), STR_NONE, ""));
  ok(json_read(&b.cx, b.result, &JSON_BODY, &root));
  return root;
}

static void shorter_is_the_same(void **state) {
  (void)state;
  unsigned version[ADVISORIES] = { 0 };
  int64_t evaluated = 0, packages = 0;
  for (unsigned round = 1; round <= 25; round++) {
    if (round == 1 || round % 4 == 0) import_random(round);
    if (round > 1)
      for (unsigned i = draw(4); i > 0; i--) version[draw(ADVISORIES)]++;
    activate_round(version, round);
    JVal *shorter = match_with("{}");
    if (round > 1) evaluated += json_int(shorter, "evaluated", 0);
    if (round > 1) packages += json_int(shorter, "packages", 0);
    JVal *longer = match_with("{\"full\":true}");
    assert_int_equal(json_int(longer, "evaluated", -1), json_int(longer, "packages", -2));
    assert_int_equal(json_int(longer, "inserted", -1) + json_int(longer, "changed", -1) +
                         json_int(longer, "ended", -1),
                     0);
    assert_int_equal(json_int(longer, "missed", -1), 0);
    assert_int_equal(yyjson_arr_size(json_get(longer, "fresh")), 0);
    assert_true(yyjson_is_obj(json_get(longer, "counts")));
    assert_int_equal(json_int(longer, "packages", -1), json_int(shorter, "packages", -2));
  }
  printf("  %lld of %lld packages were judged again\n", (long long)evaluated, (long long)packages);
  assert_true(evaluated * 2 < packages && evaluated > 0);
  assert_int_equal(defects(), 0);
  static const Sql spoil = { "test.spoil",
                             "UPDATE vuln_said SET digest = digest + 1 "
                             "WHERE package = (SELECT MIN(package) FROM vuln_said)",
                             NULL };
  ok(store_begin(&b.cx, b.s));
  ok(store_run(&b.cx, b.s, &spoil, NO_ARGS, NULL)); /* as if a shorter run had passed over a package */
  ok(store_commit(&b.cx, b.s));
  assert_int_equal(json_int(match_with("{}"), "evaluated", -1), 0);
  assert_int_equal(json_int(match_with("{\"full\":true}"), "missed", -1), 1);
  int64_t at_us, missed;
  ok(vuln_whole_run(&b.cx, b.s, &at_us, &missed));
  assert_int_equal(missed, 1);
}

int main(void) {
  const struct CMUnitTest tests[] = { cmocka_unit_test_setup_teardown(a_life, open_store, close_store),
                                      cmocka_unit_test_setup_teardown(shorter_is_the_same, open_store, close_store) };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
