#define _XOPEN_SOURCE 700      /* nftw */
#include "comply/sample.h"
#include <ftw.h>
#include <stdio.h>

#define X(name) extern const RecordType record_##name;
SAMPLE_TYPES
#undef X
#define X(name) &record_##name,
static const RecordType *const types[] = { SAMPLE_TYPES };
#undef X

Err sample_types_set(Cx *cx) { return record_types_set(cx, types, COUNT(types)); }

/* "@-58d" is 58 days before now. */
static bool read_date(Cx *cx, Str text, int64_t *day) {
  int32_t d;
  if (str_starts(text, S("@")) && str_ends(text, S("d"))) {
    Str n = str_slice(text, 1, text.n - 1);
    if (str_starts(n, S("+"))) n = str_slice(n, 1, n.n);
    if (!str_int(n, day)) return false;
    *day += date_of(cx->now_us);
    return true;
  }
  if (!date_parse(text, &d)) return false;
  *day = d;
  return true;
}

static void read_many(Cx *cx, Str text, Value *v) {
  for (size_t at; text.n; ) {
    at = str_find(text, S(" | "));
    Str one = at == SIZE_MAX ? text : str_slice(text, 0, at);
    text = at == SIZE_MAX ? STR_NONE : str_slice(text, at + 3, text.n);
    vec_add(cx->arena, &v->list, str_trim(one));
  }
}

static Err read_cell(Cx *cx, const Field *f, Str text, Value *v) {
  v->set = true;
  if (f->kind == LINK) {
    for (Str one; text.n;) {
      str_cut(text, ' ', &one, &text);
      if (one.n) vec_add(cx->arena, &v->links, (Link){ one, STR_NONE, STR_NONE });
    }
    return E_OK;
  }
  if (f->flags & MANY) {
    if (f->kind == PERSON) {
      for (Str one; text.n;) {
        str_cut(text, ' ', &one, &text);
        vec_add(cx->arena, &v->list, one);
      }
    } else read_many(cx, text, v);
    return E_OK;
  }
  v->s = text;
  if (f->kind == BOOL) v->i = str_eq(text, S("yes"));
  if (f->kind == INT && !str_int(text, &v->i)) return fail(cx, E_INVALID, "%s: %.*s", f->name, STR(text));
  if (f->kind == DATE) {
    if (!read_date(cx, text, &v->i)) return fail(cx, E_INVALID, "%s: %.*s", f->name, STR(text));
    v->s = date_text(cx->arena, (int32_t)v->i);
  }
  return E_OK;
}

/* "submit:ines@3 approve:tomas@2": the state that the last step leads to. */
static Err walk_steps(Cx *cx, Str steps, Record *r) {
  r->state = str_of(r->type->life->states[0].name);
  for (Str one, name, before = S(""); steps.n;) {
    str_cut(steps, ' ', &one, &steps);
    str_cut(one, ':', &name, &one);
    if (!name.n) continue;
    const Step *step = life_step(r->type->life, name, r->state);
    if (!step && str_eq(name, before)) continue;   /* another signature of a step that needs several */
    before = name;
    if (!step)
      return fail(cx, E_INVALID, "%.*s: no step %.*s from %.*s", STR(r->id), STR(name), STR(r->state));
    r->state = str_of(step->to);
  }
  return E_OK;
}

static Err read_row(Cx *cx, const RecordType *type, const CsvRow *head, const CsvRow *row, Record *out) {
  Record r = { .type = type,
               .rev = 1,
               .owner = S("U000001"),
               .values = NEW_ARRAY(cx->arena, type->nfields + 1, Value),
               .created_us = cx->now_us,
               .changed_us = cx->now_us };
  Str steps = STR_NONE;
  int64_t when;
  for (size_t i = 0; i < head->n && i < row->n; i++) {
    Str name = head->cell[i], text = row->cell[i];
    size_t at;
    if (str_eq(name, S("id"))) r.id = text;
    else if (str_eq(name, S("title"))) r.title = text;
    else if (str_eq(name, S("steps"))) steps = text;
    else if (str_eq(name, S("when")) && str_int(text, &when)) r.created_us -= when * US_PER_DAY;
    else if (str_eq(name, S("products"))) {
      for (Str one; text.n;) {
        str_cut(text, ' ', &one, &text);
        vec_add(cx->arena, &r.products, one);
      }
    } else if (text.n && record_field(type, name, &at))
      TRY(read_cell(cx, &type->fields[at], text, &r.values[at]));
  }
  r.changed_us = r.created_us;
  TRY(walk_steps(cx, steps, &r));
  *out = r;
  return E_OK;
}

static Err read_csv(Cx *cx, const char *folder, Str file, const RecordType *type, Records *out) {
  Str text;
  CsvRow head, row;
  size_t line = 0;
  bool got;
  TRY(file_read(cx, str_z(cx->arena, str_fmt(cx->arena, "%s/%.*s", folder, STR(file))), 4 << 20, &text));
  TRY(csv_read(cx, &text, &line, &head, &got));
  for (;;) {
    TRY(csv_read(cx, &text, &line, &row, &got));
    if (!got) return E_OK;
    Record r;
    TRY(read_row(cx, type, &head, &row, &r));
    vec_add(cx->arena, out, r);
  }
}

Err sample_read(Cx *cx, const char *folder, Records *out) {
  Str list;
  TRY(file_read(cx, str_z(cx->arena, str_fmt(cx->arena, "%s/load.txt", folder)), 1 << 16, &list));
  for (Str line, file; str_line(&list, &line);) {
    if (!line.n || line.p[0] == '#') continue;
    str_cut(line, ' ', &file, &line);
    const RecordType *type = record_type(str_trim(line));
    if (!type) return fail(cx, E_INVALID, "load.txt: no type %.*s", STR(line));
    TRY(read_csv(cx, folder, file, type, out));
  }
  return E_OK;
}

static Str copy_id(Cx *cx, Str id, size_t k) { return str_fmt(cx->arena, "%.*s-X%zu", STR(id), k); }

void sample_copy(Cx *cx, const Records *from, size_t k, Records *out) {
  for (size_t i = 0; i < from->n; i++) {
    Record r = from->p[i];
    r.id = copy_id(cx, r.id, k);
    Record *to = vec_push(cx->arena, out);
    r.values = NEW_ARRAY(cx->arena, r.type->nfields + 1, Value);
    for (size_t f = 0; f < r.type->nfields; f++) {
      r.values[f] = from->p[i].values[f];
      const Value *old = &from->p[i].values[f];
      if (!old->links.n) continue;
      r.values[f] = (Value){ .set = true };
      for (size_t l = 0; l < old->links.n; l++)
        vec_add(cx->arena, &r.values[f].links,
                (Link){ copy_id(cx, old->links.p[l].to, k), STR_NONE, STR_NONE });
    }
    r.products.p = NULL, r.products.n = r.products.cap = 0;
    for (size_t p = 0; p < from->p[i].products.n; p++)
      vec_add(cx->arena, &r.products, copy_id(cx, from->p[i].products.p[p], k));
    *to = r;
  }
}

static int remove_one(const char *path, const struct stat *st, int kind, struct FTW *at) {
  (void)st, (void)kind, (void)at;
  return remove(path);
}

void sample_folder_remove(const char *folder) { (void)nftw(folder, remove_one, 8, FTW_DEPTH | FTW_PHYS); }
