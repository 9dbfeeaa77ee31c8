/* A store as it was when its log had fewer entries: made anew from the first part of its log.
 *
 * Records, their states and links follow from entries, so they are exactly as they were.  Rows that machines filled
 * have no history: they are kept as they are, and where their object changed after that moment the next epoch
 * restates it. */
#include "app/whole/whole.h"
#include <stdio.h>

typedef struct Cut {
  Cx *cx;
  Cx own;
  Store *from, *to;
  int64_t size;
} Cut;

static Err copy_log(Cut *c) {
  enum { STEP = 1000 };
  for (int64_t at = 0; at < c->size; at += STEP) {
    LogRows rows = { 0 };
    int64_t last = at + STEP < c->size ? at + STEP : c->size;
    cx_reset(&c->own);
    TRY(ledger_entries(&c->own, c->from, STR_NONE, at, last - 1, SIZE_MAX, &rows));
    for (size_t i = 0; i < rows.n; i++)
      TRY(ledger_copy_entry(&c->own, c->to, rows.p[i].leaf, rows.p[i].salt, rows.p[i].reason));
  }
  return E_OK;
}

/* Column `seq` of a table names the entry that a row came with; -1: the table has none. */
static Err copy_rows(Cut *c, Str table, int seq) {
  AUTO(Rows) r = { 0 };
  AUTO(Cx) one = cx_new((size_t)512 << 20);
  TRY(store_table_rows(&c->own, c->from, table, &r));
  for (bool got;;) {
    Val vals[64];
    cx_reset(&one);
    TRY(rows_next(&c->own, &r, &got));
    if (!got) return E_OK;
    if (seq >= 0 && row_int(&r, seq) >= c->size) continue;
    size_t n = (size_t)row_columns(&r);
    if (n > COUNT(vals)) return fail(&c->own, E_BUG, "%.*s has too many columns", STR(table));
    for (size_t i = 0; i < n; i++) vals[i] = row_val(&r, (int)i);
    Err e = store_table_add(&one, c->to, table, vals, n);
    if (e != E_OK) return fail(&c->own, e, "%.*s", STR(one.words));
  }
}

static Err copy_revisions(Cut *c) {
  AUTO(Rows) r = { 0 };
  AUTO(Cx) one = cx_new((size_t)512 << 20);
  TRY(store_table_rows(&c->own, c->from, S("revision"), &r));
  for (bool got;;) {
    cx_reset(&one);
    TRY(rows_next(&c->own, &r, &got));
    if (!got) return E_OK;
    if (row_int(&r, 5) >= c->size) continue;
    Err e = ledger_copy_revision(&one, c->to, row_int(&r, 5), str_dup(one.arena, row_text(&r, 3)));
    if (e != E_OK) return fail(&c->own, e, "%.*s", STR(one.words));
  }
}

static Err copy_tables(Cut *c) {
  static const struct {
    const char *name;
    int seq;
  } by_entry[] = { { "epoch", 1 }, { "signature", 3 } };
  TRY(copy_rows(c, S("blob"), -1));
  for (size_t i = 0; whole_tables[i]; i++) {
    int seq = -1;
    for (size_t k = 0; k < COUNT(by_entry); k++)
      if (str_eq(str_of(by_entry[k].name), str_of(whole_tables[i]))) seq = by_entry[k].seq;
    cx_reset(&c->own);
    TRY(copy_rows(c, str_of(whole_tables[i]), seq));
  }
  for (size_t i = 0; whole_own_tables[i]; i++) TRY(copy_rows(c, str_of(whole_own_tables[i]), -1));
  return E_OK;
}

static Err copy_all(Cut *c) {
  Str origin, instance, rest;
  int64_t records;
  TRY(ledger_origin(&c->own, c->from, &origin));
  (void)str_cut(str_slice(origin, str_find_char(origin, '/') + 1, origin.n), '/', &instance, &rest);
  TRY(store_begin(&c->own, c->to));
  TRY(ledger_create(&c->own, c->to, str_dup(c->own.arena, instance)));
  TRY(store_commit(&c->own, c->to));
  TRY(app_migrate(&c->own, c->to));
  TRY(store_begin(&c->own, c->to));
  TRY(copy_log(c));
  TRY(ledger_copy_checkpoints(&c->own, c->from, c->to, c->size));
  TRY(copy_revisions(c));
  TRY(copy_tables(c));
  TRY(store_commit(&c->own, c->to));
  cx_reset(&c->own);
  return record_rebuild(&c->own, c->to, &records);
}

/* Facts may be newer than the log; anything else must be right. */
static Err check(Cx *cx, Store *s, int64_t size, Str *root) {
  VerifyReport report = { 0 };
  TRY(ledger_verify(cx, s, app_verify_parts, app_nverify_parts, &report));
  for (size_t i = 0; i < report.findings.n; i++) {
    const Finding *f = &report.findings.p[i];
    if (!str_eq(f->kind, S("fact")) && !str_eq(f->kind, S("signer")))
      return fail(cx, E_INTEGRITY, "The store at %lld entries does not verify: %.*s %.*s: %.*s. Nothing was restored",
                  (long long)size, STR(f->kind), STR(f->object), STR(f->what));
  }
  if (report.head.size != size)
    return fail(cx, E_BUG, "The store has %lld entries instead of %lld", (long long)report.head.size,
                (long long)size);
  *root = hash_hex(cx->arena, report.head.root);
  return E_OK;
}

Err whole_cut(Cx *cx, const char *folder, int64_t size, Str *root) {
  const char *cut = str_fmt(cx->arena, "%s.cut", folder).p;
  Cut c = { .cx = cx, .size = size };
  TRY(store_open(cx, folder, STORE_READ, &c.from));
  Err e = store_open(cx, cut, STORE_CREATE, &c.to);
  if (e == E_OK) {
    c.own = cx_new((size_t)1 << 30);
    e = copy_all(&c);
    if (e != E_OK) e = fail(cx, e, "%.*s", STR(c.own.words));
    cx_free(&c.own);
  }
  if (e == E_OK) e = check(cx, c.to, size, root);
  store_close(c.to);
  store_close(c.from);
  TRY(e);
  const char *names[] = { "proofline.db", "proofline.db-wal", "proofline.db-shm" };
  for (size_t i = 0; i < COUNT(names); i++) { /* closed stores; the database moves, whatever is beside it with it */
    const char *old = str_fmt(cx->arena, "%s/%s", folder, names[i]).p;
    const char *new = str_fmt(cx->arena, "%s/%s", cut, names[i]).p;
    if (file_exists(old)) (void)remove(old);
    if (file_exists(new) && rename(new, old) != 0) return fail(cx, E_IO, "Cannot move %s", new);
  }
  return folder_remove(cx, cut);
}
