/* query.c - reading what is stored: SBOMs, packages, components. */
#include "supply/inside.h"
#include "supply.sql.h"

static Val text(Str s) { return v_text(s.p ? s : S("")); }

/* ---- SBOMs ---- */

static SbomInfo info_of(Arena *a, const Rows *r) {
  Str t[11];
  for (int i = 0; i < 11; i++) t[i] = str_dup(a, row_text(r, i));
  return (SbomInfo){
    .id = t[0], .product = t[1], .release = t[2], .name = t[3], .element = t[4], .file = t[5], .format = t[6],
    .spec = t[7], .serial = t[8], .sha256 = t[9], .imported_by = t[10], .components = row_int(r, 11),
    .dependencies = row_int(r, 12), .imported_us = row_int(r, 13), .current = row_int(r, 14) != 0
  };
}

Err supply_sboms(Cx *cx, Store *s, Str product, Str release, bool current_only, SbomList *out) {
  AUTO(Rows) r = { 0 };
  SbomList list = { 0 };
  bool got;
  TRY(store_rows(cx, s, SQL_SBOM_LIST, ARGS(text(product), text(release), v_int(current_only)), &r));
  for (;;) {
    TRY(rows_next(cx, &r, &got));
    if (!got) break;
    vec_add(cx->arena, &list, info_of(cx->arena, &r));
  }
  *out = list;
  return E_OK;
}

Err supply_sbom(Cx *cx, Store *s, Str id, SbomInfo *out) {
  AUTO(Rows) r = { 0 };
  bool got;
  TRY(store_rows(cx, s, SQL_SBOM_GET, ARGS(text(id)), &r));
  TRY(rows_next(cx, &r, &got));
  if (!got) return fail(cx, E_NOTFOUND, "There is no SBOM %.*s.", STR(id));
  *out = info_of(cx->arena, &r);
  out->check_json = str_dup(cx->arena, row_text(&r, 15));
  return E_OK;
}

Err supply_columns(Cx *cx, Store *s, Str *out) {
  AUTO(Rows) r = { 0 };
  Buf b = buf_new(cx->arena, 1 << 20);
  TRY(store_rows(cx, s, SQL_SBOM_TABLES, NO_ARGS, &r));
  for (bool got;;) {
    TRY(rows_next(cx, &r, &got));
    if (!got) break;
    JVal *report;
    TRY(json_read(cx, row_text(&r, 0), &JSON_DOCUMENT, &report));
    Str columns = json_text(report, "columns");
    if (columns.n) buf_fmt(&b, "%.*s\n", STR(columns));
  }
  *out = buf_str(&b);
  return E_OK;
}

Err supply_sbom_bytes(Cx *cx, Store *s, Str id, Str *bytes) {
  SbomInfo info;
  TRY(supply_sbom(cx, s, id, &info));
  return blob_get(cx, s, info.sha256, bytes);
}

/* ---- packages ---- */

static Package package_of(Arena *a, const Rows *r, int from) {
  Str t[10];
  for (int i = 0; i < 10; i++) t[i] = str_dup(a, row_text(r, from + 1 + i));
  return (Package){
    .id = row_int(r, from), .identity = t[0], .purl = t[1], .cpe = t[2], .other_ids = t[3], .type = t[4],
    .group = t[5], .name = t[6], .version = t[7], .distro = t[8], .upstream = t[9]
  };
}

static Err packages_take(Cx *cx, Rows *r, Packages *out) {
  Packages list = { 0 };
  bool got;
  for (;;) {
    TRY(rows_next(cx, r, &got));
    if (!got) break;
    vec_add(cx->arena, &list, package_of(cx->arena, r, 0));
  }
  *out = list;
  return E_OK;
}

Err supply_packages(Cx *cx, Store *s, int64_t after, size_t limit, Packages *out) {
  AUTO(Rows) r = { 0 };
  TRY(store_rows(cx, s, SQL_PACKAGES_ALL, ARGS(v_int(after), v_int((int64_t)limit)), &r));
  return packages_take(cx, &r, out);
}

Err supply_sbom_packages(Cx *cx, Store *s, Str sbom, int64_t after, size_t limit, Packages *out) {
  AUTO(Rows) r = { 0 };
  TRY(store_rows(cx, s, SQL_PACKAGES_OF, ARGS(text(sbom), v_int(after), v_int((int64_t)limit)), &r));
  return packages_take(cx, &r, out);
}

Err supply_package(Cx *cx, Store *s, int64_t id, Package *out) {
  AUTO(Rows) r = { 0 };
  bool got;
  TRY(store_rows(cx, s, SQL_PACKAGE_GET, ARGS(v_int(id)), &r));
  TRY(rows_next(cx, &r, &got));
  if (!got) return fail(cx, E_NOTFOUND, "There is no package version with the number %lld.", (long long)id);
  *out = package_of(cx->arena, &r, 0);
  return E_OK;
}

Err supply_package_uses(Cx *cx, Store *s, int64_t package, bool current_only, PackageUses *out) {
  AUTO(Rows) r = { 0 };
  PackageUses list = { 0 };
  bool got;
  TRY(store_rows(cx, s, SQL_PACKAGE_USES, ARGS(v_int(package), v_int(current_only)), &r));
  for (;;) {
    TRY(rows_next(cx, &r, &got));
    if (!got) break;
    Arena *a = cx->arena;
    vec_add(a, &list,
            (PackageUse){ str_dup(a, row_text(&r, 0)), str_dup(a, row_text(&r, 1)), str_dup(a, row_text(&r, 2)),
                          str_dup(a, row_text(&r, 3)), row_int(&r, 4), row_int(&r, 5) != 0 });
  }
  *out = list;
  return E_OK;
}

/* ---- components ---- */

static ComponentRow component_of(Arena *a, const Rows *r) {
  Package p = package_of(a, r, 1);
  Str t[8];
  for (int i = 0; i < 8; i++) t[i] = str_dup(a, row_text(r, 12 + i));
  Str sort = row_text(r, 22);
  return (ComponentRow){
    .component = row_int(r, 0), .package = p, .ref = t[0], .supplier = t[1], .licence = t[2], .hashes = t[3],
    .scope = t[4], .support_level = t[5], .support_end = t[6], .element = t[7], .parent = row_int(r, 20),
    .subject = row_int(r, 21) != 0, .next = str_fmt(a, "%lld:%.*s", (long long)row_int(r, 0), STR(sort))
  };
}

static int64_t filter_bits(const ComponentFilter *f) {
  const bool bit[] = {
    f->no_supplier, f->no_version,       f->no_id,          f->no_purl,    f->no_licence,
    f->no_hash,     f->no_support_level, f->no_support_end, f->no_element, f->support_passed
  };
  int64_t bits = 0;
  for (size_t i = 0; i < COUNT(bit); i++) bits |= bit[i] ? INT64_C(1) << i : 0;
  return bits;
}

/* A pattern for LIKE that means the text itself. */
static Str pattern_of(Arena *a, Str words) {
  words = str_slice(str_trim(words), 0, 256);
  if (!words.n) return S("");
  Buf b = buf_new(a, 4096);
  buf_byte(&b, '%');
  for (size_t i = 0; i < words.n; i++) {
    if (str_find_char(S("%_\\"), words.p[i]) != SIZE_MAX) buf_byte(&b, '\\');
    buf_byte(&b, words.p[i]);
  }
  buf_byte(&b, '%');
  return str_lower(a, buf_str(&b));
}

Err supply_components(Cx *cx, Store *s, Str sbom, const ComponentFilter *f, Str after, size_t limit,
                      ComponentRows *out) {
  static const ComponentFilter all = { 0 };
  AUTO(Rows) r = { 0 };
  ComponentRows list = { 0 };
  Str number, sort = S("");
  int64_t last = -1;
  bool got;
  if (!f) f = &all;
  if (after.n && (!str_cut(after, ':', &number, &sort) || !str_int(number, &last)))
    return fail(cx, E_INVALID, "The list cannot go on from there. Begin with its first page.");
  TRY(store_rows(cx, s, SQL_COMPONENT_PAGE,
                 ARGS(text(sbom), text(sort), v_int(last), v_text(pattern_of(cx->arena, f->text)),
                      v_int(filter_bits(f)), v_text(date_text(cx->arena, f->today)), v_int((int64_t)limit)),
                 &r));
  for (;;) {
    TRY(rows_next(cx, &r, &got));
    if (!got) break;
    vec_add(cx->arena, &list, component_of(cx->arena, &r));
  }
  *out = list;
  return E_OK;
}

Err supply_component(Cx *cx, Store *s, Str sbom, int64_t component, ComponentRow *out) {
  AUTO(Rows) r = { 0 };
  bool got;
  TRY(store_rows(cx, s, SQL_COMPONENT_GET, ARGS(text(sbom), v_int(component)), &r));
  TRY(rows_next(cx, &r, &got));
  if (!got) return fail(cx, E_NOTFOUND, "The SBOM %.*s has no component %lld.", STR(sbom), (long long)component);
  *out = component_of(cx->arena, &r);
  return E_OK;
}

/* ---- counts ---- */

static Err counts_take(Cx *cx, Rows *r, ComponentCounts *out) {
  bool got;
  TRY(rows_next(cx, r, &got));
  int64_t n[10];
  for (int i = 0; i < 10; i++) n[i] = got ? row_int(r, i) : 0;
  *out = (ComponentCounts){ n[0], n[1], n[2], n[3], n[4], n[5], n[6], n[7], n[8], n[9] };
  return E_OK;
}

Err supply_counts(Cx *cx, Store *s, Str sbom, int32_t today, ComponentCounts *out) {
  AUTO(Rows) r = { 0 };
  TRY(store_rows(cx, s, SQL_COUNTS_OF, ARGS(text(sbom), v_text(date_text(cx->arena, today))), &r));
  return counts_take(cx, &r, out);
}

Err supply_product_counts(Cx *cx, Store *s, Str product, Str release, int32_t today, ComponentCounts *out) {
  AUTO(Rows) r = { 0 };
  TRY(store_rows(cx, s, SQL_COUNTS_PRODUCT,
                 ARGS(text(product), v_text(date_text(cx->arena, today)), text(release)), &r));
  return counts_take(cx, &r, out);
}
