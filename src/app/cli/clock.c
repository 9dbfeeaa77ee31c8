/* clock, clock confirm: whether the machine's clock is believed, and two people who say that it is right. */
#include "app/clock.h"
#include "app/cli/cli.h"

static Err clock_run(Cli *cli) {
  Store *s = NULL;
  Str words;
  TRY(cli_store(cli, &s));
  TRY(clock_suspended(cli->cx, s, &words));
  if (cli->out == OUT_JSON) {
    JsonOut *o = cli_json(cli);
    json_object(o);
    json_pair_bool(o, "suspended", words.n > 0);
    json_pair(o, "words", words);
    json_object_end(o);
    cli_json_end(o);
    return E_OK;
  }
  cli_print(words.n ? words : S("The clock is not in doubt"));
  cli_print(S(".\n"));
  return E_OK;
}

static Err confirm_run(Cli *cli) {
  Answer a = { 0 };
  JVal *r;
  TRY(cli_ask(cli, "clock.confirm", S("{}"), STR_NONE, cli_option(cli, "reason"), &a));
  TRY(json_read(cli->cx, a.result_json, &JSON_BODY, &r));
  Str waits = json_text(r, "words");
  if (cli->out == OUT_JSON) cli_json_text(a.result_json);
  else cli_say(cli, "%.*s\n", STR(waits.n ? waits : S("The time is confirmed; signing goes on.")));
  return E_OK;
}

static const CliOption confirm_options[] = { { "reason", "TEXT", "what it was compared with; kept in the log" } };

const CliCommand cli_clock_commands[] = {
  { "clock", "", "whether this machine's clock is in doubt, so that nobody signs", NULL, NULL, 0, 0, 0, clock_run },
  { "clock confirm", "--reason TEXT", "say that the clock is right again, as one of two people",
    "  Administrator or QA manager; a second one does the same. Signing goes on then.", confirm_options,
    COUNT(confirm_options), 0, 0, confirm_run },
  { 0 },
};
