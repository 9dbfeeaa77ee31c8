/* For LD_PRELOAD: the clocks of the machine as the file PROOFLINE_CLOCK says: seconds added to the wall clock, seconds
 * added to the time since the boot, a second at which the wall clock stands still (0: it goes), 1 while no time service
 * keeps it.  The monotonic clock stays true. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/timex.h>
#include <time.h>

typedef struct Set { long long real, boot, still; int alone; } Set;
typedef int ClockGettime(clockid_t id, struct timespec *t);
__attribute__((visibility("default"))) int clock_gettime(clockid_t id, struct timespec *t);
__attribute__((visibility("default"))) int adjtimex(struct timex *t);

static Set set(void) {
  Set s = { 0 };
  const char *path = getenv("PROOFLINE_CLOCK");
  FILE *f = path ? fopen(path, "re") : NULL;
  if (!f) return s;
  if (fscanf(f, "%lld %lld %lld %d", &s.real, &s.boot, &s.still, &s.alone) != 4) abort();
  (void)fclose(f);
  return s;
}

int clock_gettime(clockid_t id, struct timespec *t) {
  static ClockGettime *real;
  if (!real) *(void **)&real = dlsym(RTLD_NEXT, "clock_gettime");
  int answer = real(id, t);
  if (answer != 0 || (id != CLOCK_REALTIME && id != CLOCK_BOOTTIME)) return answer;
  Set s = set();
  if (id == CLOCK_BOOTTIME) t->tv_sec += (time_t)s.boot;
  else if (s.still) *t = (struct timespec){ (time_t)s.still, 0 };
  else t->tv_sec += (time_t)s.real;
  return 0;
}

int adjtimex(struct timex *t) {
  (void)t;
  return set().alone ? TIME_ERROR : TIME_OK;
}
