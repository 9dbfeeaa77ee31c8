/* external_party.c - Somebody outside whom we must be able to reach: customer, authority, ISAO, CERT, notified body. */
#include "record/record.h"

static const char *const kind[] = { "customer", "authority", "notified_body", "isao", "cert", "coordinator",
    "researcher", "other", NULL };

static const Field fields[] = {
  { "kind", "Kind", CHOICE, REQUIRED, .choices = kind, .help = "What they are to us." },
  { "contacts", "Contacts", TEXT, REQUIRED | MANY, .help = "Name, role and address, one per row." },
  { "secure_channel", "Secure channel", TEXT, 0, .help = "Portal, key or address for what is confidential." },
  { "country", "Country", TEXT, 0, .max = 2, .help = "Code." },
  { "groups", "Distribution groups", TEXT, MANY, .help = "Notices that they receive, one group per row." },
  { "checked_on", "Checked on", DATE, NOTE, .help = "Day on which the contacts were last tried." },
};

const RecordType record_external_party = {
  "external_party", "External party", "External parties", "PAR", "quality", &life_item,
  ROLE(QA_MANAGER) | ROLE(REGULATORY) | ROLE(SECURITY_LEAD), ROWS(fields),
  .help = "Somebody outside whom we must be able to reach: customer, authority, ISAO, CERT, notified body.",
};
