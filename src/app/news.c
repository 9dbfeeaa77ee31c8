/* news.c - what is newly known of a vulnerability wakes its findings and their risks. */
#include "app/settle.h"

typedef struct News {
  bool kev, score;
  Str severity, words;
} News;

static News news_of(Settle *x, Node n, const VerdictRow *v) {
  News news = { .severity = str_lower(x->cx->arena, v->severity) };
  Str was = settle_text(x->g, n, "severity"), id = settle_text(x->g, n, "vulnerability");
  news.kev = v->kev && !str_eq(settle_text(x->g, n, "known_exploited"), S("yes"));
  news.score = news.severity.n && was.n && !str_eq(was, news.severity);
  if (news.kev)
    news.words = str_fmt(x->cx->arena, "%.*s (%.*s) is now on the list of known exploited vulnerabilities", STR(id),
                         STR(node_id(x->g, n)));
  else if (news.score)
    news.words = str_fmt(x->cx->arena, "%.*s (%.*s) is scored anew: %.*s, it was %.*s", STR(id),
                         STR(node_id(x->g, n)), STR(news.severity), STR(was));
  return news;
}

static Err save_news(Settle *x, Node n, const News *news) {
  JVal *result;
  int64_t rev = node_rev(x->g, n);
  if (node_state_flags(x->g, n) & ST_CLOSED) TRY(settle_step(x, node_id(x->g, n), &rev, "reopen", news->words));
  Buf b = buf_new(x->cx->arena, 4096);
  JsonOut o = json_out(&b, false);
  json_object(&o);
  json_pair(&o, "id", node_id(x->g, n));
  json_pair_int(&o, "base", rev);
  json_key(&o, "input");
  json_object(&o);
  if (news->kev) json_pair(&o, "known_exploited", S("yes"));
  if (news->score) json_pair(&o, "severity", news->severity);
  json_object_end(&o);
  json_object_end(&o);
  return settle_ask(x, "record.save", buf_str(&b), news->words, &result);
}

static void add_risks(Settle *x, Node n, Nodes *out) {
  Edges edges = { 0 };
  graph_edges(x->cx, x->g, n, "assesses", &edges);
  graph_edges(x->cx, x->g, n, "assessed_by", &edges);
  for (size_t i = 0; i < edges.n; i++) {
    Node risk = edges.p[i].to;
    bool seen = !str_eq(str_of(node_type(x->g, risk)->name), S("security_risk"));
    for (size_t k = 0; k < out->n; k++) seen |= out->p[k] == risk;
    if (!seen) vec_add(x->cx->arena, out, risk);
  }
}

/* Risks that speak of the finding; when none does yet, those of the threat on the way to its worst harm. */
static Err risks_of(Settle *x, Node n, const VulnAbout *about, Nodes *out) {
  Edges edges = { 0 };
  Nodes elements = { 0 };
  Clinical c;
  add_risks(x, n, out);
  if (out->n) return E_OK;
  graph_edges(x->cx, x->g, n, "on", &edges);
  for (size_t i = 0; i < edges.n; i++)
    if (!edges.p[i].inverse) vec_add(x->cx->arena, &elements, edges.p[i].to);
  TRY(clinical_judge(x->cx, x->g, NODE_NONE, &elements, about, &(Answers){ 0 }, &c));
  if (c.path.threat != NODE_NONE) add_risks(x, c.path.threat, out);
  return E_OK;
}

static Err wake_risk(Settle *x, Node risk, Node finding, Str words) {
  JVal *result;
  int64_t rev = node_rev(x->g, risk);
  Str state = node_state(x->g, risk), id = node_id(x->g, risk);
  bool settled = str_eq(state, S("accepted")) || str_eq(state, S("monitored"));
  if (settled) TRY(settle_step(x, id, &rev, "reopen", words));
  Buf b = buf_new(x->cx->arena, 1024);
  JsonOut o = json_out(&b, false);
  json_object(&o);
  json_pair(&o, "id", id);
  json_pair(&o, "link", S("assesses"));
  json_pair(&o, "to", node_id(x->g, finding));
  json_object_end(&o);
  Edges edges = { 0 };
  graph_edges(x->cx, x->g, risk, "assesses", &edges);
  for (size_t i = 0; i < edges.n; i++)
    if (edges.p[i].to == finding) return E_OK;
  return settle_ask(x, "record.link", buf_str(&b), words, &result);
}

static Err wake(Settle *x, Node n, Str words) {
  Nodes risks = { 0 };
  VulnAbout about;
  const Snapshot *snap;
  Cx probe = { .arena = x->cx->arena };
  TRY(triage_snapshot(x->cx, x->s, &snap));
  bool known = vuln_about(&probe, snap, settle_text(x->g, n, "vulnerability"), &about) == E_OK;
  TRY(risks_of(x, n, known ? &about : NULL, &risks));
  for (size_t i = 0; i < risks.n; i++) TRY(wake_risk(x, risks.p[i], n, words));
  return E_OK;
}

static Err tell_findings(Settle *x, Str vuln, const Nodes *findings) {
  VerdictRows rows = { 0 };
  TRY(vuln_verdicts(x->cx, x->s, &(VerdictQuery){ .vuln = vuln, .limit = 200 }, &rows));
  if (!rows.n || !rows.p[0].active) return E_OK;
  for (size_t i = 0; i < findings->n; i++) {
    if (!str_eq_nocase(settle_text(x->g, findings->p[i], "vulnerability"), vuln)) continue;
    News news = news_of(x, findings->p[i], &rows.p[0]);
    if (!news.kev && !news.score) continue;
    TRY(settle_unless_overtaken(x->cx, save_news(x, findings->p[i], &news)));
    TRY(settle_unless_overtaken(x->cx, wake(x, findings->p[i], news.words)));
    if (news.kev) {
      x->exploited = findings->p[i];
      TRY(deadline_start(x, findings->p[i], DEADLINE_FOUND, news.words));
      TRY(deadline_start(x, findings->p[i], DEADLINE_EXPLOITED, news.words));
    }
    x->moved++;
  }
  return E_OK;
}

/* Of findings that were there before the run, what it says anew. */
Err decide_news(Cx *cx, Writer *w, Store *s, Str run, const Ask *who, int64_t *told) {
  Settle x = { .cx = cx, .w = w, .s = s, .who = who, .exploited = NODE_NONE };
  Graph *g = NULL;
  VulnIds vulns = { 0 };
  Nodes findings = { 0 };
  Query *q;
  *told = 0;
  TRY(vuln_changed_in(cx, s, run, &vulns));
  if (!vulns.n) return E_OK;
  TRY(graph_open(cx, s, &g));
  x.g = g;
  Err e =
      query_compile(cx, S("type:finding -state:voided vulnerability:*"), &(QueryScope){ .now_us = cx->now_us }, &q);
  if (e == E_OK) e = query_run(cx, g, q, &findings);
  for (size_t i = 0; i < vulns.n && e == E_OK && findings.n; i++) e = tell_findings(&x, vulns.p[i], &findings);
  graph_close(g);
  *told = x.moved;
  return e;
}

/* ---- findings that a run opened ------------------------------------------------------------------------ */

typedef Err FoundEach(Settle *x, Node f, Str id);

static Err each_found(Settle *x, const Str *ids, size_t n, FoundEach *each) {
  Graph *g = NULL;
  if (!n) return E_OK;
  TRY(graph_open(x->cx, x->s, &g));
  x->g = g;
  Err e = E_OK;
  for (size_t i = 0; i < n && e == E_OK; i++) {
    Node f = graph_find(g, ids[i]);
    if (f != NODE_NONE) e = each(x, f, ids[i]);
  }
  graph_close(g);
  return e;
}

static bool is_exploited(const Settle *x, Node f) { return str_eq(settle_text(x->g, f, "known_exploited"), S("yes")); }

/* Those that an earlier decision covers have been decided by then. */
static Err start_clocks(Settle *x, Node f, Str id) {
  (void)id;
  if (!str_eq(settle_text(x->g, f, "status"), S("under_investigation"))) return E_OK;
  Str why = str_fmt(x->cx->arena, "%.*s was found in a release", STR(settle_text(x->g, f, "vulnerability")));
  TRY(deadline_start(x, f, DEADLINE_FOUND, why));
  return is_exploited(x, f) ? deadline_start(x, f, DEADLINE_EXPLOITED, why) : E_OK;
}

Err decide_start_clocks(Cx *cx, Writer *w, Store *s, const Ask *who, const Str *ids, size_t n) {
  Settle x = { .cx = cx, .w = w, .s = s, .who = who, .exploited = NODE_NONE };
  return each_found(&x, ids, n, start_clocks);
}

/* A finding that is known to be exploited from its first day is new evidence as well. */
static Err wake_exploited(Settle *x, Node f, Str id) {
  if (!is_exploited(x, f)) return E_OK;
  return wake(x, f,
              str_fmt(x->cx->arena, "%.*s (%.*s) is known to be exploited and newly found in a release",
                      STR(settle_text(x->g, f, "vulnerability")), STR(id)));
}

Err decide_wake_new(Cx *cx, Writer *w, Store *s, const Ask *who, const Str *ids, size_t n) {
  Settle x = { .cx = cx, .w = w, .s = s, .who = who, .exploited = NODE_NONE };
  return each_found(&x, ids, n, wake_exploited);
}
