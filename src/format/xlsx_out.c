/* XLSX out, through libxlsxwriter: every cell is a text, a number or a date, never a formula. */
#include "format/inside.h"
#include "format/late.h"
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

enum { ROWS_MOST = 1048575, CHARS_MOST = 32767, DIGITS_MOST = 15, LABEL_WIDTH = 14, FILE_MOST = 512 << 20 };

const Str cell_too_long = { "(too long for a cell: left as it is)", 36 };

/* ---- text as XLSX keeps it ----------------------------------------------------------------------------- */

/* Excel counts in UTF-16. */
static size_t utf16_units(Str s) {
  size_t n = 0;
  for (size_t i = 0; i < s.n; i++) {
    uint8_t c = (uint8_t)s.p[i];
    if ((c & 0xC0) != 0x80) n += c >= 0xF0 ? 2 : 1;
  }
  return n;
}

static bool is_hex(char c) { return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'F') || (c >= 'a' && c <= 'f'); }

/* "_x0041_" stands for a character in XLSX, so a text that holds it must be marked. */
bool xlsx_escape_at(Str s, size_t i) {
  if (i + 7 > s.n || s.p[i] != '_' || s.p[i + 1] != 'x' || s.p[i + 6] != '_') return false;
  return is_hex(s.p[i + 2]) && is_hex(s.p[i + 3]) && is_hex(s.p[i + 4]) && is_hex(s.p[i + 5]);
}

static Str xlsx_text(Arena *a, Str s) {
  if (utf16_units(s) > CHARS_MOST) return cell_too_long;
  Buf b = buf_new(a, s.n * 4 + 16);
  for (size_t i = 0; i < s.n; i++) {
    bool not_xml =
        i + 3 <= s.n && (uint8_t)s.p[i] == 0xEF && (uint8_t)s.p[i + 1] == 0xBF && (uint8_t)s.p[i + 2] >= 0xBE;
    if (xlsx_escape_at(s, i)) buf_z(&b, "_x005F");
    if (not_xml) buf_z(&b, (uint8_t)s.p[i + 2] == 0xBE ? "_xFFFE_" : "_xFFFF_");
    else buf_byte(&b, s.p[i]);
    i += not_xml ? 2 : 0;
  }
  return utf16_units(buf_str(&b)) > CHARS_MOST ? cell_too_long : buf_str(&b);
}

/* ---- the workbook -------------------------------------------------------------------------------------- */

typedef struct Book {
  Arena *a;
  const Sheet *sheet;
  lxw_workbook *book;
  lxw_worksheet *rows, *choices;
  lxw_format *head, *text, *fixed, *date;
  lxw_error wrong;
} Book;

static void keep(Book *b, lxw_error e) {
  if (b->wrong == LXW_NO_ERROR) b->wrong = e;
}

static bool digits_only(Str s) {
  int64_t n;
  return s.n && s.n <= DIGITS_MOST && str_int(s, &n);
}

static void put_cell(Book *b, lxw_row_t row, lxw_col_t col, Str s) {
  const SheetColumn *c = &b->sheet->column[col];
  int32_t days;
  int64_t number;
  if (!s.n) return;
  if (c->kind == CELL_INT && digits_only(s) && str_int(s, &number)) {
    keep(b, late.worksheet_write_number(b->rows, row, col, (double)number, NULL));
  } else if (c->kind == CELL_DATE && date_parse(s, &days) && days >= DAYS_1900_03) {
    keep(b, late.worksheet_write_number(b->rows, row, col, (double)(days + SERIAL_1970), b->date));
  } else {
    keep(b, late.worksheet_write_string(b->rows, row, col, str_z(b->a, xlsx_text(b->a, s)),
                                        c->fixed ? b->fixed : b->text));
  }
}

static void put_rows(Book *b) {
  const Sheet *s = b->sheet;
  for (size_t c = 0; c < s->ncolumns; c++)
    keep(b, late.worksheet_write_string(b->rows, 0, (lxw_col_t)c, str_z(b->a, s->column[c].label), b->head));
  for (size_t r = 0; r < s->nrows; r++) {
    ArenaMark mark = arena_mark(b->a);
    for (size_t c = 0; c < s->ncolumns; c++)
      put_cell(b, (lxw_row_t)(r + 1), (lxw_col_t)c, s->cell[r * s->ncolumns + c]);
    arena_release(b->a, mark);
  }
}

static void put_columns(Book *b) {
  const Sheet *s = b->sheet;
  for (size_t i = 0; i < s->ncolumns; i++) {
    const SheetColumn *c = &s->column[i];
    lxw_row_col_options options = { .hidden = c->hidden };
    double width = c->width ? (double)c->width : (double)LABEL_WIDTH;
    lxw_format *format = c->kind == CELL_DATE ? b->date : c->kind == CELL_INT ? NULL : c->fixed ? b->fixed : b->text;
    keep(b, late.worksheet_set_column_opt(b->rows, (lxw_col_t)i, (lxw_col_t)i, width, format, &options));
  }
}

/* The choices stand on a hidden sheet: a list inside of the rule itself may have 255 characters only. */
static void put_choices(Book *b) {
  const Sheet *s = b->sheet;
  size_t most = 0;
  for (size_t i = 0; i < s->ncolumns; i++) most = s->column[i].nchoices > most ? s->column[i].nchoices : most;
  for (size_t r = 0; r < most; r++)
    for (size_t i = 0; i < s->ncolumns; i++)
      if (r < s->column[i].nchoices)
        keep(b, late.worksheet_write_string(b->choices, (lxw_row_t)r, (lxw_col_t)i, str_z(b->a, s->column[i].choice[r]),
                                       NULL));
}

static void offer_choices(Book *b, size_t i) {
  const SheetColumn *c = &b->sheet->column[i];
  char from[LXW_MAX_CELL_NAME_LENGTH], to[LXW_MAX_CELL_NAME_LENGTH];
  late.lxw_rowcol_to_cell_abs(from, 0, (lxw_col_t)i, 1, 1);
  late.lxw_rowcol_to_cell_abs(to, (lxw_row_t)(c->nchoices - 1), (lxw_col_t)i, 1, 1);
  lxw_data_validation rule = { .validate = LXW_VALIDATION_TYPE_LIST_FORMULA,
                               .value_formula = str_z(b->a, str_fmt(b->a, "=Choices!%s:%s", from, to)),
                               .show_error = c->many ? LXW_VALIDATION_OFF : LXW_VALIDATION_ON,
                               .error_type = LXW_VALIDATION_ERROR_TYPE_STOP };
  keep(b, late.worksheet_data_validation_range(b->rows, 1, (lxw_col_t)i, ROWS_MOST, (lxw_col_t)i, &rule));
}

static lxw_format *format_of(Book *b, const char *number) {
  lxw_format *f = late.workbook_add_format(b->book);
  late.format_set_num_format(f, number);
  late.format_set_align(f, LXW_ALIGN_VERTICAL_TOP);
  return f;
}

static void fill(Book *b) {
  const Sheet *s = b->sheet;
  size_t frozen = 0;
  b->rows = late.workbook_add_worksheet(b->book, str_z(b->a, str_head(s->name, 31)));
  b->choices = late.workbook_add_worksheet(b->book, "Choices");
  if (!b->rows || !b->choices) {
    b->wrong = LXW_ERROR_MEMORY_MALLOC_FAILED;
    return;
  }
  b->head = format_of(b, "@");
  late.format_set_bold(b->head);
  late.format_set_bg_color(b->head, 0xE8EDF2);
  b->text = format_of(b, "@"); /* so that 1.10 stays 1.10 */
  b->fixed = format_of(b, "@");
  late.format_set_font_color(b->fixed, 0x6B7280);
  b->date = format_of(b, "yyyy-mm-dd");
  put_columns(b);
  put_rows(b);
  put_choices(b);
  for (size_t i = 0; i < s->ncolumns; i++)
    if (s->column[i].nchoices) offer_choices(b, i);
  late.worksheet_hide(b->choices);
  while (frozen < s->ncolumns && s->column[frozen].hidden) frozen++;
  late.worksheet_freeze_panes(b->rows, 1, (lxw_col_t)(frozen + 1 < s->ncolumns ? frozen + 1 : 0));
  keep(b, late.worksheet_autofilter(b->rows, 0, 0, (lxw_row_t)s->nrows, (lxw_col_t)(s->ncolumns - 1)));
  lxw_doc_properties about = { .created = 315532800 }; /* the same table gives the same bytes */
  keep(b, late.workbook_set_properties(b->book, &about));
}

/* In a child: the library keeps some memory of each workbook to itself, and a worker lives long. */
static void __attribute__((noreturn)) child(Cx *cx, const Sheet *sheet, char *folder, const char *path) {
  lxw_workbook_options options = { .constant_memory = LXW_TRUE, .tmpdir = folder };
  Book b = { .a = cx->arena, .sheet = sheet, .book = late.workbook_new_opt(path, &options) };
  if (!b.book) _exit(LXW_ERROR_CREATING_XLSX_FILE);
  fill(&b);
  keep(&b, late.workbook_close(b.book));
  _exit((int)b.wrong);
}

static Err write_into(Cx *cx, const Sheet *sheet, char *folder, Str *out) {
  const char *path = str_fmt(cx->arena, "%s/table.xlsx", folder).p;
  int status = 0;
  pid_t pid = fork();
  if (pid == 0) child(cx, sheet, folder, path);
  if (pid < 0) return fail(cx, E_BUSY, "No process to write a workbook: %s. Nothing was written", strerror(errno));
  while (waitpid(pid, &status, 0) < 0 && errno == EINTR) {}
  if (!WIFEXITED(status)) return fail(cx, E_IO, "The process that wrote the workbook crashed. Nothing was written");
  if (WEXITSTATUS(status) != LXW_NO_ERROR)
    return fail(cx, E_IO, "The workbook could not be written to %s: %s. Nothing was kept", folder,
                late.lxw_strerror((lxw_error)WEXITSTATUS(status)));
  return file_read(cx, path, FILE_MOST, out);
}

Err xlsx_write(Cx *cx, const Sheet *sheet, Str *out) {
  if (sheet->nrows > ROWS_MOST)
    return fail(cx, E_TOO_LARGE, "%zu rows do not fit into a sheet, which has %d. Narrow the query, or take CSV.",
                sheet->nrows, ROWS_MOST);
  TRY(late_load(cx, LATE_XLSX));
  const char *tmp = getenv("TMPDIR");
  char *folder = str_z(cx->arena, str_fmt(cx->arena, "%s/proofline-xlsx-XXXXXX", tmp ? tmp : "/tmp"));
  if (!mkdtemp(folder)) return fail(cx, E_IO, "Cannot make a temporary folder like %s. Nothing was written.", folder);
  Err e = write_into(cx, sheet, folder, out);
  Cx own = { .arena = cx->arena };
  Err gone = folder_remove(&own, folder);
  return e == E_OK && gone != E_OK ? fail(cx, gone, "%.*s", STR(own.words)) : e;
}
