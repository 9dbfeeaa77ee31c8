/* said.c - all that is said of a package version, as one digest beside it.
 *
 * Judging the whole store again mostly says the same again: then the digest is all that is compared.  A digest that is
 * wrong or missing costs a comparison of the verdicts themselves, no more. */
#include "vuln.sql.h"
#include "vuln/said.h"

static void put(Buf *b, Str s) {
  buf_u32le(b, (uint32_t)s.n);
  buf_add(b, s);
}

int64_t said_digest(Arena *a, const ScanComponent *c) {
  Buf b = buf_new(a, SIZE_MAX / 4);
  for (size_t i = 0; i < c->noutcomes; i++) {
    const VulnOutcome *o = &c->outcome[i];
    const Str texts[] = { o->id, o->advisory, o->rule, o->reason, o->severity };
    for (size_t k = 0; k < COUNT(texts); k++) put(&b, texts[k]);
    buf_u32le(&b, (uint32_t)o->nfixed);
    for (size_t k = 0; k < o->nfixed; k++) put(&b, o->fixed[k]);
    buf_u32le(&b, (uint32_t)o->outcome << 16 | (uint32_t)(uint8_t)o->tier << 8 | o->kev);
    buf_u32le(&b, (uint32_t)o->cvss_x10);
    buf_u64le(&b, (uint64_t)o->epss_x1e9);
  }
  Hash h = sha256(buf_str(&b));
  int64_t digest = 0;
  for (size_t i = 0; i < sizeof digest; i++) digest = (int64_t)((uint64_t)digest << 8 | h.b[i]);
  return digest;
}

Err said_put(Cx *cx, Store *s, int64_t package, int64_t digest) {
  return store_run(cx, s, SQL_SAID_PUT, ARGS(v_int(package), v_int(digest)), NULL);
}

static Said said_at(const Rows *r) { return (Said){ !row_null(r, 1), row_int(r, 1) }; }

/* Texts of a row are borrowed from it. */
static Package package_at(const Rows *r) {
  return (Package){ .id = row_int(r, 0),
                    .purl = row_text(r, 2),
                    .cpe = row_text(r, 3),
                    .other_ids = row_text(r, 4),
                    .name = row_text(r, 5),
                    .version = row_text(r, 6),
                    .distro = row_text(r, 7),
                    .upstream = row_text(r, 8) };
}

Err said_package(Cx *cx, Store *s, int64_t id, Package *p, Said *said) {
  AUTO(Rows) r = { 0 };
  bool got = false;
  TRY(store_rows(cx, s, SQL_SAID_OF, ARGS(v_int(id)), &r));
  TRY(rows_next(cx, &r, &got));
  if (!got) return fail(cx, E_NOTFOUND, "There is no package version with the number %lld.", (long long)id);
  Package borrowed = package_at(&r);
  Str *const texts[] = { &borrowed.purl, &borrowed.cpe,     &borrowed.other_ids, &borrowed.name,
                         &borrowed.version, &borrowed.distro, &borrowed.upstream };
  for (size_t i = 0; i < COUNT(texts); i++) *texts[i] = str_dup(cx->arena, *texts[i]);
  *p = borrowed;
  *said = said_at(&r);
  return E_OK;
}

Err said_each(Cx *cx, Store *s, int64_t after, size_t limit, SaidEach *each, void *env, size_t *n) {
  AUTO(Rows) r = { 0 };
  *n = 0;
  TRY(store_rows(cx, s, SQL_SAID_ALL, ARGS(v_int(after), v_int((int64_t)limit)), &r));
  for (bool got = true;; (*n)++) {
    TRY(rows_next(cx, &r, &got));
    if (!got) return E_OK;
    Package p = package_at(&r);
    Said said = said_at(&r);
    TRY(each(cx, env, &p, &said));
  }
}
