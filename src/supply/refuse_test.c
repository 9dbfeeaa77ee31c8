/* refuse_test.c - what is refused, and with which words. */
#include "supply/test_corpus.h"

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
  { E_FORMAT, "Save it as .xlsx or .csv", "\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" },
  { E_FORMAT, "cyclonedx convert",
    "\x0a\x03"
    "1.5" },
  { E_FORMAT, "in the draft form from before 2.2", "Document:\n  spdxVersion: SPDX-2.2\n" },
  { E_FORMAT, "This is SPDX RDF/XML. Nothing was stored. Have it made as JSON",
    "<rdf:RDF xmlns=\"http://spdx.org/rdf/terms#\"/>" },
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
  { E_INVALID, "/components/0: \"colour\" is not a member of a component in CycloneDX 1.5",
    CDX(",\"components\":[{" LIB ",\"colour\":\"red\"}]") },
  { E_INVALID, "/components/0: \"tags\" is not a member of a component in CycloneDX 1.5",
    CDX(",\"components\":[{" LIB ",\"tags\":[]}]") },
  { E_INVALID, "/components/0: \"colour\" is not a member of a component in CycloneDX 1.6",
    XML("<components><component type=\"library\"><name>a</name><colour><red/></colour></component></components>") },
  { E_INVALID, "a component must have \"modified\"",
    "<bom xmlns=\"http://cyclonedx.org/schema/bom/1.0\"><components><component type=\"library\"><name>a</name>"
    "<version>1</version></component></components></bom>" },
  { E_INVALID, "\"container\" is not a type of component in CycloneDX 1.1",
    "<bom xmlns=\"http://cyclonedx.org/schema/bom/1.1\"><components><component type=\"container\"><name>a</name>"
    "<version>1</version></component></components></bom>" },
  { E_INVALID, "/components/2: this is the same as number 0 of the list",
    CDX(",\"components\":[{" LIB ",\"cpe\":\"x\"},{" LIB "},{\"cpe\":\"x\"," LIB "}]") },
  { E_INVALID, "/components/0/name: \"name\" stands twice",
    XML("<components><component type=\"library\"><name>a</name><name>a</name></component></components>") },
  { E_INVALID, "/components/0: \"name\" must stand before \"version\"",
    XML("<components><component type=\"library\"><version>1</version><name>a</name></component></components>") },
  { E_INVALID, "/components/0: a component holds text",
    XML("<components><component type=\"library\">b<name>a</name></component></components>") },
  { E_INVALID, "/components/1/cryptoProperties/assetType: \"x\" is not a type of cryptographic asset",
    XML("<components><component type=\"library\"><name>a</name></component><component type=\"library\"><name>a</name>"
        "<cryptoProperties><assetType>x</assetType></cryptoProperties></component></components>") },
  { E_INVALID, "/metadata/lifecycles/0: a phase has either \"name\" or \"phase\"",
    XML("<metadata><lifecycles><lifecycle><phase>build</phase><name>a</name></lifecycle></lifecycles></metadata>") },
  { E_INVALID, "/metadata/lifecycles/0: a phase must have \"name\" or \"phase\"",
    CDX(",\"metadata\":{\"lifecycles\":[{}]}") },
  { E_INVALID, "/signature: a signature must have \"algorithm\" or \"chain\" or \"signers\"",
    CDX(",\"signature\":{}") },
  { E_INVALID, "/signature/value: a signature must have \"value\"", CDX(",\"signature\":{\"algorithm\":\"ES256\"}") },
  { E_INVALID, "/formulation/0/workflows/0/uid: a workflow must have \"uid\"",
    CDX(",\"formulation\":[{\"workflows\":[{\"bom-ref\":\"a\",\"taskTypes\":[]}]}]") },
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
  opt.accept_errors = true;                             /* they are all the same */
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
  opt.accept_errors = true;                             /* they are all the same */
  assert_int_equal(supply_parse(&cx, many, &opt, &s), E_OK);
  assert_true(clock_mono_us() - start < 20 * US_PER_S);
}

int main(void) {
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(bad_documents_are_refused),
    cmocka_unit_test(limits_are_named),
    cmocka_unit_test(long_lists_stay_linear),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
