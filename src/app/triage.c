/* The triage queue: findings by vulnerability, each with what it needs, ordered by what it may do to a patient. */
#include "app/triage.h"
#include "app/data.h"
#include <stdlib.h>

const char *const need_words[NEED_COUNT] = { [NEED_REVIEW] = "Look again",
                                             [NEED_DECISION] = "Needs a decision",
                                             [NEED_SIGNATURE] = "Waits for a signature",
                                             [NEED_NOTHING] = "Decided" };

/* ---- what stays open in this process ------------------------------------------------------------------- */

Err triage_ssvc(Cx *cx, const Ssvc **out) {
  static Ssvc tables;
  static Arena *arena;
  if (!arena) {
    const DataFile *f = data_find(S("ssvc/tables.txt"));
    Arena *a = arena_new(1 << 20);
    Cx own = { .arena = a };
    if (!f || ssvc_read(&own, data_text(f), &tables) != E_OK)
      return fail(cx, E_BUG, "ssvc/tables.txt: %.*s", STR(own.words));
    arena = a;
  }
  *out = &tables;
  return E_OK;
}

/* The snapshot lives in an arena of its own: it outlasts the request that opened it. */
Err triage_snapshot(Cx *cx, Store *s, const Snapshot **out) {
  static Snapshot *open;
  static Arena *arena;
  static char sha[65];
  SnapshotRow row;
  TRY(vuln_current(cx, s, &row));
  if (open && str_eq(row.sha256, str_of(sha))) {
    *out = open;
    return E_OK;
  }
  Snapshot *fresh;
  Cx own = { .arena = arena_new(1 << 20) };
  Err e = snapshot_open(&own, str_z(cx->arena, row.path), &fresh);
  if (e != E_OK) {
    e = fail(cx, e, "%.*s", STR(own.words));
    arena_free(own.arena);
    return e;
  }
  snapshot_close(open);
  arena_free(arena);
  open = fresh;
  arena = own.arena;
  for (size_t i = 0; i < sizeof sha - 1; i++) sha[i] = i < row.sha256.n ? row.sha256.p[i] : '\0';
  *out = open;
  return E_OK;
}

Err triage_snapshot_or(Cx *cx, Store *s, const Snapshot **out, Str *broken) {
  SnapshotRow row;
  Err e = triage_snapshot(cx, s, out);
  if (e == E_OK || (e != E_NOTFOUND && !broken)) return e;
  Str words = cx->words;
  cx_forgive(cx);
  *out = NULL;
  if (!broken) return E_OK;
  e = vuln_current(cx, s, &row);   /* none in use, or one whose file is gone */
  if (e == E_OK) *broken = words;
  else if (e != E_NOTFOUND) return e;
  cx_forgive(cx);
  return E_OK;
}

/* ---- one finding --------------------------------------------------------------------------------------- */

static Str text_of(const Graph *g, Node n, const char *field) {
  const Value *v = node_value(g, n, field);
  return v ? v->s : STR_NONE;
}

static Node first_to(Cx *cx, const Graph *g, Node n, const char *link) {
  Edges edges = { 0 };
  graph_edges(cx, g, n, link, &edges);
  for (size_t i = 0; i < edges.n; i++)
    if (!edges.p[i].inverse) return edges.p[i].to;
  return NODE_NONE;
}

static Nodes all_to(Cx *cx, const Graph *g, Node n, const char *link) {
  Edges edges = { 0 };
  Nodes list = { 0 };
  graph_edges(cx, g, n, link, &edges);
  for (size_t i = 0; i < edges.n; i++)
    if (!edges.p[i].inverse) vec_add(cx->arena, &list, edges.p[i].to);
  return list;
}

static Err products_of(Cx *cx, const Graph *g, Nodes *out) {
  Query *q;
  TRY(query_compile(cx, S("type:product"), &(QueryScope){ .now_us = cx->now_us }, &q));
  return query_run(cx, g, q, out);
}

static Node product_of(const Graph *g, Node n, const Nodes *products) {
  for (size_t i = 0; i < products->n; i++)
    if (node_in_product(g, n, products->p[i])) return products->p[i];
  return NODE_NONE;
}

/* The newest statement that is not void.  What somebody else says is none of ours until one of us has signed it. */
static const Decision *stated(Cx *cx, const Graph *g, Node n, const Decisions *all) {
  Nodes vex = all_to(cx, g, n, "stated_by");
  Edges about = { 0 };
  const Decision *best = NULL;
  graph_edges(cx, g, n, "has_about", &about);
  for (size_t i = 0; i < about.n; i++) vec_add(cx->arena, &vex, about.p[i].to);
  for (size_t i = 0; i < vex.n; i++)
    for (size_t k = 0; k < all->n; k++)
      if (all->p[k].node == vex.p[i] && (!all->p[k].source.n || all->p[k].in_force) &&
          (!best || (all->p[k].in_force && !best->in_force) ||
           (all->p[k].in_force == best->in_force && all->p[k].decided_us > best->decided_us)))
        best = &all->p[k];
  return best;
}

int64_t release_units(Cx *cx, const Graph *g, Node release) {
  Edges edges = { 0 };
  int64_t units = 0;
  if (release == NODE_NONE) return 0;
  graph_edges(cx, g, release, NULL, &edges);
  for (size_t i = 0; i < edges.n; i++) {
    if (!edges.p[i].inverse || !str_eq(str_of(edges.p[i].name->name), S("deploys"))) continue;
    const Value *done = node_value(g, edges.p[i].to, "units_done");
    if (!done) done = node_value(g, edges.p[i].to, "units");
    if (done && !str_eq(node_state(g, edges.p[i].to), S("voided"))) units += done->i;
  }
  return units;
}

static bool undecided(const Graph *g, Node n) {
  Str status = text_of(g, n, "status");
  if (node_state_flags(g, n) & ST_CLOSED) return false;
  return !status.n || str_eq(status, S("under_investigation")) ||
         (str_eq(status, S("affected")) && !text_of(g, n, "disposition").n);
}

static TriageFinding finding_of(Cx *cx, const Graph *g, Node n, const Nodes *products, const Decisions *all) {
  TriageFinding f = { .node = n,
                      .product = product_of(g, n, products),
                      .release = first_to(cx, g, n, "in"),
                      .elements = all_to(cx, g, n, "on"),
                      .id = node_id(g, n),
                      .title = node_title(g, n),
                      .package = text_of(g, n, "package"),
                      .status = text_of(g, n, "status"),
                      .state = node_state(g, n),
                      .decision = stated(cx, g, n, all) };
  f.units = release_units(cx, g, f.release);
  f.need = f.decision && !f.decision->in_force ? NEED_SIGNATURE
           : !f.decision && undecided(g, n)    ? NEED_DECISION
                                               : NEED_NOTHING;
  return f;
}

/* ---- one vulnerability --------------------------------------------------------------------------------- */

static Answers answers_of(const Graph *g, Node n) {
  return (Answers){ .reach = text_of(g, n, "reach"),
                    .login = text_of(g, n, "login"),
                    .exploit = text_of(g, n, "exploit"),
                    .reachable = text_of(g, n, "reachable"),
                    .protection = text_of(g, n, "protection") };
}

static Str first_said(Str given, Str kept) { return given.n ? given : kept; }

Err finding_clinical(Cx *cx, Store *s, const Graph *g, Node finding, const Answers *given, Clinical *out) {
  Answers kept = answers_of(g, finding);
  Answers a = { .reach = first_said(given->reach, kept.reach),
                .login = first_said(given->login, kept.login),
                .exploit = first_said(given->exploit, kept.exploit),
                .reachable = first_said(given->reachable, kept.reachable),
                .protection = first_said(given->protection, kept.protection) };
  Nodes elements = all_to(cx, g, finding, "on");
  const Snapshot *snap = NULL;
  VulnAbout about;
  Cx probe = { .arena = cx->arena };
  bool known = triage_snapshot(&probe, s, &snap) == E_OK &&
               vuln_about(&probe, snap, text_of(g, finding, "vulnerability"), &about) == E_OK;
  Nodes products = { 0 };
  TRY(products_of(cx, g, &products));
  return clinical_judge(cx, g, product_of(g, finding, &products), &elements, known ? &about : NULL, &a, out);
}

/* The release holds another version now than the one that was looked at. */
static Err version_trigger(Cx *cx, Store *s, const Graph *g, const VerdictRow *row, TriageFinding *f) {
  PackageUses uses = { 0 };
  Str named = row->purl.n ? row->purl : str_fmt(cx->arena, "%.*s %.*s", STR(row->name), STR(row->version));
  if (!row->active || row->outcome > OUTCOME_UNCERTAIN || f->release == NODE_NONE || !f->package.n ||
      str_find(f->package, named) != SIZE_MAX || !package_same_identity(cx, f->decision->package, row->purl, row->name))
    return E_OK;
  TRY(supply_package_uses(cx, s, row->pkgver, true, &uses));
  for (size_t i = 0; i < uses.n; i++)
    if (str_eq(uses.p[i].release, node_id(g, f->release))) {
      vec_add(cx->arena, &f->triggers,
              (Trigger){ "version", str_fmt(cx->arena, "the release now holds %.*s %.*s; it was decided for %.*s",
                                            STR(row->name), STR(row->version), STR(f->package)) });
      return E_OK;
    }
  return E_OK;
}

/* Whether the weak code can be reached was judged for the element as it was.  A link is also suspect when the statement
 * itself moved. */
static void element_trigger(Cx *cx, const Graph *g, TriageFinding *f) {
  Edges edges = { 0 };
  graph_edges(cx, g, f->decision->node, "on", &edges);
  for (size_t i = 0; i < edges.n; i++)
    if (!edges.p[i].inverse && edges.p[i].suspect && node_changed_us(g, edges.p[i].to) > f->decision->decided_us)
      vec_add(cx->arena, &f->triggers,
              (Trigger){ "element", str_fmt(cx->arena, "%.*s %.*s was changed: what can reach it may differ",
                                            STR(node_id(g, edges.p[i].to)), STR(node_title(g, edges.p[i].to))) });
}

/* Verdicts are asked for only where a decision could be overtaken by them. */
static Err find_triggers(Cx *cx, Store *s, const Graph *g, TriageItem *item) {
  VerdictRows rows = { 0 };
  bool asked = false;
  for (size_t i = 0; i < item->finding.n; i++) {
    TriageFinding *f = &item->finding.p[i];
    if (!f->decision || !f->decision->in_force) continue;
    if (!asked)
      TRY(vuln_verdicts(cx, s, &(VerdictQuery){ .vuln = item->vuln, .inactive_too = true, .limit = 200 }, &rows));
    asked = true;
    bool spoken = false;
    for (size_t k = 0; k < rows.n && !f->triggers.n; k++) {
      TRY(version_trigger(cx, s, g, &rows.p[k], f));
      if (f->triggers.n) break;
      if (!package_matches(cx, f->decision->package, rows.p[k].purl, rows.p[k].name, rows.p[k].version)) continue;
      spoken = true;
      TRY(verdict_triggers(cx, s, &rows.p[k], f->decision->decided_us, f->decision->valid_until, date_of(cx->now_us),
                           &f->triggers));
    }
    if (!spoken && f->decision->valid_until && f->decision->valid_until < date_of(cx->now_us))
      vec_add(cx->arena, &f->triggers, (Trigger){ "expired", S("the day to look at it again has passed") });
    element_trigger(cx, g, f);
    if (f->triggers.n) f->need = NEED_REVIEW;
  }
  return E_OK;
}

static Err judge(Cx *cx, const Graph *g, TriageItem *item) {
  for (size_t i = 0; i < item->finding.n; i++) {
    Clinical c;
    TriageFinding *f = &item->finding.p[i];
    Answers a = answers_of(g, f->node);
    TRY(clinical_judge(cx, g, f->product, &f->elements, item->known ? &item->about : NULL, &a, &c));
    if (i == 0 || c.rank > item->clinical.rank) item->clinical = c;
  }
  return E_OK;
}

static void sum_up(const Graph *g, TriageItem *item) {
  item->need = NEED_NOTHING;
  item->since_us = INT64_MAX;
  for (size_t i = 0; i < item->finding.n; i++) {
    const TriageFinding *f = &item->finding.p[i];
    bool seen = false, counted = false;
    if (f->need < item->need) item->need = f->need;
    if (node_changed_us(g, f->node) < item->since_us) item->since_us = node_changed_us(g, f->node);
    for (size_t k = 0; k < i; k++) {
      seen |= item->finding.p[k].product == f->product;
      counted |= item->finding.p[k].release == f->release;
    }
    item->products += !seen;
    if (!counted) item->units += f->units;
  }
}

static int more_urgent(const void *x, const void *y) {
  const TriageItem *a = x, *b = y;
  if (a->need != b->need) return a->need < b->need ? -1 : 1;
  if (a->clinical.rank != b->clinical.rank) return a->clinical.rank > b->clinical.rank ? -1 : 1;
  int kev = (a->about.kev_added.n > 0) - (b->about.kev_added.n > 0);
  if (kev) return -kev;
  int64_t ea = a->known ? a->about.epss_x1e9 : VULN_UNSCORED, eb = b->known ? b->about.epss_x1e9 : VULN_UNSCORED;
  if (ea != eb) return ea > eb ? -1 : 1;
  if (a->since_us != b->since_us) return a->since_us < b->since_us ? -1 : 1;
  return str_cmp(a->vuln, b->vuln);
}

/* ---- the queue ----------------------------------------------------------------------------------------- */

static TriageItem *item_for(Cx *cx, Triage *t, Map *at, const Snapshot *snap, const TriageFinding *f, Str vuln) {
  VulnAbout about = { 0 };
  Cx probe = { .arena = cx->arena };
  bool known = snap && vuln.n && vuln_about(&probe, snap, vuln, &about) == E_OK;
  Str key = known ? about.id : vuln.n ? vuln : f->id;
  size_t i = map_get(at, key);
  if (i != MAP_NONE) return &t->item.p[i];
  map_put(at, key, t->item.n);
  TriageItem *item = vec_push(cx->arena, &t->item);
  *item = (TriageItem){ .vuln = key, .package = f->package, .title = f->title, .about = about, .known = known };
  return item;
}

Err triage_load(Cx *cx, Store *s, const Graph *g, Str query, Str me, Str *broken, Triage *out) {
  Query *q;
  Nodes nodes = { 0 }, products = { 0 };
  Triage t = { 0 };
  Map at = map_new(cx->arena, 256);
  const Snapshot *snap = NULL;
  QueryScope scope = { .me = me, .now_us = cx->now_us, .type = record_type(S("finding")) };
  TRY(triage_snapshot_or(cx, s, &snap, broken));
  TRY(products_of(cx, g, &products));
  TRY(decisions_load(cx, g, &t.decisions));
  TRY(query_compile(cx, str_fmt(cx->arena, "%.*s -state:voided", STR(query)), &scope, &q));
  TRY(query_run(cx, g, q, &nodes));
  for (size_t i = 0; i < nodes.n; i++) {
    TriageFinding f = finding_of(cx, g, nodes.p[i], &products, &t.decisions);
    TriageItem *item = item_for(cx, &t, &at, snap, &f, text_of(g, nodes.p[i], "vulnerability"));
    vec_add(cx->arena, &item->finding, f);
  }
  for (size_t i = 0; i < t.item.n; i++) {
    TriageItem *item = &t.item.p[i];
    TRY(find_triggers(cx, s, g, item));
    TRY(judge(cx, g, item));
    sum_up(g, item);
    t.count[item->need]++;
    t.findings += item->finding.n;
    for (size_t k = 0; k < item->finding.n; k++) t.open += item->finding.p[k].need != NEED_NOTHING;
  }
  if (t.item.n) qsort(t.item.p, t.item.n, sizeof *t.item.p, more_urgent);
  *out = t;
  return E_OK;
}
