/* The one way in: route, session, right, handler, page or error page. */
#include "app/page/web.h"
#include "app/clock.h"
#include "app/page/rest.h"
#include "error.html.h"

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

static Str advice(Cx *cx, Err e) {
  switch (err_status(e)) {
  case 401: return S("Sign in to continue.");
  case 403: return S("Nothing was changed.");
  case 405: return S("Nothing was changed. Go back and open the page from the menu.");
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
  if (e == E_METHOD) res->allow = route_allow(cx->arena, app_routes, app_nroutes, req->path);
  graph_see(cx, web->graph, NULL);   /* what it hid lay in this request's memory */
  store_unview(web->store);
}

static size_t body_limit(Web *web, Method method, Str path) {
  (void)web;
  AUTO(Cx) cx = cx_new(64 * 1024);
  Request req = { .method = method, .path = path };
  const Route *route;
  return route_find(&cx, app_routes, app_nroutes, &req, &route) == E_OK ? route->body_max : ROUTE_FORM;
}

static void refuse(Cx *cx, const Request *req, Response *res) {
  Str allow = res->status == 405 ? route_allow(cx->arena, app_routes, app_nroutes, req->path) : STR_NONE;
  if (allow.n) res->allow = allow;
  if (rest_is(req)) rest_refuse(cx, req, res);
}

static Err worker_open(Cx *cx, const char *folder, const Settings *set, Writer *writer, Web **out) {
  Arena *a = arena_new(1 << 20);
  Web *web = NEW(a, Web);
  *web = (Web){ .folder = folder, .set = set, .writer = writer };
  TRY(routes_check(cx));
  clock_signing_set(set);
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
                       .refuse = refuse,
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
