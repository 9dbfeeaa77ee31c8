/* Walkers over any record: JSON, words for people, differences. */
#include "inside.h"
#include <ctype.h>

/* Written in capitals wherever they stand. */
static const char *const acronyms[] = { "api",  "capa",  "cisa", "cra", "cvd", "dfd",  "fda", "fsca",
                                        "gdpr", "hde",   "hipaa", "isao", "kev", "mdr", "nis2", "pma",
                                        "pms",  "psirt", "psur", "qa",  "sbom", "usb", "vex" };

static bool is_acronym(Str word) {
  for (size_t i = 0; i < COUNT(acronyms); i++)
    if (str_eq(word, str_of(acronyms[i]))) return true;
  return false;
}

Str choice_words(Arena *a, Str choice) {
  Str rest = choice, word;
  Buf b = buf_new(a, choice.n + 1);
  for (bool more = choice.n > 0; more;) {
    more = str_cut(rest, '_', &word, &rest);
    bool first = !b.n, capitals = is_acronym(word);
    if (!first) buf_byte(&b, ' ');
    for (size_t i = 0; i < word.n; i++)
      buf_byte(&b, capitals || (first && !i) ? (char)toupper((unsigned char)word.p[i]) : word.p[i]);
  }
  return buf_str(&b);
}

static Str item_text(Cx *cx, const Field *f, Str item) {
  return f->kind == CHOICE ? choice_words(cx->arena, item) : item;
}

Str value_text(Cx *cx, const Field *f, const Value *v) {
  if (!v->set) return S("");
  if (f->kind == INT) return str_fmt(cx->arena, "%lld", (long long)v->i);
  if (f->kind == BOOL) return v->i ? S("yes") : S("no");
  if (f->kind != LINK && !(f->flags & MANY)) return item_text(cx, f, v->s);
  Buf b = buf_new(cx->arena, BODY_BYTES);
  size_t n = f->kind == LINK ? v->links.n : v->list.n;
  for (size_t i = 0; i < n; i++) {
    if (i) buf_add(&b, S(", "));
    buf_add(&b, f->kind == LINK ? v->links.p[i].to : item_text(cx, f, v->list.p[i]));
  }
  return buf_str(&b);
}

/* ---- JSON --------------------------------------------------------------------------------------------- */

static void json_links(JsonOut *o, const Value *v) {
  json_array(o);
  for (size_t i = 0; i < v->links.n; i++) {
    const Link *l = &v->links.p[i];
    json_object(o);
    json_pair(o, "to", l->to);
    if (l->seen.n) json_pair(o, "seen", l->seen);
    if (l->self.n) json_pair(o, "self", l->self);
    json_object_end(o);
  }
  json_array_end(o);
}

static void json_value(JsonOut *o, const Field *f, const Value *v) {
  if (f->kind == INT) json_put_int(o, v->i);
  else if (f->kind == BOOL) json_put_bool(o, v->i != 0);
  else if (f->flags & MANY) {
    json_array(o);
    for (size_t i = 0; i < v->list.n; i++) json_put_str(o, v->list.p[i]);
    json_array_end(o);
  } else json_put_str(o, v->s);
}

static void json_values(JsonOut *o, const Record *r, bool links) {
  json_key(o, links ? "links" : "fields");
  json_object(o);
  for (size_t i = 0; i < r->type->nfields; i++) {
    const Field *f = &r->type->fields[i];
    if (!r->values[i].set || (f->kind == LINK) != links) continue;
    json_key(o, f->name);
    if (links) json_links(o, &r->values[i]);
    else json_value(o, f, &r->values[i]);
  }
  json_object_end(o);
}

static void json_time(Cx *cx, JsonOut *o, const char *key, int64_t us) {
  if (us) json_pair(o, key, time_text(cx->arena, us));
}

void record_json(Cx *cx, JsonOut *o, const Record *r, const Signatures *signatures) {
  json_object(o);
  json_pair(o, "id", r->id);
  json_pair(o, "type", str_of(r->type->name));
  json_pair_int(o, "revision", r->rev);
  json_pair(o, "state", r->state);
  json_pair(o, "title", r->title);
  json_pair(o, "hash", hash_hex(cx->arena, r->hash));
  json_pair(o, "owner", r->owner.n ? r->owner : STR_NONE);
  json_pair_int(o, "in_force_revision", r->in_force_rev);
  json_time(cx, o, "created", r->created_us);
  json_time(cx, o, "changed", r->changed_us);
  if (r->changed_by.n) json_pair(o, "changed_by", r->changed_by);
  json_key(o, "products");
  json_array(o);
  for (size_t i = 0; i < r->products.n; i++) json_put_str(o, r->products.p[i]);
  json_array_end(o);
  json_values(o, r, false);
  json_values(o, r, true);
  files_write(o, r);
  if (signatures) {
    json_key(o, "signatures");
    signatures_json(cx, o, signatures);
  }
  json_object_end(o);
}

/* ---- differences -------------------------------------------------------------------------------------- */

typedef VEC(FieldChange) Changes;

static void change(Cx *cx, Changes *c, const char *name, const char *label, Str before, Str after) {
  FieldChange ch = { name, label, before, after };
  if (!str_eq(before, after)) vec_add(cx->arena, c, ch);
}

static Str products_text(Cx *cx, const Record *r) {
  static const Field products = { .name = "products", .kind = TEXT, .flags = MANY };
  Value v = { .set = r->products.n > 0, .list = { r->products.p, r->products.n, r->products.n } };
  return value_text(cx, &products, &v);
}

Err record_diff(Cx *cx, const Record *a, const Record *b, FieldChange **out, size_t *n) {
  Changes c = { 0 };
  if (a->type != b->type)
    return fail(cx, E_BUG, "A %s cannot be compared with a %s.", a->type->name, b->type->name);
  change(cx, &c, "title", "Title", a->title, b->title);
  change(cx, &c, "owner", "Owner", a->owner, b->owner);
  change(cx, &c, "products", "Products", products_text(cx, a), products_text(cx, b));
  for (size_t i = 0; i < a->type->nfields; i++) {
    const Field *f = &a->type->fields[i];
    change(cx, &c, f->name, f->label, value_text(cx, f, &a->values[i]), value_text(cx, f, &b->values[i]));
  }
  change(cx, &c, "files", "Files", files_text(cx, a), files_text(cx, b));
  *out = c.p;
  *n = c.n;
  return E_OK;
}
