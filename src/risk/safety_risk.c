/* safety_risk.c - A row of the safety risk file (ISO 14971) for one hazardous situation. */
#include "risk/inside.h"

static const char *const cause[] = { "cyber", "use_error", "failure", "environment", NULL };

enum { F_CAUSE, F_EXPLOITABILITY, F_PROBABILITY, F_SEVERITY, F_LEVEL, F_MATRIX_VERSION,
       F_EXPLOITABILITY_AFTER,
       F_PROBABILITY_AFTER, F_LEVEL_AFTER, F_ACCEPTANCE, F_ACCEPTED_BY, F_ASSESSES, F_RESULTS_IN,
       F_GOVERNED_BY };
static const Field fields[] = {
  [F_CAUSE] = { "cause", "Cause", CHOICE, 0, .choices = cause,
    .help = "For a cyber cause exploitability stands in place of P1." },
  [F_EXPLOITABILITY] = { "exploitability", "Exploitability before", CHOICE, 0, .choices = risk_exploitability,
    .help = "For cyber causes." },
  [F_PROBABILITY] = { "probability", "Probability before", CHOICE, 0, .choices = risk_probability,
    .help = "P1 improbable to P5 frequent, for all other causes." },
  [F_SEVERITY] = { "severity", "Severity", CHOICE, 0, .choices = risk_severity, .help = "Of the harm." },
  [F_LEVEL] = { "level", "Level before", CHOICE, 0, .choices = risk_level,
    .help = "As the matrix gives it." },
  [F_MATRIX_VERSION] = { "matrix_version", "Matrix", TEXT, NOTE, .max = 80,
    .help = "Id and revision of the matrix that was used." },
  [F_EXPLOITABILITY_AFTER] = { "exploitability_after", "Exploitability after", CHOICE, 0,
    .choices = risk_exploitability, .help = "With verified controls." },
  [F_PROBABILITY_AFTER] = { "probability_after", "Probability after", CHOICE, 0, .choices = risk_probability,
    .help = "With verified controls." },
  [F_LEVEL_AFTER] = { "level_after", "Residual level", CHOICE, 0, .choices = risk_level,
    .help = "As the matrix gives it." },
  [F_ACCEPTANCE] = { "acceptance", "Reason of acceptance", LONG, 0,
    .help = "Including benefit where it is needed." },
  [F_ACCEPTED_BY] = { "accepted_by", "Accepted by", PERSON, MANY, .help = "Those who accept it, by role." },
  [F_ASSESSES] = { "assesses", "Assesses", LINK, MANY, .min = 1, .to = "situation",
    .help = "The hazardous situation." },
  [F_RESULTS_IN] = { "results_in", "Results in", LINK, MANY, .to = "harm",
    .help = "The harm that decides the severity." },
  [F_GOVERNED_BY] = { "governed_by", "Under plan", LINK, 0, .to = "risk_plan",
    .help = "The plan that it is judged by." },
};

static Err check(Cx *cx, const Record *r) {
  const Value *v = r->values;
  bool cyber = str_eq(v[F_CAUSE].s, S("cyber"));
  if (cyber && v[F_PROBABILITY].set)
    problem(cx, S("probability"), "not_applicable",
            "No probability of attack: for a cyber cause give the exploitability (FDA 2026 V.A.2).");
  if (v[F_ACCEPTED_BY].list.n > 0 && !v[F_ACCEPTANCE].set)
    problem(cx, S("acceptance"), "required", "An accepted risk needs the reason of its acceptance.");
  risk_check_level(cx, cyber ? &v[F_EXPLOITABILITY] : &v[F_PROBABILITY], &v[F_SEVERITY], &v[F_LEVEL],
                   cyber ? "exploitability" : "probability", "level");
  return E_OK;
}

static const Guard guards[] = {
  { "analyse", GUARD_FIELD, "severity", .words = "The severity is judged." },
  { "accept", GUARD_FIELD, "level_after", .words = "The residual level is judged." },
  { "accept", GUARD_FIELD, "acceptance", .words = "The reason of acceptance is written." },
};

const RecordType record_safety_risk = {
  "safety_risk", "Safety risk", "Safety risks", "FRK", "risk", &life_risk,
  ROLE(RISK_MANAGER) | ROLE(CLINICAL_SAFETY) | ROLE(SECURITY_LEAD), ROWS(fields), .check = check,
  .help = "A row of the safety risk file (ISO 14971) for one hazardous situation.", ROWS(guards),
};
