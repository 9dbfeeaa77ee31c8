/* The first person of a store: made with a code that only the console of the server has shown. */
#include "people/inside.h"
#include "people.sql.h"
#include <stdio.h>

static const int64_t first_lives_us = 15 * 60 * US_PER_S;

/* Everything that one person may do alone.  Reviewer and approver would not help: nobody approves their own work. */
const char people_first_roles[] =
    "administrator qa_manager security_lead engineer risk_manager regulatory document_control "
    "supplier_manager training_coordinator";

static const char *code_path(Arena *a, const char *folder) { return str_fmt(a, "%s/setup.code", folder).p; }

Err people_first_code(Cx *cx, const char *folder, Str *out) {
  Str code = random_hex(cx->arena, 16);
  Str line = str_fmt(cx->arena, "%.*s %lld\n", STR(hash_hex(cx->arena, sha256(code))),
                     (long long)(clock_now_us() + first_lives_us));
  TRY(file_write(cx, code_path(cx->arena, folder), line, 0600));
  *out = code;
  return E_OK;
}

static bool code_fits(Cx *cx, const Call *c, Str code) {
  Str text, hash, until;
  int64_t until_us;
  Cx probe = { .arena = cx->arena };
  if (file_read(&probe, code_path(cx->arena, store_folder(c->store)), 4096, &text) != E_OK) return false;
  (void)str_cut(str_trim(text), ' ', &hash, &until);
  return str_int(until, &until_us) && until_us > clock_now_us() &&
         bytes_eq_secret(hash, hash_hex(cx->arena, sha256(code)));
}

Err first_run(Cx *cx, Call *c) {
  int64_t n;
  TRY(store_int(cx, c->store, SQL_PERSON_COUNT, NO_ARGS, 0, &n));
  if (n)
    return fail(cx, E_CONFLICT, "This store has people already. Nothing was changed. Ask an administrator for a set-up "
                                "code of your own.");
  if (!code_fits(cx, c, str_trim(json_text(c->args, "code"))))
    return fail(cx, E_DENIED,
                "This set-up code is not valid: it is older than 15 minutes, or was typed wrongly. Nothing "
                "was changed. Start the server again for a new one.");
  c->actor = S("system");
  c->auth = S("code");
  TRY(person_first(cx, c));
  (void)remove(code_path(cx->arena, store_folder(c->store)));
  return E_OK;
}
