/* fixture.h - a company's accounts behind the real writer, for the tests of this folder. */
#pragma once
#include "people/inside.h"
#include <dirent.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sqlite3.h>
#include <unistd.h>
#include <cmocka.h>
#undef fail   /* cmocka has a macro of that name */

static Err run_read(Cx *cx, Call *c) { (void)cx; (void)c; return E_OK; }
static const ArgSpec product_arg[] = { { "product", ARG_TEXT, false, "product" } };
static const Command cmd_import = { "sbom.import", product_arg, 1, "sbom.import", run_read, "for the test" };
static const Command *commands[32];

static inline Err opened(Cx *cx, Store *s, void *env) {
  (void)env;
  TreeHead head;
  Cx probe = { .arena = cx->arena };
  if (ledger_head(&probe, s, &head) != E_OK) {
    TRY(store_begin(cx, s));
    TRY(ledger_create(cx, s, S("00000000-0000-4000-8000-000000000000")));
    TRY(store_commit(cx, s));
  }
  return store_migrate(cx, s, people_schema, people_nschema);
}

static inline Err refused(Cx *cx, Call *c, Err e, Str words) {
  int64_t seq;
  Entry entry = { .act = S("refused"),
                  .actor = c->actor,
                  .obj = str_fmt(cx->arena, "command:%s", c->command->name),
                  .to = str_of(err_slug(e)),
                  .reason = words,
                  .t_us = c->now_us };
  return ledger_append(cx, c->store, &entry, &seq);
}

static WriterHooks hooks = { .commands = commands,
                             .opened = opened,
                             .authorise = people_authorise_command,
                             .refused = refused,
                             .clock = ledger_clock };

typedef struct World {
  Cx cx;
  char folder[64];
  Settings set;
  Writer *w;
  Store *s;
  unsigned n;
  const char *address;
} World;

static const char *const good_password = "a heron stands by the mill";

static inline void ask_raw(World *t, const char *command, const char *actor, Str args, Answer *out) {
  Ask a = { .command = str_of(command), .actor = str_of(actor), .auth = S("local"), .source = S("cli"),
            .request = str_fmt(t->cx.arena, "%016x", ++t->n), .reason = S("test"), .args_json = args };
  assert_int_equal(writer_ask(&t->cx, t->w, &a, 1, out), E_OK);
}

/* args: JSON with ' for " */
static inline Answer ask(World *t, const char *command, const char *actor, const char *args) {
  Answer out = { 0 };
  ask_raw(t, command, actor, str_replace(t->cx.arena, str_of(args), '\'', '"'), &out);
  return out;
}

static inline Str phc_of(World *t, const char *password) {
  Str phc;
  assert_int_equal(people_password_new(&t->cx, &t->set, S("nobody-here"), str_of(password), &phc), E_OK);
  return phc;
}

static inline void add(World *t, const char *login, const char *roles, bool with_password) {
  Answer a;
  Str phc = with_password ? str_fmt(t->cx.arena, ",\"phc\":\"%.*s\"", STR(phc_of(t, good_password))) : S("");
  ask_raw(t, "user.add", "system",
          str_fmt(t->cx.arena, "{\"login\":\"%s\",\"name\":\"Name of %s\",\"roles\":\"%s\"%.*s}", login,
                  login, roles, STR(phc)),
          &a);
  assert_int_equal(a.err, E_OK);
}

/* U000001 administrator ada, U000002 engineer eve, U000003 auditor otto, U000004 second administrator ben. */
static inline int set_up(void **state) {
  Cx cx = cx_new(512 << 20);
  World *t = NEW(cx.arena, World);
  t->cx = cx;
  (void)snprintf(t->folder, sizeof t->folder, "/tmp/proofline-people-XXXXXX");
  assert_non_null(mkdtemp(t->folder));
  settings_default(&t->set);
  t->set.number[SET_ARGON_KIB] = 19456;
  t->set.number[SET_ARGON_PASSES] = 2;
  for (size_t i = 0; i < people_ncommands; i++) commands[i] = people_commands[i];
  commands[people_ncommands] = &cmd_import;
  hooks.ncommands = people_ncommands + 1;
  Store *s;
  assert_int_equal(store_open(&t->cx, t->folder, STORE_CREATE, &s), E_OK);
  store_close(s);
  assert_int_equal(writer_connect(&t->cx, t->folder, &t->set, &hooks, &t->w), E_OK);
  t->s = writer_store(t->w);
  t->address = "127.0.0.1";
  add(t, "ada", "administrator", true);
  add(t, "eve", "engineer viewer", true);
  add(t, "otto", "auditor", false);
  add(t, "ben", "administrator", false);
  *state = t;
  return 0;
}

static inline int tear_down(void **state) {
  World *t = *state;
  writer_close(t->w);
  DIR *d = opendir(t->folder);
  for (struct dirent *e; d && (e = readdir(d));) (void)unlinkat(dirfd(d), e->d_name, 0);
  if (d) (void)closedir(d);
  (void)rmdir(t->folder);
  Cx cx = t->cx;
  cx_free(&cx);   /* t lives in it */
  return 0;
}

static inline Who who(World *t, const char *id) {
  Who w = { 0 };
  assert_int_equal(people_who(&t->cx, t->s, str_of(id), &w), E_OK);
  return w;
}

static inline Err sign_in(World *t, const char *login, const char *password, Who *w, Str *cookie, int *wait_s) {
  cx_forgive(&t->cx);
  SignIn in = { .login = str_of(login), .password = str_of(password), .address = str_of(t->address),
                .request = str_fmt(t->cx.arena, "s%015x", ++t->n) };
  return people_sign_in(&t->cx, t->s, t->w, &t->set, &in, w, cookie, wait_s);
}

static inline Request request_with(World *t, Str set_cookie) {
  Str pair, rest;
  (void)str_cut(set_cookie, ';', &pair, &rest);
  (void)t;
  return (Request){ .header_cookie = pair };
}

static inline size_t entries_of(World *t, const char *act) {
  LogRows rows = { 0 };
  size_t n = 0;
  TreeHead head;
  assert_int_equal(ledger_head(&t->cx, t->s, &head), E_OK);
  assert_int_equal(ledger_entries(&t->cx, t->s, STR_NONE, 0, head.size, 100000, &rows), E_OK);
  for (size_t i = 0; i < rows.n; i++) n += str_eq(rows.p[i].act, str_of(act));
  return n;
}
#define EACH(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)

#define RUN(name, tests)                                                                                     \
  do {                                                                                                       \
    AUTO(Cx) cx = cx_new(1 << 16);                                                                           \
    if (crypto_start(&cx) != E_OK) return 1;                                                                 \
    return cmocka_run_group_tests_name(name, tests, NULL, NULL);                                             \
  } while (0)
