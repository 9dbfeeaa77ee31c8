/* situation.c - A circumstance in which people are exposed to a hazard, as a sequence of events. */
#include "risk/inside.h"

static const Field fields[] = {
  { "sequence", "Sequence of events", LONG, REQUIRED, .help = "From the cause to the exposure." },
  { "exposed", "Exposed persons", TEXT, 0, .help = "Who can come to harm." },
  { "fleet", "Reach", CHOICE, 0, .choices = risk_reach, .help = "One patient, several or the whole fleet." },
  { "results_in", "Results in", LINK, MANY, .min = 1, .to = "harm", .help = "The harms that may follow." },
};

const RecordType record_situation = {
  "situation", "Hazardous situation", "Hazardous situations", "HZS", "risk", &life_item,
  ROLE(RISK_MANAGER) | ROLE(CLINICAL_SAFETY) | ROLE(SECURITY_LEAD), ROWS(fields),
  .help = "A circumstance in which people are exposed to a hazard, as a sequence of events.",
};
