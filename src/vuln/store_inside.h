/* store_inside.h - what the files of vuln/ that use the store share. */
#pragma once
#include "supply/supply.h"
#include "vuln/inside.h"

enum { FACT_SNAPSHOT, FACT_VERDICT };
extern const Fact vuln_facts[2];
Entry vuln_entry(const Call *call, Str act);
Err activate_run(Cx *cx, Call *call);
Err match_run(Cx *cx, Call *call);
/* One verdict as a row of verdict_of_package or verdict_of_vuln gives it; the package's own columns stay empty. */
VerdictRow verdict_row(Arena *a, const Rows *r);
