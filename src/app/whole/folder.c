#include "app/whole/folder.h"
#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

enum { DEPTH_MOST = 4, FILES_MOST = 4000000 };

static Err walk(Cx *cx, const char *root, Str below, int depth, FolderFiles *out) {
  const char *path = str_fmt(cx->arena, "%s/%.*s", root, STR(below)).p;
  DIR *d = opendir(path);
  if (!d) return fail(cx, errno == ENOENT ? E_NOTFOUND : E_IO, "Cannot read %s: %s", path, strerror(errno));
  Err e = E_OK;
  for (const struct dirent *f; e == E_OK && (f = readdir(d)) != NULL;) {
    struct stat st;
    if (f->d_name[0] == '.') continue;
    Str name = str_fmt(cx->arena, "%.*s%s%s", STR(below), below.n ? "/" : "", f->d_name);
    if (lstat(str_fmt(cx->arena, "%s/%.*s", root, STR(name)).p, &st) != 0)
      e = fail(cx, E_IO, "Cannot read %s", f->d_name);
    else if (S_ISDIR(st.st_mode) && depth < DEPTH_MOST) e = walk(cx, root, name, depth + 1, out);
    else if (!S_ISREG(st.st_mode)) e = fail(cx, E_INVALID, "%s/%.*s is no regular file", root, STR(name));
    else if (out->n == FILES_MOST) e = fail(cx, E_TOO_LARGE, "%s has more than %d files", root, FILES_MOST);
    else vec_add(cx->arena, out, name);
  }
  (void)closedir(d);
  return e;
}

static int by_bytes(const void *a, const void *b) { return str_cmp(*(const Str *)a, *(const Str *)b); }

Err folder_files(Cx *cx, const char *folder, FolderFiles *out) {
  TRY(walk(cx, folder, S(""), 1, out));
  if (out->n) qsort(out->p, out->n, sizeof *out->p, by_bytes);
  return E_OK;
}
