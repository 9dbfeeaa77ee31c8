/* The trace matrix: threat or misuse, requirement, control, verification, residual risk. */
#include "app/page/device.h"
#include "trace.html.h"

enum { COLUMNS = 4 };

static const char *const cell_class[] = { "", "sus", "fail", "sus", "gap" }; /* by CellState */

static Str risk_corner(Cx *cx, const Value *e, const Value *s) {
  if (!e || !s) return STR_NONE;
  return str_upper(cx->arena, str_fmt(cx->arena, "%.*s %.*s", STR(s->s), STR(e->s)));
}

static Str level_zone(const Value *level) {
  if (!level) return STR_NONE;
  return str_eq(level->s, S("high")) ? S("r3") : str_eq(level->s, S("medium")) ? S("r1") : S("r0");
}

static TraceRowsCellsItems item_of(Cx *cx, Web *web, Node n, Node release, int column) {
  const Graph *g = web->graph;
  TraceRowsCellsItems it = { .id = node_id(g, n),
                             .url = web_record_url(cx, node_id(g, n)),
                             .title = node_title(g, n) };
  if (column == 2) {
    Str result;
    Node run = trace_last_run(cx, g, n, release, &result);
    bool good = run != NODE_NONE && str_eq(result, S("pass"));
    it.note = run == NODE_NONE ? S("no run") : choice_words(cx->arena, result);
    it.tone = good ? S("c-ok") : S("c-crit");
  }
  if (column == 3) {
    it.before = risk_corner(cx, node_value(g, n, "exploitability"), node_value(g, n, "severity"));
    const Value *after_s = node_value(g, n, "severity_after");
    it.after =
        risk_corner(cx, node_value(g, n, "exploitability_after"), after_s ? after_s : node_value(g, n, "severity"));
    it.before_zone = level_zone(node_value(g, n, "level"));
    it.after_zone = level_zone(node_value(g, n, "level_after"));
    it.note = state_words(cx, node_state(g, n));
    it.tone = S("muted");
  }
  return it;
}

static TraceRowsCells cell_of(Cx *cx, Web *web, const ChainCell *c, Node release, int column) {
  TraceRowsCells cell = { .kind = str_of(cell_class[c->state]),
                          .items = NEW_ARRAY(cx->arena, c->nodes.n, TraceRowsCellsItems) };
  for (size_t i = 0; i < c->nodes.n; i++)
    cell.items[cell.items_n++] = item_of(cx, web, c->nodes.p[i], release, column);
  if (c->state != CELL_OK) cell.words = c->words;
  return cell;
}

static TraceRows row_of(Cx *cx, Web *web, const Chain *c, Node release) {
  static const char *const tones[] = { "ok", "med", "high", "crit" };
  const Graph *g = web->graph;
  TraceRows row = { .id = node_id(g, c->threat),
                    .url = web_record_url(cx, node_id(g, c->threat)),
                    .title = node_title(g, c->threat),
                    .gap = c->gap,
                    .tag = c->state == CHAIN_COMPLETE ? STR_NONE
                                                      : choice_words(cx->arena, str_of(chain_words[c->state])),
                    .tone = str_of(tones[c->state]) };
  const Value *stride = node_value(g, c->threat, "stride");
  if (stride) {
    row.stride_words = choice_words(cx->arena, stride->s);
    row.stride = str_slice(row.stride_words, 0, 1);
  }
  const ChainCell *cells[COLUMNS] = { &c->requirement, &c->control, &c->test, &c->risk };
  row.cells = NEW_ARRAY(cx->arena, COLUMNS, TraceRowsCells);
  for (int i = 0; i < COLUMNS; i++) row.cells[row.cells_n++] = cell_of(cx, web, cells[i], release, i);
  return row;
}

static bool wanted(const Graph *g, const Chain *c, Str show, Str words) {
  if (show.n && !str_eq(show, str_of(chain_words[c->state]))) return false;
  return !words.n || str_find_nocase(node_title(g, c->threat), words) != SIZE_MAX ||
         str_find_nocase(node_id(g, c->threat), words) != SIZE_MAX;
}

static void fill_columns(Cx *cx, const Matrix *m, TracePage *page) {
  static const char *const labels[] = { "Threat or misuse", "Requirement", "Control", "Verification",
                                        "Residual risk" };
  size_t ok[5] = { m->n };
  for (size_t i = 0; i < m->n; i++) {
    const ChainCell *cells[COLUMNS] = { &m->row[i].requirement, &m->row[i].control, &m->row[i].test,
                                        &m->row[i].risk };
    for (size_t c = 0; c < COLUMNS; c++) ok[c + 1] += cells[c]->state == CELL_OK || cells[c]->state == CELL_SUSPECT;
  }
  page->columns = NEW_ARRAY(cx->arena, 5, TraceColumns);
  for (size_t c = 0; c < 5; c++) {
    size_t part = m->n ? ok[c] * 100 / m->n : 0;
    page->columns[page->columns_n++] =
        (TraceColumns){ .label = str_of(labels[c]),
                        .words = c ? str_fmt(cx->arena, "%zu of %zu covered", ok[c], m->n)
                                   : str_fmt(cx->arena, "%zu identified", m->n),
                        .w_ok = str_fmt(cx->arena, "%zu", part),
                        .w_gap = str_fmt(cx->arena, "%zu", 100 - part) };
  }
}

static void fill_shows(Cx *cx, Str id, Str release, const Matrix *m, Str show, TracePage *page) {
  page->shows = NEW_ARRAY(cx->arena, 5, TraceShows);
  for (int i = -1; i < 4; i++) {
    Str word = i < 0 ? STR_NONE : str_of(chain_words[i]);
    page->shows[page->shows_n++] = (TraceShows){ .url = str_fmt(cx->arena, "/d/%.*s/trace?show=%.*s&release=%.*s",
                                                                STR(id), STR(word), STR(release)),
                                                 .label = i < 0 ? S("All") : choice_words(cx->arena, word),
                                                 .count = str_fmt(cx->arena, "%zu", i < 0 ? m->n : m->count[i]),
                                                 .current = str_eq(word, show) };
  }
}

static Err fill_releases(Cx *cx, Web *web, Str product, Node chosen, TracePage *page) {
  Query *q;
  Nodes nodes = { 0 };
  if (!record_type(S("release"))) return E_OK;
  TRY(query_compile(cx, str_fmt(cx->arena, "type:release device:%.*s", STR(product)),
                    &(QueryScope){ .now_us = cx->now_us }, &q));
  TRY(query_run(cx, web->graph, q, &nodes));
  page->releases = NEW_ARRAY(cx->arena, nodes.n, TraceReleases);
  for (size_t i = 0; i < nodes.n; i++)
    page->releases[page->releases_n++] =
        (TraceReleases){ node_id(web->graph, nodes.p[i]), nodes.p[i] == chosen, node_title(web->graph, nodes.p[i]) };
  return E_OK;
}

Err page_trace(Cx *cx, Web *web, const Request *req, Response *res) {
  Node n, release = NODE_NONE;
  Matrix m = { 0 };
  TRY(web_product(cx, web, req->params[0], &n));
  Str id = node_id(web->graph, n), show = request_query(req, "show"), words = str_trim(request_query(req, "q")),
      asked = request_query(req, "release");
  if (asked.n) {
    release = graph_find(web->graph, asked);
    if (release == NODE_NONE) return fail(cx, E_NOTFOUND, "There is no release %.*s", STR(asked));
  }
  TRY(trace_matrix(cx, web->graph, n, release, &m));
  TracePage page = { .id = id,
                     .query = words,
                     .head = device_head(cx, web, n, "trace", (Html){ STR_NONE }),
                     .rows = NEW_ARRAY(cx->arena, m.n, TraceRows) };
  fill_columns(cx, &m, &page);
  fill_shows(cx, id, asked, &m, show, &page);
  TRY(fill_releases(cx, web, id, release, &page));
  for (size_t i = 0; i < m.n; i++)
    if (wanted(web->graph, &m.row[i], show, words)) page.rows[page.rows_n++] = row_of(cx, web, &m.row[i], release);
  page.say = str_fmt(cx->arena, "%zu of %zu shown", page.rows_n, m.n);
  page.empty =
      m.n ? S("No threat matches this filter.") : S("There is no threat yet. Create one, or import a threat model.");
  Buf b = buf_new(cx->arena, PAGE_MAX);
  trace_html(&b, &page);
  PageFrame frame = { .title = str_fmt(cx->arena, "Trace matrix of %.*s", STR(node_title(web->graph, n))),
                      .here = "device",
                      .device = n };
  return web_page(cx, web, req, &frame, (Html){ buf_str(&b) }, res);
}
