/* JSON in, out and canonical: own cases in json.data, others from PROOFLINE_DATA. */
#include "format/format.h"
#include <dirent.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>
#undef fail   /* cmocka has a macro of that name */

#define assert_str(a, z) assert_true(str_eq((a), str_of(z)))

static Str data_path(Cx *cx, const char *part) {
  const char *data = getenv("PROOFLINE_DATA");
  if (!data || !*data) { print_message("skipped: PROOFLINE_DATA is not set\n"); skip(); }
  return str_fmt(cx->arena, "%s/%s", data, part);
}

static Str data_file(Cx *cx, Str folder, const char *name) {
  Str out = STR_NONE;
  assert_int_equal(file_read(cx, str_fmt(cx->arena, "%.*s/%s", STR(folder), name).p, 64 << 20, &out), E_OK);
  return out;
}

/* Each case is a line: kind, input, what is expected; tabs between. */
static void the_cases_of_our_own(void **state) {
  (void)state;
  AUTO(Cx) cx = cx_new(64 << 20);
  Str text, line, kind, in, want;
  assert_int_equal(file_read(&cx, CASES, 1 << 20, &text), E_OK);
  size_t n = 0;
  while (str_line(&text, &line)) {
    if (!line.n || line.p[0] == '#') continue;
    (void)str_cut(line, '\t', &kind, &line);
    (void)str_cut(line, '\t', &in, &want);
    JVal *root = NULL;
    Buf out = buf_new(cx.arena, 1 << 20);
    Err e = json_read(&cx, in, &JSON_BODY, &root);
    if (!str_starts(kind, S("refuse")) && e == E_OK) e = json_canonical(&cx, root, &out);
    bool refuse = !str_eq(kind, S("canonical"));
    Str got = refuse || e != E_OK ? cx.words : buf_str(&out);
    bool right = refuse ? e != E_OK && str_find(got, want) != SIZE_MAX : e == E_OK && str_eq(got, want);
    if (!right) print_message("%.*s\n  gives %.*s\n", STR(in), STR(got));
    assert_true(right);
    cx_forgive(&cx);
    n++;
  }
  assert_true(n > 30);
}

/* Valid JSON that is refused on purpose. */
static bool refused_on_purpose(const char *name) {
  return strstr(name, "duplicated_key") != NULL;   /* which of the two a reader sees differs from reader to reader */
}

static void the_public_suite_is_judged_alike(void **state) {
  (void)state;
  AUTO(Cx) cx = cx_new(64 << 20);
  Str folder = data_path(&cx, "attack/json-test-suite/test_parsing");
  DIR *d = opendir(folder.p);
  assert_non_null(d);
  size_t wrong = 0, n = 0;
  for (const struct dirent *f; (f = readdir(d)) != NULL;) {
    if (f->d_name[0] == '.') continue;
    AUTO(Cx) one = cx_new(64 << 20);
    JVal *root = NULL;
    Err e = json_read(&one, data_file(&one, folder, f->d_name), &JSON_DOCUMENT, &root);
    bool good = f->d_name[0] == 'y' && !refused_on_purpose(f->d_name);
    bool right = f->d_name[0] == 'i' || (e == E_OK) == good;
    if (!right) print_message("%s: %s %.*s\n", f->d_name, err_name(e), STR(one.words));
    wrong += !right;
    n++;
  }
  (void)closedir(d);
  assert_int_equal(wrong, 0);
  assert_true(n > 150);
}

static void canonical_matches_rfc_8785(void **state) {
  (void)state;
  AUTO(Cx) cx = cx_new(64 << 20);
  Str input = data_path(&cx, "crypto/jcs/testdata/input"), output = data_path(&cx, "crypto/jcs/testdata/output");
  static const char *const names[] = { "arrays.json",  "french.json", "structures.json",
                                       "unicode.json", "values.json", "weird.json" };
  for (size_t i = 0; i < COUNT(names); i++) {
    JVal *root = NULL;
    Buf out = buf_new(cx.arena, 1 << 20);
    assert_int_equal(json_read(&cx, data_file(&cx, input, names[i]), &JSON_BODY, &root), E_OK);
    assert_int_equal(json_canonical(&cx, root, &out), E_OK);
    Str want = data_file(&cx, output, names[i]);
    if (!str_eq(buf_str(&out), want)) print_message("%s gives %.*s\n", names[i], STR(buf_str(&out)));
    assert_true(str_eq(buf_str(&out), want));
  }
}

/* RFC 8785 appendix B: bits of the double, its text. */
static void doubles_print_as_in_ecmascript(void **state) {
  (void)state;
  AUTO(Cx) cx = cx_new(1 << 20);
  static const struct { uint64_t bits; const char *text; } cases[] = {
    { 0x0000000000000000, "0" }, { 0x8000000000000000, "0" }, { 0x0000000000000001, "5e-324" },
    { 0x8000000000000001, "-5e-324" }, { 0x7fefffffffffffff, "1.7976931348623157e+308" },
    { 0x4340000000000000, "9007199254740992" }, { 0xc340000000000000, "-9007199254740992" },
    { 0x4430000000000000, "295147905179352830000" }, { 0x44b52d02c7e14af5, "9.999999999999997e+22" },
    { 0x44b52d02c7e14af6, "1e+23" }, { 0x44b52d02c7e14af7, "1.0000000000000001e+23" },
    { 0x444b1ae4d6e2ef4e, "999999999999999700000" }, { 0x444b1ae4d6e2ef4f, "999999999999999900000" },
    { 0x444b1ae4d6e2ef50, "1e+21" }, { 0x3eb0c6f7a0b5ed8c, "9.999999999999997e-7" },
    { 0x3eb0c6f7a0b5ed8d, "0.000001" }, { 0x41b3de4355555553, "333333333.3333332" },
    { 0x41b3de4355555557, "333333333.33333343" }, { 0xbecbf647612f3696, "-0.0000033333333333333333" },
    { 0x43143ff3c1cb0959, "1424953923781206.2" },
  };
  for (size_t i = 0; i < COUNT(cases); i++) {
    yyjson_val v = { .tag = YYJSON_TYPE_NUM | YYJSON_SUBTYPE_REAL };
    memcpy(&v.uni.f64, &cases[i].bits, 8);
    Buf out = buf_new(cx.arena, 100);
    assert_int_equal(json_canonical(&cx, &v, &out), E_OK);
    assert_str(buf_str(&out), cases[i].text);
  }
}

static void deep_documents_are_refused_at_once(void **state) {
  (void)state;
  AUTO(Cx) cx = cx_new(64 << 20);
  static const char *const opens[] = { "[", "{\"a\":", "[{\"\":" };
  for (size_t i = 0; i < COUNT(opens); i++) {
    Buf b = buf_new(cx.arena, 16 << 20);
    for (int k = 0; k < 1000000; k++) buf_z(&b, opens[i]);
    AUTO(Cx) small = cx_new(64 << 10);   /* a tree would not fit in here */
    int64_t from = clock_mono_us();
    JVal *root = NULL;
    assert_int_equal(json_read(&small, buf_str(&b), &JSON_DOCUMENT, &root), E_UNREADABLE);
    assert_true(clock_mono_us() - from < 20000);
    assert_true(str_find(small.words, S("nested deeper than 512 at byte ")) != SIZE_MAX);
  }
}

static void limits_hold(void **state) {
  (void)state;
  AUTO(Cx) cx = cx_new(1 << 20);
  JsonLimits few = { .max_bytes = 30, .max_depth = 2, .max_string_bytes = 5, .max_values = 6 };
  static const struct { const char *text; Err err; } cases[] = {
    { "[[\"12345\",1,2,3]]", E_OK }, { "[[1,2,3,4,5]]", E_TOO_LARGE }, { "\"123456\"", E_TOO_LARGE },
    { "[[[]]]", E_UNREADABLE }, { "[1,                                   2]", E_TOO_LARGE },
  };
  for (size_t i = 0; i < COUNT(cases); i++) {
    JVal *root = NULL;
    assert_int_equal(json_read(&cx, str_of(cases[i].text), &few, &root), cases[i].err);
    cx_forgive(&cx);
  }
}

static void many_keys_are_checked_fast(void **state) {
  (void)state;
  AUTO(Cx) cx = cx_new(256 << 20);
  Buf b = buf_new(cx.arena, 16 << 20);
  for (int i = 0; i < 200000; i++) buf_fmt(&b, "%s\"key-%d\":%d", i ? "," : "{", i, i);
  buf_z(&b, ",\"key-777\":1}");
  JVal *root = NULL;
  int64_t from = clock_mono_us();
  assert_int_equal(json_read(&cx, buf_str(&b), &JSON_DOCUMENT, &root), E_UNREADABLE);
  assert_true(clock_mono_us() - from < 2000000);
  assert_true(str_find(cx.words, S("the key \"key-777\" stands twice at byte ")) != SIZE_MAX);
}

static void values_are_got_by_name(void **state) {
  (void)state;
  AUTO(Cx) cx = cx_new(1 << 20);
  JVal *root = NULL;
  assert_int_equal(
      json_read(&cx, S("{\"s\":\"t\",\"n\":-7,\"b\":true,\"l\":[1,2,3],\"z\":null,\"d\":1.5}"), &JSON_BODY, &root),
      E_OK);
  assert_str(json_text(root, "s"), "t");
  assert_null(json_text(root, "n").p);
  assert_null(json_text(NULL, "n").p);
  assert_int_equal(json_int(root, "n", 1), -7);
  assert_int_equal(json_int(root, "s", 1), 1);
  assert_int_equal(json_int(root, "d", 1), 1);
  assert_true(json_bool(root, "b", false));
  assert_true(json_bool(root, "absent", true));
  int64_t sum = 0;
  JSON_EACH(v, json_get(root, "l")) sum += yyjson_get_sint(v);
  JSON_EACH(v, json_get(root, "absent")) sum += yyjson_get_sint(v);
  assert_int_equal(sum, 6);
  size_t members = 0;
  JSON_MEMBERS(k, v, root) members += json_str(k).n == 1 && v != NULL;
  assert_int_equal(members, 6);
}

static void sample(JsonOut *o) {
  json_object(o);
  json_pair(o, "a\"b", S("x\\\n\x01<\xff>"));
  json_pair(o, "none", STR_NONE);
  json_pair_int(o, "least", INT64_MIN);
  json_key(o, "list");
  json_array(o);
  json_put_x10(o, 98);
  json_put_scaled(o, -1, 2);
  json_put_scaled(o, 97100, 5);
  json_put_scaled(o, 700, 2);
  json_array(o);
  json_array_end(o);
  json_object(o);
  json_object_end(o);
  json_put_raw(o, S("[1]"));
  json_array_end(o);
  json_pair_bool(o, "yes", true);
  json_object_end(o);
}

static void writing_places_commas_and_escapes(void **state) {
  (void)state;
  AUTO(Cx) cx = cx_new(1 << 20);
  const char *want = "{\"a\\\"b\":\"x\\\\\\n\\u0001<\xef\xbf\xbd>\",\"none\":null,\"least\":-9223372036854775808,"
                     "\"list\":[9.8,-0.01,0.971,7,[],{},[1]],\"yes\":true}";
  Buf tight = buf_new(cx.arena, 4096), wide = buf_new(cx.arena, 4096), again = buf_new(cx.arena, 4096);
  JsonOut o = json_out(&tight, false);
  sample(&o);
  assert_str(buf_str(&tight), want);
  o = json_out(&wide, true);
  sample(&o);
  assert_true(str_find(buf_str(&wide), S("\n  \"list\": [\n    9.8,\n")) != SIZE_MAX);
  assert_true(str_find(buf_str(&wide), S("    [],\n    {},\n")) != SIZE_MAX);
  JVal *root = NULL;
  assert_int_equal(json_read(&cx, buf_str(&wide), &JSON_BODY, &root), E_OK);
  o = json_out(&again, false);
  json_put_val(&o, root);
  assert_str(buf_str(&again), want);
}

int main(void) {
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(the_cases_of_our_own), cmocka_unit_test(the_public_suite_is_judged_alike),
    cmocka_unit_test(canonical_matches_rfc_8785), cmocka_unit_test(doubles_print_as_in_ecmascript),
    cmocka_unit_test(deep_documents_are_refused_at_once), cmocka_unit_test(limits_hold),
    cmocka_unit_test(many_keys_are_checked_fast), cmocka_unit_test(values_are_got_by_name),
    cmocka_unit_test(writing_places_commas_and_escapes),
  };
  return cmocka_run_group_tests_name("json", tests, NULL, NULL);
}
