/* test_data.h - for the tests of this folder: every file of a set in the folder PROOFLINE_DATA.  Include it first:
 * walking a folder wants a newer POSIX than the rest. */
#pragma once
#define _XOPEN_SOURCE 700   /* nftw */
#include "supply/inside.h"
#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>
#undef fail
#include <ftw.h>
#include <stdlib.h>
#include <string.h>

typedef void (*DataFile)(Str path, Str bytes);   /* path: below PROOFLINE_DATA/sbom */
static struct { DataFile each; size_t root_bytes; size_t files; } data_walk;

static int data_take(const char *name, const struct stat *st, int kind, struct FTW *at) {
  (void)st, (void)at;
  if (kind != FTW_F) return 0;
  AUTO(Cx) cx = cx_new((size_t)80 << 20);
  Str bytes;
  assert_int_equal(file_read(&cx, name, (size_t)64 << 20, &bytes), E_OK);
  data_walk.files++;
  data_walk.each(str_slice(str_of(name), data_walk.root_bytes, strlen(name)), bytes);
  return 0;
}

/* Skips the test when the folder is not there. */
static inline void data_each(const char *set, DataFile each) {
  AUTO(Cx) cx = cx_new(1 << 20);
  const char *data = getenv("PROOFLINE_DATA");
  if (crypto_start(&cx) != E_OK) abort();
  char *root = str_z(cx.arena, str_fmt(cx.arena, "%s/sbom/%s", data ? data : "", set));
  if (!data || !*data || !file_exists(root)) {
    print_message("skipped: PROOFLINE_DATA has no sbom/%s\n", set);
    skip();
  }
  data_walk.each = each;
  data_walk.root_bytes = strlen(data) + strlen("/sbom/");
  data_walk.files = 0;
  assert_int_equal(nftw(root, data_take, 16, FTW_PHYS), 0);
  assert_true(data_walk.files > 0);
}

/* Any SBOM that can be read, its errors accepted; what is no SBOM gives another error. */
static inline Err data_parse(Cx *cx, Str bytes, Sbom *out) {
  SbomOptions opt = supply_options(NULL);
  opt.accept_errors = true;
  return supply_parse(cx, bytes, &opt, out);
}
