/* A table from outside: XLSX or CSV, read in the jail. */
#include "format/inside.h"
#include <string.h>

enum { FILE_MOST = 16 << 20, ROWS_MOST = 1048576 };

/* ---- CSV ----------------------------------------------------------------------------------------------- */

Err csv_table(Cx *cx, Str bytes, Table *out) {
  VEC(Str) cells = { 0 };
  VEC(size_t) lines = { 0 };
  size_t width = 0, line = 0;
  if (str_starts(bytes, S("\xEF\xBB\xBF"))) bytes = str_slice(bytes, 3, bytes.n);
  if (!str_is_utf8(bytes))
    return fail(cx, E_UNREADABLE, "The CSV is not UTF-8. Save it as \"CSV UTF-8\", or as XLSX");
  for (;;) {
    CsvRow row = { 0 };
    bool got;
    TRY(csv_read(cx, &bytes, &line, &row, &got));
    if (!got) break;
    if (row.n == 1 && !row.cell[0].n) continue;
    if (!width) width = row.n;
    if (row.n != width)
      return fail(cx, E_UNREADABLE, "Line %zu has %zu cells; the first line has %zu", row.line, row.n, width);
    if (lines.n == ROWS_MOST) return fail(cx, E_TOO_LARGE, "The CSV has more than %d rows", ROWS_MOST);
    vec_add(cx->arena, &lines, row.line);
    for (size_t i = 0; i < row.n; i++) vec_add(cx->arena, &cells, csv_unguard(row.cell[i]));
  }
  if (width == 1 && str_find_char(cells.p[0], ';') != SIZE_MAX)
    return fail(cx, E_FORMAT, "The cells of this CSV are separated by semicolons. Save it with commas, or as XLSX");
  *out = (Table){ .cell = cells.p, .line = lines.p, .ncolumns = width, .nrows = lines.n };
  return E_OK;
}

/* ---- in the jail --------------------------------------------------------------------------------------- */

Err table_parse(Cx *cx, Str bytes, Table *out) {
  if (bytes.n > FILE_MOST)
    return fail(cx, E_TOO_LARGE, "The table has %zu bytes; at most 16 MiB are read. Import it in parts", bytes.n);
  if (str_starts(bytes, S("PK\3\4"))) return xlsx_parse(cx, bytes, out);
  if (str_starts(bytes, S("\xD0\xCF\x11\xE0")))
    return fail(cx, E_FORMAT, "This is an old or an encrypted Excel file. Save it as XLSX without a password");
  if (str_find_char(bytes, '\0') != SIZE_MAX) return fail(cx, E_FORMAT, "This is neither CSV in UTF-8 nor XLSX");
  return csv_table(cx, bytes, out);
}

/* u32 columns, rows, xlsx; for each row its line; for each cell its length and bytes. */
static Err work(Cx *cx, void *env, Str input, Buf *answer) {
  Table t = { 0 };
  (void)env;
  TRY(table_parse(cx, input, &t));
  buf_u32le(answer, (uint32_t)t.ncolumns);
  buf_u32le(answer, (uint32_t)t.nrows);
  buf_u32le(answer, t.xlsx);
  for (size_t i = 0; i < t.nrows; i++) buf_u32le(answer, (uint32_t)t.line[i]);
  for (size_t i = 0; i < t.nrows * t.ncolumns; i++) {
    buf_u32le(answer, (uint32_t)t.cell[i].n);
    buf_add(answer, t.cell[i]);
  }
  return E_OK;
}

static bool take_u32(Str *from, uint32_t *out) {
  if (from->n < 4) return false;
  const uint8_t *p = (const uint8_t *)from->p;
  *out = (uint32_t)p[0] | (uint32_t)p[1] << 8 | (uint32_t)p[2] << 16 | (uint32_t)p[3] << 24;
  *from = str_slice(*from, 4, from->n);
  return true;
}

/* The reader may have been taken over: what it answers is only believed as far as it has the right form. */
static bool take_table(Cx *cx, Str in, Table *out) {
  uint32_t columns, rows, xlsx, n;
  if (!take_u32(&in, &columns) || !take_u32(&in, &rows) || !take_u32(&in, &xlsx)) return false;
  size_t cells = (size_t)columns * rows;
  if (cells > in.n / 4 || rows > in.n / 4) return false;
  Table t = { .ncolumns = columns, .nrows = rows, .xlsx = xlsx != 0 };
  t.cell = NEW_ARRAY(cx->arena, cells + 1, Str);
  t.line = NEW_ARRAY(cx->arena, (size_t)rows + 1, size_t);
  for (uint32_t i = 0; i < rows; i++) {
    if (!take_u32(&in, &n)) return false;
    t.line[i] = n;
  }
  for (size_t i = 0; i < cells; i++) {
    if (!take_u32(&in, &n) || n > in.n) return false;
    t.cell[i] = str_slice(in, 0, n);
    in = str_slice(in, n, in.n);
    if (!str_is_utf8(t.cell[i])) return false;
  }
  *out = t;
  return in.n == 0;
}

Err table_read(Cx *cx, Str bytes, Table *out) {
  Str answer;
  JailLimits limits = JAIL_STANDARD;
  limits.formats = zip_is(bytes);
  if (bytes.n > FILE_MOST) return table_parse(cx, bytes, out);
  TRY(jail_run(cx, &limits, work, NULL, bytes, &answer));
  if (take_table(cx, answer, out)) return E_OK;
  return fail(cx, E_UNREADABLE, "The table could not be read safely: its reader gave an answer without sense");
}
