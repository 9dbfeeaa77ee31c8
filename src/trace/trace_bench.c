/* Load and queries at 1,000, 10,000 and 100,000 records: the cost per record must stay flat. */
#include "trace/test_store.h"
#include <stdio.h>

static const char *const queries[] = {
  "type:threat severity:>=medium stride:tampering",
  "type:threat mitigated_by(implements(verified_by(executed_by(result:pass))))",
  "type:requirement -verified_by(executed_by(result:fail))", "count:mitigated_by>=2 sort:-score,id", "kind 42"
};

static Err one_query(Cx *cx, const Graph *g, const char *text, size_t records) {
  QueryScope scope = { .now_us = cx->now_us };
  Query *q;
  Nodes nodes;
  int64_t best = INT64_MAX;
  for (int i = 0; i < 5; i++) {
    ArenaMark mark = arena_mark(cx->arena);
    int64_t from = clock_mono_us();
    TRY(query_compile(cx, str_of(text), &scope, &q));
    TRY(query_run(cx, g, q, &nodes));
    int64_t took = clock_mono_us() - from;
    if (took < best) best = took;
    if (i == 4)
      printf("  %8lld us %6.1f ns/record %7zu rows  %s\n", (long long)best,
             (double)best * 1000 / (double)records, nodes.n, text);
    arena_release(cx->arena, mark);
  }
  return E_OK;
}

static Err one_size(Cx *cx, size_t records) {
  char folder[] = "/tmp/proofline-bench-XXXXXX";
  Store *s;
  Graph *g;
  bool changed;
  TRY(test_store_open(cx, folder, &s));
  int64_t from = clock_mono_us();
  TRY(test_store_load(cx, s, 1, records / 5));
  int64_t loaded = clock_mono_us();
  TRY(graph_open(cx, s, &g));
  int64_t opened = clock_mono_us();
  TRY(test_store_command(cx, s, "record.save",
                         S("{\"id\":\"CTL-3\",\"base\":1,\"input\":{\"side_effect\":\"Other\"}}"),
                         "a benchmark changes it"));
  int64_t saved = clock_mono_us();
  TRY(graph_refresh(cx, g, s, &changed));
  int64_t refreshed = clock_mono_us();
  printf("%zu records: written in %lld ms, graph in %lld ms (%.2f us/record), %zu MB, refresh of one change "
         "%lld us\n",
         records, (long long)(loaded - from) / 1000, (long long)(opened - loaded) / 1000,
         (double)(opened - loaded) / (double)records, arena_used(g->arena) >> 20,
         (long long)(refreshed - saved));
  for (size_t i = 0; i < COUNT(queries); i++) TRY(one_query(cx, g, queries[i], records));
  graph_close(g);
  test_store_close(s, folder);
  return E_OK;
}

int main(void) {
  static const size_t sizes[] = { 1000, 10000, 100000 };
  for (size_t i = 0; i < COUNT(sizes); i++) {
    AUTO(Cx) cx = cx_new((size_t)2 << 30);
    if (one_size(&cx, sizes[i]) != E_OK) { printf("%.*s\n", STR(cx.words)); return 1; }
  }
  return 0;
}
