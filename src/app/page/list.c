/* Lists of records: one query, facets, keyset pages. */
#include "app/page/talk.h"
#include "list.html.h"

enum { COLUMNS_MAX = 4, FACET_VALUES_MAX = 8 };

/* ---- which columns a type shows: its first short fields; long texts and links have the record page ----- */

static size_t pick_columns(const RecordType *t, const Field **out) {
  size_t n = 0;
  for (size_t i = 0; i < t->nfields && n < COLUMNS_MAX; i++) {
    const Field *f = &t->fields[i];
    if (f->kind == CHOICE || f->kind == DATE || f->kind == INT || (f->kind == TEXT && f->max && f->max <= 120))
      out[n++] = f;
  }
  return n;
}

/* ---- the query's text ---------------------------------------------------------------------------------- */

/* The text without its `key:...` term; quotes are respected. */
static Str without(Cx *cx, Str text, Str key) {
  Buf b = buf_new(cx->arena, 4096);
  for (size_t i = 0; i < text.n;) {
    size_t from = i;
    bool quoted = false;
    while (i < text.n && (quoted || text.p[i] != ' ')) {
      quoted ^= text.p[i] == '"';
      i++;
    }
    Str term = str_slice(text, from, i);
    while (i < text.n && text.p[i] == ' ') i++;
    if (str_starts(term, key)) continue;
    if (b.n) buf_byte(&b, ' ');
    buf_add(&b, term);
  }
  return buf_str(&b);
}

static Str with(Cx *cx, Str text, Str term) {
  return text.n ? str_fmt(cx->arena, "%.*s %.*s", STR(text), STR(term)) : term;
}

static Str list_url(Cx *cx, const RecordType *t, Str query, Str after) {
  Buf b = buf_new(cx->arena, 8192);
  buf_fmt(&b, "/list/%s?q=", t->name);
  url_text(&b, query);
  if (after.n) {
    buf_z(&b, "&after=");
    url_text(&b, after);
  }
  return buf_str(&b);
}

/* The same list as a file. */
static Str file_url(Cx *cx, const RecordType *t, Str query, const char *suffix) {
  Buf b = buf_new(cx->arena, 8192);
  buf_fmt(&b, "/list/%s.%s?q=", t->name, suffix);
  url_text(&b, query);
  return buf_str(&b);
}

/* What sorting by `key` means now, and the address that sorts by it (the other way round the second time). */
static Str sort_url(Cx *cx, const RecordType *t, Str query, const char *key, Str *aria) {
  Str up = str_fmt(cx->arena, "sort:%s", key), down = str_fmt(cx->arena, "sort:-%s", key);
  bool is_up = str_find(query, up) != SIZE_MAX, is_down = str_find(query, down) != SIZE_MAX;
  *aria = is_up ? S("ascending") : is_down ? S("descending") : S("none");
  return list_url(cx, t, with(cx, without(cx, query, S("sort:")), is_up ? down : up), STR_NONE);
}

/* ---- parts of the page --------------------------------------------------------------------------------- */

static bool is_suspect(Cx *cx, const Graph *g, Node n) {
  Edges edges = { 0 };
  graph_edges(cx, g, n, NULL, &edges);
  for (size_t i = 0; i < edges.n; i++)
    if (edges.p[i].suspect && !edges.p[i].inverse) return true;
  return false;
}

static ListRows list_row(Cx *cx, Web *web, Node n, const Field *const *columns, size_t ncolumns) {
  const Graph *g = web->graph;
  ListRows row = { .id = node_id(g, n),
                   .url = web_record_url(cx, node_id(g, n)),
                   .title = node_title(g, n),
                   .state = state_words(cx, node_state(g, n)),
                   .tone = str_of(state_tone(node_state_flags(g, n))),
                   .owner = person_name(cx, web, node_owner(g, n)),
                   .changed = day_text(cx, node_changed_us(g, n)),
                   .suspect = is_suspect(cx, g, n),
                   .cells = NEW_ARRAY(cx->arena, ncolumns, ListRowsCells) };
  for (size_t c = 0; c < ncolumns; c++) {
    const Value *v = node_value(g, n, columns[c]->name);
    row.cells[row.cells_n++] = (ListRowsCells){ v ? field_words(cx, web, columns[c], v) : STR_NONE };
  }
  return row;
}

static Err add_facet(Cx *cx, Web *web, const RecordType *t, Str query, const char *field, const char *label,
                     ListPage *page) {
  Query *q;
  Facet *facet;
  size_t n;
  Str rest = without(cx, query, str_fmt(cx->arena, "%s:", field));
  TRY(query_compile(cx, rest, &(QueryScope){ .me = web->who.id, .now_us = cx->now_us, .type = t }, &q));
  TRY(query_facets(cx, web->graph, q, field, &facet, &n));
  if (n < 2 || n > FACET_VALUES_MAX) return E_OK;
  ListFacets f = { .label = str_of(label), .values = NEW_ARRAY(cx->arena, n + 1, ListFacetsValues) };
  size_t total = 0;
  for (size_t i = 0; i < n; i++) total += facet[i].n;
  bool any = str_find(query, str_fmt(cx->arena, "%s:", field)) == SIZE_MAX;
  f.values[f.values_n++] = (ListFacetsValues){ .url = list_url(cx, t, rest, STR_NONE),
                                               .label = S("All"),
                                               .count = str_fmt(cx->arena, "%zu", total),
                                               .current = any };
  for (size_t i = 0; i < n; i++) {
    Str term = str_fmt(cx->arena, "%s:%.*s", field, STR(facet[i].value));
    f.values[f.values_n++] = (ListFacetsValues){ .url = list_url(cx, t, with(cx, rest, term), STR_NONE),
                                                 .label = choice_words(cx->arena, facet[i].value),
                                                 .count = str_fmt(cx->arena, "%zu", facet[i].n),
                                                 .current = str_find(query, term) != SIZE_MAX };
  }
  page->facets[page->facets_n++] = f;
  return E_OK;
}

static Err fill_rows(Cx *cx, Web *web, const RecordType *t, Str text, Str after, ListPage *page) {
  const Field *columns[COLUMNS_MAX];
  size_t ncolumns = pick_columns(t, columns), total = 0;
  bool more = false;
  Query *q;
  Nodes nodes = { 0 };
  TRY(query_compile(cx, text, &(QueryScope){ .me = web->who.id, .now_us = cx->now_us, .type = t }, &q));
  TRY(query_page(cx, web->graph, q, after, (size_t)web->set->number[SET_PAGE_ROWS], &nodes, &total, &more));
  page->columns = NEW_ARRAY(cx->arena, ncolumns, ListColumns);
  for (size_t c = 0; c < ncolumns; c++) {
    ListColumns *col = &page->columns[page->columns_n++];
    col->label = str_of(columns[c]->label);
    col->url = sort_url(cx, t, text, columns[c]->name, &col->sort);
  }
  page->url_id = sort_url(cx, t, text, "id", &page->sort_id);
  page->url_title = sort_url(cx, t, text, "title", &page->sort_title);
  page->url_changed = sort_url(cx, t, text, "changed", &page->sort_changed);
  page->rows = NEW_ARRAY(cx->arena, nodes.n, ListRows);
  for (size_t i = 0; i < nodes.n; i++) page->rows[page->rows_n++] = list_row(cx, web, nodes.p[i], columns, ncolumns);
  page->say = str_fmt(cx->arena, "%.*s of %.*s shown", STR(number_text(cx, (int64_t)nodes.n)),
                      STR(number_text(cx, (int64_t)total)));
  if (more && nodes.n) page->next_url = list_url(cx, t, text, page->rows[nodes.n - 1].id);
  if (after.n) page->first_url = list_url(cx, t, text, STR_NONE);
  page->facets = NEW_ARRAY(cx->arena, 2, ListFacets);
  TRY(add_facet(cx, web, t, text, "state", "State", page));
  for (size_t c = 0; c < t->nfields; c++)
    if (t->fields[c].kind == CHOICE && !(t->fields[c].flags & MANY))
      return add_facet(cx, web, t, text, t->fields[c].name, t->fields[c].label, page);
  return E_OK;
}

/* The value of the `device:` term, so that a new record starts there. */
static Str device_in(Str query) {
  size_t at = str_find(query, S("device:"));
  Str head, rest;
  if (at == SIZE_MAX) return STR_NONE;
  (void)str_cut(str_slice(query, at + 7, query.n), ' ', &head, &rest);
  return head;
}

Err page_list(Cx *cx, Web *web, const Request *req, Response *res) {
  const RecordType *t;
  Str type;
  bool xlsx;
  if (table_suffix(req->params[0], &type, &xlsx)) return page_table(cx, web, req, type, xlsx, res);
  TRY(record_type_need(cx, req->params[0], &t));
  Str text = str_trim(request_query(req, "q"));
  ListPage page = { .type = str_of(t->name),
                    .plural = str_of(t->plural),
                    .singular = str_lower(cx->arena, str_of(t->title)),
                    .help = str_of(t->help),
                    .query = text,
                    .csv_url = file_url(cx, t, text, "csv"),
                    .xlsx_url = file_url(cx, t, text, "xlsx"),
                    .product = device_in(text),
                    .may_new = (who_roles(&web->who, PRODUCT_ANY) & t->editors) != 0 };
  TRY(list_views(cx, web, t, text, &page.views));
  Err e = fill_rows(cx, web, t, text, request_query(req, "after"), &page);
  if (e == E_USAGE) { /* the query can't be read: say where, keep what was typed */
    page.error = cx->words;
    cx_forgive(cx);
    res->status = 422;
  } else {
    TRY(e);
  }
  page.empty = text.n ? str_fmt(cx->arena, "No %s matches this filter.", str_z(cx->arena, page.singular))
                      : str_fmt(cx->arena, "There is no %s yet.", str_z(cx->arena, page.singular));
  Buf b = buf_new(cx->arena, PAGE_MAX);
  list_html(&b, &page);
  PageFrame frame = { .title = page.plural, .here = t->name, .device = NODE_NONE };
  return web_page(cx, web, req, &frame, (Html){ buf_str(&b) }, res);
}
