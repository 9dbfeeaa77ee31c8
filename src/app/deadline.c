/* deadline.c - the clocks that findings start and end, and the change that a decision to fix opens. */
#include "app/settle.h"

static bool col_is(const ClockRule *r, ClockColumn c, const char *word) { return str_eq(r->col[c], str_of(word)); }

/* ---- whether it applies -------------------------------------------------------------------------------- */

static Node product_of(Cx *cx, const Graph *g, Node finding) {
  Query *q;
  Nodes products = { 0 };
  if (query_compile(cx, S("type:product"), &(QueryScope){ .now_us = cx->now_us }, &q) != E_OK ||
      query_run(cx, g, q, &products) != E_OK)
    return NODE_NONE;
  for (size_t i = 0; i < products.n; i++)
    if (node_in_product(g, finding, products.p[i])) return products.p[i];
  return NODE_NONE;
}

static bool sold_in(const Graph *g, Node product, const char *market) {
  const Value *v = product == NODE_NONE ? NULL : node_value(g, product, "markets");
  for (size_t i = 0; v && i < v->list.n; i++)
    if (str_eq_nocase(v->list.p[i], str_of(market))) return true;
  return false;
}

static bool market_fits(const Graph *g, Node product, const ClockRule *r) {
  if (col_is(r, CLOCK_MARKET, "any")) return true;
  if (col_is(r, CLOCK_MARKET, "US")) return sold_in(g, product, "US");
  return sold_in(g, product, "EU") && !settle_text(g, product, "eu_class").n;
}

static bool case_fits(const Settle *x, Node finding, const ClockRule *r) {
  if (col_is(r, CLOCK_CASE, "any")) return true;
  if (col_is(r, CLOCK_CASE, "exploited"))
    return x->exploited == finding || str_eq(settle_text(x->g, finding, "known_exploited"), S("yes"));
  return str_eq(settle_text(x->g, finding, "severity"), r->col[CLOCK_CASE]);
}

/* ---- clocks of a finding ------------------------------------------------------------------------------- */

static Nodes clocks_of(Cx *cx, const Graph *g, Node finding) {
  Edges edges = { 0 };
  Nodes list = { 0 };
  graph_edges(cx, g, finding, NULL, &edges);
  for (size_t i = 0; i < edges.n; i++)
    if (str_eq(str_of(node_type(g, edges.p[i].to)->name), S("clock")) &&
        !str_eq(node_state(g, edges.p[i].to), S("voided")))
      vec_add(cx->arena, &list, edges.p[i].to);
  return list;
}

/* A clock that runs out no later is enough.  What was met once for a decision does not start again, what was met and
 * became news does. */
static bool has_clock(Settle *x, Node finding, const ClockRule *r, int32_t due, bool once) {
  Nodes clocks = clocks_of(x->cx, x->g, finding);
  for (size_t i = 0; i < clocks.n; i++) {
    const Value *ends = node_value(x->g, clocks.p[i], "due");
    bool runs = !node_value(x->g, clocks.p[i], "stopped");
    if (!str_eq(settle_text(x->g, clocks.p[i], "rule"), r->col[CLOCK_ID])) continue;
    if (once || (runs && ends && ends->i <= due)) return true;
  }
  return false;
}

/* The day is what a list sorts by; of a limit in hours the minute counts. */
static Str title_of(Arena *a, const ClockRule *r, int64_t due_us) {
  if (!col_is(r, CLOCK_UNIT, "hours")) return r->col[CLOCK_TITLE];
  return str_fmt(a, "%.*s, by %.*s UTC", STR(r->col[CLOCK_TITLE]), STR(time_minute(a, due_us)));
}

static Str new_args(Settle *x, Node finding, Node product, const ClockRule *r, int64_t due_us) {
  int32_t from = date_of(x->cx->now_us), due = date_of(due_us);
  Arena *a = x->cx->arena;
  Buf b = buf_new(a, 8192);
  JsonOut o = json_out(&b, false);
  Str vuln = settle_text(x->g, finding, "vulnerability");
  json_object(&o);
  json_pair(&o, "type", S("clock"));
  json_key(&o, "input");
  json_object(&o);
  json_pair(&o, "title",
            str_fmt(a, "%.*s (%.*s): %.*s", STR(vuln.n ? vuln : node_title(x->g, finding)), STR(node_id(x->g, finding)),
                    STR(title_of(a, r, due_us))));
  if (node_owner(x->g, finding).n) json_pair(&o, "owner", node_owner(x->g, finding));
  json_key(&o, "products");
  json_array(&o);
  if (product != NODE_NONE) json_put_str(&o, node_id(x->g, product));
  json_array_end(&o);
  json_pair(&o, "rule", r->col[CLOCK_ID]);
  json_pair(&o, "starts", date_text(a, from));
  json_pair(&o, "due", date_text(a, due));
  json_pair_int(&o, "days", due - from);
  json_key(&o, "of");
  json_array(&o);
  json_put_str(&o, node_id(x->g, finding));
  json_array_end(&o);
  json_object_end(&o);
  json_object_end(&o);
  return buf_str(&b);
}

static Err start_clock(Settle *x, Node finding, Node product, const ClockRule *r, bool once, Str why) {
  JVal *result;
  int64_t rev, due_us = clock_rule_due(r, x->cx->now_us);
  if (has_clock(x, finding, r, date_of(due_us), once)) return E_OK;
  Str reason = str_head(str_fmt(x->cx->arena, "%.*s (%.*s)", STR(why), STR(r->col[CLOCK_SOURCE])), 900);
  TRY(settle_ask(x, "record.new", new_args(x, finding, product, r, due_us), reason, &result));
  x->moved++;
  rev = json_int(result, "rev", 1);
  return settle_step(x, json_text(result, "id"), &rev, "start", reason);
}

Err deadline_start(Settle *x, Node finding, Deadline event, Str why) {
  static const char *const events[] = { "found", "exploited", "uncontrolled", "measure" };
  const ClockRules *rules;
  Str done = STR_NONE;
  if (!record_type(S("clock"))) return E_OK;
  TRY(clock_rules(x->cx, &rules));
  Node product = product_of(x->cx, x->g, finding);
  bool once = event == DEADLINE_UNCONTROLLED || event == DEADLINE_MEASURE;
  for (size_t i = 0; i < rules->n; i++) {
    const ClockRule *r = &rules->p[i];
    if (!col_is(r, CLOCK_EVENT, events[event]) || str_eq(done, r->col[CLOCK_ID]) || !market_fits(x->g, product, r) ||
        !case_fits(x, finding, r))
      continue;
    done = r->col[CLOCK_ID];
    TRY(start_clock(x, finding, product, r, once, why));
  }
  return E_OK;
}

/* ---- what ends them ------------------------------------------------------------------------------------ */

static Err stop_clock(Settle *x, Node clock, Str met_by) {
  JVal *result;
  Arena *a = x->cx->arena;
  Buf b = buf_new(a, 4096);
  JsonOut o = json_out(&b, false);
  Str id = node_id(x->g, clock), state = node_state(x->g, clock);
  int64_t rev = node_rev(x->g, clock);
  json_object(&o);
  json_pair(&o, "id", id);
  json_pair_int(&o, "base", rev);
  json_key(&o, "input");
  json_object(&o);
  json_pair(&o, "stopped", date_text(a, date_of(x->cx->now_us)));
  json_pair(&o, "met_by", str_head(met_by, 400));
  json_object_end(&o);
  json_object_end(&o);
  TRY(settle_ask(x, "record.save", buf_str(&b), met_by, &result));
  rev = json_int(result, "rev", rev + 1);
  x->moved++;
  if (str_eq(state, S("planned"))) TRY(settle_step(x, id, &rev, "start", met_by));
  return settle_step(x, id, &rev, "complete", met_by);
}

static const ClockRule *rule_of(const ClockRules *rules, Str id) {
  for (size_t i = 0; i < rules->n; i++)
    if (str_eq(rules->p[i].col[CLOCK_ID], id)) return &rules->p[i];
  return NULL;
}

/* Clocks that people have started by other rules are theirs to stop. */
static Err stop_clocks(Settle *x, const TriageFinding *f) {
  const ClockRules *rules;
  const Decision *d = f->decision;
  bool fixed = str_eq(d->status, S("fixed")), none = str_eq(d->status, S("not_affected"));
  Nodes clocks = clocks_of(x->cx, x->g, f->node);
  TRY(clock_rules(x->cx, &rules));
  for (size_t i = 0; i < clocks.n; i++) {
    const ClockRule *r = rule_of(rules, settle_text(x->g, clocks.p[i], "rule"));
    Str state = node_state(x->g, clocks.p[i]);
    bool open = str_eq(state, S("planned")) || str_eq(state, S("in_progress"));
    if (!r || !open || node_value(x->g, clocks.p[i], "stopped")) continue;
    if (!none && !col_is(r, CLOCK_UNTIL, "decided") && !(fixed && col_is(r, CLOCK_UNTIL, "fixed"))) continue;
    TRY(stop_clock(x, clocks.p[i],
                   str_fmt(x->cx->arena, "%.*s is signed: %.*s", STR(d->id),
                           STR(str_lower(x->cx->arena, choice_words(x->cx->arena, d->status))))));
  }
  return E_OK;
}

static bool was_reported(Settle *x, Node finding) {
  Nodes clocks = clocks_of(x->cx, x->g, finding);
  for (size_t i = 0; i < clocks.n; i++)
    if (str_eq(settle_text(x->g, clocks.p[i], "rule"), S("CK-13"))) return true;
  return false;
}

Err deadline_decided(Settle *x, const TriageFinding *f) {
  Str why = str_fmt(x->cx->arena, "%.*s is signed", STR(f->decision->id));
  if (!record_type(S("clock"))) return E_OK;
  TRY(stop_clocks(x, f));
  if (str_eq(f->decision->status, S("affected")) && str_eq(settle_text(x->g, f->node, "controlled"), S("uncontrolled")))
    TRY(deadline_start(x, f->node, DEADLINE_UNCONTROLLED, why));
  if (str_eq(f->decision->status, S("fixed")) && was_reported(x, f->node))
    TRY(deadline_start(x, f->node, DEADLINE_MEASURE, why));
  return E_OK;
}

/* ---- the change ---------------------------------------------------------------------------------------- */

static Str change_args(Settle *x, const TriageFinding *f) {
  Arena *a = x->cx->arena;
  Buf b = buf_new(a, 64 * 1024);
  JsonOut o = json_out(&b, false);
  const Value *target = node_value(x->g, f->node, "target");
  Str vuln = settle_text(x->g, f->node, "vulnerability");
  json_object(&o);
  json_pair(&o, "type", S("change"));
  json_key(&o, "input");
  json_object(&o);
  json_pair(&o, "title", str_head(str_fmt(a, "Fix %.*s in %.*s", STR(vuln.n ? vuln : f->title), STR(f->package)), 190));
  if (node_owner(x->g, f->node).n) json_pair(&o, "owner", node_owner(x->g, f->node));
  json_key(&o, "products");
  json_array(&o);
  if (f->product != NODE_NONE) json_put_str(&o, node_id(x->g, f->product));
  json_array_end(&o);
  json_pair(&o, "reason", S("security"));
  json_pair(&o, "description",
            str_fmt(a, "%.*s is to be fixed, as decided in %.*s: %.*s", STR(f->title), STR(f->decision->id),
                    STR(f->decision->why)));
  if (target && target->set) json_pair(&o, "target", date_text(a, (int32_t)target->i));
  json_key(&o, "changes");
  json_array(&o);
  json_put_str(&o, node_id(x->g, f->release != NODE_NONE ? f->release : f->node));
  json_array_end(&o);
  json_key(&o, "raised_from");
  json_array(&o);
  json_put_str(&o, f->id);
  json_array_end(&o);
  json_object_end(&o);
  json_object_end(&o);
  return buf_str(&b);
}

/* Linked from its finding as what removes it: there is one already when somebody was faster. */
Err deadline_change(Settle *x, const TriageFinding *f, int64_t *rev) {
  JVal *result;
  Edges edges = { 0 };
  Str why = str_fmt(x->cx->arena, "%.*s is signed: affected, to be fixed", STR(f->decision->id));
  if (!record_type(S("change")) || !str_eq(f->decision->status, S("affected")) ||
      !str_eq(settle_text(x->g, f->node, "disposition"), S("fix")))
    return E_OK;
  graph_edges(x->cx, x->g, f->node, "remediated_by", &edges);
  for (size_t i = 0; i < edges.n; i++)
    if (!edges.p[i].inverse) return E_OK;
  TRY(settle_ask(x, "record.new", change_args(x, f), why, &result));
  Str id = str_dup(x->cx->arena, json_text(result, "id"));
  Buf b = buf_new(x->cx->arena, 1024);
  JsonOut o = json_out(&b, false);
  json_object(&o);
  json_pair(&o, "id", f->id);
  json_pair(&o, "link", S("remediated_by"));
  json_pair(&o, "to", id);
  json_object_end(&o);
  x->moved++;
  TRY(settle_ask(x, "record.link", buf_str(&b), why, &result));
  *rev = json_int(result, "rev", *rev);
  return E_OK;
}
