/* type_signing_key.c - A key or credential that releases depend on: where it is kept, by whom, until
 * when. Never the key itself. */
#include "record/record.h"

static const Field fields[] = {
  { "purpose", "Purpose", TEXT, REQUIRED, .help = "What it signs." },
  { "storage", "Storage", TEXT, 0, .help = "HSM, card, secure element ..." },
  { "algorithm", "Algorithm", TEXT, 0, .help = "With its strength." },
  { "custodians", "Custodians", PERSON, MANY, .help = "Who guards it." },
  { "quorum", "Quorum", INT, 0, .min = 1, .max = 20, .help = "How many of them are needed." },
  { "valid_from", "Valid from", DATE, 0, .help = "First day." },
  { "valid_until", "Valid until", DATE, 0, .help = "Last day." },
  { "revocation", "Revocation", TEXT, 0, .help = "How it is taken out of use." },
  { "fingerprint", "Fingerprint", TEXT, 0, .help = "Of the public key." },
  { "uses", "Used for releases", LINK, MANY, .to = "release", .help = "What it has signed." },
};

const RecordType record_signing_key = {
  "signing_key", "Signing key", "Signing keys", "KEY", "supply", &life_item,
  ROLE(SECURITY_LEAD) | ROLE(ENGINEER), ROWS(fields),
  .help = "A key or credential that releases depend on: where it is kept, by whom, until when. Never the "
          "key itself.",
};
