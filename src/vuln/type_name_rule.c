/* type_name_rule.c - Which name of an advisory is which component of ours: proposed by one person, signed by
 * another; only then does the matcher follow it. */
#include "record/record.h"
#include "vuln/snap.h"

static const char *const says[] = { "same", "different", NULL };

enum { F_SAYS, F_COMPONENT, F_PACKAGE, F_VENDOR, F_PRODUCT, F_CPE, F_IS_PACKAGE, F_SEEN_IN, F_BASIS };
static const Field fields[] = {
  [F_SAYS] = { "says", "Says", CHOICE, REQUIRED, .choices = says,
    .help = "The component is what the advisory names, or another thing of that name." },
  [F_COMPONENT] = { "component", "Component", TEXT, 0, .max = 200,
    .help = "Its name as inventories write it; only letters and digits count." },
  [F_PACKAGE] = { "package", "Package", TEXT, 0, .max = 400,
    .help = "Its package URL without a version, where it has one; either this or the name." },
  [F_VENDOR] = { "vendor", "Vendor in advisories", TEXT, 0, .max = 200,
    .help = "As the advisory writes it; empty is any vendor." },
  [F_PRODUCT] = { "product", "Product in advisories", TEXT, 0, .max = 300, .help = "As the advisory writes it." },
  [F_CPE] = { "cpe", "CPE", TEXT, 0, .max = 400, .help = "The CPE name under which advisories speak of it." },
  [F_IS_PACKAGE] = { "is_package", "Package in advisories", TEXT, 0, .max = 400,
    .help = "The package URL under which advisories speak of it." },
  [F_SEEN_IN] = { "seen_in", "Seen in", TEXT, MANY, .max = 120, .help = "Advisories that use the name." },
  [F_BASIS] = { "basis", "Why", LONG, REQUIRED, .help = "How it was found out that these are, or are not, the same." },
};

static void check_package(Cx *cx, const Value *v, const char *field) {
  Cx probe = { .arena = cx->arena };
  Purl p;
  if (!v->set) return;
  if (purl_read(&probe, v->s, &p) != E_OK) problem(cx, str_of(field), "purl", "%.*s.", STR(probe.words));
  else if (p.version.n)
    problem(cx, str_of(field), "version", "A rule holds for every version: leave @%.*s out.", STR(p.version));
}

static void check_cpe(Cx *cx, const Value *v) {
  Cx probe = { .arena = cx->arena };
  Cpe c;
  if (!v->set) return;
  if (cpe_read(&probe, v->s, &c) != E_OK) problem(cx, S("cpe"), "cpe", "%.*s.", STR(probe.words));
  else if (!cpe_is_literal(c.value[CPE_PART]) || !cpe_is_literal(c.value[CPE_VENDOR]) ||
           !cpe_is_literal(c.value[CPE_PRODUCT]))
    problem(cx, S("cpe"), "open", "Part, vendor and product of a CPE must be named; a pattern would be a guess.");
}

static Err check(Cx *cx, const Record *r) {
  const Value *v = r->values;
  bool differs = str_eq(v[F_SAYS].s, S("different"));
  if (!v[F_COMPONENT].set && !v[F_PACKAGE].set)
    problem(cx, S("component"), "required", "Name the component, or give its package URL without a version.");
  if (v[F_COMPONENT].set && name_folded(cx->arena, v[F_COMPONENT].s).n < NAME_LEAST)
    problem(cx, S("component"), "short", "A name of fewer than three letters and digits names nothing.");
  if (v[F_PRODUCT].set && name_folded(cx->arena, v[F_PRODUCT].s).n < NAME_LEAST)
    problem(cx, S("product"), "short", "A name of fewer than three letters and digits names nothing.");
  if (differs && !v[F_PRODUCT].set)
    problem(cx, S("product"), "required", "Say which product of advisories it is not.");
  if (!differs && !v[F_PRODUCT].set && !v[F_CPE].set && !v[F_IS_PACKAGE].set)
    problem(cx, S("product"), "required", "Say under which product, CPE or package advisories speak of it.");
  check_package(cx, &v[F_PACKAGE], "package");
  check_package(cx, &v[F_IS_PACKAGE], "is_package");
  check_cpe(cx, &v[F_CPE]);
  return E_OK;
}

const RecordType record_name_rule = {
  "name_rule", "Name rule", "Name rules", "NMR", "vuln", &life_item,
  ROLE(SECURITY_LEAD) | ROLE(ENGINEER) | ROLE(RISK_MANAGER), ROWS(fields), .check = check,
  .help = "Which name of an advisory is, or is not, which component of ours; followed once it is approved.",
};
