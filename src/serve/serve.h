/* serve.h - processes, HTTP and commands; knows no record.
 *
 * Floor 2.  Includes base, format, crypto, store.
 * supervisor: forks writer, workers and signer and restarts what dies.
 * writer: the only process with a read-write store.  Takes commands over a local socket, authorises each again through
 *   its hooks, runs each in a savepoint, commits a group (up to group_max commands or group_us), then answers.
 * workers: single-threaded event loops on one listening socket with read-only stores.  HTTP/1.1 is read strictly: what
 *   two parsers could read in two ways (bare LF, folded lines, two lengths) is refused, so that nothing is smuggled
 *   past a proxy. */
#pragma once
#include "crypto/crypto.h"
#include "format/format.h"
#include "store/store.h"

/* ---- commands: every change is one -------------------------------------------------------------------- */

typedef enum ArgKind { ARG_TEXT, ARG_INT, ARG_BOOL, ARG_OBJECT, ARG_LIST } ArgKind;
typedef struct ArgSpec { const char *name; ArgKind kind; bool required; const char *help; } ArgSpec;

typedef struct Call {
  Store *store;          /* inside the group's transaction and this command's savepoint */
  const struct Command *command;
  Str actor;             /* user id U000001; "system" for jobs of our own */
  Str auth;              /* how the actor proved it: "session", "local", "none" */
  Str source;            /* web api cli import system demo */
  Str request;           /* request id, 16 hex digits or more, unique per try */
  Str reason;            /* why, in the person's words; may be empty */
  JVal *args;            /* object, checked against the command's ArgSpecs */
  Str payload;           /* bytes that go with it (an uploaded file); may be empty */
  int64_t now_us;        /* the entry's time; never decreases (cx->now_us: the machine's clock) */
  void *env;             /* what the app gave to the writer */
  const void *known;     /* what authorise found out about the actor, for the command; NULL: nothing */
  JsonOut *result;       /* an open object; add members */
} Call;

typedef struct Command {
  const char *name;      /* "record.save" */
  const ArgSpec *args; size_t nargs;
  const char *right;     /* what people/ must allow; its name in the rights table */
  Err (*run)(Cx *cx, Call *call);
  const char *help;      /* one line */
} Command;

/* A command that takes long says how far it is, now and then; all: at least 1.  Free to call. */
void progress_say(const Call *call, int64_t done, int64_t all);
/* Whoever may open the folder watches: a descriptor, -1 when there is nothing to see.  progress_look() may be called by
 * a signal handler; false: the command with this request id is not running, or has not said anything yet. */
typedef struct Progress { int64_t done, all; } Progress;
int progress_watch(const char *folder);
bool progress_look(int fd, const char request[16], Progress *out);

/* What the floors above lend to the writer. */
typedef struct WriterHooks {
  const Command *const *commands; size_t ncommands;
  void *env;
  Err (*opened)(Cx *cx, Store *s, void *env);                     /* after open: migrations, caches */
  Err (*authorise)(Cx *cx, Call *call);                           /* may this actor run this command at all */
  Err (*refused)(Cx *cx, Call *call, Err e, Str words);           /* writes the log entry of a refusal */
  Err (*clock)(Cx *cx, Store *s, int64_t *now_us); /* time for the next entry; NULL: the clock */
  Err (*committed)(Cx *cx, Store *s, void *env);   /* after each group's commit: sign the head */
} WriterHooks;

/* A request for a command, as a client gives it. */
typedef struct Ask { Str command, actor, auth, source, request, reason, args_json, payload; } Ask;
typedef struct Answer { Err err; Str words; Problems problems; Str result_json; } Answer;

/* A way to the writer: the socket of a running server, or this process as the writer. */
typedef struct Writer Writer;
/* If a server runs in `folder` its socket is used; else takes the store's lock and runs commands in this process. */
Err writer_connect(Cx *cx, const char *folder, const Settings *set, const WriterHooks *hooks, Writer **out);
/* Sends n commands and waits for all answers; one group where possible.  The failure of a command is in its Answer,
 * not in the returned Err.  Order is kept. */
Err writer_ask(Cx *cx, Writer *w, const Ask *asks, size_t n, Answer *answers);
Store *writer_store(Writer *w);           /* for reading; of this process */
void writer_close(Writer *w);
/* The way of a worker: the server's socket only, opened at the first ask and again after a restart of the writer. */
Err writer_remote(Cx *cx, const char *folder, Writer **out);
/* Turns an Answer into this Cx's failure (or E_OK). */
Err answer_result(Cx *cx, const Answer *a);

/* ---- HTTP --------------------------------------------------------------------------------------------- */

typedef enum Method {
  GET = 1,
  POST = 2,
  PATCH = 4
} Method; /* HEAD arrives as GET; serve drops the body */
typedef struct Pair { Str name, value; } Pair;

typedef struct Request {
  Method method;
  Str path;                      /* decoded once, starts with '/', no NUL, no '..' segment */
  Str query_text;                /* raw, without '?' */
  Pair *query; size_t nquery;
  Str header_cookie, header_origin, header_fetch_site, header_authorization, header_api_key,
      header_idempotency, header_if_match, header_if_none_match, header_fragment, header_accept, header_host,
      content_type;
  Str body;
  Str address;                   /* of the peer */
  Str request_id;                /* ours */
  Str params[4];                 /* what {..} in the route's pattern matched */
  bool secure;
} Request;
Str request_query(const Request *r, const char *name);      /* first value, or STR_NONE */
Str request_cookie(Cx *cx, const Request *r, const char *name);   /* STR_NONE when absent or sent twice */
/* Sent by a page of ours: Sec-Fetch-Site says same-origin, or Origin names this host.  For everything but GET. */
bool request_same_origin(const Request *r);

typedef struct Response {
  int status;                    /* 0 means 200 */
  Str media;                     /* default text/html; charset=utf-8 */
  Str body;
  Str location;                  /* with 303 */
  Str set_cookie[3];
  Str disposition;               /* Content-Disposition */
  Str etag;
  int retry_after_s;
  bool immutable;                /* static assets: cached for a year; everything else is no-store */
  Str encoding;                  /* Content-Encoding of body as stored */
  Str allow;                     /* with 405 */
  bool sandbox;                  /* uploaded bytes: a page made of them may do nothing */
} Response;

typedef struct Web Web;          /* a worker's state, defined by the app; handlers get it */
typedef struct Route {
  Method method;
  const char *pattern;           /* "/r/{id}/history": {x} matches one segment */
  const char *right; /* never NULL: a route without a right does not pass the table's static check */
  size_t body_max;               /* 0: no body */
  Err (*handle)(Cx *cx, Web *web, const Request *req, Response *res);
  const char *help;
} Route;
/* Finds the row; fills req->params.  E_NOTFOUND; E_METHOD when only the method differs. */
Err route_find(Cx *cx, const Route *routes, size_t n, Request *req, const Route **out);
/* What stands in Allow beside a 405: "GET, HEAD, POST"; nothing when no row has this path. */
Str route_allow(Arena *a, const Route *routes, size_t n, Str path);

typedef struct ServeHooks {
  WriterHooks writer;
  Err (*worker_open)(Cx *cx, const char *folder, const Settings *set, Writer *writer, Web **out);
  /* The one entry: finds route, session, right; never fails (a failure becomes an error page). */
  void (*handle)(Cx *cx, Web *web, Request *req, Response *res);
  /* What serve itself refuses once the path is known (a method, a body too large) in the app's own form; res holds
   * status, plain words and, with 405, Allow.  NULL: it stays as it is. */
  void (*refuse)(Cx *cx, const Request *req, Response *res);
  /* Run in a process of its own: the signer.  May be NULL. */
  Err (*signer)(Cx *cx, const char *folder, int socket_fd);
  /* Work that nobody waits for, in a process of its own until stop_fd can be read.  NULL: none. */
  Err (*jobs)(Cx *cx, const char *folder, const Settings *set, int stop_fd);
  /* Most bytes of a body for this path, asked before the body is read.  NULL: the setting body_max_bytes. */
  size_t (*body_limit)(Web *web, Method method, Str path);
  const struct ServeLimits *limits;                               /* NULL: serve_limits */
} ServeHooks;

/* Deadlines are absolute: a byte now and then does not move them. */
typedef struct ServeLimits {
  int64_t head_us;               /* from the first byte of a request to the end of its header */
  int64_t idle_us;               /* between requests */
  int64_t body_grace_us;         /* after it a body must have come at body_bytes_s on average */
  int64_t body_bytes_s;
  int64_t answer_us;             /* for sending an answer, per started MiB */
  unsigned per_address, per_loopback, in_all;                     /* connections of one worker */
} ServeLimits;
extern const ServeLimits serve_limits;

/* In the writer process: the socket to the signer, for WriterHooks.opened; -1 elsewhere. */
int serve_signer_fd(void);
/* In the writer process of a server: no command came for a while.  `committed` is called again when it was called while
 * this was false and no command followed, so that a hook may leave work for the last of a row of groups.  Always false
 * in a process that is the writer without a server: it knows itself when it has done its last. */
bool serve_is_idle(void);

typedef struct ServeReady { int port; } ServeReady;
/* Serves until SIGTERM or SIGINT, then ends cleanly.  `ready` is called once in the supervisor when the first page can
 * be had; port 0 in "listen" picks one.  E_BUSY (address in use), E_CONFIG. */
Err serve_run(Cx *cx, const char *folder, const Settings *set, const ServeHooks *hooks,
              void (*ready)(Cx *cx, void *env, ServeReady r), void *env);
Str serve_socket_path(Arena *a, const char *folder);

/* ---- fetching: the one process that connects out ------------------------------------------------------- */

/* Rules that the owner of the folder sets, not a person in the browser. */
typedef struct FetchRules {
  Str private_hosts;   /* "mirror.example:8443, 10.0.0.7": may lie in a private network or on another port than 443 */
  Str ca_file;         /* further root certificates, PEM */
  int64_t pause_us;    /* before the second try; doubled each time */
  unsigned tries;
  bool plain;          /* http as well, on port 80: for what is signed itself, as timestamps are */
} FetchRules;
/* A process without store, files to write, programs to start or ports to listen on.  https unless `plain`; certificate
 * checked; an address that is not public is refused after the name was resolved, for the connection itself; no redirect
 * is followed.  Fork it before a store is opened. */
typedef struct Fetch Fetch;
Err fetch_open(Cx *cx, const FetchRules *rules, Fetch **out);
void fetch_close(Fetch *f);                                       /* NULL is fine */
static inline void FetchRef_drop(Fetch **f) { fetch_close(*f); }
typedef Fetch *FetchRef;                                          /* AUTO(FetchRef) f = NULL; */
/* etag: of what is there already, then 304 is an answer.  header: one more line, e.g. a key.  fd: where the body is
 * appended; -1: it comes in memory.  most: bytes, then E_TOO_LARGE.  post: sent as `media`, at most FETCH_POST_MOST;
 * nothing: asked with GET. */
enum { FETCH_POST_MOST = 4096 };
typedef struct FetchAsk { Str url, etag, header; int64_t most; int fd; Str post, media; } FetchAsk;
typedef struct FetchAnswer {
  int status;
  Str etag, modified, body;
  int64_t bytes;
  unsigned tries;
  bool resumed;
} FetchAnswer;
/* Tries again with growing pauses on what may pass (429, 5xx, a cut), from where the body was cut if the server can.
 * E_NOTFOUND: 404 or 410.  E_FEED: everything else, with words; fd then ends where it began. */
Err fetch_get(Cx *cx, Fetch *f, const FetchAsk *ask, FetchAnswer *out);

/* ---- static files: made by tools/embed.py from ui/ ---------------------------------------------------- */

typedef struct Asset {
  const char *name, *media;
  const uint8_t *bytes;
  size_t n;
  const uint8_t *gz;
  size_t ngz;
  const char *tag;
} Asset;
extern const Asset serve_assets[];
extern const size_t serve_nassets;
/* serve answers /a/... itself. */
const Asset *asset_find(Str name);
Str asset_url(Arena *a, const char *name);          /* "/a/1f2e3d4c/app.css" */
