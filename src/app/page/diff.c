/* What changed between two days, two revisions or two baselines: on the screen and on paper. */
#include "app/diff.h"
#include "app/page/web.h"
#include "diff.html.h"

enum { ROWS_MOST = 1000, TEXT_MOST = 4000 };

static Str shown(Cx *cx, Str s) {
  Str head = str_head(s, TEXT_MOST);
  if (head.n == s.n) return s;
  return str_fmt(cx->arena, "%.*s ... (%.*s bytes in all)", STR(head), STR(number_text(cx, (int64_t)s.n)));
}

static Str in_words(Cx *cx, Web *web, const ValueChange *v, Str s) {
  return shown(cx, v->people ? person_names(cx, web, s) : s);
}

static DiffTypesRowsValues value_of(Cx *cx, Web *web, const ValueChange *v) {
  DiffTypesRowsValues out = { .label = v->label };
  if (!v->went.n && !v->came.n) {
    out.before = in_words(cx, web, v, v->before);
    out.after = in_words(cx, web, v, v->after);
    out.whole = true;
    return out;
  }
  out.went = NEW_ARRAY(cx->arena, v->went.n, DiffTypesRowsValuesWent);
  for (size_t i = 0; i < v->went.n; i++)
    out.went[out.went_n++] = (DiffTypesRowsValuesWent){ in_words(cx, web, v, v->went.p[i]) };
  out.came = NEW_ARRAY(cx->arena, v->came.n, DiffTypesRowsValuesCame);
  for (size_t i = 0; i < v->came.n; i++)
    out.came[out.came_n++] = (DiffTypesRowsValuesCame){ in_words(cx, web, v, v->came.p[i]) };
  return out;
}

static Str url_of(Cx *cx, const RecordChange *r) {
  int64_t rev = r->rev_after ? r->rev_after : r->rev_before;
  return str_fmt(cx->arena, "%.*s?rev=%lld", STR(web_record_url(cx, r->id)), (long long)rev);
}

static DiffTypesRows row_of(Cx *cx, Web *web, const RecordChange *r) {
  static const char *const tones[CHANGE_KINDS] = { "ok", "med", "line", "crit" };
  DiffTypesRows out = { .id = r->id,
                        .url = url_of(cx, r),
                        .title = r->title,
                        .kind = choice_words(cx->arena, str_of(change_words[r->kind])),
                        .tone = str_of(tones[r->kind]),
                        .values = NEW_ARRAY(cx->arena, r->value.n, DiffTypesRowsValues) };
  if (r->rev_before && r->rev_after && r->rev_before != r->rev_after)
    out.revisions = str_fmt(cx->arena, "revision %lld to %lld", (long long)r->rev_before, (long long)r->rev_after);
  if (r->state_before.n && r->state_after.n && !str_eq(r->state_before, r->state_after)) {
    out.state_before = state_words(cx, r->state_before);
    out.state_after = state_words(cx, r->state_after);
  }
  for (size_t i = 0; i < r->value.n; i++) out.values[out.values_n++] = value_of(cx, web, &r->value.p[i]);
  return out;
}

static void fill_rows(Cx *cx, Web *web, const AppDiff *d, DiffPage *page) {
  size_t n = d->rows.n < ROWS_MOST ? d->rows.n : ROWS_MOST;
  page->types = NEW_ARRAY(cx->arena, n, DiffTypes);
  for (size_t i = 0; i < n;) {
    size_t end = i;
    while (end < n && d->rows.p[end].type == d->rows.p[i].type) end++;
    DiffTypes group = { .plural = str_of(d->rows.p[i].type->plural),
                        .name = str_of(d->rows.p[i].type->name),
                        .count = number_text(cx, (int64_t)(end - i)),
                        .rows = NEW_ARRAY(cx->arena, end - i, DiffTypesRows) };
    for (; i < end; i++) group.rows[group.rows_n++] = row_of(cx, web, &d->rows.p[i]);
    page->types[page->types_n++] = group;
  }
  if (n < d->rows.n)
    page->more = str_fmt(cx->arena, "The first %zu of %zu records are shown. The whole list: proofline diff %.*s %.*s",
                         n, d->rows.n, STR(d->a.text), STR(d->b.text));
}

static void fill_gaps(Cx *cx, Web *web, const AppDiff *d, DiffPage *page) {
  page->opened = NEW_ARRAY(cx->arena, d->opened.n, DiffOpened);
  for (size_t i = 0; i < d->opened.n; i++)
    page->opened[page->opened_n++] = (DiffOpened){ d->opened.p[i].rule_id, d->opened.p[i].message };
  page->closed = NEW_ARRAY(cx->arena, d->closed.n, DiffClosed);
  for (size_t i = 0; i < d->closed.n; i++)
    page->closed[page->closed_n++] = (DiffClosed){ d->closed.p[i].rule_id, d->closed.p[i].message };
  page->gaps = page->opened_n || page->closed_n;
  (void)web;
}

static void fill_devices(Cx *cx, Web *web, Str chosen, DiffPage *page) {
  page->devices = NEW_ARRAY(cx->arena, web->products.n, DiffDevices);
  for (size_t i = 0; i < web->products.n; i++) {
    Str id = node_id(web->graph, web->products.p[i]);
    page->devices[page->devices_n++] =
        (DiffDevices){ .id = id, .name = node_title(web->graph, web->products.p[i]), .on = str_eq_nocase(id, chosen) };
  }
}

Err page_diff(Cx *cx, Web *web, const Request *req, Response *res) {
  Str from = str_trim(request_query(req, "from")), to = str_trim(request_query(req, "to")),
      device = str_trim(request_query(req, "device"));
  DiffPage page = { .from = from, .to = to };
  AppDiff d = { 0 };
  fill_devices(cx, web, device, &page);
  Err e = E_OK;
  if (from.n) e = app_diff(cx, web->store, web->packs, from, to, device, &d);
  if (e == E_USAGE || e == E_NOTFOUND) { /* say what cannot be read, keep what was typed */
    page.error = cx->words;
    res->status = err_status(e);
    cx_forgive(cx);
  } else {
    TRY(e);
  }
  if (from.n && e == E_OK) {
    page.asked = true;
    page.label_a = d.a.label;
    page.label_b = d.b.label;
    page.say = str_fmt(cx->arena, "%zu added, %zu changed, %zu ended, %zu gone", d.count[CHANGE_ADDED],
                       d.count[CHANGE_CHANGED], d.count[CHANGE_ENDED], d.count[CHANGE_GONE]);
    fill_rows(cx, web, &d, &page);
    fill_gaps(cx, web, &d, &page);
  }
  Buf b = buf_new(cx->arena, PAGE_MAX);
  diff_html(&b, &page);
  PageFrame frame = { .title = S("What changed"), .here = "diff", .device = NODE_NONE };
  return web_page(cx, web, req, &frame, (Html){ buf_str(&b) }, res);
}
