/* type_certificate.c - A certificate of a supplier or of ourselves, with its last day. */
#include "record/record.h"

enum { F_STANDARD, F_NUMBER, F_ISSUER, F_SCOPE, F_VALID_FROM, F_VALID_UNTIL, F_FILE, F_OF };
static const Field fields[] = {
  [F_STANDARD] = { "standard", "Standard", TEXT, REQUIRED, .help = "With its edition." },
  [F_NUMBER] = { "number", "Number", TEXT, 0, .help = "As printed." },
  [F_ISSUER] = { "issuer", "Issuer", TEXT, 0, .help = "Certification body." },
  [F_SCOPE] = { "scope", "Scope", TEXT, 0, .help = "As printed." },
  [F_VALID_FROM] = { "valid_from", "Valid from", DATE, 0, .help = "First day." },
  [F_VALID_UNTIL] = { "valid_until", "Valid until", DATE, REQUIRED, .help = "Last day." },
  [F_FILE] = { "file", "File", TEXT, 0, .help = "Name of the attached copy." },
  [F_OF] = { "of", "Of", LINK, 0, .min = 1, .to = "supplier organisation", .help = "Whose it is." },
};

static Err check(Cx *cx, const Record *r) {
  const Value *v = r->values;
  if (v[F_VALID_FROM].set && v[F_VALID_UNTIL].i < v[F_VALID_FROM].i)
    problem(cx, S("valid_until"), "order", "The certificate ends before it begins.");
  return E_OK;
}

const RecordType record_certificate = {
  "certificate", "Certificate", "Certificates", "CERT", "supply", &life_item,
  ROLE(SUPPLIER_MANAGER) | ROLE(QA_MANAGER), ROWS(fields), .check = check,
  .help = "A certificate of a supplier or of ourselves, with its last day.",
};
