/* What an export covers, and the command that says so in the log. */
#include "app/whole/whole.h"

#define IMPORT_OBJECT "import:source"

/* The import's own entries have one request; as long as nothing follows them, this is still what was imported. */
static Err imported_scope(Cx *cx, Store *s, int64_t size, WholeScope *out, bool *is) {
  LogRows import = { 0 }, after = { 0 };
  *is = false;
  TRY(ledger_entries(cx, s, S(IMPORT_OBJECT), INT64_MAX, 0, 1, &import));
  if (!import.n) return E_OK;
  const LogRow *i = &import.p[0];
  TRY(ledger_entries(cx, s, STR_NONE, i->seq, size, SIZE_MAX, &after));
  for (size_t k = 0; k < after.n; k++)
    if (!str_eq(after.p[k].request, i->request)) return E_OK;
  TRY(blob_get(cx, s, i->new_hex, &out->source));
  out->source_blob = i->new_hex;
  out->size = i->seq;
  *is = true;
  return E_OK;
}

Err whole_scope(Cx *cx, Store *s, const char *folder, WholeScope *out) {
  TreeHead head, signed_head;
  Str note, origin, key;
  bool is;
  *out = (WholeScope){ .source_blob = S("") };
  TRY(ledger_head(cx, s, &head));
  TRY(imported_scope(cx, s, head.size, out, &is));
  if (is) return E_OK;
  TRY(ledger_last_checkpoint(cx, s, &signed_head, &note));
  if (signed_head.size != head.size)
    return fail(cx, E_BUSY, "The log's head is not signed yet. Nothing was exported. Try again in a moment");
  TRY(ledger_origin(cx, s, &origin));
  TRY(file_read(cx, str_fmt(cx->arena, "%s/signer/key.pub", folder).p, 4096, &key));
  out->size = head.size;
  out->origin = str_dup(cx->arena, origin);
  out->root = hash_hex(cx->arena, head.root);
  out->key = str_trim(key);
  out->note = note;
  return E_OK;
}

static Err export_run(Cx *cx, Call *call) {
  Hash h;
  int64_t seq;
  if (!hash_from_hex(json_text(call->args, "sha256"), &h))
    problem(cx, S("sha256"), "hash", "is not a SHA-256 in hexadecimal digits");
  TRY(problems_fail(cx));
  Entry e = { .act = S("export.all"),
              .actor = call->actor,
              .auth = call->auth,
              .source = call->source,
              .request = call->request,
              .obj = str_fmt(cx->arena, "export:%.*s", STR(hash_hex(cx->arena, h))),
              .reason = call->reason,
              .t_us = call->now_us };
  TRY(ledger_append(cx, call->store, &e, &seq));
  json_pair_int(call->result, "seq", seq);
  return E_OK;
}

static const ArgSpec export_args[] = { { "sha256", ARG_TEXT, true, "of " WHOLE_SOURCE } };
const Command whole_command = { "export.all", export_args, COUNT(export_args),
                                "export.all", export_run,  "says in the log that everything was exported" };
