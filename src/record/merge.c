/* What people and programs send, merged into a record.  Every fault is a problem beside its field; nothing
 * is guessed, and an unknown name is refused so that a typo cannot vanish. */
#include "inside.h"
#include <string.h>

Look look_new(Cx *cx, Store *s, const Record *r) {
  return (
      Look){ .store = s, .self = r->id, .keep = cx->arena, .people = map_new(cx->arena, 8), .links = true };
}

Err look_up(Cx *cx, const Look *look, Str id, Known *out, bool *found) {
  if (look->batch) {
    size_t at = map_get(look->batch, str_lower(cx->arena, id));
    if (at != MAP_NONE) {
      *out = look->known[at];
      *found = true;
      return E_OK;
    }
  }
  Head h;
  TRY(head_find(cx, look->store, id, &h, found));
  if (*found) *out = (Known){ h.id, h.type, h.fingerprint };
  return E_OK;
}

/* ---- one text ----------------------------------------------------------------------------------------- */

/* Bytes are kept exactly as they came; only what no reader could show or store is refused. */
static bool text_ok(Cx *cx, Str name, Str s, int64_t most, bool one_line) {
  if (s.n > (size_t)most)
    problem(cx, name, "long", "is %zu bytes long; at most %lld fit", s.n, (long long)most);
  else if (!str_is_utf8(s)) problem(cx, name, "utf8", "is not UTF-8");
  else if (str_find_char(s, '\0') != SIZE_MAX) problem(cx, name, "nul", "holds a NUL character");
  else if (one_line && (str_find_char(s, '\n') != SIZE_MAX || str_find_char(s, '\r') != SIZE_MAX))
    problem(cx, name, "line", "must be one line");
  else return true;
  return false;
}

static int64_t text_most(const Field *f) {
  if (f->max > 0) return f->max;
  return f->kind == LONG ? LONG_BYTES : TEXT_BYTES;
}

static bool choice_ok(Cx *cx, const Field *f, Str s) {
  Buf all = buf_new(cx->arena, 64 << 10);
  Str names[64];
  size_t n = 0;
  for (; f->choices[n]; n++) {
    Str c = str_of(f->choices[n]);
    if (str_eq(c, s)) return true;
    if (n < COUNT(names)) names[n] = c;
    buf_fmt(&all, "%s%s", n ? ", " : "", c.p);
  }
  Str near = str_nearest(s, names, n < COUNT(names) ? n : COUNT(names));
  problem(cx, str_of(f->name), "choice", "'%.*s' is not one of: %.*s%s%.*s", STR(str_slice(s, 0, 64)),
          STR(buf_str(&all)), near.n ? "; the nearest is " : "", STR(near));
  return false;
}

/* An id or a login; the id is kept.  Known ones are asked for once. */
static Err person_find(Cx *cx, Look *look, Str name, Str text, Str *id, bool *ok) {
  size_t at = map_get(&look->people, text);
  *ok = true;
  if (at != MAP_NONE) {
    *id = look->person.p[at];
    return E_OK;
  }
  Cx probe = { .arena = cx->arena, .now_us = cx->now_us };
  Who who;
  Err e = text.n <= 128 ? people_who(&probe, look->store, text, &who) : E_NOTFOUND;
  if (e == E_NOTFOUND && text.n <= 128) {
    cx_forgive(&probe);
    e = people_who_login(&probe, look->store, text, &who);
  }
  if (e == E_NOTFOUND) {
    problem(cx, name, "person", "there is no person '%.*s'; give a user id such as U000001 or a login",
            STR(str_slice(text, 0, 64)));
    *ok = false;
    return E_OK;
  }
  if (e != E_OK) return fail(cx, e, "%.*s", STR(probe.words));
  *id = str_dup(look->keep, who.id);
  map_put(&look->people, str_dup(look->keep, text), look->person.n);
  vec_add(look->keep, &look->person, *id);
  return E_OK;
}

static Err text_value(Cx *cx, Look *look, const Field *f, Str s, Str *out, bool *ok) {
  *out = s;
  if (f->kind == PERSON) return person_find(cx, look, str_of(f->name), s, out, ok);
  *ok = f->kind == CHOICE ? choice_ok(cx, f, s)
                          : text_ok(cx, str_of(f->name), s, text_most(f), f->kind == TEXT);
  return E_OK;
}

/* ---- one value ---------------------------------------------------------------------------------------- */

static void int_value(Cx *cx, const Field *f, JVal *j, Value *v) {
  const int64_t exact = INT64_C(1) << 53;   /* what canonical JSON can hold */
  int64_t least = f->max > f->min ? f->min : -exact, most = f->max > f->min ? f->max : exact;
  v->set = yyjson_is_int(j) || (yyjson_is_str(j) && str_int(str_trim(json_str(j)), &v->i));
  if (!v->set) { problem(cx, str_of(f->name), "kind", "must be a whole number"); return; }
  if (yyjson_is_int(j)) v->i = yyjson_get_sint(j);
  bool huge = yyjson_is_uint(j) && yyjson_get_uint(j) > INT64_MAX;
  if (huge || v->i < least || v->i > most)
    problem(cx, str_of(f->name), "range", "must be %lld to %lld", (long long)least, (long long)most);
}

static void bool_value(Cx *cx, const Field *f, JVal *j, Value *v) {
  static const struct {
    const char *word;
    int64_t is;
  } words[] = { { "true", 1 },  { "yes", 1 }, { "on", 1 },  { "1", 1 },
                { "false", 0 }, { "no", 0 },  { "off", 0 }, { "0", 0 } };
  v->set = true;
  if (yyjson_is_bool(j)) { v->i = yyjson_get_bool(j); return; }
  for (size_t i = 0; yyjson_is_str(j) && i < COUNT(words); i++)
    if (str_eq(json_str(j), str_of(words[i].word))) { v->i = words[i].is; return; }
  problem(cx, str_of(f->name), "kind", "must be true or false");
}

static void date_value(Cx *cx, const Field *f, JVal *j, Value *v) {
  int32_t days = 0;
  v->s = json_str(j);
  v->set = date_parse(v->s, &days);
  v->i = days;
  if (!v->set) problem(cx, str_of(f->name), "date", "must be a date of the calendar such as 2026-11-22");
}

static Err one_value(Cx *cx, Look *look, const Field *f, JVal *j, Value *v) {
  if (f->kind == INT) int_value(cx, f, j, v);
  else if (f->kind == BOOL) bool_value(cx, f, j, v);
  else if (f->kind == DATE) date_value(cx, f, j, v);
  else if (!yyjson_is_str(j)) problem(cx, str_of(f->name), "kind", "must be a text");
  else return text_value(cx, look, f, json_str(j), &v->s, &v->set);
  return E_OK;
}

/* A list comes as an array, or from a form as one text: TEXT a line each, everything else separated by
 * commas. */
typedef VEC(Str) Items;
static bool items_read(Cx *cx, Str name, JVal *j, bool lines, Items *out) {
  if (yyjson_is_str(j)) {
    Str rest = json_str(j), item;
    while (rest.n) {
      str_cut(rest, lines ? '\n' : ',', &item, &rest);
      if (str_trim(item).n) vec_add(cx->arena, out, str_trim(item));
    }
  } else if (yyjson_is_arr(j)) {
    JSON_EACH(e, j) {
      Str item = yyjson_is_obj(e) ? json_text(e, "to") : json_str(e);
      if (!item.p) { problem(cx, name, "kind", "must be a list of texts"); return false; }
      if (item.n) vec_add(cx->arena, out, item);
    }
  } else {
    problem(cx, name, "kind", "must be a list of texts");
    return false;
  }
  if (out->n > LIST_ITEMS) problem(cx, name, "long", "has %zu items; at most %d fit", out->n, LIST_ITEMS);
  return out->n <= LIST_ITEMS;
}

static Err many_value(Cx *cx, Look *look, const Field *f, JVal *j, Value *v) {
  Items items = { 0 };
  if (!items_read(cx, str_of(f->name), j, f->kind == TEXT, &items)) return E_OK;
  for (size_t i = 0; i < items.n; i++) {
    Str s;
    bool ok = true;
    TRY(text_value(cx, look, f, items.p[i], &s, &ok));
    for (size_t k = 0; ok && f->kind != TEXT && k < v->list.n; k++) ok = !str_eq(v->list.p[k], s);
    if (ok) vec_add(cx->arena, &v->list, s);
  }
  v->set = v->list.n > 0;
  return E_OK;
}

/* ---- links -------------------------------------------------------------------------------------------- */

static bool target_ok(const Field *f, const RecordType *t) {
  Str rest = str_of(f->to), word;
  while (rest.n) {
    str_cut(rest, ' ', &word, &rest);
    if (str_eq(word, S("*")) || str_eq(word, str_of(t->name))) return true;
  }
  return false;
}

static Err target_unknown(Cx *cx, const Look *look, Str field, Str id) {
  Cx probe = { .arena = cx->arena };
  Err e = id_not_found(&probe, look->store, id);
  if (e != E_NOTFOUND) return fail(cx, e, "%.*s", STR(probe.words));
  problem(cx, field, "link", "%.*s", STR(probe.words));
  return E_OK;
}

Err link_new(Cx *cx, const Look *look, const Field *f, Str to, Link *out, bool *ok) {
  Str name = str_of(f->name);
  Known known;
  *ok = !look->links;
  *out = (Link){ to, S(""), S("") };
  if (*ok) return E_OK;
  TRY(look_up(cx, look, to, &known, ok));
  if (!*ok) return target_unknown(cx, look, name, to);
  *ok = false;
  if (str_eq_nocase(to, look->self)) problem(cx, name, "link", "a record cannot be linked to itself");
  else if (!target_ok(f, known.type))
    problem(cx, name, "link", "%.*s is a %s; this link leads to: %s", STR(known.id), known.type->name, f->to);
  else {
    *ok = true;
    *out = (Link){ str_dup(cx->arena, known.id), str_dup(cx->arena, known.fingerprint), S("") };
  }
  return E_OK;
}

static const Link *link_known(const Value *v, Str to) {
  for (size_t i = 0; i < v->links.n; i++)
    if (str_eq_nocase(v->links.p[i].to, to)) return &v->links.p[i];
  return NULL;
}

/* Links that were there keep the fingerprints with which they were accepted. */
static Err link_value(Cx *cx, const Look *look, const Field *f, JVal *j, const Value *old, Value *v) {
  Items items = { 0 };
  if (!items_read(cx, str_of(f->name), j, false, &items)) return E_OK;
  for (size_t i = 0; i < items.n; i++) {
    Link l;
    bool ok = true;
    if (link_known(v, items.p[i])) continue;
    const Link *known = link_known(old, items.p[i]);
    if (known) l = *known;
    else TRY(link_new(cx, look, f, items.p[i], &l, &ok));
    if (ok) vec_add(cx->arena, &v->links, l);
  }
  if (v->links.n > 1 && !(f->flags & MANY))
    problem(cx, str_of(f->name), "many", "takes one record, not %zu", v->links.n);
  v->set = v->links.n > 0;
  return E_OK;
}

static Err products_value(Cx *cx, const Look *look, JVal *j, Record *r) {
  Items items = { 0 };
  const RecordType *t = record_type(PRODUCT_TYPE);
  static const Field field = { .name = "products", .kind = LINK, .flags = MANY, .to = "product" };
  static const Field any = { .name = "products", .kind = LINK, .flags = MANY, .to = "*" };
  if (!yyjson_is_null(j) && !items_read(cx, S("products"), j, false, &items)) return E_OK;
  r->products.p = NULL;   /* never into the array that another copy of the record holds */
  r->products.n = r->products.cap = 0;
  for (size_t i = 0; i < items.n; i++) {
    Link l;
    bool ok;
    TRY(link_new(cx, look, t ? &field : &any, items.p[i], &l, &ok));
    for (size_t k = 0; ok && k < r->products.n; k++) ok = !str_eq(r->products.p[k], l.to);
    if (ok) vec_add(cx->arena, &r->products, l.to);
  }
  return E_OK;
}

/* ---- the whole ---------------------------------------------------------------------------------------- */

static Err field_merge(Cx *cx, Look *look, const Field *f, JVal *j, Value *at) {
  Value v = { 0 };
  bool clear = yyjson_is_null(j) || (yyjson_is_str(j) && !yyjson_get_len(j));
  if (clear) { *at = v; return E_OK; }
  if (f->kind == LINK) TRY(link_value(cx, look, f, j, at, &v));
  else if (f->flags & MANY) TRY(many_value(cx, look, f, j, &v));
  else TRY(one_value(cx, look, f, j, &v));
  *at = v;
  return E_OK;
}

static Err head_merge(Cx *cx, Look *look, Str name, JVal *j, Record *r) {
  bool ok;
  if (str_eq(name, S("products"))) return products_value(cx, look, j, r);
  Str s = yyjson_is_null(j) ? S("") : json_str(j);
  if (!s.p) problem(cx, name, "kind", "must be a text");
  else if (str_eq(name, S("title"))) {
    if (text_ok(cx, name, s, TITLE_BYTES, true)) r->title = s;
  } else if (!s.n) r->owner = S("");
  else return person_find(cx, look, name, s, &r->owner, &ok);
  return E_OK;
}

static void unknown_field(Cx *cx, const RecordType *t, Str name) {
  Str *names = NEW_ARRAY(cx->arena, t->nfields + 3, Str);
  size_t n = 0;
  Buf all = buf_new(cx->arena, 64 << 10);
  names[n++] = S("title");
  names[n++] = S("owner");
  names[n++] = S("products");
  for (size_t i = 0; i < t->nfields; i++) names[n++] = str_of(t->fields[i].name);
  for (size_t i = 0; i < n; i++) buf_fmt(&all, "%s%.*s", i ? ", " : "", STR(names[i]));
  Str near = str_nearest(name, names, n);
  problem(cx, str_slice(name, 0, 64), "unknown", "%s has no such field%s%.*s; its fields are: %.*s", t->name,
          near.n ? "; the nearest is " : "", STR(near), STR(buf_str(&all)));
}

Err merge_input(Cx *cx, Look *look, JVal *input, Record *r) {
  if (!yyjson_is_obj(input)) {
    problem(cx, S("input"), "kind", "must be an object of fields");
    return E_OK;
  }
  JSON_MEMBERS(k, j, input) {
    size_t at;
    Str name = json_str(k);
    const Field *f = record_field(r->type, name, &at);
    if (cx->problems.n >= PROBLEMS_MOST) return E_OK;
    if (f && (f->flags & MADE)) {
      if (!made_untouched(f, &r->values[at], j))
        problem(cx, name, "made", "is worked out by the program and cannot be typed in");
    } else if (f) TRY(field_merge(cx, look, f, j, &r->values[at]));
    else if (str_eq(name, S("title")) || str_eq(name, S("owner")) || str_eq(name, S("products")))
      TRY(head_merge(cx, look, name, j, r));
    else unknown_field(cx, r->type, name);
  }
  return E_OK;
}

void merge_required(Cx *cx, const Record *r) {
  if (!str_trim(r->title).n) problem(cx, S("title"), "required", "is needed");
  for (size_t i = 0; i < r->type->nfields; i++) {
    const Field *f = &r->type->fields[i];
    const Value *v = &r->values[i];
    bool blank = !v->set || ((f->kind == TEXT || f->kind == LONG) && !(f->flags & MANY) && !str_trim(v->s).n);
    bool said = false;
    for (size_t k = 0; blank && k < cx->problems.n; k++)
      said = said || str_eq(cx->problems.p[k].field, str_of(f->name));
    if (blank && !said && (f->flags & REQUIRED))
      problem(cx, str_of(f->name), "required", "is needed: %s", f->label);
  }
}

Err record_merge(Cx *cx, Store *s, JVal *input, Record *r) {
  Look look = look_new(cx, s, r);
  TRY(merge_input(cx, &look, input, r));
  merge_required(cx, r);
  if (!cx->problems.n && r->type->check) TRY(r->type->check(cx, r));
  return problems_fail(cx);
}
