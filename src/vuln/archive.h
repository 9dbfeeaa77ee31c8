/* archive.h - advisories kept for ever: packs of records, named by their SHA-256.
 *
 * A pack is what one intake of one source brought that was not there before, and what was gone.  The state of a source
 * is the fold of its packs in order; a snapshot is built from states and from nothing else, so it can be built again.
 *
 * A pack, little endian:
 *   "QVP1" u32 0
 *   blocks: each a zstd frame of records side by side, at most PACK_BLOCK_BYTES unless one record alone is larger
 *   index:  a zstd frame of { u32 length of name, name, u32 block, u32 offset, u32 length, 32 bytes SHA-256 of the
 *           record }, by name, none twice; block PACK_GONE: the source no longer has it
 *   table:  per block { u64 place, u32 packed bytes, u32 bytes }
 *   trailer: u64 place of index, u32 packed, u32 bytes, u32 blocks, u32 records, then the SHA-256 of all before it */
#pragma once
#include "vuln/feed.h"

enum { PACK_BLOCK_BYTES = 1 << 20, PACK_RECORDS_MOST = 4000000, PACK_NAME_MOST = 400 };
#define PACK_GONE UINT32_MAX
#define PACK_RECORD_MOST ((size_t)256 << 20)

typedef struct PackRecord { Str name; Hash hash; uint32_t block, offset, length; } PackRecord;
typedef struct PackBlock { uint64_t place; uint32_t packed, bytes; } PackBlock;
typedef struct Pack {
  Str bytes, sha256;
  PackRecord *record; size_t n;
  PackBlock *block; size_t nblocks;
} Pack;
/* Checks every length, place and order, and the SHA-256.  Borrows from bytes.  E_INTEGRITY. */
Err pack_open(Cx *cx, Str bytes, Pack *out);
/* The last block that was unpacked is kept: ask in the order of block and offset. */
typedef struct PackReader { const Pack *pack; uint32_t block; char *bytes; size_t room; Arena *arena; } PackReader;
PackReader pack_reader(Arena *a, const Pack *p);
/* Valid until the next call.  E_INTEGRITY: it is not what its hash says. */
Err pack_record(Cx *cx, PackReader *r, const PackRecord *record, Str *out);

typedef struct PackOut {
  Arena *arena;
  Buf *to;
  Buf block;
  char *scratch; size_t room;
  VEC(PackRecord) records;
  VEC(PackBlock) blocks;
} PackOut;
PackOut pack_out(Arena *a, Buf *to);
void pack_add(PackOut *p, Str name, Hash hash, Str bytes);
void pack_gone(PackOut *p, Str name);
/* E_TOO_LARGE; E_INVALID: a name twice. */
Err pack_end(Cx *cx, PackOut *p);

/* ---- states ---- */

typedef struct Held { uint32_t pack, record; } Held;       /* indexes; record UINT32_MAX: gone */
typedef struct ArchiveState {
  Arena *arena;
  VEC(Pack) packs;
  VEC(Held) held;
  VEC(Str) names;                    /* of held */
  Map at;                            /* name -> index of held */
  size_t live;
} ArchiveState;
ArchiveState archive_state(Arena *a);
void archive_fold(ArchiveState *s, const Pack *p);
const PackRecord *archive_find(const ArchiveState *s, Str name);      /* NULL: not there, or gone */
/* Every live record, pack by pack. */
Err archive_each(Cx *cx, const ArchiveState *s, Err (*each)(Cx *cx, void *env, Str name, Str bytes), void *env);

/* ---- files ---- */

Str archive_path(Arena *a, const char *folder, Str sha256);           /* folder/archive/SHA.pack */
typedef struct Mapped { const char *p; size_t n; } Mapped;
void Mapped_drop(Mapped *m);
Err archive_map(Cx *cx, const char *path, Mapped *out);               /* E_NOTFOUND, E_IO */
Err archive_map_fd(Cx *cx, int fd, Mapped *out);                      /* a file that is open */
/* Puts a pack into the archive under its name; one that is there stays.  E_FULL, E_IO. */
Err archive_put(Cx *cx, const char *folder, Str bytes, Str *sha256);

/* ---- intakes: split.c ---- */

/* A spool: what was fetched or read, one behind the other: { u32 bytes of name, u64 bytes, name, bytes }. */
#define RECORD_KINDS(X)                                                                                  \
  X(RECORD_OSV, "osv") X(RECORD_NVD, "nvd") X(RECORD_CVE, "cve") X(RECORD_CSAF, "csaf") X(RECORD_KEV, "kev") \
  X(RECORD_EPSS, "epss") X(RECORD_DEBIAN, "debian") X(RECORD_ALPINE, "alpine")
typedef enum RecordKind {
#define X(id, name) id,
  RECORD_KINDS(X)
#undef X
  RECORD_KINDS_COUNT
} RecordKind;

/* kinds: bits; full: what the input does not name is gone; state: what is there already. */
typedef struct IntakeAsk { unsigned kinds; bool full; const ArchiveState *state; } IntakeAsk;
typedef struct Intake {
  int64_t records, rows;                  /* rows: records, or the entries of KEV and EPSS */
  int64_t fresh, changed, same, gone, bad;
  Str newest;                             /* RFC 3339; empty: nothing tells its time */
  FeedSkip *skip; size_t nskips;
  Str pack;                               /* empty: nothing is new */
} Intake;
/* In the jail: names and hashes every record and packs what is new.  E_FEED: it is no feed at all, or speaks a schema
 * that is not known here. */
Err intake_split(Cx *cx, const IntakeAsk *ask, Str spool, Intake *out);
/* The same without the jail: for tests and fuzzing. */
Err intake_split_here(Cx *cx, const IntakeAsk *ask, Str spool, Intake *out);

/* Builds a snapshot of the live records of all states, in the jail, and writes it.  The same states give the same
 * bytes.  E_FEED: there is no advisory in them. */
Err archive_build(Cx *cx, const ArchiveState *const *states, size_t n, const char *out_path, FeedBuild *out);
extern const JailLimits ARCHIVE_JAIL;
/* ---- what both jailed readers answer: u32 bytes of a JSON head, the head, bytes ---- */
Err answer_cut(Cx *cx, Str answer, JVal **head, Str *rest);
void skips_json(const FeedSkip *skip, size_t n, JsonOut *o);
void skips_read(Cx *cx, JVal *list, FeedSkip **out, size_t *n);
