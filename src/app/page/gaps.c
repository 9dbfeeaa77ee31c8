/* All gaps of a device, open and closed, and one rule explained. */
#include "app/page/device.h"
#include "gaps.html.h"
#include "rule.html.h"

enum { GAPS_MAX = 1000 };

static void fill_packs(Cx *cx, Web *web, Str id, Str pack, GapsPage *page) {
  page->packs = NEW_ARRAY(cx->arena, web->packs->npacks + 1, GapsPacks);
  page->packs[page->packs_n++] =
      (GapsPacks){ .url = str_fmt(cx->arena, "/d/%.*s/gaps", STR(id)), .label = S("All packs"), .current = !pack.n };
  for (size_t i = 0; i < web->packs->npacks; i++) {
    const Pack *p = &web->packs->pack[i];
    page->packs[page->packs_n++] =
        (GapsPacks){ .url = str_fmt(cx->arena, "/d/%.*s/gaps?pack=%.*s", STR(id), STR(p->id)),
                     .label = p->title,
                     .current = str_eq(p->id, pack) };
  }
}

static void fill_rules(Cx *cx, Web *web, const CheckRun *run, Str pack, GapsPage *page) {
  static const char *const tones[RULE_STATES] = { "ok", "med", "crit", "line", "high" };
  size_t at = 0;
  while (at < web->packs->npacks && !str_eq(web->packs->pack[at].id, pack)) at++;
  page->rules = NEW_ARRAY(cx->arena, run->nrules, GapsRules);
  for (size_t i = 0; i < run->nrules; i++) {
    const RuleResult *r = &run->rule[i];
    if (!r->rule || (pack.n && at < web->packs->npacks && !(r->rule->packs & (1u << at)))) continue;
    page->rules[page->rules_n++] = (GapsRules){ .rule = r->rule->id,
                                                .title = r->rule->title,
                                                .why = r->why,
                                                .tone = str_of(tones[r->state]),
                                                .state = str_of(rule_state_words[r->state]),
                                                .met = number_text(cx, r->met),
                                                .asked = number_text(cx, r->asked) };
  }
}

Err page_gaps(Cx *cx, Web *web, const Request *req, Response *res) {
  Node n;
  Gaps gaps = { 0 };
  CheckRun run = { 0 };
  TRY(web_product(cx, web, req->params[0], &n));
  Str id = node_id(web->graph, n), pack = request_query(req, "pack");
  if (pack.n && !pack_find(web->packs, pack)) return fail(cx, E_NOTFOUND, "There is no rule pack %.*s", STR(pack));
  GapQuery q = { .scope = { id, STR_NONE }, .pack = pack, .closed_too = true, .limit = GAPS_MAX };
  GapsPage page = { .head = device_head(cx, web, n, "overview", (Html){ STR_NONE }) };
  fill_packs(cx, web, id, pack, &page);
  Err e = web_check(cx, web, q.scope, &run);
  if (e == E_NOTFOUND) cx_forgive(cx);
  else TRY(e);
  if (e == E_OK) page.checked = str_fmt(cx->arena, "Run of %.*s UTC", STR(time_minute(cx->arena, run.at_us)));
  fill_rules(cx, web, &run, pack, &page);
  TRY(web_gaps(cx, web, &q, &gaps, NULL));
  page.gaps = NEW_ARRAY(cx->arena, gaps.n, GapsGaps);
  page.closed = NEW_ARRAY(cx->arena, gaps.n, GapsClosed);
  for (size_t i = 0; i < gaps.n; i++) {
    GapRow r = gap_row(cx, web, &gaps.p[i]);
    if (gaps.p[i].closed_us)
      page.closed[page.closed_n++] = (GapsClosed){ .rule = r.rule,
                                                   .message = r.message,
                                                   .url = r.url,
                                                   .object = r.object,
                                                   .found = day_text(cx, gaps.p[i].first_us),
                                                   .closed = r.closed };
    else
      page.gaps[page.gaps_n++] = (GapsGaps){ .rule = r.rule,
                                             .tone = r.tone,
                                             .severity = r.severity,
                                             .message = r.message,
                                             .fix = r.fix,
                                             .url = r.url,
                                             .object = r.object,
                                             .owner = r.owner,
                                             .age = r.age };
  }
  page.open = number_text(cx, (int64_t)page.gaps_n);
  page.closed_count = number_text(cx, (int64_t)page.closed_n);
  Buf b = buf_new(cx->arena, PAGE_MAX);
  gaps_html(&b, &page);
  PageFrame frame = { .title = str_fmt(cx->arena, "Gaps of %.*s", STR(node_title(web->graph, n))),
                      .here = "device",
                      .device = n };
  return web_page(cx, web, req, &frame, (Html){ buf_str(&b) }, res);
}

Err page_rule(Cx *cx, Web *web, const Request *req, Response *res) {
  static const char *const tones[RULE_SEVERITIES] = { "line", "med", "high", "crit" };
  const Rule *r;
  TRY(comply_explain(cx, web->packs, req->params[0], &r));
  RulePage page = { .id = r->id,
                    .title = r->title,
                    .severity = str_of(severity_words[r->severity]),
                    .tone = str_of(tones[r->severity]),
                    .why = r->why,
                    .fix = r->fix,
                    .about = r->about,
                    .need = r->need,
                    .fact = r->fact };
  page.clauses = NEW_ARRAY(cx->arena, r->clauses.n, RuleClauses);
  for (size_t i = 0; i < r->clauses.n; i++) page.clauses[page.clauses_n++] = (RuleClauses){ r->clauses.p[i] };
  page.packs = NEW_ARRAY(cx->arena, web->packs->npacks, RulePacks);
  for (size_t i = 0; i < web->packs->npacks; i++)
    if (r->packs & (1u << i))
      page.packs[page.packs_n++] = (RulePacks){ web->packs->pack[i].title, web->packs->pack[i].version };
  Buf b = buf_new(cx->arena, PAGE_MAX);
  rule_html(&b, &page);
  PageFrame frame = { .title = str_fmt(cx->arena, "Check %.*s", STR(r->id)), .device = NODE_NONE };
  return web_page(cx, web, req, &frame, (Html){ buf_str(&b) }, res);
}
