/* One vulnerability in all devices: which SBOMs hold it, what is decided, what is due, what customers were told. */
#include "app/triage.h"

static Err found(Cx *cx, const Graph *g, Str text, Nodes *out) {
  Query *q;
  TRY(query_compile(cx, text, &(QueryScope){ .now_us = cx->now_us }, &q));
  return query_run(cx, g, q, out);
}

static Node node_or_none(const Graph *g, Str id) { return id.n ? graph_find(g, id) : NODE_NONE; }

static bool links_to(Cx *cx, const Graph *g, Node n, const char *link, Node to) {
  Edges edges = { 0 };
  graph_edges(cx, g, n, link, &edges);
  for (size_t i = 0; i < edges.n; i++)
    if (edges.p[i].to == to && !edges.p[i].inverse) return true;
  return false;
}

/* The finding of this device and release, if somebody has one. */
static Node finding_in(Cx *cx, const Graph *g, const Nodes *findings, const Held *h) {
  for (size_t i = 0; i < findings->n; i++) {
    if (h->product != NODE_NONE && !node_in_product(g, findings->p[i], h->product)) continue;
    if (h->release == NODE_NONE || links_to(cx, g, findings->p[i], "in", h->release)) return findings->p[i];
  }
  return NODE_NONE;
}

static const Decision *covering(Cx *cx, const Graph *g, const Where *w, const Held *h, const Str *ids, size_t nids,
                                Str *near) {
  DecisionCase c = { .id = ids,
                     .nid = nids,
                     .purl = h->verdict.purl,
                     .name = h->verdict.name,
                     .version = h->verdict.version,
                     .product = h->product,
                     .release = h->release,
                     .element = h->element };
  const Decision *best = NULL;
  for (size_t i = 0; i < w->decisions.n; i++) {
    const Decision *d = &w->decisions.p[i];
    Str why;
    if (d->source.n && !d->in_force) continue; /* a proposal of somebody else */
    DecisionFit fit = decision_fit(cx, g, d, &c, &why);
    if (fit == FIT_NEAR && !near->n) *near = str_fmt(cx->arena, "%.*s: %.*s", STR(d->id), STR(why));
    if (fit != FIT_YES) continue;
    if (!best || (d->in_force && !best->in_force) ||
        (d->in_force == best->in_force && d->decided_us > best->decided_us))
      best = d;
  }
  return best;
}

static Err add_held(Cx *cx, Store *s, const Graph *g, const VerdictRow *v, const Str *ids, size_t nids,
                    const Nodes *findings, Where *w) {
  PackageUses uses = { 0 };
  TRY(supply_package_uses(cx, s, v->pkgver, true, &uses));
  for (size_t i = 0; i < uses.n; i++) {
    Held h = { .verdict = *v };
    bool twice = false;
    for (size_t k = 0; k < w->held.n; k++)
      twice |= str_eq(w->held.p[k].sbom.id, uses.p[i].sbom) && w->held.p[k].verdict.pkgver == v->pkgver;
    if (twice) continue;
    TRY(supply_sbom(cx, s, uses.p[i].sbom, &h.sbom));
    h.product = node_or_none(g, uses.p[i].product);
    h.release = node_or_none(g, uses.p[i].release);
    h.element = node_or_none(g, uses.p[i].element);
    h.finding = finding_in(cx, g, findings, &h);
    h.units = release_units(cx, g, h.release);
    h.decision = covering(cx, g, w, &h, ids, nids, &h.near);
    vec_add(cx->arena, &w->held, h);
  }
  return E_OK;
}

/* ---- the one sentence ---------------------------------------------------------------------------------- */

static Str place(Cx *cx, const Graph *g, const Held *h) {
  Str product = h->product == NODE_NONE ? h->sbom.product : node_title(g, h->product);
  Str release = h->release == NODE_NONE ? S("no release") : node_title(g, h->release);
  Str units = h->units ? str_fmt(cx->arena, " (%lld units)", (long long)h->units) : STR_NONE;
  if (str_starts(release, product)) return str_fmt(cx->arena, "%.*s%.*s", STR(release), STR(units));
  return str_fmt(cx->arena, "%.*s %.*s%.*s", STR(product), STR(release), STR(units));
}

typedef enum Said { SAID_YES, SAID_NO, SAID_UNKNOWN, SAID_COUNT } Said;

static Said said_of(const Held *h) {
  if (h->decision && h->decision->in_force) {
    if (str_eq(h->decision->status, S("affected"))) return SAID_YES;
    if (!str_eq(h->decision->status, S("under_investigation"))) return SAID_NO;
  }
  if (h->verdict.outcome == OUTCOME_AFFECTED) return SAID_YES;
  return h->verdict.outcome >= OUTCOME_NOT_AFFECTED ? SAID_NO : SAID_UNKNOWN;
}

static void say(Cx *cx, const Graph *g, Where *w) {
  static const char *const heads[SAID_COUNT] = { "Yes: ", "No: ", "Unknown: " };
  Buf b = buf_new(cx->arena, 16384);
  for (unsigned k = 0; k < SAID_COUNT; k++) {
    size_t n = 0;
    for (size_t i = 0; i < w->held.n; i++) {
      const Held *h = &w->held.p[i];
      bool twice = false;
      if ((unsigned)said_of(h) != k) continue;
      for (size_t j = 0; j < i; j++)
        twice |= w->held.p[j].release == h->release && w->held.p[j].product == h->product &&
                 said_of(&w->held.p[j]) == said_of(h);
      if (twice) continue;
      buf_fmt(&b, "%s%.*s", n++ ? ", " : heads[k], STR(place(cx, g, h)));
      if (h->decision && h->decision->in_force) buf_fmt(&b, " by %.*s", STR(h->decision->id));
    }
    if (k == SAID_UNKNOWN)
      for (size_t i = 0; i < w->unseen.n; i++)
        buf_fmt(&b, "%s%.*s (no SBOM)", n++ ? ", " : heads[k], STR(node_title(g, w->unseen.p[i])));
    if (n) buf_z(&b, ". ");
  }
  if (!b.n) buf_z(&b, "No component of any SBOM is touched by it.");
  w->sentence = str_trim(buf_str(&b));
}

/* ---- what hangs on it ---------------------------------------------------------------------------------- */

static bool among(const Nodes *list, Node n) {
  for (size_t i = 0; i < list->n; i++)
    if (list->p[i] == n) return true;
  return false;
}

static void add_linked(Cx *cx, const Graph *g, Node from, const char *type, Nodes *out) {
  Edges edges = { 0 };
  graph_edges(cx, g, from, NULL, &edges);
  for (size_t i = 0; i < edges.n; i++)
    if (str_eq(str_of(node_type(g, edges.p[i].to)->name), str_of(type)) && !among(out, edges.p[i].to))
      vec_add(cx->arena, out, edges.p[i].to);
}

static Err find_unseen(Cx *cx, Store *s, const Graph *g, Where *w) {
  Nodes products = { 0 };
  TRY(found(cx, g, S("type:product -is:closed"), &products));
  for (size_t i = 0; i < products.n; i++) {
    SbomList sboms = { 0 };
    TRY(supply_sboms(cx, s, node_id(g, products.p[i]), STR_NONE, true, &sboms));
    if (!sboms.n) vec_add(cx->arena, &w->unseen, products.p[i]);
  }
  return E_OK;
}

/* Notices name it, or tell about a finding of it. */
static Err find_notices(Cx *cx, const Graph *g, const Nodes *findings, const Str *ids, size_t nids, Where *w) {
  Nodes all = { 0 };
  for (size_t i = 0; i < findings->n; i++) {
    add_linked(cx, g, findings->p[i], "advisory_notice", &w->notices);
    add_linked(cx, g, findings->p[i], "clock", &w->clocks);
  }
  TRY(found(cx, g, S("type:advisory_notice -state:voided cve:*"), &all));
  for (size_t i = 0; i < all.n; i++) {
    const Value *cve = node_value(g, all.p[i], "cve");
    for (size_t k = 0; cve && k < cve->list.n; k++)
      for (size_t j = 0; j < nids; j++)
        if (str_eq_nocase(cve->list.p[k], ids[j]) && !among(&w->notices, all.p[i]))
          vec_add(cx->arena, &w->notices, all.p[i]);
  }
  return E_OK;
}

Err where_is(Cx *cx, Store *s, const Graph *g, Str vuln, Str *broken, Where *out) {
  Where w = { 0 };
  const Snapshot *snap = NULL;
  VerdictRows rows = { 0 };
  Nodes findings = { 0 }, some;
  TRY(triage_snapshot_or(cx, s, &snap, broken));
  Cx probe = { .arena = cx->arena };
  w.known = snap && vuln_about(&probe, snap, vuln, &w.about) == E_OK;
  if (w.known) vuln_sources(cx, snap, &w.about);
  else w.about = (VulnAbout){ .id = vuln, .cvss_x10 = VULN_UNSCORED, .epss_x1e9 = VULN_UNSCORED };
  Str *ids = NEW_ARRAY(cx->arena, w.about.naliases + 1, Str);
  size_t nids = 0;
  ids[nids++] = w.about.id;
  for (size_t i = 0; i < w.about.naliases; i++) ids[nids++] = w.about.aliases[i];
  for (size_t i = 0; i < nids && !w.scores.score.n && !w.scores.kev_seen; i++)
    TRY(score_history(cx, s, ids[i], &w.scores));
  TRY(decisions_load(cx, g, &w.decisions));
  TRY(found(cx, g, S("type:finding -state:voided vulnerability:*"), &some));
  for (size_t i = 0; i < some.n; i++) {
    const Value *v = node_value(g, some.p[i], "vulnerability");
    for (size_t k = 0; k < nids; k++)
      if (v && str_eq_nocase(v->s, ids[k])) vec_add(cx->arena, &findings, some.p[i]);
  }
  TRY(vuln_verdicts(cx, s, &(VerdictQuery){ .vuln = w.about.id, .limit = 2000 }, &rows));
  for (size_t i = 0; i < rows.n; i++) TRY(add_held(cx, s, g, &rows.p[i], ids, nids, &findings, &w));
  TRY(find_unseen(cx, s, g, &w));
  TRY(find_notices(cx, g, &findings, ids, nids, &w));
  w.findings = findings;
  say(cx, g, &w);
  *out = w;
  return E_OK;
}
