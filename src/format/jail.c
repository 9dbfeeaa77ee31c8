/* The parent's side: starts the child, takes its answer, says in words how it ended. */
#define _GNU_SOURCE  /* pipe2, sigabbrev_np */
#include "format/inside.h"
#include "format/late.h"
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

const JailLimits JAIL_STANDARD = { .memory_bytes = 512 << 20, .answer_bytes = 64 << 20, .cpu_s = 20, .wall_s = 30 };

enum { ANSWER_FD = 3, WORDS_MOST = 1 << 20, PROBLEMS_MOST = 1000, MEMORY_BREACH = 70 };   /* as arena.c exits */

/* ---- the answer: u64 length of the rest, u32 Err, texts with u32 length (words, problems in threes), bytes ---- */

static void put_text(Buf *b, Str s) {
  buf_u32le(b, (uint32_t)s.n);
  buf_add(b, s);
}

static void put_head(Buf *b, const Cx *cx, Err e) {
  buf_u32le(b, (uint32_t)e);
  put_text(b, cx->words);
  size_t n = cx->problems.n < PROBLEMS_MOST ? cx->problems.n : PROBLEMS_MOST;
  buf_u32le(b, (uint32_t)n);
  for (size_t i = 0; i < n; i++) {
    put_text(b, cx->problems.p[i].field);
    put_text(b, cx->problems.p[i].code);
    put_text(b, cx->problems.p[i].words);
  }
}

static bool take_u32(Str *from, uint32_t *out) {
  if (from->n < 4) return false;
  const uint8_t *p = (const uint8_t *)from->p;
  *out = (uint32_t)p[0] | (uint32_t)p[1] << 8 | (uint32_t)p[2] << 16 | (uint32_t)p[3] << 24;
  *from = str_slice(*from, 4, from->n);
  return true;
}

static bool take_text(Str *from, Str *out) {
  uint32_t n;
  if (!take_u32(from, &n) || n > from->n) return false;
  *out = str_slice(*from, 0, n);
  *from = str_slice(*from, n, from->n);
  return true;
}

/* The child may have been taken over: nothing in its answer is believed but for its form. */
static bool take_head(Cx *cx, Str *rest, Err *e, Str *words) {
  uint32_t err, n;
  if (!take_u32(rest, &err) || err >= ERR_COUNT || !take_text(rest, words) || !take_u32(rest, &n)) return false;
  if (n > PROBLEMS_MOST) return false;
  for (uint32_t i = 0; i < n; i++) {
    Problem p;
    if (!take_text(rest, &p.field) || !take_text(rest, &p.code) || !take_text(rest, &p.words)) return false;
    vec_add(cx->arena, &cx->problems, p);
  }
  *e = (Err)err;
  return true;
}

/* ---- the child ---- */

typedef Err Work(Cx *cx, void *env, Str input, Buf *answer);

static bool write_all(Str bytes) {
  while (bytes.n) {
    ssize_t put = write(ANSWER_FD, bytes.p, bytes.n);
    if (put < 0 && errno != EINTR) return false;
    if (put > 0) bytes = str_slice(bytes, (size_t)put, bytes.n);
  }
  return true;
}

static void __attribute__((noreturn))
child(const JailLimits *limits, int fd, int64_t now_us, Work *work, void *env, Str input) {
  Cx cx = cx_new(limits->memory_bytes);
  cx.now_us = now_us;
  Buf answer = buf_new(cx.arena, limits->answer_bytes), head = buf_new(cx.arena, WORDS_MOST),
      size = buf_new(cx.arena, 8);
  Err e = jail_enter(&cx, limits, fd);
  if (e == E_OK) e = work(&cx, env, input, &answer);
  if (e == E_OK && answer.over)
    e = fail(&cx, E_TOO_LARGE, "The input holds more than is taken from one file (%zu MiB)",
             limits->answer_bytes >> 20);
  put_head(&head, &cx, e);
  buf_u64le(&size, e == E_OK ? head.n + answer.n : head.n);
  bool done = write_all(buf_str(&size)) && write_all(buf_str(&head)) && (e != E_OK || write_all(buf_str(&answer)));
  _exit(done ? 0 : 1);
}

/* ---- the parent ---- */

typedef enum Heard { WHOLE, ENDED, LATE, TOO_LONG } Heard;

static Heard hear(int fd, char *p, size_t n, int64_t until_us) {
  while (n) {
    int64_t left_ms = (until_us - clock_mono_us()) / 1000;
    struct pollfd wait = { .fd = fd, .events = POLLIN };
    int ready = left_ms > 0 ? poll(&wait, 1, (int)left_ms) : 0;
    if (ready == 0) return LATE;
    ssize_t got = ready > 0 ? read(fd, p, n) : -1;
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) return ENDED;
    p += got;
    n -= (size_t)got;
  }
  return WHOLE;
}

static Heard collect(Arena *a, int fd, const JailLimits *limits, Str *answer) {
  int64_t until_us = clock_mono_us() + limits->wall_s * US_PER_S;
  char size[8];
  uint32_t low = 0, high = 0;
  Heard heard = hear(fd, size, sizeof size, until_us);
  if (heard != WHOLE) return heard;
  Str rest = { size, sizeof size };
  bool sized = take_u32(&rest, &low) && take_u32(&rest, &high);
  if (!sized || high || low > limits->answer_bytes + WORDS_MOST) return TOO_LONG;
  char *p = arena_alloc(a, low);
  *answer = (Str){ p, low };
  return hear(fd, p, low, until_us);
}

static Str how_it_ended(Arena *a, Heard heard, int status, const JailLimits *most) {
  int sig = WIFSIGNALED(status) ? WTERMSIG(status) : 0;
  if (heard == LATE) return str_fmt(a, "it took longer than %u s", most->wall_s);
  if (heard == TOO_LONG) return S("its reader answered more than is allowed");
  if (sig == SIGSYS) return S("its reader tried to do something that is forbidden to it");
  if (sig == SIGXCPU) return str_fmt(a, "it took more than %u s of computing", most->cpu_s);
  if (sig == SIGKILL) return S("the system ended its reader, perhaps for want of memory");
  if (sig) return str_fmt(a, "its reader crashed (SIG%s)", sigabbrev_np(sig));
  if (WIFEXITED(status) && WEXITSTATUS(status) == MEMORY_BREACH)
    return str_fmt(a, "it needs more than %zu MiB of memory", most->memory_bytes >> 20);
  return S("its reader ended without an answer");
}

static Err unsafe(Cx *cx, Str why) {
  return fail(cx, E_UNREADABLE,
              "The input could not be read safely: %.*s. Nothing was stored. Check where it comes from; "
              "if it should be readable, report it together with the input.",
              STR(why));
}

static Err take_answer(Cx *cx, Str rest, Str *answer) {
  Str words = STR_NONE;
  Err e = E_OK;
  if (!take_head(cx, &rest, &e, &words)) return unsafe(cx, S("its reader gave an answer without sense"));
  if (e != E_OK) return fail(cx, e, "%.*s", STR(words));
  *answer = rest;
  return E_OK;
}

Err jail_run(Cx *cx, const JailLimits *limits, Err (*work)(Cx *cx, void *env, Str input, Buf *answer), void *env,
             Str input, Str *answer) {
  int ends[2];
  if (limits->formats) {
    TRY(late_load(cx, LATE_ARCHIVE));
    TRY(late_load(cx, LATE_XML));
  }
  if (pipe2(ends, O_CLOEXEC) != 0)
    return fail(cx, E_BUSY, "No pipe for reading a file: %s. Nothing was read.", strerror(errno));
  pid_t pid = fork();
  if (pid == 0) child(limits, ends[1], cx->now_us, work, env, input);
  (void)close(ends[1]);
  if (pid < 0) {
    (void)close(ends[0]);
    return fail(cx, E_BUSY, "No process for reading a file: %s. Nothing was read; try again.", strerror(errno));
  }
  Str in = STR_NONE;
  int status = 0;
  Heard heard = collect(cx->arena, ends[0], limits, &in);
  (void)close(ends[0]);
  /* The pipe ends when the child does, whose status no signal changes any more; a child that closed it and stays on
   * would be waited for without end. */
  (void)kill(pid, SIGKILL);
  while (waitpid(pid, &status, 0) < 0 && errno == EINTR) {}
  return heard == WHOLE ? take_answer(cx, in, answer) : unsafe(cx, how_it_ended(cx->arena, heard, status, limits));
}
