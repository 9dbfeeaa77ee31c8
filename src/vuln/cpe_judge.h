/* cpe_judge.h - one component, known by CPE or only by name, against the programs of a snapshot. */
#pragma once
#include "vuln/rule.h"
#include "vuln/snap.h"

/* Why something could not be decided; the first that is set gives the rule. */
enum {
  WHY_SUBSET = 1,      /* the component's name is less specific than the criterion */
  WHY_UNVERSIONED = 2, /* the criterion names no version: nobody looked which */
  WHY_ORDER = 4,       /* versions that cannot be compared */
  WHY_STATUS = 8,      /* the advisory itself does not know */
  WHY_NAME = 16,       /* only the name in words is the same */
  WHY_PLATFORM = 32,   /* it depends on what else is there */
};

enum { CPE_NAMES_MOST = 16 };
typedef struct CpeAround CpeAround;
typedef struct CpeSubject {
  Arena *arena;
  const Snapshot *snap;
  Cpe cpe;
  uint64_t hash;                    /* of the product's name */
  Str version, key, type;           /* version with update; type of the package URL, empty when unknown */
  Str bare, bare_key;               /* version without update; keys are empty when there is none */
  bool na, keyed, words;            /* words: known by name only */
  const NameGiven *given;           /* the approved rule that says so; NULL: nobody did */
  uint32_t product[CPE_NAMES_MOST]; /* indexes of cpes that it may be */
  bool subset[CPE_NAMES_MOST];      /* found through an attribute that the component leaves open */
  size_t n;
  const CpeAround *around;          /* what else is there; NULL: nobody said */
  size_t owner;                     /* the component that it is, as around counts them */
} CpeSubject;

/* The other components of one inventory, by the products that they may be: what platforms are looked for in. */
typedef struct CpeNeighbour {
  uint32_t cpe; /* index of cpes */
  size_t owner;
  const CpeSubject *subject;
} CpeNeighbour;
struct CpeAround { CpeNeighbour *p; size_t n; };   /* sorted by cpe, owner */

/* version: used when the CPE itself says none.  purl_type: what target_sw is held against.  Reads names and versions
 * only; cpe_find() looks its products up. */
CpeSubject cpe_subject(Arena *a, const Snapshot *s, const Cpe *c, Str version, Str purl_type);
void cpe_find(CpeSubject *s);
/* With its products. */
CpeSubject name_subject(Arena *a, const Snapshot *s, Str name, Str version);

typedef struct CpeAnswer {
  Outcome outcome; /* OUTCOME_NOT_LISTED: silent */
  Rule rule;
  const SnapLeaf *leaf; /* the one that decided */
  uint32_t prog;
  uint32_t *platform;
  size_t nplatforms; /* leaves that it depends on */
  const SnapLeaf *met;             /* a platform that stands in the same inventory, */
  const CpeSubject *met_by;        /* as this; NULL when it depends on none */
} CpeAnswer;
/* One program.  Kleene logic; an alternative that does not speak of the component is no way for it to be affected. */
CpeAnswer program_judge(CpeSubject *s, uint32_t prog);
/* Versions that end the vulnerable intervals about the component in a program, above its own. */
bool leaf_fixes(CpeSubject *s, const SnapLeaf *l);
bool leaf_is_own(const CpeSubject *s, const SnapLeaf *l);
