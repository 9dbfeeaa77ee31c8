/* Replays corpora through a fuzz target without libFuzzer: every file of every folder in argv, and its truncations. */
#include "base/base.h"
#include <dirent.h>
#include <stdio.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static size_t replay(Str bytes) {
  enum { CUTS = 64 };   /* a text that ends early is the commonest damage */
  size_t step = bytes.n / CUTS + 1, runs = 0;
  for (size_t n = 0; n < bytes.n; n += step, runs++) {
    AUTO(Cx) cx = cx_new(128 << 20);   /* an exact copy, so that the sanitizer sees a read behind its end */
    Str cut = str_dup(cx.arena, str_slice(bytes, 0, n));
    (void)LLVMFuzzerTestOneInput((const uint8_t *)cut.p, cut.n);
  }
  (void)LLVMFuzzerTestOneInput((const uint8_t *)bytes.p, bytes.n);
  return runs + 1;
}

int main(int argc, char **argv) {
  size_t files = 0, runs = 0;
  for (int i = 1; i < argc; i++) {
    DIR *d = opendir(argv[i]);
    if (!d) { (void)fprintf(stderr, "cannot read folder %s\n", argv[i]); return 1; }
    for (const struct dirent *f; (f = readdir(d)) != NULL;) {
      if (f->d_name[0] == '.') continue;
      AUTO(Cx) cx = cx_new(128 << 20);
      Str bytes;
      if (file_read(&cx, str_fmt(cx.arena, "%s/%s", argv[i], f->d_name).p, 64 << 20, &bytes) != E_OK) continue;
      runs += replay(bytes);
      files++;
    }
    (void)closedir(d);
  }
  (void)printf("%zu inputs from %zu files\n", runs, files);
  return files ? 0 : 1;
}
