/* tar.zst out and in, streaming, through libarchive: what a backup holds. */
#include "format/inside.h"
#include "format/late.h"
#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { CHUNK = 256 * 1024, NAME_BYTES = 128, FILES_MOST = 10000 };

typedef struct archive *Packed;
static void Packed_drop(Packed *a) {
  if (*a) (void)late.archive_free(*a);
}
typedef int File;
static void File_drop(int *fd) {
  if (*fd >= 0) (void)close(*fd);
}

/* The way of bytes between libarchive's callbacks and ours; the first failure is ours. */
typedef struct Way {
  Cx *cx;
  void *env;
  PackSink *sink;
  PackSource *source;
  Err err;
} Way;

static Err archive_fail(Cx *cx, const Way *w, Packed a, const char *doing) {
  if (w->err != E_OK) return w->err;
  const char *why = late.archive_error_string(a);
  return fail(cx, E_UNREADABLE, "%s: %s", doing, why ? why : "damaged");
}

/* ---- out ----------------------------------------------------------------------------------------------- */

static la_ssize_t give(struct archive *a, void *env, const void *bytes, size_t n) {
  Way *w = env;
  (void)a;
  w->err = w->sink(w->cx, w->env, (Str){ bytes, n });
  return w->err == E_OK ? (la_ssize_t)n : -1;
}

static Err put_bytes(Cx *cx, Way *w, Packed a, const char *path, int fd, char *chunk, int64_t size) {
  while (size) {
    ssize_t got = read(fd, chunk, size < CHUNK ? (size_t)size : (size_t)CHUNK);
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) return fail(cx, E_IO, "Cannot read %s: %s", path, got ? strerror(errno) : "it became shorter");
    if (late.archive_write_data(a, chunk, (size_t)got) != got) return archive_fail(cx, w, a, "Packing failed");
    size -= got;
  }
  return E_OK;
}

static Err put_file(Cx *cx, Way *w, Packed a, struct archive_entry *e, const PackIn *f, char *chunk) {
  struct stat st;
  AUTO(File) fd = open(f->path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
  if (fd < 0 || fstat(fd, &st) != 0)
    return fail(cx, errno == ENOENT ? E_NOTFOUND : E_IO, "Cannot read %s: %s", f->path, strerror(errno));
  late.archive_entry_clear(e);
  late.archive_entry_set_pathname(e, str_z(cx->arena, f->name));
  late.archive_entry_set_filetype(e, AE_IFREG);
  late.archive_entry_set_perm(e, 0600);
  late.archive_entry_set_size(e, st.st_size);
  late.archive_entry_set_mtime(e, 0, 0);
  if (late.archive_write_header(a, e) != ARCHIVE_OK) return archive_fail(cx, w, a, "Packing failed");
  return put_bytes(cx, w, a, f->path, fd, chunk, st.st_size);
}

Err pack_write(Cx *cx, const PackIn *files, size_t n, PackSink *sink, void *env) {
  Way w = { .cx = cx, .env = env, .sink = sink };
  TRY(late_load(cx, LATE_ARCHIVE));
  AUTO(Packed) a = late.archive_write_new();
  char *chunk = arena_alloc(cx->arena, CHUNK);
  bool good = a && late.archive_write_set_format_ustar(a) == ARCHIVE_OK &&
              late.archive_write_add_filter_zstd(a) == ARCHIVE_OK &&
              late.archive_write_set_bytes_per_block(a, 0) == ARCHIVE_OK &&
              late.archive_write_open(a, &w, NULL, give, NULL) == ARCHIVE_OK;
  struct archive_entry *e = good ? late.archive_entry_new() : NULL;
  if (!e)
    return fail(cx, E_IO, "Packing cannot begin: %s",
                a && late.archive_error_string(a) ? late.archive_error_string(a) : "");
  Err err = E_OK;
  for (size_t i = 0; err == E_OK && i < n; i++) err = put_file(cx, &w, a, e, &files[i], chunk);
  late.archive_entry_free(e);
  if (err == E_OK && late.archive_write_close(a) != ARCHIVE_OK) err = archive_fail(cx, &w, a, "Packing failed");
  return err;
}

/* ---- in ------------------------------------------------------------------------------------------------ */

static la_ssize_t take(struct archive *a, void *env, const void **bytes) {
  Way *w = env;
  Str s = STR_NONE;
  (void)a;
  w->err = w->source(w->cx, w->env, &s);
  *bytes = s.p;
  return w->err == E_OK ? (la_ssize_t)s.n : -1;
}

/* A name that can only mean a file in the folder, or in a folder right below it. */
static bool plain_name(Str s) {
  size_t slashes = 0;
  if (!s.n || s.n > NAME_BYTES || s.p[0] == '.' || s.p[0] == '/' || s.p[s.n - 1] == '/') return false;
  for (size_t i = 0; i < s.n; i++) {
    slashes += s.p[i] == '/';
    if (!isalnum((unsigned char)s.p[i]) && str_find_char(S("._-/"), s.p[i]) == SIZE_MAX) return false;
    if (s.p[i] == '/' && s.p[i + 1] == '.') return false;
  }
  return slashes <= 1;
}

static Err write_error(Cx *cx, const char *path) {
  return fail(cx, errno == ENOSPC || errno == EDQUOT ? E_FULL : E_IO, "Cannot write %s: %s", path, strerror(errno));
}

static Err take_file(Cx *cx, Way *w, Packed a, const char *path, char *chunk, uint64_t *left) {
  AUTO(File) fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
  if (fd < 0) return write_error(cx, path);
  for (;;) {
    la_ssize_t got = late.archive_read_data(a, chunk, CHUNK);
    if (got < 0) return archive_fail(cx, w, a, "It cannot be unpacked");
    if (got == 0) break;
    if ((uint64_t)got > *left) return fail(cx, E_TOO_LARGE, "It unpacks to more than it says");
    *left -= (uint64_t)got;
    for (la_ssize_t at = 0; at < got;) {
      ssize_t put = write(fd, chunk + at, (size_t)(got - at));
      if (put < 0 && errno == EINTR) continue;
      if (put < 0) return write_error(cx, path);
      at += put;
    }
  }
  return fsync(fd) == 0 ? E_OK : write_error(cx, path);
}

static Err take_entry(Cx *cx, Way *w, Packed a, struct archive_entry *e, const char *folder, char *chunk,
                      uint64_t *left) {
  const char *z = late.archive_entry_pathname(e);
  Str name = str_of(z ? z : ""), head, rest;
  if (late.archive_entry_filetype(e) != AE_IFREG || late.archive_entry_hardlink(e) || !plain_name(name))
    return fail(cx, E_UNREADABLE, "It holds '%.*s', which has no place in it", STR(str_head(name, 80)));
  if (str_cut(name, '/', &head, &rest))
    TRY(folder_make(cx, str_fmt(cx->arena, "%s/%.*s", folder, STR(head)).p, 0700));
  return take_file(cx, w, a, str_fmt(cx->arena, "%s/%.*s", folder, STR(name)).p, chunk, left);
}

Err pack_read(Cx *cx, PackSource *source, void *env, const char *folder, uint64_t most_bytes) {
  Way w = { .cx = cx, .env = env, .source = source };
  TRY(late_load(cx, LATE_ARCHIVE));
  AUTO(Packed) a = late.archive_read_new();
  char *chunk = arena_alloc(cx->arena, CHUNK);
  bool good = a && late.archive_read_support_format_tar(a) == ARCHIVE_OK &&
              late.archive_read_support_filter_zstd(a) == ARCHIVE_OK;
  if (!good || late.archive_read_open(a, &w, NULL, take, NULL) != ARCHIVE_OK)
    return archive_fail(cx, &w, a, "It cannot be unpacked");
  for (size_t n = 0;; n++) {
    struct archive_entry *e;
    int got = late.archive_read_next_header(a, &e);
    if (got == ARCHIVE_EOF) break;
    if (got != ARCHIVE_OK) return archive_fail(cx, &w, a, "It cannot be unpacked");
    if (n == FILES_MOST) return fail(cx, E_TOO_LARGE, "It holds more than %d files", FILES_MOST);
    TRY(take_entry(cx, &w, a, e, folder, chunk, &most_bytes));
  }
  for (Str rest = S("x"); rest.n;)
    TRY(source(cx, env, &rest)); /* up to the end, which says that nothing was cut off */
  return E_OK;
}
