/* model: the records, steps and links that the program knows, as an auditor asks for them. */
#include "app/cli/cli.h"

enum { MODEL_BYTES = 16 << 20 };

static Err model_csv(Cx *cx, const ModelTable *t, Str *out) {
  SheetColumn *columns = NEW_ARRAY(cx->arena, t->columns.n, SheetColumn);
  for (size_t i = 0; i < t->columns.n; i++) columns[i].label = t->columns.p[i];
  Sheet sheet = { .name = str_of(t->title), .column = columns, .ncolumns = t->columns.n, .cell = t->cells.p,
                  .nrows = t->cells.n / t->columns.n };
  return csv_write(cx, &sheet, out);
}

static void model_json_table(const ModelTable *t, JsonOut *o) {
  size_t n = t->columns.n;
  json_object(o);
  json_pair(o, "table", str_of(t->name));
  json_key(o, "columns");
  json_array(o);
  for (size_t i = 0; i < n; i++) json_put_str(o, t->columns.p[i]);
  json_array_end(o);
  json_key(o, "rows");
  json_array(o);
  for (size_t i = 0; i < t->cells.n; i++) {
    if (i % n == 0) json_array(o);
    json_put_str(o, t->cells.p[i]);
    if (i % n == n - 1) json_array_end(o);
  }
  json_array_end(o);
  json_object_end(o);
}

static Err one_table(Cli *cli, Str name, Buf *b) {
  ModelTable t;
  Str csv;
  JsonOut o = json_out(b, true);
  TRY(model_table(cli->cx, name, &t));
  if (cli->out == OUT_JSON) model_json_table(&t, &o);
  else if (cli->out != OUT_CSV) model_table_markdown(&t, b);
  else {
    TRY(model_csv(cli->cx, &t, &csv));
    buf_add(b, csv);
  }
  return E_OK;
}

static Err model_run(Cli *cli) {
  Buf b = buf_new(cli->cx->arena, MODEL_BYTES);
  JsonOut o = json_out(&b, true);
  if (cli->narg) TRY(one_table(cli, cli->arg[0], &b));
  else if (cli->out == OUT_JSON) model_json(&o);
  else if (cli->out == OUT_CSV) return fail(cli->cx, E_USAGE, "CSV holds one table: proofline model fields -o csv");
  else TRY(model_markdown(cli->cx, &b));
  if (cli->out == OUT_JSON) buf_byte(&b, '\n');
  return cli_put_file(cli, buf_str(&b));
}

const CliCommand cli_model_commands[] = {
  { "model", "[types|fields|steps|links|states|guards]", "record types, fields, steps, links and states",
    "  proofline model > model.md                the whole as Markdown (-o md)\n"
    "  proofline model steps -o csv              the role x step matrix, for a spreadsheet program\n"
    "  proofline model links -o md               which record links to which, and how many are needed\n"
    "  proofline model -o json                   types, links and lifecycles for programs",
    NULL, 0, 0, 1, model_run, 1u << OUT_CSV | 1u << OUT_MD },
  { 0 },
};
