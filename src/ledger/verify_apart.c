/* verify on all processors: groups of phases and stretches of the log, which need nothing of each other, are taken by
 * processes of their own.
 *
 * What they find is left in memory that is mapped before they start, so an address means the same on both sides.  Jobs
 * are put together in their own order, whoever did them: the report is the same each time.  A stretch starts from nodes
 * that are sound when the stretches before it are: where any of them finds anything, the log is walked again in one go,
 * and only that counts. */
#include "inside.h"
#include <errno.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum {
  HANDS_MAX = 4,
  TEXT_BYTES = 64 * 1024 * 1024,
  STRETCHES_MAX = 48,
  WHOLE = VERIFY_GROUPS,           /* after the groups: the walk in one go, then its stretches */
  STRETCHES = WHOLE + 1,
  JOBS_MAX = STRETCHES + STRETCHES_MAX
};

typedef struct Job { bool done; Err err; Str words; VerifyReport report; IndexSums sums; } Job;

typedef struct Shared {
  size_t next, end, used;          /* the next job to take, the last one; bytes of text that are taken */
  int64_t stretch;                 /* entries in one; the last goes to the end of the log */
  Err err;                         /* of a process that could not even begin */
  char words[512];
  Job job[JOBS_MAX];
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

static Err do_job(Cx *cx, Verify *v, const Shared *t, size_t i) {
  if (i < VERIFY_GROUPS) return verify_group(cx, v, i);
  if (i == WHOLE) return verify_stretch(cx, v, 0, INT64_MAX);
  int64_t first = (int64_t)(i - STRETCHES) * t->stretch;
  return verify_stretch(cx, v, first, i + 1 == t->end ? INT64_MAX : first + t->stretch - 1);
}

static void take_jobs(Cx *cx, Verify *v, Shared *t) {
  for (size_t i; (i = __atomic_fetch_add(&t->next, 1, __ATOMIC_RELAXED)) < t->end;) {
    if (i == WHOLE && t->end > STRETCHES) continue;
    Job *job = &t->job[i];
    VerifyReport report = { 0 };
    v->r = &report;
    v->sums = (IndexSums){ 0 };
    job->err = do_job(cx, v, t, i);
    job->sums = v->sums;
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

static Err put_job(Cx *cx, const Job *job, const char *name, VerifyReport *r, IndexSums *sums) {
  if (job->done && job->err != E_OK) return fail(cx, job->err, "%.*s", STR(job->words));
  add(cx, r, &job->report);
  index_sums_add(sums, job->sums);
  if (!job->done) verify_find(cx, r, "store", str_of(name), "its check ended before its end");
  return E_OK;
}

static Err put_together(Cx *cx, const Shared *t, VerifyReport *r) {
  IndexSums sums = { 0 };
  bool whole = t->job[WHOLE].done || t->end <= STRETCHES;
  TRY(put_job(cx, &t->job[0], verify_group_name(0), r, &sums));
  if (whole) TRY(put_job(cx, &t->job[WHOLE], "log", r, &sums));
  for (size_t i = STRETCHES; i < t->end && !whole; i++) TRY(put_job(cx, &t->job[i], "log", r, &sums));
  for (size_t i = 1; i < VERIFY_GROUPS; i++) TRY(put_job(cx, &t->job[i], verify_group_name(i), r, &sums));
  index_sums_judge(cx, r, sums, whole ? 2 : 1 + t->end - STRETCHES);
  for (size_t i = 0; i < HANDS_MAX; i++)
    if (t->busy_us[i] > r->busy_us) r->busy_us = t->busy_us[i];
  return E_OK;
}

/* What was signed is in the store of each process, whenever it looks. */
static void lay_out(const Verify *like, Shared *t) {
  int64_t size = hands_for() > 1 && like->has_head ? like->signed_head.size : 0;
  for (t->stretch = VERIFY_STRETCH; size / t->stretch > STRETCHES_MAX;) t->stretch <<= NODE_STEP;
  size_t n = (size_t)(size / t->stretch);
  t->end = n > 1 ? STRETCHES + n : STRETCHES;
}

static bool stretches_sound(const Shared *t) {
  for (size_t i = STRETCHES; i < t->end; i++)
    if (!t->job[i].done || t->job[i].err != E_OK || t->job[i].report.findings.n) return false;
  return true;
}

static Err jobs(Cx *cx, const char *folder, const Verify *like, Shared *t) {
  lay_out(like, t);
  TRY(hands(cx, folder, like, t));
  if (stretches_sound(t)) return E_OK;
  t->next = WHOLE;
  t->end = STRETCHES;
  return hands(cx, folder, like, t);
}

Err verify_apart(Cx *cx, const char *folder, const Verify *like, VerifyReport *r) {
  Shared *t = mmap(NULL, sizeof *t, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (t == MAP_FAILED) return fail(cx, E_LIMIT, "No memory for checking the store: %s. Try again.", strerror(errno));
  Err e = jobs(cx, folder, like, t);
  if (e == E_OK) e = put_together(cx, t, r);
  (void)munmap(t, sizeof *t);
  return e;
}
