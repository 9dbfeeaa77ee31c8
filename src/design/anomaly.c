/* anomaly.c - A deviation from what was expected, with its effect on safety and on security. */
#include "record/record.h"

static const char *const severity[] = { "note", "low", "medium", "high", "critical", NULL };
static const char *const disposition[] = { "fix", "defer", "accept", "duplicate", NULL };

enum { F_DESCRIPTION, F_DISCOVERED_BY, F_ROOT_CAUSE, F_CWE, F_SEVERITY, F_SAFETY_IMPACT, F_SECURITY_IMPACT,
       F_WORKAROUND, F_DISPOSITION, F_DISPOSITION_REASON, F_TARGET, F_TARGET_RELEASE, F_FOUND_IN,
       F_REMEDIATED_BY, F_ON };
static const Field fields[] = {
  [F_DESCRIPTION] = { "description", "Description", LONG, REQUIRED,
    .help = "What happens, and under which conditions." },
  [F_DISCOVERED_BY] = { "discovered_by", "Discovered by", TEXT, 0, .help = "Test, user, review ..." },
  [F_ROOT_CAUSE] = { "root_cause", "Root cause", LONG, 0, .help = "Where it is known." },
  [F_CWE] = { "cwe", "Weakness", TEXT, 0, .help = "CWE number or class of SW91." },
  [F_SEVERITY] = { "severity", "Severity", CHOICE, 0, .choices = severity,
    .help = "Of the technical effect." },
  [F_SAFETY_IMPACT] = { "safety_impact", "Effect on safety", LONG, 0,
    .help = "Including use and human factors." },
  [F_SECURITY_IMPACT] = { "security_impact", "Effect on security", LONG, 0,
    .help = "What an attacker gains by triggering it at will." },
  [F_WORKAROUND] = { "workaround", "Workaround", TEXT, NOTE, .help = "For users." },
  [F_DISPOSITION] = { "disposition", "Disposition", CHOICE, NOTE, .choices = disposition,
    .help = "What was decided." },
  [F_DISPOSITION_REASON] = { "disposition_reason", "Reason", LONG, NOTE,
    .help = "Needed when it is not fixed now." },
  [F_TARGET] = { "target", "Target date", DATE, NOTE, .help = "When a deferred fix will be available." },
  [F_TARGET_RELEASE] = { "target_release", "Target release", TEXT, NOTE, .max = 80,
    .help = "The version that will fix it." },
  [F_FOUND_IN] = { "found_in", "Found in", LINK, MANY, .min = 1, .to = "release test_run",
    .help = "Where it was seen." },
  [F_REMEDIATED_BY] = { "remediated_by", "Fixed by", LINK, MANY, .to = "change control patch",
    .help = "What removes it." },
  [F_ON] = { "on", "Concerns", LINK, MANY, .to = "element requirement control test_case",
    .help = "What it concerns." },
};

static Err check(Cx *cx, const Record *r) {
  const Value *v = r->values;
  Str d = v[F_DISPOSITION].s;
  bool open = str_eq(d, S("defer")) || str_eq(d, S("accept"));
  if (open && !v[F_DISPOSITION_REASON].set)
    problem(cx, S("disposition_reason"), "required",
            "Say why this is not fixed now (FDA software guidance, VI.J).");
  if (str_eq(d, S("defer")) && !v[F_TARGET].set)
    problem(cx, S("target"), "required", "A deferred fix needs a target date.");
  return E_OK;
}

static const Guard guards[] = {
  { "close", GUARD_FIELD, "disposition", .words = "What becomes of the anomaly is decided." },
  { "close", GUARD_FIELD, "safety_impact", .words = "The effect on safety is judged." },
  { "close", GUARD_FIELD, "security_impact", .words = "The effect on security is judged." },
  { "close", GUARD_LINK, "remediated_by", .words = "A fix is named.", .when = "disposition=fix" },
};

const RecordType record_anomaly = {
  "anomaly", "Anomaly", "Anomalies", "ANM", "design", &life_case,
  ROLE(ENGINEER) | ROLE(SECURITY_LEAD), ROWS(fields), .check = check,
  .help = "A deviation from what was expected, with its effect on safety and on security.", ROWS(guards),
};
