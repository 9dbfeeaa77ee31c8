/* finding.decide: one decision over one or many findings, with one reason, in one transaction.
 *
 * What is said of a vulnerability in our product is a record of its own (a VEX statement) that its analyst and a second
 * person sign; the findings that it is about point to it.  One is made for each vulnerability, device and package. */
#include "app/decide.h"

enum { FINDINGS_MAX = 200 };

/* ---- other commands, inside of this one ---------------------------------------------------------------- */

Err decide_sub(Cx *cx, Call *call, const char *name, Str args, JVal **result) {
  const Command *command = NULL;
  for (size_t i = 0; i < nrecord_commands; i++)
    if (str_eq(str_of(record_commands[i].name), str_of(name))) command = &record_commands[i];
  if (!command) return fail(cx, E_BUG, "there is no command %s", name);
  Buf b = buf_new(cx->arena, 64 * 1024);
  JsonOut o = json_out(&b, false);
  Call c = *call;
  c.command = command;
  c.payload = STR_NONE;
  c.result = &o;
  TRY(json_read(cx, args, &JSON_BODY, &c.args));
  json_object(&o);
  TRY(command->run(cx, &c));
  json_object_end(&o);
  return json_read(cx, buf_str(&b), &JSON_BODY, result);
}

static Str step_args(Cx *cx, Str id, int64_t base, const char *step) {
  Buf b = buf_new(cx->arena, 1024);
  JsonOut o = json_out(&b, false);
  json_object(&o);
  json_pair(&o, "id", id);
  json_pair_int(&o, "base", base);
  json_pair(&o, "step", str_of(step));
  json_object_end(&o);
  return buf_str(&b);
}

/* ---- what is decided ----------------------------------------------------------------------------------- */

static Str text_of(const Record *r, const char *field) {
  const Value *v = record_value(r, field);
  return v ? v->s : STR_NONE;
}

/* "pkg:deb/debian/openssl@3.0.11?arch=amd64" -> identity and version; "openssl 3.0.11" as well. */
static void split_package(Cx *cx, Str text, Str *package, Str *version) {
  Cx probe = { .arena = cx->arena };
  Purl p;
  if (purl_read(&probe, text, &p) == E_OK) {
    Str whole = purl_text(cx->arena, &p);
    size_t at = str_find_char(whole, '?'), sub_at = str_find_char(whole, '#');
    Str head = str_slice(whole, 0, at < sub_at ? at : sub_at);
    at = p.version.n ? str_rfind_char(head, '@') : SIZE_MAX;
    *package = at == SIZE_MAX ? head : str_slice(head, 0, at);
    *version = p.version;
    return;
  }
  size_t space = str_rfind_char(text, ' ');
  *package = space == SIZE_MAX ? text : str_slice(text, 0, space);
  *version = space == SIZE_MAX ? STR_NONE : str_slice(text, space + 1, text.n);
}

static void case_packages(Cx *cx, Case *c) {
  Str rest = text_of(&c->r, "package");
  while (rest.n && c->npackages < PACKAGES_MAX) {
    size_t at = str_find(rest, S(", "));
    Str one = str_slice(rest, 0, at);
    rest = at == SIZE_MAX ? STR_NONE : str_slice(rest, at + 2, rest.n);
    split_package(cx, str_trim(one), &c->package[c->npackages], &c->version[c->npackages]);
    c->npackages++;
  }
  if (!c->npackages) c->package[c->npackages++] = c->r.title;
}

static Err case_read(Cx *cx, Decide *d, JVal *row) {
  Str id = json_str(row).n ? json_str(row) : json_text(row, "id");
  for (size_t i = 0; i < d->cases.n; i++)
    if (str_eq_nocase(d->cases.p[i].r.id, id)) return E_OK; /* named twice, decided once */
  Case *c = vec_push(cx->arena, &d->cases);
  *c = (Case){ .input = row };
  TRY(record_get(cx, d->call->store, id, 0, &c->r));
  if (!str_eq(str_of(c->r.type->name), S("finding")))
    return fail(cx, E_INVALID, "%.*s is no finding. Nothing was decided", STR(c->r.id));
  if (str_eq(c->r.state, S("voided"))) return fail(cx, E_CONFLICT, "%.*s is void. Nothing was decided", STR(c->r.id));
  c->vuln = text_of(&c->r, "vulnerability");
  if (!c->vuln.n) c->vuln = c->r.id;
  c->product = c->r.products.n ? c->r.products.p[0] : STR_NONE;
  case_packages(cx, c);
  return E_OK;
}

static Group *group_for(Cx *cx, Decide *d, const Case *c, Str package) {
  bool wide = str_eq(d->scope, S("all_products"));
  for (size_t i = 0; i < d->groups.n; i++) {
    Group *g = &d->groups.p[i];
    if (str_eq(g->vuln, c->vuln) && str_eq(g->package, package) && (wide || str_eq(g->product, c->product))) return g;
  }
  Group *g = vec_push(cx->arena, &d->groups);
  *g = (Group){ .vuln = c->vuln, .product = wide ? STR_NONE : c->product, .package = package };
  return g;
}

static void make_groups(Cx *cx, Decide *d) {
  for (size_t i = 0; i < d->cases.n; i++) {
    const Case *c = &d->cases.p[i];
    for (size_t k = 0; k < c->npackages; k++) {
      Group *g = group_for(cx, d, c, c->package[k]);
      texts_add(cx, &g->about, c->r.id);
      texts_add(cx, &g->versions, c->version[k]);
      texts_links(cx, &g->in, &c->r, "in");
      texts_links(cx, &g->on, &c->r, "on");
    }
  }
}

/* ---- findings ------------------------------------------------------------------------------------------ */

static const char *const answers[] = { "reach", "login", "exploit", "reachable", "protection" };
static const char *const proposed[] = { "exploitability", "clinical_severity", "clinical_level", "clinical_basis",
                                        "controlled" };

static Str case_args(Cx *cx, const Decide *d, const Case *c, const Str *statement, size_t n, int64_t base) {
  Buf b = buf_new(cx->arena, 256 * 1024);
  JsonOut o = json_out(&b, false);
  JVal *args = d->call->args;
  bool affected = str_eq(d->status, S("affected"));
  Str disposition = json_text(args, "disposition");
  json_object(&o);
  json_pair(&o, "id", c->r.id);
  json_pair_int(&o, "base", base);
  json_key(&o, "input");
  json_object(&o);
  json_pair(&o, "status", d->status);
  json_pair(&o, "security_assessment", str_trim(d->call->reason));
  if (affected) {
    json_pair(&o, "disposition", disposition.n ? disposition : S("fix"));
    json_pair(&o, "disposition_reason", str_trim(d->call->reason));
    if (json_text(args, "target").n) json_pair(&o, "target", json_text(args, "target"));
  }
  for (size_t i = 0; i < COUNT(answers); i++)
    if (json_text(args, answers[i]).n) json_pair(&o, answers[i], json_text(args, answers[i]));
  for (size_t i = 0; i < COUNT(proposed); i++)
    if (json_text(c->input, proposed[i]).n) json_pair(&o, proposed[i], json_text(c->input, proposed[i]));
  if (n) {
    Texts all = { 0 };
    texts_links(cx, &all, &c->r, "stated_by");
    for (size_t i = 0; i < n; i++) texts_add(cx, &all, statement[i]);
    texts_put(&o, "stated_by", &all);
  }
  json_object_end(&o);
  json_object_end(&o);
  return buf_str(&b);
}

static Err step_case(Cx *cx, Decide *d, const Case *c, const char *step, int64_t *rev) {
  JVal *result;
  TRY(decide_sub(cx, d->call, "record.step", step_args(cx, c->r.id, *rev, step), &result));
  *rev = json_int(result, "rev", *rev);
  return E_OK;
}

static Err decide_case(Cx *cx, Decide *d, const Case *c, const Str *statement, size_t n) {
  static const char *const closed[] = { "closed", "rejected", "duplicate" };
  int64_t rev = c->r.rev;
  bool reopened = str_eq(c->r.state, S("reopened"));
  JVal *result;
  for (size_t i = 0; i < COUNT(closed); i++)
    if (str_eq(c->r.state, str_of(closed[i]))) {
      TRY(step_case(cx, d, c, "reopen", &rev));
      reopened = true;
    }
  if (reopened || str_eq(c->r.state, S("open"))) TRY(step_case(cx, d, c, "start_triage", &rev));
  return decide_sub(cx, d->call, "record.save", case_args(cx, d, c, statement, n, rev), &result);
}

static bool speaks_of(const Group *g, Str finding) {
  for (size_t i = 0; i < g->about.n; i++)
    if (str_eq(g->about.p[i], finding)) return true;
  return false;
}

static Err decide_all(Cx *cx, Decide *d) {
  Str *id = NEW_ARRAY(cx->arena, d->groups.n + 1, Str);
  bool states = !str_eq(d->status, S("under_investigation"));
  JsonOut *o = d->call->result;
  for (size_t i = 0; states && i < d->groups.n; i++) TRY(decide_state(cx, d, &d->groups.p[i], &id[i]));
  for (size_t i = 0; i < d->cases.n; i++) {
    const Case *c = &d->cases.p[i];
    Str *mine = NEW_ARRAY(cx->arena, d->groups.n + 1, Str);
    size_t n = 0;
    for (size_t k = 0; states && k < d->groups.n; k++)
      if (speaks_of(&d->groups.p[k], c->r.id)) mine[n++] = id[k];
    TRY(decide_case(cx, d, c, mine, n));
  }
  json_pair_int(o, "findings", (int64_t)d->cases.n);
  json_key(o, "statements");
  json_array(o);
  for (size_t i = 0; states && i < d->groups.n; i++) json_put_str(o, id[i]);
  json_array_end(o);
  return E_OK;
}

static Err decide_run(Cx *cx, Call *call) {
  static const char *const scopes[] = { "this_release", "product", "all_products" };
  Decide d = { .call = call, .status = json_text(call->args, "status"), .scope = json_text(call->args, "scope") };
  JVal *list = json_get(call->args, "findings");
  size_t n = yyjson_arr_size(list), at = 0;
  if (!n || n > FINDINGS_MAX)
    return fail(cx, E_INVALID, "Choose 1 to %d findings: these are %zu. Nothing was decided", FINDINGS_MAX, n);
  if (str_trim(call->reason).n < 10)
    problem(cx, S("reason"), "reason", "Say why in at least 10 characters. It is shown in VEX and in the risk file.");
  if (!d.scope.n) d.scope = str_of(scopes[0]);
  while (at < COUNT(scopes) && !str_eq(d.scope, str_of(scopes[at]))) at++;
  if (at == COUNT(scopes)) problem(cx, S("scope"), "choice", "One of: this_release, product, all_products.");
  if (str_eq(d.status, S("not_affected")) && !json_text(call->args, "justification").n)
    problem(cx, S("justification"), "required", "Not affected needs a justification.");
  TRY(problems_fail(cx));
  JSON_EACH(row, list) TRY(case_read(cx, &d, row));
  make_groups(cx, &d);
  return decide_all(cx, &d);
}

static const ArgSpec decide_specs[] = {
  { "findings", ARG_LIST, true, "ids, or objects with id and what was proposed of the clinical risk" },
  { "status", ARG_TEXT, true, "under_investigation, affected, not_affected or fixed" },
  { "scope", ARG_TEXT, false, "this_release (default), product, all_products" },
  { "package_versions", ARG_TEXT, false, "a vers: range, or *; default: beyond this release the versions at hand" },
  { "justification", ARG_TEXT, false, "why it is not affected" },
  { "cyclonedx", ARG_TEXT, false, "the same in the finer words of CycloneDX" },
  { "action", ARG_TEXT, false, "what users do, where it is affected" },
  { "response", ARG_LIST, false, "responses of CycloneDX" },
  { "evidence", ARG_LIST, false, "tests, configurations, reviews" },
  { "valid_until", ARG_TEXT, false, "day by which it is looked at again" },
  { "fixed_in", ARG_TEXT, false, "release that fixes it" },
  { "disposition", ARG_TEXT, false, "fix, mitigate, accept, defer: where it is affected" },
  { "target", ARG_TEXT, false, "day of the fix" },
  { "reach", ARG_TEXT, false, "network, adjacent, local, physical" },
  { "login", ARG_TEXT, false, "none, user, service, administrator" },
  { "exploit", ARG_TEXT, false, "none_known, proof_of_concept, in_the_wild" },
  { "reachable", ARG_TEXT, false, "yes, no, unknown" },
  { "protection", ARG_TEXT, false, "nothing, partly, fully_blocked" },
};
const Command decide_command = { "finding.decide", decide_specs, COUNT(decide_specs),
                                 "finding.decide", decide_run,   "Decides findings, and states it for the outside" };
