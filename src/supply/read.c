/* read.c - reading in the jail: the parser sees hostile bytes, so it has no files, no network and little time. */
#include "supply/inside.h"

/* A file of 64 MiB may become some 12 million JSON values of 16 bytes and rows about its own size. */
static const JailLimits most = {
  .memory_bytes = (size_t)1536 << 20, .answer_bytes = (size_t)512 << 20, .cpu_s = 30, .wall_s = 60
};

static Err work(Cx *cx, void *env, Str input, Buf *answer) {
  const SbomOptions *opt = env;
  Sbom s;
  TRY(sbom_parse(cx, input, opt, &s));
  rows_write(&s, answer);
  return E_OK;
}

Err sbom_read(Cx *cx, Str bytes, const SbomOptions *opt, Sbom *out) {
  SbomOptions own = *opt;
  JailLimits limits = most;
  limits.formats = !str_starts(str_trim(str_head(bytes, 64)), S("{")); /* else it is JSON */
  Str answer;
  TRY(jail_run(cx, &limits, work, &own, bytes, &answer));
  return rows_read(cx, answer, opt, out);
}

Err supply_read(Cx *cx, Str bytes, const SbomOptions *opt, Sbom *out) {
  Sbom s;
  TRY(sbom_read(cx, bytes, opt, &s));
  TRY(sbom_usable(cx, &s, opt->accept_errors));
  *out = s;
  return E_OK;
}
