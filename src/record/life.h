/* life.h - what the files of the life test share. */
#pragma once
#include "inside.h"

enum { ARGS_BYTES = 64 << 20 };

typedef struct Walk {
  Store *s;
  const LifeCast *cast;
  const LifeSample *samples;
  size_t nsamples;
  const RecordType *type;
  int64_t checks;
} Walk;

/* ---- life_fields.c ------------------------------------------------------------------------------------- */

Str life_base_id(Arena *a, const char *type, int which);
/* A target of an allowed type that is neither the record itself nor, where there is a choice, of its own type. */
Str life_target_id(Arena *a, const RecordType *t, const Field *f);
/* An input with a valid value for every field. */
void life_put_input(Cx *cx, const Walk *w, const RecordType *t, int which, JsonOut *o);
Err life_load_bases(Cx *cx, Walk *w);
Err life_wrong(Cx *cx, const Walk *w, const char *what, const char *why);
Err life_expect(Cx *cx, Walk *w, Err got, Err want, const char *what);
/* Refused, and the problem names the field. */
Err life_expect_problem(Cx *cx, Walk *w, Err got, const char *field, const char *what);
Err life_save(Cx *cx, Walk *w, Str id, const char *field, Str json);
Err life_round_trip(Cx *cx, Walk *w, Str id);
Err life_fields(Cx *cx, Walk *w);
