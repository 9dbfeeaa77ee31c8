/* The rules inside one record (`check` of a record type): every row of type_check.data, through record.new. */
#include "app/app.h"
#include "crypto/crypto.h"
#include "record/record.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>
#undef fail

typedef struct Bench { Cx cx; Store *s; LifeCast cast; char folder[64]; } Bench;

static Err fill(Bench *b) {
  Cx *cx = &b->cx;
  JVal *result;
  TRY(crypto_start(cx));
  TRY(record_types_set(cx, app_types, app_ntypes));
  TRY(store_open(cx, b->folder, STORE_CREATE, &b->s));
  TRY(store_begin(cx, b->s));
  TRY(ledger_create(cx, b->s, S("5f3c2d1e-0000-4000-8000-000000000002")));
  TRY(store_commit(cx, b->s));
  TRY(store_migrate(cx, b->s, people_schema, people_nschema));
  TRY(record_create_tables(cx, b->s));
  TRY(store_begin(cx, b->s));
  TRY(record_life_cast(cx, b->s, &b->cast));
  return record_try(cx, b->s, "record.load", b->cast.author, S(""),
                    S("{\"rows\":[{\"id\":\"ELEMENT-1\",\"type\":\"element\",\"input\":{\"title\":\"One\",\"kind\":\"process\"}},"
                      "{\"id\":\"ELEMENT-2\",\"type\":\"element\",\"input\":{\"title\":\"Two\",\"kind\":\"store\"}},"
                      "{\"id\":\"PRODUCT-1\",\"type\":\"product\",\"input\":{\"title\":\"One\",\"intended_use\":\"x\"}},"
                      "{\"id\":\"PRODUCT-2\",\"type\":\"product\",\"input\":{\"title\":\"Two\",\"intended_use\":\"x\"}}]}"),
                    &result);
}

/* "second" in the data stands for a person. */
static Str with_person(Bench *b, Str input) {
  Str name = S("\"second\"");
  size_t at = str_find(input, name);
  if (at == SIZE_MAX) return input;
  return str_fmt(b->cx.arena, "%.*s\"%.*s\"%.*s", (int)at, input.p, STR(b->cast.second), STR(str_slice(input, at + name.n, input.n)));
}

static bool row_holds(Bench *b, Str type, Str field, Str input) {
  JVal *result;
  input = with_person(b, input);
  Str rest = str_slice(input, 1, input.n);
  Str args = str_fmt(b->cx.arena, "{\"type\":\"%.*s\",\"input\":{\"title\":\"Case\"%s%.*s}", STR(type), rest.n > 1 ? "," : "", STR(rest));
  Err e = record_try(&b->cx, b->s, "record.new", b->cast.author, S(""), args, &result);
  bool ok = str_eq(field, S("ok")), named = false;
  for (size_t i = 0; i < b->cx.problems.n; i++) named = named || str_eq(b->cx.problems.p[i].field, field);
  bool holds = ok ? e == E_OK : e == E_INVALID && named && b->cx.problems.n == 1;
  if (!holds) print_error("%.*s %.*s %.*s: %s %.*s\n", STR(type), STR(field), STR(input), err_name(e), STR(b->cx.words));
  cx_forgive(&b->cx);
  b->cx.problems = (Problems){ 0 };
  return holds;
}

static void test_rows(void **state) {
  Bench *b = *state;
  Str text = STR_NONE, line;
  size_t wrong = 0, rows = 0;
  assert_int_equal(file_read(&b->cx, TYPE_CHECK_DATA, 1 << 20, &text), E_OK);
  while (str_line(&text, &line)) {
    Str type = STR_NONE, field = STR_NONE, input = STR_NONE;
    if (!line.n || line.p[0] == '#') continue;
    assert_true(str_cut(line, '|', &type, &line) && str_cut(line, '|', &field, &input));
    wrong += !row_holds(b, str_trim(type), str_trim(field), str_trim(input));
    rows++;
  }
  assert_true(rows > 70);
  assert_int_equal(wrong, 0);
}

/* A type with rules and no row here would be untested. */
static void test_every_check_has_a_row(void **state) {
  Bench *b = *state;
  Str text = STR_NONE;
  size_t missing = 0;
  assert_int_equal(file_read(&b->cx, TYPE_CHECK_DATA, 1 << 20, &text), E_OK);
  for (size_t i = 0; record_type_at(i); i++) {
    const RecordType *t = record_type_at(i);
    if (!t->check || str_find(text, str_fmt(b->cx.arena, "\n%s | ", t->name)) != SIZE_MAX) continue;
    print_error("%s has rules and no row\n", t->name);
    missing++;
  }
  assert_int_equal(missing, 0);
}

static void remove_store(Bench *b) {
  static const char *const files[] = { "proofline.db", "proofline.db-wal", "proofline.db-shm", "proofline.lock" };
  char path[128];
  store_rollback(b->s);
  store_close(b->s);
  for (size_t i = 0; i < COUNT(files); i++) {
    (void)snprintf(path, sizeof path, "%s/%s", b->folder, files[i]);
    (void)unlink(path);
  }
  (void)rmdir(b->folder);
}

int main(void) {
  Bench b = { .cx = cx_new(1u << 30), .folder = "/tmp/proofline-types-XXXXXX" };
  if (!mkdtemp(b.folder)) return 1;
  if (fill(&b) != E_OK) {
    print_error("%.*s\n", STR(b.cx.words));
    return 1;
  }
  struct CMUnitTest tests[] = { cmocka_unit_test(test_rows), cmocka_unit_test(test_every_check_has_a_row) };
  for (size_t i = 0; i < COUNT(tests); i++) tests[i].initial_state = &b;
  int failed = cmocka_run_group_tests(tests, NULL, NULL);
  remove_store(&b);
  cx_free(&b.cx);
  return failed;
}
