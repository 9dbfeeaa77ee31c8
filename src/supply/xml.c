/* xml.c - the elements of CycloneDX XML as a light tree, which xml_shape.c writes as CycloneDX JSON. */
#include "supply/xml.h"

/* How XML of 1.1 says what depends on what: with elements of another name space and the names of 1.2. */
#define GRAPH_SPACE S("http://cyclonedx.org/schema/ext/dependency-graph/1.0")
enum { XML_DEPTH = 64 };         /* of xml_walk() */

typedef struct Tree {
  XmlRoot root;
  XmlNode *open[XML_DEPTH + 1];  /* NULL: an element of another name space and what is in it */
} Tree;

static XmlNode *child_add(Arena *a, XmlNode *parent, Str name) {
  XmlNode *n = NEW(a, XmlNode);
  n->name = str_dup(a, name);
  if (!parent) return n;
  if (parent->last) parent->last->next = n;
  else parent->first = n;
  parent->last = n;
  return n;
}

static Err root_take(Cx *cx, XmlRoot *out, const XmlItem *item) {
  static const Str start = { "http://cyclonedx.org/schema/bom/", 32 };
  if (!str_starts(item->space, start) || !str_eq(item->name, S("bom")))
    return fail(cx, E_FORMAT, "This is XML whose outermost element is <%.*s>, not CycloneDX. Nothing was stored.",
                STR(str_head(item->name, 60)));
  out->space = str_dup(cx->arena, item->space);
  out->spec = str_slice(out->space, start.n, out->space.n);
  return E_OK;
}

static void attributes_take(Arena *arena, XmlNode *n, const XmlItem *item) {
  XmlAttribute a;
  while (xml_attribute_next(item, &a)) {
    if (a.prefixed) continue;
    XmlNode *at = child_add(arena, n, a.name);
    at->attribute = true;
    at->text = str_dup(arena, a.value);
  }
}

static Err item_take(Cx *cx, void *env, const XmlItem *item) {
  Tree *t = env;
  XmlNode **open = &t->open[item->depth];
  if (item->closed) {
    if (*open) (*open)->text = str_dup(cx->arena, str_trim(item->text));
    return E_OK;
  }
  if (!item->depth) TRY(root_take(cx, &t->root, item));
  XmlNode *parent = item->depth ? open[-1] : NULL;
  *open = NULL;
  bool known = str_eq(item->space, t->root.space) || str_eq(item->space, GRAPH_SPACE);
  if (!known || (item->depth && !parent)) return E_OK;
  *open = child_add(cx->arena, parent, item->name);
  (*open)->extension = !str_eq(item->space, t->root.space);
  if (!item->depth) t->root.bom = *open;
  attributes_take(cx->arena, *open, item);
  return E_OK;
}

Err xml_tree(Cx *cx, Str bytes, XmlRoot *out) {
  Tree t = { 0 };
  Err e = xml_walk(cx, bytes, item_take, &t);
  if (e == E_UNREADABLE || e == E_TOO_LARGE) {
    Str why = cx->words;
    cx_forgive(cx);
    return fail(cx, e, "%.*s. Nothing was stored. Have the SBOM made anew and try again.", STR(why));
  }
  TRY(e);
  *out = t.root;
  return E_OK;
}
