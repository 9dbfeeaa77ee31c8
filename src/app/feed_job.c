/* What the server asks the outside by itself, feeds and timestamps: a process that sleeps until one is due, asks and
 * has the answer taken in by the writer.  Each round has its own fetch process, forked while no store is open here. */
#include "app/feed_watch.h"
#include "app/stamp.h"
#include <poll.h>
#include <stdio.h>

enum { LOOK_MS = 2000 };
#define WHOLE_LOOK_US (10 * 60 * US_PER_S)

FetchRules app_fetch_rules(const Settings *set) {
  return (FetchRules){ .private_hosts = set->text[SET_FEED_PRIVATE],
                       .ca_file = set->text[SET_FEED_CA],
                       .pause_us = set->number[SET_FEED_PAUSE_MS] * 1000,
                       .tries = (unsigned)set->number[SET_FEED_TRIES] };
}

/* Whether the last try of any source is so long ago; false also when none is asked. */
static Err is_due(Cx *cx, Store *s, const Settings *set, bool *due) {
  FeedStatuses list;
  int64_t last = 0, asked = 0;
  TRY(feed_status(cx, s, STR_NONE, &list));
  for (size_t i = 0; i < list.n; i++) {
    if (!list.p[i].enabled) continue;
    asked++;
    if (list.p[i].tried_us > last) last = list.p[i].tried_us;
  }
  *due = asked && cx->now_us - last >= set->number[SET_FEED_EVERY_MIN] * 60 * US_PER_S;
  return E_OK;
}

static void say_failed(const FeedUpdated *u) {
  for (size_t i = 0; i < u->n; i++)
    if (u->row[i].words.n)
      (void)fprintf(stderr, "proofline: warning: feed %.*s %.*s: %.*s\n", STR(u->row[i].source),
                    STR(u->row[i].outcome), STR(u->row[i].words));
}

typedef Store *StoreRef;
static void StoreRef_drop(Store **s) { store_close(*s); }

static Err look(Cx *cx, const char *folder, const Settings *set, bool *due, bool *renamed) {
  AUTO(StoreRef) s = NULL;
  TRY(store_open(cx, folder, STORE_READ, &s));
  TRY(name_rules_changed(cx, s, renamed));
  return is_due(cx, s, set, due);
}

/* A rule that ended, or was signed by a process that ended before it judged. */
static Err follow_names(Cx *cx, const char *folder) {
  AUTO(StoreRef) s = NULL;
  Writer *w = NULL;
  TRY(store_open(cx, folder, STORE_READ, &s));
  TRY(writer_remote(cx, folder, &w));
  Err e = app_names_follow(cx, w, s);
  writer_close(w);
  return e;
}

static Err one_round(Cx *cx, const char *folder, const Settings *set) {
  AUTO(FetchRef) fetch = NULL;
  AUTO(StoreRef) s = NULL;
  Writer *w = NULL;
  FetchRules rules = app_fetch_rules(set);
  FeedUpdated done = { 0 };
  bool due = false, renamed = false;
  FeedWatch watch;
  Judged judged;
  TRY(look(cx, folder, set, &due, &renamed));
  if (!due) return renamed ? follow_names(cx, folder) : E_OK;
  TRY(fetch_open(cx, &rules, &fetch));
  TRY(store_open(cx, folder, STORE_READ, &s));
  TRY(writer_remote(cx, folder, &w));
  Ask who = { .actor = S("system"), .auth = S("none"), .source = S("system") };
  FeedUpdateAsk ask = { .store = s, .writer = w, .fetch = fetch, .set = set, .who = &who,
                        .progress = feed_watch_step, .env = &watch };
  feed_watch_begin(cx, s, NULL, 0, &watch);
  Err e = feed_update(cx, &ask, &done);
  if (e == E_OK && done.activated) feed_watch_judging(&watch);
  if (e == E_OK && done.activated) e = app_match(cx, w, s, STR_NONE, &who, &judged);
  feed_watch_end(&watch);
  writer_close(w);
  if (e == E_OK) say_failed(&done);
  return e;
}

/* Once a day everything is judged, also what need not be: what that finds is a fault of the shorter runs. */
static Err whole_round(Cx *cx, const char *folder) {
  AUTO(StoreRef) s = NULL;
  Writer *w = NULL;
  int64_t at_us, missed;
  TRY(store_open(cx, folder, STORE_READ, &s));
  TRY(vuln_whole_run(cx, s, &at_us, &missed));
  if (!at_us || cx->now_us - at_us < US_PER_DAY) return E_OK;
  TRY(writer_remote(cx, folder, &w));
  Ask who = { .actor = S("system"), .auth = S("none"), .source = S("system") };
  Err e = app_match_whole(cx, w, s, &who, &missed);
  writer_close(w);
  if (e == E_OK && missed)
    (void)fprintf(stderr, "proofline: warning: of %lld packages something else is true than was said; it is put right. "
                          "Report this\n", (long long)missed);
  return e;
}

static Err stamp_round(Cx *cx, const char *folder, const Settings *set) {
  AUTO(FetchRef) fetch = NULL;
  AUTO(StoreRef) s = NULL;
  Writer *w = NULL;
  Timestamp done = { 0 };
  bool due = false;
  TRY(store_open(cx, folder, STORE_READ, &s));
  Err e = stamp_due(cx, s, folder, set, &due);
  store_close(s);
  s = NULL;
  if (e != E_OK || !due) return e;
  TRY(stamp_fetch(cx, set, &fetch));
  TRY(writer_remote(cx, folder, &w));
  Ask who = { .actor = S("system"), .auth = S("none"), .source = S("system") };
  e = stamp_send(cx, w, fetch, folder, set, &who, &done);
  writer_close(w);
  return e;
}

Err app_feed_job(Cx *cx, const char *folder, const Settings *set, int stop_fd) {
  struct pollfd stop = { .fd = stop_fd, .events = POLLIN };
  int64_t whole_us = 0;
  (void)cx;
  while (poll(&stop, 1, LOOK_MS) == 0) {
    AUTO(Cx) own = cx_new(CLI_ARENA), stamps = cx_new(CLI_ARENA), whole = cx_new(CLI_ARENA);
    if (set->number[SET_FEED_EVERY_MIN] && one_round(&own, folder, set) != E_OK)
      (void)fprintf(stderr, "proofline: warning: feeds were not updated: %.*s\n", STR(own.words));
    bool look_at_all = own.now_us >= whole_us;
    if (look_at_all) whole_us = own.now_us + WHOLE_LOOK_US;
    if (look_at_all && whole_round(&whole, folder) != E_OK)
      (void)fprintf(stderr, "proofline: warning: not everything was judged again: %.*s\n", STR(whole.words));
    if (set->text[SET_STAMP_URL].n && stamp_round(&stamps, folder, set) != E_OK)
      (void)fprintf(stderr, "proofline: warning: the log was not stamped: %.*s\n", STR(stamps.words));
  }
  return E_OK;
}
