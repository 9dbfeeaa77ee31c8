/* label.c - One piece of cybersecurity information that users are given, and where. */
#include "record/record.h"

static const char *const applicable[] = { "yes", "no", NULL };

enum { F_CODE, F_CONTENT, F_LANGUAGES, F_SECTION, F_APPLICABLE, F_REASON, F_PUBLISHED_IN, F_DISCLOSES };
static const Field fields[] = {
  [F_CODE] = { "code", "Code", TEXT, 0, .help = "Item of the labelling list, L01 to L14." },
  [F_CONTENT] = { "content", "Text", LONG, REQUIRED, .help = "What the user is told, or a summary." },
  [F_LANGUAGES] = { "languages", "Languages", TEXT, MANY, .help = "Language codes." },
  [F_SECTION] = { "section", "Section", TEXT, 0, .help = "Where in the document it stands." },
  [F_APPLICABLE] = { "applicable", "Applies", CHOICE, 0, .choices = applicable,
    .help = "Whether the item applies to this product." },
  [F_REASON] = { "reason", "Why not", LONG, 0, .help = "Needed when it does not apply." },
  [F_PUBLISHED_IN] = { "published_in", "Published in", LINK, MANY, .to = "document",
    .help = "The document that carries it." },
  [F_DISCLOSES] = { "discloses", "Discloses", LINK, MANY, .to = "security_risk safety_risk control interface",
    .help = "What it tells the user about." },
};

static Err check(Cx *cx, const Record *r) {
  const Value *v = r->values;
  if (str_eq(v[F_APPLICABLE].s, S("no")) && !v[F_REASON].set)
    problem(cx, S("reason"), "required", "Say why the item does not apply to this product.");
  return E_OK;
}

static const Guard guards[] = {
  { "submit", GUARD_LINK, "published_in",
    .words = "The document that carries this label item is named.", .when = "applicable!=no" },
};

const RecordType record_label = {
  "label", "Label item", "Label items", "LBL", "design", &life_item,
  ROLE(REGULATORY) | ROLE(ENGINEER) | ROLE(SECURITY_LEAD) | ROLE(DOCUMENT_CONTROL), ROWS(fields), .check =
  check,
  .help = "One piece of cybersecurity information that users are given, and where.", ROWS(guards),
};
