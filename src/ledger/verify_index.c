/* verify: the engine's indexes over entries and revisions.
 *
 * An index is in order and holds what its table holds, when the sums over both are the same.  The engine would look up
 * each row of the table instead, which takes longer than all else that it checks.  The walk along the log adds its
 * rows, the scan of the index takes them away.  Processes see the store at different moments: rows that nobody had
 * signed before any of them began are read here, from the same view as the index. */
#include "inside.h"
#include "ledger.sql.h"
#include <string.h>

/* Of a text and two numbers. */
static uint64_t row_hash(const Verify *v, Str text, int64_t a, int64_t b) {
  char packed[RECORD_MAX_BYTES + 2 * sizeof a];
  Hash h;
  if (text.n > RECORD_MAX_BYTES) {
    h = sha256(text);
    text = hash_bytes(&h);
  }
  memcpy(packed, &a, sizeof a);
  memcpy(packed + sizeof a, &b, sizeof b);
  memcpy(packed + 2 * sizeof a, text.p, text.n);
  return keyed_hash(v->sum_key, (Str){ packed, 2 * sizeof a + text.n });
}

uint64_t entry_key_hash(const Verify *v, Str obj, int64_t seq) { return row_hash(v, obj, seq, 0); }
uint64_t revision_key_hash(const Verify *v, Str record, int64_t rev, int64_t seq) {
  return row_hash(v, record, rev, seq);
}

int64_t signed_before(const Verify *v) { return v->has_head ? v->signed_head.size : 0; }

/* A row: a text, the number of a revision where there is one, and the entry. */
typedef struct Key { Val text; int64_t number[2]; bool sound; } Key;

static Key key_of(const Rows *r) {
  Key k = { .text = row_val(r, 0) };
  Val number = row_val(r, 1);
  k.number[0] = number.i;
  if (row_columns(r) == 3) k.number[1] = row_int(r, 2);
  k.sound = k.text.kind == V_TEXT && number.kind == V_INT && k.text.s.n <= LEAF_MAX_BYTES;
  return k;
}

static uint64_t key_hash(const Verify *v, const Key *k) { return row_hash(v, k->text.s, k->number[0], k->number[1]); }

/* The key of the row before; its text is kept here. */
typedef struct Before { char text[LEAF_MAX_BYTES]; size_t n; int64_t number; bool any; } Before;

static bool follows(const Before *b, const Key *k) {
  int order = b->any ? str_cmp((Str){ b->text, b->n }, k->text.s) : -1;
  return order < 0 || (order == 0 && b->number < k->number[0]);
}

static void keep(Before *b, const Key *k) {
  memcpy(b->text, k->text.s.p, k->text.s.n);
  b->n = k->text.s.n;
  b->number = k->number[0];
  b->any = true;
}

static Err take_index(Cx *cx, Verify *v, const Sql *sql, const char *table, uint64_t *sum) {
  AUTO(Rows) r = { 0 };
  Before *before = NEW(v->scratch.arena, Before);
  TRY(store_rows(cx, v->s, sql, NO_ARGS, &r));
  for (bool got;;) {
    TRY(rows_next(cx, &r, &got));
    if (!got) return E_OK;
    Key k = key_of(&r);
    if (!k.sound || !follows(before, &k)) {
      verify_find(cx, v->r, "store", str_of(table), "its index is out of order");
      return E_OK;
    }
    *sum -= key_hash(v, &k);
    keep(before, &k);
  }
}

static Err add_tail(Cx *cx, Verify *v, const Sql *sql, uint64_t *sum) {
  AUTO(Rows) r = { 0 };
  TRY(store_rows(cx, v->s, sql, ARGS(v_int(signed_before(v))), &r));
  for (bool got;;) {
    TRY(rows_next(cx, &r, &got));
    if (!got) return E_OK;
    Key k = key_of(&r);
    *sum += key_hash(v, &k);
  }
}

Err verify_indexes(Cx *cx, Verify *v) {
  IndexSums sums = { .parts = 1 };
  TRY(take_index(cx, v, SQL_VERIFY_ENTRY_INDEX, "entry", &sums.entry));
  TRY(take_index(cx, v, SQL_VERIFY_REVISION_INDEX, "revision", &sums.revision));
  TRY(add_tail(cx, v, SQL_VERIFY_ENTRY_TAIL, &sums.entry));
  TRY(add_tail(cx, v, SQL_VERIFY_REVISION_TAIL, &sums.revision));
  index_sums_add(&v->sums, sums);
  return E_OK;
}

void index_sums_add(IndexSums *to, IndexSums from) {
  to->entry += from.entry;
  to->revision += from.revision;
  to->parts += from.parts;
}

void index_sums_judge(Cx *cx, VerifyReport *r, IndexSums sums, size_t parts) {
  if (sums.parts != parts) return;   /* one ended early: its finding says why */
  static const char what[] = "its index does not hold what the table holds";
  if (sums.entry) verify_find(cx, r, "store", S("entry"), what);
  if (sums.revision) verify_find(cx, r, "store", S("revision"), what);
}
