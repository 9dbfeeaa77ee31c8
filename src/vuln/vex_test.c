/* VEX: three formats in, three out, and back; package matching of statements; published documents when PROOFLINE_DATA
 * names their folder. */
#include "vuln/vuln.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <cmocka.h>
#undef fail

#define OPENVEX                                                                                                      \
  "{\"@context\":\"https://openvex.dev/ns/"                                                                          \
  "v0.2.0\",\"@id\":\"x\",\"author\":\"a\",\"timestamp\":\"2026-01-01T00:00:00Z\",\"version\":1,\"statements\":["
#define CDX                                                                                                          \
  "{\"bomFormat\":\"CycloneDX\",\"specVersion\":\"1.6\",\"components\":[{\"bom-ref\":\"c\",\"name\":\"zlib\","       \
  "\"version\":\"1.2\",\"purl\":\"pkg:generic/zlib@1.2\"}],\"vulnerabilities\":["

#define CSAF(tree, status, more)                                                                                     \
  "{\"document\":{\"csaf_version\":\"2.1\"},\"product_tree\":{\"full_product_names\":[{\"name\":\"n\","              \
  "\"product_id\":\"P\",\"product_identification_helper\":{\"purls\":[\"pkg:npm/a@1\"]}}]," tree                     \
  "},\"vulnerabilities\":[{\"cve\":\"CVE-3\",\"product_status\":{" status "}" more "}]}"

typedef struct Case {
  const char *text;
  size_t statements;
  unsigned left_out;
  const char *has;
} Case;

/* has: "vuln status justification purl", of the first statement */
static const Case cases[] = {
  { OPENVEX
    "{\"vulnerability\":{\"name\":\"CVE-1\"},\"products\":[{\"@id\":\"pkg:npm/a@1\"}],\"status\":\"fixed\"}]}",
    1, 0, "CVE-1 fixed  pkg:npm/a@1" },
  { OPENVEX "{\"vulnerability\":\"CVE-1\",\"products\":[\"pkg:npm/a@1\"],\"status\":\"fixed\"}]}", 1, 0,
    "CVE-1 fixed  pkg:npm/a@1" },
  { OPENVEX "{\"vulnerability\":{\"name\":\"CVE-1\"},\"products\":[{\"@id\":\"p\",\"subcomponents\":[{\"@id\":\"pkg:"
            "deb/debian/z@1\"}]}],"
            "\"status\":\"not_affected\",\"justification\":\"component_not_present\"}]}",
    1, 0, "CVE-1 not_affected component_not_present pkg:deb/debian/z@1" },
  { "{\"@context\":\"https://openvex.dev/ns\",\"@id\":\"x\",\"author\":\"a\",\"timestamp\":\"2023-01-01T00:00:00Z\","
    "\"version\":\"1\",\"statements\":[{\"vulnerability\":\"CVE-1\",\"products\":[\"pkg:oci/image@1\"],"
    "\"subcomponents\":[\"pkg:apk/alpine/z@1\"],\"status\":\"not_affected\",\"justification\":"
    "\"component_not_present\"}]}",
    1, 0, "CVE-1 not_affected component_not_present pkg:apk/alpine/z@1" },
  { OPENVEX "{\"vulnerability\":{\"name\":\"CVE-1\"},\"products\":[{\"@id\":\"p\"}],\"status\":\"maybe\"}]}", 0, 1,
    NULL },
  { OPENVEX "{\"vulnerability\":{\"name\":\"CVE-1\"},\"status\":\"fixed\"}]}", 0, 1, NULL },
  { OPENVEX "{\"products\":[\"p\"],\"status\":\"fixed\"}]}", 0, 1, NULL },
  { CDX "{\"id\":\"CVE-2\",\"analysis\":{\"state\":\"exploitable\"},\"affects\":[{\"ref\":\"c\"}]}]}", 1, 0,
    "CVE-2 affected  pkg:generic/zlib@1.2" },
  { CDX "{\"id\":\"CVE-2\",\"analysis\":{\"state\":\"not_affected\",\"justification\":\"code_not_reachable\"},"
        "\"affects\":[{\"ref\":\"c\"}]}]}",
    1, 0, "CVE-2 not_affected vulnerable_code_not_in_execute_path pkg:generic/zlib@1.2" },
  { CDX "{\"id\":\"CVE-2\",\"analysis\":{\"state\":\"false_positive\"},\"affects\":[{\"ref\":\"urn:cdx:u/"
        "1#pkg%3Anpm%2Fa%401\"}]}]}",
    1, 0, "CVE-2 not_affected component_not_present pkg:npm/a@1" },
  { CDX "{\"id\":\"CVE-2\",\"affects\":[{\"ref\":\"c\"}]}]}", 1, 0,
    "CVE-2 under_investigation  pkg:generic/zlib@1.2" },
  { "<?xml version=\"1.0\"?><bom xmlns=\"http://cyclonedx.org/schema/bom/1.6\" version=\"1\"><components><component "
    "type=\"library\" "
    "bom-ref=\"c\"><name>zlib</name><version>1.2</version><purl>pkg:generic/zlib@1.2</purl></component>"
    "</components><vulnerabilities><vulnerability><id>CVE-2</id><analysis><state>not_affected</state><justification>"
    "code_not_reachable</justification><responses><response>update</response></responses><detail>d</detail></"
    "analysis>"
    "<affects><target><ref>c</ref></target></affects></vulnerability></vulnerabilities></bom>",
    1, 0, "CVE-2 not_affected vulnerable_code_not_in_execute_path pkg:generic/zlib@1.2" },
  { "<bom "
    "xmlns=\"http://cyclonedx.org/schema/bom/1.4\"><vulnerabilities><vulnerability><id>CVE-2</id></vulnerability>"
    "</vulnerabilities></bom>",
    0, 1, NULL },
  { "{\"document\":{\"csaf_version\":\"2.0\"},\"product_tree\":{\"full_product_names\":[{\"name\":\"n\",\"product_"
    "id\":\"P\","
    "\"product_identification_helper\":{\"purl\":\"pkg:npm/"
    "a@1\"}}]},\"vulnerabilities\":[{\"cve\":\"CVE-3\",\"product_status\":"
    "{\"known_not_affected\":[\"P\",\"Q\"]},\"flags\":[{\"label\":\"vulnerable_code_not_present\",\"product_ids\":["
    "\"P\"]}]}]}",
    1, 1, "CVE-3 not_affected vulnerable_code_not_present pkg:npm/a@1" },
  /* a flag of a group is of its products alone */
  { CSAF("\"product_groups\":[{\"group_id\":\"G\",\"product_ids\":[\"Q\"]},{\"group_id\":\"H\",\"product_ids\":"
         "[\"P\"]}]", "\"known_not_affected\":[\"P\"]",
         ",\"flags\":[{\"label\":\"component_not_present\",\"group_ids\":[\"G\"]},{\"label\":"
         "\"vulnerable_code_not_present\",\"group_ids\":[\"H\"]}]"),
    1, 0, "CVE-3 not_affected vulnerable_code_not_present pkg:npm/a@1" },
  /* the component of a path is where it begins, of a path in a path too */
  { CSAF("\"product_paths\":[{\"beginning_product_reference\":\"P\",\"full_product_name\":{\"product_id\":\"X\","
         "\"name\":\"x\"},\"subpaths\":[]},{\"beginning_product_reference\":\"X\",\"full_product_name\":{"
         "\"product_id\":\"Y\",\"name\":\"y\"},\"subpaths\":[]}]", "\"fixed\":[\"Y\"]", ""),
    1, 0, "CVE-3 fixed  pkg:npm/a@1" },
  { CSAF("\"product_groups\":[]", "\"first_affected\":[\"P\"],\"known_affected\":[\"P\"]", ""), 1, 0,
    "CVE-3 affected  pkg:npm/a@1" },
  { CSAF("\"product_groups\":[]", "\"unknown\":[\"P\"]", ""), 0, 1, NULL },
  { CDX "{\"id\":\"CVE-2\",\"analysis\":{\"state\":\"exploitable\"},\"affects\":[{\"ref\":\"c\",\"versions\":[{"
        "\"version\":\"1.2\"},{\"version\":\"1.3\",\"status\":\"unaffected\"}]}]}]}",
    1, 1, "CVE-2 affected  pkg:generic/zlib@1.2" },
  { CDX "{\"id\":\"CVE-2\",\"analysis\":{\"state\":\"exploitable\"},\"affects\":[{\"ref\":\"c\",\"versions\":[{"
        "\"range\":\"vers:generic/<1\",\"status\":\"unaffected\"}]}]}]}",
    0, 2, NULL },
};

static Str says(Cx *cx, const VexStatement *s) {
  Str purl = s->part.n ? s->part.p[0].purl : s->whole.p[0].purl;
  return str_fmt(cx->arena, "%.*s %.*s %.*s %.*s", STR(s->vuln), STR(s->status), STR(s->justification), STR(purl));
}

static void own_lines(void **state) {
  (void)state;
  for (size_t i = 0; i < COUNT(cases); i++) {
    AUTO(Cx) cx = cx_new(64u << 20);
    VexDoc d = { 0 }, jailed = { 0 };
    assert_int_equal(vex_parse(&cx, str_of(cases[i].text), &d), E_OK);
    if (d.statement.n != cases[i].statements || d.left_out != cases[i].left_out)
      print_message("%zu: %zu statements, %u left out\n", i, d.statement.n, d.left_out);
    assert_int_equal(d.statement.n, cases[i].statements);
    assert_int_equal(d.left_out, cases[i].left_out);
    if (cases[i].has && !str_eq(says(&cx, &d.statement.p[0]), str_of(cases[i].has)))
      print_message("%zu: %.*s\n", i, STR(says(&cx, &d.statement.p[0])));
    if (cases[i].has) assert_true(str_eq(says(&cx, &d.statement.p[0]), str_of(cases[i].has)));
    assert_int_equal(vex_read(&cx, str_of(cases[i].text), &jailed), E_OK);
    assert_int_equal(jailed.statement.n, d.statement.n);
    if (cases[i].has) assert_true(str_eq(says(&cx, &jailed.statement.p[0]), str_of(cases[i].has)));
  }
}

/* The versions that a product means. */
static void versions(void **state) {
  (void)state;
  static const struct { const char *range, *version; bool is; } lines[] = {
    { "", "1.0", true },           { "1.0", "1.0", true },           { "1.0", "1.1", false },
    { "vers:npm/<2.0.0", "1.9.0", true }, { "vers:npm/<2.0.0", "2.0.0", false }, { "< 2.0", "1.0", false },
    { "vers:klingon/<2", "1", false },
  };
  AUTO(Cx) cx = cx_new(1u << 20);
  for (size_t i = 0; i < COUNT(lines); i++) {
    VexProduct p = { .range = str_of(lines[i].range) };
    assert_int_equal(vex_product_is(&cx, &p, str_of(lines[i].version)), lines[i].is);
  }
}

/* More products than are kept: counted, never dropped in silence. */
static void many_products(void **state) {
  (void)state;
  AUTO(Cx) cx = cx_new(256u << 20);
  Buf b = buf_new(cx.arena, 8u << 20);
  VexDoc d = { 0 };
  buf_z(&b, OPENVEX "{\"vulnerability\":\"CVE-1\",\"status\":\"fixed\",\"products\":[\"pkg:npm/a@0\"");
  for (unsigned i = 1; i < 2003; i++) buf_fmt(&b, ",\"pkg:npm/a@%u\"", i);
  buf_z(&b, "]}]}");
  assert_int_equal(vex_parse(&cx, buf_str(&b), &d), E_OK);
  assert_int_equal(d.statement.p[0].whole.n, 2000);
  assert_int_equal(d.left_out, 3);
}

static void refused(void **state) {
  (void)state;
  static const struct {
    const char *text;
    Err e;
  } bad[] = { { "", E_UNREADABLE },
              { "{", E_UNREADABLE },
              { "[]", E_FORMAT },
              { "{}", E_FORMAT },
              { "{\"@context\":1}", E_FORMAT },
              { "{\"a\":1,\"a\":2}", E_UNREADABLE },
              { "<bom", E_UNREADABLE },
              { "<html/>", E_FORMAT },
              { "{\"document\":{\"csaf_version\":2}}", E_FORMAT } };
  for (size_t i = 0; i < COUNT(bad); i++) {
    AUTO(Cx) cx = cx_new(64u << 20);
    VexDoc d;
    assert_int_equal(vex_read(&cx, str_of(bad[i].text), &d), bad[i].e);
  }
}

/* Deep nesting of components and branches costs no stack. */
static void deep(void **state) {
  (void)state;
  AUTO(Cx) cx = cx_new(64u << 20);
  Buf b = buf_new(cx.arena, 1u << 20);
  VexDoc d;
  buf_z(&b, "{\"bomFormat\":\"CycloneDX\",\"components\":[");
  for (int i = 0; i < 200; i++) buf_z(&b, "{\"bom-ref\":\"x\",\"name\":\"n\",\"components\":[");
  for (int i = 0; i < 200; i++) buf_z(&b, "]}");
  buf_z(&b, "],\"vulnerabilities\":[]}");
  assert_int_equal(vex_read(&cx, buf_str(&b), &d), E_OK);
  assert_int_equal(d.statement.n, 0);
}

/* ---- out and back -------------------------------------------------------------------------------------- */

static const VexLine lines[] = {
  { .vuln = { "CVE-2026-1", 10 },
    .aliases = { "GHSA-aaaa-bbbb-cccc", 19 },
    .status = { "affected", 8 },
    .action = { "Update.", 7 },
    .purl = { "pkg:npm/a@1", 11 },
    .name = { "a", 1 },
    .version = { "1", 1 },
    .cvss_x10 = 98,
    .vector = { "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H", 44 },
    .severity = { "critical", 8 },
    .first = { "2026-01-01T00:00:00Z", 20 },
    .last = { "2026-01-02T00:00:00Z", 20 } },
  { .vuln = { "CVE-2026-2", 10 },
    .status = { "not_affected", 12 },
    .justification = { "vulnerable_code_not_present", 27 },
    .impact = { "Not built.", 10 },
    .purl = { "pkg:deb/debian/z@2", 18 },
    .name = { "z", 1 },
    .version = { "2", 1 },
    .cvss_x10 = -1,
    .first = { "2026-01-01T00:00:00Z", 20 },
    .last = { "2026-01-03T00:00:00Z", 20 } },
  { .vuln = { "CVE-2026-2", 10 },
    .status = { "under_investigation", 19 },
    .purl = { "pkg:deb/debian/y@2", 18 },
    .name = { "y", 1 },
    .version = { "2", 1 },
    .cvss_x10 = -1,
    .first = { "2026-01-01T00:00:00Z", 20 },
    .last = { "2026-01-03T00:00:00Z", 20 } },
  { .vuln = { "GHSA-x", 6 },
    .status = { "fixed", 5 },
    .impact = { "In 2.1.", 7 },
    .purl = { "pkg:npm/b@3", 11 },
    .name = { "b", 1 },
    .version = { "3", 1 },
    .cvss_x10 = -1,
    .first = { "2026-01-01T00:00:00Z", 20 },
    .last = { "2026-01-03T00:00:00Z", 20 } },
};

/* What we publish has no fault; its members are of the schema and in order. */
static void passes(Cx *cx, Str bytes) {
  CsafReport r = { 0 };
  assert_int_equal(csaf_check_parse(cx, bytes, &r), E_OK);
  assert_int_equal(r.faults, 0);
  for (size_t i = 0; i < r.advice.n; i++) {
    assert_false(str_eq(r.advice.p[i].test, S("6.2.13")));
    assert_false(str_eq(r.advice.p[i].test, S("6.2.20")));
  }
}

static void out_and_back(void **state) {
  (void)state;
  AUTO(Cx) cx = cx_new(64u << 20);
  VexOut v = { .id = S("urn:uuid:3e671687-395b-41f5-a30f-a58921a69b79"),
               .author = S("Maker"),
               .publisher_url = S("https://maker.example"),
               .publisher_category = S("vendor"),
               .product = S("pkg:generic/pump@2"),
               .product_name = S("Pump"),
               .product_version = S("2"),
               .line = lines,
               .n = COUNT(lines) };
  for (unsigned f = 0; f < VEX_FORMATS; f++) {
    Buf a = buf_new(cx.arena, 1u << 20), b = buf_new(cx.arena, 1u << 20);
    VexDoc d = { 0 };
    assert_int_equal(vex_write(&cx, &v, (VexFormat)f, &a), E_OK);
    assert_int_equal(vex_write(&cx, &v, (VexFormat)f, &b), E_OK);
    assert_true(str_eq(buf_str(&a), buf_str(&b)));
    assert_int_equal(vex_parse(&cx, buf_str(&a), &d), E_OK);
    assert_int_equal(d.left_out, 0);
    assert_int_equal(d.statement.n, COUNT(lines));
    if (f == VEX_CSAF) passes(&cx, buf_str(&a));
    for (size_t i = 0; i < COUNT(lines); i++) {
      bool found = false;
      for (size_t k = 0; k < d.statement.n; k++) {
        const VexStatement *s = &d.statement.p[k];
        Str purl = s->part.n ? s->part.p[0].purl : s->whole.p[0].purl;
        found |= str_eq(s->vuln, lines[i].vuln) && str_eq(s->status, lines[i].status) &&
                 str_eq(purl, lines[i].purl) && str_eq(s->justification, lines[i].justification);
      }
      if (!found) print_message("format %u lost %.*s\n", f, STR(lines[i].purl));
      assert_true(found);
    }
  }
  Buf none = buf_new(cx.arena, 1024);
  v.n = 0;
  assert_int_equal(vex_write(&cx, &v, VEX_CSAF, &none), E_NOTFOUND);
}

/* ---- whose package (grype#1589: no silent no-op because of a qualifier) --------------------------------- */

static void packages(void **state) {
  (void)state;
  static const struct {
    const char *statement, *purl, *name, *version;
    bool matches, same;
  } rows[] = {
    { "pkg:deb/debian/openssl", "pkg:deb/debian/openssl@3.0.11?arch=amd64", "openssl", "3.0.11", true, true },
    { "pkg:deb/debian/openssl@3.0.11", "pkg:deb/debian/openssl@3.0.11?arch=amd64", "openssl", "3.0.11", true, true },
    { "pkg:deb/debian/openssl@3.0.12", "pkg:deb/debian/openssl@3.0.11?arch=amd64", "openssl", "3.0.11", false, true },
    { "pkg:deb/debian/openssl?arch=arm64", "pkg:deb/debian/openssl@3.0.11?arch=amd64", "openssl", "3.0.11", false,
      false },
    { "pkg:deb/ubuntu/openssl", "pkg:deb/debian/openssl@3.0.11", "openssl", "3.0.11", false, false },
    { "openssl", "pkg:deb/debian/openssl@3.0.11", "openssl", "3.0.11", true, true },
    { "OpenSSL 3.0.11", "", "openssl", "3.0.11", true, false },
    { "openssl@3.0.11", "", "openssl", "3.0.11", true, true },
    { "openssl 1.1", "", "openssl", "3.0.11", false, false },
    { "opensslfoo", "", "openssl", "3.0.11", false, false },
    { "pkg:generic/openssl@3.0.11", "", "openssl", "3.0.11", true, true },
    { "", "pkg:npm/a@1", "a", "1", false, false },
    { "pkg:", "pkg:npm/a@1", "a", "1", false, false },
  };
  for (size_t i = 0; i < COUNT(rows); i++) {
    AUTO(Cx) cx = cx_new(1u << 20);
    bool m = package_matches(&cx, str_of(rows[i].statement), str_of(rows[i].purl), str_of(rows[i].name),
                             str_of(rows[i].version));
    if (m != rows[i].matches) print_message("%s\n", rows[i].statement);
    assert_int_equal(m, rows[i].matches);
    if (rows[i].same)
      assert_true(package_same_identity(&cx, str_of(rows[i].statement), str_of(rows[i].purl), str_of(rows[i].name)));
  }
}

static Err count_file(Cx *cx, void *env, const PackedFile *f) {
  size_t *n = env;
  AUTO(Cx) own = cx_new(512u << 20);
  VexDoc d;
  (void)cx;
  if (!f->bytes.p || !str_ends(f->name, S(".json"))) return E_OK;
  Err e = vex_parse(&own, f->bytes, &d);
  if (e == E_OK) {
    n[0]++;
    n[1] += d.statement.n;
    n[2] += d.left_out;
  } else assert_true(e == E_FORMAT || e == E_UNREADABLE || e == E_TOO_LARGE);
  return E_OK;
}

static void published(void **state) {
  (void)state;
  const char *folder = getenv("PROOFLINE_DATA");
  if (!folder || !*folder) {
    printf("skipped: PROOFLINE_DATA does not name the data folder\n");
    skip();
  }
  AUTO(Cx) cx = cx_new(512u << 20);
  size_t n[3] = { 0, 0, 0 };
  assert_int_equal(packed_walk(&cx, str_fmt(cx.arena, "%s/vex", folder).p, count_file, n), E_OK);
  printf("  %zu documents, %zu statements, %zu left out\n", n[0], n[1], n[2]);
  assert_true(n[0] > 150 && n[1] > 30000 && n[2] < 10);
}

int main(void) {
  const struct CMUnitTest tests[] = { cmocka_unit_test(own_lines), cmocka_unit_test(versions),
                                      cmocka_unit_test(many_products), cmocka_unit_test(refused),
                                      cmocka_unit_test(deep),      cmocka_unit_test(out_and_back),
                                      cmocka_unit_test(packages),  cmocka_unit_test(published) };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
