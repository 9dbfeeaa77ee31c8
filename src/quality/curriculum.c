/* curriculum.c - What people with a role must be trained on, and how often. */
#include "record/record.h"

static const char *const kind[] = { "reading", "class", "exercise", "awareness", NULL };

static const Field fields[] = {
  { "role", "Roles", TEXT, MANY, .help = "Roles that it applies to." },
  { "kind", "Kind", CHOICE, 0, .choices = kind, .help = "How it is trained." },
  { "interval_months", "Interval in months", INT, 0, .min = 0, .max = 60, .help = "0: once." },
  { "grace_days", "Days of grace", INT, 0, .min = 0, .max = 365,
    .help = "After a new version takes effect." },
  { "effectiveness", "Effectiveness", TEXT, 0, .help = "How we see that it worked." },
  { "trains_on", "Trains on", LINK, MANY, .to = "document", .help = "What is taught." },
};

const RecordType record_curriculum = {
  "curriculum", "Curriculum", "Curricula", "CUR", "quality", &life_item,
  ROLE(TRAINING_COORDINATOR) | ROLE(QA_MANAGER), ROWS(fields),
  .help = "What people with a role must be trained on, and how often.",
};
