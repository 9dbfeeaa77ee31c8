/* sboms, sbom export, sbom table, sbom check, sbom diff: what is stored of SBOMs, and out again. */
#include "app/cli/cli.h"
#include "app/sbom/out.h"

static Err sboms_run(Cli *cli) {
  static const char *const columns[] = {
    "ID", "PRODUCT", "RELEASE", "NAME", "FORMAT", "COMPONENTS", "CURRENT", "FILE"
  };
  Cx *cx = cli->cx;
  Store *s = NULL;
  SbomList list = { 0 };
  TRY(cli_store(cli, &s));
  TRY(supply_sboms(cx, s, cli_option(cli, "device"), STR_NONE, false, &list));
  CliTable t = cli_table(cli, columns, COUNT(columns));
  for (size_t i = 0; i < list.n; i++) {
    const SbomInfo *b = &list.p[i];
    cli_cell(&t, b->id);
    cli_cell(&t, b->product);
    cli_cell(&t, b->release);
    cli_cell(&t, b->name);
    cli_cell(&t, str_fmt(cx->arena, "%.*s %.*s", STR(b->format), STR(b->spec)));
    cli_cell_int(&t, b->components);
    cli_cell_bool(&t, b->current);
    cli_cell(&t, b->file);
  }
  cli_table_end(cli, &t);
  return E_OK;
}

/* "cyclonedx" with --spec 1.6, or both in one word. */
static Str format_name(Cli *cli) {
  Str format = cli_option(cli, "format"), spec = cli_option(cli, "spec");
  if (!format.n) format = S("cyclonedx");
  bool spdx = str_eq(format, S("spdx"));
  if (!spdx && !str_eq(format, S("cyclonedx"))) return format;
  if (!spec.n) spec = spdx ? S("2.3") : S("1.6");
  return str_fmt(cli->cx->arena, "%.*s-%.*s", STR(format), STR(spec));
}

static Err export_run(Cli *cli) {
  Cx *cx = cli->cx;
  Store *s = NULL;
  const SbomOut *what;
  Str bytes, out = cli_option(cli, "out");
  TRY(sbom_out_find(cx, format_name(cli), &what));
  if (!out.p && cli->tty && str_eq(str_of(what->name), S("xlsx")))
    return fail(cx, E_USAGE, "A workbook is not for the terminal. Say where to: --out FILE.xlsx");
  TRY(cli_store(cli, &s));
  TRY(sbom_out_write(cx, s, cli->arg[0], what, &bytes));
  if (!out.p) {
    cli_print(bytes);
    return E_OK;
  }
  TRY(file_write(cx, str_z(cx->arena, out), bytes, 0644));
  cli_say(cli, "%.*s: %zu bytes\n", STR(out), bytes.n);
  return E_OK;
}

static Err table_run(Cli *cli) {
  static const char *const columns[] = {
    "COMPONENT", "VERSION", "SUPPLIER", "SUPPORT LEVEL", "SUPPORT END", "LICENCE", "PURL"
  };
  Store *s = NULL;
  Sheet sheet;
  TRY(cli_store(cli, &s));
  TRY(supply_table(cli->cx, s, cli->arg[0], &sheet));
  if (cli->out == OUT_CSV || cli->out == OUT_XLSX) {
    Str bytes;
    TRY(cli->out == OUT_CSV ? csv_write(cli->cx, &sheet, &bytes) : xlsx_write(cli->cx, &sheet, &bytes));
    return cli_put_file(cli, bytes);
  }
  CliTable t = cli_table(cli, columns, COUNT(columns));
  for (size_t i = 0; i < sheet.nrows * sheet.ncolumns; i++) cli_cell(&t, sheet.cell[i]);
  cli_table_end(cli, &t);
  return E_OK;
}

static Err check_run(Cli *cli) {
  static const char *const columns[] = { "ELEMENT", "WHAT IT IS", "NTIA", "FDA", "CISA", "PRESENT", "MISSING" };
  Cx *cx = cli->cx;
  Store *s = NULL;
  ElementStates list = { 0 };
  TRY(cli_store(cli, &s));
  TRY(supply_elements(cx, s, cli->arg[0], &list));
  CliTable t = cli_table(cli, columns, COUNT(columns));
  for (size_t i = 0; i < list.n; i++) {
    const ElementState *e = &list.p[i];
    cli_cell(&t, str_of(e->name));
    cli_cell(&t, str_of(e->label));
    cli_cell_bool(&t, e->ntia);
    cli_cell_bool(&t, e->fda);
    cli_cell_bool(&t, e->cisa);
    cli_cell_int(&t, e->present);
    cli_cell_int(&t, e->missing);
  }
  cli_table_end(cli, &t);
  return E_OK;
}

static Err diff_run(Cli *cli) {
  static const char *const columns[] = { "CHANGE", "COMPONENT", "OLD", "NEW" };
  Store *s = NULL;
  SbomDiff diff = { 0 };
  TRY(cli_store(cli, &s));
  TRY(supply_diff(cli->cx, s, cli->arg[0], cli->arg[1], &diff));
  CliTable t = cli_table(cli, columns, COUNT(columns));
  for (size_t i = 0; i < diff.n; i++) {
    const DiffRow *d = &diff.p[i];
    cli_cell(&t, str_of(diff_kind_name(d->kind)));
    cli_cell(&t, d->identity);
    cli_cell_or_dash(&t, d->before);
    cli_cell_or_dash(&t, d->after);
  }
  cli_table_end(cli, &t);
  return E_OK;
}

static const CliOption sboms_options[] = { { "device", "ID", "only of this product" } };
static const CliOption export_options[] = {
  { "format", "NAME", "cyclonedx (default), spdx, csv, xlsx, html (the support table), original" },
  { "spec", "VERSION", "1.4, 1.5, 1.6 (default), 1.7 of CycloneDX; 2.3 of SPDX" },
  { "out", "FILE", "write there" },
};

const CliCommand cli_sbom_commands[] = {
  { "sboms", "[--device ID]", "the imported SBOMs", NULL, sboms_options, COUNT(sboms_options), 0, 0, sboms_run },
  { "sbom export", "ID [--format NAME] [--spec 1.6] [--out FILE]",
    "write a stored SBOM with the answers given since",
    "  proofline sbom export SBM-0007 --spec 1.7 --out device.cdx.json\n"
    "  proofline sbom export SBM-0007 --format spdx\n"
    "  proofline sbom export SBM-0007 --format xlsx --out support.xlsx     supplier and support of each component\n"
    "  proofline sbom export SBM-0007 --format original                    the file as it came, to the byte",
    export_options, COUNT(export_options), 1, 1, export_run },
  { "sbom table", "ID", "components with supplier, level and end of support", NULL, NULL, 0, 1, 1, table_run,
    1u << OUT_CSV | 1u << OUT_XLSX },
  { "sbom check", "ID", "the minimum elements of NTIA, FDA and CISA: what is there, what is missing", NULL, NULL, 0, 1,
    1, check_run },
  { "sbom diff", "OLD NEW", "what changed from one stored SBOM to another: components, versions, licences, suppliers",
    NULL, NULL, 0, 2, 2, diff_run },
  { 0 },
};
