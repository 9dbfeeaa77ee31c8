/* A table from hostile hands gives a table or an error; what it gives can be written and read again. */
#include "format/format.h"
#include <assert.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  AUTO(Cx) cx = cx_new((size_t)512 << 20);
  Table t = { 0 }, again = { 0 };
  if (size > 1 << 18 || table_parse(&cx, (Str){ (const char *)data, size }, &t) != E_OK || !t.nrows) return 0;
  SheetColumn *column = NEW_ARRAY(cx.arena, t.ncolumns, SheetColumn);
  for (size_t i = 0; i < t.ncolumns; i++) column[i].label = t.cell[i];
  Str csv;
  Sheet sheet = { S("again"), column, t.ncolumns, t.cell + t.ncolumns, t.nrows - 1 };
  if (csv_write(&cx, &sheet, &csv) != E_OK || csv.n > 16 << 20) return 0;
  Err e = table_parse(&cx, csv, &again);
  if (e != E_OK || again.ncolumns != t.ncolumns) return 0; /* one column of semicolons, rows of nothing */
  for (size_t i = 0; t.nrows == again.nrows && i < t.nrows * t.ncolumns; i++)
    assert(str_eq(t.cell[i], again.cell[i]));
  return 0;
}
