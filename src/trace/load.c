/* The graph from the store, and its refresh by what the log says has changed. */
#include "trace/inside.h"
#include "trace.sql.h"

enum { WASTE_LEAST = 16 << 20 };
static const size_t GRAPH_BYTES = (size_t)4 << 30;
static const size_t SCRATCH_BYTES = (size_t)256 << 20;

/* `scratch` holds one record at a time; its failure becomes cx's. */
static Err put_row(Cx *cx, Cx *scratch, Graph *g, const Rows *rows) {
  Record r;
  Str fingerprint = row_text(rows, 4);
  Err e = record_parse(scratch, row_text(rows, 7), &r);
  if (e == E_OK) {
    r.state = row_text(rows, 1);
    r.in_force_rev = row_int(rows, 2);
    if (!hash_from_hex(row_text(rows, 3), &r.hash)) e = fail(scratch, E_INTEGRITY, "its hash is not one");
    r.created_us = row_int(rows, 5);
    r.changed_us = row_int(rows, 6);
  }
  if (e == E_OK) e = graph_put(scratch, g, &r, fingerprint);
  if (e != E_OK)
    return fail(cx, e, "%.*s cannot be read: %.*s Nothing was changed; run proofline verify.",
                STR(row_text(rows, 0)), STR(scratch->words));
  return E_OK;
}

static Err put_rows(Cx *cx, Store *s, Graph *g, int64_t since) {
  AUTO(Cx) scratch = cx_new(SCRATCH_BYTES);
  AUTO(Rows) rows = { 0 };
  /* What changed is found by the entries since then, so that a save keeps no index for it. */
  if (since) TRY(store_rows(cx, s, SQL_GRAPH_CHANGED, ARGS(v_int(since)), &rows));
  else TRY(store_rows(cx, s, SQL_GRAPH_ALL, NO_ARGS, &rows));
  for (bool got;;) {
    TRY(rows_next(cx, &rows, &got));
    if (!got) return E_OK;
    ArenaMark mark = arena_mark(scratch.arena);
    TRY(put_row(cx, &scratch, g, &rows));
    arena_release(scratch.arena, mark);
  }
}

static Err load(Cx *cx, Store *s, Graph *g, int64_t since) {
  int64_t head;
  TRY(store_int(cx, s, SQL_GRAPH_HEAD, NO_ARGS, 0, &head));
  TRY(put_rows(cx, s, g, since));
  graph_settle(g);
  g->log_size = head;
  return E_OK;
}

/* Head and rows must speak of one state. */
static Err load_in_view(Cx *cx, Store *s, Graph *g, int64_t since) {
  TRY(store_view(cx, s));
  Err e = load(cx, s, g, since);
  store_unview(s);
  return e;
}

Err graph_open(Cx *cx, Store *s, Graph **out) {
  Graph *g = graph_new(GRAPH_BYTES);
  Err e = load_in_view(cx, s, g, 0);
  if (e != E_OK) { graph_close(g); return e; }
  *out = g;
  return E_OK;
}

static Err put_past(Cx *cx, void *env, const Record *r) { return graph_put(cx, env, r, STR_NONE); }

Err graph_open_at(Cx *cx, Store *s, int64_t size, Graph **out) {
  Graph *g = graph_new(GRAPH_BYTES);
  Err e = record_each_at(cx, s, size, put_past, g);
  if (e != E_OK) { graph_close(g); return e; }
  graph_settle(g);
  g->log_size = size;
  *out = g;
  return E_OK;
}

/* Rows that were replaced leave their memory behind; when that is half of all, the graph is made anew in
 * place. */
static Err renew(Cx *cx, Graph *g, Store *s) {
  Graph *fresh;
  TRY(graph_open(cx, s, &fresh));
  Graph old = *g;
  uint64_t epoch = g->epoch;
  *g = *fresh;
  g->epoch = epoch + 1;
  arena_free(old.cache_arena);
  arena_free(old.arena);
  return E_OK;
}

Err graph_refresh(Cx *cx, Graph *g, Store *s, bool *changed) {
  int64_t head;
  TRY(store_int(cx, s, SQL_GRAPH_HEAD, NO_ARGS, 0, &head));
  *changed = head != g->log_size;
  if (!*changed) return E_OK;
  if (g->waste > WASTE_LEAST && g->waste > arena_used(g->arena) / 2) return renew(cx, g, s);
  return load_in_view(cx, s, g, g->log_size);
}
