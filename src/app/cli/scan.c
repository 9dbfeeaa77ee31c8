/* scan: an SBOM, or what a device holds, judged against the advisories; -o FORMAT[=FILE], as often as wanted. */
#include "app/cli/cli.h"
#include "app/scan_out.h"
#include <stdio.h>


typedef struct Scan {
  const Snapshot *snap;
  ScanResult result;
  VulnTargets target;
  Str file, bytes;
  Store *store; /* NULL: nothing of the data folder is needed */
  ScanFor about;
} Scan;

/* ---- gates --------------------------------------------------------------------------------------------- */

static bool is_open(const VulnOutcome *v) {
  if (v->outcome > OUTCOME_UNCERTAIN) return false;
  return !v->note || (!str_eq(v->note->status, S("not_affected")) && !str_eq(v->note->status, S("fixed")));
}

/* An unscored one fails every gate: what nobody rated is not harmless. */
static bool scores(const VulnOutcome *v, int least_x10) {
  return is_open(v) && (v->cvss_x10 < 0 || v->cvss_x10 >= least_x10);
}

static bool never(const VulnOutcome *v) { return v->outcome >= OUTCOME_COUNT; }
static bool any(const VulnOutcome *v) { return is_open(v); }
static bool low(const VulnOutcome *v) { return scores(v, 1); }
static bool medium(const VulnOutcome *v) { return scores(v, 40); }
static bool high(const VulnOutcome *v) { return scores(v, 70); }
static bool critical(const VulnOutcome *v) { return scores(v, 90); }
static bool kev(const VulnOutcome *v) { return is_open(v) && v->kev; }
static bool not_assessable(const VulnOutcome *v) { return v->outcome == OUTCOME_NOT_ASSESSABLE; }
static bool is_new(const VulnOutcome *v) { return is_open(v) && v->note && v->note->fresh; }
static bool uncontrolled(const VulnOutcome *v) { return v->note && v->note->uncontrolled; }

typedef struct Gate {
  const char *name;
  bool (*hit)(const VulnOutcome *v);
  bool device; /* it asks what is decided of a device */
} Gate;
static const Gate gates[] = {
  { "none", never, false },     { "any", any, false },           { "low", low, false },
  { "medium", medium, false },  { "high", high, false },         { "critical", critical, false },
  { "kev", kev, false },        { "not-assessable", not_assessable, false },
  { "new", is_new, true },      { "uncontrolled", uncontrolled, true },
};

/* What fails the scan: of several gates any one. */
typedef struct Gates {
  const Gate *is[COUNT(gates)];
  size_t n;
} Gates;

static Err gate_add(Cli *cli, Str name, Gates *out) {
  size_t i = 0;
  while (i < COUNT(gates) && !str_eq(name, str_of(gates[i].name))) i++;
  if (i == COUNT(gates))
    return fail(
        cli->cx, E_USAGE,
        "--fail-on %.*s: use none, any, low, medium, high, critical, kev, not-assessable, new or uncontrolled",
        STR(name));
  if (gates[i].device && !cli_has(cli, "device"))
    return fail(cli->cx, E_USAGE, "--fail-on %.*s needs --device ID: it asks what is decided for a device", STR(name));
  for (size_t k = 0; k < out->n; k++)
    if (out->is[k] == &gates[i]) return E_OK;
  out->is[out->n++] = &gates[i];
  return E_OK;
}

/* --fail-on high,not-assessable is --fail-on high --fail-on not-assessable. */
static Err gates_of(Cli *cli, Gates *out) {
  for (size_t i = 0; i < cli->noption; i++) {
    if (!str_eq(cli->option[i].name, S("fail-on"))) continue;
    Str name, rest = cli->option[i].value;
    do {
      str_cut(rest, ',', &name, &rest);
      TRY(gate_add(cli, name, out));
    } while (rest.n);
  }
  return E_OK;
}

static Str part_words(Arena *a, const ScanComponent *c) {
  return str_trim(str_fmt(a, "%.*s %.*s", STR(c->target.name), STR(c->target.version)));
}

static Err gate_check(Cli *cli, const Gates *gate, const ScanResult *r) {
  Buf said = buf_new(cli->cx->arena, 4096);
  for (size_t g = 0; g < gate->n; g++) {
    const ScanComponent *in = NULL;
    const VulnOutcome *first = NULL;
    size_t hits = 0;
    for (size_t i = 0; i < r->ncomponents; i++)
      for (size_t k = 0; k < r->component[i].noutcomes; k++) {
        const VulnOutcome *v = &r->component[i].outcome[k];
        if (!gate->is[g]->hit(v) || hits++) continue;
        first = v;
        in = &r->component[i];
      }
    if (!hits) continue;
    Str what = first->note && first->note->finding.n ? first->note->finding : first->id;
    buf_fmt(&said, "%s--fail-on %s: %zu match%s. First: %.*s%s%.*s", said.n ? ". " : "", gate->is[g]->name, hits,
            hits == 1 ? "" : "es", STR(what), what.n ? " in " : "", STR(part_words(cli->cx->arena, in)));
  }
  Str all = buf_str(&said);
  return all.n ? fail(cli->cx, E_GATE, "%.*s", STR(all)) : E_OK;
}

/* ---- how old the advisories are ------------------------------------------------------------------------ */

static Str day_of(Str moment) { return moment.n ? str_slice(moment, 0, 10) : S("an unknown day"); }

static void say_snapshot(Cli *cli, const Snapshot *snap) {
  int64_t age;
  Str newest = snapshot_newest(snap);
  cli_say(cli, "Advisories up to %.*s, %.*s (snapshot %.12s)\n", STR(day_of(newest)),
          STR(app_age_words(cli->cx, newest)), snapshot_sha256(snap).p);
  for (size_t i = 0; i < snapshot_sources(snap); i++) {
    FeedSource f = snapshot_source(snap, i);
    cli_say(cli, "  %-6.*s %9lld records, newest %.*s, %.*s\n", STR(f.name), (long long)f.records,
            STR(day_of(f.newest)), STR(app_age_words(cli->cx, f.newest)));
  }
  if (!feed_age_days(newest, cli->cx->now_us, &age) || age > ADVISORIES_OLD_DAYS)
    cli_say(cli, "WARNING: these advisories are older than %d days. New vulnerabilities may be missing. Get new ones: "
                 "proofline feed update\n",
            ADVISORIES_OLD_DAYS);
}

/* Fails closed: also when one of several sources is older than it may be, whatever the others are. */
static Err check_age(Cli *cli, const Snapshot *snap) {
  int64_t most, age;
  Cx *cx = cli->cx;
  Str given = cli_option(cli, "max-feed-age"), newest = snapshot_newest(snap);
  if (!given.p) return E_OK;
  if (!str_int(given, &most) || most < 0 || most > 36500)
    return fail(cx, E_USAGE, "--max-feed-age wants a number of days");
  bool known = feed_age_days(newest, cx->now_us, &age);
  if (!known || age > most)
    return fail(cx, E_FEED,
                "The newest advisory is of %.*s: older than %lld days. New vulnerabilities may be missing",
                STR(known ? str_slice(newest, 0, 10) : S("an unknown day")), (long long)most);
  for (size_t i = 0; i < snapshot_sources(snap); i++) {
    FeedSource f = snapshot_source(snap, i);
    int64_t limit = feed_age_limit_days(f.name), allowed = limit > most ? limit : most;
    if (limit && feed_age_days(f.newest, cx->now_us, &age) && age > allowed)
      return fail(cx, E_FEED,
                  "The newest entry of %.*s is of %.*s: older than %lld days. Ask it: proofline feed update",
                  STR(f.name), STR(str_slice(f.newest, 0, 10)), (long long)allowed);
  }
  return E_OK;
}

/* ---- outputs ------------------------------------------------------------------------------------------- */

static Str decision_words(Arena *a, const ScanNote *n) {
  if (!n) return S("-");
  if (n->status.n) return str_fmt(a, "%.*s: %.*s", STR(n->decision), STR(str_lower(a, choice_words(a, n->status))));
  return n->fresh ? S("new, undecided") : S("undecided");
}

/* What people decided has its columns where a device was asked about. */
static const char *const columns[] = { "COMPONENT", "VULNERABILITY", "OUTCOME", "TIER",     "FIX",   "KEV",
                                       "EPSS",      "SCORE",         "REASON",  "CLINICAL", "DECISION" };
enum { PLAIN_COLUMNS = 9 };

static void put_row(Cli *cli, CliTable *t, const ScanComponent *c, const VulnOutcome *v) {
  Arena *a = cli->cx->arena;
  cli_cell(t, part_words(a, c));
  cli_cell_or_dash(t, v->id);
  cli_cell(t, str_of(outcome_name(v->outcome)));
  cli_cell(t, (Str){ &v->tier, 1 });
  cli_cell_or_dash(t, v->nfixed ? v->fixed[0] : STR_NONE);
  cli_cell_bool(t, v->kev);
  cli_cell(t, cli_percent(a, v->epss_x1e9));
  cli_cell(t, cli_score(a, v->cvss_x10));
  cli_cell(t, v->reason);
  if (t->ncolumns == PLAIN_COLUMNS) return;
  cli_cell_or_dash(t, v->note ? v->note->clinical : STR_NONE);
  cli_cell(t, decision_words(a, v->note));
}

static const char *plural(size_t n) { return n == 1 ? "" : "s"; }

/* By components; together they are all. */
static void say_counts(Cli *cli, const ScanResult *r, size_t affecting) {
  const int64_t *count = r->count;
  cli_say(cli,
          "%zu component%s: %lld affected by %zu vulnerabilit%s, %lld uncertain, %lld could not be assessed, "
          "%lld not affected, %lld not listed\n",
          r->ncomponents, plural(r->ncomponents), (long long)count[OUTCOME_AFFECTED], affecting,
          affecting == 1 ? "y" : "ies", (long long)(count[OUTCOME_UNCERTAIN] + count[OUTCOME_AFFECTED_IF]),
          (long long)count[OUTCOME_NOT_ASSESSABLE], (long long)count[OUTCOME_NOT_AFFECTED],
          (long long)count[OUTCOME_NOT_LISTED]);
}

static void put_table(Cli *cli, const Scan *s) {
  CliTable t = cli_table(cli, columns, s->about.product.n ? COUNT(columns) : PLAIN_COLUMNS);
  size_t held = 0, undecided = 0, wild = 0;
  Map affecting = map_new(cli->cx->arena, 256);
  for (size_t i = 0; i < s->result.ncomponents; i++)
    for (size_t k = 0; k < s->result.component[i].noutcomes; k++) {
      const VulnOutcome *v = &s->result.component[i].outcome[k];
      if (v->outcome == OUTCOME_AFFECTED) map_put(&affecting, v->id, 1);
      if (v->outcome == OUTCOME_NOT_AFFECTED && !cli_has(cli, "all")) continue;
      held += v->note != NULL;
      undecided += v->note && !v->note->status.n;
      wild += v->note && v->note->uncontrolled;
      put_row(cli, &t, &s->result.component[i], v);
    }
  cli_table_end(cli, &t);
  (void)fflush(stdout);
  say_counts(cli, &s->result, affecting.n);
  if (s->about.product.n)
    cli_say(cli, "%zu vulnerabilities for people to decide on: %zu undecided, %zu uncontrolled or not assessed\n",
            held, undecided, wild);
  say_snapshot(cli, s->snap);
}

static bool is_plain(Str name) { return str_eq(name, S("table")) || str_eq(name, S("json")); }

/* All are looked at before anything is judged. */
static Err check_formats(Cli *cli) {
  size_t plain = 0;
  for (size_t i = 0; i < cli->noption; i++) {
    Str name, file;
    ScanFormat format;
    if (!str_eq(cli->option[i].name, S("o"))) continue;
    bool to_file = str_cut(cli->option[i].value, '=', &name, &file);
    if (!is_plain(name) && !scan_format_find(name, &format))
      return fail(cli->cx, E_USAGE,
                  "-o %.*s: the formats of scan are: table, json, sarif, cyclonedx, junit, gitlab, openvex",
                  STR(name));
    if (to_file && (!file.n || str_eq(name, S("table"))))
      return fail(cli->cx, E_USAGE, "-o %.*s: a table goes to standard output, the others to a named FILE",
                  STR(cli->option[i].value));
    if (!to_file && ++plain > 1)
      return fail(cli->cx, E_USAGE, "Two formats for standard output. Name files: -o sarif=FILE");
  }
  return E_OK;
}

#define WRITE_MOST_BYTES ((size_t)4 << 30)

/* To standard output without a path.  What it needs is given back before the next format is written. */
static Err write_one(Cli *cli, const Scan *s, Str name, const char *path) {
  AUTO(Cx) own = cx_new(WRITE_MOST_BYTES);
  Buf b = buf_new(own.arena, SIZE_MAX / 4);
  ScanFormat format;
  Str who = cli->set.text[SET_PUBLISHER].n ? cli->set.text[SET_PUBLISHER] : cli->set.text[SET_COMPANY];
  ScanOut out = { s->file, s->bytes, s->about.product.n ? who : STR_NONE, s->snap, &s->result };
  if (scan_format_find(name, &format)) scan_write(&own, &out, format, &b);
  else {
    JsonOut o = json_out(&b, false);
    scan_json(s->snap, &s->result, &o);
    buf_byte(&b, '\n');
  }
  if (!b.n) {
    cli_say(cli, "%.*s: there is nothing to state, so no document was written%s%s\n", STR(name), path ? " to " : "",
            path ? path : "");
    return E_OK;
  }
  if (path) return file_write(cli->cx, path, buf_str(&b), 0644);
  cli_print(buf_str(&b));
  return E_OK;
}

static Err write_all(Cli *cli, const Scan *s) {
  bool asked = cli_has(cli, "json"), table = false;
  if (asked) TRY(write_one(cli, s, S("json"), NULL));
  for (size_t i = 0; i < cli->noption; i++) {
    Str name, file;
    if (!str_eq(cli->option[i].name, S("o"))) continue;
    bool to_file = str_cut(cli->option[i].value, '=', &name, &file);
    asked = true;
    if (str_eq(name, S("table"))) table = true;
    else TRY(write_one(cli, s, name, to_file ? str_z(cli->cx->arena, file) : NULL));
  }
  if (table || !asked) put_table(cli, s);
  return E_OK;
}

/* ---- the command --------------------------------------------------------------------------------------- */

static Err read_sbom(Cli *cli, Scan *s) {
  SbomOptions opt = supply_options(&cli->set);
  Sbom sbom = { 0 };
  Str path = cli->arg[0];
  size_t slash = str_rfind_char(path, '/');
  s->file = slash == SIZE_MAX ? path : str_slice(path, slash + 1, path.n);
  TRY(file_read(cli->cx, str_z(cli->cx->arena, path), opt.max_bytes, &s->bytes));
  opt.accept_errors = true;      /* a judgement stores nothing: what can be read is judged, and its faults are told */
  TRY(supply_read(cli->cx, s->bytes, &opt, &sbom));
  if (sbom.errors)
    cli_say(cli, "%.*s departs from its specification in %u places: see import sbom --check\n", STR(s->file),
            sbom.errors);
  scan_add_targets(cli->cx, &sbom, &s->target);
  if (!s->target.n)
    return fail(cli->cx, E_NOTFOUND, "%.*s lists no components: there is nothing to judge", STR(s->file));
  return E_OK;
}

static Err note_all(Cli *cli, Scan *s) {
  Graph *g = NULL;
  if (!s->about.product.n) return E_OK;
  TRY(graph_open(cli->cx, s->store, &g));
  Err e = scan_note(cli->cx, s->store, g, &s->about, &s->result);
  graph_close(g);
  return e;
}

static Err arguments(Cli *cli, Scan *s, Gates *gate) {
  Str since = cli_option(cli, "since");
  s->about = (ScanFor){ .product = cli_option(cli, "device"), .release = cli_option(cli, "version") };
  TRY(check_formats(cli));
  TRY(gates_of(cli, gate));
  if (!cli->narg && !s->about.product.n)
    return fail(cli->cx, E_USAGE, "Say what to judge: an SBOM file, or --device ID [--version RELEASE]");
  if (!s->about.product.n && (s->about.release.n || since.n))
    return fail(cli->cx, E_USAGE, "--version and --since need --device ID");
  return since.n ? app_moment(cli->cx, since, &s->about.since_us) : E_OK;
}

/* The snapshot in use, or that of a day past. */
static Err snapshot_of(Cli *cli, const Scan *s, Str *path) {
  Str day = cli_option(cli, "asof");
  int64_t moment = INT64_MAX;
  SnapshotRows all = { 0 };
  if (day.n) TRY(app_moment(cli->cx, day, &moment));
  TRY(vuln_snapshots(cli->cx, s->store, &all));
  for (size_t i = 0; i < all.n; i++) { /* newest first */
    const SnapshotRow *row = &all.p[i];
    if (row->activated_us > moment) continue;
    if (!file_exists(str_z(cli->cx->arena, row->path)))
      return fail(cli->cx, E_NOTFOUND,
                  "Snapshot %.*s is no longer kept; make it again with: proofline feed rebuild %.*s --out FILE",
                  STR(row->sha256), STR(row->sha256));
    *path = row->path;
    return E_OK;
  }
  return fail(cli->cx, E_NOTFOUND, "No snapshot was in use %s%.*s; see: proofline feed update",
              day.n ? "on " : "yet", STR(day));
}

static Err give_names(Cli *cli, Scan *s) {
  NameRules rules;
  if (!s->store) return E_OK;
  TRY(name_rules_load(cli->cx, s->store, &rules));
  for (size_t i = 0; i < s->target.n; i++) name_rules_give(cli->cx, &rules, &s->target.p[i]);
  return E_OK;
}

static Err scan_run(Cli *cli) {
  Cx *cx = cli->cx;
  Gates gate = { 0 };
  Scan s = { 0 };
  Str path = cli_option(cli, "snapshot");
  TRY(arguments(cli, &s, &gate));
  if (!path.p || s.about.product.n) {
    TRY(app_start(cx));
    TRY(cli_store(cli, &s.store));
  }
  if (!path.p) TRY(snapshot_of(cli, &s, &path));
  if (cli->narg) TRY(read_sbom(cli, &s));
  else TRY(scan_targets(cx, s.store, &s.about, &s.target, &s.file, &s.bytes));
  AUTO(SnapshotRef) snap = NULL;
  TRY(snapshot_open(cx, str_z(cx->arena, path), &snap));
  s.snap = snap;
  TRY(give_names(cli, &s));
  TRY(vuln_scan(cx, snap, s.target.p, s.target.n, &s.result));
  TRY(note_all(cli, &s));
  TRY(write_all(cli, &s));
  TRY(check_age(cli, snap));
  return gate_check(cli, &gate, &s.result);
}

static const CliOption scan_options[] = {
  { "snapshot", "FILE", "a snapshot made by feed build (default: the one in use)" },
  { "asof", "DAY", "the snapshot that was in use at the end of that day" },
  { "device", "ID", "what is decided for this device; without SBOM: judge what it holds" },
  { "version", "RELEASE", "its release" },
  { "since", "DAY", "new is what was found after this day (default: what nobody has decided)" },
  { "fail-on", "WHAT",
    "none, any, low, medium, high, critical, kev, not-assessable; with --device: new, uncontrolled; several: A,B" },
  { "all", NULL, "also what is not affected" },
  { "max-feed-age", "DAYS", "fail (exit 7) when the newest advisory is older" },
};

const CliCommand cli_scan_commands[] = {
  { "scan", "[SBOM] [--device ID [--version RELEASE]] [--snapshot FILE] [-o FORMAT[=FILE]]...",
    "judge an SBOM file, or what a device holds",
    "  proofline scan bom.json --fail-on high -o table -o sarif=proofline.sarif -o junit=scan.xml\n"
    "  proofline scan --device sorrel-p1 --version REL-203 --fail-on uncontrolled\n"
    "  formats: table json sarif cyclonedx junit gitlab openvex\n"
    "  uncontrolled: decided or likely to be, or not assessed. What a signed decision calls not affected or fixed "
    "fails "
    "no gate.\n"
    "  exit codes: 0 done, 1 the gate failed, 2 usage, 3 the SBOM cannot be used, 5 it lists nothing or there is no\n"
    "  such device, 7 the advisories are too old, 8 a broken snapshot",
    scan_options, COUNT(scan_options), 0, 1, scan_run, 1u << OUT_OWN, true },
  { 0 },
};
