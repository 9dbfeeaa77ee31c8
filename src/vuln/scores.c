/* scores.c - the history of EPSS and KEV: made of the archive's intakes, in the jail, one after the other.
 *
 * feeds/scores.history: head, then { cve, day, score } sorted by both, then the catalog's entries sorted by CVE. */
#include "vuln/scores.h"
#include "feedstore.sql.h"
#include "vuln/feedstore.h"
#include <stdlib.h>
#include <string.h>

#define SCORES_MAGIC UINT64_C(0x3148535f4c505651) /* its layout; another one is made again */
typedef struct ScoreRow { uint64_t cve; int32_t day; uint32_t score_x1e9; } ScoreRow;   /* SNAP_NONE: unscored */
typedef struct KevRow { uint64_t cve; int32_t added, seen, gone, listed; } KevRow;
typedef struct ScoresHead {
  uint64_t magic;
  int64_t intake;                 /* up to which */
  uint64_t nscores, nkevs;
  int32_t first_day, last_day;
} ScoresHead;
typedef struct Scores { ScoresHead head; const ScoreRow *score; const KevRow *kev; } Scores;

static const char *history_path(Cx *cx, Store *s) {
  return str_fmt(cx->arena, "%s/feeds/scores.history", store_folder(s)).p;
}

/* A file that is not as it was written counts as none: it is made again. */
static bool scores_open(Str bytes, Scores *out) {
  Scores s = { 0 };
  if (bytes.n < sizeof s.head) return false;
  memcpy(&s.head, bytes.p, sizeof s.head);
  size_t room = bytes.n - sizeof s.head;
  if (s.head.magic != SCORES_MAGIC || s.head.nscores > room / sizeof(ScoreRow)) return false;
  room -= s.head.nscores * sizeof(ScoreRow);
  if (s.head.nkevs != room / sizeof(KevRow) || room % sizeof(KevRow)) return false;
  s.score = (const ScoreRow *)(const void *)(bytes.p + sizeof s.head);
  s.kev = (const KevRow *)(const void *)(s.score + s.head.nscores);
  *out = s;
  return true;
}

/* ---- asking -------------------------------------------------------------------------------------------- */

static size_t first_score(const Scores *s, uint64_t cve) {
  size_t lo = 0, hi = s->head.nscores;
  while (lo < hi) {
    size_t mid = (lo + hi) / 2;
    if (s->score[mid].cve < cve) lo = mid + 1;
    else hi = mid;
  }
  return lo;
}

static int by_cve(const void *x, const void *y) {
  const KevRow *a = x, *b = y;
  return (a->cve > b->cve) - (a->cve < b->cve);
}

Err score_history(Cx *cx, Store *s, Str cve, ScoreHistory *out) {
  AUTO(Mapped) m = { 0 };
  ScoreHistory h = { 0 };
  Scores all;
  uint64_t number = cve_number(cve);
  Err e = archive_map(cx, history_path(cx, s), &m);
  if (e == E_NOTFOUND) cx_forgive(cx);
  else TRY(e);
  if (e == E_OK && number && scores_open((Str){ m.p, m.n }, &all)) {
    h.first_day = all.head.first_day;
    h.last_day = all.head.last_day;
    for (size_t i = first_score(&all, number); i < all.head.nscores && all.score[i].cve == number; i++) {
      uint32_t x = all.score[i].score_x1e9;
      vec_add(cx->arena, &h.score, (ScoreDay){ all.score[i].day, x == SNAP_NONE ? VULN_UNSCORED : (int64_t)x });
    }
    const KevRow key = { .cve = number },
                 *k = all.head.nkevs ? bsearch(&key, all.kev, all.head.nkevs, sizeof key, by_cve) : NULL;
    if (k) {
      h.kev_added = k->added;
      h.kev_seen = k->seen;
      h.kev_gone = k->gone;
    }
  }
  *out = h;
  return E_OK;
}

bool score_on(const ScoreHistory *h, int32_t day, int64_t *epss_x1e9) {
  bool known = false;
  if (!h->first_day || day < h->first_day) return false;
  for (size_t i = 0; i < h->score.n && h->score.p[i].day <= day; i++) {
    *epss_x1e9 = h->score.p[i].epss_x1e9;
    known = *epss_x1e9 != VULN_UNSCORED;
  }
  return known;
}

/* ---- making -------------------------------------------------------------------------------------------- */

typedef struct Step { int64_t n, at_us; Pack pack; } Step;
typedef struct Making {
  Scores old;
  VEC(Step) step;
  int64_t intake;
} Making;

/* In the jail: what grows. */
typedef struct Growing {
  Arena *arena;
  ScoresHead head;
  VEC(ScoreRow) change;           /* since the old file */
  VEC(ScoreRow) last;             /* of each CVE, sorted */
  VEC(KevRow) kev;                /* sorted */
} Growing;

static int by_cve_and_day(const void *x, const void *y) {
  const ScoreRow *a = x, *b = y;
  if (a->cve != b->cve) return a->cve < b->cve ? -1 : 1;
  return (a->day > b->day) - (a->day < b->day);
}

static int by_scored_cve(const void *x, const void *y) {
  const SnapEpss *a = x, *b = y;
  return (a->cve > b->cve) - (a->cve < b->cve);
}

static bool day_of(Str text, int32_t *day) { return text.n >= 10 && date_parse(str_slice(text, 0, 10), day); }

static void change_add(Growing *g, uint64_t cve, int32_t day, uint32_t score) {
  vec_add(g->arena, &g->change, (ScoreRow){ cve, day, score });
}

/* Two sorted lists side by side: what differs is a change, what is missing is scored no longer. */
static void take_scores(Growing *g, const Feed *f, int32_t day) {
  VEC(ScoreRow) now = { 0 };
  if (g->head.last_day && day <= g->head.last_day) return; /* the scores of that day are known */
  if (f->epss.n) qsort(f->epss.p, f->epss.n, sizeof *f->epss.p, by_scored_cve);
  size_t i = 0, k = 0;
  while (i < f->epss.n || k < g->last.n) {
    const SnapEpss *e = i < f->epss.n ? &f->epss.p[i] : NULL;
    const ScoreRow *l = k < g->last.n ? &g->last.p[k] : NULL;
    bool ours = e && (!l || e->cve <= l->cve), theirs = l && (!e || l->cve <= e->cve);
    uint32_t before = theirs ? l->score_x1e9 : SNAP_NONE, score = ours ? e->score_x1e9 : SNAP_NONE;
    uint64_t cve = ours ? e->cve : l->cve;
    if (before != score) change_add(g, cve, day, score);
    vec_add(g->arena, &now, (ScoreRow){ cve, day, score });
    i += ours;
    k += theirs;
    while (ours && i < f->epss.n && f->epss.p[i].cve == cve) i++; /* a CVE twice in one file: its first line */
  }
  g->last.p = now.p;
  g->last.n = now.n;
  g->last.cap = now.cap;
  if (!g->head.first_day) g->head.first_day = day;
  g->head.last_day = day;
}

static void take_kevs(Growing *g, const Feed *f, int32_t day) {
  size_t known = g->kev.n;
  for (size_t i = 0; i < known; i++) g->kev.p[i].listed = 0;
  for (size_t i = 0; i < f->kevs.n; i++) {
    KevRow fresh = { .cve = f->kevs.p[i].cve, .seen = day, .listed = 1 }, *row = NULL;
    if (known) row = bsearch(&fresh, g->kev.p, known, sizeof fresh, by_cve);
    (void)day_of(f->kevs.p[i].added, &fresh.added);
    if (!row) vec_add(g->arena, &g->kev, fresh);
    else {
      row->listed = 1;
      row->gone = 0;
      row->added = fresh.added;
    }
  }
  for (size_t i = 0; i < known; i++)
    if (!g->kev.p[i].listed && !g->kev.p[i].gone) g->kev.p[i].gone = day;
  if (g->kev.n) qsort(g->kev.p, g->kev.n, sizeof *g->kev.p, by_cve);
  size_t n = 0;
  for (size_t i = 0; i < g->kev.n; i++)
    if (!n || g->kev.p[n - 1].cve != g->kev.p[i].cve) g->kev.p[n++] = g->kev.p[i];
  g->kev.n = n;
}

static const PackRecord *record_named(const Pack *p, Str name) {
  for (size_t lo = 0, hi = p->n; lo < hi;) {
    size_t mid = (lo + hi) / 2;
    int d = str_cmp(p->record[mid].name, name);
    if (!d) return p->record[mid].block == PACK_GONE ? NULL : &p->record[mid];
    if (d < 0) lo = mid + 1;
    else hi = mid;
  }
  return NULL;
}

static Err take_step(Cx *cx, Growing *g, const Step *step) {
  static const Str names[] = { { "epss", 4 }, { "kev", 3 } };
  for (size_t i = 0; i < COUNT(names); i++) {
    const PackRecord *r = record_named(&step->pack, names[i]);
    if (!r) continue;
    Arena *own = arena_new(ARCHIVE_JAIL.memory_bytes);
    Feed f = feed_new(own, own);
    PackReader reader = pack_reader(own, &step->pack);
    Str bytes;
    int32_t day = date_of(step->at_us);
    Err e = pack_record(cx, &reader, r, &bytes);
    if (e == E_OK) e = feed_file(cx, &f, names[i], bytes);
    if (e == E_OK && !i) {
      (void)day_of(f.epss_date, &day);
      take_scores(g, &f, day);
    } else if (e == E_OK) {
      (void)day_of(f.kev_date, &day);
      take_kevs(g, &f, day);
    }
    arena_free(own);
    TRY(e);
  }
  return E_OK;
}

static void begin_from(Growing *g, const Scores *old) {
  g->head = old->head;
  g->head.magic = SCORES_MAGIC;
  for (size_t i = 0; i < old->head.nscores; i++)
    if (i + 1 == old->head.nscores || old->score[i + 1].cve != old->score[i].cve)
      vec_add(g->arena, &g->last, old->score[i]);
  for (size_t i = 0; i < old->head.nkevs; i++) vec_add(g->arena, &g->kev, old->kev[i]);
}

static void add_bytes(Buf *b, const void *p, size_t n) { buf_add(b, (Str){ p, n }); }

/* Old rows and new ones, both sorted, as one. */
static void put_scores(const Growing *g, const Scores *old, Buf *out) {
  size_t i = 0, k = 0;
  while (i < old->head.nscores || k < g->change.n) {
    bool first = i < old->head.nscores &&
                 (k == g->change.n || by_cve_and_day(&old->score[i], &g->change.p[k]) <= 0);
    add_bytes(out, first ? &old->score[i++] : &g->change.p[k++], sizeof(ScoreRow));
  }
}

static Err work(Cx *cx, void *env, Str nothing, Buf *answer) {
  const Making *m = env;
  Growing g = { .arena = arena_new(ARCHIVE_JAIL.memory_bytes) };
  (void)nothing;
  begin_from(&g, &m->old);
  for (size_t i = 0; i < m->step.n; i++) TRY(take_step(cx, &g, &m->step.p[i]));
  if (g.change.n) qsort(g.change.p, g.change.n, sizeof *g.change.p, by_cve_and_day);
  g.head.intake = m->intake;
  g.head.nscores = m->old.head.nscores + g.change.n;
  g.head.nkevs = g.kev.n;
  add_bytes(answer, &g.head, sizeof g.head);
  put_scores(&g, &m->old, answer);
  if (g.kev.n) add_bytes(answer, g.kev.p, g.kev.n * sizeof *g.kev.p);
  return answer->over ? fail(cx, E_TOO_LARGE, "The history of scores is too large") : E_OK;
}

static Err steps_after(Cx *cx, Store *s, int64_t after, Making *m) {
  AUTO(Rows) r = { 0 };
  TRY(store_rows(cx, s, SQL_INTAKE_SCORES, ARGS(v_int(after)), &r));
  for (bool got = true;;) {
    TRY(rows_next(cx, &r, &got));
    if (!got) return E_OK;
    Step step = { .n = row_int(&r, 0), .at_us = row_int(&r, 2) };
    Mapped map = { 0 };
    TRY(archive_map(cx, archive_path(cx->arena, store_folder(s), row_text(&r, 1)).p, &map));
    TRY(pack_open(cx, (Str){ map.p, map.n }, &step.pack)); /* the map stays until the process ends, as in a build */
    vec_add(cx->arena, &m->step, step);
    m->intake = step.n;
  }
}

Err score_history_make(Cx *cx, Store *s, bool whole) {
  AUTO(Cx) own = cx_new((size_t)8 << 30);
  AUTO(Mapped) m = { 0 };
  Making making = { 0 };
  Str answer;
  const char *path = history_path(&own, s);
  own.now_us = cx->now_us;
  bool there = !whole && archive_map(&own, path, &m) == E_OK && scores_open((Str){ m.p, m.n }, &making.old);
  if (!there) {
    making.old = (Scores){ 0 };
    cx_forgive(&own);
  }
  making.intake = making.old.head.intake;
  Err e = steps_after(&own, s, making.intake, &making);
  if (e == E_OK && !making.step.n && !whole) return E_OK;
  if (e == E_OK) e = jail_run(&own, &ARCHIVE_JAIL, work, &making, S(""), &answer);
  if (e == E_OK) e = folder_make(&own, str_fmt(own.arena, "%s/feeds", store_folder(s)).p, 0750);
  if (e == E_OK) e = file_write(&own, path, answer, 0640);
  return e == E_OK ? E_OK : fail(cx, e, "%.*s", STR(own.words));
}
