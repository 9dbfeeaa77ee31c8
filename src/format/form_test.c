/* Forms and CSV, well made and not. */
#include "format/format.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>
#undef fail   /* cmocka has a macro of that name */

#define URLENCODED "application/x-www-form-urlencoded"
#define MULTIPART "multipart/form-data; boundary=B"
#define assert_str(a, z) do { Str s_ = (a); if (!str_eq(s_, str_of(z))) print_message("%.*s\n", STR(s_)); \
    assert_true(str_eq(s_, str_of(z))); } while (0)

/* What was read, as name=value[file](media); fields one after the other. */
static Str told(Cx *cx, const Form *f) {
  Buf b = buf_new(cx->arena, 1 << 20);
  for (size_t i = 0; i < f->n; i++) {
    FormField x = f->field[i];
    buf_fmt(&b, "%.*s=%.*s", STR(x.name), STR(x.value));
    if (x.file_name.p) buf_fmt(&b, "[%.*s]", STR(x.file_name));
    if (x.media.p) buf_fmt(&b, "(%.*s)", STR(x.media));
    buf_byte(&b, ';');
  }
  return buf_str(&b);
}

typedef struct FormCase { const char *type, *body, *want; Err err; } FormCase;

static const FormCase form_cases[] = {
  { URLENCODED, "", "", E_OK },
  { URLENCODED, "a=1&b=x+y%2Bz&c&=d&&a=2", "a=1;b=x y+z;c=;=d;a=2;", E_OK },
  { "Application/X-WWW-Form-URLencoded; charset=utf-8", "n=%C3%A9", "n=é;", E_OK },
  { URLENCODED, "a=%", "%", E_UNREADABLE },
  { URLENCODED, "a=%4", "%", E_UNREADABLE },
  { URLENCODED, "a=%zz", "%", E_UNREADABLE },
  { URLENCODED, "a=%00", "NUL", E_UNREADABLE },
  { URLENCODED, "a=%ff", "UTF-8", E_UNREADABLE },
  { "text/plain", "a=1", "text/plain", E_FORMAT },
  { "", "a=1", "not taken", E_FORMAT },
  { MULTIPART, "--B\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\n1\r\n--B--\r\n", "a=1;", E_OK },
  { MULTIPART,
    "--B\r\nContent-Disposition: form-data; name=\"bom\"\r\n\r\n{\"x\":\r\n1}\r\n--B\r\n"
    "Content-Disposition: form-data; name=\"autoCreate\"\r\n\r\ntrue\r\n--B--",
    "bom={\"x\":\r\n1};autoCreate=true;", E_OK },
  { MULTIPART,
    "--B\r\ncontent-disposition:form-data;name=bom;filename=bom\r\nContent-Type: application/octet-stream\r\n\r\n"
    "\xff\xfe\r\n--B--\r\n",
    "bom=\xff\xfe[bom](application/octet-stream);", E_OK },
  { "multipart/form-data; charset=utf-8; boundary=\"B\"",
    "preamble\r\n--B  \r\nContent-Disposition: form-data; name=\"a\"\r\n\r\n\r\n--B--\r\nepilogue", "a=;", E_OK },
  { MULTIPART, "--B\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\n--B--\r\n", "a=;", E_OK },
  { MULTIPART,
    "--B\r\nContent-Disposition: form-data; name=\"f\"; filename=\"C:\\dir\\x "
    "\\\"y\\\".txt\"\r\n\r\nx--B\n--B\r\n--B--",
    "f=x--B\n--B[x \"y\".txt];", E_OK },
  { MULTIPART,
    "--B\r\nContent-Disposition: form-data; name=\"q%22q\"; filename=\"../../etc/passwd\"\r\n\r\nv\r\n--B--",
    "q\"q=v[passwd];", E_OK },
  { MULTIPART, "--B\r\nContent-Disposition: form-data; name=\"f\"; filename=\"\"\r\n\r\n\r\n--B--", "f=[];", E_OK },
  { MULTIPART, "", "does not contain its boundary", E_UNREADABLE },
  { MULTIPART, "--B--", "", E_OK },
  { MULTIPART, "--B", "closing boundary", E_UNREADABLE },
  { MULTIPART, "--Bx\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\n1\r\n--B--\r\n", "closing boundary",
    E_UNREADABLE },
  { MULTIPART, "--B\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\n1", "ends inside of its field \"a\"",
    E_UNREADABLE },
  { MULTIPART, "--B\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\n1\r\n--B", "closing boundary",
    E_UNREADABLE },
  { MULTIPART, "--B\r\nContent-Disposition: form-data; name=\"a\"\r\n1\r\n--B--", "no end of its headers",
    E_UNREADABLE },
  { MULTIPART, "--B\r\nContent-Disposition: form-data\r\n\r\n1\r\n--B--", "has no name", E_UNREADABLE },
  { MULTIPART, "--B\r\nContent-Type: text/plain\r\n\r\n1\r\n--B--", "has no name", E_UNREADABLE },
  { MULTIPART, "--B\r\nContent-Disposition: attachment; name=\"a\"\r\n\r\n1\r\n--B--", "not form-data",
    E_UNREADABLE },
  { MULTIPART, "--B\r\nContent-Disposition: form-data; name=\"a\r\n\r\n1\r\n--B--", "cannot be read", E_UNREADABLE },
  { MULTIPART, "--B\r\nno colon\r\n\r\n1\r\n--B--", "no colon", E_UNREADABLE },
  { MULTIPART,
    "--B\r\nContent-Disposition: form-data; name=\"a\"\r\nContent-Transfer-Encoding: base64\r\n\r\nMQ==\r\n--B--",
    "base64", E_FORMAT },
  { MULTIPART, "--B\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\n\xff\r\n--B--", "not UTF-8", E_UNREADABLE },
  { "multipart/form-data", "--B--", "no usable boundary", E_UNREADABLE },
};

static void forms_are_read_or_refused(void **state) {
  (void)state;
  for (size_t i = 0; i < COUNT(form_cases); i++) {
    const FormCase *c = &form_cases[i];
    AUTO(Cx) cx = cx_new(1 << 20);
    Form f = { 0 };
    Err e = form_read(&cx, str_of(c->type), str_of(c->body), &f);
    Str got = e == E_OK ? told(&cx, &f) : cx.words;
    bool right = e == c->err && (e == E_OK ? str_eq(got, str_of(c->want)) : str_find(got, str_of(c->want)) != SIZE_MAX);
    if (!right) print_message("case %zu %s: %s %.*s\n", i, c->body, err_name(e), STR(got));
    assert_true(right);
  }
}

static void too_many_fields_are_refused(void **state) {
  (void)state;
  AUTO(Cx) cx = cx_new(16 << 20);
  Buf b = buf_new(cx.arena, 1 << 20);
  for (int i = 0; i < 2001; i++) buf_z(&b, "a=1&");
  Form f = { 0 };
  assert_int_equal(form_read(&cx, S(URLENCODED), buf_str(&b), &f), E_TOO_LARGE);
}

static void fields_are_got_by_name(void **state) {
  (void)state;
  AUTO(Cx) cx = cx_new(1 << 20);
  Form f = { 0 };
  assert_int_equal(form_read(&cx, S(URLENCODED), S("a=1&b=&a=2"), &f), E_OK);
  assert_str(form_get(&f, "a"), "1");
  assert_non_null(form_get(&f, "b").p);
  assert_null(form_get(&f, "c").p);
}

/* ---- CSV ---- */

static const struct { const char *in, *want; Err err; } csv_cases[] = {
  { "", "", E_OK },
  { "a,b\r\n1,2\r\n", "1:a|b;2:1|2;", E_OK },
  { "a,b\n1,2", "1:a|b;2:1|2;", E_OK },
  { "a\rb", "1:a;2:b;", E_OK },
  { ",\n", "1:|;", E_OK },
  { "\n\nx", "1:;2:;3:x;", E_OK },
  { "\"a,\"\"b\"\"\r\nc\",d\r\ne", "1:a,\"b\"\r\nc|d;3:e;", E_OK },
  { "\"\",\"\"\"\"", "1:|\";", E_OK },
  { "a\"b", "line 1", E_UNREADABLE },
  { "x\n\"a\"b", "after a closing quote in line 2", E_UNREADABLE },
  { "x\n\"a\n\n", "quote in line 2 is never closed", E_UNREADABLE },
};

static void csv_is_read_or_refused(void **state) {
  (void)state;
  for (size_t i = 0; i < COUNT(csv_cases); i++) {
    AUTO(Cx) cx = cx_new(1 << 20);
    Str rest = str_of(csv_cases[i].in);
    size_t line = 0;
    Buf b = buf_new(cx.arena, 1 << 16);
    CsvRow row;
    bool got = true;
    Err e = E_OK;
    while ((e = csv_read(&cx, &rest, &line, &row, &got)) == E_OK && got) {
      buf_fmt(&b, "%zu:", row.line);
      for (size_t k = 0; k < row.n; k++) buf_fmt(&b, "%s%.*s", k ? "|" : "", STR(row.cell[k]));
      buf_byte(&b, ';');
    }
    assert_int_equal(e, csv_cases[i].err);
    if (e == E_OK) assert_str(buf_str(&b), csv_cases[i].want);
    else assert_true(str_find(cx.words, str_of(csv_cases[i].want)) != SIZE_MAX);
  }
}

static void csv_names_the_cell_that_is_too_large(void **state) {
  (void)state;
  AUTO(Cx) cx = cx_new(4 << 20);
  Buf b = buf_new(cx.arena, 2 << 20);
  buf_z(&b, "x,\"");
  for (size_t i = 0; i < 1 << 17; i++) buf_z(&b, "1234567\n");
  buf_z(&b, "1\",y\n");
  Str rest = buf_str(&b);
  size_t line = 0;
  CsvRow row;
  bool got;
  assert_int_equal(csv_read(&cx, &rest, &line, &row, &got), E_TOO_LARGE);
  assert_true(str_find(cx.words, S("in line 1, column 2 has 1048577 bytes")) != SIZE_MAX);
}

static void csv_runs_no_formula(void **state) {
  (void)state;
  AUTO(Cx) cx = cx_new(1 << 20);
  Buf b = buf_new(cx.arena, 1 << 16);
  static const char *const cells[] = { "plain", "a,b", "say \"x\"", "two\nlines", "=1+1", "+1",
                                       "-1",    "@x",  "\tx",       "=a,b",       "",     " x" };
  for (size_t i = 0; i < COUNT(cells); i++) csv_cell(&b, str_of(cells[i]), i == 0);
  csv_end(&b);
  assert_str(buf_str(&b),
             "plain,\"a,b\",\"say \"\"x\"\"\",\"two\nlines\",'=1+1,'+1,'-1,'@x,'\tx,\"'=a,b\",,\" x\"\r\n");
}

int main(void) {
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(forms_are_read_or_refused),
    cmocka_unit_test(too_many_fields_are_refused),
    cmocka_unit_test(fields_are_got_by_name),
    cmocka_unit_test(csv_is_read_or_refused),
    cmocka_unit_test(csv_names_the_cell_that_is_too_large),
    cmocka_unit_test(csv_runs_no_formula),
  };
  return cmocka_run_group_tests_name("form", tests, NULL, NULL);
}
