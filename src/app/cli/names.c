/* feed names: rules about the names that advisories use, and what could become one. */
#include "app/cli/cli.h"
#include <stdio.h>

enum { SHOWN = 200 };

/* ---- list ---------------------------------------------------------------------------------------------- */

static Str value_of(const Record *r, const char *field) {
  const Value *v = record_value(r, field);
  return v && v->set ? v->s : S("");
}

typedef struct RuleEnv { Cx *cx; Store *s; JsonOut *o; CliTable *t; } RuleEnv;

static Str means(Arena *a, const Record *r) {
  Str product = value_of(r, "product"), vendor = value_of(r, "vendor"), cpe = value_of(r, "cpe"),
      package = value_of(r, "is_package");
  Str words = product.n ? str_fmt(a, "%.*s%s%.*s", STR(vendor), vendor.n ? " " : "", STR(product)) : S("");
  const Str more[] = { cpe, package };
  for (size_t i = 0; i < COUNT(more); i++)
    if (more[i].n) words = str_fmt(a, "%.*s%s%.*s", STR(words), words.n ? ", " : "", STR(more[i]));
  return words;
}

static Err rule_row(const RuleEnv *e, const Record *r) {
  Str component = value_of(r, "component"), package = value_of(r, "package");
  if (!e->o) {
    cli_cell(e->t, r->id);
    cli_cell(e->t, r->in_force_rev ? str_fmt(e->cx->arena, "%.*s, in force", STR(r->state)) : r->state);
    cli_cell(e->t, package.n ? package : component);
    cli_cell(e->t, value_of(r, "says"));
    cli_cell(e->t, means(e->cx->arena, r));
    return E_OK;
  }
  json_object(e->o);
  json_pair(e->o, "id", r->id);
  json_pair(e->o, "state", r->state);
  json_pair_bool(e->o, "in_force", r->in_force_rev > 0);
  static const char *const names[] = { "says", "component", "package", "vendor", "product", "cpe", "is_package" };
  for (size_t i = 0; i < COUNT(names); i++) json_pair(e->o, names[i], value_of(r, names[i]));
  json_object_end(e->o);
  return E_OK;
}

static Err each_rule(Cli *cli, Store *s, const Graph *g, const RuleEnv *e) {
  Nodes nodes = { 0 };
  Query *q;
  TRY(query_compile(cli->cx, S("type:name_rule sort:id"), &(QueryScope){ .now_us = cli->cx->now_us }, &q));
  TRY(query_run(cli->cx, g, q, &nodes));
  for (size_t i = 0; i < nodes.n; i++) {
    Record r = { 0 };
    TRY(record_get(cli->cx, s, node_id(g, nodes.p[i]), 0, &r));
    TRY(rule_row(e, &r));
  }
  return E_OK;
}

static void proposals_json(const NameProposals *list, size_t total, JsonOut *o) {
  json_pair_int(o, "total", (int64_t)total);
  json_key(o, "proposals");
  json_array(o);
  for (size_t i = 0; i < list->n; i++) {
    const NameProposal *p = &list->p[i];
    json_object(o);
    json_pair(o, "component", p->component);
    json_pair(o, "sample", p->sample);
    json_pair_int(o, "packages", p->packages);
    json_pair(o, "vendor", p->vendor);
    json_pair(o, "product", p->product);
    json_pair(o, "how", str_of(p->how));
    json_pair_int(o, "advisories", p->advisories);
    json_pair(o, "seen_in", p->seen_in);
    json_pair(o, "rule", p->rule);
    json_pair(o, "state", p->state);
    json_object_end(o);
  }
  json_array_end(o);
}

static void proposals_table(Cli *cli, const NameProposals *list) {
  static const char *const columns[] = { "COMPONENT", "PACKAGES", "VENDOR", "PRODUCT", "HOW", "ADVISORIES", "SEEN IN",
                                         "RULE" };
  CliTable t = cli_table(cli, columns, COUNT(columns));
  for (size_t i = 0; i < list->n; i++) {
    const NameProposal *p = &list->p[i];
    cli_cell(&t, p->component);
    cli_cell_int(&t, p->packages);
    cli_cell_or_dash(&t, p->vendor);
    cli_cell(&t, p->product);
    cli_cell(&t, str_of(p->how));
    cli_cell_int(&t, p->advisories);
    cli_cell(&t, p->seen_in);
    cli_cell_or_dash(&t, p->rule.n ? str_fmt(cli->cx->arena, "%.*s (%.*s)", STR(p->rule), STR(p->state)) : STR_NONE);
  }
  cli_table_end(cli, &t);
}

static Err list_both(Cli *cli, Store *s, const Graph *g) {
  static const char *const columns[] = { "RULE", "STATE", "COMPONENT", "IS", "IN ADVISORIES" };
  NameProposals list = { 0 };
  size_t total = 0;
  Err e = app_name_proposals(cli->cx, s, g, SHOWN, &list, &total);
  bool none = e == E_NOTFOUND;
  if (none) cx_forgive(cli->cx);
  else TRY(e);
  if (none)
    cli_say(cli, "No advisories are in use, so no name can be compared with them. Rules can be proposed all the same. "
                 "Get advisories: proofline feed add --usual, proofline feed update\n");
  if (cli->out == OUT_JSON) {
    JsonOut *o = cli_json(cli);
    json_object(o);
    json_pair(o, "schema", S("proofline.feed-names/1"));
    json_pair_bool(o, "advisories", !none);
    json_key(o, "rules");
    json_array(o);
    TRY(each_rule(cli, s, g, &(RuleEnv){ cli->cx, s, o, NULL }));
    json_array_end(o);
    proposals_json(&list, total, o);
    json_object_end(o);
    cli_json_end(o);
    return E_OK;
  }
  CliTable t = cli_table(cli, columns, COUNT(columns));
  TRY(each_rule(cli, s, g, &(RuleEnv){ cli->cx, s, NULL, &t }));
  cli_table_end(cli, &t);
  if (none) return E_OK;
  (void)printf("\n");
  proposals_table(cli, &list);
  (void)fflush(stdout);
  cli_say(cli, "%zu names wait for a look%s\n", total, total > list.n ? "; the likeliest are shown" : "");
  return E_OK;
}

static Err list_run(Cli *cli) {
  Store *s = NULL;
  Graph *g = NULL;
  TRY(cli_store(cli, &s));
  TRY(graph_open(cli->cx, s, &g));
  Err e = list_both(cli, s, g);
  graph_close(g);
  return e;
}

/* ---- propose, accept, reject --------------------------------------------------------------------------- */

static Err step(Cli *cli, Str id, int64_t base, const char *name) {
  Answer answer = { 0 };
  Buf b = buf_new(cli->cx->arena, 4096);
  JsonOut o = json_out(&b, false);
  json_object(&o);
  json_pair(&o, "id", id);
  json_pair_int(&o, "base", base);
  json_pair(&o, "step", str_of(name));
  json_object_end(&o);
  return cli_ask(cli, "record.step", buf_str(&b), STR_NONE, cli_option(cli, "reason"), &answer);
}

static Str rule_args(Cli *cli) {
  static const struct { const char *option, *field; } options[] = {
    { "vendor", "vendor" }, { "product", "product" },   { "cpe", "cpe" },
    { "is", "is_package" }, { "basis", "basis" },
  };
  Str name = cli->arg[1], seen = cli_option(cli, "seen-in");
  bool differs = cli_has(cli, "different");
  Buf b = buf_new(cli->cx->arena, 64 << 10);
  JsonOut o = json_out(&b, false);
  json_object(&o);
  json_pair(&o, "type", S("name_rule"));
  json_key(&o, "input");
  json_object(&o);
  Str product = str_head(cli_option(cli, "product"), 100);
  json_pair(&o, "title", str_fmt(cli->cx->arena, "%.*s is %s%.*s in advisories", STR(str_head(name, 100)),
                                 differs ? "not " : "", STR(product.n ? product : S("named otherwise"))));
  json_pair(&o, "says", differs ? S("different") : S("same"));
  json_pair(&o, str_starts(name, S("pkg:")) ? "package" : "component", name);
  for (size_t i = 0; i < COUNT(options); i++) {
    Str value = cli_option(cli, options[i].option);
    if (value.n) json_pair(&o, options[i].field, value);
  }
  if (seen.n) {
    json_key(&o, "seen_in");
    json_array(&o);
    for (Str one; seen.n;) {
      str_cut(seen, ',', &one, &seen);
      json_put_str(&o, str_trim(one));
    }
    json_array_end(&o);
  }
  json_object_end(&o);
  json_object_end(&o);
  return buf_str(&b);
}

static Err propose_run(Cli *cli) {
  Answer answer = { 0 };
  JVal *result;
  TRY(cli_ask(cli, "record.new", rule_args(cli), STR_NONE, STR_NONE, &answer));
  TRY(json_read(cli->cx, answer.result_json, &JSON_BODY, &result));
  Str id = json_text(result, "id");
  TRY(step(cli, id, json_int(result, "rev", 1), "submit"));
  (void)printf("%.*s waits for somebody else's approval: proofline feed names accept %.*s\n", STR(id), STR(id));
  return E_OK;
}

static Err accept_run(Cli *cli) {
  cli->arg[0] = cli->arg[1];
  cli->arg[1] = S("approved");
  return cli_sign(cli);
}

static Err reject_run(Cli *cli) {
  Record r = { 0 };
  TRY(cli_writer(cli));
  TRY(record_get(cli->cx, writer_store(cli->writer), cli->arg[1], 0, &r));
  TRY(step(cli, r.id, r.rev, "send_back"));
  (void)printf("%.*s is a draft again; no rule follows from it.\n", STR(r.id));
  return E_OK;
}

static Err names_run(Cli *cli) {
  static const struct { const char *verb; size_t args; Err (*run)(Cli *cli); } verbs[] = {
    { "list", 1, list_run }, { "propose", 2, propose_run }, { "accept", 2, accept_run }, { "reject", 2, reject_run }
  };
  if (!cli->narg) return list_run(cli);
  for (size_t i = 0; i < COUNT(verbs); i++)
    if (str_eq(cli->arg[0], str_of(verbs[i].verb)) && cli->narg == verbs[i].args) return verbs[i].run(cli);
  return fail(cli->cx, E_USAGE, "Say: feed names [list | propose COMPONENT ... | accept RULE | reject RULE]");
}

static const CliOption names_options[] = {
  { "vendor", "NAME", "as advisories write it; none: any vendor" },
  { "product", "NAME", "as advisories write it" },
  { "cpe", "CPE", "the CPE under which advisories speak of it" },
  { "is", "PURL", "the package under which advisories speak of it" },
  { "different", NULL, "it is another product of that name" },
  { "seen-in", "ID,ID", "advisories that use the name" },
  { "basis", "TEXT", "how it was found out" },
  { "reason", "TEXT", "why; goes into the log" },
};
const CliCommand cli_name_commands[] = {
  { "feed names", "[list | propose COMPONENT | accept RULE | reject RULE]",
    "which names in advisories are which components", "  proofline feed names\n"
    "  proofline feed names propose \"infusor rtos\" --vendor Acme --product \"Infusor RTOS\" --basis \"data sheet\"\n"
    "  proofline --as lena feed names accept NMR-001\n"
    "One person proposes, another signs; the matcher follows approved rules only, and names them in what it says.\n",
    names_options, COUNT(names_options), 0, 2, names_run },
  { 0 },
};
