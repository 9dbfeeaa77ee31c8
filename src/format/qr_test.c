/* The drawing against the matrix, and the matrix against what the standard fixes. */
#include "format/format.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>
#undef fail

static bool finder_at(const Qr *qr, size_t x0, size_t y0) {
  for (size_t y = 0; y < 7; y++)
    for (size_t x = 0; x < 7; x++) {
      bool ring = x == 0 || x == 6 || y == 0 || y == 6, core = x >= 2 && x <= 4 && y >= 2 && y <= 4;
      if (qr->dark[(y0 + y) * qr->side + x0 + x] != (ring || core)) return false;
    }
  return true;
}

static void matrix_has_its_patterns(void **state) {
  (void)state;
  static const size_t lengths[] = { 1, 14, 100, 500, QR_MOST_BYTES };
  for (size_t i = 0; i < COUNT(lengths); i++) {
    AUTO(Cx) cx = cx_new(8u << 20);
    Qr qr;
    char *text = arena_alloc(cx.arena, lengths[i]);
    for (size_t k = 0; k < lengths[i]; k++) text[k] = (char)(k * 7 + 1);
    assert_int_equal(qr_make(&cx, (Str){ text, lengths[i] }, &qr), E_OK);
    assert_true(qr.side >= 21 && qr.side <= 177 && qr.side % 4 == 1);
    assert_true(finder_at(&qr, 0, 0) && finder_at(&qr, qr.side - 7, 0) && finder_at(&qr, 0, qr.side - 7));
    for (size_t k = 8; k < qr.side - 8; k++) assert_int_equal(qr.dark[6 * qr.side + k], k % 2 == 0);
  }
}

/* Paints the path again and compares, so that no run is a module too long. */
static void drawing_is_the_matrix(void **state) {
  (void)state;
  AUTO(Cx) cx = cx_new(8u << 20);
  Qr qr;
  Html svg;
  Str text = S("otpauth://totp/Sorrel:ines?secret=GEZDGNBVGY3TQOJQ&issuer=Sorrel");
  assert_int_equal(qr_make(&cx, text, &qr), E_OK);
  assert_int_equal(qr_svg(&cx, text, S("Ines & \"friends\" <b>"), &svg), E_OK);
  assert_true(str_find(svg.s, S("aria-label=\"Ines &amp; &quot;friends&quot; &lt;b&gt;\"")) != SIZE_MAX);
  assert_true(str_find(svg.s, S("style")) == SIZE_MAX);
  bool *seen = arena_alloc(cx.arena, qr.side * qr.side);
  for (size_t k = 0; k < qr.side * qr.side; k++) seen[k] = false;
  size_t at = str_find(svg.s, S("fill=\"#000\" d=\""));
  const char *p = svg.s.p + at + 15;
  size_t x, y, run, back;
  int used = 0;
  while (*p == 'M') {
    assert_int_equal(sscanf(p, "M%zu %zuh%zuv1h-%zuz%n", &x, &y, &run, &back, &used), 4);
    assert_int_equal(run, back);
    for (size_t k = 0; k < run; k++) seen[(y - 4) * qr.side + x - 4 + k] = true;
    p += used;
  }
  assert_memory_equal(seen, qr.dark, qr.side * qr.side);
}

static void limits_are_said(void **state) {
  (void)state;
  AUTO(Cx) cx = cx_new(8u << 20);
  Qr qr;
  char *text = arena_alloc(cx.arena, QR_MOST_BYTES + 1);
  memset(text, 'x', QR_MOST_BYTES + 1);
  assert_int_equal(qr_make(&cx, (Str){ text, QR_MOST_BYTES + 1 }, &qr), E_TOO_LARGE);
  cx_forgive(&cx);
  assert_int_equal(qr_make(&cx, S(""), &qr), E_INVALID);
}

int main(void) {
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(matrix_has_its_patterns),
    cmocka_unit_test(drawing_is_the_matrix),
    cmocka_unit_test(limits_are_said),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
