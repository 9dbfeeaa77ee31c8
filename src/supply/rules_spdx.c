/* rules_spdx.c - what SPDX 2.2 and 2.3 demand of the parts that are read. */
#include "supply/rules.h"

#define WORDS(name, what_it_is, ...)                                                                     \
  static const Word name##_list[] = { __VA_ARGS__ };                                                     \
  static const Words name = { what_it_is, name##_list, COUNT(name##_list) }
#define SHAPE(name, what_it_is, more_rules, ...)                                                         \
  static const Member name##_members[] = { __VA_ARGS__ };                                                \
  static const Shape name = { what_it_is, name##_members, COUNT(name##_members), more_rules, NULL }
#define TEXT(n, must) { n, WANT_TEXT, must, NULL, NULL, 0 }

WORDS(purposes, "a purpose of a package", { "APPLICATION", 0 }, { "FRAMEWORK", 0 }, { "LIBRARY", 0 },
      { "CONTAINER", 0 }, { "OPERATING-SYSTEM", 0 }, { "OPERATING_SYSTEM", 0 }, { "DEVICE", 0 }, { "FIRMWARE", 0 },
      { "SOURCE", 0 }, { "ARCHIVE", 0 }, { "FILE", 0 }, { "INSTALL", 0 }, { "OTHER", 0 });
WORDS(categories, "a category of reference", { "SECURITY", 0 }, { "PACKAGE-MANAGER", 0 }, { "PACKAGE_MANAGER", 0 },
      { "PERSISTENT-ID", 0 }, { "PERSISTENT_ID", 0 }, { "OTHER", 0 });

/* The schema takes any text as the value: a wrong length is a finding, no reason to refuse the whole. */
static void checksum_rule(Judge *j, JVal *o, const Path *at) {
  Str alg = json_text(o, "algorithm"), value = json_text(o, "checksumValue");
  Str why = hash_fault(j->r->cx->arena, alg, value, HASH_SPDX);
  bool known = hash_spdx_name(hash_name(alg)).p != NULL;
  if (known && why.n) judge_warn(j, at, NULL, why);
  else if (alg.n && why.n) judge_error(j, at, NULL, "%.*s", STR(why));
}

/* 3.2: letters, digits, '.' and '-' behind SPDXRef-. */
static void id_rule(Judge *j, JVal *o, const Path *at) {
  Str id = json_text(o, "SPDXID");
  size_t space = str_rfind_char(id, '#');          /* several documents: with the name space of each */
  if (space != SIZE_MAX) id = str_slice(id, space + 1, id.n);
  if (id.n && !str_starts(id, S("SPDXRef-")))
    judge_error(j, at, "SPDXID", "\"%.*s\" does not begin with SPDXRef-", STR(str_head(id, 60)));
}

SHAPE(checksum, "a checksum", checksum_rule, TEXT("algorithm", true), TEXT("checksumValue", true));
SHAPE(reference, "an external reference", NULL, { "referenceCategory", WANT_WORD, true, NULL, &categories, 0 },
      TEXT("referenceType", true), TEXT("referenceLocator", true));
SHAPE(package, "a package", id_rule, TEXT("SPDXID", true), TEXT("name", true), TEXT("versionInfo", false),
      TEXT("supplier", false), TEXT("originator", false), TEXT("downloadLocation", true),
      TEXT("licenseConcluded", false), TEXT("licenseDeclared", false),
      { "primaryPackagePurpose", WANT_WORD, false, NULL, &purposes, 0 },
      { "validUntilDate", WANT_DATE, false, NULL, NULL, 0 }, { "checksums", WANT_LIST, false, &checksum, NULL, 0 },
      { "externalRefs", WANT_LIST, false, &reference, NULL, 0 });
SHAPE(relationship, "a relationship", NULL, TEXT("spdxElementId", true), TEXT("relationshipType", true),
      TEXT("relatedSpdxElement", true));
SHAPE(creation, "\"creationInfo\"", NULL, { "created", WANT_DATE, true, NULL, NULL, 0 },
      { "creators", WANT_TEXTS, true, NULL, NULL, 0 });

static void document_rule(Judge *j, JVal *o, const Path *at) {
  Str licence = json_text(o, "dataLicense");
  id_rule(j, o, at);
  if (licence.n && !str_eq(licence, S("CC0-1.0")))
    judge_error(j, at, "dataLicense", "the licence of the document itself is CC0-1.0 in SPDX");
}

static const Member document_members[] = {
  TEXT("SPDXID", true), TEXT("name", true), TEXT("documentNamespace", true), TEXT("dataLicense", true),
  { "creationInfo", WANT_OBJECT, true, &creation, NULL, 0 }, { "packages", WANT_LIST, false, &package, NULL, 0 },
  { "relationships", WANT_LIST, false, &relationship, NULL, 0 },
};
static const Shape document = { "the document", document_members, COUNT(document_members), document_rule, NULL };

bool spdx_purpose_known(Str purpose) { return word_known(&purposes, purpose, 3); }

void spdx_judge(Reading *r, JVal *root) {
  int64_t minor = 0;
  (void)str_int(str_slice(r->s->spec, 2, r->s->spec.n), &minor);
  Judge j = { r, (unsigned)minor, !str_eq(r->s->encoding, S("json")), false };
  shape_judge(&j, &document, root, &(Path){ NULL, "", 0 });
}
