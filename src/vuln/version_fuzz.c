/* Orders of versions: antisymmetric; equal to itself or not comparable at all; keys order as the comparison does.
 * Ranges as package managers write them: refused, or a canonical range that is read again as the same. */
#include "vuln/vers_native.h"
#include <assert.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void range(Scheme s, Str native, Str version) {
  AUTO(Cx) cx = cx_new(16u << 20);
  Str written, again;
  bool holds;
  if (s == SCHEME_NONE || vers_from_native(&cx, s, native, &written) != E_OK) return;
  assert(vers_canonical(&cx, written, &again) == E_OK && str_eq(written, again));
  (void)vers_holds(&cx, written, version, &holds);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  AUTO(Cx) cx = cx_new(1u << 20);
  Str all = { (const char *)data, size }, left, right, third;
  if (size < 2) return 0;
  Scheme s = (Scheme)(data[0] % SCHEME_COUNT);
  str_cut(str_slice(all, 1, all.n), '\n', &left, &right);
  str_cut(right, '\n', &right, &third);
  char ab = version_compare(s, left, right), ba = version_compare(s, right, left),
       bc = version_compare(s, right, third), ac = version_compare(s, left, third),
       aa = version_compare(s, left, left);
  range(s, left, right);
  assert(aa == '=' || aa == '?');
  assert((ab == '<') == (ba == '>') && (ab == '=') == (ba == '=') && (ab == '?') == (ba == '?'));
  if (!scheme_has_key(s)) return 0;
  if (ab == '<' && bc == '<') assert(ac == '<');
  if (ab == '=' && bc == '=') assert(ac == '=');
  Str ka, kb;
  if (ab == '?') return 0;
  assert(version_key(cx.arena, s, left, &ka) && version_key(cx.arena, s, right, &kb));
  int d = key_cmp(ka, kb);
  assert(ab == (d < 0 ? '<' : d > 0 ? '>' : '='));
  return 0;
}
