/* regulatory_report.c - A report to an authority, or the signed reason why none is due. */
#include "record/record.h"

static const char *const regime[] = { "fda_803", "fda_806", "mdr_87", "mdr_88", "fsca", "psur", "nis2", "cra",
    "gdpr", "hipaa", "pma_annual", "other", NULL };
static const char *const decision[] = { "reportable", "not_reportable", NULL };

enum { F_REGIME, F_AUTHORITY, F_AWARE_ON, F_DUE, F_CLOCK_RULE, F_SUBMITTED_ON, F_NUMBER, F_DECISION,
       F_RATIONALE,
       F_CONTENT, F_ABOUT };
static const Field fields[] = {
  [F_REGIME] = { "regime", "Regime", CHOICE, REQUIRED, .choices = regime,
    .help = "The law that asks for it." },
  [F_AUTHORITY] = { "authority", "Authority", TEXT, 0, .help = "To whom." },
  [F_AWARE_ON] = { "aware_on", "Aware on", DATE, 0, .help = "The day that the clock starts." },
  [F_DUE] = { "due", "Due", DATE, 0, .help = "Last day." },
  [F_CLOCK_RULE] = { "clock_rule", "Clock rule", TEXT, 0, .max = 20,
    .help = "Id in the table of clocks, for example CK-03." },
  [F_SUBMITTED_ON] = { "submitted_on", "Submitted on", DATE, NOTE, .help = "Day." },
  [F_NUMBER] = { "number", "Number", TEXT, NOTE, .help = "As given by the authority." },
  [F_DECISION] = { "decision", "Decision", CHOICE, 0, .choices = decision, .help = "With its reason." },
  [F_RATIONALE] = { "rationale", "Reason", LONG, 0, .help = "Why it is or is not reportable." },
  [F_CONTENT] = { "content", "Content", LONG, NOTE, .help = "What was reported." },
  [F_ABOUT] = { "about", "About", LINK, MANY, .min = 1, .to = "incident complaint finding disclosure change",
    .help = "What it reports." },
};

static Err check(Cx *cx, const Record *r) {
  const Value *v = r->values;
  if (v[F_DECISION].set && !v[F_RATIONALE].set)
    problem(cx, S("rationale"), "required",
            "A decision about reporting needs its reason, above all when nothing is reported.");
  return E_OK;
}

static const Guard guards[] = {
  { "decide_not_reportable decide_reportable", GUARD_FIELD, "rationale",
    .words = "The decision has its reason." },
  { "submit resubmit", GUARD_FIELD, "submitted_on", .words = "The day of submission is entered." },
};

const RecordType record_regulatory_report = {
  "regulatory_report", "Regulatory report", "Regulatory reports", "RPT", "market", &life_report,
  ROLE(REGULATORY) | ROLE(QA_MANAGER), ROWS(fields), .check = check,
  .help = "A report to an authority, or the signed reason why none is due.", ROWS(guards),
};
