/* From verdicts to findings: a vulnerability that newly touches a release opens one record for people to decide on.
 */
#include "app/triage.h"

typedef struct Fresh {
  Str vuln, severity, product, release, packages, reason;
  VEC(Str) element; /* each that holds it, by the SBOMs of the release */
  bool kev;
} Fresh;

/* The packages of the SBOM that it touches, and why. */
static Err describe(Cx *cx, Store *s, Str sbom, Fresh *f) {
  VerdictRows rows = { 0 };
  TRY(vuln_verdicts(cx, s, &(VerdictQuery){ .sbom = sbom, .vuln = f->vuln, .limit = 20 }, &rows));
  Buf names = buf_new(cx->arena, 400);
  buf_add(&names, f->packages);
  for (size_t i = 0; i < rows.n; i++) {
    Str name = rows.p[i].purl.n ? rows.p[i].purl
                                : str_fmt(cx->arena, "%.*s %.*s", STR(rows.p[i].name), STR(rows.p[i].version));
    if (rows.p[i].outcome > OUTCOME_UNCERTAIN || str_find(buf_str(&names), name) != SIZE_MAX) continue;
    if (names.n) buf_z(&names, ", ");
    buf_add(&names, name);
    if (!f->reason.n) f->reason = rows.p[i].reason;
  }
  f->packages = buf_str(&names);
  return E_OK;
}

/* Whether somebody has a record of it already: two SBOMs of one release say the same thing twice. */
static Err is_known(Cx *cx, const Graph *g, const Fresh *f, bool *known) {
  Query *q;
  size_t n = 0;
  Str text = str_fmt(cx->arena, "type:finding device:%.*s vulnerability:%.*s", STR(f->product), STR(f->vuln));
  if (f->release.n) text = str_fmt(cx->arena, "%.*s in(id:%.*s)", STR(text), STR(f->release));
  TRY(query_compile(cx, text, &(QueryScope){ .now_us = cx->now_us }, &q));
  TRY(query_count(cx, g, q, &n));
  *known = n > 0;
  return E_OK;
}

static void put_list(JsonOut *o, const char *key, Str one) {
  if (!one.n) return;
  json_key(o, key);
  json_array(o);
  json_put_str(o, one);
  json_array_end(o);
}

static Str finding_args(Cx *cx, const Graph *g, const Fresh *f) {
  Buf b = buf_new(cx->arena, 64 * 1024);
  JsonOut o = json_out(&b, false);
  json_object(&o);
  json_pair(&o, "type", S("finding"));
  json_key(&o, "input");
  json_object(&o);
  json_pair(&o, "title", str_fmt(cx->arena, "%.*s in %.*s", STR(f->vuln), STR(str_head(f->packages, 120))));
  put_list(&o, "products", f->product);
  json_pair(&o, "vulnerability", f->vuln);
  json_pair(&o, "discovered_by", S("feed"));
  json_pair(&o, "identified_on", date_text(cx->arena, date_of(cx->now_us)));
  json_pair(&o, "package", f->packages);
  if (f->reason.n) json_pair(&o, "description", f->reason);
  if (f->severity.n) json_pair(&o, "severity", str_lower(cx->arena, f->severity));
  json_pair(&o, "known_exploited", f->kev ? S("yes") : S("no"));
  json_pair(&o, "status", S("under_investigation"));
  if (graph_find(g, f->release) != NODE_NONE) put_list(&o, "in", f->release);
  json_key(&o, "on");
  json_array(&o);
  for (size_t i = 0; i < f->element.n; i++)
    if (graph_find(g, f->element.p[i]) != NODE_NONE) json_put_str(&o, f->element.p[i]);
  json_array_end(&o);
  json_object_end(&o);
  json_object_end(&o);
  return buf_str(&b);
}

static void add_element(Cx *cx, Fresh *f, Str element) {
  for (size_t i = 0; i < f->element.n; i++)
    if (str_eq(f->element.p[i], element)) return;
  if (element.n) vec_add(cx->arena, &f->element, element);
}

/* Rows of vuln.match that need a record: one for each vulnerability and release, on every element that holds it. */
typedef VEC(Fresh) FreshList;
static Err collect(Cx *cx, Store *s, const Graph *g, JVal *fresh, FreshList *out) {
  Map seen = map_new(cx->arena, 64);
  JSON_EACH(row, fresh) {
    SbomInfo info;
    bool known = false;
    Fresh f = { .vuln = json_text(row, "vuln"),
                .severity = json_text(row, "severity"),
                .kev = json_bool(row, "kev", false) };
    Str sbom = json_text(row, "sbom");
    TRY(supply_sbom(cx, s, sbom, &info));
    f.product = info.product;
    f.release = info.release;
    Str key = str_fmt(cx->arena, "%.*s|%.*s|%.*s", STR(f.product), STR(f.release), STR(f.vuln));
    size_t at = map_get(&seen, key);
    if (at == MAP_NONE) {
      TRY(is_known(cx, g, &f, &known));
      at = known ? SIZE_MAX - 1 : out->n;
      map_put(&seen, key, at);
      if (!known) vec_add(cx->arena, out, f);
    }
    if (at >= out->n) continue;
    add_element(cx, &out->p[at], info.element);
    TRY(describe(cx, s, sbom, &out->p[at]));
  }
  return E_OK;
}

static Ask finding_ask(Cx *cx, const Graph *g, const Fresh *f, const Ask *who) {
  return (Ask){ .command = S("record.new"),
                .actor = who->actor,
                .auth = who->auth,
                .source = who->source,
                .request = random_hex(cx->arena, 8),
                .args_json = finding_args(cx, g, f) };
}

/* The sample company's story says itself what followed. */
static bool is_story(const Ask *who) { return str_eq(who->source, S("demo")); }

static Err open_findings(Cx *cx, Writer *w, Store *s, JVal *fresh, const Ask *who, Str **opened, int64_t *findings) {
  size_t most = yyjson_arr_size(fresh), n = 0;
  Graph *g = NULL;
  if (!most || !record_type(S("finding"))) return E_OK;
  Ask *asks = NEW_ARRAY(cx->arena, most, Ask);
  Answer *answers = NEW_ARRAY(cx->arena, most, Answer);
  TRY(graph_open(cx, s, &g));
  FreshList list = { 0 };
  Err e = collect(cx, s, g, fresh, &list);
  for (; e == E_OK && n < list.n; n++) asks[n] = finding_ask(cx, g, &list.p[n], who);
  graph_close(g);
  TRY(e);
  if (n) TRY(writer_ask(cx, w, asks, n, answers));
  Str *ids = NEW_ARRAY(cx->arena, n + 1, Str);
  for (size_t i = 0; i < n; i++) {
    JVal *result;
    TRY(answer_result(cx, &answers[i]));
    TRY(json_read(cx, answers[i].result_json, &JSON_BODY, &result));
    ids[i] = json_text(result, "id");
  }
  *findings = (int64_t)n;
  *opened = ids;
  return is_story(who) ? E_OK : decide_wake_new(cx, w, s, who, ids, n);
}

/* New findings, news of old ones, earlier decisions that cover either; the rest has until a day to be decided. */
static Err follow_up(Cx *cx, Writer *w, Store *s, JVal *result, const Ask *who, int64_t *findings) {
  int64_t told, moved;
  Str *opened = NULL;
  TRY(decide_news(cx, w, s, json_text(result, "run"), who, &told));
  TRY(open_findings(cx, w, s, json_get(result, "fresh"), who, &opened, findings));
  if (is_story(who) || (!*findings && !told)) return E_OK;
  TRY(decide_settle(cx, w, s, who, &moved));
  return decide_start_clocks(cx, w, s, who, opened, (size_t)*findings);
}

static Err run_match(Cx *cx, Writer *w, Store *s, Str sbom, bool full, const Ask *who, Judged *out) {
  Answer answer = { 0 };
  JVal *result;
  Buf b = buf_new(cx->arena, 4096);
  JsonOut o = json_out(&b, false);
  json_object(&o);
  if (sbom.n) json_pair(&o, "sbom", sbom);
  if (full) json_pair_bool(&o, "full", true);
  json_object_end(&o);
  Ask ask = { .command = S("vuln.match"),
              .actor = who->actor,
              .auth = who->auth,
              .source = who->source,
              .request = random_hex(cx->arena, 8),
              .args_json = buf_str(&b) };
  TRY(writer_ask(cx, w, &ask, 1, &answer));
  TRY(answer_result(cx, &answer));
  TRY(json_read(cx, answer.result_json, &JSON_DOCUMENT, &result));
  out->packages = json_int(result, "packages", 0);
  out->evaluated = json_int(result, "evaluated", 0);
  return follow_up(cx, w, s, result, who, &out->findings);
}

Err app_match(Cx *cx, Writer *w, Store *s, Str sbom, const Ask *who, Judged *out) {
  SnapshotRow current;
  *out = (Judged){ 0 };
  Err e = vuln_current(cx, s, &current);
  if (e != E_NOTFOUND) return e == E_OK ? run_match(cx, w, s, sbom, false, who, out) : e;
  cx_forgive(cx); /* nothing to judge against yet: doctor and cockpit say so */
  return E_OK;
}

/* What runs at the cost of what changed must say the same as one over everything: held against it once a day. */
Err app_match_whole(Cx *cx, Writer *w, Store *s, const Ask *who, int64_t *missed) {
  Judged judged = { 0 };
  int64_t at_us;
  TRY(run_match(cx, w, s, STR_NONE, true, who, &judged));
  return vuln_whole_run(cx, s, &at_us, missed);
}
