/* threat.c - What could go wrong on purpose, or as if on purpose, at one place of the system. */
#include "risk/inside.h"

static const char *const category[] = { "attack", "misuse", "multi_patient", "self_inflicted", NULL };
static const char *const capability[] = { "none", "low", "medium", "high", NULL };
static const char *const disposition[] = { "mitigate", "accept", "transfer", "avoid", "not_applicable",
    NULL };

enum { F_CATEGORY, F_STRIDE, F_ACTOR, F_CAPABILITY, F_LIFECYCLE, F_PATH, F_PRECONDITIONS, F_CATALOGUE_IDS,
       F_EXPLOITABILITY, F_SEVERITY, F_MULTI_PATIENT, F_DISPOSITION, F_DISPOSITION_REASON, F_TARGETS,
       F_MITIGATED_BY, F_LEADS_TO };
static const Field fields[] = {
  [F_CATEGORY] = { "category", "Category", CHOICE, REQUIRED, .choices = category,
    .help = "An attack, foreseeable misuse, harm to many at once, or our own doing." },
  [F_STRIDE] = { "stride", "STRIDE class", CHOICE, 0, .choices = risk_stride, .help = "The kind of attack." },
  [F_ACTOR] = { "actor", "Actor", TEXT, 0, .help = "Who would do it." },
  [F_CAPABILITY] = { "capability", "Capability", CHOICE, 0, .choices = capability,
    .help = "What the actor can do." },
  [F_LIFECYCLE] = { "lifecycle", "Lifecycle source", CHOICE, 0, .choices = risk_lifecycle,
    .help = "Where in the life of the device it arises." },
  [F_PATH] = { "path", "Attack path", LONG, 0, .help = "Step by step, as far as it matters." },
  [F_PRECONDITIONS] = { "preconditions", "Preconditions", TEXT, 0,
    .help = "What must be so for it to work." },
  [F_CATALOGUE_IDS] = { "catalogue_ids", "Catalogue ids", TEXT, MANY, .help = "CAPEC, ATT&CK or CWE ids." },
  [F_EXPLOITABILITY] = { "exploitability", "Exploitability before controls", CHOICE, 0,
    .choices = risk_exploitability, .help = "E1 hardest to E5 easiest." },
  [F_SEVERITY] = { "severity", "Severity before controls", CHOICE, 0, .choices = risk_severity,
    .help = "Of the worst credible harm." },
  [F_MULTI_PATIENT] = { "multi_patient", "May harm many patients at once", BOOL, 0,
    .help = "Then it belongs on the multi-patient view." },
  [F_DISPOSITION] = { "disposition", "Disposition", CHOICE, 0, .choices = disposition,
    .help = "What was decided." },
  [F_DISPOSITION_REASON] = { "disposition_reason", "Reason", LONG, 0,
    .help = "Needed unless the threat is mitigated." },
  [F_TARGETS] = { "targets", "Targets", LINK, MANY, .min = 1, .to = "asset element flow interface",
    .help = "What is attacked, and where." },
  [F_MITIGATED_BY] = { "mitigated_by", "Mitigated by", LINK, MANY, .to = "control",
    .help = "Controls that make it harder or harmless." },
  [F_LEADS_TO] = { "leads_to", "Leads to", LINK, MANY, .to = "situation",
    .help = "The hazardous situation that follows." },
};

static Err check(Cx *cx, const Record *r) {
  const Value *v = r->values;
  if (str_eq(v[F_CATEGORY].s, S("attack")) && !v[F_STRIDE].set)
    problem(cx, S("stride"), "required", "An attack has a STRIDE class.");
  Str d = v[F_DISPOSITION].s;
  if (v[F_DISPOSITION].set && !str_eq(d, S("mitigate")) && !v[F_DISPOSITION_REASON].set)
    problem(cx, S("disposition_reason"), "required",
            "Say why the threat is not mitigated: \"%.*s\" needs a reason.", STR(d));
  return E_OK;
}

const RecordType record_threat = {
  "threat", "Threat", "Threats", "THR", "risk", &life_item,
  ROLE(SECURITY_LEAD) | ROLE(ENGINEER) | ROLE(RISK_MANAGER), ROWS(fields), .check = check,
  .help = "What could go wrong on purpose, or as if on purpose, at one place of the system.",
};
