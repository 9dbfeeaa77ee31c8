/* harm.c - Injury or damage to the health of people, or damage to property or data. */
#include "risk/inside.h"

static const Field fields[] = {
  { "severity", "Severity", CHOICE, REQUIRED, .choices = risk_severity,
    .help = "S1 negligible to S5 death." },
  { "description", "Description", LONG, 0, .help = "What happens to the person." },
  { "clinical_source", "Clinical source", TEXT, 0, .help = "Literature or expert behind the severity." },
};

const RecordType record_harm = {
  "harm", "Harm", "Harms", "HRM", "risk", &life_item,
  ROLE(RISK_MANAGER) | ROLE(CLINICAL_SAFETY) | ROLE(SECURITY_LEAD), ROWS(fields),
  .help = "Injury or damage to the health of people, or damage to property or data.",
};
