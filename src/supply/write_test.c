/* write_test.c - what is written reads the same. */
#include "supply/test_corpus.h"
#include "supply/write.h"

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

/* Words of licences and groups of packages outlive the way through both formats. */
static void licences_keep_their_words(void **state) {
  (void)state;
  AUTO(Cx) cx = cx_new(128 * MIB);
  SbomOptions opt = usual();
  Sbom s, again;
  opt.accept_errors = false;
  static const char *const documents[] = {
    "SPDXVersion: SPDX-2.3\nDataLicense: CC0-1.0\nSPDXID: SPDXRef-DOCUMENT\nDocumentName: x\n"
    "DocumentNamespace: https://a.example/x\nCreator: Tool: t\nCreated: 2026-01-01T00:00:00Z\n"
    "PackageName: a\nSPDXID: SPDXRef-a\nPackageDownloadLocation: NONE\n"
    "PackageLicenseDeclared: MIT AND LicenseRef-7\n"
    "LicenseID: LicenseRef-7\nLicenseName: Seven\nExtractedText: <text>Use it\nseven times.</text>\n",
    "{\"bomFormat\":\"CycloneDX\",\"specVersion\":\"1.6\",\"components\":[{\"type\":\"library\",\"name\":\"a\","
    "\"group\":\"org.acme\",\"scope\":\"optional\",\"licenses\":[{\"license\":{\"name\":\"Acme's own\","
    "\"text\":{\"content\":\"Ask first.\"}}}]}]}",
  };
  static const struct { const char *licence, *id, *text, *group; } want[] = {
    { "MIT AND LicenseRef-7", "LicenseRef-7", "Use it\nseven times.", "" },
    { "Acme's own", "Acme's own", "Ask first.", "org.acme" },
  };
  for (size_t i = 0; i < COUNT(documents); i++) {
    assert_int_equal(supply_read(&cx, str_of(documents[i]), &opt, &s), E_OK);
    for (int round = 0; round < 4; round++) {
      Buf b = buf_new(cx.arena, 8 * MIB);
      bool spdx = round % 2 == (i == 0);
      assert_int_equal(supply_write_sbom(&cx, &s, spdx ? SBOM_SPDX : SBOM_CYCLONEDX, spdx ? S("2.3") : S("1.4"), &b),
                       E_OK);
      if (round == 0 && spdx) has_words(buf_str(&b), "no place or word for it (how many, of what): 1 scope");
      assert_int_equal(supply_read(&cx, buf_str(&b), &opt, &again), E_OK);
      s = again;
    }
    is_text(s.component.p[0].licence, want[i].licence);
    is_text(s.component.p[0].group, want[i].group);
    LicenceTexts texts = licence_texts(&cx, &s);
    const SbomLicence *l = licence_find(&texts, str_of(want[i].id));
    assert_non_null(l);
    is_text(l->text, want[i].text);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(what_is_written_reads_the_same),
    cmocka_unit_test(formats_are_crossed),
    cmocka_unit_test(licences_keep_their_words),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
