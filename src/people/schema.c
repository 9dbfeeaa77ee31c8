/* The tables of people/, what verify asks of them, and the list of commands. */
#include "people/inside.h"
#include "people.sql.h"

const Migration people_schema[] = {
  { "people.1",
    "CREATE TABLE person (id TEXT PRIMARY KEY, login TEXT NOT NULL UNIQUE, name TEXT NOT NULL, "
    "email TEXT NOT NULL,"
    "  title TEXT NOT NULL, state TEXT NOT NULL CHECK (state IN ('active', 'disabled')), "
    "created_us INTEGER NOT NULL);"
    "CREATE TABLE person_grant (person TEXT NOT NULL REFERENCES person (id), product TEXT NOT "
    "NULL, role TEXT NOT NULL,"
    "  PRIMARY KEY (person, product, role));"
    "CREATE TABLE duty (id TEXT PRIMARY KEY, person TEXT NOT NULL REFERENCES person (id), duty TEXT NOT NULL,"
    "  product TEXT NOT NULL, kind TEXT NOT NULL CHECK (kind IN ('holder', 'deputy', 'delegate')),"
    "  stands_for TEXT NOT NULL, upto TEXT NOT NULL, from_day INTEGER NOT NULL, to_day INTEGER NOT NULL,"
    "  made_us INTEGER NOT NULL, made_by TEXT NOT NULL, ended_us INTEGER NOT NULL, ended_by TEXT NOT "
    "NULL);"
    "CREATE INDEX duty_person ON duty (person);"
    "CREATE TABLE credential (person TEXT PRIMARY KEY REFERENCES person (id), phc TEXT NOT NULL, "
    "set_us INTEGER NOT NULL);"
    "CREATE TABLE session (hash TEXT PRIMARY KEY, person TEXT NOT NULL REFERENCES person (id), "
    "created_us INTEGER NOT NULL,"
    "  seen_us INTEGER NOT NULL, expires_us INTEGER NOT NULL, address TEXT NOT NULL);"
    "CREATE INDEX session_person ON session (person, created_us);"
    "CREATE TABLE setup_code (person TEXT PRIMARY KEY REFERENCES person (id), hash TEXT NOT NULL "
    "UNIQUE,"
    "  expires_us INTEGER NOT NULL);"
    "CREATE TABLE login_delay (key TEXT PRIMARY KEY, failures INTEGER NOT NULL, first_us INTEGER "
    "NOT NULL,"
    "  until_us INTEGER NOT NULL, last_us INTEGER NOT NULL);" },
  { "people.2", "CREATE TABLE totp (person TEXT PRIMARY KEY REFERENCES person (id), sealed TEXT NOT NULL, "
                "set_us INTEGER NOT NULL,"
                "  confirmed_us INTEGER NOT NULL);"
                "CREATE TABLE recovery_code (person TEXT NOT NULL REFERENCES person (id), n INTEGER NOT NULL, "
                "hash TEXT NOT NULL,"
                "  used_us INTEGER NOT NULL, PRIMARY KEY (person, n));"
                "CREATE TABLE totp_step (person TEXT PRIMARY KEY REFERENCES person (id), step INTEGER NOT "
                "NULL);" },
  { "people.3",
    "CREATE TABLE token (id TEXT PRIMARY KEY, person TEXT NOT NULL REFERENCES person (id), name TEXT NOT "
    "NULL, hash TEXT NOT NULL UNIQUE,"
    "  scopes TEXT NOT NULL, product TEXT NOT NULL, types TEXT NOT NULL, made_us INTEGER NOT NULL,"
    "  expires_us INTEGER NOT NULL, ended_us INTEGER NOT NULL);"
    "CREATE INDEX token_person ON token (person);"
    "CREATE TABLE token_use (id TEXT PRIMARY KEY, used_us INTEGER NOT NULL, address TEXT NOT NULL);"
    "CREATE TABLE alert (id TEXT PRIMARY KEY, at_us INTEGER NOT NULL, kind TEXT NOT NULL, person TEXT NOT "
    "NULL, words TEXT NOT NULL,"
    "  seen_us INTEGER NOT NULL, seen_by TEXT NOT NULL, note TEXT NOT NULL);"
    "CREATE INDEX alert_open ON alert (seen_us, at_us);"
    "CREATE TABLE seconding (hash TEXT PRIMARY KEY, words TEXT NOT NULL, asked_by TEXT NOT NULL, asked_us "
    "INTEGER NOT NULL);" },
};
const size_t people_nschema = COUNT(people_schema);

const Fact people_facts[FACTS] = {
  { "user", SQL_PERSON_FACT, SQL_PERSON_IDS },
  { "duty", SQL_DUTY_FACT, SQL_DUTY_IDS },
  { "token", SQL_TOKEN_FACT, SQL_TOKEN_IDS },
  { "alert", SQL_ALERT_FACT, SQL_ALERT_IDS },
};

static const char *const tables[] = { "person",     "person_grant",  "duty",      "credential", "session",
                                      "setup_code", "login_delay",   "totp",      "recovery_code", "totp_step",
                                      "token",      "token_use",     "alert",     "seconding" };

const VerifyPart people_verify_part = { .name = "people", .facts = people_facts, .nfacts = FACTS, .tables = tables,
                                        .ntables = COUNT(tables), .steps = people_schema,
                                        .nsteps = COUNT(people_schema) };

const Command *const people_commands[] = {
  &people_user_commands[0],    &people_user_commands[1],    &people_user_commands[2],
  &people_user_commands[3],    &people_user_commands[4],    &people_user_commands[5],
  &people_user_commands[6],    &people_user_commands[7],    &people_user_commands[8],    &people_duty_commands[0],
  &people_duty_commands[1],    &people_duty_commands[2],    &people_session_commands[0],
  &people_session_commands[1], &people_session_commands[2], &people_session_commands[3],
  &people_factor_commands[0],  &people_factor_commands[1],  &people_factor_commands[2],
  &people_factor_commands[3],  &people_token_commands[0],   &people_token_commands[1],
  &people_token_commands[2],   &people_alert_commands[0],   &people_refused_commands[0],
};
const size_t people_ncommands = COUNT(people_commands);

Err people_fact_entry(Cx *cx, Call *call, int fact, const char *act, Str key, Str to) {
  int64_t seq;
  Entry e = { .act = str_of(act),
              .actor = call->actor,
              .auth = call->auth,
              .source = call->source,
              .request = call->request,
              .reason = call->reason,
              .to = to.p ? to : S(""),
              .t_us = call->now_us };
  return ledger_fact_entry(cx, call->store, &people_facts[fact], key, &e, &seq);
}

Err person_entry(Cx *cx, Call *call, const char *act, Str person) {
  return people_fact_entry(cx, call, FACT_USER, act, person, STR_NONE);
}

Err plain_entry(Cx *cx, Call *call, const char *act, Str obj, Str actor, Str words) {
  int64_t seq;
  Entry e = { .act = str_of(act), .actor = actor, .auth = call->auth, .obj = obj, .source = call->source,
              .request = call->request, .reason = words, .t_us = call->now_us };
  return ledger_append(cx, call->store, &e, &seq);
}
