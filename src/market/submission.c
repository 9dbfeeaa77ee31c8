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
  { "attachments", "Attachments", TEXT, MANY, .help = "Attachment, file and page, one per row." },
  { "manifest_hash", "Manifest", TEXT, NOTE, .max = 64, .help = "SHA-256 of the manifest of the package." },
  { "includes", "Includes", LINK, MANY, .min = 1, .to = "*", .help = "Documents and releases in it." },
  { "on", "Of release", LINK, MANY, .to = "release", .help = "What it is about." },
};

static const Guard guards[] = {
  { "check", GUARD_GATE, .words = "The last check of the product shows no open blocker." },
  { "check", GUARD_LINK, "on", .words = "The release that it is about is named." },
  { "submit", GUARD_FIELD, "submitted_on", .words = "The day of submission is entered." },
};

const RecordType record_submission = {
  "submission", "Submission", "Submissions", "SUB", "market", &life_submission,
  ROLE(REGULATORY) | ROLE(QA_MANAGER), ROWS(fields),
  .help = "A package for an authority or notified body.", ROWS(guards),
};
