/* fixture.h - a small model and a store to try it on, for the tests of this folder. */
#pragma once
#include "inside.h"
#include <stdarg.h>
#include <setjmp.h>
#include <cmocka.h>
#undef fail
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const char *const stride[] = { "spoofing", "tampering", "denial_of_service", NULL };
static const Field product_fields[] = { { "model_name", "Model", TEXT, 0, .help = "As on the label." } };
static const Field control_fields[] = {
  { "description", "Description", LONG, REQUIRED, .help = "What it does." },
  { "refines", "Refines", LINK, 0, .to = "control", .help = "A wider control." },
};
enum {
  T_STRIDE,
  T_ACTOR,
  T_PATH,
  T_LIKELIHOOD,
  T_FOUND,
  T_REMOTE,
  T_ANALYST,
  T_TAGS,
  T_CLASSES,
  T_COMMENT,
  T_MITIGATED_BY,
  T_ABOUT
};
static const Field threat_fields[] = {
  [T_STRIDE] = { "stride", "STRIDE class", CHOICE, REQUIRED, .choices = stride },
  [T_ACTOR] = { "actor", "Actor", TEXT, 0 },
  [T_PATH] = { "path", "Attack path", LONG, 0 },
  [T_LIKELIHOOD] = { "likelihood", "Likelihood", INT, 0, 1, 5 },
  [T_FOUND] = { "order", "Found on", DATE, 0 },      /* a word of SQL, on purpose */
  [T_REMOTE] = { "remote", "Remote", BOOL, 0 },
  [T_ANALYST] = { "analyst", "Analyst", PERSON, 0 },
  [T_TAGS] = { "tags", "Tags", TEXT, MANY },
  [T_CLASSES] = { "classes", "Classes", CHOICE, MANY, .choices = stride },
  [T_COMMENT] = { "comment", "Comment", LONG, NOTE },
  [T_MITIGATED_BY] = { "mitigated_by", "Mitigated by", LINK, MANY, .to = "control" },
  [T_ABOUT] = { "about", "About", LINK, 0, .to = "*" },
};

static Err threat_check(Cx *cx, const Record *r) {
  if (r->values[T_LIKELIHOOD].set && r->values[T_LIKELIHOOD].i == 5 && !r->values[T_PATH].set)
    problem(cx, S("path"), "required", "a certain threat needs its path");
  return E_OK;
}

#define WRITERS (ROLE(ENGINEER) | ROLE(SECURITY_LEAD))
static const RecordType type_product = {
  "product",           "Product", "Products", "PRD", "design", &life_item, WRITERS, ROWS(product_fields),
  .help = "A product."
};
static const RecordType type_control = { "control", "Control", "Controls", "CTL", "risk", &life_risk, WRITERS,
                                         ROWS(control_fields), .help = "A control." };
static const RecordType type_threat = { "threat",
                                        "Threat",
                                        "Threats",
                                        "THR",
                                        "risk",
                                        &life_item,
                                        WRITERS,
                                        ROWS(threat_fields),
                                        .check = threat_check,
                                        .help = "What could go wrong." };
static const RecordType *const small_model[] = { &type_product, &type_control, &type_threat };

typedef struct Bench { Cx cx; Store *s; LifeCast cast; char folder[64]; JVal *result; } Bench;

static Err bench_fill(Bench *b) {
  Cx *cx = &b->cx;
  TRY(store_open(cx, b->folder, STORE_CREATE, &b->s));
  TRY(store_begin(cx, b->s));
  TRY(ledger_create(cx, b->s, S("5f3c2d1e-0000-4000-8000-000000000001")));
  TRY(store_commit(cx, b->s));
  TRY(store_migrate(cx, b->s, people_schema, people_nschema));
  TRY(record_create_tables(cx, b->s));
  TRY(store_begin(cx, b->s));
  TRY(record_life_cast(cx, b->s, &b->cast));
  return store_commit(cx, b->s);
}

static inline void bench_ok(Bench *b, Err e) {
  if (e != E_OK) print_error("%s: %.*s\n", err_name(e), STR(b->cx.words));
  assert_int_equal(e, E_OK);
}

static inline Bench *bench_open(const RecordType *const *types, size_t n) {
  Cx cx = cx_new(1u << 30);
  Bench *b = NEW(cx.arena, Bench);
  b->cx = cx;
  (void)snprintf(b->folder, sizeof b->folder, "/tmp/proofline-record-XXXXXX");
  assert_non_null(mkdtemp(b->folder));
  bench_ok(b, crypto_start(&b->cx));
  bench_ok(b, record_types_set(&b->cx, types, n));
  bench_ok(b, bench_fill(b));
  return b;
}

static inline void bench_close(Bench *b) {
  static const char *const files[] = { "proofline.db", "proofline.db-wal", "proofline.db-shm",
                                       "proofline.lock" };
  char path[128];
  store_close(b->s);
  for (size_t i = 0; i < COUNT(files); i++) {
    (void)snprintf(path, sizeof path, "%s/%s", b->folder, files[i]);
    (void)unlink(path);
  }
  (void)rmdir(b->folder);
  Cx cx = b->cx;
  cx_free(&cx);   /* b lives in it */
}

/* One command in a transaction of its own.  After a failure the words stay until the next call. */
static inline Err bench_do(Bench *b, const char *command, Str actor, const char *reason, Str args) {
  cx_forgive(&b->cx);
  TRY(store_begin(&b->cx, b->s));
  Err e = record_try(&b->cx, b->s, command, actor, str_of(reason), args, &b->result);
  if (e != E_OK) {
    store_rollback(b->s);
    return e;
  }
  return store_commit(&b->cx, b->s);
}
#define DO(b, command, actor, reason, ...)                                                                   \
  bench_do((b), (command), (actor), (reason), str_fmt((b)->cx.arena, __VA_ARGS__))
