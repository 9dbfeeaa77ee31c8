/* fetch.h - what fetch.c (the asking side), fetch_child.c (the process that connects out) and fetch_rule.c share.
 *
 * Ask: u32 bytes, then lines "url", "etag", "header", "most bytes", "media" and what is posted.
 * Answer: frames { u8 kind, u32 bytes, payload }. */
#pragma once
#include "serve/serve.h"
#include <netinet/in.h>

enum {
  FRAME_DATA = 'D',      /* bytes of the body */
  FRAME_RESTART = 'R',   /* what came so far is worth nothing: the body begins anew */
  FRAME_END = 'E',       /* "status\netag\nmodified\ntries\nresumed" */
  FRAME_FAIL = 'F',      /* "slug\nwords" */
  FRAME_MOST = 256 << 10,
  ASK_MOST = 8 << 10
};

/* Why this address must not be asked; NULL: it is a public one. */
const char *address_refused(const struct sockaddr *a);
/* Whether "host:port" stands in the list (443 when it names no port). */
bool private_host(Str list, Str host, unsigned port);
/* Ports that the list names, with 443 and 53; gives how many. */
size_t allowed_ports(Str list, unsigned *ports, size_t most);

/* Serves asks until the socket is closed; never returns. */
void fetch_child(const FetchRules *rules, int fd) __attribute__((noreturn));
