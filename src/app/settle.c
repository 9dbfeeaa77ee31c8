/* What follows from decisions and from news, done by the program itself and said so in the log: a finding takes over
 * an earlier decision that covers it, moves on once its decision is signed, and wakes up when something new is known.
 */
#include "app/settle.h"

/* ---- asking as the program ----------------------------------------------------------------------------- */

Err settle_ask(Settle *x, const char *command, Str args, Str reason, JVal **result) {
  Answer answer = { 0 };
  Ask a = { .command = str_of(command),
            .actor = S("system"),
            .auth = S("none"),
            .source = x->who->source,
            .request = random_hex(x->cx->arena, 8),
            .reason = reason,
            .args_json = args };
  TRY(writer_ask(x->cx, x->w, &a, 1, &answer));
  TRY(answer_result(x->cx, &answer));
  return json_read(x->cx, answer.result_json, &JSON_BODY, result);
}

Err settle_step(Settle *x, Str id, int64_t *rev, const char *step, Str reason) {
  JVal *result;
  Buf b = buf_new(x->cx->arena, 1024);
  JsonOut o = json_out(&b, false);
  json_object(&o);
  json_pair(&o, "id", id);
  json_pair_int(&o, "base", *rev);
  json_pair(&o, "step", str_of(step));
  json_object_end(&o);
  TRY(settle_ask(x, "record.step", buf_str(&b), reason, &result));
  *rev = json_int(result, "rev", *rev);
  return E_OK;
}

Str settle_text(const Graph *g, Node n, const char *field) {
  const Value *v = node_value(g, n, field);
  return v ? v->s : STR_NONE;
}

/* ---- a signed decision moves its finding on ------------------------------------------------------------ */

/* By what was decided: the states in order, and the step out of each. */
typedef struct Way {
  const char *status;
  const char *from[5], *step[5];
} Way;
static const Way ways[] = {
  { "not_affected",
    { "open", "reopened", "triage", "investigation", "action" },
    { "start_triage", "start_triage", "reject", "act", "verify" } },
  { "affected",
    { "open", "reopened", "triage", "investigation" },
    { "start_triage", "start_triage", "investigate", "act" } },
  { "fixed",
    { "open", "reopened", "triage", "investigation", "action" },
    { "start_triage", "start_triage", "investigate", "act", "verify" } },
};

static const Way *way_of(const TriageFinding *f) {
  for (size_t i = 0; i < COUNT(ways); i++)
    for (size_t k = 0; k < COUNT(ways[i].from) && ways[i].from[k]; k++)
      if (str_eq(f->decision->status, str_of(ways[i].status)) && str_eq(f->state, str_of(ways[i].from[k])))
        return &ways[i];
  return NULL;
}

/* Clocks and the change come first: what is interrupted after them is done again, and finds them there. */
static Err move_on(Settle *x, const TriageFinding *f) {
  Str state = f->state, why;
  int64_t rev = node_rev(x->g, f->node);
  const Way *way = way_of(f);
  if (!way) return E_OK;
  TRY(deadline_decided(x, f));
  TRY(deadline_change(x, f, &rev));
  why = str_fmt(x->cx->arena, "%.*s is signed: %.*s", STR(f->decision->id), STR(f->decision->why));
  for (size_t i = 0; i < COUNT(way->from) && way->from[i]; i++) {
    if (!str_eq(state, str_of(way->from[i]))) continue;
    const Step *step = life_step(node_type(x->g, f->node)->life, str_of(way->step[i]), state);
    if (!step) return E_OK;
    TRY(settle_step(x, f->id, &rev, way->step[i], str_head(why, 900)));
    state = str_of(step->to);
    x->moved++;
  }
  return E_OK;
}

/* ---- an earlier decision that covers it ---------------------------------------------------------------- */

static bool has_trigger(Settle *x, const Decision *d, const VerdictRow *v) {
  Triggers t = { 0 };
  return verdict_triggers(x->cx, x->s, v, d->decided_us, d->valid_until, date_of(x->cx->now_us), &t) != E_OK || t.n;
}

static const Decision *covering(Settle *x, const TriageItem *item, const TriageFinding *f, const Decisions *all,
                                const VerdictRow *v, Node element) {
  Str *ids = NEW_ARRAY(x->cx->arena, item->about.naliases + 2, Str), why;
  size_t n = 0;
  ids[n++] = item->vuln;
  for (size_t i = 0; i < item->about.naliases; i++) ids[n++] = item->about.aliases[i];
  DecisionCase c = { .id = ids,
                     .nid = n,
                     .purl = v->purl,
                     .name = v->name,
                     .version = v->version,
                     .product = f->product,
                     .release = f->release,
                     .element = element };
  for (size_t i = 0; i < all->n; i++)
    if (all->p[i].in_force && decision_fit(x->cx, x->g, &all->p[i], &c, &why) == FIT_YES &&
        !has_trigger(x, &all->p[i], v))
      return &all->p[i];
  return NULL;
}

static bool used_in(const PackageUses *uses, const Graph *g, const TriageFinding *f, Node *element) {
  for (size_t i = 0; i < uses->n; i++) {
    bool release = f->release == NODE_NONE || str_eq(uses->p[i].release, node_id(g, f->release));
    if (f->product == NODE_NONE || !str_eq(uses->p[i].product, node_id(g, f->product)) || !release) continue;
    *element = uses->p[i].element.n ? graph_find(g, uses->p[i].element) : NODE_NONE;
    return true;
  }
  return false;
}

static Str reuse_words(Settle *x, const Decision *d) {
  return str_fmt(x->cx->arena, "Decided in %.*s by %.*s on %.*s because: %.*s", STR(d->id),
                 STR(people_name(x->cx, x->s, d->by)), STR(date_text(x->cx->arena, date_of(d->decided_us))),
                 STR(d->why));
}

static Err take_over(Settle *x, const TriageFinding *f, const Decision *d) {
  JVal *result;
  Str words = reuse_words(x, d), old = settle_text(x->g, f->node, "description");
  Buf b = buf_new(x->cx->arena, 128 * 1024);
  JsonOut o = json_out(&b, false);
  json_object(&o);
  json_pair(&o, "id", f->id);
  json_pair_int(&o, "base", node_rev(x->g, f->node));
  json_key(&o, "input");
  json_object(&o);
  json_pair(&o, "status", d->status);
  json_pair(&o, "description", old.n ? str_fmt(x->cx->arena, "%.*s\n%.*s", STR(old), STR(words)) : words);
  json_pair(&o, "security_assessment", words);
  if (str_eq(d->status, S("affected"))) json_pair(&o, "disposition", S("fix"));
  json_key(&o, "stated_by");
  json_array(&o);
  json_put_str(&o, d->id);
  json_array_end(&o);
  json_object_end(&o);
  json_object_end(&o);
  TRY(settle_ask(x, "record.save", buf_str(&b), str_head(words, 900), &result));
  x->moved++;
  return E_OK;
}

/* Every package of the release that it touches must be covered; *out is the one that speaks of the first. */
static Err reuse(Settle *x, const TriageItem *item, const TriageFinding *f, const Decisions *all,
                 const Decision **out) {
  VerdictRows rows = { 0 };
  const Decision *first = NULL;
  TRY(vuln_verdicts(x->cx, x->s, &(VerdictQuery){ .vuln = item->vuln, .limit = 500 }, &rows));
  for (size_t i = 0; i < rows.n; i++) {
    PackageUses uses = { 0 };
    Node element;
    if (rows.p[i].outcome > OUTCOME_UNCERTAIN) continue;
    TRY(supply_package_uses(x->cx, x->s, rows.p[i].pkgver, true, &uses));
    if (!used_in(&uses, x->g, f, &element)) continue;
    const Decision *d = covering(x, item, f, all, &rows.p[i], element);
    if (!d) return E_OK;
    if (!first) first = d;
  }
  *out = first;
  return E_OK;
}

static Err settle_finding(Settle *x, const TriageItem *item, const TriageFinding *f, const Decisions *all) {
  if (f->decision && f->decision->in_force && f->need != NEED_REVIEW &&
      !(node_state_flags(x->g, f->node) & ST_CLOSED))
    return move_on(x, f);
  if (f->need != NEED_DECISION || f->decision) return E_OK;
  const Decision *d = NULL;
  TRY(reuse(x, item, f, all, &d));
  return d ? take_over(x, f, d) : E_OK;
}

Err settle_unless_overtaken(Cx *cx, Err e) {
  if (e != E_STALE && e != E_CONFLICT) return e;
  cx_forgive(cx);
  return E_OK;
}

static Err settle_once(Settle *x) {
  Triage t = { 0 };
  TRY(triage_load(x->cx, x->s, x->g, STR_NONE, STR_NONE, NULL, &t));
  for (size_t i = 0; i < t.item.n; i++)
    for (size_t k = 0; k < t.item.p[i].finding.n; k++)
      TRY(settle_unless_overtaken(x->cx, settle_finding(x, &t.item.p[i], &t.item.p[i].finding.p[k], &t.decisions)));
  return E_OK;
}

Err decide_settle(Cx *cx, Writer *w, Store *s, const Ask *who, int64_t *moved) {
  Settle x = { .cx = cx, .w = w, .s = s, .who = who, .exploited = NODE_NONE };
  *moved = 0;
  for (int round = 0; round < 2; round++) { /* what was taken over in the first moves on in the second */
    Graph *g = NULL;
    int64_t before = x.moved;
    TRY(graph_open(cx, s, &g));
    x.g = g;
    Err e = settle_once(&x);
    graph_close(g);
    TRY(e);
    if (x.moved == before) break;
  }
  *moved = x.moved;
  return E_OK;
}

Err decide_after_sign(Cx *cx, Writer *w, Store *s, const Ceremony *c, Str source) {
  int64_t moved;
  bool names = false, states = false;
  for (size_t i = 0; i < c->n; i++) {
    names = names || str_eq(str_of(c->item[i].record.type->name), S("name_rule"));
    states = states || str_eq(str_of(c->item[i].record.type->name), S("vex_statement"));
  }
  if (names) TRY(app_names_follow(cx, w, s));
  return states ? decide_settle(cx, w, s, &(Ask){ .source = source }, &moved) : E_OK;
}
