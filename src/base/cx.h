/* cx.h - the context of one unit of work: its memory, its time, its failure.
 *
 * Every function that can fail returns Err, takes Cx *cx first and its outputs last; outputs are untouched on failure.
 * fail() says and returns in one breath; the first words win.  TRY(call) returns onward. */
#pragma once
#include "base/err.h"
#include "base/vec.h"

/* One thing wrong with one field of an input: the form shows it beside the field. */
typedef struct Problem { Str field; Str code; Str words; } Problem;
typedef VEC(Problem) Problems;

typedef struct Cx {
  Arena *arena;
  Err err;               /* of the first failure */
  Str words;             /* of the first failure: what happened, what was kept, what to do next */
  Problems problems;
  int64_t now_us;        /* the time of this unit of work, microseconds UTC */
} Cx;

Cx cx_new(size_t cap_bytes);           /* now_us is the clock */
void cx_free(Cx *cx);
void cx_reset(Cx *cx);                 /* forgets memory, failure and problems; takes the clock anew */
void cx_forgive(Cx *cx);               /* forgets the failure, keeps the memory */
static inline void Cx_drop(Cx *cx) { cx_free(cx); }

Err fail(Cx *cx, Err e, const char *fmt, ...) __attribute__((format(printf, 3, 4)));
/* Adds a problem with a field; problems_fail() then fails once with E_INVALID when there are any. */
void problem(Cx *cx, Str field, const char *code, const char *fmt, ...) __attribute__((format(printf, 4, 5)));
Err problems_fail(Cx *cx);

#define TRY(call)                                                                                        \
  do {                                                                                                   \
    Err try_err_ = (call);                                                                               \
    if (try_err_ != E_OK) return try_err_;                                                               \
  } while (0)
