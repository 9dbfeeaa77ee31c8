/* Escaping, and what tools/template.py makes of test/sample_page.html. */
#include "format/format.h"
#include "sample_page.html.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>
#undef fail   /* cmocka has a macro of that name */

#define assert_str(a, z) do { Str s_ = (a); if (!str_eq(s_, str_of(z))) print_message("%.*s\n", STR(s_)); \
    assert_true(str_eq(s_, str_of(z))); } while (0)

static Str with(Cx *cx, void (*write)(Buf *, Str), Str s) {
  Buf b = buf_new(cx->arena, 4096);
  write(&b, s);
  return buf_str(&b);
}

static void text_cannot_become_markup(void **state) {
  (void)state;
  AUTO(Cx) cx = cx_new(1 << 20);
  assert_str(with(&cx, html_text, S("<script>alert(\"1\")</script>'&é")),
             "&lt;script&gt;alert(&quot;1&quot;)&lt;/script&gt;&#39;&amp;é");
  assert_str(with(&cx, html_text, STR_NONE), "");
  assert_str(with(&cx, url_text, S("a b/?&=%é~-._")), "a%20b%2F%3F%26%3D%25%C3%A9~-._");
}

static void links_let_no_script_in(void **state) {
  (void)state;
  AUTO(Cx) cx = cx_new(1 << 20);
  static const char *const good[] = {
    "/r/THR-1", "?page=2", "#top", "https://a.example/x", "HTTP://a.example", "mailto:x@a.example", ""
  };
  static const char *const bad[] = { "javascript:alert(1)", " javascript:alert(1)",
                                     "data:text/html,x",    "//evil.example/",
                                     "/\\evil.example",     "vbscript:x",
                                     "\tjavascript:x",      "ftp://x" };
  for (size_t i = 0; i < COUNT(good); i++) assert_str(with(&cx, html_link, str_of(good[i])), good[i]);
  for (size_t i = 0; i < COUNT(bad); i++) assert_str(with(&cx, html_link, str_of(bad[i])), "#");
}

static void a_template_writes_its_page(void **state) {
  (void)state;
  AUTO(Cx) cx = cx_new(1 << 20);
  SamplePageRowsCells cells[] = { { S("1") }, { S("<2>") } };
  SamplePageRows rows[] = { { .name = S("A&B"), .cells = cells, .cells_n = 2 }, { .name = S("C"), .last = true } };
  SamplePagePage page = { .kind = S("k"),
                          .title = S("<script>\"'&"),
                          .link = S("javascript:x"),
                          .id = S("a/b"),
                          .on = true,
                          .rows = rows,
                          .rows_n = 2,
                          .made = { S("<b>ok</b>") } };
  Buf b = buf_new(cx.arena, 4096);
  sample_page_html(&b, &page);
  assert_str(buf_str(&b),
             "<!doctype html>\n<title>&lt;script&gt;&quot;&#39;&amp;</title>\n"
             "<p class=\"a   k\" title=\"&lt;script&gt;&quot;&#39;&amp;\">Größe &lt;script&gt;&quot;&#39;&amp;</p>\n"
             "<a href=\"#\">x</a> <a href=\"/r/a%2Fb?q=%3Cscript%3E%22%27%26\">a/b</a>\n"
             "<input type=\"checkbox\" checked value=\"&lt;script&gt;&quot;&#39;&amp;\">\nyes\n"
             " <li>A&amp;B[1/A&amp;B/k][&lt;2&gt;/A&amp;B/k]</li>\n <li>C-.</li>\n"
             "<b>ok</b>!\n<pre>\n  two  spaces a/b\n</pre>\n<script src=\"/a/app.js\" defer></script>\n");
  page = (SamplePagePage){ .kind = S("k") };
  buf_clear(&b);
  sample_page_html(&b, &page);
  assert_true(str_find(buf_str(&b), S("<input type=\"checkbox\" value=\"none\">\nno\n<li>none</li>\n\n<pre>")) !=
              SIZE_MAX);
}

int main(void) {
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(text_cannot_become_markup), cmocka_unit_test(links_let_no_script_in),
    cmocka_unit_test(a_template_writes_its_page),
  };
  return cmocka_run_group_tests_name("html", tests, NULL, NULL);
}
