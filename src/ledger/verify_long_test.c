/* verify of a log that is long enough to be walked in stretches, and of indexes that say other than their tables. */
#include "fixture.h"
#include <sqlite3.h>

enum { ENTRIES = 3 * VERIFY_STRETCH + 1000, PER_COMMIT = 5000 };
static char folder[64];

static Err append(Cx *cx, Store *s, int i) {
  if (i % 50 == 0) return save(cx, s, "T-001", i / 50 + 1, T0 + i);
  Entry e = an_entry("note", str_fmt(cx->arena, "N-%03d", i % 500).p, T0 + i);
  return ledger_append(cx, s, &e, NULL);
}

static int make_long(void **state) {
  (void)state;
  AUTO(Cx) cx = cx_new(64 << 20);
  (void)snprintf(folder, sizeof folder, "/tmp/verify_long.XXXXXX");
  if (!mkdtemp(folder)) return 1;
  Store *s = new_log(&cx, folder, INSTANCE);
  Signer signer;
  assert_ok(signer_fork(&cx, folder, &signer));
  for (int i = 0; i < ENTRIES;) {
    assert_ok(store_begin(&cx, s));
    for (int k = 0; k < PER_COMMIT && i < ENTRIES; k++) assert_ok(append(&cx, s, i++));
    assert_ok(store_commit(&cx, s));
    if (i > ENTRIES / 2) assert_ok(ledger_checkpoint(&cx, s, &signer));
    cx_reset(&cx);
  }
  signer_close(&signer);
  store_close(s);
  return 0;
}

static int drop_long(void **state) {
  (void)state;
  AUTO(Cx) cx = cx_new(1 << 20);
  remove_folder(&cx, folder);
  return 0;
}

static void edit(const char *sql) {
  AUTO(Cx) cx = cx_new(1 << 20);
  sqlite3 *h = NULL;
  char *words = NULL;
  assert_int_equal(sqlite3_open(str_fmt(cx.arena, "%s/proofline.db", folder).p, &h), SQLITE_OK);
  (void)sqlite3_db_config(h, SQLITE_DBCONFIG_ENABLE_TRIGGER, 0, NULL);
  if (sqlite3_exec(h, sql, NULL, NULL, &words) != SQLITE_OK) print_message("%s: %s\n", sql, words);
  assert_null(words);
  assert_int_equal(sqlite3_close(h), SQLITE_OK);
}

/* What the walk in one go finds is what the stretches lead to. */
static void expect(const char *kind, const char *object) {
  AUTO(Cx) cx = cx_new((size_t)1 << 30);
  VerifyReport one, apart;
  Store *s = NULL;
  assert_ok(store_open(&cx, folder, STORE_READ, &s));
  assert_ok(ledger_verify(&cx, s, &kit_part, 1, &one));
  store_close(s);
  assert_ok(ledger_verify_folder(&cx, folder, &kit_part, 1, &apart));
  assert_int_equal(apart.findings.n, one.findings.n);
  assert_int_equal(apart.entries, one.entries);
  assert_int_equal(apart.revisions, one.revisions);
  assert_int_equal(apart.head.size, one.head.size);
  assert_true(hash_eq(apart.head.root, one.head.root));
  bool found = !kind;
  for (size_t i = 0; i < one.findings.n; i++) {
    const Finding *a = &one.findings.p[i], *b = &apart.findings.p[i];
    assert_true(str_eq(a->kind, b->kind) && str_eq(a->object, b->object) && str_eq(a->what, b->what));
    found |= str_eq(a->kind, str_of(kind ? kind : "")) && str_eq(a->object, str_of(object));
  }
  assert_true(found);
  if (!kind) assert_int_equal(one.findings.n, 0);
}

static void stretches_find_what_one_walk_finds(void **state) {
  (void)state;
  expect(NULL, "");
  edit("UPDATE entry SET leaf = replace(leaf, 'U000001', 'U000009') WHERE seq = 40000");
  expect("entry", "40000");
  edit("UPDATE entry SET leaf = replace(leaf, 'U000009', 'U000001') WHERE seq = 40000;"
       "UPDATE node SET hash = zeroblob(32) WHERE level = 15 AND idx = 1");
  expect("node", "15/1");
}

static void an_entry_that_is_gone_at_the_end_of_a_stretch(void **state) {
  (void)state;
  edit("DELETE FROM entry WHERE seq = 65535");
  expect("entry", "65536");
}

/* The index is taken out of the schema while its table is put back as it was. */
static void an_index_that_lies(void **state) {
  (void)state;
  expect(NULL, "");
  edit("UPDATE entry SET obj = 'N-777' WHERE seq = 70001");
  edit("PRAGMA writable_schema = ON; CREATE TABLE hidden AS SELECT * FROM sqlite_schema WHERE name = 'entry_obj'; "
       "DELETE FROM sqlite_schema WHERE name = 'entry_obj'");
  edit("UPDATE entry SET obj = 'N-001' WHERE seq = 70001");
  edit("PRAGMA writable_schema = ON; INSERT INTO sqlite_schema SELECT * FROM hidden");
  edit("DROP TABLE hidden");
  expect("store", "entry");
}

int main(void) {
  const struct CMUnitTest tests[] = {
    cmocka_unit_test_setup_teardown(stretches_find_what_one_walk_finds, make_long, drop_long),
    cmocka_unit_test_setup_teardown(an_entry_that_is_gone_at_the_end_of_a_stretch, make_long, drop_long),
    cmocka_unit_test_setup_teardown(an_index_that_lies, make_long, drop_long),
  };
  return cmocka_run_group_tests_name("verify_long", tests, NULL, NULL);
}
