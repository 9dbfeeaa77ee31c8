/* list, show, history, new, set, state, link: records, one at a time or by query. */
#include "app/cli/cli.h"
#include "app/table/table.h"
#include <stdio.h>

static Err open_graph(Cli *cli, Store **s, Graph **g) {
  int64_t size;
  TRY(cli_store(cli, s));
  TRY(app_asof(cli->cx, *s, cli_option(cli, "asof"), &size));
  return size < 0 ? graph_open(cli->cx, *s, g) : graph_open_at(cli->cx, *s, size, g);
}

/* ---- list ---------------------------------------------------------------------------------------------- */

static void list_json(Cli *cli, const Graph *g, const Nodes *nodes) {
  JsonOut *o = cli_json(cli);
  json_array(o);
  for (size_t i = 0; i < nodes->n; i++) {
    Node n = nodes->p[i];
    json_object(o);
    json_pair(o, "id", node_id(g, n));
    json_pair(o, "type", str_of(node_type(g, n)->name));
    json_pair_int(o, "revision", node_rev(g, n));
    json_pair(o, "state", node_state(g, n));
    json_pair(o, "title", node_title(g, n));
    json_pair(o, "owner", node_owner(g, n));
    json_pair(o, "hash", node_hash_hex(g, n));
    json_object_end(o);
  }
  json_array_end(o);
  cli_json_end(o);
}

static void list_table(Cli *cli, Store *s, const Graph *g, const Nodes *nodes) {
  static const char *const columns[] = { "ID", "TYPE", "STATE", "REV", "OWNER", "TITLE" };
  CliTable t = cli_table(cli, columns, COUNT(columns));
  for (size_t i = 0; i < nodes->n; i++) {
    Node n = nodes->p[i];
    cli_cell(&t, node_id(g, n));
    cli_cell(&t, str_of(node_type(g, n)->name));
    cli_cell(&t, node_state(g, n));
    cli_cell_int(&t, node_rev(g, n));
    cli_cell(&t, people_name(cli->cx, s, node_owner(g, n)));
    cli_cell(&t, node_title(g, n));
  }
  cli_table_end(cli, &t);
}

/* `list threat state:open` and `list state:open type:threat` are the same question. */
static Err list_query(Cli *cli, const Graph *g, Nodes *out) {
  Cx *cx = cli->cx;
  Buf text = buf_new(cx->arena, 64 * 1024);
  QueryScope scope = { .me = cli->has_who ? cli->who.id : STR_NONE, .now_us = cx->now_us };
  for (size_t i = 0; i < cli->narg; i++) {
    if (i == 0 && str_find_char(cli->arg[0], ':') == SIZE_MAX && !str_eq(cli->arg[0], S("all"))) {
      TRY(record_type_need(cx, cli->arg[0], &scope.type));
      continue;
    }
    if (i == 0 && str_eq(cli->arg[0], S("all"))) continue;
    if (text.n) buf_byte(&text, ' ');
    buf_add(&text, cli->arg[i]);
  }
  Query *q;
  TRY(query_compile(cx, buf_str(&text), &scope, &q));
  return query_run(cx, g, q, out);
}

/* The columns of the type, when the first word names one; else what all types have. */
static Err list_file(Cli *cli, Store *s, const Graph *g, const Nodes *nodes) {
  Cx *cx = cli->cx;
  Str *ids = NEW_ARRAY(cx->arena, nodes->n + 1, Str), bytes;
  for (size_t i = 0; i < nodes->n; i++) ids[i] = node_id(g, nodes->p[i]);
  TableAsk ask = { record_type(cli->arg[0]), ids, nodes->n, -1, cli->out == OUT_XLSX };
  if (cli_has(cli, "asof")) ask.size = graph_log_size(g);
  TRY(table_export(cx, s, &ask, &bytes));
  return cli_put_file(cli, bytes);
}

static Err list_run(Cli *cli) {
  Store *s = NULL;
  Graph *g = NULL;
  Nodes nodes = { 0 };
  TRY(open_graph(cli, &s, &g));
  Err e = list_query(cli, g, &nodes);
  if (e == E_OK && cli->out == OUT_JSON) list_json(cli, g, &nodes);
  else if (e == E_OK && cli->out != OUT_TABLE) e = list_file(cli, s, g, &nodes);
  else if (e == E_OK) list_table(cli, s, g, &nodes);
  graph_close(g);
  return e;
}

static const CliOption list_options[] = { { "asof", "DATE", "as they stood at the end of that day, or at a time" } };

/* ---- show ---------------------------------------------------------------------------------------------- */

static void show_text(Cli *cli, Store *s, const Record *r) {
  Cx *cx = cli->cx;
  (void)printf("%.*s  %.*s\n%s, revision %lld, %.*s, owner %.*s\nhash %.*s\n", STR(r->id), STR(r->title),
               r->type->title, (long long)r->rev, STR(r->state), STR(people_name(cx, s, r->owner)),
               STR(hash_hex(cx->arena, r->hash)));
  for (size_t i = 0; i < r->type->nfields; i++) {
    Str text = value_text(cx, &r->type->fields[i], &r->values[i]);
    if (text.n) (void)printf("\n%s\n  %.*s\n", r->type->fields[i].label, STR(text));
  }
}

/* 21 CFR 11.50: name, time and meaning, in every form that people read. */
static void show_signatures(Cli *cli, const Record *r, const Signatures *all) {
  Cx *cx = cli->cx;
  for (size_t i = 0; i < all->n; i++) {
    const Signature *g = &all->p[i];
    (void)printf("\nSigned (%.*s) by %.*s, %.*s UTC\n  %.*s. %.*s; %.*s\n", STR(g->kind), STR(g->name),
                 STR(time_minute(cx->arena, g->signed_us)), STR(g->meaning), STR(signature_method(g)),
                 STR(signature_covers(cx, g, r->rev)));
  }
}

static Err show_run(Cli *cli) {
  Cx *cx = cli->cx;
  Store *s = NULL;
  Record r = { 0 };
  int64_t rev = 0;
  Str asked = cli_option(cli, "rev");
  if (asked.p && (!str_int(asked, &rev) || rev < 1))
    return fail(cx, E_USAGE, "--rev wants a revision number from 1 up");
  int64_t size;
  TRY(cli_store(cli, &s));
  TRY(app_asof(cx, s, cli_option(cli, "asof"), &size));
  if (size >= 0) TRY(record_get_at(cx, s, cli->arg[0], size, &r));
  else TRY(record_get(cx, s, cli->arg[0], rev, &r));
  Signatures signatures = { 0 };
  TRY(record_signatures(cx, s, r.id, &signatures));
  while (size >= 0 && signatures.n && signatures.p[signatures.n - 1].seq >= size) signatures.n--;
  if (cli->out != OUT_JSON) {
    show_text(cli, s, &r);
    show_signatures(cli, &r, &signatures);
    return E_OK;
  }
  JsonOut *o = cli_json(cli);
  record_json(cx, o, &r, &signatures);
  cli_json_end(o);
  return E_OK;
}

static const CliOption show_options[] = { { "rev", "N", "an earlier revision" },
                                          { "asof", "DATE", "as it stood at the end of that day, or at a time" } };

/* ---- history ------------------------------------------------------------------------------------------- */

/* What one entry did to the record, in words. */
static Str did(Cx *cx, const LogRow *r) {
  if (r->to.n) return str_fmt(cx->arena, "%.*s to %.*s", STR(r->act), STR(r->to));
  return r->act;
}

static Err history_run(Cli *cli) {
  Cx *cx = cli->cx;
  Store *s = NULL;
  Record r = { 0 };
  LogRows rows = { 0 };
  int64_t size;
  TRY(cli_store(cli, &s));
  TRY(app_asof(cx, s, cli_option(cli, "asof"), &size));
  TRY(record_get(cx, s, cli->arg[0], 0, &r));
  if (size != 0) TRY(ledger_entries(cx, s, r.id, size < 0 ? INT64_MAX : size - 1, 0, SIZE_MAX, &rows));
  static const char *const columns[] = { "SEQ", "TIME", "WHO", "DID", "REVISION", "HASH", "REASON" };
  CliTable t = cli_table(cli, columns, COUNT(columns));
  JsonOut *o = cli_json(cli);
  json_array(o);
  for (size_t i = 0; i < rows.n; i++) {
    const LogRow *l = &rows.p[i];
    Str id, rev;
    (void)str_cut(l->obj, '@', &id, &rev);
    cli_cell_int(&t, l->seq);
    cli_cell(&t, time_minute(cx->arena, l->t_us));
    cli_cell(&t, people_name(cx, s, l->actor));
    cli_cell(&t, did(cx, l));
    cli_cell(&t, rev);
    cli_cell(&t, str_slice(l->new_hex, 0, 12));
    cli_cell(&t, l->reason);
    json_object(o);
    json_pair(o, "id", r.id);
    json_pair(o, "type", str_of(r.type->name));
    int64_t number = 0;
    (void)str_int(rev, &number);
    json_pair_int(o, "revision", number);
    json_pair(o, "state", l->to);
    json_pair(o, "hash", l->new_hex);
    json_pair_int(o, "seq", l->seq);
    json_pair(o, "time", time_text(cx->arena, l->t_us));
    json_pair(o, "act", l->act);
    json_pair(o, "actor", l->actor);
    json_pair(o, "reason", l->reason);
    json_object_end(o);
  }
  json_array_end(o);
  if (cli->out == OUT_JSON) cli_json_end(o);
  else cli_table_end(cli, &t);
  return E_OK;
}

const CliCommand cli_record_commands[] = {
  { "list", "TYPE|all [QUERY...]", "records of a type, or all, that match a query",
    "  proofline list threat state:draft stride:tampering\n  proofline list requirement -verified_by:*\n"
    "  proofline list all owner:me changed:>-7d\n"
    "  proofline list threat -o xlsx=threats.xlsx     a table to work on; back with: proofline import table",
    list_options, COUNT(list_options), 1, CLI_MAX_ARGS, list_run, 1u << OUT_CSV | 1u << OUT_XLSX },
  { "show", "ID [--rev N | --asof DATE]", "one record with its fields and links", NULL, show_options,
    COUNT(show_options), 1, 1, show_run },
  { "history", "ID [--asof DATE]", "all that was done to a record", NULL, list_options, COUNT(list_options), 1, 1,
    history_run },
  { 0 },
};
