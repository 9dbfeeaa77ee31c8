/* What a person asks for and several floors do together: checking, matching, packs. */
#include "app/app.h"
#include "app/data.h"

static const Packs *packs_once;
static Arena *packs_arena;

Err app_packs(Cx *cx, const Packs **out) {
  if (packs_once) {
    *out = packs_once;
    return E_OK;
  }
  if (!packs_arena) packs_arena = arena_new(16u << 20);
  Cx own = { .arena = packs_arena, .now_us = cx->now_us };
  PackFile *files = NEW_ARRAY(packs_arena, data_nfiles, PackFile);
  size_t n = 0;
  for (size_t i = 0; i < data_nfiles; i++) {
    Str name = str_of(data_files[i].name);
    if (!str_starts(name, S("packs/"))) continue;
    files[n++] = (PackFile){ str_slice(name, 6, name.n), data_text(&data_files[i]) };
  }
  Err e = comply_load(&own, files, n, &packs_once);
  if (e != E_OK) return fail(cx, e, "%.*s", STR(own.words));
  *out = packs_once;
  return E_OK;
}

/* Who, how and from where, over the command and its arguments that a floor below has filled in. */
static Err ask_as(Cx *cx, Writer *w, Ask ask, const Ask *who, Answer *answer) {
  ask.actor = who->actor;
  ask.auth = who->auth;
  ask.source = who->source;
  if (!ask.reason.n) ask.reason = who->reason;
  ask.request = who->request.n ? who->request : random_hex(cx->arena, 8);
  TRY(writer_ask(cx, w, &ask, 1, answer));
  return answer_result(cx, answer);
}

Err app_check(Cx *cx, Writer *w, Store *s, Graph *g, Str product, Str release, const Ask *who, CheckRun *run) {
  const Packs *packs;
  bool changed;
  Ask ask = { 0 };
  Answer answer = { 0 };
  TRY(app_packs(cx, &packs));
  TRY(graph_refresh(cx, g, s, &changed));
  TRY(comply_evaluate(cx, g, s, packs, (CheckScope){ product, release }, run));
  TRY(comply_run_ask(cx, run, &ask));
  return ask_as(cx, w, ask, who, &answer);
}

Err app_refuse_sbom(Cx *cx, Writer *w, Str bytes, const SbomImport *what, const Ask *who, Err e) {
  Str why = cx->words;
  Problems problems = cx->problems;
  Ask ask = { 0 };
  Answer answer = { 0 };
  cx_forgive(cx);
  if (supply_refuse_ask(cx, bytes, what, why, &ask) == E_OK) (void)ask_as(cx, w, ask, who, &answer);
  cx_forgive(cx);
  cx->problems = problems;
  if (why.n && why.p[why.n - 1] == '.') why.n--;
  return fail(cx, e, "%.*s: %.*s. Nothing was imported", STR(what->file), STR(why));
}

static void phase(const AppImport *out, ImportPhase p) {
  if (out->phase) out->phase(out->env, p);
}

/* What hangs on a product that is not there could never be judged. */
static Err product_check(Cx *cx, Store *s, Str id) {
  Record r = { 0 };
  TRY(record_get(cx, s, id, 0, &r));
  if (str_eq(str_of(r.type->name), S("product"))) return E_OK;
  return fail(cx, E_INVALID, "%.*s is not a product but a %s. Nothing was imported", STR(id), r.type->name);
}

Err app_import_sbom(Cx *cx, Writer *w, Store *s, const Settings *set, Str bytes, const SbomImport *what,
                    const Ask *who, AppImport *out) {
  SbomOptions opt = supply_options(set);
  Sbom sbom = { 0 };
  Ask ask = { 0 };
  Answer answer = { 0 };
  JVal *result;
  Judged judged;
  opt.accept_errors = what->accept_errors;
  opt.columns = what->columns;
  TRY(product_check(cx, s, what->product));
  TRY(supply_columns(cx, s, &opt.remembered));
  phase(out, IMPORT_READS);
  Err e = supply_read(cx, bytes, &opt, &sbom);
  if (e == E_UNREADABLE || e == E_FORMAT || e == E_TOO_LARGE || e == E_INVALID)
    return app_refuse_sbom(cx, w, bytes, what, who, e);
  TRY(e);
  TRY(supply_import_ask(cx, &sbom, bytes, what, &ask));
  phase(out, IMPORT_STORES);
  TRY(ask_as(cx, w, ask, who, &answer));
  TRY(json_read(cx, answer.result_json, &JSON_DOCUMENT, &result));
  out->sbom = json_text(result, "sbom");
  out->already = json_bool(result, "already", false);
  out->components = json_int(result, "components", 0);
  out->warnings = sbom.warnings;
  phase(out, IMPORT_JUDGES);
  if (out->already) return E_OK;
  TRY(app_match(cx, w, s, out->sbom, who, &judged));
  out->findings = judged.findings;
  return E_OK;
}

Err app_activate_feed(Cx *cx, Writer *w, const char *path, const Ask *who) {
  Answer answer = { 0 };
  Buf b = buf_new(cx->arena, 64 * 1024);
  JsonOut o = json_out(&b, false);
  json_object(&o);
  json_pair(&o, "path", str_of(path));
  json_object_end(&o);
  return ask_as(cx, w, (Ask){ .command = S("feed.activate"), .args_json = buf_str(&b) }, who, &answer);
}

Err app_usual_feeds(Cx *cx, Writer *w, const Ask *who) {
  static const char *const usual[][2] = { { "osv", "osv" },   { "nvd", "nvd" },   { "cve", "cve" },
                                          { "kev", "kev" },   { "epss", "epss" }, { "cisa-ics", "csaf" } };
  for (size_t i = 0; i < COUNT(usual); i++) {
    Answer answer = { 0 };
    Str args = str_fmt(cx->arena, "{\"name\":\"%s\",\"kind\":\"%s\",\"enabled\":true}", usual[i][0], usual[i][1]);
    TRY(ask_as(cx, w, (Ask){ .command = S("feed.source"), .args_json = args }, who, &answer));
  }
  return E_OK;
}

Err app_moment(Cx *cx, Str text, int64_t *t_us) {
  int32_t day;
  int64_t t;
  if (date_parse(text, &day)) t = day == date_of(cx->now_us) ? cx->now_us : ((int64_t)day + 1) * US_PER_DAY - 1;
  else if (!time_parse(text, &t))
    return fail(cx, E_USAGE, "as of '%.*s': write a date (2026-03-01) or a time (2026-03-01T12:00:00Z)", STR(text));
  if (t > cx->now_us) return fail(cx, E_USAGE, "as of %.*s: that day has not come yet", STR(text));
  *t_us = t;
  return E_OK;
}

Err app_asof(Cx *cx, Store *s, Str text, int64_t *size) {
  int64_t t_us;
  *size = -1;
  if (!text.n) return E_OK;
  TRY(app_moment(cx, text, &t_us));
  TRY(ledger_size_at(cx, s, t_us, size));
  cx->now_us = t_us;
  return E_OK;
}
