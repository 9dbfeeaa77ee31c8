/* The table of deadlines, and when one of its rules runs out. */
#include "app/clock_rule.h"
#include "app/data.h"

static bool rule_read(Str line, ClockRule *r) {
  static const char *const units[] = { "hours", "days", "working" };
  bool unit = false;
  for (size_t i = 0; i < CLOCK_TITLE; i++)
    if (!str_cut(line, ' ', &r->col[i], &line)) return false;
  r->col[CLOCK_TITLE] = line;
  for (size_t i = 0; i < COUNT(units); i++) unit |= str_eq(r->col[CLOCK_UNIT], str_of(units[i]));
  return unit && str_int(r->col[CLOCK_DAYS], &r->length) && r->length > 0 && r->length < 4000;
}

Err clock_rules(Cx *cx, const ClockRules **out) {
  static ClockRules rules;
  static Arena *arena;
  if (!arena) {
    const DataFile *f = data_find(S("triage/clocks.txt"));
    if (!f) return fail(cx, E_BUG, "triage/clocks.txt is not in the program");
    Arena *a = arena_new(1 << 20);
    Str rest = data_text(f);
    for (Str line; str_line(&rest, &line);) {
      ClockRule r;
      line = str_trim(line);
      if (!line.n || *line.p == '#') continue;
      if (!rule_read(line, &r)) return fail(cx, E_BUG, "triage/clocks.txt: cannot read '%.*s'", STR(line));
      vec_add(a, &rules, r);
    }
    arena = a;
  }
  *out = &rules;
  return E_OK;
}

/* Working days are Monday to Friday: 1970-01-01 was a Thursday. */
static int32_t working_day(int32_t day, int64_t left) {
  while (left > 0) {
    day++;
    int32_t weekday = (day + 3) % 7;               /* 0: Monday */
    left -= weekday < 5;
  }
  return day;
}

int64_t clock_rule_due(const ClockRule *r, int64_t from_us) {
  int32_t from = date_of(from_us);
  if (str_eq(r->col[CLOCK_UNIT], S("hours"))) return from_us + r->length * 3600 * US_PER_S;
  if (str_eq(r->col[CLOCK_UNIT], S("working"))) return working_day(from, r->length) * US_PER_DAY;
  return (from + r->length) * US_PER_DAY;
}
