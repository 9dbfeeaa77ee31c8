/* Which step is whose: the duty that it asks for, and where one signature is not enough.  Rows of one type and step are
 * its seats: all are filled, and where there are several, by two people or more. */
#include "inside.h"

#define RELEASE "release", "release"
#define SAFETY "safety_risk", "accept"
#define SEC_ACCEPT "security_risk_acceptor"
#define REVIEWED "reviewed"
/* What is said of a vulnerability to the outside is signed by its analyst, then by somebody who took no part in it. */
#define STATED(step, words)                                                                                  \
  { NULL, step, 0, .life = "vex", .kind = AUTHORED, .policy = 5,                                             \
    .means = "I analysed this vulnerability: " words },                                                      \
  { NULL, step, 0, .life = "vex", .kind = REVIEWED, .policy = 5, .means = "I reviewed this analysis: " words }
#define REVIEWS (ROLE(REVIEWER) | ROLE(APPROVER) | ROLE(QA_MANAGER))

const Seat record_seats[] = {
  /* who owns the threat model puts it forward; another one approves it (SOD-1) */
  { "threat_model", "submit", 0, "threat_model_owner" },
  { "control", "approve", 0, "mitigation_authoriser" },
  /* who accepts which residual risk */
  { "security_risk", "accept", 0, SEC_ACCEPT, "level_after" },
  { "residual_risk", "approve", 0, SEC_ACCEPT, "level" },
  { "safety_risk", "analyse", 0, "safety_risk_owner" },
  /* SOD-3: clinical safety and quality, two people */
  { SAFETY, ROLE(CLINICAL_SAFETY), "clinical_assessor", "level_after" },
  { SAFETY, ROLE(QA_MANAGER) },
  /* a controlled document goes to its review with its author's name */
  { NULL, "submit", 0, .life = "document", .kind = AUTHORED,
    .means = "I wrote this document and it is ready for review" },
  /* SOD-2: who reviewed it does not approve it */
  { NULL, "approve", REVIEWS, .life = "document", .kind = REVIEWED,
    .means = "I reviewed this document and it can be approved" },
  { NULL, "approve", ROLE(APPROVER) | ROLE(QA_MANAGER), .life = "document", .kind = "approved",
    .means = "I approve this document as it stands" },
  STATED("state_affected", "the product is affected, as written here"),
  STATED("state_not_affected", "the product is not affected, for the justification written here"),
  STATED("state_fixed", "the product is fixed in the version named here"),
  /* quality, product security and regulatory affairs let a release go */
  { RELEASE, ROLE(QA_MANAGER) | ROLE(APPROVER), "release_authoriser" },
  { RELEASE, ROLE(SECURITY_LEAD) },
  { RELEASE, ROLE(REGULATORY) },
  /* who speaks to whom */
  { "regulatory_report", "decide_reportable", 0, "regulator_contact" },
  { "regulatory_report", "decide_not_reportable", 0, "regulator_contact" },
  { "regulatory_report", "submit", 0, "regulator_contact" },
  { "regulatory_report", "resubmit", 0, "regulator_contact" },
  { "submission", "submit", 0, "regulator_contact" },
  { "submission", "resubmit", 0, "regulator_contact" },
  { "advisory_notice", "make_effective", 0, "customer_contact" },
  { "disclosure", "act", 0, "psirt_lead" },
  { "incident", "act", 0, "incident_commander" },
  { "supplier", "evaluate", 0, "supplier_security_owner" },
};
const size_t record_nseats = COUNT(record_seats);

bool seat_is_of(const Seat *seat, const RecordType *t, const Step *step) {
  bool here =
      seat->type ? str_eq(str_of(seat->type), str_of(t->name)) : str_eq(str_of(seat->life), str_of(t->life->name));
  return here && str_eq(str_of(seat->step), str_of(step->name));
}

bool seat_authored(const Seat *seat) { return seat->kind && str_eq(str_of(seat->kind), S(AUTHORED)); }

Roles seat_roles(const Seat *seat, const RecordType *t, const Step *step) {
  if (seat->roles) return seat->roles;
  return step->roles && !seat_authored(seat) ? step->roles : t->editors;
}

const Seat *seat_of_kind(const RecordType *t, const Step *step, Str kind) {
  for (size_t i = 0; i < COUNT(record_seats); i++) {
    const Seat *seat = &record_seats[i];
    if (seat->kind && seat_is_of(seat, t, step) && str_eq(kind, str_of(seat->kind))) return seat;
  }
  return NULL;
}

bool author_signs(const RecordType *t, Str state) {
  for (size_t i = 0; i < t->life->nsteps; i++) {
    const Step *step = &t->life->steps[i];
    if (str_eq(str_of(step->from), state) && seats_of(t, step) > 1 && seat_of_kind(t, step, S(AUTHORED))) return true;
  }
  return false;
}

const char *step_kind(const RecordType *t, const Step *step, size_t i) {
  size_t n = 0;
  if (!(step->flags & STEP_SIGN)) return NULL;
  for (size_t k = 0; k < COUNT(record_seats); k++)
    if (record_seats[k].kind && seat_is_of(&record_seats[k], t, step) && n++ == i) return record_seats[k].kind;
  return n || i ? NULL : kind_of(t->life, step);
}

Roles step_roles(const RecordType *t, const Step *step) {
  Roles all = ROLES_NONE;
  for (size_t i = 0; i < COUNT(record_seats); i++)
    if (seat_is_of(&record_seats[i], t, step)) all |= seat_roles(&record_seats[i], t, step);
  if (!all) all = step->roles ? step->roles : t->editors;
  return all;
}

/* ---- the duty ----------------------------------------------------------------------------------------- */

static Roles roles_on(const Who *who, const Record *r) {
  Roles have = ROLES_ALL;
  if (!r->products.n) return who_roles(who, str_eq(str_of(r->type->name), PRODUCT_TYPE) ? r->id : S(""));
  for (size_t i = 0; i < r->products.n; i++) have &= who_roles(who, r->products.p[i]);
  return have;
}

static Str level_of(const Record *r, const Seat *seat, const char *const **levels) {
  size_t at;
  const Field *f = seat->level ? record_field(r->type, str_of(seat->level), &at) : NULL;
  *levels = f ? f->choices : NULL;
  return f && r->values[at].set ? r->values[at].s : S("");
}

/* A deputy or delegate acts for somebody, and what that one may not do they may not do for them (SOD-6). */
static Err not_for_a_contributor(Cx *cx, Store *s, const Record *r, const Duties *by, const char *label, Duty *out) {
  const Duty *barred = NULL;
  for (size_t i = 0; i < by->n; i++) {
    bool own = false;
    if (by->p[i].deputy_of.n) TRY(contributed(cx, s, r->id, by->p[i].deputy_of, &own));
    if (!own) {
      *out = by->p[i];
      return E_OK;
    }
    barred = &by->p[i];
  }
  return fail(
      cx, E_DENIED,
      "You are %.*s of %.*s, who changed or submitted %.*s since it was last accepted, so '%s' is not yours in that "
      "name (SOD-6). Nothing was changed. Somebody who holds the duty and did not write it can.",
      STR(barred->kind), STR(people_name(cx, s, barred->deputy_of)), STR(r->id), label);
}

static Err duty_on(Cx *cx, Store *s, const Who *who, const Record *r, const Step *step, const Seat *seat, Str product,
                   Standings *out) {
  Duties by = { 0 };
  Duty taken = { 0 };
  DutyAsk ask = { .duty = str_of(seat->duty), .product = product, .now_us = cx->now_us };
  ask.level = level_of(r, seat, &ask.levels);
  if (!seat->level) ask.levels = NULL;
  ask.what = str_fmt(cx->arena, "The step '%s' on %.*s", step->label, STR(r->id)).p;
  TRY(authorise_duty(cx, s, who, &ask, &by));
  if (!seat->level)
    for (size_t i = 0; i < by.n; i++) by.p[i].upto = S("");
  if (step->flags & STEP_SECOND) TRY(not_for_a_contributor(cx, s, r, &by, step->label, &taken));
  else taken = by.p[0];
  for (size_t i = 0; i < out->n; i++)
    if (str_eq(out->p[i].id, taken.id)) return E_OK;
  vec_add(cx->arena, out, taken);
  return E_OK;
}

static Err is_author(Cx *cx, Store *s, const Who *who, const Record *r) {
  bool own = str_eq(r->owner, who->id);
  if (!own) TRY(contributed(cx, s, r->id, who->id, &own));
  if (own) return E_OK;
  return fail(cx, E_DENIED,
              "You did not write in %.*s since it was last accepted, so its author signs this. Nothing was changed.",
              STR(r->id));
}

static Err seat_fits(Cx *cx, Store *s, const Who *who, const Record *r, const Step *step, const Seat *seat,
                     Standings *out) {
  Standings taken = { 0 };
  Roles need = seat_roles(seat, r->type, step);
  if (!(roles_on(who, r) & need))
    return authorise_roles(cx, who, need, r->products.n ? r->products.p[0] : S(""),
                           str_fmt(cx->arena, "the step '%s' on %.*s", step->label, STR(r->id)).p);
  TRY(seat_authored(seat) ? is_author(cx, s, who, r) : not_contributor(cx, s, who, r, step));
  if (seat->duty) {
    bool product = str_eq(str_of(r->type->name), PRODUCT_TYPE);
    if (!r->products.n) TRY(duty_on(cx, s, who, r, step, seat, product ? r->id : S(""), &taken));
    for (size_t i = 0; i < r->products.n; i++) TRY(duty_on(cx, s, who, r, step, seat, r->products.p[i], &taken));
  }
  for (size_t i = 0; i < taken.n; i++) vec_add(cx->arena, out, taken.p[i]);
  return E_OK;
}

/* ---- who has signed already --------------------------------------------------------------------------- */

/* What a signature's manifest claims, or what the next one would. */
typedef struct Claim { Roles roles; Str signer, kind; VEC(Str) duties; int64_t policy; } Claim;

static Err claim_read(Cx *cx, const Signature *g, Claim *out) {
  JVal *m;
  TRY(json_read(cx, g->manifest, &JSON_DOCUMENT, &m));
  *out = (Claim){ .signer = g->signer, .kind = g->kind, .policy = json_int(m, "policy", 0) };
  JSON_EACH(role, json_get(m, "roles")) out->roles |= role_find(json_str(role));
  JSON_EACH(d, json_get(m, "duties")) vec_add(cx->arena, &out->duties, json_text(d, "duty"));
  return E_OK;
}

static bool claim_fills(const Claim *c, const Seat *seat, const RecordType *t, const Step *step) {
  if (!(c->roles & seat_roles(seat, t, step))) return false;
  if (seat->kind && !str_eq(c->kind, str_of(seat->kind))) return false;
  for (size_t i = 0; seat->duty && i < c->duties.n; i++)
    if (str_eq(c->duties.p[i], str_of(seat->duty))) return true;
  return !seat->duty;
}

typedef VEC(Claim) Claims;

/* Signatures of this step on this revision that moved nothing yet: those after the last step.  One that was given
 * before the record was sent back counts no more. */
static Err claims_of(Cx *cx, Store *s, const Record *r, const Step *step, int64_t since_seq, int64_t until_seq,
                     Claims *out) {
  Signatures all = { 0 };
  Str rule = str_fmt(cx->arena, "%s.%s", r->type->life->name, step->name);
  TRY(record_signatures(cx, s, r->id, &all));
  for (size_t i = 0; i < all.n; i++) {
    Claim c;
    const Signature *g = &all.p[i];
    if (g->rev != r->rev || g->to.n || g->seq <= since_seq || g->seq >= until_seq || !str_eq(g->rule, rule)) continue;
    TRY(claim_read(cx, g, &c));
    vec_add(cx->arena, out, c);
  }
  return E_OK;
}

static bool filled(const Claims *claims, const Seat *seat, const RecordType *t, const Step *step) {
  for (size_t i = 0; i < claims->n; i++)
    if (claim_fills(&claims->p[i], seat, t, step)) return true;
  return false;
}

static size_t signers(const Claims *claims) {
  size_t n = 0;
  for (size_t i = 0; i < claims->n; i++) {
    bool again = false;
    for (size_t k = 0; k < i; k++) again = again || str_eq(claims->p[i].signer, claims->p[k].signer);
    n += !again;
  }
  return n;
}

/* What is still open, in words; "" when the step is complete.  The last claim says which seats there were. */
static Str open_seats(Cx *cx, const Claims *claims, const RecordType *t, const Step *step) {
  Buf b = buf_new(cx->arena, 4096);
  size_t seats = 0;
  int64_t policy = claims->p[claims->n - 1].policy;
  for (size_t i = 0; i < COUNT(record_seats); i++) {
    const Seat *seat = &record_seats[i];
    if (!seat_is_of(seat, t, step) || seat->policy > policy) continue;
    seats++;
    if (!filled(claims, seat, t, step))
      buf_fmt(&b, "%s%.*s", b.n ? ", " : "", STR(roles_text(cx->arena, seat_roles(seat, t, step))));
  }
  if (!b.n && seats > 1 && signers(claims) < 2) buf_z(&b, "a second person");
  return buf_str(&b);
}

size_t seats_of(const RecordType *t, const Step *step) {
  size_t n = 0;
  for (size_t i = 0; i < COUNT(record_seats); i++) n += seat_is_of(&record_seats[i], t, step);
  return n;
}

/* ---- the decision ------------------------------------------------------------------------------------- */

static Err already(Cx *cx, const Claims *claims, const Who *who, const Record *r, const Step *step) {
  for (size_t i = 0; i < claims->n; i++)
    if (str_eq(claims->p[i].signer, who->id))
      return fail(cx, E_CONFLICT, "You signed '%s' on %.*s already. It waits for: %.*s.", step->label, STR(r->id),
                  STR(open_seats(cx, claims, r->type, step)));
  return E_OK;
}

/* Seats with words of their own are filled in their order. */
static Err not_yet(Cx *cx, const Record *r, const Step *step, const Seat *before) {
  return fail(cx, E_CONFLICT,
              "'%s' on %.*s waits for another signature before yours (%s): of somebody with the role %.*s%s. "
              "Nothing was signed.",
              step->label, STR(r->id), before->kind, STR(roles_text(cx->arena, seat_roles(before, r->type, step))),
              seat_authored(before) ? " who wrote in it or owns it" : "");
}

/* Every seat that this person fits is taken, of those with words of their own the first that is open; the words of the
 * first that they do not fit are kept for the case of none. */
static Err take_seats(Cx *cx, Store *s, const Who *who, const Record *r, const Step *step, const Claims *claims,
                      Standing *out) {
  Err first = E_OK;
  Cx told = { .arena = cx->arena, .now_us = cx->now_us };
  bool any = false;
  const Seat *before = NULL;
  for (size_t i = 0; i < COUNT(record_seats); i++) {
    const Seat *seat = &record_seats[i];
    Cx probe = { .arena = cx->arena, .now_us = cx->now_us };
    if (!seat_is_of(seat, r->type, step)) continue;
    if (seat->kind && (out->as || filled(claims, seat, r->type, step))) continue;
    Err e = seat_fits(&probe, s, who, r, step, seat, &out->duties);
    if (e == E_OK && seat->kind && before) return not_yet(cx, r, step, before);
    if (e == E_OK) out->roles |= roles_on(who, r) & seat_roles(seat, r->type, step), any = true;
    if (e == E_OK && seat->kind) out->as = seat;
    if (e == E_OK) continue;
    if (seat->kind) before = seat;
    if (e != E_DENIED && e != E_UNAUTHENTIC) return fail(cx, e, "%.*s", STR(probe.words));
    if (first == E_OK) told = probe, first = e;
  }
  return any ? E_OK : fail(cx, first, "%.*s", STR(told.words));
}

Err seat_take(Cx *cx, Store *s, const Who *who, const Record *r, const Step *step, Standing *out) {
  Standing mine = { .completes = true };
  Claims claims = { 0 };
  Claim next = { .signer = who->id, .policy = POLICY };
  Head h;
  mine.roles = roles_on(who, r) & step_roles(r->type, step);
  size_t seats = seats_of(r->type, step);
  bool job = !(step->flags & STEP_SIGN) && (who_roles(who, PRODUCT_ANY) & ROLE_SYSTEM);
  if (!seats || job) {
    *out = mine;
    return E_OK;
  }
  mine.roles = ROLES_NONE;
  if (seats > 1) {
    TRY(head_get(cx, s, r->id, &h));
    TRY(claims_of(cx, s, r, step, h.changed_seq, INT64_MAX, &claims));
    TRY(already(cx, &claims, who, r, step));
  }
  TRY(take_seats(cx, s, who, r, step, &claims, &mine));
  next.roles = mine.roles;
  if (mine.as) next.kind = str_of(mine.as->kind);
  for (size_t i = 0; i < mine.duties.n; i++) vec_add(cx->arena, &next.duties, mine.duties.p[i].duty);
  vec_add(cx->arena, &claims, next);
  mine.open = open_seats(cx, &claims, r->type, step);
  mine.completes = !mine.open.n;
  *out = mine;
  return E_OK;
}

Err record_next_kind(Cx *cx, Store *s, const Record *r, const Step *step, Str *kind) {
  Head h;
  Claims claims = { 0 };
  TRY(head_get(cx, s, r->id, &h));
  TRY(claims_of(cx, s, r, step, h.changed_seq, INT64_MAX, &claims));
  *kind = STR_NONE;
  for (size_t i = 0; i < COUNT(record_seats) && !kind->n; i++) {
    const Seat *seat = &record_seats[i];
    if (seat->kind && seat_is_of(seat, r->type, step) && !filled(&claims, seat, r->type, step))
      *kind = str_of(seat->kind);
  }
  return E_OK;
}

/* The last entry before `seq` that led the record to a state. */
static Err step_before(Cx *cx, Store *s, Str id, int64_t seq, int64_t *out) {
  LogRows rows = { 0 };
  *out = 0;
  TRY(ledger_entries(cx, s, id, 0, seq - 1, ENTRIES_MOST, &rows));
  for (size_t i = 0; i < rows.n; i++)
    if (rows.p[i].to.n) *out = rows.p[i].seq;
  return E_OK;
}

/* Each of these was given by somebody for whom no earlier seat was open. */
static bool in_order(const Claims *claims, const RecordType *t, const Step *step) {
  Claims so_far = { .p = claims->p };
  for (; so_far.n < claims->n; so_far.n++) {
    const Seat *own = seat_of_kind(t, step, claims->p[so_far.n].kind);
    for (const Seat *seat = record_seats; own && seat < own; seat++)
      if (seat->kind && seat_is_of(seat, t, step) && !filled(&so_far, seat, t, step)) return false;
  }
  return true;
}

Err seats_filled(Cx *cx, Store *s, const Signature *g, const RecordType *t, const Step *step, bool *out) {
  Claims claims = { 0 };
  Claim last;
  Record r = { .type = t, .id = g->record, .rev = g->rev };
  int64_t since;
  *out = true;
  if (seats_of(t, step) < 2) return E_OK;
  TRY(step_before(cx, s, g->record, g->seq, &since));
  TRY(claims_of(cx, s, &r, step, since, g->seq, &claims));
  TRY(claim_read(cx, g, &last));
  vec_add(cx->arena, &claims, last);
  *out = !open_seats(cx, &claims, t, step).n && in_order(&claims, t, step);
  return E_OK;
}
