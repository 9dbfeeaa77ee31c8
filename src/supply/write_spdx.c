/* write_spdx.c - SPDX 2.3, JSON.  The same SBOM gives the same bytes. */
#include "supply/write.h"

typedef struct Out {
  Cx *cx;
  const Sbom *s;
  JsonOut o;
  Str *id;                       /* of each component */
  Map extracted;                 /* LicenseRef- -> index in licence */
  VEC(SbomLicence) licence;      /* each LicenseRef- that is used */
  LicenceTexts texts;            /* what the SBOM says of licences */
  Lost lost;
  Str created;
} Out;

/* An id of the file itself stays; others get one with their number, since names repeat. */
static Str id_make(Arena *a, const SbomComponent *c, uint32_t i) {
  bool stays = str_starts(c->ref, S("SPDXRef-"));
  stays = stays && c->ref.n <= 200 && str_eq(id_chars(a, c->ref), c->ref);
  return stays ? c->ref : str_fmt(a, "SPDXRef-%u-%.*s", i, STR(id_chars(a, c->name)));
}

static void extracted_add(Out *w, Str ref, Str name, Str text) {
  if (map_get(&w->extracted, ref) != MAP_NONE) return;
  map_put(&w->extracted, ref, w->licence.n);
  vec_add(w->cx->arena, &w->licence, ((SbomLicence){ ref, name, text }));
}

/* An expression takes the words of what it refers to along. */
static void references_take(Out *w, Str expression) {
  Arena *a = w->cx->arena;
  Str rest = str_replace(a, str_replace(a, expression, '(', ' '), ')', ' '), word;
  while ((rest = str_trim(rest)).n) {
    (void)str_cut(rest, ' ', &word, &rest);
    const SbomLicence *known = str_starts(word, S("LicenseRef-")) ? licence_find(&w->texts, word) : NULL;
    if (known) extracted_add(w, word, known->name, known->text);
  }
}

/* What is no expression becomes a LicenseRef-, another one for each: "A B" and "A-B" are not the same. */
static Str licence_of(Out *w, Str licence) {
  if (!licence.n) return S("NOASSERTION");
  if (is_licence_expression(w->cx->arena, licence)) {
    references_take(w, licence);
    return licence;
  }
  Str base = licence_ref(w->cx->arena, licence), ref = base;
  const SbomLicence *known = licence_find(&w->texts, licence);
  for (unsigned n = 2;; n++) {
    size_t at = map_get(&w->extracted, ref);
    if (at == MAP_NONE || str_eq(w->licence.p[at].name, licence)) break;
    ref = str_fmt(w->cx->arena, "%.*s-%u", STR(base), n);
  }
  extracted_add(w, ref, licence, known && known->text.n ? known->text : licence);
  return ref;
}

static void reference_put(JsonOut *o, const char *category, const char *type, Str locator) {
  if (!locator.n) return;
  json_object(o);
  json_pair(o, "referenceCategory", str_of(category));
  json_pair(o, "referenceType", str_of(type));
  json_pair(o, "referenceLocator", locator);
  json_object_end(o);
}

static const char *cpe_type(Str cpe) { return str_starts(cpe, S("cpe:2.3:")) ? "cpe23Type" : "cpe22Type"; }

static void references_put(JsonOut *o, const SbomComponent *c) {
  Str rest = c->other_ids, one;
  json_key(o, "externalRefs");
  json_array(o);
  reference_put(o, "PACKAGE-MANAGER", "purl", c->purl);
  reference_put(o, "SECURITY", cpe_type(c->cpe), c->cpe);
  reference_put(o, "SECURITY", "swid", c->swid);
  while (str_line(&rest, &one)) {
    if (str_starts(one, S("cpe:"))) reference_put(o, "SECURITY", cpe_type(one), one);
    else if (str_starts(one, S("pkg:"))) reference_put(o, "PACKAGE-MANAGER", "purl", one);
    else if (str_starts(one, S("swh:"))) reference_put(o, "PERSISTENT-ID", "swh", one);
    else reference_put(o, "PERSISTENT-ID", "gitoid", one);
  }
  json_array_end(o);
}

static void checksums_put(Out *w, Str hashes) {
  JsonOut *o = &w->o;
  Str alg, content;
  json_key(o, "checksums");
  json_array(o);
  while (hash_next(&hashes, &alg, &content)) {
    Str name = hash_spdx_name(alg);
    if (!name.n || !content.n) { w->lost.hashes++; continue; }
    json_object(o);
    json_pair(o, "algorithm", name);
    json_pair(o, "checksumValue", content);
    json_object_end(o);
  }
  json_array_end(o);
}

static void annotation_put(Out *w, const char *words, Str value) {
  JsonOut *o = &w->o;
  if (!value.n) return;
  json_object(o);
  json_pair(o, "annotationDate", w->created);
  json_pair(o, "annotationType", S("OTHER"));
  json_pair(o, "annotator", S("Tool: Proofline"));
  json_pair(o, "comment", str_fmt(w->cx->arena, "%s%.*s", words, STR(value)));
  json_object_end(o);
}

/* SPDX 2.3 has a field for the end of support, when it is a date, and none for its level, nor for a group. */
static void support_put(Out *w, const SbomComponent *c) {
  JsonOut *o = &w->o;
  int32_t days;
  bool date = date_parse(c->support_end, &days);
  if (date) json_pair(o, "validUntilDate", str_fmt(w->cx->arena, "%.*sT00:00:00Z", STR(c->support_end)));
  if (!c->support_level.n && !c->group.n && (date || !c->support_end.n)) return;
  json_key(o, "annotations");
  json_array(o);
  annotation_put(w, GROUP_WORDS, c->group);
  annotation_put(w, SUPPORT_LEVEL_WORDS, c->support_level);
  annotation_put(w, SUPPORT_END_WORDS, date ? STR_NONE : c->support_end);
  json_array_end(o);
}

static void package_put(Out *w, uint32_t i) {
  const SbomComponent *c = &w->s->component.p[i];
  JsonOut *o = &w->o;
  Str purpose = str_upper(w->cx->arena, c->type), name, version = STR_NONE;
  json_object(o);
  json_pair(o, "SPDXID", w->id[i]);
  json_pair(o, "name", c->name.n ? c->name : S(""));
  if (c->version.n) json_pair(o, "versionInfo", c->version);
  json_pair(o, "supplier", c->supplier.n ? str_fmt(w->cx->arena, "Organization: %.*s", STR(c->supplier))
                                         : S("NOASSERTION"));
  json_pair(o, "downloadLocation", S("NOASSERTION"));
  if (upstream_is_unsaid(w->cx, c)) {
    bool versioned = str_cut(c->upstream, '@', &name, &version);
    json_pair(o, "sourceInfo", str_fmt(w->cx->arena, SOURCE_WORDS "%.*s%s%.*s", STR(name), versioned ? " " : "",
                                       STR(version)));
  }
  json_key(o, "filesAnalyzed");
  json_put_bool(o, false);
  json_pair(o, "licenseConcluded", S("NOASSERTION"));
  json_pair(o, "licenseDeclared", licence_of(w, c->licence));
  json_pair(o, "copyrightText", S("NOASSERTION"));
  if (spdx_purpose_known(purpose)) json_pair(o, "primaryPackagePurpose", purpose);
  else w->lost.types += purpose.n > 0;
  w->lost.scopes += c->scope.n > 0;
  checksums_put(w, c->hashes);
  references_put(o, c);
  support_put(w, c);
  json_object_end(o);
}

static void relationship_put(JsonOut *o, Str from, const char *type, Str to) {
  json_object(o);
  json_pair(o, "spdxElementId", from);
  json_pair(o, "relationshipType", str_of(type));
  json_pair(o, "relatedSpdxElement", to);
  json_object_end(o);
}

static void relationships_put(Out *w) {
  const Sbom *s = w->s;
  JsonOut *o = &w->o;
  json_key(o, "relationships");
  json_array(o);
  for (uint32_t i = 0; i < s->component.n; i++) {
    const SbomComponent *c = &s->component.p[i];
    bool top = s->root == SBOM_NONE ? c->parent == SBOM_NONE : i == s->root;
    if (top) relationship_put(o, S("SPDXRef-DOCUMENT"), "DESCRIBES", w->id[i]);
    if (c->parent != SBOM_NONE) relationship_put(o, w->id[c->parent], "CONTAINS", w->id[i]);
  }
  for (size_t k = 0; k < s->edge.n; k++)
    relationship_put(o, w->id[s->edge.p[k].from], "DEPENDS_ON", w->id[s->edge.p[k].to]);
  json_array_end(o);
}

static void licences_put(Out *w) {
  JsonOut *o = &w->o;
  if (!w->licence.n) return;
  json_key(o, "hasExtractedLicensingInfos");
  json_array(o);
  for (size_t i = 0; i < w->licence.n; i++) {
    const SbomLicence *l = &w->licence.p[i];
    json_object(o);
    json_pair(o, "licenseId", l->id);
    json_pair(o, "extractedText", l->text.n ? l->text : S("NOASSERTION"));
    if (l->name.n) json_pair(o, "name", l->name);
    json_object_end(o);
  }
  json_array_end(o);
}

static void creator_put(Out *w, const char *kind, Str name) {
  if (name.n) json_put_str(&w->o, str_fmt(w->cx->arena, "%s: %.*s", kind, STR(name)));
}

static void head_put(Out *w) {
  JsonOut *o = &w->o;
  const Sbom *s = w->s;
  Str root = s->root == SBOM_NONE ? STR_NONE : s->component.p[s->root].name;
  Str name = s->doc_name.n ? s->doc_name : root.n ? root : S("SBOM");
  bool uri = str_find_char(s->serial, ':') != SIZE_MAX && str_find_char(s->serial, '#') == SIZE_MAX;
  json_pair(o, "spdxVersion", S("SPDX-2.3"));
  json_pair(o, "dataLicense", S("CC0-1.0"));
  json_pair(o, "SPDXID", S("SPDXRef-DOCUMENT"));
  json_pair(o, "name", name);
  json_pair(o, "documentNamespace",
            uri ? s->serial : str_fmt(w->cx->arena, "urn:sha256:%.*s", STR(hash_hex(w->cx->arena, sha256(s->rows)))));
  json_key(o, "creationInfo");
  json_object(o);
  json_pair(o, "created", w->created);
  json_key(o, "creators");
  json_array(o);
  creator_put(w, "Tool", s->tools);
  creator_put(w, "Organization", s->authors);
  if (!s->tools.n && !s->authors.n) creator_put(w, "Tool", S("Proofline"));
  json_array_end(o);
  json_object_end(o);
}

Err spdx_write(Cx *cx, const Sbom *s, Buf *out) {
  Out w = { .cx = cx, .s = s, .o = json_out(out, true), .id = NEW_ARRAY(cx->arena, s->component.n, Str),
            .extracted = map_new(cx->arena, 64), .texts = licence_texts(cx, s) };
  int64_t us;
  if (!time_parse(s->timestamp, &us)) us = 0;      /* SPDX demands a time; the file gave none that could be read */
  Str text = time_text(cx->arena, us);
  w.created = str_fmt(cx->arena, "%.*sZ", STR(str_slice(text, 0, 19)));
  for (uint32_t i = 0; i < s->component.n; i++) w.id[i] = id_make(cx->arena, &s->component.p[i], i);
  json_object(&w.o);
  head_put(&w);
  json_key(&w.o, "packages");
  json_array(&w.o);
  for (uint32_t i = 0; i < s->component.n; i++) package_put(&w, i);
  json_array_end(&w.o);
  relationships_put(&w);
  licences_put(&w);
  Str lost = lost_words(cx, &w.lost, "SPDX 2.3");
  if (lost.n) json_pair(&w.o, "comment", lost);
  json_object_end(&w.o);
  buf_byte(out, '\n');
  return E_OK;
}
