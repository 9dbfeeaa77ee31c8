/* outcome.c - from what every source says to one outcome per alias group, in words that name source, order and
 * versions. */
#include "vuln/scan_inside.h"
#include <stdlib.h>
#include <string.h>

/* What words are made for: one component's judgement, and where they live. */
typedef struct Words { const Scan *scan; const Snapshot *snap; Arena *arena; } Words;

static int by_worst(const void *x, const void *y) {
  const VulnOutcome *a = x, *b = y;
  if (a->outcome != b->outcome) return a->outcome < b->outcome ? -1 : 1;
  return str_cmp(a->id, b->id);
}

/* Joined without formatting: a scan writes one such line per outcome. */
static Str joined(Arena *a, const Str *part, size_t n) {
  size_t size = 0, at = 0;
  for (size_t i = 0; i < n; i++) size += part[i].n;
  char *p = arena_alloc(a, size + 1);
  for (size_t i = 0; i < n; at += part[i++].n)
    if (part[i].n) memcpy(p + at, part[i].p, part[i].n);
  return (Str){ p, size };
}
#define JOIN(arena, ...) joined((arena), (const Str[]){ __VA_ARGS__ }, COUNT(((const Str[]){ __VA_ARGS__ })))

static Str between(const Words *c, uint32_t flags, uint32_t lo_ref, uint32_t hi_ref) {
  Str lo = snap_str(c->snap, lo_ref), hi = snap_str(c->snap, hi_ref), open = (flags & ROW_LO_EXCL) ? S("(") : S("[");
  if (flags & ROW_LO_NONE) lo = S("0");
  if (flags & ROW_HI_NONE) return JOIN(c->arena, open, lo, S(", no end)"));
  return JOIN(c->arena, open, lo, S(", "), hi, (flags & ROW_HI_INCL) ? S("]") : S(")"));
}

static Str interval(const Words *c, const SnapRow *r) {
  if (r->flags & ROW_POINT) return JOIN(c->arena, S("listed as "), snap_str(c->snap, r->lo_text));
  if (r->flags & ROW_NEVER) return S("no version is affected");
  if (r->flags & ROW_GIT) return S("only commits are given");
  return between(c, r->flags, r->lo_text, r->hi_text);
}

static const struct {
  Str name, words;
} rules[] = {
#define X(id, name, words) [id] = { { name, sizeof name - 1 }, { words, sizeof words - 1 } },
  RULES(X)
#undef X
};

static Str says(Rule rule, Outcome o) {
  if (rules[rule].words.n) return rules[rule].words;
  return o <= OUTCOME_UNCERTAIN ? S("is in") : S("is not in");
}

static Str advisory_name(const Words *c, uint32_t adv) {
  const SnapAdv *a = &c->snap->advs[adv];
  Str id = snap_str(c->snap, a->id);
  return a->source == ORIGIN_OSV ? id : JOIN(c->arena, str_of(origin_name(a->source)), S(" "), id);
}

static Str row_reason(const Words *c, const Hit *h) {
  Str order = h->j.row->scheme != SCHEME_NONE ? str_of(scheme_name((Scheme)h->j.row->scheme)) : S("no");
  const Identity *id = &h->subject->id;
  return JOIN(c->arena, advisory_name(c, h->adv), S(": "), id->name, S(" "), id->version, S(" "),
              says(h->rule, h->outcome), S(" "), interval(c, h->j.row), S(" ("), order, S(" order)"),
              id->rebuilt.n ? S("; ") : S(""), id->rebuilt);
}

static Str leaf_name(const Words *c, const SnapLeaf *l) {
  const SnapCpe *p = &c->snap->cpes[l->cpe];
  return JOIN(c->arena, snap_str(c->snap, p->vendor), S(" "), snap_str(c->snap, p->product));
}

static Str leaf_versions(const Words *c, const SnapLeaf *l) {
  Str version = snap_str(c->snap, l->version), update = snap_str(c->snap, l->update);
  if (l->flags & LEAF_RANGE) return between(c, l->flags, l->lo_text, l->hi_text);
  if (str_eq(version, S("*"))) return S("every version");
  if (str_eq(version, S("-"))) return S("no version");
  return str_eq(update, S("*")) || str_eq(update, S("-")) ? version : JOIN(c->arena, version, S(" "), update);
}

enum { PLATFORMS_TOLD = 4 };

static Str platforms(const Words *c, const CpeAnswer *a) {
  Str text = S("; only together with ");
  for (size_t i = 0; i < a->nplatforms && i < PLATFORMS_TOLD; i++)
    text = JOIN(c->arena, text, i ? S(" or ") : S(""), leaf_name(c, &c->snap->leaves[a->platform[i]]));
  if (a->nplatforms > PLATFORMS_TOLD)
    text = str_fmt(c->arena, "%.*s or %zu more", STR(text), a->nplatforms - PLATFORMS_TOLD);
  return text;
}

static Str cpe_reason(const Words *c, const Hit *h) {
  const SnapLeaf *l = h->c.leaf;
  Str version = h->by->version.n ? h->by->version : h->by->na ? S("without version") : S("of unknown version"), where;
  if (!l) return JOIN(c->arena, advisory_name(c, h->adv), S(": this program cannot say"));
  where = h->outcome == OUTCOME_NOT_AFFECTED && h->rule == RULE_RANGE
              ? JOIN(c->arena, leaf_versions(c, l), S(" nor in any other range"))
              : leaf_versions(c, l);
  Str text = JOIN(c->arena, advisory_name(c, h->adv), S(": "), leaf_name(c, l), S(" "), version, S(" "),
                  says(h->rule, h->outcome), S(" "), where, S(" (generic order)"));
  if (h->c.nplatforms) text = JOIN(c->arena, text, platforms(c, &h->c));
  if (h->c.met)
    text = JOIN(c->arena, text, S("; together with "), leaf_name(c, h->c.met), S(" "), h->c.met_by->version,
                S(", which is there too"));
  if (c->scan->named->distro && !c->scan->distro_covered)
    text = JOIN(c->arena, text, S("; by the upstream version, back-ported fixes are not known"));
  return text;
}

static Str reason(const Words *c, const Hit *h) {
  Str text = h->by ? cpe_reason(c, h) : row_reason(c, h);
  return h->given ? JOIN(c->arena, text, S("; by name rule "), h->given->rule) : text;
}

/* ---- versions to go to --------------------------------------------------------------------------------- */

enum { FIXES_MOST = 64 };
typedef VEC(Str) Texts;

static void add_fix(const Words *c, Texts *list, Str v) {
  for (size_t k = 0; k < list->n; k++)
    if (str_eq(list->p[k], v)) return;
  if (list->n < FIXES_MOST) vec_add(c->arena, list, v);
}

/* Versions that end an interval that applies here, above the component's where that can be told. */
static void row_fixes(const Words *c, const Hit *h, Texts *list) {
  for (size_t i = 0; i < h->j.n; i++) {
    const SnapRow *r = &h->j.first[i];
    if ((r->flags & ~(uint32_t)(ROW_LO_NONE | ROW_LO_EXCL | ROW_MODULAR)) || !r->hi_text ||
        !row_applies(h->subject, h->j.first, h->j.n, r))
      continue;
    if (row_below_end(h->subject, r)) add_fix(c, list, snap_str(c->snap, r->hi_text));
  }
}

static void program_fixes(const Words *c, const Hit *h, Texts *list) {
  const Snapshot *s = c->snap;
  uint32_t i = h->c.prog;
  while (i && s->progs[i - 1].adv == h->adv) i--;
  for (; i < s->nprogs && s->progs[i].adv == h->adv; i++)
    for (uint32_t k = 0; k < s->progs[i].ops; k++) {
      const SnapOp *op = &s->ops[s->progs[i].first_op + k];
      if (op->kind == OP_LEAF && leaf_fixes(h->by, &s->leaves[op->leaf]))
        add_fix(c, list, snap_str(s, s->leaves[op->leaf].hi_text));
    }
}

static void fixed_versions(const Words *c, const Hit *h, VulnOutcome *o) {
  Texts list = { 0 };
  if (h->by) program_fixes(c, h, &list);
  else row_fixes(c, h, &list);
  o->fixed = list.p;
  o->nfixed = list.n;
}

/* ---- one group ----------------------------------------------------------------------------------------- */

static void names(const Words *c, const Hit *h, VulnOutcome *o) {
  const SnapGroup *g = &c->snap->groups[h->group];
  bool inside = false;
  o->id = snap_str(c->snap, g->rep);
  o->advisory = snap_str(c->snap, c->snap->advs[h->adv].id);
  o->source = str_of(origin_name(c->snap->advs[h->adv].source));
  o->aliases = NEW_ARRAY(c->arena, g->members + 1, Str);
  for (uint32_t i = 0; i < g->members; i++) {
    Str id = snap_str(c->snap, c->snap->members[g->first_member + i]);
    inside |= str_eq(id, o->advisory);
    if (!str_eq(id, o->id)) o->aliases[o->naliases++] = id;
  }
  if (!inside) o->aliases[o->naliases++] = o->advisory; /* a distribution's bulletin about this vulnerability */
}

static const char *ssvc_value(unsigned point, uint32_t packed) {
  static const char *const values[][4] = { { NULL, "none", "poc", "active" },
                                           { NULL, "no", "yes", NULL },
                                           { NULL, "partial", "total", NULL } };
  return values[point][(packed >> 4 * point) & 3];
}

static void scores(const Words *c, const Hit *h, VulnOutcome *o) {
  const SnapGroup *g = &c->snap->groups[h->group];
  const SnapAdv *a = &c->snap->advs[h->adv];
  bool group = g->x10 != CVSS_NONE || g->severity != SEV_UNSCORED;
  o->cvss_vector = snap_str(c->snap, group ? g->vector : a->vector);
  o->cvss_x10 = group ? g->x10 : a->x10;
  o->severity = severity_name(group ? g->severity : a->severity);
  o->kev = g->kev;
  for (unsigned i = 0; i < COUNT(o->ssvc); i++) o->ssvc[i] = ssvc_value(i, g->ssvc);
  o->epss_x1e9 = g->epss_x1e9 == SNAP_NONE ? VULN_UNSCORED : (int64_t)g->epss_x1e9;
}

static const Hit *hit_at(const Words *c, size_t key) { return &c->scan->hits.p[c->scan->key[key].at]; }

/* The worst of those who say something else is told beside the word that counts. */
static Str disagreement(const Words *c, const GroupWord *said, Str text) {
  const Hit *h = hit_at(c, said->first), *other = NULL;
  for (size_t i = 1; i < said->n; i++) {
    const Hit *one = hit_at(c, said->first + i);
    if (one->outcome != h->outcome && (!other || one->outcome < other->outcome)) other = one;
  }
  if (!other) return text;
  return JOIN(c->arena, text, S("; but "), advisory_name(c, other->adv), S(" says "),
              str_of(outcome_name(other->outcome)), other->rank >= RANK_NOTE ? S(" by the upstream version") : S(""));
}

/* A distribution ships its own fixes under the old version: its silence counts more than the upstream range. */
static void silent_distro(const Words *c, VulnOutcome *o) {
  o->outcome = OUTCOME_NOT_LISTED;
  o->rule = S("distro-silent");
  o->reason = JOIN(c->arena, c->scan->subject.id.base, S(" "), c->scan->subject.id.release,
                   S(" does not speak of it, and ships fixes "
                     "under old versions; not applied: "),
                   o->reason);
}

static VulnOutcome group_outcome(const Words *c, const GroupWord *said) {
  const Hit *h = hit_at(c, said->first);
  VulnOutcome o = { .outcome = h->outcome, .tier = h->tier, .rule = rules[h->rule].name, .reason = reason(c, h) };
  o.reason = disagreement(c, said, o.reason);
  if (h->given) o.name_rule = h->given->rule;
  if (h->rank >= RANK_NOTE) silent_distro(c, &o);
  names(c, h, &o);
  scores(c, h, &o);
  if (o.outcome <= OUTCOME_NOT_ASSESSABLE) fixed_versions(c, h, &o);
  return o;
}

static VulnOutcome cannot_outcome(const Words *c) {
  return (VulnOutcome){ .id = S(""),
                        .outcome = OUTCOME_NOT_ASSESSABLE,
                        .tier = 'D',
                        .rule = str_of(c->scan->cannot),
                        .reason = str_dup(c->arena, c->scan->cannot_why),
                        .cvss_x10 = VULN_UNSCORED,
                        .epss_x1e9 = VULN_UNSCORED };
}

void outcomes_make(const Scan *scan, Arena *a, ScanComponent *out) {
  Words c = { scan, scan->snap, a };
  for (size_t i = 0; i < scan->nsaid; i++) __builtin_prefetch(&c.snap->groups[hit_at(&c, scan->said[i].first)->group]);
  out->outcome = NEW_ARRAY(a, scan->nsaid + 1, VulnOutcome);
  for (size_t i = 0; i < scan->nsaid; i++) out->outcome[out->noutcomes++] = group_outcome(&c, &scan->said[i]);
  if (!scan->assessed && scan->cannot) out->outcome[out->noutcomes++] = cannot_outcome(&c);
  if (out->noutcomes > 1) qsort(out->outcome, out->noutcomes, sizeof *out->outcome, by_worst);
}
