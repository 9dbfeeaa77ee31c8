/* Rules over the graph: each query is compiled once per run and answered as a set. */
#include "comply/inside.h"
#include "comply.sql.h"
#include <stdlib.h>

const char *const rule_state_words[] = { "met", "partly", "not met", "not applicable", "not assessed", NULL };

typedef struct Check {
  FactScope fact;
  QueryScope query;
  const Packs *packs;
  uint8_t *mark;                 /* per node: scratch of one rule */
  CheckRun *run;
  Map waived;                    /* "RULE object" of waivers in force */
} Check;

Str gap_fingerprint(Arena *a, Str rule, Str object) {
  Str text = str_fmt(a, "%.*s\n%.*s", STR(rule), STR(object));
  Hash h = sha256(text);
  return hex_text(a, str_slice(hash_bytes(&h), 0, 8));
}

Str scope_key(Arena *a, CheckScope s) {
  if (!s.release.n) return str_fmt(a, "%.*s", STR(s.product));
  return str_fmt(a, "%.*s|%.*s", STR(s.product), STR(s.release));
}

bool fact_in_scope(const FactScope *s, Node n) {
  if (s->product == NODE_NONE || n == s->product) return true;
  if (str_eq(str_of(node_type(s->graph, n)->name), S("product"))) return false;
  return node_is_company_wide(s->graph, n) || node_in_product(s->graph, n, s->product);
}

static Err ask(Cx *cx, const Check *c, Str text, Nodes *out) {
  Query *q;
  Nodes all, in = { 0 };
  TRY(query_compile(cx, text, &c->query, &q));
  TRY(query_run(cx, c->fact.graph, q, &all));
  for (size_t i = 0; i < all.n; i++) if (fact_in_scope(&c->fact, all.p[i])) vec_add(cx->arena, &in, all.p[i]);
  *out = in;
  return E_OK;
}

/* ---- gaps ------------------------------------------------------------------------------------------- */

static bool is_waived(Cx *cx, const Check *c, Str rule, Str object) {
  return c->waived.n &&
         map_get(&c->waived, str_fmt(cx->arena, "%.*s %.*s", STR(rule), STR(object))) != MAP_NONE;
}

static void add_gap(Cx *cx, Check *c, RuleResult *r, const FactRow *row) {
  const Graph *g = c->fact.graph;
  bool record = row->node != NODE_NONE;
  Str object = record ? node_id(g, row->node) : row->object;
  if (is_waived(cx, c, r->rule->id, object)) { r->met++; return; }
  Words w = { g, row->node, object, row->title, row->what, c->run->scope };
  Gap gap = { .rule = r->rule,
              .rule_id = r->rule->id,
              .fingerprint = gap_fingerprint(cx->arena, r->rule->id, object),
              .object = object,
              .node = row->node,
              .rev = record ? node_rev(g, row->node) : 0,
              .severity = r->rule->severity,
              .partly = row->partly,
              .message = words_fill(cx, r->rule->message, &w),
              .fix = words_fill(cx, r->rule->fix, &w),
              .first_us = c->run->at_us,
              .last_us = c->run->at_us };
  if (row->partly) r->partly++; else r->not_met++;
  vec_add(cx->arena, &c->run->gaps, gap);
}

/* What stands for the whole when nothing exists: the product, or the company. */
static void add_absence(Cx *cx, Check *c, RuleResult *r, Str what) {
  FactRow row = { .node = c->fact.product, .object = S("company"), .title = S("the company"), .what = what };
  add_gap(cx, c, r, &row);
}

/* ---- the three ways of a rule ----------------------------------------------------------------------- */

enum { IN_NEED = 1, IN_PARTLY = 2 };

static Err mark_all(Cx *cx, const Check *c, Str text, uint8_t bit, Nodes *found) {
  Query *q;
  *found = (Nodes){ 0 };
  if (!text.n) return E_OK;
  TRY(query_compile(cx, text, &c->query, &q));
  TRY(query_run(cx, c->fact.graph, q, found));
  for (size_t i = 0; i < found->n; i++) c->mark[found->p[i]] |= bit;
  return E_OK;
}

static void unmark(const Check *c, const Nodes *nodes) {
  for (size_t i = 0; i < nodes->n; i++) c->mark[nodes->p[i]] = 0;
}

static Err run_need(Cx *cx, Check *c, RuleResult *r) {
  Nodes about, need, partly;
  TRY(ask(cx, c, r->rule->about, &about));
  r->asked = (int64_t)about.n;
  if (!about.n) { r->why = S("no record that it is about"); return E_OK; }
  TRY(mark_all(cx, c, r->rule->need, IN_NEED, &need));
  TRY(mark_all(cx, c, r->rule->partly, IN_PARTLY, &partly));
  for (size_t i = 0; i < about.n; i++) {
    uint8_t marks = c->mark[about.p[i]];
    if (marks & IN_NEED) { r->met++; continue; }
    FactRow row = { .node = about.p[i], .partly = (marks & IN_PARTLY) != 0 };
    add_gap(cx, c, r, &row);
  }
  unmark(c, &need);
  unmark(c, &partly);
  return E_OK;
}

static Err run_exists(Cx *cx, Check *c, RuleResult *r) {
  Nodes found;
  TRY(ask(cx, c, r->rule->exists, &found));
  r->asked = 1;
  if (found.n) r->met = 1;
  else add_absence(cx, c, r, STR_NONE);
  return E_OK;
}

static Err run_fact(Cx *cx, Check *c, RuleResult *r) {
  FactRows rows = { 0 };
  TRY(fact_find(r->rule->fact)->run(cx, &c->fact, &rows));
  r->asked = rows.asked;
  if (rows.not_assessed.n) { r->why = rows.not_assessed; r->state = RULE_NOT_ASSESSED; return E_OK; }
  if (!rows.asked) { r->why = S("nothing that it is about"); return E_OK; }
  r->met = rows.asked - (int64_t)rows.row.n;
  for (size_t i = 0; i < rows.row.n; i++) add_gap(cx, c, r, &rows.row.p[i]);
  return E_OK;
}

static Err run_rule(Cx *cx, Check *c, RuleResult *r) {
  Nodes when;
  if (r->rule->when.n) {
    TRY(ask(cx, c, r->rule->when, &when));
    if (!when.n) { r->state = RULE_NOT_APPLICABLE; r->why = S("its condition does not hold"); return E_OK; }
  }
  if (r->rule->about.n) TRY(run_need(cx, c, r));
  else if (r->rule->exists.n) TRY(run_exists(cx, c, r));
  else TRY(run_fact(cx, c, r));
  if (r->state == RULE_NOT_ASSESSED) return E_OK;
  r->state = !r->asked ? RULE_NOT_APPLICABLE : !r->partly && !r->not_met ? RULE_MET
           : r->met || r->partly ? RULE_PARTLY : RULE_NOT_MET;
  return E_OK;
}

/* ---- the run ---------------------------------------------------------------------------------------- */

static Err open_scope(Cx *cx, const Graph *g, Str id, const char *type, Node *out) {
  *out = NODE_NONE;
  if (!id.n) return E_OK;
  Node n = graph_find(g, id);
  if (n == NODE_NONE || !str_eq(str_of(node_type(g, n)->name), str_of(type))) {
    Str near = graph_nearest(cx, g, id);
    return fail(cx, E_NOTFOUND, "There is no %s %.*s.%s%.*s", type, STR(id),
                near.n ? " The nearest id is " : "", STR(near));
  }
  *out = n;
  return E_OK;
}

/* Waivers that are approved and not over: rule and record (ISO 13485 4.1.2: a justified exclusion is a record
 * itself). */
static Err find_waivers(Cx *cx, Check *c) {
  Nodes waivers;
  c->waived = map_new(cx->arena, 64);
  if (!record_type(S("waiver"))) return E_OK;
  TRY(ask(cx, c, S("type:waiver is:accepted (expires:>=today | -expires:*)"), &waivers));
  for (size_t i = 0; i < waivers.n; i++) {
    const Value *rule = node_value(c->fact.graph, waivers.p[i], "rule");
    Edges edges;
    graph_edges(cx, c->fact.graph, waivers.p[i], "exempts", &edges);
    for (size_t k = 0; rule && k < edges.n; k++)
      map_put(&c->waived,
              str_fmt(cx->arena, "%.*s %.*s", STR(rule->s), STR(node_id(c->fact.graph, edges.p[k].to))), 1);
  }
  return E_OK;
}

static int gap_order(const void *pa, const void *pb) {
  const Gap *a = pa, *b = pb;
  int sa = (int)a->severity * 2 - a->partly, sb = (int)b->severity * 2 - b->partly;
  if (sa != sb) return sa > sb ? -1 : 1;
  int rule = str_cmp(a->rule_id, b->rule_id);
  return rule ? rule : str_cmp(a->object, b->object);
}

void pack_results(Cx *cx, const Packs *p, CheckRun *run) {
  run->npacks = p->npacks;
  run->pack = NEW_ARRAY(cx->arena, p->npacks, PackResult);
  for (size_t k = 0; k < p->npacks; k++) {
    PackResult *r = &run->pack[k];
    *r = (PackResult){
      .pack = p->pack[k].id, .version = p->pack[k].version, .title = p->pack[k].title, .ready_x10 = -1
    };
    for (size_t i = 0; i < run->nrules; i++)
      if ((run->rule[i].rule->packs >> k) & 1) r->count[run->rule[i].state]++;
    for (size_t i = 0; i < run->gaps.n; i++) {
      const Gap *g = &run->gaps.p[i];
      if (g->severity == RULE_BLOCKER && !g->partly && ((g->rule->packs >> k) & 1)) r->blocking++;
    }
    int64_t asked = r->count[RULE_MET] + r->count[RULE_PARTLY] + r->count[RULE_NOT_MET];
    if (asked) r->ready_x10 = r->count[RULE_MET] * 1000 / asked;      /* integer division: never rounded up */
  }
}

/* First seen comes from the stored history; what is no longer found is counted as closed. */
static Err compare_with_stored(Cx *cx, Store *s, CheckRun *run) {
  AUTO(Rows) rows = { 0 };
  Map open = map_new(cx->arena, 256);
  VEC(Gap) known = { 0 };
  TRY(store_rows(cx, s, SQL_GAP_OPEN, ARGS(v_text(scope_key(cx->arena, run->scope))), &rows));
  for (bool got;;) {
    TRY(rows_next(cx, &rows, &got));
    if (!got) break;
    map_put(&open, str_dup(cx->arena, row_text(&rows, 0)), known.n);
    vec_add(cx->arena, &known,
            (Gap){ .first_run = str_dup(cx->arena, row_text(&rows, 1)), .first_us = row_int(&rows, 2) });
  }
  int64_t seen = 0;
  for (size_t i = 0; i < run->gaps.n; i++) {
    Gap *g = &run->gaps.p[i];
    size_t at = map_get(&open, g->fingerprint);
    if (at == MAP_NONE) { run->opened++; continue; }
    g->first_us = known.p[at].first_us;
    g->first_run = known.p[at].first_run;
    seen++;
  }
  run->closed = (int64_t)known.n - seen;
  return E_OK;
}

/* Asks every rule with the clock at `at_us`.  s NULL: tables are not looked at. */
static Err ask_all(Cx *cx, const Graph *g, Store *s, const Packs *p, CheckScope scope, int64_t at_us, CheckRun *out) {
  CheckRun run = {
    .at_us = at_us, .log_size = graph_log_size(g), .packs_sha256 = p->sha256, .nrules = p->nrules
  };
  ReleaseMemo memo = { 0 };
  Check c = { .fact = { .store = s, .graph = g, .now_us = at_us, .memo = &memo },
              .packs = p,
              .run = &run,
              .mark = NEW_ARRAY(cx->arena, graph_count(g) + 1, uint8_t) };
  TRY(open_scope(cx, g, scope.product, "product", &c.fact.product));
  TRY(open_scope(cx, g, scope.release, "release", &c.fact.release));
  run.scope.product = c.fact.product == NODE_NONE ? S("") : node_id(g, c.fact.product);
  run.scope.release = c.fact.release == NODE_NONE ? S("") : node_id(g, c.fact.release);
  c.fact.scope = run.scope;
  c.query = (QueryScope){ .now_us = at_us, .product = run.scope.product, .release = run.scope.release };
  TRY(find_waivers(cx, &c));
  run.rule = NEW_ARRAY(cx->arena, p->nrules, RuleResult);
  for (size_t i = 0; i < p->nrules; i++) {
    run.rule[i].rule = &p->rule[i];
    TRY(run_rule(cx, &c, &run.rule[i]));
  }
  *out = run;
  return E_OK;
}

/* Order, numbers and packs of what was found. */
static void sum_up(Cx *cx, const Packs *p, CheckRun *run) {
  if (run->gaps.n) qsort(run->gaps.p, run->gaps.n, sizeof *run->gaps.p, gap_order);
  for (size_t i = 0; i < run->gaps.n; i++)
    if (!run->gaps.p[i].partly) run->by_severity[run->gaps.p[i].severity]++;
  run->blocking = run->by_severity[RULE_BLOCKER];
  pack_results(cx, p, run);
}

Err comply_evaluate(Cx *cx, const Graph *g, Store *s, const Packs *p, CheckScope scope, CheckRun *out) {
  CheckRun run;
  TRY(ask_all(cx, g, s, p, scope, cx->now_us, &run));
  sum_up(cx, p, &run);
  if (s) TRY(compare_with_stored(cx, s, &run));
  *out = run;
  return E_OK;
}

Err comply_evaluate_at(Cx *cx, const Graph *g, Store *s, const Packs *p, CheckScope scope, int64_t at_us,
                       CheckRun *out) {
  CheckRun run;
  TRY(ask_all(cx, g, NULL, p, scope, at_us, &run));
  TRY(past_from_stored(cx, s, &run));
  sum_up(cx, p, &run);
  *out = run;
  return E_OK;
}

bool check_fails(const CheckRun *run, RuleSeverity at_least) {
  for (size_t i = at_least; i < RULE_SEVERITIES; i++) if (run->by_severity[i]) return true;
  return false;
}
