/* Folders and files on disk. */
#include "format/inside.h"
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

enum { FOLDER_DEPTH_MOST = 32, ENTRIES_MOST = 2000000, ENTRY_MOST = 16 << 20 };

typedef struct Mapped { void *p; size_t n; } Mapped;
static void Mapped_drop(Mapped *m) { if (m->p) (void)munmap(m->p, m->n); }
typedef DIR *Folder;
static void Folder_drop(Folder *d) { if (*d) (void)closedir(*d); }
typedef int File;
static void File_drop(int *fd) { if (*fd >= 0) (void)close(*fd); }

static Err io_fail(Cx *cx, const char *path) {
  return fail(cx, errno == ENOENT ? E_NOTFOUND : E_IO, "Cannot read %s: %s", path, strerror(errno));
}

static Err map_file(Cx *cx, const char *path, int flags, Mapped *out) {
  AUTO(File) fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | flags);
  struct stat st;
  if (fd < 0 || fstat(fd, &st) != 0) return io_fail(cx, path);
  if (!S_ISREG(st.st_mode)) return fail(cx, E_IO, "Cannot read %s: it is no regular file", path);
  Mapped m = { .n = (size_t)st.st_size };
  if (m.n) m.p = mmap(NULL, m.n, PROT_READ, MAP_PRIVATE, fd, 0);
  if (m.p == MAP_FAILED) return io_fail(cx, path);
  *out = m;
  return E_OK;
}

typedef struct Tree {
  Cx *cx;
  Arena *own;
  size_t root;
  PackedShare *share;
  PackedEach *each;
  void *env;
  size_t files;
} Tree;

/* Folders carry their slash, so that the order of names is the order of whole paths. */
static int by_bytes(const void *a, const void *b) { return str_cmp(*(const Str *)a, *(const Str *)b); }

static Err listing(Tree *t, const char *path, Str **names, size_t *n) {
  AUTO(Folder) d = opendir(path);
  if (!d) return io_fail(t->cx, path);
  VEC(Str) list = { 0 };
  for (const struct dirent *f; (f = readdir(d)) != NULL;) {
    if (strcmp(f->d_name, ".") == 0 || strcmp(f->d_name, "..") == 0) continue;
    struct stat st;
    if (fstatat(dirfd(d), f->d_name, &st, AT_SYMLINK_NOFOLLOW) != 0) continue;   /* gone meanwhile */
    if (S_ISDIR(st.st_mode)) vec_add(t->own, &list, str_fmt(t->own, "%s/", f->d_name));
    else if (S_ISREG(st.st_mode)) vec_add(t->own, &list, str_fmt(t->own, "%s", f->d_name));
  }
  if (list.n) qsort(list.p, list.n, sizeof *list.p, by_bytes);
  *names = list.p;
  *n = list.n;
  return E_OK;
}

typedef struct Inner { PackedEach *each; void *env; Err err; } Inner;

static Err inner_file(Cx *cx, void *env, const PackedFile *f) {
  Inner *i = env;
  return i->err = i->each(cx, i->env, f);
}

/* A packed file of a folder is unpacked like one that is named itself; a damaged one does not end the walk.  Both
 * processes see that a zip is damaged: the first tells it. */
static Err packed_file(Tree *t, PackedFile *f) {
  Inner i = { t->each, t->env, E_OK };
  Err e = packed_part(t->cx, f->name, f->bytes, t->share, inner_file, &i);
  if (e == E_OK || i.err != E_OK) return e;
  if (t->share && t->share->mine && zip_is(f->bytes)) {
    cx_forgive(t->cx);
    return E_OK;
  }
  PackedFile bad = { .name = f->name, .why = str_dup(t->own, t->cx->words) };
  cx_forgive(t->cx);
  return t->each(t->cx, t->env, &bad);
}

static Err one_file(Tree *t, const char *path) {
  AUTO(Mapped) m = { 0 };
  if (++t->files > ENTRIES_MOST) return fail(t->cx, E_TOO_LARGE, "The folder has more than %d files", ENTRIES_MOST);
  TRY(map_file(t->cx, path, O_NOFOLLOW, &m));
  PackedFile f = { .name = str_of(path + t->root), .bytes = { m.p ? m.p : "", m.n } };
  if (packed_is(f.bytes)) return packed_file(t, &f);
  if (!share_takes(t->share, m.n)) return E_OK;
  if (m.n > ENTRY_MOST) f = (PackedFile){ .name = f.name, .why = S("is larger than 16 MiB") };
  return t->each(t->cx, t->env, &f);
}

static Err folder(Tree *t, const char *path, unsigned depth) {
  if (depth > FOLDER_DEPTH_MOST)
    return fail(t->cx, E_TOO_LARGE, "The folder %s is deeper than %d levels", path, FOLDER_DEPTH_MOST);
  ArenaMark mark = arena_mark(t->own);
  Str *names = NULL;
  size_t n = 0;
  TRY(listing(t, path, &names, &n));
  for (size_t i = 0; i < n; i++) {
    ArenaMark one = arena_mark(t->own);
    bool inner = names[i].p[names[i].n - 1] == '/';
    const char *child = str_fmt(t->own, "%s%.*s", path, STR(names[i])).p;
    TRY(inner ? folder(t, child, depth + 1) : one_file(t, child));
    arena_release(t->own, one);
  }
  arena_release(t->own, mark);
  return E_OK;
}

static Err walk_folder(Cx *cx, const char *path, PackedShare *share, PackedEach *each, void *env) {
  AUTO(Cx) names = cx_new((size_t)512 << 20);
  const char *slash = str_ends(str_of(path), S("/")) ? path : str_fmt(names.arena, "%s/", path).p;
  Tree t = { .cx = cx, .own = names.arena, .root = strlen(slash), .share = share, .each = each, .env = env };
  return folder(&t, slash, 1);
}

static Str base_name(const char *path) {
  Str s = str_of(path);
  size_t slash = str_rfind_char(s, '/');
  return slash == SIZE_MAX ? s : str_slice(s, slash + 1, s.n);
}

Err packed_walk(Cx *cx, const char *path, PackedEach *each, void *env) {
  return packed_walk_share(cx, path, NULL, each, env);
}

Err packed_walk_share(Cx *cx, const char *path, PackedShare *share, PackedEach *each, void *env) {
  struct stat st;
  if (stat(path, &st) != 0) return io_fail(cx, path);
  if (S_ISDIR(st.st_mode)) return walk_folder(cx, path, share, each, env);
  AUTO(Mapped) m = { 0 };
  TRY(map_file(cx, path, 0, &m));
  return packed_part(cx, base_name(path), (Str){ m.p ? m.p : "", m.n }, share, each, env);
}
