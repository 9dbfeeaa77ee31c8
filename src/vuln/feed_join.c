/* feed_join.c - two processes read the files, each its share; what the second has collected joins the first's.
 *
 * Rows know texts by their numbers in a pool, so each text, and whatever is made of such numbers, first gets its number
 * in the pool it joins.  A snapshot is sorted in the end: who read what leaves no trace in it. */
#define _GNU_SOURCE /* pipe2 */
#include "vuln/feed.h"
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

enum { WIRE_BYTES = 1 << 20, TEXT_BATCH = 1024 };

/* ---- the wire: both ends are this program ---------------------------------------------------------------- */

typedef struct Wire {
  int fd;
  uint8_t *room;
  size_t n, at; /* sending: n bytes wait; taking: those from at to n have come */
  bool bad;
} Wire;

static Wire wire_new(Arena *a, int fd) { return (Wire){ .fd = fd, .room = arena_alloc(a, WIRE_BYTES) }; }

static void wire_flush(Wire *w) {
  for (size_t sent = 0; sent < w->n && !w->bad;) {
    ssize_t put = write(w->fd, w->room + sent, w->n - sent);
    if (put > 0) sent += (size_t)put;
    else w->bad = put == 0 || errno != EINTR;
  }
  w->n = 0;
}

static void put(Wire *w, const void *bytes, size_t n) {
  const uint8_t *p = bytes;
  while (n) {
    if (w->n == WIRE_BYTES) wire_flush(w);
    size_t part = n < WIRE_BYTES - w->n ? n : WIRE_BYTES - w->n;
    memcpy(w->room + w->n, p, part);
    w->n += part;
    p += part;
    n -= part;
  }
}

static void put_number(Wire *w, uint64_t v) { put(w, &v, sizeof v); }

static void put_text(Wire *w, Str s) {
  put_number(w, s.n);
  put(w, s.p, s.n);
}

static void take(Wire *w, void *bytes, size_t n) {
  uint8_t *p = bytes;
  while (n && !w->bad) {
    if (w->at == w->n) {
      ssize_t got = read(w->fd, w->room, WIRE_BYTES);
      if (got < 0 && errno == EINTR) continue;
      w->bad = got <= 0;
      w->n = got > 0 ? (size_t)got : 0;
      w->at = 0;
    }
    size_t part = n < w->n - w->at ? n : w->n - w->at;
    memcpy(p, w->room + w->at, part);
    w->at += part;
    p += part;
    n -= part;
  }
}

static uint64_t take_number(Wire *w) {
  uint64_t v = 0;
  take(w, &v, sizeof v);
  return w->bad ? 0 : v;
}

static Str take_text(Wire *w, Arena *a) {
  size_t n = take_number(w);
  char *p = arena_alloc(a, n + 1);
  take(w, p, n);
  return w->bad || !n ? STR_NONE : (Str){ p, n };
}

/* ---- sending --------------------------------------------------------------------------------------------- */

static void put_pool(Wire *w, const Pool *p) {
  put_number(w, pool_size(p) - 1);
  for (uint32_t i = 1; i < pool_size(p); i++) {
    Str s = pool_text(p, i);
    uint32_t n = (uint32_t)s.n;
    put(w, &n, sizeof n);
    put(w, s.p, s.n);
  }
}

static void put_pile(Wire *w, const Pile *p) {
  put_number(w, p->n);
  for (size_t i = 0; i < p->n; i++) put(w, pile_at(p, i), p->each);
}

static void put_feed(Wire *w, const Feed *f) {
  const Pool *const pools[] = { &f->word, &f->package, &f->cpe, &f->rest };
  const Pile *const piles[] = { &f->row, &f->leaf, &f->op, &f->prog, &f->name, &f->adv };
  for (size_t i = 0; i < COUNT(pools); i++) put_pool(w, pools[i]);
  for (size_t i = 0; i < COUNT(piles); i++) put_pile(w, piles[i]);
  put_text(w, f->kev_date);
  put_number(w, f->kevs.n);
  for (size_t i = 0; i < f->kevs.n; i++) {
    put_number(w, f->kevs.p[i].cve);
    put_number(w, f->kevs.p[i].ransomware);
    put_text(w, f->kevs.p[i].added);
  }
  put_text(w, f->epss_date);
  put_number(w, f->epss.n);
  put(w, f->epss.p, f->epss.n * sizeof *f->epss.p);
  put_number(w, f->skips.n);
  for (size_t i = 0; i < f->skips.n; i++) {
    put_text(w, f->skips.p[i].file);
    put_text(w, f->skips.p[i].why);
    put_number(w, (uint64_t)f->skips.p[i].count);
  }
  put_number(w, (uint64_t)f->bytes_read);
}

/* ---- joining --------------------------------------------------------------------------------------------- */

/* By number there: the number here. */
typedef struct Joined {
  Feed *f;
  Wire *w;
  uint32_t *word, *package, *cpe, *rest;
  uint32_t row, leaf, op, prog, name; /* where what came begins in the piles */
} Joined;

static uint32_t *take_words(Joined *j) {
  size_t n = take_number(j->w);
  uint32_t *map = NEW_ARRAY(j->f->arena, n + 1, uint32_t);
  for (size_t first = 0; first < n && !j->w->bad; first += TEXT_BATCH) {
    size_t many = n - first < TEXT_BATCH ? n - first : TEXT_BATCH;
    ArenaMark mark = arena_mark(j->f->arena);
    Str *text = NEW_ARRAY(j->f->arena, many, Str);
    for (size_t i = 0; i < many; i++) {
      uint32_t bytes = 0;
      take(j->w, &bytes, sizeof bytes);
      char *p = arena_alloc(j->f->arena, j->w->bad ? 1 : bytes);
      take(j->w, p, j->w->bad ? 0 : bytes);
      text[i] = (Str){ p, bytes };
    }
    if (!j->w->bad) pool_put_all(&j->f->word, text, many, map + 1 + first);
    arena_release(j->f->arena, mark);
  }
  return map;
}

/* A pool of tuples of words. */
static uint32_t *take_tuples(Joined *j, Pool *to, size_t words) {
  size_t n = take_number(j->w);
  uint32_t *map = NEW_ARRAY(j->f->arena, n + 1, uint32_t), tuple[REST_COUNT] = { 0 }, bytes = 0;
  for (size_t i = 1; i <= n && !j->w->bad; i++) {
    take(j->w, &bytes, sizeof bytes);
    take(j->w, tuple, words * sizeof *tuple);
    for (size_t k = 0; k < words && !j->w->bad; k++) tuple[k] = j->word[tuple[k]];
    map[i] = pool_put(to, (Str){ (const char *)tuple, words * sizeof *tuple });
  }
  return map;
}

static void renumber(const uint32_t *map, uint32_t *const *numbers, size_t n) {
  for (size_t i = 0; i < n; i++) *numbers[i] = map[*numbers[i]];
}
#define RENUMBER(map, ...)                                                                                           \
  renumber((map), (uint32_t *const[]){ __VA_ARGS__ }, sizeof((uint32_t *const[]){ __VA_ARGS__ }) / sizeof(uint32_t *))

static void join_row(Joined *j, void *element) {
  PackRow *r = element;
  r->package = j->package[r->package];
  RENUMBER(j->word, &r->release, &r->lo, &r->hi, &r->lo_key, &r->hi_key, &r->stream);
}

static void join_leaf(Joined *j, void *element) {
  PackLeaf *l = element;
  l->cpe = j->cpe[l->cpe];
  l->rest = j->rest[l->rest];
  RENUMBER(j->word, &l->version, &l->update, &l->key, &l->lo, &l->hi, &l->lo_key, &l->hi_key);
}

static void join_name(Joined *j, void *element) { RENUMBER(j->word, (uint32_t *)element); }

static void as_it_is(Joined *j, void *element) {
  (void)j;
  (void)element;
}

static uint32_t take_pile(Joined *j, Pile *to, void (*join)(Joined *j, void *element)) {
  uint32_t first = (uint32_t)to->n;
  for (size_t left = take_number(j->w); left && !j->w->bad; left--) {
    void *element = pile_add(j->f->keep, to);
    take(j->w, element, to->each);
    if (!j->w->bad) join(j, element);
  }
  return first;
}

static void take_advisories(Joined *j) {
  for (size_t left = take_number(j->w); left && !j->w->bad; left--) {
    PackAdv a;
    take(j->w, &a, sizeof a);
    if (j->w->bad) return;
    RENUMBER(j->word, &a.id, &a.about, &a.modified, &a.vector, &a.kev_added);
    a.rows.first += j->row;
    a.leaves.first += j->leaf;
    a.ops.first += j->op;
    a.progs.first += j->prog;
    a.aliases.first += j->name;
    a.upstream.first += j->name;
    feed_adv_known(j->f, feed_word(j->f, a.id), &a);
  }
}

static void take_facts(Joined *j) {
  Feed *f = j->f;
  Str date = take_text(j->w, f->keep);
  FeedKevs kevs = { 0 };
  FeedEpss epss = { 0 };
  for (size_t left = take_number(j->w); left && !j->w->bad; left--) {
    FeedKev k = { .cve = take_number(j->w) };
    k.ransomware = take_number(j->w) != 0;
    k.added = take_text(j->w, f->keep);
    vec_add(f->keep, &kevs, k);
  }
  feed_kevs_known(f, date, &kevs);
  date = take_text(j->w, f->keep);
  epss.n = epss.cap = take_number(j->w);
  epss.p = NEW_ARRAY(f->keep, epss.n + 1, SnapEpss);
  take(j->w, epss.p, epss.n * sizeof *epss.p);
  feed_epss_known(f, date, &epss);
  for (size_t left = take_number(j->w); left && !j->w->bad; left--) {
    Str file = take_text(j->w, f->arena), why = take_text(j->w, f->arena);
    feed_skip(f, file, str_z(f->arena, why), (int64_t)take_number(j->w));
  }
  f->bytes_read += (int64_t)take_number(j->w);
}

static void take_feed(Wire *w, Feed *f) {
  Joined j = { .f = f, .w = w };
  j.word = take_words(&j);
  j.package = take_tuples(&j, &f->package, sizeof(PackName) / sizeof(uint32_t));
  j.cpe = take_tuples(&j, &f->cpe, sizeof(PackCpe) / sizeof(uint32_t));
  j.rest = take_tuples(&j, &f->rest, REST_COUNT);
  j.row = take_pile(&j, &f->row, join_row);
  j.leaf = take_pile(&j, &f->leaf, join_leaf);
  j.op = take_pile(&j, &f->op, as_it_is);
  j.prog = take_pile(&j, &f->prog, as_it_is);
  j.name = take_pile(&j, &f->name, join_name);
  take_advisories(&j);
  take_facts(&j);
  feed_next(f);
}

/* ---- two processes --------------------------------------------------------------------------------------- */

static Err each_file(Cx *cx, void *env, const PackedFile *file) {
  Feed *f = env;
  if (file->bytes.p) return feed_file(cx, f, file->name, file->bytes);
  feed_skip(f, file->name, str_z(f->arena, file->why), 1);
  return E_OK;
}

static Err walk(Cx *cx, const FeedPaths *paths, PackedShare *share, Feed *f) {
  for (size_t i = 0; i < paths->n; i++) TRY(packed_walk_share(cx, paths->p[i], share, each_file, f));
  return E_OK;
}

static void __attribute__((noreturn)) second(Cx *cx, const FeedPaths *paths, Feed *f, int fd) {
  PackedShare share = { .mine = 1 };
  (void)signal(SIGPIPE, SIG_IGN);
  (void)prctl(PR_SET_PDEATHSIG, SIGKILL);
  Err e = walk(cx, paths, &share, f);
  Wire w = wire_new(f->keep, fd);
  put_number(&w, e);
  put_text(&w, e == E_OK ? STR_NONE : cx->words);
  if (e == E_OK) put_feed(&w, f);
  wire_flush(&w);
  _exit(w.bad ? 1 : 0);
}

static Err join(Cx *cx, Feed *f, int fd) {
  Wire w = wire_new(f->keep, fd);
  uint64_t e = take_number(&w);
  Str words = take_text(&w, cx->arena);
  if (!w.bad && e != E_OK && e < ERR_COUNT) return fail(cx, (Err)e, "%.*s", STR(words));
  if (!w.bad) take_feed(&w, f);
  return w.bad ? fail(cx, E_IO, "The second process that reads the feeds ended early; the old snapshot is kept") : E_OK;
}

Err feed_collect(Cx *cx, const FeedPaths *paths, Feed *f) {
  int ends[2];
  if (pipe2(ends, O_CLOEXEC) != 0) return walk(cx, paths, NULL, f);
  pid_t pid = fork();
  if (pid == 0) {
    (void)close(ends[0]);
    second(cx, paths, f, ends[1]);
  }
  (void)close(ends[1]);
  PackedShare share = { .mine = 0 };
  Err e = walk(cx, paths, pid < 0 ? NULL : &share, f); /* alone it takes all */
  if (e == E_OK && pid > 0) e = join(cx, f, ends[0]);
  (void)close(ends[0]);
  if (pid > 0) {
    (void)kill(pid, SIGKILL); /* it has said all, or it is not wanted any more */
    while (waitpid(pid, NULL, 0) < 0 && errno == EINTR) {}
  }
  return e;
}
