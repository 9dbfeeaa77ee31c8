/* inside.h - what the files of quality/ share.
 *
 * competence.c  who must be trained on what     quiz.c   questions and their marking
 * train.c       the commands of training */
#pragma once
#include "quality/quality.h"

extern const char *const training_kinds[];

/* train.c: what documents ask of it after a step. */
Err training_assign(Cx *cx, Call *call, Str document, int64_t *count);
