/* The chain of a threat: what mitigates it, as what requirement, shown by which test, leaving what risk. */
#include "trace/inside.h"

const char *const chain_words[] = { "complete", "suspect", "failing", "broken", NULL };

static bool is_state(const Graph *g, Node n, unsigned flags) { return (node_state_flags(g, n) & flags) != 0; }

static bool retired(const Graph *g, Node n) {
  unsigned f = node_state_flags(g, n);
  return (f & ST_CLOSED) && !(f & ST_ACCEPTED);
}

static Str word(const Graph *g, Node n, const char *field) {
  const Value *v = node_value(g, n, field);
  return v ? v->s : STR_NONE;
}

static void add_node(Cx *cx, Nodes *nodes, Node n) {
  for (size_t i = 0; i < nodes->n; i++) if (nodes->p[i] == n) return;
  vec_add(cx->arena, nodes, n);
}

/* Worst wins: a cell keeps the words of its worst trouble. */
static void mark(ChainCell *c, CellState state, Str words) {
  static const int weight[] = {
    [CELL_OK] = 0, [CELL_SUSPECT] = 1, [CELL_STALE] = 2, [CELL_FAILING] = 3, [CELL_MISSING] = 4
  };
  if (weight[state] <= weight[c->state]) return;
  c->state = state;
  c->words = words;
}

/* Adds the linked records of one end; a suspect link marks the cell. */
static bool follow(Cx *cx, const Graph *g, Node from, const char *link, const char *type, ChainCell *out) {
  Edges edges;
  bool any = false;
  graph_edges(cx, g, from, link, &edges);
  for (size_t i = 0; i < edges.n; i++) {
    Node to = edges.p[i].to;
    if ((type && !str_eq(str_of(node_type(g, to)->name), str_of(type))) || retired(g, to)) continue;
    any = true;
    add_node(cx, &out->nodes, to);
    if (edges.p[i].suspect)
      mark(out, CELL_SUSPECT, str_fmt(cx->arena, "%.*s or %.*s changed since the link was accepted",
                                          STR(node_id(g, from)), STR(node_id(g, to))));
  }
  return any;
}

/* ---- runs ------------------------------------------------------------------------------------------- */

static int64_t run_day(const Graph *g, Node run) {
  const Value *v = node_value(g, run, "run_on");
  return v ? v->i * US_PER_DAY : node_changed_us(g, run);
}

static bool is_on(Cx *cx, const Graph *g, Node run, Node release) {
  Edges edges;
  graph_edges(cx, g, run, "on", &edges);
  for (size_t i = 0; i < edges.n; i++) if (edges.p[i].to == release) return true;
  return false;
}

/* The releases that a release stands for: itself and its parts (a system release is tested item by item). */
static bool is_on_release(Cx *cx, const Graph *g, Node run, Node release) {
  if (is_on(cx, g, run, release)) return true;
  Edges parts;
  graph_edges(cx, g, release, "has_part", &parts);
  for (size_t i = 0; i < parts.n; i++) if (is_on(cx, g, run, parts.p[i].to)) return true;
  return false;
}

Node trace_last_run(Cx *cx, const Graph *g, Node test, Node release, Str *result) {
  Edges runs;
  Node last = NODE_NONE;
  graph_edges(cx, g, test, "executed_by", &runs);
  for (size_t i = 0; i < runs.n; i++) {
    Node run = runs.p[i].to;
    if (!str_eq(str_of(node_type(g, run)->name), S("test_run")) || retired(g, run) ||
        !word(g, run, "result").n)
      continue;
    if (release != NODE_NONE && !is_on_release(cx, g, run, release)) continue;
    if (last == NODE_NONE || run_day(g, run) > run_day(g, last) ||
        (run_day(g, run) == run_day(g, last) && g->rank[run] > g->rank[last])) last = run;
  }
  *result = last == NODE_NONE ? STR_NONE : word(g, last, "result");
  return last;
}

static void judge_test(Cx *cx, const Graph *g, Node test, Node release, ChainCell *c) {
  Str result, other;
  Str id = node_id(g, test);
  if (trace_last_run(cx, g, test, release, &result) == NODE_NONE) {
    bool elsewhere = release != NODE_NONE && trace_last_run(cx, g, test, NODE_NONE, &other) != NODE_NONE;
    if (elsewhere) mark(c, CELL_STALE, str_fmt(cx->arena, "%.*s ran on another release only", STR(id)));
    else mark(c, CELL_MISSING, str_fmt(cx->arena, "%.*s has no run with a result", STR(id)));
  } else if (!str_eq(result, S("pass")) && !str_eq(result, S("not_applicable"))) {
    mark(c, CELL_FAILING, str_fmt(cx->arena, "last run of %.*s: %.*s", STR(id), STR(result)));
  }
}

/* ---- cells ------------------------------------------------------------------------------------------ */

static bool disposed_otherwise(const Graph *g, Node threat) {
  Str d = word(g, threat, "disposition");
  return str_eq(d, S("accept")) || str_eq(d, S("transfer")) || str_eq(d, S("avoid")) ||
         str_eq(d, S("not_applicable"));
}

static void control_cell(Cx *cx, const Graph *g, Chain *c) {
  if (!follow(cx, g, c->threat, "mitigated_by", NULL, &c->control))
    mark(&c->control, CELL_MISSING, S("nothing mitigates it"));
}

static void requirement_cell(Cx *cx, const Graph *g, Chain *c) {
  for (size_t i = 0; i < c->control.nodes.n; i++) {
    Node control = c->control.nodes.p[i];
    if (follow(cx, g, control, "implements", NULL, &c->requirement) ||
        str_eq(word(g, control, "technical"), S("no")))
      continue;
    mark(&c->requirement, CELL_MISSING,
         str_fmt(cx->arena, "%.*s implements no requirement", STR(node_id(g, control))));
  }
}

/* A test of the control itself, or of one of its requirements, shows the control. */
static void test_cell(Cx *cx, const Graph *g, Node release, Chain *c) {
  for (size_t i = 0; i < c->control.nodes.n; i++) {
    Node control = c->control.nodes.p[i];
    bool shown = follow(cx, g, control, "verified_by", NULL, &c->test);
    Edges reqs;
    graph_edges(cx, g, control, "implements", &reqs);
    for (size_t k = 0; k < reqs.n && !shown; k++)
      shown = follow(cx, g, reqs.p[k].to, "verified_by", NULL, &c->test);
    if (!shown)
      mark(&c->test, CELL_MISSING, str_fmt(cx->arena, "no test verifies %.*s", STR(node_id(g, control))));
  }
  for (size_t i = 0; i < c->test.nodes.n; i++) judge_test(cx, g, c->test.nodes.p[i], release, &c->test);
}

static void risk_cell(Cx *cx, const Graph *g, Chain *c) {
  if (!follow(cx, g, c->threat, "assessed_by", "security_risk", &c->risk)) {
    mark(&c->risk, CELL_MISSING, S("no security risk assesses it"));
    return;
  }
  for (size_t i = 0; i < c->risk.nodes.n; i++) {
    Node risk = c->risk.nodes.p[i];
    if (!node_value(g, risk, "level_after"))
      mark(&c->risk, CELL_MISSING, str_fmt(cx->arena, "%.*s has no residual level", STR(node_id(g, risk))));
    else if (str_eq(word(g, risk, "level_after"), S("high")))
      mark(&c->risk, CELL_FAILING,
           str_fmt(cx->arena, "residual level of %.*s is high", STR(node_id(g, risk))));
  }
}

static void judge(Chain *c) {
  static const ChainState of[] = { [CELL_OK] = CHAIN_COMPLETE,
                                   [CELL_SUSPECT] = CHAIN_SUSPECT,
                                   [CELL_STALE] = CHAIN_SUSPECT,
                                   [CELL_FAILING] = CHAIN_FAILING,
                                   [CELL_MISSING] = CHAIN_BROKEN };
  const ChainCell *cells[] = { &c->control, &c->requirement, &c->test, &c->risk };
  for (size_t i = 0; i < COUNT(cells); i++) {
    ChainState s = of[cells[i]->state];
    if (s <= c->state) continue;
    c->state = s;
    c->gap = cells[i]->words;
  }
}

Err trace_chain(Cx *cx, const Graph *g, Node threat, Node release, Chain *out) {
  Chain c = { .threat = threat };
  risk_cell(cx, g, &c);
  if (!disposed_otherwise(g, threat) || !is_state(g, threat, ST_ACCEPTED)) {
    control_cell(cx, g, &c);
    requirement_cell(cx, g, &c);
    test_cell(cx, g, release, &c);
  }
  judge(&c);
  *out = c;
  return E_OK;
}

Err trace_matrix(Cx *cx, const Graph *g, Node product, Node release, Matrix *out) {
  Matrix m = { 0 };
  const RecordType *type = record_type(S("threat"));
  if (!type) { *out = m; return E_OK; }
  Bits threats = g->of_type[record_type_index(type)];
  m.row = NEW_ARRAY(cx->arena, bits_count(threats) + 1, Chain);
  for (size_t i = 0; i < g->n; i++) {
    Node n = g->by_rank[i];
    if (!bit_has(threats, n) || is_hidden(g, n) || retired(g, n) ||
        (product != NODE_NONE && !node_in_product(g, n, product)))
      continue;
    TRY(trace_chain(cx, g, n, release, &m.row[m.n]));
    m.count[m.row[m.n++].state]++;
  }
  *out = m;
  return E_OK;
}

/* What points at a record was made in the light of it: so a change travels against the links. */
Err trace_impact(Cx *cx, const Graph *g, Node n, unsigned depth, Nodes *out) {
  Bits seen = bits_new(cx->arena, g->n);
  Nodes found = { 0 }, *queue = &found;
  bit_add(seen, n);
  vec_add(cx->arena, queue, n);
  size_t from = 0;
  for (unsigned level = 0; level < depth; level++) {
    size_t to = found.n;
    for (; from < to; from++)
      for (uint32_t i = 0; i < g->in[found.p[from]].n; i++) {
        Node next = g->in[found.p[from]].p[i].other;
        if (bit_has(seen, next) || is_hidden(g, next)) continue;
        bit_add(seen, next);
        vec_add(cx->arena, &found, next);
      }
  }
  *out = (Nodes){ found.p + 1, found.n - 1, found.n - 1 };
  return E_OK;
}
