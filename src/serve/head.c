/* The header of a request, strictly by RFC 9112: whatever two parsers could read in two ways is refused. */
#include "serve/inside.h"
#include <string.h>

static const Refusal none;

static Refusal refuse(int status, const char *words) { return (Refusal){ status, words }; }

Refusal head_end(Str bytes, size_t *scanned, size_t *end) {
  *end = 0;
  for (size_t i = *scanned; i < bytes.n; i++) {
    char c = bytes.p[i];
    if (c == 0) return refuse(400, "The request holds a NUL byte.");
    if (c == '\r') {
      if (i + 1 == bytes.n) { *scanned = i; break; }
      if (bytes.p[i + 1] != '\n') return refuse(400, "The request holds a bare CR.");
      if (i >= 2 && bytes.p[i - 1] == '\n') { *end = i + 2; break; }
      if (i == 0) return refuse(400, "The request starts with an empty line.");
    } else if (c == '\n' && (i == 0 || bytes.p[i - 1] != '\r')) {
      return refuse(400, "The request holds a bare LF.");
    }
    *scanned = i + 1;
  }
  size_t n = *end ? *end : bytes.n, line = str_find_char(str_slice(bytes, 0, REQUEST_LINE_MAX), '\n');
  if (line == SIZE_MAX && n >= REQUEST_LINE_MAX) return refuse(414, "The address is longer than 4 KiB.");
  if (n > HEAD_MAX) return refuse(431, "The header is larger than 16 KiB.");
  return none;
}

static bool is_token(Str s) {
  static const char more[] = "!#$%&'*+-.^_`|~";
  for (size_t i = 0; i < s.n; i++) {
    char c = s.p[i], low = (char)(c | 32);
    if (!(c >= '0' && c <= '9') && !(low >= 'a' && low <= 'z') && (!c || !strchr(more, c))) return false;
  }
  return s.n > 0;
}

static bool is_value(Str s) {
  for (size_t i = 0; i < s.n; i++) {
    unsigned char c = (unsigned char)s.p[i];
    if ((c < 32 && c != '\t') || c == 127) return false;
  }
  return true;
}

static Refusal request_line(Str line, Head *h, bool *old) {
  Str version, rest;
  if (!str_cut(line, ' ', &h->method, &rest) || !str_cut(rest, ' ', &h->target, &version))
    return refuse(400, "The request line is not METHOD PATH VERSION.");
  if (!is_token(h->method)) return refuse(400, "The method is not a word.");
  /* 1.0 is what some proxies speak by default; it gets one answer and a closed connection. */
  *old = str_eq(version, S("HTTP/1.0"));
  if (!*old && !str_eq(version, S("HTTP/1.1"))) return refuse(505, "Only HTTP/1.1 is spoken here.");
  if (!h->target.n || h->target.p[0] != '/') return refuse(400, "The path does not start with a slash.");
  for (size_t i = 0; i < h->target.n; i++) {
    unsigned char c = (unsigned char)h->target.p[i];
    if (c <= 32 || c >= 127) return refuse(400, "The path holds a byte that must be percent-encoded.");
  }
  return none;
}

static Refusal field_line(Str line, Head *h) {
  Str name, value;
  if (line.n > FIELD_MAX) return refuse(431, "A header line is longer than 8 KiB.");
  if (line.p[0] == ' ' || line.p[0] == '\t') return refuse(400, "A header line is folded.");
  if (h->n == FIELDS_MAX) return refuse(431, "The request has more than 64 header lines.");
  if (!str_cut(line, ':', &name, &value) || !is_token(name))
    return refuse(400, "A header line has no proper name.");
  value = str_trim(value);
  if (!is_value(value)) return refuse(400, "A header value holds a control character.");
  h->field[h->n++] = (Pair){ name, value };
  return none;
}

/* Fields that decide who asks, for what, or where the body ends: twice is a lie somewhere. */
static const char *const once[] = { "host",         "content-length",   "transfer-encoding",
                                    "content-type", "authorization",    "cookie",
                                    "origin",       "if-match",         "sec-fetch-site",
                                    "expect",       "content-encoding", "x-forwarded-proto" };

static size_t count_of(const Head *h, Str name) {
  size_t n = 0;
  for (size_t i = 0; i < h->n; i++) n += str_eq_nocase(h->field[i].name, name);
  return n;
}

Str head_field(const Head *h, const char *name) {
  for (size_t i = 0; i < h->n; i++)
    if (str_eq_nocase(h->field[i].name, str_of(name))) return h->field[i].value;
  return STR_NONE;
}

static Refusal body_size(Head *h, bool old) {
  Str length = head_field(h, "content-length"), coding = head_field(h, "transfer-encoding");
  uint64_t n;
  h->length = -1;
  if (length.p && coding.p) return refuse(400, "The request has both Content-Length and Transfer-Encoding.");
  if (length.p) {
    if (length.n > 18 || !str_uint(length, &n)) return refuse(400, "Content-Length is not a number.");
    h->length = (int64_t)n;
  }
  if (coding.p) {
    if (old || !str_eq_nocase(coding, S("chunked")))
      return refuse(400, "The only Transfer-Encoding is chunked.");
    h->chunked = true;
  }
  if (head_field(h, "content-encoding").p) return refuse(415, "Send the body without Content-Encoding.");
  return none;
}

/* Whether a comma-separated list holds the word. */
static bool list_has(Str list, Str word) {
  for (bool more = true; more;) {
    Str item;
    more = str_cut(list, ',', &item, &list);
    if (str_eq_nocase(str_trim(item), word)) return true;
  }
  return false;
}

Refusal head_parse(Str bytes, Head *out) {
  Head *h = out;
  Str line, rest = bytes;
  bool old;
  *h = (Head){ .length = -1 };
  (void)str_line(&rest, &line);
  Refusal r = request_line(line, h, &old);
  while (!r.status && str_line(&rest, &line) && line.n) r = field_line(line, h);
  if (r.status) return r;
  for (size_t i = 0; i < COUNT(once); i++)
    if (count_of(h, str_of(once[i])) > 1)
      return refuse(400, "A header line that must stand once stands twice.");
  if (!head_field(h, "host").n) return refuse(400, "The request has no Host.");
  r = body_size(h, old);
  if (r.status) return r;
  h->expects = str_eq_nocase(head_field(h, "expect"), S("100-continue"));
  h->keep = !old && !list_has(head_field(h, "connection"), S("close"));
  return none;
}

bool accepts_gzip(const Head *h) {
  for (size_t i = 0; i < h->n; i++) {
    Str list = h->field[i].value, item;
    if (!str_eq_nocase(h->field[i].name, S("accept-encoding"))) continue;
    for (bool more = true; more;) {
      Str coding, weight;
      more = str_cut(list, ',', &item, &list);
      (void)str_cut(item, ';', &coding, &weight);
      if (str_eq_nocase(str_trim(coding), S("gzip"))) return !str_eq(str_trim(weight), S("q=0"));
    }
  }
  return false;
}

/* ---- chunked bodies ----------------------------------------------------------------------------------- */

enum { SIZE, SIZE_LF, DATA, DATA_CR, DATA_LF, LAST_CR, LAST_LF };

static int hex_digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  char low = (char)(c | 32);
  return low >= 'a' && low <= 'f' ? low - 'a' + 10 : -1;
}

static Refusal chunk_size(Chunks *c, char byte) {
  int d = hex_digit(byte);
  if (d >= 0 && c->digits < 8) {
    c->left = c->left * 16 + (uint64_t)d;
    c->digits++;
    return none;
  }
  if (byte != '\r' || !c->digits) return refuse(400, "A chunk's size is not a plain hexadecimal number.");
  c->state = SIZE_LF;
  return none;
}

/* The single bytes between sizes and data: what must stand there, and what follows. */
static Refusal chunk_mark(Chunks *c, char byte) {
  static const struct { char want; int next; } mark[] = {
    [SIZE_LF] = { '\n', DATA }, [DATA_CR] = { '\r', DATA_LF }, [DATA_LF] = { '\n', SIZE },
    [LAST_CR] = { '\r', LAST_LF }, [LAST_LF] = { '\n', LAST_LF },
  };
  if (byte != mark[c->state].want) return refuse(400, "A chunk does not end where its size says.");
  if (c->state == LAST_LF) c->done = true;
  if (c->state == SIZE_LF && c->left == 0)
    c->state = LAST_CR; /* a trailer would stand here: refused as not CR */
  else c->state = mark[c->state].next;
  if (c->state == SIZE) { c->left = 0; c->digits = 0; }
  return none;
}

Refusal chunks_read(Chunks *c, Str *in, Buf *out) {
  Refusal r = none;
  while (in->n && !c->done && !r.status) {
    if (c->state == DATA) {
      size_t n = c->left < in->n ? (size_t)c->left : in->n;
      buf_add(out, str_slice(*in, 0, n));
      *in = str_slice(*in, n, in->n);
      c->left -= n;
      if (!c->left) c->state = DATA_CR;
      continue;
    }
    r = c->state == SIZE ? chunk_size(c, in->p[0]) : chunk_mark(c, in->p[0]);
    *in = str_slice(*in, 1, in->n);
    if (c->state == DATA && c->left > out->max - out->n)
      return refuse(413, "The body is larger than this address takes.");
  }
  return r;
}
