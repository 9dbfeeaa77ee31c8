/* Every field of a type: valid values, wrong ones, what is refused and how. */
#include "life.h"
#include <string.h>

/* ---- valid values ------------------------------------------------------------------------------------- */

static const LifeSample *sample_of(const Walk *w, const RecordType *t, const char *field) {
  static const LifeSample left_out = { NULL, NULL, NULL };
  const Field *f = record_field(t, str_of(field), NULL);
  if (f && (f->flags & MADE)) return &left_out;   /* no input can give it */
  for (size_t i = 0; i < w->nsamples; i++)
    if (!strcmp(w->samples[i].type, t->name) && !strcmp(w->samples[i].field, field)) return &w->samples[i];
  return NULL;
}

/* Base records: two of each type, "BASE-threat-1" and "-2" with hyphens for underscores. */
Str life_base_id(Arena *a, const char *type, int which) {
  return str_replace(a, str_fmt(a, "BASE-%.30s-%d", type, which), '_', '-');
}

Str life_target_id(Arena *a, const RecordType *t, const Field *f) {
  Str rest = str_of(f->to), word;
  str_cut(rest, ' ', &word, &rest);
  if (str_eq(word, str_of(t->name)) && rest.n) str_cut(rest, ' ', &word, &rest);
  if (str_eq(word, S("*"))) word = str_of(record_type_at(0)->name);
  return life_base_id(a, str_z(a, word), 2);
}

static int64_t most_bytes(const Field *f) {
  return f->max ? f->max : f->kind == TEXT ? TEXT_BYTES : LONG_BYTES;
}

static Str words_for(Cx *cx, const Field *f, const char *verb) {
  return str_slice(str_fmt(cx->arena, "The %s shall be %s", f->label, verb), 0, (size_t)most_bytes(f));
}

static void put_valid(Cx *cx, const Walk *w, const RecordType *t, const Field *f, JsonOut *o) {
  bool list = f->flags & MANY;
  if (list) json_array(o);
  if (f->kind == TEXT || f->kind == LONG) json_put_str(o, words_for(cx, f, "shown"));
  else if (f->kind == CHOICE) json_put_str(o, str_of(f->choices[0]));
  else if (f->kind == INT) json_put_int(o, f->max > f->min ? f->min : 1);
  else if (f->kind == DATE) json_put_str(o, S("2026-11-22"));
  else if (f->kind == BOOL) json_put_bool(o, true);
  else if (f->kind == PERSON) json_put_str(o, w->cast->second);
  else json_put_str(o, life_target_id(cx->arena, t, f));
  if (list) json_array_end(o);
}

void life_put_input(Cx *cx, const Walk *w, const RecordType *t, int which, JsonOut *o) {
  json_object(o);
  json_pair(o, "title", str_fmt(cx->arena, "%s %d", t->title, which));
  for (size_t i = 0; i < t->nfields; i++) {
    const Field *f = &t->fields[i];
    const LifeSample *sample = sample_of(w, t, f->name);
    bool own =
        f->kind == LINK && which == 2 && str_eq(life_target_id(cx->arena, t, f), life_base_id(cx->arena, t->name, 2));
    if ((sample && !sample->json) || own) continue;   /* a record is not linked to itself */
    json_key(o, f->name);
    if (sample) json_put_raw(o, str_of(sample->json));
    else put_valid(cx, w, t, f, o);
  }
  json_object_end(o);
}

Err life_load_bases(Cx *cx, Walk *w) {
  Buf b = buf_new(cx->arena, ARGS_BYTES);
  JsonOut o = json_out(&b, false);
  JVal *result;
  json_object(&o);
  json_key(&o, "rows");
  json_array(&o);
  for (size_t i = 0; record_type_at(i); i++)
    for (int which = 1; which <= 2; which++) {
      const RecordType *t = record_type_at(i);
      json_object(&o);
      json_pair(&o, "id", life_base_id(cx->arena, t->name, which));
      json_pair(&o, "type", str_of(t->name));
      json_key(&o, "input");
      life_put_input(cx, w, t, which, &o);
      json_object_end(&o);
    }
  json_array_end(&o);
  json_object_end(&o);
  return record_try(cx, w->s, "record.load", w->cast->author, S(""), buf_str(&b), &result);
}

/* ---- expecting ---------------------------------------------------------------------------------------- */

Err life_wrong(Cx *cx, const Walk *w, const char *what, const char *why) {
  Str words = str_dup(cx->arena, cx->words);
  cx_forgive(cx);
  return fail(cx, E_BUG, "%s, %s: %s (%.*s)", w->type->name, what, why, STR(words));
}

Err life_expect(Cx *cx, Walk *w, Err got, Err want, const char *what) {
  w->checks++;
  if (got != want)
    return life_wrong(cx, w, what, str_fmt(cx->arena, "expected %s, got %s", err_name(want), err_name(got)).p);
  cx_forgive(cx);
  return E_OK;
}

Err life_expect_problem(Cx *cx, Walk *w, Err got, const char *field, const char *what) {
  bool named = false;
  for (size_t i = 0; i < cx->problems.n; i++) named = named || str_eq(cx->problems.p[i].field, str_of(field));
  if (got == E_INVALID && !named)
    return life_wrong(cx, w, what, str_fmt(cx->arena, "no problem names %s", field).p);
  return life_expect(cx, w, got, E_INVALID, what);
}

/* ---- fields ------------------------------------------------------------------------------------------- */

Err life_save(Cx *cx, Walk *w, Str id, const char *field, Str json) {
  Head h;
  JVal *result;
  TRY(head_get(cx, w->s, id, &h));
  Str args = str_fmt(cx->arena, "{\"id\":\"%.*s\",\"base\":%lld,\"input\":{\"%s\":%.*s}}", STR(id),
                     (long long)h.rev, field, STR(json));
  return record_try(cx, w->s, "record.save", w->cast->author, S("Because the test says so"), args, &result);
}

/* A type that the link does not lead to, as a wrong target; NULL when it leads anywhere. */
static const RecordType *stranger(const Field *f) {
  for (size_t i = 0; record_type_at(i); i++) {
    Str rest = str_of(f->to), word;
    bool allowed = false;
    while (rest.n) {
      str_cut(rest, ' ', &word, &rest);
      allowed = allowed || str_eq(word, S("*")) || str_eq(word, str_of(record_type_at(i)->name));
    }
    if (!allowed) return record_type_at(i);
  }
  return NULL;
}

static Str wrong_value(Cx *cx, const Field *f) {
  static const char *const wrongs[] = { [TEXT] = "17",
                                        [LONG] = "false",
                                        [CHOICE] = "\"no_such_choice\"",
                                        [INT] = "\"many\"",
                                        [DATE] = "\"2026-02-30\"",
                                        [BOOL] = "\"perhaps\"",
                                        [PERSON] = "\"U999999\"",
                                        [LINK] = "[\"NOBODY-1\"]" };
  if ((f->flags & MANY) && f->kind == TEXT) return S("[17]");
  if ((f->flags & MANY) && f->kind != LINK) return str_fmt(cx->arena, "[%s]", wrongs[f->kind]);
  return str_of(wrongs[f->kind]);
}

static Err too_large(Cx *cx, Walk *w, Str id, const Field *f) {
  int64_t most = most_bytes(f);
  if (f->kind == INT && f->max > f->min)
    return life_expect_problem(cx, w,
                          life_save(cx, w, id, f->name, str_fmt(cx->arena, "%lld", (long long)f->max + 1)),
                          f->name, f->name);
  if (f->kind != TEXT && f->kind != LONG) return E_OK;
  Buf b = buf_new(cx->arena, ARGS_BYTES);
  buf_z(&b, f->flags & MANY ? "[\"" : "\"");
  for (int64_t i = 0; i <= most; i++) buf_byte(&b, 'x');
  buf_z(&b, f->flags & MANY ? "\"]" : "\"");
  return life_expect_problem(cx, w, life_save(cx, w, id, f->name, buf_str(&b)), f->name, f->name);
}

static Err wrong_values(Cx *cx, Walk *w, Str id, const Field *f) {
  TRY(life_expect_problem(cx, w, life_save(cx, w, id, f->name, wrong_value(cx, f)), f->name, f->name));
  TRY(too_large(cx, w, id, f));
  if (f->flags & REQUIRED)
    TRY(life_expect_problem(cx, w, life_save(cx, w, id, f->name, S("null")), f->name, f->name));
  const RecordType *other = f->kind == LINK ? stranger(f) : NULL;
  if (!other) return E_OK;
  Str target = str_fmt(cx->arena, "[\"%.*s\"]", STR(life_base_id(cx->arena, other->name, 1)));
  return life_expect_problem(cx, w, life_save(cx, w, id, f->name, target), f->name, f->name);
}

static Err valid_again(Cx *cx, Walk *w, Str id, const Field *f) {
  if (sample_of(w, w->type, f->name)) return E_OK;
  if ((f->kind == TEXT || f->kind == LONG) && !(f->flags & MANY)) {
    Str text = str_fmt(cx->arena, "\"%.*s\"", STR(words_for(cx, f, "changed")));
    TRY(life_expect(cx, w, life_save(cx, w, id, f->name, text), E_OK, f->name));
  }
  Buf b = buf_new(cx->arena, ARGS_BYTES);
  JsonOut o = json_out(&b, false);
  put_valid(cx, w, w->type, f, &o);
  return life_expect(cx, w, life_save(cx, w, id, f->name, buf_str(&b)), E_OK, f->name);
}

Err life_round_trip(Cx *cx, Walk *w, Str id) {
  Record r, again;
  Str body, second;
  TRY(record_get(cx, w->s, id, 0, &r));
  TRY(record_body(cx, &r, &body));
  TRY(record_parse(cx, body, &again));
  TRY(record_body(cx, &again, &second));
  w->checks++;
  if (!hash_eq(sha256(body), r.hash) || !str_eq(body, second))
    return life_wrong(cx, w, "body", "does not come back as it was");
  return E_OK;
}

Err life_fields(Cx *cx, Walk *w) {
  Str id = life_base_id(cx->arena, w->type->name, 1);
  TRY(life_expect_problem(cx, w, life_save(cx, w, id, "no_such_field", S("1")), "no_such_field", "unknown field"));
  TRY(life_expect_problem(cx, w, life_save(cx, w, id, "title", S("\"  \"")), "title", "blank title"));
  for (size_t i = 0; i < w->type->nfields; i++) {
    ArenaMark mark = arena_mark(cx->arena);
    TRY(valid_again(cx, w, id, &w->type->fields[i]));
    TRY(wrong_values(cx, w, id, &w->type->fields[i]));
    cx->problems = (Problems){ 0 };
    arena_release(cx->arena, mark);
  }
  return life_round_trip(cx, w, id);
}
