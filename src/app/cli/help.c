/* help and version. */
#include "app/cli/cli.h"
#include <stdio.h>

static const CliCommand *exact(Str name) {
  for (size_t g = 0; g < cli_ngroups; g++)
    for (const CliCommand *c = cli_groups[g].commands; c->name; c++)
      if (str_eq(str_of(c->name), name)) return c;
  return NULL;
}

static void print_options(const CliOption *o, size_t n) {
  for (size_t i = 0; i < n; i++) {
    char left[64];
    (void)snprintf(left, sizeof left, "%s%s%s%s", o[i].name[1] ? "--" : "-", o[i].name, o[i].value ? " " : "",
                   o[i].value ? o[i].value : "");
    (void)printf("  %-26s %s\n", left, o[i].help);
  }
}

void cli_usage(const CliCommand *c) {
  (void)printf("%s\n\n  proofline %s %s\n", c->help, c->name, c->usage);
  if (c->noptions) (void)printf("\n");
  print_options(c->options, c->noptions);
  if (c->more) (void)printf("\n%s\n", c->more);
}

/* "user": the commands that begin with it. */
static bool print_family(Str first) {
  bool any = false;
  for (size_t g = 0; g < cli_ngroups; g++)
    for (const CliCommand *c = cli_groups[g].commands; c->name; c++) {
      Str head, rest;
      if (!str_cut(str_of(c->name), ' ', &head, &rest) || !str_eq(head, first)) continue;
      (void)printf("  %-16s %s\n", c->name, c->help);
      any = true;
    }
  return any;
}

static Err help_run(Cli *cli) {
  if (cli->narg) {
    Str name = cli->narg > 1 ? str_fmt(cli->cx->arena, "%.*s %.*s", STR(cli->arg[0]), STR(cli->arg[1])) : cli->arg[0];
    const CliCommand *c = exact(name);
    if (!c && cli->narg == 1 && print_family(name)) return E_OK;
    if (!c) return fail(cli->cx, E_USAGE, "There is no command '%.*s'. See: proofline help", STR(name));
    cli_usage(c);
    return E_OK;
  }
  (void)printf("proofline keeps the cybersecurity file of a medical device inside its quality system.\n\n"
               "  proofline [-C DIR] [-o table|json] COMMAND ...\n");
  for (size_t g = 0; g < cli_ngroups; g++) {
    (void)printf("\n%s\n", cli_groups[g].title);
    for (const CliCommand *c = cli_groups[g].commands; c->name; c++) (void)printf("  %-16s %s\n", c->name, c->help);
  }
  (void)printf(
      "\nEach in detail: proofline help COMMAND\n\nOptions of every command\n");
  print_options(cli_common, cli_ncommon);
  (void)printf(
      "\n"
      "Exit codes: 0 done, 1 gate failed, 2 usage, 3 input not usable, 4 not allowed, 5 not found, 6 conflict,\n"
      "            7 feed or server, 8 integrity, 70 a defect of ours\n");
  return E_OK;
}

static Err version_run(Cli *cli) {
  if (cli->out == OUT_JSON) (void)printf("{\"name\":\"proofline\",\"version\":\"" APP_VERSION "\"}\n");
  else (void)printf("proofline " APP_VERSION "\n");
  return E_OK;
}

const CliCommand cli_help_commands[] = {
  { "help", "[COMMAND]", "this, or one command in detail", NULL, NULL, 0, 0, 2, help_run, 0, true },
  { "version", "", "the version of this program", NULL, NULL, 0, 0, 0, version_run, 0, true },
  { 0 },
};
