/* scan_fixture.h - what the tests of a scan share. */
#pragma once
#include "vuln/feed.h"
#include "vuln/match.h"
#include <dirent.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>
#undef fail

static inline const char *temporary(Cx *cx, const char *name) {
  return str_fmt(cx->arena, "/tmp/vuln-test-%d-%s", (int)getpid(), name).p;
}
