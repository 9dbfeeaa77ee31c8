/* inside.h - what the files of comply/ share.
 *
 * read.c      pack files to rules, strictly           words.c     {placeholders} of messages
 * evaluate.c  rules over the graph                    facts.c     the table of facts; fact_*.c the facts
 * schema.c    tables                                  command.c   storing a run
 * verify.c    what verify compares                    stored.c    reading stored runs
 * report.c    JSON and one sentence             past.c      what stored runs say of a day in the past */
#pragma once
#include "comply/comply.h"

/* ---- words.c ---------------------------------------------------------------------------------------- */

/* What the placeholders of one gap stand for. */
typedef struct Words { const Graph *graph; Node node; Str object, title, what; CheckScope scope; } Words;
Str words_fill(Cx *cx, Str pattern, const Words *w);
/* Calls `each` for every {name}.  false: a brace without its partner. */
bool words_names(Str pattern, bool (*each)(void *env, Str name), void *env);

/* ---- facts: what the query language cannot say ------------------------------------------------------ */

/* What is worked out once per run: whether a release has a newer one. */
typedef struct ReleaseMemo { uint8_t *old; bool listed; Nodes releases, products; } ReleaseMemo;
typedef struct FactScope {
  Store *store;                  /* may be NULL: then facts of tables are not assessed */
  const Graph *graph;
  CheckScope scope;
  Node product, release;         /* NODE_NONE: any */
  int64_t now_us;
  ReleaseMemo *memo;
} FactScope;
/* One object that does not satisfy the rule.  node NODE_NONE: then object and title name it. */
typedef struct FactRow { Node node; Str object, title, what; bool partly; } FactRow;
typedef struct FactRows {
  int64_t asked;                 /* objects looked at; rows are those of them that fail */
  VEC(FactRow) row;
  Str not_assessed;              /* set: nothing can be said, and why */
} FactRows;
typedef struct RuleFact {
  const char *name;
  Err (*run)(Cx *cx, const FactScope *s, FactRows *out);
  const char *help;
} RuleFact;
extern const RuleFact rule_facts[];
extern const size_t nrule_facts;
const RuleFact *fact_find(Str name);
bool fact_in_scope(const FactScope *s, Node n);
/* What a query finds in scope, in order of id. */
Err fact_nodes(Cx *cx, const FactScope *s, const char *query, Nodes *out);
void fact_add(Cx *cx, FactRows *out, Node n, Str what);
Str fact_word(const Graph *g, Node n, const char *field);         /* text of a field; "" when empty */
Node fact_link(Cx *cx, const Graph *g, Node n, const char *link); /* the first one; NODE_NONE */

#define FACT(name) Err name(Cx *cx, const FactScope *s, FactRows *out)
FACT(fact_chain_open);
FACT(fact_stride_open);
FACT(fact_crossing_incomplete);
FACT(fact_severity_below_cause);
FACT(fact_level_not_of_matrix);
FACT(fact_drop_without_control);
FACT(fact_model_older);
FACT(fact_views_missing);
FACT(fact_sources_missing);
FACT(fact_categories_missing);
FACT(fact_weak_words);
FACT(fact_stale_run);
FACT(fact_run_over_limit);
FACT(fact_failing_run);
FACT(fact_test_kinds_missing);
FACT(fact_findings_without_disposition);
FACT(fact_report_other_build);
FACT(fact_support_before_device);
FACT(fact_duties_empty);
FACT(fact_duties_without_deputy);
FACT(fact_signer_untrained);
FACT(fact_components_identity);
FACT(fact_components_support);
FACT(fact_components_element);
FACT(fact_release_without_sbom);
FACT(fact_cve_undecided);
FACT(fact_kev_undecided);

bool fact_release_is_old(Cx *cx, const FactScope *s, Node release);
/* One row for the whole with what is missing, when anything is. */
void fact_missing(Cx *cx, const FactScope *s, FactRows *out, const Buf *missing);

/* ---- the rest --------------------------------------------------------------------------------------- */

extern const Fact comply_fact;                                    /* verify.c */
Str gap_fingerprint(Arena *a, Str rule, Str object);
Str scope_key(Arena *a, CheckScope scope); /* "product" or "product|release"; "" for everything */
/* Fills in what the stored runs said at run->at_us: rules that were not assessed, and since when a gap was open. */
Err past_from_stored(Cx *cx, Store *s, CheckRun *run);
void pack_results(Cx *cx, const Packs *p, CheckRun *run);
uint32_t rule_packs(const Packs *p, const Strs *clauses);
