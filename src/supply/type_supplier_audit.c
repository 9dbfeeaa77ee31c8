/* type_supplier_audit.c - An audit at a supplier. */
#include "record/record.h"

static const char *const grade[] = { "a", "b", "c", "d", NULL };

static const Field fields[] = {
  { "scope", "Scope", TEXT, REQUIRED, .help = "Processes and sites." },
  { "auditors", "Auditors", PERSON, MANY, .help = "Who went." },
  { "audited_on", "Audited on", DATE, 0, .help = "Day." },
  { "grade", "Grade", CHOICE, 0, .choices = grade, .help = "A best." },
  { "summary", "Summary", LONG, 0, .help = "What was seen." },
  { "next_due", "Next due", DATE, 0, .help = "Day." },
  { "of", "Of", LINK, 0, .min = 1, .to = "supplier", .help = "The supplier." },
  { "raises", "Raises", LINK, MANY, .to = "audit_finding nonconformity capa", .help = "What was found." },
};

static const Guard guards[] = {
  { "complete", GUARD_FIELD, "audited_on", .words = "The day of the audit is entered." },
  { "complete", GUARD_FIELD, "summary", .words = "What was seen is summarised." },
};

const RecordType record_supplier_audit = {
  "supplier_audit", "Supplier audit", "Supplier audits", "SAU", "supply", &life_execution,
  ROLE(SUPPLIER_MANAGER) | ROLE(QA_MANAGER) | ROLE(AUDITOR), ROWS(fields),
  .help = "An audit at a supplier.", ROWS(guards),
};
