/* tar.zst out and in: the same files, nowhere else, no more than was said. */
#include "format/format.h"
#include <archive.h>
#include <archive_entry.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <cmocka.h>
#undef fail

typedef struct Bytes {
  Buf b;
  size_t at, step;
} Bytes;

static Err keep(Cx *cx, void *env, Str bytes) {
  (void)cx;
  buf_add(&((Bytes *)env)->b, bytes);
  return E_OK;
}

static Err give(Cx *cx, void *env, Str *bytes) {
  Bytes *b = env;
  (void)cx;
  *bytes = str_slice(buf_str(&b->b), b->at, b->at + b->step);
  b->at += bytes->n;
  return E_OK;
}

static char *folder(Cx *cx) {
  const char *tmp = getenv("TMPDIR");
  char *path = str_z(cx->arena, str_fmt(cx->arena, "%s/pack-test-XXXXXX", tmp ? tmp : "/tmp"));
  assert_non_null(mkdtemp(path));
  return path;
}

static const char *in(Cx *cx, const char *path, const char *name) {
  return str_fmt(cx->arena, "%s/%s", path, name).p;
}

static void files_come_back(void **state) {
  (void)state;
  AUTO(Cx) cx = cx_new(256 << 20);
  char *from = folder(&cx), *to = folder(&cx);
  Buf big = buf_new(cx.arena, 4 << 20);
  for (int64_t i = 0; i < 300000; i++) buf_fmt(&big, "%lld ", (long long)(i * 7919));
  assert_int_equal(file_write(&cx, in(&cx, from, "a.db"), buf_str(&big), 0600), E_OK);
  assert_int_equal(file_write(&cx, in(&cx, from, "empty"), S(""), 0600), E_OK);
  PackIn files[] = { { S("a.db"), in(&cx, from, "a.db") }, { S("signer/key.pub"), in(&cx, from, "empty") } };
  Bytes one = { .b = buf_new(cx.arena, 64 << 20), .step = 777 }, two = { .b = buf_new(cx.arena, 64 << 20) };
  assert_int_equal(pack_write(&cx, files, 2, keep, &one), E_OK);
  assert_int_equal(pack_write(&cx, files, 2, keep, &two), E_OK);
  assert_true(str_eq(buf_str(&one.b), buf_str(&two.b)));
  assert_true(one.b.n < big.n);
  assert_int_equal(pack_read(&cx, give, &one, to, big.n), E_OK);
  Str back;
  struct stat st;
  assert_int_equal(file_read(&cx, in(&cx, to, "a.db"), 4 << 20, &back), E_OK);
  assert_true(str_eq(back, buf_str(&big)));
  assert_int_equal(stat(in(&cx, to, "signer/key.pub"), &st), 0);
  assert_int_equal(st.st_size, 0);
  assert_int_equal(folder_remove(&cx, to), E_OK);
  assert_int_equal(mkdir(to, 0700), 0);
  one.at = 0;
  assert_int_equal(pack_read(&cx, give, &one, to, big.n - 1), E_TOO_LARGE);
  assert_int_equal(folder_remove(&cx, to), E_OK);
  cx_forgive(&cx);
  PackIn gone = { S("x"), in(&cx, from, "not-there") };
  assert_int_equal(pack_write(&cx, &gone, 1, keep, &two), E_NOTFOUND);
  cx_forgive(&cx);
  assert_int_equal(folder_remove(&cx, from), E_OK);
}

static void hostile(Cx *cx, const char *name, unsigned type, Bytes *out) {
  struct archive *a = archive_write_new();
  struct archive_entry *e = archive_entry_new();
  char *bytes = arena_alloc(cx->arena, 1 << 20);
  size_t used = 0;
  (void)archive_write_set_format_pax_restricted(a);
  (void)archive_write_add_filter_zstd(a);
  (void)archive_write_open_memory(a, bytes, 1 << 20, &used);
  archive_entry_set_pathname(e, name);
  archive_entry_set_filetype(e, type);
  if (type == AE_IFLNK) archive_entry_set_symlink(e, "/etc/passwd");
  archive_entry_set_perm(e, 0777);
  archive_entry_set_size(e, type == AE_IFREG ? 4 : 0);
  (void)archive_write_header(a, e);
  if (type == AE_IFREG) (void)archive_write_data(a, "evil", 4);
  (void)archive_write_close(a);
  archive_entry_free(e);
  (void)archive_write_free(a);
  buf_add(&out->b, (Str){ bytes, used });
}

static void only_plain_files(void **state) {
  (void)state;
  static const struct {
    const char *name;
    unsigned type;
  } cases[] = {
    { "../evil", AE_IFREG }, { "/tmp/evil", AE_IFREG }, { "a/../evil", AE_IFREG }, { "a/b/c", AE_IFREG },
    { ".hidden", AE_IFREG }, { "a/.hidden", AE_IFREG }, { "a b", AE_IFREG },       { "a/", AE_IFREG },
    { "link", AE_IFLNK },    { "folder", AE_IFDIR },    { "pipe", AE_IFIFO },      { "a\\b", AE_IFREG },
  };
  for (size_t i = 0; i < COUNT(cases); i++) {
    AUTO(Cx) cx = cx_new(64 << 20);
    char *to = folder(&cx);
    Bytes b = { .b = buf_new(cx.arena, 2 << 20), .step = 4096 };
    hostile(&cx, cases[i].name, cases[i].type, &b);
    Err e = pack_read(&cx, give, &b, to, 1 << 20);
    if (e != E_UNREADABLE) print_error("%s: %s\n", cases[i].name, err_name(e));
    assert_int_equal(e, E_UNREADABLE);
    assert_int_equal(rmdir(to), 0); /* nothing was put there */
  }
}

static void damaged(void **state) {
  (void)state;
  AUTO(Cx) cx = cx_new(64 << 20);
  char *to = folder(&cx);
  Bytes b = { .b = buf_new(cx.arena, 2 << 20), .step = 4096 };
  hostile(&cx, "good", AE_IFREG, &b);
  b.b.n /= 2;
  assert_int_equal(pack_read(&cx, give, &b, to, 1 << 20), E_UNREADABLE);
  cx_forgive(&cx);
  assert_int_equal(folder_remove(&cx, to), E_OK);
}

int main(void) {
  const struct CMUnitTest tests[] = { cmocka_unit_test(files_come_back), cmocka_unit_test(only_plain_files),
                                      cmocka_unit_test(damaged) };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
