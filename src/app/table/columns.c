/* The columns of a type and what stands in their cells. */
#include "app/table/table.h"

static void add(Cx *cx, TableColumns *c, TableColumnKind kind, size_t field, Str label) {
  for (size_t i = 0; i < c->n && kind == COL_FIELD; i++)
    if (str_eq_nocase(c->p[i].label, label)) label = str_fmt(cx->arena, "%.*s (field)", STR(label));
  c->p[c->n++] = (TableColumn){ kind, field, label };
}

TableColumns table_columns(Cx *cx, const RecordType *t, bool xlsx) {
  TableColumns c = { .p = NEW_ARRAY(cx->arena, (t ? t->nfields : 0) + 8, TableColumn) };
  if (xlsx) add(cx, &c, COL_KEY, 0, t ? str_fmt(cx->arena, "Record: %s", t->name) : S("Record"));
  else add(cx, &c, COL_KEY, 0, S("Id"));
  add(cx, &c, COL_REV, 0, S("Revision"));
  if (xlsx) add(cx, &c, COL_ID, 0, S("Id"));
  if (!t) add(cx, &c, COL_TYPE, 0, S("Type"));
  add(cx, &c, COL_TITLE, 0, S("Title"));
  add(cx, &c, COL_STATE, 0, S("State"));
  add(cx, &c, COL_OWNER, 0, S("Owner"));
  add(cx, &c, COL_DEVICES, 0, S("Devices"));
  for (size_t i = 0; t && i < t->nfields; i++) add(cx, &c, COL_FIELD, i, str_of(t->fields[i].label));
  return c;
}

Err table_people(Cx *cx, Store *s, TablePeople *out) {
  TRY(people_list(cx, s, &out->all));
  out->by_id = map_new(cx->arena, out->all.n + 8);
  for (size_t i = 0; i < out->all.n; i++) map_put(&out->by_id, out->all.p[i].id, i);
  return E_OK;
}

static Str login_of(const TablePeople *people, Str id) {
  size_t at = id.n ? map_get(&people->by_id, id) : MAP_NONE;
  return at == MAP_NONE ? id : people->all.p[at].login;
}

static Str joined(Cx *cx, const TablePeople *people, const Field *f, const Value *v) {
  Buf b = buf_new(cx->arena, 16 << 20);
  size_t n = f->kind == LINK ? v->links.n : v->list.n;
  for (size_t i = 0; i < n; i++) {
    if (i) buf_z(&b, f->kind == TEXT ? "\n" : ", ");
    if (f->kind == LINK) buf_add(&b, v->links.p[i].to);
    else if (f->kind == CHOICE) buf_add(&b, choice_words(cx->arena, v->list.p[i]));
    else buf_add(&b, f->kind == PERSON ? login_of(people, v->list.p[i]) : v->list.p[i]);
  }
  return buf_str(&b);
}

static Str field_text(Cx *cx, const TablePeople *people, const Field *f, const Value *v) {
  if (!v->set) return S("");
  if (f->kind == LINK || (f->flags & MANY)) return joined(cx, people, f, v);
  if (f->kind == CHOICE) return choice_words(cx->arena, v->s);
  if (f->kind == PERSON) return login_of(people, v->s);
  if (f->kind == INT) return str_fmt(cx->arena, "%lld", (long long)v->i);
  if (f->kind == BOOL) return v->i ? S("Yes") : S("No");
  return v->s;
}

static Str devices_text(Cx *cx, const Record *r) {
  Buf b = buf_new(cx->arena, 1 << 20);
  for (size_t i = 0; i < r->products.n; i++) buf_fmt(&b, "%s%.*s", i ? ", " : "", STR(r->products.p[i]));
  return buf_str(&b);
}

Str table_text(Cx *cx, const TablePeople *people, const Record *r, const TableColumn *c) {
  switch (c->kind) {
  case COL_KEY:
  case COL_ID: return r->id;
  case COL_REV: return str_fmt(cx->arena, "%lld", (long long)r->rev);
  case COL_TYPE: return str_of(r->type->title);
  case COL_TITLE: return r->title;
  case COL_STATE: return choice_words(cx->arena, r->state);
  case COL_OWNER: return login_of(people, r->owner);
  case COL_DEVICES: return devices_text(cx, r);
  case COL_FIELD: return field_text(cx, people, &r->type->fields[c->field], &r->values[c->field]);
  }
  return S("");
}
