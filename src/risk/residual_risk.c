/* residual_risk.c - What is left of a risk on one release, where it differs between the releases in the
 * field. */
#include "risk/inside.h"

static const char *const controlled[] = { "controlled", "uncontrolled", NULL };

enum { F_EXPLOITABILITY, F_SEVERITY, F_LEVEL, F_CONTROLLED, F_JUDGEMENT, F_JUDGED_BY, F_JUDGED_ON,
       F_NOTICE_DUE, F_FIX_DUE, F_ASSESSES, F_ON, F_DEPENDS_ON };
static const Field fields[] = {
  [F_EXPLOITABILITY] = { "exploitability", "Exploitability", CHOICE, REQUIRED, .choices = risk_exploitability,
    .help = "On this release." },
  [F_SEVERITY] = { "severity", "Severity", CHOICE, REQUIRED, .choices = risk_severity,
    .help = "Worst credible harm on this release." },
  [F_LEVEL] = { "level", "Level", CHOICE, REQUIRED, .choices = risk_level,
    .help = "As the matrix gives it." },
  [F_CONTROLLED] = { "controlled", "Controlled", CHOICE, REQUIRED, .choices = controlled,
    .help = "FDA postmarket term." },
  [F_JUDGEMENT] = { "judgement", "Judgement", LONG, REQUIRED,
    .help = "Why, in the words of the one who judges." },
  [F_JUDGED_BY] = { "judged_by", "Judged by", PERSON, 0, .help = "Clinical or safety role." },
  [F_JUDGED_ON] = { "judged_on", "Judged on", DATE, 0, .help = "Day of the judgement." },
  [F_NOTICE_DUE] = { "notice_due", "Tell customers by", DATE, 0, .help = "When customers are to be told." },
  [F_FIX_DUE] = { "fix_due", "Fix by", DATE, 0, .help = "When a fix is to be available." },
  [F_ASSESSES] = { "assesses", "Of risk", LINK, 0, .min = 1, .to = "security_risk safety_risk",
    .help = "The risk that this is about." },
  [F_ON] = { "on", "On release", LINK, 0, .min = 1, .to = "release",
    .help = "The release that this is about." },
  [F_DEPENDS_ON] = { "depends_on", "Depends on", LINK, MANY, .to = "control",
    .help = "Controls that the judgement relies on." },
};

static Err check(Cx *cx, const Record *r) {
  const Value *v = r->values;
  if (str_eq(v[F_CONTROLLED].s, S("controlled")) && str_eq(v[F_LEVEL].s, S("high")))
    problem(cx, S("controlled"), "order", "A level of high is not controlled.");
  if (v[F_JUDGED_ON].set && v[F_FIX_DUE].set && v[F_FIX_DUE].i < v[F_JUDGED_ON].i)
    problem(cx, S("fix_due"), "order", "The fix is due before the day of the judgement.");
  return E_OK;
}

const RecordType record_residual_risk = {
  "residual_risk", "Residual risk of a release", "Residual risks of releases", "RRR", "risk", &life_item,
  ROLE(RISK_MANAGER) | ROLE(CLINICAL_SAFETY) | ROLE(SECURITY_LEAD), ROWS(fields), .check = check,
  .help = "What is left of a risk on one release, where it differs between the releases in the field.",
};
