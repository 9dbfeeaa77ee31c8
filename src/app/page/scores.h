/* scores.h - how grave and how likely a vulnerability was thought, day by day, and what that reopened. */
#pragma once
#include "app/page/web.h"

/* likely: of the CVE; NULL: looked up by vuln.  findings: whose own and whose risks' reopening is told.  Nothing is
 * known: an empty card. */
Err score_card(Cx *cx, Web *web, Str vuln, const ScoreHistory *likely, const Nodes *findings, Html *out);
