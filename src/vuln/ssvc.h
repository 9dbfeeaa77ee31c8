/* ssvc.h - decisions over vulnerabilities as tables of data (SSVC): what to do, from values that somebody can check.
 *
 * Part of vuln's door.  Tables are text (data/ssvc/tables.txt); a point that is missing is computed when another table
 * has it as its outcome and its own points are known (utility, human impact, public safety impact). */
#pragma once
#include "format/format.h"

enum { SSVC_POINTS = 8, SSVC_VALUES = 8 };

typedef struct SsvcPoint {
  Str name, version;
  Str value[SSVC_VALUES];
  size_t nvalues;
} SsvcPoint;

typedef struct SsvcTable {
  Str name, version, help;
  SsvcPoint point[SSVC_POINTS];
  size_t npoints;
  SsvcPoint outcome;
  VEC(uint8_t) cell;             /* index into outcome.value, the last point fastest */
} SsvcTable;

typedef VEC(SsvcTable) Ssvc;

/* Names are matched with any letter case, '_' and '-' as a blank.  E_CONFIG names the line. */
Err ssvc_read(Cx *cx, Str text, Ssvc *out);
const SsvcTable *ssvc_table(const Ssvc *s, Str name);              /* NULL when unknown */

/* What is known of one vulnerability in one product, and where each value comes from. */
typedef struct SsvcFact { Str point, value, from; } SsvcFact;
typedef VEC(SsvcFact) SsvcFacts;
typedef struct SsvcAnswer {
  Str outcome;                   /* of the table: "scheduled" */
  SsvcFact used[SSVC_POINTS];    /* one for each point of the table, in its order */
  size_t nused;
} SsvcAnswer;
/* E_INVALID: a point is not known, nor what would give it; or a value that the point does not have (they are
 * listed). */
Err ssvc_decide(Cx *cx, const Ssvc *s, const SsvcTable *t, const SsvcFacts *facts, SsvcAnswer *out);

/* `calc ssvc`: one line of values ("exploitation=active, utility=laborious", or values alone in the order of the
 * points,
 * separated by commas or tabs), one JSON object with the outcome and the points.  E_USAGE: unknown table. */
Err ssvc_calc_lines(Cx *cx, const Ssvc *s, Str table, Str input, Buf *out);
