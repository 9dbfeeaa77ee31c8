/* The model as an auditor reads it: the tables of `proofline model`, and each lifecycle drawn. */
#include "app/page/quality_page.h"
#include "model.html.h"
#include <string.h>

enum { BOX_WIDE = 176, BOX_HIGH = 30, GAP_WIDE = 40, GAP_HIGH = 26, STATES_MOST = 64 };

/* ---- drawing: columns by the least number of steps from the first state -------------------------------- */

typedef struct Place {
  int column, row;
  bool placed;
} Place;

static size_t state_at(const Lifecycle *l, const char *name) {
  for (size_t i = 0; i < l->nstates; i++)
    if (!strcmp(l->states[i].name, name)) return i;
  return 0;
}

static int arrange(const Lifecycle *l, Place *place) {
  int rows[STATES_MOST] = { 0 }, most = 0;
  place[0] = (Place){ 0, 0, true };
  rows[0] = 1;
  for (int column = 0; column < STATES_MOST - 1; column++)
    for (size_t s = 0; s < l->nsteps; s++) {
      if (l->steps[s].from[0] == '*') continue;
      const Place *from = &place[state_at(l, l->steps[s].from)];
      Place *to = &place[state_at(l, l->steps[s].to)];
      if (!from->placed || from->column != column || to->placed) continue;
      *to = (Place){ column + 1, rows[column + 1]++, true };
    }
  for (size_t i = 0; i < l->nstates; i++) /* what every open state leads to */
    if (!place[i].placed) place[i] = (Place){ 1, rows[1]++, true };
  for (int i = 0; i < STATES_MOST; i++) most = rows[i] > most ? rows[i] : most;
  return most;
}

static Str int_text(Cx *cx, int v) { return str_fmt(cx->arena, "%d", v); }
static int left(const Place *p) { return 4 + p->column * (BOX_WIDE + GAP_WIDE); }
static int top(const Place *p) { return 4 + p->row * (BOX_HIGH + GAP_HIGH); }

static Str line_path(Cx *cx, const Place *a, const Place *b) {
  int ya = top(a) + BOX_HIGH / 2, yb = top(b) + BOX_HIGH / 2;
  if (b->column > a->column) {
    int xa = left(a) + BOX_WIDE, xb = left(b), mid = (xa + xb) / 2;
    return str_fmt(cx->arena, "M%d %dC%d %d %d %d %d %d", xa, ya, mid, ya, mid, yb, xb, yb);
  }
  int xa = left(a) + BOX_WIDE / 2, xb = left(b) + BOX_WIDE / 2, low = (ya > yb ? ya : yb) + BOX_HIGH / 2;
  return str_fmt(cx->arena, "M%d %dC%d %d %d %d %d %d", xa, top(a) + BOX_HIGH, xa, low + GAP_HIGH, xb, low + GAP_HIGH,
                 xb, top(b) + BOX_HIGH);
}

static ModelLives life_of(Cx *cx, const Lifecycle *l) {
  Place place[STATES_MOST] = { 0 };
  int rows = arrange(l, place), columns = 0;
  ModelLives out = { .id = str_of(l->name),
                     .name = choice_words(cx->arena, str_of(l->name)),
                     .types = model_life_types(cx, l),
                     .boxes = NEW_ARRAY(cx->arena, l->nstates, ModelLivesBoxes),
                     .lines = NEW_ARRAY(cx->arena, l->nsteps, ModelLivesLines) };
  for (size_t i = 0; i < l->nstates; i++) {
    unsigned flags = l->states[i].flags;
    columns = place[i].column > columns ? place[i].column : columns;
    out.boxes[out.boxes_n++] = (ModelLivesBoxes){ .x = int_text(cx, left(&place[i])),
                                                  .y = int_text(cx, top(&place[i])),
                                                  .tx = int_text(cx, left(&place[i]) + BOX_WIDE / 2),
                                                  .ty = int_text(cx, top(&place[i]) + 20),
                                                  .words = choice_words(cx->arena, str_of(l->states[i].name)),
                                                  .counts = flags & ST_ACCEPTED,
                                                  .closed = flags & ST_CLOSED };
  }
  for (size_t i = 0; i < l->nsteps; i++)
    if (l->steps[i].from[0] != '*')
      out.lines[out.lines_n++] = (ModelLivesLines){ line_path(cx, &place[state_at(l, l->steps[i].from)],
                                                              &place[state_at(l, l->steps[i].to)]) };
  out.wide = int_text(cx, 8 + (columns + 1) * (BOX_WIDE + GAP_WIDE) - GAP_WIDE);
  out.high = int_text(cx, 8 + rows * (BOX_HIGH + GAP_HIGH));
  return out;
}

/* ---- the page ------------------------------------------------------------------------------------------ */

static void fill_tabs(Cx *cx, Str table, ModelPage *page) {
  page->tabs = NEW_ARRAY(cx->arena, 8, ModelTabs);
  for (size_t i = 0; model_tables[i]; i++) {
    Str name = str_of(model_tables[i]);
    page->tabs[page->tabs_n++] =
        (ModelTabs){ .name = name, .label = choice_words(cx->arena, name), .current = str_eq(name, table) };
  }
}

/* A column of crosses, or of none: its heading stands upright, and asking for the heading asks for its crosses. */
static bool only_crosses(const ModelTable *t, size_t column) {
  for (size_t at = column; at < t->cells.n; at += t->columns.n)
    if (t->cells.p[at].n && !str_eq(t->cells.p[at], S("x"))) return false;
  return true;
}

static bool row_fits(const ModelTable *t, const ModelPage *page, size_t at, Str only) {
  for (size_t i = 0; i < t->columns.n; i++) {
    Str cell = t->cells.p[at + i], words = page->columns[i].turn && cell.n ? t->columns.p[i] : cell;
    if (str_find_nocase(words, only) != SIZE_MAX) return true;
  }
  return false;
}

static void fill_table(Cx *cx, const ModelTable *t, Str only, ModelPage *page) {
  size_t n = t->columns.n;
  page->title = str_of(t->title);
  page->help = str_of(t->help);
  page->columns = NEW_ARRAY(cx->arena, n, ModelColumns);
  for (size_t i = 0; i < n; i++) {
    bool turn = only_crosses(t, i);
    page->columns[page->columns_n++] = (ModelColumns){ .words = t->columns.p[i], .turn = turn };
    page->crosses = page->crosses || turn;
  }
  page->rows = NEW_ARRAY(cx->arena, t->cells.n / n, ModelRows);
  for (size_t at = 0; at < t->cells.n; at += n) {
    if (only.n && !row_fits(t, page, at, only)) continue;
    ModelRows *row = &page->rows[page->rows_n++];
    row->head = t->cells.p[at];
    row->cells = NEW_ARRAY(cx->arena, n, ModelRowsCells);
    for (size_t i = 1; i < n; i++)
      row->cells[row->cells_n++] = (ModelRowsCells){ .words = t->cells.p[at + i], .turn = page->columns[i].turn };
  }
  page->say = str_fmt(cx->arena, "%zu rows", page->rows_n);
}

Err page_model(Cx *cx, Web *web, const Request *req, Response *res) {
  ModelTable table;
  Str name = str_trim(request_query(req, "table"));
  ModelPage page = { .query = str_trim(request_query(req, "q")) };
  if (!name.n) name = S("states");
  TRY(model_table(cx, name, &table));
  page.table = name;
  fill_tabs(cx, name, &page);
  fill_table(cx, &table, page.query, &page);
  size_t n = 0;
  while (record_type_at(n)) n++;
  page.lives = NEW_ARRAY(cx->arena, n, ModelLives);
  for (size_t i = 0; str_eq(name, S("states")) && i < n; i++)
    if (model_life_first(i)) page.lives[page.lives_n++] = life_of(cx, record_type_at(i)->life);
  Buf b = buf_new(cx->arena, PAGE_MAX);
  model_html(&b, &page);
  PageFrame frame = { .title = S("The model"), .here = "model", .device = NODE_NONE };
  return web_page(cx, web, req, &frame, (Html){ buf_str(&b) }, res);
}
