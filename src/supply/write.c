/* write.c - an SBOM out of the store: what its file says, with the answers that people gave over it. */
#include "supply/write.h"
#include "supply.sql.h"
#include <string.h>

/* ---- what both formats use ---- */

static bool is_expression_word(Str w) {
  static const Str joins[] = { { "AND", 3 }, { "OR", 2 }, { "WITH", 4 } };
  for (size_t i = 0; i < COUNT(joins); i++) if (str_eq(w, joins[i])) return true;
  if (str_ends(w, S("+"))) w = str_slice(w, 0, w.n - 1);
  return is_licence_id(w) || str_starts(w, S("LicenseRef-")) || str_starts(w, S("DocumentRef-"));
}

bool is_licence_expression(Arena *a, Str s) {
  Str rest = str_replace(a, str_replace(a, s, '(', ' '), ')', ' '), word;
  size_t words = 0;
  while ((rest = str_trim(rest)).n) {
    (void)str_cut(rest, ' ', &word, &rest);
    if (!is_expression_word(word)) return false;
    words++;
  }
  return words > 0;
}

LicenceTexts licence_texts(Cx *cx, const Sbom *s) {
  LicenceTexts t = { s, map_new(cx->arena, s->licence.n + 1) };
  for (size_t i = 0; i < s->licence.n; i++) map_put(&t.at, s->licence.p[i].id, i);
  return t;
}

const SbomLicence *licence_find(const LicenceTexts *t, Str id) {
  size_t i = map_get(&t->at, id);
  return i == MAP_NONE ? NULL : &t->s->licence.p[i];
}

Str id_chars(Arena *a, Str s) {
  Buf b = buf_new(a, 4096);
  for (size_t i = 0; i < s.n && i < 200; i++) {
    char c = s.p[i];
    bool good = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' || c == '-';
    buf_byte(&b, good ? c : '-');
  }
  return buf_str(&b);
}

Str licence_ref(Arena *a, Str name) { return str_fmt(a, "LicenseRef-%.*s", STR(id_chars(a, name))); }

Str lost_words(Cx *cx, const Lost *lost, const char *format) {
  const struct { size_t n; const char *what; } kinds[] = {
    { lost->hashes, "hash" }, { lost->types, "type of component" }, { lost->scopes, "scope" },
    { lost->identifiers, "identifier" },
  };
  Buf b = buf_new(cx->arena, 400);
  for (size_t i = 0; i < COUNT(kinds); i++)
    if (kinds[i].n) buf_fmt(&b, "%s%zu %s", b.n ? ", " : "", kinds[i].n, kinds[i].what);
  if (!b.n) return STR_NONE;
  return str_fmt(cx->arena, "Left out, since %s has no place or word for it (how many, of what): %.*s", format,
                 STR(buf_str(&b)));
}

bool hash_next(Str *rest, Str *alg, Str *content) {
  Str one;
  *rest = str_trim(*rest);
  if (!rest->n) return false;
  (void)str_cut(*rest, ' ', &one, rest);
  size_t colon = str_rfind_char(one, ':');
  *alg = str_slice(one, 0, colon);
  *content = colon == SIZE_MAX ? S("") : str_slice(one, colon + 1, one.n);
  return true;
}

bool upstream_is_unsaid(Cx *cx, const SbomComponent *c) {
  PurlParts p;
  if (!c->upstream.n || str_eq(c->upstream, S(SBOM_SOURCE_UNKNOWN))) return false;
  return !c->purl.n || !purl_parts(c->purl, &p) || !str_eq(c->upstream, parts_qualifier(cx, &p, S("upstream")));
}

/* ---- the stored SBOM ---- */

static Str over(Arena *a, const Rows *r, int column) {
  Str s = str_dup(a, row_text(r, column));
  return s.n ? s : STR_NONE;
}

/* The rows of the table are those of the file, in its order: the answers go over them one by one. */
static Err answers_take(Cx *cx, Store *s, Str id, Sbom *sbom) {
  AUTO(Rows) r = { 0 };
  bool got;
  size_t n = 0;
  TRY(store_rows(cx, s, SQL_ANSWERED, ARGS(v_text(id)), &r));
  for (;; n++) {
    TRY(rows_next(cx, &r, &got));
    if (!got) break;
    if (n >= sbom->component.n) break;
    SbomComponent *c = &sbom->component.p[n];
    c->supplier = over(cx->arena, &r, 0);
    c->licence = over(cx->arena, &r, 1);
    c->support_level = over(cx->arena, &r, 2);
    c->support_end = over(cx->arena, &r, 3);
  }
  if (n == sbom->component.n && !got) return E_OK;
  return fail(cx, E_INTEGRITY, "The file of %.*s does not hold the components that were stored of it. Run verify.",
              STR(id));
}

Err supply_load(Cx *cx, Store *s, Str id, Sbom *out) {
  Sbom sbom;
  Str bytes;
  SbomOptions widest = {
    .max_bytes = 1 << 30, .max_components = 2000000, .max_edges = 1000000, .accept_errors = true
  };
  SbomInfo info;
  JVal *report;
  TRY(supply_sbom(cx, s, id, &info));
  TRY(json_read(cx, info.check_json, &JSON_DOCUMENT, &report));
  widest.columns = json_text(report, "columns");
  TRY(blob_get(cx, s, info.sha256, &bytes));
  TRY(supply_read(cx, bytes, &widest, &sbom));
  TRY(answers_take(cx, s, id, &sbom));
  *out = sbom;
  return E_OK;
}

/* A file whose errors were accepted may give one name to several components; what is written may not. */
static Sbom refs_made_unique(Cx *cx, const Sbom *s) {
  Sbom own = *s;
  Map seen = map_new(cx->arena, s->component.n + 1);
  bool copied = false;
  for (size_t i = 0; i < s->component.n; i++) {
    Str ref = s->component.p[i].ref;
    if (!ref.n) continue;
    size_t times = map_get(&seen, ref);
    if (times == MAP_NONE) { map_put(&seen, ref, 1); continue; }
    while (map_get(&seen, ref) != MAP_NONE) ref = str_fmt(cx->arena, "%.*s#%zu", STR(s->component.p[i].ref), ++times);
    map_put(&seen, s->component.p[i].ref, times);           /* the next one goes on from here */
    map_put(&seen, ref, 1);
    if (!copied) {
      own.component.p = NEW_ARRAY(cx->arena, s->component.n, SbomComponent);
      memcpy(own.component.p, s->component.p, s->component.n * sizeof *own.component.p);
    }
    copied = true;
    own.component.p[i].ref = ref;
  }
  return own;
}

Err supply_write_sbom(Cx *cx, const Sbom *s, SbomFormat format, Str spec, Buf *out) {
  static const Str cyclonedx[] = { { "1.4", 3 }, { "1.5", 3 }, { "1.6", 3 }, { "1.7", 3 } };
  const Sbom own = refs_made_unique(cx, s);
  size_t i = 0;
  while (i < COUNT(cyclonedx) && !str_eq(spec, cyclonedx[i])) i++;
  if (format == SBOM_CYCLONEDX && i < COUNT(cyclonedx)) TRY(cyclonedx_write(cx, &own, (unsigned)i + 4, out));
  else if (format == SBOM_SPDX && str_eq(spec, S("2.3"))) TRY(spdx_write(cx, &own, out));
  else return fail(cx, E_USAGE, "Written are CycloneDX 1.4, 1.5, 1.6 and 1.7 and SPDX 2.3. Nothing was written.");
  return out->over ? fail(cx, E_TOO_LARGE, "The SBOM is larger than %zu bytes. Nothing was written.", out->max)
                   : E_OK;
}

Err supply_write(Cx *cx, Store *s, Str id, SbomFormat format, Str spec, Buf *out) {
  Sbom sbom;
  TRY(supply_load(cx, s, id, &sbom));
  return supply_write_sbom(cx, &sbom, format, spec, out);
}

/* ---- the table that FDA asks for beside the SBOM: component, version, supplier, support ---- */

Err supply_table(Cx *cx, Store *s, Str id, Sheet *out) {
  static const SheetColumn columns[] = {
    { .label = { "Component", 9 }, .width = 32 },        { .label = { "Version", 7 }, .width = 14 },
    { .label = { "Supplier", 8 }, .width = 28 },         { .label = { "Level of support", 16 }, .width = 22 },
    { .label = { "End of support", 14 }, .kind = CELL_DATE }, { .label = { "Licence", 7 }, .width = 20 },
    { .label = { "Package URL", 11 }, .width = 48 },
  };
  AUTO(Rows) r = { 0 };
  SbomInfo info;
  bool got;
  VEC(Str) cells = { 0 };
  TRY(supply_sbom(cx, s, id, &info));
  TRY(store_rows(cx, s, SQL_SUPPORT_TABLE, ARGS(v_text(id)), &r));
  for (;;) {
    TRY(rows_next(cx, &r, &got));
    if (!got) break;
    for (int i = 0; i < (int)COUNT(columns); i++) vec_add(cx->arena, &cells, str_dup(cx->arena, row_text(&r, i)));
  }
  *out = (Sheet){ .name = S("Components"),
                  .column = columns,
                  .ncolumns = COUNT(columns),
                  .cell = cells.p,
                  .nrows = cells.n / COUNT(columns) };
  return E_OK;
}
