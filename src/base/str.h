/* str.h - text and bytes: a borrowed slice, passed by value, not NUL-terminated. */
#pragma once
#include "base/arena.h"
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

typedef struct Str { const char *p; size_t n; } Str;

#define S(literal) ((Str){ "" literal, sizeof(literal) - 1 })
#define STR(s) (int)(s).n, (s).p          /* for "%.*s" */
#define STR_NONE ((Str){ NULL, 0 })

/* Of a NUL-terminated string; NULL gives STR_NONE. */
static inline Str str_of(const char *z) { return z ? (Str){ z, strlen(z) } : STR_NONE; }
/* Clamped. */
static inline Str str_slice(Str s, size_t from, size_t to) {
  if (to > s.n) to = s.n;
  if (from > to) from = to;
  return (Str){ s.p ? s.p + from : NULL, to - from };
}
Str str_head(Str s, size_t most);         /* at most so many bytes, whole UTF-8 characters: for messages */
static inline bool str_eq(Str a, Str b) { return a.n == b.n && (a.n == 0 || memcmp(a.p, b.p, a.n) == 0); }
bool str_eq_nocase(Str a, Str b);         /* ASCII only */
int str_cmp(Str a, Str b);                /* bytewise, shorter first */
static inline bool str_starts(Str s, Str prefix) {
  return s.n >= prefix.n && str_eq(str_slice(s, 0, prefix.n), prefix);
}
static inline bool str_ends(Str s, Str suffix) {
  return s.n >= suffix.n && str_eq(str_slice(s, s.n - suffix.n, s.n), suffix);
}
size_t str_find(Str s, Str needle);       /* SIZE_MAX when absent */
size_t str_find_nocase(Str s, Str needle);/* ASCII folding */
size_t str_find_char(Str s, char c);
size_t str_rfind_char(Str s, char c);
Str str_trim(Str s);                      /* ASCII white space, both ends */
/* Splits at the first sep: *head before it, *rest after it; without sep head is all and rest empty.
 * Returns whether sep was there.  head or rest may be &s. */
bool str_cut(Str s, char sep, Str *head, Str *rest);
/* Takes the next line (LF or CRLF) off *rest; false at the end. */
bool str_line(Str *rest, Str *line);

Str str_dup(Arena *a, Str s);
char *str_z(Arena *a, Str s);             /* NUL-terminated copy, for libraries */
Str str_lower(Arena *a, Str s);           /* ASCII */
Str str_upper(Arena *a, Str s);           /* ASCII */
Str str_fmt(Arena *a, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
Str str_vfmt(Arena *a, const char *fmt, va_list args) __attribute__((format(printf, 2, 0)));
Str str_replace(Arena *a, Str s, char from, char to);

bool str_int(Str s, int64_t *out);        /* whole slice, decimal, optional '-', no overflow; else false */
bool str_uint(Str s, uint64_t *out);
bool str_is_utf8(Str s);                  /* strict: no surrogates, no overlong forms */
Str str_whole(Arena *a, Str s);           /* s with U+FFFD for each byte of no character; s itself when it is UTF-8 */
uint64_t str_hash(Str s);                 /* SipHash-1-3 with a key drawn once per process */
uint32_t str_distance(Str a, Str b);      /* edit distance, capped at 64 bytes a side: for "did you mean" */
/* The nearest of n names within distance 3 and less than half of its own length, or STR_NONE. */
Str str_nearest(Str word, const Str *names, size_t n);
