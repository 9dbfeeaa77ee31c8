/* Codes against the vectors of RFC 6238 appendix B (SHA-1), and what counts as a match. */
#include "people/inside.h"
#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>
#undef fail

static const Str secret = { "12345678901234567890", 20 };

static void codes_match_rfc_6238(void **state) {
  (void)state;
  static const struct { int64_t s; uint32_t code; } rows[] = {
    { 59, 94287082 },         { 1111111109, 7081804 },   { 1111111111, 14050471 },
    { 1234567890, 89005924 }, { 2000000000, 69279037 },  { 20000000000, 65353130 },
  };
  for (size_t i = 0; i < COUNT(rows); i++)
    assert_int_equal(totp_code(secret, rows[i].s / TOTP_STEP_S, 8), rows[i].code);
}

/* now (s), code, the last step used, the step that it must be; -1: refused */
static void a_code_is_right_once_and_for_a_short_time(void **state) {
  (void)state;
  static const struct { int64_t now_s; const char *code; int64_t after, step; } rows[] = {
    { 59, "287082", 0, 1 },   { 59 + 30, "287082", 0, 1 }, { 59 - 30, "287082", 0, 1 },
    { 59 + 31, "287082", 0, -1 }, { 59, "287082", 1, -1 }, { 59, "287083", 0, -1 },
    { 59, "94287082", 0, -1 }, { 59, "28708", 0, -1 },     { 59, "", 0, -1 },
    { 59, "+87082", 0, -1 },  { 59, " 87082", 0, -1 },
  };
  for (size_t i = 0; i < COUNT(rows); i++)
    assert_int_equal(totp_match(secret, str_of(rows[i].code), rows[i].now_s * US_PER_S, rows[i].after),
                     rows[i].step);
}

static void base32_matches_rfc_4648(void **state) {
  (void)state;
  static const char *const rows[][2] = { { "", "" },       { "f", "MY" },       { "fo", "MZXQ" },
                                         { "foo", "MZXW6" }, { "foob", "MZXW6YQ" }, { "fooba", "MZXW6YTB" },
                                         { "foobar", "MZXW6YTBOI" } };
  AUTO(Cx) cx = cx_new(1 << 20);
  for (size_t i = 0; i < COUNT(rows); i++)
    assert_true(str_eq(base32(cx.arena, str_of(rows[i][0])), str_of(rows[i][1])));
}

static void a_seal_opens_only_where_it_belongs(void **state) {
  (void)state;
  AUTO(Cx) cx = cx_new(1 << 20);
  uint8_t key[32] = { 7 }, other[32] = { 8 };
  Str sealed = seal(cx.arena, key, S("totp|sealed|U000001"), secret), plain = STR_NONE;
  assert_true(unseal(cx.arena, key, S("totp|sealed|U000001"), sealed, &plain));
  assert_true(str_eq(plain, secret));
  assert_false(unseal(cx.arena, key, S("totp|sealed|U000002"), sealed, &plain));
  assert_false(unseal(cx.arena, other, S("totp|sealed|U000001"), sealed, &plain));
  for (size_t i = 0; i < sealed.n; i++) {
    char *bad = str_z(cx.arena, sealed);
    bad[i] = (char)(bad[i] ^ 1);
    assert_false(unseal(cx.arena, key, S("totp|sealed|U000001"), (Str){ bad, sealed.n }, &plain));
    assert_false(unseal(cx.arena, key, S("totp|sealed|U000001"), str_slice(sealed, 0, i), &plain));
  }
}

int main(void) {
  AUTO(Cx) cx = cx_new(1 << 20);
  if (crypto_start(&cx) != E_OK) return 1;
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(codes_match_rfc_6238), cmocka_unit_test(a_code_is_right_once_and_for_a_short_time),
    cmocka_unit_test(base32_matches_rfc_4648), cmocka_unit_test(a_seal_opens_only_where_it_belongs),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
