/* Components known by CPE: cases as lines. */
#include "vuln/cpe_snapshot.h"

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

static void case_file(const char *const *paths, size_t npaths, const char *data, size_t least) {
  AUTO(Cx) cx = cx_new(128u << 20);
  AUTO(SnapshotRef) s = NULL;
  Str rest, line;
  size_t wrong = 0, n = 0;
  opened(&cx, paths, npaths, "cases", &s);
  assert_int_equal(file_read(&cx, data, 1u << 20, &rest), E_OK);
  while (str_line(&rest, &line)) {
    VulnTarget t = { .name = S("") };
    ScanResult r;
    if (!line.n || *line.p == '#') continue;
    str_cut(line, '\t', &t.purl, &line);
    str_cut(line, '\t', &t.cpe, &line);
    str_cut(line, '\t', &t.version, &line);
    t.purl = dash(t.purl);
    t.cpe = dash(t.cpe);
    t.version = dash(t.version);
    if (str_starts(t.cpe, S("name:"))) {
      t.name = str_slice(t.cpe, 5, t.cpe.n);
      t.cpe = STR_NONE;
    }
    assert_int_equal(vuln_scan(&cx, s, &t, 1, &r), E_OK);
    Str got = outcome_line(&cx, &r.component[0]);
    n++;
    if (str_eq(got, line)) continue;
    wrong++;
    print_message("%.*s %.*s\n  got  %.*s\n  want %.*s\n", STR(t.purl), STR(t.cpe), STR(got), STR(line));
  }
  assert_int_equal(wrong, 0);
  assert_true(n >= least);
}

static void nvd_cases(void **state) {
  (void)state;
  const char *const paths[] = { VULN_DIR "/test", VULN_DIR "/test_nvd/nvd.json" };
  case_file(paths, 2, VULN_DIR "/test_nvd/cpe.data", 25);
}

/* What a component is affected by only together with another: the other may stand in the same inventory. */
static void together_cases(void **state) {
  (void)state;
  AUTO(Cx) cx = cx_new(128u << 20);
  AUTO(SnapshotRef) s = NULL;
  const char *const paths[] = { VULN_DIR "/test_nvd/nvd.json" };
  Str rest, line;
  size_t n = 0;
  opened(&cx, paths, 1, "together", &s);
  assert_int_equal(file_read(&cx, VULN_DIR "/test_nvd/together.data", 1u << 20, &rest), E_OK);
  while (str_line(&rest, &line)) {
    VulnTarget t[8] = { { .name = S("") } };
    ScanResult r;
    Str cpes;
    size_t many = 0;
    if (!line.n || *line.p == '#') continue;
    str_cut(line, '\t', &cpes, &line);
    while (cpes.n) str_cut(cpes, ' ', &t[many++].cpe, &cpes);
    assert_int_equal(vuln_scan(&cx, s, t, many, &r), E_OK);
    Str got = outcome_line(&cx, &r.component[0]);
    if (!str_eq(got, line)) print_message("%.*s\n  got  %.*s\n", STR(line), STR(got));
    assert_true(str_eq(got, line));
    bool told = str_find(r.component[0].outcome[0].reason, S(", which is there too")) != SIZE_MAX;
    assert_int_equal(told, r.component[0].outcome[0].outcome == OUTCOME_AFFECTED);
    n++;
  }
  assert_true(n >= 8);
}

static void cve_cases(void **state) {
  (void)state;
  const char *const paths[] = { VULN_DIR "/test", VULN_DIR "/test_nvd/nvd.json", VULN_DIR "/test_cve/cve.json" };
  case_file(paths, 3, VULN_DIR "/test_cve/cve.data", 17);
}

static void csaf_cases(void **state) {
  (void)state;
  const char *const paths[] = { VULN_DIR "/test", VULN_DIR "/test_nvd/nvd.json", VULN_DIR "/test_csaf/csaf.json" };
  case_file(paths, 3, VULN_DIR "/test_csaf/csaf.data", 11);
}

static void enriched(void **state) {
  (void)state;
  AUTO(Cx) cx = cx_new(128u << 20);
  AUTO(SnapshotRef) s = NULL;
  ScanResult r;
  const char *const paths[] = { VULN_DIR "/test_cve/cve.json" };
  opened(&cx, paths, 1, "enriched", &s);
  VulnTarget t = { .purl = S("pkg:npm/cvepack@2.5.0") };
  assert_int_equal(vuln_scan(&cx, s, &t, 1, &r), E_OK);
  const VulnOutcome *o = &r.component[0].outcome[0];
  assert_true(o->kev && o->cvss_x10 == 98 && str_eq(o->source, S("CVE")));
  assert_string_equal(o->ssvc[0], "active");
  assert_string_equal(o->ssvc[1], "yes");
  assert_string_equal(o->ssvc[2], "total");
  o = &r.component[0].outcome[1]; /* one record about npm does not cover npm */
  assert_true(r.component[0].noutcomes == 2 && str_eq(o->rule, S("ecosystem-not-covered")));
}

/* The same catalog of exploited vulnerabilities as JSON and as CSV. */
static void kev_as_csv(void **state) {
  (void)state;
  AUTO(Cx) cx = cx_new(128u << 20);
  AUTO(SnapshotRef) s = NULL;
  ScanResult r;
  const char *file = temporary(&cx, "kev.csv");
  Str csv = S("cveID,vendorProject,product,vulnerabilityName,dateAdded,knownRansomwareCampaignUse\r\n"
              "CVE-2023-0001,Acme,Pump,\"Acme, \"\"Pump\"\"\nflaw\",2025-03-01,Known\r\n");
  assert_int_equal(file_write(&cx, file, csv, 0600), E_OK);
  const char *const paths[] = { file, VULN_DIR "/test_nvd/nvd.json" };
  opened(&cx, paths, 2, "kevs", &s);
  (void)unlink(file);
  VulnTarget t = { .cpe = S("cpe:2.3:a:acme:pump:1.5:*:*:*:*:*:*:*") };
  assert_int_equal(vuln_scan(&cx, s, &t, 1, &r), E_OK);
  assert_true(r.component[0].outcome[0].kev);
  assert_true(str_eq(snapshot_source(s, 0).name, S("KEV")) && str_eq(snapshot_source(s, 0).newest, S("2025-03-01")));
}

/* Corrected configurations, the record's own score. */
static void corrected(void **state) {
  (void)state;
  AUTO(Cx) cx = cx_new(128u << 20);
  AUTO(SnapshotRef) s = NULL;
  ScanResult r;
  const char *const paths[] = { VULN_DIR "/test_nvd" };
  opened(&cx, paths, 1, "corrected", &s);
  VulnTarget t[] = { { .cpe = S("cpe:2.3:a:acme:pump:1.5:*:*:*:*:*:*:*") },
                     { .cpe = S("cpe:2.3:a:acme:pump:1.1:*:*:*:*:*:*:*") } };
  assert_int_equal(vuln_scan(&cx, s, t, 2, &r), E_OK);
  assert_int_equal(r.component[0].worst, OUTCOME_NOT_AFFECTED);
  assert_int_equal(r.component[1].worst, OUTCOME_AFFECTED);
  assert_int_equal(r.component[1].outcome[0].cvss_x10, 98);
}

static void same_bytes(void **state) {
  (void)state;
  AUTO(Cx) cx = cx_new(256u << 20);
  const char *const one[] = { VULN_DIR "/test", VULN_DIR "/test_nvd", VULN_DIR "/test_cve", VULN_DIR "/test_csaf" };
  const char *const two[] = { VULN_DIR "/test_csaf", VULN_DIR "/test_cve", VULN_DIR "/test_nvd", VULN_DIR "/test",
                              VULN_DIR "/test_cve" };
  const char *file = temporary(&cx, "same");
  FeedBuild a, b;
  assert_int_equal(feed_build(&cx, one, 4, file, &a), E_OK);
  assert_int_equal(feed_build(&cx, two, 5, file, &b), E_OK);
  (void)unlink(file);
  assert_true(str_eq(a.sha256, b.sha256));
  assert_int_equal(a.nsources, 6);
}

static void words_and_ids(void **state) {
  (void)state;
  AUTO(Cx) cx = cx_new(128u << 20);
  AUTO(SnapshotRef) s = NULL;
  ScanResult r;
  const char *const paths[] = { VULN_DIR "/test", VULN_DIR "/test_nvd/nvd.json" };
  opened(&cx, paths, 2, "words", &s);
  VulnTarget t[] = {
    { .cpe = S("cpe:2.3:o:acme:pump_firmware:1.0:*:*:*:*:*:*:*") },
    { .purl = S("pkg:npm/left@1.2.0"), .cpe = S("cpe:2.3:a:acme:left:1.2.0:*:*:*:*:*:*:*") },
    { .name = S("pump"), .version = S("1.5"), .other_ids = S("swid:x\ncpe:2.3:a:acme:pump:1.5:*:*:*:*:*:*:*") },
  };
  assert_int_equal(vuln_scan(&cx, s, t, COUNT(t), &r), E_OK);
  const VulnOutcome *o = &r.component[0].outcome[0];
  assert_true(str_find(o->reason, S("only together with acme pump_5 or acme pump_6")) != SIZE_MAX && o->tier == 'C');
  o = &r.component[1].outcome[1];
  assert_true(str_find(o->reason, S("but NVD CVE-2024-0001 says affected")) != SIZE_MAX &&
              str_eq(o->source, S("OSV")));
  o = &r.component[2].outcome[0];
  assert_true(str_eq(o->id, S("CVE-2023-0001")) && o->outcome == OUTCOME_AFFECTED && o->nfixed == 1 &&
              o->cvss_x10 == 98);
  assert_true(str_eq(o->fixed[0], S("2.0")) && str_eq(o->source, S("NVD")));
}

int main(void) {
  AUTO(Cx) cx = cx_new(1u << 20);
  if (crypto_start(&cx) != E_OK) return 1;
  const struct CMUnitTest tests[] = { cmocka_unit_test(nvd_cases),  cmocka_unit_test(together_cases),
                                      cmocka_unit_test(cve_cases),  cmocka_unit_test(csaf_cases),
                                      cmocka_unit_test(enriched),   cmocka_unit_test(kev_as_csv),
                                      cmocka_unit_test(same_bytes), cmocka_unit_test(corrected),
                                      cmocka_unit_test(words_and_ids) };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
