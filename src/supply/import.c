/* import.c - sbom.import and sbom.refuse: one transaction, one entry, the original bytes kept. */
#include "supply/inside.h"
#include "supply.sql.h"
#include <string.h>

/* '' stands for absent in every table. */
static Val text(Str s) { return v_text(s.p ? s : S("")); }

Entry call_entry(const Call *call, Str act) {
  return (Entry){
    .act = act, .actor = call->actor, .auth = call->auth, .source = call->source, .request = call->request,
    .to = S(""), .reason = call->reason, .t_us = call->now_us
  };
}

Err id_check(Cx *cx, Str value, const char *field, bool required) {
  bool good = value.n <= 200 && (value.n || !required);
  for (size_t i = 0; i < value.n; i++) good &= (unsigned char)value.p[i] > ' ' && value.p[i] != 0x7f;
  if (good) return E_OK;
  problem(cx, str_of(field), "invalid", "give an id of 1 to 200 characters without blanks");
  return problems_fail(cx);
}

static SbomImport asked(const Call *call) {
  SbomImport w = { json_text(call->args, "product"), json_text(call->args, "release"),
                   json_text(call->args, "name"), json_text(call->args, "element"),
                   json_text(call->args, "file") };
  size_t slash = str_rfind_char(w.file, '/');
  if (slash != SIZE_MAX)
    w.file = str_slice(w.file, slash + 1, w.file.n); /* a name is data, a path is not wanted */
  w.file = str_head(w.file, 200);
  return w;
}

static Err asked_check(Cx *cx, const SbomImport *w) {
  TRY(id_check(cx, w->product, "product", true));
  TRY(id_check(cx, w->element, "element", false));
  if (w->release.n <= 200 && w->name.n <= 200) return E_OK;
  problem(cx, S("release"), "too-long", "release and name have at most 200 characters");
  return problems_fail(cx);
}

/* ---- packages ---- */

Str package_key(Cx *cx, const Str fields[10]) {
  Buf b = buf_new(cx->arena, SIZE_MAX / 4);
  for (size_t i = 0; i < 10; i++) {
    buf_u32le(&b, (uint32_t)fields[i].n);
    buf_add(&b, fields[i]);
  }
  Hash h = sha256(buf_str(&b));
  return str_dup(cx->arena, str_slice(hash_bytes(&h), 0, 16));
}

typedef struct Import { Call *call; const Sbom *s; int64_t sbom, next_package, rows; } Import;

static Err package_id(Cx *cx, Import *m, const SbomComponent *c, int64_t *id) {
  const Str fields[10] = { c->purl,  c->cpe,  c->swid,    c->other_ids, c->type,
                           c->group, c->name, c->version, c->distro,    c->upstream };
  Store *s = m->call->store;
  Str key = package_key(cx, fields);
  int64_t added = 0;
  TRY(store_run(cx, s, SQL_PACKAGE_ADD,
                ARGS(v_int(m->next_package), v_bytes(key), text(package_identity(cx, c->purl, c->group, c->name)),
                     text(c->purl), text(c->cpe), text(c->swid), text(c->other_ids), text(c->type), text(c->group),
                     text(c->name), text(c->version), text(c->distro), text(c->upstream)),
                &added));
  if (!added) return store_int(cx, s, SQL_PACKAGE_FIND, ARGS(v_bytes(key)), 0, id);
  *id = m->next_package++;
  return E_OK;
}

static Err component_store(Cx *cx, const Import *m, uint32_t i, int64_t package) {
  const SbomComponent *c = &m->s->component.p[i];
  int64_t parent = c->parent == SBOM_NONE ? -1 : (int64_t)c->parent;
  return store_run(cx, m->call->store, SQL_COMPONENT_ADD,
                   ARGS(v_int(m->sbom), v_int(i), v_int(package), v_int(parent), v_int(c->role == SBOM_SUBJECT),
                        text(c->ref), text(str_lower(cx->arena, c->name)), text(c->supplier), text(c->licence),
                        text(c->hashes), text(c->scope), text(c->support_level), text(c->support_end)), NULL);
}

/* Rows of all three tables, counted on while they are stored. */
static void row_done(Import *m) {
  enum { EACH = 2048 };
  int64_t all = 2 * (int64_t)m->s->component.n + (int64_t)m->s->edge.n;
  if (++m->rows % EACH == 0 || m->rows == all) progress_say(m->call, m->rows, all);
}

/* Table after table: the pages of one table's indexes fit the page cache, those of all together do not. */
static Err rows_store(Cx *cx, Import *m) {
  uint32_t n = (uint32_t)m->s->component.n;
  int64_t *package = NEW_ARRAY(cx->arena, n, int64_t);
  TRY(store_int(cx, m->call->store, SQL_PACKAGE_NEXT, NO_ARGS, 1, &m->next_package));
  for (uint32_t i = 0; i < n; i++) {
    ArenaMark mark = arena_mark(cx->arena);
    TRY(package_id(cx, m, &m->s->component.p[i], &package[i]));
    arena_release(cx->arena, mark);
    row_done(m);
  }
  for (uint32_t i = 0; i < n; i++) {
    ArenaMark mark = arena_mark(cx->arena);
    TRY(component_store(cx, m, i, package[i]));
    arena_release(cx->arena, mark);
    row_done(m);
  }
  for (size_t i = 0; i < m->s->edge.n; i++) {
    SbomEdge e = m->s->edge.p[i];
    TRY(store_run(cx, m->call->store, SQL_DEPENDENCY_ADD, ARGS(v_int(m->sbom), v_int(e.from), v_int(e.to)),
                  NULL));
    row_done(m);
  }
  return E_OK;
}

/* ---- the SBOM ---- */

static Err head_store(Cx *cx, Import *m, const SbomImport *w, Str id, Str hash) {
  const Sbom *s = m->s;
  Buf report = buf_new(cx->arena, 4 << 20);
  TRY(supply_check_json(cx, s, &report));
  TRY(store_run(cx, m->call->store, SQL_SBOM_ADD,
                ARGS(v_int(m->sbom), v_text(id), text(w->product), text(w->release), text(w->name),
                     text(w->element), text(w->file), v_text(str_of(sbom_format_name(s->format))),
                     text(s->spec), text(s->serial), v_text(hash), v_int(s->listed), v_int(s->dependencies),
                     v_int(m->call->now_us), text(m->call->actor), v_text(buf_str(&report))),
                NULL));
  return store_run(cx, m->call->store, SQL_SBOM_SUPERSEDE,
                   ARGS(text(w->product), text(w->release), text(w->name), v_int(m->sbom)), NULL);
}

static void result_put(const Call *call, Str id, int64_t components, bool already, bool current) {
  json_pair(call->result, "sbom", id);
  json_pair_int(call->result, "components", components);
  json_pair_bool(call->result, "already", already);
  json_pair_bool(call->result, "current", current);
}

static Err same_find(Cx *cx, Call *call, const SbomImport *w, Str hash, bool *found) {
  AUTO(Rows) r = { 0 };
  TRY(store_rows(cx, call->store, SQL_SBOM_SAME,
                 ARGS(text(w->product), text(w->release), text(w->name), v_text(hash)), &r));
  TRY(rows_next(cx, &r, found));
  if (*found) result_put(call, row_text(&r, 0), row_int(&r, 1), true, row_int(&r, 2) != 0);
  return E_OK;
}

/* The payload is: length of the rows (8 bytes, little endian), the rows, the file. */
static Err payload_split(Cx *cx, Str payload, Str *rows, Str *bytes) {
  uint64_t n = 0;
  uint8_t x[8];
  if (payload.n >= 8) {
    memcpy(x, payload.p, 8);
    for (size_t i = 0; i < 8; i++) n |= (uint64_t)x[i] << (8 * i);
  }
  if (payload.n < 8 || n > payload.n - 8)
    return fail(cx, E_UNREADABLE, "sbom.import came without its rows. Nothing was stored.");
  *rows = str_slice(payload, 8, 8 + (size_t)n);
  *bytes = str_slice(payload, 8 + (size_t)n, payload.n);
  return E_OK;
}

/* Whoever takes a file in spite of its errors leaves them in the log; all of them stand in the stored report. */
static Str reason_with_errors(Cx *cx, Str reason, const Sbom *s) {
  enum { LISTED = 10 };
  Buf b = buf_new(cx->arena, 8192);
  buf_add(&b, reason);
  buf_fmt(&b, "%sAccepted with %u errors: ", reason.n ? " - " : "", s->errors);
  for (size_t i = 0; i < s->problems.n && i < LISTED && s->problems.p[i].error; i++)
    buf_fmt(&b, "%s%.*s: %.*s", i ? "; " : "", STR(str_head(s->problems.p[i].where, 200)),
            STR(str_head(s->problems.p[i].what, 200)));
  if (s->errors > LISTED) buf_z(&b, "; and more");
  return buf_str(&b);
}

/* The reader has kept the limits of the settings; these are what any setting can allow. */
static const SbomOptions widest = { .max_bytes = 1 << 30, .max_components = 2000000, .max_edges = 1000000 };

Err import_run(Cx *cx, Call *call) {
  SbomImport w = asked(call);
  Str rows, bytes;
  Sbom s;
  bool found;
  TRY(asked_check(cx, &w));
  TRY(payload_split(cx, call->payload, &rows, &bytes));
  Str hash = hash_hex(cx->arena, sha256(bytes));
  TRY(same_find(cx, call, &w, hash, &found));
  if (found) return E_OK;
  TRY(rows_read(cx, rows, &widest, &s));
  TRY(sbom_usable(cx, &s, json_bool(call->args, "accept_errors", false)));
  Import m = { .call = call, .s = &s };
  TRY(store_int(cx, call->store, SQL_SBOM_NEXT, NO_ARGS, 1, &m.sbom));
  Str id = str_fmt(cx->arena, "SBM-%04lld", (long long)m.sbom);
  TRY(blob_put(cx, call->store, hash, bytes));
  TRY(head_store(cx, &m, &w, id, hash));
  TRY(rows_store(cx, &m));
  Entry e = call_entry(call, S("sbom.import"));
  if (s.errors) e.reason = reason_with_errors(cx, call->reason, &s);
  int64_t seq;
  TRY(ledger_fact_entry(cx, call->store, FACT_SBOM, id, &e, &seq));
  result_put(call, id, s.listed, false, true);
  return E_OK;
}

/* A file that could not be used leaves a trace, not its bytes. */
Err refuse_run(Cx *cx, Call *call) {
  SbomImport w = asked(call);
  Str why = json_text(call->args, "why"), sha = json_text(call->args, "sha256");
  Hash hash;
  TRY(id_check(cx, w.product, "product", true));
  if (!hash_from_hex(sha, &hash)) {
    problem(cx, S("sha256"), "invalid", "give the 64 hexadecimal digits of the file's SHA-256");
    return problems_fail(cx);
  }
  Entry e = call_entry(call, S("sbom.refused"));
  e.obj = str_fmt(cx->arena, "product:%.*s", STR(w.product));
  e.reason = str_fmt(cx->arena, "%.*s %.*s (SHA-256 %.*s): %.*s", STR(w.file), STR(w.release), STR(sha),
                     STR(str_head(why, 2000)));
  e.new_hash = hash;
  int64_t seq;
  return ledger_append(cx, call->store, &e, &seq);
}

/* ---- asking ---- */

static Str args_text(Cx *cx, const SbomImport *w, Str sha, Str why) {
  Buf b = buf_new(cx->arena, 1 << 20);
  JsonOut o = json_out(&b, false);
  json_object(&o);
  json_pair(&o, "product", w->product.p ? w->product : S(""));
  json_pair(&o, "release", w->release.p ? w->release : S(""));
  if (!sha.p) json_pair(&o, "name", w->name.p ? w->name : S(""));
  if (!sha.p) json_pair(&o, "element", w->element.p ? w->element : S(""));
  json_pair(&o, "file", w->file.p ? w->file : S(""));
  if (!sha.p && w->accept_errors) json_pair_bool(&o, "accept_errors", true);
  if (sha.p) json_pair(&o, "sha256", sha);
  if (sha.p) json_pair(&o, "why", why.p ? why : S(""));
  json_object_end(&o);
  return buf_str(&b);
}

Err supply_import_ask(Cx *cx, const Sbom *s, Str bytes, const SbomImport *what, Ask *out) {
  if (!s->rows.p) return fail(cx, E_BUG, "An SBOM is to be imported that was not read by supply_read.");
  Buf b = buf_new(cx->arena, SIZE_MAX / 4);
  buf_u64le(&b, s->rows.n);
  buf_add(&b, s->rows);
  buf_add(&b, bytes);
  out->command = S("sbom.import");
  out->args_json = args_text(cx, what, STR_NONE, STR_NONE);
  out->payload = buf_str(&b);
  return E_OK;
}

Err supply_refuse_ask(Cx *cx, Str bytes, const SbomImport *what, Str why, Ask *out) {
  out->command = S("sbom.refuse");
  out->args_json = args_text(cx, what, hash_hex(cx->arena, sha256(bytes)), why);
  out->payload = S("");
  return E_OK;
}
