/* inside.h - what the files of quality/ share.
 *
 * competence.c  who must be trained on what     quiz.c   questions and their marking
 * train.c       the commands of training         past.c   all of it as it stood once */
#pragma once
#include "quality/quality.h"

extern const char *const training_kinds[];

/* One training record, whoever judges it.  rev: of the documents that were taught. */
typedef struct Trained {
  Str id, trainee;
  bool done, passed;
  int32_t due, trained_on, until;
  int64_t rev;
  VEC(Str) course, document;
} Trained;
typedef struct Trainings { Trained *p; size_t n, cap; } Trainings;

/* competence.c: back from the revision in force, over those approved when the log had `size` entries, to the last that
 * asked for training. */
Err training_from(Cx *cx, Store *s, Str id, int64_t in_force, int64_t size, int64_t *out);
bool document_ended(Str state);

/* past.c */
void trainings_then(Cx *cx, const Trainings *all, Str person, Trainings *out);

/* train.c: what documents ask of it after a step. */
Err training_assign(Cx *cx, Call *call, Str document, int64_t *count);
