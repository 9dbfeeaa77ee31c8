/* columns.c - a table of components (CSV or XLSX: hardware, off-the-shelf software) written as CycloneDX JSON.
 *
 * Which column is what: as the caller says, else as an earlier import of a table with these columns had it, else by
 * their names.  A row that cannot be used refuses the table, and every one is named by its cell. */
#include "supply/inside.h"
#include "supply/write.h"

typedef enum ColumnKey {
  COL_NAME, COL_VERSION, COL_TYPE, COL_SUPPLIER, COL_LICENCE, COL_PURL, COL_CPE, COL_LEVEL, COL_END, COL_GROUP,
  COL_COUNT
} ColumnKey;
static const struct { const char *key, *names[8]; } columns[COL_COUNT] = {
  [COL_NAME] = { "name", { "name", "component", "component name", "part", "part name", "item", "product", "module" } },
  [COL_VERSION] = { "version", { "version", "revision", "rev", "component version", "firmware version" } },
  [COL_TYPE] = { "type", { "type", "kind", "category", "component type" } },
  [COL_SUPPLIER] = { "supplier", { "supplier", "vendor", "manufacturer", "supplier name" } },
  [COL_LICENCE] = { "licence", { "licence", "license", "licenses", "licences" } },
  [COL_PURL] = { "purl", { "purl", "package url" } },
  [COL_CPE] = { "cpe", { "cpe" } },
  [COL_LEVEL] = { "support_level", { "support level", "level of support", "support" } },
  [COL_END] = { "support_end", { "support end", "end of support", "end of support date", "eos" } },
  [COL_GROUP] = { "group", { "group", "namespace" } },
};
/* What people write in a column of kinds. */
static const struct { Str word; const char *type; } kinds[] = {
  { { "hardware", 8 }, "device" },
  { { "off-the-shelf", 13 }, "application" },
  { { "ots", 3 }, "application" },
  { { "cots", 4 }, "application" },
  { { "software", 8 }, "application" },
  { { "os", 2 }, "operating-system" },
  { { "operating system", 16 }, "operating-system" },
};

/* Where each key comes from: a column, or one word for all rows. */
typedef struct Source { size_t column; Str word; } Source;
enum { NO_COLUMN = SIZE_MAX, FAULTS_SHOWN = 20 };
typedef struct Mapping { Source of[COL_COUNT]; } Mapping;
typedef struct Sheeted { Cx *cx; const Table *t; Mapping map; Buf faults; size_t nfaults; } Sheeted;

static const Mapping unmapped = { .of = { [0 ... COL_COUNT - 1] = { NO_COLUMN, { NULL, 0 } } } };

static Str head_of(const Table *t, size_t column) { return str_trim(t->cell[column]); }

static size_t column_named(const Table *t, Str name) {
  for (size_t i = 0; i < t->ncolumns; i++)
    if (str_eq_nocase(head_of(t, i), str_trim(name))) return i;
  return NO_COLUMN;
}

/* "name=Part no.,version=Rev,type=:device": each key, and the head of its column or a word behind a colon. */
static Err mapping_read(Cx *cx, const Table *t, Str text, Mapping *out) {
  Mapping m = unmapped;
  while (text.n) {
    Str pair, key, from;
    (void)str_cut(text, ',', &pair, &text);
    if (!str_cut(pair, '=', &key, &from))
      return fail(cx, E_USAGE, "columns: '%.*s' is not key=Column", STR(str_head(pair, 60)));
    size_t k = 0;
    while (k < COL_COUNT && !str_eq(str_trim(key), str_of(columns[k].key))) k++;
    if (k == COL_COUNT)
      return fail(cx, E_USAGE,
                  "columns: there is no '%.*s'. The keys are name, version, type, supplier, licence, purl, cpe, "
                  "support_level, support_end and group",
                  STR(str_head(key, 60)));
    if (str_starts(from, S(":"))) m.of[k].word = str_trim(str_slice(from, 1, from.n));
    else if ((m.of[k].column = column_named(t, from)) == NO_COLUMN)
      return fail(cx, E_USAGE, "columns: the table has no column '%.*s'", STR(str_head(from, 60)));
  }
  *out = m;
  return E_OK;
}

static Mapping mapping_guess(const Table *t) {
  Mapping m = unmapped;
  for (size_t k = 0; k < COL_COUNT; k++)
    for (size_t i = 0; i < COUNT(columns[k].names) && columns[k].names[i] && m.of[k].column == NO_COLUMN; i++)
      m.of[k].column = column_named(t, str_of(columns[k].names[i]));
  return m;
}

static Err mapping_find(Cx *cx, const Table *t, const SbomOptions *opt, Mapping *out) {
  Str earlier = opt->remembered, line;
  if (opt->columns.n) TRY(mapping_read(cx, t, opt->columns, out));
  else *out = mapping_guess(t);
  while (!opt->columns.n && str_line(&earlier, &line)) {
    if (mapping_read(cx, t, line, out) == E_OK) break;
    cx_forgive(cx);
  }
  if (out->of[COL_NAME].column != NO_COLUMN) return E_OK;
  return fail(cx, E_FORMAT,
              "This is no SBOM in JSON, XML, YAML or tag-value, and as a table none of its columns is known to hold "
              "the names of components. Nothing was stored. For a table say which column is what, for instance: "
              "name=Part,version=Rev,supplier=Vendor");
}

static Str mapping_text(Cx *cx, const Table *t, const Mapping *m) {
  Buf b = buf_new(cx->arena, 64 * 1024);
  for (size_t k = 0; k < COL_COUNT; k++) {
    const Source *s = &m->of[k];
    if (s->column == NO_COLUMN && !s->word.n) continue;
    buf_fmt(&b, "%s%s=", b.n ? "," : "", columns[k].key);
    if (s->word.n) buf_fmt(&b, ":%.*s", STR(s->word));
    else buf_add(&b, head_of(t, s->column));
  }
  return buf_str(&b);
}

/* ---- rows ---- */

static Str value(const Sheeted *s, size_t row, ColumnKey k) {
  const Source *from = &s->map.of[k];
  if (from->column == NO_COLUMN) return from->word;
  return str_trim(s->t->cell[row * s->t->ncolumns + from->column]);
}

static void fault(Sheeted *s, size_t row, ColumnKey k, const char *what) {
  const Source *from = &s->map.of[k];
  size_t column = from->column == NO_COLUMN ? 0 : from->column;
  if (++s->nfaults > FAULTS_SHOWN) return;
  buf_fmt(&s->faults, "%srow %zu, cell %.*s (%.*s): %s", s->nfaults > 1 ? "; " : "", s->t->line[row],
          STR(cell_name(s->cx->arena, column, s->t->line[row])), STR(str_head(head_of(s->t, column), 60)), what);
}

static Str kind_of(Sheeted *s, size_t row) {
  Str word = str_lower(s->cx->arena, value(s, row, COL_TYPE));
  if (!word.n) return S("application");
  for (size_t i = 0; i < COUNT(kinds); i++) if (str_eq(word, kinds[i].word)) return str_of(kinds[i].type);
  word = str_replace(s->cx->arena, word, ' ', '-');
  if (cyclonedx_type_known(word, 6)) return word;
  fault(s, row, COL_TYPE, "is no kind of component: write hardware, off-the-shelf, firmware, operating system or "
                         "library");
  return STR_NONE;
}

/* A workbook keeps a date as a number of days. */
static Str date_of_cell(Sheeted *s, size_t row) {
  Str text = value(s, row, COL_END);
  int32_t days;
  if (!text.n || date_parse(text, &days)) return text;
  if (s->t->xlsx && date_of_serial(text, &days)) return date_text(s->cx->arena, days);
  fault(s, row, COL_END, "is no date as 2031-12-31");
  return STR_NONE;
}

static void licence_put(Cx *cx, JsonOut *o, Str licence) {
  if (!licence.n) return;
  json_key(o, "licenses");
  json_array(o);
  json_object(o);
  if (!is_licence_id(licence) && is_licence_expression(cx->arena, licence)) {
    json_pair(o, "expression", licence);
  } else {
    json_key(o, "license");
    json_object(o);
    json_pair(o, is_licence_id(licence) ? "id" : "name", licence);
    json_object_end(o);
  }
  json_object_end(o);
  json_array_end(o);
}

static void property_put(JsonOut *o, const char *name, Str text) {
  if (!text.n) return;
  json_object(o);
  json_pair(o, "name", str_of(name));
  json_pair(o, "value", text);
  json_object_end(o);
}

static void row_put(Sheeted *s, size_t row, JsonOut *o) {
  static const struct { const char *key; ColumnKey from; } plain[] = {
    { "name", COL_NAME }, { "version", COL_VERSION }, { "group", COL_GROUP }, { "purl", COL_PURL }, { "cpe", COL_CPE }
  };
  Str kind = kind_of(s, row), end = date_of_cell(s, row), purl = value(s, row, COL_PURL), cpe = value(s, row, COL_CPE);
  if (!value(s, row, COL_NAME).n) fault(s, row, COL_NAME, "is empty: a component has a name");
  if (purl.n && !str_starts(purl, S("pkg:"))) fault(s, row, COL_PURL, "is no package URL: it begins with pkg:");
  if (cpe.n && !cpe_looks_right(cpe)) fault(s, row, COL_CPE, "is no CPE");
  json_object(o);
  json_pair(o, "type", kind);
  for (size_t i = 0; i < COUNT(plain); i++) {
    Str text = value(s, row, plain[i].from);
    if (text.n) json_pair(o, plain[i].key, text);
  }
  if (value(s, row, COL_SUPPLIER).n) {
    json_key(o, "supplier");
    json_object(o);
    json_pair(o, "name", value(s, row, COL_SUPPLIER));
    json_object_end(o);
  }
  licence_put(s->cx, o, value(s, row, COL_LICENCE));
  json_key(o, "properties");
  json_array(o);
  property_put(o, "support_level", value(s, row, COL_LEVEL));
  property_put(o, "support_end", end);
  json_array_end(o);
  json_object_end(o);
}

/* ---- the table ---- */

Err table_to_json(Cx *cx, Str bytes, const SbomOptions *opt, Buf *json) {
  Table t;
  TRY(table_parse(cx, bytes, &t));
  if (!t.nrows) return fail(cx, E_FORMAT, "This is a table without rows. Nothing was stored.");
  Sheeted s = { .cx = cx, .t = &t, .faults = buf_new(cx->arena, 64 * 1024) };
  TRY(mapping_find(cx, &t, opt, &s.map));
  JsonOut o = json_out(json, false);
  json_object(&o);
  json_pair(&o, "bomFormat", S("CycloneDX"));
  json_pair(&o, "specVersion", S("1.6"));
  json_pair_int(&o, "version", 1);
  json_pair(&o, "columns", mapping_text(cx, &t, &s.map));
  json_key(&o, "components");
  json_array(&o);
  for (size_t row = 1; row < t.nrows; row++) row_put(&s, row, &o);
  json_array_end(&o);
  json_object_end(&o);
  if (!s.nfaults) return E_OK;
  return fail(cx, E_INVALID, "%zu cells of the table cannot be used: %.*s%s. Nothing was stored. Mend them and try "
                             "again.",
              s.nfaults, STR(buf_str(&s.faults)), s.nfaults > FAULTS_SHOWN ? "; and more" : "");
}

/* A workbook; or text whose first line has several cells. */
bool table_looks(Str bytes) {
  if (str_starts(bytes, S("PK\3\4"))) return str_find(bytes, S("xl/workbook.xml")) != SIZE_MAX;
  Str text = without_mark(bytes), line;
  return str_find_char(text, '\0') == SIZE_MAX && str_line(&text, &line) && str_find_char(line, ',') != SIZE_MAX;
}
