/* csaf_check_shape.c - the members of a document's objects: are they of the schema, and do they stand in order?  What
 * is referred to is noted on the way. */
#include "vuln/csaf_check_inside.h"

enum { DEPTH_MOST = 128 };

/* Kinds of objects and their members.  "+" is of CSAF 2.1 alone, "-" of 2.0; behind a colon the kind of what is in it,
 * which else has the name of the member. */
static const struct { const char *name, *members; } kinds[] = {
  { "root", "+$schema document: product_tree: vulnerabilities: +x_extensions:" },
  { "document",
    "acknowledgments: aggregate_severity: category csaf_version distribution: lang +license_expression "
    "notes: publisher: references: source_lang title tracking: +x_extensions:" },
  { "acknowledgments", "names organization summary urls" },
  { "aggregate_severity", "namespace text" },
  { "distribution", "+sharing_group: text tlp:" },
  { "tlp", "label url" },
  { "notes", "audience category +group_ids +product_ids text title" },
  { "publisher", "category contact_details issuing_authority name namespace" },
  { "references", "category summary url" },
  { "tracking",
    "aliases current_release_date generator: id initial_release_date revision_history: status version" },
  { "generator", "date engine:" },
  { "engine", "name version" },
  { "revision_history", "date legacy_version number summary" },
  { "product_tree", "branches: full_product_names:product product_groups: +product_paths: -relationships:" },
  { "branches", "branches: category name product:" },
  { "product", "name product_id product_identification_helper: +x_extensions:" },
  { "product_identification_helper",
    "cpe hashes: model_numbers -purl +purls sbom_urls serial_numbers skus x_generic_uris:" },
  { "hashes", "file_hashes: filename" },
  { "file_hashes", "algorithm value" },
  { "x_generic_uris", "namespace uri" },
  { "product_groups", "group_id product_ids summary" },
  { "relationships", "category full_product_name:product product_reference relates_to_product_reference" },
  { "vulnerabilities",
    "acknowledgments: cve -cwe: +cwes: +disclosure_date discovery_date +first_known_exploitation_dates: "
    "flags: ids: involvements: +metrics: notes: product_status: references: -release_date remediations: "
    "-scores: threats: title +x_extensions:" },
  { "cwe", "id name" },
  { "flags", "date group_ids label product_ids" },
  { "ids", "+group_ids +product_ids system_name text" },
  { "involvements", "+contact date +group_ids party +product_ids status summary" },
  { "product_status",
    "first_affected first_fixed fixed known_affected known_not_affected last_affected recommended "
    "under_investigation +unknown" },
  { "remediations", "category date details entitlements group_ids product_ids restart_required: url" },
  { "restart_required", "category details" },
  { "scores", "cvss_v2: cvss_v3: products" },
  { "threats", "category date details group_ids product_ids" },
  { "sharing_group", "id name" },
  { "x_extensions", "$schema category content critical" },
  { "product_paths", "beginning_product_reference full_product_name:product subpaths:" },
  { "subpaths", "category next_product_reference" },
  { "cwes", "id name version" },
  { "first_known_exploitation_dates", "date exploitation_date group_ids product_ids" },
  { "metrics", "content: products source" },
  { "content", "cvss_v2: cvss_v3: cvss_v4: epss: qualitative_severity_rating ssvc_v2: x_extensions:" },
  { "epss", "percentile probability timestamp" },
  { "ssvc_v2",
    "decision_point_resources: references:decision_point_resources schemaVersion selections: target_ids "
    "timestamp" },
  { "decision_point_resources", "summary uri" },
  { "selections", "definition key name namespace values: version" },
  { "values", "definition key name" },
};

/* Where the walk is; written out when something is told. */
typedef struct Place { const struct Place *up; Str key; size_t index; } Place;

static Str pointer(Csaf *c, const Place *p) {
  Str text = S("");
  for (; p && p->up; p = p->up)
    text = p->key.n ? csaf_at(c, "/%.*s%.*s", STR(str_head(p->key, 80)), STR(text))
                    : csaf_at(c, "/%zu%.*s", p->index, STR(text));
  return text.n ? text : S("/");
}

static const char *kind_of(Str name) {
  for (size_t i = 0; i < COUNT(kinds); i++)
    if (str_eq(name, str_of(kinds[i].name))) return kinds[i].name;
  return NULL;
}

/* Whether objects of a kind have the member; inside: the kind of what it holds, NULL when that is not judged. */
static bool has_member(Csaf *c, const char *kind, Str key, const char **inside) {
  size_t k = 0;
  *inside = NULL;
  if (str_starts(str_of(kind), S("cvss_v"))) return csaf_is_score_member((unsigned)(kind[6] - '0'), key);
  while (kinds[k].name != kind) k++;
  for (Str rest = str_of(kinds[k].members), word, name, of; rest.n;) {
    str_cut(rest, ' ', &word, &rest);
    if (*word.p == (c->new_rules ? '-' : '+')) continue;
    if (*word.p == '-' || *word.p == '+') word = str_slice(word, 1, word.n);
    bool holds = str_cut(word, ':', &name, &of);
    if (!str_eq(key, name)) continue;
    if (!holds) return true;
    static const char *const scores[] = { "cvss_v2", "cvss_v3", "cvss_v4" };
    *inside = kind_of(of.n ? of : name);
    for (size_t i = 0; i < COUNT(scores); i++)
      if (str_eq(name, str_of(scores[i]))) *inside = scores[i];
    return true;
  }
  return false;
}

static bool refers(Str key, Str inside_of) {
  static const char *const keys[] = { "product_ids",
                                      "products",
                                      "product_reference",
                                      "relates_to_product_reference",
                                      "beginning_product_reference",
                                      "next_product_reference",
                                      NULL };
  return is_one_of(key, keys) || str_eq(inside_of, S("product_status"));
}

/* kind: NULL for what is not judged, as the content of an extension. */
static void walk(Csaf *c, JVal *v, const char *kind, const Place *at, unsigned depth) {
  Str before = STR_NONE, key = at->key;
  if (depth == DEPTH_MOST) return;
  if (yyjson_is_str(v)) {
    Str above = at->up ? at->up->key : STR_NONE;
    bool used = key.n ? refers(key, STR_NONE) : at->up && refers(above, at->up->up ? at->up->up->key : STR_NONE);
    if (used) map_put(&c->used, json_str(v), 1);
    return;
  }
  size_t n = 0;
  JSON_EACH(item, v) {
    Place here = { at, STR_NONE, n++ };
    walk(c, item, kind, &here, depth + 1);
  }
  bool sorted = true;
  JSON_MEMBERS(name, value, yyjson_is_obj(v) ? v : NULL) {
    const char *inside = NULL;
    Place here = { at, json_str(name), 0 };
    if (kind && !has_member(c, kind, here.key, &inside))
      csaf_fault(c, "6.2.20", pointer(c, &here), "the schema has no such member");
    sorted &= !before.p || str_cmp(before, here.key) <= 0;
    before = here.key;
    walk(c, value, inside, &here, depth + 1);
  }
  if (!sorted) csaf_fault(c, "6.2.13", pointer(c, at), "its members do not stand in the order of the alphabet");
}

void csaf_check_shape(Csaf *c) {
  Place root = { 0 };
  walk(c, c->root, kinds[0].name, &root, 0);
}
