/* A full run of all rules over the sample company's records, copied until there are 1,000, 10,000 and
 * 100,000. */
#include "comply/sample.h"
#include <stdio.h>

static Err one_size(Cx *cx, const Records *base, const Packs *packs, size_t records) {
  Graph *g = graph_new((size_t)4 << 30);
  CheckRun run;
  for (size_t k = 0, n = 0; n < records; k++, n += base->n) {
    ArenaMark mark = arena_mark(cx->arena);
    Records copy = { 0 };
    sample_copy(cx, base, k, &copy);
    for (size_t i = 0; i < copy.n; i++) TRY(graph_put(cx, g, &copy.p[i], STR_NONE));
    arena_release(cx->arena, mark);
  }
  graph_settle(g);
  int64_t from = clock_mono_us();
  TRY(comply_evaluate(cx, g, NULL, packs, (CheckScope){ STR_NONE, STR_NONE }, &run));
  int64_t took = clock_mono_us() - from;
  printf("%zu records, %zu rules: %lld ms, %.2f us/record, %zu gaps\n", graph_count(g), run.nrules,
         (long long)took / 1000, (double)took / (double)graph_count(g), run.gaps.n);
  graph_close(g);
  return E_OK;
}

static Err bench(Cx *cx) {
  static const size_t sizes[] = { 1000, 10000, 100000 };
  const Packs *packs;
  Records base = { 0 };
  TRY(crypto_start(cx));
  TRY(sample_types_set(cx));
  TRY(comply_load_folder(cx, DATA "/packs", &packs));
  TRY(sample_read(cx, DATA "/sorrel", &base));
  for (size_t i = 0; i < COUNT(sizes); i++) TRY(one_size(cx, &base, packs, sizes[i]));
  return E_OK;
}

int main(void) {
  AUTO(Cx) cx = cx_new((size_t)4 << 30);
  if (bench(&cx) == E_OK) return 0;
  printf("%.*s\n", STR(cx.words));
  return 1;
}
