/* csaf_check_vuln.c - vulnerabilities of a document: weaknesses, duplicates, statements about no product. */
#include "vuln/csaf_check_inside.h"

/* Whether the CWE lets a vulnerability be called so; with review: a more precise one is mostly better. */
typedef enum Mapping { ALLOWED, REVIEW, NOT_ALLOWED } Mapping;

/* The weaknesses that advisories name most, by their names in the CWE.  A number that is not here is not judged. */
static const struct {
  int64_t id;
  Mapping mapping;
  const char *name;
} weaknesses[] = {
  { 20, NOT_ALLOWED, "Improper Input Validation" },
  { 22, ALLOWED, "Improper Limitation of a Pathname to a Restricted Directory ('Path Traversal')" },
  { 77, REVIEW, "Improper Neutralization of Special Elements used in a Command ('Command Injection')" },
  { 78, ALLOWED, "Improper Neutralization of Special Elements used in an OS Command ('OS Command Injection')" },
  { 79, ALLOWED, "Improper Neutralization of Input During Web Page Generation ('Cross-site Scripting')" },
  { 89, ALLOWED, "Improper Neutralization of Special Elements used in an SQL Command ('SQL Injection')" },
  { 94, REVIEW, "Improper Control of Generation of Code ('Code Injection')" },
  { 119, NOT_ALLOWED, "Improper Restriction of Operations within the Bounds of a Memory Buffer" },
  { 120, REVIEW, "Buffer Copy without Checking Size of Input ('Classic Buffer Overflow')" },
  { 121, ALLOWED, "Stack-based Buffer Overflow" },
  { 122, ALLOWED, "Heap-based Buffer Overflow" },
  { 125, ALLOWED, "Out-of-bounds Read" },
  { 190, ALLOWED, "Integer Overflow or Wraparound" },
  { 200, NOT_ALLOWED, "Exposure of Sensitive Information to an Unauthorized Actor" },
  { 250, ALLOWED, "Execution with Unnecessary Privileges" },
  { 269, NOT_ALLOWED, "Improper Privilege Management" },
  { 276, ALLOWED, "Incorrect Default Permissions" },
  { 284, NOT_ALLOWED, "Improper Access Control" },
  { 287, NOT_ALLOWED, "Improper Authentication" },
  { 295, ALLOWED, "Improper Certificate Validation" },
  { 306, ALLOWED, "Missing Authentication for Critical Function" },
  { 307, ALLOWED, "Improper Restriction of Excessive Authentication Attempts" },
  { 311, NOT_ALLOWED, "Missing Encryption of Sensitive Data" },
  { 319, ALLOWED, "Cleartext Transmission of Sensitive Information" },
  { 327, REVIEW, "Use of a Broken or Risky Cryptographic Algorithm" },
  { 345, NOT_ALLOWED, "Insufficient Verification of Data Authenticity" },
  { 347, ALLOWED, "Improper Verification of Cryptographic Signature" },
  { 352, ALLOWED, "Cross-Site Request Forgery (CSRF)" },
  { 362, REVIEW, "Concurrent Execution using Shared Resource with Improper Synchronization ('Race Condition')" },
  { 384, ALLOWED, "Session Fixation" },
  { 400, NOT_ALLOWED, "Uncontrolled Resource Consumption" },
  { 415, ALLOWED, "Double Free" },
  { 416, ALLOWED, "Use After Free" },
  { 427, ALLOWED, "Uncontrolled Search Path Element" },
  { 434, ALLOWED, "Unrestricted Upload of File with Dangerous Type" },
  { 476, ALLOWED, "NULL Pointer Dereference" },
  { 502, ALLOWED, "Deserialization of Untrusted Data" },
  { 521, ALLOWED, "Weak Password Requirements" },
  { 522, REVIEW, "Insufficiently Protected Credentials" },
  { 601, ALLOWED, "URL Redirection to Untrusted Site ('Open Redirect')" },
  { 611, ALLOWED, "Improper Restriction of XML External Entity Reference" },
  { 613, ALLOWED, "Insufficient Session Expiration" },
  { 732, REVIEW, "Incorrect Permission Assignment for Critical Resource" },
  { 770, ALLOWED, "Allocation of Resources Without Limits or Throttling" },
  { 787, ALLOWED, "Out-of-bounds Write" },
  { 798, ALLOWED, "Use of Hard-coded Credentials" },
  { 862, REVIEW, "Missing Authorization" },
  { 863, REVIEW, "Incorrect Authorization" },
  { 918, ALLOWED, "Server-Side Request Forgery (SSRF)" },
};

/* Categories that were taken for weaknesses, and weaknesses that were taken back. */
static const int64_t categories[] = { 16, 19, 189, 254, 255, 264, 265, 275, 310, 320, 361, 388, 398, 399, 417 };
static const int64_t deprecated[] = { 71,  92,  132, 217, 218, 225, 247, 249, 292, 365, 373,  423,
                                      443, 458, 516, 533, 534, 542, 545, 592, 596, 769, 1187, 1324 };

static bool is_among(int64_t id, const int64_t *list, size_t n) {
  for (size_t i = 0; i < n; i++)
    if (list[i] == id) return true;
  return false;
}

/* When each version of the CWE came out, day by day. */
static const struct { const char *version, *day; } releases[] = {
  { "3.0", "2017-11-16" },  { "3.1", "2018-03-29" },  { "3.2", "2019-01-03" },  { "3.3", "2019-06-20" },
  { "3.4", "2019-09-19" },  { "3.4.1", "2019-09-23" }, { "4.0", "2020-02-24" }, { "4.1", "2020-06-25" },
  { "4.2", "2020-08-20" },  { "4.3", "2020-12-10" },  { "4.4", "2021-03-15" },  { "4.5", "2021-07-20" },
  { "4.6", "2021-10-28" },  { "4.7", "2022-04-28" },  { "4.8", "2022-06-28" },  { "4.9", "2022-10-13" },
  { "4.10", "2023-01-31" }, { "4.11", "2023-04-27" }, { "4.12", "2023-06-29" }, { "4.13", "2023-10-26" },
  { "4.14", "2024-02-29" }, { "4.15", "2024-07-16" }, { "4.16", "2024-11-19" }, { "4.17", "2025-04-03" },
  { "4.18", "2025-09-09" }, { "4.19", "2025-12-11" },
};

/* The version that was the newest on the day of the last revision.  A version that is not listed is newer than all. */
static void cwe_version(Csaf *c, Str version, Str where) {
  Str last = STR_NONE;
  size_t newest = COUNT(releases), given = COUNT(releases);
  JSON_EACH(r, json_get(c->tracking, "revision_history")) {
    Str day = str_slice(json_text(r, "date"), 0, 10);
    if (json_text(r, "date").n > 10 && (!last.n || str_cmp(day, last) > 0)) last = day;
  }
  for (size_t i = 0; i < COUNT(releases); i++) {
    if (last.n && str_cmp(str_of(releases[i].day), last) <= 0) newest = i;
    if (str_eq(version, str_of(releases[i].version))) given = i;
  }
  if (!version.n || newest == COUNT(releases) || given == newest) return;
  if (given == COUNT(releases) && newest == COUNT(releases) - 1) return;
  csaf_fault(c, "6.2.24", where, "of the day of the last revision the CWE is %s, not %.*s", releases[newest].version,
             STR(str_head(version, 20)));
}

static void mapped(Csaf *c, JVal *cwe, int64_t id, Str where) {
  Mapping mapping = is_among(id, categories, COUNT(categories)) ? NOT_ALLOWED : ALLOWED;
  for (size_t i = 0; i < COUNT(weaknesses); i++)
    if (weaknesses[i].id == id) mapping = weaknesses[i].mapping;
  if (is_among(id, deprecated, COUNT(deprecated)) || str_starts(json_text(cwe, "name"), S("DEPRECATED"))) {
    csaf_fault(c, "6.2.23", where, "CWE-%lld is deprecated", (long long)id);
    mapping = NOT_ALLOWED;
  }
  if (mapping == NOT_ALLOWED)
    csaf_fault(c, "6.2.25", where, "the CWE does not want vulnerabilities called CWE-%lld", (long long)id);
  if (mapping == REVIEW)
    csaf_fault(c, "6.2.26", where, "CWE-%lld is to be reviewed: another may be more precise", (long long)id);
  cwe_version(c, json_text(cwe, "version"), csaf_at(c, "%.*s/version", STR(where)));
}

static void weakness(Csaf *c, JVal *cwe, Str where) {
  Str id = json_text(cwe, "id"), name = json_text(cwe, "name");
  int64_t n = 0;
  if (!cwe) return;
  if (!str_starts(id, S("CWE-")) || !str_int(str_slice(id, 4, id.n), &n) || n <= 0) {
    csaf_fault(c, "6.1.11", where, "'%.*s' is no weakness", STR(str_head(id, 40)));
    return;
  }
  for (size_t i = 0; i < COUNT(weaknesses); i++)
    if (weaknesses[i].id == n && !str_eq(name, str_of(weaknesses[i].name)))
      csaf_fault(c, "6.1.11", where, "%.*s is called \"%s\"", STR(id), weaknesses[i].name);
  if (c->new_rules) mapped(c, cwe, n, where);
}

/* ---- duplicates ---- */

static void involvements(Csaf *c, JVal *vulnerability, Str where) {
  Map seen = map_new(c->cx->arena, 8);
  size_t n = 0;
  JSON_EACH(i, json_get(vulnerability, "involvements")) {
    int64_t at_us = 0;
    Str day = json_text(i, "date");
    (void)time_parse(day, &at_us);
    Str key = csaf_at(c, "%.*s|%lld|%d", STR(json_text(i, "party")), (long long)at_us, day.n > 0);
    if (map_get(&seen, key) != MAP_NONE)
      csaf_fault(c, "6.1.24", csaf_at(c, "%.*s/involvements/%zu", STR(where), n),
                 "%.*s is involved twice at the same time", STR(json_text(i, "party")));
    map_put(&seen, key, 1);
    n++;
  }
}

static bool is_vex_flag(Str label) {
  static const char *const labels[] = { "component_not_present", "vulnerable_code_not_present",
                                        "vulnerable_code_not_in_execute_path",
                                        "vulnerable_code_cannot_be_controlled_by_adversary",
                                        "inline_mitigations_already_exist" };
  for (size_t i = 0; i < COUNT(labels); i++)
    if (str_eq(label, str_of(labels[i]))) return true;
  return false;
}

static void flags(Csaf *c, JVal *vulnerability, Str where) {
  Map seen = map_new(c->cx->arena, 16);
  size_t n = 0;
  JSON_EACH(f, json_get(vulnerability, "flags")) {
    Str here = csaf_at(c, "%.*s/flags/%zu", STR(where), n++);
    Map mine = map_new(c->cx->arena, 16);
    CsafIds ids = csaf_named(c, f);
    if (!json_get(f, "product_ids") && !json_get(f, "group_ids"))
      csaf_fault(c, "6.1.32", here, "the flag names no product");
    for (size_t i = 0; i < ids.n && is_vex_flag(json_text(f, "label")); i++) {
      if (map_get(&mine, ids.p[i]) != MAP_NONE) continue;
      map_put(&mine, ids.p[i], 1);
      if (map_get(&seen, ids.p[i]) != MAP_NONE)
        csaf_fault(c, "6.1.33", here, "%.*s has more than one justification", STR(str_head(ids.p[i], 80)));
      map_put(&seen, ids.p[i], 1);
    }
  }
}

static void remediations(Csaf *c, JVal *vulnerability, Str where) {
  size_t n = 0;
  JSON_EACH(r, json_get(vulnerability, "remediations")) {
    if (!json_get(r, "product_ids") && !json_get(r, "group_ids"))
      csaf_fault(c, "6.1.29", csaf_at(c, "%.*s/remediations/%zu", STR(where), n), "it names no product");
    n++;
  }
}

void csaf_check_vulnerabilities(Csaf *c) {
  Map seen = map_new(c->cx->arena, 64);
  size_t n = 0, k;
  JSON_EACH(v, c->vulnerabilities) {
    Str where = csaf_at(c, "/vulnerabilities/%zu", n++), cve = json_text(v, "cve");
    if (cve.n && map_get(&seen, cve) != MAP_NONE)
      csaf_fault(c, "6.1.23", csaf_at(c, "%.*s/cve", STR(where)), "%.*s stands twice", STR(cve));
    map_put(&seen, cve, 1);
    weakness(c, json_get(v, "cwe"), csaf_at(c, "%.*s/cwe", STR(where)));
    k = 0;
    JSON_EACH(cwe, json_get(v, "cwes")) weakness(c, cwe, csaf_at(c, "%.*s/cwes/%zu", STR(where), k++));
    involvements(c, v, where);
    flags(c, v, where);
    remediations(c, v, where);
  }
}
