/* verify: what is stored against what can be recomputed.  This file: the whole, the catalogue and the facts. */
#include "inside.h"
#include "ledger.sql.h"
#include <stdarg.h>
#include <string.h>

enum { FINDINGS_MAX = 10000, SCRATCH_BYTES = 512 * 1024 * 1024 };

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
static Err verify_schema(Cx *cx, Verify *v) {
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

/* The walk along the log meets the entry of every reason and revision, every node, and the rows of indexes. */
static Err verify_engine(Cx *cx, Verify *v) {
  static const char *const followed[] = { "entry", "node", "reason", "revision" };
  Str *lines;
  size_t n;
  TRY(store_self_check(cx, v->s, (TableNames){ followed, COUNT(followed) }, &lines, &n));
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

static Err verify_facts(Cx *cx, Verify *v) {
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

/* ---- blobs ----------------------------------------------------------------------------------------------------- */

static Err verify_blobs(Cx *cx, Verify *v) {
  AUTO(Rows) r = { 0 };
  TRY(store_rows(cx, v->s, SQL_VERIFY_BLOBS, NO_ARGS, &r));
  for (bool got;; v->r->blobs++) {
    TRY(rows_next(cx, &r, &got));
    if (!got) return E_OK;
    Str bytes = row_bytes(&r, 2), hash = row_text(&r, 0);
    if (!hash_is_hex(sha256(bytes), hash) || row_int(&r, 1) != (int64_t)bytes.n)
      verify_find(cx, v->r, "blob", hash, "its bytes are not those of its name");
    cx_reset(&v->scratch);
  }
}

/* ---- the whole ------------------------------------------------------------------------------------------------- */

/* Key and head of the signer, as far as they can be had.  Before the view: the head may grow beside us, and what was
 * signed by then is in any later state of the store. */
static void read_signer(Cx *cx, Verify *v, const char *folder) {
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
  v->epochs.n = v->next_epoch = 0;
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

/* A group is a row and those that go on with what it found out; the longest first, so that processes which share them
 * end together. */
static const struct Phase { const char *name; Err (*run)(Cx *cx, Verify *v); bool goes_on; } phases[] = {
  { "database", verify_engine, false }, { "indexes", verify_indexes, true },
  { "names", verify_names, false }, { "checkpoints", verify_checkpoints, true },
  { "timestamps", verify_timestamps, true },
  { "derived tables", verify_derived, false }, { "facts", verify_facts, false },
  { "blobs", verify_blobs, false },
  { "schema", verify_schema, false },
};

/* A page that cannot be read, or a table that is gone, is a finding; the other phases still run. */
static Err run_phase(Cx *cx, Verify *v, const struct Phase *phase) {
  Err e = phase->run(cx, v);
  if (e == E_OK) return E_OK;
  Str words = cx->words.n ? cx->words : v->scratch.words;
  if (e != E_INTEGRITY && e != E_BUG && e != E_NOTFOUND && e != E_UNREADABLE && e != E_INVALID)
    return cx->err == E_OK ? fail(cx, e, "%.*s", STR(words)) : e;
  verify_find(cx, v->r, "store", str_of(phase->name), "cannot be checked: %.*s", STR(words));
  cx_forgive(cx);
  return E_OK;
}

static size_t group_start(size_t group) {
  size_t i = 0;
  for (size_t before = 0; i < COUNT(phases); i++)
    if (!phases[i].goes_on && before++ == group) return i;
  return i;
}

const char *verify_group_name(size_t group) { return phases[group_start(group)].name; }

Err verify_group(Cx *cx, Verify *v, size_t group) {
  size_t i = group_start(group);
  do {
    TRY(run_phase(cx, v, &phases[i]));
    cx_reset(&v->scratch);
  } while (++i < COUNT(phases) && phases[i].goes_on);
  return E_OK;
}

/* Names are told by their own phase. */
static Err names_again(Cx *cx, Verify *v) {
  VerifyReport *r = v->r, untold = { 0 };
  v->r = &untold;
  Err e = verify_names(cx, v);
  v->r = r;
  return e;
}

static Err walk(Cx *cx, Verify *v) {
  TRY(names_again(cx, v));
  return verify_log(cx, v);
}

Err verify_stretch(Cx *cx, Verify *v, int64_t first, int64_t last) {
  static const struct Phase phase = { "log", walk, false };
  v->first = first;
  v->last = last;
  TRY(run_phase(cx, v, &phase));
  cx_reset(&v->scratch);
  return E_OK;
}

static Err verify_all(Cx *cx, Verify *v) {
  TRY(verify_group(cx, v, 0));
  TRY(verify_stretch(cx, v, 0, INT64_MAX));
  for (size_t i = 1; i < VERIFY_GROUPS; i++) TRY(verify_group(cx, v, i));
  index_sums_judge(cx, v->r, v->sums, 2);
  return E_OK;
}

static Verify begin(Cx *cx, const VerifyPart *parts, size_t n, const char *folder, VerifyReport *report) {
  Verify v = { .parts = parts, .nparts = n, .r = report, .scratch = cx_new(SCRATCH_BYTES) };
  *report = (VerifyReport){ 0 };
  random_bytes(v.sum_key, sizeof v.sum_key);
  read_signer(cx, &v, folder);
  return v;
}

Err ledger_verify(Cx *cx, Store *s, const VerifyPart *parts, size_t n, VerifyReport *report) {
  Verify v = begin(cx, parts, n, store_folder(s), report);
  v.s = s;
  Err e = store_view(cx, s);
  bool viewed = e == E_OK;
  if (viewed) e = verify_all(cx, &v);
  if (viewed) store_unview(s);
  cx_free(&v.scratch);
  return e;
}

Err ledger_verify_folder(Cx *cx, const char *folder, const VerifyPart *parts, size_t n, VerifyReport *report) {
  Verify v = begin(cx, parts, n, folder, report);
  Err e = verify_apart(cx, folder, &v, report);
  cx_free(&v.scratch);
  return e;
}
