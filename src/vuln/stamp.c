/* stamp.c - that a snapshot was checked as a whole. */
#define _GNU_SOURCE /* CLOCK_REALTIME_COARSE */
#include "vuln/stamp.h"
#include "vuln/snap.h"
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum { STAMP_BYTES = 256, SETTLE_MOST_US = 50000 };

static Str text_of(Arena *a, const struct stat *st, const char *sha256) {
  return str_fmt(a, "snapshot-checked %d %llu %llu %lld %lld.%09ld %lld.%09ld %.64s\n", SNAP_VERSION,
                 (unsigned long long)st->st_dev, (unsigned long long)st->st_ino, (long long)st->st_size,
                 (long long)st->st_mtim.tv_sec, st->st_mtim.tv_nsec, (long long)st->st_ctim.tv_sec,
                 st->st_ctim.tv_nsec, sha256);
}

static const char *stamp_path(Arena *a, const char *path) { return str_fmt(a, "%s.checked", path).p; }

/* Whoever could forge it could as well forge the snapshot. */
static bool is_ours(int fd, const struct stat *of) {
  struct stat st;
  return fstat(fd, &st) == 0 && S_ISREG(st.st_mode) && !(st.st_mode & (S_IWGRP | S_IWOTH)) &&
         (st.st_uid == geteuid() || st.st_uid == 0 || st.st_uid == of->st_uid);
}

bool stamp_holds(Cx *cx, const char *path, const struct stat *st, char sha256[64]) {
  char have[STAMP_BYTES];
  int fd = open(stamp_path(cx->arena, path), O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
  if (fd < 0) return false;
  ssize_t n = is_ours(fd, st) ? read(fd, have, sizeof have) : -1;
  (void)close(fd);
  if (n < 66) return false;
  const char *digest = have + n - 65; /* the line ends with it */
  if (!str_eq(text_of(cx->arena, st, digest), (Str){ have, (size_t)n })) return false;
  memcpy(sha256, digest, 64);
  return true;
}

static bool is_later(const struct timespec *a, const struct timespec *b) {
  return a->tv_sec != b->tv_sec ? a->tv_sec > b->tv_sec : a->tv_nsec > b->tv_nsec;
}

void stamp_settle(const struct stat *st) {
  struct timespec now, step = { .tv_nsec = 1000000 };
  for (int64_t until = clock_mono_us() + SETTLE_MOST_US; clock_mono_us() < until;) {
    if (clock_gettime(CLOCK_REALTIME_COARSE, &now) != 0 || is_later(&now, &st->st_ctim)) return;
    (void)nanosleep(&step, NULL);
  }
}

/* No fsync: a note that is lost is made again. */
void stamp_write(Cx *cx, const char *path, const struct stat *st, const char sha256[64]) {
  struct stat after;
  struct timespec now;
  bool settled = clock_gettime(CLOCK_REALTIME_COARSE, &now) == 0 && is_later(&now, &st->st_ctim);
  if (!settled || stat(path, &after) != 0 ||
      !str_eq(text_of(cx->arena, &after, sha256), text_of(cx->arena, st, sha256)))
    return;
  const char *to = stamp_path(cx->arena, path), *temporary = str_fmt(cx->arena, "%s.%lld", to, (long long)getpid()).p;
  int fd = open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0644);
  if (fd < 0) return;
  Str text = text_of(cx->arena, st, sha256);
  bool whole = write(fd, text.p, text.n) == (ssize_t)text.n && fchmod(fd, 0644) == 0;
  (void)close(fd);
  if (!whole || rename(temporary, to) != 0) (void)unlink(temporary);
}
