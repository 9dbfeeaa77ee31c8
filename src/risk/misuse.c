/* misuse.c - How a person could use the device in a foreseeable way that was not meant. */
#include "risk/inside.h"

static const char *const intent[] = { "error", "shortcut", "abuse", "malicious", NULL };

static const Field fields[] = {
  { "role", "User role", TEXT, REQUIRED, .help = "Who does it." },
  { "intent", "Intent", CHOICE, REQUIRED, .choices = intent, .help = "Why it is done." },
  { "steps_text", "Steps", LONG, 0, .help = "What is done, in order." },
  { "exploitability", "Exploitability before controls", CHOICE, 0, .choices = risk_exploitability,
    .help = "How easily it happens." },
  { "severity", "Severity before controls", CHOICE, 0, .choices = risk_severity,
    .help = "Of the worst credible harm." },
  { "targets", "At", LINK, MANY, .to = "element flow interface asset", .help = "Where it happens." },
  { "mitigated_by", "Mitigated by", LINK, MANY, .to = "control", .help = "Controls against it." },
  { "leads_to", "Leads to", LINK, MANY, .min = 1, .to = "threat situation", .help = "What follows." },
};

const RecordType record_misuse = {
  "misuse", "Misuse scenario", "Misuse scenarios", "MIS", "risk", &life_item,
  ROLE(SECURITY_LEAD) | ROLE(ENGINEER) | ROLE(RISK_MANAGER) | ROLE(CLINICAL_SAFETY), ROWS(fields),
  .help = "How a person could use the device in a foreseeable way that was not meant.",
};
