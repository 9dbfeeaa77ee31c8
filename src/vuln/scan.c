/* scan.c - every component gets an answer: outcomes per alias group, or one that says why it could not be judged. */
#include "vuln/match.h"
#include <stdlib.h>
#include <string.h>

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

/* One advisory's word on one alias group. */
typedef struct Hit { uint32_t group, adv; Judgement j; } Hit;
typedef VEC(Hit) Hits;

typedef struct Scan { Arena *arena; const Snapshot *snap; Subject subject; Hits hits; } Scan;

static int by_group(const void *x, const void *y) {
  const Hit *a = x, *b = y;
  if (a->group != b->group) return a->group < b->group ? -1 : 1;
  if (a->j.outcome != b->j.outcome) return a->j.outcome < b->j.outcome ? -1 : 1;
  return (a->adv > b->adv) - (a->adv < b->adv);            /* advisories are sorted by id */
}

static int by_worst(const void *x, const void *y) {
  const VulnOutcome *a = x, *b = y;
  if (a->outcome != b->outcome) return a->outcome < b->outcome ? -1 : 1;
  return str_cmp(a->id, b->id);
}

/* ---- words --------------------------------------------------------------------------------------------- */

/* Joined without formatting: a scan writes one such line per outcome. */
static Str joined(Arena *a, const Str *part, size_t n) {
  size_t size = 0, at = 0;
  for (size_t i = 0; i < n; i++) size += part[i].n;
  char *p = arena_alloc(a, size + 1);
  for (size_t i = 0; i < n; at += part[i++].n) if (part[i].n) memcpy(p + at, part[i].p, part[i].n);
  return (Str){ p, size };
}
#define JOIN(arena, ...) joined((arena), (const Str[]){ __VA_ARGS__ }, COUNT(((const Str[]){ __VA_ARGS__ })))

static Str interval(const Scan *c, const SnapRow *r) {
  Str lo = snap_str(c->snap, r->lo_text), hi = snap_str(c->snap, r->hi_text);
  if (r->flags & ROW_POINT) return JOIN(c->arena, S("listed as "), lo);
  if (r->flags & ROW_NEVER) return S("no version is affected");
  if (r->flags & ROW_GIT) return S("only commits are given");
  if (r->flags & ROW_LO_NONE) lo = S("0");
  if (r->flags & ROW_HI_NONE) return JOIN(c->arena, S("["), lo, S(", no end)"));
  return JOIN(c->arena, S("["), lo, S(", "), hi, (r->flags & ROW_HI_INCL) ? S("]") : S(")"));
}

static const char *says(const Judgement *j) {
  static const struct { const char *rule, *words; } words[] = {
    { "git-only", "cannot be judged without the repository:" },
    { "version-order", "cannot be compared under this order:" },
    { "epoch", "has no epoch in the inventory, and it decides:" },
    { "release", "has no package release in the inventory, and it decides:" },
    { "distribution-release", "has no distribution release in the inventory, and releases differ:" },
    { "listed-version", "is a listed version:" },
  };
  for (size_t i = 0; i < COUNT(words); i++) if (str_eq(str_of(j->rule), str_of(words[i].rule))) return words[i].words;
  return j->outcome == OUTCOME_AFFECTED ? "is in" : "is not in";
}

static Str reason(const Scan *c, const Hit *h) {
  const SnapAdv *a = &c->snap->advs[h->adv];
  Str order = h->j.row->scheme < SCHEME_COUNT ? str_of(scheme_name((Scheme)h->j.row->scheme)) : S("no");
  return JOIN(c->arena, snap_str(c->snap, a->id), S(": "), c->subject.id.name, S(" "), c->subject.id.version, S(" "),
              str_of(says(&h->j)), S(" "), interval(c, h->j.row), S(" ("), order, S(" order)"));
}

/* Versions that end an interval that applies here, above the component's where that can be told. */
static void fixed_versions(Scan *c, const Hit *h, VulnOutcome *o) {
  VEC(Str) list = { 0 };
  for (size_t i = 0; i < h->j.n; i++) {
    const SnapRow *r = &h->j.first[i];
    if ((r->flags & ~(uint32_t)ROW_LO_NONE) || !r->hi_text || !row_applies(&c->subject, h->j.first, h->j.n, r))
      continue;
    Str v = snap_str(c->snap, r->hi_text);
    bool known = false;
    for (size_t k = 0; k < list.n; k++) known |= str_eq(list.p[k], v);
    if (!known && row_below_end(&c->subject, r)) vec_add(c->arena, &list, v);
  }
  o->fixed = list.p;
  o->nfixed = list.n;
}

static void names(const Scan *c, const Hit *h, VulnOutcome *o) {
  const SnapGroup *g = &c->snap->groups[h->group];
  bool inside = false;
  o->id = snap_str(c->snap, g->rep);
  o->advisory = snap_str(c->snap, c->snap->advs[h->adv].id);
  o->aliases = NEW_ARRAY(c->arena, g->members + 1, Str);
  for (uint32_t i = 0; i < g->members; i++) {
    Str id = snap_str(c->snap, c->snap->members[g->first_member + i]);
    inside |= str_eq(id, o->advisory);
    if (!str_eq(id, o->id)) o->aliases[o->naliases++] = id;
  }
  if (!inside) o->aliases[o->naliases++] = o->advisory;    /* a distribution's bulletin about this vulnerability */
}

static void scores(const Scan *c, const Hit *h, VulnOutcome *o) {
  const SnapGroup *g = &c->snap->groups[h->group];
  const SnapAdv *a = &c->snap->advs[h->adv];
  bool group = g->x10 != CVSS_NONE || g->severity != SEV_UNSCORED;
  o->cvss_vector = snap_str(c->snap, group ? g->vector : a->vector);
  o->cvss_x10 = group ? g->x10 : a->x10;
  o->severity = severity_name(group ? g->severity : a->severity);
  o->kev = g->kev;
  o->epss_x1e9 = g->epss_x1e9 == SNAP_NONE ? VULN_UNSCORED : (int64_t)g->epss_x1e9;
}

/* ---- one component ------------------------------------------------------------------------------------- */

static void judge_package(Scan *c, const SnapPkg *p) {
  const Snapshot *s = c->snap;
  for (size_t i = p->first_row, end = i + p->rows, n; i < end; i += n) {
    uint32_t adv = s->rows[i].adv;
    for (n = 1; i + n < end && s->rows[i + n].adv == adv; n++) {}
    Judgement j = advisory_judge(&c->subject, &s->rows[i], n);
    if (j.outcome == OUTCOME_NOT_LISTED) continue;
    const SnapAdv *a = &s->advs[adv];
    if (!a->ups) vec_add(c->arena, &c->hits, (Hit){ a->group, adv, j });
    for (uint32_t k = 0; k < a->ups; k++) vec_add(c->arena, &c->hits, (Hit){ s->ups[a->first_up + k], adv, j });
  }
}

/* One outcome per alias group: the worst word stands, and a milder one is told beside it. */
static void merge(Scan *c, ScanComponent *out) {
  if (c->hits.n) qsort(c->hits.p, c->hits.n, sizeof *c->hits.p, by_group);
  out->outcome = NEW_ARRAY(c->arena, c->hits.n + 1, VulnOutcome);
  for (size_t i = 0, n; i < c->hits.n; i += n) {
    const Hit *h = &c->hits.p[i];
    for (n = 1; i + n < c->hits.n && h[n].group == h->group; n++) {}
    VulnOutcome *o = &out->outcome[out->noutcomes++];
    *o = (VulnOutcome){
      .outcome = h->j.outcome, .tier = c->subject.id.tier, .rule = str_of(h->j.rule), .reason = reason(c, h)
    };
    const Hit *last = &h[n - 1];
    if (last->j.outcome != h->j.outcome)
      o->reason = JOIN(c->arena, o->reason, S("; but "), snap_str(c->snap, c->snap->advs[last->adv].id), S(" says "),
                       str_of(outcome_name(last->j.outcome)));
    names(c, h, o);
    scores(c, h, o);
    if (o->outcome != OUTCOME_NOT_AFFECTED) fixed_versions(c, h, o);
  }
  if (out->noutcomes) qsort(out->outcome, out->noutcomes, sizeof *out->outcome, by_worst);
}

static void cannot(Scan *c, ScanComponent *out, const char *rule, Str why) {
  out->outcome = NEW(c->arena, VulnOutcome);
  out->noutcomes = 1;
  *out->outcome = (VulnOutcome){ .id = S(""),
                                 .outcome = OUTCOME_NOT_ASSESSABLE,
                                 .tier = 'D',
                                 .rule = str_of(rule),
                                 .reason = why,
                                 .cvss_x10 = VULN_UNSCORED,
                                 .epss_x1e9 = VULN_UNSCORED };
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

/* Go: a package path lies inside of a module; go up, but not above host/owner/repository. */
static const SnapPkg *find_package(const Snapshot *s, Identity *id) {
  const SnapPkg *p = snap_package(s, id->base, id->name);
  while (!p && id->walk_up) {
    size_t slash = str_rfind_char(id->name, '/');
    Str up = str_slice(id->name, 0, slash == SIZE_MAX ? 0 : slash);
    size_t host = str_find_char(up, '/');
    if (host == SIZE_MAX) break;
    id->name = up;
    id->tier = 'B';
    p = snap_package(s, id->base, up);
    if (str_find_char(str_slice(up, host + 1, up.n), '/') == SIZE_MAX) break;
  }
  return p;
}

static void judge_identity(Scan *c, Identity id, ScanComponent *out) {
  Str full_name = id.name;
  Coverage covered = coverage(c->snap, &id);
  if (covered == NO_ECOSYSTEM) {
    Str what = id.base.n ? id.base : S("this package type");
    cannot(c, out, "ecosystem-not-covered", JOIN(c->arena, S("No loaded source covers "), what));
    return;
  }
  if (covered == NO_RELEASE) {
    cannot(c, out, "release-not-covered",
           JOIN(c->arena, S("No loaded source covers "), id.base, S(" "), id.release));
    return;
  }
  const SnapPkg *p = find_package(c->snap, &id);
  if (!p && ecosystem_names_only(id.base)) {
    cannot(c, out, "name-not-covered",
           str_fmt(c->arena, "No loaded source speaks of pkg:generic/%.*s", STR(full_name)));
    return;
  }
  if (!p) return;                                          /* covered and silent: not listed */
  if (!id.version.n) {
    cannot(c, out, "version-unknown",
           str_fmt(c->arena, "%.*s has no version, and advisories exist for it", STR(full_name)));
    return;
  }
  c->subject = subject_of(c->arena, c->snap, id);
  judge_package(c, p);
  merge(c, out);
}

static void judge(Cx *cx, const Snapshot *s, ScanComponent *out) {
  const VulnTarget *t = &out->target;
  Scan c = { .arena = cx->arena, .snap = s };
  Purl p;
  out->worst = OUTCOME_NOT_LISTED;
  if (!t->purl.n) {
    if (t->cpe.n)
      cannot(&c, out, "no-purl", S("It has a CPE but no package URL, and no loaded source is matched by CPE"));
    else cannot(&c, out, "no-identity", S("It has neither a package URL nor a CPE"));
  } else if (purl_read(cx, t->purl, &p) != E_OK) {
    cannot(&c, out, "purl-unreadable", str_fmt(cx->arena, "Its package URL cannot be read: %.*s", STR(cx->words)));
    cx_forgive(cx);
  } else {
    if (!p.version.n) p.version = t->version;
    judge_identity(&c, purl_identity(cx->arena, &p, t->os_distro, t->upstream), out);
  }
  for (size_t i = 0; i < out->noutcomes; i++)
    if (out->outcome[i].outcome < out->worst) out->worst = out->outcome[i].outcome;
}

Err vuln_scan(Cx *cx, const Snapshot *s, const VulnTarget *targets, size_t n, ScanResult *out) {
  ScanResult r = { .component = NEW_ARRAY(cx->arena, n + 1, ScanComponent), .ncomponents = n };
  for (size_t i = 0; i < n; i++) {
    r.component[i].target = targets[i];
    judge(cx, s, &r.component[i]);
    r.count[r.component[i].worst]++;
  }
  *out = r;
  return E_OK;
}
