/* Many SBOMs in one store: judging all of their package versions, and only what changed advisories speak of.
 * Processor time.  Baseline: reading every distinct package version once.  usage: portfolio_bench SBOMS PACKAGES
 *
 * Products are built of the same parts: 10,000 SBOMs of 500 components name about 200,000 distinct package versions,
 * every one of them 25 times. */
#include "crypto/crypto.h"
#include "supply/supply.h"
#include "vuln/vuln.h"
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <time.h>

enum { COMPONENTS = 500 };

typedef struct Bench {
  Cx cx;
  const char *folder;
} Bench;

static const Sql add_package = { "bench.package",
                                 "INSERT INTO package (id, key, identity, purl, cpe, swid, other_ids, type, grp, name, version, "
                                 "distro, upstream) VALUES (?1, ?2, ?3, ?4, '', '', '', 'library', '', ?5, ?6, '', '')",
                                 NULL };
static const Sql add_sbom = { "bench.sbom",
                              "INSERT INTO sbom (n, id, product, release, name, element, file, format, spec, serial, sha256, "
                              "components, dependencies, imported_us, imported_by, report, current) VALUES (?1, ?2, ?3, '1', "
                              "'firmware', '', 'x', 'CycloneDX', '1.6', '', '', 500, 0, 1, 'U000001', '{}', 1)",
                              NULL };
static const Sql add_component = { "bench.component",
                                   "INSERT INTO sbom_component (sbom, component, package, parent, subject, ref, sort, supplier, "
                                   "licence, hashes, scope, support_level, support_end) VALUES (?1, ?2, ?3, 0, 0, '', '', '', "
                                   "'', '', '', '', '')",
                                   NULL };

/* Of this process alone: others on the machine do not count. */
static double processor_ms(void) {
  struct timespec t;
  return clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t) == 0 ? (double)t.tv_sec * 1e3 + (double)t.tv_nsec / 1e6 : 0;
}

static uint64_t seed = 3;
static uint64_t draw(uint64_t n) {
  seed = seed * 6364136223846793005u + 1442695040888963407u;
  return (seed >> 20) % n;
}

static Err fill(Cx *cx, Store *s, int64_t sboms, int64_t packages) {
  TRY(store_begin(cx, s));
  for (int64_t i = 1; i <= packages; i++) {
    ArenaMark mark = arena_mark(cx->arena);
    Str name = str_fmt(cx->arena, "part-%lld", (long long)(i / 4)), version = str_fmt(cx->arena, "1.%lld.0", (long long)i % 4);
    Str purl = str_fmt(cx->arena, "pkg:npm/%.*s@%.*s", STR(name), STR(version));
    TRY(store_run(cx, s, &add_package,
                  ARGS(v_int(i), v_bytes(purl), v_text(name), v_text(purl), v_text(name), v_text(version)), NULL));
    arena_release(cx->arena, mark);
  }
  for (int64_t i = 1; i <= sboms; i++) {
    ArenaMark mark = arena_mark(cx->arena);
    TRY(store_run(cx, s, &add_sbom,
                  ARGS(v_int(i), v_text(str_fmt(cx->arena, "SBM-%06lld", (long long)i)),
                       v_text(str_fmt(cx->arena, "product-%lld", (long long)i))),
                  NULL));
    for (int64_t k = 0; k < COMPONENTS; k++)
      TRY(store_run(cx, s, &add_component, ARGS(v_int(i), v_int(k), v_int(1 + (int64_t)draw((uint64_t)packages))), NULL));
    arena_release(cx->arena, mark);
  }
  return store_commit(cx, s);
}

/* How the first advisories differ from their last version: they list one more version, which nobody has; or they end
 * elsewhere, so that what is said of every version changes. */
typedef enum Change { LISTS_MORE, ENDS_ELSEWHERE } Change;
typedef struct Edition {
  int64_t changed, round;
  Change how;
} Edition;

static void put_advisory(Buf *o, int64_t packages, int64_t i, const Edition *e) {
  bool other = i < e->changed && e->round % 2;
  buf_fmt(o,
          "%s{\"id\":\"GHSA-%06lld\",\"aliases\":[\"CVE-2025-%lld\"],\"modified\":\"2026-01-01T00:00:00Z\",\"affected\":[{"
          "\"package\":{\"ecosystem\":\"npm\",\"name\":\"part-%lld\"},\"ranges\":[{\"type\":\"SEMVER\",\"events\":[{"
          "\"introduced\":\"0\"},{\"fixed\":\"%s\"}]}]%s}]}",
          i ? ",\n" : "[", (long long)i, (long long)(10000 + i), (long long)(i % (packages / 12) * 3),
          other && e->how == ENDS_ELSEWHERE ? "1.0.7" : "1.0.5",
          other && e->how == LISTS_MORE ? ",\"versions\":[\"9.9.9\"]" : "");
}

/* One package name in three is spoken of by two advisories that concern one version in four. */
static Err snapshot(Bench *b, Store *s, int64_t packages, const Edition *edition) {
  AUTO(Cx) cx = cx_new((size_t)2 << 30);
  const char *json = str_fmt(cx.arena, "%s/osv.json", b->folder).p, *snap = str_fmt(cx.arena, "%s/osv.snap", b->folder).p;
  Buf o = buf_new(cx.arena, 512 << 20);
  FeedBuild build = { 0 };
  for (int64_t i = 0; i < packages / 6; i++) put_advisory(&o, packages, i, edition);
  buf_byte(&o, ']');
  TRY(file_write(&cx, json, buf_str(&o), 0600));
  Err e = feed_build(&cx, &json, 1, snap, &build);
  Buf out = buf_new(cx.arena, 1 << 20);
  JsonOut result = json_out(&out, false);
  JVal *args = NULL;
  if (e == E_OK) e = json_read(&cx, str_fmt(cx.arena, "{\"path\":\"%s\"}", snap), &JSON_BODY, &args);
  Call call = { .store = s, .actor = S("U000001"), .auth = S("local"), .source = S("cli"), .request = S("0123456789abcdef"),
                .reason = S("bench"), .args = args, .now_us = clock_now_us(), .result = &result };
  json_object(&result);
  for (size_t i = 0; i < vuln_ncommands && e == E_OK; i++)
    if (str_eq(str_of(vuln_commands[i]->name), S("feed.activate"))) e = vuln_commands[i]->run(&cx, &call);
  return e == E_OK ? E_OK : fail(&b->cx, e, "%.*s", STR(cx.words));
}

typedef struct Took {
  double ms;
  int64_t evaluated, written;
} Took;

/* All of it again: nothing is written. */
static Err match_full(Bench *b, Store *s, double *ms) {
  AUTO(Cx) cx = cx_new((size_t)4 << 30);
  Buf out = buf_new(cx.arena, 1 << 20);
  JsonOut result = json_out(&out, false);
  JVal *args = NULL;
  TRY(json_read(&cx, S("{\"full\":true}"), &JSON_BODY, &args));
  Call call = { .store = s, .actor = S("U000001"), .auth = S("local"), .source = S("cli"), .request = S("0123456789abcdef"),
                .reason = S("bench"), .args = args, .now_us = clock_now_us(), .result = &result };
  Err e = E_OK;
  double t = processor_ms();
  json_object(&result);
  for (size_t i = 0; i < vuln_ncommands && e == E_OK; i++)
    if (str_eq(str_of(vuln_commands[i]->name), S("vuln.match"))) e = vuln_commands[i]->run(&cx, &call);
  *ms = processor_ms() - t;
  return e == E_OK ? E_OK : fail(&b->cx, e, "%.*s", STR(cx.words));
}

static Err match(Bench *b, Store *s, Took *took) {
  AUTO(Cx) cx = cx_new((size_t)4 << 30);
  MatchRun run = { 0 };
  double t = processor_ms();
  Err e = vuln_match(&cx, s, STR_NONE, clock_now_us(), &run);
  *took = (Took){ processor_ms() - t, run.evaluated, run.inserted + run.changed + run.ended };
  return e == E_OK ? E_OK : fail(&b->cx, e, "%.*s", STR(cx.words));
}

static Err read_all(Cx *cx, Store *s, double *ms) {
  double t = processor_ms();
  AUTO(Cx) mine = cx_new((size_t)1 << 30);
  Packages batch = { 0 };
  int64_t after = 0;
  do {
    batch = (Packages){ 0 };
    if (supply_packages(&mine, s, after, 500, &batch) != E_OK) return fail(cx, E_BUG, "%.*s", STR(mine.words));
    if (batch.n) after = batch.p[batch.n - 1].id;
    cx_reset(&mine);
  } while (batch.n == 500);
  *ms = processor_ms() - t;
  return E_OK;
}

/* A new snapshot in which so many advisories changed, and what judging anew costs; then back again. */
static Err change(Bench *b, Store *s, int64_t packages, Edition *e, Took *took) {
  Took back;
  for (int i = 0; i < 2; i++) {
    e->round++;
    TRY(store_begin(&b->cx, s));
    TRY(snapshot(b, s, packages, e));
    TRY(match(b, s, i ? &back : took));
    TRY(store_commit(&b->cx, s));
  }
  return E_OK;
}

static void row(Str what, double ms, double base) {
  (void)printf("row\t%.*s\t%.6g\tms\treading every package version\t%.6g\n", STR(what), ms, base);
  (void)fflush(stdout);
}

static Err run(Bench *b, Store *s, int64_t sboms, int64_t packages) {
  static const int64_t sweep[] = { 20, 200, 2000 };
  Cx *cx = &b->cx;
  Took took;
  double base = 0;
  Edition edition = { 0 };
  TRY(fill(cx, s, sboms, packages));
  TRY(read_all(cx, s, &base));
  TRY(store_begin(cx, s));
  TRY(snapshot(b, s, packages, &edition));
  TRY(match(b, s, &took));
  TRY(store_commit(cx, s));
  Str size = str_fmt(cx->arena, "%lld x %d components", (long long)sboms, COMPONENTS);
  row(str_fmt(cx->arena, "%.*s: all judged, %lld verdicts written", STR(size), (long long)took.written), took.ms, base);
  double full;
  TRY(store_begin(cx, s));
  TRY(match_full(b, s, &full));
  TRY(store_commit(cx, s));
  row(str_fmt(cx->arena, "%.*s: all judged again, nothing written", STR(size)), full, base);
  for (size_t i = 0; i < 2 * COUNT(sweep); i++) {
    edition.changed = sweep[i / 2];
    edition.how = i % 2 ? ENDS_ELSEWHERE : LISTS_MORE;
    TRY(change(b, s, packages, &edition, &took));
    row(str_fmt(cx->arena, "%.*s: %lld advisories changed, %lld judged, %lld written", STR(size),
                (long long)edition.changed, (long long)took.evaluated, (long long)took.written),
        took.ms, base);
  }
  return E_OK;
}

int main(int argc, char **argv) {
  int64_t sboms, packages;
  if (argc != 3 || !str_int(str_of(argv[1]), &sboms) || !str_int(str_of(argv[2]), &packages)) return err_exit(E_USAGE);
  const char *tmp = getenv("TMPDIR");
  Bench b = { .cx = cx_new((size_t)4 << 30) };
  Store *s = NULL;
  char *folder = str_z(b.cx.arena, str_fmt(b.cx.arena, "%s/proofline-portfolio-XXXXXX", tmp ? tmp : "."));
  b.folder = folder;
  Err e = crypto_start(&b.cx);
  if (e == E_OK && !mkdtemp(folder)) e = fail(&b.cx, E_IO, "Cannot make a folder at %s. Set TMPDIR", folder);
  if (e == E_OK) e = store_open(&b.cx, folder, STORE_CREATE, &s);
  if (e == E_OK) e = store_begin(&b.cx, s);
  if (e == E_OK) e = ledger_create(&b.cx, s, S("00000000-0000-4000-8000-000000000001"));
  if (e == E_OK) e = store_commit(&b.cx, s);
  if (e == E_OK) e = store_migrate(&b.cx, s, supply_schema, supply_nschema);
  if (e == E_OK) e = store_migrate(&b.cx, s, vuln_schema, vuln_nschema);
  if (e == E_OK) e = run(&b, s, sboms, packages);
  store_close(s);
  if (e != E_OK) (void)fprintf(stderr, "%.*s\n", STR(b.cx.words));
  cx_forgive(&b.cx);
  (void)folder_remove(&b.cx, folder);
  cx_free(&b.cx);
  return err_exit(e);
}
