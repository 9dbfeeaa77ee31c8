/* Markdown: every line of markdown.data, and that no text, however made, costs more than its length or becomes
 * markup. */
#include "format/format.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <cmocka.h>
#undef fail

enum { MOST = 64 << 20 };

static Str unescaped(Cx *cx, Str s) {
  Buf b = buf_new(cx->arena, s.n + 1);
  for (size_t i = 0; i < s.n; i++) {
    bool line = s.p[i] == '\\' && i + 1 < s.n && s.p[i + 1] == 'n';
    buf_byte(&b, line ? '\n' : s.p[i]);
    i += line;
  }
  return buf_str(&b);
}

static void test_cases(void **state) {
  AUTO(Cx) cx = cx_new(1 << 26);
  Str text, line;
  size_t wrong = 0, n = 0;
  (void)state;
  assert_int_equal(file_read(&cx, CASES, 1 << 20, &text), E_OK);
  while (str_line(&text, &line)) {
    size_t at = str_find(line, S(" => "));
    if (!line.n || line.p[0] == '#' ? at == SIZE_MAX : false) continue;
    if (at == SIZE_MAX || (n == 0 && str_starts(line, S("# Markdown")))) continue;
    Html out;
    Str want = unescaped(&cx, str_slice(line, at + 4, line.n));
    assert_int_equal(markdown_html(&cx, unescaped(&cx, str_slice(line, 0, at)), MOST, &out), E_OK);
    n++;
    if (str_eq(out.s, want)) continue;
    print_error("%.*s\n  gives %.*s\n  wants %.*s\n", STR(str_slice(line, 0, at)), STR(out.s), STR(want));
    wrong++;
  }
  assert_true(n > 30);
  assert_int_equal(wrong, 0);
}

static void test_table(void **state) {
  AUTO(Cx) cx = cx_new(1 << 20);
  Html out;
  (void)state;
  assert_int_equal(markdown_html(&cx, S("| a | b |\n|---|---|\n| 1 | <b> |\n| x \\| y | |\n"), MOST, &out), E_OK);
  assert_true(str_find(out.s, S("<th scope=\"col\">a</th><th scope=\"col\">b</th>")) != SIZE_MAX);
  assert_true(str_find(out.s, S("<td>1</td><td>&lt;b&gt;</td>")) != SIZE_MAX);
  assert_true(str_find(out.s, S("<td>x | y</td><td></td>")) != SIZE_MAX);
}

/* The same few bytes, over and over: what makes slow readers slow. */
static void test_hostile(void **state) {
  static const char *const bits[] = { "[",       "](",    "*",   "**a ", "`",    "> ",   "- ",
                                      "* a *",   "\\",    "1. ", "[a](", "\n- ", "\n> ", "|",
                                      "\n|-|\n", "```\n", "#",   "(",    "![",   "``a",  "*a**" };
  AUTO(Cx) cx = cx_new(1u << 30);
  (void)state;
  for (size_t i = 0; i < COUNT(bits); i++) {
    Buf b = buf_new(cx.arena, 1 << 20);
    Html out;
    while (b.n < 60000) buf_z(&b, bits[i]);
    assert_int_equal(markdown_html(&cx, buf_str(&b), MOST, &out), E_OK);
    assert_true(str_find(out.s, S("<script")) == SIZE_MAX);
    cx_reset(&cx);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = { cmocka_unit_test(test_cases), cmocka_unit_test(test_table),
                                      cmocka_unit_test(test_hostile) };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
