/* The writer alone, in this process: what it checks, what a failure leaves, what a retry does. */
#include "fixture.h"

static const Sql note_count = { "test.note_count", "select count(*) from note", NULL };

static Store *writer_store_seen;
static Err opened_here(Cx *cx, Store *s, void *env) { writer_store_seen = s; return opened(cx, s, env); }
static Err clock_back(Cx *cx, Store *s, int64_t *now_us) {
  static int64_t t = 1000;
  (void)cx; (void)s;
  *now_us = t--;
  return E_OK;
}
static const WriterHooks here = { .commands = commands,
                                  .ncommands = COUNT(commands),
                                  .opened = opened_here,
                                  .authorise = may,
                                  .refused = refused,
                                  .clock = clock_back };

static Answer ask(Cx *cx, Writer *w, const char *command, const char *actor, const char *args,
                  const char *request) {
  Ask a = {
    .command = str_of(command), .actor = str_of(actor), .args_json = str_of(args), .request = str_of(request)
  };
  Answer out = { 0 };
  assert_int_equal(writer_ask(cx, w, &a, 1, &out), E_OK);
  return out;
}

static int64_t notes(Cx *cx, Store *s) {
  int64_t n = -1;
  assert_int_equal(store_int(cx, s, &note_count, NO_ARGS, 0, &n), E_OK);
  return n;
}

static void commands_are_checked(void **state) {
  (void)state;
  AUTO(Cx) cx = cx_new(64 << 20);
  Server s;
  Writer *w;
  Settings set = settings();
  make_store(&s);
  assert_int_equal(writer_connect(&cx, s.folder, &set, &here, &w), E_OK);
  static const struct { const char *command, *args; Err err; const char *field, *code; } table[] = {
    { "note.add", "{\"client\":1,\"number\":1,\"text\":\"x\"}", E_OK, NULL, NULL },
    { "note.add", "{\"client\":1,\"number\":2,\"text\":null}", E_OK, NULL, NULL },
    { "note.add", "{\"client\":1}", E_INVALID, "number", "missing" },
    { "note.add", "", E_INVALID, "client", "missing" },
    { "note.add", "{\"client\":\"1\",\"number\":3}", E_INVALID, "client", "kind" },
    { "note.add", "{\"client\":1.5,\"number\":3}", E_INVALID, "client", "kind" },
    { "note.add", "{\"client\":null,\"number\":3}", E_INVALID, "client", "kind" },
    { "note.add", "{\"client\":1,\"number\":3,\"txt\":\"x\"}", E_INVALID, "txt", "unknown" },
    { "note.add", "[1]", E_INVALID, "args", "kind" },
    { "note.add", "{\"client\":1,", E_UNREADABLE, NULL, NULL },
    { "note.ad", "{}", E_INVALID, "command", "unknown" },
  };
  for (size_t i = 0; i < COUNT(table); i++) {
    Answer a = ask(&cx, w, table[i].command, "U000001", table[i].args, "");
    assert_int_equal(a.err, table[i].err);
    if (!table[i].field) continue;
    assert_true(str_eq(a.problems.p[0].field, str_of(table[i].field)));
    assert_true(str_eq(a.problems.p[0].code, str_of(table[i].code)));
  }
  assert_int_equal(notes(&cx, writer_store(w)), 2);
  Answer denied = ask(&cx, w, "note.add", "nobody", "{\"client\":1,\"number\":9}", "");
  assert_int_equal(denied.err, E_DENIED);
  assert_int_equal(answer_result(&cx, &denied), E_DENIED);
  assert_int_equal(notes(&cx, writer_store(w)), 3);   /* the trace of the refusal */
  writer_close(w);
  remove_store(s.folder);
}

static void one_failure_does_not_undo_its_neighbours(void **state) {
  (void)state;
  AUTO(Cx) cx = cx_new(64 << 20);
  Server s;
  Writer *w, *second;
  Settings set = settings();
  make_store(&s);
  assert_int_equal(writer_connect(&cx, s.folder, &set, &here, &w), E_OK);
  assert_int_equal(writer_connect(&cx, s.folder, &set, &here, &second), E_BUSY);
  cx_forgive(&cx);
  Ask asks[100];
  Answer answers[100];
  for (int i = 0; i < 100; i++)
    asks[i] = (Ask){ .command = i % 10 == 3 ? S("note.refuse") : S("note.add"),
                     .actor = S("U000001"),
                     .payload = S("four"),
                     .args_json = str_fmt(cx.arena, "{\"client\":1,\"number\":%d}", i) };
  assert_int_equal(writer_ask(&cx, w, asks, 100, answers), E_OK);
  for (int i = 0; i < 100; i++) {
    assert_int_equal(answers[i].err, i % 10 == 3 ? E_CONFLICT : E_OK);
    if (answers[i].err == E_OK)
      assert_true(str_eq(answers[i].result_json, str_fmt(cx.arena, "{\"number\":%d,\"payload\":4}", i)));
  }
  assert_int_equal(notes(&cx, writer_store(w)),
                   90 + 1); /* time stood still for the refusals: one trace, others collide */
  writer_close(w);
  remove_store(s.folder);
}

static void a_retried_request_is_not_done_twice(void **state) {
  (void)state;
  AUTO(Cx) cx = cx_new(64 << 20);
  Server s;
  Writer *w;
  Settings set = settings();
  make_store(&s);
  assert_int_equal(writer_connect(&cx, s.folder, &set, &here, &w), E_OK);
  for (int i = 0; i < 3; i++) {
    Answer a = ask(&cx, w, "note.add", "U000001", "{\"client\":1,\"number\":1}", "aaaabbbbccccdddd");
    assert_int_equal(a.err, E_OK);
    assert_true(str_eq(a.result_json, S("{\"number\":1,\"payload\":0}")));
  }
  assert_int_equal(ask(&cx, w, "note.add", "U000001", "{\"client\":1,\"number\":2}", "aaaabbbbccccdddd").err,
                   E_OK);
  assert_int_equal(notes(&cx, writer_store(w)), 2);
  writer_close(w);
  remove_store(s.folder);
}

static void a_full_disk_refuses_the_whole_group(void **state) {
  (void)state;
  AUTO(Cx) cx = cx_new(64 << 20);
  Server s;
  Writer *w;
  Settings set = settings();
  make_store(&s);
  assert_int_equal(writer_connect(&cx, s.folder, &set, &here, &w), E_OK);
  static const FaultKind kinds[] = { FAULT_COMMIT, FAULT_RUN };
  for (size_t k = 0; k < COUNT(kinds); k++) {
    Ask asks[5];
    Answer answers[5];
    for (int i = 0; i < 5; i++)
      asks[i] = (Ask){ .command = S("note.add"),
                       .actor = S("U000001"),
                       .args_json = str_fmt(cx.arena, "{\"client\":1,\"number\":%d}", i) };
    store_fault(writer_store_seen, kinds[k], 1, E_FULL, false);
    assert_int_equal(writer_ask(&cx, w, asks, 5, answers), E_OK);
    for (int i = 0; i < 5; i++) assert_int_equal(answers[i].err, E_FULL);
    assert_int_equal(notes(&cx, writer_store(w)), 0);
  }
  assert_int_equal(ask(&cx, w, "note.add", "U000001", "{\"client\":1,\"number\":1}", "").err, E_OK);
  assert_int_equal(notes(&cx, writer_store(w)), 1);
  writer_close(w);
  remove_store(s.folder);
}

int main(void) {
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(commands_are_checked),
    cmocka_unit_test(one_failure_does_not_undo_its_neighbours),
    cmocka_unit_test(a_retried_request_is_not_done_twice),
    cmocka_unit_test(a_full_disk_refuses_the_whole_group),
  };
  AUTO(Cx) cx = cx_new(1 << 16);
  if (crypto_start(&cx) != E_OK) return 1;
  return cmocka_run_group_tests_name("writer", tests, NULL, NULL);
}
