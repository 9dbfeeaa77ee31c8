/* inside.h - what an engine is.
 *
 * An engine turns texts of SQL into rows.  It knows nothing of caches, lock files or migrations; store.c and rows.c
 * know nothing of SQLite.  sqlite.c is one engine, fault.c another that wraps one. */
#pragma once
#include "store/store.h"

typedef struct Db Db;        /* a connection; engines put theirs behind it */
typedef struct Stmt Stmt;    /* a prepared statement of an engine */

typedef enum TxnStep { TXN_WRITE, TXN_READ, TXN_COMMIT, TXN_ROLLBACK, TXN_SAVE, TXN_RELEASE, TXN_UNDO } TxnStep;

/* Errors: E_FULL (nothing of the statement was kept), E_IO and E_INTEGRITY (the file cannot be trusted any more),
 * E_CONFLICT (a key stands already), E_BUSY, E_TOO_LARGE, E_BUG (a text or a rule of the schema is broken). */
typedef struct DbOps {
  Err (*script)(Cx *cx, Db *db, const char *sql);                  /* several statements, no rows */
  Err (*txn)(Cx *cx, Db *db, TxnStep step, int depth);             /* depth names the savepoint */
  bool (*in_txn)(const Db *db);                                    /* an engine may lose one by itself on E_FULL */
  Err (*prepare)(Cx *cx, Db *db, const Sql *sql, Stmt **out);
  Err (*run)(Cx *cx, Db *db, Stmt *stmt, const Val *args, size_t n, int64_t *changes);
  Err (*query)(Cx *cx, Db *db, Stmt *stmt, const Val *args, size_t n);
  Err (*step)(Cx *cx, Db *db, Stmt *stmt, bool *got);
  Val (*column)(const Db *db, Stmt *stmt, int column);             /* borrowed until the next step */
  int (*columns)(const Db *db, Stmt *stmt);
  void (*reset)(Db *db, Stmt *stmt);
  void (*finish)(Db *db, Stmt *stmt);
  Err (*table_query)(Cx *cx, Db *db, Str table, Str *text);        /* all rows in a stable order; the table exists */
  Err (*table_insert)(Cx *cx, Db *db, Str table, size_t n, Str *text);   /* one row of n values */
  Err (*backup)(Cx *cx, Db *db, const char *to_path);
  Err (*map)(Cx *cx, Db *db);
  void (*close)(Db *db);
  /* name; kind, name, table, text; one line each, of all pages and rows, of table ?1 with its indexes, of what table ?1
   * points to; name of each column of ?1 in order */
  const Sql *tables, *schema, *self_check, *table_check, *references, *table_columns;
} DbOps;

struct Db { const DbOps *ops; };

/* path NULL: an empty database in memory.  The Db lives in `a`. */
/* wal.c: the name of the file system of the writer. */
const char *wal_joined(void);
Err sqlite_open(Cx *cx, Arena *a, const char *path, StoreMode mode, Db **out);
/* The script with every table that it makes held to the kinds of its columns; ended by a zero, in a. */
const char *strict_tables(Arena *a, const char *sql);
Db *fault_wrap(Arena *a, Db *inner);
void fault_set(Db *db, FaultKind kind, uint64_t n, Err err, bool sticky);
uint64_t fault_calls(const Db *db);

/* A prepared statement in use or waiting in the cache. */
typedef struct Slot { const Sql *sql; Stmt *stmt; struct Slot *next; bool busy, cached; } Slot;

typedef struct Kept { const void *owner; void *memory; struct Kept *next; } Kept;

struct Store {
  Arena *arena;
  Db *db;
  Db *fault;                    /* == db once store_fault() was called */
  const char *folder;
  StoreMode mode;
  int lock;                     /* fd, -1 for readers */
  bool writing, lost;           /* lost: the engine rolled the transaction back by itself */
  bool wrote, from_start;       /* in this transaction; the first savepoint is its beginning */
  int depth, views;
  uint64_t undone;
  Slot **slots;                 /* open hash by the address of the Sql */
  size_t nslots, cap;
  Slot *spare;
  Kept *kept;
};

/* Passes e on, but ends the process when the file cannot be trusted within a write (fsync is never retried). */
Err store_heed(Cx *cx, Store *s, Err e);
Err slot_take(Cx *cx, Store *s, const Sql *sql, bool cached, Slot **out);
void slot_give(Store *s, Slot *slot);
void slots_finish(Store *s);
extern const Migration store_steps[];
extern const size_t store_nsteps;
