/* meeting.c - A meeting that decides: design board, PSIRT, material review. */
#include "record/record.h"

static const char *const kind[] = { "psirt", "design_board", "change_board", "material_review", "other",
    NULL };

static const Field fields[] = {
  { "kind", "Body", CHOICE, REQUIRED, .choices = kind, .help = "Which body met." },
  { "held_on", "Held on", DATE, 0, .help = "Day of the meeting." },
  { "members", "Present", PERSON, MANY, .help = "Who took part." },
  { "agenda", "Agenda", TEXT, MANY, .help = "One point per row." },
  { "decisions", "Decisions", LONG, 0, .help = "What was decided." },
  { "decides", "Decides on", LINK, MANY, .to = "*", .help = "Records that were decided on." },
};

static const Guard guards[] = {
  { "complete", GUARD_FIELD, "held_on", .words = "The day is entered." },
  { "complete", GUARD_FIELD, "decisions", .words = "What was decided is written." },
};

const RecordType record_meeting = {
  "meeting", "Meeting", "Meetings", "MTG", "quality", &life_execution,
  ROLE(ENGINEER) | ROLE(SECURITY_LEAD) | ROLE(QA_MANAGER) | ROLE(RISK_MANAGER) | ROLE(REGULATORY),
  ROWS(fields),
  .help = "A meeting that decides: design board, PSIRT, material review.", ROWS(guards),
};
