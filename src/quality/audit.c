/* audit.c - An audit of our own processes. */
#include "record/record.h"

static const Field fields[] = {
  { "scope", "Scope", TEXT, REQUIRED, .help = "Processes and sites." },
  { "criteria", "Criteria", TEXT, 0, .help = "Standards and procedures it is held against." },
  { "programme", "Programme", TEXT, 0, .help = "The audit programme and its year." },
  { "auditors", "Auditors", PERSON, MANY, .help = "Independent of what they audit." },
  { "independence", "Independence", TEXT, 0, .help = "Why they can judge: not their own work." },
  { "from_date", "From", DATE, 0, .help = "First day." },
  { "to_date", "To", DATE, 0, .help = "Last day." },
  { "summary", "Summary", LONG, 0, .help = "Result in a few sentences." },
  { "covers", "Covers", LINK, MANY, .min = 1, .to = "process document", .help = "What was audited." },
  { "raises", "Raises", LINK, MANY, .to = "audit_finding", .help = "What was found." },
};

static const Guard guards[] = {
  { "complete", GUARD_FIELD, "auditors", .words = "The auditors are named." },
  { "complete", GUARD_FIELD, "summary", .words = "The result is summarised." },
};

const RecordType record_audit = {
  "audit", "Internal audit", "Internal audits", "AUD", "quality", &life_execution,
  ROLE(QA_MANAGER) | ROLE(AUDITOR), ROWS(fields),
  .help = "An audit of our own processes.", ROWS(guards),
};
