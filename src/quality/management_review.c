/* management_review.c - The periodic review of the quality system by top management. */
#include "record/record.h"

static const Field fields[] = {
  { "period", "Period", TEXT, REQUIRED, .help = "For example 2026 first half." },
  { "held_on", "Held on", DATE, 0, .help = "Day of the meeting." },
  { "attendees", "Attendees", PERSON, MANY, .help = "Who took part." },
  { "inputs", "Inputs", TEXT, MANY, .help = "One per row: what was looked at and what it showed." },
  { "decisions", "Decisions", TEXT, MANY, .help = "One per row, with who does what by when." },
  { "next_due", "Next review due", DATE, 0, .help = "When the next one is to be held." },
  { "reviews", "Reviews", LINK, MANY, .min = 1, .to = "*", .help = "Records that were inputs." },
  { "raises", "Raises", LINK, MANY, .to = "capa change objective", .help = "Actions." },
};

static const Guard guards[] = {
  { "complete", GUARD_FIELD, "held_on", .words = "The day of the review is entered." },
  { "complete", GUARD_FIELD, "inputs", .words = "What was looked at is written (ISO 13485, 5.6.2)." },
  { "complete", GUARD_FIELD, "decisions", .words = "What was decided is written (ISO 13485, 5.6.3)." },
};

const RecordType record_management_review = {
  "management_review", "Management review", "Management reviews", "MRV", "quality", &life_execution,
  ROLE(QA_MANAGER) | ROLE(APPROVER), ROWS(fields),
  .help = "The periodic review of the quality system by top management.", ROWS(guards),
};
