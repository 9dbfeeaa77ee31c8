/* role_assignment.c - Who holds a role, for what, from when to when, and for whom as deputy.  Its approval gives
 * the duties of the role, which the program asks for at every step that needs one (ISO 13485 5.5.1, IEC 81001-5-1
 * 4.1.2). */
#include "record/record.h"

static const char *const levels[] = { "low", "medium", "high", NULL };

enum { F_HOLDER, F_DEPUTY_OF, F_SCOPE, F_FROM_DATE, F_TO_DATE, F_UPTO, F_DELEGATION, F_OF };
static const Field fields[] = {
  [F_HOLDER] = { "holder", "Person", PERSON, REQUIRED, .help = "Who holds it." },
  [F_DEPUTY_OF] = { "deputy_of", "Deputy of", PERSON, 0, .help = "Whose place this person takes." },
  [F_SCOPE] = { "scope", "Scope", TEXT, 0, .help = "Where it is narrower than the products named." },
  [F_FROM_DATE] = { "from_date", "From", DATE, REQUIRED, .help = "First day." },
  [F_TO_DATE] = { "to_date", "To", DATE, 0, .help = "Last day; empty: until further notice." },
  [F_UPTO] = { "upto", "Accepts up to", CHOICE, 0, .choices = levels,
    .help = "The highest residual risk that may be accepted; empty: any." },
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

static Err each_product(Cx *cx, Call *call, const Record *r, Duty *d, bool gives) {
  for (size_t i = 0; i < r->products.n || !i; i++) {
    d->product = i < r->products.n ? r->products.p[i] : S("");
    TRY(gives ? people_duty_set(cx, call, d) : people_duty_end(cx, call, d));
  }
  return E_OK;
}

static Str text(const Value *v) { return v->set ? v->s : S(""); }

/* Gives or ends the duties of the role that this revision names. */
static Err duties(Cx *cx, Call *call, const Record *r, bool gives) {
  const Value *v = r->values;
  Record role;
  if (!v[F_OF].links.n) return E_OK;
  TRY(record_get(cx, call->store, v[F_OF].links.p[0].to, 0, &role));
  if (role.in_force_rev) TRY(record_get(cx, call->store, role.id, role.in_force_rev, &role));
  const Value *words = record_value(&role, "enforced");
  for (size_t i = 0; i < words->list.n; i++) {
    Duty d = { .person = v[F_HOLDER].s, .duty = words->list.p[i], .deputy_of = text(&v[F_DEPUTY_OF]),
               .upto = text(&v[F_UPTO]),
               .from_day = (int32_t)v[F_FROM_DATE].i,
               .to_day = v[F_TO_DATE].set ? (int32_t)v[F_TO_DATE].i : DUTY_FOREVER };
    TRY(each_product(cx, call, r, &d, gives));
  }
  return E_OK;
}

/* What an earlier revision gave ends with the one that takes its place. */
static Err entered(Cx *cx, Call *call, const Record *r, const Step *step) {
  bool gives = str_eq(str_of(step->to), S("approved"));
  if (!gives && !str_eq(str_of(step->from), S("approved")) && !str_eq(str_of(step->from), S("*"))) return E_OK;
  for (int64_t rev = 1; rev <= r->rev - gives; rev++) {
    Record old;
    TRY(record_get(cx, call->store, r->id, rev, &old));
    TRY(duties(cx, call, &old, false));
  }
  return gives ? duties(cx, call, r, true) : E_OK;
}

static const Guard guards[] = {
  { "submit", GUARD_LINK, "of", "accepted", .words = "The role itself is approved." },
};

const RecordType record_role_assignment = {
  "role_assignment", "Role assignment", "Role assignments", "RAS", "quality", &life_item,
  ROLE(QA_MANAGER) | ROLE(REGULATORY) | ROLE(TRAINING_COORDINATOR), ROWS(fields), .check = check,
  .help = "Who holds a role, for what, from when to when, and for whom as deputy.", ROWS(guards), .entered = entered,
};
