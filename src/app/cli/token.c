/* token create, list, revoke; duty list, set, delegate, end; user code, alerts. */
#include "app/cli/cli.h"
#include <stdio.h>

static Str args_of(Cli *cli, const char *const *names, const Str *values, size_t n) {
  Buf b = buf_new(cli->cx->arena, 64 * 1024);
  JsonOut o = json_out(&b, false);
  int64_t days;
  json_object(&o);
  for (size_t i = 0; i < n; i++) {
    if (!values[i].n) continue;
    if (str_eq(str_of(names[i]), S("days")) && str_int(values[i], &days)) json_pair_int(&o, "days", days);
    else json_pair(&o, names[i], values[i]);
  }
  json_object_end(&o);
  return buf_str(&b);
}

static Err ask(Cli *cli, const char *command, const char *const *names, const Str *values, size_t n, JVal **result) {
  Answer a = { 0 };
  TRY(cli_ask(cli, command, args_of(cli, names, values, n), STR_NONE, cli_option(cli, "reason"), &a));
  if (cli->out == OUT_JSON) {
    cli_json_text(a.result_json);
  }
  return json_read(cli->cx, a.result_json, &JSON_BODY, result);
}

/* ---- tokens -------------------------------------------------------------------------------------------- */

static Err create_run(Cli *cli) {
  static const char *const names[] = { "name", "scopes", "product", "types", "days" };
  Cx *cx = cli->cx;
  JVal *r;
  TRY(cli_writer(cli));
  Str scopes = str_replace(cx->arena, cli_option(cli, "scopes"), ',', ' ');
  Str types = str_replace(cx->arena, cli_option(cli, "types"), ',', ' ');
  const Str values[] = { cli->arg[0], scopes, cli_option(cli, "product"), types, cli_option(cli, "days") };
  TRY(ask(cli, "token.create", names, values, COUNT(names), &r));
  if (cli->out == OUT_JSON) return E_OK;
  Str token = json_text(r, "token"), id = json_text(r, "id"), expires = json_text(r, "expires");
  (void)printf("%.*s\n", STR(token));
  cli_say(cli, "%.*s, until %.*s. It is shown this once; only its hash is kept.\n", STR(id), STR(expires));
  return E_OK;
}

static Err list_run(Cli *cli) {
  static const char *const columns[] = { "ID", "NAME", "OF", "SCOPES", "PRODUCT", "UNTIL", "LAST USED", "STATE" };
  Cx *cx = cli->cx;
  Tokens all = { 0 };
  TRY(cli_writer(cli));
  Store *s = writer_store(cli->writer);
  bool others = authorise(&(Cx){ .arena = cx->arena }, &cli->who, "user.admin", PRODUCT_ANY) == E_OK;
  TRY(people_tokens(cx, s, others ? STR_NONE : cli->who.id, &all));
  CliTable t = cli_table(cli, columns, COUNT(columns));
  for (size_t i = 0; i < all.n; i++) {
    const Token *one = &all.p[i];
    cli_cell(&t, one->id);
    cli_cell(&t, one->name);
    cli_cell(&t, people_name(cx, s, one->person));
    cli_cell(&t, one->scopes);
    cli_cell(&t, one->product);
    cli_cell(&t, time_minute(cx->arena, one->expires_us));
    cli_cell(&t, one->used_us ? time_minute(cx->arena, one->used_us) : S("never"));
    cli_cell(&t, one->ended_us ? S("revoked") : one->expires_us <= cx->now_us ? S("run out") : S("alive"));
  }
  cli_table_end(cli, &t);
  return E_OK;
}

static Err revoke_run(Cli *cli) {
  static const char *const names[] = { "id" };
  JVal *r;
  TRY(cli_writer(cli));
  return ask(cli, "token.revoke", names, cli->arg, 1, &r);
}

/* ---- duties -------------------------------------------------------------------------------------------- */

static Err person_id(Cli *cli, Str login, Str *id) {
  Who who = { 0 };
  *id = STR_NONE;
  if (!login.n) return E_OK;
  TRY(people_who_login(cli->cx, writer_store(cli->writer), login, &who));
  *id = who.id;
  return E_OK;
}

static Err duties_run(Cli *cli) {
  static const char *const columns[] = { "ID",  "DUTY", "PRODUCT", "PERSON", "AS",
                                         "FOR", "FROM", "TO",      "UP TO",  "ENDED" };
  Cx *cx = cli->cx;
  Store *s = NULL;
  Duties all = { 0 };
  int64_t size;
  TRY(cli_store(cli, &s));
  TRY(app_asof(cx, s, cli_option(cli, "asof"), &size)); /* which sets the clock that they are asked by */
  if (cli_has(cli, "all")) TRY(people_duties_ever(cx, s, &all));
  else TRY(people_duties_of(cx, s, STR_NONE, STR_NONE, &all));
  CliTable t = cli_table(cli, columns, COUNT(columns));
  for (size_t i = 0; i < all.n; i++) {
    const Duty *d = &all.p[i];
    cli_cell(&t, d->id);
    cli_cell(&t, d->duty);
    cli_cell(&t, d->product);
    cli_cell(&t, d->name);
    cli_cell(&t, d->kind);
    cli_cell(&t, d->deputy_of.n ? people_name(cx, s, d->deputy_of) : S(""));
    cli_cell(&t, date_text(cx->arena, d->from_day));
    cli_cell(&t, d->to_day == DUTY_FOREVER ? S("") : date_text(cx->arena, d->to_day));
    cli_cell(&t, d->upto);
    cli_cell(&t, d->ended_us ? time_minute(cx->arena, d->ended_us) : S(""));
  }
  cli_table_end(cli, &t);
  return E_OK;
}

static Err duty_with(Cli *cli, const char *command) {
  static const char *const names[] = { "duty", "person", "product", "deputy_of", "from", "to", "upto" };
  Str person, deputy;
  JVal *r;
  TRY(cli_writer(cli));
  TRY(person_id(cli, cli->arg[1], &person));
  TRY(person_id(cli, cli_option(cli, "deputy-of"), &deputy));
  const Str values[] = { cli->arg[0],           person, cli_option(cli, "product"), deputy, cli_option(cli, "from"),
                         cli_option(cli, "to"), cli_option(cli, "upto") };
  return ask(cli, command, names, values, COUNT(names), &r);
}

static Err duty_set_run(Cli *cli) { return duty_with(cli, "duty.set"); }
static Err duty_end_run(Cli *cli) { return duty_with(cli, "duty.drop"); }
static Err duty_delegate_run(Cli *cli) { return duty_with(cli, "duty.delegate"); }

/* ---- alerts -------------------------------------------------------------------------------------------- */

static Err alerts_run(Cli *cli) {
  static const char *const columns[] = { "ID", "AT", "KIND", "ACCOUNT", "WHAT", "CLOSED BY", "NOTE" };
  Cx *cx = cli->cx;
  Alerts all = { 0 };
  TRY(cli_writer(cli));
  Store *s = writer_store(cli->writer);
  TRY(authorise(cx, &cli->who, "alert.see", PRODUCT_ANY));
  TRY(people_alerts(cx, s, cli_has(cli, "all"), &all));
  CliTable t = cli_table(cli, columns, COUNT(columns));
  for (size_t i = 0; i < all.n; i++) {
    const Alert *a = &all.p[i];
    cli_cell(&t, a->id);
    cli_cell(&t, time_minute(cx->arena, a->at_us));
    cli_cell(&t, a->kind);
    cli_cell(&t, a->person.n ? people_name(cx, s, a->person) : S("unknown"));
    cli_cell(&t, a->words);
    cli_cell(&t, a->seen_by.n ? people_name(cx, s, a->seen_by) : S(""));
    cli_cell(&t, a->note);
  }
  cli_table_end(cli, &t);
  return E_OK;
}

static const CliOption create_options[] = {
  { "scopes", "A,B",
    "what it may do: records:read records:write findings:read sbom:write checks:run reports:read log:read" },
  { "product", "ID", "only on this product" },
  { "types", "A,B", "only these record types" },
  { "days", "N", "days until it runs out (90; 365 at most)" },
};
static const CliOption all_options[] = { { "all", NULL, "also what has ended" } };
static const CliOption duties_options[] = { { "all", NULL, "also what has ended" },
                                            { "asof", "DATE", "who held them at the end of that day" } };
static const CliOption duty_options[] = {
  { "product", "ID", "only for this product" },  { "deputy-of", "LOGIN", "as the deputy of this person" },
  { "from", "DATE", "first day (today)" },       { "to", "DATE", "last day" },
  { "upto", "LEVEL", "highest residual risk that may be accepted: low, medium, high" },
  { "reason", "WHY", "why; kept in the log" },
};

const CliCommand cli_token_commands[] = {
  { "token create", "NAME --scopes A,B [--product ID] [--days N]", "make an API token; it is shown once",
    "  No token can sign or approve, whatever its scopes.", create_options, COUNT(create_options), 1, 1, create_run },
  { "token list", "", "your tokens (administrators: everybody's)", NULL, NULL, 0, 0, 0, list_run },
  { "token revoke", "ID", "end a token", NULL, NULL, 0, 1, 1, revoke_run },
  { "duty list", "[--all | --asof DATE]", "who holds which duty", NULL, duties_options, COUNT(duties_options), 0, 0,
    duties_run },
  { "duty set", "DUTY LOGIN [--product ID] [--deputy-of LOGIN] [--from DATE] [--to DATE] [--upto LEVEL]",
    "assign a duty, or a deputy for it", NULL, duty_options, COUNT(duty_options), 2, 2, duty_set_run },
  { "duty end", "DUTY LOGIN [--product ID]", "end a duty", NULL, duty_options, COUNT(duty_options), 2, 2,
    duty_end_run },
  { "duty delegate", "DUTY LOGIN --to DATE [--from DATE] [--product ID]",
    "hand your own duty to somebody until a day", NULL, duty_options, COUNT(duty_options), 2, 2, duty_delegate_run },
  { "user alerts", "[--all]", "what looks like somebody using another's account", NULL, all_options,
    COUNT(all_options), 0, 0, alerts_run },
  { 0 },
};
