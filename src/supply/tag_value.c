/* tag_value.c - SPDX 2.2 and 2.3 tag-value, written as SPDX's JSON.
 *
 * A line is "Tag: value"; <text> ... </text> may run over many.  A tag that no reader asks for is passed over. */
#include "supply/inside.h"

enum { LINE_MOST = 64 << 10, TEXT_MOST = 1 << 20 };

typedef enum TagKind {
  TAG_TEXT, TAG_CHECKSUM, TAG_REFERENCE, TAG_CREATOR, TAG_RELATIONSHIP, TAG_BEGIN
} TagKind;
typedef enum Section { IN_DOCUMENT, IN_PACKAGE, IN_FILE, IN_SNIPPET, IN_LICENCE, IN_ANY } Section;
typedef struct TagRule { Str tag; TagKind kind; Section section; const char *key; } TagRule;
#define TAG(name, kind, section, key) { { name, sizeof name - 1 }, kind, section, key }
static const TagRule rules[] = {
  TAG("SPDXVersion", TAG_TEXT, IN_DOCUMENT, "spdxVersion"),
  TAG("DataLicense", TAG_TEXT, IN_DOCUMENT, "dataLicense"),
  TAG("DocumentName", TAG_TEXT, IN_DOCUMENT, "name"),
  TAG("DocumentNamespace", TAG_TEXT, IN_DOCUMENT, "documentNamespace"),
  TAG("Creator", TAG_CREATOR, IN_ANY, NULL),
  TAG("Created", TAG_TEXT, IN_ANY, "created"),
  TAG("SPDXID", TAG_TEXT, IN_ANY, "SPDXID"),
  TAG("PackageName", TAG_BEGIN, IN_PACKAGE, "name"),
  TAG("FileName", TAG_BEGIN, IN_FILE, "fileName"),
  TAG("SnippetSPDXID", TAG_BEGIN, IN_SNIPPET, "SPDXID"),
  TAG("SnippetSPDXIdentifier", TAG_BEGIN, IN_SNIPPET, "SPDXID"),
  TAG("LicenseID", TAG_BEGIN, IN_LICENCE, "licenseId"),
  TAG("LicenseName", TAG_TEXT, IN_LICENCE, "name"),
  TAG("ExtractedText", TAG_TEXT, IN_LICENCE, "extractedText"),
  TAG("PackageVersion", TAG_TEXT, IN_PACKAGE, "versionInfo"),
  TAG("PackageSupplier", TAG_TEXT, IN_PACKAGE, "supplier"),
  TAG("PackageOriginator", TAG_TEXT, IN_PACKAGE, "originator"),
  TAG("PackageDownloadLocation", TAG_TEXT, IN_PACKAGE, "downloadLocation"),
  TAG("PackageLicenseConcluded", TAG_TEXT, IN_PACKAGE, "licenseConcluded"),
  TAG("PackageLicenseDeclared", TAG_TEXT, IN_PACKAGE, "licenseDeclared"),
  TAG("PackageSourceInfo", TAG_TEXT, IN_PACKAGE, "sourceInfo"),
  TAG("PrimaryPackagePurpose", TAG_TEXT, IN_PACKAGE, "primaryPackagePurpose"),
  TAG("ValidUntilDate", TAG_TEXT, IN_PACKAGE, "validUntilDate"),
  TAG("PackageChecksum", TAG_CHECKSUM, IN_PACKAGE, NULL),
  TAG("ExternalRef", TAG_REFERENCE, IN_PACKAGE, NULL),
  TAG("Relationship", TAG_RELATIONSHIP, IN_ANY, NULL),
};

typedef struct List { Buf text; JsonOut o; } List;
typedef struct Tags {
  Cx *cx;
  int64_t line;
  Section section;
  bool open;                       /* a package, file or snippet is being written */
  List document, creation, creators, packages, files, snippets, licences, relationships, checksums, references;
} Tags;

static Err broken(const Tags *t, const char *why) {
  return fail(
      t->cx, E_UNREADABLE,
      "The tag-value file cannot be read: %s at line %lld. Nothing was stored. Have it made anew and try again.", why,
      (long long)t->line);
}

/* JsonOut keeps the address of its Buf, so a List stays where it is. */
static void list_begin(Tags *t, List *l, size_t most, bool array) {
  l->text = buf_new(t->cx->arena, most);
  l->o = json_out(&l->text, false);
  if (array) json_array(&l->o);
  else json_object(&l->o);
}

static List *section_list(Tags *t) {
  if (t->section == IN_PACKAGE) return &t->packages;
  if (t->section == IN_FILE) return &t->files;
  if (t->section == IN_LICENCE) return &t->licences;
  return t->section == IN_SNIPPET ? &t->snippets : NULL;
}

/* A finished list goes out and a new one begins. */
static void list_flush(JsonOut *to, const char *key, List *from) {
  json_array_end(&from->o);
  json_key(to, key);
  json_put_raw(to, buf_str(&from->text));
  buf_clear(&from->text);
  from->o = json_out(&from->text, false);
  json_array(&from->o);
}

static void section_end(Tags *t) {
  List *l = section_list(t);
  if (!l || !t->open) return;
  if (t->section == IN_PACKAGE) {
    list_flush(&l->o, "checksums", &t->checksums);
    list_flush(&l->o, "externalRefs", &t->references);
  }
  json_object_end(&l->o);
  t->open = false;
}

static void section_begin(Tags *t, const TagRule *rule, Str value) {
  section_end(t);
  t->section = rule->section;
  List *l = section_list(t);
  if (!l) return;
  t->open = true;
  json_object(&l->o);
  json_pair(&l->o, rule->key, value);
}

static void text_put(Tags *t, const TagRule *rule, Str value) {
  if (str_eq(rule->tag, S("Created"))) { json_pair(&t->creation.o, rule->key, value); return; }
  bool anywhere = rule->section == IN_ANY;
  List *l = rule->section == IN_DOCUMENT || (anywhere && t->section == IN_DOCUMENT) ? &t->document : section_list(t);
  if (l && (anywhere || rule->section == IN_DOCUMENT || rule->section == t->section))
    json_pair(&l->o, rule->key, value);
}

static Err checksum_put(Tags *t, Str value) {
  Str algorithm, digits;
  if (!str_cut(value, ':', &algorithm, &digits)) return broken(t, "a checksum without its algorithm");
  if (t->section != IN_PACKAGE) return E_OK;
  JsonOut *o = &t->checksums.o;
  json_object(o);
  json_pair(o, "algorithm", str_trim(algorithm));
  json_pair(o, "checksumValue", str_trim(digits));
  json_object_end(o);
  return E_OK;
}

/* Three words; the last may hold blanks. */
static bool three(Str value, Str *a, Str *b, Str *c) {
  if (!str_cut(str_trim(value), ' ', a, c)) return false;
  return str_cut(str_trim(*c), ' ', b, c) && (*c = str_trim(*c)).n > 0;
}

static Err reference_put(Tags *t, Str value) {
  Str category, type, locator;
  if (!three(value, &category, &type, &locator))
    return broken(t, "an ExternalRef without category, type and locator");
  if (t->section != IN_PACKAGE) return E_OK;
  JsonOut *o = &t->references.o;
  json_object(o);
  json_pair(o, "referenceCategory", category);
  json_pair(o, "referenceType", type);
  json_pair(o, "referenceLocator", locator);
  json_object_end(o);
  return E_OK;
}

static Err relationship_put(Tags *t, Str value) {
  Str from, type, to;
  if (!three(value, &from, &type, &to)) return broken(t, "a Relationship without its two ends");
  JsonOut *o = &t->relationships.o;
  json_object(o);
  json_pair(o, "spdxElementId", from);
  json_pair(o, "relationshipType", type);
  json_pair(o, "relatedSpdxElement", to);
  json_object_end(o);
  return E_OK;
}

static Err tag_take(Tags *t, Str tag, Str value) {
  const TagRule *rule = NULL;
  for (size_t i = 0; i < COUNT(rules) && !rule; i++) if (str_eq(tag, rules[i].tag)) rule = &rules[i];
  if (!rule) return E_OK;
  switch (rule->kind) {
  case TAG_BEGIN: section_begin(t, rule, value); return E_OK;
  case TAG_CREATOR: json_put_str(&t->creators.o, value); return E_OK;
  case TAG_CHECKSUM: return checksum_put(t, value);
  case TAG_REFERENCE: return reference_put(t, value);
  case TAG_RELATIONSHIP: return relationship_put(t, value);
  case TAG_TEXT: break;
  }
  text_put(t, rule, value);
  return E_OK;
}

/* The value that begins with <text>: up to </text>, maybe lines below. */
static Err long_text(Tags *t, Str value, Str *rest, Str *out) {
  Str begin = S("<text>"), end = S("</text>"), line;
  value = str_slice(value, begin.n, value.n);
  size_t at = str_find(value, end);
  if (at != SIZE_MAX) { *out = str_trim(str_slice(value, 0, at)); return E_OK; }
  int64_t from = t->line;
  Buf b = buf_new(t->cx->arena, TEXT_MOST);
  buf_add(&b, value);
  while (str_line(rest, &line)) {
    t->line++;
    at = str_find(line, end);
    buf_byte(&b, '\n');
    buf_add(&b, str_slice(line, 0, at));
    if (b.over) return broken(t, "a text of more than 1 MiB");
    if (at != SIZE_MAX) { *out = str_trim(buf_str(&b)); return E_OK; }
  }
  t->line = from;
  return broken(t, "a <text> that never ends, begun");
}

static Err lines_take(Tags *t, Str rest) {
  Str line, tag, value;
  while (str_line(&rest, &line)) {
    t->line++;
    line = str_trim(line);
    if (!line.n || line.p[0] == '#') continue;
    if (line.n > LINE_MOST) return broken(t, "a line of more than 64 KiB");
    if (!str_cut(line, ':', &tag, &value)) return broken(t, "neither \"Tag: value\" nor a comment stands");
    value = str_trim(value);
    if (str_starts(value, S("<text>"))) TRY(long_text(t, value, &rest, &value));
    if (!str_is_utf8(value)) return broken(t, "text that is not UTF-8");
    TRY(tag_take(t, str_trim(tag), value));
  }
  return E_OK;
}

Err tag_value_to_json(Cx *cx, Str text, Buf *json) {
  Tags t = { .cx = cx };
  List *const objects[] = { &t.document, &t.creation };
  List *const arrays[] = { &t.creators, &t.packages, &t.files, &t.snippets, &t.licences, &t.relationships,
                           &t.checksums, &t.references };
  for (size_t i = 0; i < COUNT(objects); i++) list_begin(&t, objects[i], json->max, false);
  for (size_t i = 0; i < COUNT(arrays); i++) list_begin(&t, arrays[i], json->max, true);
  TRY(lines_take(&t, text));
  section_end(&t);
  list_flush(&t.creation.o, "creators", &t.creators);
  json_object_end(&t.creation.o);
  json_key(&t.document.o, "creationInfo");
  json_put_raw(&t.document.o, buf_str(&t.creation.text));
  list_flush(&t.document.o, "packages", &t.packages);
  list_flush(&t.document.o, "files", &t.files);
  list_flush(&t.document.o, "snippets", &t.snippets);
  list_flush(&t.document.o, "hasExtractedLicensingInfos", &t.licences);
  list_flush(&t.document.o, "relationships", &t.relationships);
  json_object_end(&t.document.o);
  buf_add(json, buf_str(&t.document.text));
  return E_OK;
}
