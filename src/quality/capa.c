/* capa.c - A corrective or preventive action, from the problem to the proof that it worked. */
#include "record/record.h"

static const char *const kind[] = { "corrective", "preventive", NULL };
static const char *const cause_method[] = { "five_whys", "fishbone", "fault_tree", "timeline", "other",
    NULL };
static const char *const effectiveness[] = { "effective", "not_effective", NULL };

enum { F_KIND, F_PROBLEM_TEXT, F_CONTAINMENT, F_CAUSE_METHOD, F_CAUSE, F_PLAN, F_PLAN_DUE, F_IMPLEMENT_DUE,
       F_IMPLEMENTATION, F_EFFECTIVENESS_CRITERION, F_EFFECTIVENESS_DUE, F_EFFECTIVENESS,
       F_EFFECTIVENESS_EVIDENCE, F_EFFECTIVENESS_BY, F_RAISED_FROM, F_CHANGES };
static const Field fields[] = {
  [F_KIND] = { "kind", "Kind", CHOICE, REQUIRED, .choices = kind,
    .help = "For something that happened, or before it does." },
  [F_PROBLEM_TEXT] = { "problem_text", "Problem", LONG, REQUIRED, .help = "What happened, with its extent." },
  [F_CONTAINMENT] = { "containment", "Containment", LONG, NOTE, .help = "What was done at once." },
  [F_CAUSE_METHOD] = { "cause_method", "Cause method", CHOICE, NOTE, .choices = cause_method,
    .help = "How the cause was sought." },
  [F_CAUSE] = { "cause", "Root cause", LONG, NOTE, .help = "What let it happen." },
  [F_PLAN] = { "plan", "Plan", LONG, NOTE, .help = "Actions with who and when." },
  [F_PLAN_DUE] = { "plan_due", "Plan due", DATE, NOTE, .help = "When the plan must be approved." },
  [F_IMPLEMENT_DUE] = { "implement_due", "Implementation due", DATE, NOTE,
    .help = "When the actions must be done." },
  [F_IMPLEMENTATION] = { "implementation", "Implementation", LONG, NOTE,
    .help = "What was done, with evidence." },
  [F_EFFECTIVENESS_CRITERION] = { "effectiveness_criterion", "Effectiveness criterion", TEXT, NOTE,
    .help = "A number or a fact that can be looked up." },
  [F_EFFECTIVENESS_DUE] = { "effectiveness_due", "Effectiveness due", DATE, NOTE,
    .help = "When it is judged." },
  [F_EFFECTIVENESS] = { "effectiveness", "Effectiveness", CHOICE, NOTE, .choices = effectiveness,
    .help = "The judgement." },
  [F_EFFECTIVENESS_EVIDENCE] = { "effectiveness_evidence", "Evidence", LONG, NOTE, .help = "What shows it." },
  [F_EFFECTIVENESS_BY] = { "effectiveness_by", "Judged by", PERSON, NOTE,
    .help = "Not the one who implemented it." },
  [F_RAISED_FROM] = { "raised_from", "Raised from", LINK, MANY, .min = 1, .to = "*",
    .help = "What it answers." },
  [F_CHANGES] = { "changes", "Actions", LINK, MANY, .to = "change",
    .help = "Change requests that carry it out." },
};

static Err check(Cx *cx, const Record *r) {
  const Value *v = r->values;
  if (v[F_EFFECTIVENESS].set && !v[F_EFFECTIVENESS_EVIDENCE].set)
    problem(cx, S("effectiveness_evidence"), "required", "Say what shows the effect (ISO 13485, 8.5.2).");
  if (v[F_EFFECTIVENESS_DUE].set && !v[F_EFFECTIVENESS_CRITERION].set)
    problem(cx, S("effectiveness_criterion"), "required",
            "Before a date there must be something to measure: give the criterion.");
  if (v[F_IMPLEMENT_DUE].set && v[F_EFFECTIVENESS_DUE].set && v[F_EFFECTIVENESS_DUE].i < v[F_IMPLEMENT_DUE].i)
    problem(cx, S("effectiveness_due"), "order",
            "Effectiveness cannot be judged before the actions are done.");
  return E_OK;
}

static const Guard guards[] = {
  { "contain", GUARD_FIELD, "containment", .words = "What was done at once is written." },
  { "find_cause", GUARD_FIELD, "cause", .words = "The cause is written." },
  { "find_cause", GUARD_FIELD, "cause_method", .words = "How the cause was sought is entered." },
  { "approve_plan", GUARD_FIELD, "plan", .words = "The plan is written." },
  { "approve_plan", GUARD_FIELD, "effectiveness_criterion",
    .words = "There is a number or a fact by which the effect is judged." },
  { "implement", GUARD_FIELD, "implementation", .words = "What was done is written, with evidence." },
  { "check_effect", GUARD_FIELD, "effectiveness_due",
    .words = "The day on which the effect is judged is set." },
  { "close", GUARD_FIELD, "effectiveness", "effective", .words = "It was judged effective." },
  { "close", GUARD_FIELD, "effectiveness_evidence", .words = "What shows the effect is written." },
  { "fail_effect", GUARD_FIELD, "effectiveness", "not_effective", .words = "It was judged not effective." },
};

const RecordType record_capa = {
  "capa", "CAPA", "CAPAs", "CAPA", "quality", &life_capa,
  ROLE(QA_MANAGER) | ROLE(SECURITY_LEAD) | ROLE(ENGINEER) | ROLE(SUPPLIER_MANAGER), ROWS(fields), .check =
  check,
  .help = "A corrective or preventive action, from the problem to the proof that it worked.", ROWS(guards),
};
