/* type_supplier.c - Somebody whose parts, software or services the product depends on. */
#include "record/record.h"

static const char *const kind[] = { "component", "software", "cloud", "service", "open_source", "contractor",
    "test_laboratory", NULL };
static const char *const criticality[] = { "minor", "major", "critical", NULL };
static const char *const watch[] = { "none", "watch", "escalated", NULL };
static const char *const custody[] = { "escrow", "own_copy", "none", "not_applicable", NULL };

enum { F_KIND, F_CRITICALITY, F_DELIVERS, F_COUNTRY, F_SECURITY_CONTACT, F_DISCLOSURE_POLICY, F_SUPPORT_END,
       F_REPLACEMENT_PLAN, F_EVALUATION_MONTHS, F_EVALUATION_DUE, F_AUDIT_MONTHS, F_AUDIT_DUE, F_WATCH,
       F_WATCH_REASON, F_CUSTODY, F_GOVERNED_BY };
static const Field fields[] = {
  [F_KIND] = { "kind", "Kind", CHOICE, REQUIRED, .choices = kind, .help = "What they are to us." },
  [F_CRITICALITY] = { "criticality", "Criticality", CHOICE, REQUIRED, .choices = criticality,
    .help = "What happens to the patient when they fail." },
  [F_DELIVERS] = { "delivers", "Delivers", TEXT, REQUIRED, .help = "What we get from them." },
  [F_COUNTRY] = { "country", "Country", TEXT, 0, .max = 40, .help = "Code." },
  [F_SECURITY_CONTACT] = { "security_contact", "Security contact", TEXT, 0,
    .help = "Address of their product security team." },
  [F_DISCLOSURE_POLICY] = { "disclosure_policy", "Disclosure policy", TEXT, 0,
    .help = "Where it is published." },
  [F_SUPPORT_END] = { "support_end", "Support ends", DATE, 0,
    .help = "Earliest end of support of what they supply." },
  [F_REPLACEMENT_PLAN] = { "replacement_plan", "Replacement plan", LONG, 0,
    .help = "Needed when their support ends before ours." },
  [F_EVALUATION_MONTHS] = { "evaluation_months", "Evaluation interval in months", INT, 0, .min = 1, .max = 60,
    .help = "Between evaluations." },
  [F_EVALUATION_DUE] = { "evaluation_due", "Next evaluation due", DATE, 0, .help = "Day." },
  [F_AUDIT_MONTHS] = { "audit_months", "Audit interval in months", INT, 0, .min = 0, .max = 60,
    .help = "0: no audits." },
  [F_AUDIT_DUE] = { "audit_due", "Next audit due", DATE, 0, .help = "Day." },
  [F_WATCH] = { "watch", "Watch", CHOICE, 0, .choices = watch,
    .help = "Whether something about them is watched." },
  [F_WATCH_REASON] = { "watch_reason", "Reason", LONG, 0,
    .help = "Needed when it is watched; for open source: why monitoring takes the place of evaluation." },
  [F_CUSTODY] = { "custody", "Source custody", CHOICE, 0, .choices = custody,
    .help = "What we have when they vanish." },
  [F_GOVERNED_BY] = { "governed_by", "Agreement", LINK, MANY, .to = "agreement", .help = "What binds them." },
};

static Err check(Cx *cx, const Record *r) {
  const Value *v = r->values;
  if (v[F_WATCH].set && !str_eq(v[F_WATCH].s, S("none")) && !v[F_WATCH_REASON].set)
    problem(cx, S("watch_reason"), "required", "Say why this supplier is watched.");
  if (v[F_AUDIT_DUE].set && v[F_AUDIT_MONTHS].set && v[F_AUDIT_MONTHS].i == 0)
    problem(cx, S("audit_due"), "order", "An audit date with an audit interval of 0 (no audits).");
  return E_OK;
}

static const Guard guards[] = {
  { "approve approve_conditionally", GUARD_LINK, "has_of", "accepted supplier_evaluation",
    .words = "An evaluation of this supplier is completed (ISO 13485, 7.4.1)." },
};

const RecordType record_supplier = {
  "supplier", "Supplier", "Suppliers", "SUP", "supply", &life_supplier,
  ROLE(SUPPLIER_MANAGER) | ROLE(QA_MANAGER), ROWS(fields), .check = check,
  .help = "Somebody whose parts, software or services the product depends on.", ROWS(guards),
};
