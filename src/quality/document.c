/* document.c - A controlled document: policy, procedure, plan, report, form, manual. */
#include "quality/inside.h"

static const char *const kind[] = { "manual", "policy", "procedure", "plan", "report", "form", "template",
    "instructions_for_use", "label", "cvd_policy", "incident_response_plan", "security_management_plan",
    "risk_management_plan", "pms_plan", "external", NULL };

static const char *const training_impact[] = { "none", "read", "quiz", "practical", NULL };
static const char *const regulatory_impact[] = { "none", "note_to_file", "submission_assessment", NULL };

enum { F_KIND, F_LANGUAGE, F_CONTENT, F_PARTS, F_FILE, F_CHANGE_REASON, F_TRAINING_IMPACT,
       F_REGULATORY_IMPACT,
       F_EFFECTIVE_FROM, F_REVIEW_DUE, F_REVIEW_MONTHS, F_DISTRIBUTION, F_EDITION, F_CLAUSES, F_COVERS,
       F_SUPERSEDES,
       F_REQUIRES_TRAINING };
static const Field fields[] = {
  [F_KIND] = { "kind", "Kind", CHOICE, REQUIRED, .choices = kind, .help = "Decides which rules look at it." },
  [F_LANGUAGE] = { "language", "Language", TEXT, 0, .help = "Language code." },
  [F_CONTENT] = { "content", "Content", LONG, 0, .help = "The text, or a summary when a file is attached." },
  [F_PARTS] = { "parts", "Parts", TEXT, MANY, .help = "Headings that it must have, one per row." },
  [F_FILE] = { "file", "File", TEXT, 0, .help = "Name of the attached file." },
  [F_CHANGE_REASON] = { "change_reason", "Reason for this revision", TEXT, NOTE,
    .help = "What changed and why." },
  [F_TRAINING_IMPACT] = { "training_impact", "Training", CHOICE, NOTE, .choices = training_impact,
    .help = "None: who is trained on the revision before stays trained." },
  [F_REGULATORY_IMPACT] = { "regulatory_impact", "Regulatory effect", CHOICE, NOTE,
    .choices = regulatory_impact,
    .help = "Of this revision on what authorities hold." },
  [F_EFFECTIVE_FROM] = { "effective_from", "Effective from", DATE, 0, .help = "First day in force." },
  [F_REVIEW_DUE] = { "review_due", "Review due", DATE, 0, .help = "Last day of the next periodic review." },
  [F_REVIEW_MONTHS] = { "review_months", "Review every (months)", INT, 0, .min = 0, .max = 120,
    .help = "From the day it takes effect; 0: on the date above." },
  [F_DISTRIBUTION] = { "distribution", "Distribution", TEXT, MANY, .help = "Who receives it." },
  [F_EDITION] = { "edition", "Edition", TEXT, 0, .help = "Of an external standard." },
  [F_CLAUSES] = { "clauses", "Clauses", TEXT, MANY, .help = "Clauses that it answers." },
  [F_COVERS] = { "covers", "Covers", LINK, MANY, .to = "process clause", .help = "Processes and clauses." },
  [F_SUPERSEDES] = { "supersedes", "Supersedes", LINK, MANY, .to = "document",
    .help = "The document that it replaces." },
  [F_REQUIRES_TRAINING] = { "requires_training", "Requires training", LINK, MANY, .to = "curriculum",
    .help = "Who must be trained on it." },
};

static Err check(Cx *cx, const Record *r) {
  const Value *v = r->values;
  if (v[F_EFFECTIVE_FROM].set && v[F_REVIEW_DUE].set && v[F_REVIEW_DUE].i < v[F_EFFECTIVE_FROM].i)
    problem(cx, S("review_due"), "order", "The review is due before the document takes effect.");
  return E_OK;
}

static Err day_reached(Cx *cx, Store *s, const Record *r, Str *why_not) {
  const Value *from = &r->values[F_EFFECTIVE_FROM];
  (void)s;
  if (from->set && from->i > date_of(cx->now_us))
    *why_not = str_fmt(cx->arena, "It takes effect on %.*s.", STR(from->s));
  return E_OK;
}

/* The next revision says what changed (ISO 13485, 4.2.4). */
static Err reason_of_change(Cx *cx, Store *s, const Record *r, Str *why_not) {
  (void)cx;
  (void)s;
  if (r->in_force_rev && !r->values[F_CHANGE_REASON].set)
    *why_not = S("What changed in this revision, and why, is not written.");
  return E_OK;
}

static const Guard guards[] = {
  { "submit", GUARD_ASK, .words = "A new revision of a document in force says what changed and why.",
    .ask = reason_of_change },
  { "make_effective", GUARD_ASK,
    .words = "Everybody who must be trained on this revision is.", .ask = training_gate },
  { "make_effective", GUARD_ASK,
    .words = "The day from which it is effective has come.", .ask = day_reached },
};

/* Whoever must know it is asked to at once; what it replaces goes out of force with it. */
static Err entered(Cx *cx, Call *call, const Record *r, const Step *step) {
  int64_t count;
  if (str_eq(str_of(step->to), S("approved"))) return training_assign(cx, call, r->id, &count);
  if (!str_eq(str_of(step->to), S("effective"))) return E_OK;
  const Value *old = &r->values[F_SUPERSEDES];
  for (size_t i = 0; i < old->links.n; i++) {
    Record other;
    TRY(record_get(cx, call->store, old->links.p[i].to, 0, &other));
    if (str_eq(other.state, S("effective"))) TRY(record_step_by(cx, call, "supersede", &other));
  }
  return E_OK;
}

const RecordType record_document = {
  "document", "Document", "Documents", "DOC", "quality", &life_document,
  ROLE(DOCUMENT_CONTROL) | ROLE(QA_MANAGER) | ROLE(SECURITY_LEAD) | ROLE(ENGINEER) | ROLE(RISK_MANAGER) |
  ROLE(REGULATORY), ROWS(fields), .check = check,
  .help = "A controlled document: policy, procedure, plan, report, form, manual.", ROWS(guards),
  .entered = entered,
};
