/* audit_finding.c - What an audit found, how grave it is and what became of it. */
#include "record/record.h"

static const char *const grade[] = { "observation", "minor", "major", NULL };

static const Field fields[] = {
  { "grade", "Grade", CHOICE, REQUIRED, .choices = grade, .help = "How grave it is." },
  { "clause", "Clause", TEXT, 0, .help = "What it offends against." },
  { "evidence", "Evidence", LONG, REQUIRED, .help = "What was seen." },
  { "due", "Due", DATE, NOTE, .help = "When it must be answered." },
  { "answer", "Answer", LONG, NOTE, .help = "Cause and action." },
  { "about", "About", LINK, MANY, .to = "*", .help = "What it is about." },
  { "escalated_to", "Escalated to", LINK, MANY, .to = "nonconformity capa",
    .help = "Where it is worked on." },
};

static const Guard guards[] = {
  { "close", GUARD_FIELD, "answer", .words = "Cause and action are written." },
  { "close", GUARD_LINK, "escalated_to",
    .words = "A major finding is worked on in a nonconformity or CAPA.", .when = "grade=major" },
};

const RecordType record_audit_finding = {
  "audit_finding", "Audit finding", "Audit findings", "AFD", "quality", &life_case,
  ROLE(QA_MANAGER) | ROLE(AUDITOR) | ROLE(SUPPLIER_MANAGER), ROWS(fields),
  .help = "What an audit found, how grave it is and what became of it.", ROWS(guards),
};
