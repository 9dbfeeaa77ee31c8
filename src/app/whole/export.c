/* An export into a folder, which may be a git work tree. */
#define _GNU_SOURCE /* syncfs */
#include "app/whole/whole.h"
#include "app/whole/folder.h"
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

typedef struct Out {
  const char *to;
  Map written;
  Arena *keep;
} Out;

static Err io_fail(Cx *cx, const char *path) {
  return fail(cx, errno == ENOSPC || errno == EDQUOT ? E_FULL : E_IO,
              "Cannot write %s: %s. The export is not whole; run it again", path, strerror(errno));
}

/* Thousands of small files: all of them are brought to the disk at once, at the end. */
static Err put_unsynced(Cx *cx, const char *path, Str bytes) {
  int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600);
  if (fd < 0) return io_fail(cx, path);
  while (bytes.n) {
    ssize_t put = write(fd, bytes.p, bytes.n);
    if (put < 0 && errno == EINTR) continue;
    if (put < 0) break;
    bytes = str_slice(bytes, (size_t)put, bytes.n);
  }
  Err e = bytes.n ? io_fail(cx, path) : E_OK;
  (void)close(fd);
  return e;
}

static Err sync_all(Cx *cx, const char *folder) {
  int fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  Err e = fd < 0 || syncfs(fd) != 0 ? io_fail(cx, folder) : E_OK;
  if (fd >= 0) (void)close(fd);
  return e;
}

/* A file that is already what it should be is left alone: git and backups see what changed and nothing else. */
static Err write_file(Cx *cx, void *env, Str name, Str bytes) {
  Out *o = env;
  ArenaMark mark = arena_mark(cx->arena);
  const char *path = str_fmt(cx->arena, "%s/%.*s", o->to, STR(name)).p;
  map_put(&o->written, str_dup(o->keep, name), 1);
  Cx probe = { .arena = cx->arena };
  Str there = STR_NONE;
  Err e = file_read(&probe, path, bytes.n, &there);
  if (e != E_OK || !str_eq(there, bytes)) {
    size_t slash = str_rfind_char(str_of(path), '/');
    TRY(folder_make(cx, str_z(cx->arena, str_slice(str_of(path), 0, slash)), 0700));
    if (str_eq(name, S(WHOLE_SOURCE))) TRY(sync_all(cx, o->to));
    TRY(str_eq(name, S(WHOLE_SOURCE)) ? file_write(cx, path, bytes, 0600) : put_unsynced(cx, path, bytes));
  }
  arena_release(cx->arena, mark);
  return E_OK;
}

static Err target_ok(Cx *cx, const char *to, const FolderFiles *files) {
  if (!files->n || file_exists(str_fmt(cx->arena, "%s/" WHOLE_SOURCE, to).p)) return E_OK;
  return fail(cx, E_CONFLICT, "%s is not empty and holds no earlier export (there is '%.*s'). Nothing was exported",
              to, STR(files->p[0]));
}

static bool ours(Str name) {
  return str_starts(name, S("records/")) || str_starts(name, S("log/")) || str_starts(name, S("tables/")) ||
         str_starts(name, S("blobs/"));
}

Err whole_export(Cx *cx, Store *s, const char *folder, const char *to, WholeCount *count) {
  WholeScope scope;
  FolderFiles before = { 0 };
  AUTO(Cx) keep = cx_new((size_t)1 << 30); /* of the names: what is taken for one file is given back after it */
  Out o = { .to = to, .keep = keep.arena };
  TRY(folder_make(cx, to, 0700));
  TRY(folder_files(cx, to, &before));
  TRY(target_ok(cx, to, &before));
  TRY(whole_scope(cx, s, folder, &scope));
  o.written = map_new(keep.arena, 1024);
  (void)unlink(str_fmt(cx->arena, "%s/" WHOLE_SOURCE, to).p); /* while it is not there, the export is not whole */
  TRY(whole_files(cx, s, &scope, write_file, &o, count));
  for (size_t i = 0; i < before.n; i++)
    if (ours(before.p[i]) && map_get(&o.written, before.p[i]) == MAP_NONE)
      (void)unlink(str_fmt(cx->arena, "%s/%.*s", to, STR(before.p[i])).p);
  return E_OK;
}
