/* sign, and the second factor of the person who acts. */
#include "app/clock.h"
#include "app/cli/cli.h"
#include "app/triage.h"
#include <stdio.h>

/* The password is checked here, before anything is asked of the writer. */
static Err password_ok(Cli *cli) {
  Str password;
  TRY(cli_secret(cli->cx, "PROOFLINE_PASSWORD_FILE", "Password: ", &password));
  return people_password_ok(cli->cx, writer_store(cli->writer), cli->writer, &cli->set, &cli->who, password, STR_NONE,
                            random_hex(cli->cx->arena, 8));
}

static Err ask_signed(Cli *cli, const char *command, const char *auth, Str args, Answer *out) {
  Ask ask = { .command = str_of(command),
              .actor = cli->who.id,
              .auth = str_of(auth),
              .source = S("cli"),
              .request = random_hex(cli->cx->arena, 8),
              .reason = cli_option(cli, "reason"),
              .args_json = args };
  TRY(writer_ask(cli->cx, cli->writer, &ask, 1, out));
  return answer_result(cli->cx, out);
}

/* ---- sign ---------------------------------------------------------------------------------------------- */

static Err step_of(Cli *cli, Str id, Str word, Str *step) {
  Record r = { 0 };
  TRY(record_get(cli->cx, writer_store(cli->writer), id, 0, &r));
  *step = word;
  for (size_t i = 0; i < r.type->life->nsteps; i++) {
    const Step *s = &r.type->life->steps[i];
    if (str_eq(str_of(s->from), r.state) && str_eq(str_of(s->to), word)) *step = str_of(s->name);
  }
  return E_OK;
}

static void say_what(Cli *cli, const Ceremony *c) {
  cli_say(cli, "You sign as %.*s.\n", STR(cli->who.name));
  for (size_t i = 0; i < c->n; i++) {
    const SignItem *item = &c->item[i];
    cli_say(cli, "  %.*s revision %lld, %.*s\n    %s.\n    sha256 %.*s\n", STR(item->record.id),
            (long long)item->record.rev, STR(item->record.title), item->means,
            STR(hash_hex(cli->cx->arena, item->record.hash)));
    if (item->waits.n) cli_say(cli, "    then signed by: %.*s\n", STR(item->waits));
    for (size_t k = 0; k < item->record.files.n; k++) {
      const FileRef *f = &item->record.files.p[k];
      cli_say(cli, "    file %.*s, %lld bytes\n      sha256 %.*s\n", STR(f->name), (long long)f->bytes, STR(f->sha256));
    }
  }
}

static Err sign_code(Cli *cli, const Ceremony *c, Str *code) {
  *code = STR_NONE;
  if (!str_eq(str_of(c->method), S("password+code"))) return E_OK;
  return cli_secret(cli->cx, "PROOFLINE_CODE_FILE", "Code of your authenticator app: ", code);
}

Err cli_sign(Cli *cli) {
  Cx *cx = cli->cx;
  Str id[SIGN_MOST + 1], rest = cli->arg[0], code;
  Ceremony c = { 0 };
  Answer a = { 0 };
  SignWhat what = { .id = id };
  TRY(cli_writer(cli));
  for (bool more = true; more && what.n <= SIGN_MOST;) more = str_cut(rest, ',', &id[what.n++], &rest);
  if (cli->narg > 1) TRY(step_of(cli, id[0], cli->arg[1], &what.step));
  what.session = str_fmt(cx->arena, "cli:%.*s", STR(random_hex(cx->arena, 16)));
  clock_signing_set(&cli->set);
  TRY(sign_open(cx, writer_store(cli->writer), &cli->who, &what, &c));
  say_what(cli, &c);
  TRY(password_ok(cli));
  TRY(sign_code(cli, &c, &code));
  Err e = ask_signed(cli, "record.sign", "password", sign_args(cx, &c, code), &a);
  if (e == E_UNAUTHENTIC && code.n)
    return people_code_wrong(cx, writer_store(cli->writer), cli->writer, &cli->set, &cli->who, STR_NONE,
                             random_hex(cx->arena, 8));
  TRY(e);
  cli_json_text(a.result_json);
  return decide_after_sign(cx, cli->writer, writer_store(cli->writer), &c, S("cli"));
}

/* ---- the second factor --------------------------------------------------------------------------------- */

static Err enrol_run(Cli *cli) {
  Cx *cx = cli->cx;
  Answer a = { 0 };
  JVal *r;
  TRY(cli_writer(cli));
  TRY(password_ok(cli));
  TRY(ask_signed(cli, "user.totp_enrol", "password", S("{}"), &a));
  TRY(json_read(cx, a.result_json, &JSON_BODY, &r));
  Str secret = json_text(r, "secret");
  Str uri = people_totp_uri(cx->arena, cli->set.text[SET_COMPANY], cli->who.login, secret);
  if (cli->out == OUT_JSON)
    (void)printf("{\"secret\":\"%.*s\",\"uri\":\"%.*s\"}\n", STR(secret), STR(uri));
  else (void)printf("secret  %.*s\nuri     %.*s\n", STR(secret), STR(uri));
  cli_say(cli, "Give it to your authenticator app, then run: proofline totp confirm\n");
  return E_OK;
}

static Err confirm_run(Cli *cli) {
  Cx *cx = cli->cx;
  Answer a = { 0 };
  Str code;
  TRY(cli_writer(cli));
  TRY(cli_secret(cx, "PROOFLINE_CODE_FILE", "Code of your authenticator app: ", &code));
  Buf b = buf_new(cx->arena, 4096);
  JsonOut o = json_out(&b, false);
  json_object(&o);
  json_pair(&o, "code", code);
  json_object_end(&o);
  TRY(ask_signed(cli, "user.totp_confirm", "local", buf_str(&b), &a));
  cli_say(cli, "Each of these codes works once in place of the app. Keep them on paper.\n");
  cli_json_text(a.result_json);
  return E_OK;
}

static Err drop_run(Cli *cli) {
  Who who = { 0 };
  Answer a = { 0 };
  TRY(cli_writer(cli));
  TRY(people_who_login(cli->cx, writer_store(cli->writer), cli->arg[0], &who));
  return ask_signed(cli, "user.totp_drop", "local", str_fmt(cli->cx->arena, "{\"person\":\"%.*s\"}", STR(who.id)), &a);
}

static const CliOption reason_options[] = { { "reason", "WHY", "why; kept in the log" } };

const CliCommand cli_sign_commands[] = {
  { "sign", "ID[,ID...] [STEP]", "sign a step that is an approval, with the password",
    "  proofline sign T-001 approve\n  proofline sign T-001,T-002,T-003 approve     up to 50 in one go\n"
    "  proofline sign VEX-0007,VEX-0008             without a step: what each of them waits for\n"
    "  Password and code are asked on the terminal, or read from the files named in PROOFLINE_PASSWORD_FILE and\n"
    "  PROOFLINE_CODE_FILE; never from an argument.",
    reason_options, COUNT(reason_options), 1, 2, cli_sign },
  { "totp enrol", "", "set up a second factor for yourself: shows the secret once", NULL, NULL, 0, 0, 0, enrol_run },
  { "totp confirm", "", "confirm it with the first code; shows ten recovery codes once", NULL, NULL, 0, 0, 0,
    confirm_run },
  { "totp drop", "LOGIN", "take somebody else's second factor away (administrators)", NULL, reason_options,
    COUNT(reason_options), 1, 1, drop_run },
  { 0 },
};
