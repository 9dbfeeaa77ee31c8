/* names.h - rules about names that people approved, and names that wait for somebody to look at them.
 *
 * Part of vuln's door.  A rule is a record (type name_rule): one person proposes it, another signs it.  The matcher
 * follows the revision in force and says which rule it followed; without a rule the same name is only "uncertain". */
#pragma once
#include "vuln/vuln.h"

enum { NAME_LEAST = 3 };               /* letters and digits of a name that names something */

typedef struct NameRule {
  Str component, package;              /* folded; package URL without version: whose it is, empty: not by this */
  NameGiven gives;
  size_t next_component, next_package; /* the next of the same key; MAP_NONE: none */
} NameRule;
typedef struct NameRules {
  VEC(NameRule) rule;
  Map by_component, by_package;        /* key -> its first rule */
  Str digest;                          /* of all that they say; empty without rules */
} NameRules;

/* The rules in force; none where the store has no records.  Everything lives in cx->arena. */
Err name_rules_load(Cx *cx, Store *s, NameRules *out);
/* Fills t->given with the rules about it, in the order of their ids. */
void name_rules_give(Cx *cx, const NameRules *rules, VulnTarget *t);
/* Whether the rules in force are others than those that the last run of the matcher followed. */
Err name_rules_changed(Cx *cx, Store *s, bool *changed);

/* ---- what could become a rule ---- */

/* Nothing here decides: CSAF documents (CISA's medical ones above all) name vendor and product in words, without a
 * package URL or a CPE, and a look at both names is all that a program can do. */
typedef struct NameProposal {
  Str component, sample;         /* name in the inventory; one of its packages, as people read it */
  int64_t packages;              /* distinct package versions of that name */
  Str vendor, product;           /* of the advisories; product: letters and digits only */
  const char *how;               /* "same name", "same with the vendor", "begins alike" */
  int64_t advisories;            /* that speak of the product */
  Str seen_in;                   /* a few of their ids, ", " between */
  Str rule, state;               /* a rule that waits for its approval; empty: nobody proposed one */
} NameProposal;
typedef VEC(NameProposal) NameProposals;

/* Candidates for components that no loaded source covers by an exact name, the likeliest first; those that an approved
 * rule has settled are left out.  own: further names to look for (the company's products).  total: all there are. */
typedef struct NameAsk { const Str *own; size_t nown, limit; } NameAsk;
Err name_proposals(Cx *cx, Store *s, const Snapshot *snap, const NameAsk *ask, NameProposals *out, size_t *total);
