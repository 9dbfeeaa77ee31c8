/* change.c - A change from its reason over its impact and regulatory assessment to its verification. */
#include "record/record.h"

static const char *const reason[] = { "security", "defect", "feature", "regulatory", "supplier", NULL };
static const char *const analysed[] = { "risks", "threat_model", "requirements", "tests", "sbom", "labels",
    "documents", "training", "suppliers", "fielded_units", "privacy", NULL };
static const char *const us_decision[] = { "not_assessed", "letter_to_file", "new_510k", "special_510k",
    "pma_supplement", "not_applicable", NULL };
static const char *const eu_decision[] = { "not_assessed", "not_significant", "notified_body_notice",
    "significant", "not_applicable", NULL };
static const char *const cyber_decision[] = { "not_assessed", "may_affect", "unlikely", NULL };

enum { F_REASON, F_EMERGENCY, F_DESCRIPTION, F_ANALYSED, F_AFFECTED, F_IMPACT, F_US_DECISION, F_US_REASON,
       F_EU_DECISION, F_EU_REASON, F_CYBER_DECISION, F_CYBER_REASON, F_OTHER_DECISION, F_OTHER_REASON,
       F_IMPLEMENTATION, F_VERIFICATION,
       F_TARGET, F_CHANGES, F_IMPACTS, F_RAISED_FROM, F_CONTAINED_IN, F_COMMUNICATED_IN };
static const Field fields[] = {
  [F_REASON] = { "reason", "Reason", CHOICE, REQUIRED, .choices = reason, .help = "Why the change is made." },
  [F_EMERGENCY] = { "emergency", "Emergency", BOOL, 0, .help = "Approved afterwards, within five days." },
  [F_DESCRIPTION] = { "description", "Description", LONG, REQUIRED, .help = "What changes." },
  [F_ANALYSED] = { "analysed", "Areas analysed", CHOICE, MANY, .choices = analysed,
    .help = "Every area that was looked at." },
  [F_AFFECTED] = { "affected", "Areas affected", CHOICE, MANY, .choices = analysed,
    .help = "Those of them that change." },
  [F_IMPACT] = { "impact", "Impact", LONG, 0, .help = "What each affected area needs." },
  [F_US_DECISION] = { "us_decision", "United States", CHOICE, NOTE, .choices = us_decision,
    .help = "Under the guidance on software changes." },
  [F_US_REASON] = { "us_reason", "Reason (United States)", LONG, NOTE, .help = "Why." },
  [F_EU_DECISION] = { "eu_decision", "European Union", CHOICE, NOTE, .choices = eu_decision,
    .help = "Under MDR Annex IX 4.10." },
  [F_EU_REASON] = { "eu_reason", "Reason (European Union)", LONG, NOTE, .help = "Why." },
  [F_CYBER_DECISION] = { "cyber_decision", "Cybersecurity", CHOICE, NOTE, .choices = cyber_decision,
    .help = "524B: may the change affect cybersecurity?" },
  [F_CYBER_REASON] = { "cyber_reason", "Reason (cybersecurity)", LONG, NOTE, .help = "Why." },
  [F_OTHER_DECISION] = { "other_decision", "Other markets", TEXT, NOTE, .help = "Market and outcome." },
  [F_OTHER_REASON] = { "other_reason", "Reason (other markets)", LONG, NOTE, .help = "Why." },
  [F_IMPLEMENTATION] = { "implementation", "Implementation", LONG, NOTE, .help = "What was done." },
  [F_VERIFICATION] = { "verification", "Verification", LONG, NOTE, .help = "What shows that it works." },
  [F_TARGET] = { "target", "Target date", DATE, NOTE, .help = "When it is to be released." },
  [F_CHANGES] = { "changes", "Changes", LINK, MANY, .min = 1, .to = "*", .help = "Records that change." },
  [F_IMPACTS] = { "impacts", "Has effect on", LINK, MANY, .to = "*",
    .help = "Records that must be looked at again." },
  [F_RAISED_FROM] = { "raised_from", "Raised from", LINK, MANY, .to = "*", .help = "Why it was opened." },
  [F_CONTAINED_IN] = { "contained_in", "Contained in", LINK, MANY, .to = "release",
    .help = "The release that carries it." },
  [F_COMMUNICATED_IN] = { "communicated_in", "Communicated in", LINK, MANY, .to = "advisory_notice document",
    .help = "Where users are told." },
};

static Err check(Cx *cx, const Record *r) {
  const Value *v = r->values;
  static const int decision[][2] = { { F_US_DECISION, F_US_REASON }, { F_EU_DECISION, F_EU_REASON },
                                     { F_CYBER_DECISION, F_CYBER_REASON },
                                     { F_OTHER_DECISION, F_OTHER_REASON } };
  for (size_t i = 0; i < COUNT(decision); i++) {
    const Value *d = &v[decision[i][0]];
    if (d->set && !str_eq(d->s, S("not_assessed")) && !v[decision[i][1]].set)
      problem(cx, str_of(fields[decision[i][1]].name), "required", "A regulatory decision needs its reason.");
  }
  for (size_t i = 0; i < v[F_AFFECTED].list.n; i++) {
    bool looked_at = false;
    for (size_t k = 0; k < v[F_ANALYSED].list.n; k++)
      looked_at = looked_at || str_eq(v[F_AFFECTED].list.p[i], v[F_ANALYSED].list.p[k]);
    if (!looked_at)
      problem(cx, S("affected"), "order",
              "\"%.*s\" is affected but not among the areas analysed.", STR(v[F_AFFECTED].list.p[i]));
  }
  return E_OK;
}

static const Guard guards[] = {
  { "verify", GUARD_FIELD, "implementation", .words = "What was done is written." },
  { "close", GUARD_FIELD, "verification", .words = "What shows that it works is written." },
  { "close", GUARD_FIELD, "us_decision", "letter_to_file new_510k special_510k pma_supplement not_applicable",
    .words = "The regulatory decision for the United States is made." },
  { "close", GUARD_FIELD, "eu_decision", "not_significant notified_body_notice significant not_applicable",
    .words = "The regulatory decision for the European Union is made." },
  { "close", GUARD_FIELD, "cyber_decision", "may_affect unlikely",
    .words = "It is decided whether the change may affect cybersecurity (524B)." },
};

const RecordType record_change = {
  "change", "Change request", "Change requests", "CHG", "quality", &life_case,
  ROLE(ENGINEER) | ROLE(SECURITY_LEAD) | ROLE(QA_MANAGER) | ROLE(REGULATORY) | ROLE(RISK_MANAGER),
  ROWS(fields), .check = check,
  .help = "A change from its reason over its impact and regulatory assessment to its verification.", ROWS(guards),
};
