/* The form of a decision, and taking it. */
#include "app/page/triage_page.h"
#include "triage.html.h"
#include <stdlib.h>

typedef struct Choice {
  const char *value, *label;
} Choice;

static const Choice statuses[] = { { "affected", "Affected" },
                                   { "not_affected", "Not affected" },
                                   { "under_investigation", "Checking" },
                                   { "fixed", "Fixed" } };
static const Choice reaches[] = { { "", "As published" },
                                  { "network", "Network" },
                                  { "adjacent", "Adjacent: radio, segment" },
                                  { "local", "Local" },
                                  { "physical", "Physical" } };
static const Choice logins[] = { { "", "As published" },
                                 { "none", "No" },
                                 { "user", "User" },
                                 { "service", "Service" },
                                 { "administrator", "Administrator" } };
static const Choice exploits[] = { { "", "As the feeds say" },
                                   { "none_known", "None known" },
                                   { "proof_of_concept", "Proof of concept" },
                                   { "in_the_wild", "Yes, in the wild" } };
static const Choice reachables[] = {
  { "", "Not answered" }, { "yes", "Yes" }, { "no", "No" }, { "unknown", "Unknown" }
};
static const Choice protections[] = { { "", "Not answered" },
                                      { "nothing", "Nothing" },
                                      { "partly", "A control, partly" },
                                      { "fully_blocked", "Fully blocked, verified" } };
static const Choice justifications[] = {
  { "", "Only where not affected" },
  { "component_not_present", "Component not present" },
  { "vulnerable_code_not_present", "Vulnerable code not present" },
  { "vulnerable_code_not_in_execute_path", "Code not in the execute path" },
  { "vulnerable_code_cannot_be_controlled_by_adversary", "Adversary cannot control it" },
  { "inline_mitigations_already_exist", "Inline mitigations exist" },
};
static const Choice finers[] = {
  { "", "None" },
  { "code_not_present", "Code not present" },
  { "code_not_reachable", "Code not reachable" },
  { "requires_configuration", "Requires configuration" },
  { "requires_dependency", "Requires dependency" },
  { "requires_environment", "Requires environment" },
  { "protected_by_compiler", "Protected by compiler" },
  { "protected_at_runtime", "Protected at runtime" },
  { "protected_at_perimeter", "Protected at perimeter" },
  { "protected_by_mitigating_control", "Protected by a control" },
  { "false_positive", "False positive: wrong identity" },
};
static const Choice scopes[] = { { "this_release", "These releases" },
                                 { "product", "Every release of the device" },
                                 { "all_products", "Every device" } };

typedef struct Question {
  const char *name, *label;
  const Choice *choice;
  size_t n;
} Question;
static const Question questions[] = {
  { "reach", "Reach", reaches, COUNT(reaches) },
  { "login", "Needs a login", logins, COUNT(logins) },
  { "exploit", "Known exploit", exploits, COUNT(exploits) },
  { "reachable", "Reachable here", reachables, COUNT(reachables) },
  { "protection", "Protected by", protections, COUNT(protections) },
};

/* ---- small words --------------------------------------------------------------------------------------- */

Str outcome_words(Outcome o) {
  static const char *const words[OUTCOME_COUNT] = { "Affected",       "Affected if",  "Uncertain",
                                                    "Not assessable", "Not affected", "Not listed" };
  return str_of(words[o]);
}

const char *outcome_tone(Outcome o) {
  static const char *const tones[OUTCOME_COUNT] = { "crit", "high", "med", "med", "ok", "line" };
  return tones[o];
}

void package_parts(Cx *cx, Str package, Str *purl, Str *version) {
  Cx probe = { .arena = cx->arena };
  Purl p;
  *purl = str_slice(package, 0, str_find(package, S(", ")));
  *version = STR_NONE;
  if (purl_read(&probe, *purl, &p) == E_OK) *version = p.version;
  else if (str_rfind_char(*purl, ' ') != SIZE_MAX) {
    *version = str_slice(*purl, str_rfind_char(*purl, ' ') + 1, purl->n);
    *purl = str_slice(*purl, 0, str_rfind_char(*purl, ' '));
  }
}

/* ---- the form ------------------------------------------------------------------------------------------ */

static void fill_matrix(Cx *cx, const TriageItem *item, TriagePage *page) {
  static const char *const names[] = { "Negligible", "Minor", "Serious", "Critical", "Catastrophic" };
  static const char *const tones[] = { "r0", "r1", "r3" }, *const words[] = { "low", "medium", "high" };
  const Clinical *c = &item->clinical;
  if (!c->path.severity.n) return;
  int e = c->exploitability.p[1] - '1', s = c->path.severity.p[1] - '1';
  page->caption =
      str_fmt(cx->arena, "Proposed position: %.*s, exploitability %.*s",
              STR(clinical_severity_words(c->path.severity)), STR(clinical_ease_words(c->exploitability)));
  page->rows = NEW_ARRAY(cx->arena, 5, TriageRows);
  for (int row = 4; row >= 0; row--) {
    TriageRows *r = &page->rows[page->rows_n++];
    *r = (TriageRows){ .name = str_of(names[row]), .cells = NEW_ARRAY(cx->arena, 5, TriageRowsCells) };
    for (int col = 0; col < 5; col++) {
      unsigned char level = c->matrix[col][row];
      r->cells[r->cells_n++] = (TriageRowsCells){ .tone = str_of(tones[level]),
                                                  .here = row == s && col == e,
                                                  .word = str_of(words[level]) };
    }
  }
}

static Str kept_answer(const Graph *g, Node n, const char *field) {
  const Value *v = node_value(g, n, field);
  return v ? v->s : STR_NONE;
}

Err triage_form(Cx *cx, Web *web, const TriageItem *item, TriagePage *page) {
  Node first = item->finding.p[0].node;
  const Decision *d = item->finding.p[0].decision;
  Str now = kept_answer(web->graph, first, "status");
  page->statuses = NEW_ARRAY(cx->arena, COUNT(statuses), TriageStatuses);
  for (size_t i = 0; i < COUNT(statuses); i++)
    page->statuses[page->statuses_n++] = (TriageStatuses){ .value = str_of(statuses[i].value),
                                                           .label = str_of(statuses[i].label),
                                                           .key = str_fmt(cx->arena, "%zu", i + 1),
                                                           .on = str_eq(now, str_of(statuses[i].value)) };
  page->asks = NEW_ARRAY(cx->arena, COUNT(questions), TriageAsks);
  for (size_t i = 0; i < COUNT(questions); i++) {
    const Question *q = &questions[i];
    TriageAsks *a = &page->asks[page->asks_n++];
    Str kept = kept_answer(web->graph, first, q->name);
    *a = (TriageAsks){ .name = str_of(q->name),
                       .label = str_of(q->label),
                       .options = NEW_ARRAY(cx->arena, q->n, TriageAsksOptions) };
    for (size_t k = 0; k < q->n; k++)
      a->options[a->options_n++] = (TriageAsksOptions){ .value = str_of(q->choice[k].value),
                                                        .label = str_of(q->choice[k].label),
                                                        .on = kept.n && str_eq(kept, str_of(q->choice[k].value)) };
  }
  page->justifications = NEW_ARRAY(cx->arena, COUNT(justifications), TriageJustifications);
  for (size_t i = 0; i < COUNT(justifications); i++)
    page->justifications[page->justifications_n++] =
        (TriageJustifications){ .value = str_of(justifications[i].value),
                                .label = str_of(justifications[i].label),
                                .on = d && str_eq(d->justification, str_of(justifications[i].value)) };
  page->finers = NEW_ARRAY(cx->arena, COUNT(finers), TriageFiners);
  for (size_t i = 0; i < COUNT(finers); i++)
    page->finers[page->finers_n++] =
        (TriageFiners){ .value = str_of(finers[i].value), .label = str_of(finers[i].label) };
  page->scopes = NEW_ARRAY(cx->arena, COUNT(scopes), TriageScopes);
  for (size_t i = 0; i < COUNT(scopes); i++)
    page->scopes[page->scopes_n++] =
        (TriageScopes){ .value = str_of(scopes[i].value), .label = str_of(scopes[i].label) };
  page->until = date_text(cx->arena, date_of(cx->now_us) + 365);
  if (d) page->reason = d->why;
  fill_matrix(cx, item, page);
  return E_OK;
}

#define RECALL(list, count, typed_name)                                                                              \
  for (size_t i = 0; i < (count); i++) (list)[i].on = str_eq((list)[i].value, form_get(typed, typed_name))

void triage_typed(Cx *cx, const Form *typed, TriagePage *page) {
  RECALL(page->statuses, page->statuses_n, "status");
  RECALL(page->justifications, page->justifications_n, "justification");
  RECALL(page->finers, page->finers_n, "cyclonedx");
  RECALL(page->scopes, page->scopes_n, "scope");
  for (size_t k = 0; k < page->asks_n; k++) {
    Str said = form_get(typed, str_z(cx->arena, page->asks[k].name));
    for (size_t i = 0; i < page->asks[k].options_n; i++)
      page->asks[k].options[i].on = str_eq(page->asks[k].options[i].value, said);
  }
  page->reason = form_get(typed, "reason");
  page->until = form_get(typed, "valid_until");
  page->action = form_get(typed, "action");
  page->evidence = form_get(typed, "evidence");
  page->fixed_in = form_get(typed, "fixed_in");
  for (size_t i = 0; i < page->findings_n; i++) {
    page->findings[i].checked = false;
    for (size_t k = 0; k < typed->n; k++)
      if (str_eq(typed->field[k].name, S("f")) && str_eq(typed->field[k].value, page->findings[i].id))
        page->findings[i].checked = true;
  }
}

/* ---- deciding ------------------------------------------------------------------------------------------ */

static Str problems_words(Cx *cx) {
  Buf b = buf_new(cx->arena, 4096);
  if (!cx->problems.n) return cx->words;
  for (size_t i = 0; i < cx->problems.n; i++) {
    const Problem *p = &cx->problems.p[i];
    bool sentence = p->words.n && p->words.p[0] >= 'A' && p->words.p[0] <= 'Z';
    if (i) buf_z(&b, " ");
    if (!sentence) buf_fmt(&b, "%.*s: ", STR(choice_words(cx->arena, p->field)));
    buf_add(&b, p->words);
    if (!str_ends(p->words, S("."))) buf_z(&b, ".");
  }
  buf_z(&b, " Nothing was decided.");
  return buf_str(&b);
}

/* The form still holds what an earlier decision, of not affected, said; its labels tell that it counts for no other. */
static bool counts(const Form *form, Str name) {
  return str_eq(form_get(form, "status"), S("not_affected")) ||
         (!str_eq(name, S("justification")) && !str_eq(name, S("cyclonedx")));
}

static Err decide(Cx *cx, Web *web, const Request *req, const Form *form, const Str *ids, size_t n) {
  Str args;
  Pair *field = NEW_ARRAY(cx->arena, form->n + 1, Pair);
  DecideWhat what = { .finding = ids, .nfindings = n, .field = field };
  Answer answer = { 0 };
  if (!n) return fail(cx, E_INVALID, "No finding is ticked. Nothing was decided");
  if (!form_get(form, "status").n)
    return fail(cx, E_INVALID, "Choose a status: affected, not affected, checking or fixed. Nothing was decided");
  for (size_t i = 0; i < form->n; i++)
    if (counts(form, form->field[i].name))
      field[what.nfields++] = (Pair){ form->field[i].name, form->field[i].value };
  TRY(decide_args(cx, web->store, web->graph, &what, &args));
  return web_ask(cx, web, req, S("finding.decide"), args, STR_NONE, str_trim(form_get(form, "reason")), &answer);
}

/* To the next one that waits, in the order of the page just left. */
static Str next_url(Cx *cx, const Form *form, size_t n) {
  Buf b = buf_new(cx->arena, 8192);
  bool checking = str_eq(form_get(form, "status"), S("under_investigation"));
  buf_z(&b, "/findings?q=");
  url_text(&b, form_get(form, "q"));
  buf_z(&b, "&done=");
  url_text(&b, str_fmt(cx->arena, "%.*s: %zu decided as %.*s. %s", STR(form_get(form, "vuln")), n,
                       STR(str_lower(cx->arena, choice_words(cx->arena, form_get(form, "status")))),
                       checking ? "It stays in the queue." : "Sign it, then a second person does."));
  return buf_str(&b);
}

Err post_decide(Cx *cx, Web *web, const Request *req, Response *res) {
  Form form;
  TRY(web_form(cx, web, req, &form));
  Str *ids = NEW_ARRAY(cx->arena, form.n + 1, Str), vuln = form_get(&form, "vuln");
  size_t n = 0;
  for (size_t i = 0; i < form.n; i++) {
    bool seen = !str_eq(form.field[i].name, S("f"));
    for (size_t k = 0; k < n && !seen; k++) seen = str_eq(ids[k], form.field[i].value);
    if (!seen) ids[n++] = form.field[i].value;
  }
  Err e = decide(cx, web, req, &form, ids, n);
  if (e == E_OK) return web_redirect(cx, res, next_url(cx, &form, n));
  if (e != E_INVALID && e != E_CONFLICT && e != E_STALE) return e;
  Str words = problems_words(cx);
  cx_forgive(cx);
  res->status = err_status(e);
  return triage_show(cx, web, req, n ? ids : &vuln, n ? n : 1, &form, words, res);
}
