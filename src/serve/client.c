/* A way to the writer: a running server's socket, or this process with the store's lock. */
#define _GNU_SOURCE  /* MSG_NOSIGNAL with sendmsg */
#include "serve/inside.h"
#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

enum { BATCH = 64, WAIT_S = 300, TRIES = 30 };

struct Writer {
  Cx life;
  const char *folder, *path;
  Core *core;                /* when this process is the writer */
  Store *store;              /* else a read-only one, opened when first asked for */
  int fd;                    /* -1: not connected */
};

static Writer *writer_new(const char *folder) {
  Cx life = cx_new(16 << 20);
  Writer *w = NEW(life.arena, Writer);
  *w = (Writer){ .life = life, .folder = str_z(life.arena, str_of(folder)),
                 .path = serve_socket_path(life.arena, folder).p, .fd = -1 };
  return w;
}

static bool dial(Writer *w) {
  struct timeval limit = { .tv_sec = WAIT_S };
  w->fd = socket_connect(w->path);
  return w->fd >= 0 && setsockopt(w->fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit) == 0;
}

Err writer_remote(Cx *cx, const char *folder, Writer **out) {
  Writer *w = writer_new(folder);
  Err e = store_open(cx, folder, STORE_READ, &w->store);
  if (e == E_OK) *out = w;
  else writer_close(w);
  return e;
}

Store *writer_store(Writer *w) { return w->core ? core_store(w->core) : w->store; }

void writer_close(Writer *w) {
  if (!w) return;
  core_close(w->core);
  store_close(w->store);
  if (w->fd >= 0) (void)close(w->fd);
  Cx life = w->life;
  cx_free(&life);
}

/* ---- over the socket ---------------------------------------------------------------------------------- */

static Err lost(Cx *cx, Writer *w) {
  if (w->fd >= 0) (void)close(w->fd);
  w->fd = -1;
  return fail(cx, E_BUSY,
              "The writer stopped while it worked on this. Whatever was confirmed is kept; whether this "
              "change was "
              "stored is not known. Look at it again, then repeat it if it is missing.");
}

/* A connection that the other side closed since the last ask is opened anew; nothing was sent on it. */
static Err connected(Cx *cx, Writer *w) {
  char byte;
  if (w->fd >= 0 && recv(w->fd, &byte, 1, MSG_PEEK | MSG_DONTWAIT) == 0) { (void)close(w->fd); w->fd = -1; }
  for (int i = 0; w->fd < 0 && i < TRIES; i++) {
    struct timespec pause = { .tv_nsec = 100 * 1000 * 1000 };
    if (!dial(w)) (void)nanosleep(&pause, NULL);
  }
  if (w->fd >= 0) return E_OK;
  return fail(cx, E_BUSY,
              "The writer does not answer. Nothing was changed. Try again in a moment; if it stays so, look "
              "at the "
              "server's messages.");
}

/* Between two writers of a running server there is nobody to dial for a moment: that is waited for. */
Err writer_connect(Cx *cx, const char *folder, const Settings *set, const WriterHooks *hooks, Writer **out) {
  Writer *w = writer_new(folder);
  Err e = E_OK;
  bool served = dial(w);
  if (!served && server_is_claimed(w->life.arena, w->folder)) {
    e = connected(cx, w);
    served = true;
  }
  if (e == E_OK && served) e = store_open(cx, folder, STORE_READ, &w->store);
  else if (e == E_OK) e = core_open(cx, folder, set, hooks, &w->core);
  if (e == E_OK) *out = w;
  else writer_close(w);
  return e;
}

static Err send_ask(Cx *cx, Writer *w, const Ask *ask) {
  Str part[3] = { wire_ask(cx->arena, ask), ask->args_json, ask->payload };
  for (size_t i = 0; i < COUNT(part);) {
    struct iovec v[3];
    size_t n = 0;
    for (size_t k = i; k < COUNT(part); k++)
      v[n++] = (struct iovec){ (void *)(uintptr_t)part[k].p, part[k].n };
    struct msghdr m = { .msg_iov = v, .msg_iovlen = n };
    ssize_t put = sendmsg(w->fd, &m, MSG_NOSIGNAL);
    if (put < 0 && errno == EINTR) continue;
    if (put < 0) return lost(cx, w);
    for (size_t left = (size_t)put; i < COUNT(part); i++) {
      size_t take = left < part[i].n ? left : part[i].n;
      part[i] = str_slice(part[i], take, part[i].n);
      left -= take;
      if (part[i].n) break;
    }
  }
  return E_OK;
}

static Err read_exactly(Cx *cx, Writer *w, char *to, size_t n) {
  while (n) {
    ssize_t got = recv(w->fd, to, n, MSG_WAITALL);
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) return lost(cx, w);
    to += got;
    n -= (size_t)got;
  }
  return E_OK;
}

static Err read_answer(Cx *cx, Writer *w, Answer *out) {
  char prefix[WIRE_PREFIX];
  WireSize size;
  TRY(read_exactly(cx, w, prefix, sizeof prefix));
  if (!wire_size((Str){ prefix, sizeof prefix }, &size)) return lost(cx, w);
  char *bytes = arena_alloc(cx->arena, size.header + size.payload);
  TRY(read_exactly(cx, w, bytes, size.header + size.payload));
  return wire_answer_read(cx, (Str){ bytes, size.header }, (Str){ bytes + size.header, size.payload }, out);
}

static Err ask_remote(Cx *cx, Writer *w, const Ask *asks, size_t n, Answer *answers) {
  TRY(connected(cx, w));
  for (size_t i = 0; i < n; i++) TRY(send_ask(cx, w, &asks[i]));
  for (size_t i = 0; i < n; i++) TRY(read_answer(cx, w, &answers[i]));
  return E_OK;
}

static Err ask_here(Cx *cx, Writer *w, const Ask *asks, size_t n, Answer *answers) {
  Str words;
  core_group(w->core, asks, n, answers);
  for (size_t i = 0; i < n; i++) answers[i] = answer_copy(cx->arena, &answers[i]);
  Err e = core_settle(w->core, &words);
  return e == E_OK ? E_OK : fail(cx, e, "%.*s", STR(words));
}

Err writer_ask(Cx *cx, Writer *w, const Ask *asks, size_t n, Answer *answers) {
  size_t most = w->core ? core_group_max(w->core) : BATCH;
  for (size_t at = 0; at < n; at += most) {
    size_t some = n - at < most ? n - at : most;
    if (w->core) TRY(ask_here(cx, w, asks + at, some, answers + at));
    else TRY(ask_remote(cx, w, asks + at, some, answers + at));
  }
  return E_OK;
}
