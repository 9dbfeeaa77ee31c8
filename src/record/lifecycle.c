#include "record/record.h"

/* The lifecycles that record types share.  Names of states are the field's; what a state permits stands in
 * its flags, so that nothing above has to know a state by name.  Every lifecycle ends in `voided` as well: a
 * record made by mistake stays, with the reason, and counts for nothing. */

#define EDIT ST_EDIT
#define DONE (ST_ACCEPTED | ST_CLOSED)
#define LIFE(id, word) const Lifecycle id = { word, ROWS(id##_states), ROWS(id##_steps) }
#define LIFE_GUARDED(id, word) const Lifecycle id = { word, ROWS(id##_states), ROWS(id##_steps), ROWS(id##_guards) }

/* Who may say what.  A step without roles belongs to the type's editors. */
#define APPROVERS (ROLE(APPROVER) | ROLE(QA_MANAGER))
#define REVIEWERS (ROLE(REVIEWER) | APPROVERS)
#define ACCEPTORS (ROLE(RISK_MANAGER) | ROLE(CLINICAL_SAFETY) | ROLE(QA_MANAGER))
#define CASE_CLOSERS (APPROVERS | ROLE(SECURITY_LEAD) | ROLE(REGULATORY))
#define RELEASERS (APPROVERS | ROLE(REGULATORY))
#define REPORTERS (ROLE(REGULATORY) | ROLE(QA_MANAGER))
#define ANALYSTS (REVIEWERS | ROLE(SECURITY_LEAD))
#define LEADS                                                                                                \
  (APPROVERS | ROLE(DOCUMENT_CONTROL) | ROLE(SECURITY_LEAD) | ROLE(RISK_MANAGER) | ROLE(REGULATORY) |        \
   ROLE(SUPPLIER_MANAGER))

#define VOIDED { "voided", ST_CLOSED }
#define VOID_STEP                                                                        \
  { "void", "*", "voided", STEP_REASON, LEADS, "Void",                                   \
    "This record was made by mistake and counts for nothing" }
#define SIGNED (STEP_SECOND | STEP_SIGN)

/* Controlled documents (ISO 13485 4.2.4): approved is not yet effective, training comes between. */
static const State life_document_states[] = {
  { "draft", EDIT }, { "in_review", 0 }, { "approved", ST_ACCEPTED }, { "effective", ST_ACCEPTED },
  { "superseded", ST_CLOSED }, { "obsolete", ST_CLOSED }, { "archived", ST_CLOSED }, VOIDED };
static const Step life_document_steps[] = {
  { "submit", "draft", "in_review", STEP_SIGN, 0, "Submit for review",
    "I wrote this document and it is ready for review" },
  { "send_back", "in_review", "draft", STEP_REASON, REVIEWERS, "Send back",
    "This document needs changes before it can be approved" },
  { "approve", "in_review", "approved", SIGNED, APPROVERS, "Approve",
    "I approve this document as it stands" },
  { "make_effective", "approved", "effective", 0, ROLE(DOCUMENT_CONTROL) | APPROVERS, "Make effective",
    "The people concerned are trained; this document is in use from now on" },
  { "supersede", "effective", "superseded", 0, ROLE(DOCUMENT_CONTROL) | APPROVERS, "Supersede",
    "Another document takes its place" },
  { "withdraw", "effective", "obsolete", STEP_REASON, ROLE(DOCUMENT_CONTROL) | APPROVERS, "Withdraw",
    "This document is no longer used and nothing takes its place" },
  { "archive", "superseded", "archived", 0, ROLE(DOCUMENT_CONTROL), "Archive",
    "This document is kept for its retention time only" },
  { "archive", "obsolete", "archived", 0, ROLE(DOCUMENT_CONTROL), "Archive",
    "This document is kept for its retention time only" },
  VOID_STEP
};
LIFE(life_document, "document");

static const State life_item_states[] = {
  { "draft", EDIT }, { "in_review", 0 }, { "approved", ST_ACCEPTED }, { "retired", ST_CLOSED }, VOIDED };
static const Step life_item_steps[] = {
  { "submit", "draft", "in_review", 0, 0, "Submit for review",
    "I wrote this record and it is ready for review" },
  { "send_back", "in_review", "draft", STEP_REASON, REVIEWERS, "Send back",
    "This record needs changes before it can be approved" },
  { "approve", "in_review", "approved", SIGNED, APPROVERS, "Approve",
    "I reviewed this record and approve it as it stands" },
  { "retire", "approved", "retired", STEP_REASON, LEADS, "Retire",
    "This record no longer applies and nothing depends on it" },
  VOID_STEP
};
static const Guard life_item_guards[] = {
  { "retire", GUARD_UNUSED, .words = "Nothing that still counts rests on this record." } };
LIFE_GUARDED(life_item, "item");

static const State life_case_states[] = { { "open", EDIT },          { "triage", EDIT },
                                          { "investigation", EDIT }, { "action", EDIT },
                                          { "verification", EDIT },  { "closed", DONE },
                                          { "rejected", ST_CLOSED }, { "duplicate", ST_CLOSED },
                                          { "reopened", EDIT },      VOIDED };
static const Step life_case_steps[] = {
  { "start_triage", "open", "triage", 0, 0, "Start triage", "I am judging this case" },
  { "investigate", "triage", "investigation", 0, 0, "Investigate",
    "This case is valid and is being investigated" },
  { "reject", "triage", "rejected", STEP_REASON, 0, "Reject", "This is not a case for us" },
  { "mark_duplicate", "triage", "duplicate", STEP_REASON, 0, "Mark as duplicate",
    "Another record has this case already" },
  { "act", "investigation", "action", 0, 0, "Start action",
    "The investigation is complete and says what is to be done" },
  { "verify", "action", "verification", 0, 0, "Start verification", "What was to be done has been done" },
  { "send_back", "verification", "action", STEP_REASON, CASE_CLOSERS, "Send back",
    "What was done is not enough" },
  { "close", "verification", "closed", SIGNED, CASE_CLOSERS, "Close",
    "Every decision is made and the action worked: I close this case" },
  { "reopen", "closed", "reopened", STEP_REASON, 0, "Reopen", "There is something new about this case" },
  { "reopen", "rejected", "reopened", STEP_REASON, 0, "Reopen", "There is something new about this case" },
  { "reopen", "duplicate", "reopened", STEP_REASON, 0, "Reopen", "There is something new about this case" },
  { "start_triage", "reopened", "triage", 0, 0, "Start triage", "I am judging this case anew" },
  VOID_STEP
};
LIFE(life_case, "case");

/* What was done once (a test run, an audit, a training): completing it locks its data, another person
 * reviews it. */
static const State life_execution_states[] = {
  { "planned", EDIT }, { "in_progress", EDIT }, { "completed", ST_ACCEPTED }, { "reviewed", DONE },
  { "cancelled", ST_CLOSED }, VOIDED };
static const Step life_execution_steps[] = {
  { "start", "planned", "in_progress", 0, 0, "Start", "This is being done" },
  { "complete", "in_progress", "completed", 0, 0, "Complete",
    "This was done as written here; the data are complete" },
  { "review", "completed", "reviewed", SIGNED, REVIEWERS | ROLE(SECURITY_LEAD) | ROLE(ENGINEER), "Review",
    "I reviewed what was done and its result" },
  { "reopen", "completed", "in_progress", STEP_REASON, 0, "Reopen", "The data need a correction" },
  { "cancel", "planned", "cancelled", STEP_REASON, 0, "Cancel", "This will not be done" },
  VOID_STEP
};
LIFE(life_execution, "execution");

/* A superseded release is still in the field, so it stays open until its support ends. */
static const State life_release_states[] = {
  { "planned", EDIT },           { "frozen", 0 },
  { "gate_review", 0 },          { "released", ST_ACCEPTED },
  { "superseded", ST_ACCEPTED }, { "end_of_guaranteed_support", ST_ACCEPTED },
  { "end_of_support", DONE },    { "rejected", ST_CLOSED },
  { "withdrawn", ST_CLOSED },    VOIDED
};
static const Step life_release_steps[] = {
  { "freeze", "planned", "frozen", 0, 0, "Freeze", "The content of this release is fixed" },
  { "unfreeze", "frozen", "planned", STEP_REASON, 0, "Unfreeze",
    "The content of this release has to change" },
  { "start_gate_review", "frozen", "gate_review", 0, 0, "Start gate review",
    "This release is ready to be judged" },
  { "send_back", "gate_review", "planned", STEP_REASON, RELEASERS, "Send back",
    "This release cannot go out as it is" },
  { "reject", "frozen", "rejected", STEP_REASON, RELEASERS, "Reject", "This release will not go out" },
  { "release", "gate_review", "released", SIGNED, RELEASERS, "Release", "I release this version for use" },
  { "supersede", "released", "superseded", 0, RELEASERS, "Supersede", "A newer release takes its place" },
  { "end_guarantee", "released", "end_of_guaranteed_support", STEP_REASON, RELEASERS,
    "End guaranteed support", "Guaranteed support for this release ends" },
  { "end_guarantee", "superseded", "end_of_guaranteed_support", STEP_REASON, RELEASERS,
    "End guaranteed support", "Guaranteed support for this release ends" },
  { "end_support", "end_of_guaranteed_support", "end_of_support", STEP_REASON, RELEASERS, "End support",
    "Support for this release ends" },
  { "withdraw", "released", "withdrawn", STEP_REASON, RELEASERS, "Withdraw",
    "This release must no longer be used" },
  { "withdraw", "superseded", "withdrawn", STEP_REASON, RELEASERS, "Withdraw",
    "This release must no longer be used" },
  VOID_STEP
};
LIFE(life_release, "release");

static const State life_supplier_states[] = { { "candidate", EDIT },       { "under_evaluation", EDIT },
                                              { "approved", ST_ACCEPTED }, { "conditional", ST_ACCEPTED },
                                              { "suspended", 0 },          { "disqualified", ST_CLOSED },
                                              { "retired", ST_CLOSED },    VOIDED };
static const Step life_supplier_steps[] = {
  { "evaluate", "candidate", "under_evaluation", 0, 0, "Start evaluation",
    "This supplier is being evaluated" },
  { "approve", "under_evaluation", "approved", SIGNED, APPROVERS, "Approve",
    "I approve this supplier on its evaluation" },
  { "approve_conditionally", "under_evaluation", "conditional", SIGNED | STEP_REASON, APPROVERS,
    "Approve with conditions", "I approve this supplier under the conditions written here" },
  { "lift_conditions", "conditional", "approved", SIGNED, APPROVERS, "Lift conditions",
    "The conditions are fulfilled" },
  { "suspend", "approved", "suspended", STEP_REASON, APPROVERS | ROLE(SUPPLIER_MANAGER), "Suspend",
    "No new orders until this is settled" },
  { "suspend", "conditional", "suspended", STEP_REASON, APPROVERS | ROLE(SUPPLIER_MANAGER), "Suspend",
    "No new orders until this is settled" },
  { "reinstate", "suspended", "approved", SIGNED | STEP_REASON, APPROVERS, "Reinstate",
    "What led to the suspension is settled" },
  { "disqualify", "suspended", "disqualified", STEP_REASON, APPROVERS, "Disqualify",
    "We do not work with this supplier any more" },
  { "disqualify", "under_evaluation", "disqualified", STEP_REASON, APPROVERS, "Disqualify",
    "The evaluation rules this supplier out" },
  { "retire", "approved", "retired", STEP_REASON, APPROVERS | ROLE(SUPPLIER_MANAGER), "Retire",
    "We no longer need this supplier" },
  { "retire", "conditional", "retired", STEP_REASON, APPROVERS | ROLE(SUPPLIER_MANAGER), "Retire",
    "We no longer need this supplier" },
  { "retire", "suspended", "retired", STEP_REASON, APPROVERS | ROLE(SUPPLIER_MANAGER), "Retire",
    "We no longer need this supplier" },
  VOID_STEP
};
LIFE(life_supplier, "supplier");

/* The outcome is a field: it arrives after the package is signed, so the states that wait for it can be
 * edited. */
static const State life_submission_states[] = {
  { "planned", EDIT },       { "assembling", EDIT }, { "checked", 0 },
  { "signed", ST_ACCEPTED }, { "submitted", EDIT },  { "on_hold", EDIT },
  { "resubmitted", EDIT },   { "decided", DONE },    VOIDED
};
static const Step life_submission_steps[] = {
  { "assemble", "planned", "assembling", 0, 0, "Start assembling",
    "The parts of this submission are being put together" },
  { "check", "assembling", "checked", 0, 0, "Mark as checked",
    "I checked the package: nothing that blocks it is open" },
  { "send_back", "checked", "assembling", STEP_REASON, 0, "Send back", "The package has to change" },
  { "sign", "checked", "signed", SIGNED, ROLE(REGULATORY), "Sign",
    "This package is complete, truthful and accurate" },
  { "submit", "signed", "submitted", 0, ROLE(REGULATORY), "Mark as submitted",
    "The package went to the authority" },
  { "hold", "submitted", "on_hold", 0, ROLE(REGULATORY), "Put on hold", "The authority asked for more" },
  { "hold", "resubmitted", "on_hold", 0, ROLE(REGULATORY), "Put on hold", "The authority asked for more" },
  { "resubmit", "on_hold", "resubmitted", 0, ROLE(REGULATORY), "Mark as resubmitted",
    "The answers went to the authority" },
  { "decide", "submitted", "decided", STEP_REASON, ROLE(REGULATORY), "Enter the decision",
    "The authority decided as written here" },
  { "decide", "on_hold", "decided", STEP_REASON, ROLE(REGULATORY), "Enter the decision",
    "The authority decided as written here" },
  { "decide", "resubmitted", "decided", STEP_REASON, ROLE(REGULATORY), "Enter the decision",
    "The authority decided as written here" },
  VOID_STEP
};
LIFE(life_submission, "submission");

/* A decision not to report needs its rationale signed (21 CFR 806.20, MDR Article 87). */
static const State life_report_states[] = {
  { "unassessed", EDIT }, { "not_reportable", DONE }, { "reportable", EDIT }, { "drafting", EDIT },
  { "submitted", ST_ACCEPTED }, { "follow_up", EDIT }, { "final", DONE }, VOIDED };
static const Step life_report_steps[] = {
  { "decide_not_reportable", "unassessed", "not_reportable", SIGNED | STEP_REASON, REPORTERS,
    "Not reportable", "This need not be reported, for the reason given" },
  { "decide_reportable", "unassessed", "reportable", 0, REPORTERS, "Reportable", "This must be reported" },
  { "draft", "reportable", "drafting", 0, 0, "Start drafting", "The report is being written" },
  { "submit", "drafting", "submitted", STEP_SIGN, REPORTERS, "Mark as submitted",
    "This report went to the authority" },
  { "follow_up", "submitted", "follow_up", 0, 0, "Start follow-up", "There is more to report" },
  { "resubmit", "follow_up", "submitted", STEP_SIGN, REPORTERS, "Mark as submitted",
    "This follow-up went to the authority" },
  { "finish", "submitted", "final", 0, REPORTERS, "Mark as final", "Nothing more is to be reported" },
  { "reassess", "not_reportable", "unassessed", STEP_REASON, 0, "Assess again",
    "There is something new to judge" },
  VOID_STEP
};
LIFE(life_report, "report");

/* Data from outside is read-only: importing it again makes a new revision. */
static const State life_external_states[] = { { "imported", 0 },
                                              { "current", ST_ACCEPTED },
                                              { "superseded", ST_CLOSED },
                                              { "withdrawn", ST_CLOSED },
                                              VOIDED };
static const Step life_external_steps[] = {
  { "make_current", "imported", "current", 0, 0, "Make current", "This is what we work with from now on" },
  { "supersede", "current", "superseded", 0, 0, "Supersede", "Newer data takes its place" },
  { "withdraw", "current", "withdrawn", STEP_REASON, 0, "Withdraw", "This data must no longer be used" },
  { "withdraw", "imported", "withdrawn", STEP_REASON, 0, "Withdraw", "This data must not be used" },
  VOID_STEP };
LIFE(life_external, "external");

static const State life_vex_states[] = { { "under_investigation", EDIT },
                                         { "affected", ST_ACCEPTED },
                                         { "not_affected", DONE },
                                         { "fixed", DONE },
                                         VOIDED };
static const Step life_vex_steps[] = {
  { "state_affected", "under_investigation", "affected", SIGNED, ANALYSTS, "State affected",
    "The product is affected, as written here" },
  { "state_not_affected", "under_investigation", "not_affected", SIGNED, ANALYSTS, "State not affected",
    "The product is not affected, for the justification written here" },
  { "state_fixed", "affected", "fixed", SIGNED, ANALYSTS, "State fixed",
    "The product is fixed in the version named here" },
  { "state_fixed", "under_investigation", "fixed", SIGNED, ANALYSTS, "State fixed",
    "The product is fixed in the version named here" },
  { "reopen", "affected", "under_investigation", STEP_REASON, 0, "Investigate again",
    "There is something new to judge" },
  { "reopen", "not_affected", "under_investigation", STEP_REASON, 0, "Investigate again",
    "There is something new to judge" },
  { "reopen", "fixed", "under_investigation", STEP_REASON, 0, "Investigate again",
    "There is something new to judge" },
  VOID_STEP
};
LIFE(life_vex, "vex");

/* ISO 14971: analysis, control, verification of the control, acceptance; any trigger reopens it. */
static const State life_risk_states[] = {
  { "identified", EDIT }, { "analysed", EDIT }, { "controls_defined", EDIT }, { "controls_verified", EDIT },
  { "accepted", ST_ACCEPTED }, { "monitored", ST_ACCEPTED }, { "reopened", EDIT }, VOIDED };
static const Step life_risk_steps[] = {
  { "analyse", "identified", "analysed", 0, 0, "Mark as analysed",
    "Severity and exploitability or probability are judged" },
  { "analyse", "reopened", "analysed", 0, 0, "Mark as analysed",
    "Severity and exploitability or probability are judged anew" },
  { "define_controls", "analysed", "controls_defined", 0, 0, "Mark controls as defined",
    "The controls that reduce this risk are chosen" },
  { "verify_controls", "controls_defined", "controls_verified", 0, 0, "Mark controls as verified",
    "The controls are implemented and shown to work" },
  { "send_back", "controls_verified", "analysed", STEP_REASON, ACCEPTORS, "Send back",
    "This risk cannot be accepted as it is" },
  { "accept", "controls_verified", "accepted", SIGNED, ACCEPTORS, "Accept the risk",
    "I accept the residual risk as it stands" },
  { "monitor", "accepted", "monitored", 0, 0, "Monitor", "This risk is watched in the field" },
  { "reopen", "*", "reopened", STEP_REASON, 0, "Reopen", "There is something new that may change this risk" },
  VOID_STEP
};
LIFE(life_risk, "risk");

/* ISO 13485 8.3, 8.5.2: each step is signed; a plan whose effectiveness check fails goes back to the cause. */
static const State life_capa_states[] = { { "opened", EDIT },      { "contained", EDIT },
                                          { "cause_found", EDIT }, { "plan_approved", EDIT },
                                          { "implemented", EDIT }, { "effectiveness_check", EDIT },
                                          { "closed", DONE },      VOIDED };
static const Step life_capa_steps[] = {
  { "contain", "opened", "contained", STEP_SIGN, 0, "Mark as contained", "It cannot do further harm for now" },
  { "find_cause", "contained", "cause_found", STEP_SIGN, 0, "Enter the cause",
    "The cause is found and written here" },
  { "approve_plan", "cause_found", "plan_approved", SIGNED, APPROVERS, "Approve the plan",
    "I approve the plan and how its effect is judged" },
  { "implement", "plan_approved", "implemented", STEP_SIGN, 0, "Mark as implemented", "The plan is carried out" },
  { "check_effect", "implemented", "effectiveness_check", STEP_SIGN, 0, "Start effectiveness check",
    "The effect is being judged" },
  { "fail_effect", "effectiveness_check", "cause_found", STEP_SIGN | STEP_REASON, 0, "Not effective",
    "It did not work: a new plan is needed" },
  { "close", "effectiveness_check", "closed", SIGNED, APPROVERS, "Close", "It worked: I close this" },
  { "reopen", "closed", "opened", STEP_REASON, 0, "Reopen", "It happened again" },
  VOID_STEP
};
LIFE(life_capa, "capa");

static const State life_person_states[] = {
  { "invited", EDIT }, { "active", ST_ACCEPTED }, { "suspended", 0 }, { "left", ST_CLOSED }, VOIDED };
static const Step life_person_steps[] = {
  { "activate", "invited", "active", STEP_SECOND, LEADS | ROLE(TRAINING_COORDINATOR), "Activate",
    "Identity is proven and training is done" },
  { "suspend", "active", "suspended", STEP_REASON, LEADS, "Suspend", "This person may not act for now" },
  { "reinstate", "suspended", "active", STEP_REASON, LEADS, "Reinstate", "This person may act again" },
  { "leave", "active", "left", STEP_REASON, LEADS, "Mark as left", "This person has left" },
  { "leave", "suspended", "left", STEP_REASON, LEADS, "Mark as left", "This person has left" },
  VOID_STEP
};
LIFE(life_person, "person");

const State *life_state(const Lifecycle *l, Str name) {
  for (size_t i = 0; i < l->nstates; i++)
    if (str_eq(name, str_of(l->states[i].name))) return &l->states[i];
  return NULL;
}

/* A row that names the state wins over "*", which stands for all states that are not closed. */
const Step *life_step(const Lifecycle *l, Str name, Str from) {
  const Step *any = NULL;
  for (size_t i = 0; i < l->nsteps; i++) {
    const Step *step = &l->steps[i];
    if (!str_eq(name, str_of(step->name))) continue;
    if (str_eq(from, str_of(step->from))) return step;
    if (step->from[0] == '*') any = step;
  }
  const State *state = life_state(l, from);
  return any && state && !(state->flags & ST_CLOSED) && !str_eq(from, str_of(any->to)) ? any : NULL;
}
