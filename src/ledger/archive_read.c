/* An archive read back, into a store that is made from it. */
#include "inside.h"
#include "ledger.sql.h"
#include <dirent.h>
#include <errno.h>
#include <string.h>

enum { TILE = ARCHIVE_TILE, BUNDLE_MAX = TILE * (LEAF_MAX_BYTES + 2), TEXT_MAX = 256 << 20, CONTENT_MAX = 1 << 30 };

Err ledger_archive_open(Cx *cx, const char *dir, Str key, ArchiveLog *out) {
  ArchiveLog a = { .dir = dir };
  LogKey k;
  TRY(archive_head(cx, dir, &a.note, &a.origin, &a.head));
  if (!a.origin.n) return fail(cx, E_NOTFOUND, "There is no archive in %s.", dir);
  if (!key_read(cx->arena, key, &k) || !str_eq(k.origin, a.origin) || !note_valid(cx->arena, a.note, &k, &a.head))
    return fail(cx, E_INTEGRITY, "The checkpoint in %s is not signed by the key of this log.", dir);
  *out = a;
  return E_OK;
}

/* ---- entries ----------------------------------------------------------------------------------------------------- */

typedef struct Words { Str salt[TILE], reason[TILE]; } Words;

static void words_read(Cx *cx, const ArchiveLog *a, int64_t n, int64_t width, Words *out) {
  Str text = STR_NONE, line;
  if (file_read(cx, archive_tile_path(cx->arena, a->dir, S("words"), n, width).p, TEXT_MAX, &text) != E_OK)
    text = S("");
  cx_forgive(cx);
  while (str_line(&text, &line)) {
    JVal *j;
    bool read = json_read(cx, line, &JSON_DOCUMENT, &j) == E_OK;
    cx_forgive(cx);
    int64_t at = read ? json_int(j, "seq", -1) - n * TILE : -1;
    if (at < 0 || at >= TILE) continue;
    out->salt[at] = str_dup(cx->arena, json_text(j, "salt"));
    out->reason[at] = str_dup(cx->arena, json_text(j, "reason"));
  }
}

static Err bundle_read(Cx *cx, const ArchiveLog *a, int64_t n, int64_t width, Str leaf[TILE]) {
  Str path = archive_tile_path(cx->arena, a->dir, S("entries"), n, width), bytes;
  TRY(file_read(cx, path.p, BUNDLE_MAX, &bytes));
  for (int64_t i = 0; i < width; i++) {
    size_t size = bytes.n < 2 ? SIZE_MAX : (size_t)((uint8_t)bytes.p[0] << 8 | (uint8_t)bytes.p[1]);
    if (size == SIZE_MAX || size + 2 > bytes.n)
      return fail(cx, E_INTEGRITY, "%.*s is cut off.", STR(path));
    leaf[i] = str_slice(bytes, 2, size + 2);
    bytes = str_slice(bytes, size + 2, bytes.n);
  }
  return E_OK;
}

static Err entry_take(Cx *cx, Store *s, Str leaf, Str salt, Str reason, int64_t *wordless) {
  Leaf l;
  bool had = leaf_read(cx->arena, leaf, &l) && l.reason_hex.n;
  bool right = reason.p && had && str_eq(hash_hex(cx->arena, reason_hash(cx->arena, salt, reason)), l.reason_hex);
  *wordless += had && !right;
  return ledger_copy_entry(cx, s, leaf, right ? salt : STR_NONE, right ? reason : STR_NONE);
}

Err ledger_archive_entries(Cx *cx, const ArchiveLog *a, Store *s, int64_t from, int64_t to, int64_t *wordless) {
  for (int64_t n = from / TILE; n * TILE < to; n++) {
    ArenaMark mark = arena_mark(cx->arena);
    Str leaf[TILE];
    Words w = { 0 };
    int64_t width = a->head.size - n * TILE < TILE ? a->head.size - n * TILE : TILE;
    TRY(bundle_read(cx, a, n, width, leaf));
    words_read(cx, a, n, width, &w);
    for (int64_t i = n * TILE < from ? from - n * TILE : 0; i < width && n * TILE + i < to; i++)
      TRY(entry_take(cx, s, leaf[i], w.salt[i], w.reason[i], wordless));
    arena_release(cx->arena, mark);
  }
  return E_OK;
}

/* ---- content ----------------------------------------------------------------------------------------------------- */

Err ledger_archive_content(Cx *cx, const ArchiveLog *a, Str hex, Str *bytes) {
  Str got;
  const char *path = archive_content_path(cx->arena, a->dir, hex).p;
  TRY(file_read(cx, path, CONTENT_MAX, &got));
  if (!str_eq(hash_hex(cx->arena, sha256(got)), hex))
    return fail(cx, E_INTEGRITY, "%s is not what its name says.", path);
  *bytes = got;
  return E_OK;
}

static Err names_in(Cx *cx, const char *folder, bool folders, ContentNames *out) {
  DIR *d = opendir(folder);
  if (!d) return errno == ENOENT ? E_OK : fail(cx, E_IO, "Cannot read %s: %s", folder, strerror(errno));
  for (struct dirent *e; (e = readdir(d)) != NULL;)
    if (strlen(e->d_name) == (folders ? 2 : 64) && e->d_name[0] != '.')
      vec_add(cx->arena, out, str_dup(cx->arena, str_of(e->d_name)));
  (void)closedir(d);
  return E_OK;
}

Err ledger_archive_names(Cx *cx, const ArchiveLog *a, ContentNames *out) {
  ContentNames parts = { 0 };
  const char *content = str_fmt(cx->arena, "%s/content", a->dir).p;
  TRY(names_in(cx, content, true, &parts));
  for (size_t i = 0; i < parts.n; i++)
    TRY(names_in(cx, str_fmt(cx->arena, "%s/%.*s", content, STR(parts.p[i])).p, false, out));
  return E_OK;
}

/* ---- checkpoints ------------------------------------------------------------------------------------------------- */

Err ledger_root_at(Cx *cx, Store *s, int64_t size, Hash *out) {
  TreeHead head;
  Tree t;
  TRY(ledger_head(cx, s, &head));
  if (size > head.size) return fail(cx, E_INTEGRITY, "The log has only %lld entries.", (long long)head.size);
  TRY(log_tree(cx, s, size, &t));
  *out = tree_root(&t);
  return E_OK;
}

/* Numbers go on where the store's own checkpoints end. */
static Err note_keep(Cx *cx, Store *s, Str note, TreeHead head) {
  int64_t there, n;
  TRY(store_int(cx, s, SQL_CHECKPOINT_AT, ARGS(v_int(head.size)), 0, &there));
  if (there) return E_OK;
  TRY(store_int(cx, s, SQL_CHECKPOINT_LAST, NO_ARGS, 0, &n));
  TRY(store_run(cx, s, SQL_CHECKPOINT_ADD,
                ARGS(v_int(n + 1), v_int(head.size), v_bytes(hash_bytes(&head.root)), v_text(note)), NULL));
  return store_run(cx, s, SQL_META_SET,
                   ARGS(v_text(S("checkpoints")), v_text(str_fmt(cx->arena, "%lld", (long long)n + 1))), NULL);
}

Err ledger_archive_checkpoint(Cx *cx, const ArchiveLog *a, Store *s) { return note_keep(cx, s, a->note, a->head); }

static Err stamp_take(Cx *cx, const ArchiveLog *a, Store *s, JVal *j) {
  Str origin, text, request, reply, note = json_text(j, "note");
  TreeHead head;
  int64_t size = json_int(j, "size", -1);
  if (!note_read(cx->arena, note, &origin, &head, &text) || head.size != size ||
      !base64_read(cx->arena, json_text(j, "request"), &request))
    return fail(cx, E_INTEGRITY, "%s/stamps cannot be read.", a->dir);
  if (size > a->head.size) return E_OK;
  TRY(note_keep(cx, s, note, head));
  TRY(store_run(cx, s, SQL_TIMESTAMP_ADD, ARGS(v_int(size), v_bytes(request)), NULL));
  if (!json_text(j, "reply").n || !base64_read(cx->arena, json_text(j, "reply"), &reply)) return E_OK;
  return store_run(cx, s, SQL_TIMESTAMP_SET, ARGS(v_int(size), v_bytes(reply), v_text(json_text(j, "told"))), NULL);
}

Err ledger_archive_stamps(Cx *cx, const ArchiveLog *a, Store *s) {
  Str text, line;
  const char *path = str_fmt(cx->arena, "%s/stamps", a->dir).p;
  if (!file_exists(path)) return E_OK;
  TRY(file_read(cx, path, TEXT_MAX, &text));
  while (str_line(&text, &line)) {
    JVal *j;
    TRY(json_read(cx, line, &JSON_DOCUMENT, &j));
    TRY(stamp_take(cx, a, s, j));
  }
  return E_OK;
}
