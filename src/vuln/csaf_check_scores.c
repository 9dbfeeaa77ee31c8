/* csaf_check_scores.c - CVSS in a document: complete, computed anew, and the same in the vector and in words. */
#include "vuln/csaf_check_inside.h"

typedef enum Generation { V2, V3, V4 } Generation;
static const char *const members[] = { "cvss_v2", "cvss_v3", "cvss_v4" };

/* ---- 6.1.10: a property and its metric ---- */

typedef struct Property {
  const char *name, *metric[3]; /* of CVSS 2, 3 and 4; NULL: the version has none */
} Property;
static const Property properties[] = {
  { "accessVector", { "AV", NULL, NULL } },
  { "accessComplexity", { "AC", NULL, NULL } },
  { "authentication", { "Au", NULL, NULL } },
  { "attackVector", { NULL, "AV", "AV" } },
  { "attackComplexity", { NULL, "AC", "AC" } },
  { "privilegesRequired", { NULL, "PR", "PR" } },
  { "userInteraction", { NULL, "UI", "UI" } },
  { "scope", { NULL, "S", NULL } },
  { "confidentialityImpact", { "C", "C", NULL } },
  { "integrityImpact", { "I", "I", NULL } },
  { "availabilityImpact", { "A", "A", NULL } },
  { "exploitability", { "E", NULL, NULL } },
  { "exploitCodeMaturity", { NULL, "E", NULL } },
  { "remediationLevel", { "RL", "RL", NULL } },
  { "reportConfidence", { "RC", "RC", NULL } },
  { "collateralDamagePotential", { "CDP", NULL, NULL } },
  { "targetDistribution", { "TD", NULL, NULL } },
  { "confidentialityRequirement", { "CR", "CR", "CR" } },
  { "integrityRequirement", { "IR", "IR", "IR" } },
  { "availabilityRequirement", { "AR", "AR", "AR" } },
  { "modifiedAttackVector", { NULL, "MAV", "MAV" } },
  { "modifiedAttackComplexity", { NULL, "MAC", "MAC" } },
  { "modifiedPrivilegesRequired", { NULL, "MPR", "MPR" } },
  { "modifiedUserInteraction", { NULL, "MUI", "MUI" } },
  { "modifiedScope", { NULL, "MS", NULL } },
  { "modifiedConfidentialityImpact", { NULL, "MC", NULL } },
  { "modifiedIntegrityImpact", { NULL, "MI", NULL } },
  { "modifiedAvailabilityImpact", { NULL, "MA", NULL } },
  { "attackRequirements", { NULL, NULL, "AT" } },
  { "vulnConfidentialityImpact", { NULL, NULL, "VC" } },
  { "vulnIntegrityImpact", { NULL, NULL, "VI" } },
  { "vulnAvailabilityImpact", { NULL, NULL, "VA" } },
  { "subConfidentialityImpact", { NULL, NULL, "SC" } },
  { "subIntegrityImpact", { NULL, NULL, "SI" } },
  { "subAvailabilityImpact", { NULL, NULL, "SA" } },
  { "exploitMaturity", { NULL, NULL, "E" } },
  { "modifiedAttackRequirements", { NULL, NULL, "MAT" } },
  { "modifiedVulnConfidentialityImpact", { NULL, NULL, "MVC" } },
  { "modifiedVulnIntegrityImpact", { NULL, NULL, "MVI" } },
  { "modifiedVulnAvailabilityImpact", { NULL, NULL, "MVA" } },
  { "modifiedSubConfidentialityImpact", { NULL, NULL, "MSC" } },
  { "modifiedSubIntegrityImpact", { NULL, NULL, "MSI" } },
  { "modifiedSubAvailabilityImpact", { NULL, NULL, "MSA" } },
  { "Safety", { NULL, NULL, "S" } },
  { "Automatable", { NULL, NULL, "AU" } },
  { "Recovery", { NULL, NULL, "R" } },
  { "valueDensity", { NULL, NULL, "V" } },
  { "vulnerabilityResponseEffort", { NULL, NULL, "RE" } },
  { "providerUrgency", { NULL, NULL, "U" } },
};

/* Words are abbreviated to their first letter; these are not. */
static Str letters_of(Str word, Generation g, const char *metric) {
  static const char *const longer[][2] = {
    { "PROOF_OF_CONCEPT", "POC" }, { "OFFICIAL_FIX", "OF" }, { "TEMPORARY_FIX", "TF" }, { "UNCONFIRMED", "UC" },
    { "UNCORROBORATED", "UR" },    { "LOW_MEDIUM", "LM" },   { "MEDIUM_HIGH", "MH" },   { "NOT_DEFINED", "ND" },
  };
  for (size_t i = 0; g == V2 && i < COUNT(longer); i++)
    if (str_eq(word, str_of(longer[i][0]))) return str_of(longer[i][1]);
  if (str_eq(word, S("NOT_DEFINED"))) return S("X");
  if (g == V4 && *metric == 'U' && !metric[1])                       /* Red, Amber, Green, Clear */
    return str_eq(word, S("RED")) ? S("Red") : str_eq(word, S("AMBER")) ? S("Amber")
         : str_eq(word, S("GREEN")) ? S("Green") : S("Clear");
  return str_head(word, 1);
}

static Str metric_of(Str vector, const char *metric, Generation g) {
  Str one, name, value;
  while (vector.n) {
    (void)str_cut(vector, '/', &one, &vector);
    if (str_cut(one, ':', &name, &value) && str_eq(name, str_of(metric))) return value;
  }
  return g == V2 ? S("ND") : S("X");
}

static void consistent(Csaf *c, JVal *score, Generation g, Str where) {
  Str vector = json_text(score, "vectorString");
  for (size_t i = 0; i < COUNT(properties); i++) {
    const char *metric = properties[i].metric[g];
    Str word = json_text(score, properties[i].name);
    if (!metric || !word.n) continue;
    Str said = letters_of(word, g, metric), in_vector = metric_of(vector, metric, g);
    if (!str_eq(said, in_vector))
      csaf_fault(c, "6.1.10", csaf_at(c, "%.*s/%s", STR(where), properties[i].name),
                 "it is %.*s, the vector says %s:%.*s", STR(word), metric, STR(in_vector));
  }
}

bool csaf_is_score_member(unsigned generation, Str name) {
  static const char *const always[] = { "version", "vectorString", "baseScore", "environmentalScore", "temporalScore",
                                        NULL };
  static const char *const severities[] = { "baseSeverity", "environmentalSeverity", "temporalSeverity", NULL };
  static const char *const scores_of_4[] = { "threatScore", "threatSeverity", NULL };
  if (is_one_of(name, always) || (generation > 2 && is_one_of(name, severities))) return true;
  if (generation == 4 && is_one_of(name, scores_of_4)) return true;
  for (size_t i = 0; i < COUNT(properties); i++)
    if (properties[i].metric[generation - 2] && str_eq(name, str_of(properties[i].name))) return true;
  return false;
}

/* ---- 6.1.8 and 6.1.9 ---- */

/* A number with one decimal as tenths; -1: there is none, -2: it is no score. */
static int tenths_of(JVal *v) {
  if (!v) return -1;
  if (!yyjson_is_num(v)) return -2;
  double d = yyjson_get_num(v) * 10;
  int n = d >= 0 && d <= 100 ? (int)(d + 0.5) : -2;
  return n >= 0 && (d - n > 1e-6 || n - d > 1e-6) ? -2 : n;
}

static const char *severity_of(int x10) {
  return x10 == 0 ? "NONE" : x10 < 40 ? "LOW" : x10 < 70 ? "MEDIUM" : x10 < 90 ? "HIGH" : "CRITICAL";
}

static void computed(Csaf *c, JVal *score, const Cvss *v, Generation g, Str where) {
  int temporal = v->temporal_x10 >= 0 ? v->temporal_x10 : v->base_x10;
  const struct {
    const char *score, *severity;
    int x10;
  } all[] = { { "baseScore", "baseSeverity", v->base_x10 },
              { "temporalScore", "temporalSeverity", temporal },
              { "environmentalScore", "environmentalSeverity",
                v->environmental_x10 >= 0 ? v->environmental_x10 : temporal } };
  for (size_t i = 0; i < (g == V4 ? 1 : COUNT(all)); i++) {
    int given = tenths_of(json_get(score, all[i].score));
    Str word = json_text(score, all[i].severity);
    if (given >= 0 && given != all[i].x10)
      csaf_fault(c, "6.1.9", csaf_at(c, "%.*s/%s", STR(where), all[i].score), "it is %d.%d, the vector gives %d.%d",
                 given / 10, given % 10, all[i].x10 / 10, all[i].x10 % 10);
    if (word.n && g != V2 && !str_eq(word, str_of(severity_of(all[i].x10))))
      csaf_fault(c, "6.1.9", csaf_at(c, "%.*s/%s", STR(where), all[i].severity), "it is %.*s, the vector gives %s",
                 STR(word), severity_of(all[i].x10));
  }
}

static void one_score(Csaf *c, JVal *score, Generation g, Str where) {
  static const char *const versions[][2] = { { "2.0", "2.0" }, { "3.0", "3.1" }, { "4.0", "4.0" } };
  Str version = json_text(score, "version"), vector = json_text(score, "vectorString");
  Cx probe = { .arena = c->cx->arena };
  Cvss v;
  bool known = str_eq(version, str_of(versions[g][0])) || str_eq(version, str_of(versions[g][1]));
  if (!known)
    csaf_fault(c, "6.1.8", csaf_at(c, "%.*s/version", STR(where)), "it is '%.*s'", STR(str_head(version, 20)));
  if (tenths_of(json_get(score, "baseScore")) < 0)
    csaf_fault(c, "6.1.8", csaf_at(c, "%.*s/baseScore", STR(where)), "it is missing, or no score");
  if (g != V2 && !json_text(score, "baseSeverity").n)
    csaf_fault(c, "6.1.8", csaf_at(c, "%.*s/baseSeverity", STR(where)), "it is missing");
  if (cvss_read(&probe, vector, &v) != E_OK || (known && !str_eq(v.version, version))) {
    csaf_fault(c, "6.1.8", csaf_at(c, "%.*s/vectorString", STR(where)), "%.*s",
               STR(probe.words.n ? probe.words : S("the vector is of another version")));
    return;
  }
  computed(c, score, &v, g, where);
  consistent(c, score, g, where);
}

/* ---- 6.1.7 and the walk ---- */

static void once_for_each(Csaf *c, JVal *products, Str version, Map *seen, Str where) {
  JSON_EACH(id, products) {
    Str key = csaf_at(c, "%.*s|%.*s", STR(version), STR(json_str(id)));
    if (map_get(seen, key) != MAP_NONE)
      csaf_fault(c, "6.1.7", where, "%.*s has more than one score of CVSS %.*s", STR(json_str(id)), STR(version));
    map_put(seen, key, 1);
  }
}

static void score_list(Csaf *c, JVal *list, bool metrics, Str where) {
  Map seen = map_new(c->cx->arena, 16);
  size_t n = 0;
  JSON_EACH(item, list) {
    JVal *content = metrics ? json_get(item, "content") : item;
    for (size_t k = 0; k < COUNT(members); k++) {
      JVal *score = json_get(content, members[k]);
      Str here = csaf_at(c, "%.*s/%zu%s/%s", STR(where), n, metrics ? "/content" : "", members[k]);
      if (!score) continue;
      Str whose = metrics ? csaf_at(c, "%.*s %.*s", STR(json_text(score, "version")), STR(json_text(item, "source")))
                          : json_text(score, "version");
      once_for_each(c, json_get(item, "products"), whose, &seen, here);
      one_score(c, score, (Generation)k, here);
    }
    n++;
  }
}

void csaf_check_scores(Csaf *c) {
  size_t n = 0;
  JSON_EACH(v, c->vulnerabilities) {
    score_list(c, json_get(v, "scores"), false, csaf_at(c, "/vulnerabilities/%zu/scores", n));
    score_list(c, json_get(v, "metrics"), true, csaf_at(c, "/vulnerabilities/%zu/metrics", n));
    n++;
  }
}
