/* Judging an SBOM of 1,000 components against a snapshot of 20,000 advisories.
 * Baseline: reading and parsing the same SBOM, no more.  usage: scan_bench PROOFLINE */
#include "bench.h"
#include <fcntl.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

enum { COMPONENTS = 1000, ADVISORIES = 20000, PACKAGES = 8000, TIMES = 15 };

static Str made_sbom(Arena *a) {
  Buf b = buf_new(a, 16 << 20);
  buf_z(&b, "{\"bomFormat\":\"CycloneDX\",\"specVersion\":\"1.6\",\"version\":1,\"components\":[");
  for (int i = 0; i < COMPONENTS; i++)
    buf_fmt(&b,
            "%s{\"type\":\"library\",\"bom-ref\":\"ref-%d\",\"name\":\"part-%d\",\"version\":\"%d.%d.0\",\"purl\":"
            "\"pkg:npm/part-%d@%d.%d.0\","
            "\"supplier\":{\"name\":\"Supplier %d\"},\"licenses\":[{\"license\":{\"id\":\"MIT\"}}]}",
            i ? "," : "", i, i * 5, i % 4, i % 30, i * 5, i % 4, i % 30, i % 90);
  buf_z(&b, "],\"dependencies\":[");
  for (int i = 0; i < COMPONENTS; i++)
    buf_fmt(&b, "%s{\"ref\":\"ref-%d\",\"dependsOn\":[\"ref-%d\"]}", i ? "," : "", i, (i * 7 + 1) % COMPONENTS);
  buf_z(&b, "]}");
  return buf_str(&b);
}

static Str made_advisories(Arena *a) {
  Buf b = buf_new(a, 64 << 20);
  buf_z(&b, "[");
  for (int i = 0; i < ADVISORIES; i++)
    buf_fmt(&b,
            "%s{\"id\":\"GHSA-%04d-made-test\",\"aliases\":[\"CVE-2025-%d\"],\"modified\":\"2026-01-01T00:00:00Z\","
            "\"severity\":[{\"type\":\"CVSS_V3\",\"score\":\"CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:N/I:N/A:H\"}],"
            "\"affected\":[{\"package\":{\"ecosystem\":\"npm\",\"name\":\"part-%d\"},\"ranges\":[{\"type\":"
            "\"SEMVER\",\"events\":"
            "[{\"introduced\":\"%d.0.0\"},{\"fixed\":\"%d.%d.0\"}]}]}]}",
            i ? ",\n" : "", i, 10000 + i, i % PACKAGES, i % 3, i % 3, 1 + i % 25);
  buf_z(&b, "]");
  return buf_str(&b);
}

typedef struct Files {
  const char *sbom, *osv, *snap;
} Files;

static Err make(Bench *b, Files *f) {
  Cx *cx = &b->cx;
  FeedBuild build = { 0 };
  f->sbom = str_fmt(cx->arena, "%s/sbom.json", b->folder).p;
  f->osv = str_fmt(cx->arena, "%s/osv.json", b->folder).p;
  f->snap = str_fmt(cx->arena, "%s/osv.snap", b->folder).p;
  TRY(file_write(cx, f->sbom, made_sbom(cx->arena), 0600));
  TRY(file_write(cx, f->osv, made_advisories(cx->arena), 0600));
  return feed_build(cx, &f->osv, 1, f->snap, &build);
}

/* The whole program, from its start to its last byte of JSON. */
static Err whole(Cx *cx, const char *program, const Files *f, int64_t *us) {
  int64_t t = clock_mono_us();
  pid_t pid = fork();
  if (pid == 0) {
    int null = open("/dev/null", O_WRONLY | O_CLOEXEC);
    if (null < 0 || dup2(null, 1) < 0) _exit(70);
    execl(program, program, "-o", "json", "scan", f->sbom, "--snapshot", f->snap, (char *)NULL);
    _exit(127);
  }
  int status = 0;
  if (pid < 0 || waitpid(pid, &status, 0) < 0 || !WIFEXITED(status) || WEXITSTATUS(status) != 0)
    return fail(cx, E_BUG, "%s scan ended with status %d", program, status);
  *us = clock_mono_us() - t;
  return E_OK;
}

typedef struct Times {
  int64_t whole[TIMES], parse[TIMES], jail[TIMES], open[TIMES], match[TIMES];
} Times;

static Err match(Cx *cx, const Files *f, const Sbom *sbom, int i, Times *times) {
  AUTO(SnapshotRef) snap = NULL;
  VulnTarget *target = NEW_ARRAY(cx->arena, sbom->component.n, VulnTarget);
  for (size_t k = 0; k < sbom->component.n; k++) {
    const SbomComponent *c = &sbom->component.p[k];
    target[k] = (VulnTarget){ c->ref, c->purl, c->cpe, c->name, c->version, c->distro, c->upstream };
  }
  ScanResult result = { 0 };
  int64_t t = clock_mono_us();
  TRY(snapshot_open(cx, f->snap, &snap));
  times->open[i] = clock_mono_us() - t;
  t = clock_mono_us();
  TRY(vuln_scan(cx, snap, target, sbom->component.n, &result));
  times->match[i] = clock_mono_us() - t;
  return result.count[OUTCOME_AFFECTED] ? E_OK : fail(cx, E_BUG, "nothing is affected: the match did not happen");
}

static Err once(Cx *cx, const char *program, const Files *f, int i, Times *times) {
  Str bytes;
  Sbom sbom = { 0 }, jailed = { 0 };
  SbomOptions opt = supply_options(NULL);
  int64_t t = clock_mono_us();
  TRY(file_read(cx, f->sbom, opt.max_bytes, &bytes));
  TRY(supply_parse(cx, bytes, &opt, &sbom));
  times->parse[i] = clock_mono_us() - t;
  t = clock_mono_us();
  TRY(file_read(cx, f->sbom, opt.max_bytes, &bytes));
  TRY(supply_read(cx, bytes, &opt, &jailed));
  times->jail[i] = clock_mono_us() - t;
  TRY(match(cx, f, &sbom, i, times));
  return whole(cx, program, f, &times->whole[i]);
}

static void report(Arena *a, Times *t) {
  double base = (double)bench_spread(t->parse, TIMES).p50_us / 1e3;
  const struct {
    const char *what;
    int64_t *us;
  } rows[] = { { "scan, whole process", t->whole },
               { "reading in the jail", t->jail },
               { "opening and checking the snapshot", t->open },
               { "match alone", t->match } };
  for (size_t i = 0; i < COUNT(rows); i++)
    bench_row((BenchRow){ str_fmt(a, "%s, %d components", rows[i].what, COMPONENTS),
                          (double)bench_spread(rows[i].us, TIMES).p50_us / 1e3, "ms", "reading and parsing the SBOM",
                          base });
}

static Err run(Bench *b, const char *program) {
  Files f;
  Times *times = NEW(b->cx.arena, Times);
  TRY(make(b, &f));
  for (int i = 0; i < TIMES; i++) {
    AUTO(Cx) cx = cx_new(512 << 20);
    Err e = once(&cx, program, &f, i, times);
    if (e != E_OK) return fail(&b->cx, e, "%.*s", STR(cx.words));
  }
  report(b->cx.arena, times);
  return E_OK;
}

int main(int argc, char **argv) {
  if (argc != 2) return err_exit(E_USAGE);
  Bench b;
  Err e = bench_open(&b, "scan");
  if (e == E_OK) e = run(&b, argv[1]);
  return bench_end(&b, e);
}
