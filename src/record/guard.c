/* What must hold before a step, beside roles and a reason: how many links a record needs, and the guards of its
 * lifecycle and of its type.  All that is missing is said at once. */
#include "inside.h"
#include "record.sql.h"
#include <string.h>

static RecordGate *gate;

void record_gate_set(RecordGate *ask) { gate = ask; }

/* A link field with a least number must have it when the record stops being a draft or starts to count: sooner would
 * forbid to write it down piece by piece, later would let it count. */
bool step_settles(const Lifecycle *l, const Step *step, Str from) {
  const State *to = life_state(l, str_of(step->to)), *was = life_state(l, from);
  if (to->flags & ST_ACCEPTED) return !was || !(was->flags & ST_ACCEPTED);
  return was && (was->flags & ST_EDIT) && !(to->flags & (ST_EDIT | ST_CLOSED));
}

static bool word_in(const char *words, Str word) {
  Str rest = str_of(words), one;
  while (rest.n) {
    str_cut(rest, ' ', &one, &rest);
    if (str_eq(one, word)) return true;
  }
  return false;
}

bool guard_at(const Guard *g, const Step *step) { return word_in(g->step, str_of(step->name)); }

/* ---- fields -------------------------------------------------------------------------------------------- */

/* words: values that fit, NULL for any. */
static bool field_holds(const Record *r, const char *name, const char *words) {
  size_t at;
  const Field *f = record_field(r->type, str_of(name), &at);
  const Value *v = f ? &r->values[at] : NULL;
  if (!v || !v->set) return false;
  if (!words) return true;
  if (f->kind == BOOL) return word_in(words, v->i ? S("yes") : S("no"));
  for (size_t i = 0; i < v->list.n; i++)
    if (word_in(words, v->list.p[i])) return true;
  return !(f->flags & MANY) && word_in(words, v->s);
}

/* "field=value value", "field!=value value" */
static bool applies(Cx *cx, const Record *r, const char *when) {
  Str name, values;
  if (!when) return true;
  str_cut(str_of(when), '=', &name, &values);
  bool unless = str_ends(name, S("!"));
  if (unless) name = str_slice(name, 0, name.n - 1);
  return field_holds(r, str_z(cx->arena, name), str_z(cx->arena, values)) != unless;
}

/* ---- links --------------------------------------------------------------------------------------------- */

/* is: "accepted", and names of types, any of which the other end must be; NULL: any that has not ended unaccepted. */
static bool counts(const Head *h, const char *is) {
  const State *st = life_state(h->type->life, h->state);
  if (!st || (st->flags & (ST_CLOSED | ST_ACCEPTED)) == ST_CLOSED) return false;
  Str rest = str_of(is), word;
  bool types = false, fits = false;
  while (rest.n) {
    str_cut(rest, ' ', &word, &rest);
    if (str_eq(word, S("accepted"))) {
      if (!h->in_force_rev) return false;
    } else {
      types = true;
      fits = fits || str_eq(word, str_of(h->type->name));
    }
  }
  return fits || !types;
}

static Err links_out(Cx *cx, Store *s, const Record *r, const char *name, const char *is, int64_t *n) {
  size_t at;
  const Field *f = record_field(r->type, str_of(name), &at);
  if (!f) return E_OK;
  for (size_t i = 0; i < r->values[at].links.n; i++) {
    Head h;
    bool found;
    TRY(head_find(cx, s, r->values[at].links.p[i].to, &h, &found));
    *n += found && counts(&h, is);
  }
  return E_OK;
}

/* Ids of the records that link here under this name (NULL: any), each once per name. */
typedef struct User { Str id, name; } User;
typedef VEC(User) Users;
static Err users_of(Cx *cx, Store *s, Str id, Users *out) {
  AUTO(Rows) rows = { 0 };
  bool got;
  TRY(store_rows(cx, s, SQL_LINK_USERS, ARGS(v_text(id)), &rows));
  for (;;) {
    TRY(rows_next(cx, &rows, &got));
    if (!got) return E_OK;
    vec_add(cx->arena, out, (User){ str_dup(cx->arena, row_text(&rows, 0)), str_dup(cx->arena, row_text(&rows, 1)) });
  }
}

static Err links_in(Cx *cx, Store *s, Str id, Str name, const char *is, int64_t *n) {
  Users users = { 0 };
  TRY(users_of(cx, s, id, &users));
  for (size_t i = 0; i < users.n; i++) {
    Head h;
    if (!str_eq(users.p[i].name, name)) continue;
    TRY(head_get(cx, s, users.p[i].id, &h));
    *n += counts(&h, is);
  }
  return E_OK;
}

/* Any of several links, each by either name. */
static Err link_holds(Cx *cx, Store *s, const Record *r, const Guard *g, bool *ok) {
  Str rest = str_of(g->name), one;
  int64_t n = 0;
  bool inverse;
  while (rest.n) {
    str_cut(rest, ' ', &one, &rest);
    const LinkName *l = link_name(one, &inverse);
    if (l && inverse) TRY(links_in(cx, s, r->id, str_of(l->name), g->is, &n));
    else if (l) TRY(links_out(cx, s, r, l->name, g->is, &n));
  }
  *ok = n > 0;
  return E_OK;
}

/* Nothing that still counts rests on it (links that only tell do not). */
static Err unused_holds(Cx *cx, Store *s, const Record *r, Str *why) {
  Users users = { 0 };
  Buf b = buf_new(cx->arena, 4096);
  size_t n = 0;
  bool inverse;
  TRY(users_of(cx, s, r->id, &users));
  for (size_t i = 0; i < users.n; i++) {
    Head h;
    const LinkName *l = link_name(users.p[i].name, &inverse);
    if (!l || l->tells || str_eq_nocase(users.p[i].id, r->id)) continue;
    TRY(head_get(cx, s, users.p[i].id, &h));
    const State *st = life_state(h.type->life, h.state);
    if (!st || (st->flags & ST_CLOSED)) continue;
    if (n < 5) buf_fmt(&b, "%s%.*s (%s)", n ? ", " : "", STR(h.id), l->label);
    n++;
  }
  if (n > 5) buf_fmt(&b, " and %zu more", n - 5);
  *why = n ? str_fmt(cx->arena, "Still used by %.*s.", STR(buf_str(&b))) : S("");
  return E_OK;
}

/* ---- all together -------------------------------------------------------------------------------------- */

static Err guard_holds(Cx *cx, Store *s, const Record *r, const Guard *g, Str *why) {
  bool ok = true;
  Str said = S("");
  if (!applies(cx, r, g->when)) return E_OK;
  if (g->kind == GUARD_FIELD) ok = field_holds(r, g->name, g->is);
  else if (g->kind == GUARD_LINK) TRY(link_holds(cx, s, r, g, &ok));
  else if (g->kind == GUARD_UNUSED) TRY(unused_holds(cx, s, r, &said));
  else if (g->kind == GUARD_ASK) TRY(g->ask(cx, s, r, &said));
  else if (gate) TRY(gate(cx, s, r, &said));
  if (!ok) *why = str_of(g->words);
  else *why = said;
  return E_OK;
}

/* The cardinality of a link field: how many there are is between least and most, checked when it settles. */
static void fields_settled(Cx *cx, const Record *r, Buf *b) {
  for (size_t i = 0; i < r->type->nfields; i++) {
    const Field *f = &r->type->fields[i];
    if (f->kind != LINK || f->min <= (int64_t)r->values[i].links.n) continue;
    buf_fmt(b, " It needs %s%lld link%s '%s' (to: %s).", f->flags & MANY ? "at least " : "", (long long)f->min,
            f->min > 1 ? "s" : "", f->label, str_z(cx->arena, str_replace(cx->arena, str_of(f->to), '_', ' ')));
  }
}

Err guards_hold(Cx *cx, Store *s, const Record *r, const Step *step) {
  const Lifecycle *l = r->type->life;
  Buf b = buf_new(cx->arena, 16384);
  if (step_settles(l, step, r->state)) fields_settled(cx, r, &b);
  for (size_t i = 0; i < l->nguards + r->type->nguards; i++) {
    const Guard *g = i < l->nguards ? &l->guards[i] : &r->type->guards[i - l->nguards];
    Str why = S("");
    if (!guard_at(g, step)) continue;
    TRY(guard_holds(cx, s, r, g, &why));
    if (why.n) buf_fmt(&b, " %.*s", STR(why));
  }
  if (!b.n) return E_OK;
  return fail(cx, E_CONFLICT, "'%s' on %.*s has to wait. Nothing was changed.%.*s", step->label, STR(r->id),
              STR(buf_str(&b)));
}
