/* incident.c - A security or safety incident with its timeline, evidence and decisions. */
#include "record/record.h"

static const char *const kind[] = { "security", "safety", "both", NULL };
static const char *const severity[] = { "low", "medium", "high", "critical", NULL };
static const char *const decided[] = { "fda_803", "fda_806", "mdr_87", "mdr_88", "fsca", "psur", "nis2",
    "cra", "gdpr", "hipaa", "pma_annual", "other", NULL };

static const Field fields[] = {
  { "kind", "Class", CHOICE, REQUIRED, .choices = kind, .help = "What kind of incident it is." },
  { "severity", "Severity", CHOICE, 0, .choices = severity, .help = "By the scheme of the response plan." },
  { "commander", "Commander", PERSON, 0, .help = "Who leads." },
  { "detected_at", "Detected", TEXT, 0, .max = 40, .help = "Day and time, UTC." },
  { "aware_at", "Aware", TEXT, NOTE, .max = 40, .help = "When we knew: regulatory clocks start." },
  { "contained_at", "Contained", TEXT, NOTE, .max = 40, .help = "Day and time, UTC." },
  { "eradicated_at", "Eradicated", TEXT, NOTE, .max = 40, .help = "Day and time, UTC." },
  { "recovered_at", "Recovered", TEXT, NOTE, .max = 40, .help = "Day and time, UTC." },
  { "description", "Description", LONG, REQUIRED, .help = "What happened." },
  { "impact", "Impact", LONG, 0, .help = "On patients, data, service." },
  { "units_affected", "Units affected", INT, 0, .min = 0, .max = 1000000, .help = "Devices." },
  { "indicators", "Indicators", TEXT, MANY | NOTE, .help = "Of compromise, one per row." },
  { "evidence", "Evidence", TEXT, MANY | NOTE, .help = "File and SHA-256, one per row." },
  { "root_cause", "Root cause", LONG, NOTE, .help = "What let it happen." },
  { "decided", "Reportability decided for", CHOICE, MANY | NOTE, .choices = decided,
    .help = "Each with its reason below." },
  { "decisions", "Decisions", LONG, NOTE, .help = "For each regime: reportable or not, and why." },
  { "lessons", "Lessons", LONG, NOTE, .help = "What changes." },
  { "uses", "Followed plan", LINK, MANY, .to = "document", .help = "The incident response plan." },
  { "on", "Concerns", LINK, MANY, .to = "element release site threat", .help = "What was hit." },
  { "reported_in", "Reported in", LINK, MANY, .to = "regulatory_report", .help = "Reports about it." },
  { "raises", "Raises", LINK, MANY, .to = "capa change finding", .help = "Actions." },
  { "communicated_in", "Communicated in", LINK, MANY, .to = "advisory_notice", .help = "Notices about it." },
  { "assesses", "Touches risks", LINK, MANY, .to = "security_risk safety_risk",
    .help = "Risks that were judged again." },
};

static const Guard guards[] = {
  { "close", GUARD_FIELD, "root_cause", .words = "The cause is written." },
  { "close", GUARD_FIELD, "decisions", .words = "The decision about reporting is written for each regime." },
  { "close", GUARD_FIELD, "lessons", .words = "What changes is written." },
  { "close", GUARD_LINK, "uses", .words = "The response plan that was followed is named." },
};

const RecordType record_incident = {
  "incident", "Incident", "Incidents", "INC", "market", &life_case,
  ROLE(SECURITY_LEAD) | ROLE(REGULATORY) | ROLE(QA_MANAGER) | ROLE(ENGINEER), ROWS(fields),
  .help = "A security or safety incident with its timeline, evidence and decisions.", ROWS(guards),
};
