/* baseline.c - A set of revisions that is kept together: what stood when a release, a submission or an audit was
 * made. */
#include "record/record.h"

static const char *const purpose[] = { "milestone", "release", "submission", "audit", NULL };

enum { F_PURPOSE, F_OF, F_SUPERSEDES, F_NOTES, F_FROZEN_ON, F_COUNT, F_MEMBERS, F_SBOMS, F_PACKS };
static const Field fields[] = {
  [F_PURPOSE] = { "purpose", "Purpose", CHOICE, REQUIRED, .choices = purpose,
    .help = "What it is kept for." },
  [F_OF] = { "of", "Of release", LINK, MANY, .to = "release submission audit",
    .help = "The release, submission or audit that it was made for." },
  [F_SUPERSEDES] = { "supersedes", "Follows", LINK, MANY, .to = "baseline",
    .help = "The baseline before it." },
  [F_NOTES] = { "notes", "Notes", LONG, NOTE, .help = "Why it was taken, and what is left out on purpose." },
  [F_FROZEN_ON] = { "frozen_on", "Frozen on", DATE, MADE, .help = "The day its set was taken." },
  [F_COUNT] = { "count", "Records in it", INT, MADE, .help = "How many records its set holds." },
  [F_MEMBERS] = { "members", "Set", LONG, MADE, .max = 4 << 20,
    .help = "One line per record: id@revision, state, SHA-256 of the revision's body." },
  [F_SBOMS] = { "sboms", "SBOMs", TEXT, MANY | MADE, .help = "Id and SHA-256 of each current SBOM." },
  [F_PACKS] = { "packs", "Rule packs", TEXT, MADE, .help = "SHA-256 over the rule packs of that day." },
};

static Err check(Cx *cx, const Record *r) {
  if (r->products.n > 1) problem(cx, S("products"), "one", "A baseline is of one device.");
  return E_OK;
}

const RecordType record_baseline = {
  "baseline", "Baseline", "Baselines", "BSL", "design", &life_item,
  ROLE(ENGINEER) | ROLE(SECURITY_LEAD) | ROLE(RISK_MANAGER) | ROLE(QA_MANAGER) | ROLE(REGULATORY), ROWS(fields),
  .check = check,
  .help = "A set of revisions that is kept together: what stood when a release, a submission or an audit was made.",
};
