/* A store made good: entries, contents and rows of the store itself where they are right, else of its archive.
 *
 * The new store is made beside the old one, like a cut (whole/cut.c), verified, and moved in its place as the last
 * step.  Nothing is believed without a hash: entries give the root that the log's key signed, contents their name,
 * rows the digest in the last entry about their object. */
#include "app/recover.h"
#include "app/whole/whole.h"
#include <errno.h>
#include <stdio.h>
#include <string.h>

enum { STEP = 1000, KEY_BYTES = 4096, BLOB_HASH = 0, BLOB_BYTES = 2 };

typedef struct Recover {
  Cx *cx;
  Cx own;                     /* emptied as the work goes on */
  const RecoverAsk *ask;
  const char *made;           /* folder of the new store */
  Store *base, *to;           /* base NULL: it cannot be read */
  int64_t base_size;
  ArchiveLog archive;
  Map bodies;                 /* hashes that are bodies of revisions, and no blobs */
  Recovered *out;
} Recover;

static Err told(Recover *r, Err e) { return e == E_OK ? E_OK : fail(r->cx, e, "%.*s", STR(r->own.words)); }

/* ---- the log ------------------------------------------------------------------------------------------- */

static Err entries_of_archive(Recover *r) {
  TreeHead head;
  int64_t wordless = 0;
  TRY(ledger_archive_entries(&r->own, &r->archive, r->to, 0, r->archive.head.size, &wordless));
  TRY(ledger_head(&r->own, r->to, &head));
  r->out->words += wordless;
  if (hash_eq(head.root, r->archive.head.root)) return E_OK;
  return fail(&r->own, E_INTEGRITY, "The entries in %s do not give the root that was signed. Nothing was changed",
              r->archive.dir);
}

/* What the store has beyond the archive; its words fill in those that the archive lost. */
static Err entries_of_base(Recover *r) {
  for (int64_t at = r->archive.head.size; at < r->base_size; at += STEP) {
    LogRows rows = { 0 };
    int64_t last = at + STEP < r->base_size ? at + STEP : r->base_size;
    cx_reset(&r->own);
    TRY(ledger_entries(&r->own, r->base, STR_NONE, at, last - 1, SIZE_MAX, &rows));
    for (size_t i = 0; i < rows.n; i++)
      TRY(ledger_copy_entry(&r->own, r->to, rows.p[i].leaf, rows.p[i].salt, rows.p[i].reason));
  }
  return E_OK;
}

/* A body by its hash: from the archive, else from the store when it is still right. */
static Err body_of(Recover *r, Str record, int64_t rev, Str hex, Str *body) {
  Revision v;
  Cx probe = { .arena = r->own.arena };
  if (ledger_archive_content(&probe, &r->archive, hex, body) == E_OK) return E_OK;
  probe = (Cx){ .arena = r->own.arena };
  if (r->base && ledger_revision(&probe, r->base, record, rev, &v) == E_OK &&
      str_eq(hash_hex(r->own.arena, sha256(v.body)), hex)) {
    *body = v.body;
    return E_OK;
  }
  return fail(&r->own, E_INTEGRITY, "Revision %lld of %.*s is neither in the archive nor, undamaged, in the store. "
              "Nothing was changed. Look into the newest backup", (long long)rev, STR(record));
}

/* The first entry about "X@n" made revision n; those after it only speak of it. */
static Err revision_of(Recover *r, const LogRow *e) {
  int64_t rev;
  Str body, id = e->obj, digits;
  size_t at = str_rfind_char(id, '@');
  Revision there;
  Cx probe = { .arena = r->own.arena };
  if (at == SIZE_MAX || str_find_char(id, ':') != SIZE_MAX || !e->new_hex.n) return E_OK;
  digits = str_slice(id, at + 1, id.n);
  id = str_slice(id, 0, at);
  if (!str_int(digits, &rev) || ledger_revision(&probe, r->to, id, rev, &there) == E_OK) return E_OK;
  TRY(body_of(r, id, rev, e->new_hex, &body));
  map_put(&r->bodies, str_dup(r->cx->arena, e->new_hex), 1);
  return ledger_copy_revision(&r->own, r->to, e->seq, body);
}

static Err revisions(Recover *r) {
  TreeHead head;
  TRY(ledger_head(&r->own, r->to, &head));
  for (int64_t at = 0; at < head.size; at += STEP) {
    LogRows rows = { 0 };
    cx_reset(&r->own);
    TRY(ledger_entries(&r->own, r->to, STR_NONE, at, at + STEP - 1, SIZE_MAX, &rows));
    for (size_t i = 0; i < rows.n; i++) TRY(revision_of(r, &rows.p[i]));
  }
  return E_OK;
}

/* ---- contents ------------------------------------------------------------------------------------------ */

static Err blobs_of_base(Recover *r, Map *have) {
  AUTO(Rows) rows = { 0 };
  if (!r->base) return E_OK;
  TRY(store_table_rows(r->cx, r->base, S("blob"), &rows));
  for (bool got;;) {
    TRY(rows_next(r->cx, &rows, &got));
    if (!got) return E_OK;
    cx_reset(&r->own);
    Str hex = row_text(&rows, BLOB_HASH), bytes = row_bytes(&rows, BLOB_BYTES);
    if (!str_eq(hash_hex(r->own.arena, sha256(bytes)), hex)) continue;   /* of the archive, then */
    TRY(blob_put(&r->own, r->to, hex, bytes));
    map_put(have, str_dup(r->cx->arena, hex), 1);
  }
}

static Err blobs_of_archive(Recover *r, const Map *have) {
  ContentNames names = { 0 };
  TRY(ledger_archive_names(r->cx, &r->archive, &names));
  for (size_t i = 0; i < names.n; i++) {
    Str bytes, hex = names.p[i];
    if (map_get(have, hex) != MAP_NONE || map_get(&r->bodies, hex) != MAP_NONE) continue;
    cx_reset(&r->own);
    TRY(ledger_archive_content(&r->own, &r->archive, hex, &bytes));
    TRY(blob_put(&r->own, r->to, hex, bytes));
    r->out->contents++;
  }
  return E_OK;
}

/* ---- rows ---------------------------------------------------------------------------------------------- */

static Err copy_rows(Recover *r, Str table) {
  AUTO(Rows) rows = { 0 };
  AUTO(Cx) one = cx_new((size_t)512 << 20);
  TRY(store_table_rows(&r->own, r->base, table, &rows));
  for (bool got;;) {
    Val vals[64];
    cx_reset(&one);
    TRY(rows_next(&r->own, &rows, &got));
    if (!got) return E_OK;
    size_t n = (size_t)row_columns(&rows);
    if (n > COUNT(vals)) return fail(&r->own, E_BUG, "%.*s has too many columns", STR(table));
    for (size_t i = 0; i < n; i++) vals[i] = row_val(&rows, (int)i);
    Err e = store_table_add(&one, r->to, table, vals, n);
    if (e != E_OK) return fail(&r->own, e, "%.*s", STR(one.words));
  }
}

static Err rows_of_base(Recover *r) {
  const char *const *const lists[] = { whole_tables, whole_own_tables };
  for (size_t i = 0; i < COUNT(lists); i++)
    for (size_t k = 0; lists[i][k]; k++) {
      cx_reset(&r->own);
      TRY(copy_rows(r, str_of(lists[i][k])));
    }
  return copy_rows(r, S("timestamp"));
}

static Err rows_of_archive(Recover *r) {
  int64_t size;
  cx_reset(&r->own);
  TRY(archive_rows_take(&r->own, r->archive.dir, r->to, &size));
  return ledger_archive_stamps(&r->own, &r->archive, r->to);
}

/* ---- the new store ------------------------------------------------------------------------------------- */

static Err open_again(Recover *r) {
  store_close(r->to);
  r->to = NULL;
  return store_open(&r->own, r->made, STORE_WRITE, &r->to);
}

static Err fill(Recover *r) {
  Map have = map_new(r->cx->arena, 1024);
  bool newer = r->base && r->base_size >= r->archive.head.size;
  Str rest, instance;
  (void)str_cut(str_slice(r->archive.origin, str_find_char(r->archive.origin, '/') + 1, r->archive.origin.n), '/',
                &instance, &rest);
  TRY(store_begin(&r->own, r->to));
  TRY(ledger_create(&r->own, r->to, instance));
  TRY(store_commit(&r->own, r->to));
  TRY(app_migrate(&r->own, r->to));
  TRY(store_begin(&r->own, r->to));
  TRY(entries_of_archive(r));
  if (newer) TRY(entries_of_base(r));
  cx_reset(&r->own);
  if (r->base) TRY(ledger_copy_checkpoints(&r->own, r->base, r->to, r->base_size));
  if (!newer) TRY(rows_of_archive(r));
  TRY(ledger_archive_checkpoint(&r->own, &r->archive, r->to));
  if (newer) TRY(rows_of_base(r));
  TRY(revisions(r));
  TRY(blobs_of_base(r, &have) == E_OK ? E_OK : r->cx->err);
  TRY(blobs_of_archive(r, &have));
  TRY(store_commit(&r->own, r->to));
  int64_t records;
  TRY(open_again(r));   /* epochs were read before their rows came */
  cx_reset(&r->own);
  return record_rebuild(&r->own, r->to, &records);
}

/* Anything but rows that are older than their entries must be right. */
static Err check(Recover *r) {
  VerifyReport report = { 0 };
  TRY(ledger_verify(r->cx, r->to, app_verify_parts, app_nverify_parts, &report));
  for (size_t i = 0; i < report.findings.n; i++) {
    const Finding *f = &report.findings.p[i];
    bool older = str_eq(f->kind, S("fact")) || str_eq(f->kind, S("signer"));
    if (!older)
      return fail(r->cx, E_INTEGRITY, "What was put together does not verify: %.*s %.*s: %.*s. Nothing was changed",
                  STR(f->kind), STR(f->object), STR(f->what));
  }
  r->out->size = report.head.size;
  return E_OK;
}

/* ---- before and after ---------------------------------------------------------------------------------- */

/* The store as it is, as far as it can be read and is of this log. */
static Err open_base(Recover *r) {
  TreeHead head;
  Hash root;
  Str origin;
  Cx probe = { .arena = r->cx->arena };
  Err e = store_open(&probe, r->ask->folder, STORE_WRITE, &r->base);   /* the lock: no server while this runs */
  if (e == E_BUSY) return fail(r->cx, e, "%.*s", STR(probe.words));
  if (e != E_OK) return E_OK;
  bool read = ledger_origin(&probe, r->base, &origin) == E_OK && ledger_head(&probe, r->base, &head) == E_OK;
  if (read && !str_eq(origin, r->archive.origin))
    return fail(r->cx, E_INTEGRITY, "The store is of the log %.*s, the archive of %.*s. Nothing was changed",
                STR(origin), STR(r->archive.origin));
  int64_t common = !read ? 0 : head.size < r->archive.head.size ? head.size : r->archive.head.size;
  read = read && ledger_root_at(&probe, r->base, common, &root) == E_OK;
  r->base_size = read ? head.size : 0;
  if (!read) {
    store_close(r->base);
    r->base = NULL;
  }
  r->out->base = read;
  return E_OK;
}

static Err move_in(Recover *r) {
  static const char *const names[] = { "proofline.db", "proofline.db-wal", "proofline.db-shm" };
  Cx *cx = r->cx;
  const char *aside = str_fmt(cx->arena, "%s/replaced-%lld", r->ask->folder, (long long)(clock_now_us() / US_PER_S)).p;
  TRY(folder_make(cx, aside, 0700));
  for (size_t i = 0; i < COUNT(names); i++) {
    const char *old = str_fmt(cx->arena, "%s/%s", r->ask->folder, names[i]).p;
    if (file_exists(old) && rename(old, str_fmt(cx->arena, "%s/%s", aside, names[i]).p) != 0)
      return fail(cx, E_IO, "Cannot move %s: %s", old, strerror(errno));
  }
  for (size_t i = 0; i < COUNT(names); i++) {
    const char *new = str_fmt(cx->arena, "%s/%s", r->made, names[i]).p;
    if (file_exists(new) && rename(new, str_fmt(cx->arena, "%s/%s", r->ask->folder, names[i]).p) != 0)
      return fail(cx, E_IO, "Cannot move %s: %s. The store is in %s", new, strerror(errno), r->made);
  }
  return folder_remove(cx, r->made);
}

/* Every repair is an entry; rows that are older than theirs are stated as they are. */
static Err state_it(Recover *r, Store *s, const Who *who) {
  Cx *cx = r->cx;
  int64_t seq;
  Entry e = { .act = S("log.repair"), .actor = who->id, .auth = S("local"), .source = S("cli"),
              .request = random_hex(cx->arena, 8), .obj = str_fmt(cx->arena, "archive:%lld",
              (long long)r->archive.head.size) };
  e.reason = str_fmt(cx->arena, "Repaired from the archive: %lld entries of %lld. %.*s", (long long)r->out->taken,
                     (long long)r->out->size, STR(r->ask->reason));
  TRY(ledger_clock(cx, s, &e.t_us));
  TRY(ledger_append(cx, s, &e, &seq));
  e.act = S("log.restate");
  return ledger_restate(cx, s, app_verify_parts, app_nverify_parts, &e, &r->out->restated);
}

static Err sign_it(Recover *r) {
  Store *s = NULL;
  Who who = { 0 };
  Signer signer;
  Cx *cx = r->cx;
  TRY(store_open(cx, r->ask->folder, STORE_WRITE, &s));
  Err e = ledger_open(cx, s);
  if (e == E_OK) e = people_who_login(cx, s, r->ask->actor, &who);
  if (e == E_OK) e = store_begin(cx, s);
  if (e == E_OK) {
    e = state_it(r, s, &who);
    if (e == E_OK) e = store_commit(cx, s);
    else store_rollback(s);
  }
  if (e == E_OK) e = signer_fork(cx, r->ask->folder, &signer);
  if (e == E_OK) {
    e = ledger_checkpoint(cx, s, &signer);
    signer_close(&signer);
  }
  if (e == E_OK) e = anchor_archive_to(cx, s, r->ask->archive, true, &r->out->size);
  store_close(s);
  return e;
}

/* Entries that the signer signed and that are in neither. */
static Err count_lost(Recover *r, Str key) {
  Str note, origin;
  TreeHead head = { 0 };
  Cx probe = { .arena = r->cx->arena };
  const char *path = str_fmt(r->cx->arena, "%s/signer/head", r->ask->folder).p;
  if (file_read(&probe, path, KEY_BYTES, &note) != E_OK || !ledger_note_ok(r->cx->arena, key, note, &origin, &head))
    return fail(r->cx, E_INTEGRITY, "%s cannot be read or is not signed by this log's key. Nothing was changed", path);
  int64_t most = r->base_size > r->archive.head.size ? r->base_size : r->archive.head.size;
  r->out->lost = head.size > most ? head.size - most : 0;
  return E_OK;
}

/* Asked of the store that comes out: the one that is there may know nobody. */
static Err may_recover(Recover *r, Who *who) {
  TRY(people_who_login(r->cx, r->to, r->ask->actor, who));
  return authorise(r->cx, who, "log.epoch", STR_NONE);
}

static Err make(Recover *r) {
  Who who = { 0 };
  r->made = str_fmt(r->cx->arena, "%s/repair", r->ask->folder).p;
  if (file_exists(r->made)) TRY(folder_remove(r->cx, r->made));   /* of a run that was interrupted */
  TRY(folder_make(r->cx, r->made, 0700));
  TRY(store_open(r->cx, r->made, STORE_CREATE, &r->to));
  r->own = cx_new((size_t)4 << 30);
  Err e = fill(r);
  e = r->cx->err != E_OK ? r->cx->err : told(r, e);
  cx_free(&r->own);
  if (e == E_OK) e = check(r);
  if (e == E_OK) e = may_recover(r, &who);
  store_close(r->to);
  return e;
}

Err recover_forward(Cx *cx, const RecoverAsk *ask, Recovered *out) {
  Recover r = { .cx = cx, .ask = ask, .out = out, .bodies = map_new(cx->arena, 1024) };
  Str key;
  *out = (Recovered){ 0 };
  TRY(file_read(cx, str_fmt(cx->arena, "%s/signer/key.pub", ask->folder).p, KEY_BYTES, &key));
  TRY(ledger_archive_open(cx, ask->archive, key, &r.archive));
  Err e = open_base(&r);
  if (e == E_OK) e = count_lost(&r, key);
  out->kept = r.base_size;
  out->taken = r.base_size < r.archive.head.size ? r.archive.head.size - r.base_size : 0;
  if (e == E_OK) e = make(&r);
  store_close(r.base);   /* before its files move */
  if (e != E_OK) {
    Cx quiet = { .arena = cx->arena };
    if (r.made && file_exists(r.made)) (void)folder_remove(&quiet, r.made);
    return e;
  }
  TRY(move_in(&r));
  return out->lost ? E_OK : sign_it(&r);
}
