/* product.c - A medical device or family: what it is for, its classes, its markets and how long it is
 * supported. */
#include "record/record.h"

static const char *const safety_class[] = { "a", "b", "c", NULL };
static const char *const documentation_level[] = { "basic", "enhanced", NULL };
static const char *const has_software[] = { "yes", "no", NULL };
static const char *const connectors[] = { "network", "wifi", "cellular", "bluetooth", "inductive", "usb",
    "ethernet", "serial", "removable_media", "update_path", NULL };
static const char *const pathway[] = { "p510k", "de_novo", "pma", "pdp", "hde", "ide", "bla", "exempt",
    NULL };
static const char *const change_scope[] = { "new_device", "may_affect", "unlikely", NULL };

enum { F_INTENDED_USE, F_USER_GROUPS, F_USE_ENVIRONMENT, F_US_CLASS, F_EU_CLASS, F_SAFETY_CLASS,
       F_DOCUMENTATION_LEVEL, F_UDI_DI, F_BASIC_UDI_DI, F_HAS_SOFTWARE, F_CONNECTORS,
       F_VULNERABLE_CHARACTERISTICS, F_CYBER_DEVICE, F_CYBER_DEVICE_REASON, F_PATHWAY, F_CHANGE_SCOPE,
       F_MARKETS, F_SUPPORT_END, F_LIFE_END, F_SERVICE_LIFE_YEARS, F_ESSENTIAL_PERFORMANCE, F_SUPERSEDES,
       F_OWNED_BY };
static const Field fields[] = {
  [F_INTENDED_USE] = { "intended_use", "Intended use", LONG, REQUIRED,
    .help = "For whom, by whom, where and for what, as on the label." },
  [F_USER_GROUPS] = { "user_groups", "User groups", LONG, 0,
    .help = "Who operates, maintains or is treated with it." },
  [F_USE_ENVIRONMENT] = { "use_environment", "Use environment", TEXT, 0,
    .help = "Hospital ward, home, ambulance ..." },
  [F_US_CLASS] = { "us_class", "US class", TEXT, 0,
    .help = "Class and product code or name of the classification." },
  [F_EU_CLASS] = { "eu_class", "EU class", TEXT, 0, .help = "Class and rule, for example IIb, rule 12." },
  [F_SAFETY_CLASS] = { "safety_class", "Software safety class", CHOICE, 0, .choices = safety_class,
    .help = "IEC 62304 class of the whole; items may be lower after segregation." },
  [F_DOCUMENTATION_LEVEL] = { "documentation_level", "Documentation level", CHOICE, 0,
    .choices = documentation_level, .help = "FDA documentation level of the software functions." },
  [F_UDI_DI] = { "udi_di", "UDI-DI", TEXT, 0, .help = "Device identifier of the primary package." },
  [F_BASIC_UDI_DI] = { "basic_udi_di", "Basic UDI-DI", TEXT, 0,
    .help = "Identifier of the family in EUDAMED." },
  [F_HAS_SOFTWARE] = { "has_software", "Contains software", CHOICE, 0, .choices = has_software,
    .help = "Software, firmware or programmable logic of any kind." },
  [F_CONNECTORS] = { "connectors", "Can connect through", CHOICE, MANY, .choices = connectors,
    .help = "Every way in which it is able to connect, used or not: 524B(c) asks about ability." },
  [F_VULNERABLE_CHARACTERISTICS] = { "vulnerable_characteristics", "Could be vulnerable", CHOICE, 0,
    .choices = has_software, .help = "Technological characteristics that could be vulnerable to threats." },
  [F_CYBER_DEVICE] = { "cyber_device", "Cyber device (524B)", CHOICE, 0, .choices = has_software,
    .help = "The result of the three questions above." },
  [F_CYBER_DEVICE_REASON] = { "cyber_device_reason", "Why", LONG, 0,
    .help = "Needed when a connector is ticked and the answer is no." },
  [F_PATHWAY] = { "pathway", "Pathway", CHOICE, 0, .choices = pathway,
    .help = "Premarket pathway in the United States." },
  [F_CHANGE_SCOPE] = { "change_scope", "Change may affect cybersecurity", CHOICE, 0, .choices = change_scope,
    .help = "Full package, or the reduced one of the guidance (VII.D.2)." },
  [F_MARKETS] = { "markets", "Markets", TEXT, MANY, .help = "Countries or regions where it is sold." },
  [F_SUPPORT_END] = { "support_end", "Support ends", DATE, 0,
    .help = "Last day of security support: components should outlive it." },
  [F_LIFE_END] = { "life_end", "End of life", DATE, 0, .help = "Last day of use that was promised." },
  [F_SERVICE_LIFE_YEARS] = { "service_life_years", "Service life in years", INT, 0, .min = 0, .max = 100,
    .help = "As promised to users." },
  [F_ESSENTIAL_PERFORMANCE] = { "essential_performance", "Essential performance", TEXT, MANY,
    .help = "What must never be lost, one per row." },
  [F_SUPERSEDES] = { "supersedes", "Supersedes", LINK, MANY, .to = "product",
    .help = "An older product that this one replaces." },
  [F_OWNED_BY] = { "owned_by", "Owned by", LINK, MANY, .to = "role_assignment",
    .help = "Who answers for it." },
};

static Err check(Cx *cx, const Record *r) {
  const Value *v = r->values;
  bool able = v[F_CONNECTORS].list.n > 0;
  if (v[F_CYBER_DEVICE].set && str_eq(v[F_CYBER_DEVICE].s, S("no")) && able && !v[F_CYBER_DEVICE_REASON].set)
    problem(cx, S("cyber_device_reason"), "required",
            "A way to connect is ticked: say why this is no cyber device under 524B(c).");
  if (v[F_SUPPORT_END].set && v[F_LIFE_END].set && v[F_SUPPORT_END].i > v[F_LIFE_END].i)
    problem(cx, S("support_end"), "order", "Support cannot end after the end of life.");
  return E_OK;
}

const RecordType record_product = {
  "product", "Product", "Products", "PRD", "design", &life_item,
  ROLE(QA_MANAGER) | ROLE(REGULATORY) | ROLE(ENGINEER), ROWS(fields), .check = check,
  .help = "A medical device or family: what it is for, its classes, its markets and how long it is "
          "supported.",
};
