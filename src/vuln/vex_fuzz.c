/* Any bytes as a VEX document, and to the checker of CSAF: read or refused. */
#include "vuln/csaf_check.h"
#include "vuln/vex.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  AUTO(Cx) cx = cx_new(256u << 20);
  VexDoc d;
  CsafReport r;
  (void)vex_parse(&cx, (Str){ (const char *)data, size }, &d);
  cx_reset(&cx);
  (void)csaf_check_parse(&cx, (Str){ (const char *)data, size }, &r);
  return 0;
}
