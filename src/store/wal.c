/* The frames of one commit reach the write-ahead log in one write.
 *
 * SQLite writes a header and a page for each frame, and the kernel's part of these small writes costs more than the
 * bytes.  Here they are held and written together before the log is synced, read or measured.  Nobody looks for frames
 * earlier: readers follow the index of the log, which a commit with synchronous=FULL moves only after the sync.  A
 * write that fails is the answer to that sync, and the commit is none. */
#include "inside.h"
#include <sqlite3.h>
#include <string.h>

enum { HELD_BYTES = 128 * 1024 };

typedef struct WalFile {
  sqlite3_file file;            /* what SQLite sees */
  char *held;
  int n;                        /* bytes held, which belong at `at` */
  sqlite3_int64 at;
} WalFile;

static WalFile *wal_of(sqlite3_file *f) { return (WalFile *)(void *)f; }
static sqlite3_file *real_of(sqlite3_file *f) { return (sqlite3_file *)(void *)(wal_of(f) + 1); }
static const sqlite3_io_methods *real_methods(sqlite3_file *f) { return real_of(f)->pMethods; }

static int write_held(sqlite3_file *f) {
  WalFile *w = wal_of(f);
  int n = w->n;
  w->n = 0;
  return n ? real_methods(f)->xWrite(real_of(f), w->held, n, w->at) : SQLITE_OK;
}

static int wal_write(sqlite3_file *f, const void *bytes, int n, sqlite3_int64 at) {
  WalFile *w = wal_of(f);
  if (w->n && (at != w->at + w->n || w->n + n > HELD_BYTES)) {
    int code = write_held(f);
    if (code != SQLITE_OK) return code;
  }
  if (!w->held) w->held = sqlite3_malloc(HELD_BYTES);
  if (!w->held || n > HELD_BYTES) return real_methods(f)->xWrite(real_of(f), bytes, n, at);
  if (!w->n) w->at = at;
  memcpy(w->held + w->n, bytes, (size_t)n);
  w->n += n;
  return SQLITE_OK;
}

static int wal_read(sqlite3_file *f, void *to, int n, sqlite3_int64 at) {
  int code = write_held(f);
  return code != SQLITE_OK ? code : real_methods(f)->xRead(real_of(f), to, n, at);
}

static int wal_sync(sqlite3_file *f, int flags) {
  int code = write_held(f);
  return code != SQLITE_OK ? code : real_methods(f)->xSync(real_of(f), flags);
}

static int wal_truncate(sqlite3_file *f, sqlite3_int64 size) {
  int code = write_held(f);
  return code != SQLITE_OK ? code : real_methods(f)->xTruncate(real_of(f), size);
}

static int wal_size(sqlite3_file *f, sqlite3_int64 *size) {
  int code = write_held(f);
  return code != SQLITE_OK ? code : real_methods(f)->xFileSize(real_of(f), size);
}

static int wal_close(sqlite3_file *f) {
  WalFile *w = wal_of(f);
  int code = write_held(f), closed = real_methods(f)->xClose(real_of(f));
  sqlite3_free(w->held);
  w->held = NULL;
  return code != SQLITE_OK ? code : closed;
}

static int wal_lock(sqlite3_file *f, int how) { return real_methods(f)->xLock(real_of(f), how); }
static int wal_unlock(sqlite3_file *f, int how) { return real_methods(f)->xUnlock(real_of(f), how); }
static int wal_reserved(sqlite3_file *f, int *out) { return real_methods(f)->xCheckReservedLock(real_of(f), out); }
static int wal_control(sqlite3_file *f, int op, void *arg) {
  return real_methods(f)->xFileControl(real_of(f), op, arg);
}
static int wal_sector(sqlite3_file *f) { return real_methods(f)->xSectorSize(real_of(f)); }
static int wal_device(sqlite3_file *f) { return real_methods(f)->xDeviceCharacteristics(real_of(f)); }

static const sqlite3_io_methods wal_methods = {
  1, wal_close, wal_read, wal_write, wal_truncate, wal_sync, wal_size, wal_lock, wal_unlock, wal_reserved,
  wal_control, wal_sector, wal_device, NULL, NULL, NULL, NULL, NULL, NULL
};

static sqlite3_vfs *usual;

/* Every other file is opened as it always is. */
static int joined_open(sqlite3_vfs *vfs, const char *path, sqlite3_file *f, int flags, int *got) {
  (void)vfs;
  if (!(flags & SQLITE_OPEN_WAL)) return usual->xOpen(usual, path, f, flags, got);
  *wal_of(f) = (WalFile){ .file = { NULL } };
  int code = usual->xOpen(usual, path, real_of(f), flags, got);
  if (real_methods(f)) f->pMethods = &wal_methods;
  return code;
}

const char *wal_joined(void) {
  static sqlite3_vfs joined;
  if (usual) return joined.zName;
  usual = sqlite3_vfs_find(NULL);
  joined = *usual;
  joined.zName = "proofline";
  joined.pNext = NULL;
  joined.szOsFile = (int)sizeof(WalFile) + usual->szOsFile;
  joined.xOpen = joined_open;
  return sqlite3_vfs_register(&joined, 0) == SQLITE_OK ? joined.zName : NULL;
}
