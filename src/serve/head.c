/* A request as llhttp reads it, and the rules that stand on top: what two parsers could read in two ways is refused.
 *
 * Why llhttp: strict is its default, and its callbacks show every byte that decides, so that our limits can be held
 * against them.  libmicrohttpd 0.9.75 was measured for the same work: with MHD_OPTION_STRICT_FOR_CLIENT = 1 it still
 * took bare LF, folded lines, two Content-Length, Content-Length beside Transfer-Encoding, two Host and "X : b", and
 * handed on the result in a form in which none of these could be seen.  No leniency flag of llhttp is ever set. */
#include "serve/inside.h"
#include <string.h>

static const Refusal none;

static Refusal refuse(int status, const char *words) { return (Refusal){ status, words }; }

/* In a callback: stops the parser with this refusal. */
static int stop(llhttp_t *p, int status, const char *words) {
  Reader *r = p->data;
  r->refusal = refuse(status, words);
  return -1;
}

/* ---- the header --------------------------------------------------------------------------------------- */

/* The parts of one word come in turn when its bytes do; they lie side by side or are no word. */
static bool grow(Str *s, const char *at, size_t n) {
  if (!s->p) s->p = at;
  else if (at != s->p + s->n) return false;
  s->n += n;
  return true;
}

static int on_method(llhttp_t *p, const char *at, size_t n) {
  Reader *r = p->data;
  return grow(&r->head.method, at, n) ? 0 : stop(p, 400, "The method is not one word.");
}

static int on_url(llhttp_t *p, const char *at, size_t n) {
  Reader *r = p->data;
  if (!grow(&r->head.target, at, n)) return stop(p, 400, "The path is not one word.");
  if (r->head.method.n + r->head.target.n + sizeof "  HTTP/1.1\r" > REQUEST_LINE_MAX)
    return stop(p, 414, "The address is longer than 4 KiB.");
  return 0;
}

static int on_version(llhttp_t *p, const char *at, size_t n) {
  Reader *r = p->data;
  return grow(&r->version, at, n) ? 0 : stop(p, 400, "The version is not one word.");
}

static int on_name(llhttp_t *p, const char *at, size_t n) {
  Reader *r = p->data;
  Head *h = &r->head;
  if (r->state != READ_HEAD) return stop(p, 400, "Header lines after the body are not taken.");
  if (h->n == FIELDS_MAX) return stop(p, 431, "The request has more than 64 header lines.");
  if (!grow(&h->field[h->n].name, at, n)) return stop(p, 400, "A header line has no proper name.");
  return h->field[h->n].name.n > FIELD_MAX ? stop(p, 431, "A header line is longer than 8 KiB.") : 0;
}

static int on_value(llhttp_t *p, const char *at, size_t n) {
  Reader *r = p->data;
  Pair *f = &r->head.field[r->head.n];
  if (!grow(&f->value, at, n)) return stop(p, 400, "A header line is folded.");
  return at + n - f->name.p > FIELD_MAX ? stop(p, 431, "A header line is longer than 8 KiB.") : 0;
}

static int on_field(llhttp_t *p) {
  Reader *r = p->data;
  Pair *f = &r->head.field[r->head.n];
  if (!f->name.n) return stop(p, 400, "A header line has no proper name.");
  f->value = f->value.n ? str_trim(f->value) : S("");
  r->head.n++;
  return 0;
}

Str head_field(const Head *h, const char *name) {
  for (size_t i = 0; i < h->n; i++)
    if (str_eq_nocase(h->field[i].name, str_of(name))) return h->field[i].value;
  return STR_NONE;
}

/* llhttp passes over several spaces and knows the protocols of cameras and radio streams, which we do not.  HTTP/1.0 is
 * what some proxies speak by default; it gets one answer and a closed connection. */
static Refusal request_line(const Reader *r) {
  Str target = r->head.target, between = S(" HTTP/");
  const char *end = target.p + target.n;
  if (!r->version.p || r->parser.http_major != 1) return refuse(505, "Only HTTP/1.1 is spoken here.");
  if (target.p != r->head.method.p + r->head.method.n + 1 || r->version.p != end + between.n ||
      memcmp(end, between.p, between.n) != 0)
    return refuse(400, "The request line is not METHOD PATH VERSION.");
  if (target.p[0] != '/') return refuse(400, "The path does not start with a slash.");
  for (size_t i = 0; i < target.n; i++) {
    unsigned char c = (unsigned char)target.p[i];
    if (c <= 32 || c >= 127) return refuse(400, "The path holds a byte that must be percent-encoded.");
  }
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

static Refusal check(Reader *r) {
  Head *h = &r->head;
  bool old = r->parser.http_minor == 0;
  Refusal no = request_line(r);
  for (size_t i = 0; i < COUNT(once) && !no.status; i++)
    if (count_of(h, str_of(once[i])) > 1) no = refuse(400, "A header line that must stand once stands twice.");
  if (!no.status && !head_field(h, "host").n) no = refuse(400, "The request has no Host.");
  if (!no.status) no = body_size(h, old);
  h->expects = str_eq_nocase(head_field(h, "expect"), S("100-continue"));
  h->keep = !old && llhttp_should_keep_alive(&r->parser);
  return no;
}

static int on_head(llhttp_t *p) {
  Reader *r = p->data;
  r->refusal = check(r);
  r->state = READ_BODY;
  return r->refusal.status ? -1 : HPE_PAUSED;
}

/* ---- the body ----------------------------------------------------------------------------------------- */

static const char too_large[] = "The body is larger than this address takes.";

/* Says no before the chunk comes. */
static int on_chunk(llhttp_t *p) {
  Reader *r = p->data;
  return p->content_length > r->body->max - r->body->n ? stop(p, 413, too_large) : 0;
}

/* Nobody needs extensions, and readers differ in where one ends. */
static int on_extension(llhttp_t *p) { return stop(p, 400, "A chunk's size is not a plain hexadecimal number."); }
static int on_extension_name(llhttp_t *p, const char *at, size_t n) { (void)at; (void)n; return on_extension(p); }

static int on_body(llhttp_t *p, const char *at, size_t n) {
  Reader *r = p->data;
  Buf *b = r->body;
  if (n <= b->cap - b->n && at == b->p + b->n) b->n += n;   /* was received where it belongs */
  else buf_add(b, (Str){ at, n });
  return b->over ? stop(p, 413, too_large) : 0;
}

static int on_end(llhttp_t *p) {
  Reader *r = p->data;
  r->state = READ_DONE;
  return HPE_PAUSED;
}

/* ---- reading ------------------------------------------------------------------------------------------ */

static const llhttp_settings_t settings = {
  .on_method = on_method, .on_url = on_url, .on_version = on_version, .on_header_field = on_name,
  .on_header_value = on_value, .on_header_value_complete = on_field, .on_headers_complete = on_head,
  .on_chunk_header = on_chunk, .on_chunk_extension_name = on_extension_name,
  .on_chunk_extension_name_complete = on_extension, .on_body = on_body, .on_message_complete = on_end,
};

void reader_start(Reader *r, Buf *body) {
  *r = (Reader){ .body = body, .head.length = -1 };
  llhttp_init(&r->parser, HTTP_REQUEST, &settings);
  r->parser.data = r;
}

/* A line end that is no CRLF after the version is to llhttp part of the version. */
static Refusal refuse_as_parser(const llhttp_t *p, llhttp_errno_t e) {
  bool spoken = p->http_major == 1 && p->http_minor <= 1;
  return refuse(e == HPE_INVALID_VERSION && !spoken ? 505 : 400, llhttp_get_error_reason(p));
}

Refusal reader_read(Reader *r, Str *in) {
  if (r->state == READ_DONE) return none;
  if (r->state == READ_HEAD && !r->head_bytes && in->n && (in->p[0] == '\r' || in->p[0] == '\n'))
    return refuse(400, "The request starts with an empty line.");
  bool in_head = r->state == READ_HEAD;
  if (llhttp_get_errno(&r->parser) == HPE_PAUSED) llhttp_resume(&r->parser);
  llhttp_errno_t e = llhttp_execute(&r->parser, in->p, in->n);
  if (r->refusal.status) return r->refusal;
  if (e != HPE_OK && e != HPE_PAUSED) return refuse_as_parser(&r->parser, e);
  size_t took = e == HPE_OK ? in->n : (size_t)(llhttp_get_error_pos(&r->parser) - in->p);
  *in = str_slice(*in, took, in->n);
  if (in_head && (r->head_bytes += took) > HEAD_MAX) return refuse(431, "The header is larger than 16 KiB.");
  return none;
}

/* ---- lists in values ---------------------------------------------------------------------------------- */

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
