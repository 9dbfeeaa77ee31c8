/* training.c - One person trained on one thing, with the result and how long it holds. */
#include "quality/inside.h"

static const char *const result[] = { "passed", "failed", NULL };
static const char *const effective[] = { "effective", "not_effective", NULL };

enum { F_TRAINEE, F_KIND, F_REVISION, F_TRAINER, F_ATTESTED_BY, F_DUE, F_TRAINED_ON, F_RESULT, F_SCORE,
       F_ATTEMPTS,
       F_EFFECTIVENESS_METHOD, F_EFFECTIVENESS, F_VALID_UNTIL, F_TRAINS_ON, F_OF };
static const Field fields[] = {
  [F_TRAINEE] = { "trainee", "Person", PERSON, REQUIRED, .help = "Who was trained." },
  [F_KIND] = { "kind", "Kind", CHOICE, 0, .choices = training_kinds, .help = "How it was trained." },
  [F_REVISION] = { "revision_taught", "Revision", INT, 0, .min = 0, .max = 1000000,
    .help = "Of the document that was taught." },
  [F_TRAINER] = { "trainer", "Trainer", TEXT, 0, .help = "Person or course." },
  [F_ATTESTED_BY] = { "attested_by", "Attested by", PERSON, 0,
    .help = "Who saw it done; never the one who was trained." },
  [F_DUE] = { "due", "Due", DATE, 0, .help = "Last day to complete it." },
  [F_TRAINED_ON] = { "trained_on", "Trained on", DATE, 0, .help = "Empty until it is done." },
  [F_RESULT] = { "result", "Result", CHOICE, 0, .choices = result, .help = "Of the test or the exercise." },
  [F_SCORE] = { "score", "Score in percent", INT, 0, .min = 0, .max = 100, .help = "Where there is one." },
  [F_ATTEMPTS] = { "attempts", "Attempts", TEXT, MANY | NOTE,
    .help = "Every try with its time and score, the first one first." },
  [F_EFFECTIVENESS_METHOD] = { "effectiveness_method", "Effectiveness, how judged", TEXT, NOTE,
    .help = "Test, observation, figures of the work afterwards." },
  [F_EFFECTIVENESS] = { "effectiveness", "Effectiveness", CHOICE, NOTE, .choices = effective,
    .help = "The judgement (ISO 13485, 6.2)." },
  [F_VALID_UNTIL] = { "valid_until", "Valid until", DATE, 0, .help = "After this day it must be repeated." },
  [F_TRAINS_ON] = { "trains_on", "On", LINK, MANY, .to = "document", .help = "What was taught." },
  [F_OF] = { "of", "Of", LINK, MANY, .to = "curriculum drill", .help = "The course or drill behind it." },
};

static Err check(Cx *cx, const Record *r) {
  const Value *v = r->values;
  if (v[F_RESULT].set && !v[F_TRAINED_ON].set)
    problem(cx, S("trained_on"), "required", "A result needs the day of the training.");
  if (v[F_TRAINED_ON].set && v[F_VALID_UNTIL].set && v[F_VALID_UNTIL].i < v[F_TRAINED_ON].i)
    problem(cx, S("valid_until"), "order", "The training would end before it took place.");
  if (v[F_ATTESTED_BY].set && str_eq(v[F_ATTESTED_BY].s, v[F_TRAINEE].s))
    problem(cx, S("attested_by"), "self", "Nobody attests their own training: name who saw it done.");
  if (v[F_EFFECTIVENESS].set && !v[F_EFFECTIVENESS_METHOD].set)
    problem(cx, S("effectiveness_method"), "required", "Say how the effect was judged.");
  return E_OK;
}

static const Guard guards[] = {
  { "complete", GUARD_FIELD, "trained_on", .words = "The day of the training is entered." },
  { "complete", GUARD_FIELD, "result", .words = "The result is entered." },
  { "complete", GUARD_LINK, "trains_on of",
    .words = "What was taught is named: documents, a course or a drill." },
};

const RecordType record_training = {
  "training", "Training record", "Training records", "TRG", "quality", &life_execution,
  ROLE(TRAINING_COORDINATOR) | ROLE(QA_MANAGER), ROWS(fields), .check = check,
  .help = "One person trained on one thing, with the result and how long it holds.", ROWS(guards),
};
