/* role_assignment.c - Who holds a role, for what, from when to when, and for whom as deputy. */
#include "record/record.h"

enum { F_HOLDER, F_DEPUTY_OF, F_SCOPE, F_FROM_DATE, F_TO_DATE, F_DELEGATION, F_OF };
static const Field fields[] = {
  [F_HOLDER] = { "holder", "Person", PERSON, REQUIRED, .help = "Who holds it." },
  [F_DEPUTY_OF] = { "deputy_of", "Deputy of", PERSON, 0, .help = "Whose place this person takes." },
  [F_SCOPE] = { "scope", "Scope", TEXT, 0, .help = "Where it is narrower than the products named." },
  [F_FROM_DATE] = { "from_date", "From", DATE, REQUIRED, .help = "First day." },
  [F_TO_DATE] = { "to_date", "To", DATE, 0, .help = "Last day; empty: until further notice." },
  [F_DELEGATION] = { "delegation", "Delegation", TEXT, 0,
    .help = "The paper or record by which it was passed on." },
  [F_OF] = { "of", "Role", LINK, 0, .min = 1, .to = "role", .help = "What is held." },
};

static Err check(Cx *cx, const Record *r) {
  const Value *v = r->values;
  if (v[F_TO_DATE].set && v[F_TO_DATE].i < v[F_FROM_DATE].i)
    problem(cx, S("to_date"), "order", "It would end before it begins.");
  if (v[F_DEPUTY_OF].set && str_eq(v[F_DEPUTY_OF].s, v[F_HOLDER].s))
    problem(cx, S("deputy_of"), "self", "Nobody is their own deputy.");
  return E_OK;
}

const RecordType record_role_assignment = {
  "role_assignment", "Role assignment", "Role assignments", "RAS", "quality", &life_item,
  ROLE(QA_MANAGER) | ROLE(REGULATORY) | ROLE(TRAINING_COORDINATOR), ROWS(fields), .check = check,
  .help = "Who holds a role, for what, from when to when, and for whom as deputy.",
};
