/* control.c - A measure that lowers a risk, with the judgement of what it may make worse. */
#include "risk/inside.h"

static const char *const kind[] = { "design", "protective", "information", "process", "compensating",
    "environment", NULL };
static const char *const technical[] = { "yes", "no", NULL };

static const char *const strength[] = { "weak", "moderate", "strong", NULL };

static const Field fields[] = {
  { "kind", "Kind", CHOICE, REQUIRED, .choices = kind,
    .help = "In the order in which ISO 14971 wants options considered." },
  { "description", "Description", LONG, 0, .help = "What it does." },
  { "categories", "Control categories", CHOICE, MANY, .choices = risk_categories,
    .help = "FDA control categories." },
  { "technical", "Technical", CHOICE, 0, .choices = technical,
    .help = "A technical control must be written as a requirement." },
  { "side_effect", "Side effect judged", LONG, 0,
    .help = "New risks that it brings, or why there are none." },
  { "deployed", "Deployed where", TEXT, 0, .help = "Device, gateway, cloud, hospital network, process." },
  { "strength", "Strength", CHOICE, 0, .choices = strength,
    .help = "How much it lowers the risk on its own." },
  { "capabilities", "Security capabilities", TEXT, MANY, .max = 20,
    .help = "Codes of MDS2 sections that it answers (ALOF, AUDT ...), one per row." },
  { "judged_by", "Judged by", PERSON, 0, .help = "Who judged the side effect." },
  { "implements", "Implements", LINK, MANY, .to = "requirement", .help = "The requirement that it is." },
  { "implemented_in", "Implemented in", LINK, MANY, .to = "element", .help = "Where it lives." },
  { "controls", "Controls", LINK, MANY, .min = 1, .to = "security_risk safety_risk",
    .help = "Risks that it lowers." },
  { "protects", "Protects", LINK, MANY, .to = "asset", .help = "Assets that it guards." },
  { "introduces", "Introduces", LINK, MANY, .to = "threat hazard security_risk safety_risk",
    .help = "Risks that it brings." },
};

static const Guard guards[] = {
  { "submit", GUARD_LINK, "implements",
    .words = "A technical control implements a requirement.", .when = "technical!=no" },
  { "submit", GUARD_LINK, "implemented_in",
    .words = "A technical control says where it is implemented.", .when = "technical!=no" },
};

const RecordType record_control = {
  "control", "Control", "Controls", "CTL", "risk", &life_item,
  ROLE(SECURITY_LEAD) | ROLE(ENGINEER) | ROLE(RISK_MANAGER), ROWS(fields),
  .help = "A measure that lowers a risk, with the judgement of what it may make worse.", ROWS(guards),
};
