/* csaf_check_profile.c - what each profile asks of a document (6.1.27). */
#include "vuln/csaf_check_inside.h"

enum { INCIDENT = 1, INFORMATIONAL = 2, ADVISORY = 4, VEX = 8, WITHDRAWN = 16, SUPERSEDED = 32, OLD_ADVISORY = 64 };

/* The last three are of CSAF 2.1. */
static unsigned profile_of(Str category, bool new_rules) {
  static const char *const names[] = { "csaf_security_incident_response",
                                       "csaf_informational_advisory",
                                       "csaf_security_advisory",
                                       "csaf_vex",
                                       "csaf_withdrawn",
                                       "csaf_superseded",
                                       "csaf_deprecated_security_advisory" };
  for (unsigned i = 0; i < (new_rules ? COUNT(names) : 4); i++)
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
  if ((profile & (INFORMATIONAL | WITHDRAWN | SUPERSEDED)) && c->vulnerabilities)
    csaf_fault(c, "6.1.27.3", S("/vulnerabilities"), "a document of this profile has none");
  if ((profile & (ADVISORY | OLD_ADVISORY | VEX)) && !c->tree)
    csaf_fault(c, "6.1.27.4", S("/product_tree"), "it is missing");
  if ((profile & (ADVISORY | OLD_ADVISORY | VEX)) && !c->vulnerabilities)
    csaf_fault(c, "6.1.27.11", S("/vulnerabilities"), "they are missing");
}

/* A note of this title, once, that is a description; asked of documents in English only. */
static void reasoned(Csaf *c, const char *test, Str title) {
  size_t titled = 0, right = 0;
  JSON_EACH(note, json_get(c->document, "notes")) {
    if (!str_eq(json_text(note, "title"), title)) continue;
    titled++;
    right += str_eq(json_text(note, "category"), S("description"));
  }
  if (titled != 1 || right != 1)
    csaf_fault(c, test, S("/document/notes"), "one description is called \"%.*s\"", STR(title));
}

/* 6.1.27.14 to 6.1.27.19: what no longer holds says so, and nothing else. */
static void ended(Csaf *c, unsigned profile) {
  static const char *const description[] = { "description", NULL };
  Str lang = json_text(c->document, "lang");
  bool english = !lang.n || str_eq_nocase(str_head(lang, 2), S("en")), leads = false;
  if (!any_with(json_get(c->document, "notes"), description))
    csaf_fault(c, "6.1.27.14", S("/document/notes"), "no note is a description");
  if (c->tree) csaf_fault(c, "6.1.27.15", S("/product_tree"), "a document that no longer holds has none");
  if (yyjson_arr_size(json_get(c->tracking, "revision_history")) < 2)
    csaf_fault(c, "6.1.27.16", S("/document/tracking/revision_history"), "it has no earlier revision");
  if (!english) return;
  if (profile & WITHDRAWN) { reasoned(c, "6.1.27.17", S("Reasoning for Withdrawal")); return; }
  reasoned(c, "6.1.27.18", S("Reasoning for Supersession"));
  JSON_EACH(r, json_get(c->document, "references"))
    leads |= str_starts(json_text(r, "summary"), S("Superseding Document")) &&
             str_eq(json_text(r, "category"), S("external"));
  if (!leads) csaf_fault(c, "6.1.27.19", S("/document/references"), "none leads to the superseding document");
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
  unsigned profile = profile_of(c->category, c->new_rules);
  size_t n = 0;
  document(c, profile);
  if (profile & (WITHDRAWN | SUPERSEDED)) ended(c, profile);
  JSON_EACH(v, c->vulnerabilities) {
    Str where = csaf_at(c, "/vulnerabilities/%zu", n++);
    if ((profile & (ADVISORY | OLD_ADVISORY | VEX)) && !json_get(v, "notes"))
      csaf_fault(c, "6.1.27.5", csaf_at(c, "%.*s/notes", STR(where)), "it is missing");
    JVal *status = json_get(v, "product_status");
    if ((profile & (ADVISORY | OLD_ADVISORY)) && !status)
      csaf_fault(c, "6.1.27.6", csaf_at(c, "%.*s/product_status", STR(where)), "it is missing");
    if ((profile & ADVISORY) && c->new_rules && !json_get(status, "known_affected"))
      csaf_fault(c, "6.1.27.12", csaf_at(c, "%.*s/product_status/known_affected", STR(where)), "it is missing");
    if (profile & VEX) vex(c, v, where);
  }
}
