/* new, set, state, link, unlink, confirm: what changes a record. */
#include "app/cli/cli.h"
#include <stdio.h>

static Buf json_buf(Cli *cli) { return buf_new(cli->cx->arena, SIZE_MAX / 4); }

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

const CliCommand cli_edit_commands[] = {
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
