/* Timestamps over the network, with a request that waits while nobody can be reached. */
#include "app/stamp.h"
#include "app/anchor.h"
#include <stdio.h>

enum { REPLY_BYTES = 16 * 1024, STATE_BYTES = 8192 };
static const int64_t PAUSE_MOST_US = 6 * 3600 * US_PER_S, LATE_US = 3 * US_PER_DAY;

/* ---- what is remembered of failures ------------------------------------------------------------------- */

static const char *state_path(Cx *cx, const char *folder) { return str_fmt(cx->arena, "%s/" STAMP_STATE, folder).p; }

void stamp_state(Cx *cx, const char *folder, StampState *out) {
  Str text;
  JVal *j;
  Cx own = { .arena = cx->arena };
  *out = (StampState){ .words = S("") };
  if (file_read(&own, state_path(cx, folder), STATE_BYTES, &text) != E_OK) return;
  if (json_read(&own, text, &JSON_BODY, &j) != E_OK) return;
  *out = (StampState){ .failed = json_int(j, "failed", 0),
                       .tried_us = json_int(j, "tried_us", 0),
                       .next_us = json_int(j, "next_us", 0),
                       .words = json_text(j, "words").p ? json_text(j, "words") : S("") };
}

static int64_t pause_us(const Settings *set, int64_t failed) {
  int64_t us = set->number[SET_STAMP_RETRY_S] * US_PER_S;
  for (int64_t i = 1; i < failed && us < PAUSE_MOST_US; i++) us *= 2;
  return us < PAUSE_MOST_US ? us : PAUSE_MOST_US;
}

static Err state_failed(Cx *cx, const char *folder, const Settings *set, Str words) {
  StampState was;
  stamp_state(cx, folder, &was);
  int64_t now = clock_now_us(), failed = was.failed + 1;
  Buf b = buf_new(cx->arena, STATE_BYTES);
  JsonOut o = json_out(&b, false);
  json_object(&o);
  json_pair_int(&o, "failed", failed);
  json_pair_int(&o, "next_us", now + pause_us(set, failed));
  json_pair_int(&o, "tried_us", now);
  json_pair(&o, "words", str_head(words, 2000));
  json_object_end(&o);
  return file_write(cx, state_path(cx, folder), buf_str(&b), 0600);
}

/* ---- one try ------------------------------------------------------------------------------------------- */

Err stamp_fetch(Cx *cx, const Settings *set, Fetch **out) {
  FetchRules rules = app_fetch_rules(set);
  rules.tries = 1; /* the pause after a failure is ours, and outlives this process */
  rules.plain = true;
  return fetch_open(cx, &rules, out);
}

static Err told(Cx *cx, Writer *w, const Ask *who, Str reply, JVal **result) {
  Ask ask = *who;
  Answer a = { 0 };
  ask.command = S("log.timestamp");
  ask.request = random_hex(cx->arena, 8);
  ask.args_json = S("{}");
  ask.payload = reply;
  TRY(writer_ask(cx, w, &ask, 1, &a));
  TRY(answer_result(cx, &a));
  return json_read(cx, a.result_json, &JSON_DOCUMENT, result);
}

static Err ready(Cx *cx, const char *folder, const Settings *set) {
  if (!set->text[SET_STAMP_URL].n)
    return fail(cx, E_CONFIG,
                "No authority is named. Nothing was sent. Put its address into the setting timestamp_url, or carry the "
                "request yourself: proofline anchor timestamp --request FILE");
  if (!file_exists(str_fmt(cx->arena, "%s/" TIMESTAMP_CA, folder).p))
    return fail(cx, E_CONFIG,
                "There is no %s/" TIMESTAMP_CA ", so nobody could tell whose stamp it is. Nothing was sent. Put the "
                "authority's root certificates there (PEM)",
                folder);
  return E_OK;
}

static Err send(Cx *cx, Writer *w, Fetch *f, const Settings *set, const Ask *who, Str request, Timestamp *out) {
  FetchAnswer answer = { 0 };
  JVal *result;
  FetchAsk ask = { .url = set->text[SET_STAMP_URL],
                   .most = REPLY_BYTES,
                   .fd = -1,
                   .post = request,
                   .media = S("application/timestamp-query") };
  TRY(fetch_get(cx, f, &ask, &answer));
  if (!answer.body.n) return fail(cx, E_FEED, "%.*s gave an empty answer. The request waits", STR(ask.url));
  TRY(told(cx, w, who, answer.body, &result));
  *out = (Timestamp){ .size = json_int(result, "size", 0), .told = json_text(result, "told") };
  return time_parse(json_text(result, "stamped"), &out->stamped_us) ? E_OK : fail(cx, E_BUG, "The stamp has no time");
}

Err stamp_send(Cx *cx, Writer *w, Fetch *f, const char *folder, const Settings *set, const Ask *who, Timestamp *out) {
  JVal *result;
  Str request;
  TRY(ready(cx, folder, set));
  TRY(told(cx, w, who, STR_NONE, &result));
  if (!base64_read(cx->arena, json_text(result, "request"), &request))
    return fail(cx, E_BUG, "The request cannot be read");
  Err e = send(cx, w, f, set, who, request, out);
  if (e == E_OK) {
    (void)remove(state_path(cx, folder));
    return E_OK;
  }
  Str words = cx->words;
  Cx own = { .arena = cx->arena };
  (void)state_failed(&own, folder, set, words);
  return e;
}

/* ---- when ---------------------------------------------------------------------------------------------- */

Err stamp_due(Cx *cx, Store *s, const char *folder, const Settings *set, bool *due) {
  StampState state;
  Timestamps all = { 0 };
  TreeHead head;
  Str note;
  *due = false;
  if (!set->text[SET_STAMP_URL].n) return E_OK;
  stamp_state(cx, folder, &state);
  if (state.failed && clock_now_us() < state.next_us) return E_OK;
  TRY(ledger_timestamps(cx, s, &all));
  TRY(ledger_last_checkpoint(cx, s, &head, &note));
  const Timestamp *last = all.n ? &all.p[0] : NULL;
  *due = head.size && (!last || !last->reply.n ||
                       (last->size != head.size &&
                        clock_now_us() - last->stamped_us >= set->number[SET_STAMP_EVERY_MIN] * 60 * US_PER_S));
  return E_OK;
}

bool stamp_words(Cx *cx, Store *s, const Settings *set, Str *words) {
  StampState state;
  Timestamps all = { 0 };
  Str last = S("none yet"), waits = S("");
  bool asked = set->text[SET_STAMP_URL].n > 0;
  *words = S("cannot be read");
  stamp_state(cx, store_folder(s), &state);
  if (ledger_timestamps(cx, s, &all) != E_OK) {
    cx_forgive(cx);
    return false;
  }
  int64_t stamped_us = 0;
  for (size_t i = all.n; i-- > 0;) {
    if (all.p[i].reply.n) {
      stamped_us = all.p[i].stamped_us;
      last = str_fmt(cx->arena, "%lld entries, %.*s UTC by %.*s", (long long)all.p[i].size,
                     STR(time_minute(cx->arena, stamped_us)), STR(all.p[i].told));
    } else waits = str_fmt(cx->arena, "; a request over %lld entries waits", (long long)all.p[i].size);
  }
  *words = str_fmt(cx->arena, "%.*s%.*s", STR(last), STR(waits));
  if (state.failed)
    *words = str_fmt(cx->arena, "%.*s; %lld tries failed, the last %.*s UTC, the next after %.*s UTC: %.*s",
                     STR(*words), (long long)state.failed, STR(time_minute(cx->arena, state.tried_us)),
                     STR(time_minute(cx->arena, state.next_us)), STR(state.words));
  int64_t late_us = LATE_US + set->number[SET_STAMP_EVERY_MIN] * 60 * US_PER_S;
  return !state.failed && (!asked || !all.n || clock_now_us() - stamped_us < late_us);
}
