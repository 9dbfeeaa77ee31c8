/* T-EPOCH: a log that does not continue what was signed is refused until it says so. */
#include "damage.h"
#include <sqlite3.h>

static const EpochAsk two = { { { "U000001", 7 }, { "U000002", 7 } } };

static Entry why(const char *reason) {
  Entry e = an_entry("", "", T0 + US_PER_DAY);
  e.reason = str_of(reason);
  return e;
}

static Err start(Cx *cx, Store *s, const EpochAsk *ask, const char *reason) {
  Entry e = why(reason);
  TRY(store_begin(cx, s));
  Err err = ledger_epoch_start(cx, s, ask, &e, NULL);
  if (err == E_OK) return store_commit(cx, s);
  store_rollback(s);
  return err;
}

/* The database of the second round (8 entries) under the signer's head of the last one (15). */
static Store *rolled_back(Cx *cx) {
  copy_store(cx);
  copy_file(cx, good, bad, "signer/key");
  (void)remove(signer_path(cx->arena, bad, "epoch-1.pub"));
  if (file_exists(str_fmt(cx->arena, "%s/next", bad).p))
    assert_ok(folder_remove(cx, str_fmt(cx->arena, "%s/next", bad).p));
  Str old;
  assert_ok(file_read(cx, str_fmt(cx->arena, "%s/old.db", good).p, 64 << 20, &old));
  (void)remove(str_fmt(cx->arena, "%s/proofline.db", bad).p);
  assert_ok(file_write(cx, str_fmt(cx->arena, "%s/proofline.db", bad).p, old, 0600));
  Store *s = NULL;
  assert_ok(store_open(cx, bad, STORE_WRITE, &s));
  assert_ok(ledger_open(cx, s));
  return s;
}

static void expect_refusal(Cx *cx, Err e, Err want, const char *words) {
  assert_int_equal(e, want);
  assert_true(str_find(cx->words, str_of(words)) != SIZE_MAX);
  cx_forgive(cx);
}

static void sign_and_verify(Cx *cx, Store *s, size_t findings) {
  Signer signer;
  VerifyReport report;
  assert_ok(signer_fork(cx, bad, &signer));
  assert_ok(ledger_checkpoint(cx, s, &signer));
  signer_close(&signer);
  assert_ok(verify_bad(cx, &report));
  print_findings(&report);
  assert_int_equal(report.findings.n, findings);
}

static void t_epoch_an_older_database_is_refused_until_it_says_so(void **state) {
  (void)state;
  AUTO(Cx) cx = cx_new(64 << 20);
  Store *s = rolled_back(&cx);
  EpochAsk one = { { two.by[0], two.by[0] } };
  Str origin;
  expect_refusal(&cx, ledger_continues(&cx, s), E_INTEGRITY, "has 8 entries, but 15 were signed");
  expect_refusal(&cx, start(&cx, s, &one, "disk died"), E_DENIED, "two different people");
  expect_refusal(&cx, start(&cx, s, &two, ""), E_INVALID, "needs a reason");
  assert_ok(start(&cx, s, &two, "The disk died; the copy of the evening before was put back"));
  assert_ok(ledger_epoch_keys(&cx, s));
  assert_ok(ledger_continues(&cx, s));
  assert_ok(ledger_origin(&cx, s, &origin));
  assert_true(str_ends(origin, S("/2")));
  assert_true(file_exists(signer_path(cx.arena, bad, "epoch-1.pub")));
  expect_refusal(&cx, start(&cx, s, &two, "again"), E_CONFLICT, "needs no new epoch");
  sign_and_verify(&cx, s, 0);
  assert_ok(store_begin(&cx, s));
  assert_ok(save(&cx, s, "T-009", 1, T0 + 2 * US_PER_DAY));
  assert_ok(store_commit(&cx, s));
  sign_and_verify(&cx, s, 0);
  LogRows rows = { 0 };
  assert_ok(ledger_entries(&cx, s, STR_NONE, 7, 9, 9, &rows));
  assert_int_equal(rows.n, 3);
  assert_str(rows.p[1].act, "epoch.start");
  assert_true(str_find(rows.p[0].leaf, S("\"epoch\":1,")) != SIZE_MAX);
  assert_true(str_find(rows.p[1].leaf, S("\"epoch\":2,")) != SIZE_MAX);
  assert_true(str_find(rows.p[2].leaf, S("\"epoch\":2,")) != SIZE_MAX);
  store_close(s);
}

/* A backup has no key: the folder that it is restored to has the old head and nothing that could sign. */
static void t_epoch_a_restored_folder_has_no_key(void **state) {
  (void)state;
  AUTO(Cx) cx = cx_new(64 << 20);
  Store *s = rolled_back(&cx);
  (void)remove(signer_path(cx.arena, bad, "key"));
  expect_refusal(&cx, ledger_continues(&cx, s), E_INTEGRITY, "There is no key");
  assert_ok(start(&cx, s, &two, "Restored"));
  assert_ok(ledger_epoch_keys(&cx, s));
  assert_ok(ledger_continues(&cx, s));
  sign_and_verify(&cx, s, 0);
  store_close(s);
}

/* Stopped before the commit: nothing happened.  Stopped after it: the next opening puts the keys in place. */
static void t_epoch_can_be_interrupted(void **state) {
  (void)state;
  static const char *const gone[][2] = { { "key", NULL }, { "key", "key.pub" } };
  AUTO(Cx) cx = cx_new(64 << 20);
  Store *s = rolled_back(&cx);
  Entry e = why("Undone");
  assert_ok(store_begin(&cx, s));
  assert_ok(ledger_epoch_start(&cx, s, &two, &e, NULL));
  store_rollback(s);
  assert_ok(ledger_epoch_keys(&cx, s));
  assert_false(file_exists(str_fmt(cx.arena, "%s/next", bad).p));
  expect_refusal(&cx, ledger_continues(&cx, s), E_INTEGRITY, "has 8 entries");
  store_close(s);
  for (size_t i = 0; i < COUNT(gone); i++) {
    s = rolled_back(&cx);
    assert_ok(start(&cx, s, &two, "Stopped in the middle of moving the keys"));
    for (size_t k = 0; k < 2 && gone[i][k]; k++) {
      const char *to = signer_path(cx.arena, bad, k ? "epoch-1.pub" : "dropped");
      assert_int_equal(rename(signer_path(cx.arena, bad, gone[i][k]), to), 0);
    }
    (void)remove(signer_path(cx.arena, bad, "dropped"));
    assert_ok(ledger_epoch_keys(&cx, s));
    assert_ok(ledger_continues(&cx, s));
    sign_and_verify(&cx, s, 0);
    store_close(s);
  }
}

static const struct { const char *sql, *kind; } lies[] = {
  { "UPDATE epoch SET body = replace(body, 'U000002', 'U000003')", "epoch" },
  { "UPDATE epoch SET body = replace(body, '\"kept\":8', '\"kept\":9')", "epoch" },
  { "UPDATE epoch SET seq = 7", "epoch" },
  { "UPDATE epoch SET n = 3", "epoch" },
  { "DELETE FROM epoch", "epoch" },
  { "INSERT INTO epoch VALUES (3, 7, '{}')", "epoch" },
  { "UPDATE entry SET leaf = replace(leaf, '\"epoch\":2', '\"epoch\":1') WHERE seq = 8", "entry" },
  { "UPDATE checkpoint SET note = replace(note, '/1' || char(10), '/2' || char(10)) WHERE size = 8", "checkpoint" },
};

static void t_epoch_lies_are_found(void **state) {
  (void)state;
  for (size_t i = 0; i < COUNT(lies); i++) {
    AUTO(Cx) cx = cx_new(64 << 20);
    Store *s = rolled_back(&cx);
    assert_ok(start(&cx, s, &two, "Restored"));
    assert_ok(ledger_epoch_keys(&cx, s));
    sign_and_verify(&cx, s, 0);
    store_close(s);
    sqlite3 *h = NULL;
    assert_int_equal(sqlite3_open(str_fmt(cx.arena, "%s/proofline.db", bad).p, &h), SQLITE_OK);
    (void)sqlite3_db_config(h, SQLITE_DBCONFIG_ENABLE_TRIGGER, 0, NULL);
    assert_int_equal(sqlite3_exec(h, lies[i].sql, NULL, NULL, NULL), SQLITE_OK);
    assert_true(sqlite3_changes(h) > 0);
    assert_int_equal(sqlite3_close(h), SQLITE_OK);
    VerifyReport report;
    assert_ok(verify_bad(&cx, &report));
    bool found = false;
    for (size_t k = 0; k < report.findings.n; k++) found |= str_eq(report.findings.p[k].kind, str_of(lies[i].kind));
    if (!found) print_message("not found: %s\n", lies[i].sql);
    assert_true(found);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(t_epoch_an_older_database_is_refused_until_it_says_so),
    cmocka_unit_test(t_epoch_a_restored_folder_has_no_key),
    cmocka_unit_test(t_epoch_can_be_interrupted),
    cmocka_unit_test(t_epoch_lies_are_found),
  };
  return cmocka_run_group_tests_name("epoch", tests, make_store, drop_store);
}
