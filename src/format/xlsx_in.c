/* XLSX in: the cells of the first sheet.  Hostile: this runs in the jail, on a ZIP whose entries and ratio are
 * limited. */
#include "format/inside.h"

enum { PARTS_MOST = 256, COLUMNS_MOST = 1024, ROWS_MOST = 1048576, CELLS_MOST = 4 << 20 };

typedef struct Part {
  Str name, bytes, why;
} Part;
typedef struct Cell {
  size_t row, column;
  Str text;
} Cell;

typedef struct Book {
  VEC(Part) parts;
  Str sheet_id, sheet_path; /* of the first sheet: its relation and its part */
  VEC(Str) shared;
  VEC(Cell) cells;
  /* of the element that is read */
  bool in_phonetic;
  Buf text; /* of one shared string or one inline string: its runs together */
  size_t row, column, next_row, next_column, most_column;
  Str cell_type, value;
  bool formula;
} Book;

/* ---- parts --------------------------------------------------------------------------------------------- */

static Err part_take(Cx *cx, void *env, const PackedFile *f) {
  Book *b = env;
  if (!str_ends(f->name, S(".xml")) && !str_ends(f->name, S(".rels"))) return E_OK;
  if (b->parts.n == PARTS_MOST) return fail(cx, E_UNREADABLE, "The workbook has more than %d parts", PARTS_MOST);
  Part p = { str_dup(cx->arena, f->name), f->bytes.p ? str_dup(cx->arena, f->bytes) : STR_NONE,
             str_dup(cx->arena, f->why) };
  for (size_t i = 0; i < b->parts.n; i++)
    if (str_eq(b->parts.p[i].name, p.name))
      return fail(cx, E_UNREADABLE, "The workbook holds %.*s twice", STR(str_head(p.name, 80)));
  vec_add(cx->arena, &b->parts, p);
  return E_OK;
}

static Err part_find(Cx *cx, const Book *b, Str name, bool needed, Str *bytes) {
  *bytes = STR_NONE;
  for (size_t i = 0; i < b->parts.n; i++) {
    const Part *p = &b->parts.p[i];
    if (!str_eq(p->name, name)) continue;
    if (!p->bytes.p) return fail(cx, E_UNREADABLE, "Its part %.*s %.*s", STR(str_head(name, 80)), STR(p->why));
    *bytes = p->bytes;
    return E_OK;
  }
  return needed ? fail(cx, E_FORMAT, "This ZIP is no Excel workbook: it has no %.*s", STR(str_head(name, 80))) : E_OK;
}

/* ---- which part is the first sheet --------------------------------------------------------------------- */

static Err workbook_item(Cx *cx, void *env, const XmlItem *item) {
  Book *b = env;
  if (item->closed || b->sheet_id.p || !str_eq(item->name, S("sheet"))) return E_OK;
  /* r:id: both "id" of the relation and "sheetId" stand there; only the first has this local name */
  b->sheet_id = xml_attribute(cx, item, "id");
  return E_OK;
}

static Err relation_item(Cx *cx, void *env, const XmlItem *item) {
  Book *b = env;
  if (item->closed || !str_eq(item->name, S("Relationship"))) return E_OK;
  if (!str_eq(xml_attribute(cx, item, "Id"), b->sheet_id)) return E_OK;
  Str to = xml_attribute(cx, item, "Target");
  b->sheet_path = str_starts(to, S("/")) ? str_slice(to, 1, to.n) : str_fmt(cx->arena, "xl/%.*s", STR(to));
  return E_OK;
}

static Err find_sheet(Cx *cx, Book *b) {
  Str bytes;
  TRY(part_find(cx, b, S("xl/workbook.xml"), true, &bytes));
  TRY(xml_walk(cx, bytes, workbook_item, b));
  TRY(part_find(cx, b, S("xl/_rels/workbook.xml.rels"), true, &bytes));
  if (!b->sheet_id.p) return fail(cx, E_UNREADABLE, "The workbook has no sheet");
  TRY(xml_walk(cx, bytes, relation_item, b));
  if (!b->sheet_path.p) return fail(cx, E_UNREADABLE, "The workbook does not say where its first sheet is");
  return E_OK;
}

/* ---- texts --------------------------------------------------------------------------------------------- */

static void put_utf8(Buf *b, uint32_t c) {
  if (c < 0x80) buf_byte(b, (char)c);
  else if (c < 0x800) {
    buf_byte(b, (char)(0xC0 | c >> 6));
    buf_byte(b, (char)(0x80 | (c & 0x3F)));
  } else {
    buf_byte(b, (char)(0xE0 | c >> 12));
    buf_byte(b, (char)(0x80 | (c >> 6 & 0x3F)));
    buf_byte(b, (char)(0x80 | (c & 0x3F)));
  }
}

/* "_x000D_" is one character; half a surrogate pair or a NUL stays as it is written. */
static Str unescape(Arena *a, Str s) {
  if (str_find(s, S("_x")) == SIZE_MAX) return str_dup(a, s);
  Buf b = buf_new(a, s.n + 4);
  for (size_t i = 0; i < s.n;) {
    uint32_t c = 0;
    if (xlsx_escape_at(s, i))
      for (size_t k = i + 2; k < i + 6; k++)
        c = c << 4 | (uint32_t)(s.p[k] <= '9' ? s.p[k] - '0' : (s.p[k] | 32) - 'a' + 10);
    bool taken = c && (c < 0xD800 || c > 0xDFFF);
    if (taken) put_utf8(&b, c);
    else buf_byte(&b, s.p[i]);
    i += taken ? 7 : 1;
  }
  return buf_str(&b);
}

/* <si> and <is>: the texts of their runs; what <rPh> says is only how to pronounce them. */
static void text_item(Book *b, const XmlItem *item) {
  if (str_eq(item->name, S("rPh"))) b->in_phonetic = !item->closed;
  if (item->closed && str_eq(item->name, S("t")) && !b->in_phonetic) buf_add(&b->text, item->text);
}

static Err shared_item(Cx *cx, void *env, const XmlItem *item) {
  Book *b = env;
  text_item(b, item);
  if (!str_eq(item->name, S("si"))) return E_OK;
  if (!item->closed) {
    buf_clear(&b->text);
    return E_OK;
  }
  if (b->shared.n == CELLS_MOST) return fail(cx, E_TOO_LARGE, "The workbook has more than %d texts", CELLS_MOST);
  vec_add(cx->arena, &b->shared, unescape(cx->arena, buf_str(&b->text)));
  return E_OK;
}

/* ---- cells --------------------------------------------------------------------------------------------- */

Str cell_name(Arena *a, size_t column, size_t line) {
  char letters[8];
  size_t n = 0, c = column + 1;
  for (; c && n < sizeof letters; c = (c - 1) / 26) letters[n++] = (char)('A' + (c - 1) % 26);
  for (size_t i = 0; i < n / 2; i++) {
    char one = letters[i];
    letters[i] = letters[n - 1 - i];
    letters[n - 1 - i] = one;
  }
  return str_fmt(a, "%.*s%zu", (int)n, letters, line);
}

/* "C7"; without an address a cell follows the one before it. */
static Err place_take(Cx *cx, Book *b, Str at) {
  size_t column = 0, i = 0;
  uint64_t row = 0;
  b->row = b->next_row;
  b->column = b->next_column;
  if (at.p) {
    for (; i < at.n && i < 4 && at.p[i] >= 'A' && at.p[i] <= 'Z'; i++)
      column = column * 26 + (size_t)(at.p[i] - 'A' + 1);
    if (!column || !str_uint(str_slice(at, i, at.n), &row) || row == 0)
      return fail(cx, E_UNREADABLE, "The sheet names a cell '%.*s'", STR(str_head(at, 20)));
    b->column = column - 1;
    b->row = (size_t)row;
  }
  if (b->column >= COLUMNS_MOST || b->row > ROWS_MOST)
    return fail(cx, E_TOO_LARGE, "The sheet goes beyond %d columns or %d rows", COLUMNS_MOST, ROWS_MOST);
  b->next_row = b->row;
  b->next_column = b->column + 1;
  return E_OK;
}

/* "1.1000000000000001" is how a spreadsheet program keeps 1.1. */
static Err number_text(Cx *cx, const Book *b, Str digits, Str *out) {
  Cx probe = { .arena = cx->arena };
  JVal *v;
  Buf t = buf_new(cx->arena, 64);
  Err e = json_read(&probe, digits, &JSON_BODY, &v);
  if (e == E_OK && yyjson_is_num(v)) e = json_canonical(&probe, v, &t);
  else e = E_UNREADABLE;
  if (e != E_OK)
    return fail(cx, E_UNREADABLE, "Cell %.*s holds '%.*s', which is no number",
                STR(cell_name(cx->arena, b->column, b->row)), STR(str_head(digits, 40)));
  *out = buf_str(&t);
  return E_OK;
}

static Err cell_text(Cx *cx, Book *b, Str *out) {
  uint64_t at;
  Str name = cell_name(cx->arena, b->column, b->row), type = b->cell_type;
  if (b->formula)
    return fail(cx, E_UNREADABLE, "Cell %.*s holds a formula. Paste its value instead (Paste special, Values)",
                STR(name));
  if (str_eq(type, S("e")))
    return fail(cx, E_UNREADABLE, "Cell %.*s holds the error %.*s", STR(name), STR(str_head(b->value, 20)));
  if (str_eq(type, S("inlineStr"))) *out = unescape(cx->arena, buf_str(&b->text));
  else if (str_eq(type, S("str"))) *out = unescape(cx->arena, b->value);
  else if (str_eq(type, S("b"))) *out = str_eq(b->value, S("1")) ? S("true") : S("false");
  else if (str_eq(type, S("s"))) {
    if (!str_uint(b->value, &at) || at >= b->shared.n)
      return fail(cx, E_UNREADABLE, "Cell %.*s names a text that the workbook lacks", STR(name));
    *out = b->shared.p[at];
  } else if (str_eq(type, S("d"))) *out = str_dup(cx->arena, str_head(b->value, 10));
  else if (b->value.n) return number_text(cx, b, b->value, out);
  else *out = S("");
  return E_OK;
}

static Err cell_end(Cx *cx, Book *b) {
  Cell c = { .row = b->row, .column = b->column };
  TRY(cell_text(cx, b, &c.text));
  if (!c.text.n) return E_OK;
  if (b->cells.n == CELLS_MOST) return fail(cx, E_TOO_LARGE, "The sheet has more than %d cells", CELLS_MOST);
  if (b->cells.n && (b->cells.p[b->cells.n - 1].row > c.row ||
                     (b->cells.p[b->cells.n - 1].row == c.row && b->cells.p[b->cells.n - 1].column >= c.column)))
    return fail(cx, E_UNREADABLE, "Cell %.*s does not stand in its place",
                STR(cell_name(cx->arena, c.column, c.row)));
  if (c.column > b->most_column) b->most_column = c.column;
  vec_add(cx->arena, &b->cells, c);
  return E_OK;
}

static Err sheet_item(Cx *cx, void *env, const XmlItem *item) {
  Book *b = env;
  text_item(b, item);
  if (str_eq(item->name, S("row")) && !item->closed) {
    b->next_row++;
    b->next_column = 0;
  } else if (str_eq(item->name, S("c")) && !item->closed) {
    buf_clear(&b->text);
    b->cell_type = xml_attribute(cx, item, "t");
    b->value = STR_NONE;
    b->formula = false;
    TRY(place_take(cx, b, xml_attribute(cx, item, "r")));
  } else if (str_eq(item->name, S("v")) && item->closed) b->value = str_dup(cx->arena, item->text);
  else if (str_eq(item->name, S("f"))) b->formula = true;
  else if (str_eq(item->name, S("c"))) TRY(cell_end(cx, b));
  return E_OK;
}

/* ---- the table ----------------------------------------------------------------------------------------- */

static void lay_out(Cx *cx, const Book *b, Table *out) {
  size_t rows = 0;
  for (size_t i = 0; i < b->cells.n; i++) rows += i == 0 || b->cells.p[i].row != b->cells.p[i - 1].row;
  Table t = { .ncolumns = b->most_column + 1, .nrows = rows, .xlsx = true };
  t.cell = NEW_ARRAY(cx->arena, t.ncolumns * rows + 1, Str);
  t.line = NEW_ARRAY(cx->arena, rows + 1, size_t);
  for (size_t i = 0; i < t.ncolumns * rows; i++) t.cell[i] = S("");
  for (size_t i = 0, r = 0; i < b->cells.n; i++) {
    if (i && b->cells.p[i].row != b->cells.p[i - 1].row) r++;
    t.line[r] = b->cells.p[i].row;
    t.cell[r * t.ncolumns + b->cells.p[i].column] = b->cells.p[i].text;
  }
  *out = t;
}

Err xlsx_parse(Cx *cx, Str bytes, Table *out) {
  Book b = { .text = buf_new(cx->arena, 1 << 20) };
  Str part;
  TRY(packed_bytes(cx, S("The workbook"), bytes, part_take, &b));
  TRY(find_sheet(cx, &b));
  TRY(part_find(cx, &b, S("xl/sharedStrings.xml"), false, &part));
  if (part.p) TRY(xml_walk(cx, part, shared_item, &b));
  TRY(part_find(cx, &b, b.sheet_path, true, &part));
  TRY(xml_walk(cx, part, sheet_item, &b));
  if (b.text.over) return fail(cx, E_TOO_LARGE, "A cell has a text of more than 1 MiB");
  if ((b.most_column + 1) * (b.cells.n + 1) > (size_t)CELLS_MOST * 16)
    return fail(cx, E_TOO_LARGE, "The sheet is mostly empty, and %zu columns wide", b.most_column + 1);
  lay_out(cx, &b, out);
  return E_OK;
}

bool date_of_serial(Str digits, int32_t *days) {
  int64_t n;
  Str whole, fraction;
  (void)str_cut(digits, '.', &whole, &fraction);
  if (!str_int(whole, &n) || n < DAYS_1900_03 + SERIAL_1970 || n > 2958465) return false;
  *days = (int32_t)(n - SERIAL_1970);
  return true;
}
