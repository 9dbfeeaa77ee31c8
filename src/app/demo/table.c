/* Rows of the sample's tables, and one row as the input of record.new. */
#include "app/demo/demo.h"

/* ---- reading the tables -------------------------------------------------------------------------------- */

Err demo_table(Demo *d, const char *name, Str **head, size_t *nhead, CsvRow **rows, size_t *n) {
  Cx *cx = d->cx;
  const DataFile *f = data_find(str_fmt(cx->arena, "sorrel/%s", name));
  if (!f) return fail(cx, E_BUG, "the sample has no file %s", name);
  Str rest = data_text(f);
  VEC(CsvRow) all = { 0 };
  size_t line = 1;
  for (bool got = true; got;) {
    CsvRow row = { 0 };
    TRY(csv_read(cx, &rest, &line, &row, &got));
    if (got && row.n && !(row.n == 1 && !row.cell[0].n)) vec_add(cx->arena, &all, row);
  }
  if (!all.n) return fail(cx, E_BUG, "the sample's file %s is empty", name);
  *head = all.p[0].cell;
  *nhead = all.p[0].n;
  *rows = all.p + 1;
  *n = all.n - 1;
  return E_OK;
}

Str demo_cell(Str *head, size_t nhead, const CsvRow *row, const char *name) {
  for (size_t i = 0; i < nhead && i < row->n; i++)
    if (str_eq(head[i], str_of(name))) return str_trim(row->cell[i]);
  return STR_NONE;
}

Str row_cell(const Row *r, const char *name) { return demo_cell(r->head, r->nhead, &r->cells, name); }

Err demo_person(Demo *d, Str login, Str *id) {
  if (str_eq(login, S("system"))) {
    *id = login;
    return E_OK;
  }
  size_t at = map_get(&d->person, login);
  if (at == MAP_NONE) return fail(d->cx, E_BUG, "the sample names %.*s, who is not in people.csv", STR(login));
  *id = d->ids.p[at];
  return E_OK;
}

/* "@-61d" and "@+41d" count from today; anything else stands. */
Str demo_date(Demo *d, Str text) {
  int64_t days;
  if (!text.n || text.p[0] != '@') return text;
  Str number = str_slice(text, text.n > 1 && text.p[1] == '+' ? 2 : 1, text.n - 1);
  if (!str_int(number, &days)) return text;
  return date_text(d->cx->arena, date_of(d->today_us) + (int32_t)days);
}

/* ---- one row as the input of record.new ---------------------------------------------------------------- */

static bool is_header(Str name) {
  static const char *const header[] = { "id", "when", "steps", "step_reason" };
  for (size_t i = 0; i < COUNT(header); i++)
    if (str_eq(name, str_of(header[i]))) return true;
  return false;
}

/* Whether the target will exist when r is created: it was visited before. */
static bool exists_before(const Demo *d, Str target) {
  size_t at = map_get(&d->row_of, target);
  return at != MAP_NONE && d->rows.p[at].mark == 2;
}

/* Links to what does not exist yet are kept in *late, "name target", for record.link. */
static void put_links(Demo *d, JsonOut *o, Str text, const char *link, Strs *late) {
  Str one;
  json_array(o);
  while (text.n) {
    (void)str_cut(text, ' ', &one, &text);
    if (!one.n) continue;
    if (!link || exists_before(d, one)) json_put_str(o, one);
    else vec_add(d->cx->arena, late, str_fmt(d->cx->arena, "%s %.*s", link, STR(one)));
  }
  json_array_end(o);
}

static Err put_people(Demo *d, JsonOut *o, Str text, bool many) {
  Str one, id;
  if (!many) {
    TRY(demo_person(d, text, &id));
    json_put_str(o, id);
    return E_OK;
  }
  json_array(o);
  while (text.n) {
    (void)str_cut(text, ' ', &one, &text);
    if (!one.n || str_eq(one, S("|"))) continue;
    TRY(demo_person(d, one, &id));
    json_put_str(o, id);
  }
  json_array_end(o);
  return E_OK;
}

static void put_many(Demo *d, JsonOut *o, const Field *f, Str text) {
  (void)d;
  json_array(o);
  while (text.n) {
    size_t bar = str_find(text, S(" | "));
    Str one = str_trim(str_slice(text, 0, bar == SIZE_MAX ? text.n : bar));
    text = bar == SIZE_MAX ? STR_NONE : str_slice(text, bar + 3, text.n);
    if (one.n && f->kind != INT) json_put_str(o, one);
  }
  json_array_end(o);
}

static Err put_value(Demo *d, const Row *r, const Field *f, Str text, JsonOut *o, Strs *late) {
  int64_t number;
  json_key(o, f->name);
  if (f->kind == LINK) put_links(d, o, text, f->name, late);
  else if (f->kind == PERSON) return put_people(d, o, text, (f->flags & MANY) != 0);
  else if (f->flags & MANY) put_many(d, o, f, text);
  else if (f->kind == DATE) json_put_str(o, demo_date(d, text));
  else if (f->kind == BOOL) json_put_bool(o, str_eq(text, S("yes")));
  else if (f->kind == INT && str_int(text, &number)) json_put_int(o, number);
  else json_put_str(o, text);
  (void)r;
  return E_OK;
}

Err demo_row_args(Demo *d, const Row *r, Str *args, Strs *late) {
  Cx *cx = d->cx;
  Buf b = buf_new(cx->arena, 1 << 20);
  JsonOut o = json_out(&b, false);
  Str owner;
  json_object(&o);
  json_pair(&o, "type", str_of(r->type->name));
  if (r->id.n) json_pair(&o, "id", r->id);
  json_key(&o, "input");
  json_object(&o);
  json_pair(&o, "title", row_cell(r, "title"));
  TRY(demo_person(d, row_cell(r, "owner"), &owner));
  json_pair(&o, "owner", owner);
  json_key(&o, "products");
  put_links(d, &o, row_cell(r, "products"), NULL, NULL);
  for (size_t i = 0; i < r->nhead; i++) {
    Str name = r->head[i], text = i < r->cells.n ? str_trim(r->cells.cell[i]) : STR_NONE;
    if (!text.n || is_header(name) || str_eq(name, S("title")) || str_eq(name, S("owner")) ||
        str_eq(name, S("products")))
      continue;
    const Field *f = record_field(r->type, name, NULL);
    if (!f) return fail(cx, E_BUG, "%.*s: the type %s has no field %.*s", STR(r->file), r->type->name, STR(name));
    TRY(put_value(d, r, f, text, &o, late));
  }
  json_object_end(&o);
  json_object_end(&o);
  *args = buf_str(&b);
  return E_OK;
}
