/* The head that all pages of one device share, and the list of devices. */
#include "app/page/device.h"
#include "device_head.html.h"
#include "devices.html.h"

static Str count_of(Cx *cx, Web *web, const char *type, Str product) {
  Query *q;
  size_t n = 0;
  if (!record_type(str_of(type))) return STR_NONE;
  Str text = str_fmt(cx->arena, "type:%s device:%.*s", type, STR(product));
  if (query_compile(cx, text, &(QueryScope){ .now_us = cx->now_us }, &q) != E_OK ||
      query_count(cx, web->graph, q, &n) != E_OK) {
    cx_forgive(cx);
    return STR_NONE;
  }
  return str_fmt(cx->arena, "%zu", n);
}

static Str list_tab(Cx *cx, const char *type, Str product) {
  return web_list_url(cx, record_type(str_of(type)), str_fmt(cx->arena, "device:%.*s", STR(product)));
}

static void add_fact(Cx *cx, Web *web, Node n, DeviceHeadPage *page, const char *field, const char *label) {
  const Value *v = node_value(web->graph, n, field);
  const Field *f = record_field(node_type(web->graph, n), str_of(field), NULL);
  if (!v || !f) return;
  page->facts[page->facts_n++] = (DeviceHeadFacts){ str_of(label), value_text(cx, f, v) };
}

Html device_head(Cx *cx, Web *web, Node n, const char *current, Html actions) {
  Str id = node_id(web->graph, n);
  DeviceHeadPage page = { .name = node_title(web->graph, n),
                          .state = state_words(cx, node_state(web->graph, n)),
                          .tone = str_of(state_tone(node_state_flags(web->graph, n))),
                          .actions = actions };
  static const struct {
    const char *field, *label;
  } facts[] = {
    { "eu_class", "EU MDR class" },
    { "us_class", "FDA class" },
    { "safety_class", "Software safety class" },
    { "cyber_device", "Cyber device" },
    { "support_end", "Supported until" },
  };
  page.facts = NEW_ARRAY(cx->arena, COUNT(facts), DeviceHeadFacts);
  for (size_t i = 0; i < COUNT(facts); i++) add_fact(cx, web, n, &page, facts[i].field, facts[i].label);
  static const struct {
    const char *name, *label, *type;
  } tabs[] = {
    { "overview", "Overview", NULL },
    { "model", "Threats", "threat" },
    { "requirements", "Requirements", "requirement" },
    { "risks", "Risk file", "security_risk" },
    { "trace", "Trace", NULL },
    { "sbom", "SBOM", NULL },
    { "findings", "Findings", "finding" },
    { "tests", "Tests", "test_case" },
    { "releases", "Releases", "release" },
  };
  page.tabs = NEW_ARRAY(cx->arena, COUNT(tabs), DeviceHeadTabs);
  for (size_t i = 0; i < COUNT(tabs); i++) {
    if (tabs[i].type && !record_type(str_of(tabs[i].type))) continue;
    Str url = tabs[i].type ? list_tab(cx, tabs[i].type, id)
              : i == 0     ? str_fmt(cx->arena, "/d/%.*s", STR(id))
                           : str_fmt(cx->arena, "/d/%.*s/%s", STR(id), tabs[i].name);
    page.tabs[page.tabs_n++] =
        (DeviceHeadTabs){ .url = url,
                          .label = str_of(tabs[i].label),
                          .current = str_eq(str_of(current), str_of(tabs[i].name)),
                          .count = tabs[i].type ? count_of(cx, web, tabs[i].type, id) : STR_NONE };
  }
  Buf b = buf_new(cx->arena, PAGE_MAX);
  device_head_html(&b, &page);
  return (Html){ buf_str(&b) };
}

Err page_home(Cx *cx, Web *web, const Request *req, Response *res) {
  (void)req;
  if (web->products.n != 1) return web_redirect(cx, res, S("/work"));
  return web_redirect(cx, res, str_fmt(cx->arena, "/d/%.*s", STR(node_id(web->graph, web->products.p[0]))));
}

static DevicesRows device_row(Cx *cx, Web *web, Node n) {
  Str id = node_id(web->graph, n);
  DevicesRows row = { .id = id,
                      .name = node_title(web->graph, n),
                      .state = state_words(cx, node_state(web->graph, n)),
                      .tone = str_of(state_tone(node_state_flags(web->graph, n))),
                      .blocking = S("-"),
                      .checked = S("-"),
                      .findings = count_of(cx, web, "finding", id) };
  const Value *eu = node_value(web->graph, n, "eu_class");
  if (eu) row.device_class = choice_words(cx->arena, eu->s);
  CheckRun run;
  Cx own = { .arena = cx->arena, .now_us = cx->now_us };
  if (web_check(&own, web, (CheckScope){ id, STR_NONE }, &run) != E_OK) return row;
  int64_t met = 0, asked = 0;
  for (size_t i = 0; i < run.npacks; i++) {
    met += run.pack[i].count[RULE_MET];
    asked += run.pack[i].count[RULE_MET] + run.pack[i].count[RULE_PARTLY] + run.pack[i].count[RULE_NOT_MET];
  }
  row.ready = asked ? str_fmt(cx->arena, "%lld %%", (long long)(met * 100 / asked)) : STR_NONE;
  row.blocking = str_fmt(cx->arena, "%lld", (long long)run.blocking);
  row.checked = day_text(cx, run.at_us);
  return row;
}

/* A row asks for checks and counts: a portfolio is shown page by page. */
static void fill_devices(Cx *cx, Web *web, Str after, DevicesPage *page) {
  size_t from = 0, all = web->products.n, rows = (size_t)web->set->number[SET_PAGE_ROWS];
  for (size_t i = 0; after.n && i < all; i++)
    if (str_eq(node_id(web->graph, web->products.p[i]), after)) from = i + 1;
  if (from) page->first_url = S("/devices");
  page->rows = NEW_ARRAY(cx->arena, rows, DevicesRows);
  for (size_t i = from; i < all && i - from < rows; i++)
    page->rows[page->rows_n++] = device_row(cx, web, web->products.p[i]);
  if (from + page->rows_n < all)
    page->next_url = str_fmt(cx->arena, "/devices?after=%.*s", STR(page->rows[page->rows_n - 1].id));
  if (all > rows)
    page->say = str_fmt(cx->arena, "%.*s of %.*s shown", STR(number_text(cx, (int64_t)page->rows_n)),
                        STR(number_text(cx, (int64_t)all)));
}

Err page_devices(Cx *cx, Web *web, const Request *req, Response *res) {
  DevicesPage page = { 0 };
  const RecordType *type = record_type(S("product"));
  page.may_new = type && (who_roles(&web->who, PRODUCT_ANY) & type->editors) != 0;
  fill_devices(cx, web, request_query(req, "after"), &page);
  Buf b = buf_new(cx->arena, PAGE_MAX);
  devices_html(&b, &page);
  PageFrame frame = { .title = S("Devices"), .here = "devices", .device = NODE_NONE };
  return web_page(cx, web, req, &frame, (Html){ buf_str(&b) }, res);
}
