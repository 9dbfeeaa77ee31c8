/* Roles, duties and rights as tables, and the one decision over them. */
#include "people/inside.h"

const RoleRow people_roles[ROLE_COUNT] = {
#define X(id, word, title, help) { word, title, help },
  ROLES(X)
#undef X
};

const DutyRow people_duties[] = {
#define X(word, title) { word, title },
  DUTIES(X)
#undef X
};
const size_t people_nduties = COUNT(people_duties);

Roles role_find(Str word) {
  for (unsigned i = 0; i < ROLE_COUNT; i++)
    if (str_eq(word, str_of(people_roles[i].word))) return 1u << i;
  return ROLES_NONE;
}

static Str list(Arena *a, Roles r, const char *last_glue) {
  Buf b = buf_new(a, 1024);
  unsigned left = (unsigned)__builtin_popcount(r & ROLES_ALL);
  for (unsigned i = 0; i < ROLE_COUNT; i++) {
    if (!(r & (1u << i))) continue;
    buf_z(&b, people_roles[i].title);
    if (--left) buf_z(&b, left == 1 ? last_glue : ", ");
  }
  return buf_str(&b);
}

Str roles_text(Arena *a, Roles r) { return list(a, r, ", "); }

/* ---- rights ------------------------------------------------------------------------------------------- */

#define ANYBODY 0xFFFFFFFFu           /* every active person, with or without a role */
#define WRITERS (ROLES_READ & ~(ROLE(VIEWER) | ROLE(AUDITOR)))

const Right people_rights[] = {
  { "none", ANYBODY, "this" },
  { "session", ANYBODY, "this" },
  { "read", ROLES_READ | ROLE_SYSTEM, "reading records" },
  { "record.write", WRITERS | ROLE_SYSTEM,
    "changing a record" }, /* the type's editors and the step's roles decide on */
  { "record.edit", WRITERS | ROLE_SYSTEM, "changing a record" },
  { "record.sign", WRITERS, "signing" },
  { "sbom.import",
    ROLE(ENGINEER) | ROLE(SECURITY_LEAD) | ROLE(SUPPLIER_MANAGER) | ROLE(QA_MANAGER) | ROLE_SYSTEM,
    "importing an SBOM" },
  { "component.set",
    ROLE(ENGINEER) | ROLE(SECURITY_LEAD) | ROLE(SUPPLIER_MANAGER) | ROLE(QA_MANAGER) | ROLE_SYSTEM,
    "changing a component" },
  { "finding.decide", ROLE(SECURITY_LEAD) | ROLE(RISK_MANAGER) | ROLE(CLINICAL_SAFETY) | ROLE(QA_MANAGER),
    "deciding a finding" },
  { "feed.build", ROLE(SECURITY_LEAD) | ROLE(ADMINISTRATOR) | ROLE_SYSTEM, "building a feed" },
  { "feed.activate", ROLE(SECURITY_LEAD) | ROLE(ADMINISTRATOR) | ROLE_SYSTEM, "activating a feed" },
  { "vuln.match", ROLE(ENGINEER) | ROLE(SECURITY_LEAD) | ROLE(QA_MANAGER) | ROLE_SYSTEM,
    "matching vulnerabilities" },
  { "check.run", WRITERS | ROLE(AUDITOR) | ROLE_SYSTEM, "running the checks" },
  { "user.admin", ROLE(ADMINISTRATOR) | ROLE_SYSTEM, "changing accounts and roles" },
  { "user.second", ROLE(ADMINISTRATOR) | ROLE(QA_MANAGER) | ROLE_SYSTEM, "changing accounts and roles" },
  { "clock.confirm", ROLE(ADMINISTRATOR) | ROLE(QA_MANAGER), "confirming the clock" },
  { "alert.see", ROLE(SECURITY_LEAD) | ROLE(QA_MANAGER) | ROLE(ADMINISTRATOR), "closing an alert" },
  { "duty.set", ROLE(ADMINISTRATOR) | ROLE(QA_MANAGER) | ROLE_SYSTEM, "assigning duties" },
  { "log.read",
    ROLE(AUDITOR) | ROLE(QA_MANAGER) | ROLE(DOCUMENT_CONTROL) | ROLE(REGULATORY) | ROLE(SECURITY_LEAD),
    "reading the log", .whole = true },
  { "read.all", ROLES_READ | ROLE_SYSTEM, "comparing all records", .whole = true },
  { "log.epoch", ROLE(ADMINISTRATOR) | ROLE(QA_MANAGER), "starting a new epoch of the log" },
  { "verify",
    ROLE(AUDITOR) | ROLE(QA_MANAGER) | ROLE(DOCUMENT_CONTROL) | ROLE(REGULATORY) | ROLE(SECURITY_LEAD) |
        ROLE(ADMINISTRATOR) | ROLE_SYSTEM,
    "verifying the log" },
  { "export", WRITERS | ROLE(AUDITOR) | ROLE_SYSTEM, "exporting" },
  { "export.all", ROLE(ADMINISTRATOR) | ROLE(QA_MANAGER) | ROLE_SYSTEM, "exporting everything" },
  { "backup", ROLE(ADMINISTRATOR) | ROLE(QA_MANAGER) | ROLE_SYSTEM, "making a backup" },
};
const size_t people_nrights = COUNT(people_rights);

const Right *right_find(Str name) {
  for (size_t i = 0; i < COUNT(people_rights); i++)
    if (str_eq(name, str_of(people_rights[i].name))) return &people_rights[i];
  return NULL;
}

Roles who_roles(const Who *who, Str product) {
  bool any = str_eq(product, PRODUCT_ANY);
  Roles r = ROLES_NONE;
  for (size_t i = 0; i < who->ngrant; i++)
    if (any || !who->grant[i].product.n || str_eq(who->grant[i].product, product)) r |= who->grant[i].roles;
  return r;
}

static Err deny(Cx *cx, const Who *who, Roles any_of, Str product, const char *what) {
  char first = what[0] >= 'a' && what[0] <= 'z' ? (char)(what[0] - 32) : what[0];
  Str roles = list(cx->arena, any_of, " or ");
  if (!roles.n)
    return fail(cx, E_DENIED, "%c%s is for Proofline's own jobs alone. Nothing was changed.", first,
                what + 1);
  bool elsewhere = (who_roles(who, PRODUCT_ANY) & any_of);
  Str ask = who->ask.n ? str_fmt(cx->arena, " Ask %.*s (administrator).", STR(who->ask))
                       : S(" Ask an administrator.");
  return fail(cx, E_DENIED, "%c%s needs the role %.*s%s.%.*s", first, what + 1, STR(roles),
              !elsewhere ? "" : product.n ? " on this product" : " on all products", STR(ask));
}

Err authorise_roles(Cx *cx, const Who *who, Roles any_of, Str product, const char *what) {
  if (!who || !who->id.n) return fail(cx, E_UNAUTHENTIC, "Sign in first.");
  if (!who->active) return fail(cx, E_UNAUTHENTIC, "This account is disabled. Ask an administrator.");
  if (any_of == ANYBODY || (who_roles(who, product) & any_of)) return E_OK;
  return deny(cx, who, any_of, product, what);
}

Err authorise(Cx *cx, const Who *who, const char *right, Str product) {
  const Right *r = right_find(str_of(right));
  if (!r) return fail(cx, E_BUG, "There is no right '%s'", right);
  if (str_eq(str_of(right), S("none"))) return E_OK;
  if (who && who->token.n) TRY(token_permits(cx, who, r));
  return authorise_roles(cx, who, r->roles, r->whole && str_eq(product, PRODUCT_ANY) ? S("") : product, r->words);
}

Err people_authorise_command(Cx *cx, Call *call) {
  Who who = { 0 };
  if (str_eq(str_of(call->command->right), S("none"))) return E_OK;
  Err e = people_call_who(cx, call, &who);
  if (e == E_NOTFOUND) {
    cx_forgive(cx);
    return fail(cx, E_UNAUTHENTIC, "There is no account %.*s. Nothing was changed.", STR(call->actor));
  }
  TRY(e);
  Who *known = NEW(cx->arena, Who);
  *known = who;
  call->known = known;
  Str product = json_text(call->args, "product");
  return authorise(cx, &who, call->command->right, product.n ? product : PRODUCT_ANY);
}
