/* rematch.h - which packages can a new snapshot judge differently?  Cost grows with what changed. */
#pragma once
#include "vuln/scan_inside.h"
#include "vuln/store_inside.h"

/* A new way of judging raises it: then everything is judged again. */
enum { ENGINE = 2 };

typedef struct Touched {
  bool all;             /* nothing can be left out */
  int64_t last_package; /* newer ones were never judged */
  Map key;              /* what changed advisories speak of, in the old snapshot or in the new */
} Touched;
/* Against the last run over everything; all = true when there is none that can be trusted. */
Err touched_since(Cx *cx, Store *s, const Snapshot *now, Touched *out);
bool is_touched(Cx *cx, const Touched *t, const VulnTarget *target, int64_t package);
