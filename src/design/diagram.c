/* diagram.c - An architecture view: picture and words, or the reason why it is left out. */
#include "record/record.h"

static const char *const kind[] = { "global_system", "multi_patient_harm", "updatability",
    "security_use_case", "data_flow", "sequence", NULL };

enum { F_KIND, F_DESCRIPTION, F_SOURCE, F_IMAGE, F_OPERATIONAL_STATES, F_CLINICAL_STATES, F_OMITTED,
       F_OMISSION_REASON, F_SHOWS, F_ABOUT };
static const Field fields[] = {
  [F_KIND] = { "kind", "View", CHOICE, REQUIRED, .choices = kind,
    .help = "The FDA asks for the first four." },
  [F_DESCRIPTION] = { "description", "Description", LONG, 0, .help = "The view in words." },
  [F_SOURCE] = { "source", "Machine-readable source", LONG, NOTE,
    .help = "Layout or drawing source, when it is not drawn from the elements." },
  [F_IMAGE] = { "image", "Image", TEXT, NOTE, .help = "Name of the attached picture." },
  [F_OPERATIONAL_STATES] = { "operational_states", "Operational states", TEXT, MANY,
    .help = "Power-on, standby, therapy ..." },
  [F_CLINICAL_STATES] = { "clinical_states", "Clinical states", TEXT, MANY,
    .help = "Programming, alarming, data transfer ..." },
  [F_OMITTED] = { "omitted", "Left out", BOOL, 0, .help = "The view is not needed for this product." },
  [F_OMISSION_REASON] = { "omission_reason", "Why it is left out", LONG, 0,
    .help = "Needed when it is left out." },
  [F_SHOWS] = { "shows", "Shows", LINK, MANY, .to = "element flow zone interface",
    .help = "What is on the picture." },
  [F_ABOUT] = { "about", "About", LINK, MANY, .to = "threat requirement security_risk",
    .help = "Threats and requirements that it explains." },
};

static Err check(Cx *cx, const Record *r) {
  const Value *v = r->values;
  bool omitted = v[F_OMITTED].set && v[F_OMITTED].i != 0;
  if (omitted && !v[F_OMISSION_REASON].set)
    problem(cx, S("omission_reason"), "required",
            "Say why this view is left out: an omitted view needs an explanation.");
  if (!omitted && !v[F_DESCRIPTION].set)
    problem(cx, S("description"), "required",
            "Describe the view in words, or mark it as left out with a reason.");
  return E_OK;
}

static const Guard guards[] = {
  { "submit", GUARD_LINK, "shows",
    .words = "The view shows elements, flows or zones, or says that it is left out and why.",
    .when = "omitted!=yes" },
};

const RecordType record_diagram = {
  "diagram", "Diagram", "Diagrams", "DGM", "design", &life_item,
  ROLE(ENGINEER) | ROLE(SECURITY_LEAD), ROWS(fields), .check = check,
  .help = "An architecture view: picture and words, or the reason why it is left out.", ROWS(guards),
};
