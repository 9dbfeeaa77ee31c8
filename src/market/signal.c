/* signal.c - Something heard from outside before it is known what it is. */
#include "record/record.h"

static const char *const source[] = { "customer", "researcher", "supplier", "authority", "isao", "news",
    "service", "own_monitoring", NULL };

static const Field fields[] = {
  { "source", "Source", CHOICE, REQUIRED, .choices = source, .help = "Who told us." },
  { "content", "Text", LONG, REQUIRED, .help = "As received." },
  { "aware_on", "Aware on", DATE, 0, .help = "The day that regulatory clocks start from." },
  { "aware", "First aware", PERSON, 0, .help = "Who heard it first." },
  { "dedupe_key", "Same as", TEXT, NOTE,
    .help = "What two reports of one thing have in common: serial, CVE, case number." },
  { "becomes", "Becomes", LINK, MANY, .to = "complaint finding disclosure incident",
    .help = "The case that it turned into." },
};

static const Guard guards[] = {
  { "close", GUARD_LINK, "becomes",
    .words = "The case that it turned into is named; what is no case is rejected." },
};

const RecordType record_signal = {
  "signal", "Signal", "Signals", "SGN", "market", &life_case,
  ROLE(REGULATORY) | ROLE(QA_MANAGER) | ROLE(SECURITY_LEAD) | ROLE(ENGINEER), ROWS(fields),
  .help = "Something heard from outside before it is known what it is.", ROWS(guards),
};
