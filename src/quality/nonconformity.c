/* nonconformity.c - A product or process that does not meet what was required. */
#include "record/record.h"

static const char *const kind[] = { "product", "process", "supplier", "document", NULL };
static const char *const delivery[] = { "before_delivery", "after_delivery", "not_applicable", NULL };
static const char *const disposition[] = { "use_as_is", "rework", "scrap", "return", "concession", NULL };
static const char *const capa_needed[] = { "yes", "no", NULL };

enum { F_KIND, F_DELIVERY, F_DESCRIPTION, F_CONTAINMENT, F_CAUSE, F_DISPOSITION, F_DISPOSITION_REASON,
       F_CAPA_NEEDED, F_CAPA_REASON, F_ADVISORY_NEEDED, F_DUE, F_RAISED_FROM, F_ESCALATED_TO, F_ABOUT };
static const Field fields[] = {
  [F_KIND] = { "kind", "Kind", CHOICE, REQUIRED, .choices = kind, .help = "What does not conform." },
  [F_DELIVERY] = { "delivery", "Found", CHOICE, 0, .choices = delivery,
    .help = "Before or after it reached a customer." },
  [F_DESCRIPTION] = { "description", "Description", LONG, REQUIRED,
    .help = "What was found, where, how many." },
  [F_CONTAINMENT] = { "containment", "Containment", LONG, NOTE, .help = "What was done at once." },
  [F_CAUSE] = { "cause", "Cause", LONG, NOTE, .help = "Where it is known." },
  [F_DISPOSITION] = { "disposition", "Disposition", CHOICE, NOTE, .choices = disposition,
    .help = "What becomes of it." },
  [F_DISPOSITION_REASON] = { "disposition_reason", "Reason", LONG, NOTE,
    .help = "Needed for use as is and for a concession." },
  [F_CAPA_NEEDED] = { "capa_needed", "CAPA needed", CHOICE, NOTE, .choices = capa_needed,
    .help = "The decision, with its reason below." },
  [F_CAPA_REASON] = { "capa_reason", "Reason of this decision", LONG, NOTE, .help = "A sentence." },
  [F_ADVISORY_NEEDED] = { "advisory_needed", "Advisory notice needed", CHOICE, NOTE,
    .choices = capa_needed, .help = "For what has been delivered (ISO 13485, 8.3.3)." },
  [F_DUE] = { "due", "Due", DATE, NOTE, .help = "When it is to be closed." },
  [F_RAISED_FROM] = { "raised_from", "Raised from", LINK, MANY, .min = 1, .to = "*",
    .help = "What brought it to light." },
  [F_ESCALATED_TO] = { "escalated_to", "Escalated to", LINK, MANY, .to = "capa", .help = "The CAPA." },
  [F_ABOUT] = { "about", "About", LINK, MANY, .to = "supplier product release process document element",
    .help = "What it concerns." },
};

static Err check(Cx *cx, const Record *r) {
  const Value *v = r->values;
  Str d = v[F_DISPOSITION].s;
  if ((str_eq(d, S("use_as_is")) || str_eq(d, S("concession"))) && !v[F_DISPOSITION_REASON].set)
    problem(cx, S("disposition_reason"), "required",
            "Accepting a nonconformity as it is needs a reason (ISO 13485, 8.3).");
  if (v[F_CAPA_NEEDED].set && !v[F_CAPA_REASON].set)
    problem(cx, S("capa_reason"), "required", "Say why a CAPA is or is not needed.");
  return E_OK;
}

static const Guard guards[] = {
  { "contain", GUARD_FIELD, "containment", .words = "What was done at once is written." },
  { "find_cause", GUARD_FIELD, "cause", .words = "The cause is written." },
  { "approve_plan", GUARD_FIELD, "disposition", .words = "What becomes of it is decided (ISO 13485, 8.3)." },
  { "close", GUARD_FIELD, "capa_needed", .words = "It is decided whether a CAPA is needed." },
  { "close", GUARD_FIELD, "advisory_needed",
    .words = "It is decided whether users must be told.", .when = "delivery=after_delivery" },
  { "close", GUARD_LINK, "escalated_to", .words = "The CAPA is named.", .when = "capa_needed=yes" },
};

const RecordType record_nonconformity = {
  "nonconformity", "Nonconformity", "Nonconformities", "NC", "quality", &life_capa,
  ROLE(QA_MANAGER) | ROLE(SUPPLIER_MANAGER) | ROLE(ENGINEER) | ROLE(SECURITY_LEAD), ROWS(fields), .check =
  check,
  .help = "A product or process that does not meet what was required.", ROWS(guards),
};
