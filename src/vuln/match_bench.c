/* The steps of a scan within one process: reading names and versions, the match itself (which advisories speak of each
 * component, whose word counts), and putting it into words.  Baseline: reading and parsing the SBOM.
 * usage: match_bench SBOM SNAPSHOT */
#include "supply/supply.h"
#include "vuln/scan_inside.h"
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

enum { TIMES = 25 };
#define OWN_MOST_BYTES ((size_t)512 << 20)

typedef enum Step { PARSE, OPEN, FIRST, NAMES, MATCH, WHOLE, STEPS } Step;
typedef struct Times { int64_t ns[STEPS][TIMES]; size_t components, groups; } Times;

/* Processor time: what else the machine does is not counted. */
static int64_t processor_ns(void) {
  struct timespec t;
  return clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t) == 0 ? (int64_t)t.tv_sec * 1000000000 + t.tv_nsec : 0;
}

/* As vuln_scan() does it, without the words. */
static void match(const Snapshot *s, const VulnTarget *target, size_t n, int i, Times *t) {
  AUTO(Cx) names = cx_new(OWN_MOST_BYTES);
  AUTO(Cx) own = cx_new(OWN_MOST_BYTES);
  int64_t began = processor_ns();
  Inventory alone = inventory_read(&names, s, target, n), together = alone;
  t->ns[NAMES][i] = processor_ns() - began;
  scan_room(own.arena);
  t->groups = 0;
  began = processor_ns();
  for (size_t k = 0; k < n; k++) {
    if (k % FETCH_MOST == 0) inventory_fetch(&alone, k, n - k);
    const Scan *c = scan_judge(&own, &alone, k);
    if (scan_depends(c)) {
      if (!together.around) together.around = inventory_around(&names, &together);
      c = scan_judge(&own, &together, k);
    }
    t->groups += c->nsaid;
    arena_reset(own.arena);
  }
  t->ns[MATCH][i] = processor_ns() - began;
}

static Err once(Cx *cx, char **argv, int i, Times *t) {
  AUTO(SnapshotRef) snap = NULL;
  Str bytes;
  Sbom sbom = { 0 };
  ScanResult result = { 0 };
  SbomOptions opt = supply_options(NULL);
  int64_t began = processor_ns();
  TRY(file_read(cx, argv[1], opt.max_bytes, &bytes));
  TRY(supply_parse(cx, bytes, &opt, &sbom));
  t->ns[PARSE][i] = processor_ns() - began;
  t->components = sbom.component.n;
  VulnTarget *target = NEW_ARRAY(cx->arena, sbom.component.n + 1, VulnTarget);
  for (size_t k = 0; k < sbom.component.n; k++) {
    const SbomComponent *c = &sbom.component.p[k];
    target[k] = (VulnTarget){ c->ref, c->purl, c->cpe, c->name, c->version, c->distro, c->upstream };
  }
  began = processor_ns();
  TRY(snapshot_open(cx, argv[2], &snap));
  t->ns[OPEN][i] = processor_ns() - began;
  static const Step scans[] = { FIRST, WHOLE };
  for (size_t k = 0; k < COUNT(scans); k++) {
    began = processor_ns();
    TRY(vuln_scan(cx, snap, target, sbom.component.n, &result));
    t->ns[scans[k]][i] = processor_ns() - began;
    match(snap, target, sbom.component.n, i, t);
  }
  return t->groups ? E_OK : fail(cx, E_BUG, "nothing is said of any component: the match did not happen");
}

static int by_size(const void *x, const void *y) {
  const int64_t *a = x, *b = y;
  return (*a > *b) - (*a < *b);
}

static double middle_ms(Times *t, Step step) {
  qsort(t->ns[step], TIMES, sizeof t->ns[step][0], by_size);
  return (double)t->ns[step][TIMES / 2] / 1e6;
}

static void report(Times *t) {
  static const struct { Step step; const char *what; } rows[] = {
    { OPEN, "opening and checking the snapshot" },
    { FIRST, "judged and in words, pages of the snapshot touched for the first time" },
    { WHOLE, "judged and in words" },
    { NAMES, "of this: names and versions read" },
    { MATCH, "of this: the match itself" },
  };
  double base = middle_ms(t, PARSE);
  for (size_t i = 0; i < COUNT(rows); i++)
    (void)printf("row\t%s, %zu components\t%.6g\tms\treading and parsing the SBOM\t%.6g\n", rows[i].what, t->components,
                 middle_ms(t, rows[i].step), base);
}

int main(int argc, char **argv) {
  if (argc != 3) return err_exit(E_USAGE);
  AUTO(Cx) first = cx_new(1 << 20);
  Times *t = NEW(first.arena, Times);
  Err e = crypto_start(&first);
  for (int i = 0; i < TIMES && e == E_OK; i++) {
    AUTO(Cx) cx = cx_new(OWN_MOST_BYTES);
    e = once(&cx, argv, i, t);
    if (e != E_OK) (void)fprintf(stderr, "%.*s\n", STR(cx.words));
  }
  if (e == E_OK) report(t);
  return err_exit(e);
}
