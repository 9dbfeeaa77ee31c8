/* serve and demo. */
#include "app/cli/cli.h"
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

static void print_ready(Cx *cx, void *env, ServeReady r) {
  (void)cx;
  (void)env;
  (void)printf("http://127.0.0.1:%d/\n", r.port);
  (void)fflush(stdout);
}

static Err serve_folder(Cli *cli, const char *folder, void (*ready)(Cx *, void *, ServeReady), void *env) {
  AppWriter *app = NEW(cli->cx->arena, AppWriter);
  app->folder = folder;
  ServeHooks hooks = app_serve_hooks(app);
  if (cli->set.number[SET_FEED_EVERY_MIN] || cli->set.text[SET_STAMP_URL].n) hooks.jobs = app_feed_job;
  return serve_run(cli->cx, folder, &cli->set, &hooks, ready, env);
}

/* While nobody can sign in, whoever sees this console may. */
static Err first_start(Cli *cli) {
  Store *s = NULL;
  Persons all = { 0 };
  Str code;
  TRY(store_open(cli->cx, cli->folder, STORE_READ, &s));
  Err e = people_list(cli->cx, s, &all);
  store_close(s);
  if (e != E_OK || all.n) return e;
  TRY(people_first_code(cli->cx, cli->folder, &code));
  (void)fprintf(stderr, "Nobody can sign in yet. Open /setup within 15 minutes and type this set-up code:\n  %.*s\n",
                STR(code));
  return E_OK;
}

static Err serve_cli(Cli *cli) {
  Str listen = cli_option(cli, "listen");
  if (listen.p) TRY(settings_set(cli->cx, &cli->set, S("listen"), listen, S("--listen")));
  TRY(app_folder_check(cli->cx, cli->folder));
  if (!file_exists(str_fmt(cli->cx->arena, "%s/proofline.toml", cli->folder).p)) {
    AppInit nobody = { 0 };
    if (!cli_has(cli, "setup"))
      return fail(cli->cx, E_NOTFOUND,
                  "There is no data folder at %s. Make one with: proofline init %s, or start with an "
                  "empty one: proofline serve --setup",
                  cli->folder, cli->folder);
    TRY(app_init(cli->cx, cli->folder, &nobody));
  }
  TRY(first_start(cli));
  return serve_folder(cli, cli->folder, print_ready, NULL);
}

/* ---- demo ---------------------------------------------------------------------------------------------- */

typedef struct DemoReady {
  Cli *cli;
  DemoCounts counts;
  const char *folder;
  bool keep;
  int64_t began_us;
} DemoReady;

static void demo_ready(Cx *cx, void *env, ServeReady r) {
  DemoReady *d = env;
  (void)cx;
  (void)printf("http://127.0.0.1:%d/\n", r.port);
  (void)fflush(stdout);
  cli_say(d->cli,
          "Sample company Halden Medical Devices, Sorrel P1: %lld records, %lld components in %lld SBOMs, %lld "
          "findings, %lld gaps. "
          "Ready in %.1f s.\n"
          "  Open     http://127.0.0.1:%d/\n"
          "  Sign in  ines / demo (product security)   amara / demo (safety risk)   lena / demo (RA and QA)\n"
          "           kofi / demo (firmware)   nb-auditor / demo (read only)\n"
          "  Or type  proofline -C %s check --device sorrel-p1\n%s",
          (long long)d->counts.records, (long long)d->counts.components, (long long)d->counts.sboms,
          (long long)d->counts.findings, (long long)d->counts.gaps, (double)(clock_mono_us() - d->began_us) / 1e6,
          r.port, d->folder,
          d->keep ? "Ctrl C stops it; the data stay.\n"
                  : "Ctrl C stops it and deletes the data. Keep them with: proofline demo --keep DIR\n");
}

static Err demo_folder(Cli *cli, const char **folder, bool *fresh) {
  Cx *cx = cli->cx;
  Str keep = cli_option(cli, "keep");
  if (keep.p) {
    *folder = str_z(cx->arena, keep);
    *fresh = !file_exists(str_fmt(cx->arena, "%s/proofline.db", *folder).p);
    return E_OK;
  }
  const char *tmp = getenv("TMPDIR");
  char *made = str_z(cx->arena, str_fmt(cx->arena, "%s/proofline-demo-XXXXXX", tmp ? tmp : "/tmp"));
  if (!mkdtemp(made))
    return fail(cx, E_IO, "Cannot make a folder for the demo at %s. Name one: proofline demo --keep DIR", made);
  *folder = made;
  *fresh = true;
  return E_OK;
}

static Err demo_cli(Cli *cli) {
  Cx *cx = cli->cx;
  DemoReady *d = NEW(cx->arena, DemoReady);
  bool fresh = false;
  *d = (DemoReady){ .cli = cli, .keep = cli_has(cli, "keep"), .began_us = clock_mono_us() };
  TRY(demo_folder(cli, &d->folder, &fresh));
  Str port = cli_has(cli, "port") ? cli_option(cli, "port") : S("0");
  Str listen = str_fmt(cx->arena, "127.0.0.1:%.*s", STR(port));
  Err e = fresh ? demo_create(cx, d->folder, &cli->set, &d->counts) : demo_count(cx, d->folder, &d->counts);
  if (e == E_OK) e = app_settings(cx, d->folder, &cli->set);
  if (e == E_OK) e = settings_set(cx, &cli->set, S("listen"), listen, S("--port"));
  if (e == E_OK) e = serve_folder(cli, d->folder, demo_ready, d);
  if (!d->keep && folder_remove(&(Cx){ .arena = cx->arena }, d->folder) != E_OK && e == E_OK)
    e = fail(cx, E_IO, "The sample's folder %s could not be removed", d->folder);
  return e;
}

static const CliOption serve_options[] = {
  { "listen", "ADDRESS:PORT", "default 127.0.0.1:8400; port 0 picks one" },
  { "setup", NULL, "make an empty data folder first; the first person comes in at /setup" }
};
static const CliOption demo_options[] = { { "port", "N", "0 picks a free one (the default)" },
                                          { "keep", "DIR", "keep the data in DIR, and open them again next time" } };

const CliCommand cli_serve_commands[] = {
  { "serve", "[--listen ADDRESS:PORT]", "serve the pages and the API of a data folder", NULL, serve_options,
    COUNT(serve_options), 0, 0, serve_cli },
  { "demo", "[--port N] [--keep DIR]", "the sample company in a folder of its own", NULL, demo_options,
    COUNT(demo_options), 0, 0, demo_cli },
  { 0 },
};
