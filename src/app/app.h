/* app.h - the whole program put together: its types, commands, schemas, checks, pages and command line.
 *
 * Floor 8.  Includes everything below; nothing includes it. */
#pragma once
#include "comply/comply.h"
#include "people/people.h"
#include "record/record.h"
#include "serve/serve.h"
#include "supply/supply.h"
#include "trace/trace.h"
#include "vuln/vuln.h"

#define APP_VERSION "0.1.0"
enum { CLI_ARENA = 1u << 30 }; /* most memory of one command-line run: a 200,000-component SBOM fits */

/* ---- wiring.c: what the floors below lend to each other ------------------------------------------------ */

/* Once per process, before anything else. */
Err app_start(Cx *cx);
extern const RecordType *const app_types[]; /* made by Meson from each folder's list */
extern const size_t app_ntypes;
extern const VerifyPart *const app_verify_parts;
extern const size_t app_nverify_parts;

/* State of the process that writes. */
typedef struct AppWriter {
  const char *folder;
  Signer signer; /* pid 0: none yet; forked at need, or inherited from the supervisor */
  bool has_signer;
  int64_t signed_us; /* when the head was last signed, monotonic */
} AppWriter;
WriterHooks app_writer_hooks(AppWriter *w);
/* The sample company's story happened in the past: its commands take their times from here, one each, in order, until
 * the list is used up; never set outside the demo.  Order in the log holds all the same. */
void app_script_times(const int64_t *times_us, size_t n);
bool app_replaying(void); /* whether some of them are left */
/* RecordGate: no open blocker in the last check of the record's products. */
Err app_gate(Cx *cx, Store *s, const Record *r, Str *why_not);
/* Brings all tables of a store up to date. */
Err app_migrate(Cx *cx, Store *s);
/* Of a store that is open for reading.  E_CONFIG: it is older or newer than this program, in words. */
Err app_schema_fits(Cx *cx, Store *s);
Err app_finish(Cx *cx, Store *s, AppWriter *w); /* signs what is unsigned and lets the signer go */

/* Makes a store: folder, tables, empty log, signing key, and the first person, who may do everything that one person
 * may do alone; without a login nobody yet (people_first_code).  E_CONFLICT when there is one already. */
typedef struct AppInit {
  Str company, login, name, email;
  Str password_phc;
} AppInit;
Err app_init(Cx *cx, const char *folder, const AppInit *in);
/* E_CONFIG: this user cannot write there; the words hold the command that mends it. */
Err app_folder_check(Cx *cx, const char *folder);
/* Settings of a data folder: proofline.toml inside it, then the environment. */
Err app_settings(Cx *cx, const char *folder, Settings *out);

/* "2026-03-01" (its end, or now while it lasts) or a time; E_USAGE also when it has not come yet. */
Err app_moment(Cx *cx, Str text, int64_t *t_us);
/* The same as a number of log entries; the unit of work then has the clock of that moment.  An empty text gives -1:
 * now. */
Err app_asof(Cx *cx, Store *s, Str text, int64_t *size);

/* ---- packs and findings -------------------------------------------------------------------------------- */

Err app_packs(Cx *cx, const Packs **out); /* the built-in rule packs, read once per process */

/* Runs all checks of one product (or of everything, product STR_NONE) and has the run stored.  *run in cx->arena. */
Err app_check(Cx *cx, Writer *w, Store *s, Graph *g, Str product, Str release, const Ask *who, CheckRun *run);

/* Judges the packages of one SBOM (or all) against the current snapshot, and opens a finding record for what is new.
 * evaluated: of so many packages, as an advisory that speaks of them changed, or they are new. */
typedef struct Judged { int64_t packages, evaluated, findings; } Judged;
Err app_match(Cx *cx, Writer *w, Store *s, Str sbom, const Ask *who, Judged *out);
/* Judges everything, also what need not be; missed: of how many packages it says what no run before had. */
Err app_match_whole(Cx *cx, Writer *w, Store *s, const Ask *who, int64_t *missed);
/* Names that a person may confirm as rules, our own products' among them, against the snapshot in use.  E_NOTFOUND:
 * there is none. */
Err app_name_proposals(Cx *cx, Store *s, const Graph *g, size_t limit, NameProposals *out, size_t *total);
/* Judges everything again when other name rules are in force than at the last time. */
Err app_names_follow(Cx *cx, Writer *w, Store *s);

/* The one way in for an SBOM: reads it in the jail, stores it, judges its packages, opens findings.  A file that cannot
 * be used leaves an entry of its refusal, and the failure says that nothing was imported.  who->request, when set, is
 * the id of the storing command: progress_look() tells how far it is. */
typedef enum ImportPhase { IMPORT_READS, IMPORT_STORES, IMPORT_JUDGES } ImportPhase;
typedef struct AppImport {
  Str sbom;
  bool already;
  int64_t components, findings;
  uint32_t warnings;
  void (*phase)(void *env, ImportPhase p); /* set by the caller: told when a phase begins; NULL: nobody asks */
  void *env;
} AppImport;
Err app_import_sbom(Cx *cx, Writer *w, Store *s, const Settings *set, Str bytes, const SbomImport *what, const Ask *who,
                    AppImport *out);
/* The entry of a file that was refused before it could be read; fails with e and its words. */
Err app_refuse_sbom(Cx *cx, Writer *w, Str bytes, const SbomImport *what, const Ask *who, Err e);
/* Adds the six sources of advisories that every maker asks; one that is there is as it was at first. */
Err app_usual_feeds(Cx *cx, Writer *w, const Ask *who);
/* Updates feeds every feed_every_min minutes until stop_fd can be read. */
Err app_feed_job(Cx *cx, const char *folder, const Settings *set, int stop_fd);
FetchRules app_fetch_rules(const Settings *set);
/* How old the advisories in use are, in words: by the newest of them and by the day on which they were taken into use.
 * old: new findings may be missing. */
enum { ADVISORIES_OLD_DAYS = 7 };
typedef struct Freshness { Str words, brief, newest; bool old; } Freshness;   /* newest: its day; empty: unknown */
Freshness app_freshness(Cx *cx, const SnapshotRow *row);
Str app_age_words(Cx *cx, Str newest);             /* "3 d old", "of an unknown age" */
/* Takes a snapshot file into use. */
Err app_activate_feed(Cx *cx, Writer *w, const char *path, const Ask *who);

/* ---- demo.c -------------------------------------------------------------------------------------------- */

/* Creates the sample company in an empty folder.  Prints nothing. */
typedef struct DemoCounts {
  int64_t records, people, sboms, components, findings, gaps;
} DemoCounts;
Err demo_create(Cx *cx, const char *folder, const Settings *set, DemoCounts *out);
/* The same of a demo that is there already. */
Err demo_count(Cx *cx, const char *folder, DemoCounts *out);

/* ---- web.c: pages -------------------------------------------------------------------------------------- */

extern const Route app_routes[];
extern const size_t app_nroutes;
ServeHooks app_serve_hooks(AppWriter *w);
