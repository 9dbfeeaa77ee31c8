/* Entries a second inside one transaction, and entries a second that verify checks.  usage: ledger_bench [ENTRIES
 * [FOLDER]] */
#include "ledger/ledger.h"
#include <stdio.h>
#include <time.h>

enum { PER_COMMIT = 1000, BODY_BYTES = 600, PER_REVISION = 5, ROUNDS = 5 };

static Err append(Cx *cx, Store *s, int64_t i, int64_t t) {
  Entry e = { .act = S("record.save"), .actor = S("U000012"), .auth = S("session"), .source = S("web"),
              .request = S("0123456789abcdef"), .t_us = t + i };
  if (i % PER_REVISION) {
    e.act = S("record.step");
    e.obj = str_fmt(cx->arena, "T-%03lld", (long long)(i % 500));
    return ledger_append(cx, s, &e, NULL);
  }
  static char filler[BODY_BYTES];
  for (size_t k = 0; k < sizeof filler; k++) filler[k] = (char)('a' + k % 26);
  Str record = str_fmt(cx->arena, "T-%06lld", (long long)i);
  Str body = str_fmt(cx->arena, "{\"id\":\"%.*s\",\"title\":\"%.*s\",\"type\":\"threat\"}", STR(record),
                     (int)sizeof filler, filler);
  Revision r = { .record = record, .type = S("threat"), .rev = 1, .body = body };
  return ledger_revise(cx, s, &r, &e, NULL);
}

static Err fill(Cx *cx, Store *s, int64_t n) {
  int64_t start = clock_mono_us(), t = clock_now_us();
  for (int64_t i = 0; i < n;) {
    TRY(store_begin(cx, s));
    for (int k = 0; k < PER_COMMIT && i < n; k++, i++) TRY(append(cx, s, i, t));
    TRY(store_commit(cx, s));
    cx_reset(cx);
  }
  int64_t took = clock_mono_us() - start;
  printf("%lld entries (every fifth with a revision of %d bytes), %d a commit: %lld entries/s\n", (long long)n,
         BODY_BYTES, PER_COMMIT, (long long)(n * US_PER_S / took));
  return E_OK;
}

static int64_t busy_us(void) {
  struct timespec t = { 0 };
  (void)clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
  return (int64_t)t.tv_sec * US_PER_S + t.tv_nsec / 1000;
}

/* The texts of the store, one after the other, as a list of where each ends. */
typedef VEC(size_t) Ends;
typedef struct Texts { Buf bytes; Ends leaves, bodies; } Texts;

static void text_add(Cx *cx, Texts *t, Str text, Ends *ends) {
  buf_add(&t->bytes, text);
  vec_add(cx->arena, ends, t->bytes.n);
}

static Err texts_read(Cx *cx, const char *folder, int64_t n, Texts *t) {
  Store *s = NULL;
  AUTO(Rows) r = { 0 };
  static const Sql leaves = { "bench.leaves", "SELECT leaf FROM entry ORDER BY seq", NULL },
                   bodies = { "bench.bodies", "SELECT body FROM revision ORDER BY seq", NULL };
  t->bytes = buf_new(cx->arena, (size_t)n * 1000);
  TRY(store_open(cx, folder, STORE_READ, &s));
  for (int i = 0; i < 2; i++) {
    TRY(store_rows(cx, s, i ? &bodies : &leaves, NO_ARGS, &r));
    for (bool got;;) {
      TRY(rows_next(cx, &r, &got));
      if (!got) break;
      text_add(cx, t, row_text(&r, 0), i ? &t->bodies : &t->leaves);
    }
  }
  store_close(s);
  return t->bytes.over ? fail(cx, E_LIMIT, "The texts do not fit in memory.") : E_OK;
}

static Str text_at(const Texts *t, size_t from, size_t to) { return (Str){ t->bytes.p + from, to - from }; }

/* What hashing alone costs: each leaf, a node for each leaf, and each body once, from memory. */
static int64_t hash_alone(const Texts *t) {
  int64_t began = busy_us();
  size_t at = 0;
  for (size_t i = 0; i < t->leaves.n; at = t->leaves.p[i++]) {
    Hash h = sha256_one(0, text_at(t, at, t->leaves.p[i]));
    (void)sha256_two(1, hash_bytes(&h), hash_bytes(&h));
  }
  for (size_t i = 0; i < t->bodies.n; at = t->bodies.p[i++]) (void)sha256(text_at(t, at, t->bodies.p[i]));
  return busy_us() - began;
}

static int64_t less(int64_t a, int64_t b) { return a && a < b ? a : b; }   /* a 0: none yet */

/* Processor time, of the process that works longest; the least of ROUNDS, taken by turns with hashing alone: other work
 * on the machine does not count. */
static Err check(Cx *cx, const char *folder, int64_t n) {
  VerifyReport report;
  Texts texts = { 0 };
  int64_t wall = 0, ours = 0, hash = 0;
  TRY(texts_read(cx, folder, n, &texts));
  for (int i = 0; i < ROUNDS; i++) {
    int64_t began = clock_mono_us();
    TRY(ledger_verify_folder(cx, folder, NULL, 0, &report));
    wall = less(wall, clock_mono_us() - began);
    ours = less(ours, report.busy_us);
    hash = less(hash, hash_alone(&texts));
    if (report.findings.n || report.entries != n) return fail(cx, E_INTEGRITY, "verify does not find the log sound");
  }
  printf("verify: %lld ms; processor time of the process that works longest %lld ms\n", (long long)(wall / 1000),
         (long long)(ours / 1000));
  printf("hashing as many bytes alone: %lld ms; verify on two free processors is %.2f times as fast\n",
         (long long)(hash / 1000), (double)hash / (double)ours);
  printf(
      "row\tfull verify of the log, 1 revision in 5 entries\t%.3f\tM entries/s\thashing the same bytes alone\t%.3f\n",
      (double)n / (double)ours, (double)n / (double)hash);
  return E_OK;
}

/* What a writer does before it takes its first command. */
static Err reopen(Cx *cx, const char *folder, int64_t n) {
  Store *s = NULL;
  int64_t began = clock_mono_us();
  TRY(store_open(cx, folder, STORE_WRITE, &s));
  Err e = ledger_open(cx, s);
  if (e == E_OK) e = ledger_continues(cx, s);
  printf("row\topening a log of %lld entries for writing\t%.2f\tms\t-\t0\n", (long long)n,
         (double)(clock_mono_us() - began) / 1000);
  store_close(s);
  return e;
}

static Err run(Cx *cx, const char *folder, int64_t n) {
  Store *s = NULL;
  Signer signer = { -1, 0 };
  Str origin;
  TRY(crypto_start(cx));
  TRY(store_open(cx, folder, STORE_CREATE, &s));
  Err e = store_begin(cx, s);
  if (e == E_OK) e = ledger_create(cx, s, S("bench"));
  if (e == E_OK) e = store_commit(cx, s);
  if (e == E_OK) e = ledger_origin(cx, s, &origin);
  if (e == E_OK) e = signer_create(cx, folder, origin);
  if (e == E_OK) e = signer_fork(cx, folder, &signer);
  if (e == E_OK) e = fill(cx, s, n);
  int64_t start = clock_mono_us();
  if (e == E_OK) e = ledger_checkpoint(cx, s, &signer);
  printf("checkpoint with reading all back: %lld ms\n", (long long)((clock_mono_us() - start) / 1000));
  signer_close(&signer);
  store_close(s);
  if (e == E_OK) e = check(cx, folder, n);
  if (e == E_OK) e = reopen(cx, folder, n);
  return e;
}

int main(int argc, char **argv) {
  AUTO(Cx) cx = cx_new((size_t)4 << 30);
  int64_t n = 100000;
  if (argc > 1) (void)str_int(str_of(argv[1]), &n);
  Err e = run(&cx, argc > 2 ? argv[2] : "ledger_bench.data", n);
  if (e != E_OK) (void)fprintf(stderr, "%.*s\n", STR(cx.words));
  return err_exit(e);
}
