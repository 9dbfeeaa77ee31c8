/* inside.h - how the graph lies in memory and what a compiled query is; for src/trace/ alone. */
#pragma once
#include "trace/trace.h"

/* ---- bits over nodes -------------------------------------------------------------------------------- */

typedef struct Bits { uint64_t *w; size_t nwords; } Bits;
Bits bits_new(Arena *a, size_t n);
static inline bool bit_has(Bits b, Node n) { return (b.w[n >> 6] >> (n & 63)) & 1; }
static inline void bit_add(Bits b, Node n) { b.w[n >> 6] |= UINT64_C(1) << (n & 63); }
static inline void bit_drop(Bits b, Node n) { b.w[n >> 6] &= ~(UINT64_C(1) << (n & 63)); }
size_t bits_count(Bits b);
void bits_or(Bits b, Bits other);
static inline Node bits_next(Bits b, size_t from) {
  for (size_t i = from >> 6; i < b.nwords; i++) {
    uint64_t w = b.w[i];
    if (i == from >> 6) w &= ~UINT64_C(0) << (from & 63);
    if (w) return (Node)(i * 64 + (size_t)__builtin_ctzll(w));
  }
  return NODE_NONE;
}
/* Visits each set bit; the current one may be dropped meanwhile. */
#define BITS_EACH(n, b) for (Node n = bits_next((b), 0); n != NODE_NONE; n = bits_next((b), (size_t)n + 1))

/* ---- the graph -------------------------------------------------------------------------------------- */

typedef struct OutLink { Node to; uint16_t name; uint64_t seen, self; Str to_id; } OutLink;
/* One end's view of a link: the other end, and which of its source's links it is. */
typedef struct Half { Node other; uint32_t k; uint16_t name; } Half;
typedef struct Halves { Half *p; uint32_t n, room; } Halves;

/* What is looked at for single nodes; the columns that scans read are arrays of the graph. */
typedef struct NodeRow {
  Str id, title, owner;
  Str text;                      /* id, title and texts in lower case, one per line: what words search */
  const Value **value;           /* by field index; NULL where empty; links are in `out` */
  OutLink *out;
  uint16_t *product;             /* indices into product_id */
  uint32_t nout, nproduct;
  int64_t rev, in_force_rev, created_us, changed_us;
  uint64_t fingerprint;
  Str hash_hex;
} NodeRow;

/* Answers of one computed fact, kept while the graph and the minute stay the same. */
typedef struct FactCache {
  int64_t *value;
  Bits known;
  uint64_t epoch;
  int64_t minute;
  size_t room;
} FactCache;

struct Graph {
  Arena *arena;
  int64_t log_size;
  uint64_t epoch;                /* grows with every change */
  size_t n, cap;
  NodeRow *row;
  uint16_t *type;                /* record_type_index */
  uint8_t *state;                /* index into the type's lifecycle */
  Bits *of_type;                 /* by type index */
  size_t ntypes;
  Map by_id;                     /* upper case id -> node */
  Node *by_rank; int64_t *rank;  /* order of ids: T-2 before T-10; ranks leave gaps */
  size_t nranked;
  Halves *out, *in;              /* by node; `in` in the order of the sources */
  VEC(Node) touched;             /* put since the last settling */
  VEC(Node) dangling;            /* nodes with a link to an id that is not there yet */
  VEC(Str) product_id;
  Map product_at;                /* upper case id -> index into product_id */
  const Value ***choice;         /* shared values: [type][field][choice] */
  size_t waste;                  /* bytes of rows that were replaced */
  Bits hidden;                   /* graph_see(): of nobody's arena when nwords is 0 */
  Arena *cache_arena;            /* FactCache arrays; remade with the epoch */
  FactCache **cache;             /* [type][fact] */
};

/* An end's fingerprint moved since the k-th link of `source` was accepted. */
static inline bool link_suspect(const Graph *g, Node source, uint32_t k) {
  const OutLink *l = &g->row[source].out[k];
  return (l->seen && l->seen != g->row[l->to].fingerprint) || (l->self && l->self != g->row[source].fingerprint);
}
static inline bool is_hidden(const Graph *g, Node n) { return g->hidden.nwords && bit_has(g->hidden, n); }
int id_compare(Str a, Str b);
uint64_t fingerprint_number(Str hex);          /* 0 when not 16 hex digits */
int64_t fact_value(Cx *cx, const Graph *g, Node n, size_t fact, int64_t now_us);
int choice_index(const char *const *choices, Str word);      /* -1 when absent */

/* ---- queries ---------------------------------------------------------------------------------------- */

typedef enum Compare { CMP_EQ, CMP_LT, CMP_LE, CMP_GT, CMP_GE } Compare;
typedef enum TermKind {
  TERM_WORD, /* substring of the texts */
  TERM_KEY,  /* key:values, before its name is resolved */
  TERM_TYPE,
  TERM_ID,
  TERM_STATE,
  TERM_IS,
  TERM_DEVICE,
  TERM_OWNER,
  TERM_TITLE,
  TERM_CHANGED,
  TERM_CREATED,
  TERM_REV,
  TERM_SORT,
  TERM_FIELD,   /* a field or computed fact, by each type's own index */
  TERM_LINK,    /* any linked record satisfies sub */
  TERM_LINK_ID, /* linked to one of the ids, or at all */
  TERM_ALL,     /* every linked record satisfies sub */
  TERM_COUNT,   /* number of linked records */
  TERM_ANY      /* one of the alternatives holds: (a b | c) */
} TermKind;

enum { IS_OPEN, IS_ACCEPTED, IS_CLOSED, IS_DRAFT, IS_SUSPECT, IS_COUNT };
extern const char *const is_words[];

/* Where a key leads in one type: a field, a computed fact, or nowhere (-1). */
typedef struct Spot { int16_t field, fact; } Spot;
enum { CHOICES_MAX = 64 };       /* a set of choices or states is one word of bits */

typedef struct Operand {
  Compare cmp;
  bool any;                      /* "*": has a value */
  bool number_ok, day_ok;
  Str raw; size_t at; bool quoted;
  Str text, shown;               /* as resolved; as the canonical form shows it */
  bool yes;
  int64_t number, day;
  uint64_t *choices;             /* TERM_FIELD: [type] the choices that satisfy it; TERM_STATE: the states */
} Operand;

typedef struct Term {
  TermKind kind;
  bool negated;
  Str key; size_t at;            /* canonical name; byte offset in the text */
  VEC(Operand) value;            /* any of them */
  Spot *spot;                    /* TERM_FIELD: [type] */
  uint64_t *types;               /* TERM_TYPE */
  uint16_t link; bool inverse;   /* link terms */
  struct Query *sub;             /* TERM_LINK, TERM_ALL */
  VEC(struct Query *) alternative;   /* TERM_ANY */
  Compare cmp; int64_t count;    /* TERM_COUNT */
} Term;

typedef struct SortKey { Str key; bool down; TermKind kind; Spot *spot; } SortKey;

struct Query {
  uint64_t *types;               /* set of types that a result can have */
  VEC(Term) term;
  VEC(SortKey) sort;
  int64_t now_us;
};

/* Sets of types, as words of bits. */
typedef uint64_t *Types;
static inline bool type_in(const uint64_t *set, size_t i) { return (set[i >> 6] >> (i & 63)) & 1; }
static inline void type_add(uint64_t *set, size_t i) { set[i >> 6] |= UINT64_C(1) << (i & 63); }
size_t types_count(void);
size_t types_words(void);

/* One attempt at compiling, and where it went wrong: for messages with a column and for `calc query`. */
typedef struct Reader {
  Cx *cx;
  Str text; size_t at;
  const QueryScope *scope;
  unsigned depth; size_t terms;
  size_t bad_at; Str bad; VEC(Str) near;
} Reader;
enum { QUERY_MAX_BYTES = 8192, QUERY_MAX_DEPTH = 12, QUERY_MAX_TERMS = 256 };

Err query_read(Reader *r, Query **out);                        /* syntax: query_read.c */
Err query_resolve(Reader *r, Query *q, const uint64_t *types); /* names: query_name.c */
Err query_wrong(Reader *r, size_t at, const char *fmt, ...) __attribute__((format(printf, 3, 4)));
Err operand_resolve(Reader *r, const uint64_t *types, Term *t, Operand *o);    /* values: query_value.c */
bool compare_holds(Compare cmp, int64_t from, int64_t to);
Err names_wrong(Reader *r, size_t at, Str word, const char *what, const Str *names, size_t n);
void query_write(Buf *b, const Query *q);                      /* query_text.c */
/* Drops from `set` what does not satisfy q; query_eval.c. */
void query_filter(Cx *cx, const Graph *g, const Query *q, Bits set);
Bits query_candidates(Arena *a, const Graph *g, const Query *q);

/* ---- fold.c ------------------------------------------------------------------------------------------ */

/* Whether a folded text holds a folded word; at_start: where a word begins. */
bool text_has(Str folded, Str word, bool at_start);

/* ---- comment.c, view.c, schema.c --------------------------------------------------------------------- */

enum { FACT_COMMENT, FACT_VIEW };
extern const Fact trace_facts[];
extern const Command trace_baseline_freeze, trace_comment_add, trace_comment_seen, trace_view_save, trace_view_drop;
