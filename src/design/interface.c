/* interface.c - A physical or logical interface of an element, used or not, for eSTAR and the label. */
#include "record/record.h"

static const char *const kind[] = { "physical", "logical", NULL };
static const char *const use[] = { "used", "unused", "debug", "service", "dormant", NULL };
static const char *const exposure[] = { "internal", "local", "adjacent", "network", NULL };
static const char *const default_state[] = { "on", "off", "locked", NULL };

static const Field fields[] = {
  { "kind", "Kind", CHOICE, REQUIRED, .choices = kind, .help = "Connector or radio, or a port or service." },
  { "port", "Port or service", TEXT, 0, .help = "USB-C, TCP 443, BLE service ..." },
  { "use", "Use", CHOICE, REQUIRED, .choices = use, .help = "What it is for in the field." },
  { "exposure", "Exposure", CHOICE, 0, .choices = exposure, .help = "From where it can be reached." },
  { "default_state", "Default state", CHOICE, 0, .choices = default_state, .help = "As delivered." },
  { "label_reference", "Where the label names it", TEXT, 0, .help = "Document and section." },
  { "on", "On element", LINK, 0, .min = 1, .to = "element", .help = "Where the interface is." },
  { "carries", "Carries flows", LINK, MANY, .to = "flow", .help = "Flows that use it." },
};

const RecordType record_interface = {
  "interface", "Interface", "Interfaces", "IFC", "design", &life_item,
  ROLE(ENGINEER) | ROLE(SECURITY_LEAD), ROWS(fields),
  .help = "A physical or logical interface of an element, used or not, for eSTAR and the label.",
};
