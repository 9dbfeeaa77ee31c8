/* drill.c - An exercise of the incident response plan: scenario, injects, timeline and findings. */
#include "record/record.h"

static const Field fields[] = {
  { "scenario", "Scenario", LONG, REQUIRED, .help = "The story." },
  { "objectives", "Objectives", TEXT, MANY, .help = "What must be reached, one per row." },
  { "held_on", "Held on", DATE, 0, .help = "Day." },
  { "participants", "Participants", PERSON, MANY, .help = "Who took part." },
  { "parts", "Roles played", TEXT, MANY, .help = "Role and person, one per row." },
  { "injects", "Injects", TEXT, MANY, .help = "Minute and what is played in, one per row." },
  { "timeline", "Timeline", TEXT, MANY, .help = "Minute and what was done, one per row." },
  { "limit_minutes", "Limit in minutes", INT, 0, .min = 0, .max = 100000, .help = "To restore service." },
  { "measured_minutes", "Measured minutes", INT, 0, .min = 0, .max = 100000, .help = "To restore service." },
  { "result", "Result", LONG, 0, .help = "What went well and what did not." },
  { "exercises", "Exercises", LINK, MANY, .min = 1, .to = "document threat",
    .help = "The plan and the threats that were played." },
  { "executes", "Runs test", LINK, MANY, .to = "test_case", .help = "The test that it is the run of." },
  { "raises", "Raises", LINK, MANY, .to = "capa anomaly change", .help = "Actions." },
};

static const Guard guards[] = {
  { "complete", GUARD_FIELD, "held_on", .words = "The day of the drill is entered." },
  { "complete", GUARD_FIELD, "participants", .words = "Who took part is entered." },
  { "complete", GUARD_FIELD, "result", .words = "What went well and what did not is written." },
};

const RecordType record_drill = {
  "drill", "Drill", "Drills", "DRL", "market", &life_execution,
  ROLE(SECURITY_LEAD) | ROLE(QA_MANAGER) | ROLE(ENGINEER), ROWS(fields),
  .help = "An exercise of the incident response plan: scenario, injects, timeline and findings.", ROWS(guards),
};
