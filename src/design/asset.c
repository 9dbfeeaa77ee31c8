/* asset.c - Something worth attacking: data, a function, a credential or a thing. */
#include "record/record.h"

static const char *const kind[] = { "data", "function", "credential", "physical", "reputation", NULL };
static const char *const confidentiality[] = { "none", "low", "medium", "high", NULL };
static const char *const data_class[] = { "none", "personal", "health", "secret", NULL };

static const Field fields[] = {
  { "kind", "Kind", CHOICE, REQUIRED, .choices = kind, .help = "What it is." },
  { "confidentiality", "Confidentiality need", CHOICE, 0, .choices = confidentiality,
    .help = "Harm when it becomes known." },
  { "integrity", "Integrity need", CHOICE, 0, .choices = confidentiality,
    .help = "Harm when it is changed." },
  { "availability", "Availability need", CHOICE, 0, .choices = confidentiality,
    .help = "Harm when it is lost." },
  { "safety", "Safety need", CHOICE, 0, .choices = confidentiality,
    .help = "Whether a patient can come to harm through it." },
  { "data_class", "Data class", CHOICE, 0, .choices = data_class,
    .help = "For privacy and notification duties." },
  { "description", "Description", LONG, 0, .help = "What exactly is meant." },
};

const RecordType record_asset = {
  "asset", "Asset", "Assets", "AST", "design", &life_item,
  ROLE(ENGINEER) | ROLE(SECURITY_LEAD), ROWS(fields),
  .help = "Something worth attacking: data, a function, a credential or a thing.",
};
