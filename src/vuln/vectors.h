/* vectors.h - what the tests over published vectors share: the folder of the data, JSON, lists of reviewed vectors.
 */
#pragma once
#include "vuln/vers_native.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <cmocka.h>
#undef fail

static inline const char *data_folder(void) {
  const char *folder = getenv("PROOFLINE_DATA");
  if (!folder || !*folder) { printf("skipped: PROOFLINE_DATA does not name the data folder\n"); skip(); }
  return folder;
}

static inline JVal *json_of(Cx *cx, const char *path) {
  Str text;
  JVal *root = NULL;
  assert_int_equal(file_read(cx, path, 64u << 20, &text), E_OK);
  assert_int_equal(json_read(cx, text, &JSON_DOCUMENT, &root), E_OK);
  return root;
}

/* vers_reviewed.data: lines "set<TAB>range<TAB>version or expected range<TAB>reason". */
static inline Map vers_reviewed(Cx *cx, const char *folder) {
  Map lines = map_new(cx->arena, 64);
  Str rest, line;
  assert_int_equal(file_read(cx, str_fmt(cx->arena, "%s/vers_reviewed.data", folder).p, 1u << 20, &rest), E_OK);
  while (str_line(&rest, &line)) {
    if (!line.n || *line.p == '#') continue;
    size_t tab = str_rfind_char(line, '\t');
    assert_true(tab != SIZE_MAX && line.n - tab > 20);
    map_put(&lines, str_slice(line, 0, tab), 1);
  }
  return lines;
}

typedef struct Tally { Cx *cx; Map known; const char *set; size_t passed, reviewed, wrong; } Tally;

static inline void count(Tally *t, bool good, Str range, Str other, Str got) {
  Str line = str_fmt(t->cx->arena, "%s\t%.*s\t%.*s", t->set, STR(range), STR(other));
  if (good) t->passed++;
  else if (map_get(&t->known, line) != MAP_NONE) t->reviewed++;
  else if (++t->wrong) printf("%.*s\tgot %.*s\n", STR(line), STR(got));
}

static inline void tell(const Tally *t) {
  printf("  %-30s %6zu passed, %zu reviewed, %zu wrong\n", t->set, t->passed, t->reviewed, t->wrong);
  assert_int_equal(t->wrong, 0);
  assert_true(t->passed > 0);
}

static inline Str native(Cx *cx, Scheme scheme, Str range) {
  Str got;
  if (vers_from_native(cx, scheme, range, &got) == E_OK) return got;
  got = str_fmt(cx->arena, "? %.*s", STR(cx->words));
  cx_forgive(cx);
  return got;
}

/* "yes", "no", or "?" with the reason. */
static inline Str holds(Cx *cx, Str range, Str version) {
  bool yes = false;
  if (!str_starts(range, S("?")) && vers_holds(cx, range, version, &yes) == E_OK) return yes ? S("yes") : S("no");
  cx_forgive(cx);
  return S("?");
}
