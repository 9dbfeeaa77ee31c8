/* feed.h - what is collected while feeds are read, for the feed_*.c files. */
#pragma once
#include "vuln/snap.h"

/* One interval of one package in one advisory; texts in the builder's arena. */
typedef struct FeedRow {
  Str base, release, name;
  Scheme scheme;
  Str lo, hi, lo_key, hi_key;
  uint32_t flags, adv;
  uint64_t order;                    /* place in the advisory */
} FeedRow;
typedef VEC(FeedRow) FeedRows;

typedef struct FeedAdv {
  Str id, modified, vector;
  int x10;                           /* CVSS_NONE */
  unsigned severity;
  bool withdrawn;
  uint64_t content;                  /* of the bytes: the tie breaker between two versions of one date */
  VEC(Str) aliases, upstream;
  FeedRows rows;
  uint32_t group;
} FeedAdv;

typedef struct FeedKev { uint64_t cve; Str added; bool ransomware; } FeedKev;
typedef VEC(FeedKev) FeedKevs;
typedef VEC(SnapEpss) FeedEpss;

typedef struct FeedGroup {
  Str rep;
  VEC(Str) members;
  Str vector;
  int x10;
  unsigned severity;
  bool kev;
  Str kev_added;
  uint32_t epss_x1e9;
} FeedGroup;

typedef struct Feed {
  Arena *arena;                      /* of everything that is kept; Cx arenas hold one file at a time */
  VEC(FeedAdv) advs;
  Map by_id;                         /* id -> index of advs */
  FeedKevs kevs;
  Str kev_date;
  FeedEpss epss;
  Str epss_date;
  VEC(FeedSkip) skips;
  Map by_why;
  VEC(FeedGroup) groups;             /* sorted by representative */
  Map group_of;                      /* id -> index of groups */
  int64_t bytes_read;
} Feed;

void feed_skip(Feed *f, Str file, const char *why, int64_t count);
/* Takes what it understands of one file; the rest is a skip.  Fails only for reasons that are not the file's. */
Err feed_file(Cx *cx, Feed *f, Str name, Str bytes);
/* The intervals of one OSV range. */
void feed_range(Feed *f, FeedRows *rows, const FeedRow *like, JVal *range, Scheme scheme);
void feed_osv(Cx *cx, Feed *f, Str file, JVal *record, uint64_t content);
void feed_kev(Feed *f, JVal *catalog);
void feed_epss(Feed *f, Str file, Str text);
/* Alias groups out of all advisories; two CVE ids are never merged. */
void feed_groups(Feed *f);
/* The snapshot's bytes. */
Err feed_write(Cx *cx, Feed *f, Buf *out);
