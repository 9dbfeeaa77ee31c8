/* fetch_child.c - the process that connects out: libcurl behind rules, in a sandbox of its own. */
#define _GNU_SOURCE
#include "serve/curl_lib.h"
#include "serve/fetch.h"
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/landlock.h>
#include <seccomp.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

enum { CONNECT_S = 20, SLOW_BYTES_S = 1024, SLOW_S = 30, WHOLE_S = 2 * 3600, PAUSE_MOST_S = 120, PORTS_MOST = 32 };

static CurlLib lib; /* of this process, which serves nothing else */

typedef struct Child {
  int fd;
  const FetchRules *rules;
  CURL *curl;
  Arena *arena;
} Child;

typedef struct Try {
  Child *child;
  Str host;
  bool is_private;
  char refused[200]; /* why a connection was not made */
  curl_off_t sent;   /* bytes of the body that went to the parent */
  curl_off_t from;   /* where this try asked to go on */
  bool begun, resumed, lost;
  char etag[256], modified[64], range[64], location[300];
} Try;

/* ---- to the parent ---- */

static bool put_frame(int fd, uint8_t kind, const char *p, size_t n) {
  uint8_t head[5] = { kind, (uint8_t)n, (uint8_t)(n >> 8), (uint8_t)(n >> 16), (uint8_t)(n >> 24) };
  Str parts[] = { { (const char *)head, sizeof head }, { p, n } };
  for (size_t i = 0; i < 2; i++)
    while (parts[i].n) {
      ssize_t put = send(fd, parts[i].p, parts[i].n, MSG_NOSIGNAL);
      if (put < 0 && errno == EINTR) continue;
      if (put <= 0) return false;
      parts[i] = str_slice(parts[i], (size_t)put, parts[i].n);
    }
  return true;
}

static void put_fail(Child *c, Err e, Str words) {
  Str s = str_fmt(c->arena, "%s\n%.*s", err_slug(e), STR(words));
  (void)put_frame(c->fd, FRAME_FAIL, s.p, s.n);
}

/* ---- what libcurl asks us ---- */

static curl_socket_t on_socket(void *env, curlsocktype what, struct curl_sockaddr *a) {
  Try *t = env;
  const char *why = what == CURLSOCKTYPE_IPCXN ? address_refused(&a->addr) : "no connection of ours";
  if (why && !t->is_private) {
    char text[INET6_ADDRSTRLEN] = "?";
    const void *ip = a->family == AF_INET
                         ? (const void *)&((const struct sockaddr_in *)(const void *)&a->addr)->sin_addr
                         : (const void *)&((const struct sockaddr_in6 *)(const void *)&a->addr)->sin6_addr;
    (void)inet_ntop(a->family, ip, text, sizeof text);
    Str s = str_fmt(t->child->arena, "%.*s leads to %s, %s", STR(t->host), text, why);
    memcpy(t->refused, s.p, s.n < sizeof t->refused ? s.n + 1 : sizeof t->refused - 1);
    return CURL_SOCKET_BAD;
  }
  return socket(a->family, a->socktype | SOCK_CLOEXEC, a->protocol);
}

static void keep(char *to, size_t room, Str value) {
  size_t n = value.n < room - 1 ? value.n : 0; /* what is too long is left out */
  memcpy(to, n ? value.p : "", n);
  to[n] = 0;
}

static size_t on_header(char *p, size_t size, size_t n, void *env) {
  Try *t = env;
  Str line = str_trim((Str){ p, size * n }), name, value;
  if (!str_cut(line, ':', &name, &value)) return size * n;
  value = str_trim(value);
  if (str_eq_nocase(name, S("etag"))) keep(t->etag, sizeof t->etag, value);
  if (str_eq_nocase(name, S("last-modified"))) keep(t->modified, sizeof t->modified, value);
  if (str_eq_nocase(name, S("content-range"))) keep(t->range, sizeof t->range, value);
  if (str_eq_nocase(name, S("location"))) keep(t->location, sizeof t->location, value);
  return size * n;
}

/* The first bytes of an answer: does it go on where we were, or begin anew? */
static bool body_begin(Try *t) {
  long status = 0;
  (void)lib.curl_easy_getinfo(t->child->curl, CURLINFO_RESPONSE_CODE, &status);
  t->begun = true;
  if (status == 206 && t->from) {
    Str want = str_fmt(t->child->arena, "bytes %lld-", (long long)t->from);
    t->resumed = true;
    return str_starts(str_of(t->range), want);
  }
  if (status != 200) return true; /* an error's words: not sent on */
  if (t->sent && !put_frame(t->child->fd, FRAME_RESTART, "", 0)) t->lost = true;
  t->sent = 0;
  return !t->lost;
}

static size_t on_body(char *p, size_t size, size_t n, void *env) {
  Try *t = env;
  size_t bytes = size * n;
  long status = 0;
  if (!t->begun && !body_begin(t)) return 0;
  (void)lib.curl_easy_getinfo(t->child->curl, CURLINFO_RESPONSE_CODE, &status);
  if (status != 200 && status != 206) return bytes;
  for (size_t at = 0; at < bytes; at += FRAME_MOST) {
    size_t part = bytes - at < FRAME_MOST ? bytes - at : FRAME_MOST;
    if (!put_frame(t->child->fd, FRAME_DATA, p + at, part)) {
      t->lost = true;
      return 0;
    }
  }
  t->sent += (curl_off_t)bytes;
  return bytes;
}

/* ---- one ask ---- */

typedef struct Ask4 {
  Str url, etag, header, media, post;
  int64_t most;
} Ask4;

static bool target(Child *c, const Ask4 *a, Try *t) {
  CURLU *u = lib.curl_url();
  char *scheme = NULL, *host = NULL, *port = NULL, *user = NULL;
  bool good = u && lib.curl_url_set(u, CURLUPART_URL, str_z(c->arena, a->url), 0) == CURLUE_OK &&
              lib.curl_url_get(u, CURLUPART_SCHEME, &scheme, 0) == CURLUE_OK &&
              lib.curl_url_get(u, CURLUPART_HOST, &host, 0) == CURLUE_OK &&
              lib.curl_url_get(u, CURLUPART_PORT, &port, CURLU_DEFAULT_PORT) == CURLUE_OK;
  bool named = good && lib.curl_url_get(u, CURLUPART_USER, &user, 0) == CURLUE_OK;
  bool plain = good && c->rules->plain && str_eq(str_of(scheme), S("http"));
  uint64_t number = 0;
  Str words = STR_NONE;
  if (!good || named) words = str_fmt(c->arena, "%.*s is no address that can be asked", STR(a->url));
  else if (!plain && !str_eq(str_of(scheme), S("https")))
    words = str_fmt(c->arena, "%.*s is not https: only https is asked, nothing falls back", STR(a->url));
  else {
    (void)str_uint(str_of(port), &number);
    t->host = str_dup(c->arena, str_of(host));
    t->is_private = private_host(c->rules->private_hosts, t->host, (unsigned)number);
    if (number != (plain ? 80 : 443) && !t->is_private)
      words = str_fmt(c->arena, "%.*s: port %llu is asked only of hosts in the setting feed_private_hosts",
                      STR(a->url), (unsigned long long)number);
  }
  lib.curl_free(scheme);
  lib.curl_free(host);
  lib.curl_free(port);
  lib.curl_free(user);
  lib.curl_url_cleanup(u);
  if (words.n) put_fail(c, E_FEED, words);
  return !words.n;
}

static void set_up(Child *c, const Ask4 *a, Try *t, struct curl_slist *headers) {
  CURL *h = c->curl;
  lib.curl_easy_reset(h);
  (void)lib.curl_easy_setopt(h, CURLOPT_URL, str_z(c->arena, a->url));
  (void)lib.curl_easy_setopt(h, CURLOPT_PROTOCOLS_STR, c->rules->plain ? "http,https" : "https");
  (void)lib.curl_easy_setopt(h, CURLOPT_FOLLOWLOCATION, 0L);
  (void)lib.curl_easy_setopt(h, CURLOPT_PROXY, "");
  (void)lib.curl_easy_setopt(h, CURLOPT_NOSIGNAL, 1L);
  (void)lib.curl_easy_setopt(h, CURLOPT_SSL_VERIFYPEER, 1L);
  (void)lib.curl_easy_setopt(h, CURLOPT_SSL_VERIFYHOST, 2L);
  (void)lib.curl_easy_setopt(h, CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2);
  if (c->rules->ca_file.n) (void)lib.curl_easy_setopt(h, CURLOPT_CAINFO, str_z(c->arena, c->rules->ca_file));
  (void)lib.curl_easy_setopt(h, CURLOPT_CONNECTTIMEOUT, (long)CONNECT_S);
  (void)lib.curl_easy_setopt(h, CURLOPT_LOW_SPEED_LIMIT, (long)SLOW_BYTES_S);
  (void)lib.curl_easy_setopt(h, CURLOPT_LOW_SPEED_TIME, (long)SLOW_S);
  (void)lib.curl_easy_setopt(h, CURLOPT_TIMEOUT, (long)WHOLE_S);
  (void)lib.curl_easy_setopt(h, CURLOPT_MAXFILESIZE_LARGE, (curl_off_t)a->most);
  (void)lib.curl_easy_setopt(h, CURLOPT_USERAGENT, "Proofline");
  (void)lib.curl_easy_setopt(h, CURLOPT_HTTPHEADER, headers);
  (void)lib.curl_easy_setopt(h, CURLOPT_OPENSOCKETFUNCTION, on_socket);
  (void)lib.curl_easy_setopt(h, CURLOPT_OPENSOCKETDATA, t);
  (void)lib.curl_easy_setopt(h, CURLOPT_HEADERFUNCTION, on_header);
  (void)lib.curl_easy_setopt(h, CURLOPT_HEADERDATA, t);
  (void)lib.curl_easy_setopt(h, CURLOPT_WRITEFUNCTION, on_body);
  (void)lib.curl_easy_setopt(h, CURLOPT_WRITEDATA, t);
  if (a->post.n) {
    (void)lib.curl_easy_setopt(h, CURLOPT_POSTFIELDSIZE, (long)a->post.n);
    (void)lib.curl_easy_setopt(h, CURLOPT_POSTFIELDS, a->post.p);
  }
  if (t->sent && t->etag[0]) {
    t->from = t->sent;
    (void)lib.curl_easy_setopt(h, CURLOPT_RANGE, str_fmt(c->arena, "%lld-", (long long)t->sent).p);
  }
}

static struct curl_slist *headers_of(Child *c, const Ask4 *a, const Try *t) {
  struct curl_slist *list = lib.curl_slist_append(NULL, "Accept: */*");
  if (a->media.n) list = lib.curl_slist_append(list, str_fmt(c->arena, "Content-Type: %.*s", STR(a->media)).p);
  if (a->header.n) list = lib.curl_slist_append(list, str_z(c->arena, a->header));
  if (t->sent && t->etag[0]) list = lib.curl_slist_append(list, str_fmt(c->arena, "If-Range: %s", t->etag).p);
  else if (a->etag.n) list = lib.curl_slist_append(list, str_fmt(c->arena, "If-None-Match: %.*s", STR(a->etag)).p);
  return list;
}

typedef enum Then { THEN_DONE, THEN_AGAIN, THEN_FAIL } Then;

static bool may_pass(CURLcode code) {
  switch ((int)code) {
  case CURLE_COULDNT_RESOLVE_HOST:
  case CURLE_COULDNT_CONNECT:
  case CURLE_PARTIAL_FILE:
  case CURLE_OPERATION_TIMEDOUT:
  case CURLE_GOT_NOTHING:
  case CURLE_SEND_ERROR:
  case CURLE_RECV_ERROR:
  case CURLE_SSL_CONNECT_ERROR:
  case CURLE_HTTP2:
  case CURLE_HTTP2_STREAM: return true;
  default: return false;
  }
}

static Then judge_code(Child *c, const Ask4 *a, Try *t, CURLcode code, const char *detail, Str *words, Err *e) {
  const char *said = detail[0] ? detail : lib.curl_easy_strerror(code);
  *e = E_FEED;
  if (t->refused[0])
    *words = str_fmt(c->arena,
                     "%s, which is refused. If it is a mirror of yours, the owner of the folder names it in "
                     "the setting feed_private_hosts",
                     t->refused);
  else if (code == CURLE_PEER_FAILED_VERIFICATION || code == CURLE_SSL_CACERT_BADFILE ||
           code == CURLE_SSL_ISSUER_ERROR)
    *words = str_fmt(c->arena,
                     "The certificate of %.*s does not verify (%s). Nothing was taken; there is no way round "
                     "it but a right certificate or feed_ca_file",
                     STR(t->host), said);
  else if (code == CURLE_FILESIZE_EXCEEDED) {
    *e = E_TOO_LARGE;
    *words =
        str_fmt(c->arena, "%.*s is larger than %lld bytes. Nothing of it was taken", STR(a->url), (long long)a->most);
  } else {
    *words = str_fmt(c->arena, "%.*s could not be fetched: %s", STR(a->url), said);
    return may_pass(code) ? THEN_AGAIN : THEN_FAIL;
  }
  return THEN_FAIL;
}

static Then judge_status(Child *c, const Ask4 *a, Try *t, long status, Str *words, Err *e) {
  *e = E_FEED;
  if (status == 200 || status == 206 || (status == 304 && a->etag.n)) return THEN_DONE;
  if (status >= 300 && status < 400) {
    *words =
        str_fmt(c->arena, "%.*s sends on to %s: redirects are not followed. If that is right, enter the new address",
                STR(a->url), t->location[0] ? t->location : "somewhere");
    return THEN_FAIL;
  }
  *words = str_fmt(c->arena, "%.*s answered with status %ld", STR(a->url), status);
  if (status == 404 || status == 410) *e = E_NOTFOUND;
  if (status == 416) t->sent = 0, t->etag[0] = 0;
  return status == 408 || status == 416 || status == 429 || status >= 500 ? THEN_AGAIN : THEN_FAIL;
}

static Then one_try(Child *c, const Ask4 *a, Try *t, Str *words, Err *e) {
  char detail[CURL_ERROR_SIZE] = "";
  long status = 0;
  t->begun = false;
  t->from = 0;
  t->range[0] = t->location[0] = 0;
  struct curl_slist *headers = headers_of(c, a, t);
  set_up(c, a, t, headers);
  if (!t->from) t->etag[0] = 0;
  (void)lib.curl_easy_setopt(c->curl, CURLOPT_ERRORBUFFER, detail);
  CURLcode code = lib.curl_easy_perform(c->curl);
  (void)lib.curl_easy_getinfo(c->curl, CURLINFO_RESPONSE_CODE, &status);
  lib.curl_slist_free_all(headers);
  if (t->lost) _exit(0);                      /* the parent is gone */
  if (code == CURLE_WRITE_ERROR && t->from) { /* an answer that does not go on where it was asked to */
    t->sent = 0;
    t->etag[0] = 0;
    *e = E_FEED;
    *words = str_fmt(c->arena, "%.*s does not go on where it was cut", STR(a->url));
    return put_frame(c->fd, FRAME_RESTART, "", 0) ? THEN_AGAIN : THEN_FAIL;
  }
  return code == CURLE_OK ? judge_status(c, a, t, status, words, e) : judge_code(c, a, t, code, detail, words, e);
}

static void pause_before(Child *c, unsigned tries) {
  curl_off_t wish_s = 0;
  int64_t us = c->rules->pause_us;
  for (unsigned i = 1; i < tries && us < PAUSE_MOST_S * US_PER_S; i++) us *= 2;
  (void)lib.curl_easy_getinfo(c->curl, CURLINFO_RETRY_AFTER, &wish_s);
  if (wish_s > 0 && wish_s * US_PER_S > us) us = wish_s * US_PER_S;
  if (us > PAUSE_MOST_S * US_PER_S) us = PAUSE_MOST_S * US_PER_S;
  struct timespec t = { us / US_PER_S, us % US_PER_S * 1000 };
  (void)nanosleep(&t, NULL);
}

static void serve_ask(Child *c, const Ask4 *a) {
  Try t = { .child = c };
  Str words = STR_NONE;
  Err e = E_FEED;
  if (!target(c, a, &t)) return;
  for (unsigned tries = 1;; tries++) {
    Then then = one_try(c, a, &t, &words, &e);
    long status = 0;
    (void)lib.curl_easy_getinfo(c->curl, CURLINFO_RESPONSE_CODE, &status);
    if (then == THEN_DONE) {
      Str s =
          str_fmt(c->arena, "%ld\n%s\n%s\n%u\n%d", status == 304 ? 304L : 200L, t.etag, t.modified, tries, t.resumed);
      (void)put_frame(c->fd, FRAME_END, s.p, s.n);
      return;
    }
    if (then == THEN_FAIL || tries >= c->rules->tries) {
      if (tries > 1) words = str_fmt(c->arena, "%.*s (%u tries)", STR(words), tries);
      put_fail(c, e, words);
      return;
    }
    pause_before(c, tries);
  }
}

/* ---- the sandbox ---- */

typedef struct LandlockRules {
  uint64_t files, network;
} LandlockRules;
typedef struct LandlockPort {
  uint64_t access, port;
} LandlockPort;

static void landlock(const FetchRules *rules) {
  enum { READ = 1 << 2 | 1 << 3, CONNECT = 1 << 1, BIND = 1 << 0, PORT_RULE = 2 };
  static const char *const readable[] = { "/etc", "/usr", "/lib", "/lib64", "/run/systemd/resolve" };
  int version = (int)syscall(SYS_landlock_create_ruleset, NULL, 0, LANDLOCK_CREATE_RULESET_VERSION);
  if (version < 1) return;
  LandlockRules all = { .files = 0x1fff, .network = version >= 4 ? CONNECT | BIND : 0 };
  size_t size = version >= 4 ? sizeof all : sizeof all.files;
  int fd = (int)syscall(SYS_landlock_create_ruleset, &all, size, 0);
  if (fd < 0) return;
  for (size_t i = 0; i <= COUNT(readable); i++) {
    char path[4096];
    Str name = i < COUNT(readable) ? str_of(readable[i]) : rules->ca_file;
    if (!name.n || name.n >= sizeof path) continue;
    memcpy(path, name.p, name.n);
    path[name.n] = 0;
    struct landlock_path_beneath_attr at = { .allowed_access = i < COUNT(readable) ? READ : 1 << 2,
                                             .parent_fd = open(path, O_PATH | O_CLOEXEC) };
    if (at.parent_fd < 0) continue;
    (void)syscall(SYS_landlock_add_rule, fd, LANDLOCK_RULE_PATH_BENEATH, &at, 0);
    (void)close(at.parent_fd);
  }
  unsigned ports[PORTS_MOST];
  size_t n = version >= 4 ? allowed_ports(rules->private_hosts, ports, PORTS_MOST - 1) : 0;
  if (n && rules->plain) ports[n++] = 80;
  for (size_t i = 0; i < n; i++) {
    LandlockPort at = { CONNECT, ports[i] };
    (void)syscall(SYS_landlock_add_rule, fd, PORT_RULE, &at, 0);
  }
  (void)syscall(SYS_landlock_restrict_self, fd, 0);
  (void)close(fd);
}

/* It must resolve names and speak TLS, which libraries do in many ways: so what it must never do is forbidden. */
static bool forbid(void) {
  static const int never[] = {
    SCMP_SYS(execve),
    SCMP_SYS(execveat),
    SCMP_SYS(ptrace),
    SCMP_SYS(listen),
    SCMP_SYS(accept),
    SCMP_SYS(accept4),
    SCMP_SYS(fork),
    SCMP_SYS(vfork),
    SCMP_SYS(mount),
    SCMP_SYS(umount2),
    SCMP_SYS(unshare),
    SCMP_SYS(setns),
    SCMP_SYS(chroot),
    SCMP_SYS(pivot_root),
    SCMP_SYS(process_vm_readv),
    SCMP_SYS(process_vm_writev),
    SCMP_SYS(bpf),
    SCMP_SYS(perf_event_open),
    SCMP_SYS(init_module),
    SCMP_SYS(finit_module),
    SCMP_SYS(keyctl),
    SCMP_SYS(unlink),
    SCMP_SYS(unlinkat),
    SCMP_SYS(rename),
    SCMP_SYS(renameat),
    SCMP_SYS(renameat2),
    SCMP_SYS(mkdir),
    SCMP_SYS(mkdirat),
    SCMP_SYS(link),
    SCMP_SYS(linkat),
    SCMP_SYS(symlink),
    SCMP_SYS(symlinkat),
    SCMP_SYS(chmod),
    SCMP_SYS(fchmod),
    SCMP_SYS(fchmodat),
    SCMP_SYS(chown),
    SCMP_SYS(fchown),
    SCMP_SYS(fchownat),
  };
  scmp_filter_ctx f = seccomp_init(SCMP_ACT_ALLOW);
  int bad = f ? 0 : 1;
  for (size_t i = 0; i < COUNT(never) && !bad; i++) bad |= seccomp_rule_add(f, SCMP_ACT_KILL_PROCESS, never[i], 0);
  bad |= f && seccomp_rule_add(f, SCMP_ACT_KILL_PROCESS, SCMP_SYS(open), 1,
                               SCMP_A1(SCMP_CMP_MASKED_EQ, O_WRONLY, O_WRONLY));
  bad |= f && seccomp_rule_add(f, SCMP_ACT_KILL_PROCESS, SCMP_SYS(openat), 1,
                               SCMP_A2(SCMP_CMP_MASKED_EQ, O_WRONLY, O_WRONLY));
  bool good = !bad && seccomp_load(f) == 0;
  if (f) seccomp_release(f);
  return good;
}

static int only_socket(int fd) {
  enum { KEPT = 3 };
  int null = open("/dev/null", O_RDWR);
  if (fd != KEPT && dup2(fd, KEPT) < 0) _exit(err_exit(E_IO));
  if (null >= 0) (void)dup2(null, 0), (void)dup2(null, 1), (void)dup2(null, 2);
  if (close_range(KEPT + 1, ~0u, 0) != 0)
    for (int i = KEPT + 1; i < 65536; i++) (void)close(i);
  return KEPT;
}

static void enter(const FetchRules *rules) {
  (void)signal(SIGPIPE, SIG_IGN);
  (void)prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
  (void)setrlimit(RLIMIT_CORE, &(struct rlimit){ 0, 0 });
  (void)setrlimit(RLIMIT_FSIZE, &(struct rlimit){ 0, 0 });
  if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0) _exit(err_exit(E_CONFIG));
  landlock(rules);
  if (!forbid()) _exit(err_exit(E_CONFIG));
}

static bool take(int fd, char *p, size_t n) {
  while (n) {
    ssize_t got = recv(fd, p, n, 0);
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) return false;
    p += got;
    n -= (size_t)got;
  }
  return true;
}

void fetch_child(const FetchRules *rules, int fd) {
  Child c = { .fd = only_socket(fd), .rules = rules, .arena = arena_new(64 << 20) };
  if (!curl_load(&lib) || lib.curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK) _exit(err_exit(E_CONFIG));
  c.curl = lib.curl_easy_init();
  if (!c.curl) _exit(err_exit(E_CONFIG));
  enter(rules);
  for (;;) {
    uint8_t head[4];
    arena_reset(c.arena);
    if (!take(c.fd, (char *)head, sizeof head)) _exit(0);
    uint32_t n = (uint32_t)head[0] | (uint32_t)head[1] << 8 | (uint32_t)head[2] << 16 | (uint32_t)head[3] << 24;
    if (n > ASK_MOST) _exit(err_exit(E_BUG));
    char *p = arena_alloc(c.arena, n + 1);
    if (!take(c.fd, p, n)) _exit(0);
    Ask4 a = { 0 };
    Str rest = { p, n };
    str_cut(rest, '\n', &a.url, &rest);
    str_cut(rest, '\n', &a.etag, &rest);
    str_cut(rest, '\n', &a.header, &rest);
    Str most;
    str_cut(rest, '\n', &most, &rest);
    str_cut(rest, '\n', &a.media, &a.post);
    if (!str_int(most, &a.most)) _exit(err_exit(E_BUG));
    serve_ask(&c, &a);
  }
}
