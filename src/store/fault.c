/* The fault engine: another engine whose Nth call fails.  Calls that undo or close never fail. */
#include "inside.h"

typedef struct Fault { Db db; Db *inner; DbOps ops; FaultKind kind; uint64_t n, calls; Err err; bool sticky; } Fault;

static Fault *fault_of(Db *db) { return (Fault *)(void *)db; }
static Db *inner(const Db *db) { return ((const Fault *)(const void *)db)->inner; }

static Err count(Cx *cx, Db *db, FaultKind kind) {
  Fault *f = fault_of(db);
  if (f->kind != FAULT_ANY && f->kind != kind) return E_OK;
  f->calls++;
  bool now = f->n && (f->calls == f->n || (f->sticky && f->calls > f->n));
  return now ? fail(cx, f->err, "Call %llu of the store was made to fail.", (unsigned long long)f->calls) : E_OK;
}

static Err script(Cx *cx, Db *db, const char *sql) {
  TRY(count(cx, db, FAULT_RUN));
  return inner(db)->ops->script(cx, inner(db), sql);
}

static Err txn(Cx *cx, Db *db, TxnStep step, int depth) {
  if (step != TXN_ROLLBACK && step != TXN_UNDO) TRY(count(cx, db, step == TXN_COMMIT ? FAULT_COMMIT : FAULT_ANY));
  return inner(db)->ops->txn(cx, inner(db), step, depth);
}

static bool in_txn(const Db *db) { return inner(db)->ops->in_txn(inner(db)); }

static Err prepare(Cx *cx, Db *db, const Sql *sql, Stmt **out) {
  return inner(db)->ops->prepare(cx, inner(db), sql, out);
}

static Err run(Cx *cx, Db *db, Stmt *stmt, const Val *args, size_t n, int64_t *changes) {
  TRY(count(cx, db, FAULT_RUN));
  return inner(db)->ops->run(cx, inner(db), stmt, args, n, changes);
}

static Err query(Cx *cx, Db *db, Stmt *stmt, const Val *args, size_t n) {
  return inner(db)->ops->query(cx, inner(db), stmt, args, n);
}

static Err step(Cx *cx, Db *db, Stmt *stmt, bool *got) {
  TRY(count(cx, db, FAULT_STEP));
  return inner(db)->ops->step(cx, inner(db), stmt, got);
}

static Val column(const Db *db, Stmt *stmt, int c) { return inner(db)->ops->column(inner(db), stmt, c); }
static int columns(const Db *db, Stmt *stmt) { return inner(db)->ops->columns(inner(db), stmt); }
static void reset(Db *db, Stmt *stmt) { inner(db)->ops->reset(inner(db), stmt); }
static void finish(Db *db, Stmt *stmt) { inner(db)->ops->finish(inner(db), stmt); }
static void close_db(Db *db) { inner(db)->ops->close(inner(db)); }

static Err table_query(Cx *cx, Db *db, Str table, Str *text) {
  return inner(db)->ops->table_query(cx, inner(db), table, text);
}

static Err table_insert(Cx *cx, Db *db, Str table, size_t n, Str *text) {
  return inner(db)->ops->table_insert(cx, inner(db), table, n, text);
}

static Err backup(Cx *cx, Db *db, const char *to_path) {
  TRY(count(cx, db, FAULT_RUN));
  return inner(db)->ops->backup(cx, inner(db), to_path);
}

static Err map(Cx *cx, Db *db) { return inner(db)->ops->map(cx, inner(db)); }

Db *fault_wrap(Arena *a, Db *wrapped) {
  Fault *f = NEW(a, Fault);
  f->ops = (DbOps){ script,
                    txn,
                    in_txn,
                    prepare,
                    run,
                    query,
                    step,
                    column,
                    columns,
                    reset,
                    finish,
                    table_query,
                    table_insert,
                    backup,
                    map,
                    close_db,
                    wrapped->ops->tables,
                    wrapped->ops->schema,
                    wrapped->ops->self_check,
                    wrapped->ops->table_check,
                    wrapped->ops->references,
                    wrapped->ops->table_columns };
  f->inner = wrapped;
  f->db.ops = &f->ops;
  return &f->db;
}

void fault_set(Db *db, FaultKind kind, uint64_t n, Err err, bool sticky) {
  Fault *f = fault_of(db);
  f->kind = kind;
  f->n = n;
  f->calls = 0;
  f->err = err;
  f->sticky = sticky;
}

uint64_t fault_calls(const Db *db) { return ((const Fault *)(const void *)db)->calls; }
