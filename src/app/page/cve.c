/* One vulnerability, all devices: are we affected, where, who said so, what was told. */
#include "app/page/scores.h"
#include "app/page/triage_page.h"
#include "cve.html.h"

static CveRows held_row(Cx *cx, Web *web, const Held *h) {
  const Graph *g = web->graph;
  Str product = h->product == NODE_NONE ? h->sbom.product : node_title(g, h->product);
  Str release = h->release == NODE_NONE ? S("no release") : node_title(g, h->release);
  CveRows row = { .place = str_starts(release, product)
                               ? release
                               : str_fmt(cx->arena, "%.*s, %.*s", STR(product), STR(release)),
                  .sbom = h->sbom.id,
                  .component = str_fmt(cx->arena, "%.*s %.*s", STR(h->verdict.name), STR(h->verdict.version)),
                  .purl = h->verdict.purl,
                  .outcome = outcome_words(h->verdict.outcome),
                  .tone = str_of(outcome_tone(h->verdict.outcome)),
                  .reason = h->verdict.reason,
                  .tier = str_dup(cx->arena, (Str){ &h->verdict.tier, 1 }),
                  .rule = h->verdict.rule,
                  .near = h->decision ? STR_NONE : h->near,
                  .fixed = h->verdict.fixed,
                  .open = h->verdict.outcome < OUTCOME_NOT_AFFECTED,
                  .units = number_text(cx, h->units) };
  if (h->finding != NODE_NONE) {
    row.finding = node_id(g, h->finding);
    row.finding_url = web_record_url(cx, row.finding);
  }
  if (h->decision) {
    row.decision = h->decision->id;
    row.decision_url = web_record_url(cx, row.decision);
    row.status = choice_words(cx->arena, h->decision->status);
    row.by = h->decision->in_force
                 ? str_fmt(cx->arena, "by %.*s, %.*s: %.*s", STR(person_name(cx, web, h->decision->by)),
                           STR(day_text(cx, h->decision->decided_us)), STR(h->decision->why))
                 : S("waits for a second person to sign");
  }
  return row;
}

static void fill_sources(Cx *cx, const Where *w, CvePage *page) {
  const VulnAbout *a = &w->about;
  page->sources = NEW_ARRAY(cx->arena, a->source.n, CveSources);
  for (size_t i = 0; i < a->source.n; i++) {
    const VulnSource *s = &a->source.p[i];
    page->sources[page->sources_n++] =
        (CveSources){ .source = s->source,
                      .advisory = s->advisory,
                      .modified = str_slice(s->modified, 0, 10),
                      .score = tenths_text(cx, s->cvss_x10),
                      .vector = s->vector,
                      .differs = s->cvss_x10 >= 0 && a->cvss_x10 >= 0 && s->cvss_x10 != a->cvss_x10,
                      .withdrawn = s->withdrawn };
  }
}

static void fill_linked(Cx *cx, Web *web, const Where *w, CvePage *page) {
  const Graph *g = web->graph;
  page->notices = NEW_ARRAY(cx->arena, w->notices.n, CveNotices);
  for (size_t i = 0; i < w->notices.n; i++) {
    Node n = w->notices.p[i];
    page->notices[page->notices_n++] = (CveNotices){ .id = node_id(g, n),
                                                     .url = web_record_url(cx, node_id(g, n)),
                                                     .title = node_title(g, n),
                                                     .state = state_words(cx, node_state(g, n)),
                                                     .tone = str_of(state_tone(node_state_flags(g, n))) };
  }
  page->clocks = NEW_ARRAY(cx->arena, w->clocks.n, CveClocks);
  for (size_t i = 0; i < w->clocks.n; i++) {
    Node n = w->clocks.p[i];
    const Value *due = node_value(g, n, "due");
    page->clocks[page->clocks_n++] =
        (CveClocks){ .id = node_id(g, n),
                     .url = web_record_url(cx, node_id(g, n)),
                     .title = node_title(g, n),
                     .due = due ? date_text(cx->arena, (int32_t)due->i) : STR_NONE,
                     .tone = str_of(due && due->i < date_of(cx->now_us) ? "crit" : "med") };
  }
}

Err page_cve(Cx *cx, Web *web, const Request *req, Response *res) {
  Where w = { 0 };
  Str broken = STR_NONE;
  SnapshotRow row;
  Cx probe = { .arena = cx->arena };
  TRY(where_is(cx, web->store, web->graph, req->params[0], &broken, &w));
  if (broken.n && !w.held.n) w.sentence = S("Unknown: the advisories cannot be read.");
  CvePage page = { .id = w.about.id,
                   .known = w.known,
                   .broken = broken.n ? advisories_broken(cx, broken) : STR_NONE,
                   .sentence = w.sentence,
                   .tone = str_of(str_starts(w.sentence, S("Yes"))                   ? "crit"
                                  : str_find(w.sentence, S("Unknown: ")) != SIZE_MAX ? "info"
                                                                                     : "ok"),
                   .kev = w.about.kev_added,
                   .vector = w.about.vector,
                   .cvss = tenths_text(cx, w.about.cvss_x10),
                   .epss = epss_text(cx, w.about.epss_x1e9),
                   .count = str_fmt(cx->arena, "%zu components", w.held.n) };
  if (vuln_current(&probe, web->store, &row) == E_OK) page.snapshot = app_freshness(cx, &row).newest;
  page.aliases = NEW_ARRAY(cx->arena, w.about.naliases, CveAliases);
  for (size_t i = 0; i < w.about.naliases; i++) page.aliases[page.aliases_n++] = (CveAliases){ w.about.aliases[i] };
  page.rows = NEW_ARRAY(cx->arena, w.held.n, CveRows);
  for (size_t i = 0; i < w.held.n; i++) page.rows[page.rows_n++] = held_row(cx, web, &w.held.p[i]);
  fill_sources(cx, &w, &page);
  TRY(score_card(cx, web, w.about.id, &w.scores, &w.findings, &page.scores));
  fill_linked(cx, web, &w, &page);
  if (!w.known && !w.held.n && !w.findings.n && !broken.n) res->status = 404;
  Buf b = buf_new(cx->arena, PAGE_MAX);
  cve_html(&b, &page);
  PageFrame frame = { .title = w.about.id, .here = "finding", .device = NODE_NONE };
  return web_page(cx, web, req, &frame, (Html){ buf_str(&b) }, res);
}
