/* conform_test.c - the published samples of both formats and real SBOMs, from the folder PROOFLINE_DATA.
 *
 * A valid sample is usable; an invalid one is refused or says what is wrong with it, save for the reviewed list; and
 * the number of components is what a literal walk over the JSON counts. */
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
static VEC(Str) names;

static int take(const char *path, const struct stat *st, int kind, struct FTW *at) {
  (void)st, (void)at;
  if (kind == FTW_F && str_ends(str_of(path), S(".json")))
    vec_add(names_cx.arena, &names, str_dup(names_cx.arena, str_of(path)));
  return 0;
}

static bool list(const char *folder) {
  const char *data = getenv("PROOFLINE_DATA");
  if (!data || !*data) return false;
  names_cx = cx_new(64 << 20);
  names.n = names.cap = 0;
  char *root = str_z(names_cx.arena, str_fmt(names_cx.arena, "%s/%s", data, folder));
  return nftw(root, take, 16, FTW_PHYS) == 0 && names.n;
}

#define NEEDS(folder)                                                                                    \
  if (!list(folder)) { print_message("skipped: PROOFLINE_DATA has no %s\n", folder); skip(); }

static Str base_name(Str path) { return str_slice(path, str_rfind_char(path, '/') + 1, path.n); }
static Str content(Cx *cx, Str path) {
  Str bytes;
  assert_int_equal(file_read(cx, str_z(cx->arena, path), (size_t)64 << 20, &bytes), E_OK);
  return bytes;
}

/* The schema refuses these for what an SBOM's reader does not judge: whether a licence id is in SPDX's list and who is
 * cited for what.  They are read, and a wrong licence id stays visible as it is. */
static const char *const reviewed[] = { "invalid-license-id-", "invalid-metadata-license-" };

static bool is_reviewed(Str name) {
  for (size_t i = 0; i < COUNT(reviewed); i++) if (str_starts(name, str_of(reviewed[i]))) return true;
  return false;
}

static void cyclonedx_samples_are_judged_rightly(void **state) {
  (void)state;
  NEEDS("sbom/cyclonedx-spec");
  SbomOptions opt = supply_options(NULL);
  size_t valid = 0, invalid = 0, refused = 0, warned = 0, accepted = 0;
  for (size_t i = 0; i < names.n; i++) {
    Str name = base_name(names.p[i]);
    bool good = str_starts(name, S("valid-"));
    if (!good && !str_starts(name, S("invalid-"))) continue;
    AUTO(Cx) cx = cx_new((size_t)64 << 20);
    Sbom s = { 0 };
    Err e = supply_parse(&cx, content(&cx, names.p[i]), &opt, &s);
    bool fine = good ? e == E_OK : e != E_OK || s.warnings || is_reviewed(name);
    if (!fine) print_error("%.*s: %s %.*s\n", STR(name), err_name(e), STR(cx.words));
    for (size_t k = 0; good && k < s.problems.n; k++)
      print_message("%.*s: %.*s: %.*s\n", STR(name), STR(s.problems.p[k].where), STR(s.problems.p[k].what));
    assert_true(fine);
    valid += good;
    invalid += !good;
    refused += !good && e != E_OK;
    warned += !good && e == E_OK && s.warnings;
    accepted += !good && e == E_OK && !s.warnings;
  }
  print_message(
      "%zu valid samples usable; of %zu invalid ones %zu refused, %zu with warnings, %zu read (reviewed)\n",
      valid, invalid, refused, warned, accepted);
  assert_true(valid >= 100 && invalid >= 60);
  cx_free(&names_cx);
}

/* ---- real files: no crash, and as many components as there are ---- */

static uint32_t count_nested(JVal *list) {
  uint32_t n = 0;
  JSON_EACH(c, list) n += yyjson_is_obj(c) ? 1 + count_nested(json_get(c, "components")) : 0;
  return n;
}

static uint32_t count_literally(JVal *root) {
  uint32_t n = 0;
  if (json_get(root, "spdxVersion")) {
    JSON_EACH(p, json_get(root, "packages")) n += yyjson_is_obj(p);
    return n;
  }
  return count_nested(json_get(root, "components")) +
         count_nested(json_get(json_get(json_get(root, "metadata"), "component"), "components"));
}

static void real_files_are_counted_literally(void **state) {
  (void)state;
  NEEDS("sbom");
  SbomOptions opt = supply_options(NULL);
  size_t outcome[ERR_COUNT] = { 0 }, components = 0;
  for (size_t i = 0; i < names.n; i++) {
    AUTO(Cx) cx = cx_new((size_t)1 << 30);
    Sbom s;
    JVal *root;
    Str bytes = content(&cx, names.p[i]);
    Err e = supply_parse(&cx, bytes, &opt, &s);
    outcome[e]++;
    if (e == E_UNREADABLE || e == E_INVALID || e == E_TOO_LARGE)
      print_message("%.*s: %.*s\n", STR(names.p[i]), STR(cx.words));
    assert_true(e == E_OK || e == E_FORMAT || e == E_UNREADABLE || e == E_INVALID);
    if (e != E_OK) continue;
    assert_int_equal(json_read(&cx, without_mark(bytes), &JSON_DOCUMENT, &root), E_OK);
    assert_int_equal(s.listed, count_literally(root));
    components += s.listed;
  }
  print_message(
      "%zu JSON files: %zu usable with %zu components, %zu of another format, %zu unreadable, %zu refused\n",
      names.n, outcome[E_OK], components, outcome[E_FORMAT], outcome[E_UNREADABLE], outcome[E_INVALID]);
  cx_free(&names_cx);
}

int main(void) {
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(cyclonedx_samples_are_judged_rightly), cmocka_unit_test(real_files_are_counted_literally),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
