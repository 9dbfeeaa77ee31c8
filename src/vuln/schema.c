/* schema.c - the tables of vuln/, its commands, and how they are verified.
 *
 * vuln_change is appended and never changed: what a run said about a package version that it did not say before.
 * verdict is the last change of each (package, vulnerability), kept for asking. */
#include "vuln.sql.h"
#include "vuln/store_inside.h"

static const char tables[] =
    "CREATE TABLE vuln_snapshot (\n"
    "  n INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, sha256 TEXT NOT NULL, file TEXT NOT NULL, sources TEXT NOT "
    "NULL,\n"
    "  activated_us INTEGER NOT NULL);\n"
    "CREATE TABLE vuln_run (\n"
    "  n INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, snapshot TEXT NOT NULL, sbom TEXT NOT NULL, at_us INTEGER "
    "NOT NULL,\n"
    "  packages INTEGER NOT NULL);\n"
    "CREATE TABLE vuln_change (\n"
    "  run INTEGER NOT NULL, package INTEGER NOT NULL, vuln TEXT NOT NULL, outcome INTEGER NOT NULL, tier TEXT NOT "
    "NULL,\n"
    "  rule TEXT NOT NULL, reason TEXT NOT NULL, fixed TEXT NOT NULL, severity TEXT NOT NULL, advisory TEXT NOT "
    "NULL,\n"
    "  cvss_x10 INTEGER NOT NULL, kev INTEGER NOT NULL, epss_x1e9 INTEGER NOT NULL, active INTEGER NOT NULL,\n"
    "  PRIMARY KEY (run, package, vuln)) WITHOUT ROWID;\n"
    "CREATE INDEX vuln_change_package ON vuln_change (package, vuln, run);\n"
    "CREATE TABLE verdict (\n"
    "  package INTEGER NOT NULL, vuln TEXT NOT NULL, run INTEGER NOT NULL, outcome INTEGER NOT NULL, active "
    "INTEGER NOT NULL,\n"
    "  first_us INTEGER NOT NULL, last_us INTEGER NOT NULL, PRIMARY KEY (package, vuln)) WITHOUT ROWID;\n"
    "CREATE INDEX verdict_vuln ON verdict (vuln, package);\n"
    "CREATE INDEX verdict_outcome ON verdict (active, outcome, vuln);\n"
    "CREATE TABLE vuln_exposure (\n"
    "  sbom TEXT NOT NULL, vuln TEXT NOT NULL, run INTEGER NOT NULL, PRIMARY KEY (sbom, vuln)) WITHOUT ROWID;\n"
    "CREATE INDEX vuln_exposure_run ON vuln_exposure (run);\n";

/* Up to which package a run over everything came, and by which way of judging: 0 for runs that did not say. */
static const char run_reach[] = "ALTER TABLE vuln_run ADD COLUMN last_package INTEGER NOT NULL DEFAULT 0;\n"
                                "ALTER TABLE vuln_run ADD COLUMN engine INTEGER NOT NULL DEFAULT 0;\n";

/* Under which names packages are looked up; how far that, and a run over everything, came. */
static const char run_keys[] = "CREATE TABLE vuln_key (\n"
                               "  key TEXT NOT NULL, package INTEGER NOT NULL,\n"
                               "  PRIMARY KEY (key, package)) WITHOUT ROWID;\n"
                               "ALTER TABLE vuln_run ADD COLUMN last_sbom INTEGER NOT NULL DEFAULT 0;\n"
                               "ALTER TABLE vuln_run ADD COLUMN last_key INTEGER NOT NULL DEFAULT 0;\n";

/* Which name rules a run followed: their digest, empty without any. */
static const char run_rules[] = "ALTER TABLE vuln_run ADD COLUMN rules TEXT NOT NULL DEFAULT '';\n";

/* All that is said of a package version, as one number: see said.c. */
static const char run_said[] = "CREATE TABLE vuln_said (package INTEGER PRIMARY KEY, digest INTEGER NOT NULL);\n";

/* Whether a run judged everything although it need not, and of how many packages it said what no shorter run had. */
static const char run_full[] = "ALTER TABLE vuln_run ADD COLUMN whole INTEGER NOT NULL DEFAULT 0;\n"
                               "ALTER TABLE vuln_run ADD COLUMN missed INTEGER NOT NULL DEFAULT 0;\n";

const Migration vuln_schema[] = {
  { "vuln.1", tables },    { "vuln.2", run_reach }, { "vuln.3", run_keys },
  { "vuln.4", run_rules }, { "vuln.5", run_said },  { "vuln.6", run_full }
};
const size_t vuln_nschema = COUNT(vuln_schema);

/* ---- commands ------------------------------------------------------------------------------------------ */

static const ArgSpec activate_args[] = {
  { "path", ARG_TEXT, true, "a snapshot file that feed build made; it is copied into the data folder" },
};
static const ArgSpec match_args[] = {
  { "sbom", ARG_TEXT, false, "only the packages of this SBOM" },
  { "full", ARG_BOOL, false, "also packages of which no changed advisory speaks: a check of the shorter way" },
};
static const Command activate = { "feed.activate", activate_args, COUNT(activate_args), "feed.activate", activate_run,
                                  "Takes a snapshot of advisories into use" };
static const Command match = { "vuln.match", match_args, COUNT(match_args), "vuln.match", match_run,
                               "Judges all package versions against the snapshot in use" };
const Command *const vuln_commands[] = { &activate, &match };
const size_t vuln_ncommands = COUNT(vuln_commands);

Entry vuln_entry(const Call *call, Str act) {
  return (Entry){ .act = act,
                  .actor = call->actor,
                  .auth = call->auth,
                  .source = call->source,
                  .request = call->request,
                  .to = S(""),
                  .reason = call->reason,
                  .t_us = call->now_us };
}

/* ---- verifying ----------------------------------------------------------------------------------------- */

const Fact vuln_facts[2] = { { "snapshot", SQL_SNAPSHOT_FACT_ROWS, SQL_SNAPSHOT_FACT_KEYS },
                             { "verdict", SQL_RUN_FACT_ROWS, SQL_RUN_FACT_KEYS } };

/* Every verdict is the last change that was logged of it. */
static Err derived(Cx *cx, Store *s, VerifyReport *report) {
  AUTO(Rows) r = { 0 };
  TRY(store_rows(cx, s, SQL_VERIFY_VERDICTS, NO_ARGS, &r));
  for (bool got = true; got;) {
    TRY(rows_next(cx, &r, &got));
    if (!got) break;
    Str object = str_fmt(cx->arena, "package:%lld %.*s", (long long)row_int(&r, 0), STR(row_text(&r, 1)));
    verify_find(cx, report, "verdict", object, "is not what the last run said of it");
  }
  return E_OK;
}

static const char *const table_names[] = { "vuln_snapshot", "vuln_run", "vuln_change", "verdict", "vuln_exposure",
                                         "vuln_key", "vuln_said" };
const VerifyPart vuln_verify_part = { "vuln", vuln_facts, COUNT(vuln_facts), derived, table_names, COUNT(table_names),
                                      vuln_schema, COUNT(vuln_schema) };
