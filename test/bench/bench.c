#include "bench.h"
#include <sqlite3.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* ---- a company of its own ------------------------------------------------------------------------------ */

Err bench_open(Bench *b, const char *name) {
  const char *tmp = getenv("TMPDIR");
  *b = (Bench){ .cx = cx_new((size_t)4 << 30) };
  Cx *cx = &b->cx;
  char *made = str_z(cx->arena, str_fmt(cx->arena, "%s/proofline-%s-XXXXXX", tmp ? tmp : ".", name));
  TRY(app_start(cx));
  if (!mkdtemp(made)) return fail(cx, E_IO, "Cannot make a folder at %s. Set TMPDIR", made);
  b->folder = made;
  AppInit init = { .company = S("Bench"), .login = S("bench"), .name = S("Bench") };
  TRY(app_init(cx, b->folder, &init));
  TRY(app_settings(cx, b->folder, &b->set));
  b->app = (AppWriter){ .folder = b->folder };
  b->hooks = app_writer_hooks(&b->app);
  Store *s = NULL;
  Who who;
  TRY(store_open(cx, b->folder, STORE_READ, &s));
  Err e = people_who_login(cx, s, S("bench"), &who);
  store_close(s);
  if (e == E_OK) b->person = who.id;
  return e;
}

Err bench_writer(Bench *b) { return writer_connect(&b->cx, b->folder, &b->set, &b->hooks, &b->writer); }

void bench_writer_close(Bench *b) {
  if (!b->writer) return;
  (void)app_finish(&b->cx, writer_store(b->writer), &b->app);
  writer_close(b->writer);
  b->writer = NULL;
}

/* What a data folder and the benchmarks leave there; no general removal of a tree. */
void bench_close(Bench *b) {
  static const char *const names[] = { "proofline.db",   "proofline.db-wal", "proofline.db-shm", "proofline.lock",
                                       "proofline.toml", "writer.sock",      "server.lock",      "signer/key",
                                       "signer/key.pub", "signer/head",      "signer/origin",    "signer",
                                       "feeds",          "sbom.json",        "osv.json",         "osv.snap",     "osv.snap.checked",
                                       "bare.db",        "bare.db-wal",      "bare.db-shm" };
  bench_writer_close(b);
  if (b->folder) {
    for (size_t i = 0; i < COUNT(names); i++) (void)remove(str_fmt(b->cx.arena, "%s/%s", b->folder, names[i]).p);
    (void)rmdir(b->folder);
  }
  cx_free(&b->cx);
}

int bench_end(Bench *b, Err e) {
  if (e != E_OK) (void)fprintf(stderr, "%.*s\n", STR(b->cx.words));
  bench_close(b);
  return err_exit(e);
}

/* ---- records ------------------------------------------------------------------------------------------- */

static const char *const stride[] = { "spoofing",          "tampering",
                                      "repudiation",       "information_disclosure",
                                      "denial_of_service", "elevation_of_privilege" };

static void row_open(JsonOut *o, Str id, const char *type, Str title) {
  json_object(o);
  json_pair(o, "id", id);
  json_pair(o, "type", str_of(type));
  json_key(o, "input");
  json_object(o);
  json_pair(o, "title", title);
}
static void row_close(JsonOut *o) {
  json_object_end(o);
  json_object_end(o);
}
static void list_of(JsonOut *o, const char *key, Str value) {
  json_key(o, key);
  json_array(o);
  json_put_str(o, value);
  json_array_end(o);
}

/* CHAIN records: a whole chain from a threat to the run of its test. */
static void chain(Arena *a, JsonOut *o, size_t i) {
  Str n = str_fmt(a, "%06zu", i);
  Str threat = str_fmt(a, "BT-%.*s", STR(n)), control = str_fmt(a, "BC-%.*s", STR(n));
  Str need = str_fmt(a, "BR-%.*s", STR(n)), test = str_fmt(a, "BV-%.*s", STR(n)), run = str_fmt(a, "BX-%.*s", STR(n));
  row_open(o, threat, "threat", str_fmt(a, "Order %zu is altered on its way to the pump", i));
  json_pair(o, "category", S("attack"));
  json_pair(o, "stride", str_of(stride[i % COUNT(stride)]));
  json_pair(o, "path",
            str_fmt(a, "Somebody in reach of interface %zu sends a frame with a valid length and another dose",
                    i % 97));
  list_of(o, "mitigated_by", control);
  row_close(o);
  row_open(o, control, "control", str_fmt(a, "Orders of interface %zu carry an authentication code", i));
  json_pair(o, "kind", S("design"));
  json_pair(o, "description",
            S("AES-CMAC over order, counter and device, checked by both processors before a dose changes"));
  list_of(o, "implements", need);
  row_close(o);
  row_open(o, need, "requirement", str_fmt(a, "Reject an order %zu that was altered", i));
  json_pair(o, "kind", S("security"));
  json_pair(o, "statement", S("The pump shall reject an order whose authentication code does not verify"));
  row_close(o);
  row_open(o, test, "test_case", str_fmt(a, "Altered order %zu is rejected", i));
  list_of(o, "kind", S("threat_mitigation"));
  json_pair(o, "expected", S("No dose changes; the log names the interface"));
  list_of(o, "verifies", need);
  row_close(o);
  row_open(o, run, "test_run", str_fmt(a, "Run of %.*s", STR(test)));
  json_pair(o, "result", S("pass"));
  json_pair(o, "run_on", S("2026-03-02"));
  json_pair(o, "actual", S("Rejected, logged"));
  json_pair(o, "executes", test);
  row_close(o);
}

enum { LOAD_CHAINS = 1000 };

static Err load(Bench *b, Cx *cx, size_t from, size_t n) {
  Buf body = buf_new(cx->arena, (size_t)256 << 20);
  JsonOut o = json_out(&body, false);
  json_array(&o);
  for (size_t i = from; i < from + n; i++) chain(cx->arena, &o, i);
  json_array_end(&o);
  Ask ask = { .command = S("record.load"),
              .actor = b->person,
              .auth = S("local"),
              .source = S("import"),
              .request = random_hex(cx->arena, 8),
              .args_json = S("{}"),
              .payload = buf_str(&body) };
  Answer answer = { 0 };
  TRY(writer_ask(cx, b->writer, &ask, 1, &answer));
  return answer_result(cx, &answer);
}

Err bench_fill(Bench *b, size_t from, size_t n) {
  for (size_t i = from / CHAIN; i < (from + n) / CHAIN; i += LOAD_CHAINS) {
    AUTO(Cx) cx = cx_new((size_t)2 << 30);
    size_t left = (from + n) / CHAIN - i;
    Err e = load(b, &cx, i, left < LOAD_CHAINS ? left : LOAD_CHAINS);
    if (e != E_OK) {
      Problem *p = cx.problems.n ? cx.problems.p : NULL;
      return fail(&b->cx, e, "%.*s %.*s: %.*s", STR(cx.words), STR(p ? p->field : S("")), STR(p ? p->words : S("")));
    }
  }
  return E_OK;
}

/* ---- figures ------------------------------------------------------------------------------------------- */

static int by_size(const void *a, const void *b) {
  int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
  return (x > y) - (x < y);
}

Spread bench_spread(int64_t *us, size_t n) {
  qsort(us, n, sizeof *us, by_size);
  return (Spread){ us[n / 2], us[n * 95 / 100] };
}

/* One line of tab-separated cells; bench.py makes the table. */
void bench_row(BenchRow r) {
  (void)printf("row\t%.*s\t%.6g\t%s\t%s\t%.6g\n", STR(r.what), r.ours, r.unit, r.baseline, r.base);
  (void)fflush(stdout);
}

/* ---- bare SQLite ----------------------------------------------------------------------------------------
 */

enum { BARE_S = 2 };

static Err bare(Cx *cx, sqlite3 *db, int code) {
  return code == SQLITE_OK || code == SQLITE_DONE ? E_OK : fail(cx, E_IO, "bare SQLite: %s", sqlite3_errmsg(db));
}

void BenchBare_drop(BenchBare *b) {
  sqlite3_finalize(b->add);
  sqlite3_close(b->db);
}

Err bench_bare_open(Cx *cx, const char *folder, size_t bytes, BenchBare *out) {
  static const char make[] = "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;"
                             "CREATE TABLE IF NOT EXISTS item (id INTEGER PRIMARY KEY, body BLOB)";
  BenchBare *b = out;
  b->bytes = bytes;
  b->body = memset(arena_alloc(cx->arena, bytes), 'a', bytes);
  TRY(bare(cx, b->db, sqlite3_open(str_fmt(cx->arena, "%s/bare.db", folder).p, &b->db)));
  TRY(bare(cx, b->db, sqlite3_exec(b->db, make, NULL, NULL, NULL)));
  return bare(cx, b->db, sqlite3_prepare_v2(b->db, "INSERT INTO item (body) VALUES (?1)", -1, &b->add, NULL));
}

Err bench_bare_commit(Cx *cx, BenchBare *b, int rows) {
  TRY(bare(cx, b->db, sqlite3_exec(b->db, "BEGIN IMMEDIATE", NULL, NULL, NULL)));
  for (int i = 0; i < rows; i++) {
    TRY(bare(cx, b->db, sqlite3_bind_blob(b->add, 1, b->body, (int)b->bytes, SQLITE_STATIC)));
    TRY(bare(cx, b->db, sqlite3_step(b->add)));
    TRY(bare(cx, b->db, sqlite3_reset(b->add)));
  }
  return bare(cx, b->db, sqlite3_exec(b->db, "COMMIT", NULL, NULL, NULL));
}

Err bench_sqlite_commits(Cx *cx, const char *folder, size_t bytes, int group, double *rows_s) {
  AUTO(BenchBare) b = { 0 };
  TRY(bench_bare_open(cx, folder, bytes, &b));
  int64_t began = clock_mono_us(), rows = 0;
  for (; clock_mono_us() - began < BARE_S * US_PER_S; rows += group) TRY(bench_bare_commit(cx, &b, group));
  *rows_s = (double)rows * 1e6 / (double)(clock_mono_us() - began);
  return E_OK;
}
