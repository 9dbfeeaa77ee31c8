/* store_test.c - importing, answering, reading back, verifying. */
#include "supply/inside.h"
#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>
#undef fail
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define MIB ((size_t)1 << 20)

typedef struct Bench { Cx cx; Store *s; Str sum; char folder[64]; int64_t now_us; } Bench;
static Bench b;

static int open_store(void **state) {
  (void)state;
  b = (Bench){ .cx = cx_new(1024 * MIB),
               .folder = "/tmp/supply_test.XXXXXX",
               .now_us = INT64_C(1772445600000000) };
  if (!mkdtemp(b.folder)) return 1;
  Err e = crypto_start(&b.cx);
  if (e == E_OK) e = store_open(&b.cx, b.folder, STORE_CREATE, &b.s);
  if (e == E_OK) e = store_begin(&b.cx, b.s);
  if (e == E_OK) e = ledger_create(&b.cx, b.s, S("00000000-0000-4000-8000-000000000001"));
  if (e == E_OK) e = store_commit(&b.cx, b.s);
  if (e == E_OK) e = store_migrate(&b.cx, b.s, supply_schema, supply_nschema);
  if (e != E_OK) print_error("%.*s\n", STR(b.cx.words));
  return e != E_OK;
}

static int close_store(void **state) {
  (void)state;
  store_close(b.s);
  cx_free(&b.cx);
  char line[100];
  const char *const files[] = { "proofline.db", "proofline.db-wal", "proofline.db-shm", "proofline.lock" };
  for (size_t i = 0; i < COUNT(files); i++) {
    (void)snprintf(line, sizeof line, "%s/%s", b.folder, files[i]);
    (void)unlink(line);
  }
  (void)rmdir(b.folder);
  return 0;
}

static Str corpus(const char *name) {
  Str bytes, path = str_fmt(b.cx.arena, "%s/%s", CORPUS, name);
  assert_int_equal(file_read(&b.cx, str_z(b.cx.arena, path), 64 * MIB, &bytes), E_OK);
  return bytes;
}

/* Runs a command as the writer would; the result is in b.sum. */
static Err command(const char *name, Str args, Str payload, const char *reason) {
  const Command *c = NULL;
  for (size_t i = 0; i < supply_ncommands; i++)
    if (str_eq(str_of(supply_commands[i]->name), str_of(name))) c = supply_commands[i];
  assert_non_null(c);
  JVal *root;
  Buf out = buf_new(b.cx.arena, MIB);
  JsonOut o = json_out(&out, false);
  assert_int_equal(json_read(&b.cx, args, &JSON_BODY, &root), E_OK);
  b.now_us += US_PER_S;
  Call call = { .store = b.s, .command = c, .actor = S("U000001"), .auth = S("local"), .source = S("cli"),
                .request = S("0123456789abcdef"), .reason = str_of(reason), .args = root, .payload = payload,
                .now_us = b.now_us, .result = &o };
  json_object(&o);
  TRY(store_begin(&b.cx, b.s));
  Err e = c->run(&b.cx, &call);
  if (e == E_OK) e = store_commit(&b.cx, b.s);
  if (e != E_OK) store_rollback(b.s);
  json_object_end(&o);
  b.sum = buf_str(&out);
  return e;
}

static void ok(Err e) {
  if (e != E_OK) print_error("%s: %.*s\n", err_name(e), STR(b.cx.words));
  assert_int_equal(e, E_OK);
}

static Err import_bytes(Str bytes, const char *release, const char *name) {
  SbomOptions opt = supply_options(NULL);
  Sbom s;
  Ask ask = { 0 };
  ok(supply_read(&b.cx, bytes, &opt, &s));
  SbomImport what = { S("sorrel-p1"), str_of(release), str_of(name), S("EL-03"), S("some/where/x.cdx.json") };
  ok(supply_import_ask(&b.cx, &s, bytes, &what, &ask));
  assert_true(str_eq(ask.command, S("sbom.import")));
  return command("sbom.import", ask.args_json, ask.payload, "Build of the release");
}

static void is_text(Str got, const char *want) {
  if (!str_eq(got, str_of(want))) print_error("got \"%.*s\", want \"%s\"\n", STR(got), want ? want : "");
  assert_true(str_eq(got, str_of(want)));
}

static size_t findings(void) {
  VerifyReport report = { 0 };
  ok(supply_verify_part.derived(&b.cx, b.s, &report));
  return report.findings.n;
}

static void imports_are_kept_once(void **state) {
  (void)state;
  Str bytes = corpus("small.cdx.json"), kept;
  SbomInfo info;
  ok(import_bytes(bytes, "2.1.0", "firmware"));
  is_text(b.sum, "{\"sbom\":\"SBM-0001\",\"components\":4,\"already\":false,\"current\":true}");
  ok(import_bytes(bytes, "2.1.0", "firmware"));
  is_text(b.sum, "{\"sbom\":\"SBM-0001\",\"components\":4,\"already\":true,\"current\":true}");
  ok(supply_sbom(&b.cx, b.s, S("SBM-0001"), &info));
  is_text(info.file, "x.cdx.json");
  is_text(info.format, "CycloneDX");
  is_text(info.element, "EL-03");
  is_text(info.imported_by, "U000001");
  assert_int_equal(info.components, 4);
  assert_true(info.current);
  assert_true(str_find(info.check_json, S("proofline.sbom-check/1")) != SIZE_MAX);
  ok(supply_sbom_bytes(&b.cx, b.s, S("SBM-0001"), &kept));
  assert_true(str_eq(kept, bytes));
  ok(import_bytes(corpus("next.cdx.json"), "2.1.0", "firmware"));
  ok(supply_sbom(&b.cx, b.s, S("SBM-0001"), &info));
  assert_false(info.current);
  ok(import_bytes(bytes, "2.1.0", "other"));        /* another name of the same release stands beside it */
  SbomList list;
  ok(supply_sboms(&b.cx, b.s, S("sorrel-p1"), STR_NONE, true, &list));
  assert_int_equal(list.n, 2);
  ok(supply_sboms(&b.cx, b.s, STR_NONE, STR_NONE, false, &list));
  assert_int_equal(list.n, 3);
  LogRows log;
  ok(ledger_entries(&b.cx, b.s, STR_NONE, 0, 100, 100, &log));
  size_t imports = 0;
  for (size_t i = 0; i < log.n; i++) imports += str_eq(log.p[i].act, S("sbom.import"));
  assert_int_equal(imports, 3);
  assert_int_equal(findings(), 0);
  assert_int_equal(supply_sbom(&b.cx, b.s, S("SBM-0099"), &info), E_NOTFOUND);
  cx_forgive(&b.cx);
}

static void bad_imports_store_nothing(void **state) {
  (void)state;
  SbomList list;
  Str args = S("{\"product\":\"sorrel-p1\",\"release\":\"1\"}");
  assert_int_equal(command("sbom.import", args, S("12345678rows"), ""), E_UNREADABLE);
  cx_forgive(&b.cx);
  assert_int_equal(command("sbom.import", args, S("\4\0\0\0\0\0\0\0rowsfile"), ""), E_UNREADABLE);
  cx_forgive(&b.cx);
  assert_int_equal(command("sbom.import", S("{\"product\":\"a b\"}"), S(""), ""), E_INVALID);
  cx_forgive(&b.cx);
  ok(supply_sboms(&b.cx, b.s, STR_NONE, STR_NONE, false, &list));
  assert_int_equal(list.n, 0);
  Ask ask = { 0 };
  SbomImport what = { S("sorrel-p1"), S("1"), STR_NONE, STR_NONE, S("bad.json") };
  ok(supply_refuse_ask(&b.cx, S("hello"), &what, S("This is text that is not JSON."), &ask));
  ok(command("sbom.refuse", ask.args_json, ask.payload, ""));
  LogRows log;
  ok(ledger_entries(&b.cx, b.s, S("product:sorrel-p1"), 0, 100, 10, &log));
  assert_int_equal(log.n, 1);
  is_text(log.p[0].act, "sbom.refused");
  assert_true(str_find(log.p[0].reason, S("bad.json")) != SIZE_MAX);
}

static void components_are_paged_and_filtered(void **state) {
  (void)state;
  ok(import_bytes(corpus("small.cdx.json"), "2.1.0", ""));
  ComponentRows rows;
  static const char *const order[] = { "Debian", "libfoo", "libssl3", "mbedtls" };
  Str after = STR_NONE;
  for (size_t i = 0; i < COUNT(order); i++) {
    ok(supply_components(&b.cx, b.s, S("SBM-0001"), NULL, after, 1, &rows));
    assert_int_equal(rows.n, 1);
    is_text(rows.p[0].package.name, order[i]);
    after = rows.p[0].next;
  }
  ok(supply_components(&b.cx, b.s, S("SBM-0001"), NULL, after, 1, &rows));
  assert_int_equal(rows.n, 0);
  int32_t in_2028 = 0, in_2026 = 0;
  assert_true(date_parse(S("2028-01-01"), &in_2028) && date_parse(S("2026-01-01"), &in_2026));
  const struct { ComponentFilter f; size_t n;
  } cases[] = {
    { { .no_supplier = true }, 2 },
    { { .no_purl = true }, 2 },
    { { .no_id = true }, 2 },
    { { .no_support_end = true }, 3 },
    { { .support_passed = true, .today = in_2028 }, 1 },
    { { .support_passed = true, .today = in_2026 }, 0 },
    { { .no_supplier = true, .text = S("FOO") }, 1 },
    { { .text = S("_") }, 0 },
    { { .text = S("lib") }, 2 },
    { { .no_element = true }, 0 },
    { { .no_version = true }, 0 },
    { { .no_licence = true }, 3 },
    { { .no_hash = true }, 3 },
    { { .no_support_level = true }, 3 },
  };
  for (size_t i = 0; i < COUNT(cases); i++) {
    ok(supply_components(&b.cx, b.s, S("SBM-0001"), &cases[i].f, STR_NONE, 100, &rows));
    if (rows.n != cases[i].n) print_error("filter %zu: %zu rows\n", i, rows.n);
    assert_int_equal(rows.n, cases[i].n);
  }
  assert_int_equal(supply_components(&b.cx, b.s, S("SBM-0001"), NULL, S("x"), 1, &rows), E_INVALID);
  cx_forgive(&b.cx);
  ComponentCounts c;
  ok(supply_counts(&b.cx, b.s, S("SBM-0001"), in_2028, &c));
  assert_int_equal(c.total, 4);
  assert_int_equal(c.no_supplier, 2);
  assert_int_equal(c.no_id, 2);
  assert_int_equal(c.support_passed, 1);
  assert_int_equal(c.no_element, 0);
}

static void packages_are_shared(void **state) {
  (void)state;
  ok(import_bytes(corpus("small.cdx.json"), "2.1.0", ""));
  ok(import_bytes(corpus("next.cdx.json"), "2.2.0", ""));
  Packages all, of;
  ok(supply_packages(&b.cx, b.s, 0, 100, &all));
  assert_int_equal(all.n, 6);                       /* libfoo 0.3 is in both */
  ok(supply_sbom_packages(&b.cx, b.s, S("SBM-0002"), 0, 100, &of));
  assert_int_equal(of.n, 3);
  size_t shared = 0;
  for (size_t i = 0; i < all.n; i++) {
    PackageUses uses;
    Package p;
    ok(supply_package_uses(&b.cx, b.s, all.p[i].id, true, &uses));
    shared += uses.n == 2;
    ok(supply_package(&b.cx, b.s, all.p[i].id, &p));
    assert_true(str_eq(p.identity, all.p[i].identity));
  }
  assert_int_equal(shared, 1);
  ok(supply_packages(&b.cx, b.s, all.p[0].id, 2, &of));
  assert_int_equal(of.n, 2);
  assert_int_equal(of.p[0].id, all.p[1].id);
}

/* kind, identity, before, after */
static const struct { DiffKind kind; const char *identity, *was, *is; } changes[] = {
  { DIFF_REMOVED, "Debian", "12", "" },
  { DIFF_ADDED, "arm/littlefs", "", "2.5" },
  { DIFF_REMOVED, "pkg:deb/debian/libssl3", "3.0.11-1", "" },
  { DIFF_VERSION, "pkg:generic/mbedtls", "2.28.0", "2.28.8" },
  { DIFF_LICENCE, "pkg:generic/mbedtls", "Apache-2.0", "" },
  { DIFF_SUPPLIER, "pkg:generic/mbedtls", "Arm", "" },
  { DIFF_VERSION, "pump-firmware", "2.1.0", "2.2.0" },
};

static void differences_are_by_identity(void **state) {
  (void)state;
  SbomDiff d;
  ok(import_bytes(corpus("small.cdx.json"), "2.1.0", ""));
  ok(import_bytes(corpus("next.cdx.json"), "2.2.0", ""));
  ok(supply_diff(&b.cx, b.s, S("SBM-0001"), S("SBM-0002"), &d));
  assert_int_equal(d.n, COUNT(changes));
  for (size_t i = 0; i < d.n; i++) {
    assert_int_equal(d.p[i].kind, changes[i].kind);
    is_text(d.p[i].identity, changes[i].identity);
    is_text(d.p[i].before, changes[i].was);
    is_text(d.p[i].after, changes[i].is);
  }
  ok(supply_diff(&b.cx, b.s, S("SBM-0001"), S("SBM-0001"), &d));
  assert_int_equal(d.n, 0);
}

static void paths_go_up_shortest_first(void **state) {
  (void)state;
  ComponentPaths paths;
  ok(import_bytes(corpus("paths.cdx.json"), "1", ""));
  ok(supply_paths(&b.cx, b.s, S("SBM-0001"), 3, 20, &paths));
  assert_int_equal(paths.n, 2);
  assert_int_equal(paths.p[0].n, 3);
  is_text(paths.p[0].p[0].name, "r");
  is_text(paths.p[0].p[1].name, "b");
  is_text(paths.p[0].p[2].name, "c");
  assert_int_equal(paths.p[1].n, 4);
  ok(supply_paths(&b.cx, b.s, S("SBM-0001"), 3, 1, &paths));
  assert_int_equal(paths.n, 1);
  ok(supply_paths(&b.cx, b.s, S("SBM-0001"), 5, 20, &paths));
  /* only in a circle: the path ends where the circle closes */
  assert_int_equal(paths.n, 1);
  ok(supply_paths(&b.cx, b.s, S("SBM-0001"), 0, 20, &paths));
  assert_int_equal(paths.p[0].n, 1);
}

static Str answer(const char *identity, const char *version, const char *field, const char *value) {
  return str_fmt(b.cx.arena,
                 "{\"product\":\"sorrel-p1\",\"identity\":\"%s\",\"version\":\"%s\",\"field\":\"%s\","
                 "\"value\":\"%s\",\"source\":\"mail\"}", identity, version, field, value);
}

static ComponentRow libfoo(void) {
  ComponentRows rows;
  ok(supply_components(&b.cx, b.s, S("SBM-0001"), &(ComponentFilter){ .text = S("libfoo") }, STR_NONE, 2, &rows));
  assert_int_equal(rows.n, 1);
  return rows.p[0];
}

static void answers_close_gaps(void **state) {
  (void)state;
  const char *why = "Asked the supplier by mail";
  ok(import_bytes(corpus("small.cdx.json"), "2.1.0", ""));
  is_text(libfoo().supplier, "");
  ok(command("component.set", answer("libfoo", "", "supplier", "Foo AS"), S(""), why));
  is_text(b.sum, "{\"changed\":true}");
  ok(command("component.set", answer("libfoo", "", "supplier", "Foo AS"), S(""), why));
  is_text(b.sum, "{\"changed\":false}");
  ok(command("component.set", answer("libfoo", "0.3", "supplier", "Foo ASA"), S(""), why));
  is_text(libfoo().supplier, "Foo ASA");                      /* the answer for the version wins */
  ok(command("component.set", answer("libfoo", "0.3", "supplier", ""), S(""), why));
  is_text(libfoo().supplier, "Foo AS");
  ok(command("component.set", answer("libfoo", "", "support_level", "unknown"), S(""), why));
  ok(command("component.set", answer("libfoo", "", "support_end", "2027-12-31"), S(""), why));
  is_text(libfoo().support_end, "2027-12-31");
  is_text(libfoo().supplier, "Foo AS");
  assert_int_equal(findings(), 0);
  ComponentCounts c;
  ok(supply_product_counts(&b.cx, b.s, S("sorrel-p1"), STR_NONE, 0, &c));
  assert_int_equal(c.no_supplier, 1);
  const struct { const char *field, *value, *reason; Err e;
  } bad[] = {
    { "support_end", "soon", why, E_INVALID },
    { "support_level", "ok", why, E_INVALID },
    { "colour", "red", why, E_INVALID },
    { "supplier", "x", "short", E_INVALID },
  };
  for (size_t i = 0; i < COUNT(bad); i++) {
    assert_int_equal(
        command("component.set", answer("libfoo", "", bad[i].field, bad[i].value), S(""), bad[i].reason),
        bad[i].e);
    cx_forgive(&b.cx);
    b.cx.problems.n = 0;
  }
  assert_int_equal(command("component.set", answer("nobody", "", "supplier", "x"), S(""), why), E_NOTFOUND);
  cx_forgive(&b.cx);
}

/* Whichever call to the store fails, nothing of the import is there afterwards; without the fault it goes through. */
static void an_import_survives_every_fault(void **state) {
  (void)state;
  SbomList list;
  Err e = E_FULL;
  uint64_t n = 1;
  for (; e != E_OK && n < 1000; n++) {
    store_fault(b.s, FAULT_ANY, n, E_FULL, false);
    SbomOptions opt = supply_options(NULL);
    SbomImport what = { S("sorrel-p1"), S("1"), STR_NONE, STR_NONE, S("x.json") };
    Str bytes = corpus("small.cdx.json");
    Sbom s;
    Ask ask = { 0 };
    ok(supply_parse(&b.cx, bytes, &opt, &s));
    ok(supply_import_ask(&b.cx, &s, bytes, &what, &ask));
    e = command("sbom.import", ask.args_json, ask.payload, "");
    store_fault(b.s, FAULT_ANY, 0, E_OK, false);
    cx_forgive(&b.cx);
    ok(supply_sboms(&b.cx, b.s, STR_NONE, STR_NONE, false, &list));
    assert_int_equal(list.n, e == E_OK);
    assert_int_equal(findings(), 0);
  }
  assert_true(n > 20 && n < 1000);
}

/* A change behind the log's back is found, whichever table it is in. */
static const Sql tamper[] = {
  { "t.1", "UPDATE sbom_component SET supplier = 'Somebody' WHERE component = 3", NULL },
  { "t.2", "UPDATE package SET version = '9' WHERE name = 'libfoo'", NULL },
  { "t.3", "DELETE FROM sbom_dependency", NULL },
  { "t.4", "UPDATE sbom SET release = '9'", NULL },
  { "t.5", "UPDATE component_fact SET value = 'Bar' WHERE n = 1", NULL },
  { "t.6", "UPDATE component_now SET supplier = 'Bar'", NULL },
  { "t.7", "UPDATE sbom SET current = 0", NULL },
};

static void changes_behind_the_log_are_found(void **state) {
  (void)state;
  ok(import_bytes(corpus("small.cdx.json"), "2.1.0", ""));
  ok(command("component.set", answer("libfoo", "", "supplier", "Foo AS"), S(""), "Asked the supplier"));
  for (size_t i = 0; i < COUNT(tamper); i++) {
    Hash before[2], after[2];
    ok(ledger_fact(&b.cx, b.s, FACT_SBOM, S("SBM-0001"), &before[0]));
    ok(ledger_fact(&b.cx, b.s, FACT_COMPONENT, S("sorrel-p1 libfoo @"), &before[1]));
    int64_t changed;
    ok(store_begin(&b.cx, b.s));
    ok(store_run(&b.cx, b.s, &tamper[i], NO_ARGS, &changed));
    assert_true(changed > 0);
    ok(ledger_fact(&b.cx, b.s, FACT_SBOM, S("SBM-0001"), &after[0]));
    ok(ledger_fact(&b.cx, b.s, FACT_COMPONENT, S("sorrel-p1 libfoo @"), &after[1]));
    bool found = !hash_eq(before[0], after[0]) || !hash_eq(before[1], after[1]) || findings() > 0;
    if (!found) print_error("%s went unnoticed\n", tamper[i].text);
    assert_true(found);
    store_rollback(b.s);
  }
  assert_int_equal(findings(), 0);
}

/* What the ledger says of our tables, rows and texts; the signer is none of ours. */
static void the_ledger_verifies_us(void **state) {
  (void)state;
  VerifyReport report = { 0 };
  ok(import_bytes(corpus("small.cdx.json"), "2.1.0", ""));
  ok(command("component.set", answer("libfoo", "", "supplier", "Foo AS"), S(""), "Asked the supplier"));
  ok(ledger_verify(&b.cx, b.s, &supply_verify_part, 1, &report));
  assert_int_equal(report.facts, 2);
  for (size_t i = 0; i < report.findings.n; i++) {
    const Finding *f = &report.findings.p[i];
    bool ours = !str_eq(f->kind, S("checkpoint")) && !str_eq(f->kind, S("signer"));
    if (ours) print_error("%.*s %.*s: %.*s\n", STR(f->kind), STR(f->object), STR(f->what));
    assert_false(ours);
  }
}

static void answers_are_written_out(void **state) {
  (void)state;
  static const char why[] = "Asked the supplier by mail";
  ok(import_bytes(corpus("small.cdx.json"), "2.1.0", ""));
  ok(command("component.set", answer("libfoo", "", "supplier", "Foo, AS"), S(""), why));
  ok(command("component.set", answer("libfoo", "", "support_level", "abandoned"), S(""), why));
  ok(command("component.set", answer("libfoo", "", "support_end", "2024-12-31"), S(""), why));
  Buf one = buf_new(b.cx.arena, 1 << 20), two = buf_new(b.cx.arena, 1 << 20);
  Sbom s;
  SbomOptions opt = supply_options(NULL);
  ok(supply_write(&b.cx, b.s, S("SBM-0001"), SBOM_CYCLONEDX, S("1.6"), &one));
  ok(supply_write(&b.cx, b.s, S("SBM-0001"), SBOM_CYCLONEDX, S("1.6"), &two));
  assert_true(str_eq(buf_str(&one), buf_str(&two)));
  ok(supply_read(&b.cx, buf_str(&one), &opt, &s));
  is_text(s.component.p[4].name, "libfoo");
  is_text(s.component.p[4].supplier, "Foo, AS");
  is_text(s.component.p[4].support_level, "abandoned");
  is_text(s.component.p[4].support_end, "2024-12-31");
  is_text(s.component.p[1].supplier, "Arm");
  Sheet sheet;
  Str csv;
  ok(supply_table(&b.cx, b.s, S("SBM-0001"), &sheet));
  ok(csv_write(&b.cx, &sheet, &csv));
  assert_true(str_find(csv, S("libfoo,0.3,\"Foo, AS\",abandoned,2024-12-31,,")) != SIZE_MAX);
  assert_int_equal(supply_write(&b.cx, b.s, S("SBM-0099"), SBOM_SPDX, S("2.3"), &one), E_NOTFOUND);
  cx_forgive(&b.cx);
}

static void errors_are_taken_only_when_accepted(void **state) {
  (void)state;
  Str bytes = corpus("circle.cdx.json");
  SbomOptions opt = supply_options(NULL);
  Sbom s;
  Ask ask = { 0 };
  SbomImport what = { .product = S("sorrel-p1"), .release = S("3"), .file = S("circle.cdx.json") };
  assert_int_equal(supply_read(&b.cx, bytes, &opt, &s), E_INVALID);
  cx_forgive(&b.cx);
  opt.accept_errors = true;
  ok(supply_read(&b.cx, bytes, &opt, &s));
  ok(supply_import_ask(&b.cx, &s, bytes, &what, &ask));
  assert_int_equal(command("sbom.import", ask.args_json, ask.payload, "Built by an old tool"), E_INVALID);
  cx_forgive(&b.cx);
  what.accept_errors = true;
  ok(supply_import_ask(&b.cx, &s, bytes, &what, &ask));
  ok(command("sbom.import", ask.args_json, ask.payload, "Built by an old tool"));
  LogRows log;
  ok(ledger_entries(&b.cx, b.s, STR_NONE, 0, 1000, 1000, &log));
  bool said = false;
  for (size_t i = 0; i < log.n; i++)
    said |= str_find(log.p[i].reason, S("Built by an old tool - Accepted with 2 errors: /components/")) != SIZE_MAX;
  assert_true(said);
}

int main(void) {
#define IN_STORE(f) cmocka_unit_test_setup_teardown(f, open_store, close_store)
  const struct CMUnitTest tests[] = {
    IN_STORE(imports_are_kept_once),
    IN_STORE(bad_imports_store_nothing),
    IN_STORE(components_are_paged_and_filtered),
    IN_STORE(packages_are_shared),
    IN_STORE(differences_are_by_identity),
    IN_STORE(paths_go_up_shortest_first),
    IN_STORE(answers_close_gaps),
    IN_STORE(answers_are_written_out),
    IN_STORE(errors_are_taken_only_when_accepted),
    IN_STORE(changes_behind_the_log_are_found),
    IN_STORE(the_ledger_verifies_us), IN_STORE(an_import_survives_every_fault),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
