/* sbom_page.h - what the pages of SBOMs share. */
#pragma once
#include "app/page/triage_page.h"

/* Everything that is said against the packages of an SBOM, worst first.  Of a page that says "not listed" nothing may
 * be cut off. */
typedef struct Known {
  VerdictRows row;
  Map first;     /* package: its worst row */
  size_t *next;  /* row: the package's next one, or SIZE_MAX */
} Known;
Err known_load(Cx *cx, Web *web, Str sbom, Known *out);
size_t known_first(const Known *k, int64_t package); /* SIZE_MAX: not listed */
Outcome known_worst(const Known *k, int64_t package);
void known_tally(const Known *k, int64_t count[OUTCOME_COUNT]);        /* listed packages by their worst */
Err count_packages(Cx *cx, Store *s, Str sbom, int64_t *out);

/* Every listed component by name, from `after` on, until fn says false.  A row lives for its call alone. */
typedef bool ComponentSeen(void *env, const ComponentRow *row);
Err each_component(Cx *cx, Store *s, Str sbom, const ComponentFilter *f, Str after, ComponentSeen *fn, void *env);
