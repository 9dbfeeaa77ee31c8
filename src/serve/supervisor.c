/* The supervisor: forks signer, writer and workers before any input is read, restarts what dies, ends them in order.
 *
 * Signer and writer are a pair on one socket: when one ends the other is ended too, so that no half-read message of the
 * last life is taken for an answer in the next. */
#define _GNU_SOURCE  /* accept4's flags */
#include "serve/inside.h"
#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <netinet/in.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { CHILDREN = 3 + 64, START_S = 60, END_S = 15, CHILD_BYTES = 1 << 30 };
static const int64_t back_off_least_us = 100000, back_off_most_us = 10 * US_PER_S, stable_us = 10 * US_PER_S;

typedef enum Part { PART_SIGNER, PART_WRITER, PART_WORKER, PART_JOBS } Part;
static bool is_pair(Part p) { return p == PART_SIGNER || p == PART_WRITER; }
typedef struct Child { Part part; pid_t pid; int64_t started_us, again_us, back_off_us; } Child;

typedef struct Super {
  Cx *cx;
  const char *folder;
  const Settings *set;
  const ServeHooks *hooks;
  Child child[CHILDREN]; size_t n;
  int listen, claim;
  int signer[2];             /* [0] the writer's end, [1] the signer's */
  pid_t self;
  sigset_t before;           /* signal mask as it was */
} Super;

static int signer_fd = -1;
int serve_signer_fd(void) { return signer_fd; }

/* ---- the listening socket ----------------------------------------------------------------------------- */

static bool is_loopback(const struct sockaddr *a) {
  if (a->sa_family == AF_INET6)
    return IN6_IS_ADDR_LOOPBACK(&((const struct sockaddr_in6 *)(const void *)a)->sin6_addr);
  return ntohl(((const struct sockaddr_in *)(const void *)a)->sin_addr.s_addr) >> 24 == 127;
}

static Err parse_listen(Cx *cx, const Settings *set, struct addrinfo **out) {
  Str text = set->text[SET_LISTEN];
  size_t colon = str_rfind_char(text, ':');
  Str host = str_slice(text, 0, colon == SIZE_MAX ? 0 : colon);
  uint64_t port;
  if (colon == SIZE_MAX || !str_uint(str_slice(text, colon + 1, text.n), &port) || port > 65535)
    return fail(cx, E_CONFIG, "listen = %.*s: write it as address:port, for example 127.0.0.1:8400",
                STR(text));
  if (host.n > 2 && host.p[0] == '[') host = str_slice(host, 1, host.n - 1);
  if (!host.n || str_eq(host, S("localhost"))) host = S("127.0.0.1");
  struct addrinfo want = { .ai_flags = AI_NUMERICHOST | AI_NUMERICSERV, .ai_socktype = SOCK_STREAM };
  if (getaddrinfo(str_z(cx->arena, host), str_fmt(cx->arena, "%u", (unsigned)port).p, &want, out) != 0)
    return fail(cx, E_CONFIG, "listen = %.*s: that is not an IP address", STR(text));
  /* No TLS is spoken here: passwords must not cross a network in the clear. */
  if (is_loopback((*out)->ai_addr) || set->number[SET_PROXY]) return E_OK;
  freeaddrinfo(*out);
  return fail(cx, E_CONFIG,
              "listen = %.*s: other machines could reach this without TLS. Listen on 127.0.0.1, or put a TLS "
              "proxy "
              "in front and set behind_proxy = 1",
              STR(text));
}

static Err open_listen(Cx *cx, const Settings *set, int *out, int *port) {
  struct addrinfo *to;
  TRY(parse_listen(cx, set, &to));
  int on = 1, fd = socket(to->ai_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  bool ok = fd >= 0 && setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on) == 0 &&
            bind(fd, to->ai_addr, to->ai_addrlen) == 0 && listen(fd, 1024) == 0;
  int why = errno;
  freeaddrinfo(to);
  if (!ok) {
    if (fd >= 0) (void)close(fd);
    return fail(cx, why == EADDRINUSE ? E_BUSY : E_CONFIG,
                "Cannot listen on %.*s: %s. Stop what uses it, or choose another with "
                "listen = ADDRESS:PORT",
                STR(set->text[SET_LISTEN]), strerror(why));
  }
  struct sockaddr_storage at;
  socklen_t n = sizeof at;
  (void)getsockname(fd, (struct sockaddr *)&at, &n);
  *port = ntohs(at.ss_family == AF_INET6 ? ((const struct sockaddr_in6 *)(const void *)&at)->sin6_port
                                         : ((const struct sockaddr_in *)(const void *)&at)->sin_port);
  *out = fd;
  return E_OK;
}

/* ---- children ----------------------------------------------------------------------------------------- */

static void say_started(int fd) { if (write(fd, "+", 1) < 0) return; }

/* Only the supervisor acts on the terminal's Ctrl-C; children get SIGTERM from it, or from the kernel when it dies. */
static int child_signals(const Super *s, bool by_descriptor) {
  sigset_t mask = s->before, term;
  (void)prctl(PR_SET_PDEATHSIG, SIGTERM);
  if (getppid() != s->self) _exit(0);
  (void)signal(SIGINT, SIG_IGN);
  (void)signal(SIGPIPE, SIG_IGN);
  (void)sigemptyset(&term);
  (void)sigaddset(&term, SIGTERM);
  if (by_descriptor) (void)sigaddset(&mask, SIGTERM);
  else (void)sigdelset(&mask, SIGTERM);
  (void)sigdelset(&mask, SIGCHLD);
  (void)sigprocmask(SIG_SETMASK, &mask, NULL);
  return by_descriptor ? signalfd(-1, &term, SFD_CLOEXEC | SFD_NONBLOCK) : -1;
}

static Err child_work(Super *s, Cx *cx, Part part, int ready) {
  int stop = child_signals(s, part != PART_SIGNER);
  if (part != PART_WORKER) (void)close(s->listen);
  if (part != PART_WRITER && s->signer[0] >= 0) (void)close(s->signer[0]);
  if (part != PART_SIGNER && s->signer[1] >= 0) (void)close(s->signer[1]);
  switch (part) {
    case PART_SIGNER:
      say_started(ready);
      return s->hooks->signer(cx, s->folder, s->signer[1]);
    case PART_WRITER:
      signer_fd = s->signer[0];
      return writer_serve(cx, s->folder, s->set, &s->hooks->writer, stop, say_started, ready);
    case PART_JOBS:
      say_started(ready);
      return s->hooks->jobs(cx, s->folder, s->set, stop);
    case PART_WORKER: break;
  }
  WorkerStart w = { s->folder, s->set, s->hooks, s->listen, stop, ready, (int)s->set->number[SET_WORKERS] };
  return worker_serve(cx, &w);
}

/* The end of a child: its failure goes to the supervisor while that still waits for the start, else to stderr. */
static void __attribute__((noreturn)) child_main(Super *s, Part part, int ready) {
  Cx cx = cx_new(CHILD_BYTES);
  Err e = child_work(s, &cx, part, ready);
  if (e != E_OK) {
    Str line = str_fmt(cx.arena, "-%s\n%.*s", err_slug(e), STR(cx.words));
    struct pollfd p = { .fd = ready, .events = POLLOUT };
    bool heard =
        poll(&p, 1, 0) == 1 && !(p.revents & POLLERR) && write(ready, line.p, line.n) == (ssize_t)line.n;
    if (!heard) (void)fprintf(stderr, "proofline: error: %.*s\n", STR(cx.words));
  }
  cx_free(&cx);
  (void)fflush(NULL);
  _exit(err_exit(e));
}

/* Waits for "+" on the pipe; "-slug\nwords" is the child's failure. */
static Err await_start(Cx *cx, int fd) {
  char text[2048];
  size_t n = 0;
  struct pollfd p = { .fd = fd, .events = POLLIN };
  while (n < sizeof text && poll(&p, 1, START_S * 1000) == 1) {
    ssize_t got = read(fd, text + n, sizeof text - n);
    if (got <= 0) break;
    n += (size_t)got;
    if (text[0] == '+') return E_OK;
  }
  Str slug, words;
  if (n < 2 || text[0] != '-') return fail(cx, E_BUG, "A part of the server ended while it started");
  (void)str_cut((Str){ text + 1, n - 1 }, '\n', &slug, &words);
  return fail(cx, err_from_slug(slug.p, slug.n), "%.*s", STR(words));
}

static Err start_child(Super *s, Cx *cx, Child *c) {
  int ready[2];
  if (pipe2(ready, O_CLOEXEC) != 0) return fail(cx, E_IO, "Cannot make a pipe: %s", strerror(errno));
  (void)fflush(NULL);
  pid_t pid = fork();
  if (pid == 0) { (void)close(ready[0]); child_main(s, c->part, ready[1]); }
  (void)close(ready[1]);
  c->pid = pid;
  c->started_us = clock_mono_us();
  Err e = pid > 0 ? await_start(cx, ready[0]) : fail(cx, E_IO, "Cannot start a process: %s", strerror(errno));
  (void)close(ready[0]);
  return e;
}

static Err fresh_signer_socket(Super *s, Cx *cx) {
  for (size_t i = 0; i < 2; i++) { if (s->signer[i] >= 0) (void)close(s->signer[i]); s->signer[i] = -1; }
  if (!s->hooks->signer || socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, s->signer) == 0) return E_OK;
  return fail(cx, E_IO, "Cannot make the signer's socket: %s", strerror(errno));
}

static Err start_pair(Super *s, Cx *cx) {
  TRY(fresh_signer_socket(s, cx));
  for (size_t i = 0; i < s->n; i++)
    if (is_pair(s->child[i].part)) TRY(start_child(s, cx, &s->child[i]));
  return E_OK;
}

static void reap(Child *c, int64_t wait_us) {
  int64_t until = clock_mono_us() + wait_us;
  while (c->pid > 0) {
    pid_t got = waitpid(c->pid, NULL, WNOHANG);
    if (got == c->pid || (got < 0 && errno == ECHILD)) { c->pid = 0; return; }
    if (clock_mono_us() > until) { (void)kill(c->pid, SIGKILL); until = INT64_MAX; }
    struct timespec pause = { .tv_nsec = 5 * 1000 * 1000 };
    (void)nanosleep(&pause, NULL);
  }
}

static void end_part(Super *s, Part part) {
  for (size_t i = 0; i < s->n; i++)
    if (s->child[i].part == part && s->child[i].pid > 0) (void)kill(s->child[i].pid, SIGTERM);
  for (size_t i = 0; i < s->n; i++)
    if (s->child[i].part == part) reap(&s->child[i], END_S * US_PER_S);
}

/* Workers finish what they have, the writer commits and closes, the signer goes last. */
static void end_all(Super *s) {
  end_part(s, PART_JOBS);
  end_part(s, PART_WORKER);
  end_part(s, PART_WRITER);
  end_part(s, PART_SIGNER);
  for (size_t i = 0; i < 2; i++) if (s->signer[i] >= 0) (void)close(s->signer[i]);
  if (s->listen >= 0) (void)close(s->listen);
  if (s->claim >= 0) (void)close(s->claim);
}

/* ---- watching ----------------------------------------------------------------------------------------- */

static void plan_restart(Child *c) {
  int64_t now = clock_mono_us();
  bool stable = now - c->started_us > stable_us;
  c->pid = 0;
  c->back_off_us = stable || !c->back_off_us ? back_off_least_us : c->back_off_us * 2;
  if (c->back_off_us > back_off_most_us) c->back_off_us = back_off_most_us;
  c->again_us = now + c->back_off_us;
}

static void reap_dead(Super *s) {
  pid_t pid;
  int status;
  while ((pid = waitpid(-1, &status, WNOHANG)) > 0)
    for (size_t i = 0; i < s->n; i++) {
      Child *c = &s->child[i];
      if (c->pid != pid) continue;
      static const char *const name[] = { "signer", "writer", "worker", "job process" };
      (void)fprintf(stderr, "proofline: warning: a %s ended (%s %d) and is started again\n", name[c->part],
                    WIFSIGNALED(status) ? "signal" : "exit",
                    WIFSIGNALED(status) ? WTERMSIG(status) : WEXITSTATUS(status));
      plan_restart(c);
      if (!is_pair(c->part)) continue;
      Part other = c->part == PART_WRITER ? PART_SIGNER : PART_WRITER;
      end_part(s, other);
    }
}

static void restart(Super *s, Cx *cx) {
  int64_t now = clock_mono_us(), pair_at = 0;
  bool pair_down = false;
  for (size_t i = 0; i < s->n; i++) {
    Child *c = &s->child[i];
    if (c->pid > 0) continue;
    if (!is_pair(c->part)) {
      if (c->again_us <= now && start_child(s, cx, c) != E_OK) reap(c, 0), plan_restart(c);
      continue;
    }
    pair_down = true;
    if (c->again_us > pair_at) pair_at = c->again_us;
  }
  if (!pair_down || pair_at > now || start_pair(s, cx) == E_OK) return;
  (void)fprintf(stderr, "proofline: error: %.*s\n", STR(cx->words));
  end_part(s, PART_WRITER);
  end_part(s, PART_SIGNER);
  for (size_t i = 0; i < s->n; i++) if (is_pair(s->child[i].part)) plan_restart(&s->child[i]);
}

static void watch(Super *s, const sigset_t *signals) {
  AUTO(Cx) cx = cx_new(1 << 20);
  for (;;) {
    struct timespec tick = { .tv_nsec = 100 * 1000 * 1000 };
    bool all_up = true;
    for (size_t i = 0; i < s->n; i++) all_up = all_up && s->child[i].pid > 0;
    if (all_up) tick = (struct timespec){ .tv_sec = 3600 };
    int got = sigtimedwait(signals, NULL, &tick);
    if (got == SIGTERM || got == SIGINT) return;
    cx_reset(&cx);
    reap_dead(s);
    restart(s, &cx);
  }
}

static void list_children(Super *s) {
  if (s->hooks->signer) s->child[s->n++] = (Child){ .part = PART_SIGNER };
  s->child[s->n++] = (Child){ .part = PART_WRITER };
  if (s->hooks->jobs) s->child[s->n++] = (Child){ .part = PART_JOBS };
  for (int64_t i = 0; i < s->set->number[SET_WORKERS] && s->n < CHILDREN; i++)
    s->child[s->n++] = (Child){ .part = PART_WORKER };
}

static Err start_all(Super *s, Cx *cx) {
  TRY(start_pair(s, cx));
  for (size_t i = 0; i < s->n; i++)
    if (!is_pair(s->child[i].part)) TRY(start_child(s, cx, &s->child[i]));
  return E_OK;
}

Err serve_run(Cx *cx, const char *folder, const Settings *set, const ServeHooks *hooks,
              void (*ready)(Cx *cx, void *env, ServeReady r), void *env) {
  Super *s = NEW(cx->arena, Super);
  *s = (Super){ .cx = cx,
                .folder = folder,
                .set = set,
                .hooks = hooks,
                .listen = -1,
                .claim = -1,
                .signer = { -1, -1 },
                .self = getpid() };
  int port = 0;
  TRY(open_listen(cx, set, &s->listen, &port));
  Err claimed = server_claim(cx, folder, &s->claim);
  if (claimed != E_OK) { (void)close(s->listen); return claimed; }
  sigset_t signals;
  (void)sigemptyset(&signals);
  (void)sigaddset(&signals, SIGTERM);
  (void)sigaddset(&signals, SIGINT);
  (void)sigaddset(&signals, SIGCHLD);
  (void)sigprocmask(SIG_BLOCK, &signals, &s->before);
  list_children(s);
  Err e = start_all(s, cx);
  if (e == E_OK) {
    if (ready) ready(cx, env, (ServeReady){ port });
    watch(s, &signals);
  }
  end_all(s);
  (void)sigprocmask(SIG_SETMASK, &s->before, NULL);
  return e;
}
