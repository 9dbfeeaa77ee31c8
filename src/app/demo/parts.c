/* What the sample is made of: its SBOMs, the advisories shipped with it, and what was decided. */
#include "app/demo/demo.h"
#include <unistd.h>

/* ---- components and advisories ------------------------------------------------------------------------- */

/* The snapshot builder reads files; the sample's lie in the program. */
static Err write_advisories(Demo *d, const char *folder) {
  Cx *cx = d->cx;
  TRY(folder_make(cx, folder, 0700));
  for (size_t i = 0; i < data_nfiles; i++) {
    Str name = str_of(data_files[i].name);
    bool advisory = str_starts(name, S("sorrel/advisories/")) || str_eq(name, S("sorrel/kev.json")) ||
                    str_eq(name, S("sorrel/epss.csv"));
    if (!advisory) continue;
    Str leaf = str_slice(name, str_rfind_char(name, '/') + 1, name.n);
    TRY(file_write(cx, str_fmt(cx->arena, "%s/%.*s", folder, STR(leaf)).p, data_text(&data_files[i]), 0600));
  }
  return E_OK;
}

static void remove_advisories(Demo *d, const char *folder) {
  for (size_t i = 0; i < data_nfiles; i++) {
    Str name = str_of(data_files[i].name), leaf = str_slice(name, str_rfind_char(name, '/') + 1, name.n);
    if (str_starts(name, S("sorrel/"))) (void)unlink(str_fmt(d->cx->arena, "%s/%.*s", folder, STR(leaf)).p);
  }
  (void)rmdir(folder);
}

Err demo_advisories(Demo *d, const Ask *who) {
  Cx *cx = d->cx;
  const char *from = str_fmt(cx->arena, "%s/sample-advisories", d->folder).p,
             *to = str_fmt(cx->arena, "%s/sample.snap", d->folder).p;
  FeedBuild build = { 0 };
  TRY(write_advisories(d, from));
  Err e = feed_build(cx, &from, 1, to, &build);
  if (e == E_OK) e = app_activate_feed(cx, d->writer, to, who);
  remove_advisories(d, from);
  (void)unlink(to);
  return e;
}

static Err import_one(Demo *d, Str file, const SbomImport *what, const Ask *who, int64_t *components) {
  Cx *cx = d->cx;
  const DataFile *f = data_find(str_fmt(cx->arena, "sorrel/%.*s", STR(file)));
  if (!f) return fail(cx, E_BUG, "the sample has no file %.*s", STR(file));
  AppImport done = { 0 };
  TRY(app_import_sbom(cx, d->writer, writer_store(d->writer), d->set, data_text(f), what, who, &done));
  *components += done.components;
  return E_OK;
}

Err demo_sboms(Demo *d, const Ask *who, DemoCounts *out) {
  Str *head;
  size_t nhead, n;
  CsvRow *rows;
  TRY(demo_table(d, "sboms.csv", &head, &nhead, &rows, &n));
  for (size_t i = 0; i < n; i++) {
    Str file = demo_cell(head, nhead, &rows[i], "file");
    SbomImport what = { .product = demo_cell(head, nhead, &rows[i], "product"),
                        .release = demo_cell(head, nhead, &rows[i], "release"),
                        .name = demo_cell(head, nhead, &rows[i], "name"),
                        .element = demo_cell(head, nhead, &rows[i], "element"),
                        .file = file };
    TRY(import_one(d, file, &what, who, &out->components));
    out->sboms++;
  }
  return E_OK;
}

/* ---- decisions ----------------------------------------------------------------------------------------- */

typedef struct Decision {
  Str product, release, element, vulnerability, package, status, justification, impact, action, evidence, by,
      valid_until, safety_assessment, controlled;
} Decision;

static Err finding_for(Demo *d, const Graph *g, const Decision *x, Node *out) {
  Cx *cx = d->cx;
  Query *q;
  Nodes found = { 0 };
  Str text =
      str_fmt(cx->arena, "type:finding vulnerability:%.*s in(id:%.*s)", STR(x->vulnerability), STR(x->release));
  TRY(query_compile(cx, text, &(QueryScope){ .now_us = cx->now_us }, &q));
  TRY(query_run(cx, g, q, &found));
  *out = found.n ? found.p[0] : NODE_NONE;
  return E_OK;
}

static void put_one(JsonOut *o, const char *key, Str value) {
  json_key(o, key);
  json_array(o);
  json_put_str(o, value);
  json_array_end(o);
}

static Str vex_args(Demo *d, const Decision *x, Str id, Str finding) {
  Buf b = buf_new(d->cx->arena, 64 * 1024);
  JsonOut o = json_out(&b, false);
  json_object(&o);
  json_pair(&o, "type", S("vex_statement"));
  json_pair(&o, "id", id);
  json_key(&o, "input");
  json_object(&o);
  json_pair(&o, "title",
            str_fmt(d->cx->arena, "%.*s: %.*s", STR(x->vulnerability), STR(choice_words(d->cx->arena, x->status))));
  put_one(&o, "products", x->product);
  json_pair(&o, "vulnerability", x->vulnerability);
  json_pair(&o, "package", x->package);
  json_pair(&o, "status", x->status);
  if (x->justification.n) json_pair(&o, "justification", x->justification);
  if (x->impact.n) json_pair(&o, "impact", x->impact);
  if (x->action.n) json_pair(&o, "action", x->action);
  if (x->evidence.n) put_one(&o, "evidence", x->evidence);
  if (x->valid_until.n) json_pair(&o, "valid_until", demo_date(d, x->valid_until));
  put_one(&o, "about", finding);
  put_one(&o, "in", x->release);
  if (x->element.n) put_one(&o, "on", x->element);
  json_object_end(&o);
  json_object_end(&o);
  return buf_str(&b);
}

static Str save_args(Demo *d, const Decision *x, Str finding) {
  Buf b = buf_new(d->cx->arena, 16 * 1024);
  JsonOut o = json_out(&b, false);
  json_object(&o);
  json_pair(&o, "id", finding);
  json_pair_int(&o, "base", 1);
  json_key(&o, "input");
  json_object(&o);
  json_pair(&o, "status", x->status);
  if (!str_eq(x->status, S("not_affected"))) json_pair(&o, "disposition", S("fix"));
  json_pair(&o, "security_assessment", x->impact.n ? x->impact : x->action);
  if (x->safety_assessment.n) json_pair(&o, "safety_assessment", x->safety_assessment);
  if (x->controlled.n) json_pair(&o, "controlled", x->controlled);
  json_object_end(&o);
  json_object_end(&o);
  return buf_str(&b);
}

/* How a finding and its statement move on, by what was decided.  "/" before a step: another person takes it. */
typedef struct Way {
  const char *status;
  const char *finding[6], *vex[3];
} Way;
static const Way ways[] = {
  { "affected", { "start_triage", "investigate", "act" }, { "state_affected", "/state_affected" } },
  { "not_affected", { "start_triage", "reject" }, { "state_not_affected", "/state_not_affected" } },
  { "fixed", { "start_triage", "investigate", "act", "verify", "/close" }, { "state_fixed", "/state_fixed" } },
};

static void walk(Demo *d, const char *const *steps, size_t most, Str id, Str by, Str other, Str reason,
                 int64_t t_us) {
  for (size_t i = 0; i < most && steps[i]; i++) {
    bool second = steps[i][0] == '/';
    demo_act(d, (Act){ .t_us = t_us,
                       .who = second ? other : by,
                       .command = "record.step",
                       .id = id,
                       .step = str_of(steps[i] + second),
                       .reason = reason });
  }
}

static Err decide(Demo *d, const Decision *x, Str vex, Str finding, int64_t t_us) {
  Str by, other, reason = x->impact.n ? x->impact : x->action;
  const Way *way = ways;
  while (way < ways + COUNT(ways) && !str_eq(x->status, str_of(way->status))) way++;
  if (way == ways + COUNT(ways)) return fail(d->cx, E_BUG, "decisions.csv: there is no status %.*s", STR(x->status));
  TRY(demo_person(d, x->by, &by));
  TRY(demo_person(d, S("tomas"), &other));
  demo_act(d, (Act){ .t_us = t_us,
                     .who = by,
                     .command = "record.save",
                     .id = finding,
                     .args = save_args(d, x, finding),
                     .revises = true });
  walk(d, way->finding, COUNT(way->finding), finding, by, other, reason, t_us);
  demo_act(d,
           (Act){
               .t_us = t_us, .who = by, .command = "record.new", .id = vex, .args = vex_args(d, x, vex, finding) });
  walk(d, way->vex, COUNT(way->vex), vex, by, other, reason, t_us);
  return E_OK;
}

Err demo_decide(Demo *d) {
  Cx *cx = d->cx;
  Str *head;
  size_t nhead, n;
  CsvRow *rows;
  Graph *g = NULL;
  Map done = map_new(cx->arena, 64);
  TRY(demo_table(d, "decisions.csv", &head, &nhead, &rows, &n));
  TRY(graph_open(cx, writer_store(d->writer), &g));
  Err e = E_OK;
  for (size_t i = 0; i < n && e == E_OK; i++) {
#define CELL(name) .name = demo_cell(head, nhead, &rows[i], #name)
    Decision x = { CELL(product),           CELL(release),   CELL(element),
                   CELL(vulnerability),     CELL(package),   CELL(status),
                   CELL(justification),     CELL(impact),    CELL(action),
                   CELL(evidence),          CELL(by),        CELL(valid_until),
                   CELL(safety_assessment), CELL(controlled) };
#undef CELL
    Node finding;
    e = finding_for(d, g, &x, &finding);
    if (e != E_OK || finding == NODE_NONE || map_get(&done, node_id(g, finding)) != MAP_NONE) continue;
    Str id = str_dup(cx->arena, node_id(g, finding));
    map_put(&done, id, 1);
    e = decide(d, &x, str_fmt(cx->arena, "VEX-%04zu", i + 1), id, d->today_us - (int64_t)(n - i) * 60 * US_PER_S);
  }
  graph_close(g);
  TRY(e);
  return demo_play(d);
}
