/* SBOM pages: the files of a device, the components of one with what is known against them, upload, answers. */
#include "app/page/device.h"
#include "sbom.html.h"
#include "app/sbom/job.h"
#include "app/sbom/out.h"
#include "app/page/triage_page.h"
#include "sboms.html.h"

enum { VERDICTS_MAX = 5000, JOB_FROM_BYTES = 1 << 20 };

/* ---- the device's SBOMs -------------------------------------------------------------------------------- */

/* Distinct packages of an SBOM by the worst that is said against them. */
typedef struct Tally {
  int64_t affected, uncertain, unassessed;
} Tally;

static Err tally_of(Cx *cx, Web *web, Str sbom, Tally *out) {
  VerdictRows rows = { 0 };
  TRY(vuln_verdicts(cx, web->store, &(VerdictQuery){ .sbom = sbom, .limit = VERDICTS_MAX }, &rows));
  for (size_t i = 0; i < rows.n; i++) {
    out->affected += rows.p[i].outcome == OUTCOME_AFFECTED;
    out->uncertain += rows.p[i].outcome == OUTCOME_UNCERTAIN || rows.p[i].outcome == OUTCOME_AFFECTED_IF;
    out->unassessed += rows.p[i].outcome == OUTCOME_NOT_ASSESSABLE;
  }
  return E_OK;
}

static Err add_sbom(Cx *cx, Web *web, const SbomInfo *s, SbomsPage *page) {
  Tally t = { 0 };
  TRY(tally_of(cx, web, s->id, &t));
  Node rel = graph_find(web->graph, s->release);
  page->rows[page->rows_n++] = (SbomsRows){ .id = s->id,
                                            .name = s->name.n ? s->name : s->file,
                                            .file = s->file,
                                            .release = rel == NODE_NONE ? s->release : node_title(web->graph, rel),
                                            .current = s->current,
                                            .format = str_fmt(cx->arena, "%.*s %.*s", STR(s->format), STR(s->spec)),
                                            .components = number_text(cx, s->components),
                                            .affected = t.affected ? number_text(cx, t.affected) : STR_NONE,
                                            .uncertain = number_text(cx, t.uncertain),
                                            .unassessed = number_text(cx, t.unassessed),
                                            .imported = day_text(cx, s->imported_us) };
  return E_OK;
}

Err page_sboms(Cx *cx, Web *web, const Request *req, Response *res) {
  Node n;
  SbomList list = { 0 };
  TRY(web_product(cx, web, req->params[0], &n));
  Str id = node_id(web->graph, n);
  TRY(supply_sboms(cx, web->store, id, STR_NONE, false, &list));
  SbomsPage page = { .head = device_head(cx, web, n, "sbom", (Html){ STR_NONE }),
                     .id = id,
                     .csrf = csrf_token(cx, &web->who),
                     .may = authorise(&(Cx){ .arena = cx->arena }, &web->who, "sbom.import", id) == E_OK,
                     .rows = NEW_ARRAY(cx->arena, list.n, SbomsRows),
                     .say = str_fmt(cx->arena, "%zu files", list.n) };
  for (size_t i = 0; i < list.n; i++)
    if (list.p[i].imported_us <= cx->now_us) TRY(add_sbom(cx, web, &list.p[i], &page));
  Query *q;
  Nodes rel = { 0 };
  TRY(query_compile(cx, str_fmt(cx->arena, "type:release device:%.*s", STR(id)),
                    &(QueryScope){ .now_us = cx->now_us }, &q));
  TRY(query_run(cx, web->graph, q, &rel));
  page.releases = NEW_ARRAY(cx->arena, rel.n, SbomsReleases);
  for (size_t i = 0; i < rel.n; i++)
    page.releases[page.releases_n++] =
        (SbomsReleases){ node_id(web->graph, rel.p[i]), node_title(web->graph, rel.p[i]) };
  Buf b = buf_new(cx->arena, PAGE_MAX);
  sboms_html(&b, &page);
  PageFrame frame = { .title = str_fmt(cx->arena, "SBOMs of %.*s", STR(node_title(web->graph, n))),
                      .here = "device",
                      .device = n };
  return web_page(cx, web, req, &frame, (Html){ buf_str(&b) }, res);
}

/* ---- upload: the same way as on the command line ------------------------------------------------------- */

Err post_sbom(Cx *cx, Web *web, const Request *req, Response *res) {
  Node n;
  Form form;
  TRY(web_product(cx, web, req->params[0], &n));
  TRY(web_form(cx, web, req, &form));
  SbomImport what = { .product = str_dup(cx->arena, node_id(web->graph, n)),
                      .release = form_get(&form, "release"),
                      .element = form_get(&form, "element"),
                      .columns = form_get(&form, "columns") };
  Str bytes = form_get(&form, "file");
  for (size_t i = 0; i < form.n; i++)
    if (str_eq(form.field[i].name, S("file"))) what.file = form.field[i].file_name;
  TRY(authorise(cx, &web->who, "sbom.import", what.product));
  if (!bytes.n) return fail(cx, E_USAGE, "No file was chosen. Nothing was imported");
  Ask who = { .actor = web->who.id, .auth = S("session"), .source = S("web") };
  if (bytes.n >= JOB_FROM_BYTES) {      /* so long that this worker would keep others waiting */
    Str job;
    TRY(job_start(cx, web->folder, web->set, &(JobHeld){ web->store, web->writer }, bytes, &what, &who, &job));
    return web_redirect(cx, res, str_fmt(cx->arena, "/jobs/%.*s", STR(job)));
  }
  AppImport done = { 0 };
  store_unview(web->store); /* the judging must see what the writer stored */
  Err e = app_import_sbom(cx, web->writer, web->store, web->set, bytes, &what, &who, &done);
  TRY(store_view(cx, web->store));
  TRY(e);
  return web_redirect(cx, res, str_fmt(cx->arena, "/sbom/%.*s", STR(done.sbom)));
}

/* ---- one SBOM ------------------------------------------------------------------------------------------ */

static Str verdict_tone(Outcome o) {
  switch (o) {
  case OUTCOME_AFFECTED: return S("crit");
  case OUTCOME_AFFECTED_IF:
  case OUTCOME_UNCERTAIN: return S("med");
  case OUTCOME_NOT_ASSESSABLE: return S("high");
  case OUTCOME_NOT_AFFECTED: return S("ok");
  case OUTCOME_NOT_LISTED:
  case OUTCOME_COUNT: break;
  }
  return S("line");
}

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

static void add_verdicts(Cx *cx, Web *web, Str product, const VerdictRows *all, int64_t package, SbomRows *row) {
  size_t n = 0;
  for (size_t i = 0; i < all->n; i++) n += all->p[i].pkgver == package;
  row->verdicts = NEW_ARRAY(cx->arena, n, SbomRowsVerdicts);
  for (size_t i = 0; i < all->n; i++) {
    const VerdictRow *v = &all->p[i];
    if (v->pkgver != package) continue;
    Str finding = v->outcome <= OUTCOME_UNCERTAIN ? finding_of(cx, web, product, v->vuln) : STR_NONE;
    row->verdicts[row->verdicts_n++] =
        (SbomRowsVerdicts){ .tone = verdict_tone(v->outcome),
                            .outcome = outcome_words(v->outcome),
                            .vuln = v->vuln,
                            .kev = v->kev && v->outcome <= OUTCOME_UNCERTAIN,
                            .reason = v->reason,
                            .finding = finding,
                            .finding_url = finding.n ? web_record_url(cx, finding) : STR_NONE };
  }
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

static void fill_stats(Cx *cx, const VerdictRows *all, SbomPage *page) {
  static const Outcome order[] = { OUTCOME_AFFECTED, OUTCOME_AFFECTED_IF, OUTCOME_UNCERTAIN, OUTCOME_NOT_ASSESSABLE,
                                   OUTCOME_NOT_AFFECTED };
  page->stats = NEW_ARRAY(cx->arena, COUNT(order), SbomStats);
  for (size_t k = 0; k < COUNT(order); k++) {
    int64_t n = 0;
    for (size_t i = 0; i < all->n; i++) n += all->p[i].outcome == order[k];
    page->stats[page->stats_n++] =
        (SbomStats){ .label =
                         choice_words(cx->arena, str_replace(cx->arena, str_of(outcome_name(order[k])), '-', '_')),
                     .count = number_text(cx, n) };
  }
}

static Err fill_rows(Cx *cx, Web *web, const SbomInfo *s, const Request *req, const VerdictRows *all, bool may,
                     SbomPage *page) {
  ComponentRows rows = { 0 };
  ComponentFilter f = filter_of(cx, req);
  size_t limit = (size_t)web->set->number[SET_PAGE_ROWS];
  TRY(supply_components(cx, web->store, s->id, &f, request_query(req, "after"), limit, &rows));
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
                     .support_passed = date_parse(c->support_end, &end) && end < f.today };
    add_verdicts(cx, web, s->product, all, c->package.id, &row);
    page->rows[page->rows_n++] = row;
  }
  page->say = str_fmt(cx->arena, "%zu components shown", rows.n);
  if (rows.n == limit) {
    Buf b = buf_new(cx->arena, 4096);
    buf_fmt(&b, "/sbom/%.*s?show=", STR(s->id));
    url_text(&b, request_query(req, "show"));
    buf_z(&b, "&q=");
    url_text(&b, f.text);
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
  VerdictRows all = { 0 };
  TRY(sbom_of_request(cx, web, req, &s));
  TRY(supply_counts(cx, web->store, s.id, date_of(cx->now_us), &counts));
  TRY(vuln_verdicts(cx, web->store, &(VerdictQuery){ .sbom = s.id, .limit = VERDICTS_MAX }, &all));
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
  fill_stats(cx, &all, &page);
  TRY(fill_rows(cx, web, &s, req, &all, may, &page));
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
