/* The canonical form of a package URL or a CVSS vector is read again as itself; calculators answer every line. */
#include "vuln/inside.h"
#include <assert.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  AUTO(Cx) cx = cx_new(16u << 20);
  Str text = { (const char *)data, size };
  Purl p, again;
  Cvss c, same;
  if (purl_read(&cx, text, &p) == E_OK) {
    Str canonical = purl_text(cx.arena, &p);
    assert(purl_read(&cx, canonical, &again) == E_OK);
    assert(str_eq(purl_text(cx.arena, &again), canonical));
  }
  cx_forgive(&cx);
  if (cvss_read(&cx, text, &c) == E_OK) {
    assert(cvss_read(&cx, c.vector, &same) == E_OK);
    assert(str_eq(c.vector, same.vector) && c.score_x10 == same.score_x10 && c.score_x10 >= 0 && c.score_x10 <= 100);
  }
  cx_forgive(&cx);
  Buf out = buf_new(cx.arena, 8u << 20);
  static const Str calculators[] = { { "purl", 4 }, { "cvss", 4 }, { "vers", 4 }, { "cpe", 3 } };
  for (size_t i = 0; i < COUNT(calculators); i++) {
    size_t lines = 0, answers = 0;
    Str rest = text, line;
    buf_clear(&out);
    if (calc_lines(&cx, calculators[i], STR_NONE, text, &out) != E_OK) { cx_forgive(&cx); continue; }
    while (str_line(&rest, &line)) lines++;
    for (size_t k = 0; k < out.n; k++) answers += out.p[k] == '\n';
    assert(lines == answers);
  }
  return 0;
}
