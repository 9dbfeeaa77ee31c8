/* Commands: their arguments are checked, each runs in a savepoint, a group commits at once. */
#include "serve/inside.h"
#include <string.h>

enum { SLOT_BYTES = 1 << 30, RESULT_BYTES = 64 << 20 };

struct Core {
  const WriterHooks *hooks;
  Store *store;
  Cx life, side;             /* side: for the hooks that speak of another's failure */
  Cx *slot; size_t nslots;   /* one per command of a group: its memory and its failure */
  Replay *replay;
  int64_t last_us;
  size_t group_max;
};

Err core_open(Cx *cx, const char *folder, const Settings *set, const WriterHooks *hooks, Core **out) {
  Store *store;
  TRY(store_open(cx, folder, STORE_WRITE, &store));
  Err e = hooks->opened ? hooks->opened(cx, store, hooks->env) : E_OK;
  if (e != E_OK) { store_close(store); return e; }
  Cx life = cx_new(64 << 20);
  Core *c = NEW(life.arena, Core);
  size_t most = (size_t)set->number[SET_GROUP_MAX];
  *c = (Core){ .hooks = hooks, .store = store, .life = life, .side = cx_new(16 << 20),
               .slot = NEW_ARRAY(life.arena, most, Cx), .replay = replay_new(life.arena), .group_max = most };
  progress_open(folder);
  *out = c;
  return E_OK;
}

void core_close(Core *c) {
  if (!c) return;
  progress_close();
  store_close(c->store);
  for (size_t i = 0; i < c->nslots; i++) cx_free(&c->slot[i]);
  replay_free(c->replay);
  cx_free(&c->side);
  Cx life = c->life;
  cx_free(&life);
}

Store *core_store(Core *c) { return c->store; }
size_t core_group_max(const Core *c) { return c->group_max; }

/* ---- checking ----------------------------------------------------------------------------------------- */

Err command_find(Cx *cx, const WriterHooks *hooks, Str name, const Command **out) {
  for (size_t i = 0; i < hooks->ncommands; i++)
    if (str_eq(name, str_of(hooks->commands[i]->name))) { *out = hooks->commands[i]; return E_OK; }
  Str *names = NEW_ARRAY(cx->arena, hooks->ncommands, Str);
  for (size_t i = 0; i < hooks->ncommands; i++) names[i] = str_of(hooks->commands[i]->name);
  Str near = str_nearest(name, names, hooks->ncommands);
  problem(cx, S("command"), "unknown", "there is no command '%.*s'%s%.*s", STR(name),
          near.n ? "; the nearest is " : "", STR(near));
  return problems_fail(cx);
}

static const struct { const char *words; bool (*is)(JVal *v); } kinds[] = {
  [ARG_TEXT] = { "text", yyjson_is_str }, [ARG_INT] = { "a whole number", yyjson_is_int },
  [ARG_BOOL] = { "true or false", yyjson_is_bool }, [ARG_OBJECT] = { "an object", yyjson_is_obj },
  [ARG_LIST] = { "a list", yyjson_is_arr },
};

static const ArgSpec *spec_find(const Command *c, Str name) {
  for (size_t i = 0; i < c->nargs; i++) if (str_eq(name, str_of(c->args[i].name))) return &c->args[i];
  return NULL;
}

static void unknown_argument(Cx *cx, const Command *c, Str name) {
  Str *names = NEW_ARRAY(cx->arena, c->nargs, Str);
  for (size_t i = 0; i < c->nargs; i++) names[i] = str_of(c->args[i].name);
  Str near = str_nearest(name, names, c->nargs);
  problem(cx, name, "unknown", "%s takes no such argument%s%.*s", c->name, near.n ? "; the nearest is " : "",
          STR(near));
}

Err command_check(Cx *cx, const Command *command, JVal *args) {
  if (!yyjson_is_obj(args)) {
    problem(cx, S("args"), "kind", "must be an object");
    return problems_fail(cx);
  }
  JSON_MEMBERS(k, v, args) {
    const ArgSpec *spec = spec_find(command, json_str(k));
    if (!spec) unknown_argument(cx, command, json_str(k));
    else if (yyjson_is_null(v) ? spec->required : !kinds[spec->kind].is(v))
      problem(cx, json_str(k), "kind", "must be %s", kinds[spec->kind].words);
  }
  for (size_t i = 0; i < command->nargs; i++)
    if (command->args[i].required && !json_get(args, command->args[i].name))
      problem(cx, str_of(command->args[i].name), "missing", "is needed: %s", command->args[i].help);
  return problems_fail(cx);
}

/* ---- running ------------------------------------------------------------------------------------------ */

static Err next_time(Cx *cx, Core *c, int64_t *now_us) {
  int64_t t = clock_now_us();
  cx->now_us = t;
  if (c->hooks->clock) TRY(c->hooks->clock(cx, c->store, &t));
  if (t < c->last_us) t = c->last_us;
  c->last_us = t;
  *now_us = t;
  return E_OK;
}

/* Authorises and runs inside the savepoint.  A refusal is written after the undo: it must outlive what it refuses. */
static Err run_saved(Cx *cx, Core *c, Call *call) {
  TRY(store_savepoint(cx, c->store));
  Err e = c->hooks->authorise ? c->hooks->authorise(cx, call) : E_OK;
  if (e == E_OK) e = call->command->run(cx, call);
  if (e == E_OK) e = store_release(cx, c->store);
  else store_undo(c->store);
  return e;
}

static Err note_refusal(Core *c, Call *call, Err e, Str words) {
  if (!c->hooks->refused) return E_OK;
  cx_reset(&c->side);
  c->side.now_us = call->now_us;
  TRY(store_savepoint(&c->side, c->store));
  Err noted = c->hooks->refused(&c->side, call, e, words);
  if (noted == E_OK) return store_release(&c->side, c->store);
  store_undo(c->store);
  return noted;
}

static Err run_ask(Cx *cx, Core *c, const Ask *ask, Str *result) {
  const Command *command;
  JVal *args;
  Call call = { .store = c->store,
                .actor = ask->actor,
                .auth = ask->auth,
                .source = ask->source,
                .request = ask->request,
                .reason = ask->reason,
                .payload = ask->payload,
                .env = c->hooks->env };
  TRY(command_find(cx, c->hooks, ask->command, &command));
  TRY(json_read(cx, ask->args_json.n ? ask->args_json : S("{}"), &JSON_BODY, &args));
  TRY(command_check(cx, command, args));
  TRY(next_time(cx, c, &call.now_us));
  Buf b = buf_new(cx->arena, RESULT_BYTES);
  JsonOut o = json_out(&b, false);
  json_object(&o);
  call.command = command;
  call.args = args;
  call.result = &o;
  Err e = run_saved(cx, c, &call);
  if (e == E_FULL) return e;
  if (e != E_OK) return note_refusal(c, &call, e, cx->words) == E_FULL ? E_FULL : e;
  json_object_end(&o);
  if (b.over) return fail(cx, E_LIMIT, "The answer of %s is larger than 64 MiB", command->name);
  *result = buf_str(&b);
  return E_OK;
}

/* One command's answer; E_FULL ends the group, since the engine may have rolled back more than the savepoint. */
static Err answer_one(Core *c, Cx *cx, const Ask *ask, Answer *out) {
  Str result = STR_NONE;
  const Answer *before = replay_find(c->replay, ask);
  if (before) { *out = answer_copy(cx->arena, before); return E_OK; }
  Err e = run_ask(cx, c, ask, &result);
  *out = (Answer){ .err = e, .words = cx->words, .problems = cx->problems, .result_json = result };
  return e == E_FULL ? E_FULL : E_OK;
}

static Err run_group(Core *c, const Ask *asks, size_t n, Answer *answers) {
  cx_reset(&c->side);
  TRY(store_begin(&c->side, c->store));
  for (size_t i = 0; i < n; i++) {
    if (i == c->nslots) c->slot[c->nslots++] = cx_new(SLOT_BYTES);
    cx_reset(&c->slot[i]);
    Err e = answer_one(c, &c->slot[i], &asks[i], &answers[i]);
    if (e != E_OK) { store_rollback(c->store); return e; }
  }
  cx_reset(&c->side);
  Err e = store_commit(&c->side, c->store);
  if (e != E_OK) store_rollback(c->store);
  return e;
}

void core_group(Core *c, const Ask *asks, size_t n, Answer *answers) {
  Err e = run_group(c, asks, n, answers);
  Answer lost = { .err = e,
                  .words = e == E_FULL ? S("The disk is full. Nothing of this was stored; what was stored "
                                           "before is "
                                           "kept. Make room, then try again.")
                                       : c->side.words };
  for (size_t i = 0; i < n; i++) {
    if (e != E_OK) answers[i] = lost;
    else replay_keep(c->replay, &asks[i], &answers[i]);
  }
}

Err core_settle(Core *c, Str *words) {
  cx_reset(&c->side);
  Err e = c->hooks->committed ? c->hooks->committed(&c->side, c->store, c->hooks->env) : E_OK;
  *words = c->side.words;
  return e;
}
