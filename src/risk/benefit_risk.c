/* benefit_risk.c - Why the benefit outweighs the overall residual risk. */
#include "record/record.h"

static const Field fields[] = {
  { "benefits", "Benefits", LONG, REQUIRED, .help = "For patient and carer." },
  { "residual", "Overall residual risk", LONG, REQUIRED, .help = "Taken together, safety and security." },
  { "comparison", "Comparison", LONG, 0, .help = "With other therapies and the state of the art." },
  { "conclusion", "Conclusion", LONG, 0, .help = "The judgement, in a sentence or two." },
  { "review_due", "Review due", DATE, 0, .help = "When it is looked at again." },
  { "supports", "Supports", LINK, MANY, .min = 1, .to = "risk_report document risk_plan",
    .help = "The report that relies on it." },
  { "covers", "Covers", LINK, MANY, .to = "security_risk safety_risk", .help = "Risks that it weighs." },
};

static const Guard guards[] = {
  { "submit", GUARD_FIELD, "conclusion", .words = "The conclusion is written." },
};

const RecordType record_benefit_risk = {
  "benefit_risk", "Benefit-risk analysis", "Benefit-risk analyses", "BRA", "risk", &life_document,
  ROLE(RISK_MANAGER) | ROLE(CLINICAL_SAFETY), ROWS(fields),
  .help = "Why the benefit outweighs the overall residual risk.", ROWS(guards),
};
