/* scores.h - how likely exploitation was thought on a day past, and since when it is known.
 *
 * Part of vuln's door.  feeds/scores.history follows from the intakes of EPSS and KEV in the archive: per CVE the days
 * on which its score changed, and when it came to the catalog and left it.  It can be made again at any time. */
#pragma once
#include "vuln/vuln.h"

typedef struct ScoreDay { int32_t day; int64_t epss_x1e9; } ScoreDay;     /* VULN_UNSCORED: no longer scored */
typedef struct ScoreHistory {
  VEC(ScoreDay) score;                   /* days on which it changed, ascending */
  int32_t first_day, last_day;           /* days of the first and the last scores that are kept; 0: none are */
  int32_t kev_added, kev_seen, kev_gone; /* by the catalog itself; in our intakes; 0: not */
} ScoreHistory;
/* cve: "CVE-2024-3094"; others have no history.  Nothing kept: an empty one. */
Err score_history(Cx *cx, Store *s, Str cve, ScoreHistory *out);
/* The score of a day between first_day and last_day: that of the newest scores up to it.  false: none is known. */
bool score_on(const ScoreHistory *h, int32_t day, int64_t *epss_x1e9);
/* What was known of it whenever a run judged it otherwise than before, ascending; the gravest of its packages.  Without
 * an archive it is all that is kept. */
typedef struct ScoreChange { int64_t at_us; int cvss_x10; bool kev; int64_t epss_x1e9; } ScoreChange;
typedef VEC(ScoreChange) ScoreChanges;
Err score_changes(Cx *cx, Store *s, Str vuln, ScoreChanges *out);
/* Takes in what came since; whole: from the first intake on. */
Err score_history_make(Cx *cx, Store *s, bool whole);
