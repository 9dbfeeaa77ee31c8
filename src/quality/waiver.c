/* waiver.c - A reasoned exception from one rule for one record, with an end. */
#include "record/record.h"

static const char *const kind[] = { "not_applicable", "justified_alternative", "accepted_until", "small_firm",
    NULL };

static const Field fields[] = {
  { "rule", "Rule", TEXT, REQUIRED, .max = 20, .help = "Id of the rule, for example VER-04." },
  { "kind", "Kind", CHOICE, REQUIRED, .choices = kind, .help = "What sort of exception it is." },
  { "reason", "Reason", LONG, REQUIRED, .help = "Why the rule may be left unmet." },
  { "compensation", "Compensating action", LONG, 0, .help = "What is done instead." },
  { "expires", "Ends", DATE, REQUIRED, .help = "After this day the rule counts again." },
  { "exempts", "For", LINK, MANY, .min = 1, .to = "*", .help = "The record that is exempt." },
};

const RecordType record_waiver = {
  "waiver", "Waiver", "Waivers", "WVR", "quality", &life_item,
  ROLE(QA_MANAGER) | ROLE(REGULATORY) | ROLE(SECURITY_LEAD) | ROLE(ENGINEER), ROWS(fields),
  .help = "A reasoned exception from one rule for one record, with an end.",
};
