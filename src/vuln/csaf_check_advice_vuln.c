/* csaf_check_advice_vuln.c - recommended and informative tests of vulnerabilities: ids, scores, what helps. */
#include "vuln/csaf_check_inside.h"

static const char *const cvss[] = { "cvss_v2", "cvss_v3", "cvss_v4" };

/* CSAF 2.0 has scores, 2.1 metrics with their content. */
static JVal *scores_of(const Csaf *c, JVal *v) { return json_get(v, c->new_rules ? "metrics" : "scores"); }
static JVal *content_of(const Csaf *c, JVal *score) { return c->new_rules ? json_get(score, "content") : score; }
static Str score_at(Csaf *c, Str where, size_t n) {
  return csaf_at(c, "%.*s/%s/%zu%s", STR(where), c->new_rules ? "metrics" : "scores", n,
                 c->new_rules ? "/content" : "");
}

/* ---- 6.2.2, 6.2.3, 6.3.12: products without a word ---- */

static void put_all(Map *m, CsafIds ids) {
  for (size_t i = 0; i < ids.n; i++) map_put(m, ids.p[i], 1);
}

static void lacking(Csaf *c, const char *test, CsafIds ids, const Map *have, const char *what, Str where) {
  for (size_t i = 0; i < ids.n; i++)
    if (map_get(have, ids.p[i]) == MAP_NONE)
      csaf_fault(c, test, where, "%.*s has no %s", STR(str_head(ids.p[i], 80)), what);
}

static bool has_cvss(JVal *content) {
  for (size_t i = 0; i < COUNT(cvss); i++)
    if (json_get(content, cvss[i])) return true;
  return false;
}

static void covered(Csaf *c, JVal *v, Str where) {
  Map helped = map_new(c->cx->arena, 16), measured = map_new(c->cx->arena, 16), scored = map_new(c->cx->arena, 16);
  CsafIds affected = csaf_in_group(c, v, CSAF_AFFECTED);
  Str at = csaf_at(c, "%.*s/product_status", STR(where));
  JSON_EACH(r, json_get(v, "remediations")) put_all(&helped, csaf_named(c, r));
  JSON_EACH(score, scores_of(c, v))
    JSON_EACH(id, json_get(score, "products")) {
      map_put(&measured, json_str(id), 1);
      if (has_cvss(content_of(c, score))) map_put(&scored, json_str(id), 1);
    }
  lacking(c, "6.2.2", affected, &helped, "remediation", at);
  lacking(c, "6.2.2", csaf_in_group(c, v, CSAF_UNDER_INVESTIGATION), &helped, "remediation", at);
  lacking(c, "6.2.3", affected, &measured, c->new_rules ? "metric" : "score", at);
  if (c->new_rules) lacking(c, "6.3.12", affected, &scored, "score of CVSS 4.0, nor of another", at);
}

/* ---- 6.2.19: what is fixed has a score of 0 ---- */

/* By the vector; a member beside it says what the vector leaves out. */
static bool scores_nothing(Csaf *c, JVal *content) {
  static const char *const impacts[] = { "modifiedConfidentialityImpact", "modifiedIntegrityImpact",
                                         "modifiedAvailabilityImpact" };
  for (size_t i = 0; i < COUNT(cvss); i++) {
    Cx probe = { .arena = c->cx->arena };
    JVal *score = json_get(content, cvss[i]), *said = json_get(score, "environmentalScore");
    Cvss computed;
    if (!score) continue;
    if (yyjson_is_num(said) && yyjson_get_num(said) == 0) continue;
    if (str_eq(json_text(score, "targetDistribution"), S("NONE"))) continue;
    size_t none = 0;
    for (size_t k = 0; k < COUNT(impacts); k++) none += str_eq(json_text(score, impacts[k]), S("NONE"));
    if (none == COUNT(impacts)) continue;
    if (cvss_read(&probe, json_text(score, "vectorString"), &computed) != E_OK || computed.score_x10) return false;
  }
  return true;
}

static void fixed(Csaf *c, JVal *v, Str where) {
  Map done = map_new(c->cx->arena, 16);
  size_t n = 0;
  put_all(&done, csaf_in_group(c, v, CSAF_FIXED));
  JSON_EACH(score, scores_of(c, v)) {
    Str here = score_at(c, where, n++);
    if (!has_cvss(content_of(c, score)) || scores_nothing(c, content_of(c, score))) continue;
    JSON_EACH(id, json_get(score, "products"))
      if (map_get(&done, json_str(id)) != MAP_NONE)
        csaf_fault(c, "6.2.19", here, "%.*s is fixed, and its score is not 0", STR(str_head(json_str(id), 80)));
  }
}

/* ---- scores: 6.2.47, 6.3.1, 6.3.2, 6.3.12, 6.3.18 ---- */

static bool is_own(const Csaf *c, Str source) {
  if (!source.n) return true;
  JSON_EACH(r, json_get(c->document, "references"))
    if (str_eq(json_text(r, "category"), S("self")) && str_eq(json_text(r, "url"), source)) return true;
  return false;
}

static void scores(Csaf *c, JVal *v, Str where) {
  size_t n = 0;
  JSON_EACH(score, scores_of(c, v)) {
    Str here = score_at(c, where, n++);
    JVal *content = content_of(c, score), *v3 = json_get(content, "cvss_v3");
    if (json_get(content, "cvss_v2") && !v3 && !json_get(content, "cvss_v4"))
      csaf_fault(c, "6.3.1", here, "CVSS 2 is the only score");
    if (str_eq(json_text(v3, "version"), S("3.0")) || str_starts(json_text(v3, "vectorString"), S("CVSS:3.0/")))
      csaf_fault(c, "6.3.2", csaf_at(c, "%.*s/cvss_v3", STR(here)), "CVSS 3.0 was followed by 3.1");
    if (!c->new_rules) continue;
    if (has_cvss(content) && !json_get(content, "cvss_v4")) csaf_fault(c, "6.3.12", here, "it has no CVSS 4.0");
    if (!json_get(content, "qualitative_severity_rating")) continue;
    csaf_fault(c, "6.3.18", here, "a word is no score");
    if (is_own(c, json_text(score, "source"))) csaf_fault(c, "6.2.47", here, "the publisher rates by a word");
  }
}

/* ---- ids: 6.2.17, 6.2.53, 6.3.3, 6.3.20 ---- */

/* The registry of vulnerability ID systems: its systems and the form of their ids. */
static bool is_issue(Str s) {
  return s.n > 1 && s.p[0] == '#' && s.p[1] != '0' && all_digits(str_slice(s, 1, s.n));
}

static bool is_yearly(Str s, Str prefix) {
  Str year, number;
  if (!str_starts(s, prefix) || !str_cut(str_slice(s, prefix.n, s.n), '-', &year, &number)) return false;
  return year.n == 4 && all_digits(year) && number.n >= 4 && all_digits(number);
}

static bool is_cve(Str s) { return is_yearly(s, S("CVE-")); }
static bool is_euvd(Str s) { return is_yearly(s, S("EUVD-")) && s.p[5] != '0'; }

static const struct { const char *system; bool (*fits)(Str id); } systems[] = {
  { "https://github.com/oasis-tcs/csaf", is_issue },
  { "https://euvd.enisa.europa.eu", is_euvd },
};

static void ids(Csaf *c, JVal *v, Str where) {
  size_t n = 0;
  if (!json_get(v, "cve")) csaf_fault(c, "6.3.3", csaf_at(c, "%.*s/cve", STR(where)), "it is missing");
  JSON_EACH(id, json_get(v, "ids")) {
    Str here = csaf_at(c, "%.*s/ids/%zu", STR(where), n++), text = json_text(id, "text");
    size_t k = 0;
    if (is_cve(text)) csaf_fault(c, "6.2.17", here, "%.*s is a CVE and stands in cve", STR(str_head(text, 40)));
    if (!c->new_rules) continue;
    while (k < COUNT(systems) && !str_eq(json_text(id, "system_name"), str_of(systems[k].system))) k++;
    if (k == COUNT(systems))
      csaf_fault(c, "6.3.20", csaf_at(c, "%.*s/system_name", STR(here)), "the system is not registered");
    else if (!systems[k].fits(text))
      csaf_fault(c, "6.2.53", csaf_at(c, "%.*s/text", STR(here)), "ids of this system look otherwise");
  }
}

void csaf_check_advice_vulnerabilities(Csaf *c) {
  size_t n = 0;
  JSON_EACH(v, c->vulnerabilities) {
    Str where = csaf_at(c, "/vulnerabilities/%zu", n++);
    size_t k = 0;
    covered(c, v, where);
    fixed(c, v, where);
    scores(c, v, where);
    ids(c, v, where);
    if (!json_get(v, "cwe") && !json_get(v, "cwes")) csaf_fault(c, "6.3.4", where, "no weakness is named");
    JSON_EACH(i, json_get(v, "involvements")) {
      if (!json_text(i, "date").n)
        csaf_fault(c, "6.2.7", csaf_at(c, "%.*s/involvements/%zu", STR(where), k), "its date is missing");
      k++;
    }
  }
}
