/* scan_inside.h - how a scan goes: names are read (scan_name.c), fetched and judged (scan_judge.c), and what counts is
 * put into words (outcome.c). */
#pragma once
#include "vuln/cpe_judge.h"
#include "vuln/match.h"

/* ---- names: scan_name.c -------------------------------------------------------------------------------- */

typedef struct CpeNamed { CpeSubject by; Str unreadable; } CpeNamed;   /* unreadable: why; else STR_NONE */

/* What a component is called, read once; nothing of the snapshot is touched. */
typedef struct Named {
  const VulnTarget *target;
  Subject subject;             /* of the package URL; base is STR_NONE where that has no ecosystem */
  uint64_t hash;               /* of base and name */
  Str purl_unreadable;         /* why; else STR_NONE */
  bool distro;                 /* built by a distribution */
  Str type;                    /* of the package URL */
  Str fallback;                /* version for CPEs that have none */
  CpeNamed *cpe; size_t ncpes;
} Named;

/* Components that stand together, and what they are judged with. */
typedef struct Inventory {
  const Snapshot *snap;
  bool nvd;                    /* an NVD source is loaded */
  Named *named; size_t n;
  const CpeAround *around;     /* NULL until a judgement depends on the others */
} Inventory;

/* Names and versions of all targets; they live in cx->arena. */
Inventory inventory_read(Cx *cx, const Snapshot *s, const VulnTarget *targets, size_t n);
CpeNamed cpe_named(Cx *cx, const Snapshot *s, Str text, Str version, Str purl_type);
/* Where the CPEs of all components lead, for those that depend on another one. */
const CpeAround *inventory_around(Cx *cx, const Inventory *all);
/* Has what is asked of the snapshot about n components on its way to the processor, all at once. */
enum { FETCH_MOST = 64 };
void inventory_fetch(const Inventory *all, size_t first, size_t n);

/* ---- one component: scan_judge.c ----------------------------------------------------------------------- */

/* Whose word counts first: the builder of the very package, then those who name it exactly, then CPE, then names. */
enum { RANK_BUILDER, RANK_PACKAGE, RANK_CNA, RANK_NVD, RANK_NAME, RANK_WEAK = 10, RANK_NOTE = 20 };

/* One advisory's word on one alias group. */
typedef struct Hit {
  uint32_t group, adv;
  unsigned rank; /* from RANK_WEAK on: only when nobody else speaks; RANK_NOTE: told, never decides */
  Outcome outcome;
  char tier;
  Rule rule;
  Judgement j; /* of rows; row is NULL for a program's word */
  Subject *subject; /* of rows */
  CpeAnswer c;
  CpeSubject *by; /* NULL for rows */
  const NameGiven *given; /* the approved rule that led there; NULL: the component's own names */
} Hit;

/* Hits in the order in which they count: those of one group side by side, whose word decides first. */
typedef struct HitKey { uint32_t group, rank, adv, at; } HitKey;
/* What is said of one group: n keys from `first` on. */
typedef struct GroupWord { size_t first, n; Outcome outcome; } GroupWord;

typedef struct Scan {
  Arena *own;   /* of this component alone: given back when its words are made */
  const Snapshot *snap;
  const Inventory *all;
  const Named *named;
  size_t at;                   /* of the inventory */
  Subject subject; /* of the package URL, as it was found */
  VEC(Hit) hits;
  HitKey *key;
  GroupWord *said; size_t nsaid;
  bool distro_covered;         /* built by a distribution whose own data are loaded */
  bool by_purl, assessed;      /* some source that claims to be whole was asked: about the package URL; at all */
  const char *cannot;          /* rule, when nothing could be asked */
  Str cannot_why;
  const NameGiven *given;      /* judged by this rule just now */
} Scan;

/* Whether a loaded source that claims to be whole speaks for its ecosystem and release. */
bool identity_covered(const Snapshot *s, const Identity *id);
/* Makes the arena of judgements one block, large enough for nearly all. */
void scan_room(Arena *own);
/* Everything lives in own->arena. */
Scan *scan_judge(Cx *own, const Inventory *all, size_t at);
/* Whether something of it is settled by what else is there. */
bool scan_depends(const Scan *c);

/* ---- words: outcome.c ---------------------------------------------------------------------------------- */

/* One outcome per alias group, worst first, and one that says why the rest could not be judged; in `a`. */
void outcomes_make(const Scan *c, Arena *a, ScanComponent *out);
