/* T-TIME: when a clock is in doubt, as a table; what follows from it stands in test/story/clock_story.py. */
#include "app/clock.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>
#undef fail

/* seconds: what the wall clock moved against the boot, the last entry before the wall clock, without a service */
typedef struct Case { const char *boot; int64_t moved, last, alone, alone_h; bool served; const char *doubt; } Case;
static const Case cases[] = {
  { "a", 0, -1, -1, 24, true, "" },
  { "a", -2, -1, -1, 24, true, "" },
  { "a", -3, -1, -1, 24, true, "was set back by 3 s" },
  { "a", 60, -1, -1, 24, true, "" },
  { "a", 61, -1, -1, 24, true, "was set forward by 1 min" },
  { "a", -3600, 3599, -1, 24, true, "was set back by 1 h" },
  { "a", 0, 315360000, -1, 24, true, "" },                     /* years ahead, confirmed once: entries stay there */
  { "b", 999, -1, -1, 24, true, "" },                          /* after a boot only the log says something */
  { "b", 0, 2, -1, 24, true, "" },
  { "b", 0, 3, -1, 24, true, "stands 3 s before the last entry of the log" },
  { "", 0, 7200, -1, 24, true, "stands 2 h before the last entry of the log" },   /* a system that knows no boots */
  { "a", 0, -1, 86400, 24, false, "" },
  { "a", 0, -1, 86401, 24, false, "has had no time service for 1 d" },
  { "a", 0, -1, 86401, 0, false, "" },
  { "a", 0, -1, 86401, 24, true, "" },
};

static void t_time_doubt(void **unused) {
  (void)unused;
  AUTO(Cx) cx = cx_new(1 << 16);
  for (size_t i = 0; i < COUNT(cases); i++) {
    const Case *c = &cases[i];
    int64_t up = 1000000 * US_PER_S, real = 1790000000 * US_PER_S;
    ClockReading now = { str_of(c->boot), real, up, c->served };
    ClockSeen seen = { S("a"), real - c->moved * US_PER_S - up, c->alone < 0 ? -1 : up - c->alone * US_PER_S };
    Str said = clock_doubt(cx.arena, &now, &seen, real + c->last * US_PER_S, c->alone_h);
    if (!str_eq(said, str_of(c->doubt))) print_error("case %zu: '%.*s', not '%s'\n", i, STR(said), c->doubt);
    assert_true(str_eq(said, str_of(c->doubt)));
  }
}

int main(void) {
  const struct CMUnitTest tests[] = { cmocka_unit_test(t_time_doubt) };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
