/* For LD_PRELOAD: the wall clock is PROOFLINE_CLOCK seconds off; other clocks stay true. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <stdlib.h>
#include <time.h>

typedef int ClockGettime(clockid_t id, struct timespec *t);
__attribute__((visibility("default"))) int clock_gettime(clockid_t id, struct timespec *t);

int clock_gettime(clockid_t id, struct timespec *t) {
  static ClockGettime *real;
  if (!real) *(void **)&real = dlsym(RTLD_NEXT, "clock_gettime");
  int answer = real(id, t);
  const char *off = getenv("PROOFLINE_CLOCK");
  if (answer == 0 && id == CLOCK_REALTIME && off) t->tv_sec += (time_t)strtol(off, NULL, 10);
  return answer;
}
