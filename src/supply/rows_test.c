/* rows_test.c - the rows that the jailed reader answers, and the identifiers of components. */
#include "supply/test_corpus.h"

/* ---- rows ---- */

/* Every prefix and every flipped byte of an answer: refused or understood, never a crash. */
static void rows_from_a_lying_child_are_refused(void **state) {
  (void)state;
  AUTO(Cx) cx = cx_new(512 * MIB);
  SbomOptions opt = usual();
  Sbom s, again;
  assert_int_equal(supply_parse(&cx, corpus(&cx, "small.spdx.json"), &opt, &s), E_OK);
  assert_int_equal(rows_read(&cx, s.rows, &opt, &again), E_OK);
  Buf second = buf_new(cx.arena, 64 * MIB);
  rows_write(&again, &second);
  assert_true(str_eq(buf_str(&second), s.rows));
  for (size_t n = 0; n < s.rows.n; n++) {
    ArenaMark mark = arena_mark(cx.arena);
    assert_int_equal(rows_read(&cx, str_slice(s.rows, 0, n), &opt, &again), E_UNREADABLE);
    cx_forgive(&cx);
    arena_release(cx.arena, mark);
  }
  char *copy = str_z(cx.arena, s.rows);
  for (size_t i = 0; i < s.rows.n; i++) {
    ArenaMark mark = arena_mark(cx.arena);
    copy[i] = (char)(copy[i] ^ 0x80);
    (void)rows_read(&cx, (Str){ copy, s.rows.n }, &opt, &again);
    copy[i] = (char)(copy[i] ^ 0x80);
    cx_forgive(&cx);
    arena_release(cx.arena, mark);
  }
}

/* ---- identifiers ---- */

typedef struct PurlCase { const char *purl, *identity; } PurlCase;     /* identity NULL: does not read as one */
static const PurlCase purls[] = {
  { "pkg:npm/@scope/a@1", "pkg:npm/%40scope/a" },
  { "pkg:npm/%40scope/a@1", "pkg:npm/%40scope/a" },
  { "PKG:NPM/a@1?x=y#z", "pkg:npm/a" },
  { "pkg:deb/debian/curl@7.50.3-1?arch=i386&distro=jessie", "pkg:deb/debian/curl" },
  { "pkg:golang/google.golang.org/genproto#a/b", "pkg:golang/google.golang.org/genproto" },
  { "pkg://maven/org.a/b@1", "pkg:maven/org.a/b" },
  { "pkg:npm", NULL },
  { "npm/a@1", NULL },
  { "pkg:generic/a b", NULL },
  { "pkg:1bad/a", NULL },
  { "pkg:npm/a%zz", NULL },
  { "pkg:npm/", NULL },
};

static void identities_are_versionless(void **state) {
  (void)state;
  AUTO(Cx) cx = cx_new(4 * MIB);
  for (size_t i = 0; i < COUNT(purls); i++) {
    PurlParts p;
    assert_int_equal(purl_parts(str_of(purls[i].purl), &p), purls[i].identity != NULL);
    is_text(package_identity(&cx, str_of(purls[i].purl), S("g"), S("n")),
            purls[i].identity ? purls[i].identity : "g/n");
  }
  assert_true(cpe_looks_right(S("cpe:2.3:a:vendor:a\\:b:1:*:*:*:*:*:*:*")));
  assert_true(cpe_looks_right(S("cpe:/a:vendor:product:1")));
  assert_false(cpe_looks_right(S("cpe:2.3:a:vendor:product:1")));
  assert_false(cpe_looks_right(S("vendor:product")));
}

int main(void) {
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(rows_from_a_lying_child_are_refused),
    cmocka_unit_test(identities_are_versionless),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
