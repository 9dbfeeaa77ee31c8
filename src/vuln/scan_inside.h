/* scan_inside.h - what scan.c finds and outcome.c makes words of. */
#pragma once
#include "vuln/cpe_judge.h"
#include "vuln/match.h"

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
typedef VEC(Hit) Hits;

typedef struct Scan {
  Arena *arena; /* of what is answered */
  Arena *own;   /* of this component alone: given back when it is judged */
  const Snapshot *snap;
  Subject subject; /* of the package URL */
  Hits hits;
  bool nvd;                    /* an NVD source is loaded */
  bool distro, distro_covered; /* built by a distribution; and that one's own data are loaded */
  bool by_purl, assessed;      /* some source that claims to be whole was asked: about the package URL; at all */
  const char *cannot;          /* rule, when nothing could be asked */
  Str cannot_why;
  Str fallback; /* version for CPEs that have none */
  Str type;     /* of the package URL */
  const NameGiven *given;      /* judged by this rule just now */
  const CpeAround *around;     /* the other components, once a judgement depends on them */
  size_t owner;                /* this one among them */
} Scan;

/* Whether a loaded source that claims to be whole speaks for its ecosystem and release. */
bool identity_covered(const Snapshot *s, const Identity *id);
/* One outcome per alias group, worst first, and one that says why the rest could not be judged. */
void outcomes_make(Scan *c, ScanComponent *out);
