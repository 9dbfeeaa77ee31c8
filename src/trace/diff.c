/* What changed between two days, two revisions or two baselines. */
#include "trace/inside.h"
#include <stdlib.h>

enum { BATCH = 2000 };
static const size_t BATCH_BYTES = (size_t)256 << 20;
const char *const change_words[] = { "added", "changed", "ended", "gone", NULL };

/* ---- sets ---------------------------------------------------------------------------------------------- */

static int member_order(const void *a, const void *b) {
  return id_compare(((const Member *)a)->id, ((const Member *)b)->id);
}

void trace_members(Cx *cx, const Graph *g, Node product, Members *out) {
  Members m = { 0 };
  for (size_t i = 0; i < g->nranked; i++) {
    Node n = g->by_rank[i];
    if (product != NODE_NONE && n != product && !node_in_product(g, n, product)) continue;
    Member one = { node_id(g, n), node_rev(g, n), node_state(g, n), node_hash_hex(g, n) };
    vec_add(cx->arena, &m, one);
  }
  *out = m;
}

typedef struct Touched { Map seen; VEC(Str) id; } Touched;

/* Ids of the records that entries from..to speak of, each once. */
static Err find_touched(Cx *cx, Store *s, int64_t from, int64_t to, Touched *t) {
  AUTO(Cx) batch = cx_new(BATCH_BYTES);
  while (from < to) {
    LogRows rows = { 0 };
    cx_reset(&batch);
    Err e = ledger_entries(&batch, s, STR_NONE, from, to - 1, BATCH, &rows);
    if (e != E_OK) return fail(cx, e, "%.*s", STR(batch.words));
    if (!rows.n) return E_OK;
    for (size_t i = 0; i < rows.n; i++) {
      Str id, rev;
      if (!str_starts(rows.p[i].act, S("record.")) || !str_cut(rows.p[i].obj, '@', &id, &rev) ||
          map_get(&t->seen, id) != MAP_NONE)
        continue;
      Str kept = str_dup(cx->arena, id);
      map_put(&t->seen, kept, t->id.n);
      vec_add(cx->arena, &t->id, kept);
    }
    from = rows.p[rows.n - 1].seq + 1;
  }
  return E_OK;
}

/* scratch holds one record at a time. */
static Err add_as_of(Cx *cx, Cx *scratch, Store *s, Str id, int64_t size, Members *out) {
  Record r;
  cx_reset(scratch);
  Err e = record_get_at(scratch, s, id, size, &r);
  if (e == E_NOTFOUND) return E_OK; /* not there yet */
  if (e != E_OK) return fail(cx, e, "%.*s", STR(scratch->words));
  Member m = { id, r.rev, str_dup(cx->arena, r.state), hash_hex(cx->arena, r.hash) };
  vec_add(cx->arena, out, m);
  return E_OK;
}

Err trace_members_between(Cx *cx, Store *s, int64_t size_a, int64_t size_b, Members *a, Members *b) {
  int64_t from = size_a < size_b ? size_a : size_b, to = size_a < size_b ? size_b : size_a;
  Touched t = { .seen = map_new(cx->arena, 1024) };
  Members was = { 0 }, is = { 0 };
  AUTO(Cx) scratch = cx_new(BATCH_BYTES);
  TRY(find_touched(cx, s, from, to, &t));
  for (size_t i = 0; i < t.id.n; i++) {
    TRY(add_as_of(cx, &scratch, s, t.id.p[i], size_a, &was));
    TRY(add_as_of(cx, &scratch, s, t.id.p[i], size_b, &is));
  }
  *a = was;
  *b = is;
  return E_OK;
}

/* ---- one record ---------------------------------------------------------------------------------------- */

static bool in_product(const Record *r, Str product) {
  if (!product.n || str_eq_nocase(r->id, product)) return true;
  for (size_t i = 0; i < r->products.n; i++)
    if (str_eq_nocase(r->products.p[i], product)) return true;
  return false;
}

typedef VEC(Str) Items;

static bool has(const Items *list, Str s) {
  for (size_t i = 0; i < list->n; i++)
    if (str_eq(list->p[i], s)) return true;
  return false;
}

static Items items_of(Cx *cx, const Field *f, const Value *v) {
  Items items = { 0 };
  if (f->kind == LINK)
    for (size_t i = 0; i < v->links.n; i++) vec_add(cx->arena, &items, str_dup(cx->arena, v->links.p[i].to));
  else
    for (size_t i = 0; i < v->list.n; i++) vec_add(cx->arena, &items, str_dup(cx->arena, v->list.p[i]));
  return items;
}

/* Of many links the one that came says more than both lists. */
static void split_items(Cx *cx, const Field *f, const Value *before, const Value *after, ValueChange *out) {
  Items a = items_of(cx, f, before), b = items_of(cx, f, after);
  for (size_t i = 0; i < a.n; i++)
    if (!has(&b, a.p[i])) vec_add(cx->arena, &out->went, a.p[i]);
  for (size_t i = 0; i < b.n; i++)
    if (!has(&a, b.p[i])) vec_add(cx->arena, &out->came, b.p[i]);
}

static Err add_values(Cx *cx, Cx *scratch, const Record *a, const Record *b, RecordChange *row) {
  FieldChange *change;
  size_t n;
  TRY(record_diff(scratch, a, b, &change, &n));
  for (size_t i = 0; i < n; i++) {
    ValueChange v = { .label = str_of(change[i].label),
                    .before = str_dup(cx->arena, change[i].before),
                    .after = str_dup(cx->arena, change[i].after) };
    size_t at;
    const Field *f = record_field(a->type, str_of(change[i].name), &at);
    v.people = f ? f->kind == PERSON : str_eq(str_of(change[i].name), S("owner"));
    if (f && (f->kind == LINK || (f->flags & MANY))) split_items(cx, f, &a->values[at], &b->values[at], &v);
    vec_add(cx->arena, &row->value, v);
  }
  return E_OK;
}

static bool is_closed(const RecordType *t, Str state) {
  const State *st = life_state(t->life, state);
  return st && (st->flags & ST_CLOSED);
}

static Err read_member(Cx *cx, Store *s, const Member *m, Record *out) {
  TRY(record_get(cx, s, m->id, m->rev, out));
  if (m->hash_hex.n && !str_eq(m->hash_hex, hash_hex(cx->arena, out->hash)))
    return fail(cx, E_INTEGRITY, "%.*s@%lld is not the revision that was recorded. Run: proofline verify", STR(m->id),
                (long long)m->rev);
  return E_OK;
}

static Err compare_in(Cx *cx, Cx *scratch, Store *s, const Member *a, const Member *b, Str product,
                      RecordChanges *out) {
  Record was, is;
  if (a) TRY(read_member(scratch, s, a, &was));
  if (b) TRY(read_member(scratch, s, b, &is));
  const Record *r = b ? &is : &was;
  if (!in_product(r, product) && !(a && in_product(&was, product))) return E_OK;
  RecordChange row = { .kind = !a ? CHANGE_ADDED : !b ? CHANGE_GONE : CHANGE_CHANGED,
                  .type = r->type,
                  .id = str_dup(cx->arena, r->id),
                  .title = str_dup(cx->arena, r->title),
                  .product = r->products.n ? str_dup(cx->arena, r->products.p[0]) : S(""),
                  .rev_before = a ? a->rev : 0,
                  .rev_after = b ? b->rev : 0,
                  .state_before = a ? a->state : STR_NONE,
                  .state_after = b ? b->state : STR_NONE };
  if (a && b) {
    if (is_closed(r->type, b->state) && !is_closed(r->type, a->state)) row.kind = CHANGE_ENDED;
    if (a->rev != b->rev) TRY(add_values(cx, scratch, &was, &is, &row));
  }
  vec_add(cx->arena, out, row);
  return E_OK;
}

static Err compare(Cx *cx, Cx *scratch, Store *s, const Member *a, const Member *b, Str product, RecordChanges *out) {
  if (a && b && a->rev == b->rev && str_eq(a->state, b->state)) return E_OK;
  cx_reset(scratch);
  Err e = compare_in(cx, scratch, s, a, b, product, out);
  return e == E_OK ? E_OK : fail(cx, e, "%.*s", STR(scratch->words));
}

/* ---- two sets ------------------------------------------------------------------------------------------ */

static int row_order(const void *pa, const void *pb) {
  const RecordChange *a = pa, *b = pb;
  size_t ta = record_type_index(a->type), tb = record_type_index(b->type);
  return ta != tb ? (ta < tb ? -1 : 1) : id_compare(a->id, b->id);
}

static Member *sorted(Cx *cx, const Members *m) {
  Member *copy = NEW_ARRAY(cx->arena, m->n + 1, Member);
  for (size_t i = 0; i < m->n; i++) copy[i] = m->p[i];
  qsort(copy, m->n, sizeof *copy, member_order);
  return copy;
}

Err trace_diff(Cx *cx, Store *s, const Members *a, const Members *b, Str product, RecordChanges *out) {
  const Member *was = sorted(cx, a), *is = sorted(cx, b);
  RecordChanges rows = { 0 };
  AUTO(Cx) scratch = cx_new(BATCH_BYTES);
  for (size_t i = 0, k = 0; i < a->n || k < b->n;) {
    int order = i == a->n ? 1 : k == b->n ? -1 : id_compare(was[i].id, is[k].id);
    TRY(compare(cx, &scratch, s, order <= 0 ? &was[i] : NULL, order >= 0 ? &is[k] : NULL, product, &rows));
    i += order <= 0;
    k += order >= 0;
  }
  if (rows.n) qsort(rows.p, rows.n, sizeof *rows.p, row_order);
  *out = rows;
  return E_OK;
}
