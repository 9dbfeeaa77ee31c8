/* risk_report.c - The risk management report: that the plan was carried out, and the judgement on all that remains
 * (ISO 14971, 9). */
#include "risk/inside.h"

static const char *const kind[] = { "safety", "security", "both", NULL };
static const char *const acceptable[] = { "yes", "no", NULL };

static const Field fields[] = {
  { "kind", "Kind", CHOICE, REQUIRED, .choices = kind, .help = "Safety risk, security risk or both in one." },
  { "plan_done", "Plan carried out", LONG, 0, .help = "What the plan asked for and where it was done." },
  { "figures", "Figures", TEXT, MANY, .help = "Risks by level before and after, one per row." },
  { "acceptable", "Overall residual risk acceptable", CHOICE, 0, .choices = acceptable,
    .help = "The judgement." },
  { "conclusion", "Conclusion", LONG, 0, .help = "Why, with benefit and risk." },
  { "after_production", "After production", LONG, 0, .help = "That collecting and reviewing is in place." },
  { "reported_on", "Reported on", DATE, 0, .help = "Day." },
  { "governed_by", "Under plan", LINK, MANY, .min = 1, .to = "risk_plan",
    .help = "The plan that it answers." },
  { "covers", "Covers", LINK, MANY, .to = "security_risk safety_risk residual_risk",
    .help = "Risks that it sums up." },
  { "on", "On release", LINK, MANY, .to = "release", .help = "The release that it is about." },
};

static const Guard guards[] = {
  { "submit", GUARD_FIELD, "plan_done", .words = "It is written how the plan was carried out." },
  { "submit", GUARD_FIELD, "conclusion", .words = "The conclusion is written." },
  { "submit", GUARD_FIELD, "acceptable", .words = "The overall residual risk is judged." },
};

const RecordType record_risk_report = {
  "risk_report", "Risk management report", "Risk management reports", "RMR", "risk", &life_document,
  ROLE(RISK_MANAGER) | ROLE(SECURITY_LEAD) | ROLE(CLINICAL_SAFETY), ROWS(fields),
  .help = "That the risk plan was carried out, and the judgement on all risk that remains.", ROWS(guards),
};
