/* feed_watch.h - an update of feeds, as the page sees it while it runs: whoever updates tells it in the job file
 * "feeds". */
#pragma once
#include "app/job_file.h"

enum { FEED_WATCH_MOST = 64 };           /* sources that are told of */

typedef struct FeedWatch {
  const char *folder;
  int lock;                              /* -1: another update tells already; this one is silent */
  int64_t started_us, told_us;
  bool building, judging;
  FeedStep row[FEED_WATCH_MOST];         /* texts are the sources' own or constant */
  size_t n;
} FeedWatch;
/* names: as in FeedUpdateAsk; what is to be asked waits.  A failure to tell hinders no update. */
void feed_watch_begin(Cx *cx, Store *s, const Str *names, size_t nnames, FeedWatch *w);
void feed_watch_step(void *env, const FeedStep *step);           /* FeedUpdateAsk.progress; env: the FeedWatch */
void feed_watch_judging(FeedWatch *w);
void feed_watch_end(FeedWatch *w);

typedef struct FeedWatched {
  bool running, cut;                     /* cut: the last one ended before it was done */
  int64_t started_us;
  Str phase;                             /* "asking the sources" ... */
  FeedStep *row; size_t n;
} FeedWatched;
/* Nothing to see: neither running nor cut. */
Err feed_watched(Cx *cx, const char *folder, FeedWatched *out);
