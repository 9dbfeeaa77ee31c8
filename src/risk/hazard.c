/* hazard.c - A potential source of harm. */
#include "record/record.h"

static const char *const kind[] = { "therapy", "alarm", "information", "energy", "biological", "privacy",
    "fleet", NULL };

static const Field fields[] = {
  { "kind", "Kind", CHOICE, 0, .choices = kind, .help = "Which family of hazards it belongs to." },
  { "cyber", "May have a cyber cause", BOOL, 0, .help = "An attack can bring it about." },
  { "code", "Code", TEXT, 0, .max = 80, .help = "Of the generic list of hazards in use." },
  { "description", "Description", LONG, 0, .help = "What exactly is meant." },
  { "leads_to", "Leads to", LINK, MANY, .min = 1, .to = "situation",
    .help = "Situations in which people meet it." },
};

const RecordType record_hazard = {
  "hazard", "Hazard", "Hazards", "HAZ", "risk", &life_item,
  ROLE(RISK_MANAGER) | ROLE(CLINICAL_SAFETY) | ROLE(SECURITY_LEAD), ROWS(fields),
  .help = "A potential source of harm.",
};
