/* Clients over raw sockets: what they get, what is refused them, and what is left when something dies. */
#include "fixture.h"

static const Sql note_has = { "test.note_has", "select count(*) from note where client = ?1 and number = ?2", NULL };

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
    { "405", "DELETE / HTTP/1.1\r\nHost: a\r\n\r\n" },
    { "405", "PUT /add HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\n\r\nx" },
    { "501", "PROPFIND / HTTP/1.1\r\nHost: a\r\n\r\n" },
    { "505", "GET / HTTP/3.0\r\nHost: a\r\n\r\n" },
  };
  for (size_t i = 0; i < COUNT(table); i++) {
    Str request = str_of(table[i].request), answer = talk(&cx, s, request);
    Str want = str_fmt(cx.arena, "HTTP/1.1 %s ", table[i].status);
    if (!str_starts(answer, want)) print_error("%s\n gave %.*s\n", table[i].request, STR(answer));
    assert_true(str_starts(answer, want));
    assert_has(answer, "Connection: close\r\n");
    assert_true(has(answer, "\r\nAllow: GET, HEAD, POST\r\n") == str_eq(str_of(table[i].status), S("405")));
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
    assert_int_equal(store_int(&cx, store, &note_has, ARGS(v_int(got[i][0]), v_int(number)), 0, &n), E_OK);
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

int main(void) {
  const struct CMUnitTest tests[] = {
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
