/* csaf_check_21.c - what CSAF 2.1 adds to the mandatory tests: 6.1.35 to 6.1.56, 6.1.62; and advice about the same. */
#include "vuln/csaf_check_inside.h"

#define NEVER INT64_MIN

/* ---- who may read it: 6.1.38 to 6.1.41 ---- */

static void sharing(Csaf *c) {
  static const struct { const char *id, *name; } reserved[] = {
    { "ffffffff-ffff-ffff-ffff-ffffffffffff", "Public" },
    { "00000000-0000-0000-0000-000000000000", "No sharing allowed" },
  };
  JVal *distribution = json_get(c->document, "distribution"), *group = json_get(distribution, "sharing_group");
  Str label = json_text(json_get(distribution, "tlp"), "label"), id = json_text(group, "id");
  Str name = json_text(group, "name"), at = S("/document/distribution/sharing_group/name");
  bool clear = str_eq(label, S("CLEAR")), all = str_eq(id, str_of(reserved[0].id));
  bool nobody = str_eq(id, str_of(reserved[1].id)), draft = str_eq(json_text(c->tracking, "status"), S("draft"));
  if (!json_get(distribution, "tlp")) csaf_fault(c, "schema", S("/document/distribution/tlp"), "it is missing");
  if (!group) return;
  if (all && !clear)
    csaf_fault(c, "6.1.38", S("/document/distribution/tlp/label"), "it is shared with all, and labelled '%.*s'",
               STR(str_head(label, 20)));
  if (clear && !all && !(nobody && draft))
    csaf_fault(c, "6.1.39", S("/document/distribution/sharing_group/id"), "a clear document is shared with all");
  for (size_t i = 0; i < COUNT(reserved); i++) {
    bool is = str_eq(id, str_of(reserved[i].id)), called = str_eq(name, str_of(reserved[i].name));
    if (called && !is) csaf_fault(c, "6.1.40", at, "the name '%s' is kept for another group", reserved[i].name);
    if (is && !called) csaf_fault(c, "6.1.41", at, "the name of this group is '%s'", reserved[i].name);
  }
}

/* ---- times: 6.1.37, 45, 49, 51, 52, 53 ---- */

/* NEVER: there is none, or it is no time.  A second 60 is a leap second. */
static int64_t time_at(Csaf *c, JVal *object, const char *key, Str where) {
  Str s = json_text(object, key);
  int64_t us = NEVER;
  if (!s.n) return NEVER;
  bool capital = s.n > 19 && s.p[10] == 'T' && str_find_char(s, 'z') == SIZE_MAX;
  if (capital && str_eq(str_slice(s, 17, 19), S("60")))
    s = csaf_at(c, "%.*s59%.*s", STR(str_slice(s, 0, 17)), STR(str_slice(s, 19, s.n)));
  if (capital && time_parse(s, &us)) return us;
  csaf_fault(c, "6.1.37", csaf_at(c, "%.*s/%s", STR(where), key), "'%.*s' is no time as 2026-01-31T10:00:00Z",
             STR(str_head(s, 40)));
  return NEVER;
}

static void not_after(Csaf *c, const char *test, int64_t at_us, int64_t newest_us, Str where) {
  if (at_us != NEVER && newest_us != NEVER && at_us > newest_us)
    csaf_fault(c, test, where, "it is later than the newest revision");
}

static int64_t document_times(Csaf *c) {
  int64_t newest = NEVER;
  size_t n = 0;
  Str at = S("/document/tracking");
  (void)time_at(c, c->tracking, "current_release_date", at);
  (void)time_at(c, c->tracking, "initial_release_date", at);
  (void)time_at(c, json_get(c->tracking, "generator"), "date", S("/document/tracking/generator"));
  JSON_EACH(r, json_get(c->tracking, "revision_history")) {
    int64_t us = time_at(c, r, "date", csaf_at(c, "/document/tracking/revision_history/%zu", n++));
    if (us > newest) newest = us;
  }
  return newest;
}

static void exploited(Csaf *c, JVal *v, int64_t newest_us, Str where) {
  size_t n = 0;
  JSON_EACH(known, json_get(v, "first_known_exploitation_dates")) {
    Str here = csaf_at(c, "%.*s/first_known_exploitation_dates/%zu", STR(where), n++);
    int64_t told = time_at(c, known, "date", here), done = time_at(c, known, "exploitation_date", here);
    not_after(c, "6.1.52", told, newest_us, csaf_at(c, "%.*s/date", STR(here)));
    not_after(c, "6.1.52", done, newest_us, csaf_at(c, "%.*s/exploitation_date", STR(here)));
    if (told != NEVER && done > told)
      csaf_fault(c, "6.1.53", csaf_at(c, "%.*s/exploitation_date", STR(here)), "it was known before it happened");
  }
}

/* newest_us: NEVER in a draft, which nothing binds yet. */
static void times(Csaf *c, JVal *v, int64_t newest_us, bool clear, Str where) {
  static const char *const lists[] = { "flags", "involvements", "remediations", "threats" };
  int64_t told = time_at(c, v, "disclosure_date", where), found = time_at(c, v, "discovery_date", where);
  Str found_at = csaf_at(c, "%.*s/discovery_date", STR(where));
  not_after(c, "6.1.62", found, newest_us, found_at);
  if (told != NEVER && found > told) csaf_fault(c, "6.1.62", found_at, "it was disclosed before it was found");
  if (told != NEVER && c->newest_us != NEVER && told > c->newest_us && told < c->cx->now_us)
    csaf_fault(c, "6.2.33", csaf_at(c, "%.*s/disclosure_date", STR(where)),
               "it has passed, and the newest revision is older");
  if (clear) not_after(c, "6.1.45", told, newest_us, csaf_at(c, "%.*s/disclosure_date", STR(where)));
  for (size_t i = 0; i < COUNT(lists); i++) {
    size_t n = 0;
    JSON_EACH(item, json_get(v, lists[i]))
      (void)time_at(c, item, "date", csaf_at(c, "%.*s/%s/%zu", STR(where), lists[i], n++));
  }
  exploited(c, v, newest_us, where);
}

/* ---- metrics: 6.1.46, 47, 49, 51, 56 ---- */

static bool is_list(JVal *v) { return yyjson_is_arr(v) && yyjson_arr_size(v) > 0; }

static void ssvc_fields(Csaf *c, JVal *ssvc, Str where) {
  static const char *const keys[] = { "namespace", "key", "version" };
  size_t n = 0;
  if (!str_eq(json_text(ssvc, "schemaVersion"), S("2.0.0")) || !is_list(json_get(ssvc, "selections")) ||
      !json_text(ssvc, "timestamp").n)
    csaf_fault(c, "6.1.46", where, "schemaVersion 2.0.0, selections and timestamp are needed");
  JSON_EACH(one, json_get(ssvc, "selections")) {
    bool whole = is_list(json_get(one, "values"));
    for (size_t i = 0; i < COUNT(keys); i++) whole &= json_text(one, keys[i]).n > 0;
    JSON_EACH(value, json_get(one, "values")) whole &= json_text(value, "key").n > 0;
    if (!whole)
      csaf_fault(c, "6.1.46", csaf_at(c, "%.*s/selections/%zu", STR(where), n),
                 "namespace, key, version and values with their keys are needed");
    n++;
  }
}

static void ssvc_targets(Csaf *c, JVal *v, JVal *ssvc, Str where) {
  bool alone = yyjson_arr_size(c->vulnerabilities) == 1;
  size_t n = 0;
  JSON_EACH(target, json_get(ssvc, "target_ids")) {
    Str id = json_str(target);
    bool known = str_eq(id, json_text(v, "cve")) || (alone && str_eq(id, c->report->id));
    JSON_EACH(other, json_get(v, "ids")) known |= str_eq(id, json_text(other, "text"));
    if (!known)
      csaf_fault(c, "6.1.47", csaf_at(c, "%.*s/target_ids/%zu", STR(where), n), "%.*s is not this vulnerability",
                 STR(str_head(id, 80)));
    n++;
  }
}

/* One source says of a product either a CVSS score or a word. */
static void rated_once(Csaf *c, JVal *metric, Map *seen, Str where) {
  enum { WORD = 1, SCORE = 2 };
  static const char *const scores[] = { "cvss_v2", "cvss_v3", "cvss_v4" };
  JVal *content = json_get(metric, "content");
  size_t kind = json_get(content, "qualitative_severity_rating") ? WORD : 0;
  for (size_t i = 0; i < COUNT(scores); i++) if (json_get(content, scores[i])) kind |= SCORE;
  JSON_EACH(product, json_get(metric, "products")) {
    Str key = csaf_at(c, "%.*s %.*s", STR(json_str(product)), STR(json_text(metric, "source")));
    size_t before = map_get(seen, key), now = (before == MAP_NONE ? 0 : before) | kind;
    if (now == (WORD | SCORE))
      csaf_fault(c, "6.1.56", where, "%.*s is rated by a score and by a word", STR(str_head(json_str(product), 80)));
    map_put(seen, key, now);
  }
}

static void metrics(Csaf *c, JVal *v, int64_t newest_us, Str where) {
  enum { DAYS = 15 };
  Map seen = map_new(c->cx->arena, 16);
  size_t n = 0;
  int64_t youngest_us = NEVER;
  JSON_EACH(metric, json_get(v, "metrics")) {
    Str here = csaf_at(c, "%.*s/metrics/%zu/content", STR(where), n++);
    JVal *content = json_get(metric, "content"), *ssvc = json_get(content, "ssvc_v2"),
         *epss = json_get(content, "epss");
    Str in_ssvc = csaf_at(c, "%.*s/ssvc_v2", STR(here)), in_epss = csaf_at(c, "%.*s/epss", STR(here));
    rated_once(c, metric, &seen, here);
    int64_t epss_us = time_at(c, epss, "timestamp", in_epss);
    if (epss_us > youngest_us) youngest_us = epss_us;
    not_after(c, "6.1.51", epss_us, newest_us, csaf_at(c, "%.*s/timestamp", STR(in_epss)));
    if (!ssvc) continue;
    ssvc_fields(c, ssvc, in_ssvc);
    ssvc_targets(c, v, ssvc, in_ssvc);
    not_after(c, "6.1.49", time_at(c, ssvc, "timestamp", in_ssvc), newest_us,
              csaf_at(c, "%.*s/timestamp", STR(in_ssvc)));
  }
  if (youngest_us != NEVER && newest_us != NEVER && newest_us - youngest_us > DAYS * INT64_C(86400000000))
    csaf_fault(c, "6.2.41", csaf_at(c, "%.*s/metrics", STR(where)),
               "the EPSS is more than %d days older than the newest revision", DAYS);
}

/* ---- remediations: 6.1.35 and 6.1.36 ---- */

enum {
  FIX_PLANNED = 1,
  MITIGATION = 2,
  NO_FIX_PLANNED = 4,
  NONE_AVAILABLE = 8,
  OPTIONAL_PATCH = 16,
  VENDOR_FIX = 32,
  WORKAROUND = 64
};
static const struct { const char *name; unsigned bit, against; } categories[] = {
  { "fix_planned", FIX_PLANNED, NO_FIX_PLANNED | NONE_AVAILABLE | OPTIONAL_PATCH | VENDOR_FIX },
  { "mitigation", MITIGATION, NONE_AVAILABLE | OPTIONAL_PATCH },
  { "no_fix_planned", NO_FIX_PLANNED, FIX_PLANNED | NONE_AVAILABLE | OPTIONAL_PATCH | VENDOR_FIX },
  { "none_available", NONE_AVAILABLE, ~(unsigned)NONE_AVAILABLE },
  { "optional_patch", OPTIONAL_PATCH, ~(unsigned)OPTIONAL_PATCH },
  { "vendor_fix", VENDOR_FIX, FIX_PLANNED | NO_FIX_PLANNED | NONE_AVAILABLE | OPTIONAL_PATCH },
  { "workaround", WORKAROUND, NONE_AVAILABLE | OPTIONAL_PATCH },
};
/* What contradicts a status, and what is discouraged beside it. */
static const struct { unsigned against, better_not; } groups[CSAF_GROUPS] = {
  [CSAF_AFFECTED] = { OPTIONAL_PATCH, 0 },
  [CSAF_NOT_AFFECTED] = { WORKAROUND | MITIGATION | VENDOR_FIX | NONE_AVAILABLE, FIX_PLANNED | NO_FIX_PLANNED },
  [CSAF_FIXED] = { NONE_AVAILABLE | FIX_PLANNED | NO_FIX_PLANNED | VENDOR_FIX | MITIGATION | WORKAROUND,
                   OPTIONAL_PATCH },
  [CSAF_UNDER_INVESTIGATION] = { 0, WORKAROUND | MITIGATION | VENDOR_FIX | FIX_PLANNED },
  [CSAF_UNKNOWN] = { 0, WORKAROUND | MITIGATION | VENDOR_FIX | FIX_PLANNED },
};

static void one_remediation(Csaf *c, size_t k, Str id, size_t before, size_t status, Str where) {
  const char *name = categories[k].name;
  Str product = str_head(id, 80);
  if (before & categories[k].against)
    csaf_fault(c, "6.1.35", where, "%s of %.*s contradicts what was said of it before", name, STR(product));
  for (unsigned g = 1; g < CSAF_GROUPS; g++) {
    if (!(status & (1u << g))) continue;
    if (groups[g].against & categories[k].bit)
      csaf_fault(c, "6.1.36", where, "%s contradicts the status of %.*s", name, STR(product));
    if (groups[g].better_not & categories[k].bit)
      csaf_fault(c, "6.2.27", where, "%s is discouraged beside the status of %.*s", name, STR(product));
  }
}

static void remediations(Csaf *c, JVal *v, Str where) {
  Map said = map_new(c->cx->arena, 64), status_of = map_new(c->cx->arena, 64);
  size_t n = 0;
  JSON_MEMBERS(key, list, json_get(v, "product_status"))
    JSON_EACH(id, list) {
      size_t before = map_get(&status_of, json_str(id));
      map_put(&status_of, json_str(id), (before == MAP_NONE ? 0 : before) | 1u << csaf_group_of(json_str(key)));
    }
  JSON_EACH(r, json_get(v, "remediations")) {
    Str here = csaf_at(c, "%.*s/remediations/%zu", STR(where), n++), category = json_text(r, "category");
    CsafIds ids = csaf_named(c, r);
    size_t k = 0;
    while (k < COUNT(categories) && !str_eq(category, str_of(categories[k].name))) k++;
    if (k == COUNT(categories)) continue;
    for (size_t i = 0; i < ids.n; i++) {
      size_t before = map_get(&said, ids.p[i]), status = map_get(&status_of, ids.p[i]);
      if (before == MAP_NONE) before = 0;
      one_remediation(c, k, ids.p[i], before, status == MAP_NONE ? 0 : status, here);
      map_put(&said, ids.p[i], before | categories[k].bit);
    }
  }
}

void csaf_check_21(Csaf *c) {
  size_t n = 0;
  Str status = json_text(c->tracking, "status");
  bool bound = str_eq(status, S("final")) || str_eq(status, S("interim"));
  bool clear = str_eq(json_text(json_get(json_get(c->document, "distribution"), "tlp"), "label"), S("CLEAR"));
  sharing(c);
  int64_t newest_us = c->newest_us = document_times(c);
  if (!bound) newest_us = NEVER;
  JSON_EACH(v, c->vulnerabilities) {
    Str where = csaf_at(c, "/vulnerabilities/%zu", n++);
    times(c, v, newest_us, clear, where);
    metrics(c, v, newest_us, where);
    remediations(c, v, where);
  }
}
