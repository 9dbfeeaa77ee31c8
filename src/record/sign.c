/* The signing ceremony (21 CFR 11.50, 11.70, 11.200).  sign_open() freezes what is signed: the same call, with the
 * nonce and time of the page, is made again by the writer, so whatever changed in between shows as another ticket. */
#include "inside.h"
#include "record.sql.h"
#include "sign.sql.h"

const Fact signature_fact = { "signature", SQL_SIGNATURE_FACT, SQL_SIGNATURE_KEYS };

/* ---- opening ------------------------------------------------------------------------------------------ */

typedef VEC(const Step *) Steps;

/* The signing steps whose guards hold; *why: of the first whose do not. */
static Err steps_due(Cx *cx, Store *s, const Record *r, Steps *out, Str *why) {
  const Lifecycle *l = r->type->life;
  for (size_t i = 0; i < l->nsteps; i++) {
    const Step *step = &l->steps[i];
    Cx probe = { .arena = cx->arena, .now_us = cx->now_us };
    if (!(step->flags & STEP_SIGN) || life_step(l, str_of(step->name), r->state) != step) continue;
    Err e = guards_hold(&probe, s, r, step);
    if (e == E_OK) vec_add(cx->arena, out, step);
    else if (e != E_CONFLICT) return fail(cx, e, "%.*s", STR(probe.words));
    else if (!why->n) *why = probe.words;
  }
  return E_OK;
}

/* The step that is named, or the only signature that the record, as it is written, waits for. */
static Err item_step(Cx *cx, Store *s, const Head *h, const Record *r, Str name, const Step **out) {
  Steps due = { 0 };
  Str why = STR_NONE;
  if (name.n) return step_find(cx, h, name, out);
  TRY(steps_due(cx, s, r, &due, &why));
  if (due.n > 1)
    return fail(cx, E_INVALID, "%.*s can be signed with '%s' or '%s'. Nothing was signed. Name the step.", STR(h->id),
                due.p[0]->label, due.p[1]->label);
  if (due.n) *out = due.p[0];
  if (due.n) return E_OK;
  if (why.n) return fail(cx, E_CONFLICT, "%.*s", STR(why));
  return fail(cx, E_CONFLICT, "%.*s is %.*s and waits for no signature. Nothing was signed.", STR(h->id),
              STR(choice_words(cx->arena, h->state)));
}

static Err item_open(Cx *cx, Store *s, const Who *who, const Ceremony *c, Str id, SignItem *item) {
  Head h;
  TRY(head_get(cx, s, id, &h));
  TRY(record_get_head(cx, s, &h, &item->record));
  TRY(may_see(cx, s, who, &item->record));
  TRY(item_step(cx, s, &h, &item->record, c->step, &item->step));
  if (!(item->step->flags & STEP_SIGN))
    return fail(cx, E_CONFLICT, "'%s' on %.*s is not a signature. Nothing was signed. Take it as a step.",
                item->step->label, STR(h.id));
  Standing standing;
  TRY(step_allowed(cx, s, who, &item->record, item->step, &standing));
  return manifest_make(cx, s, who, c, &standing, item);
}

static SignerGap *signer_gap;
static bool factor_required;

void record_signing_set(SignerGap *gap, bool required) {
  signer_gap = gap;
  factor_required = required;
}

static Err signer_fit(Cx *cx, Store *s, const Who *who, bool enrolled) {
  Str why = S("");
  if (factor_required && !enrolled)
    return fail(cx, E_DENIED,
                "Signing needs a second factor here. Nothing was signed. Set one up on your account page, or "
                "run: proofline totp enrol");
  if (signer_gap) TRY(signer_gap(cx, s, who->id, cx->now_us, &why));
  if (!why.n) return E_OK;
  return fail(cx, E_DENIED, "%.*s Nothing was signed.", STR(why));
}

static Err ids_check(Cx *cx, const Str *ids, size_t n) {
  if (!n || n > SIGN_MOST)
    return fail(cx, E_INVALID, "One ceremony signs 1 to %d records, not %zu. Nothing was signed.", SIGN_MOST, n);
  for (size_t i = 0; i < n; i++)
    for (size_t k = 0; k < i; k++)
      if (str_eq_nocase(ids[i], ids[k]))
        return fail(cx, E_INVALID, "%.*s stands twice. Nothing was signed.", STR(ids[i]));
  return E_OK;
}

/* Binds the session to every manifest, which hold the rest: record, hash, meaning, signer, nonce, time. */
static Err ticket_make(Cx *cx, Store *s, Ceremony *c) {
  Buf b = buf_new(cx->arena, 1 << 16);
  buf_fmt(&b, "sign\n%.*s\n%.*s\n", STR(c->session), STR(c->step));
  for (size_t i = 0; i < c->n; i++) buf_fmt(&b, "%.*s\n", STR(hash_hex(cx->arena, c->item[i].hash)));
  return people_ticket(cx, s, buf_str(&b), &c->ticket);
}

static Err open_items(Cx *cx, Store *s, const Who *who, const Str *ids, size_t n, Ceremony *c) {
  TRY(ids_check(cx, ids, n));
  c->item = NEW_ARRAY(cx->arena, n, SignItem);
  for (c->n = 0; c->n < n; c->n++) TRY(item_open(cx, s, who, c, ids[c->n], &c->item[c->n]));
  return E_OK;
}

Err sign_open(Cx *cx, Store *s, const Who *who, const SignWhat *what, Ceremony *out) {
  bool enrolled;
  bool anew = !what->nonce.n;
  TRY(people_enrolled(cx, s, who->id, &enrolled));
  TRY(signer_fit(cx, s, who, enrolled));
  Ceremony c = { .step = what->step,
                 .session = what->session,
                 .method = enrolled ? "password+code" : "password",
                 .nonce = anew ? random_hex(cx->arena, 16) : what->nonce,
                 .shown_us = anew ? cx->now_us : what->shown_us };
  TRY(open_items(cx, s, who, what->id, what->n, &c));
  TRY(ticket_make(cx, s, &c));
  if (!anew && !bytes_eq_secret(c.ticket, what->ticket))
    return fail(cx, E_STALE,
                "The record changed since you opened it, or something that it rests on did. Nothing was signed. "
                "Open the signing page again and read it.");
  *out = c;
  return E_OK;
}

Str sign_args(Cx *cx, const Ceremony *c, Str code) {
  Buf b = buf_new(cx->arena, 64 * 1024);
  JsonOut o = json_out(&b, false);
  json_object(&o);
  if (c->step.n) json_pair(&o, "step", c->step);
  json_key(&o, "ids");
  json_array(&o);
  for (size_t i = 0; i < c->n; i++) json_put_str(&o, c->item[i].record.id);
  json_array_end(&o);
  json_pair(&o, "nonce", c->nonce);
  json_pair_int(&o, "shown", c->shown_us);
  json_pair(&o, "ticket", c->ticket);
  json_pair(&o, "session", c->session);
  if (code.n) json_pair(&o, "code", code);
  json_object_end(&o);
  return buf_str(&b);
}

/* ---- writing ------------------------------------------------------------------------------------------ */

/* The step's entry, the signature, and the entry that names the manifest by its hash.  A signature that others still
 * have to join has an entry without a state to lead to. */
Err signature_write(Cx *cx, Write *w, SignItem *item) {
  Call *c = w->call;
  Head h;
  Str hash = hash_hex(cx->arena, item->hash);
  int64_t seq, at;
  w->act = "record.sign";
  w->signed_hash = item->record.hash;
  TRY(head_get(cx, c->store, item->record.id, &h));
  if (item->waits.n) {
    TRY(write_part(cx, w, &h, &at));
    if (author_signs(h.type, h.state))
      TRY(store_run(cx, c->store, SQL_CONTRIBUTOR_ADD, ARGS(v_text(h.id), v_text(c->actor)), NULL));
  } else {
    TRY(write_step(cx, w, item->step, &h));
    at = h.changed_seq;
  }
  TRY(store_run(cx, c->store, SQL_SIGNATURE_ADD,
                ARGS(v_text(hash), v_text(h.id), v_int(h.rev), v_int(at), v_int(c->now_us), v_text(item->manifest)),
                NULL));
  Entry e = { .act = S("record.signature"), .actor = c->actor, .auth = c->auth, .source = c->source,
              .request = c->request, .t_us = c->now_us };
  TRY(ledger_fact_entry(cx, c->store, &signature_fact, hash, &e, &seq));
  return item->waits.n ? E_OK : step_entered(cx, c, h.id, item->step);
}

Err sign_sample(Cx *cx, Write *w, const Record *r, const Step *step) {
  Ceremony c = { .step = str_of(step->name), .method = "sample", .nonce = random_hex(cx->arena, 16),
                 .shown_us = w->call->now_us };
  SignItem item = { .record = *r, .step = step };
  Standing standing;
  TRY(step_allowed(cx, w->call->store, &w->who, r, step, &standing));
  TRY(manifest_make(cx, w->call->store, &w->who, &c, &standing, &item));
  return signature_write(cx, w, &item);
}

/* ---- the command -------------------------------------------------------------------------------------- */

static Err ceremony_check(Cx *cx, Call *call, const SignWhat *what) {
  AUTO(Rows) r = { 0 };
  bool got;
  int64_t age = cx->now_us - what->shown_us;
  TRY(store_rows(cx, call->store, SQL_CEREMONY_GET, ARGS(v_text(what->nonce)), &r));
  TRY(rows_next(cx, &r, &got));
  if (got && row_int(&r, 1))
    return fail(cx, E_STALE, "This signing page was used already. Nothing more was signed. Open it again.");
  if (got && row_int(&r, 0) >= SIGN_TRIES)
    return fail(cx, E_STALE, "This signing page ended after %d wrong tries. Nothing was signed. Open it again.",
                SIGN_TRIES);
  if (what->nonce.n != 32 || age > SIGN_MINUTES * 60 * US_PER_S || age < -60 * US_PER_S)
    return fail(cx, E_STALE, "This signing page is older than %d minutes. Nothing was signed. Open it again.",
                SIGN_MINUTES);
  return E_OK;
}

/* A page's signature comes from a session that is alive now; the command line's from its own run. */
static Err session_check(Cx *cx, Call *call, Str session) {
  bool live = false;
  if (!str_eq(call->source, S("web"))) return E_OK;
  TRY(people_session_live(cx, call->store, session, call->actor, cx->now_us, &live));
  return live ? E_OK : fail(cx, E_UNAUTHENTIC, "You are signed out. Nothing was signed. Sign in to continue.");
}

static Err what_read(Cx *cx, Call *call, SignWhat *out) {
  JVal *ids = json_get(call->args, "ids");
  Str *id = NEW_ARRAY(cx->arena, SIGN_MOST + 1, Str);
  SignWhat what = { .step = json_text(call->args, "step"),
                    .session = json_text(call->args, "session"),
                    .nonce = json_text(call->args, "nonce"),
                    .shown_us = json_int(call->args, "shown", 0),
                    .ticket = json_text(call->args, "ticket"),
                    .id = id };
  JSON_EACH(v, ids)
    if (what.n <= SIGN_MOST) id[what.n++] = json_str(v);
  *out = what;
  return E_OK;
}

Err run_sign(Cx *cx, Call *call) {
  Write w;
  SignWhat what;
  Ceremony c = { 0 };
  TRY(write_open(cx, call, "record.sign", &w));
  TRY(what_read(cx, call, &what));
  if (!str_starts(call->auth, S("password")))
    return fail(cx, E_DENIED, "A signature needs the password of the person who signs. Nothing was signed.");
  TRY(ceremony_check(cx, call, &what));
  TRY(session_check(cx, call, what.session));
  TRY(sign_open(cx, call->store, &w.who, &what, &c));
  TRY(people_factor(cx, call, &w.who, json_text(call->args, "code")));
  for (size_t i = 0; i < c.n; i++) {
    if (c.item[i].step->flags & STEP_REASON) TRY(reason_given(cx, call->reason));
    TRY(signature_write(cx, &w, &c.item[i]));
  }
  TRY(store_run(cx, call->store, SQL_CEREMONY_PRUNE, ARGS(v_int(call->now_us - US_PER_DAY)), NULL));
  TRY(store_run(cx, call->store, SQL_CEREMONY_USED, ARGS(v_text(what.nonce), v_int(call->now_us)), NULL));
  json_pair_int(call->result, "signed", (int64_t)c.n);
  json_pair(call->result, "id", c.item[0].record.id);
  json_pair_int(call->result, "rev", c.item[0].record.rev);
  json_pair(call->result, "state", c.item[0].waits.n ? c.item[0].record.state : str_of(c.item[0].step->to));
  if (c.item[0].waits.n) json_pair(call->result, "waits", c.item[0].waits);
  json_pair(call->result, "signature", hash_hex(cx->arena, c.item[0].hash));
  return E_OK;
}

/* No entry: session.failed has one. */
Err run_sign_failed(Cx *cx, Call *call) {
  return store_run(cx, call->store, SQL_CEREMONY_FAILED,
                   ARGS(v_text(json_text(call->args, "nonce")), v_int(call->now_us)), NULL);
}
