/* trace.h - the graph of records and links in memory, and the one query language over it.
 *
 * Floor 5.  Includes base .. record.
 * A Graph is a cache of the projection in one process; graph_refresh() brings it to the log's head and costs what
 * changed.  Nodes are small integers that stay valid until the next refresh.
 *
 * Query language (one for search box, saved views, API, CLI lists, matrix columns, rules):
 *   type:threat state:open stride:tampering device:sorrel-p1 owner:me due:<7d "rate change" sort:-severity,due
 *   -verified_by(executed_by(result:pass))   all:mitigated_by(state:approved)   count:mitigated_by>=2
 * Terms are AND; a comma inside a value is OR; `-` negates; (a b | c) is one or the other, also inside link(...).
 * link(query) means at least one linked record that satisfies it (either direction's name), all:link(query) every
 * one, count:link<op>n counts; link:T-001 is a link to that record; field:* is "has any value"; quoted or bare words
 * search titles and texts, without letter case and accents; word* only where a word begins.
 * Keys that every record has: type id state is (open, accepted, closed, draft, suspect)
 * device owner title changed created rev.  Dates: 2026-11-22, today, <7d, >-30d (relative to now; d, w, y).
 * Choices declared in an order may be compared (severity:>=s4).  @product and @release are what the place fixes.
 * Names are resolved when the query is compiled: an unknown name is E_USAGE with the column, the nearest and the
 * valid ones.  A computed fact is named like a field. */
#pragma once
#include "record/record.h"

typedef uint32_t Node;
#define NODE_NONE UINT32_MAX
typedef struct Graph Graph;

Err graph_open(Cx *cx, Store *s, Graph **out);             /* loads all; the graph has its own arena */
/* The graph as it stood when the log had `size` entries (ledger_size_at).  Costs the whole log up to there. */
Err graph_open_at(Cx *cx, Store *s, int64_t size, Graph **out);
Err graph_refresh(Cx *cx, Graph *g, Store *s, bool *changed);
void graph_close(Graph *g);
int64_t graph_log_size(const Graph *g);                    /* entries that it knows */
size_t graph_count(const Graph *g);

/* A graph of records in memory, without a store (previews of an import, tests): put each, then settle once.
 * fingerprint: 16 hex digits, or STR_NONE to work it out.  E_INTEGRITY: a state that the type lacks. */
Graph *graph_new(size_t cap_bytes);
Err graph_put(Cx *cx, Graph *g, const Record *r, Str fingerprint);
void graph_settle(Graph *g);

/* From here on the graph answers as if it held only what this person may read: records of products on which they have a
 * role, those of the company, and (a token) of its types.  Lasts until the next call or refresh; who NULL: all. */
void graph_see(Cx *cx, Graph *g, const Who *who);
bool node_hidden(const Graph *g, Node n);                  /* for those who count through all nodes */
Node graph_find(const Graph *g, Str id);                   /* case-insensitive; NODE_NONE */
Str graph_nearest(Cx *cx, const Graph *g, Str id);         /* for "did you mean"; STR_NONE */
const RecordType *node_type(const Graph *g, Node n);
Str node_id(const Graph *g, Node n);
Str node_title(const Graph *g, Node n);
Str node_state(const Graph *g, Node n);
unsigned node_state_flags(const Graph *g, Node n);         /* ST_... of its state */
Str node_owner(const Graph *g, Node n);
int64_t node_rev(const Graph *g, Node n);
int64_t node_changed_us(const Graph *g, Node n);
Str node_hash_hex(const Graph *g, Node n);
/* A field's value; NULL when the type has no such field or it is empty.  DATE: i in days; INT, BOOL: i; else s. */
const Value *node_value(const Graph *g, Node n, const char *field);
bool node_in_product(const Graph *g, Node n, Node product);
bool node_is_company_wide(const Graph *g, Node n);         /* names no product */

/* Links by either name ("verifies" or "verified_by").  suspect: an end's fingerprint moved since it was accepted. */
typedef struct Edge { Node to; bool suspect; bool inverse; const LinkName *name; } Edge;
typedef VEC(Edge) Edges;
void graph_edges(Cx *cx, const Graph *g, Node n, const char *link, Edges *out);   /* link NULL: all, both ways */

/* ---- queries ---------------------------------------------------------------------------------------- */

/* What the place fixes: type (or NULL), and what @product and @release stand for ("" or STR_NONE: anything). */
typedef struct QueryScope { Str me; int64_t now_us; const RecordType *type; Str product, release; } QueryScope;
typedef struct Query Query;
Err query_compile(Cx *cx, Str text, const QueryScope *scope, Query **out);        /* E_USAGE */
bool query_has_type(const Query *q, const RecordType *t);          /* whether a result can be of type t */
Str query_canonical(Cx *cx, const Query *q);
typedef VEC(Node) Nodes;
Err query_run(Cx *cx, const Graph *g, const Query *q, Nodes *out); /* sorted as the query says, else by id */
Err query_count(Cx *cx, const Graph *g, const Query *q, size_t *out);
bool query_matches(Cx *cx, const Graph *g, const Query *q, Node n);
/* One page of a sorted result: rows after the row `after` (STR_NONE: from the start), and the total. */
Err query_page(Cx *cx, const Graph *g, const Query *q, Str after_id, size_t limit, Nodes *out, size_t *total,
               bool *more);
/* How many of the result have each value of a choice field or "state". */
typedef struct Facet { Str value; size_t n; } Facet;
Err query_facets(Cx *cx, const Graph *g, const Query *q, const char *field, Facet **out, size_t *n);

/* `calc query`: one line of answer per line: the canonical form, or {"error":...,"at":column,"near":[...]}. */
Err query_calc_lines(Cx *cx, Str input, Buf *out);

/* The words of a query that search texts (not negated, not in parts), folded: what to mark in what was found.
 * only: set when the query asks for nothing else. */
typedef VEC(Str) SearchWords;
void query_words(Cx *cx, const Query *q, SearchWords *out, bool *only);
/* A text as searches compare it: without letter case and accents. */
Str text_fold(Arena *a, Str s);
/* The next place of s from `from` on where one of n folded words stands: what to mark. */
typedef struct TextSpan { size_t from, to; } TextSpan;
bool text_find(Str s, const Str *words, size_t n, size_t from, TextSpan *out);

/* ---- computed facts --------------------------------------------------------------------------------- */

/* A question that needs computing; declared by the type that it is about, named in queries like a field. */
typedef struct ComputedFact {
  const char *name, *label;
  const char *const *choices;                    /* NULL: a number */
  int64_t (*compute)(Cx *cx, const Graph *g, Node n, int64_t now_us);   /* choice index or number */
  const char *help;
} ComputedFact;

/* ---- trace: threat or misuse -> requirement -> control -> verification -> residual risk ------------- */

typedef enum ChainState { CHAIN_COMPLETE, CHAIN_SUSPECT, CHAIN_FAILING, CHAIN_BROKEN } ChainState;
extern const char *const chain_words[];          /* "complete", "suspect", "failing", "broken", NULL */
typedef enum CellState { CELL_OK, CELL_SUSPECT, CELL_FAILING, CELL_STALE, CELL_MISSING } CellState;
typedef struct ChainCell { Nodes nodes; CellState state; Str words; } ChainCell;   /* words: what is wrong */
typedef struct Chain { Node threat; ChainState state; ChainCell requirement, control, test, risk; Str gap; } Chain;
Err trace_chain(Cx *cx, const Graph *g, Node threat, Node release, Chain *out);   /* release NODE_NONE: any */
typedef struct Matrix { Chain *row; size_t n; size_t count[4]; } Matrix;          /* count by ChainState */
Err trace_matrix(Cx *cx, const Graph *g, Node product, Node release, Matrix *out);
/* Everything that may be touched when n changes: reached over links against their direction, up to `depth`. */
Err trace_impact(Cx *cx, const Graph *g, Node n, unsigned depth, Nodes *out);
/* The newest run of a test (for a release, or any): its node or NODE_NONE, and its result word. */
Node trace_last_run(Cx *cx, const Graph *g, Node test, Node release, Str *result);

/* ---- differences between two sets of revisions ------------------------------------------------------ */

/* One revision of a set: a day's state of the log, or what a baseline holds. */
typedef struct Member { Str id; int64_t rev; Str state, hash_hex; } Member;
typedef VEC(Member) Members;
/* Of all records that an entry touched between two sizes of the log, how each stood then; costs what changed. */
Err trace_members_between(Cx *cx, Store *s, int64_t size_a, int64_t size_b, Members *a, Members *b);
/* The records of a product (NODE_NONE: all) as the graph has them, in order of id. */
void trace_members(Cx *cx, const Graph *g, Node product, Members *out);

/* Baselines: a record of the type "baseline" holds a set in its field members, "T-001@3 approved <sha256>" a line.
 * baseline.freeze {id, sboms[]?, packs?} -> {..., count, left_out}: takes the revisions in force of its device; what
 * was never accepted is left out and counted.  E_CONFLICT: it was released before, so its set stays. */
bool baseline_is(const RecordType *t);
Err baseline_members(Cx *cx, const Record *r, Members *out);

typedef enum ChangeKind { CHANGE_ADDED, CHANGE_CHANGED, CHANGE_ENDED, CHANGE_GONE, CHANGE_KINDS } ChangeKind;
extern const char *const change_words[];           /* "added" "changed" "ended" (came to a closed state) "gone" NULL */
/* One value of a change; items of lists and links singly: what went, what came.  people: they are accounts. */
typedef struct ValueChange { Str label, before, after; VEC(Str) went, came; bool people; } ValueChange;
typedef struct RecordChange {
  ChangeKind kind;
  const RecordType *type;
  Str id, title;
  Str product;                                   /* the first one; "" company-wide */
  int64_t rev_before, rev_after;                 /* 0: not there */
  Str state_before, state_after;
  VEC(ValueChange) value;
} RecordChange;
typedef VEC(RecordChange) RecordChanges;
/* What is only in b was added, what is only in a is gone.  Ordered by type, then id.  product "" or STR_NONE: all. */
Err trace_diff(Cx *cx, Store *s, const Members *a, const Members *b, Str product, RecordChanges *out);

/* ---- comments and saved views ----------------------------------------------------------------------- */

/* Fact: comment, comment_mention (one fact "comment" each), saved_view (fact "view").  Passing: comment_seen.
 * comment.add {record, text, answers?} -> {key}: never changed, never taken away; @login calls somebody.
 * comment.seen {key}   view.save {name, type, query, shared?} -> {id}   view.drop {id}: one's own only */
typedef struct Comment { Str key, record, author, text; int64_t n, answers, t_us; } Comment;   /* answers 0: none */
typedef VEC(Comment) Comments;
Err trace_comments(Cx *cx, Store *s, Str record, int64_t until_us, Comments *out);       /* the oldest first */
/* Comments that call this person, who has neither answered nor put them away; the newest first. */
/* Comments that hold all the words; the newest first. */
Err trace_comments_find(Cx *cx, Store *s, const SearchWords *words, int64_t until_us, size_t limit, Comments *out);
Err trace_mentions(Cx *cx, Store *s, Str person, Comments *out);
typedef struct View { Str id, owner, name, type, query, shared; } View;   /* shared: "" mine, "*" all, or a device */
typedef VEC(View) Views;
Err trace_views(Cx *cx, Store *s, const Who *who, Str type, Views *out);                 /* those that who may see */
extern const Command *const trace_commands[];
extern const size_t trace_ncommands;
extern const Migration trace_schema[];
extern const size_t trace_nschema;
extern const VerifyPart trace_verify_part;
