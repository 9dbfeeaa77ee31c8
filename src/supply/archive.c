/* archive.c - many SPDX 2 documents in one archive, as Yocto's create-spdx leaves them, written as one document.
 *
 * An id is unique in its document only, so each is written with the name space of its document before it; a reference
 * into another document finds its name space in the list of external documents. */
#include "supply/inside.h"

enum { DOCUMENTS_MOST = 100000 };

typedef struct Document { Str space, name, spec, creation; size_t externals; } Document;
/* The external documents that one document lists: its name for each, and the name space. */
typedef struct Externals { Map ids; VEC(Str) space; } Externals;
typedef struct Archive {
  Cx *cx;
  Buf packages, relationships, licences;
  JsonOut package_out, relationship_out, licence_out;
  VEC(Document) document;
  Map referred;                  /* name spaces that other documents refer to */
  Str refused;                   /* the first file that was none, and why */
} Archive;

static Str own(const Archive *a, Str s) { return str_dup(a->cx->arena, s); }

/* "SPDXRef-x" -> "space#SPDXRef-x"; "DocumentRef-y:SPDXRef-x" -> with the name space of that document. */
static Str whole_ref(Cx *sub, const Externals *externals, Str space, Str ref) {
  Str document, rest;
  if (!str_starts(ref, S("DocumentRef-"))) return str_fmt(sub->arena, "%.*s#%.*s", STR(space), STR(ref));
  if (!str_cut(ref, ':', &document, &rest)) return STR_NONE;
  size_t i = map_get(&externals->ids, document);
  return i == MAP_NONE ? STR_NONE : str_fmt(sub->arena, "%.*s#%.*s", STR(externals->space.p[i]), STR(rest));
}

static void package_put(Archive *a, Cx *sub, Str space, JVal *package) {
  JsonOut *o = &a->package_out;
  json_object(o);
  JSON_MEMBERS(k, v, package) {
    Str key = json_str(k);
    if (str_eq(key, S("hasFiles")) || str_eq(key, S("annotations"))) continue;
    json_key_str(o, key);
    if (str_eq(key, S("SPDXID")) && json_str(v).n) json_put_str(o, whole_ref(sub, NULL, space, json_str(v)));
    else json_put_val(o, v);
  }
  json_object_end(o);
}

/* What neither end names a package of is left out: documents of builds hold a line for every file. */
static void relationship_put(Archive *a, Cx *sub, const Externals *externals, const Map *files, Str space, JVal *v) {
  Str from = json_text(v, "spdxElementId"), to = json_text(v, "relatedSpdxElement");
  if (!from.n || !to.n || str_eq(to, S("NOASSERTION")) || str_eq(to, S("NONE"))) return;
  if (map_get(files, from) != MAP_NONE || map_get(files, to) != MAP_NONE) return;
  from = whole_ref(sub, externals, space, from);
  to = whole_ref(sub, externals, space, to);
  if (!from.n || !to.n) return;
  JsonOut *o = &a->relationship_out;
  json_object(o);
  json_pair(o, "spdxElementId", from);
  json_pair(o, "relationshipType", json_text(v, "relationshipType"));
  json_pair(o, "relatedSpdxElement", to);
  json_object_end(o);
}

static Err document_take(Archive *a, Cx *sub, JVal *root) {
  if (!json_get(root, "creationInfo"))
    return fail(a->cx, E_INVALID, "A document of the archive does not say who made it (creationInfo)");
  Str space = json_text(root, "documentNamespace");
  Externals externals = { .ids = map_new(sub->arena, 64) };
  Map files = map_new(sub->arena, 64);
  Buf creation = buf_new(sub->arena, 1 << 20);
  JsonOut o = json_out(&creation, false);
  json_put_val(&o, json_get(root, "creationInfo"));
  Document d = { own(a, space), own(a, json_text(root, "name")), own(a, json_text(root, "spdxVersion")),
                 own(a, buf_str(&creation)), 0 };
  if (a->document.n >= DOCUMENTS_MOST)
    return fail(a->cx, E_TOO_LARGE, "The archive holds more than %d documents", DOCUMENTS_MOST);
  JSON_EACH(v, json_get(root, "externalDocumentRefs")) {
    Str id = json_text(v, "externalDocumentId"), other = json_text(v, "spdxDocument");
    d.externals++;
    if (id.n) map_put(&externals.ids, id, externals.space.n);
    if (id.n) vec_add(sub->arena, &externals.space, other);
    if (other.n && map_get(&a->referred, other) == MAP_NONE) map_put(&a->referred, own(a, other), 1);
  }
  JSON_EACH(v, json_get(root, "files")) if (json_text(v, "SPDXID").n) map_put(&files, json_text(v, "SPDXID"), 1);
  JSON_EACH(v, json_get(root, "packages")) if (yyjson_is_obj(v)) package_put(a, sub, space, v);
  JSON_EACH(v, json_get(root, "relationships")) relationship_put(a, sub, &externals, &files, space, v);
  JSON_EACH(v, json_get(root, "hasExtractedLicensingInfos")) json_put_val(&a->licence_out, v);
  vec_add(a->cx->arena, &a->document, d);
  return E_OK;
}

/* Each document is read in memory of its own, which ends with it. */
static Err file_take(Cx *cx, void *env, const PackedFile *f) {
  Archive *a = env;
  AUTO(Cx) sub = cx_new((size_t)512 << 20);
  static const JsonLimits limits = { .max_bytes = 64 << 20, .max_depth = 64, .max_string_bytes = 1 << 20,
                                     .max_values = 4 << 20 };
  JVal *root;
  Str name = str_head(f->name, 200);
  if (!f->bytes.p || json_read(&sub, without_mark(f->bytes), &limits, &root) != E_OK) {
    Str why = f->bytes.p ? sub.words : f->why;
    bool wanted = str_ends(f->name, S(".json")) || !f->bytes.p;
    if (wanted && !a->refused.p && str_is_utf8(name))
      a->refused = str_fmt(cx->arena, "%.*s: %.*s", STR(name), STR(why));
    return E_OK;
  }
  return json_get(root, "spdxVersion") ? document_take(a, &sub, root) : E_OK;
}

/* The document that no other refers to, and of those the one that refers to most. */
static const Document *top_of(const Archive *a) {
  const Document *top = NULL;
  for (size_t i = 0; i < a->document.n; i++) {
    const Document *d = &a->document.p[i];
    if (map_get(&a->referred, d->space) != MAP_NONE) continue;
    if (!top || d->externals > top->externals) top = d;
  }
  return top ? top : &a->document.p[0];
}

static void list_put(JsonOut *o, const char *key, JsonOut *list) {
  json_array_end(list);
  json_key(o, key);
  json_put_raw(o, buf_str(list->buf));
}

static void whole_put(Archive *a, Buf *json) {
  const Document *top = top_of(a);
  JsonOut o = json_out(json, false);
  json_object(&o);
  json_pair(&o, "spdxVersion", top->spec);
  json_pair(&o, "dataLicense", S("CC0-1.0"));
  json_pair(&o, "SPDXID", str_fmt(a->cx->arena, "%.*s#SPDXRef-DOCUMENT", STR(top->space)));
  json_pair(&o, "name", top->name);
  json_pair(&o, "documentNamespace", top->space);
  json_key(&o, "creationInfo");
  json_put_raw(&o, top->creation);
  list_put(&o, "packages", &a->package_out);
  list_put(&o, "relationships", &a->relationship_out);
  list_put(&o, "hasExtractedLicensingInfos", &a->licence_out);
  json_object_end(&o);
}

Err archive_to_json(Cx *cx, Str bytes, Buf *json) {
  Archive a = { .cx = cx, .packages = buf_new(cx->arena, json->max), .relationships = buf_new(cx->arena, json->max),
                .licences = buf_new(cx->arena, json->max), .referred = map_new(cx->arena, 256) };
  a.package_out = json_out(&a.packages, false);
  a.relationship_out = json_out(&a.relationships, false);
  a.licence_out = json_out(&a.licences, false);
  json_array(&a.licence_out);
  json_array(&a.package_out);
  json_array(&a.relationship_out);
  Err e = packed_bytes(cx, S("The archive"), bytes, file_take, &a);
  if (e != E_OK) {
    Str words = cx->words;
    cx_forgive(cx);
    return fail(cx, e, "%.*s. Nothing was stored.", STR(words));
  }
  if (a.refused.p)
    return fail(cx, E_UNREADABLE, "The archive cannot be read: %.*s. Nothing was stored.", STR(a.refused));
  if (!a.document.n)
    return fail(cx, E_FORMAT, "This is an archive without an SPDX document. Nothing was stored. What is read is "
                ACCEPTED ".");
  if (a.packages.over || a.relationships.over || a.licences.over) json->over = true;
  else whole_put(&a, json);
  return E_OK;
}
