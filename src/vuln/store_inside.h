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

/* ---- settle.c ---- */
VulnTarget vuln_target(Cx *cx, const NameRules *rules, const Package *p);
/* What packages of one SBOM are affected by, seen together; text partly in the snapshot. */
typedef struct Settled { Map at; VEC(const VulnOutcome *) outcome; } Settled;
Err settle_sbom(Cx *cx, Store *s, const Snapshot *snap, Str sbom, Settled *out);
/* Makes an affected-if verdict affected when what it depends on is in the SBOM; whether it did. */
bool settle_verdict(Cx *cx, const Settled *s, VerdictRow *v);
