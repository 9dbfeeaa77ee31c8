/* type_vex_statement.c - What we say about one vulnerability in one release, with the reason and the
 * evidence. */
#include "record/record.h"

static const char *const status[] = { "under_investigation", "affected", "not_affected", "fixed", NULL };
static const char *const justification[] = { "component_not_present", "vulnerable_code_not_present",
    "vulnerable_code_not_in_execute_path", "vulnerable_code_cannot_be_controlled_by_adversary",
    "inline_mitigations_already_exist", NULL };

enum { F_VULNERABILITY, F_PACKAGE, F_STATUS, F_JUSTIFICATION, F_IMPACT, F_ACTION, F_EVIDENCE, F_VERSIONS,
       F_VALID_UNTIL, F_FIXED_IN, F_ABOUT, F_IN, F_ON, F_REMEDIATED_BY };
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
};

/* CISA minimum for VEX: not affected needs a justification or an impact statement, affected an action. */
static Err check(Cx *cx, const Record *r) {
  const Value *v = r->values;
  Str said = v[F_STATUS].s;
  if (str_eq(said, S("not_affected")) && !v[F_JUSTIFICATION].set && !v[F_IMPACT].set)
    problem(cx, S("justification"), "required", "Not affected needs a justification or an impact statement.");
  if (str_eq(said, S("affected")) && !v[F_ACTION].set)
    problem(cx, S("action"), "required", "Affected needs an action statement: say what users should do.");
  if (!str_eq(said, S("not_affected")) && v[F_JUSTIFICATION].set)
    problem(cx, S("justification"), "not_applicable",
            "A justification belongs to the status not affected only.");
  return E_OK;
}

const RecordType record_vex_statement = {
  "vex_statement", "VEX statement", "VEX statements", "VEX", "vuln", &life_vex,
  ROLE(SECURITY_LEAD) | ROLE(ENGINEER), ROWS(fields), .check = check,
  .help = "What we say about one vulnerability in one release, with the reason and the evidence.",
};
