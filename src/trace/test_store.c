#include "trace/test_store.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

Err test_store_open(Cx *cx, char *folder, Store **out) {
  if (!mkdtemp(folder)) return fail(cx, E_IO, "no folder");
  TRY(crypto_start(cx));
  TRY(test_model_set(cx));
  TRY(store_open(cx, folder, STORE_CREATE, out));
  TRY(store_begin(cx, *out));
  TRY(ledger_create(cx, *out, S("5f3c2d1e-0000-4000-8000-000000000001")));
  TRY(store_commit(cx, *out));
  TRY(store_migrate(cx, *out, people_schema, people_nschema));
  return record_create_tables(cx, *out);
}

void test_store_close(Store *s, const char *folder) {
  static const char *const files[] = { "proofline.db", "proofline.db-wal", "proofline.db-shm",
                                       "proofline.lock" };
  char path[160];
  store_close(s);
  for (size_t i = 0; i < COUNT(files); i++) {
    (void)snprintf(path, sizeof path, "%s/%s", folder, files[i]);
    (void)unlink(path);
  }
  (void)rmdir(folder);
}

Err test_store_command(Cx *cx, Store *s, const char *name, Str args, const char *reason) {
  const Command *command = NULL;
  for (size_t i = 0; i < nrecord_commands; i++)
    if (strcmp(record_commands[i].name, name) == 0) command = &record_commands[i];
  Buf b = buf_new(cx->arena, 64 << 20);
  JsonOut o = json_out(&b, false);
  Call call = { .store = s,
                .command = command,
                .actor = S("system"),
                .auth = S("none"),
                .source = S("system"),
                .request = S("0123456789abcdef"),
                .reason = str_of(reason),
                .result = &o };
  TRY(json_read(cx, args, &JSON_DOCUMENT, &call.args));
  TRY(ledger_clock(cx, s, &call.now_us));
  json_object(&o);
  TRY(store_begin(cx, s));
  Err e = command->run(cx, &call);
  if (e != E_OK) { store_rollback(s); return e; }
  return store_commit(cx, s);
}

static const char *const strides[] = { "spoofing", "tampering", "denial_of_service" };
static const char *const levels[] = { "low", "medium", "high" };

static void add_group(Buf *b, size_t i) {
  Str before = i > 1 ? str_fmt(b->arena, ",\"CTL-%zu\"", i - 1) : S("");
  buf_fmt(b,
          "{\"id\":\"REQ-%zu\",\"type\":\"requirement\",\"input\":{\"title\":\"Requirement "
          "%zu\",\"statement\":\"The pump shall "
          "refuse a command of kind %zu that it does not know.\"}},",
          i, i, i % 97);
  buf_fmt(b,
          "{\"id\":\"CTL-%zu\",\"type\":\"control\",\"input\":{\"title\":\"Control "
          "%zu\",\"side_effect\":\"Delay of %zu s\","
          "\"implements\":[\"REQ-%zu\"]}},",
          i, i, i % 60, i);
  buf_fmt(b,
          "{\"id\":\"THR-%zu\",\"type\":\"threat\",\"input\":{\"title\":\"Threat %zu against the "
          "rate\",\"stride\":\"%s\","
          "\"severity\":\"%s\",\"score\":%zu,\"path\":\"Somebody sends a frame of kind %zu, waits, and sends "
          "it again until the "
          "pump believes it.\",\"mitigated_by\":[\"CTL-%zu\"%.*s]}},",
          i, i, strides[i % 3], levels[i % 3], i % 101, i % 89, i, STR(before));
  buf_fmt(b,
          "{\"id\":\"TST-%zu\",\"type\":\"test_case\",\"input\":{\"title\":\"Test "
          "%zu\",\"verifies\":[\"REQ-%zu\"]}},",
          i, i, i);
  buf_fmt(b,
          "{\"id\":\"TRU-%zu\",\"type\":\"test_run\",\"input\":{\"title\":\"Run "
          "%zu\",\"result\":\"%s\",\"run_on\":\"2026-11-01\","
          "\"executes\":[\"TST-%zu\"]}}",
          i, i, i % 7 ? "pass" : "fail", i);
}

Err test_store_load(Cx *cx, Store *s, size_t first, size_t n) {
  for (size_t done = 0; done < n;) {
    ArenaMark mark = arena_mark(cx->arena);
    Buf b = buf_new(cx->arena, 64 << 20);
    buf_z(&b, "{\"rows\":[");
    for (size_t k = 0; k < 200 && done < n; k++, done++) {
      if (k) buf_byte(&b, ',');
      add_group(&b, first + done);
    }
    buf_z(&b, "]}");
    TRY(test_store_command(cx, s, "record.load", buf_str(&b), "made for a test"));
    arena_release(cx->arena, mark);
  }
  return E_OK;
}
