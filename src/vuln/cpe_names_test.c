/* Names of real products, CPE and package URLs: each is read, or refused for a reason, and what is written for it is
 * read as the same again. */
#include "vuln/vectors.h"

typedef struct Names {
  size_t cpes, purls, cpes_refused, purls_refused, patterns;
} Names;

static void one_cpe(Cx *cx, Str text, Names *n) {
  Cpe c, again;
  n->cpes++;
  if (cpe_read(cx, text, &c) != E_OK) { n->cpes_refused++; return; }
  Str written = cpe_text(cx->arena, &c);
  assert_int_equal(cpe_read(cx, written, &again), E_OK);
  assert_true(str_eq(written, cpe_text(cx->arena, &again)));
  CpeRelation r = cpe_name_relation(&c, &again);
  n->patterns += r == CPE_UNDEFINED;             /* a pattern is no target: NISTIR 7696, 6.2 */
  assert_true(r == CPE_EQUAL || r == CPE_UNDEFINED);
}

static void one_purl(Cx *cx, Str text, Names *n) {
  Purl p, again;
  n->purls++;
  if (purl_read(cx, text, &p) != E_OK) { n->purls_refused++; return; }
  Str written = purl_text(cx->arena, &p);
  assert_int_equal(purl_read(cx, written, &again), E_OK);
  assert_true(str_eq(written, purl_text(cx->arena, &again)));
}

static Err one_file(Cx *cx, void *env, const PackedFile *f) {
  Str rest = f->bytes, line;
  AUTO(Cx) own = cx_new(16u << 20);
  (void)cx;
  if (!f->bytes.p || !str_ends(f->name, S(".yml"))) return E_OK;
  while (str_line(&rest, &line)) {
    line = str_trim(line);
    if (!str_starts(line, S("- "))) continue;
    line = str_trim(str_slice(line, 2, line.n));
    if (line.n > 1 && (*line.p == '"' || *line.p == '\'')) line = str_slice(line, 1, line.n - 1);
    if (str_starts(line, S("cpe:"))) one_cpe(&own, line, env);
    else if (str_starts(line, S("pkg:"))) one_purl(&own, line, env);
    cx_reset(&own);
  }
  return E_OK;
}

static void published(void **state) {
  (void)state;
  AUTO(Cx) cx = cx_new(512u << 20);
  Names n = { 0 };
  assert_int_equal(packed_walk(&cx, str_fmt(cx.arena, "%s/match/purl2cpe", data_folder()).p, one_file, &n), E_OK);
  printf("  %zu CPE names, %zu refused; %zu package URLs, %zu refused\n", n.cpes, n.cpes_refused, n.purls,
         n.purls_refused);
  assert_true(n.cpes > 160000 && n.purls > 7000);
  /* An "@" without its backslash, one name of ten attributes; a Perl module, and repositories without their owner. */
  assert_int_equal(n.cpes_refused, 292);
  assert_int_equal(n.purls_refused, 8);
  assert_true(n.patterns < 10);
}

int main(void) {
  const struct CMUnitTest tests[] = { cmocka_unit_test(published) };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
