/* Records from the store. */
#include "inside.h"
#include "record.sql.h"

Err head_find(Cx *cx, Store *s, Str id, Head *out, bool *found) {
  AUTO(Rows) r = { 0 };
  bool got = false;
  if (id.n && id.n <= ID_BYTES) {
    TRY(store_rows(cx, s, SQL_RECORD_ROW, ARGS(v_text(id)), &r));
    TRY(rows_next(cx, &r, &got));
  }
  *found = got;
  if (!got) return E_OK;
  Arena *a = cx->arena;
  Head h = { .id = str_dup(a, row_text(&r, 0)),
             .type = record_type(row_text(&r, 1)),
             .rev = row_int(&r, 2),
             .state = str_dup(a, row_text(&r, 3)),
             .in_force_rev = row_int(&r, 4),
             .title = str_dup(a, row_text(&r, 5)),
             .owner = str_dup(a, row_text(&r, 6)),
             .hash = str_dup(a, row_text(&r, 7)),
             .fingerprint = str_dup(a, row_text(&r, 8)),
             .created_us = row_int(&r, 9),
             .changed_us = row_int(&r, 10),
             .changed_by = str_dup(a, row_text(&r, 11)),
             .changed_seq = row_int(&r, 12) };
  if (!h.type) return fail(cx, E_INTEGRITY, "%.*s has a type that this program does not know.", STR(h.id));
  *out = h;
  return E_OK;
}

static Err neighbours(Cx *cx, Store *s, const Sql *sql, Str id, Str *names, size_t *n) {
  AUTO(Rows) r = { 0 };
  TRY(store_rows(cx, s, sql, ARGS(v_text(id)), &r));
  for (bool got;;) {
    TRY(rows_next(cx, &r, &got));
    if (!got) return E_OK;
    names[(*n)++] = str_dup(cx->arena, row_text(&r, 0));
  }
}

/* The nearest among the neighbours in order: with 100,000 records a miss must not read them all. */
Err id_not_found(Cx *cx, Store *s, Str id) {
  Str names[80], key = str_slice(id, 0, ID_BYTES);
  size_t n = 0;
  TRY(neighbours(cx, s, SQL_RECORD_BEFORE, key, names, &n));
  Str before = n ? names[0] : STR_NONE;
  TRY(neighbours(cx, s, SQL_RECORD_AFTER, key, names, &n));
  Str near = str_nearest(key, names, n), stem = str_slice(key, 0, str_find_char(key, '-') + 1);
  if (!near.n && stem.n && stem.n < before.n && str_eq_nocase(stem, str_slice(before, 0, stem.n)))
    near = before;
  if (!near.n) return fail(cx, E_NOTFOUND, "There is no %.*s.", STR(key));
  return fail(cx, E_NOTFOUND, "There is no %.*s. %.*s is the nearest match.", STR(key), STR(near));
}

Err head_get(Cx *cx, Store *s, Str id, Head *out) {
  bool found;
  TRY(head_find(cx, s, id, out, &found));
  return found ? E_OK : id_not_found(cx, s, id);
}

Err head_put(Cx *cx, Store *s, const Head *h) {
  return store_run(cx, s, SQL_RECORD_PUT,
                   ARGS(v_text(h->id), v_text(str_of(h->type->name)), v_int(h->rev), v_text(h->state),
                        v_int(h->in_force_rev), v_text(h->title), v_text(h->owner), v_text(h->hash),
                        v_text(h->fingerprint), v_int(h->created_us), v_int(h->changed_us),
                        v_text(h->changed_by), v_int(h->changed_seq)),
                   NULL);
}

static Err get_revision(Cx *cx, Store *s, const Head *h, int64_t rev, Record *out) {
  Revision v;
  Record r;
  TRY(ledger_revision(cx, s, h->id, rev, &v));
  TRY(record_parse(cx, v.body, &r));
  r.hash = v.hash;
  r.in_force_rev = h->in_force_rev;
  r.created_us = h->created_us;
  r.is_last = v.rev == h->rev;
  r.state = h->state;
  r.changed_us = r.is_last ? h->changed_us : v.t_us;
  r.changed_by = r.is_last ? h->changed_by : v.actor;
  if (!r.is_last) TRY(replay_state_at(cx, s, &r, rev, &r.state));
  *out = r;
  return E_OK;
}

Err record_get_head(Cx *cx, Store *s, const Head *h, Record *out) {
  return get_revision(cx, s, h, h->rev, out);
}

Err record_get(Cx *cx, Store *s, Str id, int64_t rev, Record *out) {
  Head h;
  TRY(head_get(cx, s, id, &h));
  if (rev < 0 || rev > h.rev)
    return fail(cx, E_NOTFOUND, "%.*s has no revision %lld; the last is %lld.", STR(h.id), (long long)rev,
                (long long)h.rev);
  return get_revision(cx, s, &h, rev ? rev : h.rev, out);
}

Err contributed(Cx *cx, Store *s, Str id, Str person, bool *yes) {
  int64_t n;
  TRY(store_int(cx, s, SQL_CONTRIBUTOR_HAS, ARGS(v_text(id), v_text(person)), 0, &n));
  *yes = n != 0;
  return E_OK;
}

Err record_unjudged(Cx *cx, Store *s, Str id, bool *yes) {
  int64_t n;
  TRY(store_int(cx, s, SQL_CONTRIBUTOR_COUNT, ARGS(v_text(id)), 0, &n));
  *yes = n != 0;
  return E_OK;
}

/* ---- what may be done now ----------------------------------------------------------------------------- */

static Err may_take(Cx *cx, Store *s, const Who *who, const Record *r, const Step *step, StepChoice *out) {
  Cx probe = { .arena = cx->arena, .now_us = cx->now_us };
  Err e = step_allowed(&probe, s, who, r, step, NULL);
  *out = (StepChoice){ step, e == E_OK, probe.words, e };
  return e == E_OK || e == E_DENIED || e == E_UNAUTHENTIC || e == E_CONFLICT ? E_OK
                                                                             : fail(cx, e, "%.*s", STR(probe.words));
}

Err record_choices(Cx *cx, Store *s, const Who *who, const Record *r, StepChoice **out, size_t *n,
                   bool *may_edit) {
  const Lifecycle *l = r->type->life;
  StepChoice *list = NEW_ARRAY(cx->arena, l->nsteps + 1, StepChoice);
  size_t count = 0;
  for (size_t i = 0; i < l->nsteps; i++)
    if (life_step(l, str_of(l->steps[i].name), r->state) == &l->steps[i])
      TRY(may_take(cx, s, who, r, &l->steps[i], &list[count++]));
  Cx probe = { .arena = cx->arena, .now_us = cx->now_us };
  *may_edit = state_editable(r->type, r->state) && edit_allowed(&probe, who, r) == E_OK;
  *out = list;
  *n = count;
  return E_OK;
}
