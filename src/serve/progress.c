/* How far the running command has come: a few bytes in a file of the folder, written by the process that writes, for
 * whoever may open the folder.  Not kept, not synced: it means nothing once the command has ended. */
#include "serve/inside.h"
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

typedef struct Said { char request[16]; int64_t done, all; } Said;

static int said_fd = -1;

static const char *path_of(Arena *a, const char *folder) { return str_fmt(a, "%s/progress", folder).p; }

void progress_open(const char *folder) {
  AUTO(Cx) cx = cx_new(1 << 16);
  progress_close();
  said_fd = open(path_of(cx.arena, folder), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
}

void progress_close(void) {
  if (said_fd >= 0) (void)close(said_fd);
  said_fd = -1;
}

void progress_say(const Call *call, int64_t done, int64_t all) {
  Said s = { .done = done, .all = all };
  if (said_fd < 0) return;
  memcpy(s.request, call->request.p, call->request.n < sizeof s.request ? call->request.n : sizeof s.request);
  ssize_t put = pwrite(said_fd, &s, sizeof s, 0);
  (void)put;
}

int progress_watch(const char *folder) {
  AUTO(Cx) cx = cx_new(1 << 16);
  return open(path_of(cx.arena, folder), O_RDONLY | O_CLOEXEC);
}

bool progress_look(int fd, const char request[16], Progress *out) {
  Said s;
  if (fd < 0 || pread(fd, &s, sizeof s, 0) != (ssize_t)sizeof s || memcmp(s.request, request, sizeof s.request) != 0)
    return false;
  if (s.all < 1 || s.done < 0 || s.done > s.all) return false;
  *out = (Progress){ s.done, s.all };
  return true;
}
