/* csaf_check_extension.c - extensions in a document of CSAF 2.1: whole, and what readers lose who do not know them. */
#include "vuln/csaf_check_inside.h"

static void content(Csaf *c, JVal *x, Str where) {
  static const char *const categories[] = { "essential", "significant", "supplementary", NULL };
  static const char *const members[] = { "$schema", "category", "content", "critical", NULL };
  Str schema = json_text(x, "$schema");
  JVal *critical = json_get(x, "critical");
  if (!str_starts(schema, S("https://")))
    csaf_fault(c, "6.1.60.1", csaf_at(c, "%.*s/$schema", STR(where)), "it is no address");
  if (!is_one_of(json_text(x, "category"), categories))
    csaf_fault(c, "6.1.60.1", csaf_at(c, "%.*s/category", STR(where)), "it is none of the three categories");
  if (!yyjson_is_obj(json_get(x, "content")) || !yyjson_obj_size(json_get(x, "content")))
    csaf_fault(c, "6.1.60.1", csaf_at(c, "%.*s/content", STR(where)), "it is missing, or empty");
  if (!yyjson_is_bool(critical))
    csaf_fault(c, "6.1.60.1", csaf_at(c, "%.*s/critical", STR(where)), "it is missing, or neither true nor false");
  JSON_MEMBERS(key, value, x) {
    (void)value;
    if (!is_one_of(json_str(key), members))
      csaf_fault(c, "6.1.60.1", where, "an extension has no '%.*s'", STR(str_head(json_str(key), 40)));
  }
}

/* No extension is registered or official yet: all are experiments. */
static void one(Csaf *c, JVal *x, bool clear, Str where) {
  Str schema = str_head(json_text(x, "$schema"), 160);
  content(c, x, where);
  csaf_fault(c, "6.2.54.1", where, "%.*s is no registered extension", STR(schema));
  csaf_fault(c, "6.2.54.2", where, "%.*s is no official extension", STR(schema));
  if (yyjson_is_true(json_get(x, "critical"))) csaf_fault(c, "6.2.54.3", where, "it is critical");
  csaf_fault(c, clear ? "6.2.54.4" : "6.3.21.2", where, "%.*s may not be known to readers", STR(schema));
  if (str_eq(json_text(x, "category"), S("critical")))
    csaf_fault(c, "6.3.21.1", csaf_at(c, "%.*s/category", STR(where)), "it is critical");
}

/* Of the object that holds extensions; test: of their being there at all. */
static void of(Csaf *c, JVal *object, const char *test, bool clear, Str where) {
  JVal *list = json_get(object, "x_extensions");
  Str at = csaf_at(c, "%.*s/x_extensions", STR(where));
  size_t n = 0;
  if (!list) return;
  csaf_fault(c, test, at, "extensions stand here");
  JSON_EACH(x, list) one(c, x, clear, csaf_at(c, "%.*s/%zu", STR(at), n++));
}

void csaf_check_extensions(Csaf *c) {
  static const char *const ended[] = { "csaf_withdrawn", "csaf_superseded", NULL };
  bool clear = str_eq(json_text(json_get(json_get(c->document, "distribution"), "tlp"), "label"), S("CLEAR"));
  size_t v = 0;
  if (is_one_of(c->category, ended) && (json_get(c->root, "x_extensions") || json_get(c->document, "x_extensions")))
    csaf_fault(c, "6.2.39.5", S("/x_extensions"), "a document that no longer holds has none");
  of(c, c->document, "6.3.21.3", clear, S("/document"));
  for (size_t i = 0; i < c->product.n; i++) {
    const CsafDefined *p = &c->product.p[i];
    of(c, p->full, p->path ? "6.3.21.4" : p->way ? "6.3.21.6" : "6.3.21.5", clear, p->where);
  }
  JSON_EACH(vulnerability, c->vulnerabilities) {
    size_t m = 0;
    JSON_EACH(metric, json_get(vulnerability, "metrics"))
      of(c, json_get(metric, "content"), "6.3.21.7", clear,
         csaf_at(c, "/vulnerabilities/%zu/metrics/%zu/content", v, m++));
    of(c, vulnerability, "6.3.21.8", clear, csaf_at(c, "/vulnerabilities/%zu", v++));
  }
  of(c, c->root, "6.3.21.9", clear, S(""));
}
