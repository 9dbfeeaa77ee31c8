/* Packs, intakes and what is built of them: every bit counts, order does not, and nothing is lost in silence. */
#include "vuln/bundle.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>
#undef fail

static void frame(Buf *spool, const char *name, Str bytes) {
  buf_u32le(spool, (uint32_t)strlen(name));
  buf_u64le(spool, bytes.n);
  buf_z(spool, name);
  buf_add(spool, bytes);
}

static Err split(Cx *cx, const ArchiveState *state, unsigned kinds, bool full, Str body, Intake *out) {
  Buf spool = buf_new(cx->arena, 64 << 20);
  frame(&spool, "body.json", body);
  return intake_split(cx, &(IntakeAsk){ kinds, full, state }, buf_str(&spool), out);
}

#define OSV1                                                                                                         \
  "{\"id\":\"A-1\",\"modified\":\"2026-01-01T00:00:00Z\",\"affected\":[{\"package\":{\"ecosystem\":\"npm\","         \
  "\"name\":\"a\"},\"ranges\":[{\"type\":\"SEMVER\",\"events\":[{\"introduced\":\"0\"},{\"fixed\":\"2.0.0\"}]}]}]}"
#define OSV2 "{\"id\":\"A-2\",\"modified\":\"2026-02-01T00:00:00Z\",  \"x\" : [ 1 , \"]}\" ] }"

static void every_bit_of_a_pack_counts(void **state) {
  (void)state;
  AUTO(Cx) cx = cx_new((size_t)3 << 30);
  ArchiveState none = archive_state(cx.arena);
  Intake in;
  Pack p;
  assert_int_equal(split(&cx, &none, ~0u, true, S("[" OSV1 ", " OSV2 "]"), &in), E_OK);
  assert_int_equal(in.records, 2);
  assert_int_equal(in.fresh, 2);
  assert_true(str_starts(in.newest, S("2026-02-01T00:00:00")));
  assert_int_equal(pack_open(&cx, in.pack, &p), E_OK);
  PackReader r = pack_reader(cx.arena, &p);
  Str s;
  assert_int_equal(pack_record(&cx, &r, &p.record[1], &s), E_OK);
  assert_true(str_eq(s, S(OSV2))); /* the bytes as the source gave them, blanks and all */
  char *bytes = str_z(cx.arena, in.pack);
  ArenaMark mark = arena_mark(cx.arena);
  for (size_t i = 0; i < in.pack.n * 8; i++) {
    bytes[i / 8] = (char)(bytes[i / 8] ^ 1 << i % 8);
    assert_int_equal(pack_open(&cx, (Str){ bytes, in.pack.n }, &p), E_INTEGRITY);
    bytes[i / 8] = (char)(bytes[i / 8] ^ 1 << i % 8);
    cx_forgive(&cx);
    arena_release(cx.arena, mark);
  }
  for (size_t n = 0; n < in.pack.n; n++) {
    assert_int_equal(pack_open(&cx, (Str){ bytes, n }, &p), E_INTEGRITY);
    cx_forgive(&cx);
    arena_release(cx.arena, mark);
  }
}

static void states_fold(void **state) {
  (void)state;
  AUTO(Cx) cx = cx_new((size_t)5 << 30);
  ArchiveState s = archive_state(cx.arena);
  Intake in;
  Pack p;
  assert_int_equal(split(&cx, &s, ~0u, true, S("[" OSV1 "," OSV2 "]"), &in), E_OK);
  assert_int_equal(pack_open(&cx, in.pack, &p), E_OK);
  archive_fold(&s, &p);
  assert_int_equal(split(&cx, &s, ~0u, true, S("[" OSV1 "," OSV2 "]"), &in), E_OK);
  assert_int_equal(in.pack.n, 0);
  assert_int_equal(in.same, 2);
  assert_int_equal(split(&cx, &s, ~0u, false, S("[" OSV1 "]"), &in), E_OK); /* a part: the other is not gone */
  assert_int_equal(in.gone, 0);
  assert_int_equal(split(&cx, &s, ~0u, true, S("[" OSV1 "]"), &in), E_OK);
  assert_int_equal(in.gone, 1);
  assert_int_equal(pack_open(&cx, in.pack, &p), E_OK);
  archive_fold(&s, &p);
  assert_int_equal(s.live, 1);
  assert_null(archive_find(&s, S("A-2")));
  assert_non_null(archive_find(&s, S("A-1")));
}

typedef struct Case {
  const char *body, *words;
} Case;
static const Case refused[] = {
  { "<!DOCTYPE html><html>sign in</html>", "web page" },
  { "{\"id\":\"A\",\"modified\":\"2026-01-01T00:00:00Z\",\"schema_version\":\"2.0\"}", "not known here" },
  { "{\"catalogVersion\":\"1\",\"count\":3,\"vulnerabilities\":[{\"cveID\":\"CVE-2026-0001\"}]}",
    "counts otherwise" },
  { "{\"dataVersion\":\"6.0\",\"cveMetadata\":{\"cveId\":\"CVE-2026-0001\"},\"containers\":{}}", "not known here" },
  { "{\"format\":\"NVD_CVE\",\"version\":\"3.0\",\"vulnerabilities\":[]}", "not known here" },
};
static const Case counted[] = {
  { "", "an empty file" },
  { "{", "broken JSON" },
  { "{\"a\":1,\"a\":2}", "broken JSON" },
  { "[1e999]", "broken JSON" },
  { "{\"x\":\"\\ud800\"}", "broken JSON" },
  { "{\"x\":NaN}", "broken JSON" },
  { "{\"hello\":1}", "JSON that is no advisory" },
  { "hello", "neither JSON nor exploit scores" },
  { "[[[[1]]]]", "JSON that is no advisory" },
};

static void what_is_no_feed_is_refused(void **state) {
  (void)state;
  for (size_t i = 0; i < COUNT(refused) + COUNT(counted); i++) {
    AUTO(Cx) cx = cx_new((size_t)3 << 30);
    ArchiveState none = archive_state(cx.arena);
    const Case *c = i < COUNT(refused) ? &refused[i] : &counted[i - COUNT(refused)];
    Intake in = { 0 };
    Err e = split(&cx, &none, ~0u, true, str_of(c->body), &in);
    if (i >= COUNT(refused)) {
      assert_int_equal(e, E_OK);
      assert_int_equal(in.records, 0);
      assert_true(in.bad > 0 && in.nskips == 1);
      assert_true(str_eq(in.skip[0].why, str_of(c->words)));
      assert_int_equal(guard_intake(&cx, &(FeedStatus){ .name = S("x") }, &in, true, 0), E_FEED);
    } else {
      assert_int_equal(e, E_FEED);
      assert_true(str_find(cx.words, str_of(c->words)) != SIZE_MAX);
    }
  }
}

static Str outcome_of(Cx *cx, const Snapshot *s, const VulnTarget *t) {
  ScanResult r;
  assert_int_equal(vuln_scan(cx, s, t, 1, &r), E_OK);
  const ScanComponent *c = &r.component[0];
  if (!c->noutcomes) return S("not-listed");
  const VulnOutcome *o = &c->outcome[0];
  return str_fmt(cx->arena, "%s %c %.*s %.*s", outcome_name(o->outcome), o->tier, STR(o->rule), STR(o->id));
}

/* Debian's tracker, and a CVE record that has but names: each gives an explicit outcome. */
static void trackers_and_names(void **state) {
  (void)state;
  static const char debian[] = "{\"openssl\":{\"CVE-2026-1000\":{\"releases\":{\"bookworm\":{\"status\":\"resolved\","
                               "\"fixed_version\":\"3.0.11-1~deb12u2\"},"
                               "\"trixie\":{\"status\":\"resolved\",\"fixed_version\":\"0\"},\"bullseye\":{"
                               "\"status\":\"open\",\"nodsa\":\"minor\"},"
                               "\"sid\":{\"status\":\"undetermined\"}}},\"TEMP-0000000-ABCDEF\":{\"releases\":{"
                               "\"sid\":{\"status\":\"open\"}}}}}";
  static const char alpine[] =
      "{\"distroversion\":\"v3.19\",\"reponame\":\"main\",\"packages\":[{\"pkg\":{\"name\":\"busybox\",\"secfixes\":{"
      "\"1.36.1-r17\":[\"CVE-2026-3000 (+ regression)\"],\"1.36.1-r2\":[\"CVE-2026-3000\",\"ALPINE-13661\"],"
      "\"0\":[\"CVE-2026-3001\"]}}}]}";
  static const char cve[] =
      "{\"dataVersion\":\"5.1\",\"cveMetadata\":{\"cveId\":\"CVE-2026-2000\",\"state\":\"PUBLISHED\",\"dateUpdated\":"
      "\"2026-01-01T00:00:00Z\"},\"containers\":{\"cna\":{\"affected\":[{\"vendor\":\"Acme\",\"product\":\"Pump "
      "Control\","
      "\"versions\":[{\"version\":\"0\",\"lessThan\":\"3.1\",\"status\":\"affected\",\"versionType\":\"custom\"}]}]}}"
      "}";
  static const struct {
    VulnTarget target;
    const char *outcome;
  } cases[] = {
    { { .purl = { "pkg:deb/debian/openssl@3.0.11-1~deb12u1?distro=debian-12", 56 } },
      "affected B range CVE-2026-1000" },
    { { .purl = { "pkg:deb/debian/openssl@3.0.11-1~deb12u2?distro=debian-12", 56 } },
      "not-affected B range CVE-2026-1000" },
    { { .purl = { "pkg:deb/debian/openssl@1.1.1n-0?distro=bullseye", 47 } }, "affected B range CVE-2026-1000" },
    { { .purl = { "pkg:deb/debian/openssl@3.5.1-1?distro=debian-13", 47 } },
      "not-affected B said-not-affected CVE-2026-1000" },
    { { .purl = { "pkg:apk/alpine/busybox@1.36.1-r16?distro=alpine-3.19.1", 54 } },
      "affected B range CVE-2026-3000" },
    { { .purl = { "pkg:apk/alpine/busybox@1.36.1-r17?distro=alpine-3.19.1", 54 } },
      "not-affected B range CVE-2026-3000" },
    { { .name = { "pump-control", 12 }, .version = { "3.0", 3 } }, "uncertain D free-text CVE-2026-2000" },
    { { .name = { "PumpControl", 11 }, .version = { "3.1", 3 } }, "uncertain D" }, /* the record does not say */
  };
  AUTO(Cx) cx = cx_new((size_t)8 << 30);
  ArchiveState s = archive_state(cx.arena);
  Buf spool = buf_new(cx.arena, 1 << 20);
  Intake in;
  Pack p;
  FeedBuild b, again;
  AUTO(SnapshotRef) snap = NULL;
  const char *path = str_fmt(cx.arena, "/tmp/archive-test-%d", (int)getpid()).p;
  frame(&spool, "json", str_of(debian));
  frame(&spool, "CVE-2026-2000.json", str_of(cve));
  frame(&spool, "main.json", str_of(alpine));
  assert_int_equal(intake_split(&cx, &(IntakeAsk){ ~0u, true, &s }, buf_str(&spool), &in), E_OK);
  assert_int_equal(in.records, 3);
  assert_int_equal(pack_open(&cx, in.pack, &p), E_OK);
  archive_fold(&s, &p);
  const ArchiveState *states[] = { &s };
  assert_int_equal(archive_build(&cx, states, 1, path, &b), E_OK);
  assert_int_equal(snapshot_open(&cx, path, &snap), E_OK);
  for (size_t i = 0; i < COUNT(cases); i++) {
    Str got = outcome_of(&cx, snap, &cases[i].target);
    bool same = str_starts(got, str_of(cases[i].outcome));
    if (!same) print_error("case %zu: %.*s\n", i, STR(got));
    assert_true(same);
  }
  assert_int_equal(archive_build(&cx, states, 1, path, &again), E_OK);
  assert_true(str_eq(b.sha256, again.sha256));
  (void)unlink(path);
}

int main(void) {
  AUTO(Cx) cx = cx_new(1 << 20);
  if (crypto_start(&cx) != E_OK) return 1;
  const struct CMUnitTest tests[] = { cmocka_unit_test(every_bit_of_a_pack_counts), cmocka_unit_test(states_fold),
                                      cmocka_unit_test(what_is_no_feed_is_refused),
                                      cmocka_unit_test(trackers_and_names) };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
