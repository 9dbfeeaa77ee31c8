/* What people say about a record.  Said once it stays: a comment is never changed and never taken away, and each is an
 * entry of the log.  Naming somebody (@login) puts it on that person's list. */
#include "trace/inside.h"
#include "trace.sql.h"

enum { COMMENT_BYTES = 16384, MENTIONS_MOST = 20 };

/* ---- reading -------------------------------------------------------------------------------------------- */

static Comment comment_row(Arena *a, const Rows *r) {
  return (Comment){ .key = str_dup(a, row_text(r, 0)),
                    .record = str_dup(a, row_text(r, 1)),
                    .n = row_int(r, 2),
                    .answers = row_int(r, 3),
                    .author = str_dup(a, row_text(r, 4)),
                    .t_us = row_int(r, 5),
                    .text = str_dup(a, row_text(r, 6)) };
}

static Err read_rows(Cx *cx, Rows *r, Comments *out) {
  for (bool got;;) {
    TRY(rows_next(cx, r, &got));
    if (!got) return E_OK;
    Comment c = comment_row(cx->arena, r);
    vec_add(cx->arena, out, c);
  }
}

Err trace_comments(Cx *cx, Store *s, Str record, int64_t until_us, Comments *out) {
  AUTO(Rows) r = { 0 };
  Comments found = { 0 };
  TRY(store_rows(cx, s, SQL_COMMENT_LIST, ARGS(v_text(record), v_int(until_us)), &r));
  TRY(read_rows(cx, &r, &found));
  *out = found;
  return E_OK;
}

static bool has_all(Cx *cx, Str text, const SearchWords *words) {
  Str folded = text_fold(cx->arena, text);
  for (size_t i = 0; i < words->n; i++)
    if (!text_has(folded, words->p[i], false)) return false;
  return true;
}

Err trace_comments_find(Cx *cx, Store *s, const SearchWords *words, int64_t until_us, size_t limit, Comments *out) {
  AUTO(Rows) r = { 0 };
  Comments found = { 0 };
  TRY(store_rows(cx, s, SQL_COMMENT_ALL, ARGS(v_int(until_us)), &r));
  for (bool got; words->n && found.n < limit;) {
    TRY(rows_next(cx, &r, &got));
    if (!got) break;
    ArenaMark mark = arena_mark(cx->arena);
    bool fits = has_all(cx, row_text(&r, 6), words);
    arena_release(cx->arena, mark);
    if (!fits) continue;
    Comment c = comment_row(cx->arena, &r);
    vec_add(cx->arena, &found, c);
  }
  *out = found;
  return E_OK;
}

Err trace_mentions(Cx *cx, Store *s, Str person, Comments *out) {
  AUTO(Rows) r = { 0 };
  Comments found = { 0 };
  TRY(store_rows(cx, s, SQL_COMMENT_MENTIONS, ARGS(v_text(person)), &r));
  TRY(read_rows(cx, &r, &found));
  *out = found;
  return E_OK;
}

/* ---- saying --------------------------------------------------------------------------------------------- */

static bool login_byte(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' || c == '-' || c == '_';
}

/* @login, where no letter stands before the @ (an address is not a call). */
static Err add_mentions(Cx *cx, Call *call, Str key, Str text) {
  size_t found = 0;
  for (size_t i = 0; i < text.n && found < MENTIONS_MOST; i++) {
    if (text.p[i] != '@' || (i && login_byte(text.p[i - 1]))) continue;
    size_t end = i + 1;
    while (end < text.n && login_byte(text.p[end])) end++;
    Str login = str_slice(text, i + 1, end);
    while (login.n && login.p[login.n - 1] == '.') login.n--;
    Cx probe = { .arena = cx->arena, .now_us = cx->now_us };
    Who who;
    if (!login.n || people_who_login(&probe, call->store, login, &who) != E_OK) continue;
    TRY(store_run(cx, call->store, SQL_MENTION_ADD, ARGS(v_text(key), v_text(who.id)), NULL));
    found++;
  }
  return E_OK;
}

static Err text_check(Cx *cx, Str text) {
  if (!str_trim(text).n) problem(cx, S("text"), "required", "is needed");
  else if (text.n > COMMENT_BYTES)
    problem(cx, S("text"), "long", "is %zu bytes long; at most %d fit", text.n, COMMENT_BYTES);
  else if (!str_is_utf8(text) || str_find_char(text, '\0') != SIZE_MAX)
    problem(cx, S("text"), "utf8", "is not a text");
  return problems_fail(cx);
}

static Err may_read(Cx *cx, Call *call, const Record *r) {
  Who who;
  TRY(people_who(cx, call->store, call->actor, &who));
  return authorise(cx, &who, "read", r->products.n ? r->products.p[0] : PRODUCT_ANY);
}

static Err run_add(Cx *cx, Call *call) {
  Record r;
  int64_t last, answers = json_int(call->args, "answers", 0), seq;
  Str text = json_text(call->args, "text");
  TRY(record_get(cx, call->store, json_text(call->args, "record"), 0, &r));
  TRY(may_read(cx, call, &r));
  TRY(text_check(cx, text));
  TRY(store_int(cx, call->store, SQL_COMMENT_LAST, ARGS(v_text(r.id)), 0, &last));
  if (answers < 0 || answers > last)
    return fail(cx, E_NOTFOUND, "%.*s has no comment %lld. Nothing was stored", STR(r.id), (long long)answers);
  Str key = str_fmt(cx->arena, "%.*s#%lld", STR(r.id), (long long)last + 1);
  TRY(store_run(cx, call->store, SQL_COMMENT_ADD,
                ARGS(v_text(key), v_text(r.id), v_int(last + 1), v_int(answers), v_text(call->actor),
                     v_int(call->now_us), v_text(text)),
                NULL));
  TRY(add_mentions(cx, call, key, text));
  Entry e = { .act = S("comment.add"), .actor = call->actor, .auth = call->auth, .source = call->source,
              .request = call->request, .reason = call->reason, .t_us = call->now_us };
  TRY(ledger_fact_entry(cx, call->store, &trace_facts[FACT_COMMENT], key, &e, &seq));
  json_pair(call->result, "key", key);
  return E_OK;
}

/* The person has seen it: it leaves the list.  Whether somebody looked is nobody's evidence, so it is no entry. */
static Err run_seen(Cx *cx, Call *call) {
  return store_run(cx, call->store, SQL_MENTION_SEEN,
                   ARGS(v_text(json_text(call->args, "key")), v_text(call->actor)), NULL);
}

static const ArgSpec add_args[] = { { "record", ARG_TEXT, true, "the record" },
                                    { "text", ARG_TEXT, true, "what is said; @login calls somebody" },
                                    { "answers", ARG_INT, false, "number of the comment that it answers" } };
static const ArgSpec seen_args[] = { { "key", ARG_TEXT, true, "of the comment" } };
const Command trace_comment_add = { "comment.add", ROWS(add_args), "read", run_add, "says something about a record" };
const Command trace_comment_seen = { "comment.seen", ROWS(seen_args), "read", run_seen,
                                     "takes a comment from one's own list" };
