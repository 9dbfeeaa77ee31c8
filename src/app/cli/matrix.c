/* matrix: the trace matrix of a device, now or as of a day. */
#include "app/cli/cli.h"

static Str cell_text(Cx *cx, const Graph *g, const ChainCell *c) {
  static const char *const words[] = { "", " (suspect)", " (failing)", " (stale)", "missing" };
  Buf b = buf_new(cx->arena, 64 * 1024);
  for (size_t i = 0; i < c->nodes.n; i++) {
    if (i) buf_z(&b, ", ");
    buf_add(&b, node_id(g, c->nodes.p[i]));
  }
  if (!c->nodes.n && c->state != CELL_OK) buf_z(&b, "missing");
  else buf_z(&b, words[c->state]);
  return buf_str(&b);
}

static void cell_json(JsonOut *o, const char *key, const Graph *g, const ChainCell *c) {
  static const char *const states[] = { "ok", "suspect", "failing", "stale", "missing" };
  json_key(o, key);
  json_object(o);
  json_pair(o, "state", str_of(states[c->state]));
  json_key(o, "ids");
  json_array(o);
  for (size_t i = 0; i < c->nodes.n; i++) json_put_str(o, node_id(g, c->nodes.p[i]));
  json_array_end(o);
  json_object_end(o);
}

static void matrix_json(Cli *cli, const Graph *g, const Matrix *m) {
  JsonOut *o = cli_json(cli);
  json_array(o);
  for (size_t i = 0; i < m->n; i++) {
    const Chain *c = &m->row[i];
    json_object(o);
    json_pair(o, "threat", node_id(g, c->threat));
    json_pair(o, "chain", str_of(chain_words[c->state]));
    cell_json(o, "requirement", g, &c->requirement);
    cell_json(o, "control", g, &c->control);
    cell_json(o, "verification", g, &c->test);
    cell_json(o, "residual_risk", g, &c->risk);
    json_pair(o, "gap", c->gap.n ? c->gap : S(""));
    json_object_end(o);
  }
  json_array_end(o);
  cli_json_end(o);
}

static void matrix_table(Cli *cli, const Graph *g, const Matrix *m) {
  static const char *const columns[] = { "THREAT",       "CHAIN",         "REQUIREMENT", "CONTROL",
                                         "VERIFICATION", "RESIDUAL RISK", "GAP" };
  Cx *cx = cli->cx;
  CliTable t = cli_table(cli, columns, COUNT(columns));
  for (size_t i = 0; i < m->n; i++) {
    const Chain *c = &m->row[i];
    const ChainCell *cells[] = { &c->requirement, &c->control, &c->test, &c->risk };
    cli_cell(&t, node_id(g, c->threat));
    cli_cell(&t, str_of(chain_words[c->state]));
    for (size_t k = 0; k < COUNT(cells); k++) cli_cell(&t, cell_text(cx, g, cells[k]));
    cli_cell(&t, c->gap);
  }
  cli_table_end(cli, &t);
  cli_say(cli, "%zu threats: %zu complete, %zu suspect, %zu failing, %zu broken\n", m->n, m->count[CHAIN_COMPLETE],
          m->count[CHAIN_SUSPECT], m->count[CHAIN_FAILING], m->count[CHAIN_BROKEN]);
}

static Err find_typed(Cx *cx, const Graph *g, Str id, const char *type, Node *out) {
  *out = NODE_NONE;
  if (!id.n) return E_OK;
  Node n = graph_find(g, id);
  if (n == NODE_NONE || !str_eq(str_of(node_type(g, n)->name), str_of(type)))
    return fail(cx, E_NOTFOUND, "There is no %s %.*s", type, STR(id));
  *out = n;
  return E_OK;
}

static Err matrix_of(Cli *cli, const Graph *g) {
  Cx *cx = cli->cx;
  Node product, release;
  Matrix m = { 0 };
  TRY(find_typed(cx, g, cli->arg[0], "product", &product));
  TRY(find_typed(cx, g, cli_option(cli, "version"), "release", &release));
  TRY(trace_matrix(cx, g, product, release, &m));
  if (cli->out == OUT_JSON) matrix_json(cli, g, &m);
  else matrix_table(cli, g, &m);
  return E_OK;
}

static Err matrix_run(Cli *cli) {
  Store *s = NULL;
  Graph *g = NULL;
  int64_t size;
  TRY(cli_store(cli, &s));
  TRY(app_asof(cli->cx, s, cli_option(cli, "asof"), &size));
  TRY(size < 0 ? graph_open(cli->cx, s, &g) : graph_open_at(cli->cx, s, size, &g));
  Err e = matrix_of(cli, g);
  graph_close(g);
  return e;
}

static const CliOption matrix_options[] = {
  { "version", "ID", "tests that ran on this release" },
  { "asof", "DATE", "as it stood at the end of that day, or at a time" },
};

const CliCommand cli_matrix_commands[] = {
  { "matrix", "DEVICE [--version ID] [--asof DATE]",
    "the trace matrix: threat, requirement, control, test, residual risk",
    "  proofline matrix sorrel-p1 --asof 2026-09-01", matrix_options, COUNT(matrix_options), 1, 1, matrix_run },
  { 0 },
};
