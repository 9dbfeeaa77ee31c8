/* test_report.c - A report over many runs, for example of a penetration test, with what makes it
 * credible. */
#include "record/record.h"

static const char *const kind[] = { "verification", "validation", "penetration", "fuzz", "scan", "usability",
    NULL };
static const char *const independence[] = { "developer", "other_team", "other_organisation", NULL };

static const Field fields[] = {
  { "kind", "Kind", CHOICE, REQUIRED, .choices = kind, .help = "What was reported." },
  { "tester", "Tester", TEXT, 0, .help = "Organisation or person." },
  { "independence", "Independence", CHOICE, 0, .choices = independence,
    .help = "Of the tester from the developers." },
  { "expertise", "Expertise", TEXT, 0, .help = "Qualification of the testers." },
  { "scope", "Scope", LONG, 0, .help = "What was tested, what was not, and why." },
  { "duration", "Duration", TEXT, 0, .help = "Dates and effort." },
  { "methods", "Methods", LONG, 0, .help = "Methods and tools." },
  { "summary", "Summary", LONG, 0, .help = "Results and conclusion." },
  { "original_file", "Original file", TEXT, 0, .help = "Name of the attached original report." },
  { "reported_on", "Reported on", DATE, 0, .help = "Day of the report." },
  { "includes", "Includes runs", LINK, MANY, .to = "test_run", .help = "Runs that it reports." },
  { "raises", "Raises", LINK, MANY, .to = "anomaly finding", .help = "What it found." },
  { "on", "On release", LINK, MANY, .to = "release", .help = "The release that was tested." },
  { "supplied_by", "By supplier", LINK, MANY, .to = "supplier",
    .help = "The test laboratory, when it is a supplier." },
};

static const Guard guards[] = {
  { "complete", GUARD_FIELD, "summary", .words = "The summary of the report is entered." },
};

const RecordType record_test_report = {
  "test_report", "Test report", "Test reports", "PTR", "design", &life_execution,
  ROLE(ENGINEER) | ROLE(SECURITY_LEAD), ROWS(fields),
  .help = "A report over many runs, for example of a penetration test, with what makes it credible.", ROWS(guards),
};
