/* Two people edited one record: what the second typed, what the first saved, field by field; nothing is lost. */
#include "app/page/conflict.h"
#include "conflict.html.h"

typedef struct Side { const char *name, *label; Str base, now, mine; } Side;

/* Lists are compared as lists: "a,b" and "a, b" say the same. */
static Str flat(Cx *cx, Str text, bool list, bool lines) {
  if (!list) return text;
  Buf b = buf_new(cx->arena, 1 << 20);
  for (Str one; text.n;) {
    if (lines) (void)str_line(&text, &one);
    else (void)str_cut(text, ',', &one, &text);
    if (!str_trim(one).n) continue;
    if (b.n) buf_z(&b, lines ? "\n" : ", ");
    buf_add(&b, str_trim(one));
  }
  return buf_str(&b);
}

static Str typed(Cx *cx, const Form *form, const char *name) {
  Buf b = buf_new(cx->arena, 32 << 20);
  for (size_t i = 0; i < form->n; i++) {
    if (!str_eq(form->field[i].name, str_of(name)) || !form->field[i].value.n) continue;
    Str v = form->field[i].value;
    if (b.n) buf_z(&b, ", ");
    for (size_t k = 0; k < v.n; k++) /* records keep LF alone */
      if (v.p[k] != '\r') buf_byte(&b, v.p[k]);
  }
  return buf_str(&b);
}

static Str products_text(Cx *cx, const Record *r) {
  Buf b = buf_new(cx->arena, 64 * 1024);
  for (size_t i = 0; i < r->products.n; i++) {
    if (i) buf_z(&b, ", ");
    buf_add(&b, r->products.p[i]);
  }
  return buf_str(&b);
}

static Side *sides_of(Cx *cx, const Record *base, const Record *now, const Form *mine, size_t *n) {
  const RecordType *t = now->type;
  Side *side = NEW_ARRAY(cx->arena, t->nfields + 3, Side);
  size_t k = 0;
  side[k++] = (Side){ "title", "Title", base->title, now->title, typed(cx, mine, "title") };
  side[k++] = (Side){ "products", "Devices", products_text(cx, base), products_text(cx, now),
                      flat(cx, typed(cx, mine, "products"), true, false) };
  side[k++] = (Side){ "owner", "Owner", base->owner, now->owner, typed(cx, mine, "owner") };
  for (size_t i = 0; i < t->nfields; i++) {
    const Field *f = &t->fields[i];
    bool list = f->kind == LINK || (f->flags & MANY), lines = list && f->kind == TEXT;
    side[k++] = (Side){ f->name, f->label, record_input_text(cx, f, &base->values[i]),
                        record_input_text(cx, f, &now->values[i]), flat(cx, typed(cx, mine, f->name), list, lines) };
  }
  *n = k;
  return side;
}

/* The form with the value of one field replaced. */
static void put_value(Cx *cx, const RecordType *t, Form *form, const char *name, Str value) {
  const Field *f = record_field(t, str_of(name), NULL);
  size_t n = 0;
  FormField *field = NEW_ARRAY(cx->arena, form->n + 1024, FormField);
  for (size_t i = 0; i < form->n; i++)
    if (!str_eq(form->field[i].name, str_of(name))) field[n++] = form->field[i];
  bool boxes = f && (f->kind == CHOICE || f->kind == PERSON) && (f->flags & MANY);
  for (Str one; boxes && value.n && n < form->n + 1000;) {
    (void)str_cut(value, ',', &one, &value);
    field[n++] = (FormField){ .name = str_of(name), .value = str_trim(one) };
  }
  if (!boxes) field[n++] = (FormField){ .name = str_of(name), .value = value };
  *form = (Form){ field, n };
}

static Str words_of(Cx *cx, Web *web, const Side *s, Str value, const RecordType *t) {
  const Field *f = record_field(t, str_of(s->name), NULL);
  return f && f->kind == CHOICE ? choice_words(cx->arena, value) : change_words_of(cx, web, t, s->name, value);
}

Err conflict_merge(Cx *cx, Web *web, const Record *base, const Record *now, Form *form, Html *out) {
  size_t n;
  Side *side = sides_of(cx, base, now, form, &n);
  ConflictPage page = { .who = person_name(cx, web, now->changed_by),
                        .when = time_minute(cx->arena, now->changed_us),
                        .rev = str_fmt(cx->arena, "%lld", (long long)now->rev),
                        .base = str_fmt(cx->arena, "%lld", (long long)base->rev),
                        .url = str_fmt(cx->arena, "/diff?from=%.*s@%lld&to=%.*s@%lld", STR(now->id),
                                       (long long)base->rev, STR(now->id), (long long)now->rev),
                        .both = NEW_ARRAY(cx->arena, n, ConflictBoth),
                        .taken = NEW_ARRAY(cx->arena, n, ConflictTaken),
                        .kept = NEW_ARRAY(cx->arena, n, ConflictKept) };
  for (size_t i = 0; i < n; i++) {
    const Side *s = &side[i];
    bool they = !str_eq(s->base, s->now), i_did = !str_eq(s->base, s->mine);
    if (they && i_did && !str_eq(s->now, s->mine)) {
      Str picked = form_get(form, str_z(cx->arena, str_fmt(cx->arena, "pick-%s", s->name)));
      page.both[page.both_n++] = (ConflictBoth){ .name = str_of(s->name),
                                                 .label = str_of(s->label),
                                                 .base = words_of(cx, web, s, s->base, now->type),
                                                 .now = words_of(cx, web, s, s->now, now->type),
                                                 .mine = words_of(cx, web, s, s->mine, now->type),
                                                 .theirs = str_eq(picked, S("now")) };
    } else if (they && !i_did) {
      put_value(cx, now->type, form, s->name, s->now);
      page.taken[page.taken_n++] = (ConflictTaken){ str_of(s->label), words_of(cx, web, s, s->now, now->type) };
    } else if (i_did && !they) {
      page.kept[page.kept_n++] = (ConflictKept){ str_of(s->label) };
    }
  }
  Buf b = buf_new(cx->arena, PAGE_MAX);
  conflict_html(&b, &page);
  *out = (Html){ buf_str(&b) };
  return E_OK;
}

void conflict_pick(Cx *cx, const Record *now, Form *form) {
  size_t n;
  Side *side = sides_of(cx, now, now, form, &n);
  for (size_t i = 0; i < n; i++) {
    Str picked = form_get(form, str_z(cx->arena, str_fmt(cx->arena, "pick-%s", side[i].name)));
    if (str_eq(picked, S("now"))) put_value(cx, now->type, form, side[i].name, side[i].now);
  }
}
