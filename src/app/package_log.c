/* What the log adds to a package: proofs, epochs, timestamps, the manifest. */
#include "app/package.h"
#include <stdlib.h>

void package_add(Cx *cx, ProofPackage *p, Str name, Str bytes) {
  vec_add(cx->arena, &p->files, (ZipFile){ name, bytes });
}

Str package_hex(Cx *cx, Str bytes) { return hash_hex(cx->arena, sha256(bytes)); }

static int by_name(const void *a, const void *b) {
  return str_cmp(((const ZipFile *)a)->name, ((const ZipFile *)b)->name);
}

void package_sort(ProofPackage *p) { qsort(p->files.p, p->files.n, sizeof *p->files.p, by_name); }

void package_files(Cx *cx, JsonOut *o, const ZipFiles *files) {
  json_key(o, "files");
  json_object(o);
  for (size_t i = 0; i < files->n; i++) {
    json_key_str(o, files->p[i].name);
    json_put_str(o, package_hex(cx, files->p[i].bytes));
  }
  json_object_end(o);
}

/* ---- epochs and imports -------------------------------------------------------------------------------- */

static Err chain_entry(Cx *cx, Store *s, ProofPackage *p, int64_t seq, Str body, LogRows *out) {
  LogRows rows = { 0 };
  TRY(ledger_entries(cx, s, STR_NONE, seq, seq, 1, &rows));
  if (!rows.n) return fail(cx, E_INTEGRITY, "The log has no entry %lld. Run: proofline verify --all", (long long)seq);
  package_add(cx, p, str_fmt(cx->arena, "chain/%.*s", STR(rows.p[0].new_hex)), body);
  vec_add(cx->arena, out, rows.p[0]);
  return E_OK;
}

static Err add_epochs(Cx *cx, Store *s, ProofPackage *p, LogRows *out) {
  enum { SEQ = 1, BODY = 2 };
  AUTO(Rows) r = { 0 };
  TRY(store_table_rows(cx, s, S("epoch"), &r));
  for (bool got;;) {
    TRY(rows_next(cx, &r, &got));
    if (!got) return E_OK;
    TRY(chain_entry(cx, s, p, row_int(&r, SEQ), str_dup(cx->arena, row_text(&r, BODY)), out));
  }
}

static Err add_imports(Cx *cx, Store *s, ProofPackage *p, LogRows *out) {
  LogRows rows = { 0 };
  TRY(ledger_entries(cx, s, S("import:source"), 0, INT64_MAX, SIZE_MAX, &rows));
  for (size_t i = 0; i < rows.n; i++) {
    Str body;
    TRY(blob_get(cx, s, rows.p[i].new_hex, &body));
    TRY(chain_entry(cx, s, p, rows.p[i].seq, body, out));
  }
  return E_OK;
}

static int by_seq(const void *a, const void *b) {
  int64_t x = ((const LogRow *)a)->seq, y = ((const LogRow *)b)->seq;
  return (x > y) - (x < y);
}

Err package_chain(Cx *cx, Store *s, ProofPackage *p, LogRows *out) {
  TRY(add_epochs(cx, s, p, out));
  TRY(add_imports(cx, s, p, out));
  if (out->n) qsort(out->p, out->n, sizeof *out->p, by_seq);
  return E_OK;
}

/* ---- timestamps ---------------------------------------------------------------------------------------- */

/* Whether an entry was first stamped with the head of `size`; the stamped head before it is of `before`. */
static bool first_stamped(const Seqs *seqs, int64_t before, int64_t size) {
  for (size_t i = 0; i < seqs->n; i++)
    if (seqs->p[i] >= before && seqs->p[i] < size) return true;
  return false;
}

Err package_stamps(Cx *cx, Store *s, ProofPackage *p) {
  Timestamps all = { 0 };
  int64_t before = 0;
  TRY(ledger_timestamps(cx, s, &all));
  for (size_t i = all.n; i-- > 0;) { /* the newest come first */
    const Timestamp *t = &all.p[i];
    if (!t->reply.n) continue;
    if (first_stamped(&p->seqs, before, t->size)) {
      Str name = str_fmt(cx->arena, "timestamps/%lld", (long long)t->size);
      package_add(cx, p, name, t->note);
      package_add(cx, p, str_fmt(cx->arena, "%.*s.tsr", STR(name)), t->reply);
      vec_add(cx->arena, &p->stamps, t->size);
    }
    before = t->size;
  }
  return E_OK;
}

/* ---- proofs and manifest ------------------------------------------------------------------------------- */

/* extra: what the lines are about when the leaf itself is not here. */
static Err add_proof(Cx *cx, Store *s, ProofPackage *p, Str name, Str extra, int64_t seq, int64_t size, Str note) {
  Proof proof;
  Buf b = buf_new(cx->arena, 64 * 1024);
  TRY(ledger_inclusion(cx, s, seq, size, &proof));
  buf_fmt(&b, "c2sp.org/tlog-proof@v1\n%.*sindex %lld\n", STR(extra), (long long)seq);
  for (size_t i = 0; i < proof.n; i++) {
    buf_add(&b, base64(cx->arena, hash_bytes(&proof.hash[i])));
    buf_byte(&b, '\n');
  }
  buf_byte(&b, '\n');
  buf_add(&b, note);
  package_add(cx, p, name, buf_str(&b));
  return E_OK;
}

static Err add_entry_proof(Cx *cx, Store *s, ProofPackage *p, int64_t seq, int64_t size, Str note) {
  return add_proof(cx, s, p, str_fmt(cx->arena, "proofs/%lld", (long long)seq), S(""), seq, size, note);
}

/* The way from entry N up has, on its left, the tree over all entries before N: so it also proves an earlier head. */
static Err add_stamp_proof(Cx *cx, Store *s, ProofPackage *p, int64_t seq, int64_t size, Str note) {
  LogRows rows = { 0 };
  TRY(ledger_entries(cx, s, STR_NONE, seq, seq, 1, &rows));
  if (!rows.n) return fail(cx, E_INTEGRITY, "The log has no entry %lld. Run: proofline verify --all", (long long)seq);
  Str extra = str_fmt(cx->arena, "extra %.*s\n", STR(base64(cx->arena, hash_bytes(&rows.p[0].hash))));
  return add_proof(cx, s, p, str_fmt(cx->arena, "proofs/%lld.head", (long long)seq), extra, seq, size, note);
}

static Err add_policy(Cx *cx, Store *s, ProofPackage *p) {
  Str key;
  TRY(file_read(cx, str_fmt(cx->arena, "%s/signer/key.pub", store_folder(s)).p, 4096, &key));
  package_add(cx, p, S("policy.txt"),
           str_fmt(cx->arena,
                   "# For convenience only: it proves nothing, because whoever forges a package forges this file too.\n"
                   "# Verify with a policy that you got from the manufacturer and kept.\n"
                   "log %.*s\nquorum none\n",
                   STR(str_trim(key))));
  return E_OK;
}

static Str manifest_of(Cx *cx, const ProofPackage *p, const LogRow *entry, Str origin, TreeHead head) {
  Buf b = buf_new(cx->arena, PACKAGE_FILE_MAX);
  JsonOut o = json_out(&b, false);
  json_object(&o);
  json_pair(&o, "asked", p->asked);
  json_pair(&o, "by", entry->actor);
  json_pair(&o, "content", p->hash_hex);
  json_pair_int(&o, "export", entry->seq);
  package_files(cx, &o, &p->files);
  json_pair(&o, "origin", origin);
  json_pair(&o, "root", hash_hex(cx->arena, head.root));
  json_pair(&o, "schema", S("proofline.package/1"));
  json_pair_int(&o, "size", head.size);
  json_pair(&o, "when", time_text(cx->arena, entry->t_us));
  json_object_end(&o);
  return buf_str(&b);
}

Err package_finish(Cx *cx, Store *s, const ProofPackage *p, int64_t seq, Str *zip) {
  ProofPackage all = *p;
  TreeHead head;
  Str note, origin;
  LogRows rows = { 0 };
  TRY(ledger_last_checkpoint(cx, s, &head, &note));
  if (head.size <= seq)
    return fail(cx, E_BUSY, "The log's head is not signed yet. The export stands in the log; nothing was written. Try "
                "again.");
  TRY(ledger_origin(cx, s, &origin));
  TRY(ledger_entries(cx, s, STR_NONE, seq, seq, 1, &rows));
  if (!rows.n) return fail(cx, E_INTEGRITY, "The log has no entry %lld. Run: proofline verify --all", (long long)seq);
  package_add(cx, &all, str_fmt(cx->arena, "entries/%lld.json", (long long)seq), rows.p[0].leaf);
  TRY(add_entry_proof(cx, s, &all, seq, head.size, note));
  for (size_t i = 0; i < p->seqs.n; i++) TRY(add_entry_proof(cx, s, &all, p->seqs.p[i], head.size, note));
  for (size_t i = 0; i < p->stamps.n; i++) TRY(add_stamp_proof(cx, s, &all, p->stamps.p[i], head.size, note));
  TRY(add_policy(cx, s, &all));
  package_add(cx, &all, S("checkpoint"), note);
  package_add(cx, &all, S("content.json"), p->content);
  package_sort(&all);
  package_add(cx, &all, S("manifest.json"), manifest_of(cx, &all, &rows.p[0], origin, head));
  package_sort(&all);
  return zip_stored(cx, all.files.p, all.files.n, zip);
}
