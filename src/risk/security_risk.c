/* security_risk.c - One security risk: exploitability instead of probability, harm by severity, before
 * and after controls. */
#include "risk/inside.h"

static const char *const impact[] = { "confidentiality", "integrity", "availability", "safety",
    "authenticity", NULL };
static const char *const controlled[] = { "controlled", "uncontrolled", NULL };
static const char *const safety_impact[] = { "transferred", "none", NULL };

enum { F_EXPLOITABILITY, F_SEVERITY, F_LEVEL, F_EXPLOITABILITY_AFTER, F_SEVERITY_AFTER, F_LEVEL_AFTER,
       F_METHOD, F_VECTORS, F_RUBRIC_VECTOR, F_EPSS, F_EXPLOIT_EVIDENCE, F_IMPACT, F_REACH, F_CONTROLLED,
       F_SAFETY_IMPACT,
       F_SAFETY_IMPACT_REASON, F_SEVERITY_REASON, F_OPTIONS, F_ACCEPTANCE, F_ACCEPTED_BY, F_NEXT_REVIEW,
       F_TRIGGERS,
       F_ASSESSES, F_LEADS_TO, F_RESULTS_IN, F_TRANSFERS_TO, F_GOVERNED_BY };
static const Field fields[] = {
  [F_EXPLOITABILITY] = { "exploitability", "Exploitability before", CHOICE, 0, .choices = risk_exploitability,
    .help = "Before controls." },
  [F_SEVERITY] = { "severity", "Severity", CHOICE, 0, .choices = risk_severity,
    .help = "Of the worst credible patient harm." },
  [F_LEVEL] = { "level", "Level before", CHOICE, 0, .choices = risk_level,
    .help = "As the matrix gives it." },
  [F_EXPLOITABILITY_AFTER] = { "exploitability_after", "Exploitability after", CHOICE, 0,
    .choices = risk_exploitability, .help = "With controls that are verified." },
  [F_SEVERITY_AFTER] = { "severity_after", "Severity after", CHOICE, 0, .choices = risk_severity,
    .help = "Where controls also limit the harm; else the same." },
  [F_LEVEL_AFTER] = { "level_after", "Residual level", CHOICE, 0, .choices = risk_level,
    .help = "As the matrix gives it." },
  [F_METHOD] = { "method", "Method", TEXT, 0, .help = "Name and version of the exploitability method." },
  [F_VECTORS] = { "vectors", "CVSS vectors", TEXT, MANY, .help = "With what they are for." },
  [F_RUBRIC_VECTOR] = { "rubric_vector", "Medical device vector", TEXT, 0,
    .help = "CVSS with the answers of the rubric for medical devices." },
  [F_EPSS] = { "epss", "EPSS", TEXT, NOTE, .max = 80, .help = "Probability with its day." },
  [F_EXPLOIT_EVIDENCE] = { "exploit_evidence", "Exploit evidence", TEXT, NOTE,
    .help = "Public exploit, EPSS with date, KEV." },
  [F_IMPACT] = { "impact", "Impact on", CHOICE, MANY, .choices = impact, .help = "What is lost." },
  [F_REACH] = { "reach", "Reach", CHOICE, 0, .choices = risk_reach,
    .help = "How many patients one success can harm." },
  [F_CONTROLLED] = { "controlled", "Controlled", CHOICE, 0, .choices = controlled,
    .help = "FDA postmarket term for the residual risk." },
  [F_SAFETY_IMPACT] = { "safety_impact", "Effect on safety", CHOICE, 0, .choices = safety_impact,
    .help = "Taken over into the safety risk file, or none." },
  [F_SAFETY_IMPACT_REASON] = { "safety_impact_reason", "Why no effect on safety", LONG, 0,
    .help = "Signed by the clinical or safety role with the record." },
  [F_SEVERITY_REASON] = { "severity_reason", "Why a severity below a cause", LONG, 0,
    .help = "Needed when a cause is worse than this row." },
  [F_OPTIONS] = { "options", "Options considered", LONG, 0,
    .help = "Design, protection, information, in this order, and why no more." },
  [F_ACCEPTANCE] = { "acceptance", "Reason of acceptance", LONG, 0,
    .help = "Why the residual risk is acceptable." },
  [F_ACCEPTED_BY] = { "accepted_by", "Accepted by", PERSON, MANY, .help = "Those who accept it, by role." },
  [F_NEXT_REVIEW] = { "next_review", "Next review", DATE, 0, .help = "When it is looked at again." },
  [F_TRIGGERS] = { "triggers", "Triggers", TEXT, MANY | NOTE,
    .help = "Day and what brought it up again, one per row." },
  [F_ASSESSES] = { "assesses", "Assesses", LINK, MANY, .min = 1, .to = "threat misuse finding anomaly",
    .help = "What causes it." },
  [F_LEADS_TO] = { "leads_to", "Leads to", LINK, MANY, .to = "situation",
    .help = "The hazardous situation." },
  [F_RESULTS_IN] = { "results_in", "Results in", LINK, MANY, .to = "harm",
    .help = "The harm that decides the severity." },
  [F_TRANSFERS_TO] = { "transfers_to", "Transfers to", LINK, 0, .to = "safety_risk",
    .help = "The row of the safety risk file." },
  [F_GOVERNED_BY] = { "governed_by", "Under plan", LINK, 0, .to = "risk_plan",
    .help = "The plan that it is judged by." },
};

/* The matrix is data of the risk plan: whether a level is the one that it gives is a question of a rule. */
static Err check(Cx *cx, const Record *r) {
  const Value *v = r->values;
  risk_check_level(cx, &v[F_EXPLOITABILITY], &v[F_SEVERITY], &v[F_LEVEL], "exploitability", "level");
  risk_check_level(cx, &v[F_EXPLOITABILITY_AFTER], &v[F_SEVERITY], &v[F_LEVEL_AFTER], "exploitability_after",
                   "level_after");
  if (str_eq(v[F_SAFETY_IMPACT].s, S("none")) && !v[F_SAFETY_IMPACT_REASON].set)
    problem(cx, S("safety_impact_reason"), "required",
            "Say why this risk cannot reach safety or essential performance.");
  if (v[F_ACCEPTED_BY].list.n > 0 && !v[F_ACCEPTANCE].set)
    problem(cx, S("acceptance"), "required", "An accepted risk needs the reason of its acceptance.");
  if (str_eq(v[F_CONTROLLED].s, S("controlled")) && str_eq(v[F_LEVEL_AFTER].s, S("high")))
    problem(cx, S("controlled"), "order", "A residual level of high is not controlled.");
  return E_OK;
}

static const Guard guards[] = {
  { "analyse", GUARD_FIELD, "severity", .words = "The severity is judged." },
  { "analyse", GUARD_FIELD, "exploitability", .words = "The exploitability is judged." },
  { "accept", GUARD_FIELD, "level_after", .words = "The residual level is judged." },
  { "accept", GUARD_FIELD, "acceptance", .words = "The reason of acceptance is written." },
  { "accept", GUARD_FIELD, "safety_impact", .words = "The effect on safety is decided." },
  { "accept", GUARD_LINK, "transfers_to",
    .words = "A risk that affects safety is carried over to the safety risk file.",
    .when = "safety_impact=transferred" },
};

const RecordType record_security_risk = {
  "security_risk", "Security risk", "Security risks", "SRK", "risk", &life_risk,
  ROLE(RISK_MANAGER) | ROLE(CLINICAL_SAFETY) | ROLE(SECURITY_LEAD), ROWS(fields), .check = check,
  .help = "One security risk: exploitability instead of probability, harm by severity, before and after "
          "controls.", ROWS(guards),
};
