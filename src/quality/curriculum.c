/* curriculum.c - A course: what people with a role must be trained on, how, and how often. */
#include "quality/inside.h"

#define ROLE_WORD(id, word, title, help) word,
#define DUTY_WORD(word, title) word,
static const char *const role[] = { "all", ROLES(ROLE_WORD) DUTIES(DUTY_WORD) NULL };
const char *const training_kinds[] = { "read", "quiz", "practical", "drill", "class", "awareness", NULL };

enum { F_ROLE, F_KIND, F_INTERVAL_MONTHS, F_GRACE_DAYS, F_EFFECTIVENESS, F_PASS_PERCENT, F_QUESTIONS,
       F_TRAINS_ON };
static const Field fields[] = {
  [F_ROLE] = { "role", "For", CHOICE, REQUIRED | MANY, .choices = role,
    .help = "Roles and duties that need it; \"all\": everybody who reads records, but administrators." },
  [F_KIND] = { "kind", "Kind", CHOICE, 0, .choices = training_kinds,
    .help = "Read: the person confirms; quiz: questions; practical, drill, class: a trainer attests." },
  [F_INTERVAL_MONTHS] = { "interval_months", "Interval in months", INT, 0, .min = 0, .max = 60,
    .help = "0: once." },
  [F_GRACE_DAYS] = { "grace_days", "Days of grace", INT, 0, .min = 0, .max = 365,
    .help = "After a new revision is approved, or a person joined." },
  [F_EFFECTIVENESS] = { "effectiveness", "Effectiveness", TEXT, 0, .help = "How we see that it worked." },
  [F_PASS_PERCENT] = { "pass_percent", "Pass mark in percent", INT, 0, .min = 0, .max = 100,
    .help = "Of a quiz; 0: every answer must be right." },
  [F_QUESTIONS] = { "questions", "Questions", LONG, 0,
    .help = "One block per question: a line '? question', then lines '- wrong answer' and '+ right answer'." },
  [F_TRAINS_ON] = { "trains_on", "Trains on", LINK, MANY, .to = "document", .help = "What is taught." },
};

static Err check(Cx *cx, const Record *r) {
  const Value *v = r->values;
  Quiz quiz;
  if (v[F_QUESTIONS].set && !quiz_read(cx, v[F_QUESTIONS].s, &quiz))
    problem(cx, S("questions"), "quiz", "%.*s", STR(quiz.fault));
  if (str_eq(v[F_KIND].s, S("quiz")) && !v[F_QUESTIONS].set)
    problem(cx, S("questions"), "required", "A quiz needs questions.");
  return E_OK;
}

const RecordType record_curriculum = {
  "curriculum", "Course", "Courses", "CUR", "quality", &life_item,
  ROLE(TRAINING_COORDINATOR) | ROLE(QA_MANAGER), ROWS(fields), .check = check,
  .help = "What people with a role must be trained on, how, and how often.",
};
