/* test_case.c - A test that can be repeated: what is done, what must be seen. */
#include "record/record.h"

static const char *const kind[] = { "unit", "integration", "system", "usability", "requirement",
    "threat_mitigation", "abuse", "robustness", "fuzz", "attack_surface", "chaining",
    "known_vulnerability_scan", "binary_composition", "static_analysis", "dynamic_analysis", "credential",
    "penetration", "api", "policy_scan", "pipeline", "mobile", "inspection", "drill", NULL };
static const char *const evidence_kind[] = { "implementation", "effectiveness", "both", NULL };
static const char *const independence[] = { "developer", "other_developer", "other_team",
    "other_organisation", NULL };

static const char *const level[] = { "unit", "integration", "system", "product", "process", NULL };

static const Field fields[] = {
  { "kind", "Kind", CHOICE, REQUIRED | MANY, .choices = kind,
    .help = "The kind decides which part of the FDA testing section it answers." },
  { "evidence_kind", "Shows", CHOICE, 0, .choices = evidence_kind,
    .help = "That the control is there, that it works, or both." },
  { "level", "Level", CHOICE, 0, .choices = level, .help = "Of what is tested." },
  { "procedure", "Procedure", LONG, 0, .help = "Steps, or the name of the automated test." },
  { "expected", "Expected result", LONG, REQUIRED, .help = "What must be seen to pass." },
  { "environment", "Environment", TEXT, 0, .help = "Devices, builds and tools that it needs." },
  { "automated", "Automated as", TEXT, 0, .help = "Suite and name in JUnit or SARIF files." },
  { "limit_text", "Limit", TEXT, 0, .help = "A number that decides, with its unit." },
  { "independence", "Independence", CHOICE, 0, .choices = independence,
    .help = "Least independence of the tester." },
  { "verifies", "Verifies", LINK, MANY, .to = "requirement control", .help = "What it proves." },
  { "validates", "Validates", LINK, MANY, .to = "user_need", .help = "Needs that it validates." },
  { "exercises", "Exercises", LINK, MANY, .to = "threat misuse", .help = "Threats that it tries." },
};

static const Guard guards[] = {
  { "submit", GUARD_LINK, "verifies validates exercises",
    .words = "The test says what it verifies, validates or exercises." },
};

const RecordType record_test_case = {
  "test_case", "Test case", "Test cases", "TST", "design", &life_item,
  ROLE(ENGINEER) | ROLE(SECURITY_LEAD), ROWS(fields),
  .help = "A test that can be repeated: what is done, what must be seen.", ROWS(guards),
};
