/* Text, memory, containers, time, settings. */
#include "base/base.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>
#include <cmocka.h>
#undef fail /* cmocka has a macro of that name */

#define assert_str(a, z)                                                                                             \
  do {                                                                                                               \
    Str s_ = (a);                                                                                                    \
    assert_int_equal(s_.n, strlen(z));                                                                               \
    assert_memory_equal(s_.p, z, s_.n);                                                                              \
  } while (0)

static void arena_gives_zeroed_memory_again_after_reset(void **state) {
  (void)state;
  Arena *a = arena_new(1 << 20);
  for (int round = 0; round < 3; round++) {
    for (size_t i = 1; i < 300; i++) {
      unsigned char *p = arena_alloc(a, i);
      for (size_t k = 0; k < i; k++) assert_int_equal(p[k], 0);
      memset(p, 0xAA, i);
    }
    ArenaMark m = arena_mark(a);
    memset(arena_alloc(a, 100000), 0xBB, 100000);
    arena_release(a, m);
    unsigned char *again = arena_alloc(a, 64);
    for (int k = 0; k < 64; k++) assert_int_equal(again[k], 0);
    arena_reset(a);
  }
  arena_free(a);
}

static void arena_breach_ends_the_process_with_70(void **state) {
  (void)state;
  pid_t child = fork();
  if (child == 0) {
    (void)close(2);
    (void)arena_alloc(arena_new(1000), 2000);
    _exit(0);
  }
  int status = 0;
  waitpid(child, &status, 0);
  assert_true(WIFEXITED(status));
  assert_int_equal(WEXITSTATUS(status), 70);
}

static void strings_cut_and_parse(void **state) {
  (void)state;
  Str head, rest;
  assert_true(str_cut(S("a=b=c"), '=', &head, &rest));
  assert_str(head, "a");
  assert_str(rest, "b=c");
  assert_false(str_cut(S("abc"), '=', &head, &rest));
  assert_str(head, "abc");
  assert_int_equal(rest.n, 0);
  int64_t v = 7;
  assert_true(str_int(S("-42"), &v));
  assert_int_equal(v, -42);
  static const char *const bad[] = { "", "-", "+1", " 1", "1 ", "9223372036854775808", "1e3", "0x1" };
  for (size_t i = 0; i < COUNT(bad); i++) assert_false(str_int(str_of(bad[i]), &v));
  assert_int_equal(str_find_nocase(S("Bolus Lock-Out"), S("lock")), 6);
  assert_true(str_is_utf8(S("größer")));
  assert_false(str_is_utf8(S("\xed\xa0\x80"))); /* a surrogate */
  assert_false(str_is_utf8(S("\xc0\x80")));     /* an overlong NUL */
  static const Str names[] = { { "owner", 5 }, { "state", 5 } };
  assert_str(str_nearest(S("ownr"), names, 2), "owner");
  assert_int_equal(str_nearest(S("completely"), names, 2).n, 0);
  static const Str flags[] = { { "json", 4 }, { "version", 7 } };
  assert_int_equal(str_nearest(S("asof"), flags, 2).n, 0); /* half of a short name is another word */
  assert_str(str_nearest(S("jsn"), flags, 2), "json");
}

static void map_finds_what_was_put(void **state) {
  (void)state;
  AUTO(Cx) cx = cx_new(16 << 20);
  Map m = map_new(cx.arena, 0);
  for (size_t i = 0; i < 5000; i++) map_put(&m, str_fmt(cx.arena, "key-%zu", i), i);
  map_put(&m, S("key-7"), 70);
  assert_int_equal(m.n, 5000);
  assert_int_equal(map_get(&m, S("key-4999")), 4999);
  assert_int_equal(map_get(&m, S("key-7")), 70);
  assert_true(map_get(&m, S("key-5000")) == MAP_NONE);
}

static void buf_stops_at_its_limit(void **state) {
  (void)state;
  AUTO(Cx) cx = cx_new(1 << 20);
  Buf b = buf_new(cx.arena, 10);
  buf_add(&b, S("12345"));
  buf_fmt(&b, "%d", 678);
  assert_false(b.over);
  buf_add(&b, S("abc"));
  assert_true(b.over);
  assert_str(buf_str(&b), "12345678");
}

static void time_survives_a_round_trip(void **state) {
  (void)state;
  AUTO(Cx) cx = cx_new(1 << 20);
  static const char *const good[] = { "2026-11-22T04:31:00.000000Z", "1969-12-31T23:59:59.999999Z",
                                      "2038-01-19T03:14:08.000001Z", "2000-02-29T12:00:00.000000Z",
                                      "9999-12-31T23:59:59.000000Z" };
  for (size_t i = 0; i < COUNT(good); i++) {
    int64_t us = 0;
    assert_true(time_parse(str_of(good[i]), &us));
    assert_str(time_text(cx.arena, us), good[i]);
  }
  int64_t us = 0;
  int32_t days = 0;
  assert_true(time_parse(S("2026-11-22T05:31:00+01:00"), &us));
  assert_str(time_text(cx.arena, us), "2026-11-22T04:31:00.000000Z");
  static const char *const bad[] = {
    "2026-02-30", "2026-13-01", "0001-01-01", "26-01-01", "2026-1-1", "2026-01-01x", ""
  };
  for (size_t i = 0; i < COUNT(bad); i++) assert_false(date_parse(str_of(bad[i]), &days));
  assert_true(date_parse(S("1970-01-02"), &days));
  assert_int_equal(days, 1);
}

static void settings_name_the_nearest(void **state) {
  (void)state;
  AUTO(Cx) cx = cx_new(1 << 20);
  Settings s;
  settings_default(&s);
  assert_int_equal(s.number[SET_WORKERS], 2);
  assert_int_equal(settings_set(&cx, &s, S("workers"), S("4"), S("test")), E_OK);
  assert_int_equal(s.number[SET_WORKERS], 4);
  assert_int_equal(settings_set(&cx, &s, S("workrs"), S("4"), S("test")), E_CONFIG);
  assert_true(str_find(cx.words, S("'workers'")) != SIZE_MAX);
  cx_forgive(&cx);
  assert_int_equal(settings_set(&cx, &s, S("workers"), S("0"), S("test")), E_CONFIG);
}

static void first_words_win(void **state) {
  (void)state;
  AUTO(Cx) cx = cx_new(1 << 20);
  assert_int_equal(fail(&cx, E_STALE, "rev %d", 8), E_STALE);
  assert_int_equal(fail(&cx, E_BUG, "later"), E_STALE);
  assert_str(cx.words, "rev 8");
  assert_int_equal(err_from_slug("stale", 5), E_STALE);
  assert_int_equal(err_exit(E_STALE), 6);
}

static void words_are_whole_characters(void **state) {
  (void)state;
  AUTO(Cx) cx = cx_new(1 << 20);
  Str cut = str_slice(S("gr\xc3\xb6\xc3\x9f"), 0, 5);
  (void)fail(&cx, E_NOTFOUND, "There is no %.*s.", STR(cut));
  assert_str(cx.words, "There is no gr\xc3\xb6\xef\xbf\xbd.");
  problem(&cx, cut, "unknown", "%.*s?", STR(cut));
  assert_str(cx.problems.p[0].words, "gr\xc3\xb6\xef\xbf\xbd?");
}

static void a_folder_goes_with_all_in_it(void **state) {
  (void)state;
  AUTO(Cx) cx = cx_new(1 << 20);
  char folder[] = "/tmp/proofline-base-XXXXXX";
  assert_non_null(mkdtemp(folder));
  assert_int_equal(folder_make(&cx, str_fmt(cx.arena, "%s/a/b", folder).p, 0700), E_OK);
  assert_int_equal(file_write(&cx, str_fmt(cx.arena, "%s/a/b/c", folder).p, S("x"), 0600), E_OK);
  assert_int_equal(symlink("/etc", str_fmt(cx.arena, "%s/a/link", folder).p), 0);
  assert_int_equal(folder_remove(&cx, folder), E_OK);
  assert_false(file_exists(folder));
  assert_true(file_exists("/etc/passwd"));
  assert_int_equal(folder_remove(&cx, folder), E_NOTFOUND);
}

int main(void) {
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(arena_gives_zeroed_memory_again_after_reset),
    cmocka_unit_test(arena_breach_ends_the_process_with_70),
    cmocka_unit_test(strings_cut_and_parse),
    cmocka_unit_test(map_finds_what_was_put),
    cmocka_unit_test(buf_stops_at_its_limit),
    cmocka_unit_test(time_survives_a_round_trip),
    cmocka_unit_test(settings_name_the_nearest),
    cmocka_unit_test(first_words_win),
    cmocka_unit_test(words_are_whole_characters), cmocka_unit_test(a_folder_goes_with_all_in_it),
  };
  return cmocka_run_group_tests_name("base", tests, NULL, NULL);
}
