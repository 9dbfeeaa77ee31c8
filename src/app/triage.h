/* triage.h - what waits for a decision, what it can do to a patient, and deciding it; for pages and the command
 * line. */
#pragma once
#include "app/app.h"
#include "risk/risk.h"

/* The decision tables of SSVC, read once per process. */
Err triage_ssvc(Cx *cx, const Ssvc **out);
/* The snapshot in use, kept open in this process until another one is in use.  E_NOTFOUND: none yet. */
Err triage_snapshot(Cx *cx, Store *s, const Snapshot **out);
/* The same where there may be none: *out is NULL then.  broken: takes the words when the one in use cannot be read, for
 * what shows what is stored nevertheless; NULL: that fails. */
Err triage_snapshot_or(Cx *cx, Store *s, const Snapshot **out, Str *broken);

/* ---- decision.c: earlier decisions ---- */

/* A record of the type vex_statement.  Its scope: package identity x alias group x product x versions of the package x
 * releases.  It is in force once a second person has signed it. */
typedef struct Decision {
  Node node;
  Str id, vuln, package, package_versions, status, justification, why, by, source;
  int64_t decided_us;            /* when it was signed; else when it was last changed */
  int32_t valid_until;           /* 0: no end */
  bool in_force, retracted;
} Decision;
typedef VEC(Decision) Decisions;
/* All of the graph that are not void; by is a person's id. */
Err decisions_load(Cx *cx, const Graph *g, Decisions *out);

/* What is to be decided.  ids: every id of the alias group. */
typedef struct DecisionCase {
  const Str *id; size_t nid;
  Str purl, name, version;
  Node product, release, element;                  /* NODE_NONE: not known */
} DecisionCase;

/* FIT_NO: about something else.  FIT_NEAR: the same vulnerability and package, but it does not hold here: *why says. */
typedef enum DecisionFit { FIT_NO, FIT_NEAR, FIT_YES } DecisionFit;
DecisionFit decision_fit(Cx *cx, const Graph *g, const Decision *d, const DecisionCase *c, Str *why);

/* ---- clinical.c: what it can do to a patient ---- */

/* The way from a component to the worst harm: element, threat, situation, harm. */
typedef struct HarmPath { Node element, threat, situation, hazard, harm; Str severity; } HarmPath;   /* "s5" */

/* What people answered about this device; empty: nobody has yet. */
typedef struct Answers { Str reach, login, exploit, reachable, protection; } Answers;

typedef struct Clinical {
  HarmPath path;                 /* severity empty: nothing links the element to a harm */
  Str exploitability;            /* "e4" */
  Str exploitability_why;        /* one line: inputs, score, adjustments */
  Str level;                     /* "low" "medium" "high"; empty: not known */
  bool uncontrolled, by_plan;    /* by_plan: the level is of the product's own matrix */
  unsigned char matrix[5][5];    /* [e - 1][s - 1]: 0 low, 1 medium, 2 high */
  int rank;                      /* for ordering: higher is worse */
  SsvcAnswer supplier, deployer; /* outcome empty: not decided; why in ssvc_missing */
  Str ssvc_missing;
} Clinical;

/* elements: where the component is.  about may be NULL: the vulnerability is not in the snapshot. */
Err clinical_judge(Cx *cx, const Graph *g, Node product, const Nodes *elements, const VulnAbout *about,
                   const Answers *answers, Clinical *out);
Err clinical_matrix(Cx *cx, RiskMatrix *out);       /* what holds where no risk plan adopts another */
Str clinical_severity_words(Str severity);          /* "s4" -> "S4, critical" */
Str clinical_ease_words(Str e);           /* "e4" -> "E4, high" */

/* ---- triage.c: the queue ---- */

typedef enum Need { NEED_REVIEW, NEED_DECISION, NEED_SIGNATURE, NEED_NOTHING, NEED_COUNT } Need;
extern const char *const need_words[NEED_COUNT];

/* One vulnerability in one release of one device: one finding. */
typedef struct TriageFinding {
  Node node, product, release;
  Nodes elements;
  Str id, title, package, status, state;
  const Decision *decision;      /* that states it; NULL: none */
  Triggers triggers;
  Need need;
  int64_t units;                 /* in the field */
} TriageFinding;

/* Everything about one vulnerability: what stands in one row of the queue. */
typedef struct TriageItem {
  Str vuln, package, title;
  VulnAbout about;
  bool known;                    /* about is filled */
  Clinical clinical;             /* the worst of its findings */
  VEC(TriageFinding) finding;
  Need need;                     /* the most urgent of its findings */
  int64_t since_us, units;
  size_t products;
} TriageItem;

typedef struct Triage {
  VEC(TriageItem) item;          /* by need, then by likely clinical risk, KEV, EPSS, age */
  size_t count[NEED_COUNT], findings, open;
  Decisions decisions;
} Triage;

/* query: of findings, as everywhere ("" all open and undecided ones with the others); E_USAGE.  broken: as above. */
Err triage_load(Cx *cx, Store *s, const Graph *g, Str query, Str me, Str *broken, Triage *out);

/* ---- one vulnerability in all devices: where.c ---- */

typedef struct Held {            /* one SBOM that holds an affected, or perhaps affected, component */
  SbomInfo sbom;
  VerdictRow verdict;
  Node product, release, element, finding;
  const Decision *decision;      /* that covers it */
  Str near;                      /* of a decision that nearly does: "VEX-0007: it was decided for ..." */
  int64_t units;
} Held;
typedef struct Where {
  VulnAbout about; bool known;
  VEC(Held) held;
  Decisions decisions;
  Nodes unseen;                  /* products without any SBOM: nothing can be said */
  Nodes notices;                 /* what customers were told */
  Nodes findings;
  Nodes clocks;                  /* deadlines of its findings */
  ScoreHistory scores;           /* of its CVE, from the archive */
  Str sentence;                  /* "Yes: ... No: ... Unknown: ..." */
} Where;
Err where_is(Cx *cx, Store *s, const Graph *g, Str vuln, Str *broken, Where *out);
int64_t release_units(Cx *cx, const Graph *g, Node release);

/* ---- decide.c ---- */

extern const Command decide_command;       /* finding.decide */
/* What a form or a command line says: names of the command's arguments with their values; evidence and response hold
 * several, separated by commas or lines.  Unknown names are left out. */
typedef struct DecideWhat {
  const Str *finding; size_t nfindings;
  const Pair *field; size_t nfields;
} DecideWhat;
/* The arguments of finding.decide, with the clinical risk that is proposed for each finding now. */
Err decide_args(Cx *cx, Store *s, const Graph *g, const DecideWhat *w, Str *out);
/* The Clinical of one finding with answers given now in place of those that it holds. */
Err finding_clinical(Cx *cx, Store *s, const Graph *g, Node finding, const Answers *given, Clinical *out);

/* ---- settle.c: what follows, done by the program itself ---- */

/* Findings whose decision has been signed move on, and undecided ones that a decision in force covers take it over. */
Err decide_settle(Cx *cx, Writer *w, Store *s, const Ask *who, int64_t *moved);
/* What a run of vuln.match says anew of findings that were there before: exploited, scored anew.  It is written
 * into them,
 * and their risks are opened again. */
Err decide_news(Cx *cx, Writer *w, Store *s, Str run, const Ask *who, int64_t *told);
/* Opens the risks of new findings that are known to be exploited. */
Err decide_wake_new(Cx *cx, Writer *w, Store *s, const Ask *who, const Str *ids, size_t n);
/* Starts the clocks of new findings that nobody has decided. */
Err decide_start_clocks(Cx *cx, Writer *w, Store *s, const Ask *who, const Str *ids, size_t n);
/* Settles when what was signed is a statement.  The store must not be in a view: each read is of the newest state. */
Err decide_after_sign(Cx *cx, Writer *w, Store *s, const Ceremony *c, Str source);
