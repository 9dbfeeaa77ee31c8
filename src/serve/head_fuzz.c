/* A header read at once and byte by byte is taken or refused alike; what is taken keeps its promises. */
#include "serve/inside.h"
#include <assert.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static int status_of(Str bytes, size_t piece, Head *h) {
  size_t scanned = 0, end = 0;
  for (size_t n = piece; !end; n += piece) {
    Refusal r = head_end(str_slice(bytes, 0, n), &scanned, &end);
    if (r.status) return r.status;
    if (!end && n >= bytes.n) return -1;
  }
  return head_parse(str_slice(bytes, 0, end), h).status;
}

static void check_request(Cx *cx, const Head *h) {
  Request req = { 0 };
  bool is_head;
  if (request_make(cx, h, true, &req, &is_head).status) return;
  assert(req.path.n && req.path.p[0] == '/' && str_is_utf8(req.path));
  assert(str_find(req.path, S("/../")) == SIZE_MAX && !str_ends(req.path, S("/..")));
  assert(str_find_char(req.path, 0) == SIZE_MAX);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  if (size > 1 << 16) return 0;
  AUTO(Cx) cx = cx_new((size_t)16 << 20);
  Str bytes = { (const char *)data, size };
  Head *whole = NEW(cx.arena, Head), *pieces = NEW(cx.arena, Head);
  int status = status_of(bytes, size ? size : 1, whole), slow = status_of(bytes, 1, pieces);
  assert((status == 0) == (slow == 0));   /* which of two faults is named first may differ */
  if (status == 0) {
    assert(!(whole->chunked && whole->length >= 0) && head_field(whole, "host").n);
    check_request(&cx, whole);
  }
  Chunks at_once = { 0 };
  Buf out = buf_new(cx.arena, 4096);
  Str in = bytes;
  (void)chunks_read(&at_once, &in, &out);
  assert(out.n <= 4096 && !out.over);
  return 0;
}
