/* verify: the notes of the checkpoints. */
#include "inside.h"
#include "ledger.sql.h"

/* The key of the epoch in which a checkpoint of that size was signed. */
static const LogKey *key_at(const Verify *v, int64_t size) {
  for (size_t i = 0; i < v->epochs.n; i++)
    if (size <= v->epochs.p[i].seq) return v->epochs.p[i].has_key ? &v->epochs.p[i].old_key : NULL;
  return v->has_key ? &v->key : NULL;
}

static void check_note(Cx *cx, Verify *v, const Rows *r) {
  Arena *a = v->scratch.arena;
  Str object = number_text(a, row_int(r, 1)), note = row_text(r, 3), origin = STR_NONE, text;
  TreeHead head = { 0 };
  Hash root;
  if (!note_read(a, note, &origin, &head, &text) || head.size != row_int(r, 1) ||
      !hash_of_bytes(row_bytes(r, 2), &root) || !hash_eq(root, head.root))
    verify_find(cx, v->r, "checkpoint", object, "its note does not state its size and root");
  const LogKey *key = key_at(v, row_int(r, 1));
  if (!key) return;
  bool valid = note_valid(a, note, key, &head);
  if (origin.p && !str_eq(origin, key->origin))
    verify_find(cx, v->r, "checkpoint", object, "belongs to the log %.*s", STR(origin));
  if (valid) v->r->signatures_valid++;
  else v->r->signatures_invalid++;
  if (!valid) verify_find(cx, v->r, "checkpoint", object, "its signature is not of this log's key");
}

static int64_t after(int64_t n) { return n < INT64_MAX ? n + 1 : n; }

/* They count 1, 2, 3; gives the number that is there. */
static int64_t check_number(Cx *cx, Verify *v, int64_t before, int64_t is) {
  int64_t next = after(before);
  Str object = number_text(v->scratch.arena, next);
  if (is - 1 == next) verify_find(cx, v->r, "checkpoint", object, "number %lld is gone", (long long)next);
  else if (is > next)
    verify_find(cx, v->r, "checkpoint", object, "numbers %lld to %lld are gone", (long long)next, (long long)is - 1);
  else if (is < next) verify_find(cx, v->r, "checkpoint", object, "has the number %lld", (long long)is);
  return is > next ? is : next;
}

Err verify_checkpoints(Cx *cx, Verify *v) {
  Str count;
  int64_t kept = 0, size = 0, n = 0;
  AUTO(Rows) r = { 0 };
  TRY(store_text(cx, v->s, SQL_META_GET, ARGS(v_text(S("checkpoints"))), &count));
  TRY(store_rows(cx, v->s, SQL_CHECKPOINT_ALL, NO_ARGS, &r));
  for (bool got;;) {
    TRY(rows_next(cx, &r, &got));
    if (!got) break;
    n = check_number(cx, v, n, row_int(&r, 0));
    if (row_int(&r, 1) <= size)
      verify_find(cx, v->r, "checkpoint", number_text(v->scratch.arena, row_int(&r, 1)), "is out of order");
    size = row_int(&r, 1);
    check_note(cx, v, &r);
    cx_reset(&v->scratch);
  }
  if (!str_int(count, &kept) || kept != n)
    verify_find(cx, v->r, "checkpoint", number_text(v->scratch.arena, after(n)), "number %lld is gone: %.*s were made",
                (long long)after(n), STR(count));
  return E_OK;
}

