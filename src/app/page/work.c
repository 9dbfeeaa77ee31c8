/* My work: what waits for this person, each part left out when nothing does. */
#include "app/page/device.h"
#include "app/page/talk.h"
#include "quality/quality.h"
#include "work.html.h"
#include <stdlib.h>

enum { SHOWN = 50, LOOKED_AT = 500, STEPS_MOST = 24, DUE_DAYS = 14 };

static Str age_of(Cx *cx, Web *web, Node n) { return age_text(cx->arena, cx->now_us - node_changed_us(web->graph, n)); }

/* ---- to sign ------------------------------------------------------------------------------------------- */

static WorkGroups *group_of(Cx *cx, WorkPage *page, const Step *step) {
  Str name = str_of(step->name);
  for (size_t i = 0; i < page->groups_n; i++)
    if (str_eq(page->groups[i].step, name)) return &page->groups[i];
  if (page->groups_n == STEPS_MOST) return NULL;
  page->groups[page->groups_n] = (WorkGroups){
    .step = name, .label = str_of(step->label), .rows = NEW_ARRAY(cx->arena, LOOKED_AT, WorkGroupsRows)
  };
  return &page->groups[page->groups_n++];
}

/* A signing step of the node's state that one of this person's roles may take; the record itself decides. */
static const Step *signs_from(Web *web, Node n) {
  const RecordType *t = node_type(web->graph, n);
  Str state = node_state(web->graph, n);
  for (size_t i = 0; i < t->life->nsteps; i++) {
    const Step *s = &t->life->steps[i];
    Roles roles = step_roles(t, s);
    bool from_here = (s->flags & STEP_SIGN) && str_eq(str_of(s->from), state);
    if (from_here && (who_roles(&web->who, PRODUCT_ANY) & roles)) return s;
  }
  return NULL;
}

static Err offer(Cx *cx, Web *web, Node n, WorkPage *page) {
  Record r = { 0 };
  StepChoice *choice;
  size_t nchoice;
  bool may_edit, waits;
  /* "State fixed" on a statement that stands is possible, but nothing waits for it. */
  TRY(record_unjudged(cx, web->store, node_id(web->graph, n), &waits));
  if (!waits) return E_OK;
  TRY(record_get(cx, web->store, node_id(web->graph, n), 0, &r));
  TRY(record_choices(cx, web->store, &web->who, &r, &choice, &nchoice, &may_edit));
  for (size_t i = 0; i < nchoice; i++) {
    if (!choice[i].allowed || !(choice[i].step->flags & STEP_SIGN)) continue;
    WorkGroups *g = group_of(cx, page, choice[i].step);
    if (!g || g->rows_n == LOOKED_AT) continue;
    g->rows[g->rows_n++] = (WorkGroupsRows){ .id = r.id,
                                             .url = web_record_url(cx, r.id),
                                             .title = r.title,
                                             .type = str_of(r.type->title),
                                             .by = person_name(cx, web, r.changed_by),
                                             .age = age_of(cx, web, n) };
  }
  return E_OK;
}

/* One approval must not stand below a hundred reviews of training. */
static int fewest_first(const void *a, const void *b) {
  const WorkGroups *x = a, *y = b;
  return x->rows_n != y->rows_n ? (x->rows_n < y->rows_n ? -1 : 1) : str_cmp(x->step, y->step);
}

static Err fill_sign(Cx *cx, Web *web, WorkPage *page) {
  size_t looked = 0;
  page->groups = NEW_ARRAY(cx->arena, STEPS_MOST, WorkGroups);
  for (Node n = 0; n < graph_count(web->graph) && looked < LOOKED_AT; n++) {
    if (node_hidden(web->graph, n) || !signs_from(web, n)) continue;
    looked++;
    TRY(offer(cx, web, n, page));
  }
  if (page->groups_n) qsort(page->groups, page->groups_n, sizeof *page->groups, fewest_first);
  for (size_t i = 0; i < page->groups_n; i++) {
    WorkGroups *g = &page->groups[i];
    g->count = number_text(cx, (int64_t)g->rows_n);
    g->more = g->rows_n > SHOWN;
    if (g->more) g->rows_n = SHOWN;
    g->shown = number_text(cx, (int64_t)g->rows_n);
  }
  return E_OK;
}

/* ---- alerts, and what keeps this person from signing --------------------------------------------------- */

static Err fill_alerts(Cx *cx, Web *web, WorkPage *page) {
  Alerts all = { 0 };
  Cx probe = { .arena = cx->arena };
  if (authorise(&probe, &web->who, "alert.see", PRODUCT_ANY) != E_OK) return E_OK;
  TRY(people_alerts(cx, web->store, false, &all));
  page->alerts = NEW_ARRAY(cx->arena, all.n, WorkAlerts);
  for (size_t i = 0; i < all.n; i++)
    page->alerts[page->alerts_n++] =
        (WorkAlerts){ .id = all.p[i].id, .words = all.p[i].words, .at = time_minute(cx->arena, all.p[i].at_us),
                      .whose = all.p[i].person.n ? person_name(cx, web, all.p[i].person) : S("an unknown name") };
  return E_OK;
}

static Err fill_fitness(Cx *cx, Web *web, WorkPage *page) {
  bool enrolled;
  Cx probe = { .arena = cx->arena };
  if (authorise(&probe, &web->who, "record.sign", PRODUCT_ANY) != E_OK) return E_OK;
  TRY(training_gap(cx, web->store, web->who.id, cx->now_us, &page->untrained));
  TRY(people_enrolled(cx, web->store, web->who.id, &enrolled));
  page->no_factor = !enrolled && web->set->number[SET_FACTOR];
  return E_OK;
}

/* ---- to decide, to fix, due ---------------------------------------------------------------------------- */

static Err found(Cx *cx, Web *web, const char *query, Nodes *out) {
  Query *q;
  QueryScope scope = { .me = web->who.id, .now_us = cx->now_us };
  TRY(query_compile(cx, str_of(query), &scope, &q));
  return query_run(cx, web->graph, q, out);
}

static Err fill_decide(Cx *cx, Web *web, WorkPage *page) {
  Nodes nodes = { 0 };
  Cx probe = { .arena = cx->arena };
  if (authorise(&probe, &web->who, "finding.decide", PRODUCT_ANY) != E_OK) return E_OK;
  TRY(found(cx, web, "(type:finding state:open,triage,reopened | type:security_risk state:reopened)", &nodes));
  page->decide = NEW_ARRAY(cx->arena, SHOWN, WorkDecide);
  for (size_t i = 0; i < nodes.n && i < SHOWN; i++) {
    Node n = nodes.p[i];
    bool finding = str_eq(str_of(node_type(web->graph, n)->name), S("finding"));
    Str triage = str_fmt(cx->arena, "/findings?v=%.*s", STR(node_id(web->graph, n)));
    page->decide[page->decide_n++] = (WorkDecide){ .id = node_id(web->graph, n),
                                                   .url = finding ? triage : web_record_url(cx, node_id(web->graph, n)),
                                                   .title = node_title(web->graph, n),
                                                   .state = state_words(cx, node_state(web->graph, n)),
                                                   .age = age_of(cx, web, n) };
  }
  page->decide_count = number_text(cx, (int64_t)nodes.n);
  return E_OK;
}

static Err fill_fix_of(Cx *cx, Web *web, Node product, WorkPage *page) {
  Gaps gaps = { 0 };
  size_t total = 0;
  GapQuery q = { .scope = { node_id(web->graph, product), STR_NONE }, .limit = 1000 };
  TRY(comply_gaps(cx, web->store, web->packs, &q, &gaps, &total));
  for (size_t i = 0; i < gaps.n && page->fix_n < SHOWN; i++) {
    Node n = graph_find(web->graph, gaps.p[i].object);
    if (n == NODE_NONE || !str_eq(node_owner(web->graph, n), web->who.id)) continue;
    GapRow g = gap_row(cx, web, &gaps.p[i]);
    page->fix[page->fix_n++] = (WorkFix){ .url = g.url,
                                          .object = g.object,
                                          .rule = g.rule,
                                          .tone = g.tone,
                                          .severity = g.severity,
                                          .message = g.message };
  }
  return E_OK;
}

static Err fill_due(Cx *cx, Web *web, WorkPage *page) {
  Nodes nodes = { 0 };
  int32_t today = date_of(cx->now_us);
  TRY(found(cx, web, "type:clock state:planned,in_progress", &nodes));
  page->due = NEW_ARRAY(cx->arena, SHOWN, WorkDue);
  for (size_t i = 0; i < nodes.n && page->due_n < SHOWN; i++) {
    const Value *due = node_value(web->graph, nodes.p[i], "due");
    if (!due || due->i > today + DUE_DAYS || node_value(web->graph, nodes.p[i], "stopped")) continue;
    page->due[page->due_n++] = (WorkDue){ .id = node_id(web->graph, nodes.p[i]),
                                          .url = web_record_url(cx, node_id(web->graph, nodes.p[i])),
                                          .title = node_title(web->graph, nodes.p[i]),
                                          .date = date_text(cx->arena, (int32_t)due->i),
                                          .tone = str_of(due->i < today ? "crit" : "med") };
  }
  return E_OK;
}

Err page_work(Cx *cx, Web *web, const Request *req, Response *res) {
  WorkPage page = { .fix = NEW_ARRAY(cx->arena, SHOWN, WorkFix) };
  page.csrf = csrf_token(cx, &web->who);
  TRY(fill_fitness(cx, web, &page));
  TRY(fill_alerts(cx, web, &page));
  TRY(fill_sign(cx, web, &page));
  TRY(fill_decide(cx, web, &page));
  for (size_t i = 0; i < web->products.n; i++) TRY(fill_fix_of(cx, web, web->products.p[i], &page));
  TRY(fill_due(cx, web, &page));
  bool asked;
  TRY(work_mentions(cx, web, &page.mentions, &asked));
  page.fix_count = number_text(cx, (int64_t)page.fix_n);
  bool idle = !page.alerts_n && !page.groups_n && !page.decide_n && !page.fix_n && !page.due_n && !asked;
  page.say = idle ? S("Nothing waits for you.") : str_fmt(cx->arena, "What waits for %.*s", STR(web->who.name));
  Buf b = buf_new(cx->arena, PAGE_MAX);
  work_html(&b, &page);
  PageFrame frame = { .title = S("My work"), .here = "work", .device = NODE_NONE };
  return web_page(cx, web, req, &frame, (Html){ buf_str(&b) }, res);
}
