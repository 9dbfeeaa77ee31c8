/* requirement.c - What the product shall do, worded so that a test can decide it. */
#include "record/record.h"

static const char *const kind[] = { "system", "software", "hardware", "security", "privacy", "labelling",
    "regulatory", NULL };
static const char *const categories[] = { "authentication", "authorization", "cryptography", "integrity",
    "confidentiality", "logging", "resiliency", "updates", NULL };
static const char *const objective[] = { "authenticity", "authorization", "availability", "confidentiality",
    "updatability", NULL };
static const char *const priority[] = { "low", "medium", "high", NULL };
static const char *const safety_class[] = { "a", "b", "c", NULL };

enum { F_KIND, F_STATEMENT, F_CATEGORIES, F_OBJECTIVE, F_ACCEPTANCE, F_RATIONALE, F_PRIORITY,
       F_SAFETY_CLASS, F_DERIVES_FROM, F_REFINES, F_ALLOCATED_TO };
static const Field fields[] = {
  [F_KIND] = { "kind", "Kind", CHOICE, REQUIRED, .choices = kind, .help = "What the requirement is about." },
  [F_STATEMENT] = { "statement", "Statement", LONG, REQUIRED, .help = "One sentence with one \"shall\"." },
  [F_CATEGORIES] = { "categories", "Control categories", CHOICE, MANY, .choices = categories,
    .help = "The FDA control categories that it answers." },
  [F_OBJECTIVE] = { "objective", "Security objective", CHOICE, 0, .choices = objective,
    .help = "The objective that it serves." },
  [F_ACCEPTANCE] = { "acceptance", "Acceptance criterion", LONG, 0, .help = "What a passing test shows." },
  [F_RATIONALE] = { "rationale", "Rationale", LONG, 0, .help = "Why it is needed." },
  [F_PRIORITY] = { "priority", "Priority", CHOICE, NOTE, .choices = priority, .help = "For planning only." },
  [F_SAFETY_CLASS] = { "safety_class", "Software safety class", CHOICE, 0, .choices = safety_class,
    .help = "Of the item that implements it." },
  [F_DERIVES_FROM] = { "derives_from", "Derives from", LINK, MANY,
    .to = "user_need requirement threat misuse security_risk safety_risk clause",
    .help = "Where the requirement comes from." },
  [F_REFINES] = { "refines", "Refines", LINK, MANY, .to = "requirement",
    .help = "A wider requirement that this one details." },
  [F_ALLOCATED_TO] = { "allocated_to", "Allocated to", LINK, MANY, .min = 1, .to = "element",
    .help = "Elements that must meet it." },
};

/* ISO 13485 7.3.3, IEC 62304 5.2.6: a test can decide a requirement, so it has a "shall" and no TBD. */
static Err check(Cx *cx, const Record *r) {
  Str s = r->values[F_STATEMENT].s;
  size_t at = str_find_nocase(s, S("shall"));
  if (at == SIZE_MAX)
    problem(cx, S("statement"), "wording", "Write what the product shall do: the word \"shall\" is missing.");
  if (str_find(s, S("TBD")) != SIZE_MAX || str_find(s, S("TBC")) != SIZE_MAX)
    problem(cx, S("statement"), "wording",
            "TBD or TBC in a requirement cannot be tested. Decide it or leave it out.");
  return E_OK;
}

static const Guard guards[] = {
  { "submit", GUARD_LINK, "derives_from",
    .words = "A security requirement says what it derives from: a threat, a misuse, a risk, a need or a "
    "clause.", .when = "kind=security" },
};

const RecordType record_requirement = {
  "requirement", "Requirement", "Requirements", "REQ", "design", &life_item,
  ROLE(ENGINEER) | ROLE(SECURITY_LEAD), ROWS(fields), .check = check,
  .help = "What the product shall do, worded so that a test can decide it.", ROWS(guards),
};
