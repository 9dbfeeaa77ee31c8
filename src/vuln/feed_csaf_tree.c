/* feed_csaf_tree.c - what a CSAF document calls its products: branches, full names, relationships; and ranges in
 * words. */
#include "vuln/csaf.h"

enum { BRANCH_DEPTH_MOST = 30 };

static void add_product(Cx *cx, CsafTree *t, const CsafProduct *context, JVal *product) {
  CsafProduct p = *context;
  JVal *helper = json_get(product, "product_identification_helper");
  p.id = json_text(product, "product_id");
  p.cpe = json_text(helper, "cpe");
  p.purls = json_get(helper, "purl") ? json_get(helper, "purl") : json_get(helper, "purls");
  if (!p.name.n) p.name = json_text(product, "name");
  if (!p.id.n || map_get(&t->by_id, p.id) != MAP_NONE) return;
  map_put(&t->by_id, p.id, t->product.n);
  vec_add(cx->arena, &t->product, p);
}

static void branches(Cx *cx, Feed *f, Str file, CsafTree *t, CsafProduct context, JVal *list, unsigned depth) {
  if (depth == BRANCH_DEPTH_MOST) {
    feed_skip(f, file, "product branches deeper than thirty levels", 1);
    return;
  }
  JSON_EACH(branch, list) {
    CsafProduct here = context;
    Str category = json_text(branch, "category"), name = json_text(branch, "name");
    if (str_eq(category, S("vendor"))) here.vendor = name;
    else if (str_eq(category, S("product_name"))) here.name = name;
    else if (str_eq(category, S("product_version"))) here.version = name;
    else if (str_eq(category, S("product_version_range"))) here.range = name;
    JVal *product = json_get(branch, "product");
    if (product) add_product(cx, t, &here, product);
    branches(cx, f, file, t, here, json_get(branch, "branches"), depth + 1);
  }
}

/* "X on Y", "X as part of Y": it is X that is affected, where Y is. */
static void installed(Cx *cx, CsafTree *t, JVal *r, Str what, Str where) {
  const CsafProduct *x = csaf_product(t, what);
  Str id = json_text(json_get(r, "full_product_name"), "product_id");
  if (!x || !id.n || map_get(&t->by_id, id) != MAP_NONE) return;
  CsafProduct p = *x;
  p.id = id;
  p.platform = where;
  map_put(&t->by_id, p.id, t->product.n);
  vec_add(cx->arena, &t->product, p);
}

const CsafProduct *csaf_product(const CsafTree *t, Str id) {
  size_t at = map_get(&t->by_id, id);
  return at == MAP_NONE ? NULL : &t->product.p[at];
}

void csaf_tree(Cx *cx, Feed *f, Str file, JVal *document, CsafTree *out) {
  JVal *tree = json_get(document, "product_tree");
  const CsafProduct none = { .id = STR_NONE };
  *out = (CsafTree){ .by_id = map_new(cx->arena, 256), .groups = json_get(tree, "product_groups") };
  branches(cx, f, file, out, none, json_get(tree, "branches"), 0);
  JSON_EACH(product, json_get(tree, "full_product_names")) add_product(cx, out, &none, product);
  JSON_EACH(r, json_get(tree, "relationships"))
    installed(cx, out, r, json_text(r, "product_reference"), json_text(r, "relates_to_product_reference"));
  JSON_EACH(path, json_get(tree, "product_paths"))                   /* CSAF 2.1 */
    installed(cx, out, path, json_text(path, "beginning_product_reference"),
              json_text(yyjson_arr_get(json_get(path, "subpaths"), 0), "next_product_reference"));
}

/* ---- ranges -------------------------------------------------------------------------------------------- */

/* Points first, so that they stand before the intervals that hold them. */
static void vers_statements(Feed *f, const VersParts *parts, SpanList *out) {
  const VersPart *from = NULL;
  bool bounded = false, other = false;
  for (size_t i = 0; i < parts->n; i++) {
    const VersPart *c = &parts->p[i];
    bool equal = c->op[0] == '=', unequal = c->op[0] == '!';
    bounded |= !unequal;
    other |= unequal;
    if (equal || unequal)
      vec_add(f->arena, out, (Span){ c->version, c->version, false, true, equal ? SPAN_AFFECTED : SPAN_UNAFFECTED });
  }
  for (size_t i = 0; i < parts->n; i++) {
    const VersPart *c = &parts->p[i];
    if (c->op[0] == '>') from = c;
    if (c->op[0] != '<') continue;
    Span s = { .hi = c->version, .hi_included = c->op[1] == '=', .status = SPAN_AFFECTED };
    if (from) {
      s.lo = from->version;
      s.lo_excluded = from->op[1] != '=';
    }
    vec_add(f->arena, out, s);
    from = NULL;
  }
  if (from)
    vec_add(f->arena, out, (Span){ .lo = from->version, .lo_excluded = from->op[1] != '=', .status = SPAN_AFFECTED });
  if (!bounded && other) vec_add(f->arena, out, (Span){ .status = SPAN_AFFECTED });
}

/* "Update 5", "SP1": what may follow a version behind a space. */
static bool is_update(Str rest) {
  static const Str words[] = { { "update", 6 }, { "upd", 3 },   { "sp", 2 },    { "p", 1 },
                               { "hf", 2 },     { "patch", 5 }, { "build", 5 }, { "rev", 3 } };
  while (rest.n) {
    Str word = take_letters(&rest), digits;
    bool known = false;
    for (size_t i = 0; i < COUNT(words); i++) known |= str_eq_nocase(word, words[i]);
    rest = str_trim(rest);
    digits = take_digits(&rest);
    rest = str_trim(rest);
    if (!known || !digits.n) return false;
  }
  return true;
}

/* A word that can be a version: a digit in front, after a "v" at most. */
static bool take_version(Str text, Str *out) {
  static const Str leads[] = { { "versions ", 9 }, { "version ", 8 } };
  Str s = str_trim(text), word, rest;
  for (size_t i = 0; i < COUNT(leads); i++)
    if (s.n > leads[i].n && str_eq_nocase(str_slice(s, 0, leads[i].n), leads[i]))
      s = str_trim(str_slice(s, leads[i].n, s.n));
  if (s.n > 1 && (*s.p | 32) == 'v' && is_digit(s.p[1])) s = str_slice(s, 1, s.n);
  bool more = str_cut(s, ' ', &word, &rest);
  for (size_t i = 0; i < word.n; i++)
    if (word.p[i] < ' ' || word.p[i] == '|' || word.p[i] == ',' || word.p[i] == '<') return false;
  *out = s;
  return word.n && is_digit(*word.p) && (!more || is_update(str_trim(rest)));
}

static bool one_comparator(Str text, Span *out) {
  static const struct {
    Str op;
    bool lower, upper, included;
  } ops[] = {
    { { "<=", 2 }, false, true, true }, { { ">=", 2 }, true, false, true }, { { "<", 1 }, false, true, false },
    { { ">", 1 }, true, false, false }, { { "=", 1 }, true, true, true },
  };
  Str v;
  text = str_trim(text);
  for (size_t i = 0; i < COUNT(ops); i++) {
    if (!str_starts(text, ops[i].op)) continue;
    if (!take_version(str_slice(text, ops[i].op.n, text.n), &v)) return false;
    *out = (Span){ ops[i].lower ? v : STR_NONE, ops[i].upper ? v : STR_NONE, ops[i].lower && !ops[i].included,
                   ops[i].upper && ops[i].included, SPAN_AFFECTED };
    return true;
  }
  return false;
}

/* ">=1.0|<2.0", ">= 1.0 < 2.0" */
static bool both_comparators(Str text, Span *out) {
  size_t at = str_find_char(text, '<');
  Span a, b;
  if (at == SIZE_MAX || !at) return false;
  Str left = str_trim(str_slice(text, 0, at)), right = str_slice(text, at, text.n);
  while (left.n && (left.p[left.n - 1] == '|' || left.p[left.n - 1] == ','))
    left = str_trim(str_slice(left, 0, left.n - 1));
  if (!one_comparator(left, &a) || !one_comparator(right, &b) || !a.lo.n || a.hi.n || !b.hi.n || b.lo.n) return false;
  *out = (Span){ a.lo, b.hi, a.lo_excluded, b.hi_included, SPAN_AFFECTED };
  return true;
}

/* "All versions < 2", "All BIOS versions < 2": what stands before the comparator says nothing more. */
static Str without_all(Str text) {
  size_t at = str_find_nocase(text, S("versions "));
  bool all = at != SIZE_MAX && text.n > 4 && str_eq_nocase(str_slice(text, 0, 4), S("all "));
  if (!all || at + 9 >= text.n || !(text.p[at + 9] == '<' || text.p[at + 9] == '>')) return text;
  return str_slice(text, at + 9, text.n);
}

/* "1.2 and prior", "prior to 1.2", "1.0 through 1.2", "all versions", "1.2". */
static bool in_words(Str text, Span *out) {
  static const Str upto[] = {
    { " and prior", 10 }, { " and earlier", 12 }, { " and below", 10 }, { " or earlier", 11 }
  };
  static const Str below[] = { { "prior to ", 9 }, { "before ", 7 }, { "earlier than ", 13 } };
  static const Str between[] = { { " through ", 9 }, { " to ", 4 }, { " - ", 3 } };
  Str v, w;
  text = str_trim(text);
  if (str_eq(text, S("*")) || str_eq_nocase(text, S("all")) || str_eq_nocase(text, S("all versions"))) {
    *out = (Span){ .status = SPAN_AFFECTED };
    return true;
  }
  for (size_t i = 0; i < COUNT(upto); i++)
    if (str_ends(text, upto[i]) && take_version(str_slice(text, 0, text.n - upto[i].n), &v)) {
      *out = (Span){ .hi = v, .hi_included = true, .status = SPAN_AFFECTED };
      return true;
    }
  for (size_t i = 0; i < COUNT(below); i++) {
    size_t at = str_find_nocase(text, below[i]);
    if (at != SIZE_MAX && take_version(str_slice(text, at + below[i].n, text.n), &v)) {
      if (at && !str_eq_nocase(str_trim(str_slice(text, 0, at)), S("versions")) &&
          !str_eq_nocase(str_trim(str_slice(text, 0, at)), S("all versions")))
        return false;
      *out = (Span){ .hi = v, .status = SPAN_AFFECTED };
      return true;
    }
  }
  for (size_t i = 0; i < COUNT(between); i++) {
    size_t at = str_find(text, between[i]);
    if (at == SIZE_MAX || !take_version(str_slice(text, 0, at), &v)) continue;
    if (!take_version(str_slice(text, at + between[i].n, text.n), &w)) continue;
    *out = (Span){ v, w, false, true, SPAN_AFFECTED };
    return true;
  }
  if (!take_version(text, &v)) return false;
  *out = (Span){ v, v, false, true, SPAN_AFFECTED };
  return true;
}

bool csaf_range(Cx *cx, Feed *f, Str text, SpanList *out) {
  VersParts parts = { 0 };
  Scheme scheme = SCHEME_GENERIC;
  bool any = false;
  Span s;
  text = str_trim(text);
  if (str_starts(text, S("vers:"))) {
    if (vers_read(cx, text, &any, &scheme, &parts) == E_OK) {
      if (any) vec_add(f->arena, out, (Span){ .status = SPAN_AFFECTED });
      else vers_statements(f, &parts, out);
      return true;
    }
    cx_forgive(cx); /* "vers:all/<4.3" is no range, but it is clear what it says */
    size_t slash = str_find_char(text, '/');
    text = str_slice(text, slash == SIZE_MAX ? text.n : slash + 1, text.n);
  }
  text = without_all(text);
  if (!both_comparators(text, &s) && !one_comparator(text, &s) && !in_words(text, &s)) return false;
  vec_add(f->arena, out, s);
  return true;
}
