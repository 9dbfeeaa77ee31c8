/* The canonical form: one spelling for names, choices and quotes; order as written, sort at the end. */
#include "trace/inside.h"

static const char *const compare_signs[] = { "", "<", "<=", ">", ">=" };

static bool is_plain(Str s, bool word) {
  if (!s.n || (word && s.p[0] == '-')) return false;
  for (size_t i = 0; i < s.n; i++) {
    char c = s.p[i];
    bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
                 c == '-' || c == '.' || c == '/' || c == '@' || c == '#' || c == '+' || c == '*' ||
                 (unsigned char)c >= 0x80;
    if (!plain) return false;
  }
  return true;
}

static void write_value(Buf *b, const Operand *o, bool word) {
  Str s = word ? o->raw : o->shown;
  bool special = o->quoted && (str_starts(s, S("@")) || str_eq(s, S("*")));
  if (is_plain(s, word) && !special) { buf_add(b, s); return; }
  buf_byte(b, '"');
  for (size_t i = 0; i < s.n; i++) {
    if (s.p[i] == '"' || s.p[i] == '\\') buf_byte(b, '\\');
    buf_byte(b, s.p[i]);
  }
  buf_byte(b, '"');
}

static void write_alternatives(Buf *b, const Term *t) {
  for (size_t i = 0; i < t->alternative.n; i++) {
    if (i) buf_z(b, " | ");
    query_write(b, t->alternative.p[i]);
  }
}

static void write_sub(Buf *b, const Query *q) {
  buf_byte(b, '(');
  bool bare = q->term.n == 1 && q->term.p[0].kind == TERM_ANY && !q->term.p[0].negated && !q->sort.n;
  if (bare) write_alternatives(b, &q->term.p[0]);
  else query_write(b, q);
  buf_byte(b, ')');
}

static void write_term(Buf *b, const Term *t) {
  if (t->negated) buf_byte(b, '-');
  if (t->kind == TERM_WORD) { write_value(b, &t->value.p[0], true); return; }
  if (t->kind == TERM_ANY) { buf_byte(b, '('); write_alternatives(b, t); buf_byte(b, ')'); return; }
  if (t->kind == TERM_ALL) buf_z(b, "all:");
  if (t->kind == TERM_COUNT) buf_z(b, "count:");
  buf_add(b, t->key);
  if (t->kind == TERM_COUNT) {
    buf_z(b, t->cmp == CMP_EQ ? "=" : compare_signs[t->cmp]);
    buf_int(b, t->count);
    return;
  }
  if (t->sub) { write_sub(b, t->sub); return; }
  for (size_t i = 0; i < t->value.n; i++) {
    buf_byte(b, i ? ',' : ':');
    buf_z(b, compare_signs[t->value.p[i].cmp]);
    write_value(b, &t->value.p[i], false);
  }
}

void query_write(Buf *b, const Query *q) {
  bool more = false;
  for (size_t i = 0; i < q->term.n; i++, more = true) {
    if (more) buf_byte(b, ' ');
    write_term(b, &q->term.p[i]);
  }
  for (size_t i = 0; i < q->sort.n; i++) {
    buf_z(b, i ? "," : more ? " sort:" : "sort:");
    if (q->sort.p[i].down) buf_byte(b, '-');
    buf_add(b, q->sort.p[i].key);
  }
}

void query_words(Cx *cx, const Query *q, SearchWords *out, bool *only) {
  SearchWords found = { 0 };
  *only = !q->sort.n;
  for (size_t i = 0; i < q->term.n; i++) {
    const Term *t = &q->term.p[i];
    if (t->kind == TERM_WORD && !t->negated) vec_add(cx->arena, &found, t->value.p[0].text);
    else *only = false;
  }
  *out = found;
}

Str query_canonical(Cx *cx, const Query *q) {
  Buf b = buf_new(cx->arena, 4 * QUERY_MAX_BYTES);
  query_write(&b, q);
  return buf_str(&b);
}
