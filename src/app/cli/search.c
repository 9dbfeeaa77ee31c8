/* search: words over all records and comments. */
#include "app/cli/cli.h"

static Err search_in(Cli *cli, Store *s, const Graph *g, Str text, int64_t until_us) {
  static const char *const columns[] = { "ID", "TYPE", "STATE", "TITLE" };
  Cx *cx = cli->cx;
  Query *q;
  Nodes nodes = { 0 };
  SearchWords words = { 0 };
  Comments said = { 0 };
  bool only;
  TRY(query_compile(cx, text, &(QueryScope){ .me = STR_NONE, .now_us = cx->now_us }, &q));
  TRY(query_run(cx, g, q, &nodes));
  query_words(cx, q, &words, &only);
  if (only) TRY(trace_comments_find(cx, s, &words, until_us, 1000, &said));
  CliTable t = cli_table(cli, columns, COUNT(columns));
  for (size_t i = 0; i < nodes.n + said.n; i++) {
    bool record = i < nodes.n;
    const Comment *c = record ? NULL : &said.p[i - nodes.n];
    Str id = record ? node_id(g, nodes.p[i]) : c->key,
        type = record ? str_of(node_type(g, nodes.p[i])->name) : S("comment"),
        state = record ? node_state(g, nodes.p[i]) : S(""), title = record ? node_title(g, nodes.p[i]) : c->text;
    cli_cell(&t, id);
    cli_cell(&t, type);
    cli_cell(&t, state);
    cli_cell(&t, title);
  }
  cli_table_end(cli, &t);
  return E_OK;
}

static Err search_run(Cli *cli) {
  Cx *cx = cli->cx;
  Store *s = NULL;
  Graph *g = NULL;
  int64_t size;
  Buf text = buf_new(cx->arena, 64 * 1024);
  for (size_t i = 0; i < cli->narg; i++) {
    if (i) buf_byte(&text, ' ');
    buf_add(&text, cli->arg[i]);
  }
  TRY(cli_store(cli, &s));
  TRY(app_asof(cx, s, cli_option(cli, "asof"), &size));
  TRY(size < 0 ? graph_open(cx, s, &g) : graph_open_at(cx, s, size, &g));
  Err e = search_in(cli, s, g, buf_str(&text), size < 0 ? INT64_MAX : cx->now_us);
  graph_close(g);
  return e;
}

static const CliOption search_options[] = { { "asof", "DATE", "as it stood at the end of that day, or at a time" } };

const CliCommand cli_search_commands[] = {
  { "search", "WORDS... [--asof DATE]", "records and comments that hold all the words",
    "  proofline search pairing '\"man in the middle\"'\n"
    "  proofline search gerat*           without letter case and accents; * where a word begins\n"
    "Every term of the query language may stand beside the words.",
    search_options, COUNT(search_options), 1, CLI_MAX_ARGS, search_run },
  { 0 },
};
