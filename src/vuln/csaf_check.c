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
  bool fault = str_of(test).p[0] != '6' || test[2] == '1';
  uint32_t *n = fault ? &c->report->faults : &c->report->advices;
  if ((*n)++ >= FAULTS_KEPT) return;
  va_list args;
  va_start(args, fmt);
  Str what = str_vfmt(c->cx->arena, fmt, args);
  va_end(args);
  CsafFault f = { str_of(test), where, what };
  if (fault) vec_add(c->cx->arena, &c->report->fault, f);
  else vec_add(c->cx->arena, &c->report->advice, f);
}

Str csaf_unchecked(Str version) {
  if (!str_starts(version, S("2.1")))
    return S("6.3.6 and 6.3.7 (they ask the network), 6.3.8 (it needs dictionaries)");
  return S(
      "6.1.60.2 and 6.1.60.3 (schemas of extensions are not here), 6.2.23, 25 and 26 of weaknesses beyond the most "
      "frequent, 6.2.24 of versions of the CWE after 4.19, 6.2.39.2 to 4, 39.6, 40 and 46 in languages but English "
      "and German, 6.2.44 and 45 of the ScanCode LicenseDB, 6.2.55, 6.3.6, 6.3.7 and 6.3.24 (they ask the "
      "network), 6.3.8 and 6.3.16 (they need dictionaries)");
}

/* In this order: the tree names the products that the others speak of. */
static const struct { void (*run)(Csaf *c); bool only_21; } checks[] = {
  { csaf_check_document, false },    { csaf_check_history, false },  { csaf_check_tree, false },
  { csaf_check_vulnerabilities, false }, { csaf_check_scores, false }, { csaf_check_profile, false },
  { csaf_check_21, true },           { csaf_check_license, true },   { csaf_check_ssvc, true },
  { csaf_check_extensions, true },   { csaf_check_corresponding, true }, { csaf_check_shape, false },
  { csaf_check_ranges, false },      { csaf_check_advice, false },   { csaf_check_advice_tree, false },
  { csaf_check_advice_vulnerabilities, false },
};

Err csaf_check_parse(Cx *cx, Str bytes, CsafReport *out) {
  CsafReport r = { 0 };
  Csaf c = { .cx = cx, .report = &r, .product_at = map_new(cx->arena, 256), .group_at = map_new(cx->arena, 64),
             .used = map_new(cx->arena, 256) };
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
  Str lang = json_text(c.document, "lang");
  c.english = !lang.n || str_eq_nocase(str_slice(lang, 0, 2), S("en"));
  c.german = str_eq_nocase(str_slice(lang, 0, lang.n < 2 ? lang.n : 2), S("de"));
  for (size_t i = 0; i < COUNT(checks); i++)
    if (!checks[i].only_21 || c.new_rules) checks[i].run(&c);
  *out = r;
  return E_OK;
}

/* ---- through the jail ---------------------------------------------------------------------------------- */

static void put_list(JsonOut *o, const char *key, const CsafFault *p, size_t n) {
  json_key(o, key);
  json_array(o);
  for (size_t i = 0; i < n; i++) {
    json_object(o);
    json_pair(o, "test", p[i].test);
    json_pair(o, "where", str_head(p[i].where, 400));
    json_pair(o, "what", str_head(p[i].what, 400));
    json_object_end(o);
  }
  json_array_end(o);
}

static Err in_jail(Cx *cx, void *env, Str input, Buf *answer) {
  CsafReport r;
  (void)env;
  TRY(csaf_check_parse(cx, input, &r));
  JsonOut o = json_out(answer, false);
  json_object(&o);
  json_pair(&o, "id", str_head(r.id, 400));
  json_pair(&o, "version", str_head(r.version, 20));
  json_pair_int(&o, "faults", r.faults);
  json_pair_int(&o, "advices", r.advices);
  put_list(&o, "list", r.fault.p, r.fault.n);
  put_list(&o, "advice", r.advice.p, r.advice.n);
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
                   .faults = (uint32_t)json_int(root, "faults", 0),
                   .advices = (uint32_t)json_int(root, "advices", 0) };
  JSON_EACH(v, json_get(root, "list"))
  vec_add(cx->arena, &r.fault, ((CsafFault){ json_text(v, "test"), json_text(v, "where"), json_text(v, "what") }));
  JSON_EACH(v, json_get(root, "advice"))
  vec_add(cx->arena, &r.advice, ((CsafFault){ json_text(v, "test"), json_text(v, "where"), json_text(v, "what") }));
  *out = r;
  return E_OK;
}
