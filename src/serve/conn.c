/* One connection: header, body, answer, again.
 * Registered edge-triggered once, so each step goes on until it blocks. */
#include "serve/conn.h"
#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

enum { REQUEST_BYTES = 1 << 30 };
static const int64_t drain_us = 2 * US_PER_S;
typedef enum Step { AGAIN, BLOCKED, CLOSED } Step;

static void enter(Conn *c, ConnState s) { c->state = s; c->since_us = clock_mono_us(); }

void conn_open(Conn *c, int fd, const char *address, bool loopback) {
  *c = (Conn){ .fd = fd, .loopback = loopback, .from = str_hash(str_of(address)) };
  memcpy(c->address, address, strnlen(address, sizeof c->address - 1));
  c->cx = cx_new(REQUEST_BYTES);
  enter(c, CONN_IDLE);
}

void conn_close(Conn *c) {
  (void)close(c->fd);
  cx_free(&c->cx);
  *c = (Conn){ .fd = -1 };
}

bool conn_late(const Worker *w, const Conn *c, int64_t now_us) {
  const ServeLimits *l = w->limits;
  int64_t age = now_us - c->since_us;
  switch (c->state) {
    case CONN_FREE: return false;
    case CONN_IDLE: return age > l->idle_us;
    case CONN_HEAD: return age > l->head_us;
    case CONN_BODY:
      return age > l->body_grace_us &&
             (int64_t)c->body.n < (age - l->body_grace_us) / US_PER_S * l->body_bytes_s;
    case CONN_ANSWER: return age > l->answer_us * (1 + (int64_t)(c->out_bytes >> 20));
    case CONN_DRAIN: return age > drain_us;
  }
  return true;
}

/* ---- answering ---------------------------------------------------------------------------------------- */

static Step start_answer(Worker *w, Conn *c, const Request *req, Response *res) {
  if (w->stopping) c->keep = false;
  if (req && res->etag.n && !res->status && str_eq(res->etag, req->header_if_none_match)) {
    res->status = 304;
    res->body = STR_NONE;
  }
  c->out[0] = response_head(&c->cx, w->sender, req, res, c->gzip, c->keep);
  c->out[1] = c->is_head ? STR_NONE : res->body;
  c->out_bytes = c->out[0].n + c->out[1].n;
  enter(c, CONN_ANSWER);
  return AGAIN;
}

static Step refuse(Worker *w, Conn *c, Refusal r) {
  const ServeHooks *h = w->start->hooks;
  c->keep = false;
  Response res = { .status = r.status, .media = S("text/plain; charset=utf-8"),
                   .allow = r.status == 405 ? S("GET, HEAD, POST") : STR_NONE,
                   .body = str_fmt(c->cx.arena, "%s\n", r.words) };
  if (h->refuse && c->req.path.n) {
    c->req.request_id = random_hex(c->cx.arena, 8);
    h->refuse(&c->cx, &c->req, &res);
  }
  return start_answer(w, c, NULL, &res);
}

static Step handle(Worker *w, Conn *c) {
  Response res = { 0 };
  Request *r = &c->req;
  if (!r->address.n) r->address = str_of(c->address);
  r->request_id = random_hex(c->cx.arena, 8);
  r->body = buf_str(&c->body);
  c->cx.now_us = clock_now_us();
  if (!asset_answer(&c->cx, r, c->gzip, &res)) w->start->hooks->handle(&c->cx, w->web, r, &res);
  return start_answer(w, c, r, &res);
}

/* ---- reading ------------------------------------------------------------------------------------------ */

static ssize_t receive(Conn *c, char *to, size_t n, Step *s) {
  ssize_t got = recv(c->fd, to, n, 0);
  *s = got > 0 ? AGAIN : got < 0 && errno == EAGAIN ? BLOCKED : got < 0 && errno == EINTR ? AGAIN : CLOSED;
  return got;
}

static size_t body_limit(Worker *w, Conn *c) {
  const ServeHooks *h = w->start->hooks;
  if (h->body_limit) return h->body_limit(w->web, c->req.method, c->req.path);
  return c->req.method == GET ? 0 : (size_t)w->start->set->number[SET_BODY_BYTES];
}

/* The first bytes of a request are in `in`. */
static void start_head(Conn *c, size_t n) {
  c->in_n = n;
  c->at = 0;
  c->reader = NEW(c->cx.arena, Reader);
  reader_start(c->reader, &c->body);
  enter(c, CONN_HEAD);
}

static Refusal read_on(Conn *c) {
  Str in = { c->in + c->at, c->in_n - c->at };
  Refusal r = reader_read(c->reader, &in);
  c->at = c->in_n - in.n;
  return r;
}

/* The header is whole: says no before the body is read, or makes room for it. */
static Step start_body(Worker *w, Conn *c) {
  const Head *h = &c->reader->head;
  size_t limit = body_limit(w, c);
  if (h->length > 0 && (uint64_t)h->length > limit)
    return refuse(w, c, (Refusal){ 413, "The body is larger than this address takes." });
  c->body = buf_new(c->cx.arena, h->length >= 0 ? (size_t)h->length : h->chunked ? limit : 0);
  if (h->length > 0) {
    c->body.p = arena_alloc(c->cx.arena, c->body.max);   /* all at once: a body never moves */
    c->body.cap = c->body.max;
  }
  c->head_n = c->at;
  enter(c, CONN_BODY);
  if (h->expects && c->in_n == c->at && (h->length > 0 || h->chunked)) {
    static const char go_on[] = "HTTP/1.1 100 Continue\r\n\r\n";
    if (send(c->fd, go_on, sizeof go_on - 1, MSG_NOSIGNAL) < 0) return CLOSED;
  }
  return AGAIN;
}

static Step read_head(Worker *w, Conn *c) {
  Step s = AGAIN;
  Refusal r = read_on(c);
  if (!r.status && c->reader->state == READ_HEAD) {
    ssize_t got = receive(c, c->in + c->in_n, IN_BYTES - c->in_n, &s);
    if (got > 0) c->in_n += (size_t)got;
    return s;
  }
  const Head *h = &c->reader->head;
  if (!r.status) r = request_make(&c->cx, h, w->start->set->number[SET_PROXY] != 0, &c->req, &c->is_head);
  if (r.status) return refuse(w, c, r);
  c->keep = h->keep;
  c->gzip = accepts_gzip(h);
  return start_body(w, c);
}

/* What comes of a body of known length goes straight to where it belongs; chunks go where the header ends. */
static Step receive_body(Conn *c, Refusal *r) {
  bool chunked = c->reader->head.chunked;
  if (chunked) c->in_n = c->at = c->head_n;
  char *to = chunked ? c->in + c->head_n : c->body.p + c->body.n;
  Step s;
  ssize_t got = receive(c, to, chunked ? IN_BYTES - c->head_n : c->body.cap - c->body.n, &s);
  if (got <= 0) return s;
  if (chunked) { c->in_n += (size_t)got; return s; }
  *r = reader_read(c->reader, &(Str){ to, (size_t)got });
  return s;
}

static Step read_body(Worker *w, Conn *c) {
  const Reader *reader = c->reader;
  Refusal r = read_on(c);
  Step s = AGAIN;
  if (!r.status && reader->state != READ_DONE) s = receive_body(c, &r);
  if (r.status) return refuse(w, c, r);
  return reader->state == READ_DONE ? handle(w, c) : s;
}

static Step wait_for_request(Worker *w, Conn *c) {
  Step s;
  if (w->stopping) return CLOSED;
  if (!c->in) c->in = arena_alloc(c->cx.arena, IN_BYTES);
  ssize_t got = receive(c, c->in, IN_BYTES, &s);
  if (got > 0) start_head(c, (size_t)got);
  return s;
}

/* ---- writing ------------------------------------------------------------------------------------------ */

/* Gives the request's memory back; bytes of a pipelined next one move over. */
static Step next_request(Worker *w, Conn *c) {
  size_t n = c->in_n - c->at;
  if (n) memcpy(w->spare, c->in + c->at, n);
  cx_reset(&c->cx);
  c->in = NULL;
  c->reader = NULL;
  c->body = (Buf){ 0 };
  c->req = (Request){ 0 };
  c->in_n = c->at = 0;
  c->is_head = c->gzip = false;
  if (!n) { enter(c, CONN_IDLE); return AGAIN; }
  c->in = arena_alloc(c->cx.arena, IN_BYTES);
  memcpy(c->in, w->spare, n);
  start_head(c, n);
  return AGAIN;
}

static Step write_answer(Worker *w, Conn *c) {
  if (!c->out[0].n && !c->out[1].n) {
    if (c->keep) return next_request(w, c);
    /* Closing with bytes unread would reset the connection and could take the answer away from the client. */
    (void)shutdown(c->fd, SHUT_WR);
    enter(c, CONN_DRAIN);
    return AGAIN;
  }
  struct iovec v[2];
  int n = 0;
  for (size_t i = 0; i < 2; i++)
    if (c->out[i].n) v[n++] = (struct iovec){ (void *)(uintptr_t)c->out[i].p, c->out[i].n };
  struct msghdr m = { .msg_iov = v, .msg_iovlen = (size_t)n };
  ssize_t put = sendmsg(c->fd, &m, MSG_NOSIGNAL);
  if (put < 0) return errno == EAGAIN ? BLOCKED : errno == EINTR ? AGAIN : CLOSED;
  for (size_t i = 0, left = (size_t)put; i < 2; i++) {
    size_t take = left < c->out[i].n ? left : c->out[i].n;
    c->out[i] = str_slice(c->out[i], take, c->out[i].n);
    left -= take;
  }
  return AGAIN;
}

static Step drain(Conn *c) {
  char waste[16 * 1024];
  Step s;
  (void)receive(c, waste, sizeof waste, &s);
  if (s == AGAIN && clock_mono_us() - c->since_us > drain_us) return CLOSED;
  return s;
}

static Step step(Worker *w, Conn *c) {
  switch (c->state) {
    case CONN_FREE: return BLOCKED;
    case CONN_IDLE: return wait_for_request(w, c);
    case CONN_HEAD: return read_head(w, c);
    case CONN_BODY: return read_body(w, c);
    case CONN_ANSWER: return write_answer(w, c);
    case CONN_DRAIN: return drain(c);
  }
  return CLOSED;
}

void conn_drive(Worker *w, Conn *c) {
  Step s = AGAIN;
  while (s == AGAIN) s = step(w, c);
  if (s == CLOSED) conn_close(c);
}
