/* fetch.c - the asking side: forks the process that connects out and takes its frames. */
#define _GNU_SOURCE
#include "serve/fetch.h"
#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

struct Fetch {
  int fd;
  pid_t pid;
};

Err fetch_open(Cx *cx, const FetchRules *rules, Fetch **out) {
  int ends[2];
  if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) != 0)
    return fail(cx, E_IO, "Cannot make the socket of the fetch process: %s", strerror(errno));
  pid_t pid = fork();
  if (pid == 0) {
    (void)prctl(PR_SET_PDEATHSIG, SIGKILL);
    (void)close(ends[0]);
    fetch_child(rules, ends[1]);
  }
  (void)close(ends[1]);
  if (pid < 0) {
    (void)close(ends[0]);
    return fail(cx, E_BUSY, "Cannot start the fetch process: %s", strerror(errno));
  }
  Fetch *f = NEW(cx->arena, Fetch);
  *f = (Fetch){ ends[0], pid };
  *out = f;
  return E_OK;
}

void fetch_close(Fetch *f) {
  if (!f || f->fd < 0) return;
  (void)close(f->fd);
  f->fd = -1;
  (void)kill(f->pid, SIGKILL);
  while (waitpid(f->pid, NULL, 0) < 0 && errno == EINTR) {}
}

static bool take(int fd, void *to, size_t n) {
  char *p = to;
  while (n) {
    ssize_t got = recv(fd, p, n, 0);
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) return false;
    p += got;
    n -= (size_t)got;
  }
  return true;
}

typedef struct Body {
  const FetchAsk *ask;
  Buf memory;
  off_t start;
  int64_t bytes;
} Body;

static Err body_add(Cx *cx, Body *b, Str s) {
  b->bytes += (int64_t)s.n;
  if (b->bytes > b->ask->most)
    return fail(cx, E_TOO_LARGE, "%.*s is larger than %lld bytes. Nothing of it was kept", STR(b->ask->url),
                (long long)b->ask->most);
  if (b->ask->fd < 0) {
    buf_add(&b->memory, s);
    return E_OK;
  }
  while (s.n) {
    ssize_t put = write(b->ask->fd, s.p, s.n);
    if (put < 0 && errno == EINTR) continue;
    if (put <= 0)
      return fail(cx, errno == ENOSPC ? E_FULL : E_IO, "Cannot write what was fetched: %s", strerror(errno));
    s = str_slice(s, (size_t)put, s.n);
  }
  return E_OK;
}

static Err body_restart(Cx *cx, Body *b) {
  b->bytes = 0;
  if (b->ask->fd < 0) {
    buf_clear(&b->memory);
    return E_OK;
  }
  bool good = ftruncate(b->ask->fd, b->start) == 0 && lseek(b->ask->fd, b->start, SEEK_SET) == b->start;
  return good ? E_OK : fail(cx, E_IO, "Cannot write what was fetched: %s", strerror(errno));
}

static Err gone(Cx *cx) {
  return fail(cx, E_FEED, "The fetch process ended without an answer. What was there is kept; try again");
}

static void answer_of(Cx *cx, Str text, FetchAnswer *out) {
  Str part;
  int64_t n = 0;
  str_cut(text, '\n', &part, &text);
  out->status = str_int(part, &n) ? (int)n : 0;
  str_cut(text, '\n', &part, &text);
  out->etag = str_dup(cx->arena, part);
  str_cut(text, '\n', &part, &text);
  out->modified = str_dup(cx->arena, part);
  str_cut(text, '\n', &part, &text);
  out->tries = str_int(part, &n) ? (unsigned)n : 1;
  out->resumed = str_eq(text, S("1"));
}

static Err frames(Cx *cx, Fetch *f, Body *b, FetchAnswer *out) {
  char *p = arena_alloc(cx->arena, FRAME_MOST);
  for (;;) {
    uint8_t head[5];
    if (!take(f->fd, head, sizeof head)) return gone(cx);
    uint32_t n = (uint32_t)head[1] | (uint32_t)head[2] << 8 | (uint32_t)head[3] << 16 | (uint32_t)head[4] << 24;
    Str payload = { p, n }, slug, words;
    if (n > FRAME_MOST || !take(f->fd, p, n)) return gone(cx);
    switch (head[0]) {
    case FRAME_DATA: TRY(body_add(cx, b, payload)); break;
    case FRAME_RESTART: TRY(body_restart(cx, b)); break;
    case FRAME_END: answer_of(cx, payload, out); return E_OK;
    case FRAME_FAIL:
      str_cut(payload, '\n', &slug, &words);
      return fail(cx, err_from_slug(slug.p, slug.n), "%.*s", STR(words));
    default: return gone(cx);
    }
  }
}

static bool one_line(Str s) {
  for (size_t i = 0; i < s.n; i++)
    if ((unsigned char)s.p[i] < 32 || s.p[i] == 127) return false;
  return true;
}

static Err send_ask(Cx *cx, Fetch *f, const FetchAsk *a) {
  Buf b = buf_new(cx->arena, ASK_MOST + 64);
  Str text =
      str_fmt(cx->arena, "%.*s\n%.*s\n%.*s\n%lld\n%.*s\n", STR(a->url), STR(a->etag), STR(a->header),
              (long long)a->most, STR(a->media));
  if (!one_line(a->url) || !one_line(a->etag) || !one_line(a->header) || !one_line(a->media) ||
      a->post.n > FETCH_POST_MOST || text.n + a->post.n > ASK_MOST)
    return fail(cx, E_FEED, "%.*s is no address that can be asked", STR(str_head(a->url, 200)));
  buf_u32le(&b, (uint32_t)(text.n + a->post.n));
  buf_add(&b, text);
  buf_add(&b, a->post);
  Str all = buf_str(&b);
  return send(f->fd, all.p, all.n, MSG_NOSIGNAL) == (ssize_t)all.n ? E_OK : gone(cx);
}

Err fetch_get(Cx *cx, Fetch *f, const FetchAsk *ask, FetchAnswer *out) {
  Body b = { .ask = ask };
  FetchAnswer a = { 0 };
  if (ask->fd < 0) b.memory = buf_new(cx->arena, (size_t)ask->most);
  else b.start = lseek(ask->fd, 0, SEEK_CUR);
  if (f->fd < 0) return gone(cx);
  Err e = send_ask(cx, f, ask);
  if (e == E_OK) e = frames(cx, f, &b, &a);
  if (e == E_TOO_LARGE || e == E_FULL || e == E_IO) fetch_close(f); /* the rest of its frames is not waited for */
  if (e != E_OK) {
    if (ask->fd >= 0 && ftruncate(ask->fd, b.start) == 0) (void)lseek(ask->fd, b.start, SEEK_SET);
    return e;
  }
  a.bytes = b.bytes;
  if (ask->fd < 0) a.body = buf_str(&b.memory);
  *out = a;
  return E_OK;
}
