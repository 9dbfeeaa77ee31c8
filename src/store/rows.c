/* Statements: prepared once per Sql, kept by its address, lent to one user at a time. */
#include "inside.h"
#include <string.h>

static size_t place(const Store *s, const Sql *sql) {
  size_t at = (size_t)(((uintptr_t)sql >> 3) * UINT64_C(0x9E3779B97F4A7C15) >> 32) & (s->cap - 1);
  while (s->slots[at] && s->slots[at]->sql != sql) at = (at + 1) & (s->cap - 1);
  return at;
}

static void cache_add(Store *s, Slot *slot) {
  if (2 * s->nslots >= s->cap) {
    Slot **old = s->slots;
    size_t n = s->cap;
    s->cap = n ? 2 * n : 256;
    s->slots = NEW_ARRAY(s->arena, s->cap, Slot *);
    for (size_t i = 0; i < n; i++)
      if (old[i]) s->slots[place(s, old[i]->sql)] = old[i];
  }
  s->slots[place(s, slot->sql)] = slot;
  s->nslots++;
}

static Slot *slot_new(Store *s) {
  Slot *slot = s->spare;
  if (!slot) return NEW(s->arena, Slot);
  s->spare = slot->next;
  *slot = (Slot){ 0 };
  return slot;
}

static void slot_drop(Store *s, Slot *slot) {
  s->db->ops->finish(s->db, slot->stmt);
  slot->next = s->spare;
  s->spare = slot;
}

Err slot_take(Cx *cx, Store *s, const Sql *sql, bool cached, Slot **out) {
  if (s->lost)
    return fail(
        cx, E_FULL,
        "The disk was full: this transaction is undone. Nothing was stored. Free some space, then try again.");
  Slot *known = cached && s->cap ? s->slots[place(s, sql)] : NULL;
  if (known && !known->busy) {
    known->busy = true;
    *out = known;
    return E_OK;
  }
  Slot *slot = slot_new(s);
  Err e = s->db->ops->prepare(cx, s->db, sql, &slot->stmt);
  if (e != E_OK) {
    slot->next = s->spare;
    s->spare = slot;
    return store_heed(cx, s, e);
  }
  slot->sql = sql;
  slot->busy = true;
  slot->cached = cached && !known;      /* a second user of the same text gets a statement of its own */
  if (slot->cached) cache_add(s, slot);
  *out = slot;
  return E_OK;
}

void slot_give(Store *s, Slot *slot) {
  s->db->ops->reset(s->db, slot->stmt);
  slot->busy = false;
  if (!slot->cached) slot_drop(s, slot);
}

void slots_finish(Store *s) {
  for (size_t i = 0; i < s->cap; i++)
    if (s->slots[i]) s->db->ops->finish(s->db, s->slots[i]->stmt);
  s->cap = s->nslots = 0;
}

Err store_run(Cx *cx, Store *s, const Sql *sql, const Val *args, size_t n, int64_t *changes) {
  Slot *slot;
  if (!s->writing) return fail(cx, E_BUG, "%s was run outside a transaction. Nothing was stored.", sql->name);
  TRY(slot_take(cx, s, sql, true, &slot));
  s->wrote = true;
  Err e = s->db->ops->run(cx, s->db, slot->stmt, args, n, changes);
  slot_give(s, slot);
  return store_heed(cx, s, e);
}

static Err rows_open(Cx *cx, Store *s, const Sql *sql, bool cached, const Val *args, size_t n, Rows *out) {
  Slot *slot;
  TRY(slot_take(cx, s, sql, cached, &slot));
  Err e = s->db->ops->query(cx, s->db, slot->stmt, args, n);
  if (e != E_OK) {
    slot_give(s, slot);
    return e;
  }
  Rows_drop(out);
  *out = (Rows){ s, slot };
  return E_OK;
}

Err store_rows(Cx *cx, Store *s, const Sql *sql, const Val *args, size_t n, Rows *out) {
  return rows_open(cx, s, sql, true, args, n, out);
}

static Stmt *stmt_of(const Rows *r) { return ((Slot *)r->stmt)->stmt; }

Err rows_next(Cx *cx, Rows *r, bool *got) {
  if (!r->stmt) {   /* past the end */
    *got = false;
    return E_OK;
  }
  bool more;
  Err e = r->store->db->ops->step(cx, r->store->db, stmt_of(r), &more);
  if (e != E_OK) {
    Store *s = r->store;
    Rows_drop(r);
    return store_heed(cx, s, e);
  }
  if (!more) Rows_drop(r);
  *got = more;
  return E_OK;
}

void Rows_drop(Rows *r) {
  if (r->stmt) slot_give(r->store, r->stmt);
  r->stmt = NULL;
}

Val row_val(const Rows *r, int column) { return r->store->db->ops->column(r->store->db, stmt_of(r), column); }
int64_t row_int(const Rows *r, int column) { return row_val(r, column).i; }
Str row_text(const Rows *r, int column) { return row_val(r, column).s; }
Str row_bytes(const Rows *r, int column) { return row_val(r, column).s; }
bool row_null(const Rows *r, int column) { return row_val(r, column).kind == V_NULL; }
int row_columns(const Rows *r) { return r->store->db->ops->columns(r->store->db, stmt_of(r)); }

Err store_int(Cx *cx, Store *s, const Sql *sql, const Val *args, size_t n, int64_t absent, int64_t *out) {
  AUTO(Rows) r = { 0 };
  bool got;
  TRY(store_rows(cx, s, sql, args, n, &r));
  TRY(rows_next(cx, &r, &got));
  *out = got && !row_null(&r, 0) ? row_int(&r, 0) : absent;
  return E_OK;
}

Err store_text(Cx *cx, Store *s, const Sql *sql, const Val *args, size_t n, Str *out) {
  AUTO(Rows) r = { 0 };
  bool got;
  TRY(store_rows(cx, s, sql, args, n, &r));
  TRY(rows_next(cx, &r, &got));
  if (!got) return fail(cx, E_NOTFOUND, "%s: there is no such row.", sql->name);
  *out = str_dup(cx->arena, row_text(&r, 0));
  return E_OK;
}

/* ---- catalogue ------------------------------------------------------------------------------------------------- */

typedef VEC(Str) Lines;

static Err lines(Cx *cx, Store *s, const Sql *sql, const Val *args, size_t n, Lines *out) {
  AUTO(Rows) r = { 0 };
  bool got;
  TRY(store_rows(cx, s, sql, args, n, &r));
  for (;;) {
    TRY(rows_next(cx, &r, &got));
    if (!got) return E_OK;
    vec_add(cx->arena, out, str_dup(cx->arena, row_text(&r, 0)));
  }
}

Err store_tables(Cx *cx, Store *s, Str **names, size_t *n) {
  Lines found = { 0 };
  TRY(lines(cx, s, s->db->ops->tables, NO_ARGS, &found));
  *names = found.p;
  *n = found.n;
  return E_OK;
}

static bool among(Str name, TableNames names) {
  for (size_t i = 0; i < names.n; i++)
    if (str_eq(name, str_of(names.p[i]))) return true;
  return false;
}

Err store_self_check(Cx *cx, Store *s, TableNames followed, Str **findings, size_t *n) {
  Lines found = { 0 }, tables = { 0 };
  TRY(lines(cx, s, s->db->ops->self_check, NO_ARGS, &found));
  TRY(lines(cx, s, s->db->ops->tables, NO_ARGS, &tables));
  for (size_t i = 0; i < tables.n; i++) {
    if (among(tables.p[i], followed)) continue;
    TRY(lines(cx, s, s->db->ops->table_check, ARGS(v_text(tables.p[i])), &found));
    TRY(lines(cx, s, s->db->ops->references, ARGS(v_text(tables.p[i])), &found));
  }
  *findings = found.p;
  *n = found.n;
  return E_OK;
}

Err store_table_rows(Cx *cx, Store *s, Str table, Rows *out) {
  Str *names, text;
  size_t n, i = 0;
  TRY(store_tables(cx, s, &names, &n));
  while (i < n && !str_eq(names[i], table)) i++;
  if (i == n) return fail(cx, E_NOTFOUND, "There is no table %.*s.", STR(table));
  TRY(s->db->ops->table_query(cx, s->db, table, &text));
  Sql sql = { "store.table_rows", text.p, NULL };
  TRY(rows_open(cx, s, &sql, false, NO_ARGS, out));
  return E_OK;
}

Err store_table_columns(Cx *cx, Store *s, Str table, Str **names, size_t *n) {
  Lines all = { 0 };
  TRY(lines(cx, s, s->db->ops->table_columns, ARGS(v_text(table)), &all));
  if (!all.n) return fail(cx, E_NOTFOUND, "There is no table %.*s.", STR(table));
  *names = all.p;
  *n = all.n;
  return E_OK;
}

Err store_table_add(Cx *cx, Store *s, Str table, const Val *vals, size_t n) {
  Str text;
  Slot *slot;
  if (!s->writing) return fail(cx, E_BUG, "A row was added outside a transaction. Nothing was stored.");
  TRY(s->db->ops->table_insert(cx, s->db, table, n, &text));
  Sql sql = { "store.table_add", text.p, NULL };
  TRY(slot_take(cx, s, &sql, false, &slot));
  s->wrote = true;
  Err e = s->db->ops->run(cx, s->db, slot->stmt, vals, n, NULL);
  slot_give(s, slot);
  return store_heed(cx, s, e);
}

typedef VEC(SchemaItem) Items;

static Err schema_of(Cx *cx, Db *db, SchemaItem **out, size_t *n) {
  Items found = { 0 };
  Stmt *stmt;
  TRY(db->ops->prepare(cx, db, db->ops->schema, &stmt));
  Err e = E_OK;
  for (bool got; (e = db->ops->step(cx, db, stmt, &got)) == E_OK && got;) {
    Str c[4];
    for (int i = 0; i < 4; i++) c[i] = str_dup(cx->arena, db->ops->column(db, stmt, i).s);
    vec_add(cx->arena, &found, (SchemaItem){ c[0], c[1], c[2], c[3] });
  }
  db->ops->finish(db, stmt);
  if (e != E_OK) return e;
  *out = found.p;
  *n = found.n;
  return E_OK;
}

Err store_schema(Cx *cx, Store *s, SchemaItem **out, size_t *n) { return schema_of(cx, s->db, out, n); }

static Err scripts(Cx *cx, Db *db, const Migration *steps, size_t n) {
  for (size_t i = 0; i < n; i++) TRY(db->ops->script(cx, db, steps[i].sql));
  return E_OK;
}

Err store_schema_of(Cx *cx, const MigrationList *lists, size_t nlists, SchemaItem **out, size_t *n) {
  Db *db;
  TRY(sqlite_open(cx, cx->arena, NULL, STORE_WRITE, &db));
  Err e = scripts(cx, db, store_steps, store_nsteps);
  for (size_t i = 0; i < nlists && e == E_OK; i++) e = scripts(cx, db, lists[i].steps, lists[i].n);
  if (e == E_OK) e = schema_of(cx, db, out, n);
  db->ops->close(db);
  return e;
}
