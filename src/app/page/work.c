/* My work: what waits for this person, each part left out when nothing does. */
#include "app/page/device.h"
#include "app/page/setup.h"
#include "app/page/talk.h"
#include "quality/quality.h"
#include "work.html.h"
#include <stdlib.h>
#include <string.h>

enum { SHOWN = 50, LOOKED_AT = 500, STEPS_MOST = 24, DUE_DAYS = 14 };

static Str age_of(Cx *cx, Web *web, Node n) { return age_text(cx->arena, cx->now_us - node_changed_us(web->graph, n)); }

/* ---- to sign ------------------------------------------------------------------------------------------- */

/* Steps of which each record, as it is written, leads to one (affected, not affected, fixed) are one group, signed in
 * one ceremony without naming the step. */
static bool alternatives(const RecordType *t, const Step *step) {
  for (size_t i = 0; i < t->life->nsteps; i++) {
    const Step *other = &t->life->steps[i];
    if (other != step && (other->flags & STEP_SIGN) && !strcmp(other->from, step->from)) return true;
  }
  return false;
}

static WorkGroups *group_of(Cx *cx, WorkPage *page, const RecordType *t, const Step *step, bool only) {
  bool any = only && alternatives(t, step);
  Str key = str_of(any ? t->name : step->name);
  for (size_t i = 0; i < page->groups_n; i++)
    if (str_eq(page->groups[i].key, key)) return &page->groups[i];
  if (page->groups_n == STEPS_MOST) return NULL;
  page->groups[page->groups_n] = (WorkGroups){ .key = key,
                                               .step = any ? STR_NONE : key,
                                               .label = str_of(any ? t->plural : step->label),
                                               .rows = NEW_ARRAY(cx->arena, LOOKED_AT, WorkGroupsRows) };
  return &page->groups[page->groups_n++];
}

/* A signing step of the node's state that one of this person's roles may take; the record itself decides. */
static const Step *signs_from(Web *web, Node n) {
  const RecordType *t = node_type(web->graph, n);
  Str state = node_state(web->graph, n);
  for (size_t i = 0; i < t->life->nsteps; i++) {
    const Step *s = &t->life->steps[i];
    bool from_here = (s->flags & STEP_SIGN) && str_eq(str_of(s->from), state);
    if (from_here && (who_roles(&web->who, PRODUCT_ANY) & step_roles(t, s))) return s;
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
  size_t mine = 0;
  for (size_t i = 0; i < nchoice; i++) mine += choice[i].allowed && (choice[i].step->flags & STEP_SIGN);
  for (size_t i = 0; i < nchoice; i++) {
    if (!choice[i].allowed || !(choice[i].step->flags & STEP_SIGN)) continue;
    WorkGroups *g = group_of(cx, page, r.type, choice[i].step, mine == 1);
    if (!g || g->rows_n == LOOKED_AT) continue;
    g->rows[g->rows_n++] = (WorkGroupsRows){ .id = r.id,
                                             .url = web_record_url(cx, r.id),
                                             .step = str_of(choice[i].step->name),
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
  return x->rows_n != y->rows_n ? (x->rows_n < y->rows_n ? -1 : 1) : str_cmp(x->key, y->key);
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

/* ---- deadlines ----------------------------------------------------------------------------------------- */

typedef struct Due { Node clock; int32_t day; } Due;
typedef VEC(Due) Dues;

/* A clock is met by its owner, or by who owns what it runs for; one that is nobody's waits for all who keep clocks. */
static bool mine_to_meet(Cx *cx, Web *web, Node clock) {
  Edges of = { 0 };
  Str owner = node_owner(web->graph, clock);
  if (str_eq(owner, web->who.id)) return true;
  graph_edges(cx, web->graph, clock, "of", &of);
  for (size_t i = 0; i < of.n; i++)
    if (!of.p[i].inverse && str_eq(node_owner(web->graph, of.p[i].to), web->who.id)) return true;
  return !owner.n && (who_roles(&web->who, PRODUCT_ANY) & node_type(web->graph, clock)->editors);
}

static int earliest_first(const void *a, const void *b) {
  const Due *x = a, *y = b;
  return x->day != y->day ? (x->day < y->day ? -1 : 1) : (x->clock > y->clock) - (x->clock < y->clock);
}

static Str days_words(Cx *cx, int32_t days) {
  if (!days) return S("today");
  Str n = number_text(cx, days < 0 ? -days : days);
  const char *unit = days == 1 || days == -1 ? "day" : "days";
  return days < 0 ? str_fmt(cx->arena, "%.*s %s late", STR(n), unit) : str_fmt(cx->arena, "in %.*s %s", STR(n), unit);
}

static void due_row(Cx *cx, Web *web, const Due *d, int32_t today, WorkDueRows *out) {
  Edges of = { 0 };
  Buf b = buf_new(cx->arena, 4096);
  graph_edges(cx, web->graph, d->clock, "of", &of);
  for (size_t i = 0; i < of.n && b.n < 2000; i++)
    if (!of.p[i].inverse) buf_fmt(&b, "%s%.*s", b.n ? ", " : "", STR(node_id(web->graph, of.p[i].to)));
  *out = (WorkDueRows){ .id = node_id(web->graph, d->clock),
                        .url = web_record_url(cx, node_id(web->graph, d->clock)),
                        .title = node_title(web->graph, d->clock),
                        .of = buf_str(&b),
                        .owner = person_name(cx, web, node_owner(web->graph, d->clock)),
                        .date = date_text(cx->arena, d->day),
                        .days = days_words(cx, d->day - today) };
}

/* The same rows, but above everything else: no review waits as urgently as a deadline that has passed. */
static void late_first(Cx *cx, WorkPage *page, const WorkDue *g) {
  WorkLate late = { .word = g->word, .title = g->title, .tone = g->tone, .count = g->count,
                    .rows = NEW_ARRAY(cx->arena, g->rows_n, WorkLateRows) };
  for (size_t i = 0; i < g->rows_n; i++) {
    const WorkDueRows *r = &g->rows[i];
    late.rows[late.rows_n++] = (WorkLateRows){ .id = r->id, .url = r->url, .title = r->title, .of = r->of,
                                               .owner = r->owner, .date = r->date, .days = r->days };
  }
  page->late = NEW_ARRAY(cx->arena, 1, WorkLate);
  page->late[page->late_n++] = late;
}

/* What is overdue first; all: clocks that run, whoever meets them. */
static Err fill_due(Cx *cx, Web *web, WorkPage *page, size_t *all) {
  static const struct { const char *word, *title, *tone; int32_t upto; } groups[] = {
    { "late", "Overdue", "crit", -1 },
    { "soon", "Due in 14 days", "med", DUE_DAYS },
    { "later", "Due later", "line", INT32_MAX },
  };
  Nodes nodes = { 0 };
  Dues dues = { 0 };
  int32_t today = date_of(cx->now_us);
  TRY(found(cx, web, "type:clock state:planned,in_progress -stopped:*", &nodes));
  *all = nodes.n;
  for (size_t i = 0; i < nodes.n; i++) {
    const Value *due = node_value(web->graph, nodes.p[i], "due");
    if (due && mine_to_meet(cx, web, nodes.p[i])) vec_add(cx->arena, &dues, ((Due){ nodes.p[i], (int32_t)due->i }));
  }
  if (dues.n) qsort(dues.p, dues.n, sizeof *dues.p, earliest_first);
  page->due = NEW_ARRAY(cx->arena, COUNT(groups), WorkDue);
  size_t at = 0;
  for (size_t g = 0; g < COUNT(groups); g++) {
    WorkDue group = { .word = str_of(groups[g].word), .title = str_of(groups[g].title), .tone = str_of(groups[g].tone),
                      .rows = NEW_ARRAY(cx->arena, SHOWN, WorkDueRows) };
    size_t from = at;
    for (; at < dues.n && (groups[g].upto == INT32_MAX || dues.p[at].day - today <= groups[g].upto); at++)
      if (group.rows_n < SHOWN) due_row(cx, web, &dues.p[at], today, &group.rows[group.rows_n++]);
    group.count = number_text(cx, (int64_t)(at - from));
    if (group.rows_n && groups[g].upto < 0) late_first(cx, page, &group);
    else if (group.rows_n) page->due[page->due_n++] = group;
  }
  return E_OK;
}

/* What a first start left out, for who could do it. */
static Err fill_setup(Cx *cx, Web *web, WorkPage *page) {
  SetupDone done;
  Cx probe = { .arena = cx->arena };
  if (authorise(&probe, &web->who, "user.second", PRODUCT_ANY) != E_OK) return E_OK;
  TRY(setup_done(cx, web, &done));
  if (done.count < SETUP_STEPS)
    page->setup = str_fmt(cx->arena, "%zu of %d steps of setting up are done.", done.count, SETUP_STEPS);
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
  size_t running;
  TRY(fill_due(cx, web, &page, &running));
  TRY(fill_setup(cx, web, &page));
  bool asked;
  TRY(work_mentions(cx, web, &page.mentions, &asked));
  page.fix_count = number_text(cx, (int64_t)page.fix_n);
  bool idle =
      !page.alerts_n && !page.groups_n && !page.decide_n && !page.fix_n && !page.due_n && !page.late_n && !asked;
  Str clocks = running
                   ? str_fmt(cx->arena, " %zu deadline%s in your devices.", running, running == 1 ? " runs" : "s run")
                   : S("");
  page.say = idle ? str_fmt(cx->arena, "Nothing waits for you.%.*s", STR(clocks))
                  : str_fmt(cx->arena, "What waits for %.*s", STR(web->who.name));
  Buf b = buf_new(cx->arena, PAGE_MAX);
  work_html(&b, &page);
  PageFrame frame = { .title = S("My work"), .here = "work", .device = NODE_NONE };
  return web_page(cx, web, req, &frame, (Html){ buf_str(&b) }, res);
}
