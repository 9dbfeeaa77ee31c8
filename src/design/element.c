/* element.c - A piece of the architecture on the data-flow diagram: actor, external system, process or
 * store. */
#include "record/record.h"

static const char *const kind[] = { "actor", "external", "process", "store", NULL };
static const char *const part_kind[] = { "device", "app", "service", "cloud", "os", "hardware", "network",
    "human", "document", NULL };
static const char *const clinical_role[] = { "none", "pump", "interlock", "alarm", "monitor", "record",
    NULL };
static const char *const trust[] = { "none", "low", "medium", "high", NULL };
static const char *const safety_class[] = { "a", "b", "c", NULL };
static const char *const support_class[] = { "maintained", "supported", "required", NULL };
static const char *const maker_controlled[] = { "yes", "partly", "no", NULL };
static const char *const patchable[] = { "yes", "no", "not_applicable", NULL };
static const char *const stride_none[] = { "spoofing", "tampering", "repudiation", "information_disclosure",
    "denial_of_service", "elevation_of_privilege", NULL };

enum { F_KIND, F_PART_KIND, F_CLINICAL_ROLE, F_ATTRIBUTES, F_SAFETY_CLASS, F_SUPPORT_CLASS,
       F_MAKER_CONTROLLED, F_PATCHABLE, F_ACCOUNTS, F_FUNCTIONS, F_TRUST, F_STRIDE_NONE,
       F_STRIDE_NONE_REASON, F_X, F_Y,
       F_LOCATED_IN, F_PART_OF, F_HOLDS, F_SATISFIES };
static const Field fields[] = {
  [F_KIND] = { "kind", "Kind", CHOICE, REQUIRED, .choices = kind,
    .help = "The shape on the data-flow diagram; it decides which STRIDE letters apply." },
  [F_PART_KIND] = { "part_kind", "What it is", CHOICE, 0, .choices = part_kind,
    .help = "For the architecture views." },
  [F_CLINICAL_ROLE] = { "clinical_role", "Clinical role", CHOICE, 0, .choices = clinical_role,
    .help = "What the patient loses when it fails." },
  [F_ATTRIBUTES] = { "attributes", "Attributes", TEXT, 0,
    .help = "Technology and properties that matter for threats." },
  [F_SAFETY_CLASS] = { "safety_class", "Software safety class", CHOICE, 0, .choices = safety_class,
    .help = "IEC 62304 class of the software in it." },
  [F_SUPPORT_CLASS] = { "support_class", "Class under IEC 81001-5-1", CHOICE, 0, .choices = support_class,
    .help = "Who keeps its software current." },
  [F_MAKER_CONTROLLED] = { "maker_controlled", "Under our control", CHOICE, 0, .choices = maker_controlled,
    .help = "Whether we can change it in the field." },
  [F_PATCHABLE] = { "patchable", "Can be patched in the field", CHOICE, 0, .choices = patchable,
    .help = "And how, in the attributes." },
  [F_ACCOUNTS] = { "accounts", "Accounts and privileges", TEXT, 0,
    .help = "Who can log in, with which rights." },
  [F_FUNCTIONS] = { "functions", "Functions", TEXT, MANY,
    .help = "Every function, the dormant ones too and how they stay off, one per row." },
  [F_TRUST] = { "trust", "Trust", CHOICE, 0, .choices = trust,
    .help = "How far what comes from it is believed." },
  [F_STRIDE_NONE] = { "stride_none", "Considered without a threat", CHOICE, MANY, .choices = stride_none,
    .help = "STRIDE categories that were analysed and gave no threat here." },
  [F_STRIDE_NONE_REASON] = { "stride_none_reason", "Why no threat", LONG, 0,
    .help = "The reason for each category ticked above." },
  [F_X] = { "x", "Left", INT, NOTE, .min = -100000, .max = 100000,
    .help = "Place on the diagram, in its units." },
  [F_Y] = { "y", "Top", INT, NOTE, .min = -100000, .max = 100000,
    .help = "Place on the diagram, in its units." },
  [F_LOCATED_IN] = { "located_in", "In zone", LINK, 0, .to = "zone",
    .help = "The trust zone that it lies in." },
  [F_PART_OF] = { "part_of", "Part of", LINK, MANY, .to = "element",
    .help = "A larger element that contains it." },
  [F_HOLDS] = { "holds", "Holds assets", LINK, MANY, .to = "asset",
    .help = "What is worth attacking in it." },
  [F_SATISFIES] = { "satisfies", "Satisfies", LINK, MANY, .to = "requirement",
    .help = "Requirements that it meets." },
};

static Err check(Cx *cx, const Record *r) {
  const Value *v = r->values;
  if (v[F_STRIDE_NONE].list.n > 0 && !v[F_STRIDE_NONE_REASON].set)
    problem(cx, S("stride_none_reason"), "required",
            "Say why the categories ticked above give no threat here.");
  if (str_eq(v[F_KIND].s, S("actor")) && v[F_SAFETY_CLASS].set)
    problem(cx, S("safety_class"), "not_applicable",
            "A person has no software safety class. Leave it empty.");
  return E_OK;
}

const RecordType record_element = {
  "element", "Element", "Elements", "ARC", "design", &life_item,
  ROLE(ENGINEER) | ROLE(SECURITY_LEAD), ROWS(fields), .check = check,
  .help = "A piece of the architecture on the data-flow diagram: actor, external system, process or store.",
};
