/* The life of every record type, walked once: what makes a new type safe to add without a test of its own. */
#include "inside.h"
#include <string.h>

enum { ARGS_BYTES = 64 << 20, RESULT_BYTES = 64 << 20 };

/* ---- one command, as the writer runs it --------------------------------------------------------------- */

static const Command *command_named(const char *name) {
  for (size_t i = 0; i < nrecord_commands; i++)
    if (!strcmp(record_commands[i].name, name)) return &record_commands[i];
  for (size_t i = 0; i < people_ncommands; i++)
    if (!strcmp(people_commands[i]->name, name)) return people_commands[i];
  return NULL;
}

static Err run_saved(Cx *cx, Call *call) {
  TRY(store_savepoint(cx, call->store));
  Err e = call->command->run(cx, call);
  if (e == E_OK) return store_release(cx, call->store);
  store_undo(call->store);
  return e;
}

Err record_try_as(Cx *cx, Store *s, const char *command, Str actor, Str auth, Str source, Str reason, Str args_json,
                  JVal **result) {
  Buf b = buf_new(cx->arena, RESULT_BYTES);
  JsonOut o = json_out(&b, false);
  Call call = { .store = s,
                .command = command_named(command),
                .actor = actor,
                .auth = auth,
                .source = source,
                .request = S("0123456789abcdef"),
                .reason = reason,
                .result = &o };
  if (!call.command) return fail(cx, E_BUG, "there is no command %s", command);
  TRY(json_read(cx, args_json, &JSON_DOCUMENT, &call.args));
  cx->now_us = clock_now_us();
  TRY(ledger_clock(cx, s, &call.now_us));
  json_object(&o);
  TRY(run_saved(cx, &call));
  json_object_end(&o);
  return json_read(cx, buf_str(&b), &JSON_DOCUMENT, result);
}

Err record_try(Cx *cx, Store *s, const char *command, Str actor, Str reason, Str args_json, JVal **result) {
  return record_try_as(cx, s, command, actor, S("demo"), S("demo"), reason, args_json, result);
}

/* ---- people ------------------------------------------------------------------------------------------- */

static Err person_add(Cx *cx, Store *s, Roles roles, const char *login, Str *id) {
  Buf words = buf_new(cx->arena, 1024);
  JVal *result;
  for (size_t i = 0; i < ROLE_COUNT; i++)
    if (roles & (1u << i)) buf_fmt(&words, "%s%s", words.n ? " " : "", people_roles[i].word);
  TRY(record_try(cx, s, "user.add", PERSON_SYSTEM, S("A person for a test"),
                 str_fmt(cx->arena, "{\"login\":\"%s\",\"name\":\"Test %s\",\"roles\":\"%.*s\"}", login,
                         login, STR(buf_str(&words))),
                 &result));
  *id = json_text(result, "person");
  if (!id->n) *id = json_text(result, "id");
  return id->n ? E_OK : fail(cx, E_BUG, "user.add gave no id");
}

static Err duties_give(Cx *cx, Store *s, Str person) {
  JVal *result;
  for (size_t i = 0; i < people_nduties; i++)
    TRY(record_try(cx, s, "duty.set", PERSON_SYSTEM, S("A duty for a test"),
                   str_fmt(cx->arena, "{\"person\":\"%.*s\",\"duty\":\"%s\"}", STR(person), people_duties[i].word),
                   &result));
  return E_OK;
}

Err record_life_cast(Cx *cx, Store *s, LifeCast *out) {
  for (size_t i = 0; i < ROLE_COUNT; i++)
    TRY(person_add(cx, s, 1u << i, str_fmt(cx->arena, "only-%s", people_roles[i].word).p, &out->only[i]));
  TRY(person_add(cx, s, ROLES_READ, "author", &out->author));
  TRY(person_add(cx, s, ROLES_READ, "second", &out->second));
  TRY(person_add(cx, s, ROLES_READ, "third", &out->third));
  const Str all[] = { out->author, out->second, out->third };
  for (size_t i = 0; i < COUNT(all); i++) TRY(duties_give(cx, s, all[i]));
  return E_OK;
}

/* ---- valid values ------------------------------------------------------------------------------------- */

typedef struct Walk {
  Store *s;
  const LifeCast *cast;
  const LifeSample *samples;
  size_t nsamples;
  const RecordType *type;
  int64_t checks;
} Walk;

static const LifeSample *sample_of(const Walk *w, const RecordType *t, const char *field) {
  static const LifeSample left_out = { NULL, NULL, NULL };
  const Field *f = record_field(t, str_of(field), NULL);
  if (f && (f->flags & MADE)) return &left_out;   /* no input can give it */
  for (size_t i = 0; i < w->nsamples; i++)
    if (!strcmp(w->samples[i].type, t->name) && !strcmp(w->samples[i].field, field)) return &w->samples[i];
  return NULL;
}

/* Base records: two of each type, "BASE-threat-1" and "-2" with hyphens for underscores. */
static Str base_id(Arena *a, const char *type, int which) {
  return str_replace(a, str_fmt(a, "BASE-%.30s-%d", type, which), '_', '-');
}

/* A target of an allowed type that is neither the record itself nor, where there is a choice, of its own
 * type. */
static Str target_id(Arena *a, const RecordType *t, const Field *f) {
  Str rest = str_of(f->to), word;
  str_cut(rest, ' ', &word, &rest);
  if (str_eq(word, str_of(t->name)) && rest.n) str_cut(rest, ' ', &word, &rest);
  if (str_eq(word, S("*"))) word = str_of(record_type_at(0)->name);
  return base_id(a, str_z(a, word), 2);
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
  else json_put_str(o, target_id(cx->arena, t, f));
  if (list) json_array_end(o);
}

/* An input with a valid value for every field. */
static void put_input(Cx *cx, const Walk *w, const RecordType *t, int which, JsonOut *o) {
  json_object(o);
  json_pair(o, "title", str_fmt(cx->arena, "%s %d", t->title, which));
  for (size_t i = 0; i < t->nfields; i++) {
    const Field *f = &t->fields[i];
    const LifeSample *sample = sample_of(w, t, f->name);
    bool own =
        f->kind == LINK && which == 2 && str_eq(target_id(cx->arena, t, f), base_id(cx->arena, t->name, 2));
    if ((sample && !sample->json) || own) continue;   /* a record is not linked to itself */
    json_key(o, f->name);
    if (sample) json_put_raw(o, str_of(sample->json));
    else put_valid(cx, w, t, f, o);
  }
  json_object_end(o);
}

static Err load_bases(Cx *cx, Walk *w) {
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
      json_pair(&o, "id", base_id(cx->arena, t->name, which));
      json_pair(&o, "type", str_of(t->name));
      json_key(&o, "input");
      put_input(cx, w, t, which, &o);
      json_object_end(&o);
    }
  json_array_end(&o);
  json_object_end(&o);
  return record_try(cx, w->s, "record.load", w->cast->author, S(""), buf_str(&b), &result);
}

/* ---- expecting ---------------------------------------------------------------------------------------- */

static Err wrong(Cx *cx, const Walk *w, const char *what, const char *why) {
  Str words = str_dup(cx->arena, cx->words);
  cx_forgive(cx);
  return fail(cx, E_BUG, "%s, %s: %s (%.*s)", w->type->name, what, why, STR(words));
}

static Err expect(Cx *cx, Walk *w, Err got, Err want, const char *what) {
  w->checks++;
  if (got != want)
    return wrong(cx, w, what, str_fmt(cx->arena, "expected %s, got %s", err_name(want), err_name(got)).p);
  cx_forgive(cx);
  return E_OK;
}

/* Refused, and the problem names the field. */
static Err expect_problem(Cx *cx, Walk *w, Err got, const char *field, const char *what) {
  bool named = false;
  for (size_t i = 0; i < cx->problems.n; i++) named = named || str_eq(cx->problems.p[i].field, str_of(field));
  if (got == E_INVALID && !named)
    return wrong(cx, w, what, str_fmt(cx->arena, "no problem names %s", field).p);
  return expect(cx, w, got, E_INVALID, what);
}

/* ---- fields ------------------------------------------------------------------------------------------- */

static Err save_one(Cx *cx, Walk *w, Str id, const char *field, Str json) {
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
    return expect_problem(cx, w,
                          save_one(cx, w, id, f->name, str_fmt(cx->arena, "%lld", (long long)f->max + 1)),
                          f->name, f->name);
  if (f->kind != TEXT && f->kind != LONG) return E_OK;
  Buf b = buf_new(cx->arena, ARGS_BYTES);
  buf_z(&b, f->flags & MANY ? "[\"" : "\"");
  for (int64_t i = 0; i <= most; i++) buf_byte(&b, 'x');
  buf_z(&b, f->flags & MANY ? "\"]" : "\"");
  return expect_problem(cx, w, save_one(cx, w, id, f->name, buf_str(&b)), f->name, f->name);
}

static Err wrong_values(Cx *cx, Walk *w, Str id, const Field *f) {
  TRY(expect_problem(cx, w, save_one(cx, w, id, f->name, wrong_value(cx, f)), f->name, f->name));
  TRY(too_large(cx, w, id, f));
  if (f->flags & REQUIRED)
    TRY(expect_problem(cx, w, save_one(cx, w, id, f->name, S("null")), f->name, f->name));
  const RecordType *other = f->kind == LINK ? stranger(f) : NULL;
  if (!other) return E_OK;
  Str target = str_fmt(cx->arena, "[\"%.*s\"]", STR(base_id(cx->arena, other->name, 1)));
  return expect_problem(cx, w, save_one(cx, w, id, f->name, target), f->name, f->name);
}

static Err valid_again(Cx *cx, Walk *w, Str id, const Field *f) {
  if (sample_of(w, w->type, f->name)) return E_OK;
  if ((f->kind == TEXT || f->kind == LONG) && !(f->flags & MANY)) {
    Str text = str_fmt(cx->arena, "\"%.*s\"", STR(words_for(cx, f, "changed")));
    TRY(expect(cx, w, save_one(cx, w, id, f->name, text), E_OK, f->name));
  }
  Buf b = buf_new(cx->arena, ARGS_BYTES);
  JsonOut o = json_out(&b, false);
  put_valid(cx, w, w->type, f, &o);
  return expect(cx, w, save_one(cx, w, id, f->name, buf_str(&b)), E_OK, f->name);
}

static Err round_trip(Cx *cx, Walk *w, Str id) {
  Record r, again;
  Str body, second;
  TRY(record_get(cx, w->s, id, 0, &r));
  TRY(record_body(cx, &r, &body));
  TRY(record_parse(cx, body, &again));
  TRY(record_body(cx, &again, &second));
  w->checks++;
  if (!hash_eq(sha256(body), r.hash) || !str_eq(body, second))
    return wrong(cx, w, "body", "does not come back as it was");
  return E_OK;
}

static Err walk_fields(Cx *cx, Walk *w) {
  Str id = base_id(cx->arena, w->type->name, 1);
  TRY(expect_problem(cx, w, save_one(cx, w, id, "no_such_field", S("1")), "no_such_field", "unknown field"));
  TRY(expect_problem(cx, w, save_one(cx, w, id, "title", S("\"  \"")), "title", "blank title"));
  for (size_t i = 0; i < w->type->nfields; i++) {
    ArenaMark mark = arena_mark(cx->arena);
    TRY(valid_again(cx, w, id, &w->type->fields[i]));
    TRY(wrong_values(cx, w, id, &w->type->fields[i]));
    cx->problems = (Problems){ 0 };
    arena_release(cx->arena, mark);
  }
  return round_trip(cx, w, id);
}

/* ---- steps -------------------------------------------------------------------------------------------- */

static Err take_once(Cx *cx, Walk *w, Str id, const char *step, Str actor, bool reason) {
  Head h;
  JVal *result;
  TRY(head_get(cx, w->s, id, &h));
  Str args =
      str_fmt(cx->arena, "{\"id\":\"%.*s\",\"base\":%lld,\"step\":\"%s\"}", STR(id), (long long)h.rev, step);
  Str why = reason ? S("Because the test says so") : S("short");
  return record_try(cx, w->s, "record.step", actor, why, args, &result);
}

/* The author signs before the second person does. */
static bool author_first(const RecordType *t, const Step *s) {
  return (s->flags & STEP_SECOND) && seat_of_kind(t, s, S(AUTHORED));
}

static Err take(Cx *cx, Walk *w, Str id, const char *step, Str actor, bool reason) {
  Head h;
  TRY(head_get(cx, w->s, id, &h));
  const Step *s = life_step(h.type->life, str_of(step), h.state);
  TRY(take_once(cx, w, id, step, actor, reason));
  if (!s || seats_of(h.type, s) < 2) return E_OK;
  return take_once(cx, w, id, step, author_first(h.type, s) ? w->cast->second : w->cast->third, reason);
}

/* "*" is tried from the first state. */
static const State *starts_at(const Lifecycle *l, const Step *s) {
  return s->from[0] == '*' ? l->states : life_state(l, str_of(s->from));
}

/* Steps from the first state to `to`, the last first; false when no steps lead there. */
static bool path_to(const Lifecycle *l, const char *to, const Step **path, size_t *n) {
  const Step *came[64] = { 0 };
  bool seen[64] = { true };
  for (bool moved = true; moved;) {
    moved = false;
    for (size_t i = 0; i < l->nsteps; i++) {
      const State *from = starts_at(l, &l->steps[i]), *at = life_state(l, str_of(l->steps[i].to));
      if (!seen[from - l->states] || seen[at - l->states]) continue;
      seen[at - l->states] = moved = true;
      came[at - l->states] = &l->steps[i];
    }
  }
  *n = 0;
  const State *at = life_state(l, str_of(to));
  for (; came[at - l->states]; at = starts_at(l, path[*n - 1])) path[(*n)++] = came[at - l->states];
  return at == l->states;
}

static Str second_for(const Walk *w, const RecordType *t, const Step *s) {
  return (s->flags & STEP_SECOND) && !author_first(t, s) ? w->cast->second : w->cast->author;
}

static Err fresh(Cx *cx, Walk *w, Str *id) {
  Buf b = buf_new(cx->arena, ARGS_BYTES);
  JsonOut o = json_out(&b, false);
  JVal *result;
  json_object(&o);
  json_pair(&o, "type", str_of(w->type->name));
  json_key(&o, "input");
  put_input(cx, w, w->type, 3, &o);
  json_object_end(&o);
  TRY(expect(cx, w, record_try(cx, w->s, "record.new", w->cast->author, S(""), buf_str(&b), &result), E_OK,
             "record.new"));
  *id = json_text(result, "id");
  return E_OK;
}

/* ---- what guards ask for ------------------------------------------------------------------------------ */

static Err take_path(Cx *cx, Walk *w, const RecordType *t, Str id, bool (*there)(const State *st)) {
  for (size_t moves = 0; moves < 16; moves++) {
    Head h;
    TRY(head_get(cx, w->s, id, &h));
    if (there(life_state(t->life, h.state))) return E_OK;
    bool moved = false;
    for (size_t i = 0; !moved && i < t->life->nsteps; i++) {
      const Step *s = &t->life->steps[i];
      const State *to = life_state(t->life, str_of(s->to));
      if (life_step(t->life, str_of(s->name), h.state) != s || to == t->life->states) continue;
      if ((to->flags & ST_CLOSED) && !(to->flags & ST_ACCEPTED)) continue;
      moved = take(cx, w, id, s->name, second_for(w, t, s), true) == E_OK;
      cx_forgive(cx);
    }
    if (!moved) return fail(cx, E_BUG, "%.*s cannot be accepted from %.*s", STR(id), STR(h.state));
  }
  return E_OK;
}

static bool is_accepted(const State *st) { return st->flags & ST_ACCEPTED; }

/* A record of the first type that holds the link, which points to id; accepted when that is asked for. */
static Err linked_here(Cx *cx, Walk *w, const char *link, Str id, Str is) {
  for (size_t i = 0; record_type_at(i); i++) {
    const RecordType *t = record_type_at(i), *was = w->type;
    const Field *f = record_field(t, str_of(link), NULL);
    bool accepted = str_starts(is, S("accepted"));
    bool fits = f && f->kind == LINK && (!accepted || is.n == 8 || str_find(is, str_of(t->name)) != SIZE_MAX);
    Str rest = fits ? str_of(f->to) : S(""), word;
    for (fits = false; rest.n;) {
      str_cut(rest, ' ', &word, &rest);
      fits = fits || str_eq(word, S("*")) || str_eq(word, str_of(was->name));
    }
    if (!fits) continue;
    Str made;
    w->type = t;
    Err e = fresh(cx, w, &made);
    if (e == E_OK) e = save_one(cx, w, made, link, str_fmt(cx->arena, "[\"%.*s\"]", STR(id)));
    if (e == E_OK && accepted) e = take_path(cx, w, t, made, is_accepted);
    w->type = was;
    return e;
  }
  return fail(cx, E_BUG, "no type links %s to a %s", link, w->type->name);
}

static Err satisfy(Cx *cx, Walk *w, const Guard *g, Str id) {
  bool inverse = false, accepted = str_starts(str_of(g->is), S("accepted"));
  Str word, rest;
  if (g->kind == GUARD_FIELD && g->is) {
    size_t at;
    const Field *f = record_field(w->type, str_of(g->name), &at);
    str_cut(str_of(g->is), ' ', &word, &rest);
    Str json = str_fmt(cx->arena, f->flags & MANY ? "[\"%.*s\"]" : "\"%.*s\"", STR(word));
    if (f->kind == BOOL) json = str_eq(word, S("yes")) ? S("true") : S("false");
    return save_one(cx, w, id, g->name, json);
  }
  if (g->kind != GUARD_LINK) return E_OK;
  str_cut(str_of(g->name), ' ', &word, &rest);
  const LinkName *l = link_name(word, &inverse);
  if (inverse) return linked_here(cx, w, l->name, id, str_of(g->is));
  const Field *f = accepted ? record_field(w->type, word, NULL) : NULL;
  if (!f) return E_OK;
  Str target = target_id(cx->arena, w->type, f);
  Head h;
  TRY(head_get(cx, w->s, target, &h));
  return take_path(cx, w, h.type, target, is_accepted);
}

/* Makes true what stands before the step, as a person would; then takes it. */
static Err prepare(Cx *cx, Walk *w, Str id, const Step *s) {
  const Lifecycle *l = w->type->life;
  for (size_t i = 0; i < l->nguards + w->type->nguards; i++) {
    const Guard *g = i < l->nguards ? &l->guards[i] : &w->type->guards[i - l->nguards];
    if (!guard_at(g, s)) continue;
    Err e = satisfy(cx, w, g, id);
    if (e != E_OK) return wrong(cx, w, s->name, g->words);
  }
  return E_OK;
}

static Err walk_step(Cx *cx, Walk *w, const Step *s) {
  const Step *path[64];
  const char *from = starts_at(w->type->life, s)->name;
  size_t n;
  Str id;
  if (!path_to(w->type->life, from, path, &n)) return wrong(cx, w, s->from, "no steps lead to this state");
  TRY(fresh(cx, w, &id));
  while (n--) {
    TRY(prepare(cx, w, id, path[n]));
    TRY(expect(cx, w, take(cx, w, id, path[n]->name, second_for(w, w->type, path[n]), true), E_OK, path[n]->name));
  }
  TRY(prepare(cx, w, id, s));
  Roles roles = step_roles(w->type, s);
  for (size_t i = 0; i < ROLE_COUNT; i++)
    if (!(roles & (1u << i)) && i != ROLE_AT_ADMINISTRATOR)
      TRY(expect(cx, w, take(cx, w, id, s->name, w->cast->only[i], true), E_DENIED, s->name));
  bool contributed_now = false;
  TRY(contributed(cx, w->s, id, w->cast->author, &contributed_now));
  if (author_first(w->type, s)) {
    TRY(expect(cx, w, take_once(cx, w, id, s->name, w->cast->second, true), E_CONFLICT, s->name));
  } else if ((s->flags & STEP_SECOND) && contributed_now)
    TRY(expect(cx, w, take(cx, w, id, s->name, w->cast->author, true), E_DENIED, s->name));
  if (s->flags & STEP_REASON)
    TRY(expect_problem(cx, w, take(cx, w, id, s->name, second_for(w, w->type, s), false), "reason", s->name));
  TRY(expect(cx, w, take(cx, w, id, s->name, second_for(w, w->type, s), true), E_OK, s->name));
  Head h;
  TRY(head_get(cx, w->s, id, &h));
  return str_eq(h.state, str_of(s->to)) ? round_trip(cx, w, id)
                                        : wrong(cx, w, s->name, "did not lead where it says");
}

/* ---- the whole ---------------------------------------------------------------------------------------- */

static Err walk_type(Cx *cx, Walk *w) {
  JVal *result;
  TRY(walk_fields(cx, w));
  for (size_t i = 0; i < w->type->life->nsteps; i++) {
    ArenaMark mark = arena_mark(cx->arena);
    TRY(walk_step(cx, w, &w->type->life->steps[i]));
    cx->problems = (Problems){ 0 };
    arena_release(cx->arena, mark);
  }
  Str args = str_fmt(cx->arena, "{\"type\":\"%s\",\"input\":{\"title\":\"x\"}}", w->type->name);
  return expect(
      cx, w, record_try(cx, w->s, "record.new", w->cast->only[ROLE_AT_ADMINISTRATOR], S(""), args, &result),
      E_DENIED, "record.new by an administrator");
}

static Err verified(Cx *cx, Store *s) {
  VerifyReport report = { 0 };
  TRY(record_verify_part.derived(cx, s, &report));
  if (!report.findings.n) return E_OK;
  return fail(cx, E_BUG, "%zu findings, the first: %.*s: %.*s", report.findings.n,
              STR(report.findings.p[0].object), STR(report.findings.p[0].what));
}

static Err walk_all(Cx *cx, Walk *w) {
  TRY(load_bases(cx, w));
  for (size_t i = 0; record_type_at(i); i++) {
    w->type = record_type_at(i);
    TRY(walk_type(cx, w));
  }
  return E_OK;
}

Err record_life_test(Cx *cx, Store *s, const LifeCast *cast, const LifeSample *samples, size_t n,
                     int64_t *checks) {
  Walk w = { .s = s, .cast = cast, .samples = samples, .nsamples = n };
  int64_t count = 0;
  TRY(store_begin(cx, s));
  Err e = walk_all(cx, &w);
  if (e != E_OK) {
    store_rollback(s);
    return e;
  }
  TRY(store_commit(cx, s));
  TRY(verified(cx, s));
  TRY(record_rebuild(cx, s, &count));
  TRY(verified(cx, s));
  *checks = w.checks;
  return E_OK;
}
