/* The store: modes, locks, transactions, failures, migrations, catalogue, backup. */
#define _GNU_SOURCE   /* unshare */
#include "store/store.h"
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>
#include <sched.h>
#include <cmocka.h>
#undef fail   /* cmocka has a macro of that name */

#define assert_str(a, z)                                                                                             \
  do {                                                                                                               \
    Str s_ = (a);                                                                                                    \
    assert_int_equal(s_.n, strlen(z));                                                                               \
    assert_memory_equal(s_.p, z, s_.n);                                                                              \
  } while (0)
#define assert_ok(call) assert_int_equal((call), E_OK)

static const Migration steps[] = {
  { "demo.1", "CREATE TABLE item (id INTEGER PRIMARY KEY, name TEXT UNIQUE, bytes BLOB)" },
  { "demo.2", "CREATE TABLE part (a TEXT, b INTEGER); CREATE TRIGGER part_kept BEFORE DELETE ON part "
              "BEGIN SELECT RAISE(ABORT, 'kept'); END" },
};
static const Sql add = { "demo.add", "INSERT INTO item (id, name, bytes) VALUES (?1, ?2, ?3)", NULL };
static const Sql count = { "demo.count", "SELECT count(*) FROM item", NULL };
static const Sql all = { "demo.all", "SELECT id, name, bytes FROM item ORDER BY id", NULL };
static const Sql part_add = { "demo.part_add", "INSERT INTO part (a, b) VALUES (?1, ?2)", NULL };
static const Sql part_drop = { "demo.part_drop", "DELETE FROM part", NULL };

static char folder[64];

static int make_folder(void **state) {
  (void)state;
  (void)snprintf(folder, sizeof folder, "/tmp/store_test.XXXXXX");
  return mkdtemp(folder) ? 0 : 1;
}

static int drop_folder(void **state) {
  (void)state;
  static const char *const names[] = { "proofline.db", "proofline.db-wal", "proofline.db-shm", "proofline.lock",
                                       "copy.db",      "copy.db-wal",      "copy.db-shm",      "full/proofline.db" };
  char path[128];
  for (size_t i = 0; i < COUNT(names); i++) {
    (void)snprintf(path, sizeof path, "%s/%s", folder, names[i]);
    (void)unlink(path);
  }
  return rmdir(folder);
}

static Store *opened(Cx *cx, StoreMode mode) {
  Store *s = NULL;
  Err e = store_open(cx, folder, mode, &s);
  if (e != E_OK) print_message("%.*s\n", STR(cx->words));
  assert_ok(e);
  assert_ok(store_migrate(cx, s, steps, COUNT(steps)));
  return s;
}

static int64_t items(Cx *cx, Store *s) {
  int64_t n = -1;
  assert_ok(store_int(cx, s, &count, NO_ARGS, -1, &n));
  return n;
}

static Err add_item(Cx *cx, Store *s, int64_t id) {
  Str name = str_fmt(cx->arena, "name-%lld", (long long)id);
  return store_run(cx, s, &add, ARGS(v_int(id), v_text(name), v_bytes(S("\0\xff bytes"))), NULL);
}

static void modes_and_the_lock(void **state) {
  (void)state;
  AUTO(Cx) cx = cx_new(8 << 20);
  Store *s = NULL, *other = NULL;
  assert_int_equal(store_open(&cx, folder, STORE_WRITE, &s), E_NOTFOUND);
  assert_true(str_find(cx.words, S("proofline init")) != SIZE_MAX);
  cx_forgive(&cx);
  assert_int_equal(store_open(&cx, folder, STORE_READ, &s), E_NOTFOUND);
  cx_forgive(&cx);
  s = opened(&cx, STORE_CREATE);
  assert_int_equal(store_open(&cx, folder, STORE_WRITE, &other), E_BUSY);
  assert_true(str_find(cx.words, str_fmt(cx.arena, "Process %d ", (int)getpid())) != SIZE_MAX);
  cx_forgive(&cx);
  store_close(s);
  assert_int_equal(store_open(&cx, folder, STORE_CREATE, &other), E_CONFLICT);
  cx_forgive(&cx);
  struct stat st;
  assert_int_equal(stat(str_fmt(cx.arena, "%s/proofline.db", folder).p, &st), 0);
  assert_int_equal(st.st_mode & 0777, 0600);
  assert_int_equal(stat(str_fmt(cx.arena, "%s/proofline.db-wal", folder).p, &st),
                   -1); /* a closed writer leaves one file */
  s = opened(&cx, STORE_READ);                                                            /* no writer, no log file */
  assert_int_equal(items(&cx, s), 0);
  assert_int_equal(store_begin(&cx, s), E_BUG);
  cx_forgive(&cx);
  store_close(s);
}

/* Another process opens the store while the writer has committed and not yet checkpointed. */
/* What a killed writer began has its lock for a moment more. */
static void a_lock_outlives_its_holder(void **state) {
  (void)state;
  AUTO(Cx) cx = cx_new(1 << 20);
  Store *s = opened(&cx, STORE_CREATE);
  store_close(s);
  pid_t holder = fork();
  if (holder == 0) {
    if (store_open(&cx, folder, STORE_WRITE, &s) != E_OK) _exit(1);
    if (fork() == 0) (void)usleep(200000);
    _exit(0);
  }
  int status;
  assert_int_equal(waitpid(holder, &status, 0), holder);
  assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 0);
  assert_ok(store_open(&cx, folder, STORE_WRITE, &s));
  store_close(s);
}

static void readers_see_commits_of_a_running_writer(void **state) {
  (void)state;
  AUTO(Cx) cx = cx_new(8 << 20);
  Store *s = opened(&cx, STORE_CREATE);
  assert_ok(store_begin(&cx, s));
  assert_ok(add_item(&cx, s, 1));
  assert_ok(store_commit(&cx, s));
  assert_ok(store_begin(&cx, s));
  assert_ok(add_item(&cx, s, 2));      /* not committed */
  pid_t child = fork();
  if (child == 0) {
    AUTO(Cx) mine = cx_new(8 << 20);
    Store *r = NULL;
    int64_t n = 0;
    if (store_open(&mine, folder, STORE_READ, &r) != E_OK || store_int(&mine, r, &count, NO_ARGS, -1, &n) != E_OK)
      _exit(99);
    store_close(r);
    _exit((int)n);
  }
  int status;
  waitpid(child, &status, 0);
  assert_int_equal(WEXITSTATUS(status), 1);
  Store *r = opened(&cx, STORE_READ);
  assert_ok(store_view(&cx, r));
  assert_int_equal(items(&cx, r), 1);
  assert_ok(store_commit(&cx, s));
  assert_int_equal(items(&cx, r), 1);  /* one state until the view ends */
  store_unview(r);
  assert_int_equal(items(&cx, r), 2);
  store_close(s);                      /* the writer goes first */
  assert_int_equal(items(&cx, r), 2);
  store_close(r);
}

static void savepoints_and_rows(void **state) {
  (void)state;
  AUTO(Cx) cx = cx_new(8 << 20);
  Store *s = opened(&cx, STORE_CREATE);
  assert_int_equal(add_item(&cx, s, 1), E_BUG);          /* outside a transaction */
  cx_forgive(&cx);
  assert_ok(store_begin(&cx, s));
  assert_ok(add_item(&cx, s, 1));
  assert_ok(store_savepoint(&cx, s));
  assert_ok(add_item(&cx, s, 2));
  assert_ok(store_savepoint(&cx, s));
  assert_ok(add_item(&cx, s, 3));
  assert_int_equal(add_item(&cx, s, 3), E_CONFLICT);
  cx_forgive(&cx);
  store_undo(s);
  assert_ok(store_release(&cx, s));
  assert_ok(store_savepoint(&cx, s));
  assert_ok(store_run(&cx, s, &part_add, ARGS(v_text(S("b")), v_int(2)), NULL));
  assert_ok(store_run(&cx, s, &part_add, ARGS(v_text(S("a")), v_null()), NULL));
  assert_int_equal(store_run(&cx, s, &part_drop, NO_ARGS, NULL), E_BUG);
  cx_forgive(&cx);
  assert_ok(store_release(&cx, s));
  assert_ok(store_commit(&cx, s));
  AUTO(Rows) r = { 0 };
  bool got;
  assert_ok(store_rows(&cx, s, &all, NO_ARGS, &r));
  assert_ok(rows_next(&cx, &r, &got));
  AUTO(Rows) again = { 0 };                               /* the same statement, while the first is in use */
  assert_ok(store_rows(&cx, s, &all, NO_ARGS, &again));
  assert_ok(rows_next(&cx, &again, &got));
  assert_int_equal(row_int(&r, 0), 1);
  assert_str(row_text(&again, 1), "name-1");
  assert_int_equal(row_bytes(&r, 2).n, 8);
  assert_ok(rows_next(&cx, &r, &got));
  assert_int_equal(row_int(&r, 0), 2);
  assert_ok(rows_next(&cx, &r, &got));
  assert_false(got);
  assert_ok(store_table_rows(&cx, s, S("part"), &r));     /* no key: by all columns */
  assert_ok(rows_next(&cx, &r, &got));
  assert_str(row_text(&r, 0), "a");
  assert_true(row_null(&r, 1));
  Rows_drop(&r);
  Rows_drop(&again);
  assert_int_equal(store_table_rows(&cx, s, S("item\" --"), &r), E_NOTFOUND);
  store_close(s);
}

static Err two_items(Cx *cx, Store *s, int64_t id) {
  TRY(store_begin(cx, s));
  Err e = add_item(cx, s, id);
  if (e == E_OK) e = store_savepoint(cx, s);
  if (e == E_OK) e = add_item(cx, s, id + 1);
  if (e == E_OK) e = store_release(cx, s);
  if (e == E_OK) return store_commit(cx, s);
  store_rollback(s);
  return e;
}

static void any_failing_call_leaves_nothing_half_written(void **state) {
  (void)state;
  AUTO(Cx) cx = cx_new(8 << 20);
  Store *s = opened(&cx, STORE_CREATE);
  store_fault(s, FAULT_ANY, 0, E_OK, false);
  assert_ok(two_items(&cx, s, 1));
  uint64_t calls = store_calls(s);
  assert_true(calls >= 6);
  for (int sticky = 0; sticky < 2; sticky++) {
    for (uint64_t n = 1; n <= calls; n++) {
      store_fault(s, FAULT_ANY, n, E_FULL, sticky);
      assert_int_equal(two_items(&cx, s, 10), E_FULL);
      cx_forgive(&cx);
      store_fault(s, FAULT_ANY, 0, E_OK, false);
      assert_int_equal(items(&cx, s), 2);
    }
  }
  assert_ok(two_items(&cx, s, 10));
  store_close(s);
}

/* Writes beyond a file size limit fail with EFBIG, which is an I/O error and not a full disk. */
static void an_io_error_while_writing_ends_the_process(void **state) {
  (void)state;
  AUTO(Cx) cx = cx_new(8 << 20);
  Store *s = opened(&cx, STORE_CREATE);
  assert_ok(two_items(&cx, s, 1));
  store_close(s);
  pid_t child = fork();
  if (child == 0) {
    (void)close(2);
    (void)signal(SIGABRT, SIG_DFL);
    (void)signal(SIGXFSZ, SIG_IGN);
    Store *w = opened(&cx, STORE_WRITE);
    struct rlimit small = { 20000, 20000 }, none = { 0, 0 };
    (void)setrlimit(RLIMIT_FSIZE, &small);
    (void)setrlimit(RLIMIT_CORE, &none);
    for (int64_t id = 10; id < 1000; id += 2)
      if (two_items(&cx, w, id) != E_OK) _exit(1);
    _exit(0);
  }
  int status;
  waitpid(child, &status, 0);
  assert_true(WIFSIGNALED(status));
  assert_int_equal(WTERMSIG(status), SIGABRT);
  s = opened(&cx, STORE_WRITE);
  assert_true(items(&cx, s) >= 2);
  assert_int_equal(items(&cx, s) % 2, 0);
  store_close(s);
}

/* Every row whose commit was told over the pipe is there after a kill. */
static void acknowledged_commits_survive_kill(void **state) {
  (void)state;
  AUTO(Cx) cx = cx_new(8 << 20);
  store_close(opened(&cx, STORE_CREATE));
  int64_t next = 1;
  for (int round = 0; round < 20; round++) {
    int fd[2];
    assert_int_equal(pipe(fd), 0);
    pid_t child = fork();
    if (child == 0) {
      Store *w = opened(&cx, STORE_WRITE);
      for (int64_t id = next;; id += 2) {
        if (two_items(&cx, w, id) != E_OK || write(fd[1], &id, sizeof id) != sizeof id) _exit(1);
        cx_reset(&cx);
      }
    }
    (void)close(fd[1]);
    (void)usleep((useconds_t)(20000 + round * 3000));
    (void)kill(child, SIGKILL);
    waitpid(child, NULL, 0);
    int64_t told = next - 2, id;
    while (read(fd[0], &id, sizeof id) == sizeof id) told = id;
    (void)close(fd[0]);
    Store *s = opened(&cx, STORE_WRITE);
    int64_t n = items(&cx, s);
    assert_int_equal(n % 2, 0);
    assert_true(n >= told + 1);
    next = n + 1;
    Str *found;
    size_t nfound;
    assert_ok(store_self_check(&cx, s, (TableNames){ 0 }, &found, &nfound));
    assert_int_equal(nfound, 0);
    store_close(s);
  }
}

/* In a child with its own mounts: fills 1 MiB, frees, goes on.  Exit 0 good, 77 no right to mount. */
static int fill_a_small_disk(void) {
  AUTO(Cx) cx = cx_new(64 << 20);
  if (unshare(CLONE_NEWNS) != 0 || mount("none", "/", NULL, MS_REC | MS_PRIVATE, NULL) != 0) return 77;
  if (mount("tmpfs", folder, "tmpfs", 0, "size=1m") != 0) return 77;
  Store *s = opened(&cx, STORE_CREATE);
  int64_t stored = 0;
  Err e = E_OK;
  while ((e = two_items(&cx, s, stored + 1)) == E_OK) stored += 2;
  if (e != E_FULL || stored < 100) return 2;
  for (int again = 0; again < 3; again++) {
    cx_forgive(&cx);
    if (two_items(&cx, s, stored + 1) != E_FULL) return 3;
  }
  cx_forgive(&cx);
  if (items(&cx, s) != stored) return 4;
  if (mount("tmpfs", folder, "tmpfs", MS_REMOUNT, "size=8m") != 0) return 77;
  if (two_items(&cx, s, stored + 1) != E_OK || items(&cx, s) != stored + 2) return 5;
  store_close(s);
  s = opened(&cx, STORE_WRITE);
  return items(&cx, s) == stored + 2 ? 0 : 6;
}

static void a_full_disk_leaves_the_store_usable(void **state) {
  (void)state;
  pid_t child = fork();
  if (child == 0) _exit(fill_a_small_disk());
  int status;
  waitpid(child, &status, 0);
  assert_true(WIFEXITED(status));
  if (WEXITSTATUS(status) == 77) {
    print_message("skipped: a small disk needs the right to mount\n");
    skip();
  }
  assert_int_equal(WEXITSTATUS(status), 0);
}

static void migrations_run_once_and_in_order(void **state) {
  (void)state;
  AUTO(Cx) cx = cx_new(8 << 20);
  Store *s = NULL;
  assert_ok(store_open(&cx, folder, STORE_CREATE, &s));
  assert_ok(store_migrate(&cx, s, steps, 1));
  store_close(s);
  assert_ok(store_open(&cx, folder, STORE_READ, &s));
  assert_int_equal(store_migrate(&cx, s, steps, COUNT(steps)), E_CONFIG);
  cx_forgive(&cx);
  store_close(s);
  s = opened(&cx, STORE_WRITE);
  assert_ok(store_migrate(&cx, s, steps, COUNT(steps)));
  assert_int_equal(store_migrate(&cx, s, steps, 1), E_CONFIG);    /* a store of a newer program */
  assert_true(str_find(cx.words, S("demo.2")) != SIZE_MAX);
  cx_forgive(&cx);
  static const Migration wrong[] = { { "other.1", "CREATE TABLE ok (x); CREATE TABLE broken (" } };
  assert_int_equal(store_migrate(&cx, s, wrong, 1), E_BUG);
  cx_forgive(&cx);
  Str *names;
  size_t n;
  assert_ok(store_tables(&cx, s, &names, &n));
  assert_int_equal(n, 4);
  assert_str(names[0], "blob");
  store_close(s);
}

static void the_schema_is_what_the_steps_make(void **state) {
  (void)state;
  AUTO(Cx) cx = cx_new(8 << 20);
  Store *s = opened(&cx, STORE_CREATE);
  SchemaItem *is, *ought;
  size_t nis, nought;
  assert_ok(store_schema_of(&cx, &(MigrationList){ steps, COUNT(steps) }, 1, &ought, &nought));
  assert_ok(store_schema(&cx, s, &is, &nis));
  assert_int_equal(nis, nought);
  for (size_t i = 0; i < nis; i++)
    assert_true(str_eq(is[i].name, ought[i].name) && str_eq(is[i].text, ought[i].text) &&
                str_eq(is[i].kind, ought[i].kind));
  store_close(s);
}

static void blobs_and_a_backup(void **state) {
  (void)state;
  AUTO(Cx) cx = cx_new(64 << 20);
  Store *s = opened(&cx, STORE_CREATE), *copy = NULL;
  Str hash = S("0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"), bytes;
  assert_ok(store_begin(&cx, s));
  Str big = { NEW_ARRAY(cx.arena, 5 << 20, char), 5 << 20 };
  assert_ok(blob_put(&cx, s, hash, big));
  assert_ok(blob_put(&cx, s, hash, big));
  assert_ok(store_commit(&cx, s));
  const char *path = str_fmt(cx.arena, "%s/copy.db", folder).p;
  assert_ok(store_backup(&cx, s, path));
  assert_int_equal(store_backup(&cx, s, path), E_CONFLICT);
  cx_forgive(&cx);
  store_close(s);
  assert_int_equal(rename(path, str_fmt(cx.arena, "%s/proofline.db", folder).p), 0);
  assert_ok(store_open(&cx, folder, STORE_READ, &copy));
  assert_ok(blob_get(&cx, copy, hash, &bytes));
  assert_int_equal(bytes.n, 5 << 20);
  assert_int_equal(blob_get(&cx, copy, S("none"), &bytes), E_NOTFOUND);
  store_close(copy);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, make_folder, drop_folder)

/* A bit that turns a text into bytes must be a defect to the engine: every table holds its columns to their kinds. */
static void every_table_is_strict(void **state) {
  (void)state;
  static const Migration kinds[] = {
    { "kinds.1", "CREATE TABLE k (n BIGINT, t TEXT DEFAULT ');', PRIMARY KEY (n)) WITHOUT ROWID;"
                 "CREATE TABLE IF NOT EXISTS l (n INTEGER CHECK (n IN (1, 2)))" },
  };
  static const Sql loose = { "kinds.loose",
                             "SELECT count(*) FROM pragma_table_list WHERE strict = 0 AND name NOT LIKE 'sqlite%'",
                             NULL };
  static const Sql wrong = { "kinds.wrong", "INSERT INTO k (n, t) VALUES (1, ?1)", NULL };
  AUTO(Cx) cx = cx_new(1 << 20);
  Store *s = opened(&cx, STORE_CREATE);
  assert_ok(store_migrate(&cx, s, kinds, COUNT(kinds)));
  int64_t n = -1;
  assert_ok(store_int(&cx, s, &loose, NO_ARGS, -1, &n));
  assert_int_equal(n, 0);
  assert_ok(store_begin(&cx, s));
  assert_int_not_equal(store_run(&cx, s, &wrong, ARGS(v_bytes(S("x"))), NULL), E_OK);
  store_rollback(s);
  store_close(s);
}

int main(void) {
  const struct CMUnitTest tests[] = {
    TEST(modes_and_the_lock),
    TEST(a_lock_outlives_its_holder),
    TEST(readers_see_commits_of_a_running_writer),
    TEST(savepoints_and_rows),
    TEST(any_failing_call_leaves_nothing_half_written),
    TEST(an_io_error_while_writing_ends_the_process),
    TEST(acknowledged_commits_survive_kill),
    TEST(a_full_disk_leaves_the_store_usable),
    TEST(migrations_run_once_and_in_order),
    TEST(the_schema_is_what_the_steps_make),
    TEST(blobs_and_a_backup),
    TEST(every_table_is_strict),
  };
  return cmocka_run_group_tests_name("store", tests, NULL, NULL);
}
