/* type_supplier_evaluation.c - An evaluation of a supplier: questionnaire, evidence and grade. */
#include "record/record.h"

static const char *const grade[] = { "a", "b", "c", "d", NULL };

static const Field fields[] = {
  { "method", "Method", TEXT, 0, .help = "Questionnaire, certificate review, samples ..." },
  { "answers", "Answers", LONG, 0, .help = "Summary of what they said and showed." },
  { "grade", "Grade", CHOICE, 0, .choices = grade, .help = "A best." },
  { "score", "Score in percent", INT, 0, .min = 0, .max = 100, .help = "By the form." },
  { "evaluated_on", "Evaluated on", DATE, 0, .help = "Day." },
  { "next_due", "Next due", DATE, 0, .help = "Day." },
  { "conclusion", "Conclusion", LONG, 0, .help = "Approve, conditions, or not." },
  { "of", "Of", LINK, 0, .min = 1, .to = "supplier", .help = "The supplier." },
  { "uses", "Form", LINK, MANY, .to = "document", .help = "The form used." },
};

static const Guard guards[] = {
  { "complete", GUARD_FIELD, "grade", .words = "The grade is entered." },
  { "complete", GUARD_FIELD, "evaluated_on", .words = "The day of the evaluation is entered." },
};

const RecordType record_supplier_evaluation = {
  "supplier_evaluation", "Supplier evaluation", "Supplier evaluations", "SEV", "supply", &life_execution,
  ROLE(SUPPLIER_MANAGER) | ROLE(QA_MANAGER) | ROLE(SECURITY_LEAD), ROWS(fields),
  .help = "An evaluation of a supplier: questionnaire, evidence and grade.", ROWS(guards),
};
