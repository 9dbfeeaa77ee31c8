/* The page of an import that runs in the background: it asks again every two seconds, with or without a script. */
#include "app/page/web.h"
#include "app/sbom/job.h"
#include "job.html.h"

static const char *const phases[] = {
  [IMPORT_READS] = "Reading the file", [IMPORT_STORES] = "Storing components", [IMPORT_JUDGES] = "Judging components"
};
static const char *const states[] = {
  [JOB_RUNS] = "Running", [JOB_DONE] = "Imported", [JOB_FAILED] = "Not imported", [JOB_CUT] = "Interrupted"
};

static Str words_of(const ImportJob *j) {
  if (j->state == JOB_FAILED) return j->words;
  return j->phase == IMPORT_JUDGES
             ? S("The SBOM was stored; judging it was interrupted. It is judged with the next advisories, or upload "
                 "it again.")
             : S("The import was interrupted before it was stored. Nothing was imported. Upload the file again.");
}

/* Somebody else's, or of a product that one may not see, answers like one that is not there. */
Err page_job(Cx *cx, Web *web, const Request *req, Response *res) {
  ImportJob j;
  Err e = job_get(cx, web->folder, req->params[0], &j);
  if (e == E_NOTFOUND || (e == E_OK && !web_may_see(web, j.product))) {
    cx_forgive(cx);
    return fail(cx, E_NOTFOUND, "There is no import %.*s.", STR(str_head(req->params[0], 40)));
  }
  TRY(e);
  Node n = graph_find(web->graph, j.product);
  JobPage page = { .id = j.id,
                   .product = j.product,
                   .device = n == NODE_NONE ? j.product : node_title(web->graph, n),
                   .file = j.file.n ? j.file : S("an SBOM"),
                   .state = str_of(states[j.state]),
                   .running = j.state == JOB_RUNS,
                   .done = j.state == JOB_DONE,
                   .failed = j.state == JOB_FAILED || j.state == JOB_CUT,
                   .phase = str_of(phases[j.phase]),
                   .percent = number_text(cx, j.percent),
                   .age = age_text(cx->arena, clock_now_us() - j.started_us),
                   .components = number_text(cx, j.components),
                   .findings = number_text(cx, j.findings),
                   .sbom = j.sbom,
                   .words = words_of(&j) };
  Buf b = buf_new(cx->arena, PAGE_MAX);
  job_html(&b, &page);
  PageFrame frame = { .title = S("Import"), .here = "device", .device = n, .refresh_s = page.running ? 2 : 0 };
  res->status = page.running ? 202 : 0;
  return web_page(cx, web, req, &frame, (Html){ buf_str(&b) }, res);
}
