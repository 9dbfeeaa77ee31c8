/* round_test.c - every SBOM of the folder PROOFLINE_DATA, written and read again: nothing of the inventory is lost.
 *
 * In its own format all of it comes back.  In the other one what that has no words for is counted by its reason; any
 * other difference is wrong. */
#include "supply/test_data.h"
#include "supply/write.h"

static struct { size_t files, components, edges, hashes, licences, words, types, wrong; } n;

static void differs(Str path, const char *what, Str was, Str is) {
  if (str_eq(was, is)) return;
  if (n.wrong++ < 40)
    print_error("%.*s: %s was \"%.*s\" and is \"%.*s\"\n", STR(path), what, STR(str_head(was, 200)),
                STR(str_head(is, 200)));
}

static void again(Cx *cx, Str path, const Sbom *s, SbomFormat format, Sbom *out) {
  Buf b = buf_new(cx->arena, (size_t)512 << 20);
  SbomOptions opt = supply_options(NULL);
  assert_int_equal(supply_write_sbom(cx, s, format, format == SBOM_SPDX ? S("2.3") : S("1.7"), &b), E_OK);
  opt.max_bytes = (size_t)256 << 20;
  Err e = supply_parse(cx, buf_str(&b), &opt, out);          /* errors are not accepted of our own */
  if (e != E_OK) print_error("%.*s: %.*s\n", STR(path), STR(cx->words));
  assert_int_equal(e, E_OK);
  assert_int_equal(out->component.n, s->component.n);
}

/* The component of `to` that was `i` of `from`: what a document is of stands first in CycloneDX. */
static uint32_t place_of(const Sbom *from, const Sbom *to, uint32_t i) {
  bool moved = to->format == SBOM_CYCLONEDX && from->root != SBOM_NONE && to->root == 0;
  if (!moved || from->root < i) return i;
  return from->root == i ? 0 : i + 1;
}

/* The hashes that the other format has words for. */
static Str known_hashes(Cx *cx, Str all, SbomFormat format) {
  Buf b = buf_new(cx->arena, all.n + 1);
  Str alg, content;
  while (hash_next(&all, &alg, &content)) {
    bool known = format == SBOM_SPDX ? hash_spdx_name(alg).n > 0 : hash_in_cyclonedx(alg, 7);
    if (!known || hash_fault(cx->arena, format == SBOM_SPDX ? hash_spdx_name(alg) : alg, content,
                             format == SBOM_SPDX ? HASH_SPDX : 7).n) { n.hashes++; continue; }
    buf_fmt(&b, "%s%.*s:%.*s", b.n ? " " : "", STR(alg), STR(content));
  }
  return buf_str(&b);
}

static void components_compare(Cx *cx, Str path, const Sbom *s, const Sbom *t) {
  for (uint32_t i = 0; i < s->component.n; i++) {
    const SbomComponent *a = &s->component.p[i], *b = &t->component.p[place_of(s, t, i)];
    const Str was[] = { a->group,    a->upstream, a->name,     a->version,       a->purl,
                        a->cpe,      a->supplier, a->support_level, a->support_end };
    const Str is[] = { b->group,    b->upstream, b->name,     b->version,       b->purl,
                       b->cpe,      b->supplier, b->support_level, b->support_end };
    static const char *const what[] = { "group", "source", "name",     "version",          "purl",          "cpe",
                                        "supplier", "level of support", "end of support" };
    for (size_t k = 0; k < COUNT(was); k++) differs(path, what[k], was[k], is[k]);
    differs(path, "hashes", known_hashes(cx, a->hashes, t->format), known_hashes(cx, b->hashes, t->format));
    bool reference = t->format == SBOM_SPDX && a->licence.n && !is_licence_expression(cx->arena, a->licence);
    if (reference) n.licences++;                              /* its words stand beside the LicenseRef- */
    else differs(path, "licence", a->licence, b->licence);
    if (reference && !str_starts(b->licence, S("LicenseRef-"))) differs(path, "licence", a->licence, b->licence);
    n.types += !str_eq(a->type, b->type);
  }
  n.components += s->component.n;
}

/* Every LicenseRef- that comes with words has them still. */
static void licences_compare(Cx *cx, Str path, const Sbom *s, const Sbom *t) {
  LicenceTexts texts = licence_texts(cx, t);
  for (size_t i = 0; i < s->licence.n; i++) {
    const SbomLicence *l = &s->licence.p[i];
    bool used = t->format == SBOM_CYCLONEDX;             /* SPDX gets those that its packages name */
    for (size_t k = 0; k < s->component.n && !used; k++) used = str_eq(s->component.p[k].licence, l->id);
    if (!used || !str_starts(l->id, S("LicenseRef-"))) continue;
    const SbomLicence *is = licence_find(&texts, l->id);
    differs(path, "words of a licence", l->text, is ? is->text : S("(none)"));
    differs(path, "name of a licence", l->name, is ? is->name : S("(none)"));
    n.words++;
  }
}

static int edge_order(const void *a, const void *b) {
  const SbomEdge *x = a, *y = b;
  if (x->from != y->from) return x->from < y->from ? -1 : 1;
  return (x->to > y->to) - (x->to < y->to);
}

/* Dependencies as text; what is nested is contained, which SPDX says with a relationship. */
static Str edges_of(Cx *cx, const Sbom *s, const Sbom *places, bool nested) {
  VEC(SbomEdge) all = { 0 };
  for (size_t i = 0; i < s->edge.n; i++) vec_add(cx->arena, &all, s->edge.p[i]);
  for (uint32_t i = 0; nested && i < s->component.n; i++)
    if (s->component.p[i].parent != SBOM_NONE)
      vec_add(cx->arena, &all, ((SbomEdge){ s->component.p[i].parent, i }));
  for (size_t i = 0; places && i < all.n; i++)
    all.p[i] = (SbomEdge){ place_of(s, places, all.p[i].from), place_of(s, places, all.p[i].to) };
  if (all.n) qsort(all.p, all.n, sizeof *all.p, edge_order);
  Buf b = buf_new(cx->arena, (size_t)64 << 20);
  for (size_t i = 0; i < all.n; i++)
    if (!i || edge_order(&all.p[i], &all.p[i - 1])) buf_fmt(&b, "%u>%u ", all.p[i].from, all.p[i].to);
  return buf_str(&b);
}

static void other_format(Str path, Str bytes) {
  AUTO(Cx) cx = cx_new((size_t)3 << 30);
  Sbom s, t;
  if (data_parse(&cx, bytes, &s) != E_OK || !s.component.n) return;
  again(&cx, path, &s, s.format == SBOM_SPDX ? SBOM_CYCLONEDX : SBOM_SPDX, &t);
  components_compare(&cx, path, &s, &t);
  licences_compare(&cx, path, &s, &t);
  differs(path, "dependencies", edges_of(&cx, &s, &t, t.format == SBOM_SPDX), edges_of(&cx, &t, NULL, false));
  n.files++;
  n.edges += s.edge.n;
}

static void own_format(Str path, Str bytes) {
  AUTO(Cx) cx = cx_new((size_t)3 << 30);
  Sbom s, t;
  if (data_parse(&cx, bytes, &s) != E_OK) return;
  again(&cx, path, &s, s.format, &t);
  components_compare(&cx, path, &s, &t);
  for (uint32_t i = 0; i < s.component.n; i++)
    if (s.component.p[i].parent != t.component.p[i].parent || s.component.p[i].role != t.component.p[i].role)
      differs(path, "nesting", S("one"), S("another"));
  licences_compare(&cx, path, &s, &t);
  differs(path, "dependencies", edges_of(&cx, &s, NULL, false), edges_of(&cx, &t, NULL, false));
  n.files++;
  n.edges += s.edge.n;
}

static void said(const char *what) {
  print_message("%s: %zu files, %zu components, %zu dependencies; %zu hashes that the format lacks or that are none, "
                "%zu licences under a reference, %zu words of licences, %zu types without a word\n",
                what, n.files, n.components, n.edges, n.hashes, n.licences, n.words, n.types);
  assert_int_equal(n.wrong, 0);
}

static void nothing_is_lost_in_its_own_format(void **state) {
  (void)state;
  memset(&n, 0, sizeof n);
  data_each("", own_format);
  said("in its own format");
}

static void nothing_is_lost_in_the_other_format(void **state) {
  (void)state;
  memset(&n, 0, sizeof n);
  data_each("", other_format);
  said("in the other format");
}

int main(void) {
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(nothing_is_lost_in_its_own_format), cmocka_unit_test(nothing_is_lost_in_the_other_format),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
