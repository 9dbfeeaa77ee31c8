/* Facts of SBOMs and known vulnerabilities: counted by machines, decided by people. */
#include "comply/inside.h"
#include "supply/supply.h"
#include "vuln/vuln.h"

enum { ROWS_MOST = 200, PAGE = 500 };

static Err current_sboms(Cx *cx, const FactScope *s, SbomList *out, FactRows *rows) {
  Str product = s->scope.product.n ? s->scope.product : STR_NONE,
      release = s->scope.release.n ? s->scope.release : STR_NONE;
  *out = (SbomList){ 0 };
  if (!s->store) { rows->not_assessed = S("no store of SBOMs"); return E_OK; }
  TRY(supply_sboms(cx, s->store, product, release, true, out));
  if (!out->n) rows->not_assessed = S("no SBOM is stored");
  return E_OK;
}

/* ---- components ------------------------------------------------------------------------------------- */

typedef struct Lack { const char *word; ComponentFilter filter; } Lack;

static Str component_name(Arena *a, const ComponentRow *c) {
  if (!c->package.version.n) return str_dup(a, c->package.name);
  return str_fmt(a, "%.*s@%.*s", STR(c->package.name), STR(c->package.version));
}

static void add_component(Cx *cx, FactRows *out, Map *at, const ComponentRow *c, const char *word, Str sbom) {
  Str name = component_name(cx->arena, c);
  size_t i = map_get(at, name);
  if (i == MAP_NONE) {
    map_put(at, name, out->row.n);
    vec_add(cx->arena, &out->row,
            (FactRow){ .node = NODE_NONE, .object = name, .title = sbom, .what = str_of(word) });
  } else if (str_find(out->row.p[i].what, str_of(word)) == SIZE_MAX) {
    out->row.p[i].what = str_fmt(cx->arena, "%.*s, %s", STR(out->row.p[i].what), word);
  }
}

/* Many at once are one gap of the SBOM: a list of thousands tells nobody what to do. */
static Err components_of(Cx *cx, const FactScope *s, const SbomInfo *sbom, const Lack *l, int64_t lacking,
                         FactRows *out, Map *at) {
  if (!lacking) return E_OK;
  if (lacking > ROWS_MOST) {
    ComponentRow whole = { .package = { .name = sbom->id } };
    add_component(cx, out, at, &whole,
                  str_z(cx->arena, str_fmt(cx->arena, "%s of %lld components", l->word, (long long)lacking)),
                  sbom->name);
    return E_OK;
  }
  ComponentRows rows;
  TRY(supply_components(cx, s->store, sbom->id, &l->filter, STR_NONE, PAGE, &rows));
  for (size_t i = 0; i < rows.n; i++)
    if (!rows.p[i].subject) add_component(cx, out, at, &rows.p[i], l->word, sbom->id);
  return E_OK;
}

typedef int64_t (*CountOf)(const ComponentCounts *c);

static Err components(Cx *cx, const FactScope *s, const Lack *lacks, const CountOf *counts, size_t n,
                      FactRows *out) {
  SbomList sboms;
  Map at = map_new(cx->arena, 256);
  TRY(current_sboms(cx, s, &sboms, out));
  for (size_t i = 0; i < sboms.n; i++) {
    ComponentCounts c;
    TRY(supply_counts(cx, s->store, sboms.p[i].id, date_of(s->now_us), &c));
    out->asked += c.total;
    for (size_t k = 0; k < n; k++) TRY(components_of(cx, s, &sboms.p[i], &lacks[k], counts[k](&c), out, &at));
  }
  if (out->asked < (int64_t)out->row.n) out->asked = (int64_t)out->row.n;
  return E_OK;
}

static int64_t of_supplier(const ComponentCounts *c) { return c->no_supplier; }
static int64_t of_version(const ComponentCounts *c) { return c->no_version; }
static int64_t of_id(const ComponentCounts *c) { return c->no_id; }
static int64_t of_level(const ComponentCounts *c) { return c->no_support_level; }
static int64_t of_end(const ComponentCounts *c) { return c->no_support_end; }
static int64_t of_element(const ComponentCounts *c) { return c->no_element; }

Err fact_components_identity(Cx *cx, const FactScope *s, FactRows *out) {
  static const Lack lacks[] = { { "supplier", { .no_supplier = true } },
                                { "version", { .no_version = true } },
                                { "unique id", { .no_id = true } } };
  static const CountOf counts[] = { of_supplier, of_version, of_id };
  return components(cx, s, lacks, counts, COUNT(lacks), out);
}

Err fact_components_support(Cx *cx, const FactScope *s, FactRows *out) {
  static const Lack lacks[] = { { "level of support", { .no_support_level = true } },
                                { "end of support", { .no_support_end = true } } };
  static const CountOf counts[] = { of_level, of_end };
  return components(cx, s, lacks, counts, COUNT(lacks), out);
}

Err fact_components_element(Cx *cx, const FactScope *s, FactRows *out) {
  static const Lack lacks[] = { { "element", { .no_element = true } } };
  static const CountOf counts[] = { of_element };
  return components(cx, s, lacks, counts, COUNT(lacks), out);
}

/* 524B(b)(3): a release has an SBOM, itself or through the items that it is made of. */
Err fact_release_without_sbom(Cx *cx, const FactScope *s, FactRows *out) {
  Nodes releases;
  if (!s->store) { out->not_assessed = S("no store of SBOMs"); return E_OK; }
  TRY(fact_nodes(cx, s, "type:release id:@release -state:superseded,end_of_support,rejected,withdrawn,voided",
                 &releases));
  out->asked = (int64_t)releases.n;
  for (size_t i = 0; i < releases.n; i++) {
    SbomList sboms;
    Edges parts;
    TRY(supply_sboms(cx, s->store, STR_NONE, node_id(s->graph, releases.p[i]), true, &sboms));
    size_t have = sboms.n;
    graph_edges(cx, s->graph, releases.p[i], "has_part", &parts);
    for (size_t k = 0; k < parts.n && !have; k++) {
      TRY(supply_sboms(cx, s->store, STR_NONE, node_id(s->graph, parts.p[k].to), true, &sboms));
      have = sboms.n;
    }
    if (!have) fact_add(cx, out, releases.p[i], STR_NONE);
  }
  return E_OK;
}

/* ---- vulnerabilities -------------------------------------------------------------------------------- */

typedef struct Undecided {
  const FactScope *scope;
  bool kev_only;
  Map decided, noted, seen;
  size_t known;
  FactRows *out;
} Undecided;

static bool is_decided(const Graph *g, Node finding) {
  Str status = fact_word(g, finding, "status");
  unsigned f = node_state_flags(g, finding);
  return node_value(g, finding, "disposition") || (f & ST_ACCEPTED) || str_eq(status, S("not_affected")) ||
         str_eq(status, S("fixed"));
}

static bool is_kev(const Graph *g, Node finding) {
  return str_eq(fact_word(g, finding, "known_exploited"), S("yes"));
}

static Str case_key(Arena *a, Str vuln, Str release) {
  return str_fmt(a, "%.*s|%.*s", STR(str_upper(a, vuln)), STR(release));
}

/* A decision holds for the releases that it names; one that names none holds for all. */
static void note(Cx *cx, const Graph *g, Map *at, Node n) {
  Edges in;
  Str vuln = fact_word(g, n, "vulnerability");
  if (!vuln.n) return;
  graph_edges(cx, g, n, "in", &in);
  if (!in.n) map_put(at, case_key(cx->arena, vuln, S("")), n);
  for (size_t i = 0; i < in.n; i++) map_put(at, case_key(cx->arena, vuln, node_id(g, in.p[i].to)), n);
}

static bool is_noted(Cx *cx, const Map *at, Str vuln, Str release) {
  return map_get(at, case_key(cx->arena, vuln, release)) != MAP_NONE ||
         map_get(at, case_key(cx->arena, vuln, S(""))) != MAP_NONE;
}

/* What people or the matcher wrote down: findings, and statements that are in force. */
static Err from_records(Cx *cx, Undecided *u) {
  const Graph *g = u->scope->graph;
  Nodes nodes;
  TRY(fact_nodes(cx, u->scope, "type:vex_statement is:accepted", &nodes));
  for (size_t i = 0; i < nodes.n; i++) note(cx, g, &u->decided, nodes.p[i]);
  TRY(fact_nodes(
      cx, u->scope,
      "type:finding -state:rejected,duplicate,voided discovered_by:feed,supplier,researcher,incident",
      &nodes));
  u->known = nodes.n;
  for (size_t i = 0; i < nodes.n; i++) if (is_decided(g, nodes.p[i])) note(cx, g, &u->decided, nodes.p[i]);
  for (size_t i = 0; i < nodes.n; i++) {
    Node n = nodes.p[i], in = fact_link(cx, g, n, "in");
    note(cx, g, &u->noted, n);
    if (u->kev_only && !is_kev(g, n)) continue;
    u->out->asked++;
    Str release = in == NODE_NONE ? S("") : node_id(g, in), vuln = fact_word(g, n, "vulnerability");
    if (!is_decided(g, n) && !is_noted(cx, &u->decided, vuln, release))
      fact_add(cx, u->out, n, vuln.n ? vuln : node_title(g, n));
  }
  return E_OK;
}

/* Verdicts of the matcher that no record speaks of. */
static Err from_verdicts(Cx *cx, Undecided *u, const SbomInfo *sbom) {
  static const char *const outcomes[] = { "affected", "affected-if", "uncertain" };
  for (size_t o = 0; o < COUNT(outcomes); o++) {
    VerdictRows rows;
    VerdictQuery q = { .sbom = sbom->id, .vuln = STR_NONE, .outcome = str_of(outcomes[o]), .limit = 100000 };
    TRY(vuln_verdicts(cx, u->scope->store, &q, &rows));
    for (size_t i = 0; i < rows.n; i++) {
      const VerdictRow *v = &rows.p[i];
      Str id = str_upper(cx->arena, v->vuln);
      if (!v->active || (u->kev_only && !v->kev) || is_noted(cx, &u->noted, id, sbom->release) ||
          map_get(&u->seen, id) != MAP_NONE)
        continue;
      u->out->asked++;
      if (is_noted(cx, &u->decided, id, sbom->release)) continue;
      map_put(&u->seen, id, 1);
      vec_add(cx->arena, &u->out->row,
              (FactRow){
                  .node = NODE_NONE,
                  .object = id,
                  .title = v->name,
                  .what = str_fmt(cx->arena, "%.*s in %.*s %.*s", STR(id), STR(v->name), STR(v->version)) });
    }
  }
  return E_OK;
}

static Err undecided(Cx *cx, const FactScope *s, bool kev_only, FactRows *out) {
  Undecided u = { s, kev_only, map_new(cx->arena, 256), map_new(cx->arena, 256), map_new(cx->arena, 256),
                  0, out };
  SbomList sboms;
  SnapshotRow snapshot;
  TRY(from_records(cx, &u));
  TRY(current_sboms(cx, s, &sboms, out));
  out->not_assessed = STR_NONE;
  bool matched = s->store && sboms.n && vuln_current(cx, s->store, &snapshot) == E_OK;
  if (!matched) cx_forgive(cx);
  for (size_t i = 0; matched && i < sboms.n; i++) TRY(from_verdicts(cx, &u, &sboms.p[i]));
  if (!matched && !u.known)
    out->not_assessed = S("no vulnerability feed is active, or there is no SBOM to match");
  return E_OK;
}

Err fact_cve_undecided(Cx *cx, const FactScope *s, FactRows *out) { return undecided(cx, s, false, out); }
Err fact_kev_undecided(Cx *cx, const FactScope *s, FactRows *out) { return undecided(cx, s, true, out); }
