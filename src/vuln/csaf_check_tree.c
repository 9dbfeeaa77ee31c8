/* csaf_check_tree.c - products and groups: every id is defined once, none in a circle, no product is two things. */
#include "vuln/csaf_check_inside.h"

enum { DEPTH_MOST = 64, BRANCHES_MOST = 30 };

/* ---- what is defined ----------------------------------------------------------------------------------- */

static bool purl_ok(Csaf *c, Str text, Purl *p, Str where) {
  Cx probe = { .arena = c->cx->arena };
  if (purl_read(&probe, text, p) == E_OK) return true;
  csaf_fault(c, "6.1.13", where, "%.*s", STR(probe.words));
  return false;
}

/* Several names of one product differ in their qualifiers alone. */
static void purls(Csaf *c, JVal *list, Str where) {
  Purl first = { 0 }, p;
  size_t n = 0;
  JSON_EACH(text, list) {
    Str here = csaf_at(c, "%.*s/%zu", STR(where), n++);
    if (!purl_ok(c, json_str(text), &p, here)) continue;
    if (!first.type.n) { first = p; continue; }
    if (!str_eq(p.type, first.type) || !str_eq(p.ns, first.ns) || !str_eq(p.name, first.name) ||
        !str_eq(p.version, first.version) || !str_eq(p.subpath, first.subpath))
      csaf_fault(c, "6.1.42", here, "it differs from the first in more than its qualifiers");
  }
}

static void stars(Csaf *c, const char *test, JVal *list, Str where) {
  size_t n = 0;
  JSON_EACH(v, list) {
    Str s = json_str(v);
    size_t count = 0;
    for (size_t i = 0; i < s.n; i++) {
      if (s.p[i] == '\\') i++;
      else count += s.p[i] == '*';
    }
    if (count > 1)
      csaf_fault(c, test, csaf_at(c, "%.*s/%zu", STR(where), n), "'%.*s' has more than one star",
                 STR(str_head(s, 80)));
    n++;
  }
}

static void helper(Csaf *c, JVal *product, Str where) {
  JVal *h = json_get(product, "product_identification_helper");
  Str at = csaf_at(c, "%.*s/product_identification_helper", STR(where)), purl = json_text(h, "purl");
  Purl p;
  if (purl.n) (void)purl_ok(c, purl, &p, csaf_at(c, "%.*s/purl", STR(at)));
  purls(c, json_get(h, "purls"), csaf_at(c, "%.*s/purls", STR(at)));
  if (c->new_rules) {
    stars(c, "6.1.43", json_get(h, "model_numbers"), csaf_at(c, "%.*s/model_numbers", STR(at)));
    stars(c, "6.1.61", json_get(h, "skus"), csaf_at(c, "%.*s/skus", STR(at)));
    stars(c, "6.1.44", json_get(h, "serial_numbers"), csaf_at(c, "%.*s/serial_numbers", STR(at)));
  }
  size_t n = 0;
  JSON_EACH(item, json_get(h, "hashes")) {
    Map seen = map_new(c->cx->arena, 8);
    JSON_EACH(hash, json_get(item, "file_hashes")) {
      Str kind = json_text(hash, "algorithm");
      if (map_get(&seen, kind) != MAP_NONE)
        csaf_fault(c, "6.1.25", csaf_at(c, "%.*s/hashes/%zu", STR(at), n),
                   "the algorithm %.*s is used twice for one file", STR(kind));
      map_put(&seen, kind, 1);
    }
    n++;
  }
}

static void define(Csaf *c, JVal *product, const CsafStep *path, JVal *way, Str where) {
  Str id = json_text(product, "product_id");
  if (!id.n) return;
  if (map_get(&c->product_at, id) != MAP_NONE)
    csaf_fault(c, "6.1.2", where, "the product id %.*s is defined more than once", STR(id));
  map_put(&c->product_at, id, c->product.n);
  vec_add(c->cx->arena, &c->product, ((CsafDefined){ id, where, product, way, path }));
  helper(c, product, where);
}

/* Words that make a range of what should be one version. */
static bool names_range(Str s) {
  static const char *const words[] = { "after", "all", "before", "earlier", "later", "prior", "versions" };
  if (str_find_char(s, '<') != SIZE_MAX || str_find_char(s, '>') != SIZE_MAX) return true;
  while (s.n) {
    Str word;
    (void)str_cut(s, ' ', &word, &s);
    for (size_t i = 0; i < COUNT(words); i++)
      if (str_eq_nocase(word, str_of(words[i]))) return true;
  }
  return false;
}

/* vers: in its canonical writing, or its constraints alone; of a scheme that is not known only the form is judged. */
static bool is_range(Csaf *c, Str s) {
  Cx probe = { .arena = c->cx->arena };
  Str part, name, out;
  Scheme scheme;
  if (str_starts(s, S("vers:"))) {
    Str rest = str_slice(s, 5, s.n);
    if (!str_cut(rest, '/', &name, &rest) || !rest.n) return false;
    bool all = str_eq(name, S("all")) || str_eq(name, S("none"));
    if (all || scheme_find(name, &scheme)) return vers_canonical(&probe, s, &out) == E_OK;
    s = rest;
  }
  while (s.n) {
    bool more = str_cut(s, '|', &part, &s);
    while (part.n && str_find_char(S("<>=!"), *part.p) != SIZE_MAX) part = str_slice(part, 1, part.n);
    for (size_t i = 0; i < part.n; i++)
      if (part.p[i] <= ' ' || part.p[i] == ',') return false;
    if (!part.n || (more && !s.n)) return false;
    if (!more) return true;
  }
  return false;
}

static void branches(Csaf *c, JVal *list, const CsafStep *up, Str where, unsigned depth) {
  size_t n = 0;
  if (depth == DEPTH_MOST) {
    csaf_fault(c, "schema", where, "branches are nested deeper than %d levels", DEPTH_MOST);
    return;
  }
  JSON_EACH(b, list) {
    Str here = csaf_at(c, "%.*s/%zu", STR(where), n++);
    Str name = json_text(b, "name");
    CsafStep *step = NEW(c->cx->arena, CsafStep);
    *step = (CsafStep){ b, up };
    if (str_eq(json_text(b, "category"), S("product_version")) && names_range(name))
      csaf_fault(c, "6.1.31", csaf_at(c, "%.*s/name", STR(here)),
                 "'%.*s' is a range of versions; the category is product_version_range", STR(str_head(name, 80)));
    if (c->new_rules && str_eq(json_text(b, "category"), S("product_version_range")) && !is_range(c, name))
      csaf_fault(c, "6.1.50", csaf_at(c, "%.*s/name", STR(here)), "'%.*s' is no range as vers writes it",
                 STR(str_head(name, 80)));
    if (c->new_rules && str_eq(json_text(b, "category"), S("vendor")) && csaf_is_open_source(c, name))
      csaf_fault(c, "6.2.48", csaf_at(c, "%.*s/name", STR(here)), "'%.*s' is no vendor", STR(str_head(name, 40)));
    if (c->new_rules && depth >= BRANCHES_MOST && json_get(b, "product"))
      csaf_fault(c, "6.1.34", here, "the product lies deeper than %d branches", BRANCHES_MOST);
    if (json_get(b, "product")) define(c, json_get(b, "product"), step, NULL, csaf_at(c, "%.*s/product", STR(here)));
    branches(c, json_get(b, "branches"), step, csaf_at(c, "%.*s/branches", STR(here)), depth + 1);
  }
}

static void groups(Csaf *c) {
  size_t n = 0;
  JSON_EACH(g, json_get(c->tree, "product_groups")) {
    Str id = json_text(g, "group_id");
    if (map_get(&c->group_at, id) != MAP_NONE)
      csaf_fault(c, "6.1.5", csaf_at(c, "/product_tree/product_groups/%zu/group_id", n),
                 "the group id %.*s is defined more than once", STR(id));
    map_put(&c->group_at, id, c->group.n);
    vec_add(c->cx->arena, &c->group, g);
    n++;
  }
}

/* ---- what is referred to ------------------------------------------------------------------------------- */

static void needs(Csaf *c, Str id, Str where) {
  if (map_get(&c->product_at, id) == MAP_NONE)
    csaf_fault(c, "6.1.1", where, "the product id %.*s is not defined", STR(str_head(id, 80)));
}

static void need_list(Csaf *c, JVal *list, Str where) {
  size_t n = 0;
  JSON_EACH(id, list) needs(c, json_str(id), csaf_at(c, "%.*s/%zu", STR(where), n++));
}

static void need_groups(Csaf *c, JVal *list, Str where) {
  size_t n = 0;
  JSON_EACH(id, list) {
    if (map_get(&c->group_at, json_str(id)) == MAP_NONE)
      csaf_fault(c, "6.1.4", csaf_at(c, "%.*s/%zu", STR(where), n), "the group id %.*s is not defined",
                 STR(str_head(json_str(id), 80)));
    n++;
  }
}

static void references_of(Csaf *c, JVal *vulnerability, Str where) {
  static const char *const lists[] = { "flags", "remediations", "threats", "notes", "involvements", "ids",
                                       "first_known_exploitation_dates" };
  JSON_MEMBERS(key, status, json_get(vulnerability, "product_status"))
  need_list(c, status, csaf_at(c, "%.*s/product_status/%.*s", STR(where), STR(json_str(key))));
  for (size_t i = 0; i < COUNT(lists); i++) {
    size_t n = 0;
    JSON_EACH(item, json_get(vulnerability, lists[i])) {
      need_list(c, json_get(item, "product_ids"), csaf_at(c, "%.*s/%s/%zu/product_ids", STR(where), lists[i], n));
      need_groups(c, json_get(item, "group_ids"), csaf_at(c, "%.*s/%s/%zu/group_ids", STR(where), lists[i], n));
      n++;
    }
  }
  size_t n = 0;
  JSON_EACH(score, json_get(vulnerability, "scores"))
  need_list(c, json_get(score, "products"), csaf_at(c, "%.*s/scores/%zu/products", STR(where), n++));
  n = 0;
  JSON_EACH(metric, json_get(vulnerability, "metrics"))
  need_list(c, json_get(metric, "products"), csaf_at(c, "%.*s/metrics/%zu/products", STR(where), n++));
}

/* ---- circles ------------------------------------------------------------------------------------------- */

/* What a product of a relationship is made of is followed; who comes back to itself within as many steps as there are
 * relationships is defined by itself. */
static void circles(Csaf *c, JVal *relationships) {
  size_t most = yyjson_arr_size(relationships), n = 0;
  Map at = map_new(c->cx->arena, 64);
  JVal **all = NEW_ARRAY(c->cx->arena, most + 1, JVal *);
  JSON_EACH(r, relationships) {
    map_put(&at, json_text(json_get(r, "full_product_name"), "product_id"), n);
    all[n++] = r;
  }
  static const char *const ends[] = { "product_reference", "relates_to_product_reference" };
  for (size_t i = 0; i < most; i++) {
    Str self = json_text(json_get(all[i], "full_product_name"), "product_id");
    Map seen = map_new(c->cx->arena, 16);
    VEC(size_t) todo = { 0 };
    vec_add(c->cx->arena, &todo, i);
    bool circle = false;
    for (size_t k = 0; k < todo.n && !circle; k++)
      for (size_t e = 0; e < COUNT(ends); e++) {
        Str to = json_text(all[todo.p[k]], ends[e]);
        circle |= str_eq(to, self);
        size_t next = map_get(&at, to);
        if (next == MAP_NONE || map_get(&seen, to) != MAP_NONE) continue;
        map_put(&seen, to, 1);
        vec_add(c->cx->arena, &todo, next);
      }
    if (circle)
      csaf_fault(c, "6.1.3", csaf_at(c, "/product_tree/relationships/%zu/full_product_name/product_id", i),
                 "%.*s is defined by itself", STR(self));
  }
}

static void relationships(Csaf *c) {
  JVal *list = json_get(c->tree, "relationships");
  size_t n = 0;
  JSON_EACH(r, list) {
    define(c, json_get(r, "full_product_name"), NULL, NULL,
           csaf_at(c, "/product_tree/relationships/%zu/full_product_name", n));
    n++;
  }
  n = 0;
  JSON_EACH(r, list) {
    needs(c, json_text(r, "product_reference"), csaf_at(c, "/product_tree/relationships/%zu/product_reference", n));
    needs(c, json_text(r, "relates_to_product_reference"),
          csaf_at(c, "/product_tree/relationships/%zu/relates_to_product_reference", n));
    n++;
  }
  circles(c, list);
}

/* CSAF 2.1 has paths instead: a product, and what lies along the way. */
static void paths(Csaf *c) {
  JVal *list = json_get(c->tree, "product_paths");
  size_t n = 0;
  JSON_EACH(p, list) {
    define(c, json_get(p, "full_product_name"), NULL, p,
           csaf_at(c, "/product_tree/product_paths/%zu/full_product_name", n));
    n++;
  }
  n = 0;
  JSON_EACH(p, list) {
    Str here = csaf_at(c, "/product_tree/product_paths/%zu", n++);
    Str self = json_text(json_get(p, "full_product_name"), "product_id");
    size_t k = 0;
    needs(c, json_text(p, "beginning_product_reference"), csaf_at(c, "%.*s/beginning_product_reference", STR(here)));
    bool circle = str_eq(self, json_text(p, "beginning_product_reference"));
    JSON_EACH(step, json_get(p, "subpaths")) {
      Str next = json_text(step, "next_product_reference");
      needs(c, next, csaf_at(c, "%.*s/subpaths/%zu/next_product_reference", STR(here), k++));
      circle |= str_eq(self, next);
    }
    if (circle) csaf_fault(c, "6.1.3", here, "%.*s is defined by itself", STR(self));
  }
}

/* ---- contradictions ------------------------------------------------------------------------------------ */

static const struct { const char *status; CsafGroup group; } statuses[] = {
  { "first_affected", CSAF_AFFECTED }, { "known_affected", CSAF_AFFECTED }, { "last_affected", CSAF_AFFECTED },
  { "known_not_affected", CSAF_NOT_AFFECTED }, { "fixed", CSAF_FIXED }, { "first_fixed", CSAF_FIXED },
  { "under_investigation", CSAF_UNDER_INVESTIGATION }, { "unknown", CSAF_UNKNOWN }, { "recommended", CSAF_RECOMMENDED },
};

CsafGroup csaf_group_of(Str status) {
  for (size_t i = 0; i < COUNT(statuses); i++)
    if (str_eq(status, str_of(statuses[i].status))) return statuses[i].group;
  return 0;
}

CsafIds csaf_in_group(Csaf *c, JVal *vulnerability, CsafGroup group) {
  CsafIds ids = { 0 };
  for (size_t i = 0; i < COUNT(statuses); i++) {
    if (statuses[i].group != group) continue;
    JSON_EACH(id, json_get(json_get(vulnerability, "product_status"), statuses[i].status))
      vec_add(c->cx->arena, &ids, json_str(id));
  }
  return ids;
}

const CsafDefined *csaf_defined(Csaf *c, Str id) {
  size_t at = map_get(&c->product_at, id);
  return at == MAP_NONE ? NULL : &c->product.p[at];
}

/* What is recommended may be anything besides. */
static void contradictions(Csaf *c, JVal *vulnerability, Str where) {
  JVal *status = json_get(vulnerability, "product_status");
  Map kind_of = map_new(c->cx->arena, 64);
  for (size_t i = 0; i < COUNT(statuses) && statuses[i].group != CSAF_RECOMMENDED; i++)
    JSON_EACH(id, json_get(status, statuses[i].status)) {
      size_t before = map_get(&kind_of, json_str(id));
      if (before != MAP_NONE && before != statuses[i].group)
        csaf_fault(c, "6.1.6", csaf_at(c, "%.*s/product_status/%s", STR(where), statuses[i].status),
                   "%.*s is also said to be something else", STR(str_head(json_str(id), 80)));
      map_put(&kind_of, json_str(id), statuses[i].group);
    }
}

CsafIds csaf_named(Csaf *c, JVal *object) {
  CsafIds ids = { 0 };
  JSON_EACH(id, json_get(object, "product_ids")) vec_add(c->cx->arena, &ids, json_str(id));
  JSON_EACH(g, json_get(object, "group_ids")) {
    size_t at = map_get(&c->group_at, json_str(g));
    if (at == MAP_NONE) continue;
    JSON_EACH(id, json_get(c->group.p[at], "product_ids")) vec_add(c->cx->arena, &ids, json_str(id));
  }
  return ids;
}

void csaf_check_tree(Csaf *c) {
  size_t n = 0;
  branches(c, json_get(c->tree, "branches"), NULL, S("/product_tree/branches"), 0);
  JSON_EACH(p, json_get(c->tree, "full_product_names"))
  define(c, p, NULL, NULL, csaf_at(c, "/product_tree/full_product_names/%zu", n++));
  relationships(c);
  paths(c);
  groups(c);
  for (size_t i = 0; i < c->group.n; i++)
    need_list(c, json_get(c->group.p[i], "product_ids"),
              csaf_at(c, "/product_tree/product_groups/%zu/product_ids", i));
  n = 0;
  JSON_EACH(v, c->vulnerabilities) {
    Str where = csaf_at(c, "/vulnerabilities/%zu", n++);
    references_of(c, v, where);
    contradictions(c, v, where);
  }
}
