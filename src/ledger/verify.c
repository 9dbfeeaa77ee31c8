/* verify: what is stored against what can be recomputed.  This file: the whole, the catalogue and the facts. */
#include "inside.h"
#include "ledger.sql.h"
#include <errno.h>
#include <stdarg.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

enum { FINDINGS_MAX = 10000, SCRATCH_BYTES = 512 * 1024 * 1024, APART_BYTES = 16 * 1024 * 1024 };

void verify_find(Cx *cx, VerifyReport *r, const char *kind, Str object, const char *fmt, ...) {
  if (r->findings.n > FINDINGS_MAX) return;
  if (r->findings.n == FINDINGS_MAX) {
    vec_add(cx->arena, &r->findings,
            (Finding){ S("store"), S("findings"), S("there are more findings than are listed") });
    return;
  }
  va_list args;
  va_start(args, fmt);
  Str what = str_vfmt(cx->arena, fmt, args);
  va_end(args);
  vec_add(cx->arena, &r->findings, (Finding){ str_of(kind), str_dup(cx->arena, object), what });
}

/* ---- catalogue ------------------------------------------------------------------------------------------------- */

static const char *const own_tables[] = { "blob", "checkpoint", "entry",         "epoch",    "ledger_meta", "node",
                                          "reason", "revision", "store_version", "timestamp" };

static bool named(Str name, const char *const *names, size_t n) {
  for (size_t i = 0; i < n; i++)
    if (str_eq(name, str_of(names[i]))) return true;
  return false;
}

static bool table_answered(const Verify *v, Str name) {
  if (named(name, own_tables, COUNT(own_tables))) return true;
  for (size_t i = 0; i < v->nparts; i++)
    if (named(name, v->parts[i].tables, v->parts[i].ntables)) return true;
  return false;
}

static bool among(Str name, const Str *names, size_t n) {
  for (size_t i = 0; i < n; i++)
    if (str_eq(name, names[i])) return true;
  return false;
}

static Err verify_tables(Cx *cx, Verify *v) {
  Str *names;
  size_t n;
  TRY(store_tables(cx, v->s, &names, &n));
  v->r->tables = (int64_t)n;
  for (size_t i = 0; i < n; i++)
    if (!table_answered(v, names[i])) verify_find(cx, v->r, "table", names[i], "nothing in Proofline made this table");
  for (size_t i = 0; i < COUNT(own_tables); i++)
    if (!among(str_of(own_tables[i]), names, n))
      verify_find(cx, v->r, "table", str_of(own_tables[i]), "the table is gone");
  for (size_t p = 0; p < v->nparts; p++)
    for (size_t i = 0; i < v->parts[p].ntables; i++)
      if (!among(str_of(v->parts[p].tables[i]), names, n))
        verify_find(cx, v->r, "table", str_of(v->parts[p].tables[i]), "the table is gone");
  return E_OK;
}

static const SchemaItem *item_of(const SchemaItem *items, size_t n, const SchemaItem *like) {
  for (size_t i = 0; i < n; i++)
    if (str_eq(items[i].name, like->name) && str_eq(items[i].kind, like->kind)) return &items[i];
  return NULL;
}

static bool has_table(const SchemaItem *items, size_t n, Str table) {
  SchemaItem like = { .kind = S("table"), .name = table };
  return item_of(items, n, &like) != NULL;
}

/* A trigger that nobody made, or a trigger that is gone, changes what later writes do. */
Err verify_schema(Cx *cx, Verify *v) {
  TRY(verify_tables(cx, v));
  MigrationList *lists = NEW_ARRAY(cx->arena, v->nparts + 1, MigrationList);
  lists[0] = (MigrationList){ ledger_steps, ledger_nsteps };
  for (size_t i = 0; i < v->nparts; i++) lists[i + 1] = (MigrationList){ v->parts[i].steps, v->parts[i].nsteps };
  SchemaItem *ought, *is;
  size_t nought, nis;
  TRY(store_schema_of(cx, lists, v->nparts + 1, &ought, &nought));
  TRY(store_schema(cx, v->s, &is, &nis));
  for (size_t i = 0; i < nought; i++) {
    const SchemaItem *found = item_of(is, nis, &ought[i]);
    Str object = str_fmt(cx->arena, "%.*s %.*s", STR(ought[i].kind), STR(ought[i].name));
    if (!found) verify_find(cx, v->r, "schema", object, "is gone from table %.*s", STR(ought[i].table));
    else if (!str_eq(found->text, ought[i].text)) verify_find(cx, v->r, "schema", object, "is not what Proofline made");
  }
  for (size_t i = 0; i < nis; i++) {
    bool acts = str_eq(is[i].kind, S("trigger")) || str_eq(is[i].kind, S("view"));
    if (item_of(ought, nought, &is[i]) || (!acts && !has_table(ought, nought, is[i].table))) continue;
    verify_find(cx, v->r, "schema", str_fmt(cx->arena, "%.*s %.*s", STR(is[i].kind), STR(is[i].name)),
                "nothing in Proofline made it");
  }
  return E_OK;
}

/* The engine's own check takes as long as all the rest, so a process of its own does it, with a connection of its own,
 * which is made before this one has any. */
typedef struct Apart { int fd; pid_t pid; } Apart;

static bool put_line(int fd, Str line) {
  for (size_t at = 0; at < line.n;) {
    ssize_t n = write(fd, line.p + at, line.n - at);
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) return false;
    at += (size_t)n;
  }
  return true;
}

static void __attribute__((noreturn)) check_apart(const char *folder, int fd) {
  AUTO(Cx) cx = cx_new(SCRATCH_BYTES);
  Store *s = NULL;
  Str *lines = NULL;
  size_t n = 0;
  Err e = store_open(&cx, folder, STORE_READ, &s);
  if (e == E_OK) e = store_self_check(&cx, s, &lines, &n);
  bool told = e == E_OK || put_line(fd, str_fmt(cx.arena, "cannot be checked: %.*s\n", STR(cx.words)));
  for (size_t i = 0; i < n && told; i++) told = put_line(fd, str_fmt(cx.arena, "%.*s\n", STR(lines[i])));
  if (told) told = put_line(fd, S("done\n"));
  _exit(told ? 0 : 1);
}

static Err apart_start(Cx *cx, const char *folder, Apart *out) {
  int fd[2];
  if (pipe(fd) != 0) return fail(cx, E_IO, "No pipe for checking the database: %s.", strerror(errno));
  pid_t child = fork();
  if (child == 0) {
    (void)close(fd[0]);
    check_apart(folder, fd[1]);
  }
  (void)close(fd[1]);
  if (child < 0) (void)close(fd[0]);
  if (child < 0) return fail(cx, E_IO, "No process for checking the database: %s.", strerror(errno));
  *out = (Apart){ fd[0], child };
  return E_OK;
}

static void apart_end(Apart *p) {
  if (p->pid <= 0) return;
  (void)close(p->fd);
  while (waitpid(p->pid, NULL, 0) < 0 && errno == EINTR) {}
  *p = (Apart){ -1, 0 };
}

static Str apart_answer(Cx *cx, const Apart *p) {
  Buf b = buf_new(cx->arena, APART_BYTES);
  char piece[4096];
  for (;;) {
    ssize_t n = read(p->fd, piece, sizeof piece);
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) return buf_str(&b);
    buf_add(&b, (Str){ piece, (size_t)n });
  }
}

static Err engine_apart(Cx *cx, Verify *v) {
  Str rest = apart_answer(cx, v->apart), line = STR_NONE, last = STR_NONE;
  for (; str_line(&rest, &line); last = line)
    if (last.n) verify_find(cx, v->r, "store", S("database"), "%.*s", STR(last));
  if (!str_eq(last, S("done"))) verify_find(cx, v->r, "store", S("database"), "its check ended before its end");
  return E_OK;
}

static Err verify_engine(Cx *cx, Verify *v) {
  Str *lines;
  size_t n;
  if (v->apart) return E_OK;
  TRY(store_self_check(cx, v->s, &lines, &n));
  for (size_t i = 0; i < n; i++) verify_find(cx, v->r, "store", S("database"), "%.*s", STR(lines[i]));
  return E_OK;
}

/* ---- facts ----------------------------------------------------------------------------------------------------- */

static Err fact_compare(Cx *cx, Verify *v, const Fact *f, Str object, Str key) {
  Hash digest;
  Str last;
  TRY(object_last(&v->scratch, v->s, object, &last));
  if (!last.n) return E_OK;
  TRY(ledger_fact(&v->scratch, v->s, f, key, &digest));
  v->r->facts++;
  if (!str_eq(hash_hex(v->scratch.arena, digest), last))
    verify_find(cx, v->r, "fact", object, "its rows are not those that its last entry speaks of");
  return E_OK;
}

/* The objects are listed first: facts themselves may read the same tables. */
static Err fact_objects(Cx *cx, Verify *v, const Fact *f) {
  Str prefix = str_fmt(cx->arena, "%s:", f->name), end = str_fmt(cx->arena, "%s;", f->name);
  AUTO(Rows) r = { 0 };
  TRY(store_rows(cx, v->s, SQL_ENTRY_OBJECTS, ARGS(v_text(prefix), v_text(end)), &r));
  for (;;) {
    bool got;
    TRY(rows_next(cx, &r, &got));
    if (!got) return E_OK;
    Str object = str_dup(v->scratch.arena, row_text(&r, 0));
    TRY(fact_compare(cx, v, f, object, str_slice(object, prefix.n, object.n)));
    cx_reset(&v->scratch);
  }
}

static Err fact_keys(Cx *cx, Verify *v, const Fact *f) {
  AUTO(Rows) r = { 0 };
  TRY(store_rows(cx, v->s, f->keys, NO_ARGS, &r));
  for (;;) {
    bool got;
    Str last;
    TRY(rows_next(cx, &r, &got));
    if (!got) return E_OK;
    Str object = str_fmt(v->scratch.arena, "%s:%.*s", f->name, STR(row_text(&r, 0)));
    TRY(object_last(&v->scratch, v->s, object, &last));
    if (!last.n) verify_find(cx, v->r, "fact", object, "there are rows that no entry speaks of");
    cx_reset(&v->scratch);
  }
}

Err verify_facts(Cx *cx, Verify *v) {
  for (size_t p = 0; p < v->nparts; p++) {
    for (size_t i = 0; i < v->parts[p].nfacts; i++) {
      TRY(fact_objects(cx, v, &v->parts[p].facts[i]));
      TRY(fact_keys(cx, v, &v->parts[p].facts[i]));
    }
  }
  return E_OK;
}

static Err verify_derived(Cx *cx, Verify *v) {
  for (size_t p = 0; p < v->nparts; p++)
    if (v->parts[p].derived) TRY(v->parts[p].derived(cx, v->s, v->r));
  return E_OK;
}

/* ---- the whole ------------------------------------------------------------------------------------------------- */

/* Key and head of the signer, as far as they can be had.  Before the view: the head may grow beside us, and what was
 * signed by then is in any later state of the store. */
static void read_signer(Cx *cx, Verify *v) {
  const char *folder = store_folder(v->s);
  Str key, note, origin, text;
  v->has_key = file_read(cx, signer_path(cx->arena, folder, "key.pub"), NOTE_MAX_BYTES, &key) == E_OK &&
               key_read(cx->arena, key, &v->key);
  if (!v->has_key) verify_find(cx, v->r, "signer", S("key.pub"), "cannot be read: signatures were not checked");
  cx_forgive(cx);
  v->has_head = file_read(cx, signer_path(cx->arena, folder, "head"), NOTE_MAX_BYTES, &note) == E_OK &&
                note_read(cx->arena, note, &origin, &v->signed_head, &text);
  if (!v->has_head) verify_find(cx, v->r, "signer", S("head"), "cannot be read: a rolled-back store would not be seen");
  else if (v->has_key && !note_valid(cx->arena, note, &v->key, &v->signed_head))
    verify_find(cx, v->r, "signer", S("head"), "its signature is not of this log's key");
  cx_forgive(cx);
}

static Err verify_names(Cx *cx, Verify *v) {
  Str instance, epoch;
  TRY(store_text(cx, v->s, SQL_META_GET, ARGS(v_text(S("instance"))), &instance));
  TRY(store_text(cx, v->s, SQL_META_GET, ARGS(v_text(S("epoch"))), &epoch));
  if (!str_int(epoch, &v->epoch)) verify_find(cx, v->r, "log", S("epoch"), "is not a number");
  TRY(verify_epochs(cx, v));
  v->at_epoch = v->epoch;
  int64_t now = v->epochs.n ? v->epochs.p[v->epochs.n - 1].n : v->epoch;
  v->origin = str_fmt(cx->arena, "proofline/%.*s/%lld", STR(instance), (long long)now);
  if (v->has_key && !str_eq(v->key.origin, v->origin))
    verify_find(cx, v->r, "signer", S("key.pub"), "belongs to the log %.*s", STR(v->key.origin));
  return E_OK;
}

static const struct { const char *name; Err (*run)(Cx *cx, Verify *v); } phases[] = {
  { "database", verify_engine }, { "schema", verify_schema }, { "names", verify_names }, { "log", verify_log },
  { "checkpoints", verify_checkpoints }, { "timestamps", verify_timestamps },
  { "blobs", verify_blobs },
  { "facts", verify_facts }, { "derived tables", verify_derived },
};

/* A page that cannot be read, or a table that is gone, is a finding; the other phases still run. */
static Err run_phase(Cx *cx, Verify *v, size_t i) {
  Err e = phases[i].run(cx, v);
  if (e == E_OK) return E_OK;
  Str words = cx->words.n ? cx->words : v->scratch.words;
  if (e != E_INTEGRITY && e != E_BUG && e != E_NOTFOUND && e != E_UNREADABLE && e != E_INVALID)
    return cx->err == E_OK ? fail(cx, e, "%.*s", STR(words)) : e;
  verify_find(cx, v->r, "store", str_of(phases[i].name), "cannot be checked: %.*s", STR(words));
  cx_forgive(cx);
  return E_OK;
}

static Err verify_store(Cx *cx, Verify *v) {
  *v->r = (VerifyReport){ 0 };
  read_signer(cx, v);
  Err e = store_view(cx, v->s);
  bool viewed = e == E_OK;
  for (size_t i = 0; i < COUNT(phases) && e == E_OK; i++) {
    e = run_phase(cx, v, i);
    cx_reset(&v->scratch);
  }
  if (viewed) store_unview(v->s);
  return e;
}

Err ledger_verify(Cx *cx, Store *s, const VerifyPart *parts, size_t n, VerifyReport *report) {
  Verify v = { .s = s, .parts = parts, .nparts = n, .r = report, .scratch = cx_new(SCRATCH_BYTES) };
  Err e = verify_store(cx, &v);
  cx_free(&v.scratch);
  return e;
}

Err ledger_verify_folder(Cx *cx, const char *folder, const VerifyPart *parts, size_t n, VerifyReport *report) {
  Apart apart = { -1, 0 };
  Verify v = { .parts = parts, .nparts = n, .r = report, .apart = &apart };
  TRY(apart_start(cx, folder, &apart));
  v.scratch = cx_new(SCRATCH_BYTES);
  Err e = store_open(cx, folder, STORE_READ, &v.s);
  if (e == E_OK) e = verify_store(cx, &v);
  if (e == E_OK) e = engine_apart(cx, &v);
  store_close(v.s);
  apart_end(&apart);
  cx_free(&v.scratch);
  return e;
}
