/* store.h - rows on disk: named statements, transactions, blobs, backup.
 *
 * Floor 1.  Includes base.  Engines: SQLite; `fault`, which wraps another and fails the Nth call.  PostgreSQL is to
 * come behind the same interface: nothing above this folder may know which engine runs.
 *
 * Statements live in FOLDER/x.sql, each named `-- name: finding_open`; tools/sql.py makes an enum constant
 * SQL_FINDING_OPEN and a table, so that a wrong name does not compile and no SQL is glued together at run time.
 * One process opens the store for writing (lock file beside the database); any number open it for reading.
 * WAL, synchronous=FULL.  Only the writer checkpoints.  An I/O error or a corrupt page ends the process (fsync errors
 * are never retried) when it happens in a write transaction; in reading it is E_IO or E_INTEGRITY, so that verify can
 * tell.  A full disk is E_FULL and leaves everything as it was. */
#pragma once
#include "base/base.h"

typedef struct Sql {
  const char *name;      /* "ledger.entry_add" */
  const char *text;      /* portable SQL; parameters are ?1 ?2 ... */
  const char *text_pg;   /* NULL: the same */
} Sql;

typedef enum ValKind { V_NULL, V_INT, V_TEXT, V_BYTES } ValKind;
typedef struct Val { ValKind kind; int64_t i; Str s; } Val;
static inline Val v_int(int64_t i) { return (Val){ V_INT, i, STR_NONE }; }
static inline Val v_text(Str s) { return (Val){ s.p ? V_TEXT : V_NULL, 0, s }; }
static inline Val v_bytes(Str s) { return (Val){ V_BYTES, 0, s }; }
static inline Val v_null(void) { return (Val){ V_NULL, 0, STR_NONE }; }
#define ARGS(...) (const Val[]){ __VA_ARGS__ }, COUNT(((const Val[]){ __VA_ARGS__ }))
#define NO_ARGS NULL, 0

typedef enum StoreMode { STORE_READ, STORE_WRITE, STORE_CREATE } StoreMode;
typedef struct Store Store;

/* folder: the data directory (database, lock, blobs inside).  E_NOTFOUND (no store there; says how to make one),
 * E_BUSY (another writer holds the lock: names its process), E_CONFLICT (STORE_CREATE over an existing one),
 * E_CONFIG (a network file system), E_INTEGRITY, E_FULL. */
Err store_open(Cx *cx, const char *folder, StoreMode mode, Store **out);
void store_close(Store *s);                           /* NULL is fine; a writer checkpoints */
const char *store_folder(const Store *s);
/* A zeroed piece of memory that lives as long as the store, one for each owner: for what the floors above remember
 * about the rows.  Whoever uses it checks it against the rows first: an undo does not touch it. */
void *store_keep(Store *s, const void *owner, size_t size);
/* While this number stays the same, nothing was undone and nobody else wrote: what was remembered is still true.  0: it
 * cannot be known, others write to this store. */
uint64_t store_undone(const Store *s);

/* Fault engine for tests: call number n (1..., counted from here; 0: none, only count) of kind fails with err, once or
 * for ever.  Use E_FULL: E_IO and E_INTEGRITY within a write transaction end the process, as they do in real life. */
typedef enum FaultKind { FAULT_ANY, FAULT_RUN, FAULT_STEP, FAULT_COMMIT } FaultKind;
void store_fault(Store *s, FaultKind kind, uint64_t n, Err err, bool sticky);
uint64_t store_calls(const Store *s);                 /* calls so far, for "fail every N" loops */

/* Texts of the schema are portable SQL; the engine makes tables strict where it can.
 * Migrations: `steps` run in order from the version that the store has; each in a transaction of its own, or all in the
 * one that is open.
 * Names are "folder.1", "folder.2" ...: the word before the dot is the list's own.  E_CONFIG: the store was made by a
 * newer program, or is open for reading and lacks a step. */
typedef struct Migration { const char *name; const char *sql; } Migration;
Err store_migrate(Cx *cx, Store *s, const Migration *steps, size_t n);
/* Tables that follow from the record model (record/projection.c alone); plain DDL, no user text. */
Err store_define(Cx *cx, Store *s, Str ddl);

Err store_begin(Cx *cx, Store *s);                    /* write transaction; readers use store_view() */
Err store_commit(Cx *cx, Store *s);                   /* durable when it returns E_OK */
void store_rollback(Store *s);
Err store_savepoint(Cx *cx, Store *s);                /* may nest to depth 2 */
Err store_release(Cx *cx, Store *s);
void store_undo(Store *s);                            /* back to the last savepoint, which ends */
/* A read transaction: everything until store_unview() sees one state. */
Err store_view(Cx *cx, Store *s);
void store_unview(Store *s);
/* From now on pages are read where the system keeps them, without a copy.  A disk that fails then ends the process:
 * only for one whose end somebody notices. */
Err store_map(Cx *cx, Store *s);

Err store_run(Cx *cx, Store *s, const Sql *sql, const Val *args, size_t n, int64_t *changes); /* changes may be NULL */

/* Rows of a query.  Declare with AUTO(Rows).  Text of a row is valid until the next rows_next(); dup to keep. */
typedef struct Rows { Store *store; void *stmt; } Rows;
Err store_rows(Cx *cx, Store *s, const Sql *sql, const Val *args, size_t n, Rows *out);
Err rows_next(Cx *cx, Rows *r, bool *got);
int64_t row_int(const Rows *r, int column);
Str row_text(const Rows *r, int column);              /* STR_NONE for NULL */
Str row_bytes(const Rows *r, int column);
bool row_null(const Rows *r, int column);
int row_columns(const Rows *r);
Val row_val(const Rows *r, int column);
void Rows_drop(Rows *r);
/* The first row's first column, or `absent`. */
Err store_int(Cx *cx, Store *s, const Sql *sql, const Val *args, size_t n, int64_t absent, int64_t *out);
Err store_text(Cx *cx, Store *s, const Sql *sql, const Val *args, size_t n, Str *out); /* dup'ed; E_NOTFOUND */

/* Blobs by SHA-256 (given by the caller as 64 hex digits), inside the transaction.  Putting one twice is fine. */
Err blob_put(Cx *cx, Store *s, Str hash_hex, Str bytes);
Err blob_get(Cx *cx, Store *s, Str hash_hex, Str *bytes);            /* in cx->arena; E_NOTFOUND */

/* Names of all tables, and the engine's own integrity check: one line per defect found.  followed: tables whose
 * references and indexes the caller follows itself. */
Err store_tables(Cx *cx, Store *s, Str **names, size_t *n);
typedef struct TableNames { const char *const *p; size_t n; } TableNames;
Err store_self_check(Cx *cx, Store *s, TableNames followed, Str **findings, size_t *n);
/* All rows of a table as text in a stable order, for comparing and hashing (verify, rebuild). */
Err store_table_rows(Cx *cx, Store *s, Str table, Rows *out);
Err store_table_columns(Cx *cx, Store *s, Str table, Str **names, size_t *n);
/* One row as store_table_rows() gives it, into the table of another store.  E_BUG: it does not fit; E_CONFLICT. */
Err store_table_add(Cx *cx, Store *s, Str table, const Val *vals, size_t n);
/* Tables, indexes, triggers and views with the texts that made them; and those that migrations make in an empty store
 * (with the store's own first): a dropped trigger or a changed index is a difference. */
typedef struct SchemaItem { Str kind, name, table, text; } SchemaItem;
typedef struct MigrationList { const Migration *steps; size_t n; } MigrationList;
Err store_schema(Cx *cx, Store *s, SchemaItem **out, size_t *n);
Err store_schema_of(Cx *cx, const MigrationList *lists, size_t nlists, SchemaItem **out, size_t *n);
Err store_backup(Cx *cx, Store *s, const char *to_path);             /* online copy */
