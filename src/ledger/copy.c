/* Entries and revisions of another log, taken over as they are: the tree over them has the same root. */
#include "inside.h"
#include "ledger.sql.h"

static Err keep_words(Cx *cx, Store *s, const Leaf *leaf, Str salt, Str reason) {
  if (!reason.p) return E_OK;
  if (!str_eq(hash_hex(cx->arena, reason_hash(cx->arena, salt, reason)), leaf->reason_hex))
    return fail(cx, E_INVALID, "the reason of entry %lld is not the one that it commits to", (long long)leaf->seq);
  return store_run(cx, s, SQL_REASON_ADD, ARGS(v_int(leaf->seq), v_text(salt), v_text(reason)), NULL);
}

Err ledger_copy_entry(Cx *cx, Store *s, Str text, Str salt, Str reason) {
  LogState *st;
  Leaf leaf;
  int64_t rev, t_us;
  Hash made[TREE_LEVELS];
  TRY(log_state(cx, s, &st));
  if (!leaf_read(cx->arena, text, &leaf) || !time_parse(leaf.time, &t_us))
    return fail(cx, E_INVALID, "entry %lld is not a leaf of a log", (long long)st->tree.size);
  if (leaf.seq != st->tree.size || t_us < st->last_t_us)
    return fail(cx, E_INVALID, "entry %lld does not follow the one before it", (long long)leaf.seq);
  TRY(keep_words(cx, s, &leaf, salt, reason));
  Hash hash = leaf_hash(text);
  Str base = object_base(leaf.obj, &rev);
  TRY(store_run(cx, s, SQL_ENTRY_ADD, ARGS(v_int(leaf.seq), v_text(text), v_bytes(hash_bytes(&hash)), v_text(base)),
                NULL));
  Tree grown = st->tree;
  int n = tree_add(&grown, hash, made);
  TRY(nodes_keep(cx, s, leaf.seq, made, n));
  st->tree = grown;
  st->last = hash;
  st->last_t_us = t_us;
  return E_OK;
}

Err ledger_copy_revision(Cx *cx, Store *s, int64_t seq, Str body) {
  LogRows rows = { 0 };
  JVal *j;
  TRY(ledger_entries(cx, s, STR_NONE, seq, seq, 1, &rows));
  TRY(json_read(cx, body, &JSON_DOCUMENT, &j));
  Hash hash = sha256(body);
  Str id = json_text(j, "id"), type = json_text(j, "type");
  int64_t rev = json_int(j, "rev", 0);
  Str object = str_fmt(cx->arena, "%.*s@%lld", STR(id), (long long)rev);
  if (!rows.n || !str_eq(rows.p[0].obj, object) || !str_eq(rows.p[0].new_hex, hash_hex(cx->arena, hash)))
    return fail(cx, E_INVALID, "revision %lld of %.*s is not what entry %lld says", (long long)rev, STR(id),
                (long long)seq);
  return store_run(cx, s, SQL_REVISION_ADD,
                   ARGS(v_text(id), v_int(rev), v_text(type), v_text(body), v_bytes(hash_bytes(&hash)), v_int(seq)),
                   NULL);
}

bool ledger_note_ok(Arena *a, Str key, Str note, Str *origin, TreeHead *head) {
  LogKey k = { 0 };
  if (!key_read(a, key, &k) || !note_valid(a, note, &k, head)) return false;
  *origin = str_dup(a, k.origin);
  return true;
}

/* ---- facts that are not as they were ------------------------------------------------------------------- */

static Err restate_one(Cx *cx, Store *s, const Fact *f, Str key, bool has_rows, const Entry *e, int64_t *count) {
  AUTO(Cx) own = cx_new(64u << 20);
  Hash digest;
  Str last, object = str_fmt(own.arena, "%s:%.*s", f->name, STR(key));
  int64_t seq;
  Err err = object_last(&own, s, object, &last);
  if (err == E_OK) err = ledger_fact(&own, s, f, key, &digest);
  if (err == E_OK && (last.n || has_rows) && !str_eq(last, hash_hex(own.arena, digest))) {
    err = ledger_fact_entry(&own, s, f, key, e, &seq);
    (*count)++;
  }
  return err == E_OK ? E_OK : fail(cx, err, "%.*s", STR(own.words));
}

/* Objects that entries speak of, and those that have rows: each once is enough, as the second time nothing differs.
 */
static Err restate_fact(Cx *cx, Store *s, const Fact *f, const Entry *e, int64_t *count) {
  Str prefix = str_fmt(cx->arena, "%s:", f->name), end = str_fmt(cx->arena, "%s;", f->name);
  VEC(Str) keys = { 0 };
  size_t logged = 0;
  for (int pass = 0; pass < 2; pass++) {
    AUTO(Rows) r = { 0 };
    if (pass == 0) TRY(store_rows(cx, s, SQL_ENTRY_OBJECTS, ARGS(v_text(prefix), v_text(end)), &r));
    else TRY(store_rows(cx, s, f->keys, NO_ARGS, &r));
    for (bool got;;) {
      TRY(rows_next(cx, &r, &got));
      if (!got) break;
      Str key = str_dup(cx->arena, row_text(&r, 0));
      vec_add(cx->arena, &keys, pass == 0 ? str_slice(key, prefix.n, key.n) : key);
    }
    if (pass == 0) logged = keys.n;
  }
  for (size_t i = 0; i < keys.n; i++) TRY(restate_one(cx, s, f, keys.p[i], i >= logged, e, count));
  return E_OK;
}

Err ledger_restate(Cx *cx, Store *s, const VerifyPart *parts, size_t n, const Entry *e, int64_t *count) {
  *count = 0;
  for (size_t p = 0; p < n; p++)
    for (size_t i = 0; i < parts[p].nfacts; i++) TRY(restate_fact(cx, s, &parts[p].facts[i], e, count));
  return E_OK;
}

/* ---- the first part of a log --------------------------------------------------------------------------- */

Err ledger_copy_checkpoints(Cx *cx, Store *from, Store *to, int64_t size) {
  AUTO(Rows) r = { 0 };
  int64_t n = 0;
  TRY(store_rows(cx, from, SQL_CHECKPOINT_ALL, NO_ARGS, &r));
  for (bool got;;) {
    TRY(rows_next(cx, &r, &got));
    if (!got || row_int(&r, 1) > size) break;
    n = row_int(&r, 0);
    TRY(store_run(cx, to, SQL_CHECKPOINT_ADD,
                  ARGS(v_int(n), v_int(row_int(&r, 1)), v_bytes(row_bytes(&r, 2)), v_text(row_text(&r, 3))), NULL));
  }
  Str count = str_fmt(cx->arena, "%lld", (long long)n);
  return store_run(cx, to, SQL_META_SET, ARGS(v_text(S("checkpoints")), v_text(count)), NULL);
}
