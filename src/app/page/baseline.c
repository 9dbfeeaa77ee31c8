/* What a baseline holds, and how far the device has moved since. */
#include "app/diff.h"
#include "app/page/talk.h"
#include "baseline.html.h"

enum { SHOWN = 500 };

static Err fill_drift(Cx *cx, Web *web, const Record *r, const Members *held, BaselinePage *page) {
  Members now = { 0 };
  RecordChanges rows = { 0 };
  size_t n[CHANGE_KINDS] = { 0 };
  app_members_now(cx, web->graph, r->products.n ? r->products.p[0] : STR_NONE, &now);
  TRY(trace_diff(cx, web->store, held, &now, STR_NONE, &rows));
  for (size_t i = 0; i < rows.n; i++) n[rows.p[i].kind]++;
  page->drift = rows.n ? str_fmt(cx->arena, "%zu added, %zu changed, %zu ended, %zu gone", n[CHANGE_ADDED],
                                 n[CHANGE_CHANGED], n[CHANGE_ENDED], n[CHANGE_GONE])
                       : S("nothing");
  return E_OK;
}

static void fill_rows(Cx *cx, Web *web, const Members *held, BaselinePage *page) {
  page->rows = NEW_ARRAY(cx->arena, held->n, BaselineRows);
  for (size_t i = 0; i < held->n && i < SHOWN; i++) {
    const Member *m = &held->p[i];
    Node n = graph_find(web->graph, m->id);
    page->rows[page->rows_n++] =
        (BaselineRows){ .id = m->id,
                        .url = str_fmt(cx->arena, "%.*s?rev=%lld", STR(web_record_url(cx, m->id)), (long long)m->rev),
                        .title = n == NODE_NONE ? STR_NONE : node_title(web->graph, n),
                        .rev = number_text(cx, m->rev),
                        .moved = n != NODE_NONE && node_rev(web->graph, n) != m->rev,
                        .full = m->hash_hex,
                        .hash = str_slice(m->hash_hex, 0, 12) };
  }
  if (held->n > SHOWN) page->more = str_fmt(cx->arena, "The first %d of %zu", SHOWN, held->n);
}

Err baseline_part(Cx *cx, Web *web, const RecordView *v, Html *out) {
  const Record *r = &v->record;
  Members held = { 0 };
  BaselinePage page = { .id = r->id,
                        .csrf = csrf_token(cx, &web->who),
                        .may_freeze = v->may_edit && r->is_last && !r->in_force_rev };
  TRY(baseline_members(cx, r, &held));
  page.count = number_text(cx, (int64_t)held.n);
  page.frozen = held.n > 0;
  if (held.n) TRY(fill_drift(cx, web, r, &held, &page));
  fill_rows(cx, web, &held, &page);
  Buf b = buf_new(cx->arena, PAGE_MAX);
  baseline_html(&b, &page);
  *out = (Html){ buf_str(&b) };
  return E_OK;
}

Err post_freeze(Cx *cx, Web *web, const Request *req, Response *res) {
  RecordView v = { 0 };
  Form form;
  Answer a = { 0 };
  Str args;
  TRY(record_view(cx, web, req->params[0], 0, &v));
  TRY(web_form(cx, web, req, &form));
  TRY(app_freeze_args(cx, web->store, web->packs, &v.record, &args));
  TRY(web_ask(cx, web, req, S("baseline.freeze"), args, STR_NONE, STR_NONE, &a));
  return web_redirect(cx, res, web_record_url(cx, v.record.id));
}
