/* complaint.c - A statement that the device did not do what it should (21 CFR 820.35(a)). */
#include "record/record.h"

static const char *const patient_outcome[] = { "none", "unknown", "minor", "serious", "death", NULL };
static const char *const security_related[] = { "yes", "no", NULL };
static const char *const investigation[] = { "done", "not_needed", "running", NULL };
static const char *const decided[] = { "fda_803", "fda_806", "mdr_87", "mdr_88", "nis2", "cra", "gdpr",
    "hipaa", NULL };

enum { F_RECEIVED_ON, F_REPORTER, F_DESCRIPTION, F_UDI, F_PATIENT_OUTCOME, F_SECURITY_RELATED,
       F_SECURITY_REASON, F_INVESTIGATION, F_RESULT, F_CODES, F_DECIDED, F_DECISIONS, F_REPLY, F_ON,
       F_ASSESSES, F_ESCALATED_TO, F_REPORTED_IN };
static const Field fields[] = {
  [F_RECEIVED_ON] = { "received_on", "Received on", DATE, REQUIRED, .help = "Day." },
  [F_REPORTER] = { "reporter", "Reporter", TEXT, 0, .help = "Name and role, as far as allowed." },
  [F_DESCRIPTION] = { "description", "Description", LONG, REQUIRED, .help = "In the words of the reporter." },
  [F_UDI] = { "udi", "UDI or serial", TEXT, 0, .help = "Of the device." },
  [F_PATIENT_OUTCOME] = { "patient_outcome", "Patient outcome", CHOICE, 0, .choices = patient_outcome,
    .help = "What happened to a patient." },
  [F_SECURITY_RELATED] = { "security_related", "Security screening", CHOICE, 0, .choices = security_related,
    .help = "Could it have a security cause?" },
  [F_SECURITY_REASON] = { "security_reason", "Reason of the screening", LONG, 0, .help = "A sentence." },
  [F_INVESTIGATION] = { "investigation", "Investigation", CHOICE, NOTE, .choices = investigation,
    .help = "With the reason or result below." },
  [F_RESULT] = { "result", "Result", LONG, NOTE, .help = "Of the investigation, or why none is needed." },
  [F_CODES] = { "codes", "IMDRF codes", TEXT, MANY | NOTE, .help = "Annex and code." },
  [F_DECIDED] = { "decided", "Reportability decided for", CHOICE, MANY | NOTE, .choices = decided,
    .help = "Each with its reason below." },
  [F_DECISIONS] = { "decisions", "Decisions", LONG, NOTE,
    .help = "For each regime: reportable or not, and why." },
  [F_REPLY] = { "reply", "Reply to the reporter", TEXT, NOTE, .help = "Day and content." },
  [F_ON] = { "on", "On release", LINK, MANY, .to = "release", .help = "What it ran." },
  [F_ASSESSES] = { "assesses", "Touches risks", LINK, MANY, .to = "security_risk safety_risk",
    .help = "Risks that it is evidence for." },
  [F_ESCALATED_TO] = { "escalated_to", "Escalated to", LINK, MANY, .to = "incident capa nonconformity",
    .help = "Where it is worked on." },
  [F_REPORTED_IN] = { "reported_in", "Reported in", LINK, MANY, .to = "regulatory_report",
    .help = "Reports about it." },
};

static Err check(Cx *cx, const Record *r) {
  const Value *v = r->values;
  if (str_eq(v[F_INVESTIGATION].s, S("not_needed")) && !v[F_RESULT].set)
    problem(cx, S("result"), "required",
            "Say why no investigation is needed (21 CFR 820.35(a), ISO 13485 8.2.2).");
  if (v[F_SECURITY_RELATED].set && !v[F_SECURITY_REASON].set)
    problem(cx, S("security_reason"), "required", "Say why a security cause is or is not suspected.");
  return E_OK;
}

static const Guard guards[] = {
  { "close", GUARD_FIELD, "investigation",
    .words = "It is decided whether to investigate (21 CFR 820.35(a))." },
  { "close", GUARD_FIELD, "result",
    .words = "The result of the investigation, or the reason for none, is written." },
  { "close", GUARD_FIELD, "security_related", .words = "The screening for a security cause is done." },
  { "close", GUARD_FIELD, "decisions", .words = "The decision about reporting is written for each regime." },
};

const RecordType record_complaint = {
  "complaint", "Complaint", "Complaints", "CMPL", "market", &life_case,
  ROLE(QA_MANAGER) | ROLE(REGULATORY) | ROLE(SECURITY_LEAD), ROWS(fields), .check = check,
  .help = "A statement that the device did not do what it should (21 CFR 820.35(a)).", ROWS(guards),
};
