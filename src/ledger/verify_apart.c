/* verify on all processors: groups of phases, which need nothing of each other, are taken by processes of their own.
 *
 * What they find is left in memory that is mapped before they start, so an address means the same on both sides.
 * Groups are put together in their own order, whoever did them: the report is the same each time. */
#include "inside.h"
#include <errno.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { HANDS_MAX = 4, TEXT_BYTES = 64 * 1024 * 1024 };

typedef struct Job { bool done; Err err; Str words; VerifyReport report; } Job;

typedef struct Shared {
  size_t next, used;               /* the next group to take; bytes of text that are taken */
  Err err;                         /* of a process that could not even begin */
  char words[512];
  Job job[VERIFY_GROUPS];
  int64_t busy_us[HANDS_MAX];
  _Alignas(16) char text[TEXT_BYTES];
} Shared;

/* ---- in a process of its own ----------------------------------------------------------------------------------- */

/* NULL: there is no room left. */
static void *left(Shared *t, const void *p, size_t n) {
  size_t at = __atomic_fetch_add(&t->used, (n + 15) & ~(size_t)15, __ATOMIC_RELAXED);
  if (at > TEXT_BYTES || TEXT_BYTES - at < n) return NULL;
  if (n) memcpy(t->text + at, p, n);
  return t->text + at;
}

static Str left_text(Shared *t, Str s) {
  const char *p = left(t, s.p, s.n);
  return p ? (Str){ p, s.n } : S("(there is no room for more words)");
}

static void leave(Shared *t, Job *job, const VerifyReport *r) {
  Finding *all = left(t, r->findings.p, r->findings.n * sizeof *all);
  job->report = *r;
  job->report.findings.p = all;
  if (!all) job->report.findings.n = 0;
  if (!all && r->findings.n) job->err = E_LIMIT;
  for (size_t i = 0; i < job->report.findings.n; i++)
    all[i] = (Finding){ left_text(t, all[i].kind), left_text(t, all[i].object), left_text(t, all[i].what) };
}

static int64_t busy_us(void) {
  struct timespec t = { 0 };
  (void)clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
  return (int64_t)t.tv_sec * US_PER_S + t.tv_nsec / 1000;
}

static void take_jobs(Cx *cx, Verify *v, Shared *t) {
  for (size_t i; (i = __atomic_fetch_add(&t->next, 1, __ATOMIC_RELAXED)) < VERIFY_GROUPS;) {
    Job *job = &t->job[i];
    VerifyReport report = { 0 };
    v->r = &report;
    job->err = verify_group(cx, v, i);
    job->words = left_text(t, cx->words);
    leave(t, job, &report);
    job->done = true;
    cx_forgive(cx);
  }
}

/* Mapped: a disk that fails ends this process, and the other one says so. */
static Err hand(Cx *cx, const char *folder, const Verify *like, Shared *t) {
  Verify v = *like;
  TRY(store_open(cx, folder, STORE_READ, &v.s));
  TRY(store_map(cx, v.s));
  TRY(store_view(cx, v.s));
  take_jobs(cx, &v, t);
  store_unview(v.s);
  store_close(v.s);
  return E_OK;
}

/* ---- in the one that asked ------------------------------------------------------------------------------------- */

static void __attribute__((noreturn)) hand_main(Cx *cx, const char *folder, const Verify *like, Shared *t, size_t me) {
  Err e = hand(cx, folder, like, t);
  t->busy_us[me] = busy_us();
  if (e == E_OK) _exit(0);
  t->err = e;
  memcpy(t->words, cx->words.p, cx->words.n < sizeof t->words - 1 ? cx->words.n : sizeof t->words - 1);
  _exit(1);
}

static size_t hands_for(void) {
  long n = sysconf(_SC_NPROCESSORS_ONLN);
  return n < 1 ? 1 : n > HANDS_MAX ? HANDS_MAX : (size_t)n;
}

static Err hands(Cx *cx, const char *folder, const Verify *like, Shared *t) {
  pid_t pid[HANDS_MAX];
  size_t n = 0, most = hands_for();
  for (; n < most; n++) {
    pid[n] = fork();
    if (pid[n] == 0) hand_main(cx, folder, like, t, n);
    if (pid[n] < 0) break;
  }
  int why = errno;
  for (size_t i = 0; i < n; i++)
    while (waitpid(pid[i], NULL, 0) < 0 && errno == EINTR) {}
  if (!n) return fail(cx, E_LIMIT, "No process for checking the store: %s. Try again.", strerror(why));
  if (t->err != E_OK) return fail(cx, t->err, "%s", t->words);
  return E_OK;
}

static void add(Cx *cx, VerifyReport *r, const VerifyReport *part) {
  r->entries += part->entries;
  r->revisions += part->revisions;
  r->facts += part->facts;
  r->blobs += part->blobs;
  r->signatures_valid += part->signatures_valid;
  r->signatures_invalid += part->signatures_invalid;
  r->tables += part->tables;
  if (part->head.size) r->head = part->head;
  for (size_t i = 0; i < part->findings.n; i++) {
    const Finding *f = &part->findings.p[i];
    verify_find(cx, r, str_z(cx->arena, f->kind), f->object, "%.*s", STR(f->what));
  }
}

static Err put_together(Cx *cx, const Shared *t, VerifyReport *r) {
  for (size_t i = 0; i < VERIFY_GROUPS; i++) {
    const Job *job = &t->job[i];
    if (job->done && job->err != E_OK) return fail(cx, job->err, "%.*s", STR(job->words));
    add(cx, r, &job->report);
    if (!job->done) verify_find(cx, r, "store", str_of(verify_group_name(i)), "its check ended before its end");
  }
  for (size_t i = 0; i < HANDS_MAX; i++)
    if (t->busy_us[i] > r->busy_us) r->busy_us = t->busy_us[i];
  return E_OK;
}

Err verify_apart(Cx *cx, const char *folder, const Verify *like, VerifyReport *r) {
  Shared *t = mmap(NULL, sizeof *t, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (t == MAP_FAILED) return fail(cx, E_LIMIT, "No memory for checking the store: %s. Try again.", strerror(errno));
  Err e = hands(cx, folder, like, t);
  if (e == E_OK) e = put_together(cx, t, r);
  (void)munmap(t, sizeof *t);
  return e;
}
