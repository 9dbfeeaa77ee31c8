#include "format/inside.h"
#include <assert.h>
#include <string.h>

JsonOut json_out(Buf *buf, bool pretty) { return (JsonOut){ .buf = buf, .pretty = pretty }; }

static void new_line(JsonOut *o) {
  if (!o->pretty) return;
  buf_byte(o->buf, '\n');
  for (int i = 0; i < o->depth; i++) buf_add(o->buf, S("  "));
}

/* Before a value or a key: the comma and the line, unless a key has just been written. */
static void next(JsonOut *o) {
  if (o->after_key) { o->after_key = false; return; }
  if (!o->depth) return;
  if (o->more) buf_byte(o->buf, ',');
  new_line(o);
  o->more = true;
}

static void begin(JsonOut *o, char c) {
  next(o);
  buf_byte(o->buf, c);
  o->depth++;
  o->more = false;
}

static void end(JsonOut *o, char c) {
  assert(o->depth > 0 && !o->after_key);
  o->depth--;
  if (o->more) new_line(o);
  buf_byte(o->buf, c);
  o->more = true;   /* the parent now holds this one */
}

void json_object(JsonOut *o) { begin(o, '{'); }
void json_object_end(JsonOut *o) { end(o, '}'); }
void json_array(JsonOut *o) { begin(o, '['); }
void json_array_end(JsonOut *o) { end(o, ']'); }

/* One escaped byte: " \ and the controls; RFC 8785 3.2.2.2 fixes the short forms. */
static void escape(Buf *b, unsigned char c) {
  static const char shorts[32] = { ['\b'] = 'b', ['\t'] = 't', ['\n'] = 'n', ['\f'] = 'f', ['\r'] = 'r' };
  buf_byte(b, '\\');
  if (c >= 0x20) { buf_byte(b, (char)c); return; }
  if (shorts[c]) { buf_byte(b, shorts[c]); return; }
  buf_add(b, S("u00"));
  buf_hex(b, &c, 1);
}

static void quoted_utf8(Buf *b, Str s) {
  size_t from = 0;
  for (size_t i = 0; i < s.n; i++) {
    unsigned char c = (unsigned char)s.p[i];
    if (c >= 0x20 && c != '"' && c != '\\') continue;
    buf_add(b, str_slice(s, from, i));
    escape(b, c);
    from = i + 1;
  }
  buf_add(b, str_slice(s, from, s.n));
}

/* Bytes that are no UTF-8 (a file name, say) must not make the whole text unreadable: each becomes U+FFFD. */
static void quoted_bytes(Buf *b, Str s) {
  for (size_t i = 0, len; i < s.n; i += len) {
    for (len = 4; len && (i + len > s.n || !str_is_utf8(str_slice(s, i, i + len))); len--) {}
    quoted_utf8(b, len ? str_slice(s, i, i + len) : S("\xef\xbf\xbd"));
    if (!len) len = 1;
  }
}

/* A set bit in any of eight bytes that does not stand for itself: a control, beyond ASCII, a quote or a backslash. */
static uint64_t odd(uint64_t eight) {
  const uint64_t ones = 0x0101010101010101u, high = ones * 0x80;
  uint64_t quote = eight ^ ones * '"', slash = eight ^ ones * '\\';
  return ((eight - ones * 0x20) | (quote - ones) | (slash - ones) | eight) & high;
}

/* Nearly every text stands as it is. */
static bool is_plain(Str s) {
  uint64_t eight;
  size_t i = 0;
  for (; s.n - i >= sizeof eight; i += sizeof eight) {
    memcpy(&eight, s.p + i, sizeof eight);
    if (odd(eight)) return false;
  }
  eight = 0x2020202020202020u;
  if (i < s.n) memcpy(&eight, s.p + i, s.n - i);
  return !odd(eight);
}

void json_quoted(Buf *b, Str s) {
  if (is_plain(s)) {
    char *at = buf_room(b, s.n + 2);
    if (!at) return;
    at[0] = at[s.n + 1] = '"';
    if (s.n) memcpy(at + 1, s.p, s.n);
    return;
  }
  buf_byte(b, '"');
  if (str_is_utf8(s)) quoted_utf8(b, s);
  else quoted_bytes(b, s);
  buf_byte(b, '"');
}

void json_key_str(JsonOut *o, Str key) {
  assert(!o->after_key);
  next(o);
  json_quoted(o->buf, key);
  buf_add(o->buf, o->pretty ? S(": ") : S(":"));
  o->after_key = true;
}

void json_key(JsonOut *o, const char *key) { json_key_str(o, str_of(key)); }
void json_put_raw(JsonOut *o, Str json) { next(o); buf_add(o->buf, json); }
void json_put_null(JsonOut *o) { json_put_raw(o, S("null")); }
void json_put_bool(JsonOut *o, bool v) { json_put_raw(o, v ? S("true") : S("false")); }
void json_put_int(JsonOut *o, int64_t v) { next(o); buf_int(o->buf, v); }
void json_put_x10(JsonOut *o, int64_t tenths) { json_put_scaled(o, tenths, 1); }

void json_put_str(JsonOut *o, Str s) {
  if (!s.p) { json_put_null(o); return; }
  next(o);
  json_quoted(o->buf, s);
}

/* 98 with one decimal is 9.8; 970 with three is 0.97; 100 with two is 1. */
void json_put_scaled(JsonOut *o, int64_t v, int decimals) {
  assert(decimals >= 0 && decimals <= 18);
  next(o);
  uint64_t one = 1, size = v < 0 ? 0 - (uint64_t)v : (uint64_t)v;
  for (int i = 0; i < decimals; i++) one *= 10;
  if (v < 0) buf_byte(o->buf, '-');
  buf_int(o->buf, (int64_t)(size / one));
  if (size % one == 0) return;
  buf_byte(o->buf, '.');
  for (uint64_t rest = size % one, digit = one / 10; rest; rest %= digit, digit /= 10)
    buf_byte(o->buf, (char)('0' + rest / digit));
}

void json_pair(JsonOut *o, const char *key, Str value) { json_key(o, key); json_put_str(o, value); }
void json_pair_int(JsonOut *o, const char *key, int64_t value) { json_key(o, key); json_put_int(o, value); }
void json_pair_bool(JsonOut *o, const char *key, bool value) { json_key(o, key); json_put_bool(o, value); }

static void put_scalar(JsonOut *o, JVal *v) {
  if (yyjson_is_str(v)) json_put_str(o, json_str(v));
  else if (yyjson_is_bool(v)) json_put_bool(o, yyjson_get_bool(v));
  else if (yyjson_is_int(v)) json_put_int(o, yyjson_get_sint(v));
  else if (yyjson_is_real(v)) { next(o); json_double(o->buf, yyjson_get_real(v)); }
  else json_put_null(o);
}

/* Depth is bounded: json_read() let nothing deeper than its limit in. */
void json_put_val(JsonOut *o, JVal *v) {
  if (yyjson_is_obj(v)) {
    json_object(o);
    JSON_MEMBERS(key, value, v) {
      json_key_str(o, json_str(key));
      json_put_val(o, value);
    }
    json_object_end(o);
  } else if (yyjson_is_arr(v)) {
    json_array(o);
    JSON_EACH(item, v) json_put_val(o, item);
    json_array_end(o);
  } else put_scalar(o, v);
}
