/* Imports in the background.  A worker forks: the child lets go of every descriptor, opens the store anew and asks the
 * writer like any client.  It holds a lock on its job's file while it lives, by which a job that was cut is known. */
#define _GNU_SOURCE              /* close_range */
#include "app/sbom/job.h"
#include "app/job_file.h"
#include "crypto/crypto.h"
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

enum { ID_DIGITS = 16 };

typedef int Fd;
static void Fd_drop(Fd *fd) {
  if (*fd >= 0) (void)close(*fd);
}

static Err job_write(Cx *cx, const char *folder, const ImportJob *j) {
  Buf b = buf_new(cx->arena, JOB_BYTES);
  JsonOut o = json_out(&b, true);
  json_object(&o);
  json_pair(&o, "actor", j->actor);
  json_pair(&o, "product", j->product);
  json_pair(&o, "file", j->file);
  json_pair_int(&o, "state", (int64_t)j->state);
  json_pair_int(&o, "phase", (int64_t)j->phase);
  json_pair(&o, "words", str_head(j->words, 4000));
  json_pair(&o, "sbom", j->sbom);
  json_pair_int(&o, "components", j->components);
  json_pair_int(&o, "findings", j->findings);
  json_pair_int(&o, "started_us", j->started_us);
  json_object_end(&o);
  return job_put(cx, folder, j->id, buf_str(&b));
}

/* ---- the process that imports -------------------------------------------------------------------------- */

typedef struct Running { Cx *cx; const char *folder; ImportJob job; } Running;

static void phase_begins(void *env, ImportPhase p) {
  Running *r = env;
  ArenaMark mark = arena_mark(r->cx->arena);
  Cx own = { .arena = r->cx->arena };
  r->job.phase = p;
  (void)job_write(&own, r->folder, &r->job);
  arena_release(r->cx->arena, mark);
}

static Err import(Running *r, const Settings *set, Str bytes, const SbomImport *what, const Ask *who) {
  Store *s = NULL;
  Writer *w = NULL;
  AppImport done = { .phase = phase_begins, .env = r };
  TRY(store_open(r->cx, r->folder, STORE_READ, &s));
  Err e = writer_remote(r->cx, r->folder, &w);
  if (e == E_OK) e = app_import_sbom(r->cx, w, s, set, bytes, what, who, &done);
  if (w) writer_close(w);
  store_close(s);
  r->job.sbom = done.sbom;
  r->job.components = done.components;
  r->job.findings = done.findings;
  return e;
}

/* The database's library remembers in memory, by file, what it shares between connections, locks and the index of its
 * log among them.  A new connection would go on with what the fork copied, over descriptors that are closed here: it
 * breaks once that index grows.  Closed connections are forgotten.  Nothing else comes of closing them: the locks are
 * the parent's, who lives and has its own connection, so nobody is the last one. */
static void let_go(const JobHeld *held) {
  writer_close(held->writer);
  store_close(held->store);
}

static _Noreturn void child(const char *folder, const Settings *set, const JobHeld *held, Str bytes,
                            const SbomImport *what, const Ask *who, const ImportJob *job) {
  AUTO(Cx) cx = cx_new(CLI_ARENA);
  Running r = { &cx, folder, *job };
  (void)signal(SIGTERM, SIG_DFL);
  (void)signal(SIGCHLD, SIG_DFL);
  let_go(held);
  if (close_range(3, ~0U, 0) != 0) _exit(70);
  int lock = job_lock(&cx, folder, job->id);
  if (lock < 0) _exit(70);
  Err e = import(&r, set, bytes, what, who);
  r.job.state = e == E_OK ? JOB_DONE : JOB_FAILED;
  r.job.words = e == E_OK ? STR_NONE : cx.words;
  cx_forgive(&cx);
  e = job_write(&cx, folder, &r.job);
  job_unlock(&cx, folder, job->id, lock);
  _exit(err_exit(e));
}

/* Forked twice: nobody has to wait for the one that works. */
static Err detach(Cx *cx, const char *folder, const Settings *set, const JobHeld *held, Str bytes,
                  const SbomImport *what, const Ask *who, const ImportJob *job) {
  pid_t first = fork();
  if (first == 0) {
    pid_t second = fork();
    if (second == 0) child(folder, set, held, bytes, what, who, job);
    _exit(second < 0 ? 70 : 0);
  }
  int status = 0;
  if (first < 0 || waitpid(first, &status, 0) != first || status != 0)
    return fail(cx, E_BUSY, "No process could be started for the import. Nothing was imported. Try again");
  return E_OK;
}

Err job_start(Cx *cx, const char *folder, const Settings *set, const JobHeld *held, Str bytes, const SbomImport *what,
              const Ask *who, Str *id) {
  ImportJob job = { .id = random_hex(cx->arena, ID_DIGITS / 2),
                    .actor = who->actor,
                    .product = what->product,
                    .file = what->file,
                    .started_us = clock_now_us() };
  Ask asked = *who;
  asked.request = job.id;
  TRY(jobs_tidy(cx, folder));
  TRY(job_write(cx, folder, &job));
  TRY(detach(cx, folder, set, held, bytes, what, &asked, &job));
  *id = job.id;
  return E_OK;
}

/* ---- looking ------------------------------------------------------------------------------------------- */

static bool is_id(Str id) {
  bool good = id.n == ID_DIGITS;
  for (size_t i = 0; i < id.n; i++) good &= str_find_char(S("0123456789abcdef"), id.p[i]) != SIZE_MAX;
  return good;
}

static bool is_alive(Cx *cx, const char *folder, const ImportJob *j) {
  enum { START_US = 5 * US_PER_S };                /* until then it may not have come so far as to lock */
  return clock_now_us() - j->started_us < START_US || job_lives(cx, folder, j->id);
}

static int64_t percent_of(const char *folder, const ImportJob *j) {
  enum { READ = 12, STORED = 62, JUDGED = 100 };
  Progress p;
  if (j->state == JOB_DONE) return JUDGED;
  if (j->phase == IMPORT_READS) return READ / 2;
  if (j->phase == IMPORT_JUDGES) return (STORED + JUDGED) / 2;
  AUTO(Fd) fd = progress_watch(folder);
  return READ + (progress_look(fd, j->id.p, &p) ? p.done * (STORED - READ) / p.all : 0);
}

Err job_get(Cx *cx, const char *folder, Str id, ImportJob *out) {
  JVal *o;
  if (!is_id(id)) return fail(cx, E_NOTFOUND, "There is no job %.*s.", STR(str_head(id, 40)));
  TRY(job_read(cx, folder, id, &o));
  ImportJob j = { .id = id,
                  .actor = json_text(o, "actor"),
                  .product = json_text(o, "product"),
                  .file = json_text(o, "file"),
                  .words = json_text(o, "words"),
                  .sbom = json_text(o, "sbom"),
                  .state = (JobState)json_int(o, "state", JOB_FAILED),
                  .phase = (ImportPhase)json_int(o, "phase", IMPORT_READS),
                  .components = json_int(o, "components", 0),
                  .findings = json_int(o, "findings", 0),
                  .started_us = json_int(o, "started_us", 0) };
  if (j.state == JOB_RUNS && !is_alive(cx, folder, &j)) j.state = JOB_CUT;
  j.percent = percent_of(folder, &j);
  *out = j;
  return E_OK;
}
