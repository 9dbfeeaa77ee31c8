/* What commands of the domains write, and what follows from a step.  The entries are those of any other change. */
#include "inside.h"
#include <string.h>

Value *record_value(const Record *r, const char *field) {
  size_t at;
  return record_field(r->type, str_of(field), &at) ? &r->values[at] : NULL;
}

static Err stored(Cx *cx, Store *s, Record *r) {
  Str id = str_dup(cx->arena, r->id);
  return record_get(cx, s, id, 0, r);
}

Err record_new_by(Cx *cx, Call *call, Record *r) {
  Write w;
  Head h;
  Numbers n = numbers_new(cx->arena);
  TRY(write_open(cx, call, "record.new", &w));
  TRY(id_new(cx, call->store, &n, r->type, r->id, &r->id));
  TRY(problems_fail(cx));
  TRY(write_revision(cx, &w, r, NULL, NULL, &h));
  TRY(numbers_keep(cx, call->store, &n));
  return stored(cx, call->store, r);
}

Err record_save_by(Cx *cx, Call *call, Record *r) {
  Write w;
  Head h, out;
  Record before;
  TRY(write_open(cx, call, "record.save", &w));
  TRY(head_get(cx, call->store, r->id, &h));
  if (!state_editable(h.type, h.state))
    return fail(cx, E_CONFLICT, "%.*s rev %lld is %.*s and cannot be edited. Nothing was changed.", STR(h.id),
                (long long)h.rev, STR(choice_words(cx->arena, h.state)));
  TRY(record_get_head(cx, call->store, &h, &before));
  TRY(write_revision(cx, &w, r, &h, &before, &out));
  return stored(cx, call->store, r);
}

Err record_step_by(Cx *cx, Call *call, const char *step, Record *r) {
  Write w;
  Head h;
  const Step *found;
  TRY(write_open(cx, call, "record.step", &w));
  TRY(head_get(cx, call->store, r->id, &h));
  TRY(step_find(cx, &h, str_of(step), &found));
  if (found->flags & STEP_SIGN)
    return fail(cx, E_DENIED, "'%s' on %.*s is a signature. Nothing was changed.", found->label, STR(h.id));
  TRY(record_get_head(cx, call->store, &h, r));
  TRY(guards_hold(cx, call->store, r, found));
  TRY(write_step(cx, &w, found, &h));
  TRY(step_entered(cx, call, r->id, found));
  return stored(cx, call->store, r);
}

Err step_entered(Cx *cx, Call *call, Str id, const Step *step) {
  Record r;
  Head h;
  TRY(head_get(cx, call->store, id, &h));
  if (!h.type->entered) return E_OK;
  TRY(record_get_head(cx, call->store, &h, &r));
  return h.type->entered(cx, call, &r, step);
}
