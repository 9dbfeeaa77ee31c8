/* Building a snapshot of advisories.  Baseline: unpacking and parsing the same files with the same libraries, no more, in
 * one process.  Each in a process of its own, so that it has its own peak of memory; a build has a second process, whose
 * peak is added to it.  usage: feed_bench SNAPSHOT PATH... */
#include "crypto/crypto.h"
#include "vuln/vuln.h"
#include <archive.h>
#include <archive_entry.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

enum { FILE_MOST = 256 << 20, ROUNDS = 3 };

typedef struct Cost {
  double took_s, cpu_s, peak_mib;
} Cost;
typedef struct Job {
  const char *out;
  char **path;
  int n;
} Job;

static Err build(Cx *cx, const Job *j) {
  FeedBuild b = { 0 };
  return feed_build(cx, (const char *const *)j->path, (size_t)j->n, j->out, &b);
}

static Err inflate_and_parse(Cx *cx, const Job *j) {
  char *bytes = arena_alloc(cx->arena, FILE_MOST);
  for (int i = 0; i < j->n; i++) {
    struct archive *a = archive_read_new();
    struct archive_entry *e;
    bool good = a && archive_read_support_filter_gzip(a) == ARCHIVE_OK &&
                archive_read_support_format_zip(a) == ARCHIVE_OK && archive_read_support_format_raw(a) == ARCHIVE_OK &&
                archive_read_open_filename(a, j->path[i], 1 << 20) == ARCHIVE_OK;
    if (!good) return fail(cx, E_IO, "Cannot read %s", j->path[i]);
    while (archive_read_next_header(a, &e) == ARCHIVE_OK) {
      size_t n = 0;
      for (la_ssize_t got; (got = archive_read_data(a, bytes + n, FILE_MOST - n)) > 0;) n += (size_t)got;
      yyjson_doc *doc = yyjson_read(bytes, n, 0);
      if (!doc) return fail(cx, E_UNREADABLE, "%s holds what is no JSON", j->path[i]);
      yyjson_doc_free(doc);
    }
    (void)archive_read_free(a);
  }
  return E_OK;
}

static void add_use(int whose, Cost *cost) {
  struct rusage use;
  if (getrusage(whose, &use) != 0) return;
  cost->cpu_s += (double)(use.ru_utime.tv_sec + use.ru_stime.tv_sec) +
                 (double)(use.ru_utime.tv_usec + use.ru_stime.tv_usec) / 1e6;
  cost->peak_mib += (double)use.ru_maxrss / 1024;
}

/* In a child, which tells what it and its own children cost. */
static Err measure(Cx *cx, const Job *j, Err (*work)(Cx *, const Job *), Cost *cost) {
  Cost *told = mmap(NULL, sizeof *told, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  if (told == MAP_FAILED) return fail(cx, E_BUG, "there is no memory to share");
  pid_t pid = fork();
  if (pid == 0) {
    AUTO(Cx) mine = cx_new((size_t)4 << 30);
    int64_t began_us = clock_mono_us();
    Err e = work(&mine, j);
    told->took_s = (double)(clock_mono_us() - began_us) / 1e6;
    add_use(RUSAGE_SELF, told);
    add_use(RUSAGE_CHILDREN, told);
    if (e != E_OK) (void)fprintf(stderr, "%.*s\n", STR(mine.words));
    _exit(err_exit(e));
  }
  int status = 0;
  bool good = pid > 0 && waitpid(pid, &status, 0) > 0 && WIFEXITED(status) && WEXITSTATUS(status) == 0;
  *cost = *told;
  (void)munmap(told, sizeof *told);
  return good ? E_OK : fail(cx, E_BUG, "a measured process ended with status %d", status);
}

static void keep_best(Cost *best, const Cost *one) {
  if (best->took_s <= 0 || one->took_s < best->took_s) best->took_s = one->took_s;
  if (best->cpu_s <= 0 || one->cpu_s < best->cpu_s) best->cpu_s = one->cpu_s;
  if (one->peak_mib > best->peak_mib) best->peak_mib = one->peak_mib;
}

static Err run(Cx *cx, const Job *j) {
  Cost ours = { 0 }, base = { 0 }, one;
  for (int i = 0; i < ROUNDS; i++) { /* by turns: what else the machine does hinders both */
    TRY(measure(cx, j, inflate_and_parse, &one));
    keep_best(&base, &one);
    TRY(measure(cx, j, build, &one));
    keep_best(&ours, &one);
  }
  const char *what = "unpacking and parsing the same files, no more";
  (void)printf("row\tsnapshot built, time\t%.6g\ts\t%s\t%.6g\n", ours.took_s, what, base.took_s);
  (void)printf("row\tsnapshot built, processor time\t%.6g\ts\t%s\t%.6g\n", ours.cpu_s, what, base.cpu_s);
  (void)printf("row\tsnapshot built, peak of memory\t%.6g\tMiB\t%s\t%.6g\n", ours.peak_mib, what, base.peak_mib);
  return E_OK;
}

int main(int argc, char **argv) {
  if (argc < 3) return err_exit(E_USAGE);
  AUTO(Cx) cx = cx_new(1 << 20);
  Job j = { argv[1], argv + 2, argc - 2 };
  Err e = crypto_start(&cx);
  if (e == E_OK) e = run(&cx, &j);
  if (e != E_OK) (void)fprintf(stderr, "%.*s\n", STR(cx.words));
  return err_exit(e);
}
