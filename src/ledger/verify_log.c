/* verify: entries, nodes, checkpoints, revisions, blobs.  Everything streams; memory does not grow with the log. */
#include "inside.h"
#include "ledger.sql.h"
#include <string.h>

enum { RESET_EVERY = 256 };

/* One cursor per level goes along the stored nodes, which complete in the same order as the entries come. */
typedef struct Level { Rows rows; bool open, got; } Level;
static void Level_drop(Level *l) { if (l->open) Rows_drop(&l->rows); }

typedef struct Walk {
  Tree tree;                       /* of the stored leaf hashes */
  bool bad[TREE_LEVELS];           /* a fault below was told already */
  Level level[TREE_LEVELS];
  bool gap;                        /* entries are missing: positions no longer count */
  char time[40];                   /* of the entry before */
  size_t time_n;
  Rows points;                     /* checkpoints by size */
  bool point;
  int64_t good_size;               /* the last checkpoint whose root was right */
} Walk;

static void Walk_drop(Walk *w) {
  for (int i = 0; i < TREE_LEVELS; i++) Level_drop(&w->level[i]);
  Rows_drop(&w->points);
}

static Str number(Arena *a, int64_t n) { return str_fmt(a, "%lld", (long long)n); }

/* ---- nodes ----------------------------------------------------------------------------------------------------- */

static Err level_next(Cx *cx, Verify *v, Level *l, int level) {
  if (!l->open) {
    TRY(store_rows(cx, v->s, SQL_NODE_LEVEL, ARGS(v_int(level)), &l->rows));
    l->open = true;
  }
  return rows_next(cx, &l->rows, &l->got);
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
  while (l->got && row_int(&l->rows, 0) < index) {
    stray_node(cx, v, level, row_int(&l->rows, 0));
    TRY(level_next(cx, v, l, level));
  }
  bool there = l->got && row_int(&l->rows, 0) == index;
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
  Hash made[TREE_LEVELS];
  int64_t seq = w->tree.size;
  int n = tree_add(&w->tree, leaf, made);
  bool bad = false;
  for (int k = 0; k < n; k++) {
    bad |= w->bad[k];
    TRY(check_node(cx, v, w, k + 1, seq >> (k + 1), made[k], &bad));
  }
  w->bad[n] = bad;
  return E_OK;
}

static Err extra_nodes(Cx *cx, Verify *v, Walk *w) {
  for (int level = 1; level < TREE_LEVELS && w->tree.size >> level; level++) {
    Level *l = &w->level[level];
    if (!l->open) TRY(level_next(cx, v, l, level));
    while (l->got) {
      stray_node(cx, v, level, row_int(&l->rows, 0));
      TRY(level_next(cx, v, l, level));
    }
  }
  int top = 0;
  int64_t above;
  while (w->tree.size >> (top + 1)) top++;
  TRY(store_int(cx, v->s, SQL_NODE_ABOVE, ARGS(v_int(top)), 0, &above));
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
  while (w->point && row_int(&w->points, 0) <= w->tree.size) {
    int64_t size = row_int(&w->points, 0);
    Hash root;
    bool same = size == w->tree.size && hash_of_bytes(row_bytes(&w->points, 1), &root) &&
                hash_eq(root, tree_root(&w->tree));
    if (same) w->good_size = size;
    else if (!w->gap)
      verify_find(cx, v->r, "checkpoint", number(v->scratch.arena, size),
                  "its root is not that of the log; something in entries "
                  "%lld to %lld differs",
                  (long long)w->good_size, (long long)(size - 1));
    TRY(rows_next(cx, &w->points, &w->point));
  }
  return E_OK;
}

static Err check_end(Cx *cx, Verify *v, Walk *w) {
  int64_t size = w->tree.size;
  while (w->point) {
    verify_find(cx, v->r, "checkpoint", number(v->scratch.arena, row_int(&w->points, 0)),
                "the log has only %lld entries", (long long)size);
    TRY(rows_next(cx, &w->points, &w->point));
  }
  if (v->has_head && v->signed_head.size > size)
    verify_find(cx, v->r, "signer", S("head"), "rolled back: the log has %lld entries, but %lld were signed",
                (long long)size, (long long)v->signed_head.size);
  v->r->head = (TreeHead){ size, tree_root(&w->tree) };
  return extra_nodes(cx, v, w);
}

/* ---- entries --------------------------------------------------------------------------------------------------- */

static bool time_well_formed(Str t) {
  static const char form[] = "0000-00-00T00:00:00.000000Z";
  if (t.n != sizeof form - 1) return false;
  for (size_t i = 0; i < t.n; i++)
    if (form[i] == '0' ? t.p[i] < '0' || t.p[i] > '9' : t.p[i] != form[i]) return false;
  return true;
}

static void check_time(Cx *cx, Verify *v, Walk *w, Str object, Str t) {
  if (!time_well_formed(t)) {
    verify_find(cx, v->r, "entry", object, "has no proper time");
    return;
  }
  if (str_cmp(t, (Str){ w->time, w->time_n }) < 0)
    verify_find(cx, v->r, "entry", object, "is older than the entry before it");
  memcpy(w->time, t.p, t.n);
  w->time_n = t.n;
}

static Err erased_rightly(Cx *cx, Verify *v, Str object, int64_t seq) {
  AUTO(Rows) r = { 0 };
  bool got;
  Str target = str_fmt(v->scratch.arena, "reason:%lld", (long long)seq);
  TRY(store_rows(cx, v->s, SQL_ENTRY_OF_OBJECT, ARGS(v_text(target)), &r));
  TRY(rows_next(cx, &r, &got));
  Leaf leaf;
  if (!got || !leaf_read(v->scratch.arena, row_text(&r, 0), &leaf) || !str_eq(leaf.act, S("reason.erase")))
    verify_find(cx, v->r, "reason", object, "its words are gone and no entry says that they were erased");
  return E_OK;
}

/* Columns of verify_entries: 4 seq of the reason, 5 salt, 6 text. */
static Err check_reason(Cx *cx, Verify *v, const Rows *r, const Leaf *leaf, Str object) {
  bool has = !row_null(r, 4), words = has && !row_null(r, 6);
  if (!leaf->reason_hex.n && has)
    verify_find(cx, v->r, "reason", object, "there are words that the entry does not speak of");
  if (!leaf->reason_hex.n) return E_OK;
  if (!has) verify_find(cx, v->r, "reason", object, "its row is gone");
  else if (!words) return erased_rightly(cx, v, object, leaf->seq);
  else if (!str_eq(hash_hex(v->scratch.arena, reason_hash(v->scratch.arena, row_text(r, 5), row_text(r, 6))),
                   leaf->reason_hex))
    verify_find(cx, v->r, "reason", object, "its words are not those that were given");
  return E_OK;
}

static Err check_speaks_of(Cx *cx, Verify *v, const Leaf *leaf, Str object, Str column) {
  int64_t rev;
  Str base = object_base(leaf->obj, &rev);
  if (!str_eq(base, column))
    verify_find(cx, v->r, "entry", object, "its index names another object than %.*s", STR(base));
  if (!rev || !leaf->new_hex.n) return E_OK;
  AUTO(Rows) r = { 0 };
  bool got;
  Hash h, said;
  TRY(store_rows(cx, v->s, SQL_REVISION_HASH, ARGS(v_text(base), v_int(rev)), &r));
  TRY(rows_next(cx, &r, &got));
  if (!got) verify_find(cx, v->r, "revision", leaf->obj, "is gone; entry %.*s speaks of it", STR(object));
  else if (!hash_of_bytes(row_bytes(&r, 0), &h) || !hash_from_hex(leaf->new_hex, &said) || !hash_eq(h, said))
    verify_find(cx, v->r, "revision", leaf->obj, "is not the one that entry %.*s speaks of", STR(object));
  return E_OK;
}

static Err check_entry(Cx *cx, Verify *v, Walk *w, const Rows *r) {
  int64_t seq = row_int(r, 0);
  Str text = row_text(r, 1), object = number(v->scratch.arena, seq);
  Hash stored = { { 0 } }, computed = leaf_hash(text);
  if (seq != w->tree.size && !w->gap) {
    verify_find(cx, v->r, "entry", object, "stands where entry %lld should be", (long long)w->tree.size);
    w->gap = true;   /* from here on the tree cannot be compared; the entries still can */
  }
  if (!hash_of_bytes(row_bytes(r, 2), &stored) || !hash_eq(stored, computed))
    verify_find(cx, v->r, "entry", object, "its text does not have the hash beside it");
  Leaf leaf;
  if (!leaf_read(v->scratch.arena, text, &leaf))
    verify_find(cx, v->r, "entry", object, "is not a leaf in canonical form");
  else {
    if (leaf.seq != seq) verify_find(cx, v->r, "entry", object, "says that it is entry %lld", (long long)leaf.seq);
    if (leaf.epoch != v->epoch) verify_find(cx, v->r, "entry", object, "belongs to epoch %lld", (long long)leaf.epoch);
    check_time(cx, v, w, object, leaf.time);
    TRY(check_reason(cx, v, r, &leaf, object));
    TRY(check_speaks_of(cx, v, &leaf, object, row_text(r, 3)));
  }
  if (w->gap) { w->tree.size = seq + 1; return E_OK; }
  TRY(add_leaf(cx, v, w, stored));
  return check_roots(cx, v, w);
}

Err verify_log(Cx *cx, Verify *v) {
  AUTO(Walk) w = { .good_size = 0 };
  AUTO(Rows) r = { 0 };
  TRY(store_rows(cx, v->s, SQL_CHECKPOINT_SIZES, NO_ARGS, &w.points));
  TRY(rows_next(cx, &w.points, &w.point));
  TRY(store_rows(cx, v->s, SQL_VERIFY_ENTRIES, NO_ARGS, &r));
  for (bool got;; v->r->entries++) {
    TRY(rows_next(cx, &r, &got));
    if (!got) break;
    TRY(check_entry(cx, v, &w, &r));
    if (v->r->entries % RESET_EVERY == 0) cx_reset(&v->scratch);
  }
  return w.gap ? E_OK : check_end(cx, v, &w);
}

/* ---- checkpoints ----------------------------------------------------------------------------------------------- */

static void check_note(Cx *cx, Verify *v, const Rows *r) {
  Arena *a = v->scratch.arena;
  Str object = number(a, row_int(r, 1)), note = row_text(r, 3), origin, text;
  TreeHead head = { 0 };
  Hash root;
  if (!note_read(a, note, &origin, &head, &text) || head.size != row_int(r, 1) ||
      !hash_of_bytes(row_bytes(r, 2), &root) || !hash_eq(root, head.root))
    verify_find(cx, v->r, "checkpoint", object, "its note does not state its size and root");
  else if (!str_eq(origin, v->origin))
    verify_find(cx, v->r, "checkpoint", object, "belongs to the log %.*s", STR(origin));
  if (!v->has_key) return;
  bool valid = note_valid(a, note, &v->key, &head);
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

/* ---- revisions ------------------------------------------------------------------------------------------------- */

typedef struct Chain { char record[256]; size_t n; int64_t rev; Hash hash; } Chain;

static void check_body(Cx *cx, Verify *v, const Rows *r, Str object, Hash stored) {
  JVal *body;
  Str text = row_text(r, 3);
  if (!hash_eq(sha256(text), stored))
    verify_find(cx, v->r, "revision", object, "its body does not have the hash beside it");
  if (json_read(&v->scratch, text, &JSON_DOCUMENT, &body) != E_OK) {
    verify_find(cx, v->r, "revision", object, "its body is not JSON");
    return;
  }
  if (!str_eq(json_text(body, "type"), row_text(r, 2)))
    verify_find(cx, v->r, "revision", object, "its type is not what its body states");
}

/* Columns of verify_revisions: record, rev, type, body, hash, seq, leaf. */
static void check_revision(Cx *cx, Verify *v, const Rows *r, Chain *before) {
  Arena *a = v->scratch.arena;
  Str record = row_text(r, 0), object = str_fmt(a, "%.*s@%lld", STR(record), (long long)row_int(r, 1));
  bool first = !str_eq(record, (Str){ before->record, before->n });
  int64_t rev = row_int(r, 1), ought = first ? 1 : before->rev + 1;
  Hash stored = { { 0 } };
  Leaf leaf;
  if (rev != ought)
    verify_find(cx, v->r, "revision", str_fmt(a, "%.*s@%lld", STR(record), (long long)ought), "is gone");
  if (!hash_of_bytes(row_bytes(r, 4), &stored)) verify_find(cx, v->r, "revision", object, "has no hash");
  check_body(cx, v, r, object, stored);
  if (row_null(r, 6) || !leaf_read(a, row_text(r, 6), &leaf))
    verify_find(cx, v->r, "revision", object, "has no entry in the log");
  else {
    Str prev = first || rev != ought ? S("") : hash_hex(a, before->hash);
    if (!str_eq(leaf.obj, object) || !str_eq(leaf.new_hex, hash_hex(a, stored)))
      verify_find(cx, v->r, "revision", object, "entry %lld does not speak of it", (long long)row_int(r, 5));
    else if (rev == ought && !str_eq(leaf.prev_hex, prev))
      verify_find(cx, v->r, "revision", object, "does not follow the revision before it");
  }
  before->n = record.n < sizeof before->record ? record.n : 0;
  memcpy(before->record, record.p, before->n);
  before->rev = rev;
  before->hash = stored;
}

Err verify_revisions(Cx *cx, Verify *v) {
  AUTO(Rows) r = { 0 };
  Chain before = { .n = 0 };
  TRY(store_rows(cx, v->s, SQL_VERIFY_REVISIONS, NO_ARGS, &r));
  for (bool got;; v->r->revisions++) {
    TRY(rows_next(cx, &r, &got));
    if (!got) return E_OK;
    check_revision(cx, v, &r, &before);
    cx_reset(&v->scratch);
  }
}

Err verify_blobs(Cx *cx, Verify *v) {
  AUTO(Rows) r = { 0 };
  TRY(store_rows(cx, v->s, SQL_VERIFY_BLOBS, NO_ARGS, &r));
  for (bool got;; v->r->blobs++) {
    TRY(rows_next(cx, &r, &got));
    if (!got) return E_OK;
    Str bytes = row_bytes(&r, 2), hash = row_text(&r, 0);
    if (!str_eq(hash_hex(v->scratch.arena, sha256(bytes)), hash) || row_int(&r, 1) != (int64_t)bytes.n)
      verify_find(cx, v->r, "blob", hash, "its bytes are not those of its name");
    cx_reset(&v->scratch);
  }
}
