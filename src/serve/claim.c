/* Who serves a folder.  The claim outlives the writer process: between a writer that died and the next one, whoever
 * finds no writer waits for it instead of taking the store's lock and keeping the server out. */
#include "serve/inside.h"
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

static int claim_open(Arena *a, const char *folder, int flags) {
  return open(str_fmt(a, "%s/server.lock", folder).p, O_RDWR | O_CLOEXEC | O_NOFOLLOW | flags, 0600);
}

/* A lock of POSIX's kind belongs to the process that took it: children do not keep it alive. */
Err server_claim(Cx *cx, const char *folder, int *out) {
  struct flock lock = { .l_type = F_WRLCK, .l_whence = SEEK_SET };
  int fd = claim_open(cx->arena, folder, O_CREAT);
  if (fd < 0) return fail(cx, E_CONFIG, "Cannot open server.lock in %s: %s", folder, strerror(errno));
  if (fcntl(fd, F_SETLK, &lock) == 0) {
    *out = fd;
    return E_OK;
  }
  (void)fcntl(fd, F_GETLK, &lock);
  (void)close(fd);
  return fail(cx, E_BUSY, "Process %d serves %s already. Nothing was changed.", (int)lock.l_pid, folder);
}

bool server_is_claimed(Arena *a, const char *folder) {
  struct flock lock = { .l_type = F_WRLCK, .l_whence = SEEK_SET };
  int fd = claim_open(a, folder, 0);
  if (fd < 0) return false;
  bool claimed = fcntl(fd, F_GETLK, &lock) == 0 && lock.l_type != F_UNLCK;
  (void)close(fd);
  return claimed;
}
