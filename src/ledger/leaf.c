/* A leaf is written and read by one table of its keys, in the order that canonical JSON gives them. */
#include "inside.h"
#include <stddef.h>
#include <string.h>

#define KEY(z, member, is_number) { { z, sizeof(z) - 1 }, offsetof(Leaf, member), is_number }
static const struct { Str before; size_t at; bool number; } keys[] = {
  KEY("{\"act\":", act, false),         KEY(",\"actor\":", actor, false),  KEY(",\"auth\":", auth, false),
  KEY(",\"epoch\":", epoch, true),      KEY(",\"new\":", new_hex, false),  KEY(",\"obj\":", obj, false),
  KEY(",\"prev\":", prev_hex, false),   KEY(",\"reason\":", reason_hex, false),
  KEY(",\"req\":", request, false),     KEY(",\"seq\":", seq, true),       KEY(",\"src\":", source, false),
  KEY(",\"t\":", time, false),          KEY(",\"to\":", to, false),
};
static const char tail[] = ",\"type\":\"proofline.leaf/1\",\"v\":1}";

static const void *member(const Leaf *leaf, size_t at) { return (const char *)leaf + at; }

static Str text_of(const Leaf *leaf, size_t at) {
  const Str *s = member(leaf, at);
  return s->p ? *s : S("");
}

Err leaf_write(Cx *cx, const Leaf *leaf, Str *text) {
  Buf b = buf_new(cx->arena, LEAF_MAX_BYTES);
  JsonOut o = json_out(&b, false);
  for (size_t i = 0; i < COUNT(keys); i++) {
    buf_add(&b, keys[i].before);
    if (keys[i].number) {
      buf_int(&b, *(const int64_t *)member(leaf, keys[i].at));
      continue;
    }
    Str s = text_of(leaf, keys[i].at);
    if (!str_is_utf8(s))
      return fail(cx, E_INVALID, "An entry of the log holds bytes that are not UTF-8. Nothing was stored.");
    json_put_str(&o, s);
  }
  buf_z(&b, tail);
  if (b.over)
    return fail(cx, E_TOO_LARGE, "An entry of the log would have more than %d bytes. Nothing was stored.",
                LEAF_MAX_BYTES);
  *text = buf_str(&b);
  return E_OK;
}

static inline void skip(Str *in, size_t n) { *in = (Str){ in->p + n, in->n - n }; }

static inline bool take(Str *in, Str what) {
  if (in->n < what.n || memcmp(in->p, what.p, what.n) != 0) return false;
  skip(in, what.n);
  return true;
}

static int hex_digit(char c) { return c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1; }

/* The escapes that canonical JSON knows. */
static bool unescape(Arena *a, Str in, Str *out) {
  char *p = arena_alloc(a, in.n);
  size_t n = 0;
  for (size_t i = 0; i < in.n; i++) {
    if (in.p[i] != '\\') { p[n++] = in.p[i]; continue; }
    static const char from[] = "\"\\btnfr", to[] = "\"\\\b\t\n\f\r";
    if (++i == in.n) return false;
    const char *known = memchr(from, in.p[i], sizeof from - 1);
    if (known) { p[n++] = to[known - from]; continue; }
    if (in.p[i] != 'u' || in.n - i < 5 || in.p[i + 1] != '0' || in.p[i + 2] != '0') return false;
    int high = hex_digit(in.p[i + 3]), low = hex_digit(in.p[i + 4]);
    if (high < 0 || high > 1 || low < 0) return false;
    p[n++] = (char)(high * 16 + low);
    i += 4;
  }
  *out = (Str){ p, n };
  return true;
}

static bool take_text(Arena *a, Str *in, Str *out, bool *escaped) {
  if (!in->n || in->p[0] != '"') return false;
  size_t end = json_mark(*in, 1);
  bool slash = false;
  for (; end < in->n && in->p[end] == '\\'; slash = true) end = end + 2 < in->n ? json_mark(*in, end + 2) : in->n;
  if (end >= in->n || in->p[end] != '"') return false;
  Str raw = { in->p + 1, end - 1 };
  skip(in, raw.n + 2);
  *escaped |= slash;
  if (slash) return unescape(a, raw, out);
  *out = raw;
  return true;
}

static bool take_number(Str *in, int64_t *out) {
  size_t n = 0;
  while (n < in->n && in->p[n] >= '0' && in->p[n] <= '9') n++;
  if (n == 0 || (n > 1 && in->p[0] == '0') || !str_int(str_slice(*in, 0, n), out)) return false;
  skip(in, n);
  return true;
}

bool leaf_read(Arena *a, Str text, Leaf *out) {
  Leaf leaf = { 0 };
  Str in = text;
  bool escaped = false;
  for (size_t i = 0; i < COUNT(keys); i++) {
    void *value = (char *)&leaf + keys[i].at;
    if (!take(&in, keys[i].before)) return false;
    if (keys[i].number ? !take_number(&in, value) : !take_text(a, &in, value, &escaped)) return false;
  }
  if (!str_eq(in, str_of(tail))) return false;
  *out = leaf;
  if (!escaped) return true;
  Cx again = { .arena = a };   /* the same text must come out: there is one spelling of each escape */
  Str same;
  return leaf_write(&again, &leaf, &same) == E_OK && str_eq(same, text);
}

Str object_base(Str obj, int64_t *rev) {
  size_t at = str_rfind_char(obj, '@');
  int64_t n = 0;
  *rev = 0;
  if (at == SIZE_MAX || at == 0 || str_find_char(obj, ':') != SIZE_MAX) return obj;
  Str digits = str_slice(obj, at + 1, obj.n);
  if (!take_number(&digits, &n) || digits.n || n < 1) return obj;
  *rev = n;
  return str_slice(obj, 0, at);
}

Hash reason_hash(Arena *a, Str salt, Str text) {
  Buf b = buf_new(a, salt.n + text.n);
  buf_add(&b, salt);
  buf_add(&b, text);
  return sha256(buf_str(&b));
}
