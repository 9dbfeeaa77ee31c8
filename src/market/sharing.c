/* sharing.c - What was shared with an ISAO, a CERT or an authority. */
#include "record/record.h"

static const char *const evidence[] = { "e1", "e2", "e3", "e4", NULL };

static const Field fields[] = {
  { "body", "Body", TEXT, REQUIRED, .help = "With whom." },
  { "shared_on", "Shared on", DATE, 0, .help = "Day." },
  { "content", "Content", LONG, 0, .help = "What was told." },
  { "evidence", "Evidence of membership", CHOICE, MANY, .choices = evidence,
    .help = "The four points of the postmarket guidance." },
  { "shares", "Shares", LINK, MANY, .min = 1, .to = "advisory_notice finding disclosure",
    .help = "What it is about." },
};

static const Guard guards[] = {
  { "complete", GUARD_FIELD, "shared_on", .words = "The day is entered." },
};

const RecordType record_sharing = {
  "sharing", "Shared information", "Shared information", "ISA", "market", &life_execution,
  ROLE(SECURITY_LEAD) | ROLE(REGULATORY), ROWS(fields),
  .help = "What was shared with an ISAO, a CERT or an authority.", ROWS(guards),
};
