/* The sample company, made from nothing in about a second. */
#include "app/demo/demo.h"

/* ---- the whole ----------------------------------------------------------------------------------------- */

static Err fill(Demo *d, DemoCounts *out) {
  Cx *cx = d->cx;
  Who admin, lead;
  Judged judged;
  TRY(people_who_login(cx, writer_store(d->writer), S("sample"), &admin));
  TRY(demo_people(d, admin.id, &out->people));
  TRY(demo_duties(d, admin.id));
  TRY(demo_records(d));
  out->records = (int64_t)d->rows.n;
  TRY(demo_play(d));
  TRY(people_who_login(cx, writer_store(d->writer), S("ines"), &lead));
  Ask who = { .actor = lead.id, .auth = S("demo"), .source = S("demo") };
  TRY(demo_sboms(d, &who, out));
  TRY(demo_advisories(d, &who));
  TRY(app_match(cx, d->writer, writer_store(d->writer), STR_NONE, &who, &judged));
  out->findings = judged.findings;
  TRY(demo_decide(d));
  Graph *g = NULL;
  CheckRun run;
  TRY(graph_open(cx, writer_store(d->writer), &g));
  Err e = app_check(cx, d->writer, writer_store(d->writer), g, S("sorrel-p1"), STR_NONE, &who, &run);
  graph_close(g);
  if (e == E_OK) out->gaps = (int64_t)run.gaps.n;
  return e;
}

Err demo_create(Cx *cx, const char *folder, const Settings *set, DemoCounts *out) {
  AppInit init = { .company = S("Halden Medical Devices"), .login = S("sample"), .name = S("Sample administrator") };
  int64_t first_us = cx->now_us - 302 * US_PER_DAY;
  app_script_times(&first_us, 1);
  Err made = app_init(cx, folder, &init);
  app_script_times(NULL, 0);
  TRY(made);
  TRY(file_write(cx, str_fmt(cx->arena, "%s/demo", folder).p,
                 S("A sample company. Every person's password is demo.\n"), 0600));
  TRY(file_write(cx, str_fmt(cx->arena, "%s/proofline.toml", folder).p,
                 S("# The sample company.\ncompany = \"Halden Medical Devices\"\n"
                   "publisher_namespace = \"https://halden.example\"\ncli_user = \"ines\"\n"
                   "# Everybody in the sample signs with the password alone; a store of your own asks for a code too.\n"
                   "second_factor_required = no\n"), 0600));
  AppWriter app = { .folder = folder };
  WriterHooks hooks = app_writer_hooks(&app);
  Demo d = { .cx = cx,
             .folder = folder,
             .set = set,
             .today_us = cx->now_us,
             .person = map_new(cx->arena, 32),
             .row_of = map_new(cx->arena, 2048) };
  TRY(writer_connect(cx, folder, set, &hooks, &d.writer));
  Err e = fill(&d, out);
  if (e == E_OK) e = app_finish(cx, writer_store(d.writer), &app);
  writer_close(d.writer);
  return e;
}

Err demo_count(Cx *cx, const char *folder, DemoCounts *out) {
  Store *s = NULL;
  Graph *g = NULL;
  SbomList sboms = { 0 };
  TRY(store_open(cx, folder, STORE_READ, &s));
  Err e = graph_open(cx, s, &g);
  if (e == E_OK) {
    out->records = (int64_t)graph_count(g);
    graph_close(g);
  }
  if (e == E_OK) e = supply_sboms(cx, s, STR_NONE, STR_NONE, true, &sboms);
  for (size_t i = 0; i < sboms.n; i++) {
    out->sboms++;
    out->components += sboms.p[i].components;
  }
  store_close(s);
  return e;
}
