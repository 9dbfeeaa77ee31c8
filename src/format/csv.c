/* RFC 4180. */
#include "format/inside.h"

/* A spreadsheet would run a cell that begins like this as a formula.  Quotes in front are looked through, so that
 * taking one off gives back what was there. */
static bool like_a_formula(Str s) {
  size_t i = 0;
  while (i < s.n && s.p[i] == '\'') i++;
  return i < s.n && str_find_char(S("=+-@\t\r"), s.p[i]) != SIZE_MAX;
}

Str csv_unguard(Str cell) {
  return cell.n && cell.p[0] == '\'' && like_a_formula(cell) ? str_slice(cell, 1, cell.n) : cell;
}

static bool needs_quotes(Str s) {
  for (size_t i = 0; i < s.n; i++)
    if (str_find_char(S(",\"\r\n"), s.p[i]) != SIZE_MAX) return true;
  return s.n && (s.p[0] == ' ' || s.p[s.n - 1] == ' ');
}

void csv_cell(Buf *b, Str s, bool first) {
  if (!first) buf_byte(b, ',');
  bool formula = like_a_formula(s);
  if (!needs_quotes(s)) {
    if (formula) buf_byte(b, '\'');
    buf_add(b, s);
    return;
  }
  buf_byte(b, '"');
  if (formula) buf_byte(b, '\'');
  for (size_t i = 0; i < s.n; i++) {
    if (s.p[i] == '"') buf_byte(b, '"');
    buf_byte(b, s.p[i]);
  }
  buf_byte(b, '"');
}

void csv_end(Buf *b) { buf_add(b, S("\r\n")); }

Err csv_write(Cx *cx, const Sheet *sheet, Str *out) {
  Buf b = buf_new(cx->arena, (size_t)512 << 20);
  buf_add(&b, S("\xEF\xBB\xBF"));
  for (size_t c = 0; c < sheet->ncolumns; c++) csv_cell(&b, sheet->column[c].label, c == 0);
  csv_end(&b);
  for (size_t i = 0; i < sheet->nrows * sheet->ncolumns; i++) {
    size_t c = i % sheet->ncolumns;
    csv_cell(&b, sheet->cell[i], c == 0);
    if (c + 1 == sheet->ncolumns) csv_end(&b);
  }
  if (b.over) return fail(cx, E_TOO_LARGE, "The table would be larger than 512 MiB. Narrow the query.");
  *out = buf_str(&b);
  return E_OK;
}

enum { CELLS_MOST = 4096, CELL_BYTES_MOST = 1 << 20 };

typedef struct Reader { Cx *cx; Str in; size_t at, line; } Reader;

static bool ends_cell(const Reader *r) {
  if (r->at == r->in.n) return true;
  char c = r->in.p[r->at];
  return c == ',' || c == '\n' || c == '\r';
}

/* From behind the opening quote to behind the closing one. */
static Err quoted_cell(Reader *r, Str *out) {
  size_t from = r->at, opened = r->line, doubled = 0;
  for (;; r->at++) {
    if (r->at == r->in.n)
      return fail(r->cx, E_UNREADABLE, "The CSV cannot be read: a quote in line %zu is never closed", opened);
    if (r->in.p[r->at] == '\n') r->line++;
    if (r->in.p[r->at] != '"') continue;
    if (r->at + 1 == r->in.n || r->in.p[r->at + 1] != '"') break;
    r->at++;
    doubled++;
  }
  Str raw = str_slice(r->in, from, r->at++);
  if (!ends_cell(r))
    return fail(r->cx, E_UNREADABLE, "The CSV cannot be read: text after a closing quote in line %zu", r->line);
  if (doubled) {
    char *p = arena_alloc(r->cx->arena, raw.n - doubled);
    size_t n = 0;
    for (size_t i = 0; i < raw.n; i++) {
      p[n++] = raw.p[i];
      if (raw.p[i] == '"') i++;
    }
    raw = (Str){ p, n };
  }
  *out = raw;
  return E_OK;
}

static Err plain_cell(Reader *r, Str *out) {
  size_t from = r->at;
  for (; !ends_cell(r); r->at++)
    if (r->in.p[r->at] == '"')
      return fail(r->cx, E_UNREADABLE, "The CSV cannot be read: a quote inside of a cell in line %zu", r->line);
  *out = str_slice(r->in, from, r->at);
  return E_OK;
}

static Err one_cell(Reader *r, size_t column, Str *out) {
  Str cell = STR_NONE;
  size_t line = r->line;
  if (r->at < r->in.n && r->in.p[r->at] == '"') {
    r->at++;
    TRY(quoted_cell(r, &cell));
  } else TRY(plain_cell(r, &cell));
  if (cell.n > CELL_BYTES_MOST)
    return fail(r->cx, E_TOO_LARGE, "The CSV cell in line %zu, column %zu has %zu bytes; at most %d are read", line,
                column, cell.n, CELL_BYTES_MOST);
  *out = cell;
  return E_OK;
}

Err csv_read(Cx *cx, Str *rest, size_t *line, CsvRow *row, bool *got) {
  if (!rest->n) { *got = false; return E_OK; }
  Reader r = { .cx = cx, .in = *rest, .line = *line + 1 };
  VEC(Str) cells = { 0 };
  size_t first_line = r.line;
  for (bool more = true; more;) {
    Str cell = STR_NONE;
    TRY(one_cell(&r, cells.n + 1, &cell));
    if (cells.n == CELLS_MOST)
      return fail(cx, E_TOO_LARGE, "The CSV has more than %d cells in line %zu", CELLS_MOST, r.line);
    vec_add(cx->arena, &cells, cell);
    more = r.at < r.in.n && r.in.p[r.at] == ',';
    if (more) r.at++;
  }
  if (r.at < r.in.n && r.in.p[r.at] == '\r') r.at++;
  if (r.at < r.in.n && r.in.p[r.at] == '\n') r.at++;   /* a lone CR ends a record too */
  *rest = str_slice(r.in, r.at, r.in.n);
  *line = r.line;
  *row = (CsvRow){ cells.p, cells.n, first_line };
  *got = true;
  return E_OK;
}
