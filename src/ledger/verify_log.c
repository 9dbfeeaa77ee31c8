/* verify: entries with their reasons and revisions, nodes, checkpoints, blobs.
 *
 * One walk along the log; cursors over the other tables go beside it in the same order, so that each row is read once
 * and memory does not grow with the log.  Words are made for findings only. */
#include "inside.h"
#include "ledger.sql.h"
#include <string.h>

enum { RESET_EVERY = 256 };

/* Rows in the order of the log: one cursor per level of the nodes, which complete in the same order as the entries
 * come; one over the reasons, one over the revisions, by the entry that they belong to. */
typedef struct Level { Rows rows; bool open, got; int64_t at; } Level;   /* at: the first column */
static void Level_drop(Level *l) { if (l->open) Rows_drop(&l->rows); }

static Err level_step(Cx *cx, Level *l) {
  TRY(rows_next(cx, &l->rows, &l->got));
  if (l->got) l->at = row_int(&l->rows, 0);
  return E_OK;
}

static Err level_open(Cx *cx, Verify *v, const Sql *sql, Level *l) {
  TRY(store_rows(cx, v->s, sql, NO_ARGS, &l->rows));
  l->open = true;
  return level_step(cx, l);
}

typedef struct Walk {
  Tree tree;                       /* of the stored leaf hashes */
  Hash made[TREE_LEVELS];          /* by the last entry */
  bool bad[TREE_LEVELS];           /* a fault below was told already */
  Level level[TREE_LEVELS], reasons, revisions, points;   /* points: checkpoints by size */
  bool gap;                        /* entries are missing: positions no longer count */
  char time[40];                   /* of the entry before */
  size_t time_n;
  int64_t good_size;               /* the last checkpoint whose root was right */
} Walk;

static void Walk_drop(Walk *w) {
  for (int i = 0; i < TREE_LEVELS; i++) Level_drop(&w->level[i]);
  Level_drop(&w->reasons);
  Level_drop(&w->revisions);
  Level_drop(&w->points);
}

static Str number(Arena *a, int64_t n) { return str_fmt(a, "%lld", (long long)n); }

/* ---- nodes ----------------------------------------------------------------------------------------------------- */

static Err level_next(Cx *cx, Verify *v, Level *l, int level) {
  if (!l->open) {
    TRY(store_rows(cx, v->s, SQL_NODE_LEVEL, ARGS(v_int(level)), &l->rows));
    l->open = true;
  }
  return level_step(cx, l);
}

static void stray_node(Cx *cx, Verify *v, int level, int64_t index) {
  verify_find(cx, v->r, "node", str_fmt(v->scratch.arena, "%d/%lld", level, (long long)index),
              "does not belong to the tree");
}

/* bad: in, a fault below was told already and explains this one; out, this node is not right. */
static Err check_node(Cx *cx, Verify *v, Walk *w, int level, int64_t index, Hash computed, bool *bad) {
  Level *l = &w->level[level];
  int64_t from = index << level, to = ((index + 1) << level) - 1;
  Hash stored;
  if (!l->open) TRY(level_next(cx, v, l, level));
  while (l->got && l->at < index) {
    stray_node(cx, v, level, l->at);
    TRY(level_next(cx, v, l, level));
  }
  bool there = l->got && l->at == index;
  bool same = there && hash_of_bytes(row_bytes(&l->rows, 1), &stored) && hash_eq(stored, computed);
  if (!there || (!same && !*bad))
    verify_find(cx, v->r, "node", str_fmt(v->scratch.arena, "%d/%lld", level, (long long)index),
                there ? "is not the hash of what is below it (entries %lld to %lld)"
                      : "is missing (over entries %lld to %lld)",
                (long long)from, (long long)to);
  *bad = !same;
  return there ? level_next(cx, v, l, level) : E_OK;
}

static Err add_leaf(Cx *cx, Verify *v, Walk *w, Hash leaf) {
  int64_t seq = w->tree.size;
  int n = tree_add(&w->tree, leaf, w->made);
  bool bad = false;
  for (int k = 0; k < n; k++) {
    bad |= w->bad[k];
    if ((k + 1) % NODE_STEP == 0) TRY(check_node(cx, v, w, k + 1, seq >> (k + 1), w->made[k], &bad));
  }
  w->bad[n] = bad;
  return E_OK;
}

static Err extra_nodes(Cx *cx, Verify *v, Walk *w) {
  for (int level = NODE_STEP; level < TREE_LEVELS && w->tree.size >> level; level += NODE_STEP) {
    Level *l = &w->level[level];
    if (!l->open) TRY(level_next(cx, v, l, level));
    while (l->got) {
      stray_node(cx, v, level, l->at);
      TRY(level_next(cx, v, l, level));
    }
  }
  int top = 0;
  int64_t above;
  while (w->tree.size >> (top + 1)) top++;
  TRY(store_int(cx, v->s, SQL_NODE_ABOVE, ARGS(v_int(top), v_int(NODE_STEP)), 0, &above));
  if (above) verify_find(cx, v->r, "node", S("top"), "%lld nodes are outside the tree", (long long)above);
  return E_OK;
}

/* ---- roots ----------------------------------------------------------------------------------------------------- */

static void check_signer(Cx *cx, Verify *v, Walk *w) {
  if (!v->has_head || w->gap || v->signed_head.size != w->tree.size) return;
  if (!hash_eq(v->signed_head.root, tree_root(&w->tree)))
    verify_find(cx, v->r, "signer", S("head"),
                "the root over %lld entries is not the one that was signed; they agree up to "
                "entry %lld",
                (long long)w->tree.size, (long long)(w->good_size - 1));
}

static Err check_roots(Cx *cx, Verify *v, Walk *w) {
  check_signer(cx, v, w);
  Level *l = &w->points;
  while (l->got && l->at <= w->tree.size) {
    int64_t size = l->at;
    Hash root;
    bool same = size == w->tree.size && hash_of_bytes(row_bytes(&l->rows, 1), &root) &&
                hash_eq(root, tree_root(&w->tree));
    if (same) w->good_size = size;
    else if (!w->gap)
      verify_find(cx, v->r, "checkpoint", number(v->scratch.arena, size),
                  "its root is not that of the log; something in entries "
                  "%lld to %lld differs",
                  (long long)w->good_size, (long long)(size - 1));
    TRY(level_step(cx, l));
  }
  return E_OK;
}

static Err check_end(Cx *cx, Verify *v, Walk *w) {
  int64_t size = w->tree.size;
  for (Level *l = &w->points; l->got;) {
    verify_find(cx, v->r, "checkpoint", number(v->scratch.arena, l->at), "the log has only %lld entries",
                (long long)size);
    TRY(level_step(cx, l));
  }
  if (v->has_head && v->signed_head.size > size)
    verify_find(cx, v->r, "signer", S("head"), "rolled back: the log has %lld entries, but %lld were signed",
                (long long)size, (long long)v->signed_head.size);
  if (v->next_epoch < v->epochs.n)
    verify_find(cx, v->r, "epoch", number(v->scratch.arena, v->epochs.p[v->next_epoch].n), "no entry started it");
  v->r->head = (TreeHead){ size, tree_root(&w->tree) };
  return extra_nodes(cx, v, w);
}

/* ---- entries --------------------------------------------------------------------------------------------------- */

static void bad_entry(Cx *cx, Verify *v, int64_t seq, const char *what) {
  verify_find(cx, v->r, "entry", number(v->scratch.arena, seq), "%s", what);
}

static bool time_well_formed(Str t) {
  static const char form[] = "0000-00-00T00:00:00.000000Z";
  if (t.n != sizeof form - 1) return false;
  for (size_t i = 0; i < t.n; i++)
    if (form[i] == '0' ? t.p[i] < '0' || t.p[i] > '9' : t.p[i] != form[i]) return false;
  return true;
}

static void check_time(Cx *cx, Verify *v, Walk *w, const Leaf *leaf) {
  if (!time_well_formed(leaf->time)) {
    bad_entry(cx, v, leaf->seq, "has no proper time");
    return;
  }
  if (str_cmp(leaf->time, (Str){ w->time, w->time_n }) < 0)
    bad_entry(cx, v, leaf->seq, "is older than the entry before it");
  memcpy(w->time, leaf->time.p, leaf->time.n);
  w->time_n = leaf->time.n;
}

/* ---- reasons --------------------------------------------------------------------------------------------------- */

static void bad_reason(Cx *cx, Verify *v, int64_t seq, const char *what) {
  verify_find(cx, v->r, "reason", number(v->scratch.arena, seq), "%s", what);
}

static Err erased_rightly(Cx *cx, Verify *v, int64_t seq) {
  AUTO(Rows) r = { 0 };
  bool got;
  Str target = str_fmt(v->scratch.arena, "reason:%lld", (long long)seq);
  TRY(store_rows(cx, v->s, SQL_ENTRY_OF_OBJECT, ARGS(v_text(target)), &r));
  TRY(rows_next(cx, &r, &got));
  Leaf leaf;
  if (!got || !leaf_read(v->scratch.arena, row_text(&r, 0), &leaf) || !str_eq(leaf.act, S("reason.erase")))
    bad_reason(cx, v, seq, "its words are gone and no entry says that they were erased");
  return E_OK;
}

/* Columns of verify_reasons: seq, salt, text. */
static Err reason_at(Cx *cx, Verify *v, Walk *w, int64_t seq, bool *has) {
  Level *l = &w->reasons;
  while (l->got && l->at < seq) {
    bad_reason(cx, v, l->at, "there are words that no entry speaks of");
    TRY(level_step(cx, l));
  }
  *has = l->got && l->at == seq;
  return E_OK;
}

static Err check_reason(Cx *cx, Verify *v, Walk *w, const Leaf *leaf, int64_t seq) {
  bool has;
  TRY(reason_at(cx, v, w, seq, &has));
  if (!has) {
    if (leaf->reason_hex.n) bad_reason(cx, v, seq, "its row is gone");
    return E_OK;
  }
  const Rows *r = &w->reasons.rows;
  Arena *a = v->scratch.arena;
  if (!leaf->reason_hex.n) bad_reason(cx, v, seq, "there are words that the entry does not speak of");
  else if (row_null(r, 2)) TRY(erased_rightly(cx, v, seq));
  else if (!hash_is_hex(reason_hash(a, row_text(r, 1), row_text(r, 2)), leaf->reason_hex))
    bad_reason(cx, v, seq, "its words are not those that were given");
  return level_step(cx, &w->reasons);
}

/* ---- revisions ------------------------------------------------------------------------------------------------- */

/* Columns of verify_revisions and, with the last two, of verify_bodies. */
enum { OF_SEQ, OF_RECORD, OF_REV, OF_HASH, OF_TYPE, OF_BODY };

static Str revision_name(Verify *v, const Rows *r, int64_t rev) {
  return str_fmt(v->scratch.arena, "%.*s@%lld", STR(row_text(r, OF_RECORD)), (long long)rev);
}

static void bad_revision(Cx *cx, Verify *v, const Rows *r, const char *what) {
  verify_find(cx, v->r, "revision", revision_name(v, r, row_int(r, OF_REV)), "%s", what);
}

static Err stored_hash(Cx *cx, Verify *v, Str record, int64_t rev, bool *got, Hash *out) {
  AUTO(Rows) r = { 0 };
  TRY(store_rows(cx, v->s, SQL_REVISION_HASH, ARGS(v_text(record), v_int(rev)), &r));
  TRY(rows_next(cx, &r, got));
  if (*got && !hash_of_bytes(row_bytes(&r, 0), out)) *out = (Hash){ { 0 } };
  return E_OK;
}

/* Revisions count 1, 2, 3 without gaps, and each entry names the hash of the revision before. */
static Err check_before(Cx *cx, Verify *v, const Rows *r, const Leaf *leaf) {
  int64_t rev = row_int(r, OF_REV);
  bool got = false;
  Hash before;
  if (rev > 1) TRY(stored_hash(cx, v, row_text(r, OF_RECORD), rev - 1, &got, &before));
  if (rev != 1 && !got) verify_find(cx, v->r, "revision", revision_name(v, r, rev - 1), "is gone");
  else if (got ? !hash_is_hex(before, leaf->prev_hex) : leaf->prev_hex.n > 0)
    bad_revision(cx, v, r, "does not follow the revision before it");
  return E_OK;
}

/* The revision that the entry made, if there is one; leaf is NULL when the entry cannot be read. */
static Err check_revision(Cx *cx, Verify *v, const Rows *r, const Leaf *leaf) {
  Hash stored = { { 0 } };
  int64_t rev;
  v->r->revisions++;
  if (!hash_of_bytes(row_bytes(r, OF_HASH), &stored)) bad_revision(cx, v, r, "has no hash");
  if (!leaf) {
    bad_revision(cx, v, r, "has no entry in the log");
    return E_OK;
  }
  Str base = object_base(leaf->obj, &rev);
  if (rev == row_int(r, OF_REV) && str_eq(base, row_text(r, OF_RECORD)) && hash_is_hex(stored, leaf->new_hex))
    return check_before(cx, v, r, leaf);
  bad_revision(cx, v, r, "its entry does not speak of it");
  return E_OK;
}

/* Rows up to this entry; mine: the row of this entry was there and is what the entry speaks of. */
static Err revisions_to(Cx *cx, Verify *v, Walk *w, int64_t seq, const Leaf *leaf, Str base, int64_t rev, bool *mine) {
  Level *l = &w->revisions;
  *mine = false;
  while (l->got && l->at <= seq) {
    bool here = l->at == seq;
    if (here)
      *mine = rev && rev == row_int(&l->rows, OF_REV) && str_eq(base, row_text(&l->rows, OF_RECORD));
    TRY(check_revision(cx, v, &l->rows, here ? leaf : NULL));
    TRY(level_step(cx, l));
  }
  return E_OK;
}

static Err check_speaks_of(Cx *cx, Verify *v, Walk *w, const Leaf *leaf, int64_t seq, Str column) {
  int64_t rev;
  bool mine, got;
  Hash h;
  Str base = object_base(leaf->obj, &rev);
  if (!str_eq(base, column)) bad_entry(cx, v, seq, "its index names another object than its text");
  TRY(revisions_to(cx, v, w, seq, leaf, base, rev, &mine));
  if (!rev || !leaf->new_hex.n || mine) return E_OK;
  TRY(stored_hash(cx, v, base, rev, &got, &h));
  if (!got) verify_find(cx, v->r, "revision", leaf->obj, "is gone; entry %lld speaks of it", (long long)seq);
  else if (!hash_is_hex(h, leaf->new_hex))
    verify_find(cx, v->r, "revision", leaf->obj, "is not the one that entry %lld speaks of", (long long)seq);
  return E_OK;
}

/* ---- the walk -------------------------------------------------------------------------------------------------- */

static Err check_leaf(Cx *cx, Verify *v, Walk *w, Str text, int64_t seq, Str column) {
  Leaf leaf;
  bool mine;
  if (!leaf_read(v->scratch.arena, text, &leaf)) {
    bad_entry(cx, v, seq, "is not a leaf in canonical form");
    return revisions_to(cx, v, w, seq, NULL, STR_NONE, 0, &mine);
  }
  if (leaf.seq != seq)
    verify_find(cx, v->r, "entry", number(v->scratch.arena, seq), "says that it is entry %lld", (long long)leaf.seq);
  if (str_eq(leaf.act, S("epoch.start"))) verify_epoch_start(cx, v, &leaf, tree_root(&w->tree));
  if (leaf.epoch != v->at_epoch)
    verify_find(cx, v->r, "entry", number(v->scratch.arena, seq), "belongs to epoch %lld", (long long)leaf.epoch);
  check_time(cx, v, w, &leaf);
  TRY(check_reason(cx, v, w, &leaf, seq));
  return check_speaks_of(cx, v, w, &leaf, seq, column);
}

static Err check_entry(Cx *cx, Verify *v, Walk *w, const Rows *r) {
  int64_t seq = row_int(r, 0);
  Str text = row_text(r, 1);
  Hash stored = { { 0 } }, computed = leaf_hash(text);
  if (seq != w->tree.size && !w->gap) {
    verify_find(cx, v->r, "entry", number(v->scratch.arena, seq), "stands where entry %lld should be",
                (long long)w->tree.size);
    w->gap = true;   /* from here on the tree cannot be compared; the entries still can */
  }
  if (!hash_of_bytes(row_bytes(r, 2), &stored) || !hash_eq(stored, computed))
    bad_entry(cx, v, seq, "its text does not have the hash beside it");
  TRY(check_leaf(cx, v, w, text, seq, row_text(r, 3)));
  if (w->gap) { w->tree.size = seq + 1; return E_OK; }
  TRY(add_leaf(cx, v, w, stored));
  return check_roots(cx, v, w);
}

static Err cursors(Cx *cx, Verify *v, Walk *w) {
  TRY(level_open(cx, v, SQL_CHECKPOINT_SIZES, &w->points));
  TRY(level_open(cx, v, SQL_VERIFY_REASONS, &w->reasons));
  return level_open(cx, v, SQL_VERIFY_REVISIONS, &w->revisions);
}

Err verify_log(Cx *cx, Verify *v) {
  AUTO(Walk) w = { .good_size = 0 };
  AUTO(Rows) r = { 0 };
  bool mine, has;
  TRY(cursors(cx, v, &w));
  TRY(store_rows(cx, v->s, SQL_VERIFY_ENTRIES, NO_ARGS, &r));
  for (bool got;; v->r->entries++) {
    TRY(rows_next(cx, &r, &got));
    if (!got) break;
    TRY(check_entry(cx, v, &w, &r));
    if (v->r->entries % RESET_EVERY == 0) cx_reset(&v->scratch);
  }
  TRY(reason_at(cx, v, &w, INT64_MAX, &has));
  if (has) bad_reason(cx, v, INT64_MAX, "there are words that no entry speaks of");
  TRY(revisions_to(cx, v, &w, INT64_MAX, NULL, STR_NONE, 0, &mine));
  return w.gap ? E_OK : check_end(cx, v, &w);
}

/* ---- checkpoints ----------------------------------------------------------------------------------------------- */

/* The key of the epoch in which a checkpoint of that size was signed. */
static const LogKey *key_at(const Verify *v, int64_t size) {
  for (size_t i = 0; i < v->epochs.n; i++)
    if (size <= v->epochs.p[i].seq) return v->epochs.p[i].has_key ? &v->epochs.p[i].old_key : NULL;
  return v->has_key ? &v->key : NULL;
}

static void check_note(Cx *cx, Verify *v, const Rows *r) {
  Arena *a = v->scratch.arena;
  Str object = number(a, row_int(r, 1)), note = row_text(r, 3), origin = STR_NONE, text;
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

Err verify_checkpoints(Cx *cx, Verify *v) {
  Str count;
  int64_t kept = 0, size = 0, n = 0;
  AUTO(Rows) r = { 0 };
  TRY(store_text(cx, v->s, SQL_META_GET, ARGS(v_text(S("checkpoints"))), &count));
  TRY(store_rows(cx, v->s, SQL_CHECKPOINT_ALL, NO_ARGS, &r));
  for (bool got;;) {
    TRY(rows_next(cx, &r, &got));
    if (!got) break;
    for (n++; n < row_int(&r, 0); n++)
      verify_find(cx, v->r, "checkpoint", number(v->scratch.arena, n), "number %lld is gone", (long long)n);
    if (row_int(&r, 1) <= size)
      verify_find(cx, v->r, "checkpoint", number(v->scratch.arena, row_int(&r, 1)), "is out of order");
    size = row_int(&r, 1);
    check_note(cx, v, &r);
    cx_reset(&v->scratch);
  }
  if (!str_int(count, &kept) || kept != n)
    verify_find(cx, v->r, "checkpoint", number(v->scratch.arena, n + 1), "number %lld is gone: %.*s were made",
                (long long)(n + 1), STR(count));
  return E_OK;
}

/* ---- bodies ---------------------------------------------------------------------------------------------------- */

/* The walk holds the hash of a revision against its entry; here its body is held against that hash. */
Err verify_bodies(Cx *cx, Verify *v) {
  AUTO(Rows) r = { 0 };
  Hash stored;
  TRY(store_rows(cx, v->s, SQL_VERIFY_BODIES, NO_ARGS, &r));
  for (bool got;;) {
    TRY(rows_next(cx, &r, &got));
    if (!got) return E_OK;
    Str body = row_text(&r, OF_BODY);
    if (hash_of_bytes(row_bytes(&r, OF_HASH), &stored) && !hash_eq(sha256(body), stored))
      bad_revision(cx, v, &r, "its body does not have the hash beside it");
    if (!body_states_type(body, row_text(&r, OF_TYPE)))
      bad_revision(cx, v, &r, "its type is not what its body states");
  }
}

/* ---- blobs ----------------------------------------------------------------------------------------------------- */

Err verify_blobs(Cx *cx, Verify *v) {
  AUTO(Rows) r = { 0 };
  TRY(store_rows(cx, v->s, SQL_VERIFY_BLOBS, NO_ARGS, &r));
  for (bool got;; v->r->blobs++) {
    TRY(rows_next(cx, &r, &got));
    if (!got) return E_OK;
    Str bytes = row_bytes(&r, 2), hash = row_text(&r, 0);
    if (!hash_is_hex(sha256(bytes), hash) || row_int(&r, 1) != (int64_t)bytes.n)
      verify_find(cx, v->r, "blob", hash, "its bytes are not those of its name");
    cx_reset(&v->scratch);
  }
}
