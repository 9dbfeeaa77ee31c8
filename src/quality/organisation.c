/* organisation.c - A legal entity: ourselves, a representative, an importer, an authority. */
#include "record/record.h"

static const char *const roles[] = { "manufacturer", "authorised_representative", "importer", "distributor",
    "notified_body", "authority", "customer", NULL };
static const char *const nis2[] = { "essential", "important", "none", "unknown", NULL };

static const Field fields[] = {
  { "legal_name", "Legal name", TEXT, REQUIRED, .help = "As registered." },
  { "roles", "Roles", CHOICE, MANY, .choices = roles, .help = "Under the regulations." },
  { "registration", "Registration numbers", TEXT, MANY, .help = "SRN, FEI, owner/operator." },
  { "markets", "Markets", TEXT, MANY, .help = "Where it places devices; new ones begin with these." },
  { "address", "Address", LONG, 0, .help = "Postal." },
  { "languages", "Languages", TEXT, MANY, .help = "Language codes." },
  { "nis2", "NIS2 status", CHOICE, 0, .choices = nis2, .help = "Under the national law." },
  { "cna", "CVE numbering authority", BOOL, 0, .help = "May assign CVE ids." },
};

const RecordType record_organisation = {
  "organisation", "Organisation", "Organisations", "ORG", "quality", &life_item,
  ROLE(QA_MANAGER) | ROLE(REGULATORY), ROWS(fields),
  .help = "A legal entity: ourselves, a representative, an importer, an authority.",
};
