/* Which earlier decision covers a component, and what it may do to a patient: small graphs in memory, a case a line.
 */
#include "app/triage.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <cmocka.h>
#undef fail

static void put(Cx *cx, Graph *g, const char *type, const char *id, const char *state, const char *products,
                const char *fields, const char *links) {
  Record r = { 0 };
  Str body = str_fmt(
      cx->arena,
      "{\"fields\":{%s},\"id\":\"%s\",\"links\":{%s},\"model\":1,\"owner\":\"U000001\",\"products\":[%s],\"rev\":1,"
      "\"title\":\"%s\",\"type\":\"%s\"}",
      fields, id, links, products, id, type);
  if (record_parse(cx, body, &r) != E_OK) print_message("%s: %.*s\n", id, STR(cx->words));
  assert_int_equal(cx->err, E_OK);
  r.state = str_of(state);
  r.is_last = true;
  if (graph_put(cx, g, &r, STR_NONE) != E_OK) print_message("%s: %.*s\n", id, STR(cx->words));
  assert_int_equal(cx->err, E_OK);
}

#define TO(name, to) "\"" name "\":[{\"seen\":\"\",\"self\":\"\",\"to\":\"" to "\"}]"

static Graph *places(Cx *cx) {
  Graph *g = graph_new(32u << 20);
  put(cx, g, "product", "p1", "draft", "", "", "");
  put(cx, g, "product", "p2", "draft", "", "", "");
  put(cx, g, "release", "R1", "planned", "\"p1\"", "", "");
  put(cx, g, "release", "R2", "planned", "\"p1\"", "", "");
  put(cx, g, "element", "E1", "draft", "\"p1\"", "", "");
  put(cx, g, "element", "E2", "draft", "\"p1\"", "", "");
  return g;
}

typedef struct Row {
  const char *products, *fields, *links; /* of the statement */
  const char *vuln, *purl, *version, *product, *release, *element;
  DecisionFit fit;
} Row;
#define STATES "\"status\":\"not_affected\",\"vulnerability\":\"CVE-2026-1\",\"impact\":\"not built\",\"package\":"

static const Row rows[] = {
  /* the release at hand alone */
  { "\"p1\"", STATES "\"pkg:deb/debian/z\"", TO("in", "R1"), "CVE-2026-1", "pkg:deb/debian/z@1", "1", "p1", "R1",
    "E1", FIT_YES },
  { "\"p1\"", STATES "\"pkg:deb/debian/z\"", TO("in", "R1"), "CVE-2026-1", "pkg:deb/debian/z@1", "1", "p1", "R2",
    "E1", FIT_NEAR },
  /* every release of the device; not of another one */
  { "\"p1\"", STATES "\"pkg:deb/debian/z\",\"scope\":\"product\"", TO("in", "R1"), "CVE-2026-1", "pkg:deb/debian/z@1",
    "1", "p1", "R2", "E1", FIT_YES },
  { "\"p1\"", STATES "\"pkg:deb/debian/z\",\"scope\":\"product\"", "", "CVE-2026-1", "pkg:deb/debian/z@1", "1", "p2",
    NULL, NULL, FIT_NEAR },
  { "", STATES "\"pkg:deb/debian/z\",\"scope\":\"all_products\"", "", "CVE-2026-1", "pkg:deb/debian/z@1", "1", "p2",
    NULL, NULL, FIT_YES },
  /* versions of the package */
  { "\"p1\"", STATES "\"pkg:deb/debian/z\",\"scope\":\"product\",\"package_versions\":\"vers:deb/1|2\"", "",
    "CVE-2026-1", "pkg:deb/debian/z@2", "2", "p1", "R2", "E1", FIT_YES },
  { "\"p1\"", STATES "\"pkg:deb/debian/z\",\"scope\":\"product\",\"package_versions\":\"vers:deb/1|2\"", "",
    "CVE-2026-1", "pkg:deb/debian/z@3", "3", "p1", "R2", "E1", FIT_NEAR },
  { "\"p1\"", STATES "\"pkg:deb/debian/z@1\",\"scope\":\"product\"", "", "CVE-2026-1", "pkg:deb/debian/z@3", "3",
    "p1", "R2", "E1", FIT_NEAR },
  { "\"p1\"", STATES "\"pkg:deb/debian/z\",\"scope\":\"product\",\"package_versions\":\"vers:deb/>=1|<3\"", "",
    "CVE-2026-1", "pkg:deb/debian/z@2", "2", "p1", "R2", "E1", FIT_YES },
  /* another element, another package, another vulnerability, an alias */
  { "\"p1\"", STATES "\"pkg:deb/debian/z\",\"scope\":\"product\"", TO("on", "E1"), "CVE-2026-1", "pkg:deb/debian/z@1",
    "1", "p1", "R1", "E2", FIT_NEAR },
  { "\"p1\"", STATES "\"pkg:deb/debian/z\",\"scope\":\"product\"", TO("on", "E1"), "CVE-2026-1", "pkg:deb/debian/z@1",
    "1", "p1", "R1", "E1", FIT_YES },
  { "\"p1\"", STATES "\"pkg:deb/debian/z\"", "", "CVE-2026-1", "pkg:deb/debian/y@1", "1", "p1", "R1", "E1", FIT_NO },
  { "\"p1\"", STATES "\"pkg:deb/debian/z\"", "", "CVE-2026-2", "pkg:deb/debian/z@1", "1", "p1", "R1", "E1", FIT_NO },
  { "\"p1\"", STATES "\"pkg:deb/debian/z\"", "", "GHSA-of-CVE-2026-1", "pkg:deb/debian/z@1", "1", "p1", "R1", "E1",
    FIT_YES },
};

static Node node_of(const Graph *g, const char *id) { return id ? graph_find(g, str_of(id)) : NODE_NONE; }

static void scopes(void **state) {
  (void)state;
  for (size_t i = 0; i < COUNT(rows); i++) {
    AUTO(Cx) cx = cx_new(64u << 20);
    const Row *r = &rows[i];
    Graph *g = places(&cx);
    Decisions all = { 0 };
    Str why, ids[2] = { str_of(r->vuln), S("CVE-2026-1") };
    put(&cx, g, "vex_statement", "VEX-1", "not_affected", r->products, r->fields, r->links);
    graph_settle(g);
    assert_int_equal(decisions_load(&cx, g, &all), E_OK);
    assert_int_equal(all.n, 1);
    assert_true(all.p[0].in_force);
    DecisionCase c = { .id = ids,
                       .nid = str_starts(ids[0], S("GHSA")) ? 2 : 1,
                       .purl = str_of(r->purl),
                       .name = S("z"),
                       .version = str_of(r->version),
                       .product = node_of(g, r->product),
                       .release = node_of(g, r->release),
                       .element = node_of(g, r->element) };
    DecisionFit fit = decision_fit(&cx, g, &all.p[0], &c, &why);
    if (fit != r->fit) print_message("case %zu: %d instead of %d, %.*s\n", i, fit, r->fit, STR(why));
    assert_int_equal(fit, r->fit);
    if (fit == FIT_NEAR) assert_true(why.n > 0);
    graph_close(g);
  }
}

/* ---- clinical risk ------------------------------------------------------------------------------------- */

typedef struct Risk {
  const char *vector, *kev;
  int64_t epss_x1e9;
  Answers answers;
  const char *exploitability, *severity, *level, *priority;
} Risk;
#define N_L "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:N/I:N/A:H"
#define LOCAL "CVSS:3.1/AV:L/AC:L/PR:L/UI:N/S:U/C:N/I:H/A:N"

/* The element is targeted by a denial of service that leads to S3 and by tampering that leads to S5. */
static const Risk risks[] = {
  { N_L, NULL, 0, { .reach = { NULL, 0 } }, "e5", "s3", "high", "out-of-cycle" },
  { LOCAL, NULL, 0, { .reach = { NULL, 0 } }, "e3", "s5", "high", "out-of-cycle" },
  { LOCAL, NULL, 200000000, { .reach = { NULL, 0 } }, "e4", "s5", "high", "out-of-cycle" },
  { LOCAL, "2026-01-01", 0, { .reach = { NULL, 0 } }, "e5", "s5", "high", "immediate" },
  { LOCAL, "2026-01-01", 0, { .reachable = { "no", 2 } }, "e5", "s5", "high", "immediate" },
  { LOCAL, NULL, 0, { .reachable = { "no", 2 } }, "e1", "s5", "medium", "out-of-cycle" },
  { LOCAL, NULL, 0, { .protection = { "fully_blocked", 13 } }, "e2", "s5", "high", "out-of-cycle" },
  { N_L,
    NULL,
    0,
    { .reach = { "physical", 8 }, .login = { "administrator", 13 } },
    "e1",
    "s3",
    "low",
    "out-of-cycle" },
  { N_L, NULL, 0, { .exploit = { "in_the_wild", 11 } }, "e5", "s3", "high", "immediate" },
  { "AV:N/AC:L/Au:N/C:N/I:N/A:P", NULL, 0, { .reach = { NULL, 0 } }, "e5", "s3", "high", NULL },
  { "CVSS:4.0/AV:P/AC:H/AT:P/PR:H/UI:A/VC:N/VI:H/VA:N/SC:N/SI:N/SA:N",
    NULL,
    0,
    { .reach = { NULL, 0 } },
    "e1",
    "s5",
    "medium",
    NULL },
};

static void clinical(void **state) {
  (void)state;
  for (size_t i = 0; i < COUNT(risks); i++) {
    AUTO(Cx) cx = cx_new(64u << 20);
    const Risk *r = &risks[i];
    Graph *g = places(&cx);
    Nodes elements = { 0 };
    Clinical c;
    put(&cx, g, "harm", "H3", "draft", "\"p1\"", "\"severity\":\"s3\"", "");
    put(&cx, g, "harm", "H5", "draft", "\"p1\"", "\"severity\":\"s5\"", "");
    put(&cx, g, "situation", "S3", "draft", "\"p1\"", "\"sequence\":\"x\"", TO("results_in", "H3"));
    put(&cx, g, "situation", "S5", "draft", "\"p1\"", "\"sequence\":\"x\"", TO("results_in", "H5"));
    put(&cx, g, "threat", "T3", "draft", "\"p1\"", "\"category\":\"attack\",\"stride\":\"denial_of_service\"",
        TO("leads_to", "S3") "," TO("targets", "E1"));
    put(&cx, g, "threat", "T5", "draft", "\"p1\"", "\"category\":\"attack\",\"stride\":\"tampering\"",
        TO("leads_to", "S5") "," TO("targets", "E1"));
    graph_settle(g);
    vec_add(cx.arena, &elements, graph_find(g, S("E1")));
    VulnAbout about = { .vector = str_of(r->vector), .kev_added = str_of(r->kev), .epss_x1e9 = r->epss_x1e9 };
    assert_int_equal(clinical_judge(&cx, g, NODE_NONE, &elements, &about, &r->answers, &c), E_OK);
    bool same = str_eq(c.exploitability, str_of(r->exploitability)) && str_eq(c.path.severity, str_of(r->severity)) &&
                str_eq(c.level, str_of(r->level)) &&
                (!r->priority || str_eq(c.supplier.outcome, str_of(r->priority)));
    if (!same)
      print_message("case %zu: %.*s %.*s %.*s %.*s (%.*s)\n", i, STR(c.exploitability), STR(c.path.severity),
                    STR(c.level), STR(c.supplier.outcome), STR(c.exploitability_why));
    assert_true(same);
    graph_close(g);
  }
}

static int start(void **state) {
  (void)state;
  AUTO(Cx) cx = cx_new(16u << 20);
  return app_start(&cx) == E_OK ? 0 : 1;
}

int main(void) {
  const struct CMUnitTest tests[] = { cmocka_unit_test(scopes), cmocka_unit_test(clinical) };
  return cmocka_run_group_tests(tests, start, NULL);
}
