/* The graph in memory: rows and columns.  What follows from them is made in settle.c. */
#include "trace/inside.h"
#include <assert.h>
#include <string.h>

size_t types_count(void) {
  size_t n = 0;
  while (record_type_at(n)) n++;
  return n;
}

int choice_index(const char *const *choices, Str word) {
  for (int i = 0; choices && choices[i]; i++) if (str_eq(str_of(choices[i]), word)) return i;
  return -1;
}

uint64_t fingerprint_number(Str hex) {
  uint64_t n = 0;
  if (hex.n != 16) return 0;
  for (size_t i = 0; i < 16; i++) {
    char c = hex.p[i];
    unsigned d = c >= '0' && c <= '9'   ? (unsigned)(c - '0')
                 : c >= 'a' && c <= 'f' ? (unsigned)(c - 'a') + 10
                                        : 16;
    if (d > 15) return 0;
    n = n << 4 | d;
  }
  return n;
}

static bool is_digit(char c) { return c >= '0' && c <= '9'; }

/* Runs of digits compare as numbers, so that T-9 stands before T-010. */
int id_compare(Str a, Str b) {
  size_t i = 0, j = 0;
  while (i < a.n && j < b.n) {
    if (is_digit(a.p[i]) && is_digit(b.p[j])) {
      while (i < a.n && a.p[i] == '0') i++;
      while (j < b.n && b.p[j] == '0') j++;
      size_t from_i = i, from_j = j;
      while (i < a.n && is_digit(a.p[i])) i++;
      while (j < b.n && is_digit(b.p[j])) j++;
      if (i - from_i != j - from_j) return i - from_i < j - from_j ? -1 : 1;
      int order = i == from_i ? 0 : memcmp(a.p + from_i, b.p + from_j, i - from_i);
      if (order) return order;
      continue;
    }
    if (a.p[i] != b.p[j]) return (unsigned char)a.p[i] < (unsigned char)b.p[j] ? -1 : 1;
    i++, j++;
  }
  if (i < a.n || j < b.n) return i < a.n ? 1 : -1;
  return str_cmp(a, b);
}

/* Choices and booleans repeat endlessly: one value serves all records; `i` is the index of the choice. */
static void share_choices(Graph *g) {
  g->choice = NEW_ARRAY(g->arena, g->ntypes, const Value **);
  for (size_t t = 0; t < g->ntypes; t++) {
    const RecordType *type = record_type_at(t);
    const Value **shared = NEW_ARRAY(g->arena, type->nfields + 1, const Value *);
    for (size_t f = 0; f < type->nfields; f++) {
      size_t n = 0;
      while (type->fields[f].choices && type->fields[f].choices[n]) n++;
      Value *v = NEW_ARRAY(g->arena, n + 1, Value);
      for (size_t i = 0; i < n; i++)
        v[i] = (Value){ .set = true, .i = (int64_t)i, .s = str_of(type->fields[f].choices[i]) };
      shared[f] = v;
    }
    g->choice[t] = shared;
  }
}

Graph *graph_new(size_t cap_bytes) {
  Arena *a = arena_new(cap_bytes);
  Graph *g = NEW(a, Graph);
  g->arena = a;
  g->cache_arena = arena_new(cap_bytes);
  g->ntypes = types_count();
  g->by_id = map_new(a, 1024);
  g->product_at = map_new(a, 16);
  g->of_type = NEW_ARRAY(a, g->ntypes, Bits);
  g->cache = NEW_ARRAY(a, g->ntypes, FactCache *);
  for (size_t t = 0; t < g->ntypes; t++) g->cache[t] = NEW_ARRAY(a, record_type_at(t)->nfacts + 1, FactCache);
  share_choices(g);
  return g;
}

void graph_close(Graph *g) {
  if (!g) return;
  arena_free(g->cache_arena);
  arena_free(g->arena);
}

#define GROW(g, array, want) \
  ((array) = arena_grow((g)->arena, (array), (g)->cap * sizeof *(array), (want) * sizeof *(array)))

static void make_room(Graph *g) {
  if (g->n < g->cap) return;
  size_t want = g->cap ? g->cap * 2 : 256;
  GROW(g, g->row, want);
  GROW(g, g->type, want);
  GROW(g, g->state, want);
  GROW(g, g->by_rank, want);
  GROW(g, g->rank, want);
  GROW(g, g->out, want);
  GROW(g, g->in, want);
  for (size_t t = 0; t < g->ntypes; t++) {
    Bits bigger = bits_new(g->arena, want);
    bits_or(bigger, g->of_type[t]);
    g->of_type[t] = bigger;
  }
  g->cap = want;
}

static uint16_t product_index(Graph *g, Str id) {
  Str upper = str_upper(g->arena, id);
  size_t i = map_get(&g->product_at, upper);
  if (i == MAP_NONE) {
    i = g->product_id.n;
    vec_add(g->arena, &g->product_id, str_dup(g->arena, id));
    map_put(&g->product_at, upper, i);
  }
  assert(i < UINT16_MAX);
  return (uint16_t)i;
}

static const Value *keep_value(Graph *g, size_t type, size_t field, const Field *f, const Value *v) {
  static const Value yes = { .set = true, .i = 1 }, no = { .set = true, .i = 0 };
  if (!v->set) return NULL;
  if (f->kind == BOOL) return v->i ? &yes : &no;
  if (f->kind == CHOICE && !(f->flags & MANY)) {
    int i = choice_index(f->choices, v->s);
    if (i >= 0) return &g->choice[type][field][i];
  }
  Value *out = NEW(g->arena, Value);
  *out = (Value){ .set = true, .i = v->i, .s = str_dup(g->arena, v->s) };
  for (size_t i = 0; i < v->list.n; i++) vec_add(g->arena, &out->list, str_dup(g->arena, v->list.p[i]));
  return out;
}

static void keep_links(Graph *g, NodeRow *row, const Value *v, uint16_t name, size_t *room) {
  for (size_t i = 0; i < v->links.n; i++) {
    const Link *l = &v->links.p[i];
    if (row->nout == *room) {
      size_t want = *room ? *room * 2 : 4;
      row->out = arena_grow(g->arena, row->out, *room * sizeof *row->out, want * sizeof *row->out);
      *room = want;
    }
    row->out[row->nout++] = (OutLink){ NODE_NONE, name, fingerprint_number(l->seen),
                                       fingerprint_number(l->self), str_dup(g->arena, l->to) };
  }
}

static void add_text(Buf *b, Str s) { buf_add(b, s); buf_byte(b, '\n'); }

static Str search_text(Cx *cx, Graph *g, const Record *r) {
  Buf b = buf_new(cx->arena, SIZE_MAX / 4);
  add_text(&b, r->id);
  add_text(&b, r->title);
  for (size_t f = 0; f < r->type->nfields; f++) {
    if (r->type->fields[f].kind != TEXT && r->type->fields[f].kind != LONG) continue;
    if (r->type->fields[f].flags & MADE) continue; /* hashes of a baseline are not what people search */
    if (r->values[f].s.n) add_text(&b, r->values[f].s);
    for (size_t i = 0; i < r->values[f].list.n; i++) add_text(&b, r->values[f].list.p[i]);
  }
  return text_fold(g->arena, buf_str(&b));
}

static Err fill_row(Cx *cx, Graph *g, NodeRow *row, const Record *r, Str fingerprint) {
  const RecordType *type = r->type;
  size_t t = record_type_index(type), room = 0;
  *row =
      (NodeRow){ .id = str_dup(g->arena, r->id),
                 .title = str_dup(g->arena, r->title),
                 .owner = str_dup(g->arena, r->owner),
                 .rev = r->rev,
                 .in_force_rev = r->in_force_rev,
                 .created_us = r->created_us,
                 .changed_us = r->changed_us,
                 .hash_hex = hash_hex(g->arena, r->hash),
                 .fingerprint = fingerprint_number(fingerprint.n ? fingerprint : record_fingerprint(cx, r)),
                 .text = search_text(cx, g, r) };
  row->value = NEW_ARRAY(g->arena, type->nfields + 1, const Value *);
  for (size_t f = 0; f < type->nfields; f++) {
    if (type->fields[f].kind != LINK) {
      row->value[f] = keep_value(g, t, f, &type->fields[f], &r->values[f]);
      continue;
    }
    bool inverse;
    const LinkName *name = link_name(str_of(type->fields[f].name), &inverse);
    if (!name)
      return fail(cx, E_BUG, "link %s of type %s is not in the vocabulary", type->fields[f].name, type->name);
    keep_links(g, row, &r->values[f], (uint16_t)(name - link_names), &room);
  }
  row->product = NEW_ARRAY(g->arena, r->products.n + 1, uint16_t);
  for (size_t i = 0; i < r->products.n; i++)
    row->product[row->nproduct++] = product_index(g, r->products.p[i]);
  return E_OK;
}

static Err state_index(Cx *cx, const Record *r, uint8_t *out) {
  const Lifecycle *life = r->type->life;
  for (size_t i = 0; i < life->nstates && i < 64; i++)
    if (str_eq(str_of(life->states[i].name), r->state)) { *out = (uint8_t)i; return E_OK; }
  return fail(cx, E_INTEGRITY,
              "%.*s is in state \"%.*s\", which its type %s does not have; run proofline verify", STR(r->id),
              STR(r->state), r->type->name);
}

Err graph_put(Cx *cx, Graph *g, const Record *r, Str fingerprint) {
  uint8_t state = 0;
  TRY(state_index(cx, r, &state));
  size_t at = map_get(&g->by_id, str_upper(cx->arena, r->id)), before = arena_used(g->arena);
  Node n = at == MAP_NONE ? (Node)g->n : (Node)at;
  if (at == MAP_NONE) make_room(g);
  NodeRow row;
  TRY(fill_row(cx, g, &row, r, fingerprint));
  if (at == MAP_NONE) {
    map_put(&g->by_id, str_upper(g->arena, r->id), n);
    g->type[n] = (uint16_t)record_type_index(r->type);
    bit_add(g->of_type[g->type[n]], n);
    g->n++;
  } else {
    g->waste += arena_used(g->arena) - before;
  }
  g->row[n] = row;
  g->state[n] = state;
  vec_add(g->arena, &g->touched, n);
  return E_OK;
}
