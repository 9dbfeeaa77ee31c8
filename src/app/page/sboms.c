/* The SBOMs of a device: its files, upload. */
#include "app/page/device.h"
#include "app/page/sbom_page.h"
#include "app/sbom/job.h"
#include "sboms.html.h"

enum { JOB_FROM_BYTES = 1 << 20 };

/* ---- the device's SBOMs -------------------------------------------------------------------------------- */

static Err add_sbom(Cx *cx, Web *web, const SbomInfo *s, SbomsPage *page) {
  Known known;
  int64_t count[OUTCOME_COUNT] = { 0 };
  TRY(known_load(cx, web, s->id, &known));
  known_tally(&known, count);
  int64_t affected = count[OUTCOME_AFFECTED], uncertain = count[OUTCOME_UNCERTAIN] + count[OUTCOME_AFFECTED_IF];
  Node rel = graph_find(web->graph, s->release);
  page->rows[page->rows_n++] = (SbomsRows){ .id = s->id,
                                            .name = s->name.n ? s->name : s->file,
                                            .file = s->file,
                                            .release = rel == NODE_NONE ? s->release : node_title(web->graph, rel),
                                            .current = s->current,
                                            .format = str_fmt(cx->arena, "%.*s %.*s", STR(s->format), STR(s->spec)),
                                            .components = number_text(cx, s->components),
                                            .affected = affected ? number_text(cx, affected) : STR_NONE,
                                            .uncertain = number_text(cx, uncertain),
                                            .unassessed = number_text(cx, count[OUTCOME_NOT_ASSESSABLE]),
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
