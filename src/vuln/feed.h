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

/* A leaf of a program; texts in the builder's arena. */
typedef struct FeedLeaf {
  Str part, vendor, product, version, update, rest[REST_COUNT];
  Str key, lo, hi, lo_key, hi_key;
  uint32_t flags, cpe;               /* cpe: index of products, while the snapshot is written */
} FeedLeaf;
typedef struct FeedProg { uint32_t first_op, ops, flags; } FeedProg;

typedef struct FeedAdv {
  Str id, modified, vector;
  Str about;                         /* the vulnerability whose group it joins, when that is not its own id */
  SnapOrigin origin;
  VEC(FeedLeaf) leaves;
  VEC(SnapOp) ops;                   /* leaf: index of leaves */
  VEC(FeedProg) progs;
  int x10;                           /* CVSS_NONE */
  unsigned severity;
  bool withdrawn;
  Str cvss_version;
  VEC(Str) aliases, upstream;
  FeedRows rows;
  uint32_t group;
  unsigned ssvc;                     /* as SnapGroup's */
  bool kev;
  Str kev_added;                     /* told by who enriched the record */
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
  unsigned ssvc;
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
  int64_t records[ORIGIN_COUNT];     /* advisories by origin */
  VEC(FeedSkip) skips;
  Map by_why;
  VEC(FeedGroup) groups;             /* sorted by representative */
  Map group_of;                      /* id -> index of groups */
  int64_t bytes_read;
  VEC(Str) words;
  Map by_word;                       /* text -> index of words */
} Feed;
Feed feed_new(Arena *arena);
enum { FEED_SOURCES = 2 + ORIGIN_COUNT };
/* What has records, by name; gives how many. */
size_t feed_sources(const Feed *f, FeedSource out[FEED_SOURCES]);

void feed_skip(Feed *f, Str file, const char *why, int64_t count);
/* Takes what it understands of one file; the rest is a skip.  Fails only for reasons that are not the file's. */
Err feed_file(Cx *cx, Feed *f, Str name, Str bytes);
/* The intervals of one OSV range. */
void feed_range(Feed *f, FeedRows *rows, const FeedRow *like, JVal *range, Scheme scheme);
void feed_osv(Cx *cx, Feed *f, Str file, JVal *record);
void feed_kev(Feed *f, JVal *catalog);
void feed_kev_csv(Cx *cx, Feed *f, Str file, Str text);
void feed_severity(Cx *cx, Feed *f, FeedAdv *a, Str vector);   /* keeps the highest version, then score */
/* correction: only configurations, which stand instead of the record's own. */
void feed_nvd(Cx *cx, Feed *f, Str file, JVal *cve, Str id, Str modified, bool correction);
void feed_cve(Cx *cx, Feed *f, Str file, JVal *record);
void feed_csaf(Cx *cx, Feed *f, Str file, JVal *document);
void feed_nvd_page(Feed *f, Str file, JVal *page);

/* ---- advisories: feed_adv.c ---- */
FeedAdv feed_adv(Feed *f, SnapOrigin origin, Str id, Str modified);
/* Takes it in, unless a newer version of the same advisory is known; tells the skip. */
void feed_adv_done(Feed *f, Str file, const FeedAdv *a);
/* Of what a verdict depends on; with the groups once they are made. */
uint64_t feed_digest(Feed *f, const FeedAdv *a);

/* ---- programs: feed_leaf.c ---- */
typedef enum Tell { TELL_VULNERABLE = LEAF_VULNERABLE, TELL_PLATFORM = 0 } Tell;
/* A leaf about a CPE; false when the name cannot be used (wildcards in vendor or product). */
bool leaf_of_cpe(Feed *f, const Cpe *c, Tell tell, FeedLeaf *out);
/* A leaf about a product that has only a name; false when too little of it is left. */
bool leaf_of_name(Feed *f, Str vendor, Str product, FeedLeaf *out);
typedef struct LeafBound { Str text; bool inclusive; } LeafBound;   /* text empty: no bound */
void leaf_range(Feed *f, FeedLeaf *l, LeafBound lo, LeafBound hi);
/* ---- statements about versions: feed_span.c ---- */
typedef enum SpanStatus { SPAN_AFFECTED, SPAN_UNAFFECTED, SPAN_UNKNOWN } SpanStatus;
/* An empty bound is none. */
typedef struct Span { Str lo, hi; bool lo_excluded, hi_included; SpanStatus status; } Span;
typedef VEC(Span) SpanList;
/* In order, first match wins, else `otherwise`: to spans that are affected or unknown and do not overlap. */
void span_resolve(Feed *f, const SpanList *in, SpanStatus otherwise, Scheme scheme, SpanList *out);
void span_rows(Feed *f, FeedAdv *a, const SpanList *spans, const FeedRow *like);
void span_programs(Feed *f, FeedAdv *a, const SpanList *spans, const FeedLeaf *like);

void prog_leaf(Feed *f, FeedAdv *a, const FeedLeaf *l);
void prog_op(Feed *f, FeedAdv *a, uint32_t kind);
/* Ends the program that began at first_op; an empty one is none. */
void prog_end(Feed *f, FeedAdv *a, uint32_t first_op, uint32_t flags);
void feed_epss(Feed *f, Str file, Str text);
/* Alias groups out of all advisories; two CVE ids are never merged. */
void feed_groups(Feed *f);
/* ---- writing: feed_write.c ---- */
typedef struct Out {
  Feed *f;
  Buf section[SNAP_TAGS];
  Map refs;                          /* string -> its place */
  FeedRow **row;                     /* all rows, sorted by package, advisory, place */
  size_t nrows;
} Out;
uint32_t out_ref(Out *o, Str s);
#define PUT(o, tag, ...) \
  buf_add(&(o)->section[SNAP_##tag], (Str){ (const char *)&(__VA_ARGS__), sizeof(__VA_ARGS__) })
void put_programs(Out *o);           /* feed_write_cpe.c */
/* The snapshot's bytes. */
Err feed_write(Cx *cx, Feed *f, Buf *out);
