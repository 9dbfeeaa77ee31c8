/* vex.h - VEX out of our decisions, and VEX of others in. */
#pragma once
#include "app/triage.h"

typedef struct VexScope { Str product, release; } VexScope;      /* release empty: all of the product */
/* What is in force, and what is still looked at, about every vulnerability that touches the release.
 * E_NOTFOUND: no SBOM.  E_INVALID: the settings do not say who publishes it. */
Err vex_export(Cx *cx, Store *s, const Graph *g, const Settings *set, const VexScope *scope, VexFormat format,
               Buf *out);

typedef struct VexUnmatched { Str vuln, product, why; } VexUnmatched;
typedef struct VexImport {
  Str format, spec, source;
  int64_t statements, matched, proposals, already, unmatched_count;
  uint32_t left_out;
  const Str *problem; size_t nproblems;
  VEC(Str) ids;                  /* of the proposals */
  VEC(VexUnmatched) unmatched;   /* the first 200 */
} VexImport;
/* Each statement that fits a component and a vulnerability that is known of it becomes a proposal, a draft with its
 * source that nobody has signed: decisions in force stay.  What matched nothing is counted and told. */
Err vex_import(Cx *cx, Writer *w, Store *s, const Graph *g, Str bytes, Str file, const Ask *who, bool dry,
               VexImport *out);
