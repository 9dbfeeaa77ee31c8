/* verify: the walk along the log: entries with their reasons and revisions.  Words are made for findings only. */
#include "ledger.sql.h"
#include "walk.h"
#include <string.h>

enum { RESET_EVERY = 256 };

/* ---- entries --------------------------------------------------------------------------------------------------- */

static void bad_entry(Cx *cx, Verify *v, int64_t seq, const char *what) {
  verify_find(cx, v->r, "entry", number_text(v->scratch.arena, seq), "%s", what);
}

static bool digits(Str t, size_t from, size_t to) {
  for (size_t i = from; i < to; i++)
    if (t.p[i] < '0' || t.p[i] > '9') return false;
  return true;
}

/* 2026-11-22T10:00:00.000000Z.  Up to its seconds it is mostly that of the entry before, which was looked at. */
enum { TIME_BYTES = 27, SECONDS_BYTES = 19 };
static bool time_well_formed(Str t, const Walk *w) {
  static const struct { size_t from, to; char end; } parts[] = { { 0, 4, '-' },   { 5, 7, '-' },   { 8, 10, 'T' },
                                                                 { 11, 13, ':' }, { 14, 16, ':' } };
  if (t.n != TIME_BYTES || t.p[SECONDS_BYTES] != '.' || t.p[TIME_BYTES - 1] != 'Z' ||
      !digits(t, SECONDS_BYTES + 1, TIME_BYTES - 1))
    return false;
  if (w->time_n && memcmp(t.p, w->time, SECONDS_BYTES) == 0) return true;
  for (size_t i = 0; i < COUNT(parts); i++)
    if (!digits(t, parts[i].from, parts[i].to) || t.p[parts[i].to] != parts[i].end) return false;
  return digits(t, SECONDS_BYTES - 2, SECONDS_BYTES);
}

static void check_time(Cx *cx, Verify *v, Walk *w, const Leaf *leaf) {
  if (!time_well_formed(leaf->time, w)) {
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
  verify_find(cx, v->r, "reason", number_text(v->scratch.arena, seq), "%s", what);
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

/* A row of verify_revisions. */
typedef struct Stored { Str record, type, body; int64_t rev; Hash hash; bool hashed; } Stored;

static Stored stored_row(const Rows *r) {
  Stored it = { .record = row_text(r, 1), .rev = row_int(r, 2), .type = row_text(r, 4), .body = row_text(r, 5) };
  it.hashed = hash_of_bytes(row_bytes(r, 3), &it.hash);
  return it;
}

static Str revision_name(Verify *v, Str record, int64_t rev) {
  return str_fmt(v->scratch.arena, "%.*s@%lld", STR(record), (long long)rev);
}

static void bad_revision(Cx *cx, Verify *v, const Stored *it, const char *what) {
  verify_find(cx, v->r, "revision", revision_name(v, it->record, it->rev), "%s", what);
}

static Err stored_hash(Cx *cx, Verify *v, Str record, int64_t rev, bool *got, Hash *out) {
  AUTO(Rows) r = { 0 };
  TRY(store_rows(cx, v->s, SQL_REVISION_HASH, ARGS(v_text(record), v_int(rev)), &r));
  TRY(rows_next(cx, &r, got));
  if (*got && !hash_of_bytes(row_bytes(&r, 0), out)) *out = (Hash){ { 0 } };
  return E_OK;
}

/* Revisions count 1, 2, 3 without gaps, and each entry names the hash of the revision before. */
static Err check_before(Cx *cx, Verify *v, const Stored *it, const Leaf *leaf) {
  bool got = false;
  Hash before;
  if (it->rev > 1) TRY(stored_hash(cx, v, it->record, it->rev - 1, &got, &before));
  if (it->rev != 1 && !got) verify_find(cx, v->r, "revision", revision_name(v, it->record, it->rev - 1), "is gone");
  else if (got ? !hash_is_hex(before, leaf->prev_hex) : leaf->prev_hex.n > 0)
    bad_revision(cx, v, it, "does not follow the revision before it");
  return E_OK;
}

static void check_body(Cx *cx, Verify *v, const Stored *it) {
  if (!it->hashed) bad_revision(cx, v, it, "has no hash");
  else if (!hash_eq(sha256(it->body), it->hash)) bad_revision(cx, v, it, "its body does not have the hash beside it");
  if (!body_states_type(it->body, it->type)) bad_revision(cx, v, it, "its type is not what its body states");
}

/* leaf: of the entry that made it, NULL when there is none that can be read; spoken: it names this revision. */
static Err check_revision(Cx *cx, Verify *v, const Stored *it, const Leaf *leaf, bool spoken) {
  v->r->revisions++;
  check_body(cx, v, it);
  if (spoken && hash_is_hex(it->hash, leaf->new_hex)) return check_before(cx, v, it, leaf);
  bad_revision(cx, v, it, leaf ? "its entry does not speak of it" : "has no entry in the log");
  return E_OK;
}

/* Rows up to this entry; mine: the row of this entry was there and is what the entry speaks of. */
static Err revisions_to(Cx *cx, Verify *v, Walk *w, int64_t seq, const Leaf *leaf, Str base, int64_t rev, bool *mine) {
  Level *l = &w->revisions;
  *mine = false;
  while (l->got && l->at <= seq) {
    bool here = l->at == seq;
    Stored it = stored_row(&l->rows);
    bool spoken = here && leaf && rev && rev == it.rev && str_eq(base, it.record);
    *mine |= spoken;
    TRY(check_revision(cx, v, &it, here ? leaf : NULL, spoken));
    if (l->at < signed_before(v)) w->sums.revision += revision_key_hash(v, it.record, it.rev, l->at);
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
    verify_find(cx, v->r, "entry", number_text(v->scratch.arena, seq), "says that it is entry %lld",
                (long long)leaf.seq);
  if (str_eq(leaf.act, S("epoch.start"))) verify_epoch_start(cx, v, &leaf, tree_root(&w->tree));
  if (leaf.epoch != v->at_epoch)
    verify_find(cx, v->r, "entry", number_text(v->scratch.arena, seq), "belongs to epoch %lld", (long long)leaf.epoch);
  check_time(cx, v, w, &leaf);
  TRY(check_reason(cx, v, w, &leaf, seq));
  return check_speaks_of(cx, v, w, &leaf, seq, column);
}

static Err check_entry(Cx *cx, Verify *v, Walk *w, const Rows *r) {
  int64_t seq = row_int(r, 0);
  Str text = row_text(r, 1), obj = row_text(r, 3);
  Hash stored = { { 0 } }, computed = leaf_hash(text);
  if (seq != w->tree.size && !w->gap) {
    verify_find(cx, v->r, "entry", number_text(v->scratch.arena, seq), "stands where entry %lld should be",
                (long long)w->tree.size);
    w->gap = true;   /* from here on the tree cannot be compared; the entries still can */
  }
  if (!hash_of_bytes(row_bytes(r, 2), &stored) || !hash_eq(stored, computed))
    bad_entry(cx, v, seq, "its text does not have the hash beside it");
  if (seq < signed_before(v)) w->sums.entry += entry_key_hash(v, obj, seq);
  TRY(check_leaf(cx, v, w, text, seq, obj));
  if (w->gap) { w->tree.size = seq + 1; return E_OK; }
  TRY(walk_add_leaf(cx, v, w, stored));
  return walk_roots(cx, v, w);
}

/* The state of a walk that comes to its first entry: from nodes that are checked by the walks before it. */
static Err start(Cx *cx, Verify *v, Walk *w) {
  AUTO(Rows) r = { 0 };
  bool got;
  Leaf before;
  if (!v->first) return E_OK;
  TRY(log_tree(cx, v->s, v->first, &w->tree));
  for (; v->next_epoch < v->epochs.n && v->epochs.p[v->next_epoch].seq < v->first; v->next_epoch++)
    v->at_epoch = v->epochs.p[v->next_epoch].n;
  TRY(store_rows(cx, v->s, SQL_VERIFY_ENTRIES, ARGS(v_int(v->first - 1), v_int(v->first - 1)), &r));
  TRY(rows_next(cx, &r, &got));
  if (!got || !leaf_read(v->scratch.arena, row_text(&r, 1), &before))
    return fail(cx, E_INTEGRITY, "The entry before entry %lld cannot be read.", (long long)v->first);
  check_time(cx, v, w, &before);
  return E_OK;
}

static Err cursors(Cx *cx, Verify *v, Walk *w) {
  int64_t from = v->first ? v->first : INT64_MIN;
  TRY(level_open(cx, v, SQL_CHECKPOINT_SIZES, ARGS(v_int(from)), &w->points));
  TRY(level_open(cx, v, SQL_VERIFY_REASONS, ARGS(v_int(from), v_int(v->last)), &w->reasons));
  return level_open(cx, v, SQL_VERIFY_REVISIONS, ARGS(v_int(from), v_int(v->last)), &w->revisions);
}

/* Rows of the other tables that no entry asked for. */
static Err leftover(Cx *cx, Verify *v, Walk *w) {
  bool mine, has;
  TRY(reason_at(cx, v, w, INT64_MAX, &has));
  if (has) bad_reason(cx, v, INT64_MAX, "there are words that no entry speaks of");
  return revisions_to(cx, v, w, INT64_MAX, NULL, STR_NONE, 0, &mine);
}

static Err finish(Cx *cx, Verify *v, Walk *w) {
  TRY(leftover(cx, v, w));
  if (w->gap) return E_OK;
  if (v->last == INT64_MAX) return walk_end(cx, v, w);
  if (w->tree.size <= v->last) bad_entry(cx, v, v->last, "is missing");
  return E_OK;
}

Err verify_log(Cx *cx, Verify *v) {
  AUTO(Walk) w = { .sums.parts = 1 };
  AUTO(Rows) r = { 0 };
  int64_t from = v->first ? v->first : INT64_MIN;
  TRY(start(cx, v, &w));
  TRY(cursors(cx, v, &w));
  TRY(store_rows(cx, v->s, SQL_VERIFY_ENTRIES, ARGS(v_int(from), v_int(v->last)), &r));
  for (bool got;; v->r->entries++) {
    TRY(rows_next(cx, &r, &got));
    if (!got) break;
    TRY(check_entry(cx, v, &w, &r));
    if (v->r->entries % RESET_EVERY == 0) cx_reset(&v->scratch);
  }
  TRY(finish(cx, v, &w));
  index_sums_add(&v->sums, w.sums);
  return E_OK;
}
