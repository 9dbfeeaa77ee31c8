/* One command as the writer runs it, and the people who give them: for tests. */
#include "inside.h"
#include <string.h>

enum { RESULT_BYTES = 64 << 20 };

/* ---- one command, as the writer runs it --------------------------------------------------------------- */

static const Command *command_named(const char *name) {
  for (size_t i = 0; i < nrecord_commands; i++)
    if (!strcmp(record_commands[i].name, name)) return &record_commands[i];
  for (size_t i = 0; i < people_ncommands; i++)
    if (!strcmp(people_commands[i]->name, name)) return people_commands[i];
  return NULL;
}

static Err run_saved(Cx *cx, Call *call) {
  TRY(store_savepoint(cx, call->store));
  Err e = call->command->run(cx, call);
  if (e == E_OK) return store_release(cx, call->store);
  store_undo(call->store);
  return e;
}

Err record_try_as(Cx *cx, Store *s, const char *command, Str actor, Str auth, Str source, Str reason, Str args_json,
                  JVal **result) {
  Buf b = buf_new(cx->arena, RESULT_BYTES);
  JsonOut o = json_out(&b, false);
  Call call = { .store = s,
                .command = command_named(command),
                .actor = actor,
                .auth = auth,
                .source = source,
                .request = S("0123456789abcdef"),
                .reason = reason,
                .result = &o };
  if (!call.command) return fail(cx, E_BUG, "there is no command %s", command);
  TRY(json_read(cx, args_json, &JSON_DOCUMENT, &call.args));
  cx->now_us = clock_now_us();
  TRY(ledger_clock(cx, s, &call.now_us));
  json_object(&o);
  TRY(run_saved(cx, &call));
  json_object_end(&o);
  return json_read(cx, buf_str(&b), &JSON_DOCUMENT, result);
}

Err record_try(Cx *cx, Store *s, const char *command, Str actor, Str reason, Str args_json, JVal **result) {
  return record_try_as(cx, s, command, actor, S("demo"), S("demo"), reason, args_json, result);
}

/* ---- people ------------------------------------------------------------------------------------------- */

static Err person_add(Cx *cx, Store *s, Roles roles, const char *login, Str *id) {
  Buf words = buf_new(cx->arena, 1024);
  JVal *result;
  for (size_t i = 0; i < ROLE_COUNT; i++)
    if (roles & (1u << i)) buf_fmt(&words, "%s%s", words.n ? " " : "", people_roles[i].word);
  TRY(record_try(cx, s, "user.add", PERSON_SYSTEM, S("A person for a test"),
                 str_fmt(cx->arena, "{\"login\":\"%s\",\"name\":\"Test %s\",\"roles\":\"%.*s\"}", login,
                         login, STR(buf_str(&words))),
                 &result));
  *id = json_text(result, "person");
  if (!id->n) *id = json_text(result, "id");
  return id->n ? E_OK : fail(cx, E_BUG, "user.add gave no id");
}

static Err duties_give(Cx *cx, Store *s, Str person) {
  JVal *result;
  for (size_t i = 0; i < people_nduties; i++)
    TRY(record_try(cx, s, "duty.set", PERSON_SYSTEM, S("A duty for a test"),
                   str_fmt(cx->arena, "{\"person\":\"%.*s\",\"duty\":\"%s\"}", STR(person), people_duties[i].word),
                   &result));
  return E_OK;
}

Err record_life_cast(Cx *cx, Store *s, LifeCast *out) {
  for (size_t i = 0; i < ROLE_COUNT; i++)
    TRY(person_add(cx, s, 1u << i, str_fmt(cx->arena, "only-%s", people_roles[i].word).p, &out->only[i]));
  TRY(person_add(cx, s, ROLES_READ, "author", &out->author));
  TRY(person_add(cx, s, ROLES_READ, "second", &out->second));
  TRY(person_add(cx, s, ROLES_READ, "third", &out->third));
  const Str all[] = { out->author, out->second, out->third };
  for (size_t i = 0; i < COUNT(all); i++) TRY(duties_give(cx, s, all[i]));
  return E_OK;
}
