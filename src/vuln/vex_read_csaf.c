/* vex_read_csaf.c - CSAF into statements: products by branches, relationships and paths; who says what of which. */
#include "vuln/vex_read.h"

static Str text(JVal *o, const char *key) { return json_text(o, key); }

typedef struct Csaf {
  Map at;                        /* product id: its number in product */
  VexProducts product;
  VEC(uint32_t) inside;          /* of a product that is in another: the component; else itself */
  Map group;                     /* group id and product id, a blank between */
} Csaf;

/* branch: what holds it; its name is a version, or a range of them. */
static void csaf_product(Cx *cx, Csaf *c, JVal *v, JVal *branch) {
  Str id = text(v, "product_id"), category = text(branch, "category");
  JVal *helper = json_get(v, "product_identification_helper");
  VexProduct p = { .id = id, .purl = text(helper, "purl"), .cpe = text(helper, "cpe"), .name = text(v, "name") };
  if (str_eq(category, S("product_version"))) p.version = text(branch, "name");
  if (str_eq(category, S("product_version_range"))) p.range = text(branch, "name");
  JSON_EACH(purl, json_get(helper, "purls")) if (!p.purl.n) p.purl = json_str(purl);
  if (!id.n) return;
  map_put(&c->at, id, c->product.n);
  vec_add(cx->arena, &c->inside, (uint32_t)c->product.n);
  vec_add(cx->arena, &c->product, p);
}

/* CSAF 2.0 has relationships, 2.1 paths: both start at the component.  What that itself is in does not matter. */
static void made_of(Cx *cx, Csaf *c, JVal *list, const char *component) {
  JSON_EACH(r, list) {
    size_t before = c->product.n, part = map_get(&c->at, text(r, component));
    csaf_product(cx, c, json_get(r, "full_product_name"), NULL);
    if (c->product.n > before && part != MAP_NONE) c->inside.p[before] = c->inside.p[part];
  }
}

static void csaf_tree(Cx *cx, Csaf *c, JVal *tree) {
  VEC(Pending) stack = { 0 };
  JSON_EACH(v, json_get(tree, "full_product_names")) csaf_product(cx, c, v, NULL);
  vec_add(cx->arena, &stack, ((Pending){ json_get(tree, "branches") }));
  while (stack.n) {
    JVal *list = stack.p[--stack.n].list;
    JSON_EACH(b, list) {
      if (json_get(b, "product")) csaf_product(cx, c, json_get(b, "product"), b);
      if (json_get(b, "branches")) vec_add(cx->arena, &stack, ((Pending){ json_get(b, "branches") }));
    }
  }
  made_of(cx, c, json_get(tree, "relationships"), "product_reference");
  made_of(cx, c, json_get(tree, "product_paths"), "beginning_product_reference");
  JSON_EACH(g, json_get(tree, "product_groups"))
    JSON_EACH(id, json_get(g, "product_ids"))
      map_put(&c->group, str_fmt(cx->arena, "%.*s %.*s", STR(text(g, "group_id")), STR(json_str(id))), 1);
}

/* The text of the first entry that names the product, itself or by a group; one that names none is about all. */
static Str csaf_said(Cx *cx, const Csaf *c, JVal *list, const char *category, Str product, const char *key) {
  JSON_EACH(v, list) {
    JVal *ids = json_get(v, "product_ids"), *groups = json_get(v, "group_ids");
    bool mine = !ids && !groups;
    if (category && !str_eq(text(v, "category"), str_of(category))) continue;
    JSON_EACH(id, ids) mine |= str_eq(json_str(id), product);
    JSON_EACH(g, groups)
      mine |= map_get(&c->group, str_fmt(cx->arena, "%.*s %.*s", STR(json_str(g)), STR(product))) != MAP_NONE;
    if (mine) return text(v, key);
  }
  return STR_NONE;
}

static Err one(Cx *cx, const Csaf *c, JVal *v, VexStatement s, Str product, VexDoc *d) {
  size_t at = map_get(&c->at, product);
  if (at == MAP_NONE) {
    vex_left_out(cx, d, s.vuln, "a product id is not in the product tree");
    return E_OK;
  }
  vec_add(cx->arena, &s.whole, c->product.p[at]);
  if (c->inside.p[at] != at) vec_add(cx->arena, &s.part, c->product.p[c->inside.p[at]]);
  if (str_eq(s.status, S("not_affected"))) {
    s.justification = vex_justification(csaf_said(cx, c, json_get(v, "flags"), NULL, product, "label"));
    s.impact = csaf_said(cx, c, json_get(v, "threats"), "impact", product, "details");
  }
  if (str_eq(s.status, S("affected")))
    s.action = csaf_said(cx, c, json_get(v, "remediations"), NULL, product, "details");
  return vex_add(cx, d, &s);
}

static Err csaf_vulnerability(Cx *cx, const Csaf *c, JVal *v, VexDoc *d) {
  static const char *const lists[][2] = {
    { "known_not_affected", "not_affected" }, { "known_affected", "affected" }, { "first_affected", "affected" },
    { "last_affected", "affected" },          { "fixed", "fixed" },             { "first_fixed", "fixed" },
    { "under_investigation", "under_investigation" },
  };
  VexStatement base = { .vuln = text(v, "cve"), .time = d->time };
  JVal *status = json_get(v, "product_status");
  Map said = map_new(cx->arena, 16);
  JSON_EACH(id, json_get(v, "ids")) {
    if (!base.vuln.n) base.vuln = text(id, "text");
    else base.aliases = vex_joined(cx, base.aliases, text(id, "text"));
  }
  for (size_t i = 0; i < COUNT(lists); i++) JSON_EACH(id, json_get(status, lists[i][0])) {
      base.status = str_of(lists[i][1]);
      Str key = str_fmt(cx->arena, "%s %.*s", lists[i][1], STR(json_str(id)));
      if (map_get(&said, key) != MAP_NONE) continue;      /* known and first affected */
      map_put(&said, key, 1);
      TRY(one(cx, c, v, base, json_str(id), d));
    }
  JSON_EACH(id, json_get(status, "unknown")) {
    (void)id;
    vex_left_out(cx, d, base.vuln, "of a product it is said that nothing is known");
  }
  return E_OK;
}

Err vex_csaf(Cx *cx, JVal *root, VexDoc *d) {
  JVal *doc = json_get(root, "document"), *tracking = json_get(doc, "tracking");
  Csaf c = { .at = map_new(cx->arena, 256), .group = map_new(cx->arena, 64) };
  d->format = S("CSAF");
  d->spec = text(doc, "csaf_version");
  d->id = text(tracking, "id");
  d->author = text(json_get(doc, "publisher"), "name");
  d->role = text(json_get(doc, "publisher"), "category");
  d->time = text(tracking, "current_release_date");
  d->version = text(tracking, "version");
  csaf_tree(cx, &c, json_get(root, "product_tree"));
  JSON_EACH(v, json_get(root, "vulnerabilities")) TRY(csaf_vulnerability(cx, &c, v, d));
  return E_OK;
}
