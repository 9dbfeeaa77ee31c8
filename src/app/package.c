/* Records, their entries and the proofs as files of one archive. */
#include "app/package.h"
#include "package.html.h"
#include <stdlib.h>
#include <string.h>

enum { ASKED_MAX = 1000, HERE = 1, ELSEWHERE = 2 };

typedef struct Gather {
  Store *s;
  ProofPackage *p;
  VEC(Str) people; /* ids of all that acted */
  Map known_people, known_blobs;
  Buf records; /* JSON without the brackets around it */
  Seqs people_seqs, signature_seqs, chain_seqs;
  VEC(Str) reason_rows;
  PackagePage page;
} Gather;

static int by_text(const void *a, const void *b) { return str_cmp(*(const Str *)a, *(const Str *)b); }

static int by_number(const void *a, const void *b) {
  int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
  return (x > y) - (x < y);
}

/* ---- one record ---------------------------------------------------------------------------------------- */

static void meet_person(Cx *cx, Gather *g, Str id) {
  if (map_get(&g->known_people, id) != MAP_NONE) return;
  map_put(&g->known_people, id, g->people.n);
  vec_add(cx->arena, &g->people, id);
}

static void add_reason(Cx *cx, Gather *g, const LogRow *l) {
  if (!l->reason.p || !l->salt.p) return;
  Buf b = buf_new(cx->arena, PACKAGE_FILE_MAX);
  JsonOut o = json_out(&b, false);
  json_object(&o);
  json_key_str(&o, str_fmt(cx->arena, "%lld", (long long)l->seq));
  json_object(&o);
  json_pair(&o, "salt", l->salt);
  json_pair(&o, "text", l->reason);
  json_object_end(&o);
  vec_add(cx->arena, &g->reason_rows, str_slice(buf_str(&b), 1, b.n)); /* "12":{...} */
}

static void add_entry(Cx *cx, Gather *g, const LogRow *l) {
  package_add(cx, g->p, str_fmt(cx->arena, "entries/%lld.json", (long long)l->seq), l->leaf);
  vec_add(cx->arena, &g->p->seqs, l->seq);
  meet_person(cx, g, l->actor);
  add_reason(cx, g, l);
}

/* Files that a body names by their digest go with it; those of the record must be there. */
static Err add_blobs(Cx *cx, Gather *g, Str body) {
  for (size_t i = 0; i + 66 <= body.n; i++) {
    if (body.p[i] != '"' || body.p[i + 65] != '"') continue;
    Hash h;
    Str bytes, hex = str_slice(body, i + 1, i + 65);
    if (!hash_from_hex(hex, &h) || map_get(&g->known_blobs, hex) != MAP_NONE) continue;
    map_put(&g->known_blobs, hex, ELSEWHERE);
    Cx probe = { .arena = cx->arena, .now_us = cx->now_us };
    Err e = blob_get(&probe, g->s, hex, &bytes);
    if (e == E_NOTFOUND) continue; /* the digest of something that is kept elsewhere */
    if (e != E_OK) return fail(cx, e, "%.*s", STR(probe.words));
    map_put(&g->known_blobs, hex, HERE);
    package_add(cx, g->p, str_fmt(cx->arena, "blobs/%.*s", STR(hex)), bytes);
  }
  return E_OK;
}

static Err files_there(Cx *cx, Gather *g, Str body) {
  Record r = { 0 };
  TRY(record_parse(cx, body, &r));
  for (size_t i = 0; i < r.files.n; i++)
    if (map_get(&g->known_blobs, r.files.p[i].sha256) != HERE)
      return fail(cx, E_INTEGRITY,
                  "The file '%.*s' of %.*s is not in the store. Nothing was exported. Run: proofline verify",
                  STR(r.files.p[i].name), STR(r.id));
  return E_OK;
}

static Err add_revisions(Cx *cx, Gather *g, const Record *r) {
  for (int64_t rev = 1; rev <= r->rev; rev++) {
    Revision v;
    TRY(ledger_revision(cx, g->s, r->id, rev, &v));
    package_add(cx, g->p, str_fmt(cx->arena, "revisions/%.*s@%lld.json", STR(r->id), (long long)rev), v.body);
    TRY(add_blobs(cx, g, v.body));
    TRY(files_there(cx, g, v.body));
    g->p->revisions++;
  }
  return E_OK;
}

/* What each signature covers, and the entry that names it. */
static Err add_signatures(Cx *cx, Gather *g, const Signatures *all) {
  for (size_t i = 0; i < all->n; i++) {
    const Signature *s = &all->p[i];
    LogRows log = { 0 };
    package_add(cx, g->p, str_fmt(cx->arena, "signatures/%.*s.json", STR(s->hash)), s->manifest);
    TRY(ledger_entries(cx, g->s, str_fmt(cx->arena, "signature:%.*s", STR(s->hash)), 0, INT64_MAX, SIZE_MAX, &log));
    for (size_t k = 0; k < log.n; k++) {
      add_entry(cx, g, &log.p[k]);
      vec_add(cx->arena, &g->signature_seqs, log.p[k].seq);
    }
  }
  return E_OK;
}

static void put_record(Cx *cx, Gather *g, const Record *r, const LogRows *log) {
  JsonOut o = json_out(&g->records, false);
  if (g->records.n) buf_byte(&g->records, ',');
  json_object(&o);
  json_key(&o, "entries");
  json_array(&o);
  for (size_t i = 0; i < log->n; i++) json_put_int(&o, log->p[i].seq);
  json_array_end(&o);
  json_pair(&o, "hash", hash_hex(cx->arena, r->hash));
  json_pair(&o, "id", r->id);
  json_pair_int(&o, "rev", r->rev);
  json_pair(&o, "type", str_of(r->type->name));
  json_object_end(&o);
}

static void show_record(Cx *cx, Gather *g, const Record *r, const LogRows *log, const Signatures *signed_by,
                        PackageRecords *out) {
  *out = (PackageRecords){ .id = r->id,
                           .title = r->title,
                           .type = str_of(r->type->title),
                           .rev = str_fmt(cx->arena, "%lld", (long long)r->rev),
                           .state = choice_words(cx->arena, r->state),
                           .owner = people_name(cx, g->s, r->owner),
                           .hash = hash_hex(cx->arena, r->hash),
                           .fields = NEW_ARRAY(cx->arena, r->type->nfields, PackageRecordsFields),
                           .history = NEW_ARRAY(cx->arena, log->n, PackageRecordsHistory),
                           .signatures = NEW_ARRAY(cx->arena, signed_by->n, PackageRecordsSignatures) };
  for (size_t i = 0; i < signed_by->n; i++) {
    const Signature *s = &signed_by->p[i];
    out->signatures[out->signatures_n++] =
        (PackageRecordsSignatures){ .name = s->name,
                                    .meaning = s->meaning,
                                    .time = time_text(cx->arena, s->signed_us),
                                    .rev = str_fmt(cx->arena, "%lld", (long long)s->rev),
                                    .method = signature_method(s) };
  }
  for (size_t i = 0; i < r->type->nfields; i++) {
    Str text = value_text(cx, &r->type->fields[i], &r->values[i]);
    if (text.n) out->fields[out->fields_n++] = (PackageRecordsFields){ str_of(r->type->fields[i].label), text };
  }
  for (size_t i = 0; i < log->n; i++) {
    const LogRow *l = &log->p[i];
    Str id, rev;
    (void)str_cut(l->obj, '@', &id, &rev);
    out->history[out->history_n++] = (PackageRecordsHistory){ .seq = str_fmt(cx->arena, "%lld", (long long)l->seq),
                                                              .time = time_text(cx->arena, l->t_us),
                                                              .who = people_name(cx, g->s, l->actor),
                                                              .act = l->act,
                                                              .rev = rev,
                                                              .to = choice_words(cx->arena, l->to),
                                                              .reason = l->reason };
  }
}

static Err add_record(Cx *cx, Gather *g, Str id, PackageRecords *shown) {
  Record r = { 0 };
  LogRows log = { 0 };
  Signatures signed_by = { 0 };
  TRY(record_get(cx, g->s, id, 0, &r));
  TRY(ledger_entries(cx, g->s, r.id, 0, INT64_MAX, SIZE_MAX, &log));
  for (size_t i = 0; i < log.n; i++) add_entry(cx, g, &log.p[i]);
  TRY(add_revisions(cx, g, &r));
  TRY(record_signatures(cx, g->s, r.id, &signed_by));
  TRY(add_signatures(cx, g, &signed_by));
  put_record(cx, g, &r, &log);
  show_record(cx, g, &r, &log, &signed_by, shown);
  g->p->records++;
  return E_OK;
}

/* ---- people, reasons, contents ------------------------------------------------------------------------- */

/* The entries that made and changed the accounts of those who acted; they bring in the administrators. */
static Err add_people(Cx *cx, Gather *g) {
  for (size_t i = 0; i < g->people.n; i++) {
    LogRows log = { 0 };
    TRY(ledger_entries(cx, g->s, str_fmt(cx->arena, "user:%.*s", STR(g->people.p[i])), 0, INT64_MAX, SIZE_MAX, &log));
    for (size_t k = 0; k < log.n; k++) {
      add_entry(cx, g, &log.p[k]);
      vec_add(cx->arena, &g->people_seqs, log.p[k].seq);
    }
  }
  if (g->people.n) qsort(g->people.p, g->people.n, sizeof *g->people.p, by_text);
  Buf b = buf_new(cx->arena, PACKAGE_FILE_MAX);
  JsonOut o = json_out(&b, false);
  json_object(&o);
  for (size_t i = 0; i < g->people.n; i++) {
    json_key_str(&o, g->people.p[i]);
    json_put_str(&o, people_name(cx, g->s, g->people.p[i]));
  }
  json_object_end(&o);
  package_add(cx, g->p, S("people.json"), buf_str(&b));
  return E_OK;
}

/* How the log came to its name and key, for whoever holds an earlier one. */
static Err add_chain(Cx *cx, Gather *g) {
  LogRows log = { 0 };
  TRY(package_chain(cx, g->s, g->p, &log));
  for (size_t i = 0; i < log.n; i++) {
    add_entry(cx, g, &log.p[i]);
    vec_add(cx->arena, &g->chain_seqs, log.p[i].seq);
  }
  return E_OK;
}

static void add_reasons(Cx *cx, Gather *g) {
  Buf b = buf_new(cx->arena, PACKAGE_FILE_MAX);
  if (g->reason_rows.n) qsort(g->reason_rows.p, g->reason_rows.n, sizeof *g->reason_rows.p, by_text);
  buf_byte(&b, '{');
  for (size_t i = 0; i < g->reason_rows.n; i++) {
    if (i) buf_byte(&b, ',');
    buf_add(&b, g->reason_rows.p[i]);
  }
  buf_byte(&b, '}');
  package_add(cx, g->p, S("reasons.json"), buf_str(&b));
}

static void put_seqs(JsonOut *o, const char *key, Seqs *seqs) {
  if (seqs->n) qsort(seqs->p, seqs->n, sizeof *seqs->p, by_number);
  json_key(o, key);
  json_array(o);
  for (size_t i = 0; i < seqs->n; i++) json_put_int(o, seqs->p[i]);
  json_array_end(o);
}

static Str content_of(Cx *cx, Gather *g) {
  Buf b = buf_new(cx->arena, PACKAGE_FILE_MAX);
  JsonOut o = json_out(&b, false);
  json_object(&o);
  json_pair(&o, "asked", g->p->asked);
  put_seqs(&o, "chain", &g->chain_seqs);
  package_files(cx, &o, &g->p->files);
  put_seqs(&o, "people", &g->people_seqs);
  json_key(&o, "records");
  json_put_raw(&o, str_fmt(cx->arena, "[%.*s]", STR(buf_str(&g->records))));
  json_pair(&o, "schema", S("proofline.package-content/2"));
  put_seqs(&o, "signatures", &g->signature_seqs);
  json_object_end(&o);
  return buf_str(&b);
}

static void add_page(Cx *cx, Gather *g) {
  Buf b = buf_new(cx->arena, PACKAGE_FILE_MAX);
  g->page.asked = g->p->asked;
  g->page.when = time_text(cx->arena, cx->now_us);
  g->page.count = str_fmt(cx->arena, "%zu", g->p->records);
  package_html(&b, &g->page);
  package_add(cx, g->p, S("index.html"), buf_str(&b));
}

Err package_gather(Cx *cx, Store *s, Str asked, Str by, const Str *ids, size_t n, ProofPackage *out) {
  ProofPackage *p = NEW(cx->arena, ProofPackage);
  Gather g = { .s = s, .p = p };
  if (asked.n > ASKED_MAX)
    return fail(cx, E_USAGE, "The query has more than %d bytes. Nothing was exported.", ASKED_MAX);
  p->asked = asked;
  g.known_people = map_new(cx->arena, 64);
  g.known_blobs = map_new(cx->arena, 64);
  meet_person(cx, &g, by);
  g.records = buf_new(cx->arena, PACKAGE_FILE_MAX);
  g.page.records = NEW_ARRAY(cx->arena, n, PackageRecords);
  for (size_t i = 0; i < n; i++) TRY(add_record(cx, &g, ids[i], &g.page.records[g.page.records_n++]));
  TRY(package_stamps(cx, s, p));
  TRY(add_chain(cx, &g));
  TRY(add_people(cx, &g));
  add_reasons(cx, &g);
  add_page(cx, &g);
  package_sort(p);
  p->content = content_of(cx, &g);
  p->hash_hex = package_hex(cx, p->content);
  *out = *p;
  return E_OK;
}

/* ---- the command --------------------------------------------------------------------------------------- */

static Err export_run(Cx *cx, Call *call) {
  Hash content;
  int64_t seq;
  Str hex = json_text(call->args, "content"), asked = json_text(call->args, "asked");
  if (!hash_from_hex(hex, &content)) problem(cx, S("content"), "hash", "is not a SHA-256 in hexadecimal digits");
  TRY(problems_fail(cx));
  Entry e = { .act = S("package.export"),
              .actor = call->actor,
              .auth = call->auth,
              .source = call->source,
              .request = call->request,
              .obj = str_fmt(cx->arena, "package:%.*s", STR(hash_hex(cx->arena, content))),
              .reason = call->reason.n ? call->reason : asked,
              .t_us = call->now_us };
  TRY(ledger_append(cx, call->store, &e, &seq));
  json_pair_int(call->result, "seq", seq);
  return E_OK;
}

static const ArgSpec export_args[] = {
  { "content", ARG_TEXT, true, "SHA-256 of the package's content.json" },
  { "asked", ARG_TEXT, true, "the query" },
};
const Command package_command = { "package.export", export_args, COUNT(export_args), "export", export_run,
                                  "says in the log that records were exported" };
