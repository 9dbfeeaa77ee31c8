/* import table: a list that was worked on in a spreadsheet program. */
#include "app/cli/cli.h"
#include "app/table/table.h"
#include <stdio.h>

enum { TABLE_BYTES = 64 << 20 };

static Str place_of(Cx *cx, const TableFault *f) {
  return f->cell.n ? f->cell : str_fmt(cx->arena, "row %zu", f->line);
}

static void show_faults(Cli *cli, const TablePlan *p) {
  static const char *const columns[] = { "WHERE", "ID", "COLUMN", "WHAT IS WRONG" };
  CliTable t = cli_table(cli, columns, COUNT(columns));
  for (size_t i = 0; i < p->faults.n; i++) {
    cli_cell(&t, place_of(cli->cx, &p->faults.p[i]));
    cli_cell(&t, p->faults.p[i].id);
    cli_cell(&t, p->faults.p[i].column);
    cli_cell(&t, p->faults.p[i].words);
  }
  cli_table_end(cli, &t);
}

static void show_changes(Cli *cli, const TablePlan *p) {
  static const char *const columns[] = { "ROW", "ID", "COLUMN", "OLD", "NEW" };
  CliTable t = cli_table(cli, columns, COUNT(columns));
  for (size_t i = 0; i < p->changes.n; i++) {
    const TableRowPlan *r = &p->changes.p[i];
    for (size_t k = 0; k < r->ncell; k++) {
      cli_cell_int(&t, (int64_t)r->line);
      cli_cell(&t, r->base ? r->id : str_fmt(cli->cx->arena, "new %.*s", STR(r->id)));
      cli_cell(&t, r->cell[k].label);
      cli_cell(&t, r->cell[k].before);
      cli_cell(&t, r->cell[k].after);
    }
  }
  cli_table_end(cli, &t);
}

static void put_changes(JsonOut *o, const TablePlan *p) {
  json_key(o, "changes");
  json_array(o);
  for (size_t i = 0; i < p->changes.n; i++) {
    const TableRowPlan *r = &p->changes.p[i];
    json_object(o);
    json_pair_int(o, "row", (int64_t)r->line);
    json_pair(o, "id", r->id);
    json_pair_bool(o, "new", !r->base);
    json_key(o, "cells");
    json_array(o);
    for (size_t k = 0; k < r->ncell; k++) {
      json_object(o);
      json_pair(o, "column", r->cell[k].label);
      json_pair(o, "old", r->cell[k].before);
      json_pair(o, "new", r->cell[k].after);
      json_object_end(o);
    }
    json_array_end(o);
    json_object_end(o);
  }
  json_array_end(o);
}

static void plan_json(Cli *cli, const TablePlan *p) {
  JsonOut *o = cli_json(cli);
  json_object(o);
  json_pair(o, "schema", S("proofline.table-plan/1"));
  json_pair(o, "type", str_of(p->type->name));
  json_pair_int(o, "rows", (int64_t)p->rows);
  json_pair_int(o, "unchanged", (int64_t)p->unchanged);
  json_pair_int(o, "created", (int64_t)p->created);
  json_pair_int(o, "changed", (int64_t)(p->changes.n - p->created));
  json_pair_int(o, "refused", (int64_t)p->faults_all);
  put_changes(o, p);
  json_key(o, "problems");
  json_array(o);
  for (size_t i = 0; i < p->faults.n; i++) {
    const TableFault *f = &p->faults.p[i];
    json_object(o);
    json_pair_int(o, "row", (int64_t)f->line);
    json_pair(o, "cell", f->cell);
    json_pair(o, "id", f->id);
    json_pair(o, "column", f->column);
    json_pair_bool(o, "stale", f->stale);
    json_pair(o, "what", f->words);
    json_object_end(o);
  }
  json_array_end(o);
  json_object_end(o);
  cli_json_end(o);
}

static Err make_plan(Cli *cli, TablePlan *p) {
  Cx *cx = cli->cx;
  Str bytes;
  TRY(cli_writer(cli));
  Store *s = writer_store(cli->writer);
  TRY(file_read(cx, str_z(cx->arena, cli->arg[0]), TABLE_BYTES, &bytes));
  TRY(store_view(cx, s)); /* all rows are compared with one moment */
  Err e = table_plan(cx, s, &cli->who, bytes, cli->arg[0], cli_option(cli, "type"), p);
  store_unview(s);
  return e;
}

static Err agreed(Cli *cli, const TablePlan *p) {
  if (cli->yes) return E_OK;
  if (!cli->tty)
    return fail(cli->cx, E_USAGE, "Nothing was imported. Look at the changes above; to import them add --yes");
  (void)fprintf(stderr, "Import %zu changes in one go? [y/N] ", p->changes.n);
  int c = getchar();
  return c == 'y' || c == 'Y' ? E_OK : fail(cli->cx, E_USAGE, "Nothing was imported");
}

static Err import_run(Cli *cli) {
  TablePlan p = { 0 };
  TRY(make_plan(cli, &p));
  if (cli->out == OUT_JSON) plan_json(cli, &p);
  else if (p.faults.n) show_faults(cli, &p);
  else show_changes(cli, &p);
  TRY(table_plan_check(cli->cx, &p));
  cli_say(cli, "%zu rows: %zu change, %zu new, %zu unchanged.\n", p.rows, p.changes.n - p.created, p.created,
          p.unchanged);
  if (!p.changes.n || cli_has(cli, "dry-run")) return E_OK;
  TRY(agreed(cli, &p));
  Ask ask = { 0 };
  Answer a = { 0 };
  table_ask(cli->cx, p.file, p.sha256, table_rows_json(cli->cx, &p), &ask);
  ask.actor = cli->who.id;
  ask.auth = S("local");
  ask.source = S("import");
  ask.request = random_hex(cli->cx->arena, 8);
  ask.reason = cli_option(cli, "reason");
  TRY(writer_ask(cli->cx, cli->writer, &ask, 1, &a));
  TRY(answer_result(cli->cx, &a));
  cli_say(cli, "Imported.\n");
  return E_OK;
}

static const CliOption import_options[] = {
  { "type", "TYPE", "of its rows, when the table does not tell" },
  { "reason", "WHY", "why, in at least 10 characters; kept in the log with each record" },
  { "dry-run", NULL, "only show what would change" },
};

const CliCommand cli_table_commands[] = {
  { "import table", "FILE --reason WHY [--yes]", "a list that was worked on in a spreadsheet program, all or nothing",
    "  proofline list threat -o xlsx=threats.xlsx\n"
    "  proofline import table threats.xlsx --dry-run                       old and new of each cell\n"
    "  proofline import table threats.xlsx --reason \"Workshop of May\" --yes\n"
    "  CSV or XLSX. A row whose record was saved meanwhile, or that cannot be stored, refuses the whole table\n"
    "  (exit 6 or 3), and each one is named. Rows that are not there stay as they are.",
    import_options, COUNT(import_options), 1, 1, import_run },
  { 0 },
};
