/* The support horizon of one SBOM: how many components lose their support in which year, and which before the device.
 */
#include "app/page/sbom_page.h"
#include "support.html.h"

enum { YEARS_MAX = 200, NAMED = 12, FIRST_YEAR = 1950 };

typedef struct Year {
  size_t n, named;
  Buf which;
} Year;

typedef struct Years {
  Cx *cx;
  Year year[YEARS_MAX];
} Years;

static bool add(void *env, const ComponentRow *c) {
  Years *years = env;
  int64_t year;
  if (!str_int(str_slice(c->support_end, 0, 4), &year) || year < FIRST_YEAR || year >= FIRST_YEAR + YEARS_MAX)
    return true;
  Year *y = &years->year[year - FIRST_YEAR];
  if (!y->n++) y->which = buf_new(years->cx->arena, 8192);
  if (y->named == NAMED) buf_z(&y->which, ", ...");
  if (y->named++ >= NAMED) return true;
  buf_fmt(&y->which, "%s%.*s %.*s", y->n > 1 ? ", " : "", STR(c->package.name), STR(c->package.version));
  return true;
}

static void fill_years(Cx *cx, const Year *year, int32_t device_end, SupportPage *page) {
  size_t most = 1, before_device = 0;
  int64_t now = 0, end = 0;
  (void)str_int(str_slice(date_text(cx->arena, date_of(cx->now_us)), 0, 4), &now);
  if (device_end) (void)str_int(str_slice(date_text(cx->arena, device_end), 0, 4), &end);
  for (size_t i = 0; i < YEARS_MAX; i++)
    if (year[i].n > most) most = year[i].n;
  page->rows = NEW_ARRAY(cx->arena, YEARS_MAX, SupportRows);
  for (size_t i = 0; i < YEARS_MAX; i++) {
    int64_t number = FIRST_YEAR + (int64_t)i;
    if (!year[i].n) continue;
    bool over = number < now, before = !over && end && number < end;
    if (end && number < end) before_device += year[i].n;
    page->rows[page->rows_n++] = (SupportRows){ .year = str_fmt(cx->arena, "%lld", (long long)number),
                                                .count = number_text(cx, (int64_t)year[i].n),
                                                .percent = str_fmt(cx->arena, "%zu", year[i].n * 100 / most),
                                                .over = over,
                                                .before = before,
                                                .tone = str_of(over     ? "f-gap"
                                                               : before ? "f-part"
                                                                        : "f-ok"),
                                                .which = buf_str(&year[i].which) };
  }
  if (before_device) page->short_count = number_text(cx, (int64_t)before_device);
}

Err page_support(Cx *cx, Web *web, const Request *req, Response *res) {
  SbomInfo s;
  ComponentCounts c;
  TRY(supply_sbom(cx, web->store, req->params[0], &s));
  if (!web_may_see(web, s.product)) return fail(cx, E_NOTFOUND, "There is no SBOM %.*s.", STR(req->params[0]));
  TRY(supply_counts(cx, web->store, s.id, date_of(cx->now_us), &c));
  Node product = graph_find(web->graph, s.product),
       release = s.release.n ? graph_find(web->graph, s.release) : NODE_NONE;
  const Value *end = release == NODE_NONE ? NULL : node_value(web->graph, release, "support_end");
  if (!end && product != NODE_NONE) end = node_value(web->graph, product, "support_end");
  SupportPage page = { .id = s.id,
                       .name = s.name.n ? s.name : s.id,
                       .total = number_text(cx, c.total),
                       .unknown = number_text(cx, c.no_support_end),
                       .device_end = end ? date_text(cx->arena, (int32_t)end->i) : STR_NONE };
  Years *years = NEW(cx->arena, Years);
  years->cx = cx;
  TRY(each_component(cx, web->store, s.id, NULL, STR_NONE, add, years));
  fill_years(cx, years->year, end ? (int32_t)end->i : 0, &page);
  Buf b = buf_new(cx->arena, PAGE_MAX);
  support_html(&b, &page);
  PageFrame frame = { .title = S("Support horizon"), .here = "device", .device = product };
  return web_page(cx, web, req, &frame, (Html){ buf_str(&b) }, res);
}
