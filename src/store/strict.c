/* Tables that hold each column to its kind.
 *
 * In SQLite a column takes any kind of value unless its table is strict; so a bit that turns a text into bytes would
 * be no finding of its own check.  The texts of the schema stay portable: the engine adds the word where a table is
 * made. */
#include "inside.h"
#include <string.h>

/* The end of the statement at p: its semicolon, or the end of all. */
static const char *statement_end(const char *p, bool *options) {
  bool quoted = false;
  int depth = 0;
  *options = false;
  for (; *p && (quoted || *p != ';'); p++) {
    if (*p == '\'') quoted = !quoted;
    if (quoted) continue;
    if (*p == '(') depth++;
    else if (*p == ')') *options = --depth > 0;
    else if (depth == 0 && *p != ' ' && *p != '\n') *options = true;   /* WITHOUT ROWID */
  }
  return p;
}

/* A strict table knows one name for whole numbers. */
static void add_table(Buf *b, Str text, bool options) {
  static const char wide[] = "BIGINT";
  for (size_t at; (at = str_find(text, str_of(wide))) != SIZE_MAX;
       text = str_slice(text, at + sizeof wide - 1, text.n)) {
    buf_add(b, str_slice(text, 0, at));
    buf_z(b, "INTEGER");
  }
  buf_add(b, text);
  buf_z(b, options ? ", STRICT" : " STRICT");
}

const char *strict_tables(Arena *a, const char *sql) {
  static const char create[] = "CREATE TABLE ";
  Buf b = buf_new(a, 2 * strlen(sql) + 64);
  for (const char *p = sql; *p;) {
    bool options, blank = *p == ' ' || *p == '\n';
    const char *end = blank ? p + 1 : statement_end(p, &options);
    Str text = { p, (size_t)(end - p) };
    if (!blank && strncmp(p, create, sizeof create - 1) == 0) add_table(&b, text, options);
    else buf_add(&b, text);
    p = end;
    if (*p == ';') buf_byte(&b, *p++);
  }
  buf_byte(&b, 0);
  return buf_str(&b).p;
}
