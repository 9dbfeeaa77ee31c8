/* Fields that a command of its own writes: forms and inputs cannot, so what they say was worked out. */
#include "inside.h"

Err record_put_made(Cx *cx, Call *call, Str id, const MadeValue *made, size_t n) {
  Write w;
  Target t;
  TRY(write_open(cx, call, "record.save", &w));
  TRY(edit_open(cx, &w, id, false, &t));
  Record r = record_copy(cx->arena, &t.record);
  for (size_t i = 0; i < n; i++) {
    size_t at;
    const Field *f = record_field(r.type, str_of(made[i].field), &at);
    if (!f || !(f->flags & MADE))
      return fail(cx, E_BUG, "%s.%s is not a field that a command makes", r.type->name, made[i].field);
    r.values[at] = made[i].value;
  }
  if (r.type->check) TRY(r.type->check(cx, &r));
  TRY(problems_fail(cx));
  return edit_close(cx, &w, &t, &r);
}

/* The same value again is fine: a table that was exported holds it. */
bool made_untouched(const Field *f, const Value *before, JVal *j) {
  if (yyjson_is_null(j) || (yyjson_is_str(j) && !yyjson_get_len(j))) return !before->set;
  if (f->kind == INT) return yyjson_is_int(j) && before->set && yyjson_get_sint(j) == before->i;
  return yyjson_is_str(j) && before->set && !(f->flags & MANY) && str_eq(json_str(j), before->s);
}
