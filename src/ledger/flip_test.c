/* T-FLIP: each bit of a store turned over, one at a time: verify finds it, or what the store says is the same.
 *
 * Two layouts of the same rows: pages of 4,096 bytes as they are made, and of 512 bytes, which have inner pages and
 * overflow chains.  PROOFLINE_FLIPS says how many bits of each (chosen by a fixed rule), or "all" (every bit of what is
 * in use, and of every eighth byte within long runs of zeroes, which are free space). */
#include "damage.h"
#include <fcntl.h>
#include <sqlite3.h>

enum { FLIPS = 1000, NEAR_BYTES = 24, FREE_STEP = 8 };
static const char *const evidence[] = { "blob",        "checkpoint", "entry",  "kit_part",
                                        "ledger_meta", "node",       "reason", "revision" };

static Err dump_table(Cx *cx, Store *s, const char *table, Buf *b) {
  AUTO(Rows) r = { 0 };
  TRY(store_table_rows(cx, s, str_of(table), &r));
  for (bool got;;) {
    TRY(rows_next(cx, &r, &got));
    if (!got) return E_OK;
    for (int c = 0; c < row_columns(&r); c++) {
      Val v = row_val(&r, c);
      buf_fmt(b, "%d:%lld:%zu:", (int)v.kind, (long long)v.i, v.s.n);
      buf_add(b, v.s);
    }
    buf_byte(b, '\n');
  }
}

static Err dump(Cx *cx, const char *folder, Str *out) {
  Store *s = NULL;
  Buf b = buf_new(cx->arena, 16 << 20);
  TRY(store_open(cx, folder, STORE_READ, &s));
  Err e = E_OK;
  for (size_t i = 0; i < COUNT(evidence) && e == E_OK; i++) e = dump_table(cx, s, evidence[i], &b);
  store_close(s);
  *out = buf_str(&b);
  return e;
}

typedef struct Image { const char *path; int fd; Str bytes, says; size_t tried, found, harmless, missed; } Image;

/* Keeps a missed store for the eyes of whoever wants to know why. */
static void keep_missed(Cx *cx, const Image *im, size_t bit) {
  const char *folder = getenv("PROOFLINE_FLIPS_KEEP");
  if (!folder) return;
  Str now;
  assert_ok(file_read(cx, im->path, 64 << 20, &now));
  assert_ok(file_write(cx, str_fmt(cx->arena, "%s/missed-%zu-%zu.db", folder, bit / 8, bit % 8).p, now, 0600));
}

static void flip(Image *im, size_t bit) {
  AUTO(Cx) cx = cx_new(600 << 20);
  char flipped = (char)(im->bytes.p[bit / 8] ^ (1 << bit % 8));
  assert_int_equal(pwrite(im->fd, &flipped, 1, (off_t)(bit / 8)), 1);
  VerifyReport report = { 0 };
  Str now = STR_NONE;
  im->tried++;
  if (verify_bad(&cx, &report) != E_OK || report.findings.n) im->found++;
  else if (dump(&cx, bad, &now) == E_OK && str_eq(now, im->says)) im->harmless++;
  else {
    im->missed++;
    print_message("bit %zu of byte %zu is not found\n", bit % 8, bit / 8);
    keep_missed(&cx, im, bit);
  }
  assert_int_equal(pwrite(im->fd, im->bytes.p + bit / 8, 1, (off_t)(bit / 8)), 1);
}

/* Free space is zeroed; a byte far from any other is deep within it. */
static bool in_use(Str bytes, size_t at) {
  size_t from = at > NEAR_BYTES ? at - NEAR_BYTES : 0, to = at + NEAR_BYTES < bytes.n ? at + NEAR_BYTES : bytes.n - 1;
  for (size_t i = from; i <= to; i++)
    if (bytes.p[i]) return true;
  return false;
}

static void flip_all(Image *im) {
  for (size_t at = 0; at < im->bytes.n; at++)
    if (at % FREE_STEP == 0 || in_use(im->bytes, at))
      for (size_t bit = 0; bit < 8; bit++) flip(im, at * 8 + bit);
}

/* A sample of what is in use. */
static void flip_some(Image *im, int64_t n) {
  uint64_t seed = 7;
  while ((int64_t)im->tried < n) {
    seed = seed * UINT64_C(6364136223846793005) + 1442695040888963407U;
    size_t bit = (size_t)(seed >> 20) % (im->bytes.n * 8);
    if (in_use(im->bytes, bit / 8)) flip(im, bit);
  }
}

static void flips(Cx *keep) {
  Image im = { .path = str_fmt(keep->arena, "%s/proofline.db", bad).p };
  const char *how = getenv("PROOFLINE_FLIPS");
  int64_t n = FLIPS;
  assert_ok(dump(keep, good, &im.says));
  assert_ok(file_read(keep, im.path, 64 << 20, &im.bytes));
  im.fd = open(im.path, O_RDWR | O_CLOEXEC);
  if (how && str_eq(str_of(how), S("all"))) flip_all(&im);
  else {
    if (how) assert_true(str_int(str_of(how), &n));
    flip_some(&im, n);
  }
  (void)close(im.fd);
  print_message("%zu flips in %zu bytes: %zu found, %zu change nothing, %zu missed\n", im.tried, im.bytes.n, im.found,
                im.harmless, im.missed);
  assert_int_equal(im.missed, 0);
  assert_true(im.found > 0);
}

static void t_flip_of_a_store_as_it_is_made(void **state) {
  (void)state;
  AUTO(Cx) keep = cx_new(64 << 20);
  copy_store(&keep);
  flips(&keep);
}

static void t_flip_of_a_store_with_small_pages(void **state) {
  (void)state;
  AUTO(Cx) keep = cx_new(64 << 20);
  copy_store(&keep);
  sqlite3 *h = NULL;
  assert_int_equal(sqlite3_open(str_fmt(keep.arena, "%s/proofline.db", bad).p, &h), SQLITE_OK);
  static const char smaller[] = "PRAGMA journal_mode=DELETE; PRAGMA page_size=512; VACUUM; PRAGMA journal_mode=WAL";
  assert_int_equal(sqlite3_exec(h, smaller, NULL, NULL, NULL), SQLITE_OK);
  assert_int_equal(sqlite3_close(h), SQLITE_OK);
  flips(&keep);
}

int main(void) {
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(t_flip_of_a_store_as_it_is_made),
    cmocka_unit_test(t_flip_of_a_store_with_small_pages),
  };
  return cmocka_run_group_tests_name("flip", tests, make_store, drop_store);
}
