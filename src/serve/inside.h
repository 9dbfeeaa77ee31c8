/* inside.h - what the files of serve/ share. */
#pragma once
#include "serve/serve.h"
#include <llhttp.h>

/* ---- the core of a writer: commands in groups --------------------------------------------------------- */

typedef struct Core Core;
enum { GROUP_MOST = 1024 };      /* of the setting group_max */

Err core_open(Cx *cx, const char *folder, const Settings *set, const WriterHooks *hooks, Core **out);
void core_close(Core *c);
void progress_open(const char *folder);      /* in the process that writes */
void progress_close(void);
Store *core_store(Core *c);
/* Runs up to group_max asks in one transaction and commits.  The answers live until the next call. */
void core_group(Core *c, const Ask *asks, size_t n, Answer *answers);
/* After the answers are on their way: the hook `committed`, and its words when it fails. */
Err core_settle(Core *c, Str *words);
size_t core_group_max(const Core *c);

Err command_find(Cx *cx, const WriterHooks *hooks, Str name, const Command **out);
Err command_check(Cx *cx, const Command *command, JVal *args);

/* ---- answers to requests seen before ------------------------------------------------------------------ */

typedef struct Replay Replay;
Replay *replay_new(Arena *a);
void replay_free(Replay *r);
const Answer *replay_find(const Replay *r, const Ask *ask);    /* NULL when not seen */
void replay_keep(Replay *r, const Ask *ask, const Answer *answer);
Answer answer_copy(Arena *a, const Answer *from);

/* ---- frames on the writer's socket -------------------------------------------------------------------- */

/* u32 header length, u64 payload length (both little endian), header in JSON, payload.
 * An ask's payload is its arguments (args_bytes of them) and then the file; an answer's is the result. */
enum { WIRE_PREFIX = 12, WIRE_HEADER_MAX = 4 << 20 };
#define WIRE_PAYLOAD_MAX (UINT64_C(320) << 20)
typedef struct WireSize { size_t header, payload; } WireSize;
bool wire_size(Str prefix, WireSize *out);                     /* false: not a frame of ours */
Str wire_ask(Arena *a, const Ask *ask); /* prefix and header; args_json and payload follow */
Err wire_ask_read(Cx *cx, Str header, Str payload,
                  Ask *out); /* copies the header's texts, borrows the payload */
Str wire_answer(Arena *a, const Answer *answer);
Err wire_answer_read(Cx *cx, Str header, Str payload, Answer *out);

/* The writer process: serves the socket until SIGTERM.  started: called when it listens. */
Err writer_serve(Cx *cx, const char *folder, const Settings *set, const WriterHooks *hooks, int signal_fd,
                 void (*started)(int fd), int started_fd);
int socket_listen(Cx *cx, const char *path);                   /* -1 with cx's failure */
int socket_connect(const char *path);                          /* -1: nobody answers */
/* Held by the supervisor as long as it lives.  E_BUSY: another one serves this folder. */
Err server_claim(Cx *cx, const char *folder, int *fd);
bool server_is_claimed(Arena *a, const char *folder);

/* ---- HTTP --------------------------------------------------------------------------------------------- */

enum {
  HEAD_MAX = 16 * 1024,
  REQUEST_LINE_MAX = 4 * 1024,
  FIELD_MAX = 8 * 1024,
  FIELDS_MAX = 64,
  QUERY_MOST = 128
};

/* The header of a request, checked.  Slices borrow from the bytes that were parsed. */
typedef struct Head {
  Str method, target;
  Pair field[FIELDS_MAX];
  size_t n;
  int64_t length;                /* Content-Length, -1 without one */
  bool chunked, expects, keep;   /* expects: 100-continue; keep: the connection stays open */
} Head;
/* A refusal: the HTTP status and words for the client; status 0: none. */
typedef struct Refusal { int status; const char *words; } Refusal;
Str head_field(const Head *h, const char *name);               /* STR_NONE when absent */

/* Reads one request as its bytes come. */
typedef enum ReadState { READ_HEAD, READ_BODY, READ_DONE } ReadState;
typedef struct Reader {
  ReadState state;               /* what is expected next */
  Head head;                     /* whole from READ_BODY on */
  llhttp_t parser;
  Refusal refusal;
  Str version;
  size_t head_bytes;
  Buf *body;
} Reader;
/* body: limited by its max, which may be set until READ_BODY is left. */
void reader_start(Reader *r, Buf *body);
/* Eats from *in and stops after the header and after the request.  The header's bytes must lie side by side in memory
 * and stay.  Body bytes that lie at the end of the body already are not copied.  A refusal is the end. */
Refusal reader_read(Reader *r, Str *in);

/* Fills all but body, address and request_id; with a refusal of the method (405) all but that. */
Refusal request_make(Cx *cx, const Head *h, bool behind_proxy, Request *out, bool *is_head);

typedef struct Sender Sender;    /* the compressor and the date line */
Sender *sender_new(Arena *a);
void sender_free(Sender *s);
/* Status line and header of an answer; may replace the body by a compressed one in cx->arena. */
Str response_head(Cx *cx, Sender *s, const Request *req, Response *res, bool gzip, bool keep);
bool accepts_gzip(const Head *h);
bool asset_answer(Cx *cx, const Request *req, bool gzip, Response *res);   /* false: not under /a/ */

/* The worker process: serves until SIGTERM.  E_OK at a clean end. */
typedef struct WorkerStart {
  const char *folder;
  const Settings *set;
  const ServeHooks *hooks;
  int listen_fd, signal_fd, ready_fd;
  int nworkers;
} WorkerStart;
Err worker_serve(Cx *cx, const WorkerStart *w);
