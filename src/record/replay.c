/* States from entries alone: what rebuild writes and verify compares with.  Every entry is held against the
 * lifecycle, so that a log in which somebody skipped a step shows it. */
#include "inside.h"

enum { BATCH_ROWS = 500, BATCH_BYTES = 256 << 20 };

typedef enum ActKind { ACT_OTHER, ACT_NEW, ACT_EDIT, ACT_CONFIRM, ACT_STEP } ActKind;
static const struct { const char *act; ActKind kind;
} acts[] = {
  { "record.new", ACT_NEW },     { "record.save", ACT_EDIT },       { "record.link", ACT_EDIT },
  { "record.unlink", ACT_EDIT }, { "record.confirm", ACT_CONFIRM }, { "record.step", ACT_STEP },
  { "record.sign", ACT_STEP },
};

static ActKind act_kind(Str act) {
  for (size_t i = 0; i < COUNT(acts); i++)
    if (str_eq(act, str_of(acts[i].act))) return acts[i].kind;
  return ACT_OTHER;
}

static bool object_read(Str obj, Str *id, int64_t *rev) {
  size_t at = str_rfind_char(obj, '@');
  if (at == SIZE_MAX) return false;
  *id = str_slice(obj, 0, at);
  return str_int(str_slice(obj, at + 1, obj.n), rev) && *rev > 0;
}

/* A log that breaks the rules: a finding for verify, the end for a rebuild. */
static Err wrong(Cx *cx, VerifyReport *report, const LogRow *e, const char *what) {
  if (!report)
    return fail(cx, E_INTEGRITY, "Entry %lld (%.*s %.*s): %s. Nothing was rebuilt. Run: proofline verify",
                (long long)e->seq, STR(e->act), STR(e->obj), what);
  verify_find(cx, report, "step", str_dup(cx->arena, e->obj), "entry %lld (%.*s to '%.*s'): %s",
              (long long)e->seq, STR(e->act), STR(e->to), what);
  return E_OK;
}

static bool contributes(const Life *life, Str person) {
  for (size_t i = 0; i < life->contributors.n; i++)
    if (str_eq(life->contributors.p[i], person)) return true;
  return false;
}

static void contributor_add(Arena *a, Life *life, Str person) {
  if (!contributes(life, person)) vec_add(a, &life->contributors, str_dup(a, person));
}

static const Step *step_between(const Lifecycle *l, Str from, Str to) {
  for (size_t i = 0; i < l->nsteps; i++)
    if (str_eq(to, str_of(l->steps[i].to)) && life_step(l, str_of(l->steps[i].name), from) == &l->steps[i])
      return &l->steps[i];
  return NULL;
}

static Err apply_step(Cx *cx, Life *life, const LogRow *e, VerifyReport *report) {
  Head *h = &life->head;
  const Step *step = step_between(h->type->life, h->state, e->to);
  const State *to = life_state(h->type->life, e->to);
  if (!to) return wrong(cx, report, e, "leads to a state that the lifecycle does not have");
  if (!step)
    TRY(wrong(cx, report, e,
              str_fmt(cx->arena, "the lifecycle has no such step from %.*s", STR(h->state)).p));
  if (step && (step->flags & STEP_SECOND) && contributes(life, e->actor))
    TRY(wrong(cx, report, e, "the one who took it had contributed (SOD-1)"));
  bool is_signed = str_eq(e->act, S("record.sign"));
  if (step && report && is_signed != ((step->flags & STEP_SIGN) != 0))
    TRY(wrong(cx, report, e, is_signed ? "a signature where none belongs" : "a step that needs a signature has none"));
  Contribution c = step ? step_contribution(h->type->life, step, h->state) : CONTRIBUTORS_STAY;
  h->state = str_of(to->name);
  if (to->flags & ST_ACCEPTED) h->in_force_rev = h->rev;
  if (c == CONTRIBUTORS_CLEAR) life->contributors.n = 0;
  else if (c == CONTRIBUTORS_ADD) contributor_add(cx->arena, life, e->actor);
  return E_OK;
}

static Err apply_revision(Cx *cx, Life *life, const LogRow *e, ActKind kind, int64_t rev,
                          VerifyReport *report) {
  Head *h = &life->head;
  const State *now = life_state(h->type->life, h->state);
  bool keeps = kind == ACT_CONFIRM || (now && (now->flags & ST_EDIT));
  Str state = rev > 1 && keeps ? h->state : str_of(h->type->life->states[0].name);
  bool moved = rev == 1 || !str_eq(state, h->state);
  if (!str_eq(e->to, moved ? state : S("")))
    TRY(wrong(cx, report, e, "a revision that leads to another state than it must"));
  if (kind == ACT_CONFIRM && h->in_force_rev == h->rev) h->in_force_rev = rev;
  h->state = state;
  h->rev = rev;
  if (kind != ACT_CONFIRM) contributor_add(cx->arena, life, e->actor);
  return E_OK;
}

/* One of several signatures that a step needs: it moves nothing yet.  Which of them it is stands in its manifest, so
 * that a contributor who signs from another seat than the author's is found with the signatures. */
static Err apply_part(Cx *cx, Life *life, const LogRow *e, int64_t rev, VerifyReport *report) {
  if (rev != life->head.rev) return wrong(cx, report, e, "signs another revision than the last");
  bool author = author_signs(life->head.type, life->head.state);
  if (contributes(life, e->actor) && !author)
    return wrong(cx, report, e, "the one who signed had contributed (SOD-1)");
  if (author) contributor_add(cx->arena, life, e->actor);
  return E_OK;
}

static Err apply(Cx *cx, Life *life, const LogRow *e, ActKind kind, int64_t rev, VerifyReport *report) {
  Head *h = &life->head;
  if (kind == ACT_STEP && !e->to.n && str_eq(e->act, S("record.sign"))) return apply_part(cx, life, e, rev, report);
  if (rev != h->rev + (kind != ACT_STEP)) return wrong(cx, report, e, "revisions out of order");
  if (kind == ACT_STEP) TRY(apply_step(cx, life, e, report));
  else TRY(apply_revision(cx, life, e, kind, rev, report));
  h->changed_us = e->t_us;
  h->changed_seq = e->seq;
  if (!str_eq(h->changed_by, e->actor)) h->changed_by = str_dup(cx->arena, e->actor);
  return E_OK;
}

static Err begin(Cx *cx, Cx *batch, Store *s, const LogRow *e, Str id, Life *out) {
  Revision v;
  Err err = ledger_revision(batch, s, id, 1, &v);
  const RecordType *t = err == E_OK ? record_type(v.type) : NULL;
  if (err != E_OK || !t)
    return fail(cx, E_INTEGRITY, "The first revision of %.*s cannot be read. Run: proofline verify", STR(id));
  *out = (Life){ .head = { .id = str_dup(cx->arena, id), .type = t, .created_us = e->t_us } };
  return E_OK;
}

static Err replay_entry(Cx *cx, Cx *batch, Store *s, const LogRow *e, Replay *replay) {
  ActKind kind = act_kind(e->act);
  Str id;
  int64_t rev;
  if (kind == ACT_OTHER || !object_read(e->obj, &id, &rev)) return E_OK;
  size_t at = map_get(&replay->by_id, id);
  if ((at == MAP_NONE) != (kind == ACT_NEW))
    return wrong(cx, replay->report, e, "a record must begin once, with record.new");
  if (kind == ACT_NEW) {
    Life life;
    TRY(begin(cx, batch, s, e, id, &life));
    at = replay->life.n;
    vec_add(cx->arena, &replay->life, life);
    map_put(&replay->by_id, life.head.id, at);
  }
  if (str_eq(e->act, S("record.sign"))) {
    vec_add(cx->arena, &replay->signed_at, e->seq);
    if (contributes(&replay->life.p[at], e->actor)) vec_add(cx->arena, &replay->own, e->seq);
  }
  return apply(cx, &replay->life.p[at], e, kind, rev, replay->report);
}

Err replay_all(Cx *cx, Store *s, int64_t size, VerifyReport *report, Replay *out) {
  AUTO(Cx) batch = cx_new(BATCH_BYTES);
  TreeHead head;
  TRY(ledger_head(cx, s, &head));
  if (size < head.size) head.size = size;
  Replay replay = { .by_id = map_new(cx->arena, 1024), .report = report };
  for (int64_t from = 0; from < head.size;) {
    LogRows rows = { 0 };
    cx_reset(&batch);
    Err e = ledger_entries(&batch, s, STR_NONE, from, head.size - 1, BATCH_ROWS, &rows);
    if (e != E_OK) return fail(cx, e, "%.*s", STR(batch.words));
    if (!rows.n) break;
    for (size_t i = 0; i < rows.n; i++) TRY(replay_entry(cx, &batch, s, &rows.p[i], &replay));
    from = rows.p[rows.n - 1].seq + 1;
  }
  *out = replay;
  return E_OK;
}

Err replay_one(Cx *cx, Store *s, Str id, int64_t size, Replay *out) {
  LogRows rows = { 0 };
  Replay replay = { .by_id = map_new(cx->arena, 1) };
  if (size > 0) TRY(ledger_entries(cx, s, id, 0, size - 1, ENTRIES_MOST, &rows));
  for (size_t i = 0; i < rows.n; i++) TRY(replay_entry(cx, cx, s, &rows.p[i], &replay));
  *out = replay;
  return E_OK;
}

Err replay_state_at(Cx *cx, Store *s, const Record *r, int64_t rev, Str *state) {
  LogRows rows = { 0 };
  VerifyReport ignored = { 0 };
  TreeHead head;
  TRY(ledger_head(cx, s, &head));
  TRY(ledger_entries(cx, s, r->id, 0, head.size, ENTRIES_MOST, &rows));
  Life life = { .head = { .id = r->id, .type = r->type } };
  for (size_t i = 0; i < rows.n; i++) {
    Str id;
    int64_t at;
    ActKind kind = act_kind(rows.p[i].act);
    if (kind == ACT_OTHER || !object_read(rows.p[i].obj, &id, &at)) continue;
    if (at > rev) break;
    TRY(apply(cx, &life, &rows.p[i], kind, at, &ignored));
  }
  *state = life.head.state;
  return E_OK;
}
