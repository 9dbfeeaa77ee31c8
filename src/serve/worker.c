/* A worker: one event loop over the listening socket, the stop signal and its connections. */
#define _GNU_SOURCE  /* accept4, EPOLLEXCLUSIVE */
#include "serve/conn.h"
#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

enum { EVENTS = 128, ACCEPTS = 8 };
static const int64_t stop_us = 10 * US_PER_S;

const ServeLimits serve_limits = {
  .head_us = 10 * US_PER_S, .idle_us = 75 * US_PER_S, .body_grace_us = 5 * US_PER_S, .body_bytes_s = 1024,
  .answer_us = 60 * US_PER_S, .per_address = 64, .per_loopback = 2048, .in_all = 4096,
};

static void address_text(const struct sockaddr_storage *from, char text[48], bool *loopback) {
  if (from->ss_family == AF_INET6) {
    const struct sockaddr_in6 *six = (const void *)from;
    (void)inet_ntop(AF_INET6, &six->sin6_addr, text, 48);
    *loopback = IN6_IS_ADDR_LOOPBACK(&six->sin6_addr);
  } else {
    const struct sockaddr_in *four = (const void *)from;
    (void)inet_ntop(AF_INET, &four->sin_addr, text, 48);
    *loopback = ntohl(four->sin_addr.s_addr) >> 24 == 127;
  }
}

/* A free slot, unless this peer has its share already. */
static Conn *slot_for(Worker *w, const char *address, bool loopback) {
  uint64_t from = str_hash(str_of(address));
  unsigned same = 0, most = loopback ? w->limits->per_loopback : w->limits->per_address;
  Conn *slot = NULL;
  for (size_t i = 0; i < w->nconns; i++) {
    if (w->conn[i].state == CONN_FREE) { if (!slot) slot = &w->conn[i]; }
    else same += w->conn[i].from == from;
  }
  if (same >= most) return NULL;
  if (!slot && w->nconns < w->limits->in_all) slot = &w->conn[w->nconns++];
  return slot;
}

static void accept_some(Worker *w) {
  for (int i = 0; i < ACCEPTS; i++) {
    struct sockaddr_storage from = { 0 };
    socklen_t n = sizeof from;
    char address[48] = "";
    bool loopback;
    int on = 1, fd = accept4(w->listen, (struct sockaddr *)&from, &n, SOCK_NONBLOCK | SOCK_CLOEXEC);
    if (fd < 0) return;
    address_text(&from, address, &loopback);
    Conn *c = slot_for(w, address, loopback);
    struct epoll_event e = { .events = EPOLLIN | EPOLLOUT | EPOLLRDHUP | (uint32_t)EPOLLET, .data.ptr = c };
    if (!c || epoll_ctl(w->epoll, EPOLL_CTL_ADD, fd, &e) != 0) { (void)close(fd); continue; }
    (void)setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    conn_open(c, fd, address, loopback);
  }
}

static size_t sweep(Worker *w) {
  int64_t now = clock_mono_us();
  size_t open = 0;
  for (size_t i = 0; i < w->nconns; i++) {
    Conn *c = &w->conn[i];
    if (c->state == CONN_FREE) continue;
    if (conn_late(w, c, now) || (w->stopping && c->state == CONN_IDLE)) conn_close(c);
    else open++;
  }
  return open;
}

static void begin_stop(Worker *w, int64_t *until_us) {
  if (w->stopping) return;
  w->stopping = true;
  *until_us = clock_mono_us() + stop_us;
  (void)epoll_ctl(w->epoll, EPOLL_CTL_DEL, w->listen, NULL);
  (void)epoll_ctl(w->epoll, EPOLL_CTL_DEL, w->start->signal_fd, NULL);
}

static int sweep_every_ms(const Worker *w) {
  int64_t least = w->limits->head_us < w->limits->idle_us ? w->limits->head_us : w->limits->idle_us;
  return least / 4000 < 500 ? (int)(least / 4000) + 1 : 500;
}

static void loop(Worker *w) {
  struct epoll_event e[EVENTS];
  int every = sweep_every_ms(w);
  int64_t until_us = INT64_MAX, swept_us = 0;
  size_t open = 0;
  for (;;) {
    int n = epoll_wait(w->epoll, e, EVENTS, every);
    for (int i = 0; i < n; i++) {
      if (e[i].data.ptr == &w->listen) accept_some(w);
      else if (e[i].data.ptr == w) begin_stop(w, &until_us);
      else conn_drive(w, e[i].data.ptr);
    }
    int64_t now = clock_mono_us();
    if (now - swept_us >= every * 1000 || w->stopping) { open = sweep(w); swept_us = now; }
    if (w->stopping && (!open || now > until_us)) return;
  }
}

static bool watch(Worker *w) {
  struct epoll_event e = { .events = EPOLLIN | EPOLLEXCLUSIVE, .data.ptr = &w->listen };
  struct epoll_event s = { .events = EPOLLIN, .data.ptr = w };
  w->epoll = epoll_create1(EPOLL_CLOEXEC);
  return w->epoll >= 0 && epoll_ctl(w->epoll, EPOLL_CTL_ADD, w->listen, &e) == 0 &&
         epoll_ctl(w->epoll, EPOLL_CTL_ADD, w->start->signal_fd, &s) == 0;
}

Err worker_serve(Cx *cx, const WorkerStart *start) {
  Worker *w = NEW(cx->arena, Worker);
  Writer *writer;
  const ServeHooks *h = start->hooks;
  w->start = start;
  w->listen = start->listen_fd;
  w->limits = h->limits ? h->limits : &serve_limits;
  w->conn = NEW_ARRAY(cx->arena, w->limits->in_all, Conn);
  w->spare = arena_alloc(cx->arena, IN_BYTES);
  w->sender = sender_new(cx->arena);
  TRY(writer_remote(cx, start->folder, &writer));
  TRY(h->worker_open(cx, start->folder, start->set, writer, &w->web));
  if (!watch(w)) return fail(cx, E_IO, "A worker could not watch its sockets");
  if (write(start->ready_fd, "+", 1) == 1) loop(w);
  for (size_t i = 0; i < w->nconns; i++) if (w->conn[i].state != CONN_FREE) conn_close(&w->conn[i]);
  sender_free(w->sender);
  writer_close(writer);
  (void)close(w->epoll);
  return E_OK;
}
