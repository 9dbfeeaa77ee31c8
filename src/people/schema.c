/* The tables of people/, what verify asks of them, and the list of commands. */
#include "people/inside.h"
#include "people.sql.h"

const Migration people_schema[] = {
  { "people.1", "CREATE TABLE person (id TEXT PRIMARY KEY, login TEXT NOT NULL UNIQUE, name TEXT NOT NULL, "
                "email TEXT NOT NULL,"
                "  title TEXT NOT NULL, state TEXT NOT NULL CHECK (state IN ('active', 'disabled')), "
                "created_us BIGINT NOT NULL);"
                "CREATE TABLE person_grant (person TEXT NOT NULL REFERENCES person (id), product TEXT NOT "
                "NULL, role TEXT NOT NULL,"
                "  PRIMARY KEY (person, product, role));"
                "CREATE TABLE duty (product TEXT NOT NULL, duty TEXT NOT NULL, person TEXT NOT NULL "
                "REFERENCES person (id),"
                "  deputy_of TEXT NOT NULL, PRIMARY KEY (product, duty, person));"
                "CREATE INDEX duty_person ON duty (person);"
                "CREATE TABLE credential (person TEXT PRIMARY KEY REFERENCES person (id), phc TEXT NOT NULL, "
                "set_us BIGINT NOT NULL);"
                "CREATE TABLE session (hash TEXT PRIMARY KEY, person TEXT NOT NULL REFERENCES person (id), "
                "created_us BIGINT NOT NULL,"
                "  seen_us BIGINT NOT NULL, expires_us BIGINT NOT NULL, address TEXT NOT NULL);"
                "CREATE INDEX session_person ON session (person, created_us);"
                "CREATE TABLE setup_code (person TEXT PRIMARY KEY REFERENCES person (id), hash TEXT NOT NULL "
                "UNIQUE,"
                "  expires_us BIGINT NOT NULL);"
                "CREATE TABLE login_delay (key TEXT PRIMARY KEY, failures BIGINT NOT NULL, first_us BIGINT "
                "NOT NULL,"
                "  until_us BIGINT NOT NULL, last_us BIGINT NOT NULL);" },
  { "people.2", "CREATE TABLE totp (person TEXT PRIMARY KEY REFERENCES person (id), sealed TEXT NOT NULL, "
                "set_us BIGINT NOT NULL,"
                "  confirmed_us BIGINT NOT NULL);"
                "CREATE TABLE recovery_code (person TEXT NOT NULL REFERENCES person (id), n BIGINT NOT NULL, "
                "hash TEXT NOT NULL,"
                "  used_us BIGINT NOT NULL, PRIMARY KEY (person, n));"
                "CREATE TABLE totp_step (person TEXT PRIMARY KEY REFERENCES person (id), step BIGINT NOT "
                "NULL);" },
};
const size_t people_nschema = COUNT(people_schema);

const Fact people_fact = { "user", SQL_PERSON_FACT, SQL_PERSON_IDS };
static const Fact facts[] = { { "user", SQL_PERSON_FACT, SQL_PERSON_IDS } };

static const char *const tables[] = { "person",  "person_grant", "duty",       "credential",
                                      "session", "setup_code",   "login_delay", "totp",
                                      "recovery_code", "totp_step" };

const VerifyPart people_verify_part = { .name = "people", .facts = facts, .nfacts = COUNT(facts), .tables = tables,
                                        .ntables = COUNT(tables), .steps = people_schema,
                                        .nsteps = COUNT(people_schema) };

const Command *const people_commands[] = {
  &people_user_commands[0],    &people_user_commands[1],    &people_user_commands[2],
  &people_user_commands[3],    &people_user_commands[4],    &people_user_commands[5],
  &people_user_commands[6],    &people_user_commands[7],    &people_duty_commands[0],
  &people_duty_commands[1],    &people_session_commands[0], &people_session_commands[1],
  &people_session_commands[2], &people_session_commands[3], &people_factor_commands[0],
  &people_factor_commands[1],  &people_factor_commands[2],
};
const size_t people_ncommands = COUNT(people_commands);

Err person_entry(Cx *cx, Call *call, const char *act, Str person) {
  int64_t seq;
  Entry e = { .act = str_of(act),
              .actor = call->actor,
              .auth = call->auth,
              .source = call->source,
              .request = call->request,
              .reason = call->reason,
              .t_us = call->now_us };
  return ledger_fact_entry(cx, call->store, &people_fact, person, &e, &seq);
}

Err plain_entry(Cx *cx, Call *call, const char *act, Str obj, Str actor, Str words) {
  int64_t seq;
  Entry e = { .act = str_of(act), .actor = actor, .auth = call->auth, .obj = obj, .source = call->source,
              .request = call->request, .reason = words, .t_us = call->now_us };
  return ledger_append(cx, call->store, &e, &seq);
}
