#include "base/base.h"
#include <string.h>

static const struct { const char *name; int exit_code; int status; const char *slug; const char *title; } errors[] = {
#define X(name, exit_code, status, slug, title) [name] = { #name, exit_code, status, slug, title },
  ERRORS(X)
#undef X
};

int err_exit(Err e) { return errors[e].exit_code; }
int err_status(Err e) { return errors[e].status; }
const char *err_slug(Err e) { return errors[e].slug; }
const char *err_title(Err e) { return errors[e].title; }
const char *err_name(Err e) { return errors[e].name; }

Err err_from_slug(const char *slug, unsigned long n) {
  for (unsigned e = 0; e < ERR_COUNT; e++)
    if (strlen(errors[e].slug) == n && memcmp(errors[e].slug, slug, n) == 0) return (Err)e;
  return E_BUG;
}
