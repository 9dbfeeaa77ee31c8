/* The life of every record type, walked once: what makes a new type safe to add without a test of its own. */
#include "life.h"

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
  life_put_input(cx, w, w->type, 3, &o);
  json_object_end(&o);
  TRY(life_expect(cx, w, record_try(cx, w->s, "record.new", w->cast->author, S(""), buf_str(&b), &result), E_OK,
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
    if (e == E_OK) e = life_save(cx, w, made, link, str_fmt(cx->arena, "[\"%.*s\"]", STR(id)));
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
    return life_save(cx, w, id, g->name, json);
  }
  if (g->kind != GUARD_LINK) return E_OK;
  str_cut(str_of(g->name), ' ', &word, &rest);
  const LinkName *l = link_name(word, &inverse);
  if (inverse) return linked_here(cx, w, l->name, id, str_of(g->is));
  const Field *f = accepted ? record_field(w->type, word, NULL) : NULL;
  if (!f) return E_OK;
  Str target = life_target_id(cx->arena, w->type, f);
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
    if (e != E_OK) return life_wrong(cx, w, s->name, g->words);
  }
  return E_OK;
}

static Err walk_step(Cx *cx, Walk *w, const Step *s) {
  const Step *path[64];
  const char *from = starts_at(w->type->life, s)->name;
  size_t n;
  Str id;
  if (!path_to(w->type->life, from, path, &n)) return life_wrong(cx, w, s->from, "no steps lead to this state");
  TRY(fresh(cx, w, &id));
  while (n--) {
    TRY(prepare(cx, w, id, path[n]));
    TRY(life_expect(cx, w, take(cx, w, id, path[n]->name, second_for(w, w->type, path[n]), true), E_OK, path[n]->name));
  }
  TRY(prepare(cx, w, id, s));
  Roles roles = step_roles(w->type, s);
  for (size_t i = 0; i < ROLE_COUNT; i++)
    if (!(roles & (1u << i)) && i != ROLE_AT_ADMINISTRATOR)
      TRY(life_expect(cx, w, take(cx, w, id, s->name, w->cast->only[i], true), E_DENIED, s->name));
  bool contributed_now = false;
  TRY(contributed(cx, w->s, id, w->cast->author, &contributed_now));
  if (author_first(w->type, s)) {
    TRY(life_expect(cx, w, take_once(cx, w, id, s->name, w->cast->second, true), E_CONFLICT, s->name));
  } else if ((s->flags & STEP_SECOND) && contributed_now)
    TRY(life_expect(cx, w, take(cx, w, id, s->name, w->cast->author, true), E_DENIED, s->name));
  if (s->flags & STEP_REASON)
    TRY(life_expect_problem(cx, w, take(cx, w, id, s->name, second_for(w, w->type, s), false), "reason", s->name));
  TRY(life_expect(cx, w, take(cx, w, id, s->name, second_for(w, w->type, s), true), E_OK, s->name));
  Head h;
  TRY(head_get(cx, w->s, id, &h));
  return str_eq(h.state, str_of(s->to)) ? life_round_trip(cx, w, id)
                                        : life_wrong(cx, w, s->name, "did not lead where it says");
}

/* ---- the whole ---------------------------------------------------------------------------------------- */

static Err walk_type(Cx *cx, Walk *w) {
  JVal *result;
  TRY(life_fields(cx, w));
  for (size_t i = 0; i < w->type->life->nsteps; i++) {
    ArenaMark mark = arena_mark(cx->arena);
    TRY(walk_step(cx, w, &w->type->life->steps[i]));
    cx->problems = (Problems){ 0 };
    arena_release(cx->arena, mark);
  }
  Str args = str_fmt(cx->arena, "{\"type\":\"%s\",\"input\":{\"title\":\"x\"}}", w->type->name);
  return life_expect(
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
  TRY(life_load_bases(cx, w));
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
