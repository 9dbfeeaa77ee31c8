/* csaf_check_vuln.c - vulnerabilities of a document: weaknesses, duplicates, statements about no product. */
#include "vuln/csaf_check_inside.h"

/* The weaknesses that advisories name most, by their names in the CWE.  A number that is not here is not judged. */
static const struct {
  int64_t id;
  const char *name;
} weaknesses[] = {
  { 20, "Improper Input Validation" },
  { 22, "Improper Limitation of a Pathname to a Restricted Directory ('Path Traversal')" },
  { 77, "Improper Neutralization of Special Elements used in a Command ('Command Injection')" },
  { 78, "Improper Neutralization of Special Elements used in an OS Command ('OS Command Injection')" },
  { 79, "Improper Neutralization of Input During Web Page Generation ('Cross-site Scripting')" },
  { 89, "Improper Neutralization of Special Elements used in an SQL Command ('SQL Injection')" },
  { 94, "Improper Control of Generation of Code ('Code Injection')" },
  { 119, "Improper Restriction of Operations within the Bounds of a Memory Buffer" },
  { 120, "Buffer Copy without Checking Size of Input ('Classic Buffer Overflow')" },
  { 121, "Stack-based Buffer Overflow" },
  { 122, "Heap-based Buffer Overflow" },
  { 125, "Out-of-bounds Read" },
  { 190, "Integer Overflow or Wraparound" },
  { 200, "Exposure of Sensitive Information to an Unauthorized Actor" },
  { 250, "Execution with Unnecessary Privileges" },
  { 269, "Improper Privilege Management" },
  { 276, "Incorrect Default Permissions" },
  { 284, "Improper Access Control" },
  { 287, "Improper Authentication" },
  { 295, "Improper Certificate Validation" },
  { 306, "Missing Authentication for Critical Function" },
  { 307, "Improper Restriction of Excessive Authentication Attempts" },
  { 311, "Missing Encryption of Sensitive Data" },
  { 319, "Cleartext Transmission of Sensitive Information" },
  { 327, "Use of a Broken or Risky Cryptographic Algorithm" },
  { 345, "Insufficient Verification of Data Authenticity" },
  { 347, "Improper Verification of Cryptographic Signature" },
  { 352, "Cross-Site Request Forgery (CSRF)" },
  { 362, "Concurrent Execution using Shared Resource with Improper Synchronization ('Race Condition')" },
  { 384, "Session Fixation" },
  { 400, "Uncontrolled Resource Consumption" },
  { 415, "Double Free" },
  { 416, "Use After Free" },
  { 427, "Uncontrolled Search Path Element" },
  { 434, "Unrestricted Upload of File with Dangerous Type" },
  { 476, "NULL Pointer Dereference" },
  { 502, "Deserialization of Untrusted Data" },
  { 521, "Weak Password Requirements" },
  { 522, "Insufficiently Protected Credentials" },
  { 601, "URL Redirection to Untrusted Site ('Open Redirect')" },
  { 611, "Improper Restriction of XML External Entity Reference" },
  { 613, "Insufficient Session Expiration" },
  { 732, "Incorrect Permission Assignment for Critical Resource" },
  { 770, "Allocation of Resources Without Limits or Throttling" },
  { 787, "Out-of-bounds Write" },
  { 798, "Use of Hard-coded Credentials" },
  { 862, "Missing Authorization" },
  { 863, "Incorrect Authorization" },
  { 918, "Server-Side Request Forgery (SSRF)" },
};

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
