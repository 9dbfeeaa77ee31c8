/* Saved views: a question with a name, for oneself or for all who read a device. */
#include "trace/inside.h"
#include "trace.sql.h"

enum { VIEW_NAME_BYTES = 60, VIEWS_MOST = 100 };

static bool may_see_view(const Who *who, const View *v) {
  if (str_eq(v->owner, who->id)) return true;
  if (!v->shared.n) return false;
  return (who_roles(who, str_eq(v->shared, S("*")) ? PRODUCT_ANY : v->shared) & ROLES_READ) != 0;
}

Err trace_views(Cx *cx, Store *s, const Who *who, Str type, Views *out) {
  AUTO(Rows) r = { 0 };
  Views found = { 0 };
  Arena *a = cx->arena;
  TRY(store_rows(cx, s, SQL_VIEW_LIST, ARGS(v_text(type)), &r));
  for (bool got;;) {
    TRY(rows_next(cx, &r, &got));
    if (!got) break;
    View v = { str_dup(a, row_text(&r, 0)), str_dup(a, row_text(&r, 1)), str_dup(a, row_text(&r, 2)),
               str_dup(a, row_text(&r, 3)), str_dup(a, row_text(&r, 4)), str_dup(a, row_text(&r, 5)) };
    if (may_see_view(who, &v)) vec_add(a, &found, v);
  }
  *out = found;
  return E_OK;
}

static Err log_view(Cx *cx, Call *call, const char *act, Str id) {
  int64_t seq;
  Entry e = { .act = str_of(act), .actor = call->actor, .auth = call->auth, .source = call->source,
              .request = call->request, .reason = call->reason, .t_us = call->now_us };
  return ledger_fact_entry(cx, call->store, &trace_facts[FACT_VIEW], id, &e, &seq);
}

/* A view that cannot be asked would be a tab that leads to an error. */
static Err view_check(Cx *cx, Call *call, const RecordType *t, Str name, Str query, Str shared) {
  Query *q;
  Cx probe = { .arena = cx->arena, .now_us = cx->now_us };
  if (!str_trim(name).n || name.n > VIEW_NAME_BYTES || !str_is_utf8(name))
    problem(cx, S("name"), "name", "must be 1 to %d bytes of text", VIEW_NAME_BYTES);
  if (query_compile(&probe, query, &(QueryScope){ .me = call->actor, .now_us = cx->now_us, .type = t }, &q) != E_OK)
    problem(cx, S("query"), "query", "%.*s", STR(probe.words));
  if (shared.n && !str_eq(shared, S("*"))) {
    Record product;
    if (record_get(&probe, call->store, shared, 0, &product) != E_OK)
      problem(cx, S("shared"), "product", "there is no device %.*s", STR(str_head(shared, 40)));
  }
  return problems_fail(cx);
}

static Err run_save(Cx *cx, Call *call) {
  const RecordType *t;
  int64_t n, mine;
  Str name = str_trim(json_text(call->args, "name")), query = json_text(call->args, "query"),
      shared = json_text(call->args, "shared");
  if (!shared.p) shared = S("");
  TRY(record_type_need(cx, json_text(call->args, "type"), &t));
  TRY(view_check(cx, call, t, name, query, shared));
  TRY(store_int(cx, call->store, SQL_VIEW_MINE, ARGS(v_text(call->actor)), 0, &mine));
  if (mine >= VIEWS_MOST)
    return fail(cx, E_CONFLICT, "You have %d views already. Remove one first. Nothing was stored", VIEWS_MOST);
  TRY(store_int(cx, call->store, SQL_VIEW_NEXT, NO_ARGS, 1, &n));
  Str id = str_fmt(cx->arena, "VIEW-%04lld", (long long)n);
  TRY(store_run(cx, call->store, SQL_VIEW_ADD,
                ARGS(v_text(id), v_int(n), v_text(call->actor), v_text(name), v_text(str_of(t->name)), v_text(query),
                     v_text(shared)),
                NULL));
  TRY(log_view(cx, call, "view.save", id));
  json_pair(call->result, "id", id);
  return E_OK;
}

static Err run_drop(Cx *cx, Call *call) {
  Str id = json_text(call->args, "id");
  int64_t changes = 0;
  TRY(store_run(cx, call->store, SQL_VIEW_DROP, ARGS(v_text(id), v_text(call->actor)), &changes));
  if (!changes) return fail(cx, E_NOTFOUND, "You have no view %.*s", STR(str_head(id, 40)));
  return log_view(cx, call, "view.drop", id);
}

static const ArgSpec save_args[] = { { "name", ARG_TEXT, true, "what the tab says" },
                                     { "type", ARG_TEXT, true, "type of the records" },
                                     { "query", ARG_TEXT, true, "the question" },
                                     { "shared", ARG_TEXT, false, "empty: mine; * everybody; or a device" } };
static const ArgSpec drop_args[] = { { "id", ARG_TEXT, true, "the view" } };
const Command trace_view_save = { "view.save", ROWS(save_args), "read", run_save, "keeps a question under a name" };
const Command trace_view_drop = { "view.drop", ROWS(drop_args), "read", run_drop, "removes a view of one's own" };
