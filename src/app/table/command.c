/* table.import: the rows of a table through the commands that a person uses for one record, all in one transaction.
 */
#include "app/table/table.h"

enum { ROWS_BYTES = 256 << 20, ROW_BYTES = 1 << 20 };

Str table_rows_json(Cx *cx, const TablePlan *p) {
  Buf b = buf_new(cx->arena, ROWS_BYTES);
  JsonOut o = json_out(&b, false);
  json_array(&o);
  for (size_t i = 0; i < p->changes.n; i++) {
    const TableRowPlan *r = &p->changes.p[i];
    json_object(&o);
    json_pair_int(&o, "line", (int64_t)r->line);
    if (r->base) json_pair_int(&o, "base", r->base);
    else json_pair(&o, "type", str_of(p->type->name));
    if (r->id.n) json_pair(&o, "id", r->id);
    json_key(&o, "input");
    json_put_raw(&o, r->input);
    json_object_end(&o);
  }
  json_array_end(&o);
  return buf_str(&b);
}

void table_ask(Cx *cx, Str file, Str sha256_hex, Str rows_json, Ask *out) {
  Buf b = buf_new(cx->arena, 64 * 1024);
  JsonOut o = json_out(&b, false);
  json_object(&o);
  json_pair(&o, "file", file.p ? file : S(""));
  json_pair(&o, "sha256", sha256_hex);
  json_object_end(&o);
  *out = (Ask){ .command = S("table.import"), .args_json = buf_str(&b), .payload = rows_json };
}

static const Command *command_named(const char *name) {
  for (size_t i = 0; i < nrecord_commands; i++)
    if (str_eq(str_of(record_commands[i].name), str_of(name))) return &record_commands[i];
  return NULL;
}

static Str row_args(Cx *cx, JVal *row) {
  Buf b = buf_new(cx->arena, ROWS_BYTES);
  JsonOut o = json_out(&b, false);
  json_object(&o);
  JSON_MEMBERS(k, v, row) {
    if (str_eq(json_str(k), S("line"))) continue;
    json_key_str(&o, json_str(k));
    json_put_val(&o, v);
  }
  json_object_end(&o);
  return buf_str(&b);
}

/* One row in memory of its own; its failure is the table's, with the row in front. */
static Err run_row(Cx *cx, Cx *own, const Call *call, JVal *row) {
  Call sub = *call;
  cx_reset(own);
  own->now_us = cx->now_us;
  Buf b = buf_new(own->arena, ROW_BYTES);
  JsonOut o = json_out(&b, false);
  json_object(&o);
  sub.command = command_named(json_get(row, "base") ? "record.save" : "record.new");
  sub.result = &o;
  sub.payload = STR_NONE;
  if (!sub.command) return fail(cx, E_BUG, "There is no command to save a record");
  Err e = json_read(own, row_args(own, row), &JSON_DOCUMENT, &sub.args);
  if (e == E_OK) e = sub.command->run(own, &sub);
  if (e == E_OK) return E_OK;
  Str id = json_text(row, "id");
  return fail(cx, e, "Row %lld%s%.*s: %.*s Nothing was imported", (long long)json_int(row, "line", 0),
              id.n ? ", " : "", STR(id), STR(own->words));
}

static Err log_import(Cx *cx, const Call *call, int64_t *seq) {
  Hash h;
  Str hex = json_text(call->args, "sha256");
  if (!hash_from_hex(hex, &h)) problem(cx, S("sha256"), "hash", "is not a SHA-256 in hexadecimal digits");
  TRY(problems_fail(cx));
  Entry e = { .act = S("table.import"),
              .actor = call->actor,
              .auth = call->auth,
              .source = call->source,
              .request = call->request,
              .obj = str_fmt(cx->arena, "table:%.*s", STR(hash_hex(cx->arena, h))),
              .reason = str_fmt(cx->arena, "%.*s (file %.*s)", STR(call->reason),
                                STR(str_head(json_text(call->args, "file"), 200))),
              .t_us = call->now_us };
  return ledger_append(cx, call->store, &e, seq);
}

static Err import_run(Cx *cx, Call *call) {
  static const JsonLimits limits = {
    .max_bytes = ROWS_BYTES, .max_depth = 16, .max_string_bytes = 1 << 20, .max_values = 32 << 20
  };
  JVal *rows;
  int64_t changed = 0, created = 0, seq;
  if (str_trim(call->reason).n < 10)
    problem(cx, S("reason"), "reason", "say why in at least 10 characters. The reason is part of the record.");
  TRY(problems_fail(cx));
  TRY(json_read(cx, call->payload, &limits, &rows));
  if (!yyjson_is_arr(rows) || !yyjson_arr_size(rows))
    problem(cx, S("rows"), "missing", "is needed: the rows that change");
  TRY(problems_fail(cx));
  TRY(log_import(cx, call, &seq));
  AUTO(Cx) own = cx_new((size_t)512 << 20);
  JSON_EACH(row, rows) {
    TRY(run_row(cx, &own, call, row));
    if (json_get(row, "base")) changed++;
    else created++;
  }
  json_pair_int(call->result, "changed", changed);
  json_pair_int(call->result, "created", created);
  json_pair_int(call->result, "seq", seq);
  return E_OK;
}

static const ArgSpec import_args[] = { { "file", ARG_TEXT, true, "name of the file" },
                                       { "sha256", ARG_TEXT, true, "of the file" } };
const Command table_command = { "table.import", import_args, COUNT(import_args),
                                "record.write", import_run,  "saves the rows of a table, all or nothing" };
