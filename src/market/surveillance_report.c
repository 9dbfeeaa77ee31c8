/* surveillance_report.c - A post-market surveillance plan, report or PSUR. */
#include "record/record.h"

static const char *const kind[] = { "plan", "report", "psur", NULL };

static const Field fields[] = {
  { "kind", "Kind", CHOICE, REQUIRED, .choices = kind, .help = "What it is." },
  { "period_from", "Period from", DATE, 0, .help = "First day." },
  { "period_to", "Period to", DATE, 0, .help = "Last day." },
  { "thresholds", "Thresholds", TEXT, MANY, .help = "Above which a trend is assessed, one per row." },
  { "data", "Data", LONG, 0, .help = "What was collected." },
  { "conclusion", "Conclusion", LONG, 0, .help = "On benefit and risk." },
  { "review_due", "Review due", DATE, 0, .help = "When the next one is due." },
  { "uses", "Uses", LINK, MANY, .to = "trend complaint incident finding", .help = "Data behind it." },
  { "updates_file", "Updates", LINK, MANY, .to = "security_risk safety_risk", .help = "Risks that change." },
};

const RecordType record_surveillance_report = {
  "surveillance_report", "Surveillance report", "Surveillance reports", "PMS", "market", &life_document,
  ROLE(REGULATORY) | ROLE(QA_MANAGER) | ROLE(RISK_MANAGER), ROWS(fields),
  .help = "A post-market surveillance plan, report or PSUR.",
};
