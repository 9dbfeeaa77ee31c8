/* RFC 8785: one text for one value, so that a hash over it means the value. */
#include "format/inside.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* value = 0.DIGITS * 10^point */
typedef struct Decimal { char digits[40]; int n, point; bool minus; } Decimal;

/* Takes yyjson's shortest text apart: -1.25e-7, 1e30, 100.0 */
static Decimal decimal_of(const char *text) {
  Decimal d = { .minus = *text == '-' };
  bool fraction = false;
  const char *at = text + d.minus;
  for (; *at && *at != 'e' && *at != 'E'; at++) {
    if (*at == '.') { fraction = true; continue; }
    bool leading_zero = *at == '0' && d.n == 0;
    if (!leading_zero && d.n < (int)sizeof d.digits) d.digits[d.n++] = *at;
    if (fraction ? leading_zero : !leading_zero) d.point += fraction ? -1 : 1;
  }
  int64_t power = 0;
  if (*at) (void)str_int(str_of(at + (at[1] == '+' ? 2 : 1)), &power);
  d.point += (int)power;
  while (d.n && d.digits[d.n - 1] == '0') d.n--;
  return d;
}

static void zeros(Buf *b, int n) { for (int i = 0; i < n; i++) buf_byte(b, '0'); }
static Str digits(const Decimal *d, int from, int to) { return (Str){ d->digits + from, (size_t)(to - from) }; }

/* ECMAScript Number::toString, steps 5 to 10. */
static void ecma(Buf *b, const Decimal *d) {
  if (d->minus) buf_byte(b, '-');
  if (d->n <= d->point && d->point <= 21) {
    buf_add(b, digits(d, 0, d->n));
    zeros(b, d->point - d->n);
  } else if (0 < d->point && d->point <= 21) {
    buf_add(b, digits(d, 0, d->point));
    buf_byte(b, '.');
    buf_add(b, digits(d, d->point, d->n));
  } else if (-6 < d->point && d->point <= 0) {
    buf_add(b, S("0."));
    zeros(b, -d->point);
    buf_add(b, digits(d, 0, d->n));
  } else {
    buf_add(b, digits(d, 0, 1));
    if (d->n > 1) buf_byte(b, '.');
    buf_add(b, digits(d, 1, d->n));
    buf_z(b, d->point > 0 ? "e+" : "e-");
    buf_int(b, d->point > 0 ? d->point - 1 : 1 - d->point);
  }
}

void json_double(Buf *b, double v) {
  char room[512];
  yyjson_alc pool;
  (void)yyjson_alc_pool_init(&pool, room, sizeof room);
  yyjson_val value = { 0 };
  unsafe_yyjson_set_real(&value, v);
  const char *text = v == 0 ? NULL : yyjson_val_write_opts(&value, YYJSON_WRITE_NOFLAG, &pool, NULL, NULL);
  if (!text) { buf_add(b, isfinite(v) ? S("0") : S("null")); return; }
  Decimal d = decimal_of(text);
  ecma(b, &d);
}

typedef struct Member { JVal *key, *value; } Member;

/* Keys sort by UTF-16 units.  Bytes of UTF-8 sort the same but for U+E000 to U+FFFF (lead bytes EE and EF), which
 * UTF-16 puts after the surrogate pairs (lead bytes F0 to F4). */
static int utf16_place(char c) {
  unsigned char u = (unsigned char)c;
  return u == 0xEE || u == 0xEF ? u + 0x10 : u;
}

static int by_utf16(const void *left, const void *right) {
  Str a = json_str(((const Member *)left)->key), b = json_str(((const Member *)right)->key);
  size_t n = a.n < b.n ? a.n : b.n;
  for (size_t i = 0; i < n; i++)
    if (a.p[i] != b.p[i]) return utf16_place(a.p[i]) - utf16_place(b.p[i]);
  return (a.n > b.n) - (a.n < b.n);
}

static Member *members_sorted(Arena *arena, JVal *object) {
  Member *m = NEW_ARRAY(arena, yyjson_obj_size(object), Member);
  size_t n = 0;
  bool sorted = true;
  JSON_MEMBERS(key, value, object) {
    m[n] = (Member){ key, value };
    sorted = sorted && (n == 0 || by_utf16(&m[n - 1], &m[n]) <= 0);
    n++;
  }
  if (!sorted) qsort(m, n, sizeof *m, by_utf16);
  return m;
}

static Err canonical_string(Cx *cx, JVal *v, Buf *out) {
  if (!str_is_utf8(json_str(v))) return fail(cx, E_INVALID, "A text is not UTF-8 and has no canonical form");
  json_quoted(out, json_str(v));
  return E_OK;
}

/* Every reader of RFC 8785 holds numbers as doubles: an integer that a double would print differently has no form. */
static Err canonical_int(Cx *cx, int64_t n, Buf *out) {
  const int64_t exact = INT64_C(1) << 53;
  char room[64];
  Buf text = { .p = room, .cap = sizeof room, .max = sizeof room };
  if (n > exact || n < -exact) json_double(&text, (double)n);
  size_t from = out->n;
  buf_int(out, n);
  if (text.n && !out->over && !str_eq(buf_str(&text), str_slice(buf_str(out), from, out->n)))
    return fail(cx, E_INVALID, "The integer %lld is beyond 2^53 and has no canonical form; write it as a text",
                (long long)n);
  return E_OK;
}

static Err canonical_scalar(Cx *cx, JVal *v, Buf *out) {
  if (yyjson_is_str(v)) return canonical_string(cx, v, out);
  if (yyjson_is_int(v)) return canonical_int(cx, yyjson_get_sint(v), out);
  if (yyjson_is_real(v)) {
    if (!isfinite(yyjson_get_real(v))) return fail(cx, E_INVALID, "A number is not finite and has no canonical form");
    json_double(out, yyjson_get_real(v));
  } else buf_z(out, yyjson_is_bool(v) ? (yyjson_get_bool(v) ? "true" : "false") : "null");
  return E_OK;
}

/* Depth is bounded: json_read() let nothing deeper than its limit in. */
static Err canonical(Cx *cx, JVal *v, Buf *out) {
  bool first = true;
  if (yyjson_is_obj(v)) {
    Member *m = members_sorted(cx->arena, v);
    buf_byte(out, '{');
    for (size_t i = 0; i < yyjson_obj_size(v); i++) {
      if (i) buf_byte(out, ',');
      TRY(canonical_string(cx, m[i].key, out));
      buf_byte(out, ':');
      TRY(canonical(cx, m[i].value, out));
    }
    buf_byte(out, '}');
    return E_OK;
  }
  if (!yyjson_is_arr(v)) return canonical_scalar(cx, v, out);
  buf_byte(out, '[');
  JSON_EACH(item, v) {
    if (!first) buf_byte(out, ',');
    first = false;
    TRY(canonical(cx, item, out));
  }
  buf_byte(out, ']');
  return E_OK;
}

Err json_canonical(Cx *cx, JVal *v, Buf *out) {
  TRY(canonical(cx, v, out));
  if (out->over) return fail(cx, E_TOO_LARGE, "The canonical JSON would be larger than %zu bytes", out->max);
  return E_OK;
}
