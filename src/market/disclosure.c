/* disclosure.c - A vulnerability reported to us by somebody outside, from receipt to publication. */
#include "record/record.h"

static const char *const confirmed[] = { "yes", "no", "partly", NULL };
static const char *const coordination[] = { "none_needed", "isao", "cert", "cisa", "direct", NULL };

enum { F_REPORTER, F_CHANNEL, F_RECEIVED_ON, F_ACKNOWLEDGED_ON, F_EMBARGO_UNTIL, F_DESCRIPTION,
       F_PROOF_HASH, F_REPORTER_VECTOR, F_CONFIRMED, F_COORDINATION, F_COORDINATION_REASON, F_CVE, F_CREDIT,
       F_UPDATES, F_CONFIRMS, F_ASSESSES, F_ESCALATED_TO, F_COMMUNICATED_IN };
static const Field fields[] = {
  [F_REPORTER] = { "reporter", "Reporter", TEXT, REQUIRED, .help = "As they want to be named." },
  [F_CHANNEL] = { "channel", "Channel", TEXT, 0, .help = "security.txt address, web form, coordinator ..." },
  [F_RECEIVED_ON] = { "received_on", "Received on", DATE, REQUIRED, .help = "Day." },
  [F_ACKNOWLEDGED_ON] = { "acknowledged_on", "Acknowledged on", DATE, NOTE,
    .help = "Day of our first answer." },
  [F_EMBARGO_UNTIL] = { "embargo_until", "Embargo until", DATE, NOTE,
    .help = "Last day before publication." },
  [F_DESCRIPTION] = { "description", "Description", LONG, REQUIRED,
    .help = "What was reported, in our words." },
  [F_PROOF_HASH] = { "proof_hash", "Proof of concept", TEXT, 0,
    .help = "SHA-256 of the file that was sent." },
  [F_REPORTER_VECTOR] = { "reporter_vector", "CVSS vector of the reporter", TEXT, 0, .help = "As given." },
  [F_CONFIRMED] = { "confirmed", "Confirmed", CHOICE, NOTE, .choices = confirmed,
    .help = "After our own test." },
  [F_COORDINATION] = { "coordination", "Coordination", CHOICE, NOTE, .choices = coordination,
    .help = "Who else is in the loop." },
  [F_COORDINATION_REASON] = { "coordination_reason", "Reason", LONG, NOTE, .help = "Why so." },
  [F_CVE] = { "cve", "CVE", TEXT, NOTE, .help = "Once it is assigned." },
  [F_CREDIT] = { "credit", "Credit", TEXT, NOTE, .help = "Name to thank in the advisory, if wanted." },
  [F_UPDATES] = { "updates", "Updates sent", TEXT, MANY | NOTE, .help = "Day and content, one per row." },
  [F_CONFIRMS] = { "confirms", "Confirms", LINK, MANY, .to = "finding threat",
    .help = "What it turned out to be." },
  [F_ASSESSES] = { "assesses", "Touches risks", LINK, MANY, .to = "security_risk",
    .help = "Risks that were judged again." },
  [F_ESCALATED_TO] = { "escalated_to", "Escalated to", LINK, MANY, .to = "capa incident change",
    .help = "Where it is worked on." },
  [F_COMMUNICATED_IN] = { "communicated_in", "Communicated in", LINK, MANY, .to = "advisory_notice",
    .help = "Notices about it." },
};

static Err check(Cx *cx, const Record *r) {
  const Value *v = r->values;
  if (v[F_ACKNOWLEDGED_ON].set && v[F_ACKNOWLEDGED_ON].i < v[F_RECEIVED_ON].i)
    problem(cx, S("acknowledged_on"), "order", "Acknowledged before it was received.");
  if (v[F_EMBARGO_UNTIL].set && v[F_EMBARGO_UNTIL].i < v[F_RECEIVED_ON].i)
    problem(cx, S("embargo_until"), "order", "The embargo would end before the report came in.");
  return E_OK;
}

static const Guard guards[] = {
  { "close", GUARD_FIELD, "acknowledged_on", .words = "The reporter got an answer (ISO/IEC 29147)." },
  { "close", GUARD_FIELD, "confirmed", .words = "It is decided whether it is confirmed." },
  { "close", GUARD_LINK, "confirms",
    .words = "The finding or threat that it turned out to be is named.", .when = "confirmed=yes" },
};

const RecordType record_disclosure = {
  "disclosure", "Vulnerability report", "Vulnerability reports", "DSC", "market", &life_case,
  ROLE(SECURITY_LEAD) | ROLE(REGULATORY), ROWS(fields), .check = check,
  .help = "A vulnerability reported to us by somebody outside, from receipt to publication.", ROWS(guards),
};
