/* match.h - one component against the snapshot, for match.c and scan.c. */
#pragma once
#include "vuln/rule.h"
#include "vuln/snap.h"

typedef enum RowAnswer {
  ROW_NO,
  ROW_IN_RANGE,
  ROW_LISTED,
  ROW_ONLY_COMMITS,
  ROW_SAID_SAFE,
  ROW_SILENT,
  ROW_NOT_KNOWN,                    /* the advisory says so */
  ROW_NOT_COMPARABLE,
  ROW_EPOCH,
  ROW_RELEASE
} RowAnswer;

/* A component's version, with its keys made once per scheme. */
typedef struct Subject {
  Arena *arena;
  const Snapshot *snap;
  Identity id;
  bool branch;                      /* a name of a branch, no version */
  bool modular;                     /* rpm: of a module stream */
  bool releases;                    /* its ecosystem has them (distributions) */
  Str public;                       /* PEP 440: without +local */
  struct { Scheme scheme; bool made, valid; Str version, key; uint64_t first8; } cache[4];
} Subject;

Subject subject_of(Arena *a, const Snapshot *s, Identity id);
RowAnswer row_answer(Subject *s, const SnapRow *r);
/* Whether the end of a row lies above the subject, as far as can be told: a version to go to. */
bool row_below_end(Subject *s, const SnapRow *r);

/* What one advisory says about the subject. */
typedef struct Judgement {
  Outcome outcome;                  /* OUTCOME_NOT_LISTED: no row applies */
  Rule rule;
  const SnapRow *row;               /* the one that decided */
  const SnapRow *first; size_t n;   /* all rows of the advisory in this package */
} Judgement;
Judgement advisory_judge(Subject *s, const SnapRow *rows, size_t n);
bool row_applies(const Subject *s, const SnapRow *rows, size_t n, const SnapRow *r);
