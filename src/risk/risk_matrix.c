/* risk_matrix.c - The acceptability matrix that the risk plan adopts: data, not program. */
#include "record/record.h"
#include "risk/risk.h"

enum { F_CELLS, F_SEVERITY_SCALE, F_EXPLOITABILITY_SCALE, F_ACCEPTABILITY, F_REVIEW_DUE };
static const Field fields[] = {
  [F_CELLS] = { "cells", "Cells", LONG, REQUIRED, .max = 2000,
    .help = "One line per exploitability, \"e5: medium medium high high high\", severity s1 to s5 from left "
            "to right." },
  [F_SEVERITY_SCALE] = { "severity_scale", "Severity scale", LONG, 0, .help = "What s1 to s5 mean." },
  [F_EXPLOITABILITY_SCALE] = { "exploitability_scale", "Exploitability scale", LONG, 0,
    .help = "What e1 to e5 mean." },
  [F_ACCEPTABILITY] = { "acceptability", "Acceptability", LONG, 0,
    .help = "What low, medium and high oblige to." },
  [F_REVIEW_DUE] = { "review_due", "Review due", DATE, 0, .help = "When it is looked at again." },
};

static Err check(Cx *cx, const Record *r) {
  RiskMatrix m;
  Str wrong;
  if (!risk_matrix_read(cx->arena, r->values[F_CELLS].s, &m, &wrong))
    problem(cx, S("cells"), "format", "%.*s", STR(wrong));
  return E_OK;
}

const RecordType record_risk_matrix = {
  "risk_matrix", "Risk matrix", "Risk matrices", "MTX", "risk", &life_document,
  ROLE(RISK_MANAGER) | ROLE(SECURITY_LEAD), ROWS(fields), .check = check,
  .help = "The acceptability matrix that the risk plan adopts: data, not program.",
};
