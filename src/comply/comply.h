/* comply.h - what regulators and standards ask, asked of the records; dated answers with a history.
 *
 * Floor 7.  Includes base .. trace and the domains of floor 6.
 * Rules are data (data/packs/; their form: data/packs/README.md): a rule is asked of every record that it is about,
 * or of the facts that a machine counts.  A gap is one rule and one object that does not satisfy it; its fingerprint is
 * rule + object, so a gap has a history.  A run says what was checked, against which version of which pack, and when;
 * it never says more than that.
 * Truth: check_run, check_pack, check_rule, check_change (fact "check", one entry per run).  Derived: gap.
 * Evaluating only reads; the command check.run stores the result. */
#pragma once
#include "ledger/ledger.h"
#include "serve/serve.h"
#include "trace/trace.h"

/* ---- rule packs ------------------------------------------------------------------------------------- */

typedef enum RuleSeverity { RULE_INFO, RULE_MINOR, RULE_MAJOR, RULE_BLOCKER, RULE_SEVERITIES } RuleSeverity;
extern const char *const severity_words[];             /* "info" "minor" "major" "blocker" NULL */
bool severity_find(Str word, RuleSeverity *out);

typedef VEC(Str) Strs;
typedef struct Rule {
  Str id;                        /* "THR-04" */
  RuleSeverity severity;
  Str title;                     /* what is asked, in one line: "Every control has a verifying test" */
  Str message;                   /* with {id} {title} {owner} {state} {type} {what} {product} {release} and fields */
  Str why;                       /* the reason behind it, own words */
  Strs clauses;                  /* "F26:V.B.2" */
  Str fix;                       /* what to do next; same placeholders */
  Str when, about, need, partly, exists, fact;     /* queries as written; STR_NONE when absent.  about: key "for" */
  uint32_t packs;                /* bit i: a clause belongs to pack[i] */
  Str file; size_t line;
} Rule;

typedef struct Pack { Str id, version, date, title, subtitle; Strs prefixes; size_t nrules; } Pack;
typedef struct Packs { Pack *pack; size_t npacks; Rule *rule; size_t nrules; Str sha256; } Packs;

/* One text file of a pack directory; name without folder.  The app passes the embedded ones or those of a directory. */
typedef struct PackFile { Str name, bytes; } PackFile;
/* Strict: an unknown key, type, field, link, fact or placeholder, a doubled id, a rule of no pack: E_CONFIG with file
 * and line.  record_types_set() must have run.  The result lives in cx->arena and borrows from the files' bytes. */
Err comply_load(Cx *cx, const PackFile *files, size_t n, const Packs **out);
/* All *.rules and packs.list of a directory, by name. */
Err comply_load_folder(Cx *cx, const char *folder, const Packs **out);
const Pack *pack_find(const Packs *p, Str id);                       /* NULL when unknown */
Err comply_explain(Cx *cx, const Packs *p, Str rule_id, const Rule **out);    /* E_NOTFOUND names the nearest */

/* ---- evaluating: reads only ------------------------------------------------------------------------- */

typedef struct CheckScope { Str product, release; } CheckScope;      /* ids; "" or STR_NONE: everything, any release */

typedef enum RuleState { RULE_MET, RULE_PARTLY, RULE_NOT_MET, RULE_NOT_APPLICABLE, RULE_NOT_ASSESSED,
                         RULE_STATES } RuleState;
extern const char *const rule_state_words[];   /* "met" "partly" "not met" "not applicable" "not assessed" NULL */

typedef struct RuleResult {
  const Rule *rule;
  RuleState state;
  int64_t asked, met, partly, not_met;                 /* objects */
  Str why;                                             /* when not applicable or not assessed: the reason */
} RuleResult;

typedef struct Gap {
  const Rule *rule;              /* NULL when read from the store and the packs no longer have it */
  Str rule_id, fingerprint;      /* 16 hex digits over rule and object */
  Str object;                    /* record id "T-001", or a component "libfoo-halden@0.3", or "company" */
  Node node;                     /* NODE_NONE when it is not a record */
  int64_t rev;                   /* 0 when not a record */
  RuleSeverity severity;
  bool partly;                   /* on its way: counts as "partly", never blocks */
  Str message, fix;
  int64_t first_us, last_us, closed_us;                /* closed 0: open */
  Str first_run, closed_run;
} Gap;
typedef VEC(Gap) Gaps;

typedef struct PackResult {
  Str pack, version, title;
  int64_t count[RULE_STATES];    /* rules by state */
  int64_t blocking;              /* open blocker gaps */
  int64_t ready_x10;             /* tenths of a per cent, rounded down; -1: nothing was asked */
} PackResult;

typedef struct CheckRun {
  Str id;                        /* "RUN-0007"; STR_NONE until stored */
  int64_t at_us, log_size;       /* log_size: entries of the log that it looked at */
  CheckScope scope;
  Str packs_sha256, actor;
  PackResult *pack; size_t npacks;
  RuleResult *rule; size_t nrules;
  Gaps gaps;                     /* severest first, then rule, then object */
  int64_t by_severity[RULE_SEVERITIES], blocking;
  int64_t opened, closed;        /* against the last stored run of the scope */
} CheckRun;

/* Asks every rule.  With a product: records of the product and of the company as a whole.  first_us comes from the last
 * stored run of the same scope.  A rule whose facts cannot be had is "not assessed" and says why: never silent.
 * E_NOTFOUND: no such product or release. */
Err comply_evaluate(Cx *cx, const Graph *g, Store *s, const Packs *p, CheckScope scope, CheckRun *out);
/* The same as of a moment: g is the graph of then (graph_open_at), the clock stands at at_us.  What is counted in
 * tables (SBOM components, duties) keeps no past of its own: for those rules the answer is the one of the last run
 * stored by then, and says so; without such a run they are "not assessed".  first_us comes from the history of runs. */
Err comply_evaluate_at(Cx *cx, const Graph *g, Store *s, const Packs *p, CheckScope scope, int64_t at_us,
                       CheckRun *out);
/* The command that stores a run: fills command, args_json and payload; the caller adds who, how and why. */
Err comply_run_ask(Cx *cx, const CheckRun *run, Ask *out);
/* Whether a gate at this severity fails (partly gaps do not count). */
bool check_fails(const CheckRun *run, RuleSeverity at_least);
/* One sentence: "Checked 96 rules of FDA premarket 2026.1 ... on 2026-11-22 04:31: 7 blocking gaps." */
Str check_words(Cx *cx, const CheckRun *run);
Err check_json(Cx *cx, JsonOut *o, const CheckRun *run);             /* proofline.check/1 */

/* ---- reading stored runs ---------------------------------------------------------------------------- */

/* The last stored run of a scope, with packs and rules, without gaps.  rule[].rule is NULL where the packs no longer
 * have it.  Results are out of date when packs_sha256 or log_size differ from today's.  E_NOTFOUND: never checked. */
Err comply_last_run(Cx *cx, Store *s, const Packs *p, CheckScope scope, CheckRun *out);
/* Newest first, with packs, without rules and gaps: for the line of the last 30 days. */
typedef VEC(CheckRun) CheckRuns;
Err comply_runs(Cx *cx, Store *s, CheckScope scope, int64_t since_us, size_t limit, CheckRuns *out);
/* Gaps as stored.  pack, rule, object: STR_NONE for any.  Open ones severest first; closed ones (when asked for) after
 * them, newest first.  total may be NULL. */
typedef struct GapQuery {
  CheckScope scope;
  Str pack, rule, object;
  RuleSeverity at_least;
  bool closed_too;
  size_t limit;
} GapQuery;
Err comply_gaps(Cx *cx, Store *s, const Packs *p, const GapQuery *q, Gaps *out, size_t *total);

/* ---- what the app wires ----------------------------------------------------------------------------- */

/* check.run  args product release; payload made by comply_run_ask; result {"run":"RUN-0007","opened":n,"closed":n} */
extern const Command *const comply_commands[];
extern const size_t comply_ncommands;
extern const Migration comply_schema[];
extern const size_t comply_nschema;
extern const VerifyPart comply_verify_part;
