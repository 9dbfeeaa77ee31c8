/* decision.h - what is known of one vulnerability, what was said of it at a moment, and what has changed since.
 *
 * Part of vuln's door: for those who decide. */
#pragma once
#include "vuln/vuln.h"

/* ---- one vulnerability, from the snapshot ---- */

typedef struct VulnSource {
  Str advisory, source, modified, vector, severity;
  int cvss_x10;
  bool withdrawn;
} VulnSource;
typedef struct VulnAbout {
  Str id;                                          /* representative of the alias group */
  Str *aliases; size_t naliases;
  Str vector, severity, kev_added;                 /* kev_added: a day, STR_NONE when not listed */
  int cvss_x10;                                    /* VULN_UNSCORED */
  int64_t epss_x1e9, percentile_x1e9;              /* VULN_UNSCORED */
  const char *ssvc[3];                             /* exploitation, automatable, technical impact; NULL when not told */
  VEC(VulnSource) source;                          /* every advisory about it, side by side: vuln_sources() */
  uint32_t group;
} VulnAbout;
/* By any id of the group, any letter case, without sources.  Text borrows from the snapshot.  E_NOTFOUND. */
Err vuln_about(Cx *cx, const Snapshot *s, Str id, VulnAbout *out);
/* Fills sources, and what the group itself lacks from them.  Costs a look at every advisory. */
void vuln_sources(Cx *cx, const Snapshot *s, VulnAbout *about);

/* ---- what a run said at a moment ---- */

/* The last change of a verdict up to t_us.  found: false when nothing had been said yet. */
Err vuln_verdict_at(Cx *cx, Store *s, int64_t pkgver, Str vuln, int64_t t_us, VerdictRow *out, bool *found);

/* Vulnerabilities of which a run (its id) said something that it had not said before. */
typedef VEC(Str) VulnIds;
Err vuln_changed_in(Cx *cx, Store *s, Str run, VulnIds *out);

/* ---- for decisions ---- */

/* Whether a version is in a vers: range.  E_INVALID: the range, or the version under its scheme, cannot be read. */
Err vers_holds(Cx *cx, Str range, Str version, bool *holds);

/* Whether the package of a statement names this one: same type, namespace and name; its version and its qualifiers,
 * where it has any, are the component's; further qualifiers of the component do not matter.  A statement may also be a
 * plain name.  identity: the same whatever versions they name. */
bool package_matches(Cx *cx, Str statement, Str purl, Str name, Str version);
bool package_same_identity(Cx *cx, Str statement, Str purl, Str name);

/* What has changed since a moment, and asks for a new look.  kind: kev epss score range expired retracted; of what
 * people hold: version element */
typedef struct Trigger { const char *kind; Str words; } Trigger;
typedef VEC(Trigger) Triggers;
enum { EPSS_JUMP_X1E9 = 100000000 };               /* ten points of a hundred */
/* now: the verdict as it stands.  valid_until, today: days since 1970-01-01; valid_until 0: no end. */
Err verdict_triggers(Cx *cx, Store *s, const VerdictRow *now, int64_t decided_us, int32_t valid_until, int32_t today,
                     Triggers *out);
