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

static Buf json_buf(Cli *cli) { return buf_new(cli->cx->arena, SIZE_MAX / 4); }

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

/* ---- new, set, state, link ----------------------------------------------------------------------------- */

/* NAME=VALUE arguments as the input object of record_merge: a field that takes many gives its values as an array. */
static Err put_assignments(Cli *cli, const RecordType *type, size_t from, JsonOut *o) {
  json_key(o, "input");
  json_object(o);
  for (size_t i = from; i < cli->narg; i++) {
    Str name, value, one;
    if (!str_cut(cli->arg[i], '=', &name, &value))
      return fail(cli->cx, E_USAGE, "'%.*s': write it as FIELD=VALUE", STR(cli->arg[i]));
    const Field *f = record_field(type, name, NULL);
    json_key_str(o, name);
    if (!value.n) {
      json_put_null(o);
      continue;
    }
    bool list = str_eq(name, S("products")) || (f && (f->kind == LINK || (f->flags & MANY)));
    int64_t number;
    if (list) {
      char sep = f && f->kind != LINK && f->kind != CHOICE ? '|' : ',';
      json_array(o);
      for (bool more = true; more;) {
        more = str_cut(value, sep, &one, &value);
        if (str_trim(one).n) json_put_str(o, str_trim(one));
      }
      json_array_end(o);
    } else if (f && f->kind == INT && str_int(value, &number)) json_put_int(o, number);
    else if (f && f->kind == BOOL && (str_eq(value, S("yes")) || str_eq(value, S("true")))) json_put_bool(o, true);
    else if (f && f->kind == BOOL && (str_eq(value, S("no")) || str_eq(value, S("false")))) json_put_bool(o, false);
    else json_put_str(o, value);
  }
  json_object_end(o);
  return E_OK;
}

/* A JSON object from a file instead of FIELD=VALUE arguments. */
static Err put_file(Cli *cli, JsonOut *o) {
  Str bytes;
  JVal *root;
  TRY(file_read(cli->cx, str_z(cli->cx->arena, cli_option(cli, "f")), JSON_BODY.max_bytes, &bytes));
  TRY(json_read(cli->cx, bytes, &JSON_BODY, &root));
  json_key(o, "input");
  json_put_val(o, root);
  return E_OK;
}

static Err put_input(Cli *cli, const RecordType *type, size_t from, JsonOut *o) {
  return cli_has(cli, "f") ? put_file(cli, o) : put_assignments(cli, type, from, o);
}

static Err say_result(Cli *cli, const Answer *a) {
  if (cli->out == OUT_JSON) {
    cli_json_text(a->result_json);
    return E_OK;
  }
  JVal *r;
  TRY(json_read(cli->cx, a->result_json, &JSON_BODY, &r));
  Str id = json_text(r, "id"), state = json_text(r, "state");
  (void)printf("%.*s revision %lld, %.*s\n", STR(id), (long long)json_int(r, "rev", 0), STR(state));
  return E_OK;
}

static Err new_run(Cli *cli) {
  Cx *cx = cli->cx;
  const RecordType *type;
  TRY(record_type_need(cx, cli->arg[0], &type));
  Buf b = json_buf(cli);
  JsonOut o = json_out(&b, false);
  json_object(&o);
  json_pair(&o, "type", str_of(type->name));
  if (cli_has(cli, "id")) json_pair(&o, "id", cli_option(cli, "id"));
  TRY(put_input(cli, type, 1, &o));
  json_object_end(&o);
  Answer a;
  TRY(cli_ask(cli, "record.new", buf_str(&b), STR_NONE, cli_option(cli, "reason"), &a));
  return say_result(cli, &a);
}

/* The revision that the person means: --base, else the last one. */
static Err base_rev(Cli *cli, Record *r, int64_t *base) {
  TRY(cli_writer(cli));
  TRY(record_get(cli->cx, writer_store(cli->writer), cli->arg[0], 0, r));
  *base = r->rev;
  Str asked = cli_option(cli, "base");
  if (asked.p && (!str_int(asked, base) || *base < 1))
    return fail(cli->cx, E_USAGE, "--base wants a revision number from 1 up");
  return E_OK;
}

static Err set_run(Cli *cli) {
  Record r = { 0 };
  int64_t base;
  TRY(base_rev(cli, &r, &base));
  if (cli->narg < 2 && !cli_has(cli, "f"))
    return fail(cli->cx, E_USAGE, "Say what to set: proofline set ID FIELD=VALUE...");
  Buf b = json_buf(cli);
  JsonOut o = json_out(&b, false);
  json_object(&o);
  json_pair(&o, "id", r.id);
  json_pair_int(&o, "base", base);
  TRY(put_input(cli, r.type, 1, &o));
  json_object_end(&o);
  Answer a;
  TRY(cli_ask(cli, "record.save", buf_str(&b), STR_NONE, cli_option(cli, "reason"), &a));
  return say_result(cli, &a);
}

/* A step by its own name ("approve") or by the state that it leads to ("approved"). */
static Err step_named(Cli *cli, const Record *r, Str word, Str *step) {
  const Lifecycle *l = r->type->life;
  Buf can = buf_new(cli->cx->arena, 4096);
  for (size_t i = 0; i < l->nsteps; i++) {
    const Step *st = &l->steps[i];
    bool here = str_eq(str_of(st->from), r->state) || str_eq(str_of(st->from), S("*"));
    if (here && (str_eq(word, str_of(st->name)) || str_eq(word, str_of(st->to)))) {
      *step = str_of(st->name);
      return E_OK;
    }
    if (here) buf_fmt(&can, "%s%s", can.n ? ", " : "", st->name);
  }
  if (!can.n)
    return fail(cli->cx, E_CONFLICT, "%.*s is %.*s; no step leads on from there", STR(r->id), STR(r->state));
  return fail(cli->cx, E_CONFLICT, "%.*s is %.*s; '%.*s' is not a step from there. The steps are: %.*s", STR(r->id),
              STR(r->state), STR(word), STR(buf_str(&can)));
}

static Err state_run(Cli *cli) {
  Record r = { 0 };
  int64_t base;
  Str step;
  TRY(base_rev(cli, &r, &base));
  TRY(step_named(cli, &r, cli->arg[1], &step));
  Buf b = json_buf(cli);
  JsonOut o = json_out(&b, false);
  json_object(&o);
  json_pair(&o, "id", r.id);
  json_pair_int(&o, "base", base);
  json_pair(&o, "step", step);
  json_object_end(&o);
  Answer a;
  TRY(cli_ask(cli, "record.step", buf_str(&b), STR_NONE, cli_option(cli, "reason"), &a));
  return say_result(cli, &a);
}

static Err link_with(Cli *cli, const char *command) {
  Buf b = json_buf(cli);
  JsonOut o = json_out(&b, false);
  json_object(&o);
  json_pair(&o, "id", cli->arg[0]);
  json_pair(&o, "link", cli->arg[1]);
  json_pair(&o, "to", cli->arg[2]);
  json_object_end(&o);
  Answer a;
  TRY(cli_ask(cli, command, buf_str(&b), STR_NONE, cli_option(cli, "reason"), &a));
  return say_result(cli, &a);
}

static Err link_run(Cli *cli) { return link_with(cli, "record.link"); }
static Err unlink_run(Cli *cli) { return link_with(cli, "record.unlink"); }
static Err confirm_run(Cli *cli) { return link_with(cli, "record.confirm"); }

static const CliOption new_options[] = { { "id", "ID", "an id of your own, when it is free" },
                                         { "f", "FILE", "fields as a JSON object, - for standard input" },
                                         { "reason", "WHY", "why; kept in the log" } };
static const CliOption set_options[] = { { "base", "N",
                                           "the revision that you read; refused when it is no longer the last" },
                                         { "f", "FILE", "fields as a JSON object, - for standard input" },
                                         { "reason", "WHY", "why; needed when the record was approved before" } };
static const CliOption step_options[] = { { "base", "N", "the revision that you read" },
                                          { "reason", "WHY", "why; kept in the log" } };
static const CliOption link_options[] = { { "reason", "WHY", "why; kept in the log" } };

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
  { "new", "TYPE FIELD=VALUE... [--id ID]", "create a record",
    "  proofline new threat title=\"Rogue phone\" products=sorrel-p1 stride=spoofing targets=F01\n"
    "  Several links: mitigated_by=RC-01,RC-02   Several texts: a|b",
    new_options, COUNT(new_options), 1, CLI_MAX_ARGS, new_run },
  { "set", "ID FIELD=VALUE...", "change a record; an empty value clears the field", NULL, set_options,
    COUNT(set_options), 1, CLI_MAX_ARGS, set_run },
  { "state", "ID STEP", "take a record one step on (submit, approve ...)", NULL, step_options, COUNT(step_options), 2,
    2, state_run },
  { "link", "ID LINK TO", "link one record to another", "  proofline link TC-042 verifies SEC-014", link_options,
    COUNT(link_options), 3, 3, link_run },
  { "unlink", "ID LINK TO", "take a link away; needs --reason", NULL, link_options, COUNT(link_options), 3, 3,
    unlink_run },
  { "confirm", "ID LINK TO", "say that a suspect link still holds", NULL, link_options, COUNT(link_options), 3, 3,
    confirm_run },
  { 0 },
};
