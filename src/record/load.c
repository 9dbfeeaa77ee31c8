/* record.load: many new records, all or nothing.  Two passes, so that rows may link to rows that come later:
 * the first gives every row its id and fingerprint (fingerprints leave links out), the second resolves links
 * and writes. */
#include "inside.h"

enum { LOAD_KEEP_BYTES = 256 << 20 };

typedef struct Load {
  Write w;
  Arena *keep;              /* what outlives one row: ids, fingerprints, people */
  JVal **row;
  Known *known;
  size_t n;
  Map batch;
  Numbers numbers;
  Look look;
  const RecordType *ok_type;   /* type and products for which the actor was authorised last */
  Str ok_products;
} Load;

static Err rows_find(Cx *cx, Call *call, JVal **out) {
  static const JsonLimits limits = { .max_bytes = 512u << 20, .max_depth = 16, .max_string_bytes = LONG_BYTES,
                                     .max_values = 64 << 20 };
  JVal *rows = json_get(call->args, "rows");
  if (!rows && call->payload.n) TRY(json_read(cx, call->payload, &limits, &rows));
  if (!yyjson_is_arr(rows)) problem(cx, S("rows"), "missing", "is needed: a list of { id, type, input }");
  TRY(problems_fail(cx));
  *out = rows;
  return E_OK;
}

/* Problems from `first` on belong to row i: "rows[3].stride". */
static void problems_place(Cx *cx, size_t first, size_t i) {
  for (; first < cx->problems.n; first++) {
    Problem *p = &cx->problems.p[first];
    p->field = str_fmt(cx->arena, "rows[%zu].%.*s", i, STR(p->field));
  }
}

static void row_check(Cx *cx, JVal *row) {
  if (!yyjson_is_obj(row)) { problem(cx, S("row"), "kind", "must be an object"); return; }
  JSON_MEMBERS(k, v, row) {
    Str name = json_str(k);
    bool text = str_eq(name, S("id")) || str_eq(name, S("type"));
    if (!text && !str_eq(name, S("input"))) problem(cx, name, "unknown", "a row has id, type and input only");
    else if (text && !yyjson_is_str(v)) problem(cx, name, "kind", "must be a text");
  }
}

static Err row_record(Cx *cx, Load *l, size_t i, Record *r) {
  *r = record_blank(cx->arena, l->known[i].type);
  r->id = l->known[i].id;
  if (!str_eq(l->w.call->actor, PERSON_SYSTEM)) r->owner = l->w.call->actor;
  l->look.self = r->id;
  return merge_input(cx, &l->look, json_get(l->row[i], "input"), r);
}

/* ---- pass one ----------------------------------------------------------------------------------------- */

static Err row_name(Cx *cx, Load *l, size_t i) {
  row_check(cx, l->row[i]);
  if (cx->problems.n) return E_OK;
  Str name = json_text(l->row[i], "type"), id;
  const RecordType *t = record_type(name);
  if (!t) {
    Str near = type_nearest(cx->arena, name);
    problem(cx, S("type"), "unknown", "there is no record type '%.*s'%s%.*s", STR(str_slice(name, 0, 64)),
            near.n ? "; the nearest is " : "", STR(near));
    return E_OK;
  }
  TRY(id_new(cx, l->w.call->store, &l->numbers, t, json_text(l->row[i], "id"), &id));
  if (cx->problems.n) return E_OK;
  Str key = str_lower(l->keep, id);
  if (map_get(&l->batch, key) != MAP_NONE) problem(cx, S("id"), "taken", "%.*s stands twice", STR(id));
  map_put(&l->batch, key, i);
  l->known[i] = (Known){ str_dup(l->keep, id), t, STR_NONE };
  return E_OK;
}

static Err row_prepare(Cx *cx, Load *l, size_t i) {
  Record r;
  TRY(row_name(cx, l, i));
  if (cx->problems.n) return E_OK;
  TRY(row_record(cx, l, i, &r));
  merge_required(cx, &r);
  l->known[i].fingerprint = str_dup(l->keep, record_fingerprint(cx, &r));
  return E_OK;
}

/* ---- pass two ----------------------------------------------------------------------------------------- */

static Err row_allowed(Cx *cx, Load *l, const Record *r) {
  Buf b = buf_new(cx->arena, 1 << 20);
  for (size_t i = 0; i < r->products.n; i++) buf_fmt(&b, "%.*s,", STR(r->products.p[i]));
  bool own_product = !r->products.n && str_eq(str_of(r->type->name), PRODUCT_TYPE);
  if (r->type == l->ok_type && str_eq(buf_str(&b), l->ok_products) && !own_product) return E_OK;
  TRY(edit_allowed(cx, &l->w.who, r));
  l->ok_type = r->type;
  l->ok_products = str_dup(l->keep, buf_str(&b));
  return E_OK;
}

static Err row_write(Cx *cx, Load *l, size_t i) {
  Record r;
  Head h;
  TRY(row_record(cx, l, i, &r));
  if (!cx->problems.n && r.type->check) TRY(r.type->check(cx, &r));
  if (cx->problems.n) return E_OK;
  TRY(row_allowed(cx, l, &r));
  return write_revision(cx, &l->w, &r, NULL, NULL, &h);
}

/* Each row's memory is given back, unless problems are held in it. */
static Err each_row(Cx *cx, Load *l, Err (*work)(Cx *cx, Load *l, size_t i)) {
  for (size_t i = 0; i < l->n && cx->problems.n < PROBLEMS_MOST; i++) {
    ArenaMark mark = arena_mark(cx->arena);
    Problems before = cx->problems;
    cx->problems = (Problems){ 0 };
    TRY(work(cx, l, i));
    problems_place(cx, 0, i);
    if (!cx->problems.n) {
      arena_release(cx->arena, mark);
      cx->problems = before;
      continue;
    }
    Problems these = cx->problems;
    cx->problems = before;
    for (size_t k = 0; k < these.n; k++) vec_add(cx->arena, &cx->problems, these.p[k]);
  }
  return problems_fail(cx);
}

static Err load_all(Cx *cx, Load *l, JVal *rows) {
  l->n = yyjson_arr_size(rows);
  l->row = NEW_ARRAY(cx->arena, l->n + 1, JVal *);
  l->known = NEW_ARRAY(cx->arena, l->n + 1, Known);
  l->batch = map_new(l->keep, l->n);
  l->numbers = numbers_new(cx->arena);
  size_t i = 0;
  JSON_EACH(row, rows) l->row[i++] = row;
  l->look = (Look){ .store = l->w.call->store, .batch = &l->batch, .known = l->known, .keep = l->keep,
                    .people = map_new(l->keep, 64) };
  TRY(each_row(cx, l, row_prepare));
  l->look.links = true;
  TRY(each_row(cx, l, row_write));
  TRY(numbers_keep(cx, l->w.call->store, &l->numbers));
  JsonOut *o = l->w.call->result;
  json_pair_int(o, "count", (int64_t)l->n);
  json_key(o, "ids");
  json_array(o);
  for (i = 0; i < l->n; i++) json_put_str(o, l->known[i].id);
  json_array_end(o);
  return E_OK;
}

Err record_load(Cx *cx, Call *call) {
  Load l = { 0 };
  JVal *rows;
  AUTO(Cx) keep = cx_new(LOAD_KEEP_BYTES);
  l.keep = keep.arena;
  TRY(write_open(cx, call, "record.new", &l.w));
  TRY(rows_find(cx, call, &rows));
  return load_all(cx, &l, rows);
}
