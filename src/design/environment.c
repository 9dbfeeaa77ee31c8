/* environment.c - What the surroundings must provide so that the device is safe to connect (MDR Annex I
 * 17.4). */
#include "record/record.h"

static const Field fields[] = {
  { "hardware", "Hardware", TEXT, 0, .help = "What it must run on or beside." },
  { "network", "Network", LONG, 0, .help = "Segmentation, services, bandwidth, latency." },
  { "ports", "Ports", TEXT, MANY, .help = "Each port with direction and purpose." },
  { "ranges", "Address ranges", TEXT, MANY, .help = "Hosts and networks that must be reachable." },
  { "operator_measures", "Security measures", LONG, REQUIRED, .help = "What the operator must do." },
  { "assumptions", "Assumptions", LONG, 0, .help = "What we take for granted." },
  { "published_in", "Published in", LINK, MANY, .min = 1, .to = "document",
    .help = "The instructions that repeat it." },
};

const RecordType record_environment = {
  "environment", "Minimum IT requirement", "Minimum IT requirements", "ENV", "design", &life_item,
  ROLE(ENGINEER) | ROLE(SECURITY_LEAD) | ROLE(REGULATORY), ROWS(fields),
  .help = "What the surroundings must provide so that the device is safe to connect (MDR Annex I 17.4).",
};
