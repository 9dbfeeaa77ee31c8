/* trend.c - A series of events held against its baseline (MDR Art. 88). */
#include "record/record.h"

static const char *const result[] = { "within", "above", NULL };

static const Field fields[] = {
  { "series", "Series", TEXT, REQUIRED, .help = "What is counted." },
  { "baseline", "Baseline", TEXT, 0, .help = "With its source." },
  { "method", "Test", TEXT, 0, .help = "How a rise is recognised." },
  { "figure", "Figure", TEXT, 0, .help = "For the period." },
  { "result", "Result", CHOICE, 0, .choices = result, .help = "Of the threshold." },
  { "decision", "Decision", LONG, 0, .help = "What is done." },
  { "period_to", "Period to", DATE, 0, .help = "Last day of the period." },
  { "reported_in", "Reported in", LINK, MANY, .to = "regulatory_report", .help = "Where it was reported." },
};

static const Guard guards[] = {
  { "complete", GUARD_FIELD, "result", .words = "The result of the test is entered." },
  { "complete", GUARD_FIELD, "decision", .words = "What is done about it is written." },
};

const RecordType record_trend = {
  "trend", "Trend evaluation", "Trend evaluations", "TRD", "market", &life_execution,
  ROLE(REGULATORY) | ROLE(QA_MANAGER) | ROLE(RISK_MANAGER), ROWS(fields),
  .help = "A series of events held against its baseline (MDR Art. 88).", ROWS(guards),
};
