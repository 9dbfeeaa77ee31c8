/* What a vulnerability can do to a patient: the worst harm that its element is linked to, how easy it is to exploit,
 * and what the plan's matrix says of the two.  A proposal with its reasons; people decide. */
#include "app/data.h"
#include "app/triage.h"

typedef struct Scale {
  int64_t least[RISK_SCALE]; /* of E1 to E5, thousandths */
  int64_t raise_epss;
  int floor;              /* class of what is known to be exploited */
  Str safety[RISK_SCALE]; /* of S1 to S5 */
  Str stride[3];          /* of confidentiality, integrity, availability */
  RiskMatrix matrix;
} Scale;

static Scale scale;
static Arena *scale_arena;

static const char *const impacts[] = { "confidentiality", "integrity", "availability" };

static int on_scale(Str word, char letter) {
  bool ok = word.n == 2 && word.p[0] == letter && word.p[1] >= '1' && word.p[1] <= '5';
  return ok ? word.p[1] - '1' : -1;
}

static bool scale_line(Str line, Buf *matrix) {
  Str word, rest, value;
  (void)str_cut(line, ' ', &word, &rest);
  (void)str_cut(rest, ' ', &rest, &value);
  int e = on_scale(rest, 'e'), s = on_scale(rest, 's');
  if (str_eq(word, S("exploitability")) && e >= 0) return str_int(value, &scale.least[e]);
  if (str_eq(word, S("raise-epss"))) return str_int(rest, &scale.raise_epss);
  if (str_eq(word, S("floor-exploited")) && e >= 0) scale.floor = e;
  else if (str_eq(word, S("safety")) && s >= 0) scale.safety[s] = value;
  else if (str_eq(word, S("matrix"))) buf_fmt(matrix, "%.*s %.*s\n", STR(rest), STR(value));
  else if (str_eq(word, S("stride"))) {
    for (size_t i = 0; i < COUNT(impacts); i++)
      if (str_eq(rest, str_of(impacts[i]))) scale.stride[i] = value;
  } else return false;
  return true;
}

static Err scale_load(Cx *cx) {
  if (scale_arena) return E_OK;
  const DataFile *f = data_find(S("triage/clinical.txt"));
  if (!f) return fail(cx, E_BUG, "triage/clinical.txt is not in the program");
  Arena *a = arena_new(1 << 20);
  Buf matrix = buf_new(a, 4096);
  Str rest = data_text(f), wrong = STR_NONE;
  for (Str line; str_line(&rest, &line);) {
    line = str_trim(line);
    if (line.n && *line.p != '#' && !scale_line(line, &matrix))
      return fail(cx, E_BUG, "triage/clinical.txt: cannot read '%.*s'", STR(line));
  }
  if (!risk_matrix_read(a, buf_str(&matrix), &scale.matrix, &wrong))
    return fail(cx, E_BUG, "triage/clinical.txt: %.*s", STR(wrong));
  scale_arena = a;
  return E_OK;
}

Err clinical_matrix(Cx *cx, RiskMatrix *out) {
  TRY(scale_load(cx));
  *out = scale.matrix;
  return E_OK;
}

Str clinical_severity_words(Str severity) {
  static const char *const words[] = { "S1, negligible", "S2, minor", "S3, serious", "S4, critical",
                                       "S5, catastrophic" };
  int s = on_scale(severity, 's');
  return s < 0 ? STR_NONE : str_of(words[s]);
}

Str clinical_ease_words(Str e) {
  static const char *const words[] = { "E1, very low", "E2, low", "E3, medium", "E4, high", "E5, very high" };
  int at = on_scale(e, 'e');
  return at < 0 ? STR_NONE : str_of(words[at]);
}

/* ---- how easy ------------------------------------------------------------------------------------------ */

/* The value of a metric in a vector, or "". */
static Str metric(Str vector, const char *name) {
  Str want = str_of(name), part, key, value;
  while (vector.n) {
    (void)str_cut(vector, '/', &part, &vector);
    if (str_cut(part, ':', &key, &value) && str_eq(key, want)) return value;
  }
  return STR_NONE;
}

typedef struct Ease {
  char av, ac, pr, ui;
} Ease;

static char first(Str s, char absent) { return s.n ? *s.p : absent; }

/* Version 2 and 4 in the terms of 3; without a vector the easiest is assumed. */
static Ease ease_of(Str vector) {
  Ease e = { .av = first(metric(vector, "AV"), 'N'),
             .ac = first(metric(vector, "AC"), 'L'),
             .pr = first(metric(vector, "PR"), 'N'),
             .ui = first(metric(vector, "UI"), 'N') };
  Str au = metric(vector, "Au");
  if (au.n) e.pr = *au.p == 'N' ? 'N' : *au.p == 'S' ? 'L' : 'H';
  if (e.ac == 'M') e.ac = 'H';
  if (str_eq(metric(vector, "AT"), S("P"))) e.ac = 'H';
  if (e.ui == 'P' || e.ui == 'A') e.ui = 'R';
  return e;
}

/* What is true here counts before what the publisher assumed. */
static void ease_here(Ease *e, const Answers *a) {
  static const struct {
    const char *word;
    char av;
  } reaches[] = { { "network", 'N' }, { "adjacent", 'A' }, { "local", 'L' }, { "physical", 'P' } };
  static const struct {
    const char *word;
    char pr;
  } logins[] = { { "none", 'N' }, { "user", 'L' }, { "service", 'H' }, { "administrator", 'H' } };
  for (size_t i = 0; i < COUNT(reaches); i++)
    if (str_eq(a->reach, str_of(reaches[i].word))) e->av = reaches[i].av;
  for (size_t i = 0; i < COUNT(logins); i++)
    if (str_eq(a->login, str_of(logins[i].word))) e->pr = logins[i].pr;
}

/* 8.22 x AV x AC x PR x UI in thousandths (CVSS 3.1, 7.1). */
static int64_t subscore(Ease e) {
  int64_t av = e.av == 'N' ? 85 : e.av == 'A' ? 62 : e.av == 'L' ? 55 : 20, ac = e.ac == 'L' ? 77 : 44;
  int64_t pr = e.pr == 'N' ? 85 : e.pr == 'L' ? 62 : 27, ui = e.ui == 'N' ? 85 : 62;
  return 822 * av * ac * pr * ui / 10000000;
}

static bool exploited(const VulnAbout *about, const Answers *a) {
  return (about && about->kev_added.n) || str_eq(a->exploit, S("in_the_wild"));
}

static void judge_ease(Cx *cx, const VulnAbout *about, const Answers *a, Clinical *out) {
  Ease e = ease_of(about ? about->vector : STR_NONE);
  Buf why = buf_new(cx->arena, 1024);
  ease_here(&e, a);
  int64_t es = subscore(e);
  int at = RISK_SCALE - 1;
  while (at > 0 && es < scale.least[at]) at--;
  if (!about || !about->vector.n) buf_z(&why, "no vector, so the easiest is assumed: ");
  buf_fmt(&why, "AV:%c AC:%c PR:%c UI:%c give %lld.%02lld, E%d", e.av, e.ac, e.pr, e.ui, (long long)(es / 1000),
          (long long)(es % 1000 / 10), at + 1);
  bool poc = str_eq(a->exploit, S("proof_of_concept")) ||
             (about && about->ssvc[0] && str_eq(str_of(about->ssvc[0]), S("public poc")));
  bool likely = about && about->epss_x1e9 >= scale.raise_epss;
  if ((poc || likely) && at < RISK_SCALE - 1) {
    at++;
    buf_fmt(&why, "; one up: %s", poc ? "public exploit code" : "EPSS");
  }
  if (exploited(about, a)) {
    if (at < scale.floor) at = scale.floor;
    buf_fmt(&why, "; at least E%d: known to be exploited", scale.floor + 1);
  } else if (str_eq(a->reachable, S("no"))) {
    at = 0;
    buf_z(&why, "; E1: the code cannot be reached here");
  } else if (str_eq(a->protection, S("fully_blocked")) && at > 0) {
    at--;
    buf_z(&why, "; one down: a verified control blocks the way");
  }
  out->exploitability = str_fmt(cx->arena, "e%d", at + 1);
  out->exploitability_why = buf_str(&why);
}

/* ---- how bad ------------------------------------------------------------------------------------------- */

static bool stride_fits(const VulnAbout *about, const Value *stride) {
  static const char *const metrics[][3] = { { "C", "I", "A" }, { "VC", "VI", "VA" } };
  if (!about || !about->vector.n || !stride) return true;
  bool four = str_starts(about->vector, S("CVSS:4"));
  for (size_t i = 0; i < 3; i++) {
    Str value = metric(about->vector, metrics[four][i]);
    if (value.n && *value.p != 'N' && str_find(scale.stride[i], stride->s) != SIZE_MAX) return true;
  }
  return false;
}

static void worse(const Graph *g, HarmPath *best, HarmPath p) {
  const Value *v = node_value(g, p.harm, "severity");
  p.severity = v ? v->s : STR_NONE;
  if (on_scale(p.severity, 's') > on_scale(best->severity, 's')) *best = p;
}

static void through_threat(Cx *cx, const Graph *g, Node element, Node threat, HarmPath *best) {
  Edges situations = { 0 };
  graph_edges(cx, g, threat, "leads_to", &situations);
  for (size_t i = 0; i < situations.n; i++) {
    Edges harms = { 0 }, hazards = { 0 };
    Node situation = situations.p[i].to, hazard = NODE_NONE;
    if (situations.p[i].inverse) continue;
    graph_edges(cx, g, situation, NULL, &hazards);
    for (size_t k = 0; k < hazards.n && hazard == NODE_NONE; k++)
      if (hazards.p[k].inverse && str_eq(str_of(node_type(g, hazards.p[k].to)->name), S("hazard")))
        hazard = hazards.p[k].to;
    graph_edges(cx, g, situation, "results_in", &harms);
    for (size_t k = 0; k < harms.n; k++)
      if (!harms.p[k].inverse)
        worse(g, best, (HarmPath){ element, threat, situation, hazard, harms.p[k].to, STR_NONE });
  }
}

/* Threats that target this node; of a wrong kind for this vulnerability only when `any`. */
static void threats_at(Cx *cx, const Graph *g, Node element, Node target, const VulnAbout *about, bool any,
                       HarmPath *best) {
  Edges edges = { 0 };
  graph_edges(cx, g, target, "targeted_by", &edges);
  for (size_t i = 0; i < edges.n; i++) {
    Node threat = edges.p[i].to;
    if (node_state_flags(g, threat) & ST_CLOSED) continue;
    if (any || stride_fits(about, node_value(g, threat, "stride"))) through_threat(cx, g, element, threat, best);
  }
}

/* Of the element itself, and of the flows that begin or end in it. */
static void harm_of(Cx *cx, const Graph *g, Node element, const VulnAbout *about, bool any, HarmPath *best) {
  Edges edges = { 0 };
  threats_at(cx, g, element, element, about, any, best);
  graph_edges(cx, g, element, NULL, &edges);
  for (size_t i = 0; i < edges.n; i++)
    if (edges.p[i].inverse && str_eq(str_of(node_type(g, edges.p[i].to)->name), S("flow")))
      threats_at(cx, g, element, edges.p[i].to, about, any, best);
}

static void judge_harm(Cx *cx, const Graph *g, const Nodes *elements, const VulnAbout *about, HarmPath *out) {
  HarmPath best = { NODE_NONE, NODE_NONE, NODE_NONE, NODE_NONE, NODE_NONE, STR_NONE };
  for (int any = 0; any < 2 && !best.severity.n; any++)
    for (size_t i = 0; i < elements->n; i++) harm_of(cx, g, elements->p[i], about, any, &best);
  *out = best;
}

/* ---- both ---------------------------------------------------------------------------------------------- */

/* The matrix that the product's plan uses; false: it has none that can be read. */
static bool find_plan_matrix(Cx *cx, const Graph *g, Node product, RiskMatrix *out) {
  Query *q;
  Nodes plans = { 0 };
  Cx probe = { .arena = cx->arena, .now_us = cx->now_us };
  if (product == NODE_NONE ||
      query_compile(&probe, S("type:risk_plan -state:voided"), &(QueryScope){ .now_us = cx->now_us }, &q) != E_OK ||
      query_run(&probe, g, q, &plans) != E_OK)
    return false;
  for (size_t i = 0; i < plans.n; i++) {
    Edges uses = { 0 };
    if (!node_in_product(g, plans.p[i], product)) continue;
    graph_edges(cx, g, plans.p[i], "uses", &uses);
    for (size_t k = 0; k < uses.n; k++) {
      const Value *cells = node_value(g, uses.p[k].to, "cells");
      Str wrong;
      if (cells && risk_matrix_read(cx->arena, cells->s, out, &wrong)) return true;
    }
  }
  return false;
}

/* The same, remembered for the graph as it is: a queue asks for one product many times. */
static bool plan_matrix(Cx *cx, const Graph *g, Node product, RiskMatrix *out) {
  static const Graph *of;
  static int64_t log_size;
  static Node whose;
  static RiskMatrix matrix;
  static bool has;
  if (of != g || log_size != graph_log_size(g) || whose != product) {
    has = find_plan_matrix(cx, g, product, &matrix);
    of = g;
    log_size = graph_log_size(g);
    whose = product;
  }
  if (has) *out = matrix;
  return has;
}

static void add_fact(Cx *cx, SsvcFacts *f, const char *point, Str value, Str from) {
  if (value.n) vec_add(cx->arena, f, (SsvcFact){ str_of(point), value, from });
}

static SsvcFacts ssvc_facts(Cx *cx, const VulnAbout *about, const Answers *a, const Clinical *c) {
  SsvcFacts f = { 0 };
  Str vector = about ? about->vector : STR_NONE, told = S("CISA, in the CVE record");
  bool kev = exploited(about, a);
  const char *exploit = kev ? "active" : about && about->ssvc[0] ? about->ssvc[0] : NULL;
  if (!exploit) exploit = str_eq(a->exploit, S("proof_of_concept")) ? "public poc" : "none";
  add_fact(cx, &f, "exploitation", str_of(exploit),
           kev                       ? S("known exploited vulnerabilities, or answered here")
           : about && about->ssvc[0] ? told
                                     : S("nothing known"));
  bool alone = str_eq(metric(vector, "AV"), S("N")) && str_eq(metric(vector, "UI"), S("N")) &&
               str_eq(metric(vector, "PR"), S("N"));
  bool told_auto = about && about->ssvc[1];
  add_fact(cx, &f, "automatable",
           told_auto  ? str_of(about->ssvc[1])
           : vector.n ? (alone ? S("yes") : S("no"))
                      : STR_NONE,
           told_auto ? told : S("vector: AV, PR, UI"));
  /* Total: the attacker controls what the software does, or learns all that it knows. */
  static const char *const whole[] = { "C:H", "I:H", "VC:H", "VI:H", "C:C", "I:C" };
  bool told_impact = about && about->ssvc[2], total = false;
  for (size_t i = 0; i < COUNT(whole); i++)
    total |= str_find(vector, str_fmt(cx->arena, "/%s", whole[i])) != SIZE_MAX;
  add_fact(cx, &f, "technical impact",
           told_impact ? str_of(about->ssvc[2])
           : !vector.n ? STR_NONE
           : total     ? S("total")
                       : S("partial"),
           told_impact ? told : S("vector: confidentiality, integrity"));
  add_fact(cx, &f, "value density", S("diffuse"), S("a device at a bedside holds little beyond its own patient"));
  int s = on_scale(c->path.severity, 's');
  if (s >= 0)
    add_fact(cx, &f, "safety impact", scale.safety[s], str_fmt(cx->arena, "severest linked harm, S%d", s + 1));
  Str exposure = str_eq(a->reach, S("network")) ? S("open") : a->reach.n ? S("controlled") : STR_NONE;
  if (str_eq(a->reach, S("physical"))) exposure = S("small");
  add_fact(cx, &f, "system exposure", exposure.n ? exposure : S("controlled"),
           exposure.n ? S("answered: reach") : S("assumed: a hospital network"));
  add_fact(cx, &f, "mission impact", S("degraded"), S("assumed: one device of many"));
  return f;
}

static Err judge_ssvc(Cx *cx, const VulnAbout *about, const Answers *a, Clinical *out) {
  const Ssvc *tables;
  Cx probe = { .arena = cx->arena };
  TRY(triage_ssvc(cx, &tables));
  SsvcFacts f = ssvc_facts(cx, about, a, out);
  const SsvcTable *supplier = ssvc_table(tables, S("supplier")), *deployer = ssvc_table(tables, S("deployer"));
  if (supplier && ssvc_decide(&probe, tables, supplier, &f, &out->supplier) != E_OK) out->ssvc_missing = probe.words;
  cx_forgive(&probe);
  if (deployer && ssvc_decide(&probe, tables, deployer, &f, &out->deployer) != E_OK) cx_forgive(&probe);
  return E_OK;
}

Err clinical_judge(Cx *cx, const Graph *g, Node product, const Nodes *elements, const VulnAbout *about,
                   const Answers *answers, Clinical *out) {
  Clinical c = { 0 };
  RiskMatrix own;
  TRY(scale_load(cx));
  judge_harm(cx, g, elements, about, &c.path);
  judge_ease(cx, about, answers, &c);
  c.by_plan = plan_matrix(cx, g, product, &own);
  const RiskMatrix *m = c.by_plan ? &own : &scale.matrix;
  for (size_t i = 0; i < RISK_SCALE; i++)
    for (size_t k = 0; k < RISK_SCALE; k++) c.matrix[i][k] = m->level[i][k];
  c.level = risk_matrix_level(m, c.exploitability, c.path.severity);
  c.uncontrolled = str_eq(c.level, S("high"));
  int level = c.uncontrolled ? 3 : str_eq(c.level, S("medium")) ? 2 : c.level.n ? 1 : 0;
  c.rank = level * 100 + (on_scale(c.path.severity, 's') + 1) * 10 + on_scale(c.exploitability, 'e');
  TRY(judge_ssvc(cx, about, answers, &c));
  *out = c;
  return E_OK;
}
