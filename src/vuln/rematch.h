/* rematch.h - which packages can a new snapshot judge differently?  Cost grows with what changed. */
#pragma once
#include "vuln/scan_inside.h"
#include "vuln/store_inside.h"

/* A new way of judging, or of naming what is looked up, raises it: then everything is judged again. */
enum { ENGINE = 4 };

typedef VEC(int64_t) PackageIds;
typedef struct Touched {
  bool all;                                 /* nothing can be left out */
  int64_t last_package, packages;           /* of the run before: newer ones were never judged; how many there were */
  PackageIds id;                            /* of which changed advisories speak, in the old snapshot or in the new */
} Touched;
/* Against the last run over everything; all = true when there is none that can be trusted, or that followed other
 * name rules (rules: digest of those in force). */
Err touched_since(Cx *cx, Store *s, const Snapshot *now, Str rules, Touched *out);
/* Notes under which names packages are looked up that are not noted yet: after which package, and up to which. */
typedef struct Noted { int64_t after, last; } Noted;
Err keys_index(Cx *cx, Store *s, const NameRules *rules, Noted *out);
/* The same of one package, noted or not. */
Err keys_put(Cx *cx, Store *s, const NameRules *rules, const Package *p);
