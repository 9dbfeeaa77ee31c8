/* What a taken-over reader tries, and how it ends. */
#include "format/format.h"
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>
#include <cmocka.h>
#undef fail   /* cmocka has a macro of that name */

typedef Err Work(Cx *cx, void *env, Str input, Buf *answer);

static int opened_before;   /* a descriptor of the parent */
static volatile int always = 1;

static Err doubles(Cx *cx, void *env, Str input, Buf *answer) {
  (void)cx;
  buf_add(answer, input);
  buf_add(answer, *(Str *)env);
  return E_OK;
}
static Err large(Cx *cx, void *env, Str input, Buf *answer) {
  (void)cx; (void)env; (void)input;
  for (int i = 0; i < 3000000; i++) buf_u32le(answer, (uint32_t)i);
  return E_OK;
}
static Err says(Cx *cx, void *env, Str input, Buf *answer) {
  (void)env; (void)answer;
  problem(cx, S("name"), "required", "is missing in %.*s", STR(input));
  problem(cx, S("serial"), "format", "is odd");
  return fail(cx, E_STALE, "words of the child");
}
static Err hashes(Cx *cx, void *env, Str input, Buf *answer) {   /* what any parser does must work */
  (void)env;
  Map m = map_new(cx->arena, 10);
  map_put(&m, input, 1);
  JVal *root = NULL;
  TRY(json_read(cx, S("{\"a\":[1,2,3]}"), &JSON_BODY, &root));
  buf_int(answer, (int64_t)yyjson_arr_size(json_get(root, "a")));
  buf_add(answer, S(" "));
  buf_add(answer, time_text(cx->arena, cx->now_us));
  return E_OK;
}
static Err opens(Cx *cx, void *env, Str input, Buf *answer) {
  (void)cx; (void)env; (void)input;
  struct stat st;
  bool none = open("/etc/passwd", O_RDONLY) < 0 && errno == EACCES && stat("/etc/passwd", &st) != 0 &&
              open("/tmp/jail-made", O_CREAT | O_WRONLY, 0600) < 0;
  buf_z(answer, none ? "refused" : "opened");
  return E_OK;
}
static Err uses_descriptors(Cx *cx, void *env, Str input, Buf *answer) {
  (void)cx; (void)env; (void)input;
  char c;
  bool none = read(opened_before, &c, 1) < 0 && write(opened_before, "x", 1) < 0 && write(2, "x", 1) < 0;
  buf_z(answer, none ? "closed" : "open");
  return E_OK;
}

#define EVIL(name, deed)                                                                                 \
  static Err name(Cx *cx, void *env, Str input, Buf *answer) {                                           \
    (void)cx; (void)env; (void)input; (void)answer;                                                      \
    deed;                                                                                                \
    return E_OK;                                                                                         \
  }
EVIL(connects, (void)socket(AF_INET, SOCK_STREAM, 0))
EVIL(forks, (void)fork())
EVIL(runs, { char *none[] = { NULL }; (void)execve("/bin/true", none, none); })
EVIL(signals_parent, (void)kill(getppid(), SIGTERM))
EVIL(signals_other, (void)kill(1, SIGTERM))
EVIL(makes_code, (void)mmap(NULL, 4096, PROT_READ | PROT_WRITE | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0))
EVIL(removes, (void)unlink("/tmp/nothing"))
EVIL(takes_memory, { for (int i = 0; i < 10; i++) memset(arena_alloc(cx->arena, 60 << 20), 1, 60 << 20); })
EVIL(loops, while (always) {})
EVIL(sleeps, (void)sleep(20))
EVIL(crashes, (void)raise(SIGSEGV))
EVIL(aborts, abort())
EVIL(leaves, _exit(0))
EVIL(hides, { (void)close(3); (void)sleep(20); })
EVIL(boasts, (void)!write(3, "\xff\xff\xff\xff\0\0\0\0", 8))
EVIL(floods, { static char block[1 << 16]; for (;;) if (write(3, block, sizeof block) < 0) break; })
EVIL(overflows_answer, {
  char block[4096] = "x";
  for (int i = 0; i < 600; i++) buf_add(answer, (Str){ block, sizeof block });
})

static const JailLimits few = { .memory_bytes = 512 << 20, .answer_bytes = 1 << 20, .cpu_s = 1, .wall_s = 5 };
static const JailLimits roomy = { .memory_bytes = 512 << 20, .answer_bytes = 1 << 20, .cpu_s = 20, .wall_s = 30 };

static void answers_come_back(void **state) {
  (void)state;
  AUTO(Cx) cx = cx_new(64 << 20);
  Str env = S(" world"), answer = STR_NONE;
  assert_int_equal(jail_run(&cx, &JAIL_STANDARD, doubles, &env, S("hello"), &answer), E_OK);
  assert_true(str_eq(answer, S("hello world")));
  assert_int_equal(jail_run(&cx, &JAIL_STANDARD, large, NULL, STR_NONE, &answer), E_OK);
  assert_int_equal(answer.n, 12000000);
  assert_int_equal((unsigned char)answer.p[11999996], 2999999 & 0xff);
  assert_int_equal(jail_run(&cx, &JAIL_STANDARD, hashes, NULL, S("k"), &answer), E_OK);
  assert_true(str_eq(answer, str_fmt(cx.arena, "3 %.*s", STR(time_text(cx.arena, cx.now_us)))));
}

static void failures_come_back(void **state) {
  (void)state;
  AUTO(Cx) cx = cx_new(1 << 20);
  Str answer = S("kept");
  assert_int_equal(jail_run(&cx, &few, says, NULL, S("row 7"), &answer), E_STALE);
  assert_true(str_eq(cx.words, S("words of the child")));
  assert_int_equal(cx.problems.n, 2);
  assert_true(str_eq(cx.problems.p[0].words, S("is missing in row 7")));
  assert_true(str_eq(cx.problems.p[1].code, S("format")));
  assert_true(str_eq(answer, S("kept")));
}

static void files_and_descriptors_are_out_of_reach(void **state) {
  (void)state;
  AUTO(Cx) cx = cx_new(1 << 20);
  Str answer;
  int low = open("/dev/null", O_RDWR);
  opened_before = fcntl(low, F_DUPFD, 20);   /* not the number that the answer gets */
  (void)close(low);
  assert_int_equal(jail_run(&cx, &few, opens, NULL, STR_NONE, &answer), E_OK);
  assert_true(str_eq(answer, S("refused")));
  assert_int_equal(jail_run(&cx, &few, uses_descriptors, NULL, STR_NONE, &answer), E_OK);
  assert_true(str_eq(answer, S("closed")));
  (void)close(opened_before);
}

static void evil_deeds_end_in_words(void **state) {
  (void)state;
  static const struct { Work *work; const char *words; const JailLimits *limits; } cases[] = {
    { connects, "forbidden" }, { forks, "forbidden" }, { runs, "forbidden" }, { signals_parent, "forbidden" },
    { signals_other, "forbidden" }, { makes_code, "forbidden" }, { removes, "forbidden" },
    { takes_memory, "more than 512 MiB of memory", &roomy }, { loops, "more than 1 s of computing" },
    { crashes, "crashed (SIGSEGV)" }, { aborts, "crashed (SIGABRT)" }, { leaves, "without an answer" },
    { hides, "ended its reader" }, { floods, "without sense" }, { boasts, "more than is allowed" },
  };
  for (size_t i = 0; i < COUNT(cases); i++) {
    AUTO(Cx) cx = cx_new(4 << 20);
    Str answer = STR_NONE;
    Err e = jail_run(&cx, cases[i].limits ? cases[i].limits : &few, cases[i].work, NULL, STR_NONE, &answer);
    if (str_find(cx.words, str_of(cases[i].words)) == SIZE_MAX)
      print_message("%zu: %s %.*s\n", i, err_name(e), STR(cx.words));
    assert_int_equal(e, E_UNREADABLE);
    assert_true(str_find(cx.words, S("could not be read safely")) != SIZE_MAX);
    assert_true(str_find(cx.words, str_of(cases[i].words)) != SIZE_MAX);
    assert_null(answer.p);
  }
}

static void time_and_size_are_limited(void **state) {
  (void)state;
  AUTO(Cx) cx = cx_new(4 << 20);
  Str answer;
  JailLimits hasty = few;
  hasty.wall_s = 1;
  int64_t from = clock_mono_us();
  assert_int_equal(jail_run(&cx, &hasty, sleeps, NULL, STR_NONE, &answer), E_UNREADABLE);
  assert_true(clock_mono_us() - from < 3 * US_PER_S);
  assert_true(str_find(cx.words, S("longer than 1 s")) != SIZE_MAX);
  cx_forgive(&cx);
  assert_int_equal(jail_run(&cx, &few, overflows_answer, NULL, STR_NONE, &answer), E_TOO_LARGE);
}

static void nothing_is_left_behind(void **state) {
  (void)state;
  AUTO(Cx) cx = cx_new(4 << 20);
  Str answer;
  int64_t from = clock_mono_us();
  for (int i = 0; i < 50; i++) assert_int_equal(jail_run(&cx, &few, opens, NULL, STR_NONE, &answer), E_OK);
  print_message("%lld us per jail, %s\n", (long long)((clock_mono_us() - from) / 50),
                jail_is_complete() ? "complete" : "without Landlock");
  assert_true(waitpid(-1, NULL, WNOHANG) < 0);   /* no child */
  int fd = open("/dev/null", O_RDONLY);
  assert_true(fd < 16);                          /* no descriptor */
  (void)close(fd);
}

int main(void) {
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(answers_come_back), cmocka_unit_test(failures_come_back),
    cmocka_unit_test(files_and_descriptors_are_out_of_reach), cmocka_unit_test(evil_deeds_end_in_words),
    cmocka_unit_test(time_and_size_are_limited), cmocka_unit_test(nothing_is_left_behind),
  };
  return cmocka_run_group_tests_name("jail", tests, NULL, NULL);
}
