/* A table that came back, compared with what is stored: what would change, and all that stands against it. */
#include "app/table/table.h"
#include <stdarg.h>
#include <stdio.h>

enum { COLUMN_NONE = -1 };

typedef struct Planning {
  Cx *cx; /* keeps what the plan says */
  Cx own; /* of one row */
  Store *s;
  const Who *who;
  Table t;
  TablePlan *plan;
  TablePeople people;
  TableColumns columns; /* of the type */
  int *at;              /* column of the file for each of `columns`; COLUMN_NONE: it is not there */
  int key, rev;         /* columns of the file */
  Map seen;             /* ids of the rows so far, lower case -> line */
  VEC(size_t) seen_line;
  bool many_problems;
} Planning;

/* ---- faults -------------------------------------------------------------------------------------------- */

static void __attribute__((format(printf, 6, 7)))
fault(Planning *p, size_t row, int column, Str id, bool stale, const char *fmt, ...) {
  TablePlan *plan = p->plan;
  Arena *a = p->cx->arena;
  plan->faults_all++;
  plan->stale += stale;
  if (plan->faults.n == TABLE_FAULTS) return;
  va_list args;
  va_start(args, fmt);
  TableFault f = { .line = p->t.line[row], .id = str_dup(a, str_head(id, 64)), .stale = stale };
  f.words = str_vfmt(a, fmt, args);
  va_end(args);
  if (column != COLUMN_NONE) {
    f.column = str_dup(a, p->t.cell[column]);
    if (p->t.xlsx) f.cell = cell_name(a, (size_t)column, f.line);
  }
  vec_add(a, &plan->faults, f);
}

Err table_plan_check(Cx *cx, const TablePlan *p) {
  if (!p->faults_all) return E_OK;
  const TableFault *f = &p->faults.p[0];
  Err e = p->stale ? E_STALE : E_INVALID;
  return fail(cx, e,
              "%zu of %zu rows cannot be imported. Nothing was imported. The first is row %zu%s%.*s%s%.*s: %.*s",
              p->faults_all, p->rows, f->line, f->id.n ? ", " : "", STR(f->id), f->column.n ? ", column " : "",
              STR(f->column), STR(f->words));
}

/* ---- columns ------------------------------------------------------------------------------------------- */

static Str cell_at(const Planning *p, size_t row, int column) {
  return column == COLUMN_NONE ? S("") : p->t.cell[row * p->t.ncolumns + (size_t)column];
}

static int column_named(const Planning *p, Str name) {
  for (size_t i = 0; i < p->t.ncolumns; i++)
    if (str_eq_nocase(str_trim(p->t.cell[i]), name)) return (int)i;
  return COLUMN_NONE;
}

static int key_column(const Planning *p, Str *type) {
  for (size_t i = 0; i < p->t.ncolumns; i++) {
    Str head, rest;
    if (!str_starts(p->t.cell[i], S("Record"))) continue;
    (void)str_cut(p->t.cell[i], ':', &head, &rest);
    if (!str_eq(str_trim(head), S("Record"))) continue;
    if (rest.n) *type = str_trim(rest);
    return (int)i;
  }
  return column_named(p, S("Id"));
}

static bool column_known(const Planning *p, size_t i) {
  if ((int)i == p->key || (int)i == p->rev) return true;
  for (size_t c = 0; c < p->columns.n; c++)
    if (p->at[c] == (int)i) return true;
  return false;
}

static Err unknown_column(Planning *p, size_t i) {
  Str *labels = NEW_ARRAY(p->cx->arena, p->columns.n, Str);
  for (size_t c = 0; c < p->columns.n; c++) labels[c] = p->columns.p[c].label;
  Str near = str_nearest(p->t.cell[i], labels, p->columns.n);
  return fail(p->cx, E_INVALID, "Column %zu, '%.*s': a %s has no such field%s%.*s. Nothing was imported", i + 1,
              STR(str_head(p->t.cell[i], 80)), p->plan->type->name, near.n ? "; the nearest is " : "", STR(near));
}

/* By label, or by the field's own name. */
static Err find_columns(Planning *p) {
  const RecordType *t = p->plan->type;
  p->columns = table_columns(p->cx, t, true);
  p->at = NEW_ARRAY(p->cx->arena, p->columns.n, int);
  for (size_t c = 0; c < p->columns.n; c++) {
    const TableColumn *col = &p->columns.p[c];
    p->at[c] = col->kind == COL_KEY || col->kind == COL_REV ? COLUMN_NONE : column_named(p, col->label);
    if (p->at[c] == COLUMN_NONE && col->kind == COL_FIELD)
      p->at[c] = column_named(p, str_of(t->fields[col->field].name));
    if (p->at[c] == COLUMN_NONE && col->kind == COL_DEVICES) p->at[c] = column_named(p, S("products"));
    if (p->at[c] == p->key) p->at[c] = COLUMN_NONE;
  }
  for (size_t i = 0; i < p->t.ncolumns; i++) {
    if (!p->t.cell[i].n) return fail(p->cx, E_INVALID, "Column %zu has no heading. Nothing was imported", i + 1);
    for (size_t k = 0; k < i; k++)
      if (str_eq_nocase(str_trim(p->t.cell[i]), str_trim(p->t.cell[k])))
        return fail(p->cx, E_INVALID, "Columns %zu and %zu are both headed '%.*s'. Nothing was imported", k + 1,
                    i + 1, STR(str_head(p->t.cell[i], 80)));
    if (!column_known(p, i)) return unknown_column(p, i);
  }
  return E_OK;
}

/* A record of other devices answers like an unknown id: a table must not be a way to read it. */
static bool may_see(const Who *who, const Record *r) {
  bool seen = !r->products.n && (who_roles(who, PRODUCT_ANY) & ROLES_READ);
  for (size_t i = 0; i < r->products.n; i++) seen |= (who_roles(who, r->products.p[i]) & ROLES_READ) != 0;
  return seen;
}

/* As the caller says, as the table says, or as the first record that it names is. */
static Err find_type(Planning *p, Str asked, Str stated) {
  Cx *cx = p->cx;
  if (asked.n) return record_type_need(cx, asked, &p->plan->type);
  if (stated.n) return record_type_need(cx, stated, &p->plan->type);
  for (size_t r = 1; r < p->t.nrows && p->key != COLUMN_NONE; r++) {
    Record record = { 0 };
    cx_reset(&p->own);
    if (!cell_at(p, r, p->key).n || record_get(&p->own, p->s, str_trim(cell_at(p, r, p->key)), 0, &record) != E_OK ||
        !may_see(p->who, &record))
      continue;
    p->plan->type = record.type;
    return E_OK;
  }
  return fail(cx, E_USAGE,
              "The table does not say what it lists: no row names a record. Say the type of its rows "
              "(--type threat). Nothing was imported");
}

/* ---- cells --------------------------------------------------------------------------------------------- */

static Str no_cr(Arena *a, Str s) {
  if (str_find_char(s, '\r') == SIZE_MAX) return s;
  Buf b = buf_new(a, s.n + 1);
  for (size_t i = 0; i < s.n; i++)
    if (s.p[i] != '\r') buf_byte(&b, s.p[i]);
  return buf_str(&b);
}

static const Field *field_of(const Planning *p, const TableColumn *c) {
  return c->kind == COL_FIELD ? &p->plan->type->fields[c->field] : NULL;
}

/* The cell as we would have written it: a date of XLSX is a number, its yes and no are true and false. */
static Str cell_plain(Planning *p, size_t row, size_t c) {
  const Field *f = field_of(p, &p->columns.p[c]);
  Arena *a = p->own.arena;
  Str s = no_cr(a, cell_at(p, row, p->at[c]));
  int32_t days;
  if (!f || (f->flags & MANY)) return s;
  if (f->kind == DATE && p->t.xlsx && date_of_serial(s, &days)) return date_text(a, days);
  if (f->kind == BOOL && (str_eq_nocase(s, S("true")) || str_eq_nocase(s, S("yes")))) return S("Yes");
  if (f->kind == BOOL && (str_eq_nocase(s, S("false")) || str_eq_nocase(s, S("no")))) return S("No");
  if (f->kind == INT || f->kind == DATE) return str_trim(s);
  return s;
}

static Str choice_word(Arena *a, const Field *f, Str words) {
  words = str_trim(words);
  for (size_t i = 0; f->choices[i]; i++)
    if (str_eq_nocase(choice_words(a, str_of(f->choices[i])), words)) return str_of(f->choices[i]);
  return words;
}

static void put_choices(Arena *a, JsonOut *o, const Field *f, Str s) {
  json_array(o);
  while (s.n) {
    Str one;
    (void)str_cut(str_replace(a, s, '\n', ','), ',', &one, &s);
    if (str_trim(one).n) json_put_str(o, choice_word(a, f, one));
  }
  json_array_end(o);
}

/* A changed cell as record_merge takes it. */
static void put_cell(Planning *p, JsonOut *o, const TableColumn *c, Str s) {
  const Field *f = field_of(p, c);
  Arena *a = p->own.arena;
  int64_t number;
  json_key(o, f ? f->name : c->kind == COL_TITLE ? "title" : c->kind == COL_OWNER ? "owner" : "products");
  if (!s.n && c->kind != COL_TITLE) json_put_null(o);
  else if (!f) json_put_str(o, c->kind == COL_TITLE ? s : str_trim(s));
  else if (f->kind == CHOICE && (f->flags & MANY)) put_choices(a, o, f, s);
  else if (f->kind == CHOICE) json_put_str(o, choice_word(a, f, s));
  else if (f->kind == INT && str_int(s, &number)) json_put_int(o, number);
  else if (f->kind == BOOL && str_eq(s, S("Yes"))) json_put_bool(o, true);
  else if (f->kind == BOOL && str_eq(s, S("No"))) json_put_bool(o, false);
  else json_put_str(o, f->kind == PERSON ? str_trim(s) : s);
}

/* ---- one row ------------------------------------------------------------------------------------------- */

typedef struct RowWork {
  size_t row;
  Str id;
  Record before;
  JsonOut o;
  Buf input;
  VEC(TableCell) cells;
  bool is_new;
} RowWork;

static bool editable(TableColumnKind k) {
  return k == COL_TITLE || k == COL_OWNER || k == COL_DEVICES || k == COL_FIELD;
}

static void take_cell(Planning *p, RowWork *w, size_t c) {
  const TableColumn *col = &p->columns.p[c];
  if (p->at[c] == COLUMN_NONE) return;
  Str before = w->is_new ? S("") : no_cr(p->own.arena, table_text(&p->own, &p->people, &w->before, col));
  Str after = cell_plain(p, w->row, c);
  if (str_eq(before, after) || str_eq(after, cell_too_long)) return;
  if (col->kind == COL_ID && (!after.n || w->is_new)) return;
  if (!editable(col->kind) && !(w->is_new && (!after.n || col->kind == COL_STATE))) {
    fault(p, w->row, p->at[c], w->id, false, "%s cannot be changed in a table: it is %.*s, your table says '%.*s'",
          col->kind == COL_ID ? "an id" : "a state", STR(before), STR(str_head(after, 80)));
    return;
  }
  if (!editable(col->kind)) return;
  put_cell(p, &w->o, col, after);
  Arena *a = p->cx->arena;
  TableCell cell = { col->label, str_dup(a, before), str_dup(a, after) };
  vec_add(a, &w->cells, cell);
}

/* A problem is said of a field; the person knows columns. */
static void take_problems(Planning *p, const RowWork *w) {
  for (size_t i = 0; i < p->own.problems.n; i++) {
    const Problem *b = &p->own.problems.p[i];
    int column = COLUMN_NONE;
    for (size_t c = 0; c < p->columns.n; c++) {
      const Field *f = field_of(p, &p->columns.p[c]);
      const char *name = f                                     ? f->name
                         : p->columns.p[c].kind == COL_TITLE   ? "title"
                         : p->columns.p[c].kind == COL_OWNER   ? "owner"
                         : p->columns.p[c].kind == COL_DEVICES ? "products"
                                                               : "";
      if (str_eq(b->field, str_of(name))) column = p->at[c];
    }
    if (column == COLUMN_NONE) fault(p, w->row, column, w->id, false, "%.*s %.*s", STR(b->field), STR(b->words));
    else fault(p, w->row, column, w->id, false, "%.*s", STR(b->words));
  }
}

static Err blank(Cx *cx, const RecordType *t, const Who *who, Record *out) {
  *out = (Record){
    .type = t, .id = S(""), .title = S(""), .owner = who->id, .values = NEW_ARRAY(cx->arena, t->nfields + 1, Value)
  };
  return E_OK;
}

/* What the writer will check, checked before, so that all faults are known at once. */
static Err try_row(Planning *p, RowWork *w) {
  JVal *input;
  Record r;
  StepChoice *steps;
  size_t n;
  bool may = true;
  Cx *own = &p->own;
  TRY(json_read(own, buf_str(&w->input), &JSON_DOCUMENT, &input));
  if (w->is_new) TRY(blank(own, p->plan->type, p->who, &r));
  else {
    TRY(record_choices(own, p->s, p->who, &w->before, &steps, &n, &may));
    r = w->before;
    r.values = NEW_ARRAY(own->arena, r.type->nfields + 1, Value);
    for (size_t i = 0; i < r.type->nfields; i++) r.values[i] = w->before.values[i];
  }
  if (!may) fault(p, w->row, p->key, w->id, false, "you may read it, but not change it, or it is closed");
  Err e = record_merge(own, p->s, input, &r);
  if (e == E_INVALID) take_problems(p, w);
  else if (e == E_OK && w->is_new)
    e = authorise_roles(own, p->who, r.type->editors, PRODUCT_ANY,
                        str_fmt(own->arena, "making a %s", r.type->title).p);
  if (e == E_DENIED) fault(p, w->row, p->key, w->id, false, "%.*s", STR(own->words));
  return e == E_INVALID || e == E_DENIED ? E_OK : e;
}

static Err finish_row(Planning *p, RowWork *w) {
  size_t faults = p->plan->faults_all;
  json_object_end(&w->o);
  if (!w->cells.n) {
    if (p->plan->faults_all == faults) p->plan->unchanged++;
    return E_OK;
  }
  TRY(try_row(p, w));
  Arena *a = p->cx->arena;
  TableRowPlan row = { .id = str_dup(a, w->id),
                       .line = p->t.line[w->row],
                       .base = w->is_new ? 0 : w->before.rev,
                       .input = str_dup(a, buf_str(&w->input)),
                       .cell = w->cells.p,
                       .ncell = w->cells.n };
  vec_add(a, &p->plan->changes, row);
  p->plan->created += w->is_new;
  return E_OK;
}

static bool twice(Planning *p, size_t row, Str id) {
  Str key = str_lower(p->cx->arena, id);
  size_t at = map_get(&p->seen, key);
  if (at != MAP_NONE) {
    fault(p, row, p->key, id, false, "it stands in row %zu already", p->seen_line.p[at]);
    return true;
  }
  map_put(&p->seen, key, p->seen_line.n);
  vec_add(p->cx->arena, &p->seen_line, p->t.line[row]);
  return false;
}

static Err stale(Planning *p, const RowWork *w, int64_t rev) {
  const Record *r = &w->before;
  if (rev > r->rev)
    fault(p, w->row, p->rev, w->id, true, "it has no revision %lld; the last is %lld", (long long)rev,
          (long long)r->rev);
  else
    fault(p, w->row, p->rev, w->id, true,
          "%.*s saved revision %lld on %.*s, your table has revision %lld. Export it again, "
          "or take this row out",
          STR(people_name(&p->own, p->s, r->changed_by)), (long long)r->rev,
          STR(time_minute(p->own.arena, r->changed_us)), (long long)rev);
  return E_OK;
}

/* The record that the row is about.  *go false: a fault was found. */
static Err open_row(Planning *p, RowWork *w, bool *go) {
  Str rev_text = str_trim(cell_at(p, w->row, p->rev));
  int64_t rev = 0;
  *go = false;
  if (w->id.n && twice(p, w->row, w->id)) return E_OK;
  Err e = w->id.n ? record_get(&p->own, p->s, w->id, 0, &w->before) : E_NOTFOUND;
  if (e != E_OK && e != E_NOTFOUND) return e;
  if (e == E_OK && !may_see(p->who, &w->before)) {
    fault(p, w->row, p->key, w->id, false, "There is no such record.");
    return E_OK;
  }
  w->is_new = e == E_NOTFOUND;
  *go = true;
  if (w->is_new && !rev_text.n) {
    cx_forgive(&p->own);
    return E_OK;
  }
  *go = false;
  if (w->is_new) fault(p, w->row, p->key, w->id, false, w->id.n ? "There is no such record." : "its id is missing");
  else if (w->before.type != p->plan->type)
    fault(p, w->row, p->key, w->id, false, "is a %s, and this is a table of %s", w->before.type->name,
          p->plan->type->plural);
  else if (!str_int(rev_text, &rev))
    fault(p, w->row, p->rev, w->id, false,
          "exists already; its revision must stand here, so that nothing is overwritten");
  else if (rev != w->before.rev) return stale(p, w, rev);
  else *go = true;
  cx_forgive(&p->own);
  return E_OK;
}

/* The key column; a new row of XLSX may want an id in the column that is seen. */
static Str row_id(const Planning *p, size_t row) {
  Str id = str_trim(cell_at(p, row, p->key));
  for (size_t c = 0; !id.n && c < p->columns.n; c++)
    if (p->columns.p[c].kind == COL_ID) id = str_trim(cell_at(p, row, p->at[c]));
  return id;
}

static Err plan_row(Planning *p, size_t row) {
  RowWork w = { .row = row };
  bool go = false;
  cx_reset(&p->own);
  p->own.now_us = p->cx->now_us;
  w.id = str_dup(p->own.arena, row_id(p, row));
  TRY(open_row(p, &w, &go));
  if (!go) return E_OK;
  size_t faults = p->plan->faults_all;
  w.input = buf_new(p->own.arena, 16 << 20);
  w.o = json_out(&w.input, false);
  json_object(&w.o);
  for (size_t c = 0; c < p->columns.n; c++) take_cell(p, &w, c);
  if (p->plan->faults_all != faults && !w.cells.n) return E_OK;
  return finish_row(p, &w);
}

/* ---- the whole ----------------------------------------------------------------------------------------- */

static Err plan_rows(Planning *p, Str type) {
  Str stated = STR_NONE;
  if (!p->t.nrows) return fail(p->cx, E_INVALID, "The table is empty. Nothing was imported");
  p->key = key_column(p, &stated);
  p->rev = column_named(p, S("Revision"));
  if (p->key == COLUMN_NONE)
    return fail(p->cx, E_INVALID,
                "The table has no column 'Id'. Nothing was imported. Export the list once to see the columns");
  TRY(find_type(p, type, stated));
  TRY(find_columns(p));
  TRY(table_people(p->cx, p->s, &p->people));
  p->plan->rows = p->t.nrows - 1;
  for (size_t r = 1; r < p->t.nrows; r++) {
    Err e = plan_row(p, r);
    if (e != E_OK) return fail(p->cx, e, "Row %zu: %.*s", p->t.line[r], STR(p->own.words));
  }
  return E_OK;
}

Err table_plan(Cx *cx, Store *s, const Who *who, Str bytes, Str file, Str type, TablePlan *out) {
  *out = (TablePlan){ .file = file, .sha256 = hash_hex(cx->arena, sha256(bytes)) };
  Planning p = { .cx = cx, .s = s, .who = who, .plan = out, .key = COLUMN_NONE, .rev = COLUMN_NONE };
  Err e = table_read(cx, bytes, &p.t);
  bool named_workbook = str_ends(str_lower(cx->arena, file), S(".xlsx"));
  if (named_workbook && !str_starts(bytes, S("PK")) && e != E_FORMAT) {   /* every workbook is a ZIP file */
    cx_forgive(cx);
    return fail(cx, E_FORMAT,
                "%.*s is not a workbook, though it is named .xlsx. Nothing was imported. Save it as XLSX, "
                "or name a CSV .csv",
                STR(file));
  }
  if (e != E_OK) {
    Str why = cx->words;
    cx_forgive(cx);
    if (why.n && why.p[why.n - 1] == '.') why.n--;
    return fail(cx, e, "%.*s: %.*s. Nothing was imported", STR(file), STR(why));
  }
  p.own = cx_new((size_t)256 << 20);
  p.seen = map_new(cx->arena, p.t.nrows + 8);
  e = plan_rows(&p, type);
  cx_free(&p.own);
  return e;
}
