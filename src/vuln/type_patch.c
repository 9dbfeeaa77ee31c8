/* type_patch.c - A fix that can be installed by itself, with its urgency and how it was validated. */
#include "record/record.h"

static const char *const urgency[] = { "regular", "out_of_cycle", NULL };

static const Field fields[] = {
  { "version", "Version", TEXT, REQUIRED, .max = 80, .help = "Of the patch." },
  { "urgency", "Urgency", CHOICE, REQUIRED, .choices = urgency,
    .help = "Regular cycle for controlled risks, out of cycle for uncontrolled ones." },
  { "build", "Build", TEXT, 0, .help = "Hash of the image." },
  { "validation", "Validation", LONG, 0, .help = "What was tested again and why that is enough." },
  { "available_on", "Available on", DATE, 0, .help = "Day." },
  { "channels", "Channels", TEXT, MANY, .help = "How it reaches devices." },
  { "contained_in", "Contained in", LINK, MANY, .to = "release", .help = "Releases that include it." },
};

const RecordType record_patch = {
  "patch", "Patch", "Patches", "PAT", "vuln", &life_release,
  ROLE(ENGINEER) | ROLE(SECURITY_LEAD) | ROLE(QA_MANAGER), ROWS(fields),
  .help = "A fix that can be installed by itself, with its urgency and how it was validated.",
};
