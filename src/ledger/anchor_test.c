/* T-ANCHOR: what was kept outside the store is compared with it, and what is not what was kept is refused. */
#include "damage.h"
#include "tsa.h"
#include <sqlite3.h>
#include <sys/stat.h>

static Store *opened(Cx *cx) {
  Store *s = NULL;
  copy_store(cx);
  copy_file(cx, good, bad, "signer/key");
  assert_ok(store_open(cx, bad, STORE_WRITE, &s));
  assert_ok(ledger_open(cx, s));
  return s;
}

static void checkpoint(Cx *cx, Store *s) {
  Signer signer;
  assert_ok(signer_fork(cx, bad, &signer));
  assert_ok(ledger_checkpoint(cx, s, &signer));
  signer_close(&signer);
}

static void grow(Cx *cx, Store *s, int n) {
  static int64_t t = INT64_C(1795408260000000);
  assert_ok(store_begin(cx, s));
  for (int i = 0; i < n; i++) {
    Entry e = an_entry("note", "x", t++);
    assert_ok(ledger_append(cx, s, &e, NULL));
  }
  assert_ok(store_commit(cx, s));
  checkpoint(cx, s);
}

static AnchorIs check(Cx *cx, Store *s, Str text) {
  Anchor a = { 0 };
  if (ledger_anchor_check(cx, s, text, &a) != E_OK) { cx_forgive(cx); return (AnchorIs)99; }
  return a.is;
}

/* ---- paper ------------------------------------------------------------------------------------------------------- */

static Str paper(Cx *cx, Str origin, int64_t size, Hash root) {
  Str hex = str_upper(cx->arena, hash_hex(cx->arena, root));
  Buf b = buf_new(cx->arena, 4096);
  buf_fmt(&b, "  Origin: %.*s \r\n\nSize: %lld entries\nRoot: ", STR(origin), (long long)size);
  for (size_t i = 0; i < 64; i += 16) buf_fmt(&b, "%.16s%s", hex.p + i, i == 16 ? "\n   " : " ");
  buf_z(&b, "\nSigned by hand: A. N. Other\n");
  return buf_str(&b);
}

static void t_anchor_a_printed_checkpoint_is_typed_in_again(void **state) {
  (void)state;
  AUTO(Cx) cx = cx_new(64 << 20);
  Store *s = opened(&cx);
  TreeHead head;
  Str note, origin;
  assert_ok(ledger_origin(&cx, s, &origin));
  assert_ok(ledger_last_checkpoint(&cx, s, &head, &note));
  assert_int_equal(check(&cx, s, note), ANCHOR_SAME);
  Str typed = paper(&cx, origin, head.size, head.root);
  assert_int_equal(check(&cx, s, typed), ANCHOR_SAME);
  Hash other = head.root;
  other.b[31] ^= 1;
  assert_int_equal(check(&cx, s, paper(&cx, origin, head.size, other)), ANCHOR_OTHER_ROOT);
  assert_int_equal(check(&cx, s, paper(&cx, origin, head.size - 1, head.root)), ANCHOR_OTHER_ROOT);
  assert_int_equal(check(&cx, s, paper(&cx, origin, 400, head.root)), ANCHOR_NEWER);
  assert_int_equal(check(&cx, s, paper(&cx, S("proofline/x/1"), head.size, head.root)), ANCHOR_OTHER_LOG);
  for (size_t cut = 0; cut < typed.n; cut++) {
    AnchorIs is = check(&cx, s, str_slice(typed, 0, cut));
    assert_true(is == (AnchorIs)99 || is == ANCHOR_SAME || is == ANCHOR_OTHER_LOG);
  }
  size_t same = 0;
  for (size_t i = 0; i < note.n * 8; i++) {   /* a checkpoint with any bit turned over is no witness */
    char *bytes = str_z(cx.arena, note);
    bytes[i / 8] = (char)(bytes[i / 8] ^ (1 << i % 8));
    same += check(&cx, s, (Str){ bytes, note.n }) == ANCHOR_SAME;
  }
  assert_int_equal(same, 0);
  store_close(s);
}

static void t_anchor_receipts_hold(void **state) {
  (void)state;
  AUTO(Cx) cx = cx_new(64 << 20);
  Store *s = opened(&cx);
  Str receipt;
  for (int64_t seq = 0; seq < 15; seq++) {
    assert_ok(ledger_receipt(&cx, s, seq, &receipt));
    assert_int_equal(check(&cx, s, receipt), ANCHOR_SAME);
  }
  assert_int_equal(ledger_receipt(&cx, s, 15, &receipt), E_CONFLICT);
  store_close(s);
}

/* ---- the second folder ------------------------------------------------------------------------------------------- */

static size_t archive_findings(Cx *cx, Store *s, const char *dir) {
  VerifyReport r = { 0 };
  cx_forgive(cx);
  assert_ok(ledger_archive_verify(cx, s, dir, &r));
  return r.findings.n;
}

static void t_anchor_an_archive_grows_and_is_compared(void **state) {
  (void)state;
  AUTO(Cx) cx = cx_new(64 << 20);
  Store *s = opened(&cx);
  const char *dir = str_fmt(cx.arena, "%s/archive", bad).p;
  int64_t size;
  struct stat st;
  static const int steps[] = { 0, 1, 239, 1, 1, 300, 700 };   /* over one tile, exactly full ones, many */
  for (size_t i = 0; i < COUNT(steps); i++) {
    if (steps[i]) grow(&cx, s, steps[i]);
    assert_ok(ledger_archive(&cx, s, dir, &size));
    assert_int_equal(archive_findings(&cx, s, dir), 0);
  }
  assert_int_equal(size, 15 + 1242);
  assert_int_equal(stat(str_fmt(cx.arena, "%s/tile/0/003", dir).p, &st), 0);
  assert_int_equal(st.st_size, 256 * 32);
  assert_int_equal(stat(str_fmt(cx.arena, "%s/tile/0/004.p/233", dir).p, &st), 0);
  assert_int_equal(stat(str_fmt(cx.arena, "%s/tile/1/000.p/4", dir).p, &st), 0);
  assert_false(file_exists(str_fmt(cx.arena, "%s/tile/entries/000.p/15", dir).p));
  const char *path = str_fmt(cx.arena, "%s/tile/entries/002", dir).p;
  Str bytes;
  assert_ok(file_read(&cx, path, 4 << 20, &bytes));
  char *changed = str_z(cx.arena, bytes);
  changed[77] ^= 4;
  assert_int_equal(chmod(path, 0600), 0);
  assert_ok(file_write(&cx, path, (Str){ changed, bytes.n }, 0600));
  assert_int_equal(archive_findings(&cx, s, dir), 1);
  assert_ok(file_write(&cx, path, bytes, 0600));
  store_close(s);
  /* the folder of the day before, key and head of the signer put back with it: only the archive remembers */
  copy_store(&cx);
  copy_file(&cx, good, bad, "signer/key");
  assert_ok(store_open(&cx, bad, STORE_WRITE, &s));
  assert_ok(ledger_open(&cx, s));
  assert_ok(ledger_continues(&cx, s));
  assert_int_equal(archive_findings(&cx, s, dir), 1);
  assert_int_equal(ledger_archive(&cx, s, dir, &size), E_INTEGRITY);
  assert_true(str_find(cx.words, S("rolled back")) != SIZE_MAX);
  store_close(s);
}

/* ---- timestamps -------------------------------------------------------------------------------------------------- */

static Err ask(Cx *cx, Store *s, Timestamp *t) {
  Entry e = an_entry("", "", T0 + 2 * US_PER_DAY);
  TRY(store_begin(cx, s));
  Err err = ledger_timestamp_ask(cx, s, &e, t);
  if (err == E_OK) return store_commit(cx, s);
  store_rollback(s);
  return err;
}

static Err take(Cx *cx, Store *s, Str reply, Str ca, Timestamp *t) {
  Entry e = an_entry("", "", T0 + 3 * US_PER_DAY);
  TRY(store_begin(cx, s));
  Err err = ledger_timestamp_take(cx, s, reply, ca, &e, t);
  if (err == E_OK) return store_commit(cx, s);
  store_rollback(s);
  return err;
}

/* Each byte altered: refused, but for the few that CMS does not sign (letters of a name in the other case), which leave
 * time and authority as they were. */
static void altered_replies_prove_nothing_else(Cx *cx, Str request, Str reply, Str ca) {
  Stamp was, stamp;
  size_t accepted = 0;
  assert_true(timestamp_check(cx->arena, request, reply, ca, &was));
  for (size_t i = 0; i < reply.n; i++) {
    ArenaMark mark = arena_mark(cx->arena);
    char *bytes = str_z(cx->arena, reply);
    bytes[i] = (char)(bytes[i] ^ 0x20);
    if (timestamp_check(cx->arena, request, (Str){ bytes, reply.n }, ca, &stamp)) {
      accepted++;
      assert_int_equal(stamp.at_us, was.at_us);
      assert_true(str_eq_nocase(stamp.authority, was.authority));
    }
    arena_release(cx->arena, mark);
  }
  assert_true(accepted < reply.n / 20);
}

/* Once it is taken the log vouches for each of its bytes. */
static void altered_rows_are_found(Cx *cx) {
  static const char *const edits[] = {
    "UPDATE timestamp SET told = told || '!'", "UPDATE timestamp SET reply = NULL",
    "UPDATE timestamp SET request = x'00'", "UPDATE timestamp SET size = 12",
    "UPDATE timestamp SET reply = CAST(substr(reply, 1, 692) || x'74' || substr(reply, 694) AS BLOB)",
  };
  Str sound;
  const char *path = str_fmt(cx->arena, "%s/proofline.db", bad).p;
  for (size_t i = 0; i < COUNT(edits); i++) {
    sqlite3 *h = NULL;
    VerifyReport report = { 0 };
    assert_ok(file_read(cx, path, 64 << 20, &sound));
    assert_int_equal(sqlite3_open(path, &h), SQLITE_OK);
    (void)sqlite3_db_config(h, SQLITE_DBCONFIG_ENABLE_TRIGGER, 0, NULL);
    assert_int_equal(sqlite3_exec(h, edits[i], NULL, NULL, NULL), SQLITE_OK);
    assert_int_equal(sqlite3_close(h), SQLITE_OK);
    assert_ok(verify_bad(cx, &report));
    assert_int_equal(report.findings.n, 1);
    assert_true(str_eq(report.findings.p[0].kind, S("timestamp")));
    assert_ok(file_write(cx, path, sound, 0600));
  }
}

static void t_anchor_a_timestamp_waits_for_its_reply(void **state) {
  (void)state;
  AUTO(Cx) cx = cx_new(512 << 20);
  Store *s = opened(&cx);
  Tsa tsa, stranger;
  tsa_make(&tsa);
  tsa_make(&stranger);
  Timestamp t = { 0 }, again = { 0 };
  Str ca = tsa_root(cx.arena, &tsa);
  assert_ok(ask(&cx, s, &t));
  assert_ok(ask(&cx, s, &again));
  assert_true(str_eq(t.request, again.request));
  Str reply = tsa_reply(cx.arena, &tsa, t.request);
  assert_int_equal(take(&cx, s, tsa_reply(cx.arena, &stranger, t.request), ca, &t), E_INVALID);
  cx_forgive(&cx);
  Str other;
  assert_ok(timestamp_request(&cx, sha256(S("another")), &other));
  assert_int_equal(take(&cx, s, tsa_reply(cx.arena, &tsa, other), ca, &t), E_INVALID);
  altered_replies_prove_nothing_else(&cx, t.request, reply, ca);
  cx_forgive(&cx);
  assert_ok(take(&cx, s, reply, ca, &t));
  assert_true(str_find(t.told, S("Test authority")) != SIZE_MAX);
  assert_true(t.stamped_us > T0 - 3650 * US_PER_DAY);
  assert_int_equal(take(&cx, s, reply, ca, &t), E_INVALID);   /* nothing waits any more */
  cx_forgive(&cx);
  VerifyReport report;
  checkpoint(&cx, s);
  assert_ok(verify_bad(&cx, &report));
  print_findings(&report);
  assert_int_equal(report.findings.n, 0);
  store_close(s);
  altered_rows_are_found(&cx);
  tsa_drop(&tsa);
  tsa_drop(&stranger);
}

int main(void) {
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(t_anchor_a_printed_checkpoint_is_typed_in_again),
    cmocka_unit_test(t_anchor_receipts_hold),
    cmocka_unit_test(t_anchor_an_archive_grows_and_is_compared),
    cmocka_unit_test(t_anchor_a_timestamp_waits_for_its_reply),
  };
  return cmocka_run_group_tests_name("anchor", tests, make_store, drop_store);
}
