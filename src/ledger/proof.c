/* Proofs from the stored nodes, RFC 6962 2.1.1 and 2.1.2, walked from the root down and turned round. */
#include "inside.h"

typedef struct Path { Hash at[2 * TREE_LEVELS]; size_t n; } Path;

/* The largest power of two below n (n > 1). */
static int64_t split(int64_t n) {
  int64_t k = 1;
  while (k << 1 < n) k <<= 1;
  return k;
}

/* Root of the entries from..to (exclusive), where `from` is a multiple of the power of two that covers them. */
static Err range_hash(Cx *cx, Store *s, int64_t from, int64_t to, Hash *out) {
  Tree t = { .size = to - from };
  for (int level = TREE_LEVELS - 1; level >= 0; level--) {
    if (!(t.size >> level & 1)) continue;
    TRY(node_read(cx, s, level, from >> level, &t.at[level]));
    from += INT64_C(1) << level;
  }
  *out = tree_root(&t);
  return E_OK;
}

static Err add(Cx *cx, Store *s, Path *p, int64_t from, int64_t to) {
  return range_hash(cx, s, from, to, &p->at[p->n++]);
}

static void turned(Cx *cx, const Path *p, Proof *out) {
  Proof proof = { NEW_ARRAY(cx->arena, p->n ? p->n : 1, Hash), p->n };
  for (size_t i = 0; i < p->n; i++) proof.hash[i] = p->at[p->n - 1 - i];
  *out = proof;
}

static Err check_size(Cx *cx, Store *s, int64_t size) {
  LogState *st;
  TRY(log_state(cx, s, &st));
  if (size <= st->tree.size) return E_OK;
  return fail(cx, E_INVALID, "The log has %lld entries, so there is no proof for %lld.", (long long)st->tree.size,
              (long long)size);
}

static Err inclusion(Cx *cx, Store *s, int64_t seq, int64_t size, Path *p) {
  TRY(check_size(cx, s, size));
  for (int64_t from = 0, to = size; to - from > 1;) {
    int64_t middle = from + split(to - from);
    if (seq < middle) { TRY(add(cx, s, p, middle, to)); to = middle; }
    else { TRY(add(cx, s, p, from, middle)); from = middle; }
  }
  return E_OK;
}

static Err consistency(Cx *cx, Store *s, int64_t old_size, int64_t new_size, Path *p) {
  TRY(check_size(cx, s, new_size));
  int64_t from = 0, to = new_size;
  while (to != old_size) {
    int64_t middle = from + split(to - from);
    if (old_size <= middle) { TRY(add(cx, s, p, middle, to)); to = middle; }
    else { TRY(add(cx, s, p, from, middle)); from = middle; }
  }
  return from ? add(cx, s, p, from, to) : E_OK;   /* a complete old tree is known to who asks */
}

Err ledger_inclusion(Cx *cx, Store *s, int64_t seq, int64_t size, Proof *out) {
  Path p = { .n = 0 };
  if (seq < 0 || seq >= size)
    return fail(cx, E_INVALID, "Entry %lld is not among the first %lld.", (long long)seq, (long long)size);
  TRY(store_view(cx, s));
  Err e = inclusion(cx, s, seq, size, &p);
  store_unview(s);
  if (e == E_OK) turned(cx, &p, out);
  return e;
}

Err ledger_consistency(Cx *cx, Store *s, int64_t old_size, int64_t new_size, Proof *out) {
  Path p = { .n = 0 };
  if (old_size < 0 || old_size > new_size)
    return fail(cx, E_INVALID, "A log of %lld entries does not grow to %lld.", (long long)old_size,
                (long long)new_size);
  TRY(store_view(cx, s));
  Err e = old_size ? consistency(cx, s, old_size, new_size, &p) : E_OK;
  store_unview(s);
  if (e == E_OK) turned(cx, &p, out);
  return e;
}
