/* clause.c - A row of a checklist: whether a requirement of a standard or law applies, and what shows
 * that it is met. */
#include "record/record.h"

static const char *const applicable[] = { "yes", "no", NULL };

enum { F_INSTRUMENT, F_EDITION, F_CLAUSE, F_CONTENT, F_APPLICABLE, F_REASON, F_METHOD, F_STANDARD,
       F_EVIDENCED_BY };
static const Field fields[] = {
  [F_INSTRUMENT] = { "instrument", "Instrument", TEXT, REQUIRED, .help = "Standard, law or guidance." },
  [F_EDITION] = { "edition", "Edition", TEXT, 0, .help = "Year or date." },
  [F_CLAUSE] = { "clause", "Clause", TEXT, REQUIRED, .max = 80, .help = "Number." },
  [F_CONTENT] = { "content", "In our words", LONG, 0, .help = "A line that says what it asks for." },
  [F_APPLICABLE] = { "applicable", "Applies", CHOICE, 0, .choices = applicable,
    .help = "To this product or to the company." },
  [F_REASON] = { "reason", "Reason", LONG, 0, .help = "Needed when it does not apply." },
  [F_METHOD] = { "method", "Method", TEXT, 0, .help = "How it is met." },
  [F_STANDARD] = { "standard", "Standard used", TEXT, 0, .help = "Harmonised standard or specification." },
  [F_EVIDENCED_BY] = { "evidenced_by", "Evidence", LINK, MANY, .to = "*",
    .help = "Documents and records that show it." },
};

static Err check(Cx *cx, const Record *r) {
  const Value *v = r->values;
  if (str_eq(v[F_APPLICABLE].s, S("no")) && !v[F_REASON].set)
    problem(cx, S("reason"), "required", "Say why this clause does not apply.");
  return E_OK;
}

static const Guard guards[] = {
  { "submit", GUARD_FIELD, "applicable", .words = "It is decided whether the clause applies." },
  { "submit", GUARD_LINK, "evidenced_by",
    .words = "What shows that an applicable clause is met is linked.", .when = "applicable=yes" },
};

const RecordType record_clause = {
  "clause", "Clause", "Clauses", "REQMAP", "quality", &life_item,
  ROLE(REGULATORY) | ROLE(QA_MANAGER) | ROLE(SECURITY_LEAD) | ROLE(ENGINEER), ROWS(fields), .check =
  check,
  .help = "A row of a checklist: whether a requirement of a standard or law applies, and what shows that "
          "it is met.", ROWS(guards),
};
