/* Judging an SBOM of 1,000 components against a snapshot of 20,000 advisories, or the SBOM and the snapshot that are named.
 * Baseline: reading and parsing the same SBOM, no more.  The steps within the program are match_bench's.
 * usage: scan_bench PROOFLINE [SBOM SNAPSHOT] */
#include "bench.h"
#include <fcntl.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
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
  size_t advisories, components;
} Files;

static Err make(Bench *b, Files *f) {
  Cx *cx = &b->cx;
  FeedBuild build = { 0 };
  f->advisories = ADVISORIES;
  f->sbom = str_fmt(cx->arena, "%s/sbom.json", b->folder).p;
  f->osv = str_fmt(cx->arena, "%s/osv.json", b->folder).p;
  f->snap = str_fmt(cx->arena, "%s/osv.snap", b->folder).p;
  TRY(file_write(cx, f->sbom, made_sbom(cx->arena), 0600));
  TRY(file_write(cx, f->osv, made_advisories(cx->arena), 0600));
  return feed_build(cx, &f->osv, 1, f->snap, &build);
}

/* Processor time: what else the machine does is not counted.  Only the whole program is told by the clock too. */
static int64_t processor_us(void) {
  struct timespec t;
  return clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t) == 0 ? (int64_t)t.tv_sec * US_PER_S + t.tv_nsec / 1000 : 0;
}

typedef struct Times {
  int64_t clock[TIMES], whole[TIMES], version[TIMES], parse[TIMES], jail[TIMES], json[TIMES];
} Times;

/* The whole program, from its start to its end. */
static Err start(Cx *cx, char *const *args, int64_t *us, int64_t *clock_us) {
  int64_t began_us = clock_mono_us();
  pid_t pid = fork();
  if (pid == 0) {
    int null = open("/dev/null", O_WRONLY | O_CLOEXEC);
    if (null < 0 || dup2(null, 1) < 0) _exit(70);
    execv(args[0], args);
    _exit(127);
  }
  int status = 0;
  struct rusage use;
  if (pid < 0 || wait4(pid, &status, 0, &use) < 0 || !WIFEXITED(status) || WEXITSTATUS(status) != 0)
    return fail(cx, E_BUG, "%s ended with status %d", args[0], status);
  *us = (int64_t)(use.ru_utime.tv_sec + use.ru_stime.tv_sec) * US_PER_S + use.ru_utime.tv_usec + use.ru_stime.tv_usec;
  *clock_us = clock_mono_us() - began_us;
  return E_OK;
}

static Err whole(Cx *cx, const char *program, const Files *f, Times *times, int i) {
  const char *const texts[] = { program, "-o", "json", "scan", f->sbom, "--snapshot", f->snap };
  char *args[COUNT(texts) + 1] = { NULL };
  for (size_t k = 0; k < COUNT(texts); k++) args[k] = str_z(cx->arena, str_of(texts[k]));
  char *only_start[] = { args[0], str_z(cx->arena, S("version")), NULL };
  int64_t none_us;
  TRY(start(cx, args, &times->whole[i], &times->clock[i]));
  return start(cx, only_start, &times->version[i], &none_us);
}

static Err json(Cx *cx, const Files *f, const Sbom *sbom, int i, Times *times) {
  AUTO(SnapshotRef) snap = NULL;
  VulnTarget *target = NEW_ARRAY(cx->arena, sbom->component.n, VulnTarget);
  for (size_t k = 0; k < sbom->component.n; k++) {
    const SbomComponent *c = &sbom->component.p[k];
    target[k] = (VulnTarget){ c->ref, c->purl, c->cpe, c->name, c->version, c->distro, c->upstream };
  }
  ScanResult result = { 0 };
  TRY(snapshot_open(cx, f->snap, &snap));
  TRY(vuln_scan(cx, snap, target, sbom->component.n, &result));
  Buf b = buf_new(cx->arena, SIZE_MAX / 4);
  JsonOut o = json_out(&b, false);
  int64_t t = processor_us();
  scan_json(snap, &result, &o);
  times->json[i] = processor_us() - t;
  return result.count[OUTCOME_AFFECTED] ? E_OK : fail(cx, E_BUG, "nothing is affected: the match did not happen");
}

static Err once(Cx *cx, const char *program, Files *f, int i, Times *times) {
  Str bytes;
  Sbom sbom = { 0 }, jailed = { 0 };
  SbomOptions opt = supply_options(NULL);
  int64_t t = processor_us();
  TRY(file_read(cx, f->sbom, opt.max_bytes, &bytes));
  TRY(supply_parse(cx, bytes, &opt, &sbom));
  times->parse[i] = processor_us() - t;
  f->components = sbom.component.n;
  t = processor_us();
  TRY(file_read(cx, f->sbom, opt.max_bytes, &bytes));
  TRY(supply_read(cx, bytes, &opt, &jailed));
  times->jail[i] = processor_us() - t;
  TRY(json(cx, f, &sbom, i, times));
  return whole(cx, program, f, times, i);
}

static void report(Arena *a, const Files *f, Times *t) {
  double base = (double)bench_spread(t->parse, TIMES).p50_us / 1e3;
  const struct {
    const char *what;
    int64_t *us;
  } rows[] = { { "scan from start to end, by the clock", t->clock },
               { "scan from start to end", t->whole },
               { "start of the program alone", t->version },
               { "reading in the jail", t->jail },
               { "writing the answer as JSON", t->json } };
  for (size_t i = 0; i < COUNT(rows); i++)
    bench_row((BenchRow){ str_fmt(a, "%s, %zu components, %zu advisories", rows[i].what, f->components, f->advisories),
                          (double)bench_spread(rows[i].us, TIMES).p50_us / 1e3, "ms", "reading and parsing the SBOM",
                          base });
}

static size_t advisories_of(Cx *cx, const char *snapshot) {
  AUTO(SnapshotRef) snap = NULL;
  size_t n = 0;
  if (snapshot_open(cx, snapshot, &snap) != E_OK) return 0;
  for (size_t i = 0; i < snapshot_sources(snap); i++) n += (size_t)snapshot_source(snap, i).records;
  return n;
}

static Err run(Bench *b, char **argv, bool made) {
  Files f = { .sbom = made ? NULL : argv[2], .snap = made ? NULL : argv[3] };
  const char *program = argv[1];
  Times *times = NEW(b->cx.arena, Times);
  if (made) TRY(make(b, &f));
  else f.advisories = advisories_of(&b->cx, f.snap);
  for (int i = 0; i < TIMES; i++) {
    AUTO(Cx) cx = cx_new(512 << 20);
    Err e = once(&cx, program, &f, i, times);
    if (e != E_OK) return fail(&b->cx, e, "%.*s", STR(cx.words));
  }
  report(b->cx.arena, &f, times);
  return E_OK;
}

int main(int argc, char **argv) {
  if (argc != 2 && argc != 4) return err_exit(E_USAGE);
  Bench b;
  Err e = bench_open(&b, "scan");
  if (e == E_OK) e = run(&b, argv, argc == 2);
  return bench_end(&b, e);
}
