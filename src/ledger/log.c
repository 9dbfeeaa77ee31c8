/* Writing and reading the log. */
#include "inside.h"
#include "ledger.sql.h"
#include <string.h>

Err ledger_create(Cx *cx, Store *s, Str instance) {
  TRY(store_migrate(cx, s, ledger_steps, ledger_nsteps));
  const Val rows[][2] = { { v_text(S("instance")), v_text(instance) }, { v_text(S("epoch")), v_text(S("1")) },
                          { v_text(S("checkpoints")), v_text(S("0")) } };
  for (size_t i = 0; i < COUNT(rows); i++) TRY(store_run(cx, s, SQL_META_ADD, rows[i], 2, NULL));
  return E_OK;
}

Err ledger_open(Cx *cx, Store *s) { return store_migrate(cx, s, ledger_steps, ledger_nsteps); }

/* ---- what is remembered ---------------------------------------------------------------------------------------- */

bool hash_of_bytes(Str bytes, Hash *out) {
  if (bytes.n != sizeof out->b) return false;
  memcpy(out->b, bytes.p, bytes.n);
  return true;
}

Str hash_or_none(Arena *a, Hash h) { return hash_eq(h, (Hash){ { 0 } }) ? S("") : hash_hex(a, h); }

static Err first_hash(Cx *cx, Store *s, const Sql *sql, const Val *args, size_t n, const char *what, int64_t where,
                      Hash *out) {
  AUTO(Rows) r = { 0 };
  bool got;
  TRY(store_rows(cx, s, sql, args, n, &r));
  TRY(rows_next(cx, &r, &got));
  if (got && hash_of_bytes(row_bytes(&r, 0), out)) return E_OK;
  return fail(cx, E_INTEGRITY, "The log lacks %s %lld. Nothing was stored. Run: proofline verify --all", what,
              (long long)where);
}

Err node_read(Cx *cx, Store *s, int level, int64_t index, Hash *out) {
  if (level == 0) return first_hash(cx, s, SQL_ENTRY_HASH, ARGS(v_int(index)), "entry", index, out);
  if (level % NODE_STEP) {
    Hash left, right;
    TRY(node_read(cx, s, level - 1, 2 * index, &left));
    TRY(node_read(cx, s, level - 1, 2 * index + 1, &right));
    *out = node_hash(left, right);
    return E_OK;
  }
  return first_hash(cx, s, SQL_NODE_HASH, ARGS(v_int(level), v_int(index)), "the node ending with entry",
                    ((index + 1) << level) - 1, out);
}

Err log_tree(Cx *cx, Store *s, int64_t size, Tree *out) {
  Tree t = { .size = size };
  for (int level = 0; level < TREE_LEVELS; level++)
    if (size >> level & 1) TRY(node_read(cx, s, level, (size >> level) - 1, &t.at[level]));
  *out = t;
  return E_OK;
}

static Err load_names(Cx *cx, Store *s, LogState *st) {
  Str instance, first;
  TRY(store_text(cx, s, SQL_META_GET, ARGS(v_text(S("instance"))), &instance));
  TRY(store_text(cx, s, SQL_META_GET, ARGS(v_text(S("epoch"))), &first));
  bool named = str_int(first, &st->epoch);
  TRY(store_int(cx, s, SQL_EPOCH_NOW, NO_ARGS, st->epoch, &st->epoch));
  Str origin = str_fmt(cx->arena, "proofline/%.*s/%lld", STR(instance), (long long)st->epoch);
  if (!named || origin.n > sizeof st->origin_text)
    return fail(cx, E_INTEGRITY, "The log has lost its name. Nothing was stored. Run: proofline verify --all");
  memcpy(st->origin_text, origin.p, origin.n);
  st->origin = (Str){ st->origin_text, origin.n };
  return E_OK;
}

/* Nothing is read when nothing was undone, one row when nothing moved; else the tree is read anew. */
Err log_state(Cx *cx, Store *s, LogState **out) {
  static const char owner;
  LogState *st = store_keep(s, &owner, sizeof *st), fresh = { .undone = store_undone(s) };
  AUTO(Rows) r = { 0 };
  bool got;
  *out = st;
  if (st->known && st->undone && st->undone == fresh.undone) return E_OK;
  TRY(store_rows(cx, s, SQL_ENTRY_LAST, NO_ARGS, &r));
  TRY(rows_next(cx, &r, &got));
  int64_t size = got ? row_int(&r, 0) + 1 : 0;
  if (got && !hash_of_bytes(row_bytes(&r, 1), &fresh.last))
    return fail(cx, E_INTEGRITY, "Entry %lld has no hash. Nothing was stored. Run: proofline verify --all",
                (long long)(size - 1));
  if (st->known && st->tree.size == size && hash_eq(st->last, fresh.last)) {
    st->undone = fresh.undone;
    return E_OK;
  }
  Leaf leaf;
  if (got && (!leaf_read(cx->arena, row_text(&r, 2), &leaf) || !time_parse(leaf.time, &fresh.last_t_us)))
    return fail(cx, E_INTEGRITY, "Entry %lld cannot be read. Nothing was stored. Run: proofline verify --all",
                (long long)(size - 1));
  Rows_drop(&r);
  TRY(log_tree(cx, s, size, &fresh.tree));
  *st = fresh;
  TRY(load_names(cx, s, st));
  st->known = true;
  return E_OK;
}

Err ledger_origin(Cx *cx, Store *s, Str *origin) {
  LogState *st;
  TRY(log_state(cx, s, &st));
  *origin = st->origin;
  return E_OK;
}

Err ledger_head(Cx *cx, Store *s, TreeHead *out) {
  LogState *st;
  TRY(log_state(cx, s, &st));
  *out = (TreeHead){ st->tree.size, tree_root(&st->tree) };
  return E_OK;
}

Err ledger_clock(Cx *cx, Store *s, int64_t *t_us) {
  LogState *st;
  TRY(log_state(cx, s, &st));
  *t_us = st->tree.size && st->last_t_us >= cx->now_us ? st->last_t_us + 1 : cx->now_us;
  return E_OK;
}

/* ---- writing --------------------------------------------------------------------------------------------------- */

static Err keep_reason(Cx *cx, Store *s, int64_t seq, Str text, Str *commitment) {
  if (!text.n) return E_OK;
  if (!str_is_utf8(text)) return fail(cx, E_INVALID, "The reason holds bytes that are not UTF-8. Nothing was stored.");
  Str salt = random_hex(cx->arena, 16);
  *commitment = hash_hex(cx->arena, reason_hash(cx->arena, salt, text));
  return store_run(cx, s, SQL_REASON_ADD, ARGS(v_int(seq), v_text(salt), v_text(text)), NULL);
}

Err nodes_keep(Cx *cx, Store *s, int64_t seq, const Hash *made, int n) {
  for (int level = NODE_STEP; level <= n; level += NODE_STEP)
    TRY(store_run(cx, s, SQL_NODE_ADD,
                  ARGS(v_int(level), v_int(seq >> level), v_bytes(hash_bytes(&made[level - 1]))), NULL));
  return E_OK;
}

Err ledger_append(Cx *cx, Store *s, const Entry *e, int64_t *seq) {
  LogState *st;
  TRY(log_state(cx, s, &st));
  if (e->t_us < st->last_t_us)
    return fail(cx, E_BUG, "An entry would be older than the one before it. Nothing was stored.");
  Leaf leaf = { .act = e->act,
                .actor = e->actor,
                .auth = e->auth,
                .obj = e->obj,
                .request = e->request,
                .source = e->source,
                .to = e->to,
                .time = time_text(cx->arena, e->t_us),
                .epoch = st->epoch,
                .seq = st->tree.size,
                .new_hex = hash_or_none(cx->arena, e->new_hash),
                .prev_hex = hash_or_none(cx->arena, e->prev_hash) };
  TRY(keep_reason(cx, s, leaf.seq, e->reason, &leaf.reason_hex));
  Str text;
  TRY(leaf_write(cx, &leaf, &text));
  Hash hash = leaf_hash(text), made[TREE_LEVELS];
  int64_t rev;
  Str base = object_base(e->obj.p ? e->obj : S(""), &rev);
  TRY(store_run(cx, s, SQL_ENTRY_ADD, ARGS(v_int(leaf.seq), v_text(text), v_bytes(hash_bytes(&hash)), v_text(base)),
                NULL));
  Tree grown = st->tree;
  int n = tree_add(&grown, hash, made);
  TRY(nodes_keep(cx, s, leaf.seq, made, n));
  st->tree = grown;
  st->last = hash;
  st->last_t_us = e->t_us;
  if (seq) *seq = leaf.seq;
  return E_OK;
}

Err ledger_erase_reason(Cx *cx, Store *s, int64_t seq, const Entry *e, int64_t *erased_by) {
  int64_t changes = 0;
  TRY(store_run(cx, s, SQL_REASON_ERASE, ARGS(v_int(seq)), &changes));
  if (!changes) return fail(cx, E_NOTFOUND, "Entry %lld has no reason that could be erased.", (long long)seq);
  Entry entry = *e;
  entry.act = S("reason.erase");
  entry.obj = str_fmt(cx->arena, "reason:%lld", (long long)seq);
  return ledger_append(cx, s, &entry, erased_by);
}

/* ---- revisions ------------------------------------------------------------------------------------------------- */

static Err check_body(Cx *cx, const Revision *r) {
  JVal *body;
  Buf again = buf_new(cx->arena, r->body.n + 64);
  TRY(json_read(cx, r->body, &JSON_DOCUMENT, &body));
  TRY(json_canonical(cx, body, &again));
  if (!str_eq(buf_str(&again), r->body))
    return fail(cx, E_BUG, "The body of %.*s is not in canonical form. Nothing was stored.", STR(r->record));
  /* The leaf vouches for the body, and the body for the column beside it. */
  if (!str_eq(json_text(body, "type"), r->type))
    return fail(cx, E_BUG, "The body of %.*s does not state its type %.*s. Nothing was stored.", STR(r->record),
                STR(r->type));
  return E_OK;
}

static Err revision_before(Cx *cx, Store *s, const Revision *r, Hash *prev) {
  AUTO(Rows) rows = { 0 };
  bool got;
  TRY(store_rows(cx, s, SQL_REVISION_HEAD, ARGS(v_text(r->record)), &rows));
  TRY(rows_next(cx, &rows, &got));
  int64_t last = got ? row_int(&rows, 0) : 0;
  if (r->rev != last + 1)
    return fail(cx, E_CONFLICT,
                "%.*s is at revision %lld, so %lld cannot be written. Nothing was stored. Look at it again.",
                STR(r->record), (long long)last, (long long)r->rev);
  if (got && !hash_of_bytes(row_bytes(&rows, 1), prev))
    return fail(cx, E_INTEGRITY, "%.*s@%lld has no hash. Nothing was stored. Run: proofline verify --all",
                STR(r->record), (long long)last);
  return E_OK;
}

Err ledger_revise(Cx *cx, Store *s, const Revision *r, const Entry *e, int64_t *seq) {
  Entry entry = *e;
  entry.prev_hash = (Hash){ { 0 } };
  entry.new_hash = sha256(r->body);
  entry.obj = str_fmt(cx->arena, "%.*s@%lld", STR(r->record), (long long)r->rev);
  int64_t rev, mine;
  if (r->record.n > RECORD_MAX_BYTES || !str_eq(object_base(entry.obj, &rev), r->record) || rev != r->rev)
    return fail(cx, E_BUG, "%.*s cannot be the name of a record. Nothing was stored.", STR(r->record));
  TRY(check_body(cx, r));
  TRY(revision_before(cx, s, r, &entry.prev_hash));
  TRY(ledger_append(cx, s, &entry, &mine));
  TRY(store_run(cx, s, SQL_REVISION_ADD, ARGS(v_text(r->record), v_int(r->rev), v_text(r->type), v_text(r->body),
                                              v_bytes(hash_bytes(&entry.new_hash)), v_int(mine)), NULL));
  if (seq) *seq = mine;
  return E_OK;
}

Err ledger_revision(Cx *cx, Store *s, Str record, int64_t rev, Revision *out) {
  AUTO(Rows) r = { 0 };
  bool got;
  if (rev) TRY(store_rows(cx, s, SQL_REVISION_GET, ARGS(v_text(record), v_int(rev)), &r));
  else TRY(store_rows(cx, s, SQL_REVISION_LAST, ARGS(v_text(record)), &r));
  TRY(rows_next(cx, &r, &got));
  if (!got && rev) return fail(cx, E_NOTFOUND, "There is no %.*s in revision %lld.", STR(record), (long long)rev);
  if (!got) return fail(cx, E_NOTFOUND, "There is no %.*s.", STR(record));
  Revision found = { .record = str_dup(cx->arena, record),
                     .rev = row_int(&r, 0),
                     .type = str_dup(cx->arena, row_text(&r, 1)),
                     .body = str_dup(cx->arena, row_text(&r, 2)),
                     .seq = row_int(&r, 4) };
  Leaf leaf;
  if (!hash_of_bytes(row_bytes(&r, 3), &found.hash) ||
      !leaf_read(cx->arena, str_dup(cx->arena, row_text(&r, 5)), &leaf) || !time_parse(leaf.time, &found.t_us))
    return fail(cx, E_INTEGRITY, "%.*s@%lld cannot be read. Run: proofline verify --all", STR(record),
                (long long)found.rev);
  found.actor = leaf.actor;
  *out = found;
  return E_OK;
}

/* ---- reading --------------------------------------------------------------------------------------------------- */

static Err log_row(Cx *cx, const Rows *r, LogRow *out) {
  Str text = str_dup(cx->arena, row_text(r, 0));
  Leaf leaf;
  if (!leaf_read(cx->arena, text, &leaf) || !hash_of_bytes(row_bytes(r, 1), &out->hash) ||
      !time_parse(leaf.time, &out->t_us))
    return fail(cx, E_INTEGRITY, "An entry of the log cannot be read. Run: proofline verify --all");
  out->seq = leaf.seq;
  out->act = leaf.act; out->actor = leaf.actor; out->auth = leaf.auth; out->obj = leaf.obj; out->to = leaf.to;
  out->source = leaf.source; out->request = leaf.request; out->new_hex = leaf.new_hex; out->prev_hex = leaf.prev_hex;
  out->reason = str_dup(cx->arena, row_text(r, 2));
  out->salt = str_dup(cx->arena, row_text(r, 3));
  out->leaf = text;
  return E_OK;
}

Err ledger_entries(Cx *cx, Store *s, Str obj, int64_t from, int64_t to, size_t limit, LogRows *out) {
  bool down = from > to;
  int64_t low = down ? to : from, high = down ? from : to, rev = 0;
  Str base = obj.p ? object_base(obj, &rev) : STR_NONE;
  AUTO(Rows) r = { 0 };
  LogRows found = { 0 };
  if (obj.p)
    TRY(store_rows(cx, s, down ? SQL_LOG_OBJECT_DOWN : SQL_LOG_OBJECT_UP, ARGS(v_int(low), v_int(high), v_text(base)),
                   &r));
  else TRY(store_rows(cx, s, down ? SQL_LOG_DOWN : SQL_LOG_UP, ARGS(v_int(low), v_int(high)), &r));
  while (found.n < limit) {
    bool got;
    TRY(rows_next(cx, &r, &got));
    if (!got) break;
    LogRow row = { 0 };
    TRY(log_row(cx, &r, &row));
    if (!rev || str_eq(row.obj, obj)) vec_add(cx->arena, &found, row);
  }
  *out = found;
  return E_OK;
}

/* Time never falls along the log, so a binary search finds the place. */
Err ledger_size_at(Cx *cx, Store *s, int64_t t_us, int64_t *size) {
  TreeHead head;
  TRY(ledger_head(cx, s, &head));
  int64_t low = 0, high = head.size;
  while (low < high) {
    int64_t middle = low + (high - low) / 2;
    LogRows rows = { 0 };
    TRY(ledger_entries(cx, s, STR_NONE, middle, middle, 1, &rows));
    if (!rows.n) return fail(cx, E_INTEGRITY, "Entry %lld is missing. Run: proofline verify", (long long)middle);
    if (rows.p[0].t_us <= t_us) low = middle + 1;
    else high = middle;
  }
  *size = low;
  return E_OK;
}

Err object_last(Cx *cx, Store *s, Str obj, Str *new_hex) {
  AUTO(Rows) r = { 0 };
  TRY(store_rows(cx, s, SQL_ENTRY_OF_OBJECT, ARGS(v_text(obj)), &r));
  for (;;) {
    bool got;
    Leaf leaf;
    TRY(rows_next(cx, &r, &got));
    if (!got) break;
    if (!leaf_read(cx->arena, row_text(&r, 0), &leaf) || !leaf.new_hex.n) continue;
    *new_hex = str_dup(cx->arena, leaf.new_hex);
    return E_OK;
  }
  *new_hex = S("");
  return E_OK;
}
