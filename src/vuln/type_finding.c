/* type_finding.c - A vulnerability in a release of ours: how it was found, what it means and what is
 * done. */
#include "record/record.h"

static const char *const discovered_by[] = { "feed", "test", "researcher", "supplier", "incident", "review",
    NULL };
static const char *const severity[] = { "none", "low", "medium", "high", "critical", NULL };
static const char *const status[] = { "under_investigation", "affected", "not_affected", "fixed", NULL };
static const char *const reachable[] = { "unknown", "no", "yes", NULL };
static const char *const known_exploited[] = { "yes", "no", NULL };
static const char *const controlled[] = { "controlled", "uncontrolled", NULL };
static const char *const disposition[] = { "fix", "mitigate", "accept", "defer", "false_positive", NULL };

static const char *const reach[] = { "network", "adjacent", "local", "physical", NULL };
static const char *const login[] = { "none", "user", "service", "administrator", NULL };
static const char *const exploit[] = { "none_known", "proof_of_concept", "in_the_wild", NULL };
static const char *const protection[] = { "nothing", "partly", "fully_blocked", NULL };
static const char *const exploitability[] = { "e1", "e2", "e3", "e4", "e5", NULL };
static const char *const clinical_severity[] = { "s1", "s2", "s3", "s4", "s5", NULL };
static const char *const clinical_level[] = { "low", "medium", "high", NULL };

enum { F_VULNERABILITY, F_DISCOVERED_BY, F_IDENTIFIED_ON, F_DESCRIPTION, F_PACKAGE, F_CWE, F_SEVERITY,
       F_VECTOR, F_STATUS, F_REACHABLE, F_KNOWN_EXPLOITED, F_SAFETY_ASSESSMENT, F_SECURITY_ASSESSMENT,
       F_CONTROLLED, F_DISPOSITION, F_DISPOSITION_REASON, F_PLAN, F_TARGET, F_IN, F_ON, F_RAISED_FROM,
       F_ASSESSES, F_STATED_BY, F_REMEDIATED_BY, F_COMMUNICATED_IN, F_REACH, F_LOGIN, F_EXPLOIT, F_PROTECTION,
       F_EXPLOITABILITY, F_CLINICAL_SEVERITY, F_CLINICAL_LEVEL, F_CLINICAL_BASIS };
static const Field fields[] = {
  [F_VULNERABILITY] = { "vulnerability", "Vulnerability", TEXT, 0, .max = 80,
    .help = "CVE or other id; empty when it has none yet." },
  [F_DISCOVERED_BY] = { "discovered_by", "Discovered by", CHOICE, REQUIRED, .choices = discovered_by,
    .help = "How we came to know of it." },
  [F_IDENTIFIED_ON] = { "identified_on", "Identified on", DATE, 0,
    .help = "The day that the measurement starts." },
  [F_DESCRIPTION] = { "description", "Description", LONG, 0, .help = "What it is, in our words." },
  [F_PACKAGE] = { "package", "Package", TEXT, 0, .help = "Package URL or name and version." },
  [F_CWE] = { "cwe", "Weakness", TEXT, 0, .help = "CWE number." },
  [F_SEVERITY] = { "severity", "Severity", CHOICE, 0, .choices = severity,
    .help = "Of the vulnerability as published or scored." },
  [F_VECTOR] = { "vector", "CVSS vector", TEXT, 0, .help = "With what it was scored for." },
  [F_STATUS] = { "status", "Status", CHOICE, NOTE, .choices = status,
    .help = "What is true for this release." },
  [F_REACHABLE] = { "reachable", "Reachable", CHOICE, NOTE, .choices = reachable,
    .help = "Whether the weak code can be reached in our product." },
  [F_KNOWN_EXPLOITED] = { "known_exploited", "Known exploited", CHOICE, 0, .choices = known_exploited,
    .help = "Listed as exploited when it was judged." },
  [F_SAFETY_ASSESSMENT] = { "safety_assessment", "Safety assessment", LONG, NOTE,
    .help = "What it can do to a patient." },
  [F_SECURITY_ASSESSMENT] = { "security_assessment", "Security assessment", LONG, NOTE,
    .help = "How it could be used here." },
  [F_CONTROLLED] = { "controlled", "Controlled", CHOICE, NOTE, .choices = controlled,
    .help = "FDA postmarket term." },
  [F_DISPOSITION] = { "disposition", "Disposition", CHOICE, NOTE, .choices = disposition,
    .help = "What was decided." },
  [F_DISPOSITION_REASON] = { "disposition_reason", "Reason", LONG, NOTE,
    .help = "Needed unless it is fixed." },
  [F_PLAN] = { "plan", "Plan", LONG, NOTE, .help = "What is done, by whom." },
  [F_TARGET] = { "target", "Target date", DATE, NOTE, .help = "When the fix is to be available." },
  [F_IN] = { "in", "In release", LINK, MANY, .to = "release", .help = "Releases that contain it." },
  [F_ON] = { "on", "On elements", LINK, MANY, .to = "element interface",
    .help = "Where it sits on the diagram." },
  [F_RAISED_FROM] = { "raised_from", "Raised from", LINK, MANY,
    .to = "test_report test_run disclosure incident signal", .help = "Where it came from." },
  [F_ASSESSES] = { "assesses", "Touches risks", LINK, MANY, .to = "security_risk threat",
    .help = "Risks and threats that it is evidence for." },
  [F_STATED_BY] = { "stated_by", "Stated by", LINK, MANY, .to = "vex_statement",
    .help = "What we have said about it." },
  [F_REMEDIATED_BY] = { "remediated_by", "Remediated by", LINK, MANY, .to = "change patch control",
    .help = "What removes it." },
  [F_COMMUNICATED_IN] = { "communicated_in", "Communicated in", LINK, MANY, .to = "advisory_notice",
    .help = "Notices about it." },
  [F_REACH] = { "reach", "Reach", CHOICE, NOTE, .choices = reach, .help = "From where it can be attacked here." },
  [F_LOGIN] = { "login", "Needs a login", CHOICE, NOTE, .choices = login,
    .help = "What an attacker must be signed in as, here." },
  [F_EXPLOIT] = { "exploit", "Known exploit", CHOICE, NOTE, .choices = exploit,
    .help = "What is known of code that uses it." },
  [F_PROTECTION] = { "protection", "Protected by a control", CHOICE, NOTE, .choices = protection,
    .help = "How far a verified control blocks the way." },
  [F_EXPLOITABILITY] = { "exploitability", "Exploitability", CHOICE, NOTE, .choices = exploitability,
    .help = "As it was when it was decided; E1 hardest to E5 easiest." },
  [F_CLINICAL_SEVERITY] = { "clinical_severity", "Severity of harm", CHOICE, NOTE, .choices = clinical_severity,
    .help = "Of the worst harm that its element is linked to." },
  [F_CLINICAL_LEVEL] = { "clinical_level", "Clinical risk", CHOICE, NOTE, .choices = clinical_level,
    .help = "By the matrix of the risk plan." },
  [F_CLINICAL_BASIS] = { "clinical_basis", "How the clinical risk was found", LONG, NOTE,
    .help = "Inputs and adjustments." },
};

static Err check(Cx *cx, const Record *r) {
  const Value *v = r->values;
  Str d = v[F_DISPOSITION].s;
  if (v[F_DISPOSITION].set && !str_eq(d, S("fix")) && !v[F_DISPOSITION_REASON].set)
    problem(cx, S("disposition_reason"), "required", "A finding that is not fixed needs a reason.");
  if (str_eq(d, S("defer")) && !v[F_TARGET].set)
    problem(cx, S("target"), "required", "A deferred fix needs a target date.");
  return E_OK;
}

const RecordType record_finding = {
  "finding", "Finding", "Findings", "FND", "vuln", &life_case,
  ROLE(SECURITY_LEAD) | ROLE(ENGINEER) | ROLE(RISK_MANAGER), ROWS(fields), .check = check,
  .help = "A vulnerability in a release of ours: how it was found, what it means and what is done.",
};
