/* vex_write_csaf.c - statements as CSAF 2.0, profile VEX. */
#include "vuln/vex_write.h"

/* Products are the components in our product: CSAFPID-0001 is the product, the others what is in it. */
typedef struct CsafIds {
  Map at;
  VEC(const VexLine *) part;
} CsafIds;

static CsafIds csaf_ids(Cx *cx, const VexOut *v) {
  CsafIds ids = { .at = map_new(cx->arena, 64) };
  for (size_t i = 0; i < v->n; i++) {
    Str id = vex_part(cx, &v->line[i]);
    if (map_get(&ids.at, id) != MAP_NONE) continue;
    map_put(&ids.at, id, ids.part.n);
    vec_add(cx->arena, &ids.part, &v->line[i]);
  }
  return ids;
}

static Str csaf_whole(Cx *cx, size_t part) { return str_fmt(cx->arena, "CSAFPID-%04zu", part + 1001); }

static void csaf_tree(Cx *cx, JsonOut *o, const VexOut *v, const CsafIds *ids) {
  json_key(o, "product_tree");
  json_object(o);
  json_key(o, "full_product_names");
  json_array(o);
  json_object(o);
  json_pair(o, "name", str_fmt(cx->arena, "%.*s %.*s", STR(v->product_name), STR(v->product_version)));
  json_pair(o, "product_id", S("CSAFPID-0001"));
  json_object_end(o);
  for (size_t i = 0; i < ids->part.n; i++) {
    json_object(o);
    json_pair(o, "name", vex_part(cx, ids->part.p[i]));
    json_pair(o, "product_id", str_fmt(cx->arena, "CSAFPID-%04zu", i + 2));
    if (ids->part.p[i]->purl.n) {
      json_key(o, "product_identification_helper");
      json_object(o);
      json_pair(o, "purl", ids->part.p[i]->purl);
      json_object_end(o);
    }
    json_object_end(o);
  }
  json_array_end(o);
  json_key(o, "relationships");
  json_array(o);
  for (size_t i = 0; i < ids->part.n; i++) {
    json_object(o);
    json_pair(o, "category", S("default_component_of"));
    json_key(o, "full_product_name");
    json_object(o);
    json_pair(o, "name",
              str_fmt(cx->arena, "%.*s as part of %.*s %.*s", STR(vex_part(cx, ids->part.p[i])), STR(v->product_name),
                      STR(v->product_version)));
    json_pair(o, "product_id", csaf_whole(cx, i));
    json_object_end(o);
    json_pair(o, "product_reference", str_fmt(cx->arena, "CSAFPID-%04zu", i + 2));
    json_pair(o, "relates_to_product_reference", S("CSAFPID-0001"));
    json_object_end(o);
  }
  json_array_end(o);
  json_object_end(o);
}

static void csaf_products(Cx *cx, JsonOut *o, const char *key, const VexOut *v, const CsafIds *ids, size_t from,
                          size_t to) {
  json_key(o, key);
  json_array(o);
  for (size_t i = from; i < to; i++) json_put_str(o, csaf_whole(cx, map_get(&ids->at, vex_part(cx, &v->line[i]))));
  json_array_end(o);
}

static void csaf_status(Cx *cx, JsonOut *o, const VexOut *v, const CsafIds *ids, size_t from, size_t to) {
  static const char *const lists[][2] = { { "fixed", "fixed" },
                                          { "affected", "known_affected" },
                                          { "not_affected", "known_not_affected" },
                                          { "under_investigation", "under_investigation" } };
  json_key(o, "product_status");
  json_object(o);
  for (size_t k = 0; k < COUNT(lists); k++) {
    bool any = false;
    for (size_t i = from; i < to; i++) any |= vex_is(v->line[i].status, lists[k][0]);
    if (!any) continue;
    json_key(o, lists[k][1]);
    json_array(o);
    for (size_t i = from; i < to; i++)
      if (vex_is(v->line[i].status, lists[k][0]))
        json_put_str(o, csaf_whole(cx, map_get(&ids->at, vex_part(cx, &v->line[i]))));
    json_array_end(o);
  }
  json_object_end(o);
}

static bool any_status(const VexOut *v, size_t from, size_t to, const char *status) {
  for (size_t i = from; i < to; i++)
    if (vex_is(v->line[i].status, status)) return true;
  return false;
}

/* Every product that is not affected has a flag or an impact, every affected one a remediation (profile VEX, 4.5).  The
 * members stand in the order of the alphabet (6.2.13). */
static void csaf_flags(Cx *cx, JsonOut *o, const VexOut *v, const CsafIds *ids, size_t from, size_t to) {
  bool flags = false;
  for (size_t i = from; i < to; i++) flags |= vex_is(v->line[i].status, "not_affected") && v->line[i].justification.n;
  if (!flags) return;
  json_key(o, "flags");
  json_array(o);
  for (size_t i = from; i < to; i++) {
    if (!vex_is(v->line[i].status, "not_affected") || !v->line[i].justification.n) continue;
    json_object(o);
    json_pair(o, "label", v->line[i].justification);
    csaf_products(cx, o, "product_ids", v, ids, i, i + 1);
    json_object_end(o);
  }
  json_array_end(o);
}

static void csaf_reasons(Cx *cx, JsonOut *o, const VexOut *v, const CsafIds *ids, size_t from, size_t to) {
  if (any_status(v, from, to, "affected")) {
    json_key(o, "remediations");
    json_array(o);
    for (size_t i = from; i < to; i++) {
      if (!vex_is(v->line[i].status, "affected")) continue;
      bool never = str_find(v->line[i].response, S("will_not_fix")) != SIZE_MAX;
      bool update = str_find(v->line[i].response, S("update")) != SIZE_MAX;
      json_object(o);
      json_pair(o, "category", never ? S("no_fix_planned") : update ? S("vendor_fix") : S("mitigation"));
      json_pair(o, "details", vex_action(&v->line[i]));
      csaf_products(cx, o, "product_ids", v, ids, i, i + 1);
      json_object_end(o);
    }
    json_array_end(o);
  }
  if (any_status(v, from, to, "not_affected")) {
    json_key(o, "threats");
    json_array(o);
    for (size_t i = from; i < to; i++) {
      if (!vex_is(v->line[i].status, "not_affected")) continue;
      json_object(o);
      json_pair(o, "category", S("impact"));
      json_pair(o, "details", v->line[i].impact.n ? v->line[i].impact : S("Not affected."));
      csaf_products(cx, o, "product_ids", v, ids, i, i + 1);
      json_object_end(o);
    }
    json_array_end(o);
  }
}

static void csaf_vulnerability(Cx *cx, JsonOut *o, const VexOut *v, const CsafIds *ids, size_t from, size_t to) {
  const VexLine *l = &v->line[from];
  json_object(o);
  bool cve = str_starts(l->vuln, S("CVE-"));
  if (cve) json_pair(o, "cve", l->vuln);
  csaf_flags(cx, o, v, ids, from, to);
  if (!cve) {
    json_key(o, "ids");
    json_array(o);
    json_object(o);
    json_pair(o, "system_name", str_starts(l->vuln, S("GHSA-")) ? S("GitHub Advisory") : S("Advisory"));
    json_pair(o, "text", l->vuln);
    json_object_end(o);
    json_array_end(o);
  }
  json_key(o, "notes");
  json_array(o);
  json_object(o);
  json_pair(o, "category", S("description"));
  json_pair(o, "text",
            l->description.n ? l->description
                             : str_fmt(cx->arena, "%.*s in %.*s", STR(l->vuln), STR(vex_part(cx, l))));
  json_object_end(o);
  json_array_end(o);
  csaf_status(cx, o, v, ids, from, to);
  csaf_reasons(cx, o, v, ids, from, to);
  json_object_end(o);
}

static void csaf_document(Cx *cx, JsonOut *o, const VexOut *v, const VexTimes *t) {
  json_key(o, "document");
  json_object(o);
  json_pair(o, "category", S("csaf_vex"));
  json_pair(o, "csaf_version", S("2.0"));
  json_pair(o, "lang", S("en"));
  json_key(o, "publisher");
  json_object(o);
  json_pair(o, "category", v->publisher_category);
  json_pair(o, "name", v->author);
  json_pair(o, "namespace", v->publisher_url);
  json_object_end(o);
  json_pair(o, "title",
            str_fmt(cx->arena, "Vulnerabilities in %.*s %.*s", STR(v->product_name), STR(v->product_version)));
  json_key(o, "tracking");
  json_object(o);
  json_pair(o, "current_release_date", t->p[t->n - 1]);
  json_key(o, "generator");
  json_object(o);
  json_key(o, "engine");
  json_object(o);
  json_pair(o, "name", S("Proofline"));
  json_object_end(o);
  json_object_end(o);
  json_pair(o, "id", str_fmt(cx->arena, "VEX-%.*s-%.*s", STR(v->product_name), STR(v->product_version)));
  json_pair(o, "initial_release_date", t->p[0]);
  json_key(o, "revision_history");
  json_array(o);
  for (size_t i = 0; i < t->n; i++) {
    json_object(o);
    json_pair(o, "date", t->p[i]);
    json_pair(o, "number", str_fmt(cx->arena, "%zu", i + 1));
    json_pair(o, "summary", i ? S("Statements added or changed.") : S("First statements."));
    json_object_end(o);
  }
  json_array_end(o);
  json_pair(o, "status", S("final"));
  json_pair(o, "version", str_fmt(cx->arena, "%lld", (long long)t->n));
  json_object_end(o);
  json_object_end(o);
}

void vex_write_csaf(Cx *cx, JsonOut *o, const VexOut *v, const VexTimes *t) {
  CsafIds ids = csaf_ids(cx, v);
  json_object(o);
  csaf_document(cx, o, v, t);
  csaf_tree(cx, o, v, &ids);
  json_key(o, "vulnerabilities");
  json_array(o);
  for (size_t i = 0; i < v->n;) {
    size_t to = i + 1;
    while (to < v->n && str_eq(v->line[to].vuln, v->line[i].vuln)) to++;
    csaf_vulnerability(cx, o, v, &ids, i, to);
    i = to;
  }
  json_array_end(o);
  json_object_end(o);
}
