/* The tables that follow from the model: the only place where SQL is made at run time.  Identifiers come
 * from constant tables that type.c checked ([a-z0-9_]); no text of a user is ever part of a statement. */
#include "inside.h"
#include "record.sql.h"
#include <string.h>

/* Ids compare without letter case.  Order of columns as in record.sql. */
static const char core_ddl[] =
    "CREATE TABLE record(id TEXT PRIMARY KEY NOT NULL COLLATE NOCASE, type TEXT NOT NULL,"
    " rev INTEGER NOT NULL, state TEXT NOT NULL, in_force_rev INTEGER NOT NULL, title TEXT NOT NULL,"
    " owner TEXT NOT NULL, hash TEXT NOT NULL, fingerprint TEXT NOT NULL, created_us INTEGER NOT NULL,"
    " changed_us INTEGER NOT NULL, changed_by TEXT NOT NULL, changed_seq INTEGER NOT NULL) WITHOUT ROWID;"
    /* The key's columns come first: SQLite 3.40's own check misreads a table without row ids where they don't. */
    "CREATE TABLE link(source TEXT NOT NULL COLLATE NOCASE, name TEXT NOT NULL, pos INTEGER NOT NULL,"
    " target TEXT NOT NULL COLLATE NOCASE, seen TEXT NOT NULL, self TEXT NOT NULL,"
    " PRIMARY KEY(source, name, pos)) WITHOUT ROWID;"
    "CREATE INDEX link_target ON link(target, name);"
    "CREATE TABLE record_product(record TEXT NOT NULL COLLATE NOCASE,"
    " product TEXT NOT NULL COLLATE NOCASE, pos INTEGER NOT NULL, PRIMARY KEY(record, product)) WITHOUT ROWID;"
    "CREATE INDEX record_product_by ON record_product(product);"
    "CREATE TABLE record_many(record TEXT NOT NULL COLLATE NOCASE, field TEXT NOT NULL, pos INTEGER NOT NULL,"
    " value TEXT NOT NULL, PRIMARY KEY(record, field, pos)) WITHOUT ROWID;"
    "CREATE TABLE record_contributor(record TEXT NOT NULL COLLATE NOCASE, person TEXT NOT NULL,"
    " PRIMARY KEY(record, person)) WITHOUT ROWID;"
    "CREATE TABLE record_number(type TEXT PRIMARY KEY NOT NULL, last INTEGER NOT NULL) WITHOUT ROWID;";
static const char core_drop[] =
    "DROP TABLE IF EXISTS record; DROP TABLE IF EXISTS link; DROP TABLE IF EXISTS record_product;"
    "DROP TABLE IF EXISTS record_many; DROP TABLE IF EXISTS record_contributor;"
    "DROP TABLE IF EXISTS record_number;";

/* ---- planning ----------------------------------------------------------------------------------------- */

static const char *column_type(const Field *f) {
  return f->kind == INT || f->kind == BOOL ? "INTEGER" : "TEXT";
}

/* "a", "b": `each` holds what is written around the name, % standing for it. */
static void columns(Buf *b, const RecordType *t, const char *each) {
  for (size_t i = 0; i < t->nfields; i++) {
    if (!field_is_column(&t->fields[i])) continue;
    for (const char *p = each; *p; p++)
      if (*p == '%') buf_z(b, t->fields[i].name);
      else buf_byte(b, *p);
  }
}

static Sql statement(Arena *a, const RecordType *t, const char *what, const Buf *b) {
  return (Sql){ str_fmt(a, "record.%s_%s", t->name, what).p, str_z(a, buf_str(b)), NULL };
}

static void plan_ddl(Arena *a, TypeInfo *info) {
  const RecordType *t = info->type;
  Buf b = buf_new(a, 64 << 10);
  buf_fmt(&b, "CREATE TABLE %s(id TEXT PRIMARY KEY NOT NULL COLLATE NOCASE", info->table.p);
  for (size_t i = 0; i < t->nfields; i++)
    if (field_is_column(&t->fields[i]))
      buf_fmt(&b, ", \"%s\" %s", t->fields[i].name, column_type(&t->fields[i]));
  buf_z(&b, ");");
  info->ddl = str_of(str_z(a, buf_str(&b)));
}

static void plan_put(Arena *a, TypeInfo *info) {
  const RecordType *t = info->type;
  Buf b = buf_new(a, 64 << 10);
  buf_fmt(&b, "INSERT INTO %s(id", info->table.p);
  columns(&b, t, ", \"%\"");
  buf_z(&b, ") VALUES(?1");
  int n = 1;
  for (size_t i = 0; i < t->nfields; i++)
    if (field_is_column(&t->fields[i])) buf_fmt(&b, ", ?%d", ++n);
  /* The id stays: setting it, even to itself, would write its index anew. */
  buf_z(&b, n > 1 ? ") ON CONFLICT(id) DO UPDATE SET " : ") ON CONFLICT(id) DO NOTHING");
  Buf set = buf_new(a, 64 << 10);
  columns(&set, t, ", \"%\" = excluded.\"%\"");
  buf_add(&b, str_slice(buf_str(&set), 2, set.n));
  info->put = statement(a, t, "put", &b);
}

static void plan_rest(Arena *a, TypeInfo *info) {
  Buf b = buf_new(a, 64 << 10);
  buf_z(&b, "SELECT id");
  columns(&b, info->type, ", \"%\"");
  buf_fmt(&b, " FROM %s WHERE id = ?1", info->table.p);
  info->get = statement(a, info->type, "get", &b);
  b = buf_new(a, 1024);
  buf_fmt(&b, "SELECT id FROM %s ORDER BY id", info->table.p);
  info->ids = statement(a, info->type, "ids", &b);
  b = buf_new(a, 1024);
  buf_fmt(&b, "DELETE FROM %s", info->table.p);
  info->clear = statement(a, info->type, "clear", &b);
}

void projection_plan(Arena *a, TypeInfo *info) {
  info->table = str_fmt(a, "r_%s", info->type->name);
  plan_ddl(a, info);
  plan_put(a, info);
  plan_rest(a, info);
}

/* ---- making the tables -------------------------------------------------------------------------------- */

static Err define(Cx *cx, Store *s, const char *name, Str drop, Str ddl, bool *changed) {
  AUTO(Rows) r = { 0 };
  bool got;
  TRY(store_rows(cx, s, SQL_MODEL_ROW, ARGS(v_text(str_of(name))), &r));
  TRY(rows_next(cx, &r, &got));
  if (got && str_eq(row_text(&r, 0), ddl)) return E_OK;
  Rows_drop(&r);
  TRY(store_define(cx, s, str_fmt(cx->arena, "%.*s %.*s", STR(drop), STR(ddl))));
  TRY(store_run(cx, s, SQL_MODEL_PUT, ARGS(v_text(str_of(name)), v_text(ddl)), NULL));
  *changed = true;
  return E_OK;
}

Err projection_create(Cx *cx, Store *s, bool *changed) {
  bool made = false;
  TRY(store_define(
      cx, s,
      S("CREATE TABLE IF NOT EXISTS record_model(name TEXT PRIMARY KEY NOT NULL, ddl TEXT NOT NULL);")));
  TRY(define(cx, s, "record", str_of(core_drop), str_of(core_ddl), &made));
  for (size_t i = 0; record_type_at(i); i++) {
    const TypeInfo *info = type_info(record_type_at(i));
    Str drop = str_fmt(cx->arena, "DROP TABLE IF EXISTS %.*s;", STR(info->table));
    TRY(define(cx, s, info->table.p, drop, info->ddl, &made));
  }
  *changed = made;
  return E_OK;
}

Err projection_clear(Cx *cx, Store *s) {
  const Sql *const clears[] = { SQL_RECORD_CLEAR, SQL_LINK_CLEAR,        SQL_PRODUCT_CLEAR,
                                SQL_MANY_CLEAR,   SQL_CONTRIBUTOR_CLEAR, SQL_NUMBER_CLEAR };
  for (size_t i = 0; i < COUNT(clears); i++) TRY(store_run(cx, s, clears[i], NO_ARGS, NULL));
  for (size_t i = 0; record_type_at(i); i++)
    TRY(store_run(cx, s, &type_info(record_type_at(i))->clear, NO_ARGS, NULL));
  return E_OK;
}

/* ---- writing ------------------------------------------------------------------------------------------ */

static Val column_value(const Field *f, const Value *v) {
  if (!v->set) return v_null();
  return f->kind == INT || f->kind == BOOL ? v_int(v->i) : v_text(v->s);
}

static Val *row_values(Arena *a, const Record *r, size_t *n) {
  Val *out = NEW_ARRAY(a, r->type->nfields + 1, Val);
  *n = 0;
  out[(*n)++] = v_text(r->id);
  for (size_t i = 0; i < r->type->nfields; i++)
    if (field_is_column(&r->type->fields[i])) out[(*n)++] = column_value(&r->type->fields[i], &r->values[i]);
  return out;
}

/* The rows of a side table: as values to insert, or as lines to compare. */
typedef VEC(Val) Cells;
typedef Cells (*SideRows)(Arena *a, const Record *r);   /* row after row, without the record's id */

static Cells link_cells(Arena *a, const Record *r) {
  Cells c = { 0 };
  const size_t *order = type_info(r->type)->by_name;
  for (size_t i = 0; i < r->type->nfields; i++) {
    const Value *v = &r->values[order[i]];
    for (size_t k = 0; k < v->links.n; k++) {
      const Link *l = &v->links.p[k];
      const Val row[] = { v_text(str_of(r->type->fields[order[i]].name)), v_int((int64_t)k), v_text(l->to),
                          v_text(l->seen.p ? l->seen : S("")), v_text(l->self.p ? l->self : S("")) };
      for (size_t j = 0; j < COUNT(row); j++) vec_add(a, &c, row[j]);
    }
  }
  return c;
}

static Cells product_cells(Arena *a, const Record *r) {
  Cells c = { 0 };
  for (size_t i = 0; i < r->products.n; i++) {
    vec_add(a, &c, v_int((int64_t)i));
    vec_add(a, &c, v_text(r->products.p[i]));
  }
  return c;
}

static Cells many_cells(Arena *a, const Record *r) {
  Cells c = { 0 };
  const size_t *order = type_info(r->type)->by_name;
  for (size_t i = 0; i < r->type->nfields; i++) {
    const Value *v = &r->values[order[i]];
    for (size_t k = 0; k < v->list.n; k++) {
      vec_add(a, &c, v_text(str_of(r->type->fields[order[i]].name)));
      vec_add(a, &c, v_int((int64_t)k));
      vec_add(a, &c, v_text(v->list.p[k]));
    }
  }
  return c;
}

typedef struct Side {
  const char *table;
  SideRows rows;
  size_t width;
  const Sql *read, *drop, *sources;
} Side;
static const Side sides[] = {
  { "link", link_cells, 5, SQL_LINK_ROWS, SQL_LINK_DROP, SQL_LINK_SOURCES },
  { "record_product", product_cells, 2, SQL_PRODUCT_ROWS, SQL_PRODUCT_DROP, SQL_PRODUCT_SOURCES },
  { "record_many", many_cells, 3, SQL_MANY_ROWS, SQL_MANY_DROP, SQL_MANY_SOURCES },
};

static bool val_eq(Val a, Val b) { return a.kind == b.kind && a.i == b.i && str_eq(a.s, b.s); }

static bool cells_eq(Cells a, Cells b) {
  if (a.n != b.n) return false;
  for (size_t i = 0; i < a.n; i++)
    if (!val_eq(a.p[i], b.p[i])) return false;
  return true;
}

static Err side_add(Cx *cx, Store *s, size_t side, Str id, const Val *c) {
  Val me = v_text(id);
  if (side == 0) return store_run(cx, s, SQL_LINK_ADD, ARGS(me, c[0], c[2], c[3], c[4], c[1]), NULL);
  if (side == 1) return store_run(cx, s, SQL_PRODUCT_ADD, ARGS(me, c[1], c[0]), NULL);
  return store_run(cx, s, SQL_MANY_ADD, ARGS(me, c[0], c[1], c[2]), NULL);
}

Err projection_put(Cx *cx, Store *s, const Record *r, const Record *before) {
  size_t n;
  const Val *row = row_values(cx->arena, r, &n);
  TRY(store_run(cx, s, &type_info(r->type)->put, row, n, NULL));
  for (size_t i = 0; i < COUNT(sides); i++) {
    Cells now = sides[i].rows(cx->arena, r), old = before ? sides[i].rows(cx->arena, before) : (Cells){ 0 };
    if (cells_eq(now, old)) continue;
    if (old.n) TRY(store_run(cx, s, sides[i].drop, ARGS(v_text(r->id)), NULL));
    for (size_t at = 0; at < now.n; at += sides[i].width) TRY(side_add(cx, s, i, r->id, &now.p[at]));
  }
  return E_OK;
}

/* ---- comparing ---------------------------------------------------------------------------------------- */

static Err stored_cells(Cx *cx, Store *s, const Sql *sql, Str id, Cells *out) {
  AUTO(Rows) r = { 0 };
  Cells c = { 0 };
  TRY(store_rows(cx, s, sql, ARGS(v_text(id)), &r));
  for (bool got;;) {
    TRY(rows_next(cx, &r, &got));
    if (!got) break;
    for (int i = 0; i < row_columns(&r); i++) {
      Val v = row_val(&r, i);
      v.s = str_dup(cx->arena, v.s);
      vec_add(cx->arena, &c, v);
    }
  }
  *out = c;
  return E_OK;
}

Err projection_compare(Cx *cx, Store *s, const Record *r, VerifyReport *report) {
  Cells have, want = { 0 };
  size_t n;
  want.p = row_values(cx->arena, r, &n);
  want.n = want.cap = n;
  const TypeInfo *info = type_info(r->type);
  TRY(stored_cells(cx, s, &info->get, r->id, &have));
  if (!cells_eq(want, have))
    verify_find(cx, report, "projection", r->id, "its row in %s is not what its revision %lld says",
                info->table.p, (long long)r->rev);
  for (size_t i = 0; i < COUNT(sides); i++) {
    TRY(stored_cells(cx, s, sides[i].read, r->id, &have));
    if (!cells_eq(sides[i].rows(cx->arena, r), have))
      verify_find(cx, report, "projection", r->id, "its rows in %s are not what its revision %lld says",
                  sides[i].table, (long long)r->rev);
  }
  return E_OK;
}

static Err extra_in(Cx *cx, Store *s, const Sql *ids, const char *table, const Replay *replay,
                    const RecordType *t, VerifyReport *report) {
  AUTO(Rows) r = { 0 };
  TRY(store_rows(cx, s, ids, NO_ARGS, &r));
  for (bool got;;) {
    TRY(rows_next(cx, &r, &got));
    if (!got) return E_OK;
    size_t at = map_get(&replay->by_id, row_text(&r, 0));
    if (at == MAP_NONE || (t && replay->life.p[at].head.type != t))
      verify_find(cx, report, "projection", str_dup(cx->arena, row_text(&r, 0)),
                  "a row in %s that no revision asks for", table);
  }
}

Err projection_extra(Cx *cx, Store *s, const Replay *replay, VerifyReport *report) {
  TRY(extra_in(cx, s, SQL_RECORD_IDS, "record", replay, NULL, report));
  TRY(extra_in(cx, s, SQL_CONTRIBUTOR_SOURCES, "record_contributor", replay, NULL, report));
  for (size_t i = 0; i < COUNT(sides); i++)
    TRY(extra_in(cx, s, sides[i].sources, sides[i].table, replay, NULL, report));
  for (size_t i = 0; record_type_at(i); i++) {
    const TypeInfo *info = type_info(record_type_at(i));
    TRY(extra_in(cx, s, &info->ids, info->table.p, replay, info->type, report));
  }
  return E_OK;
}
