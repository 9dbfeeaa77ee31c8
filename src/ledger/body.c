/* What a canonical body states at its top, without reading all of it into values: verify asks each revision. */
#include "inside.h"
#include <string.h>

/* From an opening quote to behind the closing one; the end of the text when there is none. */
static size_t string_end(Str t, size_t at) {
  at = json_mark(t, at + 1);
  while (at < t.n && t.p[at] != '"') at = json_mark(t, at + (t.p[at] == '\\' ? 2 : 1));
  return at < t.n ? at + 1 : t.n;
}

/* Behind a value: the comma or brace that follows it. */
static size_t value_end(Str t, size_t at) {
  for (size_t depth = 0; at < t.n;) {
    char c = t.p[at];
    if (depth == 0 && (c == ',' || c == '}')) return at;
    if (c == '"') { at = string_end(t, at); continue; }
    if (c == '{' || c == '[') depth++;
    if ((c == '}' || c == ']') && depth-- == 0) return t.n;
    at++;
  }
  return at;
}

bool body_states_type(Str body, Str type) {
  static const char key[] = "\"type\"";
  for (size_t at = 1; at < body.n && body.p[at] == '"'; at++) {
    size_t colon = string_end(body, at), end = value_end(body, colon + 1);
    if (str_eq(str_slice(body, at, colon), (Str){ key, sizeof key - 1 })) {
      Str value = str_slice(body, colon + 1, end);
      return value.n == type.n + 2 && value.p[0] == '"' && value.p[value.n - 1] == '"' &&
             memcmp(value.p + 1, type.p, type.n) == 0;
    }
    at = end;
  }
  return false;
}
