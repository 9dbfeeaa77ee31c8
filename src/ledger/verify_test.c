/* verify finds what was done to a store behind its back, and names it.
 *
 * The edits are SQL against the file itself, with all triggers off and put back afterwards, and with the log's hash
 * functions at hand: somebody who is root and knows the format. */
#include "damage.h"
#include <signal.h>
#include <sqlite3.h>
#include <sys/wait.h>

/* ---- the raw handle -------------------------------------------------------------------------------------------- */

static Str arg(sqlite3_value *v) {
  const void *p = sqlite3_value_blob(v);
  return (Str){ p ? p : "", (size_t)sqlite3_value_bytes(v) };
}
static void answer(sqlite3_context *c, Hash h) { sqlite3_result_blob(c, h.b, sizeof h.b, SQLITE_TRANSIENT); }
static void sql_leaf(sqlite3_context *c, int n, sqlite3_value **v) { (void)n; answer(c, leaf_hash(arg(v[0]))); }
static void sql_sha(sqlite3_context *c, int n, sqlite3_value **v) { (void)n; answer(c, sha256(arg(v[0]))); }
static void sql_node(sqlite3_context *c, int n, sqlite3_value **v) {
  (void)n;
  answer(c, sha256_two(1, arg(v[0]), arg(v[1])));
}

static void run_raw(sqlite3 *h, const char *sql) {
  char *words = NULL;
  if (sqlite3_exec(h, sql, NULL, NULL, &words) != SQLITE_OK) print_message("%s: %s\n", sql, words);
  assert_null(words);
}

static void edit(Cx *cx, const char *sql) {
  sqlite3 *h = NULL;
  assert_int_equal(sqlite3_open(str_fmt(cx->arena, "%s/proofline.db", bad).p, &h), SQLITE_OK);
  (void)sqlite3_create_function(h, "leaf_hash", 1, SQLITE_UTF8, NULL, sql_leaf, NULL, NULL);
  (void)sqlite3_create_function(h, "sha", 1, SQLITE_UTF8, NULL, sql_sha, NULL, NULL);
  (void)sqlite3_create_function(h, "node_hash", 2, SQLITE_UTF8, NULL, sql_node, NULL, NULL);
  (void)sqlite3_db_config(h, SQLITE_DBCONFIG_ENABLE_TRIGGER, 0, NULL);
  run_raw(h, sql);
  assert_int_equal(sqlite3_close(h), SQLITE_OK);
}

/* All nodes anew from the entries: level by level. */
#define NODES                                                                                                        \
  "DELETE FROM node;"                                                                                                \
  "INSERT INTO node SELECT 1, a.seq / 2, node_hash(a.hash, b.hash) FROM entry a JOIN entry b ON b.seq = a.seq + 1 "  \
  "WHERE a.seq % 2 = 0;"                                                                                             \
  "INSERT INTO node SELECT 2, a.idx / 2, node_hash(a.hash, b.hash) FROM node a JOIN node b ON b.level = 1 AND "      \
  "b.idx = a.idx + 1 WHERE a.level = 1 AND a.idx % 2 = 0;"                                                           \
  "INSERT INTO node SELECT 3, a.idx / 2, node_hash(a.hash, b.hash) FROM node a JOIN node b ON b.level = 2 AND "      \
  "b.idx = a.idx + 1 WHERE a.level = 2 AND a.idx % 2 = 0;"                                                           \
  "DELETE FROM node WHERE level <> 3;"

static const struct { const char *name, *sql, *kind, *object;
} edits[] = {
  { "entry edited", "UPDATE entry SET leaf = replace(leaf, 'U000001', 'U000009') WHERE seq = 5", "entry", "5" },
  { "entry and its hash edited",
    "UPDATE entry SET leaf = replace(leaf, 'U000001', 'U000009') WHERE seq = 5;"
    "UPDATE entry SET hash = leaf_hash(leaf) WHERE seq = 5",
    "node", "3/0" },
  { "entry, hash and all nodes",
    "UPDATE entry SET leaf = replace(leaf, 'U000001', 'U000009') WHERE seq = 5;"
    "UPDATE entry SET hash = leaf_hash(leaf) WHERE seq = 5;" NODES,
    "checkpoint", "8" },
  { "the same in the last entry",
    "UPDATE entry SET leaf = replace(leaf, 'U000001', 'U000009') WHERE seq = 14;"
    "UPDATE entry SET hash = leaf_hash(leaf) WHERE seq = 14;" NODES,
    "signer", "head" },
  { "the actor of an old entry, checkpoints too",
    "UPDATE entry SET leaf = replace(leaf, 'U000001', 'U000009') WHERE seq = 1;"
    "UPDATE entry SET hash = leaf_hash(leaf) WHERE seq = 1;" NODES
    "DELETE FROM checkpoint; UPDATE ledger_meta SET value = '0' WHERE name = 'checkpoints'",
    "signer", "head" },
  { "entry deleted", "DELETE FROM entry WHERE seq = 5", "entry", "6" },
  { "last entry deleted", "DELETE FROM entry WHERE seq = 14", "signer", "head" },
  { "log cut to 8",
    "DELETE FROM entry WHERE seq >= 8; DELETE FROM reason WHERE seq >= 8; DELETE FROM revision WHERE seq >= 8;"
    "DELETE FROM checkpoint WHERE size > 8; UPDATE ledger_meta SET value = '2' WHERE name = 'checkpoints';" NODES,
    "signer", "head" },
  { "entry inserted in a hole", "INSERT INTO entry SELECT 20, leaf, hash, obj FROM entry WHERE seq = 1", "entry",
    "20" },
  { "entry appended twice", "INSERT INTO entry SELECT 15, leaf, hash, obj FROM entry WHERE seq = 14", "entry", "15" },
  { "two entries swapped",
    "UPDATE entry SET seq = 500 WHERE seq = 5; UPDATE entry SET seq = 5 WHERE seq = 6; UPDATE entry SET seq = 6 "
    "WHERE seq = 500",
    "entry", "5" },
  { "object index edited", "UPDATE entry SET obj = 'T-777' WHERE seq = 5", "entry", "5" },
  { "entry emptied", "UPDATE entry SET leaf = '' WHERE seq = 3", "entry", "3" },
  { "entry of another kind", "UPDATE entry SET leaf = '7', hash = x'08' WHERE seq = 3", "entry", "3" },
  { "time turned back", "UPDATE entry SET leaf = replace(leaf, '2026-11-22', '2025-11-22') WHERE seq = 5", "entry",
    "5" },
  { "node edited", "UPDATE node SET hash = sha('x') WHERE level = 3 AND idx = 0", "node", "3/0" },
  { "node deleted", "DELETE FROM node WHERE level = 3 AND idx = 0", "node", "3/0" },
  { "node inserted", "INSERT INTO node VALUES (3, 9, sha('x'))", "node", "3/9" },
  { "node of a level that is not kept", "INSERT INTO node VALUES (1, 0, sha('x'))", "node", "top" },
  { "node above the root", "INSERT INTO node VALUES (9, 0, sha('x'))", "node", "top" },
  { "node moved", "UPDATE node SET idx = 8 WHERE level = 3 AND idx = 0", "node", "3/0" },
  { "revision edited", "UPDATE revision SET body = replace(body, 'stops', 'runs') WHERE rev = 3", "revision",
    "T-001@3" },
  { "revision and hash edited",
    "UPDATE revision SET body = replace(body, 'stops', 'runs') WHERE rev = 3; UPDATE revision SET hash = sha(body) "
    "WHERE rev = 3",
    "revision", "T-001@3" },
  { "revision deleted", "DELETE FROM revision WHERE rev = 3", "revision", "T-001@3" },
  { "last revision deleted", "DELETE FROM revision WHERE rev = 6", "revision", "T-001@6" },
  { "only revision deleted", "DELETE FROM revision WHERE record = 'T-002'", "revision", "T-002@1" },
  { "revision inserted", "INSERT INTO revision SELECT record, 7, type, body, hash, 999 FROM revision WHERE rev = 6",
    "revision", "T-001@7" },
  { "type edited", "UPDATE revision SET type = 'risk' WHERE rev = 3", "revision", "T-001@3" },
  { "bodies swapped",
    "UPDATE revision SET rev = 99 WHERE rev = 2; UPDATE revision SET rev = 2 WHERE rev = 3; UPDATE revision SET rev "
    "= 3 WHERE rev = 99",
    "revision", "T-001@2" },
  { "record renamed", "UPDATE revision SET record = 'T-009' WHERE record = 'T-002'", "revision", "T-009@1" },
  { "revision points elsewhere", "UPDATE revision SET seq = 1 WHERE rev = 3", "revision", "T-001@3" },
  { "reason edited", "UPDATE reason SET text = 'better words' WHERE seq = 3", "reason", "3" },
  { "salt edited",
    "UPDATE reason SET salt = 'ff' || substr(salt, 3) WHERE seq = 3; UPDATE reason SET salt = 'zz' || substr(salt, "
    "3) WHERE seq = 3",
    "reason", "3" },
  { "reason deleted", "DELETE FROM reason WHERE seq = 3", "reason", "3" },
  { "reason erased in secret", "UPDATE reason SET salt = NULL, text = NULL WHERE seq = 3", "reason", "3" },
  { "reason added", "INSERT INTO reason VALUES (1, 'aa', 'because')", "reason", "1" },
  { "checkpoint removed", "DELETE FROM checkpoint WHERE size = 8", "checkpoint", "2" },
  { "last checkpoint removed", "DELETE FROM checkpoint WHERE size = 15", "checkpoint", "4" },
  { "all checkpoints removed", "DELETE FROM checkpoint", "checkpoint", "1" },
  { "note edited",
    "UPDATE checkpoint SET note = replace(note, char(10) || '8' || char(10), char(10) || '9' || char(10)) WHERE size "
    "= 8",
    "checkpoint", "8" },
  { "root edited", "UPDATE checkpoint SET root = sha('x') WHERE size = 8", "checkpoint", "8" },
  { "signature edited", "UPDATE checkpoint SET note = (SELECT note FROM checkpoint WHERE size = 4) WHERE size = 8",
    "checkpoint", "8" },
  { "instance renamed", "UPDATE ledger_meta SET value = 'another' WHERE name = 'instance'", "signer", "key.pub" },
  { "epoch changed", "UPDATE ledger_meta SET value = '2' WHERE name = 'epoch'", "entry", "0" },
  { "names deleted", "DELETE FROM ledger_meta", "store", "names" },
  { "trigger dropped", "DROP TRIGGER entry_kept_update", "schema", "trigger entry_kept_update" },
  { "trigger changed",
    "DROP TRIGGER entry_kept_update; CREATE TRIGGER entry_kept_update BEFORE UPDATE ON entry BEGIN SELECT 1; END",
    "schema", "trigger entry_kept_update" },
  { "trigger added", "CREATE TRIGGER helper AFTER INSERT ON entry BEGIN DELETE FROM kit_part; END", "schema",
    "trigger helper" },
  { "view added", "CREATE VIEW shadow AS SELECT * FROM entry", "schema", "view shadow" },
  { "index dropped", "DROP INDEX entry_obj", "schema", "index entry_obj" },
  { "index added", "CREATE INDEX more ON entry (hash)", "schema", "index more" },
  { "column added", "ALTER TABLE entry ADD COLUMN x TEXT", "schema", "table entry" },
  { "table added", "CREATE TABLE hidden (x)", "table", "hidden" },
  { "table dropped", "DROP TABLE kit_part", "table", "kit_part" },
  { "own table dropped", "DROP TABLE reason", "table", "reason" },
  { "fact edited", "UPDATE kit_part SET n = n + 1 WHERE kit = 'K2'", "fact", "kit:K2" },
  { "fact row deleted", "DELETE FROM kit_part WHERE kit = 'K1' AND n = 1", "fact", "kit:K1" },
  { "a checkpoint with a number far away", "UPDATE checkpoint SET n = n + 4611686018427387904 WHERE n = 4",
    "checkpoint", "4" },
  { "fact rows deleted", "DELETE FROM kit_part WHERE kit = 'K2'", "fact", "kit:K2" },
  { "fact row added", "INSERT INTO kit_part VALUES ('K1', 'pump', 1, NULL)", "fact", "kit:K1" },
  { "fact of nobody", "INSERT INTO kit_part VALUES ('K3', 'pump', 1, NULL)", "fact", "kit:K3" },
  { "kind of a value", "UPDATE kit_part SET note = NULL WHERE kit = 'K2'", "fact", "kit:K2" },
  { "blob edited", "UPDATE blob SET bytes = x'616264'", "blob", blob_hash },
  { "size of a blob", "UPDATE blob SET size = 4", "blob", blob_hash },
};

static bool has_finding(const VerifyReport *r, const char *kind, const char *object) {
  for (size_t i = 0; i < r->findings.n; i++)
    if (str_eq(r->findings.p[i].kind, str_of(kind)) && str_eq(r->findings.p[i].object, str_of(object))) return true;
  return false;
}

static void a_sound_store_has_no_finding(void **state) {
  (void)state;
  AUTO(Cx) cx = cx_new(64 << 20);
  copy_store(&cx);
  VerifyReport report;
  assert_ok(verify_bad(&cx, &report));
  print_findings(&report);
  assert_int_equal(report.findings.n, 0);
  assert_int_equal(report.entries, 15);
  assert_int_equal(report.head.size, 15);
  assert_int_equal(report.revisions, 7);
  assert_int_equal(report.facts, 2);
  assert_int_equal(report.blobs, 1);
  assert_int_equal(report.signatures_valid, 4);
}

static void every_edit_is_found_and_named(void **state) {
  (void)state;
  size_t missed = 0;
  for (size_t i = 0; i < COUNT(edits); i++) {
    AUTO(Cx) cx = cx_new(64 << 20);
    copy_store(&cx);
    edit(&cx, edits[i].sql);
    VerifyReport report = { 0 };
    Err e = verify_bad(&cx, &report);
    if (e == E_OK && has_finding(&report, edits[i].kind, edits[i].object)) continue;
    missed++;
    print_message("%s: no finding for %s %s (%s %.*s)\n", edits[i].name, edits[i].kind, edits[i].object, err_name(e),
                  STR(cx.words));
    print_findings(&report);
  }
  print_message("%zu edits, %zu missed\n", COUNT(edits), missed);
  assert_int_equal(missed, 0);
}

/* The same deeds at every place where they can be done, each a tampering of its own: %d is the place. */
static const struct { const char *sql; int first, last; const char *kind;
} everywhere[] = {
  { "UPDATE entry SET leaf = replace(leaf, 'U000001', 'U000009') WHERE seq = %d", 0, 14, "entry" },
  { "UPDATE entry SET leaf = replace(leaf, 'U000001', 'U000009'), hash = leaf_hash(replace(leaf, 'U000001', "
    "'U000009')) "
    "WHERE seq = %d",
    0, 13, "checkpoint" },
  { "UPDATE entry SET leaf = replace(leaf, '\"auth\":\"session\"', '\"auth\":\"passkey\"') WHERE seq = %d", 0, 14,
    "entry" },
  { "UPDATE entry SET leaf = replace(leaf, '\"src\":\"web\"', '\"src\":\"cli\"') WHERE seq = %d", 0, 14, "entry" },
  { "UPDATE entry SET hash = sha(leaf) WHERE seq = %d", 0, 14, "entry" },
  { "UPDATE entry SET obj = 'T-777' WHERE seq = %d", 0, 14, "entry" },
  { "DELETE FROM entry WHERE seq = %d", 0, 13, "entry" },
  { "UPDATE node SET hash = sha('x') WHERE level = 3 AND idx = %d", 0, 0, "node" },
  { "DELETE FROM node WHERE level = 3 AND idx = %d", 0, 0, "node" },
  { "UPDATE node SET idx = idx + 100 WHERE level = 3 AND idx = %d", 0, 0, "node" },
  { "UPDATE revision SET body = replace(body, 'stops', 'runs') WHERE record = 'T-001' AND rev = %d", 1, 6,
    "revision" },
  { "UPDATE revision SET body = replace(body, 'stops', 'runs'), hash = sha(replace(body, 'stops', 'runs')) WHERE "
    "record = "
    "'T-001' AND rev = %d",
    1, 6, "revision" },
  { "UPDATE revision SET type = 'risk' WHERE record = 'T-001' AND rev = %d", 1, 6, "revision" },
  { "DELETE FROM revision WHERE record = 'T-001' AND rev = %d", 1, 6, "revision" },
  { "UPDATE revision SET rev = rev + 50 WHERE record = 'T-001' AND rev = %d", 1, 6, "revision" },
  { "UPDATE revision SET hash = sha('x') WHERE record = 'T-001' AND rev = %d", 1, 6, "revision" },
  { "DELETE FROM checkpoint WHERE n = %d", 1, 4, "checkpoint" },
  { "UPDATE checkpoint SET root = sha('x') WHERE n = %d", 1, 4, "checkpoint" },
  { "UPDATE checkpoint SET size = size + 100 WHERE n = %d", 1, 4, "checkpoint" },
  { "UPDATE checkpoint SET note = replace(note, char(10) || char(10), char(10)) WHERE n = %d", 1, 4, "checkpoint" },
  { "UPDATE reason SET text = text || '!' WHERE seq = %d AND text IS NOT NULL", 3, 3, "reason" },
};

static void t_tamper_everywhere(void **state) {
  (void)state;
  size_t tried = 0, missed = 0;
  for (size_t i = 0; i < COUNT(everywhere); i++) {
    for (int at = everywhere[i].first; at <= everywhere[i].last; at++, tried++) {
      AUTO(Cx) cx = cx_new(64 << 20);
      VerifyReport report = { 0 };
      Str place = str_fmt(cx.arena, "%d", at), sql = str_of(everywhere[i].sql);
      Buf b = buf_new(cx.arena, 4096);
      for (size_t p; (p = str_find(sql, S("%d"))) != SIZE_MAX; sql = str_slice(sql, p + 2, sql.n)) {
        buf_add(&b, str_slice(sql, 0, p));
        buf_add(&b, place);
      }
      buf_add(&b, sql);
      copy_store(&cx);
      edit(&cx, str_z(cx.arena, buf_str(&b)));
      bool found = verify_bad(&cx, &report) != E_OK;
      for (size_t k = 0; k < report.findings.n; k++)
        found |= str_eq(report.findings.p[k].kind, str_of(everywhere[i].kind));
      if (found) continue;
      missed++;
      print_message("not found: %.*s\n", STR(buf_str(&b)));
    }
  }
  print_message("%zu tamperings, %zu missed\n", tried + COUNT(edits), missed);
  assert_true(tried + COUNT(edits) >= 200);
  assert_int_equal(missed, 0);
}

/* Processes that share the work say the same in the same order. */
static void two_processes_find_what_one_finds(void **state) {
  (void)state;
  AUTO(Cx) cx = cx_new(64 << 20);
  VerifyReport one, two;
  copy_store(&cx);
  assert_ok(ledger_verify_folder(&cx, bad, &kit_part, 1, &two));
  assert_int_equal(two.findings.n, 0);
  assert_int_equal(two.entries, 15);
  edit(&cx, "INSERT INTO revision SELECT record, 7, type, body, hash, 999 FROM revision WHERE rev = 6");
  edit(&cx, "INSERT INTO timestamp (size, request, told) VALUES (999, x'00', '')");
  assert_ok(verify_bad(&cx, &one));
  assert_ok(ledger_verify_folder(&cx, bad, &kit_part, 1, &two));
  assert_true(has_finding(&two, "store", "database"));
  assert_true(has_finding(&two, "revision", "T-001@7"));
  assert_int_equal(one.findings.n, two.findings.n);
  for (size_t i = 0; i < one.findings.n; i++) assert_true(str_eq(one.findings.p[i].what, two.findings.p[i].what));
}

/* ---- files put in place of others ------------------------------------------------------------------------------ */

static void expect(Cx *cx, const char *kind, const char *object, const char *words) {
  VerifyReport report;
  assert_ok(verify_bad(cx, &report));
  if (!has_finding(&report, kind, object)) print_findings(&report);
  assert_true(has_finding(&report, kind, object));
  bool said = false;
  for (size_t i = 0; i < report.findings.n; i++) said |= str_find(report.findings.p[i].what, str_of(words)) != SIZE_MAX;
  assert_true(said);
}

static void an_old_file_put_back_is_found(void **state) {
  (void)state;
  AUTO(Cx) cx = cx_new(64 << 20);
  copy_store(&cx);
  Str old;
  assert_ok(file_read(&cx, str_fmt(cx.arena, "%s/old.db", good).p, 64 << 20, &old));
  assert_ok(file_write(&cx, str_fmt(cx.arena, "%s/proofline.db", bad).p, old, 0600));
  expect(&cx, "signer", "head", "rolled back: the log has 8 entries, but 15 were signed");
}

/* The whole store made again, by somebody without the key of the log. */
static void a_log_rebuilt_with_another_key_is_found(void **state) {
  (void)state;
  AUTO(Cx) cx = cx_new(64 << 20);
  remove_folder(&cx, bad);
  Store *s = new_log(&cx, bad, INSTANCE);
  Signer signer;
  assert_ok(signer_fork(&cx, bad, &signer));
  for (int round = 0; round < 4; round++) {
    assert_ok(round < 3 ? four(&cx, s, round) : erase_one(&cx, s));
    assert_ok(ledger_checkpoint(&cx, s, &signer));
  }
  signer_close(&signer);
  store_close(s);
  copy_file(&cx, good, bad, "signer/key.pub");
  copy_file(&cx, good, bad, "signer/head");
  expect(&cx, "checkpoint", "15", "its signature is not of this log's key");
  expect(&cx, "signer", "head", "is not the one that was signed");
}

static void what_the_signer_keeps_is_checked(void **state) {
  (void)state;
  AUTO(Cx) cx = cx_new(64 << 20);
  copy_store(&cx);
  Str head;
  assert_ok(file_read(&cx, signer_path(cx.arena, bad, "head"), 4096, &head));
  char *text = str_z(cx.arena, head);
  text[str_find(head, S("\n15\n")) + 2] = '4';
  (void)remove(signer_path(cx.arena, bad, "head"));
  assert_ok(file_write(&cx, signer_path(cx.arena, bad, "head"), (Str){ text, head.n }, 0600));
  expect(&cx, "signer", "head", "its signature is not of this log's key");
  (void)remove(signer_path(cx.arena, bad, "head"));
  expect(&cx, "signer", "head", "cannot be read");
  (void)remove(signer_path(cx.arena, bad, "key.pub"));
  expect(&cx, "signer", "key.pub", "cannot be read");
}

/* ---- beside a writer ------------------------------------------------------------------------------------------- */

static void __attribute__((noreturn)) keep_writing(int told) {
  AUTO(Cx) cx = cx_new(64 << 20);
  Store *s = NULL;
  Signer signer;
  Err e = store_open(&cx, bad, STORE_WRITE, &s);
  if (e == E_OK) e = signer_fork(&cx, bad, &signer);
  for (int round = 10; e == E_OK; round++) {
    Entry entry = an_entry("note", "x", T0 + US_PER_DAY + round);
    if (store_begin(&cx, s) != E_OK || ledger_append(&cx, s, &entry, NULL) != E_OK || store_commit(&cx, s) != E_OK)
      break;
    if (ledger_checkpoint(&cx, s, &signer) != E_OK || write(told, "x", 1) != 1) break;
    cx_reset(&cx);
  }
  (void)dprintf(2, "%.*s\n", STR(cx.words));
  _exit(1);
}

static void a_running_writer_is_no_finding(void **state) {
  (void)state;
  AUTO(Cx) cx = cx_new(64 << 20);
  copy_store(&cx);
  copy_file(&cx, good, bad, "signer/key");
  int told[2];
  char c;
  assert_int_equal(pipe(told), 0);
  pid_t child = fork();
  if (child == 0) keep_writing(told[1]);
  int64_t before = 0;
  for (int i = 0; i < 60; i++) {
    VerifyReport report;
    assert_int_equal(read(told[0], &c, 1), 1);
    assert_ok(i % 2 ? ledger_verify_folder(&cx, bad, &kit_part, 1, &report) : verify_bad(&cx, &report));
    print_findings(&report);
    assert_int_equal(report.findings.n, 0);
    before = report.entries;
    cx_reset(&cx);
  }
  (void)kill(child, SIGKILL);
  (void)waitpid(child, NULL, 0);
  assert_true(before > 40);
}

int main(void) {
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(a_sound_store_has_no_finding),
    cmocka_unit_test(every_edit_is_found_and_named),
    cmocka_unit_test(t_tamper_everywhere),
    cmocka_unit_test(two_processes_find_what_one_finds),
    cmocka_unit_test(an_old_file_put_back_is_found),
    cmocka_unit_test(what_the_signer_keeps_is_checked),
    cmocka_unit_test(a_running_writer_is_no_finding),
    cmocka_unit_test(a_log_rebuilt_with_another_key_is_found),
  };
  return cmocka_run_group_tests_name("verify", tests, make_store, drop_store);
}
