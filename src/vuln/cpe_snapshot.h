/* cpe_snapshot.h - for the tests of components known by CPE: a snapshot of the files at hand. */
#pragma once
#include "vuln/feed.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>
#undef fail

static inline const char *temporary(Cx *cx, const char *name) {
  return str_fmt(cx->arena, "/tmp/vuln-cpe-test-%d-%s", (int)getpid(), name).p;
}

static inline void opened(Cx *cx, const char *const *paths, size_t n, const char *name, Snapshot **out) {
  const char *file = temporary(cx, name);
  FeedBuild build;
  Err e = feed_build(cx, paths, n, file, &build);
  if (e != E_OK) print_error("%.*s\n", STR(cx->words));
  assert_int_equal(e, E_OK);
  assert_int_equal(snapshot_open(cx, file, out), E_OK);
  (void)unlink(file);
}
