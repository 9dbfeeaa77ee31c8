/* damage.h - a sound store and a copy of it that is damaged, for the tests of verify. */
#pragma once
#include "fixture.h"

static char good[64], bad[64];   /* the sound one, and the copy that is damaged */

static inline void copy_file(Cx *cx, const char *from_folder, const char *to_folder, const char *name) {
  Str bytes;
  const char *from = str_fmt(cx->arena, "%s/%s", from_folder, name).p,
             *to = str_fmt(cx->arena, "%s/%s", to_folder, name).p;
  (void)remove(to);
  assert_ok(file_read(cx, from, 64 << 20, &bytes));
  assert_ok(file_write(cx, to, bytes, 0600));
}

static inline void copy_store(Cx *cx) {
  static const char *const names[] = { "proofline.db", "signer/key.pub", "signer/head" };
  assert_ok(folder_make(cx, str_fmt(cx->arena, "%s/signer", bad).p, 0700));
  (void)remove(str_fmt(cx->arena, "%s/proofline.db-wal", bad).p);   /* of a writer that was killed */
  (void)remove(str_fmt(cx->arena, "%s/proofline.db-shm", bad).p);
  for (size_t i = 0; i < COUNT(names); i++) copy_file(cx, good, bad, names[i]);
}

static const char blob_hash[] = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";   /* of "abc" */

static inline Err erase_one(Cx *cx, Store *s) {
  Entry e = an_entry("", "", T0 + 60 * US_PER_S);
  TRY(store_begin(cx, s));
  TRY(blob_put(cx, s, str_of(blob_hash), S("abc")));
  TRY(ledger_erase_reason(cx, s, 0, &e, NULL));
  TRY(save(cx, s, "T-002", 1, T0 + 61 * US_PER_S));
  TRY(add_kit(cx, s, "K2", 7, T0 + 62 * US_PER_S));
  return store_commit(cx, s);
}

/* 15 entries, checkpoints at 4, 8, 12 and 15. */
static inline int make_store(void **state) {
  (void)state;
  AUTO(Cx) cx = cx_new(64 << 20);
  (void)snprintf(good, sizeof good, "/tmp/verify_test.XXXXXX");
  (void)snprintf(bad, sizeof bad, "/tmp/verify_bad.XXXXXX");
  if (!mkdtemp(good) || !mkdtemp(bad)) return 1;
  Store *s = new_log(&cx, good, INSTANCE);
  Signer signer;
  assert_ok(signer_fork(&cx, good, &signer));
  for (int round = 0; round < 4; round++) {
    assert_ok(round < 3 ? four(&cx, s, round) : erase_one(&cx, s));
    assert_ok(ledger_checkpoint(&cx, s, &signer));
    if (round == 1) assert_ok(store_backup(&cx, s, str_fmt(cx.arena, "%s/old.db", good).p));
  }
  signer_close(&signer);
  store_close(s);
  return 0;
}

static inline int drop_store(void **state) {
  (void)state;
  AUTO(Cx) cx = cx_new(1 << 20);
  remove_folder(&cx, good);
  remove_folder(&cx, bad);
  return 0;
}

static inline Err verify_bad(Cx *cx, VerifyReport *report) {
  Store *s = NULL;
  TRY(store_open(cx, bad, STORE_READ, &s));
  Err e = store_map(cx, s);   /* as verify of a folder reads */
  if (e == E_OK) e = ledger_verify(cx, s, &kit_part, 1, report);
  store_close(s);
  return e;
}

static inline void print_findings(const VerifyReport *r) {
  for (size_t i = 0; i < r->findings.n; i++)
    print_message("    %.*s %.*s: %.*s\n", STR(r->findings.p[i].kind), STR(r->findings.p[i].object),
                  STR(r->findings.p[i].what));
}
