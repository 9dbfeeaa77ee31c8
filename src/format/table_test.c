/* Tables out and in again; hostile workbooks. */
#include "format/format.h"
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>
#include <cmocka.h>
#undef fail

#define WRONG(...)                                                                                                   \
  do {                                                                                                               \
    print_error(__VA_ARGS__);                                                                                        \
    assert_true(false);                                                                                              \
  } while (0)

/* What a spreadsheet program might take for something else, or not be able to hold. */
static const Str naughty[] = {
  { "plain", 5 },
  { "=cmd|' /C calc'!A0", 18 },
  { "+1", 2 },
  { "-1", 2 },
  { "@SUM(A1)", 8 },
  { "\tx", 2 },
  { "'=1", 3 },
  { "''=1", 4 },
  { "'quoted", 7 },
  { "1.10", 4 },
  { "00012", 5 },
  { "1e5", 3 },
  { "TRUE", 4 },
  { "2026-11-22", 10 },
  { "12345678901234567890", 20 },
  { " space ", 7 },
  { "two\nlines", 9 },
  { "a,b;\"c\"", 7 },
  { "_x0041_", 7 },
  { "<script>&amp;", 13 },
  { "\xE2\x80\xAEtxt", 6 },
  { "\xF0\x9F\x98\x80", 4 },
  { "\xEF\xBF\xBF", 3 },
  { "\x01\x1F", 2 },
  { "_x005F_x0041_", 13 },
  { "cr\rlf\r\n", 7 },
  { "http://example.org/", 19 },
  { "\xEF\xBB\xBF", 3 },
};

static Err both_ways(Cx *cx, bool xlsx, CellKind kind, Table *out) {
  SheetColumn column[] = { { .label = S("Key") }, { .label = S("=Value"), .kind = kind } };
  Str *cell = NEW_ARRAY(cx->arena, COUNT(naughty) * 2, Str), bytes;
  for (size_t i = 0; i < COUNT(naughty); i++) {
    cell[2 * i] = S("k");
    cell[2 * i + 1] = naughty[i];
  }
  Sheet sheet = { S("Naughty"), column, 2, cell, COUNT(naughty) };
  TRY(xlsx ? xlsx_write(cx, &sheet, &bytes) : csv_write(cx, &sheet, &bytes));
  return table_read(cx, bytes, out);
}

static void every_text_comes_back(void **state) {
  (void)state;
  for (int way = 0; way < 2; way++) {
    AUTO(Cx) cx = cx_new(256 << 20);
    Table t = { 0 };
    assert_int_equal(both_ways(&cx, way == 1, CELL_TEXT, &t), E_OK);
    assert_int_equal(t.nrows, COUNT(naughty) + 1);
    assert_true(str_eq(t.cell[1], S("=Value")));
    for (size_t i = 0; i < COUNT(naughty); i++)
      if (!str_eq(t.cell[2 * i + 3], naughty[i])) WRONG("way %d: %zu: '%.*s'", way, i, STR(t.cell[2 * i + 3]));
  }
}

static void typed_columns(void **state) {
  (void)state;
  static const struct {
    CellKind kind;
    const char *text, *comes;
  } rows[] = {
    { CELL_INT, "42", "42" },
    { CELL_INT, "-7", "-7" },
    { CELL_INT, "900719925474099", "900719925474099" },
    { CELL_INT, "9007199254740993", "9007199254740993" },
    { CELL_INT, "x", "x" },
    { CELL_DATE, "2026-11-22", "46348" },
    { CELL_DATE, "1900-03-01", "61" },
    { CELL_DATE, "1900-02-28", "1900-02-28" },
    { CELL_DATE, "9999-12-31", "2958465" },
    { CELL_DATE, "soon", "soon" },
  };
  for (size_t i = 0; i < COUNT(rows); i++) {
    AUTO(Cx) cx = cx_new(256 << 20);
    SheetColumn column = { .label = S("C"), .kind = rows[i].kind };
    Str cell = str_of(rows[i].text), bytes;
    Sheet sheet = { S("Typed"), &column, 1, &cell, 1 };
    Table t = { 0 };
    int32_t days = 0, want = 0;
    assert_int_equal(xlsx_write(&cx, &sheet, &bytes), E_OK);
    assert_int_equal(table_read(&cx, bytes, &t), E_OK);
    if (!str_eq(t.cell[1], str_of(rows[i].comes))) WRONG("%s: '%.*s'", rows[i].text, STR(t.cell[1]));
    if (date_parse(cell, &want) && date_of_serial(t.cell[1], &days)) assert_int_equal(days, want);
  }
}

static void the_same_bytes(void **state) {
  (void)state;
  AUTO(Cx) cx = cx_new(256 << 20);
  Str choice[] = { S("Yes"), S("No") }, cell[] = { S("Yes"), S("1") }, one, two;
  SheetColumn column[] = { { .label = S("A"), .choice = choice, .nchoices = 2 },
                           { .label = S("B"), .hidden = true } };
  Sheet sheet = { S("Same"), column, 2, cell, 1 };
  assert_int_equal(xlsx_write(&cx, &sheet, &one), E_OK);
  assert_int_equal(xlsx_write(&cx, &sheet, &two), E_OK);
  assert_true(str_eq(one, two));
}

static void too_long_for_a_cell(void **state) {
  (void)state;
  AUTO(Cx) cx = cx_new(256 << 20);
  SheetColumn column = { .label = S("A") };
  Buf b = buf_new(cx.arena, 1 << 20);
  for (int i = 0; i < 32768; i++) buf_byte(&b, 'x');
  Str cell = buf_str(&b), bytes;
  Sheet sheet = { S("Long"), &column, 1, &cell, 1 };
  Table t = { 0 };
  assert_int_equal(xlsx_write(&cx, &sheet, &bytes), E_OK);
  assert_int_equal(table_read(&cx, bytes, &t), E_OK);
  assert_true(str_eq(t.cell[1], cell_too_long));
  assert_int_equal(csv_write(&cx, &sheet, &bytes), E_OK);
  assert_int_equal(table_read(&cx, bytes, &t), E_OK);
  assert_true(str_eq(t.cell[1], cell));
}

/* ---- hostile workbooks --------------------------------------------------------------------------------- */

#define BOOK "<workbook xmlns:r=\"r\"><sheets><sheet name=\"a\" sheetId=\"1\" r:id=\"rId1\"/></sheets></workbook>"
#define RELS "<Relationships><Relationship Id=\"rId1\" Target=\"worksheets/sheet1.xml\"/></Relationships>"
#define SHEET(rows) "<worksheet><sheetData>" rows "</sheetData></worksheet>"

static Str book(Cx *cx, const char *workbook, const char *rels, const char *shared, const char *sheet) {
  ZipFile files[4] = { { S("xl/workbook.xml"), str_of(workbook) },
                       { S("xl/_rels/workbook.xml.rels"), str_of(rels) },
                       { S("xl/worksheets/sheet1.xml"), str_of(sheet) },
                       { S("xl/sharedStrings.xml"), str_of(shared) } };
  Str zip;
  assert_int_equal(zip_stored(cx, files, shared ? 4 : 3, &zip), E_OK);
  return zip;
}

static void small_books(void **state) {
  (void)state;
  static const struct {
    const char *shared, *sheet;
    Err err;
    const char *says;
  } cases[] = {
    { NULL, SHEET("<row r=\"1\"><c r=\"A1\" t=\"inlineStr\"><is><t>a</t></is></c></row>"), E_OK, "a" },
    { "<sst><si><r><t>a</t></r><r><t>b</t></r><rPh><t>no</t></rPh></si></sst>",
      SHEET("<row r=\"1\"><c r=\"A1\" t=\"s\"><v>0</v></c></row>"), E_OK, "ab" },
    { NULL, SHEET("<row><c><v>1.1000000000000001</v></c></row>"), E_OK, "1.1" },
    { NULL, SHEET("<row><c t=\"b\"><v>1</v></c></row>"), E_OK, "true" },
    { NULL, SHEET("<row><c t=\"str\"><v>x_x000D_</v></c></row>"), E_OK, "x\r" },
    { NULL, SHEET("<row><c><f>1+1</f><v>2</v></c></row>"), E_UNREADABLE, "A1 holds a formula" },
    { NULL, SHEET("<row><c t=\"e\"><v>#REF!</v></c></row>"), E_UNREADABLE, "A1 holds the error" },
    { NULL, SHEET("<row><c t=\"s\"><v>9</v></c></row>"), E_UNREADABLE, "lacks" },
    { NULL, SHEET("<row><c><v>nan</v></c></row>"), E_UNREADABLE, "no number" },
    { NULL, SHEET("<row r=\"1\"><c r=\"A99999999\"><v>1</v></c></row>"), E_TOO_LARGE, "beyond" },
    { NULL, SHEET("<row r=\"1\"><c r=\"ZZZ1\"><v>1</v></c></row>"), E_TOO_LARGE, "beyond" },
    { NULL, SHEET("<row r=\"1\"><c r=\"7\"><v>1</v></c></row>"), E_UNREADABLE, "names a cell" },
    { NULL, SHEET("<row><c r=\"B1\"><v>1</v></c><c r=\"A1\"><v>1</v></c></row>"), E_UNREADABLE, "in its place" },
    { NULL, "<!DOCTYPE a [<!ENTITY b \"x\">]><worksheet/>", E_UNREADABLE, "DOCTYPE" },
    { NULL, "<!-- x --><!DOCTYPE a SYSTEM \"file:///etc/passwd\"><worksheet/>", E_UNREADABLE, "DOCTYPE" },
    { NULL, "<worksheet><sheetData><row>", E_UNREADABLE, "line 1" },
    { NULL, SHEET("<row><c t=\"str\"><v>&b;</v></c></row>"), E_UNREADABLE, "" },
  };
  for (size_t i = 0; i < COUNT(cases); i++) {
    AUTO(Cx) cx = cx_new(256 << 20);
    Table t = { 0 };
    Err e = table_read(&cx, book(&cx, BOOK, RELS, cases[i].shared, cases[i].sheet), &t);
    if (e != cases[i].err) WRONG("case %zu: %s: %.*s", i, err_name(e), STR(cx.words));
    Str said = e == E_OK ? t.cell[0] : cx.words;
    bool good = e == E_OK ? str_eq(said, str_of(cases[i].says)) : str_find(said, str_of(cases[i].says)) != SIZE_MAX;
    if (!good) WRONG("case %zu: %.*s", i, STR(said));
  }
}

/* 50,000 nested elements, and a text that is longer than any cell. */
static void deep_and_long(void **state) {
  (void)state;
  AUTO(Cx) cx = cx_new(512 << 20);
  Buf deep = buf_new(cx.arena, 16 << 20), big = buf_new(cx.arena, 16 << 20);
  Table t = { 0 };
  for (int i = 0; i < 50000; i++) buf_z(&deep, "<a>");
  buf_byte(&deep, 0);
  assert_int_equal(table_read(&cx, book(&cx, BOOK, RELS, NULL, deep.p), &t), E_UNREADABLE);
  cx_forgive(&cx);
  buf_z(&big, "<worksheet><sheetData><row><c t=\"str\"><v>");
  for (int i = 0; i < (1 << 20) + 1; i++) buf_byte(&big, 'x');
  buf_z(&big, "</v></c></row></sheetData></worksheet>");
  buf_byte(&big, 0);
  assert_int_equal(table_read(&cx, book(&cx, BOOK, RELS, NULL, big.p), &t), E_UNREADABLE);
}

static void not_tables(void **state) {
  (void)state;
  static const struct {
    Str bytes;
    Err err;
  } cases[] = {
    { { "PK\3\4", 4 }, E_UNREADABLE },
    { { "\xD0\xCF\x11\xE0 old", 8 }, E_FORMAT },
    { { "%PDF\0", 5 }, E_FORMAT },
    { { "a;b\n1;2\n", 8 }, E_FORMAT },
    { { "a,b\n1\n", 6 }, E_UNREADABLE },
    { { "a,b\n\"1,2\n", 9 }, E_UNREADABLE },
    { { "\xFF\xFE"
        "a",
        3 },
      E_UNREADABLE },
    { { "", 0 }, E_OK },
  };
  for (size_t i = 0; i < COUNT(cases); i++) {
    AUTO(Cx) cx = cx_new(256 << 20);
    Table t = { 0 };
    Err e = table_read(&cx, cases[i].bytes, &t);
    if (e != cases[i].err) WRONG("case %zu: %s: %.*s", i, err_name(e), STR(cx.words));
  }
}

static void names_of_cells(void **state) {
  (void)state;
  AUTO(Cx) cx = cx_new(1 << 20);
  static const struct {
    size_t column;
    const char *name;
  } cases[] = { { 0, "A1" },   { 25, "Z1" },   { 26, "AA1" },  { 51, "AZ1" },
                { 52, "BA1" }, { 701, "ZZ1" }, { 702, "AAA1" } };
  for (size_t i = 0; i < COUNT(cases); i++)
    assert_true(str_eq(cell_name(cx.arena, cases[i].column, 1), str_of(cases[i].name)));
}

int main(void) {
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(every_text_comes_back),
    cmocka_unit_test(typed_columns),
    cmocka_unit_test(the_same_bytes),
    cmocka_unit_test(too_long_for_a_cell),
    cmocka_unit_test(small_books),
    cmocka_unit_test(deep_and_long),
    cmocka_unit_test(not_tables),
    cmocka_unit_test(names_of_cells),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
