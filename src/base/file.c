#include "base/base.h"
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static void File_drop(int *fd) { if (*fd > 2) (void)close(*fd); }
typedef int File;

static Err io_fail(Cx *cx, const char *doing, const char *path) {
  Err e = errno == ENOENT                      ? E_NOTFOUND
          : errno == EISDIR                    ? E_INVALID
          : errno == ENOSPC || errno == EDQUOT ? E_FULL
                                               : E_IO;
  return fail(cx, e, "%s %s: %s", doing, path, strerror(errno));
}

Err file_read(Cx *cx, const char *path, size_t max_bytes, Str *out) {
  AUTO(File) fd = strcmp(path, "-") == 0 ? 0 : open(path, O_RDONLY | O_CLOEXEC);
  if (fd < 0) return io_fail(cx, "Cannot read", path);
  struct stat st;
  size_t cap = fstat(fd, &st) == 0 && S_ISREG(st.st_mode) ? (size_t)st.st_size + 1 : 64 * 1024, n = 0;
  if (cap > max_bytes + 1)
    return fail(cx, E_TOO_LARGE, "%s has %zu bytes; at most %zu are read", path, cap - 1, max_bytes);
  char *p = arena_alloc(cx->arena, cap);
  for (;;) {
    ssize_t got = read(fd, p + n, cap - n);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return io_fail(cx, "Cannot read", path);
    if (got == 0) break;
    n += (size_t)got;
    if (n > max_bytes) return fail(cx, E_TOO_LARGE, "%s has more than %zu bytes", path, max_bytes);
    if (n == cap) { p = arena_grow(cx->arena, p, cap, cap * 2); cap *= 2; }
  }
  *out = (Str){ p, n };
  return E_OK;
}

static Err write_all(Cx *cx, int fd, const char *path, Str bytes) {
  while (bytes.n) {
    ssize_t put = write(fd, bytes.p, bytes.n);
    if (put < 0 && errno == EINTR) continue;
    if (put < 0) return io_fail(cx, "Cannot write", path);
    bytes = str_slice(bytes, (size_t)put, bytes.n);
  }
  return E_OK;
}

static Err write_parts(Cx *cx, int fd, const char *path, const Str *parts, size_t n) {
  for (size_t i = 0; i < n; i++) TRY(write_all(cx, fd, path, parts[i]));
  return fsync(fd) == 0 ? E_OK : io_fail(cx, "Cannot write", path);
}

static Err sync_folder(Cx *cx, const char *path) {
  size_t slash = str_rfind_char(str_of(path), '/');
  const char *folder = slash == SIZE_MAX ? "." : str_z(cx->arena, (Str){ path, slash ? slash : 1 });
  AUTO(File) fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (fd < 0 || fsync(fd) != 0) return io_fail(cx, "Cannot write", folder);
  return E_OK;
}

Err file_write_parts(Cx *cx, const char *path, const Str *parts, size_t n, unsigned mode) {
  const char *temporary = str_fmt(cx->arena, "%s.tmp", path).p;
  {
    AUTO(File) fd = open(temporary, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, (mode_t)mode);
    if (fd < 0) return io_fail(cx, "Cannot write", temporary);
    Err e = write_parts(cx, fd, temporary, parts, n);
    if (e != E_OK) { (void)unlink(temporary); return e; }
  }
  if (rename(temporary, path) != 0) return io_fail(cx, "Cannot write", path);
  return sync_folder(cx, path);
}

Err file_write(Cx *cx, const char *path, Str bytes, unsigned mode) {
  return file_write_parts(cx, path, &bytes, 1, mode);
}

Err folder_make(Cx *cx, const char *path, unsigned mode) {
  char *copy = str_z(cx->arena, str_of(path));
  for (char *at = copy + 1; *at; at++) {
    if (*at != '/') continue;
    *at = 0;
    if (mkdir(copy, (mode_t)mode) != 0 && errno != EEXIST) return io_fail(cx, "Cannot make folder", copy);
    *at = '/';
  }
  if (mkdir(copy, (mode_t)mode) != 0 && errno != EEXIST) return io_fail(cx, "Cannot make folder", copy);
  return E_OK;
}

bool file_exists(const char *path) { return access(path, F_OK) == 0; }

enum { REMOVE_DEPTH = 8 };

/* Takes the folder's descriptor over. */
static bool empty_out(int fd, int depth) {
  DIR *dir = depth < REMOVE_DEPTH ? fdopendir(fd) : NULL;
  if (!dir) {
    (void)close(fd);
    return false;
  }
  bool good = true;
  for (struct dirent *e; (e = readdir(dir)) != NULL;) {
    if (strcmp(e->d_name, ".") == 0 || strcmp(e->d_name, "..") == 0) continue;
    if (unlinkat(dirfd(dir), e->d_name, 0) == 0) continue;
    int inner = openat(dirfd(dir), e->d_name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    good = inner >= 0 && empty_out(inner, depth + 1) && unlinkat(dirfd(dir), e->d_name, AT_REMOVEDIR) == 0 && good;
  }
  (void)closedir(dir);
  return good;
}

Err folder_remove(Cx *cx, const char *path) {
  int fd = open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
  if (fd < 0 || !empty_out(fd, 0) || rmdir(path) != 0) return io_fail(cx, "Cannot remove", path);
  return E_OK;
}
