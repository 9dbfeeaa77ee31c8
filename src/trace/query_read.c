/* Text of a query to terms: syntax alone; names come after (query_name.c). */
#include "trace/inside.h"
#include <stdarg.h>
#include <stdio.h>

static bool is_space(char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r'; }
static bool is_name(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
}
static bool ends_word(char c) { return is_space(c) || c == '(' || c == ')' || c == '|' || c == '"'; }

static char look(const Reader *r) { return r->at < r->text.n ? r->text.p[r->at] : '\0'; }
static bool at_end(const Reader *r) { return r->at >= r->text.n; }
static void skip_space(Reader *r) { while (!at_end(r) && is_space(look(r))) r->at++; }

Err query_wrong(Reader *r, size_t at, const char *fmt, ...) {
  char words[1024];
  va_list args;
  va_start(args, fmt);
  vsnprintf(words, sizeof words, fmt, args);
  va_end(args);
  r->bad_at = 1;                                /* a column counts characters, not bytes */
  for (size_t i = 0; i < at && i < r->text.n; i++)
    if (((unsigned char)r->text.p[i] & 0xC0) != 0x80) r->bad_at++;
  r->bad = str_dup(r->cx->arena, str_of(words));
  return fail(r->cx, E_USAGE, "Query, column %zu: %s", r->bad_at, words);
}

static Err read_quoted(Reader *r, Str *out) {
  size_t from = r->at++;
  Buf b = buf_new(r->cx->arena, QUERY_MAX_BYTES);
  while (!at_end(r) && look(r) != '"') {
    if (look(r) == '\\' && r->at + 1 < r->text.n) r->at++;
    buf_byte(&b, r->text.p[r->at++]);
  }
  if (at_end(r)) return query_wrong(r, from, "the quote that starts here has no end; add a \"");
  r->at++;
  *out = str_dup(r->cx->arena, buf_str(&b));
  return E_OK;
}

static Str read_name(Reader *r) {
  size_t from = r->at;
  while (!at_end(r) && is_name(look(r))) r->at++;
  return str_lower(r->cx->arena, str_slice(r->text, from, r->at));
}

static bool read_compare(Reader *r, Compare *out) {
  char c = look(r);
  if (c != '<' && c != '>' && c != '=') { *out = CMP_EQ; return false; }
  r->at++;
  bool equal = c != '=' && look(r) == '=';
  if (equal) r->at++;
  *out = c == '=' ? CMP_EQ : c == '<' ? (equal ? CMP_LE : CMP_LT) : equal ? CMP_GE : CMP_GT;
  return true;
}

static Err read_values(Reader *r, Term *t) {
  do {
    Operand o = { .at = r->at };
    read_compare(r, &o.cmp);
    if (look(r) == '"') {
      o.quoted = true;
      TRY(read_quoted(r, &o.raw));
    } else {
      size_t from = r->at;
      while (!at_end(r) && !ends_word(look(r)) && look(r) != ',') r->at++;
      o.raw = str_slice(r->text, from, r->at);
      o.any = str_eq(o.raw, S("*")) && o.cmp == CMP_EQ;
    }
    if (!o.raw.n && !o.quoted)
      return query_wrong(r, o.at, "%.*s: needs a value; %.*s:* means \"has any value\"", STR(t->key),
                         STR(t->key));
    vec_add(r->cx->arena, &t->value, o);
  } while (look(r) == ',' && r->at++ < r->text.n);
  if (!at_end(r) && !is_space(look(r)) && look(r) != ')' && look(r) != '|')
    return query_wrong(r, r->at, "a space is missing here");
  return E_OK;
}

static Err read_alternatives(Reader *r, Term *t);

/* The sub query of link(...): one query, or alternatives in one. */
static Err read_sub(Reader *r, Term *t) {
  Term any = { .kind = TERM_ANY, .at = r->at };
  TRY(read_alternatives(r, &any));
  t->sub = any.alternative.p[0];
  if (any.alternative.n == 1) return E_OK;
  t->sub = NEW(r->cx->arena, Query);
  vec_add(r->cx->arena, &t->sub->term, any);
  return E_OK;
}

static Err read_count(Reader *r, Term *t) {
  t->key = read_name(r);
  if (!read_compare(r, &t->cmp))
    return query_wrong(r, r->at, "write count:LINK and a comparison, as in count:mitigated_by>=2");
  size_t from = r->at;
  while (look(r) >= '0' && look(r) <= '9') r->at++;
  if (!str_int(str_slice(r->text, from, r->at), &t->count))
    return query_wrong(r, from, "a number is missing here");
  t->kind = TERM_COUNT;
  return E_OK;
}

static Err read_keyed(Reader *r, Term *t) {
  r->at++;
  if (str_eq(t->key, S("count"))) return read_count(r, t);
  if (!str_eq(t->key, S("all"))) { t->kind = TERM_KEY; return read_values(r, t); }
  t->key = read_name(r);
  if (look(r) != '(')
    return query_wrong(r, r->at, "write all:LINK(query), as in all:mitigated_by(state:approved)");
  t->kind = TERM_ALL;
  return read_sub(r, t);
}

static Err read_word(Reader *r, Term *t) {
  size_t from = r->at;
  while (!at_end(r) && !ends_word(look(r))) r->at++;
  Operand o = { .at = from, .raw = str_slice(r->text, from, r->at) };
  if (!o.raw.n) return query_wrong(r, from, "a term is missing here");
  o.yes = o.raw.n > 1 && str_ends(o.raw, S("*")); /* where a word begins */
  o.text = text_fold(r->cx->arena, str_slice(o.raw, 0, o.raw.n - o.yes));
  vec_add(r->cx->arena, &t->value, o);
  return E_OK;
}

static Err read_term(Reader *r, Term *out) {
  Term t = { .kind = TERM_WORD, .at = r->at };
  if (look(r) == '-') { t.negated = true; r->at++; }
  if (++r->terms > QUERY_MAX_TERMS)
    return query_wrong(r, t.at, "more than %d terms; split the query", QUERY_MAX_TERMS);
  size_t from = r->at;
  if (look(r) == '"') {
    Operand o = { .at = r->at, .quoted = true };
    TRY(read_quoted(r, &o.raw));
    if (!o.raw.n) return query_wrong(r, o.at, "the quotes are empty");
    o.text = text_fold(r->cx->arena, o.raw);
    vec_add(r->cx->arena, &t.value, o);
  } else if (look(r) == '(') {
    t.kind = TERM_ANY;
    TRY(read_alternatives(r, &t));
  } else {
    t.key = read_name(r);
    if (t.key.n && look(r) == ':') TRY(read_keyed(r, &t));
    else if (t.key.n && look(r) == '(') { t.kind = TERM_LINK; TRY(read_sub(r, &t)); }
    else { r->at = from; TRY(read_word(r, &t)); }
  }
  *out = t;
  return E_OK;
}

static Err read_terms(Reader *r, Query **out) {
  Query *q = NEW(r->cx->arena, Query);
  for (skip_space(r); !at_end(r) && look(r) != ')' && look(r) != '|'; skip_space(r)) {
    Term t;
    TRY(read_term(r, &t));
    vec_add(r->cx->arena, &q->term, t);
  }
  *out = q;
  return E_OK;
}

/* "(" query { "|" query } ")" */
static Err read_alternatives(Reader *r, Term *t) {
  size_t from = r->at++;
  if (++r->depth > QUERY_MAX_DEPTH)
    return query_wrong(r, from, "more than %d parentheses inside each other", QUERY_MAX_DEPTH);
  for (;;) {
    Query *q;
    TRY(read_terms(r, &q));
    vec_add(r->cx->arena, &t->alternative, q);
    if (look(r) != '|') break;
    r->at++;
  }
  if (look(r) != ')') return query_wrong(r, from, "the parenthesis that opens here is not closed; add a )");
  r->at++;
  r->depth--;
  return E_OK;
}

Err query_read(Reader *r, Query **out) {
  if (r->text.n > QUERY_MAX_BYTES) return query_wrong(r, 0, "longer than %d bytes", QUERY_MAX_BYTES);
  if (!str_is_utf8(r->text)) return query_wrong(r, 0, "not UTF-8 text");
  Query *q;
  TRY(read_terms(r, &q));
  if (!at_end(r))
    return query_wrong(r, r->at,
                       look(r) == ')' ? "no parenthesis is open here" : "| belongs inside parentheses");
  *out = q;
  return E_OK;
}
