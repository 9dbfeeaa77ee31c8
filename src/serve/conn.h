/* conn.h - one connection of a worker, from its first byte to its last. */
#pragma once
#include "serve/inside.h"

enum { IN_BYTES = HEAD_MAX + 1024 };
typedef enum ConnState { CONN_FREE, CONN_IDLE, CONN_HEAD, CONN_BODY, CONN_ANSWER, CONN_DRAIN } ConnState;

typedef struct Conn {
  int fd;
  ConnState state;
  int64_t since_us;              /* when the state began, monotonic */
  Cx cx;                         /* of the present request: reset after its answer */
  char *in; size_t in_n, at;     /* received, and how much of it was read; the header stays at its start */
  size_t head_n;
  Reader *reader;                /* from the first byte of a request to its answer */
  Request req;
  Buf body;
  Str out[2];                    /* what is left to send: header, body */
  size_t out_bytes;
  bool is_head, gzip, keep;
  bool loopback; uint64_t from;  /* hash of the peer's address */
  char address[48];
} Conn;

typedef struct Worker {
  const WorkerStart *start;
  const ServeLimits *limits;
  Web *web;
  Sender *sender;
  Conn *conn; size_t nconns;     /* nconns: slots ever used */
  char *spare;                   /* bytes of the next request while the memory of this one is given back */
  int epoll, listen;
  bool stopping;
} Worker;

/* Goes on with a connection until it would block or is closed. */
void conn_drive(Worker *w, Conn *c);
void conn_open(Conn *c, int fd, const char *address, bool loopback);
void conn_close(Conn *c);
/* Past its deadline? */
bool conn_late(const Worker *w, const Conn *c, int64_t now_us);
