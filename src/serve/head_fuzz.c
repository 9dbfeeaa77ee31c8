/* A request read at once and byte by byte is taken or refused alike; what is taken keeps its promises. */
#include "serve/inside.h"
#include <assert.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

typedef struct Read { Reader reader; Buf body; int status; Str left; } Read;

static Read *read_in(Cx *cx, Str bytes, size_t piece) {
  Read *r = NEW(cx->arena, Read);
  r->body = buf_new(cx->arena, 4096);
  r->left = (Str){ bytes.p, 0 };
  reader_start(&r->reader, &r->body);
  for (size_t n = 0; n < bytes.n && !r->status && r->reader.state != READ_DONE;) {
    n = n + piece < bytes.n ? n + piece : bytes.n;
    do {
      r->left.n = (size_t)(bytes.p + n - r->left.p);
      r->status = reader_read(&r->reader, &r->left).status;
    } while (r->left.n && !r->status && r->reader.state != READ_DONE);
  }
  return r;
}

static void check_request(Cx *cx, const Head *h) {
  Request req = { 0 };
  bool is_head;
  assert(!(h->chunked && h->length >= 0) && head_field(h, "host").n);
  if (request_make(cx, h, true, &req, &is_head).status) return;
  assert(req.path.n && req.path.p[0] == '/' && str_is_utf8(req.path));
  assert(str_find(req.path, S("/../")) == SIZE_MAX && !str_ends(req.path, S("/..")));
  assert(str_find_char(req.path, 0) == SIZE_MAX);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  if (size > 1 << 16) return 0;
  AUTO(Cx) cx = cx_new((size_t)16 << 20);
  Str bytes = { (const char *)data, size };
  const Read *whole = read_in(&cx, bytes, size ? size : 1), *slow = read_in(&cx, bytes, 1);
  assert((whole->status == 0) == (slow->status == 0));   /* which of two faults is named first may differ */
  assert(whole->body.n <= 4096);
  if (whole->status) return 0;
  assert(whole->reader.state == slow->reader.state && whole->left.p == slow->left.p);
  assert(str_eq(buf_str(&whole->body), buf_str(&slow->body)));
  if (whole->reader.state != READ_HEAD) check_request(&cx, &whole->reader.head);
  return 0;
}
