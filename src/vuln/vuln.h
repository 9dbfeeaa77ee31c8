/* vuln.h - which components does an advisory touch, and who has said so?
 *
 * Floor 6.  Includes base, format, crypto, store, serve, ledger, and by written exception supply.
 * Three layers, each usable alone:
 *   calculators  version orders, package URLs, CVSS, vers, CPE: no state at all
 *   snapshot     one immutable, memory-mapped, byte-reproducible file of advisories; evaluation over it
 *   store        which snapshot is current, and the verdict per distinct package version and alias group
 * A verdict is never silent: what could not be judged is `not-assessable` with the reason. */
#pragma once
#include "format/format.h"
#include "ledger/ledger.h"
#include "serve/serve.h"
#include "store/store.h"

/* ---- versions ------------------------------------------------------------------------------------------ */

/* Every scheme but maven and composer has an order-preserving key: memcmp of keys is the order of versions. */
typedef enum Scheme {
  SCHEME_SEMVER, SCHEME_NPM, SCHEME_CARGO, SCHEME_GOLANG, SCHEME_PYPI, SCHEME_MAVEN, SCHEME_NUGET, SCHEME_GEM,
  SCHEME_COMPOSER, SCHEME_DEB, SCHEME_RPM, SCHEME_APK, SCHEME_CRAN, SCHEME_HACKAGE, SCHEME_HEX, SCHEME_PUB,
  SCHEME_CONAN, SCHEME_OPENSSL, SCHEME_GENERIC,
  SCHEME_NONE,                   /* no order is known: only listed versions count.  The numbers stand in snapshots */
  SCHEME_GENTOO, SCHEME_DATETIME, SCHEME_LEXICOGRAPHIC, SCHEME_ALPM, SCHEME_NGINX,
  SCHEME_COUNT
} Scheme;

bool scheme_find(Str name, Scheme *out);
const char *scheme_name(Scheme s);
bool scheme_has_key(Scheme s);

#define VERSION_MAX_BYTES 512     /* longer versions do not parse */
/* The key of a version, in `a`.  false: the version does not parse, or the scheme has no key. */
bool version_key(Arena *a, Scheme s, Str version, Str *key);
/* Whether a version parses under the scheme; for schemes with and without keys. */
bool version_is_valid(Scheme s, Str version);
/* '<' '=' '>', or '?' when one of them does not parse (or, under generic, when their shapes differ). */
char version_compare(Scheme s, Str left, Str right);

/* ---- package URLs -------------------------------------------------------------------------------------- */

typedef struct PurlQualifier { Str key, value; } PurlQualifier;      /* decoded; keys lower case, sorted */
typedef struct Purl {
  Str type, ns, name, version, subpath;            /* decoded and normalised; STR_NONE when absent */
  PurlQualifier *qualifier; size_t nqualifiers;
} Purl;
/* E_INVALID says what is wrong.  Everything lives in cx->arena. */
Err purl_read(Cx *cx, Str text, Purl *out);
Str purl_text(Arena *a, const Purl *p);            /* its canonical form */
/* The same of an object with type, namespace, name, version, qualifiers and subpath as they are, nothing encoded. */
Err purl_build(Cx *cx, JVal *parts, Purl *out);
Str purl_qualifier(const Purl *p, const char *key);                  /* STR_NONE when absent */

/* ---- CVSS ---------------------------------------------------------------------------------------------- */

/* Scores in tenths; CVSS_NONE where a version or a vector lacks the group. */
#define CVSS_NONE (-1)
typedef struct Cvss {
  Str vector;                                      /* canonical: metrics in the order of the standard */
  Str version;                                     /* "2.0" "3.0" "3.1" "4.0" */
  int base_x10, temporal_x10, environmental_x10, score_x10;   /* score: the most specific of them */
  Str severity;                                    /* NONE LOW MEDIUM HIGH CRITICAL */
} Cvss;
Err cvss_read(Cx *cx, Str vector, Cvss *out);      /* E_INVALID names metric and value */

/* ---- calculators over lines (contract: `proofline calc`) ----------------------------------------------- */

/* what: "version" (scheme needed), "vers" (with a scheme: native ranges to vers), "purl", "cpe", "cvss".  One line of
 * answer per line of input, in order; a bad line is answered, not fatal.  E_USAGE: unknown calculator or scheme (the
 * nearest is named). */
Err calc_lines(Cx *cx, Str what, Str scheme, Str input, Buf *out);

/* ---- snapshot: build ----------------------------------------------------------------------------------- */

typedef struct FeedSource {
  Str name;
  int64_t records;
  Str newest;
} FeedSource; /* "OSV" "KEV" "EPSS" ...; RFC 3339 */
typedef struct FeedSkip { Str file, why; int64_t count; } FeedSkip;
typedef struct FeedBuild {
  Str sha256;                                      /* of the whole file, hex */
  FeedSource *source; size_t nsources;
  FeedSkip *skip; size_t nskips;                   /* what was not understood: never silent */
  int64_t bytes_read, bytes_written, took_us;
} FeedBuild;
/* Reads OSV, NVD 2.0, CVE 5, CSAF 2, KEV (JSON, CSV) and EPSS (by content) out of files, folders, zip, tar, gz,
 * zst, and writes the snapshot by temporary
 * file, fsync and rename.  The same records give the same bytes whatever the order or packing of the files.
 * E_FEED: no usable record (the old file stays). */
Err feed_build(Cx *cx, const char *const *paths, size_t npaths, const char *out_path, FeedBuild *out);
void feed_build_json(const FeedBuild *b, JsonOut *o);                /* proofline.feed-build/1 */

/* ---- snapshot: open ------------------------------------------------------------------------------------ */

typedef struct Snapshot Snapshot;
/* Checks sizes, every offset and the SHA-256, and notes beside the file (FILE.checked) that it did; while nobody wrote
 * to the file since, it is not read as a whole again.  E_INTEGRITY: any bit differs.  E_NOTFOUND. */
Err snapshot_open(Cx *cx, const char *path, Snapshot **out);
/* Checks all of it whatever the note says: bits also rot. */
Err snapshot_verify(Cx *cx, const char *path);
void snapshot_close(Snapshot *s);                  /* NULL is fine */
static inline void SnapshotRef_drop(Snapshot **s) { snapshot_close(*s); }
typedef Snapshot *SnapshotRef;                     /* AUTO(SnapshotRef) s = NULL; */
Str snapshot_sha256(const Snapshot *s);            /* hex, lives with the snapshot */
size_t snapshot_sources(const Snapshot *s);
FeedSource snapshot_source(const Snapshot *s, size_t i);             /* borrowed from the map */

/* ---- scan ---------------------------------------------------------------------------------------------- */

/* What an approved rule says of a component's name: it is this in advisories, or (differs) it is not. */
typedef struct NameGiven { Str rule; bool differs; Str cpe, purl, vendor, product; } NameGiven;    /* product: folded */

/* What is judged: one component. */
typedef struct VulnTarget {
  Str ref, purl, cpe, name, version;
  Str os_distro;                 /* the product's declared system ("debian-12"), used when the purl says none */
  Str upstream;                  /* source package, "name" or "name@version", used when the purl says none */
  Str other_ids;                 /* further identifiers, one per line; its CPEs are judged too */
  const NameGiven *given; size_t ngiven;           /* name_rules_give() */
} VulnTarget;

/* Worst first: a component counts as its worst outcome. */
#define OUTCOMES(X)                                                                                      \
  X(OUTCOME_AFFECTED,       "affected")                                                                  \
  X(OUTCOME_AFFECTED_IF,    "affected-if")                                                               \
  X(OUTCOME_UNCERTAIN,      "uncertain")                                                                 \
  X(OUTCOME_NOT_ASSESSABLE, "not-assessable")                                                            \
  X(OUTCOME_NOT_AFFECTED,   "not-affected")                                                              \
  X(OUTCOME_NOT_LISTED,     "not-listed")

typedef enum Outcome {
#define X(id, name) id,
  OUTCOMES(X)
#undef X
  OUTCOME_COUNT
} Outcome;
const char *outcome_name(Outcome o);
bool outcome_find(Str name, Outcome *out);

/* What a decision of ours says about one outcome: filled by who scans for a device. */
typedef struct ScanNote {
  Str finding, decision;         /* ids; empty: there is none */
  Str status, justification, why;          /* of the decision that is in force; status empty: undecided */
  Str clinical;                  /* "low" "medium" "high", of the finding; empty: not assessed */
  bool uncontrolled;             /* decided to be so, or undecided and likely so */
  bool fresh;                    /* not looked at yet, or not known at the moment that was named */
} ScanNote;

#define VULN_UNSCORED (-1)
typedef struct VulnOutcome {
  Str id; /* of the alias group: CVE if any, else GHSA, else the smallest; empty when not-assessable
                                    concerns the component as a whole */
  Str *aliases; size_t naliases; /* the other ids of the group */
  Str advisory;                  /* id of the advisory that decided */
  Str source;                    /* where it comes from: "OSV" "NVD" "CVE" "CSAF" */
  Outcome outcome;
  char tier;                     /* 'A' exact identity and native order, 'B' source package or alias mapping,
                                    'C' CPE with generic order, 'D' name candidate */
  Str rule;                      /* "range" "listed-version" "release-differs" "git-only" "no-identity" ... */
  Str reason;                    /* one line, cites the advisory, the comparator and both versions */
  Str name_rule;                 /* record of the approved rule that led there; STR_NONE: the component's own names */
  Str *fixed; size_t nfixed;     /* versions that fix it, of the rows that apply to this component */
  Str severity;                  /* word, STR_NONE when unscored */
  Str cvss_vector; int cvss_x10; /* VULN_UNSCORED */
  bool kev; int64_t epss_x1e9;   /* VULN_UNSCORED */
  const char *ssvc[3];           /* exploitation, automatable, technical impact; NULL when not told */
  const ScanNote *note;          /* what people here said of it; NULL: nobody was asked */
} VulnOutcome;

typedef struct ScanComponent {
  VulnTarget target;
  VulnOutcome *outcome;
  size_t noutcomes;
  Outcome worst;
} ScanComponent;
typedef struct ScanResult { ScanComponent *component; size_t ncomponents; int64_t count[OUTCOME_COUNT]; } ScanResult;

/* Judges every target; together they are one inventory: what one is affected by only together with another is settled
 * when the other is among them, and stays affected-if when it is not.  Results live in cx->arena, text partly in the
 * snapshot: keep it open.
 * Never fails on what a target says; a target that cannot be judged has one not-assessable outcome. */
Err vuln_scan(Cx *cx, const Snapshot *s, const VulnTarget *targets, size_t n, ScanResult *out);
void scan_json(const Snapshot *s, const ScanResult *r, JsonOut *o);  /* proofline.scan/1 */

/* ---- store --------------------------------------------------------------------------------------------- */

extern const Migration vuln_schema[];
extern const size_t vuln_nschema;
extern const Command *const vuln_commands[];       /* feed.activate, vuln.match */
extern const size_t vuln_ncommands;
extern const VerifyPart vuln_verify_part;

typedef struct SnapshotRow { Str sha256, path, built_at, sources; int64_t activated_us; bool current; } SnapshotRow;
/* The current snapshot of the store.  E_NOTFOUND: none was activated yet (says how). */
Err vuln_current(Cx *cx, Store *s, SnapshotRow *out);
typedef VEC(SnapshotRow) SnapshotRows;
Err vuln_snapshots(Cx *cx, Store *s, SnapshotRows *out);             /* newest first */

/* Takes the next source off a copy of SnapshotRow.sources; false at the end. */
bool source_line(Str *rest, FeedSource *out);
/* How old a snapshot is: by the newest of its advisories, as its source wrote that; empty: none tells one.  KEV and
 * EPSS do not count, they are new every day whatever the advisories are; nor does the day of being taken into use. */
Str snapshot_newest(const Snapshot *s);
Str snapshot_row_newest(const SnapshotRow *row);
bool feed_age_days(Str newest, int64_t now_us, int64_t *days);       /* false: it does not tell a day */
/* Older than a source of its kind may be. */
bool feed_source_is_old(const FeedSource *f, int64_t now_us);

typedef struct VerdictRow {
  int64_t pkgver;                /* of supply's package version */
  Str purl, cpe, name, version;
  Str vuln;                      /* representative id of the alias group */
  Outcome outcome; char tier;
  Str rule, reason, fixed, severity, advisory, snapshot;    /* fixed: versions separated by ", " */
  int cvss_x10; bool kev; int64_t epss_x1e9;
  bool active;                   /* false: no longer said by the newest run; kept with its reason */
  int64_t first_us, last_us;
} VerdictRow;
typedef VEC(VerdictRow) VerdictRows;
/* sbom, vuln, outcome: STR_NONE for any.  Of an SBOM, what depends on another of its components is settled.  Active
 * ones first, worst first, then by id. */
typedef struct VerdictQuery { Str sbom, vuln, outcome; bool inactive_too; size_t limit; } VerdictQuery;
Err vuln_verdicts(Cx *cx, Store *s, const VerdictQuery *q, VerdictRows *out);

/* One (SBOM, alias group) that is newly affected, affected-if or uncertain: the app opens a finding for it. */
typedef struct NewFinding {
  Str sbom, vuln, severity;
  Outcome outcome;
  int cvss_x10;
  bool kev;
  int64_t epss_x1e9;
  int64_t packages;
} NewFinding;
typedef VEC(NewFinding) NewFindings;
typedef struct MatchRun {
  Str snapshot; int64_t packages, evaluated, verdicts, inserted, changed, ended;
  int64_t count[OUTCOME_COUNT]; bool all;        /* packages by worst outcome: of all when all were judged */
  int64_t missed;                /* packages of which a run over everything says what no shorter one had: a fault */
  NewFindings fresh;
} MatchRun;
/* Judges all distinct package versions of the store (sbom = STR_NONE) or of one SBOM against the current snapshot and
 * writes what changed, inside the caller's transaction.  Over everything only those are evaluated that are new, or of
 * which an advisory speaks that changed since the last such run; the result is that of evaluating all.
 * Writes no log entry: the command does. */
Err vuln_match(Cx *cx, Store *s, Str sbom, int64_t now_us, MatchRun *out);
/* When everything was last judged although it need not be (vuln.match with full), and what the shorter runs had missed;
 * before that, when anything was first judged; 0: never. */
Err vuln_whole_run(Cx *cx, Store *s, int64_t *at_us, int64_t *missed);

/* What people decide about it, and the tables that they decide by. */
#include "vuln/decision.h"
#include "vuln/ssvc.h"
#include "vuln/names.h"
#include "vuln/scores.h"
#include "vuln/csaf_check.h"
#include "vuln/vex.h"

/* ---- feeds in the store: sources, intakes, the archive ------------------------------------------------- */

extern const Migration feed_schema[];
extern const size_t feed_nschema;
extern const Command *const feed_commands[];       /* feed.source, feed.take, feed.trust */
extern const size_t feed_ncommands;
extern const VerifyPart feed_verify_part;

typedef struct FeedStatus {
  Str name, kind, url, scope;
  int64_t max_age_days;
  bool enabled;
  bool imported;                 /* it came in bundles alone; this site does not ask it */
  Str outcome, words;            /* of the last try: taken unchanged refused failed; empty: never tried */
  int64_t tried_us, good_us;     /* last try; last one that was good (0: none) */
  Str newest; int64_t newest_us; /* newest record that was taken */
  bool stale;                    /* newest is older than max_age_days */
  int64_t live, rows, bad;       /* advisories kept; entries of the last one taken; unreadable in the last try */
  Str cursor, skipped;           /* skipped: JSON list of file, why, count */
} FeedStatus;
typedef VEC(FeedStatus) FeedStatuses;
Err feed_status(Cx *cx, Store *s, Str name, FeedStatuses *out);      /* name: STR_NONE for all; by name */
/* After how many days the newest record of a kind ("osv", "EPSS") is from an old feed; 0: never. */
int64_t feed_age_limit_days(Str kind);

typedef struct FeedIntake {
  Str id, source, kind, outcome, words, origin, newest, pack, skipped;
  int64_t at_us, records, rows, fresh, changed, gone, bad, live;
} FeedIntake;
typedef VEC(FeedIntake) FeedIntakes;
Err feed_intakes(Cx *cx, Store *s, Str source, size_t limit, FeedIntakes *out);          /* newest first */

/* Pulls the sources named (none: all that are enabled), keeps what is new in the archive, builds the snapshot and has
 * it taken into use.  A source that fails is told in its row and hinders no other; whatever is doubtful is refused and
 * the old snapshot stays.  fetch: NULL when nothing may be asked on the network.  reason: overrules the guards of age
 * and size, in the log.  whole: forget how far the last pull came.  E_NOTFOUND: no such source. */
/* How far an update is: a source is fetching, reading, then taken, unchanged, refused or failed; without a source the
 * snapshot is building.  bytes: fetched; records: read; kept: new or changed; refused: could not be read. */
typedef struct FeedStep { Str source, state; int64_t bytes, records, kept, refused; } FeedStep;
typedef struct FeedUpdateAsk {
  Store *store; Writer *writer; Fetch *fetch; const Settings *set;
  const Ask *who;                /* actor, auth, source */
  const Str *names; size_t nnames;
  Str reason;
  bool whole;
  void (*progress)(void *env, const FeedStep *step); void *env;      /* called often; NULL: nobody looks */
} FeedUpdateAsk;
typedef struct FeedTried { Str source, outcome, words; int64_t records, fresh, changed, gone, bad, live; } FeedTried;
/* history: why the scores of the day could not be noted; they are at the next update. */
typedef struct FeedUpdated {
  FeedTried *row; size_t n, failed;
  bool activated;
  FeedBuild build;
  Str history;
} FeedUpdated;
Err feed_update(Cx *cx, const FeedUpdateAsk *ask, FeedUpdated *out);
/* Makes a snapshot that was made of the archive again.  E_NOTFOUND; E_INTEGRITY: other bytes came out. */
Err feed_rebuild(Cx *cx, Store *s, Str sha256, const char *out_path, FeedBuild *out);

/* ---- bundles: for sites without a network ---- */

typedef struct FeedExported {
  Str key, name, made;
  bool trusted;
  int64_t from, to, intakes, packs, bytes;
} FeedExported;
/* The public key of this site's bundles, made at first need. */
Err feed_key(Cx *cx, const char *folder, Str *hex);
/* Everything after intake `since` (0: all) as one signed file.  E_NOTFOUND: there is nothing. */
Err feed_export(Cx *cx, Store *s, const char *path, int64_t since, FeedExported *out);
/* Reads and checks every bit; s: NULL, or the store that says whether its key is believed.  E_INTEGRITY, E_FORMAT. */
Err feed_bundle_about(Cx *cx, Store *s, const char *path, FeedExported *out);
/* Into the archive, a snapshot of it into use.  E_DENIED: a key that is not believed.  E_CONFLICT: old, or a gap.
 * E_INTEGRITY, E_FEED. */
Err feed_import(Cx *cx, const FeedUpdateAsk *ask, const char *path, FeedUpdated *out);
