/* risk_review.c - A decision whether something learned after production changes the risk file. */
#include "record/record.h"

static const char *const decision[] = { "changed", "no_change", NULL };

enum { F_TRIGGER, F_DECISION, F_RATIONALE, F_REVIEWED_ON, F_RAISED_FROM, F_UPDATES_FILE };
static const Field fields[] = {
  [F_TRIGGER] = { "trigger", "Trigger", TEXT, REQUIRED, .help = "What was learned." },
  [F_DECISION] = { "decision", "Decision", CHOICE, 0, .choices = decision,
    .help = "Whether the file changed." },
  [F_RATIONALE] = { "rationale", "Reason", LONG, 0, .help = "Why." },
  [F_REVIEWED_ON] = { "reviewed_on", "Reviewed on", DATE, 0, .help = "Day of the decision." },
  [F_RAISED_FROM] = { "raised_from", "Raised from", LINK, MANY, .min = 1,
    .to = "complaint incident finding disclosure trend anomaly capa service_record",
    .help = "The record that triggered it." },
  [F_UPDATES_FILE] = { "updates_file", "Updates", LINK, MANY, .to = "security_risk safety_risk residual_risk",
    .help = "Rows that changed." },
};

static Err check(Cx *cx, const Record *r) {
  const Value *v = r->values;
  if (v[F_DECISION].set && !v[F_RATIONALE].set)
    problem(cx, S("rationale"), "required", "Say why the risk file changes or stays (ISO 14971, 10).");
  if (str_eq(v[F_DECISION].s, S("changed")) && v[F_UPDATES_FILE].links.n == 0)
    problem(cx, S("updates_file"), "required", "Name the risks that changed.");
  return E_OK;
}

static const Guard guards[] = {
  { "complete", GUARD_FIELD, "decision", .words = "It is decided whether the risk file changes." },
  { "complete", GUARD_FIELD, "rationale", .words = "The decision has its reason." },
};

const RecordType record_risk_review = {
  "risk_review", "Risk file review", "Risk file reviews", "RFR", "risk", &life_execution,
  ROLE(RISK_MANAGER) | ROLE(CLINICAL_SAFETY) | ROLE(SECURITY_LEAD), ROWS(fields), .check = check,
  .help = "A decision whether something learned after production changes the risk file.", ROWS(guards),
};
