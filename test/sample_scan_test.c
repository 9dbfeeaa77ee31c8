/* The SBOMs of the sample company against its advisories: every row of data/sorrel/expected.csv. */
#include "crypto/crypto.h"
#include "format/format.h"
#include "supply/supply.h"
#include "vuln/vuln.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>
#undef fail

typedef struct Scanned { Str file; Sbom sbom; ScanResult result; } Scanned;
typedef struct Bench { Cx cx; Snapshot *snap; VEC(Scanned) scanned; int wrong; } Bench;

static Str read_sample(Cx *cx, const char *name, int n) {
  Str bytes = STR_NONE;
  assert_int_equal(file_read(cx, str_fmt(cx->arena, "%s/%.*s", SAMPLE_DIR, n, name).p, 64 << 20, &bytes), E_OK);
  return bytes;
}

static Scanned *scan_file(Bench *b, Str file) {
  for (size_t i = 0; i < b->scanned.n; i++)
    if (str_eq(b->scanned.p[i].file, file)) return &b->scanned.p[i];
  Scanned s = { .file = str_dup(b->cx.arena, file) };
  Str bytes = read_sample(&b->cx, file.p, (int)file.n);
  SbomOptions options = supply_options(NULL);
  Err e = supply_parse(&b->cx, bytes, &options, &s.sbom);
  if (e != E_OK) print_error("%.*s: %.*s\n", STR(file), STR(b->cx.words));
  assert_int_equal(e, E_OK);
  assert_int_equal(s.sbom.errors, 0);
  VulnTarget *targets = NEW_ARRAY(b->cx.arena, s.sbom.component.n, VulnTarget);
  for (size_t i = 0; i < s.sbom.component.n; i++) {
    const SbomComponent *c = &s.sbom.component.p[i];
    targets[i] = (VulnTarget){ c->ref, c->purl, c->cpe, c->name, c->version, c->distro, c->upstream };
  }
  assert_int_equal(vuln_scan(&b->cx, b->snap, targets, s.sbom.component.n, &s.result), E_OK);
  vec_add(b->cx.arena, &b->scanned, s);
  return &b->scanned.p[b->scanned.n - 1];
}

static const VulnOutcome *outcome_of(const ScanComponent *c, Str vulnerability) {
  for (size_t i = 0; i < c->noutcomes; i++) {
    const VulnOutcome *o = &c->outcome[i];
    if (str_eq(o->id, vulnerability)) return o;
    for (size_t k = 0; k < o->naliases; k++)
      if (str_eq(o->aliases[k], vulnerability)) return o;
  }
  return NULL;
}

/* sbom, component, version, vulnerability ("": the component as a whole), outcome */
static void check_row(Bench *b, const CsvRow *row) {
  const Str *cell = row->cell;
  Scanned *s = scan_file(b, cell[0]);
  const ScanComponent *found = NULL;
  for (size_t i = 0; i < s->result.ncomponents; i++) {
    const ScanComponent *c = &s->result.component[i];
    bool same = str_eq(c->target.name, cell[1]) || str_ends(c->target.name, str_fmt(b->cx.arena, ":%.*s", STR(cell[1])));
    if (same && str_eq(c->target.version, cell[2])) found = c;
  }
  const VulnOutcome *o = found && cell[3].n ? outcome_of(found, cell[3]) : NULL;
  const char *got = !found ? "no such component" : !cell[3].n ? outcome_name(found->worst) : o ? outcome_name(o->outcome) : "no outcome";
  if (str_eq(str_of(got), cell[4])) return;
  print_error("line %zu: %.*s %.*s %.*s: %.*s expected, got %s\n", row->line, STR(cell[0]), STR(cell[1]), STR(cell[3]), STR(cell[4]), got);
  b->wrong++;
}

static void test_expected(void **state) {
  Bench *b = *state;
  Str text = read_sample(&b->cx, "expected.csv", 12);
  size_t line = 1, rows = 0;
  for (bool got = true; got;) {
    CsvRow row = { 0 };
    assert_int_equal(csv_read(&b->cx, &text, &line, &row, &got), E_OK);
    if (!got || row.n < 5 || str_eq(row.cell[0], S("sbom"))) continue;
    check_row(b, &row);
    rows++;
  }
  assert_true(rows > 50);
  assert_int_equal(b->wrong, 0);
}

/* What is affected and in no row of expected.csv would be a surprise in the demonstration. */
static void test_nothing_else_affected(void **state) {
  Bench *b = *state;
  Str expected = read_sample(&b->cx, "expected.csv", 12);
  for (size_t i = 0; i < b->scanned.n; i++)
    for (size_t k = 0; k < b->scanned.p[i].result.ncomponents; k++) {
      const ScanComponent *c = &b->scanned.p[i].result.component[k];
      for (size_t n = 0; n < c->noutcomes && c->outcome[n].outcome == OUTCOME_AFFECTED; n++)
        if (str_find(expected, c->outcome[n].id) == SIZE_MAX) {
          print_error("%.*s %.*s: %.*s\n", STR(b->scanned.p[i].file), STR(c->target.name), STR(c->outcome[n].id));
          b->wrong++;
        }
    }
  assert_int_equal(b->wrong, 0);
}

/* The five entries of the catalogue of known exploited vulnerabilities reach their components. */
static void test_known_exploited(void **state) {
  Bench *b = *state;
  size_t known = 0;
  for (size_t i = 0; i < b->scanned.n; i++)
    for (size_t k = 0; k < b->scanned.p[i].result.ncomponents; k++) {
      const ScanComponent *c = &b->scanned.p[i].result.component[k];
      for (size_t n = 0; n < c->noutcomes; n++) known += c->outcome[n].kev && c->outcome[n].outcome == OUTCOME_AFFECTED;
    }
  assert_int_equal(known, 5);
}

int main(void) {
  Bench b = { .cx = cx_new(512 << 20) };
  char out[] = "/tmp/sample-scan-XXXXXX";
  int fd = mkstemp(out);
  if (fd < 0) return 1;
  close(fd);
  const char *from[] = { SAMPLE_DIR "/advisories", SAMPLE_DIR "/kev.json", SAMPLE_DIR "/epss.csv" };
  FeedBuild built = { 0 };
  Err e = crypto_start(&b.cx);
  if (e == E_OK) e = feed_build(&b.cx, from, COUNT(from), out, &built);
  if (e == E_OK) e = snapshot_open(&b.cx, out, &b.snap);
  unlink(out);
  if (e != E_OK) {
    print_error("%.*s\n", STR(b.cx.words));
    return 1;
  }
  const struct CMUnitTest tests[] = { cmocka_unit_test(test_expected), cmocka_unit_test(test_nothing_else_affected),
                                      cmocka_unit_test(test_known_exploited) };
  void *state = &b;
  struct CMUnitTest run[COUNT(tests)];
  for (size_t i = 0; i < COUNT(tests); i++) {
    run[i] = tests[i];
    run[i].initial_state = state;
  }
  int failed = cmocka_run_group_tests(run, NULL, NULL);
  snapshot_close(b.snap);
  cx_free(&b.cx);
  return failed;
}
