/* finding_about.c - one vulnerability as its snapshot knows it: names, scores, and every source beside the others. */
#include "vuln/decision.h"
#include "vuln/snap.h"

static bool group_has(const Snapshot *s, const SnapGroup *g, Str id) {
  if (str_eq_nocase(snap_str(s, g->rep), id)) return true;
  for (uint32_t i = 0; i < g->members; i++)
    if (str_eq_nocase(snap_str(s, s->members[g->first_member + i]), id)) return true;
  return false;
}

static const SnapGroup *by_rep(const Snapshot *s, Str id) {
  for (size_t lo = 0, hi = s->ngroups; lo < hi;) {
    size_t mid = lo + (hi - lo) / 2;
    int d = str_cmp(snap_str(s, s->groups[mid].rep), id);
    if (!d) return &s->groups[mid];
    if (d < 0) lo = mid + 1;
    else hi = mid;
  }
  return NULL;
}

/* A representative is found by halves.  A CVE id always is one, so that only other ids need a look at all. */
static const SnapGroup *group_find(Cx *cx, const Snapshot *s, Str id) {
  Str upper = str_upper(cx->arena, id);
  if (cve_number(upper)) return by_rep(s, upper);
  const SnapGroup *g = by_rep(s, id);
  for (size_t i = 0; !g && i < s->ngroups; i++)
    if (group_has(s, &s->groups[i], id)) g = &s->groups[i];
  return g;
}

static const char *ssvc_word(unsigned point, uint32_t packed) {
  static const char *const words[][4] = { { NULL, "none", "public poc", "active" },
                                          { NULL, "no", "yes", NULL },
                                          { NULL, "partial", "total", NULL } };
  return words[point][(packed >> 4 * point) & 3];
}

static int64_t percentile(const Snapshot *s, const SnapGroup *g) {
  for (uint32_t i = 0; i <= g->members; i++) {
    Str id = snap_str(s, i < g->members ? s->members[g->first_member + i] : g->rep);
    uint64_t cve = cve_number(id);
    for (size_t lo = 0, hi = cve ? s->nepss : 0; lo < hi;) {
      size_t mid = lo + (hi - lo) / 2;
      if (s->epss[mid].cve == cve) return s->epss[mid].percentile_x1e9;
      if (s->epss[mid].cve < cve) lo = mid + 1;
      else hi = mid;
    }
  }
  return VULN_UNSCORED;
}

Err vuln_about(Cx *cx, const Snapshot *s, Str id, VulnAbout *out) {
  const SnapGroup *g = group_find(cx, s, str_trim(id));
  if (!g) return fail(cx, E_NOTFOUND, "%.*s is not in the advisories in use", STR(str_head(id, 80)));
  VulnAbout a = { .id = snap_str(s, g->rep),
                  .aliases = NEW_ARRAY(cx->arena, g->members + 1, Str),
                  .vector = snap_str(s, g->vector),
                  .severity = severity_name(g->severity),
                  .kev_added = g->kev ? snap_str(s, g->kev_added) : STR_NONE,
                  .cvss_x10 = g->x10,
                  .epss_x1e9 = g->epss_x1e9 == SNAP_NONE ? VULN_UNSCORED : (int64_t)g->epss_x1e9,
                  .percentile_x1e9 = percentile(s, g) };
  if (g->kev && !a.kev_added.n) a.kev_added = S("listed");
  for (uint32_t i = 0; i < g->members; i++) {
    Str member = snap_str(s, s->members[g->first_member + i]);
    if (!str_eq(member, a.id)) a.aliases[a.naliases++] = member;
  }
  for (unsigned i = 0; i < COUNT(a.ssvc); i++) a.ssvc[i] = ssvc_word(i, g->ssvc);
  a.group = (uint32_t)(g - s->groups);
  *out = a;
  return E_OK;
}

void vuln_sources(Cx *cx, const Snapshot *s, VulnAbout *about) {
  for (size_t i = 0; i < s->nadvs; i++) {
    const SnapAdv *a = &s->advs[i];
    if (a->group != about->group) continue;
    vec_add(cx->arena, &about->source,
            (VulnSource){ .advisory = snap_str(s, a->id),
                          .source = str_of(origin_name(a->source)),
                          .modified = snap_str(s, a->modified),
                          .vector = snap_str(s, a->vector),
                          .severity = severity_name(a->severity),
                          .cvss_x10 = a->x10,
                          .withdrawn = a->withdrawn });
    if (about->vector.n) continue; /* a group without a score of its own has its first advisory's */
    about->vector = snap_str(s, a->vector);
    if (about->cvss_x10 == CVSS_NONE) about->cvss_x10 = a->x10;
    if (!about->severity.n) about->severity = severity_name(a->severity);
  }
}
