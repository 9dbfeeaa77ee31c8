/* Lists as files for spreadsheet programs, and such files read again. */
#include "app/page/web.h"
#include "app/table/table.h"
#include "import.html.h"
#include "import_plan.html.h"

enum { SHOWN_MOST = 500 }; /* changes and faults on one page; all of them are counted */

/* ---- out ----------------------------------------------------------------------------------------------- */

/* "threat.xlsx" is the list of threats as a workbook. */
bool table_suffix(Str word, Str *type, bool *xlsx) {
  *xlsx = str_ends(word, S(".xlsx"));
  if (!*xlsx && !str_ends(word, S(".csv"))) return false;
  *type = str_slice(word, 0, word.n - (*xlsx ? 5 : 4));
  return true;
}

Err page_table(Cx *cx, Web *web, const Request *req, Str type, bool xlsx, Response *res) {
  const RecordType *t;
  Query *q;
  Nodes nodes = { 0 };
  TRY(record_type_need(cx, type, &t));
  QueryScope scope = { .me = web->who.id, .now_us = cx->now_us, .type = t };
  TRY(query_compile(cx, str_trim(request_query(req, "q")), &scope, &q));
  TRY(query_run(cx, web->graph, q, &nodes));
  Str *ids = NEW_ARRAY(cx->arena, nodes.n + 1, Str);
  for (size_t i = 0; i < nodes.n; i++) ids[i] = node_id(web->graph, nodes.p[i]);
  TableAsk ask = { t, ids, nodes.n, web->asof_size, xlsx };
  TRY(table_export(cx, web->store, &ask, &res->body));
  res->media = table_media(xlsx);
  res->disposition = str_fmt(cx->arena, "attachment; filename=\"%s-%.*s.%s\"", t->name,
                             STR(date_text(cx->arena, date_of(cx->now_us))), xlsx ? "xlsx" : "csv");
  return E_OK;
}

/* ---- in ------------------------------------------------------------------------------------------------ */

static Err show_form(Cx *cx, Web *web, const Request *req, Str error, Response *res) {
  ImportPage page = { .csrf = csrf_token(cx, &web->who), .error = error };
  size_t n = 0;
  while (record_type_at(n)) n++;
  page.types = NEW_ARRAY(cx->arena, n, ImportTypes);
  for (size_t i = 0; i < n; i++) {
    const RecordType *t = record_type_at(i);
    if (who_roles(&web->who, PRODUCT_ANY) & t->editors)
      page.types[page.types_n++] = (ImportTypes){ str_of(t->name), str_of(t->plural) };
  }
  Buf b = buf_new(cx->arena, PAGE_MAX);
  import_html(&b, &page);
  PageFrame frame = { .title = S("Import a table"), .device = NODE_NONE };
  return web_page(cx, web, req, &frame, (Html){ buf_str(&b) }, res);
}

Err page_import(Cx *cx, Web *web, const Request *req, Response *res) {
  return show_form(cx, web, req, STR_NONE, res);
}

static void fill_changes(Cx *cx, const TablePlan *p, ImportPlanPage *page) {
  size_t n = p->changes.n < SHOWN_MOST ? p->changes.n : SHOWN_MOST;
  page->changes = NEW_ARRAY(cx->arena, n, ImportPlanChanges);
  for (size_t i = 0; i < n; i++) {
    const TableRowPlan *r = &p->changes.p[i];
    ImportPlanChanges c = { .row = str_fmt(cx->arena, "%zu", r->line),
                            .id = r->id,
                            .is_new = !r->base,
                            .cells = NEW_ARRAY(cx->arena, r->ncell, ImportPlanChangesCells) };
    if (r->base) c.url = web_record_url(cx, r->id);
    for (size_t k = 0; k < r->ncell; k++)
      c.cells[c.cells_n++] = (ImportPlanChangesCells){ r->cell[k].label, str_head(r->cell[k].before, 2000),
                                                       str_head(r->cell[k].after, 2000) };
    page->changes[page->changes_n++] = c;
  }
  if (p->changes.n > n) page->more = str_fmt(cx->arena, "%zu more changes are not shown.", p->changes.n - n);
}

static void fill_faults(Cx *cx, const TablePlan *p, ImportPlanPage *page) {
  size_t n = p->faults.n < SHOWN_MOST ? p->faults.n : SHOWN_MOST;
  page->faults = NEW_ARRAY(cx->arena, n, ImportPlanFaults);
  for (size_t i = 0; i < n; i++) {
    const TableFault *f = &p->faults.p[i];
    page->faults[page->faults_n++] = (ImportPlanFaults){
      .row = str_fmt(cx->arena, "%zu", f->line), .cell = f->cell, .id = f->id, .column = f->column, .words = f->words
    };
  }
  if (p->faults_all > n) page->more = str_fmt(cx->arena, "%zu more are not shown.", p->faults_all - n);
}

static Err show_plan(Cx *cx, Web *web, const Request *req, const TablePlan *p, Str rows, Str reason, Str error,
                     Response *res) {
  ImportPlanPage page = { .file = p->file,
                          .plural = str_of(p->type->plural),
                          .list_url = web_list_url(cx, p->type, STR_NONE),
                          .rows = number_text(cx, (int64_t)p->rows),
                          .changed = number_text(cx, (int64_t)(p->changes.n - p->created)),
                          .created = number_text(cx, (int64_t)p->created),
                          .unchanged = number_text(cx, (int64_t)p->unchanged),
                          .refused = number_text(cx, (int64_t)p->faults_all),
                          .csrf = csrf_token(cx, &web->who),
                          .sha = p->sha256,
                          .reason = reason,
                          .error = error };
  if (p->faults_all) fill_faults(cx, p, &page);
  else {
    fill_changes(cx, p, &page);
    page.payload = rows;
    page.count = str_fmt(cx->arena, "%.*s change%s", STR(number_text(cx, (int64_t)p->changes.n)),
                         p->changes.n == 1 ? "" : "s");
  }
  if (p->faults_all) res->status = p->stale ? 412 : 422;
  if (error.n) res->status = 422;
  Buf b = buf_new(cx->arena, (size_t)64 << 20);
  import_plan_html(&b, &page);
  PageFrame frame = { .title = S("Import a table"), .device = NODE_NONE };
  return web_page(cx, web, req, &frame, (Html){ buf_str(&b) }, res);
}

Err post_import(Cx *cx, Web *web, const Request *req, Response *res) {
  Form form;
  TablePlan p = { 0 };
  Str file = STR_NONE;
  TRY(web_form(cx, web, req, &form));
  for (size_t i = 0; i < form.n; i++)
    if (str_eq(form.field[i].name, S("file"))) file = form.field[i].file_name;
  Str bytes = form_get(&form, "file");
  if (!bytes.n) return show_form(cx, web, req, S("No file was chosen."), res);
  Err e = table_plan(cx, web->store, &web->who, bytes, file.n ? file : S("table"), form_get(&form, "type"), &p);
  if (e != E_OK && err_status(e) < 500) {
    Str words = cx->words;
    cx_forgive(cx);
    res->status = err_status(e);
    return show_form(cx, web, req, words, res);
  }
  TRY(e);
  return show_plan(cx, web, req, &p, table_rows_json(cx, &p), STR_NONE, STR_NONE, res);
}

/* The page that asked goes to the writer as it is: every right and every revision is checked there again. */
Err post_import_accept(Cx *cx, Web *web, const Request *req, Response *res) {
  Form form;
  Ask ask = { 0 };
  Answer a = { 0 };
  TRY(web_form(cx, web, req, &form));
  table_ask(cx, form_get(&form, "name"), form_get(&form, "sha"), form_get(&form, "rows"), &ask);
  ask.actor = web->who.id;
  ask.auth = S("session");
  ask.source = S("import");
  ask.request = req->request_id;
  ask.reason = str_trim(form_get(&form, "reason"));
  TRY(writer_ask(cx, web->writer, &ask, 1, &a));
  TRY(answer_result(cx, &a));
  Str to = form_get(&form, "to");
  return web_redirect(cx, res, str_starts(to, S("/list/")) ? to : S("/work"));
}
