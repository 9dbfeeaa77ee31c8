/* update.c - one update: pull every source, refuse what is broken, keep what is new, build, take into use. */
#define _GNU_SOURCE /* mkostemp */
#include "feedstore.sql.h"
#include "vuln/feedstore.h"
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { BAD_FREE = 3, AHEAD_DAYS = 1 };

/* ---- guards: all fail closed ---- */

static Err kept(Cx *cx, const FeedStatus *s, Str words) {
  return fail(cx, E_FEED, "%.*s: %.*s. The old snapshot is kept; check the source, or take it with --reason",
              STR(s->name), STR(words));
}

static Err guard_age(Cx *cx, const FeedStatus *s, const Intake *in) {
  int64_t newest, limit = s->max_age_days * US_PER_DAY;
  if (!in->newest.n || !time_parse(in->newest, &newest)) return E_OK;
  if (newest > cx->now_us + AHEAD_DAYS * US_PER_DAY)
    return kept(cx, s,
                str_fmt(cx->arena, "its newest record is of %.*s, which has not come yet: its clock or ours is wrong",
                        STR(in->newest)));
  if (limit && cx->now_us - newest > limit)
    return kept(cx, s,
                str_fmt(cx->arena, "its newest record is of %.*s, more than %lld days old: an old feed",
                        STR(str_slice(in->newest, 0, 10)), (long long)s->max_age_days));
  return E_OK;
}

static Err guard_back(Cx *cx, const FeedStatus *s, const Intake *in, bool full) {
  int64_t newest;
  if (!full || !in->newest.n || !time_parse(in->newest, &newest) || newest >= s->newest_us) return E_OK;
  return kept(cx, s,
              str_fmt(cx->arena, "its newest record is of %.*s, that of last time was of %.*s: it went back in time",
                      STR(str_slice(in->newest, 0, 19)), STR(str_slice(s->newest, 0, 19))));
}

Err guard_intake(Cx *cx, const FeedStatus *s, const Intake *in, bool full, int64_t live) {
  if (!in->records && in->bad) {
    Str why = in->nskips ? in->skip[0].why : S("");
    return fail(cx, E_FEED, "%.*s: nothing of it can be used (%.*s). The old snapshot is kept; check the source",
                STR(s->name), STR(why));
  }
  if (!in->records)
    return fail(cx, E_FEED, "%.*s is empty. The old snapshot is kept; check the source", STR(s->name));
  if (in->bad > BAD_FREE && in->bad * 1000 > in->records + in->bad)
    return kept(cx, s,
                str_fmt(cx->arena, "%lld of its %lld records cannot be read (%.*s)", (long long)in->bad,
                        (long long)(in->records + in->bad), STR(in->nskips ? in->skip[0].why : S(""))));
  if (full && in->gone * 20 > live)
    return kept(cx, s,
                str_fmt(cx->arena, "%lld of %lld advisories are gone: a halved feed", (long long)in->gone,
                        (long long)live));
  if (in->rows != in->records && in->rows * 20 < s->rows * 19)
    return kept(cx, s,
                str_fmt(cx->arena, "it has %lld entries, last time %lld: a halved feed", (long long)in->rows,
                        (long long)s->rows));
  TRY(guard_age(cx, s, in));
  return guard_back(cx, s, in, full);
}

/* ---- one source ---- */

Str outcome_word(Err e) { return e == E_FEED || e == E_TOO_LARGE || e == E_INTEGRITY ? S("refused") : S("failed"); }

void intake_json(const IntakeRow *r, JsonOut *o) {
  json_object(o);
  json_pair(o, "source", r->source);
  json_pair(o, "kind", r->kind);
  json_pair(o, "outcome", r->outcome);
  const struct {
    const char *key;
    Str value;
  } texts[] = { { "words", r->words },   { "origin", r->origin }, { "newest", r->newest },
                { "cursor", r->cursor }, { "pack", r->pack },     { "bundle", r->bundle } };
  for (size_t i = 0; i < COUNT(texts); i++)
    if (texts[i].value.n) json_pair(o, texts[i].key, texts[i].value);
  const struct {
    const char *key;
    int64_t value;
  } numbers[] = {
    { "records", r->records }, { "rows", r->rows }, { "fresh", r->fresh }, { "changed", r->changed },
    { "gone", r->gone },       { "bad", r->bad },   { "live", r->live },   { "bundle_n", r->bundle_n }
  };
  for (size_t i = 0; i < COUNT(numbers); i++) json_pair_int(o, numbers[i].key, numbers[i].value);
  json_key(o, "skipped");
  skips_json(r->skip, r->nskips < 50 ? r->nskips : 50, o);
  json_object_end(o);
}

static Err spool_open(Cx *cx, const char *folder, int *out) {
  char *path = str_z(cx->arena, str_fmt(cx->arena, "%s/archive/spool-XXXXXX", folder));
  TRY(folder_make(cx, str_fmt(cx->arena, "%s/archive", folder).p, 0750));
  int fd = mkostemp(path, O_CLOEXEC);
  if (fd < 0) return fail(cx, errno == ENOSPC ? E_FULL : E_IO, "Cannot write to %s: %s", path, strerror(errno));
  (void)unlink(path); /* only this process has it, and it goes with it */
  *out = fd;
  return E_OK;
}

static Err spool_split(Cx *cx, int fd, const IntakeAsk *ask, Intake *out) {
  AUTO(Mapped) m = { 0 };
  TRY(archive_map_fd(cx, fd, &m));
  return intake_split(cx, ask, (Str){ m.p, m.n }, out);
}

typedef struct Got {
  Pull pull;
  Intake in;
  ArchiveState *state;
} Got;

static void say(const Update *u, const FeedStep *step) {
  if (u->ask->progress) u->ask->progress(u->ask->env, step);
}

static void fetched(const Pull *p) {
  say(p->env, &(FeedStep){ .source = p->name, .state = S("fetching"), .bytes = p->bytes });
}

static void ended(const Update *u, const IntakeRow *r, int64_t bytes) {
  say(u, &(FeedStep){ r->source, r->outcome, bytes, r->records, r->fresh + r->changed, r->bad });
}

static Err take_in(Update *u, Cx *cx, const FeedStatus *s, const SourceKind *kind, Got *g) {
  bool trusted = u->ask->reason.n > 0;
  TRY(kind->pull(&g->pull));
  if (g->pull.unchanged) return E_OK;
  say(u, &(FeedStep){ .source = s->name, .state = S("reading"), .bytes = g->pull.bytes });
  g->state = NEW(u->keep.arena, ArchiveState);
  TRY(source_state(cx, u->ask->store, s->name, u->keep.arena, g->state));
  int64_t live = (int64_t)g->state->live;
  TRY(spool_split(cx, g->pull.spool, &(IntakeAsk){ kind->kinds, g->pull.full, g->state }, &g->in));
  Err e = guard_intake(cx, s, &g->in, g->pull.full, live);
  bool overruled = e != E_OK && trusted && g->in.records;
  if (overruled) cx_forgive(cx);
  else TRY(e);
  if (!g->in.pack.n) return E_OK;
  Str sha;
  TRY(archive_put(cx, store_folder(u->ask->store), g->in.pack, &sha));
  g->in.pack = sha;
  return pack_fold_file(cx, store_folder(u->ask->store), str_dup(u->keep.arena, sha), u->keep.arena, g->state);
}

static IntakeRow row_of(Arena *a, const FeedStatus *s, const Got *g) {
  FeedSkip *skip = NEW_ARRAY(a, g->in.nskips + 1, FeedSkip);
  for (size_t i = 0; i < g->in.nskips; i++)
    skip[i] = (FeedSkip){ str_dup(a, g->in.skip[i].file), str_dup(a, g->in.skip[i].why), g->in.skip[i].count };
  return (IntakeRow){ .source = s->name,
                      .kind = s->kind,
                      .origin = s->url,
                      .newest = str_dup(a, g->in.newest),
                      .records = g->in.records,
                      .rows = g->in.rows,
                      .fresh = g->in.fresh,
                      .changed = g->in.changed,
                      .gone = g->in.gone,
                      .bad = g->in.bad,
                      .skip = skip,
                      .nskips = g->in.nskips,
                      .live = g->state ? (int64_t)g->state->live : s->live };
}

static Err one_source(Update *u, const FeedStatus *s) {
  AUTO(Cx) cx = cx_new((size_t)4 << 30);
  Cx *out = u->cx;
  const SourceKind *kind = source_kind(s->kind);
  cx.now_us = out->now_us;
  if (!kind) return fail(out, E_CONFIG, "%.*s: there is no kind of source '%.*s'", STR(s->name), STR(s->kind));
  Got g = { .pull = { .cx = &cx,
                      .fetch = u->ask->fetch,
                      .set = u->ask->set,
                      .name = s->name,
                      .url = s->url,
                      .scope = s->scope,
                      .told = fetched,
                      .env = u,
                      .cursor = u->ask->whole ? S("") : s->cursor } };
  TRY(spool_open(out, store_folder(u->ask->store), &g.pull.spool));
  Err e = take_in(u, &cx, s, kind, &g);
  (void)close(g.pull.spool);
  IntakeRow row = row_of(out->arena, s, &g);
  if (e != E_OK) {
    row.outcome = outcome_word(e);
    row.words = str_dup(out->arena, str_head(cx.words, 1000));
    row.records = row.fresh = row.changed = row.gone = 0;
    row.live = s->live;
  } else {
    bool news = g.in.pack.n > 0;
    row.outcome = news ? S("taken") : S("unchanged");
    row.cursor = str_dup(out->arena, g.pull.next.n || g.pull.unchanged ? g.pull.next : s->cursor);
    row.pack = str_dup(out->arena, g.in.pack);
    if (news) vec_add(u->keep.arena, &u->states, g.state);
    if (news) vec_add(u->keep.arena, &u->changed, s->name);
  }
  ended(u, &row, g.pull.bytes);
  vec_add(out->arena, &u->rows, row);
  return E_OK;
}

/* ---- the snapshot ---- */

static bool has_name(const Update *u, Str name) {
  for (size_t i = 0; i < u->changed.n; i++)
    if (str_eq(u->changed.p[i], name)) return true;
  return false;
}

static Err build(Update *u, const char *path, FeedBuild *out) {
  Str *names;
  size_t n;
  TRY(feed_source_names(u->cx, u->ask->store, &names, &n));
  for (size_t i = 0; i < n; i++) {
    if (has_name(u, names[i])) continue;
    ArchiveState *state = NEW(u->keep.arena, ArchiveState);
    TRY(source_state(u->cx, u->ask->store, names[i], u->keep.arena, state));
    vec_add(u->keep.arena, &u->states, state);
  }
  return archive_build(u->cx, (const ArchiveState *const *)u->states.p, u->states.n, path, out);
}

static Err tell(Update *u, const char *path, Str sha) {
  Buf b = buf_new(u->cx->arena, 64 << 20);
  JsonOut o = json_out(&b, false);
  Answer answer = { 0 };
  json_object(&o);
  json_key(&o, "tries");
  json_array(&o);
  for (size_t i = 0; i < u->rows.n; i++) intake_json(&u->rows.p[i], &o);
  json_array_end(&o);
  if (path) {
    json_pair(&o, "path", str_of(path));
    json_pair(&o, "sha256", sha);
  }
  json_object_end(&o);
  Ask ask = *u->ask->who;
  ask.command = S("feed.take");
  ask.reason = u->ask->reason;
  ask.request = random_hex(u->cx->arena, 8);
  ask.args_json = buf_str(&b);
  TRY(writer_ask(u->cx, u->ask->writer, &ask, 1, &answer));
  return answer_result(u->cx, &answer);
}

/* The archive keeps the bytes; the rows say that they were not taken, and why. */
static size_t refuse_all(Update *u, Str words) {
  size_t n = 0;
  for (size_t i = 0; i < u->rows.n; i++) {
    IntakeRow *r = &u->rows.p[i];
    if (!str_eq(r->outcome, S("taken"))) continue;
    r->outcome = S("refused");
    r->words = words;
    r->pack = r->cursor = STR_NONE;
    n++;
  }
  return n;
}

static Err take_into_use(Update *u, FeedUpdated *out) {
  say(u, &(FeedStep){ .state = S("building") });
  const char *path = str_fmt(u->cx->arena, "%s/archive/next-%d.snap", store_folder(u->ask->store), (int)getpid()).p;
  Err e = build(u, path, &out->build);
  if (e == E_OK) e = tell(u, path, out->build.sha256);
  (void)unlink(path);
  if (e == E_OK) {
    out->activated = true;
    if (score_history_make(u->cx, u->ask->store, false) == E_OK) return E_OK;
    out->history = u->cx->words;
    cx_forgive(u->cx);
    return E_OK;
  }
  Str words = u->cx->words;
  cx_forgive(u->cx);
  bool told = refuse_all(u, words) > 0;
  TRY(tell(u, NULL, STR_NONE));
  return told ? E_OK : fail(u->cx, e, "%.*s", STR(words));
}

static Err finish(Update *u, FeedUpdated *out) {
  out->row = NEW_ARRAY(u->cx->arena, u->rows.n + 1, FeedTried);
  for (size_t i = 0; i < u->rows.n; i++) {
    const IntakeRow *r = &u->rows.p[i];
    out->row[i] =
        (FeedTried){ r->source, r->outcome, r->words, r->records, r->fresh, r->changed, r->gone, r->bad, r->live };
    out->failed += str_eq(r->outcome, S("failed")) || str_eq(r->outcome, S("refused"));
  }
  out->n = u->rows.n;
  return E_OK;
}

Update update_begin(Cx *cx, const FeedUpdateAsk *ask) {
  return (Update){ .cx = cx, .ask = ask, .keep = cx_new((size_t)8 << 30) };
}

/* A pack that lies in the archive already, over what its source has. */
Err update_add(Update *u, const IntakeRow *row) {
  size_t at = 0;
  while (at < u->changed.n && !str_eq(u->changed.p[at], row->source)) at++;
  if (at == u->changed.n) {
    ArchiveState *state = NEW(u->keep.arena, ArchiveState);
    TRY(source_state(u->cx, u->ask->store, row->source, u->keep.arena, state));
    vec_add(u->keep.arena, &u->states, state);
    vec_add(u->keep.arena, &u->changed, row->source);
  }
  Str sha = str_dup(u->keep.arena, row->pack);
  TRY(pack_fold_file(u->cx, store_folder(u->ask->store), sha, u->keep.arena, u->states.p[at]));
  vec_add(u->cx->arena, &u->rows, *row);
  u->rows.p[u->rows.n - 1].live = (int64_t)u->states.p[at]->live;
  return E_OK;
}

/* The one in use is gone, damaged, or of another version of the program: the archive gives it anew. */
static bool is_broken(Update *u) {
  SnapshotRow current;
  AUTO(SnapshotRef) snap = NULL;
  if (vuln_current(u->cx, u->ask->store, &current) != E_OK) {
    cx_forgive(u->cx);
    return false;
  }
  if (snapshot_open(u->cx, current.path.p, &snap) == E_OK) return false;
  cx_forgive(u->cx);
  return true;
}

Err update_end(Update *u, FeedUpdated *out) {
  FeedUpdated done = { 0 };
  TRY(u->changed.n || is_broken(u) ? take_into_use(u, &done) : tell(u, NULL, STR_NONE));
  TRY(finish(u, &done));
  *out = done;
  return E_OK;
}

Err feed_update(Cx *cx, const FeedUpdateAsk *ask, FeedUpdated *out) {
  FeedStatuses list;
  Update u = update_begin(cx, ask);
  Err e = feed_status(cx, ask->store, STR_NONE, &list);
  size_t asked = 0;
  for (size_t i = 0; i < list.n && e == E_OK; i++) {
    bool named = !ask->nnames;
    for (size_t k = 0; k < ask->nnames; k++) named |= str_eq(ask->names[k], list.p[i].name);
    if (!named || !list.p[i].enabled) continue;
    asked++;
    say(&u, &(FeedStep){ .source = list.p[i].name, .state = S("fetching") });
    e = one_source(&u, &list.p[i]);
  }
  if (e == E_OK && (!asked || (ask->nnames && asked < ask->nnames)))
    e = fail(cx, E_NOTFOUND,
             ask->nnames ? "One of these is no source that is asked; see: proofline feed list"
                         : "There is no source yet; add one: proofline feed add");
  if (e == E_OK) e = update_end(&u, out);
  cx_free(&u.keep);
  return e;
}
