/* bench.h - what the benchmarks share: a company in a temporary folder, durations, rows of the report.
 *
 * A row is a figure of ours beside a figure of a named baseline that was taken in the same run on the same
 * machine; the ratio is what may be compared between machines.  No figure makes a benchmark fail. */
#pragma once
#include "app/app.h"
#include <stdio.h>

typedef struct Bench {
  Cx cx;              /* lives as long as the benchmark */
  const char *folder; /* its own; removed by bench_close() */
  AppWriter app;
  WriterHooks hooks;
  Settings set;
  Writer *writer; /* NULL until bench_writer() */
  Str person;     /* id of the first person, who may write records */
} Bench;

Err bench_open(Bench *b, const char *name); /* creates the company; folder under $TMPDIR or the working folder */
Err bench_writer(Bench *b);                 /* this process becomes the writer */
void bench_writer_close(Bench *b);
void bench_close(Bench *b);
int bench_end(Bench *b, Err e); /* closes, prints the words of a failure, gives the exit code */

/* `n` more linked records after the first `from`, in chains of a threat (BT-000007), its control, the
 * requirement, its test and the run of that. */
enum { CHAIN = 5 };
Err bench_fill(Bench *b, size_t from, size_t n);

typedef struct Spread {
  int64_t p50_us, p95_us;
} Spread;
Spread bench_spread(int64_t *us, size_t n); /* sorts */

/* ours and base in the same unit. */
typedef struct BenchRow {
  Str what;
  double ours;
  const char *unit;
  const char *baseline;
  double base;
} BenchRow;
void bench_row(BenchRow row);

/* Bare SQLite in a file of its own beside the store: WAL, synchronous FULL.  Declare with AUTO. */
typedef struct BenchBare {
  struct sqlite3 *db;
  struct sqlite3_stmt *add;
  char *body;
  size_t bytes;
} BenchBare;
Err bench_bare_open(Cx *cx, const char *folder, size_t bytes, BenchBare *out); /* out: zeroed */
Err bench_bare_commit(Cx *cx, BenchBare *b, int rows);                         /* a transaction of so many rows */
void BenchBare_drop(BenchBare *b);
/* Rows of `bytes` a second that bare SQLite makes durable with `group` rows a commit: WAL, synchronous FULL.
 */
Err bench_sqlite_commits(Cx *cx, const char *folder, size_t bytes, int group, double *rows_s);
