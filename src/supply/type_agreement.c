/* type_agreement.c - What a supplier has agreed to: security clauses with their times. */
#include "record/record.h"

static const char *const clauses[] = { "security_updates", "vulnerability_notification",
    "disclosure_coordination", "sbom", "end_of_support_notice", "change_notice", "audit_right",
    "incident_notice", "confidentiality", "secure_development", "certification", "availability", NULL };

enum { F_CLAUSES, F_FIX_DAYS, F_NOTICE_DAYS, F_INCIDENT_HOURS, F_CHANGE_NOTICE_DAYS, F_FROM_DATE, F_TO_DATE,
       F_RENEWS, F_SIGNATORIES, F_NOTES, F_WITH };
static const Field fields[] = {
  [F_CLAUSES] = { "clauses", "Clauses", CHOICE, MANY, .choices = clauses,
    .help = "Security clauses that it contains." },
  [F_FIX_DAYS] = { "fix_days", "Fix within days", INT, 0, .min = 0, .max = 3650,
    .help = "After a vulnerability is known." },
  [F_NOTICE_DAYS] = { "notice_days", "Vulnerability notice within days", INT, 0, .min = 0, .max = 3650,
    .help = "After they know of it." },
  [F_INCIDENT_HOURS] = { "incident_hours", "Incident notice within hours", INT, 0, .min = 0, .max = 8760,
    .help = "After they know of it." },
  [F_CHANGE_NOTICE_DAYS] = { "change_notice_days", "Change notice, days ahead", INT, 0, .min = 0, .max = 3650,
    .help = "Before a change." },
  [F_FROM_DATE] = { "from_date", "From", DATE, 0, .help = "First day." },
  [F_TO_DATE] = { "to_date", "To", DATE, 0, .help = "Last day, unless it renews." },
  [F_RENEWS] = { "renews", "Renews by itself", BOOL, 0, .help = "Until somebody ends it." },
  [F_SIGNATORIES] = { "signatories", "Signed by", TEXT, MANY, .help = "Names, both sides." },
  [F_NOTES] = { "notes", "Notes", LONG, 0, .help = "Where the clauses stand, and exceptions." },
  [F_WITH] = { "with", "With", LINK, 0, .to = "supplier", .help = "The supplier." },
};

static Err check(Cx *cx, const Record *r) {
  const Value *v = r->values;
  if (v[F_FROM_DATE].set && v[F_TO_DATE].set && v[F_TO_DATE].i < v[F_FROM_DATE].i)
    problem(cx, S("to_date"), "order", "The agreement ends before it begins.");
  return E_OK;
}

static const Guard guards[] = {
  { "submit", GUARD_LINK, "with governs",
    .words = "The supplier is named, here or in the supplier's record." },
  { "submit", GUARD_FIELD, "clauses", .words = "The clauses that it holds are ticked." },
};

const RecordType record_agreement = {
  "agreement", "Agreement", "Agreements", "AGR", "supply", &life_document,
  ROLE(SUPPLIER_MANAGER) | ROLE(QA_MANAGER), ROWS(fields), .check = check,
  .help = "What a supplier has agreed to: security clauses with their times.", ROWS(guards),
};
