/* audit.c - An audit of our own processes. */
#include "record/record.h"

static const Field fields[] = {
  { "scope", "Scope", TEXT, REQUIRED, .help = "Processes and sites." },
  { "criteria", "Criteria", TEXT, 0, .help = "Standards and procedures it is held against." },
  { "auditors", "Auditors", PERSON, MANY, .help = "Independent of what they audit." },
  { "from_date", "From", DATE, 0, .help = "First day." },
  { "to_date", "To", DATE, 0, .help = "Last day." },
  { "summary", "Summary", LONG, 0, .help = "Result in a few sentences." },
  { "covers", "Covers", LINK, MANY, .to = "process document", .help = "What was audited." },
  { "raises", "Raises", LINK, MANY, .to = "audit_finding", .help = "What was found." },
};

const RecordType record_audit = {
  "audit", "Internal audit", "Internal audits", "AUD", "quality", &life_execution,
  ROLE(QA_MANAGER) | ROLE(AUDITOR), ROWS(fields),
  .help = "An audit of our own processes.",
};
