/* The rows of tables that machines fill, beside the log in its archive.  Their digests are in the log (ledger_fact), so
 * what is read back is believed only as far as the log says so. */
#include "app/recover.h"
#include "app/whole/whole.h"
#include <unistd.h>

enum { ROWS_BYTES = 1 << 30, LIST_BYTES = 64 * 1024, PACE = 50, LOOK = 1000 };

/* What entries about "fact:key" may have changed. */
static const struct { const char *fact, *tables; } changed_by[] = {
  { "user", "person person_grant credential totp recovery_code totp_step" },
  { "duty", "duty" },
  { "token", "token token_use" },
  { "alert", "alert" },
  { "signature", "signature" },
  { "comment", "comment comment_mention comment_seen" },
  { "view", "saved_view" },
  { "sbom", "package sbom sbom_component sbom_dependency component_now" },
  { "component", "component_fact component_now" },
  { "source", "feed_source" },
  { "intake", "feed_intake" },
  { "built", "feed_built feed_built_source" },
  { "key", "feed_key" },
  { "snapshot", "vuln_snapshot vuln_key vuln_said vuln_exposure" },
  { "verdict", "vuln_run vuln_change verdict vuln_exposure vuln_key vuln_said" },
  { "check", "check_run check_pack check_rule check_change gap" },
  { "epoch", "epoch" },
};

typedef struct RowList { int64_t size; VEC(Str) table, hash; } RowList;

static const char *rows_path(Arena *a, const char *dir, Str name) {
  return str_fmt(a, "%s/rows/%.*s", dir, STR(name)).p;
}

static void list_set(Arena *a, RowList *l, Str table, Str hash) {
  for (size_t i = 0; i < l->table.n; i++)
    if (str_eq(l->table.p[i], table)) {
      l->hash.p[i] = hash;
      return;
    }
  vec_add(a, &l->table, table);
  vec_add(a, &l->hash, hash);
}

/* "size 1234", then "TABLE HASH" lines.  size -1: there is none. */
static Err list_read(Cx *cx, const char *dir, RowList *out) {
  RowList l = { .size = -1 };
  Str text, line, word, rest;
  const char *path = rows_path(cx->arena, dir, S("list"));
  *out = l;
  if (!file_exists(path)) return E_OK;
  TRY(file_read(cx, path, LIST_BYTES, &text));
  while (str_line(&text, &line)) {
    (void)str_cut(line, ' ', &word, &rest);
    if (!str_eq(word, S("size"))) list_set(cx->arena, &l, word, rest);
    else if (!str_int(rest, &l.size)) return fail(cx, E_INTEGRITY, "%s cannot be read.", path);
  }
  *out = l;
  return E_OK;
}

static bool word_in(const char *words, Str word) {
  Str rest = str_of(words), one;
  for (bool more = true; more;) {
    more = str_cut(rest, ' ', &one, &rest);
    if (str_eq(one, word)) return true;
  }
  return false;
}

/* Whether one of the entries since then may have changed the table; one bit for each row of changed_by. */
static bool is_dirty(uint32_t facts, Str table) {
  for (size_t i = 0; i < COUNT(changed_by); i++)
    if ((facts >> i & 1) && word_in(changed_by[i].tables, table)) return true;
  return false;
}

static Err facts_since(Cx *cx, Store *s, int64_t from, int64_t to, uint32_t *out) {
  uint32_t facts = 0;
  for (int64_t at = from; at < to; at += LOOK) {
    ArenaMark mark = arena_mark(cx->arena);
    LogRows rows = { 0 };
    int64_t last = (at + LOOK < to ? at + LOOK : to) - 1;
    TRY(ledger_entries(cx, s, STR_NONE, at, last, SIZE_MAX, &rows));
    for (size_t i = 0; i < rows.n; i++)
      for (size_t k = 0; k < COUNT(changed_by); k++) {
        Str fact = str_of(changed_by[k].fact), obj = rows.p[i].obj;
        if (str_starts(obj, fact) && obj.n > fact.n && obj.p[fact.n] == ':') facts |= (uint32_t)1 << k;
      }
    arena_release(cx->arena, mark);
  }
  *out = facts;
  return E_OK;
}

static Err put_table(Cx *cx, Store *s, const char *dir, const char *table, RowList *l) {
  AUTO(Cx) own = cx_new((size_t)ROWS_BYTES + (64u << 20));
  Buf b = buf_new(own.arena, ROWS_BYTES);
  int64_t count = 0;
  Err e = whole_rows_write(&own, s, table, &b, &count);
  if (e != E_OK) return fail(cx, e, "%s: %.*s", table, STR(own.words));
  Str hash = str_dup(cx->arena, hash_hex(own.arena, sha256(buf_str(&b))));
  const char *path = rows_path(cx->arena, dir, hash);
  if (!file_exists(path)) TRY(file_write(cx, path, buf_str(&b), 0400));
  list_set(cx->arena, l, str_of(table), hash);
  return E_OK;
}

static Err put_list(Cx *cx, const char *dir, const RowList *l) {
  Buf b = buf_new(cx->arena, LIST_BYTES);
  buf_fmt(&b, "size %lld\n", (long long)l->size);
  for (size_t i = 0; i < l->table.n; i++) buf_fmt(&b, "%.*s %.*s\n", STR(l->table.p[i]), STR(l->hash.p[i]));
  return file_write(cx, rows_path(cx->arena, dir, S("list")), buf_str(&b), 0600);
}

/* What the list named before and names no more: rows are kept as they are now, their history is in the log. */
static void drop_old(Cx *cx, const char *dir, const RowList *was, const RowList *is) {
  for (size_t i = 0; i < was->hash.n; i++) {
    bool used = false;
    for (size_t k = 0; k < is->hash.n; k++) used |= str_eq(was->hash.p[i], is->hash.p[k]);
    if (!used) (void)unlink(rows_path(cx->arena, dir, was->hash.p[i]));
  }
}

static Err put_tables(Cx *cx, Store *s, const char *dir, int64_t size) {
  RowList was, is;
  uint32_t facts = UINT32_MAX;
  TRY(list_read(cx, dir, &was));
  if (was.size == size) return E_OK;
  if (was.size >= 0 && was.size < size) TRY(facts_since(cx, s, was.size, size, &facts));
  TRY(list_read(cx, dir, &is));
  TRY(folder_make(cx, str_fmt(cx->arena, "%s/rows", dir).p, 0700));
  const char *const *const lists[] = { whole_tables, whole_own_tables };
  for (size_t i = 0; i < COUNT(lists); i++)
    for (size_t k = 0; lists[i][k]; k++)
      if (!is_dirty(UINT32_MAX, str_of(lists[i][k])))
        return fail(cx, E_BUG, "nobody says what changes %s", lists[i][k]);
      else if (was.size < 0 || is_dirty(facts, str_of(lists[i][k]))) TRY(put_table(cx, s, dir, lists[i][k], &is));
  is.size = size;
  TRY(put_list(cx, dir, &is));
  drop_old(cx, dir, &was, &is);
  return E_OK;
}

Err archive_rows(Cx *cx, Store *s, const char *dir, int64_t size, bool now) {
  static int64_t not_before_us;
  int64_t began = clock_mono_us();
  if (!now && began < not_before_us) return E_OK;
  TRY(put_tables(cx, s, dir, size));
  not_before_us = clock_mono_us() + (clock_mono_us() - began) * PACE;
  return E_OK;
}

/* ---- and back ------------------------------------------------------------------------------------------ */

static Err take_table(Cx *cx, const char *dir, Store *s, const char *table, const RowList *l) {
  AUTO(Cx) own = cx_new((size_t)ROWS_BYTES * 2);
  Str hash = STR_NONE, text;
  for (size_t i = 0; i < l->table.n; i++)
    if (str_eq(l->table.p[i], str_of(table))) hash = l->hash.p[i];
  if (!hash.n) return fail(cx, E_INTEGRITY, "The archive has no rows of %s.", table);
  TRY(file_read(&own, rows_path(cx->arena, dir, hash), ROWS_BYTES, &text) == E_OK
          ? E_OK
          : fail(cx, own.err, "%.*s", STR(own.words)));
  if (!str_eq(hash_hex(own.arena, sha256(text)), hash))
    return fail(cx, E_INTEGRITY, "The rows of %s in the archive are not what their name says.", table);
  Err e = whole_rows_read(&own, s, str_of(table), text);
  return e == E_OK ? E_OK : fail(cx, e, "The rows of %s in the archive: %.*s", table, STR(own.words));
}

Err archive_rows_take(Cx *cx, const char *dir, Store *s, int64_t *size) {
  RowList l;
  TRY(list_read(cx, dir, &l));
  if (l.size < 0)
    return fail(cx, E_NOTFOUND, "The archive in %s holds no rows: it was made by an earlier version.", dir);
  const char *const *const lists[] = { whole_tables, whole_own_tables };
  for (size_t i = 0; i < COUNT(lists); i++)
    for (size_t k = 0; lists[i][k]; k++) TRY(take_table(cx, dir, s, lists[i][k], &l));
  *size = l.size;
  return E_OK;
}
