/* role.c - A role of the company: what it answers for and what a person needs to hold it (ISO 13485 5.5.1, 6.2). */
#include "record/record.h"

#define DUTY_WORD(word, title) word,
static const char *const enforced[] = { DUTIES(DUTY_WORD) NULL };

static const Field fields[] = {
  { "description", "Answers for", LONG, REQUIRED, .help = "What it decides and does." },
  { "enforced", "Duties", CHOICE, MANY, .choices = enforced,
    .help = "The duties that an approved assignment of this role gives to its holder; the program enforces them." },
  { "security", "Security role", BOOL, 0, .help = "Belongs to product security." },
  { "qualifications", "Qualifications", TEXT, MANY, .help = "What a holder must bring, one per row." },
  { "needs_deputy", "Needs a deputy", BOOL, 0, .help = "Somebody must be able to act at any time." },
  { "requires_training", "Requires training", LINK, MANY, .to = "curriculum document",
    .help = "Before it is held." },
};

static const Guard guards[] = {
  { "submit", GUARD_LINK, "requires_training",
    .words = "The training that a security role requires is named.",
    .when = "security=yes" },
};

const RecordType record_role = {
  "role", "Role", "Roles", "ROL", "quality", &life_item,
  ROLE(QA_MANAGER) | ROLE(REGULATORY) | ROLE(TRAINING_COORDINATOR), ROWS(fields),
  .help = "A role of the company: what it answers for and what a person needs to hold it.", ROWS(guards),
};
