/* Loading the graph, asking every rule and showing lists over 1,000, 10,000 and 100,000 linked records.
 * Baselines: SQLite stepping over the same rows (load); the same work per record over 1,000 records (rules:
 * flat is 1); SQLite's keyset page of the same rows (lists).  usage: graph_bench [RECORDS...] */
#include "app/page/web.h"
#include "bench.h"
#include <sqlite3.h>
#include <sys/stat.h>
#include <stdlib.h>
#include <string.h>

typedef struct Figures {
  double load_us, refresh_us, rules_us, read_us, write_us, memory_mib, store_mib;
} Figures; /* per record; refresh: of one change */

/* ---- bare SQLite over the same file ----------------------------------------------------------------------
 */

static Err step_all(Cx *cx, sqlite3 *db, const char *sql, Str after, int64_t *us) {
  sqlite3_stmt *q = NULL;
  int64_t began = clock_mono_us(), bytes = 0;
  int code = sqlite3_prepare_v2(db, sql, -1, &q, NULL);
  if (code == SQLITE_OK && after.p) code = sqlite3_bind_text(q, 1, after.p, (int)after.n, SQLITE_STATIC);
  if (code == SQLITE_OK)
    while ((code = sqlite3_step(q)) == SQLITE_ROW)
      for (int i = 0; i < sqlite3_column_count(q); i++) {
        (void)sqlite3_column_text(q, i);
        bytes += sqlite3_column_bytes(q, i);
      }
  sqlite3_finalize(q);
  *us = clock_mono_us() - began;
  return code == SQLITE_DONE && bytes
             ? E_OK
             : fail(cx, E_IO, "bare SQLite: %s (%lld bytes)", sqlite3_errmsg(db), (long long)bytes);
}

static const char *const all_rows[] = { "SELECT * FROM record",        "SELECT * FROM link",
                                        "SELECT * FROM r_threat",      "SELECT * FROM r_control",
                                        "SELECT * FROM r_requirement", "SELECT * FROM r_test_case",
                                        "SELECT * FROM r_test_run",    "SELECT * FROM record_many" };

static Err bare_read(Cx *cx, const Bench *b, int64_t *us) {
  sqlite3 *db = NULL;
  Err e = E_OK;
  int64_t one;
  *us = 0;
  if (sqlite3_open_v2(str_fmt(cx->arena, "%s/proofline.db", b->folder).p, &db, SQLITE_OPEN_READONLY, NULL))
    e = fail(cx, E_IO, "bare SQLite");
  for (size_t i = 0; e == E_OK && i < COUNT(all_rows); i++) {
    e = step_all(cx, db, all_rows[i], STR_NONE, &one);
    *us += one;
  }
  sqlite3_close(db);
  return e;
}

/* ---- graph and rules
 * ---------------------------------------------------------------------------------------- */

enum { TIMES = 3 };
static void least(double *best, int64_t us, double n) {
  if (*best == 0 || (double)us / n < *best) *best = (double)us / n;
}

static Err measure_once(Bench *b, Store *s, const Packs *packs, double n, Figures *f) {
  AUTO(Cx) cx = cx_new((size_t)4 << 30);
  Graph *g = NULL;
  CheckRun run;
  int64_t us, t = clock_mono_us();
  TRY(graph_open(&cx, s, &g));
  least(&f->load_us, clock_mono_us() - t, n);
  t = clock_mono_us();
  Err e = comply_evaluate(&cx, g, s, packs, (CheckScope){ STR_NONE, STR_NONE }, &run);
  least(&f->rules_us, clock_mono_us() - t, n);
  graph_close(g);
  if (e == E_OK) e = bare_read(&cx, b, &us);
  if (e != E_OK) return fail(&b->cx, e, "%.*s", STR(cx.words));
  least(&f->read_us, us, n);
  return E_OK;
}

/* One record more in the store, then refresh. */
static Err measure_refresh(Bench *b, Store *s, Figures *f) {
  Graph *g = NULL;
  TRY(graph_open(&b->cx, s, &g));
  for (int i = 0; i < TIMES * 3; i++) {
    AUTO(Cx) cx = cx_new(256 << 20);
    bool changed = false;
    Ask ask = { S("record.new"),
                b->person,
                S("local"),
                S("cli"),
                random_hex(cx.arena, 8),
                S(""),
                S("{\"type\":\"threat\",\"input\":{\"title\":\"One more\",\"category\":\"misuse\"}}"),
                STR_NONE };
    Answer a = { 0 };
    Err e = writer_ask(&cx, b->writer, &ask, 1, &a);
    if (e == E_OK) e = answer_result(&cx, &a);
    int64_t t = clock_mono_us();
    if (e == E_OK) e = graph_refresh(&cx, g, s, &changed);
    if (e == E_OK && !changed) e = fail(&cx, E_BUG, "the refresh saw no change");
    if (e != E_OK) return fail(&b->cx, e, "%.*s", STR(cx.words));
    least(&f->refresh_us, clock_mono_us() - t, 1);
  }
  graph_close(g);
  return E_OK;
}

/* KiB that are this process's own. */
static int64_t own_kib(Cx *cx) {
  Str text, line;
  int64_t all = 0, n;
  if (file_read(cx, "/proc/self/smaps_rollup", 1 << 16, &text) != E_OK) return 0;
  while (str_cut(text, '\n', &line, &text)) {
    if (!str_starts(line, S("Private_"))) continue;
    Str rest = str_trim(str_slice(line, str_find(line, S(":")) + 1, line.n));
    if (str_cut(rest, ' ', &rest, &line) && str_int(rest, &n)) all += n;
  }
  return all;
}

/* What a worker keeps: the graph, and what one list page leaves behind. */
static Err measure_memory(Bench *b, Store *s, Figures *f) {
  AUTO(Cx) cx = cx_new(1 << 20);
  Graph *g = NULL;
  int64_t before = own_kib(&cx);
  TRY(graph_open(&b->cx, s, &g));
  f->memory_mib = (double)(own_kib(&cx) - before) / 1024;
  struct stat st;
  if (stat(str_fmt(cx.arena, "%s/proofline.db", b->folder).p, &st) == 0) f->store_mib = (double)st.st_size / (1 << 20);
  graph_close(g);
  return E_OK;
}

static Err measure(Bench *b, size_t n, Figures *f) {
  const Packs *packs;
  Store *s = NULL;
  TRY(app_packs(&b->cx, &packs));
  TRY(store_open(&b->cx, b->folder, STORE_READ, &s));
  Err e = E_OK;
  for (int i = 0; e == E_OK && i < TIMES; i++) e = measure_once(b, s, packs, (double)n, f);
  if (e == E_OK) e = measure_refresh(b, s, f);
  if (e == E_OK) e = measure_memory(b, s, f);
  store_close(s);
  return e;
}

/* ---- lists
 * --------------------------------------------------------------------------------------------------- */

/* The same rows in a table of their own with an index for each order: the best that SQLite can do for this page. */
static const char bare_list[] =
    "ATTACH '%s/proofline.db' AS p;"
    "CREATE TABLE list(id TEXT PRIMARY KEY NOT NULL, title TEXT, state TEXT, owner TEXT, changed_us INTEGER,"
    " category TEXT, stride TEXT, capability TEXT, lifecycle TEXT) WITHOUT ROWID;"
    "INSERT INTO list SELECT r.id, title, state, owner, changed_us, category, stride, capability, lifecycle"
    " FROM p.record r JOIN p.r_threat t ON t.id = r.id;"
    "CREATE INDEX list_stride ON list(stride, id); CREATE INDEX list_title ON list(title, id);"
    "DETACH p; ANALYZE";

typedef struct ListCase {
  const char *what, *query;
  bool middle;
  const char *sql;
} ListCase;
static const ListCase lists[] = {
  { "list page 1", "", false, "SELECT * FROM list WHERE id > ?1 ORDER BY id LIMIT 100" },
  { "list filtered by a choice", "stride:tampering", false,
    "SELECT * FROM list WHERE stride = 'tampering' AND id > ?1 ORDER BY id LIMIT 100" },
  { "list page in the middle", "", true, "SELECT * FROM list WHERE id > ?1 ORDER BY id LIMIT 100" },
  { "list sorted by title", "sort:-title", false,
    "SELECT * FROM list WHERE ?1 = '' ORDER BY title DESC, id LIMIT 100" },
};
enum { PAGES = 60 };

static Err page_times(Bench *b, Web *web, const ListCase *c, Str after, int64_t *us) {
  Pair query[2] = { { S("q"), str_of(c->query) }, { S("after"), after } };
  Request req = {
    .method = GET, .path = S("/list/threat"), .query = query, .nquery = after.n ? 2 : 1, .params = { S("threat") }
  };
  AUTO(Cx) cx = cx_new(256 << 20);
  for (int i = 0; i < PAGES; i++) {
    Response res = { 0 };
    cx_reset(&cx);
    int64_t t = clock_mono_us();
    Err e = page_list(&cx, web, &req, &res);
    us[i] = clock_mono_us() - t;
    if (e == E_OK && str_find(res.body, S("BT-0")) == SIZE_MAX) e = fail(&cx, E_BUG, "%s shows no row", c->what);
    if (e != E_OK) return fail(&b->cx, e, "%s: %.*s", c->what, STR(cx.words));
  }
  return E_OK;
}

static Err bare_times(Bench *b, const ListCase *c, Str after, int64_t *us) {
  Cx *cx = &b->cx;
  sqlite3 *db = NULL;
  Err e = E_OK;
  char *made = NULL;
  (void)remove(str_fmt(cx->arena, "%s/bare.db", b->folder).p);
  if (sqlite3_open(str_fmt(cx->arena, "%s/bare.db", b->folder).p, &db)) e = fail(cx, E_IO, "bare SQLite");
  Str make = str_fmt(cx->arena, bare_list, b->folder);
  if (e == E_OK && sqlite3_exec(db, make.p, NULL, NULL, &made)) e = fail(cx, E_IO, "bare SQLite: %s", made);
  for (int i = 0; e == E_OK && i < PAGES; i++) e = step_all(cx, db, c->sql, after, &us[i]);
  sqlite3_close(db);
  return e;
}

static Err measure_lists(Bench *b, size_t n) {
  Web web = { .folder = b->folder, .set = &b->set };
  Cx *cx = &b->cx;
  TRY(store_open(cx, b->folder, STORE_READ, &web.store));
  TRY(graph_open(cx, web.store, &web.graph));
  TRY(people_who(cx, web.store, b->person, &web.who));
  Err e = E_OK;
  for (size_t i = 0; e == E_OK && i < COUNT(lists); i++) {
    int64_t ours[PAGES], bare[PAGES];
    Str after = lists[i].middle ? str_fmt(cx->arena, "BT-%06zu", n / CHAIN / 2) : S("");
    e = page_times(b, &web, &lists[i], after, ours);
    if (e == E_OK) e = bare_times(b, &lists[i], after, bare);
    if (e != E_OK) break;
    Spread o = bench_spread(ours, PAGES), s = bench_spread(bare, PAGES);
    Str what = str_fmt(cx->arena, "%s of %zu records", lists[i].what, n);
    bench_row((BenchRow){ str_fmt(cx->arena, "%.*s, p50", STR(what)), (double)o.p50_us / 1e3, "ms",
                          "SQLite keyset page, indexed, unrendered", (double)s.p50_us / 1e3 });
    bench_row((BenchRow){ str_fmt(cx->arena, "%.*s, p95", STR(what)), (double)o.p95_us / 1e3, "ms",
                          "SQLite keyset page, indexed, unrendered", (double)s.p95_us / 1e3 });
  }
  graph_close(web.graph);
  store_close(web.store);
  return e;
}

/* ---- all
 * ------------------------------------------------------------------------------------------------------- */

static void report(Arena *a, size_t n, const Figures *f, const Figures *first) {
  bench_row((BenchRow){ str_fmt(a, "records loaded into the store, up to %zu", n), f->write_us, "us/record",
                        "the same at the first size", first->write_us });
  bench_row((BenchRow){ str_fmt(a, "graph load, %zu records", n), f->load_us, "us/record",
                        "SQLite reading the same rows", f->read_us });
  bench_row((BenchRow){ str_fmt(a, "graph refresh after one change, %zu records", n), f->refresh_us, "us",
                        "the same at the first size", first->refresh_us });
  bench_row((BenchRow){ str_fmt(a, "memory of the graph in a worker, %zu records", n), f->memory_mib, "MiB",
                        "the store's file", f->store_mib });
  bench_row((BenchRow){ str_fmt(a, "all rules, %zu records", n), f->rules_us, "us/record",
                        "the same at the first size", first->rules_us });
}

static Err run(Bench *b, const int64_t *sizes, size_t n) {
  Figures first = { 0 };
  size_t have = 0;
  for (size_t i = 0; i < n; i++) {
    Figures f = { 0 };
    size_t want = (size_t)sizes[i];
    int64_t t = clock_mono_us();
    TRY(bench_writer(b));
    TRY(bench_fill(b, have, want - have));
    f.write_us = (double)(clock_mono_us() - t) / (double)(want - have);
    have = want;
    TRY(measure(b, want, &f));
    if (i == 0) first = f;
    report(b->cx.arena, want, &f, &first);
    bench_writer_close(b);
  }
  return measure_lists(b, have);
}

int main(int argc, char **argv) {
  int64_t sizes[8] = { 1000, 10000, 100000 };
  size_t n = 3;
  if (argc > 1) n = 0;
  for (int i = 1; i < argc && n < COUNT(sizes); i++)
    if (!str_int(str_of(argv[i]), &sizes[n++])) return err_exit(E_USAGE);
  Bench b;
  Err e = bench_open(&b, "graph");
  if (e == E_OK) e = run(&b, sizes, n);
  return bench_end(&b, e);
}
