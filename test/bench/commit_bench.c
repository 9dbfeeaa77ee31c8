/* Durable saves of a record a second: 1, 8 and 64 clients over the writer's socket, each waiting for its
 * answer. Baseline: bare SQLite on the same disk that stores as one row the bytes by which a save makes the
 * store grow, once with one row a commit and once with as many rows a commit as there are clients, which is the most that
 * waiting clients allow. */
#include "bench.h"
#include <signal.h>
#include <sqlite3.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

enum { SECONDS = 3, CLIENTS_MOST = 64, TURNS = 3000 };
typedef struct Shared {
  int64_t saves[CLIENTS_MOST];
  int64_t worst_us[CLIENTS_MOST];
  char words[256];
} Shared;

static void ready(Cx *cx, void *env, ServeReady r) {
  (void)cx;
  (void)r;
  ssize_t n = write(*(const int *)env, "r", 1);
  (void)n;
}

/* The whole server as a child: supervisor, writer, worker, signer. */
static Err serve_start(Bench *b, pid_t *pid) {
  int way[2];
  char got = 0;
  if (pipe(way)) return fail(&b->cx, E_IO, "pipe failed");
  TRY(settings_set(&b->cx, &b->set, S("listen"), S("127.0.0.1:0"), S("bench")));
  TRY(settings_set(&b->cx, &b->set, S("workers"), S("1"), S("bench")));
  *pid = fork();
  if (*pid == 0) {
    ServeHooks hooks = app_serve_hooks(&b->app);
    (void)close(way[0]);
    _exit(err_exit(serve_run(&b->cx, b->folder, &b->set, &hooks, ready, &way[1])));
  }
  (void)close(way[1]);
  ssize_t n = read(way[0], &got, 1);
  (void)close(way[0]);
  return n == 1 ? E_OK : fail(&b->cx, E_BUSY, "the server did not start");
}

static Err ask_new(Cx *cx, Writer *w, Str person, Str id) {
  Str args =
      str_fmt(cx->arena,
              "{\"type\":\"threat\",\"id\":\"%.*s\",\"input\":{\"title\":\"Order altered\",\"category\":\"attack\","
              "\"stride\":\"tampering\"}}",
              STR(id));
  Ask ask = { S("record.new"), person, S("local"), S("cli"), random_hex(cx->arena, 8), S(""), args, STR_NONE };
  Answer a = { 0 };
  TRY(writer_ask(cx, w, &ask, 1, &a));
  return answer_result(cx, &a);
}

/* A body of ordinary length that differs each time. */
static Err ask_save(Cx *cx, Writer *w, Str person, Str id, int64_t base) {
  Str args = str_fmt(
      cx->arena,
      "{\"id\":\"%.*s\",\"base\":%lld,\"input\":{\"path\":\"Somebody in reach of the radio sends frame %lld "
      "with a valid length and another dose; the counter is replayed from the order before it, so that the receiver "
      "sees a fresh order of the right form and both processors take it for one of theirs\"}}",
      STR(id), (long long)base, (long long)base);
  Ask ask = {
    S("record.save"), person, S("local"), S("cli"), random_hex(cx->arena, 8), S("measured"), args, STR_NONE
  };
  Answer a = { 0 };
  TRY(writer_ask(cx, w, &ask, 1, &a));
  return answer_result(cx, &a);
}

static Err client(const Bench *b, Cx *cx, int round, int i, Shared *shared) {
  Writer *w = NULL;
  AUTO(Cx) own = cx_new(64 << 20);
  Str id = str_fmt(own.arena, "B%d-%02d", round, i);
  TRY(writer_remote(&own, b->folder, &w));
  TRY(ask_new(cx, w, b->person, id));
  int64_t end = clock_mono_us() + SECONDS * US_PER_S, now = clock_mono_us();
  for (int64_t rev = 1; now < end; rev++) {
    cx_reset(cx);
    TRY(ask_save(cx, w, b->person, id, rev));
    int64_t then = clock_mono_us();
    if (then - now > shared->worst_us[i]) shared->worst_us[i] = then - now;
    now = then;
    shared->saves[i]++;
  }
  writer_close(w);
  return E_OK;
}

static Err round_of(Bench *b, int round, int clients, Shared *shared, double *per_s, double *worst_ms) {
  memset(shared, 0, sizeof *shared);
  for (int i = 0; i < clients; i++) {
    if (fork() != 0) continue;
    Cx cx = cx_new(64 << 20);
    Err e = client(b, &cx, round, i, shared);
    if (e != E_OK)
      memcpy(shared->words, cx.words.p, cx.words.n < sizeof shared->words ? cx.words.n : sizeof shared->words - 1);
    _exit(err_exit(e));
  }
  int status, bad = 0;
  for (int i = 0; i < clients; i++) {
    if (wait(&status) < 0 || !WIFEXITED(status) || WEXITSTATUS(status)) bad++;
  }
  if (bad) return fail(&b->cx, E_BUG, "%d of %d clients failed: %s", bad, clients, shared->words);
  int64_t saves = 0, worst = 0;
  for (int i = 0; i < clients; i++) {
    saves += shared->saves[i];
    if (shared->worst_us[i] > worst) worst = shared->worst_us[i];
  }
  *per_s = (double)saves / (double)SECONDS;
  *worst_ms = (double)worst / 1e3;
  return E_OK;
}

/* One durable save, and a row of as many bytes in bare SQLite, by turns in one process: how long each takes. */
static Err turn(Bench *b, Cx *cx, BenchBare *bare, int64_t rev, int64_t *ours_us, int64_t *bare_us) {
  int64_t began = clock_mono_us();
  cx_reset(cx);
  TRY(ask_save(cx, b->writer, b->person, S("ALONE-1"), rev));
  int64_t between = clock_mono_us();
  TRY(bench_bare_commit(cx, bare, 1));
  *ours_us = between - began;
  *bare_us = clock_mono_us() - between;
  return E_OK;
}

static double all_s(const int64_t *us) {
  int64_t sum = 0;
  for (int i = 0; i < TURNS; i++) sum += us[i];
  return (double)TURNS * 1e6 / (double)sum;
}

/* Without a socket: this process is the writer, as a command line without a server is.  The median of each, which work of
 * others on the machine moves least; and all together, with the checkpoints. */
static Err alone(Bench *b, size_t bytes, const char *same) {
  AUTO(Cx) cx = cx_new(64 << 20);
  AUTO(BenchBare) bare = { 0 };
  int64_t *us[2] = { NEW_ARRAY(b->cx.arena, TURNS, int64_t), NEW_ARRAY(b->cx.arena, TURNS, int64_t) };
  TRY(bench_writer(b));
  Err e = bench_bare_open(&b->cx, b->folder, bytes, &bare);
  if (e == E_OK) e = ask_new(&cx, b->writer, b->person, S("ALONE-1"));
  for (int i = 0; e == E_OK && i < TURNS; i++) e = turn(b, &cx, &bare, i + 1, &us[0][i], &us[1][i]);
  if (e != E_OK) return fail(&b->cx, e, "%.*s", STR(cx.words));
  bench_writer_close(b);
  bench_row((BenchRow){ S("durable saves, by the writing process itself: all"), all_s(us[0]), "1/s", same, all_s(us[1]) });
  Spread ours = bench_spread(us[0], TURNS), base = bench_spread(us[1], TURNS);
  bench_row((BenchRow){ S("durable saves, by the writing process itself: median"), 1e6 / (double)ours.p50_us, "1/s", same,
                        1e6 / (double)base.p50_us });
  return E_OK;
}

static Err store_bytes(Bench *b, int64_t *bytes) {
  sqlite3 *db = NULL;
  sqlite3_stmt *q = NULL;
  if (sqlite3_open(str_fmt(b->cx.arena, "%s/proofline.db", b->folder).p, &db) == SQLITE_OK &&
      sqlite3_prepare_v2(db, "SELECT page_count * page_size FROM pragma_page_count, pragma_page_size", -1, &q, NULL) ==
          SQLITE_OK &&
      sqlite3_step(q) == SQLITE_ROW)
    *bytes = sqlite3_column_int64(q, 0);
  else (void)fail(&b->cx, E_IO, "the size of the store: %s", sqlite3_errmsg(db));
  sqlite3_finalize(q);
  sqlite3_close(db);
  return b->cx.err;
}

static Err measure(Bench *b, Shared *shared) {
  static const int clients[] = { 1, 8, 64 };
  pid_t server = -1;
  int64_t before = 0, after = 0;
  double saves = 0;
  double ours[COUNT(clients)], worst[COUNT(clients)], one, many;
  TRY(store_bytes(b, &before));
  TRY(serve_start(b, &server));
  Err e = E_OK;
  for (size_t i = 0; e == E_OK && i < COUNT(clients); i++) {
    e = round_of(b, (int)i, clients[i], shared, &ours[i], &worst[i]);
    saves += ours[i] * (double)SECONDS;
  }
  (void)kill(server, SIGTERM);
  (void)waitpid(server, NULL, 0);
  TRY(e);
  TRY(store_bytes(b, &after));
  size_t bytes = (size_t)((double)(after - before) / saves);
  TRY(bench_sqlite_commits(&b->cx, b->folder, bytes, 1, &one));
  Str same = str_fmt(b->cx.arena, "SQLite, a row of the same %zu bytes a commit", bytes);
  TRY(alone(b, bytes, same.p));
  for (size_t i = 0; i < COUNT(clients); i++) {
    Arena *a = b->cx.arena;
    Str what =
        str_fmt(a, "durable saves, %d client%s (slowest %.0f ms)", clients[i], clients[i] > 1 ? "s" : "", worst[i]);
    bench_row((BenchRow){ what, ours[i], "1/s", same.p, one });
    if (clients[i] == 1) continue;
    TRY(bench_sqlite_commits(&b->cx, b->folder, bytes, clients[i], &many));
    bench_row((BenchRow){ what, ours[i], "1/s", str_fmt(a, "SQLite, %d such rows a commit", clients[i]).p, many });
  }
  return E_OK;
}

int main(void) {
  Bench b;
  Shared *shared = mmap(NULL, sizeof *shared, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  if (shared == MAP_FAILED) return err_exit(E_LIMIT);
  Err e = bench_open(&b, "commit");
  if (e == E_OK) e = measure(&b, shared);
  return bench_end(&b, e);
}
