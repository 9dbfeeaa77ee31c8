#include "risk/inside.h"

const char *const risk_severity[] = { "s1", "s2", "s3", "s4", "s5", NULL };
const char *const risk_exploitability[] = { "e1", "e2", "e3", "e4", "e5", NULL };
const char *const risk_probability[] = { "p1", "p2", "p3", "p4", "p5", NULL };
const char *const risk_level[] = { "low", "medium", "high", NULL };
const char *const risk_stride[] = { "spoofing", "tampering", "repudiation", "information_disclosure",
                                    "denial_of_service", "elevation_of_privilege", NULL };
const char *const risk_lifecycle[] = { "supply_chain", "manufacturing", "deployment", "interoperation",
                                       "operation", "maintenance_update", "decommission", NULL };
const char *const risk_reach[] = { "single", "several", "fleet", NULL };
const char *const risk_categories[] = { "authentication", "authorization", "cryptography", "integrity",
                                        "confidentiality", "logging", "resiliency", "updates", NULL };

void risk_check_level(Cx *cx, const Value *likelihood, const Value *severity, const Value *level,
                      const char *likelihood_field, const char *level_field) {
  if (!level->set) return;
  static const char words[] = "Give what the level in \"%s\" was read from.";
  if (!likelihood->set) problem(cx, str_of(likelihood_field), "required", words, level_field);
  if (!severity->set) problem(cx, S("severity"), "required", words, level_field);
}
