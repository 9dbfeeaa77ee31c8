/* spdx3.c - SPDX 3.0 as JSON-LD: core, software and the licences that they refer to.
 *
 * A graph: everything is an element with an id, and refers to others by it (or holds them in place). */
#include "supply/inside.h"

typedef struct Graph {
  Reading *r;
  VEC(JVal *) element;
  Map ids;                       /* id -> index in element */
  VEC(Str) licence[2];           /* of each component: declared, concluded */
} Graph;

static Str id_of(JVal *v) {
  Str id = json_text(v, "spdxId");
  return id.n ? id : json_text(v, "@id");
}

static Str type_of(JVal *v) {
  Str type = json_text(v, "type");
  return type.n ? type : json_text(v, "@type");
}

/* The element that is meant: held in place, or named by its id. */
static JVal *element(const Graph *g, JVal *v) {
  if (yyjson_is_obj(v)) return v;
  size_t i = map_get(&g->ids, json_str(v));
  return i == MAP_NONE ? NULL : g->element.p[i];
}

/* A property with one value may stand without its array. */
static JVal *first_of(JVal *v) { return yyjson_is_arr(v) ? yyjson_arr_get_first(v) : v; }

static Str names_of(Graph *g, JVal *list) {
  if (!yyjson_is_arr(list)) list_add(g->r, json_text(element(g, list), "name"), ", ");
  JSON_EACH(v, list) list_add(g->r, json_text(element(g, v), "name"), ", ");
  return list_done(g->r);
}

/* ---- packages ---- */

static void identifiers_read(Graph *g, SbomComponent *c, JVal *list) {
  JSON_EACH(item, list) {
    JVal *v = element(g, item);
    Str type = json_text(v, "externalIdentifierType"), id = json_text(v, "identifier");
    bool purl = str_eq(type, S("packageUrl")) || str_eq(type, S("purl"));
    bool cpe = str_eq(type, S("cpe23")) || str_eq(type, S("cpe22"));
    bool other = str_eq(type, S("swhid")) || str_eq(type, S("gitoid"));
    if (!id.n) continue;
    if (purl && !c->purl.n) c->purl = id;
    else if (cpe && !c->cpe.n) c->cpe = id;
    else if (str_eq(type, S("swid")) && !c->swid.n) c->swid = id;
    else if ((purl && !str_eq(id, c->purl)) || (cpe && !str_eq(id, c->cpe)) || other) list_add(g->r, id, "\n");
  }
  c->other_ids = list_done(g->r);
}

static Str hashes_of(Graph *g, JVal *list) {
  JSON_EACH(item, list) {
    JVal *v = element(g, item);
    Str alg = json_text(v, "algorithm"), value = json_text(v, "hashValue");
    if (!alg.n || !value.n) continue;
    list_add(g->r, hash_spdx3_name(alg), " ");
    list_add(g->r, value, ":");
  }
  return list_done(g->r);
}

static Str words_of(Graph *g, JVal *list) {
  if (!yyjson_is_arr(list)) list_add(g->r, json_str(list), ", ");
  JSON_EACH(v, list) list_add(g->r, json_str(v), ", ");
  return list_done(g->r);
}

/* The classes of the specification that are packages, and what the specialised ones are a component of. */
typedef struct PackageClass { Str name, type; } PackageClass;
static const PackageClass classes[] = {
  { { "software_Package", 16 }, { NULL, 0 } },
  { { "dataset_DatasetPackage", 22 }, { "data", 4 } },
  { { "ai_AIPackage", 12 }, { "machine-learning-model", 22 } },
};

static const PackageClass *package_class(JVal *o) {
  for (size_t i = 0; i < COUNT(classes); i++) if (str_eq(type_of(o), classes[i].name)) return &classes[i];
  return NULL;
}

static void package_fill(Graph *g, uint32_t i, JVal *o) {
  Reading *r = g->r;
  SbomComponent c = r->s->component.p[i];
  c.ref = id_of(o);
  c.name = component_text(r, i, o, "name");
  c.version = component_text(r, i, o, "software_packageVersion");
  c.purl = component_text(r, i, o, "software_packageUrl");
  c.type = str_lower(r->cx->arena, component_text(r, i, o, "software_primaryPurpose"));
  if (str_eq(c.type, S("operatingsystem"))) c.type = S("operating-system");
  if (!c.type.n) c.type = package_class(o)->type;
  c.supplier = json_text(element(g, first_of(json_get(o, "suppliedBy"))), "name");
  c.support_end = component_text(r, i, o, "validUntilTime");
  c.support_level = words_of(g, json_get(o, "supportLevel"));
  c.hashes = hashes_of(g, json_get(o, "verifiedUsing"));
  identifiers_read(g, &c, json_get(o, "externalIdentifier"));
  r->s->component.p[i] = c;
  if (!c.name.n) reading_error(r, component_place(r, i, "/name"), "a package must have \"name\"");
  if (!c.ref.n) reading_error(r, component_place(r, i, "/spdxId"), "a package must have \"spdxId\"");
}

static Err elements_read(Graph *g) {
  Reading *r = g->r;
  for (uint32_t at = 0; at < g->element.n; at++) {
    JVal *o = g->element.p[at];
    uint32_t i;
    Str id = id_of(o), place = str_fmt(r->cx->arena, "/@graph/%u", at);
    size_t value = OTHER_REF;
    if (!yyjson_is_obj(o)) { reading_error(r, place, "an element of the graph must be an object"); continue; }
    if (!type_of(o).n) reading_error(r, place, "an element must have \"type\"");
    if (package_class(o)) {
      TRY(component_add(r, at, SBOM_NONE, SBOM_LISTED, &i));
      package_fill(g, i, o);
      vec_add(r->cx->arena, &g->licence[0], STR_NONE);
      vec_add(r->cx->arena, &g->licence[1], STR_NONE);
      value = i;
    }
    ref_add(r, id, value, place);
  }
  return E_OK;
}

/* ---- relationships ---- */

typedef struct Relation { Str name; bool back; } Relation;
#define REL(name, back) { { name, sizeof name - 1 }, back }
static const Relation relations[] = {
  REL("dependsOn", false), REL("contains", false), REL("hasDynamicLink", false), REL("hasStaticLink", false),
  REL("hasPrerequisite", false), REL("hasOptionalDependency", false), REL("hasProvidedDependency", false),
  REL("hasOptionalComponent", false), REL("packagedBy", true),
};

static size_t component_of(const Graph *g, Str ref) {
  size_t i = map_get(&g->r->refs, ref);
  return i == OTHER_REF ? MAP_NONE : i;
}

/* A licence as text: an expression, or the name that its id ends in. */
static Str licence_text(const Graph *g, JVal *to) {
  JVal *v = element(g, to);
  Str s = json_text(v, "simplelicensing_licenseExpression");
  if (!s.n) s = json_text(v, "name");
  if (!s.n) {
    s = json_str(to);
    size_t slash = str_rfind_char(s, '/');
    if (slash != SIZE_MAX) s = str_slice(s, slash + 1, s.n);
  }
  bool nothing = str_eq(s, S("NOASSERTION")) || str_eq(s, S("NONE")) || str_eq(s, S("NoAssertionLicense")) ||
                 str_eq(s, S("NoneLicense"));
  return nothing ? STR_NONE : s;
}

static void licence_take(Graph *g, size_t component, bool concluded, JVal *to) {
  Str *all = &g->licence[concluded].p[component], one = licence_text(g, to);
  if (all->n > 65536 || !one.n) return;
  *all = all->n ? str_fmt(g->r->cx->arena, "%.*s AND %.*s", STR(*all), STR(one)) : one;
}

static Err relationship_read(Graph *g, JVal *o, uint32_t at) {
  Reading *r = g->r;
  Str type = json_text(o, "relationshipType"), from = json_text(o, "from");
  const Relation *relation = NULL;
  size_t component = component_of(g, from);
  bool concluded = str_eq(type, S("hasConcludedLicense")), declared = str_eq(type, S("hasDeclaredLicense"));
  if (!type.n || !from.n)
    reading_error(r, str_fmt(r->cx->arena, "/@graph/%u", at),
                  "a relationship must have \"from\" and \"relationshipType\"");
  for (size_t i = 0; i < COUNT(relations) && !relation; i++)
    if (str_eq(type, relations[i].name)) relation = &relations[i];
  if (!relation && !concluded && !declared) return E_OK;
  JVal *list = json_get(o, "to");
  JSON_EACH(v, list) {
    Str to = json_str(v);
    if (!relation && component != MAP_NONE) licence_take(g, component, concluded, v);
    bool between = relation && component != MAP_NONE && map_get(&r->refs, to) != OTHER_REF && to.n;
    if (between && map_get(&r->refs, to) != MAP_NONE)
      TRY(relation->back ? edge_state(r, to, from, at) : edge_state(r, from, to, at));
  }
  return E_OK;
}

static Err relationships_read(Graph *g) {
  for (uint32_t at = 0; at < g->element.n; at++) {
    Str type = type_of(g->element.p[at]);
    if (str_eq(type, S("Relationship")) || str_eq(type, S("LifecycleScopedRelationship")))
      TRY(relationship_read(g, g->element.p[at], at));
  }
  for (size_t i = 0; i < g->r->s->component.n; i++) {
    Str concluded = g->licence[1].p[i];
    g->r->s->component.p[i].licence = concluded.n ? concluded : g->licence[0].p[i];
  }
  return E_OK;
}

/* ---- the document ---- */

/* What the document is of: its root element, or the root of the BOM that is its root. */
static void root_find(Graph *g, JVal *document) {
  JVal *v = document;
  for (int step = 0; step < 4 && v; step++) {
    JVal *next = first_of(json_get(v, "rootElement"));
    size_t i = component_of(g, json_str(next));
    if (i != MAP_NONE) { g->r->s->root = (uint32_t)i; return; }
    v = element(g, next);
    Str kind = words_of(g, json_get(v, "software_sbomType"));
    if (kind.n) g->r->s->lifecycle = kind;
  }
}

static void document_read(Graph *g, JVal *document) {
  Sbom *s = g->r->s;
  JVal *creation = element(g, json_get(document, "creationInfo"));
  Str place = S("/@graph");
  s->serial = id_of(document);
  s->doc_name = json_text(document, "name");
  s->timestamp = member_text(g->r, creation, "created", place);
  s->authors = names_of(g, json_get(creation, "createdBy"));
  s->tools = names_of(g, json_get(creation, "createdUsing"));
  if (!s->timestamp.n) reading_error(g->r, place, "the document must say when it was created (creationInfo/created)");
  root_find(g, document);
}

Err spdx3_read(Reading *r, JVal *root) {
  Graph g = { .r = r, .ids = map_new(r->cx->arena, 1024) };
  JVal *list = member_array(r, root, "@graph", S("")), *document = NULL, *bom = NULL;
  if (!list) reading_error(r, S("/@graph"), "the document must have \"@graph\"");
  JSON_EACH(v, list) {
    Str id = id_of(v);
    if (id.n && map_get(&g.ids, id) == MAP_NONE) map_put(&g.ids, id, g.element.n);
    vec_add(r->cx->arena, &g.element, v);
    if (str_eq(type_of(v), S("SpdxDocument")) && !document) document = v;
    if (str_eq(type_of(v), S("software_Sbom")) && !bom) bom = v;
  }
  TRY(elements_read(&g));
  if (list && !document && !bom)
    reading_error(r, S("/@graph"), "the graph holds neither an SpdxDocument nor an Sbom");
  document_read(&g, document ? document : bom);
  return relationships_read(&g);
}
