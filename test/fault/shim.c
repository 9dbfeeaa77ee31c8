/* shim.c - preloaded into a program: the Nth call that writes to a file goes wrong.
 *
 *   PROOFLINE_FAULT=WHAT:FROM[-TO]     calls FROM to TO (just FROM; "-" alone: all that follow)
 *     before, after                    the whole process group is killed before or after the call
 *     torn                             it is killed when a part of the bytes is written, a quarter to three
 *     EIO, ENOSPC, EDQUOT, EINTR       the call fails so
 *     full                             the disk is full: ENOSPC for what stores bytes, not for a sync
 *     short                            a write stores one byte and says so
 *   PROOFLINE_FAULT_COUNT=FILE         8 bytes, shared by all processes: how many calls there were
 *
 * Counted are write, pwrite, fsync, fdatasync, ftruncate of plain files, and rename, unlink.  Sockets and pipes are not. */
#define _GNU_SOURCE
#undef _FILE_OFFSET_BITS      /* both names of each call are ours */
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#define OPEN __attribute__((visibility("default")))
typedef enum What { NOTHING, BEFORE, AFTER, TORN, SHORT, FULL, FAIL } What;
static What what;
static int failure;
static uint64_t from, to, own;
static uint64_t *calls = &own;

static void __attribute__((constructor)) prepare(void) {
  static const struct { const char *name; What what; int failure; } names[] = {
    { "before:", BEFORE, 0 },    { "after:", AFTER, 0 },        { "torn:", TORN, 0 },         { "short:", SHORT, 0 },      { "full:", FULL, ENOSPC },  { "EIO:", FAIL, EIO },
    { "ENOSPC:", FAIL, ENOSPC }, { "EDQUOT:", FAIL, EDQUOT },   { "EINTR:", FAIL, EINTR },
  };
  const char *fault = getenv("PROOFLINE_FAULT"), *count = getenv("PROOFLINE_FAULT_COUNT");
  int fd = count ? open(count, O_RDWR | O_CREAT | O_CLOEXEC, 0600) : -1;
  if (fd >= 0 && ftruncate64(fd, sizeof *calls) == 0) {
    void *shared = mmap(NULL, sizeof *calls, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    if (shared != MAP_FAILED) calls = shared;
  }
  if (fd >= 0) (void)close(fd);
  *calls = 0;
  for (size_t i = 0; fault && i < sizeof names / sizeof *names; i++) {
    size_t n = strlen(names[i].name);
    if (strncmp(fault, names[i].name, n) != 0) continue;
    char *end;
    from = to = strtoull(fault + n, &end, 10);
    if (*end == '-') to = end[1] ? strtoull(end + 1, NULL, 10) : UINT64_MAX;
    failure = names[i].failure;
    what = names[i].what;
  }
}

static void die(void) {
  (void)kill(0, SIGKILL);
  for (;;) (void)pause();
}

/* What is to be done with this call; AFTER is for the caller. */
static What turn(void) {
  uint64_t n = __atomic_add_fetch(calls, 1, __ATOMIC_SEQ_CST);
  if (what == NOTHING || n < from || n > to) return NOTHING;
  if (what == BEFORE) die();
  if (what == FAIL || what == FULL) errno = failure;
  return what;
}

static int is_file(int fd) {
  struct stat st;
  int before = errno, yes = fstat(fd, &st) == 0 && S_ISREG(st.st_mode);
  errno = before;
  return yes;
}

#define REAL(name) \
  static __typeof__(name) *real; \
  if (!real) *(void **)&real = dlsym(RTLD_NEXT, #name)

#define AROUND(call, failed) \
  What now = turn();         \
  if (now == FAIL) return failed; \
  __auto_type got = call;    \
  if (now == AFTER || now == TORN) die(); \
  return got

#define WRITES(name, params, fd, n, ...)              \
  OPEN ssize_t name params;                           \
  OPEN ssize_t name params {                          \
    REAL(name);                                       \
    if (!is_file(fd)) return real(__VA_ARGS__);       \
    What now = turn();                                \
    if (now == FAIL || now == FULL) return -1;        \
    if (now == SHORT && n > 1) n = 1;                 \
    if (now == TORN) n = n * (1 + from % 3) / 4;      \
    ssize_t got = real(__VA_ARGS__);                  \
    if (now == AFTER || now == TORN) die();           \
    return got;                                       \
  }
WRITES(write, (int fd, const void *p, size_t n), fd, n, fd, p, n)
WRITES(pwrite, (int fd, const void *p, size_t n, off_t at), fd, n, fd, p, n, at)
WRITES(pwrite64, (int fd, const void *p, size_t n, off64_t at), fd, n, fd, p, n, at)

#define KEEPS(name, params, fd, ...)                  \
  OPEN int name params;                               \
  OPEN int name params {                              \
    REAL(name);                                       \
    if (!is_file(fd)) return real(__VA_ARGS__);       \
    AROUND(real(__VA_ARGS__), -1);                    \
  }
KEEPS(fsync, (int fd), fd, fd)
KEEPS(fdatasync, (int fd), fd, fd)
KEEPS(ftruncate, (int fd, off_t n), fd, fd, n)
KEEPS(ftruncate64, (int fd, off64_t n), fd, fd, n)

OPEN int rename(const char *old, const char *new) {
  REAL(rename);
  AROUND(real(old, new), -1);
}
OPEN int unlink(const char *path) {
  REAL(unlink);
  AROUND(real(path), -1);
}
