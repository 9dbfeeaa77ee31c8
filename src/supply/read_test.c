/* read_test.c - what each reader makes of good and odd SBOMs, and what the check says of them. */
#include "supply/test_corpus.h"

static void cyclonedx_is_understood(void **state) {
  (void)state;
  AUTO(Cx) cx = cx_new(64 * MIB);
  SbomOptions opt = usual();
  Sbom s;
  assert_int_equal(supply_read(&cx, corpus(&cx, "small.cdx.json"), &opt, &s), E_OK);
  assert_int_equal(s.format, SBOM_CYCLONEDX);
  is_text(s.spec, "1.6");
  is_text(s.authors, "Halden Medical");
  is_text(s.tools, "buildtool");
  is_text(s.lifecycle, "build");
  is_text(s.coverage, "incomplete");
  is_text(s.doc_version, "3");
  assert_int_equal(s.listed, 4);
  assert_int_equal(s.component.n, 5);
  assert_int_equal(s.root, 0);
  assert_int_equal(s.component.p[0].role, SBOM_SUBJECT);
  const SbomComponent *tls = &s.component.p[1], *ssl = &s.component.p[3];
  is_text(tls->supplier, "Arm");
  is_text(tls->licence, "Apache-2.0");
  is_text(tls->hashes, "MD5:0123456789abcdef0123456789abcdef");
  is_text(tls->support_level, "Actively maintained");
  is_text(tls->support_end, "2027-12-31");
  is_text(ssl->supplier, "Debian");
  is_text(ssl->distro, "debian-12");                          /* from the operating system of the SBOM */
  is_text(ssl->upstream, "openssl@3.0.11-1");
  assert_int_equal(ssl->parent, 2);
  assert_int_equal(s.dependencies, 4);
  assert_int_equal(s.edge.n, 3);
  assert_int_equal(s.no_relation, 1);
  assert_int_equal(s.errors, 0);
  assert_int_equal(s.warnings, 1);
  is_text(s.problems.p[0].where, "/dependencies/1");
  has_words(s.problems.p[0].what, "\"nowhere\"");
}

/* 1.1 has no dependencies of its own: an extension says them, at the document or at the component. */
static void the_graph_of_1_1_is_understood(void **state) {
  (void)state;
  AUTO(Cx) cx = cx_new(64 * MIB);
  SbomOptions opt = usual();
  Sbom s;
  Err e = supply_read(&cx, corpus(&cx, "graph-1.1.cdx.xml"), &opt, &s);
  if (e != E_OK) print_error("%.*s\n", STR(cx.words));
  assert_int_equal(e, E_OK);
  is_text(s.spec, "1.1");
  assert_int_equal(s.listed, 4);
  assert_int_equal(s.errors + s.warnings, 0);
  static const SbomEdge want[] = { { 0, 1 }, { 1, 2 }, { 3, 2 } };
  assert_int_equal(s.edge.n, COUNT(want));
  for (size_t i = 0; i < COUNT(want); i++) {
    assert_int_equal(s.edge.p[i].from, want[i].from);
    assert_int_equal(s.edge.p[i].to, want[i].to);
  }
}

static void spdx_is_understood(void **state) {
  (void)state;
  AUTO(Cx) cx = cx_new(64 * MIB);
  SbomOptions opt = usual();
  Sbom s;
  assert_int_equal(supply_read(&cx, corpus(&cx, "small.spdx.json"), &opt, &s), E_OK);
  assert_int_equal(s.format, SBOM_SPDX);
  is_text(s.spec, "2.3");
  is_text(s.authors, "Halden Medical");
  is_text(s.tools, "buildtool-1.0");
  assert_int_equal(s.listed, 2);
  assert_int_equal(s.root, 0);
  const SbomComponent *gw = &s.component.p[0], *nginx = &s.component.p[1];
  is_text(gw->supplier, "Halden Medical");
  is_text(gw->type, "application");
  assert_null(nginx->supplier.p);
  is_text(nginx->licence, "BSD-2-Clause");
  is_text(nginx->purl, "pkg:generic/nginx@1.20.0");
  is_text(nginx->cpe, "cpe:2.3:a:f5:nginx:1.20.0:*:*:*:*:*:*:*");
  is_text(nginx->support_end, "2022-05-25");
  is_text(nginx->hashes, "SHA-1:0123456789abcdef0123456789abcdef01234567");
  assert_int_equal(s.edge.n, 1);
  assert_int_equal(s.edge.p[0].from, 0);
  assert_int_equal(s.edge.p[0].to, 1);
  assert_int_equal(s.dependencies, 1);
  assert_int_equal(s.warnings, 0);
}

/* One document in several encodings gives the same rows, but for the name of the encoding. */
typedef struct Twins { const char *json, *other, *encoding; } Twins;
static const Twins twins[] = {
  { "small.cdx.json", "small.cdx.xml", "xml" },
  { "small.spdx.json", "small.spdx", "tag-value" },
  { "small.spdx.json", "small.spdx.yaml", "yaml" },
};

static void encodings_say_the_same(void **state) {
  (void)state;
  for (size_t i = 0; i < COUNT(twins); i++) {
    AUTO(Cx) cx = cx_new(64 * MIB);
    SbomOptions opt = usual();
    Sbom a, b;
    assert_int_equal(supply_read(&cx, corpus(&cx, twins[i].json), &opt, &a), E_OK);
    Err e = supply_read(&cx, corpus(&cx, twins[i].other), &opt, &b);
    if (e != E_OK) print_error("%s: %.*s\n", twins[i].other, STR(cx.words));
    assert_int_equal(e, E_OK);
    is_text(b.encoding, twins[i].encoding);
    Buf rows = buf_new(cx.arena, 4 * MIB);
    b.encoding = a.encoding;
    rows_write(&b, &rows);
    assert_true(str_eq(buf_str(&rows), a.rows));
  }
}

static void spdx3_is_understood(void **state) {
  (void)state;
  AUTO(Cx) cx = cx_new(64 * MIB);
  SbomOptions opt = usual();
  Sbom s;
  Err e = supply_read(&cx, corpus(&cx, "small.spdx3.json"), &opt, &s);
  if (e != E_OK) print_error("%.*s\n", STR(cx.words));
  assert_int_equal(e, E_OK);
  is_text(s.spec, "3.0");
  is_text(s.authors, "Halden Medical");
  is_text(s.tools, "buildtool");
  is_text(s.timestamp, "2026-03-02T10:00:00Z");
  is_text(s.lifecycle, "build");
  assert_int_equal(s.listed, 2);
  assert_int_equal(s.root, 0);
  const SbomComponent *nginx = &s.component.p[1];
  is_text(s.component.p[0].supplier, "Halden Medical");
  is_text(nginx->version, "1.20.0");
  is_text(nginx->licence, "BSD-2-Clause");
  is_text(nginx->purl, "pkg:generic/nginx@1.20.0");
  is_text(nginx->cpe, "cpe:2.3:a:f5:nginx:1.20.0:*:*:*:*:*:*:*");
  is_text(nginx->hashes, "SHA3-256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef");
  is_text(nginx->support_end, "2022-05-25");
  is_text(nginx->support_level, "endOfSupport");
  assert_int_equal(s.edge.n, 1);
  assert_int_equal(s.edge.p[0].to, 1);
}

/* An image, its package and the recipe of that package: three documents that name each other. */
static void archives_become_one(void **state) {
  (void)state;
  static const char *const files[] = { "image.spdx.tar.zst", "image.spdx.zip" };
  for (size_t i = 0; i < COUNT(files); i++) {
    AUTO(Cx) cx = cx_new(64 * MIB);
    SbomOptions opt = usual();
    Sbom s;
    Err e = supply_read(&cx, corpus(&cx, files[i]), &opt, &s);
    if (e != E_OK) print_error("%s: %.*s\n", files[i], STR(cx.words));
    assert_int_equal(e, E_OK);
    is_text(s.doc_name, "pump-image");
    is_text(s.tools, "create-spdx");
    assert_int_equal(s.listed, 3);
    assert_true(s.root != SBOM_NONE);
    is_text(s.component.p[s.root].name, "pump-image");
    assert_int_equal(s.edge.n, 1);
    is_text(s.component.p[s.edge.p[0].to].name, "busybox");
    is_text(s.component.p[s.edge.p[0].to].cpe, "cpe:2.3:*:*:busybox:1.36.1:*:*:*:*:*:*:*");
  }
}

/* Words that must stand among the problems of circle.cdx.json. */
static const char *const odd[] = {
  "does not read as a package URL",
  "does not read as a CPE",
  "\"gadget\" is not a type",
  "has no name",
  "depends on itself",
  "2 components depend on each other in a circle",
};

static void oddities_are_problems(void **state) {
  (void)state;
  AUTO(Cx) cx = cx_new(64 * MIB);
  SbomOptions opt = usual();
  Sbom s;
  assert_int_equal(supply_parse(&cx, corpus(&cx, "circle.cdx.json"), &opt, &s), E_INVALID);
  has_words(cx.words, "/components/");
  cx_forgive(&cx);
  opt.accept_errors = true;
  assert_int_equal(supply_parse(&cx, corpus(&cx, "circle.cdx.json"), &opt, &s), E_OK);
  assert_true(s.errors > 0 && s.problems.p[0].error);
  Buf all = buf_new(cx.arena, MIB);
  for (size_t i = 0; i < s.problems.n; i++) {
    buf_add(&all, s.problems.p[i].what);
    buf_byte(&all, '\n');
  }
  for (size_t i = 0; i < COUNT(odd); i++) has_words(buf_str(&all), odd[i]);
  Str marked = str_fmt(cx.arena, "\xEF\xBB\xBF%.*s", STR(corpus(&cx, "small.cdx.json")));
  assert_int_equal(supply_parse(&cx, marked, &opt, &s), E_OK);  /* a byte order mark is fine */
}

/* ---- the check ---- */

static void check_json_has_its_shape(void **state) {
  (void)state;
  AUTO(Cx) cx = cx_new(64 * MIB);
  SbomOptions opt = usual();
  Buf b = buf_new(cx.arena, MIB);
  bool usable = false;
  JVal *root, *ntia;
  assert_int_equal(supply_check(&cx, corpus(&cx, "small.cdx.json"), &opt, &b, &usable), E_OK);
  assert_true(usable);
  assert_int_equal(json_read(&cx, buf_str(&b), &JSON_DOCUMENT, &root), E_OK);
  is_text(json_text(root, "schema"), "proofline.sbom-check/1");
  is_text(json_text(root, "format"), "CycloneDX");
  is_text(json_text(root, "spec"), "1.6");
  is_text(json_text(root, "encoding"), "json");
  assert_int_equal(json_int(root, "components", -1), 4);
  assert_int_equal(json_int(root, "dependencies", -1), 4);
  assert_int_equal(yyjson_arr_size(json_get(root, "problems")), 1);
  ntia = json_get(json_get(root, "elements"), "ntia");
  assert_int_equal(json_int(json_get(ntia, "supplier"), "present", -1), 2);
  assert_int_equal(json_int(json_get(ntia, "supplier"), "missing", -1), 2);
  assert_int_equal(json_int(json_get(ntia, "author"), "missing", -1), 0);
  assert_int_equal(
      json_int(json_get(json_get(json_get(root, "elements"), "fda"), "support_end"), "present", -1), 1);
  assert_int_equal(
      json_int(json_get(json_get(json_get(root, "elements"), "cisa2025"), "generation_context"), "present", -1),
      1);
  buf_clear(&b);
  assert_int_equal(
      supply_check(&cx, S("<bom xmlns=\"http://cyclonedx.org/schema/bom/0.9\"/>"), &opt, &b, &usable), E_OK);
  assert_false(usable);
  assert_int_equal(json_read(&cx, buf_str(&b), &JSON_DOCUMENT, &root), E_OK);
  is_text(json_text(root, "encoding"), "xml");
  is_text(json_text(yyjson_arr_get_first(json_get(root, "problems")), "level"), "error");
}

int main(void) {
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(cyclonedx_is_understood),
    cmocka_unit_test(the_graph_of_1_1_is_understood),
    cmocka_unit_test(spdx_is_understood),
    cmocka_unit_test(encodings_say_the_same),
    cmocka_unit_test(spdx3_is_understood),
    cmocka_unit_test(archives_become_one),
    cmocka_unit_test(oddities_are_problems),
    cmocka_unit_test(check_json_has_its_shape),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
