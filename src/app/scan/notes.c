/* notes.c - a scan for a device: its components, and what is decided of what was found in them. */
#include "app/scan_out.h"

/* ---- components ---------------------------------------------------------------------------------------- */

void scan_add_targets(Cx *cx, const Sbom *sbom, VulnTargets *out) {
  for (size_t i = 0; i < sbom->component.n; i++) {
    const SbomComponent *c = &sbom->component.p[i];
    if (c->role == SBOM_SUBJECT) continue;
    vec_add(cx->arena, out,
            (VulnTarget){ c->ref, c->purl, c->cpe, c->name, c->version, c->distro, c->upstream, c->other_ids });
  }
}

/* What several SBOMs of a device hold is judged once; references are told apart by their SBOM. */
static void add_once(Cx *cx, VulnTargets *all, const VulnTargets *more, Str sbom, Map *seen) {
  for (size_t i = 0; i < more->n; i++) {
    VulnTarget t = more->p[i];
    Str key = str_fmt(cx->arena, "%.*s\n%.*s\n%.*s\n%.*s\n%.*s\n%.*s", STR(t.purl), STR(t.cpe), STR(t.name),
                      STR(t.version), STR(t.os_distro), STR(t.upstream));
    if (map_get(seen, key) != MAP_NONE) continue;
    map_put(seen, key, 1);
    if (t.ref.n) t.ref = str_fmt(cx->arena, "%.*s#%.*s", STR(sbom), STR(t.ref));
    vec_add(cx->arena, all, t);
  }
}

Err scan_targets(Cx *cx, Store *s, const ScanFor *about, VulnTargets *out, Str *file, Str *bytes) {
  SbomList sboms = { 0 };
  Map seen = map_new(cx->arena, 1024);
  TRY(supply_sboms(cx, s, about->product, about->release, true, &sboms));
  if (!sboms.n)
    return fail(cx, E_NOTFOUND, "There is no SBOM of %.*s %.*s: there is nothing to judge", STR(about->product),
                STR(about->release));
  for (size_t i = 0; i < sboms.n; i++) {
    Sbom sbom = { 0 };
    TRY(supply_load(cx, s, sboms.p[i].id, &sbom));
    VulnTargets more = { 0 };
    scan_add_targets(cx, &sbom, &more);
    if (sboms.n == 1) *out = more;
    else add_once(cx, out, &more, sboms.p[i].id, &seen);
  }
  *file = about->release.n ? str_fmt(cx->arena, "%.*s-%.*s", STR(about->product), STR(about->release))
                           : about->product;
  if (sboms.n > 1) return E_OK;
  *file = sboms.p[0].file.n ? sboms.p[0].file : *file;
  return supply_sbom_bytes(cx, s, sboms.p[0].id, bytes);
}

/* ---- decisions ----------------------------------------------------------------------------------------- */

typedef struct Notes {
  Store *s;
  const Graph *g;
  const ScanFor *about;
  Node product, release;
  Triage triage;
  Map item_at; /* any id of the alias group: which item */
} Notes;

static void index_items(Notes *n) {
  for (size_t i = 0; i < n->triage.item.n; i++) {
    const TriageItem *item = &n->triage.item.p[i];
    map_put(&n->item_at, item->vuln, i);
    for (size_t k = 0; k < item->about.naliases; k++) map_put(&n->item_at, item->about.aliases[k], i);
  }
}

static const TriageFinding *finding_here(const Notes *n, const TriageItem *item) {
  for (size_t i = 0; item && i < item->finding.n; i++) {
    const TriageFinding *f = &item->finding.p[i];
    if (node_in_product(n->g, f->node, n->product) &&
        (n->release == NODE_NONE || f->release == NODE_NONE || f->release == n->release))
      return f;
  }
  return NULL;
}

/* The newest decision in force that covers the component. */
static const Decision *covering(Cx *cx, const Notes *n, const VulnTarget *t, const VulnOutcome *v) {
  Str *ids = NEW_ARRAY(cx->arena, v->naliases + 1, Str), why;
  const Decision *best = NULL;
  DecisionCase c = { .id = ids,
                     .nid = v->naliases + 1,
                     .purl = t->purl,
                     .name = t->name,
                     .version = t->version,
                     .product = n->product,
                     .release = n->release,
                     .element = NODE_NONE };
  ids[0] = v->id;
  for (size_t i = 0; i < v->naliases; i++) ids[i + 1] = v->aliases[i];
  for (size_t i = 0; i < n->triage.decisions.n; i++) {
    const Decision *d = &n->triage.decisions.p[i];
    if (d->in_force && (!best || d->decided_us > best->decided_us) &&
        decision_fit(cx, n->g, d, &c, &why) == FIT_YES)
      best = d;
  }
  return best;
}

static bool is_word(const Graph *g, Node n, const char *field, const char *word) {
  const Value *v = node_value(g, n, field);
  return v && str_eq(v->s, str_of(word));
}

/* What nobody has assessed is not under control. */
static bool uncontrolled(const Graph *g, const ScanNote *note, const TriageFinding *f, const Clinical *c) {
  if (str_eq(note->status, S("not_affected")) || str_eq(note->status, S("fixed"))) return false;
  if (f && is_word(g, f->node, "controlled", "controlled") && note->status.n) return false;
  if (f && is_word(g, f->node, "controlled", "uncontrolled")) return true;
  return !c->level.n || c->uncontrolled;
}

static bool is_fresh(const Notes *n, const TriageFinding *f, const ScanNote *note) {
  if (!n->about->since_us) return !note->status.n;
  const Value *day = f ? node_value(n->g, f->node, "identified_on") : NULL;
  return !f || (day && day->i > date_of(n->about->since_us));
}

/* The note outlives the graph. */
static Err note_one(Cx *cx, const Notes *n, const VulnTarget *t, const VulnOutcome *v, ScanNote *out) {
  size_t at = map_get(&n->item_at, v->id);
  const TriageFinding *f = finding_here(n, at == MAP_NONE ? NULL : &n->triage.item.p[at]);
  const Decision *d = covering(cx, n, t, v);
  Clinical c = { 0 };
  ScanNote note = { .finding = f ? str_dup(cx->arena, f->id) : STR_NONE };
  if (!d && f && f->decision && f->decision->in_force) d = f->decision;
  if (d && !(f && f->need == NEED_REVIEW)) {
    note.decision = str_dup(cx->arena, d->id);
    note.status = str_dup(cx->arena, d->status);
    note.justification = str_dup(cx->arena, d->justification);
    note.why = str_dup(cx->arena, d->why);
  }
  if (f) TRY(finding_clinical(cx, n->s, n->g, f->node, &(Answers){ 0 }, &c));
  note.clinical = str_dup(cx->arena, c.level);
  note.uncontrolled = uncontrolled(n->g, &note, f, &c);
  note.fresh = is_fresh(n, f, &note);
  *out = note;
  return E_OK;
}

Err scan_note(Cx *cx, Store *s, const Graph *g, const ScanFor *about, ScanResult *r) {
  Notes n = { .s = s, .g = g, .about = about, .item_at = map_new(cx->arena, 256), .release = NODE_NONE };
  n.product = graph_find(g, about->product);
  if (n.product == NODE_NONE) return fail(cx, E_NOTFOUND, "There is no device %.*s", STR(about->product));
  if (about->release.n) n.release = graph_find(g, about->release);
  if (about->release.n && n.release == NODE_NONE)
    return fail(cx, E_NOTFOUND, "There is no release %.*s", STR(about->release));
  TRY(triage_load(cx, s, g, STR_NONE, STR_NONE, NULL, &n.triage));
  index_items(&n);
  for (size_t i = 0; i < r->ncomponents; i++) {
    ScanComponent *c = &r->component[i];
    for (size_t k = 0; k < c->noutcomes; k++) {
      VulnOutcome *v = &c->outcome[k];
      if (!v->id.n || v->outcome > OUTCOME_UNCERTAIN) continue;
      ScanNote *note = NEW(cx->arena, ScanNote);
      TRY(note_one(cx, &n, &c->target, v, note));
      v->note = note;
    }
  }
  return E_OK;
}
