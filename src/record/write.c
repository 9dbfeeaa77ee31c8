/* The one way to write a record. */
#include "inside.h"
#include "record.sql.h"
#include <ctype.h>

Err write_open(Cx *cx, Call *call, const char *act, Write *out) {
  Who who;
  TRY(people_call_who(cx, call, &who));
  *out = (Write){ .call = call, .act = act, .who = who };
  return E_OK;
}

static Entry entry_of(Cx *cx, const Write *w, const Head *h, Str to) {
  const Call *c = w->call;
  return (Entry){ .act = str_of(w->act),
                  .actor = c->actor,
                  .auth = c->auth,
                  .source = c->source,
                  .request = c->request,
                  .obj = str_fmt(cx->arena, "%.*s@%lld", STR(h->id), (long long)h->rev),
                  .to = to,
                  .reason = c->reason,
                  .new_hash = w->signed_hash,
                  .t_us = c->now_us };
}

/* What a link saw of its own end is known only now: the record as it will be.  Until a record is accepted for the first
 * time its links are accepted with it (anew), so that writing a draft makes none of them suspect. */
static void links_seal(Arena *a, Record *r, Str fingerprint, bool anew) {
  for (size_t i = 0; i < r->type->nfields; i++) {
    Value *v = &r->values[i];
    for (size_t k = 0; k < v->links.n; k++) {
      if (v->links.p[k].self.n && !(anew && k == 0)) continue;
      Value own = { .set = true };   /* the array may belong to the record as it was */
      for (size_t j = 0; j < v->links.n; j++) {
        Link l = v->links.p[j];
        if (anew || !l.self.n) l.self = fingerprint;
        vec_add(a, &own.links, l);
      }
      *v = own;
    }
  }
}

/* Storage that lies must not stay unnoticed: what was just written is read again before anybody is told so. */
static Err read_back(Cx *cx, Store *s, const Head *h, Hash want) {
  Revision v;
  TRY(ledger_revision(cx, s, h->id, h->rev, &v));
  if (hash_eq(sha256(v.body), want) && hash_eq(v.hash, want)) return E_OK;
  return fail(cx, E_INTEGRITY,
              "%.*s revision %lld did not read back as it was written. Nothing was stored. Check the disk.",
              STR(h->id), (long long)h->rev);
}

static Err revise(Cx *cx, const Write *w, const Record *r, Str body, Str to, Head *h) {
  Hash hash = sha256(body);
  Entry e = entry_of(cx, w, h, to);
  Revision v = { .record = h->id, .type = str_of(r->type->name), .rev = h->rev, .body = body, .hash = hash,
                 .t_us = w->call->now_us, .actor = w->call->actor };
  TRY(ledger_revise(cx, w->call->store, &v, &e, &h->changed_seq));
  TRY(read_back(cx, w->call->store, h, hash));
  h->hash = hash_hex(cx->arena, hash);
  return E_OK;
}

/* Editing where a state does not allow it starts a draft in the first state; what was accepted stays in
 * force. */
static Str state_after(const Write *w, const RecordType *t, const Head *head) {
  if (!head) return str_of(t->life->states[0].name);
  const State *st = life_state(t->life, head->state);
  return w->keeps_state || (st && (st->flags & ST_EDIT)) ? head->state : str_of(t->life->states[0].name);
}

Err write_revision(Cx *cx, const Write *w, Record *r, const Head *head, const Record *before, Head *out) {
  Store *s = w->call->store;
  Head h = head ? *head : (Head){ .id = r->id, .type = r->type, .created_us = w->call->now_us };
  h.rev++;
  h.state = state_after(w, r->type, head);
  if (w->keeps_state && head && head->in_force_rev == head->rev) h.in_force_rev = h.rev;
  h.title = r->title;
  h.owner = r->owner;
  h.fingerprint = record_fingerprint(cx, r);
  h.changed_us = w->call->now_us;
  h.changed_by = w->call->actor;
  r->rev = h.rev;
  links_seal(cx->arena, r, h.fingerprint, h.in_force_rev == 0);
  Str body, to = head && str_eq(head->state, h.state) ? S("") : h.state;
  TRY(record_body(cx, r, &body));
  TRY(revise(cx, w, r, body, to, &h));
  TRY(head_put(cx, s, &h));
  TRY(projection_put(cx, s, r, before));
  if (!w->keeps_state)
    TRY(store_run(cx, s, SQL_CONTRIBUTOR_ADD, ARGS(v_text(h.id), v_text(w->call->actor)), NULL));
  *out = h;
  return E_OK;
}

Err write_step(Cx *cx, const Write *w, const Step *step, Head *head) {
  Store *s = w->call->store;
  Head h = *head;
  h.state = str_of(step->to);
  h.changed_us = w->call->now_us;
  h.changed_by = w->call->actor;
  if (life_state(h.type->life, h.state)->flags & ST_ACCEPTED) h.in_force_rev = h.rev;
  Entry e = entry_of(cx, w, &h, h.state);
  TRY(ledger_append(cx, s, &e, &h.changed_seq));
  TRY(head_put(cx, s, &h));
  Contribution c = step_contribution(h.type->life, step, head->state);
  if (c == CONTRIBUTORS_CLEAR) TRY(store_run(cx, s, SQL_CONTRIBUTOR_DROP, ARGS(v_text(h.id)), NULL));
  else if (c == CONTRIBUTORS_ADD)
    TRY(store_run(cx, s, SQL_CONTRIBUTOR_ADD, ARGS(v_text(h.id), v_text(w->call->actor)), NULL));
  *head = h;
  return E_OK;
}

Err write_part(Cx *cx, const Write *w, const Head *head, int64_t *seq) {
  Entry e = entry_of(cx, w, head, S(""));
  return ledger_append(cx, w->call->store, &e, seq);
}

/* ---- ids ---------------------------------------------------------------------------------------------- */

static bool id_ok(Str id) {
  if (!id.n || id.n > ID_BYTES || !isalpha((unsigned char)id.p[0])) return false;
  for (size_t i = 0; i < id.n; i++)
    if (!isalnum((unsigned char)id.p[i]) && id.p[i] != '-') return false;
  return true;
}

int64_t id_number(const RecordType *t, Str id) {
  int64_t n;
  Str prefix, digits;
  if (!str_cut(id, '-', &prefix, &digits) || !str_eq_nocase(prefix, str_of(t->prefix)) || digits.n > 15)
    return 0;
  return str_int(digits, &n) && n > 0 ? n : 0;
}

Numbers numbers_new(Arena *a) {
  size_t n = 0;
  while (record_type_at(n)) n++;
  Numbers out = { NEW_ARRAY(a, n + 1, int64_t), NEW_ARRAY(a, n + 1, bool) };
  for (size_t i = 0; i < n; i++) out.last[i] = -1;
  return out;
}

static Err number_of(Cx *cx, Store *s, Numbers *n, const RecordType *t, int64_t **out) {
  int64_t *last = &n->last[record_type_index(t)];
  if (*last < 0) TRY(store_int(cx, s, SQL_NUMBER_ROW, ARGS(v_text(str_of(t->name))), 0, last));
  *out = last;
  return E_OK;
}

static Err id_wanted(Cx *cx, Store *s, Str wanted, Str *out) {
  Head h;
  bool taken = false;
  *out = S("");
  if (!id_ok(wanted)) {
    problem(cx, S("id"), "id",
            "'%.*s' cannot be an id: a letter, then letters, digits and hyphens, at most %d in all",
            STR(str_slice(wanted, 0, 64)), ID_BYTES);
    return E_OK;
  }
  TRY(head_find(cx, s, wanted, &h, &taken));
  if (taken) problem(cx, S("id"), "taken", "%.*s exists already", STR(h.id));
  else *out = wanted;
  return E_OK;
}

Err id_new(Cx *cx, Store *s, Numbers *n, const RecordType *t, Str wanted, Str *out) {
  int64_t *last;
  TRY(number_of(cx, s, n, t, &last));
  if (!wanted.n) {
    *out = str_fmt(cx->arena, "%s-%04lld", t->prefix, (long long)++*last);
    n->moved[record_type_index(t)] = true;
    return E_OK;
  }
  TRY(id_wanted(cx, s, wanted, out));
  if (id_number(t, *out) > *last) {
    *last = id_number(t, *out);
    n->moved[record_type_index(t)] = true;
  }
  return E_OK;
}

Err numbers_keep(Cx *cx, Store *s, const Numbers *n) {
  for (size_t i = 0; record_type_at(i); i++)
    if (n->moved[i])
      TRY(store_run(cx, s, SQL_NUMBER_PUT, ARGS(v_text(str_of(record_type_at(i)->name)), v_int(n->last[i])),
                    NULL));
  return E_OK;
}
