/* What a reader of hostile bytes loses: files, network, processes, signals to others; and how much it may use. */
#define _GNU_SOURCE  /* close_range */
#include "format/inside.h"
#include <errno.h>
#include <fcntl.h>
#include <linux/landlock.h>
#include <seccomp.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#if defined(__SANITIZE_ADDRESS__)
#define ADDRESS_SPACE_IS_OURS false   /* the sanitizer maps terabytes */
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(memory_sanitizer)
#define ADDRESS_SPACE_IS_OURS false
#endif
#endif
#ifndef ADDRESS_SPACE_IS_OURS
#define ADDRESS_SPACE_IS_OURS true
#endif

/* The kernel's struct grew; older kernels take the longer one as long as its tail is zero. */
typedef struct LandlockRules { uint64_t files, network, scoped; } LandlockRules;

static int landlock_version(void) {
  return (int)syscall(SYS_landlock_create_ruleset, NULL, 0, LANDLOCK_CREATE_RULESET_VERSION);
}

bool jail_is_complete(void) { return prctl(PR_GET_SECCOMP, 0, 0, 0, 0) >= 0 && landlock_version() >= 1; }

/* No path is allowed.  Where Landlock is absent, seccomp alone refuses to open anything. */
static void landlock_all(void) {
  static const uint64_t file_rights[] = { 0, 0x1fff, 0x3fff, 0x7fff, 0x7fff, 0xffff };   /* by version */
  int version = landlock_version();
  if (version < 1) return;
  LandlockRules rules = { .files = file_rights[version < 5 ? version : 5],
                          .network = version >= 4 ? 3 : 0, .scoped = version >= 6 ? 3 : 0 };
  int fd = (int)syscall(SYS_landlock_create_ruleset, &rules, sizeof rules, 0);
  if (fd < 0) return;
  (void)syscall(SYS_landlock_restrict_self, fd, 0);
  (void)close(fd);
}

/* Only the limits of the process itself: memory counts from what the parent already has mapped. */
static size_t mapped_bytes(void) {
  char text[64] = "";
  int fd = open("/proc/self/statm", O_RDONLY | O_CLOEXEC);
  ssize_t n = fd < 0 ? -1 : read(fd, text, sizeof text - 1);
  if (fd >= 0) (void)close(fd);
  Str pages, rest;
  uint64_t count = 0;
  (void)str_cut((Str){ text, n > 0 ? (size_t)n : 0 }, ' ', &pages, &rest);
  return str_uint(pages, &count) ? (size_t)count * (size_t)sysconf(_SC_PAGESIZE) : 0;
}

static bool limit(__rlimit_resource_t what, rlim_t soft, rlim_t hard) {
  return setrlimit(what, &(struct rlimit){ soft, hard }) == 0;
}

static bool limit_all(const JailLimits *most) {
  size_t mapped = mapped_bytes();
  bool memory =
      !ADDRESS_SPACE_IS_OURS || !mapped || limit(RLIMIT_AS, mapped + most->memory_bytes, mapped + most->memory_bytes);
  return memory && limit(RLIMIT_CPU, most->cpu_s, most->cpu_s + 1) && limit(RLIMIT_CORE, 0, 0) &&
         limit(RLIMIT_FSIZE, 0, 0);
}

static bool close_all_but(int fd) {
  enum { ANSWER = 3 };   /* one place for the pipe, whatever its number was */
  if (fd != ANSWER && dup2(fd, ANSWER) < 0) return false;
  for (int i = 0; i < ANSWER; i++) (void)close(i);
  if (close_range(ANSWER + 1, ~0u, 0) == 0) return true;
  for (int i = ANSWER + 1; i < 65536; i++) (void)close(i);   /* kernels before 5.9 */
  return true;
}

static void default_signals(void) {
  for (int i = 1; i < NSIG; i++) if (i != SIGKILL && i != SIGSTOP) (void)signal(i, SIG_DFL);
  sigset_t none;
  (void)sigemptyset(&none);
  (void)sigprocmask(SIG_SETMASK, &none, NULL);
}

static const int harmless[] = {
  SCMP_SYS(exit), SCMP_SYS(exit_group), SCMP_SYS(brk), SCMP_SYS(munmap), SCMP_SYS(mremap), SCMP_SYS(madvise),
  SCMP_SYS(rt_sigreturn), SCMP_SYS(rt_sigprocmask), SCMP_SYS(rt_sigaction), SCMP_SYS(sigaltstack), SCMP_SYS(futex),
  SCMP_SYS(clock_gettime), SCMP_SYS(gettimeofday), SCMP_SYS(time), SCMP_SYS(getrandom), SCMP_SYS(getpid),
  SCMP_SYS(gettid), SCMP_SYS(sysinfo), SCMP_SYS(sched_yield), SCMP_SYS(sched_getaffinity), SCMP_SYS(nanosleep),
  SCMP_SYS(clock_nanosleep), SCMP_SYS(restart_syscall), SCMP_SYS(getrusage), SCMP_SYS(close),
};

/* Libraries look for locales, time zones and catalogues and can live without: refused, not fatal. */
static const int refused[] = {
  SCMP_SYS(open),      SCMP_SYS(openat),     SCMP_SYS(stat),       SCMP_SYS(lstat),
  SCMP_SYS(fstat),     SCMP_SYS(newfstatat), SCMP_SYS(statx),      SCMP_SYS(access),
  SCMP_SYS(faccessat), SCMP_SYS(readlink),   SCMP_SYS(readlinkat), SCMP_SYS(getcwd),
  SCMP_SYS(ioctl),     SCMP_SYS(lseek),      SCMP_SYS(read),       SCMP_SYS(uname),
};

static int add_rules(scmp_filter_ctx f) {
  int bad = 0;
  for (size_t i = 0; i < COUNT(harmless); i++) bad |= seccomp_rule_add(f, SCMP_ACT_ALLOW, harmless[i], 0);
  for (size_t i = 0; i < COUNT(refused); i++) bad |= seccomp_rule_add(f, SCMP_ACT_ERRNO(EACCES), refused[i], 0);
  /* memory, but never code */
  bad |= seccomp_rule_add(f, SCMP_ACT_ALLOW, SCMP_SYS(mmap), 1, SCMP_A2(SCMP_CMP_MASKED_EQ, PROT_EXEC, 0));
  bad |= seccomp_rule_add(f, SCMP_ACT_ALLOW, SCMP_SYS(mprotect), 1, SCMP_A2(SCMP_CMP_MASKED_EQ, PROT_EXEC, 0));
  /* the answer; descriptor 2 is closed, so that an assertion's words end in EBADF and not in a killing */
  bad |= seccomp_rule_add(f, SCMP_ACT_ALLOW, SCMP_SYS(write), 1, SCMP_A0(SCMP_CMP_GE, 2));
  bad |= seccomp_rule_add(f, SCMP_ACT_ALLOW, SCMP_SYS(writev), 1, SCMP_A0(SCMP_CMP_EQ, 2));
  /* abort() signals itself; nobody else may be signalled */
  bad |= seccomp_rule_add(f, SCMP_ACT_ALLOW, SCMP_SYS(tgkill), 1, SCMP_A0(SCMP_CMP_EQ, (scmp_datum_t)getpid()));
  bad |= seccomp_rule_add(f, SCMP_ACT_ALLOW, SCMP_SYS(prlimit64), 1, SCMP_A2(SCMP_CMP_EQ, 0));
  return bad;
}

static bool filter_calls(void) {
  scmp_filter_ctx f = seccomp_init(SCMP_ACT_KILL_PROCESS);
  bool good = f && add_rules(f) == 0 && seccomp_load(f) == 0;
  if (f) seccomp_release(f);
  return good;
}

Err jail_enter(Cx *cx, const JailLimits *limits, int answer_fd) {
  default_signals();
  (void)prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0);
  (void)prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
  if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0 || !limit_all(limits) || !close_all_but(answer_fd))
    return fail(cx, E_CONFIG, "The sandbox for reading foreign files cannot be set up (%s). Nothing was read.",
                strerror(errno));
  landlock_all();
  if (!filter_calls())
    return fail(cx, E_CONFIG,
                "The sandbox for reading foreign files cannot be set up: the kernel refuses seccomp filters. "
                "Nothing was read. Allow seccomp in the container or the service unit.");
  return E_OK;
}
