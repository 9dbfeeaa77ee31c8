/* scan_judge.c - one component: what every source says of it, and whose word counts in each alias group. */
#include "vuln/scan_inside.h"
#include <stdlib.h>

static void hit_add(Scan *c, Hit h) {
  const Snapshot *s = c->snap;
  const SnapAdv *a = &s->advs[h.adv];
  h.group = a->group;
  h.given = c->given;
  if (!a->ups) vec_add(c->own, &c->hits, h);
  for (uint32_t k = 0; k < a->ups; k++) {
    h.group = s->ups[a->first_up + k];
    vec_add(c->own, &c->hits, h);
  }
}

/* The first reason stands: it is about the better identity. */
static void cannot(Scan *c, const char *rule, Str why) {
  if (c->cannot) return;
  c->cannot = rule;
  c->cannot_why = why;
}

/* ---- by package URL ------------------------------------------------------------------------------------ */

static unsigned row_rank(const Subject *by, const SnapAdv *a, const Judgement *j) {
  unsigned rank = a->source == ORIGIN_CVE                    ? RANK_CNA
                  : a->source == ORIGIN_CSAF || by->releases ? RANK_BUILDER
                                                             : RANK_PACKAGE;
  bool weak = j->outcome == OUTCOME_NOT_ASSESSABLE || j->rule == RULE_UNKNOWN;
  weak |= a->source == ORIGIN_CSAF && j->outcome == OUTCOME_NOT_AFFECTED && j->rule == RULE_RANGE;
  return rank + (weak ? RANK_WEAK : 0);
}

static void judge_package(Scan *c, Subject *by, const SnapPkg *p) {
  const Snapshot *s = c->snap;
  size_t first = p->first_row, end = first + p->rows;
  for (size_t i = first, n; i < end; i += n) {
    uint32_t adv = s->rows[i].adv;
    for (n = 1; i + n < end && s->rows[i + n].adv == adv; n++) {}
    Judgement j = advisory_judge(by, &s->rows[i], n);
    if (j.outcome == OUTCOME_NOT_LISTED) continue;
    hit_add(c, (Hit){ .adv = adv,
                      .rank = row_rank(by, &s->advs[adv], &j),
                      .outcome = j.outcome,
                      .rule = j.rule,
                      .j = j,
                      .subject = by,
                      .tier = by->id.tier });
  }
}

typedef enum Coverage { COVERED, NO_ECOSYSTEM, NO_RELEASE } Coverage;

/* The table is sorted by base, release.  A row without release covers all of them. */
static Coverage coverage(const Snapshot *s, const Identity *id) {
  size_t lo = 0, hi = s->necos;
  while (lo < hi) {
    size_t mid = (lo + hi) / 2;
    if (str_cmp(snap_str(s, s->ecos[mid].base), id->base) < 0) lo = mid + 1;
    else hi = mid;
  }
  if (!id->base.n || lo == s->necos || !str_eq(snap_str(s, s->ecos[lo].base), id->base)) return NO_ECOSYSTEM;
  if (!id->release.n || !ecosystem_has_releases(id->base)) return COVERED;
  for (; lo < s->necos && str_eq(snap_str(s, s->ecos[lo].base), id->base); lo++) {
    Str release = snap_str(s, s->ecos[lo].release);
    if (!release.n || str_eq(release, id->release)) return COVERED;
  }
  return NO_RELEASE;
}

bool identity_covered(const Snapshot *s, const Identity *id) { return !id->apart.n && coverage(s, id) == COVERED; }

bool name_up(Identity *id) {
  size_t slash = str_rfind_char(id->name, '/');
  Str up = str_slice(id->name, 0, slash == SIZE_MAX ? 0 : slash);
  if (!id->walk_up || str_find_char(up, '/') == SIZE_MAX) return false;
  id->name = up;
  id->tier = 'B';
  return true;
}

/* Go: a package path lies inside of a module; go up, but not above host/owner. */
static const SnapPkg *find_package(const Snapshot *s, uint64_t hash, Identity *id) {
  const SnapPkg *p = snap_package(s, hash, id->base, id->name);
  while (!p && name_up(id)) p = snap_package(s, snap_hash(id->base, id->name), id->base, id->name);
  return p;
}

/* Whether silence about it means something; else why not. */
static bool is_covered(Scan *c, const Identity *id, Str full_name, Coverage covered, const SnapPkg *p) {
  if (id->apart.n) {
    cannot(c, "other-builds", id->apart);
  } else if (covered == NO_ECOSYSTEM) {
    Str what = id->base.n ? id->base : S("this package type");
    cannot(c, "ecosystem-not-covered", str_fmt(c->own, "No loaded source covers %.*s", STR(what)));
  } else if (covered == NO_RELEASE) {
    cannot(c, "release-not-covered",
           str_fmt(c->own, "No loaded source covers %.*s %.*s", STR(id->base), STR(id->release)));
  } else if (!p && ecosystem_names_only(id->base)) {
    cannot(c, "name-not-covered", str_fmt(c->own, "No loaded source speaks of pkg:generic/%.*s", STR(full_name)));
  } else if (!p && id->source_unknown) {
    cannot(c, "source-unknown",
           str_fmt(c->own, "The SBOM names no source packages, and what is known of %.*s is known by these; nothing "
                   "is known of a source package %.*s", STR(id->base), STR(full_name)));
  } else if (p && !id->version.n) {
    cannot(c, "version-unknown",
           str_fmt(c->own, "%.*s has no version, and advisories exist for it", STR(full_name)));
  } else {
    return true; /* covered and silent: not listed */
  }
  return false;
}

static void judge_identity(Scan *c) {
  const Named *n = c->named;
  c->subject = n->subject;
  c->subject.arena = c->own;
  Identity *id = &c->subject.id;
  Coverage covered = coverage(c->snap, id);
  const SnapPkg *p = find_package(c->snap, n->hash, id);
  if (is_covered(c, id, n->subject.id.name, covered, p)) c->by_purl = c->assessed = true;
  c->distro_covered = n->distro && covered == COVERED && !id->apart.n;
  if (p && id->version.n && !id->apart.n) judge_package(c, &c->subject, p);
}

static void judge_purl(Scan *c) {
  const Named *n = c->named;
  if (n->purl_unreadable.n)
    cannot(c, "purl-unreadable", str_fmt(c->own, "Its package URL cannot be read: %.*s", STR(n->purl_unreadable)));
  else judge_identity(c);
}

/* ---- by CPE and by name -------------------------------------------------------------------------------- */

static unsigned program_rank(const Scan *c, const CpeSubject *by, unsigned source, const CpeAnswer *a) {
  unsigned rank = by->words && !by->given ? RANK_NAME
                  : source == ORIGIN_CSAF ? RANK_BUILDER
                  : source == ORIGIN_CVE  ? RANK_CNA
                                          : RANK_NVD;
  bool outside = a->outcome == OUTCOME_NOT_AFFECTED && a->rule == RULE_RANGE;
  if (a->rule == RULE_UNKNOWN || (outside && source == ORIGIN_CSAF)) rank += RANK_WEAK;
  return c->distro_covered ? RANK_NOTE + rank : rank;
}

static void add_answer(Scan *c, CpeSubject *by, uint32_t adv, const CpeAnswer *a) {
  bool denied = c->given && c->given->differs;
  if (a->outcome == OUTCOME_NOT_LISTED) return;
  hit_add(c, (Hit){ .adv = adv,
                    .rank = program_rank(c, by, c->snap->advs[adv].source, a),
                    .outcome = denied ? OUTCOME_NOT_AFFECTED : a->outcome,
                    .rule = denied ? RULE_OTHER : a->rule,
                    .c = *a,
                    .by = by,
                    .tier = c->given ? 'B' : by->words ? 'D' : 'C' });
}

static int by_number(const void *x, const void *y) {
  const uint32_t *a = x, *b = y;
  return (*a > *b) - (*a < *b);
}

/* Programs of one advisory are alternatives: the worst counts. */
static void judge_programs(Scan *c, CpeSubject *by) {
  const Snapshot *s = c->snap;
  VEC(uint32_t) progs = { 0 };
  for (size_t i = 0; i < by->n; i++) {
    const SnapCpe *p = &s->cpes[by->product[i]];
    for (uint32_t k = 0; k < p->uses; k++) vec_add(c->own, &progs, s->uses[p->first_use + k]);
  }
  if (by->n > 1 && progs.n) qsort(progs.p, progs.n, sizeof *progs.p, by_number);
  CpeAnswer best = { .outcome = OUTCOME_NOT_LISTED };
  for (size_t i = 0; i < progs.n; i++) {
    if (i && progs.p[i] == progs.p[i - 1]) continue;
    uint32_t adv = s->progs[progs.p[i]].adv;
    if (i && s->progs[progs.p[i - 1]].adv != adv) {
      add_answer(c, by, s->progs[progs.p[i - 1]].adv, &best);
      best.outcome = OUTCOME_NOT_LISTED;
    }
    CpeAnswer a = program_judge(by, progs.p[i]);
    bool said = a.outcome == best.outcome && a.rule == RULE_SAID_SAFE;
    if (a.outcome < best.outcome || said) best = a;
  }
  if (progs.n) add_answer(c, by, s->progs[progs.p[progs.n - 1]].adv, &best);
}

static void judge_cpe(Scan *c, const CpeNamed *named) {
  if (named->unreadable.n) {
    cannot(c, "cpe-unreadable", str_fmt(c->own, "Its CPE cannot be read: %.*s", STR(named->unreadable)));
    return;
  }
  CpeSubject *by = NEW(c->own, CpeSubject);
  *by = named->by;
  by->arena = c->own;
  by->around = c->all->around;
  by->owner = c->at;
  by->given = c->given;
  cpe_find(by);
  if (!by->n && c->all->nvd)
    cannot(c, "cpe-not-covered", str_fmt(c->own, "No loaded source speaks of %.*s", STR(cpe_text(c->own, &by->cpe))));
  else if (!by->version.n && !by->na)
    cannot(c, "version-unknown", str_fmt(c->own, "%.*s has no version", STR(cpe_text(c->own, &by->cpe))));
  else if (!c->all->nvd)
    cannot(c, "no-purl", S("It has a CPE but no package URL, and no loaded source is whole by CPE"));
  else c->assessed = true;
  if (by->version.n || by->na) judge_programs(c, by);
}

static bool speaks_of(const Scan *c, const NameGiven *g, uint32_t cpe) {
  const SnapCpe *p = &c->snap->cpes[cpe];
  return str_eq(snap_str(c->snap, p->product), g->product) &&
         (!g->vendor.n || str_eq_nocase(snap_str(c->snap, p->vendor), g->vendor));
}

/* Only candidates that no rule speaks of: about those a person has decided. */
static void judge_words(Scan *c) {
  const VulnTarget *t = c->named->target;
  CpeSubject *by = NEW(c->own, CpeSubject);
  *by = name_subject(c->own, c->snap, t->name, t->version);
  size_t n = 0;
  for (size_t i = 0; i < by->n; i++) {
    bool decided = false;
    for (size_t k = 0; k < t->ngiven; k++) decided |= speaks_of(c, &t->given[k], by->product[i]);
    if (!decided) by->product[n++] = by->product[i];
  }
  by->n = n;
  judge_programs(c, by);
}

/* ---- by approved rules --------------------------------------------------------------------------------- */

static void judge_given_words(Scan *c, const NameGiven *g) {
  CpeSubject *by = NEW(c->own, CpeSubject);
  size_t n = 0;
  *by = name_subject(c->own, c->snap, g->product,
                     c->named->fallback.n ? c->named->fallback : c->named->target->version);
  by->given = g;
  for (size_t i = 0; i < by->n; i++)
    if (speaks_of(c, g, by->product[i])) by->product[n++] = by->product[i];
  by->n = n;
  judge_programs(c, by);
}

static void judge_given_purl(Cx *cx, Scan *c, const NameGiven *g) {
  Purl p;
  if (purl_read(cx, g->purl, &p) != E_OK) { /* the rule's own check would not have let it in */
    cx_forgive(cx);
    return;
  }
  p.version = c->named->fallback;
  Subject *by = NEW(c->own, Subject);
  Identity id = purl_identity(cx->arena, &p, c->named->target->os_distro, STR_NONE);
  Str full_name = id.name;
  const SnapPkg *package = find_package(c->snap, snap_hash(id.base, id.name), &id);
  id.tier = 'B';
  *by = subject_of(c->own, c->snap, id);
  if (is_covered(c, &id, full_name, coverage(c->snap, &id), package)) c->assessed = true;
  if (package && id.version.n && !id.apart.n) judge_package(c, by, package);
}

static void judge_given(Cx *cx, Scan *c) {
  const VulnTarget *t = c->named->target;
  for (size_t i = 0; i < t->ngiven; i++) {
    const NameGiven *g = &t->given[i];
    c->given = g;
    if (g->product.n) judge_given_words(c, g);
    if (g->purl.n && !g->differs) judge_given_purl(cx, c, g);
    if (g->cpe.n && !g->differs) {
      CpeNamed named = cpe_named(cx, c->snap, g->cpe, c->named->fallback, c->named->type);
      judge_cpe(c, &named);
    }
  }
  c->given = NULL;
}

/* ---- whose word counts --------------------------------------------------------------------------------- */

static int by_group(const void *x, const void *y) {
  const HitKey *a = x, *b = y;
  if (a->group != b->group) return a->group < b->group ? -1 : 1;
  if (a->rank != b->rank) return a->rank < b->rank ? -1 : 1;
  return (a->adv > b->adv) - (a->adv < b->adv); /* advisories are sorted by id */
}

/* By rank, and of one rank the worst; a note beside a distribution's silence is told only when it says something. */
static void decide(Scan *c) {
  size_t n = c->hits.n;
  c->key = NEW_ARRAY(c->own, n + 1, HitKey);
  c->said = NEW_ARRAY(c->own, n + 1, GroupWord);
  for (uint32_t i = 0; i < n; i++) {
    const Hit *h = &c->hits.p[i];
    c->key[i] = (HitKey){ h->group, h->rank << 8 | h->outcome, h->adv, i };
  }
  if (n > 1) qsort(c->key, n, sizeof *c->key, by_group);
  for (size_t i = 0, many; i < n; i += many) {
    const Hit *h = &c->hits.p[c->key[i].at];
    bool note = h->rank >= RANK_NOTE;
    for (many = 1; i + many < n && c->key[i + many].group == h->group; many++) {}
    if (note && h->outcome > OUTCOME_UNCERTAIN) continue;
    c->said[c->nsaid++] = (GroupWord){ i, many, note ? OUTCOME_NOT_LISTED : h->outcome };
  }
}

bool scan_depends(const Scan *c) {
  for (size_t i = 0; i < c->nsaid; i++)
    if (c->said[i].outcome == OUTCOME_AFFECTED_IF) return true;
  return false;
}

enum { ROOM_BYTES = 256 * 1024 };

void scan_room(Arena *own) {
  (void)arena_alloc(own, ROOM_BYTES);
  arena_reset(own);
}

Scan *scan_judge(Cx *own, const Inventory *all, size_t at) {
  const Named *n = &all->named[at];
  Scan *c = NEW(own->arena, Scan);
  *c = (Scan){ .own = own->arena, .snap = all->snap, .all = all, .named = n, .at = at };
  if (n->target->purl.n) judge_purl(c);
  for (size_t i = 0; i < n->ncpes; i++) judge_cpe(c, &n->cpe[i]);
  if (!c->by_purl) judge_words(c); /* an exact identity that is covered needs no guess */
  judge_given(own, c);
  if (!c->assessed) cannot(c, "no-identity", S("It has neither a package URL nor a CPE"));
  decide(c);
  return c;
}
