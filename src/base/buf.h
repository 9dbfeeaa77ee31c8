/* buf.h - text that grows in an arena and has a named limit.
 *
 * Beyond its limit a Buf stops taking bytes and remembers it; buf_done() then says E_TOO_LARGE. */
#pragma once
#include "base/str.h"

typedef struct Buf {
  Arena *arena;
  char *p;
  size_t n, cap, max;
  bool over;
} Buf;

Buf buf_new(Arena *a, size_t max_bytes);
/* Room for n more bytes at its end, to be filled; NULL when the limit would be passed. */
char *buf_room(Buf *b, size_t n);
static inline void buf_add(Buf *b, Str s) {
  char *at = s.n ? buf_room(b, s.n) : NULL;
  if (at) memcpy(at, s.p, s.n);
}
static inline void buf_z(Buf *b, const char *z) { buf_add(b, str_of(z)); }
static inline void buf_byte(Buf *b, char c) {
  char *at = buf_room(b, 1);
  if (at) *at = c;
}
void buf_int(Buf *b, int64_t v);
void buf_hex(Buf *b, const uint8_t *p, size_t n);        /* lower case */
void buf_fmt(Buf *b, const char *fmt, ...) __attribute__((format(printf, 2, 3))); /* never into HTML, JSON or SQL */
void buf_u32le(Buf *b, uint32_t v);
void buf_u64le(Buf *b, uint64_t v);
Str buf_str(const Buf *b);               /* valid until the next write */
void buf_clear(Buf *b);
