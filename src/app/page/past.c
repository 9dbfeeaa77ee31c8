/* The time machine of the pages: graph, clock and checks of a day, and links that stay in that day. */
#include "app/page/act.h"
#include "app/page/quality_page.h"
#include "app/page/rest.h"
#include "app/page/web.h"

enum { SCOPES_MOST = 16 };
static const size_t PAST_BYTES = (size_t)1 << 30;

/* The past does not change: what was worked out for one look serves the next one of this worker. */
typedef struct Past {
  Arena *arena; /* of the runs */
  Graph *graph;
  int64_t size, at_us;
  CheckRun run[SCOPES_MOST];
  size_t nrun;
} Past;

bool past_knows(const Route *route) {
  static Err (*const known[])(Cx *, Web *, const Request *, Response *) = {
    page_home,   page_devices,  page_cockpit,  page_gaps,       page_trace,    page_sboms, page_list, page_search,
    page_record, page_record_history, page_log, page_documents, page_document, page_competence, page_training,
    page_duties, rest_list,     rest_get,      rest_history,
  };
  for (size_t i = 0; i < COUNT(known); i++)
    if (route->handle == known[i]) return true;
  return false;
}

static bool changes_something(const Route *route) {
  return route->handle == page_record_new || route->handle == page_record_edit || route->handle == page_sign;
}

/* ---- graph and clock ----------------------------------------------------------------------------------- */

static Err open_past(Cx *cx, Web *web, int64_t size) {
  Past *p = web->past;
  if (p && p->size == size && p->at_us == cx->now_us) return E_OK;
  Graph *g = NULL;
  TRY(graph_open_at(cx, web->store, size, &g));
  if (p) {
    graph_close(p->graph);
    arena_free(p->arena);
  }
  Arena *a = arena_new(PAST_BYTES);
  p = NEW(a, Past);
  *p = (Past){ .arena = a, .graph = g, .size = size, .at_us = cx->now_us };
  web->past = p;
  return E_OK;
}

static Err find_products(Cx *cx, Web *web) {
  Query *q;
  TRY(query_compile(cx, S("type:product"), &(QueryScope){ .now_us = cx->now_us }, &q));
  return query_run(cx, web->graph, q, &web->products);
}

Err past_handle(Cx *cx, Web *web, const Route *route, Request *req, Response *res) {
  Graph *now = web->graph;
  int64_t now_us = cx->now_us;
  Err e = app_asof(cx, web->store, web->asof, &web->asof_size);
  if (e == E_OK) e = open_past(cx, web, web->asof_size);
  if (e != E_OK) {
    web->asof = STR_NONE; /* the page that says so is of now */
    web->asof_size = -1;
    return e;
  }
  web->graph = web->past->graph;
  web->products = (Nodes){ 0 };
  e = find_products(cx, web);
  if (e == E_OK) e = route->handle(cx, web, req, res);
  if (res->location.n && res->location.p[0] == '/') /* sent on: still in the past */
    res->location = str_fmt(cx->arena, "%.*s%sasof=%.*s", STR(res->location),
                            str_find_char(res->location, '?') == SIZE_MAX ? "?" : "&", STR(web->asof));
  web->graph = now;
  cx->now_us = now_us;
  return e;
}

/* ---- checks -------------------------------------------------------------------------------------------- */

static Err check_then(Cx *cx, Web *web, CheckScope scope, const CheckRun **out) {
  Past *p = web->past;
  for (size_t i = 0; i < p->nrun; i++)
    if (str_eq(p->run[i].scope.product, scope.product) && str_eq(p->run[i].scope.release, scope.release)) {
      *out = &p->run[i];
      return E_OK;
    }
  if (p->nrun == SCOPES_MOST) return fail(cx, E_LIMIT, "Too many devices were looked at as of one day. Ask again");
  Cx own = { .arena = p->arena, .now_us = p->at_us };
  CheckScope kept = { str_dup(p->arena, scope.product), str_dup(p->arena, scope.release) };
  Err e = comply_evaluate_at(&own, p->graph, web->store, web->packs, kept, p->at_us, &p->run[p->nrun]);
  if (e != E_OK) return fail(cx, e, "%.*s", STR(own.words));
  *out = &p->run[p->nrun++];
  return E_OK;
}

Err web_check(Cx *cx, Web *web, CheckScope scope, CheckRun *run) {
  if (web->asof_size < 0) return comply_last_run(cx, web->store, web->packs, scope, run);
  const CheckRun *then;
  TRY(check_then(cx, web, scope, &then));
  *run = *then;
  return E_OK;
}

static bool in_pack(const Packs *packs, const Gap *g, Str pack) {
  if (!pack.n) return true;
  const Pack *p = pack_find(packs, pack);
  return p && g->rule && ((g->rule->packs >> (p - packs->pack)) & 1);
}

Err web_gaps(Cx *cx, Web *web, const GapQuery *q, Gaps *gaps, size_t *total) {
  if (web->asof_size < 0) return comply_gaps(cx, web->store, web->packs, q, gaps, total);
  const CheckRun *then;
  Gaps found = { 0 };
  size_t n = 0;
  if (q->scope.product.n && graph_find(web->graph, q->scope.product) == NODE_NONE) {
    *gaps = found;
    if (total) *total = 0;
    return E_OK;
  }
  TRY(check_then(cx, web, q->scope, &then));
  for (size_t i = 0; i < then->gaps.n; i++) {
    const Gap *g = &then->gaps.p[i];
    if ((q->rule.n && !str_eq(q->rule, g->rule_id)) || (q->object.n && !str_eq(q->object, g->object)) ||
        g->severity < q->at_least || !in_pack(web->packs, g, q->pack))
      continue;
    if (n++ < q->limit || !q->limit) vec_add(cx->arena, &found, *g);
  }
  *gaps = found;
  if (total) *total = n;
  return E_OK;
}

/* ---- the page ------------------------------------------------------------------------------------------ */

Str past_now_url(Cx *cx, const Request *req) {
  Buf b = buf_new(cx->arena, 16 * 1024);
  char sep = '?';
  buf_add(&b, req->path);
  for (size_t i = 0; i < req->nquery; i++) {
    if (str_eq(req->query[i].name, S("asof"))) continue;
    buf_byte(&b, sep);
    url_text(&b, req->query[i].name);
    buf_byte(&b, '=');
    url_text(&b, req->query[i].value);
    sep = '&';
  }
  return buf_str(&b);
}

/* The value of an attribute inside one tag; our templates write them with double quotes. */
static Str attribute(Str tag, Str name_and_quote, size_t *at) {
  size_t from = str_find(tag, name_and_quote);
  if (from == SIZE_MAX) return STR_NONE;
  from += name_and_quote.n;
  Str rest = str_slice(tag, from, tag.n);
  *at = from;
  return str_slice(rest, 0, str_find_char(rest, '"'));
}

static const Route *route_of(Cx *cx, Str href) {
  Cx own = { .arena = cx->arena };
  Str path, query;
  const Route *route = NULL;
  (void)str_cut(href, '?', &path, &query);
  (void)str_cut(path, '#', &path, &query);
  Request req = { .method = GET, .path = path };
  return route_find(&own, app_routes, app_nroutes, &req, &route) == E_OK ? route : NULL;
}

/* The link with the date in it; false: it leads to something that would change the present. */
static bool put_link(Cx *cx, Buf *b, const Web *web, Str tag) {
  size_t at = 0;
  Str href = attribute(tag, S(" href=\""), &at);
  const Route *route = href.n && href.p[0] == '/' ? route_of(cx, href) : NULL;
  if (route && changes_something(route)) return false;
  bool keep = route && past_knows(route) && str_find(href, S("asof=")) == SIZE_MAX &&
              str_find(tag, S(" data-now")) == SIZE_MAX;
  if (!keep) {
    buf_add(b, tag);
    return true;
  }
  size_t hash = str_find_char(href, '#'), end = at + (hash == SIZE_MAX ? href.n : hash);
  buf_add(b, str_slice(tag, 0, end));
  buf_z(b, str_find_char(href, '?') == SIZE_MAX ? "?asof=" : "&amp;asof=");
  url_text(b, web->asof);
  buf_add(b, str_slice(tag, end, tag.n));
  return true;
}

/* A form that asks keeps the date; one that changes something is left out, but for signing out. */
static bool put_form(Buf *b, const Web *web, Str tag) {
  bool asks = str_find(tag, S("method=\"post\"")) == SIZE_MAX;
  if (!asks && str_find(tag, S("/sign-out\"")) == SIZE_MAX) return false;
  buf_add(b, tag);
  if (!asks || str_find(tag, S("class=\"asof\"")) != SIZE_MAX) return true;
  buf_z(b, "<input type=\"hidden\" name=\"asof\" value=\"");
  html_text(b, web->asof);
  buf_z(b, "\">");
  return true;
}

Str past_page(Cx *cx, const Web *web, Str html) {
  Buf b = buf_new(cx->arena, (size_t)PAGE_MAX * 2);
  for (size_t i = 0; i < html.n;) {
    Str rest = str_slice(html, i, html.n);
    size_t open = str_find_char(rest, '<');
    if (open == SIZE_MAX) open = rest.n;
    buf_add(&b, str_slice(rest, 0, open));
    rest = str_slice(rest, open, rest.n);
    size_t end = str_find_char(rest, '>');
    Str tag = str_slice(rest, 0, end == SIZE_MAX ? rest.n : end + 1);
    bool link = str_starts(tag, S("<a ")), form = str_starts(tag, S("<form ")), stays = true;
    if (link) stays = put_link(cx, &b, web, tag);
    else if (form) stays = put_form(&b, web, tag);
    else buf_add(&b, tag);
    i += open + tag.n;
    if (stays) continue;
    Str closing = link ? S("</a>") : S("</form>");
    size_t close = str_find(str_slice(html, i, html.n), closing);
    i = close == SIZE_MAX ? html.n : i + close + closing.n;
  }
  return buf_str(&b);
}
