#define _GNU_SOURCE /* memmem, memrchr */
#include "base/base.h"
#include <assert.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

static int fold(char c) { return c >= 'A' && c <= 'Z' ? c + 32 : (unsigned char)c; }
static bool is_space(char c) { return c == ' ' || (c >= '\t' && c <= '\r'); }

Str str_head(Str s, size_t most) {
  if (s.n <= most) return s;
  while (most && ((unsigned char)s.p[most] & 0xc0) == 0x80) most--;
  return str_slice(s, 0, most);
}

bool str_eq_nocase(Str a, Str b) {
  if (a.n != b.n) return false;
  for (size_t i = 0; i < a.n; i++)
    if (fold(a.p[i]) != fold(b.p[i])) return false;
  return true;
}

int str_cmp(Str a, Str b) {
  size_t n = a.n < b.n ? a.n : b.n;
  int d = n ? memcmp(a.p, b.p, n) : 0;
  return d ? d : (a.n > b.n) - (a.n < b.n);
}

size_t str_find(Str s, Str needle) {
  if (needle.n == 0) return 0;
  if (needle.n > s.n) return SIZE_MAX;
  const char *at = memmem(s.p, s.n, needle.p, needle.n);
  return at ? (size_t)(at - s.p) : SIZE_MAX;
}

size_t str_find_nocase(Str s, Str needle) {
  if (needle.n > s.n) return SIZE_MAX;
  for (size_t i = 0; i + needle.n <= s.n; i++) {
    size_t k = 0;
    while (k < needle.n && fold(s.p[i + k]) == fold(needle.p[k])) k++;
    if (k == needle.n) return i;
  }
  return SIZE_MAX;
}

size_t str_find_char(Str s, char c) {
  const char *at = s.n ? memchr(s.p, c, s.n) : NULL;
  return at ? (size_t)(at - s.p) : SIZE_MAX;
}

size_t str_rfind_char(Str s, char c) {
  const char *at = s.n ? memrchr(s.p, c, s.n) : NULL;
  return at ? (size_t)(at - s.p) : SIZE_MAX;
}

Str str_trim(Str s) {
  while (s.n && is_space(s.p[0])) {
    s.p++;
    s.n--;
  }
  while (s.n && is_space(s.p[s.n - 1])) s.n--;
  return s;
}

bool str_cut(Str s, char sep, Str *head, Str *rest) {
  size_t at = str_find_char(s, sep);
  Str before = str_slice(s, 0, at == SIZE_MAX ? s.n : at);
  Str after = at == SIZE_MAX ? (Str){ s.p ? s.p + s.n : NULL, 0 } : str_slice(s, at + 1, s.n);
  *head = before;
  *rest = after;
  return at != SIZE_MAX;
}

bool str_line(Str *rest, Str *line) {
  if (rest->n == 0) return false;
  (void)str_cut(*rest, '\n', line, rest);
  if (line->n && line->p[line->n - 1] == '\r') line->n--;
  return true;
}

Str str_dup(Arena *a, Str s) {
  if (!s.p) return STR_NONE;
  char *p = arena_alloc(a, s.n + 1);
  if (s.n) memcpy(p, s.p, s.n);
  return (Str){ p, s.n };
}

char *str_z(Arena *a, Str s) {
  char *p = arena_alloc(a, s.n + 1);
  if (s.n) memcpy(p, s.p, s.n);
  return p;
}

Str str_lower(Arena *a, Str s) {
  char *p = arena_alloc(a, s.n + 1);
  for (size_t i = 0; i < s.n; i++) p[i] = (char)fold(s.p[i]);
  return (Str){ p, s.n };
}

Str str_upper(Arena *a, Str s) {
  char *p = arena_alloc(a, s.n + 1);
  for (size_t i = 0; i < s.n; i++) p[i] = s.p[i] >= 'a' && s.p[i] <= 'z' ? (char)(s.p[i] - 32) : s.p[i];
  return (Str){ p, s.n };
}

Str str_vfmt(Arena *a, const char *fmt, va_list args) {
  assert(fmt);
  va_list again;
  va_copy(again, args);
  int n = vsnprintf(NULL, 0, fmt, again);
  va_end(again);
  size_t size = n < 0 ? 0 : (size_t)n;
  char *p = arena_alloc(a, size + 1);
  (void)vsnprintf(p, size + 1, fmt, args);
  return (Str){ p, size };
}

Str str_fmt(Arena *a, const char *fmt, ...) {
  va_list args;
  va_start(args, fmt);
  Str s = str_vfmt(a, fmt, args);
  va_end(args);
  return s;
}

Str str_replace(Arena *a, Str s, char from, char to) {
  char *p = arena_alloc(a, s.n + 1);
  for (size_t i = 0; i < s.n; i++) p[i] = s.p[i] == from ? to : s.p[i];
  return (Str){ p, s.n };
}

bool str_uint(Str s, uint64_t *out) {
  uint64_t v = 0;
  if (s.n == 0) return false;
  for (size_t i = 0; i < s.n; i++) {
    if (s.p[i] < '0' || s.p[i] > '9') return false;
    if (__builtin_mul_overflow(v, UINT64_C(10), &v) || __builtin_add_overflow(v, (uint64_t)(s.p[i] - '0'), &v))
      return false;
  }
  *out = v;
  return true;
}

bool str_int(Str s, int64_t *out) {
  bool minus = s.n && s.p[0] == '-';
  uint64_t v;
  if (!str_uint(minus ? str_slice(s, 1, s.n) : s, &v)) return false;
  if (v > (uint64_t)INT64_MAX + minus) return false;
  *out = (int64_t)(minus ? 0 - v : v);
  return true;
}

/* Length of the well-formed UTF-8 sequence at p (n bytes left), or 0. */
static size_t utf8_at(const unsigned char *p, size_t n) {
  if (p[0] < 0x80) return 1;
  if (p[0] < 0xC2 || p[0] > 0xF4) return 0;
  size_t len = p[0] < 0xE0 ? 2 : p[0] < 0xF0 ? 3 : 4;
  if (n < len) return 0;
  for (size_t i = 1; i < len; i++)
    if ((p[i] & 0xC0) != 0x80) return 0;
  if (p[0] == 0xE0 && p[1] < 0xA0) return 0;
  if (p[0] == 0xED && p[1] > 0x9F) return 0; /* surrogates */
  if (p[0] == 0xF0 && p[1] < 0x90) return 0;
  if (p[0] == 0xF4 && p[1] > 0x8F) return 0;
  return len;
}

bool str_is_utf8(Str s) {
  const unsigned char *p = (const unsigned char *)s.p;
  for (size_t i = 0; i < s.n;) {
    size_t len = utf8_at(p + i, s.n - i);
    if (!len) return false;
    i += len;
  }
  return true;
}

Str str_whole(Arena *a, Str s) {
  if (str_is_utf8(s)) return s;
  Buf b = buf_new(a, 3 * s.n);
  for (size_t i = 0, len; i < s.n; i += len ? len : 1) {
    len = utf8_at((const unsigned char *)s.p + i, s.n - i);
    buf_add(&b, len ? str_slice(s, i, i + len) : S("\xef\xbf\xbd"));
  }
  return buf_str(&b);
}

uint32_t str_distance(Str a, Str b) {
  enum { MOST = 64 };
  a = str_slice(a, 0, MOST);
  b = str_slice(b, 0, MOST);
  uint32_t row[MOST + 1];
  for (size_t j = 0; j <= b.n; j++) row[j] = (uint32_t)j;
  for (size_t i = 1; i <= a.n; i++) {
    uint32_t diagonal = row[0];
    row[0] = (uint32_t)i;
    for (size_t j = 1; j <= b.n; j++) {
      uint32_t swap = diagonal + (fold(a.p[i - 1]) != fold(b.p[j - 1]));
      diagonal = row[j];
      uint32_t best = row[j] + 1 < row[j - 1] + 1 ? row[j] + 1 : row[j - 1] + 1;
      row[j] = swap < best ? swap : best;
    }
  }
  return row[b.n];
}

Str str_nearest(Str word, const Str *names, size_t n) {
  Str best = STR_NONE;
  uint32_t least = 4;
  for (size_t i = 0; i < n; i++) {
    uint32_t d = str_distance(word, names[i]);
    if (d < least && 2 * d < names[i].n) {
      least = d;
      best = names[i];
    }
  }
  return best;
}
