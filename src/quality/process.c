/* process.c - A process of the quality system, with its inputs, outputs and measures. */
#include "record/record.h"

static const Field fields[] = {
  { "inputs", "Inputs", TEXT, 0, .help = "What starts it." },
  { "outputs", "Outputs", TEXT, 0, .help = "What it yields." },
  { "health_measures", "Measures", TEXT, MANY, .help = "How its health is seen." },
  { "clauses", "Clauses", TEXT, MANY, .help = "Clauses that ask for it." },
  { "security", "Security process", BOOL, 0, .help = "Belongs to product security." },
  { "audit_months", "Audit interval in months", INT, 0, .min = 1, .max = 60,
    .help = "Between internal audits of it." },
  { "governed_by", "Governed by", LINK, MANY, .min = 1, .to = "document", .help = "The procedure." },
};

const RecordType record_process = {
  "process", "Process", "Processes", "PRC", "quality", &life_item,
  ROLE(QA_MANAGER) | ROLE(DOCUMENT_CONTROL), ROWS(fields),
  .help = "A process of the quality system, with its inputs, outputs and measures.",
};
