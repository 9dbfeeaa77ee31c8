/* fixture.h - a small application on the real supervisor, writer and workers, for the tests of this folder. */
#pragma once
#define _GNU_SOURCE
#include "serve/inside.h"
#include <arpa/inet.h>
#include <dirent.h>
#include <errno.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>
#include <cmocka.h>
#undef fail   /* cmocka has a macro of that name */

/* ---- the application ---------------------------------------------------------------------------------- */

static const Sql note_put = { "test.note_put", "insert into note (client, number, text) values (?1, ?2, ?3)", NULL };
static const Migration schema[] = { { "note", "create table note (client integer not null, number integer "
                                              "not null, "
                                              "text text, primary key (client, number))" } };

static inline Err note_add(Cx *cx, Call *c) {
  TRY(store_run(cx, c->store, &note_put,
                ARGS(v_int(json_int(c->args, "client", 0)), v_int(json_int(c->args, "number", 0)),
                     v_text(json_text(c->args, "text"))),
                NULL));
  json_pair_int(c->result, "number", json_int(c->args, "number", 0));
  json_pair_int(c->result, "payload", (int64_t)c->payload.n);
  return E_OK;
}

static inline Err note_refuse(Cx *cx, Call *c) {
  TRY(note_add(cx, c));
  return fail(cx, E_CONFLICT, "This note is refused after it was written");
}

static const ArgSpec note_args[] = { { "client", ARG_INT, true, "whose" },
                                     { "number", ARG_INT, true, "which" },
                                     { "text", ARG_TEXT, false, "words" } };
static const Command cmd_add = { "note.add", note_args, COUNT(note_args), "write", note_add, "adds a note" };
static const Command cmd_refuse = { "note.refuse", note_args,   COUNT(note_args),
                                    "write",       note_refuse, "writes, then refuses" };
static const Command *const commands[] = { &cmd_add, &cmd_refuse };

static inline Err opened(Cx *cx, Store *s, void *env) {
  (void)env;
  return store_migrate(cx, s, schema, COUNT(schema));
}

static inline Err may(Cx *cx, Call *c) {
  return str_eq(c->actor, S("nobody")) ? fail(cx, E_DENIED, "nobody may not") : E_OK;
}

/* The trace of a refusal: a note of client -1. */
static inline Err refused(Cx *cx, Call *c, Err e, Str words) {
  (void)e;
  return store_run(cx, c->store, &note_put, ARGS(v_int(-1), v_int(c->now_us), v_text(words)), NULL);
}

struct Web { Writer *writer; };

static inline Err worker_open(Cx *cx, const char *folder, const Settings *set, Writer *writer, Web **out) {
  (void)folder; (void)set;
  *out = NEW(cx->arena, Web);
  (*out)->writer = writer;
  return E_OK;
}

static inline void handle(Cx *cx, Web *web, Request *req, Response *res) {
  if (str_eq(req->path, S("/long"))) {
    Buf b = buf_new(cx->arena, 1 << 20);
    for (int i = 0; i < 2000; i++) buf_z(&b, "<p>the same words again</p>\n");
    res->body = buf_str(&b);
    return;
  }
  if (str_eq(req->path, S("/add")) && req->method == POST) {
    Ask ask = {
      .command = S("note.add"), .actor = S("U000001"), .args_json = req->body, .request = req->request_id
    };
    Answer a = { 0 };
    Err e = writer_ask(cx, web->writer, &ask, 1, &a);
    if (e == E_OK) e = answer_result(cx, &a);
    res->status = err_status(e);
    res->body = e == E_OK ? a.result_json : cx->words;
    return;
  }
  if (str_eq(req->path, S("/size"))) { res->body = str_fmt(cx->arena, "%zu", req->body.n); return; }
  if (str_eq(req->path, S("/nasty"))) {
    res->location = S("/x\r\nSet-Cookie: a=b");
    res->set_cookie[0] = S("proofline=x; HttpOnly");
    res->body = S("ok");
    return;
  }
  res->body = str_fmt(cx->arena, "path %.*s secure %d", STR(req->path), req->secure);
}

static inline size_t body_limit(Web *web, Method m, Str path) {
  (void)web;
  return m == GET ? 0 : str_eq(path, S("/size")) ? 3 << 20 : 1000;
}

static const ServeLimits quick = { .head_us = 300000,
                                   .idle_us = 600000,
                                   .body_grace_us = 400000,
                                   .body_bytes_s = 1 << 20,
                                   .answer_us = 5 * US_PER_S,
                                   .per_address = 64,
                                   .per_loopback = 64,
                                   .in_all = 256 };
static const ServeHooks hooks = {
  .writer = { .commands = commands,
              .ncommands = COUNT(commands),
              .opened = opened,
              .authorise = may,
              .refused = refused },
  .worker_open = worker_open,
  .handle = handle,
  .body_limit = body_limit,
  .limits = &quick,
};

/* ---- a server of its own per test --------------------------------------------------------------------- */

typedef struct Server { char folder[64]; pid_t pid; int port; } Server;

static inline void tell_port(Cx *cx, void *env, ServeReady r) {
  (void)cx;
  int *fd = env;
  if (write(*fd, &r.port, sizeof r.port) < 0) _exit(1);
}

static inline Settings settings(void) {
  Settings set;
  settings_default(&set);
  AUTO(Cx) cx = cx_new(1 << 16);
  assert_int_equal(settings_set(&cx, &set, S("listen"), S("127.0.0.1:0"), S("test")), E_OK);
  return set;
}

static inline void make_store(Server *s) {
  AUTO(Cx) cx = cx_new(1 << 20);
  Store *store;
  (void)snprintf(s->folder, sizeof s->folder, "/tmp/proofline-serve-XXXXXX");
  assert_non_null(mkdtemp(s->folder));
  assert_int_equal(store_open(&cx, s->folder, STORE_CREATE, &store), E_OK);
  store_close(store);
}

static inline void remove_store(const char *folder) {
  DIR *d = opendir(folder);
  for (struct dirent *e; d && (e = readdir(d));) (void)unlinkat(dirfd(d), e->d_name, 0);
  if (d) (void)closedir(d);
  (void)rmdir(folder);
}

static inline Server *server_with(const ServeHooks *with) {
  static Server s;
  int fd[2];
  make_store(&s);
  assert_int_equal(pipe(fd), 0);
  (void)fflush(NULL);
  s.pid = fork();
  if (s.pid == 0) {
    (void)prctl(PR_SET_PDEATHSIG, SIGTERM);   /* a failed test leaves no server behind */
    Cx cx = cx_new(256 << 20);
    Settings set = settings();
    Err e = crypto_start(&cx);
    if (e == E_OK) e = serve_run(&cx, s.folder, &set, with, tell_port, &fd[1]);
    if (e != E_OK) (void)fprintf(stderr, "serve_run: %.*s\n", STR(cx.words));
    cx_free(&cx);
    (void)fflush(NULL);
    _exit(err_exit(e));
  }
  (void)close(fd[1]);
  assert_int_equal(read(fd[0], &s.port, sizeof s.port), sizeof s.port);
  (void)close(fd[0]);
  return &s;
}

static inline Server *server_start(void) { return server_with(&hooks); }

static inline void pause_ms(long ms) {
  struct timespec t = { ms / 1000, ms % 1000 * 1000000 };
  (void)nanosleep(&t, NULL);
}

static inline int dial(const Server *s) {
  struct sockaddr_in to = { .sin_family = AF_INET,
                            .sin_port = htons((uint16_t)s->port),
                            .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
  int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  struct timeval limit = { .tv_sec = 5 };
  (void)setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
  if (connect(fd, (const struct sockaddr *)&to, sizeof to) == 0) return fd;
  (void)close(fd);
  return -1;
}

static inline void server_end(Server *s) {
  int status = 0;
  assert_int_equal(kill(s->pid, SIGTERM), 0);
  assert_int_equal(waitpid(s->pid, &status, 0), s->pid);
  assert_true(WIFEXITED(status));
  assert_int_equal(WEXITSTATUS(status), 0);
  assert_int_equal(dial(s), -1);   /* nothing listens any more */
}

static inline void server_stop(Server *s) {
  server_end(s);
  remove_store(s->folder);
}

/* Children of a process, by their state in /proc. */
static inline size_t children_of(pid_t parent, pid_t *out, size_t most) {
  DIR *d = opendir("/proc");
  size_t n = 0;
  for (struct dirent *e; d && (e = readdir(d));) {
    int64_t pid;
    if (!str_int(str_of(e->d_name), &pid)) continue;
    AUTO(Cx) cx = cx_new(1 << 20);
    Str text, head, rest;
    if (file_read(&cx, str_fmt(cx.arena, "/proc/%lld/stat", (long long)pid).p, 65536, &text) != E_OK)
      continue;
    size_t close = str_rfind_char(text, ')');
    (void)str_cut(str_slice(text, close + 4, text.n), ' ', &head, &rest);
    int64_t of;
    if (str_int(head, &of) && of == parent && n < most) out[n++] = (pid_t)pid;
  }
  if (d) (void)closedir(d);
  return n;
}

/* All that comes back until the other side closes or falls silent. */
static inline Str talk(Cx *cx, const Server *s, Str request) {
  int fd = dial(s);
  Buf b = buf_new(cx->arena, 8 << 20);
  char some[4096];
  ssize_t got;
  assert_true(fd >= 0);
  (void)send(fd, request.p, request.n, MSG_NOSIGNAL);
  while ((got = recv(fd, some, sizeof some, 0)) > 0) buf_add(&b, (Str){ some, (size_t)got });
  (void)close(fd);
  return buf_str(&b);
}

static inline Str get(Cx *cx, const Server *s, const char *path, const char *more) {
  return talk(cx, s,
              str_fmt(cx->arena, "GET %s HTTP/1.1\r\nHost: a\r\nConnection: close\r\n%s\r\n", path, more));
}

static inline bool has(Str text, const char *words) { return str_find(text, str_of(words)) != SIZE_MAX; }
#define assert_has(text, words)                                                                              \
  do {                                                                                                       \
    Str t_ = (text);                                                                                         \
    if (!has(t_, words)) print_error("no '%s' in: %.*s\n", words, STR(t_));                                  \
    assert_true(has(t_, words));                                                                             \
  } while (0)
