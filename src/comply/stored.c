/* Stored runs and gaps, for pages and reports. */
#include "comply/inside.h"
#include "comply.sql.h"

static CheckRun run_of_row(Arena *a, const Rows *r) {
  return (CheckRun){ .id = str_dup(a, row_text(r, 0)),
                     .scope = { str_dup(a, row_text(r, 1)), str_dup(a, row_text(r, 2)) },
                     .at_us = row_int(r, 3),
                     .log_size = row_int(r, 4),
                     .actor = str_dup(a, row_text(r, 5)),
                     .packs_sha256 = str_dup(a, row_text(r, 6)),
                     .opened = row_int(r, 7),
                     .closed = row_int(r, 8) };
}

static Err read_packs(Cx *cx, Store *s, CheckRun *run) {
  AUTO(Rows) r = { 0 };
  VEC(PackResult) packs = { 0 };
  TRY(store_rows(cx, s, SQL_RUN_PACKS, ARGS(v_text(run->id)), &r));
  for (bool got;;) {
    TRY(rows_next(cx, &r, &got));
    if (!got) break;
    PackResult p = { .pack = str_dup(cx->arena, row_text(&r, 0)),
                     .version = str_dup(cx->arena, row_text(&r, 1)),
                     .title = str_dup(cx->arena, row_text(&r, 2)),
                     .blocking = row_int(&r, 8),
                     .ready_x10 = -1 };
    for (int k = 0; k < RULE_STATES; k++) p.count[k] = row_int(&r, 3 + k);
    int64_t asked = p.count[RULE_MET] + p.count[RULE_PARTLY] + p.count[RULE_NOT_MET];
    if (asked) p.ready_x10 = p.count[RULE_MET] * 1000 / asked;
    vec_add(cx->arena, &packs, p);
  }
  run->pack = packs.p;
  run->npacks = packs.n;
  return E_OK;
}

static const Rule *rule_of(const Packs *p, Str id) {
  for (size_t i = 0; p && i < p->nrules; i++) if (str_eq(p->rule[i].id, id)) return &p->rule[i];
  return NULL;
}

static Err read_rules(Cx *cx, Store *s, const Packs *p, CheckRun *run) {
  AUTO(Rows) r = { 0 };
  VEC(RuleResult) rules = { 0 };
  TRY(store_rows(cx, s, SQL_RUN_RULES, ARGS(v_text(run->id)), &r));
  for (bool got;;) {
    TRY(rows_next(cx, &r, &got));
    if (!got) break;
    RuleResult one = { .rule = rule_of(p, row_text(&r, 0)),
                       .asked = row_int(&r, 2),
                       .met = row_int(&r, 3),
                       .partly = row_int(&r, 4),
                       .not_met = row_int(&r, 5),
                       .why = str_dup(cx->arena, row_text(&r, 6)) };
    int64_t state = row_int(&r, 1);
    one.state = state >= 0 && state < RULE_STATES ? (RuleState)state : RULE_NOT_ASSESSED;
    vec_add(cx->arena, &rules, one);
  }
  run->rule = rules.p;
  run->nrules = rules.n;
  return E_OK;
}

static Err read_severities(Cx *cx, Store *s, CheckRun *run) {
  AUTO(Rows) r = { 0 };
  TRY(store_rows(cx, s, SQL_RUN_SEVERITIES, ARGS(v_text(scope_key(cx->arena, run->scope))), &r));
  for (bool got;;) {
    TRY(rows_next(cx, &r, &got));
    if (!got) break;
    int64_t at = row_int(&r, 0);
    if (at >= 0 && at < RULE_SEVERITIES) run->by_severity[at] = row_int(&r, 1);
  }
  run->blocking = run->by_severity[RULE_BLOCKER];
  return E_OK;
}

Err comply_last_run(Cx *cx, Store *s, const Packs *p, CheckScope scope, CheckRun *out) {
  CheckRun run;
  {
    AUTO(Rows) r = { 0 };
    bool got;
    TRY(store_rows(cx, s, SQL_RUN_LAST, ARGS(v_text(scope_key(cx->arena, scope))), &r));
    TRY(rows_next(cx, &r, &got));
    if (!got)
      return fail(cx, E_NOTFOUND, "This was never checked. Run the checks first: proofline check --store");
    run = run_of_row(cx->arena, &r);
  }
  TRY(read_packs(cx, s, &run));
  TRY(read_rules(cx, s, p, &run));
  TRY(read_severities(cx, s, &run));
  *out = run;
  return E_OK;
}

Err comply_runs(Cx *cx, Store *s, CheckScope scope, int64_t since_us, size_t limit, CheckRuns *out) {
  CheckRuns runs = { 0 };
  {
    AUTO(Rows) r = { 0 };
    TRY(store_rows(cx, s, SQL_RUN_SINCE,
                   ARGS(v_text(scope_key(cx->arena, scope)), v_int(since_us), v_int((int64_t)limit)), &r));
    for (bool got;;) {
      TRY(rows_next(cx, &r, &got));
      if (!got) break;
      vec_add(cx->arena, &runs, run_of_row(cx->arena, &r));
    }
  }
  for (size_t i = 0; i < runs.n; i++) TRY(read_packs(cx, s, &runs.p[i]));
  *out = runs;
  return E_OK;
}

static Gap gap_of_row(Arena *a, const Rows *r, const Packs *p) {
  Gap g = { .fingerprint = str_dup(a, row_text(r, 0)),
            .rule_id = str_dup(a, row_text(r, 1)),
            .object = str_dup(a, row_text(r, 2)),
            .node = NODE_NONE,
            .rev = row_int(r, 3),
            .partly = row_int(r, 5) != 0,
            .message = str_dup(a, row_text(r, 6)),
            .fix = str_dup(a, row_text(r, 7)),
            .first_run = str_dup(a, row_text(r, 8)),
            .first_us = row_int(r, 9),
            .closed_run = str_dup(a, row_text(r, 10)),
            .closed_us = row_int(r, 11) };
  int64_t severity = row_int(r, 4);
  g.severity = severity >= 0 && severity < RULE_SEVERITIES ? (RuleSeverity)severity : RULE_INFO;
  g.rule = rule_of(p, g.rule_id);
  return g;
}

static bool gap_in_pack(const Packs *p, const Gap *g, Str pack) {
  if (!pack.n) return true;
  const Pack *one = pack_find(p, pack);
  return one && g->rule && ((g->rule->packs >> (one - p->pack)) & 1);
}

Err comply_gaps(Cx *cx, Store *s, const Packs *p, const GapQuery *q, Gaps *out, size_t *total) {
  AUTO(Rows) r = { 0 };
  Gaps gaps = { 0 };
  size_t n = 0;
  int64_t last_us = 0;
  CheckRuns runs;
  TRY(comply_runs(cx, s, q->scope, 0, 1, &runs));
  if (runs.n) last_us = runs.p[0].at_us;
  TRY(store_rows(cx, s, SQL_GAP_LIST,
                 ARGS(v_text(scope_key(cx->arena, q->scope)), v_text(q->rule), v_text(q->object),
                      v_int(q->at_least), v_int(q->closed_too)),
                 &r));
  for (bool got;;) {
    TRY(rows_next(cx, &r, &got));
    if (!got) break;
    Gap g = gap_of_row(cx->arena, &r, p);
    if (!gap_in_pack(p, &g, q->pack)) continue;
    g.last_us = g.closed_us ? g.closed_us : last_us;
    if (n++ < q->limit || !q->limit) vec_add(cx->arena, &gaps, g);
  }
  *out = gaps;
  if (total) *total = n;
  return E_OK;
}
