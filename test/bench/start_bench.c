/* A data folder with a long log, for measuring how long a server needs until its first page (bench.py starts it).
 * usage: start_bench FOLDER ENTRIES RECORDS
 *
 * The records make an entry and a revision each; the other entries are of the kind that reading leaves. */
#include "bench.h"

enum { PER_COMMIT = 5000 };

static Err entries_to(Bench *b, int64_t most) {
  Store *s = writer_store(b->writer);
  AUTO(Cx) cx = cx_new(64 << 20);
  TreeHead head;
  Err e = ledger_head(&cx, s, &head);
  for (int64_t n = head.size; e == E_OK && n < most;) {
    cx_reset(&cx);
    int64_t t = 0;
    e = store_begin(&cx, s);
    if (e == E_OK) e = ledger_clock(&cx, s, &t);
    for (int i = 0; e == E_OK && i < PER_COMMIT && n < most; i++, n++) {
      Entry entry = { .act = S("bench.read"), .actor = b->person, .auth = S("session"), .source = S("web"),
                      .request = S("0123456789abcdef"), .t_us = t + i,
                      .obj = str_fmt(cx.arena, "bench:%lld", (long long)(n % 5000)) };
      e = ledger_append(&cx, s, &entry, NULL);
    }
    if (e == E_OK) e = store_commit(&cx, s);
  }
  return e == E_OK ? E_OK : fail(&b->cx, e, "%.*s", STR(cx.words));
}

static Err make(Bench *b, const char *folder, int64_t entries, int64_t records) {
  TRY(bench_writer(b));
  TRY(bench_fill(b, 0, (size_t)records));
  TRY(entries_to(b, entries));
  bench_writer_close(b);   /* signs what was added */
  if (rename(b->folder, folder) != 0) return fail(&b->cx, E_CONFLICT, "Cannot make %s: it is there already", folder);
  b->folder = NULL;
  return E_OK;
}

int main(int argc, char **argv) {
  Bench b = { 0 };
  int64_t entries, records;
  if (argc != 4 || !str_int(str_of(argv[2]), &entries) || !str_int(str_of(argv[3]), &records)) {
    (void)fputs("usage: start_bench FOLDER ENTRIES RECORDS\n", stderr);
    return err_exit(E_INVALID);
  }
  Err e = bench_open(&b, "start");
  if (e == E_OK) e = make(&b, argv[1], entries, records);
  return bench_end(&b, e);
}
