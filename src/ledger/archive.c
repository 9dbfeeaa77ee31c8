/* A second memory of the log in another folder, best on another disk: the tiles of C2SP tlog-tiles, the content that
 * entries speak of by its hash, and the checkpoint, written last.
 *
 *   checkpoint                 the newest one; all below it is there
 *   tile/L/N, tile/L/N.p/W     256 (or the first W) hashes of tree level 8 L
 *   tile/entries/N[.p/W]       256 leaves, each behind its length (u16, big-endian)
 *   tile/words/N[.p/W]         the words of the reasons of these entries, as lines of JSON
 *   content/ab/HASH            bodies of revisions and blobs
 *   stamps                     timestamps, as lines of JSON
 * Only what is new is written.  Nothing is written over but words that were erased (GDPR Art. 17): a medium that is
 * written once keeps them. */
#include "inside.h"
#include "ledger.sql.h"
#include <string.h>
#include <unistd.h>

enum { TILE = ARCHIVE_TILE, TILE_LEVELS = 8, BUNDLE_MAX = TILE * (LEAF_MAX_BYTES + 2), WORDS_MAX = 256 << 20 };

/* tlog-tiles: three digits a part, all but the last behind an x. */
Str archive_tile_path(Arena *a, const char *dir, Str level, int64_t n, int64_t width) {
  Str path = str_fmt(a, "%03lld", (long long)(n % 1000));
  for (n /= 1000; n; n /= 1000) path = str_fmt(a, "x%03lld/%.*s", (long long)(n % 1000), STR(path));
  path = str_fmt(a, "%s/tile/%.*s/%.*s", dir, STR(level), STR(path));
  return width == TILE ? path : str_fmt(a, "%.*s.p/%lld", STR(path), (long long)width);
}

static Err put(Cx *cx, Str path, Str bytes) {
  if (file_exists(path.p)) return E_OK;
  TRY(folder_make(cx, str_z(cx->arena, str_slice(path, 0, str_rfind_char(path, '/'))), 0700));
  return file_write(cx, path.p, bytes, 0400);
}

typedef struct Archive { Store *s; const char *dir; int64_t from, to, words_from; } Archive;

/* ---- tiles ----------------------------------------------------------------------------------------------------- */

static Err bundle(Cx *cx, Store *s, int64_t n, int64_t to, Str *out) {
  AUTO(Rows) r = { 0 };
  Buf b = buf_new(cx->arena, BUNDLE_MAX);
  TRY(store_rows(cx, s, SQL_ENTRY_RANGE, ARGS(v_int(n * TILE), v_int(to)), &r));
  for (bool got;;) {
    TRY(rows_next(cx, &r, &got));
    if (!got) break;
    Str leaf = row_text(&r, 1);
    buf_byte(&b, (char)(leaf.n >> 8));
    buf_byte(&b, (char)leaf.n);
    buf_add(&b, leaf);
  }
  *out = buf_str(&b);
  return E_OK;
}

static Err hashes(Cx *cx, Store *s, int level, int64_t n, int64_t to, Str *out) {
  Buf b = buf_new(cx->arena, TILE * sizeof(Hash));
  for (int64_t i = n * TILE; i < to; i++) {
    Hash h;
    TRY(node_read(cx, s, TILE_LEVELS * level, i, &h));
    buf_add(&b, hash_bytes(&h));
  }
  *out = buf_str(&b);
  return E_OK;
}

/* Entries without words, and those whose words were erased, have no line. */
static Err words(Cx *cx, Store *s, int64_t n, int64_t to, Str *out) {
  LogRows rows = { 0 };
  TRY(ledger_entries(cx, s, STR_NONE, n * TILE, to - 1, SIZE_MAX, &rows));
  Buf b = buf_new(cx->arena, WORDS_MAX);
  for (size_t i = 0; i < rows.n; i++) {
    if (!rows.p[i].reason.p) continue;
    JsonOut o = json_out(&b, false);
    json_object(&o);
    json_pair(&o, "reason", rows.p[i].reason);
    json_pair(&o, "salt", rows.p[i].salt);
    json_pair_int(&o, "seq", rows.p[i].seq);
    json_object_end(&o);
    buf_byte(&b, '\n');
  }
  *out = buf_str(&b);
  return E_OK;
}

enum { LEVEL_WORDS = -2, LEVEL_ENTRIES };

static Err tile_bytes(Cx *cx, Store *s, int level, int64_t n, int64_t to, Str *out) {
  if (level == LEVEL_WORDS) return words(cx, s, n, to, out);
  return level == LEVEL_ENTRIES ? bundle(cx, s, n, to, out) : hashes(cx, s, level, n, to, out);
}

static Err put_tiles(Cx *cx, const Archive *a, int level) {
  int down = level < 0 ? 0 : TILE_LEVELS * level;
  int64_t had = (level == LEVEL_WORDS ? a->words_from : a->from) >> down, size = a->to >> down;
  Str name = level == LEVEL_WORDS ? S("words") : level < 0 ? S("entries") : str_fmt(cx->arena, "%d", level);
  for (int64_t n = had / TILE; n * TILE < size; n++) {
    int64_t to = size < (n + 1) * TILE ? size : (n + 1) * TILE, before = had - n * TILE;
    if (before == to - n * TILE) continue;   /* as wide as it was */
    ArenaMark mark = arena_mark(cx->arena);
    Str bytes;
    TRY(tile_bytes(cx, a->s, level, n, to, &bytes));
    TRY(put(cx, archive_tile_path(cx->arena, a->dir, name, n, to - n * TILE), bytes));
    /* the wider one says the same */
    if (before > 0) (void)unlink(archive_tile_path(cx->arena, a->dir, name, n, before).p);
    arena_release(cx->arena, mark);
  }
  return E_OK;
}

/* ---- content --------------------------------------------------------------------------------------------------- */

Str archive_content_path(Arena *a, const char *dir, Str hex) {
  return str_fmt(a, "%s/content/%.2s/%.*s", dir, hex.p, STR(hex));
}

static Err put_bodies(Cx *cx, const Archive *a) {
  AUTO(Rows) r = { 0 };
  TRY(store_rows(cx, a->s, SQL_REVISION_RANGE, ARGS(v_int(a->from), v_int(a->to)), &r));
  for (bool got;;) {
    TRY(rows_next(cx, &r, &got));
    if (!got) return E_OK;
    ArenaMark mark = arena_mark(cx->arena);
    Hash h;
    if (!hash_of_bytes(row_bytes(&r, 1), &h))
      return fail(cx, E_INTEGRITY, "A revision has no hash. Run: proofline verify");
    TRY(put(cx, archive_content_path(cx->arena, a->dir, hash_hex(cx->arena, h)), row_text(&r, 0)));
    arena_release(cx->arena, mark);
  }
}

/* Blobs are listed only when there are more than the last time. */
static Err put_blobs(Cx *cx, const Archive *a) {
  static const char owner;
  int64_t *known = store_keep(a->s, &owner, sizeof *known), count;
  TRY(store_int(cx, a->s, SQL_BLOB_COUNT, NO_ARGS, 0, &count));
  if (*known == count) return E_OK;
  AUTO(Rows) r = { 0 };
  TRY(store_rows(cx, a->s, SQL_BLOB_NAMES, NO_ARGS, &r));
  for (bool got;;) {
    TRY(rows_next(cx, &r, &got));
    if (!got) break;
    ArenaMark mark = arena_mark(cx->arena);
    Str hex = row_text(&r, 0), bytes, path = archive_content_path(cx->arena, a->dir, hex);
    if (!file_exists(path.p)) {
      TRY(blob_get(cx, a->s, hex, &bytes));
      TRY(put(cx, path, bytes));
    }
    arena_release(cx->arena, mark);
  }
  *known = count;
  return E_OK;
}

/* ---- what may change: words that were erased, timestamps that are answered --------------------------------------- */

static Err put_stamps(Cx *cx, const Archive *a) {
  Timestamps all = { 0 };
  TRY(ledger_timestamps(cx, a->s, &all));
  Buf b = buf_new(cx->arena, WORDS_MAX);
  for (size_t i = all.n; i-- > 0;) {
    JsonOut o = json_out(&b, false);
    json_object(&o);
    json_pair(&o, "note", all.p[i].note);
    if (all.p[i].reply.n) json_pair(&o, "reply", base64(cx->arena, all.p[i].reply));
    json_pair(&o, "request", base64(cx->arena, all.p[i].request));
    json_pair_int(&o, "size", all.p[i].size);
    json_pair(&o, "told", all.p[i].told);
    json_object_end(&o);
    buf_byte(&b, '\n');
  }
  return file_write(cx, str_fmt(cx->arena, "%s/stamps", a->dir).p, buf_str(&b), 0600);
}

static Err erase_words(Cx *cx, const Archive *a, Str obj) {
  int64_t seq;
  Str bytes;
  if (!str_int(str_slice(obj, str_find_char(obj, ':') + 1, obj.n), &seq) || seq < 0 || seq >= a->to) return E_OK;
  int64_t n = seq / TILE, to = a->to < (n + 1) * TILE ? a->to : (n + 1) * TILE;
  TRY(words(cx, a->s, n, to, &bytes));
  return file_write(cx, archive_tile_path(cx->arena, a->dir, S("words"), n, to - n * TILE).p, bytes, 0400);
}

static Err put_changed(Cx *cx, const Archive *a) {
  bool stamped = false;
  for (int64_t at = a->from; at < a->to; at += TILE) {
    ArenaMark mark = arena_mark(cx->arena);
    LogRows rows = { 0 };
    TRY(ledger_entries(cx, a->s, STR_NONE, at, (at + TILE < a->to ? at + TILE : a->to) - 1, SIZE_MAX, &rows));
    for (size_t i = 0; i < rows.n; i++) {
      stamped |= str_starts(rows.p[i].obj, S("timestamp:"));
      if (str_eq(rows.p[i].act, S("reason.erase"))) TRY(erase_words(cx, a, rows.p[i].obj));
    }
    arena_release(cx->arena, mark);
  }
  return stamped ? put_stamps(cx, a) : E_OK;
}

/* ---- the whole ------------------------------------------------------------------------------------------------- */

Err archive_head(Cx *cx, const char *dir, Str *out, Str *origin, TreeHead *head) {
  Str note = S(""), text;
  const char *path = str_fmt(cx->arena, "%s/checkpoint", dir).p;
  *head = (TreeHead){ 0, sha256(S("")) };
  *origin = STR_NONE;
  *out = note;
  if (!file_exists(path)) return E_OK;
  TRY(file_read(cx, path, NOTE_MAX_BYTES, &note));
  *out = note;
  if (note_read(cx->arena, note, origin, head, &text)) return E_OK;
  return fail(cx, E_INTEGRITY, "%s is not a checkpoint. Nothing was archived.", path);
}

static Str log_name(Str origin) { return str_slice(origin, 0, str_rfind_char(origin, '/')); }

Err ledger_archive(Cx *cx, Store *s, const char *dir, int64_t *size) {
  TreeHead had, now;
  Tree before;
  Str origin, mine, note;
  Str kept;
  TRY(archive_head(cx, dir, &kept, &origin, &had));
  TRY(ledger_last_checkpoint(cx, s, &now, &note));
  TRY(ledger_origin(cx, s, &mine));
  if (origin.n && !str_eq(log_name(origin), log_name(mine)))
    return fail(cx, E_CONFLICT, "%s is the archive of another log, %.*s. Nothing was archived.", dir, STR(origin));
  if (origin.n && !str_eq(origin, mine))
    return fail(cx, E_CONFLICT,
                "%s is the archive of the epoch before, %.*s, and stays as it is. Nothing was archived. Choose "
                "another folder for this one.",
                dir, STR(origin));
  if (had.size > now.size)
    return fail(cx, E_INTEGRITY,
                "The archive in %s has %lld entries, the log %lld signed ones: the store was rolled back. "
                "Nothing was archived. Run: proofline verify",
                dir, (long long)had.size, (long long)now.size);
  TRY(log_tree(cx, s, had.size, &before));
  if (!hash_eq(tree_root(&before), had.root))
    return fail(cx, E_INTEGRITY,
                "The first %lld entries of the log are not those in the archive %s. Nothing was archived. "
                "Run: proofline verify",
                (long long)had.size, dir);
  *size = now.size;
  /* an archive of an earlier version has no words yet */
  bool worded = file_exists(str_fmt(cx->arena, "%s/tile/words", dir).p);
  Archive a = { s, dir, had.size, now.size, worded ? had.size : 0 };
  if (now.size == had.size && worded) return put_blobs(cx, &a);
  for (int level = LEVEL_WORDS; level < 1 || now.size >> (TILE_LEVELS * level); level++) TRY(put_tiles(cx, &a, level));
  TRY(put_bodies(cx, &a));
  TRY(put_blobs(cx, &a));
  TRY(put_changed(cx, &a));
  return file_write(cx, str_fmt(cx->arena, "%s/checkpoint", dir).p, note, 0600);
}

/* ---- verifying ------------------------------------------------------------------------------------------------- */

static Err check_bundles(Cx *cx, const Archive *a, VerifyReport *r) {
  for (int64_t n = 0; n * TILE < a->to; n++) {
    ArenaMark mark = arena_mark(cx->arena);
    int64_t to = a->to < (n + 1) * TILE ? a->to : (n + 1) * TILE;
    Str ours, theirs = STR_NONE, path = archive_tile_path(cx->arena, a->dir, S("entries"), n, to - n * TILE);
    TRY(bundle(cx, a->s, n, to, &ours));
    bool there = file_read(cx, path.p, BUNDLE_MAX, &theirs) == E_OK;
    cx_forgive(cx);
    bool same = there && str_eq(ours, theirs);
    arena_release(cx->arena, mark);
    if (!same)
      verify_find(cx, r, "archive", str_fmt(cx->arena, "tile/entries %lld", (long long)n),
                  there ? "its entries are not those of the log" : "cannot be read");
  }
  return E_OK;
}

Err ledger_archive_verify(Cx *cx, Store *s, const char *dir, VerifyReport *r) {
  TreeHead had, now;
  Tree t;
  Str origin, mine;
  Str kept;
  Err e = archive_head(cx, dir, &kept, &origin, &had);
  if (e == E_OK && !origin.n) e = fail(cx, E_NOTFOUND, "There is no checkpoint in %s.", dir);
  if (e != E_OK) {
    verify_find(cx, r, "archive", S("checkpoint"), "%.*s", STR(cx->words));
    cx_forgive(cx);
    return E_OK;
  }
  TRY(ledger_head(cx, s, &now));
  TRY(ledger_origin(cx, s, &mine));
  if (!str_eq(log_name(origin), log_name(mine)))
    verify_find(cx, r, "archive", S("checkpoint"), "belongs to the log %.*s", STR(origin));
  else if (!str_eq(origin, mine)) return E_OK;   /* of an epoch before: it shows what was lost, and stays */
  else if (had.size > now.size)
    verify_find(cx, r, "archive", S("checkpoint"), "rolled back: the log has %lld entries, the archive %lld",
                (long long)now.size, (long long)had.size);
  else {
    TRY(log_tree(cx, s, had.size, &t));
    if (!hash_eq(tree_root(&t), had.root))
      verify_find(cx, r, "archive", S("checkpoint"), "its root over %lld entries is not that of the log",
                  (long long)had.size);
    Archive a = { s, dir, 0, had.size, 0 };
    return check_bundles(cx, &a, r);
  }
  return E_OK;
}
