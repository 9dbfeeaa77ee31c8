/* What the stored runs say of a day in the past, for rules whose tables keep only the present. */
#include "comply/inside.h"
#include "comply.sql.h"

/* ---- the gaps that stood open at a moment, as the runs noted them --------------------------------------- */

typedef struct Noted { Gap gap; bool open; } Noted;
typedef VEC(Noted) Notes;

static Gap gap_of(Arena *a, const Rows *r) {
  return (Gap){ .fingerprint = str_dup(a, row_text(r, 0)),
                .rule_id = str_dup(a, row_text(r, 2)),
                .object = str_dup(a, row_text(r, 3)),
                .node = NODE_NONE,
                .rev = row_int(r, 4),
                .severity = (RuleSeverity)row_int(r, 5),
                .partly = row_int(r, 6) != 0,
                .message = str_dup(a, row_text(r, 7)),
                .fix = str_dup(a, row_text(r, 8)) };
}

static Err read_notes(Cx *cx, Store *s, Str scope, int64_t at_us, Notes *out) {
  AUTO(Rows) r = { 0 };
  Map at = map_new(cx->arena, 256);
  TRY(store_rows(cx, s, SQL_CHANGES_UNTIL, ARGS(v_text(scope), v_int(at_us)), &r));
  for (bool got;;) {
    TRY(rows_next(cx, &r, &got));
    if (!got) return E_OK;
    Noted n = { gap_of(cx->arena, &r), !str_eq(row_text(&r, 1), S("close")) };
    size_t i = map_get(&at, n.gap.fingerprint);
    if (i == MAP_NONE) {
      map_put(&at, n.gap.fingerprint, out->n);
      vec_add(cx->arena, out, n);
    } else {
      out->p[i] = n;
    }
  }
}

/* ---- rules that need tables ------------------------------------------------------------------------------ */

static Err run_before(Cx *cx, Store *s, Str scope, int64_t at_us, Str *run, int64_t *run_us) {
  AUTO(Rows) r = { 0 };
  bool got;
  *run = STR_NONE;
  TRY(store_rows(cx, s, SQL_RUN_AT, ARGS(v_text(scope), v_int(at_us)), &r));
  TRY(rows_next(cx, &r, &got));
  if (!got) return E_OK;
  *run = str_dup(cx->arena, row_text(&r, 0));
  *run_us = row_int(&r, 3);
  return E_OK;
}

static RuleResult *unasked(CheckRun *run, Str rule) {
  for (size_t i = 0; i < run->nrules; i++)
    if (run->rule[i].state == RULE_NOT_ASSESSED && str_eq(run->rule[i].rule->id, rule)) return &run->rule[i];
  return NULL;
}

static Err take_rules(Cx *cx, Store *s, Str id, int64_t run_us, CheckRun *run, Map *taken) {
  AUTO(Rows) r = { 0 };
  TRY(store_rows(cx, s, SQL_RUN_RULES, ARGS(v_text(id)), &r));
  for (bool got;;) {
    TRY(rows_next(cx, &r, &got));
    if (!got) return E_OK;
    RuleResult *to = unasked(run, row_text(&r, 0));
    int64_t state = row_int(&r, 1);
    if (!to || state < 0 || state >= RULE_STATES) continue;
    map_put(taken, to->rule->id, (size_t)(to - run->rule));
    to->state = (RuleState)state;
    to->asked = row_int(&r, 2);
    to->met = row_int(&r, 3);
    to->partly = row_int(&r, 4);
    to->not_met = row_int(&r, 5);
    to->why = str_fmt(cx->arena, "as %.*s found it on %.*s%s%.*s", STR(id), STR(time_minute(cx->arena, run_us)),
                      row_text(&r, 6).n ? ": " : "", STR(row_text(&r, 6)));
  }
}

static Err since_when(Cx *cx, Store *s, Str scope, CheckRun *run) {
  AUTO(Rows) r = { 0 };
  Map at = map_new(cx->arena, run->gaps.n + 1);
  for (size_t i = 0; i < run->gaps.n; i++) map_put(&at, run->gaps.p[i].fingerprint, i);
  TRY(store_rows(cx, s, SQL_GAP_SINCE, ARGS(v_text(scope), v_int(run->at_us)), &r));
  for (bool got;;) {
    TRY(rows_next(cx, &r, &got));
    if (!got) return E_OK;
    size_t i = map_get(&at, row_text(&r, 0));
    if (i == MAP_NONE) continue;
    run->gaps.p[i].first_run = str_dup(cx->arena, row_text(&r, 1));
    run->gaps.p[i].first_us = row_int(&r, 2);
  }
}

Err past_from_stored(Cx *cx, Store *s, CheckRun *run) {
  Str scope = scope_key(cx->arena, run->scope), id;
  int64_t run_us = 0;
  Map taken = map_new(cx->arena, 16);
  Notes notes = { 0 };
  TRY(run_before(cx, s, scope, run->at_us, &id, &run_us));
  if (id.n) {
    TRY(take_rules(cx, s, id, run_us, run, &taken));
    TRY(read_notes(cx, s, scope, run->at_us, &notes));
  }
  for (size_t i = 0; i < notes.n; i++) {
    size_t rule = map_get(&taken, notes.p[i].gap.rule_id);
    if (rule == MAP_NONE || !notes.p[i].open) continue;
    notes.p[i].gap.rule = run->rule[rule].rule;
    notes.p[i].gap.last_us = run_us;
    vec_add(cx->arena, &run->gaps, notes.p[i].gap);
  }
  for (size_t i = 0; i < run->nrules; i++)
    if (run->rule[i].state == RULE_NOT_ASSESSED)
      run->rule[i].why = S("its tables keep no past, and no run was stored by then");
  return since_when(cx, s, scope, run);
}
