/* risk.h - threats, controls and risks; the acceptability matrix that a risk plan adopts.
 *
 * Floor 6.  Includes base .. trace.
 * The matrix is data: text of a risk_matrix record, a line per exploitability, s1 to s5 from left to right:
 *   e5: medium medium high high high
 *   e4: low medium high high high
 * Lines in any order, words as in risk_level, "#" begins a comment. */
#pragma once
#include "record/record.h"

enum { RISK_SCALE = 5 };
typedef struct RiskMatrix {
  unsigned char level[RISK_SCALE][RISK_SCALE];      /* [e - 1][s - 1]: 0 low, 1 medium, 2 high */
} RiskMatrix;

/* Reads the text of a matrix.  false: *wrong (in `a`) says which line and what is wrong; out is untouched. */
bool risk_matrix_read(Arena *a, Str text, RiskMatrix *out, Str *wrong);
/* The level for words like "e3" (or "p3") and "s4"; STR_NONE for a word on no scale. */
Str risk_matrix_level(const RiskMatrix *m, Str likelihood, Str severity);
