/* triage: what waits for a decision, deciding it. */
#include "app/triage.h"
#include "app/cli/cli.h"
#include <stdio.h>

static Err load(Cli *cli, Str query, Graph **g, Store **s, Triage *t) {
  TRY(cli_store(cli, s));
  TRY(graph_open(cli->cx, *s, g));
  return triage_load(cli->cx, *s, *g, query, STR_NONE, NULL, t);
}

/* ---- list ---------------------------------------------------------------------------------------------- */

static Str level_words(Arena *a, const TriageItem *item) {
  const Clinical *c = &item->clinical;
  if (item->need == NEED_NOTHING) return str_lower(a, choice_words(a, item->finding.p[0].status));
  return c->level.n ? str_fmt(a, "likely %.*s", STR(c->level)) : S("not assessed");
}

static void json_item(Cx *cx, JsonOut *o, const TriageItem *item, const Graph *g) {
  const Clinical *c = &item->clinical;
  (void)cx;
  json_object(o);
  json_pair(o, "vulnerability", item->vuln);
  json_pair(o, "package", item->package);
  json_pair(o, "need", str_of(need_words[item->need]));
  json_pair_bool(o, "kev", item->about.kev_added.n > 0);
  json_key(o, "epss");
  if (item->known && item->about.epss_x1e9 >= 0) json_put_scaled(o, item->about.epss_x1e9, 9);
  else json_put_null(o);
  json_key(o, "cvss");
  if (item->known && item->about.cvss_x10 >= 0) json_put_x10(o, item->about.cvss_x10);
  else json_put_null(o);
  json_pair(o, "vector", item->about.vector);
  json_pair(o, "severity_of_harm", c->path.severity);
  json_pair(o, "exploitability", c->exploitability);
  json_pair(o, "exploitability_why", c->exploitability_why);
  json_pair(o, "clinical_risk", c->level);
  json_pair(o, "ssvc_supplier", c->supplier.outcome);
  json_pair(o, "ssvc_deployer", c->deployer.outcome);
  json_pair_int(o, "units", item->units);
  json_key(o, "findings");
  json_array(o);
  for (size_t i = 0; i < item->finding.n; i++) {
    const TriageFinding *f = &item->finding.p[i];
    json_object(o);
    json_pair(o, "id", f->id);
    json_pair(o, "product", f->product == NODE_NONE ? STR_NONE : node_id(g, f->product));
    json_pair(o, "release", f->release == NODE_NONE ? STR_NONE : node_id(g, f->release));
    json_pair(o, "status", f->status);
    json_pair(o, "state", f->state);
    json_pair(o, "need", str_of(need_words[f->need]));
    json_pair(o, "decision", f->decision ? f->decision->id : STR_NONE);
    json_key(o, "triggers");
    json_array(o);
    for (size_t k = 0; k < f->triggers.n; k++) json_put_str(o, f->triggers.p[k].words);
    json_array_end(o);
    json_object_end(o);
  }
  json_array_end(o);
  json_object_end(o);
}

static void list_json(Cli *cli, const Triage *t, const Graph *g) {
  JsonOut *o = cli_json(cli);
  json_object(o);
  json_pair(o, "schema", S("proofline.triage/1"));
  json_pair_int(o, "findings", (int64_t)t->findings);
  json_pair_int(o, "open", (int64_t)t->open);
  json_key(o, "items");
  json_array(o);
  for (size_t i = 0; i < t->item.n; i++) json_item(cli->cx, o, &t->item.p[i], g);
  json_array_end(o);
  json_object_end(o);
  cli_json_end(o);
}

static void list_table(Cli *cli, const Triage *t) {
  static const char *const columns[] = { "NEED", "VULNERABILITY", "PACKAGE",  "KEV",     "EPSS",
                                         "CVSS", "SSVC",          "CLINICAL", "FINDINGS" };
  Arena *a = cli->cx->arena;
  CliTable table = cli_table(cli, columns, COUNT(columns));
  for (size_t i = 0; i < t->item.n; i++) {
    const TriageItem *item = &t->item.p[i];
    Buf ids = buf_new(a, 4096);
    if (item->need == NEED_NOTHING && !cli_has(cli, "all")) continue;
    for (size_t k = 0; k < item->finding.n; k++) buf_fmt(&ids, "%s%.*s", k ? " " : "", STR(item->finding.p[k].id));
    cli_cell(&table, str_of(need_words[item->need]));
    cli_cell(&table, item->vuln);
    cli_cell(&table, str_head(item->package, 60));
    cli_cell_bool(&table, item->about.kev_added.n > 0);
    cli_cell(&table, item->known ? cli_percent(a, item->about.epss_x1e9) : S("-"));
    cli_cell(&table, item->known ? cli_score(a, item->about.cvss_x10) : S("-"));
    cli_cell_or_dash(&table, item->clinical.supplier.outcome);
    cli_cell(&table, level_words(a, item));
    cli_cell(&table, buf_str(&ids));
  }
  cli_table_end(cli, &table);
  (void)fflush(stdout);
  cli_say(cli, "%zu findings, %zu open: %zu vulnerabilities to look at again, %zu to decide, %zu to sign\n",
          t->findings, t->open, t->count[NEED_REVIEW], t->count[NEED_DECISION], t->count[NEED_SIGNATURE]);
}

static Err list_run(Cli *cli) {
  Triage t = { 0 };
  Graph *g = NULL;
  Store *s = NULL;
  Buf q = buf_new(cli->cx->arena, 4096);
  for (size_t i = 0; i < cli->narg; i++) buf_fmt(&q, "%s%.*s", i ? " " : "", STR(cli->arg[i]));
  Err e = load(cli, buf_str(&q), &g, &s, &t);
  if (e == E_OK && cli->out == OUT_JSON) list_json(cli, &t, g);
  else if (e == E_OK) list_table(cli, &t);
  graph_close(g);
  return e;
}

/* ---- next, show ---------------------------------------------------------------------------------------- */

static void say_path(const Graph *g, const HarmPath *p) {
  const Node nodes[] = { p->element, p->threat, p->hazard, p->situation, p->harm };
  bool more = false;
  for (size_t i = 0; i < COUNT(nodes); i++) {
    if (nodes[i] == NODE_NONE) continue;
    (void)printf("%s%.*s %.*s", more ? " -> " : "  ", STR(node_id(g, nodes[i])), STR(node_title(g, nodes[i])));
    more = true;
  }
  (void)printf("%s\n", more ? "" : "  No threat links this element to a harm yet.");
}

static void say_ssvc(const char *who, const SsvcAnswer *a) {
  if (!a->outcome.n) return;
  (void)printf("SSVC %s: %.*s\n", who, STR(a->outcome));
  for (size_t i = 0; i < a->nused; i++)
    (void)printf("  %.*s: %.*s (%.*s)\n", STR(a->used[i].point), STR(a->used[i].value), STR(a->used[i].from));
}

static void say_finding(Cx *cx, const Graph *g, const TriageFinding *f) {
  (void)printf("  %.*s  %.*s  %s", STR(f->id),
               STR(f->release == NODE_NONE ? S("no release") : node_title(g, f->release)), need_words[f->need]);
  if (f->units) (void)printf(", %lld units in the field", (long long)f->units);
  (void)printf("\n    %.*s\n", STR(f->package));
  if (f->decision)
    (void)printf("    %.*s %s: %.*s, %.*s\n", STR(f->decision->id),
                 f->decision->in_force ? "in force" : "not signed yet",
                 STR(choice_words(cx->arena, f->decision->status)), STR(f->decision->why));
  for (size_t i = 0; i < f->triggers.n; i++) (void)printf("    look again: %.*s\n", STR(f->triggers.p[i].words));
}

static void say_item(Cli *cli, const Graph *g, const TriageItem *item) {
  Arena *a = cli->cx->arena;
  const Clinical *c = &item->clinical;
  (void)printf("%.*s in %.*s\n", STR(item->vuln), STR(item->package));
  if (item->known)
    (void)printf("CVSS %.*s %.*s, EPSS %.*s%s%.*s\n", STR(cli_score(a, item->about.cvss_x10)), STR(item->about.vector),
                 STR(cli_percent(a, item->about.epss_x1e9)), item->about.kev_added.n ? ", known exploited since " : "",
                 STR(item->about.kev_added));
  (void)printf("Likely clinical risk: %.*s (%.*s; %.*s)\n", STR(c->level.n ? c->level : S("not assessed")),
               STR(c->path.severity.n ? clinical_severity_words(c->path.severity) : S("no harm linked")),
               STR(c->exploitability_why));
  say_path(g, &c->path);
  say_ssvc("supplier", &c->supplier);
  say_ssvc("deployer", &c->deployer);
  (void)printf("Where it is\n");
  for (size_t i = 0; i < item->finding.n; i++) say_finding(cli->cx, g, &item->finding.p[i]);
}

static bool item_is(const TriageItem *item, Str id) {
  bool hit = str_eq_nocase(item->vuln, id);
  for (size_t i = 0; i < item->about.naliases && !hit; i++) hit = str_eq_nocase(item->about.aliases[i], id);
  for (size_t i = 0; i < item->finding.n && !hit; i++) hit = str_eq_nocase(item->finding.p[i].id, id);
  return hit;
}

static Err show_one(Cli *cli, Str id) {
  Triage t = { 0 };
  Graph *g = NULL;
  Store *s = NULL;
  Err e = load(cli, STR_NONE, &g, &s, &t);
  size_t i = 0;
  while (e == E_OK && i < t.item.n && id.n && !item_is(&t.item.p[i], id)) i++;
  bool none = e == E_OK && (i == t.item.n || (!id.n && t.item.p[i].need == NEED_NOTHING));
  if (none && id.n)
    e = fail(cli->cx, E_NOTFOUND, "No finding is about %.*s. See: proofline cve %.*s", STR(id), STR(id));
  else if (none) cli_say(cli, "Every finding is decided.\n");
  else if (e == E_OK && cli->out == OUT_JSON) {
    JsonOut *o = cli_json(cli);
    json_item(cli->cx, o, &t.item.p[i], g);
    cli_json_end(o);
  } else if (e == E_OK) say_item(cli, g, &t.item.p[i]);
  graph_close(g);
  return e;
}

static Err next_run(Cli *cli) { return show_one(cli, STR_NONE); }
static Err show_run(Cli *cli) { return show_one(cli, cli->arg[0]); }

/* ---- decide -------------------------------------------------------------------------------------------- */

static const CliOption decide_options[] = {
  { "status", "S", "affected, not_affected, under_investigation, fixed" },
  { "reason", "WHY", "shown in VEX and in the risk file" },
  { "justification", "J", "why it is not affected: component_not_present, vulnerable_code_not_present, ..." },
  { "cyclonedx", "J", "the same in the words of CycloneDX" },
  { "action", "TEXT", "what users do, where it is affected" },
  { "scope", "S", "this_release (default), product, all_products" },
  { "versions", "RANGE", "versions of the package as vers:, or * for any" },
  { "until", "DAY", "to be looked at again by" },
  { "evidence", "TEXT", "tests, configurations, reviews, separated by commas" },
  { "fixed-in", "RELEASE", "release that fixes it" },
  { "response", "WORDS", "of CycloneDX: update, will_not_fix, ..." },
  { "disposition", "D", "fix (default), mitigate, accept, defer" },
  { "target", "DAY", "of the fix" },
  { "reach", "R", "network, adjacent, local, physical" },
  { "login", "L", "none, user, service, administrator" },
  { "exploit", "E", "none_known, proof_of_concept, in_the_wild" },
  { "reachable", "R", "yes, no, unknown" },
  { "protection", "P", "nothing, partly, fully_blocked" },
  { "dry-run", NULL, "say what would be decided" },
};

/* Option and argument of the command, where they differ. */
static const char *argument_of(const char *option) {
  static const char *const names[][2] = { { "versions", "package_versions" },
                                          { "until", "valid_until" },
                                          { "fixed-in", "fixed_in" } };
  for (size_t i = 0; i < COUNT(names); i++)
    if (str_eq(str_of(option), str_of(names[i][0]))) return names[i][1];
  return option;
}

/* An id of a vulnerability stands for its findings that wait for a decision. */
static Err ids_of(Cli *cli, Store *s, const Graph *g, Str *ids, size_t most, size_t *n) {
  Triage t = { 0 };
  TRY(triage_load(cli->cx, s, g, STR_NONE, STR_NONE, NULL, &t));
  for (size_t i = 0; i < cli->narg; i++) {
    size_t before = *n;
    Node node = graph_find(g, cli->arg[i]);
    if (node != NODE_NONE && *n < most) ids[(*n)++] = node_id(g, node);
    for (size_t k = 0; node == NODE_NONE && k < t.item.n; k++)
      for (size_t j = 0; item_is(&t.item.p[k], cli->arg[i]) && j < t.item.p[k].finding.n && *n < most; j++)
        if (t.item.p[k].finding.p[j].need != NEED_NOTHING) ids[(*n)++] = t.item.p[k].finding.p[j].id;
    if (*n == before)
      return fail(cli->cx, E_NOTFOUND,
                  "%.*s is no finding and none that waits for a decision is about it. Nothing was decided",
                  STR(cli->arg[i]));
  }
  return E_OK;
}

static Err decide_with(Cli *cli, Store *s, const Graph *g) {
  Str ids[256], args;
  size_t n = 0;
  Pair field[COUNT(decide_options)];
  DecideWhat what = { .finding = ids, .field = field };
  Answer answer = { 0 };
  TRY(ids_of(cli, s, g, ids, COUNT(ids), &n));
  what.nfindings = n;
  for (size_t i = 0; i < COUNT(decide_options); i++) {
    Str v = cli_option(cli, decide_options[i].name);
    if (v.p && decide_options[i].value)
      field[what.nfields++] = (Pair){ str_of(argument_of(decide_options[i].name)), v };
  }
  TRY(decide_args(cli->cx, s, g, &what, &args));
  if (cli_has(cli, "dry-run")) {
    for (size_t i = 0; i < n; i++) (void)printf("would decide %.*s\n", STR(ids[i]));
    return E_OK;
  }
  TRY(cli_ask(cli, "finding.decide", args, STR_NONE, cli_option(cli, "reason"), &answer));
  cli_json_text(answer.result_json);
  cli_say(
      cli,
      "You sign the statements, then a second person does: proofline sign VEX-...[,VEX-...]\n");
  return E_OK;
}

static Err decide_run(Cli *cli) {
  Graph *g = NULL;
  if (!cli_option(cli, "status").p)
    return fail(cli->cx, E_USAGE, "Say what is true: --status affected, not_affected, under_investigation or fixed");
  TRY(cli_writer(cli));
  Store *s = writer_store(cli->writer);
  TRY(graph_open(cli->cx, s, &g));
  Err e = decide_with(cli, s, g);
  graph_close(g);
  return e;
}

static Err settle_run(Cli *cli) {
  int64_t moved = 0;
  TRY(cli_writer(cli));
  Ask who = { .actor = cli->who.id, .auth = S("local"), .source = S("cli") };
  TRY(decide_settle(cli->cx, cli->writer, writer_store(cli->writer), &who, &moved));
  (void)printf("%lld steps taken by signed decisions\n", (long long)moved);
  return E_OK;
}

static const CliOption list_options[] = { { "all", NULL, "also what is decided" } };

const CliCommand cli_triage_commands[] = {
  { "triage list", "[QUERY]", "findings by what they need, the likely worst first",
    "  proofline triage list device:sorrel-p1\n  proofline triage list known_exploited:yes -o json", list_options,
    COUNT(list_options), 0, CLI_MAX_ARGS, list_run },
  { "triage next", "", "the finding to decide next, with all that is known of it", NULL, NULL, 0, 0, 0, next_run },
  { "triage show", "ID", "a finding or vulnerability with all that is known of it", NULL, NULL, 0, 1, 1, show_run },
  { "triage decide", "ID... --status S --reason WHY", "decide findings, or all that wait of a vulnerability",
    "  proofline triage decide FND-0012 --status not_affected --justification vulnerable_code_not_present \\\n"
    "    --reason 'The awk applet is not built' --scope product --until 2027-05-01\n"
    "  A statement is made that a second person signs; then the findings move on.",
    decide_options, COUNT(decide_options), 1, CLI_MAX_ARGS, decide_run },
  { "triage settle", "", "let signed decisions move their findings on, and cover new ones", NULL, NULL, 0, 0, 0,
    settle_run },
  { 0 },
};
