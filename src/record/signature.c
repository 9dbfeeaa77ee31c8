/* Signatures as they stand: for pages, JSON and verify. */
#include "inside.h"
#include "sign.sql.h"

static Err signature_read(Cx *cx, const Rows *r, Signature *out) {
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
    TRY(signature_read(cx, &r, &one));
    vec_add(cx->arena, &all, one);
  }
  *out = all;
  return E_OK;
}

Str signature_covers(Cx *cx, const Signature *s, int64_t rev) {
  if (s->rev == rev) return str_fmt(cx->arena, "covers revision %lld", (long long)rev);
  return str_fmt(cx->arena, "covers revision %lld, not revision %lld", (long long)s->rev, (long long)rev);
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

/* A role is claimed, it exists, and the step asks for it.  Who held it when is in the entries of user.grant. */
static bool role_fits(Cx *cx, const Signature *g, const RecordType *t) {
  JVal *m;
  Cx own = { .arena = cx->arena };
  if (json_read(&own, g->manifest, &JSON_DOCUMENT, &m) != E_OK) return false;
  Str life, name;
  Roles asked = ROLES_NONE;
  (void)str_cut(json_text(m, "rule"), '.', &life, &name);
  for (size_t i = 0; i < t->life->nsteps; i++)
    if (str_eq(str_of(t->life->steps[i].name), name))
      asked |= t->life->steps[i].roles ? t->life->steps[i].roles : t->editors;
  JSON_EACH(role, json_get(m, "roles"))
    if (role_find(json_str(role)) & asked) return true;
  return false;
}

static Err signature_fault(Cx *cx, Store *s, const Replay *replay, const Signature *g, const char **fault) {
  Revision v;
  size_t at = map_get(&replay->by_id, g->record);
  if (!str_eq(hash_hex(cx->arena, sha256(g->manifest)), g->hash)) *fault = "its manifest does not have its hash";
  else if (!str_eq(g->about, g->record) || g->about_rev != g->rev) *fault = "its manifest is about another revision";
  else if (at == MAP_NONE) *fault = "there is no such record";
  else if (!role_fits(cx, g, replay->life.p[at].head.type)) *fault = "no role of the signer permits it";
  if (*fault) return E_OK;
  TRY(entry_fault(cx, s, g, fault));
  if (*fault) return E_OK;
  Cx own = { .arena = cx->arena };
  Err e = ledger_revision(&own, s, g->record, g->rev, &v);
  if (e != E_OK || !str_eq(hash_hex(cx->arena, v.hash), g->body_hash))
    *fault = "the revision is not the one that was signed";
  return E_OK;
}

Err signatures_verify(Cx *cx, Store *s, const Replay *replay, VerifyReport *report) {
  AUTO(Rows) r = { 0 };
  size_t next = 0;
  TRY(store_rows(cx, s, SQL_SIGNATURE_ALL, NO_ARGS, &r));
  for (bool got;;) {
    Signature g;
    const char *fault = NULL;
    ArenaMark mark = arena_mark(cx->arena);
    TRY(rows_next(cx, &r, &got));
    int64_t seq = got ? row_int(&r, 3) : INT64_MAX;
    for (; next < replay->signed_at.n && replay->signed_at.p[next] < seq; next++)
      verify_find(cx, report, "signature", str_fmt(cx->arena, "%lld", (long long)replay->signed_at.p[next]),
                  "the entry tells of a signature that is gone");
    if (!got) return E_OK;
    if (next < replay->signed_at.n && replay->signed_at.p[next] == seq) next++;
    TRY(signature_read(cx, &r, &g));
    TRY(signature_fault(cx, s, replay, &g, &fault));
    if (fault)
      verify_find(cx, report, "signature", str_fmt(cx->arena, "%.*s@%lld", STR(g.record), (long long)g.rev),
                  "by %.*s: %s", STR(g.signer), fault);
    else arena_release(cx->arena, mark);
  }
}
