/* cpe.c - CPE names: 2.3 formatted strings and 2.2 URIs, both to the canonical formatted string (NISTIR 7695). */
#include "vuln/inside.h"
#include <string.h>

const char *const cpe_attributes[CPE_ATTRIBUTES] = { "part",      "vendor",    "product",  "version",
                                                     "update",    "edition",   "language", "sw_edition",
                                                     "target_sw", "target_hw", "other" };

/* Appends one character of a value in its canonical spelling: only . - _ stand without a backslash. */
static void put_literal(Buf *b, char c) {
  if (!is_alnum(c) && c != '.' && c != '-' && c != '_') buf_byte(b, '\\');
  buf_byte(b, (char)(is_alpha(c) ? c | 32 : c));
}

static Str finish(Arena *a, const Buf *b) {
  Str s = str_dup(a, buf_str(b));
  return str_eq(s, S("-")) ? S("\\-") : s;               /* a hyphen that is a letter, not "none" */
}

/* Nearly all values are written as we would write them. */
static bool is_canonical(Str s) {
  for (size_t i = 0; i < s.n; i++)
    if (!is_lower(s.p[i]) && !is_digit(s.p[i]) && s.p[i] != '.' && s.p[i] != '-' && s.p[i] != '_') return false;
  return s.n != 0;
}

/* One attribute of a formatted string: wildcards at both ends only, everything odd escaped. */
static Err read_value(Cx *cx, Str s, const char *name, Str *out) {
  Buf b = buf_new(cx->arena, 2 * s.n + 2);
  if (str_eq(s, S("*")) || is_canonical(s)) { *out = s; return E_OK; }   /* "-" is "none" */
  if (!s.n) return fail(cx, E_INVALID, "%s is empty", name);
  bool body = false, ended = false;
  char last = 0;                                          /* wildcard before this character */
  for (size_t i = 0; i < s.n; i++) {
    char c = s.p[i];
    if (c == '*' || c == '?') {
      ended |= body;
      if (last && (c == '*' || last == '*')) return fail(cx, E_INVALID, "%s: a * stands beside a wildcard", name);
      last = c;
      buf_byte(&b, c);
      continue;
    }
    if (ended) return fail(cx, E_INVALID, "%s: a wildcard stands in the middle", name);
    body = true;
    last = 0;
    bool quoted = c == '\\';
    if (quoted && ++i == s.n) return fail(cx, E_INVALID, "%s: nothing follows the backslash", name);
    c = s.p[i];
    if (c <= ' ' || c > '~') return fail(cx, E_INVALID, "%s: only printable ASCII is allowed", name);
    if (!quoted && !is_alnum(c) && !strchr(".-_", c))
      return fail(cx, E_INVALID, "%s: '%c' needs a backslash", name, c);
    put_literal(&b, c);
  }
  *out = finish(cx->arena, &b);
  return E_OK;
}

/* Cuts at the next colon that is not escaped. */
static bool cut_colon(Str *rest, Str *head) {
  for (size_t i = 0; i < rest->n; i++) {
    if (rest->p[i] == '\\') { i++; continue; }
    if (rest->p[i] != ':') continue;
    *head = str_slice(*rest, 0, i);
    *rest = str_slice(*rest, i + 1, rest->n);
    return true;
  }
  *head = *rest;
  *rest = STR_NONE;
  return false;
}

static Err read_formatted(Cx *cx, Str s, Cpe *c) {
  for (size_t i = 0; i < CPE_ATTRIBUTES; i++) {
    Str value;
    bool more = cut_colon(&s, &value);
    if (more != (i + 1 < CPE_ATTRIBUTES))
      return fail(cx, E_INVALID, "a CPE 2.3 name has %d attributes", CPE_ATTRIBUTES);
    TRY(read_value(cx, value, cpe_attributes[i], &c->value[i]));
  }
  return E_OK;
}

/* A component of a URI: empty is any; %01 and %02 are the wildcards ? and *. */
static Err read_component(Cx *cx, Str s, const char *name, Str *out) {
  Buf b = buf_new(cx->arena, 2 * s.n + 2);
  if (!s.n || str_eq(s, S("-"))) { *out = s.n ? s : S("*"); return E_OK; }
  for (size_t i = 0; i < s.n; i++) {
    Str one = str_slice(s, i, i + 3), text;
    if (s.p[i] != '%') {
      if (s.p[i] <= ' ' || s.p[i] > '~' || s.p[i] == '*' || s.p[i] == '?')
        return fail(cx, E_INVALID, "%s: '%c' must be percent-encoded", name, s.p[i]);
      put_literal(&b, s.p[i]);
      continue;
    }
    TRY(percent_decode(cx, one, name, &text));
    i += 2;
    if (text.p[0] == 1) buf_byte(&b, '?');
    else if (text.p[0] == 2) buf_byte(&b, '*');
    else if (text.p[0] <= ' ' || text.p[0] > '~')
      return fail(cx, E_INVALID, "%s: only printable ASCII is allowed", name);
    else put_literal(&b, text.p[0]);
  }
  return read_value(cx, finish(cx->arena, &b), name, out);
}

/* ~edition~sw_edition~target_sw~target_hw~other stands packed in the URI's edition. */
static Err unpack(Cx *cx, Str s, Cpe *c) {
  static const int at[] = { CPE_EDITION, CPE_SW_EDITION, CPE_TARGET_SW, CPE_TARGET_HW, CPE_OTHER };
  s = str_slice(s, 1, s.n);
  for (size_t i = 0; i < COUNT(at); i++) {
    Str value;
    str_cut(s, '~', &value, &s);
    TRY(read_component(cx, value, cpe_attributes[at[i]], &c->value[at[i]]));
  }
  return s.n ? fail(cx, E_INVALID, "edition: more than five packed values") : E_OK;
}

static Err read_uri(Cx *cx, Str s, Cpe *c) {
  for (size_t i = 0; i < CPE_ATTRIBUTES; i++) c->value[i] = S("*");
  for (size_t i = 0; s.n; i++) {
    Str value;
    str_cut(s, ':', &value, &s);
    if (i > CPE_LANGUAGE) return fail(cx, E_INVALID, "a CPE 2.2 URI has seven components");
    if (i == CPE_EDITION && value.n && *value.p == '~') TRY(unpack(cx, value, c));
    else TRY(read_component(cx, value, cpe_attributes[i], &c->value[i]));
  }
  return E_OK;
}

Err cpe_read(Cx *cx, Str text, Cpe *out) {
  Cpe c = { 0 };
  Str s = str_trim(text);
  if (s.n > 2048) return fail(cx, E_INVALID, "a CPE name has at most 2048 bytes");
  if (s.n >= 8 && str_eq_nocase(str_slice(s, 0, 8), S("cpe:2.3:"))) TRY(read_formatted(cx, str_slice(s, 8, s.n), &c));
  else if (s.n > 5 && str_eq_nocase(str_slice(s, 0, 5), S("cpe:/"))) TRY(read_uri(cx, str_slice(s, 5, s.n), &c));
  else return fail(cx, E_INVALID, "a CPE name starts with cpe:2.3: or cpe:/");
  Str part = c.value[CPE_PART];
  if (part.n != 1 || !strchr("aoh*-", *part.p)) return fail(cx, E_INVALID, "part: is one of a, o, h, * and -");
  *out = c;
  return E_OK;
}

Str cpe_text(Arena *a, const Cpe *c) {
  Buf b = buf_new(a, 16 * 1024);
  buf_z(&b, "cpe:2.3");
  for (size_t i = 0; i < CPE_ATTRIBUTES; i++) {
    buf_byte(&b, ':');
    buf_add(&b, c->value[i]);
  }
  return buf_str(&b);
}
