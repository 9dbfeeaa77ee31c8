/* A snapshot of which any bit is another, or a part is missing, is refused: also one that was checked before.
 * PROOFLINE_FLIPS: how many bits (100); PROOFLINE_SEED: which. */
#include "crypto/crypto.h"
#include "vuln/vuln.h"
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>
#include <cmocka.h>
#undef fail

enum { FEW = 40, MANY = 9000, FLIPS = 100, CUTS = 40 };

static uint64_t seed = 7;
static uint64_t draw(uint64_t n) {
  seed = seed * 6364136223846793005u + 1442695040888963407u;
  return (seed >> 20) % n;
}

static uint64_t asked(const char *name, uint64_t otherwise) {
  const char *text = getenv(name);
  uint64_t n = otherwise;
  return text && str_uint(str_of(text), &n) ? n : otherwise;
}

typedef struct Made {
  char folder[32];
  const char *snap;
  size_t bytes;
} Made;

static void make(Cx *cx, int advisories, Made *m) {
  Buf b = buf_new(cx->arena, 64u << 20);
  FeedBuild build = { 0 };
  struct stat st;
  *m = (Made){ .folder = "snapshot-XXXXXX" };
  assert_non_null(mkdtemp(m->folder));
  const char *json = str_fmt(cx->arena, "%s/osv.json", m->folder).p;
  m->snap = str_fmt(cx->arena, "%s/osv.snap", m->folder).p;
  for (int i = 0; i < advisories; i++)
    buf_fmt(&b,
            "%s{\"id\":\"GHSA-%06d\",\"aliases\":[\"CVE-2025-%d\"],\"modified\":\"2026-01-01T00:00:00Z\","
            "\"affected\":[{\"package\":{\"ecosystem\":\"npm\",\"name\":\"part-%d\"},"
            "\"ranges\":[{\"type\":\"SEMVER\",\"events\":[{"
            "\"introduced\":\"1.%d.0\"},{\"fixed\":\"2.0.%d\"}]}]}]}",
            i ? "," : "[", i, 10000 + i, i / 3, i % 9, i);
  buf_byte(&b, ']');
  assert_int_equal(file_write(cx, json, buf_str(&b), 0600), E_OK);
  assert_int_equal(feed_build(cx, &json, 1, m->snap, &build), E_OK);
  assert_int_equal(stat(m->snap, &st), 0);
  m->bytes = (size_t)st.st_size;
}

static Err opened(const char *path) {
  AUTO(Cx) cx = cx_new(16u << 20);
  AUTO(SnapshotRef) s = NULL;
  return snapshot_open(&cx, path, &s);
}

static void put_byte(int fd, size_t at, uint8_t byte) { assert_int_equal(pwrite(fd, &byte, 1, (off_t)at), 1); }

static void flip(const Made *m, int fd, size_t at, unsigned bit) {
  uint8_t was;
  assert_int_equal(pread(fd, &was, 1, (off_t)at), 1);
  assert_int_equal(opened(m->snap), E_OK); /* a large one has a note beside it now */
  put_byte(fd, at, (uint8_t)(was ^ 1u << bit));
  Err e = opened(m->snap);
  if (e != E_INTEGRITY) print_message("bit %u of byte %zu: %s\n", bit, at, err_name(e));
  assert_int_equal(e, E_INTEGRITY);
  put_byte(fd, at, was);
}

static void any_bit_counts(int advisories) {
  AUTO(Cx) cx = cx_new(256u << 20);
  Made m;
  make(&cx, advisories, &m);
  int fd = open(m.snap, O_RDWR | O_CLOEXEC);
  assert_true(fd >= 0);
  uint64_t n = asked("PROOFLINE_FLIPS", FLIPS);
  seed = asked("PROOFLINE_SEED", 7);
  for (uint64_t i = 0; i < n; i++) flip(&m, fd, draw(m.bytes), (unsigned)draw(8));
  assert_int_equal(close(fd), 0);
  print_message("%llu flips in %zu bytes: refused\n", (unsigned long long)n, m.bytes);
  assert_int_equal(folder_remove(&cx, m.folder), E_OK);
}

static void a_small_one(void **state) {
  (void)state;
  any_bit_counts(FEW);
}

static void one_with_a_note(void **state) {
  (void)state;
  any_bit_counts(MANY);
}

static void a_part_is_none(void **state) {
  (void)state;
  AUTO(Cx) cx = cx_new(256u << 20);
  Made m;
  make(&cx, MANY, &m);
  assert_int_equal(opened(m.snap), E_OK);
  for (size_t i = 0; i < CUTS; i++) { /* ever shorter, halved among them */
    m.bytes -= i == 0 ? 1 : i == 1 ? m.bytes / 2 : 1 + draw(m.bytes / 4);
    assert_int_equal(truncate(m.snap, (off_t)m.bytes), 0);
    assert_int_equal(opened(m.snap), E_INTEGRITY);
  }
  assert_int_equal(folder_remove(&cx, m.folder), E_OK);
}

int main(void) {
  AUTO(Cx) cx = cx_new(1u << 20);
  if (crypto_start(&cx) != E_OK) return 1;
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(a_small_one),
    cmocka_unit_test(one_with_a_note),
    cmocka_unit_test(a_part_is_none),
  };
  return cmocka_run_group_tests_name("snapshot", tests, NULL, NULL);
}
