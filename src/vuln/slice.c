/* slice.c - a value ends where its brackets close; strings are skipped whole.  No depth is followed by recursion. */
#include "vuln/slice.h"

static Str left_trim(Str s) {
  while (s.n && (*s.p == ' ' || *s.p == '\n' || *s.p == '\r' || *s.p == '\t')) s = str_slice(s, 1, s.n);
  return s;
}

static size_t string_end(Str s, size_t at) {
  for (at++; at < s.n && s.p[at] != '"'; at++)
    if (s.p[at] == '\\') at++;
  return at < s.n ? at + 1 : s.n;
}

static size_t value_end(Str s) {
  size_t depth = 0, at = 0;
  while (at < s.n) {
    char c = s.p[at];
    if (c == '"') {
      at = string_end(s, at);
      if (!depth) return at;
      continue;
    }
    if (c == '{' || c == '[') depth++;
    else if (c == '}' || c == ']') {
      if (!depth) return at; /* the end of what a plain value stands in */
      if (--depth == 0) return at + 1;
    } else if (!depth && (c == ',' || c == ' ' || c == '\n' || c == '\r' || c == '\t')) return at;
    at++;
  }
  return s.n;
}

bool slice_item(Str *rest, Str *value) {
  Str s = left_trim(*rest);
  if (s.n && *s.p == ',') s = left_trim(str_slice(s, 1, s.n));
  if (!s.n || *s.p == ']' || *s.p == '}') return false;
  size_t end = value_end(s);
  if (!end) return false;
  *value = str_slice(s, 0, end);
  *rest = str_slice(s, end, s.n);
  return true;
}

bool slice_member(Str *rest, Str *key, Str *value) {
  if (!slice_item(rest, key) || *key->p != '"') return false;
  Str s = left_trim(*rest);
  if (!s.n || *s.p != ':') return false;
  *rest = str_slice(s, 1, s.n);
  return slice_item(rest, value);
}

Str slice_inside(Str text) {
  text = str_trim(text);
  return text.n < 2 ? S("") : str_slice(text, 1, text.n - 1);
}
