/* Snapshot and scan: cases as lines, reproducible bytes, damage. */
#include "scan_fixture.h"

static Str outcome_line(Cx *cx, const ScanComponent *c) {
  Buf b = buf_new(cx->arena, 1u << 20);
  for (size_t i = 0; i < c->noutcomes; i++) {
    const VulnOutcome *o = &c->outcome[i];
    buf_fmt(&b, "%s%.*s %s %.*s", i ? "; " : "", o->id.n ? (int)o->id.n : 1, o->id.n ? o->id.p : "-",
            outcome_name(o->outcome), STR(o->rule));
  }
  return buf_str(&b);
}

static Str dash(Str s) { return str_eq(s, S("-")) ? STR_NONE : s; }

static void cases(void **state) {
  (void)state;
  AUTO(Cx) cx = cx_new(128u << 20);
  const char *const paths[] = { VULN_DIR "/test/kev.json", VULN_DIR "/test/advisories.json",
                                VULN_DIR "/test/epss.csv" };
  const char *file = temporary(&cx, "cases");
  FeedBuild build;
  AUTO(SnapshotRef) s = NULL;
  assert_int_equal(feed_build(&cx, paths, 3, file, &build), E_OK);
  assert_int_equal(snapshot_open(&cx, file, &s), E_OK);
  assert_true(str_eq(snapshot_sha256(s), build.sha256));
  assert_int_equal(snapshot_sources(s), 3);
  (void)unlink(file);
  Str rest, line;
  size_t wrong = 0, n = 0;
  assert_int_equal(file_read(&cx, VULN_DIR "/test/scan.data", 1u << 20, &rest), E_OK);
  while (str_line(&rest, &line)) {
    VulnTarget t = { 0 };
    ScanResult r;
    if (!line.n || *line.p == '#') continue;
    str_cut(line, '\t', &t.purl, &line);
    str_cut(line, '\t', &t.os_distro, &line);
    str_cut(line, '\t', &t.upstream, &line);
    t.os_distro = dash(t.os_distro);
    t.upstream = dash(t.upstream);
    assert_int_equal(vuln_scan(&cx, s, &t, 1, &r), E_OK);
    Str got = outcome_line(&cx, &r.component[0]);
    n++;
    if (str_eq(got, line)) continue;
    wrong++;
    print_message("%.*s\n  got  %.*s\n  want %.*s\n", STR(t.purl), STR(got), STR(line));
  }
  assert_int_equal(wrong, 0);
  assert_true(n > 35);
}

static void facts(void **state) {
  (void)state;
  AUTO(Cx) cx = cx_new(128u << 20);
  const char *const paths[] = { VULN_DIR "/test" };
  const char *file = temporary(&cx, "facts");
  FeedBuild build;
  AUTO(SnapshotRef) s = NULL;
  ScanResult r;
  assert_int_equal(feed_build(&cx, paths, 1, file, &build), E_OK);
  assert_int_equal(snapshot_open(&cx, file, &s), E_OK);
  (void)unlink(file);
  VulnTarget t[] = { { .purl = S("pkg:npm/left@1.1.5") },
                     { .cpe = S("cpe:2.3:a:x:y:1:*:*:*:*:*:*:*") },
                     { .name = S("z") },
                     { .purl = S("pkg:rpm/centos/sudo@1.8.23-9.el7?distro=centos-7&epoch=0") } };
  assert_int_equal(vuln_scan(&cx, s, t, 4, &r), E_OK);
  const VulnOutcome *o = &r.component[0].outcome[0];
  assert_true(o->kev && o->epss_x1e9 == 970010000 && o->cvss_x10 == 98 && str_eq(o->severity, S("CRITICAL")));
  assert_int_equal(o->nfixed, 1);
  assert_true(str_eq(o->fixed[0], S("1.2.0")));
  assert_int_equal(o->naliases, 1);
  assert_true(str_eq(o->aliases[0], S("GHSA-aaaa-bbbb-cccc")));
  assert_true(str_eq(r.component[1].outcome[0].rule, S("no-purl")));
  assert_true(str_eq(r.component[2].outcome[0].rule, S("no-identity")));
  assert_int_equal(r.count[OUTCOME_AFFECTED], 2);
  assert_int_equal(r.count[OUTCOME_NOT_ASSESSABLE], 2);
  o = &r.component[3].outcome[0];
  assert_int_equal(o->tier, 'B');
  assert_true(str_ends(o->reason, S("; CentOS Linux rebuilds Red Hat's packages; judged against Red Hat's advisory")));
  Buf b = buf_new(cx.arena, 1u << 20);
  JsonOut out = json_out(&b, false);
  JVal *root;
  scan_json(s, &r, &out);
  assert_int_equal(json_read(&cx, buf_str(&b), &JSON_DOCUMENT, &root), E_OK);
  assert_true(str_eq(json_text(root, "schema"), S("proofline.scan/1")));
}

static void same_bytes(void **state) {
  (void)state;
  AUTO(Cx) cx = cx_new(128u << 20);
  const char *const one[] = { VULN_DIR "/test/kev.json", VULN_DIR "/test/advisories.json",
                              VULN_DIR "/test/epss.csv" };
  const char *const two[] = { VULN_DIR "/test/advisories.json", VULN_DIR "/test/epss.csv",
                              VULN_DIR "/test/kev.json", VULN_DIR "/test/advisories.json" };
  const char *file = temporary(&cx, "same");
  FeedBuild a, b;
  assert_int_equal(feed_build(&cx, one, 3, file, &a), E_OK);
  assert_int_equal(feed_build(&cx, two, 4, file, &b), E_OK);
  assert_true(str_eq(a.sha256, b.sha256));
  (void)unlink(file);
}

static void damage(void **state) {
  (void)state;
  AUTO(Cx) cx = cx_new(256u << 20);
  const char *const paths[] = { VULN_DIR "/test/advisories.json" };
  const char *file = temporary(&cx, "damage");
  FeedBuild build;
  Str bytes;
  assert_int_equal(feed_build(&cx, paths, 1, file, &build), E_OK);
  assert_int_equal(file_read(&cx, file, 1u << 20, &bytes), E_OK);
  for (size_t i = 0; i < bytes.n; i += 97) {
    ArenaMark mark = arena_mark(cx.arena);
    Str copy = str_dup(cx.arena, bytes);
    char *p = str_z(cx.arena, copy);
    p[i] = (char)(p[i] ^ (1 << (i % 8)));
    AUTO(SnapshotRef) s = NULL;
    assert_int_equal(file_write(&cx, file, (Str){ p, bytes.n }, 0600), E_OK);
    assert_int_equal(snapshot_open(&cx, file, &s), E_INTEGRITY);
    cx_forgive(&cx);
    arena_release(cx.arena, mark);
  }
  for (size_t n = 0; n < bytes.n; n += 613) {
    AUTO(SnapshotRef) s = NULL;
    assert_int_equal(file_write(&cx, file, str_slice(bytes, 0, n), 0600), E_OK);
    assert_int_equal(snapshot_open(&cx, file, &s), E_INTEGRITY);
    cx_forgive(&cx);
  }
  (void)unlink(file);
}

static void nothing_is_refused(void **state) {
  (void)state;
  AUTO(Cx) cx = cx_new(16u << 20);
  const char *const paths[] = { VULN_DIR "/test/scan.data" };
  const char *file = temporary(&cx, "none");
  FeedBuild b;
  assert_int_equal(feed_build(&cx, paths, 1, file, &b), E_FEED);
  assert_false(file_exists(file));
}

int main(void) {
  AUTO(Cx) cx = cx_new(1u << 20);
  if (crypto_start(&cx) != E_OK) return 1;
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(cases), cmocka_unit_test(facts), cmocka_unit_test(same_bytes), cmocka_unit_test(damage),
    cmocka_unit_test(nothing_is_refused),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
