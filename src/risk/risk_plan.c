/* risk_plan.c - How risk is managed for a product: scope, criteria, method and what happens after
 * production. */
#include "record/record.h"

static const char *const kind[] = { "safety", "security", "combined", NULL };

static const Field fields[] = {
  { "kind", "Kind", CHOICE, REQUIRED, .choices = kind, .help = "Safety risk, security risk or both in one." },
  { "scope", "Scope", LONG, 0, .help = "Product, releases and phases." },
  { "method", "Exploitability method", TEXT, 0, .help = "Name and version." },
  { "criteria", "Acceptance criteria", LONG, 0, .help = "With who may accept which level." },
  { "overall", "Overall residual risk", LONG, 0, .help = "How it is evaluated." },
  { "postproduction", "After production", LONG, 0, .help = "Sources, intervals and triggers." },
  { "review_months", "Review interval in months", INT, 0, .min = 1, .max = 60,
    .help = "Between reviews of the file." },
  { "review_due", "Review due", DATE, 0, .help = "When the plan itself is due." },
  { "uses", "Uses", LINK, MANY, .to = "risk_matrix document",
    .help = "The matrix and documents that it adopts." },
};

static const Guard guards[] = {
  { "submit", GUARD_FIELD, "criteria", .words = "The criteria of acceptance are written." },
};

const RecordType record_risk_plan = {
  "risk_plan", "Risk plan", "Risk plans", "RMP", "risk", &life_document,
  ROLE(RISK_MANAGER) | ROLE(SECURITY_LEAD) | ROLE(QA_MANAGER), ROWS(fields),
  .help = "How risk is managed for a product: scope, criteria, method and what happens after production.", ROWS(guards),
};
