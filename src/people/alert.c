/* Alerts: tries to use an account that look like somebody else's (21 CFR 11.300(d)), until somebody has looked. */
#include "people/inside.h"
#include "people.sql.h"

Err alert_raise(Cx *cx, Call *c, const char *kind, Str person, Str words) {
  int64_t n;
  TRY(store_int(cx, c->store, SQL_ALERT_COUNT, NO_ARGS, 0, &n));
  Str id = str_fmt(cx->arena, "ALT-%06lld", (long long)n + 1);
  TRY(store_run(cx, c->store, SQL_ALERT_ADD,
                ARGS(v_text(id), v_int(c->now_us), v_text(str_of(kind)), v_text(person.p ? person : S("")),
                     v_text(words)),
                NULL));
  Call system = *c;
  system.actor = S("system");
  system.reason = words;
  return people_fact_entry(cx, &system, FACT_ALERT, "session.alert", id, STR_NONE);
}

Err people_alerts(Cx *cx, Store *s, bool all, Alerts *out) {
  AUTO(Rows) r = { 0 };
  Alerts found = { 0 };
  Arena *a = cx->arena;
  TRY(store_rows(cx, s, SQL_ALERT_LIST, ARGS(v_int(all)), &r));
  for (bool got;;) {
    TRY(rows_next(cx, &r, &got));
    if (!got) break;
    Alert one = { .id = str_dup(a, row_text(&r, 0)),     .at_us = row_int(&r, 1),
                  .kind = str_dup(a, row_text(&r, 2)),   .person = str_dup(a, row_text(&r, 3)),
                  .words = str_dup(a, row_text(&r, 4)),  .seen_us = row_int(&r, 5),
                  .seen_by = str_dup(a, row_text(&r, 6)), .note = str_dup(a, row_text(&r, 7)) };
    vec_add(a, &found, one);
  }
  *out = found;
  return E_OK;
}

static Err seen_run(Cx *cx, Call *c) {
  Str id = json_text(c->args, "id"), note = str_trim(json_text(c->args, "note"));
  int64_t changes = 0;
  if (note.n < 10) {
    problem(cx, S("note"), "reason", "say in 10 characters or more what you found and did");
    return problems_fail(cx);
  }
  TRY(store_run(cx, c->store, SQL_ALERT_SEEN, ARGS(v_text(id), v_int(c->now_us), v_text(c->actor), v_text(note)),
                &changes));
  if (!changes) return fail(cx, E_NOTFOUND, "There is no open alert %.*s. Nothing was changed.", STR(id));
  c->reason = note;
  return people_fact_entry(cx, c, FACT_ALERT, "alert.seen", id, STR_NONE);
}

static const ArgSpec seen_args[] = { { "id", ARG_TEXT, true, "the alert" },
                                     { "note", ARG_TEXT, true, "what was found and done" } };
const Command people_alert_commands[1] = {
  { "alert.seen", seen_args, COUNT(seen_args), "alert.see", seen_run, "closes an alert with what was found" },
};
