/* Records as a sheet. */
#include "app/table/table.h"

enum { WIDE = 60, MIDDLE = 24 };

static void offer(Cx *cx, const Field *f, SheetColumn *out) {
  static const char *const yes_no[] = { "yes", "no", NULL };
  const char *const *words = f->kind == BOOL ? yes_no : f->kind == CHOICE ? f->choices : NULL;
  size_t n = 0;
  while (words && words[n]) n++;
  if (!n) return;
  Str *choice = NEW_ARRAY(cx->arena, n, Str);
  for (size_t i = 0; i < n; i++) choice[i] = choice_words(cx->arena, str_of(words[i]));
  out->choice = choice;
  out->nchoices = n;
  out->many = (f->flags & MANY) != 0;
}

static SheetColumn sheet_column(Cx *cx, const RecordType *t, const TableColumn *c) {
  SheetColumn s = { .label = c->label };
  s.hidden = c->kind == COL_KEY || c->kind == COL_REV;
  s.fixed = s.hidden || c->kind == COL_ID || c->kind == COL_STATE || c->kind == COL_TYPE;
  if (c->kind == COL_TITLE) s.width = WIDE;
  if (c->kind == COL_REV) s.kind = CELL_INT;
  if (c->kind != COL_FIELD) return s;
  const Field *f = &t->fields[c->field];
  if (f->kind == INT) s.kind = CELL_INT;
  if (f->kind == DATE && !(f->flags & MANY)) s.kind = CELL_DATE;
  s.width = f->kind == LONG ? WIDE : f->kind == TEXT || f->kind == LINK ? MIDDLE : 0;
  offer(cx, f, &s);
  return s;
}

static Err add_rows(Cx *cx, Store *s, const TableAsk *ask, const TableColumns *columns, Str *cell) {
  TablePeople people = { 0 };
  TRY(table_people(cx, s, &people));
  AUTO(Cx) own = cx_new((size_t)64 << 20);
  for (size_t i = 0; i < ask->n; i++) {
    Record r = { 0 };
    cx_reset(&own);
    Err e =
        ask->size >= 0 ? record_get_at(&own, s, ask->ids[i], ask->size, &r) : record_get(&own, s, ask->ids[i], 0, &r);
    if (e != E_OK) return fail(cx, e, "%.*s", STR(own.words));
    for (size_t c = 0; c < columns->n; c++)
      cell[i * columns->n + c] = str_dup(cx->arena, table_text(&own, &people, &r, &columns->p[c]));
  }
  return E_OK;
}

Err table_export(Cx *cx, Store *s, const TableAsk *ask, Str *out) {
  TableColumns columns = table_columns(cx, ask->type, ask->xlsx);
  SheetColumn *sheet_columns = NEW_ARRAY(cx->arena, columns.n, SheetColumn);
  Str *cell = NEW_ARRAY(cx->arena, ask->n * columns.n + 1, Str);
  for (size_t c = 0; c < columns.n; c++) sheet_columns[c] = sheet_column(cx, ask->type, &columns.p[c]);
  TRY(add_rows(cx, s, ask, &columns, cell));
  Sheet sheet = { ask->type ? str_of(ask->type->plural) : S("Records"), sheet_columns, columns.n, cell, ask->n };
  return ask->xlsx ? xlsx_write(cx, &sheet, out) : csv_write(cx, &sheet, out);
}

Str table_media(bool xlsx) {
  return xlsx ? S("application/vnd.openxmlformats-officedocument.spreadsheetml.sheet") : S("text/csv; charset=utf-8");
}
