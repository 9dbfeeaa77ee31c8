/* bundle.c - making and reading bundles. */
#include "vuln/bundle.h"
#include "feedstore.sql.h"
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define MAGIC "proofline-bundle/1\n"
enum { MANIFEST_MOST = 64 << 20, SIGNATURE = 64, SEED = 32 };

/* ---- the key of this site ---- */

static Err key_read(Cx *cx, const char *folder, SignKey *out) {
  Str bytes, path = str_fmt(cx->arena, "%s/bundle/key", folder);
  Hash seed;
  TRY(file_read(cx, path.p, 4096, &bytes));
  if (!hash_from_hex(str_trim(bytes), &seed)) return fail(cx, E_INTEGRITY, "%.*s is no key", STR(path));
  sign_key_from_seed(seed.b, out);
  return E_OK;
}

static Err key_or_new(Cx *cx, const char *folder, SignKey *out) {
  Str path = str_fmt(cx->arena, "%s/bundle/key", folder);
  if (file_exists(path.p)) return key_read(cx, folder, out);
  Hash seed;
  random_bytes(seed.b, sizeof seed.b);
  TRY(folder_make(cx, str_fmt(cx->arena, "%s/bundle", folder).p, 0700));
  TRY(file_write(cx, path.p, str_fmt(cx->arena, "%.*s\n", STR(hash_hex(cx->arena, seed))), 0600));
  return key_read(cx, folder, out);
}

Err feed_key(Cx *cx, const char *folder, Str *hex) {
  SignKey k;
  TRY(key_or_new(cx, folder, &k));
  *hex = hex_text(cx->arena, (Str){ (const char *)k.public, sizeof k.public });
  return E_OK;
}

/* ---- making ---- */

typedef struct Making {
  Cx *cx;
  Store *store;
  JsonOut *o;
  VEC(Str) packs;
  Map seen;
  int64_t to;
  size_t n;
} Making;

static Err put_intakes(Making *m, int64_t since) {
  AUTO(Rows) r = { 0 };
  static const char *const texts[] = { "source", "kind", "origin" };
  static const char *const numbers[] = { "at_us", "records", "rows", "fresh", "changed", "gone", "bad", "live" };
  TRY(store_rows(m->cx, m->store, SQL_INTAKE_EXPORT, ARGS(v_int(since)), &r));
  for (bool got = true;;) {
    TRY(rows_next(m->cx, &r, &got));
    if (!got) return E_OK;
    json_object(m->o);
    m->to = row_int(&r, 0);
    json_pair_int(m->o, "n", m->to);
    for (int i = 0; i < 3; i++) json_pair(m->o, texts[i], row_text(&r, 1 + i));
    for (int i = 0; i < 8; i++) json_pair_int(m->o, numbers[i], row_int(&r, 4 + i));
    json_pair(m->o, "newest", row_text(&r, 12));
    Str pack = str_dup(m->cx->arena, row_text(&r, 13));
    json_pair(m->o, "pack", pack);
    json_object_end(m->o);
    m->n++;
    if (map_get(&m->seen, pack) != MAP_NONE) continue;
    map_put(&m->seen, pack, 1);
    vec_add(m->cx->arena, &m->packs, pack);
  }
}

static Err manifest(Making *m, const SignKey *k, int64_t since, Str *out) {
  Cx *cx = m->cx;
  Buf b = buf_new(cx->arena, MANIFEST_MOST), canonical = buf_new(cx->arena, MANIFEST_MOST);
  JsonOut o = json_out(&b, false);
  JVal *root;
  m->o = &o;
  json_object(&o);
  json_pair(&o, "type", S("proofline.bundle/1"));
  json_pair(&o, "key", hex_text(cx->arena, (Str){ (const char *)k->public, sizeof k->public }));
  json_pair(&o, "made", time_text(cx->arena, cx->now_us));
  json_pair_int(&o, "from", since);
  json_key(&o, "intakes");
  json_array(&o);
  TRY(put_intakes(m, since));
  json_array_end(&o);
  if (!m->n) return fail(cx, E_NOTFOUND, "There is nothing to export: no intake after number %lld", (long long)since);
  json_pair_int(&o, "to", m->to);
  json_key(&o, "packs");
  json_array(&o);
  for (size_t i = 0; i < m->packs.n; i++) {
    AUTO(Mapped) file = { 0 };
    TRY(archive_map(cx, archive_path(cx->arena, store_folder(m->store), m->packs.p[i]).p, &file));
    json_object(&o);
    json_pair(&o, "sha256", m->packs.p[i]);
    json_pair_int(&o, "bytes", (int64_t)file.n);
    json_object_end(&o);
  }
  json_array_end(&o);
  json_object_end(&o);
  JsonLimits limits = JSON_DOCUMENT;
  TRY(json_read(cx, buf_str(&b), &limits, &root));
  TRY(json_canonical(cx, root, &canonical));
  *out = buf_str(&canonical);
  return E_OK;
}

Err feed_export(Cx *cx, Store *s, const char *path, int64_t since, FeedExported *out) {
  SignKey k;
  uint8_t signature[SIGNATURE];
  Making m = { .cx = cx, .store = s, .seen = map_new(cx->arena, 64) };
  Str text;
  TRY(key_or_new(cx, store_folder(s), &k));
  TRY(manifest(&m, &k, since, &text));
  sign_message(&k, text, signature);
  Str head = str_fmt(cx->arena, MAGIC "%zu\n%.*s\n", text.n,
                     STR(base64(cx->arena, (Str){ (const char *)signature, SIGNATURE })));
  Str *parts = NEW_ARRAY(cx->arena, m.packs.n + 2, Str);
  Mapped *files = NEW_ARRAY(cx->arena, m.packs.n + 1, Mapped);
  parts[0] = head;
  parts[1] = text;
  Err e = E_OK;
  int64_t bytes = (int64_t)(head.n + text.n);
  for (size_t i = 0; i < m.packs.n && e == E_OK; i++) {
    e = archive_map(cx, archive_path(cx->arena, store_folder(s), m.packs.p[i]).p, &files[i]);
    parts[i + 2] = (Str){ files[i].p, files[i].n };
    bytes += (int64_t)files[i].n;
  }
  if (e == E_OK) e = file_write_parts(cx, path, parts, m.packs.n + 2, 0640);
  for (size_t i = 0; i < m.packs.n; i++) Mapped_drop(&files[i]);
  TRY(e);
  *out = (FeedExported){ .key = hex_text(cx->arena, (Str){ (const char *)k.public, sizeof k.public }),
                         .from = since,
                         .to = m.to,
                         .intakes = (int64_t)m.n,
                         .packs = (int64_t)m.packs.n,
                         .bytes = bytes };
  return E_OK;
}

/* ---- reading ---- */

void Bundle_drop(Bundle *b) { Mapped_drop(&b->file); }

static Err damaged(Cx *cx, const char *what) {
  return fail(cx, E_INTEGRITY,
              "The bundle is not as it was signed: %s. Nothing was taken from it; have it sent again", what);
}

static Err take_intake(Cx *cx, JVal *v, const Bundle *b, BundleIntake *out) {
  IntakeRow *r = &out->row;
  *out = (BundleIntake){ .n = json_int(v, "n", 0), .at_us = json_int(v, "at_us", 0) };
  r->source = json_text(v, "source");
  r->kind = json_text(v, "kind");
  r->origin = json_text(v, "origin");
  r->newest = json_text(v, "newest");
  r->pack = json_text(v, "pack");
  r->outcome = S("taken");
  r->bundle = b->key;
  r->bundle_n = out->n;
  const struct {
    const char *key;
    int64_t *to;
  } numbers[] = { { "records", &r->records }, { "rows", &r->rows }, { "fresh", &r->fresh },
                  { "changed", &r->changed }, { "gone", &r->gone }, { "bad", &r->bad },
                  { "live", &r->live } };
  for (size_t i = 0; i < COUNT(numbers); i++) *numbers[i].to = json_int(v, numbers[i].key, 0);
  bool held = false;
  for (size_t i = 0; i < b->npacks; i++) held |= str_eq(b->pack[i], r->pack);
  return held && r->source.n ? E_OK : damaged(cx, "an intake without its pack");
}

Err bundle_manifest(Cx *cx, Str text, Str rest, Bundle *b) {
  JVal *root, *packs, *intakes;
  TRY(json_read(cx, text, &JSON_DOCUMENT, &root));
  if (!str_eq(json_text(root, "type"), S("proofline.bundle/1")))
    return damaged(cx, "its manifest is of another kind");
  packs = json_get(root, "packs");
  intakes = json_get(root, "intakes");
  b->made = json_text(root, "made");
  b->from = json_int(root, "from", -1);
  b->to = json_int(root, "to", -1);
  b->pack = NEW_ARRAY(cx->arena, yyjson_arr_size(packs) + 1, Str);
  b->pack_bytes = NEW_ARRAY(cx->arena, yyjson_arr_size(packs) + 1, Str);
  JSON_EACH(p, packs) {
    int64_t n = json_int(p, "bytes", -1);
    if (n < 0 || (uint64_t)n > rest.n) return damaged(cx, "its end is missing");
    Str bytes = str_slice(rest, 0, (size_t)n), sha = json_text(p, "sha256");
    if (!str_eq(hash_hex(cx->arena, sha256(bytes)), sha)) return damaged(cx, "a pack has another SHA-256");
    b->pack[b->npacks] = sha;
    b->pack_bytes[b->npacks++] = bytes;
    rest = str_slice(rest, (size_t)n, rest.n);
  }
  if (rest.n) return damaged(cx, "something stands behind its end");
  b->intake = NEW_ARRAY(cx->arena, yyjson_arr_size(intakes) + 1, BundleIntake);
  int64_t last = b->from;
  JSON_EACH(v, intakes) {
    TRY(take_intake(cx, v, b, &b->intake[b->nintakes]));
    if (b->intake[b->nintakes].n <= last) return damaged(cx, "its intakes are out of order");
    last = b->intake[b->nintakes++].n;
  }
  return b->from >= 0 && last == b->to ? E_OK : damaged(cx, "its sequence does not hold together");
}

Err bundle_read(Cx *cx, Str bytes, Bundle *out) {
  Str rest = bytes, count, text64, signature;
  uint64_t n = 0;
  Bundle b = { 0 };
  Hash key;
  if (!str_starts(bytes, S(MAGIC)))
    return fail(cx, E_FORMAT, "This is no bundle of Proofline; make one with: proofline feed export");
  rest = str_slice(rest, sizeof MAGIC - 1, rest.n);
  bool cut = str_cut(rest, '\n', &count, &rest) && str_cut(rest, '\n', &text64, &rest);
  if (!cut || !str_uint(count, &n) || n > rest.n || n > MANIFEST_MOST ||
      !str_eq(count, str_fmt(cx->arena, "%llu", (unsigned long long)n)))
    return damaged(cx, "its head cannot be read");
  Str text = str_slice(rest, 0, (size_t)n);
  if (!base64_read(cx->arena, text64, &signature) || signature.n != SIGNATURE ||
      !str_eq(base64(cx->arena, signature), text64))
    return damaged(cx, "its signature cannot be read");
  JVal *root;
  Err e = json_read(cx, text, &JSON_DOCUMENT, &root);
  if (e != E_OK || !hash_from_hex(json_text(root, "key"), &key)) {
    cx_forgive(cx);
    return damaged(cx, "its manifest cannot be read");
  }
  if (!sign_check(key.b, text, (const uint8_t *)signature.p)) return damaged(cx, "the signature does not fit");
  b.key = hash_hex(cx->arena, key);
  TRY(bundle_manifest(cx, text, str_slice(rest, (size_t)n, rest.n), &b));
  *out = b;
  return E_OK;
}

Err bundle_open(Cx *cx, const char *path, Bundle *out) {
  Mapped file = { 0 };
  TRY(archive_map(cx, path, &file));
  Err e = bundle_read(cx, (Str){ file.p, file.n }, out);
  if (e == E_OK) out->file = file;
  else Mapped_drop(&file);
  return e;
}

/* ---- what others may know of it ---- */

Err feed_bundle_about(Cx *cx, Store *s, const char *path, FeedExported *out) {
  AUTO(Bundle) b = { 0 };
  Str name = STR_NONE;
  TRY(bundle_open(cx, path, &b));
  *out = (FeedExported){ .key = b.key,
                         .made = b.made,
                         .from = b.from,
                         .to = b.to,
                         .intakes = (int64_t)b.nintakes,
                         .packs = (int64_t)b.npacks,
                         .bytes = (int64_t)b.file.n };
  if (!s) return E_OK;
  Err e = store_text(cx, s, SQL_KEY_TRUSTED, ARGS(v_text(b.key)), &name);
  if (e == E_NOTFOUND) {
    cx_forgive(cx);
    return E_OK;
  }
  TRY(e);
  out->trusted = true;
  out->name = name;
  return E_OK;
}
