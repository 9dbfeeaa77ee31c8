/* inside.h - what the files of quality/ share.
 *
 * competence.c  who must be trained on what     quiz.c   questions and their marking
 * train.c       the commands of training        gate.c   what must hold before a step */
#pragma once
#include "quality/quality.h"

extern const char *const training_kinds[];
