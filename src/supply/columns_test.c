/* columns_test.c - tables of components: which column is what, and what is said of a row that cannot be used. */
#include "supply/inside.h"
#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>
#undef fail

/* want: a line per component, or the words of the refusal */
typedef struct Case { const char *table, *columns, *remembered; Err err; const char *want; } Case;
static const Case cases[] = {
  { "Part,Rev,Vendor,Kind,EOS\nSTM32L4,B,ST,Hardware,2031-12-31\nWindows 10 IoT,21H2,Microsoft,OS,2032-01-13\n", "", "",
    E_OK, "device|STM32L4|B|ST||2031-12-31\noperating-system|Windows 10 IoT|21H2|Microsoft||2032-01-13\n" },
  { "Nummer,Firma\nX1,ST\n", "name=Nummer,supplier=Firma,type=:hardware", "", E_OK, "device|X1||ST||\n" },
  { "Nummer,Firma\nX1,ST\n", "", "name=Nummer,licence=Nix\nname=Nummer,supplier=Firma,type=:hardware\n", E_OK,
    "device|X1||ST||\n" },
  { "\xEF\xBB\xBF" "Component,Version,Supplier,Level of support,End of support,Licence,Package URL\n"
    "\"a, b\",1,Acme,abandoned,,MIT OR Apache-2.0,pkg:generic/a@1\n", "", "", E_OK,
    "application|a, b|1|Acme|abandoned|\n" },
  { "Nummer,Firma\nX1,ST\n", "", "", E_FORMAT, "none of its columns is known to hold the names" },
  { "Nummer,Firma\nX1,ST\n", "name=Nix", "", E_USAGE, "the table has no column 'Nix'" },
  { "Nummer,Firma\nX1,ST\n", "nom=Nummer", "", E_USAGE, "there is no 'nom'" },
  { "Nummer,Firma\nX1,ST\n", "Nummer", "", E_USAGE, "is not key=Column" },
  { "Part,Kind\n,hardware\n", "", "", E_INVALID, "row 2, cell A2 (Part): is empty" },
  { "Part,Kind\nx,thing\n", "", "", E_INVALID, "row 2, cell B2 (Kind): is no kind of component" },
  { "Part,EOS\nx,2031-12-31\ny,soon\n", "", "", E_INVALID, "row 3, cell B3 (EOS): is no date" },
  { "Part,purl\nx,npm/x\n", "", "", E_INVALID, "row 2, cell B2 (purl): is no package URL" },
  { "Part;Rev\nx;1\n", "name=Part", "", E_FORMAT, "separated by semicolons" },
  { "Part,Rev\n\"x,1\n", "", "", E_UNREADABLE, "" },
};

static Str told(Cx *cx, const Sbom *s) {
  Buf b = buf_new(cx->arena, 1 << 20);
  for (size_t i = 0; i < s->component.n; i++) {
    const SbomComponent *c = &s->component.p[i];
    buf_fmt(&b, "%.*s|%.*s|%.*s|%.*s|%.*s|%.*s\n", STR(c->type), STR(c->name), STR(c->version), STR(c->supplier),
            STR(c->support_level), STR(c->support_end));
  }
  return buf_str(&b);
}

static void tables_are_read_by_their_columns(void **state) {
  (void)state;
  for (size_t i = 0; i < COUNT(cases); i++) {
    const Case *c = &cases[i];
    AUTO(Cx) cx = cx_new((size_t)64 << 20);
    SbomOptions opt = supply_options(NULL);
    Sbom s = { 0 }, again = { 0 };
    opt.columns = str_of(c->columns);
    opt.remembered = str_of(c->remembered);
    Err e = supply_parse(&cx, str_of(c->table), &opt, &s);
    Str got = e == E_OK ? told(&cx, &s) : cx.words;
    bool right = e == c->err && (e == E_OK ? str_eq(got, str_of(c->want))
                                           : str_find(got, str_of(c->want)) != SIZE_MAX);
    if (!right) print_error("case %zu: %s %.*s\n", i, err_name(e), STR(got));
    assert_true(right);
    if (e != E_OK) continue;
    opt.columns = s.columns;            /* what it was read by reads it again */
    opt.remembered = STR_NONE;
    assert_int_equal(supply_parse(&cx, str_of(c->table), &opt, &again), E_OK);
    assert_true(str_eq(told(&cx, &again), got) && str_eq(again.columns, s.columns));
  }
}

int main(void) {
  const struct CMUnitTest tests[] = { cmocka_unit_test(tables_are_read_by_their_columns) };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
