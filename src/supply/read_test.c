/* read_test.c - what each reader makes of good, odd and bad SBOMs. */
#include "supply/inside.h"
#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>
#undef fail
#include <string.h>

#define MIB ((size_t)1 << 20)

static SbomOptions usual(void) { return supply_options(NULL); }

static void has_words(Str text, const char *words) {
  bool there = str_find(text, str_of(words)) != SIZE_MAX;
  if (!there) print_error("\"%s\" does not stand in \"%.*s\"\n", words, STR(text));
  assert_true(there);
}

/* ---- bad input: the error, and words of its message ---- */

#define CDX(rest) "{\"bomFormat\":\"CycloneDX\",\"specVersion\":\"1.5\"" rest "}"
#define XML(inner) "<bom xmlns=\"http://cyclonedx.org/schema/bom/1.6\" version=\"1\">" inner "</bom>"
#define XML_COMPONENTS(spec) "<components xmlns=\"http://cyclonedx.org/schema/bom/" spec "\"/>"
#define TEN(x) x x x x x x x x x x
#define LIB "\"type\":\"library\",\"name\":\"a\""
#define SPDX_HEAD                                                                                                    \
  "{\"spdxVersion\":\"SPDX-2.3\",\"SPDXID\":\"SPDXRef-DOCUMENT\",\"name\":\"x\",\"documentNamespace\":\"https://"    \
  "a.example/x\","                                                                                                   \
  "\"dataLicense\":\"CC0-1.0\",\"creationInfo\":{\"created\":\"2026-01-01T00:00:00Z\",\"creators\":[\"Tool: t\"]}"
#define SPDX_A "{\"SPDXID\":\"SPDXRef-a\",\"name\":\"a\",\"downloadLocation\":\"NONE\"}"
typedef struct Bad { Err err; const char *words, *document; } Bad;
static const Bad bad[] = {
  { E_FORMAT, "an empty file", " \n" },
  { E_FORMAT, "This is text that is not JSON", "hello world" },
  { E_FORMAT, "CycloneDX \"0.9\", which is not known here", "<bom xmlns=\"http://cyclonedx.org/schema/bom/0.9\"/>" },
  { E_FORMAT, "outermost element is <components>", XML_COMPONENTS("1.6") },
  { E_FORMAT, "This is XML.", "<a/>" },
  { E_FORMAT, "This is SPDX RDF/XML", "<rdf:RDF xmlns=\"http://spdx.org/rdf/terms#\"/>" },
  { E_UNREADABLE, "DTD is not accepted",
    "<?xml version=\"1.0\"?>\n<!-- x --><!DOCTYPE bom SYSTEM \"file:///etc/passwd\">" XML("") },
  { E_UNREADABLE, "DTD is not accepted", "<!DOCTYPE b [<!ENTITY a \"aaaa\"><!ENTITY c \"&a;&a;&a;\">]>" XML("&c;") },
  { E_UNREADABLE, "not defined at line 1", XML("<components>&lol;</components>") },
  { E_UNREADABLE, "at line 2, inside", XML("<components>\n<component></components>") },
  { E_UNREADABLE, "The XML cannot be read", "<bom xmlns=\"http://cyclonedx.org/schema/bom/1.6\"><components>" },
  { E_UNREADABLE, "neither \"Tag: value\" nor a comment stands at line 2", "SPDXVersion: SPDX-2.3\nhello\n" },
  { E_UNREADABLE, "a <text> that never ends, begun at line 2",
    "SPDXVersion: SPDX-2.3\nPackageComment: <text>a\nb\n" },
  { E_UNREADABLE, "a Relationship without its two ends at line 2", "SPDXVersion: SPDX-2.3\nRelationship: a b\n" },
  { E_UNREADABLE, "not UTF-8 at line 2", "SPDXVersion: SPDX-2.3\nPackageName: \xff\n" },
  { E_UNREADABLE, "\"versionInfo\" stands twice inside /packages/0",
    "SPDXVersion: SPDX-2.3\nPackageName: a\nPackageVersion: 1\nPackageVersion: 2\n" },
  { E_FORMAT, "SPDX \"SPDX-2.1\"", "SPDXVersion: SPDX-2.1\n" },
  { E_UNREADABLE, "at line 2", "spdxVersion: SPDX-2.3\n\tname: x\n" },
  { E_UNREADABLE, "nested deeper than 64", "spdxVersion: &a\n  b: *a\n" },
  { E_TOO_LARGE, "its aliases repeat too much",
    "spdxVersion: x\na: &a [" TEN("1234567890,") "]\nb: &b [" TEN(
        "*a,") "]\n"
               "c: &c [" TEN("*b,") "]\nd: &d [" TEN("*c,") "]\ne: &e [" TEN("*d,") "]\nf: [" TEN("*e,") "]\n" },
  { E_FORMAT, "a document of another kind", "---\na: 1\n" },
  { E_FORMAT, "This is an HTML page", "<!doctype html><html></html>" },
  { E_FORMAT, "This is a PDF file", "%PDF-1.7" },
  { E_UNREADABLE, "he archive cannot be ", "PK\3\4abc" },
  { E_UNREADABLE, "he archive cannot be ", "\x1f\x8b\x08" },
  { E_FORMAT, "SPDX JSON-LD of another version", "{\"@context\":\"https://spdx.org/rdf/2.9/terms\"}" },
  { E_INVALID, "must have \"@graph\"", "{\"@context\":\"https://spdx.org/rdf/3.0.1/spdx-context.jsonld\"}" },
  { E_FORMAT, "This is UTF-16 text", "\xff\xfe{" },
  { E_FORMAT, "CycloneDX 1.0 to 1.7 (JSON, XML), SPDX 2.2 and 2.3", "%PDF-1.7" },
  { E_FORMAT, "JSON of another kind", "{}" },
  { E_FORMAT, "JSON of another kind", "[1,2]" },
  { E_FORMAT, "a CSAF advisory", "{\"document\":{\"csaf_version\":\"2.0\"}}" },
  { E_FORMAT, "an OpenVEX document", "{\"@context\":\"https://openvex.dev/ns/v0.2.0\"}" },
  { E_FORMAT, "without \"bomFormat\"", "{\"specVersion\":\"1.5\",\"components\":[]}" },
  { E_FORMAT, "under \"sbom\"", "{\"sbom\":{\"spdxVersion\":\"SPDX-2.3\"}}" },
  { E_FORMAT, "CycloneDX \"1.8\", which is not known here", "{\"bomFormat\":\"CycloneDX\",\"specVersion\":\"1.8\"}" },
  { E_FORMAT, "CycloneDX without a version", "{\"bomFormat\":\"CycloneDX\"}" },
  { E_FORMAT, "CycloneDX without a version", "{\"bomFormat\":\"CycloneDX\",\"specVersion\":1.5}" },
  { E_FORMAT, "SPDX \"SPDX-3.0\"", "{\"spdxVersion\":\"SPDX-3.0\"}" },
  { E_UNREADABLE, "ends at byte 102 inside /components/1/type: it was cut off",
    CDX(",\"components\":[{\"type\":\"library\",\"name\":\"a\"},{\"type\":\"lib") },
  { E_UNREADABLE, "byte 67, inside /components/0/name", CDX(",\"components\":[{\"name\":NaN}]") },
  { E_UNREADABLE, "inside /components/0/x", CDX(",\"components\":[{\"x\":1e999}]") },
  { E_UNREADABLE, "fit 64 bits", CDX(",\"version\":18446744073709551616") },
  { E_UNREADABLE, "\"name\" stands twice", CDX(",\"components\":[{\"name\":\"a\",\"name\":\"b\"}]") },
  { E_UNREADABLE, "inside /components/0/name", CDX(",\"components\":[{\"name\":\"\\ud800\"}]") },
  { E_UNREADABLE, "inside /components/0/name", CDX(",\"components\":[{\"name\":\"\xff\"}]") },
  { E_UNREADABLE, "inside /a?b",
    CDX(",\"a\xef"
        "b\":NaN") },
  { E_INVALID, "the bom-ref \"x\" stands twice, first at /components/0",
    CDX(",\"components\":[{" LIB ",\"bom-ref\":\"x\"},{" LIB ",\"bom-ref\":\"x\"}]") },
  { E_INVALID, "/components/0/components/0/bom-ref: the bom-ref \"x\" stands twice",
    CDX(",\"components\":[{" LIB ",\"bom-ref\":\"x\",\"components\":[{" LIB ",\"bom-ref\":\"x\"}]}]") },
  { E_INVALID, "first at /metadata/component",
    CDX(",\"metadata\":{\"component\":{" LIB ",\"bom-ref\":\"x\"}},\"components\":[{" LIB ",\"bom-ref\":\"x\"}]") },
  { E_INVALID, "the SPDXID \"SPDXRef-a\" stands twice", SPDX_HEAD ",\"packages\":[" SPDX_A "," SPDX_A "]}" },
  { E_INVALID, "/components: \"components\" must be an array", CDX(",\"components\":{}") },
  { E_INVALID, "/components/0: a component must be an object", CDX(",\"components\":[3]") },
};

static void bad_documents_are_refused(void **state) {
  (void)state;
  SbomOptions opt = usual();
  for (size_t i = 0; i < COUNT(bad); i++) {
    AUTO(Cx) cx = cx_new(64 * MIB);
    Sbom s = { 0 };
    Err e = supply_parse(&cx, str_of(bad[i].document), &opt, &s);
    if (e != bad[i].err) print_error("case %zu \"%s\": %s %.*s\n", i, bad[i].words, err_name(e), STR(cx.words));
    assert_int_equal(e, bad[i].err);
    has_words(cx.words, bad[i].words);
    has_words(cx.words, "Nothing was stored");
    assert_int_equal(s.format, SBOM_UNKNOWN);                 /* outputs untouched */
  }
}

static Str repeat(Arena *a, Str head, Str each, size_t n, Str tail) {
  Buf b = buf_new(a, 256 * MIB);
  buf_add(&b, head);
  for (size_t i = 0; i < n; i++) buf_add(&b, each);
  buf_add(&b, tail);
  return buf_str(&b);
}

static void limits_are_named(void **state) {
  (void)state;
  SbomOptions opt = usual();
  AUTO(Cx) cx = cx_new(800 * MIB);
  Sbom s;
  int64_t start = clock_mono_us();
  Str deep = repeat(cx.arena, S("{\"bomFormat\":\"CycloneDX\",\"specVersion\":\"1.5\",\"components\":"), S("["),
                    100000, S(""));
  assert_int_equal(supply_parse(&cx, deep, &opt, &s), E_UNREADABLE);
  has_words(cx.words, "nested deeper than 64");
  assert_true(clock_mono_us() - start < US_PER_S);
  cx_forgive(&cx);
  Str large = repeat(cx.arena, S("{\"bomFormat\":\"CycloneDX\",\"x\":\""), S("0123456789abcdef"), 65 * MIB / 16,
                     S("\"}"));
  assert_int_equal(supply_parse(&cx, large, &opt, &s), E_TOO_LARGE);
  has_words(cx.words, "sbom_max_bytes");
  cx_forgive(&cx);
  opt.max_components = 3;
  Str many = repeat(cx.arena,
                    S("{\"bomFormat\":\"CycloneDX\",\"specVersion\":\"1.5\",\"components\":[{" LIB "}"),
                    S(",{" LIB "}"), 3, S("]}"));
  assert_int_equal(supply_parse(&cx, many, &opt, &s), E_TOO_LARGE);
  has_words(cx.words, "more than 3 components");
  has_words(cx.words, "sbom_max_components");
  cx_forgive(&cx);
  opt.max_components = 4;
  assert_int_equal(supply_parse(&cx, many, &opt, &s), E_OK);
}

/* Lists that a hostile file makes long cost no more than their length. */
static void long_lists_stay_linear(void **state) {
  (void)state;
  AUTO(Cx) cx = cx_new(1024 * MIB);
  SbomOptions opt = usual();
  Sbom s;
  int64_t start = clock_mono_us();
  Str authors =
      repeat(cx.arena, S("{\"bomFormat\":\"CycloneDX\",\"specVersion\":\"1.5\",\"metadata\":{\"authors\":["),
             S("{\"name\":\"a\"},"), 400000, S("{}]}}"));
  assert_int_equal(supply_parse(&cx, authors, &opt, &s), E_OK);
  assert_true(s.authors.n > 1000 && s.authors.n <= 65536);
  assert_true(s.warnings > 0);
  Str one = repeat(cx.arena, S("{" LIB ",\"licenses\":["), S("{\"expression\":\"a b\"},"), 2000,
                   S("{\"expression\":\"c\"}]},"));
  Str many = repeat(cx.arena, S("{\"bomFormat\":\"CycloneDX\",\"specVersion\":\"1.7\",\"components\":["), one, 200,
                    S("{" LIB "}]}"));
  assert_int_equal(supply_parse(&cx, many, &opt, &s), E_OK);
  assert_true(clock_mono_us() - start < 20 * US_PER_S);
}

/* ---- good input ---- */

static Str corpus(Cx *cx, const char *name) {
  Str bytes;
  Str path = str_fmt(cx->arena, "%s/%s", CORPUS, name);
  assert_int_equal(file_read(cx, str_z(cx->arena, path), 64 * MIB, &bytes), E_OK);
  return bytes;
}

static void is_text(Str got, const char *want) {
  if (!str_eq(got, str_of(want))) print_error("got \"%.*s\", want \"%s\"\n", STR(got), want);
  assert_true(str_eq(got, str_of(want)));
}

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

/* ---- writing ---- */

/* Written and read again: the same components, edges and subject.  mask: what the other format or version has no
 * place for. */
static Str told(Cx *cx, const Sbom *s) {
  Buf b = buf_new(cx->arena, 4 * MIB);
  buf_fmt(&b, "%u listed, root %u, %.*s, %.*s, %.*s\n", s->listed, s->root, STR(s->timestamp), STR(s->tools),
          STR(s->authors));
  for (size_t i = 0; i < s->component.n; i++) {
    const SbomComponent *c = &s->component.p[i];
    const Str text[] = { c->ref, c->type, c->group, c->name, c->version, c->purl, c->cpe, c->swid, c->other_ids,
                         c->supplier, c->licence, c->hashes, c->scope, c->distro, c->upstream, c->support_level,
                         c->support_end };
    buf_fmt(&b, "%u %u", c->parent, c->role);
    for (size_t k = 0; k < COUNT(text); k++) buf_fmt(&b, "|%.*s", STR(text[k]));
    buf_byte(&b, '\n');
  }
  for (size_t i = 0; i < s->edge.n; i++) buf_fmt(&b, "%u>%u\n", s->edge.p[i].from, s->edge.p[i].to);
  return buf_str(&b);
}

typedef struct Round { const char *file; SbomFormat format; const char *spec; } Round;
static const Round rounds[] = {
  { "small.cdx.json", SBOM_CYCLONEDX, "1.4" }, { "small.cdx.json", SBOM_CYCLONEDX, "1.5" },
  { "small.cdx.json", SBOM_CYCLONEDX, "1.6" }, { "small.cdx.json", SBOM_CYCLONEDX, "1.7" },
  { "next.cdx.json", SBOM_CYCLONEDX, "1.6" },  { "paths.cdx.json", SBOM_CYCLONEDX, "1.6" },
  { "small.spdx.json", SBOM_SPDX, "2.3" },     { "image.spdx.zip", SBOM_SPDX, "2.3" },
};

static void what_is_written_reads_the_same(void **state) {
  (void)state;
  for (size_t i = 0; i < COUNT(rounds); i++) {
    AUTO(Cx) cx = cx_new(128 * MIB);
    SbomOptions opt = usual();
    Sbom s, again;
    Buf first = buf_new(cx.arena, 8 * MIB), second = buf_new(cx.arena, 8 * MIB);
    assert_int_equal(supply_read(&cx, corpus(&cx, rounds[i].file), &opt, &s), E_OK);
    assert_int_equal(supply_write_sbom(&cx, &s, rounds[i].format, str_of(rounds[i].spec), &first), E_OK);
    Err e = supply_read(&cx, buf_str(&first), &opt, &again);
    if (e != E_OK) print_error("%s: %.*s\n%.*s\n", rounds[i].file, STR(cx.words), STR(buf_str(&first)));
    assert_int_equal(e, E_OK);
    is_text(again.spec, rounds[i].spec);
    bool archive = str_eq(str_of(rounds[i].file), S("image.spdx.zip"));    /* its ids become shorter */
    for (size_t k = 0; archive && k < s.component.n; k++) s.component.p[k].ref = again.component.p[k].ref;
    Str a = told(&cx, &s), b = told(&cx, &again);
    if (!str_eq(a, b)) print_error("%s %s\n%.*s\n%.*s\n", rounds[i].file, rounds[i].spec, STR(a), STR(b));
    assert_true(str_eq(a, b));
    assert_int_equal(supply_write_sbom(&cx, &again, rounds[i].format, str_of(rounds[i].spec), &second), E_OK);
    if (!archive) assert_true(str_eq(buf_str(&first), buf_str(&second)));
  }
}

/* From one format into the other: it reads without errors and keeps what both have. */
static void formats_are_crossed(void **state) {
  (void)state;
  AUTO(Cx) cx = cx_new(128 * MIB);
  SbomOptions opt = usual();
  Sbom s, again;
  Buf b = buf_new(cx.arena, 8 * MIB);
  assert_int_equal(supply_read(&cx, corpus(&cx, "small.cdx.json"), &opt, &s), E_OK);
  s.component.p[1].licence = S("Arm's own words");
  assert_int_equal(supply_write_sbom(&cx, &s, SBOM_SPDX, S("2.3"), &b), E_OK);
  assert_int_equal(supply_read(&cx, buf_str(&b), &opt, &again), E_OK);
  assert_int_equal(again.component.n, 5);
  assert_int_equal(again.edge.n, 3);
  is_text(again.component.p[1].support_level, "Actively maintained");
  is_text(again.component.p[1].support_end, "2027-12-31");
  is_text(again.component.p[1].supplier, "Arm");
  is_text(again.component.p[1].licence, "LicenseRef-Arm-s-own-words");
  has_words(buf_str(&b), "\"extractedText\": \"Arm's own words\"");
  buf_clear(&b);
  assert_int_equal(supply_read(&cx, corpus(&cx, "small.spdx.json"), &opt, &s), E_OK);
  assert_int_equal(supply_write_sbom(&cx, &s, SBOM_CYCLONEDX, S("1.6"), &b), E_OK);
  assert_int_equal(supply_read(&cx, buf_str(&b), &opt, &again), E_OK);
  assert_int_equal(again.listed, 1);                            /* the package that it is of is its subject now */
  is_text(again.component.p[1].licence, "BSD-2-Clause");
  is_text(again.component.p[1].support_end, "2022-05-25");
  assert_int_equal(supply_write_sbom(&cx, &s, SBOM_CYCLONEDX, S("1.3"), &b), E_USAGE);
  cx_forgive(&cx);
  assert_int_equal(supply_write_sbom(&cx, &s, SBOM_SPDX, S("2.2"), &b), E_USAGE);
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

/* ---- rows ---- */

/* Every prefix and every flipped byte of an answer: refused or understood, never a crash. */
static void rows_from_a_lying_child_are_refused(void **state) {
  (void)state;
  AUTO(Cx) cx = cx_new(512 * MIB);
  SbomOptions opt = usual();
  Sbom s, again;
  assert_int_equal(supply_parse(&cx, corpus(&cx, "small.spdx.json"), &opt, &s), E_OK);
  assert_int_equal(rows_read(&cx, s.rows, &opt, &again), E_OK);
  Buf second = buf_new(cx.arena, 64 * MIB);
  rows_write(&again, &second);
  assert_true(str_eq(buf_str(&second), s.rows));
  for (size_t n = 0; n < s.rows.n; n++) {
    ArenaMark mark = arena_mark(cx.arena);
    assert_int_equal(rows_read(&cx, str_slice(s.rows, 0, n), &opt, &again), E_UNREADABLE);
    cx_forgive(&cx);
    arena_release(cx.arena, mark);
  }
  char *copy = str_z(cx.arena, s.rows);
  for (size_t i = 0; i < s.rows.n; i++) {
    ArenaMark mark = arena_mark(cx.arena);
    copy[i] = (char)(copy[i] ^ 0x80);
    (void)rows_read(&cx, (Str){ copy, s.rows.n }, &opt, &again);
    copy[i] = (char)(copy[i] ^ 0x80);
    cx_forgive(&cx);
    arena_release(cx.arena, mark);
  }
}

/* ---- identifiers ---- */

typedef struct PurlCase { const char *purl, *identity; } PurlCase;     /* identity NULL: does not read as one */
static const PurlCase purls[] = {
  { "pkg:npm/@scope/a@1", "pkg:npm/%40scope/a" },
  { "pkg:npm/%40scope/a@1", "pkg:npm/%40scope/a" },
  { "PKG:NPM/a@1?x=y#z", "pkg:npm/a" },
  { "pkg:deb/debian/curl@7.50.3-1?arch=i386&distro=jessie", "pkg:deb/debian/curl" },
  { "pkg:golang/google.golang.org/genproto#a/b", "pkg:golang/google.golang.org/genproto" },
  { "pkg://maven/org.a/b@1", "pkg:maven/org.a/b" },
  { "pkg:npm", NULL },
  { "npm/a@1", NULL },
  { "pkg:generic/a b", NULL },
  { "pkg:1bad/a", NULL },
  { "pkg:npm/a%zz", NULL },
  { "pkg:npm/", NULL },
};

static void identities_are_versionless(void **state) {
  (void)state;
  AUTO(Cx) cx = cx_new(4 * MIB);
  for (size_t i = 0; i < COUNT(purls); i++) {
    PurlParts p;
    assert_int_equal(purl_parts(str_of(purls[i].purl), &p), purls[i].identity != NULL);
    is_text(package_identity(&cx, str_of(purls[i].purl), S("g"), S("n")),
            purls[i].identity ? purls[i].identity : "g/n");
  }
  assert_true(cpe_looks_right(S("cpe:2.3:a:vendor:a\\:b:1:*:*:*:*:*:*:*")));
  assert_true(cpe_looks_right(S("cpe:/a:vendor:product:1")));
  assert_false(cpe_looks_right(S("cpe:2.3:a:vendor:product:1")));
  assert_false(cpe_looks_right(S("vendor:product")));
}

int main(void) {
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(bad_documents_are_refused),
    cmocka_unit_test(limits_are_named),
    cmocka_unit_test(long_lists_stay_linear),
    cmocka_unit_test(cyclonedx_is_understood),
    cmocka_unit_test(spdx_is_understood),
    cmocka_unit_test(encodings_say_the_same),
    cmocka_unit_test(what_is_written_reads_the_same),
    cmocka_unit_test(formats_are_crossed),
    cmocka_unit_test(spdx3_is_understood),
    cmocka_unit_test(archives_become_one),
    cmocka_unit_test(oddities_are_problems),
    cmocka_unit_test(check_json_has_its_shape),
    cmocka_unit_test(rows_from_a_lying_child_are_refused),
    cmocka_unit_test(identities_are_versionless),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
