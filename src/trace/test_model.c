#include "trace/test_model.h"

static const char *const stride[] = { "spoofing", "tampering", "denial_of_service", NULL };
static const char *const level[] = { "low", "medium", "high", NULL };
static const char *const result[] = { "pass", "fail", "blocked", NULL };
static const char *const disposition[] = { "mitigate", "accept", "not_applicable", NULL };
static const char *const age_words[] = { "young", "old", NULL };

static int64_t links_fact(Cx *cx, const Graph *g, Node n, int64_t now_us) {
  (void)now_us;
  Edges e;
  graph_edges(cx, g, n, NULL, &e);
  return (int64_t)e.n;
}
static int64_t age_fact(Cx *cx, const Graph *g, Node n, int64_t now_us) {
  (void)cx;
  return node_changed_us(g, n) < now_us - 30 * US_PER_DAY;
}
static const ComputedFact threat_facts[] = {
  { "link_count", "Links", NULL, links_fact, "how many links it has" },
  { "age", "Age", age_words, age_fact, "old after 30 days" } };

#define EDITORS ROLE(ENGINEER)
#define TYPE(id, word, plural_word, prefix_word, life_row, ...) \
  static const RecordType id = { word,      word,    plural_word,       prefix_word,          "test", \
                                 &life_row, EDITORS, ROWS(id##_fields), .help = "For tests.", __VA_ARGS__ }

static const Field product_fields[] = { { "kind", "Kind", TEXT } };
TYPE(product, "product", "products", "PRD", life_item);
static const Field release_fields[] = { { "version", "Version", TEXT },
                                        { "support_end", "Support ends", DATE },
                                        { "part_of", "Part of", LINK, MANY, .to = "release" } };
TYPE(release, "release", "releases", "REL", life_release);
static const Field threat_fields[] = {
  { "stride", "STRIDE", CHOICE, .choices = stride }, { "severity", "Severity", CHOICE, .choices = level },
  { "disposition", "Disposition", CHOICE, .choices = disposition },
  { "path", "Path", LONG }, { "score", "Score", INT, .max = 100 }, { "due", "Due", DATE },
  { "multi", "Many patients", BOOL }, { "tags", "Tags", TEXT, MANY }, { "reader", "Reader", PERSON },
  { "mitigated_by", "Mitigated by", LINK, MANY, .to = "control" } };
TYPE(threat, "threat", "threats", "THR", life_item, .facts = threat_facts, .nfacts = COUNT(threat_facts));
static const Field control_fields[] = {
  { "kinds", "Kinds", CHOICE, MANY, .choices = stride }, { "side_effect", "Side effect", LONG },
  { "implements", "Implements", LINK, MANY, .to = "requirement" } };
TYPE(control, "control", "controls", "CTL", life_item);
static const Field requirement_fields[] = { { "statement", "Statement", LONG },
                                            { "derives_from", "Derives from", LINK, MANY,
                                              .to = "threat requirement" } };
TYPE(requirement, "requirement", "requirements", "REQ", life_item);
static const Field test_case_fields[] = {
  { "procedure", "Procedure", LONG }, { "verifies", "Verifies", LINK, MANY, .to = "requirement control" }
};
TYPE(test_case, "test_case", "test_cases", "TST", life_item);
static const Field test_run_fields[] = { { "result", "Result", CHOICE, .choices = result },
                                         { "run_on", "Run on", DATE },
                                         { "executes", "Executes", LINK, .to = "test_case" },
                                         { "on", "On", LINK, .to = "release" } };
TYPE(test_run, "test_run", "test_runs", "TRU", life_execution);
static const Field security_risk_fields[] = { { "level_after", "Residual", CHOICE, .choices = level },
                                              { "assesses", "Assesses", LINK, MANY, .to = "threat" } };
TYPE(security_risk, "security_risk", "security_risks", "SRK", life_risk);

static const RecordType *const types[] = { &product,     &release,   &threat,   &control,
                                           &requirement, &test_case, &test_run, &security_risk };

Err test_model_set(Cx *cx) { return record_types_set(cx, types, COUNT(types)); }

/* ---- records from lines ----------------------------------------------------------------------------- */

static Err set_value(Cx *cx, const Field *f, Str text, Value *v) {
  int32_t day = 0;
  v->set = true;
  v->s = text;
  if (f->flags & MANY) {
    v->s = STR_NONE;
    for (Str one; str_cut(text, '|', &one, &text) || one.n;) vec_add(cx->arena, &v->list, one);
  }
  if (f->kind == BOOL) v->i = str_eq(text, S("yes"));
  if (f->kind == INT && !str_int(text, &v->i)) return fail(cx, E_INVALID, "%s: not a number", f->name);
  if (f->kind == DATE && !date_parse(text, &day)) return fail(cx, E_INVALID, "%s: not a date", f->name);
  if (f->kind == DATE) v->i = day;
  return E_OK;
}

static void set_links(Cx *cx, Str text, Value *v) {
  for (Str one; text.n;) {
    str_cut(text, ',', &one, &text);
    bool moved = str_ends(one, S("!"));
    Link l = { moved ? str_slice(one, 0, one.n - 1) : one, moved ? S("00000000000000aa") : STR_NONE,
               STR_NONE };
    vec_add(cx->arena, &v->links, l);
  }
  v->set = true;
}

static Err set_pairs(Cx *cx, Record *r, Str text) {
  for (Str pair, name; text.n;) {
    size_t at;
    str_cut(text, ';', &pair, &text);
    str_cut(pair, '=', &name, &pair);
    const Field *f = record_field(r->type, name, &at);
    if (!f) return fail(cx, E_INVALID, "no field %.*s", STR(name));
    if (f->kind == LINK) set_links(cx, pair, &r->values[at]);
    else TRY(set_value(cx, f, pair, &r->values[at]));
  }
  return E_OK;
}

Err test_record_read(Cx *cx, Str line, Record *out) {
  Str part[8] = { 0 };
  for (size_t i = 0; i < COUNT(part); i++) str_cut(line, '\t', &part[i], &line);
  const RecordType *type = record_type(part[1]);
  if (!type) return fail(cx, E_INVALID, "no type %.*s", STR(part[1]));
  Record r = { .type = type, .id = part[0], .state = part[2], .owner = part[3], .title = part[5], .rev = 1,
               .values = NEW_ARRAY(cx->arena, type->nfields + 1, Value), .changed_us = cx->now_us };
  for (Str one, list = part[4]; list.n;) {
    str_cut(list, ',', &one, &list);
    vec_add(cx->arena, &r.products, one);
  }
  TRY(set_pairs(cx, &r, part[6]));
  TRY(set_pairs(cx, &r, part[7]));
  *out = r;
  return E_OK;
}

Err test_records_read(Cx *cx, Str text, Records *out) {
  for (Str line; str_line(&text, &line);) {
    if (!line.n || line.p[0] == '#') continue;
    Record r;
    TRY(test_record_read(cx, line, &r));
    vec_add(cx->arena, out, r);
  }
  return E_OK;
}

Err test_graph(Cx *cx, const Records *records, Graph **out) {
  Graph *g = graph_new((size_t)2 << 30);
  for (size_t i = 0; i < records->n; i++) TRY(graph_put(cx, g, &records->p[i], STR_NONE));
  graph_settle(g);
  *out = g;
  return E_OK;
}
