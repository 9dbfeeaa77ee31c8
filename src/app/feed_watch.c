/* Progress of an update of feeds, in a job file. */
#include "app/feed_watch.h"

static const char id[] = "feeds";
#define TELL_EVERY_US (US_PER_S / 2)

static Str phase_of(const FeedWatch *w) {
  if (w->judging) return S("judging the components");
  return w->building ? S("building the snapshot") : S("asking the sources");
}

/* An arena of its own: a long update tells thousands of times. */
static void tell(FeedWatch *w, bool done) {
  AUTO(Cx) cx = cx_new(1 << 20);
  Buf b = buf_new(cx.arena, JOB_BYTES);
  JsonOut o = json_out(&b, true);
  json_object(&o);
  json_pair_int(&o, "started_us", w->started_us);
  json_pair_bool(&o, "done", done);
  json_pair(&o, "phase", phase_of(w));
  json_key(&o, "sources");
  json_array(&o);
  for (size_t i = 0; i < w->n; i++) {
    const FeedStep *r = &w->row[i];
    json_object(&o);
    json_pair(&o, "source", r->source);
    json_pair(&o, "state", r->state);
    json_pair_int(&o, "bytes", r->bytes);
    json_pair_int(&o, "records", r->records);
    json_pair_int(&o, "kept", r->kept);
    json_pair_int(&o, "refused", r->refused);
    json_object_end(&o);
  }
  json_array_end(&o);
  json_object_end(&o);
  w->told_us = clock_mono_us();
  (void)job_put(&cx, w->folder, str_of(id), buf_str(&b));
}

void feed_watch_begin(Cx *cx, Store *s, const Str *names, size_t nnames, FeedWatch *w) {
  FeedStatuses list = { 0 };
  Cx own = { .arena = cx->arena, .now_us = cx->now_us };
  *w = (FeedWatch){ .folder = store_folder(s), .lock = -1, .started_us = clock_now_us() };
  if (folder_make(&own, str_fmt(cx->arena, "%s/jobs", w->folder).p, 0700) != E_OK) return;
  w->lock = job_lock(&own, w->folder, str_of(id));
  if (w->lock < 0 || feed_status(&own, s, STR_NONE, &list) != E_OK) return;
  for (size_t i = 0; i < list.n && w->n < FEED_WATCH_MOST; i++) {
    bool named = !nnames;
    for (size_t k = 0; k < nnames; k++) named |= str_eq(names[k], list.p[i].name);
    if (named && list.p[i].enabled) w->row[w->n++] = (FeedStep){ .source = list.p[i].name, .state = S("waiting") };
  }
  tell(w, false);
}

void feed_watch_step(void *env, const FeedStep *step) {
  FeedWatch *w = env;
  FeedStep *row = NULL;
  if (w->lock < 0) return;
  for (size_t i = 0; i < w->n && !row; i++)
    if (str_eq(w->row[i].source, step->source)) row = &w->row[i];
  bool same = row && str_eq(row->state, step->state);
  if (row) {
    Str source = row->source;
    *row = *step;
    row->source = source;
  }
  w->building |= !step->source.n;
  if (!same || clock_mono_us() - w->told_us >= TELL_EVERY_US) tell(w, false);
}

void feed_watch_judging(FeedWatch *w) {
  w->judging = true;
  if (w->lock >= 0) tell(w, false);
}

void feed_watch_end(FeedWatch *w) {
  AUTO(Cx) cx = cx_new(1 << 20);
  if (w->lock < 0) return;
  tell(w, true);
  job_unlock(&cx, w->folder, str_of(id), w->lock);
}

Err feed_watched(Cx *cx, const char *folder, FeedWatched *out) {
  JVal *o;
  FeedWatched seen = { 0 };
  *out = seen;
  Err e = job_read(cx, folder, str_of(id), &o);
  if (e == E_NOTFOUND) {
    cx_forgive(cx);
    return E_OK;
  }
  TRY(e);
  if (json_bool(o, "done", false)) return E_OK;
  seen.running = job_lives(cx, folder, str_of(id));
  seen.cut = !seen.running;
  seen.started_us = json_int(o, "started_us", 0);
  seen.phase = json_text(o, "phase");
  seen.row = NEW_ARRAY(cx->arena, FEED_WATCH_MOST, FeedStep);
  JSON_EACH(r, json_get(o, "sources")) {
    if (seen.n == FEED_WATCH_MOST) break;
    seen.row[seen.n++] =
        (FeedStep){ json_text(r, "source"),       json_text(r, "state"),        json_int(r, "bytes", 0),
                    json_int(r, "records", 0), json_int(r, "kept", 0), json_int(r, "refused", 0) };
  }
  *out = seen;
  return E_OK;
}
