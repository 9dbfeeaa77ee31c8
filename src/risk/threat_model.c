/* threat_model.c - The threat model of a product: scope, method, assumptions and who took part. */
#include "risk/inside.h"

static const Field fields[] = {
  { "scope", "Scope", LONG, REQUIRED, .help = "The whole medical device system over its life." },
  { "methodology", "Methodology", TEXT, REQUIRED, .help = "STRIDE per element, attack trees ..." },
  { "methodology_reason", "Why this methodology", LONG, 0, .help = "A few sentences." },
  { "assumptions", "Assumptions", TEXT, MANY,
    .help = "Include that networks are hostile: an adversary may alter, drop and replay." },
  { "lifecycle", "Lifecycle sources considered", CHOICE, MANY, .choices = risk_lifecycle,
    .help = "Supply chain to decommission." },
  { "participants", "Participants", PERSON, MANY, .help = "Who took part." },
  { "reviewed_on", "Reviewed on", DATE, 0, .help = "Day of the last full review." },
  { "next_review", "Next review", DATE, 0, .help = "When it is due again." },
  { "includes", "Includes", LINK, MANY, .min = 1, .to = "threat misuse diagram",
    .help = "What belongs to it." },
};

const RecordType record_threat_model = {
  "threat_model", "Threat model", "Threat models", "TMD", "risk", &life_item,
  ROLE(SECURITY_LEAD) | ROLE(ENGINEER) | ROLE(RISK_MANAGER), ROWS(fields),
  .help = "The threat model of a product: scope, method, assumptions and who took part.",
};
