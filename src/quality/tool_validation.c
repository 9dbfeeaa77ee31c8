/* tool_validation.c - The validation of a software tool of the quality system for its intended use. */
#include "record/record.h"

static const char *const risk[] = { "low", "high", NULL };
static const char *const result[] = { "fit", "not_fit", NULL };

static const Field fields[] = {
  { "tool", "Tool", TEXT, REQUIRED, .help = "Name and version." },
  { "features", "Features", TEXT, MANY, .help = "The features that are relied on, one per row." },
  { "intended_use", "Intended use", LONG, REQUIRED, .help = "What we rely on it for." },
  { "risk", "Process risk", CHOICE, 0, .choices = risk, .help = "What happens when it fails unseen." },
  { "activity", "Activity", LONG, 0, .help = "What was done to gain confidence." },
  { "result", "Result", CHOICE, 0, .choices = result, .help = "For the intended use." },
  { "validated_on", "Validated on", DATE, 0, .help = "Day." },
  { "review_due", "Review due", DATE, 0, .help = "When it is looked at again." },
  { "governed_by", "Governed by", LINK, MANY, .to = "document", .help = "The procedure." },
};

static const Guard guards[] = {
  { "complete", GUARD_FIELD, "result", .words = "The result is entered." },
  { "complete", GUARD_FIELD, "activity", .words = "What was done to gain confidence is written." },
};

const RecordType record_tool_validation = {
  "tool_validation", "Tool validation", "Tool validations", "VAL", "quality", &life_execution,
  ROLE(QA_MANAGER) | ROLE(ENGINEER), ROWS(fields),
  .help = "The validation of a software tool of the quality system for its intended use.", ROWS(guards),
};
