/* junit.c - a scan as JUnit. */
#include "app/scan/inside.h"

/* Characters that XML 1.0 does not have become '?'. */
static void xml_text(Cx *cx, Buf *b, Str s) {
  Buf clean = buf_new(cx->arena, 1 << 20);
  for (size_t i = 0; i < s.n; i++) {
    unsigned char c = (unsigned char)s.p[i];
    buf_byte(&clean, c < 0x20 && c != '\t' && c != '\n' ? '?' : s.p[i]);
  }
  html_text(b, buf_str(&clean));
}

/* What is decided to be no problem fails no build. */
static bool passes(const VulnOutcome *v) { return v->outcome > OUTCOME_NOT_ASSESSABLE || scan_dismissed(v); }

static void junit_case(Cx *cx, Buf *b, const ScanComponent *c, const VulnOutcome *v) {
  ScanRow r = { c, v, STR_NONE };
  buf_z(b, "    <testcase classname=\"");
  xml_text(cx, b, scan_part(cx, &r));
  buf_z(b, "\" name=\"");
  xml_text(cx, b, v ? scan_rule(&r) : S("nothing known"));
  if (!v || passes(v)) {
    buf_z(b, "\"/>\n");
    return;
  }
  buf_z(b, "\">\n");
  bool skipped = v->outcome == OUTCOME_NOT_ASSESSABLE;
  buf_fmt(b, "      <%s ", skipped ? "error type=\"not-assessable\"" : "failure");
  if (!skipped) buf_fmt(b, "type=\"%s\" ", outcome_name(v->outcome));
  buf_z(b, "message=\"");
  xml_text(cx, b, scan_message(cx, &r));
  buf_z(b, "\"/>\n    </testcase>\n");
}

static void junit_property(Cx *cx, Buf *b, const char *name, Str value) {
  buf_fmt(b, "      <property name=\"%s\" value=\"", name);
  xml_text(cx, b, value);
  buf_z(b, "\"/>\n");
}

void scan_junit(Cx *cx, const ScanOut *s, Buf *b) {
  size_t tests = 0, failures = 0, errors = 0;
  for (size_t i = 0; i < s->result->ncomponents; i++) {
    const ScanComponent *c = &s->result->component[i];
    tests += c->noutcomes ? c->noutcomes : 1;
    for (size_t k = 0; k < c->noutcomes; k++) {
      errors += c->outcome[k].outcome == OUTCOME_NOT_ASSESSABLE;
      failures += c->outcome[k].outcome < OUTCOME_NOT_ASSESSABLE && !passes(&c->outcome[k]);
    }
  }
  buf_z(b, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n");
  buf_fmt(b, "<testsuites tests=\"%zu\" failures=\"%zu\" errors=\"%zu\">\n", tests, failures, errors);
  buf_z(b, "  <testsuite name=\"");
  xml_text(cx, b, s->file);
  buf_fmt(b, "\" tests=\"%zu\" failures=\"%zu\" errors=\"%zu\" skipped=\"0\">\n    <properties>\n", tests, failures,
          errors);
  junit_property(cx, b, "snapshot", snapshot_sha256(s->snap));
  junit_property(cx, b, "snapshot-newest", snapshot_newest(s->snap));
  junit_property(cx, b, "snapshot-sources", scan_sources(cx, s->snap));
  for (unsigned i = 0; i < OUTCOME_COUNT; i++)
    junit_property(cx, b, outcome_name((Outcome)i), str_fmt(cx->arena, "%lld", (long long)s->result->count[i]));
  buf_z(b, "    </properties>\n");
  for (size_t i = 0; i < s->result->ncomponents; i++) {
    const ScanComponent *c = &s->result->component[i];
    if (!c->noutcomes) junit_case(cx, b, c, NULL);
    for (size_t k = 0; k < c->noutcomes; k++) junit_case(cx, b, c, &c->outcome[k]);
  }
  buf_z(b, "  </testsuite>\n</testsuites>\n");
}
