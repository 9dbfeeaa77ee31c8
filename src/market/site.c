/* site.c - A customer site where devices are in use. */
#include "record/record.h"

static const Field fields[] = {
  { "country", "Country", TEXT, 0, .max = 2, .help = "Code." },
  { "city", "City", TEXT, 0, .help = "For notices by region." },
  { "contact", "Security contact", TEXT, 0, .help = "Who receives notices." },
  { "units", "Units", INT, 0, .min = 0, .max = 1000000, .help = "Devices in use there." },
  { "network", "Network", TEXT, 0, .help = "How devices are connected there." },
  { "notified_on", "Last notice", DATE, NOTE, .help = "Day of the last notice." },
};

const RecordType record_site = {
  "site", "Site", "Sites", "SITE", "market", &life_item,
  ROLE(REGULATORY) | ROLE(SECURITY_LEAD) | ROLE(QA_MANAGER) | ROLE(ENGINEER), ROWS(fields),
  .help = "A customer site where devices are in use.",
};
