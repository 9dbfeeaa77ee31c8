/* feed list, status, add, remove, update, history, rebuild: where advisories come from. */
#include "app/cli/cli.h"
#include "app/feed_watch.h"
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static Ask who_asks(const Cli *cli) { return (Ask){ .actor = cli->who.id, .auth = S("local"), .source = S("cli") }; }

static Str when(Arena *a, int64_t us) { return us ? time_minute(a, us) : S("never"); }

/* ---- list and status ---- */

static void status_json(const FeedStatuses *list, JsonOut *o) {
  json_object(o);
  json_pair(o, "schema", S("proofline.feed-status/1"));
  json_key(o, "sources");
  json_array(o);
  for (size_t i = 0; i < list->n; i++) {
    const FeedStatus *f = &list->p[i];
    json_object(o);
    const struct {
      const char *key;
      Str value;
    } texts[] = { { "name", f->name },       { "kind", f->kind },   { "url", f->url },      { "scope", f->scope },
                  { "outcome", f->outcome }, { "words", f->words }, { "newest", f->newest } };
    for (size_t k = 0; k < COUNT(texts); k++) json_pair(o, texts[k].key, texts[k].value.n ? texts[k].value : S(""));
    json_pair_bool(o, "enabled", f->enabled);
    json_pair_bool(o, "stale", f->stale);
    json_pair_int(o, "tried_us", f->tried_us);
    json_pair_int(o, "good_us", f->good_us);
    json_pair_int(o, "records", f->live);
    json_pair_int(o, "unreadable", f->bad);
    json_pair_int(o, "max_age_days", f->max_age_days);
    json_object_end(o);
  }
  json_array_end(o);
  json_object_end(o);
}

static Str state_word(const FeedStatus *f) {
  if (!f->enabled) return f->imported ? S("by bundle") : S("ended");
  if (!f->tried_us) return S("never asked");
  return f->stale ? S("STALE") : f->outcome;
}

static Err status_run(Cli *cli) {
  static const char *const columns[] = { "SOURCE", "KIND", "STATE", "LAST GOOD", "NEWEST", "RECORDS", "WHY" };
  Store *s = NULL;
  FeedStatuses list;
  TRY(cli_store(cli, &s));
  TRY(feed_status(cli->cx, s, STR_NONE, &list));
  JsonOut *o = cli_json(cli);
  if (cli->out == OUT_JSON) {
    status_json(&list, o);
    cli_json_end(o);
    return E_OK;
  }
  CliTable t = cli_table(cli, columns, COUNT(columns));
  for (size_t i = 0; i < list.n; i++) {
    const FeedStatus *f = &list.p[i];
    bool good = !f->tried_us || str_eq(f->outcome, S("taken")) || str_eq(f->outcome, S("unchanged"));
    cli_cell(&t, f->name);
    cli_cell(&t, f->kind);
    cli_cell(&t, state_word(f));
    cli_cell(&t, when(cli->cx->arena, f->good_us));
    cli_cell_or_dash(&t, str_slice(f->newest, 0, 10));
    cli_cell_int(&t, f->live);
    cli_cell_or_dash(&t, good ? STR_NONE : f->words);
  }
  cli_table_end(cli, &t);
  if (!list.n) cli_say(cli, "No source yet. Add the usual ones with: proofline feed add --usual\n");
  return E_OK;
}

static Err list_run(Cli *cli) {
  static const char *const columns[] = { "SOURCE", "KIND", "ASKED", "MAX AGE", "ADDRESS", "SCOPE" };
  if (cli->out == OUT_JSON) return status_run(cli);
  Store *s = NULL;
  FeedStatuses list;
  TRY(cli_store(cli, &s));
  TRY(feed_status(cli->cx, s, STR_NONE, &list));
  CliTable t = cli_table(cli, columns, COUNT(columns));
  for (size_t i = 0; i < list.n; i++) {
    const FeedStatus *f = &list.p[i];
    cli_cell(&t, f->name);
    cli_cell(&t, f->kind);
    cli_cell_bool(&t, f->enabled);
    cli_cell_or_dash(&t, f->max_age_days ? str_fmt(cli->cx->arena, "%lld d", (long long)f->max_age_days) : STR_NONE);
    cli_cell_or_dash(&t, f->url);
    cli_cell_or_dash(&t, f->scope);
  }
  cli_table_end(cli, &t);
  return E_OK;
}

/* ---- add and remove ---- */

typedef struct SourceArgs {
  Str name, kind, url, scope, days;
  bool enabled;
} SourceArgs;

static Err ask_source(Cli *cli, const SourceArgs *a) {
  Answer answer = { 0 };
  int64_t days = 0;
  Buf b = buf_new(cli->cx->arena, 64 << 10);
  JsonOut o = json_out(&b, false);
  json_object(&o);
  json_pair(&o, "name", a->name);
  json_pair(&o, "kind", a->kind);
  if (a->url.n) json_pair(&o, "url", a->url);
  if (a->scope.p) json_pair(&o, "scope", a->scope);
  if (a->days.n) {
    if (!str_int(a->days, &days)) return fail(cli->cx, E_USAGE, "--max-age-days is a number of days; 0: no limit");
    json_pair_int(&o, "max_age_days", days);
  }
  json_pair_bool(&o, "enabled", a->enabled);
  json_object_end(&o);
  return cli_ask(cli, "feed.source", buf_str(&b), STR_NONE, cli_option(cli, "reason"), &answer);
}

static Err add_run(Cli *cli) {
  if (cli_has(cli, "usual")) {
    Ask who = who_asks(cli);
    who.reason = cli_option(cli, "reason");
    TRY(cli_writer(cli));
    TRY(app_usual_feeds(cli->cx, cli->writer, &who));
    (void)printf(
        "Six sources were added: osv, nvd, cve, kev, epss, cisa-ics. Ask them with: proofline feed update\n");
    return E_OK;
  }
  if (cli->narg < 2) return fail(cli->cx, E_USAGE, "Say which: proofline feed add NAME KIND [ADDRESS], or --usual");
  SourceArgs a = { cli->arg[0],
                   cli->arg[1],
                   cli->narg > 2 ? cli->arg[2] : STR_NONE,
                   cli_option(cli, "scope"),
                   cli_option(cli, "max-age-days"),
                   true };
  TRY(ask_source(cli, &a));
  (void)printf("%.*s is asked from now on.\n", STR(a.name));
  return E_OK;
}

static Err remove_run(Cli *cli) {
  Store *s = NULL;
  FeedStatuses list;
  TRY(cli_store(cli, &s));
  TRY(feed_status(cli->cx, s, cli->arg[0], &list));
  if (!list.n) return fail(cli->cx, E_NOTFOUND, "There is no source '%.*s'", STR(cli->arg[0]));
  const FeedStatus *f = &list.p[0];
  SourceArgs a = { f->name, f->kind, f->url, f->scope, str_fmt(cli->cx->arena, "%lld", (long long)f->max_age_days),
                   false };
  TRY(ask_source(cli, &a));
  (void)printf("%.*s is no longer asked. What it gave stays in the archive, and leaves the next snapshot.\n",
               STR(a.name));
  return E_OK;
}

/* ---- update ---- */

typedef struct Watched { Cli *cli; FeedWatch watch; Str said; } Watched;

static void progress(void *env, const FeedStep *step) {
  Watched *w = env;
  feed_watch_step(&w->watch, step);
  if (!step->source.n || str_eq(step->source, w->said)) return;
  w->said = step->source;
  cli_say(w->cli, "asking %.*s ...\n", STR(step->source));
}

static void updated_json(const FeedUpdated *u, const Judged *j, JsonOut *o) {
  json_object(o);
  json_pair(o, "schema", S("proofline.feed-update/1"));
  json_key(o, "sources");
  json_array(o);
  for (size_t i = 0; i < u->n; i++) {
    const FeedTried *r = &u->row[i];
    json_object(o);
    json_pair(o, "name", r->source);
    json_pair(o, "outcome", r->outcome);
    json_pair(o, "words", r->words.n ? r->words : S(""));
    const struct {
      const char *key;
      int64_t value;
    } numbers[] = { { "records", r->records }, { "fresh", r->fresh },    { "changed", r->changed },
                    { "gone", r->gone },       { "unreadable", r->bad }, { "live", r->live } };
    for (size_t k = 0; k < COUNT(numbers); k++) json_pair_int(o, numbers[k].key, numbers[k].value);
    json_object_end(o);
  }
  json_array_end(o);
  json_pair(o, "snapshot", u->activated ? u->build.sha256 : S(""));
  json_pair_int(o, "packages", j->packages);
  json_pair_int(o, "evaluated", j->evaluated);
  json_pair_int(o, "findings", j->findings);
  json_object_end(o);
}

static void updated_lines(const FeedUpdated *u, const Judged *j) {
  for (size_t i = 0; i < u->n; i++) {
    const FeedTried *r = &u->row[i];
    (void)printf("%.*s: %.*s", STR(r->source), STR(r->outcome));
    if (r->words.n) (void)printf(": %.*s", STR(r->words));
    else if (r->records)
      (void)printf(": %lld records, %lld new, %lld changed, %lld gone, %lld could not be read", (long long)r->records,
                   (long long)r->fresh, (long long)r->changed, (long long)r->gone, (long long)r->bad);
    (void)printf("\n");
  }
  if (u->activated)
    (void)printf("snapshot %.*s is in use; %lld of %lld packages were judged again, %lld new findings\n",
                 STR(u->build.sha256), (long long)j->evaluated, (long long)j->packages, (long long)j->findings);
  else (void)printf("the snapshot in use stays\n");
  if (u->history.n) (void)printf("the day's scores were not noted yet: %.*s\n", STR(u->history));
}

static Err tell_updated(Cli *cli, const FeedUpdated *u, const Judged *j) {
  JsonOut *o = cli_json(cli);
  if (cli->out == OUT_JSON) {
    updated_json(u, j, o);
    cli_json_end(o);
  } else {
    updated_lines(u, j);
  }
  (void)fflush(stdout);
  if (!u->failed) return E_OK;
  return fail(cli->cx, E_FEED, "%zu of %zu sources gave nothing that can be used; what they gave before stays in use",
              u->failed, u->n);
}

static Err update_run(Cli *cli) {
  AUTO(FetchRef) fetch = NULL;
  FetchRules rules = app_fetch_rules(&cli->set);
  FeedUpdated done = { 0 };
  Watched watched = { .cli = cli };
  Judged judged = { 0 };
  if (!cli_has(cli, "offline")) TRY(fetch_open(cli->cx, &rules, &fetch)); /* before a store is open here */
  TRY(cli_writer(cli));
  Ask who = who_asks(cli);
  Store *s = writer_store(cli->writer);
  FeedUpdateAsk ask = { .store = s,
                        .writer = cli->writer,
                        .fetch = fetch,
                        .set = &cli->set,
                        .who = &who,
                        .names = cli->arg,
                        .nnames = cli->narg,
                        .reason = cli_option(cli, "reason"),
                        .whole = cli_has(cli, "whole"),
                        .progress = progress,
                        .env = &watched };
  feed_watch_begin(cli->cx, s, cli->arg, cli->narg, &watched.watch);
  Err e = feed_update(cli->cx, &ask, &done);
  if (e == E_OK && done.activated) {
    feed_watch_judging(&watched.watch);
    e = app_match(cli->cx, cli->writer, s, STR_NONE, &who, &judged);
  }
  feed_watch_end(&watched.watch);
  TRY(e);
  return tell_updated(cli, &done, &judged);
}

/* ---- history and rebuild ---- */

static Err history_run(Cli *cli) {
  static const char *const columns[] = { "INTAKE", "AT",      "SOURCE", "OUTCOME", "RECORDS",
                                         "NEW",    "CHANGED", "GONE",   "NOTE" };
  Store *s = NULL;
  FeedIntakes list;
  TRY(cli_store(cli, &s));
  TRY(feed_intakes(cli->cx, s, cli->narg ? cli->arg[0] : STR_NONE, 200, &list));
  CliTable t = cli_table(cli, columns, COUNT(columns));
  for (size_t i = 0; i < list.n; i++) {
    const FeedIntake *r = &list.p[i];
    cli_cell(&t, r->id);
    cli_cell(&t, time_minute(cli->cx->arena, r->at_us));
    cli_cell(&t, r->source);
    cli_cell(&t, r->outcome);
    const int64_t numbers[] = { r->records, r->fresh, r->changed, r->gone };
    for (size_t k = 0; k < COUNT(numbers); k++) cli_cell_int(&t, numbers[k]);
    cli_cell_or_dash(&t, r->words.n ? r->words : r->pack);
  }
  cli_table_end(cli, &t);
  return E_OK;
}

static Err rebuild_run(Cli *cli) {
  Store *s = NULL;
  SnapshotRow row;
  FeedBuild build = { 0 };
  TRY(cli_store(cli, &s));
  Str sha = cli->narg ? cli->arg[0] : STR_NONE, out = cli_option(cli, "out");
  if (!sha.n) {
    TRY(vuln_current(cli->cx, s, &row));
    sha = row.sha256;
  }
  const char *path = out.n ? str_z(cli->cx->arena, out)
                           : str_fmt(cli->cx->arena, "%s/archive/again-%d.snap", cli->folder, (int)getpid()).p;
  Err e = feed_rebuild(cli->cx, s, sha, path, &build);
  if (!out.n) (void)unlink(path);
  TRY(e);
  TRY(score_history_make(cli->cx, s, true));
  (void)printf("The archive gives snapshot %.*s again, byte for byte (%lld bytes in %.1f s).\n", STR(build.sha256),
               (long long)build.bytes_written, (double)build.took_us / 1e6);
  return E_OK;
}

/* ---- bundles ---- */

static Err key_run(Cli *cli) {
  Str hex;
  TRY(feed_key(cli->cx, cli->folder, &hex));
  (void)printf("%.*s\n", STR(hex));
  return E_OK;
}

static Err trust_run(Cli *cli) {
  Answer answer = { 0 };
  Str name = cli_option(cli, "name");
  Buf b = buf_new(cli->cx->arena, 4096);
  JsonOut o = json_out(&b, false);
  json_object(&o);
  json_pair(&o, "key", cli->arg[0]);
  if (name.n) json_pair(&o, "name", name);
  json_pair_bool(&o, "trusted", !cli_has(cli, "no"));
  json_object_end(&o);
  TRY(cli_ask(cli, "feed.trust", buf_str(&b), STR_NONE, cli_option(cli, "reason"), &answer));
  (void)printf(cli_has(cli, "no") ? "Its bundles are refused from now on.\n"
                                  : "Its bundles are believed from now on.\n");
  return E_OK;
}

static void about_lines(const FeedExported *x) {
  (void)printf("intakes %lld to %lld (%lld, in %lld packs), %lld bytes\nsigned by %.*s\n", (long long)x->from + 1,
               (long long)x->to, (long long)x->intakes, (long long)x->packs, (long long)x->bytes, STR(x->key));
}

static Err export_run(Cli *cli) {
  Store *s = NULL;
  FeedExported x;
  int64_t since = 0;
  Str text = cli_option(cli, "since");
  if (text.n && (!str_int(text, &since) || since < 0))
    return fail(cli->cx, E_USAGE, "--since is the number of the last intake that the other site has");
  TRY(cli_store(cli, &s));
  TRY(feed_export(cli->cx, s, str_z(cli->cx->arena, cli->arg[0]), since, &x));
  about_lines(&x);
  return E_OK;
}

static Err verify_run(Cli *cli) {
  FeedExported x;
  Store *s = NULL;
  Str key = cli_option(cli, "key");
  bool here = file_exists(str_fmt(cli->cx->arena, "%s/proofline.toml", cli->folder).p);
  if (here) TRY(cli_store(cli, &s));
  TRY(feed_bundle_about(cli->cx, s, str_z(cli->cx->arena, cli->arg[0]), &x));
  about_lines(&x);
  if (key.n && !str_eq(key, x.key))
    return fail(cli->cx, E_INTEGRITY, "The bundle is whole, but signed by another key than %.*s", STR(key));
  if (here)
    (void)printf(x.trusted ? "This key is believed here (%.*s).\n" : "This key is not believed here.%.*s\n",
                 STR(x.name));
  return E_OK;
}

static Err import_run(Cli *cli) {
  FeedUpdated done = { 0 };
  Judged judged = { 0 };
  TRY(cli_writer(cli));
  Ask who = who_asks(cli);
  Store *s = writer_store(cli->writer);
  FeedUpdateAsk ask = {
    .store = s, .writer = cli->writer, .set = &cli->set, .who = &who, .reason = cli_option(cli, "reason")
  };
  TRY(feed_import(cli->cx, &ask, str_z(cli->cx->arena, cli->arg[0]), &done));
  if (done.activated) TRY(app_match(cli->cx, cli->writer, s, STR_NONE, &who, &judged));
  return tell_updated(cli, &done, &judged);
}

static const CliOption export_options[] = { { "since", "N",
                                              "only what came after intake N: what the other site lacks" } };
static const CliOption verify_options[] = { { "key", "HEX", "it must be signed by this key" } };
static const CliOption import_options[] = { { "reason", "TEXT", "take it although it is old; goes into the log" } };
static const CliOption trust_options[] = {
  { "name", "TEXT", "whose key it is" },
  { "no", NULL, "believe it no longer" },
  { "reason", "TEXT", "why; goes into the log" },
};
static const CliOption add_options[] = {
  { "usual", NULL, "OSV, NVD, the CVE list, KEV, EPSS and CISA's industrial and medical advisories" },
  { "scope", "TEXT", "what of it: ecosystems (osv), first year (nvd-feeds), further hosts (csaf)" },
  { "max-age-days", "N", "refuse a feed whose newest record is older; 0: no limit" },
  { "reason", "TEXT", "why; goes into the log" },
};
static const CliOption remove_options[] = { { "reason", "TEXT", "why; goes into the log" } };
static const CliOption update_options[] = {
  { "whole", NULL, "ask for everything, not only for what changed" },
  { "offline", NULL, "only sources on this machine" },
  { "reason", "TEXT", "take it although it is old or smaller; goes into the log" },
};
static const CliOption rebuild_options[] = { { "out", "FILE", "keep it there" } };

const CliCommand cli_feed_commands[] = {
  { "feed list", "", "the sources of advisories", NULL, NULL, 0, 0, 0, list_run },
  { "feed status", "", "how fresh each source is, and what is wrong with it", NULL, NULL, 0, 0, 0, status_run },
  { "feed add", "NAME KIND [ADDRESS] | --usual", "ask a source from now on",
    "  proofline feed add --usual\n  proofline feed add osv osv --scope Debian,npm,PyPI\n"
    "  proofline feed add vendor csaf https://vendor.example/.well-known/csaf/provider-metadata.json\n"
    "  proofline feed add lab files /srv/advisories\n"
    "Kinds: osv, nvd, nvd-feeds, cve, github, kev, epss, csaf, debian, alpine, files.\n",
    add_options, COUNT(add_options), 0, 3, add_run },
  { "feed remove", "NAME", "ask a source no longer", NULL, remove_options, COUNT(remove_options), 1, 1, remove_run },
  { "feed update", "[NAME...]", "fetch what is new, keep it, judge all components against it", NULL, update_options,
    COUNT(update_options), 0, CLI_MAX_ARGS, update_run },
  { "feed export", "BUNDLE", "what came in as one signed file, for a site without a network", NULL, export_options,
    COUNT(export_options), 1, 1, export_run },
  { "feed verify", "BUNDLE", "check every bit of a bundle", NULL, verify_options, COUNT(verify_options), 1, 1,
    verify_run },
  { "feed import", "BUNDLE", "take a bundle of another site in", NULL, import_options, COUNT(import_options), 1, 1,
    import_run },
  { "feed key", "", "the public key of this site's bundles", NULL, NULL, 0, 0, 0, key_run },
  { "feed trust", "KEY", "believe the bundles of another site", NULL, trust_options, COUNT(trust_options), 1, 1,
    trust_run },
  { "feed history", "[NAME]", "every intake: when, from where, what it brought", NULL, NULL, 0, 0, 1, history_run },
  { "feed rebuild", "[SNAPSHOT]", "make a snapshot again from the archive and compare", NULL, rebuild_options,
    COUNT(rebuild_options), 0, 1, rebuild_run },
  { 0 },
};
