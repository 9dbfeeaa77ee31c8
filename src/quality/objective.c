/* objective.c - A measurable objective with its target. */
#include "record/record.h"

static const Field fields[] = {
  { "metric", "Metric", TEXT, REQUIRED, .help = "What is measured." },
  { "target", "Target", TEXT, REQUIRED, .help = "With its unit." },
  { "current_value", "Now", TEXT, NOTE, .help = "The last figure, with its date." },
  { "period", "Period", TEXT, 0, .help = "When it is measured." },
  { "security", "Security objective", BOOL, 0, .help = "Is about product security." },
  { "measures", "Measures", LINK, MANY, .to = "process", .help = "The process that it tells about." },
};

const RecordType record_objective = {
  "objective", "Quality objective", "Quality objectives", "OBJ", "quality", &life_item,
  ROLE(QA_MANAGER) | ROLE(SECURITY_LEAD), ROWS(fields),
  .help = "A measurable objective with its target.",
};
