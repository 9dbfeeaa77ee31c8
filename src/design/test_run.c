/* test_run.c - One execution of one test on one build: who, when, with what, and what happened. */
#include "record/record.h"

static const char *const result[] = { "pass", "fail", "blocked", "not_applicable", NULL };
static const char *const independence[] = { "developer", "other_developer", "other_team",
    "other_organisation", NULL };

enum { F_RESULT, F_RUN_ON, F_ACTUAL, F_MEASURED, F_BUILD, F_ENVIRONMENT, F_TOOL, F_TESTER, F_TEST_REVISION,
       F_INDEPENDENCE,
       F_EVIDENCE, F_EXECUTES, F_ON };
static const Field fields[] = {
  [F_RESULT] = { "result", "Result", CHOICE, 0, .choices = result, .help = "What the run showed." },
  [F_RUN_ON] = { "run_on", "Run on", DATE, 0, .help = "Day of the execution." },
  [F_ACTUAL] = { "actual", "Actual result", LONG, 0, .help = "What was seen. Needed for a failed run." },
  [F_MEASURED] = { "measured", "Measured", TEXT, 0, .help = "The number that was measured, with its unit." },
  [F_BUILD] = { "build", "Build", TEXT, 0, .help = "Version or hash of what was tested." },
  [F_ENVIRONMENT] = { "environment", "Environment", TEXT, 0, .help = "Devices and configuration." },
  [F_TOOL] = { "tool", "Tool", TEXT, 0, .help = "Name, version and configuration." },
  [F_TESTER] = { "tester", "Tester", PERSON, 0, .help = "Who ran it." },
  [F_TEST_REVISION] = { "test_revision", "Revision of the test", INT, 0, .min = 0, .max = 1000000,
    .help = "Which revision of the test case was run." },
  [F_INDEPENDENCE] = { "independence", "Independence", CHOICE, 0, .choices = independence,
    .help = "Of the tester from the developer." },
  [F_EVIDENCE] = { "evidence", "Evidence", TEXT, MANY, .help = "File names of the attached evidence." },
  [F_EXECUTES] = { "executes", "Executes", LINK, 0, .min = 1, .to = "test_case",
    .help = "The test that was run." },
  [F_ON] = { "on", "On release", LINK, 0, .min = 1, .to = "release", .help = "The release that was tested." },
};

static Err check(Cx *cx, const Record *r) {
  const Value *v = r->values;
  Str seen = v[F_RESULT].s;
  if (str_eq(seen, S("fail")) && !v[F_ACTUAL].set)
    problem(cx, S("actual"), "required", "A failed run says what was seen instead of the expected result.");
  if (str_eq(seen, S("not_applicable")) && !v[F_ACTUAL].set)
    problem(cx, S("actual"), "required", "Say why the test does not apply to this release.");
  if (str_eq(seen, S("pass")) && v[F_EVIDENCE].list.n == 0 && !v[F_ACTUAL].set)
    problem(cx, S("evidence"), "required", "A passed run names its evidence or says what was seen.");
  return E_OK;
}

static const Guard guards[] = {
  { "complete", GUARD_FIELD, "result", .words = "The result is entered." },
  { "complete", GUARD_FIELD, "run_on", .words = "The day of the run is entered." },
};

const RecordType record_test_run = {
  "test_run", "Test run", "Test runs", "TRU", "design", &life_execution,
  ROLE(ENGINEER) | ROLE(SECURITY_LEAD), ROWS(fields), .check = check,
  .help = "One execution of one test on one build: who, when, with what, and what happened.", ROWS(guards),
};
