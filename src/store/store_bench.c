/* Durable commits per second on one connection, by size of the group.  usage: store_bench [FOLDER] */
#include "store/store.h"
#include <stdio.h>

static const Migration steps[] = { { "bench.1", "CREATE TABLE item (id INTEGER PRIMARY KEY, text TEXT)" } };
static const Sql add = { "bench.add", "INSERT INTO item (text) VALUES (?1)", NULL };

static Err group(Cx *cx, Store *s, int rows) {
  static const char text[300];
  TRY(store_begin(cx, s));
  for (int i = 0; i < rows; i++) {
    TRY(store_savepoint(cx, s));
    TRY(store_run(cx, s, &add, ARGS(v_text((Str){ text, sizeof text })), NULL));
    TRY(store_release(cx, s));
  }
  return store_commit(cx, s);
}

static Err measure(Cx *cx, Store *s) {
  static const int sizes[] = { 1, 8, 64, 512 };
  for (size_t i = 0; i < COUNT(sizes); i++) {
    int64_t start = clock_mono_us(), end = start, commits = 0, worst = 0;
    for (; end - start < 2 * US_PER_S; commits++) {
      int64_t before = end;
      TRY(group(cx, s, sizes[i]));
      end = clock_mono_us();
      if (end - before > worst) worst = end - before;
    }
    printf("%4d rows a commit: %6lld commits/s, %8lld rows/s, slowest %lld us\n", sizes[i],
           (long long)(commits * US_PER_S / (end - start)),
           (long long)(commits * sizes[i] * US_PER_S / (end - start)), (long long)worst);
  }
  return E_OK;
}

int main(int argc, char **argv) {
  AUTO(Cx) cx = cx_new(8 << 20);
  const char *folder = argc > 1 ? argv[1] : "store_bench.data";
  Store *s = NULL;
  Err e = store_open(&cx, folder, STORE_CREATE, &s);
  if (e == E_OK) e = store_migrate(&cx, s, steps, COUNT(steps));
  if (e == E_OK) e = measure(&cx, s);
  store_close(s);
  if (e != E_OK) (void)fprintf(stderr, "%.*s\n", STR(cx.words));
  return err_exit(e);
}
