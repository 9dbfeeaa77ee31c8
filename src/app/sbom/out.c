/* The formats of an SBOM that goes out: one row each. */
#include "app/sbom/out.h"
#include "sbom_table.html.h"
#include <string.h>

static Err write_cyclonedx(Cx *cx, Store *s, Str sbom, const SbomOut *what, Str *out) {
  Buf b = buf_new(cx->arena, SIZE_MAX / 4);
  TRY(supply_write(cx, s, sbom, SBOM_CYCLONEDX, str_of(strchr(what->name, '-') + 1), &b));
  *out = buf_str(&b);
  return E_OK;
}

static Err write_spdx(Cx *cx, Store *s, Str sbom, const SbomOut *what, Str *out) {
  Buf b = buf_new(cx->arena, SIZE_MAX / 4);
  TRY(supply_write(cx, s, sbom, SBOM_SPDX, str_of(strchr(what->name, '-') + 1), &b));
  *out = buf_str(&b);
  return E_OK;
}

static Err write_csv(Cx *cx, Store *s, Str sbom, const SbomOut *what, Str *out) {
  Sheet sheet;
  (void)what;
  TRY(supply_table(cx, s, sbom, &sheet));
  return csv_write(cx, &sheet, out);
}

static Err write_xlsx(Cx *cx, Store *s, Str sbom, const SbomOut *what, Str *out) {
  Sheet sheet;
  (void)what;
  TRY(supply_table(cx, s, sbom, &sheet));
  return xlsx_write(cx, &sheet, out);
}

/* A page of its own, for printing and for a submission. */
static Err write_html(Cx *cx, Store *s, Str sbom, const SbomOut *what, Str *out) {
  Sheet sheet;
  SbomInfo info;
  (void)what;
  TRY(supply_sbom(cx, s, sbom, &info));
  TRY(supply_table(cx, s, sbom, &sheet));
  SbomTablePage page = { .id = info.id,
                         .name = info.name.n ? info.name : info.file,
                         .product = info.product,
                         .release = info.release,
                         .format = str_fmt(cx->arena, "%.*s %.*s", STR(info.format), STR(info.spec)),
                         .sha = info.sha256,
                         .imported = date_text(cx->arena, date_of(info.imported_us)),
                         .count = str_fmt(cx->arena, "%zu", sheet.nrows),
                         .heads = NEW_ARRAY(cx->arena, sheet.ncolumns, SbomTableHeads),
                         .rows = NEW_ARRAY(cx->arena, sheet.nrows + 1, SbomTableRows) };
  for (size_t c = 0; c < sheet.ncolumns; c++)
    page.heads[page.heads_n++] = (SbomTableHeads){ sheet.column[c].label };
  for (size_t i = 0; i < sheet.nrows; i++) {
    SbomTableRows *row = &page.rows[page.rows_n++];
    row->cells = NEW_ARRAY(cx->arena, sheet.ncolumns, SbomTableRowsCells);
    for (size_t c = 0; c < sheet.ncolumns; c++)
      row->cells[row->cells_n++] = (SbomTableRowsCells){ sheet.cell[i * sheet.ncolumns + c] };
  }
  Buf b = buf_new(cx->arena, SIZE_MAX / 4);
  sbom_table_html(&b, &page);
  *out = buf_str(&b);
  return E_OK;
}

static Err write_original(Cx *cx, Store *s, Str sbom, const SbomOut *what, Str *out) {
  (void)what;
  return supply_sbom_bytes(cx, s, sbom, out);
}

#define JSON_MEDIA "application/json"
const SbomOut sbom_outs[] = {
  { "cyclonedx-1.4", "CycloneDX 1.4", "cdx14.json", JSON_MEDIA, write_cyclonedx },
  { "cyclonedx-1.5", "CycloneDX 1.5", "cdx15.json", JSON_MEDIA, write_cyclonedx },
  { "cyclonedx-1.6", "CycloneDX 1.6", "cdx16.json", JSON_MEDIA, write_cyclonedx },
  { "cyclonedx-1.7", "CycloneDX 1.7", "cdx17.json", JSON_MEDIA, write_cyclonedx },
  { "spdx-2.3", "SPDX 2.3", "spdx.json", JSON_MEDIA, write_spdx },
  { "csv", "Support table, CSV", "csv", "text/csv; charset=utf-8", write_csv },
  { "xlsx", "Support table, XLSX", "xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    write_xlsx },
  { "html", "Support table, HTML", "html", "text/html; charset=utf-8", write_html },
  { "original", "The file as it came", "original", "application/octet-stream", write_original },
};
const size_t sbom_nouts = COUNT(sbom_outs);

Err sbom_out_find(Cx *cx, Str name, const SbomOut **out) {
  Buf all = buf_new(cx->arena, 400);
  for (size_t i = 0; i < COUNT(sbom_outs); i++) {
    buf_fmt(&all, "%s%s", i ? ", " : "", sbom_outs[i].name);
    if (!str_eq(name, str_of(sbom_outs[i].name))) continue;
    *out = &sbom_outs[i];
    return E_OK;
  }
  return fail(cx, E_USAGE, "An SBOM is not written as '%.*s'. Use one of: %.*s", STR(name), STR(buf_str(&all)));
}

Err sbom_out_write(Cx *cx, Store *s, Str sbom, const SbomOut *what, Str *out) {
  return what->write(cx, s, sbom, what, out);
}
