/* Feeds: how fresh each source of advisories is, what was refused and why, and what the snapshot in use was made of.
 */
#include "app/feed_watch.h"
#include "app/page/web.h"
#include "feeds.html.h"

enum { INTAKES_SHOWN = 50 };

static Str day_of(Str time) { return time.n ? str_slice(time, 0, 10) : S("none"); }

static Str tone_of(Str outcome) {
  if (str_eq(outcome, S("refused")) || str_eq(outcome, S("failed"))) return S("crit");
  return str_eq(outcome, S("taken")) ? S("ok") : S("line");
}

static Str state_of(const FeedStatus *f, Str *tone) {
  *tone = S("line");
  if (f->imported) return S("by bundle");
  if (!f->enabled) return S("ended");
  if (!f->tried_us) return S("never asked");
  *tone = f->stale ? S("crit") : tone_of(f->outcome);
  return f->stale ? S("stale") : f->outcome;
}

static Err fill_sources(Cx *cx, Web *web, FeedsPage *page) {
  FeedStatuses list;
  TRY(feed_status(cx, web->store, STR_NONE, &list));
  page->sources = NEW_ARRAY(cx->arena, list.n + 1, FeedsSources);
  for (size_t i = 0; i < list.n; i++) {
    const FeedStatus *f = &list.p[i];
    bool bad = str_eq(f->outcome, S("refused")) || str_eq(f->outcome, S("failed"));
    FeedsSources *s = &page->sources[page->sources_n++];
    *s = (FeedsSources){ .name = f->name,
                         .kind = f->kind,
                         .url = f->url,
                         .scope = f->scope,
                         .words = bad ? f->words : STR_NONE,
                         .good = f->good_us ? time_minute(cx->arena, f->good_us) : S("never"),
                         .newest = day_of(f->newest),
                         .live = number_text(cx, f->live),
                         .bad = number_text(cx, f->bad) };
    s->state = state_of(f, &s->tone);
    page->stale |= f->enabled && f->stale;
  }
  page->count = number_text(cx, (int64_t)list.n);
  return E_OK;
}

static Err fill_intakes(Cx *cx, Web *web, FeedsPage *page) {
  FeedIntakes list;
  TRY(feed_intakes(cx, web->store, STR_NONE, INTAKES_SHOWN, &list));
  page->intakes = NEW_ARRAY(cx->arena, list.n + 1, FeedsIntakes);
  for (size_t i = 0; i < list.n; i++) {
    const FeedIntake *r = &list.p[i];
    page->intakes[page->intakes_n++] = (FeedsIntakes){ .id = r->id,
                                                       .at = time_minute(cx->arena, r->at_us),
                                                       .source = r->source,
                                                       .outcome = r->outcome,
                                                       .tone = tone_of(r->outcome),
                                                       .words = r->words,
                                                       .fresh = number_text(cx, r->fresh),
                                                       .changed = number_text(cx, r->changed),
                                                       .gone = number_text(cx, r->gone) };
  }
  return E_OK;
}

static void fill_parts(Cx *cx, Str sources, FeedsPage *page) {
  FeedSource f;
  page->parts = NEW_ARRAY(cx->arena, 64, FeedsParts);
  while (page->parts_n < 64 && source_line(&sources, &f))
    page->parts[page->parts_n++] = (FeedsParts){ .name = f.name,
                                                 .records = number_text(cx, f.records),
                                                 .newest = day_of(f.newest),
                                                 .old = feed_source_is_old(&f, cx->now_us) };
}

static Err fill_snapshot(Cx *cx, Web *web, FeedsPage *page) {
  SnapshotRow row;
  Err e = vuln_current(cx, web->store, &row);
  if (e == E_NOTFOUND) {
    cx_forgive(cx);
    page->state = S("none");
    return E_OK;
  }
  TRY(e);
  page->sha = row.sha256;
  Freshness fresh = app_freshness(cx, &row);
  page->activated = time_minute(cx->arena, row.activated_us);
  page->newest = fresh.newest;
  page->age = app_age_words(cx, fresh.newest);
  page->stale |= fresh.old;
  fill_parts(cx, row.sources, page);
  page->state = page->stale ? S("stale: new findings may be missing") : S("in use");
  AUTO(SnapshotRef) snap = NULL;
  if (snapshot_open(cx, row.path.p, &snap) == E_OK) return E_OK;
  page->stale = true;
  page->state = S("cannot be used: nothing is judged");
  page->broken = cx->words;
  cx_forgive(cx);
  return E_OK;
}

static Err fill_running(Cx *cx, Web *web, FeedsPage *page) {
  FeedWatched w;
  TRY(feed_watched(cx, web->folder, &w));
  page->running = w.running;
  page->cut = w.cut;
  page->phase = w.phase;
  page->since = age_text(cx->arena, clock_now_us() - w.started_us);
  page->steps = NEW_ARRAY(cx->arena, w.n + 1, FeedsSteps);
  for (size_t i = 0; i < w.n; i++) {
    const FeedStep *r = &w.row[i];
    page->steps[page->steps_n++] = (FeedsSteps){ .source = r->source,
                                                 .state = r->state,
                                                 .tone = tone_of(r->state),
                                                 .fetched = number_text(cx, (r->bytes + 1023) / 1024),
                                                 .read = number_text(cx, r->records),
                                                 .kept = number_text(cx, r->kept),
                                                 .refused = number_text(cx, r->refused) };
  }
  return E_OK;
}

Err page_feeds(Cx *cx, Web *web, const Request *req, Response *res) {
  FeedsPage page = { 0 };
  TRY(fill_sources(cx, web, &page));
  TRY(fill_intakes(cx, web, &page));
  TRY(fill_snapshot(cx, web, &page));
  TRY(fill_running(cx, web, &page));
  Buf b = buf_new(cx->arena, PAGE_MAX);
  feeds_html(&b, &page);
  PageFrame frame = { .title = S("Feeds"), .here = "feeds", .device = NODE_NONE, .refresh_s = page.running ? 2 : 0 };
  return web_page(cx, web, req, &frame, (Html){ buf_str(&b) }, res);
}
