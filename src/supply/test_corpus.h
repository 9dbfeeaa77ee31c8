/* test_corpus.h - for the tests of this folder that read the files of test/corpus/sbom. */
#pragma once
#include "supply/inside.h"
#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>
#undef fail
#include <string.h>

#ifndef CORPUS
#define CORPUS ""            /* the build names the folder */
#endif
#define MIB ((size_t)1 << 20)

static inline SbomOptions usual(void) { return supply_options(NULL); }

static inline void has_words(Str text, const char *words) {
  bool there = str_find(text, str_of(words)) != SIZE_MAX;
  if (!there) print_error("\"%s\" does not stand in \"%.*s\"\n", words, STR(text));
  assert_true(there);
}

static inline Str corpus(Cx *cx, const char *name) {
  Str bytes;
  Str path = str_fmt(cx->arena, "%s/%s", CORPUS, name);
  assert_int_equal(file_read(cx, str_z(cx->arena, path), 64 * MIB, &bytes), E_OK);
  return bytes;
}

static inline void is_text(Str got, const char *want) {
  if (!str_eq(got, str_of(want))) print_error("got \"%.*s\", want \"%s\"\n", STR(got), want ? want : "");
  assert_true(str_eq(got, str_of(want)));
}
