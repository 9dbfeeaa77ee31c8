/* fixture.h - a small log for the tests: two records, a fact, reasons, a blob, three checkpoints. */
#pragma once
#include "inside.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>
#undef fail   /* cmocka has a macro of that name */

#define INSTANCE "6f1c2c9e-3a56-4e0b-9b5e-0d8f3c1a7b42"
#define assert_str(a, z)                                                                                             \
  do {                                                                                                               \
    Str s_ = (a);                                                                                                    \
    assert_int_equal(s_.n, strlen(z));                                                                               \
    assert_memory_equal(s_.p, z, s_.n);                                                                              \
  } while (0)
#define assert_ok(call) assert_int_equal((call), E_OK)
static const int64_t T0 = INT64_C(1795321860000000);   /* 2026-11-22T04:31:00Z */

static const Migration part_steps[] = { { "kit.1",
                                          "CREATE TABLE kit_part (kit TEXT, name TEXT, n INTEGER, note BLOB)" } };
static const Sql kit_add = { "kit.add", "INSERT INTO kit_part (kit, name, n, note) VALUES (?1, ?2, ?3, ?4)", NULL };
static const Sql kit_rows = { "kit.rows", "SELECT name, n, note FROM kit_part WHERE kit = ?1 ORDER BY name, n", NULL };
static const Sql kit_keys = { "kit.keys", "SELECT DISTINCT kit FROM kit_part ORDER BY kit", NULL };
static const Fact kit_facts[] = { { "kit", &kit_rows, &kit_keys } };
static const char *const kit_tables[] = { "kit_part" };
static const VerifyPart kit_part = { "kit", kit_facts, 1, NULL, kit_tables, 1, part_steps, 1 };

static inline Entry an_entry(const char *act, const char *obj, int64_t t_us) {
  return (Entry){ .act = str_of(act),
                  .actor = S("U000001"),
                  .auth = S("session"),
                  .obj = str_of(obj),
                  .source = S("web"),
                  .request = S("0000000000000001"),
                  .t_us = t_us };
}

static inline Err save(Cx *cx, Store *s, const char *record, int64_t rev, int64_t t_us) {
  Str body = str_fmt(cx->arena, "{\"id\":\"%s\",\"rev\":%lld,\"title\":\"Pump \\\"A\\\" stops\",\"type\":\"threat\"}",
                     record, (long long)rev);
  Entry e = an_entry("record.save", "", t_us);
  e.reason = S("Found in the review of 22 November");
  Revision r = { .record = str_of(record), .type = S("threat"), .rev = rev, .body = body };
  return ledger_revise(cx, s, &r, &e, NULL);
}

static inline Err add_kit(Cx *cx, Store *s, const char *kit, int64_t n, int64_t t_us) {
  Entry e = an_entry("kit.add", "", t_us);
  TRY(store_run(cx, s, &kit_add, ARGS(v_text(str_of(kit)), v_text(S("valve")), v_int(n), v_bytes(S("\0x"))), NULL));
  return ledger_fact_entry(cx, s, &kit_facts[0], str_of(kit), &e, NULL);
}

/* Four entries: a revision, an action without content, a fact, a second revision. */
static inline Err four(Cx *cx, Store *s, int round) {
  int64_t t = T0 + round * 10 * US_PER_S;
  Entry e = an_entry("refused", "T-001", t + 1);
  TRY(store_begin(cx, s));
  Err err = save(cx, s, "T-001", 2 * round + 1, t);
  if (err == E_OK) err = ledger_append(cx, s, &e, NULL);
  if (err == E_OK) err = add_kit(cx, s, "K1", round, t + 2);
  if (err == E_OK) err = save(cx, s, "T-001", 2 * round + 2, t + 3);
  if (err == E_OK) return store_commit(cx, s);
  store_rollback(s);
  return err;
}

/* A new log in folder with its signer's key; not yet an entry. */
static inline Store *new_log(Cx *cx, const char *folder, const char *instance) {
  Store *s = NULL;
  Str origin;
  assert_ok(crypto_start(cx));
  assert_ok(store_open(cx, folder, STORE_CREATE, &s));
  assert_ok(store_begin(cx, s));
  assert_ok(ledger_create(cx, s, str_of(instance)));
  assert_ok(store_migrate(cx, s, part_steps, COUNT(part_steps)));
  assert_ok(store_commit(cx, s));
  assert_ok(ledger_origin(cx, s, &origin));
  assert_ok(signer_create(cx, folder, origin));
  return s;
}

static inline void remove_folder(Cx *cx, const char *folder) {
  if (file_exists(folder)) (void)folder_remove(cx, folder);
}
