/* user add, list, password, grant, revoke, disable. */
#include "app/cli/cli.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

/* ---- passwords: from the file named in PROOFLINE_PASSWORD_FILE, else typed twice, never an argument ---- */

static Err typed_line(Cx *cx, const char *prompt, Str *out) {
  struct termios old, quiet;
  char line[300];
  if (tcgetattr(0, &old) != 0)
    return fail(cx, E_USAGE,
                "No terminal to ask on. Put the password into a file and name it in PROOFLINE_PASSWORD_FILE (a code: "
                "PROOFLINE_CODE_FILE)");
  quiet = old;
  quiet.c_lflag &= ~(tcflag_t)ECHO;
  (void)fprintf(stderr, "%s", prompt);
  (void)tcsetattr(0, TCSAFLUSH, &quiet);
  char *got = fgets(line, sizeof line, stdin);
  (void)tcsetattr(0, TCSAFLUSH, &old);
  (void)fprintf(stderr, "\n");
  if (!got) return fail(cx, E_USAGE, "Nothing was typed. Nothing was changed");
  size_t n = strcspn(line, "\n");
  *out = str_dup(cx->arena, (Str){ line, n });
  return E_OK;
}

Err cli_secret(Cx *cx, const char *env, const char *prompt, Str *out) {
  const char *file = getenv(env);
  Str all, line = STR_NONE;
  if (!file) return typed_line(cx, prompt, out);
  TRY(file_read(cx, file, 4096, &all));
  (void)str_line(&all, &line);
  *out = line;
  return E_OK;
}

static Err password_get(Cx *cx, Str *out) {
  Str again;
  TRY(cli_secret(cx, "PROOFLINE_PASSWORD_FILE", "New password (15 characters or more): ", out));
  if (getenv("PROOFLINE_PASSWORD_FILE")) return E_OK;
  TRY(typed_line(cx, "Once more: ", &again));
  return str_eq(*out, again) ? E_OK : fail(cx, E_USAGE, "The two passwords differ. Nothing was changed");
}

static Err ask_with(Cli *cli, const char *command, const char *const *names, const Str *values, size_t n) {
  Buf b = buf_new(cli->cx->arena, 64 * 1024);
  JsonOut o = json_out(&b, false);
  json_object(&o);
  for (size_t i = 0; i < n; i++)
    if (values[i].p) json_pair(&o, names[i], values[i]);
  json_object_end(&o);
  Answer a;
  TRY(cli_ask(cli, command, buf_str(&b), STR_NONE, cli_option(cli, "reason"), &a));
  if (cli->out == OUT_JSON) {
    cli_json_text(a.result_json);
  }
  return E_OK;
}

/* The id of the person with this login. */
static Err person_id(Cli *cli, Str login, Str *id) {
  Who who = { 0 };
  TRY(cli_writer(cli));
  TRY(people_who_login(cli->cx, writer_store(cli->writer), login, &who));
  *id = who.id;
  return E_OK;
}

static Err add_run(Cli *cli) {
  Cx *cx = cli->cx;
  Str phc = STR_NONE, password, login = cli->arg[0];
  TRY(cli_writer(cli));
  if (!cli_has(cli, "no-password")) {
    TRY(password_get(cx, &password));
    TRY(people_password_new(cx, &cli->set, login, password, &phc));
  }
  static const char *const names[] = { "login", "name", "email", "title", "roles", "product", "phc" };
  Str name = cli_has(cli, "name") ? cli_option(cli, "name") : login;
  const Str values[] = { login,
                         name,
                         cli_option(cli, "email"),
                         cli_option(cli, "title"),
                         cli_has(cli, "roles") ? str_replace(cx->arena, cli_option(cli, "roles"), ',', ' ')
                                               : STR_NONE,
                         cli_option(cli, "product"),
                         phc };
  TRY(ask_with(cli, "user.add", names, values, COUNT(names)));
  cli_say(cli, "%.*s can sign in%s.\n", STR(login), phc.p ? "" : " once a password is set");
  return E_OK;
}

static Err password_run(Cli *cli) {
  Cx *cx = cli->cx;
  Str id, phc, password;
  TRY(person_id(cli, cli->arg[0], &id));
  TRY(password_get(cx, &password));
  TRY(people_password_new(cx, &cli->set, cli->arg[0], password, &phc));
  static const char *const names[] = { "person", "phc" };
  const Str values[] = { id, phc };
  return ask_with(cli, "user.set_password", names, values, COUNT(names));
}

static Err grant_with(Cli *cli, const char *command) {
  Str id;
  TRY(person_id(cli, cli->arg[0], &id));
  static const char *const names[] = { "person", "role", "product" };
  const Str values[] = { id, cli->arg[1], cli_option(cli, "product") };
  return ask_with(cli, command, names, values, COUNT(names));
}

static Err grant_run(Cli *cli) { return grant_with(cli, "user.grant"); }
static Err revoke_run(Cli *cli) { return grant_with(cli, "user.revoke"); }

static Err enable_run(Cli *cli) {
  Str id;
  TRY(person_id(cli, cli->arg[0], &id));
  static const char *const names[] = { "person" };
  return ask_with(cli, "user.enable", names, &id, 1);
}

static Err disable_run(Cli *cli) {
  Str id;
  TRY(person_id(cli, cli->arg[0], &id));
  static const char *const names[] = { "person" };
  return ask_with(cli, "user.disable", names, &id, 1);
}

static Err list_run(Cli *cli) {
  static const char *const columns[] = { "ID", "LOGIN", "NAME", "ACTIVE", "ROLES" };
  Cx *cx = cli->cx;
  Store *s = NULL;
  Persons people = { 0 };
  TRY(cli_store(cli, &s));
  TRY(people_list(cx, s, &people));
  CliTable t = cli_table(cli, columns, COUNT(columns));
  for (size_t i = 0; i < people.n; i++) {
    Who who = { 0 };
    TRY(people_who(cx, s, people.p[i].id, &who));
    cli_cell(&t, people.p[i].id);
    cli_cell(&t, people.p[i].login);
    cli_cell(&t, people.p[i].name);
    cli_cell_bool(&t, people.p[i].active);
    cli_cell(&t, roles_text(cx->arena, who_roles(&who, PRODUCT_ANY)));
  }
  cli_table_end(cli, &t);
  return E_OK;
}

static const CliOption add_options[] = {
  { "name", "NAME", "printed name, as it stands beside signatures" },
  { "email", "EMAIL", "e-mail" },
  { "title", "TITLE", "position, as it stands beside signatures" },
  { "roles", "A,B", "roles: see `proofline help user grant`" },
  { "product", "ID", "the roles are for this product only" },
  { "no-password", NULL, "without a password yet: nobody can sign in as this person" },
  { "reason", "WHY", "why; kept in the log" },
};
static const CliOption grant_options[] = { { "product", "ID", "only for this product" },
                                           { "reason", "WHY", "why; kept in the log" } };
static const CliOption reason_options[] = { { "reason", "WHY", "why; kept in the log" } };

const CliCommand cli_people_commands[] = {
  { "user add", "LOGIN [--name NAME] [--roles A,B]", "add a person; asks for a password on the terminal",
    "  Without a terminal the password is read from the file named in PROOFLINE_PASSWORD_FILE.", add_options,
    COUNT(add_options), 1, 1, add_run },
  { "user list", "", "people and their roles", NULL, NULL, 0, 0, 0, list_run },
  { "user password", "LOGIN", "set a person's password", NULL, reason_options, COUNT(reason_options), 1, 1,
    password_run },
  { "user grant", "LOGIN ROLE [--product ID]", "give a role",
    "  roles: viewer engineer security_lead risk_manager clinical_safety regulatory reviewer approver\n"
    "         document_control supplier_manager training_coordinator qa_manager auditor administrator",
    grant_options, COUNT(grant_options), 2, 2, grant_run },
  { "user revoke", "LOGIN ROLE [--product ID]", "take a role away", NULL, grant_options, COUNT(grant_options), 2, 2,
    revoke_run },
  { "user enable", "LOGIN", "open a closed account again", NULL, reason_options, COUNT(reason_options), 1, 1,
    enable_run },
  { "user disable", "LOGIN", "close an account and its sessions; the account stays in the records", NULL,
    reason_options, COUNT(reason_options), 1, 1, disable_run },
  { 0 },
};
