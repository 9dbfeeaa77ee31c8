/* What stands around every page: navigation, age of the advisories, size of the log, the day that is looked at. */
#include "app/clock.h"
#include "app/company.h"
#include "app/page/web.h"
#include "layout.html.h"

static bool here(const PageFrame *f, const char *what) { return f->here && str_eq(str_of(f->here), str_of(what)); }

static void layout_devices(Cx *cx, Web *web, const PageFrame *frame, LayoutPage *page) {
  page->devices = NEW_ARRAY(cx->arena, web->products.n, LayoutDevices);
  for (size_t i = 0; i < web->products.n && i < 8; i++) {
    Node n = web->products.p[i];
    page->devices[page->devices_n++] = (LayoutDevices){ .id = node_id(web->graph, n),
                                                        .name = node_title(web->graph, n),
                                                        .current = here(frame, "device") && frame->device == n };
  }
}

/* icon: what its picture draws on 16 by 16; without one it is a sheet of paper. */
typedef struct NavRow {
  const char *area, *type, *label, *icon;
} NavRow;

/* Lists that the navigation names; a type that the model lacks is left out rather than leading nowhere. */
static const NavRow nav_rows[] = {
  { "Security", "finding", "Findings",
    "M5 7a3 3 0 0 1 6 0v3a3 3 0 0 1-6 0zM6 4L5 2.5M10 4l1-1.5M5 8H2.5M13.5 8H11M5 11l-2 1.5M11 11l2 1.5" },
  { "Security", "threat", "Threats",
    "M9 1.5L3.5 9H8l-1 5.5L12.5 7H8z" },
  { "Security", "control", "Controls",
    "M8 2l5 2v4c0 3-2 5-5 6-3-1-5-3-5-6V4zM5.8 8l1.6 1.6 3-3.1" },
  { "Security", "incident", "Incidents",
    "M4 11V7a4 4 0 0 1 8 0v4l1 1.5H3zM6.5 14.5h3M8 1.5V3" },
  { "Security", "disclosure", "Disclosures",
    "M2.5 6.5v3H5l6 3.5v-10L5 6.5zM5 9.5l1 4M13 6v4" },
  { "Quality", "security_risk", "Risk file",
    "M2.5 2.5h11v11h-11zM6.2 2.5v11M9.8 2.5v11M2.5 6.2h11M2.5 9.8h11" },
  { "Quality", "requirement", "Requirements",
    "M3 3.5l1 1 2-2M3 8l1 1 2-2M3 12.5l1 1 2-2M8.5 4H14M8.5 8.5H14M8.5 13H14" },
  { "Quality", "test_case", "Tests",
    "M6 2h4M6.8 2v4L3 13.5h10L9.2 6V2M5 10h6" },
  { "Quality", "change", "Changes",
    "M4 4.5v7M4 2.5v2M4 11.5v2M12 2.5v2M12 4.5c0 4-8 3-8 7M2.8 3.5h2.4M10.8 3.5h2.4M2.8 12.5h2.4" },
  { "Quality", "capa", "CAPA",
    "M13.5 3.5a3.5 3.5 0 0 1-4.7 4.2L4 12.5 2.5 11l5-4.8A3.5 3.5 0 0 1 11.5 2L9.7 3.8l1.8 1.8z" },
  { "Quality", "document", "Documents",
    "M4 2h5l3 3v9H4zM9 2v3h3M6 8h4M6 11h4" },
  { "Quality", "supplier", "Suppliers",
    "M1.5 4h8v7h-8zM9.5 6.5h3l2 2.5v2h-5M3 12.5h1.5M11 12.5h1.5" },
  { "Quality", "training", "Training",
    "M8 3L1.5 6 8 9l6.5-3zM4 7.5V11c2 2 6 2 8 0V7.5M14.5 6v4" },
  { "Quality", "clock", "Clocks",
    "M8 2.5a5.5 5.5 0 1 1 0 11 5.5 5.5 0 0 1 0-11zM8 5v3l2 1.5" },
};

static const char sheet[] = "M4 2h5l3 3v9H4zM9 2v3h3";

/* Two types have a page of their own instead of a list. */
static Str nav_url(Cx *cx, const char *type) {
  if (str_eq(str_of(type), S("document"))) return S("/documents");
  if (str_eq(str_of(type), S("training"))) return S("/competence");
  return str_fmt(cx->arena, "/list/%s", type);
}

static LayoutGroups layout_group(Cx *cx, const PageFrame *frame, const char *area) {
  LayoutGroups g = { .name = str_of(area), .items = NEW_ARRAY(cx->arena, COUNT(nav_rows), LayoutGroupsItems) };
  for (size_t i = 0; i < COUNT(nav_rows); i++) {
    if (!str_eq(str_of(nav_rows[i].area), str_of(area)) || !record_type(str_of(nav_rows[i].type))) continue;
    g.items[g.items_n++] = (LayoutGroupsItems){ .url = nav_url(cx, nav_rows[i].type),
                                                .label = str_of(nav_rows[i].label),
                                                .icon = str_of(nav_rows[i].icon ? nav_rows[i].icon : sheet),
                                                .current = here(frame, nav_rows[i].type) };
  }
  return g;
}

static void layout_feeds(Cx *cx, Web *web, LayoutPage *page) {
  SnapshotRow row;
  Cx own = *cx;
  if (vuln_current(&own, web->store, &row) != E_OK) return;
  Freshness f = app_freshness(cx, &row);
  page->feeds = f.brief;
  page->feeds_words = f.words;
  page->feeds_old = f.old;
}

Err web_page(Cx *cx, Web *web, const Request *req, const PageFrame *frame, Html body, Response *res) {
  LayoutPage page = { .title = frame->title,
                      .body = body,
                      .company = company_name(cx, web->graph, web->set),
                      .css = asset_url(cx->arena, "app.css"),
                      .js = asset_url(cx->arena, "app.js"),
                      .printed = time_minute(cx->arena, clock_now_us()),
                      .signed_in = web->signed_in };
  if (web->signed_in && clock_suspended(cx, web->store, &page.clock) != E_OK) cx_forgive(cx);
  if (frame->refresh_s) page.refresh = number_text(cx, frame->refresh_s);
  page.asof = web->asof;
  if (web->signed_in && !web->past_known) page.of_now = str_head(str_trim(request_query(req, "asof")), 40);
  page.now_url = past_now_url(cx, req);
  page.asof_day = str_slice(web->asof, 0, 10);
  page.today = date_text(cx->arena, date_of(clock_now_us()));
  page.may_past = web->signed_in && web->past_known;
  page.keep = NEW_ARRAY(cx->arena, req->nquery, LayoutKeep);
  for (size_t i = 0; i < req->nquery; i++)
    if (!str_eq(req->query[i].name, S("asof")))
      page.keep[page.keep_n++] = (LayoutKeep){ req->query[i].name, req->query[i].value };
  page.path = req->path;
  Str theme = request_cookie(cx, req, "theme");
  if (str_eq(theme, S("dark")) || str_eq(theme, S("light"))) page.theme = theme;
  if (web->signed_in) {
    page.person = web->who.name;
    page.initials = initials(cx, web->who.name);
    page.csrf = csrf_token(cx, &web->who);
    layout_feeds(cx, web, &page);
    page.entries = number_text(cx, graph_log_size(web->graph));
    page.all_current = here(frame, "devices");
    page.work_current = here(frame, "work");
    page.log_current = here(frame, "log");
    page.duties_current = here(frame, "duties");
    page.people_current = here(frame, "people");
    page.feeds_current = here(frame, "feeds");
    page.account_current = here(frame, "account");
    page.may_people = authorise(&(Cx){ .arena = cx->arena }, &web->who, "user.second", PRODUCT_ANY) == E_OK;
    page.may_read = authorise(&(Cx){ .arena = cx->arena }, &web->who, "read", PRODUCT_ANY) == E_OK;
    page.diff_current = here(frame, "diff");
    page.model_current = here(frame, "model");
    page.may_log = authorise(&(Cx){ .arena = cx->arena }, &web->who, "log.read", PRODUCT_ANY) == E_OK;
    layout_devices(cx, web, frame, &page);
    page.groups = NEW_ARRAY(cx->arena, 2, LayoutGroups);
    page.groups[page.groups_n++] = layout_group(cx, frame, "Security");
    page.groups[page.groups_n++] = layout_group(cx, frame, "Quality");
  }
  Buf b = buf_new(cx->arena, PAGE_MAX);
  layout_html(&b, &page);
  if (b.over) return fail(cx, E_LIMIT, "This page would be larger than %d bytes. Narrow the filter", PAGE_MAX);
  res->body = web->asof.n ? past_page(cx, web, buf_str(&b)) : buf_str(&b);
  return E_OK;
}
