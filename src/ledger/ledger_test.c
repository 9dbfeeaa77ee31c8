/* Writing and reading the log: leaves, revisions, facts, undo, failures. */
#include "fixture.h"
#include "ledger.sql.h"

static char folder[64];

static int make_folder(void **state) {
  (void)state;
  (void)snprintf(folder, sizeof folder, "/tmp/ledger_test.XXXXXX");
  return mkdtemp(folder) ? 0 : 1;
}

static int drop_folder(void **state) {
  (void)state;
  AUTO(Cx) cx = cx_new(1 << 20);
  remove_folder(&cx, folder);
  return 0;
}

/* The vector of doc/log.md; made with two implementations. */
static void a_leaf_is_canonical_json(void **state) {
  (void)state;
  AUTO(Cx) cx = cx_new(1 << 20);
  assert_ok(crypto_start(&cx));
  Str content = S("{\"id\":\"RISK-00042\",\"sev\":4,\"title\":\"Infusion rate altered by spoofed command\"}");
  Leaf leaf = { .act = S("record.save"),
                .actor = S("U000012"),
                .auth = S("session"),
                .epoch = 1,
                .obj = S("RISK-00042@1"),
                .new_hex = hash_hex(cx.arena, sha256(content)),
                .request = S("0000000000000001"),
                .source = S("web"),
                .time = S("2026-11-22T04:31:00.000000Z") },
       back;
  assert_str(leaf.new_hex, "1d7e59de64eca99cc04a525907108c39dd04bf4af8c4c38a54d23a43faca3628");
  Str text;
  assert_ok(leaf_write(&cx, &leaf, &text));
  assert_str(hash_hex(cx.arena, leaf_hash(text)), "dbddc87c87963206378363a4242c3fdc4dd3f2c58faa8d2aeca2a5f94b70cfeb");
  assert_true(leaf_read(cx.arena, text, &back));
  assert_str(back.obj, "RISK-00042@1");
  assert_int_equal(back.epoch, 1);
  leaf.request = S("tab\t quote\" slash\\ bell\a \xc3\xa9");
  assert_ok(leaf_write(&cx, &leaf, &text));
  assert_true(leaf_read(cx.arena, text, &back));
  assert_true(str_eq(back.request, leaf.request));
  JVal *root;
  Buf b = buf_new(cx.arena, 8192);
  assert_ok(json_read(&cx, text, &JSON_BODY, &root));
  assert_ok(json_canonical(&cx, root, &b));
  assert_true(str_eq(buf_str(&b), text));
  leaf.actor = S("\xff");
  assert_int_equal(leaf_write(&cx, &leaf, &text), E_INVALID);
}

/* Every single change of a leaf's text makes it unreadable or another leaf. */
static void no_leaf_has_two_spellings(void **state) {
  (void)state;
  AUTO(Cx) cx = cx_new(8 << 20);
  Leaf leaf = { .act = S("a\tb"),
                .actor = S("U1"),
                .epoch = 1,
                .seq = 10,
                .obj = S("X@1"),
                .time = S("2026-11-22T04:31:00.000000Z") };
  Str text, again;
  assert_ok(leaf_write(&cx, &leaf, &text));
  for (size_t i = 0; i < text.n; i++) {
    for (int c = 0; c < 256; c++) {
      ArenaMark mark = arena_mark(cx.arena);
      char *copy = str_z(cx.arena, text);
      copy[i] = (char)c;
      Leaf back;
      Cx other = { .arena = cx.arena };
      if (leaf_read(cx.arena, (Str){ copy, text.n }, &back) && leaf_write(&other, &back, &again) == E_OK)
        assert_memory_equal(again.p, copy, text.n);
      arena_release(cx.arena, mark);
    }
  }
  Leaf back;
  static const char *const bad[] = { "", "{", "{}", "{\"act\":\"\"}" };
  for (size_t i = 0; i < COUNT(bad); i++) assert_false(leaf_read(cx.arena, str_of(bad[i]), &back));
  for (size_t n = 0; n < text.n; n++) assert_false(leaf_read(cx.arena, str_slice(text, 0, n), &back));
}

static void objects_name_revisions(void **state) {
  (void)state;
  static const struct { const char *obj, *base; int64_t rev;
  } cases[] = { { "T-001@3", "T-001", 3 },
                { "T-001", "T-001", 0 },
                { "sbom:S@3", "sbom:S@3", 0 },
                { "a@b", "a@b", 0 },
                { "a@b@12", "a@b", 12 },
                { "T@0", "T@0", 0 },
                { "T@03", "T@03", 0 },
                { "@1", "@1", 0 },
                { "T@", "T@", 0 },
                { "", "", 0 } };
  for (size_t i = 0; i < COUNT(cases); i++) {
    int64_t rev = -1;
    assert_str(object_base(str_of(cases[i].obj), &rev), cases[i].base);
    assert_int_equal(rev, cases[i].rev);
  }
}

static void the_log_is_written_and_read(void **state) {
  (void)state;
  AUTO(Cx) cx = cx_new(64 << 20);
  Store *s = new_log(&cx, folder, INSTANCE);
  TreeHead head;
  assert_ok(ledger_head(&cx, s, &head));
  assert_int_equal(head.size, 0);
  assert_str(hash_hex(cx.arena, head.root), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  for (int round = 0; round < 3; round++) assert_ok(four(&cx, s, round));
  assert_ok(ledger_head(&cx, s, &head));
  assert_int_equal(head.size, 12);
  LogRows rows;
  assert_ok(ledger_entries(&cx, s, STR_NONE, 100, 0, 5, &rows));
  assert_int_equal(rows.n, 5);
  assert_int_equal(rows.p[0].seq, 11);
  assert_str(rows.p[0].obj, "T-001@6");
  assert_str(rows.p[0].reason, "Found in the review of 22 November");
  assert_true(rows.p[2].reason.p == NULL);
  assert_ok(ledger_entries(&cx, s, S("T-001"), 0, 100, 100, &rows));
  assert_int_equal(rows.n, 9);
  assert_ok(ledger_entries(&cx, s, S("T-001@3"), 0, 100, 100, &rows));
  assert_int_equal(rows.n, 1);
  assert_int_equal(rows.p[0].seq, 4);
  Revision r;
  assert_ok(ledger_revision(&cx, s, S("T-001"), 0, &r));
  assert_int_equal(r.rev, 6);
  assert_str(r.actor, "U000001");
  assert_int_equal(r.t_us, T0 + 20 * US_PER_S + 3);
  assert_true(hash_eq(r.hash, sha256(r.body)));
  assert_int_equal(ledger_revision(&cx, s, S("T-001"), 7, &r), E_NOTFOUND);
  cx_forgive(&cx);
  assert_int_equal(ledger_revision(&cx, s, S("T-002"), 0, &r), E_NOTFOUND);
  cx_forgive(&cx);
  int64_t t;
  cx.now_us = T0;
  assert_ok(ledger_clock(&cx, s, &t));
  assert_int_equal(t, T0 + 20 * US_PER_S + 4);
  store_close(s);
}

static Err in_txn(Cx *cx, Store *s, Err (*work)(Cx *, Store *)) {
  TRY(store_begin(cx, s));
  Err e = work(cx, s);
  if (e == E_OK) return store_commit(cx, s);
  store_rollback(s);
  return e;
}

static Err rev_again(Cx *cx, Store *s) { return save(cx, s, "T-001", 2, T0 + US_PER_DAY); }
static Err rev_gap(Cx *cx, Store *s) { return save(cx, s, "T-001", 4, T0 + US_PER_DAY); }
static Err bad_name(Cx *cx, Store *s) { return save(cx, s, "sbom:1", 1, T0 + US_PER_DAY); }
static Err older(Cx *cx, Store *s) { return save(cx, s, "T-009", 1, T0 - 1); }

static Err body_is(Cx *cx, Store *s, const char *body) {
  Entry e = an_entry("record.save", "", T0 + US_PER_DAY);
  Revision r = { .record = S("T-002"), .type = S("threat"), .rev = 1, .body = str_of(body) };
  return ledger_revise(cx, s, &r, &e, NULL);
}
static Err not_canonical(Cx *cx, Store *s) { return body_is(cx, s, "{ \"type\":\"threat\"}"); }
static Err other_type(Cx *cx, Store *s) { return body_is(cx, s, "{\"type\":\"risk\"}"); }

static Err too_large(Cx *cx, Store *s) {
  Entry e = an_entry("x", "", T0 + US_PER_DAY);
  e.to = (Str){ memset(arena_alloc(cx->arena, 5000), 'x', 5000), 5000 };
  return ledger_append(cx, s, &e, NULL);
}

/* A revision whose entry is not in the log cannot be committed. */
static Err no_leaf(Cx *cx, Store *s) {
  static const Sql raw = {
    "t.raw", "INSERT INTO revision (record, rev, type, body, hash, seq) VALUES ('X', 1, 't', '{}', ?1, 999)", NULL
  };
  return store_run(cx, s, &raw, ARGS(v_bytes(S("12345678901234567890123456789012"))), NULL);
}

static Err run_text(Cx *cx, Store *s, const char *text) {
  Sql *sql = NEW(cx->arena, Sql);
  *sql = (Sql){ "t.text", text, NULL };
  return store_run(cx, s, sql, NO_ARGS, NULL);
}
static Err change_entry(Cx *cx, Store *s) { return run_text(cx, s, "UPDATE entry SET leaf = 'x' WHERE seq = 1"); }
static Err drop_entry(Cx *cx, Store *s) { return run_text(cx, s, "DELETE FROM entry WHERE seq = 3"); }
static Err replace_entry(Cx *cx, Store *s) {
  return run_text(cx, s, "REPLACE INTO entry SELECT seq, 'x', hash, obj FROM entry WHERE seq = 3");
}
static Err change_reason(Cx *cx, Store *s) { return run_text(cx, s, "UPDATE reason SET text = 'nicer words'"); }
static Err change_origin(Cx *cx, Store *s) {
  return run_text(cx, s, "UPDATE ledger_meta SET value = '2' WHERE name = 'epoch'");
}

static void what_must_not_be_written_is_refused(void **state) {
  (void)state;
  static const struct { const char *name; Err (*work)(Cx *, Store *); Err err;
  } cases[] = { { "revision again", rev_again, E_CONFLICT }, { "revision gap", rev_gap, E_CONFLICT },
                { "bad record name", bad_name, E_BUG },      { "older than the last", older, E_BUG },
                { "not canonical", not_canonical, E_BUG },   { "other type", other_type, E_BUG },
                { "too large", too_large, E_TOO_LARGE },     { "no leaf", no_leaf, E_BUG },
                { "change entry", change_entry, E_BUG },     { "drop entry", drop_entry, E_BUG },
                { "replace entry", replace_entry, E_BUG },   { "change reason", change_reason, E_BUG },
                { "change origin", change_origin, E_BUG } };
  AUTO(Cx) cx = cx_new(64 << 20);
  Store *s = new_log(&cx, folder, INSTANCE);
  assert_ok(four(&cx, s, 0));
  TreeHead before, after;
  assert_ok(ledger_head(&cx, s, &before));
  for (size_t i = 0; i < COUNT(cases); i++) {
    Err e = in_txn(&cx, s, cases[i].work);
    if (e != cases[i].err) print_message("%s: %s %.*s\n", cases[i].name, err_name(e), STR(cx.words));
    assert_int_equal(e, cases[i].err);
    cx_forgive(&cx);
    assert_ok(ledger_head(&cx, s, &after));
    assert_true(before.size == after.size && hash_eq(before.root, after.root));
  }
  store_close(s);
}

/* Undone entries leave nothing behind, neither in the rows nor in what is remembered of them. */
static void undo_forgets(void **state) {
  (void)state;
  AUTO(Cx) cx = cx_new(64 << 20);
  Store *s = new_log(&cx, folder, INSTANCE);
  assert_ok(four(&cx, s, 0));
  TreeHead before, after;
  assert_ok(ledger_head(&cx, s, &before));
  assert_ok(store_begin(&cx, s));
  assert_ok(store_savepoint(&cx, s));
  assert_ok(save(&cx, s, "T-003", 1, T0 + US_PER_DAY));
  store_undo(s);
  assert_ok(ledger_head(&cx, s, &after));
  assert_true(hash_eq(before.root, after.root));
  assert_ok(store_savepoint(&cx, s));
  assert_ok(save(&cx, s, "T-004", 1, T0 + US_PER_DAY));
  store_undo(s);
  assert_ok(
      save(&cx, s, "T-005", 1, T0 + US_PER_DAY)); /* the same place in the log, another entry, no read between */
  assert_ok(store_commit(&cx, s));
  VerifyReport report;
  assert_ok(ledger_verify(&cx, s, &kit_part, 1, &report));
  for (size_t i = 0; i < report.findings.n; i++)
    print_message("%.*s %.*s\n", STR(report.findings.p[i].object), STR(report.findings.p[i].what));
  assert_int_equal(report.findings.n, 0);
  assert_int_equal(report.entries, 5);
  store_close(s);
}

static void any_failing_call_leaves_the_log_whole(void **state) {
  (void)state;
  AUTO(Cx) cx = cx_new(64 << 20);
  Store *s = new_log(&cx, folder, INSTANCE);
  assert_ok(four(&cx, s, 0));
  store_fault(s, FAULT_ANY, 0, E_OK, false);
  assert_ok(four(&cx, s, 1));
  uint64_t calls = store_calls(s);
  TreeHead before, after;
  assert_ok(ledger_head(&cx, s, &before));
  for (int sticky = 0; sticky < 2; sticky++) {
    for (uint64_t n = 1; n <= calls; n++) {
      store_fault(s, FAULT_ANY, n, E_FULL, sticky);
      assert_int_equal(four(&cx, s, 2), E_FULL);
      cx_reset(&cx);
      store_fault(s, FAULT_ANY, 0, E_OK, false);
      assert_ok(ledger_head(&cx, s, &after));
      assert_true(before.size == after.size && hash_eq(before.root, after.root));
    }
  }
  print_message("%llu calls, each failed once and for ever\n", (unsigned long long)calls);
  VerifyReport report;
  assert_ok(four(&cx, s, 2));
  assert_ok(ledger_verify(&cx, s, &kit_part, 1, &report));
  assert_int_equal(report.findings.n, 0);
  store_close(s);
}

static void a_reason_can_be_erased_openly(void **state) {
  (void)state;
  AUTO(Cx) cx = cx_new(64 << 20);
  Store *s = new_log(&cx, folder, INSTANCE);
  assert_ok(four(&cx, s, 0));
  Entry e = an_entry("", "", T0 + US_PER_DAY);
  int64_t seq;
  assert_ok(store_begin(&cx, s));
  assert_ok(ledger_erase_reason(&cx, s, 0, &e, &seq));
  assert_int_equal(ledger_erase_reason(&cx, s, 0, &e, &seq), E_NOTFOUND);
  cx_forgive(&cx);
  assert_ok(store_commit(&cx, s));
  LogRows rows;
  assert_ok(ledger_entries(&cx, s, STR_NONE, 0, 0, 1, &rows));
  assert_true(rows.p[0].reason.p == NULL);
  VerifyReport report;
  assert_ok(ledger_verify(&cx, s, &kit_part, 1, &report));
  assert_int_equal(report.findings.n, 0);
  store_close(s);
}

/* Two sets of rows that would read the same when strung together have different digests. */
static void facts_tell_rows_apart(void **state) {
  (void)state;
  static const char *const queries[] = { "SELECT 'ab', 'c' WHERE ?1 <> ''",
                                         "SELECT 'a', 'bc' WHERE ?1 <> ''",
                                         "SELECT 'abc' WHERE ?1 <> ''",
                                         "SELECT 'ab' WHERE ?1 <> '' UNION ALL SELECT 'c'",
                                         "SELECT x'6162', 'c' WHERE ?1 <> ''",
                                         "SELECT 'ab', NULL WHERE ?1 <> ''",
                                         "SELECT 'ab', '' WHERE ?1 <> ''",
                                         "SELECT 1 WHERE ?1 <> ''",
                                         "SELECT '1' WHERE ?1 <> ''",
                                         "SELECT -1 WHERE ?1 <> ''",
                                         "SELECT 1 WHERE ?1 = ''",
                                         "SELECT NULL WHERE ?1 <> ''" };
  AUTO(Cx) cx = cx_new(64 << 20);
  Store *s = new_log(&cx, folder, INSTANCE);
  Hash seen[COUNT(queries)];
  Sql sql[COUNT(queries)];
  for (size_t i = 0; i < COUNT(queries); i++) {
    sql[i] = (Sql){ "t.query", queries[i], NULL };
    Fact f = { "t", &sql[i], NULL };
    assert_ok(ledger_fact(&cx, s, &f, S("key"), &seen[i]));
    for (size_t k = 0; k < i; k++) assert_false(hash_eq(seen[i], seen[k]));
  }
  store_close(s);
}

/* A store with the tables and all the nodes of before: rows, proofs and checkpoints go on. */
static void a_store_of_before_is_brought_up_to_date(void **state) {
  (void)state;
  static const char *const names[][2] = { { "instance", INSTANCE }, { "epoch", "1" }, { "checkpoints", "0" } };
  static const Sql nodes = { "t.nodes",
                             "INSERT INTO node SELECT 1, seq / 2, hash FROM entry WHERE seq % 2 = 1", NULL };
  AUTO(Cx) cx = cx_new(64 << 20);
  Store *s = NULL;
  Str origin;
  Signer signer;
  VerifyReport report;
  assert_ok(crypto_start(&cx));
  assert_ok(store_open(&cx, folder, STORE_CREATE, &s));
  assert_ok(store_migrate(&cx, s, ledger_steps, 2));
  assert_ok(store_begin(&cx, s));
  for (size_t i = 0; i < COUNT(names); i++)
    assert_ok(store_run(&cx, s, SQL_META_ADD, ARGS(v_text(str_of(names[i][0])), v_text(str_of(names[i][1]))), NULL));
  assert_ok(store_migrate(&cx, s, part_steps, COUNT(part_steps)));
  assert_ok(store_commit(&cx, s));
  for (int round = 0; round < 3; round++) assert_ok(four(&cx, s, round));
  assert_ok(store_begin(&cx, s));
  assert_ok(store_run(&cx, s, &nodes, NO_ARGS, NULL));
  assert_ok(store_commit(&cx, s));
  assert_ok(ledger_open(&cx, s));
  assert_ok(ledger_origin(&cx, s, &origin));
  assert_ok(signer_create(&cx, folder, origin));
  assert_ok(signer_fork(&cx, folder, &signer));
  for (int round = 3; round < 5; round++) {
    assert_ok(four(&cx, s, round));
    assert_ok(ledger_checkpoint(&cx, s, &signer));
  }
  signer_close(&signer);
  assert_ok(ledger_verify(&cx, s, &kit_part, 1, &report));
  assert_int_equal(report.findings.n, 0);
  assert_int_equal(report.entries, 20);
  assert_int_equal(report.revisions, 10);
  store_close(s);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, make_folder, drop_folder)

int main(void) {
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(a_leaf_is_canonical_json),
    cmocka_unit_test(no_leaf_has_two_spellings),
    cmocka_unit_test(objects_name_revisions),
    TEST(the_log_is_written_and_read),
    TEST(what_must_not_be_written_is_refused),
    TEST(undo_forgets),
    TEST(any_failing_call_leaves_the_log_whole),
    TEST(a_reason_can_be_erased_openly),
    TEST(facts_tell_rows_apart),
    TEST(a_store_of_before_is_brought_up_to_date),
  };
  return cmocka_run_group_tests_name("ledger", tests, NULL, NULL);
}
