/* conform_test.c - the published samples of CycloneDX, from the folder PROOFLINE_DATA.
 *
 * A valid sample is usable, an invalid one is refused, and both encodings of one say the same. */
#define _XOPEN_SOURCE 700   /* nftw */
#include "supply/inside.h"
#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>
#undef fail
#include <ftw.h>
#include <stdlib.h>
#include <string.h>

static Cx names_cx;
static const char *ending;
static VEC(Str) names;

static int take(const char *path, const struct stat *st, int kind, struct FTW *at) {
  (void)st, (void)at;
  if (kind == FTW_F && str_ends(str_of(path), str_of(ending)))
    vec_add(names_cx.arena, &names, str_dup(names_cx.arena, str_of(path)));
  return 0;
}

static bool list(const char *folder, const char *end) {
  const char *data = getenv("PROOFLINE_DATA");
  if (!data || !*data) return false;
  names_cx = cx_new(64 << 20);
  names.n = names.cap = 0;
  ending = end;
  char *root = str_z(names_cx.arena, str_fmt(names_cx.arena, "%s/%s", data, folder));
  return nftw(root, take, 16, FTW_PHYS) == 0 && names.n;
}

#define NEEDS(folder, end)                                                                               \
  if (!list(folder, end)) { print_message("skipped: PROOFLINE_DATA has no %s\n", folder); skip(); }

static Str base_name(Str path) { return str_slice(path, str_rfind_char(path, '/') + 1, path.n); }
static Str content(Cx *cx, Str path) {
  Str bytes;
  assert_int_equal(file_read(cx, str_z(cx->arena, path), (size_t)64 << 20, &bytes), E_OK);
  return bytes;
}

/* Versions before 1.2 are not read. */
static bool is_older(Str path) {
  static const char *const folders[] = { "/1.0/", "/1.1/", "/ext/" };
  for (size_t i = 0; i < COUNT(folders); i++) if (str_find(path, str_of(folders[i])) != SIZE_MAX) return true;
  return false;
}

static void samples_are_judged_rightly(const char *end) {
  NEEDS("sbom/cyclonedx-spec", end);
  SbomOptions opt = supply_options(NULL);
  size_t valid = 0, invalid = 0, refused = 0;
  for (size_t i = 0; i < names.n; i++) {
    Str name = base_name(names.p[i]);
    bool good = str_starts(name, S("valid-"));
    if ((!good && !str_starts(name, S("invalid-"))) || is_older(names.p[i])) continue;
    AUTO(Cx) cx = cx_new((size_t)64 << 20);
    Sbom s = { 0 };
    Err e = supply_parse(&cx, content(&cx, names.p[i]), &opt, &s);
    bool fine = good ? e == E_OK : e == E_INVALID;
    if (!fine) print_error("%.*s: %s %.*s\n", STR(name), err_name(e), STR(cx.words));
    for (size_t k = 0; good && k < s.problems.n; k++)
      print_message("%.*s: %.*s: %.*s\n", STR(name), STR(s.problems.p[k].where), STR(s.problems.p[k].what));
    assert_true(fine);
    valid += good;
    invalid += !good;
    refused += !good && e == E_INVALID;
  }
  print_message("%s: %zu valid samples usable; %zu of %zu invalid ones refused\n", end, valid, refused, invalid);
  assert_true(valid >= 100 && invalid >= 60);
  cx_free(&names_cx);
}

static void json_samples(void **state) {
  (void)state;
  samples_are_judged_rightly(".json");
}

static void xml_samples(void **state) {
  (void)state;
  samples_are_judged_rightly(".xml");
}

/* ---- two encodings of one document ---- */

/* Components, edges and subject of an SBOM as text, one line each.  A bom-ref that only one of the two gives is no
 * difference between the encodings but between the samples. */
static Str told(Cx *cx, const Sbom *s) {
  Buf b = buf_new(cx->arena, (size_t)16 << 20);
  buf_fmt(&b, "%u listed, %u dependencies, spec %.*s, serial %.*s, time %.*s, tools %.*s, authors %.*s, %.*s, %.*s\n",
          s->listed, s->dependencies, STR(s->spec), STR(s->serial), STR(s->timestamp), STR(s->tools), STR(s->authors),
          STR(s->lifecycle), STR(s->coverage));
  for (size_t i = 0; i < s->component.n; i++) {
    const SbomComponent *c = &s->component.p[i];
    const Str text[] = { c->type, c->group, c->name, c->version, c->purl, c->cpe, c->swid, c->other_ids, c->supplier,
                         c->licence, c->hashes, c->scope, c->support_level, c->support_end };
    buf_fmt(&b, "%u %u", c->parent, c->role);
    for (size_t k = 0; k < COUNT(text); k++) buf_fmt(&b, " | %.*s", STR(text[k]));
    buf_byte(&b, '\n');
  }
  for (size_t i = 0; i < s->edge.n; i++) buf_fmt(&b, "%u -> %u\n", s->edge.p[i].from, s->edge.p[i].to);
  return buf_str(&b);
}

/* Samples of one name whose two files say different things. */
static const char *const unequal[] = {
  "valid-bom-1.2",
  "valid-bom-1.3",
  "valid-bom-1.4",
  "valid-bom-1.5",
  "valid-compositions-1.3",
  "valid-compositions-1.4",
  "valid-compositions-1.5",
  "valid-component-external-with-version.",
  "valid-cryptography-implementation-1.7",
  "valid-license-id-1.",
  "valid-license-name-1.",
  "valid-machine-learning-1.5",
  "valid-service-1.",
};

static bool is_unequal(Str name) {
  for (size_t i = 0; i < COUNT(unequal); i++) if (str_starts(name, str_of(unequal[i]))) return true;
  return false;
}

static void xml_and_json_say_the_same(void **state) {
  (void)state;
  NEEDS("sbom/cyclonedx-spec", ".xml");
  SbomOptions opt = supply_options(NULL);
  size_t pairs = 0, usable = 0, wrong = 0;
  for (size_t i = 0; i < names.n; i++) {
    Str name = base_name(names.p[i]);
    if (!str_starts(name, S("valid-")) || is_older(names.p[i])) continue;
    AUTO(Cx) cx = cx_new((size_t)256 << 20);
    Sbom x = { 0 }, j = { 0 };
    Err e = supply_parse(&cx, content(&cx, names.p[i]), &opt, &x);
    if (e != E_OK) print_error("%.*s: %.*s\n", STR(name), STR(cx.words));
    wrong += e != E_OK;
    usable++;
    Str twin = str_fmt(cx.arena, "%.*s.json", STR(str_slice(names.p[i], 0, names.p[i].n - 4)));
    if (e != E_OK || !file_exists(str_z(cx.arena, twin)) || is_unequal(name)) continue;
    pairs++;
    assert_int_equal(supply_parse(&cx, content(&cx, twin), &opt, &j), E_OK);
    Str xs = told(&cx, &x), js = told(&cx, &j);
    if (str_eq(xs, js)) continue;
    Str xl, jl, xr = xs, jr = js;
    print_error("%.*s\n", STR(name));
    for (bool more = true; more;) {
      more = str_line(&xr, &xl);
      more = str_line(&jr, &jl) || more;
      if (!str_eq(xl, jl)) print_error(" XML %.*s\nJSON %.*s\n", STR(str_head(xl, 300)), STR(str_head(jl, 300)));
    }
    wrong++;
  }
  print_message("%zu XML samples, %zu of them beside a JSON one\n", usable, pairs);
  assert_int_equal(wrong, 0);
  assert_true(usable >= 100 && pairs >= 80);
  cx_free(&names_cx);
}

static int crypto_ready(void **state) {
  (void)state;
  AUTO(Cx) cx = cx_new(1 << 20);
  return crypto_start(&cx) == E_OK ? 0 : -1;
}

int main(void) {
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(json_samples), cmocka_unit_test(xml_samples), cmocka_unit_test(xml_and_json_say_the_same),
  };
  return cmocka_run_group_tests(tests, crypto_ready, NULL);
}
