/* zone.c - A part of the world inside one trust boundary; a flow between two zones crosses the
 * boundary. */
#include "record/record.h"

static const char *const kind[] = { "physical", "network", "process", "cloud", "human", NULL };

static const Field fields[] = {
  { "trust", "Trust", INT, REQUIRED, .min = 0, .max = 100,
    .help = "0: hostile, 100: fully controlled by us. Compared, never multiplied." },
  { "kind", "Kind", CHOICE, 0, .choices = kind, .help = "What the boundary is made of." },
  { "rationale", "Rationale", LONG, 0, .help = "Why the boundary runs here." },
  { "part_of", "Inside zone", LINK, 0, .to = "zone", .help = "The zone that encloses this one." },
};

const RecordType record_zone = {
  "zone", "Trust zone", "Trust zones", "TBD", "design", &life_item,
  ROLE(ENGINEER) | ROLE(SECURITY_LEAD), ROWS(fields),
  .help = "A part of the world inside one trust boundary; a flow between two zones crosses the boundary.",
};
