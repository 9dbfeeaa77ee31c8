/* cyclonedx.c - CycloneDX 1.0 to 1.7, JSON. */
#include "supply/inside.h"

static Str name_of(JVal *o) { return json_text(o, "name"); }

static void names_add(Reading *r, JVal *array) {
  JSON_EACH(v, array) list_add(r, name_of(v), ", ");
}

/* ---- one component ---- */

static bool concluded(JVal *entry, JVal *inner) {
  return str_eq(json_text(entry, "acknowledgement"), S("concluded")) ||
         str_eq(json_text(inner, "acknowledgement"), S("concluded"));
}

/* What is concluded wins over what is declared; an expression with blanks is kept together among others. */
static Str licences_of(Reading *r, JVal *licences) {
  bool any_concluded = false;
  JSON_EACH(v, licences) any_concluded |= concluded(v, json_get(v, "license"));
  JSON_EACH(entry, licences) {
    JVal *licence = json_get(entry, "license");
    if (any_concluded && !concluded(entry, licence)) continue;
    Str one = json_text(licence, "id"), encoding = json_text(json_get(licence, "text"), "encoding");
    if (!one.n) one = json_text(licence, "name");
    if (!encoding.n) licence_add(r, one, STR_NONE, json_text(json_get(licence, "text"), "content"));
    bool expression = !one.n;
    if (expression) one = json_text(entry, "expression");
    bool apart = expression && str_find_char(one, ' ') != SIZE_MAX && yyjson_arr_size(licences) > 1;
    if (apart) list_add(r, S("("), " AND ");
    list_add(r, one, apart ? "" : " AND ");
    if (apart) list_add(r, S(")"), "");
  }
  return list_done(r);
}

static Str hashes_of(Reading *r, JVal *hashes) {
  JSON_EACH(v, hashes) {
    Str alg = json_text(v, "alg"), content = json_text(v, "content");
    if (!alg.n || !content.n) continue;
    list_add(r, alg, " ");
    list_add(r, content, ":");
  }
  return list_done(r);
}

/* Level of support and end of support have no settled property names: these are the ones in use, letters alone. */
typedef enum Meaning {
  NOTHING, LEVEL, END, SOURCE_NAME, SOURCE_VERSION, SOURCE_RELEASE, SOURCE_EPOCH, MORE_CPE
} Meaning;
typedef struct PropertyName { Str letters; Meaning meaning; } PropertyName;
static const PropertyName property_names[] = {
  { { "levelofsupport", 14 }, LEVEL }, { { "supportlevel", 12 }, LEVEL },
  { { "endofsupport", 12 }, END }, { { "endofsupportdate", 16 }, END }, { { "supportend", 10 }, END },
  { { "supportenddate", 14 }, END }, { { "eos", 3 }, END }, { { "eosdate", 7 }, END },
};

static Meaning property_meaning(Str name) {
  if (str_eq(name, S("aquasecurity:trivy:SrcName"))) return SOURCE_NAME;
  if (str_eq(name, S("aquasecurity:trivy:SrcVersion"))) return SOURCE_VERSION;
  if (str_eq(name, S("aquasecurity:trivy:SrcRelease"))) return SOURCE_RELEASE;
  if (str_eq(name, S("aquasecurity:trivy:SrcEpoch"))) return SOURCE_EPOCH;
  if (str_eq(name, S("syft:cpe23"))) return MORE_CPE;
  size_t colon = str_rfind_char(name, ':');
  Str last = colon == SIZE_MAX ? name : str_slice(name, colon + 1, name.n);
  char letters[32];
  size_t n = 0;
  for (size_t i = 0; i < last.n && n < sizeof letters; i++) {
    char c = last.p[i];
    if (c >= 'A' && c <= 'Z') letters[n++] = (char)(c + ('a' - 'A'));
    else if (c >= 'a' && c <= 'z') letters[n++] = c;
  }
  for (size_t i = 0; i < COUNT(property_names); i++)
    if (str_eq(property_names[i].letters, (Str){ letters, n })) return property_names[i].meaning;
  return NOTHING;
}

/* name@epoch:version-release, of parts that may be missing. */
static Str source_of(Arena *a, Str name, Str epoch, Str version, Str release) {
  if (!name.n || !version.n) return name;
  if (epoch.n && !str_eq(epoch, S("0"))) version = str_fmt(a, "%.*s:%.*s", STR(epoch), STR(version));
  if (release.n) version = str_fmt(a, "%.*s-%.*s", STR(version), STR(release));
  return str_fmt(a, "%.*s@%.*s", STR(name), STR(version));
}

static void properties_read(Reading *r, SbomComponent *c, JVal *properties) {
  Str source = STR_NONE, version = STR_NONE, release = STR_NONE, epoch = STR_NONE;
  JSON_EACH(v, properties) {
    Str value = json_text(v, "value");
    if (!value.n) continue;
    switch (property_meaning(json_text(v, "name"))) {
    case LEVEL: c->support_level = value; break;
    case END: c->support_end = value; break;
    case SOURCE_NAME: source = value; break;
    case SOURCE_VERSION: version = value; break;
    case SOURCE_RELEASE: release = value; break;
    case SOURCE_EPOCH: epoch = value; break;
    case MORE_CPE:
      if (!c->cpe.n) c->cpe = value;
      else if (!str_eq(value, c->cpe)) list_add(r, value, "\n");
      break;
    case NOTHING: break;
    }
  }
  c->upstream = source_of(r->cx->arena, source, epoch, version, release);
}

/* NTIA's supplier is who creates, defines and identifies the component: the field of that name, else who made it or
 * who published it. */
static Str supplier_of(Reading *r, uint32_t c, JVal *o) {
  Str s = name_of(json_get(o, "supplier"));
  if (!s.n) s = name_of(json_get(o, "manufacturer"));
  if (!s.n) s = component_text(r, c, o, "publisher");
  return s;
}

static void component_fill(Reading *r, uint32_t i, JVal *o) {
  SbomComponent c = r->s->component.p[i];
  c.ref = component_text(r, i, o, "bom-ref");
  c.type = component_text(r, i, o, "type");
  c.group = component_text(r, i, o, "group");
  c.name = component_text(r, i, o, "name");
  c.version = component_text(r, i, o, "version");
  c.purl = component_text(r, i, o, "purl");
  c.cpe = component_text(r, i, o, "cpe");
  c.scope = component_text(r, i, o, "scope");
  c.swid = json_text(json_get(o, "swid"), "tagId");
  c.supplier = supplier_of(r, i, o);
  c.licence = licences_of(r, json_get(o, "licenses"));
  c.hashes = hashes_of(r, json_get(o, "hashes"));
  JSON_EACH(id, json_get(o, "omniborId")) list_add(r, json_str(id), "\n");
  JSON_EACH(id, json_get(o, "swhid")) list_add(r, json_str(id), "\n");
  properties_read(r, &c, json_get(o, "properties"));
  c.other_ids = list_done(r);
  r->s->component.p[i] = c;
}

static Err components_read(Reading *r, JVal *list, uint32_t parent);
static Err dependencies_read(Reading *r, JVal *list);

/* Recursion follows the nesting of the JSON, which is at most 64 deep. */
static Err component_read(Reading *r, JVal *o, uint32_t at, uint32_t parent, uint32_t role) {
  uint32_t i;
  TRY(component_add(r, at, parent, role, &i));
  component_fill(r, i, o);
  Str ref = r->s->component.p[i].ref;
  if (ref.n)
    ref_add(r, ref, i, map_get(&r->refs, ref) == MAP_NONE ? STR_NONE : component_place(r, i, "/bom-ref"));
  TRY(dependencies_read(r, json_get(o, "dependencies")));        /* of CycloneDX 1.1: an extension of its XML */
  JVal *nested = json_get(o, "components");
  return nested ? components_read(r, nested, i) : E_OK;
}

static Err components_read(Reading *r, JVal *list, uint32_t parent) {
  uint32_t at = 0;
  JSON_EACH(o, list) {
    if (yyjson_is_obj(o)) TRY(component_read(r, o, at, parent, SBOM_LISTED));
    at++;
  }
  return E_OK;
}

/* ---- the document ---- */

/* The words of what expressions call LicenseRef-..., as write_cyclonedx.c keeps them. */
static void licences_read(Reading *r, JVal *properties) {
  Map names = map_new(r->cx->arena, 64);
  VEC(Str) name = { 0 };
  JSON_EACH(v, properties) {
    Str key = json_text(v, "name"), words = S(LICENCE_NAME), text = S(LICENCE_TEXT), value = json_text(v, "value");
    if (str_starts(key, words)) {
      map_put(&names, str_slice(key, words.n, key.n), name.n);
      vec_add(r->cx->arena, &name, value);
    } else if (str_starts(key, text)) {
      Str id = str_slice(key, text.n, key.n);
      size_t named = map_get(&names, id);
      licence_add(r, id, named == MAP_NONE ? STR_NONE : name.p[named], value);
    }
  }
}

static Err metadata_read(Reading *r, JVal *m) {
  Sbom *s = r->s;
  s->timestamp = member_text(r, m, "timestamp", S("/metadata"));
  names_add(r, json_get(m, "authors"));
  list_add(r, name_of(json_get(m, "manufacturer")), ", ");
  list_add(r, name_of(json_get(m, "manufacture")), ", ");
  s->authors = list_done(r);
  s->supplier = name_of(json_get(m, "supplier"));
  JVal *tools = json_get(m, "tools");                  /* an array to 1.4, an object with two arrays since 1.5 */
  names_add(r, tools);
  names_add(r, json_get(tools, "components"));
  names_add(r, json_get(tools, "services"));
  s->tools = list_done(r);
  JSON_EACH(v, json_get(m, "lifecycles")) {
    Str phase = json_text(v, "phase");
    list_add(r, phase.n ? phase : name_of(v), ", ");
  }
  s->lifecycle = list_done(r);
  licences_read(r, json_get(m, "properties"));
  JVal *subject = json_get(m, "component");
  if (!yyjson_is_obj(subject)) return E_OK;
  s->root = 0;
  s->doc_name = name_of(subject);
  return component_read(r, subject, 0, SBOM_NONE, SBOM_SUBJECT);
}

/* Other things that carry a bom-ref: dependencies may name them. */
static void other_refs(Reading *r, JVal *list, Str where, int depth) {
  uint32_t at = 0;
  JSON_EACH(v, list) {
    Str ref = json_text(v, "bom-ref");
    Str place = ref.n && map_get(&r->refs, ref) != MAP_NONE
                    ? str_fmt(r->cx->arena, "%.*s/%u/bom-ref", STR(where), at)
                    : STR_NONE;
    ref_add(r, ref, OTHER_REF, place);
    if (depth < 64)
      other_refs(r, json_get(v, "services"), str_fmt(r->cx->arena, "%.*s/%u/services", STR(where), at),
                 depth + 1);
    at++;
  }
}

static Err dependencies_read(Reading *r, JVal *list) {
  uint32_t i = 0;
  JSON_EACH(d, list) {
    Str from = json_text(d, "ref");
    JSON_EACH(to, json_get(d, "dependsOn")) if (from.n) TRY(edge_state(r, from, json_str(to), i));
    i++;
  }
  return E_OK;
}

static void serial_read(Reading *r, JVal *root) {
  r->s->serial = member_text(r, root, "serialNumber", S(""));
  JVal *version = json_get(root, "version");
  if (yyjson_is_int(version))
    r->s->doc_version = str_fmt(r->cx->arena, "%lld", (long long)yyjson_get_sint(version));
}

Err cyclonedx_read(Reading *r, JVal *root) {
  cyclonedx_judge(r, root);
  serial_read(r, root);
  if (str_eq(r->s->encoding, S("csv"))) r->s->columns = json_text(root, "columns");
  JVal *metadata = json_get(root, "metadata");
  if (yyjson_is_obj(metadata)) TRY(metadata_read(r, metadata));
  JVal *components = json_get(root, "components");
  if (components) TRY(components_read(r, components, SBOM_NONE));
  static const char *const other[] = { "services",     "vulnerabilities", "annotations",
                                       "compositions", "formulation",     "citations" };
  for (size_t i = 0; i < COUNT(other); i++)
    other_refs(r, json_get(root, other[i]), str_fmt(r->cx->arena, "/%s", other[i]), 0);
  TRY(dependencies_read(r, json_get(root, "dependencies")));
  JSON_EACH(v, json_get(root, "compositions")) list_add(r, json_text(v, "aggregate"), ", ");
  r->s->coverage = list_done(r);
  return E_OK;
}
