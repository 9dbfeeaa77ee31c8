/* csaf_check_advice_tree.c - recommended and informative tests of products: used, identified, told apart. */
#include "vuln/csaf_check_inside.h"

static JVal *helper_of(const CsafDefined *p) { return json_get(p->full, "product_identification_helper"); }

/* ---- hashes: 6.2.8, 6.2.9, 6.2.52, 6.3.5 ---- */

static void hashes(Csaf *c, const CsafDefined *p) {
  enum { SHORT = 64 };
  static const char *const known[] = { "blake2b512", "md4",      "md5",       "mdc2",     "ripemd160", "rmd160",
                                       "sha1",       "sha224",   "sha256",    "sha3-224", "sha3-256",  "sha3-384",
                                       "sha3-512",   "sha384",   "sha512",    "sha512-224", "sha512-256",
                                       "blake2s256", "shake128", "shake256",  "sm3",      NULL };
  size_t n = 0;
  JSON_EACH(file, json_get(helper_of(p), "hashes")) {
    Str here = csaf_at(c, "%.*s/product_identification_helper/hashes/%zu/file_hashes", STR(p->where), n++);
    JVal *list = json_get(file, "file_hashes");
    size_t md5 = 0, sha1 = 0, all = yyjson_arr_size(list), k = 0;
    JSON_EACH(hash, list) {
      Str algorithm = str_lower(c->cx->arena, json_text(hash, "algorithm")),
          at = csaf_at(c, "%.*s/%zu", STR(here), k++);
      md5 += str_eq(algorithm, S("md5"));
      sha1 += str_eq(algorithm, S("sha1"));
      if (json_text(hash, "value").n < SHORT)
        csaf_fault(c, "6.3.5", csaf_at(c, "%.*s/value", STR(at)), "it is shorter than %d characters", SHORT);
      if (c->new_rules && !is_one_of(algorithm, known))
        csaf_fault(c, "6.2.52", csaf_at(c, "%.*s/algorithm", STR(at)),
                   "'%.*s' is not named by the standard, and not known here", STR(str_head(algorithm, 40)));
    }
    if (all && md5 == all) csaf_fault(c, "6.2.8", here, "MD5 is the only hash");
    if (all && sha1 == all) csaf_fault(c, "6.2.9", here, "SHA-1 is the only hash");
  }
}

/* ---- the same helper: 6.2.32 ---- */

static Str text_of(Csaf *c, JVal *v) {
  if (yyjson_is_str(v)) return json_str(v);
  Cx probe = { .arena = c->cx->arena };
  Buf b = buf_new(c->cx->arena, SIZE_MAX / 4);
  return json_canonical(&probe, v, &b) == E_OK ? buf_str(&b) : STR_NONE;
}

static void same(Csaf *c, const CsafDefined *p, Str kind, JVal *value, Map *first, Str where) {
  Str key = csaf_at(c, "%.*s %.*s", STR(kind), STR(text_of(c, value)));
  size_t before = map_get(first, key);
  if (before == MAP_NONE) { map_put(first, key, (size_t)(p - c->product.p)); return; }
  if (str_eq(c->product.p[before].id, p->id)) return;
  csaf_fault(c, "6.2.32", csaf_at(c, "%.*s/%.*s", STR(where), STR(kind)), "%.*s has the same",
             STR(str_head(c->product.p[before].id, 80)));
}

static void same_helpers(Csaf *c, const CsafDefined *p, Map *first) {
  Str where = csaf_at(c, "%.*s/product_identification_helper", STR(p->where));
  JSON_MEMBERS(key, value, helper_of(p)) {
    if (!yyjson_is_arr(value)) same(c, p, json_str(key), value, first, where);
    JSON_EACH(item, value) same(c, p, json_str(key), item, first, where);
  }
}

/* ---- what the branches say and the helper says: 6.2.42 ---- */

static const struct { const char *category; int attribute; } counterparts[] = {
  { "vendor", CPE_VENDOR },          { "product_name", CPE_PRODUCT },   { "product_version", CPE_VERSION },
  { "product_version_range", CPE_VERSION }, { "service_pack", CPE_UPDATE }, { "patch_level", CPE_UPDATE },
  { "language", CPE_LANGUAGE },      { "platform", CPE_TARGET_SW },     { "architecture", CPE_TARGET_HW },
  { "specification", CPE_OTHER },
};

static Str squeezed(Arena *a, Str s) {
  Buf b = buf_new(a, s.n + 1);
  for (size_t i = 0; i < s.n; i++)
    if (is_alnum(s.p[i]) || s.p[i] == '.') buf_byte(&b, s.p[i]);
  return str_lower(a, buf_str(&b));
}

static bool same_version(Csaf *c, Str branch, Str helper) {
  Str a = squeezed(c->cx->arena, branch), b = squeezed(c->cx->arena, helper);
  if (a.n > 1 && *a.p == 'v' && is_digit(a.p[1])) a = str_slice(a, 1, a.n);
  return str_eq(a, b);
}

static void against_cpe(Csaf *c, const CsafDefined *p, const Cpe *cpe, Str where) {
  bool told[CPE_ATTRIBUTES] = { [CPE_PART] = true, [CPE_EDITION] = false };
  for (const CsafStep *s = p->path; s; s = s->up) {
    Str category = json_text(s->branch, "category"), name = json_text(s->branch, "name");
    for (size_t i = 0; i < COUNT(counterparts); i++) {
      if (!str_eq(category, str_of(counterparts[i].category))) continue;
      int at = counterparts[i].attribute;
      Str value = cpe->value[at];
      bool range = str_eq(category, S("product_version_range")), none = str_eq(value, S("*")) || str_eq(value, S("-"));
      told[at] = true;
      if (!range && none)
        csaf_fault(c, "6.2.42", where, "the %.*s is in the branches, and not in the CPE", STR(category));
      else if (str_eq(category, S("product_version")) && !same_version(c, name, cpe_plain(c->cx->arena, value)))
        csaf_fault(c, "6.2.42", where, "the version is %.*s in the branches and %.*s in the CPE",
                   STR(str_head(name, 40)), STR(str_head(value, 40)));
    }
  }
  for (int at = 0; at < CPE_ATTRIBUTES; at++)
    if (!told[at] && !str_eq(cpe->value[at], S("*")) && !str_eq(cpe->value[at], S("-")))
      csaf_fault(c, "6.2.42", where, "the CPE says %s %.*s, the branches do not", cpe_attributes[at],
                 STR(str_head(cpe->value[at], 40)));
}

static void against_purl(Csaf *c, const CsafDefined *p, const Purl *purl, Str where) {
  for (const CsafStep *s = p->path; s; s = s->up) {
    Str category = json_text(s->branch, "category"), name = json_text(s->branch, "name");
    if (str_eq(category, S("product_version_range")) && purl->version.n)
      csaf_fault(c, "6.2.42", where, "the branches say a range, the package URL one version");
    if (!str_eq(category, S("product_version"))) continue;
    if (!purl->version.n) csaf_fault(c, "6.2.42", where, "the version is in the branches, and not in the package URL");
    else if (!same_version(c, name, purl->version))
      csaf_fault(c, "6.2.42", where, "the version is %.*s in the branches and %.*s in the package URL",
                 STR(str_head(name, 40)), STR(str_head(purl->version, 40)));
  }
}

static void consistent(Csaf *c, const CsafDefined *p) {
  Cx probe = { .arena = c->cx->arena };
  Str at = csaf_at(c, "%.*s/product_identification_helper", STR(p->where)), cpe = json_text(helper_of(p), "cpe");
  Cpe name;
  Purl purl;
  size_t n = 0;
  if (!p->path) return;
  if (cpe.n && cpe_read(&probe, cpe, &name) == E_OK) against_cpe(c, p, &name, csaf_at(c, "%.*s/cpe", STR(at)));
  JSON_EACH(text, json_get(helper_of(p), "purls")) {
    Str here = csaf_at(c, "%.*s/purls/%zu", STR(at), n++);
    if (purl_read(&probe, json_str(text), &purl) == E_OK) against_purl(c, p, &purl, here);
  }
}

/* ---- branches: 6.2.48, 6.3.9 ---- */

bool csaf_is_open_source(Csaf *c, Str name) {
  static const char *const gaps[] = { "\xe2\x80\x8b", "\xe2\x80\x90", "\xe2\x80\x91", "\xe2\x80\x92", "\xe2\x80\x93",
                                      "\xe2\x80\x94", "\xe2\x88\x92", "\xc2\xa0",     "\xc2\xad",     "\xef\xbb\xbf" };
  Buf b = buf_new(c->cx->arena, name.n + 1);
  while (name.n) {
    size_t n = *name.p == '-' || *name.p == '_' || (unsigned char)*name.p <= ' ';
    for (size_t i = 0; !n && i < COUNT(gaps); i++)
      if (str_starts(name, str_of(gaps[i]))) n = str_of(gaps[i]).n;
    if (!n) buf_byte(&b, *name.p);
    name = str_slice(name, n ? n : 1, name.n);
  }
  return str_eq_nocase(buf_str(&b), S("opensource"));
}

/* From below: product_version, above it product_name, above it vendor. */
static void way(Csaf *c, const CsafDefined *p) {
  static const char *const wanted[] = { "product_version", "product_name", "vendor" };
  size_t n = 0;
  for (const CsafStep *s = p->path; s; s = s->up) {
    Str category = json_text(s->branch, "category");
    if (n < COUNT(wanted) && str_eq(category, str_of(wanted[n]))) n++;
  }
  if (p->path && n < COUNT(wanted))
    csaf_fault(c, "6.3.9", p->where, "vendor, product_name and product_version do not stand on the way to it");
}

/* ---- paths: 6.2.31, 6.3.22 ---- */

static void nested(Csaf *c, const CsafDefined *p) {
  JVal *way_of = p->way;
  const CsafDefined *first = csaf_defined(c, json_text(way_of, "beginning_product_reference"));
  bool deep = first && first->way;
  JSON_EACH(step, json_get(way_of, "subpaths")) {
    const CsafDefined *next = csaf_defined(c, json_text(step, "next_product_reference"));
    deep |= next && next->way;
  }
  if (deep) csaf_fault(c, "6.3.22", p->where, "it is made of a product that is a path itself");
}

static Map on_paths(Csaf *c) {
  Map m = map_new(c->cx->arena, 16);
  JSON_EACH(p, json_get(c->tree, "product_paths")) {
    map_put(&m, json_text(p, "beginning_product_reference"), 1);
    JSON_EACH(step, json_get(p, "subpaths")) map_put(&m, json_text(step, "next_product_reference"), 1);
  }
  return m;
}

void csaf_check_advice_tree(Csaf *c) {
  bool informational = str_eq(c->category, S("csaf_informational_advisory"));
  Map first = map_new(c->cx->arena, 64), referred = on_paths(c);
  for (size_t i = 0; i < c->product.n; i++) {
    const CsafDefined *p = &c->product.p[i];
    JVal *helper = helper_of(p);
    if (!informational && map_get(&c->used, p->id) == MAP_NONE)
      csaf_fault(c, "6.2.1", p->where, "nothing refers to %.*s", STR(str_head(p->id, 80)));
    if (!helper && !p->way && !str_starts(p->where, S("/product_tree/relationships")))
      csaf_fault(c, "6.2.16", p->where, "nothing identifies it");
    hashes(c, p);
    way(c, p);
    if (!c->new_rules) continue;
    same_helpers(c, p, &first);
    consistent(c, p);
    if (p->way) nested(c, p);
    if ((json_get(helper, "serial_numbers") || json_get(helper, "model_numbers")) &&
        map_get(&referred, p->id) == MAP_NONE)
      csaf_fault(c, "6.2.31", p->where, "a device that no product path leads to: is it mixed with its software?");
  }
}
