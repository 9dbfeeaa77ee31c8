#include "format/late.h"
#include <dlfcn.h>
#include <string.h>

Late late;

typedef struct Call {
  const char *name;
  size_t at;
} Call;
#define X(name) { #name, offsetof(Late, name) },
static const Call archive_calls[] = { ARCHIVE_CALLS(X) }, xml_calls[] = { XML_CALLS(X) },
                  xlsx_calls[] = { XLSX_CALLS(X) };
#undef X

static const struct {
  const char *file;
  const Call *call;
  size_t calls;
} libraries[LATE_COUNT] = {
  [LATE_ARCHIVE] = { SONAME_archive, archive_calls, COUNT(archive_calls) },
  [LATE_XML] = { SONAME_xml2, xml_calls, COUNT(xml_calls) },
  [LATE_XLSX] = { SONAME_xlsxwriter, xlsx_calls, COUNT(xlsx_calls) },
};

Err late_load(Cx *cx, LateLibrary library) {
  static bool loaded[LATE_COUNT];
  if (loaded[library]) return E_OK;
  void *lib = dlopen(libraries[library].file, RTLD_NOW | RTLD_LOCAL);
  bool good = lib != NULL;
  for (size_t i = 0; good && i < libraries[library].calls; i++) {
    const Call *c = &libraries[library].call[i];
    void *call = dlsym(lib, c->name);
    memcpy((char *)&late + c->at, &call, sizeof call); /* ISO C has no way from data to functions; POSIX has */
    good = call != NULL;
  }
  if (!good)
    return fail(cx, E_CONFIG, "The library %s cannot be loaded: nothing was read or written. Install it.",
                libraries[library].file);
  loaded[library] = true;
  return E_OK;
}
