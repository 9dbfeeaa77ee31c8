/* The device cockpit: ready or not and why, what runs out, what blocks, where the risk lies, what changed. */
#include "app/page/device.h"
#include "cockpit.html.h"
#include "cockpit_actions.html.h"
#include "risk/risk.h"

enum { GAPS_SHOWN = 60, CLOCKS_SHOWN = 6, CHANGES_SHOWN = 9 };

static size_t count(Cx *cx, Web *web, Str query) {
  Query *q;
  size_t n = 0;
  Cx own = { .arena = cx->arena, .now_us = cx->now_us };
  if (query_compile(&own, query, &(QueryScope){ .now_us = cx->now_us }, &q) != E_OK) return 0;
  (void)query_count(&own, web->graph, q, &n);
  return n;
}

/* ---- readiness ----------------------------------------------------------------------------------------- */

static Str tenth(Cx *cx, int64_t part, int64_t all) {
  int64_t x10 = all ? part * 1000 / all : 0;
  return str_fmt(cx->arena, "%lld.%lld", (long long)(x10 / 10), (long long)(x10 % 10));
}

static CockpitPacks pack_row(Cx *cx, const PackResult *p) {
  int64_t met = p->count[RULE_MET], partly = p->count[RULE_PARTLY], not_met = p->count[RULE_NOT_MET],
          all = met + partly + not_met;
  CockpitPacks row = { .pack = p->pack,
                       .title = p->title,
                       .version = str_fmt(cx->arena, "pack %.*s", STR(p->version)) };
  if (p->ready_x10 >= 0) row.score = str_fmt(cx->arena, "%lld", (long long)(p->ready_x10 / 10));
  row.met = number_text(cx, met);
  row.partly = number_text(cx, partly);
  row.not_met = number_text(cx, not_met);
  row.asked = number_text(cx, all);
  row.w_met = tenth(cx, met, all);
  row.x_partly = tenth(cx, met, all);
  row.w_partly = tenth(cx, partly, all);
  row.x_not = tenth(cx, met + partly, all);
  row.w_not = tenth(cx, not_met, all);
  if (p->blocking) row.blocked = number_text(cx, p->blocking);
  if (partly + not_met) row.open = number_text(cx, partly + not_met);
  row.not_assessed = number_text(cx, p->count[RULE_NOT_ASSESSED]);
  return row;
}

static Err fill_readiness(Cx *cx, Web *web, Str product, CockpitPage *page, CheckRun *run, bool *checked) {
  Err e = web_check(cx, web, (CheckScope){ product, STR_NONE }, run);
  *checked = e == E_OK;
  if (e == E_NOTFOUND) {
    cx_forgive(cx);
    page->verdict = S("Not checked yet.");
    page->verdict_more = S("Run the checks to see what is missing.");
    return E_OK;
  }
  TRY(e);
  page->packs = NEW_ARRAY(cx->arena, run->npacks, CockpitPacks);
  for (size_t i = 0; i < run->npacks; i++) page->packs[page->packs_n++] = pack_row(cx, &run->pack[i]);
  page->checked = str_fmt(cx->arena, "%zu checks, run %.*s UTC", run->nrules, STR(day_text(cx, run->at_us)));
  if (!str_eq(run->packs_sha256, web->packs->sha256))
    page->stale = S("The rule packs changed since the last run. Run the checks again.");
  size_t changed = 0;
  for (Node n = 0; n < graph_count(web->graph); n++) changed += node_changed_us(web->graph, n) > run->at_us;
  if (!page->stale.n && changed)
    page->stale = str_fmt(cx->arena, "%zu record%s changed since the last run. Run the checks again.", changed,
                          changed == 1 ? "" : "s");
  return E_OK;
}

/* ---- gaps ---------------------------------------------------------------------------------------------- */

static Str severity_tone(RuleSeverity s) {
  switch (s) {
  case RULE_BLOCKER: return S("crit");
  case RULE_MAJOR: return S("high");
  case RULE_MINOR: return S("med");
  case RULE_INFO:
  case RULE_SEVERITIES: break;
  }
  return S("line");
}

/* Where a component "name@version" can be answered for: the current SBOM that lists it, filtered. */
static Str component_url(Cx *cx, Web *web, Str object) {
  Cx own = { .arena = cx->arena, .now_us = cx->now_us };
  SbomList list = { 0 };
  size_t at = str_rfind_char(object, '@');
  Str name = str_slice(object, 0, at == SIZE_MAX ? object.n : at);
  if (supply_sboms(&own, web->store, STR_NONE, STR_NONE, true, &list) != E_OK) return STR_NONE;
  for (size_t i = 0; i < list.n; i++) {
    ComponentRows rows = { 0 };
    ComponentFilter f = { .text = name, .today = date_of(cx->now_us) };
    if (supply_components(&own, web->store, list.p[i].id, &f, STR_NONE, 1, &rows) != E_OK || !rows.n) continue;
    Buf b = buf_new(cx->arena, 4096);
    buf_fmt(&b, "/sbom/%.*s?q=", STR(list.p[i].id));
    url_text(&b, name);
    return buf_str(&b);
  }
  return STR_NONE;
}

GapRow gap_row(Cx *cx, Web *web, const Gap *g) {
  GapRow row = { .rule = g->rule_id,
                 .severity = str_of(severity_words[g->severity]),
                 .tone = severity_tone(g->severity),
                 .message = g->message,
                 .fix = g->fix,
                 .object = g->object,
                 .age = age_text(cx->arena, cx->now_us - g->first_us) };
  if (g->closed_us) row.closed = day_text(cx, g->closed_us);
  Node n = graph_find(web->graph, g->object);
  if (n != NODE_NONE) {
    row.url = web_record_url(cx, g->object);
    row.owner = person_name(cx, web, node_owner(web->graph, n));
    row.action = str_fmt(cx->arena, "Open %.*s", STR(g->object));
    row.action_url = row.url;
  }
  if (n == NODE_NONE && str_find_char(g->object, '@') != SIZE_MAX) row.url = component_url(cx, web, g->object);
  else if (str_starts(g->object, S("SBM-"))) row.url = str_fmt(cx->arena, "/sbom/%.*s", STR(g->object));
  if (n == NODE_NONE && row.url.n) {
    row.action = S("Open the SBOM");
    row.action_url = row.url;
  }
  return row;
}

static Err fill_gaps(Cx *cx, Web *web, Str product, CockpitPage *page) {
  Gaps gaps = { 0 };
  size_t total = 0;
  GapQuery q = { .scope = { product, STR_NONE }, .limit = GAPS_SHOWN };
  TRY(web_gaps(cx, web, &q, &gaps, &total));
  page->gaps = NEW_ARRAY(cx->arena, gaps.n, CockpitGaps);
  for (size_t i = 0; i < gaps.n; i++) {
    GapRow r = gap_row(cx, web, &gaps.p[i]);
    page->gaps[page->gaps_n++] = (CockpitGaps){ .rule = r.rule,
                                                .tone = r.tone,
                                                .severity = r.severity,
                                                .message = r.message,
                                                .fix = r.fix,
                                                .url = r.url,
                                                .object = r.object,
                                                .owner = r.owner,
                                                .age = r.age,
                                                .action = r.action,
                                                .action_url = r.action_url };
  }
  page->gaps_all = total > gaps.n ? str_fmt(cx->arena, "All %zu gaps, and those that were closed", total)
                                  : S("All gaps, and those that were closed");
  page->no_gaps = S("The last run found no gap.");
  return E_OK;
}

static void fill_verdict(Cx *cx, const CheckRun *run, CockpitPage *page) {
  if (run->blocking) {
    page->blocking = number_text(cx, run->blocking);
    page->verdict = S("It cannot be submitted yet.");
    page->verdict_more = str_fmt(cx->arena, "%lld gap%s block%s it.", (long long)run->blocking,
                                 run->blocking == 1 ? "" : "s", run->blocking == 1 ? "s" : "");
    return;
  }
  page->ready = run->gaps.n == 0;
  page->verdict = S("No gap blocks it.");
  page->verdict_more =
      str_fmt(cx->arena, "Checked against the packs below on %.*s UTC.", STR(time_minute(cx->arena, run->at_us)));
}

/* ---- clocks -------------------------------------------------------------------------------------------- */

static Err fill_clocks(Cx *cx, Web *web, Str product, CockpitPage *page) {
  Query *q;
  Nodes nodes = { 0 };
  if (!record_type(S("clock"))) return E_OK;
  page->clock_query = str_fmt(cx->arena, "device:%.*s sort:due", STR(product));
  TRY(query_compile(cx, str_fmt(cx->arena, "type:clock device:%.*s -stopped:* sort:due", STR(product)),
                    &(QueryScope){ .now_us = cx->now_us }, &q));
  TRY(query_run(cx, web->graph, q, &nodes));
  page->clocks = NEW_ARRAY(cx->arena, CLOCKS_SHOWN, CockpitClocks);
  for (size_t i = 0; i < nodes.n && i < CLOCKS_SHOWN; i++) {
    Node n = nodes.p[i];
    const Value *due = node_value(web->graph, n, "due");
    if (!due) continue;
    int64_t days = due->i - date_of(cx->now_us), left = days < 0 ? -days : days;
    page->clocks[page->clocks_n++] =
        (CockpitClocks){ .tone = days < 5    ? S("c-crit")
                                 : days < 15 ? S("c-high")
                                             : STR_NONE,
                         .days = number_text(cx, left),
                         .unit = days < 0    ? S("days late")
                                 : left == 1 ? S("day")
                                             : S("days"),
                         .url = web_record_url(cx, node_id(web->graph, n)),
                         .title = node_title(web->graph, n),
                         .due = str_fmt(cx->arena, "due %.*s", STR(date_text(cx->arena, (int32_t)due->i))) };
  }
  return E_OK;
}

/* ---- heat map ------------------------------------------------------------------------------------------ */

/* The matrix of the device is data: the newest risk_matrix record.  Without one no cell is coloured. */
static bool matrix_of(Cx *cx, Web *web, RiskMatrix *out) {
  Query *q;
  Nodes found = { 0 };
  Str wrong;
  if (query_compile(cx, S("type:risk_matrix sort:-changed"), &(QueryScope){ .now_us = cx->now_us }, &q) != E_OK ||
      query_run(cx, web->graph, q, &found) != E_OK)
    return false;
  const Value *cells = found.n ? node_value(web->graph, found.p[0], "cells") : NULL;
  return cells && risk_matrix_read(cx->arena, cells->s, out, &wrong);
}

static const char *const severities[] = { "s5", "s4", "s3", "s2", "s1" };
static const char *const severity_names[] = { "S5 death", "S4 lasting", "S3 serious", "S2 minor", "S1 slight" };
static const char *const exploits[] = { "e1", "e2", "e3", "e4", "e5" };
static const char *const zone_class[] = { "r0", "r1", "r3" }; /* low, medium, high */

static void fill_heat(Cx *cx, Web *web, Str product, CockpitPage *page) {
  page->risk_query = str_fmt(cx->arena, "device:%.*s", STR(product));
  page->risks =
      number_text(cx, (int64_t)count(cx, web, str_fmt(cx->arena, "type:security_risk device:%.*s", STR(product))));
  page->heat_columns = NEW_ARRAY(cx->arena, 5, CockpitHeatColumns);
  for (size_t c = 0; c < 5; c++)
    page->heat_columns[page->heat_columns_n++] = (CockpitHeatColumns){ str_upper(cx->arena, str_of(exploits[c])) };
  page->heat = NEW_ARRAY(cx->arena, 5, CockpitHeat);
  size_t placed = 0, high = 0;
  RiskMatrix m = { 0 };
  bool known = matrix_of(cx, web, &m);
  for (size_t r = 0; r < 5; r++) {
    CockpitHeat row = { .label = str_of(severity_names[r]), .cells = NEW_ARRAY(cx->arena, 5, CockpitHeatCells) };
    for (size_t c = 0; c < 5; c++) {
      Str q = str_fmt(cx->arena, "device:%.*s severity:%s exploitability_after:%s", STR(product), severities[r],
                      exploits[c]);
      size_t n = count(cx, web, str_fmt(cx->arena, "type:security_risk %.*s", STR(q)));
      placed += n;
      size_t level = m.level[c][4 - r];
      high += level == 2 ? n : 0;
      row.cells[row.cells_n++] =
          (CockpitHeatCells){ .zone = known ? str_of(zone_class[level]) : STR_NONE,
                              .query = q,
                              .count = n ? str_fmt(cx->arena, "%zu", n) : STR_NONE,
                              .words = str_fmt(cx->arena, "%zu risks: %s, %s", n, severity_names[r], exploits[c]) };
    }
    page->heat[page->heat_n++] = row;
  }
  page->heat_words = !known ? S("No risk matrix is recorded: levels cannot be shown.")
                            : str_fmt(cx->arena,
                                      "Severity of the harm by exploitability after controls: %zu risks placed, %zu "
                                      "in the zone that is not acceptable.",
                                      placed, high);
}

/* ---- findings and changes ------------------------------------------------------------------------------ */

static void fill_findings(Cx *cx, Web *web, Str product, CockpitPage *page) {
  static const struct {
    const char *label, *query, *fill;
  } rows[] = {
    { "Known to be exploited (KEV)", "is:open known_exploited:yes", "f-gap" },
    { "Undecided", "is:open state:open", "f-gap" },
    { "In triage or investigation", "is:open state:triage,investigation", "f-part" },
    { "Being fixed", "is:open state:action,verification", "f-info" },
    { "Closed", "is:closed", "f-ok" },
  };
  size_t n[COUNT(rows)], most = 1;
  for (size_t i = 0; i < COUNT(rows); i++) {
    n[i] = count(cx, web, str_fmt(cx->arena, "type:finding device:%.*s %s", STR(product), rows[i].query));
    if (n[i] > most) most = n[i];
  }
  page->finding_rows = NEW_ARRAY(cx->arena, COUNT(rows), CockpitFindingRows);
  for (size_t i = 0; i < COUNT(rows); i++)
    page->finding_rows[page->finding_rows_n++] =
        (CockpitFindingRows){ .label = str_of(rows[i].label),
                              .count = str_fmt(cx->arena, "%zu", n[i]),
                              .width = str_fmt(cx->arena, "%zu", n[i] * 100 / most),
                              .fill = str_of(rows[i].fill),
                              .query = str_fmt(cx->arena, "device:%.*s %s", STR(product), rows[i].query) };
  page->finding_query = str_fmt(cx->arena, "device:%.*s is:open sort:-known_exploited", STR(product));
  page->findings =
      number_text(cx, (int64_t)count(cx, web, str_fmt(cx->arena, "type:finding device:%.*s is:open", STR(product))));
  page->finding_words =
      S("One finding per vulnerability and SBOM. What could not be assessed is counted on the SBOM page.");
}

static Str act_words(Cx *cx, const LogRow *l) {
  static const struct {
    const char *act, *words;
  } known[] = {
    { "record.new", "created" },
    { "record.save", "changed" },
    { "record.link", "linked" },
    { "record.unlink", "unlinked" },
    { "record.confirm", "confirmed a link of" },
    { "sbom.import", "imported" },
    { "check.run", "ran the checks:" },
    { "feed.activate", "took into use" },
    { "vuln.match", "matched" },
    { "refused", "was refused" },
    { "record.load", "loaded" },
  };
  if (l->to.n && str_eq(l->act, S("record.sign")))
    return str_fmt(cx->arena, "signed to %.*s:", STR(state_words(cx, l->to)));
  if (l->to.n && str_eq(l->act, S("record.step")))
    return str_fmt(cx->arena, "took to %.*s:", STR(state_words(cx, l->to)));
  for (size_t i = 0; i < COUNT(known); i++)
    if (str_eq(l->act, str_of(known[i].act))) return str_of(known[i].words);
  return l->act;
}

static Err fill_changes(Cx *cx, Web *web, CockpitPage *page) {
  TreeHead head;
  LogRows rows = { 0 };
  TRY(ledger_head(cx, web->store, &head));
  if (web->asof_size >= 0) head.size = web->asof_size;
  if (head.size) TRY(ledger_entries(cx, web->store, STR_NONE, head.size - 1, 0, 60, &rows));
  page->changes = NEW_ARRAY(cx->arena, CHANGES_SHOWN, CockpitChanges);
  for (size_t i = 0; i < rows.n && page->changes_n < CHANGES_SHOWN; i++) {
    const LogRow *l = &rows.p[i];
    if (str_starts(l->act, S("session.")) || str_eq(l->act, S("record.signature"))) continue;
    Str id, rev;
    (void)str_cut(l->obj, '@', &id, &rev);
    Node n = graph_find(web->graph, id);
    /* Who has some products only sees what was done to their records, and nobody sees refusals here. */
    bool all = (who_roles(&web->who, S("")) & ROLES_READ) && !str_eq(l->act, S("refused"));
    if (n == NODE_NONE && !all) continue;
    page->changes[page->changes_n++] = (CockpitChanges){ .time = day_text(cx, l->t_us),
                                                         .who = person_name(cx, web, l->actor),
                                                         .did = act_words(cx, l),
                                                         .what = id,
                                                         .url = n == NODE_NONE ? STR_NONE : web_record_url(cx, id) };
  }
  return E_OK;
}

static Html actions(Cx *cx, Web *web, Str product) {
  CockpitActionsPage page = { .id = product, .csrf = csrf_token(cx, &web->who) };
  Buf b = buf_new(cx->arena, 16 * 1024);
  cockpit_actions_html(&b, &page);
  return (Html){ buf_str(&b) };
}

Err page_cockpit(Cx *cx, Web *web, const Request *req, Response *res) {
  Node n;
  CheckRun run = { 0 };
  bool checked;
  TRY(web_product(cx, web, req->params[0], &n));
  Str id = node_id(web->graph, n);
  CockpitPage page = { .id = id };
  bool may = authorise(&(Cx){ .arena = cx->arena }, &web->who, "check.run", id) == E_OK;
  page.head = device_head(cx, web, n, "overview", may ? actions(cx, web, id) : (Html){ STR_NONE });
  TRY(fill_readiness(cx, web, id, &page, &run, &checked));
  TRY(fill_gaps(cx, web, id, &page));
  if (checked) fill_verdict(cx, &run, &page);
  TRY(fill_clocks(cx, web, id, &page));
  fill_heat(cx, web, id, &page);
  fill_findings(cx, web, id, &page);
  TRY(fill_changes(cx, web, &page));
  Buf b = buf_new(cx->arena, PAGE_MAX);
  cockpit_html(&b, &page);
  PageFrame frame = { .title = str_fmt(cx->arena, "%.*s overview", STR(node_title(web->graph, n))),
                      .here = "device",
                      .device = n };
  return web_page(cx, web, req, &frame, (Html){ buf_str(&b) }, res);
}

Err post_check(Cx *cx, Web *web, const Request *req, Response *res) {
  Node n;
  Form form;
  CheckRun run;
  TRY(web_product(cx, web, req->params[0], &n));
  TRY(web_form(cx, web, req, &form));
  Str id = str_dup(cx->arena, node_id(web->graph, n));
  TRY(authorise(cx, &web->who, "check.run", id));
  Ask who = { .actor = web->who.id, .auth = S("session"), .source = S("web") };
  store_unview(web->store); /* the run reads and then waits for the writer */
  Err e = app_check(cx, web->writer, web->store, web->graph, id, STR_NONE, &who, &run);
  TRY(store_view(cx, web->store));
  TRY(e);
  return web_redirect(cx, res, str_fmt(cx->arena, "/d/%.*s", STR(id)));
}
