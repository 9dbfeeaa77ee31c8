/* vex_write.c - statements as OpenVEX 0.2.0, CycloneDX 1.6 (VEX and VDR) and CSAF 2.0 (profile VEX). */
#include "vuln/vex.h"
#include <stdlib.h>

typedef VEC(Str) Times;

static int by_text(const void *x, const void *y) { return str_cmp(*(const Str *)x, *(const Str *)y); }

static Times times_of(Cx *cx, const VexOut *v) {
  Times all = { 0 }, distinct = { 0 };
  for (size_t i = 0; i < v->n; i++) vec_add(cx->arena, &all, v->line[i].last);
  qsort(all.p, all.n, sizeof *all.p, by_text);
  for (size_t i = 0; i < all.n; i++)
    if (!distinct.n || !str_eq(distinct.p[distinct.n - 1], all.p[i])) vec_add(cx->arena, &distinct, all.p[i]);
  return distinct;
}

bool vex_format_find(Str name, VexFormat *out) {
  static const char *const names[VEX_FORMATS] = { "openvex", "cyclonedx", "cyclonedx-vdr", "csaf" };
  for (unsigned i = 0; i < VEX_FORMATS; i++)
    if (str_eq(name, str_of(names[i]))) {
      *out = (VexFormat)i;
      return true;
    }
  return false;
}

static void pair(JsonOut *o, const char *key, Str value) {
  if (value.n) json_pair(o, key, value);
}

static bool is(Str s, const char *word) { return str_eq(s, str_of(word)); }

static Str part_id(Cx *cx, const VexLine *l) {
  if (l->purl.n) return l->purl;
  return l->version.n ? str_fmt(cx->arena, "%.*s@%.*s", STR(l->name), STR(l->version)) : l->name;
}

/* Statements about one vulnerability stand together and agree in all but the component: one object each. */
static bool says_the_same(const VexLine *a, const VexLine *b) {
  return str_eq(a->vuln, b->vuln) && str_eq(a->status, b->status) && str_eq(a->justification, b->justification) &&
         str_eq(a->cyclonedx, b->cyclonedx) && str_eq(a->impact, b->impact) && str_eq(a->action, b->action) &&
         str_eq(a->last, b->last);
}

static size_t run_of(const VexOut *v, size_t from) {
  size_t n = from + 1;
  while (n < v->n && says_the_same(&v->line[from], &v->line[n])) n++;
  return n;
}

/* Affected needs words for the user, not affected needs a reason. */
static Str action_of(const VexLine *l) {
  return l->action.n ? l->action : l->impact.n ? l->impact : S("No action is stated yet; ask the maker.");
}

static void aliases(JsonOut *o, Str list, bool objects) {
  while (list.n) {
    Str one;
    (void)str_cut(list, ' ', &one, &list);
    if (!one.n) continue;
    if (!objects) json_put_str(o, one);
    else {
      json_object(o);
      json_pair(o, "id", one);
      json_key(o, "source");
      json_object(o);
      json_pair(o, "name", S("alias"));
      json_object_end(o);
      json_object_end(o);
    }
  }
}

/* ---- OpenVEX ------------------------------------------------------------------------------------------- */

static void openvex_statement(Cx *cx, JsonOut *o, const VexOut *v, size_t from, size_t to) {
  const VexLine *l = &v->line[from];
  json_object(o);
  json_key(o, "vulnerability");
  json_object(o);
  json_pair(o, "name", l->vuln);
  pair(o, "description", l->description);
  if (l->aliases.n) {
    json_key(o, "aliases");
    json_array(o);
    aliases(o, l->aliases, false);
    json_array_end(o);
  }
  json_object_end(o);
  json_pair(o, "timestamp", l->first.n ? l->first : l->last);
  pair(o, "last_updated", l->last);
  json_key(o, "products");
  json_array(o);
  json_object(o);
  json_pair(o, "@id", v->product);
  json_key(o, "subcomponents");
  json_array(o);
  for (size_t i = from; i < to; i++) {
    json_object(o);
    json_pair(o, "@id", part_id(cx, &v->line[i]));
    if (v->line[i].purl.n) {
      json_key(o, "identifiers");
      json_object(o);
      json_pair(o, "purl", v->line[i].purl);
      json_object_end(o);
    }
    json_object_end(o);
  }
  json_array_end(o);
  json_object_end(o);
  json_array_end(o);
  json_pair(o, "status", l->status);
  if (is(l->status, "not_affected")) {
    pair(o, "justification", l->justification);
    if (l->impact.n || !l->justification.n)
      json_pair(o, "impact_statement", l->impact.n ? l->impact : S("Not affected."));
  }
  if (is(l->status, "affected")) json_pair(o, "action_statement", action_of(l));
  if (!is(l->status, "not_affected") && !is(l->status, "affected")) pair(o, "status_notes", l->impact);
  json_object_end(o);
}

static void openvex(Cx *cx, JsonOut *o, const VexOut *v, const Times *t) {
  json_object(o);
  json_pair(o, "@context", S("https://openvex.dev/ns/v0.2.0"));
  json_pair(o, "@id", v->id);
  json_pair(o, "author", v->author);
  json_pair(o, "role", S("Manufacturer"));
  json_pair(o, "timestamp", t->p[0]);
  json_pair(o, "last_updated", t->p[t->n - 1]);
  json_pair_int(o, "version", (int64_t)t->n);
  json_pair(o, "tooling", S("Proofline"));
  json_key(o, "statements");
  json_array(o);
  for (size_t i = 0; i < v->n;) {
    size_t to = run_of(v, i);
    openvex_statement(cx, o, v, i, to);
    i = to;
  }
  json_array_end(o);
  json_object_end(o);
}

/* ---- CycloneDX ----------------------------------------------------------------------------------------- */

static Str cyclonedx_state(const VexLine *l) {
  if (is(l->cyclonedx, "false_positive") && is(l->status, "not_affected")) return S("false_positive");
  if (is(l->status, "fixed")) return is(l->cyclonedx, "resolved_with_pedigree") ? l->cyclonedx : S("resolved");
  if (is(l->status, "affected")) return S("exploitable");
  return is(l->status, "not_affected") ? S("not_affected") : S("in_triage");
}

static Str cyclonedx_justification(const VexLine *l) {
  static const char *const coarse[][2] = {
    { "component_not_present", "code_not_present" },
    { "vulnerable_code_not_present", "code_not_present" },
    { "vulnerable_code_not_in_execute_path", "code_not_reachable" },
    { "vulnerable_code_cannot_be_controlled_by_adversary", "requires_environment" },
    { "inline_mitigations_already_exist", "protected_by_mitigating_control" },
  };
  if (!is(l->status, "not_affected") || is(l->cyclonedx, "false_positive")) return STR_NONE;
  if (l->cyclonedx.n) return l->cyclonedx;
  for (size_t i = 0; i < COUNT(coarse); i++)
    if (is(l->justification, coarse[i][0])) return str_of(coarse[i][1]);
  return STR_NONE;
}

static void cyclonedx_rating(JsonOut *o, const VexLine *l) {
  static const char *const methods[][2] = { { "CVSS:3.0", "CVSSv3" },
                                            { "CVSS:3.1", "CVSSv31" },
                                            { "CVSS:4.0", "CVSSv4" } };
  const char *method = "CVSSv2";
  if (!l->vector.n) return;
  for (size_t i = 0; i < COUNT(methods); i++)
    if (str_starts(l->vector, str_of(methods[i][0]))) method = methods[i][1];
  json_key(o, "ratings");
  json_array(o);
  json_object(o);
  if (l->cvss_x10 >= 0) {
    json_key(o, "score");
    json_put_x10(o, l->cvss_x10);
  }
  pair(o, "severity", l->severity);
  json_pair(o, "method", str_of(method));
  json_pair(o, "vector", l->vector);
  json_object_end(o);
  json_array_end(o);
}

static void cyclonedx_analysis(JsonOut *o, const VexLine *l) {
  Str rest = l->response;
  json_key(o, "analysis");
  json_object(o);
  json_pair(o, "state", cyclonedx_state(l));
  pair(o, "justification", cyclonedx_justification(l));
  if (rest.n) {
    json_key(o, "response");
    json_array(o);
    aliases(o, rest, false);
    json_array_end(o);
  }
  pair(o, "detail", l->impact.n ? l->impact : l->action);
  pair(o, "firstIssued", l->first);
  pair(o, "lastUpdated", l->last);
  json_object_end(o);
}

/* A BOM-Link when the inventory is another document, else a reference of this one. */
static Str cyclonedx_ref(Cx *cx, const VexOut *v, const VexLine *l, bool own) {
  Str ref = l->ref.n ? l->ref : part_id(cx, l), serial = v->sbom_serial;
  if (own || !serial.n) return ref;
  if (str_starts(serial, S("urn:uuid:"))) serial = str_slice(serial, 9, serial.n);
  Buf b = buf_new(cx->arena, 8192);
  buf_fmt(&b, "urn:cdx:%.*s/1#", STR(serial));
  url_text(&b, ref);
  return buf_str(&b);
}

static void cyclonedx_components(Cx *cx, JsonOut *o, const VexOut *v) {
  Map seen = map_new(cx->arena, 64);
  json_key(o, "components");
  json_array(o);
  for (size_t i = 0; i < v->n; i++) {
    Str ref = cyclonedx_ref(cx, v, &v->line[i], true);
    if (map_get(&seen, ref) != MAP_NONE) continue;
    map_put(&seen, ref, 1);
    json_object(o);
    json_pair(o, "type", S("library"));
    json_pair(o, "bom-ref", ref);
    json_pair(o, "name", v->line[i].name.n ? v->line[i].name : ref);
    pair(o, "version", v->line[i].version);
    pair(o, "purl", v->line[i].purl);
    json_object_end(o);
  }
  json_array_end(o);
}

static void cyclonedx_vulnerability(Cx *cx, JsonOut *o, const VexOut *v, size_t from, size_t to, bool own) {
  const VexLine *l = &v->line[from];
  json_object(o);
  json_pair(o, "bom-ref", str_fmt(cx->arena, "%.*s#%zu", STR(l->vuln), from + 1));
  json_pair(o, "id", l->vuln);
  if (l->aliases.n) {
    json_key(o, "references");
    json_array(o);
    aliases(o, l->aliases, true);
    json_array_end(o);
  }
  cyclonedx_rating(o, l);
  pair(o, "description", l->description);
  pair(o, "recommendation", l->action);
  cyclonedx_analysis(o, l);
  json_key(o, "affects");
  json_array(o);
  for (size_t i = from; i < to; i++) {
    json_object(o);
    json_pair(o, "ref", cyclonedx_ref(cx, v, &v->line[i], own));
    json_object_end(o);
  }
  json_array_end(o);
  json_object_end(o);
}

static void cyclonedx(Cx *cx, JsonOut *o, const VexOut *v, const Times *t, bool own) {
  json_object(o);
  json_pair(o, "bomFormat", S("CycloneDX"));
  json_pair(o, "specVersion", S("1.6"));
  if (str_starts(v->id, S("urn:uuid:"))) json_pair(o, "serialNumber", v->id);
  json_pair_int(o, "version", (int64_t)t->n);
  json_key(o, "metadata");
  json_object(o);
  json_pair(o, "timestamp", t->p[t->n - 1]);
  json_key(o, "component");
  json_object(o);
  json_pair(o, "type", S("device"));
  json_pair(o, "bom-ref", v->product);
  json_pair(o, "name", v->product_name);
  pair(o, "version", v->product_version);
  json_object_end(o);
  json_key(o, "supplier");
  json_object(o);
  json_pair(o, "name", v->author);
  json_object_end(o);
  json_object_end(o);
  if (own) cyclonedx_components(cx, o, v);
  json_key(o, "vulnerabilities");
  json_array(o);
  for (size_t i = 0; i < v->n;) {
    size_t to = run_of(v, i);
    cyclonedx_vulnerability(cx, o, v, i, to, own);
    i = to;
  }
  json_array_end(o);
  json_object_end(o);
}

/* ---- CSAF ---------------------------------------------------------------------------------------------- */

/* Products are the components in our product: CSAFPID-0001 is the product, the others what is in it. */
typedef struct CsafIds {
  Map at;
  VEC(const VexLine *) part;
} CsafIds;

static CsafIds csaf_ids(Cx *cx, const VexOut *v) {
  CsafIds ids = { .at = map_new(cx->arena, 64) };
  for (size_t i = 0; i < v->n; i++) {
    Str id = part_id(cx, &v->line[i]);
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
    json_pair(o, "name", part_id(cx, ids->part.p[i]));
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
              str_fmt(cx->arena, "%.*s as part of %.*s %.*s", STR(part_id(cx, ids->part.p[i])), STR(v->product_name),
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
  for (size_t i = from; i < to; i++) json_put_str(o, csaf_whole(cx, map_get(&ids->at, part_id(cx, &v->line[i]))));
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
    for (size_t i = from; i < to; i++) any |= is(v->line[i].status, lists[k][0]);
    if (!any) continue;
    json_key(o, lists[k][1]);
    json_array(o);
    for (size_t i = from; i < to; i++)
      if (is(v->line[i].status, lists[k][0]))
        json_put_str(o, csaf_whole(cx, map_get(&ids->at, part_id(cx, &v->line[i]))));
    json_array_end(o);
  }
  json_object_end(o);
}

static bool any_status(const VexOut *v, size_t from, size_t to, const char *status) {
  for (size_t i = from; i < to; i++)
    if (is(v->line[i].status, status)) return true;
  return false;
}

/* Every product that is not affected has a flag or an impact, every affected one a remediation (profile VEX, 4.5). */
static void csaf_reasons(Cx *cx, JsonOut *o, const VexOut *v, const CsafIds *ids, size_t from, size_t to) {
  bool flags = false;
  for (size_t i = from; i < to; i++) flags |= is(v->line[i].status, "not_affected") && v->line[i].justification.n;
  if (flags) {
    json_key(o, "flags");
    json_array(o);
    for (size_t i = from; i < to; i++) {
      if (!is(v->line[i].status, "not_affected") || !v->line[i].justification.n) continue;
      json_object(o);
      json_pair(o, "label", v->line[i].justification);
      csaf_products(cx, o, "product_ids", v, ids, i, i + 1);
      json_object_end(o);
    }
    json_array_end(o);
  }
  if (any_status(v, from, to, "affected")) {
    json_key(o, "remediations");
    json_array(o);
    for (size_t i = from; i < to; i++) {
      if (!is(v->line[i].status, "affected")) continue;
      bool never = str_find(v->line[i].response, S("will_not_fix")) != SIZE_MAX;
      bool update = str_find(v->line[i].response, S("update")) != SIZE_MAX;
      json_object(o);
      json_pair(o, "category", never ? S("no_fix_planned") : update ? S("vendor_fix") : S("mitigation"));
      json_pair(o, "details", action_of(&v->line[i]));
      csaf_products(cx, o, "product_ids", v, ids, i, i + 1);
      json_object_end(o);
    }
    json_array_end(o);
  }
  if (any_status(v, from, to, "not_affected")) {
    json_key(o, "threats");
    json_array(o);
    for (size_t i = from; i < to; i++) {
      if (!is(v->line[i].status, "not_affected")) continue;
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
  if (str_starts(l->vuln, S("CVE-"))) json_pair(o, "cve", l->vuln);
  else {
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
                             : str_fmt(cx->arena, "%.*s in %.*s", STR(l->vuln), STR(part_id(cx, l))));
  json_object_end(o);
  json_array_end(o);
  csaf_status(cx, o, v, ids, from, to);
  csaf_reasons(cx, o, v, ids, from, to);
  json_object_end(o);
}

static void csaf_document(Cx *cx, JsonOut *o, const VexOut *v, const Times *t) {
  json_key(o, "document");
  json_object(o);
  json_pair(o, "category", S("csaf_vex"));
  json_pair(o, "csaf_version", S("2.0"));
  json_pair(o, "lang", S("en"));
  json_key(o, "publisher");
  json_object(o);
  json_pair(o, "category", S("vendor"));
  json_pair(o, "name", v->author);
  json_pair(o, "namespace", v->company_url);
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

static void csaf(Cx *cx, JsonOut *o, const VexOut *v, const Times *t) {
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

Err vex_write(Cx *cx, const VexOut *v, VexFormat format, Buf *out) {
  JsonOut o = json_out(out, true);
  if (!v->n) return fail(cx, E_NOTFOUND, "Nothing is known against this release, so there is nothing to state");
  Times t = times_of(cx, v);
  if (format == VEX_OPENVEX) openvex(cx, &o, v, &t);
  else if (format == VEX_CSAF) csaf(cx, &o, v, &t);
  else cyclonedx(cx, &o, v, &t, format == VEX_VDR || !v->sbom_serial.n);
  buf_byte(out, '\n');
  return out->over ? fail(cx, E_TOO_LARGE, "The statements need more than %zu bytes", out->max) : E_OK;
}
