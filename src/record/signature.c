/* Signatures as they stand: for pages, JSON and verify. */
#include "inside.h"
#include "sign.sql.h"

static Err signature_read(Cx *cx, Store *s, const Rows *r, Signature *out) {
  JVal *m;
  Arena *a = cx->arena;
  Str manifest = str_dup(a, row_text(r, 5));
  TRY(json_read(cx, manifest, &JSON_DOCUMENT, &m));
  *out = (Signature){ .hash = str_dup(a, row_text(r, 0)),
                      .record = str_dup(a, row_text(r, 1)),
                      .rev = row_int(r, 2),
                      .seq = row_int(r, 3),
                      .signed_us = row_int(r, 4),
                      .manifest = manifest,
                      .signer = json_text(m, "signer"),
                      .name = json_text(m, "signer_name"),
                      .title = json_text(m, "signer_title"),
                      .kind = json_text(m, "kind"),
                      .meaning = json_text(m, "meaning"),
                      .method = json_text(m, "method"),
                      .body_hash = json_text(m, "hash"),
                      .to = json_text(m, "to"),
                      .rule = json_text(m, "rule"),
                      .acts = duties_words(cx, s, json_get(m, "duties")),
                      .about = json_text(m, "record"),
                      .about_rev = json_int(m, "rev", 0) };
  return E_OK;
}

Err record_signatures(Cx *cx, Store *s, Str id, Signatures *out) {
  AUTO(Rows) r = { 0 };
  Signatures all = { 0 };
  TRY(store_rows(cx, s, SQL_SIGNATURE_OF, ARGS(v_text(id)), &r));
  for (bool got;;) {
    Signature one;
    TRY(rows_next(cx, &r, &got));
    if (!got) break;
    TRY(signature_read(cx, s, &r, &one));
    vec_add(cx->arena, &all, one);
  }
  *out = all;
  return E_OK;
}

Str signature_covers(Cx *cx, const Signature *s, int64_t rev) {
  if (s->rev == rev) return str_fmt(cx->arena, "covers revision %lld", (long long)rev);
  return str_fmt(cx->arena, "covers revision %lld, not revision %lld", (long long)s->rev, (long long)rev);
}

Str signature_kind(Arena *a, Str kind) {
  Str first, rest;
  return str_cut(kind, ',', &first, &rest) ? str_fmt(a, "%.*s and%.*s", STR(first), STR(rest)) : kind;
}

Str signature_method(const Signature *s) {
  if (str_eq(s->method, S("password+code"))) return S("password and code");
  if (str_eq(s->method, S("sample"))) return S("sample: nobody proved anything");
  return s->method;
}

void signatures_json(Cx *cx, JsonOut *o, const Signatures *all) {
  json_array(o);
  for (size_t i = 0; i < all->n; i++) {
    const Signature *s = &all->p[i];
    json_object(o);
    json_pair_int(o, "revision", s->rev);
    json_pair(o, "signer", s->signer);
    json_pair(o, "name", s->name);
    json_pair(o, "kind", s->kind);
    json_pair(o, "meaning", s->meaning);
    json_pair(o, "time", time_text(cx->arena, s->signed_us));
    if (s->acts.n) json_pair(o, "acts", s->acts);
    json_pair(o, "method", s->method);
    json_pair(o, "hash", s->body_hash);
    json_pair(o, "manifest", s->hash);
    json_pair_int(o, "seq", s->seq);
    json_object_end(o);
  }
  json_array_end(o);
}

/* ---- verify ------------------------------------------------------------------------------------------- */

static Err entry_fault(Cx *cx, Store *s, const Signature *g, const char **fault) {
  LogRows rows = { 0 };
  TRY(ledger_entries(cx, s, STR_NONE, g->seq, g->seq, 1, &rows));
  const LogRow *e = rows.n ? &rows.p[0] : NULL;
  Str obj = str_fmt(cx->arena, "%.*s@%lld", STR(g->record), (long long)g->rev);
  if (!e || !str_eq(e->act, S("record.sign"))) *fault = "no entry tells of this signature";
  else if (!str_eq(e->obj, obj)) *fault = "its entry is about another revision";
  else if (!str_eq(e->actor, g->signer)) *fault = "its entry names another person";
  else if (!str_eq(e->to, g->to)) *fault = "its entry leads to another state";
  else if (!str_eq(e->new_hex, g->body_hash)) *fault = "its entry names another content";
  else if (e->t_us != g->signed_us) *fault = "its entry has another time";
  return E_OK;
}

static const Step *rule_step(const Signature *g, const RecordType *t) {
  Str life, name;
  (void)str_cut(g->rule, '.', &life, &name);
  for (size_t i = 0; i < t->life->nsteps; i++)
    if (str_eq(str_of(t->life->steps[i].name), name) && str_eq(life, str_of(t->life->name))) return &t->life->steps[i];
  return NULL;
}

/* A role is claimed, it exists, and the step asks for it.  Who held it when is in the entries of user.grant. */
static bool role_fits(JVal *m, const RecordType *t, const Step *step) {
  JSON_EACH(role, json_get(m, "roles"))
    if (role_find(json_str(role)) & step_roles(t, step)) return true;
  return false;
}

/* Each duty that is claimed was held, by the signer, when it was signed. */
static bool duty_held(JVal *claim, const Signature *g, const Duties *all) {
  for (size_t i = 0; i < all->n; i++) {
    const Duty *d = &all->p[i];
    if (!str_eq(d->id, json_text(claim, "id"))) continue;
    int32_t day = date_of(g->signed_us);
    return str_eq(d->person, g->signer) && str_eq(d->duty, json_text(claim, "duty")) &&
           str_eq(d->deputy_of, json_text(claim, "for")) && d->from_day <= day && d->to_day >= day &&
           d->made_us <= g->signed_us && (!d->ended_us || d->ended_us > g->signed_us);
  }
  return false;
}

static Err standing_fault(Cx *cx, Store *s, const Signature *g, const RecordType *t, const Duties *duties,
                          const char **fault) {
  JVal *m;
  bool whole = true;
  const Step *step = rule_step(g, t);
  TRY(json_read(cx, g->manifest, &JSON_DOCUMENT, &m));
  if (!step || !role_fits(m, t, step)) *fault = "no role of the signer permits it";
  JSON_EACH(claim, json_get(m, "duties"))
    if (!*fault && !duty_held(claim, g, duties)) *fault = "the signer did not hold the duty that it claims";
  if (*fault || !g->to.n) return E_OK;
  TRY(seats_filled(cx, s, g, t, step, &whole));
  if (!whole) *fault = "others had to sign before it could lead on";
  return E_OK;
}

static bool by_contributor(const Replay *replay, const Signature *g) {
  size_t from = 0, to = replay->own.n;
  while (from < to) {
    size_t mid = from + (to - from) / 2;
    if (replay->own.p[mid] < g->seq) from = mid + 1;
    else to = mid;
  }
  return from < replay->own.n && replay->own.p[from] == g->seq;
}

/* Who wrote in it signs as its author, and as nothing else where a second person is asked for (SOD-1); nobody else
 * does.  One that led on is judged with its step (replay.c). */
static void author_fault(const Replay *replay, const Signature *g, const Record *r, const char **fault) {
  const Step *step = rule_step(g, r->type);
  const Seat *seat = step ? seat_of_kind(r->type, step, g->kind) : NULL;
  bool own = by_contributor(replay, g), authored = seat && seat_authored(seat);
  if (own && !authored && step && (step->flags & STEP_SECOND) && !g->to.n)
    *fault = "the one who signed had contributed (SOD-1)";
  if (authored && !own && !str_eq(r->owner, g->signer)) *fault = "its author did not sign it";
}

static Err revision_fault(Cx *cx, const Replay *replay, const Signature *g, Str body, const char **fault) {
  JVal *m;
  Record r = { 0 };
  TRY(json_read(cx, g->manifest, &JSON_DOCUMENT, &m));
  TRY(record_parse(cx, body, &r));
  if (!attachments_are(m, &r)) *fault = "its manifest names other files than the revision has";
  else author_fault(replay, g, &r, fault);
  return E_OK;
}

static Err signature_fault(Cx *cx, Store *s, const Replay *replay, const Duties *duties, const Signature *g,
                           const char **fault) {
  Revision v;
  size_t at = map_get(&replay->by_id, g->record);
  if (!str_eq(hash_hex(cx->arena, sha256(g->manifest)), g->hash)) *fault = "its manifest does not have its hash";
  else if (!str_eq(g->about, g->record) || g->about_rev != g->rev) *fault = "its manifest is about another revision";
  else if (at == MAP_NONE) *fault = "there is no such record";
  else TRY(standing_fault(cx, s, g, replay->life.p[at].head.type, duties, fault));
  if (*fault) return E_OK;
  TRY(entry_fault(cx, s, g, fault));
  if (*fault) return E_OK;
  Cx own = { .arena = cx->arena };
  Err e = ledger_revision(&own, s, g->record, g->rev, &v);
  if (e != E_OK || !str_eq(hash_hex(cx->arena, v.hash), g->body_hash))
    *fault = "the revision is not the one that was signed";
  return *fault ? E_OK : revision_fault(cx, replay, g, v.body, fault);
}

Err signatures_verify(Cx *cx, Store *s, const Replay *replay, VerifyReport *report) {
  AUTO(Rows) r = { 0 };
  size_t next = 0;
  Duties duties = { 0 };
  TRY(people_duties_ever(cx, s, &duties));
  TRY(store_rows(cx, s, SQL_SIGNATURE_ALL, NO_ARGS, &r));
  for (bool got;;) {
    Signature g;
    const char *fault = NULL;
    TRY(rows_next(cx, &r, &got));
    int64_t seq = got ? row_int(&r, 3) : INT64_MAX;
    for (; next < replay->signed_at.n && replay->signed_at.p[next] < seq; next++)
      verify_find(cx, report, "signature", str_fmt(cx->arena, "%lld", (long long)replay->signed_at.p[next]),
                  "the entry tells of a signature that is gone");
    if (!got) return E_OK;
    if (next < replay->signed_at.n && replay->signed_at.p[next] == seq) next++;
    ArenaMark mark = arena_mark(cx->arena); /* behind what was found above, which stays */
    TRY(signature_read(cx, s, &r, &g));
    TRY(signature_fault(cx, s, replay, &duties, &g, &fault));
    if (fault)
      verify_find(cx, report, "signature", str_fmt(cx->arena, "%.*s@%lld", STR(g.record), (long long)g.rev),
                  "by %.*s: %s", STR(g.signer), fault);
    else arena_release(cx->arena, mark);
  }
}
