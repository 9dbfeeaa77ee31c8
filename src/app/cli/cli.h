/* cli.h - the command line: one table of commands, which also yields help.
 *
 * Data goes to stdout, everything else to stderr.  Exit codes stand in base/err.h.  A table is aligned on a terminal
 * and tab-separated without one; -o json gives the contract's objects. */
#pragma once
#include "app/app.h"

typedef struct CliOption {
  const char *name;
  const char *value;
  const char *help;
} CliOption; /* value NULL: a switch */

enum { CLI_MAX_ARGS = 64, CLI_MAX_OPTIONS = 32 };
typedef enum CliOut {
  OUT_TABLE,
  OUT_JSON,
  OUT_CSV,
  OUT_XLSX,
  OUT_MD,
  OUT_OWN
} CliOut; /* OUT_OWN: the command reads -o itself */

typedef struct Cli {
  Cx *cx;
  Settings set;
  const char *folder; /* -C, else PROOFLINE_DIR, else the user's data folder */
  CliOut out;
  Str out_file; /* -o FORMAT=FILE; STR_NONE: standard output */
  bool yes, quiet, tty;
  Str as; /* --as LOGIN */
  Str arg[CLI_MAX_ARGS];
  size_t narg; /* positional, behind the command's words */
  struct {
    Str name, value;
  } option[CLI_MAX_OPTIONS];
  size_t noption;
  Writer *writer; /* opened by cli_writer() */
  AppWriter app;
  Who who;
  bool has_who;
} Cli;

typedef struct CliCommand {
  const char *name;  /* "import sbom": one or two words */
  const char *usage; /* what follows the name */
  const char *help;  /* one line */
  const char *more;  /* examples and details, for `help NAME` */
  const CliOption *options;
  size_t noptions;
  size_t least, most; /* positional arguments */
  Err (*run)(Cli *cli);
  unsigned formats; /* 1u << OUT_...: formats besides table and json */
  bool apart;       /* needs no records: it does not wait for app_start(), and calls it itself when it does */
} CliCommand;
extern const CliCommand cli_table_commands[], cli_backup_commands[], cli_whole_commands[];
extern const CliCommand cli_anchor_commands[], cli_name_commands[], cli_clock_commands[];
extern const CliCommand cli_diff_commands[], cli_file_commands[], cli_model_commands[];
typedef struct CliGroup { const char *title; const CliCommand *commands; } CliGroup; /* ended by a row without a name */
extern const CliGroup cli_groups[];          /* all there are: what is not in it is no command */
extern const size_t cli_ngroups;
extern const CliCommand cli_search_commands[], cli_baseline_commands[];
extern const CliCommand cli_sign_commands[], cli_store_commands[], cli_record_commands[], cli_edit_commands[],
    cli_supply_commands[],
    cli_feed_commands[], cli_check_commands[], cli_people_commands[], cli_token_commands[], cli_package_commands[],
    cli_serve_commands[], cli_calc_commands[], cli_matrix_commands[], cli_triage_commands[], cli_vex_commands[],
    cli_scan_commands[], cli_cve_commands[], cli_sbom_commands[], cli_help_commands[];

int cli_main(int argc, char **argv);

/* One line of doctor; gives good back. */
bool doctor_line(Cli *cli, bool good, const char *what, Str detail);
bool doctor_backup(Cli *cli, Store *s);
Err cli_export_all(Cli *cli); /* export --all DIR */
/* cve: the day of --asof, today without; what was scored, as JSON members or as lines. */
Err cve_day(Cli *cli, int32_t *day);
void cve_scores_json(Arena *a, const ScoreHistory *h, int32_t day, JsonOut *o);
void cve_scores_say(Arena *a, const ScoreHistory *h, int32_t day);
Err cli_sign(Cli *cli);       /* the ceremony: arg[0] records, arg[1] step or state */
extern const CliOption cli_common[];   /* options of every command */
extern const size_t cli_ncommon;
void cli_usage(const CliCommand *c); /* one command in detail, on stdout */

/* For commands: */
Str cli_option(const Cli *cli, const char *name); /* STR_NONE when not given; a switch gives "yes" */
bool cli_has(const Cli *cli, const char *name);
Err cli_store(Cli *cli, Store **out); /* opened for reading */
Err cli_writer(Cli *cli);             /* also finds out who acts: cli->who */
Err cli_ask(Cli *cli, const char *command, Str args_json, Str payload, Str reason,
            Answer *out); /* fails if it failed */
/* A password or code: the first line of the file that the environment names, else typed unseen. */
Err cli_secret(Cx *cx, const char *env, const char *prompt, Str *out);
void cli_print(Str s);                                                                    /* stdout */
JsonOut *cli_json(Cli *cli);               /* begins an answer in JSON ... */
void cli_json_end(JsonOut *o);             /* ... and prints it */
void cli_json_text(Str json);              /* prints one that is text already */
Err cli_put_file(Cli *cli, Str bytes); /* to the file of -o FORMAT=FILE, else to stdout unless that is a terminal */
void cli_say(const Cli *cli, const char *fmt, ...) __attribute__((format(printf, 2, 3))); /* stderr, unless --quiet */

/* A table: header once, then rows; printed at the end so that columns can be aligned.  With -o json an array of
 * objects, one per row, unless the command writes JSON of its own; numbers, yes and no, and what there is none of are
 * numbers, booleans and null there. */
typedef enum CliKind { CLI_TEXT, CLI_INT, CLI_BOOL, CLI_NONE } CliKind;
typedef struct CliCell { Str text; CliKind kind; int64_t i; } CliCell;
typedef struct CliTable {
  Arena *arena;
  const char *const *columns;
  size_t ncolumns;
  VEC(CliCell) cells;
} CliTable;
CliTable cli_table(Cli *cli, const char *const *columns, size_t n);
void cli_cell(CliTable *t, Str s);
void cli_cell_or_dash(CliTable *t, Str s); /* nothing: "-", in JSON null */
void cli_cell_int(CliTable *t, int64_t i);
void cli_cell_bool(CliTable *t, bool b);
void cli_table_end(const Cli *cli, const CliTable *t);
Str cli_score(Arena *a, int x10);          /* "9.8", "-" for none */
Str cli_percent(Arena *a, int64_t x1e9);   /* "83 %", "-" for none */
