/* person_file.c - What must be on file about a person who may sign: identity, accountability, training
 * (21 CFR 11.100(b) and (c), 11.10(j)).  The account itself is no record: people/ keeps it. */
#include "quality/inside.h"

static const char *const proof[] = { "identity_document", "known_in_person", "human_resources", "external_service",
    NULL };

static const Field fields[] = {
  { "account", "Account", PERSON, REQUIRED, .help = "The account of this person; one human has one." },
  { "identity_proof", "Identity proven by", CHOICE, 0, .choices = proof, .help = "How identity was proven." },
  { "identity_by", "Identity seen by", PERSON, 0, .help = "Who looked." },
  { "identity_on", "Identity seen on", DATE, 0, .help = "Day." },
  { "signer", "Signs", BOOL, 0, .help = "May sign electronically." },
  { "accountability_on", "Accountability accepted on", DATE, 0,
    .help = "Day on which the person accepted that an electronic signature binds like one on paper." },
  { "qualifications", "Qualifications", TEXT, MANY, .help = "Degrees, experience, one per row." },
  { "left_on", "Left on", DATE, NOTE, .help = "Last day." },
};

/* Training before rights (ISO 13485, 6.2). */
static Err trained(Cx *cx, Store *s, const Record *r, Str *why_not) {
  Str account = record_value(r, "account")->s;
  if (account.n) return training_gap(cx, s, account, cx->now_us, why_not);
  *why_not = S("The account whose training counts is named.");
  return E_OK;
}

static const Guard guards[] = {
  { "activate", GUARD_FIELD, "identity_proof", .words = "The identity of the person is proven." },
  { "activate", GUARD_FIELD, "accountability_on",
    .words = "The person has accepted to be accountable for signatures.",
    .when = "signer=yes" },
  { "activate reinstate", GUARD_ASK,
    .words = "All training that the person needs is valid.", .ask = trained },
};

const RecordType record_person_file = {
  "person_file", "Person's file", "Persons' files", "USR", "quality", &life_person,
  ROLE(QA_MANAGER) | ROLE(TRAINING_COORDINATOR), ROWS(fields),
  .help = "What must be on file about a person who may sign: identity, accountability, qualification.", ROWS(guards),
};
