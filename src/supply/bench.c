/* bench.c - seconds to read and to import one large SBOM.  usage: supply_bench FOLDER [COMPONENTS] */
#include "supply/inside.h"
#include <stdio.h>

static Str made(Arena *a, size_t n) {
  Buf b = buf_new(a, (size_t)256 << 20);
  buf_z(&b, "{\"bomFormat\":\"CycloneDX\",\"specVersion\":\"1.6\",\"version\":1,\"components\":[");
  for (size_t i = 0; i < n; i++)
    buf_fmt(&b,
            "%s{\"type\":\"library\",\"bom-ref\":\"ref-%zu\",\"name\":\"c-%zu\",\"version\":\"1.%zu.0\","
            "\"purl\":\"pkg:npm/c-%zu@1.%zu.0\",\"supplier\":{\"name\":\"Supplier %zu\"},"
            "\"licenses\":[{\"license\":{\"id\":\"MIT\"}}],\"hashes\":[{\"alg\":\"SHA-1\",\"content\":\"%040zu\"}]}",
            i ? "," : "", i, i, i % 50, i, i % 50, i % 900, i);
  buf_z(&b, "],\"dependencies\":[");
  for (size_t i = 0; i < n; i++)
    buf_fmt(&b, "%s{\"ref\":\"ref-%zu\",\"dependsOn\":[\"ref-%zu\",\"ref-%zu\"]}", i ? "," : "", i,
            (i * 7 + 1) % n, (i * 13 + 5) % n);
  buf_z(&b, "]}");
  return buf_str(&b);
}

static double seconds(int64_t from) { return (double)(clock_mono_us() - from) / (double)US_PER_S; }

static Err import(Cx *cx, Store *s, const Ask *ask) {
  Buf out = buf_new(cx->arena, 4096);
  JsonOut o = json_out(&out, false);
  JVal *args;
  TRY(json_read(cx, ask->args_json, &JSON_BODY, &args));
  Call call = {
    .store = s, .actor = S("system"), .auth = S("none"), .source = S("system"), .request = S("0000000000000001"),
    .reason = S(""), .args = args, .payload = ask->payload, .now_us = cx->now_us, .result = &o
  };
  json_object(&o);
  TRY(store_begin(cx, s));
  TRY(supply_commands[0]->run(cx, &call));
  return store_commit(cx, s);
}

static Err measure(Cx *cx, Store *s, size_t n) {
  SbomOptions opt = supply_options(NULL);
  Sbom sbom;
  Ask ask = { 0 };
  ComponentRows rows;
  ComponentCounts counts;
  Str bytes = made(cx->arena, n);
  SbomImport what = { S("p"), S("1"), STR_NONE, STR_NONE, S("x.json") };
  printf("%zu components, %.1f MiB\n", n, (double)bytes.n / 1048576.0);
  size_t before = arena_used(cx->arena);
  int64_t t = clock_mono_us();
  TRY(supply_read(cx, bytes, &opt, &sbom));
  printf("read in the jail %.2f s, rows %.1f MiB, memory %.1f MiB\n", seconds(t), (double)sbom.rows.n / 1048576.0,
         (double)(arena_used(cx->arena) - before) / 1048576.0);
  TRY(supply_import_ask(cx, &sbom, bytes, &what, &ask));
  t = clock_mono_us();
  TRY(import(cx, s, &ask));
  printf("import %.2f s\n", seconds(t));
  Hash digest;
  t = clock_mono_us();
  TRY(ledger_fact(cx, s, FACT_SBOM, S("SBM-0001"), &digest));
  printf("digest of all rows %.2f s\n", seconds(t));
  t = clock_mono_us();
  TRY(supply_components(cx, s, S("SBM-0001"), NULL, S("99:c-150"), 100, &rows));
  printf("a page %.4f s (%zu rows)\n", seconds(t), rows.n);
  t = clock_mono_us();
  TRY(supply_components(cx, s, S("SBM-0001"), &(ComponentFilter){ .no_supplier = true }, STR_NONE, 100, &rows));
  printf("a filtered page that finds nothing %.3f s\n", seconds(t));
  t = clock_mono_us();
  TRY(supply_counts(cx, s, S("SBM-0001"), 0, &counts));
  printf("counts %.3f s\n", seconds(t));
  t = clock_mono_us();
  ComponentPaths paths;
  TRY(supply_paths(cx, s, S("SBM-0001"), (int64_t)(n / 2), 20, &paths));
  printf("paths %.3f s\n", seconds(t));
  return E_OK;
}

int main(int argc, char **argv) {
  AUTO(Cx) cx = cx_new((size_t)2 << 30);
  int64_t n = 200000;
  Store *s = NULL;
  if (argc < 2 || (argc > 2 && !str_int(str_of(argv[2]), &n))) return 2;
  Err e = crypto_start(&cx);
  if (e == E_OK) e = store_open(&cx, argv[1], STORE_CREATE, &s);
  if (e == E_OK) e = store_begin(&cx, s);
  if (e == E_OK) e = ledger_create(&cx, s, S("00000000-0000-4000-8000-000000000001"));
  if (e == E_OK) e = store_commit(&cx, s);
  if (e == E_OK) e = store_migrate(&cx, s, supply_schema, supply_nschema);
  if (e == E_OK) e = measure(&cx, s, (size_t)n);
  store_close(s);
  if (e != E_OK) (void)fprintf(stderr, "%.*s\n", STR(cx.words));
  return err_exit(e);
}
