/* Compiling and asking queries: results in order, pages, facets. */
#include "trace/inside.h"
#include <stdlib.h>

static Err compile(Reader *r, Query **out) {
  uint64_t *types = NEW_ARRAY(r->cx->arena, types_words(), uint64_t);
  for (size_t i = 0; i < types_count(); i++)
    if (!r->scope->type || record_type_index(r->scope->type) == i) type_add(types, i);
  Query *q;
  TRY(query_read(r, &q));
  TRY(query_resolve(r, q, types));
  *out = q;
  return E_OK;
}

Err query_compile(Cx *cx, Str text, const QueryScope *scope, Query **out) {
  Reader r = { .cx = cx, .text = str_dup(cx->arena, text), .scope = scope };
  return compile(&r, out);
}

bool query_has_type(const Query *q, const RecordType *t) { return type_in(q->types, record_type_index(t)); }

static void calc_line(Cx *cx, Str line, Buf *out) {
  QueryScope scope = { .now_us = cx->now_us };
  Reader r = { .cx = cx, .text = line, .scope = &scope };
  Query *q;
  if (compile(&r, &q) == E_OK) {
    query_write(out, q);
  } else {
    JsonOut o = json_out(out, false);
    json_object(&o);
    json_pair(&o, "error", r.bad);
    json_pair_int(&o, "at", (int64_t)r.bad_at);
    json_key(&o, "near");
    json_array(&o);
    for (size_t i = 0; i < r.near.n; i++) json_put_str(&o, r.near.p[i]);
    json_array_end(&o);
    json_object_end(&o);
    cx_forgive(cx);
  }
  buf_byte(out, '\n');
}

Err query_calc_lines(Cx *cx, Str input, Buf *out) {
  for (Str rest = input, line; str_line(&rest, &line);) {
    ArenaMark mark = arena_mark(cx->arena);
    bool own = out->arena == cx->arena;      /* then what was written must stay */
    calc_line(cx, line, out);
    if (!own) arena_release(cx->arena, mark);
  }
  return E_OK;
}

/* ---- results ---------------------------------------------------------------------------------------- */

typedef struct Cell { bool missing, down; int64_t number; Str text; } Cell;
enum { SORT_MOST = 4 };
typedef struct Row { Node n; int64_t rank; size_t ncells; Cell cell[SORT_MOST]; } Row;

static int row_order(const void *pa, const void *pb) {
  const Row *a = *(const Row *const *)pa, *b = *(const Row *const *)pb;
  for (size_t i = 0; i < a->ncells; i++) {
    const Cell *x = &a->cell[i], *y = &b->cell[i];
    if (x->missing != y->missing) return x->missing ? 1 : -1; /* what is missing stands last, either way */
    int order = x->number != y->number ? (x->number < y->number ? -1 : 1) : str_cmp(x->text, y->text);
    if (order) return x->down ? -order : order;
  }
  return a->rank < b->rank ? -1 : 1;
}

static Cell field_cell(Cx *cx, const Graph *g, Node n, Spot spot, int64_t now_us) {
  if (spot.fact >= 0) {
    int64_t v = fact_value(cx, g, n, (size_t)spot.fact, now_us);
    return (Cell){ .missing = v < 0, .number = v };
  }
  const Value *v = spot.field >= 0 ? g->row[n].value[spot.field] : NULL;
  if (!v) return (Cell){ .missing = true };
  FieldKind kind = record_type_at(g->type[n])->fields[spot.field].kind;
  if (kind == INT || kind == DATE || kind == BOOL || (kind == CHOICE && !v->list.n))
    return (Cell){ .number = v->i };
  return (Cell){ .text = str_lower(cx->arena, v->list.n ? v->list.p[0] : v->s) };
}

static Cell sort_cell(Cx *cx, const Graph *g, Node n, const SortKey *k, int64_t now_us) {
  const NodeRow *row = &g->row[n];
  switch (k->kind) {
  case TERM_TYPE: return (Cell){ .number = g->type[n] };
  case TERM_ID: return (Cell){ .number = g->rank[n] };
  case TERM_STATE: return (Cell){ .number = g->state[n] };
  case TERM_OWNER: return (Cell){ .missing = !row->owner.n, .text = row->owner };
  case TERM_TITLE: return (Cell){ .missing = !row->title.n, .text = str_lower(cx->arena, row->title) };
  case TERM_CHANGED: return (Cell){ .number = row->changed_us };
  case TERM_CREATED: return (Cell){ .number = row->created_us };
  case TERM_REV: return (Cell){ .number = row->rev };
  case TERM_FIELD: return field_cell(cx, g, n, k->spot[g->type[n]], now_us);
  case TERM_WORD:
  case TERM_KEY:
  case TERM_IS:
  case TERM_DEVICE:
  case TERM_SORT:
  case TERM_LINK:
  case TERM_LINK_ID:
  case TERM_ALL: case TERM_COUNT: case TERM_ANY: break;
  }
  return (Cell){ .missing = true };
}

static void sorted(Cx *cx, const Graph *g, const Query *q, Nodes *nodes) {
  size_t ncells = q->sort.n < SORT_MOST ? q->sort.n : SORT_MOST;
  Row *rows = NEW_ARRAY(cx->arena, nodes->n + 1, Row), **order = NEW_ARRAY(cx->arena, nodes->n + 1, Row *);
  for (size_t i = 0; i < nodes->n; i++) {
    rows[i] = (Row){ .n = nodes->p[i], .rank = g->rank[nodes->p[i]], .ncells = ncells };
    for (size_t c = 0; c < ncells; c++) {
      rows[i].cell[c] = sort_cell(cx, g, rows[i].n, &q->sort.p[c], q->now_us);
      rows[i].cell[c].down = q->sort.p[c].down;
    }
    order[i] = &rows[i];
  }
  qsort(order, nodes->n, sizeof *order, row_order);
  for (size_t i = 0; i < nodes->n; i++) nodes->p[i] = order[i]->n;
}

static Bits answer(Cx *cx, const Graph *g, const Query *q) {
  Bits set = query_candidates(cx->arena, g, q);
  query_filter(cx, g, q, set);
  return set;
}

Err query_run(Cx *cx, const Graph *g, const Query *q, Nodes *out) {
  Bits set = answer(cx, g, q);
  size_t n = bits_count(set);
  Nodes found = { NEW_ARRAY(cx->arena, n + 1, Node), 0, n + 1 };
  if (n * 16 > g->n) {                       /* many: walk all in order of id; few: sort them */
    for (size_t i = 0; i < g->n; i++) if (bit_has(set, g->by_rank[i])) found.p[found.n++] = g->by_rank[i];
    if (q->sort.n) sorted(cx, g, q, &found);
  } else {
    BITS_EACH(node, set) found.p[found.n++] = node;
    sorted(cx, g, q, &found);
  }
  *out = found;
  return E_OK;
}

Err query_count(Cx *cx, const Graph *g, const Query *q, size_t *out) {
  *out = bits_count(answer(cx, g, q));
  return E_OK;
}

bool query_matches(Cx *cx, const Graph *g, const Query *q, Node n) {
  if (!type_in(q->types, g->type[n])) return false;
  Bits set = bits_new(cx->arena, g->n);
  bit_add(set, n);
  query_filter(cx, g, q, set);
  return bit_has(set, n);
}

Err query_page(Cx *cx, const Graph *g, const Query *q, Str after_id, size_t limit, Nodes *out, size_t *total,
               bool *more) {
  Nodes all;
  TRY(query_run(cx, g, q, &all));
  Node after = after_id.n ? graph_find(g, after_id) : NODE_NONE;
  if (after_id.n && after == NODE_NONE)
    return fail(cx, E_NOTFOUND,
                "The page begins after %.*s, which does not exist. Start from the first page.",
                STR(after_id));
  size_t from = 0;
  if (after != NODE_NONE) {
    while (from < all.n && all.p[from] != after) from++;
    from = from < all.n ? from + 1 : 0;      /* it no longer belongs to the result: from the start */
  }
  size_t n = all.n - from < limit ? all.n - from : limit;
  *out = (Nodes){ all.p + from, n, n };
  *total = all.n;
  *more = from + n < all.n;
  return E_OK;
}

/* ---- facets ----------------------------------------------------------------------------------------- */

static void count_word(Map *at, Str word) {
  size_t have = map_get(at, word);
  map_put(at, word, (have == MAP_NONE ? 0 : have) + 1);
}

typedef VEC(Facet) Facets;

static void add_facet(Cx *cx, Facets *out, Str word, const Map *counts) {
  size_t n = map_get(counts, word);
  for (size_t i = 0; i < out->n; i++) if (str_eq(out->p[i].value, word)) return;
  if (n != MAP_NONE) vec_add(cx->arena, out, (Facet){ word, n });
}

/* In the order in which the types declare them. */
Err query_facets(Cx *cx, const Graph *g, const Query *q, const char *field, Facet **out, size_t *n) {
  Bits set = answer(cx, g, q);
  Map counts = map_new(cx->arena, 32);
  Facets found = { 0 };
  bool is_state = str_eq(str_of(field), S("state"));
  BITS_EACH(node, set) {
    const Value *v = is_state ? NULL : node_value(g, node, field);
    if (is_state) count_word(&counts, node_state(g, node));
    else if (v && v->s.n) count_word(&counts, v->s);
    for (size_t i = 0; v && i < v->list.n; i++) count_word(&counts, v->list.p[i]);
  }
  for (size_t t = 0; t < g->ntypes; t++) {
    const RecordType *type = type_in(q->types, t) ? record_type_at(t) : NULL;
    const Field *f = type && !is_state ? record_field(type, str_of(field), NULL) : NULL;
    for (size_t i = 0; type && is_state && i < type->life->nstates; i++)
      add_facet(cx, &found, str_of(type->life->states[i].name), &counts);
    for (size_t i = 0; f && f->choices && f->choices[i]; i++)
      add_facet(cx, &found, str_of(f->choices[i]), &counts);
  }
  *out = found.p;
  *n = found.n;
  return E_OK;
}
