/* The graph from a real store: loaded, refreshed by what changed, links suspect when an end moves. */
#include "trace/test_store.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#undef fail
#define WRONG(...) do { print_error(__VA_ARGS__); print_error("\n"); _fail(__FILE__, __LINE__); } while (0)

static Cx cx;
static void ok(Err e) { if (e != E_OK) WRONG("%s: %.*s", err_name(e), STR(cx.words)); }

static size_t count(Graph *g, const char *text) {
  QueryScope scope = { .now_us = cx.now_us };
  Query *q;
  size_t n;
  ok(query_compile(&cx, str_of(text), &scope, &q));
  ok(query_count(&cx, g, q, &n));
  return n;
}

static void load_and_refresh(void **state) {
  (void)state;
  char folder[] = "/tmp/proofline-trace-XXXXXX";
  Store *s;
  Graph *g;
  bool changed;
  cx = cx_new((size_t)512 << 20);
  ok(test_store_open(&cx, folder, &s));
  ok(test_store_load(&cx, s, 1, 20));
  ok(graph_open(&cx, s, &g));
  assert_int_equal(graph_count(g), 100);
  assert_int_equal(count(g, "type:threat mitigated_by(implements(verified_by(executed_by(result:pass))))"),
                   20);
  assert_int_equal(count(g, "type:requirement -verified_by(executed_by(result:pass))"), 2);
  assert_int_equal(count(g, "is:suspect"), 0);
  ok(graph_refresh(&cx, g, s, &changed));
  assert_false(changed);
  ok(test_store_command(&cx, s, "record.save",
                        S("{\"id\":\"CTL-3\",\"base\":1,\"input\":{\"side_effect\":\"Another judgement\"}}"),
                        "a test changes it"));
  ok(test_store_load(&cx, s, 21, 1));
  ok(graph_refresh(&cx, g, s, &changed));
  assert_true(changed);
  assert_int_equal(graph_count(g), 105);
  assert_int_equal(count(g, "another judgement"), 1);
  assert_int_equal(count(g, "type:threat is:suspect"),
                   2); /* two threats are mitigated by the changed control */
  assert_int_equal(node_rev(g, graph_find(g, S("ctl-3"))), 2);
  graph_close(g);
  test_store_close(s, folder);
  cx_free(&cx);
}

int main(void) {
  const struct CMUnitTest tests[] = { cmocka_unit_test(load_and_refresh) };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
