/* advisory_notice.c - What customers and the public are told: security advisory, field safety notice,
 * customer letter. */
#include "record/record.h"

static const char *const kind[] = { "security_advisory", "field_safety_notice", "customer_notice",
    "public_statement", NULL };

static const Field fields[] = {
  { "kind", "Kind", CHOICE, REQUIRED, .choices = kind, .help = "What it is." },
  { "summary", "Summary", LONG, REQUIRED, .help = "What, who is affected, what to do." },
  { "affected", "Affected products", LONG, 0, .help = "Versions and how to recognise them." },
  { "action", "What users do", LONG, 0, .help = "Now, and until the fix." },
  { "fix", "Fix", LONG, 0, .help = "Version, day, how to get it." },
  { "cve", "CVE", TEXT, MANY, .help = "Ids, one per row." },
  { "vectors", "CVSS vectors", TEXT, MANY, .help = "One per CVE." },
  { "contact", "Contact", TEXT, 0, .help = "Where questions go." },
  { "distribution", "Distribution", TEXT, MANY, .help = "Who receives it." },
  { "publish_on", "Publish on", DATE, 0, .help = "Planned day." },
  { "published_on", "Published on", DATE, 0, .help = "Day." },
  { "acknowledgement", "Thanks", TEXT, 0, .help = "To whom." },
  { "csaf", "CSAF file", TEXT, NOTE, .help = "Name of the attached machine-readable advisory." },
  { "receipts", "Receipts", TEXT, MANY | NOTE,
    .help = "Who confirmed to have received it, and when, one per row." },
  { "discloses", "Discloses", LINK, MANY, .min = 1, .to = "security_risk safety_risk finding",
    .help = "What it tells about." },
  { "supersedes", "Supersedes", LINK, MANY, .to = "advisory_notice", .help = "An older one." },
  { "on", "Concerns releases", LINK, MANY, .to = "release", .help = "Releases that are affected." },
};

const RecordType record_advisory_notice = {
  "advisory_notice", "Security notice", "Security notices", "CSA", "market", &life_document,
  ROLE(SECURITY_LEAD) | ROLE(REGULATORY) | ROLE(DOCUMENT_CONTROL), ROWS(fields),
  .help = "What customers and the public are told: security advisory, field safety notice, customer letter.",
};
