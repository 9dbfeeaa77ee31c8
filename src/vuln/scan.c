/* scan.c - every component gets an answer: what each source says of it, or one that says why it could not be judged.
 */
#include "vuln/scan_inside.h"
#include <stdlib.h>

#define OWN_MOST_BYTES ((size_t)1 << 30)

static const char *const outcome_names[] = {
#define X(id, name) [id] = name,
  OUTCOMES(X)
#undef X
};

const char *outcome_name(Outcome o) { return o < OUTCOME_COUNT ? outcome_names[o] : ""; }

bool outcome_find(Str name, Outcome *out) {
  for (unsigned i = 0; i < OUTCOME_COUNT; i++) {
    if (!str_eq(name, str_of(outcome_names[i]))) continue;
    *out = (Outcome)i;
    return true;
  }
  return false;
}

static void hit_add(Scan *c, Hit h) {
  const Snapshot *s = c->snap;
  const SnapAdv *a = &s->advs[h.adv];
  h.group = a->group;
  h.given = c->given;
  if (!a->ups) vec_add(c->arena, &c->hits, h);
  for (uint32_t k = 0; k < a->ups; k++) {
    h.group = s->ups[a->first_up + k];
    vec_add(c->arena, &c->hits, h);
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
  for (size_t i = first; i < end; i++) __builtin_prefetch(&s->advs[s->rows[i].adv]); /* each would be waited for */
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
static const SnapPkg *find_package(const Snapshot *s, Identity *id) {
  const SnapPkg *p = snap_package(s, id->base, id->name);
  while (!p && name_up(id)) p = snap_package(s, id->base, id->name);
  return p;
}

/* Whether silence about it means something; else why not. */
static bool is_covered(Scan *c, const Identity *id, Str full_name, Coverage covered, const SnapPkg *p) {
  if (id->apart.n) {
    cannot(c, "other-builds", id->apart);
  } else if (covered == NO_ECOSYSTEM) {
    Str what = id->base.n ? id->base : S("this package type");
    cannot(c, "ecosystem-not-covered", str_fmt(c->arena, "No loaded source covers %.*s", STR(what)));
  } else if (covered == NO_RELEASE) {
    cannot(c, "release-not-covered",
           str_fmt(c->arena, "No loaded source covers %.*s %.*s", STR(id->base), STR(id->release)));
  } else if (!p && ecosystem_names_only(id->base)) {
    cannot(c, "name-not-covered", str_fmt(c->arena, "No loaded source speaks of pkg:generic/%.*s", STR(full_name)));
  } else if (!p && id->source_unknown) {
    cannot(c, "source-unknown",
           str_fmt(c->arena, "The SBOM names no source packages, and what is known of %.*s is known by these; nothing "
                   "is known of a source package %.*s", STR(id->base), STR(full_name)));
  } else if (p && !id->version.n) {
    cannot(c, "version-unknown",
           str_fmt(c->arena, "%.*s has no version, and advisories exist for it", STR(full_name)));
  } else {
    return true; /* covered and silent: not listed */
  }
  return false;
}

static void judge_identity(Scan *c, Identity id) {
  Str full_name = id.name;
  Coverage covered = coverage(c->snap, &id);
  const SnapPkg *p = find_package(c->snap, &id);
  c->subject = subject_of(c->own, c->snap, id);
  if (is_covered(c, &id, full_name, covered, p)) c->by_purl = c->assessed = true;
  c->distro_covered = c->distro && covered == COVERED && !id.apart.n;
  if (p && id.version.n && !id.apart.n) judge_package(c, &c->subject, p);
}

/* 1:2.3-4+deb12u1 is upstream's 2.3. */
static Str upstream_version(const Scan *c, Str v) {
  size_t colon = str_find_char(v, ':'), hyphen;
  if (!c->distro) return v;
  if (colon != SIZE_MAX) v = str_slice(v, colon + 1, v.n);
  hyphen = str_rfind_char(v, '-');
  return hyphen == SIZE_MAX ? v : str_slice(v, 0, hyphen);
}

static void judge_purl(Cx *cx, Scan *c, const VulnTarget *t) {
  static const char *const built[] = { "deb", "rpm", "apk", "alpm" };
  Purl p;
  if (purl_read(cx, t->purl, &p) != E_OK) {
    cannot(c, "purl-unreadable", str_fmt(c->arena, "Its package URL cannot be read: %.*s", STR(cx->words)));
    cx_forgive(cx);
    return;
  }
  if (!p.version.n) p.version = t->version;
  for (size_t i = 0; i < COUNT(built); i++) c->distro |= str_eq(p.type, str_of(built[i]));
  c->type = p.type;
  judge_identity(c, purl_identity(cx->arena, &p, t->os_distro, t->upstream));
  c->fallback = upstream_version(c, c->subject.id.version);
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

static void judge_cpe(Cx *cx, Scan *c, Str text) {
  Cpe cpe;
  if (cpe_read(cx, text, &cpe) != E_OK) {
    cannot(c, "cpe-unreadable", str_fmt(c->arena, "Its CPE cannot be read: %.*s", STR(cx->words)));
    cx_forgive(cx);
    return;
  }
  CpeSubject *by = NEW(c->own, CpeSubject);
  *by = cpe_subject(c->own, c->snap, &cpe, c->fallback, c->type);
  by->around = c->around;
  by->owner = c->owner;
  by->given = c->given;
  if (!by->n && c->nvd)
    cannot(c, "cpe-not-covered", str_fmt(c->arena, "No loaded source speaks of %.*s", STR(cpe_text(c->own, &cpe))));
  else if (!by->version.n && !by->na)
    cannot(c, "version-unknown", str_fmt(c->arena, "%.*s has no version", STR(cpe_text(c->own, &cpe))));
  else if (!c->nvd) cannot(c, "no-purl", S("It has a CPE but no package URL, and no loaded source is whole by CPE"));
  else c->assessed = true;
  if (by->version.n || by->na) judge_programs(c, by);
}

static bool speaks_of(const Scan *c, const NameGiven *g, uint32_t cpe) {
  const SnapCpe *p = &c->snap->cpes[cpe];
  return str_eq(snap_str(c->snap, p->product), g->product) &&
         (!g->vendor.n || str_eq_nocase(snap_str(c->snap, p->vendor), g->vendor));
}

/* Only candidates that no rule speaks of: about those a person has decided. */
static void judge_words(Scan *c, const VulnTarget *t) {
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

static void judge_given_words(Scan *c, const VulnTarget *t, const NameGiven *g) {
  CpeSubject *by = NEW(c->own, CpeSubject);
  size_t n = 0;
  *by = name_subject(c->own, c->snap, g->product, c->fallback.n ? c->fallback : t->version);
  by->given = g;
  for (size_t i = 0; i < by->n; i++)
    if (speaks_of(c, g, by->product[i])) by->product[n++] = by->product[i];
  by->n = n;
  judge_programs(c, by);
}

static void judge_given_purl(Cx *cx, Scan *c, const VulnTarget *t, const NameGiven *g) {
  Purl p;
  if (purl_read(cx, g->purl, &p) != E_OK) { /* the rule's own check would not have let it in */
    cx_forgive(cx);
    return;
  }
  p.version = c->fallback;
  Subject *by = NEW(c->own, Subject);
  Identity id = purl_identity(cx->arena, &p, t->os_distro, STR_NONE);
  Str full_name = id.name;
  const SnapPkg *package = find_package(c->snap, &id);
  id.tier = 'B';
  *by = subject_of(c->own, c->snap, id);
  if (is_covered(c, &id, full_name, coverage(c->snap, &id), package)) c->assessed = true;
  if (package && id.version.n && !id.apart.n) judge_package(c, by, package);
}

static void judge_given(Cx *cx, Scan *c, const VulnTarget *t) {
  for (size_t i = 0; i < t->ngiven; i++) {
    const NameGiven *g = &t->given[i];
    c->given = g;
    if (g->product.n) judge_given_words(c, t, g);
    if (g->purl.n && !g->differs) judge_given_purl(cx, c, t, g);
    if (g->cpe.n && !g->differs) judge_cpe(cx, c, g->cpe);
  }
  c->given = NULL;
}

/* What all components of one inventory are judged with. */
typedef struct Inventory {
  const Snapshot *snap;
  bool nvd;
  const CpeAround *around; /* NULL until a judgement depends on the others */
  Hits hits;               /* room, used by one after the other */
} Inventory;

static void judge(Cx *cx, Arena *arena, Inventory *all, size_t owner, ScanComponent *out) {
  const VulnTarget *t = &out->target;
  Scan c = { .arena = arena, .own = cx->arena, .snap = all->snap, .hits = all->hits, .nvd = all->nvd,
             .fallback = t->version, .around = all->around, .owner = owner };
  Str others = t->other_ids, line;
  if (t->purl.n) judge_purl(cx, &c, t);
  if (t->cpe.n) judge_cpe(cx, &c, t->cpe);
  while (str_line(&others, &line))
    if (str_starts(line, S("cpe:"))) judge_cpe(cx, &c, line);
  if (!c.by_purl) judge_words(&c, t); /* an exact identity that is covered needs no guess */
  judge_given(cx, &c, t);
  if (!c.assessed) cannot(&c, "no-identity", S("It has neither a package URL nor a CPE"));
  outcomes_make(&c, out);
  all->hits = c.hits;
  all->hits.n = 0;
  out->worst = out->noutcomes ? out->outcome[0].outcome : OUTCOME_NOT_LISTED;
  cx_reset(cx);
}

bool snap_has_source(const Snapshot *s, Str name) {
  for (size_t i = 0; i < s->nsources; i++)
    if (str_eq(snap_str(s, s->sources[i].name), name)) return true;
  return false;
}

/* ---- what depends on the other components -------------------------------------------------------------- */

static int by_product(const void *x, const void *y) {
  const CpeNeighbour *a = x, *b = y;
  if (a->cpe != b->cpe) return a->cpe < b->cpe ? -1 : 1;
  return (a->owner > b->owner) - (a->owner < b->owner);
}

typedef VEC(CpeNeighbour) Neighbours;

static void add_neighbour(Cx *cx, const Snapshot *s, const VulnTarget *t, Str text, size_t owner, Neighbours *out) {
  Cpe cpe;
  if (!str_starts(text, S("cpe:"))) return;
  if (cpe_read(cx, text, &cpe) != E_OK) {
    cx_forgive(cx);
    return;
  }
  CpeSubject *by = NEW(cx->arena, CpeSubject);
  *by = cpe_subject(cx->arena, s, &cpe, t->version, S(""));
  for (size_t i = 0; i < by->n; i++) vec_add(cx->arena, out, (CpeNeighbour){ by->product[i], owner, by });
}

static const CpeAround *around_of(Cx *cx, const Snapshot *s, const VulnTarget *t, size_t n) {
  Neighbours list = { 0 };
  CpeAround *a = NEW(cx->arena, CpeAround);
  for (size_t i = 0; i < n; i++) {
    Str others = t[i].other_ids, line;
    add_neighbour(cx, s, &t[i], t[i].cpe, i, &list);
    while (str_line(&others, &line)) add_neighbour(cx, s, &t[i], line, i, &list);
    for (size_t k = 0; k < t[i].ngiven; k++)
      if (!t[i].given[k].differs) add_neighbour(cx, s, &t[i], t[i].given[k].cpe, i, &list);
  }
  if (list.n) qsort(list.p, list.n, sizeof *list.p, by_product);
  *a = (CpeAround){ list.p, list.n };
  return a;
}

static bool depends(const ScanComponent *c) {
  for (size_t i = 0; i < c->noutcomes; i++)
    if (c->outcome[i].outcome == OUTCOME_AFFECTED_IF) return true;
  return false;
}

Err vuln_scan(Cx *cx, const Snapshot *s, const VulnTarget *targets, size_t n, ScanResult *out) {
  ScanResult r = { .component = NEW_ARRAY(cx->arena, n + 1, ScanComponent), .ncomponents = n };
  AUTO(Cx) own = cx_new(OWN_MOST_BYTES);
  Inventory alone = { .snap = s, .nvd = snap_has_source(s, S("NVD")) }, together = alone;
  for (size_t i = 0; i < n; i++) {
    r.component[i].target = targets[i];
    judge(&own, cx->arena, &alone, i, &r.component[i]);
    if (n > 1 && depends(&r.component[i])) { /* seldom: then it is judged again, with the others in sight */
      if (!together.around) together.around = around_of(cx, s, targets, n);
      r.component[i] = (ScanComponent){ .target = targets[i] };
      judge(&own, cx->arena, &together, i, &r.component[i]);
    }
    r.count[r.component[i].worst]++;
  }
  *out = r;
  return E_OK;
}
