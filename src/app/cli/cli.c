#include "app/cli/cli.h"
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

const CliOption cli_common[] = {
  { "C", "DIR", "the data folder (default: PROOFLINE_DIR, else ~/.local/share/proofline)" },
  { "o", "FORMAT[=FILE]", "table or json; lists also csv and xlsx" },
  { "json", NULL, "the same as -o json" },
  { "as", "LOGIN",
    "act as this person (only the owner of the data folder can); default: cli_user in proofline.toml" },
  { "set", "NAME=VALUE", "a setting for this run" },
  { "quiet", NULL, "nothing on stderr but errors" },
  { "yes", NULL, "no questions" },
};
const size_t cli_ncommon = COUNT(cli_common);

/* In the order of `proofline help`. */
const CliGroup cli_groups[] = {
  { "Store and log", cli_store_commands },
  { "Outside proof of the log", cli_anchor_commands },
  { "The clock", cli_clock_commands },
  { "Backup", cli_backup_commands },
  { "Records", cli_record_commands },
  { "Changing records", cli_edit_commands },
  { "Searching", cli_search_commands },
  { "Files of records", cli_file_commands },
  { "Signing", cli_sign_commands },
  { "What changed", cli_diff_commands },
  { "Baselines", cli_baseline_commands },
  { "Tables of records", cli_table_commands },
  { "Record types", cli_model_commands },
  { "Components and advisories", cli_supply_commands },
  { "What SBOMs hold", cli_sbom_commands },
  { "Scans", cli_scan_commands },
  { "Deciding vulnerabilities", cli_triage_commands },
  { "One vulnerability", cli_cve_commands },
  { "VEX", cli_vex_commands },
  { "Sources of advisories", cli_feed_commands },
  { "Names in advisories", cli_name_commands },
  { "Checks", cli_check_commands },
  { "Trace", cli_matrix_commands },
  { "Evidence for others", cli_package_commands },
  { "Everything out and in", cli_whole_commands },
  { "People", cli_people_commands },
  { "Tokens and duties", cli_token_commands },
  { "Server", cli_serve_commands },
  { "Calculators", cli_calc_commands },
  { "Help", cli_help_commands },
};
const size_t cli_ngroups = COUNT(cli_groups);

void cli_say(const Cli *cli, const char *fmt, ...) {
  if (cli->quiet) return;
  va_list args;
  va_start(args, fmt);
  (void)vfprintf(stderr, fmt, args);
  va_end(args);
}

Str cli_option(const Cli *cli, const char *name) {
  for (size_t i = cli->noption; i-- > 0;)
    if (str_eq(cli->option[i].name, str_of(name))) return cli->option[i].value;
  return STR_NONE;
}

bool cli_has(const Cli *cli, const char *name) { return cli_option(cli, name).p != NULL; }

/* ---- finding the command and reading its options ------------------------------------------------------- */

/* The command whose words the arguments begin with; the longer name wins. */
static const CliCommand *command_find(Str first, Str second, size_t *words) {
  const CliCommand *one = NULL;
  for (size_t g = 0; g < cli_ngroups; g++)
    for (const CliCommand *c = cli_groups[g].commands; c->name; c++) {
      Str head, rest;
      if (!str_cut(str_of(c->name), ' ', &head, &rest)) {
        if (str_eq(head, first)) one = c;
      } else if (str_eq(head, first) && str_eq(rest, second)) {
        *words = 2;
        return c;
      }
    }
  *words = 1;
  return one;
}

static Err no_command(Cx *cx, Str first) {
  VEC(Str) names = { 0 };
  Buf second = buf_new(cx->arena, 4096);
  for (size_t g = 0; g < cli_ngroups; g++)
    for (const CliCommand *c = cli_groups[g].commands; c->name; c++) {
      Str head, rest;
      (void)str_cut(str_of(c->name), ' ', &head, &rest);
      vec_add(cx->arena, &names, head);
      if (str_eq(head, first)) buf_fmt(&second, "%s%s", second.n ? ", " : "", c->name);
    }
  if (second.n)
    return fail(cx, E_USAGE, "'%.*s' needs a second word: %.*s", STR(first), STR(buf_str(&second)));
  Str near = str_nearest(first, names.p, names.n);
  if (near.n)
    return fail(cx, E_USAGE, "There is no command '%.*s'. Did you mean '%.*s'? See: proofline help", STR(first),
                STR(near));
  return fail(cx, E_USAGE, "There is no command '%.*s'. See: proofline help", STR(first));
}

static const CliOption *option_find(const CliCommand *c, Str name) {
  for (size_t i = 0; c && i < c->noptions; i++)
    if (str_eq(name, str_of(c->options[i].name))) return &c->options[i];
  for (size_t i = 0; i < cli_ncommon; i++)
    if (str_eq(name, str_of(cli_common[i].name))) return &cli_common[i];
  return NULL;
}

static Err no_option(Cx *cx, const CliCommand *c, Str name) {
  VEC(Str) names = { 0 };
  for (size_t i = 0; c && i < c->noptions; i++) vec_add(cx->arena, &names, str_of(c->options[i].name));
  for (size_t i = 0; i < cli_ncommon; i++) vec_add(cx->arena, &names, str_of(cli_common[i].name));
  Str near = str_nearest(name, names.p, names.n);
  const char *help = c ? c->name : "", *dash = name.n == 1 ? "-" : "--";
  if (near.n)
    return fail(cx, E_USAGE, "There is no option %s%.*s. Did you mean --%.*s? See: proofline help %s", dash,
                STR(name), STR(near), help);
  return fail(cx, E_USAGE, "There is no option %s%.*s. See: proofline help %s", dash, STR(name), help);
}

/* Takes one option at argv[*i]; its value may stand in the next argument. */
static Err take_option(Cli *cli, const CliCommand *c, int argc, char **argv, int *i) {
  Str word = str_of(argv[*i]), name, value;
  word = str_slice(word, str_starts(word, S("--")) ? 2 : 1, word.n);
  bool inline_value = str_cut(word, '=', &name, &value);
  if (str_eq(name, S("h"))) name = S("help");
  if (str_eq(name, S("help"))) return fail(cli->cx, E_USAGE, "help");
  const CliOption *o = option_find(c, name);
  if (!o) return no_option(cli->cx, c, name);
  if (!o->value) {
    if (inline_value) return fail(cli->cx, E_USAGE, "--%s takes no value", o->name);
    value = S("yes");
  } else if (!inline_value) {
    if (*i + 1 >= argc)
      return fail(cli->cx, E_USAGE, "%s%s needs a value: %s", o->name[1] ? "--" : "-", o->name, o->value);
    value = str_of(argv[++*i]);
  }
  if (cli->noption == CLI_MAX_OPTIONS) return fail(cli->cx, E_USAGE, "Too many options");
  cli->option[cli->noption].name = str_of(o->name);
  cli->option[cli->noption++].value = value;
  return E_OK;
}

static Err take_args(Cli *cli, const CliCommand *c, int argc, char **argv, int from, size_t skip) {
  bool only_args = false;
  for (int i = from; i < argc; i++) {
    Str word = str_of(argv[i]);
    if (!only_args && str_eq(word, S("--"))) {
      only_args = true;
      continue;
    }
    if (!only_args && word.n > 1 && word.p[0] == '-') {
      TRY(take_option(cli, c, argc, argv, &i));
      continue;
    }
    if (skip) {
      skip--;
      continue;
    }
    if (cli->narg == CLI_MAX_ARGS) return fail(cli->cx, E_USAGE, "Too many arguments");
    cli->arg[cli->narg++] = word;
  }
  if (c && cli->narg < c->least)
    return fail(cli->cx, E_USAGE, "Something is missing: proofline %s %s", c->name, c->usage);
  if (c && cli->narg > c->most)
    return fail(cli->cx, E_USAGE, "'%.*s' is one argument too many: proofline %s %s", STR(cli->arg[c->most]), c->name,
                c->usage);
  return E_OK;
}

static Err take_format(Cli *cli, const CliCommand *c, Str word) {
  static const char *const names[] = {
    [OUT_TABLE] = "table", [OUT_JSON] = "json", [OUT_CSV] = "csv", [OUT_XLSX] = "xlsx", [OUT_MD] = "md"
  };
  unsigned can = 1u << OUT_TABLE | 1u << OUT_JSON | c->formats;
  Buf all = buf_new(cli->cx->arena, 200);
  Str name;
  if (!word.p) return E_OK;
  if (c->formats >> OUT_OWN & 1) {
    cli->out = str_eq(word, S("json")) ? OUT_JSON : OUT_OWN;
    return E_OK;
  }
  if (!str_cut(word, '=', &name, &cli->out_file)) cli->out_file = STR_NONE;
  for (size_t i = 0; i < COUNT(names); i++) {
    if (!(can >> i & 1)) continue;
    buf_fmt(&all, "%s%s", all.n ? ", " : "", names[i]);
    if (!str_eq(name, str_of(names[i]))) continue;
    cli->out = (CliOut)i;
    if (!cli->out_file.p || i > OUT_JSON) return E_OK;
    return fail(cli->cx, E_USAGE, "-o %s goes to standard output: write > FILE", names[i]);
  }
  return fail(cli->cx, E_USAGE, "-o %.*s: the formats of %s are: %.*s", STR(name), c->name, STR(buf_str(&all)));
}

Err cli_put_file(Cli *cli, Str bytes) {
  if (cli->out_file.p) return file_write(cli->cx, str_z(cli->cx->arena, cli->out_file), bytes, 0640);
  if (cli->tty && cli->out == OUT_XLSX)
    return fail(cli->cx, E_USAGE, "A workbook is not for the terminal. Say where to: -o xlsx=FILE.xlsx");
  cli_print(bytes);
  return E_OK;
}

static Err apply_common(Cli *cli, const CliCommand *c) {
  Cx *cx = cli->cx;
  cli->tty = isatty(1) == 1;
  cli->quiet = cli_has(cli, "quiet");
  cli->yes = cli_has(cli, "yes");
  cli->as = cli_option(cli, "as");
  TRY(take_format(cli, c, cli_has(cli, "json") ? S("json") : cli_option(cli, "o")));
  Str folder = cli_option(cli, "C");
  if (!folder.p) folder = str_of(getenv("PROOFLINE_DIR"));
  if (!folder.p) {
    Str home = str_of(getenv("XDG_DATA_HOME"));
    folder = home.n ? str_fmt(cx->arena, "%.*s/proofline", STR(home))
                    : str_fmt(cx->arena, "%s/.local/share/proofline", getenv("HOME") ? getenv("HOME") : "");
  }
  cli->folder = str_z(cx->arena, folder);
  cli->app.folder = cli->folder;
  TRY(app_settings(cx, cli->folder, &cli->set));
  for (size_t i = 0; i < cli->noption; i++) {
    Str name, value;
    if (!str_eq(cli->option[i].name, S("set"))) continue;
    if (!str_cut(cli->option[i].value, '=', &name, &value)) return fail(cx, E_USAGE, "--set wants NAME=VALUE");
    TRY(settings_set(cx, &cli->set, name, value, S("--set")));
  }
  return E_OK;
}

/* ---- store and writer ---------------------------------------------------------------------------------- */

Err cli_store(Cli *cli, Store **out) {
  if (cli->writer) {
    *out = writer_store(cli->writer);
    return E_OK;
  }
  Store *s = NULL;
  TRY(store_open(cli->cx, cli->folder, STORE_READ, &s));
  Err e = app_schema_fits(cli->cx, s);
  if (e == E_OK) *out = s;
  else store_close(s);
  return e;
}

/* The owner of the data folder holds every byte of it, so the system's own account check is the sign-in here; the
 * entries say auth "local", which never counts as a signature. */
static Err find_actor(Cli *cli) {
  Str login = cli->as;
  if (!login.p) login = cli->set.text[SET_CLI_USER];
  if (!login.n)
    return fail(cli->cx, E_UNAUTHENTIC, "Say who acts: --as LOGIN, or cli_user = \"LOGIN\" in %s/proofline.toml",
                cli->folder);
  TRY(people_who_login(cli->cx, writer_store(cli->writer), login, &cli->who));
  cli->has_who = true;
  return E_OK;
}

Err cli_writer(Cli *cli) {
  if (cli->writer) return E_OK;
  WriterHooks *hooks = NEW(cli->cx->arena, WriterHooks);
  *hooks = app_writer_hooks(&cli->app);
  TRY(writer_connect(cli->cx, cli->folder, &cli->set, hooks, &cli->writer));
  return find_actor(cli);
}

Err cli_ask(Cli *cli, const char *command, Str args_json, Str payload, Str reason, Answer *out) {
  TRY(cli_writer(cli));
  Ask ask = { .command = str_of(command),
              .actor = cli->who.id,
              .auth = S("local"),
              .source = S("cli"),
              .request = random_hex(cli->cx->arena, 8),
              .reason = reason,
              .args_json = args_json,
              .payload = payload };
  Answer answer = { 0 };
  TRY(writer_ask(cli->cx, cli->writer, &ask, 1, &answer));
  TRY(answer_result(cli->cx, &answer));
  *out = answer;
  return E_OK;
}

static void close_all(Cli *cli) {
  if (!cli->writer) return;
  AUTO(Cx) cx = cx_new(64u << 20);
  (void)app_finish(&cx, writer_store(cli->writer), &cli->app);
  writer_close(cli->writer);
  cli->writer = NULL;
}

/* ---- failure ------------------------------------------------------------------------------------------- */

static void print_problem_json(Cx *cx, Err e) {
  Buf b = buf_new(cx->arena, 1 << 20);
  JsonOut o = json_out(&b, false);
  json_object(&o);
  json_pair(&o, "type", str_fmt(cx->arena, "https://proofline.example/problems/%s", err_slug(e)));
  json_pair(&o, "title", str_of(err_title(e)));
  json_pair_int(&o, "status", err_status(e));
  json_pair(&o, "detail", cx->words);
  json_key(&o, "errors");
  json_array(&o);
  for (size_t i = 0; i < cx->problems.n; i++) {
    json_object(&o);
    json_pair(&o, "pointer", str_fmt(cx->arena, "/%.*s", STR(cx->problems.p[i].field)));
    json_pair(&o, "detail", cx->problems.p[i].words);
    json_object_end(&o);
  }
  json_array_end(&o);
  json_object_end(&o);
  (void)fprintf(stderr, "%.*s\n", STR(buf_str(&b)));
}

static int report(Cli *cli, Err e) {
  Cx *cx = cli->cx;
  if (e == E_OK) return 0;
  if (e == E_GATE) { /* the work succeeded; its output says what failed */
    if (cx->words.n) (void)fprintf(stderr, "FAILED %.*s\n", STR(cx->words));
    return err_exit(e);
  }
  if (cli->out == OUT_JSON) {
    print_problem_json(cx, e);
    return err_exit(e);
  }
  Str w = cx->words;
  (void)fprintf(stderr, "proofline: error: %.*s%s\n", STR(w), w.n && w.p[w.n - 1] == '.' ? "" : ".");
  for (size_t i = 0; cx->problems.n > 1 && i < cx->problems.n; i++)
    (void)fprintf(stderr, "  %.*s: %.*s\n", STR(cx->problems.p[i].field), STR(cx->problems.p[i].words));
  return err_exit(e);
}

static Err run(Cli *cli, int argc, char **argv) {
  int at = 1;
  while (at < argc && argv[at][0] == '-' && argv[at][1]) { /* options before the command */
    Str word = str_of(argv[at]);
    if (str_eq(word, S("--version"))) {
      cli->narg = 0;
      return cli_help_commands[1].run(cli);
    }
    if (str_eq(word, S("-h")) || str_eq(word, S("--help"))) return cli_help_commands[0].run(cli);
    TRY(take_option(cli, NULL, argc, argv, &at));
    at++;
  }
  if (at >= argc) return cli_help_commands[0].run(cli);
  size_t words = 1;
  Str second = at + 1 < argc ? str_of(argv[at + 1]) : STR_NONE;
  const CliCommand *c = command_find(str_of(argv[at]), second, &words);
  if (!c) return no_command(cli->cx, str_of(argv[at]));
  Err e = take_args(cli, c, argc, argv, at + 1, words - 1);
  if (e == E_USAGE && str_eq(cli->cx->words, S("help"))) {
    cx_forgive(cli->cx);
    cli_usage(c);
    return E_OK;
  }
  TRY(e);
  TRY(apply_common(cli, c));
  if (!c->apart) TRY(app_start(cli->cx));
  return c->run(cli);
}

int cli_main(int argc, char **argv) {
  AUTO(Cx) cx = cx_new(CLI_ARENA);
  Cli *cli = NEW(cx.arena, Cli);
  cli->cx = &cx;
  Err e = run(cli, argc, argv);
  int code = report(cli, e);
  (void)fflush(stdout);
  close_all(cli);
  return code;
}
