/* csaf_check_profile.c - what each profile asks of a document (6.1.27). */
#include "vuln/csaf_check_inside.h"

enum { INCIDENT = 1, INFORMATIONAL = 2, ADVISORY = 4, VEX = 8 };

static unsigned profile_of(Str category) {
  static const char *const names[] = { "csaf_security_incident_response", "csaf_informational_advisory",
                                       "csaf_security_advisory", "csaf_vex" };
  for (unsigned i = 0; i < COUNT(names); i++)
    if (str_eq(category, str_of(names[i]))) return 1u << i;
  return 0;
}

static bool one_of(Str s, const char *const *words) {
  for (; *words; words++)
    if (str_eq(s, str_of(*words))) return true;
  return false;
}

static bool any_with(JVal *list, const char *const *words) {
  JSON_EACH(v, list)
  if (one_of(json_text(v, "category"), words)) return true;
  return false;
}

static void document(Csaf *c, unsigned profile) {
  static const char *const notes[] = { "description", "details", "general", "summary", NULL };
  static const char *const external[] = { "external", NULL };
  if (profile & (INCIDENT | INFORMATIONAL)) {
    if (!any_with(json_get(c->document, "notes"), notes))
      csaf_fault(c, "6.1.27.1", S("/document/notes"), "no note describes it");
    if (!any_with(json_get(c->document, "references"), external))
      csaf_fault(c, "6.1.27.2", S("/document/references"), "no reference leads elsewhere");
  }
  if ((profile & INFORMATIONAL) && c->vulnerabilities)
    csaf_fault(c, "6.1.27.3", S("/vulnerabilities"), "an informational advisory has none");
  if ((profile & (ADVISORY | VEX)) && !c->tree) csaf_fault(c, "6.1.27.4", S("/product_tree"), "it is missing");
  if ((profile & (ADVISORY | VEX)) && !c->vulnerabilities)
    csaf_fault(c, "6.1.27.11", S("/vulnerabilities"), "they are missing");
}

/* Products for which there is a flag, or a threat or remediation of one of the categories. */
static Map spoken_of(Csaf *c, JVal *vulnerability, const char *list, const char *const *words) {
  Map said = map_new(c->cx->arena, 64);
  JSON_EACH(item, json_get(vulnerability, list)) {
    if (words && !one_of(json_text(item, "category"), words)) continue;
    CsafIds ids = csaf_named(c, item);
    for (size_t i = 0; i < ids.n; i++) map_put(&said, ids.p[i], 1);
  }
  return said;
}

static void vex(Csaf *c, JVal *v, Str where) {
  static const char *const wanted[] = { "fixed", "known_affected", "known_not_affected", "under_investigation" };
  static const char *const impact[] = { "impact", NULL };
  JVal *status = json_get(v, "product_status");
  bool any = false;
  for (size_t i = 0; i < COUNT(wanted); i++) any |= json_get(status, wanted[i]) != NULL;
  if (!any) csaf_fault(c, "6.1.27.7", csaf_at(c, "%.*s/product_status", STR(where)), "no status of VEX is said");
  if (!json_get(v, "cve") && !json_get(v, "ids")) csaf_fault(c, "6.1.27.8", where, "it has no CVE and no other id");
  Map flagged = spoken_of(c, v, "flags", NULL), threat = spoken_of(c, v, "threats", impact);
  JSON_EACH(id, json_get(status, "known_not_affected"))
  if (map_get(&flagged, json_str(id)) == MAP_NONE && map_get(&threat, json_str(id)) == MAP_NONE)
    csaf_fault(c, "6.1.27.9", where, "%.*s is not affected, and it is not said why", STR(str_head(json_str(id), 80)));
  Map helped = spoken_of(c, v, "remediations", NULL);
  JSON_EACH(id, json_get(status, "known_affected"))
  if (map_get(&helped, json_str(id)) == MAP_NONE)
    csaf_fault(c, "6.1.27.10", where, "%.*s is affected, and it is not said what to do",
               STR(str_head(json_str(id), 80)));
}

void csaf_check_profile(Csaf *c) {
  unsigned profile = profile_of(c->category);
  size_t n = 0;
  document(c, profile);
  JSON_EACH(v, c->vulnerabilities) {
    Str where = csaf_at(c, "/vulnerabilities/%zu", n++);
    if ((profile & (ADVISORY | VEX)) && !json_get(v, "notes"))
      csaf_fault(c, "6.1.27.5", csaf_at(c, "%.*s/notes", STR(where)), "it is missing");
    if ((profile & ADVISORY) && !json_get(v, "product_status"))
      csaf_fault(c, "6.1.27.6", csaf_at(c, "%.*s/product_status", STR(where)), "it is missing");
    if (profile & VEX) vex(c, v, where);
  }
}
