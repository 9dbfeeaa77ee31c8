/* Entries a second inside one transaction, and entries a second that verify checks.  usage: ledger_bench [ENTRIES
 * [FOLDER]] */
#include "ledger/ledger.h"
#include <stdio.h>
#include <sys/resource.h>

enum { PER_COMMIT = 1000, BODY_BYTES = 600, PER_REVISION = 5 };

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

static int64_t of(struct timeval t) { return (int64_t)t.tv_sec * US_PER_S + t.tv_usec; }

/* Processor time of this process, or of the children that ended: other work on the machine does not count. */
static int64_t cpu_us(int who) {
  struct rusage u;
  (void)getrusage(who, &u);
  return of(u.ru_utime) + of(u.ru_stime);
}

/* What hashing alone costs: a leaf, a node, a fifth of a body. */
static void hash_alone(int64_t n) {
  char text[301] = { 0 };
  Hash h = { { 0 } };
  for (int64_t i = 0; i < n; i++) {
    h = sha256_one(0, (Str){ text, sizeof text });
    h = sha256_two(1, hash_bytes(&h), hash_bytes(&h));
    if (i % PER_REVISION == 0) h = sha256((Str){ text, sizeof text });
    if (i % PER_REVISION == 0) h = sha256((Str){ text, sizeof text });
    text[0] = (char)h.b[0];
  }
}

static Err check(Cx *cx, const char *folder, int64_t n) {
  VerifyReport report;
  int64_t wall = clock_mono_us(), mine = cpu_us(RUSAGE_SELF), apart = cpu_us(RUSAGE_CHILDREN);
  TRY(ledger_verify_folder(cx, folder, NULL, 0, &report));
  wall = clock_mono_us() - wall;
  mine = cpu_us(RUSAGE_SELF) - mine;
  apart = cpu_us(RUSAGE_CHILDREN) - apart;
  int64_t longer = mine > apart ? mine : apart, hash = cpu_us(RUSAGE_SELF);
  hash_alone(n);
  hash = cpu_us(RUSAGE_SELF) - hash;
  printf("verify: %lld ms; processor time %lld ms, and %lld ms in the engine's check beside it; %zu findings\n",
         (long long)(wall / 1000), (long long)(mine / 1000), (long long)(apart / 1000), report.findings.n);
  printf("hashing as many bytes alone: %lld ms; verify on two free processors is %.2f times as fast\n",
         (long long)(hash / 1000), (double)hash / (double)longer);
  printf(
      "row\tfull verify of the log, 1 revision in 5 entries\t%.3f\tM entries/s\thashing the same bytes alone\t%.3f\n",
      (double)n / (double)longer, (double)n / (double)hash);
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
  AUTO(Cx) cx = cx_new(256 << 20);
  int64_t n = 100000;
  if (argc > 1) (void)str_int(str_of(argv[1]), &n);
  Err e = run(&cx, argc > 2 ? argv[2] : "ledger_bench.data", n);
  if (e != E_OK) (void)fprintf(stderr, "%.*s\n", STR(cx.words));
  return err_exit(e);
}
