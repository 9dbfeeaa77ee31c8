/* diff.h - two moments, two revisions or two sets of revisions, compared; for the command line and the page. */
#pragma once
#include "app/app.h"

/* One side as a person names it: "2026-09-01", a time, "now", "T-001@3", or the id of a record that freezes others. */
typedef struct DiffSide {
  Str text, label;
  int64_t size, at_us;
  bool is_moment, is_frozen;
  Str product; /* of a frozen set */
  Members members;
} DiffSide;

typedef struct AppDiff {
  DiffSide a, b;
  RecordChanges rows;
  size_t count[CHANGE_KINDS];
  Gaps opened, closed;           /* what the checks of a product miss on one of two moments only */
} AppDiff;
/* from and to may stand in any order of time; to empty: now, or the last revision of the record that from names.
 * product: STR_NONE for all.  E_USAGE, E_NOTFOUND. */
/* Arguments of baseline.freeze: the current SBOMs of its device and the packs beside the id. */
Err app_freeze_args(Cx *cx, Store *s, const Packs *packs, const Record *r, Str *out);
/* What a device has now, without its baselines. */
void app_members_now(Cx *cx, const Graph *g, Str product, Members *out);
Err app_diff(Cx *cx, Store *s, const Packs *packs, Str from, Str to, Str product, AppDiff *out);
