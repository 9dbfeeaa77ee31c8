/* user_need.c - What a user or patient needs from the device, in their words. */
#include "record/record.h"

static const Field fields[] = {
  { "stakeholder", "Stakeholder", TEXT, 0, .help = "Patient, nurse, pharmacist ..." },
  { "statement", "Statement", LONG, REQUIRED, .help = "One need, in the words of the one who has it." },
  { "acceptance", "Acceptance", LONG, 0, .help = "How we will know that the need is met." },
};

const RecordType record_user_need = {
  "user_need", "User need", "User needs", "UN", "design", &life_item,
  ROLE(ENGINEER) | ROLE(CLINICAL_SAFETY) | ROLE(RISK_MANAGER), ROWS(fields),
  .help = "What a user or patient needs from the device, in their words.",
};
