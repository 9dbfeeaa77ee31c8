/* elements_test.c - of samples that are made to lack one minimum element, the report names just that one. */
#include "supply/test_data.h"

typedef struct Case { Str glob, verb, names; uint32_t files; } Case;
static VEC(Case) cases;
static Cx own;
static uint32_t wrong;

static Str column(Str *rest) {
  Str value;
  if (!str_cut(*rest, '|', &value, rest)) { value = *rest; *rest = STR_NONE; }
  return str_trim(value);
}

static void cases_read(void) {
  Str text, line;
  own = cx_new(1 << 20);
  assert_int_equal(file_read(&own, ELEMENTS, 1 << 18, &text), E_OK);
  while (str_line(&text, &line)) {
    line = str_trim(line);
    if (!line.n || line.p[0] == '#') continue;
    Case c = { column(&line), column(&line), column(&line), 0 };
    assert_true(line.n > 0);               /* the reason */
    vec_add(own.arena, &cases, c);
  }
}

static void missing_add(Cx *cx, JVal *report, const char *list, Buf *out) {
  JSON_MEMBERS(name, told, json_get(json_get(report, "elements"), list)) {
    Str word = str_fmt(cx->arena, " %.*s ", STR(json_str(name)));
    if (json_int(told, "missing", 0) && str_find(buf_str(out), word) == SIZE_MAX) buf_add(out, word);
  }
}

/* Whether every word of `names` is (or is not) among those that are missing. */
static bool all_are(Cx *cx, Str names, Str missing, bool there) {
  Str word;
  for (; names.n; names = str_trim(names)) {
    (void)str_cut(names, ' ', &word, &names);
    if ((str_find(missing, str_fmt(cx->arena, " %.*s ", STR(word))) != SIZE_MAX) != there) return false;
  }
  return true;
}

static bool is_right(Cx *cx, const Case *c, Str ntia, Str any) {
  if (str_eq(c->verb, S("lacks"))) return all_are(cx, c->names, any, true);
  if (str_eq(c->verb, S("has"))) return all_are(cx, c->names, any, false);
  assert_true(str_eq(c->verb, S("just")));
  Str names = str_eq(c->names, S("-")) ? S("") : c->names, word;
  size_t n = 0, found = 0;
  for (Str rest = ntia; (rest = str_trim(rest)).n; n++) (void)str_cut(rest, ' ', &word, &rest);
  for (Str rest = names; (rest = str_trim(rest)).n; found++) (void)str_cut(rest, ' ', &word, &rest);
  return n == found && all_are(cx, names, ntia, true);
}

static void judge(Str path, Str bytes) {
  for (size_t i = 0; i < cases.n; i++) {
    Case *c = &cases.p[i];
    if (!str_eq(c->glob, path)) continue;
    AUTO(Cx) cx = cx_new((size_t)64 << 20);
    Buf report = buf_new(cx.arena, 1 << 20), ntia = buf_new(cx.arena, 1024), any = buf_new(cx.arena, 1024);
    Sbom s;
    JVal *root;
    assert_int_equal(data_parse(&cx, bytes, &s), E_OK);
    assert_int_equal(supply_check_json(&cx, &s, &report), E_OK);
    assert_int_equal(json_read(&cx, buf_str(&report), &JSON_DOCUMENT, &root), E_OK);
    missing_add(&cx, root, "ntia", &ntia);
    missing_add(&cx, root, "ntia", &any);
    missing_add(&cx, root, "cisa2025", &any);
    c->files++;
    if (is_right(&cx, c, buf_str(&ntia), buf_str(&any))) continue;
    wrong++;
    print_error("%.*s: %.*s \"%.*s\", but missing are:%.*s\n", STR(path), STR(c->verb), STR(c->names),
                STR(buf_str(&any)));
  }
}

static void the_element_that_is_missing_is_named(void **state) {
  (void)state;
  uint32_t absent = 0;
  cases_read();
  data_each("", judge);
  for (size_t i = 0; i < cases.n; i++) absent += cases.p[i].files == 0;
  print_message("%zu expectations, %u of them of files that are not there, %u wrong\n", cases.n, absent, wrong);
  assert_int_equal(wrong, 0);
  cx_free(&own);
}

int main(void) {
  const struct CMUnitTest tests[] = { cmocka_unit_test(the_element_that_is_missing_is_named) };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
