/* Who may do what with a record: roles per product, and separation of duties. */
#include "inside.h"
#include <ctype.h>

/* On every product of the record; a product record is its own product. */
static Err allowed(Cx *cx, const Who *who, Roles roles, const Record *r, const char *what) {
  if (!who_type_ok(who, r->type->name))
    return fail(cx, E_DENIED, "This token is not for %s. Nothing was changed.", r->type->plural);
  if (!r->products.n) {
    bool product = str_eq(str_of(r->type->name), PRODUCT_TYPE);
    return authorise_roles(cx, who, roles, product ? r->id : S(""), what);
  }
  for (size_t i = 0; i < r->products.n; i++) TRY(authorise_roles(cx, who, roles, r->products.p[i], what));
  return E_OK;
}

Err edit_allowed(Cx *cx, const Who *who, const Record *r) {
  return allowed(cx, who, r->type->editors | ROLE_SYSTEM, r,
                 str_fmt(cx->arena, "editing %.*s", STR(r->id)).p);
}

bool state_editable(const RecordType *t, Str state) {
  const State *st = life_state(t->life, state);
  return st && (st->flags & (ST_CLOSED | ST_ACCEPTED)) != ST_CLOSED;
}

Contribution step_contribution(const Lifecycle *l, const Step *step, Str from) {
  const State *to = life_state(l, str_of(step->to)), *was = life_state(l, from);
  if ((to->flags & ST_ACCEPTED) && (step->flags & STEP_SECOND)) return CONTRIBUTORS_CLEAR;
  if (step->flags & (STEP_SECOND | STEP_REASON)) return CONTRIBUTORS_STAY;
  if ((step->flags & STEP_SIGN) && (to->flags & ST_ACCEPTED)) return CONTRIBUTORS_STAY;
  return (to->flags & ST_ACCEPTED) && was && (was->flags & ST_ACCEPTED) ? CONTRIBUTORS_STAY : CONTRIBUTORS_ADD;
}

/* An administrator who signed could make the account that seconds it: one hand on both (SOD-5). */
static Err not_administrator(Cx *cx, const Who *who, const Record *r, const Step *step) {
  if (!(step->flags & STEP_SIGN) || !(who_roles(who, PRODUCT_ANY) & ROLE_ADMINISTRATOR)) return E_OK;
  return fail(
      cx, E_DENIED,
      "This account keeps accounts (Administrator), so it does not sign '%s' on %.*s (SOD-5). Nothing was changed. "
      "Sign with an account without that role.",
      step->label, STR(r->id));
}

/* Tokens propose, people judge. */
static Err not_by_token(Cx *cx, const Who *who, const Record *r, const Step *step) {
  const State *to = life_state(r->type->life, str_of(step->to));
  bool judges = (step->flags & (STEP_SECOND | STEP_SIGN)) || (to && (to->flags & ST_ACCEPTED));
  if (!who->token.n || !judges) return E_OK;
  return fail(cx, E_DENIED, "No token takes the step '%s' on %.*s: a person signs in for it. Nothing was changed.",
              step->label, STR(r->id));
}

Err not_contributor(Cx *cx, Store *s, const Who *who, const Record *r, const Step *step) {
  bool own = false;
  if (step->flags & STEP_SECOND) TRY(contributed(cx, s, r->id, who->id, &own));
  if (!own) return E_OK;
  return fail(cx, E_DENIED,
              "You changed or submitted %.*s since it was last accepted, so '%s' needs a second person (SOD-1). "
              "Nothing was changed. Ask a colleague with the role %.*s.",
              STR(r->id), step->label, STR(roles_text(cx->arena, step_roles(r->type, step) & ROLES_ALL)));
}

Err step_allowed(Cx *cx, Store *s, const Who *who, const Record *r, const Step *step, Standing *out) {
  Standing standing = { 0 };
  Roles roles = step_roles(r->type, step);
  if (!(step->flags & STEP_SIGN)) roles |= ROLE_SYSTEM;   /* only people sign */
  TRY(allowed(cx, who, roles, r, str_fmt(cx->arena, "the step '%s' on %.*s", step->label, STR(r->id)).p));
  TRY(not_by_token(cx, who, r, step));
  TRY(not_administrator(cx, who, r, step));
  if (!seat_of_kind(r->type, step, S(AUTHORED))) TRY(not_contributor(cx, s, who, r, step));
  TRY(seat_take(cx, s, who, r, step, &standing));
  if (out) *out = standing;
  return guards_hold(cx, s, r, step);
}

/* A record of other products answers like an unknown id. */
Err may_see(Cx *cx, Store *s, const Who *who, const Record *r) {
  Roles readers = ROLES_READ | ROLE_SYSTEM;
  bool seen = !r->products.n && (who_roles(who, PRODUCT_ANY) & readers);
  if (!who_type_ok(who, r->type->name)) return id_not_found(cx, s, r->id);
  for (size_t i = 0; i < r->products.n; i++) seen = seen || (who_roles(who, r->products.p[i]) & readers);
  return seen ? E_OK : id_not_found(cx, s, r->id);
}

static size_t characters(Str s) {
  size_t n = 0;
  for (size_t i = 0; i < s.n; i++) n += ((unsigned char)s.p[i] & 0xC0) != 0x80;
  return n;
}

Err reason_given(Cx *cx, Str reason) {
  if (characters(str_trim(reason)) < REASON_LEAST)
    problem(cx, S("reason"), "reason", "say why in at least %d characters. The reason is part of the record.",
            REASON_LEAST);
  return problems_fail(cx);
}
