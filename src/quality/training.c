/* training.c - One person trained on one thing, with the result and how long it holds. */
#include "record/record.h"

static const char *const kind[] = { "reading", "class", "exercise", "awareness", NULL };
static const char *const result[] = { "passed", "failed", NULL };

enum { F_TRAINEE, F_KIND, F_TRAINER, F_DUE, F_TRAINED_ON, F_RESULT, F_SCORE, F_VALID_UNTIL, F_TRAINS_ON,
       F_OF };
static const Field fields[] = {
  [F_TRAINEE] = { "trainee", "Person", PERSON, REQUIRED, .help = "Who was trained." },
  [F_KIND] = { "kind", "Kind", CHOICE, 0, .choices = kind, .help = "How it was trained." },
  [F_TRAINER] = { "trainer", "Trainer", TEXT, 0, .help = "Person or course." },
  [F_DUE] = { "due", "Due", DATE, 0, .help = "Last day to complete it." },
  [F_TRAINED_ON] = { "trained_on", "Trained on", DATE, 0, .help = "Empty until it is done." },
  [F_RESULT] = { "result", "Result", CHOICE, 0, .choices = result, .help = "Of the effectiveness check." },
  [F_SCORE] = { "score", "Score in percent", INT, 0, .min = 0, .max = 100, .help = "Where there is one." },
  [F_VALID_UNTIL] = { "valid_until", "Valid until", DATE, 0, .help = "After this day it must be repeated." },
  [F_TRAINS_ON] = { "trains_on", "On", LINK, MANY, .to = "document", .help = "What was taught." },
  [F_OF] = { "of", "Of", LINK, MANY, .to = "curriculum drill", .help = "The curriculum or drill behind it." },
};

static Err check(Cx *cx, const Record *r) {
  const Value *v = r->values;
  if (v[F_RESULT].set && !v[F_TRAINED_ON].set)
    problem(cx, S("trained_on"), "required", "A result needs the day of the training.");
  if (v[F_TRAINED_ON].set && v[F_VALID_UNTIL].set && v[F_VALID_UNTIL].i < v[F_TRAINED_ON].i)
    problem(cx, S("valid_until"), "order", "The training would end before it took place.");
  return E_OK;
}

const RecordType record_training = {
  "training", "Training record", "Training records", "TRG", "quality", &life_execution,
  ROLE(TRAINING_COORDINATOR) | ROLE(QA_MANAGER), ROWS(fields), .check = check,
  .help = "One person trained on one thing, with the result and how long it holds.",
};
