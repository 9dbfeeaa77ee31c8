/* What commands print: text, answers in JSON, tables. */
#include "app/cli/cli.h"
#include <stdio.h>
#include <string.h>

void cli_print(Str s) {
  size_t at = 0;
  while (at < s.n) {
    size_t put = fwrite(s.p + at, 1, s.n - at, stdout);
    if (!put) return;
    at += put;
  }
}

/* The buffer belongs to the answer, which JsonOut alone knows. */
static JsonOut *json_begin(Arena *a) {
  Buf *b = NEW(a, Buf);
  JsonOut *o = NEW(a, JsonOut);
  *b = buf_new(a, SIZE_MAX / 4);
  *o = json_out(b, true);
  return o;
}

JsonOut *cli_json(Cli *cli) { return json_begin(cli->cx->arena); }

void cli_json_end(JsonOut *o) { cli_json_text(buf_str(o->buf)); }

void cli_json_text(Str json) {
  cli_print(json);
  cli_print(S("\n"));
}

/* ---- tables -------------------------------------------------------------------------------------------- */

CliTable cli_table(Cli *cli, const char *const *columns, size_t n) {
  return (CliTable){ .arena = cli->cx->arena, .columns = columns, .ncolumns = n };
}

void cli_cell(CliTable *t, Str s) { vec_add(t->arena, &t->cells, (CliCell){ .text = s }); }

void cli_cell_or_dash(CliTable *t, Str s) {
  vec_add(t->arena, &t->cells, s.n ? (CliCell){ .text = s } : (CliCell){ .text = S("-"), .kind = CLI_NONE });
}

void cli_cell_int(CliTable *t, int64_t i) {
  vec_add(t->arena, &t->cells, (CliCell){ str_fmt(t->arena, "%lld", (long long)i), CLI_INT, i });
}

void cli_cell_bool(CliTable *t, bool b) {
  vec_add(t->arena, &t->cells, (CliCell){ b ? S("yes") : S("no"), CLI_BOOL, b });
}

Str cli_score(Arena *a, int x10) { return x10 < 0 ? S("-") : str_fmt(a, "%d.%d", x10 / 10, x10 % 10); }

Str cli_percent(Arena *a, int64_t x1e9) {
  return x1e9 < 0 ? S("-") : str_fmt(a, "%lld %%", (long long)((x1e9 + 5000000) / 10000000));
}

/* Columns on the screen: code points, not bytes. */
static size_t width(Str s) {
  size_t n = 0;
  for (size_t i = 0; i < s.n; i++) n += ((unsigned char)s.p[i] & 0xC0) != 0x80;
  return n;
}

/* A cell can't break the table: control characters become spaces. */
static void print_cell(Str s) {
  for (size_t i = 0; i < s.n; i++) (void)putchar((unsigned char)s.p[i] < 32 || s.p[i] == 127 ? ' ' : s.p[i]);
}

/* "LAST USED" is the member last_used, "SHA-256" sha_256. */
static Str json_name(Arena *a, const char *column) {
  return str_replace(a, str_replace(a, str_lower(a, str_of(column)), ' ', '_'), '-', '_');
}

static void cell_json(JsonOut *o, const CliCell *c) {
  if (c->kind == CLI_INT) json_put_int(o, c->i);
  else if (c->kind == CLI_BOOL) json_put_bool(o, c->i != 0);
  else if (c->kind == CLI_NONE) json_put_null(o);
  else json_put_str(o, c->text.p ? c->text : S(""));
}

static void table_json(const CliTable *t) {
  JsonOut *o = json_begin(t->arena);
  size_t n = t->ncolumns;
  json_array(o);
  for (size_t i = 0; i < t->cells.n; i++) {
    if (i % n == 0) json_object(o);
    json_key_str(o, json_name(t->arena, t->columns[i % n]));
    cell_json(o, &t->cells.p[i]);
    if (i % n == n - 1) json_object_end(o);
  }
  json_array_end(o);
  cli_json_end(o);
}

void cli_table_end(const Cli *cli, const CliTable *t) {
  if (cli->out == OUT_JSON) {
    table_json(t);
    return;
  }
  size_t wide[16] = { 0 }, n = t->ncolumns;
  for (size_t c = 0; c < n; c++) wide[c] = strlen(t->columns[c]);
  for (size_t i = 0; i < t->cells.n; i++)
    if (width(t->cells.p[i].text) > wide[i % n]) wide[i % n] = width(t->cells.p[i].text);
  for (size_t c = 0; cli->tty && c < n; c++) {
    (void)printf("%s", t->columns[c]);
    for (size_t k = strlen(t->columns[c]); c + 1 < n && k < wide[c] + 2; k++) (void)putchar(' ');
  }
  if (cli->tty) (void)putchar('\n');
  for (size_t i = 0; i < t->cells.n; i++) {
    print_cell(t->cells.p[i].text);
    if (i % n == n - 1) {
      (void)putchar('\n');
      continue;
    }
    if (!cli->tty) {
      (void)putchar('\t');
      continue;
    }
    for (size_t k = width(t->cells.p[i].text); k < wide[i % n] + 2; k++) (void)putchar(' ');
  }
}
