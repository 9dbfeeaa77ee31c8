#include "serve/curl_lib.h"
#include <dlfcn.h>
#include <string.h>

/* POSIX has functions and data in one kind of pointer here, ISO C has not: the bytes are copied. */
static bool find(void *lib, const char *name, void *call) {
  void *at = dlsym(lib, name);
  memcpy(call, &at, sizeof at);
  return at != NULL;
}

bool curl_load(CurlLib *out) {
  void *lib = dlopen("libcurl.so.4", RTLD_NOW | RTLD_LOCAL);
  CurlLib l = { 0 };
  bool good = lib != NULL;
#define X(name) good = good && find(lib, #name, &l.name);
  CURL_CALLS(X)
#undef X
  if (good) *out = l;
  return good;
}
