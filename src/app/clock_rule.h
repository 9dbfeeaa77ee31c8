/* clock_rule.h - the deadlines that findings start: data/triage/clocks.txt, one rule in a row. */
#pragma once
#include "app/app.h"

typedef enum ClockColumn {
  CLOCK_ID,
  CLOCK_EVENT,
  CLOCK_CASE,
  CLOCK_DAYS,
  CLOCK_UNIT,
  CLOCK_MARKET,
  CLOCK_UNTIL,
  CLOCK_SOURCE,
  CLOCK_TITLE,
  CLOCK_COLUMNS
} ClockColumn;
typedef struct ClockRule { Str col[CLOCK_COLUMNS]; int64_t length; } ClockRule;
typedef VEC(ClockRule) ClockRules;

/* Read once per process. */
Err clock_rules(Cx *cx, const ClockRules **out);
/* When it runs out, for something that became known at from_us.  A limit in hours ends to the minute, whatever the day.
 * A limit in days does not count the day of the event and ends with the last day in UTC: the start of that day is
 * given.  It is not moved when it ends on a weekend, though Regulation 1182/71 Art. 3(4) would allow it: earlier is
 * never late. */
int64_t clock_rule_due(const ClockRule *r, int64_t from_us);
