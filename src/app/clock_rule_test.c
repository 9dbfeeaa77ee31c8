/* Every rule of data/triage/clocks.txt: which event starts it, by which clause, and when it runs out. */
#include "app/clock_rule.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#undef fail

static int faults;
#define BAD(...) (print_error(__VA_ARGS__), faults++)

static const ClockRule *rule_of(const ClockRules *rules, const Str want[3]) {
  static const ClockColumn by[] = { CLOCK_ID, CLOCK_EVENT, CLOCK_CASE };
  for (size_t i = 0; i < rules->n; i++) {
    bool same = true;
    for (size_t k = 0; k < COUNT(by); k++) same &= str_eq(rules->p[i].col[by[k]], want[k]);
    if (same) return &rules->p[i];
  }
  return NULL;
}

static void one_case(Cx *cx, const ClockRules *rules, Str line, bool *seen) {
  Str word[5], due;
  int64_t from_us = 0;
  for (size_t i = 0; i < COUNT(word); i++) assert_true(str_cut(line, ' ', &word[i], &line));
  assert_true(str_starts(line, S("-> ")));
  due = str_slice(line, 3, line.n);
  const ClockRule *r = rule_of(rules, word);
  if (!r) {
    BAD("no rule %.*s %.*s %.*s\n", STR(word[0]), STR(word[1]), STR(word[2]));
    return;
  }
  assert_true(str_eq(r->col[CLOCK_SOURCE], word[3]) && time_parse(word[4], &from_us));
  Str got = str_head(time_minute(cx->arena, clock_rule_due(r, from_us)), due.n);
  if (!str_eq(got, due))
    BAD("%.*s known at %.*s: %.*s instead of %.*s\n", STR(word[0]), STR(word[4]), STR(got), STR(due));
  seen[r - rules->p] = true;
}

static void cases(void **state) {
  AUTO(Cx) cx = cx_new(1 << 20);
  const ClockRules *rules;
  bool seen[64] = { false };
  Str text;
  (void)state;
  assert_int_equal(clock_rules(&cx, &rules), E_OK);
  assert_true(rules->n && rules->n <= COUNT(seen));
  assert_int_equal(file_read(&cx, APP_DIR "/clock_rule.data", 1 << 16, &text), E_OK);
  for (Str line; str_line(&text, &line);)
    if (line.n && *line.p != '#') one_case(&cx, rules, line, seen);
  for (size_t i = 0; i < rules->n; i++)
    if (!seen[i]) BAD("%.*s %.*s has no case\n", STR(rules->p[i].col[CLOCK_ID]), STR(rules->p[i].col[CLOCK_CASE]));
  assert_int_equal(faults, 0);
}

int main(void) {
  const struct CMUnitTest tests[] = { cmocka_unit_test(cases) };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
