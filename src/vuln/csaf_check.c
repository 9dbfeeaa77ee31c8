/* csaf_check.c - the mandatory tests of CSAF 2.0 and 2.1, run in the jail; their faults as JSON to the parent. */
#include "vuln/csaf_check_inside.h"
#include <stdarg.h>

enum { FAULTS_KEPT = 200, REPORT_MAX = 1 << 20, DOCUMENT_MAX = 64 << 20 };

Str csaf_at(Csaf *c, const char *fmt, ...) {
  va_list args;
  va_start(args, fmt);
  Str s = str_vfmt(c->cx->arena, fmt, args);
  va_end(args);
  return s;
}

void csaf_fault(Csaf *c, const char *test, Str where, const char *fmt, ...) {
  if (c->report->faults++ >= FAULTS_KEPT) return;
  va_list args;
  va_start(args, fmt);
  Str what = str_vfmt(c->cx->arena, fmt, args);
  va_end(args);
  vec_add(c->cx->arena, &c->report->fault, (CsafFault){ str_of(test), where, what });
}

Str csaf_unchecked(Str version) {
  if (!str_starts(version, S("2.1"))) return S("6.2 (20 optional tests), 6.3 (11 informative tests)");
  return S("6.1.27.13, 6.1.48, of 6.1.55 licences that no list has, 6.2 (47 recommended tests), 6.3 (18 informative "
           "tests)");
}

Err csaf_check_parse(Cx *cx, Str bytes, CsafReport *out) {
  CsafReport r = { 0 };
  Csaf c = { .cx = cx, .report = &r, .product_at = map_new(cx->arena, 256), .group_at = map_new(cx->arena, 64) };
  TRY(json_read(cx, bytes, &JSON_DOCUMENT, &c.root));
  c.document = json_get(c.root, "document");
  r.version = json_text(c.document, "csaf_version");
  if (!str_starts(r.version, S("2.")))
    return fail(cx, E_FORMAT, "This is no CSAF 2 document: it has no csaf_version");
  c.new_rules = str_starts(r.version, S("2.1"));
  c.tracking = json_get(c.document, "tracking");
  c.tree = json_get(c.root, "product_tree");
  c.vulnerabilities = json_get(c.root, "vulnerabilities");
  c.category = json_text(c.document, "category");
  r.id = json_text(c.tracking, "id");
  csaf_check_document(&c);
  csaf_check_history(&c);
  csaf_check_tree(&c);
  csaf_check_vulnerabilities(&c);
  csaf_check_scores(&c);
  csaf_check_profile(&c);
  if (c.new_rules) csaf_check_21(&c);
  *out = r;
  return E_OK;
}

/* ---- through the jail ---------------------------------------------------------------------------------- */

static Err in_jail(Cx *cx, void *env, Str input, Buf *answer) {
  CsafReport r;
  (void)env;
  TRY(csaf_check_parse(cx, input, &r));
  JsonOut o = json_out(answer, false);
  json_object(&o);
  json_pair(&o, "id", str_head(r.id, 400));
  json_pair(&o, "version", str_head(r.version, 20));
  json_pair_int(&o, "faults", r.faults);
  json_key(&o, "list");
  json_array(&o);
  for (size_t i = 0; i < r.fault.n; i++) {
    json_object(&o);
    json_pair(&o, "test", r.fault.p[i].test);
    json_pair(&o, "where", str_head(r.fault.p[i].where, 400));
    json_pair(&o, "what", str_head(r.fault.p[i].what, 400));
    json_object_end(&o);
  }
  json_array_end(&o);
  json_object_end(&o);
  return answer->over ? fail(cx, E_TOO_LARGE, "The faults need more than %zu bytes", answer->max) : E_OK;
}

Err csaf_check(Cx *cx, Str bytes, CsafReport *out) {
  Str answer;
  JVal *root;
  if (bytes.n > DOCUMENT_MAX) return fail(cx, E_TOO_LARGE, "The file is larger than %d MiB", DOCUMENT_MAX >> 20);
  TRY(jail_run(cx, &JAIL_STANDARD, in_jail, NULL, bytes, &answer));
  if (answer.n > REPORT_MAX) return fail(cx, E_UNREADABLE, "The checker answered more than a report has");
  TRY(json_read(cx, answer, &JSON_BODY, &root));
  CsafReport r = { .id = json_text(root, "id"),
                   .version = json_text(root, "version"),
                   .faults = (uint32_t)json_int(root, "faults", 0) };
  JSON_EACH(v, json_get(root, "list"))
  vec_add(cx->arena, &r.fault, ((CsafFault){ json_text(v, "test"), json_text(v, "where"), json_text(v, "what") }));
  *out = r;
  return E_OK;
}
