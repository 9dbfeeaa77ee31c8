/* One SBOM: its components with what is known against them, its files, answers. */
#include "app/page/sbom_page.h"
#include "app/sbom/out.h"
#include "sbom.html.h"

enum { VERDICTS_SHOWN = 10 };

/* The finding record that was opened for this vulnerability and SBOM. */
static Str finding_of(Cx *cx, Web *web, Str product, Str vuln) {
  Query *q;
  Nodes found = { 0 };
  Cx own = { .arena = cx->arena, .now_us = cx->now_us };
  if (!vuln.n || !record_type(S("finding"))) return STR_NONE;
  Str text = str_fmt(cx->arena, "type:finding device:%.*s vulnerability:%.*s", STR(product), STR(vuln));
  if (query_compile(&own, text, &(QueryScope){ .now_us = cx->now_us }, &q) != E_OK ||
      query_run(&own, web->graph, q, &found) != E_OK)
    return STR_NONE;
  return found.n ? node_id(web->graph, found.p[0]) : STR_NONE;
}

static SbomRowsVerdicts verdict_line(Cx *cx, Web *web, Str product, const VerdictRow *v) {
  Str finding = v->outcome <= OUTCOME_UNCERTAIN ? finding_of(cx, web, product, v->vuln) : STR_NONE;
  return (SbomRowsVerdicts){ .tone = str_of(outcome_tone(v->outcome)),
                             .outcome = outcome_words(v->outcome),
                             .vuln = v->vuln,
                             .kev = v->kev && v->outcome <= OUTCOME_UNCERTAIN,
                             .reason = v->reason,
                             .tier = str_dup(cx->arena, (Str){ &v->tier, 1 }),
                             .rule = v->rule,
                             .finding = finding,
                             .finding_url = finding.n ? web_record_url(cx, finding) : STR_NONE };
}

/* The worst of a package stand there; the rest, most of it what does not affect it, is counted. */
static void add_verdicts(Cx *cx, Web *web, Str product, const Known *known, int64_t package, SbomRows *row) {
  size_t more = 0, not_affected = 0;
  row->verdicts = NEW_ARRAY(cx->arena, VERDICTS_SHOWN, SbomRowsVerdicts);
  for (size_t i = known_first(known, package); i != MAP_NONE; i = known->next[i]) {
    const VerdictRow *v = &known->row.p[i];
    if (v->outcome == OUTCOME_NOT_AFFECTED && row->verdicts_n) not_affected++;
    else if (row->verdicts_n == VERDICTS_SHOWN) more++;
    else row->verdicts[row->verdicts_n++] = verdict_line(cx, web, product, v);
  }
  if (more) row->more = str_fmt(cx->arena, "and %zu more of them", more);
  if (not_affected)
    row->more = str_fmt(cx->arena, "%.*s%snot affected by %zu %s", STR(row->more), more ? ", " : "", not_affected,
                        not_affected == 1 ? "other" : "others");
}

typedef struct Show {
  const char *word, *label;
} Show;
static const Show shows[] = { { "", "All" },
                              { "no_supplier", "No supplier" },
                              { "no_support_end", "No support end" },
                              { "support_passed", "Support over" },
                              { "no_id", "No identifier" },
                              { "no_element", "No element" } };

static ComponentFilter filter_of(Cx *cx, const Request *req) {
  Str show = request_query(req, "show");
  return (ComponentFilter){ .text = str_trim(request_query(req, "q")),
                            .no_supplier = str_eq(show, S("no_supplier")),
                            .no_support_end = str_eq(show, S("no_support_end")),
                            .support_passed = str_eq(show, S("support_passed")),
                            .no_id = str_eq(show, S("no_id")),
                            .no_element = str_eq(show, S("no_element")),
                            .today = date_of(cx->now_us) };
}

static void fill_shows(Cx *cx, Str id, const ComponentCounts *c, Str show, SbomPage *page) {
  const int64_t counts[] = {
    c->total, c->no_supplier, c->no_support_end, c->support_passed, c->no_id, c->no_element
  };
  page->shows = NEW_ARRAY(cx->arena, COUNT(shows), SbomShows);
  for (size_t i = 0; i < COUNT(shows); i++)
    page->shows[page->shows_n++] =
        (SbomShows){ .url = str_fmt(cx->arena, "/sbom/%.*s?show=%s", STR(id), shows[i].word),
                     .label = str_of(shows[i].label),
                     .count = number_text(cx, counts[i]),
                     .current = str_eq(show, str_of(shows[i].word)) };
}

/* Packages by the worst that is said against them; together they are all. */
static Err fill_stats(Cx *cx, Web *web, Str id, const Known *known, Str show, SbomPage *page) {
  int64_t count[OUTCOME_COUNT] = { 0 }, all;
  known_tally(known, count);
  TRY(count_packages(cx, web->store, id, &all));
  for (unsigned o = 0; o < OUTCOME_COUNT; o++) all -= count[o];
  count[OUTCOME_NOT_LISTED] = all;
  page->stats = NEW_ARRAY(cx->arena, OUTCOME_COUNT, SbomStats);
  for (unsigned o = 0; o < OUTCOME_COUNT; o++) {
    Str word = str_of(outcome_name((Outcome)o));
    page->stats[page->stats_n++] =
        (SbomStats){ .label = outcome_words((Outcome)o),
                     .url = count[o] ? str_fmt(cx->arena, "/sbom/%.*s?show=%.*s", STR(id), STR(word)) : STR_NONE,
                     .count = number_text(cx, count[o]),
                     .current = str_eq(show, word) };
  }
  return E_OK;
}

/* One page of the components of which one outcome is the worst. */
typedef struct Pick {
  Cx *cx;
  const Known *known;
  Outcome outcome;
  size_t limit;
  VEC(int64_t) id;
} Pick;

static bool pick_component(void *env, const ComponentRow *row) {
  Pick *p = env;
  if (known_worst(p->known, row->package.id) == p->outcome) vec_add(p->cx->arena, &p->id, row->component);
  return p->id.n < p->limit;
}

static Err rows_of(Cx *cx, Web *web, Str id, const Request *req, const Known *known, size_t limit, ComponentRows *out) {
  ComponentFilter f = filter_of(cx, req);
  Str after = request_query(req, "after");
  Pick pick = { .cx = cx, .known = known, .limit = limit };
  if (!outcome_find(request_query(req, "show"), &pick.outcome))
    return supply_components(cx, web->store, id, &f, after, limit, out);
  TRY(each_component(cx, web->store, id, &f, after, pick_component, &pick));
  for (size_t i = 0; i < pick.id.n; i++) {
    ComponentRow row;
    TRY(supply_component(cx, web->store, id, pick.id.p[i], &row));
    vec_add(cx->arena, out, row);
  }
  return E_OK;
}

static Err fill_rows(Cx *cx, Web *web, const SbomInfo *s, const Request *req, const Known *known, bool may,
                     SbomPage *page) {
  ComponentRows rows = { 0 };
  size_t limit = (size_t)web->set->number[SET_PAGE_ROWS];
  TRY(rows_of(cx, web, s->id, req, known, limit, &rows));
  page->rows = NEW_ARRAY(cx->arena, rows.n, SbomRows);
  for (size_t i = 0; i < rows.n; i++) {
    const ComponentRow *c = &rows.p[i];
    int32_t end = 0;
    SbomRows row = { .number = str_fmt(cx->arena, "%lld", (long long)c->component),
                     .name = c->package.name,
                     .purl = c->package.purl,
                     .identity = c->package.identity,
                     .version = c->package.version,
                     .supplier = c->supplier,
                     .licence = c->licence,
                     .support_end = c->support_end,
                     .support_level = choice_words(cx->arena, c->support_level),
                     .may = may,
                     .lacks = !c->supplier.n || !c->support_end.n || !c->support_level.n || !c->package.version.n,
                     .support_passed = date_parse(c->support_end, &end) && end < date_of(cx->now_us) };
    add_verdicts(cx, web, s->product, known, c->package.id, &row);
    page->rows[page->rows_n++] = row;
  }
  page->say = str_fmt(cx->arena, "%zu components shown", rows.n);
  if (rows.n == limit) {
    Buf b = buf_new(cx->arena, 4096);
    buf_fmt(&b, "/sbom/%.*s?show=", STR(s->id));
    url_text(&b, request_query(req, "show"));
    buf_z(&b, "&q=");
    url_text(&b, str_trim(request_query(req, "q")));
    buf_z(&b, "&after=");
    url_text(&b, rows.p[rows.n - 1].next);
    page->next = buf_str(&b);
  }
  return E_OK;
}

/* One of another product's answers like one that is not there. */
static Err sbom_of_request(Cx *cx, Web *web, const Request *req, SbomInfo *out) {
  TRY(supply_sbom(cx, web->store, req->params[0], out));
  if (web_may_see(web, out->product)) return E_OK;
  return fail(cx, E_NOTFOUND, "There is no SBOM %.*s.", STR(req->params[0]));
}

Err page_sbom_file(Cx *cx, Web *web, const Request *req, Response *res) {
  SbomInfo s;
  const SbomOut *what;
  TRY(sbom_of_request(cx, web, req, &s));
  TRY(sbom_out_find(cx, req->params[1], &what));
  TRY(sbom_out_write(cx, web->store, s.id, what, &res->body));
  res->media = str_of(what->media);
  res->disposition = str_fmt(cx->arena, "attachment; filename=\"%.*s.%s\"", STR(s.id), what->suffix);
  res->sandbox = true;
  return E_OK;
}

static void fill_files(Cx *cx, SbomPage *page) {
  page->files = NEW_ARRAY(cx->arena, sbom_nouts, SbomFiles);
  for (size_t i = 0; i < sbom_nouts; i++)
    page->files[page->files_n++] = (SbomFiles){ str_of(sbom_outs[i].name), str_of(sbom_outs[i].label) };
}

/* Elements of which some are missing come with how many; the others with a tick. */
static Err fill_elements(Cx *cx, Web *web, Str id, SbomPage *page) {
  ElementStates list = { 0 };
  int64_t lacking = 0;
  TRY(supply_elements(cx, web->store, id, &list));
  page->elements = NEW_ARRAY(cx->arena, list.n, SbomElements);
  for (size_t i = 0; i < list.n; i++) {
    const ElementState *e = &list.p[i];
    page->elements[page->elements_n++] = (SbomElements){ .label = str_of(e->label),
                                                         .ntia = e->ntia,
                                                         .fda = e->fda,
                                                         .cisa = e->cisa,
                                                         .present = number_text(cx, e->present),
                                                         .missing = e->missing ? number_text(cx, e->missing)
                                                                               : STR_NONE };
    lacking += e->missing > 0;
  }
  if (lacking) page->lacking = number_text(cx, lacking);
  return E_OK;
}

Err page_sbom(Cx *cx, Web *web, const Request *req, Response *res) {
  SbomInfo s;
  ComponentCounts counts = { 0 };
  Known known;
  TRY(sbom_of_request(cx, web, req, &s));
  TRY(supply_counts(cx, web->store, s.id, date_of(cx->now_us), &counts));
  TRY(known_load(cx, web, s.id, &known));
  Node product = graph_find(web->graph, s.product), rel = graph_find(web->graph, s.release);
  SbomPage page = { .id = s.id,
                    .product = s.product,
                    .name = s.name.n ? s.name : s.file,
                    .current = s.current,
                    .format = str_fmt(cx->arena, "%.*s %.*s", STR(s.format), STR(s.spec)),
                    .components = number_text(cx, s.components),
                    .release = rel == NODE_NONE ? s.release : node_title(web->graph, rel),
                    .dependencies = number_text(cx, s.dependencies),
                    .imported = day_text(cx, s.imported_us),
                    .by = person_name(cx, web, s.imported_by),
                    .sha = str_slice(s.sha256, 0, 16),
                    .query = str_trim(request_query(req, "q")),
                    .csrf = csrf_token(cx, &web->who) };
  if (product != NODE_NONE) page.device = node_title(web->graph, product);
  if (s.element.n) {
    page.element = s.element;
    page.element_url = web_record_url(cx, s.element);
  }
  bool may = authorise(&(Cx){ .arena = cx->arena }, &web->who, "component.set", s.product) == E_OK;
  fill_shows(cx, s.id, &counts, request_query(req, "show"), &page);
  TRY(fill_stats(cx, web, s.id, &known, request_query(req, "show"), &page));
  TRY(fill_rows(cx, web, &s, req, &known, may, &page));
  TRY(fill_elements(cx, web, s.id, &page));
  fill_files(cx, &page);
  Buf b = buf_new(cx->arena, PAGE_MAX);
  sbom_html(&b, &page);
  PageFrame frame = { .title = str_fmt(cx->arena, "SBOM %.*s", STR(s.id)), .here = "device", .device = product };
  return web_page(cx, web, req, &frame, (Html){ buf_str(&b) }, res);
}

Err post_component(Cx *cx, Web *web, const Request *req, Response *res) {
  static const char *const names[] = { "identity", "version", "field", "value" };
  SbomInfo s;
  Form form;
  TRY(sbom_of_request(cx, web, req, &s));
  TRY(web_form(cx, web, req, &form));
  Buf b = buf_new(cx->arena, 64 * 1024);
  JsonOut o = json_out(&b, false);
  json_object(&o);
  json_pair(&o, "product", s.product);
  for (size_t i = 0; i < COUNT(names); i++) json_pair(&o, names[i], form_get(&form, names[i]));
  json_pair(&o, "source", form_get(&form, "reason"));
  json_object_end(&o);
  Answer a = { 0 };
  TRY(web_ask(cx, web, req, S("component.set"), buf_str(&b), STR_NONE, form_get(&form, "reason"), &a));
  return web_redirect(cx, res, str_fmt(cx->arena, "/sbom/%.*s", STR(s.id)));
}
