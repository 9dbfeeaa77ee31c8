#include "base/base.h"
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

Buf buf_new(Arena *a, size_t max_bytes) { return (Buf){ .arena = a, .max = max_bytes }; }

char *buf_room(Buf *b, size_t n) {
  if (b->over || n > b->max - b->n) { b->over = true; return NULL; }
  if (n > b->cap - b->n) {
    size_t cap = b->cap ? b->cap * 2 : 256;
    while (cap < b->n + n) cap *= 2;
    b->p = arena_grow(b->arena, b->p, b->cap, cap);
    b->cap = cap;
  }
  char *at = b->p + b->n;
  b->n += n;
  return at;
}

void buf_int(Buf *b, int64_t v) {
  char text[24];
  int n = snprintf(text, sizeof text, "%lld", (long long)v);
  buf_add(b, (Str){ text, (size_t)n });
}

void buf_hex(Buf *b, const uint8_t *p, size_t n) {
  static const char digit[] = "0123456789abcdef";
  char *at = buf_room(b, 2 * n);
  for (size_t i = 0; at && i < n; i++) {
    at[2 * i] = digit[p[i] >> 4];
    at[2 * i + 1] = digit[p[i] & 15];
  }
}

void buf_fmt(Buf *b, const char *fmt, ...) {
  va_list args, again;
  va_start(args, fmt);
  va_copy(again, args);
  int n = vsnprintf(NULL, 0, fmt, args);
  va_end(args);
  char *at = n > 0 ? buf_room(b, (size_t)n + 1) : NULL;
  if (at) {
    (void)vsnprintf(at, (size_t)n + 1, fmt, again);
    b->n--;   /* the NUL was only for vsnprintf */
  }
  va_end(again);
}

void buf_u32le(Buf *b, uint32_t v) {
  uint8_t x[4] = { (uint8_t)v, (uint8_t)(v >> 8), (uint8_t)(v >> 16), (uint8_t)(v >> 24) };
  buf_add(b, (Str){ (const char *)x, 4 });
}

void buf_u64le(Buf *b, uint64_t v) { buf_u32le(b, (uint32_t)v); buf_u32le(b, (uint32_t)(v >> 32)); }

Str buf_str(const Buf *b) { return (Str){ b->p ? b->p : "", b->n }; }
void buf_clear(Buf *b) { b->n = 0; b->over = false; }
