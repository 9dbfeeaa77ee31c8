/* csaf_check_profile.c - what each profile asks of a document (6.1.27). */
#include "vuln/csaf_check_inside.h"

enum {
  INCIDENT = 1,
  INFORMATIONAL = 2,
  ADVISORY = 4,
  VEX = 8,
  WITHDRAWN = 16,
  SUPERSEDED = 32,
  OLD_ADVISORY = 64,
  REPORT = 128
};

/* The last four are of CSAF 2.1. */
static unsigned profile_of(Str category, bool new_rules) {
  static const char *const names[] = { "csaf_security_incident_response",
                                       "csaf_informational_advisory",
                                       "csaf_security_advisory",
                                       "csaf_vex",
                                       "csaf_withdrawn",
                                       "csaf_superseded",
                                       "csaf_deprecated_security_advisory",
                                       "csaf_vulnerability_report" };
  for (unsigned i = 0; i < (new_rules ? COUNT(names) : 4); i++)
    if (str_eq(category, str_of(names[i]))) return 1u << i;
  return 0;
}

bool is_one_of(Str s, const char *const *words) {
  for (; *words; words++)
    if (str_eq(s, str_of(*words))) return true;
  return false;
}

static bool any_with(JVal *list, const char *const *words) {
  JSON_EACH(v, list)
  if (is_one_of(json_text(v, "category"), words)) return true;
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

CsafTitled csaf_titled(JVal *notes, Str title, Str category) {
  CsafTitled t = { 0 };
  JSON_EACH(note, notes) {
    if (!str_eq(json_text(note, "title"), title)) continue;
    t.all++;
    t.right += str_eq(json_text(note, "category"), category);
  }
  return t;
}

/* A note of this title, once, that is a description. */
static void reasoned(Csaf *c, const char *test, Str title) {
  CsafTitled t = csaf_titled(json_get(c->document, "notes"), title, S("description"));
  if (t.all != 1 || t.right != 1)
    csaf_fault(c, test, S("/document/notes"), "one description is called \"%.*s\"", STR(title));
}

/* The titles that 6.1.27 wants in English, and 6.2.39 in the language of the document. */
static const struct { const char *test[2], *title[2]; } ends[] = {
  { { "6.1.27.17", "6.2.39.2" }, { "Reasoning for Withdrawal", "Begründung für die Zurückziehung" } },
  { { "6.1.27.18", "6.2.39.3" }, { "Reasoning for Supersession", "Begründung für die Ersetzung" } },
  { { "6.1.27.19", "6.2.39.4" }, { "Superseding Document", "Ersetztes Dokument" } },
};

/* 6.1.27.14 to 6.1.27.19: what no longer holds says so, and nothing else. */
static void ended(Csaf *c, unsigned profile) {
  static const char *const description[] = { "description", NULL };
  size_t language = c->english ? 0 : 1;
  bool leads = false;
  if (!any_with(json_get(c->document, "notes"), description))
    csaf_fault(c, "6.1.27.14", S("/document/notes"), "no note is a description");
  if (c->tree) csaf_fault(c, "6.1.27.15", S("/product_tree"), "a document that no longer holds has none");
  if (yyjson_arr_size(json_get(c->tracking, "revision_history")) < 2)
    csaf_fault(c, "6.1.27.16", S("/document/tracking/revision_history"), "it has no earlier revision");
  if (!c->english && !c->german) return;
  size_t which = profile & WITHDRAWN ? 0 : 1;
  reasoned(c, ends[which].test[language], str_of(ends[which].title[language]));
  if (profile & WITHDRAWN) return;
  JSON_EACH(r, json_get(c->document, "references"))
    leads |= str_starts(json_text(r, "summary"), str_of(ends[2].title[language])) &&
             str_eq(json_text(r, "category"), S("external"));
  if (!leads)
    csaf_fault(c, ends[2].test[language], S("/document/references"), "none leads to the superseding document");
}

/* Profile 9: what is reported to a maker.  Notes and, as advice, what helps to coordinate. */
static void report_document(Csaf *c) {
  static const struct { const char *test, *key; } wanted[] = {
    { "6.2.39.7", "acknowledgments" }, { "6.2.39.8", "aggregate_severity" }, { "6.3.23.1", "involvement" },
  };
  for (size_t i = 0; i < COUNT(wanted); i++)
    if (!json_get(c->document, wanted[i].key))
      csaf_fault(c, wanted[i].test, csaf_at(c, "/document/%s", wanted[i].key), "it is missing");
  if (!str_eq(json_text(json_get(json_get(c->document, "distribution"), "tlp"), "label"), S("AMBER")))
    csaf_fault(c, "6.2.39.9", S("/document/distribution/tlp/label"), "a report is usually AMBER");
}

static void report(Csaf *c, JVal *v, Str where) {
  static const struct { const char *test, *key; } wanted[] = {
    { "6.2.39.10", "metrics" }, { "6.2.39.11", "references" }, { "6.2.39.12", "threats" }, { "6.2.39.13", "title" },
    { "6.3.23.2", "disclosure_date" },
  };
  static const struct { const char *title[2], *category; } notes[] = {
    { { "Vulnerability Summary", "Zusammenfassung der Schwachstelle" }, "summary" },
    { { "CVE Description", "CVE Beschreibung" }, "description" },
  };
  size_t language = c->english ? 0 : 1;
  bool told = false;
  for (size_t i = 0; i < COUNT(wanted); i++)
    if (!json_get(v, wanted[i].key))
      csaf_fault(c, wanted[i].test, csaf_at(c, "%.*s/%s", STR(where), wanted[i].key), "it is missing");
  if (!c->english && !c->german) return;
  for (size_t i = 0; i < COUNT(notes); i++)
    told |= csaf_titled(json_get(v, "notes"), str_of(notes[i].title[language]), str_of(notes[i].category)).right > 0;
  if (!told)
    csaf_fault(c, c->english ? "6.1.27.20" : "6.2.39.6", csaf_at(c, "%.*s/notes", STR(where)),
               "no summary is called \"%s\", and no description \"%s\"", notes[0].title[language],
               notes[1].title[language]);
}

/* Products for which there is a flag, or a threat or remediation of one of the categories. */
static Map spoken_of(Csaf *c, JVal *vulnerability, const char *list, const char *const *words) {
  Map said = map_new(c->cx->arena, 64);
  JSON_EACH(item, json_get(vulnerability, list)) {
    if (words && !is_one_of(json_text(item, "category"), words)) continue;
    CsafIds ids = csaf_named(c, item);
    for (size_t i = 0; i < ids.n; i++) map_put(&said, ids.p[i], 1);
  }
  return said;
}

/* Without a CVE each product has an id: one that names it, or one that names none and so is of all. */
static void identified(Csaf *c, JVal *v, Str where) {
  Map named = map_new(c->cx->arena, 16);
  if (json_get(v, "cve")) return;
  if (!json_get(v, "ids")) { csaf_fault(c, "6.1.27.8", where, "it has no CVE and no other id"); return; }
  JSON_EACH(id, json_get(v, "ids")) {
    if (!json_get(id, "product_ids") && !json_get(id, "group_ids")) return;
    CsafIds ids = csaf_named(c, id);
    for (size_t i = 0; i < ids.n; i++) map_put(&named, ids.p[i], 1);
  }
  JSON_MEMBERS(key, list, json_get(v, "product_status")) {
    (void)key;
    JSON_EACH(id, list)
      if (map_get(&named, json_str(id)) == MAP_NONE)
        csaf_fault(c, "6.1.27.8", where, "no id is of %.*s", STR(str_head(json_str(id), 80)));
  }
}

static void vex(Csaf *c, JVal *v, Str where) {
  static const char *const wanted[] = { "fixed", "known_affected", "known_not_affected", "under_investigation" };
  static const char *const impact[] = { "impact", NULL };
  JVal *status = json_get(v, "product_status");
  bool any = false;
  for (size_t i = 0; i < COUNT(wanted); i++) any |= json_get(status, wanted[i]) != NULL;
  if (!any) csaf_fault(c, "6.1.27.7", csaf_at(c, "%.*s/product_status", STR(where)), "no status of VEX is said");
  identified(c, v, where);
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
  if (profile & REPORT) report_document(c);
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
    if (profile & REPORT) report(c, v, where);
  }
}
