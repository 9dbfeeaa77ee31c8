/* clock.c - A duty with a deadline that is running for one record. */
#include "record/record.h"

enum { F_RULE, F_STARTS, F_DUE, F_DAYS, F_STOPPED, F_MET_BY, F_OF };
static const Field fields[] = {
  [F_RULE] = { "rule", "Clock rule", TEXT, REQUIRED, .max = 20,
    .help = "Id in the table of clocks, for example CK-18." },
  [F_STARTS] = { "starts", "Starts", DATE, REQUIRED, .help = "Day that it counts from." },
  [F_DUE] = { "due", "Due", DATE, REQUIRED, .help = "Last day." },
  [F_DAYS] = { "days", "Days", INT, 0, .min = 0, .max = 4000, .help = "Length of the period." },
  [F_STOPPED] = { "stopped", "Stopped", DATE, NOTE, .help = "Day on which the duty was met." },
  [F_MET_BY] = { "met_by", "Met by", TEXT, NOTE, .help = "What stopped it." },
  [F_OF] = { "of", "Of", LINK, MANY, .min = 1, .to = "*", .help = "What the clock runs for." },
};

static Err check(Cx *cx, const Record *r) {
  const Value *v = r->values;
  if (v[F_DUE].i < v[F_STARTS].i) problem(cx, S("due"), "order", "Due before it starts.");
  if (v[F_STOPPED].set && !v[F_MET_BY].set)
    problem(cx, S("met_by"), "required", "Say what met the duty: a clock does not stop by itself.");
  return E_OK;
}

static const Guard guards[] = {
  { "complete", GUARD_FIELD, "stopped", .words = "The day on which the duty was met is entered." },
};

const RecordType record_clock = {
  "clock", "Clock", "Clocks", "CLK", "market", &life_execution,
  ROLE(REGULATORY) | ROLE(QA_MANAGER) | ROLE(SECURITY_LEAD), ROWS(fields), .check = check,
  .help = "A duty with a deadline that is running for one record.", ROWS(guards),
};
