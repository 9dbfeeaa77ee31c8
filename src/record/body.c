/* A record and its canonical JSON body (RFC 8785).  Keys are written in their sorted order, so that nothing
 * has to be sorted afterwards; json_put_str() writes the canonical escapes. */
#include "inside.h"

Record record_blank(Arena *a, const RecordType *t) {
  return (Record){
    .type = t, .id = S(""), .title = S(""), .owner = S(""), .values = NEW_ARRAY(a, t->nfields + 1, Value)
  };
}

Record record_copy(Arena *a, const Record *r) {
  Record copy = *r;
  copy.values = NEW_ARRAY(a, r->type->nfields + 1, Value);
  for (size_t i = 0; i < r->type->nfields; i++) copy.values[i] = r->values[i];
  return copy;
}

/* ---- writing ------------------------------------------------------------------------------------------ */

static void put_value(JsonOut *o, const Field *f, const Value *v) {
  if (f->flags & MANY) {
    json_array(o);
    for (size_t i = 0; i < v->list.n; i++) json_put_str(o, v->list.p[i]);
    json_array_end(o);
  } else if (f->kind == INT) json_put_int(o, v->i);
  else if (f->kind == BOOL) json_put_bool(o, v->i != 0);
  else json_put_str(o, v->s);
}

static void put_fields(JsonOut *o, const Record *r, bool semantic) {
  const size_t *order = type_info(r->type)->by_name;
  json_key(o, "fields");
  json_object(o);
  for (size_t i = 0; i < r->type->nfields; i++) {
    const Field *f = &r->type->fields[order[i]];
    if (f->kind == LINK || !r->values[order[i]].set || (semantic && (f->flags & NOTE))) continue;
    json_key(o, f->name);
    put_value(o, f, &r->values[order[i]]);
  }
  json_object_end(o);
}

static void put_links(JsonOut *o, const Record *r) {
  const size_t *order = type_info(r->type)->by_name;
  json_key(o, "links");
  json_object(o);
  for (size_t i = 0; i < r->type->nfields; i++) {
    const Value *v = &r->values[order[i]];
    if (!v->links.n) continue;
    json_key(o, r->type->fields[order[i]].name);
    json_array(o);
    for (size_t k = 0; k < v->links.n; k++) {
      json_object(o);
      json_pair(o, "seen", v->links.p[k].seen.n ? v->links.p[k].seen : S(""));
      json_pair(o, "self", v->links.p[k].self.n ? v->links.p[k].self : S(""));
      json_pair(o, "to", v->links.p[k].to);
      json_object_end(o);
    }
    json_array_end(o);
  }
  json_object_end(o);
}

Err record_body(Cx *cx, const Record *r, Str *canonical) {
  Buf b = buf_new(cx->arena, BODY_BYTES);
  JsonOut o = json_out(&b, false);
  json_object(&o);
  put_fields(&o, r, false);
  files_write(&o, r);
  json_pair(&o, "id", r->id);
  put_links(&o, r);
  json_pair_int(&o, "model", MODEL);
  if (r->owner.n) json_pair(&o, "owner", r->owner);
  json_key(&o, "products");
  json_array(&o);
  for (size_t i = 0; i < r->products.n; i++) json_put_str(&o, r->products.p[i]);
  json_array_end(&o);
  json_pair_int(&o, "rev", r->rev);
  json_pair(&o, "title", r->title);
  json_pair(&o, "type", str_of(r->type->name));
  json_object_end(&o);
  if (b.over)
    return fail(cx, E_TOO_LARGE, "%.*s is larger than 16 MiB. Nothing was stored. Put long texts into files.",
                STR(r->id));
  *canonical = buf_str(&b);
  return E_OK;
}

Str record_fingerprint(Cx *cx, const Record *r) {
  Buf b = buf_new(cx->arena, BODY_BYTES);
  JsonOut o = json_out(&b, false);
  json_object(&o);
  put_fields(&o, r, true);
  files_write(&o, r);
  json_pair(&o, "title", r->title);
  json_object_end(&o);
  Hash h = sha256(buf_str(&b));
  return hex_text(cx->arena, str_slice(hash_bytes(&h), 0, 8));
}

/* ---- reading ------------------------------------------------------------------------------------------ */

static void read_list(Arena *a, JVal *array, Value *v) {
  JSON_EACH(item, array) vec_add(a, &v->list, json_str(item));
  v->set = v->list.n > 0;
}

/* Stored bodies were checked when they were written; what does not fit the model of today is left out. */
static void read_field(Arena *a, const Field *f, JVal *j, Value *v) {
  int32_t days = 0;
  if (!j) return;
  if (f->flags & MANY) { read_list(a, j, v); return; }
  if (f->kind == INT || f->kind == BOOL) {
    v->set = f->kind == INT ? yyjson_is_int(j) : yyjson_is_bool(j);
    v->i = f->kind == INT ? yyjson_get_sint(j) : yyjson_get_bool(j);
    return;
  }
  v->s = json_str(j);
  v->set = v->s.p != NULL && (f->kind != DATE || date_parse(v->s, &days));
  if (f->kind == DATE) v->i = days;
}

static void read_links(Arena *a, JVal *array, Value *v) {
  JSON_EACH(j, array) {
    Link l = { json_text(j, "to"), json_text(j, "seen"), json_text(j, "self") };
    vec_add(a, &v->links, l);
  }
  v->set = v->links.n > 0;
}

/* The body was written by us and its hash holds, so the limits are only those of memory. */
static const JsonLimits stored = { .max_bytes = BODY_BYTES, .max_depth = 16, .max_string_bytes = BODY_BYTES,
                                   .max_values = 1 << 20 };

Err record_parse(Cx *cx, Str body, Record *out) {
  JVal *root;
  TRY(json_read(cx, body, &stored, &root));
  const RecordType *t = record_type(json_text(root, "type"));
  if (!t)
    return fail(cx, E_INTEGRITY,
                "The revision of %.*s has the type '%.*s', which this program does not know.",
                STR(json_text(root, "id")), STR(json_text(root, "type")));
  Record r = record_blank(cx->arena, t);
  r.id = json_text(root, "id");
  r.title = json_text(root, "title");
  if (json_text(root, "owner").p) r.owner = json_text(root, "owner");
  r.rev = json_int(root, "rev", 0);
  JSON_EACH(p, json_get(root, "products")) vec_add(cx->arena, &r.products, json_str(p));
  files_read(cx->arena, root, &r);
  JVal *fields = json_get(root, "fields"), *links = json_get(root, "links");
  for (size_t i = 0; i < t->nfields; i++) {
    const Field *f = &t->fields[i];
    if (f->kind == LINK) read_links(cx->arena, json_get(links, f->name), &r.values[i]);
    else read_field(cx->arena, f, json_get(fields, f->name), &r.values[i]);
  }
  *out = r;
  return E_OK;
}
