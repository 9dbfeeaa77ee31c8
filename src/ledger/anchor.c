/* Heads that somebody kept outside the store: typed from paper, in receipts, stamped by an authority. */
#include "inside.h"
#include "ledger.sql.h"
#include <string.h>

enum { REPLY_MAX = 16 * 1024, ANCHOR_MAX = 64 * 1024 };

/* ---- what was kept, against the log ------------------------------------------------------------------------------ */

/* Origin, size and root, one after the other and whatever stands around them: people type it from paper. */
static bool typed_read(Arena *a, Str text, Anchor *out) {
  char hex[65] = "";
  size_t n = 0;
  Str line;
  bool sized = false;
  out->origin = STR_NONE;
  while (str_line(&text, &line)) {
    line = str_trim(line);
    size_t colon = str_find(line, S(": "));
    if (colon != SIZE_MAX) line = str_trim(str_slice(line, colon + 2, line.n));   /* "Root: 3f29 ..." */
    if (!line.n) continue;
    if (!out->origin.n) { out->origin = line; continue; }
    if (!sized) {
      Str digits = STR_NONE, rest;
      (void)str_cut(line, ' ', &digits, &rest);
      if (!(sized = str_int(digits, &out->head.size))) return false;
      continue;
    }
    for (size_t i = 0; i < line.n; i++) {
      if (line.p[i] == ' ') continue;
      if (n == 64) return false;
      hex[n++] = line.p[i];
    }
    if (n == 64) break;
  }
  return n == 64 && out->head.size >= 0 && hash_from_hex(str_lower(a, (Str){ hex, n }), &out->head.root);
}

/* The key of the epoch that an origin names: the present one, or one that the log itself remembers. */
static Err key_of_origin(Cx *cx, Store *s, Str origin, LogKey *key, bool *known) {
  Str text;
  AUTO(Rows) r = { 0 };
  *known = file_read(cx, signer_path(cx->arena, store_folder(s), "key.pub"), NOTE_MAX_BYTES, &text) == E_OK &&
           key_read(cx->arena, text, key) && str_eq(key->origin, origin);
  cx_forgive(cx);
  if (*known) return E_OK;
  TRY(store_rows(cx, s, SQL_EPOCH_ALL, NO_ARGS, &r));
  for (bool got;;) {
    JVal *body;
    TRY(rows_next(cx, &r, &got));
    if (!got || *known) return E_OK;
    TRY(json_read(cx, str_dup(cx->arena, row_text(&r, 2)), &JSON_DOCUMENT, &body));
    *known = key_read(cx->arena, json_text(body, "old_key"), key) && str_eq(key->origin, origin);
  }
}

static Err compare(Cx *cx, Store *s, Str note, Anchor *a) {
  TreeHead now;
  Tree t;
  LogKey key = { 0 };
  bool known;
  TRY(key_of_origin(cx, s, a->origin, &key, &known));
  TRY(ledger_head(cx, s, &now));
  if (!known) a->is = ANCHOR_OTHER_LOG;
  else if (a->is_signed && !note_valid(cx->arena, note, &key, &a->head)) a->is = ANCHOR_BAD_SIGNATURE;
  else if (a->head.size > now.size) a->is = ANCHOR_NEWER;
  else {
    TRY(log_tree(cx, s, a->head.size, &t));
    a->is = hash_eq(tree_root(&t), a->head.root) ? ANCHOR_SAME : ANCHOR_OTHER_ROOT;
  }
  return E_OK;
}

Err ledger_anchor_check(Cx *cx, Store *s, Str text, Anchor *out) {
  Anchor a = { .is = ANCHOR_OTHER_ROOT };
  Str note = text, body;
  if (str_starts(text, S("c2sp.org/tlog-proof@v1\n"))) {
    size_t blank = str_find(text, S("\n\n"));
    note = blank == SIZE_MAX ? text : str_slice(text, blank + 2, text.n);
  }
  a.is_signed = note_read(cx->arena, note, &a.origin, &a.head, &body);
  if (!a.is_signed && (text.n > ANCHOR_MAX || !typed_read(cx->arena, text, &a)))
    return fail(cx, E_INVALID,
                "This is neither a checkpoint nor a receipt, nor origin, size and root in hexadecimal digits, "
                "in this order. Nothing was compared.");
  TRY(compare(cx, s, note, &a));
  *out = a;
  return E_OK;
}

/* ---- receipts ---------------------------------------------------------------------------------------------------- */

Err ledger_receipt(Cx *cx, Store *s, int64_t seq, Str *out) {
  TreeHead head;
  Str note;
  Proof proof;
  TRY(ledger_last_checkpoint(cx, s, &head, &note));
  if (seq < 0 || seq >= head.size)
    return fail(cx, E_CONFLICT,
                "Entry %lld is not under a signed checkpoint; the last one has %lld entries. Try again in a "
                "moment.",
                (long long)seq, (long long)head.size);
  TRY(ledger_inclusion(cx, s, seq, head.size, &proof));
  Buf b = buf_new(cx->arena, ANCHOR_MAX);
  buf_fmt(&b, "c2sp.org/tlog-proof@v1\nindex %lld\n", (long long)seq);
  for (size_t i = 0; i < proof.n; i++) {
    buf_add(&b, base64(cx->arena, hash_bytes(&proof.hash[i])));
    buf_byte(&b, '\n');
  }
  buf_byte(&b, '\n');
  buf_add(&b, note);
  *out = buf_str(&b);
  return E_OK;
}

/* ---- timestamps -------------------------------------------------------------------------------------------------- */

static void timestamp_row(Cx *cx, const Rows *r, Timestamp *out) {
  *out = (Timestamp){ .size = row_int(r, 0), .request = str_dup(cx->arena, row_bytes(r, 1)),
                      .told = str_dup(cx->arena, row_text(r, 3)), .note = str_dup(cx->arena, row_text(r, 4)) };
  if (!row_null(r, 2)) out->reply = str_dup(cx->arena, row_bytes(r, 2));
  Stamp stamp;
  if (out->reply.n && timestamp_check(cx->arena, out->request, out->reply, STR_NONE, &stamp))
    out->stamped_us = stamp.at_us;
}

Err ledger_timestamps(Cx *cx, Store *s, Timestamps *out) {
  AUTO(Rows) r = { 0 };
  Timestamps all = { 0 };
  TRY(store_rows(cx, s, SQL_TIMESTAMP_ALL, NO_ARGS, &r));
  for (bool got;;) {
    Timestamp t;
    TRY(rows_next(cx, &r, &got));
    if (!got) break;
    timestamp_row(cx, &r, &t);
    vec_add(cx->arena, &all, t);
  }
  *out = all;
  return E_OK;
}

static Hash timestamp_hash(Cx *cx, Str request, Str reply, Str told) {
  Sha256 *h = sha256_new(cx->arena);
  sha256_add(h, request);
  sha256_add(h, reply);
  sha256_add(h, told);
  return sha256_end(h);
}

/* The log vouches for the row. */
static Err timestamp_entry(Cx *cx, Store *s, const Entry *e, const char *act, const Timestamp *t) {
  Entry entry = *e;
  entry.act = str_of(act);
  entry.obj = str_fmt(cx->arena, "timestamp:%lld", (long long)t->size);
  entry.new_hash = timestamp_hash(cx, t->request, t->reply, t->told);
  return ledger_append(cx, s, &entry, NULL);
}

Err ledger_timestamp_ask(Cx *cx, Store *s, const Entry *e, Timestamp *out) {
  TreeHead head;
  Str note;
  Timestamps all = { 0 };
  TRY(ledger_last_checkpoint(cx, s, &head, &note));
  if (!head.size) return fail(cx, E_CONFLICT, "There is no checkpoint yet, so there is nothing to be stamped.");
  TRY(ledger_timestamps(cx, s, &all));
  if (all.n && !all.p[0].reply.n) {
    *out = all.p[0];
    return E_OK;
  }
  if (all.n && all.p[0].size == head.size)
    return fail(cx, E_CONFLICT, "The last checkpoint, of %lld entries, is stamped already.", (long long)head.size);
  Timestamp t = { .size = head.size };
  TRY(timestamp_request(cx, sha256(note), &t.request));
  TRY(store_run(cx, s, SQL_TIMESTAMP_ADD, ARGS(v_int(t.size), v_bytes(t.request)), NULL));
  TRY(timestamp_entry(cx, s, e, "timestamp.ask", &t));
  *out = t;
  return E_OK;
}

Err ledger_timestamp_take(Cx *cx, Store *s, Str reply, Str ca_pem, const Entry *e, Timestamp *out) {
  Timestamps all = { 0 };
  Stamp stamp;
  if (reply.n > REPLY_MAX) return fail(cx, E_TOO_LARGE, "A reply has at most %d bytes. Nothing was kept.", REPLY_MAX);
  TRY(ledger_timestamps(cx, s, &all));
  for (size_t i = 0; i < all.n; i++) {
    Timestamp t = all.p[i];
    if (t.reply.n || !timestamp_check(cx->arena, t.request, reply, ca_pem, &stamp)) continue;
    t.reply = reply;
    t.stamped_us = stamp.at_us;
    t.told = str_fmt(cx->arena, "%.*s%s", STR(stamp.authority), ca_pem.n ? "" : " (its certificate was not checked)");
    TRY(store_run(cx, s, SQL_TIMESTAMP_SET, ARGS(v_int(t.size), v_bytes(reply), v_text(t.told)), NULL));
    TRY(timestamp_entry(cx, s, e, "timestamp.take", &t));
    *out = t;
    return E_OK;
  }
  return fail(cx, E_INVALID,
              "This reply answers none of the requests that wait, or the authority refused, or its signature is "
              "not right%s. Nothing was kept.",
              ca_pem.n ? " under the certificates that you trust" : "");
}

/* Columns of timestamp_notes: size, request, reply, told, note. */
static Err check_timestamp(Cx *cx, Verify *v, const Rows *r) {
  Cx *scratch = &v->scratch;
  Stamp stamp;
  Str object = str_fmt(scratch->arena, "timestamp:%lld", (long long)row_int(r, 0)), last;
  Str request = row_bytes(r, 1), reply = row_bytes(r, 2);
  TRY(object_last(scratch, v->s, object, &last));
  if (row_null(r, 4) || !timestamp_is_of(request, sha256(row_text(r, 4))))
    verify_find(cx, v->r, "timestamp", object, "its request is not for the checkpoint of that size");
  else if (!hash_is_hex(timestamp_hash(scratch, request, reply, row_text(r, 3)), last))
    verify_find(cx, v->r, "timestamp", object, "it is not what its last entry speaks of");
  else if (!row_null(r, 2) && !timestamp_check(scratch->arena, request, reply, STR_NONE, &stamp))
    verify_find(cx, v->r, "timestamp", object, "its reply does not answer its request");
  return E_OK;
}

Err verify_timestamps(Cx *cx, Verify *v) {
  AUTO(Rows) r = { 0 };
  TRY(store_rows(cx, v->s, SQL_TIMESTAMP_NOTES, NO_ARGS, &r));
  for (bool got;;) {
    TRY(rows_next(cx, &r, &got));
    if (!got) return E_OK;
    TRY(check_timestamp(cx, v, &r));
    cx_reset(&v->scratch);
  }
}
