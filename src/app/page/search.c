/* Search over everything: records by type with the words marked, then comments. */
#include "app/page/web.h"
#include "search.html.h"

enum { FOUND_MOST = 200, PER_TYPE = 20, COMMENTS_MOST = 20, BEFORE = 60, EXCERPT = 240 };

typedef struct Pieces { Str text; bool mark; } Pieces;
typedef VEC(Pieces) Marked;

/* The text cut where words of the search stand. */
static Marked mark(Cx *cx, Str s, const SearchWords *words) {
  Marked out = { 0 };
  TextSpan span;
  size_t at = 0;
  while (at < s.n && text_find(s, words->p, words->n, at, &span)) {
    if (span.from > at) vec_add(cx->arena, &out, ((Pieces){ str_slice(s, at, span.from), false }));
    vec_add(cx->arena, &out, ((Pieces){ str_slice(s, span.from, span.to), true }));
    at = span.to;
  }
  if (at < s.n) vec_add(cx->arena, &out, ((Pieces){ str_slice(s, at, s.n), false }));
  return out;
}

static bool is_inside(Str s, size_t i) { return i < s.n && ((unsigned char)s.p[i] & 0xC0) == 0x80; }

/* The part of a text around the first word found; whole characters. */
static Str excerpt(Cx *cx, Str s, const SearchWords *words) {
  TextSpan span;
  if (!text_find(s, words->p, words->n, 0, &span)) return STR_NONE;
  size_t from = span.from > BEFORE ? span.from - BEFORE : 0;
  while (is_inside(s, from)) from++;
  Str part = str_head(str_slice(s, from, s.n), EXCERPT);
  return str_fmt(cx->arena, "%s%.*s%s", from ? "... " : "", STR(part), from + part.n < s.n ? " ..." : "");
}

/* The first text field that holds a word, when the title holds none. */
static Str where_found(Cx *cx, const Graph *g, Node n, const SearchWords *words, Str *label) {
  TextSpan span;
  const RecordType *t = node_type(g, n);
  if (!words->n || text_find(node_title(g, n), words->p, words->n, 0, &span)) return STR_NONE;
  for (size_t i = 0; i < t->nfields; i++) {
    const Field *f = &t->fields[i];
    if (f->kind != TEXT && f->kind != LONG) continue;
    const Value *v = node_value(g, n, f->name);
    if (!v) continue;
    Str found = excerpt(cx, value_text(cx, f, v), words);
    if (!found.n) continue;
    *label = str_of(f->label);
    return found;
  }
  return STR_NONE;
}

static SearchTypesRows row_of(Cx *cx, Web *web, Node n, const SearchWords *words) {
  const Graph *g = web->graph;
  SearchTypesRows row = { .id = node_id(g, n),
                          .url = web_record_url(cx, node_id(g, n)),
                          .state = state_words(cx, node_state(g, n)),
                          .tone = str_of(state_tone(node_state_flags(g, n))) };
  Marked title = mark(cx, node_title(g, n), words), text = { 0 };
  text = mark(cx, where_found(cx, g, n, words, &row.label), words);
  row.title = NEW_ARRAY(cx->arena, title.n, SearchTypesRowsTitle);
  for (size_t i = 0; i < title.n; i++)
    row.title[row.title_n++] = (SearchTypesRowsTitle){ .text = title.p[i].text, .mark = title.p[i].mark };
  row.found = NEW_ARRAY(cx->arena, text.n, SearchTypesRowsFound);
  for (size_t i = 0; i < text.n; i++)
    row.found[row.found_n++] = (SearchTypesRowsFound){ .text = text.p[i].text, .mark = text.p[i].mark };
  return row;
}

/* Groups in the order in which their first record was found. */
static void fill_types(Cx *cx, Web *web, Str query, const Nodes *nodes, const SearchWords *words, SearchPage *page) {
  page->types = NEW_ARRAY(cx->arena, nodes->n, SearchTypes);
  size_t *in = NEW_ARRAY(cx->arena, nodes->n + 1, size_t);
  for (size_t i = 0; i < nodes->n; i++) {
    const RecordType *t = node_type(web->graph, nodes->p[i]);
    size_t k = 0;
    while (k < page->types_n && !str_eq(page->types[k].name, str_of(t->name))) k++;
    if (k == page->types_n)
      page->types[page->types_n++] = (SearchTypes){ .name = str_of(t->name),
                                                    .plural = str_of(t->plural),
                                                    .url = web_list_url(cx, t, query),
                                                    .rows = NEW_ARRAY(cx->arena, PER_TYPE, SearchTypesRows) };
    SearchTypes *group = &page->types[k];
    if (group->rows_n < PER_TYPE) group->rows[group->rows_n++] = row_of(cx, web, nodes->p[i], words);
    group->count = number_text(cx, (int64_t)++in[k]);
    group->more = in[k] > PER_TYPE;
  }
}

static Err fill_comments(Cx *cx, Web *web, const SearchWords *words, SearchPage *page) {
  Comments found = { 0 };
  int64_t until = web->asof_size >= 0 ? cx->now_us : INT64_MAX;
  TRY(trace_comments_find(cx, web->store, words, until, COMMENTS_MOST, &found));
  page->comments = NEW_ARRAY(cx->arena, found.n, SearchComments);
  for (size_t i = 0; i < found.n; i++) {
    const Comment *c = &found.p[i];
    if (graph_find(web->graph, c->record) == NODE_NONE) continue; /* not there, or not for this person */
    SearchComments *row = &page->comments[page->comments_n++];
    Str url = web_record_url(cx, c->record);
    *row = (SearchComments){ .id = c->record,
                             .url = str_fmt(cx->arena, "%.*s#c%lld", STR(url), (long long)c->n),
                             .who = person_name(cx, web, c->author),
                             .time = time_minute(cx->arena, c->t_us) };
    Marked text = mark(cx, excerpt(cx, c->text, words), words);
    row->found = NEW_ARRAY(cx->arena, text.n, SearchCommentsFound);
    for (size_t k = 0; k < text.n; k++)
      row->found[row->found_n++] = (SearchCommentsFound){ .text = text.p[k].text, .mark = text.p[k].mark };
  }
  return E_OK;
}

static Err find(Cx *cx, Web *web, Str text, SearchPage *page) {
  Query *q;
  Nodes nodes = { 0 };
  SearchWords words = { 0 };
  size_t total = 0;
  bool more = false, only;
  TRY(query_compile(cx, text, &(QueryScope){ .me = web->who.id, .now_us = cx->now_us }, &q));
  TRY(query_page(cx, web->graph, q, STR_NONE, FOUND_MOST, &nodes, &total, &more));
  query_words(cx, q, &words, &only);
  fill_types(cx, web, text, &nodes, &words, page);
  if (only) TRY(fill_comments(cx, web, &words, page));
  page->say = more ? str_fmt(cx->arena, "The first %zu of %zu records. Add a word, or a filter such as type:threat",
                             nodes.n, total)
                   : str_fmt(cx->arena, "%zu record%s", total, total == 1 ? "" : "s");
  return E_OK;
}

Err page_search(Cx *cx, Web *web, const Request *req, Response *res) {
  Str text = str_trim(request_query(req, "q"));
  Node exact = graph_find(web->graph, text);
  if (exact != NODE_NONE) return web_redirect(cx, res, web_record_url(cx, node_id(web->graph, exact)));
  SearchPage page = { .query = text };
  Err e = text.n ? find(cx, web, text, &page) : E_OK;
  if (e == E_USAGE) {
    page.error = cx->words;
    cx_forgive(cx);
    res->status = 422;
  } else {
    TRY(e);
  }
  page.any = page.types_n || page.comments_n;
  Buf b = buf_new(cx->arena, PAGE_MAX);
  search_html(&b, &page);
  PageFrame frame = { .title = S("Search"), .device = NODE_NONE };
  return web_page(cx, web, req, &frame, (Html){ buf_str(&b) }, res);
}
