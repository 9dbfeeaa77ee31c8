/* What is read can be written and read again, and its canonical form is its own canonical form. */
#include "format/format.h"
#include <assert.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static Str canonical(Cx *cx, Str text, bool *exact) {
  JVal *root = NULL;
  Buf out = buf_new(cx->arena, 32 << 20);
  Err e = json_read(cx, text, &JSON_DOCUMENT, &root);
  assert(e == E_OK);
  *exact = json_canonical(cx, root, &out) == E_OK;   /* integers beyond 2^53 have none */
  return buf_str(&out);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  AUTO(Cx) cx = cx_new((size_t)512 << 20);
  JVal *root = NULL;
  Str in = { (const char *)data, size };
  if (size > 1 << 20 || json_read(&cx, in, &JSON_DOCUMENT, &root) != E_OK) return 0;
  Buf text = buf_new(cx.arena, 256 << 20);
  JsonOut o = json_out(&text, size & 1);
  json_put_val(&o, root);
  bool exact = false, again = false;
  Str one = canonical(&cx, buf_str(&text), &exact);
  if (!exact) return 0;
  Str two = canonical(&cx, one, &again);
  assert(again && str_eq(one, two));
  return 0;
}
