/* What is decided and not yet signed: whose turn it is, and all that is this person's in one ceremony. */
#include "app/page/triage_page.h"
#include "triage.html.h"

static Err turn(Cx *cx, Web *web, const Decision *d, bool *mine, Str *kind) {
  Record r = { 0 };
  StepChoice *choice;
  size_t n;
  bool may_edit;
  *mine = false;
  *kind = STR_NONE;
  TRY(record_get(cx, web->store, d->id, 0, &r));
  TRY(record_choices(cx, web->store, &web->who, &r, &choice, &n, &may_edit));
  for (size_t i = 0; i < n; i++) {
    const Step *step = choice[i].step;
    if (!(step->flags & STEP_SIGN)) continue;
    if (choice[i].allowed) *mine = true;
    if (str_eq(str_of(step->to), d->status)) TRY(record_next_kind(cx, web->store, &r, step, kind));
  }
  return E_OK;
}

Err decision_waits(Cx *cx, Web *web, const Decision *d, Str *words) {
  Str kind;
  bool mine;
  TRY(turn(cx, web, d, &mine, &kind));
  if (mine) *words = S("waits for your signature");
  else if (str_eq(kind, S("authored")))
    *words = str_fmt(cx->arena, "waits for the signature of %.*s", STR(person_name(cx, web, d->by)));
  else *words = S("waits for a second person to sign");
  return E_OK;
}

/* What somebody else states is read before it is signed: not with the others. */
Err triage_to_sign(Cx *cx, Web *web, const Triage *t, TriagePage *page) {
  size_t n = 0;
  Buf url = buf_new(cx->arena, 8192);
  if (web->asof_size >= 0) return E_OK;
  for (size_t i = 0; i < t->decisions.n && n < SIGN_MOST; i++) {
    const Decision *d = &t->decisions.p[i];
    Str kind;
    bool mine;
    if (d->in_force || d->source.n) continue;
    TRY(turn(cx, web, d, &mine, &kind));
    if (!mine) continue;
    buf_z(&url, n++ ? "&id=" : "/sign?id=");
    url_text(&url, d->id);
  }
  if (!n) return E_OK;
  page->sign_url = buf_str(&url);
  page->sign_label = n == 1 ? S("Sign it") : S("Sign all of them");
  page->sign_words = n == 1 ? S("1 decision waits for your signature.")
                            : str_fmt(cx->arena, "%zu decisions wait for your signature.", n);
  return E_OK;
}
