/* authority_question.c - A question from an authority and our answer. */
#include "record/record.h"

static const Field fields[] = {
  { "question", "Question", LONG, REQUIRED, .help = "As asked." },
  { "asked_on", "Asked on", DATE, 0, .help = "Day." },
  { "due", "Due", DATE, NOTE, .help = "Last day for the answer." },
  { "answer", "Answer", LONG, NOTE, .help = "What was answered." },
  { "about", "About", LINK, MANY, .min = 1, .to = "submission regulatory_report",
    .help = "The package it is about." },
  { "raises", "Raises", LINK, MANY, .to = "change", .help = "Changes that follow." },
};

static const Guard guards[] = {
  { "close", GUARD_FIELD, "answer", .words = "The answer is written." },
};

const RecordType record_authority_question = {
  "authority_question", "Authority question", "Authority questions", "AIQ", "market", &life_case,
  ROLE(REGULATORY) | ROLE(QA_MANAGER) | ROLE(ENGINEER) | ROLE(SECURITY_LEAD), ROWS(fields),
  .help = "A question from an authority and our answer.", ROWS(guards),
};
