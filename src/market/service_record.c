/* service_record.c - A repair or maintenance, looked at as a possible complaint (21 CFR 820.35(b)). */
#include "record/record.h"

static const char *const complaint[] = { "yes", "no", NULL };

static const Field fields[] = {
  { "udi", "UDI or serial", TEXT, REQUIRED, .help = "Of the device." },
  { "serviced_on", "Serviced on", DATE, 0, .help = "Day." },
  { "technician", "Technician", PERSON, 0, .help = "Who did it." },
  { "work", "Work", LONG, REQUIRED, .help = "What was done and found." },
  { "complaint", "Is a complaint", CHOICE, 0, .choices = complaint, .help = "After evaluation." },
  { "analysed_as", "Analysed as", LINK, MANY, .to = "complaint", .help = "The complaint that it led to." },
};

const RecordType record_service_record = {
  "service_record", "Service record", "Service records", "SRV", "market", &life_execution,
  ROLE(ENGINEER) | ROLE(QA_MANAGER) | ROLE(REGULATORY), ROWS(fields),
  .help = "A repair or maintenance, looked at as a possible complaint (21 CFR 820.35(b)).",
};
