/* Whatever the bytes: a bundle is refused in words; and its manifest too, as if it were signed. */
#include "vuln/bundle.h"
#include <assert.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  AUTO(Cx) cx = cx_new((size_t)512 << 20);
  if (size > 1 << 20 || crypto_start(&cx) != E_OK) return 0;
  Str in = { (const char *)data, size }, head, rest, text = in, packs = S("");
  Bundle b = { 0 };
  if (bundle_read(&cx, in, &b) != E_OK) assert(cx.words.n);
  cx_forgive(&cx);
  bool lines =
      str_cut(in, '\n', &head, &rest) && str_cut(rest, '\n', &head, &rest) && str_cut(rest, '\n', &head, &rest);
  size_t end = lines ? str_find(rest, S("\"proofline.bundle/1\"}")) : SIZE_MAX;
  if (end != SIZE_MAX) {
    text = str_slice(rest, 0, end + 21);
    packs = str_slice(rest, end + 21, rest.n);
  }
  b = (Bundle){ 0 };
  if (bundle_manifest(&cx, text, packs, &b) != E_OK) assert(cx.words.n);
  return 0;
}
