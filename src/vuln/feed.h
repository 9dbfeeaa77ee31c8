/* feed.h - what is collected while feeds are read, for the feed_*.c files. */
#pragma once
#include "vuln/snap.h"

/* One interval of one package in one advisory; texts in the record's arena. */
typedef struct FeedRow {
  Str base, release, name;
  Scheme scheme;
  Str lo, hi, lo_key, hi_key;
  Str stream;                        /* as SnapRow's */
  uint32_t flags;
} FeedRow;
typedef VEC(FeedRow) FeedRows;

/* A leaf of a program; its texts live as long as the record that is read. */
typedef struct FeedLeaf {
  Str part, vendor, product, version, update, rest[REST_COUNT];
  Str key, lo, hi, lo_key, hi_key;
  uint32_t flags;
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
  unsigned ssvc;                     /* as SnapGroup's */
  bool kev;
  Str kev_added;                     /* told by who enriched the record */
} FeedAdv;

typedef struct FeedKev { uint64_t cve; Str added; bool ransomware; } FeedKev;
typedef VEC(FeedKev) FeedKevs;
typedef VEC(SnapEpss) FeedEpss;

/* ---- what is kept: feed_pool.c, feed_pack.c --------------------------------------------------------------
 * 900,000 advisories stay in a gigabyte: texts are numbers of a pool, rows lie in piles. */

/* An array in blocks: nothing moves when it grows. */
typedef struct Pile { size_t each, n; char **block; size_t blocks, cap; } Pile;
void *pile_add(Arena *a, Pile *p);                 /* a zeroed element */
void *pile_at(const Pile *p, size_t i);

/* Texts, each once, numbered as they come; 0 is the empty one.  Bytes of a struct are a text too. */
typedef struct PoolSlot { uint32_t text, hash; } PoolSlot;
typedef struct Pool { Arena *arena; Pile text; PoolSlot *slot; size_t slots; char *room; size_t left; } Pool;
Pool pool_new(Arena *a);
uint32_t pool_put(Pool *p, Str s);
void pool_put_all(Pool *p, const Str *s, size_t n, uint32_t *out);   /* the same, faster */
Str pool_text(const Pool *p, uint32_t i);          /* lives as long as the pool */
size_t pool_size(const Pool *p);                   /* one more than the highest number */

typedef struct PackName { uint32_t base, name; } PackName;
typedef struct PackCpe { uint32_t product, vendor, part; } PackCpe;
typedef struct PackRest { uint32_t value[REST_COUNT]; } PackRest;
typedef struct PackRow { uint32_t package, release, lo, hi, lo_key, hi_key, flags, scheme, stream; } PackRow;
typedef struct PackLeaf {
  uint32_t cpe, rest, version, update, key, lo, hi, lo_key, hi_key, flags;
} PackLeaf;
typedef struct PackSpan { uint32_t first, n; } PackSpan;
typedef struct PackAdv {
  uint32_t id, about, modified, vector, kev_added, ssvc, group;
  PackSpan rows, leaves, ops, progs, aliases, upstream;   /* ops and progs count from the advisory's own first */
  uint64_t digest;                                 /* of what it says itself */
  int16_t x10;
  uint8_t severity, origin;
  bool withdrawn, kev;
} PackAdv;

typedef struct FeedGroup {
  uint32_t rep, vector, kev_added;
  PackSpan members;                                /* of Feed.member */
  int x10;
  unsigned severity;
  bool kev;
  unsigned ssvc;
  uint32_t epss_x1e9;
  uint64_t digest;
} FeedGroup;

typedef struct Feed {
  Arena *arena;                      /* of the record at hand */
  Arena *keep;                       /* of everything that is kept */
  Pool word, package, cpe, rest;     /* package, cpe, rest: bytes of PackName, PackCpe, PackRest */
  Pool known;                        /* origin, id, about; number n is advisory n - 1 */
  Pile adv, row, leaf, op, prog, name;
  uint32_t *order;                   /* advisories, sorted: made by feed_groups() */
  FeedKevs kevs;
  Str kev_date;
  FeedEpss epss;
  Str epss_date;
  int64_t records[ORIGIN_COUNT];     /* advisories by origin */
  VEC(FeedSkip) skips;
  Map by_why;
  FeedGroup *group; size_t ngroups;  /* sorted by representative */
  uint32_t *member;                  /* words */
  uint32_t *group_of;                /* by word; SNAP_NONE */
  int64_t bytes_read;
} Feed;
/* record: for one record at a time; may be keep itself when only skips are noted. */
Feed feed_new(Arena *record, Arena *keep);
/* Ends the record at hand: what it took is given back. */
void feed_next(Feed *f);
enum { FEED_SOURCES = 2 + ORIGIN_COUNT };
/* What has records, by name; gives how many. */
size_t feed_sources(const Feed *f, FeedSource out[FEED_SOURCES]);

void feed_skip(Feed *f, Str file, const char *why, int64_t count);
/* Takes what it understands of one file; the rest is a skip.  Fails only for reasons that are not the file's. */
Err feed_file(Cx *cx, Feed *f, Str name, Str bytes);
/* All files, read by two processes (feed_join.c). */
typedef struct FeedPaths { const char *const *p; size_t n; } FeedPaths;
Err feed_collect(Cx *cx, const FeedPaths *paths, Feed *f);
/* The intervals of one OSV range. */
void feed_range(Feed *f, FeedRows *rows, const FeedRow *like, JVal *range, Scheme scheme);
void feed_osv(Cx *cx, Feed *f, Str file, JVal *record);
void feed_kev(Feed *f, JVal *catalog);
/* What was read of a catalog, or of scores, of that day: the newest stays, equals add up. */
void feed_kevs_known(Feed *f, Str date, const FeedKevs *list);
void feed_epss_known(Feed *f, Str date, const FeedEpss *list);
void feed_kev_csv(Cx *cx, Feed *f, Str file, Str text);
void feed_severity(Cx *cx, Feed *f, FeedAdv *a, Str vector);   /* keeps the highest version, then score */
/* correction: only configurations, which stand instead of the record's own. */
void feed_nvd(Cx *cx, Feed *f, Str file, JVal *cve, Str id, Str modified, bool correction);
void feed_cve(Cx *cx, Feed *f, Str file, JVal *record);
void feed_csaf(Cx *cx, Feed *f, Str file, JVal *document);
/* Debian's tracker: { source package: { CVE: { releases: { code name: state } } } }. */
bool debian_looks_right(JVal *root);
void feed_debian(Feed *f, Str file, JVal *root);
/* Alpine's secdb: { distroversion, reponame, packages: [{ pkg: { name, secfixes: { version: [CVE] } } }] }. */
bool alpine_looks_right(JVal *root);
Str alpine_record_name(Arena *a, JVal *root, JVal *package);
void feed_alpine(Feed *f, Str file, JVal *root);
void feed_nvd_page(Feed *f, Str file, JVal *page);

/* ---- advisories: feed_adv.c ---- */
FeedAdv feed_adv(Feed *f, SnapOrigin origin, Str id, Str modified);
/* Takes it in, unless a newer version of the same advisory is known; tells the skip. */
void feed_adv_done(Feed *f, Str file, const FeedAdv *a);
void feed_adv_known(Feed *f, Str file, const PackAdv *a);     /* the same of one that is packed */
/* Of what a verdict depends on, groups and their scores too. */
uint64_t feed_digest(Feed *f, const PackAdv *a);
uint64_t feed_group_digest(Feed *f, const FeedGroup *g);
PackAdv feed_pack(Feed *f, const FeedAdv *a);      /* all but the digest */
static inline PackAdv *feed_sorted(const Feed *f, size_t i) { return pile_at(&f->adv, f->order[i]); }
static inline Str feed_word(const Feed *f, uint32_t word) { return pool_text(&f->word, word); }
static inline uint32_t feed_name(const Feed *f, PackSpan s, size_t i) {
  return *(uint32_t *)pile_at(&f->name, s.first + i);
}

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
  Arena *arena;
  uint32_t *ref;                     /* by word: its place in the snapshot, 0 while it has none */
  char *strs; size_t nstrs;
  void *section[SNAP_TAGS]; size_t bytes[SNAP_TAGS];
} Out;
uint32_t out_ref(Out *o, uint32_t word);
/* Room for n rows of a section, zeroed. */
void *out_section(Out *o, SnapTag tag, size_t n, size_t each);
typedef struct Slots { SnapSlot *p; size_t n; } Slots;
/* A hash table for n rows. */
Slots out_slots(Out *o, SnapTag tag, size_t n);
void slot_put(Slots *t, uint64_t hash, uint32_t row);
void put_programs(Out *o);           /* feed_write_cpe.c */
/* The snapshot's bytes, in the arena of the buffer. */
Err feed_write(Cx *cx, Feed *f, Buf *out);
/* Writes them to a file, whole or not at all; needs half the memory. */
Err feed_write_file(Cx *cx, Feed *f, const char *path, Str *sha256, int64_t *bytes);
