/* The second step: the risk matrix and its words, as a record of the company. */
#include "app/page/setup.h"
#include "setup_risk.html.h"

static const char *const levels[] = { "low", "medium", "high" };
static const char *const zones[] = { "r0", "r1", "r3" };
static const char *const texts[] = { "severity_scale", "exploitability_scale", "acceptability" };

static Str cell_field(Cx *cx, size_t e, size_t s) { return str_fmt(cx->arena, "e%zus%zu", e + 1, s + 1); }

/* What was chosen in the table.  A level of another word is left to the record's own check, which names it. */
static Str cells_text(Cx *cx, const Form *form) {
  Buf b = buf_new(cx->arena, 16 * 1024);
  for (size_t e = RISK_SCALE; e-- > 0;) {
    buf_fmt(&b, "e%zu:", e + 1);
    for (size_t s = 0; s < RISK_SCALE; s++)
      buf_fmt(&b, " %.*s", STR(str_head(form_get(form, cell_field(cx, e, s).p), 20)));
    if (e) buf_byte(&b, '\n');
  }
  return buf_str(&b);
}

static Str without_cr(Cx *cx, Str s) {
  Buf b = buf_new(cx->arena, s.n + 1);
  for (size_t i = 0; i < s.n; i++)
    if (s.p[i] != '\r') buf_byte(&b, s.p[i]);
  return str_trim(buf_str(&b));
}

static Str matrix_input(Cx *cx, Web *web, const Form *form, const SetupRecord *was) {
  Buf b = buf_new(cx->arena, 1 << 20);
  JsonOut o = json_out(&b, false);
  Str company = company_name(cx, web->graph, web->set);
  json_object(&o);
  if (!was->there)
    json_pair(&o, "title",
              str_fmt(cx->arena, "Risk matrix%s%.*s", company.n ? " of " : "", STR(str_head(company, 200))));
  json_pair(&o, "cells", cells_text(cx, form));
  for (size_t i = 0; i < COUNT(texts); i++) json_pair(&o, texts[i], without_cr(cx, form_get(form, texts[i])));
  json_object_end(&o);
  return buf_str(&b);
}

static Str text_of(const SetupRecord *is, const char *field, Str otherwise) {
  const Value *v = is->there ? record_value(&is->r, field) : NULL;
  return v ? v->s : otherwise;
}

/* ---- the page ------------------------------------------------------------------------------------------ */

static SetupRiskRowsCells cell(Cx *cx, size_t e, size_t s, Str level) {
  SetupRiskRowsCells c = { .field = cell_field(cx, e, s),
                           .level_now = level,
                           .words = str_fmt(cx->arena, "Level at E%zu and S%zu", e + 1, s + 1),
                           .levels = NEW_ARRAY(cx->arena, COUNT(levels), SetupRiskRowsCellsLevels) };
  for (size_t i = 0; i < COUNT(levels); i++) {
    bool chosen = str_eq(level, str_of(levels[i]));
    c.levels[c.levels_n++] = (SetupRiskRowsCellsLevels){ .level = str_of(levels[i]), .chosen = chosen };
    if (chosen) c.zone = str_of(zones[i]);
  }
  return c;
}

static void fill_table(Cx *cx, const RiskMatrix *m, const Form *typed, SetupRiskPage *page) {
  page->columns = NEW_ARRAY(cx->arena, RISK_SCALE, SetupRiskColumns);
  page->rows = NEW_ARRAY(cx->arena, RISK_SCALE, SetupRiskRows);
  for (size_t s = 0; s < RISK_SCALE; s++)
    page->columns[page->columns_n++] = (SetupRiskColumns){ str_fmt(cx->arena, "S%zu", s + 1) };
  for (size_t e = RISK_SCALE; e-- > 0;) {
    SetupRiskRows row = { .name = str_fmt(cx->arena, "E%zu", e + 1),
                          .cells = NEW_ARRAY(cx->arena, RISK_SCALE, SetupRiskRowsCells) };
    for (size_t s = 0; s < RISK_SCALE; s++)
      row.cells[row.cells_n++] =
          cell(cx, e, s, typed ? form_get(typed, cell_field(cx, e, s).p) : str_of(levels[m->level[e][s]]));
    page->rows[page->rows_n++] = row;
  }
}

static Err show(Cx *cx, Web *web, const Request *req, const Form *typed, const SetupWrong *wrong, Response *res) {
  SetupRecord is;
  CompanyScales first;
  RiskMatrix m;
  Str why;
  TRY(company_scales(cx, &first));
  TRY(setup_record(cx, web, company_matrix(cx, web->graph), &is));
  if (!is.there || !risk_matrix_read(cx->arena, text_of(&is, "cells", STR_NONE), &m, &why)) m = first.matrix;
  SetupRiskPage page = { .csrf = csrf_token(cx, &web->who), .open = is.open, .error = wrong->words,
                         .severity = text_of(&is, texts[0], first.severity),
                         .exploitability = text_of(&is, texts[1], first.exploitability),
                         .acceptability = text_of(&is, texts[2], first.acceptability) };
  if (typed) {
    page.severity = form_get(typed, texts[0]);
    page.exploitability = form_get(typed, texts[1]);
    page.acceptability = form_get(typed, texts[2]);
  }
  if (is.there) {
    page.id = is.r.id;
    page.url = web_record_url(cx, is.r.id);
    page.edit = str_fmt(cx->arena, "%.*s/edit", STR(page.url));
    page.state = str_lower(cx->arena, state_words(cx, is.r.state));
  }
  fill_table(cx, &m, typed, &page);
  page.problems = NEW_ARRAY(cx->arena, wrong->problems.n, SetupRiskProblems);
  for (size_t i = 0; i < wrong->problems.n; i++)
    page.problems[page.problems_n++] = (SetupRiskProblems){ wrong->problems.p[i].field, wrong->problems.p[i].words };
  Buf b = buf_new(cx->arena, PAGE_MAX);
  setup_risk_html(&b, &page);
  return setup_page(cx, web, req, SETUP_RISK, (Html){ buf_str(&b) }, res);
}

Err page_setup_risk(Cx *cx, Web *web, const Request *req, Response *res) {
  return show(cx, web, req, NULL, &(SetupWrong){ .words = STR_NONE }, res);
}

Err post_setup_risk(Cx *cx, Web *web, const Request *req, Response *res) {
  Form form;
  SetupRecord was;
  SetupWrong wrong;
  TRY(web_form(cx, web, req, &form));
  TRY(setup_record(cx, web, company_matrix(cx, web->graph), &was));
  Err e = setup_record_save(cx, web, req, &was, "risk_matrix", matrix_input(cx, web, &form, &was));
  if (e == E_OK) return web_redirect(cx, res, setup_path(SETUP_FEEDS));
  TRY(setup_wrong(cx, e, res, &wrong));
  return show(cx, web, req, was.open ? &form : NULL, &wrong, res);
}
