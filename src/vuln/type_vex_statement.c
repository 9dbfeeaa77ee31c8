/* type_vex_statement.c - What we say about one vulnerability in one release, with the reason and the
 * evidence. */
#include "record/record.h"
#include "vuln/inside.h"

static const char *const status[] = { "under_investigation", "affected", "not_affected", "fixed", NULL };
static const char *const justification[] = { "component_not_present", "vulnerable_code_not_present",
    "vulnerable_code_not_in_execute_path", "vulnerable_code_cannot_be_controlled_by_adversary",
    "inline_mitigations_already_exist", NULL };
static const char *const scope[] = { "this_release", "product", "all_products", NULL };
static const char *const cyclonedx[] = { "code_not_present", "code_not_reachable", "requires_configuration",
    "requires_dependency", "requires_environment", "protected_by_compiler", "protected_at_runtime",
    "protected_at_perimeter", "protected_by_mitigating_control", "false_positive", "resolved_with_pedigree", NULL };
static const char *const response[] = { "can_not_fix", "will_not_fix", "update", "rollback", "workaround_available",
    NULL };

enum { F_VULNERABILITY, F_PACKAGE, F_STATUS, F_JUSTIFICATION, F_IMPACT, F_ACTION, F_EVIDENCE, F_VERSIONS,
       F_VALID_UNTIL, F_FIXED_IN, F_ABOUT, F_IN, F_ON, F_REMEDIATED_BY, F_PACKAGE_VERSIONS, F_SCOPE, F_CYCLONEDX,
       F_RESPONSE, F_SOURCE };
static const Field fields[] = {
  [F_VULNERABILITY] = { "vulnerability", "Vulnerability", TEXT, REQUIRED, .max = 80,
    .help = "CVE or other id." },
  [F_PACKAGE] = { "package", "Package", TEXT, REQUIRED, .help = "Package URL; its version may be left out." },
  [F_STATUS] = { "status", "Status", CHOICE, REQUIRED, .choices = status, .help = "The statement." },
  [F_JUSTIFICATION] = { "justification", "Justification", CHOICE, 0, .choices = justification,
    .help = "Why it is not affected, in the words of the CISA minimum." },
  [F_IMPACT] = { "impact", "Impact statement", LONG, 0,
    .help = "Why, in our words; what it means where it is affected." },
  [F_ACTION] = { "action", "Action statement", LONG, 0, .help = "What users do, where it is affected." },
  [F_EVIDENCE] = { "evidence", "Evidence", TEXT, MANY,
    .help = "Test, configuration or review, one per row." },
  [F_VERSIONS] = { "versions", "Version range", TEXT, 0, .help = "Of our product, as vers: or words." },
  [F_VALID_UNTIL] = { "valid_until", "Look at again by", DATE, 0,
    .help = "After this day it must be confirmed." },
  [F_FIXED_IN] = { "fixed_in", "Fixed in", TEXT, 0, .help = "Release that fixes it." },
  [F_ABOUT] = { "about", "About", LINK, MANY, .to = "finding", .help = "The finding." },
  [F_IN] = { "in", "For release", LINK, MANY, .to = "release", .help = "Releases that it speaks of." },
  [F_ON] = { "on", "For elements", LINK, MANY, .to = "element", .help = "Elements that it speaks of." },
  [F_REMEDIATED_BY] = { "remediated_by", "Fixed by", LINK, MANY, .to = "change patch control",
    .help = "What removes it." },
  [F_PACKAGE_VERSIONS] = { "package_versions", "Versions of the package", TEXT, 0, .max = 2000,
    .help = "A vers: range that it holds for; empty is any version that the package names." },
  [F_SCOPE] = { "scope", "Holds for", CHOICE, 0, .choices = scope,
    .help = "The releases named here alone, every release of the product, or every product." },
  [F_CYCLONEDX] = { "cyclonedx", "In the words of CycloneDX", CHOICE, 0, .choices = cyclonedx,
    .help = "Finer than the justification; kept when the statement is written out." },
  [F_RESPONSE] = { "response", "Response", CHOICE, MANY, .choices = response,
    .help = "What we offer, in the words of CycloneDX." },
  [F_SOURCE] = { "source", "Said by", TEXT, 0, .max = 400,
    .help = "Whose document it comes from; empty when it is our own." },
};

/* CISA minimum for VEX: not affected needs a justification or an impact statement, affected an action. */
static Err check(Cx *cx, const Record *r) {
  const Value *v = r->values;
  Str said = v[F_STATUS].s;
  if (str_eq(said, S("not_affected")) && !v[F_JUSTIFICATION].set && !v[F_IMPACT].set)
    problem(cx, S("justification"), "required", "Not affected needs a justification or an impact statement.");
  if (str_eq(said, S("affected")) && !v[F_ACTION].set)
    problem(cx, S("action"), "required", "Affected needs an action statement: say what users should do.");
  bool any;
  Scheme scheme;
  VersParts parts = { 0 };
  Cx probe = { .arena = cx->arena };
  if (v[F_PACKAGE_VERSIONS].set && vers_read(&probe, v[F_PACKAGE_VERSIONS].s, &any, &scheme, &parts) != E_OK)
    problem(cx, S("package_versions"), "range", "%.*s. Write it like vers:deb/>=1.2|<1.4.", STR(probe.words));
  if (!str_eq(said, S("not_affected")) && v[F_JUSTIFICATION].set)
    problem(cx, S("justification"), "not_applicable",
            "A justification belongs to the status not affected only.");
  return E_OK;
}

/* What is signed is what is written, and it is what goes out. */
static const Guard guards[] = {
  { "state_affected", GUARD_FIELD, "status", "affected", .words = "The status of the statement is affected." },
  { "state_not_affected", GUARD_FIELD, "status", "not_affected",
    .words = "The status of the statement is not affected." },
  { "state_fixed", GUARD_FIELD, "status", "fixed", .words = "The status of the statement is fixed." },
};

const RecordType record_vex_statement = {
  "vex_statement", "VEX statement", "VEX statements", "VEX", "vuln", &life_vex,
  ROLE(SECURITY_LEAD) | ROLE(ENGINEER) | ROLE(RISK_MANAGER), ROWS(fields), .check = check,
  .help = "What we say about one vulnerability in one release, with the reason and the evidence.",
  ROWS(guards),
};
