#include "inside.h"
#include "store.sql.h"
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

enum { ARENA_BYTES = 16 * 1024 * 1024, DEPTH_MAX = 2 };

/* ---- folder and lock ------------------------------------------------------------------------------------------- */

/* Locks and shared memory do not work over a network: SQLite's own list of how to corrupt a database. */
static Err check_file_system(Cx *cx, const char *folder) {
  static const uint32_t network[] = { 0x6969 /* NFS */, 0x517B /* SMB */, 0xFF534D42 /* CIFS */,
                                      0xFE534D42 /* SMB2 */ };
  struct statfs st;
  if (statfs(folder, &st) != 0) return fail(cx, E_IO, "Cannot look at %s: %s.", folder, strerror(errno));
  for (size_t i = 0; i < COUNT(network); i++)
    if ((uint32_t)st.f_type == network[i])
      return fail(cx, E_CONFIG, "%s is on a network file system, where a database gets damaged. Nothing was stored. "
                  "Choose a folder on a local disk.", folder);
  return E_OK;
}

enum { LOCK_TRIES = 40, LOCK_PAUSE_MS = 50 };

/* The process that the lock's file names is gone: what it began still has the lock, and ends. */
static bool holder_gone(Str holder) {
  int64_t pid;
  return str_int(holder, &pid) && pid > 0 && pid <= INT32_MAX && kill((pid_t)pid, 0) != 0 && errno == ESRCH;
}

static bool lock_got(int fd, Str *holder, char pid[24]) {
  for (int i = 0;; i++) {
    if (flock(fd, LOCK_EX | LOCK_NB) == 0) return true;
    ssize_t n = pread(fd, pid, 23, 0);
    *holder = str_trim((Str){ pid, n > 0 ? (size_t)n : 0 });
    if (i == LOCK_TRIES || !holder_gone(*holder)) return false;
    (void)poll(NULL, 0, LOCK_PAUSE_MS);
  }
}

static Err lock_take(Cx *cx, Store *s) {
  const char *path = str_fmt(cx->arena, "%s/proofline.lock", s->folder).p;
  s->lock = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
  if (s->lock < 0) return fail(cx, E_IO, "Cannot open %s: %s.", path, strerror(errno));
  char pid[24] = "";
  Str holder;
  if (!lock_got(s->lock, &holder, pid))
    return fail(cx, E_BUSY, "Process %.*s is writing in %s. Nothing was changed. Stop it, or send it your command.",
                STR(holder.n ? holder : S("(unknown)")), s->folder);
  int n = snprintf(pid, sizeof pid, "%d\n", (int)getpid());
  if (ftruncate(s->lock, 0) != 0 || pwrite(s->lock, pid, (size_t)n, 0) != n)
    return fail(cx, errno == ENOSPC ? E_FULL : E_IO, "Cannot write %s: %s.", path, strerror(errno));
  return E_OK;
}

static Err step_run(Cx *cx, Store *s, const Migration *m) {
  TRY(store_heed(cx, s, s->db->ops->script(cx, s->db, m->sql)));
  return store_run(cx, s, SQL_STEP_ADD, ARGS(v_text(str_of(m->name)), v_int(cx->now_us)), NULL);
}

static Err open_steps(Cx *cx, Store *s) {
  const char *path = str_fmt(s->arena, "%s/proofline.db", s->folder).p;
  if (s->mode == STORE_CREATE) TRY(folder_make(cx, s->folder, 0700));
  else if (!file_exists(path))
    return fail(cx, E_NOTFOUND, "There is no store in %s. Make one with: proofline init", s->folder);
  TRY(check_file_system(cx, s->folder));
  if (s->mode != STORE_READ) TRY(lock_take(cx, s));
  TRY(sqlite_open(cx, s->arena, path, s->mode, &s->db));
  if (s->mode != STORE_CREATE) return store_migrate(cx, s, store_steps, store_nsteps);
  TRY(store_begin(cx, s));   /* the first step makes the table that lists the steps */
  Err e = step_run(cx, s, &store_steps[0]);
  if (e == E_OK) e = store_migrate(cx, s, store_steps, store_nsteps);
  if (e == E_OK) return store_commit(cx, s);
  store_rollback(s);
  return e;
}

Err store_open(Cx *cx, const char *folder, StoreMode mode, Store **out) {
  Arena *a = arena_new(ARENA_BYTES);
  Store *s = NEW(a, Store);
  *s = (Store){ .arena = a, .folder = str_z(a, str_of(folder)), .mode = mode, .lock = -1 };
  Err e = open_steps(cx, s);
  if (e != E_OK) {
    store_close(s);
    return e;
  }
  *out = s;
  return E_OK;
}

void store_close(Store *s) {
  if (!s) return;
  if (s->writing) store_rollback(s);
  if (s->db) {
    slots_finish(s);
    s->db->ops->close(s->db);
  }
  if (s->lock >= 0) (void)close(s->lock);
  arena_free(s->arena);
}

const char *store_folder(const Store *s) { return s->folder; }

void store_fault(Store *s, FaultKind kind, uint64_t n, Err err, bool sticky) {
  if (!s->fault) s->db = s->fault = fault_wrap(s->arena, s->db);
  fault_set(s->fault, kind, n, err, sticky);
}

uint64_t store_calls(const Store *s) { return s->fault ? fault_calls(s->fault) : 0; }

void *store_keep(Store *s, const void *owner, size_t size) {
  for (Kept *k = s->kept; k; k = k->next)
    if (k->owner == owner) return k->memory;
  Kept *k = NEW(s->arena, Kept);
  *k = (Kept){ owner, arena_alloc(s->arena, size), s->kept };
  s->kept = k;
  return k->memory;
}

uint64_t store_undone(const Store *s) { return s->mode == STORE_READ ? 0 : s->undone + 1; }

/* ---- transactions ---------------------------------------------------------------------------------------------- */

/* After a failed fsync the kernel may have dropped the pages and would answer the next one with success; a page that
 * cannot be read back would be written over.  Both end here, and the next start reads what the disk really has. */
Err store_heed(Cx *cx, Store *s, Err e) {
  if (!s->writing || e == E_OK) return e;
  if (e == E_IO || e == E_INTEGRITY) {
    char line[512];
    int n = snprintf(line, sizeof line, "proofline: error: %.*s Stopped at once; what was acknowledged is kept.\n",
                     (int)(cx->words.n < 380 ? cx->words.n : 380), cx->words.p ? cx->words.p : "");
    if (n > 0) { ssize_t ignored = write(2, line, (size_t)n); (void)ignored; }
    abort();
  }
  if (e == E_FULL && !s->db->ops->in_txn(s->db)) s->lost = true;
  return e;
}

static Err lost(Cx *cx) {
  return fail(cx, E_FULL,
              "The disk was full: this transaction is undone. Nothing was stored. Free some space, then try again.");
}

Err store_begin(Cx *cx, Store *s) {
  if (s->mode == STORE_READ)
    return fail(cx, E_BUG, "A store opened for reading was to be written. Nothing was stored.");
  if (s->writing || s->views) return fail(cx, E_BUG, "A transaction is open already. Nothing was stored.");
  TRY(s->db->ops->txn(cx, s->db, TXN_WRITE, 0));
  s->writing = true;
  s->wrote = s->from_start = false;
  return E_OK;
}

void store_rollback(Store *s) {
  if (!s->writing) return;
  s->undone++;
  AUTO(Cx) cx = cx_new(64 * 1024);   /* words nobody reads: there is nothing more to undo */
  if (s->db->ops->in_txn(s->db)) (void)s->db->ops->txn(&cx, s->db, TXN_ROLLBACK, 0);
  s->writing = s->lost = false;
  s->depth = 0;
}

Err store_commit(Cx *cx, Store *s) {
  if (!s->writing) return fail(cx, E_BUG, "There is no transaction to commit.");
  Err e = s->lost ? lost(cx) : store_heed(cx, s, s->db->ops->txn(cx, s->db, TXN_COMMIT, 0));
  if (e != E_OK) {
    store_rollback(s);
    return e;
  }
  s->writing = false;
  s->depth = 0;
  return E_OK;
}

/* Before anything was written, a savepoint is the beginning of the transaction: the engine need not keep each page that
 * is changed a second time. */
Err store_savepoint(Cx *cx, Store *s) {
  if (s->lost) return lost(cx);
  if (!s->writing || s->depth == DEPTH_MAX) return fail(cx, E_BUG, "A savepoint cannot stand here.");
  if (s->depth == 0) s->from_start = !s->wrote;
  if (s->depth || !s->from_start) TRY(store_heed(cx, s, s->db->ops->txn(cx, s->db, TXN_SAVE, s->depth)));
  s->depth++;
  return E_OK;
}

Err store_release(Cx *cx, Store *s) {
  if (s->lost) return lost(cx);
  if (s->depth == 0) return fail(cx, E_BUG, "There is no savepoint to release.");
  if (s->depth > 1 || !s->from_start) TRY(store_heed(cx, s, s->db->ops->txn(cx, s->db, TXN_RELEASE, s->depth - 1)));
  s->depth--;
  return E_OK;
}

static Err begin_again(Cx *cx, Store *s) {
  TRY(s->db->ops->txn(cx, s->db, TXN_ROLLBACK, 0));
  s->wrote = false;
  return s->db->ops->txn(cx, s->db, TXN_WRITE, 0);
}

void store_undo(Store *s) {
  if (s->depth == 0) return;
  s->depth--;
  s->undone++;
  AUTO(Cx) cx = cx_new(64 * 1024);
  /* A part that cannot be undone must not be committed with the rest. */
  if (s->lost) return;
  bool from_start = s->depth == 0 && s->from_start;
  if ((from_start ? begin_again(&cx, s) : s->db->ops->txn(&cx, s->db, TXN_UNDO, s->depth)) != E_OK) s->lost = true;
}

Err store_view(Cx *cx, Store *s) {
  if (!s->writing && s->views == 0) TRY(s->db->ops->txn(cx, s->db, TXN_READ, 0));
  s->views++;
  return E_OK;
}

void store_unview(Store *s) {
  if (s->views == 0 || --s->views > 0 || s->writing) return;
  AUTO(Cx) cx = cx_new(64 * 1024);
  if (s->db->ops->in_txn(s->db)) (void)s->db->ops->txn(&cx, s->db, TXN_ROLLBACK, 0);
}

Err store_map(Cx *cx, Store *s) { return s->db->ops->map(cx, s->db); }

/* ---- migrations ------------------------------------------------------------------------------------------------ */

/* "ledger.2" belongs to the list of "ledger." steps. */
static Str family(Str name) { return str_slice(name, 0, str_find_char(name, '.') + 1); }

static Err steps_done(Cx *cx, Store *s, const Migration *steps, size_t n, size_t *done) {
  AUTO(Rows) r = { 0 };
  bool got;
  size_t at = 0;
  TRY(store_rows(cx, s, SQL_STEP_LIST, NO_ARGS, &r));
  for (;;) {
    TRY(rows_next(cx, &r, &got));
    if (!got) break;
    Str name = row_text(&r, 0);
    if (!n || !str_eq(family(name), family(str_of(steps[0].name)))) continue;
    if (at == n || !str_eq(name, str_of(steps[at].name)))
      return fail(cx, E_CONFIG, "The store in %s was made by a newer Proofline (it has %.*s). Nothing was changed. "
                  "Use that version or a newer one.", s->folder, STR(name));
    at++;
  }
  *done = at;
  return E_OK;
}

static Err step_alone(Cx *cx, Store *s, const Migration *m) {
  TRY(store_begin(cx, s));
  Err e = step_run(cx, s, m);
  if (e == E_OK) return store_commit(cx, s);
  store_rollback(s);
  return e;
}

Err store_migrate(Cx *cx, Store *s, const Migration *steps, size_t n) {
  size_t done = 0;
  TRY(steps_done(cx, s, steps, n, &done));
  if (done < n && s->mode == STORE_READ)
    return fail(cx, E_CONFIG, "The store in %s was made by an older Proofline (it lacks %s). Nothing was changed. "
                "Start the server once: it brings the store up to date.", s->folder, steps[done].name);
  for (; done < n; done++) TRY(s->writing ? step_run(cx, s, &steps[done]) : step_alone(cx, s, &steps[done]));
  return E_OK;
}

Err store_define(Cx *cx, Store *s, Str ddl) {
  if (s->lost) return lost(cx);
  if (!s->writing) return fail(cx, E_BUG, "Tables were defined outside a transaction. Nothing was stored.");
  s->wrote = true;
  return store_heed(cx, s, s->db->ops->script(cx, s->db, str_z(cx->arena, ddl)));
}

/* ---- blobs ----------------------------------------------------------------------------------------------------- */

Err blob_put(Cx *cx, Store *s, Str hash_hex, Str bytes) {
  return store_run(cx, s, SQL_BLOB_ADD, ARGS(v_text(hash_hex), v_int((int64_t)bytes.n), v_bytes(bytes)), NULL);
}

Err blob_get(Cx *cx, Store *s, Str hash_hex, Str *bytes) {
  AUTO(Rows) r = { 0 };
  bool got;
  TRY(store_rows(cx, s, SQL_BLOB_BYTES, ARGS(v_text(hash_hex)), &r));
  TRY(rows_next(cx, &r, &got));
  if (!got) return fail(cx, E_NOTFOUND, "There is no file with the hash %.*s.", STR(hash_hex));
  *bytes = str_dup(cx->arena, row_bytes(&r, 0));
  return E_OK;
}

Err store_backup(Cx *cx, Store *s, const char *to_path) { return s->db->ops->backup(cx, s->db, to_path); }
