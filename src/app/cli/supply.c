/* import sbom, feed build, feed activate: components and what is known against them. */
#include "app/cli/cli.h"
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <sys/time.h>
#include <unistd.h>

/* ---- import sbom --------------------------------------------------------------------------------------- */

/* ---- progress: what takes longer than a second says on the terminal how far it is ----------------------- */

static volatile sig_atomic_t progress_s, progress_phase;
static int progress_fd = -1;
static char progress_request[17];

/* In 1,000: reading is an eighth of the time, storing and judging share the rest. */
static int share(void) {
  Progress p;
  if (progress_phase == IMPORT_READS) return 60;
  if (progress_phase == IMPORT_JUDGES) return 700;
  return 125 + (progress_look(progress_fd, progress_request, &p) ? (int)(p.done * 500 / p.all) : 0);
}

/* Only what a signal handler may do: pread(2), write(2). */
static void progress_tick(int sig) {
  static const char words[][10] = { "reading ", "storing ", "judging " };
  enum { BAR = 13, WIDE = 24, SECONDS = BAR + WIDE + 6 };
  (void)sig;
  int saved = errno, n = ++progress_s, filled = share() * WIDE / 1000;
  char line[] = "\r  reading  [                        ]     s ";
  for (size_t i = 0; i < 8; i++) line[3 + i] = words[progress_phase][i];
  for (int i = 0; i < filled; i++) line[BAR + i] = '#';
  for (size_t at = SECONDS - 1; n && at > BAR + WIDE; n /= 10) line[at--] = (char)('0' + n % 10);
  ssize_t put = write(STDERR_FILENO, line, sizeof line - 1);
  (void)put;
  errno = saved;
}

static void progress_step(void *env, ImportPhase p) {
  (void)env;
  progress_phase = (sig_atomic_t)p;
}

/* request: of the command that is watched. */
static void progress_begin(Cli *cli, Str request) {
  if (cli->quiet || !isatty(STDERR_FILENO)) return;
  struct sigaction act = { .sa_handler = progress_tick, .sa_flags = SA_RESTART };
  struct itimerval each_s = { { 1, 0 }, { 1, 0 } };
  for (size_t i = 0; i < sizeof progress_request - 1 && i < request.n; i++) progress_request[i] = request.p[i];
  progress_fd = progress_watch(cli->folder);
  progress_s = 0;
  (void)sigaction(SIGALRM, &act, NULL);
  (void)setitimer(ITIMER_REAL, &each_s, NULL);
}

static void progress_end(void) {
  struct itimerval never = { 0 };
  (void)setitimer(ITIMER_REAL, &never, NULL);
  if (progress_fd >= 0) (void)close(progress_fd);
  progress_fd = -1;
  if (progress_s) (void)fputs("\r                                               \r", stderr);
  progress_s = 0;
}

static Err read_file(Cli *cli, Str *bytes, Str *name) {
  Str path = cli->arg[0];
  size_t slash = str_rfind_char(path, '/');
  *name = slash == SIZE_MAX ? path : str_slice(path, slash + 1, path.n);
  SbomOptions opt = supply_options(&cli->set);
  return file_read(cli->cx, str_z(cli->cx->arena, path), opt.max_bytes, bytes);
}

static Err check_only(Cli *cli) {
  Str bytes, name;
  bool usable = false;
  SbomOptions opt = supply_options(&cli->set);
  opt.columns = cli_option(cli, "columns");
  Buf b = buf_new(cli->cx->arena, SIZE_MAX / 4);
  TRY(read_file(cli, &bytes, &name));
  TRY(supply_check(cli->cx, bytes, &opt, &b, &usable));
  buf_byte(&b, '\n');
  cli_print(buf_str(&b));
  return usable ? E_OK
                : fail(cli->cx, E_UNREADABLE, "%.*s cannot be used: see the problems with level error", STR(name));
}

static void print_import(Cli *cli, const AppImport *done) {
  if (cli->out == OUT_JSON) {
    JsonOut *o = cli_json(cli);
    json_object(o);
    json_pair(o, "sbom", done->sbom);
    json_pair_bool(o, "already", done->already);
    json_pair_int(o, "components", done->components);
    json_pair_int(o, "warnings", done->warnings);
    json_pair_int(o, "findings", done->findings);
    json_object_end(o);
    cli_json_end(o);
    return;
  }
  (void)printf("%.*s %s: %lld components, %u warnings, %lld new findings\n", STR(done->sbom),
               done->already ? "was imported before" : "imported", (long long)done->components, done->warnings,
               (long long)done->findings);
}

static Err import_run(Cli *cli) {
  if (cli_has(cli, "check")) return check_only(cli);
  Cx *cx = cli->cx;
  Str bytes = STR_NONE;
  SbomImport what = { .product = cli_option(cli, "device"),
                      .release = cli_option(cli, "version"),
                      .name = cli_option(cli, "source"),
                      .element = cli_option(cli, "element"),
                      .accept_errors = cli_has(cli, "accept-errors"),
                      .columns = cli_option(cli, "columns") };
  if (!what.product.p)
    return fail(cx, E_USAGE, "Say which device it belongs to: --device ID (or look only: --check)");
  TRY(cli_writer(cli));
  Ask who = { .actor = cli->who.id, .auth = S("local"), .source = S("cli"), .reason = cli_option(cli, "reason"),
              .request = random_hex(cx->arena, 8) };
  AppImport done = { .phase = progress_step };
  Err e = read_file(cli, &bytes, &what.file);
  if (e == E_TOO_LARGE) return app_refuse_sbom(cx, cli->writer, bytes, &what, &who, e);
  TRY(e);
  progress_begin(cli, who.request);
  e = app_import_sbom(cx, cli->writer, writer_store(cli->writer), &cli->set, bytes, &what, &who, &done);
  progress_end();
  TRY(e);
  print_import(cli, &done);
  return E_OK;
}

static const CliOption import_options[] = {
  { "check", NULL, "read and report only; needs no data folder" },
  { "device", "ID", "the product that it belongs to" },
  { "version", "ID", "the release that it belongs to" },
  { "source", "NAME", "which of the product's SBOMs it is (default: its own name)" },
  { "element", "ID", "the data-flow element that holds these components" },
  { "accept-errors", NULL, "take it although it departs from its specification; the log names the errors" },
  { "columns", "KEY=COLUMN,...", "of a table (CSV, XLSX): which column is what; remembered for the next one" },
  { "reason", "WHY", "why; kept in the log" },
};

/* ---- feeds --------------------------------------------------------------------------------------------- */

static Err feed_build_run(Cli *cli) {
  Cx *cx = cli->cx;
  Str out = cli_option(cli, "out");
  if (!out.p) return fail(cx, E_USAGE, "Say where to: --out FILE");
  const char **paths = NEW_ARRAY(cx->arena, cli->narg, const char *);
  for (size_t i = 0; i < cli->narg; i++) paths[i] = str_z(cx->arena, cli->arg[i]);
  FeedBuild build = { 0 };
  TRY(feed_build(cx, paths, cli->narg, str_z(cx->arena, out), &build));
  if (cli->out == OUT_JSON) {
    JsonOut *o = cli_json(cli);
    feed_build_json(&build, o);
    cli_json_end(o);
    return E_OK;
  }
  for (size_t i = 0; i < build.nsources; i++)
    (void)printf("%.*s: %lld records, newest %.*s\n", STR(build.source[i].name), (long long)build.source[i].records,
                 STR(build.source[i].newest));
  for (size_t i = 0; i < build.nskips; i++)
    (void)printf("skipped %lld: %.*s: %.*s\n", (long long)build.skip[i].count, STR(build.skip[i].file),
                 STR(build.skip[i].why));
  (void)printf("snapshot %.*s in %.1f s\n", STR(build.sha256), (double)build.took_us / 1e6);
  return E_OK;
}

static const CliOption feed_build_options[] = { { "out", "FILE", "the snapshot to write" } };

static const CliOption feed_activate_options[] = {
  { "reason", "TEXT", "take it although it is older or smaller; goes into the log" },
};

static Err feed_activate_run(Cli *cli) {
  Cx *cx = cli->cx;
  Judged judged;
  TRY(cli_writer(cli));
  Ask who = { .actor = cli->who.id, .auth = S("local"), .source = S("cli"), .reason = cli_option(cli, "reason") };
  TRY(app_activate_feed(cx, cli->writer, str_z(cx->arena, cli->arg[0]), &who));
  TRY(app_match(cx, cli->writer, writer_store(cli->writer), STR_NONE, &who, &judged));
  (void)printf("The snapshot is in use. %lld of %lld packages were judged again, %lld new findings.\n",
               (long long)judged.evaluated, (long long)judged.packages, (long long)judged.findings);
  return E_OK;
}

const CliCommand cli_supply_commands[] = {
  { "import sbom", "FILE --device ID [--version ID] [--accept-errors] [--columns ...] | FILE --check",
    "read a CycloneDX or SPDX file, or a table of hardware and off-the-shelf parts",
    "  proofline import sbom bom.json --check -o json\n  proofline import sbom bom.json --device sorrel-p1 --version "
    "REL-2.1.0\n"
    "  proofline import sbom parts.csv --device sorrel-p1 --source hardware "
    "--columns \"name=Part,version=Rev,supplier=Vendor,type=:hardware\"",
    import_options, COUNT(import_options), 1, 1, import_run },
  { "feed build", "--out FILE PATH...", "build a match snapshot from local advisory files", NULL, feed_build_options,
    COUNT(feed_build_options), 1, CLI_MAX_ARGS, feed_build_run },
  { "feed activate", "SNAPSHOT", "use a snapshot and judge all components against it", NULL, feed_activate_options,
    COUNT(feed_activate_options), 1, 1, feed_activate_run },
  { 0 },
};
