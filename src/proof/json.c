/* Canonical JSON: there is one way to write each value, and only that is read. */
#include "proof.h"

enum { DEPTH_MAX = 16 };
typedef struct Reader { Text left; Json *j; size_t depth; } Reader;

static bool take(Reader *r, char c) {
  if (!r->left.n || r->left.p[0] != c) return false;
  r->left = from(r->left, 1);
  return true;
}

/* Bytes of the UTF-8 character at p, 0 when it is none: no overlong forms, no surrogates, nothing beyond U+10FFFF. */
static size_t character(Text t) {
  const uint8_t *p = (const uint8_t *)t.p;
  if (p[0] < 0x80) return 1;
  size_t n = p[0] >= 0xF0 ? 4 : p[0] >= 0xE0 ? 3 : 2;
  if (p[0] < 0xC2 || p[0] > 0xF4 || t.n < n) return 0;
  uint32_t v = p[0] & 0x7Fu >> n;
  for (size_t i = 1; i < n; v = v << 6 | (p[i++] & 0x3Fu))
    if ((p[i] & 0xC0) != 0x80) return 0;
  return v < (n == 4 ? 0x10000u : n == 3 ? 0x800u : 0x80u) || v > 0x10FFFF || v >> 11 == 0x1B ? 0 : n;
}

/* Length of the escape at p: the short one where there is a short one, else \u00 and lower-case digits below 0x20. */
static size_t escape(Text t) {
  if (t.n >= 2 && memchr("\"\\bfnrt", t.p[1], 7)) return 2;
  if (t.n < 6 || memcmp(t.p, "\\u00", 4) != 0 || (t.p[4] != '0' && t.p[4] != '1')) return 0;
  bool has_short = t.p[4] == '0' && memchr("89acd", t.p[5], 5);
  return memchr("0123456789abcdef", t.p[5], 16) && !has_short ? 6 : 0;
}

static bool string(Reader *r, Text *out) {
  if (!take(r, '"')) return false;
  const char *start = r->left.p;
  while (r->left.n && r->left.p[0] != '"') {
    if ((uint8_t)r->left.p[0] < 0x20) return false;
    size_t n = r->left.p[0] == '\\' ? escape(r->left) : character(r->left);
    if (!n) return false;
    r->left = from(r->left, n);
  }
  *out = (Text){ start, (size_t)(r->left.p - start) };
  return take(r, '"');
}

static bool value(Reader *r);

static bool members(Reader *r, bool object) {
  Text last = { 0 };
  for (bool first = true;; first = false) {
    if (take(r, object ? '}' : ']')) return true;
    Text key = { 0 };
    if (!first && !take(r, ',')) return false;
    if (object && (!string(r, &key) || !take(r, ':') || (!first && order(last, key) >= 0))) return false;
    for (size_t i = 0; i < key.n; i++)
      if ((uint8_t)key.p[i] >= 0x7F || key.p[i] == '\\') return false;
    size_t at = r->j->n;
    if (!value(r)) return false;
    r->j->at[at].key = last = key;
  }
}

static bool digits(Reader *r, int64_t *out) {
  bool minus = take(r, '-');
  size_t n = 0;
  while (n < r->left.n && r->left.p[n] >= '0' && r->left.p[n] <= '9') n++;
  if (!number((Text){ r->left.p, n }, out) || (minus && *out == 0)) return false;
  r->left = from(r->left, n);
  *out *= minus ? -1 : 1;
  return true;
}

static bool value(Reader *r) {
  if (!r->left.n) return false;
  char c = r->left.p[0];
  const char *start = r->left.p;
  Text text = { 0 }, word = c == 't' ? T("true") : T("false");
  bool is_bool = c == 't' || c == 'f';
  size_t at = r->j->n++;
  r->j->at[at].kind = c == '{' ? J_OBJECT : c == '[' ? J_ARRAY : c == '"' ? J_STRING : is_bool ? J_BOOL : J_NUMBER;
  bool good;
  if (c == '{' || c == '[') {
    good = ++r->depth <= DEPTH_MAX && take(r, c) && members(r, c == '{');
    r->depth--;
  } else if (c == '"') good = string(r, &text);
  else if (is_bool) {
    if ((good = starts(r->left, word))) r->left = from(r->left, word.n);
  } else good = digits(r, &r->j->at[at].number);
  r->j->at[at].text = c == '"' ? text : (Text){ start, (size_t)(r->left.p - start) };
  r->j->at[at].end = r->j->n;
  return good;
}

bool json_read(Text t, Json *out) {
  size_t most = 1; /* each value but the first follows on one of these */
  for (size_t i = 0; i < t.n; i++) most += memchr(",:[", t.p[i], 3) != NULL;
  Json j = { room(most, sizeof(Value)), 0 };
  Reader r = { .left = t, .j = &j };
  if (!value(&r) || r.left.n || j.at[0].kind != J_OBJECT) return false;
  *out = j;
  return true;
}

size_t json_member(const Json *j, size_t object, Text key) {
  for (size_t i = object + 1; i < j->at[object].end; i = j->at[i].end)
    if (same(j->at[i].key, key)) return i;
  return 0;
}

bool json_has(const Json *j, size_t object, const char *keys) {
  Text left = { keys, strlen(keys) }, key;
  if (j->at[object].kind != J_OBJECT) return false;
  for (size_t i = object + 1; i < j->at[object].end; i = j->at[i].end)
    if (!cut(&left, ' ', &key) || !same(j->at[i].key, key)) return false;
  return left.n == 0;
}

Text json_text(const Json *j, size_t object, const char *key) {
  size_t i = json_member(j, object, (Text){ key, strlen(key) });
  return i && j->at[i].kind == J_STRING ? j->at[i].text : T("");
}

int64_t json_number(const Json *j, size_t object, const char *key) {
  size_t i = json_member(j, object, (Text){ key, strlen(key) });
  return i && j->at[i].kind == J_NUMBER ? j->at[i].number : -1;
}

Text json_plain(Text written) {
  static const char short_from[] = "bfnrt", short_to[] = "\b\f\n\r\t";
  char *p = room(written.n + 1, 1);
  size_t n = 0;
  for (size_t i = 0; i < written.n; i++) {
    char c = written.p[i];
    if (c == '\\') {
      const char *known = strchr(short_from, c = written.p[++i]), *digit = written.p + i + 3;
      if (known) c = short_to[known - short_from];
      else if (c == 'u') {
        c = (char)((digit[0] - '0') * 16 + (digit[1] <= '9' ? digit[1] - '0' : digit[1] - 'a' + 10));
        i += 4;
      }
    }
    p[n++] = c;
  }
  return (Text){ p, n };
}
