/* inside.h - what the formats of a scan share. */
#pragma once
#include "app/scan_out.h"

typedef struct ScanRow {
  const ScanComponent *c;
  const VulnOutcome *v;
  Str fingerprint; /* the same in every scan of the same component, whatever its place */
} ScanRow;
typedef VEC(ScanRow) ScanRows;
/* Everything that somebody has to look at: affected, perhaps affected, and what could not be assessed. */
ScanRows scan_rows(Cx *cx, const ScanResult *r);

/* Lines of the SBOM: components mostly come in its order, so the search goes on where the last one ended. */
typedef struct ScanLines {
  Str bytes;
  size_t at;
  int64_t line;
} ScanLines;
int64_t scan_line(ScanLines *l, const ScanComponent *c); /* 1 when it cannot be told */

Str scan_rule(const ScanRow *r);                     /* the vulnerability, or "not-assessable" */
Str scan_part(Cx *cx, const ScanRow *r);             /* package URL, else name@version */
Str scan_severity(Cx *cx, const VulnOutcome *v);     /* lower case; empty: unscored */
Str scan_message(Cx *cx, const ScanRow *r);
bool scan_dismissed(const VulnOutcome *v);           /* a decision in force says not affected, or fixed */
void scan_counts(JsonOut *o, const ScanResult *r);
Str scan_second(Cx *cx, const Snapshot *s);           /* "2026-11-20T02:14:00" of the newest source */
/* "OSV 1204 records, newest 2026-11-20T...; KEV ..." */
Str scan_sources(Cx *cx, const Snapshot *s);

typedef void ScanWriter(Cx *cx, const ScanOut *s, Buf *out);
ScanWriter scan_sarif, scan_cyclonedx, scan_junit, scan_gitlab, scan_openvex;
