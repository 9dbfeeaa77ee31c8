/* vex_read.c - OpenVEX, CycloneDX (JSON, XML) and CSAF into statements.  In the jail; answers length-prefixed text. */
#include "supply/supply.h"
#include "vuln/vex_read.h"

enum { PROBLEMS_KEPT = 100, PRODUCTS_MAX = 2000 };

static Str text(JVal *o, const char *key) { return json_text(o, key); }

void vex_left_out(Cx *cx, VexDoc *d, Str where, const char *why) {
  if (d->left_out++ < PROBLEMS_KEPT)
    vec_add(cx->arena, &d->problem, str_fmt(cx->arena, "%.*s: %s", STR(str_head(where, 80)), why));
}

bool vex_product_is(Cx *cx, const VexProduct *p, Str version) {
  Cx probe = { .arena = cx->arena };
  bool holds = false;
  if (!p->range.n) return true;
  if (!str_starts(p->range, S("vers:"))) return str_eq(p->range, version);
  return vers_holds(&probe, p->range, version, &holds) == E_OK && holds;
}

static const char *const statuses[] = { "not_affected", "affected", "fixed", "under_investigation", NULL };
static const char *const justifications[] = { "component_not_present",
                                              "vulnerable_code_not_present",
                                              "vulnerable_code_not_in_execute_path",
                                              "vulnerable_code_cannot_be_controlled_by_adversary",
                                              "inline_mitigations_already_exist",
                                              NULL };

Str vex_justification(Str word) { return is_one_of(word, justifications) ? word : STR_NONE; }

Str vex_joined(Cx *cx, Str list, Str word) {
  if (!word.n) return list;
  return list.n ? str_fmt(cx->arena, "%.*s %.*s", STR(list), STR(word)) : word;
}

Err vex_add(Cx *cx, VexDoc *d, const VexStatement *s) {
  if (!s->vuln.n) vex_left_out(cx, d, d->id, "a statement names no vulnerability");
  else if (!is_one_of(s->status, statuses)) vex_left_out(cx, d, s->vuln, "its status is none of the four");
  else if (!s->whole.n && !s->part.n) vex_left_out(cx, d, s->vuln, "it names no product");
  else if (d->statement.n == VEX_MAX_STATEMENTS)
    return fail(cx, E_TOO_LARGE, "more than %d statements", VEX_MAX_STATEMENTS);
  else vec_add(cx->arena, &d->statement, *s);
  return E_OK;
}

/* ---- OpenVEX ------------------------------------------------------------------------------------------- */

static VexProduct openvex_product(JVal *v) {
  if (json_str(v).n) return (VexProduct){ .id = json_str(v), .purl = json_str(v) };
  JVal *ids = json_get(v, "identifiers");
  VexProduct p = { .id = text(v, "@id"), .purl = text(ids, "purl"), .cpe = text(ids, "cpe23") };
  if (!p.cpe.n) p.cpe = text(ids, "cpe22");
  if (!p.purl.n && str_starts(p.id, S("pkg:"))) p.purl = p.id;
  return p;
}

/* What is over the limit is told. */
static void add_product(Cx *cx, VexDoc *d, const VexStatement *s, VexProducts *to, VexProduct p) {
  if (to->n < PRODUCTS_MAX) vec_add(cx->arena, to, p);
  else vex_left_out(cx, d, s->vuln, "a statement of it names more than 2,000 products");
}

static void openvex_products(Cx *cx, VexDoc *d, JVal *list, VexStatement *s) {
  JSON_EACH(v, list) {
    add_product(cx, d, s, &s->whole, openvex_product(v));
    JSON_EACH(sub, json_get(v, "subcomponents")) add_product(cx, d, s, &s->part, openvex_product(sub));
  }
}

static Err openvex(Cx *cx, JVal *root, VexDoc *d) {
  d->format = S("OpenVEX");
  d->id = text(root, "@id");
  d->author = text(root, "author");
  d->role = text(root, "role");
  d->time = text(root, "timestamp");
  d->version = text(root, "version");                                /* text before 0.2.0 */
  if (!d->version.n) d->version = str_fmt(cx->arena, "%lld", (long long)json_int(root, "version", 0));
  Str context = text(root, "@context");
  size_t at = str_rfind_char(context, '/');
  d->spec = at == SIZE_MAX ? STR_NONE : str_slice(context, at + 1, context.n);
  if (str_eq(d->spec, S("ns"))) d->spec = S("v0.0");
  JSON_EACH(v, json_get(root, "statements")) {
    JVal *vuln = json_get(v, "vulnerability");
    VexStatement s = { .status = text(v, "status"),
                       .justification = text(v, "justification"),
                       .impact = text(v, "impact_statement"),
                       .action = text(v, "action_statement"),
                       .time = text(v, "timestamp") };
    s.vuln = json_str(vuln).n ? json_str(vuln) : text(vuln, "name");
    if (!s.vuln.n) s.vuln = text(vuln, "@id");
    if (!s.time.n) s.time = d->time;
    s.justification = vex_justification(s.justification);
    JSON_EACH(alias, json_get(vuln, "aliases")) s.aliases = vex_joined(cx, s.aliases, json_str(alias));
    openvex_products(cx, d, json_get(v, "products"), &s);
    JSON_EACH(sub, json_get(v, "subcomponents"))                       /* beside the products before 0.2.0 */
      add_product(cx, d, &s, &s.part, openvex_product(sub));
    TRY(vex_add(cx, d, &s));
  }
  return E_OK;
}

/* ---- CycloneDX ----------------------------------------------------------------------------------------- */

/* The finer word, and what it is called in OpenVEX. */
static const char *const finer[][2] = {
  { "code_not_present", "vulnerable_code_not_present" },
  { "code_not_reachable", "vulnerable_code_not_in_execute_path" },
  { "requires_configuration", "vulnerable_code_cannot_be_controlled_by_adversary" },
  { "requires_dependency", "vulnerable_code_cannot_be_controlled_by_adversary" },
  { "requires_environment", "vulnerable_code_cannot_be_controlled_by_adversary" },
  { "protected_by_compiler", "inline_mitigations_already_exist" },
  { "protected_at_runtime", "inline_mitigations_already_exist" },
  { "protected_at_perimeter", "inline_mitigations_already_exist" },
  { "protected_by_mitigating_control", "inline_mitigations_already_exist" },
  { "false_positive", "component_not_present" }
};

static void cyclonedx_state(JVal *analysis, VexStatement *s) {
  static const char *const states[][2] = { { "resolved", "fixed" },
                                           { "resolved_with_pedigree", "fixed" },
                                           { "exploitable", "affected" },
                                           { "in_triage", "under_investigation" },
                                           { "not_affected", "not_affected" },
                                           { "false_positive", "not_affected" } };
  Str state = text(analysis, "state");
  s->cyclonedx = text(analysis, "justification");
  if (str_eq(state, S("false_positive")) || str_eq(state, S("resolved_with_pedigree"))) s->cyclonedx = state;
  for (size_t i = 0; i < COUNT(states); i++)
    if (str_eq(state, str_of(states[i][0]))) s->status = str_of(states[i][1]);
  if (!state.n) s->status = S("under_investigation");
  for (size_t i = 0; i < COUNT(finer) && str_eq(s->status, S("not_affected")); i++)
    if (str_eq(s->cyclonedx, str_of(finer[i][0]))) s->justification = str_of(finer[i][1]);
}

/* A reference of this document, of another one (BOM-Link), or a package URL. */
static VexProduct cyclonedx_ref(Cx *cx, const Map *at, const VexProducts *components, Str ref) {
  size_t i = map_get(at, ref), hash = str_find_char(ref, '#');
  if (i != MAP_NONE) return components->p[i];
  if (str_starts(ref, S("urn:cdx:")) && hash != SIZE_MAX) {
    Str inner = str_slice(ref, hash + 1, ref.n), plain = inner;
    Cx probe = { .arena = cx->arena };
    if (url_decode(&probe, inner, false, &plain) != E_OK) plain = inner;
    return (VexProduct){ .id = ref, .purl = str_starts(plain, S("pkg:")) ? plain : STR_NONE, .name = plain };
  }
  return (VexProduct){ .id = ref, .purl = str_starts(ref, S("pkg:")) ? ref : STR_NONE };
}

/* Components nest; the stack is ours, since the file decides how deep. */
static void cyclonedx_components(Cx *cx, JVal *root, Map *at, VexProducts *out) {
  VEC(Pending) stack = { 0 };
  JVal *subject = json_get(json_get(root, "metadata"), "component");
  if (subject) {
    map_put(at, text(subject, "bom-ref"), out->n);
    vec_add(cx->arena, out,
            (VexProduct){ text(subject, "bom-ref"), text(subject, "purl"), text(subject, "cpe"),
                          text(subject, "name"), text(subject, "version"), STR_NONE });
  }
  vec_add(cx->arena, &stack, ((Pending){ json_get(root, "components") }));
  while (stack.n) {
    JVal *list = stack.p[--stack.n].list;
    JSON_EACH(c, list) {
      Str ref = text(c, "bom-ref");
      if (ref.n) map_put(at, ref, out->n);
      vec_add(cx->arena, out,
              (VexProduct){ ref, text(c, "purl"), text(c, "cpe"), text(c, "name"), text(c, "version"),
                            STR_NONE });
      if (json_get(c, "components")) vec_add(cx->arena, &stack, ((Pending){ json_get(c, "components") }));
    }
  }
}

/* Versions beside a reference say to which of them the analysis goes; what is said of the others is no statement. */
static void cyclonedx_affects(Cx *cx, VexDoc *d, JVal *affects, VexProduct p, VexStatement *s) {
  JVal *versions = json_get(affects, "versions");
  if (json_get(versions, "version") && !yyjson_is_arr(versions)) versions = json_get(versions, "version");
  if (!versions) add_product(cx, d, s, &s->part, p);
  JSON_EACH(v, versions) {
    Str status = text(v, "status"), range = text(v, "range");
    if (status.n && !str_eq(status, S("affected"))) {
      vex_left_out(cx, d, s->vuln, "a version beside the affected ones is called unaffected or unknown");
      continue;
    }
    p.range = range.n ? range : text(v, "version");
    if (p.range.n) add_product(cx, d, s, &s->part, p);
  }
}

static Err cyclonedx(Cx *cx, JVal *root, VexDoc *d) {
  Map at = map_new(cx->arena, 256);
  VexProducts components = { 0 };
  JVal *meta = json_get(root, "metadata");
  d->format = S("CycloneDX");
  d->spec = text(root, "specVersion");
  d->id = text(root, "serialNumber");
  d->time = text(meta, "timestamp");
  d->version = str_fmt(cx->arena, "%lld", (long long)json_int(root, "version", 1));
  d->author = text(json_get(meta, "supplier"), "name");
  if (!d->author.n) d->author = text(json_get(meta, "manufacturer"), "name");
  JSON_EACH(a, json_get(meta, "authors")) if (!d->author.n) d->author = text(a, "name");
  cyclonedx_components(cx, root, &at, &components);
  JSON_EACH(v, json_get(root, "vulnerabilities")) {
    JVal *analysis = json_get(v, "analysis");
    VexStatement s = { .vuln = text(v, "id"),
                       .impact = text(analysis, "detail"),
                       .action = text(v, "recommendation") };
    cyclonedx_state(analysis, &s);
    s.time = text(analysis, "lastUpdated");
    if (!s.time.n) s.time = text(v, "updated");
    if (!s.time.n) s.time = d->time;
    JSON_EACH(r, json_get(v, "references")) s.aliases = vex_joined(cx, s.aliases, text(r, "id"));
    JVal *responses = json_get(analysis, "response");
    if (!responses) responses = json_get(json_get(analysis, "responses"), "response"); /* as XML has it */
    s.response = json_str(responses);
    JSON_EACH(r, responses) s.response = vex_joined(cx, s.response, json_str(r));
    JSON_EACH(a, json_get(v, "affects"))
      cyclonedx_affects(cx, d, a, cyclonedx_ref(cx, &at, &components, text(a, "ref")), &s);
    TRY(vex_add(cx, d, &s));
  }
  return E_OK;
}

/* ---- one of three -------------------------------------------------------------------------------------- */

Err vex_parse(Cx *cx, Str bytes, VexDoc *out) {
  JVal *root;
  VexDoc d = { 0 };
  if (str_starts(bytes, S("\xEF\xBB\xBF"))) bytes = str_slice(bytes, 3, bytes.n);
  if (str_starts(str_trim(bytes), S("<"))) {
    Buf json = buf_new(cx->arena, 4 * VEX_MAX_BYTES);
    TRY(xml_to_json(cx, bytes, &json));
    bytes = buf_str(&json);
  }
  TRY(json_read(cx, bytes, &JSON_DOCUMENT, &root));
  if (str_starts(text(root, "@context"), S("https://openvex.dev/ns"))) TRY(openvex(cx, root, &d));
  else if (str_eq(text(root, "bomFormat"), S("CycloneDX"))) TRY(cyclonedx(cx, root, &d));
  else if (text(json_get(root, "document"), "csaf_version").n) TRY(vex_csaf(cx, root, &d));
  else
    return fail(cx, E_FORMAT, "This is no VEX: not OpenVEX (@context), CycloneDX (bomFormat) or CSAF (csaf_version)");
  *out = d;
  return E_OK;
}

/* ---- through the jail: text with its length before it -------------------------------------------------- */

static void put(Buf *b, Str s) {
  buf_u32le(b, (uint32_t)s.n);
  buf_add(b, s);
}

static void put_products(Buf *b, const VexProducts *list) {
  buf_u32le(b, (uint32_t)list->n);
  for (size_t i = 0; i < list->n; i++) {
    const VexProduct *p = &list->p[i];
    const Str fields[] = { p->id, p->purl, p->cpe, p->name, p->version, p->range };
    for (size_t k = 0; k < COUNT(fields); k++) put(b, fields[k]);
  }
}

static Err in_jail(Cx *cx, void *env, Str input, Buf *answer) {
  VexDoc d;
  (void)env;
  TRY(vex_parse(cx, input, &d));
  const Str head[] = { d.format, d.spec, d.id, d.author, d.role, d.time, d.version };
  for (size_t i = 0; i < COUNT(head); i++) put(answer, head[i]);
  buf_u32le(answer, d.left_out);
  buf_u32le(answer, (uint32_t)d.problem.n);
  for (size_t i = 0; i < d.problem.n; i++) put(answer, d.problem.p[i]);
  buf_u32le(answer, (uint32_t)d.statement.n);
  for (size_t i = 0; i < d.statement.n; i++) {
    const VexStatement *s = &d.statement.p[i];
    const Str fields[] = { s->vuln,     s->aliases, s->status, s->justification, s->cyclonedx,
                           s->response, s->impact,  s->action, s->time };
    for (size_t k = 0; k < COUNT(fields); k++) put(answer, fields[k]);
    put_products(answer, &s->whole);
    put_products(answer, &s->part);
  }
  return answer->over ? fail(cx, E_TOO_LARGE, "The statements need more than %zu bytes", answer->max) : E_OK;
}

typedef struct Take {
  Str rest;
  bool bad;
} Take;

static uint32_t take_u32(Take *t) {
  if (t->rest.n < 4) {
    t->bad = true;
    return 0;
  }
  const uint8_t *p = (const uint8_t *)t->rest.p;
  t->rest = str_slice(t->rest, 4, t->rest.n);
  return (uint32_t)p[0] | (uint32_t)p[1] << 8 | (uint32_t)p[2] << 16 | (uint32_t)p[3] << 24;
}

static Str take(Take *t) {
  uint32_t n = take_u32(t);
  if (t->bad || n > t->rest.n) {
    t->bad = true;
    return STR_NONE;
  }
  Str s = str_slice(t->rest, 0, n);
  t->rest = str_slice(t->rest, n, t->rest.n);
  t->bad |= !str_is_utf8(s);
  return s;
}

static VexProducts take_products(Cx *cx, Take *t) {
  VexProducts list = { 0 };
  uint32_t n = take_u32(t);
  for (uint32_t i = 0; i < n && !t->bad; i++) {
    VexProduct p;
    p.id = take(t);
    p.purl = take(t);
    p.cpe = take(t);
    p.name = take(t);
    p.version = take(t);
    p.range = take(t);
    vec_add(cx->arena, &list, p);
  }
  return list;
}

static Err take_doc(Cx *cx, Str answer, VexDoc *out) {
  Take t = { .rest = answer };
  VexDoc d = { 0 };
  Str *head[] = { &d.format, &d.spec, &d.id, &d.author, &d.role, &d.time, &d.version };
  for (size_t i = 0; i < COUNT(head); i++) *head[i] = take(&t);
  d.left_out = take_u32(&t);
  uint32_t n = take_u32(&t);
  for (uint32_t i = 0; i < n && !t.bad; i++) vec_add(cx->arena, &d.problem, take(&t));
  n = take_u32(&t);
  for (uint32_t i = 0; i < n && !t.bad; i++) {
    VexStatement s = { 0 };
    Str *fields[] = { &s.vuln,     &s.aliases, &s.status, &s.justification, &s.cyclonedx,
                      &s.response, &s.impact,  &s.action, &s.time };
    for (size_t k = 0; k < COUNT(fields); k++) *fields[k] = take(&t);
    s.whole = take_products(cx, &t);
    s.part = take_products(cx, &t);
    t.bad |= !is_one_of(s.status, statuses);
    vec_add(cx->arena, &d.statement, s);
  }
  if (t.bad || t.rest.n) return fail(cx, E_UNREADABLE, "The reader answered something that is no list of statements");
  *out = d;
  return E_OK;
}

Err vex_read(Cx *cx, Str bytes, VexDoc *out) {
  Str answer;
  JailLimits limits = JAIL_STANDARD;
  limits.formats = !str_starts(str_trim(str_head(bytes, 64)), S("{"));     /* else it is JSON */
  if (bytes.n > VEX_MAX_BYTES) return fail(cx, E_TOO_LARGE, "The file is larger than %d MiB", VEX_MAX_BYTES >> 20);
  TRY(jail_run(cx, &limits, in_jail, NULL, bytes, &answer));
  return take_doc(cx, answer, out);
}
