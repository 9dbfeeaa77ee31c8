/* Records as they stood once: the same entries as always, read only up to a point. */
#include "record/inside.h"

/* The body is the revision's; state and times are what the entries up to then say. */
static Err take(Cx *cx, Store *s, const Head *h, Record *out) {
  Revision v;
  TRY(ledger_revision(cx, s, h->id, h->rev, &v));
  TRY(record_parse(cx, v.body, out));
  out->state = h->state;
  out->hash = v.hash;
  out->in_force_rev = h->in_force_rev;
  out->created_us = h->created_us;
  out->changed_us = h->changed_us;
  out->changed_by = h->changed_by;
  out->is_last = false;                        /* nothing can be done with the past */
  return E_OK;
}

Err record_get_at(Cx *cx, Store *s, Str id, int64_t size, Record *out) {
  Replay replay;
  Record now;
  TRY(record_get(cx, s, id, 0, &now));
  TRY(replay_one(cx, s, now.id, size, &replay));
  if (!replay.life.n)
    return fail(cx, E_NOTFOUND, "There was no %.*s yet; it was created %.*s", STR(now.id),
                STR(time_minute(cx->arena, now.created_us)));
  return take(cx, s, &replay.life.p[0].head, out);
}

Err record_each_at(Cx *cx, Store *s, int64_t size, RecordEach *each, void *env) {
  Replay replay;
  TRY(replay_all(cx, s, size, NULL, &replay));
  for (size_t i = 0; i < replay.life.n; i++) {
    Record r;
    ArenaMark mark = arena_mark(cx->arena);
    TRY(take(cx, s, &replay.life.p[i].head, &r));
    TRY(each(cx, env, &r));
    arena_release(cx->arena, mark);
  }
  return E_OK;
}
