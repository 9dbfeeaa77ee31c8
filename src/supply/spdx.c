/* spdx.c - SPDX 2.2 and 2.3, JSON. */
#include "supply/inside.h"

/* NOASSERTION and NONE are SPDX's ways to say nothing. */
static Str said(Str s) { return str_eq(s, S("NOASSERTION")) || str_eq(s, S("NONE")) ? STR_NONE : s; }

/* "Organization: Acme (mail@acme.example)" -> "Acme"; *kind gets the word before the colon.  "(Europe)" is no mail
 * address and stays. */
static Str actor(Str s, Str *kind) {
  Str rest;
  if (!str_cut(s, ':', kind, &rest)) {
    *kind = STR_NONE;
    return said(str_trim(s));
  }
  rest = str_trim(rest);
  size_t bracket = str_rfind_char(rest, '(');
  Str mail = bracket == SIZE_MAX ? STR_NONE : str_slice(rest, bracket + 1, rest.n - 1);
  bool is_mail = str_ends(rest, S(")")) && bracket > 0 && (!mail.n || str_find_char(mail, '@') != SIZE_MAX);
  if (mail.p && is_mail) rest = str_trim(str_slice(rest, 0, bracket));
  return said(rest);
}

static Str supplier_of(Reading *r, uint32_t i, JVal *o) {
  Str kind;
  return actor(component_text(r, i, o, "supplier"), &kind);
}

/* A reference type may be a full URI: .../references/cpe23Type */
static Str reference_type(Str s) {
  size_t slash = str_rfind_char(s, '/');
  return slash == SIZE_MAX ? s : str_slice(s, slash + 1, s.n);
}

static void references_read(Reading *r, SbomComponent *c, JVal *refs) {
  JSON_EACH(v, refs) {
    Str type = reference_type(json_text(v, "referenceType")), locator = json_text(v, "referenceLocator");
    bool purl = str_eq(type, S("purl")), cpe = str_eq(type, S("cpe23Type")) || str_eq(type, S("cpe22Type"));
    bool other = str_eq(type, S("swh")) || str_eq(type, S("gitoid"));
    if (!locator.n) continue;
    if (str_eq(type, S("swid")) && !c->swid.n) c->swid = locator;
    else if (purl && !c->purl.n) c->purl = locator;
    else if (cpe && !c->cpe.n) c->cpe = locator;
    else if (purl || cpe || other) list_add(r, locator, "\n");
  }
  c->other_ids = list_done(r);
}

static Str checksums_of(Reading *r, JVal *list) {
  JSON_EACH(v, list) {
    Str alg = json_text(v, "algorithm"), value = json_text(v, "checksumValue");
    if (!alg.n || !value.n) continue;
    list_add(r, hash_name(alg), " ");
    list_add(r, value, ":");
  }
  return list_done(r);
}

/* SPDX 2 has no field for it: the last annotation that begins with our words says it. */
static Str annotated(JVal *annotations, Str words) {
  Str value = STR_NONE;
  JSON_EACH(v, annotations) {
    Str comment = json_text(v, "comment");
    if (str_starts(comment, words)) value = str_trim(str_slice(comment, words.n, comment.n));
  }
  return value.n ? value : STR_NONE;
}

/* "built package from: openssl 3.0.11-1" is openssl@3.0.11-1. */
static Str source_of(Reading *r, uint32_t i, JVal *o) {
  Str info = component_text(r, i, o, "sourceInfo"), words = S(SOURCE_WORDS), name, version;
  if (!str_starts(info, words)) return STR_NONE;
  info = str_trim(str_slice(info, words.n, info.n));
  if (!str_cut(info, ' ', &name, &version) || str_find_char(version, ' ') != SIZE_MAX) return info.n ? info : STR_NONE;
  return str_fmt(r->cx->arena, "%.*s@%.*s", STR(name), STR(version));
}

static void package_fill(Reading *r, uint32_t i, JVal *o) {
  SbomComponent c = r->s->component.p[i];
  Arena *a = r->cx->arena;
  c.ref = component_text(r, i, o, "SPDXID");
  c.name = component_text(r, i, o, "name");
  c.version = said(component_text(r, i, o, "versionInfo"));
  c.supplier = supplier_of(r, i, o);
  c.licence = said(component_text(r, i, o, "licenseConcluded"));
  if (!c.licence.n) c.licence = said(component_text(r, i, o, "licenseDeclared"));
  c.type = str_replace(a, str_lower(a, component_text(r, i, o, "primaryPackagePurpose")), '_', '-');
  c.support_end = component_text(r, i, o, "validUntilDate"); /* 2.3, 7.27: when the supplier's support ends */
  if (!c.support_end.n) c.support_end = annotated(json_get(o, "annotations"), S(SUPPORT_END_WORDS));
  c.support_level = annotated(json_get(o, "annotations"), S(SUPPORT_LEVEL_WORDS));
  c.group = annotated(json_get(o, "annotations"), S(GROUP_WORDS));
  c.upstream = source_of(r, i, o);
  c.hashes = checksums_of(r, json_get(o, "checksums"));
  references_read(r, &c, json_get(o, "externalRefs"));
  r->s->component.p[i] = c;
}

static Err packages_read(Reading *r, JVal *list) {
  uint32_t at = 0;
  JSON_EACH(o, list) {
    uint32_t i;
    if (yyjson_is_obj(o)) {
      TRY(component_add(r, at, SBOM_NONE, SBOM_LISTED, &i));
      package_fill(r, i, o);
      Str ref = r->s->component.p[i].ref;
      if (ref.n)
        ref_add(r, ref, i, map_get(&r->refs, ref) == MAP_NONE ? STR_NONE : component_place(r, i, "/SPDXID"));
    }
    at++;
  }
  return E_OK;
}

/* The creators that are tools, or those that are not. */
static Str creators_of(Reading *r, JVal *creators, bool tools) {
  JSON_EACH(v, creators) {
    Str kind, name = actor(json_str(v), &kind);
    if (str_eq(kind, S("Tool")) == tools) list_add(r, name, ", ");
  }
  return list_done(r);
}

static void creation_read(Reading *r, JVal *info) {
  r->s->timestamp = member_text(r, info, "created", S("/creationInfo"));
  r->s->tools = creators_of(r, json_get(info, "creators"), true);
  r->s->authors = creators_of(r, json_get(info, "creators"), false);
}

/* Relationships that say that one package needs or holds another; `back`: the second needs the first. */
typedef struct Relation { Str name; bool back; } Relation;
#define REL(name, back) { { name, sizeof name - 1 }, back }
static const Relation relations[] = {
  REL("DEPENDS_ON", false), REL("CONTAINS", false), REL("DYNAMIC_LINK", false), REL("STATIC_LINK", false),
  REL("HAS_PREREQUISITE", false), REL("DEPENDENCY_OF", true), REL("CONTAINED_BY", true), REL("PACKAGE_OF", true),
  REL("PREREQUISITE_FOR", true), REL("RUNTIME_DEPENDENCY_OF", true), REL("BUILD_DEPENDENCY_OF", true),
  REL("DEV_DEPENDENCY_OF", true), REL("TEST_DEPENDENCY_OF", true), REL("OPTIONAL_DEPENDENCY_OF", true),
  REL("PROVIDED_DEPENDENCY_OF", true),
};

static const Relation *relation_of(Str type) {
  for (size_t i = 0; i < COUNT(relations); i++) if (str_eq(type, relations[i].name)) return &relations[i];
  return NULL;
}

static void root_set(Reading *r, Str ref) {
  size_t i = map_get(&r->refs, ref);
  if (r->s->root == SBOM_NONE && i != MAP_NONE && i != OTHER_REF) r->s->root = (uint32_t)i;
}

/* Another document, or the words for "nothing" and "not said". */
static bool is_elsewhere(Str ref) { return !said(ref).n || str_starts(ref, S("DocumentRef-")); }

static Err relationships_read(Reading *r, JVal *list, Str document) {
  uint32_t at = 0;
  JSON_EACH(v, list) {
    Str from = json_text(v, "spdxElementId"), to = json_text(v, "relatedSpdxElement");
    Str type = json_text(v, "relationshipType");
    const Relation *relation = relation_of(type);
    if (str_eq(type, S("DESCRIBES")) && str_eq(from, document)) root_set(r, to);
    if (str_eq(type, S("DESCRIBED_BY")) && str_eq(to, document)) root_set(r, from);
    bool between = map_get(&r->refs, from) != OTHER_REF && map_get(&r->refs, to) != OTHER_REF;
    if (relation && between && !is_elsewhere(from) && !is_elsewhere(to))
      TRY(relation->back ? edge_state(r, to, from, at) : edge_state(r, from, to, at));
    at++;
  }
  return E_OK;
}

static void other_refs(Reading *r, JVal *list, const char *key) {
  uint32_t at = 0;
  JSON_EACH(v, list) {
    Str ref = json_text(v, "SPDXID");
    bool again = ref.n && map_get(&r->refs, ref) != MAP_NONE;
    ref_add(r, ref, OTHER_REF, again ? str_fmt(r->cx->arena, "/%s/%u/SPDXID", key, at) : STR_NONE);
    at++;
  }
}

Err spdx_read(Reading *r, JVal *root) {
  static const Str place = { "", 0 };
  spdx_judge(r, root);
  r->s->serial = member_text(r, root, "documentNamespace", place);
  r->s->doc_name = member_text(r, root, "name", place);
  creation_read(r, json_get(root, "creationInfo"));
  Str document = member_text(r, root, "SPDXID", place);
  ref_add(r, document, OTHER_REF, STR_NONE);
  TRY(packages_read(r, json_get(root, "packages")));
  other_refs(r, member_array(r, root, "files", place), "files");
  other_refs(r, member_array(r, root, "snippets", place), "snippets");
  JSON_EACH(v, json_get(root, "documentDescribes")) root_set(r, json_str(v));
  JSON_EACH(v, json_get(root, "hasExtractedLicensingInfos"))
    licence_add(r, json_text(v, "licenseId"), said(json_text(v, "name")), said(json_text(v, "extractedText")));
  return relationships_read(r, json_get(root, "relationships"), document);
}
