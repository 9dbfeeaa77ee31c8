/* xml_shape.c - CycloneDX says one thing in two ways; here is how its XML becomes its JSON.
 *
 * An element is an object of its attributes and elements, or its text.  Elements of one name become an array.  The
 * tables hold what differs from that. */
#include "supply/xml.h"

/* Elements that hold the items of a list, whatever the items are called. */
static const char *const lists[] = {
  "components", "services", "hashes", "licenses", "externalReferences", "properties", "compositions", "vulnerabilities",
  "annotations", "citations", "authors", "lifecycles", "ancestors", "descendants", "variants", "commits", "patches",
  "resolves", "references", "tags", "endpoints", "ratings", "cwes", "advisories", "affects", "data", "altIds",
  "licenseTypes", "formulation", "dependencies", "assemblies", "pointers", "expressions", "subjects",
  "responses",
};
/* Lists without an element around them. */
typedef struct Place { const char *parent, *name; } Place;
static const Place many[] = {
  { NULL, "omniborId" }, { NULL, "swhid" }, { "supplier", "url" }, { "supplier", "contact" }, { "manufacture", "url" },
  { "manufacture", "contact" }, { "manufacturer", "url" }, { "manufacturer", "contact" }, { "provider", "url" },
  { "provider", "contact" }, { "organization", "url" }, { "organization", "contact" }, { "component", "data" },
};
/* Elements with attributes and text: the member that the text is. */
typedef struct TextKey { const char *name, *key; } TextKey;
static const TextKey text_keys[] = {
  { "hash", "content" }, { "property", "value" }, { "text", "content" }, { "classification", "classification" },
  { "expression", "expression" }, { "attachment", "content" },
};
static const char *const flags[] = { "isExternal", "authenticated", "x-trust-boundary", "modified" };

/* Elements to which anybody may add attributes of their own, and the attributes that are not somebody's own. */
static const Place open_attributes[] = {
  { "bom", "version" },          { "bom", "serialNumber" },    { "component", "type" },
  { "component", "bom-ref" },    { "component", "mime-type" }, { "component", "isExternal" },
  { "service", "bom-ref" },      { "reference", "type" },      { "annotation", "bom-ref" },
};

static bool is_somebodys_own(const XmlNode *parent, const XmlNode *n) {
  bool is_open = false;
  for (size_t i = 0; i < COUNT(open_attributes) && n->attribute; i++) {
    if (!str_eq(parent->name, str_of(open_attributes[i].parent))) continue;
    if (str_eq(n->name, str_of(open_attributes[i].name))) return false;
    is_open = true;
  }
  return is_open;
}

static bool among(Str s, const char *const *list, size_t n) {
  for (size_t i = 0; i < n; i++) if (str_eq(s, str_of(list[i]))) return true;
  return false;
}

static bool is_many(const XmlNode *parent, Str name) {
  for (size_t i = 0; i < COUNT(many); i++)
    if (str_eq(name, str_of(many[i].name)) && (!many[i].parent || str_eq(parent->name, str_of(many[i].parent))))
      return true;
  return false;
}

static const char *text_key(Str name) {
  for (size_t i = 0; i < COUNT(text_keys); i++) if (str_eq(name, str_of(text_keys[i].name))) return text_keys[i].key;
  return "text";
}

/* Lists only in some places: tools to 1.4; data of a service, while a component's data are objects. */
static bool is_list(const XmlNode *parent, const XmlNode *n) {
  bool tool = n->first && str_eq(n->first->name, S("tool"));
  if (str_eq(n->name, S("tools"))) return tool;
  if (str_eq(n->name, S("data"))) return parent && str_eq(parent->name, S("service"));
  return among(n->name, lists, COUNT(lists));
}

/* Recursion follows the nesting of the XML, which is at most 64 deep. */
static Err value_put(Cx *cx, const XmlNode *parent, XmlNode *n, JsonOut *o);

static void flag_or_text(const XmlNode *n, JsonOut *o) {
  Str t = str_trim(n->text);
  bool yes = str_eq(t, S("true")) || str_eq(t, S("1")), no = str_eq(t, S("false")) || str_eq(t, S("0"));
  if (among(n->name, flags, COUNT(flags)) && (yes || no)) json_put_bool(o, yes);
  else json_put_str(o, t.p ? t : S(""));
}

static Str key_of(const XmlNode *n) {
  if (str_eq(n->name, S("responses"))) return S("response");
  if (str_eq(n->name, S("details"))) return S("expressionDetails");
  return str_eq(n->name, S("content-type")) ? S("contentType") : n->name;
}

/* All elements of one name below one parent. */
static Err same_put(Cx *cx, XmlNode *parent, XmlNode *n, JsonOut *o) {
  XmlNode *more = NULL;
  for (XmlNode *k = n->next; k && !more; k = k->next) if (str_eq(k->name, n->name)) more = k;
  json_key_str(o, key_of(n));
  bool array = !n->attribute && (more || is_many(parent, n->name));
  if (!array) return value_put(cx, parent, n, o);
  json_array(o);
  for (XmlNode *k = n; k; k = k->next) {
    if (k != n && (k->done || !str_eq(k->name, n->name))) continue;
    k->done = true;
    TRY(value_put(cx, parent, k, o));
  }
  json_array_end(o);
  return E_OK;
}

static Err members_put(Cx *cx, XmlNode *n, JsonOut *o) {
  enum { NAMES_MOST = 128 };     /* nothing of CycloneDX has as many; it bounds the search for equal names */
  size_t names = 0;
  for (XmlNode *k = n->first; k; k = k->next) {
    if (k->done || is_somebodys_own(n, k)) continue;
    if (++names > NAMES_MOST)
      return fail(cx, E_UNREADABLE, "The XML cannot be read: <%.*s> holds more than %d kinds of elements. Nothing was "
                  "stored.", STR(str_head(n->name, 60)), NAMES_MOST);
    if (str_eq(k->name, S("classification")) && !k->attribute) {    /* <dataflow>: part of the flow itself */
      TRY(members_put(cx, k, o));
      continue;
    }
    TRY(same_put(cx, n, k, o));
  }
  Str text = str_trim(n->text);
  if (text.n) json_pair(o, text_key(n->name), text);
  return E_OK;
}

static Err object_put(Cx *cx, XmlNode *n, JsonOut *o) {
  json_object(o);
  TRY(members_put(cx, n, o));
  json_object_end(o);
  return E_OK;
}

static Str attribute(const XmlNode *n, const char *name) {
  for (const XmlNode *k = n->first; k; k = k->next)
    if (k->attribute && str_eq(k->name, str_of(name))) return str_trim(k->text);
  return STR_NONE;
}

static void refs_put(const XmlNode *n, const char *name, JsonOut *o) {
  json_array(o);
  for (const XmlNode *k = n->first; k; k = k->next)
    if (!k->attribute && str_eq(k->name, str_of(name))) json_put_str(o, attribute(k, "ref"));
  json_array_end(o);
}

static bool holds(const XmlNode *n, const char *name) {
  for (const XmlNode *k = n->first; k; k = k->next) if (!k->attribute && str_eq(k->name, str_of(name))) return true;
  return false;
}

/* What is nested in a dependency is one of its own.  Recursion: at most 64 deep, as the XML is. */
static void dependency_put(const XmlNode *n, Str ref, JsonOut *o) {
  json_object(o);
  json_pair(o, "ref", ref);
  json_key(o, "dependsOn");
  refs_put(n, "dependency", o);
  if (holds(n, "provides")) {
    json_key(o, "provides");
    refs_put(n, "provides", o);
  }
  json_object_end(o);
  for (const XmlNode *k = n->first; k; k = k->next)
    if (str_eq(k->name, S("dependency")) && holds(k, "dependency")) dependency_put(k, attribute(k, "ref"), o);
}

static Err licence_put(Cx *cx, XmlNode *n, JsonOut *o) {
  json_object(o);
  if (str_eq(n->name, S("license"))) {
    json_key(o, "license");
    TRY(object_put(cx, n, o));
  } else {
    TRY(members_put(cx, n, o));
  }
  json_object_end(o);
  return E_OK;
}

static Err item_put(Cx *cx, XmlNode *list, XmlNode *k, bool of_refs, JsonOut *o) {
  if (str_eq(list->name, S("licenses"))) return licence_put(cx, k, o);
  if (of_refs && attribute(k, "ref").p) { json_put_str(o, attribute(k, "ref")); return E_OK; }
  if (str_eq(k->name, S("dependency"))) { dependency_put(k, attribute(k, "ref"), o); return E_OK; }
  return value_put(cx, list, k, o);
}

static Err list_put(Cx *cx, const XmlNode *parent, XmlNode *n, JsonOut *o) {
  bool of_refs = parent && (str_eq(parent->name, S("composition")) || str_eq(n->name, S("subjects")));
  bool of_component = parent && str_eq(parent->name, S("component"));
  json_array(o);
  if (of_component && str_eq(n->name, S("dependencies"))) dependency_put(n, attribute(parent, "bom-ref"), o);
  for (XmlNode *k = n->first; k; k = k->next) {
    if (k->attribute) continue;
    TRY(item_put(cx, n, k, of_refs, o));
  }
  json_array_end(o);
  return E_OK;
}

static Err value_put(Cx *cx, const XmlNode *parent, XmlNode *n, JsonOut *o) {
  /* its <text> is text, not an attachment; and the expressions of citations are not those of licences */
  bool plain = parent && (str_eq(parent->name, S("annotation")) || str_eq(parent->name, S("expressions")));
  bool keyed = !plain && !str_eq(str_of(text_key(n->name)), S("text"));
  if (n->attribute) { flag_or_text(n, o); return E_OK; }
  if (is_list(parent, n)) return list_put(cx, parent, n, o);
  if (n->first || keyed) return object_put(cx, n, o);
  flag_or_text(n, o);
  return E_OK;
}

Err xml_put(Cx *cx, const XmlRoot *root, Buf *json) {
  JsonOut o = json_out(json, false);
  json_object(&o);
  json_pair(&o, "bomFormat", S("CycloneDX"));
  json_pair(&o, "specVersion", root->spec);
  bool numbered = attribute(root->bom, "version").p != NULL;
  if (!numbered) json_pair_int(&o, "version", 1);          /* what the schemas say of an absent one */
  for (XmlNode *k = root->bom->first; k; k = k->next) {
    int64_t version;
    if (!k->attribute || !str_eq(k->name, S("version")) || !str_int(str_trim(k->text), &version)) continue;
    json_pair_int(&o, "version", version);
    k->done = true;
  }
  TRY(members_put(cx, root->bom, &o));
  json_object_end(&o);
  return E_OK;
}

Err xml_to_json(Cx *cx, Str text, Buf *json) {
  XmlRoot root;
  TRY(xml_tree(cx, text, &root));
  return xml_put(cx, &root, json);
}
