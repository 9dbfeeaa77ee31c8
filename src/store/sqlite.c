/* The SQLite engine.  Settings follow SQLite's "how to corrupt" and "defense against the dark arts" pages. */
#include "inside.h"
#include <errno.h>
#include <fcntl.h>
#include <sqlite3.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

enum { APPLICATION_ID = 0x50524c4e /* PRLN */, BUSY_MS = 5000, CHECKPOINT_PAGES = 1000 };

enum { NESTED = 2, TXN_STEPS = TXN_UNDO + 1 };
typedef struct Sqlite {
  Db db;
  sqlite3 *h;
  const char *path;
  bool writer;
  int wal_pages;
  sqlite3_stmt *txn[TXN_STEPS][NESTED];   /* made when first needed: each command takes several */
} Sqlite;

static sqlite3 *handle(const Db *db) { return ((const Sqlite *)(const void *)db)->h; }
static sqlite3_stmt *sq(Stmt *s) { return (sqlite3_stmt *)(void *)s; }

/* A disk without room also shows as other codes (the shared memory of the log cannot grow, a quota is used up); but a
 * failed fsync is always an I/O error: what was written before may be gone. */
static bool no_room(sqlite3 *h, int extended) {
  int system = sqlite3_system_errno(h);
  return (extended & 0xff) == SQLITE_IOERR && extended != SQLITE_IOERR_FSYNC && extended != SQLITE_IOERR_DIR_FSYNC &&
         (system == ENOSPC || system == EDQUOT);
}

static Err err_of(sqlite3 *h) {
  int extended = sqlite3_extended_errcode(h);
  if (no_room(h, extended)) return E_FULL;
  if (extended == SQLITE_CONSTRAINT_UNIQUE || extended == SQLITE_CONSTRAINT_PRIMARYKEY) return E_CONFLICT;
  switch (extended & 0xff) {
    case SQLITE_FULL: return E_FULL;
    case SQLITE_IOERR: return extended == SQLITE_IOERR_NOMEM ? E_LIMIT : E_IO;
    case SQLITE_CANTOPEN: case SQLITE_PROTOCOL: return E_IO;
    case SQLITE_CORRUPT: case SQLITE_NOTADB: case SQLITE_FORMAT: return E_INTEGRITY;
    case SQLITE_BUSY: case SQLITE_LOCKED: return E_BUSY;
    case SQLITE_TOOBIG: return E_TOO_LARGE;
    case SQLITE_NOMEM: return E_LIMIT;
    default: return E_BUG;
  }
}

static const char *advice(Err e) {
  if (e == E_FULL) return "Nothing was stored. Free some space, then try again.";
  if (e == E_INTEGRITY) return "Nothing was changed. Run: proofline verify --all";
  if (e == E_BUSY) return "Nothing was changed. Try again.";
  return "Nothing was stored.";
}

static Err broken(Cx *cx, sqlite3 *h, const char *what) {
  int code = sqlite3_extended_errcode(h);
  Err e = err_of(h);
  return fail(cx, e, "The database answers \"%s\" (%d) to %s. %s", sqlite3_errmsg(h), code, what, advice(e));
}

/* ---- statements ------------------------------------------------------------------------------------------------ */

static Err script(Cx *cx, Db *db, const char *sql) {
  const char *strict = strict_tables(cx->arena, sql);
  return sqlite3_exec(handle(db), strict, NULL, NULL, NULL) == SQLITE_OK ? E_OK : broken(cx, handle(db), "a script");
}

static Err prepare(Cx *cx, Db *db, const Sql *sql, Stmt **out) {
  sqlite3_stmt *stmt = NULL;
  if (sqlite3_prepare_v3(handle(db), sql->text, -1, SQLITE_PREPARE_PERSISTENT, &stmt, NULL) != SQLITE_OK || !stmt)
    return broken(cx, handle(db), sql->name);
  *out = (Stmt *)(void *)stmt;
  return E_OK;
}

static int bind_one(sqlite3_stmt *stmt, int at, const Val *v, sqlite3_destructor_type keep) {
  const char *p = v->s.p ? v->s.p : "";
  switch (v->kind) {
    case V_INT: return sqlite3_bind_int64(stmt, at, v->i);
    case V_TEXT: return sqlite3_bind_text64(stmt, at, p, v->s.n, keep, SQLITE_UTF8);
    case V_BYTES: return sqlite3_bind_blob64(stmt, at, p, v->s.n, keep);
    case V_NULL: break;
  }
  return sqlite3_bind_null(stmt, at);
}

static Err bind(Cx *cx, Db *db, Stmt *stmt, const Val *args, size_t n, sqlite3_destructor_type keep) {
  if ((int)n != sqlite3_bind_parameter_count(sq(stmt)))
    return fail(cx, E_BUG, "A statement wants %d values and got %zu: %s", sqlite3_bind_parameter_count(sq(stmt)), n,
                sqlite3_sql(sq(stmt)));
  for (size_t i = 0; i < n; i++)
    if (bind_one(sq(stmt), (int)i + 1, &args[i], keep) != SQLITE_OK)
      return broken(cx, handle(db), sqlite3_sql(sq(stmt)));
  return E_OK;
}

static void reset(Db *db, Stmt *stmt) {
  (void)db;
  (void)sqlite3_reset(sq(stmt));   /* repeats the error of the last step, which was already told */
  (void)sqlite3_clear_bindings(sq(stmt));
}

static void finish(Db *db, Stmt *stmt) { (void)db; (void)sqlite3_finalize(sq(stmt)); }

static Err step(Cx *cx, Db *db, Stmt *stmt, bool *got) {
  int code = sqlite3_step(sq(stmt));
  if (code != SQLITE_ROW && code != SQLITE_DONE) return broken(cx, handle(db), sqlite3_sql(sq(stmt)));
  *got = code == SQLITE_ROW;
  return E_OK;
}

static Err run(Cx *cx, Db *db, Stmt *stmt, const Val *args, size_t n, int64_t *changes) {
  bool got = true;
  Err e = bind(cx, db, stmt, args, n, SQLITE_STATIC);   /* the caller's bytes outlive this call */
  while (e == E_OK && got) e = step(cx, db, stmt, &got);
  if (e == E_OK && changes) *changes = sqlite3_changes64(handle(db));
  return e;
}

static Err query(Cx *cx, Db *db, Stmt *stmt, const Val *args, size_t n) {
  return bind(cx, db, stmt, args, n, SQLITE_TRANSIENT);
}

/* By its value, which is looked up once; each of the column functions would look it up again.  (One thread has the
 * connection.)  Text as bytes: the same, without a copy for the zero at its end. */
static Val column(const Db *db, Stmt *stmt, int c) {
  (void)db;
  sqlite3_value *v = sqlite3_column_value(sq(stmt), c);
  int kind = sqlite3_value_type(v);
  if (kind == SQLITE_INTEGER) return v_int(sqlite3_value_int64(v));
  if (kind == SQLITE_NULL) return v_null();
  bool as_it_is = kind == SQLITE_TEXT || kind == SQLITE_BLOB;
  const char *p = as_it_is ? sqlite3_value_blob(v) : (const char *)sqlite3_value_text(v);
  Str s = { p ? p : "", (size_t)sqlite3_value_bytes(v) };
  return kind == SQLITE_BLOB ? v_bytes(s) : v_text(s);
}

static int columns(const Db *db, Stmt *stmt) { (void)db; return sqlite3_column_count(sq(stmt)); }

/* ---- transactions ---------------------------------------------------------------------------------------------- */

/* A checkpoint moves pages from the log to the file.  Only the writer does it, between its own commits, so that the
 * WAL-reset race (a checkpoint beside another connection's commit) has no second party. */
static Err checkpoint(Cx *cx, Sqlite *q) {
  int code = sqlite3_wal_checkpoint_v2(q->h, NULL, SQLITE_CHECKPOINT_PASSIVE, NULL, NULL);
  Err e = code == SQLITE_OK ? E_OK : err_of(q->h);
  if (e == E_IO || e == E_INTEGRITY) return broken(cx, q->h, "a checkpoint");
  if (e == E_OK) q->wal_pages = 0;
  return E_OK;   /* full or busy: the pages stay in the log, nothing is lost, the next commit tries again */
}

static int count_pages(void *env, sqlite3 *h, const char *name, int pages) {
  (void)h; (void)name;
  ((Sqlite *)env)->wal_pages = pages;
  return SQLITE_OK;
}

static const char *txn_text(TxnStep what, int depth) {
  static const char *const text[TXN_STEPS][NESTED] = {
    [TXN_WRITE] = { "BEGIN IMMEDIATE" },
    [TXN_READ] = { "BEGIN" },
    [TXN_COMMIT] = { "COMMIT" },
    [TXN_ROLLBACK] = { "ROLLBACK" },
    [TXN_SAVE] = { "SAVEPOINT s0", "SAVEPOINT s1" },
    [TXN_RELEASE] = { "RELEASE s0", "RELEASE s1" },
    [TXN_UNDO] = { "ROLLBACK TO s0", "ROLLBACK TO s1" },
  };
  return text[what][depth];
}

static Err txn_step(Cx *cx, Sqlite *q, TxnStep what, int depth) {
  sqlite3_stmt **stmt = &q->txn[what][depth];
  const char *text = txn_text(what, depth);
  if (!*stmt && sqlite3_prepare_v3(q->h, text, -1, SQLITE_PREPARE_PERSISTENT, stmt, NULL) != SQLITE_OK)
    return broken(cx, q->h, text);
  (void)sqlite3_step(*stmt);
  return sqlite3_reset(*stmt) == SQLITE_OK ? E_OK : broken(cx, q->h, text);
}

static Err txn(Cx *cx, Db *db, TxnStep what, int depth) {
  Sqlite *q = (Sqlite *)(void *)db;
  TRY(txn_step(cx, q, what, depth));
  if (what == TXN_UNDO) return txn_step(cx, q, TXN_RELEASE, depth);
  /* A transaction for reading sees one state from the first thing that it reads. */
  if (what == TXN_READ && sqlite3_exec(q->h, "SELECT count(*) FROM sqlite_schema", NULL, NULL, NULL) != SQLITE_OK)
    return broken(cx, q->h, "the first read");
  return what == TXN_COMMIT && q->writer && q->wal_pages > CHECKPOINT_PAGES ? checkpoint(cx, q) : E_OK;
}

static bool in_txn(const Db *db) { return sqlite3_get_autocommit(handle(db)) == 0; }

/* ---- catalogue ------------------------------------------------------------------------------------------------- */

static const Sql tables_sql = {
  "sqlite.tables",
  "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\' ORDER BY name", NULL
};
static const Sql schema_sql = { "sqlite.schema",
  "SELECT type, name, tbl_name, sql FROM sqlite_schema WHERE sql IS NOT NULL ORDER BY type, name", NULL };
static const Sql check_sql = { "sqlite.check",
  "SELECT quick_check FROM pragma_quick_check WHERE quick_check <> 'ok'", NULL };
static const Sql table_check_sql = { "sqlite.table_check",
  "SELECT integrity_check FROM pragma_integrity_check(?1) WHERE integrity_check <> 'ok'", NULL };
static const Sql references_sql = { "sqlite.references",
  "SELECT 'row ' || coalesce(rowid, '?') || ' of ' || \"table\" || ' points to nothing in ' || parent "
  "FROM pragma_foreign_key_check(?1)", NULL };
static const Sql columns_sql = { "sqlite.columns", "SELECT name FROM pragma_table_info(?1) ORDER BY cid", NULL };
static const Sql key_sql = { "sqlite.key",
  "SELECT name, pk, (SELECT max(pk) FROM pragma_table_info(?1)) FROM pragma_table_info(?1) ORDER BY pk, cid", NULL };

static void quoted(Buf *b, Str name) {
  buf_byte(b, '"');
  for (size_t i = 0; i < name.n; i++) {
    if (name.p[i] == '"') buf_byte(b, '"');
    buf_byte(b, name.p[i]);
  }
  buf_byte(b, '"');
}

/* By primary key, or by all columns when there is none: an order that does not depend on how the rows came. */
static Err table_query(Cx *cx, Db *db, Str table, Str *text) {
  Stmt *stmt;
  TRY(prepare(cx, db, &key_sql, &stmt));
  Buf b = buf_new(cx->arena, 100000);
  buf_z(&b, "SELECT * FROM ");
  quoted(&b, table);
  const char *between = " ORDER BY ";
  bool got = true;
  Err e = query(cx, db, stmt, ARGS(v_text(table)));
  while (e == E_OK && (e = step(cx, db, stmt, &got)) == E_OK && got) {
    bool has_key = column(db, stmt, 2).i > 0;
    if (has_key && column(db, stmt, 1).i == 0) continue;
    buf_z(&b, between);
    quoted(&b, column(db, stmt, 0).s);
    between = ", ";
  }
  finish(db, stmt);
  if (e != E_OK) return e;
  if (b.over) return fail(cx, E_LIMIT, "Table %.*s has too many columns to be listed.", STR(table));
  buf_byte(&b, 0);
  *text = buf_str(&b);
  return E_OK;
}

static Err table_insert(Cx *cx, Db *db, Str table, size_t n, Str *text) {
  (void)db;
  Buf b = buf_new(cx->arena, 8192);
  buf_z(&b, "INSERT INTO ");
  quoted(&b, table);
  for (size_t i = 1; i <= n; i++) buf_fmt(&b, "%s?%zu", i > 1 ? "," : " VALUES (", i);
  buf_z(&b, ")");
  if (b.over) return fail(cx, E_LIMIT, "A row of %.*s has too many values.", STR(table));
  buf_byte(&b, 0);
  *text = buf_str(&b);
  return E_OK;
}

/* ---- backup ---------------------------------------------------------------------------------------------------- */

typedef sqlite3 *Handle;
static void Handle_drop(Handle *h) { (void)sqlite3_close_v2(*h); }

static Err backup(Cx *cx, Db *db, const char *to_path) {
  int fd = open(to_path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
  if (fd < 0) return fail(cx, E_CONFLICT, "Cannot make %s: it exists already or its folder cannot be written. "
                          "Nothing was copied.", to_path);
  (void)close(fd);
  AUTO(Handle) to = NULL;
  if (sqlite3_open_v2(to_path, &to, SQLITE_OPEN_READWRITE, NULL) != SQLITE_OK)
    return broken(cx, to, "opening the copy");
  sqlite3_backup *copy = sqlite3_backup_init(to, "main", handle(db), "main");
  if (copy) {
    (void)sqlite3_backup_step(copy, -1);
    (void)sqlite3_backup_finish(copy);
  }
  if (sqlite3_errcode(to) == SQLITE_OK) return E_OK;
  Err e = broken(cx, to, "copying");
  (void)unlink(to_path);
  return e;
}

/* The engine's own check looks at each cell by itself, so a page that is met again need not be looked at again. */
static Err map(Cx *cx, Db *db) {
  static const char in_place[] = "PRAGMA mmap_size=2147418112; PRAGMA cell_size_check=OFF";
  bool done = sqlite3_exec(handle(db), in_place, NULL, NULL, NULL) == SQLITE_OK;
  return done ? E_OK : broken(cx, handle(db), "reading pages in place");
}

/* ---- opening --------------------------------------------------------------------------------------------------- */

static void close_db(Db *db) {
  Sqlite *q = (Sqlite *)(void *)db;
  for (int what = 0; what < TXN_STEPS; what++)
    for (int depth = 0; depth < NESTED; depth++) (void)sqlite3_finalize(q->txn[what][depth]);
  if (q->writer) (void)sqlite3_wal_checkpoint_v2(q->h, NULL, SQLITE_CHECKPOINT_PASSIVE, NULL, NULL);
  (void)sqlite3_close_v2(q->h);
  q->h = NULL;
}

static const DbOps sqlite_ops = { script, txn, in_txn, prepare, run, query, step, column, columns, reset, finish,
                                  table_query, table_insert, backup, map, close_db, &tables_sql, &schema_sql,
                                  &check_sql, &table_check_sql, &references_sql, &columns_sql };

static void limits(sqlite3 *h) {
  static const int table[][2] = { { SQLITE_LIMIT_SQL_LENGTH, 100000 },   { SQLITE_LIMIT_COLUMN, 200 },
                                  { SQLITE_LIMIT_EXPR_DEPTH, 100 },      { SQLITE_LIMIT_COMPOUND_SELECT, 20 },
                                  { SQLITE_LIMIT_VDBE_OP, 250000 },      { SQLITE_LIMIT_FUNCTION_ARG, 32 },
                                  { SQLITE_LIMIT_ATTACHED, 0 },          { SQLITE_LIMIT_LIKE_PATTERN_LENGTH, 1000 },
                                  { SQLITE_LIMIT_VARIABLE_NUMBER, 250 }, { SQLITE_LIMIT_TRIGGER_DEPTH, 10 },
                                  { SQLITE_LIMIT_WORKER_THREADS, 0 } };
  for (size_t i = 0; i < COUNT(table); i++) (void)sqlite3_limit(h, table[i][0], table[i][1]);
}

static void configure(sqlite3 *h, bool writer) {
  (void)sqlite3_extended_result_codes(h, 1);
  (void)sqlite3_busy_timeout(h, BUSY_MS);
  (void)sqlite3_wal_autocheckpoint(h, 0);
  static const int on[] = { SQLITE_DBCONFIG_DEFENSIVE, SQLITE_DBCONFIG_ENABLE_FKEY, SQLITE_DBCONFIG_ENABLE_TRIGGER };
  static const int off[] = { SQLITE_DBCONFIG_TRUSTED_SCHEMA, SQLITE_DBCONFIG_ENABLE_LOAD_EXTENSION,
                             SQLITE_DBCONFIG_DQS_DML, SQLITE_DBCONFIG_DQS_DDL,
                             SQLITE_DBCONFIG_ENABLE_FTS3_TOKENIZER };
  for (size_t i = 0; i < COUNT(on); i++) (void)sqlite3_db_config(h, on[i], 1, NULL);
  for (size_t i = 0; i < COUNT(off); i++) (void)sqlite3_db_config(h, off[i], 0, NULL);
  if (!writer) (void)sqlite3_db_config(h, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, NULL);
  limits(h);
}

static Err answer_int(Cx *cx, sqlite3 *h, const char *sql, int64_t *out) {
  sqlite3_stmt *stmt = NULL;
  int code = sqlite3_prepare_v2(h, sql, -1, &stmt, NULL);
  if (code == SQLITE_OK) code = sqlite3_step(stmt);
  if (code != SQLITE_ROW) {
    Err e = broken(cx, h, sql);
    (void)sqlite3_finalize(stmt);
    return e;
  }
  *out = sqlite3_column_int64(stmt, 0);
  (void)sqlite3_finalize(stmt);
  return E_OK;
}

/* After a crash the page cache must not vouch for pages that the disk never got.  In a child, because closing a file of
 * the database would drop the locks of this process on it. */
static void forget_cached_pages(Cx *cx, const char *path) {
  const char *wal = str_fmt(cx->arena, "%s-wal", path).p;
  struct stat st;
  if (stat(wal, &st) != 0 || st.st_size == 0) return;
  pid_t child = fork();
  if (child == 0) {
    const char *const files[] = { path, wal };
    for (size_t i = 0; i < COUNT(files); i++) {
      int fd = open(files[i], O_RDONLY | O_CLOEXEC);
      if (fd >= 0) (void)posix_fadvise(fd, 0, 0, POSIX_FADV_DONTNEED);
    }
    _exit(0);
  }
  if (child > 0) (void)waitpid(child, NULL, 0);
}

static const char pragmas[] =
    "PRAGMA synchronous=FULL; PRAGMA mmap_size=0; PRAGMA cell_size_check=ON; PRAGMA temp_store=MEMORY;"
    "PRAGMA secure_delete=ON; PRAGMA cache_size=-16384; PRAGMA recursive_triggers=ON;";

static Err prepare_file(Cx *cx, Sqlite *q, StoreMode mode) {
  if (sqlite3_exec(q->h, pragmas, NULL, NULL, NULL) != SQLITE_OK) return broken(cx, q->h, "its settings");
  int64_t items = 0, id = 0;
  TRY(answer_int(cx, q->h, "SELECT count(*) FROM sqlite_schema", &items));
  TRY(answer_int(cx, q->h, "PRAGMA application_id", &id));
  if (mode == STORE_CREATE && items)
    return fail(cx, E_CONFLICT, "%s holds a store already. It was left as it is.", q->path);
  if (mode == STORE_CREATE) {
    if (sqlite3_exec(q->h, "PRAGMA journal_mode=WAL; PRAGMA application_id=0x50524c4e", NULL, NULL, NULL) != SQLITE_OK)
      return broken(cx, q->h, "making a store");
    return E_OK;
  }
  if (!items && id == 0)
    return fail(cx, E_NOTFOUND, "%s is empty: making the store was interrupted. Make it again with: proofline init",
                q->path);
  if (id != APPLICATION_ID)
    return fail(cx, E_INTEGRITY, "%s is not a store of Proofline, or its first page is damaged. Nothing was changed. "
                "Restore the last backup.", q->path);
  return E_OK;
}

static Err check_journal(Cx *cx, Sqlite *q) {
  Stmt *stmt;
  static const Sql mode_sql = { "sqlite.journal", "PRAGMA journal_mode", NULL };
  TRY(prepare(cx, &q->db, &mode_sql, &stmt));
  bool got = false;
  Err e = step(cx, &q->db, stmt, &got);
  bool wal = e == E_OK && got && str_eq(column(&q->db, stmt, 0).s, S("wal"));
  finish(&q->db, stmt);
  if (e != E_OK || wal) return e;
  return fail(cx, E_INTEGRITY, "%s does not use a write-ahead log: another program changed it. Nothing was changed. "
              "Restore the last backup.", q->path);
}

Err sqlite_open(Cx *cx, Arena *a, const char *path, StoreMode mode, Db **out) {
  Sqlite *q = NEW(a, Sqlite);
  *q = (Sqlite){ .db = { &sqlite_ops }, .path = path ? path : ":memory:", .writer = path && mode != STORE_READ };
  if (path && mode == STORE_CREATE) {   /* the log files take their mode from this one */
    int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (fd < 0) return fail(cx, E_IO, "Cannot make %s. Nothing was stored. Check the folder's rights.", path);
    (void)close(fd);
  }
  if (q->writer) forget_cached_pages(cx, path);
  int flags = (path && mode == STORE_READ ? SQLITE_OPEN_READONLY : SQLITE_OPEN_READWRITE) | SQLITE_OPEN_NOMUTEX |
              SQLITE_OPEN_NOFOLLOW;
  Err e = E_OK;
  if (sqlite3_open_v2(q->path, &q->h, flags | (path ? 0 : SQLITE_OPEN_MEMORY), q->writer ? wal_joined() : NULL) !=
      SQLITE_OK)
    e = broken(cx, q->h, "opening it");
  if (e == E_OK) configure(q->h, q->writer);
  if (e == E_OK && path) e = prepare_file(cx, q, mode);
  if (e == E_OK && path) e = check_journal(cx, q);
  if (e != E_OK) {
    (void)sqlite3_close_v2(q->h);
    return e;
  }
  if (q->writer) (void)sqlite3_wal_hook(q->h, count_pages, q);
  *out = &q->db;
  return E_OK;
}
