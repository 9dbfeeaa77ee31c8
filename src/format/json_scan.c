/* One pass over the bytes before yyjson sees them: depth, sizes and integers that do not fit.  Grammar, UTF-8 and
 * surrogates are yyjson's; here a byte outside strings only opens, closes, begins a number or a word. */
#include "format/inside.h"
#include <string.h>

const JsonLimits JSON_BODY = {
  .max_bytes = 1 << 20, .max_depth = 32, .max_string_bytes = 1 << 20, .max_values = 100000
};
const JsonLimits JSON_DOCUMENT = { .max_bytes = 64 << 20, .max_depth = 512, .max_string_bytes = 16 << 20,
                                   .max_values = 8 << 20 };

typedef struct Scan { Cx *cx; Str in; size_t at; const JsonLimits *most; JsonScan sum; size_t depth; } Scan;

static Err unreadable(Cx *cx, size_t at, const char *why) {
  return fail(cx, E_UNREADABLE, "The JSON cannot be read: %s at byte %zu", why, at);
}

static Err too_large(Cx *cx, size_t at, const char *what, size_t most) {
  return fail(cx, E_TOO_LARGE, "The JSON is larger than allowed: %s %zu at byte %zu", what, most, at);
}

/* A bit where one of eight bytes is c: the lowest is exact. */
static uint64_t is_one(uint64_t eight, char c) {
  uint64_t x = eight ^ 0x0101010101010101u * (uint8_t)c;
  return (x - 0x0101010101010101u) & ~x & 0x8080808080808080u;
}

/* A bit where one of eight bytes is below a space: the lowest is exact. */
static uint64_t is_control(uint64_t eight) {
  return (eight - 0x2020202020202020u) & ~eight & 0x8080808080808080u;
}

static bool is_mark(char c) { return c == '"' || c == '\\' || (unsigned char)c < 0x20; }

size_t json_mark(Str in, size_t i) {
  for (uint64_t eight; i + sizeof eight <= in.n; i += sizeof eight) {
    memcpy(&eight, in.p + i, sizeof eight);
    uint64_t marks = is_one(eight, '"') | is_one(eight, '\\') | is_control(eight);
    if (marks) return i + (size_t)__builtin_ctzll(marks) / 8;
  }
  while (i < in.n && !is_mark(in.p[i])) i++;
  return i;
}

/* From the quote at s->at to behind the one that ends the string. */
static Err scan_string(Scan *s) {
  size_t from = s->at + 1, i = json_mark(s->in, from);
  while (i < s->in.n && s->in.p[i] == '\\') i = i + 2 < s->in.n ? json_mark(s->in, i + 2) : s->in.n;
  if (i >= s->in.n) return unreadable(s->cx, s->at, "a string that never ends");
  if (s->in.p[i] != '"') return unreadable(s->cx, i, "a control character inside a string");
  if (i - from > s->most->max_string_bytes)
    return too_large(s->cx, s->at, "a string of more bytes than", s->most->max_string_bytes);
  s->at = i + 1;
  return E_OK;
}

static bool in_number(char c) {
  return (c >= '0' && c <= '9') || c == '.' || c == 'e' || c == 'E' || c == '+' || c == '-';
}

/* An integer beyond int64 becomes a double; that is fine when the double prints with the same digits (1e20
 * written out), and a silent change of the number otherwise. */
static bool keeps_digits(Cx *cx, Str literal) {
  ArenaMark mark = arena_mark(cx->arena);
  yyjson_val v = { 0 };
  Buf again = buf_new(cx->arena, 64);
  bool read = literal.n < 64 && yyjson_read_number(str_z(cx->arena, literal), &v, YYJSON_READ_NOFLAG, NULL, NULL);
  if (read) json_double(&again, yyjson_get_num(&v));
  bool same = read && str_eq(buf_str(&again), literal);
  arena_release(cx->arena, mark);
  return same;
}

static Err scan_number(Scan *s) {
  size_t from = s->at, digits = 0;
  while (s->at < s->in.n && in_number(s->in.p[s->at])) {
    digits += s->in.p[s->at] >= '0' && s->in.p[s->at] <= '9';
    s->at++;
  }
  Str text = str_slice(s->in, from, s->at);
  bool whole = digits == text.n || (digits + 1 == text.n && text.p[0] == '-');
  int64_t value;
  if (digits >= 19 && whole && !str_int(text, &value) && !keeps_digits(s->cx, text))
    return unreadable(s->cx, from, "an integer that does not fit 64 bits (write it as a string)");
  return E_OK;
}

static Err scan_open(Scan *s) {
  if (++s->depth > s->most->max_depth)
    return fail(s->cx, E_UNREADABLE, "The JSON cannot be read: it is nested deeper than %zu at byte %zu",
                s->most->max_depth, s->at);
  if (s->depth > s->sum.depth) s->sum.depth = s->depth;
  s->at++;
  return E_OK;
}

static Err scan_close(Scan *s) {
  if (s->depth == 0) return unreadable(s->cx, s->at, "a bracket that was not opened");
  s->depth--;
  s->at++;
  return E_OK;
}

static void scan_word(Scan *s) {
  while (s->at < s->in.n && s->in.p[s->at] >= 'a' && s->in.p[s->at] <= 'z') s->at++;
}

/* One value, key or mark that begins at s->at. */
static Err scan_token(Scan *s) {
  char c = s->in.p[s->at];
  if (c == '"' && s->sum.values < s->most->max_values) { /* most are texts */
    s->sum.values++;
    return scan_string(s);
  }
  if (c == ']' || c == '}') return scan_close(s);
  if (++s->sum.values > s->most->max_values) return too_large(s->cx, s->at, "more values than", s->most->max_values);
  if (c == '[' || c == '{') return scan_open(s);
  if (c == '-' || (c >= '0' && c <= '9')) return scan_number(s);
  if (c < 'a' || c > 'z') return unreadable(s->cx, s->at, "an unexpected character");
  scan_word(s);
  return E_OK;
}

static const bool between[256] = { [' '] = true, ['\n'] = true, ['\r'] = true,
                                   ['\t'] = true, [','] = true, [':'] = true };

Err json_scan(Cx *cx, Str bytes, const JsonLimits *limits, JsonScan *out) {
  if (bytes.n > limits->max_bytes)
    return fail(cx, E_TOO_LARGE, "The JSON has %zu bytes; at most %zu are read", bytes.n, limits->max_bytes);
  if (str_starts(bytes, S("\xef\xbb\xbf"))) return unreadable(cx, 0, "a byte order mark");
  Scan s = { .cx = cx, .in = bytes, .most = limits };
  while (s.at < bytes.n) {
    while (s.at < bytes.n && between[(uint8_t)bytes.p[s.at]]) s.at++;
    if (s.at < bytes.n) TRY(scan_token(&s));
  }
  if (s.depth) return unreadable(cx, bytes.n, "a bracket that is never closed");
  if (!s.sum.values) return unreadable(cx, 0, "no value");
  *out = s.sum;
  return E_OK;
}
