/* The route table and the one way in: route, session, right, handler, page or error page. */
#include "app/page/web.h"
#include "app/anchor.h"
#include "app/page/act.h"
#include "app/page/quality_page.h"
#include "quality/quality.h"
#include "app/page/act.h"
#include "app/page/rest.h"
#include "quality/quality.h"
#include "app/page/triage_page.h"
#include "app/page/act.h"
#include "quality/quality.h"
#include "error.html.h"
#include "layout.html.h"
#include <stdio.h>

#define FORM (64 * 1024)
#define UPLOAD (65u << 20)
#define RECORD (16u << 20) /* more than fields hold, so that the field that is too long can be named */
#define TABLE (20u << 20)

const Route app_routes[] = {
  { GET, "/", "read", 0, page_home, "the first device's cockpit" },
  { GET, "/sign-in", "none", 0, page_sign_in, "sign-in form" },
  { POST, "/sign-in", "none", FORM, post_sign_in, "signs in" },
  { POST, "/sign-out", "session", FORM, post_sign_out, "signs out" },
  { GET, "/work", "read", 0, page_work, "what waits for the person" },
  { GET, "/devices", "read", 0, page_devices, "all devices" },
  { GET, "/d/{device}", "read", 0, page_cockpit, "a device's cockpit" },
  { POST, "/d/{device}/check", "check.run", FORM, post_check, "runs all checks" },
  { GET, "/d/{device}/gaps", "read", 0, page_gaps, "open and closed gaps" },
  { GET, "/feeds", "read", 0, page_feeds, "sources of advisories and their state" },
  { GET, "/d/{device}/trace", "read", 0, page_trace, "trace matrix" },
  { GET, "/d/{device}/sbom", "read", 0, page_sboms, "SBOMs of a device" },
  { POST, "/d/{device}/sbom", "sbom.import", UPLOAD, post_sbom, "imports an SBOM" },
  { GET, "/findings", "read", 0, page_triage, "vulnerability triage" },
  { POST, "/findings/decide", "finding.decide", FORM * 4, post_decide, "decides findings" },
  { GET, "/sbom/{id}/support", "read", 0, page_support, "support horizon of an SBOM" },
  { GET, "/cve/{id}", "read", 0, page_cve, "one vulnerability in all devices" },
  { GET, "/sbom/{id}", "read", 0, page_sbom, "components of an SBOM" },
  { POST, "/sbom/{id}/component", "component.set", FORM, post_component, "answers for a component" },
  { GET, "/list/{type}", "read", 0, page_list, "records of a type" },
  { GET, "/search", "read", 0, page_search, "search" },
  { GET, "/new/{type}", "read", 0, page_record_new, "form for a new record" },
  { POST, "/new/{type}", "record.edit", RECORD, post_record_new, "creates a record" },
  { GET, "/r/{id}", "read", 0, page_record, "a record" },
  { GET, "/r/{id}/edit", "read", 0, page_record_edit, "edit form" },
  { POST, "/r/{id}/edit", "record.edit", RECORD, post_record_save, "saves a record" },
  { GET, "/r/{id}/history", "read", 0, page_record_history, "history of a record" },
  { POST, "/r/{id}/step", "record.edit", FORM, post_record_step, "takes a step" },
  { GET, "/r/{id}/sign/{step}", "record.sign", 0, page_sign, "what would be signed" },
  { GET, "/sign", "record.sign", 0, page_sign, "the same for several records" },
  { POST, "/sign", "record.sign", FORM, post_sign, "signs" },
  { POST, "/r/{id}/link", "record.edit", FORM, post_record_link, "links, unlinks or confirms" },
  { GET, "/r/{id}/file/{sha256}", "read", 0, page_record_file, "a file of a record" },
  { POST, "/r/{id}/file", "record.edit", UPLOAD, post_record_file, "adds or removes a file" },
  { POST, "/r/{id}/comment", "read", FORM, post_comment, "says something about a record" },
  { POST, "/comment/seen", "read", FORM, post_comment_seen, "puts a comment away" },
  { POST, "/view", "read", FORM, post_view, "saves or removes a view" },
  { POST, "/r/{id}/freeze", "record.edit", FORM, post_freeze, "takes the set of a baseline" },
  { GET, "/diff", "read.all", 0, page_diff, "what changed between two days, revisions or baselines" },
  { GET, "/log", "log.read", 0, page_log, "audit trail" },
  { GET, "/documents", "read", 0, page_documents, "controlled documents" },
  { GET, "/document/{id}", "read", 0, page_document, "one document as people read it" },
  { GET, "/competence", "read", 0, page_competence, "everybody's training" },
  { POST, "/competence/assign", "record.edit", FORM, post_assign, "plans the trainings that are lacking" },
  { GET, "/training/{id}", "read", 0, page_training, "one training: reading, questions, attesting" },
  { POST, "/training/{id}", "read", FORM, post_training, "read and understood, or attested" },
  { GET, "/model", "log.read", 0, page_model, "record types, steps, links and lifecycles" },
  { GET, "/log/checkpoint", "log.read", 0, page_checkpoint, "a checkpoint to print" },
  { GET, "/log/{seq}/receipt", "read", 0, page_receipt, "proof of one entry, to keep" },
  { GET, "/rule/{id}", "read", 0, page_rule, "what a check asks, and why" },
  { GET, "/import", "read", 0, page_import, "a table from a spreadsheet program" },
  { POST, "/import", "record.edit", TABLE, post_import, "what a table would change" },
  { POST, "/import/accept", "record.edit", TABLE, post_import_accept, "imports a table" },
  { GET, "/account", "session", 0, page_account, "one's own account" },
  { POST, "/account/password", "session", FORM, post_password, "changes one's own password" },
  { POST, "/account/factor", "session", FORM, post_act, "sets up the second factor" },
  { POST, "/account/confirm", "session", FORM, post_act, "takes its first code" },
  { POST, "/account/recovery", "session", FORM, post_act, "makes new recovery codes" },
  { POST, "/account/session", "session", FORM, post_act, "ends own sessions" },
  { POST, "/account/token", "session", FORM, post_act, "makes a token" },
  { POST, "/account/revoke", "session", FORM, post_act, "ends a token" },
  { GET, "/people", "user.second", 0, page_people, "everybody's accounts" },
  { POST, "/people/add", "user.second", FORM, post_act, "adds a person" },
  { POST, "/people/grant", "user.second", FORM, post_act, "gives a role" },
  { POST, "/people/drop", "user.admin", FORM, post_act, "takes a role away" },
  { POST, "/people/disable", "user.admin", FORM, post_act, "closes an account" },
  { POST, "/people/enable", "user.admin", FORM, post_act, "opens it again" },
  { POST, "/people/code", "user.admin", FORM, post_act, "a new set-up code" },
  { POST, "/people/factor", "user.second", FORM, post_act, "takes a second factor away" },
  { POST, "/people/sessions", "user.admin", FORM, post_act, "ends all sessions of a person" },
  { POST, "/people/revoke", "user.admin", FORM, post_act, "ends a token" },
  { GET, "/duties", "read", 0, page_duties, "who holds which duty" },
  { POST, "/duties/set", "duty.set", FORM, post_act, "assigns a duty" },
  { POST, "/duties/drop", "duty.set", FORM, post_act, "ends a duty" },
  { POST, "/duties/delegate", "session", FORM, post_act, "hands one's own duty on" },
  { POST, "/alerts/seen", "alert.see", FORM, post_act, "closes an alert" },
  { GET, "/setup", "none", 0, page_setup, "first start, first password" },
  { POST, "/setup", "none", FORM, post_setup, "sets it" },
  { GET, "/rest/v1/{type}", "read", 0, rest_list, "records of a type as JSON" },
  { POST, "/rest/v1/{type}", "record.edit", RECORD, rest_new, "creates a record" },
  { GET, "/rest/v1/{type}/{id}", "read", 0, rest_get, "a record as JSON" },
  { PATCH, "/rest/v1/{type}/{id}", "record.edit", RECORD, rest_save, "changes a record" },
  { POST, "/rest/v1/{type}/{id}/steps", "record.edit", FORM, rest_step, "takes a step that judges nothing" },
  { GET, "/rest/v1/{type}/{id}/history", "read", 0, rest_history, "entries about a record" },
  { GET, "/healthz", "none", 0, page_health, "alive" },
};
const size_t app_nroutes = COUNT(app_routes);

/* A route without a right must not exist; the table is constant, so this needs to run only once. */
static Err routes_check(Cx *cx) {
  for (size_t i = 0; i < app_nroutes; i++)
    if (!app_routes[i].right || !right_find(str_of(app_routes[i].right)))
      return fail(cx, E_BUG, "route %s has no right that people/ knows", app_routes[i].pattern);
  return E_OK;
}

/* ---- helpers of pages ---------------------------------------------------------------------------------- */

Err web_redirect(Cx *cx, Response *res, Str to) {
  (void)cx;
  *res = (Response){ .status = 303, .location = to };
  return E_OK;
}

Err web_ask(Cx *cx, Web *web, const Request *req, Str command, Str args_json, Str payload, Str reason, Answer *out) {
  Ask ask = { .command = command,
              .actor = web->who.id,
              .auth = S("session"),
              .source = S("web"),
              .request = req->request_id,
              .reason = reason,
              .args_json = args_json,
              .payload = payload };
  TRY(writer_ask(cx, web->writer, &ask, 1, out));
  return answer_result(cx, out);
}

Err web_product(Cx *cx, Web *web, Str id, Node *out) {
  Node n = graph_find(web->graph, id);
  if (n == NODE_NONE || !str_eq(str_of(node_type(web->graph, n)->name), S("product")))
    return fail(cx, E_NOTFOUND, "There is no device %.*s", STR(id));
  *out = n;
  return E_OK;
}

Err web_form(Cx *cx, Web *web, const Request *req, Form *out) {
  TRY(form_read(cx, req->content_type, req->body, out));
  if (!request_same_origin(req) || !csrf_ok(cx, &web->who, form_get(out, "csrf")))
    return fail(cx, E_DENIED, "This form did not come from this session. Open the page again and repeat it");
  return E_OK;
}

/* What is not there and what is not for this person's eyes answer alike. */
Err web_record_known(Cx *cx, Web *web, Str id) {
  if (graph_find(web->graph, id) != NODE_NONE) return E_OK;
  Str near = graph_nearest(cx, web->graph, id);
  return fail(cx, E_NOTFOUND, "There is no record '%.*s'.%s%.*s%s", STR(str_head(id, 60)),
              near.n ? " The nearest id is " : "", STR(near), near.n ? "." : "");
}

bool web_may_see(const Web *web, Str product) {
  return !product.n || (who_roles(&web->who, product) & ROLES_READ) != 0;
}

/* ---- the layout ---------------------------------------------------------------------------------------- */

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

static Str feed_words(Cx *cx, Web *web) {
  SnapshotRow row;
  Cx own = *cx;
  if (vuln_current(&own, web->store, &row) != E_OK) return STR_NONE;
  return str_fmt(cx->arena, "Advisories of %.*s, age: %.*s", STR(day_text(cx, row.activated_us)),
                 STR(age_text(cx->arena, cx->now_us - row.activated_us)));
}

Err web_page(Cx *cx, Web *web, const Request *req, const PageFrame *frame, Html body, Response *res) {
  LayoutPage page = { .title = frame->title,
                      .body = body,
                      .company = web->set->text[SET_COMPANY],
                      .css = asset_url(cx->arena, "app.css"),
                      .js = asset_url(cx->arena, "app.js"),
                      .printed = time_minute(cx->arena, clock_now_us()),
                      .signed_in = web->signed_in };
  if (web->signed_in && anchor_clock(cx, web->store, &page.clock) != E_OK) cx_forgive(cx);
  page.asof = web->asof;
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
    page.feeds = feed_words(cx, web);
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

static Str advice(Cx *cx, Err e) {
  switch (err_status(e)) {
  case 401: return S("Sign in to continue.");
  case 403: return S("Nothing was changed.");
  case 404: return S("Ids look like T-001 or SEC-014. The search box finds words too.");
  case 409:
  case 412: return S("Nothing was overwritten. Go back and open the record again to see its present state.");
  case 413:
  case 415:
  case 422: return S("Nothing was stored.");
  case 503:
  case 507: return S("Nothing was changed. Try again in a moment.");
  default: return str_fmt(cx->arena, "Nothing was changed. The log names this as %s.", err_slug(e));
  }
}

void web_error(Cx *cx, Web *web, const Request *req, Err e, Response *res) {
  Cx own = { .arena = cx->arena, .now_us = cx->now_us };
  ErrorPage page = {
    .title = str_of(err_title(e)), .words = cx->words, .request = req->request_id, .advice = advice(cx, e)
  };
  page.problems = NEW_ARRAY(cx->arena, cx->problems.n, ErrorProblems);
  for (size_t i = 0; i < cx->problems.n; i++)
    page.problems[page.problems_n++] = (ErrorProblems){ cx->problems.p[i].field, cx->problems.p[i].words };
  *res = (Response){ .status = err_status(e) == 200 ? 500 : err_status(e) };
  Buf b = buf_new(cx->arena, PAGE_MAX);
  error_html(&b, &page);
  PageFrame frame = { .title = page.title, .device = NODE_NONE };
  if (web_page(&own, web, req, &frame, (Html){ buf_str(&b) }, res) != E_OK) res->body = cx->words;
}

/* ---- the way in ---------------------------------------------------------------------------------------- */

static Err find_products(Cx *cx, Web *web) {
  Query *q;
  Nodes found = { 0 };
  TRY(query_compile(cx, S("type:product"), &(QueryScope){ .now_us = cx->now_us }, &q));
  TRY(query_run(cx, web->graph, q, &found));
  web->products = found; /* of this request's arena: looked up again for each */
  return E_OK;
}

static Err enter(Cx *cx, Web *web, Request *req, Response *res) {
  const Route *route;
  bool changed;
  web->signed_in = false;
  web->asof = STR_NONE;
  web->asof_size = -1;
  web->past_known = false;
  TRY(route_find(cx, app_routes, app_nroutes, req, &route));
  TRY(graph_refresh(cx, web->graph, web->store, &changed));
  bool open = str_eq(str_of(route->right), S("none"));
  Err e = rest_is(req) ? rest_who(cx, web, req) : people_session(cx, web->store, web->set, req, &web->who);
  if (e == E_OK) web->signed_in = true;
  else if (!open) return e;
  cx_forgive(cx);
  graph_see(cx, web->graph, web->signed_in ? &web->who : NULL);
  TRY(find_products(cx, web));
  if (!open) TRY(authorise(cx, &web->who, route->right, PRODUCT_ANY));
  if (str_starts(str_of(route->pattern), S("/r/{id}"))) TRY(web_record_known(cx, web, req->params[0]));
  if (web->signed_in && !web->who.token.n) (void)people_touch(cx, web->writer, &web->who, req->request_id);
  web->past_known = past_knows(route);
  web->asof = web->past_known && web->signed_in ? str_trim(request_query(req, "asof")) : STR_NONE;
  return web->asof.n ? past_handle(cx, web, route, req, res) : route->handle(cx, web, req, res);
}

/* Where to go after signing in; only a path of ours. */
static Str back_to(Cx *cx, const Request *req) {
  Buf b = buf_new(cx->arena, 4096);
  buf_z(&b, "/sign-in");
  if (req->method == GET && req->path.n > 1) {
    buf_z(&b, "?to=");
    url_text(&b, req->path);
  }
  return buf_str(&b);
}

static void handle(Cx *cx, Web *web, Request *req, Response *res) {
  if (store_view(cx, web->store) != E_OK) {
    web_error(cx, web, req, cx->err, res);
    return;
  }
  Err e = enter(cx, web, req, res);
  if (e != E_OK) web_refused(cx, web, req, e);
  if (e != E_OK && rest_is(req)) rest_error(cx, req, e, res);
  else if (e == E_UNAUTHENTIC && req->method == GET) (void)web_redirect(cx, res, back_to(cx, req));
  else if (e != E_OK) web_error(cx, web, req, e, res);
  graph_see(cx, web->graph, NULL);   /* what it hid lay in this request's memory */
  store_unview(web->store);
}

static size_t body_limit(Web *web, Method method, Str path) {
  (void)web;
  AUTO(Cx) cx = cx_new(64 * 1024);
  Request req = { .method = method, .path = path };
  const Route *route;
  return route_find(&cx, app_routes, app_nroutes, &req, &route) == E_OK ? route->body_max : FORM;
}

static Err worker_open(Cx *cx, const char *folder, const Settings *set, Writer *writer, Web **out) {
  Arena *a = arena_new(1 << 20);
  Web *web = NEW(a, Web);
  *web = (Web){ .folder = folder, .set = set, .writer = writer };
  TRY(routes_check(cx));
  record_signing_set(anchor_signer_gap, set->number[SET_FACTOR]);
  TRY(app_packs(cx, &web->packs));
  TRY(store_open(cx, folder, STORE_READ, &web->store));
  TRY(graph_open(cx, web->store, &web->graph));
  *out = web;
  return E_OK;
}

static Err signer_main(Cx *cx, const char *folder, int fd) { return signer_run(cx, folder, fd); }

ServeHooks app_serve_hooks(AppWriter *w) {
  return (ServeHooks){ .writer = app_writer_hooks(w),
                       .worker_open = worker_open,
                       .handle = handle,
                       .signer = signer_main,
                       .body_limit = body_limit };
}

Err page_health(Cx *cx, Web *web, const Request *req, Response *res) {
  (void)cx;
  (void)web;
  (void)req;
  *res = (Response){ .media = S("text/plain; charset=utf-8"), .body = S("alive\n") };
  return E_OK;
}
