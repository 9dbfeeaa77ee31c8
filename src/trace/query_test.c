/* Queries over a small graph: cases are lines of query.data, records are lines of graph.data. */
#include "trace/test_model.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#undef fail
#define WRONG(...) do { print_error(__VA_ARGS__); print_error("\n"); _fail(__FILE__, __LINE__); } while (0)

typedef struct World { Cx cx; Graph *g; QueryScope scope; } World;

static Str read_data(Cx *cx, const char *name) {
  Str text;
  if (file_read(cx, str_z(cx->arena, str_fmt(cx->arena, DATA "/%s", name)), 1 << 20, &text) != E_OK)
    WRONG("%s", name);
  return text;
}

static void ok(Cx *cx, Err e) { if (e != E_OK) WRONG("%s: %.*s", err_name(e), STR(cx->words)); }

static int open_world(void **state) {
  World *w = test_calloc(1, sizeof *w);
  w->cx = cx_new((size_t)512 << 20);
  time_parse(S("2026-11-22T10:00:00Z"), &w->cx.now_us);
  Records records = { 0 };
  ok(&w->cx, crypto_start(&w->cx));
  ok(&w->cx, test_model_set(&w->cx));
  ok(&w->cx, test_records_read(&w->cx, read_data(&w->cx, "graph.data"), &records));
  ok(&w->cx, test_graph(&w->cx, &records, &w->g));
  w->scope =
      (QueryScope){ .me = S("U000002"), .now_us = w->cx.now_us, .product = S("pump"), .release = S("REL-1") };
  *state = w;
  return 0;
}

static int close_world(void **state) {
  World *w = *state;
  graph_close(w->g);
  cx_free(&w->cx);
  test_free(w);
  return 0;
}

static Str ids_text(World *w, const Nodes *nodes) {
  Buf b = buf_new(w->cx.arena, 1 << 20);
  for (size_t i = 0; i < nodes->n; i++) { if (i) buf_byte(&b, ' '); buf_add(&b, node_id(w->g, nodes->p[i])); }
  return buf_str(&b);
}

static void check_negative(World *w, Str text, Str words) {
  Query *q;
  Err e = query_compile(&w->cx, text, &w->scope, &q);
  if (e != E_USAGE) WRONG("%.*s: expected a failure", STR(text));
  if (str_find(w->cx.words, words) == SIZE_MAX)
    WRONG("%.*s: \"%.*s\" lacks \"%.*s\"", STR(text), STR(w->cx.words), STR(words));
  cx_forgive(&w->cx);
}

static void check_canonical(World *w, Str text, const Query *q, Str expected) {
  Query *again;
  Str once = query_canonical(&w->cx, q);
  if (expected.p && !str_eq(once, expected)) WRONG("%.*s: canonical %.*s", STR(text), STR(once));
  ok(&w->cx, query_compile(&w->cx, once, &w->scope, &again));
  Str twice = query_canonical(&w->cx, again);
  if (!str_eq(once, twice)) WRONG("%.*s: %.*s becomes %.*s", STR(text), STR(once), STR(twice));
}

static void check_positive(World *w, Str text, Str expected) {
  Query *q;
  Nodes nodes;
  size_t count;
  ok(&w->cx, query_compile(&w->cx, text, &w->scope, &q));
  ok(&w->cx, query_run(&w->cx, w->g, q, &nodes));
  ok(&w->cx, query_count(&w->cx, w->g, q, &count));
  Str got = ids_text(w, &nodes);
  if (!str_eq(got, expected)) WRONG("%.*s: %.*s, expected %.*s", STR(text), STR(got), STR(expected));
  assert_int_equal(count, nodes.n);
  for (Node n = 0; n < graph_count(w->g); n++) {
    bool in = false;
    for (size_t i = 0; i < nodes.n; i++) in = in || nodes.p[i] == n;
    assert_int_equal(query_matches(&w->cx, w->g, q, n), in);
  }
  check_canonical(w, text, q, STR_NONE);
}

static void cases(void **state) {
  World *w = *state;
  size_t n = 0;
  for (Str rest = read_data(&w->cx, "query.data"), line, text; str_line(&rest, &line);) {
    if (!line.n || line.p[0] == '#') continue;
    n++;
    str_cut(line, '\t', &text, &line);
    Query *q;
    if (str_starts(line, S("! "))) check_negative(w, text, str_slice(line, 2, line.n));
    else if (str_starts(line, S("= "))) {
      ok(&w->cx, query_compile(&w->cx, text, &w->scope, &q));
      check_canonical(w, text, q, str_slice(line, 2, line.n));
    } else check_positive(w, text, line);
  }
  assert_true(n > 80);
}

static void pages(void **state) {
  World *w = *state;
  Query *q;
  Nodes page;
  size_t total;
  bool more;
  ok(&w->cx, query_compile(&w->cx, S("type:threat"), &w->scope, &q));
  ok(&w->cx, query_page(&w->cx, w->g, q, STR_NONE, 4, &page, &total, &more));
  assert_int_equal(total, 6);
  assert_true(more);
  Str last = node_id(w->g, page.p[3]);
  ok(&w->cx, query_page(&w->cx, w->g, q, last, 4, &page, &total, &more));
  assert_false(more);
  assert_true(str_eq(ids_text(w, &page), S("T-010 T-011")));
  assert_int_equal(query_page(&w->cx, w->g, q, S("T-777"), 4, &page, &total, &more), E_NOTFOUND);
  cx_forgive(&w->cx);
}

static void facets(void **state) {
  World *w = *state;
  Query *q;
  Facet *f;
  size_t n;
  ok(&w->cx, query_compile(&w->cx, S("type:threat"), &w->scope, &q));
  ok(&w->cx, query_facets(&w->cx, w->g, q, "stride", &f, &n));
  assert_int_equal(n, 3);
  assert_true(str_eq(f[1].value, S("tampering")));
  assert_int_equal(f[1].n, 3);
  ok(&w->cx, query_facets(&w->cx, w->g, q, "state", &f, &n));
  assert_int_equal(n, 4);
}

static void calc(void **state) {
  World *w = *state;
  Buf out = buf_new(w->cx.arena, 1 << 16);
  ok(&w->cx, query_calc_lines(&w->cx, S("type:Threat   rate\ntype:treat\n\nid:T-1\n"), &out));
  Str rest = buf_str(&out), line;
  assert_true(str_line(&rest, &line) && str_eq(line, S("type:threat rate")));
  assert_true(str_line(&rest, &line) && str_starts(line, S("{\"error\":\"")));
  assert_true(str_ends(line, S(",\"at\":6,\"near\":[\"threat\"]}")));
  assert_true(str_line(&rest, &line) && line.n == 0);
  assert_true(str_line(&rest, &line) && str_eq(line, S("id:T-1")));
  assert_false(str_line(&rest, &line));
}

static void limits(void **state) {
  World *w = *state;
  Query *q;
  Buf b = buf_new(w->cx.arena, 1 << 20);
  for (int i = 0; i < 5000; i++) buf_z(&b, "(");
  assert_int_equal(query_compile(&w->cx, buf_str(&b), &w->scope, &q), E_USAGE);
  cx_forgive(&w->cx);
  buf_clear(&b);
  for (int i = 0; i < 300; i++) buf_z(&b, "a ");
  assert_int_equal(query_compile(&w->cx, buf_str(&b), &w->scope, &q), E_USAGE);
  cx_forgive(&w->cx);
  buf_clear(&b);
  for (int i = 0; i < 9000; i++) buf_z(&b, "a");
  assert_int_equal(query_compile(&w->cx, buf_str(&b), &w->scope, &q), E_USAGE);
  cx_forgive(&w->cx);
}

/* ---- the chain -------------------------------------------------------------------------------------- */

static void chain_of(World *w, const char *threat, const char *release, ChainState state, const char *gap) {
  Chain c;
  Node on = release ? graph_find(w->g, str_of(release)) : NODE_NONE;
  ok(&w->cx, trace_chain(&w->cx, w->g, graph_find(w->g, str_of(threat)), on, &c));
  if (c.state != state || str_find(c.gap, str_of(gap)) == SIZE_MAX)
    WRONG("%s on %s: %s: %.*s", threat, release ? release : "any", chain_words[c.state], STR(c.gap));
}

static void chains(void **state) {
  World *w = *state;
  chain_of(w, "T-001", "REL-1", CHAIN_FAILING, "last run of TC-2: fail");
  chain_of(w, "T-001", "REL-2", CHAIN_SUSPECT, "TC-1 ran on another release only");
  chain_of(w, "T-001", NULL, CHAIN_COMPLETE, "");
  chain_of(w, "T-002", NULL, CHAIN_SUSPECT, "changed since");
  chain_of(w, "T-003", NULL, CHAIN_BROKEN, "nothing mitigates it");
  chain_of(w, "T-010", NULL, CHAIN_BROKEN, "implements no requirement");
  chain_of(w, "T-011", NULL, CHAIN_COMPLETE, "");
  Matrix m;
  ok(&w->cx, trace_matrix(&w->cx, w->g, graph_find(w->g, S("pump")), NODE_NONE, &m));
  assert_int_equal(m.n, 3);
  assert_int_equal(m.count[CHAIN_COMPLETE], 1);
  assert_int_equal(m.count[CHAIN_BROKEN], 1);
  Nodes touched;
  ok(&w->cx, trace_impact(&w->cx, w->g, graph_find(w->g, S("SEC-2")), 2, &touched));
  assert_true(str_eq(ids_text(w, &touched), S("C-2 TC-2 T-001 T-002 RUN-2 RUN-3")));
}

static void refresh_in_place(void **state) {
  World *w = *state;
  Record r;
  Query *q;
  size_t n;
  ok(&w->cx,
     test_record_read(
         &w->cx,
         S("C-2\tcontrol\tapproved\tU000001\tpump\tAnother title\tkinds=spoofing\timplements=SEC-1,SEC-77"),
         &r));
  ok(&w->cx, graph_put(&w->cx, w->g, &r, STR_NONE));
  ok(&w->cx, test_record_read(&w->cx, S("SEC-77\trequirement\tdraft\t\tpump\tNew\t\t"), &r));
  ok(&w->cx, graph_put(&w->cx, w->g, &r, STR_NONE));
  graph_settle(w->g);
  ok(&w->cx, query_compile(&w->cx, S("type:requirement implemented_by:C-2"), &w->scope, &q));
  ok(&w->cx, query_count(&w->cx, w->g, q, &n));
  assert_int_equal(n, 2);
  assert_true(str_eq(node_title(w->g, graph_find(w->g, S("c-2"))), S("Another title")));
  assert_true(str_eq(graph_nearest(&w->cx, w->g, S("SEC-78")), S("SEC-77")));
}

int main(void) {
  const struct CMUnitTest tests[] = {
    cmocka_unit_test_setup_teardown(cases, open_world, close_world),
    cmocka_unit_test_setup_teardown(pages, open_world, close_world),
    cmocka_unit_test_setup_teardown(facets, open_world, close_world),
    cmocka_unit_test_setup_teardown(calc, open_world, close_world),
    cmocka_unit_test_setup_teardown(limits, open_world, close_world),
    cmocka_unit_test_setup_teardown(chains, open_world, close_world),
    cmocka_unit_test_setup_teardown(refresh_in_place, open_world, close_world),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
