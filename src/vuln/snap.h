/* snap.h - the layout of a snapshot, for the files that write and read it.
 *
 * Little endian.  Head, section table, sections (each at a multiple of 64), then the SHA-256 of all bytes before it.
 * A string reference is an offset into STRS: length (LEB128), then the bytes; 0 is the empty string. */
#pragma once
#include "crypto/crypto.h"
#include "vuln/inside.h"

enum { SNAP_VERSION = 4, SNAP_ALIGN = 64, SNAP_TRAILER = 32 };
#define SNAP_MAGIC "QVS1"
#define SNAP_NONE UINT32_MAX

typedef struct SnapHead { char magic[4]; uint32_t version, sections, zero; uint64_t bytes; } SnapHead;
typedef struct SnapSection { char tag[4]; uint32_t each; uint64_t offset, length; } SnapSection;

typedef struct SnapSource { uint32_t name, newest; uint64_t records; } SnapSource;
typedef struct SnapEco { uint32_t base, release, advisories, zero; } SnapEco;     /* sorted by base, release */
/* Of a hash table with linear probing: the upper half of the hash, and what it leads to plus one; 0: free. */
typedef struct SnapSlot { uint32_t tag, at; } SnapSlot;
typedef struct SnapPkg { uint32_t base, name, first_row, rows; } SnapPkg;         /* sorted by base, name */

enum {                          /* SnapRow.flags */
  ROW_LO_NONE = 1,              /* from the first version on */
  ROW_HI_NONE = 2,              /* no end */
  ROW_HI_INCL = 4,              /* the end belongs to it (last_affected) */
  ROW_POINT = 8,                /* one listed version; lo holds it */
  ROW_GIT = 16,                 /* the advisory knows commits only */
  ROW_NEVER = 32,               /* listed, but no version is affected */
  ROW_UNREADABLE = 64,          /* a bound does not parse under the scheme; lo and hi are text only */
  ROW_LO_EXCL = 128,            /* lo itself does not belong to it */
  ROW_SAFE = 2048,              /* these versions are said not to be affected; about others it is silent */
  ROW_UNKNOWN = 256,            /* the advisory says that it does not know about these versions */
  ROW_MODULAR = 4096,           /* rpm: of a module stream */
};
/* Rows of a package are grouped by advisory.  lo is inclusive.  lo8, hi8: the first eight bytes of the keys as number,
 * so that most comparisons need no key; for schemes without keys they are 0 and all ones. */
typedef struct SnapRow {
  uint64_t lo8, hi8;
  uint32_t lo_key, hi_key, lo_text, hi_text;
  uint32_t adv, release, stream; /* stream: of ROW_MODULAR, "nodejs:18"; empty when the advisory does not say */
  uint16_t flags, scheme;
} SnapRow;

typedef struct SnapAdv {        /* sorted by id, source, group */
  uint32_t id, modified, vector, group, first_up, ups;
  int16_t x10;
  uint8_t severity, withdrawn;
  uint32_t source;
  uint64_t digest;              /* of all that a verdict depends on: rows, programs, groups and their scores */
} SnapAdv;

/* Where an advisory comes from; the order is that of names in a snapshot's list of sources. */
#define SNAP_ORIGINS(X) X(ORIGIN_CSAF, "CSAF") X(ORIGIN_CVE, "CVE") X(ORIGIN_NVD, "NVD") X(ORIGIN_OSV, "OSV")
typedef enum SnapOrigin {
#define X(id, name) id,
  SNAP_ORIGINS(X)
#undef X
  ORIGIN_COUNT
} SnapOrigin;
const char *origin_name(unsigned origin);

typedef struct SnapGroup {      /* sorted by representative */
  uint32_t rep, first_member, members, vector, epss_x1e9, kev_added;
  int16_t x10;
  uint8_t severity, kev;
  uint32_t ssvc;                /* exploitation | automatable << 4 | technical impact << 8; each from 1, 0: not told */
} SnapGroup;

typedef struct SnapKev { uint64_t cve; uint32_t added, ransomware; } SnapKev;
typedef struct SnapEpss { uint64_t cve; uint32_t score_x1e9, percentile_x1e9; } SnapEpss;

/* ---- what is named by CPE or by words: boolean programs over leaves -----------------------------------------
 * A product is (part, vendor, product); part "n" is a name in words, folded to letters and digits.  Its uses are the
 * programs with a vulnerable leaf about it, ascending.  A program is one alternative of its advisory, in postfix. */
typedef struct SnapCpe { uint32_t product, vendor, part, first_use, uses, zero; } SnapCpe;   /* sorted by these names */
typedef struct SnapProg { uint32_t adv, first_op, ops, flags; } SnapProg;         /* sorted by adv */
enum {                          /* SnapProg.flags */
  PROG_NEGATIVE = 1,            /* where it holds the component is not affected; elsewhere it is silent */
  PROG_CHOICE = 2,              /* leaves of which any will do, nothing else */
};
typedef struct SnapOp { uint32_t kind, leaf; } SnapOp;
enum { OP_LEAF, OP_AND, OP_OR, OP_NOT, OP_UNKNOWN, OP_KINDS };   /* OP_UNKNOWN: a constant; leaf is 0 */
enum { PROG_DEPTH_MOST = 64 };
typedef struct SnapLeaf {
  uint32_t cpe, rest, flags;    /* rest: index of RSTS */
  uint32_t version, update;     /* as in the criterion: "*", "-", a literal, a pattern */
  uint32_t key;                 /* of version and update together; 0 when they have none */
  uint32_t lo_key, hi_key, lo_text, hi_text;
} SnapLeaf;
enum {                          /* SnapLeaf.flags; LO and HI as in rows */
  LEAF_LO_NONE = ROW_LO_NONE, LEAF_HI_NONE = ROW_HI_NONE, LEAF_HI_INCL = ROW_HI_INCL, LEAF_LO_EXCL = ROW_LO_EXCL,
  LEAF_UNREADABLE = ROW_UNREADABLE,                /* a bound has no order; texts only */
  LEAF_VULNERABLE = 512, LEAF_RANGE = 1024,
  LEAF_REST_OPEN = 4096,                           /* no value of `rest` says anything */
};
enum { REST_EDITION, REST_LANGUAGE, REST_SW_EDITION, REST_TARGET_SW, REST_TARGET_HW, REST_OTHER, REST_COUNT };
typedef struct SnapRest { uint32_t value[REST_COUNT]; } SnapRest;    /* the other attributes of a criterion */

/* The way back, for what changed: digests in their order, and the packages of each advisory (of adv_pkgs, from
 * adv_first[i] to adv_first[i + 1]). */
typedef struct SnapDigest { uint64_t digest; uint32_t adv, zero; } SnapDigest;

/* What a snapshot holds: tag, C type of a row, name. */
#define SNAP_SECTIONS(X)                                                                                 \
  X(STRS, char, strs)       X(SRCS, SnapSource, sources) X(ECOS, SnapEco, ecos)     X(PKGH, SnapSlot, hash)  \
  X(PKGS, SnapPkg, pkgs)    X(ROWS, SnapRow, rows)       X(ADVS, SnapAdv, advs)     X(UPGR, uint32_t, ups)   \
  X(GRPS, SnapGroup, groups) X(GRPM, uint32_t, members)  X(KEVS, SnapKev, kevs)     X(EPSS, SnapEpss, epss)  \
  X(CPES, SnapCpe, cpes)    X(CPEH, SnapSlot, product_hash) X(CPEU, uint32_t, uses)                       \
  X(PROG, SnapProg, progs)  X(OPER, SnapOp, ops)                                                          \
  X(LEAF, SnapLeaf, leaves) X(RSTS, SnapRest, rests)     X(DIGS, SnapDigest, digests) X(ADVP, uint32_t, adv_first) \
  X(PKGA, uint32_t, adv_pkgs)

typedef enum SnapTag {
#define X(tag, type, name) SNAP_##tag,
  SNAP_SECTIONS(X)
#undef X
  SNAP_TAGS
} SnapTag;

struct Snapshot {
  const uint8_t *map;
  size_t bytes;
  char sha256[64];
#define X(tag, type, name) const type *name; size_t n##name;
  SNAP_SECTIONS(X)
#undef X
};

Str snap_long_str(const Snapshot *s, uint32_t ref);
/* STR_NONE when it leaves the section.  Asked more than anything else: nearly all are shorter than 128 bytes. */
static inline Str snap_str(const Snapshot *s, uint32_t ref) {
  size_t n = ref < s->nstrs ? (uint8_t)s->strs[ref] : 128;
  return n < 128 && n < s->nstrs - ref ? (Str){ s->strs + ref + 1, n } : snap_long_str(s, ref);
}
uint64_t snap_hash(Str base, Str name);
/* The package with snap_hash(base, name), or NULL. */
const SnapPkg *snap_package(const Snapshot *s, uint64_t hash, Str base, Str name);
/* The first of the products of that name with snap_hash("", product); ncpes when there is none. */
size_t snap_product(const Snapshot *s, uint64_t hash, Str product);
/* Where a hash leads, by its upper half alone: a row that is likely asked for, or SNAP_NONE.  To fetch it in time. */
uint32_t snap_likely(const SnapSlot *table, size_t n, uint64_t hash);
bool snap_has_source(const Snapshot *s, Str name);
/* First eight bytes of a key, big end first: orders as the keys do. */
uint64_t key_first8(Str key);
/* CVE-2024-12345 as year << 32 | number; 0 when it is none. */
uint64_t cve_number(Str id);

/* rpm: of a module stream, by its release. */
bool version_is_modular(Str version);
/* "nodejs:18" of nodejs:18:8060020220523160029:ad008a3a; and out of a sentence, where it names just one. */
Str module_stream(Str rpmmod);
Str module_stream_in(Str words);
/* Version and update of a CPE as one text for the generic order. */
Str version_with_update(Arena *a, Str version, Str update);
/* Letters and digits only, lower case: how names in words are looked up. */
Str name_folded(Arena *a, Str name);

/* ---- severities ---------------------------------------------------------------------------------------- */

enum { SEV_NONE, SEV_LOW, SEV_MEDIUM, SEV_HIGH, SEV_CRITICAL, SEV_UNSCORED };
unsigned snap_severity(Str word);           /* "moderate" is medium; SEV_UNSCORED when unknown */
Str severity_name(unsigned severity);       /* STR_NONE for SEV_UNSCORED */

/* ---- ecosystems ---------------------------------------------------------------------------------------- */

typedef struct Ecosystem { Str base, release; Scheme scheme; } Ecosystem;
/* "Debian:12" is base Debian, release 12; releases in the one form that both sides use. */
Ecosystem ecosystem_of(Arena *a, Str text);
/* A name as both sides look it up: PEP 503, lower case where the registry folds, and so on. */
Str ecosystem_name(Arena *a, Str base, Str name);
/* Whether rows of one release say nothing about another (distributions). */
bool ecosystem_has_releases(Str base);
bool ecosystem_names_only(Str base);

/* Where to look for a component. */
typedef struct Identity {
  Str base;                                 /* STR_NONE: the type has no ecosystem */
  Str release;                              /* STR_NONE: not told */
  Str name, version;
  Scheme scheme;
  char tier;
  bool epoch_unknown;                       /* rpm: neither qualifier nor version has one */
  bool source_unknown;                      /* its name is the binary's, its advisories are about source packages */
  Str stream;                               /* rpm: of the module that it was built in; empty when not told */
  bool walk_up;                             /* Go: a package path may be inside of a module */
  Str rebuilt;                              /* judged by another distribution's advisories: which rule says so */
  Str apart;                                /* why no advisory of the base says anything about it */
} Identity;
/* Takes the last part off a Go path; false when it is as short as a module can be. */
bool name_up(Identity *id);
Identity purl_identity(Arena *a, const Purl *p, Str os_distro, Str upstream);
