/* The files of an export. */
#include "app/whole/whole.h"
#include <stdlib.h>
#include <string.h>

enum { FILE_BYTES = 256 << 20 };

/* Everything but the log, blobs and what follows from records; and but for what must not leave: passwords, second
 * factors, tokens, sessions. */
const char *const whole_tables[] = { "epoch",
                                     "person",
                                     "person_grant",
                                     "duty",
                                     "alert",
                                     "signature",
                                     "comment",
                                     "comment_mention",
                                     "comment_seen",
                                     "saved_view",
                                     "package",
                                     "sbom",
                                     "sbom_component",
                                     "sbom_dependency",
                                     "component_fact",
                                     "component_now",
                                     "feed_source",
                                     "feed_intake",
                                     "feed_built",
                                     "feed_built_source",
                                     "feed_key",
                                     "vuln_snapshot",
                                     "vuln_run",
                                     "vuln_change",
                                     "verdict",
                                     "vuln_exposure",
                                     "vuln_key",
                                     "vuln_said",
                                     "check_run",
                                     "check_pack",
                                     "check_rule",
                                     "check_change",
                                     "gap",
                                     NULL };

/* Nobody's password is lost by going back. */
const char *const whole_own_tables[] = { "credential", "totp", "recovery_code", "totp_step",
                                         "token", "token_use", NULL };

/* What follows from these, or stays: a table in neither list would be lost without a word. */
static const char *const left_tables[] = { "entry",
                                           "revision",
                                           "reason",
                                           "node",
                                           "checkpoint",
                                           "timestamp",
                                           "ledger_meta",
                                           "blob",
                                           "store_version", /* the log */
                                           "record",
                                           "link",
                                           "record_product",
                                           "record_many",
                                           "record_contributor",
                                           "record_number",
                                           "record_model", /* follow */
                                           "credential",
                                           "session",
                                           "setup_code",
                                           "login_delay",
                                           "totp",
                                           "recovery_code",
                                           "totp_step",
                                           "token",
                                           "token_use",
                                           "seconding",
                                           "sign_ceremony",
                                           NULL };

typedef struct Render {
  Cx *cx; /* of the caller: its failure */
  Cx own; /* of one file */
  Store *s;
  const WholeScope *scope;
  WholePut *put;
  void *env;
  WholeCount *count;
  VEC(Str) sums; /* "HASH  NAME", in cx->arena */
} Render;

static Err hand_over(Render *r, Str name, Str bytes) {
  Str line = str_fmt(r->cx->arena, "%.*s  %.*s", STR(hash_hex(r->own.arena, sha256(bytes))), STR(name));
  vec_add(r->cx->arena, &r->sums, line);
  r->count->files++;
  return r->put(r->cx, r->env, name, bytes);
}

static Err give(Render *r, Str name, const Buf *b) {
  if (b->over) return fail(r->cx, E_TOO_LARGE, "%.*s would be larger than 256 MiB", STR(name));
  return hand_over(r, name, buf_str(b));
}

/* ---- a record ------------------------------------------------------------------------------------------ */

static void put_history(Cx *cx, Store *s, JsonOut *o, const LogRows *log, int64_t size) {
  json_key(o, "history");
  json_array(o);
  for (size_t i = 0; i < log->n; i++) {
    const LogRow *l = &log->p[i];
    if (l->seq >= size) continue;
    json_object(o);
    json_pair_int(o, "entry", l->seq);
    json_pair(o, "time", time_text(cx->arena, l->t_us));
    json_pair(o, "who", people_name(cx, s, l->actor));
    json_pair(o, "did", l->act);
    json_pair(o, "on", l->obj);
    if (l->to.n) json_pair(o, "to", l->to);
    if (l->reason.n) json_pair(o, "reason", l->reason);
    json_object_end(o);
  }
  json_array_end(o);
}

static Err put_revisions(Render *r, JsonOut *o, const Record *rec) {
  Cx *cx = &r->own;
  json_key(o, "revisions");
  json_array(o);
  for (int64_t rev = 1; rev <= rec->rev; rev++) {
    Revision v;
    JVal *body;
    TRY(ledger_revision(cx, r->s, rec->id, rev, &v));
    TRY(json_read(cx, v.body, &JSON_DOCUMENT, &body));
    json_object(o);
    json_pair_int(o, "rev", rev);
    json_pair_int(o, "entry", v.seq);
    json_pair(o, "sha256", hash_hex(cx->arena, v.hash));
    json_key(o, "body");
    json_put_val(o, body);
    json_object_end(o);
    r->count->revisions++;
  }
  json_array_end(o);
  return E_OK;
}

static Err record_text(Render *r, Str id, Buf *b, Str *name) {
  Cx *cx = &r->own;
  Record rec = { 0 };
  LogRows log = { 0 };
  Signatures signatures = { 0 };
  TRY(record_get(cx, r->s, id, 0, &rec));
  TRY(ledger_entries(cx, r->s, rec.id, 0, INT64_MAX, SIZE_MAX, &log));
  TRY(record_signatures(cx, r->s, rec.id, &signatures));
  *name = str_fmt(cx->arena, "records/%s/%.*s.json", rec.type->name, STR(rec.id));
  JsonOut o = json_out(b, true);
  json_object(&o);
  json_pair(&o, "id", rec.id);
  json_pair(&o, "type", str_of(rec.type->name));
  json_pair(&o, "title", rec.title);
  json_pair(&o, "state", rec.state);
  json_pair_int(&o, "revision", rec.rev);
  json_pair_int(&o, "in_force_revision", rec.in_force_rev);
  put_history(cx, r->s, &o, &log, r->scope->size);
  json_key(&o, "signatures");
  signatures_json(cx, &o, &signatures);
  TRY(put_revisions(r, &o, &rec));
  json_object_end(&o);
  buf_byte(b, '\n');
  r->count->records++;
  return E_OK;
}

static Err put_records(Render *r) {
  AUTO(Rows) rows = { 0 };
  TRY(store_table_rows(r->cx, r->s, S("record"), &rows));
  for (bool got;;) {
    TRY(rows_next(r->cx, &rows, &got));
    if (!got) return E_OK;
    cx_reset(&r->own);
    Str id = str_dup(r->own.arena, row_text(&rows, 0)), name = STR_NONE;
    Buf b = buf_new(r->own.arena, FILE_BYTES);
    Err e = record_text(r, id, &b, &name);
    if (e != E_OK) return fail(r->cx, e, "%.*s: %.*s", STR(id), STR(r->own.words));
    TRY(give(r, name, &b));
  }
}

/* ---- the log ------------------------------------------------------------------------------------------- */

static Err log_text(Render *r, int64_t from, int64_t to, Buf *b) {
  LogRows rows = { 0 };
  TRY(ledger_entries(&r->own, r->s, STR_NONE, from, to, SIZE_MAX, &rows));
  for (size_t i = 0; i < rows.n; i++) {
    const LogRow *l = &rows.p[i];
    JsonOut o = json_out(b, false);
    json_object(&o);
    json_key(&o, "leaf");
    json_put_raw(&o, l->leaf);
    if (l->reason.p) {
      json_pair(&o, "reason", l->reason);
      json_pair(&o, "salt", l->salt);
    }
    json_object_end(&o);
    buf_byte(b, '\n');
    r->count->entries++;
  }
  return E_OK;
}

static Err put_log(Render *r) {
  for (int64_t from = 0; from < r->scope->size; from += WHOLE_LOG_FILE) {
    int64_t to = from + WHOLE_LOG_FILE < r->scope->size ? from + WHOLE_LOG_FILE : r->scope->size;
    cx_reset(&r->own);
    Buf b = buf_new(r->own.arena, FILE_BYTES);
    Err e = log_text(r, from, to - 1, &b);
    if (e != E_OK) return fail(r->cx, e, "%.*s", STR(r->own.words));
    TRY(give(r, str_fmt(r->own.arena, "log/%06lld.jsonl", (long long)(from / WHOLE_LOG_FILE)), &b));
  }
  return E_OK;
}

/* ---- tables and blobs ---------------------------------------------------------------------------------- */

static Err put_tables(Render *r) {
  for (size_t i = 0; whole_tables[i]; i++) {
    cx_reset(&r->own);
    Buf b = buf_new(r->own.arena, FILE_BYTES);
    Err e = whole_rows_write(&r->own, r->s, whole_tables[i], &b, &r->count->rows);
    if (e != E_OK) return fail(r->cx, e, "%s: %.*s", whole_tables[i], STR(r->own.words));
    TRY(give(r, str_fmt(r->own.arena, "tables/%s.jsonl", whole_tables[i]), &b));
  }
  return E_OK;
}

static Err put_blobs(Render *r) {
  AUTO(Rows) rows = { 0 };
  TRY(store_table_rows(r->cx, r->s, S("blob"), &rows));
  for (bool got;;) {
    TRY(rows_next(r->cx, &rows, &got));
    if (!got) return E_OK;
    cx_reset(&r->own);
    Str hash = str_dup(r->own.arena, row_text(&rows, 0));
    if (str_eq(hash, r->scope->source_blob)) continue;
    r->count->blobs++;
    TRY(hand_over(r, str_fmt(r->own.arena, "blobs/%.*s/%.*s", 2, hash.p, STR(hash)), row_bytes(&rows, 2)));
  }
}

/* ---- the two files about all others -------------------------------------------------------------------- */

static Str source_of(Cx *cx, const WholeScope *w, Str sums) {
  Buf b = buf_new(cx->arena, 64 * 1024);
  JsonOut o = json_out(&b, true);
  json_object(&o);
  json_pair(&o, "schema", S("proofline.export/1"));
  json_pair(&o, "origin", w->origin);
  json_pair_int(&o, "size", w->size);
  json_pair(&o, "root", w->root);
  json_pair(&o, "key", w->key);
  json_pair(&o, "checkpoint", w->note);
  json_pair(&o, "sums", sums);
  json_object_end(&o);
  buf_byte(&b, '\n');
  return buf_str(&b);
}

static int by_name(const void *a, const void *b) { /* behind hash and two blanks */
  Str x = *(const Str *)a, y = *(const Str *)b;
  return str_cmp(str_slice(x, 66, x.n), str_slice(y, 66, y.n));
}

static Err put_ends(Render *r) {
  cx_reset(&r->own);
  Buf b = buf_new(r->own.arena, FILE_BYTES);
  qsort(r->sums.p, r->sums.n, sizeof *r->sums.p, by_name);
  for (size_t i = 0; i < r->sums.n; i++) {
    buf_add(&b, r->sums.p[i]);
    buf_byte(&b, '\n');
  }
  r->count->files += 2;
  TRY(r->put(r->cx, r->env, S(WHOLE_SUMS), buf_str(&b)));
  Str sums = hash_hex(r->own.arena, sha256(buf_str(&b)));
  Str source = r->scope->source.n ? r->scope->source : source_of(&r->own, r->scope, sums);
  r->count->source_sha256 = hash_hex(r->cx->arena, sha256(source));
  return r->put(r->cx, r->env, S(WHOLE_SOURCE), source); /* the last one: with it, all is there */
}

static bool in_list(Str name, const char *const *list) {
  for (size_t i = 0; list[i]; i++)
    if (str_eq(name, str_of(list[i]))) return true;
  return false;
}

static Err no_table_left(Cx *cx, Store *s) {
  Str *names;
  size_t n;
  TRY(store_tables(cx, s, &names, &n));
  for (size_t i = 0; i < n; i++)
    if (!str_starts(names[i], S("r_")) && !in_list(names[i], whole_tables) && !in_list(names[i], left_tables))
      return fail(cx, E_BUG, "The table %.*s has no place in an export. Nothing was exported", STR(names[i]));
  return E_OK;
}

Err whole_files(Cx *cx, Store *s, const WholeScope *scope, WholePut *put, void *env, WholeCount *count) {
  Render r = {
    .cx = cx, .own = cx_new((size_t)1 << 30), .s = s, .scope = scope, .put = put, .env = env, .count = count
  };
  *count = (WholeCount){ 0 };
  Err e = no_table_left(cx, s);
  if (e == E_OK) e = put_records(&r);
  if (e == E_OK) e = put_log(&r);
  if (e == E_OK) e = put_tables(&r);
  if (e == E_OK) e = put_blobs(&r);
  if (e == E_OK) e = put_ends(&r);
  cx_free(&r.own);
  return e;
}
