/* backup_test.c - A backup that was restored to see that it can be. */
#include "record/record.h"

static const char *const result[] = { "passed", "failed", NULL };

static const Field fields[] = {
  { "location", "Location", TEXT, REQUIRED, .help = "Where the backup lies." },
  { "backup_hash", "Hash", TEXT, 0, .help = "Of the backup." },
  { "made_on", "Made on", DATE, 0, .help = "Day of the backup." },
  { "restored_on", "Restored on", DATE, 0, .help = "Day of the test." },
  { "result", "Result", CHOICE, 0, .choices = result, .help = "Of the test." },
  { "minutes", "Minutes to restore", INT, 0, .min = 0, .max = 100000, .help = "From start to use." },
};

static const Guard guards[] = {
  { "complete", GUARD_FIELD, "result", .words = "The result is entered." },
  { "complete", GUARD_FIELD, "restored_on", .words = "The day of the test is entered." },
};

const RecordType record_backup_test = {
  "backup_test", "Backup test", "Backup tests", "BKP", "quality", &life_execution,
  ROLE(QA_MANAGER) | ROLE(ENGINEER), ROWS(fields),
  .help = "A backup that was restored to see that it can be.", ROWS(guards),
};
