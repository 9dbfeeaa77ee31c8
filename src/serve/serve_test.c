/* A small application on the real supervisor, writer and workers; clients over raw sockets. */
#define _GNU_SOURCE
#include "serve/inside.h"
#include "serve_test.sql.h"
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

static const Migration schema[] = { { "note", "create table note (client integer not null, number integer "
                                              "not null, "
                                              "text text, primary key (client, number))" } };

static Err note_add(Cx *cx, Call *c) {
  TRY(store_run(cx, c->store, SQL_NOTE_ADD,
                ARGS(v_int(json_int(c->args, "client", 0)), v_int(json_int(c->args, "number", 0)),
                     v_text(json_text(c->args, "text"))),
                NULL));
  json_pair_int(c->result, "number", json_int(c->args, "number", 0));
  json_pair_int(c->result, "payload", (int64_t)c->payload.n);
  return E_OK;
}

static Err note_refuse(Cx *cx, Call *c) {
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

static Err opened(Cx *cx, Store *s, void *env) {
  (void)env;
  return store_migrate(cx, s, schema, COUNT(schema));
}

static Err may(Cx *cx, Call *c) {
  return str_eq(c->actor, S("nobody")) ? fail(cx, E_DENIED, "nobody may not") : E_OK;
}

/* The trace of a refusal: a note of client -1. */
static Err refused(Cx *cx, Call *c, Err e, Str words) {
  (void)e;
  return store_run(cx, c->store, SQL_NOTE_ADD, ARGS(v_int(-1), v_int(c->now_us), v_text(words)), NULL);
}

struct Web { Writer *writer; };

static Err worker_open(Cx *cx, const char *folder, const Settings *set, Writer *writer, Web **out) {
  (void)folder; (void)set;
  *out = NEW(cx->arena, Web);
  (*out)->writer = writer;
  return E_OK;
}

static void handle(Cx *cx, Web *web, Request *req, Response *res) {
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

static size_t body_limit(Web *web, Method m, Str path) {
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

static void tell_port(Cx *cx, void *env, ServeReady r) {
  (void)cx;
  int *fd = env;
  if (write(*fd, &r.port, sizeof r.port) < 0) _exit(1);
}

static Settings settings(void) {
  Settings set;
  settings_default(&set);
  AUTO(Cx) cx = cx_new(1 << 16);
  assert_int_equal(settings_set(&cx, &set, S("listen"), S("127.0.0.1:0"), S("test")), E_OK);
  return set;
}

static void make_store(Server *s) {
  AUTO(Cx) cx = cx_new(1 << 20);
  Store *store;
  (void)snprintf(s->folder, sizeof s->folder, "/tmp/proofline-serve-XXXXXX");
  assert_non_null(mkdtemp(s->folder));
  assert_int_equal(store_open(&cx, s->folder, STORE_CREATE, &store), E_OK);
  store_close(store);
}

static void remove_store(const char *folder) {
  DIR *d = opendir(folder);
  for (struct dirent *e; d && (e = readdir(d));) (void)unlinkat(dirfd(d), e->d_name, 0);
  if (d) (void)closedir(d);
  (void)rmdir(folder);
}

static Server *server_with(const ServeHooks *with) {
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

static Server *server_start(void) { return server_with(&hooks); }

static void pause_ms(long ms) {
  struct timespec t = { ms / 1000, ms % 1000 * 1000000 };
  (void)nanosleep(&t, NULL);
}

static int dial(const Server *s) {
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

static void server_end(Server *s) {
  int status = 0;
  assert_int_equal(kill(s->pid, SIGTERM), 0);
  assert_int_equal(waitpid(s->pid, &status, 0), s->pid);
  assert_true(WIFEXITED(status));
  assert_int_equal(WEXITSTATUS(status), 0);
  assert_int_equal(dial(s), -1);   /* nothing listens any more */
}

static void server_stop(Server *s) {
  server_end(s);
  remove_store(s->folder);
}

/* Children of a process, by their state in /proc. */
static size_t children_of(pid_t parent, pid_t *out, size_t most) {
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
static Str talk(Cx *cx, const Server *s, Str request) {
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

static Str get(Cx *cx, const Server *s, const char *path, const char *more) {
  return talk(cx, s,
              str_fmt(cx->arena, "GET %s HTTP/1.1\r\nHost: a\r\nConnection: close\r\n%s\r\n", path, more));
}

static bool has(Str text, const char *words) { return str_find(text, str_of(words)) != SIZE_MAX; }
#define assert_has(text, words)                                                                              \
  do {                                                                                                       \
    Str t_ = (text);                                                                                         \
    if (!has(t_, words)) print_error("no '%s' in: %.*s\n", words, STR(t_));                                  \
    assert_true(has(t_, words));                                                                             \
  } while (0)

/* ---- tests -------------------------------------------------------------------------------------------- */

static void pages_carry_their_headers(void **state) {
  (void)state;
  AUTO(Cx) cx = cx_new(64 << 20);
  Server *s = server_start();
  static const char *const wanted[] = {
    "HTTP/1.1 200 OK\r\n",
    "path /a b secure 0",
    "Cache-Control: no-store\r\n",
    "X-Content-Type-Options: nosniff\r\n",
    "Referrer-Policy: same-origin\r\n",
    "Cross-Origin-Opener-Policy: same-origin\r\n",
    "Cross-Origin-Resource-Policy: same-origin\r\n",
    "Permissions-Policy: camera=(), microphone=(), geolocation=()\r\n",
    "Content-Type: text/html; charset=utf-8\r\n",
    "\r\nContent-Security-Policy: default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' "
    "data:; ",
    " data:; connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'; "
    "require-trusted-types-for 'script'; ",
    "; require-trusted-types-for 'script'; trusted-types fragment\r\n",
  };
  Str page = get(&cx, s, "/a%20b", "");
  for (size_t i = 0; i < COUNT(wanted); i++) assert_has(page, wanted[i]);
  assert_false(has(page, "Strict-Transport-Security"));
  Str nasty = get(&cx, s, "/nasty", "");
  assert_has(nasty, "Set-Cookie: proofline=x; HttpOnly\r\n");
  assert_false(has(nasty, "a=b"));
  Str plain = get(&cx, s, "/long", ""), packed = get(&cx, s, "/long", "Accept-Encoding: br, gzip\r\n");
  assert_true(plain.n > 50000);
  assert_true(packed.n < 2500);
  assert_has(packed, "Content-Encoding: gzip\r\n");
  Str head = talk(&cx, s, S("HEAD /long HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"));
  assert_has(head, "Content-Length: 56000\r\n");
  assert_true(str_ends(head, S("\r\n\r\n")));
  Str url = asset_url(cx.arena, "app.css"),
      asset = get(&cx, s, str_z(cx.arena, url), "Accept-Encoding: gzip\r\n");
  assert_has(asset, "Cache-Control: public, max-age=31536000, immutable\r\n");
  assert_has(asset, "Content-Encoding: gzip\r\n");
  Str tag = str_fmt(cx.arena, "If-None-Match: \"%.8s\"\r\n", url.p + 3);
  assert_has(get(&cx, s, str_z(cx.arena, url), str_z(cx.arena, tag)), "HTTP/1.1 304 ");
  assert_has(get(&cx, s, "/a/00000000/app.css", ""), "HTTP/1.1 404 ");
  server_stop(s);
}

static void hostile_requests_are_refused(void **state) {
  (void)state;
  AUTO(Cx) cx = cx_new(64 << 20);
  Server *s = server_start();
  static const struct { const char *status, *request;
  } table[] = {
    { "400", "POST /add HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\nContent-Length: 4\r\n\r\nabcd" },
    { "400", "POST /add HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\nTransfer-Encoding: "
             "chunked\r\n\r\n0\r\n\r\n" },
    { "400", "GET / HTTP/1.1\nHost: a\n\n" },
    { "400", "GET / HTTP/1.1\r\nHost: a\r\nX: a\r\n b\r\n\r\n" },
    { "400", "GET /../etc/passwd HTTP/1.1\r\nHost: a\r\n\r\n" },
    { "400", "GET /%2e%2e/x HTTP/1.1\r\nHost: a\r\n\r\n" },
    { "400", "GET /%00 HTTP/1.1\r\nHost: a\r\n\r\n" },
    { "400", "GET /%zz HTTP/1.1\r\nHost: a\r\n\r\n" },
    { "413", "POST /add HTTP/1.1\r\nHost: a\r\nContent-Length: 1001\r\n\r\n" },
    { "413", "POST /add HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\nfff\r\n" },
    { "413", "GET / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\n\r\nx" },
    { "501", "DELETE / HTTP/1.1\r\nHost: a\r\n\r\n" },
    { "505", "GET / HTTP/3.0\r\nHost: a\r\n\r\n" },
  };
  for (size_t i = 0; i < COUNT(table); i++) {
    Str request = str_of(table[i].request), answer = talk(&cx, s, request);
    Str want = str_fmt(cx.arena, "HTTP/1.1 %s ", table[i].status);
    if (!str_starts(answer, want)) print_error("%s\n gave %.*s\n", table[i].request, STR(answer));
    assert_true(str_starts(answer, want));
    assert_has(answer, "Connection: close\r\n");
  }
  Buf big = buf_new(cx.arena, 1 << 20);
  buf_z(&big, "GET / HTTP/1.1\r\nHost: a\r\n");
  for (int i = 0; i < 40; i++) buf_fmt(&big, "X-%d: %0500d\r\n", i, 0);
  assert_has(talk(&cx, s, buf_str(&big)), "HTTP/1.1 431 ");
  assert_has(get(&cx, s, "/", ""), "HTTP/1.1 200 ");   /* and the next one is served */
  server_stop(s);
}

static void bodies_and_pipelines(void **state) {
  (void)state;
  AUTO(Cx) cx = cx_new(64 << 20);
  Server *s = server_start();
  Buf b = buf_new(cx.arena, 8 << 20);
  buf_z(&b, "POST /size HTTP/1.1\r\nHost: a\r\nContent-Length: 3000000\r\n\r\n");
  for (int i = 0; i < 300000; i++) buf_z(&b, "0123456789");
  buf_z(&b, "POST /size HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: "
            "chunked\r\n\r\n5\r\nabcde\r\n7\r\n1234567\r\n0\r\n\r\n"
            "GET /one HTTP/1.1\r\nHost: a\r\n\r\nGET /two HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
  Str answer = talk(&cx, s, buf_str(&b));
  assert_has(answer, "\r\n\r\n3000000HTTP/1.1 200");
  assert_has(answer, "\r\n\r\n12HTTP/1.1 200");
  assert_has(answer, "path /one secure 0HTTP/1.1 200");
  assert_true(str_ends(answer, S("path /two secure 0")));
  Str asked =
      talk(&cx, s, S("POST /size HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 5\r\n\r\n"));
  assert_true(str_starts(asked, S("HTTP/1.1 100 Continue\r\n\r\n")));
  server_stop(s);
}

static void slow_clients_are_closed(void **state) {
  (void)state;
  AUTO(Cx) cx = cx_new(64 << 20);
  Server *s = server_start();
  static const char *const opening[] = {
    "GET / HTTP/1.1\r\nHost: a\r\nX: ", "POST /size HTTP/1.1\r\nHost: a\r\nContent-Length: 100000\r\n\r\n", ""
  };
  for (size_t i = 0; i < COUNT(opening); i++) {
    int fd = dial(s);
    int64_t from = clock_mono_us();
    char byte;
    bool open = true;
    (void)send(fd, opening[i], strlen(opening[i]), MSG_NOSIGNAL);
    while (open &&
           clock_mono_us() - from < 5 * US_PER_S) { /* a byte now and then does not move the deadline */
      if (opening[i][0]) open = send(fd, "x", 1, MSG_NOSIGNAL) == 1;
      if (open) open = !(recv(fd, &byte, 1, MSG_DONTWAIT) == 0);
      pause_ms(50);
      if (!opening[i][0]) open = open && !(recv(fd, &byte, 1, MSG_DONTWAIT) == 0);
    }
    assert_false(open);
    assert_true(clock_mono_us() - from < 3 * US_PER_S);
    (void)close(fd);
  }
  assert_has(get(&cx, s, "/", ""), "HTTP/1.1 200 ");
  server_stop(s);
}

/* A client's loop: numbers 1, 2, ... until the file `stop` is there; writes each acknowledged number to a pipe. */
static void client_loop(const Server *s, int client, int fd) {
  Cx cx = cx_new(16 << 20);
  Writer *w;
  char stop[96];
  (void)snprintf(stop, sizeof stop, "%s/stop", s->folder);
  if (writer_remote(&cx, s->folder, &w) != E_OK) _exit(1);
  for (int number = 1; !file_exists(stop); number++) {
    cx_reset(&cx);
    Ask ask = { .command = number % 5 ? S("note.add") : S("note.refuse"), .actor = S("U000001"),
                .args_json = str_fmt(cx.arena, "{\"client\":%d,\"number\":%d}", client, number) };
    Answer a = { 0 };
    if (writer_ask(&cx, w, &ask, 1, &a) != E_OK) continue;   /* unknown: neither promised nor denied */
    int seen[2] = { client, a.err == E_OK ? number : -number };
    if (write(fd, seen, sizeof seen) != sizeof seen) _exit(1);
  }
  writer_close(w);
  cx_free(&cx);
  _exit(0);
}

/* Without a signer the writer is the supervisor's first child. */
static pid_t writer_pid(const Server *s) {
  pid_t child[16], least = 0;
  size_t n = children_of(s->pid, child, COUNT(child));
  assert_int_equal(n, 3);
  for (size_t i = 0; i < n; i++) if (!least || child[i] < least) least = child[i];
  return least;
}

static void no_acknowledged_command_is_lost(void **state) {
  (void)state;
  enum { CLIENTS = 16 };
  AUTO(Cx) cx = cx_new(64 << 20);
  Server *s = server_start();
  int fd[2], seen[2], acknowledged = 0, refused_n = 0, after = 0;
  pid_t client[CLIENTS];
  char stop[96];
  (void)snprintf(stop, sizeof stop, "%s/stop", s->folder);
  assert_int_equal(pipe(fd), 0);
  (void)fflush(NULL);
  for (int i = 0; i < CLIENTS; i++) {
    client[i] = fork();
    if (client[i] == 0) { (void)close(fd[0]); client_loop(s, i, fd[1]); }
  }
  (void)close(fd[1]);
  static int got[400000][2];
  int64_t from = clock_mono_us();
  bool killed = false, stopped = false;
  for (ssize_t n; (n = read(fd[0], seen, sizeof seen)) == sizeof seen;) {
    if (acknowledged < (int)COUNT(got)) {
      got[acknowledged][0] = seen[0];
      got[acknowledged][1] = seen[1];
      acknowledged++;
    }
    refused_n += seen[1] < 0;
    after += clock_mono_us() - from > 800000;   /* by a new writer */
    if (!killed && clock_mono_us() - from > 300000) {
      assert_int_equal(kill(writer_pid(s), SIGKILL), 0);
      killed = true;
    }
    if (!stopped && clock_mono_us() - from > 1500000) {
      assert_int_equal(file_write(&cx, stop, S("stop"), 0600), E_OK);
      stopped = true;
    }
  }
  (void)close(fd[0]);
  for (int i = 0; i < CLIENTS; i++) {
    int status = 0;
    (void)waitpid(client[i], &status, 0);
    assert_int_equal(WEXITSTATUS(status), 0);
  }
  server_end(s);
  Store *store;
  assert_int_equal(store_open(&cx, s->folder, STORE_READ, &store), E_OK);
  for (int i = 0; i < acknowledged; i++) {
    int64_t n = 0, number = got[i][1] < 0 ? -got[i][1] : got[i][1];
    assert_int_equal(store_int(&cx, store, SQL_NOTE_HAS, ARGS(v_int(got[i][0]), v_int(number)), 0, &n), E_OK);
    assert_int_equal(n, got[i][1] > 0);
  }
  store_close(store);
  print_message("%d commands answered (%d refused) by 16 clients in 1.5 s around a killed writer\n",
                acknowledged, refused_n);
  remove_store(s->folder);
  assert_true(killed && acknowledged > 200 && refused_n > 20 && after > 20);
}

static void dead_workers_come_back_and_nothing_stays_behind(void **state) {
  (void)state;
  AUTO(Cx) cx = cx_new(64 << 20);
  Server *s = server_start();
  pid_t child[16], writer = writer_pid(s);
  size_t n = children_of(s->pid, child, COUNT(child));
  for (size_t i = 0; i < n; i++) if (child[i] != writer) assert_int_equal(kill(child[i], SIGKILL), 0);
  for (int i = 0; i < 100 && children_of(s->pid, child, COUNT(child)) < 3; i++) pause_ms(50);
  pause_ms(300);
  assert_has(get(&cx, s, "/", ""), "HTTP/1.1 200 ");
  assert_has(talk(&cx, s, S("POST /add HTTP/1.1\r\nHost: a\r\nConnection: close\r\nContent-Length: 23\r\n\r\n"
                            "{\"client\":1,\"number\":1}")), "{\"number\":1,\"payload\":0}");
  n = children_of(s->pid, child, COUNT(child));
  assert_int_equal(n, 3);
  server_stop(s);
  for (size_t i = 0; i < n; i++) assert_int_equal(kill(child[i], 0), -1);

  s = server_start();   /* and a supervisor that is killed takes its children with it */
  n = children_of(s->pid, child, COUNT(child));
  assert_int_equal(kill(s->pid, SIGKILL), 0);
  assert_int_equal(waitpid(s->pid, NULL, 0), s->pid);
  for (int i = 0; i < 100; i++) {
    bool any = false;
    for (size_t k = 0; k < n; k++) any = any || (kill(child[k], 0) == 0 && file_exists("/proc/self/stat"));
    if (!any) break;
    pause_ms(50);
  }
  assert_int_equal(dial(s), -1);
  remove_store(s->folder);
}

/* A signer that answers each byte with the next one; the writer greets it when it opens. */
static Err toy_signer(Cx *cx, const char *folder, int fd) {
  (void)cx;
  (void)folder;
  for (char c; read(fd, &c, 1) == 1;) {
    c++;
    if (write(fd, &c, 1) != 1) break;
  }
  return E_OK;
}

static Err greet_signer(Cx *cx, Store *s, void *env) {
  char c = 'a';
  int fd = serve_signer_fd();
  if (write(fd, &c, 1) != 1 || read(fd, &c, 1) != 1 || c != 'b') return fail(cx, E_IO, "The signer does not answer");
  return opened(cx, s, env);
}

static void signer_and_writer_live_as_a_pair(void **state) {
  (void)state;
  AUTO(Cx) cx = cx_new(64 << 20);
  ServeHooks with = hooks;
  with.signer = toy_signer;
  with.writer.opened = greet_signer;
  Server *s = server_with(&with);
  for (int which = 0; which < 2; which++) {   /* the signer is forked first; after it, the newest child is the writer */
    pid_t child[16];
    size_t n = children_of(s->pid, child, COUNT(child)), at = 0;
    assert_int_equal(n, 4);
    for (size_t i = 1; i < n; i++) if (which ? child[i] > child[at] : child[i] < child[at]) at = i;
    assert_int_equal(kill(child[at], SIGKILL), 0);
    pause_ms(200);
    for (int i = 0; i < 100 && children_of(s->pid, child, COUNT(child)) < 4; i++) pause_ms(50);
    Str args = str_fmt(cx.arena, "{\"client\":1,\"number\":%d}", which);
    Str post = str_fmt(cx.arena, "POST /add HTTP/1.1\r\nHost: a\r\nConnection: close\r\n"
                                 "Content-Length: %zu\r\n\r\n%.*s", args.n, STR(args));
    assert_has(talk(&cx, s, post), "HTTP/1.1 200 ");
  }
  server_stop(s);
}

static void a_port_in_use_is_said(void **state) {
  (void)state;
  AUTO(Cx) cx = cx_new(64 << 20);
  Server *s = server_start();
  static const struct { const char *listen; Err err;
  } table[] = {
    { "127.0.0.1:%d", E_BUSY },
    { "0.0.0.0:%d", E_CONFIG },
    { "localhost", E_CONFIG },
    { "nowhere.example:1%d", E_CONFIG },
  };
  for (size_t i = 0; i < COUNT(table); i++) {
    Settings set = settings();
    cx_reset(&cx);
    set.text[SET_LISTEN] = str_replace(cx.arena, str_fmt(cx.arena, "%s", table[i].listen), '%', '%');
    size_t at = str_find(set.text[SET_LISTEN], S("%d"));
    if (at != SIZE_MAX)
      set.text[SET_LISTEN] = str_fmt(cx.arena, "%.*s%d", (int)at, set.text[SET_LISTEN].p, s->port);
    assert_int_equal(serve_run(&cx, s->folder, &set, &hooks, NULL, NULL), table[i].err);
  }
  Settings set = settings();   /* the store's lock is taken: the writer's words come back from its process */
  cx_reset(&cx);
  assert_int_equal(serve_run(&cx, s->folder, &set, &hooks, NULL, NULL), E_BUSY);
  server_stop(s);
}

/* ---- the writer in this process ----------------------------------------------------------------------- */

static Store *writer_store_seen;
static Err opened_here(Cx *cx, Store *s, void *env) { writer_store_seen = s; return opened(cx, s, env); }
static Err clock_back(Cx *cx, Store *s, int64_t *now_us) {
  static int64_t t = 1000;
  (void)cx; (void)s;
  *now_us = t--;
  return E_OK;
}
static const WriterHooks here = { .commands = commands,
                                  .ncommands = COUNT(commands),
                                  .opened = opened_here,
                                  .authorise = may,
                                  .refused = refused,
                                  .clock = clock_back };

static Answer ask(Cx *cx, Writer *w, const char *command, const char *actor, const char *args,
                  const char *request) {
  Ask a = {
    .command = str_of(command), .actor = str_of(actor), .args_json = str_of(args), .request = str_of(request)
  };
  Answer out = { 0 };
  assert_int_equal(writer_ask(cx, w, &a, 1, &out), E_OK);
  return out;
}

static int64_t notes(Cx *cx, Store *s) {
  int64_t n = -1;
  assert_int_equal(store_int(cx, s, SQL_NOTE_COUNT, NO_ARGS, 0, &n), E_OK);
  return n;
}

static void commands_are_checked(void **state) {
  (void)state;
  AUTO(Cx) cx = cx_new(64 << 20);
  Server s;
  Writer *w;
  Settings set = settings();
  make_store(&s);
  assert_int_equal(writer_connect(&cx, s.folder, &set, &here, &w), E_OK);
  static const struct { const char *command, *args; Err err; const char *field, *code; } table[] = {
    { "note.add", "{\"client\":1,\"number\":1,\"text\":\"x\"}", E_OK, NULL, NULL },
    { "note.add", "{\"client\":1,\"number\":2,\"text\":null}", E_OK, NULL, NULL },
    { "note.add", "{\"client\":1}", E_INVALID, "number", "missing" },
    { "note.add", "", E_INVALID, "client", "missing" },
    { "note.add", "{\"client\":\"1\",\"number\":3}", E_INVALID, "client", "kind" },
    { "note.add", "{\"client\":1.5,\"number\":3}", E_INVALID, "client", "kind" },
    { "note.add", "{\"client\":null,\"number\":3}", E_INVALID, "client", "kind" },
    { "note.add", "{\"client\":1,\"number\":3,\"txt\":\"x\"}", E_INVALID, "txt", "unknown" },
    { "note.add", "[1]", E_INVALID, "args", "kind" },
    { "note.add", "{\"client\":1,", E_UNREADABLE, NULL, NULL },
    { "note.ad", "{}", E_INVALID, "command", "unknown" },
  };
  for (size_t i = 0; i < COUNT(table); i++) {
    Answer a = ask(&cx, w, table[i].command, "U000001", table[i].args, "");
    assert_int_equal(a.err, table[i].err);
    if (!table[i].field) continue;
    assert_true(str_eq(a.problems.p[0].field, str_of(table[i].field)));
    assert_true(str_eq(a.problems.p[0].code, str_of(table[i].code)));
  }
  assert_int_equal(notes(&cx, writer_store(w)), 2);
  Answer denied = ask(&cx, w, "note.add", "nobody", "{\"client\":1,\"number\":9}", "");
  assert_int_equal(denied.err, E_DENIED);
  assert_int_equal(answer_result(&cx, &denied), E_DENIED);
  assert_int_equal(notes(&cx, writer_store(w)), 3);   /* the trace of the refusal */
  writer_close(w);
  remove_store(s.folder);
}

static void one_failure_does_not_undo_its_neighbours(void **state) {
  (void)state;
  AUTO(Cx) cx = cx_new(64 << 20);
  Server s;
  Writer *w, *second;
  Settings set = settings();
  make_store(&s);
  assert_int_equal(writer_connect(&cx, s.folder, &set, &here, &w), E_OK);
  assert_int_equal(writer_connect(&cx, s.folder, &set, &here, &second), E_BUSY);
  cx_forgive(&cx);
  Ask asks[100];
  Answer answers[100];
  for (int i = 0; i < 100; i++)
    asks[i] = (Ask){ .command = i % 10 == 3 ? S("note.refuse") : S("note.add"),
                     .actor = S("U000001"),
                     .payload = S("four"),
                     .args_json = str_fmt(cx.arena, "{\"client\":1,\"number\":%d}", i) };
  assert_int_equal(writer_ask(&cx, w, asks, 100, answers), E_OK);
  for (int i = 0; i < 100; i++) {
    assert_int_equal(answers[i].err, i % 10 == 3 ? E_CONFLICT : E_OK);
    if (answers[i].err == E_OK)
      assert_true(str_eq(answers[i].result_json, str_fmt(cx.arena, "{\"number\":%d,\"payload\":4}", i)));
  }
  assert_int_equal(notes(&cx, writer_store(w)),
                   90 + 1); /* time stood still for the refusals: one trace, others collide */
  writer_close(w);
  remove_store(s.folder);
}

static void a_retried_request_is_not_done_twice(void **state) {
  (void)state;
  AUTO(Cx) cx = cx_new(64 << 20);
  Server s;
  Writer *w;
  Settings set = settings();
  make_store(&s);
  assert_int_equal(writer_connect(&cx, s.folder, &set, &here, &w), E_OK);
  for (int i = 0; i < 3; i++) {
    Answer a = ask(&cx, w, "note.add", "U000001", "{\"client\":1,\"number\":1}", "aaaabbbbccccdddd");
    assert_int_equal(a.err, E_OK);
    assert_true(str_eq(a.result_json, S("{\"number\":1,\"payload\":0}")));
  }
  assert_int_equal(ask(&cx, w, "note.add", "U000001", "{\"client\":1,\"number\":2}", "aaaabbbbccccdddd").err,
                   E_OK);
  assert_int_equal(notes(&cx, writer_store(w)), 2);
  writer_close(w);
  remove_store(s.folder);
}

static void a_full_disk_refuses_the_whole_group(void **state) {
  (void)state;
  AUTO(Cx) cx = cx_new(64 << 20);
  Server s;
  Writer *w;
  Settings set = settings();
  make_store(&s);
  assert_int_equal(writer_connect(&cx, s.folder, &set, &here, &w), E_OK);
  static const FaultKind kinds[] = { FAULT_COMMIT, FAULT_RUN };
  for (size_t k = 0; k < COUNT(kinds); k++) {
    Ask asks[5];
    Answer answers[5];
    for (int i = 0; i < 5; i++)
      asks[i] = (Ask){ .command = S("note.add"),
                       .actor = S("U000001"),
                       .args_json = str_fmt(cx.arena, "{\"client\":1,\"number\":%d}", i) };
    store_fault(writer_store_seen, kinds[k], 1, E_FULL, false);
    assert_int_equal(writer_ask(&cx, w, asks, 5, answers), E_OK);
    for (int i = 0; i < 5; i++) assert_int_equal(answers[i].err, E_FULL);
    assert_int_equal(notes(&cx, writer_store(w)), 0);
  }
  assert_int_equal(ask(&cx, w, "note.add", "U000001", "{\"client\":1,\"number\":1}", "").err, E_OK);
  assert_int_equal(notes(&cx, writer_store(w)), 1);
  writer_close(w);
  remove_store(s.folder);
}

int main(void) {
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(commands_are_checked),
    cmocka_unit_test(one_failure_does_not_undo_its_neighbours),
    cmocka_unit_test(a_retried_request_is_not_done_twice),
    cmocka_unit_test(a_full_disk_refuses_the_whole_group),
    cmocka_unit_test(pages_carry_their_headers),
    cmocka_unit_test(hostile_requests_are_refused),
    cmocka_unit_test(bodies_and_pipelines),
    cmocka_unit_test(slow_clients_are_closed),
    cmocka_unit_test(dead_workers_come_back_and_nothing_stays_behind),
    cmocka_unit_test(signer_and_writer_live_as_a_pair), cmocka_unit_test(a_port_in_use_is_said),
    cmocka_unit_test(no_acknowledged_command_is_lost),
  };
  AUTO(Cx) cx = cx_new(1 << 16);
  if (crypto_start(&cx) != E_OK) return 1;
  return cmocka_run_group_tests_name("serve", tests, NULL, NULL);
}
