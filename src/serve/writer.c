/* The writer process: one epoll loop over the clients' sockets; what is there makes a group, the group commits, then
 * every client gets its answer.  No write blocks: a client that does not read only fills its own queue. */
#define _GNU_SOURCE  /* accept4, struct ucred */
#include "serve/inside.h"
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

enum { IN_BYTES = 64 * 1024, CLIENTS_MOST = 256, EVENTS = 64, SETTLE_MS = 50 };
#define JOB_BYTES ((size_t)336 << 20)

typedef struct Client {
  int fd;
  Arena *arena;              /* `in` and the queue of answers */
  char *in; size_t in_n;     /* bytes not yet taken apart */
  struct Job *partial;       /* a frame larger than `in` on its way in */
  Arena *out_arena; Buf out; size_t sent;
  size_t waiting;            /* its jobs in the present group */
  bool gone, waits_out;
} Client;

typedef struct Job { Client *client; Cx cx; char *bytes; size_t n, size; WireSize parts; } Job;

typedef struct Loop {
  Core *core;
  int epoll, listen, signal;
  Client client[CLIENTS_MOST];
  Job *job; size_t njobs, max;
  Ask *ask; Answer *answer;
  int64_t first_us, group_us;
  bool stopping, unsettled, quiet;
} Loop;

static const Loop *present;    /* of this process, once it serves */

bool serve_is_idle(void) { return present && present->quiet; }

/* ---- sockets ------------------------------------------------------------------------------------------ */

Str serve_socket_path(Arena *a, const char *folder) { return str_fmt(a, "%s/writer.sock", folder); }

static bool address_of(const char *path, struct sockaddr_un *out) {
  *out = (struct sockaddr_un){ .sun_family = AF_UNIX };
  if (strlen(path) >= sizeof out->sun_path) return false;
  memcpy(out->sun_path, path, strlen(path));
  return true;
}

int socket_listen(Cx *cx, const char *path) {
  struct sockaddr_un to;
  if (!address_of(path, &to)) {
    (void)fail(cx, E_CONFIG, "%s: the path of the data folder is too long for a socket (at most 95 bytes)",
               path);
    return -1;
  }
  (void)unlink(path);   /* the store's lock is ours, so nobody else serves this name */
  int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  mode_t before = umask(0177);
  bool ok = fd >= 0 && bind(fd, (const struct sockaddr *)&to, sizeof to) == 0 && listen(fd, 128) == 0;
  (void)umask(before);
  if (ok) return fd;
  (void)fail(cx, E_IO, "Cannot listen on %s: %s", path, strerror(errno));
  if (fd >= 0) (void)close(fd);
  return -1;
}

int socket_connect(const char *path) {
  struct sockaddr_un to;
  int fd = address_of(path, &to) ? socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0) : -1;
  if (fd >= 0 && connect(fd, (const struct sockaddr *)&to, sizeof to) == 0) return fd;
  if (fd >= 0) (void)close(fd);
  return -1;
}

/* Mode 0600 keeps others out; this says the same once more where the kernel vouches for it. */
static bool is_ours(int fd) {
  struct ucred peer;
  socklen_t n = sizeof peer;
  return getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &n) == 0 && (peer.uid == geteuid() || peer.uid == 0);
}

static void watch(Loop *l, Client *c, bool also_out) {
  struct epoll_event e = { .events = EPOLLIN | (also_out ? (uint32_t)EPOLLOUT : 0), .data.ptr = c };
  (void)epoll_ctl(l->epoll, EPOLL_CTL_MOD, c->fd, &e);
  c->waits_out = also_out;
}

static void accept_client(Loop *l) {
  int fd = accept4(l->listen, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
  if (fd < 0) return;
  for (size_t i = 0; i < CLIENTS_MOST && is_ours(fd); i++) {
    Client *c = &l->client[i];
    if (c->arena) continue;
    *c = (Client){ .fd = fd, .arena = arena_new(1 << 20) };
    c->in = arena_alloc(c->arena, IN_BYTES);
    struct epoll_event e = { .events = EPOLLIN, .data.ptr = c };
    if (epoll_ctl(l->epoll, EPOLL_CTL_ADD, fd, &e) == 0) return;
    arena_free(c->arena);
    c->arena = NULL;
  }
  (void)close(fd);
}

static void job_free(Job *j) { cx_free(&j->cx); }

/* Closes when nothing of the client is in the group any more; until then only marks it. */
static void client_end(Client *c) {
  c->gone = true;
  if (c->waiting) return;
  if (c->partial) job_free(c->partial);
  (void)close(c->fd);
  arena_free(c->out_arena);
  arena_free(c->arena);
  *c = (Client){ .fd = -1 };
}

/* ---- in ----------------------------------------------------------------------------------------------- */

static bool job_ready(Loop *l, Job *j) {
  Ask *ask = &l->ask[l->njobs];
  Str header = { j->bytes, j->parts.header }, payload = { j->bytes + j->parts.header, j->parts.payload };
  if (wire_ask_read(&j->cx, header, payload, ask) != E_OK) return false;
  if (!l->njobs) l->first_us = clock_mono_us();
  l->job[l->njobs++] = *j;
  j->client->waiting++;
  return true;
}

/* Takes whole frames off c->in.  false: what came is not a frame of ours. */
static bool take_frames(Loop *l, Client *c) {
  size_t at = 0;
  while (!c->partial && l->njobs < l->max && c->in_n - at >= WIRE_PREFIX) {
    Job j = { .client = c };
    if (!wire_size((Str){ c->in + at, WIRE_PREFIX }, &j.parts)) return false;
    j.size = j.parts.header + j.parts.payload;
    j.cx = cx_new(JOB_BYTES);
    j.bytes = arena_alloc(j.cx.arena, j.size);
    at += WIRE_PREFIX;
    j.n = c->in_n - at < j.size ? c->in_n - at : j.size;
    memcpy(j.bytes, c->in + at, j.n);
    at += j.n;
    if (j.n < j.size) {
      c->partial = NEW(j.cx.arena, Job);
      *c->partial = j;
    } else if (!job_ready(l, &j)) {
      job_free(&j);
      return false;
    }
  }
  memmove(c->in, c->in + at, c->in_n - at);
  c->in_n -= at;
  return true;
}

/* One recv; false at the end of the stream or when it is no stream of ours. */
static bool read_some(Loop *l, Client *c) {
  Job *j = c->partial;
  char *to = j ? j->bytes + j->n : c->in + c->in_n;
  size_t space = j ? j->size - j->n : IN_BYTES - c->in_n;
  if (!space) return true;   /* the group is full; go on after it */
  ssize_t got = recv(c->fd, to, space, 0);
  if (got < 0) return errno == EAGAIN || errno == EINTR;
  if (got == 0) return false;
  if (!j) { c->in_n += (size_t)got; return take_frames(l, c); }
  j->n += (size_t)got;
  if (j->n < j->size) return true;
  Job whole = *j;
  c->partial = NULL;
  if (job_ready(l, &whole)) return true;
  job_free(&whole);
  return false;
}

/* ---- out ---------------------------------------------------------------------------------------------- */

static void send_queue(Loop *l, Client *c) {
  Str all = buf_str(&c->out);
  while (c->sent < all.n) {
    ssize_t put = send(c->fd, all.p + c->sent, all.n - c->sent, MSG_NOSIGNAL);
    if (put < 0 && errno == EINTR) continue;
    if (put < 0 && errno != EAGAIN) { client_end(c); return; }
    if (put < 0) { if (!c->waits_out) watch(l, c, true); return; }
    c->sent += (size_t)put;
  }
  if (c->waits_out) watch(l, c, false);
  arena_free(c->out_arena);
  c->out_arena = NULL;
  c->out = (Buf){ 0 };
  c->sent = 0;
}

static void queue_answer(Job *j, const Answer *a) {
  Client *c = j->client;
  c->waiting--;
  if (!c->gone) {
    if (!c->out_arena) {
      c->out_arena = arena_new((size_t)1 << 30);
      c->out = buf_new(c->out_arena, (size_t)1 << 29);
    }
    buf_add(&c->out, wire_answer(j->cx.arena, a));
    buf_add(&c->out, a->result_json);
  }
  job_free(j);
}

/* quiet: nothing came for a while.  Right after a group the next command of the same client is on its way, which is not
 * made to wait for a signature. */
static void settle(Loop *l, bool quiet) {
  Str words;
  l->quiet = quiet;
  l->unsettled = !quiet;
  if (core_settle(l->core, &words) != E_OK) (void)fprintf(stderr, "proofline: error: %.*s\n", STR(words));
}

static void run_group(Loop *l) {
  core_group(l->core, l->ask, l->njobs, l->answer);
  for (size_t i = 0; i < l->njobs; i++) queue_answer(&l->job[i], &l->answer[i]);
  l->njobs = 0;
  for (size_t i = 0; i < CLIENTS_MOST; i++) {
    Client *c = &l->client[i];
    if (c->arena && c->gone) client_end(c);
    else if (c->arena && c->out.n) send_queue(l, c);
  }
  settle(l, false);
  for (size_t i = 0; i < CLIENTS_MOST; i++) {   /* what had come already when the group was full */
    Client *c = &l->client[i];
    if (c->arena && !c->gone && c->in_n && !take_frames(l, c)) client_end(c);
  }
}

/* ---- the loop ----------------------------------------------------------------------------------------- */

static void handle(Loop *l, const struct epoll_event *e) {
  Client *c = e->data.ptr;
  if (e->data.ptr == &l->listen) { accept_client(l); return; }
  if (e->data.ptr == &l->signal) { l->stopping = true; return; }
  if (!c->arena || c->gone) return;
  if (e->events & EPOLLOUT) send_queue(l, c);
  if (c->arena && !c->gone && (e->events & (EPOLLIN | EPOLLHUP | EPOLLERR)) && l->njobs < l->max &&
      !read_some(l, c))
    client_end(c);
}

/* Waits for nothing but the disk: while one group commits the next one gathers,
 * so a lone client is not made to wait. */
static void loop_run(Loop *l) {
  struct epoll_event e[EVENTS];
  while (!l->stopping || l->njobs) {
    int n = epoll_wait(l->epoll, e, EVENTS, l->njobs ? 0 : l->unsettled ? SETTLE_MS : -1);
    if (n == 0 && !l->njobs) settle(l, true);
    size_t before = l->njobs;
    for (int i = 0; i < n; i++) handle(l, &e[i]);
    bool more = l->njobs > before && l->njobs < l->max && clock_mono_us() - l->first_us < l->group_us;
    if (l->njobs && !more) run_group(l);
  }
}

static bool watch_plain(Loop *l, int *fd) {
  struct epoll_event e = { .events = EPOLLIN, .data.ptr = fd };
  return epoll_ctl(l->epoll, EPOLL_CTL_ADD, *fd, &e) == 0;
}

/* Answers what clients had sent before the stop, gives slow readers a second, closes. */
static void loop_end(Loop *l, const char *path) {
  (void)unlink(path);
  (void)close(l->listen);
  for (size_t i = 0; i < CLIENTS_MOST; i++) {
    Client *c = &l->client[i];
    if (!c->arena) continue;
    struct timeval second = { .tv_sec = 1 };
    (void)setsockopt(c->fd, SOL_SOCKET, SO_SNDTIMEO, &second, sizeof second);
    if (c->out.n) (void)send(c->fd, buf_str(&c->out).p + c->sent, c->out.n - c->sent, MSG_NOSIGNAL);
    client_end(c);
  }
  (void)close(l->epoll);
}

Err writer_serve(Cx *cx, const char *folder, const Settings *set, const WriterHooks *hooks, int signal_fd,
                 void (*started)(int fd), int started_fd) {
  const char *path = serve_socket_path(cx->arena, folder).p;
  Loop *l = NEW(cx->arena, Loop);
  TRY(core_open(cx, folder, set, hooks, &l->core));
  l->signal = signal_fd;
  l->max = core_group_max(l->core);
  l->group_us = set->number[SET_GROUP_US];
  l->job = NEW_ARRAY(cx->arena, l->max, Job);
  l->ask = NEW_ARRAY(cx->arena, l->max, Ask);
  l->answer = NEW_ARRAY(cx->arena, l->max, Answer);
  l->epoll = epoll_create1(EPOLL_CLOEXEC);
  l->listen = socket_listen(cx, path);
  if (l->listen >= 0 && watch_plain(l, &l->listen) && watch_plain(l, &l->signal)) {
    present = l;
    started(started_fd);
    loop_run(l);
    if (l->unsettled) settle(l, true);   /* idle for good: what is left to sign is signed now */
    present = NULL;
    loop_end(l, path);
  }
  core_close(l->core);
  return cx->err;
}
