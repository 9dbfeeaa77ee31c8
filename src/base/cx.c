#include "base/base.h"
#include <stdarg.h>

Cx cx_new(size_t cap_bytes) { return (Cx){ .arena = arena_new(cap_bytes), .now_us = clock_now_us() }; }

void cx_free(Cx *cx) {
  arena_free(cx->arena);
  cx->arena = NULL;
}

void cx_reset(Cx *cx) {
  arena_reset(cx->arena);
  *cx = (Cx){ .arena = cx->arena, .now_us = clock_now_us() };
}

void cx_forgive(Cx *cx) {
  cx->err = E_OK;
  cx->words = STR_NONE;
  cx->problems.n = 0;
}

Err fail(Cx *cx, Err e, const char *fmt, ...) {
  if (cx->err != E_OK) return cx->err;
  va_list args;
  va_start(args, fmt);
  cx->words = str_whole(cx->arena, str_vfmt(cx->arena, fmt, args)); /* may quote what was cut inside a character */
  va_end(args);
  cx->err = e;
  return e;
}

void problem(Cx *cx, Str field, const char *code, const char *fmt, ...) {
  va_list args;
  va_start(args, fmt);
  Problem p = { str_whole(cx->arena, str_dup(cx->arena, field)), str_of(code),
                str_whole(cx->arena, str_vfmt(cx->arena, fmt, args)) };
  va_end(args);
  vec_add(cx->arena, &cx->problems, p);
}

Err problems_fail(Cx *cx) {
  if (!cx->problems.n) return E_OK;
  Problem first = cx->problems.p[0];
  if (cx->problems.n == 1) return fail(cx, E_INVALID, "%.*s: %.*s", STR(first.field), STR(first.words));
  return fail(cx, E_INVALID, "%.*s: %.*s (and %zu more)", STR(first.field), STR(first.words), cx->problems.n - 1);
}
