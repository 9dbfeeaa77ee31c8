/* The steps of a first start, and the first of them: the company as a record. */
#include "app/page/setup.h"
#include "setup_company.html.h"
#include "setup_frame.html.h"

static const struct { const char *path, *label; } steps[SETUP_STEPS] = {
  [SETUP_COMPANY] = { "/setup/company", "Company" },
  [SETUP_RISK] = { "/setup/risk", "Risk scales" },
  [SETUP_FEEDS] = { "/setup/feeds", "Feeds" },
  [SETUP_PEOPLE] = { "/setup/people", "People" },
};

Str setup_path(size_t step) { return step < SETUP_STEPS ? str_of(steps[step].path) : S("/devices"); }

Err setup_done(Cx *cx, Web *web, SetupDone *out) {
  SetupDone d = { .next = SETUP_STEPS };
  Persons all = { 0 };
  FeedStatuses feeds = { 0 };
  SnapshotRow row;
  Cx probe = { .arena = cx->arena, .now_us = cx->now_us };
  TRY(people_list(cx, web->store, &all));
  TRY(feed_status(cx, web->store, STR_NONE, &feeds));
  d.step[SETUP_COMPANY] = company_node(cx, web->graph) != NODE_NONE;
  d.step[SETUP_RISK] = company_matrix(cx, web->graph) != NODE_NONE;
  d.step[SETUP_FEEDS] = feeds.n || vuln_current(&probe, web->store, &row) == E_OK;
  d.step[SETUP_PEOPLE] = all.n > 1;
  for (size_t i = SETUP_STEPS; i-- > 0;) {
    d.count += d.step[i];
    if (!d.step[i]) d.next = i;
  }
  *out = d;
  return E_OK;
}

Err setup_page(Cx *cx, Web *web, const Request *req, size_t step, Html body, Response *res) {
  SetupDone done;
  TRY(setup_done(cx, web, &done));
  SetupFramePage page = { .number = number_text(cx, (int64_t)step + 1),
                          .count = number_text(cx, SETUP_STEPS),
                          .body = body,
                          .next = setup_path(step + 1),
                          .last = step + 1 == SETUP_STEPS,
                          .had = done.step[step],
                          .steps = NEW_ARRAY(cx->arena, SETUP_STEPS, SetupFrameSteps) };
  for (size_t i = 0; i < SETUP_STEPS; i++)
    page.steps[page.steps_n++] = (SetupFrameSteps){ .url = setup_path(i), .label = str_of(steps[i].label),
                                                    .done = done.step[i], .current = i == step };
  Buf b = buf_new(cx->arena, PAGE_MAX);
  setup_frame_html(&b, &page);
  PageFrame frame = { .title = S("Setting up"), .device = NODE_NONE };
  return web_page(cx, web, req, &frame, (Html){ buf_str(&b) }, res);
}

/* ---- a record behind a form ---------------------------------------------------------------------------- */

Err setup_record(Cx *cx, Web *web, Node n, SetupRecord *out) {
  *out = (SetupRecord){ .open = true };
  if (n == NODE_NONE) return E_OK;
  TRY(record_get(cx, web->store, node_id(web->graph, n), 0, &out->r));
  const State *state = life_state(out->r.type->life, out->r.state);
  out->there = true;
  out->open = !out->r.in_force_rev && state && (state->flags & ST_EDIT);
  return E_OK;
}

Err setup_record_save(Cx *cx, Web *web, const Request *req, const SetupRecord *was, const char *type, Str input) {
  Answer a = { 0 };
  Buf b = buf_new(cx->arena, 1 << 20);
  if (!was->open)
    return fail(cx, E_CONFLICT, "%.*s is in force or waits for a signature. Nothing was changed. Change it on its own "
                "page, as a new revision", STR(was->r.id));
  if (was->there)
    buf_fmt(&b, "{\"id\":\"%.*s\",\"base\":%lld,\"input\":%.*s}", STR(was->r.id), (long long)was->r.rev, STR(input));
  else buf_fmt(&b, "{\"type\":\"%s\",\"input\":%.*s}", type, STR(input));
  return web_ask(cx, web, req, was->there ? S("record.save") : S("record.new"), buf_str(&b), STR_NONE, S("Set-up"), &a);
}

Err setup_wrong(Cx *cx, Err e, Response *res, SetupWrong *out) {
  if (e != E_INVALID && e != E_CONFLICT && e != E_DENIED && e != E_STALE) return e;
  *out = (SetupWrong){ .words = cx->words, .problems = cx->problems };
  res->status = err_status(e);
  cx_forgive(cx);
  return E_OK;
}

/* ---- the company --------------------------------------------------------------------------------------- */

const SetupMarket setup_markets[] = {
  { "US", "USA (FDA)" }, { "EU", "EU (MDR)" }, { "UK", "UK" },          { "JP", "Japan" },
  { "CN", "China" },     { "CA", "Canada" },   { "AU", "Australia" },
};
const size_t setup_nmarkets = COUNT(setup_markets);

bool setup_sold_in(const Form *form, size_t market) {
  for (size_t i = 0; i < form->n; i++)
    if (str_eq(form->field[i].name, S("markets")) && str_eq(form->field[i].value, str_of(setup_markets[market].word)))
      return true;
  return false;
}

/* Markets that no box stands for were entered on the record's own page, and stay. */
static Str company_input(Cx *cx, const Form *form, const SetupRecord *was) {
  Buf b = buf_new(cx->arena, 64 * 1024);
  JsonOut o = json_out(&b, false);
  Str name = str_trim(form_get(form, "company")), numbers = form_get(form, "registration"), one;
  const Value *had = was->there ? record_value(&was->r, "markets") : NULL;
  json_object(&o);
  json_pair(&o, "title", name);
  json_pair(&o, "legal_name", name);
  if (!was->there) {
    json_key(&o, "roles");
    json_array(&o);
    json_put_str(&o, S("manufacturer"));
    json_array_end(&o);
  }
  json_key(&o, "registration");
  json_array(&o);
  while (numbers.n) {
    (void)str_cut(numbers, ',', &one, &numbers);
    if (str_trim(one).n) json_put_str(&o, str_trim(one));
  }
  json_array_end(&o);
  json_key(&o, "markets");
  json_array(&o);
  for (size_t i = 0; i < setup_nmarkets; i++)
    if (setup_sold_in(form, i)) json_put_str(&o, str_of(setup_markets[i].word));
  for (size_t i = 0; had && i < had->list.n; i++) {
    bool boxed = false;
    for (size_t k = 0; k < setup_nmarkets; k++) boxed |= str_eq(had->list.p[i], str_of(setup_markets[k].word));
    if (!boxed) json_put_str(&o, had->list.p[i]);
  }
  json_array_end(&o);
  json_object_end(&o);
  return buf_str(&b);
}

Err setup_company_check(Cx *cx, Web *web, const Form *form) {
  const RecordType *t;
  JVal *input;
  TRY(record_type_need(cx, S("organisation"), &t));
  if (!str_trim(form_get(form, "company")).n) {
    problem(cx, S("company"), "required", "say how the company is registered");
    return problems_fail(cx);
  }
  Record r = record_blank(cx->arena, t);
  TRY(json_read(cx, company_input(cx, form, &(SetupRecord){ .there = false }), &JSON_BODY, &input));
  return record_merge(cx, web->store, input, &r);
}

Err setup_company_save(Cx *cx, Web *web, const Request *req, const Form *form) {
  SetupRecord was;
  TRY(setup_company_check(cx, web, form));
  TRY(setup_record(cx, web, company_node(cx, web->graph), &was));
  return setup_record_save(cx, web, req, &was, "organisation", company_input(cx, form, &was));
}

static Str joined(Cx *cx, const Value *v) {
  Buf b = buf_new(cx->arena, 64 * 1024);
  for (size_t i = 0; v && i < v->list.n; i++) buf_fmt(&b, "%s%.*s", b.n ? ", " : "", STR(v->list.p[i]));
  return buf_str(&b);
}

static bool listed(const Value *v, const char *word) {
  for (size_t i = 0; v && i < v->list.n; i++)
    if (str_eq(v->list.p[i], str_of(word))) return true;
  return false;
}

static Err show_company(Cx *cx, Web *web, const Request *req, const Form *typed, const SetupWrong *wrong,
                        Response *res) {
  SetupRecord is;
  TRY(setup_record(cx, web, company_node(cx, web->graph), &is));
  SetupCompanyPage page = { .csrf = csrf_token(cx, &web->who), .open = is.open, .error = wrong->words };
  if (is.there) {
    const Value *name = record_value(&is.r, "legal_name");
    page.id = is.r.id;
    page.url = web_record_url(cx, is.r.id);
    page.edit = str_fmt(cx->arena, "%.*s/edit", STR(page.url));
    page.state = str_lower(cx->arena, state_words(cx, is.r.state));
    page.company = name ? name->s : STR_NONE;
    page.registration = joined(cx, record_value(&is.r, "registration"));
  } else page.company = str_trim(web->set->text[SET_COMPANY]);
  if (typed) page.company = form_get(typed, "company"), page.registration = form_get(typed, "registration");
  page.markets = NEW_ARRAY(cx->arena, setup_nmarkets, SetupCompanyMarkets);
  for (size_t i = 0; i < setup_nmarkets; i++) {
    bool checked = typed      ? setup_sold_in(typed, i)
                   : is.there ? listed(record_value(&is.r, "markets"), setup_markets[i].word)
                              : false;
    page.markets[page.markets_n++] = (SetupCompanyMarkets){ .word = str_of(setup_markets[i].word),
                                                            .label = str_of(setup_markets[i].label),
                                                            .checked = checked };
  }
  page.problems = NEW_ARRAY(cx->arena, wrong->problems.n, SetupCompanyProblems);
  for (size_t i = 0; i < wrong->problems.n; i++)
    page.problems[page.problems_n++] =
        (SetupCompanyProblems){ wrong->problems.p[i].field, wrong->problems.p[i].words };
  Buf b = buf_new(cx->arena, PAGE_MAX);
  setup_company_html(&b, &page);
  return setup_page(cx, web, req, SETUP_COMPANY, (Html){ buf_str(&b) }, res);
}

Err page_setup_company(Cx *cx, Web *web, const Request *req, Response *res) {
  return show_company(cx, web, req, NULL, &(SetupWrong){ .words = STR_NONE }, res);
}

Err post_setup_company(Cx *cx, Web *web, const Request *req, Response *res) {
  Form form;
  SetupWrong wrong;
  TRY(web_form(cx, web, req, &form));
  Err e = setup_company_save(cx, web, req, &form);
  if (e == E_OK) return web_redirect(cx, res, setup_path(SETUP_RISK));
  TRY(setup_wrong(cx, e, res, &wrong));
  return show_company(cx, web, req, &form, &wrong, res);
}
