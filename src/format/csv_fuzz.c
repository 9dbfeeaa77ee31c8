/* What is read comes back the same after it was written, but for the mark before a formula. */
#include "format/format.h"
#include <assert.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void same(Cx *cx, Str text, CsvRow want) {
  CsvRow row = { 0 };
  size_t line = 0;
  bool got = false;
  Err e = csv_read(cx, &text, &line, &row, &got);
  assert(e == E_OK && got && row.n == want.n && text.n == 0);
  for (size_t i = 0; i < row.n; i++) {
    Str cell = row.cell[i];
    if (!str_eq(cell, want.cell[i])) {
      assert(cell.n && cell.p[0] == '\'');
      cell = str_slice(cell, 1, cell.n);
    }
    assert(str_eq(cell, want.cell[i]));
  }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  AUTO(Cx) cx = cx_new((size_t)256 << 20);
  Str rest = { (const char *)data, size };
  size_t line = 0;
  CsvRow row;
  bool got = true;
  if (size > 1 << 18) return 0;
  while (csv_read(&cx, &rest, &line, &row, &got) == E_OK && got) {
    ArenaMark mark = arena_mark(cx.arena);
    Buf b = buf_new(cx.arena, 8 << 20);
    for (size_t i = 0; i < row.n; i++) csv_cell(&b, row.cell[i], i == 0);
    csv_end(&b);
    same(&cx, buf_str(&b), row);
    arena_release(cx.arena, mark);
  }
  return 0;
}
