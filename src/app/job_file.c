/* Files of jobs: written by who runs, read by who looks. */
#include "app/job_file.h"
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

typedef int Fd;
static void Fd_drop(Fd *fd) {
  if (*fd >= 0) (void)close(*fd);
}

static const char *file_of(Cx *cx, const char *folder, Str id, const char *suffix) {
  return str_fmt(cx->arena, "%s/jobs/%.*s%s", folder, STR(id), suffix).p;
}

int job_lock(Cx *cx, const char *folder, Str id) {
  int lock = open(file_of(cx, folder, id, ".lock"), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  if (lock < 0 || flock(lock, LOCK_EX | LOCK_NB) == 0) return lock;
  (void)close(lock);
  return -1;
}

void job_unlock(Cx *cx, const char *folder, Str id, int lock) {
  if (lock < 0) return;
  (void)unlink(file_of(cx, folder, id, ".lock"));
  (void)close(lock);
}

bool job_lives(Cx *cx, const char *folder, Str id) {
  AUTO(Fd) lock = open(file_of(cx, folder, id, ".lock"), O_RDWR | O_CLOEXEC);
  return lock >= 0 && flock(lock, LOCK_SH | LOCK_NB) != 0;
}

Err job_put(Cx *cx, const char *folder, Str id, Str json) {
  TRY(folder_make(cx, str_fmt(cx->arena, "%s/jobs", folder).p, 0700));
  return file_write(cx, file_of(cx, folder, id, ".json"), json, 0600);
}

Err job_read(Cx *cx, const char *folder, Str id, JVal **out) {
  Str text;
  TRY(file_read(cx, file_of(cx, folder, id, ".json"), JOB_BYTES, &text));
  return json_read(cx, text, &JSON_BODY, out);
}

/* ---- what goes ----------------------------------------------------------------------------------------- */

typedef struct JobFile { Str id; int64_t at_us; } JobFile;
typedef VEC(JobFile) JobFiles;

static int newest_first(const void *a, const void *b) {
  int64_t x = ((const JobFile *)a)->at_us, y = ((const JobFile *)b)->at_us;
  return (x < y) - (x > y);
}

static Err list(Cx *cx, const char *folder, JobFiles *out) {
  const char *path = str_fmt(cx->arena, "%s/jobs", folder).p;
  DIR *d = opendir(path);
  if (!d && errno == ENOENT) return E_OK;
  if (!d) return fail(cx, E_IO, "Cannot read %s: %s", path, strerror(errno));
  for (const struct dirent *f; (f = readdir(d)) != NULL;) {
    struct stat st;
    Str name = str_of(f->d_name);
    if (!str_ends(name, S(".json")) || fstatat(dirfd(d), f->d_name, &st, AT_SYMLINK_NOFOLLOW) != 0) continue;
    vec_add(cx->arena, out,
            (JobFile){ str_dup(cx->arena, str_slice(name, 0, name.n - 5)), (int64_t)st.st_mtime * US_PER_S });
  }
  (void)closedir(d);
  return E_OK;
}

Err jobs_tidy(Cx *cx, const char *folder) {
  JobFiles all = { 0 };
  int64_t oldest_us = clock_now_us() - JOB_KEPT_DAYS * US_PER_DAY;
  TRY(list(cx, folder, &all));
  if (all.n) qsort(all.p, all.n, sizeof *all.p, newest_first);
  for (size_t i = 0; i < all.n; i++) {
    if ((i < JOB_KEPT && all.p[i].at_us >= oldest_us) || job_lives(cx, folder, all.p[i].id)) continue;
    (void)unlink(file_of(cx, folder, all.p[i].id, ".json"));
    (void)unlink(file_of(cx, folder, all.p[i].id, ".lock"));   /* of one that was cut */
  }
  return E_OK;
}
