/* Whatever the bytes: they are refused in words, or the SBOM goes through its rows unchanged and can be reported on.
 * The same bytes as rows must never be believed beyond what they hold. */
#include "supply/inside.h"
#include <assert.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  static const SbomOptions opt = { .max_bytes = 1 << 20, .max_components = 2000, .max_edges = 10000 };
  AUTO(Cx) cx = cx_new((size_t)512 << 20);
  Str in = { (const char *)data, size };
  Sbom s, again;
  if (size > opt.max_bytes) return 0;
  Buf report = buf_new(cx.arena, 8 << 20);
  if (sbom_parse(&cx, in, &opt, &s) == E_OK) {
    Buf rows = buf_new(cx.arena, 64 << 20), twice = buf_new(cx.arena, 64 << 20);
    rows_write(&s, &rows);
    Err e = rows_read(&cx, buf_str(&rows), &opt, &again);
    assert(e == E_OK);
    rows_write(&again, &twice);
    assert(str_eq(buf_str(&rows), buf_str(&twice)));
    e = supply_check_json(&cx, &again, &report);
    assert(e == E_OK);
  } else {
    assert(cx.words.n && str_is_utf8(cx.words));
  }
  cx_forgive(&cx);
  (void)rows_read(&cx, in, &opt, &again);
  return 0;
}
