/* submission.c - A package for an authority or notified body. */
#include "record/record.h"

static const char *const kind[] = { "full", "reduced_524b", "ide", "mdr_technical_documentation", "annual",
    NULL };

static const Field fields[] = {
  { "kind", "Kind", CHOICE, REQUIRED, .choices = kind, .help = "What sort of package." },
  { "market", "Market", TEXT, 0, .help = "Country or region." },
  { "pathway", "Pathway", TEXT, 0, .help = "510(k), PMA, MDR Annex IX ..." },
  { "authority", "Authority", TEXT, 0, .help = "To whom." },
  { "planned_on", "Planned on", DATE, 0, .help = "Day." },
  { "submitted_on", "Submitted on", DATE, 0, .help = "Day." },
  { "number", "Number", TEXT, 0, .help = "As given by the authority." },
  { "answers", "Questionnaire", LONG, 0, .help = "Answers to the yes/no questions." },
  { "includes", "Includes", LINK, MANY, .to = "*", .help = "Documents and releases in it." },
  { "on", "Of release", LINK, MANY, .to = "release", .help = "What it is about." },
};

const RecordType record_submission = {
  "submission", "Submission", "Submissions", "SUB", "market", &life_submission,
  ROLE(REGULATORY) | ROLE(QA_MANAGER), ROWS(fields),
  .help = "A package for an authority or notified body.",
};
